"""Reading saved pages of Blogger: every generation of its templates, the list in the script, and what is no page."""

import datetime
import json
import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.folder import read_csv
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms.blogger_page import READER, recognise
from corpus_tools.ingest.parts.javascript import lists_called
from corpus_tools.ingest.reading import LIKELY, SURE
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES, check, read, reading_of, shape

PAGES = FIXTURES / "blogger-page"
NAMES = sorted(path.name for path in PAGES.iterdir())
ROW = (
    "<dt class='comment-author ' id='c90001'><a name='c90001'></a>\n{head}\n</dt><dd class='comment-body'><p>{body}</p></dd>"
    "<dd class='comment-footer'><span class='comment-timestamp'>"
    "<a href='http://x.example/p.html?showComment=1300000000000#c90001' title='comment permalink'>1:00</a></span></dd>"
)


def page(comments, *, heading="", post="<div class='post-body'>Words.</div>", script=""):
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><meta content='blogger' name='generator'/><title>T</title>"
        f"</head><body><div class='widget Blog'><div class='post'><h3 class='post-title'>T</h3>{post}</div>"
        f"<div class='comments' id='comments'><h4>{heading}</h4>{script}{comments}</div></div></body></html>"
    )


def one(tmp_path, text):
    """The only thread of a page, and the losses."""
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")
    [thread], losses = read(path)
    return thread, losses


def fixture(name):
    [thread], losses = read(PAGES / name)
    return thread, losses


def utc(*parts):
    return datetime.datetime(*parts, tzinfo=datetime.UTC)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_names_blogger_as_its_generator_is_recognised_for_sure(name):
    assert recognise(Source(PAGES / name)).strength == SURE


@pytest.mark.parametrize(
    "path", [path for path in FIXTURES.rglob("*") if path.is_file() and "blogger-page" not in path.parts], ids=str
)
def test_sources_of_other_forms_are_not_claimed(path):
    assert recognise(Source(path)) is None


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("<html><head><META NAME=generator CONTENT=Blogger></head></html>", SURE),
        ("<html><body><script src='https://www.blogger.com/static/v1/jsbin/1-cmt.js'></script></body></html>", SURE),
        ("<html><body>blogger<script>_WidgetManager._Init('x')</script></body></html>", SURE),
        ("<html><body><a href='https://www.blogger.com/comment/frame/9?po=1&hl=en'></a></body></html>", SURE),
        ("<html><body><a href='http://x.blogspot.com/feeds/123/comments/default'>Atom</a></body></html>", SURE),
        ("<html><body><dl class='avatar-comment-indent' id='comments-block'></dl></body></html>", LIKELY),
        ("<html><body><a href='http://x.blogspot.com/1.html?showComment=1#c2'>1</a></body></html>", LIKELY),
    ],
)
def test_a_page_without_that_name_is_recognised_by_its_links_and_its_markup(tmp_path, text, strength):
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    assert recognise(Source(tmp_path / "a.html")).strength == strength


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"GIF89a blogger",
        b'{"html": "<div>_WidgetManager._Init"}'[:9],
        b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><generator>Blogger</generator><div/></feed>",
        b"<html xmlns:b='x'><b:includable id='main'/><meta content='blogger' name='generator'/></html>",
        b"<html><body>I moved here from blogspot and blogger.</body></html>",
        b"<html><head><meta name='generator' content='WordPress 6'></head><body>blogger</body></html>",
    ],
)
def test_what_is_no_page_of_blogger_is_not_claimed(tmp_path, raw):
    (tmp_path / "a.html").write_bytes(raw)
    assert recognise(Source(tmp_path / "a.html")) is None
    assert recognise(Source(tmp_path)) is None


def test_the_comments_of_a_definition_list_are_read_as_printed():
    thread, losses = fixture("list_2009.html")
    assert [(text.name, text.kind, text.text) for text in thread.comments] == [
        ("Tom & Jo", "comment", "What cone?\n\nSee this one <3"),
        ("Ilse Brandt", "comment", "Ten. He said... nothing else."),
        ("Anonymous", "comment", ""),
        ("What he said", "comment", "Cone ten it is."),
        ("Sue", "deleted", None),
        ("Cheap Pots", "removed", None),
        ("الخزاف 陶", "comment", "شكرا"),
        ("Mudlark", "trackback", "Mud and more\n\nA note on ash glazes ..."),
    ]
    assert thread.comments[0].byline == "Tom & Jo said..."
    assert thread.comments[7].byline == "posted by Mudlark @ April 5, 2009 1:00 PM"
    assert {text.handle for text in thread.comments} == {None}
    assert losses == {"lost": {"images": 2}}


