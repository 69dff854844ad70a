"""Tables of comments: which column is which, how text is divided into cells, and what is no table."""

import codecs
import datetime
import gzip
import json
import zipfile

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.table import recognise
from corpus_tools.ingest.parts.tables import frames, table_of
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES, reading_of
from rows_ingesting import column, empty_corpus, read_rows, texts_of

COMMENTS = FIXTURES / "table/comments.csv"
POSTS = FIXTURES / "table/posts.jsonl"
NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)


def written(tmp_path, content, name="t.csv"):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8", newline="")
    return path


def read(tmp_path, content, name="t.csv", **options):
    return read_rows(written(tmp_path, content, name), "table", **options)


def test_usual_names_are_taken_and_said_and_other_columns_counted_as_lost():
    rows, losses = read_rows(COMMENTS)
    assert column(rows, "locator") == ["12", "13", "14", "15", "16"]
    assert column(rows, "thread") == ["a1", "a1", "a1", "b2", "b2"]
    assert column(rows, "name") == ["Jo Smith", "Åsa", "Jo Smith", "Max", "Ann"]
    assert column(rows, "title")[0] == "Ducks"
    assert rows[0]["text"] == 'First, line\n\nwith "quotes"'
    assert losses["lost"] == {"columns of the table: likes": 1}
    [(reason, n)] = losses["doubtful"].items()
    assert (n, "'body' for text, 'comment_id' for id" in reason) == (6, True)


def test_a_parent_that_a_spreadsheet_made_a_decimal_number_is_the_id_it_was():
    assert column(read_rows(COMMENTS)[0], "parent") == [None, "12", "99", "16", None]


def test_times_are_taken_where_they_are_absolute():
    rows, losses = read_rows(COMMENTS)
    assert [time and time.isoformat() for time in column(rows, "posted_at")] == [
        "2020-01-02T03:04:05+00:00",
        "2020-01-02T01:05:05+00:00",
        "2020-01-02T03:04:05+00:00",
        None,
        None,
    ]
    assert losses["missing"] == {"times of day, where a day is given": 1}


def test_a_table_becomes_a_sound_corpus(tmp_path):
    corpus = empty_corpus(tmp_path)
    report = ingest(COMMENTS, into=corpus)
    assert report.form == "table"
    assert validate(corpus) == []
    assert [
        (row["thread_id"], row["position"], row["parent_id"], row["author_id"]) for row in texts_of(corpus, "comments")
    ] == [
        ("comments-a1", "1", None, "jo-smith"),
        ("comments-a1", "2", "c1", "asa"),
        ("comments-a1", "3", None, "jo-smith"),
        ("comments-b2", "1", None, "ann"),
        ("comments-b2", "2", "c4", "max"),
    ]


def test_json_lines_are_mapped_by_paths_and_bad_lines_counted(tmp_path):
    rows, losses = read_rows(POSTS, "table", mapping={"author": "user.name"})
    assert column(rows, "kind") == ["article", "comment", "comment"]
    assert column(rows, "name") == ["Ann", "Jo", None]
    assert column(rows, "text") == ["Of ducks.", "Quack😀", "Buy"]
    assert column(rows, "posted_at") == [None, NOON, None]
    assert column(rows, "parent") == [None, "p1", "q1"]
    assert losses["doubtful"]["entries of an unknown kind, taken for comments"] == 1
    assert losses["dropped"] == {"lines that are no JSON objects (the first is line 3)": 1}
    assert losses["lost"] == {"columns of the table: user, extra": 2}
    corpus = empty_corpus(tmp_path)
    ingest(POSTS, into=corpus, mapping={"author": "user.name"})
    assert validate(corpus) == []
    assert [(row["text"], row["parent_id"]) for row in texts_of(corpus, "posts")] == [
        ("Ducks\n\nOf ducks.", None),
        ("Quack😀", "a1"),
        ("Buy", "c1"),
    ]


