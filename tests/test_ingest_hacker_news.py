"""Hacker News: trees, search results and single items give the same threads."""

import datetime
import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.hacker_news import READER, recognise
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, damaged, read, shape, survives

HERE = FIXTURES / "hacker-news"
ITEM = {"type": "comment", "created_at_i": 1600000000, "children": [], "author": "jo", "story_id": 1, "points": None}


def given_json(tmp_path, value, name="hn.json"):
    path = tmp_path / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read_json(tmp_path, value):
    return read(given_json(tmp_path, value), "hacker-news")


@pytest.mark.parametrize("name", ["story.json", "search.json", "items.ndjson"])
def test_each_interface_is_recognised(name):
    assert choose(Source(HERE / name))[0].form == "hacker-news"


TRIMMED = {
    "hits without numbers for times": {
        "hits": [{"objectID": "3", "_tags": ["comment", "author_jo", "story_1"], "comment_text": "Hm", "story_id": 1}]
    },
    "a tree without times": {
        "id": 1,
        "type": "story",
        "author": "jo",
        "title": "Ducks",
        "children": [{"id": 3, "type": "comment", "author": "jo", "text": "Hm", "children": []}],
    },
}


@pytest.mark.parametrize("value", TRIMMED.values(), ids=TRIMMED)
def test_items_are_known_by_tags_or_types_where_somebody_left_times_out(tmp_path, value):
    path = given_json(tmp_path, value)
    assert choose(Source(path))[0].form == "hacker-news"
    [thread], _ = read(path, "hacker-news")
    assert [(comment.key, comment.text) for comment in thread.comments] == [("3", "Hm")]


def test_other_forms_are_not_claimed():
    for path in FIXTURES.rglob("*.*"):
        if path.is_file() and path.parent != HERE:
            assert recognise(Source(path)) is None, path


def test_a_tree_gives_a_thread_in_the_order_of_times_with_recorded_parents():
    [thread], losses = read(HERE / "story.json")
    assert (thread.title, thread.key) == ("Hand pumps & their keepers", "9000001")
    assert thread.url == "https://news.ycombinator.com/item?id=9000001"
    assert [(c.locator, c.parent, c.kind) for c in thread.comments] == [
        ("9000002", "9000001", "comment"),
        ("9000003", "9000001", "removed"),
        ("9000004", "9000002", "comment"),
        ("9000005", "9000002", "deleted"),
        ("9000006", "9000005", "comment"),
    ]
    assert losses == {"lost": {"bodies of linked articles": 1}}
    first = thread.comments[0]
    assert (first.name, first.handle, first.key) == ("mossy", "mossy", "9000002")
    assert first.posted_at == datetime.datetime(2021, 3, 4, 9, 15, tzinfo=datetime.UTC)


def test_paragraphs_code_and_entities_are_as_shown():
    [thread], _ = read(HERE / "story.json")
    assert thread.comments[0].text == (
        "First paragraph about wells & pumps.\n\nSecond one, see https://wells.example/a-very..."
    )
    assert thread.comments[2].text == "It's in the manual:\n\npump --prime\n  pump --run\n\nTwice, in both editions."


def test_a_link_without_words_of_its_own_is_an_article_of_its_title():
    [thread], _ = read(HERE / "story.json")
    assert thread.article.text == "Hand pumps & their keepers"
    assert [block.label for block in thread.article.blocks] == ["headline"]
    assert thread.article.key == "9000001"


def test_what_takes_the_place_of_words_is_no_text():
    [thread], _ = read(HERE / "story.json")
    assert [c.text for c in thread.comments if c.kind != "comment"] == [None, None]


def test_search_results_are_sorted_by_story_and_time_and_missing_pages_counted():
    threads, losses = read(HERE / "search.json")
    assert [(t.title, t.article, t.key) for t in threads] == [
        ("Ask: which pump?", None, "9100001"),
        ("Buckets", None, "9200001"),
    ]
    assert shape(threads[0]) == [("mossy", None, "Earlier."), ("tarn", "mossy", "Later, and an answer")]
    assert losses == {"lost": {"entries that the file does not hold (further pages)": 37}}


