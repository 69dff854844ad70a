"""Blogger's exports: which entry is what, under which post a comment stands, what it answers, and what is left out."""

import contextlib
import datetime
import shutil
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose, readers
from corpus_tools.ingest.forms.blogger_export import recognise
from corpus_tools.ingest.reading import SURE
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES, read, shape

HERE = FIXTURES / "blogger-export"
BACKUP, TAKEOUT, CONVERTED, BROKEN = (
    HERE / name for name in ("backup.xml", "feed.atom", "converted.xml", "broken.xml")
)
KIND = "http://schemas.google.com/blogger/2008/kind#"
OPENING = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0' "
    "xmlns:blogger='http://schemas.google.com/blogger/2018'>"
)


def utc(*parts):
    return datetime.datetime(*parts, tzinfo=datetime.UTC)


def entry(kind, number, *, on=None, inside="", when="2010-01-01T10:00:00Z", content="Words."):
    reply = f"<thr:in-reply-to ref='tag:blogger.com,1999:blog-1.post-{on}'/>" if on else ""
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{number}</id><published>{when}</published>"
        f"<category scheme='http://schemas.google.com/g/2005#kind' term='{KIND}{kind}'/>"
        f"<content type='html'>{content}</content>{reply}{inside}</entry>"
    )


def written(tmp_path, *entries, opening=OPENING, name="export.xml"):
    path = tmp_path / name
    path.write_text(opening + "".join(entries) + "</feed>", encoding="utf-8")
    return path


def read_entries(tmp_path, *entries):
    return read(written(tmp_path, *entries), "blogger-export")


def one_comment(tmp_path, inside="", content="Words."):
    threads, losses = read_entries(
        tmp_path, entry("post", 1), entry("comment", 2, on=1, inside=inside, content=content)
    )
    [thread] = threads
    [comment] = thread.comments
    return comment, losses


def archive(path, **members):
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


# What it is taken for


@pytest.mark.parametrize("path", [BACKUP, TAKEOUT, CONVERTED, BROKEN], ids=lambda path: path.name)
def test_an_export_says_itself_that_it_is_one(path):
    assert recognise(Source(path)).strength == SURE
    assert choose(Source(path))[0].form == "blogger-export"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{OPENING}</feed>", "schema of Blogger"),
        ("<feed><generator version='7.00'>Blogger</generator></feed>", "generator is Blogger"),
        (f"<!-- <rss> --><a:feed xmlns:a='x'><a:entry><a:category term='{KIND}post'/></a:entry></a:feed>", "entries"),
    ],
)
def test_what_was_seen_is_said(tmp_path, content, reason):
    path = tmp_path / "x"
    path.write_text(content)
    assert reason in recognise(Source(path)).reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 50,
        b"<feed xmlns='http://www.w3.org/2005/Atom'><generator>WordPress</generator><entry/></feed>",
        b"<rss><channel><generator>Blogger</generator></channel></rss>",
        b"<html><body>&lt;feed&gt;<generator>Blogger</generator></body></html>",
        b"<feed><entry><category term='http://gdata.youtube.com/schemas/2007#video'/></entry></feed>",
        b"Blogger said...\n\n<feed",
        b"<feedback><generator>Blogger</generator></feedback>",
        b"PK\x03\x04 no archive",
    ],
)
def test_other_files_are_not_taken_for_one(tmp_path, content):
    path = tmp_path / "x.xml"
    path.write_bytes(content)
    assert recognise(Source(path)) is None


def test_neither_a_folder_nor_a_fixture_of_another_form_is_taken_for_one(tmp_path):
    assert recognise(Source(tmp_path)) is None
    others = [path for path in FIXTURES.rglob("*") if path.is_file() and HERE not in path.parents]
    assert [path for path in others if recognise(Source(path))] == []


def test_no_other_form_is_as_sure_of_an_export():
    for path in HERE.iterdir():
        matches = {form: reader.recognise(Source(path)) for form, reader in readers().items()}
        assert [form for form, match in matches.items() if match and match.strength == SURE] == ["blogger-export"]