ROWS = "text,id,author\nOne; two,1,Jo\n"
DIALECTS = {
    "commas": ROWS,
    "semicolons": 'text;id;author\n"One; two";1;Jo\n',
    "tabs": "text\tid\tauthor\nOne; two\t1\tJo\n",
    "pipes": "text|id|author\nOne; two|1|Jo\n",
    "all quoted": '"text","id","author"\n"One; two","1","Jo"\n',
    "a mark": "\ufeff" + ROWS,
    "a mark before a quotation": '\ufeff"text","id","author"\n"One; two","1","Jo"\n',
    "line ends of DOS": ROWS.replace("\n", "\r\n"),
    "line ends of the Mac": ROWS.replace("\n", "\r"),
    "no line end": ROWS.rstrip(),
    "empty lines": "\n" + ROWS.replace("\n", "\n\n"),
    "blanks behind commas": 'text, id, author\n"One; two", 1, "Jo"\n',
    "a hint for Excel": "sep=;\n" + 'text;id;author\n"One; two";1;Jo\n',
    "capitals and blanks": "Text, ID , Author\nOne; two,1,Jo\n",
}


@pytest.mark.parametrize("content", DIALECTS.values(), ids=DIALECTS)
def test_a_table_is_read_in_any_usual_dialect(tmp_path, content):
    [row] = read(tmp_path, content)[0]
    assert (row["text"], row["locator"], row["name"]) == ("One; two", "1", "Jo")
    assert table_of(Source(written(tmp_path, content))) is not None


ENCODED = "text,author\nÅl och ænder,Åsa\n"


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        (ENCODED.encode(), {}),
        (codecs.BOM_UTF16_LE + ENCODED.encode("utf-16-le"), {}),
        (codecs.BOM_UTF16_BE + ENCODED.encode("utf-16-be"), {}),
        (gzip.compress(ENCODED.encode()), {}),
        (ENCODED.encode("windows-1252"), {"files of no declared encoding, read as windows-1252": 1}),
    ],
    ids=["utf-8", "utf-16-le", "utf-16-be", "gzip", "windows-1252"],
)
def test_a_table_is_read_in_any_usual_encoding(tmp_path, raw, repaired):
    [row], losses = read(tmp_path, raw)
    assert (row["text"], row["name"]) == ("Ål och ænder", "Åsa")
    assert losses.get("repaired", {}) == repaired


def test_one_broken_byte_does_not_make_another_encoding_of_the_rest(tmp_path):
    [row], losses = read(tmp_path, ENCODED.encode().replace(b"och", b"o\xffch"))
    assert row["text"] == "Ål o\ufffdch ænder"
    assert losses["repaired"] == {"bytes that are no utf-8, read as U+FFFD": 1}


def test_backslashes_before_quotation_marks_are_understood_where_that_makes_the_rows_even(tmp_path):
    rows, _ = read(tmp_path, 'id,text,author\n1,"He said \\"hi\\", and left",Jo\n2,"Yes",Max\n')
    assert column(rows, "text") == ['He said "hi", and left', "Yes"]
    assert column(rows, "name") == ["Jo", "Max"]


def test_the_head_is_the_first_row_and_what_has_no_id_is_called_by_its_row(tmp_path):
    rows, _ = read(tmp_path, 'text\n"a\nb"\n\nc\n')
    assert column(rows, "locator") == ["row=2", "row=3"]
    assert column(rows, "key") == [None, None]


def test_uneven_rows_are_counted_and_those_with_too_much_left_out(tmp_path):
    rows, losses = read(tmp_path, "id,text,author\n1,One,Jo\n2,Two\n3,Three,Max,more\n4,Four,Ann,\n")
    assert [(row["locator"], row["name"]) for row in rows] == [("1", "Jo"), ("2", None), ("4", "Ann")]
    assert losses["repaired"] == {"rows with fewer cells than the head has, filled up": 1}
    assert losses["dropped"] == {"rows with more cells than the head has": 1}


