"""Reading a pasted thread: what is found, what is written, what is refused and where."""

import hashlib
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import edit
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.folder import read_csv
from corpus_tools.ingest import ingest, read_plain_text
from corpus_tools.ingest.into import slug
from corpus_tools.release import release
from corpus_tools.standoff import uncovered
from corpus_tools.validate import validate

THREAD = "Title here\n\nBody.\n\nJo said...\n\nFirst.\nStill first.\n\nMore.\n\nMax (of Köln) said...\n\nHe said...\n"


def read(tmp_path, text):
    return read_plain_text(tmp_path / "thread.txt", text)


def quotes(text, thread):
    return [(one.name, text[one.start : one.end]) for one in (thread.article, *thread.comments)]


def test_an_article_and_its_comments_are_found(tmp_path):
    thread = read(tmp_path, THREAD.replace("He said...", "He said... nothing"))
    assert thread.title == "Title here"
    assert quotes(THREAD, thread)[:2] == [(None, "Title here\n\nBody."), ("Jo", "First.\nStill first.\n\nMore.")]
    assert thread.comments[1].name == "Max (of Köln)"
    assert [block.label for block in thread.article.blocks] == ["headline", "paragraph"]
    assert [block.label for block in thread.comments[0].blocks] == ["paragraph", "paragraph"]


def test_said_inside_a_paragraph_is_no_byline(tmp_path):
    text = "Title\n\nA said...\n\nThen she\nB said...\nand left, as C said... again.\n"
    thread = read(tmp_path, text)
    assert [comment.name for comment in thread.comments] == ["A"]


@pytest.mark.parametrize(
    "name", ["B,Poster", "B.Poster", "Anonymous", "[x] (y)", "Blogger", "Zoë Ł.", "said", "a b c d"]
)
def test_names_may_hold_what_names_hold(tmp_path, name):
    assert read(tmp_path, f"T\n\n{name} said...\n\nx").comments[0].name == name


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_either_kind_and_a_byte_order_mark_stay_outside(tmp_path, end):
    text = "\ufeff" + THREAD.replace("He said...", "x").replace("\n", end)
    thread = read(tmp_path, text)
    assert [text[one.start : one.end].replace("\r\n", "\n") for one in (thread.article, *thread.comments)] == [
        "Title here\n\nBody.",
        "First.\nStill first.\n\nMore.",
        "x",
    ]


def test_an_article_without_comments_is_a_thread(tmp_path):
    assert read(tmp_path, "Only an article.\n\nMore of it.").comments == ()


UNREADABLE = {
    "nothing": ("", 1, "holds no text"),
    "blanks": (" \n\n\t\n", 1, "holds no text"),
    "no article": ("\n\nJo said...\n\nHi.\n", 3, "a comment ('Jo said...') stands before any article"),
    "no comment": ("T\n\nJo said...\n\nMax said...\n\nHi.\n", 3, "no comment follows the byline 'Jo said...'"),
    "no last comment": ("T\n\nJo said...\n\nHi.\n\nMax said...\n", 7, "no comment follows the byline 'Max said...'"),
}


@pytest.mark.parametrize(("text", "line", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_thread_is_refused_with_its_line(tmp_path, text, line, message):
    with pytest.raises(IngestError, match=rf"thread\.txt:{line}: ") as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert caught.value.line == line


LINES = st.sampled_from(
    ["", " ", "Jo said...", "word", "two words", "é😀", "\t", "A said… b", "x said...", "\ufeff", "\r"]
)


@given(st.lists(LINES, max_size=14).map("\n".join))
def test_every_visible_character_is_in_exactly_one_text_or_byline(text):
    try:
        thread = read_plain_text("thread.txt", text)
    except IngestError as problem:
        assert 1 <= problem.line <= text.count("\n") + 1
        return
    texts = (thread.article, *thread.comments)
    pieces = sorted(
        [(one.start, one.end) for one in texts] + [(one.byline.start, one.byline.end) for one in texts if one.byline]
    )
    assert uncovered(text, pieces) == []
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(pieces))
    for one in texts:
        blocks = [(block.start, block.end) for block in one.blocks]
        assert uncovered(text[: one.end], [(0, one.start), *blocks]) == []


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
    "not UTF-8": (b"T\n\nJo said...\n\nna\xefve\n", r"t\.txt: is not UTF-8: byte 0xef at offset 17, line 5"),
    "no thread": (b"Jo said...\n\nHi.\n", r"t\.txt:1: a comment"),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED)
def test_a_refused_source_leaves_the_corpus_as_it_was(mini, tmp_path, raw, message):
    (tmp_path / "t.txt").write_bytes(raw)
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(IngestError, match=message):
        ingest(tmp_path / "t.txt", into=mini)
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_another_file_of_the_same_name_is_refused(mini, tmp_path):
    (tmp_path / "mini.txt").write_text("Other\n")
    with pytest.raises(IngestError, match="another file was ingested as 'mini' before"):
        ingest(tmp_path / "mini.txt", into=mini)


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
    head, _, tail = text.partition("[[authors]]")
    rest = tail.split("[[annotators]]")[-1]
    (mini / "corpus.toml").write_text("authors = []\n" + head + "[[annotators]]" + rest, encoding="utf-8")
    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(IngestError, match=r"cannot be continued .* write sources, threads, authors and passes as"):
        ingest(tmp_path / "two.txt", into=mini)
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_a_line_that_looks_like_a_byline_and_is_read_as_text_is_reported(empty, tmp_path, capsys):
    (tmp_path / "t.txt").write_text("T\n\nJo said...\n\nHi.\nMax said...\nHo.\n")
    report = ingest(tmp_path / "t.txt", into=empty)
    assert report.doubtful_lines == (6,)
    assert str(report).endswith("read as text, though it looks like a byline: line 6")


def test_a_thread_none_of_whose_bylines_stands_alone_is_refused(tmp_path):
    with pytest.raises(
        IngestError, match=r"thread\.txt:3: looks like a byline, but no byline .* put a blank line above"
    ):
        read(tmp_path, "Title\nText\nBob said...\nHello\nAnn said...\nHi\n")


def test_a_thread_whose_files_were_deleted_is_not_called_there(mini, tmp_path):
    source = tmp_path / "mini.txt"
    source.write_bytes((mini / "sources/mini.txt").read_bytes())
    (mini / "texts/mini.csv").unlink()
    with pytest.raises(IngestError, match="was ingested as 'mini' before, but its files are gone; restore them"):
        ingest(source, into=mini)


def test_a_missing_file_is_refused(mini, tmp_path):
    with pytest.raises(IngestError, match="does not exist or is no file"):
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
    assert capsys.readouterr().out == "t: plain text, NAME said...; 1 article, 1 comment, 1 author (1 new: Jo)\n"
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
