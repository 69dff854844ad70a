"""Pages of WordPress as a browser saves them: themes from 2005 to block themes, and the plugins that print comments.

Every theme has a markup of its own, but all number their comments (`comment-12`), and most give them the classes that
WordPress makes (`comment byuser depth-2`). A comment is found by these, what it says by the class of the element that
holds it, or else by taking everything out that is known to be none of it.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import IngestError
from corpus_tools.ingest.article import Article, article_of, is_said
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import headed
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts import json_ld
from corpus_tools.ingest.parts.page import (
    ARTICLES,
    above,
    begins_as_page,
    classes,
    count_embedded,
    has_offset,
    is_blogger,
    many,
    nodes,
    opened,
    places,
    structured_data,
    types,
    with_class,
    words,
)
from corpus_tools.ingest.parts.pasted_moments import day_first
from corpus_tools.ingest.parts.wordpress_list import LINK, Found, found_in, pair_definitions, take_apart
from corpus_tools.ingest.parts.wordpress_markup import comment_of, printed_time, shown_time, user_of
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_EVIDENT = re.compile(
    r"""content=["']?WordPress\b|/wp-content/|/wp-includes/|wp-comments-post\.php|https://api\.w\.org/|/xmlrpc\.php\?rsd"""
    r"""|wp-block-post-|class=["'][^"']{0,300}\bcomment-reply-link\b""",
    re.I,
)
_GENERATOR = re.compile(r"""content=["']?WordPress\s+(\d{1,2})\.(\d{1,2})""", re.I)
_MICROFORMATS = re.compile(r"""class=["']?[^"'>]{0,300}\b(?:h-cite|p-comment|u-comment)\b""")
_ENTRY = (
    frozenset(("entry-content", "wp-block-post-content", "td-post-content", "post-content", "post_content")),
    frozenset(("elementor-widget-theme-post-content", "et_pb_post_content", "single-content", "article-content")),
    frozenset(
        ("post-entry", "postentry", "storycontent", "entrytext", "entry", "post-body", "postcontent", "snap_preview")
    ),
)
_NO_ARTICLE = frozenset(
    """comments-area comment-respond commentlist comment-list sharedaddy jp-relatedposts wpcnt yarpp-related
    addtoany_share_save_container post-navigation nav-links navigation author-box post-meta entry-meta postmetadata
    wp-block-comments jetpack-likes-widget-wrapper sd-block ssba essb_links heateor_sss_sharing_container""".split()
)
_HEADINGS = frozenset(
    """comments-title comment-title comments-heading comment-heading comments_title wp-block-comments-title
    comments-header comments-count total-comments""".split()
)
_TITLES = frozenset(("entry-title", "post-title", "wp-block-post-title", "posttitle", "storytitle"))
_DATES = frozenset(("entry-date", "published", "wp-block-post-date", "post-date", "entry-time"))
_AUTHORS = frozenset(("entry-author-name", "wp-block-post-author__name", "wp-block-post-author-name"))
_BEGINNING = 600
"""Characters of an article that may be no more than the beginning of another."""
_UTC = re.compile(r"(?:Z|[+-]00:?00)\s*$")
_PAGE = re.compile(r"(?:/comment-page-|[?&]cpage=)(\d{1,6})(?!\d)(?!.*#comment-\d)")
_POST = re.compile(r"\b(?:postid|page-id)-(\d{1,20})\b")
_SHORT = re.compile(r"[?&](?:p|page_id)=(\d{1,20})\b")
_AUTHOR = re.compile(r"/author/([A-Za-z0-9_.%-]{1,60})/?(?:[?#].*)?$")


def recognise(source: Source) -> Match | None:
    """A page that WordPress made: sure of it where its comments are found, likely where there are none."""
    if not begins_as_page(source) or is_blogger(source, says=True):
        return None
    try:
        text = source.text
    except IngestError:
        return None
    evident = _EVIDENT.search(text)
    numbered = re.search(r"""\b(?:id|name)=["']?(?:(?:li|div|dsq|wpd|wc)-)?comm(?:ent)?[-_]?\d""", text)
    if not evident and not (numbered and re.search(r"\bdepth-\d|\bcomment-?list\b", text)):
        return None
    page = opened(source)
    if page is None:
        return None
    if found_in(page):
        strength = LIKELY if _MICROFORMATS.search(text) or (is_blogger(source) and not evident) else SURE
        return Match(strength, "it has a list of comments as WordPress prints it")
    return Match(LIKELY, "it is a page of WordPress") if evident else None


