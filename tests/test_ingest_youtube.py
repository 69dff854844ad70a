"""Comments on videos: every file that the API, downloaders and Takeout make of them."""

import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.youtube import recognise
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES
from rows_ingesting import column, empty_corpus, read_rows, texts_of

FOLDER = FIXTURES / "youtube"
FILES = sorted(FOLDER.iterdir())
NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)
AGO = "times, because the source has only how long ago it was"


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_file_is_recognised_and_becomes_a_sound_corpus(tmp_path, path):
    assert choose(Source(path))[0].form == "youtube"
    corpus = empty_corpus(tmp_path)
    report = ingest(path, into=corpus)
    assert validate(corpus) == []
    assert report.n_articles == 0
    assert report.n_comments == len(texts_of(corpus, report.source_id)) > 0


def test_no_file_of_another_form_is_taken():
    for path in sorted(FIXTURES.rglob("*")):
        if path.parent != FOLDER:
            assert recognise(Source(path)) is None, path


def test_the_collection_is_html_with_marks_at_the_ends_and_times_without_a_zone(tmp_path):
    rows, losses = read_rows(FOLDER / "collection.csv")
    assert column(rows, "locator") == ["z13abc", "z13abd", "_2viQ"]
    assert rows[1]["text"].strip("\ufeff ") == "Quack\nI don't know <3"
    assert column(rows, "posted_at") == [None, None, None]
    assert losses["missing"] == {"times, because they name no zone (give one with --zone)": 2}
    assert losses["lost"] == {"columns of the table: CLASS": 1}
    corpus = empty_corpus(tmp_path)
    ingest(FOLDER / "collection.csv", into=corpus, zone="UTC")
    texts = texts_of(corpus, "collection")
    assert [text["text"] for text in texts] == ["Nice pond", "Quack\nI don't know <3", "860,000,000 ducks!!"]
    assert [text["author_id"] for text in texts] == ["jo-drake", "ann", "max"]
    assert texts[0]["posted_at"] == "2015-05-29T02:30:18.971Z"


def test_takeout_gives_the_words_of_all_segments_and_the_channel_of_who_wrote():
    rows, losses = read_rows(FOLDER / "takeout.csv")
    assert column(rows, "text") == ["> Ducks\nand geese!", "An answer", "Plain words, {not} JSON"]
    assert column(rows, "parent") == [None, "UgyB", None]
    assert column(rows, "thread") == ["vid1", "vid1", "post1"]
    assert column(rows, "handle") == ["UCme", "UCme", "UCme"]
    assert column(rows, "name") == [None, None, None]
    assert rows[0]["posted_at"].isoformat() == "2023-04-14T07:39:35.956042+00:00"
    assert losses["lost"] == {"columns of the table: Price, Top-Level Comment ID": 2}


def test_a_downloader_knows_answers_by_their_ids_and_no_times():
    rows, losses = read_rows(FOLDER / "downloader.jsonl")
    assert column(rows, "text") == ["Fine ducks <3 & geese", "Indeed"]
    assert column(rows, "parent") == [None, "UgA"]
    assert column(rows, "handle") == ["UCjo", "UCann"]
    assert column(rows, "posted_at") == [None, None]
    assert losses["missing"] == {AGO: 2}


def test_a_response_of_the_api_gives_threads_with_their_answers():
    rows, losses = read_rows(FOLDER / "threads.json")
    assert [(row["key"], row["parent"], row["kind"], row["name"]) for row in rows] == [
        ("UgA", None, "comment", "@jo"),
        ("UgA.b1", "UgA", "comment", "@ann"),
        ("UgB", None, "spam", None),
    ]
    assert column(rows, "text") == ["Ducks & *geese*\nswim", "Quack", "It's spam"]
    assert column(rows, "thread") == ["vid1", "vid1", "vid1"]
    assert column(rows, "handle") == ["UCjo", "UCann", None]
    assert rows[0]["posted_at"] == NOON
    assert losses["missing"] == {"answers that the platform counts and the source does not have": 2}
    assert losses["dropped"] == {"entries that are no comments": 2}


def test_pages_of_responses_and_items_one_a_line_are_the_same(tmp_path):
    whole = json.loads((FOLDER / "threads.json").read_text(encoding="utf-8"))
    (tmp_path / "pages.json").write_text(json.dumps([whole, {"kind": "youtube#commentListResponse", "items": []}]))
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(one) + "\n" for one in whole["items"] if one))
    for name in ("pages.json", "items.jsonl"):
        rows, _ = read_rows(tmp_path / name)
        assert column(rows, "key") == ["UgA", "UgA.b1", "UgB"]


def test_answers_under_a_comment_answer_it_although_their_ids_do_not_say_so(tmp_path):
    top = {"id": "z13", "snippet": {"textDisplay": "One"}}
    thread = {"kind": "youtube#commentThread", "snippet": {"topLevelComment": top}}
    thread["replies"] = {"comments": [{"id": "z14", "snippet": {"textDisplay": "Two"}}]}
    (tmp_path / "t.json").write_text(json.dumps({"kind": "youtube#commentThreadListResponse", "items": [thread]}))
    assert column(read_rows(tmp_path / "t.json")[0], "parent") == [None, "z13"]


