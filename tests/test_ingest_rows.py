"""Rows into a corpus: the same texts as threads give, whatever the order and size of the batches."""

import datetime
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.folder import Folder
from corpus_tools.ingest import ingest, rows
from corpus_tools.ingest.known import Known
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import headed, one_line, plain_body
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.ingest.parts.columns import cleaned, on_one_line, times
from corpus_tools.ingest.placing import NONE, placed
from corpus_tools.ingest.reading import Reader, Reading
from corpus_tools.ingest.rows import SCHEMA, Rows, add_rows
from corpus_tools.ingest.source import Source
from corpus_tools.ingest.threads import add_threads
from corpus_tools.standoff import visible_part
from corpus_tools.validate import validate
from rows_ingesting import empty_corpus, texts_of

NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
HEAD = "id,thread,parent,author,time,text\n"


def batched(entries, sizes=(10_000,)):
    """`Rows` of dicts, in batches of some sizes."""
    frame = pl.DataFrame([{name: entry.get(name) for name in SCHEMA} for entry in entries], schema=SCHEMA)

    def batches():
        begin = 0
        for size in [*sizes, max(frame.height, 1)]:
            if begin < frame.height:
                yield frame[begin : begin + size]
            begin += size

    return Rows(batches)


def entry(key, thread=None, *, kind="comment", text="Words.", **more):
    return {"kind": kind, "key": key, "thread": thread, "locator": key, "text": text, **more}


def added(corpus, entries, sizes=(10_000,), keep=frozenset()):
    """What `add_rows` makes of entries: the texts as dicts, the result, the losses."""
    losses = Losses()
    with tempfile.TemporaryDirectory() as out:
        made = add_rows(
            batched(entries, sizes),
            Known(Folder(corpus)),
            losses,
            source_id="s",
            keep=keep,
            form="table",
            out=Path(out),
        )
        texts = [] if made.texts_file is None else pl.read_csv(made.texts_file, infer_schema=False).rows(named=True)
        assert {path.name for path in Path(out).iterdir()} <= {"texts.csv"}
    return texts, made, {category: counts for category, counts in losses.counts.items() if counts}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """An empty corpus that nothing is written to."""
    return empty_corpus(tmp_path_factory.mktemp("corpus"))


def places(texts):
    return [(text["source_locator"], text["thread_id"], text["position"], text["parent_id"]) for text in texts]


def test_texts_are_numbered_and_placed_thread_by_thread_however_their_rows_are_mixed(corpus):
    entries = [entry("b1", "b"), entry("a1", "a"), entry("b2", "b", parent="b1"), entry("a2", "a", parent="a1")]
    texts, made, _ = added(corpus, entries, sizes=(1, 2))
    assert [text["text_id"] for text in texts] == ["c1", "c2", "c3", "c4"]
    assert places(texts) == [
        ("b1", "s-b", "1", None),
        ("b2", "s-b", "2", "c1"),
        ("a1", "s-a", "1", None),
        ("a2", "s-a", "2", "c3"),
    ]
    assert [thread["thread_id"] for thread in made.threads] == ["s-b", "s-a"]


def test_a_source_in_another_order_is_sorted_in_pieces_on_the_disk(corpus, monkeypatch):
    entries = [entry(f"{i % 7}-{i}", str(i % 7), text=f"Words {i}.") for i in range(500)]
    whole = added(corpus, entries)[0]
    monkeypatch.setattr(rows, "PIECE", 100)
    assert added(corpus, entries, sizes=(13, 200, 1))[0] == whole
    assert [text["text_id"] for text in whole] == [f"c{i + 1}" for i in range(500)]