def test_the_time_is_that_of_the_link_to_the_comment_itself():
    comments = fixture("list_2009.html")[0].comments
    assert comments[0].posted_at == utc(2009, 4, 5, 9, 30, 0, 123000)
    assert comments[1].posted_at == utc(2009, 4, 5, 10, 30)
    assert [text.locator for text in comments[:2]] == ["c1000000000000000001", "c1000000000000000002"]
    assert comments[0].key == comments[0].locator


def test_the_post_has_its_title_author_time_number_and_address():
    thread, _ = fixture("list_2009.html")
    assert (thread.title, thread.key) == ("On glazes & ash", "8110022003300440055")
    assert thread.url == "http://kiln.example.com/2009/04/on-glazes.html"
    article = thread.article
    assert article.text == "On glazes & ash\n\nAsh melts late.\n\nFeldspar melts early.\nSo I mix them."
    assert (article.name, article.byline) == ("Ilse Brandt", "Posted by Ilse Brandt")
    assert article.posted_at == utc(2009, 4, 5, 6, 30)
    assert article.locator == article.key == "post-8110022003300440055"


def test_the_oldest_lists_have_no_times_and_bylines_of_one_line():
    thread, losses = fixture("classic_2005.html")
    assert thread.title == "Low water"
    assert (thread.article.name, thread.article.byline) == ("R. Pole", "posted by R. Pole at 9:12 PM")
    assert [(text.name, text.kind, text.text) for text in thread.comments] == [
        ("Anna said so", "comment", "Six is early."),
        ("Anonymous", "comment", "Not for a sailor."),
        ("Bo", "removed", None),
        ("Cy", "deleted", None),
    ]
    assert [text.posted_at for text in thread.comments[:2]] == [None, utc(2005, 5, 10, 22, 12)]
    assert losses == {}


def test_boxes_with_the_byline_at_their_end_are_read():
    thread, _ = fixture("boxes_2003.html")
    assert shape(thread) == [("Zed : the Cat", None, "I count one.\n\nLook a"), ("orc", None, "Two.")]
    assert [text.locator for text in thread.comments] == ["c105400000000001", "c105400000000002"]
    assert (thread.key, thread.article.name) == ("94000001", "orc")


def test_boxes_with_a_byline_and_a_body_of_their_own_are_read(tmp_path):
    row = (
        "<a name='c2008{n}'></a><div class='blogComment'><div class='blogCommentByline'>Comment by {name} on "
        "<a href='#c2008{n}' title='Comment permalink'>May {n}, 2008 12:53 AM</a></div>"
        "<div class='blogCommentBody'>{body}<BR/><BR/>Bye.</div></div>"
    )
    rows = row.format(n=1, name="<a href='http://www.blogger.com/profile/1' rel='nofollow'>jo s</a>", body="One.")
    rows += row.format(n=2, name="<span class='anon-comment-author'>Anonymous</span>", body="Two.")
    rows += row.format(n=3, name="Max of Köln", body="Three.")
    thread, losses = one(tmp_path, page(f"<div id='blogComments'>{rows.replace('2008', '20080')}</div>"))
    assert [(text.key, text.name, text.text) for text in thread.comments] == [
        ("c200801", "jo s", "One.\n\nBye."),
        ("c200802", "Anonymous", "Two.\n\nBye."),
        ("c200803", "Max of Köln", "Three.\n\nBye."),
    ]
    assert thread.comments[2].byline == "Comment by Max of Köln on May 3, 20080 12:53 AM"
    assert losses == {}


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<h2>Night: a ferry</h2>", "Night: a ferry"),
        ("<h2 class='blog-title'>Night: a ferry <span>by Ed, at 7/13/2008</span></h2>", "Night: a ferry"),
        ("<h2>Harbour: Night: a ferry</h2>", "Harbour: Night: a ferry"),
        ("<h2>Another one</h2>", "Harbour: Night: a ferry"),
    ],
)
def test_the_title_of_the_window_is_shortened_where_a_heading_is_the_rest(tmp_path, heading, title):
    words = "<p>A hundred words about a harbour that nobody has visited since the ferry stopped in the spring.</p>" * 3
    thread, _ = one(
        tmp_path,
        "<html><head><meta name='generator' content='blogger'><title>Harbour: Night: a ferry</title></head>"
        f"<body>{heading}<div class='words'>{words}</div></body></html>",
    )
    assert thread.title == title


