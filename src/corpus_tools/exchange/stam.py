"""STAM: the whole corpus as one annotation store in STAM JSON.

Every text is a resource and every table a data set, whose keys are its columns. Every row is an annotation with the id
of the row: of a span in a resource, of a text as a whole, of another annotation (a judgement), or from one annotation
to another (a relation). Cursors count code points from the begin.

Source:
    van Gompel, STAM: Stand-off Text Annotation Model, https://github.com/annotation/stam.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus_tools.corpus import Corpus
from corpus_tools.exchange.annotations import DESCRIBED, not_carried
from corpus_tools.exchange.documents import TEXTS, as_cell, left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write the texts and the rows of some tables as one annotation store.

    Args:
        corpus: The corpus.
        tables: The tables of layers; those at whose rows theirs end come with them.
        out: The file to be made.

    Returns:
        What the format could not carry, one sentence each.
    """
    texts = {row["text_id"]: row["text"] for row in corpus.table(TEXTS).iter_rows(named=True)}
    store = _Store({name: text for name, text in texts.items() if text is not None})
    for name in DESCRIBED:
        store.describe(corpus.scheme.table(name), corpus.table(name).iter_rows(named=True))
    layered = tables
    lost = store.annotate(
        [(table, row) for table in layered for row in corpus.table(table.name, split=GOLD).to_dicts()]
    )
    content = {
        "@type": "AnnotationStore",
        "@id": f"{corpus.metadata.title} {corpus.version}",
        "resources": [{"@type": "TextResource", "@id": name, "text": text} for name, text in store.texts.items()],
        "annotationsets": [dataset.content() for dataset in store.datasets.values()],
        "annotations": store.annotations,
    }
    write_whole(out, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return [*lost, *not_carried(corpus)]


@dataclass(slots=True)
class _Dataset:
    """The columns of one table, and every value once."""

    name: str
    keys: dict[str, None] = field(default_factory=dict)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Column and value, as JSON -> the piece of data."""

    def refer(self, column: str, value: object) -> dict[str, str]:
        """The reference to a value of a column, which is added where it is new."""
        self.keys[column] = None
        typed = _typed(value)
        made = self.data.setdefault(
            json.dumps([column, typed]),
            {"@type": "AnnotationData", "@id": f"{self.name}-data-{len(self.data) + 1}", "key": column, "value": typed},
        )
        return {"@type": "AnnotationData", "@id": made["@id"], "set": self.name}

    def content(self) -> dict[str, Any]:
        keys = [{"@type": "DataKey", "@id": column} for column in self.keys]
        return {"@type": "AnnotationDataSet", "@id": self.name, "keys": keys, "data": list(self.data.values())}


@dataclass(slots=True)
class _Store:
    """An annotation store while it is being put together."""

    texts: Mapping[str, str]
    datasets: dict[str, _Dataset] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    """The ids of rows that are annotations."""

    def describe(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add what is known of texts, each about its resource, or of what is no text, about the data set."""
        dataset = self.datasets[table.name] = _Dataset(table.name)
        for row in rows:
            words = row.get("text") if table.name == TEXTS else None
            whole = row[table.key] if table.name == TEXTS and words is not None else None
            target = {"@type": "DataSetSelector", "annotationset": table.name} if whole is None else _resource(whole)
            self._add(f"{table.name}/{row[table.key]}", dataset, row, target, leave=("text",))

    def annotate(self, rows: Sequence[tuple[Table, Mapping[str, Any]]]) -> tuple[str, ...]:
        """Add rows of layers, each after those that it is about; what is left out, in words."""
        waiting = list(rows)
        for table, _ in waiting:
            self.datasets.setdefault(table.name, _Dataset(table.name))
        while waiting:
            later = [(table, row) for table, row in waiting if not self._add_row(table, row)]
            if len(later) == len(waiting):
                break
            waiting = later
        lost: dict[str, list[str]] = {}
        for table, row in waiting:
            lost.setdefault(f"{table.name} about a row that is not there, or in a circle", []).append(row[table.key])
        return left_out(lost)

    def _add_row(self, table: Table, row: Mapping[str, Any]) -> bool:
        """Add a row if all that it is about is there."""
        leave = [table.key]
        if table.unit in {"relation", "judgement"}:
            columns = ("from_id", "to_id") if table.unit == "relation" else ("unit_id",)
            ends = [self._whole(row[column]) for column in columns]
            if None in ends:
                return False
            target = ends[0] if len(ends) == 1 else {"@type": "DirectionalSelector", "selectors": ends}
            leave += columns
        else:
            target, known = self._place(table, row)
            leave += known
        self._add(row[table.key], self.datasets[table.name], row, target, leave=leave)
        return True

    def _whole(self, id_: str) -> dict[str, Any] | None:
        """The selector of another annotation or of a text."""
        if id_ in self.made:
            return {"@type": "AnnotationSelector", "annotation": id_}
        return _resource(id_) if id_ in self.texts else None

    def _place(self, table: Table, row: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The selector of a row that has a place, and the columns that it makes needless."""
        text, start, end = self.texts.get(row["text_id"]), row["start_char"], row["end_char"]
        if text is None:
            return {"@type": "DataSetSelector", "annotationset": table.name}, []
        if start is None or end is None:
            return _resource(row["text_id"]), ["text_id"]
        known = ["text_id", "start_char", "end_char", *(["quote"] if row.get("quote") == text[start:end] else [])]
        cursors = {
            name: {"@type": "BeginAlignedCursor", "value": place} for name, place in (("begin", start), ("end", end))
        }
        offset = {"@type": "Offset", **cursors}
        return {"@type": "TextSelector", "resource": row["text_id"], "offset": offset}, known

    def _add(self, id_: str, dataset: _Dataset, row: Mapping[str, Any], target: Any, *, leave: Iterable[str]) -> None:
        left = set(leave)
        said = [dataset.refer(name, value) for name, value in row.items() if value is not None and name not in left]
        self.annotations.append({"@type": "Annotation", "@id": id_, "target": target, "data": said})
        self.made.add(id_)


def _resource(text_id: str) -> dict[str, Any]:
    return {"@type": "ResourceSelector", "resource": text_id}


def _typed(value: object) -> dict[str, Any]:
    """A value with its type; a boolean is asked for first, since it is a number too."""
    if isinstance(value, list):
        return {"@type": "List", "value": [_typed(item) for item in value]}
    if isinstance(value, datetime):
        return {"@type": "Datetime", "value": as_cell(value)}
    kinds = ((bool, "Bool"), (int, "Int"), (float, "Float"))
    kind = next((name for type_, name in kinds if isinstance(value, type_)), "String")
    return {"@type": kind, "value": value}
