"""A corpus as CSV files that a spreadsheet opens as they are, described as CSV on the Web.

A cell of text that a spreadsheet might run as a formula is written with an apostrophe before it, and so is one that
begins with an apostrophe, or is empty: taking one leading apostrophe off gives back every cell, and an empty cell is a
null. Numbers, times and yes or no are never touched.

Source: RFC 4180; www.w3.org/TR/tabular-metadata; owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import listed
from corpus_tools.exchange.formulas import defused_cells
from corpus_tools.exchange.tables import ISO, Held, Pointer, hold
from corpus_tools.files import write_whole
from corpus_tools.folder import LIST_SEPARATOR
from corpus_tools.scheme import Column, Table

METADATA = "csv-metadata.json"
SPECIAL = r"[\\^$.*+?()\[\]{}|]"
"""What is escaped in a regular expression of ECMAScript, as CSVW has them."""
DATATYPES: Mapping[str, str] = {"integer": "int", "number": "double", "boolean": "boolean", "timestamp": "dateTime"}
RULE = (
    "In columns of datatype string, an apostrophe stands before each value that is an empty text or begins with an "
    "apostrophe, white space, a null character, or one of = + - @ in any width, so that no spreadsheet runs it as a "
    "formula. Take one leading apostrophe off each value, in lists off each item, to have what the corpus has. "
    "An empty cell is a null."
)
DIALECT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "lineTerminators": ["\r\n"],
    "header": True,
    "commentPrefix": None,
    "skipBlankRows": False,
    "skipInitialSpace": False,
    "trim": False,
}


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write a corpus as CSV files with CSVW metadata.

    Args:
        corpus: The corpus.
        tables: The tables of layers to write, gold rows and passes, beside all fixed tables.
        out: The empty folder to fill.

    Returns:
        The rules of the scheme that the rows do not keep to, which the metadata does not state either, and what a CSV
        file does not tell apart.
    """
    made, left_out = hold(corpus, tables)
    for held in made:
        cells, lost = as_csv(held.rows, held.table.columns)
        write_whole(out / f"{held.name}.csv", cells)
        left_out += [f"{column} of {held.name}: {problem}" for column, problem in lost.items()]
    empty = [f"{one.column} of {held.name}" for held in made for one in held.pointers if one not in _pointers(held)]
    if empty:
        why = "CSVW wants one in every row, and these may be empty"
        left_out.append(f"what is an id of another table: {why}: {listed(empty)}")
    described = {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": corpus.metadata.title,
        "dc:description": corpus.metadata.description,
        "dc:hasVersion": corpus.version,
        "rdfs:comment": RULE,
        "dialect": DIALECT,
        "tables": [_described(held) for held in made],
    }
    write_whole(out / METADATA, json.dumps(described, ensure_ascii=False, indent=2) + "\n")
    return left_out


def as_csv(rows: pl.DataFrame, columns: Iterable[Column]) -> tuple[str, dict[str, str]]:
    """Rows as a CSV file.

    Args:
        rows: The rows.
        columns: Their columns.

    Returns:
        The text of the file, and by column what it could not tell apart.
    """
    columns = list(columns)
    lost = {column.name: problem for column in columns if (problem := _lost(rows[column.name], column))}
    written = io.BytesIO()
    rows.select(_cells(column) for column in columns).write_csv(
        written, line_terminator="\r\n", quote_style="necessary"
    )
    return written.getvalue().decode("utf-8"), lost


def _cells(column: Column) -> pl.Expr:
    named = pl.col(column.name)
    if column.type == "strings":
        return named.list.eval(defused_cells(pl.element())).list.join(LIST_SEPARATOR)
    if column.type == "timestamp":
        return named.dt.strftime(ISO)
    return defused_cells(named) if column.dtype == pl.String() else named


def _lost(values: pl.Series, column: Column) -> str:
    if column.type != "strings":
        return ""
    items = values.explode()
    cut = items.str.contains(LIST_SEPARATOR, literal=True).sum()
    empty = (values.list.len() == 0).sum()
    found = {"item with a line end, read as several": cut, "empty list, read as null": empty}
    return "; ".join(f"{what}: {n}" for what, n in found.items() if n)


def _described(held: Held) -> dict[str, Any]:
    """A table in the words of CSVW."""
    schema: dict[str, Any] = {"columns": [_column(held, column) for column in held.table.columns]}
    if held.key:
        schema["primaryKey"] = list(held.key)
    pointers = _pointers(held)
    if pointers:
        schema["foreignKeys"] = [
            {
                "columnReference": pointer.column,
                "reference": {"resource": f"{pointer.table}.csv", "columnReference": pointer.target},
            }
            for pointer in pointers
        ]
    return {"url": f"{held.name}.csv", "dc:description": held.table.description, "tableSchema": schema}


def _pointers(held: Held) -> list[Pointer]:
    """Those that are filled in every row: to CSVW a row that points to none is a mistake."""
    return [pointer for pointer in held.pointers if pointer.column in held.filled]


def _column(held: Held, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.description,
        "datatype": DATATYPES.get(column.type, "string"),
        "required": column.name in held.filled,
        "null": "",
    }
    if column.name in held.closed:
        # The labels as they stand in the file.
        cells = pl.select(defused_cells(pl.lit(pl.Series(column.labels, dtype=pl.String)))).to_series()
        described["datatype"] = {
            "base": "string",
            "format": "|".join(re.sub(SPECIAL, r"\\\g<0>", cell) for cell in cells),
        }
    if column.type == "strings":
        described["separator"] = LIST_SEPARATOR
    return described
