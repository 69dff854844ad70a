"""Adjudicating: where passes over a layer differ, decided one by one with a reason, and written as gold.

What all who went through a text have alike is gold without a decision.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.annotate.passes import CHAIN, Pass, fill_chains, id_prefix, kind_of, write_passes
from corpus_tools.annotate.units import Content, Key, Units
from corpus_tools.corpus import DRAFT, Corpus, load
from corpus_tools.corpus import versions as releases
from corpus_tools.errors import ArgumentError, RecordsError, listed
from corpus_tools.exchange.documents import further
from corpus_tools.exchange.formulas import defused, restored
from corpus_tools.files import write_whole
from corpus_tools.folder import CONLLU_UNITS, read_csv
from corpus_tools.scheme import GOLD, Layer, Table

NONE = "no row"
"""The decision that gold has no row, in words that are no label."""
SAYS = " says"
"""What follows the annotator in the name of a column of the file of decisions."""


@dataclass(frozen=True, slots=True)
class Version:
    """What some annotators say of a unit alike."""

    annotators: tuple[str, ...]
    rows: tuple[Content, ...]
    """None where they do not have the unit."""

    def __str__(self) -> str:
        said = [", ".join(cell if name == "label" else f"{name}={cell}" for name, cell in row) for row in self.rows]
        return " and ".join(said) or NONE


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit of which annotators say different things."""

    table: str
    key: Key
    quote: str
    """The words of the text around it, the unit itself between « and »."""
    versions: tuple[Version, ...]
    """What most say stands first."""

    @property
    def place(self) -> str:
        """The unit, in words."""
        return " ".join(self.key[1:])


@dataclass(frozen=True, slots=True)
class Decision:
    """What gold says of a unit, and why."""

    chosen: str
    """An annotator, whose version it is; `no row`; or a label."""
    reason: str


@dataclass(frozen=True, slots=True)
class Gold:
    """What was decided, as rows."""

    rows: Mapping[str, list[dict[str, Any]]]
    """Table name -> its rows."""
    left_out: tuple[str, ...]
    """The units, in words, that were chosen and stand at one that is not in gold."""


