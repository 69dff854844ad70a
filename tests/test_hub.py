"""Pushing to the Hugging Face Hub and loading from it, through the real clients and a Hub on loopback (`hub_server.py`).

Each client runs in a process of its own, since it reads the address of the Hub when it is imported.
"""

import hashlib
import itertools
import json
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading

import pytest
import yaml

from conftest import MINI, ROOT, add, edit
from corpus_tools.corpus import find_table, load, versions
from corpus_tools.errors import ReleaseError
from corpus_tools.release import release, stale_pages
from corpus_tools.release.hub.image import changelog_until, image_of
from corpus_tools.validate import validate
from hub_server import READ_TOKEN, TOKEN, HubServer

CORPUS = ROOT / "corpus"
WORKER = """
import contextlib, io, json, os, sys
from corpus_tools.cli import main

for line in sys.stdin:
    arguments, token = json.loads(line)
    os.environ["HF_TOKEN"] = token or ""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@pytest.fixture(scope="module")
def hub():
    with HubServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_faults(hub):
    hub.faults.clear()
    hub.requests.clear()


def environment(hub, home, **more):
    """That of a client with nothing of this machine's; the server has no Xet storage."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "HF_HOME": str(home),
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        **more,
    }


def ask(hub, home, code, *arguments, token=TOKEN, **more):
    """Run code in a process of its own; what it assigns to `answer` comes back."""
    place = home / "answer.pickle"
    script = f"{textwrap.dedent(code)}\nimport pickle, pathlib\npathlib.Path({str(place)!r}).write_bytes(pickle.dumps(answer))"
    named = {"HF_TOKEN": token} if token else {}
    run = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=environment(hub, home, **named, **more),
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return pickle.loads(place.read_bytes())


