"""brat standoff: a text file and a file of annotations for each thread, with the configuration that brat shows them by.

Places are in code points of the text file, as Python counts. A span over line ends is in pieces, one for each line, and
is put together again when it is read. Closed columns and answers are attributes, what is free stands in notes.

Source:
    brat standoff format, brat.nlplab.org/standoff.html; configuration, brat.nlplab.org/configuration.html; how brat
    itself reads both, server/src/annotation.py and projectconfig.py at github.com/nlplab/brat (commit 44ecd82).
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus_tools.corpus import Corpus
from corpus_tools.errors import RecordsError, counted, listed
from corpus_tools.exchange.documents import (
    TEXTS,
    Answer,
    Document,
    Link,
    Mark,
    Task,
    as_cell,
    documents_of,
    further,
    left_out,
    same_text,
)
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.scheme import Column, Table

UNITS = frozenset({"span", "relation", "judgement"})
NOTES = "AnnotatorNotes"
"""The type of the notes that brat's own dialogue shows and changes."""
ROW, EXTENT = "RowId", "Extent"
"""Types of notes of our own: the id of a row, and the place of a span that begins or ends with a line end."""
_OF = "--"
"""Between a table and a column or question of it; a table and its label have one hyphen."""
_JOINED = " | "
# A type name in brat is of letters, digits, hyphens and underscores; the hyphen divides ours.
_FOREIGN = re.compile(r"[^A-Za-z0-9_]|_(?=x)")
_NAMED = re.compile(r"_x([0-9a-f]+)_")
# brat reads its files by str.splitlines, which knows more line ends than the line feed, and strips notes.
_ODD = re.compile(r"[\\|\x00-\x1f\x7f\x85\u2028\u2029]|\A\s|\s\Z")
_SHORT = {"\\": r"\\", "|": r"\|", "\n": r"\n", "\t": r"\t"}
_WRITTEN = re.compile(r"\\(u[0-9a-f]{4}|[\\|nt])")
_PIECE = re.compile(r"([0-9]+) ([0-9]+)")
# What a token says by its place and label.
_TOKEN = ("text_id", "annotator", "start_char", "end_char", "upos")


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write each thread as a text and its annotations, and brat's configuration; as `Writer`.

    Tokens are spans here, since brat knows no others; what they say beside their place and their part of speech stands
    in their notes.
    """
    found = documents_of(corpus, tables)
    given = [table for name in _tables_of(found.documents) if (table := corpus.scheme.table(name)) not in tables]
    tokens = next((table for table in tables if table.unit == "token"), None)
    tokens = next((table for table in tables if table.unit == "token"), None)
    lacking = _write([*given, *tables], [_with_tokens(document, tokens) for document in found.documents], out)
    outside = left_out({"tokens without a place in the text": list(_unplaced(found.documents, tokens))})
    return [*_beside(corpus), *found.left_out, *outside, *lacking]


def write_task(task: Task, out: Path) -> list[str]:
    """Write a task as brat opens it: texts, annotations that there are, and a configuration with the labels.

    Args:
        task: What is to be annotated.
        out: An empty folder, for brat's data folder.

    Returns:
        What brat cannot show, one sentence for each kind.
    """
    own = {table.name for table in task.tables}
    documents = [
        # Relations and judgements that are given only for others to end at have no place here: nothing can.
        replace(
            document,
            links=tuple(link for link in document.links if link.table in own),
            answers=tuple(answer for answer in document.answers if answer.table in own),
        )
        for document in task.documents
    ]
    labels = {name: _found_labels(name, documents) for name in _tables_of(documents) if name not in own}
    return _write(task.tables, documents, out, labels)


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read a task back from brat's data folder.

    A row that was made in brat gets an id that begins with `new-`.

    Args:
        task: What was to be annotated.
        folder: The folder that was written, as brat left it.

    Returns:
        The documents, each with the rows of the tables of the task.

    Raises:
        RecordsError: If a file is missing, a text was changed, or a line does not hold; the message names the line.
    """
    return [_Reading(task, document, folder / f"{document.id}.ann").document() for document in task.documents]


def type_name(table: str, label: str, *, between: str = "-") -> str:
    """A type as brat accepts it: `entities-person`; other characters than letters, digits and `_` as their numbers."""
    return f"{_brat_name(table)}{between}{_brat_name(label)}"


def table_and_label(name: str) -> tuple[str, str]:
    """The table and the label, column or question that a type name stands for."""
    table, _, label = name.partition("-")
    return _plain_name(table), _plain_name(label.removeprefix("-"))


