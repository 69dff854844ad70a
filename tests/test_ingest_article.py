"""The article of a page: trafilatura says what it is, the page in which words."""

import pytest

from corpus_tools.errors import MissingExtraError
from corpus_tools.ingest.article import article_of, author_of
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.source import parse_html

PARAGRAPHS = [
    "The town council voted on Monday evening to close the harbour bridge to all traffic, by nine votes to six.",
    "Until it is repaired, a ferry will run every twenty minutes between the old quay and the market, free of charge.",
    "Those who had voted against it wanted the footpath open; their motion was not put to the vote, the mayor said.",
]
PAGE = """<html><head><title>Bridge to close | Harbour Courier</title>
<meta property="og:title" content="Bridge to close | Harbour Courier"><meta property="og:url" content="https://x.example/1">
<meta name="author" content="Ann Writer"><meta property="article:published_time" content="2020-01-02T10:00:00+01:00">
</head><body><nav><ul><li><a href="/">Home</a><li><a href="/n">News</a></ul></nav><h1>Bridge to close</h1>
<article class="post"><div class="entry-content"><p>{}</p><h3>What now?</h3><p>{}<br><br>{}</p><img src="a.jpg">
<p>Ends.</p></div></article><div id="comments"><p>Jo says: what a shame that is, for everybody who walks to work.</p></div>
<footer><p>All rights reserved, Harbour Courier</p></footer></body></html>""".format(*PARAGRAPHS)


@pytest.fixture
def page():
    return parse_html(PAGE, error=ValueError)


def test_the_article_has_the_title_that_it_shows_and_what_the_page_says_of_it(page):
    article = article_of(page, losses=Losses(), without=page.xpath("//*[@id='comments']"))
    assert article.title == "Bridge to close"
    assert (article.url, article.author, article.date) == ("https://x.example/1", "Ann Writer", "2020-01-02")


@pytest.mark.parametrize("known", [False, True])
def test_the_body_is_the_paragraphs_of_the_page_without_menus_and_comments(page, known):
    losses = Losses()
    body = article_of(
        page,
        losses=losses,
        without=page.xpath("//*[@id='comments']"),
        within=page.xpath("//*[@class='entry-content']")[0] if known else None,
    ).body
    parts = body.text.split("\n\n")
    for paragraph in PARAGRAPHS:
        assert paragraph in parts
    for other in ("Home", "News", "Jo says", "All rights reserved"):
        assert other not in body.text
    assert len(body.blocks) == len(parts)
    if known:
        assert "What now?" in parts
        assert losses.counts["lost"] == {"images": 1}


def test_the_page_is_left_as_it_was(page):
    from lxml import html

    before = html.tostring(page)
    article_of(page, losses=Losses(), without=page.xpath("//h3"), within=page.xpath("//article")[0])
    assert html.tostring(page) == before


def test_a_body_that_trafilatura_does_not_see_is_taken_where_it_is_known():
    page = parse_html("<body><div id=a>Short.<br>Very.</div><p>Other</p></body>", error=ValueError)
    assert article_of(page, losses=Losses(), within=page.xpath("//div")[0]).body.text == "Short.\nVery."


def test_a_page_without_an_article_has_an_empty_one():
    page = parse_html("<html><body></body></html>", error=ValueError)
    article = article_of(page, losses=Losses())
    assert (article.title, article.body.text, article.url) == (None, "", None)


def test_without_trafilatura_the_extra_is_named(page, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "trafilatura", None)
    with pytest.raises(MissingExtraError, match=r"trafilatura is needed .*\[ingest\]"):
        article_of(page, losses=Losses())