# The older schema


def test_posts_and_pages_are_articles_with_their_comments():
    threads, _ = read(BACKUP)
    assert [(thread.key, thread.title, len(thread.comments)) for thread in threads] == [
        ("post-11", "Tea & the <old> lighthouse", 6),
        ("post-13", "Quiet day", 0),
        ("page-14", "About", 1),
        ("post-99", None, 1),
    ]
    assert threads[0].article.text == "Tea & the <old> lighthouse\n\nThe lamp was lit.\n\nSalt & rust; x < y."
    assert [block.label for block in threads[0].article.blocks] == ["headline", "paragraph", "paragraph"]


def test_names_times_and_addresses_are_those_of_the_file():
    threads, _ = read(BACKUP)
    assert [thread.url for thread in threads] == [
        "http://harbour-notes.blogspot.com/2013/04/lighthouse.html",
        "http://harbour-notes.blogspot.com/2013/04/quiet-day.html",
        "http://harbour-notes.blogspot.com/p/about.html",
        "http://harbour-notes.blogspot.com/2008/02/old-pier.html",
    ]
    assert (threads[1].article.name, threads[1].article.posted_at) == ("Ann O'Dell", utc(2013, 4, 11, 6, 30))
    first = threads[0].comments[0]
    assert (first.name, first.handle, first.posted_at) == ("Zoë & Co.", None, utc(2013, 4, 25, 8, 0))
    assert (first.key, first.locator) == ("post-101", "c101")
    assert [threads[2].comments[0].name, threads[3].comments[0].name] == ["Anonymous", "Unknown"]


def test_a_comment_answers_the_comment_that_its_link_names_or_else_the_post():
    thread = read(BACKUP)[0][0]
    assert [(one.key, one.parent) for one in thread.comments if one.kind == "comment"] == [
        ("post-101", "post-11"),
        ("post-102", "post-101"),
        ("post-103", "post-11"),
        ("post-104", "post-11"),
    ]


def test_comments_of_one_minute_are_turned_round_with_a_file_that_begins_with_the_newest():
    thread = read(BACKUP)[0][0]
    assert [one.text for one in thread.comments][-2:] == [
        "First in the same minute & more <b>.",
        "Second in the same minute.",
    ]


def test_comments_of_one_time_stay_as_they_are_in_a_file_that_begins_with_the_oldest(tmp_path):
    times = ["2010-01-01T10:00:00Z", "2010-01-01T11:00:00Z", "2010-01-01T11:00:00Z"]
    comments = [entry("comment", n, on=1, when=when) for n, when in zip((5, 6, 7), times, strict=True)]
    [thread], _ = read_entries(tmp_path, *comments, entry("post", 1))
    assert [one.key for one in thread.comments] == ["post-5", "post-6", "post-7"]


def test_the_words_of_a_comment_are_its_content_and_not_its_title():
    thread = read(BACKUP)[0][0]
    assert thread.comments[3].text == "Who lit it?\n\nI wonder.\nReally."
    assert [block.label for block in thread.comments[3].blocks] == ["paragraph", "paragraph"]


def test_what_was_taken_out_is_known_by_its_mark_in_any_language():
    thread = read(BACKUP)[0][0]
    assert [(one.key, one.kind, one.text) for one in thread.comments if one.kind != "comment"] == [
        ("post-108", "deleted", None),
        ("post-107", "deleted", None),
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("This comment has been removed by the author.", "deleted"),
        (
            "&lt;span class=&quot;deleted-comment&quot;&gt;This comment has been removed by the author.&lt;/span&gt;",
            "deleted",
        ),
        ("This comment has been removed by a blog administrator.", "removed"),
        ("Dieser Kommentar wurde von einem Blog-Administrator entfernt.", "removed"),
        ("This comment has been removed by the author. Why?", "comment"),
    ],
)
def test_what_was_taken_out_is_known_by_its_notice_where_it_has_no_mark(tmp_path, content, kind):
    comment, _ = one_comment(tmp_path, content=content)
    assert (comment.kind, comment.text is None) == (kind, kind != "comment")


