"""Discourse: topics and lists of posts, without what the posters did not write."""

import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.discourse import READER, recognise
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, damaged, read, shape, survives

HERE = FIXTURES / "discourse"
POST = {"post_type": 1, "username": "ada", "created_at": "2020-01-01T00:00:00Z", "topic_id": 1}


def read_posts(tmp_path, posts, **topic):
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"post_stream": {"posts": posts}, "id": 1, "title": "T", **topic}), encoding="utf-8")
    return read(path, "discourse")


def words(tmp_path, cooked):
    [thread], losses = read_posts(tmp_path, [{**POST, "id": 2, "post_number": 2, "cooked": cooked}])
    return thread.comments[0].text, losses.get("lost", {})


@pytest.mark.parametrize("name", ["topic.json", "posts.json"])
def test_topics_and_lists_of_posts_are_recognised(name):
    assert choose(Source(HERE / name))[0].form == "discourse"


def test_other_forms_are_not_claimed():
    for path in FIXTURES.rglob("*.*"):
        if path.is_file() and path.parent != HERE:
            assert recognise(Source(path)) is None, path


def test_the_first_post_is_the_article_under_the_title():
    [thread], _ = read(HERE / "topic.json")
    assert thread.article.text == "Oiling hinges & other jobs\n\nHow do you oil a hinge? :slight_smile:"
    assert (thread.title, thread.key, thread.url) == ("Oiling hinges & other jobs", "77", None)
    assert (thread.article.name, thread.article.handle, thread.article.locator) == ("ada", "ada", "post-900")


def test_posts_answer_the_post_whose_number_is_recorded():
    [thread], _ = read(HERE / "topic.json")
    assert shape(thread)[:2] == [("ben_w", "ada", "With a feather, @ada"), ("cy", "ben_w", "See:\n\nhttps://oil.ex")]
    assert [c.parent for c in thread.comments] == ["1", "2", None, None, "5", None, "7", None]
    assert thread.comments[0].posted_at == datetime.datetime(2020, 2, 1, 10, 30, tzinfo=datetime.UTC)


def test_kinds_are_told_apart():
    [thread], _ = read(HERE / "topic.json")
    assert [(c.locator, c.kind, c.text) for c in thread.comments[2:]] == [
        ("post-903", "notice", None),
        ("post-904", "comment", "Reopened, be kind."),
        ("post-905", "unapproved", "Between us."),
        ("post-906", "removed", None),
        ("post-907", "deleted", None),
        ("post-908", "removed", "Buy my oil."),
    ]


def test_what_the_poster_did_not_write_is_left_out_and_counted():
    [thread], losses = read(HERE / "topic.json")
    assert thread.comments[0].text == "With a feather, @ada.\n\nMy own aside.\n\ndip\n  stroke"
    assert thread.comments[1].text == "See:\n\nhttps://oil.example/x\n\nFeather\n\nCan"
    assert losses == {
        "lost": {
            "posts that the file does not hold (further pages)": 2,
            "images": 1,
            "quotations of other posts": 1,
            "previews of linked pages": 1,
            "trimmed parts of mails": 1,
        }
    }


