"""Running rules over a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from corpus_tools.errors import MetadataError, RecordsError, SchemeError, UnknownNameError
from corpus_tools.folder import Folder

# Importing a module of rules registers them.
from corpus_tools.validate import (  # noqa: F401
    rules_files,
    rules_layers,
    rules_releases,
    rules_texts,
    rules_units,
    rules_whole,
)
from corpus_tools.validate.rule import FINDINGS, RULES, Finding, Rule


def validate(folder: str | Path, *, select: str = "") -> list[Finding]:
    """Check the hand-edited files and the releases of a corpus.

    Args:
        folder: A corpus folder.
        select: Only the rules whose code begins so, such as `"E2"`.

    Returns:
        The findings, in the order of the rules; none for a sound corpus. What keeps rules from running is reported
        whatever was selected: E101 or E102 where corpus.toml or a scheme file cannot be read (no other rule runs then),
        E103 where a table that a rule needs cannot be.

    Raises:
        NotACorpusError: If the folder holds no corpus.toml.
        UnknownNameError: If no rule begins with `select`; the message lists those there are.
    """
    rules = find_rules(select)
    try:
        source = Folder(Path(folder))
    except MetadataError as problem:
        return [unreadable("E101", Path(folder), problem)]
    except SchemeError as problem:
        return [unreadable("E102", Path(folder), problem)]
    return run_rules(rules, source)


def run_rules(rules: Iterable[Rule], source: Folder) -> list[Finding]:
    """What some rules find in a folder, in their order; E103 where a table that a rule needs cannot be read."""
    found: list[Finding] = []
    for rule in rules:
        try:
            found += _run(rule, source)
        except RecordsError:
            found += _run(RULES["E103"], source)
    return list(dict.fromkeys(found))


def find_rules(select: str) -> list[Rule]:
    """The rules whose code begins with `select`.

    Raises:
        UnknownNameError: If there is none; the message lists those there are.
    """
    chosen = [rule for code, rule in sorted(RULES.items()) if code.startswith(select.upper())]
    if not chosen:
        raise UnknownNameError("rule", select, sorted(RULES))
    return chosen


def explain(code: str) -> str:
    """The page of a rule, as Markdown.

    Raises:
        UnknownNameError: If there is no such rule; the message lists those there are.
    """
    if code.upper() not in RULES:
        raise UnknownNameError("rule", code, sorted(RULES))
    return RULES[code.upper()].page.read_text(encoding="utf-8")


def _run(rule: Rule, source: Folder) -> list[Finding]:
    rows = rule.run(source).select(FINDINGS.names()).collect().iter_rows()
    return [
        Finding(rule.code, rule.severity, rule.message, place or "", unit, found or "", rule.page.name)
        for place, unit, found in rows
    ]


def unreadable(code: str, folder: Path, problem: Exception) -> Finding:
    """The finding that a file keeps rules from running: E101 or E102, by its code."""
    rule = RULES[code]
    place, _, found = str(problem).partition(": ")
    shown = Path(place).relative_to(folder).as_posix() if Path(place).is_relative_to(folder) else place
    return Finding(code, rule.severity, rule.message, shown, None, found, rule.page.name)
