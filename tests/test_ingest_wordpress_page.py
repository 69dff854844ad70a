"""Saved pages of WordPress: what is found in the markup of its themes, and what is not taken for words."""

import datetime
import zoneinfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms.wordpress_page import recognise
from corpus_tools.ingest.reading import LIKELY, SURE
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, check, read, reading_of, shape

PAGES = FIXTURES / "wordpress-page"
UTC = datetime.UTC
FORM = "wordpress-page"


def page(name, **options):
    [thread], losses = read(PAGES / f"{name}.html", FORM, **options)
    return thread, losses


def made(tmp_path, comments, *, head='<meta name="generator" content="WordPress 6.4">', top=""):
    """A page around some comments, and how it is read."""
    path = tmp_path / "page.html"
    html = f"<html><head><title>T</title>{head}</head><body>{top}<div class='entry-content'><p>An article of its own "
    path.write_text(f"{html} words.</p></div><div id='comments'>{comments}</div></body></html>", encoding="utf-8")
    [thread], losses = read(path, FORM)
    return thread, losses


# Theme -> name, name of what is answered, first words, as read off the fixtures by eye.
SHAPES = {
    "html5-walker": [
        ("Mo & Söhne", None, "Swans have right of "),
        ("Ines Okafor", "Mo & Söhne", "Do they, Mo?"),
        ("Anonymous", "Ines Okafor", "Only on Sundays."),
        ("Swans on rails – Swan News", None, ""),
        ("Лена", None, "<b> is no swan."),
    ],
    "old-walker": [("pat", None, "A swan? Swan Lake, a"), ("Quinn", "pat", "Bravo.")],
    "kubrick": [
        ("Ola", None, "Birds: first, trams:"),
        ("Bert", None, "Says who?"),
        ("C. Dee", None, "4. März 2006, 9:05: d"[:20]),
    ],
    "classic": [("Gus", None, "It was a goose."), ("Rails - daily", None, "[...] a tram, late [")],
    "twentyten": [("Rosa", None, "Feathers everywhere."), ("Geese today", None, "")],
    "twentytwelve": [("Ines Okafor", None, "It has flown.")],
    "genesis": [("Tove", None, "Swans bite.")],
    "block-theme": [("Uma", None, "Late again."), ("Vik", "Uma", "As ever.")],
    "thesis": [("Wes", None, "Was it a mute swan?"), ("Xan", "Wes", "It said nothing.")],
    "divi": [("Yana", None, "Honk.")],
    "astra": [("Ines Okafor", None, "No joke.")],
    "wpdiscuz": [("Zoe", None, "Rails are warm."), ("Abe", "Zoe", "So are …"), ("Cy", "Abe", "Stones too.")],
    "bem-theme": [("Dag", None, "Bare words, no parag")],
    "avada": [
        ("Eli", None, "Der Schwan hat Vorfa"),
        ("Finn", None, "Im Juni 2018 nicht."),
        ("Geese", None, "- […] late […]"),
    ],
    "disqus": [],
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_theme_gives_its_comments_authors_and_answers(name):
    assert shape(page(name)[0]) == SHAPES[name]


@pytest.mark.parametrize("name", SHAPES)
def test_words_of_the_interface_are_no_text(name):
    thread, _ = page(name)
    for text in [thread.article, *thread.comments]:
        for word in (
            "Reply",
            "Antworten",
            "says",
            "Says:",
            "Edit",
            "moderation",
            "Permalink",
            "Post author",
            "Pingback",
        ):
            assert word not in (text.text or "").replace("Says who?", ""), (name, text.text)


@pytest.mark.parametrize("name", SHAPES)
def test_the_article_is_what_the_theme_holds_as_one(name):
    thread, _ = page(name)
    assert thread.title == "Why the tram was late"
    assert thread.article.text == (
        "Why the tram was late\n\nThe tram came eleven minutes late, and nobody at the stop could say why it had.\n\n"
        "So I asked the driver, who pointed at a swan that stood between the rails."
    )
    assert thread.article.name == "Ines Okafor"
    assert (thread.key, thread.article.key, thread.article.locator) == ("post-41",) * 3


def test_paragraphs_line_breaks_and_smileys_stay():
    comment = page("html5-walker")[0].comments[0]
    assert comment.text == "Swans have right of way. :)\n\nEverybody\nknows that."
    assert [block.label for block in comment.blocks] == ["paragraph", "paragraph"]
    assert comment.byline == "Mo & Söhne says:"


def test_numbers_of_comments_are_their_keys_and_places():
    comments = page("html5-walker")[0].comments
    assert [one.key for one in comments] == [f"comment-{number}" for number in (101, 103, 104, 105, 106)]
    assert [one.locator for one in comments] == [one.key for one in comments]
    assert [one.parent for one in comments] == [None, "comment-101", "comment-103", None, None]


def test_times_are_those_with_an_offset_in_utc():
    thread, losses = page("html5-walker")
    assert thread.comments[2].posted_at == datetime.datetime(2021, 3, 4, 23, 30, tzinfo=UTC)
    assert thread.comments[3].posted_at is None
    assert thread.article.posted_at == datetime.datetime(2021, 3, 4, 8, 0, tzinfo=UTC)
    assert losses == {}


NO_ZONE = "times, because they name no zone (give one with --zone)"


@pytest.mark.parametrize("name", ["old-walker", "kubrick", "classic", "twentyten", "thesis", "divi", "avada"])
def test_shown_dates_are_no_times_without_a_zone(name):
    thread, losses = page(name)
    assert [one.posted_at for one in thread.comments] == [None] * len(thread.comments)
    assert losses["missing"].keys() == {NO_ZONE}


# Theme -> what it prints, in New York, where it is five hours earlier than in UTC.
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("old-walker", ["2012-03-04 21:15", "2012-03-05 07:00"]),
        ("kubrick", ["2006-03-04 09:05", "2006-03-04 09:30", "2006-03-04 10:00"]),
        ("classic", ["2005-03-04 08:01", "2005-03-05 08:02"]),
        ("twentyten", ["2010-03-04 13:00", None]),
        ("thesis", ["2010-03-04 09:00", "2010-03-04 09:30"]),
        ("divi", ["2022-03-04 08:00"]),
    ],
)
def test_shown_dates_are_times_in_the_zone_that_is_given(name, shown):
    zone = zoneinfo.ZoneInfo("America/New_York")
    thread, _ = page(name, zone=zone)
    assert [one.posted_at and one.posted_at.astimezone(zone).strftime("%F %H:%M") for one in thread.comments] == shown


