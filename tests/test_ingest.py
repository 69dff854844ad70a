"""Ingesting a thread into a folder: what is written, what is refused and leaves everything as it was."""

import hashlib
import re

import pytest

from conftest import edit
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.folder import read_csv
from corpus_tools.ingest import ingest
from corpus_tools.ingest.known import slug
from corpus_tools.release import release
from corpus_tools.validate import validate

THREAD = "Title here\n\nBody.\n\nJo said...\n\nFirst.\nStill first.\n\nMore.\n\nMax (of Köln) said...\n\nHe said...\n"


@pytest.fixture
def empty(mini):
    """The mini corpus with nothing ingested: its scheme and what a person types before the first thread."""
    import shutil

    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / name)
    (mini / "scheme/mentions.toml").unlink()
    (mini / "scheme/tone.toml").unlink()
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    return mini


def test_ingesting_makes_a_sound_corpus_whose_texts_are_slices(empty, tmp_path):
    source = tmp_path / "Köln Thread.txt"
    source.write_bytes(THREAD.replace("He said...", "Ja.").encode())
    report = ingest(source, into=empty)
    assert (report.source_id, report.n_articles, report.n_comments, report.n_authors) == ("koln-thread", 1, 2, 2)
    assert report.new_authors == ("Jo", "Max (of Köln)")
    assert (empty / "sources" / source.name).read_bytes() == source.read_bytes()
    assert validate(empty) == []
    corpus = load(empty, "draft")
    raw = source.read_bytes().decode()
    assert [raw[start:end] for start, end in corpus.comments.select("byline_start", "byline_end").iter_rows()] == (
        corpus.comments["byline"].to_list()
    )
    assert corpus.comments.select("text_id", "author_id", "byline", "text").rows() == [
        ("c1", "jo", "Jo said...", "First.\nStill first.\n\nMore."),
        ("c2", "max-of-koln", "Max (of Köln) said...", "Ja."),
    ]
    assert corpus.layer("structure", annotators="all")["label"].to_list() == [
        *("headline", "paragraph", "byline", "paragraph", "paragraph", "byline", "paragraph")
    ]


def test_a_second_thread_goes_on_counting_and_keeps_what_is_there(empty, tmp_path):
    for name, author in (("one", "Jo"), ("two", "Jo"), ("three", "jo")):
        (tmp_path / f"{name}.txt").write_text(f"Title {name}\n\n{author} said...\n\nHi.\n")
        ingest(tmp_path / f"{name}.txt", into=empty)
    corpus = load(empty, "draft")
    assert sorted(corpus.texts["text_id"]) == ["a1", "a2", "a3", "c1", "c2", "c3"]
    assert corpus.authors["author_id"].to_list() == ["jo", "jo-2"]
    assert corpus.layer("structure", annotators="all")["span_id"].n_unique() == 9
    assert validate(empty) == []


def test_ingesting_the_same_file_again_changes_nothing(mini):
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    report = ingest(mini / "sources/mini.txt", into=mini)
    assert report.already_there
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_a_decision_in_corpus_toml_makes_two_names_one_author(empty, tmp_path):
    with (empty / "corpus.toml").open("a") as file:
        file.write(
            '\n[[authors]]\nauthor_id = "jo"\ndisplay_name = "Jo"\n'
            'printed_names = ["Jo", "J,o"]\ndecision = "A slip."\n'
        )
    (tmp_path / "t.txt").write_text("T\n\nJo said...\n\nHi.\n\nJ,o said...\n\nHo.\n")
    assert ingest(tmp_path / "t.txt", into=empty).n_authors == 1
    assert load(empty, "draft").comments["author_id"].to_list() == ["jo", "jo"]


