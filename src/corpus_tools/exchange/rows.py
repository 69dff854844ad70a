"""Tables to be filled in with a spreadsheet or an editor: a CSV file for each, and the texts beside them.

Places are in code points of the text from 0, the end exclusive. A span whose place is left out is found by its quote,
where the text has these characters once. Cells that a spreadsheet would run as a formula are defused.

Source:
    RFC 4180 for the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from corpus_tools.errors import ArgumentError, RecordsError, counted, listed
from corpus_tools.exchange.documents import (
    BETWEEN,
    TEXTS,
    Answer,
    Document,
    Link,
    Mark,
    Task,
    further,
    same_text,
    text_finder,
    value_of,
)
from corpus_tools.exchange.formulas import defused, restored
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.folder import read_csv
from corpus_tools.scheme import Table

UNITS = frozenset({"span", "relation", "judgement"})
_FOLDER, _LABELS, _GIVEN = "texts", "labels.csv", "given.csv"
_PLACE = ("text_id", "start_char", "end_char", "quote")
_COLUMNS = {
    "span": (*_PLACE, "label"),
    "relation": ("from_id", "to_id", "label"),
    "judgement": ("unit_id", "question", "label"),
}


def write_task(task: Task, out: Path) -> list[str]:
    """Write the texts, the labels with their definitions, given units, and each table with the rows that there are.

    A table of judgements has a row for each question and each unit to be judged, its label to be filled in.
    """
    for document in task.documents:
        for text in _texts(document):
            write_whole(out / _FOLDER / f"{text.id}.txt", document.text[text.start : text.end])
    _write(out / _LABELS, ("table", "question", "label", "definition", "test"), _labels(task))
    own = {table.name for table in task.tables}
    given = [
        {"unit_id": mark.id, "table": mark.table, **_placed(document, mark, find), "label": mark.label}
        for document in task.documents
        for find in [text_finder(document)]
        for mark in document.marks
        if mark.table not in {*own, TEXTS}
    ]
    if given:
        _write(out / _GIVEN, ("unit_id", "table", *_PLACE, "label"), given)
    for table in task.tables:
        rows = (row for document in task.documents for row in _rows(table, document))
        _write(out / f"{table.name}.csv", _header(table), rows)
    return []


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read the tables back.

    Raises:
        RecordsError: If a file is missing or no CSV, a text was changed, or a row does not hold; the message names the
            row.
    """
    for document in task.documents:
        texts = [folder / _FOLDER / f"{text.id}.txt" for text in _texts(document)]
        for path in texts:
            if not path.is_file():
                raise RecordsError(path, "is not there; leave the texts beside the tables, as they were exported")
        same_text(texts[0].parent, document, BETWEEN.join(read_utf8(path, RecordsError) for path in texts))
    return _Reading(task, folder).documents()


