"""Chart of arguments: the units of a thread in order, and the relations between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    drawn,
    few,
    headed,
    known_labels,
    n_of,
    nothing,
    one_line,
    shortened,
    text_and_author,
    titled,
    told,
    values,
)
from corpus_tools.charts.theme import DASHES, FAINT, INK, LINES, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

LINE, LANE, TEXT = 26, 16, 520
UNIT = ("span_id", "text_id", "thread_id", "author_id", "place", "quote", "label")
LINK = ("relation_id", "label", "from_id", "to_id", "from_place", "to_place", "thread_id", "lane")


def argument_map(
    units: Frame, links: Frame, *, labels: Sequence[str] | None = None, title: str = "Arguments in the thread"
) -> alt.LayerChart:
    """The argumentative units of a thread from top to bottom, with brackets between those that bear on each other.

    Args:
        units: One row per unit, as `measures.argument_units` gives them; needs `span_id`, `text_id`, `thread_id`,
            `author_id`, `place`, `quote` and `label`.
        links: One row per relation, as `measures.argument_links` gives them; needs `relation_id`, `label`, `from_id`,
            `to_id`, `from_place`, `to_place`, `thread_id` and `lane`.
        labels: All labels of relations, in the order in which they get their colours and dashes; those of `links` in
            alphabetical order where omitted.
        title: What stands above it.

    Returns:
        A line for each unit with its id, its label and its quote, cut after 60 characters, below a heading for its
        text. A bracket on the left for each relation, with an arrow head where it leads; one that leads to another
        relation ends on its bracket. Colour and dashes, with a legend, repeat the relation's label. No units give a
        chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        UnknownNameError: If a label is not among `labels`.
        ArgumentError: If there are more than 1,000 units.
    """
    need_altair()
    rows = needs(units, UNIT, where="argument_map: units").select(UNIT).sort("thread_id", "place").collect()
    given = needs(links, LINK, where="argument_map: links").select(LINK).collect()
    relations = given.with_columns(label=one_line("label"))
    if rows.is_empty():
        return nothing(title)
    few(rows.height, "units", where="argument_map")
    lines = headed(rows, "text_id").with_columns(
        name=pl.when("is_heading").then(text_and_author("author_id")).otherwise(_unit_in_words())
    )
    places = lines.filter(~pl.col("is_heading")).select("thread_id", place="place", row=pl.col("row").cast(pl.Float64))
    brackets = _brackets(relations, places)
    n_lanes = max([0, *relations["lane"]]) + 1
    return drawn(
        _layers(lines, brackets, known_labels(relations["label"], labels), n_lanes),
        width=LANE * (n_lanes + 1),
        height=LINE * lines.height,
        title=titled(title, "Each arrow leads from a unit to the unit, or the relation, on which it bears."),
        description=_described(rows, relations),
    )


def _unit_in_words() -> pl.Expr:
    return pl.format("{} {}: {}", one_line("span_id"), one_line("label"), shortened(one_line("quote")))


def _brackets(relations: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Each relation with `lane`, `start`, `stop` (lines, with fractions) and `stop_lane` (0 beside the units)."""
    at = relations.with_columns(lane=pl.col("lane").cast(pl.Float64) + 1)
    for end in ("from", "to"):
        of_end = places.rename({"place": f"{end}_place", "row": f"{end}_row"})
        at = at.join(of_end, on=["thread_id", f"{end}_place"], nulls_equal=True, maintain_order="left")
    spread = _spread(at)
    met = spread.select(to_id="relation_id", met_lane="lane", met_row=(pl.col("start") + pl.col("stop")) / 2)
    return spread.join(met, on="to_id", how="left", maintain_order="left").with_columns(
        stop=pl.coalesce("met_row", "stop"), stop_lane=pl.col("met_lane").fill_null(0.0)
    )


def _spread(at: pl.DataFrame) -> pl.DataFrame:
    """The brackets with their ends at different heights where several end in one line, so that none hides another.

    From the top: those that come from above, the innermost first, then those that go down, the outermost first; in this
    order they do not cross.
    """
    ends = pl.concat(
        [
            at.select("relation_id", "lane", end=pl.lit(end), row=f"{end}_row", other=f"{other}_row")
            for end, other in (("from", "to"), ("to", "from"))
        ]
    )
    down = pl.col("other") > pl.col("row")
    ordered = ends.with_columns(down=down, depth=pl.when(down).then(-pl.col("lane")).otherwise("lane")).sort(
        "row", "down", "depth", "relation_id", "end"
    )
    rank, n = pl.int_range(pl.len()).over("row"), pl.len().over("row")
    height = ordered.select("relation_id", "end", at=pl.col("row") + (rank + 1) / (n + 1) - 0.5)
    for end, name in (("from", "start"), ("to", "stop")):
        mine = height.filter(pl.col("end") == end).select("relation_id", pl.col("at").alias(name))
        at = at.join(mine, on="relation_id", maintain_order="left")
    return at


