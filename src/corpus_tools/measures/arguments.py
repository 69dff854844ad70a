"""Argumentative units, what is said for and against them, and where to draw the lines between them."""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, needs, one_row_each, refuse_clashes, some
from corpus_tools.standoff import chains, in_thread_order, lanes

_TEXT = ("text_id", "thread_id", "position")
_SPAN = ("span_id", "text_id", "start_char", "end_char")
_UNIT = ("quote", "label", "illocution")
_RELATION = ("relation_id", "from_id", "to_id", "label")


def argument_units(
    units: Frame,
    relations: Frame,
    texts: Frame,
    *,
    supports: str = "inference",
    attacks: str = "conflict",
    rephrases: str = "rephrase",
) -> pl.DataFrame:
    """Every argumentative unit in its place, with what bears on it and how far it is from what it argues for.

    Args:
        units: One row per unit; needs `span_id`, `text_id`, `start_char`, `end_char`, `quote`, `label` and
            `illocution`.
        relations: One row per relation; needs `relation_id`, `from_id`, `to_id` and `label`. A relation runs from a
            unit to a unit or, as an undercut does, to another relation.
        texts: One row per text; needs `text_id`, `thread_id`, `position` and `author_id`.
        supports: The label of a relation by which one unit backs another.
        attacks: The label of a relation by which one unit speaks against another.
        rephrases: The label of a relation by which one unit says another again.

    Returns:
        One row per unit, sorted by `thread_id` (null last) and `place`: `span_id`, `text_id`, `thread_id`, `author_id`,
        `place` (order in the thread, from 0), `quote`, `label`, `illocution`; `n_supports`, `n_attacks`, `n_rephrases`
        (relations of these kinds that come in), `n_undercuts` (attacks on a relation that leaves the unit);
        `relations_out` (labels of the relations that leave, sorted and joined with "; ", null for none); `depth`
        (relations on the longest way that leads from the unit to one that none leaves, 0 for such a unit; an undercut
        leads to the unit from which the attacked relation comes; null where a way runs in a circle) and `component`
        (the `place` of the first of all units that relations join to this one, directly or through others). Numbers
        are UInt32.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If a text, a unit or a relation stands twice, a unit's text or an end of a relation is not there,
            or a relation leaves its thread.

    Source:
        Pollock (1987), Defeasible Reasoning, Cognitive Science 11(4), 481-518, for the undercut.
    """
    spans = needs(units, (*_SPAN, *_UNIT), where="argument_units: units").select(*_SPAN, *_UNIT)
    homes = needs(texts, (*_TEXT, "author_id"), where="argument_units: texts").select(*_TEXT, "author_id")
    placed = _placed(spans, homes, where="argument_units")
    joined = _joined(placed, needs(relations, _RELATION, where="argument_units: relations"), where="argument_units")
    counts = _incoming(joined, n_supports=supports, n_attacks=attacks, n_rephrases=rephrases)
    undercut = joined.filter(pl.col("_on_relation") & (pl.col("label") == attacks))
    undercuts = undercut.group_by(span_id="_to").agg(n_undercuts=pl.len())
    leaving = joined.group_by(span_id="from_id").agg(relations_out=pl.col("label").sort().str.join("; "))
    edges = joined.select("from_id", to_id="_to")
    first = chains(placed, edges, homes)
    heads = first.join(placed.select(chain_id="span_id", component="place"), on="chain_id")
    whole = placed
    for part in (counts, undercuts, leaving, heads, _depths(placed["span_id"], edges)):
        whole = whole.join(part, on="span_id", how="left", maintain_order="left")
    numbers = [pl.col(name).fill_null(0) for name in ("n_supports", "n_attacks", "n_undercuts", "n_rephrases")]
    own = ("span_id", "text_id", "thread_id", "author_id", "place", *_UNIT)
    return whole.select(*own, *numbers, "relations_out", "depth", "component")