def test_the_article_stands_at_0_under_its_title_wherever_its_row_is(corpus):
    entries = [entry("1", "t"), entry("t", "t", kind="article", title=" A\ttitle ", url="http://x.org/", text="Body.")]
    texts, made, losses = added(corpus, entries)
    assert [(text["kind"], text["position"], text["text"]) for text in texts] == [
        ("article", "0", "A title\n\nBody."),
        ("comment", "1", "Words."),
    ]
    assert made.threads == [{"thread_id": "s", "title": "A title", "url": "http://x.org/"}]
    assert "titles of threads" not in losses["missing"]


def test_comments_stand_by_their_times_only_where_each_of_the_thread_has_one(corpus):
    late = NOON + datetime.timedelta(hours=1)
    timed = [entry("1", "a", posted_at=late), entry("2", "a", posted_at=NOON)]
    half = [entry("3", "b", posted_at=late), entry("4", "b", posted_at=NOON), entry("5", "b")]
    texts, _, losses = added(corpus, timed + half)
    assert [text["source_locator"] for text in texts] == ["2", "1", "3", "4", "5"]
    assert texts[0]["posted_at"] == "2020-01-01T12:00:00Z"
    assert losses["missing"]["times of comments"] == 1


def test_an_answer_that_comes_first_stands_behind_what_it_answers(corpus):
    entries = [entry("3", parent="2"), entry("2", parent="1"), entry("0"), entry("1")]
    texts, _, losses = added(corpus, entries)
    assert places(texts) == [
        ("0", "s", "1", None),
        ("1", "s", "2", None),
        ("2", "s", "3", "c2"),
        ("3", "s", "4", "c3"),
    ]
    assert "lost" not in losses


def test_one_answer_that_comes_first_moves_nothing_but_itself(corpus):
    entries = [
        entry("1"),
        entry("2"),
        entry("3", parent="1"),
        entry("5", parent="4"),
        entry("4", parent="1"),
        entry("6"),
    ]
    assert [text["source_locator"] for text in added(corpus, entries)[0]] == ["1", "2", "3", "4", "5", "6"]


def test_answers_in_a_circle_lose_what_they_answer_and_stand_last(corpus):
    circle = [entry("a", parent="c"), entry("b", parent="a"), entry("c", parent="b"), entry("d", parent="b")]
    texts, _, losses = added(corpus, [entry("x", parent="x"), *circle, entry("e")])
    assert [(text["source_locator"], text["parent_id"]) for text in texts] == [
        ("e", None),
        ("x", None),
        ("a", None),
        ("b", None),
        ("c", None),
        ("d", None),
    ]
    assert losses["lost"] == {"answers that answer each other in a circle: what they answer": 5}


def test_what_answers_another_thread_or_what_is_left_out_loses_its_parent_which_is_counted(corpus):
    entries = [
        entry("1", "a", kind="spam"),
        entry("2", "a", parent="1"),
        entry("3", "b", parent="2"),
        entry("4", "b", parent="nowhere"),
    ]
    texts, made, losses = added(corpus, entries)
    assert [text["parent_id"] for text in texts] == [None, None, None]
    assert losses["lost"] == {"answers to what is left out or not in the source: what they answer": 3}
    assert losses["dropped"] == {"entries held to be spam": 1}
    assert made.n_entries == {"comment": 3, "spam": 1}
    assert [text["parent_id"] for text in added(corpus, entries, keep=frozenset(["spam"]))[0]][:2] == [None, "o1"]


def test_doubles_and_entries_without_words_are_left_out_and_counted(corpus):
    entries = [
        entry("t", "t", kind="article", text=None, title="T"),
        entry("u", "t", kind="article", text="Body."),
        entry("v", "t", kind="article", text="Another."),
        entry("1", "t", text="First."),
        entry("1", "t", text="Second."),
        entry("2", "t", text=None),
        entry("3", "t", kind="deleted", text=None),
        entry("4", "t", text=" \ufeff"),
    ]
    texts, _, losses = added(corpus, entries, keep=frozenset(["deleted"]))
    assert [(text["kind"], text["text"]) for text in texts] == [
        ("article", "Body."),
        ("comment", "First."),
        ("deleted", None),
        ("comment", ""),
    ]
    assert losses["dropped"] == {
        "articles without words in the source": 1,
        "comments without words in the source": 1,
        "articles of a thread that has one before them": 1,
        "entries with the id of one before them": 1,
    }
    assert losses["doubtful"] == {"comments without words": 1}