def test_settings_templates_drafts_and_what_stands_under_them_are_left_out_and_counted():
    assert read(BACKUP)[1] == {
        "dropped": {
            "settings of the blog": 2,
            "templates of the blog": 1,
            "posts that were never published": 1,
            "comments on posts that were never published": 1,
        },
        "lost": {"images": 1, "articles of threads whose comments alone are in the file": 1},
        "missing": {"comments that the feed counts and does not hold": 1},
    }


def test_comments_whose_post_is_not_there_are_a_thread_without_article():
    thread = read(BACKUP)[0][-1]
    assert (thread.article, thread.key) == (None, "post-99")
    assert [(one.text, one.parent) for one in thread.comments] == [("On a post from long ago.", None)]


def test_nothing_private_is_read():
    for path in HERE.iterdir():
        assert not [word for word in ("@", "profile/", "loans.example") if word in repr(read(path)[0])]


# The schema of 2018


def test_a_feed_of_takeout_names_post_and_answered_comment_in_elements_of_its_own():
    threads, _ = read(TAKEOUT)
    assert [(thread.key, thread.title) for thread in threads] == [
        ("post-21", "Pears & Hazel's ladder"),
        ("page-31", None),
    ]
    assert shape(threads[0]) == [
        ("Anonymous", "Hazel", "Which sort of pear?"),
        ("Hazel", "Anonymous", "Conference.\nFrom my "),
        ("Best Loans", "Hazel", "Buy now"),
    ]
    assert threads[0].article.text == "Pears & Hazel's ladder\n\nThe first pears.\n\nA\u00a0ladder."
    assert threads[0].article.name == "Hazel"
    assert threads[0].comments[0].posted_at == utc(2019, 9, 2, 7, 0, 0, 123000)


def test_an_empty_mark_of_the_trash_marks_nothing():
    assert read(TAKEOUT)[1]["dropped"] == {
        "posts in the trash": 1,
        "posts that were never published": 1,
        "comments on posts that were never published": 1,
    }


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("LIVE", "comment"),
        ("SPAM", "spam"),
        ("GHOSTED", "spam"),
        ("DELETED", "deleted"),
        ("EMPTIED", "deleted"),
        ("SOFT_TRASHED", "deleted"),
        ("HIDDEN", "removed"),
        ("REJECTED", "removed"),
        ("PENDING_MODERATION", "unapproved"),
        ("SOMETHING_NEW", "removed"),
    ],
)
def test_the_status_of_a_comment_is_its_kind(tmp_path, status, kind):
    comment, losses = one_comment(tmp_path, inside=f"<blogger:status>{status}</blogger:status>")
    assert (comment.kind, comment.text) == (kind, "Words.")
    assert ("doubtful" in losses) == (status == "SOMETHING_NEW")


def test_a_comment_in_the_trash_is_deleted(tmp_path):
    inside = "<blogger:status>LIVE</blogger:status><blogger:trashed>2020-01-01T00:00:00Z</blogger:trashed>"
    assert one_comment(tmp_path, inside=inside)[0].kind == "deleted"


@pytest.mark.parametrize(
    ("status", "counted"),
    [
        ("SCHEDULED", "posts that were never published"),
        ("SOFT_TRASHED", "posts in the trash"),
        ("SOMETHING_NEW", "posts of a status that is not known"),
    ],
)
def test_posts_that_are_not_to_be_seen_are_left_out(tmp_path, status, counted):
    threads, losses = read_entries(
        tmp_path, entry("post", 1, inside=f"<blogger:status>{status}</blogger:status>"), entry("comment", 2, on=1)
    )
    assert threads == []
    assert losses == {"dropped": {counted: 1, counted.replace("posts", "comments on posts"): 1}}


def test_the_address_of_a_post_is_put_together_only_where_the_feed_names_its_own(tmp_path):
    path = tmp_path / "feed.atom"
    feed = TAKEOUT.read_text(encoding="utf-8")
    path.write_text(feed.replace("<entry>", "<link rel='alternate' href='https://orchard.example/'/><entry>", 1))
    assert [thread.url for thread in read(path)[0]] == [
        "https://orchard.example/2019/09/pears.html",
        "https://orchard.example/p/owner.html",
    ]
    assert [thread.url for thread in read(TAKEOUT)[0]] == [None, None]


