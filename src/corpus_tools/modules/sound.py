"""What has to hold of a module's rows before they can be loaded; `corpus-tools module check` runs all rules.

A corpus is read leniently so that all findings can be shown at once, and refused when it is released. A module is
released by whoever made it, so it is refused where it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from corpus_tools.folder import FILE, LIST_SEPARATOR, annotator_of, cut, parse
from corpus_tools.modules.folder import ModuleFolder
from corpus_tools.scheme import Table

ENDS = ("from_id", "to_id", "unit_id")


def problems(source: ModuleFolder) -> Iterator[str]:
    """What keeps a module from being loaded, each with its place; later ones mean little where there are earlier ones.

    Raises:
        RecordsError: If a file of rows cannot be read.
    """
    yield from _undeclared_files(source)
    for table in source.tables.values():
        for split in table.splits:
            yield from _wrong_columns(source, table, split)
            yield from _wrong_cells(table, source.raw(table, split))
    ids = _ids(source)
    yield from _ids_twice(ids)
    yield from _ends_of_nothing(source, ids)
    for table in source.tables.values():
        if {"text_id", "start_char", "end_char"} <= set(table.schema):
            yield from _wrong_places(source, table)
        if table.layer and "text_id" in table.schema:
            yield from _outside_pass(source, table)


def _undeclared_files(source: ModuleFolder) -> Iterator[str]:
    passes = {(entry["layer"], entry["annotator_id"]) for entry in source.metadata.records["passes"]}
    for layer, annotator in sorted(passes):
        if layer not in source.layers:
            place = source.metadata.path.name
            yield f"{place}: a pass by {annotator} is of {layer!r}, which is no layer of the module"
    read = {path for table in source.tables.values() for split in table.splits for path in source.files(table, split)}
    for path in sorted(path for path in (source.path / "annotations").glob("*/[!.]*") if path.is_file()):
        if path not in read:
            yield f"{source.relative(path)}: is no file of rows of a layer of the module"
        elif (path.parent.name, annotator_of(path)) not in passes:
            yield f"{source.relative(path)}: no [[passes]] entry is of this layer and annotator"


def _wrong_columns(source: ModuleFolder, table: Table, split: str) -> Iterator[str]:
    """Columns that are missing or that the scheme does not know, in each file of a table."""
    declared = {column.name for column in table.columns}
    needed = {column.name for column in table.columns if column.required and not column.derived}
    for path in source.files(table, split):
        present = set(source.cells(table, path).columns)
        for name in sorted(needed - present):
            yield f"{source.relative(path)}: {table.name} lacks the column {name!r}"
        for name in sorted(present - declared):
            yield f"{source.relative(path)}: {table.name} declares no column {name!r}"


def _wrong_cells(table: Table, raw: pl.DataFrame) -> Iterator[str]:
    """Cells that are empty and must not be, are not of their column's type, or not in its closed set."""
    for column in table.columns:
        if column.derived:
            continue
        cell = pl.col(column.name)
        given = raw if column.name in raw.columns else raw.with_columns(pl.lit(None, pl.String).alias(column.name))
        if column.type == "strings":
            given = given.with_columns(cell.str.split(LIST_SEPARATOR)).explode(column.name)
        wrong = {
            "is empty": cell.is_null() & column.required,
            f"is no {column.type}": cell.is_not_null() & parse(column).is_null(),
            "is not in the closed set": ~cell.is_in(column.labels) if column.labels else pl.lit(False),
        }
        key = table.key if table.key in raw.columns else column.name
        for what, holds in wrong.items():
            for place, unit, value in given.filter(holds).select(FILE, pl.col(key).alias("_key"), cell).iter_rows():
                row = place if unit is None else f"{place} {unit}"
                shown = "" if value is None else f": {value!r}"
                yield f"{row}: {column.name} {what}{shown}"


