"""Annotating in another tool: layers of a corpus given out as a task for it; what was made there added as a pass."""

from __future__ import annotations

import datetime
import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from corpus_tools.annotate.passes import Pass, fill_chains, row_ids, value_of, write_passes
from corpus_tools.corpus import DRAFT, Corpus, Exported, load
from corpus_tools.errors import ArgumentError, RecordsError, UnknownNameError, listed
from corpus_tools.exchange.documents import BETWEEN, TEXTS, Answer, Document, Link, Mark, Task, documents_of
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Layer, Question, Table
from corpus_tools.scheme.model import NOMINAL

TASK = "task.json"
"""What says, beside a task, of which corpus it is."""
NOBODY = ""
"""The annotator whose rows a task begins with that is to be annotated from the texts alone."""
TOOLS: Mapping[str, str] = {
    "inception": "xmi",
    "webanno-tsv": "webanno",
    "brat": "brat",
    "label-studio": "label_studio",
    "csv": "rows",
}
"""Name of a tool -> the module of `exchange` that writes and reads its files."""


class _Codec(Protocol):
    """A module of `exchange` for a tool in which people annotate."""

    UNITS: frozenset[str]

    def write_task(self, task: Task, out: Path) -> list[str]: ...

    def read_task(self, task: Task, folder: Path) -> list[Document]: ...


def export_task(
    folder: str | Path, layers: Iterable[str], out: str | Path, *, to: str, start: str | None = None
) -> Exported:
    """Give layers of a corpus out to be annotated in another tool.

    Args:
        folder: A corpus folder; its hand-edited files are what is annotated.
        layers: The layers.
        out: The folder to be made; it must not be there yet.
        to: The tool, a name in `TOOLS`.
        start: Whose rows the task begins with, to be corrected: `"gold"`, or whoever made a pass. None where omitted:
            an annotator who should judge alone sees no other's rows.

    Returns:
        The files, and what the tool cannot show.

    Raises:
        UnknownNameError: If there is no such tool or layer; the message lists those there are.
        ArgumentError: If `out` is there already, or the tool cannot annotate one of the layers.
    """
    corpus, codec = load(folder, DRAFT), _codec(to)
    names = list(dict.fromkeys([layers] if isinstance(layers, str) else layers))
    task, outside = _task(corpus, names, start)
    for table in task.tables:
        judged = table.constraints.judged
        if judged in {one.name for one in task.tables if one.layer != table.layer}:
            raise ArgumentError(f"{table.layer} judges gold's {judged}; annotate it in a task of its own, after these")
        if table.unit not in codec.UNITS:
            able = [tool for tool in TOOLS if table.unit in _codec(tool).UNITS]
            helped = f"annotate it with {listed(able)}" if able else "its files are CoNLL-U; edit these"
            raise ArgumentError(f"{to} has no place for {table.name}, a table of {table.unit}s; {helped}")
    path = Path(out)
    if path.exists():
        raise ArgumentError(f"{path} is there already; name a folder that is not, or take it away first")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
        made = Path(beside, path.name)
        made.mkdir()
        left_out = codec.write_task(task, made)
        write_whole(made / TASK, json.dumps(_about(corpus, task, to, names), indent=2, ensure_ascii=False) + "\n")
        files = sorted(file.relative_to(made).as_posix() for file in made.rglob("*") if file.is_file())
        made.rename(path)
    return Exported(path, tuple(files), (*outside, *left_out))


@dataclass(frozen=True, slots=True)
class Imported:
    """What came back from another tool."""

    files: tuple[Path, ...]
    """The files written."""
    n_rows: Mapping[str, int]
    """Name of each table -> the number of its rows."""