def test_a_description_of_a_video_names_its_thread():
    rows, losses = read_rows(FOLDER / "video.info.json")
    assert [(row["parent"], row["text"]) for row in rows] == [(None, "Nice\npond"), ("UgA", "Yes")]
    assert {row["title"] for row in rows} == {"A pond"}
    assert {row["url"] for row in rows} == {"https://www.youtube.com/watch?v=vid1"}
    assert losses["missing"] == {AGO: 2}


TABLES = {
    "flattened": "id,snippet.topLevelComment.snippet.videoId,snippet.topLevelComment.snippet.textDisplay,"
    "snippet.topLevelComment.snippet.authorDisplayName,snippet.topLevelComment.snippet.authorChannelId.value,"
    "snippet.topLevelComment.snippet.publishedAt\nUgA,vid1,It&#39;s<br>fine,Jo,UCjo,2020-01-01T12:00:00Z\n",
    "of the API": "commentId,videoId,textDisplay,authorDisplayName,authorChannelId,publishedAt\n"
    "UgA,vid1,It&#39;s<br>fine,Jo,UCjo,2020-01-01T12:00:00Z\n",
    "plain": 'comment_id,video_id,text_display,author_display_name,author_channel_id,published_at\nUgA,vid1,"It\'s\nfine",Jo,UCjo,2020-01-01T12:00:00Z\n',
    "data tools": "id,replyCount,likeCount,publishedAt,authorName,text,authorChannelId,authorChannelUrl,isReply,isReplyTo,isReplyToName\n"
    'UgA,0,0,2020-01-01T12:00:00Z,Jo,"It\'s\nfine",UCjo,http://x.org,0,,\n',
}


@pytest.mark.parametrize("content", TABLES.values(), ids=TABLES)
def test_tables_of_the_api_are_read_by_their_columns(tmp_path, content):
    (tmp_path / "t.csv").write_text(content, encoding="utf-8")
    [row], _ = read_rows(tmp_path / "t.csv")
    assert (row["key"], row["name"], row["handle"], row["text"]) == ("UgA", "Jo", "UCjo", "It's\nfine")
    assert row["posted_at"] == NOON


def test_a_table_of_data_tools_names_what_is_answered(tmp_path):
    head = TABLES["data tools"].partition("\n")[0]
    (tmp_path / "t.csv").write_text(f"{head}\nUgA,1,0,,Jo,One,UCjo,,0,,\nUgA.b,,0,,Ann,Two,UCann,,1,UgA,Jo\n")
    assert column(read_rows(tmp_path / "t.csv")[0], "parent") == [None, "UgA"]


def test_what_holds_no_comments_of_videos_is_refused(tmp_path):
    for name, content in (("t.txt", ""), ("t.csv", "a,b\n1,2\n"), ("t.html", "<html>")):
        (tmp_path / name).write_text(content)
        with pytest.raises(IngestError):
            read_rows(tmp_path / name, "youtube")


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_a_file_it_gives_rows_or_an_error_of_ours(tmp_path_factory, data):
    path = data.draw(st.sampled_from(FILES))
    raw = path.read_bytes()
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.integers(0, 40)))
        more = data.draw(
            st.sampled_from([b"", b'"', b"\n", b",", b"\x00", b"\xff", b"{", b"[1]", b"null", raw[start:end] * 2])
        )
        raw = raw[:start] + more + raw[end:]
    mutated = tmp_path_factory.mktemp("t") / path.name
    mutated.write_bytes(raw)
    recognise(Source(mutated))
    try:
        read_rows(mutated, "youtube")
    except IngestError:
        return


def test_what_a_downloader_writes_to_be_read_by_people_is_read(tmp_path):
    comments = [
        {"cid": "Ug1", "text": "Hi", "time": "1 year ago", "author": "@jo", "channel": "UC1", "votes": "0"},
        {"cid": "Ug1.9", "text": "Yo", "time": "1 year ago", "author": "@max", "channel": "UC2", "votes": "0"},
    ]
    path = tmp_path / "comments.json"
    path.write_text(json.dumps({"comments": comments}, indent=4), encoding="utf-8")
    rows, _ = read_rows(path)
    assert [(row["key"], row["parent"], row["name"]) for row in rows] == [
        ("Ug1", None, "@jo"),
        ("Ug1.9", "Ug1", "@max"),
    ]


def test_a_description_of_a_video_keeps_what_it_says_of_it_whatever_it_is_called(tmp_path):
    comment = {
        "id": "Ug1",
        "text": "Hi",
        "author": "@jo",
        "author_id": "UC1",
        "parent": "root",
        "author_thumbnail": "t",
    }
    video = {"id": "v", "title": "Ducks", "webpage_url": "https://www.youtube.com/watch?v=v", "extractor": "youtube"}
    path = tmp_path / "video.json"
    path.write_text(json.dumps(video | {"comments": [comment]}, indent=1), encoding="utf-8")
    [row], _ = read_rows(path)
    assert (row["title"], row["thread"], row["text"]) == ("Ducks", "v", "Hi")
