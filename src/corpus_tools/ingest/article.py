"""The article of a saved page: its title, body, address and date; comments are left to the readers of their markup."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import MissingExtraError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import Body, html_body, joined, one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement


_WORD = re.compile(r"\w+")
GRAM = 4
"""Words in a row by which two texts are compared."""
LONG = 8
"""Words of a paragraph that is no menu or button."""


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
    body = _without_headline(_as_printed(own, found, whole=within is not None), title)
    for reason, n in seen.counts["lost"].items() if within is not None else ():
        losses.add("lost", reason, n)
    return Article(
        title=title,
        body=body,
        url=_meta(page, "og:url") or _first(page, "//link[@rel='canonical']/@href"),
        author=_meta(page, "author"),
        date=_date(_meta(page, "article:published_time") or _first(page, "//*[@itemprop='datePublished']/@content")),
    )


def _as_printed(own: Body, found: Body, *, whole: bool) -> Body:
    """What trafilatura found, in the words and paragraphs of the page.

    It decides what the article is; its text joins words and loses the ends of paragraphs, and within an article it
    leaves out short lines.

    Args:
        own: Everything that stands on the page, or in the element of the article.
        found: What trafilatura made of it.
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
    first, last = (0, len(parts)) if whole else (between.start, between.stop)
    return joined(parts[n] for n in range(first, last) if taken[n] or (whole and n in between))


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
    for element in tree.iter("*"):
        element.tag = _TAGS.get(element.tag, element.tag)
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
    """The title that the page gives its article, not the one of the window, which names the site as well."""
    found = _meta(page, "og:title") or _first(page, "//*[@itemprop='headline']//text()")
    headings = [one_line(heading.text_content()) for heading in page.iter("h1")]
    shown = [heading for heading in headings if heading]
    window = one_line(_first(page, "//title/text()") or "")
    # Where the heading stands in the window's title it is how the page prints it; og:title may name the site too.
    for heading in shown:
        named = found is None or heading.casefold() in one_line(found).casefold()
        if named and (len(shown) == 1 or (heading in window and len(heading) > 1)):
            return heading
    return one_line(found) if found else window or None


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
