"""What two versions declare: tables, columns, layers, labels and questions; and what corpus.toml says of the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import TypeAlias

import polars as pl

from corpus_tools.history.rows import ADDED, CHANGED, REMOVED
from corpus_tools.metadata import Metadata
from corpus_tools.scheme import Column, Label, Layer, Question, Scheme, Table

LAYER, TABLE, COLUMN, LABEL, QUESTION = "layer", "table", "column", "label", "question"
SCHEME = dict.fromkeys(("kind", "layer", "table", "within", "name", "what", "property", "old", "new"), pl.String())
METADATA = dict.fromkeys(("name", "what", "old", "new"), pl.String())
PLACES, NAMES = "labels", "names"
"""Closed sets: in `labels` the place of each counts, as of a class label or on an ordinal scale; in `names` not."""
ORDER = "order of columns"

Key: TypeAlias = tuple[str, str | None, str | None, str | None, str]
Said: TypeAlias = dict[str, str | None]


def scheme_differences(old: Scheme, new: Scheme) -> pl.DataFrame:
    """What two schemes declare differently.

    Args:
        old: The earlier scheme.
        new: The later one.

    Returns:
        One row per thing that only one has, and per property of a thing that differs: `kind` (layer, table, column,
        label, question), `layer` (null for a fixed table), `table`, `within` (the question, or the further column,
        that a label belongs to), `name`, `what` (added, removed, changed), `property`, `old`, `new`. What is new or
        gone has no `property`, and its title, description or definition as `new` or `old`; what it holds (the columns
        of a new table, the labels of a new question) has no rows of its own.
    """
    before, after = dict(_declared(old)), dict(_declared(new))
    alone = before.keys() ^ after.keys()
    rows: list[tuple[str | None, ...]] = []
    for key in dict.fromkeys([*after, *before]):
        if key not in alone:
            rows += [(*key, CHANGED, *change) for change in _changes(before[key], after[key])]
        elif not _holders(key) & alone:
            one, other = (next(iter(side[key].values())) if key in side else None for side in (before, after))
            rows.append((*key, ADDED if key in after else REMOVED, None, one, other))
    return pl.DataFrame(rows, schema=SCHEME, orient="row")


def _holders(key: Key) -> set[Key]:
    """What a thing is part of and goes with; a layer's tables are named beside it."""
    kind, layer, table, within, _ = key
    if kind in (LAYER, TABLE) or table is None:
        return set()
    inner = {(part, layer, table, None, within) for part in (COLUMN, QUESTION)} if within else set()
    return {(TABLE, layer, table, None, table), *inner}


def _changes(old: Said, new: Said) -> Iterator[tuple[str, str | None, str | None]]:
    for name in dict.fromkeys([*new, *old]):
        one, other = old.get(name), new.get(name)
        if name == ORDER:
            one, other = _in_common(one, other), _in_common(other, one)
        if one != other:
            yield name, one, other


def _in_common(names: str | None, others: str | None) -> str:
    known = json.loads(others or "[]")
    return _set(name for name in json.loads(names or "[]") if name in known)


def _declared(scheme: Scheme) -> Iterator[tuple[Key, Said]]:
    """Everything that a scheme declares, with what it says of it; the first is what a reader is shown of it."""
    for layer in scheme.layers.values():
        yield (LAYER, layer.name, None, None, layer.name), _of_layer(layer)
    for table in scheme.tables.values():
        yield (TABLE, table.layer, table.name, None, table.name), _of_table(table)
        for column in table.columns:
            yield (COLUMN, table.layer, table.name, None, column.name), _of_column(column)
        for question in table.questions:
            yield (QUESTION, table.layer, table.name, None, question.id), _of_question(question)
        for within, labels in _labels(scheme, table):
            for label in labels:
                yield (LABEL, table.layer, table.name, within, label.id), _of_label(label)