def argument_summary(units: Frame, relations: Frame, texts: Frame, *, by: str = "text_id") -> pl.DataFrame:
    """Numbers of units and of the relations that leave them, for each group.

    Args:
        units: One row per unit; needs `span_id`, `text_id`, `start_char` and `end_char`.
        relations: As for `argument_units`.
        texts: One row per text; needs `text_id`, `thread_id`, `position` and the `by` column.
        by: Grouping column of `texts`, such as `author_id`.

    Returns:
        One row per group, in the order in which the groups first appear in `texts`: `by`, `n_units`, for each label of
        a relation, in alphabetical order, `n_` and the label (relations that leave a unit of the group), `n_across`
        (those of all labels that lead to another text) and `n_unconnected` (units without a relation). All UInt32; a
        group without units has zeros.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: As for `argument_units`; or if `by` or the name made of a label is that of another column of the
            result.
    """
    homes = needs(texts, (*_TEXT, by), where="argument_summary: texts")
    spans = needs(units, _SPAN, where="argument_summary: units").select(_SPAN)
    placed = _placed(spans, homes.select(_TEXT), where="argument_summary")
    relations = needs(relations, _RELATION, where="argument_summary: relations")
    joined = _joined(placed, relations, where="argument_summary")
    text_of = placed.select("span_id", "text_id")
    leaving = joined.join(text_of, left_on="from_id", right_on="span_id").join(
        text_of.select(_to="span_id", _other="text_id"), on="_to"
    )
    labels = joined["label"].unique().drop_nulls().sort()
    own = ("n_units", "n_across", "n_unconnected")
    refuse_clashes((f"n_{label}" for label in labels), own, where="argument_summary: labels of relations")
    ends = pl.concat([joined["from_id"], joined["_to"]])
    groups = homes.select("text_id", _group=by).collect()
    per_unit = placed.select("text_id", n_units=1, n_unconnected=~pl.col("span_id").is_in(ends.implode()))
    per_relation = leaving.select(
        "text_id",
        *((pl.col("label") == label).alias(f"n_{label}") for label in labels),
        n_across=pl.col("text_id") != pl.col("_other"),
    )
    whole = groups.select("_group").unique(maintain_order=True)
    for rows in (per_unit, per_relation):
        sums = rows.join(groups, on="text_id").drop("text_id").group_by("_group").sum()
        whole = whole.join(sums, on="_group", how="left", nulls_equal=True, maintain_order="left")
    names = ("n_units", *(f"n_{label}" for label in labels), "n_across", "n_unconnected")
    refuse_clashes((by,), names, where="argument_summary")
    return whole.select(pl.col("_group").alias(by), *(pl.col(name).fill_null(0).cast(pl.UInt32) for name in names))


def argument_links(units: Frame, relations: Frame) -> pl.DataFrame:
    """The relations as lines between the places of units, in lanes where they do not cover each other.

    Args:
        units: One row per unit, as `argument_units` gives them; needs `span_id`, `thread_id` and `place`.
        relations: As for `argument_units`.

    Returns:
        One row per relation, sorted by `thread_id` (null last), `from_place`, `to_place` and `relation_id`: the columns
        of `relations`, `thread_id`, and as UInt32 `from_place`, `to_place` (of the units at the ends; for an undercut
        the unit from which the attacked relation comes) and `lane`. Within a thread no two lines of a lane have a place
        in common, not even at their ends. Short lines choose first and take the smallest free lane, from 0, so long
        lines lie outside.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If a unit or a relation stands twice, an end of a relation is not there, or a relation leaves its
            thread.
    """
    placed = needs(units, ("span_id", "thread_id", "place"), where="argument_links: units").collect()
    one_row_each(placed, "span_id", where="argument_links: units")
    relations = needs(relations, _RELATION, where="argument_links: relations")
    joined = _joined(placed, relations, where="argument_links")
    place = placed.select("span_id", "thread_id", "place")
    lines = joined.join(place, left_on="from_id", right_on="span_id").rename({"place": "from_place"})
    lines = lines.join(place.select(_to="span_id", to_place="place"), on="_to")
    lines = lines.sort("thread_id", "from_place", "to_place", "relation_id", nulls_last=True)
    names = relations.collect_schema().names()
    return lines.select(*names, "thread_id", "from_place", "to_place", _in_lanes(lines))