def test_the_beginning_of_another_post_is_not_the_article(tmp_path):
    path = tmp_path / "page.html"
    words = "The swan has left the tramway and nobody knows where it went, says the driver of the last tram. " * 4
    cards = "<div class='entry-content'><p>The goose, our next story, is late.</p></div>" * 2
    html = (
        "<html><head><title>Swan</title><meta name=generator content='WordPress 6'></head><body><h1>Swan</h1><article>"
    )
    path.write_text(
        f"{html}<p>{words}</p><p>{words.upper()}</p></article><footer>{cards}</footer></body></html>", encoding="utf-8"
    )
    [thread], _ = read(path, FORM)
    assert thread.article.text.startswith("Swan\n\nThe swan has left")
    assert "goose" not in thread.article.text


@pytest.mark.parametrize(
    ("marked", "title"),
    [
        ("<header class='entry-title'><h2>Swan on rails</h2><span>4 March, by Jo</span></header>", "Swan on rails"),
        ("<h1>Swan on rails</h1><h3 class='entry-title'>Goose is late</h3>", "Swan on rails"),
        ("<h1 class='entry-title'>A swan, on rails!</h1>", "A swan, on rails!"),
    ],
)
def test_the_title_is_not_what_else_a_theme_marks_as_one(tmp_path, marked, title):
    head = "<meta name=generator content='WordPress 6'><meta property='og:title' content='Swan on rails'>"
    assert made(tmp_path, "", head=head, top=marked)[0].title == title


