"""Microformats: pages, parsed JSON, JF2 and webmentions give the same kind of threads."""

import datetime
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.microformats import READER, recognise
from corpus_tools.ingest.reading import LIKELY, SURE
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, damaged, read, shape, survives

HERE = FIXTURES / "microformats"
NAMES = ["post.html", "post.mf2.json", "entry.jf2.json", "webmentions.json", "links.json"]
MAIN = (
    '<a class="u-url" href="https://m.example/p"></a><h1 class="p-name">T</h1><div class="e-content"><p>Body.</p></div>'
)


def page_of(tmp_path, inside, head=""):
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><html><head>{head}</head><body>{inside}</body></html>", encoding="utf-8")
    return path


def read_page(tmp_path, inside, head=""):
    return read(page_of(tmp_path, inside, head), "microformats")


def entry(tmp_path, inside, after=""):
    """The thread of a page with one entry, and its losses."""
    [thread], losses = read_page(tmp_path, f'<article class="h-entry">{MAIN}{inside}</article>{after}')
    return thread, losses


def read_json(tmp_path, value):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return read(path, "microformats")


@pytest.mark.parametrize("name", NAMES)
def test_each_kind_of_file_is_recognised(name):
    assert choose(Source(HERE / name))[0] is READER


def test_other_forms_are_not_claimed():
    for path in FIXTURES.rglob("*.*"):
        if path.is_file() and path.parent != HERE and (match := recognise(Source(path))):
            assert (match.strength, path.suffix) == (LIKELY, ".html"), path


@pytest.mark.parametrize(
    ("inside", "strength"),
    [
        ("<div class='h-entry'><p class='p-comment h-cite'>x</p></div>", SURE),
        ('<div class="a h-entry b"><p class="h-entry  u-comment">x</p></div>', SURE),
        ("<div class='h-entry'><p class='h-cite'>x</p></div>", SURE),
        ("<p class='p-comment'>x</p>", None),
        ("<div class=h-entry>x</div>", LIKELY),
        ("<div class='post hentry'>x</div>", None),
        ("<div class='my-h-entry h-entry-x'>x</div>", None),
        ("<p>h-entry</p>", None),
        ("<div class='h-entry'>x</div><ol class='comment-list'></ol>", None),
        ("<div class='h-entry'><p class='h-cite'>x</p></div><ol class='comment-list'></ol>", None),
        ("<div class='h-entry'>x</div><script src='/wp-content/x.js'></script>", None),
        ("<div class='h-entry'>x</div><a href='/p?showComment=1'>", None),
        (
            "<div class='h-entry'><li class='comment p-comment h-cite'></li></div><script src='/wp-content/x.js'></script>",
            SURE,
        ),
    ],
)
def test_a_page_is_recognised_by_classes_that_no_other_reader_knows_better(tmp_path, inside, strength):
    match = recognise(Source(page_of(tmp_path, inside)))
    assert (match and match.strength) == strength


def test_the_main_entry_is_the_article_without_its_comments():
    [thread], losses = read(HERE / "post.html")
    assert thread.article.text == "Keeping bees\n\nBees need flowers.\n\nA hive is a town.\n\nOld Book\n\nAnd water."
    assert (thread.title, thread.article.name, thread.article.handle) == ("Keeping bees", "Greta Vale", None)
    assert thread.url == thread.article.locator == "https://meadow.example/2021/bees"
    assert thread.article.posted_at == datetime.datetime(2021, 5, 3, 7, tzinfo=datetime.UTC)
    assert losses == {"missing": {"times of day, where a day is given": 1}}


def test_comments_answer_what_they_are_inside_of_or_name():
    [thread], _ = read(HERE / "post.html")
    assert [(c.name, c.locator, c.parent) for c in thread.comments[:4]] == [
        ("Hugo & Co", "https://hugo.example/reply-1", "https://meadow.example/2021/bees"),
        ("Ida", "c2", "https://hugo.example/reply-1"),
        ("Jan", "https://jan.example/9", "https://hugo.example/reply-1"),
        (None, "https://kay.example/1", None),
    ]


def test_words_of_a_comment_are_its_content_without_those_inside_it():
    [thread], _ = read(HERE / "post.html")
    assert [c.text for c in thread.comments[:4]] == [
        "What flowers?\n\nMine like clover.\nWhite clover.",
        "Lavender.",
        "I answer Hugo from afar.",
        "No name.",
    ]


