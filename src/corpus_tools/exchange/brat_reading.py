"""brat's files of annotations as rows, and how notes are written so that they come back.

Source:
    brat standoff format, brat.nlplab.org/standoff.html; how brat itself reads it, server/src/annotation.py at
    github.com/nlplab/brat (commit 44ecd82).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from corpus_tools.errors import RecordsError, counted, listed
from corpus_tools.exchange.annotating import closed_columns, in_order
from corpus_tools.exchange.brat_configuration import plain_name, table_and_label
from corpus_tools.exchange.documents import Answer, Document, Link, Mark, Task, same_text
from corpus_tools.files import read_utf8
from corpus_tools.scheme import Table

NOTES = "AnnotatorNotes"
"""The type of the notes that brat's own dialogue shows and changes."""
ROW, EXTENT = "RowId", "Extent"
"""Types of notes of our own: the id of a row, and the place of a span that begins or ends with a line end."""
JOINED = " | "
"""Between the columns in a note."""
# brat reads its files by str.splitlines, which knows more line ends than the line feed, and strips notes.
_ODD = re.compile(r"[\\|\x00-\x1f\x7f\x85\u2028\u2029]|\A\s|\s\Z")
_SHORT = {"\\": r"\\", "|": r"\|", "\n": r"\n", "\t": r"\t"}
_WRITTEN = re.compile(r"\\(u[0-9a-f]{4}|[\\|nt])")
_PIECE = re.compile(r"([0-9]+) ([0-9]+)")


def read_document(task: Task, given: Document, path: Path) -> Document:
    """Read one document of a task back.

    Args:
        task: What was to be annotated.
        given: The document as it was given out.
        path: Its file of annotations; the text lies beside it.

    Returns:
        The document with the rows of the tables of the task.

    Raises:
        RecordsError: If a file is missing, the text was changed, or a line does not hold; the message names the line.
    """
    return _Reading(task, given, path).document()


