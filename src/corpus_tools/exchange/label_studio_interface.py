"""The labelling interface of Label Studio: its regions, what is asked of each, and what relations are called.

Source:
    Label Studio tags, labelstud.io/tags.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus_tools.exchange.annotating import closed_columns, closed_values, colour, found_labels
from corpus_tools.exchange.documents import Task, further
from corpus_tools.scheme import Table

TEXT = "text"
"""The name of the one text of a task, and of the datum it shows."""


@dataclass(frozen=True, slots=True)
class Control:
    """A tag of the interface by which a column is filled or a question answered."""

    table: Table
    column: str = ""
    question: str = ""
    values: tuple[str, ...] = ()
    """What can be chosen; empty where words are typed."""


def controls(task: Task) -> dict[str, Control]:
    """Name of each tag for a region's further columns and questions -> what it is for."""
    found = {}
    for table in task.tables:
        for column in further(table) if table.unit == "span" else ():
            found[f"{table.name}.{column.name}"] = Control(table, column=column.name, values=closed_values(column))
        for question in table.questions:
            labels = tuple(label.id for label in question.labels)
            found[f"{table.name}.{question.id}"] = Control(table, question=question.id, values=labels)
    return found


def relation_labels(task: Task) -> dict[str, tuple[Table, str, str]]:
    """What a relation can be called -> its table, and a column with a value of it."""
    found: dict[str, tuple[Table, str, str]] = {}
    for table in task.tables:
        if table.unit == "relation":
            found |= {f"{table.name}: {label}": (table, "label", label) for label in table["label"].labels}
            for column, values in closed_columns(table).items():
                found |= {f"{table.name}.{column}: {value}": (table, column, value) for value in values}
    return found


def interface(task: Task) -> str:
    """The interface for a task, in XML."""
    view = ET.Element("View")
    # Else the browser shows many blanks as one, and an offset would seem to be elsewhere.
    ET.SubElement(view, "Style").text = ".htx-text, .htx-richtext { white-space: pre-wrap; }"
    if names := relation_labels(task):
        relations = ET.SubElement(view, "Relations", {"choice": "multiple"})
        for name in names:
            ET.SubElement(relations, "Relation", {"value": name})
    shown, number = _shown_labels(task), 0
    for table, labels in shown.items():
        meanings = {one.id: one.definition for one in _meanings(task, table)}
        tag = ET.SubElement(view, "Labels", {"name": table, "toName": TEXT})
        for label in labels:
            hint = _hint(meanings.get(label, ""))
            ET.SubElement(tag, "Label", {"value": label, "background": colour(number, light=0.6), **hint})
            number += 1
    ET.SubElement(view, "Text", {"name": TEXT, "value": f"${TEXT}"})
    for name, control in controls(task).items():
        judged = control.table.constraints.judged or ""
        region = judged if control.question else control.table.name
        if region in shown:
            _add_control(view, name, control, region)
    ET.indent(view)
    return ET.tostring(view, encoding="unicode") + "\n"


def _shown_labels(task: Task) -> dict[str, Sequence[str]]:
    """Name of each table whose rows are regions -> its labels; of given ones those that occur."""
    own = {table.name: table["label"].labels for table in task.tables if table.unit == "span"}
    return {**found_labels(task.documents), **own}


def _meanings(task: Task, name: str) -> Iterator[Any]:
    for table in task.tables:
        if table.name == name:
            yield from table["label"].meanings


def _hint(definition: str) -> dict[str, str]:
    return {"hint": " ".join(definition.split())} if definition.strip() else {}


def _add_control(view: ET.Element, name: str, control: Control, region: str) -> None:
    """What is asked of a region when it is selected."""
    table = control.table
    when = {"whenTagName": region}
    if control.question:
        question = next(one for one in table.questions if one.id == control.question)
        said, meanings = question.definition, {label.id: label.definition for label in question.labels}
    else:
        column = table[control.column]
        said, meanings = column.description, {label.id: label.definition for label in column.meanings}
        if column.for_labels:
            when["whenLabelValue"] = ",".join(column.for_labels)
    part = ET.SubElement(view, "View", {"visibleWhen": "region-selected", **when})
    ET.SubElement(part, "Header", {"size": "5", "value": f"{name}: {' '.join(said.split())}"})
    tied = {"name": name, "toName": TEXT, "perRegion": "true", **when}
    if not control.values:
        ET.SubElement(part, "TextArea", {**tied, "editable": "true", "maxSubmissions": "1", "rows": "1"})
        return
    choices = ET.SubElement(part, "Choices", {**tied, "choice": "single", "showInline": "true"})
    for value in control.values:
        ET.SubElement(choices, "Choice", {"value": value, **_hint(meanings.get(value, ""))})
