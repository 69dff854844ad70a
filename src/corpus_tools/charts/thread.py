"""Charts of a thread: its texts in order and who answers whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.theme import ARTICLE, ARTICLE_NAME, INK, PALETTE, need_altair
from corpus_tools.frames import needs

if TYPE_CHECKING:
    import altair as alt


def reply_order(sizes: pl.DataFrame) -> alt.Chart:
    """The texts of a thread in the order in which they were printed, as bars as long as the texts.

    Args:
        sizes: One row per text: `text_id`, `position`, `author` (null for an article that names nobody) and `n_words`.

    Returns:
        A bar chart; rows are texts from first to last, colour repeats the author's name at the left.

    Raises:
        MissingColumnError: If a column is absent.
    """
    need_altair()
    import altair as alt

    needed = ("text_id", "position", "author", "n_words")
    named = (
        needs(sizes, needed, where="reply_order")
        .select(*needed)
        .collect()
        .sort("position")
        .with_columns(pl.col("author").fill_null(ARTICLE_NAME))
    )
    rows = named.with_columns(row=pl.format("{}  {}", "text_id", "author"))
    authors = named["author"].unique(maintain_order=True).to_list()
    people = [author for author in authors if author != ARTICLE_NAME]
    # Colours come round again after the last; names stand beside the bars, so nothing rests on colour.
    colours = {author: PALETTE[i % len(PALETTE)] for i, author in enumerate(people)} | {ARTICLE_NAME: ARTICLE}
    base = alt.Chart(rows).encode(y=alt.Y("row:N", sort=rows["row"].to_list(), title=None))
    bars = base.mark_bar(size=20).encode(
        x=alt.X("n_words:Q", title="words", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color(
            "author:N", scale=alt.Scale(domain=authors, range=[colours[author] for author in authors]), legend=None
        ),
        tooltip=["text_id:N", "author:N", alt.Tooltip("n_words:Q", title="words")],
    )
    numbers = base.mark_text(align="left", dx=4, color=INK).encode(x="n_words:Q", text="n_words:Q")
    told = "; ".join(f"{text_id} by {author}, {n} words" for text_id, _, author, n in named.iter_rows())
    told = told.replace(f"by {ARTICLE_NAME}", f"the {ARTICLE_NAME}")
    chart: alt.Chart = (bars + numbers).properties(
        width=420, height=alt.Step(30), title="Texts in printed order", description=f"Bar chart, first to last: {told}."
    )
    return chart