def test_the_number_of_a_comment_is_in_the_link_that_deletes_it(tmp_path):
    links = {
        "90001": "https://www.blogger.com/delete-comment.g?blogID=17&postID=90001",
        "90002": "https://draft.blogger.com/comment/delete/7853305107519134332/90002",
    }
    rows = "".join(
        f"<dt class='comment-author'><a href='http://a.example/'>Jo</a> said... <a href='{href}'>Delete</a></dt>"
        f"<dd class='comment-body'><p>On {number}.</p></dd>"
        for number, href in links.items()
    )
    thread, _ = one(tmp_path, page(f"<dl id='comments-block'>{rows}</dl>"))
    assert [(text.key, text.name) for text in thread.comments] == [("c90001", "Jo"), ("c90002", "Jo")]


@pytest.mark.parametrize(
    "href",
    [
        "https://www.blogger.com/comment.g?blogID=1&postID=95000001",
        "https://www.blogger.com/comment/frame/1000001?po=95000001&hl=en&skin=contempo",
        "https://www.blogger.com/comment/fullpage/post/1000001/95000001",
    ],
)
def test_the_number_of_a_post_is_in_the_link_to_its_form(tmp_path, href):
    assert one(tmp_path, page(f"<a href='{href}'>Post a Comment</a>"))[0].key == "95000001"


def test_a_list_whose_heads_begin_with_the_time_gives_the_names(tmp_path):
    row = (
        "<li id='c1105{n}'><a name='c1105{n}'></a><p class='comment-data'>At <a href='#c1105{n}' title='comment permalink'>"
        "9:12 PM</a>, {name} said&hellip;</p><div class='comment-body'><p>{body}</p>"
        "<span class='item-control'><a href='x'>Delete</a></span></div></li>"
    )
    rows = row.format(n=1, name="<a href='http://a.example/' rel='nofollow'>Ada</a>", body="One.")
    rows += row.format(n=2, name="Anonymous", body="Two.")
    thread, _ = one(tmp_path, page(f"<ul>{rows}</ul><p class='comment-data'><a href='y'>Post a Comment</a></p>"))
    assert shape(thread) == [("Ada", None, "One."), ("Anonymous", None, "Two.")]
    assert thread.comments[1].byline == "At 9:12 PM, Anonymous said…"


def test_a_thread_records_what_is_answered_and_no_words_of_the_interface():
    thread, losses = fixture("threaded_2013.html")
    assert shape(thread) == [
        ("Ruth", None, "Schön!\n\nWo war das? "),
        ("Jörg K.", "Ruth", "Am Bodensee :)"),
        ("Anonym", "Ruth", ""),
        ("Uwe", None, ""),
        ("さくら", None, "Zeile eins\n\nZeile zw"),
    ]
    assert [text.kind for text in thread.comments] == ["comment", "comment", "removed", "deleted", "comment"]
    assert thread.comments[0].text == "Schön!\n\nWo war das? ;o)"
    assert thread.comments[0].byline == "Ruth 21:00"
    assert thread.comments[4].text == "Zeile eins\n\nZeile zwei"
    assert losses["repaired"] == {"bodies of comments that a block in them had ended": 1}
    assert "doubtful" not in losses
    assert (thread.article.name, thread.article.posted_at) == ("Jörg K.", utc(2013, 10, 5, 10, 35))


def test_a_page_saved_after_its_scripts_ran_is_read_alike():
    thread, losses = fixture("saved_2015.html")
    assert shape(thread) == [
        ("Knit Kit", None, "Forty is a lot."),
        ("M. Purl", "Knit Kit", "Thirty-eight then"),
        ("Anonymous", None, "scarves for all"),
    ]
    assert thread.comments[1].key == "c3000000000000000002"
    assert thread.comments[1].posted_at == utc(2015, 2, 2, 11, 36, 21, 427000)
    assert thread.article.text == "A first scarf\n\nCast on forty.\nKnit."
    assert losses == {"lost": {"comment blocks of other services, whose comments the page does not hold": 1}}