def _placed(units: pl.LazyFrame, texts: pl.LazyFrame, *, where: str) -> pl.DataFrame:
    """The units with the columns of `texts` (`thread_id` and `position` among them) and `place`, in thread order."""
    homes = one_row_each(texts.collect(), "text_id", where=f"{where}: texts")
    spans = one_row_each(units.collect(), "span_id", where=f"{where}: units")
    lost = spans.join(homes, on="text_id", how="anti")["text_id"].unique().sort()
    if lost.len():
        raise ArgumentError(f"texts lacks {some(lost)}, where units stand; give the texts of all units")
    ordered = in_thread_order(spans.lazy(), homes.lazy()).collect()
    return ordered.with_columns(place=pl.int_range(pl.len(), dtype=pl.UInt32).over("thread_id"))


def _joined(placed: pl.DataFrame, relations: pl.LazyFrame, *, where: str) -> pl.DataFrame:
    """The relations with the unit that each leads to (`_to`), and whether that is by way of another relation."""
    found = one_row_each(relations.collect(), "relation_id", where=f"{where}: relations")
    through = found.select("relation_id", _through="from_id")
    joined = found.join(through, left_on="to_id", right_on="relation_id", how="left", maintain_order="left")
    joined = joined.with_columns(_on_relation=pl.col("_through").is_not_null(), _to=pl.coalesce("_through", "to_id"))
    threads = placed.select("thread_id", _place="place", _unit="span_id")
    ends = joined.join(threads, left_on="from_id", right_on="_unit", how="left", maintain_order="left")
    ends = ends.join(threads, left_on="_to", right_on="_unit", how="left", suffix="_to", maintain_order="left")
    lost = ends.filter(pl.col("_place").is_null() | pl.col("_place_to").is_null())["relation_id"]
    if lost.len():
        raise ArgumentError(
            f"an end of the relation {some(lost)} is no unit and no relation; give whole threads, "
            "and the units and relations of one annotator"
        )
    crossing = ends.filter(pl.col("thread_id").ne_missing(pl.col("thread_id_to")))["relation_id"]
    if crossing.len():
        raise ArgumentError(f"the relation {some(crossing)} leads to another thread; leave it out")
    return joined.drop("_through")


def _incoming(joined: pl.DataFrame, **labels: str) -> pl.DataFrame:
    """For each unit that relations lead to directly, how many have each of the labels."""
    direct = joined.filter(~pl.col("_on_relation"))
    counts = {name: (pl.col("label") == label).sum().cast(pl.UInt32) for name, label in labels.items()}
    return direct.group_by(span_id="_to").agg(**counts)


def _depths(units: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """For each unit the length of the longest way along the edges; null where a way runs in a circle.

    A unit is done once all units that its edges lead to are, beginning with those that no edge leaves; what stands in a
    circle, or leads into one, never is.
    """
    before = defaultdict(list)
    open_edges: dict[str, int] = defaultdict(int)
    for from_id, to_id in edges.select("from_id", "to_id").iter_rows():
        before[to_id].append(from_id)
        open_edges[from_id] += 1
    depth = dict.fromkeys(units, 0)
    done = [unit for unit in units if unit not in open_edges]
    for unit in done:
        for earlier in before[unit]:
            open_edges[earlier] -= 1
            # Units are done in the order of their depth, so the last one that a unit waits for is the deepest.
            if not open_edges[earlier]:
                depth[earlier] = depth[unit] + 1
                done.append(earlier)
    return pl.DataFrame(
        {"span_id": done, "depth": [depth[unit] for unit in done]}, schema={"span_id": pl.String, "depth": pl.UInt32}
    )


def _in_lanes(lines: pl.DataFrame) -> pl.Series:
    """The lane of each line, threads apart; lines stand together by thread."""
    found: list[int] = []
    for _, part in lines.group_by("thread_id", maintain_order=True):
        ends = part.select("from_place", "to_place").iter_rows()
        # A line takes up the places at both its ends, so one that ends where another begins is in its way.
        found += lanes([(min(pair), max(pair) + 1) for pair in ends])
    return pl.Series("lane", found, dtype=pl.UInt32)
