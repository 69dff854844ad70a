"""A corpus as tools for annotation see it: documents, with marks on stretches of them and links between these."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, RecordsError, counted, listed
from corpus_tools.folder import LIST_SEPARATOR
from corpus_tools.frames import some
from corpus_tools.scheme import GOLD, PASSES, Column, Table

TEXTS = "texts"
BETWEEN = "\n\n"
"""What stands between the texts of a thread that is one document."""
_QUOTED = 20
"""Characters that are quoted of a text that was changed."""
# What a mark says by its place in a document.
_PLACED = ("text_id", "start_char", "end_char", "quote", "label", "annotator")
# What a link or an answer says.
_SAID = ("from_id", "to_id", "unit_id", "question", "label", "annotator")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a document with a label: a span, a sentence, or a whole text (table `texts`, label its kind)."""

    id: str
    table: str
    start: int
    """In code points of the document, from 0."""
    end: int
    label: str
    values: Mapping[str, str] = field(default_factory=dict)
    """The further columns that are filled, each value as it stands in a CSV file; `reason` is one of them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled relation between two units."""

    id: str
    table: str
    from_id: str
    to_id: str
    label: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A question answered about a text or another unit."""

    id: str
    table: str
    unit_id: str
    question: str
    label: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One thread, or one text, as one string with what is said of it.

    Marks stand in their order: by start, the longer first, texts and sentences before what they hold.
    """

    id: str
    text: str
    texts: tuple[Mapping[str, Any], ...]
    """The rows of its texts, in printed order; where each stands is said by the mark with its id."""
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    answers: tuple[Answer, ...]
    tokens: tuple[Mapping[str, Any], ...]
    """The rows of its tokens in order; `start_char` and `end_char` count in the document."""

    @property
    def units(self) -> dict[str, Mark]:
        """The marks by their ids."""
        return {mark.id: mark for mark in self.marks}


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents, and what has no place in them."""

    documents: tuple[Document, ...]
    left_out: tuple[str, ...]
    """One sentence for each kind of row, with their number."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be annotated in another tool: tables of layers, over documents."""

    tables: tuple[Table, ...]
    """The tables whose rows are to be made or changed."""
    documents: tuple[Document, ...]
    """With the rows that there are of these tables, and with given units: texts, and rows of tables that they need."""


def text_finder(document: Document) -> Callable[[int, int], Mark | None]:
    """What finds the text of a document in which a stretch lies whole, or None."""
    texts = [mark for mark in document.marks if mark.table == TEXTS]
    starts = [text.start for text in texts]

    def find(start: int, end: int) -> Mark | None:
        at = bisect_right(starts, start) - 1
        return texts[at] if at >= 0 and end <= texts[at].end else None

    return find


def same_text(path: Path, document: Document, found: str) -> None:
    """Hold a text that came back to the one that was given out.

    Raises:
        RecordsError: If they differ; the message names the first place.
    """
    if found == document.text:
        return
    pairs = enumerate(zip(document.text, found, strict=False))
    at = next((place for place, (was, now) in pairs if was != now), min(len(document.text), len(found)))
    was, now = (repr(text[at : at + _QUOTED]) if at < len(text) else "its end" for text in (document.text, found))
    raise RecordsError(
        path,
        f"the text of {document.id} was changed: at character {at} of the document stood {was}, now {now}; "
        "annotate the text as it was exported",
    )


def documents_of(corpus: Corpus, tables: Iterable[Table], *, by: str = "thread", annotator: str = GOLD) -> Documents:
    """The texts of a corpus as documents, with the rows of some tables on them.

    Args:
        corpus: The corpus.
        tables: Tables of its layers. Those at whose rows their relations end, or whose rows they judge, come with them.
        by: `"thread"`: the texts of a thread are one document, with a blank line between them, since answers and
            chains of mentions go from one text to another. `"text"`: each text is one.
        annotator: `"gold"`, or whoever made a pass; the tables that come with them have gold's rows.

    Returns:
        The documents in the order of their texts. Texts without words are in none, and are named as left out.
    """
    chosen = list(tables)
    names = {table.name for table in chosen}
    given = [table for table in with_ends(corpus, chosen) if table.name not in names]
    rows = [(table, _rows(corpus, table, GOLD)) for table in given]
    rows += [(table, _rows(corpus, table, annotator)) for table in chosen]
    texts, wordless = _texts(corpus, by)
    gathering = _Gathering(texts, wordless)
    for unit in ("sentence", "span", "token", "relation", "judgement"):
        for table, of_table in rows:
            if table.unit == unit:
                gathering.add(table, of_table)
    return gathering.documents()