def test_comments_that_are_only_in_the_script_are_read_from_it():
    thread, losses = fixture("script_2012.html")
    assert shape(thread) == [
        ("Oma & Opa", None, "How long? I'd say tw"),
        ("Lee", "Oma & Opa", "🍞 yes"),
        ("Mo", None, ""),
        ("Nan", None, 'Late, but "true"'),
    ]
    assert thread.comments[0].text == "How long? I'd say two days.\n\nOr 'three'=more"
    assert thread.comments[2].kind == "deleted"
    assert thread.comments[3].posted_at == utc(2012, 2, 23, 12, 31, 40)
    assert losses == {}


def test_the_flat_lists_of_newer_themes_are_read():
    thread, losses = fixture("flat_2018.html")
    assert [(text.name, text.kind, text.text) for text in thread.comments] == [
        ("Ivy", "comment", "Not in August.\nIs it?"),
        ("Unknown", "deleted", None),
    ]
    assert thread.comments[0].posted_at == utc(2018, 6, 7, 20, 31)
    assert (thread.article.name, thread.article.posted_at) == ("Fern Hill", utc(2018, 6, 7, 20, 31))
    assert thread.article.text == "Green\n\nMoss is green."
    assert losses["doubtful"] == {"comments that the page counts and does not show": 1}


def test_each_post_of_a_page_of_several_is_a_thread():
    threads, losses = read(PAGES / "index_2010.html")
    assert [(thread.title, thread.key, thread.url) for thread in threads] == [
        ("Wren", "1111111111111111111", "http://birds.example.com/2010/02/wren.html"),
        (None, "2222222222222222222", "http://birds.example.com/2010/01/blog-post.html"),
    ]
    assert [thread.article.name for thread in threads] == ["Kit", "Finch"]
    assert [thread.article.posted_at for thread in threads] == [utc(2010, 2, 1, 7), None]
    assert [thread.date for thread in threads] == [None, "2010-01-01"]
    assert [thread.comments for thread in threads] == [(), ()]
    assert losses == {}


def test_comments_belong_to_the_post_above_them(tmp_path):
    post = "<div class='post'><h3 class='post-title'>{0}</h3><div class='post-body'>{0} words.</div></div>"
    block = "<div class='comments'><dl id='comments-block'>{}</dl></div>"
    body = post.format("A") + post.format("B") + block.format(ROW.format(head="Jo said...", body="To B."))
    (tmp_path / "a.html").write_text(
        f"<html><head><meta name='generator' content='blogger'></head><body>{body}{post.format('C')}</body></html>",
        encoding="utf-8",
    )
    threads, _ = read(tmp_path / "a.html")
    assert [(thread.title, shape(thread)) for thread in threads] == [
        ("A", []),
        ("B", [("Jo", None, "To B.")]),
        ("C", []),
    ]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Anonymous said...", "Anonymous"),
        ("He said so said...", "He said so"),
        ("Zoë hat gesagt…", "Zoë"),
        ("María José dijo...", "María José"),
        ("X a dit…", "X"),
        ("João disse...", "João"),
        ("Ugo ha detto...", "Ugo"),
        ("匿名 說...", "匿名"),
        ("匿名さんは書きました...", "匿名"),
        ("Анна комментирует...", "Анна"),
        ("يقول سعيد...", "سعيد"),
        ("Ο χρήστης Άννα είπε...", "Άννα"),
        ("Blogger said...", "Blogger"),
        ("said said...", "said"),
        ("Jo Bloggs", "Jo Bloggs"),
        ("Jo Bloggs:", "Jo Bloggs"),
        ("<img src='f.png'/> <a href='http://a.example/'>Ann said...</a> said...", "Ann said..."),
        ("... said...", "..."),
        ("said...", None),
        ("", None),
    ],
)
def test_the_name_is_what_stands_before_the_words_for_said(tmp_path, head, name):
    thread, losses = one(tmp_path, page(ROW.format(head=head, body="x")))
    assert thread.comments[0].name == name
    assert "doubtful" not in losses


