"""What came back from another tool, as rows of a new pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

from corpus_tools.annotate.passes import CHAIN, fill_chains, row_ids
from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError
from corpus_tools.exchange.documents import (
    Answer,
    Document,
    Link,
    Mark,
    Task,
    left_out,
    text_finder,
    value_of,
)
from corpus_tools.scheme import Column, Layer, Table

_Found: TypeAlias = tuple[Mark | Link | Answer, Document]
"""A unit that came back, and the document in which it lies."""


class ReturnedRows:
    """What came back, as rows of the corpus with ids of the new pass.

    Args:
        corpus: The corpus.
        task: What was given out: the tables, and the documents with given units.
        returned: What came back, by document.
        annotator_id: Whose pass it is.
        texts: The texts gone through; rows in others are left out. All where None.

    Raises:
        ArgumentError: If an id is given to several rows, a mark reaches over the end of a text, or a value does not fit
            its column or refers to nothing.
    """

    def __init__(
        self,
        corpus: Corpus,
        task: Task,
        returned: Sequence[Document],
        annotator_id: str,
        texts: Sequence[str] | None,
    ) -> None:
        self._corpus = corpus
        self._tables = {table.name for table in task.tables}
        self._texts = {row["text_id"]: row for document in task.documents for row in document.texts}
        self._find = {document.id: text_finder(document) for document in task.documents}
        self._homes = {mark.id: self._text_of(one, mark).id for one in task.documents for mark in one.marks}
        """Id of a unit, in the tool or in the pass -> the text in which it lies."""
        found = {table.name: _found(table, returned) for table in task.tables}
        self._place(unit for units in found.values() for unit in units)
        self.left_out = left_out(self._take_out(found, texts)) if texts is not None else ()
        self._ids: dict[str, str] = {}
        for table in task.tables:
            layer, units = corpus.scheme.layer(str(table.layer)), found[table.name]
            ids = row_ids(layer, table, annotator_id, len(units))
            self._ids.update(zip((unit.id for unit, _ in units), ids, strict=True))
        self._homes |= {new: self._homes[old] for old, new in self._ids.items() if old in self._homes}
        self._rows = {
            table.name: [self._row(table, unit, document) for unit, document in found[table.name]]
            for table in task.tables
        }
        fill_chains(corpus, task.tables, self._rows)

    def _place(self, units: Iterable[_Found]) -> None:
        """Say in which text each unit lies: a mark by its place, a link where it starts, an answer by its unit."""
        ends: dict[str, str] = {}
        for unit, document in units:
            if unit.id in ends or unit.id in self._homes:
                raise ArgumentError(
                    f"{document.id}: the id {unit.id!r} is given to more than one row; give each its own"
                )
            if isinstance(unit, Mark):
                self._homes[unit.id] = self._text_of(document, unit).id
            else:
                ends[unit.id] = unit.from_id if isinstance(unit, Link) else unit.unit_id
        for id_ in ends:
            # A relation may start at a relation, and so on; one that leads back to itself has no home.
            way = dict.fromkeys([id_])
            while (end := ends.get(next(reversed(way)))) is not None and end not in way:
                way[end] = None
            if (home := self._homes.get(next(reversed(way)))) is not None:
                self._homes.update(dict.fromkeys(way, home))

    def _take_out(self, found: dict[str, list[_Found]], texts: Sequence[str]) -> dict[str, list[str]]:
        """Take out what lies in other texts, and what stands at it."""
        lost: dict[str, list[str]] = {}
        gone: set[str] = set()
        while True:
            before = len(gone)
            for name, units in found.items():
                out = [
                    unit
                    for unit, _ in units
                    if self._homes.get(unit.id) not in texts or (isinstance(unit, Link) and unit.to_id in gone)
                ]
                gone |= {unit.id for unit in out}
                lost.setdefault(f"{name} in texts that were not gone through", []).extend(unit.id for unit in out)
                found[name] = [(unit, document) for unit, document in units if unit.id not in gone]
            if len(gone) == before:
                return lost

    def of(self, table: Table) -> list[dict[str, Any]]:
        """The rows of a table."""
        return self._rows[table.name]

    def texts_of(self, layer: Layer) -> tuple[str, ...]:
        """The texts gone through: all, or where a layer says something of each, those of which something is said."""
        first = layer.tables[0]
        if first.unit != "judgement" and first.constraints.one_per is None:
            return tuple(self._texts)
        ends = ("text_id", first.constraints.one_per or "unit_id")
        said = {self._homes.get(row.get(end, "")) for table in layer.tables for row in self.of(table) for end in ends}
        return tuple(text for text in self._texts if text in said)

    def _row(self, table: Table, unit: Mark | Link | Answer, document: Document) -> dict[str, Any]:
        said: dict[str, Any] = {table.key: self._ids[unit.id], "label": unit.label}
        if isinstance(unit, Mark):
            text = self._text_of(document, unit)
            start, end = unit.start - text.start, unit.end - text.start
            said |= {"text_id": text.id, "start_char": start, "end_char": end}
            said |= {"quote": document.text[unit.start : unit.end], **self._in_source(table, text.id, start, end)}
        elif isinstance(unit, Link):
            said |= {"from_id": self._id(unit.from_id), "to_id": self._id(unit.to_id)}
        else:
            said |= {"unit_id": self._id(unit.unit_id), "question": unit.question}
        where = f"{document.id}: {unit.id} of {table.name}"
        values = {name: self._value(table[name], cell, where) for name, cell in unit.values.items()}
        return {**values, **said}

    def _id(self, id_: str) -> str:
        return self._ids.get(id_, id_)

    def _value(self, column: Column, cell: str, where: str) -> object:
        """A value as its column has it; it refers to a row of the task, or of gold where its table is not in it."""
        if column.refers_to is None:
            return value_of(column, cell, where)
        table, _, key = column.refers_to.partition(".")
        if column.name == CHAIN or cell in self._ids:
            return self._id(cell)
        if table not in self._tables and cell in self._gold(table, key):
            return cell
        raise ArgumentError(f"{where}: {column.name} is {cell!r}, which is the id of no row of {table} here")

    @cache  # noqa: B019
    def _gold(self, table: str, key: str) -> frozenset[str]:
        one = self._corpus.scheme.table(table)
        return frozenset(self._corpus.scan(table, split=one.splits[0]).select(key).collect()[key])

    def _text_of(self, document: Document, mark: Mark) -> Mark:
        """The text in which a mark lies."""
        text = self._find[document.id](mark.start, mark.end)
        if text is None:
            quote = document.text[mark.start : mark.end]
            raise ArgumentError(
                f"{document.id}: {quote!r}, marked {mark.label} in {mark.table}, reaches over the end of a text; "
                "mark what is inside of one"
            )
        return text

    def _in_source(self, table: Table, text_id: str, start: int, end: int) -> dict[str, int]:
        """The place in the source, for a table that gives it, of a text that is a slice of one."""
        begins = self._texts[text_id]["source_start"]
        if begins is None or "source_start" not in table.schema:
            return {}
        return {"source_start": begins + start, "source_end": begins + end}


def _found(table: Table, documents: Sequence[Document]) -> list[_Found]:
    """The units of a table in the order of the documents, marks by their place."""
    found: list[_Found] = []
    for document in documents:
        marks = sorted(document.marks, key=lambda mark: (mark.start, -mark.end))
        units: tuple[Mark | Link | Answer, ...] = (*marks, *document.links, *document.answers)
        found += [(unit, document) for unit in units if unit.table == table.name]
    return found
