"""Charts of the vocabulary: how it grows with the text, and how often its words are used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from corpus_tools.charts.layout import drawn, few, n_of, nothing, one_line, shortened, titled, told, values
from corpus_tools.charts.theme import DASHES, FAINT, INK, LINES, QUIET, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 460, 300
LABEL_LINE, NAME, LEADER = 15, 30, 14
MOST_LABELS = HEIGHT // LABEL_LINE
POINTS = 300
"""Points of one line, roughly; more are not seen, and make the picture large."""
NAMED_RANKS = (1, 3, 10, 30, 100, 300, 1000)
"""Far enough apart on a logarithmic axis for the words to stand side by side."""


ROUND = tuple(step * 10**power for power in range(10) for step in (1, 2, 5))
"""Where a logarithmic axis has its marks."""


@dataclass(frozen=True, slots=True)
class _Axes:
    """What a chart of lines shows along its sides."""

    x: str
    y: str
    log: bool


def vocabulary_growth(
    growth: Frame, *, by: str | None = None, top: int = 10, title: str = "Growth of the vocabulary"
) -> alt.LayerChart:
    """How many different words have been used after so many running words.

    Args:
        growth: One row per running word, as `measures.vocabulary_growth` gives them, or per sample of so many, as
            `measures.expected_growth` does; needs `n_words`, `n_types`, the `by` column where given, and `n_hapaxes`
            where not.
        by: The column whose values have a line each.
        top: Number of lines, those with most running words.
        title: What stands above it.

    Returns:
        With `by` a line of types for each of its values; without it a line of types and one of hapaxes. Each line has
        its name and its last figures at its end, so that nothing rests on colour. A null value is `unnamed`. Long
        lines are drawn from about 300 of their points. No rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `top` is above 20.
    """
    need_altair()
    few(top, "lines", where="vocabulary_growth: top", most=MOST_LABELS)
    needed = ("n_words", "n_types", *([by] if by else ["n_hapaxes"]))
    given = needs(growth, needed, where="vocabulary_growth")
    counts = {"n_types": ("type", "types"), **({} if by else {"n_hapaxes": ("hapax", "hapaxes")})}
    # Groups are told apart by their values and not by their names: two values may be written alike.
    parts = [
        given.select(key=pl.col(by) if by else pl.lit(name), x="n_words", y=name, what=_worded(name, *nouns))
        for name, nouns in counts.items()
    ]
    points = _longest(pl.concat(parts), top)
    n, step = pl.col("x").max().over("key"), (pl.len() // POINTS).clip(lower_bound=1).over("key")
    kept = points.filter((pl.int_range(pl.len()).over("key") % step == 0) | (pl.col("x") == n)).collect()
    if kept.is_empty():
        return nothing(title)
    name = pl.format("{}, ", shortened(one_line("key"), NAME)) if by else pl.lit("")
    ends = _ends(kept).with_columns(label=pl.concat_str(name, "what"))
    spoken = [f"{label} in {n_of(x, 'word')}" for label, x in ends.select("label", "x").iter_rows()]
    return drawn(
        _layers(
            kept, ends, _Axes(x="running words", y="types" if by else "types; hapaxes (used once so far)", log=False)
        ),
        width=WIDTH,
        height=HEIGHT,
        title=titled(title, *_shown(given, by, top)),
        description=f"{title}: at their ends, {told(spoken)}.",
    )


def rank_frequency(
    frequencies: Frame,
    *,
    of: str = "word",
    by: str | None = None,
    top: int = 10,
    title: str = "Frequency by rank",
) -> alt.LayerChart:
    """How often the words are used, from the most frequent to the rarest, on logarithmic axes.

    Args:
        frequencies: One row per word, as `measures.frequencies` gives them; needs `rank`, the `of` column, `n`, and the
            `by` column where given.
        of: The column with the words.
        by: The column whose values have a line each.
        top: Number of lines, those with most different words.
        title: What stands above it.

    Returns:
        A line for each value of `by`, or one line with some of its words beside it. Each line has its name and its
        number of words at its end. A null value is `unnamed`. No rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `top` is above 20.
    """
    need_altair()
    few(top, "lines", where="rank_frequency: top", most=MOST_LABELS)
    needed = ("rank", of, "n", *([by] if by else []))
    given = needs(frequencies, needed, where="rank_frequency")
    key = pl.col(by) if by else pl.lit("all")
    points = _longest(given.select(key=key, x="rank", y="n", word=pl.col(of)), top).sort("key", "x", nulls_last=True)
    # About as many points in each stretch of the axis as can be seen there.
    stretch = (pl.col("x").log10() * (POINTS / 6)).floor()
    is_new = (stretch != stretch.shift().over("key")).fill_null(value=True)
    rows = points.filter(is_new | (pl.col("x") == pl.col("x").max().over("key"))).collect()
    if rows.is_empty():
        return nothing(title)
    name = pl.format("{}, ", shortened(one_line("key"), NAME)) if by else pl.lit("")
    ends = _ends(rows).with_columns(label=pl.concat_str(name, _worded("x", "type", "types")))
    first = rows.filter(pl.col("x") == 1).with_columns(one_line("word"), name=name)
    spoken = [
        f"{name}most frequent {word}, {n} times" for name, word, n in first.select("name", "word", "y").iter_rows()
    ]
    layers = _layers(rows, ends, _Axes(x="rank", y="occurrences", log=True))
    return drawn(
        [*layers, *([] if by else [_words(rows)])],
        width=WIDTH,
        height=HEIGHT,
        title=titled(title, "Both axes are logarithmic.", *_shown(given, by, top)),
        description=f"{title}: {told([*ends['label'], *spoken])}.",
    )


def _worded(column: str, one: str, several: str) -> pl.Expr:
    """A number, rounded where it is a mean of counts, with its noun."""
    count = pl.col(column).round().cast(pl.Int64)
    return pl.format("{} {}", count, pl.when(count == 1).then(pl.lit(one)).otherwise(pl.lit(several)))


def _longest(points: pl.LazyFrame, top: int) -> pl.LazyFrame:
    """The points of the lines that reach furthest."""
    longest = points.group_by("key").agg(pl.col("x").max()).sort("x", "key", descending=[True, False]).head(top)
    return points.join(longest.select("key"), on="key", how="semi", nulls_equal=True)


def _ends(points: pl.DataFrame) -> pl.DataFrame:
    """The last point of each line, the longest line first, with the number of its look."""
    last = points.sort("x", maintain_order=True).unique("key", keep="last", maintain_order=True)
    return last.sort("x", "y", "key", descending=[True, True, False]).with_row_index("line")


def _shown(given: pl.LazyFrame, by: str | None, top: int) -> list[str]:
    """What to say where not all lines are shown."""
    n = given.select(pl.col(by).n_unique()).collect().item() if by else 0
    return [f"The {top} longest of {n:,} lines."] if n > top else []


def _layers(points: pl.DataFrame, ends: pl.DataFrame, axes: _Axes) -> list[alt.Chart]:
    import altair as alt

    heights = _spread(ends["y"].to_list(), max(points["y"]), log=axes.log)
    labelled = ends.with_columns(label_y=pl.Series(heights, dtype=pl.Float64))
    x = alt.X("x:Q", title=axes.x, **_side(max(points["x"]), log=axes.log))
    up = _side(max(points["y"]), log=axes.log)
    y, label_y = (alt.Y(f"{field}:Q", title=axes.y, **up) for field in ("y", "label_y"))
    looks = ends.select("key", "line", "label")
    rows = points.join(looks, on="key", nulls_equal=True, maintain_order="left").sort("line", "x")
    n = ends.height
    colour = alt.Scale(domain=list(range(n)), range=[LINES[i % len(LINES)] for i in range(n)])
    dash = alt.Scale(domain=list(range(n)), range=[list(DASHES[i % len(DASHES)]) for i in range(n)])
    lines = alt.Chart(values(rows.select("x", "y", "line", "label"))).mark_line(strokeWidth=2)
    at_ends = alt.Chart(values(labelled.select("x", "y", "line", "label", "label_y")))
    leaders = at_ends.mark_rule(color=QUIET, strokeWidth=0.7, strokeDash=[1, 2])
    dots = at_ends.mark_circle(size=36, opacity=1)
    names = at_ends.mark_text(align="left", dx=4, fontSize=12, color=INK)
    return [
        leaders.encode(x=x, x2=alt.value(WIDTH + LEADER), y=y, y2="label_y:Q"),
        lines.encode(
            x=x,
            y=y,
            color=alt.Color("line:O", legend=None, scale=colour),
            strokeDash=alt.StrokeDash("line:O", legend=None, scale=dash),
            tooltip=["label:N", alt.Tooltip("x:Q", title=axes.x), alt.Tooltip("y:Q", title=axes.y)],
        ),
        dots.encode(x=x, y=y, color=alt.Color("line:O", legend=None, scale=colour)),
        names.encode(x=alt.value(WIDTH + LEADER), y=label_y, text="label:N"),
    ]


def _side(highest: float, *, log: bool) -> dict[str, Any]:
    """Scale and axis of one side of the chart."""
    import altair as alt

    highest = max(2, highest)
    # Vega-Lite 5 does not keep to a smallest step here, so there are never more marks than whole numbers.
    marks = {"values": ROUND} if log else {"tickCount": min(8, math.floor(highest))}
    axis = alt.Axis(format=",d", grid=True, gridColor=FAINT, labelOverlap=True, **marks)
    kind: Literal["log", "linear"] = "log" if log else "linear"
    return {"axis": axis, "scale": alt.Scale(type=kind, domain=[1 if log else 0, highest], nice=False)}


def _spread(heights: Sequence[float], highest: float, *, log: bool) -> list[float]:
    """Where the labels of lines that end at these heights go: a line of text apart and inside the chart."""
    scaled = [math.log10(height) if log else float(height) for height in heights]
    top = math.log10(max(2, highest)) if log else max(2.0, highest)
    gap, order = top * LABEL_LINE / HEIGHT, sorted(range(len(scaled)), key=lambda i: (scaled[i], i))
    lowest = -math.inf
    for i in order:
        lowest = scaled[i] = max(scaled[i], lowest + gap)
    ceiling = top
    for i in reversed(order):
        scaled[i] = min(scaled[i], ceiling)
        ceiling = scaled[i] - gap
    return [10**height for height in scaled] if log else scaled


def _words(rows: pl.DataFrame) -> alt.Chart:
    """Some of the words beside the line."""
    import altair as alt

    named = rows.filter(pl.col("x").is_in(NAMED_RANKS)).with_columns(word=shortened(one_line("word"), NAME))
    words = alt.Chart(values(named)).mark_text(align="left", dx=4, dy=-7, fontSize=12, color=INK)
    beside: alt.Chart = words.encode(x="x:Q", y="y:Q", text="word:N")
    return beside