class Worker:
    """`corpus-tools push`, run again and again in one process of its own."""

    def __init__(self, hub, home):
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=environment(hub, home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments, token=TOKEN):
        self.process.stdin.write(json.dumps([["push", *map(str, arguments)], token]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def push(hub, tmp_path_factory):
    worker = Worker(hub, tmp_path_factory.mktemp("home"))
    yield worker
    worker.close()


@pytest.fixture(scope="module")
def _two_once(tmp_path_factory):
    folder = shutil.copytree(MINI, tmp_path_factory.mktemp("two") / "mini")
    release(folder, "0.1.0")
    release_second(folder)
    return folder


@pytest.fixture
def two(_two_once, tmp_path):
    """A copy of the mini corpus with releases 0.1.0 and 0.2.0."""
    return shutil.copytree(_two_once, tmp_path / "two")


def release_second(folder):
    edit(folder / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    edit(folder / "annotations/tone/gold.csv", "tone-3,c2,How does it sound?,loud", "tone-3,c2,How does it sound?,calm")
    release(folder, "0.2.0")


@pytest.fixture
def repo(request):
    """A name that no other test uses."""
    return f"org/{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"


# The shipped corpus, pushed once and loaded by everything that people load datasets with.


@pytest.fixture(scope="module")
def pushed(hub, push):
    """What `push` said of the shipped corpus; it stands in org/corpus."""
    hub.requests.clear()
    code, out, err = push("org/corpus", CORPUS)
    assert (code, err) == (0, "")
    return out


def test_each_release_is_a_commit_and_a_tag_and_main_ends_with_the_newest(hub, pushed):
    repository = hub.repositories["org/corpus"]
    assert repository.history() == ["initial commit", *(f"Release {version}" for version in versions(CORPUS))]
    assert [ref for ref in repository.refs if "tags" in ref] == [f"refs/tags/v{v}" for v in versions(CORPUS)]
    assert repository.at("main") == repository.at(f"v{versions(CORPUS)[-1]}")
    assert pushed.startswith(f"{hub.url}/datasets/org/corpus (new, public, everybody can read it), as tester\n")
    assert "no licence is granted" in pushed.splitlines()[1]
    for earlier, version in itertools.pairwise(versions(CORPUS)):
        old, new = (repository.at(f"v{each}").tree for each in (earlier, version))
        sent = [file for path, file in new.items() if old.get(path) != file]
        gone = f", {len(set(old) - set(new))} to remove" if set(old) - set(new) else ""
        shown = f"v{version}: {len(sent)} files to upload ({sum(file.size for file in sent):,} bytes){gone}"
        assert shown in pushed.splitlines()
    newest = versions(CORPUS)[-1]
    assert pushed.splitlines()[-1] == f"pushed v{newest}: {hub.url}/datasets/org/corpus/tree/v{newest}"
    assert TOKEN not in pushed


@pytest.mark.usefixtures("pushed")
@pytest.mark.parametrize("version", versions(CORPUS))
def test_a_tag_holds_the_releases_until_then_byte_for_byte(hub, version):
    tree = hub.repositories["org/corpus"].at(f"v{version}").tree
    known = versions(CORPUS)[: versions(CORPUS).index(version) + 1]
    assert {path.split("/")[1] for path in tree if path.startswith("releases/")} == set(known)
    for one in known:
        place = CORPUS / "releases" / one
        for path in (path for path in place.rglob("*") if path.is_file()):
            inside = path.relative_to(CORPUS).as_posix()
            assert hub.read("org/corpus", inside, f"v{version}") == path.read_bytes()


@pytest.mark.usefixtures("pushed")
def test_a_tag_holds_the_metadata_scheme_and_pages_of_its_release(hub):
    tree = hub.repositories["org/corpus"].at("v0.1.0").tree
    assert {path.partition("/")[0] for path in tree} >= {"README.md", "CITATION.cff", "LICENSE.md", "sources", "scheme"}
    assert not any(path.startswith(("results/", "annotations/", "texts/")) for path in tree)
    assert [path for path in tree if path.startswith("scheme/")] == ["scheme/structure.toml"]

    def held(path):
        return hub.read("org/corpus", path, "v0.1.0")

    assert held("corpus.toml") == (CORPUS / "releases/0.1.0/corpus.toml").read_bytes()
    assert held("sources/syria-talks-2016.txt") == (CORPUS / "sources/syria-talks-2016.txt").read_bytes()
    assert b"## 0.1.0" in held("CHANGELOG.md")
    assert b"1.0.0" not in held("CHANGELOG.md")
    assert yaml.safe_load(held("CITATION.cff"))["version"] == "0.1.0"
    configs = yaml.safe_load(held("README.md").decode().split("---\n")[1])["configs"]
    assert {config["version"] for config in configs} == {"0.1.0"}


@pytest.mark.usefixtures("pushed")
def test_the_newest_tag_holds_the_published_tables_and_the_hand_edited_files_that_build_to_it(hub):
    tree = hub.repositories["org/corpus"].at(f"v{versions(CORPUS)[-1]}").tree
    for folder in ("results", "annotations", "texts"):
        own = {path.relative_to(CORPUS).as_posix() for path in (CORPUS / folder).rglob("*") if path.is_file()}
        assert {path for path in tree if path.startswith(f"{folder}/")} == own
    assert all(not part.startswith(".") for path in tree if path != ".gitattributes" for part in path.split("/"))


LOADED = """
import datasets, sys

# The default revision would ask another service for what it exported; there is none here.
datasets.config.USE_PARQUET_EXPORT = False
datasets.disable_progress_bars()

def rows(dataset):
    labels = {name: kind for name, kind in dataset.features.items() if isinstance(kind, datasets.ClassLabel)}
    def word(name, value):
        return labels[name].int2str(value) if name in labels and value is not None else value
    return [{name: word(name, value) for name, value in row.items()} for row in dataset]

def every(revision):
    names = datasets.get_dataset_config_names("org/corpus", revision=revision)
    loaded = {name: datasets.load_dataset("org/corpus", name, revision=revision) for name in names}
    return {name: {split: rows(part) for split, part in parts.items()} for name, parts in loaded.items()}

def streamed():
    return rows(datasets.load_dataset("org/corpus", "stance", split="gold", revision="v1.0.0", streaming=True))

answer = {
    "v0.1.0": datasets.get_dataset_config_names("org/corpus", revision="v0.1.0"),
    "v0.1.0 structure": rows(datasets.load_dataset("org/corpus", "structure", split="gold", revision="v0.1.0")),
    "v1.0.0": every("v1.0.0"),
    "streamed": streamed(),
    "default": datasets.load_dataset("org/corpus", split="full")["text_id"],
    "configs of main": datasets.get_dataset_config_names("org/corpus"),
}
"""


@pytest.fixture(scope="module")
def loaded(hub, pushed, tmp_path_factory):
    """What `datasets.load_dataset` gives, without a token."""
    return ask(hub, tmp_path_factory.mktemp("loaded"), LOADED, token=None)


def rows_of(version):
    corpus = load(CORPUS, version)
    found = {}
    for name in corpus.tables:
        table, _ = find_table(corpus.scheme, name)
        splits = {split: corpus.table(name, split=split).to_dicts() for split in table.splits}
        found[name] = {split: rows for split, rows in splits.items() if rows}
    return {name: splits for name, splits in found.items() if splits}


def test_every_config_of_a_tag_loads_with_the_rows_of_that_release(loaded):
    assert loaded["v1.0.0"] == rows_of("1.0.0")


def test_an_older_tag_has_its_own_configs_and_rows(loaded):
    own = rows_of("0.1.0")
    assert loaded["v0.1.0"] == list(own)
    assert loaded["v0.1.0 structure"] == own["structure"]["gold"]
    assert set(loaded["v1.0.0"]) > set(own)


def test_streaming_gives_the_same_rows(loaded):
    assert loaded["streamed"] == loaded["v1.0.0"]["stance"]["gold"]
    assert len(loaded["streamed"]) == 42


def test_without_a_revision_the_newest_release_is_loaded(loaded):
    assert loaded["default"] == ["a1", "c1", "c2", "c3", "c4", "c5"]
    # The tables of the newest release are those of 1.0.0.
    assert loaded["configs of main"] == list(loaded["v1.0.0"])


READ = """
import duckdb, polars, sys
import pyarrow.parquet as pq
from huggingface_hub import HfFileSystem, snapshot_download
import corpus_tools as ct

place = "datasets/org/corpus@v1.0.0/releases/1.0.0/stance.parquet"
hub = HfFileSystem()
# polars and DuckDB have the address of the Hub built in; here one reads through the Hub's own file system, the other
# from the snapshot.
folder = snapshot_download("org/corpus", repo_type="dataset", revision="v1.0.0")
answer = {
    "polars": polars.read_parquet(hub.open(place, "rb")).to_dicts(),
    "pyarrow": pq.read_table(place, filesystem=hub).to_pylist(),
    "duckdb": duckdb.sql(f"from '{folder}/releases/1.0.0/stance.parquet'").to_arrow_table().to_pylist(),
    "versions": ct.versions(folder),
    "hashes": [ct.load(folder, version).content_sha256 for version in ct.versions(folder)],
}
"""


def test_other_readers_and_a_snapshot_give_the_rows_of_the_release(hub, pushed, tmp_path):
    found = ask(hub, tmp_path, READ, PYTHONWARNINGS="ignore")
    stance = load(CORPUS, "1.0.0").scan("stance").collect().to_dicts()
    for reader in ("polars", "pyarrow", "duckdb"):
        assert found[reader] == stance, reader
    until = versions(CORPUS)[: versions(CORPUS).index("1.0.0") + 1]
    assert found["versions"] == until
    assert found["hashes"] == [load(CORPUS, version).content_sha256 for version in until]


# Pushing, with the mini corpus.


def test_pushing_twice_sends_nothing_the_second_time(hub, push, two, repo):
    assert push(repo, two)[0] == 0
    head = hub.repositories[repo].at("main")
    hub.requests.clear()
    code, out, err = push(repo, two)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "nothing to push: every release that can have a tag has it"
    assert hub.writes() == []
    assert hub.repositories[repo].at("main") == head


def test_a_dry_run_names_every_file_and_changes_nothing(hub, push, two, repo):
    code, out, err = push(repo, two, "--dry-run", "--private")
    assert (code, err) == (0, "")
    assert hub.writes() == []
    assert repo not in hub.repositories
    assert "(new, private), as tester" in out
    announced = [line for line in out.splitlines() if line.startswith("v0.1.0 + ")]
    assert push(repo, two, "--private")[0] == 0
    sent = {path: file for path, file in hub.repositories[repo].at("v0.1.0").tree.items() if path != ".gitattributes"}
    assert announced == [f"v0.1.0 + {path} ({file.size:,} bytes)" for path, file in sorted(sent.items())]
    n_bytes = sum(file.size for file in sent.values())
    assert f"v0.1.0: {len(sent)} files to upload ({n_bytes:,} bytes)" in out


def test_a_later_release_sends_what_is_new_and_removes_what_is_gone(hub, push, released, repo):
    assert push(repo, released)[0] == 0
    hub.add(repo, "notes.txt", b"added on the page of the Hub")
    release_second(released)
    hub.requests.clear()
    code, out, _ = push(repo, released)
    assert code == 0
    assert "1 to remove" in out
    tree = hub.repositories[repo].at("main").tree
    assert "notes.txt" not in tree
    assert ".gitattributes" in tree
    assert hub.repositories[repo].at("v0.1.0").tree["annotations/tone/gold.csv"] != tree["annotations/tone/gold.csv"]
    # Released tables that are equal in both releases are large files that the Hub has.
    new = {path.name for path in (released / "releases/0.2.0").glob("*.parquet")}
    assert 0 < len(hub.asked("^PUT /lfs")) < len(new)


def test_what_is_uploaded_is_the_image_of_the_release_and_not_the_folder_as_it_stands(hub, push, released, repo):
    add("annotations/tone/.gold.csv.swp", "half")(released)
    add("annotations/tone/gold.csv~", "old")(released)
    add("releases/.0.2.0.x/half.parquet", "half")(released)
    for place in ("01", ".ipynb_checkpoints"):
        (released / "results" / place).mkdir(parents=True)
        (released / "results" / place / "table.csv").write_text("n\n1\n")
    edit(released / "scheme/tone.toml", 'definition = "Loud."', 'definition = "Very loud."')
    before = (released / "releases/0.1.0/scheme/tone.toml").read_bytes()
    assert push(repo, released)[0] == 0
    tree = hub.repositories[repo].at("v0.1.0").tree
    assert [path for path in tree if "/." in path or path.endswith("~") or "checkpoints" in path] == []
    assert [path for path in tree if path.startswith("results/")] == ["results/01/table.csv"]
    assert hub.read(repo, "scheme/tone.toml") == before


def test_one_release_can_be_pushed_and_an_older_one_not_after_it(hub, push, two, repo):
    assert push(repo, two, "--revision", "v0.2.0")[0] == 0
    assert hub.repositories[repo].history() == ["initial commit", "Release 0.2.0"]
    assert "releases/0.1.0/SHA256SUMS" in hub.repositories[repo].at("v0.2.0").tree
    code, _, err = push(repo, two, "--revision", "0.1.0")
    assert code == 1
    assert "holds v0.2.0, and 0.1.0 is older: its main would go back" in err
    code, out, _ = push(repo, two)
    assert code == 0
    assert "without a tag, since a newer release is there already: 0.1.0" in out
    assert hub.repositories[repo].history() == ["initial commit", "Release 0.2.0"]


def test_a_tag_that_holds_another_release_is_refused_and_not_moved(hub, push, released, mini, repo):
    assert push(repo, released)[0] == 0
    before = dict(hub.repositories[repo].refs)
    edit(mini / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    release(mini, "0.1.0")
    code, _, err = push(repo, mini)
    assert code == 1
    assert f"tag v0.1.0 holds another release 0.1.0 than {mini} (first difference: releases/0.1.0/SHA256SUMS)" in err
    assert hub.repositories[repo].refs == before


def test_a_dataset_that_is_something_else_is_not_overwritten(hub, push, released, repo):
    hub.create(repo)
    hub.add(repo, "train.csv", b"a,b\n1,2\n")
    code, _, err = push(repo, released)
    assert code == 1
    assert "holds something else than this corpus (1 file, the first: train.csv)" in err
    assert hub.writes() == []


def test_a_dataset_made_on_the_pages_of_the_hub_is_filled(hub, push, released, repo):
    hub.create(repo)
    hub.add(repo, "README.md", b"---\nlicense: other\n---\n")
    assert push(repo, released)[0] == 0
    assert b"# Mini Corpus 0.1.0" in hub.read(repo, "README.md", "v0.1.0")


def test_a_private_dataset_is_seen_with_the_token_only(hub, push, released, repo, tmp_path):
    assert push(repo, released, "--private")[0] == 0
    assert hub.repositories[repo].private
    code = """
    import sys
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError
    def seen(token):
        try:
            return HfApi(token=token).dataset_info(sys.argv[1]).private
        except RepositoryNotFoundError:
            return "not found"
    answer = seen(sys.argv[2]), seen(False)
    """
    assert ask(hub, tmp_path, code, repo, TOKEN) == (True, "not found")
    assert "(there already, private), as tester" in push(repo, released)[1]


def test_a_public_dataset_does_not_pass_for_private(hub, push, two, repo):
    assert push(repo, two, "--revision", "v0.1.0")[0] == 0
    code, _, err = push(repo, two, "--private")
    assert code == 1
    assert "is public; make it private in its settings" in err
    assert "refs/tags/v0.2.0" not in hub.repositories[repo].refs


# What goes wrong.


WRONG = {
    "no token": (None, "there is no token for the Hugging Face Hub; log in with: hf auth login, or set HF_TOKEN"),
    "a token with a blank": ("hf_two words", "holds a blank or another sign that no token has"),
    "an unknown token": ("hf_unknownToken", "asking whose the token is failed: the Hub does not know this token"),
    "a token that only reads": (READ_TOKEN, "creating it failed: this token may not do that"),
}


@pytest.mark.parametrize(("token", "message"), WRONG.values(), ids=WRONG)
def test_a_token_that_does_not_do_is_said_without_naming_it_and_nothing_is_made(
    hub, push, released, repo, token, message
):
    code, _, err = push(repo, released, token=token)
    assert code == 1
    assert message in err
    assert len(err.splitlines()) == 1
    assert token is None or token not in err
    assert repo not in hub.repositories


REFUSED = {
    "the name is taken": ("POST /api/repos/create", 409, "You already own it", "creating it failed: the name is taken"),
    "too many requests": ("GET /api/whoami-v2", 429, "slow down", "the Hub asks to wait|rate limit"),
    "no room": (
        "POST .*/objects/batch",
        403,
        "Storage limit reached",
        "there must be room .*says: Storage limit reached",
    ),
    "somebody else pushed": ("POST .*/commit/", 412, "A commit has happened", "in the meantime; push again"),
    "a fault of the Hub": (
        "POST .*/commit/",
        500,
        "",
        "uploading Release 0.1.0 failed: the Hub has a fault .status 500.; push again later",
    ),
    "a card it does not like": ("POST /api/validate-yaml", 400, "", "Invalid metadata in README"),
    "no answer": ("POST .*/commit/", None, "", "no answer .*; push again later, what has arrived is not sent again"),
    "no tag": ("POST .*/tag/", 403, "no", "tagging v0.1.0 failed: this token may not do that"),
}


@pytest.mark.parametrize(("request_", "status", "words", "message"), REFUSED.values(), ids=REFUSED)
def test_what_the_hub_refuses_is_one_line_leaves_no_tag_and_can_be_pushed_again(
    hub, push, released, repo, request_, status, words, message
):
    hub.fail(request_, status=status, message=words)
    code, _, err = push(repo, released)
    assert code == 1
    assert len(err.splitlines()) == 1
    assert TOKEN not in err
    assert re.search(message, err)
    assert "refs/tags/v0.1.0" not in (hub.repositories[repo].refs if repo in hub.repositories else {})
    assert push(repo, released)[0] == 0
    assert hub.repositories[repo].history() == ["initial commit", "Release 0.1.0"]
    assert hub.repositories[repo].at("v0.1.0") == hub.repositories[repo].at("main")


def test_files_that_the_hub_left_out_are_noticed_before_the_tag(hub, push, released, repo):
    hub.create(repo)
    assert push(repo, released)[0] == 0
    release_second(released)
    # The Hub leaves out what a .gitignore names that is there already, without a word.
    hub.add(repo, ".gitignore", b"gold.csv\n")
    code, _, err = push(repo, released)
    assert code == 1
    assert (
        "main does not hold what was sent for v0.2.0 (first difference: annotations/tone/gold.csv); no tag was set"
        in err
    )
    assert "refs/tags/v0.2.0" not in hub.repositories[repo].refs
    assert push(repo, released)[0] == 0
    assert (
        hub.read(repo, "annotations/tone/gold.csv", "v0.2.0") == (released / "annotations/tone/gold.csv").read_bytes()
    )


def test_a_push_that_is_killed_is_resumed_with_what_is_missing(hub, push, released, repo, tmp_path):
    held = threading.Event()
    fault = hub.fail("^PUT /lfs", n=4, hold=held, always=True)
    first = subprocess.Popen(
        [sys.executable, "-m", "corpus_tools", "push", repo, str(released)],
        env=environment(hub, tmp_path, HF_TOKEN=TOKEN),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert fault.reached.wait(30), first.communicate()
    first.send_signal(signal.SIGKILL)
    first.communicate()
    held.set()
    files = {path: path.read_bytes() for path in (released / "releases/0.1.0").glob("*.parquet")}
    large = {hashlib.sha256(raw).hexdigest(): len(raw) for raw in files.values()}
    arrived = large.keys() & hub.repositories[repo].objects.keys()
    missing = large.keys() - arrived
    assert missing
    assert arrived
    assert list(hub.repositories[repo].refs) == ["refs/heads/main"]
    hub.faults.clear()
    hub.requests.clear()
    assert push(repo, released)[0] == 0
    sent = hub.asked("^PUT /lfs")
    assert {request.path.rpartition("/")[2] for request in sent} == missing
    assert sum(request.n_bytes for request in sent) == sum(large[oid] for oid in missing)
    assert hub.repositories[repo].history() == ["initial commit", "Release 0.1.0"]


def test_a_connection_that_breaks_is_tried_again(hub, push, released, repo):
    hub.fail("^PUT /lfs", n=2, after=100)
    code, _, err = push(repo, released)
    assert (code, err) == (0, "")
    assert len([request for request in hub.asked("^PUT /lfs") if request.status == 0]) == 1


def test_what_somebody_else_pushed_in_the_meantime_is_not_overwritten(hub, push, two, repo, tmp_path):
    assert push(repo, two, "--revision", "v0.1.0")[0] == 0
    code = """
    import sys
    from corpus_tools.errors import HubError
    from corpus_tools.release import carry_out, plan_push
    from huggingface_hub import HfApi
    folder, repo = sys.argv[1:]
    plan = plan_push(folder, repo)
    HfApi().upload_file(path_or_fileobj=b"x", path_in_repo="other.txt", repo_id=repo, repo_type="dataset")
    try:
        answer = carry_out(plan)
    except HubError as problem:
        answer = str(problem)
    """
    assert "uploading Release 0.2.0 failed: somebody else changed the dataset" in ask(hub, tmp_path, code, two, repo)
    assert list(hub.repositories[repo].refs) == ["refs/heads/main", "refs/tags/v0.1.0"]
    assert hub.read(repo, "other.txt") == b"x"


def test_a_terminal_is_shown_each_step(hub, released, repo, tmp_path):
    watcher, terminal = os.openpty()
    run = subprocess.run(
        [sys.executable, "-m", "corpus_tools", "push", repo, str(released)],
        # Without the client's bars, which could fill what a terminal holds unread.
        env=environment(hub, tmp_path, HF_TOKEN=TOKEN, HF_HUB_DISABLE_PROGRESS_BARS="1"),
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    shown = os.read(watcher, 65536).decode()
    os.close(watcher)
    assert run.returncode == 0
    for step in ("check", "create the repository", "upload v0.1.0", "tag v0.1.0"):
        assert f"{step} ...\r\n" in shown
    assert run.stdout.splitlines()[-1] == f"pushed v0.1.0: {hub.url}/datasets/{repo}/tree/v0.1.0"


NOT_THERE = {
    "nobody listens": ({}, "no answer .*Connection refused.*; push again later"),
    "offline": ({"HF_HUB_OFFLINE": "1"}, "offline mode is on; unset HF_HUB_OFFLINE"),
}


@pytest.mark.parametrize(("more", "message"), NOT_THERE.values(), ids=NOT_THERE)
def test_a_hub_that_cannot_be_reached_is_one_line(hub, released, tmp_path, more, message):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        run = subprocess.run(
            [sys.executable, "-m", "corpus_tools", "push", "org/name", str(released)],
            env=environment(hub, tmp_path, HF_TOKEN=TOKEN) | {"HF_ENDPOINT": address} | more,
            capture_output=True,
            text=True,
        )
    assert (run.returncode, run.stdout) == (1, "")
    assert len(run.stderr.splitlines()) == 1
    assert re.search(message, run.stderr)


BEFORE_THE_HUB = {
    "no dataset id": ("name", None, "'name' is no id of a dataset; one is made of two names, such as org/name"),
    "a model's path": ("a/b/c", None, "'a/b/c' is no id of a dataset"),
    "a release that is not there": (
        "org/name",
        ["--revision", "v9.9.9"],
        r"release '9\.9\.9' is not in .* holds 0\.1\.0",
    ),
}


@pytest.mark.parametrize(("repo_id", "options", "message"), BEFORE_THE_HUB.values(), ids=BEFORE_THE_HUB)
def test_what_can_be_known_here_is_refused_without_asking(hub, push, released, repo_id, options, message):
    code, _, err = push(repo_id, released, *(options or ()))
    assert code == 1
    assert re.search(message, err)
    assert hub.requests == []


def test_a_damaged_release_and_a_corpus_without_one_are_refused_without_asking(hub, push, released, mini):
    path = released / "releases/0.1.0/tone.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert "tone.parquet is not what was released" in push("org/name", released)[2]
    assert "holds no release yet" in push("org/name", mini)[2]
    assert hub.requests == []


def test_a_byte_that_changed_on_the_hub_is_found_by_the_loader(hub, push, released, repo, tmp_path):
    assert push(repo, released)[0] == 0
    entry = hub.repositories[repo].at("v0.1.0").tree["releases/0.1.0/tone.parquet"]
    raw = hub.repositories[repo].objects[entry.lfs]
    hub.repositories[repo].objects[entry.lfs] = raw[:50] + bytes([raw[50] ^ 1]) + raw[51:]
    code = """
    import sys
    import corpus_tools as ct
    from huggingface_hub import snapshot_download
    try:
        answer = ct.load(snapshot_download(sys.argv[1], repo_type="dataset")).version
    except ct.CorpusError as problem:
        answer = type(problem).__name__, str(problem)
    """
    kind, message = ask(hub, tmp_path, code, repo)
    assert kind == "ChecksumError"
    assert "tone.parquet is not what was released" in message


def test_a_module_loads_by_its_id_on_the_hub(hub, released, repo, tmp_path):
    """The module of another person, uploaded with the Hub's own client."""
    code = """
    import sys
    import corpus_tools as ct
    from huggingface_hub import HfApi
    repo, module, corpus = sys.argv[1:]
    HfApi().create_repo(repo, repo_type="dataset")
    HfApi().upload_folder(repo_id=repo, repo_type="dataset", folder_path=module)
    HfApi().create_tag(repo, repo_type="dataset", tag="v1.0.0")
    loaded = ct.load(corpus, modules=[f"{repo}@v1.0.0"])
    answer = loaded.modules[0].place, loaded.scan("address").collect().to_dicts()
    """
    module = MINI.parent / "modules/address-study"
    place, rows = ask(hub, tmp_path, code, repo, module, released)
    assert place == f"{repo}@v1.0.0"
    assert rows == load(released, modules=[module]).scan("address").collect().to_dicts()


# The image of a release, without a Hub.


def test_an_image_is_a_sound_corpus_that_builds_to_its_release(two, tmp_path):
    image = image_of(load(two))
    for path, file in image.files.items():
        (tmp_path / "image" / path).parent.mkdir(parents=True, exist_ok=True)
        raw = file.source if isinstance(file.source, bytes) else file.source.read_bytes()
        (tmp_path / "image" / path).write_bytes(raw)
    assert validate(tmp_path / "image") == []
    assert stale_pages(tmp_path / "image") == {}
    for version in ("0.1.0", "0.2.0", "draft"):
        assert load(tmp_path / "image", version).texts.equals(load(two, version).texts)


def test_hand_edited_files_that_no_longer_build_to_the_release_are_left_out_and_that_is_said(released):
    whole = image_of(load(released))
    assert {"texts/mini.csv", "annotations/tone/gold.csv", "sources/mini.txt"} <= whole.files.keys()
    assert whole.notes == ()
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    edited = image_of(load(released))
    assert not any(path.startswith(("texts/", "annotations/")) for path in edited.files)
    assert "sources/mini.txt" in edited.files
    [note] = edited.notes
    assert note.startswith("texts/ and annotations/ do not build to the content of 0.1.0 and are left out")


def test_a_source_that_was_changed_since_is_left_out_and_that_is_said(released):
    add("sources/mini.txt", "more")(released)
    image = image_of(load(released))
    assert "sources/mini.txt" not in image.files
    assert "sources/mini.txt is not the source that 0.1.0 was made from and is left out." in image.notes


def test_an_unreadable_annotation_is_left_out(released):
    (released / "annotations/tone/gold.csv").write_bytes(b"")
    assert "annotations/tone/gold.csv" not in image_of(load(released)).files


def test_guidelines_are_those_of_the_release(released):
    before = (released / "releases/0.1.0/guidelines/tone.md").read_bytes()
    add("guidelines/tone.md", "\nA later thought.\n")(released)
    assert image_of(load(released)).files["guidelines/tone.md"].source.read_bytes() == before


CHANGELOG = "# Changes\n\n## Unreleased\n\n- soon\n\n## 0.10.0 (2026)\n\n- ten\n\n## 0.9.0\n\n- nine\n\n### Text\n"


@pytest.mark.parametrize(
    ("version", "kept"),
    [
        ("0.10.0", "# Changes\n\n## 0.10.0 (2026)\n\n- ten\n\n## 0.9.0\n\n- nine\n\n### Text\n"),
        ("0.9.5", "# Changes\n\n## 0.9.0\n\n- nine\n\n### Text\n"),
        ("0.1.0", "# Changes\n"),
    ],
)
def test_a_changelog_ends_with_its_release(version, kept):
    assert changelog_until(CHANGELOG, version) == kept
    bracketed = re.sub(r"## (0\S+)", r"## [\1]", CHANGELOG)
    assert changelog_until(bracketed, version) == re.sub(r"## (0\S+)", r"## [\1]", kept)


@pytest.mark.parametrize("path", ["results/x/a.csv", "LICENSE.md"])
def test_a_link_out_of_the_folder_is_not_published(released, tmp_path, path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (released / path).parent.mkdir(parents=True, exist_ok=True)
    (released / path).symlink_to(secret)
    with pytest.raises(ReleaseError, match=f"{path} leads out of the corpus"):
        image_of(load(released))
    (released / path).unlink()
    (released / path).symlink_to(released / "CHANGELOG.md")
    assert path in image_of(load(released)).files


def test_the_id_of_a_small_file_is_that_of_git(released):
    path = "releases/0.1.0/corpus.toml"
    git = ["git", "hash-object", "--no-filters", str(released / path)]
    id_ = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    assert image_of(load(released)).files[path].is_known_as(id_)


def test_the_command_needs_the_client(released, monkeypatch, capsys):
    from corpus_tools.cli import main

    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert main(["push", "org/name", str(released)]) == 1
    assert "huggingface_hub is needed for this and is not installed" in capsys.readouterr().err
