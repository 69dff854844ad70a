"""What several test modules share."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Before anything imports datasets: its cache goes to a place of its own, and nothing asks the network.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="corpus-tools-hf-")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
os.environ.pop("CORPUS_TOOLS_CORPUS", None)

import polars as pl
import pytest
from hypothesis import settings

atexit.register(shutil.rmtree, os.environ["HF_HOME"], ignore_errors=True)

# The same examples on every run, so that a red run is a change of ours and not of the dice. To search wider, set
# HYPOTHESIS_EXAMPLES to a number; the examples are then drawn anew.
EXAMPLES = os.environ.get("HYPOTHESIS_EXAMPLES")
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("wide", max_examples=int(EXAMPLES or 100), deadline=None)
settings.load_profile("wide" if EXAMPLES else "fixed")

ROOT = Path(__file__).parents[1]
MINI = Path(__file__).parent / "data" / "mini"
LAYERED = Path(__file__).parent / "data" / "layered"

# For `pytestmark` of a module that uses the fixture `browser`.
NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="no Chromium here; install it to run the browser tests"
    ),
    # The driver leaves its pipes to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module", params=["polars", "compiled"])
def way_of_interning(request):
    """Strings told apart in both ways, whatever their number."""
    from corpus_tools import loops

    if request.param == "compiled":
        pytest.importorskip("numba")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "LARGE", 0 if request.param == "compiled" else 2**62)
        yield request.param


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; by the module, since the driver's event loop is in the way of others."""
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                *sandbox,
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The shipped corpus; tests read it only."""
    return ROOT / "corpus"


@pytest.fixture
def mini(tmp_path) -> Path:
    """A copy of the mini corpus, to do anything to."""
    return Path(shutil.copytree(MINI, tmp_path / "mini"))


@pytest.fixture(scope="session")
def _released_once(tmp_path_factory) -> Path:
    from corpus_tools.release import release

    folder = Path(shutil.copytree(MINI, tmp_path_factory.mktemp("released") / "mini"))
    release(folder, "0.1.0")
    return folder


@pytest.fixture
def released(_released_once, tmp_path) -> Path:
    """A copy of the mini corpus with its release 0.1.0, to do anything to."""
    return Path(shutil.copytree(_released_once, tmp_path / "released"))


@pytest.fixture
def layered(tmp_path) -> Path:
    """A copy of the corpus with a layer of every kind, to do anything to."""
    return Path(shutil.copytree(LAYERED, tmp_path / "layered"))


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place in a file where `old` stands."""
    text = path.read_bytes().decode()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_bytes(text.replace(old, new).encode())


def replace(file, old, new):
    """A change to a corpus: `edit` of one of its files."""
    return lambda folder: edit(folder / file, old, new)


def add(file, text):
    """A change to a corpus: more text at the end of a file, which may be new."""

    def change(folder):
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((path.read_bytes() if path.is_file() else b"") + text.encode())

    return change


def both(*changes):
    """Several changes, one after the other."""

    def change(folder):
        for one in changes:
            one(folder)

    return change


class Altered:
    """The frames of a corpus with other rows in some tables, and none in layers that are not named."""

    def __init__(self, frames, rows):
        self.frames, self.rows = frames, rows

    def scan(self, table, split):
        if table.name in self.rows:
            return pl.DataFrame(self.rows[table.name], schema=table.schema, orient="row").lazy()
        found = self.frames.scan(table, split)
        return found.clear() if table.layer else found


def of_format(exported):
    """What the format itself left out: that passes are, `export` says for all formats."""
    return tuple(sentence for sentence in exported.left_out if not sentence.startswith("rows of passes"))