def with_ends(corpus: Corpus, tables: Iterable[Table]) -> tuple[Table, ...]:
    """The tables, then those of layers at whose rows their relations end or whose rows they judge, and so on."""
    layered = {table.name: table for layer in corpus.scheme.layers.values() for table in layer.tables}
    found = {table.name: table for table in tables}
    waiting = list(found.values())
    while waiting:
        more = [layered[end] for end in waiting.pop(0).constraints.ends if end in layered and end not in found]
        found |= {table.name: table for table in more}
        waiting += more
    return tuple(found.values())


def _rows(corpus: Corpus, table: Table, annotator: str) -> list[dict[str, Any]]:
    if annotator == GOLD:
        return corpus.scan(table.name, split=GOLD).collect().to_dicts()
    passes = corpus.scan(table.name, split=PASSES)
    return passes.filter(pl.col("annotator") == annotator).collect().to_dicts()


def _texts(corpus: Corpus, by: str) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    """Id of each document -> the rows of its texts, as printed; and the ids of texts without words."""
    threads = corpus.scan("threads").select("thread_id").with_row_index("_thread")
    texts = corpus.scan(TEXTS).join(threads, on="thread_id", how="left").sort("_thread", "position", "text_id")
    found: dict[str, list[dict[str, Any]]] = {}
    wordless = []
    for row in texts.drop("_thread").collect().iter_rows(named=True):
        if row["text"] is None:
            wordless.append(row["text_id"])
        else:
            found.setdefault(row[f"{by}_id"], []).append(row)
    return found, wordless


