"""What a rule and a finding are, and running rules over a folder."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from corpus_tools.errors import MetadataError, RecordsError, SchemeError, UnknownNameError
from corpus_tools.folder import Folder
from corpus_tools.scheme import FULL, Table

PAGES = Path(__file__).with_name("pages")
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
"""Every rule by its code, in the order they run."""


def check(code: str) -> Callable[[Callable[[Folder], pl.LazyFrame]], Callable[[Folder], pl.LazyFrame]]:
    """Make a function the rule of that code: its docstring is the message, the rows it returns are the findings."""

    def register(function: Callable[[Folder], pl.LazyFrame]) -> Callable[[Folder], pl.LazyFrame]:
        RULES[code] = Rule(code, (function.__doc__ or "").strip(), function)
        return function

    return register


def findings(rows: list[tuple[str, str | None, str]]) -> pl.LazyFrame:
    """Rows of place, unit and what was found, as a rule returns them."""
    return pl.LazyFrame(rows, schema=FINDINGS, orient="row")


def validate(folder: str | Path, *, select: str = "") -> list[Finding]:
    """Check the hand-edited files and the releases of a corpus.

    Args:
        folder: A corpus folder.
        select: Only the rules whose code begins so, such as `"E2"`.

    Returns:
        The findings, in the order of the rules; none for a sound corpus. Where corpus.toml or a scheme file cannot be
        read (E101, E102), the other rules cannot run and that is the only finding.

    Raises:
        NotACorpusError: If the folder holds no corpus.toml.
        UnknownNameError: If no rule begins with `select`; the message lists those there are.
    """
    rules = find_rules(select)
    try:
        source = Folder(Path(folder))
    except MetadataError as problem:
        return _unreadable(rules, "E101", Path(folder), problem)
    except SchemeError as problem:
        return _unreadable(rules, "E102", Path(folder), problem)
    return [finding for rule in rules for finding in _run(rule, source)]


def find_rules(select: str) -> list[Rule]:
    """The rules whose code begins with `select`.

    Raises:
        UnknownNameError: If there is none; the message lists those there are.
    """
    chosen = [rule for code, rule in RULES.items() if code.startswith(select.upper())]
    if not chosen:
        raise UnknownNameError("rule", select, RULES)
    return chosen


def explain(code: str) -> str:
    """The page of a rule, as Markdown.

    Raises:
        UnknownNameError: If there is no such rule; the message lists those there are.
    """
    if code.upper() not in RULES:
        raise UnknownNameError("rule", code, RULES)
    return RULES[code.upper()].page.read_text(encoding="utf-8")


def _run(rule: Rule, source: Folder) -> Iterator[Finding]:
    try:
        rows = rule.run(source).select(FINDINGS.names()).collect()
    except RecordsError:
        return  # the file is reported by E103; the rules that need it run once it can be read
    for place, unit, found in rows.iter_rows():
        yield Finding(rule.code, rule.severity, rule.message, place, unit, found, rule.page.name)


def _unreadable(rules: list[Rule], code: str, folder: Path, problem: Exception) -> list[Finding]:
    rule = RULES[code]
    place, _, found = str(problem).partition(": ")
    shown = Path(place).relative_to(folder).as_posix() if Path(place).is_relative_to(folder) else place
    return [Finding(code, rule.severity, rule.message, shown, None, found, rule.page.name)] if rule in rules else []


def tables_of(source: Folder) -> Iterator[tuple[Table, str]]:
    """Every table with each of its splits."""
    for table in source.scheme.tables.values():
        for split in table.splits:
            yield table, split


def place_of(source: Folder, table: Table, split: str = FULL) -> pl.LazyFrame:
    """Typed rows of a table with the column `place`, the file they stand in."""
    return pl.concat(
        [source.scan(table, split), source.raw(table, split).lazy().select(place="_file")], how="horizontal"
    )


# The rules register themselves; importing them here keeps RULES whole wherever it is read.
from corpus_tools.validate import rules_files, rules_layers, rules_releases, rules_texts  # noqa: E402, F401

RULES = dict(sorted(RULES.items()))