def import_task(
    folder: str | Path,
    task: str | Path,
    *,
    annotator_id: str,
    kind: str,
    name: str,
    description: str,
    date: datetime.date | None = None,
    texts: Sequence[str] | None = None,
) -> Imported:
    """Add what was annotated in another tool to a corpus folder, as a pass of its own over each layer of the task.

    Nothing that is there is changed: rows get ids of the new pass, also where another annotator's rows were corrected.

    Args:
        folder: The corpus folder from which the task was given out.
        task: The folder of the task, with the tool's files in it, and `task.json`.
        annotator_id: Id of the annotator.
        kind: `"human expert"`, `"human crowd"`, `"language model"` or `"rule"`.
        name: Name of the annotator, as the corpus is to give it.
        description: How the annotator worked.
        date: Day of the pass; today where omitted.
        texts: Ids of the texts gone through. Where omitted, all of the task; for a layer whose units are judged, those
            about which something was said.

    Returns:
        The files written and the number of rows.

    Raises:
        RecordsError: If a text was changed (with the place), or a file or row of the tool cannot be read.
        ArgumentError: If the task is of another corpus, or the annotator has a pass over a layer already.
        UnknownNameError: If there is no such text or kind of annotator; the message lists those there are.
    """
    if annotator_id == GOLD:
        raise ArgumentError("gold is what was decided between passes; give the annotator another id")
    place, path = Path(folder), Path(task)
    about = _read_about(path / TASK)
    corpus = load(place, DRAFT)
    if about["corpus"] != corpus.metadata.title:
        raise ArgumentError(f"{path} is a task of {about['corpus']!r}, not of {corpus.metadata.title!r}")
    wanted, _ = _task(corpus, about["layers"], NOBODY)
    there = {document.id for document in wanted.documents}
    if lost := [name for name in about["documents"] if name not in there]:
        raise ArgumentError(f"{path} holds documents that {place} no longer has: {listed(lost)}")
    given = tuple(document for document in wanted.documents if document.id in about["documents"])
    returned = _codec(about["tool"]).read_task(Task(wanted.tables, given), path)
    rows = _Rows(corpus, Task(wanted.tables, given), returned, annotator_id)
    passes = []
    for layer in map(corpus.scheme.layer, about["layers"]):
        done = rows.texts_of(layer) if texts is None else tuple(texts)
        made = Pass(layer.name, annotator_id, kind, name, description, date or datetime.date.today(), done)
        passes.append((made, {table.name: rows.of(table) for table in layer.tables}))
    files = write_passes(place, passes)
    return Imported(tuple(files), {table.name: len(rows.of(table)) for table in wanted.tables})


def _codec(tool: str) -> Any:
    if tool not in TOOLS:
        raise UnknownNameError("tool", tool, TOOLS)
    return import_module(f"corpus_tools.exchange.{TOOLS[tool]}")


def _task(corpus: Corpus, layers: Iterable[str], start: str | None) -> tuple[Task, tuple[str, ...]]:
    """The task, and what has no place in its documents."""
    tables = tuple(
        _explained(corpus, layer, table) for layer in map(corpus.scheme.layer, layers) for table in layer.tables
    )
    if start:
        _who_went(corpus, tables, start)
    read = documents_of(corpus, tables, annotator=start or NOBODY)
    return Task(tables, read.documents), read.left_out


def _explained(corpus: Corpus, layer: Layer, table: Table) -> Table:
    """The table with what a tool has to show: the definitions of its labels at their column, and its questions.

    A layer may leave open what is asked; then it is what has been asked, or the name of the table.
    """
    labels = layer.labels.get(table.name, ())
    columns = (replace(one, meanings=labels) if one.name == "label" else one for one in table.columns)
    questions = table.questions
    if table.unit == "judgement" and not questions:
        rows = (corpus.scan(table.name, split=split).select("question") for split in table.splits)
        asked = pl.concat(rows).drop_nulls().unique(maintain_order=True).collect()["question"].to_list()
        questions = tuple(Question(one, layer.title, "", NOMINAL, labels, own=False) for one in asked or [table.name])
    return replace(table, columns=tuple(columns), questions=questions)


