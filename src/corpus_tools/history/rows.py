"""The rows of one table in two versions, compared by their key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from corpus_tools.frames import one_row_each
from corpus_tools.history.alignment import Alignment, align
from corpus_tools.scheme import Table

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"

ROWS = {"row_id": pl.String(), "what": pl.String(), "about": pl.String()}
CELLS = {"row_id": pl.String(), "column": pl.String(), "old": pl.String(), "new": pl.String()}

# The cells that tell a reader which row it is, in this order, where a table has them.
TELLING = (
    *("text_id", "unit_id", "from_id", "to_id", "layer", "annotator_id", "question", "start_char", "end_char"),
    *("form", "quote", "text", "title", "display_name", "name", "label", "upos"),
)
TOLD = 60
"""Characters of a cell that are shown."""
# What a row of each unit stands on; of texts, what it is. A row that stands on something else has moved.
STANDS_ON: Mapping[str, tuple[str, ...]] = {
    "token": ("text_id",),
    "sentence": ("text_id",),
    "span": ("text_id",),
    "relation": ("from_id",),
    "judgement": ("unit_id", "question"),
    "texts": ("text", "kind", "thread_id"),
}
OFFSETS = ("start_char", "end_char")
ID = "_id"


@dataclass(frozen=True, slots=True)
class ChangedTexts:
    """The texts that both versions have and that differ, each aligned when it is first asked for."""

    forms: Mapping[str, tuple[str, str]]
    """Text id -> its old and its new form."""
    _alignments: dict[str, Alignment] = field(default_factory=dict)

    def alignment(self, text_id: str) -> Alignment:
        """How the two forms of a text are aligned."""
        if text_id not in self._alignments:
            self._alignments[text_id] = align(*self.forms[text_id])
        return self._alignments[text_id]


def changed_texts(old: pl.LazyFrame, new: pl.LazyFrame) -> ChangedTexts:
    """The texts of two versions, rows with `text_id` and `text`, that both have and that differ."""
    before, after = (frame.select("text_id", "text") for frame in (old, new))
    both = before.join(after, on="text_id", suffix="_new").filter(pl.col("text") != pl.col("text_new")).collect()
    return ChangedTexts({text_id: (one, other) for text_id, one, other in both.iter_rows()})


@dataclass(frozen=True, slots=True)
class ComparedRows:
    """One split of a table, compared."""

    rows: pl.DataFrame
    """With the columns `ROWS`: those removed in their old order, then those added, then those changed or moved."""
    cells: pl.DataFrame
    """With the columns `CELLS`, in the order of rows and columns."""
    reordered: bool
    """Whether the rows that both have stand in another order."""
    n_old: int | None
    """How many rows the earlier version has; None where it has no such table or split."""
    n_new: int | None
    """The same of the later version."""


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column as text: times in ISO 8601, lists as JSON, numbers so that they read back the same; null stays null."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
    if isinstance(dtype, pl.List):
        listed = pl.struct(x=column).struct.json_encode().str.strip_prefix('{"x":').str.strip_suffix("}")
        return pl.when(column.is_not_null()).then(listed).alias(name)
    return column.cast(pl.String)


def told(frame: pl.DataFrame) -> pl.Expr:
    """What a row is about, in a few words: the cells in `TELLING`, shortened, with blanks between."""
    cells = [as_text(name, frame.schema[name]) for name in TELLING if name in frame.columns]
    short = [
        pl.when(cell.str.len_chars() > TOLD).then(cell.str.slice(0, TOLD - 3) + "...").otherwise(cell) for cell in cells
    ]
    return pl.concat_str(short, separator="  ", ignore_nulls=True) if short else pl.lit("")


def compare_rows(
    old: tuple[Table, pl.DataFrame] | None, new: tuple[Table, pl.DataFrame] | None, texts: ChangedTexts, *, where: str
) -> ComparedRows:
    """Compare one split of a table in two versions.

    Args:
        old: The table as declared and its rows in the earlier version; None where it has no such table or split.
        new: The same of the later version.
        texts: The texts that differ, so that a span is not taken for moved where its text grew before it.
        where: What a message calls the rows.

    Returns:
        The differences. Rows are the same where their keys are; a column that one side lacks counts as null there.

    Raises:
        ArgumentError: If a key stands in two rows of one side.
    """
    before, after = (_keyed(side, where) for side in (old, new))
    both = _side_by_side(before, after)
    cells = _cells(both, before.drop(ID).schema, after.drop(ID).schema)
    kept = both.join(cells, left_on=ID, right_on="row_id", how="semi", nulls_equal=True, maintain_order="left")
    moved = _moved(old[0], new[0], kept, texts) if old and new else pl.lit(value=False)
    abouts = after.select(ID, about=told(after))
    rows = [
        _alone(before, after).with_columns(what=pl.lit(REMOVED)),
        _alone(after, before).with_columns(what=pl.lit(ADDED)),
        kept.select(ID, what=pl.when(moved).then(pl.lit(MOVED)).otherwise(pl.lit(CHANGED))).join(
            abouts, on=ID, nulls_equal=True, maintain_order="left"
        ),
    ]
    order = before.select(ID).join(both, on=ID, how="semi", nulls_equal=True, maintain_order="left")[ID]
    found = pl.concat([frame.select(pl.col(ID).alias("row_id"), "what", "about") for frame in rows])
    sizes = (None if side is None else side[1].height for side in (old, new))
    return ComparedRows(found.cast(pl.String()), cells, not order.equals(both[ID]), *sizes)


def _keyed(side: tuple[Table, pl.DataFrame] | None, where: str) -> pl.DataFrame:
    """The rows, their key under one name beside their cells: it may be called otherwise in the other version."""
    if side is None:
        return pl.DataFrame(schema={ID: pl.String})
    table, rows = side
    one_row_each(rows, table.key, where=where)
    return rows.select(pl.col(table.key).alias(ID), pl.all())


def _alone(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The ids of the rows that the others do not have, and what they are about."""
    alone = rows.join(others, on=ID, how="anti", nulls_equal=True, maintain_order="left")
    return alone.select(ID, about=told(alone))


