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

from corpus_tools.annotate.passes import Pass, kind_of, write_passes
from corpus_tools.annotate.returned import ReturnedRows
from corpus_tools.corpus import DRAFT, Corpus, Exported, load
from corpus_tools.errors import ArgumentError, RecordsError, UnknownNameError, listed
from corpus_tools.exchange.documents import (
    Document,
    Task,
    documents_of,
)
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
    left_out: tuple[str, ...]
    """The rows in texts that were not gone through, one sentence for each table."""


def import_task(
    folder: str | Path,
    task: str | Path,
    *,
    annotator_id: str,
    name: str,
    description: str,
    kind: str | None = None,
    date: datetime.date | None = None,
    texts: Sequence[str] | None = None,
) -> Imported:
    """Add what was annotated in another tool to a corpus folder, as a pass of its own over each layer of the task.

    Nothing that is there is changed: rows get ids of the new pass, also where another annotator's rows were corrected.

    Args:
        folder: The corpus folder from which the task was given out.
        task: The folder of the task, with the tool's files in it, and `task.json`.
        annotator_id: Id of the annotator.
        name: Name of the annotator, as the corpus is to give it, unless it has the annotator already.
        description: How the annotator worked.
        kind: `"human expert"`, `"human crowd"`, `"language model"` or `"rule"`; where omitted what the corpus says
            already, or a human expert.
        date: Day of the pass; today where omitted.
        texts: Ids of the texts gone through; rows in others are left out. Where omitted, all of the task; for a layer
            that says something of each text, those about which something was said.

    Returns:
        The files written and the number of rows.

    Raises:
        RecordsError: If a text was changed (with the place), or a file or row of the tool cannot be read.
        ArgumentError: If the task is of another corpus or of other texts, a value does not fit its column or refers to
            nothing, or the annotator has a pass over a layer already.
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
    if changed := [document.id for document in given if _hash(document) != about["documents"][document.id]]:
        raise ArgumentError(f"texts of {listed(changed)} changed in {place} since {path} was exported; export it again")
    returned = _codec(about["tool"]).read_task(Task(wanted.tables, given), path)
    rows = ReturnedRows(corpus, Task(wanted.tables, given), returned, annotator_id, texts)
    kind = kind_of(corpus.metadata, annotator_id, kind)
    passes = []
    for layer in map(corpus.scheme.layer, about["layers"]):
        done = rows.texts_of(layer) if texts is None else tuple(texts)
        day = date or datetime.date.today()
        made = Pass(layer.name, annotator_id, kind, name, description, day, done)
        passes.append((made, {table.name: rows.of(table) for table in layer.tables}))
    files = write_passes(place, passes)
    return Imported(tuple(files), {table.name: len(rows.of(table)) for table in wanted.tables}, rows.left_out)


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
    hashes = {document.id: _hash(document) for document in task.documents}
    return {"corpus": corpus.metadata.title, "tool": tool, "layers": list(layers), "documents": hashes}


def _hash(document: Document) -> str:
    return hashlib.sha256(document.text.encode()).hexdigest()


def _read_about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return {
            "corpus": str(about["corpus"]),
            "tool": str(about["tool"]),
            "layers": [str(name) for name in about["layers"]],
            "documents": dict(about["documents"]),
        }
    except FileNotFoundError:
        raise RecordsError(path, "is not there; put the tool's files into the folder that was exported") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise RecordsError(path, f"does not say what the task is ({problem!r}); export the task again") from None