def test_a_quotation_mark_that_swallows_a_thousand_lines_is_to_be_looked_at(tmp_path):
    rows, losses = read(tmp_path, 'id,text\n1,"One\n' + "2,Two\n" * 1500)
    assert len(rows) == 1
    assert losses["doubtful"]["rows of more than 1,000 lines: is a quotation mark not closed?"] == 1


def test_a_cell_may_be_larger_than_any_piece_that_is_read(tmp_path):
    long = "word " * 2_000_000
    rows, _ = read(tmp_path, f'id,text\n1,"{long}"\n2,short\n')
    assert [len(row["text"]) for row in rows] == [len(long), 5]


REFUSED = {
    "no column of texts": ("id,who\n1,Jo\n", {}, "has no column that is called as texts are (text, body, "),
    "no head": ("1,Jo\n2,Max\n", {}, "If the first line is no head, write one above it"),
    "its columns": ("id,who\n1,Jo\n", {}, "its columns are: id, who. Say which is which with --map text=COLUMN"),
    "two of one name": ("text,text\n1,2\n", {}, "several columns called 'text'; give each a name of its own"),
    "mapped to nothing": (ROWS, {"text": "words"}, "has no column 'words' for text; its columns are: text, id, author"),
    "mapped from nothing": (ROWS, {"words": "text"}, "nothing here is called 'words'; what can be mapped: text, id, "),
    "no JSON": ('{"text": 1}\n'[1:], {}, "has no column that is called as texts are"),
    "a path in a table of cells": (ROWS, {"author": "user.name"}, "has no column 'user.name' for author"),
    "rows of another table": ("text,id\n1,2,3\n4,5,6\n", {}, "t.csv:2: has no row of 2 cells or fewer"),
    "binary": (b"\x00\x01\x02", {}, "is no table that can be read"),
    "nothing": (b"", {}, "is no table that can be read"),
    "broken Parquet": (b"PAR1 and no more", {}, "cannot be read as Parquet: "),
    "broken gzip": (gzip.compress(ROWS.encode() * 99)[:-20], {}, "ends before its packed content does"),
}