def test_a_language_that_is_not_known_is_learnt_from_the_lines_that_link_their_names(tmp_path):
    rows = ROW.format(head="<a href='http://a.example/'>Ann</a> ĝojis multe...", body="x")
    rows += ROW.replace("90001", "90002").format(head="Senzorga Homo ĝojis multe...", body="y")
    thread, losses = one(tmp_path, page(rows))
    assert [text.name for text in thread.comments] == ["Ann", "Senzorga Homo"]
    assert "doubtful" not in losses


def test_a_name_in_a_language_that_is_not_known_is_cut_and_counted(tmp_path):
    thread, losses = one(tmp_path, page(ROW.format(head="Senzorga Homo ĝojis...", body="y")))
    assert thread.comments[0].name == "Senzorga Homo"
    assert losses["doubtful"] == {"names cut from lines in languages that are not known": 1}


def test_the_picture_of_an_author_names_one_that_no_link_does(tmp_path):
    head = "<div class='avatar-image-container'><img title='Homo' src='x'/></div> Homo ĝojis..."
    thread, losses = one(tmp_path, page(ROW.format(head=head, body="y")))
    assert thread.comments[0].name == "Homo"
    assert losses == {}


def test_a_link_to_another_comment_gives_neither_time_nor_number(tmp_path):
    body = "<a href='http://x.example/p.html?showComment=1200000000000#c90077'>there</a>"
    row = re.sub(r"\?showComment=\d+", "", ROW).format(head="Jo said...", body=body)
    thread, _ = one(tmp_path, page(row))
    assert (thread.comments[0].key, thread.comments[0].posted_at) == ("c90001", None)


def test_only_the_link_to_the_comment_itself_has_its_time(tmp_path):
    other = "<dd class='comment-footer'><a href='p.html?showComment=1200000000000#c90077'>in answer to</a></dd><dd class='comment-footer'>"
    row = ROW.format(head="Jo said...", body="x").replace("<dd class='comment-footer'>", other)
    assert one(tmp_path, page(row))[0].comments[0].posted_at == utc(2011, 3, 13, 7, 6, 40)


def test_the_form_for_new_comments_holds_none(tmp_path):
    form = "<div class='comment-form'><p class='comment-body'>Be kind.</p></div>"
    assert shape(one(tmp_path, page(ROW.format(head="Jo said...", body="x") + form))[0]) == [("Jo", None, "x")]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<div class='comment-body deleted'>Ce commentaire a été supprimé par l'auteur.</div>", "deleted"),
        ("<div class='comment-body deleted'>Un administrateur du blog a supprimé ce commentaire.</div>", "removed"),
        ("<div class='comment-body'><span class='deleted-comment'>网志管理员已移除此评论。</span></div>", "removed"),
        ("<div class='comment-body'>I read: This comment has been removed by the author.</div>", "comment"),
    ],
)
def test_what_the_markup_marks_as_deleted_is_deleted_in_any_language(tmp_path, body, kind):
    row = f"<div class='comment' id='c90001'><div class='comment-block'><div class='comment-author'>X</div>{body}</div></div>"
    assert one(tmp_path, page(row))[0].comments[0].kind == kind


def test_deleted_comments_may_be_in_the_number_of_the_heading_or_not(tmp_path):
    gone = ROW.format(
        head="Jo said...", body="<span class='deleted-comment'>This comment has been removed by the author.</span>"
    )
    for heading in ("0 comments", "1 comment"):
        assert one(tmp_path, page(gone, heading=heading))[1] == {}


def test_the_time_before_a_name_is_no_part_of_it(tmp_path):
    head = "At <a href='#c90001' title='comment permalink'>9:12 PM, May 1</a>, Anonymous said…"
    assert one(tmp_path, page(ROW.format(head=head, body="x")))[0].comments[0].name == "Anonymous"


def test_a_comment_without_a_number_is_located_by_its_place(tmp_path):
    thread, _ = one(
        tmp_path, page("<dl><dt class='comment-author'>Jo said...</dt><dd class='comment-body'>x</dd></dl>")
    )
    text = thread.comments[0]
    assert text.key is None
    found = reading_of(tmp_path / "page.html").source.html.xpath(text.locator)
    assert [element.tag for element in found] == ["dt"]


