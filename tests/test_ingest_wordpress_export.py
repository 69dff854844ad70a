"""Reading WordPress exports: which items are articles, what is made of comments, states, kinds and typed line ends."""

import contextlib
import datetime
import gzip
import zipfile
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms.wordpress_export import READER, recognise
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts.wordpress_typed import without_shortcodes
from corpus_tools.ingest.reading import SURE, Reading
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, read, shape

GARDEN = FIXTURES / "wordpress-export/garden.xml"
START = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>"""


def utc(*parts):
    return datetime.datetime(*parts, tzinfo=datetime.UTC)


def comment(id_="1", **more):
    says = {"id": id_, "author": "Ann", "date_gmt": "2020-01-02 03:04:05", "content": "<![CDATA[Hi]]>", "approved": "1"}
    shown = "".join(f"<wp:comment_{name}>{value}</wp:comment_{name}>" for name, value in (says | more).items())
    return f"<wp:comment>{shown}</wp:comment>"


def item(*comments, title="T", body="Words", **more):
    says = {"post_id": "7", "post_date_gmt": "2020-01-01 00:00:00", "status": "publish", "post_type": "post"} | more
    shown = "".join(f"<wp:{name}>{value}</wp:{name}>" for name, value in says.items())
    return (
        f"<item><title>{title}</title><content:encoded><![CDATA[{body}]]></content:encoded>"
        f"{shown}{''.join(comments)}</item>"
    )


@pytest.fixture
def export(tmp_path):
    def made(*items, start=START, **options):
        path = tmp_path / "export.xml"
        path.write_text(start + "".join(items) + "</channel></rss>", encoding="utf-8")
        return read(path, "wordpress-export", **options)

    return made


def words(export, body):
    [thread], _ = export(item(title="", body=body))
    return thread.article.text


def test_an_export_is_recognised_whatever_stands_before_it_and_however_it_is_packed(tmp_path):
    raw = GARDEN.read_bytes()
    kinds = [raw, gzip.compress(raw), b"\xef\xbb\xbf" + raw, b"<br />\n<b>Warning</b>: x\n" + raw]
    for number, content in enumerate([*kinds, raw.decode().replace("UTF-8", "UTF-16").encode("utf-16")]):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(content)
        assert recognise(Source(path)).strength == SURE
        threads, _ = read(path, "wordpress-export")
        assert [len(thread.comments) for thread in threads] == [4, 0]


def test_other_files_are_not_claimed(tmp_path):
    for path in FIXTURES.glob("*/*"):
        assert (recognise(Source(path)) is not None) == (path.parent.name == "wordpress-export"), path
    feed = '<rss version="2.0" xmlns:wfw="http://wellformedweb.org/CommentAPI/"><channel><item/></channel></rss>'
    page = "<html><body>see https://wordpress.org/export/ and &lt;wp:post_id></body></html>"
    for content in (feed, page, "", "\x00", "<wp:", "{}"):
        path = tmp_path / "other.xml"
        path.write_text(content)
        assert recognise(Source(path)) is None
    assert recognise(Source(tmp_path)) is None


def test_the_article_has_its_headline_paragraphs_and_captions_and_no_excerpt():
    (thread, _), losses = read(GARDEN)
    assert thread.article.text == (
        "Slugs & snails\n\nFirst line\nsecond line.\n\nNew paragraph with a bold\nword.\n\n"
        "A slug at night\n\nsalt\n\nbeer"
    )
    assert [block.label for block in thread.article.blocks] == [
        "headline",
        *["paragraph"] * 2,
        "caption",
        *["paragraph"] * 2,
    ]
    assert losses["lost"] == {"galleries of images": 1, "images": 1, "embedded pages": 1}


def test_the_article_has_its_author_time_address_and_id():
    (thread, _), _ = read(GARDEN)
    article = thread.article
    assert (thread.key, thread.url, thread.title) == ("12", "https://garden.example/2024/01/slugs/", "Slugs & snails")
    assert (article.name, article.handle, article.locator, article.key) == ("Mara & Co", "mara", "post-12", "post-12")
    assert (article.posted_at, thread.date) == (utc(2024, 1, 15, 9), None)


def test_comments_stand_by_time_with_names_decoded_once_and_users_by_their_logins():
    (thread, _), _ = read(GARDEN)
    assert shape(thread) == [
        ("Slow post", None, "Came in late, was wr"),
        ("Anna & Bob’s", None, "I use copper & sand "),
        ("Mara", "Anna & Bob’s", "Copper is dear."),
        ("Snail news", None, "[…] linked here […]"),
    ]
    assert [one.handle for one in thread.comments] == [None, None, "mara", None]
    assert [one.kind for one in thread.comments] == ["comment", "comment", "comment", "pingback"]
    assert [one.locator for one in thread.comments] == ["comment-103", "comment-101", "comment-102", "comment-104"]
    assert thread.comments[1].text == "I use copper & sand :)\nIt works.\n\nbeer\n\nNot beer, [sic]."
    assert thread.comments[1].posted_at == utc(2024, 1, 16, 11)


def test_nothing_private_is_read():
    threads, _ = read(GARDEN)
    for private in ("mail.example", "192.0.2", "anna.example", "tim@", "mara@"):
        assert private not in repr(threads)


def test_a_page_of_blocks_has_the_paragraphs_of_its_blocks_and_nothing_that_was_embedded():
    (_, page), _ = read(GARDEN)
    assert page.article.text == "Block text that is wrapped in the file.\n\nHow to dig\n\nPlan"
    assert (page.url, page.title) == ("https://garden.example/?page_id=20", None)
    assert (page.article.name, page.article.handle) == ("Tim", None)


def test_a_time_without_a_zone_is_a_date_unless_the_zone_is_given():
    (_, page), losses = read(GARDEN)
    assert (page.article.posted_at, page.date) == (None, "2024-01-20")
    assert losses["missing"] == {"times, because they name no zone (give one with --zone)": 1}
    (_, page), _ = read(GARDEN, zone=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert (page.article.posted_at, page.date) == (utc(2024, 1, 20, 9), None)


@pytest.mark.parametrize("made_up", ["Mon, 30 Nov -0001 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000"])
def test_a_time_that_the_feed_made_up_is_none(export, made_up):
    dated = item(post_date_gmt="0000-00-00 00:00:00", post_date="2020-02-03 04:05:06")
    dated = dated.replace("<wp:status>", f"<pubDate>{made_up}</pubDate><wp:status>")
    [thread], losses = export(dated, zone=zoneinfo.ZoneInfo("UTC"))
    assert (thread.article.posted_at, losses) == (utc(2020, 2, 3, 4, 5, 6), {})


@pytest.mark.parametrize("state", ["draft", "pending", "trash", "auto-draft", "future", "private"])
def test_what_was_not_public_is_left_out_with_its_comments_and_counted(export, state):
    threads, losses = export(item(comment(), comment("2"), status=state))
    assert threads == []
    assert losses["dropped"] == {f"posts of the state {state}": 1, "comments on items that are left out": 2}


def test_what_a_password_protects_is_left_out(export):
    threads, losses = export(item(comment(), post_password="x"))
    assert threads == []
    assert losses["dropped"]["posts with a password"] == 1


@pytest.mark.parametrize("type_", ["attachment", "nav_menu_item", "revision", "wp_block", "product"])
def test_items_of_other_types_are_counted_by_type(export, type_):
    threads, losses = export(item(post_type=type_, status="inherit"))
    assert threads == []
    assert losses["dropped"] == {f"items of the type {type_}": 1}


def test_what_has_comments_is_an_article_unless_it_is_machinery(export):
    threads, losses = export(
        item(comment(), post_type="attachment", status="inherit", post_id="1"),
        item(comment(), post_type="product", post_id="2"),
        item(comment(), post_type="shop_order", post_id="3"),
    )
    assert [thread.key for thread in threads] == ["1", "2"]
    assert losses["dropped"] == {"items of the type shop_order": 1, "comments on items that are left out": 1}


def test_an_attachment_is_as_public_as_what_it_hangs_on(export):
    attached = item(comment(), post_type="attachment", status="inherit", post_id="8", post_parent="7")
    assert len(export(item(), attached)[0]) == 2
    assert export(item(status="draft"), attached)[0] == []


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({"approved": "1"}, "comment"),
        ({"approved": ""}, "comment"),
        ({"approved": "0"}, "unapproved"),
        ({"approved": "spam"}, "spam"),
        ({"approved": "trash"}, "deleted"),
        ({"approved": "post-trashed"}, "deleted"),
        ({"approved": "0", "type": "pingback"}, "unapproved"),
        ({"type": "comment"}, "comment"),
        ({"type": "pingback"}, "pingback"),
        ({"type": "trackback"}, "trackback"),
        ({"type": "webmention"}, "comment"),
        ({"type": "review"}, "comment"),
        ({"type": "like"}, "reaction"),
    ],
)
def test_state_and_type_make_the_kind_and_the_text_is_kept(export, says, kind):
    [thread], losses = export(item(comment(**says)))
    assert [(one.kind, one.text) for one in thread.comments] == [(kind, "Hi")]
    assert losses == {}


def test_unknown_types_and_states_are_counted_as_doubtful(export):
    [thread], losses = export(item(comment(type="note_to_self"), comment("2", approved="odd")))
    assert [one.kind for one in thread.comments] == ["comment", "unapproved"]
    assert sum(losses["doubtful"].values()) == 2


def test_notes_that_are_never_printed_are_left_out(export):
    [thread], losses = export(item(comment(type="order_note")))
    assert thread.comments == ()
    assert losses["dropped"] == {"entries of the type order_note, which are never printed": 1}


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("a\nb", "a\nb"),
        ("a\r\n\r\nb", "a\n\nb"),
        ("a<br />\nb", "a\nb"),
        ("a<br />\r\nb<br>c", "a\nb\nc"),
        ("a<br /><br />b", "a\n\nb"),
        ("a<br />\n<br />\nb", "a\n\nb"),
        ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("a\n<blockquote>b\n\nc</blockquote>\nd", "a\n\nb\n\nc\n\nd"),
        ("<table>\n<tr>\n<td>\na\n</td>\n<td>b</td>\n</tr>\n</table>", "a b"),
        ("<pre>a\n\n  b</pre>", "a\n\n  b"),
        ("x <em>a\n\nb</em>", "x a\n\nb"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
        ("<!-- wp:paragraph -->\n<p>a\nb</p>\n<!-- /wp:paragraph -->", "a b"),
    ],
)
def test_line_ends_are_breaks_where_wordpress_makes_them_breaks(export, typed, printed):
    assert words(export, typed) == printed
    [thread], _ = export(item(comment(content=f"<![CDATA[{typed}]]>")))
    assert thread.comments[0].text == printed


@pytest.mark.parametrize(
    ("typed", "left", "lost"),
    [
        ('a [gallery ids="1"] b', "a  b", {"galleries of images": 1}),
        ("a [gallery] b", "a  b", {"galleries of images": 1}),
        ("a [embed]https://x.example[/embed] b", "a  b", {"embedded pages": 1}),
        ("a [youtube=https://x.example] b", "a  b", {"embedded pages": 1}),
        ('a [video src="x"][/video][audio src="y"] b', "a  b", {"sound or video recordings": 2}),
        (
            '[caption id="1"]<img src="x"> W &amp; w[/caption]',
            '<figure><img src="x"><figcaption> W &amp; w</figcaption></figure>',
            {},
        ),
        (
            "[caption caption='It']<img src='x'>[/caption]",
            "<figure><img src='x'><figcaption>It</figcaption></figure>",
            {},
        ),
        ('[caption id="1"]never ends', "never ends", {}),
        ('[row a="b"]words[/row]', "words", {"marks of shortcodes; the words between them stay": 2}),
        ("[su_box]words[/su_box]", "words", {"marks of shortcodes; the words between them stay": 2}),
        ("he wrote [sic] and [...] and [1] and [an aside, x = y]", None, {}),
        ("[irony]words[/irony]", None, {}),
        ("[video] is a word, so are [Video: here], [Gallery] and [twitter: @a]", None, {}),
        (
            'a [tweet https://x.example/1] b [gallery columns="2" ids="3"] c',
            "a  b  c",
            {"embedded pages": 1, "galleries of images": 1},
        ),
    ],
)
def test_shortcodes_leave_their_words_and_brackets_that_are_none_stay(typed, left, lost):
    losses = Losses()
    assert without_shortcodes(typed, losses) == (typed if left is None else left)
    assert losses.counts["lost"] == lost


def test_shortcodes_in_comments_are_words(export):
    [thread], losses = export(item(comment(content='<![CDATA[[gallery ids="1"] and [b a="c"]]]>')))
    assert thread.comments[0].text == '[gallery ids="1"] and [b a="c"]'
    assert losses == {}


@pytest.mark.parametrize(
    ("shown", "title"),
    [
        ("A &amp; B", "A & B"),
        ("<![CDATA[A &amp; B&#8217;s]]>", "A & B’s"),
        ("<![CDATA[With <em>marks</em>]]>", "With marks"),
        ("<![CDATA[The tag <em>]]>", "The tag <em>"),
        ("<![CDATA[ two\n lines ]]>", "two lines"),
        ("", None),
    ],
)
def test_titles_are_as_shown(export, shown, title):
    [thread], _ = export(item(title=shown))
    assert thread.title == title


def test_an_export_of_version_1_0_without_a_list_of_users_and_without_prefixes_declared_is_read(export):
    old = item(comment("3", parent="2"), comment("2", parent="0")).replace(
        "<wp:post_id>", "<dc:creator>Jo &amp; Al</dc:creator><wp:post_id>"
    )
    [thread], _ = export(old, start="<rss version='2.0'><channel>")
    assert (thread.article.name, thread.article.handle, thread.article.text) == ("Jo & Al", None, "T\n\nWords")
    assert [(one.key, one.parent) for one in thread.comments] == [("comment-2", None), ("comment-3", "comment-2")]


def test_other_prefixes_for_the_same_namespaces_are_read(tmp_path):
    path = tmp_path / "e.xml"
    path.write_text(GARDEN.read_text().replace("wp:", "ns0:").replace("content:", "ns1:").replace("excerpt:", "ns2:"))
    assert read(path, "wordpress-export")[0][0] == read(GARDEN)[0][0]


def test_an_item_without_an_id_is_placed_by_its_path(export):
    bare = "<item><title>T</title><link>https://x.example/?p=4</link><wp:comment><wp:comment_content>a</wp:comment_content></wp:comment></item>"
    [thread], _ = export(bare)
    assert (thread.key, thread.article.key, thread.article.locator) == (None, None, "/rss/channel/item[1]")
    assert [(one.locator, one.name, one.posted_at) for one in thread.comments] == [
        ("/rss/channel/item[1]/comment[1]", None, None)
    ]


def test_an_item_without_words_is_left_out_unless_it_has_comments(export):
    assert export(item(title="", body=""))[0] == []
    [thread], _ = export(item(comment(), title="", body=""))
    assert (thread.article, len(thread.comments)) == (None, 1)


def test_an_item_that_comes_twice_is_read_once(export):
    threads, losses = export(item(comment()), item(comment()))
    assert len(threads) == 1
    assert losses["dropped"] == {"items that come twice": 1, "comments on items that are left out": 1}
    assert len(export(item(comment()), item(comment(), title="Of another site"))[0]) == 2


def test_an_archive_of_several_exports_is_read_as_one_and_what_else_is_in_it_counted(tmp_path):
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("site/", "")
        archive.writestr("site/map.xml", "<urlset/>")
        archive.writestr("site/Site.WordPress.2024-01-27.xml", GARDEN.read_text())
        archive.writestr("site/site.wordpress.2024-01-27.001.xml", START + item(comment()) + "</channel></rss>")
        archive.writestr("notes.txt", "nothing")
    assert recognise(Source(path)).strength == SURE
    threads, losses = read(path, "wordpress-export")
    assert [thread.key for thread in threads] == ["12", "20", "7"]
    assert losses["dropped"]["files in the archive that are no exports"] == 2
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("wordpress.xml", "<rss/>")
    assert recognise(Source(path)) is None
    with pytest.raises(IngestError, match="holds no WordPress export"):
        read(path, "wordpress-export")


def test_comments_without_a_time_stay_behind_the_one_before_them(export):
    times = {
        "5": "2020-01-05 00:00:00",
        "6": "0000-00-00 00:00:00",
        "7": "2020-01-04 00:00:00",
        "10": "2020-01-04 00:00:00",
    }
    [thread], _ = export(item(*(comment(id_, date_gmt=time) for id_, time in times.items())))
    assert [one.key for one in thread.comments] == ["comment-7", "comment-10", "comment-5", "comment-6"]


def test_ampersands_and_parts_of_cdata_that_xml_would_lose_are_kept(export):
    [thread], losses = export(
        item(comment(author="Q&A &nbsp;x", content="<![CDATA[see ]]]]><![CDATA[> here]]>"), title="A & B")
    )
    assert (thread.title, thread.comments[0].name, thread.comments[0].text) == ("A & B", "Q&A x", "see ]]> here")
    assert 2 in losses["repaired"].values()


SCRIPT = "<script>// <![CDATA[\nf() // ]]></script>"


def test_the_end_of_a_cdata_section_inside_a_text_ends_nothing(export):
    # As it was written until 2012: what follows would be markup, and its end tags those of the item and the feed.
    first = item(comment(), body=f"One {SCRIPT} two <b>bold</b>{SCRIPT}</div></div>")
    said = comment("3", content="<![CDATA[a[b[0]]>1</i></i> c]]>")
    threads, losses = export(first, item(comment("2"), said, title="U", post_id="8"))
    assert [thread.article.text for thread in threads] == ["T\n\nOne two bold", "U\n\nWords"]
    assert [[one.text for one in thread.comments] for thread in threads] == [["Hi"], ["Hi", "a[b[0]]>1 c"]]
    assert losses["repaired"] == {"texts that hold the end of a CDATA section": 2}


def test_cdata_sections_that_follow_on_each_other_are_one_text(export):
    [thread], losses = export(item(comment(content="<![CDATA[a]]]]><![CDATA[>b]]> &amp; <![CDATA[c]]>😀")))
    assert thread.comments[0].text == "a]]>b & c😀"
    assert "repaired" not in losses


def test_broken_markup_in_one_item_takes_no_other_along(export):
    meta = "<wp:postmeta><wp:meta_key>k</wp:meta_key><wp:meta_value></div></p><br></wp:meta_value></wp:postmeta>"
    broken = item(comment(), title="</b></b></b></b>").replace("</item>", f"{meta}</item>")
    threads, losses = export(item(meta, comment("4")), broken, item(comment("2"), title="U", post_id="8"))
    assert [one.key for one in threads[0].comments] == ["comment-4"]
    assert (threads[-1].title, [one.key for one in threads[-1].comments]) == ("U", ["comment-2"])
    # Nothing disappears silently: the comment in the broken item is read or counted.
    n_read = sum(len(thread.comments) for thread in threads)
    assert n_read + losses["dropped"].get("comments that cannot be read", 0) == 3


def test_markup_in_what_is_kept_beside_a_text_is_no_markup(export):
    meta = "<wp:postmeta><wp:meta_value></div><br></wp:item></wp:meta_value></wp:postmeta>"
    [thread], losses = export(item(meta, comment()))
    assert len(thread.comments) == 1
    assert "repaired" not in losses


def test_a_comment_that_stands_in_no_item_is_counted(export):
    _, losses = export(item(), comment())
    assert losses["dropped"] == {"comments that stand in no item": 1}


def test_tags_of_items_in_texts_are_words(export):
    [thread], losses = export(item(comment(content="<![CDATA[<item><wp:comment>x]]>"), body="</item><item>y"))
    assert (thread.article.text, [one.text for one in thread.comments]) == ("T\n\ny", ["x"])
    assert "dropped" not in losses


def test_items_that_hold_one_comment_each_are_one_thread_and_answer_the_last_that_is_named(export):
    def written(n, parents):
        shown = comment(str(n), parent=parents)
        return f"<item><title>T</title><link>https://a.example/1</link><thread_identifier>7</thread_identifier>{shown}</item>"

    [thread], losses = export(written(1, ""), written(2, "1"), written(3, "1,2"))
    assert [(one.key, one.parent) for one in thread.comments] == [
        ("comment-1", None),
        ("comment-2", "comment-1"),
        ("comment-3", "comment-2"),
    ]
    assert losses["doubtful"] == {"items of one thread, read as one": 2}


def test_a_user_who_has_another_name_today_keeps_the_one_that_the_comment_shows(export):
    user = (
        "<wp:author><wp:author_id>5</wp:author_id><wp:author_login>ann</wp:author_login>"
        "<wp:author_display_name>Ann Today</wp:author_display_name></wp:author>"
    )
    shown = [("1", "Ann Then"), ("2", "Ann Today"), ("3", "")]
    [thread], _ = export(user, item(*(comment(id_, author=name, user_id="5") for id_, name in shown)))
    assert [(one.handle, one.name, one.byline) for one in thread.comments] == [
        ("ann", "Ann Then", "Ann Then"),
        ("ann", "Ann Today", None),
        ("ann", "Ann Today", None),
    ]


def test_html_that_was_not_escaped_is_read_as_html(export):
    [thread], _ = export(item(comment(content="<p>one</p><p>two <b>bold</b> &amp; more</p>")))
    assert thread.comments[0].text == "one\n\ntwo bold & more"


def test_a_file_that_breaks_off_keeps_what_it_has(export, tmp_path):
    path = tmp_path / "cut.xml"
    path.write_text(
        START + item(comment(), comment("2", content="<![CDATA[Half a sen"))[: -len("</wp:comment></item>") - 60]
    )
    [thread], losses = read(path, "wordpress-export")
    assert thread.comments[0].text == "Hi"
    assert thread.comments[1].text.startswith("Half a sen")
    assert losses["doubtful"] == {"texts that the file breaks off in": 1}


def test_references_to_what_is_no_character_are_taken_out(export):
    [thread], losses = export(item(comment(author="A&#xD800;n&#0;n &#8217;", content="a&#x110000;b&#xFFFF;")))
    assert (thread.comments[0].name, thread.comments[0].text) == ("Ann ’", "ab")
    assert losses["repaired"] == {"references to what is no character, taken out": 4}


def test_one_text_nested_too_deep_does_not_take_the_others_along(export):
    [thread], losses = export(item(comment(content=f"<![CDATA[{'<div>' * 9000}x]]>"), comment("2")))
    assert [one.text for one in thread.comments] == ["", "Hi"]
    assert losses["lost"] == {"words of texts that are nested too deep": 1}


@pytest.mark.parametrize("content", ["", "words", "<html><body>x</body></html>", "<feed>", "\x00\x01"])
def test_what_is_no_export_is_refused(tmp_path, content):
    path = tmp_path / "x.xml"
    path.write_text(content)
    with pytest.raises(IngestError):
        list(READER.read(Reading(Source(path))))


def test_entities_of_the_file_s_own_are_refused(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text('<!DOCTYPE rss [<!ENTITY a "b">]>' + START.partition("?>")[2] + item() + "</channel></rss>")
    with pytest.raises(IngestError, match="entities of its own"):
        read(path, "wordpress-export")


PIECES = [
    b"<![CDATA[",
    b"]]>",
    b"<item>",
    b"</item>",
    b"<wp:comment>",
    b"&",
    b"<",
    b"[caption",
    b"\x00",
    b"\xff",
    b"[/",
]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bytes_give_threads_or_an_error(data, tmp_path_factory):
    raw = GARDEN.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 2)))
        piece = data.draw(st.sampled_from([b"", raw[start:end] * 2, *PIECES]) | st.binary(max_size=20))
        raw = raw[:start] + piece + raw[end if data.draw(st.booleans()) else start :]
    path = tmp_path_factory.mktemp("bytes") / "x.xml"
    path.write_bytes(raw)
    recognise(Source(path))
    with contextlib.suppress(IngestError):
        read(path, "wordpress-export")
