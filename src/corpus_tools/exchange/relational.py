"""A corpus as a relational database, SQLite or DuckDB: every table whole, and tables that explain them.

The rules of the scheme that the rows of a table keep to are declared. What they do not keep to is said, and not
declared, so that no row is refused.

Source: www.sqlite.org/lang_createtable.html and www.sqlite.org/stricttables.html; duckdb.org/docs, Constraints and Data
Types.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, counted
from corpus_tools.exchange.tables import ISO, Held, Pointer, hold, rule
from corpus_tools.scheme import Column, Table

LAYOUT = 1
"""Of the SQLite file, as its `user_version`; another number means that tables are laid out in another way."""
DUCKDB_BLOCK = "16384"
"""Bytes; each column of each table takes some blocks, so that those of the usual size make a small corpus large."""
SQLITE_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
DUCKDB_TYPES = {
    "strings": "VARCHAR[]",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}


def write_sqlite(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write a corpus as an SQLite database.

    Args:
        corpus: The corpus.
        tables: The tables of layers to write, gold rows and passes, beside all fixed tables.
        out: The file to be made.

    Returns:
        The rules of the scheme that the rows do not keep to, which the database does not hold either.
    """
    made, broken = hold(corpus, tables)
    made = [_without_nan(held, broken) for held in made]
    with closing(sqlite3.connect(out, isolation_level=None)) as database:
        database.execute("BEGIN")
        for held in made:
            database.execute(_create(held, _sqlite_column, held.pointers, end=" STRICT"))
            marks = ", ".join("?" * held.rows.width)
            cells = held.rows.select(_sqlite_cells(column, held.rows) for column in held.table.columns)
            database.executemany(f"INSERT INTO {_quoted(held.name)} VALUES ({marks})", cells.iter_rows())  # noqa: S608
        for statement in _views(made).values():
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {LAYOUT}")
        database.execute("COMMIT")
    return broken


def write_duckdb(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write a corpus as a DuckDB database; arguments as for `write_sqlite`.

    Returns:
        The rules of the scheme that the rows do not keep to or DuckDB has no word for.

    Raises:
        MissingExtraError: If `duckdb` is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise MissingExtraError("duckdb", "duckdb") from None
    made, broken = hold(corpus, tables)
    with closing(duckdb.connect(str(out), config={"default_block_size": DUCKDB_BLOCK})) as database:
        for held, pointers in _targets_first(made):
            database.execute(_create(held, _duckdb_column, pointers))
            database.register("_given", held.rows.to_arrow(compat_level=pl.CompatLevel.oldest()))
            database.execute(f"INSERT INTO {_quoted(held.name)} SELECT * FROM _given")  # noqa: S608
            database.unregister("_given")
            lost = [pointer for pointer in held.pointers if pointer not in pointers]
            broken += [
                f"{rule(held.name, pointer)}: DuckDB takes no such rule within a table or in a circle"
                for pointer in lost
            ]
            for statement in _comments(held.table):
                database.execute(statement)
        for statement in _views(made).values():
            database.execute(statement)
    return broken


def _quoted(*names: str) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)


def _texts(*values: str) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _create(held: Held, column: Callable[[Held, Column], str], pointers: Iterable[Pointer], *, end: str = "") -> str:
    lines = [
        f"{_quoted(one.name)} {column(held, one)}{' NOT NULL' if one.name in held.filled else ''}"
        for one in held.table.columns
    ]
    lines += [f"PRIMARY KEY ({_quoted(*held.key)})"] if held.key else []
    lines += [
        f"FOREIGN KEY ({_quoted(pointer.column)}) REFERENCES {_quoted(pointer.table)} ({_quoted(pointer.target)})"
        for pointer in pointers
    ]
    return f"CREATE TABLE {_quoted(held.name)} (\n  " + ",\n  ".join(lines) + f"\n){end}"


def _views(made: Iterable[Held]) -> dict[str, str]:
    """Name of each part of a table -> what makes a view of it."""
    found = {}
    for table in (held.table for held in made):
        for part, values in table.parts.items():
            rows = f"SELECT * FROM {_quoted(table.name)} WHERE {_quoted(table.part_column or '')}"  # noqa: S608
            found[part] = f"CREATE VIEW {_quoted(part)} AS {rows} IN ({_texts(*values)})"
    return found


def _sqlite_column(held: Held, column: Column) -> str:
    name = _quoted(column.name)
    kind = SQLITE_TYPES.get(column.type, "TEXT")
    if column.type == "boolean":
        return f"{kind} CHECK ({name} IN (0, 1))"
    if column.type == "strings":
        return f"{kind} CHECK (json_type({name}) = 'array')"
    return f"{kind} CHECK ({name} IN ({_texts(*column.labels)}))" if column.name in held.closed else kind


def _without_nan(held: Held, broken: list[str]) -> Held:
    """The table as SQLite keeps it, to which what is no number is a null."""
    numbers = (column.name for column in held.table.columns if column.type == "number")
    found = {name: held.rows.filter(pl.col(name).is_nan()).height for name in numbers}
    found = {name: n for name, n in found.items() if n}
    broken += [f"{name} of {held.name}: {counted(n, 'row')} with NaN, null in SQLite" for name, n in found.items()]
    return dataclasses.replace(held, filled=held.filled - set(found))


def _sqlite_cells(column: Column, rows: pl.DataFrame) -> pl.Expr | pl.Series:
    if column.type == "timestamp":
        return pl.col(column.name).dt.strftime(ISO)
    if column.type == "strings":
        lists = rows[column.name].to_list()
        cells = [None if items is None else json.dumps(items, ensure_ascii=False) for items in lists]
        return pl.Series(column.name, cells, dtype=pl.String)
    return pl.col(column.name)


def _duckdb_column(held: Held, column: Column) -> str:
    if column.name in held.closed:
        return f"ENUM ({_texts(*column.labels)})" + ("[]" if column.type == "strings" else "")
    return DUCKDB_TYPES.get(column.type, "VARCHAR")


def _comments(table: Table) -> Iterator[str]:
    yield f"COMMENT ON TABLE {_quoted(table.name)} IS {_texts(table.description)}"
    for column in table.columns:
        place = f"{_quoted(table.name)}.{_quoted(column.name)}"
        yield f"COMMENT ON COLUMN {place} IS {_texts(column.description)}"


def _targets_first(made: Iterable[Held]) -> Iterator[tuple[Held, tuple[Pointer, ...]]]:
    """The tables in such an order that each points to those before it, with the pointers that do.

    A row that points to one of its own table could only be written after it, and rows keep their order.
    """
    waiting = list(made)
    done: set[str] = set()
    while waiting:
        ready = (held for held in waiting if {pointer.table for pointer in held.pointers} <= {*done, held.name})
        held = next(ready, waiting[0])
        waiting.remove(held)
        yield held, tuple(pointer for pointer in held.pointers if pointer.table in done)
        done.add(held.name)
