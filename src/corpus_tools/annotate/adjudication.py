"""Adjudicating: where passes over a layer differ, decided one by one with a reason, and written as gold.

Rows of different annotators are the same unit where they mark the same stretch of text, answer the same question about
the same unit, or lead from one such unit to the same other one. What all who went through a text have alike is gold
without a decision.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from corpus_tools.annotate.passes import CHAIN, Pass, fill_chains, row_ids, value_of, write_passes
from corpus_tools.corpus import DRAFT, Corpus, load
from corpus_tools.errors import ArgumentError, RecordsError, listed
from corpus_tools.exchange.documents import as_cell, further
from corpus_tools.exchange.formulas import defused, restored
from corpus_tools.files import write_whole
from corpus_tools.folder import CONLLU_UNITS, read_csv
from corpus_tools.scheme import GOLD, Layer, Table

NONE = "none"
"""The decision that gold has no row."""
AROUND = 40
"""Characters of the text that are shown on either side of a place."""
_PLACES = ("text_id", "start_char", "end_char", "quote", "question")
_ENDS = ("from_id", "to_id", "unit_id")
Key: TypeAlias = tuple[str, ...]
"""Which unit rows are about, the same for all annotators; the name of its table first."""
Content: TypeAlias = tuple[tuple[str, str], ...]
"""What a row says of its unit: columns and cells, without ids and reason; ends and references as keys in words."""


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
    """An annotator, whose version it is; `none`; or a label."""
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
        self._units = _Units(self._corpus, self.annotators)
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
        ids = self._ids(chosen)
        rows = {
            table.name: [
                {table.key: id_, **self._units.row(one.key, dict(one.content), ids), "reason": one.reason}
                for one, id_ in zip(chosen[table.name], self._row_ids(table, chosen), strict=True)
            ]
            for table in self.layer.tables
        }
        fill_chains(self._corpus, self.layer.tables, rows)
        return Gold(rows, tuple(left_out))

    def _row_ids(self, table: Table, chosen: Mapping[str, Sequence[_Chosen]]) -> list[str]:
        return row_ids(self.layer, table, GOLD, len(chosen[table.name]))

    def _ids(self, chosen: Mapping[str, Sequence[_Chosen]]) -> dict[str, str]:
        """Unit in words -> its id; where a unit has several rows, of the first."""
        ids: dict[str, str] = {}
        for table in self.layer.tables:
            for one, id_ in zip(chosen[table.name], self._row_ids(table, chosen), strict=True):
                ids.setdefault(" ".join(one.key), id_)
        return ids

    def _without_end(self, chosen: Mapping[str, Sequence[_Chosen]]) -> list[_Chosen]:
        """Those that stand at a unit that is not in gold."""
        ids = self._ids(chosen)
        return [one for of in chosen.values() for one in of if not self._units.has_ends(one.key, ids)]

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
        known = self._choices(table, key, versions)
        if decision.chosen not in known:
            raise ArgumentError(f"{where}: {decision.chosen!r} is no decision; there are {listed(known)}")
        return [_Chosen(key, (("label", decision.chosen),), decision.reason)]

    def choices(self, difference: Difference) -> tuple[str, ...]:
        """What can be decided of a difference: whose version it is, `none`, or a label."""
        tables = {table.name: table for table in self.layer.tables}
        return self._choices(tables[difference.table], difference.key, difference.versions)

    def _choices(self, table: Table, key: Key, versions: Sequence[Version]) -> tuple[str, ...]:
        questions = {question.id: [label.id for label in question.labels] for question in table.questions}
        labels = questions.get(key[-1], table["label"].labels)
        return (*(name for version in versions for name in version.annotators), NONE, *labels)

    def write_gold(
        self,
        decisions: Mapping[Difference, Decision],
        *,
        kind: str,
        name: str,
        description: str,
        date: datetime.date | None = None,
    ) -> tuple[list[Path], Gold]:
        """Write gold, and who decided to `corpus.toml`; all of it, or nothing.

        Args:
            decisions: What was decided of every difference.
            kind: What decided: `"human expert"`, `"human crowd"`, `"language model"` or `"rule"`.
            name: Who decided, as the corpus is to give it. Where the corpus has `gold` already, that stands.
            description: How it was decided.
            date: Day of the decision; today where omitted.

        Returns:
            The files written, and what is in them.

        Raises:
            ArgumentError: As `gold`; and if `gold` is declared as another kind.
            UnknownNameError: If there is no such kind of annotator.
        """
        day = date or datetime.date.today()
        made, gold = Pass(self.layer.name, GOLD, kind, name, description, day, self.texts), self.gold(decisions)
        return write_passes(self.folder, [(made, gold.rows)]), gold

    def write_sheet(self, path: Path, decisions: Mapping[Difference, Decision]) -> None:
        """Write the differences as a CSV file: a row each, a column for each annotator, then decision and reason."""
        rows = []
        for difference in self.differences:
            said = {name: str(version) for version in difference.versions for name in version.annotators}
            row = {"table": difference.table, "place": difference.place, "text": difference.quote, **said}
            if decision := decisions.get(difference):
                row |= {"decision": decision.chosen, "reason": decision.reason}
            rows.append({column: defused(cell) for column, cell in row.items()})
        header = ("table", "place", "text", *self.annotators, "decision", "reason")
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


class _Units:
    """The rows of all annotators by the units that they are about."""

    def __init__(self, corpus: Corpus, annotators: Sequence[str]) -> None:
        texts = corpus.scan("texts").drop_nulls("text").select("text_id", "text").collect()
        self.texts: dict[str, str] = dict(texts.iter_rows())
        self._rank = {text: number for number, text in enumerate(self.texts)}
        self._annotators = frozenset(annotators)
        self._keys: dict[str, Key] = {}
        # Of every layer, gold and passes: ends of relations may be units of another one.
        self._rows: dict[str, tuple[Table, dict[str, Any]]] = {
            row[table.key]: (table, row)
            for layer in corpus.scheme.layers.values()
            for table in layer.tables
            if table.unit != "token"
            for split in table.splits
            for row in corpus.scan(table.name, split=split).collect().iter_rows(named=True)
        }
        self._first: dict[Key, tuple[Table, dict[str, Any]]] = {}
        self._gold: dict[str, str] = {}
        """Unit in words -> its id in gold, in layers that have it."""
        for id_, (table, row) in self._rows.items():
            self._first.setdefault(self._key(id_), (table, row))
            if row["annotator"] == GOLD:
                self._gold.setdefault(self._words(id_), id_)

    def said(self, table: Table) -> dict[Key, dict[str, list[Content]]]:
        """Unit -> annotator -> what the rows say of it."""
        found: dict[Key, dict[str, list[Content]]] = {}
        for id_, (one, row) in self._rows.items():
            if one.name == table.name and row["annotator"] in self._annotators:
                found.setdefault(self._key(id_), {}).setdefault(row["annotator"], []).append(self._content(table, row))
        return found

    def home(self, key: Key) -> str:
        """The text in which a unit lies."""
        _, row = self._first[key]
        at = row.get("text_id") or row.get("unit_id") or row.get("from_id") or ""
        return at if at in self.texts else self.home(self._key(at)) if at in self._rows else ""

    def order(self, key: Key) -> tuple[Any, ...]:
        """By what units are sorted: text, place, the longer first."""
        _, row = self._first[key]
        start, end = row.get("start_char"), row.get("end_char")
        return self._rank.get(self.home(key), len(self._rank)), -1 if start is None else start, -(end or 0), key

    def quote(self, key: Key) -> str:
        """The words around a unit; of a relation, those of its two ends."""
        _, row = self._first[key]
        if "from_id" in row:
            return " -> ".join(self._quote_of(row[end]) for end in ("from_id", "to_id"))
        if "unit_id" in row:
            return self._quote_of(row["unit_id"])
        text, start, end = self.texts.get(row["text_id"], ""), row["start_char"], row["end_char"]
        if start is None or end is None:
            return f"«{row['quote']}»"
        around = f"{text[max(0, start - AROUND) : start]}«{text[start:end]}»{text[end : end + AROUND]}"
        return " ".join(around.split())

    def row(self, key: Key, content: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, Any]:
        """A row of gold: the place of a unit and what was chosen of it, with the ids that units have in gold.

        Args:
            key: The unit.
            content: What was chosen.
            ids: The ids of the units of this layer that were chosen, by the units in words.
        """
        table, first = self._first[key]
        where = " ".join(key)
        said = {name: first[name] for name in _PLACES if name in first}
        said |= {end: self._in_gold(first[end], ids) for end in _ENDS if end in first}
        for column in further(table):
            if (cell := content.get(column.name)) is not None:
                said[column.name] = (
                    ids.get(cell, self._gold.get(cell, cell)) if column.refers_to else value_of(column, cell, where)
                )
        return {**said, "label": content["label"]}

    def has_ends(self, key: Key, ids: Mapping[str, str]) -> bool:
        """Whether the units at which a unit stands are in gold."""
        _, first = self._first[key]
        return all(self._in_gold(first[end], ids) is not None for end in _ENDS if end in first)

    def _in_gold(self, id_: str, ids: Mapping[str, str]) -> str | None:
        if id_ not in self._rows:
            return id_
        words = self._words(id_)
        return ids.get(words, self._gold.get(words))

    def _key(self, id_: str) -> Key:
        if id_ not in self._keys:
            table, row = self._rows[id_]
            place: tuple[str | None, ...]
            if "from_id" in row:
                place = (self._words(row["from_id"]), "->", self._words(row["to_id"]))
            elif "unit_id" in row:
                place = (self._words(row["unit_id"]), row["question"])
            else:
                start, end = row["start_char"], row["end_char"]
                outside = start is None or end is None
                place = (row["text_id"], row["quote"] if outside else f"{start}-{end}")
            self._keys[id_] = (table.name, *(part or "" for part in place))
        return self._keys[id_]

    def _words(self, id_: str | None) -> str:
        return " ".join(self._key(id_)) if id_ in self._rows else id_ or ""

    def _content(self, table: Table, row: Mapping[str, Any]) -> Content:
        columns = [column for column in further(table) if column.name not in {"reason", CHAIN}]
        cells = [("label", row["label"] or "")]
        for column in columns:
            value = row[column.name]
            if value is not None:
                cells.append((column.name, self._words(value) if column.refers_to else as_cell(value)))
        return tuple(cells)

    def _quote_of(self, id_: str) -> str:
        if id_ in self._rows:
            return self.quote(self._key(id_))
        text = self.texts.get(id_, "")
        return f"«{text[:AROUND]}{'…' if len(text) > AROUND else ''}»"


def _covered(corpus: Corpus, layer: str) -> dict[str, list[str]]:
    """Annotator -> the texts gone through."""
    coverage = corpus.scan("coverage").filter(pl.col("layer") == layer)
    grouped = coverage.group_by("annotator_id", maintain_order=True).agg("text_id").collect()
    return dict(grouped.iter_rows())
