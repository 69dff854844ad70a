"""The differences of two versions in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.errors import counted
from corpus_tools.history.rows import ADDED, CHANGED, MOVED, REMOVED
from corpus_tools.history.versioning import moved_texts, subject

if TYPE_CHECKING:
    from corpus_tools.history.differences import Differences

CELLS = 20
"""Single cells that are shown unless all are asked for."""
REASONS = 5
SHOWN = 60
"""Characters of a value that are shown."""
LEAD = 15
"""Characters that are shown before the first that differs."""


def summary_lines(differences: Differences, *, whole: bool = False) -> Iterator[str]:
    """The differences, line by line.

    Args:
        differences: What `diff` found.
        whole: Show every row and cell, and values in full.

    Returns:
        The lines: metadata, then the scheme, then the rows of each table and split counted, then single cells.
    """
    yield f"{differences.new.metadata.title}: {differences.old.version} to {differences.new.version}"
    if not differences:
        yield "nothing differs"
        return
    blocks = {
        "metadata": _metadata(differences, whole),
        "scheme": _scheme(differences, whole),
        "rows": _rows(differences, whole),
        "cells": _cells(differences, whole),
    }
    for heading, lines in blocks.items():
        found = list(lines)
        if found:
            yield ""
            yield heading
            yield from (f"  {line}" for line in found)


def asked_for(differences: Differences, *, part: bool = False) -> Iterator[str]:
    """Which step of the version the differences ask for, and why; `part` where only a part of them was shown."""
    step, least = differences.step, differences.least_version
    if step is None:
        return
    yield f"{'the whole change ' if part else ''}asks for {step}" + (f": {least} or more" if least else "")
    why = [reason.why for reason in differences.reasons if reason.step is step]
    yield from (f"  {each}" for each in why[:REASONS])
    if len(why) > REASONS:
        yield f"  and {counted(len(why) - REASONS, 'more reason')}"


def _short(value: str | None, whole: bool) -> str:
    if value is None:
        return "null"
    # One line, nothing that a terminal would obey, and two values that differ in blanks alone are seen to differ.
    value = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in value)
    return value if whole or len(value) <= SHOWN else f"{value[: SHOWN - 3]}..."


def _change(old: str | None, new: str | None, whole: bool) -> str:
    """Both values, long ones from a little before they part."""
    if old is not None and new is not None and not whole and max(len(old), len(new)) > SHOWN:
        # A value that begins with the other parts from it where it ends.
        same = next((i for i, (x, y) in enumerate(zip(old, new, strict=False)) if x != y), min(len(old), len(new)))
        if same > LEAD:
            old, new = (f"...{value[same - LEAD :]}" for value in (old, new))
    return f"{_short(old, whole)} -> {_short(new, whole)}"


def _metadata(differences: Differences, whole: bool) -> Iterator[str]:
    for name, what, old, new in differences.metadata.iter_rows():
        yield f"{_short(name, whole)} {what}: " + (
            _change(old, new, whole) if what == CHANGED else _short(new or old, whole)
        )


def _scheme(differences: Differences, whole: bool) -> Iterator[str]:
    for row in differences.scheme.iter_rows(named=True):
        if row["what"] == CHANGED:
            yield f"{subject(row)}: {row['property']} {_change(row['old'], row['new'], whole)}"
        else:
            yield f"{subject(row)} {row['what']}: {_short(row['new'] or row['old'], whole)}"


def _rows(differences: Differences, whole: bool) -> Iterator[str]:
    for row in differences.counts.iter_rows(named=True):
        counts = list(_counts(differences, row))
        if row["reordered"]:
            counts.append("in another order")
        if counts:
            now = "" if row["n_new"] is None else f" (now {row['n_new']})"
            yield f"{row['table']} {row['split']}: {', '.join(counts)}{now}"
        if whole:
            found = differences.rows.filter(pl.col("table") == row["table"], pl.col("split") == row["split"])
            yield from (
                f"  {CHANGED if (row['table'], what) == ('texts', MOVED) else what} {id_}  {_short(about, False)}"
                for id_, what, about in found.select("row_id", "what", "about").iter_rows()
            )


def _counts(differences: Differences, row: Mapping[str, Any]) -> Iterator[str]:
    for what in (ADDED, REMOVED, MOVED, CHANGED):
        n = row[f"n_{what}"]
        if n and (row["table"], what) == ("texts", MOVED):
            both = zip(moved_texts(differences), ("with other words", "of another kind or thread"), strict=True)
            yield from (f"{ids.len()} {said}" for ids, said in both if ids.len())
        elif n:
            yield f"{n} {what}"


def _cells(differences: Differences, whole: bool) -> Iterator[str]:
    shown = differences.cells if whole else differences.cells.head(CELLS)
    for row in shown.iter_rows(named=True):
        yield f"{row['table']} {row['row_id']} {row['column']}: {_change(row['old'], row['new'], whole)}"
    left = differences.cells.height - shown.height
    if left:
        yield f"and {counted(left, 'more cell')}"
