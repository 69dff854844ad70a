"""Where the comments of a page of WordPress are, which of them stands in which, and which answers which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.ingest.parts.page import above, classes, with_class
from corpus_tools.ingest.parts.theme_classes import in_content

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LINK = re.compile(r"#(?:li-|div-)?comment[-_]?(\d{1,20})$")
"""The end of an address of a comment."""
_NUMBER = re.compile(r"(?:(?:li|div|dsq)-)?comment[-_]?(\d{1,20})")
_DISCUZ = re.compile(r"w[pc]d?-comm-(\d{1,20})_(\d{1,20})")
_DEPTH = re.compile(r"(?:depth|level)-(\d{1,3})")
_ITEMS = frozenset(("li", "div", "article", "section", "dt"))
_LISTS = frozenset(
    """commentlist comment-list comments-list comment_list comments_list commentslist ast-comment-list
    wp-block-comment-template""".split()
)
_KINDS = frozenset(("comment", "pingback", "trackback", "ping"))
_REPLY_TO = frozenset(("wpd-reply-to", "in-reply-to", "reply-to"))
_PINGS = frozenset("pinglist pings trackbacklist pingbacklist trackbacks pingbacks pinglist trackback-list".split())


@dataclass(slots=True)
class Found:
    """A comment in a page."""

    element: HtmlElement
    number: str | None
    outer: Found | None = None
    """The comment that it is printed inside of, or under in a list that is flat."""
    answers: str | None = None
    """The number of the comment that it answers, where the page names it."""
    is_ping: bool = False
    """Whether it stands in a list of links from elsewhere."""

    def key(self, paths: Mapping[HtmlElement, str]) -> str | None:
        """What others call it: its number, else its place."""
        return f"comment-{self.number}" if self.number else paths.get(self.element)

    def parent(self, paths: Mapping[HtmlElement, str]) -> str | None:
        """The key of what it answers: as the page names it, else as it is nested."""
        if self.answers:
            return f"comment-{self.answers}"
        return self.outer.key(paths) if self.outer else None


def pair_definitions(page: HtmlElement) -> None:
    """Put what follows a comment's head in a definition list, as Thesis prints it, into that head."""
    for term in list(page.iter("dt")):
        if _number(term)[0] is None and _KINDS.isdisjoint(classes(term)):
            continue
        following = term.getnext()
        if following is not None and following.tag == "dd":
            term.append(following)


def found_in(page: HtmlElement) -> list[Found]:
    """The comments of a page as they are printed; nothing is changed."""
    from lxml import etree

    found: list[Found] = []
    around: list[Found] = []
    for event, element in etree.iterwalk(page, events=("start", "end")):
        if event == "end":
            if around and around[-1].element is element:
                around.pop()
            continue
        if element.tag not in _ITEMS:
            continue
        number, answers = _number(element)
        if number is not None and any(one.number == number for one in around[-2:]):
            around[-1].answers = around[-1].answers or answers
        elif number is not None and around and around[-1].number is None and not _in_list(element, around[-1].element):
            around[-1].number, around[-1].answers = number, answers
        elif (number is not None or _is_comment(element)) and _shows_words(element):
            outer = around[-1] if around else None
            around.append(Found(element, number, outer, answers, is_ping=_among_pings(element)))
            found.append(around[-1])
    _nest_by_depth(found)
    return found


def _number(element: HtmlElement) -> tuple[str | None, str | None]:
    """The number in the id of a comment, and that of what it answers, which only wpDiscuz puts there."""
    own = element.get("id") or ""
    if match := _NUMBER.fullmatch(own):
        return match[1], None
    if match := _DISCUZ.fullmatch(own):
        return match[1], match[2] if int(match[2]) else None
    return None, None


def _in_list(element: HtmlElement, stop: HtmlElement) -> bool:
    return any(one.tag in ("ol", "ul", "dl") for one in above(element, stop))


def _is_comment(element: HtmlElement) -> bool:
    """Whether an element without a number is a comment by its classes, or stands in a list of comments."""
    own = classes(element)
    if not _KINDS.isdisjoint(own) and any(_DEPTH.fullmatch(one) for one in own):
        return True
    around = element.getparent()
    if element.tag != "li" or around is None:
        return False
    return not _LISTS.isdisjoint(classes(around) | {around.get("id") or ""})


def _among_pings(element: HtmlElement) -> bool:
    around = element.getparent()
    return around is not None and not _PINGS.isdisjoint(classes(around) | {around.get("id") or ""})


def _shows_words(element: HtmlElement) -> bool:
    return any(text.strip() for text in element.itertext())


def _nest_by_depth(found: list[Found]) -> None:
    """Give the comments of a flat list what they stand under by their depths."""
    last: dict[int, Found] = {}
    for one in found:
        depths = [int(match[1]) for name in classes(one.element) if (match := _DEPTH.fullmatch(name))]
        if not depths:
            continue
        depth = depths[0]
        if depth > 1 and one.outer is None:
            one.outer = last.get(depth - 1)
        last = {level: held for level, held in last.items() if level < depth} | {depth: one}


def take_apart(found: list[Found]) -> None:
    """Take every comment out of the page and out of the one that it answers; number those whose links do."""
    for one in reversed(found):
        if one.element.getparent() is not None:
            one.element.drop_tree()
    known = {one.number for one in found}
    for one in found:
        if one.number is None and (number := _number_in_links(one.element)) not in known:
            one.number = number
            known.add(number)
        for label in with_class(one.element, _REPLY_TO):
            for link in label.iter("a"):
                if (match := LINK.search(link.get("href") or "")) and match[1] != one.number:
                    one.answers = match[1]


def _number_in_links(element: HtmlElement) -> str | None:
    for link in element.iter("a"):
        if match := _NUMBER.fullmatch(link.get("id") or link.get("name") or ""):
            return match[1]
        if "comment-reply-link" in classes(link) and (own := link.get("data-commentid") or "").isdecimal():
            return own
    for link in element.iter("a"):
        if match := re.search(r"[?&]replytocom=(\d{1,20})\b", link.get("href") or ""):
            return match[1]
        if in_content(link) is None and (match := LINK.search(link.get("href") or "")):
            return match[1]
    return None
