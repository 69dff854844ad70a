"""Comments as the templates of Blogger print them, from the definition lists of 2004 to the threads of today.

What the templates have in common is the order: something with the comment's number, a head that names the author, a
body, and somewhere a link to the comment itself, which holds the time. A thread nests its comments; a list does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import html_body, one_line
from corpus_tools.ingest.model import COMMENT

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HEADS = frozenset(
    ("comment-author", "comment-poster", "comment-data", "comment-byline", "comment-header", "blogCommentByline")
)
BODIES = frozenset(("comment-body", "comment-content", "blogCommentBody"))
INTERFACE = frozenset(
    """item-control comment-actions comment-delete comment-reply comment-replies comment-footer comment-timestamp
    comment-replybox-single comment-replybox-thread avatar-image-container delete-comment-icon comment-icon continue
    thread-toggle loadmore icon""".split()
)
"""Classes of what stands in a head or body and is neither a name nor a word of the comment."""
_UNREAD = frozenset("script style noscript template iframe textarea select object svg".split())
_FORMS = frozenset(("comment-form", "comment-replybox-single", "comment-replybox-thread"))
_NUMBER = re.compile(r"c(\d{5,25})")
_RENDERED = re.compile(r"bc_\d+_\w+")
_LINK = re.compile(r"#c?(?P<number>\d{5,25})$")
_SHOWN_AT = re.compile(r"[?&]showComment=(\d{1,16})")
_DELETING = re.compile(
    r"(?:delete-comment\.g\?[^#]{0,300}\bpostID=|blogger\.com/comment/delete/\d{1,25}/)(?P<number>\d{5,25})"
)
_GONE = re.compile(r"This (?:comment|post) has been removed by (?:the author|a blog administrator)\.")
_MODERATOR = re.compile(
    r"admin|amminist|админ|адмін|beheer|správc|yönetici|ylläpit|διαχειρ|管理|관리|مشرف|مدير|מנהל|ผู้ดูแล|quản trị", re.I
)


def tokens(element: HtmlElement) -> frozenset[str]:
    """The classes of an element; templates of others write `_` for `-`."""
    return frozenset((element.get("class") or "").replace("_", "-").split())


def inside(root: HtmlElement, *skips: Container[HtmlElement]) -> Iterator[HtmlElement]:
    """The elements below one in their order, without what browsers do not show and without `skips`."""
    steps = list(reversed(root))
    while steps:
        element = steps.pop()
        if isinstance(element.tag, str) and element.tag not in _UNREAD and not any(element in skip for skip in skips):
            yield element
            steps.extend(reversed(element))


def words(element: HtmlElement, *, skip: Iterable[HtmlElement] = ()) -> str:
    """The words of an element on one line, without pictures of people and without buttons."""
    buttons = [one for one in element.iter() if isinstance(one.tag, str) and INTERFACE & tokens(one)]
    return one_line(html_body(element, losses=Losses(), skip=[*buttons, *skip]).text)


@dataclass(eq=False, slots=True)
class Printed:
    """A comment in the markup of a page."""

    key: str | None = None
    head: HtmlElement | None = None
    body: HtmlElement | None = None
    milliseconds: str | None = None
    """When it was posted, as its link says."""
    answers: Printed | None = None
    kind: str = COMMENT
    place: HtmlElement | None = None
    """Where it begins."""
    skip: list[HtmlElement] = field(default_factory=list)
    """What in its body is no word of it."""


def printed(region: HtmlElement, losses: Losses) -> list[Printed]:
    """The comments in a part of a page, as printed."""
    walk = _Walk(losses)
    walk.through(region)
    for one in walk.found:
        one.kind = _kind(one)
    return [one for one in walk.found if one.body is not None or one.key is not None]


class _Walk:
    """Goes through a tree once, without recursion."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.found: list[Printed] = []
        self._open: list[Printed] = []
        """Comments that hold the place, outermost first."""
        self._flat: Printed | None = None
        """The last comment of a list, whose parts follow each other."""

    def through(self, root: HtmlElement) -> None:
        steps: list[tuple[HtmlElement, bool]] = [(root, True)]
        while steps:
            element, entering = steps.pop()
            if not entering:
                self._open.pop()
            elif isinstance(element.tag, str) and element.tag not in _UNREAD:
                classes = tokens(element)
                if classes & _FORMS or element.get("id") == "blogger-dcom-block":
                    continue
                if _holds_comment(element, classes):
                    self._begin(element)
                    steps.append((element, False))
                if self._visit(element, classes):
                    steps.extend((child, True) for child in reversed(element))

    def _begin(self, element: HtmlElement) -> None:
        self._open.append(Printed(place=element, answers=self._open[-1] if self._open else None))
        self.found.append(self._open[-1])
        self._flat = None

    def _visit(self, element: HtmlElement, classes: frozenset[str]) -> bool:
        """Take what an element says; returns whether there is more inside it."""
        self._numbered(element)
        if "blogComment" in classes and not any(BODIES & tokens(inner) for inner in inside(element)):
            self._byline_last(element)
            return False
        if classes & HEADS or (element.tag == "cite" and "user" in classes) or "comment-title" in classes:
            return not self._head(element, classes)
        if classes & BODIES:
            return not self._body(element)
        if element.tag == "a":
            self._link(element, self._open[-1] if self._open else self._flat)
        return True

    def _numbered(self, element: HtmlElement) -> None:
        for key in _keys(element):
            if self._open:
                self._open[-1].key = self._open[-1].key or key
            elif self._flat is None or self._flat.body is not None or self._flat.key not in (None, key):
                self._new_flat(element).key = key
            else:
                self._flat.key = key

    def _new_flat(self, element: HtmlElement) -> Printed:
        self._flat = Printed(place=element)
        self.found.append(self._flat)
        return self._flat

    def _head(self, element: HtmlElement, classes: frozenset[str]) -> bool:
        """Whether it is the head of a comment, and not one around a body as well."""
        if any(BODIES & tokens(one) for one in inside(element)):
            return False
        one = self._open[-1] if self._open else self._flat
        if one is None or (one is self._flat and (one.body is not None or one.head is not None)):
            one = self._new_flat(element)
        one.head = element if one.head is None else one.head
        if "comment-title" in classes:
            one.kind = "trackback"
        for inner in inside(element):
            self._numbered(inner)
            if inner.tag == "a":
                self._link(inner, one)
        return True

    def _body(self, element: HtmlElement) -> bool:
        """Whether it is the body of a comment, and not one around its head as well."""
        one = self._open[-1] if self._open else self._flat
        around = HEADS | BODIES
        if (one is None or one.kind == COMMENT) and any(around & tokens(inner) for inner in inside(element)):
            return False
        if one is None or (one is self._flat and one.body is not None):
            one = self._new_flat(element)
        elif one.body is not None:
            self.losses.add("dropped", "second bodies of comments")
            return True
        one.body = element
        self.losses.add("repaired", "bodies of comments that a block in them had ended", _with_rest(element))
        one.skip = [
            inner for inner in inside(element) if INTERFACE & tokens(inner) or "comment-poster" in tokens(inner)
        ]
        if one.key is None and (match := re.fullmatch(r"\w+_cmt-(\d{5,25})", element.get("id") or "")):
            one.key = f"c{match[1]}"
        return True

    def _link(self, element: HtmlElement, one: Printed | None) -> None:
        """Take number and time from a link that names the comment itself, or the one to delete it."""
        href = (element.get("href") or "").strip()
        match = _LINK.search(href) or _DELETING.search(href)
        if one is None or match is None:
            return
        key = f"c{match['number']}"
        one.key = one.key or key
        shown = _SHOWN_AT.search(href)
        if shown and one.key == key:
            one.milliseconds = one.milliseconds or shown[1]

    def _byline_last(self, element: HtmlElement) -> None:
        """A comment of the templates that print body, byline and button in one box, in this order."""
        one = Printed(place=element, body=element)
        self.found.append(one)
        self._flat = one
        for inner in inside(element):
            one.key = next(_keys(inner), one.key)
            if "byline" in tokens(inner) and one.head is None:
                one.head = inner
            if inner is one.head or INTERFACE & tokens(inner):
                one.skip.append(inner)
            if inner.tag == "a":
                self._link(inner, one)