REFUSED = {
    "not UTF-8": (
        b"T\n\nJo said...\n\nna\xefve\n",
        r"t\.txt:5: is not UTF-8: byte 0xef at offset 17; convert the file",
    ),
    "no thread": (b"Jo said...\n\nHi.\n", r"t\.txt:1: a comment"),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refused_source_leaves_the_corpus_as_it_was(mini, tmp_path, raw, message):
    (tmp_path / "t.txt").write_bytes(raw)
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(IngestError, match=message):
        ingest(tmp_path / "t.txt", into=mini)
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_another_file_of_the_same_name_gets_an_id_and_a_place_of_its_own(mini, tmp_path):
    before = (mini / "sources/mini.txt").read_bytes()
    (tmp_path / "mini.txt").write_text("Other\n\nJo said...\n\nHi.\n")
    report = ingest(tmp_path / "mini.txt", into=mini)
    assert report.source_id == "mini-2"
    assert (mini / "sources/mini.txt").read_bytes() == before
    assert (mini / "sources/mini-2.txt").read_bytes() == (tmp_path / "mini.txt").read_bytes()
    assert sorted(load(mini, "draft").texts["thread_id"]) == [*["mini"] * 3, *["mini-2"] * 2]
    # The layers that were there do not cover what is new.
    assert {finding.code for finding in validate(mini)} == {"W302"}


def test_a_file_nobody_recorded_is_not_overwritten(mini, tmp_path):
    (mini / "sources/two.txt").write_text("mine")
    (tmp_path / "two.txt").write_text("Two\n")
    with pytest.raises(IngestError, match=r"sources/two\.txt: is there already and no source in corpus\.toml"):
        ingest(tmp_path / "two.txt", into=mini)
    assert (mini / "sources/two.txt").read_text() == "mine"


def test_an_ingestion_that_cannot_be_finished_leaves_the_corpus_as_it_was(mini, tmp_path, monkeypatch):
    from corpus_tools import files

    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    write = files.write_whole

    def full(path, content):
        if path.name == "corpus.toml":
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(files, "write_whole", full)
    with pytest.raises(OSError, match="No space left"):
        ingest(tmp_path / "two.txt", into=mini)
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_the_readers_pass_grows_and_keeps_what_was_typed_into_it(mini, tmp_path):
    path = mini / "annotations/structure/reader.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",,Ann O'Hara", ",O,Ann O'Hara"), encoding="utf-8")
    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    ingest(tmp_path / "two.txt", into=mini)
    text = path.read_text(encoding="utf-8")
    assert ",O,Ann O'Hara" in text
    assert text.rstrip().splitlines()[-1] == "structure-reader-10,c3,0,3,Hi.,paragraph,17,20,"


def test_an_id_of_an_earlier_release_is_not_given_again(released, tmp_path):
    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    ingest(tmp_path / "two.txt", into=released)
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    release(released, "0.2.0")
    # The thread is taken out again by hand; its ids stay taken.
    (released / "texts/two.csv").unlink()
    ids = released / "annotations/structure/reader.csv"
    kept = [line for line in ids.read_text(encoding="utf-8").splitlines() if ",c3," not in line and ",a2," not in line]
    ids.write_text("\n".join(kept) + "\n", encoding="utf-8")
    text = (released / "corpus.toml").read_text(encoding="utf-8").split('\n[[sources]]\nsource_id = "two"')[0]
    (released / "corpus.toml").write_text(text + "\n", encoding="utf-8")
    (released / "sources/two.txt").unlink()
    (tmp_path / "three.txt").write_text("Three\n\nJo said...\n\nHo.\n")
    ingest(tmp_path / "three.txt", into=released)
    assert load(released, "draft").texts["text_id"].to_list() == ["a1", "a3", "c1", "c2", "c4"]
    assert (
        load(released, "draft").layer("structure", annotators="all")["span_id"].to_list()[-1] == "structure-reader-13"
    )


def test_entries_that_cannot_be_added_are_refused_before_anything_is_written(mini, tmp_path):
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    head, _, tail = text.partition("[[sources]]\n")
    entry, _, rest = tail.partition("\n[[")
    inline = "sources = [{ " + ", ".join(entry.split("\n")[:4]) + " }]\n"
    (mini / "corpus.toml").write_text(inline + head + "[[" + rest, encoding="utf-8")
    assert validate(mini) == []
    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(IngestError, match=r"cannot be continued .* write sources and passes as \[\[\.\.\.\]\] tables"):
        ingest(tmp_path / "two.txt", into=mini)
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_a_thread_whose_files_were_deleted_is_not_called_there(mini, tmp_path):
    source = tmp_path / "mini.txt"
    source.write_bytes((mini / "sources/mini.txt").read_bytes())
    (mini / "texts/mini.csv").unlink()
    with pytest.raises(IngestError, match="was ingested as 'mini' before, but its files are gone; restore them"):
        ingest(source, into=mini)


def test_a_missing_file_is_refused(mini, tmp_path):
    with pytest.raises(IngestError, match=r"none\.txt: does not exist"):
        ingest(tmp_path / "none.txt", into=mini)


def test_the_shipped_texts_are_what_the_reader_makes_of_the_source(shipped, empty):
    """From the source and the recorded decision on authors, the same hand-edited files come out again."""
    text = (shipped / "corpus.toml").read_text(encoding="utf-8")
    (empty / "corpus.toml").write_text(text.split("\n[[sources]]")[0], encoding="utf-8")
    report = ingest(shipped / "sources/syria-talks-2016.txt", into=empty)
    assert (report.n_articles, report.n_comments, report.n_authors, report.new_authors) == (1, 5, 3, ())
    for file in ("texts/syria-talks-2016.csv", "annotations/structure/reader.csv"):
        assert read_csv(empty / file).equals(read_csv(shipped / file))
    digest = hashlib.sha256((empty / "sources/syria-talks-2016.txt").read_bytes()).hexdigest()
    assert re.search(rf'sha256 = "{digest}"', (empty / "corpus.toml").read_text(encoding="utf-8"))


def test_the_command_says_what_it_read(empty, tmp_path, capsys):
    (tmp_path / "t.txt").write_text("T\n\nJo said...\n\nHi.\n")
    assert main(["ingest", str(tmp_path / "t.txt"), "--into", str(empty)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["t: plain-text, because it is plain text", "  1 article, 1 comment, 1 author (1 new: Jo)"]
    assert main(["ingest", str(tmp_path / "none.txt"), "--into", str(empty)]) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "expected"), [("B.Poster", "b-poster"), ("Zoë  Ł", "zoe"), ("漢字", "x"), ("--", "x")]
)
def test_slugs_are_plain(name, expected):
    assert slug(name) == expected


def test_edited_metadata_is_kept_as_it_was_typed(mini, tmp_path):
    edit(mini / "corpus.toml", 'language = "en"\nkeywords', 'language = "en"  # a comment\nkeywords')
    before = (mini / "corpus.toml").read_text(encoding="utf-8")
    (tmp_path / "t.txt").write_text("T\n\nJo said...\n\nHi.\n")
    ingest(tmp_path / "t.txt", into=mini)
    assert (mini / "corpus.toml").read_text(encoding="utf-8").startswith(before.rstrip())


def test_of_several_files_one_that_is_refused_does_not_stop_the_others(empty, tmp_path, capsys):
    (tmp_path / "one.txt").write_text("One\n\nJo said...\n\nHi.\n")
    (tmp_path / "two.txt").write_bytes(b"Two\xef\n")
    (tmp_path / "three.txt").write_text("Three\n")
    files = [str(tmp_path / f"{name}.txt") for name in ("one", "two", "three")]
    assert main(["ingest", *files, "--into", str(empty)]) == 1
    shown = capsys.readouterr()
    assert "one: plain-text" in shown.out
    assert "three: plain-text" in shown.out
    assert re.fullmatch(r"corpus-tools: .*two\.txt.*\n", shown.err)
    assert load(empty, "draft").threads.height == 2