class Adjudication:
    """The passes over a layer of a corpus folder, side by side.

    Args:
        folder: A corpus folder.
        layer: A layer that at least two annotators went through, and that has no gold yet.

    Raises:
        UnknownNameError: If there is no such layer.
        ArgumentError: If it is edited as CoNLL-U, has gold already, or fewer than two went through any text.
    """

    def __init__(self, folder: str | Path, layer: str) -> None:
        self.folder = Path(folder)
        self._corpus = load(folder, DRAFT)
        self.layer: Layer = self._corpus.scheme.layer(layer)
        if any(table.unit in CONLLU_UNITS for table in self.layer.tables):
            raise ArgumentError(f"{layer} is annotated in CoNLL-U files; compare and decide in these")
        covered = _covered(self._corpus, layer)
        if GOLD in covered:
            raise ArgumentError(
                f"{layer} has gold already, which is not written over; correct {layer}/gold.csv by hand"
            )
        went: dict[str, list[str]] = {}
        for annotator, texts in covered.items():
            for text in texts:
                went.setdefault(text, []).append(annotator)
        self._went = {text: who for text, who in went.items() if len(who) > 1}
        if not self._went:
            raise ArgumentError(f"no text of {layer} was gone through by two annotators; there are {listed(covered)}")
        self.annotators = tuple(name for name in covered if any(name in who for who in self._went.values()))
        self._units = Units(self._corpus, self.annotators)
        self.differences = tuple(self._differences())

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that at least two annotators went through, in the order of the corpus."""
        return tuple(text for text in self._units.texts if text in self._went)

    def _versions(self) -> Iterator[tuple[Table, Key, tuple[Version, ...]]]:
        for table in self.layer.tables:
            said = self._units.said(table)
            for key in sorted(said, key=self._units.order):
                who = self._went.get(self._units.home(key), ())
                grouped: dict[tuple[Content, ...], list[str]] = {}
                for annotator in who:
                    grouped.setdefault(tuple(sorted(said[key].get(annotator, ()))), []).append(annotator)
                versions = [Version(tuple(names), rows) for rows, names in grouped.items()]
                if any(version.rows for version in versions):
                    yield table, key, tuple(sorted(versions, key=lambda version: -len(version.annotators)))

    def _differences(self) -> Iterator[Difference]:
        for table, key, versions in self._versions():
            if len(versions) > 1:
                yield Difference(table.name, key, self._units.quote(key), versions)

    def gold(self, decisions: Mapping[Difference, Decision]) -> Gold:
        """The rows of gold.

        Args:
            decisions: What was decided of every difference.

        Raises:
            ArgumentError: If a difference is undecided or without a reason, or a decision names no version.
        """
        decided = {difference.key: decision for difference, decision in decisions.items()}
        chosen: dict[str, list[_Chosen]] = {table.name: [] for table in self.layer.tables}
        for table, key, versions in self._versions():
            chosen[table.name] += self._chosen(table, key, versions, decided.get(key))
        left_out: list[str] = []
        while lost := self._without_end(chosen):
            left_out += [" ".join(one.key) for one in lost]
            chosen = {name: [one for one in of if one not in lost] for name, of in chosen.items()}
        numbered = {table.name: self._row_ids(table, chosen[table.name]) for table in self.layer.tables}
        ids = _first_ids(chosen, numbered)
        rows = {
            table.name: [
                {table.key: id_, **self._units.row(one.key, dict(one.content), ids), "reason": one.reason}
                for one, id_ in zip(chosen[table.name], numbered[table.name], strict=True)
            ]
            for table in self.layer.tables
        }
        fill_chains(self._corpus, self.layer.tables, rows)
        return Gold(rows, tuple(left_out))

    def _row_ids(self, table: Table, chosen: Sequence[_Chosen]) -> list[str]:
        """An id for each: that of the newest release where it has the unit, else one that none ever had."""
        before = dict(self._released.get(table.name, {}))
        kept = [before.pop(" ".join(one.key), None) for one in chosen]
        prefix = id_prefix(self.layer, table, GOLD)
        used = (re.fullmatch(re.escape(prefix) + "([0-9]+)", id_) for id_ in self._ever.get(table.name, ()))
        above = itertools.count(1 + max((int(found[1]) for found in used if found), default=0))
        return [id_ or f"{prefix}{next(above)}" for id_ in kept]

    @cached_property
    def _released(self) -> dict[str, dict[str, str]]:
        """Table -> unit in words -> its id in the newest release."""
        found: dict[str, dict[str, str]] = {}
        for version in releases(self.folder)[-1:]:
            gold = Units(load(self.folder, version, verify=False), (GOLD,)).gold
            for words, id_ in gold.items():
                found.setdefault(words.partition(" ")[0], {})[words] = id_
        return found

    @cached_property
    def _ever(self) -> dict[str, set[str]]:
        """Table -> the ids that its rows of gold had in any release."""
        found: dict[str, set[str]] = {}
        for version in releases(self.folder):
            corpus = load(self.folder, version, verify=False)
            for table in self.layer.tables:
                if table.name in corpus.scheme.tables:
                    ids = corpus.scan(table.name, split=GOLD).select(table.key).collect()[table.key]
                    found.setdefault(table.name, set()).update(ids)
        return found

    def _without_end(self, chosen: Mapping[str, Sequence[_Chosen]]) -> list[_Chosen]:
        """Those that stand at a unit that is not in gold."""
        keys = {" ".join(one.key): "" for of in chosen.values() for one in of}
        return [
            one for of in chosen.values() for one in of if not self._units.has_ends(one.key, dict(one.content), keys)
        ]

    def _chosen(self, table: Table, key: Key, versions: Sequence[Version], decision: Decision | None) -> list[_Chosen]:
        if len(versions) == 1:
            return [_Chosen(key, content, None) for content in versions[0].rows]
        where = f"{table.name} {' '.join(key[1:])}"
        if decision is None:
            raise ArgumentError(f"{where} is not decided")
        if not decision.reason.strip():
            raise ArgumentError(f"{where} is decided without a reason; gold says why wherever passes differ")
        for version in versions:
            if decision.chosen in version.annotators:
                return [_Chosen(key, content, decision.reason) for content in version.rows]
        if decision.chosen == NONE:
            return []
        content = _by_label(table, versions, decision.chosen) if decision.chosen in _labels(table, key) else None
        if content is None:
            known = self._choices(table, key, versions)
            raise ArgumentError(f"{where}: {decision.chosen!r} is no decision; there are {listed(known)}")
        return [_Chosen(key, content, decision.reason)]

    def choices(self, difference: Difference) -> tuple[str, ...]:
        """What can be decided of a difference: whose version it is, `no row`, or a label.

        A label takes with it the further columns that the versions with this label have alike, or all versions where
        none has it. One that needs a column on which these differ cannot be decided: a version can.
        """
        tables = {table.name: table for table in self.layer.tables}
        return self._choices(tables[difference.table], difference.key, difference.versions)

    def _choices(self, table: Table, key: Key, versions: Sequence[Version]) -> tuple[str, ...]:
        who = (name for version in versions for name in version.annotators)
        labels = (label for label in _labels(table, key) if _by_label(table, versions, label) is not None)
        return tuple(dict.fromkeys((*who, NONE, *labels)))

    def kind(self, given: str | None) -> str:
        """What decides: as given, or as the corpus says of gold already, or a human expert.

        Raises:
            ArgumentError: If the corpus says something else of gold.
        """
        return kind_of(self._corpus.metadata, GOLD, given)

    def write_gold(
        self,
        decisions: Mapping[Difference, Decision],
        *,
        name: str,
        description: str,
        kind: str | None = None,
        date: datetime.date | None = None,
    ) -> tuple[list[Path], Gold]:
        """Write gold, and who decided to `corpus.toml`; all of it, or nothing.

        Args:
            decisions: What was decided of every difference.
            name: Who decided, as the corpus is to give it. Where the corpus has `gold` already, that stands.
            description: How it was decided.
            kind: What decided: `"human expert"`, `"human crowd"`, `"language model"` or `"rule"`; as the method `kind`
                where omitted.
            date: Day of the decision; today where omitted.

        Returns:
            The files written, and what is in them.

        Raises:
            ArgumentError: As `gold`; and if `gold` is declared as another kind.
            UnknownNameError: If there is no such kind of annotator.
        """
        day = date or datetime.date.today()
        kind = self.kind(kind)
        made, gold = Pass(self.layer.name, GOLD, kind, name, description, day, self.texts), self.gold(decisions)
        return write_passes(self.folder, [(made, gold.rows)]), gold

    def write_sheet(self, path: Path, decisions: Mapping[Difference, Decision]) -> None:
        """Write the differences as a CSV file: a row each, a column for each annotator, then decision and reason."""
        rows = []
        for difference in self.differences:
            said = {f"{name}{SAYS}": str(version) for version in difference.versions for name in version.annotators}
            row = {"table": difference.table, "place": difference.place, "text": difference.quote, **said}
            if decision := decisions.get(difference):
                row |= {"decision": decision.chosen, "reason": decision.reason}
            rows.append({column: defused(cell) for column, cell in row.items()})
        header = ("table", "place", "text", *(f"{name}{SAYS}" for name in self.annotators), "decision", "reason")
        write_whole(path, pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String)).write_csv())

    def read_sheet(self, path: Path) -> dict[Difference, Decision]:
        """The decisions of such a file; rows without a decision are not decided.

        Raises:
            RecordsError: If it is no such file, or names a difference that is not there.
        """
        frame = read_csv(path)
        wanted = ("table", "place", "decision", "reason")
        if not set(wanted) <= set(frame.columns):
            raise RecordsError(path, f"needs the columns {listed(wanted)}")
        known = {(difference.table, difference.place): difference for difference in self.differences}
        decisions = {}
        for number, cells in enumerate(frame.select(wanted).iter_rows(), start=1):
            table, place, chosen, reason = (None if cell is None else restored(cell) for cell in cells)
            if chosen is None:
                continue
            if (table, place) not in known:
                raise RecordsError(path, f"row {number} below the header: no difference at {place} of {table}")
            difference = known[table or "", place or ""]
            if chosen not in self.choices(difference):
                there = listed(self.choices(difference))
                raise RecordsError(path, f"row {number} below the header: {chosen!r} is no decision; there are {there}")
            decisions[difference] = Decision(chosen, reason or "")
        return decisions


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A row that is to be gold."""

    key: Key
    content: Content
    reason: str | None