def test_a_comment_may_have_the_id_of_the_article_which_is_then_the_one_that_is_answered(corpus):
    entries = [entry("1", kind="article", title="T"), entry("1"), entry("2", parent="1")]
    texts, _, _ = added(corpus, entries)
    assert [text["parent_id"] for text in texts] == [None, None, "c1"]
    assert [text["parent_id"] for text in added(corpus, [entries[0], entries[2]])[0]] == [None, "a1"]


def test_authors_are_told_apart_by_handle_then_by_name(corpus):
    entries = [
        entry("1", name="Jo  Smith\ufeff", handle="u1"),
        entry("2", name="Jo S.", handle="u1"),
        entry("3", name="Jo Smith"),
        entry("4"),
        entry("5", name=" "),
    ]
    texts, made, losses = added(corpus, entries)
    assert [text["author_id"] for text in texts] == ["u1", "u1", "jo-smith", None, None]
    assert made.new_authors == ("Jo Smith", "Jo Smith")
    assert losses["missing"]["authors of comments"] == 2


def test_what_comments_say_of_their_thread_is_taken_only_where_all_say_the_same(corpus):
    entries = [
        entry("1", "a", title="Same", url="http://x.org/a#1"),
        entry("2", "a", title="Same", url="http://x.org/a#2"),
        entry("3", "b", title="One"),
        entry("4", "b", title="Other", url="http://x.org/b"),
    ]
    _, made, losses = added(corpus, entries, sizes=(1, 1, 1))
    assert [(thread["title"], thread["url"]) for thread in made.threads] == [("Same", None), (None, "http://x.org/b")]
    assert losses["lost"] == {
        "threads whose comments have different titles: these titles": 1,
        "threads whose comments have different addresses: these addresses": 1,
    }


def test_rows_without_a_thread_beside_rows_with_one_are_to_be_looked_at(corpus):
    _, made, losses = added(corpus, [entry("1", "a"), entry("2"), entry("3")])
    assert [thread["thread_id"] for thread in made.threads] == ["s-a", "s-2"]
    assert losses["doubtful"] == {"entries that name no thread, taken for one thread together": 2}


def test_no_rows_give_no_texts(corpus):
    texts, made, _ = added(corpus, [])
    assert texts == []
    assert made.n_read == 0