@pytest.mark.parametrize(("content", "mapping", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_with_what_would_work(tmp_path, content, mapping, message):
    with pytest.raises(IngestError) as caught:
        read(tmp_path, content, mapping=mapping)
    assert message in str(caught.value)


def test_columns_are_mapped_whatever_they_are_called(tmp_path):
    content = "words,who,text,page\nOne,Jo,no text,http://x.org/1\n"
    mapping = {"text": "Words", "name": "who", "thread": "page", "url": "page"}
    [row], losses = read(tmp_path, content, mapping=mapping)
    assert (row["text"], row["name"], row["thread"], row["url"]) == ("One", "Jo", "http://x.org/1", "http://x.org/1")
    assert losses == {"lost": {"columns of the table: text": 1}}


def test_the_words_of_an_article_in_each_row_make_one_article_a_thread(tmp_path):
    content = "thread,article,headline,text,parent,id\na,,A,One,,1\na,Body of a,A,Two,a,2\na,Body of a,A,Three,,3\nb,Body of b,B,Four,,4\n"
    rows, _ = read(tmp_path, content)
    assert [(row["kind"], row["thread"], row["text"]) for row in rows] == [
        ("comment", "a", "One"),
        ("article", "a", "Body of a"),
        ("comment", "a", "Two"),
        ("comment", "a", "Three"),
        ("article", "b", "Body of b"),
        ("comment", "b", "Four"),
    ]
    corpus = empty_corpus(tmp_path)
    ingest(tmp_path / "t.csv", into=corpus)
    assert validate(corpus) == []
    assert [(row["position"], row["text"], row["parent_id"]) for row in texts_of(corpus, "t")] == [
        ("0", "A\n\nBody of a", None),
        ("1", "One", None),
        ("2", "Two", "a1"),
        ("3", "Three", None),
        ("0", "B\n\nBody of b", None),
        ("1", "Four", None),
    ]


def test_what_names_the_thread_is_no_parent_where_there_are_no_articles(tmp_path):
    content = "id,link_id,parent_id,body\nx1,t3_ab,t3_ab,One\nx2,t3_ab,t1_x1,Two\n"
    rows, _ = read(tmp_path, content)
    assert column(rows, "parent") == [None, "x1"]


def test_0_answers_nothing_unless_an_entry_is_called_so(tmp_path):
    assert column(read(tmp_path, "id,parent,text\n1,0,a\n2,1,b\n")[0], "parent") == [None, "1"]
    assert column(read(tmp_path, "id,parent,text\n0,,a\n2,0,b\n3,None,c\n4,-1,d\n")[0], "parent") == [
        None,
        "0",
        None,
        None,
    ]


def test_marks_of_what_was_deleted_are_no_words_and_no_names(tmp_path):
    rows, _ = read(tmp_path, "author,text\n[deleted],[deleted]\nJo,[removed]\n[deleted],Words\n")
    assert [(row["kind"], row["name"], row["text"]) for row in rows] == [
        ("deleted", None, None),
        ("removed", "Jo", None),
        ("comment", None, "Words"),
    ]


def test_kinds_are_told_by_their_names(tmp_path):
    rows, _ = read(tmp_path, "kind,text\nPost,a\nreply,b\n,c\nspam,d\ntrackback,e\n")
    assert column(rows, "kind") == ["article", "comment", "comment", "spam", "trackback"]


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow"])
def test_typed_tables_keep_their_types(tmp_path, name):
    naive = datetime.datetime(2020, 1, 1, 12)
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "parent": [None, 1.0],
            "text": ["One", None],
            "time": [NOON, None],
            "tags": [[1], [2]],
            "author": [b"x", None],
        },
        schema_overrides={"text": pl.Categorical, "time": pl.Datetime("ms", "Europe/Berlin")},
    )
    path = tmp_path / name
    frame.write_parquet(path) if name.endswith("parquet") else frame.write_ipc(path)
    rows, losses = read_rows(path)
    assert [(row["locator"], row["parent"], row["text"], row["posted_at"], row["name"]) for row in rows] == [
        ("1", None, "One", NOON, "x"),
        ("2", "1", None, None, None),
    ]
    assert losses["lost"] == {"columns of the table: tags": 1}
    pl.DataFrame({"text": ["a"], "date": [naive]}).write_parquet(tmp_path / "naive.parquet")
    rows, losses = read_rows(tmp_path / "naive.parquet")
    assert (rows[0]["posted_at"], rows[0]["locator"]) == (None, "row=1")
    assert losses["missing"] == {"times, because they name no zone (give one with --zone)": 1}


def test_an_array_of_objects_is_a_table_too(tmp_path):
    value = [{"text": "One", "n": 1}, 7, {"body": "no text", "author": "Jo"}, {"text": "Two", "author": {"x": 1}}]
    rows, losses = read_rows(written(tmp_path, json.dumps(value), "t.json"))
    assert [(row["locator"], row["text"], row["name"]) for row in rows] == [
        ("/0", "One", None),
        ("/2", None, "Jo"),
        ("/3", "Two", None),
    ]
    assert losses["dropped"] == {"items of the array that are no objects": 1}
    assert losses["lost"] == {"columns of the table: n, body, author.x": 3}


def test_lines_are_objects_although_the_first_is_damaged_or_longer_than_the_head(tmp_path):
    long = json.dumps({"text": "word " * 50_000, "author": "Jo"})
    for first in ("{broken", long):
        rows, _ = read_rows(written(tmp_path, first + '\n{"text": "Two", "author": "Max"}\n', "t.jsonl"))
        assert rows[-1]["text"] == "Two"
    with pytest.raises(IngestError, match=r"t\.jsonl:2: holds no line that is a JSON object"):
        read(tmp_path, "\n{broken\n7\n", "t.jsonl")