def _who_went(corpus: Corpus, tables: Sequence[Table], annotator: str) -> None:
    for layer in dict.fromkeys(table.layer for table in tables):
        coverage = corpus.scan("coverage").filter(pl.col("layer") == layer)
        known = coverage.select("annotator_id").unique(maintain_order=True).collect()["annotator_id"].to_list()
        if annotator not in known:
            raise UnknownNameError(f"annotator of {layer}", annotator, known)


def _about(corpus: Corpus, task: Task, tool: str, layers: Sequence[str]) -> dict[str, Any]:
    hashes = {document.id: hashlib.sha256(document.text.encode()).hexdigest() for document in task.documents}
    return {"corpus": corpus.metadata.title, "tool": tool, "layers": list(layers), "documents": hashes}


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return {name: about[name] for name in ("corpus", "tool", "layers", "documents")}
    except FileNotFoundError:
        raise RecordsError(path, "is not there; put the tool's files into the folder that was exported") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise RecordsError(path, f"does not say what the task is ({problem!r}); export the task again") from None


class _Rows:
    """What came back, as rows of the corpus with ids of the new pass."""

    def __init__(self, corpus: Corpus, task: Task, returned: Sequence[Document], annotator_id: str) -> None:
        self._corpus = corpus
        self._texts = {row["text_id"]: row for document in task.documents for row in document.texts}
        self._homes = {
            mark.id: _text_of(document, mark).id
            for documents in (task.documents, returned)
            for document in documents
            for mark in document.marks
        }
        self._ids: dict[str, str] = {}
        found = {table.name: _found(table, returned) for table in task.tables}
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
            text = _text_of(document, unit)
            start, end = unit.start - text.start, unit.end - text.start
            said |= {"text_id": text.id, "start_char": start, "end_char": end}
            said |= {"quote": document.text[unit.start : unit.end], **self._in_source(table, text.id, start, end)}
        elif isinstance(unit, Link):
            said |= {"from_id": self._id(unit.from_id), "to_id": self._id(unit.to_id)}
        else:
            said |= {"unit_id": self._id(unit.unit_id), "question": unit.question}
        where = f"{document.id}: {unit.id} of {table.name}"
        values = {
            name: self._id(cell) if table[name].refers_to else value_of(table[name], cell, where)
            for name, cell in unit.values.items()
        }
        return {**values, **said}

    def _id(self, id_: str) -> str:
        return self._ids.get(id_, id_)

    def _in_source(self, table: Table, text_id: str, start: int, end: int) -> dict[str, int]:
        """The place in the source, for a table that gives it, of a text that is a slice of one."""
        begins = self._texts[text_id]["source_start"]
        if begins is None or "source_start" not in table.schema:
            return {}
        return {"source_start": begins + start, "source_end": begins + end}


def _found(table: Table, documents: Sequence[Document]) -> list[tuple[Mark | Link | Answer, Document]]:
    """The units of a table in the order of the documents, marks by their place."""
    found: list[tuple[Mark | Link | Answer, Document]] = []
    for document in documents:
        marks = sorted(document.marks, key=lambda mark: (mark.start, -mark.end))
        units: tuple[Mark | Link | Answer, ...] = (*marks, *document.links, *document.answers)
        found += [(unit, document) for unit in units if unit.table == table.name]
    return found


def _text_of(document: Document, mark: Mark) -> Mark:
    """The text in which a mark lies."""
    at = 0
    for row in document.texts:
        text = Mark(row["text_id"], TEXTS, at, at + len(row["text"]), row["kind"])
        if text.start <= mark.start and mark.end <= text.end:
            return text
        at = text.end + len(BETWEEN)
    quote = document.text[mark.start : mark.end]
    raise ArgumentError(
        f"{document.id}: {quote!r}, marked {mark.label} in {mark.table}, reaches over the end of a text; "
        "mark what is inside of one"
    )
