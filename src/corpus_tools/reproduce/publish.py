"""Published tables: how a notebook shows one, and how what it shows is compared with what was published."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from corpus_tools.errors import ReproductionError, counted, listed
from corpus_tools.folder import read_csv

MIME = "application/vnd.corpus-tools.table+json"
"""The form in which a notebook holds a published table as data."""
TAG = "published"
"""The cell tag that says: this cell shows a published table."""
TOLERANCE = 1e-9
"""Relative difference up to which two floating point numbers count as equal; all else must be equal outright."""
NEAR_ZERO = 1e-12
"""Difference up to which they count as equal however small they are: a sum that comes to nothing is exactly 0 on one
machine and some 1e-17 on another, and between those two no relative difference is small."""


@dataclass(frozen=True, slots=True)
class Published:
    """A table as a notebook shows it: for people as a table, for `reproduce` as data."""

    name: str
    frame: pl.DataFrame

    def _repr_mimebundle_(self, **options: object) -> dict[str, Any]:
        with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=200, tbl_width_chars=200):
            plain = str(self.frame)
        return {MIME: payload(self), "text/html": table_html(self), "text/plain": plain}


def table_html(table: Published) -> str:
    """A published table for people: numbers to the right, shares to three places, null as an empty cell."""
    numeric = [kind.is_numeric() for kind in table.frame.dtypes]

    def cell(tag: str, value: object, number: bool) -> str:
        text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
        return f'<{tag} style="text-align:{"right" if number else "left"}">{html.escape(text)}</{tag}>'

    def row(tag: str, values: Sequence[object]) -> str:
        return "<tr>" + "".join(cell(tag, *pair) for pair in zip(values, numeric, strict=True)) + "</tr>"

    head, body = row("th", table.frame.columns), "".join(row("td", values) for values in table.frame.iter_rows())
    caption = f"Published table <code>{table.name}</code>: {counted(table.frame.height, 'row')}"
    return f"<table><caption>{caption}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"


def published(name: str, frame: pl.DataFrame | pl.LazyFrame) -> Published:
    """Show a table as a published one.

    Put it last in a cell tagged `published`; `reproduce` then compares it with `results/<notebook>/<name>.csv`.

    Args:
        name: Lower-case letters, digits and underscores.
        frame: The table; cells are texts, numbers, booleans or null. Categories, and columns of nothing but null,
            count as texts. Decimal numbers are refused, since they do not survive the notebook as such.

    Raises:
        ReproductionError: If the name or a column's type cannot be published.
    """
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise ReproductionError(
            f"{name!r} is no name for a published table; use lower-case letters, digits and underscores"
        )
    plain = cs.by_dtype(pl.Null) | cs.categorical() | cs.enum()
    eager = frame.lazy().with_columns(plain.cast(pl.String)).collect()
    for column, kind in eager.schema.items():
        if kind.is_decimal() or not (kind.is_numeric() or kind in (pl.String, pl.Boolean)):
            raise ReproductionError(
                f"column {column!r} of table {name!r} is {kind}; publish texts, numbers or booleans"
            )
    unsound = [
        column for column, kind in eager.schema.items() if kind.is_float() and not eager[column].is_finite().all()
    ]
    if unsound:
        raise ReproductionError(
            f"column {unsound[0]!r} of table {name!r} holds a value that is no finite number; publish null instead"
        )
    return Published(name, eager)


def payload(table: Published) -> dict[str, Any]:
    """The data of a published table, as it travels in the notebook."""
    return {"name": table.name, "columns": table.frame.columns, "rows": [list(row) for row in table.frame.rows()]}


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a notebook's table is not the published one."""

    table: str
    row: str
    column: str
    published: str
    found: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.table, self.row, self.column) if part)
        return f"{place}: published {self.published}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a table that a notebook showed compares with the published one."""

    n_published: int
    """Cells of the published table."""
    n_equal: int
    """Published cells that came out equal."""
    differences: tuple[Difference, ...]
    exists: bool = True
    """Whether there is a published table at all, be it one without rows."""


def compare(table: str, found: Mapping[str, Any], path: Path) -> Comparison:
    """Hold a table that a notebook showed to the published one.

    Args:
        table: How to name it: notebook and table.
        found: The payload.
        path: The published CSV file.

    Raises:
        RecordsError: If the published file is no CSV.
    """
    if not path.is_file():
        missing = Difference(table, "", "", "no such table", f"a table of {counted(len(found['rows']), 'row')}")
        return Comparison(0, 0, (missing,), exists=False)
    expected = read_csv(path)
    n_published = expected.height * expected.width
    if expected.columns != found["columns"]:
        header = Difference(table, "header", "", listed(expected.columns), listed(found["columns"]))
        return Comparison(n_published, 0, (header,))
    differences = []
    if expected.height != len(found["rows"]):
        differences.append(Difference(table, "number of rows", "", str(expected.height), str(len(found["rows"]))))
    n_equal = 0
    for number, (want, have) in enumerate(zip(expected.iter_rows(), found["rows"], strict=False), start=1):
        for column, wanted, value in zip(expected.columns, want, have, strict=True):
            if same(wanted, value):
                n_equal += 1
            else:
                place = f"row {number} ({want[0]})"
                differences.append(Difference(table, place, column, shown(wanted), shown(value)))
    return Comparison(n_published, n_equal, tuple(differences))


def same(wanted: str | None, value: object) -> bool:
    """Whether a published cell and a found value are equal."""
    if wanted is None or value is None:
        return wanted is None and value is None
    if isinstance(value, float):
        try:
            return math.isclose(float(wanted), value, rel_tol=TOLERANCE, abs_tol=NEAR_ZERO)
        except ValueError:
            return False
    return wanted == (str(value).lower() if isinstance(value, bool) else str(value))


def shown(value: object) -> str:
    """A cell in a message."""
    return "nothing" if value is None else repr(value) if isinstance(value, float) else str(value)