def test_a_story_among_search_results_is_the_article(tmp_path):
    story = {"objectID": "1", "title": "T", "author": "a", "created_at_i": 1600000000, "story_text": "Own<p>words"}
    hit = {
        "objectID": "2",
        "comment_text": "x",
        "author": "b",
        "created_at_i": 1600000001,
        "story_id": 1,
        "parent_id": 1,
    }
    [thread], _ = read_json(tmp_path, {"hits": [hit, {**story, "_tags": ["story", "story_1"]}], "nbHits": 2})
    assert thread.article.text == "T\n\nOwn\n\nwords"
    assert [(c.locator, c.parent) for c in thread.comments] == [("2", "1")]


def test_single_items_are_put_together_and_options_are_lines_of_the_poll():
    [thread], losses = read(HERE / "items.ndjson")
    assert thread.article.text == "Poll: bucket or pump?\n\nPick one.\n\nBucket\nPump"
    assert [(c.name, c.parent, c.kind, c.text) for c in thread.comments] == [
        ("mossy", "500", "comment", "A bucket.\n\nAlways."),
        (None, "500", "deleted", None),
        ("troll", "502", "removed", "Rude words."),
    ]
    assert losses == {"lost": {"answers that the file names and does not hold": 1}}


def test_an_array_of_items_gives_what_their_lines_give(tmp_path):
    items = [json.loads(line) for line in (HERE / "items.ndjson").read_text().splitlines()]
    assert read_json(tmp_path, items) == read(HERE / "items.ndjson")


def test_a_comment_at_the_top_is_a_thread_without_article(tmp_path):
    child = {**ITEM, "id": 8, "parent_id": 7, "text": "b", "created_at_i": 1600000005}
    [thread], _ = read_json(tmp_path, {**ITEM, "id": 7, "parent_id": 3, "text": "a", "children": [child]})
    assert (thread.article, thread.title, thread.key) == (None, None, "1")
    assert [(c.key, c.parent) for c in thread.comments] == [("7", "3"), ("8", "7")]


def test_answers_to_what_is_not_there_stay_together(tmp_path):
    items = [
        {"id": n, "parent": n - 1, "by": "x", "time": 1600000000 + n, "type": "comment", "text": str(n)}
        for n in (5, 6, 7)
    ]
    [thread], _ = read_json(tmp_path, items)
    assert thread.key == "4"
    assert [c.parent for c in thread.comments] == ["4", "5", "6"]


def test_items_that_answer_each_other_in_a_circle_are_read(tmp_path):
    items = [
        {"id": a, "parent": b, "by": "x", "time": 1600000000, "type": "comment", "text": "t"}
        for a, b in ((1, 2), (2, 1))
    ]
    [thread], _ = read_json(tmp_path, items)
    assert {c.key for c in thread.comments} == {"1", "2"}


def test_a_delayed_comment_waits_and_a_dead_mark_is_removed(tmp_path):
    marks = ["[delayed]", "[dead]", "[deleted]", "not [dead]"]
    children = [{**ITEM, "id": n, "parent_id": 1, "text": mark} for n, mark in enumerate(marks, 2)]
    [thread], _ = read_json(tmp_path, {**ITEM, "type": "story", "id": 1, "title": "T", "children": children})
    assert [c.kind for c in thread.comments] == ["unapproved", "removed", "deleted", "comment"]


def test_the_same_item_twice_is_taken_once(tmp_path):
    item = {"id": 5, "by": "x", "time": 1600000000, "type": "story", "title": "T"}
    threads, losses = read_json(tmp_path, [item, item])
    assert len(threads) == 1
    assert losses["dropped"] == {"entries with the id of one before them": 1}