def _first_ids(chosen: Mapping[str, Sequence[_Chosen]], numbered: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Unit in words -> its id."""
    return {
        " ".join(one.key): id_
        for table, of_table in chosen.items()
        for one, id_ in zip(of_table, numbered[table], strict=True)
    }


def _labels(table: Table, key: Key) -> Sequence[str]:
    questions = {question.id: [label.id for label in question.labels] for question in table.questions}
    return questions.get(key[-1], table["label"].labels)


def _by_label(table: Table, versions: Sequence[Version], label: str) -> Content | None:
    """The row that a label alone stands for; None where it needs a column that is not certain."""
    said = [dict(row) for version in versions for row in version.rows]
    alike = [row for row in said if row["label"] == label] or said
    shared = dict(alike[0].items() & set.intersection(*(set(row.items()) for row in alike)))
    content = {"label": label}
    for column in further(table):
        if not column.for_labels or label in column.for_labels:
            if column.name in shared:
                content[column.name] = shared[column.name]
            elif column.name not in ("reason", CHAIN) and (column.required or column.for_labels):
                return None
    return tuple(content.items())


def _covered(corpus: Corpus, layer: str) -> dict[str, list[str]]:
    """Annotator -> the texts gone through."""
    coverage = corpus.scan("coverage").filter(pl.col("layer") == layer)
    grouped = coverage.group_by("annotator_id", maintain_order=True).agg("text_id").collect()
    return dict(grouped.iter_rows())
