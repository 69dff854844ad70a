"""The words of an HTML body, or of plain text, as a text of paragraphs with its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.model import Block
from corpus_tools.ingest.source import CONTROL, parse_html
from corpus_tools.standoff import visible_part

if TYPE_CHECKING:
    from lxml.html import HtmlElement

HEADLINE, CAPTION, PARAGRAPH = "headline", "caption", "paragraph"
_UNSEEN = frozenset(
    """head script style template noscript iframe object embed applet svg math canvas select datalist button input
    textarea audio video map""".split()
)
_BLOCKS = frozenset(
    """address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol p pre section summary table tbody tfoot thead tr
    ul""".split()
)
_CELLS = frozenset(("td", "th"))
_LOST = {
    "img": "images",
    "audio": "sound or video recordings",
    "video": "sound or video recordings",
    "iframe": "embedded pages",
    "object": "embedded pages",
    "embed": "embedded pages",
}
_SMILEY = re.compile(r"emoji|smil(?:ey|ie)|emoticon", re.I)
# White space of HTML; a no-break space is a character like others.
_SPACE = re.compile(r"[ \t\n\r\f]+")
_LINE_END = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


@dataclass(frozen=True, slots=True)
class Body:
    """A text and the blocks that it is made of: paragraphs with an empty line between them."""

    text: str
    blocks: tuple[Block, ...]


def html_body(
    html: str | HtmlElement, *, losses: Losses, blank_lines: bool = False, skip: Iterable[HtmlElement] = ()
) -> Body:
    """The words of a piece of HTML as a browser shows them, without what it hides.

    Args:
        html: A piece of HTML, or an element, whose tail is not part of it.
        losses: Where pictures, recordings and embedded pages are counted.
        blank_lines: Take an empty line for the end of a paragraph and a line end for a line break, as WordPress does
            with what is typed into it.
        skip: Elements inside that are not part of the text, such as links to answer.

    Returns:
        Paragraphs with an empty line between them; a `<br>` is a line end, two are an empty line. Runs of white space
        are one space, but in `<pre>`; a no-break space stays. Smileys and emoji that are pictures stand as their
        text.

    Raises:
        IngestError: If it is nested too deep.
    """
    if isinstance(html, str):
        if not html.strip():
            return Body("", ())
        html = parse_html(f"<html><body>{html}</body></html>", error=_too_deep)
    writer = _Writer(losses, blank_lines=blank_lines, skip=frozenset(skip))
    writer.walk(html)
    return joined(writer.paragraphs)


def plain_body(text: str) -> Body:
    """The words of plain text: an empty line ends a paragraph; any line end is a line feed, controls are taken out."""
    text = CONTROL.sub("", _LINE_END.sub("\n", text))
    return joined((PARAGRAPH, part) for part in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", text))


def joined(paragraphs: Iterable[tuple[str, str]]) -> Body:
    """Labelled paragraphs as one text with an empty line between them; empty ones are left out."""
    made: list[str] = []
    blocks = []
    place = 0
    for label, paragraph in paragraphs:
        if (edges := visible_part(paragraph, 0, len(paragraph))) is not None:
            shown = paragraph[slice(*edges)]
            place += 2 if made else 0
            blocks.append(Block(label, place, place + len(shown)))
            place += len(shown)
            made.append(shown)
    return Body("\n\n".join(made), tuple(blocks))


def headed(title: str | None, body: Body) -> Body:
    """An article's text: its headline, an empty line, its body."""
    parts = [(block.label, body.text[block.start : block.end]) for block in body.blocks]
    return joined([(HEADLINE, one_line(title or "")), *parts])


def one_line(text: str) -> str:
    """A name or title on one line: control characters out, runs of white space one space, none at the ends."""
    return " ".join(CONTROL.sub("", text).replace("\ufeff", "").split())


def _too_deep(problem: str, *, line: int | None = None) -> Exception:
    return IngestError(Path("a text"), problem, line=line)


class _Writer:
    """Walks a tree without recursion, so that no nesting is too deep for it, and writes paragraphs."""

    def __init__(self, losses: Losses, *, blank_lines: bool, skip: frozenset[HtmlElement]) -> None:
        self.losses = losses
        self.blank_lines = blank_lines
        self.skip = skip
        self.paragraphs: list[tuple[str, str]] = []
        self._line: list[str] = []
        self._label = PARAGRAPH
        self._pre = 0

    def walk(self, root: HtmlElement) -> None:
        steps: list[tuple[HtmlElement, bool]] = [(root, True)]
        while steps:
            element, entering = steps.pop()
            tag = element.tag if isinstance(element.tag, str) else None
            seen = tag is not None and tag not in _UNSEEN and element not in self.skip and not _is_hidden(element)
            if entering and seen:
                self._enter(element, str(tag))
                steps.append((element, False))
                steps.extend((child, True) for child in reversed(element))
                continue
            if entering:
                self.losses.add("lost", _LOST.get(tag or "", ""), tag in _LOST and element not in self.skip)
            else:
                self._leave(str(tag))
            if element is not root:
                self._write(element.tail or "")
        self._end()

    def _enter(self, element: HtmlElement, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()
            self._label = CAPTION if tag == "figcaption" else PARAGRAPH
            self._pre += tag == "pre"
        elif tag in _CELLS:
            self._line.append(" ")
        elif tag == "br":
            self._line.append("\n")
        elif tag == "img":
            self._picture(element)
        self._write(element.text or "")

    def _leave(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end()
            self._pre -= tag == "pre"

    def _picture(self, element: HtmlElement) -> None:
        shown = element.get("alt") or ""
        if shown and (_SMILEY.search(f"{element.get('class')} {element.get('src')}") or not re.search(r"\w", shown)):
            self._line.append(shown)
        else:
            self.losses.add("lost", _LOST["img"])

    def _write(self, text: str) -> None:
        text = CONTROL.sub("", _LINE_END.sub("\n", text))
        if self._pre or self.blank_lines:
            # Kept as it is; a mark of its own tells a typed blank from the blanks around it.
            self._line.append(text)
        else:
            self._line.append(_SPACE.sub(" ", text))

    def _end(self) -> None:
        whole = "".join(self._line)
        self._line = []
        if self._pre:
            kept = whole.strip("\n")
            self.paragraphs.append((self._label, kept))
        else:
            lines = [_SPACE.sub(" ", line).strip(" ") for line in whole.split("\n")]
            for part in re.split(r"\n{2,}", "\n".join(lines)):
                self.paragraphs.append((self._label, part))
        self._label = PARAGRAPH


def _is_hidden(element: HtmlElement) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
