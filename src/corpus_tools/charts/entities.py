"""Chart of entities: which text mentions whom, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    MOST_COLUMNS,
    drawn,
    few,
    n_of,
    nothing,
    one_line,
    shortened,
    titled,
    told,
    values,
)
from corpus_tools.charts.theme import DISC, FAINT, INK, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

COLUMN, LINE, CHARACTER = 56, 30, 8
NAME = 45


def entity_map(mentions: Frame, *, top: int = 25, title: str = "Who and what is mentioned where") -> alt.LayerChart:
    """How often each text of a thread mentions each person or thing.

    Args:
        mentions: One row per chain and text, chains in their order, as `measures.chains_by_text` gives them; needs
            `chain_id`, `name`, `text_id`, `position` and `n_mentions`.
        top: Number of chains to show, the first of `mentions`.
        title: What stands above it.

    Returns:
        A table: chains in the order of `mentions`, texts by their position; each number of mentions on a disc whose
        area grows with it. A null name is `unnamed`; chains of the same name have their ids beside it. No rows give a
        chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 60 texts.
    """
    need_altair()
    needed = ("chain_id", "name", "text_id", "position", "n_mentions")
    given = needs(mentions, needed, where="entity_map").select(needed).collect()
    chains = given.unique("chain_id", keep="first", maintain_order=True).with_row_index("row").head(top)
    if chains.is_empty():
        return nothing(title)
    texts = given.sort("position", "text_id")["text_id"].unique(maintain_order=True).to_list()
    few(len(texts), "texts", where="entity_map", most=MOST_COLUMNS)
    rows = given.join(_named(chains), on="chain_id", maintain_order="left").sort("row", "position", "text_id")
    about = f"{_shown(chains.height, given['chain_id'].n_unique())} and {n_of(len(texts), 'text')}"
    return drawn(
        _layers(rows, texts),
        width=max(COLUMN, CHARACTER * max(len(text_id) for text_id in texts) + 16) * len(texts),
        height=LINE * chains.height,
        title=titled(
            title, f"{_shown(chains.height, given['chain_id'].n_unique())}. Each number: mentions in the text."
        ),
        description=f"Table. {about}: {told(list(_told(rows)))}.",
    )


def _shown(n: int, n_all: int) -> str:
    return n_of(n, "chain") if n == n_all else f"The first {n:,} of {n_all:,} chains"


def _named(chains: pl.DataFrame) -> pl.DataFrame:
    """The line of each chain and its name; where chains share a name, their ids stand beside it."""
    named = chains.select("chain_id", "row", shown=shortened(one_line("name"), NAME))
    shared = pl.format("{} ({})", "shown", "chain_id")
    return named.with_columns(shown=pl.when(pl.col("shown").is_duplicated()).then(shared).otherwise("shown"))


def _layers(rows: pl.DataFrame, texts: list[str]) -> list[alt.Chart]:
    import altair as alt

    n = max(rows["row"]) + 1
    header = alt.Axis(orient="top", labelAngle=0, labelFontSize=13, labelFontWeight="bold", domain=False, ticks=False)
    x = alt.X("text_id:N", axis=header, title=None, scale=alt.Scale(type="band", domain=texts, padding=0))
    y = partial(alt.Y, "row:O", axis=None, scale=alt.Scale(type="band", domain=list(range(n)), padding=0))
    tooltip = [f"{name}:N" for name in ("name", "chain_id", "text_id", "n_mentions")]
    base = alt.Chart(values(rows)).encode(x=x, y=y(), tooltip=tooltip)
    area = alt.Scale(type="linear", domain=[0, max(rows["n_mentions"])], range=[120, 720])
    discs = base.mark_circle(color=DISC, opacity=1).encode(size=alt.Size("n_mentions:Q", legend=None, scale=area))
    numbers = base.mark_text(fontSize=12, color=INK).encode(text="n_mentions:Q")
    lines = alt.Chart(values(rows.unique("row", keep="first", maintain_order=True)))
    names = lines.mark_text(align="right", fontSize=13, color=INK).encode(x=alt.value(-8), y=y(), text="shown:N")
    return [lines.mark_rule(color=FAINT).encode(y=y()), discs, numbers, names]


def _told(rows: pl.DataFrame) -> Iterator[str]:
    for (name,), texts in rows.group_by("shown", maintain_order=True):
        counts = (f"{n} in {text_id}" for text_id, n in texts.select("text_id", "n_mentions").iter_rows())
        yield f"{name} {', '.join(counts)}"