# Which post, which comment


def test_odd_prefixes_and_ids_of_a_converter_are_taken_as_they_are():
    [thread], losses = read(CONVERTED)
    assert (thread.key, thread.title, losses) == ("post-4", "Wheels & stones", {})
    assert [(one.key, one.parent, one.name) for one in thread.comments] == [("post-4.comment-8", "post-4", "visitor")]
    assert thread.article.text == "Wheels & stones\n\nThe wheel turns.\n\nSlowly."


def test_a_page_may_be_called_a_post_by_its_comments(tmp_path):
    page = entry("page", 1).replace("blog-1.post-1", "blog-1.page-1")
    [thread], _ = read_entries(tmp_path, page, entry("comment", 2, on=1))
    assert [(one.key, one.parent) for one in thread.comments] == [("post-2", "page-1")]


def test_a_comment_that_is_named_in_place_of_a_post_is_what_is_answered(tmp_path):
    [thread], _ = read_entries(
        tmp_path,
        entry("post", 1),
        *(entry("comment", n, on=n - 1, when=f"2010-01-01T10:0{n}:00Z") for n in range(2, 6)),
    )
    assert [(one.key, one.parent) for one in thread.comments] == [
        ("post-2", "post-1"),
        ("post-3", "post-2"),
        ("post-4", "post-3"),
        ("post-5", "post-4"),
    ]


def test_an_answer_to_what_is_not_in_the_file_names_it_all_the_same(tmp_path):
    link = "<link rel='related' href='http://www.blogger.com/feeds/1/1/comments/default/77'/>"
    assert one_comment(tmp_path, inside=link)[0].parent == "post-77"


@pytest.mark.parametrize(
    "named",
    [
        "<thr:in-reply-to source='http://www.blogger.com/feeds/1/posts/default/1'/>",
        "<link rel='self' href='http://www.blogger.com/feeds/1/1/comments/default/2'/>",
        "<blogger:parent>tag:blogger.com,1999:blog-1.post-1</blogger:parent>",
        "<blogger:parent> tag:blogger.com,1999:blog-1.post-1\n </blogger:parent><blogger:inReplyTo/>",
    ],
)
def test_the_post_of_a_comment_is_named_in_several_ways(tmp_path, named):
    [thread], _ = read_entries(tmp_path, entry("post", 1), entry("comment", 2, inside=named))
    assert [one.parent for one in thread.comments] == ["post-1"]


def test_comments_that_name_no_post_are_left_out_and_counted(tmp_path):
    _, losses = read_entries(tmp_path, entry("post", 1), entry("comment", 2))
    assert losses == {"dropped": {"comments that name no post": 1}}


def test_comments_that_answer_each_other_in_a_circle_are_read(tmp_path):
    threads, _ = read_entries(tmp_path, entry("comment", 2, on=3), entry("comment", 3, on=2), entry("comment", 4, on=4))
    assert sorted(one.key for thread in threads for one in thread.comments) == ["post-2", "post-3", "post-4"]


def test_posts_of_two_blogs_with_the_same_number_are_two(tmp_path):
    other = (entry("post", 1, content="Other.") + entry("comment", 3, on=1)).replace("blog-1.", "blog-2.")
    threads, _ = read_entries(tmp_path, entry("post", 1), entry("comment", 2, on=1), other)
    assert [[one.key for one in thread.comments] for thread in threads] == [["post-2"], ["post-3"]]


def test_a_post_that_comes_twice_is_read_once(tmp_path):
    threads, losses = read_entries(tmp_path, entry("post", 1), entry("post", 1, content="Again."))
    assert [thread.article.text for thread in threads] == ["Words."]
    assert losses == {"dropped": {"posts with the id of one before them": 1}}


