"""Hostile input of every form: an error that names the file, and the corpus as it was; or a corpus that holds."""

import contextlib
import errno
import gzip
import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools import files
from corpus_tools.cli import main
from corpus_tools.errors import CorpusError, IngestError
from corpus_tools.ingest import ingest, readers
from corpus_tools.ingest.threads import DROPPED
from corpus_tools.scaffold import new_corpus
from corpus_tools.validate import validate
from ingesting import FIXTURES

FOLDER = "teapots"
PASTED = "The kettle\n\nTea is made with water.\n\n2 comments:\n\nAnn said...\nWith milk.\n\nBert said...\nWithout.\n"
SAMPLES = {
    form: {
        path.name: path.read_bytes()
        for path in sorted((FIXTURES / form).rglob("*"))
        if path.is_file() and path.parent.name != FOLDER
    }
    for form in readers()
}
SAMPLES["plain-text"] = {"paste.txt": PASTED.encode()}
# The one form that is a folder: its utterances are damaged, the other files stay.
SAMPLES["convokit"] = {"utterances.jsonl": (FIXTURES / "convokit" / FOLDER / "utterances.jsonl").read_bytes()}
TOKENS = [
    *(b"<", b">", b'"', b"'", b"&", b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\0", b"\x1a", b"\xff", b"\r", b"\n\n"),
    *(b"null", b"true", b"{}", b"[]", b'""', b"-1", b"1e999", b"9" * 30, b"NaN", b'"\\ud800"', b'"\\u0000"', b"\\n"),
    *(b"<!--", b"<![CDATA[", b"]]>", b"</div>", b"<p>", b"</li>", b"<script>", b"&#1;", b"&#xd800;", b"&nbsp;"),
    *(b"0001-01-01T00:00:00+23:59", b"2020-02-30", b" said...\n", b"\xe2\x80\xa8", b"\xc2\x85", b"\xed\xa0\x80"),
]
_place = st.integers(0, 1 << 15)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), _place, st.sampled_from(TOKENS) | st.binary(max_size=6)),
        st.tuples(st.sampled_from(["cut", "twice", "over", "end"]), _place, st.integers(1, 400)),
        st.tuples(st.just("swap"), _place, _place),
    ),
    max_size=5,
)
PACKINGS = {
    "as it is": bytes,
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "gzip, cut off": lambda raw: gzip.compress(raw, mtime=0)[:-9],
    "gzip, a byte wrong": lambda raw: gzip.compress(raw, mtime=0).replace(b"e", b"f", 1),
    "zip": lambda raw: _zipped(raw),
    "zip, cut off": lambda raw: _zipped(raw)[:-12],
    "twice": lambda raw: raw + raw,
    "UTF-16": lambda raw: raw.decode("utf-8", "replace").encode("utf-16"),
    "UTF-16 without a mark": lambda raw: raw.decode("utf-8", "replace").encode("utf-16-le"),
    "UTF-32": lambda raw: raw.decode("utf-8", "replace").encode("utf-32"),
    "a mark before it": lambda raw: b"\xef\xbb\xbf" + raw,
    "NUL after each byte": lambda raw: b"\0".join(raw[i : i + 1] for i in range(len(raw))),
}
# What the core leaves out was read as an entry; readers count other things besides, such as lines that are no JSON.
ENTRIES = {
    *DROPPED.values(),
    "comments without words in the source",
    "articles without words in the source",
    "articles of a thread that has one before them",
}
TWICE = "entries with the id of one before them"  # readers that make trees of what they read count them, too


def _zipped(raw):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("inside"), raw)
    return made.getvalue()


def _edited(raw, edits):
    for doing, place, what in edits:
        at = place % (len(raw) + 1)
        if doing == "put":
            raw = raw[:at] + what + raw[at:]
        elif doing == "cut":
            raw = raw[:at] + raw[at + what :]
        elif doing == "end":
            raw = raw[:at]
        elif doing == "twice":
            raw = raw[: at + what] + raw[at:]
        elif doing == "over":
            raw = raw[:at] + bytes(byte ^ 1 for byte in raw[at : at + 1]) + raw[at + 1 :]
        else:
            first, second = sorted((at, what % (len(raw) + 1)))
            raw = raw[:first] + raw[second : second + 60] + raw[first:second] + raw[second + 60 :]
    return raw


