"""E1: the files of a corpus can be read and fit their declared tables."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from corpus_tools.errors import RecordsError
from corpus_tools.folder import FILE, LIST_SEPARATOR, Folder, parse
from corpus_tools.scheme import Column, Table
from corpus_tools.validate.rule import FINDINGS, check, findings, tables_of

UNIT = "texts and layers"


@check("E101")
def metadata_unreadable(source: Folder) -> pl.LazyFrame:
    """corpus.toml cannot be read, or lacks something."""
    return findings([])  # a folder that could be opened has sound metadata; `validate` reports the others


@check("E102")
def scheme_unreadable(source: Folder) -> pl.LazyFrame:
    """A scheme file cannot be read, or lacks something."""
    return findings([])  # as for E101


@check("E103")
def table_unreadable(source: Folder) -> pl.LazyFrame:
    """A hand-edited table cannot be read."""
    rows: list[tuple[str, str | None, str]] = []
    for table, split in tables_of(source):
        try:
            source.raw(table, split)
        except RecordsError as problem:
            rows.append((source.relative(problem.path), None, problem.problem))
    return findings(rows)


@check("E104")
def columns_differ(source: Folder) -> pl.LazyFrame:
    """A table lacks a required column, or has one that its scheme does not declare."""
    rows: list[tuple[str, str | None, str]] = []
    for table, split in tables_of(source):
        files = source.files(table, split)
        headers = {source.relative(path): source.cells(table, path).columns for path in files}
        if table.layer is None and table.name != "texts":
            records = source.records(table)
            headers |= {source.metadata.path.name: records.columns} if records.height else {}
        for place, header in headers.items():
            rows += [(place, None, found) for found in _differences(table, set(header) - {FILE})]
    return findings(rows)


def _differences(table: Table, present: set[str]) -> Iterator[str]:
    declared = [column.name for column in table.columns]
    needed = {column.name for column in table.columns if column.required and not column.derived}
    for name in sorted(needed - present):
        yield f"{table.name} lacks {name!r}."
    for name in sorted(present - set(declared)):
        yield f"{table.name} has {name!r}; declared are: {', '.join(declared)}."


@check("E105")
def wrong_type(source: Folder) -> pl.LazyFrame:
    """A cell does not hold a value of its column's type."""
    return _cells(
        source, lambda column: pl.col(column.name).is_not_null() & parse(column).is_null(), shown="{} is no {}"
    )


@check("E106")
def required_empty(source: Folder) -> pl.LazyFrame:
    """A cell is empty that must not be."""
    return _cells(
        source,
        lambda column: pl.col(column.name).is_null() if column.required and not column.derived else pl.lit(False),
        shown="",
    )


@check("E107")
def id_twice(source: Folder) -> pl.LazyFrame:
    """An id stands in more than one row."""
    frames = []
    # Relations and judgements name units by their ids alone, so these are one set over all layers.
    units = [table for table in source.scheme.tables.values() if table.layer or table.name == "texts"]
    sets = {UNIT: units, **{table.name: [table] for table in source.tables.values() if table not in units}}
    for name, table in ((name, table) for name, tables in sets.items() for table in tables):
        for split in table.splits:
            raw = source.raw(table, split).lazy()
            if table.key in raw.collect_schema().names():
                columns = {"_set": pl.lit(name), "_table": pl.lit(table.name)}
                frames.append(raw.select(place=FILE, unit=table.key, **columns))
    empty = pl.LazyFrame(schema=dict.fromkeys(["place", "unit", "_set", "_table"], pl.String))
    rows = pl.concat([empty, *frames]).drop_nulls("unit")
    counted = rows.group_by("_set", "unit", maintain_order=True).agg("place", "_table", n=pl.len())

    def named(column: str) -> pl.Expr:
        return pl.col(column).list.unique(maintain_order=True).list.join(" and ")

    found = pl.format("{} rows of {} have it.", "n", named("_table"))
    return counted.filter(pl.col("n") > 1).select(place=named("place"), unit="unit", found=found)


@check("E108")
def outside_closed_set(source: Folder) -> pl.LazyFrame:
    """A label is not in the closed set of its column."""
    return _cells(
        source,
        lambda column: ~pl.col(column.name).is_in(column.labels) if column.labels else pl.lit(False),
        shown="{} is none of: {}",
    )


@check("E109")
def refers_to_nothing(source: Folder) -> pl.LazyFrame:
    """A row refers to an id that does not exist."""
    frames = [findings([])]
    for table, split in tables_of(source):
        raw = source.raw(table, split)
        for column in table.columns:
            if column.refers_to and column.name in raw.columns:
                known = _ids(source, column.refers_to)
                text = f"{{}} is no {column.refers_to}."
                frames.append(_found(table, column, raw, ~pl.col(column.name).is_in(known), text))
    return pl.concat(frames)


def _ids(source: Folder, target: str) -> list[str]:
    """Every id in a column written as `table.key`, of all its splits."""
    name, _, key = target.partition(".")
    table = source.scheme.table(name)
    frames = [source.raw(table, split) for split in table.splits]
    return [id_ for frame in frames if key in frame.columns for id_ in frame[key].drop_nulls()]


def _cells(source: Folder, wrong: object, *, shown: str) -> pl.LazyFrame:
    """The cells for which `wrong(column)`, an expression over the raw table, holds."""
    frames = [findings([])]
    for table, split in tables_of(source):
        raw = source.raw(table, split)
        for column in table.columns:
            if column.name in raw.columns:
                what = ", ".join(column.labels) if column.labels else column.type
                text = shown.replace("{}", "\0", 1).replace("{}", what).replace("\0", "{}") + "." if shown else ""
                frames.append(_found(table, column, raw, wrong(column), text))  # type: ignore[operator]
    return pl.concat(frames)


def _found(table: Table, column: Column, raw: pl.DataFrame, wrong: pl.Expr, shown: str) -> pl.LazyFrame:
    unit = pl.col(table.key) if table.key in raw.columns else pl.lit(None, dtype=pl.String)
    value = pl.format(f"{column.name}: {shown}", pl.col(column.name)) if "{}" in shown else pl.lit(f"{column.name}.")
    # Each item of a list is judged by itself.
    rows = raw.lazy()
    if column.type == "strings":
        rows = rows.with_columns(pl.col(column.name).str.split(LIST_SEPARATOR)).explode(column.name)
    return rows.filter(wrong).select(place=FILE, unit=unit, found=value).cast(FINDINGS)


@check("E110")
def reference_missing(source: Folder) -> pl.LazyFrame:
    """A layer follows a publication that is not listed."""
    known = {reference.id for reference in source.metadata.references}
    return findings(
        [
            (f"scheme/{layer.name}.toml", None, f"No [[references]] entry has the id {name!r}.")
            for layer in source.layers.values()
            for name in layer.references
            if name not in known
        ]
    )
