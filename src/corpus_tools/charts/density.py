"""Chart of density: where in the texts the annotations lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    drawn,
    few,
    headed,
    lines_of,
    n_of,
    nothing,
    one_line,
    shortened,
    titled,
    told,
    values,
)
from corpus_tools.charts.theme import INK, STEPS, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

LINE, WIDTH, NAME = 15, 640, 45
MOST_STRETCHES = 20_000
# The upper end of each step; what is not covered at all is a step of its own.
BOUNDS = {"nothing": 0.0, "up to 25 %": 0.25, "up to 50 %": 0.5, "up to 75 %": 0.75, "more than 75 %": 1.0}


def density(frame: Frame, *, by: str = "layer", title: str = "Where the annotations lie") -> alt.LayerChart:
    """A strip for each text and layer, darker where more of the text is annotated.

    Args:
        frame: One row per text, value of `by` and stretch, as `measures.density` gives them: `text_id`, `by`,
            `start_char`, `end_char`, `n_spans` and `covered_share`; texts in their order.
        by: The column whose values have a strip each.
        title: What stands above it.

    Returns:
        Strips from top to bottom, those of a text below its id, with the characters of the text from left to right; the
        share of each stretch that is covered in five steps of one hue. No rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 1,000 strips or 20,000 stretches.
    """
    need_altair()
    needed = ("text_id", by, "start_char", "end_char", "n_spans", "covered_share")
    named = {"_by": pl.col(by), "strip": shortened(one_line(by), NAME), "text": one_line("text_id")}
    rows = needs(frame, needed, where="density").select("text_id", *needed[2:], **named).collect()
    if rows.is_empty():
        return nothing(title)
    few(rows.height, "stretches", where="density", most=MOST_STRETCHES)
    strips = rows.unique(["text_id", "_by"], keep="first", maintain_order=True)
    lines = headed(strips.select("text_id", "_by", "strip", "text"), "text_id")
    few(lines.height, "strips", where="density")
    numbered = lines.filter(~pl.col("is_heading")).select("text_id", "_by", "row")
    stretches = rows.join(numbered, on=["text_id", "_by"], nulls_equal=True, maintain_order="left").with_columns(
        step=pl.coalesce(pl.when(pl.col("covered_share") <= end).then(pl.lit(step)) for step, end in BOUNDS.items())
    )
    about = f"{n_of(strips['text_id'].n_unique(), 'text')}, {n_of(strips['_by'].n_unique(), by)}"
    return drawn(
        _layers(lines.drop("_by"), stretches.drop("_by")),
        width=WIDTH,
        height=LINE * lines.height,
        title=titled(title, f"Each strip: a {by} in a text, from its first character to its last."),
        description=f"{title}: {about}. Stretches with an annotation, of all: {told(list(_told(rows)))}.",
    )


def _layers(lines: pl.DataFrame, stretches: pl.DataFrame) -> list[alt.Chart]:
    import altair as alt

    y = lines_of(lines.height)
    last = max(stretches["end_char"])
    x = alt.X(
        "start_char:Q", title="characters", scale=alt.Scale(domain=[0, last], nice=False), axis=alt.Axis(format=",d")
    )
    legend = alt.Legend(
        orient="top", title="share covered", direction="horizontal", symbolType="square", symbolSize=200
    )
    steps = alt.Color("step:O", scale=alt.Scale(domain=list(BOUNDS), range=list(STEPS)), legend=legend)
    tooltip = [
        "text:N",
        "strip:N",
        "start_char:Q",
        "end_char:Q",
        "n_spans:Q",
        alt.Tooltip("covered_share:Q", format=".0%"),
    ]
    cells = alt.Chart(values(stretches)).mark_rect(stroke="#FFFFFF", strokeWidth=0.3)
    heads, strips = (
        alt.Chart(values(lines.filter(is_head))) for is_head in (pl.col("is_heading"), ~pl.col("is_heading"))
    )
    titles = heads.mark_text(align="left", fontSize=13, fontWeight="bold", color=INK)
    names = strips.mark_text(align="right", fontSize=12, color=INK)
    return [
        cells.encode(x=x, x2="end_char:Q", y=y, color=steps, tooltip=tooltip),
        titles.encode(x=alt.value(0), y=y, text="text:N"),
        names.encode(x=alt.value(-8), y=y, text="strip:N"),
    ]


def _told(rows: pl.DataFrame) -> Iterator[str]:
    """For each strip's name, how many of its stretches have an annotation."""
    covered = pl.col("n_spans") > 0
    counts = rows.group_by("_by", "strip", maintain_order=True).agg(n=covered.sum(), n_all=pl.len())
    for _, strip, n, n_all in counts.iter_rows():
        yield f"{strip} {n:,} of {n_all:,}"
