"""Comments in JSON-LD with the words of schema.org."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus_tools.ingest.markup import Body, one_line, plain_body
from corpus_tools.ingest.model import ReadText
from corpus_tools.ingest.parts.page import ARTICLES, has_offset, many, types
from corpus_tools.ingest.parts.structured_markup import COMMENTS, FREQUENT, TEXTS, is_frequent
from corpus_tools.ingest.reading import Reading

_ANSWERS = ("comment", "suggestedAnswer", "acceptedAnswer")
_ASIDE = frozenset(
    ("parentItem", "about", "author", "creator", "publisher", "itemReviewed", "isPartOf", "mainEntityOfPage")
)
"""Keys of what a comment or article speaks of, which it does not hold."""
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--")
_TIMES = ("dateCreated", "datePublished", "commentTime")
_DELETED = frozenset(("[deleted]", "[removed]"))


@dataclass(slots=True, eq=False)
class Node:
    """A comment, or what is commented on."""

    held: Mapping[str, Any]
    pointer: str
    outer: Node | None = None
    """The comment that it stands in."""
    article: Node | None = None
    """What it is a comment on, where it stands in it."""
    key: str = ""


def find(values: list[Any], reading: Reading) -> tuple[list[Node], list[Node]]:
    """The comments in some values in their order, and what may be commented on; without recursion."""
    comments: list[Node] = []
    articles: list[Node] = []
    under: dict[str, Node] = {}
    left: list[tuple[Any, str, Node | None, Node | None, bool]] = [
        (value, f"/{place}" if len(values) > 1 else "", None, None, False)
        for place, value in reversed(list(enumerate(values)))
    ]
    while left:
        held, pointer, outer, article, expected = left.pop()
        if isinstance(held, list):
            inner = [(one, f"{pointer}/{place}", outer, article, expected) for place, one in enumerate(held)]
            left.extend(reversed(inner))
            continue
        if not isinstance(held, dict):
            reading.losses.add("dropped", "entries that are no comments", expected and held is not None)
            continue
        own = types(held)
        node = Node(held, pointer or "/", outer, article)
        if expected and set(held) <= {"@id", "@type"}:
            if outer is not None:
                under.setdefault(str(held.get("@id")), outer)
            continue
        if is_frequent(own, held):
            reading.losses.add("dropped", FREQUENT)
        elif not COMMENTS.isdisjoint(own) or (expected and not own):
            comments.append(node)
            outer = node
        elif not ARTICLES.isdisjoint(own):
            articles.append(node)
            outer, article = None, node
        inner = [
            (value, f"{pointer}/{name}", outer, article, name in _ANSWERS)
            for name, value in held.items()
            if (name not in _ASIDE and isinstance(value, dict | list)) or name in _ANSWERS
        ]
        left.extend(reversed(inner))
    for node in comments:
        node.outer = node.outer or under.get(str(node.held.get("@id")))
    return comments, articles


def name_keys(comments: list[Node], articles: list[Node]) -> None:
    """Give every node the name that others call it by: its id, else its place."""
    taken: set[str] = set()
    for node in (*comments, *articles):
        ids = [alias for value in _ids(node.held) for alias in _aliases(value)[:1]]
        node.key = ids[0] if ids else node.pointer
        if node in articles and node.key in taken:
            node.key = node.pointer
        taken.add(node.key)


def texts(comments: list[Node], articles: list[Node], reading: Reading) -> Iterator[ReadText]:
    """The comments as texts; their keys are named."""
    nodes = [*articles, *comments]
    named = {alias: one for one in reversed(nodes) for value in _ids(one.held) for alias in _aliases(value)}
    seen: set[tuple[str, str | None, str | None]] = set()
    for node in comments:
        body, name = body_of(node.held, reading), name_of(node.held)
        mark = (body.text if body else "", name, _first(node.held, _TIMES))
        if not any(_ids(node.held)) and mark in seen:
            reading.losses.add("dropped", "comments given a second time")
            continue
        seen.add(mark)
        yield ReadText(
            body.text if body is not None else None,
            body.blocks if body is not None else (),
            name=name,
            locator=node.key,
            key=node.key,
            parent=_parent(node, named),
            posted_at=reading.time(time_of(node.held)),
        )


def _parent(node: Node, named: Mapping[str, Node]) -> str | None:
    for held in many(node.held.get("parentItem")):
        values = _ids(held) if isinstance(held, dict) else [held] if isinstance(held, str) else []
        for alias in (alias for value in values for alias in _aliases(value)):
            if alias in named and named[alias] is not node:
                return named[alias].key
    return node.outer.key if node.outer is not None else None


def _ids(held: Mapping[str, Any]) -> Iterator[str]:
    for name in ("@id", "url", "identifier"):
        value = held.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and one_line(str(value)):
            yield str(value)


def _aliases(value: str) -> list[str]:
    """What may name a node by an id or address, the shortest first; not what names a place in any page."""
    value = one_line(value)
    _, mark, after = value.rpartition("#")
    return [after, value] if mark and re.search(r"\d", after) else [value]


def _first(held: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of some properties that has words."""
    for name in names:
        for value in many(held.get(name)):
            shown = value.get("@value") if isinstance(value, dict) else value
            if isinstance(shown, str) and shown.strip():
                return shown
    return None


def body_of(held: Mapping[str, Any], reading: Reading) -> Body | None:
    """The words of a node, which may be HTML or plain; None where it has none."""
    shown = _first(held, TEXTS)
    if shown is None:
        return None
    return reading.body(shown) if _TAG.search(shown) else plain_body(html.unescape(shown))


def name_of(held: Mapping[str, Any]) -> str | None:
    """Who wrote a node; several are named with commas."""
    names = []
    for name in ("author", "creator"):
        for value in many(held.get(name)):
            shown = value if isinstance(value, str) else _first(value, ("name",)) if isinstance(value, dict) else None
            if shown and one_line(html.unescape(shown)):
                names.append(one_line(html.unescape(shown)))
        if names:
            whole = ", ".join(dict.fromkeys(names))
            return None if whole in _DELETED or whole.startswith(("http://", "https://")) else whole
    return None


def time_of(held: Mapping[str, Any]) -> str | None:
    """The time of a node: one with an offset, else the first."""
    given = [time for name in _TIMES if (time := _first(held, (name,)))]
    return next((time for time in given if has_offset(time)), given[0] if given else None)


def title_of(held: Mapping[str, Any]) -> str | None:
    """What a node is called."""
    shown = _first(held, ("headline", "name"))
    return one_line(html.unescape(shown)) or None if shown else None


def url_of(held: Mapping[str, Any]) -> str | None:
    """The address of the page that a node is about."""
    about = held.get("mainEntityOfPage")
    values = [held.get("url"), about.get("@id") if isinstance(about, dict) else about, held.get("@id")]
    return next(
        (value for value in values if isinstance(value, str) and value.startswith(("http://", "https://"))), None
    )
