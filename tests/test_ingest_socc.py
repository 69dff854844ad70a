"""The SFU Opinion and Comments Corpus: what a comment counter says, articles with their comments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.socc import recognise
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES
from rows_ingesting import column, empty_corpus, read_rows, texts_of

FOLDER = FIXTURES / "socc"
COMMENTS, ARTICLES = FOLDER / "gnm_comments.csv", FOLDER / "gnm_articles.csv"


def test_a_counter_says_what_is_answered_on_which_article():
    rows, losses = read_rows(COMMENTS)
    assert [(row["locator"], row["parent"]) for row in rows] == [
        ("source1_26842506_0", None),
        ("source1_26842506_0_1", "source1_26842506_0"),
        ("source1_26842506_0_0", "source1_26842506_0"),
        ("source1_26842506_0_0_0", "source1_26842506_0_0"),
        ("source2_26842506_0", None),
        ("source1_26842506_1", None),
        ("odd", None),
    ]
    assert set(column(rows, "thread")) == {"26842506"}
    assert column(rows, "name") == ["Jo", "Max", "Ann", "Jo", "Kim", None, "Kim"]
    assert column(rows, "kind")[-2:] == ["deleted", "comment"]
    assert losses["doubtful"] == {"comment counters of another shape: what they answer is not known": 1}


def test_thousandths_since_1970_are_times_and_a_day_is_none():
    rows, losses = read_rows(COMMENTS)
    assert rows[0]["posted_at"].isoformat() == "2015-10-16T12:53:20+00:00"
    assert rows[4]["posted_at"] is None
    assert losses["missing"] == {"times of day, where a day is given": 1}


def test_articles_have_their_paragraphs_and_address():
    rows, losses = read_rows(ARTICLES)
    assert [(row["kind"], row["locator"], row["name"], row["text"]) for row in rows] == [
        ("article", "26842506", "Ann Drake", "Ducks swim.\n\nDucks & geese fly."),
        ("article", "26842507", None, "Geese."),
    ]
    assert rows[0]["url"] == "http://www.example.org/opinion/of-ducks/article26842506/"
    assert losses["lost"] == {"columns of the table: ncomments, ntop_level_comments": 2}


def test_the_folder_gives_articles_with_their_comments(tmp_path):
    assert choose(Source(FOLDER))[0].form == "socc"
    corpus = empty_corpus(tmp_path)
    report = ingest(FOLDER, into=corpus)
    assert validate(corpus) == []
    assert (report.n_threads, report.n_articles, report.n_comments) == (2, 2, 6)
    texts = texts_of(corpus, report.source_id)
    assert [(text["source_locator"], text["position"], text["parent_id"]) for text in texts] == [
        ("26842506", "0", None),
        ("source1_26842506_0", "1", None),
        ("source1_26842506_0_1", "2", "c1"),
        ("source1_26842506_0_0", "3", "c1"),
        ("source1_26842506_0_0_0", "4", "c3"),
        ("source2_26842506_0", "5", None),
        ("odd", "6", None),
        ("26842507", "0", None),
    ]
    assert texts[0]["text"] == "Of ducks\n\nDucks swim.\n\nDucks & geese fly."


def test_either_file_alone_is_read_and_the_comments_are_known_again(tmp_path):
    corpus = empty_corpus(tmp_path)
    assert ingest(COMMENTS, into=corpus).n_articles == 0
    report = ingest(ARTICLES, into=corpus)
    assert report.n_articles == 2
    assert validate(corpus) == []


def test_a_table_without_its_columns_is_refused(tmp_path):
    (tmp_path / "t.csv").write_text("article_id,comment_text\n1,a\n")
    with pytest.raises(IngestError, match="its columns are: article_id, comment_text"):
        read_rows(tmp_path / "t.csv", "socc")
    with pytest.raises(IngestError):
        read_rows(tmp_path, "socc")


def test_no_file_of_another_form_is_taken():
    for path in sorted(FIXTURES.rglob("*")):
        if FOLDER not in (path, path.parent):
            assert recognise(Source(path)) is None, path


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_a_file_it_gives_rows_or_an_error_of_ours(tmp_path_factory, data):
    path = data.draw(st.sampled_from([COMMENTS, ARTICLES]))
    raw = path.read_bytes()
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        more = data.draw(st.sampled_from([b"", b'"', b"\n", b",", b"\x00", b"\xff", b"_", b"<p>", raw[start:end] * 2]))
        raw = raw[:start] + more + raw[end:]
    mutated = tmp_path_factory.mktemp("t") / path.name
    mutated.write_bytes(raw)
    recognise(Source(mutated))
    try:
        read_rows(mutated, "socc")
    except IngestError:
        return