def pieces_of(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A stretch without its line ends and lines of blanks alone; one empty piece where there is nothing else."""
    pieces, at = [], start
    for line in text[start:end].splitlines(keepends=True):
        words = line.splitlines()[0]
        if words.strip():
            pieces.append((at, at + len(words)))
        at += len(line)
    return pieces or [(start, start)]


def noted(value: str) -> str:
    """A value as a note has it: in one line, without what divides notes or is stripped from them."""
    return _ODD.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), value)


def _unnoted(value: str) -> str:
    plain = {written[1:]: character for character, written in _SHORT.items()}
    return _WRITTEN.sub(lambda found: plain.get(found[1]) or chr(int(found[1][1:], 16)), value)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a file of annotations."""

    number: int
    name: str
    type: str
    said: str
    """What stands behind the type, up to the next tab."""
    rest: str
    """What stands behind that tab."""


class _Reading:
    """One file of annotations as rows."""

    def __init__(self, task: Task, given: Document, path: Path) -> None:
        self._given, self._path = given, path
        self._units = given.units
        self._tables = {table.name: table for table in task.tables}
        text = path.with_name(f"{given.id}.txt")
        for file in (text, path):
            if not file.is_file():
                raise RecordsError(file, "is not there; brat keeps a .txt and an .ann file of each document")
        same_text(text, given, read_utf8(text, RecordsError))
        self._lines: dict[str, list[_Line]] = {letter: [] for letter in "TRA#"}
        # Only a line feed ends a line: what brat takes for another line end is not written as it is.
        for number, line in enumerate(read_utf8(path, RecordsError).replace("\r\n", "\n").split("\n"), start=1):
            if line:
                self._sort(number, line)
        self._notes: dict[tuple[str, str], _Line] = {}
        for note in self._lines["#"]:
            self._notes[note.said, note.type] = note
        self._ids: dict[str, str] = {}
        """Name of each span -> the id of its row."""
        self._seen: dict[str, _Line] = {}

    def document(self) -> Document:
        attributes = self._attributes()
        marks = [self._mark(line, attributes[line.name]) for line in self._lines["T"]]
        return replace(
            self._given,
            marks=tuple(sorted(filter(None, marks), key=lambda mark: (mark.start, -mark.end))),
            links=tuple(map(self._link, self._lines["R"])),
            answers=tuple(self._answer(line, table) for line in self._lines["A"] if (table := self._question(line))),
            tokens=(),
        )

    def _error(self, line: _Line | int, problem: str) -> RecordsError:
        return RecordsError(self._path, f"line {line if isinstance(line, int) else line.number}: {problem}")

    def _sort(self, number: int, line: str) -> None:
        name, *cells = line.split("\t", maxsplit=2)
        if name[:1] not in self._lines or not cells or " " not in cells[0].strip():
            raise self._error(
                number,
                f"{line[:40]!r} is no span (T), relation (R), attribute (A) or note (#) of brat; events, "
                "modifications and normalisations are not kept",
            )
        type_, _, said = cells[0].strip().partition(" ")
        self._lines[name[0]].append(_Line(number, name, type_, said, cells[1] if len(cells) > 1 else ""))

    def _named(self, line: _Line) -> tuple[Table | None, str]:
        """The table of the task that a type is of, and its label, column or question."""
        table, label = table_and_label(line.type)
        return self._tables.get(table), label

    def _id(self, line: _Line) -> str:
        note = self._notes.get((line.name, ROW))
        id_ = _unnoted(note.rest.strip()) if note else f"new-{self._given.id}-{line.name}"
        if id_ in self._seen:
            raise self._error(line, f"is a second row {id_!r}, as line {self._seen[id_].number}; delete its note {ROW}")
        self._seen[id_] = line
        return id_

    def _mark(self, line: _Line, attributes: Mapping[str, str]) -> Mark | None:
        table, label = self._named(line)
        id_ = self._ids[line.name] = self._id(line)
        if table is None:
            if id_ not in self._units:
                raise self._error(line, f"{line.type!r} is not to be annotated here; there are: {listed(self._tables)}")
            return None
        known = table["label"].labels if table.unit == "span" else ()
        if label not in known:
            raise self._error(line, f"{label!r} is no label of spans of {table.name}; there are: {listed(known)}")
        values = {**self._free(line, table), **attributes}
        return Mark(id_, table.name, *self._place(line), label, in_order(values, table))

    def _place(self, line: _Line) -> tuple[int, int]:
        text = self._given.text
        found = [_PIECE.fullmatch(piece) for piece in line.said.split(";")]
        pieces = [(int(one[1]), int(one[2])) for one in found if one]
        ordered = [place for piece in pieces for place in piece]
        if len(pieces) < len(found) or ordered != sorted(ordered) or ordered[-1] > len(text):
            raise self._error(line, f"{line.said!r} is no place in a text of {counted(len(text), 'character')}")
        words = " ".join(text[start:end] for start, end in pieces)
        if line.rest and line.rest.rstrip() != words.rstrip():
            raise self._error(line, f"at {line.said} stands {words!r}, not {line.rest!r}")
        start, end = ordered[0], ordered[-1]
        if any(text[last:first].strip() for (_, last), (first, _) in pairwise(pieces)):
            raise self._error(line, f"{line.name} is in pieces with words between them; mark one stretch")
        note = self._notes.get((line.name, EXTENT))
        whole = _PIECE.fullmatch(note.rest.strip()) if note else None
        # The note holds as long as the span was not moved.
        if whole and pieces_of(text, int(whole[1]), int(whole[2])) == pieces:
            start, end = int(whole[1]), int(whole[2])
        if start == end:
            raise self._error(line, f"{line.name} at {line.said} has no characters; mark one at least, or delete it")
        return start, end

    def _free(self, line: _Line, table: Table) -> dict[str, str]:
        """What the notes of a row say; words that name no column are its reason."""
        note = self._notes.get((line.name, NOTES))
        known = {column.name for column in table.columns}
        values: dict[str, str] = {}
        column = ""
        for piece in note.rest.strip().split(JOINED) if note else ():
            name, equals, value = piece.partition("=")
            if equals and name in known:
                column, values[name] = name, value
            elif column:
                values[column] += JOINED + piece
            elif "reason" in known:
                column, values["reason"] = "reason", piece
            else:
                raise self._error(note or line, f"{piece!r} fills no column; write one of {listed(known)} before a =")
        return {name: _unnoted(value) for name, value in values.items()}

    def _attributes(self) -> dict[str, dict[str, str]]:
        """Name of each span -> its closed columns."""
        found: dict[str, dict[str, str]] = {line.name: {} for line in self._lines["T"]}
        for line in self._lines["A"]:
            table, column = self._named(line)
            target, value = self._attribute(line)
            if target not in found:
                raise self._error(line, f"{target!r} is no span of this file")
            if table is None or self._question(line):
                continue
            known = closed_columns(table)
            if column not in known or value not in known[column]:
                known_here = listed(known.get(column, known))
                raise self._error(line, f"{value!r} cannot be {column!r} of {table.name}; there are: {known_here}")
            found[target][column] = value
        return found

    def _attribute(self, line: _Line) -> tuple[str, str]:
        target, _, value = line.said.partition(" ")
        return target, plain_name(value)

    def _question(self, line: _Line) -> Table | None:
        """The table of judgements that an attribute answers a question of."""
        table, _ = self._named(line)
        return table if table is not None and table.unit == "judgement" else None

    def _answer(self, line: _Line, table: Table) -> Answer:
        _, question = self._named(line)
        target, label = self._attribute(line)
        labels = {one.id: [label.id for label in one.labels] for one in table.questions}
        if label not in labels.get(question, ()):
            known = listed(labels.get(question, labels))
            raise self._error(line, f"{label!r} cannot answer {question!r} of {table.name}; there are: {known}")
        values = in_order(self._free(line, table), table)
        return Answer(self._id(line), table.name, self._ids[target], question, label, values)

    def _link(self, line: _Line) -> Link:
        table, label = self._named(line)
        if table is None or table.unit != "relation" or label not in table["label"].labels:
            known = {one.name: listed(one["label"].labels) for one in self._tables.values() if one.unit == "relation"}
            shown = "; ".join(f"{name}: {labels}" for name, labels in known.items()) or "none"
            raise self._error(line, f"{line.type!r} is no relation of this task; there are {shown}")
        ends = [end.partition(":")[2] for end in line.said.split()]
        lost = [end for end in ends if end not in self._ids]
        if len(ends) != 2 or lost:
            raise self._error(line, f"{listed(lost or ends)}: a relation has two ends that are spans of this file")
        values = in_order(self._free(line, table), table)
        return Link(self._id(line), table.name, self._ids[ends[0]], self._ids[ends[1]], label, values)
