"""Mastodon: contexts, statuses and lists of them give threads that answer one root."""

import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.mastodon import READER, recognise
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, damaged, read, shape, survives

HERE = FIXTURES / "mastodon"
CONTEXT = json.loads((HERE / "context.json").read_text(encoding="utf-8"))
ROOT, ANSWER = CONTEXT["ancestors"]
MIDDLE = {**ANSWER, "id": "1002", "in_reply_to_id": "1001", "content": "<p>The middle.</p>"}
MIDDLE["created_at"] = "2023-01-02T09:00:00.000Z"


def read_json(tmp_path, value, form="mastodon"):
    path = tmp_path / "toots.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return read(path, form)


def words(tmp_path, **fields):
    [thread], losses = read_json(tmp_path, {**ROOT, "media_attachments": [], "card": None, **fields})
    return thread.article and thread.article.text, losses


def test_a_context_is_recognised_and_other_forms_are_not_claimed():
    assert choose(Source(HERE / "context.json"))[0] is READER
    for path in FIXTURES.rglob("*.*"):
        if path.is_file() and path.parent != HERE:
            assert recognise(Source(path)) is None, path


def test_the_root_of_a_context_is_the_article():
    [thread], _ = read(HERE / "context.json")
    assert thread.article.text == "New loom today.\n\nRead loom.example/blog/a-long-ad"
    assert (thread.title, thread.key, thread.url) == (None, "1000", "https://loom.example/@x/1000")
    assert (thread.article.name, thread.article.handle) == ("Wanda 🧵", "weaver")
    assert thread.article.posted_at == datetime.datetime(2023, 1, 2, 8, tzinfo=datetime.UTC)


def test_answers_come_in_the_order_of_their_times_with_recorded_parents():
    [thread], losses = read(HERE / "context.json")
    assert [(c.name, c.handle, c.key, c.parent, c.kind) for c in thread.comments] == [
        ("nils", "nils@thread.example", "1001", "1000", "comment"),
        ("Olga", "olga@reed.example", "1004", "1002", "comment"),
        ("nils", "nils@thread.example", "1003", "1002", "comment"),
        ("Wanda 🧵", "weaver", "1005", "1004", "unapproved"),
    ]
    assert losses["lost"] == {
        "ends of links, which are not shown": 2,
        "statuses that the file is the context of and does not hold": 1,
        "images": 1,
        "previews of linked pages": 1,
    }


def test_a_mention_is_a_name_and_a_warning_stands_before_the_words_and_a_poll_behind_them():
    [thread], _ = read(HERE / "context.json")
    assert [c.text for c in thread.comments[:3]] == [
        "@weaver Lovely!\nWhich yarn?",
        "Vote!\n\nWool\nLinen",
        "yarn talk\n\nThanks :yarn:",
    ]


@pytest.mark.parametrize("as_one", [True, False])
def test_a_status_and_its_context_are_one_thread(tmp_path, as_one):
    both = {"status": MIDDLE, "context": CONTEXT} if as_one else {**MIDDLE, "context": CONTEXT}
    [thread], losses = read_json(tmp_path, both)
    assert shape(thread)[:3] == [
        ("nils", "Wanda 🧵", "@weaver Lovely!\nWhic"),
        ("nils", "nils", "The middle."),
        ("Olga", "nils", "Vote!\n\nWool\nLinen"),
    ]
    assert "statuses that the file is the context of and does not hold" not in losses["lost"]


@pytest.mark.parametrize("wrap", [lambda all_: all_, lambda all_: {"statuses": all_}])
def test_a_list_of_statuses_is_sorted_into_threads(tmp_path, wrap):
    other = {**ROOT, "id": "2000", "content": "<p>Else</p>"}
    threads, _ = read_json(tmp_path, wrap([MIDDLE, other, ANSWER, ROOT]))
    assert [(t.key, t.article.text[:8], [c.key for c in t.comments]) for t in threads] == [
        ("1000", "New loom", ["1001", "1002"]),
        ("2000", "Else", []),
    ]


def test_lines_of_statuses_give_what_their_list_gives(tmp_path):
    path = tmp_path / "toots.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in (MIDDLE, ANSWER, ROOT)))
    assert choose(Source(path))[0] is READER
    assert read(path) == read_json(tmp_path, [MIDDLE, ANSWER, ROOT])


def test_a_context_without_ancestors_is_a_thread_without_article(tmp_path):
    [thread], _ = read_json(tmp_path, {"ancestors": [], "descendants": CONTEXT["descendants"]})
    assert (thread.article, thread.key, thread.url) == (None, "1002", None)
    assert [c.parent for c in thread.comments] == ["1002", "1002", "1004"]


def test_a_status_missing_between_leaves_the_thread_whole(tmp_path):
    far = {**MIDDLE, "id": "1009", "in_reply_to_id": "1008"}
    [thread], _ = read_json(tmp_path, {"ancestors": [ROOT], "descendants": [ANSWER, far]})
    assert [(c.key, c.parent) for c in thread.comments] == [("1001", "1000"), ("1009", "1008")]


