"""The items of a WordPress export, each parsed by itself, so that one that is broken takes no other along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.parts.cdata import outside, sealed
from corpus_tools.ingest.parts.elements import fields, local, parsed, words
from corpus_tools.ingest.reading import Reading

if TYPE_CHECKING:
    from lxml.etree import _Element

_FIELDS = "(?:content|excerpt):encoded|wp:meta_value|wp:comment_content"
_TAG = r"<(?:[\w.-]+:)?(comment|item)(?=[\s>])|</(?:[\w.-]+:)?item\s*>"
_ROOT = re.compile(r"<(?:\w{1,40}:)?rss\b[^<>]*>")


@dataclass(frozen=True, slots=True)
class Item:
    """A post, page or other thing, with the comments on it."""

    place: str
    """Where it is, as an XPath."""
    fields: Mapping[str, _Element]
    comments: list[tuple[str, Mapping[str, _Element]]]

    def says(self, name: str) -> str:
        """The words of one of its elements."""
        return words(self.fields.get(name))


def items_of(reading: Reading, text: str) -> tuple[_Element, list[Item]]:
    """The feed without its items, and its items in their order; what cannot be read of them is counted.

    Raises:
        IngestError: If the text holds no RSS feed, or declares entities.
    """
    shell, cut = _cut(sealed(text, _FIELDS, reading.losses, unread="wp:meta_value"))
    root = parsed(reading.source, "rss", shell)
    stray = sum(local(one) == "comment" for one in root.iter())
    reading.losses.add("dropped", "comments that stand in no item", stray)
    start = _ROOT.search(shell)
    items = []
    for number, (one, n_comments, whole) in enumerate(cut, 1):
        item = _item(reading, f"{start[0] if start else '<rss>'}{one}{'</rss>' if whole else ''}", number)
        if item is None:
            reading.losses.add("dropped", "items that cannot be read")
        else:
            items.append(item)
        lost = n_comments - (len(item.comments) if item else 0)
        reading.losses.add("dropped", "comments that cannot be read", max(lost, 0))
    return root, items


def _item(reading: Reading, text: str, number: int) -> Item | None:
    """An item; a comment is of it however deep broken markup has put it."""
    try:
        root = reading.source.parse_xml(text)
    except IngestError:
        return None
    element = next((one for one in root.iter() if local(one) == "item"), None)
    if element is None:
        return None
    item = Item(f"/rss/channel/item[{number}]", _item_fields(element), [])
    for one in root.iter():
        if local(one) == "comment":
            item.comments.append((f"{item.place}/comment[{len(item.comments) + 1}]", fields(one)))
    return item


def _item_fields(element: _Element) -> Mapping[str, _Element]:
    # Two elements are called `encoded`: the body, and the excerpt.
    body = next((one for one in element if local(one) == "encoded" and "excerpt" not in str(one.tag)), None)
    found = fields(element)
    found.pop("encoded", None)
    return found if body is None else {**found, "encoded": body}


def _cut(text: str) -> tuple[str, list[tuple[str, int, bool]]]:
    """A feed without its items; each item, with how many comments begin in it and whether it ends."""
    shell, items = [], []
    after, start, n_comments = 0, -1, 0
    for token in outside(text, _TAG):
        if token[1] == "comment":
            n_comments += 1
        elif token[1] == "item":
            if start >= 0:  # the one before has no end
                items.append((text[start : token.start()], n_comments, True))
            else:
                shell.append(text[after : token.start()])
            start, n_comments = token.start(), 0
        elif start >= 0:
            items.append((text[start : token.end()], n_comments, True))
            after, start = token.end(), -1
    if start >= 0:
        items.append((text[start:], n_comments, False))
    else:
        shell.append(text[after:])
    return "".join(shell), items