def _labels(scheme: Scheme, table: Table) -> Iterator[tuple[str | None, tuple[Label, ...]]]:
    """The labels of a table, of each of its questions that has its own, and of its further columns."""
    own = [label for question in table.questions if question.own for label in question.labels]
    known = scheme.layers[table.layer].labels[table.name] if table.layer else ()
    yield None, tuple(label for label in known if not any(label is one for one in own))
    yield from ((question.id, question.labels) for question in table.questions if question.own)
    yield from ((column.name, column.meanings) for column in table.columns)


def _of_layer(layer: Layer) -> Said:
    words = ("title", "description", "guideline", "guideline_version", "origin", "scheme_source")
    return {**{name: getattr(layer, name) for name in words}, "references": _set(layer.references)}


def _of_table(table: Table) -> Said:
    constraints = {
        field.name: json.dumps(getattr(table.constraints, field.name)) for field in fields(table.constraints)
    }
    return {
        "description": table.description,
        "key": table.key,
        "unit": table.unit,
        f"{NAMES} of splits": _set(table.splits),
        f"{NAMES} of parts": _set(f"{part}: {table.part_condition(part)}" for part in table.parts),
        ORDER: _set(column.name for column in table.columns),
        **constraints,
    }


def _of_column(column: Column) -> Said:
    counts = column.type == "label" or column.scale == "ordinal"
    return {
        "description": column.description,
        "type": column.type,
        "required": json.dumps(column.required),
        PLACES if counts else NAMES: _set(column.labels),
        "scale": column.scale,
        "for_labels": _set(column.for_labels),
        "refers_to": column.refers_to,
        "derived": json.dumps(column.derived),
    }


def _of_question(question: Question) -> Said:
    answers = _set(label.id for label in question.labels)
    said: Said = {name: getattr(question, name) for name in ("definition", "test", "scale")}
    return {**said, PLACES if question.scale == "ordinal" else NAMES: answers}


def _of_label(label: Label) -> Said:
    words = ("definition", "test", "positive", "negative", "source")
    said: Said = {name: getattr(label, name) for name in words}
    rules = {name: json.dumps(getattr(label, name)) for name in ("linked", "evidence", "from_labels", "to_labels")}
    return {**said, **rules}


def _set(names: object) -> str:
    """Names as JSON, since a question may be called anything."""
    return json.dumps(list(names), ensure_ascii=False)  # type: ignore[call-overload]


def metadata_differences(old: Metadata, new: Metadata) -> pl.DataFrame:
    """What corpus.toml says differently of the corpus as a whole.

    Args:
        old: The earlier metadata.
        new: The later metadata.

    Returns:
        One row per entry: `name`, such as `licences.annotations`, `what` (added, removed, changed), `old`, `new`.
        Version and date are left out, since they differ between any two releases, and so are `outputs`, which say
        where files are generated. What stands in tables (sources, passes, authors...) is compared with the rows.
    """
    before, after = _entries(old), _entries(new)
    rows = [
        (name, CHANGED if name in before and name in after else ADDED if name in after else REMOVED, one, other)
        for name in dict.fromkeys([*after, *before])
        if (one := before.get(name)) != (other := after.get(name))
    ]
    return pl.DataFrame(rows, schema=METADATA, orient="row")


def _entries(metadata: Metadata) -> dict[str, str]:
    entries = {name: getattr(metadata, name) for name in ("title", "summary", "description", "language")}
    entries["keywords"] = ", ".join(metadata.keywords)
    entries["creators"] = "\n".join(_said(creator) for creator in metadata.creators)
    for name in ("licences", "publication", "datasheet"):
        entries |= {f"{name}.{key}": value for key, value in getattr(metadata, name).items()}
    entries |= {f"references.{each.id}": _said(asdict(each)) for each in metadata.references}
    for caveat in metadata.records["caveats"]:
        name = f"caveats.{', '.join(caveat['about'])}"
        entries[name] = "\n".join([*([entries[name]] if name in entries else []), caveat["text"].strip()])
    return entries


def _said(entry: Mapping[str, object]) -> str:
    shown = ((key, "; ".join(value) if isinstance(value, tuple) else value) for key, value in entry.items())
    return ", ".join(f"{key}: {value}" for key, value in shown if value)
