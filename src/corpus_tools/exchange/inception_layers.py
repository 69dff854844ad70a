"""The annotation types of a task, and the layers of INCEpTION's project settings that say the same.

Each table of spans or judgements becomes an annotation type of its own, each table of relations a type with a Governor
(where it starts) and a Dependent (where it leads to).

Source:
    Names that features cannot have, relation layers and layer settings as in the source of INCEpTION:
    https://github.com/inception-project/inception
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpus_tools.exchange.annotating import closed_values
from corpus_tools.exchange.documents import Answer, Link, Mark, Task, further
from corpus_tools.scheme import Label, Question, Table

UNITS = frozenset({"span", "relation", "judgement"})
LAYERS = "layers.json"
ANY = "uima.tcas.Annotation"
STRING = "uima.cas.String"
# Names that INCEpTION gives no feature, and those that are given here.
_TAKEN = frozenset(
    "address begin end coveredtext booleanvalue doublevalue bytevalue cas casimpl class featurevalue floatvalue"
    " longvalue lowlevelcas printrefs sofa stringvalue type typeindexid view"
    " self governor dependent corpus_id label question unit".split()
)


@dataclass(frozen=True, slots=True)
class Type:
    """The annotation type of a table."""

    name: str
    columns: Mapping[str, str]
    """Its features for columns -> these columns."""
    own: tuple[str, ...]
    """Its other features."""
    ends: str = ""
    """For relations: the type of both ends."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names of all features that are no ends."""
        return (*self.own, *self.columns)


def type_name(table: str) -> str:
    """The name of the annotation type of a table."""
    return f"webanno.custom.{table[:1].upper()}{table[1:]}"


def feature_name(column: str) -> str:
    """The name of the feature for a column: its own, with an underscore behind it where that is taken."""
    return f"{column}_" if column.lower() in _TAKEN else column


def types_of(task: Task) -> dict[str, Type]:
    """Name of each table that has rows or is to have some -> its annotation type; tokens have none."""
    columns: dict[str, dict[str, None]] = {}
    for table in task.tables:
        if table.unit != "token":
            columns[table.name] = dict.fromkeys(column.name for column in further(table))
    judged = {table.name for table in task.tables if table.unit == "judgement"}
    related = {table.name for table in task.tables if table.unit == "relation"}
    for document in task.documents:
        judged |= {answer.table for answer in document.answers}
        related |= {link.table for link in document.links}
        units: list[Mark | Link | Answer] = [*document.marks, *document.links, *document.answers]
        for unit in units:
            columns.setdefault(unit.table, {}).update(dict.fromkeys(unit.values))
    ends = {table: _end(task, table, {*columns} - judged - related) for table in related}
    return {
        table: Type(
            type_name(table),
            {feature_name(name): name for name in names},
            ("corpus_id", "question", "label", "unit") if table in judged else ("corpus_id", "label"),
            ends.get(table, ""),
        )
        for table, names in columns.items()
    }


def _end(task: Task, related: str, spans: set[str]) -> str:
    """The type of the ends of a table of relations: that of the one table of spans where they stand, or any."""
    rules = next((table.constraints for table in task.tables if table.name == related), None)
    allowed = {*rules.from_tables, *rules.to_tables} if rules and rules.from_tables and rules.to_tables else set()
    tables = set(allowed)
    for document in task.documents:
        of_units = {mark.id: mark.table for mark in document.marks}
        of_links = [link for link in document.links if link.table == related]
        tables |= {of_units.get(end, "") for link in of_links for end in (link.from_id, link.to_id)}
    return type_name(*tables) if len(tables) == 1 and tables <= spans else ANY


def layers_json(task: Task, types: Mapping[str, Type]) -> str:
    """The layers with their tag sets, as the project settings of INCEpTION import them."""
    tables = {table.name: table for table in task.tables}
    layers = [_layer(type_, tables.get(name), name) for name, type_ in types.items()]
    return json.dumps(layers, indent=1, ensure_ascii=False) + "\n"


def _layer(type_: Type, table: Table | None, name: str) -> dict[str, Any]:
    nested = table is None or table.constraints.overlap != "none"
    attached = {"attach_type": {"name": type_.ends}} if type_.ends not in ("", ANY) else {}
    return {
        "name": type_.name,
        "uiName": name,
        "type": "relation" if type_.ends else "span",
        "description": table.description if table else "Given: shown to be referred to.",
        **attached,
        "allow_stacking": nested,
        "cross_sentence": True,
        "anchoring_mode": "CHARACTERS",
        "overlap_mode": "ANY_OVERLAP" if nested else "NO_OVERLAP",
        "validation_mode": "NEVER",
        "features": [
            _setting(feature, type_.columns.get(feature, feature), rank, table)
            for rank, feature in enumerate(type_.features)
        ],
    }


def _setting(feature: str, column: str, rank: int, table: Table | None) -> dict[str, Any]:
    about = {one.name: one for one in table.columns}.get(column) if table else None
    tags = _tags(table, column) if table else []
    named = {"name": f"{table.name} {column}", "language": "en", "create_tag": False} if table else {}
    return {
        "name": feature,
        "uiName": column,
        "type": STRING,
        "description": about.description if about else "Id of the row in the corpus; left empty in a new one.",
        "visible": feature != "corpus_id",
        "multi_value_mode": "NONE",
        "link_mode": "NONE",
        "rank": rank,
        **({"tag_set": {**named, "description": about.description if about else "", "tags": tags}} if tags else {}),
    }


def _tags(table: Table, column: str) -> list[dict[str, str]]:
    if column == "question":
        return [{"tag_name": one.id, "tag_description": _meaning(one)} for one in table.questions]
    if column not in {one.name for one in table.columns}:
        return []
    meanings: dict[str, Label] = {label.id: label for label in table[column].meanings}
    if column == "label":
        meanings = {label.id: label for one in table.questions for label in one.labels} | meanings
    return [
        {"tag_name": label, "tag_description": _meaning(meanings[label]) if label in meanings else ""}
        for label in closed_values(table[column])
    ]


def _meaning(label: Label | Question) -> str:
    return " ".join(part.strip() for part in (label.definition, label.test) if part.strip())