def test_an_entry_without_an_id_is_found_again_by_its_place(tmp_path):
    nameless = entry("post", 1).replace("<id>tag:blogger.com,1999:blog-1.post-1</id>", "")
    threads, _ = read_entries(tmp_path, entry("settings", 9), nameless, nameless)
    assert [(thread.key, thread.article.locator) for thread in threads] == [
        (None, "/feed/entry[2]"),
        (None, "/feed/entry[3]"),
    ]


def test_an_id_that_looks_like_a_place_is_none(tmp_path):
    odd = entry("post", 1).replace("tag:blogger.com,1999:blog-1.post-1", "/feed/entry[7]")
    [thread], _ = read_entries(tmp_path, odd)
    assert (thread.article.key, thread.article.locator) == (None, "/feed/entry[1]")


def test_a_day_without_a_time_is_the_date_of_the_thread(tmp_path):
    [thread], losses = read_entries(tmp_path, entry("post", 1, when="2010-01-31"))
    assert (thread.date, thread.article.posted_at) == ("2010-01-31", None)
    assert losses == {"missing": {"times of day, where a day is given": 1}}


def test_a_feed_that_a_blog_serves_is_read_without_kinds(tmp_path):
    plain = [
        entry("post", 1, inside="<thr:total>12</thr:total>"),
        entry("comment", 2, on=1),
        entry("post", 3).replace("<content type='html'>Words.</content>", "<summary type='text'>Short...</summary>"),
    ]
    kindless = [one.replace("<category scheme='http://schemas.google.com/g/2005#kind'", "<category ") for one in plain]
    kindless = [one.replace(KIND, "label ") for one in kindless]
    threads, losses = read_entries(tmp_path, *kindless)
    assert [(thread.article.text, len(thread.comments)) for thread in threads] == [("Words.", 1), ("Short...", 0)]
    assert losses == {
        "lost": {"texts of which the feed has a summary only": 1},
        "missing": {"comments that the feed counts and does not hold": 11},
    }


# How words are written


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<content type='html'>a &amp;amp;amp; b&lt;br /&gt;c</content>", "a &amp; b\nc"),
        ("<content type='text'>a &lt;b&gt; &amp;amp; c</content>", "a <b> &amp; c"),
        ("<content>&lt;i&gt;a&lt;/i&gt; b</content>", "a b"),
        ("<content type='html'><![CDATA[<p>a &amp; b</p><p>]]&gt; </entry> c</p>]]></content>", "a & b\n\n]]> c"),
        (
            "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>a &lt; b</p><!-- no --><p>c</p></div></content>",
            "a < b\n\nc",
        ),
        (
            "<content type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'>a<x:br/>b</x:div> c</content>",
            "a\nb\n\nc",
        ),
        (
            "<content type='xhtml'>a &lt;b&gt; c<div xmlns='http://www.w3.org/1999/xhtml'>d</div></content>",
            "a <b> c\n\nd",
        ),
        ("<content type='html'>a<br/>b &amp; <i>c</i> d</content>", "a\nb & c d"),
        ("<content type='html'>a & b &copy; &unknown; c</content>", "a & b © &unknown; c"),
    ],
)
def test_content_is_read_as_its_type_says(tmp_path, content, text):
    written_so = entry("post", 1).replace("<content type='html'>Words.</content>", content)
    [thread], _ = read_entries(tmp_path, written_so)
    assert thread.article.text == text


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        ("<title type='text'>Q&amp;amp;A</title>", "Q&amp;A"),
        ("<title>Q&amp;amp;A</title>", "Q&A"),
        ("<title>R&amp;D</title>", "R&D"),
        ("<title>x &lt;y&gt; z</title>", "x <y> z"),
        ("<title type='html'>Q&amp;amp;A &lt;b&gt;now&lt;/b&gt;</title>", "Q&A now"),
        ("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>Q <b>A</b></div></title>", "Q A"),
        ("<title type='text'>\n  A\n  B\n</title>", "A B"),
        ("<title type='text'/>", None),
        ("", None),
    ],
)
def test_a_title_is_decoded_as_its_type_says(tmp_path, title, read_as):
    [thread], _ = read_entries(tmp_path, entry("post", 1, inside=title))
    assert thread.title == read_as
    assert thread.article.text == (f"{read_as}\n\nWords." if read_as else "Words.")