def read(reading: Reading) -> Iterator[ReadThread]:
    """The article of a page and its comments.

    Returns:
        One thread, its comments in printed order, each with the parent that the page names or nests it under.

    Raises:
        IngestError: If it is no page.
    """
    # Comments are taken out of each other and of the page, which others may still want whole.
    page = copy.deepcopy(reading.source.html)
    pair_definitions(page)
    found = found_in(page)
    paths = places(page, [one.element for one in found if one.number is None])
    take_apart(found)
    times = [shown_time(one.element) for one in found]
    site = _site(page, found)
    order = day_first(filter(None, (printed_time(one.element) for one in found)))
    comments = tuple(comment_of(one, reading, paths, site=site, day_is_first=order) for one in found)
    _count_pages(page, reading)
    _compare_count(page, comments, reading)
    count_embedded(page, reading.losses)
    data = structured_data(page, reading.losses)
    number = _post(page)
    within = _entry(page, number)
    published = _published(page, data)
    _compare_times(published, reading)
    _doubt_offsets(reading, times, published)
    article = _article(page, within, reading)
    name, user = _author(page, within, data)
    own = _marked(found, comments)
    handle = own.handle if own else user_of(user, site) if user else None
    body = headed(article.title, article.body)
    key = f"post-{number}" if number else None
    posted_at = reading.time(published[0]) if published else None
    yield ReadThread(
        title=article.title,
        article=ReadText(
            body.text,
            body.blocks,
            name=name or article.author or (own.name if own else None),
            handle=handle,
            locator=key or "/html/body",
            key=key,
            posted_at=posted_at,
        ),
        comments=comments,
        key=key,
        url=article.url,
        date=article.date if posted_at is None else None,
    )


def _site(page: HtmlElement, found: Iterable[Found]) -> str | None:
    """The host that a page is of, by what it says of its own address."""
    said = page.xpath(
        "//link[@rel='canonical' or @rel='shortlink' or @rel='pingback' or @rel='https://api.w.org/']/@href"
    )
    said = [*page.xpath("//meta[@property='og:url']/@content"), *said]
    links = (link.get("href") or "" for one in found for link in one.element.iter("a"))
    for address in (*said, *(link for link in links if LINK.search(link))):
        # An archive puts its own address before.
        if hosts := re.findall(r"https?://([^/?#:@\s]{1,253})", str(address)):
            return str(hosts[-1]).lower().removeprefix("www.")
    return None


def _marked(found: Iterable[Found], comments: Iterable[ReadText]) -> ReadText | None:
    """A comment that WordPress marks as by the author of the article, and whose author has a handle."""
    pairs = zip(found, comments, strict=True)
    return next((said for one, said in pairs if said.handle and "bypostauthor" in classes(one.element)), None)


def _article(page: HtmlElement, within: HtmlElement | None, reading: Reading) -> Article:
    without = [*with_class(page, _NO_ARTICLE), *page.xpath("//*[@id='comments' or @id='respond']")]
    # What holds the article is not taken for what stands beside it.
    holding = set() if within is None else {within, *above(within)}
    without = [one for one in without if one not in holding]
    article = article_of(page, losses=reading.losses, without=without, within=within)
    if within is not None and len(article.body.text) < _BEGINNING and _is_one_of_many(page, within):
        # It may be the beginning of another post, to which the page leads.
        whole = article_of(page, losses=Losses(), without=without)
        article = whole if len(whole.body.text) > _BEGINNING else article
    marked = _title(page, within)
    # Themes mark the titles of other posts in the same way, and lines that hold more.
    if marked and (article.title is None or is_said(page, marked) or not is_said(page, article.title)):
        return replace(article, title=marked)
    return article


def _post(page: HtmlElement) -> str | None:
    """The number of the post, which the page gives in a class, a short link, or the id of what holds it."""
    for body in page.iter("body"):
        if match := _POST.search(body.get("class") or ""):
            return match[1]
    for link in page.xpath("//link[@rel='shortlink']/@href"):
        if match := _SHORT.search(str(link)):
            return match[1]
    posts = {
        match[1]
        for one in page.iter("div", "article", "section", "main")
        if (match := re.fullmatch(r"post-(\d{1,20})", one.get("id") or ""))
    }
    return posts.pop() if len(posts) == 1 else None