def _brat_name(name: str) -> str:
    return _FOREIGN.sub(lambda found: f"_x{ord(found[0]):04x}_", name)


def _plain_name(name: str) -> str:
    return _NAMED.sub(lambda found: chr(int(found[1], 16)), name)


def _tables_of(documents: Iterable[Document]) -> list[str]:
    found: dict[str, None] = {}
    for document in documents:
        for rows in (document.marks, document.links, document.answers):
            found |= dict.fromkeys(row.table for row in rows)
    return list(found)


def _found_labels(table: str, documents: Iterable[Document]) -> list[str]:
    marks = (mark for document in documents for mark in document.marks if mark.table == table)
    return list(dict.fromkeys(mark.label for mark in marks))


def _beside(corpus: Corpus) -> Iterator[str]:
    """What of a corpus is in no document."""
    for name in corpus.scheme.fixed:
        rows = corpus.scan(name).collect()
        if name != TEXTS and rows.height:
            yield f"table {name}: {counted(rows.height, 'row')}"


def _with_tokens(document: Document, table: Table | None) -> Document:
    """The document with its tokens as marks behind the others."""
    if table is None:
        return document
    tokens = (_token(row, table) for row in document.tokens if row["start_char"] is not None)
    return replace(document, marks=(*document.marks, *tokens))


def _unplaced(documents: Iterable[Document], table: Table | None) -> Iterator[str]:
    for document in documents:
        yield from (row[table.key] for row in document.tokens if table and row["start_char"] is None)


def _token(row: Mapping[str, Any], table: Table) -> Mark:
    said = {*_TOKEN, table.key}
    values = {name: as_cell(value) for name, value in row.items() if value is not None and name not in said}
    return Mark(row[table.key], table.name, row["start_char"], row["end_char"], row["upos"], values)


def _write(
    tables: Sequence[Table],
    documents: Sequence[Document],
    out: Path,
    given: Mapping[str, Sequence[str]] | None = None,
) -> list[str]:
    """Write documents and configuration; return what brat has no place for."""
    by_name = {table.name: table for table in tables}
    lacking: dict[str, list[str]] = {}
    for document in documents:
        write_whole(out / f"{document.id}.txt", document.text)
        lines = _Lines(document, by_name)
        write_whole(out / f"{document.id}.ann", "".join(f"{line}\n" for line in lines.lines))
        for what, ids in lines.lacking.items():
            lacking.setdefault(what, []).extend(ids)
    shown = _shown_labels(tables, documents, given or {})
    write_whole(out / "annotation.conf", _annotation_conf(tables, shown))
    write_whole(out / "visual.conf", _visual_conf(tables, shown))
    # Else brat would cut the lines by its own rules for sentences.
    write_whole(out / "tools.conf", "[options]\nValidation\tvalidate:all\nSentences\tsplitter:newline\n")
    return list(left_out(lacking))


class _Lines:
    """The lines of one file of annotations."""

    def __init__(self, document: Document, tables: Mapping[str, Table]) -> None:
        self.lines: list[str] = []
        self.lacking: dict[str, list[str]] = {}
        self._document, self._tables = document, tables
        self._numbers: dict[str, int] = {}
        spans = {mark.id: self._add_mark(mark) for mark in document.marks}
        for link in document.links:
            self._add_link(link, spans)
        for answer in document.answers:
            self._add_answer(answer, spans)

    def _add(self, letter: str, said: str) -> str:
        self._numbers[letter] = self._numbers.get(letter, 0) + 1
        name = f"{letter}{self._numbers[letter]}"
        self.lines.append(f"{name}\t{said}")
        return name

    def _add_mark(self, mark: Mark) -> str:
        text = self._document.text
        pieces = _pieces(text, mark.start, mark.end)
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(text[start:end] for start, end in pieces)
        name = self._add("T", f"{type_name(mark.table, mark.label)} {places}\t{words}")
        closed = _closed(self._tables.get(mark.table))
        self._add_notes(name, mark, leave=closed)
        if (pieces[0][0], pieces[-1][1]) != (mark.start, mark.end):
            self._add("#", f"{EXTENT} {name}\t{mark.start} {mark.end}")
        for column, value in mark.values.items():
            if column in closed:
                self._add("A", f"{type_name(mark.table, column, between=_OF)} {name} {_brat_name(value)}")
        return name

    def _add_link(self, link: Link, spans: Mapping[str, str]) -> None:
        if link.from_id not in spans or link.to_id not in spans:
            self._lack(f"{link.table} with an end that is no span", link.id)
            return
        ends = f"Arg1:{spans[link.from_id]} Arg2:{spans[link.to_id]}"
        self._add_notes(self._add("R", f"{type_name(link.table, link.label)} {ends}"), link)

    def _add_answer(self, answer: Answer, spans: Mapping[str, str]) -> None:
        if answer.unit_id not in spans:
            self._lack(f"{answer.table} about a unit that is no span", answer.id)
            return
        said = f"{type_name(answer.table, answer.question, between=_OF)} {spans[answer.unit_id]}"
        self._add_notes(self._add("A", f"{said} {_brat_name(answer.label)}"), answer)

    def _add_notes(self, name: str, row: Mark | Link | Answer, leave: Iterable[str] = ()) -> None:
        self._add("#", f"{ROW} {name}\t{_noted(row.id)}")
        free = {column: value for column, value in row.values.items() if column not in set(leave)}
        if free:
            self._add("#", f"{NOTES} {name}\t{_JOINED.join(f'{column}={_noted(free[column])}' for column in free)}")

    def _lack(self, what: str, id_: str) -> None:
        self.lacking.setdefault(what, []).append(id_)