# Broken files


def test_a_mistake_in_one_entry_stays_in_it_and_the_cut_one_is_left_out():
    [thread], losses = read(BROKEN)
    assert thread.article.text == "The kiln at night\n\nGlaze\nand ash."
    assert (thread.key, thread.article.name, thread.article.posted_at) == ("post-1", "Olwen", utc(2011, 3, 1, 10))
    assert [(one.text, one.parent) for one in thread.comments] == [("Lovely & warm.", "post-1")]
    assert losses == {
        "dropped": {"entries cut off at the end of the file": 1, "posts that were never published": 1},
        "missing": {"comments that the feed counts and does not hold": 2},
        "repaired": {
            "characters before the beginning of the XML, passed over": 31,
            "places where the XML is not well-formed": 1,
            "entities that XML does not have, read as those of HTML": 1,
            "ampersands that are not escaped": 1,
            "titles and contents whose HTML is not escaped": 1,
        },
    }


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_file_of_another_encoding_is_read_alike(tmp_path, encoding):
    path = tmp_path / "backup.xml"
    path.write_bytes(BACKUP.read_text(encoding="utf-8").encode(encoding))
    assert recognise(Source(path)).strength == SURE
    assert read(path) == read(BACKUP)


def test_a_file_cut_anywhere_gives_only_whole_entries(tmp_path):
    whole = BACKUP.read_bytes()
    first = whole.index(b"<entry>")
    texts = {one.key: one.text for thread in read(BACKUP)[0] for one in (*thread.comments, thread.article) if one}
    path = tmp_path / "cut.xml"
    for length in range(first, len(whole), 613):
        path.write_bytes(whole[:length])
        threads, losses = read(path, "blogger-export")
        kept = {one.key: one.text for thread in threads for one in (*thread.comments, thread.article) if one}
        assert kept.items() <= texts.items()
        started = whole[:length].count(b"<entry>") > whole[:length].count(b"</entry>")
        assert losses.get("dropped", {}).get("entries cut off at the end of the file", 0) == started


def test_an_entry_that_never_ends_ends_where_the_next_begins(tmp_path):
    threads, losses = read_entries(tmp_path, entry("post", 1).removesuffix("</entry>"), entry("post", 2))
    assert [thread.key for thread in threads] == ["post-1", "post-2"]
    assert losses == {"repaired": {"places where the XML is not well-formed": 1}}


def test_an_entry_that_is_nested_too_deep_does_not_take_the_others_with_it(tmp_path):
    deep = entry("post", 1, content="").replace("type='html'>", "type='xhtml'>" + "<div>" * 5000)
    threads, losses = read_entries(tmp_path, deep, entry("post", 2))
    assert [thread.key for thread in threads] == ["post-2"]
    assert losses["dropped"] == {"entries that cannot be read": 1}


def test_a_body_that_is_nested_too_deep_is_lost_and_counted(tmp_path):
    [thread], losses = read_entries(tmp_path, entry("post", 1, content="&lt;div&gt;" * 5000 + "x"))
    assert thread.article.text == ""
    assert losses["lost"] == {"words of texts that are nested too deep": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<rss/>", "no <feed>"),
        ("", "no <feed>"),
        ("<?xml version='1.0'?", "no <feed>"),
        ("<!DOCTYPE feed [<!ENTITY a 'b'>]><feed/>", "entities"),
        ("<feed><!ENTITY a 'b'></feed>", "entities"),
    ],
)
def test_what_is_no_feed_is_refused(tmp_path, content, said):
    path = tmp_path / "x.xml"
    path.write_text(content)
    with pytest.raises(IngestError, match=said):
        read(path, "blogger-export")


def test_a_feed_without_entries_holds_no_thread(tmp_path):
    assert read_entries(tmp_path) == ([], {})


# Archives of Takeout