def test_a_time_may_be_in_parts_and_a_day_is_none():
    [thread], _ = read(HERE / "post.html")
    assert [str(c.posted_at) for c in thread.comments[:4]] == [
        "2021-05-03 10:00:00+00:00",
        "2021-05-04 06:15:00+00:00",
        "None",
        "None",
    ]


def test_likes_reposts_and_mentions_are_no_comments():
    [thread], _ = read(HERE / "post.html")
    assert [(c.kind, c.name, c.text) for c in thread.comments[4:]] == [
        ("reaction", "Lou", None),
        ("reaction", "Max", None),
        ("pingback", "Nan", "A page that links here."),
    ]
    # The address of the first is that of a person.
    assert [c.locator.partition(":")[0] for c in thread.comments[5:]] == ["https", "https"]
    assert thread.comments[4].locator == "/html[1]/body[1]/main[1]/article[1]/section[1]/ul[1]/li[1]"


def test_the_json_of_a_parser_gives_what_its_page_gives():
    [thread], losses = read(HERE / "post.mf2.json")
    assert thread.article.text == "Keeping bees\n\nBees need flowers."
    assert [(c.kind, c.name, c.parent, c.text) for c in thread.comments] == [
        ("comment", "Hugo & Co", "https://meadow.example/2021/bees", "What flowers?\n\nMine like clover."),
        ("comment", "Ida", "https://hugo.example/reply-1", "Lavender.\n\nAnd thyme."),
        ("reaction", None, None, None),
    ]
    assert thread.comments[1].locator == "/items/0/properties/comment/0/children/0"
    assert losses == {
        "dropped": {
            "comments that are given by their address only": 1,
            "citations and entries that are not marked as comments": 1,
        }
    }


def test_an_item_alone_gives_what_the_list_of_items_gives(tmp_path):
    item = json.loads((HERE / "post.mf2.json").read_text())["items"][0]
    [alone], _ = read_json(tmp_path, item)
    [listed], _ = read(HERE / "post.mf2.json")
    assert alone.article == listed.article
    assert shape(alone) == shape(listed)


def test_jf2_gives_comments_and_children():
    [thread], losses = read(HERE / "entry.jf2.json")
    assert thread.article.text == "Wax\n\nHow to melt it."
    assert [(c.name, c.key, c.parent, c.text) for c in thread.comments] == [
        ("Pia Ort", "tag:pia.example,2022:2", "https://meadow.example/wax", "Slowly.\n\nVery slowly."),
        ("Quim", "https://quim.example/1", "tag:pia.example,2022:2", "To Pia."),
    ]
    assert losses == {}


def test_webmentions_are_sorted_by_the_page_they_are_of():
    threads, _ = read(HERE / "webmentions.json")
    assert [(t.url, t.article, t.title) for t in threads] == [
        ("https://meadow.example/wax", None, None),
        ("https://meadow.example/honey", None, None),
    ]
    assert [(c.locator, c.name, c.kind, c.parent, c.text) for c in threads[0].comments] == [
        ("wm-12", "Pia Ort", "comment", "wm-11", "Second, to Quim."),
        ("wm-11", "Quim", "comment", None, "First.\nLine two."),
        ("wm-13", None, "reaction", None, None),
        ("wm-14", "Sol", "pingback", None, "Links of the week."),
    ]
    assert [c.kind for c in threads[1].comments] == ["unapproved"]


def test_a_webmention_is_posted_when_it_was_published_not_when_it_was_received():
    [wax, _], losses = read(HERE / "webmentions.json")
    assert [c.posted_at and c.posted_at.day for c in wax.comments] == [2, None, None, 4]
    assert losses == {"missing": {"times, because they name no zone (give one with --zone)": 1}}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda all_: all_,
        lambda all_: {"lastFetched": "2022-01-01", "children": all_},
        lambda all_: {"/wax/": all_[:-1], "/honey/": all_[-1:]},
    ],
)
def test_webmentions_are_found_however_a_site_keeps_them(tmp_path, wrap):
    kept = json.loads((HERE / "webmentions.json").read_text())["children"]
    assert read_json(tmp_path, wrap(kept)) == read(HERE / "webmentions.json")


