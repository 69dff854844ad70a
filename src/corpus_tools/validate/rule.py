"""What a rule and a finding are, and what rules share."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from corpus_tools.folder import Folder
from corpus_tools.scheme import FULL, Table

PAGES = Path(__file__).with_name("pages")
"""Where the pages of the rules lie."""
FINDINGS = pl.Schema({"place": pl.String, "unit": pl.String, "found": pl.String})


class Severity(enum.StrEnum):
    """Errors stop a release; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One numbered rule."""

    code: str
    message: str
    run: Callable[[Folder], pl.LazyFrame]

    @property
    def severity(self) -> Severity:
        """Error for E, warning for W."""
        return Severity.ERROR if self.code.startswith("E") else Severity.WARNING

    @property
    def page(self) -> Path:
        """The page that explains the rule."""
        return PAGES / f"{self.code}.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule does not hold."""

    code: str
    severity: Severity
    message: str
    place: str
    """The file, relative to the corpus folder."""
    unit: str | None
    """The id of the row, where there is one."""
    found: str
    page: str
    """The file name of the rule's page."""

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        # One line a finding, whatever stands in the text it quotes.
        found = self.found.replace("\n", "\\n")
        return f"{self.place}{unit}: {self.code} {self.message} {found}"


RULES: dict[str, Rule] = {}
"""Every rule by its code, filled by `check` as the modules of rules are imported."""


def check(code: str) -> Callable[[Callable[[Folder], pl.LazyFrame]], Callable[[Folder], pl.LazyFrame]]:
    """Make a function the rule of that code: its docstring is the message, the rows it returns are the findings."""

    def register(function: Callable[[Folder], pl.LazyFrame]) -> Callable[[Folder], pl.LazyFrame]:
        RULES[code] = Rule(code, (function.__doc__ or "").strip(), function)
        return function

    return register


def findings(rows: list[tuple[str, str | None, str]]) -> pl.LazyFrame:
    """Rows of place, unit and what was found, as a rule returns them."""
    return pl.LazyFrame(rows, schema=FINDINGS, orient="row")


def tables_of(source: Folder) -> Iterator[tuple[Table, str]]:
    """Every table whose rows stand in the folder, with each of its splits."""
    for table in source.tables.values():
        for split in table.splits:
            yield table, split


def place_of(source: Folder, table: Table, split: str = FULL) -> pl.LazyFrame:
    """Typed rows of a table with the column `place`, the file they stand in."""
    return pl.concat(
        [source.rows(table, split), source.raw(table, split).lazy().select(place="_file")], how="horizontal"
    )