TREES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(-2, 12),
        st.sampled_from(["comment", "comment", "comment", "spam", "deleted"]),
        st.sampled_from(["Jo", "Max", None]),
        st.sampled_from(["Words.", "More\n \n\nwords", "", None]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(tree=TREES, titled=st.booleans(), sizes=st.lists(st.integers(1, 5), max_size=3))
def test_rows_give_the_texts_that_the_same_threads_give(corpus, tree, titled, sizes):
    entries = [
        entry(str(i), str(thread), kind=kind, name=name, text=text, parent=None if parent < 0 else str(parent))
        for i, (thread, parent, kind, name, text) in enumerate(tree)
    ]
    threads = []
    for key in dict.fromkeys(one["thread"] for one in entries):
        own = [one for one in entries if one["thread"] == key]
        threads.append(
            ReadThread(
                title="Title" if titled else None,
                key=key,
                article=ReadText(headed("Title", plain_body("Body.")).text, key="a", locator="a") if titled else None,
                comments=tuple(
                    ReadText(
                        None if one["text"] is None else plain_body(one["text"]).text,
                        name=one["name"],
                        key=one["key"],
                        locator=one["locator"],
                        parent=one["parent"],
                        kind=one["kind"],
                    )
                    for one in own
                ),
            )
        )
    articles = [entry("a", one.key, kind="article", title="Title", text="Body.") for one in threads if titled]
    reader = Reader("table", "", "", lambda _: None, read=lambda _: threads)
    reading = Reading(Source(Path(__file__)))
    expected = add_threads(reader, reading, Known(Folder(corpus)), source_id="s", keep=frozenset(["spam"]))
    texts, made, losses = added(corpus, [*articles, *entries], sizes, keep=frozenset(["spam"]))
    # Threads of which nothing is kept are none here.
    kept = {row["thread_id"] for row in expected.texts}
    alone = len(threads) == 1 or len({one["thread"] for one in entries}) == len(kept)
    called = {row["text_id"]: row["source_locator"] for row in expected.texts}
    found = {text["text_id"]: text["source_locator"] for text in texts}
    if alone:
        assert sorted(
            (row["thread_id"], row["kind"], row["author_id"], called.get(row["parent_id"], ""), row["source_locator"])
            for row in map(_plain, expected.texts)
        ) == sorted(
            (row["thread_id"], row["kind"], row["author_id"], found.get(row["parent_id"], ""), row["source_locator"])
            for row in map(_plain, texts)
        )
    position = {text["text_id"]: int(text["position"]) for text in texts}
    for text in texts:
        assert text["parent_id"] is None or position[text["parent_id"]] < position[text["text_id"]]
    if alone and all(one["parent"] is None or int(one["parent"]) < int(one["key"]) for one in entries):
        assert [(row["text_id"], row["position"], row["text"]) for row in expected.texts] == [
            (text["text_id"], int(text["position"]), text["text"]) for text in texts
        ]
    counts = {category: dict(reasons) for category, reasons in reading.losses.counts.items() if reasons}
    for category in ("dropped", "lost"):
        assert losses.get(category, {}) == counts.get(category, {})
    assert made.n_entries == expected.n_entries
    assert made.n_written == expected.n_written


def _plain(row):
    return {name: value or "" for name, value in row.items()}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "b c", "\n", " ", "\r", "\r\n", "\u2028", "\x85", "\x0b", "\ufeff", "\t", "\x00", "é😀"])
    )
)
def test_columns_are_cleaned_as_single_texts_are(parts):
    text = "".join(parts)
    frame = pl.DataFrame({"t": [text]}).select(cleaned(pl.col("t")).alias("c"), on_one_line(pl.col("t")).alias("l"))
    made, line = frame.row(0)
    assert (line or "") == one_line(text)
    if "\ufeff" not in text:
        assert made == plain_body(text).text
    assert not made or visible_part(made, 0, len(made)) == (0, len(made))


TIMES = {
    "2020-01-01T12:00:00Z": NOON,
    "2020-01-01 14:00:00.000+02:00": NOON,
    "2020-01-01T14:00:00 +0200": NOON,
    "2020-01-01T06:30-0530": NOON,
    "2020-01-01 12:00:00 UTC": NOON,
    "Wed, 01 Jan 2020 12:00:00 +0000": NOON,
    "1577880000": NOON,
    "1577880000.0": NOON,
    "1577880000000": NOON,
    "1577880000000000": NOON,
    "2020-01-01T12:00:00.5Z": NOON + datetime.timedelta(milliseconds=500),
    "2020-01-01": None,
    "20200101": None,
    "2020-01-01 12:00:00": None,
    "2020-13-01T12:00:00Z": None,
    "01/02/2020 10:00": None,
    "2 years ago": None,
    "1901-01-01T12:00:00Z": None,
    "99999999999999999": None,
    "": None,
    "0000-00-00 00:00:00": None,
}


def reading(zone=None):
    return Reading(Source(Path(__file__)), zone=zone)


@pytest.mark.parametrize("shown", TIMES)
def test_times_are_read_as_absolute_or_not_at_all(shown):
    assert times(pl.Series([shown]), reading()).to_list() == [TIMES[shown]]