@pytest.mark.parametrize(
    ("head", "shown", "title"),
    [
        # What is printed is taken where the window or others are shown something else.
        ("<title>Why bridges close</title>", "<h1>Old bridge to close for good</h1>", "Old bridge to close for good"),
        ("<title>Bridge 'to close' | Courier</title>", "<h1>Bridge “to close”</h1>", "Bridge “to close”"),
        # The name of the site, linked to its first page, is no headline; nor is a section.
        ("<title>Bridge to close : Courier</title>", "<h1><a href='/'>Courier</a></h1><h2>Bridge to close</h2>", None),
        ("<title>Bridge to close | Courier</title>", "<h1>News</h1><h2>Bridge to close</h2>", None),
        ("<title>Courier » Blog Archive » Bridge to close</title>", "<h1><a rel=home href='/c'>Courier</a></h1>", None),
        ("<title>Bridge to close - Courier</title><meta property='og:site_name' content='Courier'>", "", None),
        ("<title>Courier: x</title><meta property='og:title' content='Bridge to close'>", "", None),
        # A line above the headline, marked as part of it.
        ("<title>Bridge to close</title>", "<h1><span>Harbour:</span> <span>Bridge to close</span></h1>", None),
    ],
)
def test_the_title_is_the_headline_without_the_site(head, shown, title):
    page = parse_html(f"<html><head>{head}</head><body>{shown}<p>It is old.</p></body></html>", error=ValueError)
    assert article_of(page, losses=Losses()).title == (title or "Bridge to close")


@pytest.mark.parametrize(
    ("named", "author"),
    [
        ("Ann Writer", "Ann Writer"),
        ("von Ann Writer", "Ann Writer"),
        ("Text: Ann Writer", "Ann Writer"),
        ("von Rhein", "von Rhein"),
        ("Courier", None),
        ("courier.example", None),
        ("Jo Coder - http://jo.example", None),
        ("null", None),
    ],
)
def test_the_site_is_not_its_author(named, author):
    head = f"<meta name=author content='{named}'><meta property='og:site_name' content='Courier'>"
    head += "<link rel=canonical href='https://www.courier.example/1'>"
    page = parse_html(f"<html><head>{head}</head><body></body></html>", error=ValueError)
    assert article_of(page, losses=Losses()).author == author


@pytest.mark.parametrize(
    ("said", "author"),
    [
        ({"author": {"@type": "Person", "name": "Ann Writer"}}, "Ann Writer"),
        ({"author": {"@type": "Person", "name": "Courier"}}, "Courier"),
        ({"author": {"@type": "Organization", "name": "Courier"}}, None),
        ({"author": {"name": "Press Ltd"}, "publisher": {"@type": "Organization", "name": "Press Ltd"}}, None),
        ({}, None),
    ],
)
def test_a_publisher_is_not_the_author(said, author):
    page = parse_html(
        "<html><head><meta property='og:site_name' content='Courier'></head><body></body></html>", error=ValueError
    )
    assert author_of(page, said) == author


def test_what_stands_under_the_headline_and_a_short_last_sentence_belong_to_the_body():
    lead = "A ferry will run instead, the council says, and it will cost nobody a penny until the spring."
    html = PAGE.replace("<article", f"<div><h4>{lead}</h4></div><article").replace(
        "<p>Ends.", "<p>So it goes.</p><p>Print"
    )
    body = article_of(parse_html(html, error=ValueError), losses=Losses()).body
    assert body.text.split("\n\n")[0] == lead
    assert body.text.split("\n\n")[-1] == "So it goes."


def test_paragraphs_in_chinese_are_those_of_the_page():
    paragraphs = [
        "市议会星期一晚上投票决定关闭港口大桥，九票赞成，六票反对。",
        "在修好之前，每二十分钟有一班免费的渡轮往返于码头和市场之间。",
    ]
    html = f"<html><body><ul><li>首页</li></ul><article><p>{'</p><p>'.join(paragraphs * 1)}</p></article></body></html>"
    body = article_of(parse_html(html, error=ValueError), losses=Losses()).body
    assert body.text.split("\n\n") == paragraphs


def test_tags_that_lxml_would_not_make_are_left_as_they_are():
    page = parse_html(f'<body><div><bod"x>{PARAGRAPHS[0]}</bod"x><p>{PARAGRAPHS[1]}</p></div></body>', error=ValueError)
    assert PARAGRAPHS[1] in article_of(page, losses=Losses()).body.text


def test_a_title_of_any_length_is_read():
    page = parse_html(f"<head><title>{'T | ' * 100_000}</title></head><body><p>x</p></body>", error=ValueError)
    assert article_of(page, losses=Losses()).title.startswith("T | T")