def test_an_oldest_ancestor_that_answers_something_is_no_article(tmp_path):
    [thread], _ = read_json(tmp_path, {"ancestors": [ANSWER], "descendants": []})
    assert (thread.article, thread.key, [c.key for c in thread.comments]) == (None, "1000", ["1001"])


def test_a_boost_is_a_reaction_to_what_it_boosts(tmp_path):
    boost = {**ROOT, "id": "3000", "account": ANSWER["account"], "reblog": ROOT}
    [thread], _ = read_json(tmp_path, [boost])
    assert thread.article.key == "1000"
    assert [(c.kind, c.key, c.parent, c.text, c.name) for c in thread.comments] == [
        ("reaction", "3000", "1000", None, "nils")
    ]


@pytest.mark.parametrize("visibility", ["private", "direct", "limited", "mutuals_only"])
def test_a_root_that_was_not_public_is_left_out_and_counted(tmp_path, visibility):
    assert words(tmp_path, visibility=visibility) == (None, {"dropped": {"articles that were not public": 1}})


def test_unlisted_is_public(tmp_path):
    assert words(tmp_path, content="<p>x</p>", visibility="unlisted")[0] == "x"


def test_a_quoted_status_is_counted_and_its_link_left_out(tmp_path):
    content = '<p class="quote-inline">RE: <a href="https://x.example">x.example</a></p><p>Yes.</p>'
    assert words(tmp_path, content=content, quote={"state": "accepted"}) == (
        "Yes.",
        {"lost": {"quotations of other posts": 1}},
    )
    assert words(tmp_path, content=content)[0] == "RE: x.example\n\nYes."


def test_what_hangs_on_a_status_is_counted_by_what_it_is(tmp_path):
    attached = [{"type": one} for one in ("image", "gifv", "video", "audio", "unknown", 3)]
    assert words(tmp_path, content="", media_attachments=attached) == (
        "",
        {"lost": {"images": 2, "sound or video recordings": 2, "attachments": 2}},
    )


def test_a_name_is_the_display_name_or_else_the_user_name(tmp_path):
    account = {"acct": "a@b.example", "username": "a", "display_name": " Zoë &amp; Co\n"}
    [thread], _ = read_json(tmp_path, {**ROOT, "account": account})
    assert thread.article.name == "Zoë &amp; Co"
    [thread], _ = read_json(tmp_path, {**ROOT, "account": None})
    assert (thread.article.name, thread.article.handle) == (None, None)


def test_the_same_status_twice_is_taken_once(tmp_path):
    threads, losses = read_json(tmp_path, [ROOT, ANSWER, ANSWER])
    assert [len(t.comments) for t in threads] == [1]
    assert losses["dropped"] == {"entries with the id of one before them": 1}


def test_statuses_that_answer_each_other_in_a_circle_are_read(tmp_path):
    one, two = ({**ANSWER, "id": a, "in_reply_to_id": b} for a, b in (("1", "2"), ("2", "1")))
    [thread], _ = read_json(tmp_path, [one, two])
    assert {c.key for c in thread.comments} == {"1", "2"}


@pytest.mark.parametrize("bad", [None, 3, "x", {}, {"id": {}, "content": []}, {"content": 1, "account": {"acct": {}}}])
def test_one_bad_entry_costs_no_other(tmp_path, bad):
    [*_, thread], _ = read_json(tmp_path, [bad, {**ROOT, "content": "<p>kept</p>"}])
    assert thread.article.text == "kept"


def test_what_is_no_status_is_counted(tmp_path):
    assert read_json(tmp_path, [None, {"a": 1}, ROOT])[1]["dropped"] == {"entries that are no statuses": 2}


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"ancestors": [], "descendants": []}', '{"context": {}}', "[[[[1]]]]"]
)
def test_what_holds_no_status_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(IngestError, match=r"x\.json"):
        read(path, "mastodon")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["<p>x</p>", "7"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "ancestors descendants status statuses context id content account acct in_reply_to_id reblog poll "
                "options title quote visibility created_at spoiler_text".split()
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
    path = tmp_path_factory.mktemp("m") / "t.json"
    path.write_text(json.dumps(value))
    survives(READER, path)


@given(st.integers(0, 9000), st.integers(0, 300), st.binary(max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_damage_gives_threads_or_an_error(tmp_path_factory, start, length, put):
    folder = tmp_path_factory.mktemp("m")
    survives(READER, damaged(HERE / "context.json", start, length, put, name="t.json", folder=folder))


@pytest.mark.parametrize("visibility", [[], {}, 3, None])
def test_a_visibility_of_another_type_hides_nothing(tmp_path, visibility):
    status = {"id": "1", "account": {"acct": "jo"}, "in_reply_to_id": None, "content": "x", "visibility": visibility}
    answer = status | {"id": "2", "in_reply_to_id": "1"}
    path = tmp_path / "t.json"
    path.write_text(json.dumps([status, answer]))
    [thread], _ = read(path, "mastodon")
    assert (thread.article.text, len(thread.comments)) == ("x", 1)
