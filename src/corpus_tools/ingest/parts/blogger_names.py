"""Who wrote a comment, as the line above it names them: "NAME said...", in the language of the blog."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.parts.blogger_comments import INTERFACE, Printed, inside, tokens, words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SAID = tuple(
    said.strip()
    for said in """said|says|wrote|hat gesagt|meinte|schrieb|dijo|ha dicho|a dit|disse|ha detto|ha dit|zei|schreef
    |sa|sade|sagde|sier|skrev|kirjoitti|sanoi|powiedział(a)|powiedział|pisze|řekl(a)|řekl|říká|povedal(a)|povedal|mondta|írta
    |spunea|a spus|kaže|je rekao|je rekao/la|rekao je|pravi|reče|каза|рече|сказал(а)|сказал|комментирует|пишет|сказав
    |каже|είπε|dedi ki|dedi|mengatakan|berkata|ay nagsabi|nói|nói rằng|ütles|teica|sakė|rašė|esan du|אמר|אמר/ה|كتب|قال
    |ने कहा|বলেছেন|கூறியது|చెప్పారు|പറഞ്ഞു|กล่าวว่า|さんは書きました|さんのコメント|さんが書き込みました|说|說|提到
    |님의 말|님이 말하길""".split("|")
)
_BEFORE = ("يقول", "قال", "Ο χρήστης", "Ο/Η")
"""Words of Blogger in the line that names the author; those before the name, where a language puts them there."""
_COMMENT_BY = re.compile(r"comment\s+(?:by|from):?\s+", re.I)
_BEFORE_TIME = re.compile(r"(?:\s*[,|·–—-]|\s+(?:on|at))\s*\Z", re.I)
_OWN = re.compile(r"#c?\d{5,}$|[?&]showComment=|delete-comment\.g|/comment/delete/|^javascript:")


class Said:
    """The names in the lines above the comments of a page.

    A line that links its name shows what stands around it; a line without a link is cut accordingly.
    """

    def __init__(self, comments: Iterable[Printed], losses: Losses) -> None:
        self.losses = losses
        around: Counter[tuple[str, str]] = Counter()
        for head in (one.head for one in comments):
            link = None if head is None or _cite(head) is not None else _linked(head)
            if head is not None and link is not None:
                before, found, after = _line(head).partition(words(link))
                around[before.strip(), after.strip()] += bool(found)
        self._around = [pair for pair, _ in around.most_common(3) if any(pair)]

    def name_and_byline(self, one: Printed) -> tuple[str | None, str | None]:
        """Who wrote a comment, and the line that says so as printed; None where nobody is named."""
        head = one.head
        if head is None:
            return None, None
        cited = _cite(head)
        if cited is not None:
            name = words(cited)
            rest = words(head, skip=[cited]) if cited is not head else ""
            return name or None, f"{name} {rest}".strip() or None
        line = _line(head)
        if one.kind == "trackback":
            line = words(one.skip[0]) if one.skip else ""
            _, _, name = line.partition("posted by ")
            return name.rpartition(" @ ")[0] or None, line or None
        link = _linked(head)
        return (words(link) if link is not None else self._cut(head, line)) or None, line or None

    def _cut(self, head: HtmlElement, line: str) -> str:
        line = _without_time(head, line)
        for before, after in self._around:
            if line.startswith(before) and line.endswith(after) and len(line) > len(before) + len(after):
                return line[len(before) : len(line) - len(after)].strip()
        if "posted by " in line:
            _, _, name = line.partition("posted by ")
            return (name.rpartition(" : ")[0] or name).strip()
        if match := _COMMENT_BY.match(line):
            return line[match.end() :].strip()
        bare = re.sub(r"[\s.…:]+\Z", "", line[-200:])
        shortened = line[:-200] + bare
        if not shortened or shortened in _SAID:
            return ""
        for said in _SAID:
            if shortened.endswith(said) and (said[0] > "\u2fff" or shortened[: -len(said)][-1:].isspace()):
                return _without_before(shortened[: -len(said)].strip())
        return self._uncertain(head, line, shortened)

    def _uncertain(self, head: HtmlElement, line: str, shortened: str) -> str:
        for picture in head.iter("img"):
            shown = one_line(picture.get("title") or "")
            if shown and line.startswith(shown):
                return shown
        if _without_before(shortened) != shortened:
            return _without_before(shortened)
        if line.endswith(("...", "…")) and " " in shortened:
            self.losses.add("doubtful", "names cut from lines in languages that are not known")
            return shortened.rpartition(" ")[0].strip()
        return line.removesuffix(":").strip()


def _line(head: HtmlElement) -> str:
    return words(head)


def _cite(head: HtmlElement) -> HtmlElement | None:
    """The element of a head that holds the name and nothing else."""
    if head.tag == "cite":
        return head
    for inner in inside(head):
        if inner.tag == "cite" or tokens(inner) & {"comment-name", "anon-comment-author", "fn", "user"} - INTERFACE:
            return None if "icon" in tokens(inner) else inner
    return None


def _linked(head: HtmlElement) -> HtmlElement | None:
    """The link to the author's profile or site."""
    buttons = {one for one in inside(head) if INTERFACE & tokens(one)}
    for inner in inside(head, buttons):
        if inner.tag == "a" and inner.get("href") and not _OWN.search(inner.get("href") or "") and words(inner):
            return inner
    return None


def _without_time(head: HtmlElement, line: str) -> str:
    """A line without "At 9:12 PM," before the name or "on 2 May 2008" after it, where the time links to the comment."""
    for inner in inside(head):
        if inner.tag == "a" and _OWN.search(inner.get("href") or "") and (shown := words(inner)):
            before, found, after = line.partition(shown)
            if before and not after:
                return _BEFORE_TIME.sub("", before.rstrip())
            return after[1:].strip() if found and after.startswith(",") and len(before) < 20 else line
    return line


def _without_before(name: str) -> str:
    for word in _BEFORE:
        if name.startswith(f"{word} "):
            return name[len(word) + 1 :].strip()
    return name