def test_a_date_in_the_words_of_a_comment_is_not_its_time(tmp_path):
    comment = "<ol class='comment-list'><li class='comment depth-1' id='comment-1'><b class='fn'>A</b>"
    comment += "<div class='comment-content'><p><small>March 4, 2012 at 9:15 pm</small> it was.</p></div></li></ol>"
    thread, losses = made(tmp_path, comment)
    assert thread.comments[0].posted_at is None
    assert "missing" not in losses


def test_what_a_theme_prints_beside_a_name_is_no_part_of_it(tmp_path):
    comment = "<li class='comment depth-1' id='comment-{}'><div class='comment-author'><cite class='fn'>{}</cite></div>"
    comment += "<div class='comment-content'>x<span class='some-comments-report-link'>Report</span></div></li>"
    names = ["Ann Lee<br><span class='who'>Author</span>", "Bo, ", "<img src='a.png'><br>Cy ·"]
    thread, _ = made(tmp_path, f"<ol class='comment-list'>{''.join(map(comment.format, (1, 2, 3), names))}</ol>")
    assert [(one.name, one.text) for one in thread.comments] == [("Ann Lee", "x"), ("Bo", "x"), ("Cy", "x")]


def test_a_time_without_offset_is_taken_in_the_zone_that_is_given(tmp_path):
    comment = "<ol class='comment-list'><li class='comment depth-1' id='comment-1'><b class='fn'>A</b>"
    comment += "<time datetime='2020-07-01T12:00:00'>noon</time><div class='comment-content'>x</div></li></ol>"
    thread, losses = made(tmp_path, comment)
    assert thread.comments[0].posted_at is None
    assert losses["missing"] == {NO_ZONE: 1}
    [thread], _ = read(tmp_path / "page.html", FORM, zone=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert thread.comments[0].posted_at == datetime.datetime(2020, 7, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("html5-walker", ["comment", "comment", "unapproved", "pingback", "comment"]),
        ("old-walker", ["comment", "unapproved"]),
        ("kubrick", ["comment", "unapproved", "comment"]),
        ("classic", ["comment", "trackback"]),
        ("twentyten", ["comment", "pingback"]),
        ("avada", ["comment", "comment", "pingback"]),
    ],
)
def test_links_from_elsewhere_and_what_waits_are_of_their_kind(name, kinds):
    assert [one.kind for one in page(name)[0].comments] == kinds


def test_a_bare_pingback_has_no_words():
    assert [one.text for one in page("twentyten")[0].comments] == ["Feathers everywhere.", None]


def test_only_users_of_the_site_have_handles_which_name_the_site():
    thread, _ = page("html5-walker")
    assert [one.handle for one in thread.comments] == [None, "ines (stop.example)", None, None, None]
    assert thread.article.handle == "ines (stop.example)"
    assert page("astra")[0].comments[0].handle == "ines (stop.example)"


def test_the_author_of_the_article_has_the_handle_of_the_comments_marked_as_theirs(tmp_path):
    item = "<li class='comment byuser comment-author-{} depth-1' id='comment-{}'><b class='fn'>A</b><p>x</p></li>"
    comments = item.format("guest", 1) + item.format("boss bypostauthor", 2) + item.format("janegmail-com", 3)
    head = '<link rel="canonical" href="https://web.archive.org/web/2016/http://www.A.example/x">'
    thread, losses = made(tmp_path, f"<ol class='commentlist'>{comments}</ol>", head=head)
    assert [one.handle for one in thread.comments] == ["guest (a.example)", "boss (a.example)", None]
    assert thread.article.handle == "boss (a.example)"
    assert losses == {"lost": {"user names made of mail addresses": 1}}