class _Gathering:
    """The documents while they are being put together."""

    def __init__(self, texts: Mapping[str, list[dict[str, Any]]], wordless: list[str]) -> None:
        self._texts = texts
        self._begins: dict[str, int] = {}
        """Text id -> where it begins in its document."""
        self._home: dict[str, str] = {}
        """Id of a unit -> id of its document."""
        self._left_out = {"texts without words": wordless}
        self._marks: dict[str, list[Mark]] = {name: [] for name in texts}
        self._links: dict[str, list[Link]] = {name: [] for name in texts}
        self._answers: dict[str, list[Answer]] = {name: [] for name in texts}
        self._tokens: dict[str, list[dict[str, Any]]] = {name: [] for name in texts}
        for name, rows in texts.items():
            at = 0
            for row in rows:
                self._begins[row["text_id"]] = at
                self._home[row["text_id"]] = name
                end = at + len(row["text"])
                values = _values(row, leave=("text_id", "kind", "text"))
                self._marks[name].append(Mark(row["text_id"], TEXTS, at, end, row["kind"], values))
                at = end + len(BETWEEN)

    def documents(self) -> Documents:
        made = tuple(
            Document(
                id=name,
                text=BETWEEN.join(row["text"] for row in rows),
                texts=tuple(rows),
                # Sorting keeps what has the same place in the order in which it was added: the outer kinds first.
                marks=tuple(sorted(self._marks[name], key=lambda mark: (mark.start, -mark.end))),
                links=tuple(self._links[name]),
                answers=tuple(self._answers[name]),
                tokens=tuple(self._tokens[name]),
            )
            for name, rows in self._texts.items()
        )
        return Documents(made, left_out(self._left_out))

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if table.unit == "relation":
            self._add_links(table, rows)
            return
        add = {"token": self._add_token, "judgement": self._add_answer}.get(str(table.unit), self._add_mark)
        for row in rows:
            add(table, row)

    def _add_mark(self, table: Table, row: Mapping[str, Any]) -> None:
        begin = self._begins.get(row["text_id"])
        if begin is None or row["start_char"] is None or row["end_char"] is None:
            self._leave_out(f"{table.name} outside of every text", row[table.key])
            return
        name = self._home[row[table.key]] = self._home[row["text_id"]]
        start, end = begin + row["start_char"], begin + row["end_char"]
        values = _values(row, leave=(*_PLACED, table.key))
        self._marks[name].append(Mark(row[table.key], table.name, start, end, row["label"], values))

    def _add_token(self, table: Table, row: Mapping[str, Any]) -> None:
        begin = self._begins.get(row["text_id"])
        if begin is None:
            self._leave_out(f"{table.name} outside of every text", row[table.key])
            return
        name = self._home[row[table.key]] = self._home[row["text_id"]]
        places = {end: None if row[end] is None else begin + row[end] for end in ("start_char", "end_char")}
        self._tokens[name].append({**row, **places})

    def _add_links(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        # A relation may end at another one of its table, which may stand below it.
        waiting = list(rows)
        while waiting:
            later = []
            for row in waiting:
                names = {self._home.get(row["from_id"]), self._home.get(row["to_id"])}
                if None in names:
                    later.append(row)
                elif len(names) > 1:
                    self._leave_out(f"{table.name} from one document to another", row[table.key])
                else:
                    name = self._home[row[table.key]] = names.pop() or ""
                    values = _values(row, leave=(*_SAID, table.key))
                    ends = row["from_id"], row["to_id"]
                    self._links[name].append(Link(row[table.key], table.name, *ends, row["label"], values))
            if len(later) == len(waiting):
                for row in later:
                    self._leave_out(f"{table.name} with an end that is in no document", row[table.key])
                return
            waiting = later

    def _add_answer(self, table: Table, row: Mapping[str, Any]) -> None:
        name = self._home.get(row["unit_id"])
        if name is None:
            self._leave_out(f"{table.name} about a unit that is in no document", row[table.key])
            return
        self._home[row[table.key]] = name
        values = _values(row, leave=(*_SAID, table.key))
        said = row["unit_id"], row["question"], row["label"]
        self._answers[name].append(Answer(row[table.key], table.name, *said, values))

    def _leave_out(self, what: str, id_: str) -> None:
        self._left_out.setdefault(what, []).append(id_)


def further(table: Table) -> tuple[Column, ...]:
    """The columns that an annotator fills beside place and label: those of the layer, and `reason`."""
    said = {*_PLACED, *_SAID, table.key}
    return tuple(column for column in table.columns if not column.derived and column.name not in said)


def left_out(ids: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What was left out, in words, from a description of each kind of row and the ids of these rows."""
    return tuple(f"{what}: {counted(len(rows), 'row')} ({some(pl.Series(rows))})" for what, rows in ids.items() if rows)


def _values(row: Mapping[str, Any], *, leave: Iterable[str]) -> dict[str, str]:
    """The filled columns but some, each as one string."""
    names = [name for name, value in row.items() if value is not None and name not in set(leave)]
    return {name: as_cell(row[name]) for name in names}


def as_cell(value: object) -> str:
    """A value as it stands in a hand-edited CSV file; the items of a list on lines of their own."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return LIST_SEPARATOR.join(map(str, value))
    return str(value)


def value_of(column: Column, cell: str, where: str) -> object:
    """A cell as the type of its column: the other way round from `as_cell`.

    Raises:
        ArgumentError: If it is none; the message begins with `where`.
    """
    if column.labels and cell not in column.labels:
        raise ArgumentError(f"{where}: {cell!r} is no {column.name}; there are {listed(column.labels)}")
    try:
        if column.type == "boolean":
            return {"true": True, "false": False}[cell]
        if column.type in ("integer", "number"):
            return int(cell) if column.type == "integer" else float(cell)
    except (ValueError, KeyError):
        raise ArgumentError(f"{where}: {cell!r} is no {column.type}, as {column.name} is") from None
    return cell