def test_every_feed_in_an_archive_is_read_and_the_rest_is_counted(tmp_path):
    feed, backup = TAKEOUT.read_bytes(), BACKUP.read_bytes()
    path = archive(
        tmp_path / "takeout.zip",
        **{
            "Takeout/archive_browser.html": b"<html/>",
            "Takeout/Blogger/Blogs/Orchard/feed.atom": feed,
            "__MACOSX/Takeout/Blogger/Blogs/Orchard/._feed.atom": b"\x00\x05\x16\x07",
            "Takeout/Blogger/Blogs/Orchard/settings.csv": b"a,b",
            "Takeout/Blogger/Blogs/Orchard/theme-layouts.xml": b"<html/>",
            "Takeout/Blogger/Blogs/Harbour notes/feed.atom": backup,
            "Takeout/Blogger/Albums/Orchard/pear.jpg": b"\xff\xd8",
            "Takeout/Blogger/old.zip": b"PK",
        },
    )
    assert recognise(Source(path)).strength == SURE
    threads, losses = read(path)
    assert [thread.key for thread in threads] == ["post-21", "page-31", "post-11", "post-13", "page-14", "post-99"]
    assert losses["dropped"]["files in the archive that are no feeds"] == 4
    assert losses["dropped"]["archives in the archive"] == 1


def test_own_comments_find_their_post_in_another_feed_or_stand_alone(tmp_path):
    own = written(tmp_path, entry("comment", 6, on=1), entry("comment", 8, on=7)).read_bytes()
    blog = written(tmp_path, entry("post", 1), entry("comment", 5, on=1)).read_bytes()
    path = archive(
        tmp_path / "takeout.zip",
        **{"Takeout/Blogger/Comments/All/feed.atom": own, "Takeout/Blogger/Blogs/All/feed.atom": blog},
    )
    threads, losses = read(path)
    assert [(thread.key, sorted(one.key for one in thread.comments)) for thread in threads] == [
        ("post-1", ["post-5", "post-6"]),
        ("post-7", ["post-8"]),
    ]
    assert losses == {"lost": {"articles of threads whose comments alone are in the file": 1}}


def test_places_in_an_archive_name_the_feed(tmp_path):
    nameless = entry("post", 1).replace("<id>tag:blogger.com,1999:blog-1.post-1</id>", "")
    feed = written(tmp_path, nameless).read_bytes()
    path = archive(tmp_path / "t.zip", **{"a/feed.atom": feed, "b/feed.atom": feed})
    assert [thread.article.locator for thread in read(path)[0]] == [
        "/a/feed.atom/feed/entry[1]",
        "/b/feed.atom/feed/entry[1]",
    ]


def test_an_archive_without_a_feed_is_not_one_and_is_refused_where_it_is_named(tmp_path):
    path = archive(tmp_path / "x.zip", **{"a.xml": b"<rss/>", "feed.atom": b""})
    assert recognise(Source(path)) is None
    with pytest.raises(IngestError, match=r"expected Takeout/Blogger/Blogs/NAME/feed\.atom"):
        read(path, "blogger-export")


def test_a_damaged_archive_is_refused(tmp_path):
    path = archive(tmp_path / "x.zip", **{"Takeout/Blogger/Blogs/a/feed.atom": TAKEOUT.read_bytes() * 3})
    path.write_bytes(path.read_bytes()[:-40])
    assert recognise(Source(path)) is None
    with pytest.raises(IngestError, match="cannot be unpacked"):
        read(path, "blogger-export")


# Anything


@st.composite
def mutated(draw):
    content = bytearray(draw(st.sampled_from([one.read_bytes() for one in (BACKUP, TAKEOUT, CONVERTED, BROKEN)])))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 400)))
        how = draw(st.sampled_from(["cut", "delete", "double", "insert"]))
        if how == "cut":
            del content[end:]
        elif how == "delete":
            del content[start:end]
        elif how == "double":
            content[start:start] = content[start:end]
        else:
            content[start:start] = draw(
                st.binary(max_size=12)
                | st.sampled_from(
                    [b"<![CDATA[", b"]]>", b"<!--", b"</entry>", b"<entry>", b"&#0;", b"&bad;", b"<!ENTITY"]
                )
            )
    return bytes(content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=mutated(), packed=st.booleans())