def test_a_column_of_texts_alone_may_hold_commas(tmp_path):
    rows, losses = read(tmp_path, "text\nOne, two\nThree\n")
    assert column(rows, "text") == ["One, two", "Three"]
    assert losses == {}


def test_html_is_taken_as_it_is_and_said(tmp_path):
    rows, losses = read(tmp_path, "text,id\na &amp; b<br>c,1\n1 < 2 & 3,2\n")
    assert rows[0]["text"] == "a &amp; b<br>c"
    assert losses["doubtful"] == {"texts with tags or entities of HTML, taken as they are": 1}


def test_prose_and_other_forms_are_no_tables():
    for path in sorted(FIXTURES.rglob("*")):
        if path.is_file() and path.parent.name not in ("table", "youtube", "socc"):
            match = recognise(Source(path))
            assert match is None or choose(Source(path))[0].form != "table", path


def test_prose_with_commas_is_no_table(tmp_path):
    assert recognise(Source(written(tmp_path, "Title, of ducks\n\nText, body, and content.\n", "t.txt"))) is None
    assert recognise(Source(written(tmp_path, "<html><body>text,body</body></html>", "t.html"))) is None
    assert recognise(Source(written(tmp_path, '[{"x": 1}]', "t.json"))) is None
    assert recognise(Source(tmp_path)) is None
    assert choose(Source(COMMENTS))[0].form == "table"


def test_losses_are_counted_once_however_often_the_rows_are_read():
    reading = reading_of(COMMENTS)
    rows = choose(reading.source)[0].rows(reading)
    for _ in range(3):
        assert sum(frame.height for frame in rows.batches()) == 5
    assert reading.losses.counts["missing"] == {"times of day, where a day is given": 1}


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_a_table_it_gives_rows_or_an_error_of_ours(tmp_path_factory, data):
    path = data.draw(st.sampled_from([COMMENTS, POSTS]))
    raw = path.read_bytes()
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        more = data.draw(
            st.sampled_from(
                [b"", b'"', b"\n", b",", b"\x00", b"\xff", b"{", b"\r", raw[start:end] * 2, b"1e999", b"\xef\xbb\xbf"]
            )
        )
        raw = raw[:start] + more + raw[end:]
    mutated = tmp_path_factory.mktemp("t") / path.name
    mutated.write_bytes(raw)
    recognise(Source(mutated))
    try:
        rows, _ = read_rows(mutated, "table")
    except IngestError:
        return
    assert all(row["kind"] in ("article", "comment", "deleted", "removed") for row in rows)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("\ud800")),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=2), inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["text", "id", "parent", "author", "time", "kind", "thread", "article"]), VALUES
        )
    )
)
def test_objects_with_values_of_any_type_are_read(tmp_path_factory, objects):
    path = tmp_path_factory.mktemp("t") / "t.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")
    try:
        rows, _ = read_rows(path, "table")
    except IngestError:
        return
    assert len(rows) >= len(objects)


def test_the_rows_of_a_table_come_in_batches(tmp_path, monkeypatch):
    from corpus_tools.ingest.parts import tables

    monkeypatch.setattr(tables, "BATCH", 2)
    path = written(tmp_path, "text\n" + "a\n" * 5)
    table = table_of(Source(path))
    assert [frame.height for frame in frames(reading_of(path), table, ["text"])] == [2, 2, 1]


def test_columns_of_the_page_are_told_from_those_of_the_comment(tmp_path):
    content = (
        "name,author.name,link_title,link_permalink,link_url,link_id,permalink,body\n"
        "t1_x,Jo,Ducks,https://r.org/1/,https://ducks.org,t3_1,/r/a/1/x,One\n"
        "t1_y,Max,Ducks,https://r.org/1/,https://ducks.org,t3_1,/r/a/1/y,Two\n"
    )
    rows, losses = read(tmp_path, content)
    assert column(rows, "name") == ["Jo", "Max"]
    assert [(row["thread"], row["title"], row["url"]) for row in rows] == [("1", "Ducks", "https://r.org/1/")] * 2
    assert losses["lost"] == {"columns of the table: name, link_url, permalink": 3}