def test_where_the_site_is_not_known_a_user_name_is_no_handle(tmp_path):
    item = "<li class='comment byuser comment-author-admin depth-1' id='comment-1'><b class='fn'>A</b><p>x</p></li>"
    assert made(tmp_path, f"<ol class='commentlist'>{item}</ol>")[0].comments[0].handle is None


def test_a_flat_list_is_nested_by_its_depths_and_a_comment_without_number_has_a_path():
    thread, losses = page("flat")
    assert shape(thread) == [
        ("Gil", None, "One."),
        ("Hal", "Gil", "Two, to one."),
        ("Ivy", "Hal", "Three, to two."),
        ("Gil", "Gil", "Four, to one."),
        ("Jo", None, "Five, without a numb"),
        ("Kim", "Jo", "Six, to five."),
    ]
    assert thread.comments[3].parent == "comment-501"
    assert thread.comments[4].locator == "/html/body[1]/div[1]/div[1]/div[1]/div[5]"
    assert losses["doubtful"] == {
        "comments that a heading counts and the page does not hold": 3,
        "further pages of comments": 2,
    }


def test_what_a_comment_names_as_answered_counts_more_than_where_it_is_nested():
    thread, losses = page("wpdiscuz")
    assert [one.parent for one in thread.comments] == [None, "comment-201", "comment-202"]
    assert losses["doubtful"] == {"comments of which the page shows the beginning only": 1}


def test_older_pages_of_comments_are_counted():
    assert page("block-theme")[1] == {"doubtful": {"further pages of comments": 1}}


def test_a_discussion_kept_elsewhere_is_counted():
    thread, losses = page("disqus")
    assert thread.comments == ()
    assert losses == {"missing": {"discussions kept by another service, whose comments are not in the page": 1}}


def test_times_of_old_versions_are_doubted_and_those_of_new_ones_are_not(tmp_path):
    assert page("twentytwelve")[1] == {"doubtful": {"times whose offset may not be meant": 1}}
    comment = "<ol class='comment-list'><li class='comment depth-1' id='comment-1'><b class='fn'>A</b><time "
    comment += "datetime='2020-07-01T12:00:00+00:00'>noon</time><div class='comment-content'>x</div></li></ol>"
    assert made(tmp_path, comment)[1] == {}
    meta = '<meta property="article:published_time" content="2020-07-01T10:00:00+02:00">'
    doubted = {"doubtful": {"times whose offset may not be meant": 1}}
    assert made(tmp_path, comment, head=meta + '<link href="/wp-content/x.css">')[1] == doubted


def test_an_article_whose_times_differ_takes_the_first_and_counts_it(tmp_path):
    head = '<meta property="article:published_time" content="2020-07-01T05:00:00+00:00"><script type="application/ld+json">'
    head += '{"@type":"BlogPosting","datePublished":"2020-07-01T10:00:10+00:00"}</script>'
    thread, losses = made(tmp_path, "", head=head)
    assert thread.article.posted_at == datetime.datetime(2020, 7, 1, 10, 0, 10, tzinfo=UTC)
    assert losses["doubtful"] == {"times of articles that the page gives otherwise elsewhere": 1}


@pytest.mark.parametrize(
    ("heading", "counted"),
    [
        ("2 thoughts on “9 swans”", 1),
        ("One Response to “9 swans”", 0),
        ("Comments on 9 swans", 0),
        ("Kommentare (3)", 2),
        ("1,204 Responses", 1203),
        ("No comments", 0),
    ],
)
def test_a_heading_that_counts_more_is_counted(tmp_path, heading, counted):
    comments = (
        f"<h3 class='comments-title'>{heading}</h3><ol class='commentlist'><li id='comment-1'><cite>A</cite> Says:"
    )
    _, losses = made(tmp_path, comments + "<p>x</p></li></ol>")
    found = losses.get("doubtful", {}).get("comments that a heading counts and the page does not hold", 0)
    assert found == counted


