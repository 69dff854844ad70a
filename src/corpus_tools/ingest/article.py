"""The article of a saved page: its title, body, address and date; comments are left to the readers of their markup."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import MissingExtraError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import Body, html_body, joined, one_line
from corpus_tools.ingest.parts import json_ld
from corpus_tools.ingest.parts.page import many, types

if TYPE_CHECKING:
    from lxml.html import HtmlElement


# Chinese and Japanese are written without blanks: each sign is taken for a word.
_SIGN = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_SIGN}]|[^\W{_SIGN}]+")
GRAM = 4
"""Words in a row by which two texts are compared."""
LONG = 8
"""Words of a paragraph that is no menu or button."""
NEAR = 8
"""Paragraphs, lines of authors and dates among them, between a headline and its article."""
HEADLINE = 3
"""Words of a heading that is no section's name."""
_SENTENCE = re.compile(r"\w\s.*[.!?…][\"'”’“»)\]]*$", re.S)
_HOME = re.compile(r"(?:https?://web\.archive\.org/web/\w+/)?(?:(?:https?:)?//[^/?#]+)?/?(?:index\.(?:html?|php))?")
"""Addresses of the first page of a site."""
_BY = re.compile(r"^(?:by|von|par|por|di|text|текст|автор|author|autor)\s*:\s*|^(?:by|von) (?=\S+ \S)", re.I)
"""What some put before the name of an author."""
_NOBODY = frozenset(("", "null", "none", "undefined", "no author"))
LONGEST_TITLE = 1000
"""Characters of a title that may hold the name of its site."""
_ARCHIVE = re.compile(r".*»\s*(?:Blog|Weblog)[ -]Archiv(?:e|es)?\s*»\s*", re.I)
"""What WordPress put before the title of a post in that of the window."""


@dataclass(frozen=True, slots=True)
class Article:
    """What a page says of its article; each is None where it does not."""

    title: str | None
    body: Body
    url: str | None
    author: str | None
    date: str | None
    """The day it was published, ISO 8601."""


def article_of(
    page: HtmlElement, *, losses: Losses, without: Iterable[HtmlElement] = (), within: HtmlElement | None = None
) -> Article:
    """Find the article of a page with trafilatura.

    Args:
        page: The page.
        losses: Where pictures and the like are counted.
        without: Elements that are not the article, such as the list of comments.
        within: The element that holds the article where the reader knows it; the whole page where omitted. Where
            trafilatura finds nothing in it, its own words are taken.

    Returns:
        The article; its body is empty where the page has none.

    Raises:
        MissingExtraError: If trafilatura is not installed.
    """
    try:
        import trafilatura
    except ImportError:
        raise MissingExtraError("trafilatura", "ingest") from None
    without = list(without)
    title = _title(page)
    # Its own guesses at author and date are left alone: they are no statement of the page.
    document: Any = trafilatura.bare_extraction(
        _copy(page if within is None else within, without), include_comments=False, favor_recall=within is not None
    )
    seen = Losses()
    own = html_body(page if within is None else within, losses=seen, skip=without)
    found = html_body(_as_html(document.body), losses=Losses()) if document is not None else Body("", ())
    body = _without_headline(_as_printed(own, found, title, whole=within is not None), title)
    for reason, n in seen.counts["lost"].items() if within is not None else ():
        losses.add("lost", reason, n)
    return Article(
        title=title,
        body=body,
        url=_address(page),
        author=_author(page),
        date=_date(_meta(page, "article:published_time") or _first(page, "//*[@itemprop='datePublished']/@content")),
    )


def _as_printed(own: Body, found: Body, title: str | None, *, whole: bool) -> Body:
    """What trafilatura found, in the words and paragraphs of the page.

    It decides what the article is; its text joins words and loses the ends of paragraphs, and within an article it
    leaves out short lines.

    Args:
        own: Everything that stands on the page, or in the element of the article.
        found: What trafilatura made of it.
        title: The headline; what is said right under it belongs to the article, and trafilatura leaves it out.
        whole: Whether `own` is known to be the article, so that what stands between two parts of it is part of it too.
    """
    grams = _Grams(_WORD.findall(found.text.casefold()))
    parts = [(block.label, own.text[block.start : block.end]) for block in own.blocks]
    words = [_WORD.findall(text.casefold()) for _, text in parts]
    taken = [grams.hold(one) for one in words]
    long = [n for n, one in enumerate(words) if taken[n] and len(one) >= LONG]
    if not long:
        return own if whole and 2 * len(found.text) < len(own.text) else found
    # What trafilatura leaves of a body that is known to be one is seldom the body if it is very little.
    if whole and 2 * sum(len(parts[n][1]) for n in range(len(parts)) if taken[n]) < len(own.text):
        return own
    between = range(long[0], long[-1] + 1)
    if whole:
        return joined(part for n, part in enumerate(parts) if taken[n] or n in between)
    kept = {n for n in between if taken[n]} | _at_end(parts, taken, between.stop)
    return joined(parts[n] for n in sorted(kept | _under_headline(parts, words, title, between.start)))