class _Reading:
    """The rows of every table, each brought into the document in which it lies."""

    def __init__(self, task: Task, folder: Path) -> None:
        self._task, self._folder = task, folder
        self._texts = {text.id: (document, text) for document in task.documents for text in _texts(document)}
        self._home = {id_: document.id for document in task.documents for id_ in document.units}
        self._named = set(self._home)
        """The ids that are given."""
        self._marks: dict[str, list[Mark]] = {document.id: [] for document in task.documents}
        self._links: dict[str, list[Link]] = {document.id: [] for document in task.documents}
        self._answers: dict[str, list[Answer]] = {document.id: [] for document in task.documents}

    def documents(self) -> list[Document]:
        add = {"span": self._add_mark, "relation": self._add_link, "judgement": self._add_answer}
        for unit in add:
            for table in self._task.tables:
                if table.unit == unit:
                    self._add_table(table, add[unit])
        return [
            replace(
                document,
                marks=tuple(self._marks[document.id]),
                links=tuple(self._links[document.id]),
                answers=tuple(self._answers[document.id]),
                tokens=(),
            )
            for document in self._task.documents
        ]

    def _add_table(self, table: Table, add: Callable[[Table, _Row], None]) -> None:
        path = self._folder / f"{table.name}.csv"
        rows = [_Row(path, number, cells) for number, cells in enumerate(_cells(path, _header(table)), start=1)]
        for row in rows:
            if row.id(table) in self._named:
                raise row.error(f"the id {row.id(table)!r} stands at another row; give each row of the task its own")
            self._named.add(row.id(table))
        if table.unit == "relation":
            # A relation may end at another one, which may stand below it.
            ends = {row.id(table): row.cells["from_id"] or "" for row in rows}
            for id_ in ends:
                way = dict.fromkeys([id_])
                while (end := ends.get(next(reversed(way)))) is not None and end not in way and end not in self._home:
                    way[end] = None
                home = self._home.get(ends.get(next(reversed(way)), ""), "")
                self._home.update(dict.fromkeys(way, home))
        for row in rows:
            add(table, row)

    def _add_mark(self, table: Table, row: _Row) -> None:
        document, text = self._texts.get(row.cells["text_id"] or "", (None, None))
        if document is None or text is None:
            raise row.error(f"{row.cells['text_id']!r} is no text here; there are {listed(self._texts)}")
        start, end = _place(document.text[text.start : text.end], row)
        place = text.start + start, text.start + end
        self._home[row.id(table)] = document.id
        self._marks[document.id].append(Mark(row.id(table), table.name, *place, row.label(table), row.values(table)))

    def _add_link(self, table: Table, row: _Row) -> None:
        ends = row.cells["from_id"] or "", row.cells["to_id"] or ""
        homes = {self._home.get(end, "") for end in ends}
        if "" in homes:
            lost = next(end for end in ends if not self._home.get(end))
            raise row.error(f"{lost!r} is the id of no unit here; ids stand in the first column of each table")
        link = Link(row.id(table), table.name, *ends, row.label(table), row.values(table))
        self._links[self._home[ends[0]]].append(link)

    def _add_answer(self, table: Table, row: _Row) -> None:
        if row.cells["label"] is None:
            # Not answered.
            return
        unit, question = row.cells["unit_id"] or "", row.cells["question"] or ""
        if unit not in self._home:
            raise row.error(f"{unit!r} is the id of no unit here")
        questions = {one.id: one for one in table.questions}
        if question not in questions:
            raise row.error(f"{question!r} is no question of {table.name}; there are {listed(questions)}")
        label = row.label(table, [one.id for one in questions[question].labels])
        answer = Answer(row.id(table), table.name, unit, question, label, row.values(table))
        self._answers[self._home[unit]].append(answer)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a file, with the cells as they were before they were defused."""

    path: Path
    number: int
    cells: Mapping[str, str | None]

    def id(self, table: Table) -> str:
        return self.cells[table.key] or f"new-{table.name}-{self.number}"

    def label(self, table: Table, labels: Sequence[str] | None = None) -> str:
        label, known = self.cells["label"] or "", table["label"].labels if labels is None else labels
        if label not in known:
            raise self.error(f"{label!r} is no label of {table.name}; there are {listed(known)}")
        return label

    def values(self, table: Table) -> dict[str, str]:
        found = {}
        for column in further(table):
            if (cell := self.cells[column.name]) is not None:
                # Spreadsheets write TRUE and FALSE.
                found[column.name] = cell.lower() if column.type == "boolean" else cell
                try:
                    value_of(column, found[column.name], column.name)
                except ArgumentError as problem:
                    raise self.error(str(problem)) from None
        return found

    def error(self, problem: str) -> RecordsError:
        return RecordsError(self.path, f"row {self.number} below the header: {problem}")


def _place(text: str, row: _Row) -> tuple[int, int]:
    """Where a row's span is, by its place, or by its quote where it has none."""
    start, end, quote = (row.cells[name] for name in ("start_char", "end_char", "quote"))
    if start is None and end is None and quote:
        if text.count(quote) != 1:
            raise row.error(
                f"the text has {quote!r} {counted(text.count(quote), 'time')}; give start_char and end_char"
            )
        return text.index(quote), text.index(quote) + len(quote)
    if not (start or "").isdecimal() or not (end or "").isdecimal() or not int(start or 0) < int(end or 0) <= len(text):
        raise row.error(f"{start} to {end} is no stretch of the {len(text)} characters of its text")
    place = int(start or 0), int(end or 0)
    if quote is not None and quote != text[slice(*place)]:
        raise row.error(f"at {start} to {end} stands {text[slice(*place)]!r}, not {quote!r}; correct one of them")
    return place


