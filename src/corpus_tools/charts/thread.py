"""Charts of a thread: its texts in order and who answers whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import drawn, few, n_of, nothing, one_line, text_and_author, titled, told, values
from corpus_tools.charts.theme import ARTICLE, ARTICLE_NAME, INK, PALETTE, QUIET, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

INDENT, DEEPEST = 26, 520
LINE = 42


def reply_order(sizes: Frame) -> alt.LayerChart:
    """The texts of a thread in the order in which they were printed, as bars as long as the texts.

    Args:
        sizes: One row per text: `text_id`, `position`, `author` (null for an article that names nobody) and `n_words`.

    Returns:
        A bar chart; rows are texts from first to last, colour repeats the author's name at the left. No rows give a
        chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 1,000 texts.
    """
    need_altair()
    import altair as alt

    needed, title = ("text_id", "position", "author", "n_words"), "Texts in printed order"
    printed = needs(sizes, needed, where="reply_order").select(needed).collect().sort("position")
    if printed.is_empty():
        return nothing(title)
    few(printed.height, "texts", where="reply_order")
    named = printed.with_columns(pl.col("author").fill_null(ARTICLE_NAME)).with_columns(
        one_line("text_id"), one_line("author")
    )
    rows = named.with_columns(row=pl.format("{}  {}", "text_id", "author"))
    colours = colours_of(named["author"].unique(maintain_order=True))
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    base = alt.Chart(values(rows)).encode(y=alt.Y("row:N", sort=rows["row"].to_list(), title=None))
    bars = base.mark_bar(size=20).encode(
        x=alt.X("n_words:Q", title="words", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color("author:N", scale=scale, legend=None),
        tooltip=["text_id:N", "author:N", alt.Tooltip("n_words:Q", title="words")],
    )
    numbers = base.mark_text(align="left", dx=4, color=INK).encode(x="n_words:Q", text="n_words:Q")
    parts = (f"{text_id} by {author}, {n} words" for text_id, _, author, n in named.iter_rows())
    texts = "; ".join(parts).replace(f"by {ARTICLE_NAME}", f"the {ARTICLE_NAME}")
    return drawn(
        [bars, numbers],
        width=420,
        height=alt.Step(30),
        title=titled(title),
        description=f"Bar chart, first to last: {texts}.",
    )


def colours_of(authors: Iterable[str]) -> dict[str, str]:
    """A colour for each author, grey for the article; they come round again, so names have to stand beside them."""
    people = [author for author in authors if author != ARTICLE_NAME]
    return {author: PALETTE[i % len(PALETTE)] for i, author in enumerate(people)} | {ARTICLE_NAME: ARTICLE}


def reply_tree(tree: Frame, *, title: str = "Who answers whom") -> alt.LayerChart:
    """The texts of a thread as an indented tree, each answer below what it answers.

    Args:
        tree: One row per text, as `measures.reply_tree` gives them with three columns more: `text_id`, `thread_id`,
            `parent_id` (null where nothing is answered), `depth`, `place`, `author` (null where nobody is named),
            `n_words` and `label` (how the text answers; null where that is not recorded).
        title: What stands above it.

    Returns:
        A line for each text in depth-first order, indented by its depth, with a line to what it answers, its id, its
        author, how it answers and its length in words. Colour repeats the author. No rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If there are more than 1,000 texts.
    """
    need_altair()
    import altair as alt

    rows = _placed(tree)
    if rows.is_empty():
        return nothing(title)
    deepest = max([1, *rows["depth"]])
    # Every layer says the same of the axes: Vega-Lite cannot join one that has none with one that says nothing.
    x = partial(alt.X, axis=None, scale=alt.Scale(domain=[0, deepest], nice=False))
    y = partial(alt.Y, axis=None, scale=alt.Scale(domain=[-0.5, rows.height - 0.5], reverse=True, nice=False))
    lines = alt.Chart(values(rows.filter(pl.col("above").is_not_null()))).mark_rule(color=QUIET)
    down = lines.encode(x=x("above_depth:Q"), y=y("above:Q"), y2="row:Q")
    across = lines.encode(x=x("above_depth:Q"), x2="depth:Q", y=y("row:Q"))
    tooltip = [f"{name}:N" for name in ("text_id", "author", "parent_id", "label", "n_words")]
    base = alt.Chart(values(rows)).encode(x=x("depth:Q"), y=y("row:Q"), tooltip=tooltip)
    colours = colours_of(rows["author"].unique(maintain_order=True))
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    nodes = base.mark_circle(size=130, opacity=1).encode(color=alt.Color("author:N", legend=None, scale=scale))
    names = base.mark_text(align="left", dx=14, dy=-7, fontSize=13, fontWeight="bold", color=INK)
    how = base.mark_text(align="left", dx=14, dy=8, fontSize=12, color=QUIET)
    return drawn(
        [down, across, nodes, names.encode(text="name:N"), how.encode(text="how:N")],
        width=min(deepest * INDENT, DEEPEST),
        height=rows.height * LINE,
        title=titled(title, "Each text stands below the one it answers."),
        description=f"Reply tree of {n_of(rows.height, 'text')}: {told(list(_told(rows)))}.",
    )


def _placed(tree: Frame) -> pl.DataFrame:
    needed = ("text_id", "thread_id", "parent_id", "depth", "place", "author", "n_words", "label")
    rows = needs(tree, needed, where="reply_tree").select(needed).collect()
    few(rows.height, "texts", where="reply_tree")
    rows = rows.sort("thread_id", "place").with_row_index("row")
    above = rows.select(parent_id="text_id", above="row", above_depth="depth")
    label = pl.when(pl.col("label").is_not_null()).then(one_line("label"))
    answers = pl.when(pl.col("parent_id").is_not_null()).then(pl.format("answers {}", one_line("parent_id")))
    length = pl.format(
        "{} {}", "n_words", pl.when(pl.col("n_words") == 1).then(pl.lit("word")).otherwise(pl.lit("words"))
    )
    return rows.join(above, on="parent_id", how="left", maintain_order="left").with_columns(
        name=text_and_author("author"),
        how=pl.concat_str(
            [pl.concat_str([answers, label], separator=": ", ignore_nulls=True).replace("", None), length],
            separator=", ",
            ignore_nulls=True,
        ),
        author=pl.col("author").fill_null(ARTICLE_NAME),
    )


def _told(rows: pl.DataFrame) -> Iterator[str]:
    for name, how in rows.select("name", "how").iter_rows():
        yield f"{name} ({how})" if how else name
