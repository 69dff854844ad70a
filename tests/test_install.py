"""The corpus travels inside the package: from a wheel, a wheel built from the sdist, and an editable install."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

CHECK = """
import corpus_tools as ct
from corpus_tools.reproduce import find_notebooks
corpus = ct.load()
print(ct.__file__)
print(corpus.folder)
print(corpus.comments["byline"][4])
print(len(ct.validate.validate(corpus.folder)), find_notebooks()[0].name)
print(ct.validate.explain("E205").splitlines()[0])
"""


def python(*arguments, cwd, path=None):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CORPUS_TOOLS_CORPUS")
    }
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    run = subprocess.run([sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An sdist, a wheel built from it, and a wheel built from the checkout; no network."""
    place = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--no-isolation", "--outdir", str(place / "via_sdist"), str(ROOT), cwd=place)
    python("-m", "build", "--no-isolation", "--wheel", "--outdir", str(place / "direct"), str(ROOT), cwd=place)
    return place


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_from_the_sdist_is_the_wheel_from_the_checkout(built):
    direct, via_sdist = (names(next((built / place).glob("*.whl"))) for place in ("direct", "via_sdist"))
    assert direct == via_sdist
    corpus = {path.relative_to(ROOT / "corpus").as_posix() for path in (ROOT / "corpus").rglob("*") if path.is_file()}
    assert {
        name.removeprefix("corpus_tools/_corpus/") for name in direct if name.startswith("corpus_tools/_corpus/")
    } == corpus
    assert "corpus_tools/_notebooks/01_the_thread.ipynb" in direct


def test_the_sdist_holds_what_a_build_and_a_test_need(built):
    with tarfile.open(next((built / "via_sdist").glob("*.tar.gz"))) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CITATION.cff", "Makefile", "requirements.lock"} <= inside
    assert {"corpus/corpus.toml", "notebooks/01_the_thread.ipynb", "tests/data/mini/corpus.toml"} <= inside


@pytest.mark.parametrize("place", ["direct", "via_sdist"])
def test_an_installed_wheel_loads_its_own_corpus(built, place, tmp_path):
    wheel = next((built / place).glob("*.whl"))
    python(
        "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(tmp_path / "site"), str(wheel), cwd=tmp_path
    )
    # What the wheel depends on comes from the environment of the tests; the wheel itself comes first on the path.
    shown = python("-c", CHECK, cwd=tmp_path, path=tmp_path / "site").splitlines()
    site = tmp_path / "site" / "corpus_tools"
    assert [Path(line) for line in shown[:2]] == [site / "__init__.py", site / "_corpus"]
    assert shown[2:] == [
        "B,Poster said...",
        "0 01_the_thread.ipynb",
        "# E205: A visible character of a source belongs to no text and no byline.",
    ]


def test_an_editable_install_loads_the_checkout(tmp_path):
    shown = python("-c", CHECK, cwd=tmp_path).splitlines()
    assert [Path(line) for line in shown[:2]] == [ROOT / "src/corpus_tools/__init__.py", ROOT / "corpus"]


def test_loading_opens_no_connection(tmp_path):
    """Every way of loading works where no socket can be opened at all."""
    code = f"""
import gc, socket
def refuse(*arguments, **named):
    raise OSError("no network here")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import corpus_tools as ct, datasets
assert ct.load().comments.height == 5
assert ct.load().to_datasets()["comments"]["full"].num_rows == 5
assert datasets.load_dataset({str(ROOT / "corpus")!r}, "comments", split="full")[4]["byline"] == "B,Poster said..."
def streamed():
    rows = datasets.load_dataset({str(ROOT / "corpus")!r}, "texts", split="full", streaming=True)
    return [row["text_id"] for row in rows]
assert streamed() == ["a1", "c1", "c2", "c3", "c4", "c5"]
# A stream that is still alive when Python exits can abort the process (apache/arrow issue 45214), so let it go first.
gc.collect()
"""
    python("-c", code, cwd=tmp_path)
