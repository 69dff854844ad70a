"""Spans over code points: what they quote, what they leave uncovered, where they begin and end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

BLANK = r"\s\ufeff"
"""What is no visible character, for a regular expression's character class: white space and a byte order mark."""

_VISIBLE_RUN = re.compile(rf"[^{BLANK}](?:.*[^{BLANK}])?", re.DOTALL)


def visible_part(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The slice of `text[start:end]` from its first to its last visible character, or None where all is blank."""
    match = _VISIBLE_RUN.search(text, start, end)
    return match.span() if match else None


def uncovered(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of a text that no span covers and that hold a visible character.

    Args:
        text: The text.
        spans: Starts and ends in code points, end-exclusive, in any order; they may overlap.

    Returns:
        Starts and ends in order, each trimmed to visible characters.
    """
    gaps = []
    reached = 0
    for start, end in [*sorted(spans), (len(text), len(text))]:
        if start > reached:
            gaps.append(visible_part(text, reached, start))
        reached = max(reached, end)
    return [gap for gap in gaps if gap is not None]


def with_slices(spans: pl.LazyFrame, texts: pl.LazyFrame) -> pl.LazyFrame:
    """Put beside each span the characters its offsets point to.

    Args:
        spans: One row per span; needs `text_id`, `start_char` and `end_char`.
        texts: One row per text; needs `text_id` and `text`.

    Returns:
        The rows and columns of `spans`, in their order, and `slice` (String): `text[start_char:end_char]`, null where
        an offset is null, lies outside the text, or the end does not come after the start.
    """
    start, end, text = pl.col("start_char"), pl.col("end_char"), pl.col("_text")
    inside = (start >= 0) & (end > start) & (end <= text.str.len_chars())
    named = texts.select("text_id", _text="text")
    cut = text.str.slice(start.clip(0), (end - start).clip(0))
    joined = spans.join(named, on="text_id", how="left", maintain_order="left")
    return joined.with_columns(slice=pl.when(inside).then(cut)).drop("_text")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text over which the set of covering spans does not change."""

    start: int
    end: int
    covering: tuple[int, ...]
    """Positions in the given spans, longest span first."""


def segments(length: int, spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """Cut a text wherever a span begins or ends, so that nested, crossing and adjacent spans can be shown side by side.

    Args:
        length: Length of the text in code points.
        spans: Starts and ends, end-exclusive, inside the text.

    Returns:
        Segments that follow each other from 0 to `length` without gap or overlap; none for an empty text.
    """
    edges = sorted({0, length, *(edge for span in spans for edge in span)})
    order = sorted(range(len(spans)), key=lambda i: (spans[i][0] - spans[i][1], i))
    return [
        Segment(start, end, tuple(i for i in order if spans[i][0] <= start and end <= spans[i][1]))
        for start, end in itertools.pairwise(edges)
    ]


def chains(spans: pl.LazyFrame, relations: pl.LazyFrame, texts: pl.LazyFrame) -> pl.DataFrame:
    """The chain of every span: those that relations join, directly or through others, are in one.

    Args:
        spans: One row per mention; needs `span_id`, `text_id`, `start_char` and `end_char`.
        relations: One row per pair that belongs together; needs `from_id` and `to_id`. Ends that are no span of `spans`
            join nothing.
        texts: Needs `text_id`, `thread_id` and `position`, which give the order of texts.

    Returns:
        One row per span, in the order of the texts and then of the spans, a longer one before those inside it:
        `span_id` and `chain_id`, the id of the chain's first span. A span that nothing joins is a chain of its own.
    """
    order = texts.select("text_id", "thread_id", "position")
    ordered = (
        spans.join(order, on="text_id", how="left", maintain_order="left")
        .sort("thread_id", "position", "start_char", -pl.col("end_char"), maintain_order=True)
        .select("span_id")
        .collect()["span_id"]
        .to_list()
    )
    rank = {span: number for number, span in enumerate(ordered)}
    first = list(range(len(ordered)))

    def find(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    for from_id, to_id in relations.select("from_id", "to_id").collect().iter_rows():
        if from_id in rank and to_id in rank:
            one, other = find(rank[from_id]), find(rank[to_id])
            first[max(one, other)] = min(one, other)
    heads = [ordered[find(number)] for number in range(len(ordered))]
    return pl.DataFrame({"span_id": ordered, "chain_id": heads}, schema={"span_id": pl.String, "chain_id": pl.String})