def test_answers_to_a_comment_without_a_number_keep_what_they_answer(tmp_path):
    inner = "<li class='comment'><div class='comment-block'><p class='comment-content'>In.</p></div></li>"
    outer = inner.replace("In.", "Out.").replace("</li>", f"<div class='comment-replies'><ol>{inner}</ol></div></li>")
    thread, _ = one(tmp_path, page(f"<ol>{outer}</ol>"))
    assert [text.text for text in thread.comments] == ["Out.", "In."]
    assert thread.comments[1].parent == thread.comments[0].key


def script(*items):
    return f"<script>(function() {{ var items = {json.dumps(items)};\n var msgs = null; }})();</script>"


def item(number, **more):
    return {"id": str(number), "body": f"Body {number}", "timestamp": "1300000005000", "author": {"name": "Li"}} | more


def test_what_is_in_the_markup_and_in_the_script_is_read_once(tmp_path):
    rows = ROW.format(head="Jo said...", body="As <i>printed</i>.")
    items = script(item(90001, body="As listed."), item(90002, parentId="90001"))
    thread, losses = one(tmp_path, page(rows, heading="2 comments", script=items))
    assert shape(thread) == [("Jo", None, "As printed."), ("Li", "Jo", "Body 90002")]
    assert losses == {}


def test_the_script_tells_what_the_markup_does_not(tmp_path):
    rows = ROW.format(head="Jo said...", body="One.")
    rows += "<dl><dt class='comment-author' id='c90002'></dt><dd class='comment-body'>Two.</dd></dl>"
    thread, _ = one(tmp_path, page(rows + script(item(90001), item(90002, parentId="90001"))))
    assert shape(thread) == [("Jo", None, "One."), ("Li", "Jo", "Two.")]
    assert thread.comments[0].posted_at == utc(2011, 3, 13, 7, 6, 40)
    assert thread.comments[1].posted_at == utc(2011, 3, 13, 7, 6, 45)


@pytest.mark.parametrize(
    "bad", [None, 5, "x", [], {}, {"id": None}, {"id": []}, {"id": "12 or 1"}, {"body": "x"}, {"id": {"a": "b"}}]
)
def test_an_entry_of_the_script_that_is_no_comment_is_left_out_and_counted(tmp_path, bad):
    thread, losses = one(tmp_path, page("", script=script(bad, item(90001))))
    assert [text.text for text in thread.comments] == ["Body 90001"]
    assert losses["dropped"] == {"entries of lists in scripts that are no comments": 1}


@pytest.mark.parametrize("field", ["body", "timestamp", "author", "displayTime", "parentId", "name"])
@pytest.mark.parametrize("value", [None, 5, [], {"a": []}, True, "\ud800", "9" * 400, "-1", ""])
def test_fields_of_any_type_are_borne(tmp_path, field, value):
    bad = item(90001, author={"name": value}) if field == "name" else item(90001, **{field: value})
    thread, _ = one(tmp_path, page("", script=script(bad, item(90002))))
    assert [text.key for text in thread.comments] == ["c90001", "c90002"]


def test_a_list_that_breaks_off_gives_what_there_is_and_is_counted(tmp_path):
    cut = "<script>var items = [{'id': '90001', 'body': 'All.'}, {'id': '90002', 'body': 'Cut</script>"
    thread, losses = one(tmp_path, page("", script=cut))
    assert [(text.key, text.text) for text in thread.comments] == [("c90001", "All."), ("c90002", None)]
    assert losses["doubtful"] == {"lists of comments in scripts that break off": 1}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (r"'a\x3cb\46#39;\u00e4\'\"\\\n'", "a<b&#39;ä'\"\\\n"),
        (r"'\101\7\400\u{1f35e}\ud83c\udf5e'", "A\x07 0🍞🍞"),
        ("'one \\\nline'", "one line"),
        ("{a: 1, 'b': [true, null], \"c\": {}}", {"a": "1", "b": [True, None], "c": {}}),
        ("-1.5e3", "-1.5e3"),
    ],
)
def test_values_of_scripts_are_read_as_a_browser_would(written, value):
    assert list(lists_called("items", f"var items = [{written}, 'end'];")) == [([value, "end"], True)]


