"""brat standoff: a text file and a file of annotations for each thread, with the configuration that brat shows them by.

Places are in code points of the text file, as Python counts. A span over line ends is in pieces, one for each line, and
is put together again when it is read. Closed columns and answers are attributes, what is free stands in notes.

Source:
    brat standoff format, brat.nlplab.org/standoff.html; how brat itself reads it, server/src/annotation.py at
    github.com/nlplab/brat (commit 44ecd82).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus_tools.corpus import Corpus
from corpus_tools.errors import counted
from corpus_tools.exchange.annotating import all_left_out, closed_columns, found_labels
from corpus_tools.exchange.brat_configuration import OF, brat_name, type_name, write_configuration
from corpus_tools.exchange.brat_reading import EXTENT, JOINED, NOTES, ROW, noted, pieces_of, read_document
from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, Task, as_cell, documents_of, left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import Table

UNITS = frozenset({"span", "relation", "judgement"})
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
    labels = {name: found for name, found in found_labels(documents).items() if name not in own}
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
    return [read_document(task, document, folder / f"{document.id}.ann") for document in task.documents]


def _tables_of(documents: Iterable[Document]) -> list[str]:
    found: dict[str, None] = {}
    for document in documents:
        for rows in (document.marks, document.links, document.answers):
            found |= dict.fromkeys(row.table for row in rows)
    return list(found)


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
    lacking = []
    for document in documents:
        write_whole(out / f"{document.id}.txt", document.text)
        lines = _Lines(document, by_name)
        write_whole(out / f"{document.id}.ann", "".join(f"{line}\n" for line in lines.lines))
        lacking.append(lines.lacking)
    write_configuration(tables, documents, out, given or {})
    return list(all_left_out(lacking))


class _Lines:
    """The lines of one file of annotations."""

    def __init__(self, document: Document, tables: Mapping[str, Table]) -> None:
        self.lines: list[str] = []
        self.lacking: dict[str, list[str]] = {}
        self._document, self._tables = document, tables
        self._numbers: dict[str, int] = {}
        spans: dict[str, str] = {}
        for mark in document.marks:
            if mark.start == mark.end and mark.table != TEXTS:
                self._lack(f"{mark.table} without characters", mark.id)
            else:
                spans[mark.id] = self._add_mark(mark)
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
        pieces = pieces_of(text, mark.start, mark.end)
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(text[start:end] for start, end in pieces)
        name = self._add("T", f"{type_name(mark.table, mark.label)} {places}\t{words}")
        table = self._tables.get(mark.table)
        closed = closed_columns(table) if table else {}
        self._add_notes(name, mark, leave=closed)
        if (pieces[0][0], pieces[-1][1]) != (mark.start, mark.end):
            self._add("#", f"{EXTENT} {name}\t{mark.start} {mark.end}")
        for column, value in mark.values.items():
            if column in closed:
                self._add("A", f"{type_name(mark.table, column, between=OF)} {name} {brat_name(value)}")
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
        said = f"{type_name(answer.table, answer.question, between=OF)} {spans[answer.unit_id]}"
        self._add_notes(self._add("A", f"{said} {brat_name(answer.label)}"), answer)

    def _add_notes(self, name: str, row: Mark | Link | Answer, leave: Iterable[str] = ()) -> None:
        self._add("#", f"{ROW} {name}\t{noted(row.id)}")
        free = {column: value for column, value in row.values.items() if column not in set(leave)}
        if free:
            self._add("#", f"{NOTES} {name}\t{JOINED.join(f'{column}={noted(free[column])}' for column in free)}")

    def _lack(self, what: str, id_: str) -> None:
        self.lacking.setdefault(what, []).append(id_)