def _corners(brackets: pl.DataFrame) -> pl.DataFrame:
    """Four rows for each bracket: where it starts, its two corners and where it stops."""
    lane, start, stop = pl.col("lane"), pl.col("start"), pl.col("stop")
    points = ((start, pl.lit(0.0)), (start, lane), (stop, lane), (stop, pl.col("stop_lane")))
    kept = ("relation_id", "label", "from_id", "to_id")
    return pl.concat(
        [brackets.select(*kept, corner=pl.lit(corner), at=at, x=x) for corner, (at, x) in enumerate(points)]
    ).sort("relation_id", "corner")


def _heads(brackets: pl.DataFrame, colours: dict[str, str]) -> pl.DataFrame:
    """The arrow heads: their shape by direction, and a place a little before what they point at."""
    leftwards = pl.col("stop_lane") > pl.col("lane")
    return brackets.with_columns(
        x=pl.col("stop_lane") + pl.when(leftwards).then(-0.3).otherwise(0.3),
        at="stop",
        head=pl.when(leftwards).then(pl.lit("triangle-left")).otherwise(pl.lit("triangle-right")),
        colour=pl.col("label").replace_strict(colours, return_dtype=pl.String),
    )


def _layers(lines: pl.DataFrame, brackets: pl.DataFrame, labels: Sequence[str], n_lanes: int) -> list[alt.Chart]:
    import altair as alt

    width = LANE * (n_lanes + 1)
    scale = alt.Scale(domain=[0, n_lanes + 1], reverse=True, nice=False)
    x = alt.X("x:Q", axis=None, scale=scale)
    y = alt.Y("at:Q", axis=None, scale=alt.Scale(domain=[-0.5, lines.height - 0.5], reverse=True, nice=False))
    legend = alt.Legend(
        orient="top", title=None, direction="horizontal", symbolType="stroke", symbolSize=700, symbolStrokeWidth=2
    )
    colours = {label: LINES[i % len(LINES)] for i, label in enumerate(labels)}
    dashes = [list(DASHES[i % len(DASHES)]) for i in range(len(labels))]
    tooltip = [f"{name}:N" for name in ("relation_id", "label", "from_id", "to_id")]
    paths = alt.Chart(values(_corners(brackets))).mark_line(strokeWidth=1.6)
    drawn_paths = paths.encode(
        x=x,
        y=y,
        order="corner:Q",
        detail="relation_id:N",
        color=alt.Color("label:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=legend),
        strokeDash=alt.StrokeDash("label:N", scale=alt.Scale(domain=list(colours), range=dashes), legend=legend),
        tooltip=tooltip,
    )
    heads = alt.Chart(values(_heads(brackets, colours))).mark_point(filled=True, size=50, opacity=1)
    # Colours are given as they are: a legend of their own would stand beside that of the lines.
    arrows = heads.encode(
        x=x, y=y, color=alt.Color("colour:N", scale=None), shape=alt.Shape("head:N", scale=None), tooltip=tooltip
    )
    return [*_words(lines.with_columns(at="row"), x, y, width), drawn_paths, arrows]


def _words(lines: pl.DataFrame, x: alt.X, y: alt.Y, width: int) -> list[alt.Chart]:
    """The headings, each with a line above it, and the units."""
    import altair as alt

    is_heading = pl.col("is_heading")
    heads, units = (alt.Chart(values(part)) for part in (lines.filter(is_heading), lines.filter(~is_heading)))
    rules = heads.mark_rule(color=FAINT, yOffset=-LINE // 2).encode(x=alt.value(0), x2=alt.value(width + TEXT), y=y)
    left, words = alt.value(width + 6), "name:N"
    titles = heads.mark_text(align="left", fontSize=13, fontWeight="bold", color=INK).encode(x=left, y=y, text=words)
    tooltip = [f"{name}:N" for name in ("span_id", "text_id", "author_id", "label", "quote")]
    quotes = units.mark_text(align="left", fontSize=12, color=INK).encode(x=left, y=y, text=words, tooltip=tooltip)
    return [rules, titles, quotes]


def _described(rows: pl.DataFrame, relations: pl.DataFrame) -> str:
    about = f"{n_of(rows.height, 'argumentative unit')} in {n_of(rows['text_id'].n_unique(), 'text')}"
    counts = relations.group_by("label").len("n").sort("n", "label", descending=[True, False])
    numbers = ", ".join(f"{n} {label}" for label, n in counts.select("label", "n").iter_rows())
    links = relations.sort("thread_id", "from_place", "to_place", "relation_id").select("from_id", "label", "to_id")
    each = [f"{from_id} {label} {to_id}" for from_id, label, to_id in links.iter_rows()]
    return f"{about}; {n_of(relations.height, 'relation')}{f' ({numbers}): {told(each)}' if each else ''}."
