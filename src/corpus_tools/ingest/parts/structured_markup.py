"""Comments marked in a page with the words of schema.org: as microdata, or as RDFa, which Drupal prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tools.ingest.markup import PARAGRAPH, Body, joined, one_line, plain_body
from corpus_tools.ingest.model import ReadText
from corpus_tools.ingest.parts.page import ARTICLES, above, classes, has_offset, places, words
from corpus_tools.ingest.parts.theme_classes import CONTENT, having
from corpus_tools.ingest.reading import Reading

if TYPE_CHECKING:
    from lxml.html import HtmlElement

COMMENTS = frozenset(("Comment", "UserComments", "Answer"))
TEXTS = ("text", "commentText", "encoded", "articleBody", "description")
_AUTHORS = ("author", "creator", "has_creator")
_TIMES = ("dateCreated", "datePublished", "commentTime", "created", "date")
_PARENTS = ("parentItem", "reply_of", "in_reply_to")
_TITLES = ("headline", "name", "title")
_PREFIX = re.compile(r"^(?:https?://schema\.org/|[A-Za-z][\w-]{0,20}:)")
_ARTICLES = ARTICLES | {"BlogPost", "Document"}
_CONTENT = frozenset(("content", "field-name-comment-body"))
_DELETED = frozenset(("[deleted]", "[removed]"))


FREQUENT = "answers without author and time, such as those to frequent questions"


def is_frequent(types: frozenset[str], props: Iterable[str]) -> bool:
    """Whether an answer is one that a site gives to its own questions: what people post has an author or time."""
    return "Answer" in types and "Comment" not in types and set(props).isdisjoint((*_AUTHORS, *_TIMES))


@dataclass(slots=True)
class Item:
    """A comment, or what is commented on, as the page marks it."""

    element: HtmlElement
    outer: Item | None
    """The comment that it is marked inside of."""
    key: str = ""
    aliases: set[str] = field(default_factory=set)
    """Everything that may name it: its ids and addresses, and what stands behind the `#` in them."""
    props: dict[str, list[HtmlElement]] = field(default_factory=dict)


def types_of(element: HtmlElement) -> frozenset[str]:
    """The types of an element, without prefix or address; empty where it is none of its own."""
    named = f"{element.get('itemtype') or ''} {element.get('typeof') or ''}".split()
    return frozenset(re.split(r"[/#:]", one)[-1] for one in named)


def _begins_item(element: HtmlElement) -> bool:
    return element.get("itemscope") is not None or element.get("itemtype") is not None or bool(element.get("typeof"))


def _names(element: HtmlElement) -> Iterator[str]:
    """The properties that an element holds the value of."""
    yield from (element.get("itemprop") or "").split()
    for one in (element.get("property") or "").split():
        yield _PREFIX.sub("", one)
    # Most words in `rel` are none of schema.org.
    yield from (_PREFIX.sub("", one) for one in (element.get("rel") or "").split() if ":" in one)


def items_in(page: HtmlElement) -> tuple[list[Item], Item | None]:
    """The comments of a page as they are printed, and what they are comments on; nothing is changed."""
    from lxml import etree

    comments: list[Item] = []
    article: Item | None = None
    around: list[Item] = []
    for event, element in etree.iterwalk(page, events=("start", "end")):
        if event == "end":
            if around and around[-1].element is element:
                around.pop()
            continue
        own = types_of(element)
        untyped = not own and element.get("itemscope") is not None and "comment" in set(_names(element))
        if (not COMMENTS.isdisjoint(own) or untyped) and not set(_PARENTS) & set(_names(element)):
            around.append(Item(element, around[-1] if around else None))
            comments.append(around[-1])
        elif article is None and not around and not _ARTICLES.isdisjoint(own):
            article = Item(element, None)
    return comments, article


def read_items(page: HtmlElement, reading: Reading) -> tuple[list[ReadText], Item | None]:
    """The comments of a page, which are taken out of it, and what they are comments on."""
    comments, article = items_in(page)
    by_element = {one.element: one for one in comments}
    indented = {id(one): _indented_under(one, by_element) for one in comments if one.outer is None}
    paths = places(page, [one.element for one in (*comments, *([article] if article else []))])
    for one in reversed(comments):
        if one.element.getparent() is not None:
            one.element.drop_tree()
    taken: set[str] = set()
    for one in (*comments, *([article] if article else [])):
        one.props = _props(one.element)
        ids = list(_ids(one))
        one.aliases = {alias for value in ids for alias in _aliases(value)}
        short = (alias for value in ids for alias in _aliases(value)[:1] if re.search(r"\d", alias))
        one.key = next((alias for alias in short if alias not in taken), paths.get(one.element, ""))
        taken.add(one.key)
    named = {alias: one.key for one in reversed(comments) for alias in one.aliases}
    texts = []
    for one in comments:
        if is_frequent(types_of(one.element), one.props):
            reading.losses.add("dropped", FREQUENT)
            continue
        outer = one.outer or indented.get(id(one))
        texts.append(_text(one, _parent(one, outer, named, article), reading))
    return texts, article


def _indented_under(one: Item, comments: Mapping[HtmlElement, Item]) -> Item | None:
    """What Drupal prints an answer under: the comment before the `indented` block that the answer is in."""
    for outer in above(one.element):
        if "indented" not in classes(outer):
            continue
        before = outer.getprevious()
        for _ in range(4):
            if before is None:
                return None
            if before in comments:
                return comments[before]
            before = before.getprevious()
        return None
    return None


def _props(element: HtmlElement) -> dict[str, list[HtmlElement]]:
    """The properties of an item: those marked inside it and not inside another item in it."""
    from lxml import etree

    props: dict[str, list[HtmlElement]] = {}
    inner: list[HtmlElement] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if event == "end":
            if inner and inner[-1] is one:
                inner.pop()
            continue
        if one is element:
            continue
        if not inner:
            for name in _names(one):
                props.setdefault(name, []).append(one)
        # What stands in a relation without an address is of whom or what it relates to.
        related = ":" in (one.get("rel") or "") and one.get("resource") is None and one.get("href") is None
        if _begins_item(one) or related:
            inner.append(one)
    return props


def _ids(one: Item) -> Iterator[str]:
    element = one.element
    yield from (element.get(name) or "" for name in ("id", "itemid", "about", "resource"))
    for held in one.props.get("url", []) + one.props.get("identifier", []):
        yield held.get("href") or held.get("content") or ""


def _aliases(value: str) -> list[str]:
    """What may name an item by an address or id, the shortest first."""
    value = one_line(value)
    _, mark, after = value.rpartition("#")
    return [alias for alias in (after if mark else value, value) if alias]


def _parent(one: Item, outer: Item | None, named: Mapping[str, str], article: Item | None) -> str | None:
    """What a comment answers: as it says itself, else what it is marked or indented under."""
    held = [inner for name in _PARENTS for inner in one.props.get(name, [])]
    inside = [inner for holder in held for inner in holder.iter("*") if inner is holder or _is_address(inner)]
    values = [inner.get(at) or "" for inner in inside for at in ("itemid", "resource", "href", "content")]
    aliases = [alias for value in values for alias in _aliases(value)]
    # Drupal names both, the comment and what that is on.
    for alias in aliases:
        if named.get(alias, one.key) != one.key:
            return named[alias]
    if article is not None and article.key and article.aliases & set(aliases):
        return article.key
    return outer.key if outer else None


def _is_address(element: HtmlElement) -> bool:
    return element.get("itemprop") in ("url", "@id")


def _text(one: Item, parent: str | None, reading: Reading) -> ReadText:
    body = body_of(one, reading)
    title = next((words(held) for name in _TITLES for held in one.props.get(name, []) if words(held)), None)
    if title and body is not None and not body.text.startswith(title.rstrip(".… ")):
        reading.losses.add("lost", "titles of comments")
    return ReadText(
        body.text if body is not None else None,
        body.blocks if body is not None else (),
        name=name_of(one),
        locator=one.key,
        key=one.key,
        parent=parent,
        posted_at=reading.time(time_of(one)),
    )


def body_of(one: Item, reading: Reading) -> Body | None:
    """The words of an item; None where it marks none."""
    for name in TEXTS:
        held = one.props.get(name, [])
        # What is marked inside of what is marked is part of it.
        held = [inner for inner in held if not any(outer is other for outer in above(inner) for other in held)]
        bodies = [
            plain_body(inner.get("content") or "") if inner.tag == "meta" else reading.body(inner) for inner in held
        ]
        parts = [
            (block.label or PARAGRAPH, body.text[block.start : block.end]) for body in bodies for block in body.blocks
        ]
        if parts:
            return joined(parts)
        if held:
            return Body("", ())
    # Drupal marks the comment and not always its words.
    held = [inner for inner in having(one.element, CONTENT[0] | _CONTENT) if "field-label" not in classes(inner)]
    return reading.body(held[0]) if held else None


def holder_of(one: Item) -> HtmlElement | None:
    """The element that holds the words of an item, where there is one and only one."""
    for name in TEXTS[:-1]:
        held = [inner for inner in one.props.get(name, []) if inner.tag != "meta"]
        if len(held) == 1:
            return held[0]
    return None


def name_of(one: Item) -> str | None:
    """Who wrote an item."""
    for name in _AUTHORS:
        for held in one.props.get(name, []):
            for inner in (*(inner for inner in held.iter("*") if "name" in set(_names(inner))), held):
                shown = one_line(inner.get("content") or "") or words(inner)
                if shown and not shown.startswith(("http://", "https://")):
                    return None if shown in _DELETED else shown
    named = next(having(one.element, frozenset(("username",))), None)
    return words(named) or None if named is not None else None


def time_of(one: Item) -> str | None:
    """The time of an item: one with an offset, else the first."""
    given = [
        held.get("datetime") or held.get("content") or (held.text or "")
        for name in _TIMES
        for held in one.props.get(name, [])
    ]
    given = [time.strip() for time in given if re.match(r"\s*\d{4}", time)]
    return next((time for time in given if has_offset(time)), given[0] if given else None)


def title_of(one: Item) -> str | None:
    """What an item is called."""
    for name in _TITLES:
        for held in one.props.get(name, []):
            if shown := one_line(held.get("content") or "") or words(held):
                return shown
    return None