def tree(folder):
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(*arguments):
    """Exit code and what stands on stderr, of the command line."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = main(["ingest", *map(str, arguments)])
    return code, said.getvalue()


@pytest.fixture(scope="module")
def beginning(tmp_path_factory):
    return new_corpus(tmp_path_factory.mktemp("hostile") / "corpus", notebooks=False)


@pytest.fixture
def corpus(beginning, tmp_path):
    return Path(shutil.copytree(beginning, tmp_path / "corpus"))


def refused(problem, source, corpus, before, *options):
    """An error names the file, stands on one line, and leaves everything as it was; on the command line as well."""
    assert str(source) in str(problem)
    assert tree(corpus) == before
    code, said = run(source, "--into", corpus, *options)
    assert code == 1
    assert said.startswith("corpus-tools: ")
    assert said.count("\n") == 1
    assert "Traceback" not in said
    assert tree(corpus) == before


def holds(report, corpus):
    """The corpus is sound, nothing is left over, and every entry is accounted for."""
    assert [str(finding) for finding in validate(corpus) if finding.code != "W105"] == []
    assert [path.name for path in corpus.rglob(".*")] == [".gitattributes"]
    dropped = report.losses.counts["dropped"]
    gone = report.added.n_read - report.added.n_texts - report.added.n_known
    least = sum(n for reason, n in dropped.items() if reason in ENTRIES)
    assert least <= gone <= least + dropped.get(TWICE, 0)


@pytest.mark.parametrize("form", SAMPLES)
def test_damaged_files_of_any_form_are_refused_or_make_a_corpus_that_holds(form, beginning, tmp_path_factory):
    place = tmp_path_factory.mktemp("damaged")

    @settings(max_examples=12)
    @given(st.sampled_from(sorted(SAMPLES[form])), EDITS, st.sampled_from(["as it is"] * 8 + list(PACKINGS)), st.data())
    def check(name, edits, packing, data):
        source = place / name
        source.write_bytes(PACKINGS[packing](_edited(SAMPLES[form][name], edits)))
        if form == "convokit":
            folder = Path(shutil.copytree(FIXTURES / form / FOLDER, place / FOLDER, dirs_exist_ok=True))
            source = Path(shutil.copy(source, folder / name)).parent
        options = data.draw(st.sampled_from([(), ("--form", form)]))
        corpus = place / "corpus"
        shutil.rmtree(corpus, ignore_errors=True)
        shutil.copytree(beginning, corpus)
        before = tree(corpus)
        try:
            report = ingest(source, into=corpus, form=form if options else "auto")
        except CorpusError as problem:
            refused(problem, source, corpus, before, *options)
        else:
            holds(report, corpus)

    check()


def _others(form):
    """Four forms beside this one; every form is another's."""
    forms = [*readers()] * 2
    return forms[forms.index(form) + 1 :][:8:2]


@pytest.mark.parametrize("form", SAMPLES)
def test_a_file_of_any_form_is_read_as_another_or_refused(form, beginning, corpus, tmp_path):
    name, raw = next(iter(SAMPLES[form].items()))
    (tmp_path / name).write_bytes(raw)
    for other in _others(form):
        shutil.rmtree(corpus)
        shutil.copytree(beginning, corpus)
        before = tree(corpus)
        try:
            report = ingest(tmp_path / name, into=corpus, form=other)
        except IngestError as problem:
            assert str(tmp_path / name) in str(problem)
            assert tree(corpus) == before
        else:
            holds(report, corpus)


NO_FILES = {
    "nothing": lambda place: None,
    "a folder": lambda place: place.mkdir(),
    "a file without bytes": lambda place: place.write_bytes(b""),
    "a link to itself": lambda place: place.symlink_to(place),
    "a link to nothing": lambda place: place.symlink_to(place.parent / "nowhere"),
    "a pipe that nobody writes to": lambda place: os.mkfifo(place),
    "a device without an end": lambda place: place.symlink_to("/dev/zero"),
}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_to_be_read_is_refused(make, corpus, tmp_path):
    source, before = tmp_path / "source", tree(corpus)
    make(source)
    with pytest.raises(IngestError) as problem:
        ingest(source, into=corpus)
    refused(problem.value, source, corpus, before)


@pytest.mark.parametrize(
    "name", ["a b.html", "-form.html", ".hidden.html", "日本.html", "corpus.toml", "x" * 250, "a."]
)
def test_a_file_may_be_called_anything(name, corpus, tmp_path):
    (tmp_path / name).write_bytes(SAMPLES["wordpress-page"]["html5-walker.html"])
    report = ingest(tmp_path / name, into=corpus)
    assert report.n_comments == 3
    holds(report, corpus)


@pytest.mark.parametrize("inside", ["sources/page.html", "texts/page.csv", "authors/page.csv", "corpus.toml"])
def test_a_source_in_the_place_of_a_file_of_the_corpus_is_refused(inside, corpus):
    place = corpus / inside
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        place.write_bytes(SAMPLES["wordpress-page"]["html5-walker.html"])
    before = tree(corpus)
    with pytest.raises(CorpusError) as problem:
        ingest(place, into=corpus)
    refused(problem.value, place, corpus, before)


@pytest.mark.parametrize("nth", range(1, 7))
def test_where_the_disk_is_full_the_corpus_is_as_it_was(nth, corpus, tmp_path, monkeypatch):
    """Whichever file does not fit, and also where files are added to that were there before."""
    (tmp_path / "first.html").write_bytes(SAMPLES["blogger-page"]["list_2009.html"])
    (tmp_path / "second.html").write_bytes(SAMPLES["blogger-page"]["threaded_2013.html"])
    ingest(tmp_path / "first.html", into=corpus)
    before, whole, left = tree(corpus), files.write_whole, iter(range(1, 100))

    def write(path, content):
        if next(left) == nth:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        whole(path, content)

    monkeypatch.setattr(files, "write_whole", write)
    code, said = run(tmp_path / "second.html", "--into", corpus)
    assert (code, said.count("\n")) == (1, 1)
    assert "No space left on device" in said
    assert tree(corpus) == before
    assert ingest(tmp_path / "second.html", into=corpus).added.n_texts