def _side_by_side(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows that both have, in their later order: id, earlier cells as `old.<name>`, later ones as `new.<name>`."""
    old, new = (
        frame.select(ID, pl.all().exclude(ID).name.prefix(prefix))
        for frame, prefix in ((before, "old."), (after, "new."))
    )
    return new.join(old, on=ID, nulls_equal=True, maintain_order="left")


def _cells(both: pl.DataFrame, old: pl.Schema, new: pl.Schema) -> pl.DataFrame:
    """The cells that differ, in the order of `both` and then of the columns."""
    placed = both.with_row_index("_row")
    frames = [pl.DataFrame(schema={"_row": pl.UInt32, "_column": pl.Int32, **CELLS})]
    for number, name in enumerate(dict.fromkeys([*new, *old])):
        values = [
            as_text(f"{side}.{name}", schema[name]) if name in schema else pl.lit(None, pl.String)
            for side, schema in (("old", old), ("new", new))
        ]
        plain = old.get(name) == new.get(name) and not isinstance(old[name], pl.Float64 | pl.List)
        # By their text, a zero and its negative differ, as they do in the content hash.
        differ = pl.col(f"old.{name}").ne_missing(pl.col(f"new.{name}")) if plain else values[0].ne_missing(values[1])
        at = pl.lit(number, pl.Int32).alias("_column")
        cell = {"row_id": pl.col(ID), "column": pl.lit(name), "old": values[0], "new": values[1]}
        frames.append(placed.filter(differ).select("_row", at, **cell))
    return pl.concat(frames).sort("_row", "_column").select(*CELLS)


def _moved(old: Table, new: Table, both: pl.DataFrame, texts: ChangedTexts) -> pl.Expr:
    """Whether the id of a row that differs stands on another unit than it did."""
    kind = new.unit if new.layer else new.name
    if old.unit != new.unit:
        return pl.lit(value=False)
    known = [name for name in STANDS_ON.get(kind or "", ()) if {f"old.{name}", f"new.{name}"} <= set(both.columns)]
    other = [pl.col(f"old.{name}").ne_missing(pl.col(f"new.{name}")) for name in known]
    if "text_id" in known and {f"{side}.{name}" for side in ("old", "new") for name in OFFSETS} <= set(both.columns):
        start, end = later_places(both, texts, prefix="old.")
        apart = (pl.col("new.start_char") >= end) | (start >= pl.col("new.end_char"))
        other.append(apart.fill_null(value=False))
    return pl.any_horizontal(other) if other else pl.lit(value=False)


def later_places(spans: pl.DataFrame, texts: ChangedTexts, *, prefix: str = "") -> tuple[pl.Expr, pl.Expr]:
    """Where spans of the earlier version stand in the later one.

    Args:
        spans: One row per span, with `text_id`, `start_char` and `end_char`, whose names may have a prefix.
        texts: The texts that differ.
        prefix: That prefix.

    Returns:
        Start and end in code points of the later form of their texts, as expressions over `spans`.
    """
    names = [prefix + name for name in ("text_id", *OFFSETS)]
    concerned = spans.with_row_index("_row").filter(pl.col(names[0]).is_in(list(texts.forms)))
    places = concerned.select("_row", *names).drop_nulls()
    if places.is_empty():
        return pl.col(names[1]), pl.col(names[2])
    starts, ends = spans[names[1]].to_list(), spans[names[2]].to_list()
    for row, text_id, start, end in places.iter_rows():
        starts[row], ends[row] = texts.alignment(text_id).around(start, end)
    return pl.lit(pl.Series(starts, dtype=pl.Int32)), pl.lit(pl.Series(ends, dtype=pl.Int32))