def _at_end(parts: list[tuple[str, str]], taken: list[bool], place: int) -> set[int]:
    """Short sentences right behind the last long paragraph; what is none may be a button or a line of the site."""
    end = set()
    while place < len(parts) and taken[place] and _SENTENCE.search(parts[place][1]):
        end.add(place)
        place += 1
    return end


def _under_headline(parts: list[tuple[str, str]], words: list[list[str]], title: str | None, first: int) -> set[int]:
    """Long paragraphs between the headline and the first that was found, where not much stands between the two."""
    near = range(max(first - NEAR, 0), first)
    headed = [n for n in near if title and _folded(parts[n][1]) == _folded(title)]
    return {n for n in range(headed[-1] + 1, first) if len(words[n]) >= LONG} if headed else set()


class _Grams:
    """The sequences of words in a text, to say of another text whether it stands in it."""

    def __init__(self, words: list[str]) -> None:
        self._grams = {tuple(words[i : i + n]) for n in range(1, GRAM + 1) for i in range(len(words) - n + 1)}

    def hold(self, words: list[str]) -> bool:
        """Whether most of the sequences of some words are among them."""
        n = min(GRAM, len(words))
        grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)] if n else []
        return bool(grams) and 2 * sum(gram in self._grams for gram in grams) >= len(grams)


def _as_html(tree: Any) -> Any:
    """Trafilatura's tree with the elements of HTML that look the same."""
    # Others are left alone: lxml reads names of elements, such as `p"`, that it refuses to be given.
    for element in tree.iter(*_TAGS):
        element.tag = _TAGS[element.tag]
    return tree


_TAGS = {"lb": "br", "item": "li", "row": "tr", "cell": "td", "quote": "blockquote", "head": "h2", "list": "ul"}
"""Elements of trafilatura's tree -> those of HTML with the same look."""


def _copy(element: HtmlElement, without: list[HtmlElement]) -> HtmlElement:
    """A page of its own with a copy of an element, without some elements inside it."""
    from lxml.html import Element

    marked = {id(one) for one in without}
    places = [place for place, one in enumerate(element.iter()) if id(one) in marked]
    copied = copy.deepcopy(element)
    inside = list(copied.iter())
    for place in places:
        one = inside[place]
        if one.getparent() is not None:
            one.drop_tree()
    if copied.tag == "html":
        return copied
    page = Element("html")
    body = Element("body")
    page.append(body)
    copied.tail = None
    article = Element("article")
    article.append(copied)
    body.append(article)
    return page


def _without_headline(body: Body, title: str | None) -> Body:
    """A body that begins with its own title, without it: the title is put before every body."""
    parts = [(block.label, body.text[block.start : block.end]) for block in body.blocks]
    if title and parts and one_line(parts[0][1]).casefold() == title.casefold():
        parts = parts[1:]
    return joined(parts)


def _title(page: HtmlElement) -> str | None:
    """The headline as the page prints it over its article; else what it says for others to show, without the site."""
    said = _said_titles(page)
    sites = _site_names(page)
    told = [_without_site(one, sites) for one in said]
    first, second = ([one for one in _headings(page, tag) if _folded(one) not in sites] for tag in ("h1", "h2"))
    begun = [one for one in first if any(_begins(other, one) for other in said)]
    # Where the site's name or the section is the first heading, the article's is the second.
    begun = begun or [one for one in second if any(_begins(two, one) and _is_much(one, two) for two in said)]
    if begun:
        return max(begun, key=len)
    # A line above the headline may be marked as part of it.
    inside = [one for one in told if _n_words(one) >= HEADLINE and any(_ends(two, one) for two in first)]
    within = inside or [one for one in first if any(_holds(other, one) for other in told)]
    if within:
        return max(within, key=len)
    if len(first) == 1 and (not said or _n_words(first[0]) >= HEADLINE):
        return first[0]
    return told[0] if told else None


def is_said(page: HtmlElement, title: str) -> bool:
    """Whether a title stands in one that the page says for its window, or for others to show."""
    return any(_holds(one, title) for one in _said_titles(page))


