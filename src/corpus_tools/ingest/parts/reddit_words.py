"""Words of Reddit: whether the API escaped them, and what stands in their place when they were taken out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts.lines import storable

NOBODY = frozenset(("[deleted]", "[removed]", "[unavailable]"))
"""What stands in the place of an author's name."""
_DELETED = re.compile(r"\s*\[ ?deleted(?: by user)? ?\]\s*", re.I)
_REMOVED = re.compile(r"\s*\[ ?removed(?: by (?:reddit|moderator)[^\n]{0,200})? ?\]\s*", re.I)
_HIDDEN = "[unavailable]"
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_UNESCAPED = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
_TYPED_ENTITY = re.compile(r"&(?:#x?[0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")


def taken_out(text: str) -> str | None:
    """The kind of an entry whose words are a mark that it was taken out; None where they are words."""
    # Marks are short, words seldom begin so.
    if not text.lstrip().startswith("["):
        return None
    return "deleted" if _DELETED.fullmatch(text) else "removed" if _REMOVED.fullmatch(text) else None


def is_hidden(text: str) -> bool:
    """Whether this is what is shown instead of the words of somebody who blocked the reader."""
    return text.strip() == _HIDDEN


class Escapes:
    """Whether words are escaped (`&amp;`, `&lt;`, `&gt;`), as the API does unless it is told not to.

    Where a thing has its words as HTML too, that decides. Words with a bare `<`, `>` or `&` are not escaped. Others
    are if most of those that can tell are, or if none can tell.
    """

    def __init__(self, sample: Iterable[dict[str, Any]]) -> None:
        said: Counter[bool] = Counter()
        seen: Counter[bool] = Counter()
        for thing in sample:
            if (by_html := _escaped_html(thing)) is not None:
                said[by_html] += 1
            for name in ("body", "selftext", "title"):
                text = thing.get(name)
                if isinstance(text, str) and _UNESCAPED.search(text):
                    seen[False] += 1
                elif isinstance(text, str) and _ESCAPED.search(text):
                    seen[True] += 1
        votes = said or seen
        self.usual = votes[True] > votes[False] or not votes
        self.mixed = not said and bool(seen[True] and seen[False])

    def decoded(self, thing: dict[str, Any], name: str, losses: Losses) -> str | None:
        """The words in a field, entities decoded once where they are escaped; None where it holds none."""
        text = thing.get(name)
        if not isinstance(text, str):
            return None
        text = storable(text)
        if "&" not in text:
            return text
        if not _UNESCAPED.search(text):
            by_html = _escaped_html(thing)
            if self.mixed:
                losses.add("doubtful", "texts with &amp;, &lt; or &gt; where some texts are escaped and others are not")
            if self.usual if by_html is None else by_html:
                text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        # A title is no Markdown: what stands in it is what is shown.
        typed = len(_TYPED_ENTITY.findall(text)) if name in ("body", "selftext") else 0
        losses.add("doubtful", "entities such as &nbsp; typed in Markdown, kept as typed", typed)
        return text


def _escaped_html(thing: dict[str, Any]) -> bool | None:
    for name in ("body_html", "selftext_html"):
        html = thing.get(name)
        if isinstance(html, str) and (start := html.lstrip()[:4]):
            return True if start == "&lt;" else False if start.startswith("<") else None
    return None