def _entry(page: HtmlElement, number: str | None) -> HtmlElement | None:
    """The element that holds the article: the longest of its kind, in the post of that number where there is one."""
    posts = [one for one in page.iter("div", "article", "section", "main") if one.get("id") == f"post-{number}"]
    for root in (*posts, page):
        for names in _ENTRY:
            held = [
                one
                for one in with_class(root, names)
                if not any(not _NO_ARTICLE.isdisjoint(classes(outer)) for outer in above(one, root))
            ]
            # Not one that holds the comments too, where there is another.
            held = [one for one in held if not one.xpath(".//*[@id='comments' or @id='respond']")] or held
            if held:
                return max(held, key=lambda one: len(one.text_content()))
    return next((one for one in page.iter("*") if one.get("itemprop") == "articleBody"), None)


def _is_one_of_many(page: HtmlElement, within: HtmlElement) -> bool:
    """Whether other elements of the page, which are not around it, are of the kind that holds the article."""
    around = {within, *above(within)}
    others = [one for names in _ENTRY for one in with_class(page, names)]
    others += (one for one in page.iter("*") if one.get("itemprop") == "articleBody")
    return any(one not in around and within not in above(one) for one in others)


def _title(page: HtmlElement, within: HtmlElement | None) -> str | None:
    """The headline as a theme marks it; the one nearest to the article where a page has several."""
    marked = [one for one in with_class(page, _TITLES) if words(one)]
    headings = [one for one in marked if one.tag == "h1"] or marked
    if len(headings) == 1:
        return words(headings[0])
    near = _nearest(headings, within, up_to="html")
    return words(near[0]) if near else None


def _published(page: HtmlElement, data: list[Any]) -> list[str]:
    """The times of the article that the page gives, those with an offset first."""
    given: list[Any] = [
        node.get("datePublished")
        for wanted in (ARTICLES, frozenset(("WebPage",)))
        for value in data
        for _, node in nodes(value)
        if not wanted.isdisjoint(types(node))
    ]
    given += page.xpath("//meta[@property='article:published_time' or @name='article:published_time']/@content")
    for one in with_class(page, _DATES):
        given += [inner.get("datetime") or inner.get("title") for inner in (one, *one.iter("time", "abbr"))]
    times = [str(one).strip() for one in given if isinstance(one, str) and re.match(r"\s*\d{4}-\d\d-\d\d", one)]
    return sorted(dict.fromkeys(times), key=lambda one: not has_offset(one))


def _author(page: HtmlElement, within: HtmlElement | None, data: list[Any]) -> tuple[str | None, str | None]:
    """Who wrote the article, and what the site calls them in addresses: as printed near it, else as JSON-LD says."""
    # Themes label such links with what they lead to.
    naming = [one for one in _naming(page) if (shown := words(one)) and not re.search("[→»›]", shown)]
    printed = _nearest(naming, within, up_to="body")
    if not printed and (name := _said_author(data)):
        return name, None
    # Other posts that the page shows have authors too.
    if not printed and len({words(one) for one in naming}) == 1:
        printed = naming
    if not printed:
        return None, None
    links = [printed[0], *above(printed[0]), *printed[0].iter("a")]
    handles = (_AUTHOR.search(link.get("href") or "") for link in links if link.tag == "a")
    return words(printed[0]), next((match[1] for match in handles if match), None)


def _nearest(found: list[HtmlElement], within: HtmlElement | None, *, up_to: str) -> list[HtmlElement]:
    """Those that share the smallest surroundings with the article, smaller than the element `up_to`."""
    for outer in above(within) if within is not None else ():
        if outer.tag == up_to:
            break
        if near := [one for one in found if outer in set(above(one))]:
            return near
    return []


def _said_author(data: list[Any]) -> str | None:
    told = [node for value in data for _, node in nodes(value)]
    people = {node["@id"]: node for node in told if isinstance(node.get("@id"), str) and "Person" in types(node)}
    for wanted in (ARTICLES, frozenset(("WebPage",))):
        for node in (node for node in told if not wanted.isdisjoint(types(node))):
            for held in many(node.get("author")):
                named = people.get(str(held.get("@id")), held) if isinstance(held, dict) else held
                if name := json_ld.name_of({"author": named}):
                    return name
    return None


