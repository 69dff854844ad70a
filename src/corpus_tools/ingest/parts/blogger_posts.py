"""The posts of a page of Blogger: where each is, and what stands around it about its title, author, time and number."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.parts.blogger_comments import inside, tokens, words
from corpus_tools.ingest.parts.pasted_moments import day_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_Found = TypeVar("_Found")
_NEAR = 8
"""Elements around a body, from the inside, in which what belongs to it is looked for."""
_LINE = 300
"""Characters of the longest line that is taken for a byline."""
_TITLES = frozenset(("post-title", "entry-title", "posttitle"))
_NUMBER = re.compile(r"\d{5,25}")
_IN_ID = re.compile(r"post-(?:body|snippet)-(\d{5,25})")
_POSTED_BY = re.compile(r"(?:posted\s+)?by:?\s+", re.I)


@dataclass(eq=False, slots=True)
class Post:
    """A post in the markup of a page."""

    body: HtmlElement
    exact: bool = True
    """Whether the body is all there is in the element, without headline and footer."""
    around: list[HtmlElement] = field(default_factory=list)
    """The elements that hold it and no other post, from the inside."""


@dataclass(slots=True)
class Facts:
    """What stands around a post; each is None where nothing does."""

    title: str | None = None
    author: str | None = None
    byline: str | None = None
    time: str | None = None
    day: str | None = None
    """The day in the line above the posts of one day, ISO 8601."""
    number: str | None = None
    url: str | None = None


def posts_of(page: HtmlElement) -> list[Post]:
    """The posts of a page in their order, found by the class of the body; those of the blog, not of its margins."""
    for is_body in _BODIES:
        found = _outermost(one for one in inside(page) if is_body(one))
        blog = [one for one in found if any({"widget", "Blog"} <= tokens(outer) for outer in one.iterancestors())]
        if found:
            break
    else:
        return []
    posts = [Post(one, exact=is_body is not _BODIES[-1]) for one in blog or found]
    n_inside = Counter(outer for post in posts for outer in post.body.iterancestors())
    for post in posts:
        for outer in post.body.iterancestors():
            if n_inside[outer] > 1 or outer.tag in ("body", "html") or len(post.around) == _NEAR:
                break
            post.around.append(outer)
            if "widget" in tokens(outer):
                break
    return posts


def _properties(element: HtmlElement) -> frozenset[str]:
    return frozenset((element.get("itemprop") or "").split())


_BODIES: tuple[Callable[[HtmlElement], bool], ...] = (
    lambda element: "post-body" in tokens(element),
    lambda element: "articleBody" in _properties(element),
    lambda element: "entry-content" in tokens(element),
    lambda element: bool({"blogPost", "post-content", "postbody"} & tokens(element)),
    lambda element: element.tag == "div" and "post" in tokens(element),
)


def _outermost(elements: Iterator[HtmlElement]) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    last: set[HtmlElement] = set()
    for element in elements:
        if last.isdisjoint(element.iterancestors()):
            found.append(element)
            last = {element}
    return found


def facts_of(post: Post, *, without: Container[HtmlElement]) -> Facts:
    """What stands nearest to a post, outside its body and outside `without`."""
    facts = Facts()
    if (title := _nearest(post, without, _title)) is not None:
        facts.title = words(title) or None
        facts.url = _address(next((one.get("href") for one in title.iter("a")), title.get("href")))
    if (author := _nearest(post, without, _author)) is not None:
        facts.author, facts.byline = author
    facts.time = _nearest(post, without, _time)
    facts.day = _nearest(post, without, _day)
    facts.url = facts.url or _nearest(post, without, _permalink)
    match = _IN_ID.fullmatch(post.body.get("id") or "")
    facts.number = match[1] if match else _nearest(post, without, _number)
    for value in _structured(post):
        facts.title = facts.title or _text(value.get("headline"))
        author_value = value.get("author")
        facts.author = facts.author or _text(author_value.get("name") if isinstance(author_value, dict) else None)
        facts.time = facts.time or _text(value.get("datePublished"))
    return facts


def _nearest(
    post: Post, without: Container[HtmlElement], wanted: Callable[[HtmlElement], _Found | None]
) -> _Found | None:
    passed = {post.body}
    for outer in post.around:
        for element in chain((outer,), inside(outer, passed, without)):
            if (found := wanted(element)) is not None:
                return found
        passed = {outer}
    return None


def _title(element: HtmlElement) -> HtmlElement | None:
    heading = element.tag in ("h1", "h2", "h3", "h4")
    named = bool(_TITLES & tokens(element)) or (heading and bool({"name", "headline"} & _properties(element)))
    return element if named and words(element) else None


def _author(element: HtmlElement) -> tuple[str, str | None] | None:
    classes = tokens(element)
    if classes & {"post-footer", "byline"} and "post-author" not in classes:
        if any("post-author" in tokens(inner) for inner in inside(element)):
            return None
        line = words(element)
        # The oldest templates write one line: "posted by NAME at 9:12 PM | 3 comments".
        _, found, name = line.partition("osted by ")
        name = re.split(r" (?:at|@|on|\|) ", name, maxsplit=1)[0].strip()
        return (name, line) if found and name and len(line) < _LINE else None
    named = classes & {"post-author", "entry-author", "fn"} or "author" in (element.get("rel") or "").split()
    if not named and "author" not in _properties(element):
        return None
    line = words(element)
    for inner in chain((element,), inside(element)):
        holds = "name" in _properties(inner) or "fn" in tokens(inner) or (inner.tag == "a" and inner.get("href"))
        if holds and (name := words(inner) or one_line(inner.get("content") or "")):
            if inner is element:
                return _POSTED_BY.sub("", name, count=1), line or None
            # Styles, not spaces, keep "by" from the name.
            before, found, after = line.partition(name)
            apart = " " if before[-1:].isalnum() else ""
            return name, f"{before}{apart}{name}{after}" if found else None
    name = _POSTED_BY.sub("", line, count=1)
    return (name, line) if name else None


def _time(element: HtmlElement) -> str | None:
    if "published" not in tokens(element) and "datePublished" not in _properties(element):
        return None
    shown = (element.get("datetime") or element.get("content") or element.get("title") or "").strip()
    return shown if re.match(r"\d{4}-\d\d-\d\d", shown) else None


def _day(element: HtmlElement) -> str | None:
    if "date-header" not in tokens(element):
        return None
    try:
        # Where the order of day and month is not certain, it is no day.
        return datetime.date.fromisoformat(day_of(words(element), day_is_first=None) or "").isoformat()
    except ValueError:
        return None


def _permalink(element: HtmlElement) -> str | None:
    own = "timestamp-link" in tokens(element) or element.get("rel") == "bookmark"
    if element.tag == "a" and (own or element.get("title") == "permanent link"):
        return _address(element.get("href"))
    return None


def _number(element: HtmlElement) -> str | None:
    said = [element.get("data-id"), element.get("data-post-id")]
    if element.tag == "meta" and "postId" in _properties(element):
        said.append(element.get("content"))
    if element.tag == "a":
        said.append(element.get("name"))
    return next((one for one in said if one and _NUMBER.fullmatch(one)), None)


def _address(href: str | None) -> str | None:
    href = (href or "").strip()
    return href if re.match(r"https?://", href) else None


def _structured(post: Post) -> Iterator[dict[str, Any]]:
    """What a template writes of the post for search engines; not what its author put into the body."""
    own = set(post.body.iter("script"))
    for script in (one for outer in post.around[-1:] for one in outer.iter("script")):
        if script.get("type") != "application/ld+json" or script in own:
            continue
        try:
            value = json.loads(script.text or "")
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and str(value.get("@type")).endswith(("Article", "Posting")):
            yield value


def _text(value: object) -> str | None:
    return one_line(value) or None if isinstance(value, str) else None
