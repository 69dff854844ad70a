"""What the charts share: words for labels, lines of text under headings, looks for labels, and charts of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
import polars.selectors as cs

from corpus_tools.charts.theme import ARTICLE, INK, PALETTE, QUIET, SHAPES, need_altair
from corpus_tools.errors import ArgumentError, UnknownNameError, counted

if TYPE_CHECKING:
    import altair as alt

UNNAMED, EMPTY = "unnamed", "(empty)"
MOST_LINES, MOST_COLUMNS = 1000, 60
"""More could be neither drawn nor read."""
MOST_TOLD = 30
QUOTE = 60
BLANK = r"[\s\p{Cc}]+"


def one_line(column: str) -> pl.Expr:
    """A column as words for a label: one line without control characters, `unnamed` for null, `(empty)` for ""."""
    plain = pl.col(column).cast(pl.String).str.replace_all(BLANK, " ").str.strip_chars()
    return pl.when(plain == "").then(pl.lit(EMPTY)).otherwise(plain.fill_null(UNNAMED)).alias(column)


def text_and_author(author: str) -> pl.Expr:
    """The text's id and its author's name, where there is one."""
    name = pl.when(pl.col(author).is_not_null()).then(shortened(one_line(author)))
    return pl.concat_str([one_line("text_id"), name], separator=" ", ignore_nulls=True)


def shortened(words: pl.Expr, most: int = QUOTE) -> pl.Expr:
    """Words of at most so many characters, the last an ellipsis where some were cut off."""
    cut = words.str.head(most - 1).str.strip_chars_end() + "…"
    return pl.when(words.str.len_chars() > most).then(cut).otherwise(words)


def told(parts: Sequence[str], most: int = MOST_TOLD) -> str:
    """The first parts of a description, and how many more there are."""
    rest = [f"and {len(parts) - most} more"] if len(parts) > most else []
    return "; ".join([*parts[:most], *rest])


def few(n: int, what: str, *, where: str, most: int = MOST_LINES) -> None:
    """Refuse what would be too long or too wide to draw.

    Raises:
        ArgumentError: If there are too many; the message says how many may be.
    """
    if n > most:
        raise ArgumentError(f"{where}: {n:,} {what} are too many to draw; choose rows with at most {most:,}")


def values(rows: pl.DataFrame) -> alt.InlineData:
    """The rows inside the chart; altair limits the length of frames, and the callers have their own limits."""
    need_altair()
    import altair as alt

    # JSON has no other numbers.
    finite = pl.when(cs.float().is_finite()).then(cs.float())
    return alt.InlineData(values=rows.with_columns(finite).to_dicts())


def titled(text: str, *lines: str) -> alt.TitleParams:
    """A title above everything that is drawn, with smaller lines below it."""
    import altair as alt

    subtitle: Any = {"subtitle": list(lines)} if lines else {}
    return alt.TitleParams(
        text, anchor="start", frame="bounds", color=INK, subtitleColor=QUIET, subtitlePadding=4, offset=14, **subtitle
    )


def nothing(title: str) -> alt.LayerChart:
    """A chart that says that it was given no rows."""
    need_altair()
    import altair as alt

    said = alt.Chart(values(pl.DataFrame({"said": ["No rows to show."]}))).mark_text(align="left", color=INK)
    layer = said.encode(text="said:N", x=alt.value(0))
    return drawn([layer], width=300, height=30, title=titled(title), description=f"{title}: no rows to show.")


def drawn(
    layers: Sequence[alt.Chart], *, width: int, height: int | alt.Step, title: alt.TitleParams, description: str
) -> alt.LayerChart:
    """The layers as one chart, the last on top."""
    import altair as alt

    return alt.LayerChart(layer=list(layers)).properties(
        width=width, height=height, title=title, description=description
    )


def headed(rows: pl.DataFrame, group: str) -> pl.DataFrame:
    """The rows with a line more before each group, and `row`, the number of the line.

    Args:
        rows: Rows in order; those of a group need not stand together.
        group: A column.

    Returns:
        The rows, groups together in order of their first row, with `row` (from 0) and `is_heading`; a heading has the
        values of the first row of its group.
    """
    numbered = rows.with_row_index("_at")
    heads = numbered.unique(group, keep="first", maintain_order=True)
    groups = heads.select(group, _group="_at")
    lines = pl.concat([heads.with_columns(is_heading=True), numbered.with_columns(is_heading=False)])
    return (
        lines.join(groups, on=group, how="left", nulls_equal=True, maintain_order="left")
        .sort("_group", "is_heading", "_at", descending=[False, True, False])
        .drop("_group", "_at")
        .with_row_index("row")
    )


def lines_of(n: int) -> alt.Y:
    """An axis of `n` lines of text, numbered from 0 in the column `row`, that shows nothing of its own."""
    import altair as alt

    return alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(n)), paddingInner=0.2, paddingOuter=0.1))


def known_labels(given: pl.Series, labels: Sequence[str] | None) -> list[str]:
    """The labels in the caller's order, or in alphabetical order where there is none; at the end `unnamed` if given.

    Raises:
        UnknownNameError: If the caller's labels lack one that is given.
    """
    present = given.cast(pl.String).drop_nulls().unique().sort().to_list()
    known = [label for label in present if label != UNNAMED] if labels is None else list(labels)
    known += [UNNAMED] if (given.null_count() or UNNAMED in present) and UNNAMED not in known else []
    for label in present:
        if label not in known:
            raise UnknownNameError("label", label, known)
    return known


def looks(labels: Sequence[str], quiet: Sequence[str] = ()) -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the shape of each label, grey for quiet ones; the pairs come round again after 42 labels."""
    loud = [label for label in labels if label not in quiet]
    still = [label for label in labels if label in quiet]
    colours = {label: PALETTE[i % len(PALETTE)] for i, label in enumerate(loud)} | dict.fromkeys(still, ARTICLE)
    shapes = {label: SHAPES[i % len(SHAPES)] for i, label in enumerate(loud)}
    shapes |= {label: SHAPES[-1 - i % len(SHAPES)] for i, label in enumerate(still)}
    return {label: colours[label] for label in labels}, {label: shapes[label] for label in labels}


def n_of(n: int, noun: str) -> str:
    """A number with its noun: `1 text`, `5,000 texts`."""
    return counted(n, noun).replace(str(n), f"{n:,}", 1)