def _texts(document: Document) -> list[Mark]:
    return [mark for mark in document.marks if mark.table == TEXTS]


def _header(table: Table) -> tuple[str, ...]:
    return (table.key, *_COLUMNS[str(table.unit)], *(column.name for column in further(table)))


def _labels(task: Task) -> Iterator[dict[str, str]]:
    for table in task.tables:
        sets = {one.id: one.labels for one in table.questions} or {"": table["label"].meanings}
        for question, labels in sets.items():
            for label in labels:
                said = {"label": label.id, "definition": label.definition.strip(), "test": label.test.strip()}
                about = {"table": table.name, "question": question, **said}
                yield {name: cell for name, cell in about.items() if cell}
        for column in further(table):
            for value in column.labels:
                yield {"table": table.name, "question": column.name, "label": value}


def _rows(table: Table, document: Document) -> Iterator[dict[str, str]]:
    if table.unit == "span":
        find = text_finder(document)
        for mark in document.marks:
            if mark.table == table.name:
                yield {table.key: mark.id, **_placed(document, mark, find), "label": mark.label, **mark.values}
    elif table.unit == "relation":
        for link in document.links:
            if link.table == table.name:
                ends = {"from_id": link.from_id, "to_id": link.to_id}
                yield {table.key: link.id, **ends, "label": link.label, **link.values}
    else:
        given = {(answer.unit_id, answer.question): answer for answer in document.answers if answer.table == table.name}
        units = [mark.id for mark in document.marks if mark.table == table.constraints.judged]
        for unit, question in dict.fromkeys([*((u, q.id) for u in units for q in table.questions), *given]):
            answer = given.get((unit, question))
            said = {table.key: answer.id, "label": answer.label, **answer.values} if answer else {}
            yield {"unit_id": unit, "question": question, **said}


def _placed(document: Document, mark: Mark, find: Callable[[int, int], Mark | None]) -> dict[str, str]:
    """The place of a mark in its text; a document has none that lies in no text."""
    text = find(mark.start, mark.end) or mark
    start, end = str(mark.start - text.start), str(mark.end - text.start)
    quote = document.text[mark.start : mark.end]
    return {"text_id": text.id, "start_char": start, "end_char": end, "quote": quote}


def _write(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write a CSV file; what is absent is an empty cell, what is empty a quoted one."""
    cells = [{name: defused(cell) for name, cell in row.items()} for row in rows]
    write_whole(path, pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String)).write_csv())


def _cells(path: Path, header: Sequence[str]) -> list[dict[str, str | None]]:
    if not path.is_file():
        raise RecordsError(path, "is not there; a table without rows has its header all the same")
    frame = read_csv(path)
    lacking = [name for name in header if name not in frame.columns]
    more = [name for name in frame.columns if name not in header]
    if lacking or more:
        raise RecordsError(path, f"has the columns {listed(frame.columns)}; they must be {listed(header)}")
    # A spreadsheet may leave empty rows at the end.
    rows = frame.filter(~pl.all_horizontal(pl.all().is_null())).iter_rows(named=True)
    return [{name: None if cell is None else restored(cell) for name, cell in row.items()} for row in rows]
