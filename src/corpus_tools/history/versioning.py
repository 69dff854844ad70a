"""Which version a difference asks for: Semantic Versioning (https://semver.org) with rows for an interface.

- MAJOR: a text, an id or what a label means is not what it was; an analysis may be wrong without noticing.
- MINOR: something is new; an analysis of what was there gives what it gave.
- PATCH: something was corrected; the same analysis gives a better figure.

`versioning.md` beside this module goes through the cases and says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from corpus_tools.errors import counted, listed
from corpus_tools.frames import some
from corpus_tools.history.declared import LAYER, NAMES, PLACES, TABLE
from corpus_tools.history.rows import ADDED, CHANGED, MOVED, REMOVED
from corpus_tools.metadata import version_key

if TYPE_CHECKING:
    from corpus_tools.history.differences import Differences


class Step(IntEnum):
    """A step from one version to the next."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name


class Reason(NamedTuple):
    """A difference and the step that it asks for."""

    step: Step
    why: str


OF_ROWS = ("coverage", "omissions", "tombstones")
"""Tables whose rows speak of other rows and whose ids nothing refers to: what they speak of decides."""
ROWS: Mapping[str, Step] = {REMOVED: Step.MAJOR, MOVED: Step.MAJOR, ADDED: Step.MINOR, CHANGED: Step.PATCH}
SAID: Mapping[str, str] = {REMOVED: "gone", ADDED: "new", CHANGED: "changed"}
MEANING = ("definition", "test", "type", "key", "unit")
POINTING = ("scale", "refers_to")
RULES = (
    *("guideline_version", "required", "for_labels", "linked", "evidence", "from_labels", "to_labels"),
    *("overlap", "cuts_tokens", "from_tables", "to_tables", "chains", "one_per", "judged"),
)


def reasons(differences: Differences) -> list[Reason]:
    """What differs, with the step that each asks for, the greatest first; none where nothing differs."""
    found = [*_of_scheme(differences), *_of_rows(differences), *_of_metadata(differences)]
    return sorted(found, key=lambda reason: -reason.step)


def least_version(version: str, step: Step) -> str:
    """The least version that takes a step from another.

    Below 1.0.0 a MAJOR difference asks for MINOR: clause 4 of Semantic Versioning lets anything change there.
    """
    major, minor, patch = version_key(version)
    if step is Step.PATCH:
        return f"{major}.{minor}.{patch + 1}"
    if step is Step.MINOR or major == 0:
        return f"{major}.{minor + 1}.0"
    return f"{major + 1}.0.0"


def subject(row: Mapping[str, Any], *, mark: str = "") -> str:
    """What a row of `Differences.scheme` speaks of: `label loud of tone`; names stand between marks."""
    name = f"{mark}{row['name']}{mark}"
    if row["kind"] in (LAYER, TABLE):
        return f"{row['kind']} {name}"
    place = row["table"] if row["within"] is None else f"{row['table']}.{row['within']}"
    return f"{row['kind']} {name} of {mark}{place}{mark}"


def now_stand(n: int) -> str:
    """What moved rows do, after their number."""
    return f"now stand{'s' if n == 1 else ''} on another unit"


def moved_texts(differences: Differences) -> tuple[pl.Series, pl.Series]:
    """The ids of the texts with other words, and of those with the same words and another kind or thread."""
    ids = differences.rows.filter(pl.col("table") == "texts", pl.col("what") == MOVED)["row_id"]
    cells = differences.cells.filter(pl.col("table") == "texts", pl.col("column") == "text")["row_id"]
    worded = ids.is_in(cells.implode())
    return ids.filter(worded), ids.filter(~worded)


def _of_scheme(differences: Differences) -> Iterator[Reason]:
    for row in differences.scheme.iter_rows(named=True):
        if row["what"] == REMOVED:
            yield Reason(Step.MAJOR, f"{subject(row)} is gone")
        elif row["what"] == ADDED:
            yield Reason(Step.MINOR, f"{subject(row)} is new")
        elif row["property"].partition(" ")[0] in (PLACES, NAMES):
            yield _of_set(row)
        else:
            yield Reason(_property_step(row), f"{row['property']} of {subject(row)} changed")


def _property_step(row: Mapping[str, Any]) -> Step:
    name = row["property"]
    if name in MEANING or (name in POINTING and row["old"] is not None):
        return Step.MAJOR
    return Step.MINOR if name in (*RULES, *POINTING) else Step.PATCH


def _of_set(row: Mapping[str, Any]) -> Reason:
    old, new = (json.loads(row[side] or "[]") for side in ("old", "new"))
    shown = f"{row['property']} of {subject(row)}"
    lost = [name for name in old if name not in new]
    if lost:
        return Reason(Step.MAJOR, f"{shown} lost {listed(lost)}")
    if row["property"] == PLACES and new[: len(old)] != old:
        return Reason(Step.MAJOR, f"{shown} stand in other places; let new ones come last")
    gained = [name for name in new if name not in old]
    if gained:
        return Reason(Step.MINOR, f"{shown} gained {listed(gained)}")
    return Reason(Step.PATCH, f"{shown} stand in another order")


def _of_rows(differences: Differences) -> Iterator[Reason]:
    for row in differences.counts.iter_rows(named=True):
        table, split = row["table"], row["split"]
        for what, step in ROWS.items():
            n = row[f"n_{what}"]
            if n and (table, what) == ("texts", MOVED):
                yield from _of_texts(differences)
            elif n:
                ids = differences.of(table, split, what)["row_id"]
                said = now_stand(n) if what == MOVED else SAID[what]
                why = f"{counted(n, 'row')} of {table} ({split}) {said}: {some(ids)}"
                yield Reason(_of_record(table, what) if table in OF_ROWS else step, why)
        if row["reordered"]:
            yield Reason(Step.PATCH, f"rows of {table} ({split}) stand in another order")


def _of_texts(differences: Differences) -> Iterator[Reason]:
    for ids, changed in zip(moved_texts(differences), ("words", "kind or thread"), strict=True):
        if ids.len():
            noun = "text" if ids.len() == 1 else "texts"
            yield Reason(Step.MAJOR, f"the {changed} of {noun} {some(ids)} changed")


def _of_record(table: str, what: str) -> Step:
    """A pass that is new is new even where it found nothing; everything else is decided by the rows it is about."""
    return Step.MINOR if (table, what) == ("coverage", ADDED) else Step.PATCH


def _of_metadata(differences: Differences) -> Iterator[Reason]:
    names = differences.metadata["name"].to_list()
    licences = [name for name in names if name.startswith("licences.")]
    others = [name for name in names if name not in licences]
    if licences:
        yield Reason(Step.MINOR, f"{listed(licences)} changed")
    if others:
        yield Reason(Step.PATCH, f"{listed(others)} changed")