def _closed(table: Table | None) -> dict[str, Sequence[str]]:
    """The further columns of a table of spans that are attributes, with their values."""
    if table is None or table.name == TEXTS:
        return {}
    return {column.name: _values(column) for column in further(table) if _values(column)}


def _values(column: Column) -> Sequence[str]:
    return ("true", "false") if column.type == "boolean" else column.labels


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A stretch without its line ends and lines of blanks alone; one empty piece where there is nothing else."""
    pieces, at = [], start
    for line in text[start:end].splitlines(keepends=True):
        words = line.splitlines()[0]
        if words.strip():
            pieces.append((at, at + len(words)))
        at += len(line)
    return pieces or [(start, start)]


def _noted(value: str) -> str:
    return _ODD.sub(lambda found: _SHORT.get(found[0], f"\\u{ord(found[0]):04x}"), value)


def _unnoted(value: str) -> str:
    plain = {written[1:]: character for character, written in _SHORT.items()}
    return _WRITTEN.sub(lambda found: plain.get(found[1]) or chr(int(found[1][1:], 16)), value)


def _shown_labels(
    tables: Iterable[Table], documents: Iterable[Document], given: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """Name of each table whose rows are spans -> its labels."""
    found = list(documents)
    spans = [table for table in tables if table.unit in ("span", "sentence", "token") or table.name == TEXTS]
    own = {table.name: _labels(table) or _found_labels(table.name, found) for table in spans}
    return {**given, **own}


def _labels(table: Table) -> Sequence[str]:
    return table[{"token": "upos", None: "kind"}.get(table.unit, "label")].labels


def _annotation_conf(tables: Sequence[Table], shown: Mapping[str, Sequence[str]]) -> str:
    types = {name: [type_name(name, label) for label in labels] for name, labels in shown.items()}
    by_name = {table.name: table for table in tables}
    lines = ["[entities]"]
    for name, labels in shown.items():
        meanings = _meanings(by_name.get(name))
        lines.append(f"!{_brat_name(name)}")
        for label in labels:
            lines += [*meanings.get(label, ()), f"\t{type_name(name, label)}"]
    lines += ["", "[relations]"]
    for table in tables:
        if table.unit == "relation":
            lines += _relation_lines(table, types)
    # Without it brat takes a span inside another for a mistake.
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>", "", "[events]", "", "[attributes]"]
    for table in tables:
        lines += _attribute_lines(table, types)
    return "\n".join(lines) + "\n"


def _meanings(table: Table | None) -> dict[str, list[str]]:
    """A comment for each label that is defined."""
    if table is None or not table.unit or table.unit == "token":
        return {}
    return {one.id: [f"# {one.id}: {' '.join(one.definition.split())}"] for one in table["label"].meanings}


def _relation_lines(table: Table, types: Mapping[str, Sequence[str]]) -> Iterator[str]:
    rules, meanings = table.constraints, {one.id: one for one in table["label"].meanings}
    for label in table["label"].labels:
        yield from _meanings(table).get(label, ())
        one = meanings.get(label)
        froms = _end_types(rules.from_tables, one.from_labels if one else (), types)
        tos = _end_types(rules.to_tables, one.to_labels if one else (), types)
        yield f"{type_name(table.name, label)}\tArg1:{froms}, Arg2:{tos}"


def _end_types(tables: Iterable[str], labels: Sequence[str], types: Mapping[str, Sequence[str]]) -> str:
    found = [
        name for table in tables for name in types.get(table, ()) if not labels or table_and_label(name)[1] in labels
    ]
    return "|".join(found) or "<ENTITY>"


def _attribute_lines(table: Table, types: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for question in table.questions:
        units = "|".join(types.get(table.constraints.judged or "", ())) or "<ENTITY>"
        yield f"# {question.id}: {' '.join(question.definition.split())}"
        values = "|".join(_brat_name(label.id) for label in question.labels)
        yield f"{type_name(table.name, question.id, between=_OF)}\tArg:{units}, Value:{values}"
    if table.name in types:
        for column, values_of in _closed(table).items():
            only = [type_name(table.name, label) for label in table[column].for_labels]
            units = "|".join(only or types[table.name]) or "<ENTITY>"
            values = "|".join(map(_brat_name, values_of))
            yield f"{type_name(table.name, column, between=_OF)}\tArg:{units}, Value:{values}"


def _visual_conf(tables: Sequence[Table], shown: Mapping[str, Sequence[str]]) -> str:
    spans = [(name, label) for name, labels in shown.items() for label in labels]
    arcs = [(table.name, label) for table in tables if table.unit == "relation" for label in table["label"].labels]
    asked = [(table.name, question.id) for table in tables for question in table.questions]
    asked += [(table.name, column) for table in tables if table.name in shown for column in _closed(table)]
    lines = ["[labels]", *(f"{_brat_name(name)} | {_read(name)}" for name in shown)]
    lines += [f"{type_name(*pair)} | {_read(': '.join(pair))} | {_read(pair[1])}" for pair in spans + arcs]
    lines += [f"{type_name(*pair, between=_OF)} | {_read(': '.join(pair))} | {_read(pair[1])}" for pair in asked]
    lines += ["", "[drawing]", "SPAN_DEFAULT\tfgColor:black, bgColor:#eeeeee, borderColor:darken"]
    lines += ["ARC_DEFAULT\tcolor:black, arrowHead:triangle-5", "ATTRIBUTE_DEFAULT\tglyph:*"]
    lines += [f"{type_name(*pair)}\tbgColor:{colour(n, light=0.8)}" for n, pair in enumerate(spans)]
    lines += [f"{type_name(*pair)}\tcolor:{colour(n, light=0.35)}" for n, pair in enumerate(arcs)]
    return "\n".join(lines) + "\n"


def _read(words: str) -> str:
    """Words as they are shown; these characters mean something in the configuration."""
    return " ".join(re.sub(r"[|<>]", " ", words).split())


def colour(number: int, *, light: float) -> str:
    """The golden angle further round the circle for each: neighbours are far apart, however many there are."""
    red, green, blue = colorsys.hls_to_rgb(number * 0.381966 % 1, light, 0.75)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


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
            if id_ not in self._given.units:
                raise self._error(line, f"{line.type!r} is not to be annotated here; there are: {listed(self._tables)}")
            return None
        known = table["label"].labels if table.unit == "span" else ()
        if label not in known:
            raise self._error(line, f"{label!r} is no label of spans of {table.name}; there are: {listed(known)}")
        values = {**self._free(line, table), **attributes}
        return Mark(id_, table.name, *self._place(line), label, _in_order(values, table))

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
        if whole and _pieces(text, int(whole[1]), int(whole[2])) == pieces:
            return int(whole[1]), int(whole[2])
        return start, end

    def _free(self, line: _Line, table: Table) -> dict[str, str]:
        """What the notes of a row say; words that name no column are its reason."""
        note = self._notes.get((line.name, NOTES))
        known = {column.name for column in table.columns}
        values: dict[str, str] = {}
        column = ""
        for piece in note.rest.strip().split(_JOINED) if note else ():
            name, equals, value = piece.partition("=")
            if equals and name in known:
                column, values[name] = name, value
            elif column:
                values[column] += _JOINED + piece
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
            known = _closed(table)
            if column not in known or value not in known[column]:
                known_here = listed(known.get(column, known))
                raise self._error(line, f"{value!r} cannot be {column!r} of {table.name}; there are: {known_here}")
            found[target][column] = value
        return found

    def _attribute(self, line: _Line) -> tuple[str, str]:
        target, _, value = line.said.partition(" ")
        return target, _plain_name(value)

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
        values = _in_order(self._free(line, table), table)
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
        values = _in_order(self._free(line, table), table)
        return Link(self._id(line), table.name, self._ids[ends[0]], self._ids[ends[1]], label, values)


def _in_order(values: Mapping[str, str], table: Table) -> dict[str, str]:
    return {column.name: values[column.name] for column in table.columns if column.name in values}