def _said_titles(page: HtmlElement) -> list[str]:
    said = [_meta(page, "og:title"), _meta(page, "twitter:title")]
    said += [_first(page, "//*[@itemprop='headline']//text()"), _first(page, "//title/text()")]
    return [one for one in said if one and _folded(one)]


def _headings(page: HtmlElement, tag: str) -> list[str]:
    """The headings of a page, without those that lead to its first page and are therefore the site's name."""
    shown = ((one, _words(one)) for one in page.iter(tag))
    return [words for one, words in shown if _folded(words) and not any(_leads_home(link) for link in _links(one))]


def _links(heading: HtmlElement) -> Iterator[HtmlElement]:
    yield from heading.iter("a")
    yield from heading.iterancestors("a")


def _leads_home(link: HtmlElement) -> bool:
    return "home" in (link.get("rel") or "").split() or _HOME.fullmatch(link.get("href") or "-") is not None


def _site_names(page: HtmlElement) -> set[str]:
    named = [_meta(page, "og:site_name"), _meta(page, "application-name")]
    named += [_words(link) for link in page.iter("a") if _leads_home(link)]
    return {_folded(one) for one in named if one} - {""}


def _without_site(title: str, sites: set[str]) -> str:
    """A title without the name of the site before or after it."""
    if len(title) > LONGEST_TITLE:
        return title
    title = _ARCHIVE.sub("", title)
    for pattern in (r"(?P<rest>.*\S)\s+[|–—·•»:-]\s+(?P<site>.+)", r"(?P<site>.+?)\s+[|–—·•»:-]\s+(?P<rest>.+)"):
        found = re.fullmatch(pattern, title)
        if found and _folded(found["site"]) in sites:
            return found["rest"]
    return title


def is_site(page: HtmlElement, name: str) -> bool:
    """Whether a name is that of the site, which many pages give in the place of their author's, or an address."""
    hosts = (re.search(r"//(?:www\.)?([^/?#:]+)", address or "") for address in (_address(page), name))
    hosted = [_folded(host[1]) for host in hosts if host]
    return bool(re.search(r"https?://|\bwww\.", name)) or _folded(name) in {*_NOBODY, *_site_names(page), *hosted}


def author_of(page: HtmlElement, said: Mapping[str, Any]) -> str | None:
    """Who wrote an article by its JSON-LD; None where that names its publisher or the site."""
    named = _BY.sub("", json_ld.name_of(said) or "")
    publisher = json_ld.name_of({"author": said.get("publisher")}) or ""
    if any("Person" in types(one) for one in many(said.get("author")) if isinstance(one, dict)):
        return named or None  # whose site may be called after them
    return None if is_site(page, named) or _folded(named) == _folded(publisher) else named


def _author(page: HtmlElement) -> str | None:
    named = _BY.sub("", _meta(page, "author") or "")
    return None if is_site(page, named) else named


def _address(page: HtmlElement) -> str | None:
    return _meta(page, "og:url") or _first(page, "//link[@rel='canonical']/@href")


def _begins(title: str, heading: str) -> bool:
    return f"{_folded(title)} ".startswith(f"{_folded(heading)} ")


def _ends(heading: str, title: str) -> bool:
    """Whether a heading ends with a title as it is written: its first word is no word inside of a sentence."""
    words = _WORD.findall(title)
    return _WORD.findall(heading)[-len(words) :] == words


def _holds(text: str, part: str) -> bool:
    return f" {_folded(part)} " in f" {_folded(text)} "


def _is_much(heading: str, title: str) -> bool:
    return 3 * len(_folded(heading)) >= len(_folded(title))


def _folded(text: str) -> str:
    """Words without marks and case: titles differ in quotation marks and dashes from what is printed."""
    return " ".join(_WORD.findall(text.replace("\xad", "").casefold()))


def _n_words(text: str) -> int:
    return len(_folded(text).split())


def _words(element: HtmlElement) -> str:
    """What an element shows, on one line."""
    return one_line(html_body(element, losses=Losses()).text)


def _meta(page: HtmlElement, name: str) -> str | None:
    for attribute in ("property", "name"):
        found = _first(page, f"//meta[@{attribute}='{name}']/@content")
        if found:
            return found
    return None


def _first(page: HtmlElement, path: str) -> str | None:
    for found in page.xpath(path):
        if shown := one_line(str(found)):
            return shown
    return None


def _date(shown: str | None) -> str | None:
    return shown[:10] if shown and re.match(r"\d{4}-\d{2}-\d{2}", shown) else None
