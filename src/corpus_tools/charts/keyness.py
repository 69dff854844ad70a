"""Chart of key words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    drawn,
    lines_of,
    n_of,
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

LINE = 24
WORD = 30


def keyness(
    words: Frame, *, target: str, reference: str, of: str = "word", top: int = 15, title: str = "Key words"
) -> alt.LayerChart:
    """The words that mark a target off from a reference, in both directions.

    Args:
        words: One row per word, as `measures.keyness` gives them; needs the `of` column, `n_target`, `n_reference`,
            `g2` and `log_ratio`.
        target: What the target is, in words: "comments".
        reference: What the reference is, in words: "article".
        of: The column with the words.
        top: Number of words on each side, those with the highest `g2`.
        title: What stands above it.

    Returns:
        A bar for each word from 0 to its log ratio, rightwards where the target has relatively more of it, with both
        frequencies in figures, target first. Words stand by log ratio, the highest on top; a null word is `unnamed`. No
        rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
    """
    need_altair()

    needed = (of, "n_target", "n_reference", "g2", "log_ratio")
    rows = needs(words, needed, where="keyness").select(pl.col(of).alias("word"), *needed[1:]).drop_nulls("log_ratio")
    sides = [
        rows.filter(is_of_side).sort("g2", "word", descending=[True, False]).head(top)
        for is_of_side in (pl.col("log_ratio") >= 0, pl.col("log_ratio") < 0)
    ]
    shown = pl.concat(sides).collect().sort("log_ratio", "g2", "word", descending=[True, True, False])
    if shown.is_empty():
        return nothing(title)
    lines = shown.with_row_index("row").with_columns(
        word=shortened(one_line("word"), WORD),
        counts=pl.format("{} : {}", "n_target", "n_reference"),
        side=pl.when(pl.col("log_ratio") < 0).then(pl.lit("reference")).otherwise(pl.lit("target")),
    )
    n, n_all = lines.height, rows.select(pl.len()).collect().item()
    more = f"the {n:,} of {n_all:,} words with the highest G2" if n < n_all else n_of(n, "word")
    return drawn(
        _layers(lines, f"log ratio (1: twice as often in {target}; −1: twice as often in {reference})"),
        width=380,
        height=LINE * n,
        title=titled(
            title,
            f"To the right: more in {target}; to the left: more in {reference}; {more}.",
            f"Figures: occurrences in {target} : in {reference}.",
        ),
        description=f"{title}: {target} : {reference}, {more}: {told(list(_told(lines)))}.",
    )


def _layers(lines: pl.DataFrame, axis: str) -> list[alt.Chart]:
    import altair as alt

    # Room on both sides for the figures at the ends of the bars.
    x = alt.X("log_ratio:Q", title=axis, stack=None, scale=alt.Scale(padding=52))
    y = lines_of(lines.height)
    tooltip: list[str | alt.Tooltip] = ["word:N", "n_target:Q", "n_reference:Q"]
    tooltip += [alt.Tooltip("g2:Q", title="G2", format=".2f"), alt.Tooltip("log_ratio:Q", format=".2f")]
    base = alt.Chart(values(lines)).encode(y=y, tooltip=tooltip)
    side = alt.Scale(domain=["target", "reference"], range=list(LINES[:2]))
    bars = base.mark_bar().encode(x=x, color=alt.Color("side:N", legend=None, scale=side))
    left = pl.col("log_ratio") < 0
    more, less = (alt.Chart(values(lines.filter(part))).encode(x=x, y=y, text="counts:N") for part in (~left, left))
    names = base.mark_text(align="right", fontSize=13, color=INK).encode(x=alt.value(-8), text="word:N")
    return [
        bars,
        more.mark_text(align="left", dx=5, fontSize=12, color=INK),
        less.mark_text(align="right", dx=-5, fontSize=12, color=INK),
        names,
    ]


def _told(lines: pl.DataFrame) -> Iterator[str]:
    columns = ("word", "counts", "g2", "log_ratio")
    for word, counts, g2, log_ratio in lines.select(columns).iter_rows():
        yield f"{word} {counts} (G2 {g2:.1f}, log ratio {log_ratio:.1f})"