def test_a_line_that_only_dates_a_comment_is_no_text_but_a_date_in_a_sentence_is(tmp_path):
    item = "<li class='comment depth-1' id='comment-{}'><span class='author'>A</span><br>{}<p>{}</p></li>"
    comments = item.format(1, "März 7, 2018", "Am 7. März 2018 war es.") + item.format(2, "", "It was on 1 May 2019.")
    thread, _ = made(tmp_path, f"<ol class='commentlist'>{comments}</ol>")
    assert [one.text for one in thread.comments] == ["Am 7. März 2018 war es.", "It was on 1 May 2019."]


def test_a_date_in_the_words_stays_where_the_date_of_the_comment_is_marked(tmp_path):
    item = (
        "<li class='comment depth-1' id='comment-1'><cite>A</cite> Says: <small class='commentmetadata'>March 1, 2008"
    )
    thread, _ = made(
        tmp_path, f"<ol class='commentlist'>{item}</small><p>4 March 2009</p><p>It was late.</p></li></ol>"
    )
    assert thread.comments[0].text == "4 March 2009\n\nIt was late."


def test_a_time_with_an_offset_is_taken_before_one_without(tmp_path):
    item = (
        "<li class='comment depth-1' id='comment-1'><b class='fn'>A</b><time datetime='2020-07-01T12:00:00'>noon</time>"
    )
    item += "<time datetime='2020-07-01T12:00:00+02:00'>noon</time><div class='comment-content'>x</div></li>"
    thread, losses = made(tmp_path, f"<ol class='commentlist'>{item}</ol>")
    assert thread.comments[0].posted_at == datetime.datetime(2020, 7, 1, 10, 0, tzinfo=UTC)
    assert "missing" not in losses


def test_words_in_a_wrapper_named_for_the_author_are_not_lost(tmp_path):
    item = "<li class='comment depth-1' id='comment-1'><div class='comment-author vcard'><p>All of it.</p>"
    item += "<p><cite>Kommentar von <span class='fn'>Uli</span> &#8212; 2019-01-01 @ 00:39</cite></p></div></li>"
    thread, _ = made(tmp_path, f"<ol id='commentlist'>{item}</ol>")
    assert shape(thread) == [("Uli", None, "All of it.")]


def test_a_name_is_decoded_once_and_a_missing_one_is_none(tmp_path):
    item = (
        "<li class='comment depth-1' id='comment-{}'><div class='comment-author'>{}</div><div class='comment-content'>x"
    )
    names = ["<cite class='fn'>Tom &amp;amp; Co</cite>", "", "<cite class='fn'>  A\n B </cite>"]
    comments = "".join(item.format(i, name) + "</div></li>" for i, name in enumerate(names))
    thread, _ = made(tmp_path, f"<ol class='commentlist'>{comments}</ol>")
    assert [one.name for one in thread.comments] == ["Tom &amp; Co", None, "A B"]


def test_mail_addresses_in_the_markup_are_never_read(tmp_path):
    item = "<li class='comment depth-1' id='comment-1'><div class='comment-author vcard'><img class='avatar' alt='a@b.example'"
    item += " title='a@b.example'><a href='mailto:a@b.example' class='fn url'>Al</a></div><div class='comment-content'>x</div>"
    thread, _ = made(tmp_path, f"<ol class='commentlist'>{item}</li></ol>")
    assert "@" not in repr(thread)


def test_the_same_number_twice_inside_each_other_is_one_comment(tmp_path):
    item = "<li class='comment depth-1' id='li-comment-7'><article id='comment-7'><div class='comment-meta' id='div-comment-7'>"
    item += "<b class='fn'>A</b></div><div class='comment-content'>x</div></article></li>"
    thread, _ = made(tmp_path, f"<ol class='commentlist'>{item}</ol>")
    assert [one.key for one in thread.comments] == ["comment-7"]