def test_webmentions_stand_in_the_order_of_their_times(tmp_path):
    days = {3: "2022-01-03T00:00:00Z", 1: "2022-01-01T00:00:00Z", 2: "2022-01-02T00:00:00Z"}
    kept = [
        {"wm-id": n, "wm-target": "https://a.example/", "published": day, "content": {"text": "x"}}
        for n, day in days.items()
    ]
    [thread], _ = read_json(tmp_path, kept)
    assert [c.locator for c in thread.comments] == ["wm-1", "wm-2", "wm-3"]


def test_the_older_links_are_webmentions_too():
    [thread], losses = read(HERE / "links.json")
    assert [(c.locator, c.name, c.kind, c.text) for c in thread.comments] == [
        ("wm-31", "Una", "comment", "Old words & all."),
        ("wm-32", "Vic", "pingback", "Plain words\n\nof a link."),
    ]
    assert (thread.url, losses) == ("https://meadow.example/wax", {})


def test_pages_of_webmentions_that_are_missing_are_counted(tmp_path):
    kept = json.loads((HERE / "webmentions.json").read_text())
    _, losses = read_json(tmp_path, {**kept, "paging": {"total": 9}})
    assert losses["lost"] == {"entries that the file does not hold (further pages)": 4}


def test_an_entry_that_answers_another_page_is_an_article_of_its_own(tmp_path):
    context = '<p>In reply to <a class="u-in-reply-to h-cite" href="https://o.example/1">that</a></p>'
    thread, losses = entry(tmp_path, context)
    assert (thread.article.text, thread.comments, losses) == ("T\n\nBody.", (), {})


def test_a_quotation_of_what_is_answered_is_no_comment_and_counted(tmp_path):
    inside = '<div class="e-content"><div class="u-in-reply-to h-cite"><p class="e-content">Theirs</p></div>Mine</div>'
    [thread], losses = read_page(tmp_path, f'<div class="h-entry">{inside}</div>')
    assert (thread.article.text, thread.comments) == ("Mine", ())
    assert losses == {"lost": {"quotations of the pages that are answered": 1}}


def test_an_entry_without_a_name_has_no_title(tmp_path):
    [thread], _ = read_page(tmp_path, '<div class="h-entry"><p class="e-content p-name">Only a note.</p></div>')
    assert (thread.title, thread.article.text) == (None, "Only a note.")
    assert [block.label for block in thread.article.blocks] == ["paragraph"]


def test_a_name_inside_the_content_is_not_there_twice(tmp_path):
    inside = '<div class="h-entry"><div class="e-content"><h1 class="p-name">T</h1><p>Body.</p></div></div>'
    [thread], _ = read_page(tmp_path, inside)
    assert (thread.title, thread.article.text) == ("T", "T\n\nBody.")


def test_without_content_the_words_of_the_entry_are_found(tmp_path):
    body = "<p>Sentence one of a body that nobody marked.</p><p>Sentence two of it, also long enough.</p>"
    inside = f'<div class="h-entry"><h1 class="p-name">T</h1>{body}<span class="p-author">Me</span></div>'
    [thread], _ = read_page(tmp_path, inside)
    assert thread.article.text.endswith("nobody marked.\n\nSentence two of it, also long enough.")
    assert thread.article.name == "Me"


def test_comments_beside_the_entry_are_of_it(tmp_path):
    comment = '<div class="h-entry"><p class="p-author">A</p><p class="p-content">x</p></div>'
    thread, losses = entry(tmp_path, "", f'<section class="h-feed comments">{comment}</section>')
    assert (shape(thread), losses) == ([("A", None, "x")], {})


def test_a_citation_that_nothing_marks_as_a_comment_is_counted(tmp_path):
    thread, losses = entry(tmp_path, '<p class="h-cite"><b class="p-name">A page</b></p>')
    assert thread.comments == ()
    assert losses == {"dropped": {"citations and entries that are not marked as comments": 1}}


@pytest.mark.parametrize(
    "around", ["class='comments'", "id='comments'", "class='webmentions__list'", "class='post-replies'"]
)
def test_a_section_of_comments_marks_what_is_in_it(tmp_path, around):
    thread, _ = entry(tmp_path, f'<ul {around}><li class="h-cite"><p class="p-content">x</p></li></ul>')
    assert [c.text for c in thread.comments] == ["x"]


