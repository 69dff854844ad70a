"""Where in the texts the annotations lie."""

from __future__ import annotations

import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, needs, refuse_clashes

_KEYS = ("_text", "_by", "_stretch")
_COVERED = pl.col("_end") - pl.col("_start")


def density(spans: Frame, texts: Frame, *, by: str = "layer", width: int = 40) -> pl.LazyFrame:
    """How densely spans lie over the stretches of every text.

    Args:
        spans: One row per span; needs `text_id`, `start_char`, `end_char` and the `by` column. Spans without offsets or
            without a character, and spans of texts that `texts` does not hold, are left out.
        texts: One row per text; needs `text_id` and `text`.
        by: Grouping column of `spans`, such as `layer` or `label`.
        width: Length of a stretch in characters (code points); the last one of a text may be shorter.

    Returns:
        One row per text, value of `by` in `spans` and stretch, texts in their order, values in theirs (null first),
        stretches from the beginning: `text_id`, `by`, `start_char`, `end_char` (of the stretch, end-exclusive, Int32),
        `n_spans` (spans with a character in it, UInt32) and `covered_share` (its characters under at least one span,
        over its characters, 0 to 1). Stretches without a span have zeros; an empty text has no row.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `width` is below 1, or `by` has the name of another column of the result.
    """
    if width < 1:
        raise ArgumentError(f"density: a width of {width} characters makes no stretches; give 1 or more")
    refuse_clashes((by,), ("text_id", "start_char", "end_char", "n_spans", "covered_share"), where="density")
    length = pl.col("text").str.len_chars().cast(pl.Int64)
    lines = needs(texts, ("text_id", "text"), where="density: texts").select("text_id", _length=length)
    # All texts on one line, one after the other, and one such line per value: then one pass over the sorted starts
    # finds what overlaps, and no span touches one of another text or value.
    reached = pl.col("_length").cum_sum()
    lines = lines.with_columns(_offset=reached - pl.col("_length"), _total=pl.col("_length").sum())
    lines = lines.with_row_index("_text")
    spans = needs(spans, ("text_id", "start_char", "end_char", by), where="density: spans")
    values = spans.select(_value=by).unique().sort("_value").with_row_index("_by")
    placed = _clipped(spans.select("text_id", "start_char", "end_char", _value=by), lines, values)
    whole = _stretches(lines, width).join(values, how="cross")
    for counts in (
        _by_stretch(placed, width).group_by(_KEYS).agg(n_spans=pl.len()),
        _by_stretch(_merged(placed), width).group_by(_KEYS).agg(_covered=_COVERED.sum()),
    ):
        whole = whole.join(counts, on=_KEYS, how="left")
    ordered = whole.sort("_text", "_by", "_stretch")
    share = pl.col("_covered").fill_null(0) / (pl.col("end_char") - pl.col("start_char"))
    columns = ("text_id", pl.col("_value").alias(by), "start_char", "end_char", pl.col("n_spans").fill_null(0))
    return ordered.select(*columns, covered_share=share)


def _clipped(spans: pl.LazyFrame, lines: pl.LazyFrame, values: pl.LazyFrame) -> pl.LazyFrame:
    """The spans with the numbers of their text and value and `_line`, where the text begins on the value's line."""
    start, end = (pl.col(name).cast(pl.Int64) for name in ("start_char", "end_char"))
    joined = spans.join(lines, on="text_id").join(values, on="_value", nulls_equal=True)
    line = pl.col("_by").cast(pl.Int64) * pl.col("_total") + pl.col("_offset")
    inside = {"_start": start.clip(0), "_end": end.clip(upper_bound=pl.col("_length"))}
    return joined.select("_text", "_by", _line=line, **inside).filter(_COVERED > 0)


def _merged(placed: pl.LazyFrame) -> pl.LazyFrame:
    """The spans with those that overlap made one."""
    ordered = placed.sort("_by", "_text", "_start")
    reached = (pl.col("_line") + pl.col("_end")).cum_max().shift(1, fill_value=0)
    run = ordered.with_columns(_run=(pl.col("_line") + pl.col("_start") >= reached).cum_sum())
    return run.group_by("_by", "_text", "_run").agg(pl.col("_start").min(), pl.col("_end").max())


def _by_stretch(spans: pl.LazyFrame, width: int) -> pl.LazyFrame:
    """One row per span and stretch it has a character in, cut to the stretch."""
    stretch = pl.int_ranges(pl.col("_start") // width, (pl.col("_end") - 1) // width + 1)
    low = pl.col("_stretch") * width
    return (
        spans.with_columns(_stretch=stretch)
        .explode("_stretch")
        .with_columns(_start=pl.max_horizontal("_start", low), _end=pl.min_horizontal("_end", low + width))
    )


def _stretches(lines: pl.LazyFrame, width: int) -> pl.LazyFrame:
    start = pl.col("_stretch") * width
    end = pl.min_horizontal(start + width, "_length")
    # An empty list may explode into a row, so texts without a stretch are left out before.
    filled = lines.filter(pl.col("_length") > 0)
    numbered = filled.with_columns(_stretch=pl.int_ranges(0, (pl.col("_length") - 1) // width + 1)).explode("_stretch")
    return numbered.select("text_id", "_text", "_stretch", start_char=start.cast(pl.Int32), end_char=end.cast(pl.Int32))
