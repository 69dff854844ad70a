"""A chart for any distribution: a bar for each category, with its numbers in figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    drawn,
    few,
    headed,
    lines_of,
    nothing,
    one_line,
    shortened,
    titled,
    told,
    values,
)
from corpus_tools.charts.theme import INK, LINES, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

LINE, NAME = 26, 45


def bars(
    frame: Frame,
    *,
    category: str,
    value: str = "share",
    n: str | None = "n",
    total: str | None = None,
    within: str | None = None,
    title: str = "",
) -> alt.LayerChart:
    """A bar for each row of a frame, named on the left and with its number in figures at its end.

    Args:
        frame: One row per bar, in the order in which they are to stand, such as `measures.shares` gives them.
        category: The column with the names of the bars.
        value: The column with their lengths. One called `share`, or with a name that ends in `_share`, has an axis in
            per cent.
        n: The column with the number printed beside the bar; where it is None, `value` is printed.
        total: The column with the whole that `n` is a part of: "12 of 35".
        within: A column whose values divide the bars into groups, each under a heading.
        title: What stands above it; the names of the columns where it is empty.

    Returns:
        The bars from top to bottom. A null category is `unnamed`; a null value has its name and no bar. No rows give a
        chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 1,000 rows.
    """
    need_altair()
    title = title or f"{value} by {category}"
    wanted = [name for name in (category, value, n, total, within) if name]
    columns = {"category": one_line(category), "value": pl.col(value), "text": _figures(value, n, total)}
    group = pl.col(within) if within else pl.lit("")
    rows = needs(frame, wanted, where="bars").select(_within=group, **columns).collect()
    if rows.is_empty():
        return nothing(title)
    few(rows.height, "rows", where="bars")
    lines = headed(rows, "_within").with_columns(heading=shortened(one_line("_within"), NAME))
    if not within:
        lines = lines.filter(~pl.col("is_heading")).drop("row").with_row_index("row")
    printed = f"{n} of {total}" if n and total else n or value
    return drawn(
        _layers(lines, value),
        width=360,
        height=LINE * lines.height,
        title=titled(title, f"Length: {value}. Figures: {printed}."),
        description=f"{title}. {value} by {category} ({printed}): {told(list(_told(lines, is_share(value))))}.",
    )


def is_share(column: str) -> bool:
    """Whether a column holds shares from 0 to 1, by its name."""
    return column == "share" or column.endswith("_share")


def _figures(value: str, n: str | None, total: str | None) -> pl.Expr:
    if n and total:
        return pl.format("{} of {}", n, total)
    return pl.col(n or value).cast(pl.String) if n else pl.col(value).round_sig_figs(3).cast(pl.String)


def _layers(lines: pl.DataFrame, value: str) -> list[alt.Chart]:
    import altair as alt

    is_heading = pl.col("is_heading")
    y = lines_of(lines.height)
    ticks = alt.Axis(format="%" if is_share(value) else ",", tickCount=5, labelOverlap=True)
    x = alt.X("value:Q", title=value, stack=None, axis=ticks)
    shown = lines.filter(~is_heading).with_columns(name=shortened(pl.col("category"), NAME))
    base = alt.Chart(values(shown.drop("_within"))).encode(
        y=y, tooltip=["heading:N", "category:N", "value:Q", "text:N"]
    )
    figures = base.mark_text(align="left", dx=5, fontSize=12, color=INK).encode(x=x, text="text:N")
    names = base.mark_text(align="right", fontSize=13, color=INK).encode(x=alt.value(-8), text="name:N")
    heads = alt.Chart(values(lines.filter(is_heading).drop("_within")))
    titles = heads.mark_text(align="right", fontSize=13, fontWeight="bold", color=INK)
    return [
        base.mark_bar(color=LINES[0]).encode(x=x),
        figures,
        names,
        titles.encode(x=alt.value(-8), y=y, text="heading:N"),
    ]


def _told(lines: pl.DataFrame, share: bool) -> Iterator[str]:
    columns = ("is_heading", "heading", "category", "value", "text")
    for is_heading, heading, category, value, text in lines.select(columns).iter_rows():
        figure = "no value" if value is None else f"{value:.0%}" if share else f"{value:,.4g}"
        yield heading if is_heading else f"{category} {figure} ({text})"