def test_an_unmarked_entry_that_answers_the_article_is_a_comment(tmp_path):
    answer = (
        '<div class="h-cite"><p class="p-content">x</p><a class="u-in-reply-to" href="http://m.example/p/"></a></div>'
    )
    thread, _ = entry(tmp_path, answer)
    assert [(c.text, c.parent) for c in thread.comments] == [("x", "https://m.example/p")]


def test_answers_to_a_copy_of_the_article_answer_the_article(tmp_path):
    copy = '<a class="u-syndication" href="https://s.example/7"></a>'
    comment = '<div class="u-comment h-cite"><a class="u-in-reply-to" href="https://s.example/7"></a><p class="p-content">x</p>'
    thread, losses = entry(tmp_path, f"{copy}{comment}</div>")
    assert (thread.comments[0].parent, losses) == ("https://m.example/p", {})


def test_answers_to_a_copy_of_a_comment_answer_the_comment(tmp_path):
    one = '<div class="u-comment h-cite" id="c1"><a class="u-syndication" href="https://s.example/7"></a><p class="p-content">x</p>'
    two = '<div class="u-comment h-cite" id="c2"><a class="u-in-reply-to" href="https://s.example/7"></a><p class="p-content">y</p>'
    thread, losses = entry(tmp_path, f"{one}</div>{two}</div>")
    assert [(c.key, c.parent) for c in thread.comments] == [("c1", None), ("c2", "c1")]
    assert losses == {}


def test_a_page_that_names_its_address_gives_it_to_an_entry_that_does_not(tmp_path):
    head = '<link rel="canonical" href="https://m.example/p">'
    [thread], _ = read_page(tmp_path, '<p class="h-entry"><i class="p-content">x</i></p>', head)
    assert thread.url == "https://m.example/p"


def test_the_address_of_the_article_is_no_id_of_a_comment(tmp_path):
    comment = '<div class="u-comment h-cite"><a class="u-url" href="https://m.example/p/"></a><p class="p-content">x</p></div>'
    thread, losses = entry(tmp_path, comment)
    assert thread.comments[0].locator == "/html[1]/body[1]/article[1]/div[2]"
    assert losses == {}


def test_several_entries_are_several_threads(tmp_path):
    both = "".join(
        f'<div class="h-entry"><a class="u-url" href="https://m.example/{n}"></a><p class="p-content">{n}</p></div>'
        for n in "ab"
    )
    threads, _ = read_page(tmp_path, f'<div class="h-feed">{both}</div>')
    assert [t.article.text for t in threads] == ["a", "b"]
    head = '<link rel="canonical" href="https://m.example/b">'
    [thread], losses = read_page(tmp_path, both, head)
    assert (thread.article.text, losses) == ("b", {"dropped": {"entries beside the article of the page": 1}})


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ('<a class="p-author h-card" href="x"><img src="a" alt="Face"> Ann</a>', "Ann"),
        ('<a class="p-author h-card" href="x"><img src="a" alt="Ann"></a>', "Ann"),
        (
            '<div class="p-author h-card"><a class="u-url" href="x">@ann</a> <b class="p-name">Ann &amp;amp; B</b></div>',
            "Ann &amp; B",
        ),
        (
            '<span class="comment-author vcard h-card p-author"><b class="fn">Ann</b> <span class="says">says:</span></span>',
            "Ann",
        ),
        ('<span class="p-author h-card">Ann <span class="says">says:</span></span>', "Ann"),
        ('<span class="p-author h-card"><b class="fn">Ann</b> wrote</span>', "Ann"),
        ('<a class="u-author h-card" href="#">Ann</a>', "Ann"),
        ('<data class="p-author" value="Ann"></data>', "Ann"),
        ('<p class="p-author">[deleted]</p>', None),
        ('<div class="h-card"><a class="p-author p-name">Ann</a></div>', "Ann"),
        ("", None),
    ],
)
def test_an_author_is_named_as_shown(tmp_path, author, name):
    thread, _ = entry(tmp_path, f'<div class="u-comment h-cite">{author}<p class="p-content">x</p></div>')
    assert thread.comments[0].name == name


def test_the_name_of_a_citation_is_a_title_and_not_its_author(tmp_path):
    thread, losses = entry(
        tmp_path, '<p class="p-comment h-cite"><b class="p-name">Re: T</b> <i class="p-content">x</i></p>'
    )
    assert [(c.name, c.text) for c in thread.comments] == [(None, "x")]
    assert losses == {"lost": {"titles of comments": 1}}


