"""Spans over code points: what they quote, what they leave uncovered, which of them lie in, over or across others.

`within`, `covering` and `overlapping` pair the spans of two frames, whichever layers they come from, so that a
question about several layers is a join: each takes frames with `text_id`, `start_char` and `end_char` and gives one row
per pair.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus_tools.frames import Frame, needs

BLANK = r"\s\ufeff"
"""What is no visible character, for a regular expression's character class: white space and a byte order mark."""

BLOCK = 256
"""Characters of the blocks by which pairs of spans are looked for; it decides speed, never the result."""

PLACE = ("text_id", "start_char", "end_char")

_START, _END = pl.col("start_char"), pl.col("end_char")
INSIDE = (_START >= 0) & (_END > _START) & (pl.col("_length") >= _END)
"""Whether the offsets of a span that was joined to `numbered_texts` lie in its text."""

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


def with_slices(spans: Frame, texts: Frame) -> pl.LazyFrame:
    """Put beside each span the characters its offsets point to.

    Args:
        spans: One row per span; needs `text_id`, `start_char` and `end_char`.
        texts: One row per text; needs `text_id` and `text`.

    Returns:
        The rows and columns of `spans`, in their order, and `slice` (String): `text[start_char:end_char]`, null where
        an offset is null, lies outside the text, or the end does not come after the start.

    Raises:
        MissingColumnError: If a column is absent.
    """
    spans = needs(spans, PLACE, where="with_slices: spans")
    own = [name for name in spans.collect_schema().names() if name != "slice"]
    joined = spans.select(own).join(
        numbered_texts(texts, "with_slices"), on="text_id", how="left", maintain_order="left"
    )
    start, end = (pl.when(INSIDE).then(name) for name in ("start_char", "end_char"))
    return cut(joined, slice=(start, end)).select(*own, "slice")


def numbered_texts(texts: Frame, where: str) -> pl.LazyFrame:
    """What `cut` wants to know of the texts: `text_id`, `_text`, its `_length` and its number `_at`, in their order."""
    texts = needs(texts, ("text_id", "text"), where=f"{where}: texts")
    return texts.select("text_id", _text="text", _length=pl.col("text").str.len_chars()).with_row_index("_at")


def cut(rows: pl.LazyFrame, **pieces: tuple[pl.Expr, pl.Expr]) -> pl.LazyFrame:
    """Cut pieces out of the texts that rows were joined to.

    Polars reads a text from its beginning for every piece of it, Python goes to the place: with thousands of pieces of
    one long text that is seconds to nothing.

    Args:
        rows: Rows joined to `numbered_texts`.
        **pieces: For each new column where its piece starts and ends, from 0; null for a piece that is null.

    Returns:
        The rows and columns of `rows`, in their order, and the new columns (String).
    """
    bounds = {f"_{name}_{edge}": at for name, both in pieces.items() for edge, at in zip("se", both, strict=True)}

    def add(frame: pl.DataFrame) -> pl.DataFrame:
        whole = dict(frame.select("_at", "_text").unique("_at").iter_rows())
        for name in pieces:
            places = frame.select("_at", f"_{name}_s", f"_{name}_e").iter_rows()
            values = [None if start is None else whole[at][start:end] for at, start, end in places]
            frame = frame.with_columns(pl.Series(name, values, dtype=pl.String))
        return frame.drop(*bounds)

    columns: dict[str, Any] = {**rows.collect_schema(), **dict.fromkeys(pieces, pl.String)}
    # The texts have to come along whatever is selected later.
    return rows.with_columns(**bounds).map_batches(
        add, predicate_pushdown=False, projection_pushdown=False, slice_pushdown=False, schema=columns
    )


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
    order = sorted(range(len(spans)), key=lambda i: spans[i][0] - spans[i][1])
    beginning: dict[int, list[int]] = {}
    ending: dict[int, list[int]] = {}
    for rank, i in enumerate(order):
        if spans[i][0] < spans[i][1]:
            beginning.setdefault(spans[i][0], []).append(rank)
            ending.setdefault(spans[i][1], []).append(rank)
    # Ranks in `order` of the spans over the present segment; kept sorted, so that no span is looked at where it is not.
    running: list[int] = []
    found = []
    for start, end in itertools.pairwise(edges):
        for rank in ending.get(start, ()):
            del running[bisect_left(running, rank)]
        for rank in beginning.get(start, ()):
            insort(running, rank)
        found.append(Segment(start, end, tuple(order[rank] for rank in running)))
    return found


def within(spans: Frame, others: Frame, *, suffix: str = "_other") -> pl.LazyFrame:
    """Each span with each of the other spans it lies in; one with the same bounds counts.

    Args:
        spans: One row per span; needs `text_id`, `start_char` and `end_char`.
        others: The spans to look among, with the same columns; the same frame may be given twice.
        suffix: What the columns of `others` get behind their names.

    Returns:
        One row per pair, in the order of `spans` and then of `others`: the columns of `spans`, and those of `others`
        but `text_id` under their names with the suffix. A span that lies in nothing, or has no offsets, has no row.

    Raises:
        MissingColumnError: If a column is absent.
    """
    inside = (pl.col("start_char") >= pl.col("_start")) & (pl.col("end_char") <= pl.col("_end"))
    return _pairs(spans, others, inside, suffix, "within")