def test_a_number_inside_of_a_numberless_item_is_its_own_and_an_anchor_is_none(tmp_path):
    item = "<div id='comment-8'></div><li class='comment depth-1'><a name='comment-8'></a><b class='fn'>A</b>"
    item += "<div class='comment-content'>x</div></li><li class='comment depth-1'><article id='comment-9'><b class='fn'>B</b>"
    thread, _ = made(tmp_path, f"<ol class='commentlist'>{item}<p>y</p></article></li></ol>")
    assert [(one.key, one.name) for one in thread.comments] == [("comment-8", "A"), ("comment-9", "B")]


def test_a_page_with_a_list_is_sure_and_one_without_is_likely():
    assert recognise(Source(PAGES / "html5-walker.html")).strength == SURE
    assert recognise(Source(PAGES / "disqus.html")).strength == LIKELY


@pytest.mark.parametrize("name", SHAPES)
def test_no_theme_is_taken_for_another_form(name):
    assert read(PAGES / f"{name}.html")[0] == read(PAGES / f"{name}.html", FORM)[0]


@pytest.mark.parametrize(
    ("content", "strength"),
    [
        (b"", None),
        (b"\x00\x01\xff", None),
        (b"PK\x03\x04", None),
        (b'<?xml version="1.0"?><rss><channel>/wp-content/</channel></rss>', None),
        (b"<html><head><meta content='blogger' name='generator'></head><body>/wp-content/</body></html>", None),
        (b"<html><body><p>Words.</p></body></html>", None),
        (b"A plain text about /wp-content/ and a <swan>", None),
        (
            b"<html><body><ol class=commentlist><li class='comment depth-1' id=comment-1><p>x</p></li></ol></body></html>",
            SURE,
        ),
        (b"<link href=/wp-content/a><ol><li class='comment depth-1 h-cite' id=comment-1><p>x</p></ol>", LIKELY),
        ("<html><link href='/wp-content/a'><p>x</p></html>".encode("utf-16"), LIKELY),
    ],
)
def test_only_pages_of_wordpress_are_recognised(tmp_path, content, strength):
    path = tmp_path / "page.html"
    path.write_bytes(content)
    match = recognise(Source(path))
    assert (match and match.strength) == strength
    assert recognise(Source(tmp_path)) is None


def test_reading_twice_gives_the_same():
    reading = reading_of(PAGES / "html5-walker.html")
    from corpus_tools.ingest.forms.wordpress_page import READER

    assert list(READER.read(reading)) == list(READER.read(reading))


FIXTURE = (PAGES / "html5-walker.html").read_bytes() + (PAGES / "wpdiscuz.html").read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, len(FIXTURE)),
            st.integers(0, 300),
            st.sampled_from(["cut", "double", "delete", "insert"]),
            st.one_of(
                st.binary(max_size=20), st.sampled_from([b"<li id=comment-101>", b"</ul>", b"\xff", b"<!--", b"&#0;"])
            ),
        ),
        max_size=6,
    )
)
def test_whatever_is_done_to_a_page_there_are_threads_or_an_error(tmp_path, changes):
    content = FIXTURE
    for place, length, what, put in changes:
        held = content[place : place + length]
        content = {
            "cut": content[:place] if length > 250 else content,
            "double": content[:place] + held + content[place:],
            "delete": content[:place] + content[place + length :],
            "insert": content[:place] + put + content[place:],
        }[what]
    path = tmp_path / "page.html"
    path.write_bytes(content)
    recognise(Source(path))
    try:
        threads, _ = read(path, FORM)
    except IngestError:
        return
    for thread in threads:
        check(thread)


def test_comments_nested_deeper_than_a_tree_may_be_are_an_error_and_never_a_crash(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<html>/wp-content/" + "<div class='comment depth-2'>x" * 50_000, encoding="utf-8")
    with pytest.raises(IngestError):
        read(path, FORM)
    assert recognise(Source(path)) is None