def _ids(source: ModuleFolder) -> pl.DataFrame:
    """Every id of corpus and module: `id`, `table`, `own`, and `set`, within which it may stand once.

    Texts and annotated units are one set, since rows name them by their ids alone.
    """
    frames = []
    for table in source.scheme.tables.values():
        one_set = "" if table.name in _units(source) else table.name
        about = {"table": pl.lit(table.name), "own": pl.lit(table.name in source.tables), "set": pl.lit(one_set)}
        frames += [source.rows(table, split).select(pl.col(table.key).alias("id"), **about) for split in table.splits]
    return pl.concat(frames).drop_nulls("id").collect()


def _units(source: ModuleFolder) -> list[str]:
    """The tables whose rows are what relations and judgements may be about."""
    return [table.name for table in source.scheme.tables.values() if table.layer or table.name == "texts"]


def _ids_twice(ids: pl.DataFrame) -> Iterator[str]:
    counted = ids.group_by("set", "id", maintain_order=True).agg("table", n=pl.len(), own=pl.col("own").any())
    for unit, tables in counted.filter("own", pl.col("n") > 1).select("id", "table").iter_rows():
        where = " and ".join(dict.fromkeys(tables))
        yield f"the id {unit!r} stands twice, in {where}; an id stands for one row of a corpus and its modules"


def _ends_of_nothing(source: ModuleFolder, ids: pl.DataFrame) -> Iterator[str]:
    """Rows that refer to a unit, a text or an annotator that is not there."""
    for table in source.tables.values():
        targets = {
            column.name: [column.refers_to.partition(".")[0]]
            for column in table.columns
            if column.refers_to and not column.derived
        }
        targets |= {name: _units(source) for name in ENDS if table.layer and name in table.schema}
        for name, places in targets.items():
            known = ids.filter(pl.col("table").is_in(places))["id"]
            for split in table.splits:
                rows = source.rows(table, split).select(table.key, _value=name).collect()
                if rows.schema["_value"] == pl.List(pl.String):
                    rows = rows.explode("_value")
                lost = rows.filter(~pl.col("_value").is_in(known.implode()))
                for unit, value in lost.iter_rows():
                    yield f"{table.name} {unit}: {name} is {value!r}, which is not there"


def _wrong_places(source: ModuleFolder, table: Table) -> Iterator[str]:
    """Spans, sentences and tokens that do not lie in their text, or quote something else than stands there."""
    texts = dict(source.rows(source.scheme.fixed["texts"]).select("text_id", "text").collect().iter_rows())
    names = ("text_id", "start_char", "end_char", "quote", "source_start")
    for split in table.splits:
        rows = source.rows(table, split).select(table.key, *(name for name in names if name in table.schema)).collect()
        for row in rows.iter_rows(named=True):
            text_id, start, end = row["text_id"], row["start_char"], row["end_char"]
            if start is None and end is None and row.get("source_start") is not None:
                continue  # it stands outside the text, as a byline does
            there = cut(texts.get(text_id), start, end)
            if there is None:
                shown = " to ".join("null" if edge is None else str(edge) for edge in (start, end))
                yield f"{table.name} {row[table.key]}: {shown} does not lie in {text_id}"
            elif row.get("quote", there) != there:
                yield f"{table.name} {row[table.key]}: it quotes {row['quote']!r}, its place in {text_id} is {there!r}"


def _outside_pass(source: ModuleFolder, table: Table) -> Iterator[str]:
    """Rows in a text that their pass does not name."""
    coverage = source.rows(source.scheme.fixed["coverage"]).filter(pl.col("layer") == table.layer)
    for split in table.splits:
        rows = source.rows(table, split).select(table.key, "text_id", "annotator")
        lost = rows.join(
            coverage,
            left_on=["annotator", "text_id"],
            right_on=["annotator_id", "text_id"],
            how="anti",
            maintain_order="left",
        )
        for unit, text_id, annotator in lost.collect().iter_rows():
            yield f"{table.name} {unit}: {text_id} is not among the texts of the pass by {annotator} in module.toml"