def test_a_table_with_posts_and_comments_in_columns_of_their_own_has_articles(tmp_path):
    content = "Post ID,Post Title,Post Text,Comment ID,Comment Text\np,Ducks,Of ducks.,1,One\np,Ducks,Of ducks.,2,Two\n"
    rows, _ = read(tmp_path, content)
    assert [(row["kind"], row["thread"], row["title"], row["text"]) for row in rows] == [
        ("article", "p", "Ducks", "Of ducks."),
        ("comment", "p", "Ducks", "One"),
        ("comment", "p", "Ducks", "Two"),
    ]


@pytest.mark.parametrize(("head", "threads"), [("article_url", ["a", "b"]), ("url", [None, None])])
def test_a_page_tells_threads_apart_where_nothing_else_does(tmp_path, head, threads):
    assert column(read(tmp_path, f"text,{head}\nOne,a\nTwo,b\n")[0], "thread") == threads


def test_a_column_of_types_is_taken_where_all_it_says_is_known(tmp_path):
    posts = [
        {"id": "t3_p", "postId": None, "body": "Of ducks.", "dataType": "post"},
        {"id": "t1_c", "postId": "t3_p", "parentId": "t3_p", "body": "Quack", "dataType": "comment"},
    ]
    rows, _ = read(tmp_path, json.dumps(posts), "t.json")
    assert [(row["kind"], row["thread"], row["key"], row["parent"]) for row in rows] == [
        ("article", "p", "p", None),
        ("comment", "p", "c", "p"),
    ]
    rows, losses = read(tmp_path, "text,type\nOne,post\nTwo,question\n")
    assert (column(rows, "kind"), losses) == (["comment"] * 2, {"lost": {"columns of the table: type": 1}})


def test_what_programs_write_for_nobody_is_nobody(tmp_path):
    rows, losses = read(tmp_path, "text,author,handle\nOne,None,nan\nTwo,nan,\nThree,Nan,n1\n")
    assert [(row["name"], row["handle"]) for row in rows] == [(None, None), (None, None), ("Nan", "n1")]
    assert losses["doubtful"] == {"authors called None, nan or null, taken for nobody": 2}


def test_objects_in_objects_are_columns_of_their_own(tmp_path):
    value = [{"text": "One", "user": {"name": "Jo", "id": 7}}, {"text": "Two", "user": {"name": "Max"}}]
    rows, losses = read(tmp_path, json.dumps(value), "t.json")
    assert (column(rows, "name"), losses["lost"]) == (["Jo", "Max"], {"columns of the table: user.id": 1})
    for name in ("t.parquet", "t.arrow"):
        frame = pl.DataFrame(value)
        frame.write_parquet(tmp_path / name) if name == "t.parquet" else frame.write_ipc(tmp_path / name)
        rows, losses = read_rows(tmp_path / name, "table")
        assert (column(rows, "name"), losses["lost"]) == (["Jo", "Max"], {"columns of the table: user.id": 1})


@pytest.mark.parametrize("name", ["t.json", "t.jsonl"])
def test_answers_may_stand_in_the_row_they_answer(tmp_path, name):
    value = [
        {
            "text": "One",
            "id": 7,
            "page_url": "p",
            "replies": [{"text": "a", "replies": [{"text": "b", "id": 9}]}, {"text": "c", "id": 8, "parent_id": 9}],
        },
        {"text": "Two", "id": 10, "page_url": "q", "replies": []},
    ]
    content = json.dumps(value) if name == "t.json" else "\n".join(map(json.dumps, value))
    rows, _ = read(tmp_path, content, name)
    first = "/0" if name == "t.json" else "row=1"
    place = f"{first}/replies/0"
    assert [(row["text"], row["locator"], row["parent"], row["thread"]) for row in rows] == [
        ("One", "7", None, "p"),
        ("a", place, "7", "p"),
        ("b", "9", place, "p"),
        ("c", "8", "9", "p"),
        ("Two", "10", None, "q"),
    ]


