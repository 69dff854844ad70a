"""The lines of a pasted page, and what each may be."""

from __future__ import annotations

import re
from array import array

from corpus_tools.ingest.parts.pasted_bylines import (
    LONGEST,
    Byline,
    Marker,
    alone,
    byline,
    clicked,
    is_footer,
    is_verb,
    marker,
    shown,
)
from corpus_tools.standoff import BLANK

_LINE = re.compile(r"([^\r\n\u2028\u2029\x85]*)(?:\r\n|[\r\n\u2028\u2029\x85]|\Z)")
_VISIBLE = re.compile(rf"[^{BLANK}]")
MARKS = re.compile(r"(?:[>↳└├│»›⤷]\s?|-{2,3}>\s?)+")
"""What stands before a line that answers another, or that a mail quotes."""


class Page:
    """The visible lines of a text, numbered from 0, and what each may be."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.begins, self.starts, self.ends, self.numbers = array("q"), array("q"), array("q"), array("q")
        self.bylines: dict[int, Byline] = {}
        self.whens: dict[int, str] = {}
        self.markers: dict[int, Marker] = {}
        self.clicked: dict[int, str] = {}
        self.footers: set[int] = set()
        self.verbs: set[int] = set()
        for number, match in enumerate(_LINE.finditer(source), 1):
            if first := _VISIBLE.search(source, match.start(), match.end(1)):
                last = match.end(1)
                while not _VISIBLE.match(source, last - 1):
                    last -= 1
                self._add(match.start(), first.start(), last, number)

    def _add(self, begin: int, start: int, end: int, number: int) -> None:
        i = len(self.starts)
        for column, value in zip(
            (self.begins, self.starts, self.ends, self.numbers), (begin, start, end, number), strict=True
        ):
            column.append(value)
        if end - start > LONGEST:
            return
        line = shown(self.source[start:end])
        marks = MARKS.match(line)
        found = (byline(line[marks.end() :]) if marks else None) or byline(line)
        heading = marker(line)
        if (when := alone(line)) is not None:
            self.whens[i] = when
        elif found is not None and heading is None:
            self.bylines[i] = found
        if heading is not None:
            self.markers[i] = heading
        if (said := clicked(line)) is not None and i not in self.whens:
            self.clicked[i] = said
        if is_footer(line):
            self.footers.add(i)
        if is_verb(line):
            self.verbs.add(i)

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, i: int) -> str:
        """What is seen of a line, without what has no width."""
        return shown(self.source[self.starts[i] : min(self.ends[i], self.starts[i] + LONGEST + 1)])

    def follows(self, i: int) -> bool:
        """Whether a line follows the one before it without an empty line between them."""
        return 0 < i < len(self) and self.numbers[i] == self.numbers[i - 1] + 1

    def column(self, i: int) -> int:
        """How far a line is indented; a mark of answers is more than a blank, which may be there by chance."""
        start, marks = self.starts[i], self.unmarked(i)
        blanks = len(self.source[self.begins[i] : start].expandtabs(4))
        return blanks + 4 * sum(not mark.isspace() for mark in self.source[start:marks])

    def unmarked(self, i: int) -> int:
        """Where a line begins behind its marks of answers."""
        marks = MARKS.match(self.source, self.starts[i], self.ends[i])
        return marks.end() if marks else self.starts[i]

    def is_marked(self, i: int) -> bool:
        """Whether a line begins with a mark of answers."""
        return MARKS.match(self.source, self.starts[i], self.ends[i]) is not None

    def is_aside(self, i: int) -> bool:
        """Whether a line may be anything but words of a text."""
        return i in self.clicked or i in self.footers or i in self.whens or self.is_heading(i)

    def is_heading(self, i: int) -> bool:
        """Whether a line announces comments and can hardly be anything else."""
        return i in self.markers and not self.markers[i].is_custom