@pytest.mark.parametrize(
    "text", ["[", "[{", "['", '["', "[{'a':", "[}", "[{]}", "[{{", "[{[", "[function() {}]", "[a b ;"]
)
def test_what_is_no_value_ends_the_list(text):
    for found in lists_called("items", f"var items = {text}"):
        assert found[1] is False
    assert list(lists_called("items", "var items = null; var itemsOf = [1]; myvar items = [2]")) == []


@pytest.mark.parametrize(
    ("heading", "losses"),
    [
        ("1 comment:", {}),
        ("No comments:", {}),
        ("Comments", {}),
        ("1,203 comments:", {"comments that the page counts and does not show": 1202}),
        ("Kommentare (3)", {"comments that the page counts and does not show": 2}),
        ("٣ تعليقات", {"comments that the page counts and does not show": 2}),
        ("0 comments", {"comments that the page shows and does not count": 1}),
    ],
)
def test_the_number_in_the_heading_is_compared_with_what_is_there(tmp_path, heading, losses):
    _, counted = one(tmp_path, page(ROW.format(head="Jo said...", body="x"), heading=heading))
    assert counted.get("doubtful", {}) == losses


@pytest.mark.parametrize(
    "block",
    ["<div id='disqus_thread'></div>", "<div class='fb-comments'></div>", "<g:comments></g:comments>"],
)
def test_comments_of_other_services_are_counted_as_lost(tmp_path, block):
    thread, losses = one(tmp_path, page(block))
    assert thread.comments == ()
    assert losses["lost"] == {"comment blocks of other services, whose comments the page does not hold": 1}


def test_a_post_that_the_template_keeps_in_a_script_is_read_from_it(tmp_path):
    post = "<div class='post-body'><script type='text/template'><p>One.</p><p>Two.</p></script></div>"
    assert one(tmp_path, page("", post=post))[0].article.text == "T\n\nOne.\n\nTwo."


def test_a_post_that_nothing_marks_is_looked_for_and_counted(tmp_path):
    words = "<p>A hundred words about a harbour that nobody has visited since the ferry stopped in the spring.</p>" * 3
    text = f"<div id='comments'>{ROW.format(head='Jo said...', body='x')}</div>"
    (tmp_path / "a.html").write_text(
        f"<html><head><meta name='generator' content='blogger'><title>Harbour</title></head><body><h1>Harbour</h1><article>"
        f"{words}</article>{text}</body></html>",
        encoding="utf-8",
    )
    [thread], losses = read(tmp_path / "a.html")
    assert thread.title == "Harbour"
    assert "the ferry stopped" in thread.article.text
    assert shape(thread) == [("Jo", None, "x")]
    assert losses["doubtful"] == {"posts that nothing in the markup of Blogger marks": 1}


@pytest.mark.parametrize(
    ("header", "footer", "date", "posted_at"),
    [
        ("Wednesday, March 02, 2011", "", "2011-03-02", None),
        ("Samstag, 5. Oktober 2013", "<abbr class='published' title='noon'>12:35</abbr>", "2013-10-05", None),
        ("segunda-feira, 19 de março de 2018", "", "2018-03-19", None),
        ("3/4/2011", "", None, None),
        ("31 February 2011", "", None, None),
        ("Yesterday", "", None, None),
        (
            "Wednesday, March 02, 2011",
            "<abbr class='published' title='2011-03-02T23:35:00-05:00'>23:35</abbr>",
            None,
            utc(2011, 3, 3, 4, 35),
        ),
    ],
)
def test_the_day_above_a_post_is_its_date_where_no_time_is_said(tmp_path, header, footer, date, posted_at):
    post = f"<h2 class='date-header'><span>{header}</span></h2><div class='post-body'>Words.</div>{footer}"
    thread, _ = one(tmp_path, page("", post=post))
    assert (thread.date, thread.article.posted_at) == (date, posted_at)


def test_a_title_at_the_beginning_of_the_body_stands_once(tmp_path):
    post = "<div class='post-body'><h1>t</h1>Words.<div class='jump-link'><a href='x'>Read more</a></div></div>"
    assert one(tmp_path, page("", post=post))[0].article.text == "T\n\nWords."