def test_the_fields_of_the_page_readers_are_known(tmp_path):
    comment = {
        "id": 2,
        "user": "b",
        "time": 1600000001,
        "content": "<p>Hi",
        "time_ago": "1",
        "comments": [],
        "level": 0,
    }
    top = {"id": 1, "title": "T", "user": "a", "time": 1600000000, "time_ago": "x", "type": "link", "comments_count": 1}
    path = given_json(tmp_path, {**top, "url": "http://x.example", "comments": [comment]})
    assert choose(Source(path))[0] is READER
    [thread], _ = read(path)
    assert (thread.article.text, shape(thread)) == ("T", [("b", "a", "Hi")])


def test_a_thousand_levels_are_no_obstacle_where_items_are_single(tmp_path):
    items = [
        {"id": n, "parent": n - 1, "by": "x", "time": 1600000000 + n, "type": "comment", "text": "t"}
        for n in range(2, 3000)
    ]
    [thread], _ = read_json(tmp_path, [*items, {"id": 1, "type": "story", "title": "T", "by": "y", "time": 1600000000}])
    assert len(thread.comments) == 2998


def test_a_packed_file_is_recognised_and_read(tmp_path):
    path = tmp_path / "story.json.gz"
    path.write_bytes(gzip.compress((HERE / "story.json").read_bytes()))
    assert read(path, None) == read(HERE / "story.json")


@pytest.mark.parametrize(
    "bad",
    [None, 3, "x", [], {}, {"id": {}}, {"id": None, "type": None}, {"id": True, "children": "x", "type": "comment"}],
)
def test_one_bad_entry_costs_no_other(tmp_path, bad):
    good = {**ITEM, "id": 2, "parent_id": 1, "text": "kept"}
    value = {**ITEM, "id": 1, "type": "story", "title": "T", "children": [bad, good]}
    threads, _ = read_json(tmp_path, value)
    assert "kept" in [c.text for c in threads[0].comments]


def test_entries_that_are_no_items_are_counted(tmp_path):
    value = {**ITEM, "id": 1, "type": "story", "title": "T", "children": ["x", {"a": 1}]}
    assert read_json(tmp_path, value)[1]["dropped"] == {"entries that are no items of Hacker News": 2}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", "[null]", '{"hits": []}', '{"hits": [1]}', "{", '{"id": 1', '{"title": "\\ud800"}']
)
def test_what_holds_no_item_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IngestError, match=r"x\.json"):
        read(path, "hacker-news")


def test_half_characters_and_wild_numbers_do_no_harm(tmp_path):
    path = tmp_path / "x.json"
    odd = '{"id":"\\ud800","type":"story","title":"a\\udfffb","by":"\\ud800","time":1e999,"kids":[NaN,{},-1e400]}'
    path.write_text(odd, encoding="utf-8")
    [thread], _ = read(path, "hacker-news")
    assert (thread.title, thread.article.name, thread.article.posted_at) == ("ab", None, None)
    "".join([thread.title, thread.article.locator, thread.key or ""]).encode()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["story", "<p>x", "7"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "id type by author time text title kids children parent parent_id story_id hits objectID _tags options".split()
            ),
            inner,
            max_size=8,
        )
    ),
    max_leaves=25,
)


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_any_json_gives_threads_or_an_error(tmp_path_factory, value):
    path = given_json(tmp_path_factory.mktemp("hn"), value)
    survives(READER, path)


@given(
    st.integers(0, 3000), st.integers(0, 300), st.binary(max_size=6), st.sampled_from(["story.json", "items.ndjson"])
)
@settings(max_examples=60, deadline=None)
def test_any_damage_gives_threads_or_an_error(tmp_path_factory, start, length, put, name):
    folder = tmp_path_factory.mktemp("hn")
    survives(READER, damaged(HERE / name, start, length, put, name=name, folder=folder))
