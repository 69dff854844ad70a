"""What every reader makes of a source: one article and its comments, as places in the source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A labelled stretch of a source, in code points, end-exclusive; the labels are those of the structure layer."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """An article or comment as a reader found it."""

    start: int
    end: int
    blocks: tuple[Block, ...]
    name: str | None = None
    """The author's name as printed; None where the source names nobody."""
    byline: Block | None = None


@dataclass(frozen=True, slots=True)
class ReadThread:
    """An article and its comments in printed order."""

    title: str
    article: ReadText
    comments: tuple[ReadText, ...]
    doubtful_lines: tuple[int, ...] = ()
    """Lines, from 1, that look like a byline and were read as text."""