def test_every_time_that_is_not_read_is_counted_once_for_each_row():
    given = reading()
    assert times(pl.Series([*TIMES, "2 years ago", None]), given).count() == 11
    assert given.losses.counts["missing"] == {
        "times, because they cannot be read": 4,
        "times of day, where a day is given": 2,
        "times, because they lie before 1970 or after 2099": 2,
        "times, because they name no zone (give one with --zone)": 1,
    }


def test_times_of_a_zone_and_of_typed_columns_are_read_too():
    import zoneinfo

    berlin = reading(zoneinfo.ZoneInfo("Europe/Berlin"))
    naive = datetime.datetime(2020, 1, 1, 13)
    assert times(pl.Series(["2020-01-01 13:00:00"]), berlin).to_list() == [NOON]
    assert times(pl.Series([naive]), berlin).to_list() == [NOON]
    assert times(pl.Series([NOON]), reading()).to_list() == [NOON]
    assert times(pl.Series([naive]), reading()).to_list() == [None]
    assert times(pl.Series([1577880000, None]), reading()).to_list() == [NOON, None]
    assert times(pl.Series([1577880000.25, float("nan")]), reading()).count() == 1
    assert times(pl.Series([20200131, 2020]), reading()).to_list() == [None, None]
    fixed = reading(datetime.timezone(datetime.timedelta(hours=1)))
    assert times(pl.Series(["2020-01-01 13:00:00"]), fixed).to_list() == [NOON]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30), st.sampled_from(list(TIMES)), st.integers().map(str))))
def test_any_cells_give_times_or_none(cells):
    found = times(pl.Series(cells, dtype=pl.String), reading())
    assert found.len() == len(cells)
    assert found.dtype == SCHEMA["posted_at"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20)), max_size=20))
def test_whatever_answers_what_an_answer_stands_behind_it(pairs):
    numbers = {t: number for number, t in enumerate(dict.fromkeys(t for t, _ in pairs))}
    frame = pl.DataFrame(
        [(numbers[t], "comment", i, parent, None) for i, (t, parent) in enumerate(pairs)],
        schema={
            "t": pl.UInt32,
            "kind": pl.String,
            "key": pl.UInt32,
            "parent": pl.UInt32,
            "posted_at": SCHEMA["posted_at"],
        },
        orient="row",
    )
    made = placed(frame)
    rows_ = made.entries.rows(named=True)
    assert sorted(row["key"] for row in rows_) == sorted(frame["key"])
    for number, (row, answered, circle) in enumerate(zip(rows_, made.answered, made.in_circle, strict=True)):
        if answered == NONE:
            there = any(one["t"] == row["t"] and one["key"] == row["parent"] for one in rows_)
            assert circle or not there
        else:
            assert answered < number
            assert rows_[answered]["key"] == row["parent"]


def test_a_chain_of_thousands_from_last_to_first_is_put_in_order(corpus):
    n = 5000
    entries = [entry(str(i), parent=str(i + 1) if i + 1 < n else None) for i in range(n)]
    texts, _, _ = added(corpus, entries)
    assert [text["source_locator"] for text in texts] == [str(i) for i in reversed(range(n))]