def test_an_address_that_several_comments_share_is_no_id(tmp_path):
    comment = '<div class="u-comment h-cite"><a class="u-url" href="https://m.example/c"></a><p class="p-content">{}</p></div>'
    thread, losses = entry(tmp_path, comment.format("one") + comment.format("two"))
    assert [c.text for c in thread.comments] == ["one", "two"]
    assert all(c.locator.startswith("/html") for c in thread.comments)
    assert losses == {"doubtful": {"ids that several entries have, not taken": 2}}


def test_a_comment_printed_twice_is_called_the_same(tmp_path):
    comment = (
        '<div class="u-comment h-cite"><a class="u-url" href="https://c.example/1"></a><p class="p-content">x</p></div>'
    )
    thread, _ = entry(tmp_path, comment * 2)
    assert [c.locator for c in thread.comments] == ["https://c.example/1"] * 2


def test_relative_addresses_are_taken_from_the_page(tmp_path):
    inside = f'<div class="h-entry">{MAIN}<p class="u-comment h-cite"><a class="u-url" href="#c7"></a><i class="p-content">x</i></p></div>'
    [thread], _ = read_page(tmp_path, inside, '<link rel="canonical" href="https://m.example/p">')
    assert thread.comments[0].locator == "https://m.example/p#c7"


def test_comments_on_a_page_that_marks_no_entry_are_of_the_page(tmp_path):
    body = (
        "<article><h1>Unmarked</h1>"
        + "<p>A long paragraph of the article, as articles have them.</p>" * 4
        + "</article>"
    )
    comment = '<div class="u-comment h-cite"><p class="p-author">A</p><p class="p-content">x</p></div>'
    [thread], _ = read_page(tmp_path, body + comment)
    assert thread.title == "Unmarked"
    assert "A long paragraph" in thread.article.text
    assert [(c.name, c.text) for c in thread.comments] == [("A", "x")]


def test_classes_of_style_sheets_are_no_microformats(tmp_path):
    thread, losses = entry(tmp_path, '<div class="h-full u-comment-x"><p class="p-4 h-px">x</p></div>')
    assert (thread.comments, losses) == ((), {})


@pytest.mark.parametrize(
    "bad", [None, 3, "x", [], {}, {"type": ["h-cite"]}, {"type": 3, "properties": []}, {"html": 1}]
)
def test_one_bad_value_costs_no_other(tmp_path, bad):
    good = {"type": ["h-cite"], "properties": {"content": ["kept"], "author": [bad], "url": bad}}
    item = {
        "type": ["h-entry"],
        "properties": {"name": [bad], "comment": [bad, good], "published": [bad]},
        "children": [bad],
    }
    [thread], _ = read_json(tmp_path, {"items": [item]})
    assert "kept" in [c.text for c in thread.comments]


def test_half_characters_do_no_harm(tmp_path):
    value = {
        "type": "entry",
        "url": "https://a\ud800",
        "name": "\udfff",
        "comment": {"url": "\ud800", "content": "x\ud800"},
    }
    [thread], _ = read_json(tmp_path, value)
    assert [c.text for c in thread.comments] == ["x"]
    "".join([thread.url, thread.article.locator, *(c.locator for c in thread.comments)]).encode()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[1]", '{"type": "feed", "children": []}', "<p>", '{"items": [{}]}', "{"]
)
def test_what_holds_no_entry_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(IngestError, match=r"x\.json"):
        read(path, "microformats")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["entry", "cite", "https://a.b"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.just(["h-entry"])
        | st.just(["h-cite"])
        | st.dictionaries(
            st.sampled_from(
                "items type properties children comment like mention content html text value author name url uid "
                "in-reply-to published wm-target wm-property wm-id links target data activity".split()
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
    path = tmp_path_factory.mktemp("u") / "t.json"
    path.write_text(json.dumps(value))
    survives(READER, path)


@given(st.integers(0, 3500), st.integers(0, 300), st.binary(max_size=6), st.sampled_from(NAMES))
@settings(max_examples=60, deadline=None)
def test_any_damage_gives_threads_or_an_error(tmp_path_factory, start, length, put, name):
    folder = tmp_path_factory.mktemp("u")
    survives(READER, damaged(HERE / name, start, length, put, name=name, folder=folder))