def test_any_bytes_give_threads_or_an_error(tmp_path, content, packed):
    path = tmp_path / "x"
    path.write_bytes(content)
    if packed:
        archive(path, **{"Takeout/Blogger/Blogs/a/feed.atom": content})
    recognise(Source(path))
    with contextlib.suppress(IngestError):
        read(path, "blogger-export")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), change=st.binary(min_size=1, max_size=8))
def test_any_archive_gives_threads_or_an_error(tmp_path, place, change):
    path = archive(tmp_path / "x.zip", **{"Takeout/Blogger/Blogs/a/feed.atom": CONVERTED.read_bytes()})
    content = path.read_bytes()
    start = int(place * len(content))
    path.write_bytes(content[:start] + change + content[start + len(change) :])
    recognise(Source(path))
    with contextlib.suppress(IngestError):
        read(path, "blogger-export")


# Into a corpus


@pytest.fixture
def empty(mini):
    """The mini corpus with nothing ingested."""
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / name)
    (mini / "scheme/mentions.toml").unlink()
    (mini / "scheme/tone.toml").unlink()
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    return mini


def test_a_corpus_takes_every_fixture_and_is_sound(empty, tmp_path):
    folder = archive(tmp_path / "takeout.zip", **{"Takeout/Blogger/Blogs/a/feed.atom": TAKEOUT.read_bytes()})
    for path in (BACKUP, folder, CONVERTED, BROKEN):
        assert ingest(path, into=empty).form == "blogger-export"
    assert validate(empty) == []


def test_a_newer_export_adds_what_is_new(empty, tmp_path):
    old = written(tmp_path, entry("post", 1), entry("comment", 2, on=1), name="old.xml")
    new = written(
        tmp_path,
        entry("comment", 3, on=1, when="2010-01-01T09:00:00Z", content="New."),
        entry("comment", 2, on=1),
        entry("post", 1),
        name="new.xml",
    )
    ingest(old, into=empty)
    report = ingest(new, into=empty)
    assert (report.added.n_texts, report.added.n_known) == (1, 2)
    assert validate(empty) == []


@pytest.mark.parametrize("page_first", [True, False])
def test_what_a_page_and_an_export_both_hold_is_in_the_corpus_once(empty, tmp_path, page_first):
    page = FIXTURES / "blogger-page/threaded_2013.html"
    post, first, second, third = 7001002003004005006, 2000000000000000001, 2000000000000000002, 2000000000000000006
    answers = f"<link rel='related' href='http://www.blogger.com/feeds/1/{post}/comments/default/{first}'/>"
    address = "<link rel='alternate' type='text/html' href='http://rudern.example.de/2013/10/am-see.html'/>"
    named = "<author><name>{}</name></author>".format
    export = written(
        tmp_path,
        entry("post", post, inside=named("Jörg K.") + address),
        entry("comment", third, on=post, inside=named("Ruth"), content="New.", when="2013-10-10T10:00:00Z"),
        entry("comment", second, on=post, inside=named("Jörg K.") + answers, when="2013-10-09T05:56:37.474Z"),
        entry("comment", first, on=post, inside=named("Ruth"), when="2013-10-07T19:00:01.460Z"),
    )
    reports = [ingest(path, into=empty) for path in ((page, export) if page_first else (export, page))]
    # Post and two comments are in both; the page has one more and the export has one more.
    assert [one.added.n_texts for one in reports] == [4, 1]
    assert reports[1].added.n_known == 3
    corpus = load(empty, "draft")
    assert corpus.threads.height == 1
    places = corpus.texts["source_locator"].to_list()
    assert len(places) == len(set(places)) == 5
    numbers = dict(corpus.texts.select("source_locator", "text_id").iter_rows())
    parents = dict(corpus.texts.select("source_locator", "parent_id").iter_rows())
    assert parents[f"c{second}"] == numbers[f"c{first}"]