def written(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def test_a_later_export_adds_what_is_new_behind_what_is_there(tmp_path):
    corpus = empty_corpus(tmp_path)
    first = HEAD + "1,a,,Jo,,One\n2,a,1,Max,,Two\n5,b,,Jo,,Five\n"
    ingest(written(tmp_path / "first.csv", first), into=corpus)
    more = HEAD + "0,a,,Ann,,Zero\n1,a,,Jo,,One changed\n2,a,1,Max,,Two\n3,a,2,Jo,,Three\n5,b,,Jo,,Five\n6,c,,Jo,,Six\n"
    report = ingest(written(tmp_path / "second.csv", more), into=corpus)
    assert validate(corpus) == []
    assert [
        (text["text_id"], text["thread_id"], text["position"], text["parent_id"], text["text"])
        for text in texts_of(corpus, "second")
    ] == [
        ("c4", "first-a", "3", None, "Zero"),
        ("c5", "first-a", "4", "c2", "Three"),
        ("c6", "second-c", "1", None, "Six"),
    ]
    assert report.added.n_known == 3
    assert report.losses.counts["doubtful"]["texts that differ from what was ingested before, kept as they were"] == 1
    assert report.new_authors == ("Ann",)


def test_rows_without_ids_are_known_by_author_and_words_each_once(tmp_path):
    corpus = empty_corpus(tmp_path)
    head = "url,author,text\n"
    rows_ = "http://x.org/1,Jo,Same\nhttp://x.org/1,Jo,Same\nhttp://x.org/1,Max,Same\n"
    ingest(written(tmp_path / "first.csv", head + rows_), into=corpus)
    again = head + "http://x.org/1,Ann,New\n" + rows_ + "http://x.org/1,Jo,Same\n"
    report = ingest(written(tmp_path / "second.csv", again), into=corpus)
    assert [(text["position"], text["author_id"], text["text"]) for text in texts_of(corpus, "second")] == [
        ("4", "ann", "New"),
        ("5", "jo", "Same"),
    ]
    assert report.n_threads == 0
    assert validate(corpus) == []


def test_an_article_is_known_by_its_id_and_title_and_gains_comments(tmp_path):
    corpus = empty_corpus(tmp_path)
    head = "id,thread,kind,title,text\n"
    ingest(written(tmp_path / "first.csv", head + "a,t,article,Ducks,Body\n1,t,comment,,One\n"), into=corpus)
    second = head + "a,t,article,Ducks,Body\n1,t,comment,,One\n2,t,comment,,Two\na,u,article,Geese,Body\n"
    ingest(written(tmp_path / "second.csv", second), into=corpus)
    assert [(text["thread_id"], text["position"], text["text"]) for text in texts_of(corpus, "second")] == [
        ("first", "2", "Two"),
        ("second-u", "0", "Geese\n\nBody"),
    ]
    assert validate(corpus) == []
    report = ingest(written(tmp_path / "third.csv", second + "\n\n"), into=corpus)
    assert report.added.n_texts == 0
    assert not (corpus / "texts/third.csv").exists()


def test_an_article_without_an_id_is_known_by_its_words(tmp_path):
    corpus = empty_corpus(tmp_path)
    head = "id,article,headline,text\n"
    ingest(written(tmp_path / "first.csv", head + "1,Body,Ducks,One\n"), into=corpus)
    ingest(written(tmp_path / "second.csv", head + "1,Body,Ducks,One\n2,Body,Ducks,Two\n"), into=corpus)
    assert [(text["thread_id"], text["position"], text["text"]) for text in texts_of(corpus, "second")] == [
        ("first", "2", "Two")
    ]
    assert validate(corpus) == []


def test_pseudonyms_stand_for_names_in_rows_too(tmp_path):
    corpus = empty_corpus(tmp_path)
    source = written(tmp_path / "first.csv", HEAD + "1,a,,Jo Drake,,One\n2,a,1,Max,,@Jo Drake no\n")
    ingest(source, into=corpus, pseudonymise=tmp_path / "key")
    assert validate(corpus) == []
    everything = "".join(path.read_text(encoding="utf-8") for path in sorted(corpus.rglob("*.csv")))
    assert "Drake" not in everything
    assert not (corpus / "sources/first.csv").exists()


def test_nobody_becomes_an_author_for_a_text_that_is_there(tmp_path):
    corpus = empty_corpus(tmp_path)
    ingest(written(tmp_path / "first.csv", HEAD + "1,a,,Jo,,One\n2,a,,,,Two\n"), into=corpus)
    report = ingest(written(tmp_path / "second.csv", HEAD + "1,a,,Jo Renamed,,One\n3,a,,Ann,,Two\n"), into=corpus)
    assert report.new_authors == ("Ann",)
    assert [(text["source_locator"], text["author_id"]) for text in texts_of(corpus, "second")] == [("3", "ann")]


def test_two_threads_of_a_source_that_are_one_of_the_corpus_share_its_places(tmp_path):
    corpus = empty_corpus(tmp_path)
    head = "id,thread,url,text\n"
    ingest(written(tmp_path / "first.csv", head + "1,a,http://x.org/1,One\n"), into=corpus)
    more = head + "2,b,http://x.org/1,Two\n3,c,https://www.x.org/1/,Three\n4,b,http://x.org/1,Four\n"
    ingest(written(tmp_path / "second.csv", more), into=corpus)
    assert [(text["thread_id"], text["position"], text["text"]) for text in texts_of(corpus, "second")] == [
        ("first", "2", "Two"),
        ("first", "3", "Four"),
        ("first", "4", "Three"),
    ]
    assert validate(corpus) == []


def test_the_words_of_another_form_are_known_by_author_and_words(tmp_path):
    corpus = empty_corpus(tmp_path)
    downloaded = "cid,text,time,author,channel,votes,video_id,video_title,webpage_url\n"
    row = "Ug1,One,1 year ago,Jo,,0,v,T,http://x.org/1\n"
    ingest(written(tmp_path / "first.csv", downloaded + row), into=corpus)
    other = "id,url,author,text\n9,http://x.org/1,Jo,One\n10,http://x.org/1,Jo,One\n"
    report = ingest(written(tmp_path / "second.csv", other), into=corpus, form="table")
    assert report.added.n_known == 1
    assert [text["source_locator"] for text in texts_of(corpus, "second")] == ["10"]


def test_tables_that_only_count_alike_are_two_threads(tmp_path):
    corpus = empty_corpus(tmp_path)
    head = "id,author,text\n"
    ingest(written(tmp_path / "apples.csv", head + "1,Jo,Red\n2,Max,Green\n3,Jo,Ripe\n"), into=corpus)
    report = ingest(written(tmp_path / "pears.csv", head + "1,Jo,Soft\n2,Ann,Hard\n3,Jo,Ripe\n"), into=corpus)
    assert (report.n_threads, report.n_comments, report.added.n_known) == (1, 3, 0)
    assert validate(corpus) == []


def test_neither_an_article_nor_a_number_of_another_form_is_taken_for_a_comment(tmp_path):
    corpus = empty_corpus(tmp_path)
    (tmp_path / "first.csv").write_text("id,kind,title,text,url\n17,article,Ducks,Body,http://x.org/1\n")
    ingest(tmp_path / "first.csv", into=corpus)
    again = "id,kind,title,text,url\n17,article,Ducks,Body,http://x.org/1\n017,comment,,One,http://x.org/1\n"
    ingest(written(tmp_path / "second.csv", again), into=corpus)
    more = "id,url,text\n17,http://x.org/1,Two\n017,http://x.org/1,One changed\n"
    report = ingest(written(tmp_path / "third.csv", more), into=corpus)
    assert (report.n_comments, report.added.n_known) == (1, 1)
    downloaded = "cid,text,time,author,channel,votes,video_id,video_title,webpage_url\n"
    rows_ = "17,Three,1 year ago,Jo,,0,v,T,http://x.org/1\nUg017,Four,1 year ago,Jo,,0,v,T,http://x.org/1\n"
    assert ingest(written(tmp_path / "fourth.csv", downloaded + rows_), into=corpus).n_comments == 2
    other = "id,url,author,text\nUg017,http://x.org/1,Jo,Four changed\nUg018,http://x.org/1,Jo,Four\n"
    report = ingest(written(tmp_path / "fifth.csv", other), into=corpus, form="table")
    assert (report.n_comments, report.added.n_known) == (1, 1)
    assert validate(corpus) == []