def test_comments_inside_the_body_of_a_broken_template_are_no_part_of_the_post(tmp_path):
    post = f"<div class='post-body'>Words.<div id='comments'>{ROW.format(head='Jo said...', body='x')}</div></div>"
    (tmp_path / "a.html").write_text(
        f"<html><head><meta name='generator' content='blogger'></head><body>{post}</body></html>", encoding="utf-8"
    )
    [thread], _ = read(tmp_path / "a.html")
    assert thread.article.text.endswith("Words.")
    assert shape(thread) == [("Jo", None, "x")]


def test_a_name_in_the_comments_or_the_margin_is_not_that_of_the_post(tmp_path):
    row = ROW.format(head="<a class='fn' href='http://a.example/'>Jo</a> said...", body="x")
    margin = "<div class='widget'><span class='post-author'>Eve</span></div></div></body>"
    text = page(row).replace("<body>", "<body><div class='section'>").replace("</body>", margin)
    assert one(tmp_path, text)[0].article.name is None


@pytest.mark.parametrize(
    ("author", "name", "byline"),
    [
        ("<span class='post-author'>by<a href='x'>A\\1 B</a></span>", "A\\1 B", "by A\\1 B"),
        ("<span itemprop='author'>Written here<meta itemprop='name' content='Kit'/></span>", "Kit", None),
        ("<span class='post-author'>Posted by Kit</span>", "Kit", "Posted by Kit"),
        ("<p class='post-footer'>Posted by Kit at 9:12 PM | <a href='c'>2 comments</a></p>", "Kit", None),
        ("<span class='post-author vcard'> </span>", None, None),
    ],
)
def test_the_byline_of_a_post_shows_its_author(tmp_path, author, name, byline):
    article = one(tmp_path, page("", post=f"<div class='post-body'>Words.</div>{author}"))[0].article
    assert (article.name, article.byline) == (name, byline or article.byline)
    assert article.byline is None or name in article.byline


def test_a_byline_without_a_name_gives_way_to_that_of_the_script(tmp_path):
    thread, _ = one(tmp_path, page(ROW.format(head="...", body="x") + script(item(90001, displayTime="noon"))))
    assert (thread.comments[0].name, thread.comments[0].byline) == ("Li", "Li noon")


@pytest.mark.parametrize("text", ["", "<p>", "<html><head><meta name='generator' content='blogger'></head></html>"])
def test_a_page_with_neither_post_nor_comments_is_an_error_that_says_so(tmp_path, text):
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    with pytest.raises(IngestError, match="a.html"):
        read(tmp_path / "a.html", form="blogger-page")


@pytest.mark.parametrize(
    "text",
    [
        page("<div class='comment-body'>" * 200 + "x"),
        page("<li class='comment'><div class='comment-block'>" * 90 + "<p class='comment-content'>x"),
        page("<dt class='comment-author' id='c90001'>" * 300),
        page("<a name='c90001'></a>" * 300),
        page("", script="<script>var items = [" + "[" * 5000 + "</script>"),
        page("", script="<script>var items = " + "[{'id': '90001', 'body': " * 500 + "</script>"),
        page(ROW.format(head="said " * 5000, body="&#xd800;&#0;\x00\x0b")),
        page("", heading="9" * 9000),
    ],
    ids=["bodies", "threads", "heads", "anchors", "lists", "objects", "head", "number"],
)
def test_hostile_pages_give_threads_or_an_error(tmp_path, text):
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    try:
        read(tmp_path / "a.html", form="blogger-page")
    except IngestError as problem:
        assert "a.html" in str(problem)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_pages_give_threads_or_an_error(tmp_path_factory, data):
    raw = bytearray((PAGES / data.draw(st.sampled_from(NAMES))).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 2000)))
        piece = bytes(raw[start:end])
        raw[start:end] = data.draw(st.one_of(st.just(b""), st.just(piece * 2), st.binary(max_size=20)))
    path = tmp_path_factory.mktemp("damaged") / "page.html"
    path.write_bytes(raw)
    try:
        for thread in READER.read(reading_of(path)):
            check(thread)
    except IngestError as problem:
        assert str(path) in str(problem)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_becomes_a_sound_corpus(mini, name):
    for folder in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / folder)
    for scheme in ("mentions", "tone"):
        (mini / f"scheme/{scheme}.toml").unlink()
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    ingest(PAGES / name, into=mini, keep=("deleted", "removed", "trackback"))
    assert list(validate(mini)) == []
    assert any(len(read_csv(path)) for path in (mini / "texts").glob("*.csv"))