def _naming(page: HtmlElement) -> Iterator[HtmlElement]:
    for one in with_class(page, frozenset(("author",))):
        if "vcard" in classes(one):
            yield from with_class(one, frozenset(("fn",)))
    for one in page.iter("*"):
        if one.get("itemprop") == "author":
            yield from (inner for inner in one.iter("*") if inner.get("itemprop") == "name")
    for one in page.iter("a"):
        if "author" in (one.get("rel") or "").split():
            yield one
    yield from with_class(page, _AUTHORS)


def _count_pages(page: HtmlElement, reading: Reading) -> None:
    numbers = {match[1] for link in page.iter("a") if (match := _PAGE.search((link.get("href") or "")[:2000]))}
    more = next(with_class(page, frozenset(("wpd-load-more-submit", "wc-load-more-submit"))), None)
    reading.losses.add("doubtful", "further pages of comments", len(numbers) + (more is not None))


def _compare_count(page: HtmlElement, comments: Iterable[ReadText], reading: Reading) -> None:
    """Compare what a heading such as `12 thoughts on` counts, with or without links from elsewhere."""
    kinds = [one.kind for one in comments]
    n_comments = kinds.count(COMMENT)
    shown = [number for heading in _headings(page) if (number := _number(words(heading))) is not None]
    if not shown or {n_comments, len(kinds)} & {*shown, sum(shown)}:
        return
    nearest = min(shown, key=lambda number: abs(number - len(kinds)))
    absent = "comments that a heading counts and the page does not hold"
    reading.losses.add("doubtful", absent, max(nearest - len(kinds), 0))
    reading.losses.add("doubtful", "comments more than a heading counts", max(n_comments - nearest, 0))


def _headings(page: HtmlElement) -> Iterator[HtmlElement]:
    yield from with_class(page, _HEADINGS)
    for one in page.xpath("//*[@id='comments' or @id='comments-list' or @id='comments-title']"):
        if one.tag in ("h2", "h3", "h4"):
            yield one
        else:
            yield from one.iter("h2", "h3", "h4")


def _number(heading: str) -> int | None:
    """The number that a heading begins with, or names in brackets; not one in the title that it quotes."""
    before = re.split(r"[\"“”„«»‘]", heading, maxsplit=1)[0]
    if match := re.match(r"\D{0,25}?(\d{1,3}(?:[.,]\d{3})+|\d{1,7})\b", before):
        if match.start(1) > 0 and re.search(r"\b(?:on|to|zu|about|for)\s", before[: match.start(1)], re.I):
            return None
        return int(re.sub(r"\D", "", match[1]))
    return 1 if re.match(r"one\b|ein\b|un\b|una\b|une\b", before, re.I) else None


def _doubt_offsets(reading: Reading, times: list[str | None], published: list[str]) -> None:
    """Count times in UTC where the site has another zone, or may: before 5.3 WordPress put `+00:00` to local times."""
    given = [time for time in times if time]
    version = _GENERATOR.search(reading.source.text)
    old = version is not None and (int(version[1]), int(version[2])) < (5, 3)
    elsewhere = any(has_offset(one) and not _UTC.search(one) for one in (*published, *given))
    # Local times that are said to be in UTC stand beside true ones.
    instants = _instants(published)
    shifted = len(instants) > 1 and len({instant % 900 for instant in instants}) == 1
    n_utc = sum(bool(_UTC.search(time)) for time in given)
    doubted = old or elsewhere or shifted
    reading.losses.add("doubtful", "times whose offset may not be meant", n_utc if doubted else 0)


def _compare_times(published: list[str], reading: Reading) -> None:
    """Count an article whose times, all with offsets, are not one; the first is taken."""
    otherwise = len(_instants(published)) > 1
    reading.losses.add("doubtful", "times of articles that the page gives otherwise elsewhere", otherwise)


def _instants(times: Iterable[str]) -> set[float]:
    found = set()
    for time in times:
        # What cannot be read is counted where it is taken.
        with contextlib.suppress(ValueError, OverflowError):
            found |= {datetime.datetime.fromisoformat(time).timestamp()} if has_offset(time) else set()
    return found


READER = Reader(
    form="wordpress-page",
    title="WordPress page, saved",
    description="Comments are what WordPress numbers, in any theme; an answer is what is nested, or names what it "
    "answers; the words are the element that themes mark as such, else what is left without names, dates and links to "
    "answer. A time is the one that is given for machines, else the one printed, where a zone is given. The article is "
    "taken out of its element with trafilatura.",
    recognise=recognise,
    read=read,
)
