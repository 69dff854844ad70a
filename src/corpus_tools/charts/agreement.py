"""Chart of agreement: each coefficient with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
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
from corpus_tools.charts.theme import FAINT, INK, LINES, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

LINE, WIDTH, NAME = 22, 300, 90
ABOUT = ("table", "on", "label", "coefficient", "between", "annotators")
# Where the figures of a line stand, from the right edge of the chart.
COLUMNS = {"figure": 14, "interval": 80, "units": 184}
MOST_REMARKS = 12
NUMBERED = {"remark": pl.String, "number": pl.UInt32}
REMARKED = pl.col("remark").is_not_null()
FIGURES = ("value", "low", "high", "n_units", "n_pairs", "remark")


def agreement(frame: Frame, *, title: str = "Agreement of annotators") -> alt.LayerChart:
    """Coefficients of agreement as dots on their intervals, those whose interval says little drawn hollow.

    Args:
        frame: One row per coefficient, as the function `agreement` of `corpus_tools.agreement` gives them: `layer`,
            `table`, `on`, `label`, `coefficient`, `between`, `annotators`, `value`, `low`, `high`, `n_units`, `n_pairs`
            and `remark`.
        title: What stands above it.

    Returns:
        A line for each row, in their order, under headings for the layers. What is the same in all rows stands above
        the chart, what differs at the left of the line; at the right the value, its interval, the number of units and
        the number of its remark, which are spelled out above the chart. A null value is `undefined`. No rows give a
        chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 1,000 rows.
    """
    need_altair()
    needed = ("layer", *ABOUT, *FIGURES)
    rows = needs(frame, needed, where="agreement").select(needed).collect()
    if rows.is_empty():
        return nothing(title)
    few(rows.height, "coefficients", where="agreement")
    remarks = rows["remark"].drop_nulls().unique(maintain_order=True).to_list()
    lines = headed(_named(rows, remarks), "layer").with_columns(layer=one_line("layer"))
    about = f"{n_of(rows.height, 'coefficient')}, {rows['remark'].count():,} with a remark"
    return drawn(
        _layers(lines),
        width=WIDTH,
        height=LINE * lines.height,
        title=titled(title, *_notes(rows, remarks)),
        description=f"{title}. {about}: {told(list(_told(lines)))}.",
    )


def _named(rows: pl.DataFrame, remarks: Sequence[str]) -> pl.DataFrame:
    """The rows with `name`, all that tells a row from the others of its layer, and their figures in words."""
    parts = [
        pl.when(pl.col(name).is_not_null() & (pl.col(name) != pl.col("layer"))).then(one_line(name))
        for name in ABOUT[:-1]
        if rows[name].n_unique() > 1
    ]
    short = pl.concat_str(parts, separator=", ", ignore_nulls=True) if parts else pl.lit("")
    whole = pl.concat_str(short, one_line("annotators"), separator=", ")
    several = pl.struct("layer", "name").is_duplicated()
    number = pl.DataFrame({"remark": remarks, "number": range(1, len(remarks) + 1)}, schema=NUMBERED)
    numbered = rows.with_columns(name=short).join(number, on="remark", how="left", maintain_order="left")
    return numbered.with_columns(
        name=shortened(pl.when(several).then(whole).otherwise("name"), NAME),
        figure=_figure("value").fill_null("undefined"),
        interval=pl.format("{} to {}", _figure("low"), _figure("high")).fill_null(""),
        units=pl.concat_str(
            pl.format("n {}", "n_units"), pl.format("[{}]", "number"), separator=" ", ignore_nulls=True
        ),
    )


def _figure(column: str) -> pl.Expr:
    # Three places, as the command prints them: at two, 0.998 would look like full agreement.
    return pl.col(column).map_elements("{:.3f}".format, return_dtype=pl.String)


def _notes(rows: pl.DataFrame, remarks: Sequence[str]) -> Iterator[str]:
    """The lines below the title: what all rows share, how to read a line, and the remarks."""
    shared = {name: rows[name][0] for name in ABOUT if rows[name].n_unique() == 1 and rows[name][0] is not None}
    if shared:
        yield "; ".join(f"{name}: {value}" for name, value in shared.items())
    yield "Dot: the coefficient; line: its 95 % interval; n: the units it rests on."
    if remarks:
        yield "Hollow: the interval says little or nothing, for the reason with the number at the end of the line."
    for number, remark in enumerate(remarks[:MOST_REMARKS], start=1):
        yield f"[{number}] {remark}"
    if len(remarks) > MOST_REMARKS:
        yield f"[{MOST_REMARKS + 1}] and on: in the column `remark` of the frame."


def _layers(lines: pl.DataFrame) -> list[alt.Chart]:
    import altair as alt

    is_heading = pl.col("is_heading")
    shown = lines.filter(~is_heading)
    lowest = min([0.0, *shown["low"].drop_nulls(), *shown["value"].drop_nulls()])
    y = lines_of(lines.height)
    ticks = alt.Axis(grid=True, gridColor=FAINT, tickCount=5)
    x = partial(alt.X, title="coefficient", axis=ticks, scale=alt.Scale(domain=[lowest, 1], nice=False))
    tooltip = [f"{name}:N" for name in ("layer", *ABOUT, "figure", "interval", "n_units", "n_pairs", "remark")]
    base = alt.Chart(values(shown)).encode(y=y, tooltip=tooltip)
    valued = [shown.filter(pl.col("value").is_not_null(), remarked) for remarked in (REMARKED, ~REMARKED)]
    hollow, full = (alt.Chart(values(part)).encode(x=x("value:Q"), y=y, tooltip=tooltip) for part in valued)
    names = base.mark_text(align="right", fontSize=12, color=INK).encode(x=alt.value(-8), text="name:N")
    heads = alt.Chart(values(lines.filter(is_heading))).mark_text(
        align="right", fontSize=13, fontWeight="bold", color=INK
    )
    bounded = alt.Chart(values(shown.filter(pl.col("low").is_not_null()))).mark_rule(color=LINES[0], strokeWidth=2)
    figures = base.mark_text(align="left", fontSize=12, color=INK)
    return [
        bounded.encode(x=x("low:Q"), x2="high:Q", y=y),
        hollow.mark_point(filled=False, fill="#FFFFFF", color=LINES[0], size=60, strokeWidth=2, opacity=1),
        full.mark_point(filled=True, color=LINES[0], size=70, opacity=1),
        names,
        heads.encode(x=alt.value(-8), y=y, text="layer:N"),
        *(figures.encode(x=alt.value(WIDTH + at), text=f"{name}:N") for name, at in COLUMNS.items()),
    ]


def _told(lines: pl.DataFrame) -> Iterator[str]:
    for row in lines.filter(~pl.col("is_heading")).iter_rows(named=True):
        interval = f" ({row['interval']})" if row["interval"] else ""
        about = " ".join(part for part in (row["layer"], row["name"]) if part)
        yield f"{about}: {row['figure']}{interval}, {row['units']}"