def covering(spans: Frame, others: Frame, *, suffix: str = "_other") -> pl.LazyFrame:
    """Each span with each of the other spans that lies in it: `within`, seen from the outer span.

    Arguments, columns and errors are those of `within`.
    """
    around = (pl.col("start_char") <= pl.col("_start")) & (pl.col("end_char") >= pl.col("_end"))
    return _pairs(spans, others, around, suffix, "covering")


def overlapping(spans: Frame, others: Frame, *, suffix: str = "_other") -> pl.LazyFrame:
    """Each span with each of the other spans that it shares a character with, nested and crossing ones alike.

    Arguments, columns and errors are those of `within`.
    """
    return _pairs(spans, others, pl.lit(value=True), suffix, "overlapping")


def _pairs(spans: Frame, others: Frame, related: pl.Expr, suffix: str, where: str) -> pl.LazyFrame:
    """The pairs of spans that share a character and are `related`; `_start` and `_end` bound the other one."""
    spans = needs(spans, PLACE, where=f"{where}: spans")
    others = needs(others, PLACE, where=f"{where}: others")
    own = spans.collect_schema().names()
    kept = [name for name in others.collect_schema().names() if name != "text_id"]
    named = _in_blocks(others, "_right").select(
        *(pl.col(name).alias(name + suffix) for name in kept),
        *("text_id", "_block", "_right"),
        _start="start_char",
        _end="end_char",
        _first_right="_first",
    )
    share = (pl.col("start_char") < pl.col("_end")) & (pl.col("_start") < pl.col("end_char"))
    # Two spans may meet in several blocks; the pair is taken from the first of them.
    first_block = pl.col("_block") == pl.max_horizontal("_first", "_first_right")
    return (
        _in_blocks(spans, "_left")
        .join(named, on=["text_id", "_block"])
        .filter(first_block & share & related)
        .sort("_left", "_right")
        .select(*own, *(name + suffix for name in kept))
    )


def _in_blocks(spans: pl.LazyFrame, index: str) -> pl.LazyFrame:
    """One row per span and block of the text that it touches, so that spans far apart are never compared."""
    first, last = pl.col("start_char") // BLOCK, (pl.col("end_char") - 1) // BLOCK
    placed = spans.with_row_index(index).filter(pl.col("end_char") > pl.col("start_char"))
    return placed.with_columns(_first=first, _block=pl.int_ranges(first, last + 1, dtype=pl.Int32)).explode("_block")


def in_thread_order(spans: pl.LazyFrame, texts: pl.LazyFrame) -> pl.LazyFrame:
    """Spans as they follow each other in the threads: the one order that every function uses.

    Args:
        spans: One row per span; needs `span_id`, `text_id`, `start_char` and `end_char`.
        texts: One row per text; needs `text_id`, `thread_id` and `position`.

    Returns:
        The columns of `spans`, then those of `texts` but `text_id`; sorted by `thread_id` and `position` of the text,
        then by `start_char`, a longer span before those inside it, then by `span_id`. Nulls stand last, and so a span
        of a text that is not in `texts` stands after all others, with null in the columns of `texts`: a function that
        has no use for such spans leaves them out, or refuses them, before.
    """
    keys = ("thread_id", "position", "start_char", "end_char", "span_id")
    joined = spans.join(texts, on="text_id", how="left")
    return joined.sort(*keys, descending=[key == "end_char" for key in keys], nulls_last=True, maintain_order=True)


def chains(spans: Frame, relations: Frame, texts: Frame) -> pl.DataFrame:
    """The chain of every span: those that relations join, directly or through others, are in one.

    Args:
        spans: One row per mention; needs `span_id`, `text_id`, `start_char` and `end_char`.
        relations: One row per pair that belongs together; needs `from_id` and `to_id`. Ends that are no span of `spans`
            join nothing.
        texts: Needs `text_id`, `thread_id` and `position`, which give the order of texts.

    Returns:
        One row per span, in the order of `in_thread_order`: `span_id` and `chain_id`, the id of the chain's first span.
        A span that nothing joins is a chain of its own.

    Raises:
        MissingColumnError: If a column is absent.
    """
    spans = needs(spans, ("span_id", *PLACE), where="chains: spans").select("span_id", *PLACE)
    relations = needs(relations, ("from_id", "to_id"), where="chains: relations")
    columns = ("text_id", "thread_id", "position")
    order = needs(texts, columns, where="chains: texts").select(columns)
    ordered = in_thread_order(spans, order).select("span_id").collect()["span_id"].to_list()
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


def lanes(bounds: Sequence[tuple[int, int]]) -> list[int]:
    """The lane of each span, so that no two spans in a lane share a character.

    Args:
        bounds: Starts and ends, end-exclusive.

    Returns:
        A number from 0 for each span. The shortest spans get the lowest lanes that are free; ties go to the earlier.
    """
    taken: list[list[tuple[int, int]]] = []
    found = [0] * len(bounds)
    for i in sorted(range(len(bounds)), key=lambda i: (bounds[i][1] - bounds[i][0], bounds[i], i)):
        free = (number for number, lane in enumerate(taken) if _is_free(lane, bounds[i]))
        found[i] = next(free, len(taken))
        if found[i] == len(taken):
            taken.append([])
        insort(taken[found[i]], bounds[i])
    return found


def _is_free(lane: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    place = bisect_left(lane, span)
    return (place == 0 or lane[place - 1][1] <= span[0]) and (place == len(lane) or lane[place][0] >= span[1])