@pytest.mark.parametrize(
    ("cooked", "shown"),
    [
        ("<p>a <a class='inline-onebox' href='/x'>Title</a></p>", "a Title"),
        ("<p><a class='attachment' href='/x'>f.pdf</a> (1 KB)</p>", "f.pdf (1 KB)"),
        ("<p><span class='spoiler'>the end</span></p>", "the end"),
        ("<details><summary>more</summary>less</details>", "more\n\nless"),
        ("<p><img class='emoji only-emoji' alt=':+1:' src='x.png'></p>", ":+1:"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<p>a<br>\nb</p>", "a\nb"),
        ("<p>&amp;amp; &lt;b&gt;</p>", "&amp; <b>"),
    ],
)
def test_what_the_poster_wrote_stays(tmp_path, cooked, shown):
    assert words(tmp_path, cooked) == (shown, {})


def test_a_video_is_counted_and_leaves_no_words(tmp_path):
    cooked = '<div class="youtube-onebox lazy-video-container"><a href="x"><img src="t.jpg"></a></div><p>Look</p>'
    assert words(tmp_path, cooked) == ("Look", {"sound or video recordings": 1})


def test_a_list_of_posts_is_sorted_by_topic_and_number():
    threads, _ = read(HERE / "posts.json")
    assert [(t.title, t.key, t.article and t.article.text, shape(t)) for t in threads] == [
        ("Felt", "13", "Felt\n\nFirst.", [("cy", "ada", "Second.")]),
        ("Wool", "14", None, [("ada", None, "Elsewhere.")]),
    ]


def test_posts_stand_in_the_order_of_their_numbers(tmp_path):
    posts = [{**POST, "id": 9 - n, "post_number": n, "cooked": f"<p>{n}</p>"} for n in (3, 1, 2)]
    [thread], _ = read_posts(tmp_path, posts)
    assert [c.text for c in thread.comments] == ["2", "3"]


def test_pages_of_one_topic_are_one_thread(tmp_path):
    posts = [{**POST, "id": n, "post_number": n, "cooked": f"<p>{n}</p>"} for n in (1, 2, 3)]
    stream = [1, 2, 3]
    pages = [
        {"id": 1, "title": "T", "post_stream": {"posts": part, "stream": stream}} for part in (posts[:2], posts[1:])
    ]
    path = tmp_path / "pages.json"
    path.write_text(json.dumps(list(reversed(pages))))
    [thread], losses = read(path)
    assert [c.text for c in thread.comments] == ["2", "3"]
    assert losses == {"dropped": {"entries with the id of one before them": 1}}


def test_posts_that_are_not_named_are_counted_from_their_number(tmp_path):
    _, losses = read_posts(tmp_path, [{**POST, "id": 1, "post_number": 1, "cooked": "<p>x</p>"}], posts_count=5)
    assert losses["lost"] == {"posts that the file does not hold (further pages)": 4}


def test_a_fancy_title_is_decoded_once(tmp_path):
    posts = [{**POST, "id": 1, "post_number": 1, "cooked": "<p>x</p>"}]
    [thread], _ = read_posts(tmp_path, posts, title=None, fancy_title="A &amp;amp; &ldquo;B&rdquo; &#39;c&#39;")
    assert thread.title == "A &amp; “B” 'c'"


def test_the_shown_name_of_an_old_export_is_taken_where_there_is_no_user_name(tmp_path):
    post = {"id": 1, "post_number": 2, "cooked": "<p>x</p>", "display_username": "Sam S.", "created_at": None}
    [thread], _ = read_posts(tmp_path, [post])
    assert (thread.comments[0].name, thread.comments[0].handle) == ("Sam S.", None)


def test_an_address_with_its_site_is_the_address_of_the_topic(tmp_path):
    post = {**POST, "id": 1, "post_number": 2, "cooked": "x", "post_url": "https://f.example/t/a-slug/77/2"}
    assert read_posts(tmp_path, [post])[0][0].url == "https://f.example/t/a-slug/77"


def test_a_private_message_is_doubtful(tmp_path):
    _, losses = read_posts(tmp_path, [{**POST, "id": 1, "post_number": 1, "cooked": "x"}], archetype="private_message")
    assert losses["doubtful"] == {"topics that are private messages": 1}


def test_a_withdrawn_topic_keeps_its_title(tmp_path):
    post = {**POST, "id": 1, "post_number": 1, "cooked": "<p>(topic withdrawn by author)</p>", "user_deleted": True}
    [thread], losses = read_posts(tmp_path, [post])
    assert thread.article.text == "T"
    assert losses["lost"] == {"bodies of articles that were taken out": 1}


@pytest.mark.parametrize("bad", [None, 3, "x", [], {}, {"id": {}, "cooked": []}, {"post_number": "1", "username": 4}])
def test_one_bad_post_costs_no_other(tmp_path, bad):
    [thread], _ = read_posts(tmp_path, [bad, {**POST, "id": 9, "post_number": 9, "cooked": "<p>kept</p>"}])
    assert "kept" in [c.text for c in thread.comments]


def test_what_is_no_post_is_counted(tmp_path):
    _, losses = read_posts(tmp_path, [None, {**POST, "id": 9, "post_number": 9, "cooked": "<p>kept</p>"}])
    assert losses["dropped"] == {"entries that are no posts": 1}


def test_markup_too_deep_costs_no_other_post(tmp_path):
    deep = {**POST, "id": 8, "post_number": 8, "cooked": "<b>" * 30_000 + "x"}
    [thread], losses = read_posts(tmp_path, [deep, {**POST, "id": 9, "post_number": 9, "cooked": "<p>kept</p>"}])
    assert thread.comments[1].text == "kept"
    assert thread.comments[0].text in ("x", None)
    assert thread.comments[0].text == "x" or "words of texts whose markup cannot be read" in losses["lost"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"post_stream": 3}', '{"post_stream": {"posts": []}}', "[{}]", "{"])
def test_what_holds_no_post_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(IngestError, match=r"x\.json"):
        read(path, "discourse")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["<p>x</p>", "<b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "post_stream posts stream id title cooked post_number username reply_to_post_number post_type hidden "
                "deleted_at deleted_by created_at latest_posts posts_count".split()
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
    path = tmp_path_factory.mktemp("d") / "t.json"
    path.write_text(json.dumps(value))
    survives(READER, path)


@given(st.integers(0, 9000), st.integers(0, 300), st.binary(max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_damage_gives_threads_or_an_error(tmp_path_factory, start, length, put):
    folder = tmp_path_factory.mktemp("d")
    survives(READER, damaged(HERE / "topic.json", start, length, put, name="t.json", folder=folder))