def test_an_id_is_what_an_answer_answers_whatever_its_type_and_place(tmp_path):
    value = [{"text": "One", "meta": {"id": 7.0}, "replies": [{"text": "a"}]}]
    rows, _ = read(tmp_path, json.dumps(value), "t.json", mapping={"id": "meta.id"})
    assert column(rows, "parent") == [None, "7"]
    assert rows[0]["key"] == "7"


def test_other_objects_listed_in_a_row_are_counted(tmp_path):
    value = [{"text": "One", "votes": [{"by": "a"}, {"by": "b"}], "replies": [{"body": "x"}], "tags": ["x"]}]
    rows, losses = read(tmp_path, json.dumps(value), "t.json")
    assert column(rows, "text") == ["One"]
    assert losses["lost"]["objects listed in rows under 'votes'"] == 2
    assert losses["lost"]["objects listed in rows under 'replies'"] == 1


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_may_stand_in_an_object(tmp_path, indent):
    value = {"meta": {"n": 2}, "comments": [{"body": "One"}, {"body": "Two"}]}
    path = written(tmp_path, json.dumps(value, indent=indent), "t.json")
    rows, _ = read_rows(path)
    assert [(row["text"], row["locator"]) for row in rows] == [("One", "/comments/0"), ("Two", "/comments/1")]


@pytest.mark.parametrize(
    "value", [{"text": "One", "replies": [{"text": "a"}]}, {"a": [{"text": "1"}], "b": [{"text": "2"}]}]
)
def test_an_object_with_words_of_its_own_or_two_arrays_is_no_table_of_either(tmp_path, value):
    assert table_of(Source(written(tmp_path, json.dumps(value), "t.json"))).under is None


def test_a_number_is_the_same_id_whatever_type_it_was_written_as(tmp_path):
    pl.DataFrame({"id": [12.0, 13.0], "parent": [None, 12.0], "text": ["a", "b"]}).write_parquet(tmp_path / "t.parquet")
    rows, _ = read_rows(tmp_path / "t.parquet")
    assert [(row["locator"], row["key"], row["parent"]) for row in rows] == [("12", "12", None), ("13", "13", "12")]


def test_bytes_are_text_where_they_are_utf_8_and_lists_are_none(tmp_path):
    pl.DataFrame({"text": ["Ärger".encode(), b"\xff"]}).write_parquet(tmp_path / "t.parquet")
    assert column(read_rows(tmp_path / "t.parquet")[0], "text") == ["Ärger", None]
    pl.DataFrame({"text": [["a"]], "id": [1]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(IngestError, match="has lists in its column 'text', and no texts"):
        read_rows(tmp_path / "t.parquet")


def test_columns_that_nobody_asks_for_may_have_one_name(tmp_path):
    assert column(read(tmp_path, "text,likes,likes\nOne,1,2\n")[0], "text") == ["One"]


def test_cells_of_a_missing_head_are_shortened_in_the_message(tmp_path):
    with pytest.raises(IngestError) as caught:
        read(tmp_path, f"{'w' * 99},{','.join(map(str, range(99)))}\n")
    assert f"its columns are: {'w' * 40}…, 0, 1," in str(caught.value)
    assert ", 28, and 70 more. Say which" in str(caught.value)


def test_an_archive_or_workbook_is_refused_with_what_would_work(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(IngestError, match="unpack it, or save its sheet as CSV"):
        read_rows(tmp_path / "t.xlsx", "table")


def test_what_has_no_row_at_all_is_no_table(tmp_path):
    (tmp_path / "t.csv").write_text("\n\n", encoding="utf-8")
    with pytest.raises(IngestError, match=r"t\.csv.*is no table that can be read"):
        read_rows(tmp_path / "t.csv", "table")