def _keys(element: HtmlElement) -> Iterator[str]:
    """The numbers of comments that an element is called by; the oldest templates have them bare, as `<a name>`."""
    called = [_NUMBER.fullmatch(element.get("id") or "")]
    if element.tag == "a":
        called.append(re.fullmatch(r"c?(\d{5,25})", element.get("name") or ""))
    yield from (f"c{match[1]}" for match in called if match)


def _with_rest(paragraph: HtmlElement) -> bool:
    """Put back into a `<p>` what a parser takes out of it: a block and what follows, up to the buttons."""
    rest = []
    sibling = paragraph.getnext() if paragraph.tag == "p" else None
    while sibling is not None and isinstance(sibling.tag, str) and not INTERFACE & tokens(sibling):
        rest.append(sibling)
        sibling = sibling.getnext()
    if not rest or sibling is None or any(name.startswith("comment") for one in rest for name in tokens(one)):
        return False
    between, paragraph.tail = paragraph.tail or "", None
    if len(paragraph):
        paragraph[-1].tail = (paragraph[-1].tail or "") + between
    else:
        paragraph.text = (paragraph.text or "") + between
    paragraph.extend(rest)
    return True


def _holds_comment(element: HtmlElement, classes: frozenset[str]) -> bool:
    if "comment" not in classes or element.tag not in ("li", "div", "article", "section"):
        return False
    name = element.get("id") or ""
    if _NUMBER.fullmatch(name) or _RENDERED.fullmatch(name):
        return True
    return any(isinstance(child.tag, str) and "comment-block" in tokens(child) for child in element)


def _kind(one: Printed) -> str:
    if one.body is None or one.kind != COMMENT:
        return one.kind
    marked = "deleted" in tokens(one.body)
    marked = marked or any("deleted-comment" in tokens(inner) for inner in chain((one.body,), inside(one.body)))
    return kind_of(words(one.body, skip=one.skip), marked=marked)


def kind_of(shown: str, *, marked: bool) -> str:
    """The kind of a comment of which only the line may be left that says so; `marked` if the markup says it is."""
    if not marked and not _GONE.fullmatch(shown):
        return COMMENT
    return "removed" if _MODERATOR.search(shown) else "deleted"


class Paths:
    """XPaths of elements of one page, for those without a number; no list of siblings is counted twice."""

    def __init__(self) -> None:
        self._places: dict[HtmlElement, str] = {}

    def of(self, element: HtmlElement | None) -> str:
        """The path of an element from the root."""
        if element is None:
            return "/"
        steps = []
        for one in (element, *element.iterancestors()):
            parent = one.getparent()
            if parent is not None and one not in self._places:
                seen: Counter[object] = Counter()
                for child in parent:
                    seen[child.tag] += 1
                    self._places[child] = f"{child.tag}[{seen[child.tag]}]"
            steps.append(self._places.get(one, str(one.tag)))
        return "/" + "/".join(reversed(steps))
