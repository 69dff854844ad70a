"""Label Studio: the labelling interface, tasks with the rows that there are, and what Label Studio exports as JSON.

One task is one document, so that relations may go from text to text. Each text is a region of it too: what is asked of
a text is asked of that region. Places are in code points, a line end counting as one; older versions of the editor
counted in UTF-16 units, which is noticed by the words of a region. What results have no place for, the ids of relations
and answers and their free columns, travels in the data of the task, which Label Studio gives back unchanged.

Source:
    Label Studio task format, labelstud.io/guide/task_format; how the editor counts,
    web/libs/editor/src/utils/selection-tools.js at github.com/HumanSignal/label-studio (commit 014c626).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from corpus_tools.errors import RecordsError, counted, listed
from corpus_tools.exchange.annotating import all_left_out, closed_columns, in_order
from corpus_tools.exchange.documents import Answer, Document, Link, Mark, Task, same_text
from corpus_tools.exchange.label_studio_interface import TEXT, Control, controls, interface, relation_labels
from corpus_tools.exchange.offsets import Utf16
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.folder import LIST_SEPARATOR
from corpus_tools.scheme import Table

UNITS = frozenset({"span", "relation", "judgement"})
CONFIG, TASKS = "config.xml", "tasks.json"
_NOT_EXPORTS = frozenset({TASKS, "task.json"})
# The editor writes a line end as a backslash and an n, and may leave blanks out.
_BLANK = re.compile(r"\s|\\n")


_Regions: TypeAlias = dict[str, dict[str, str]]
"""Id of each region -> the tables that it has a label of -> the id of its row there."""


def write_task(task: Task, out: Path) -> list[str]:
    """Write the labelling interface and the tasks, with the rows that there are as predictions.

    Args:
        task: What is to be annotated.
        out: An empty folder: `config.xml` is for the settings of a new project, `tasks.json` to be imported.

    Returns:
        What Label Studio has no place for, one sentence for each kind.
    """
    write_whole(out / CONFIG, interface(task))
    tasks, lacking = [], []
    for document in task.documents:
        results = _Results(task, document)
        predictions = [{"model_version": "corpus", "result": results.results}] if results.results else []
        data = {"document": document.id, TEXT: document.text, "rows": results.rows}
        tasks.append({"data": data, "predictions": predictions})
        lacking.append(results.lacking)
    write_whole(out / TASKS, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    return list(all_left_out(lacking))


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read what Label Studio exported as JSON; every `.json` file in the folder that was not written with the task.

    A row that was made in Label Studio gets an id that begins with `new-`.

    Args:
        task: What was to be annotated.
        folder: The folder with the export.

    Returns:
        The documents, each with the rows of the tables of the task.

    Raises:
        RecordsError: If a document is missing, is there twice or has not one annotation, a text was changed, or a
            result does not hold; the message names the document and the region.
    """
    exports = sorted(path for path in folder.glob("*.json") if path.name not in _NOT_EXPORTS)
    paths = exports or [folder / TASKS]
    if not exports and not any("annotations" in record for record in _records(paths[0])):
        raise RecordsError(
            folder,
            f"has no export of Label Studio, only the {TASKS} that was made for it; export the project from Label "
            "Studio as JSON, and put that file into this folder",
        )
    given = {document.id: document for document in task.documents}
    found: dict[str, Document] = {}
    for path in paths:
        for record in _records(path):
            name = record["data"].get("document")
            if name not in given or name in found:
                problem = "is there a second time" if name in found else "is not of this task"
                raise RecordsError(path, f"document {name!r} {problem}; there are: {listed(given)}")
            found[name] = _Reading(task, given[name], path, record).document()
    if lost := [name for name in given if name not in found]:
        raise RecordsError(paths[-1], f"lacks {listed(lost)}; export all tasks of the project as JSON")
    return [found[name] for name in given]


class _Results:
    """The results of one task as Label Studio has them, and what goes beside them."""

    def __init__(self, task: Task, document: Document) -> None:
        self.results: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.lacking: dict[str, list[str]] = {}
        self._own = {table.name: table for table in task.tables}
        self._text = document.text
        self._regions: dict[str, dict[str, Any]] = {}
        """Id of each unit -> its place."""
        for mark in document.marks:
            self._add_mark(mark)
        self._asked: set[tuple[str, str, str]] = set()
        for answer in document.answers:
            if answer.table in self._own:
                self._add_answer(answer)
        for link in document.links:
            if link.table in self._own:
                self._add_link(link)

    def _add_mark(self, mark: Mark) -> None:
        if mark.start == mark.end:
            self._lack(f"{mark.table} without characters", mark.id)
            return
        place = {"start": mark.start, "end": mark.end, "text": self._text[mark.start : mark.end]}
        self._regions[mark.id] = place
        self._add(mark.id, mark.table, "labels", [mark.label])
        if mark.table not in self._own:
            return
        self.rows.append({"id": mark.id, "table": mark.table})
        closed = closed_columns(self._own[mark.table])
        for column, value in mark.values.items():
            self._add(mark.id, f"{mark.table}.{column}", "choices" if column in closed else "textarea", [value])

    def _add(self, region: str, name: str, kind: str, said: list[str]) -> None:
        key = "text" if kind == "textarea" else kind
        value = {**self._regions[region], key: said}
        self.results.append({"id": region, "from_name": name, "to_name": TEXT, "type": kind, "value": value})

    def _add_answer(self, answer: Answer) -> None:
        about = answer.table, answer.unit_id, answer.question
        if answer.unit_id not in self._regions:
            self._lack(f"{answer.table} about a unit that is no span", answer.id)
        elif about in self._asked:
            self._lack(f"{answer.table} with a question that is answered already", answer.id)
        else:
            self._asked.add(about)
            self._add(answer.unit_id, f"{answer.table}.{answer.question}", "choices", [answer.label])
            said = {"unit_id": answer.unit_id, "question": answer.question, "values": dict(answer.values)}
            self.rows.append({"id": answer.id, "table": answer.table, **said})

    def _add_link(self, link: Link) -> None:
        if link.from_id not in self._regions or link.to_id not in self._regions:
            self._lack(f"{link.table} with an end that is no span", link.id)
            return
        closed = closed_columns(self._own[link.table])
        labels = [f"{link.table}: {link.label}"]
        labels += [f"{link.table}.{column}: {value}" for column, value in link.values.items() if column in closed]
        ends = {"from_id": link.from_id, "to_id": link.to_id}
        self.results.append({**ends, "type": "relation", "direction": "right", "labels": labels})
        free = {column: value for column, value in link.values.items() if column not in closed}
        self.rows.append({"id": link.id, "table": link.table, **ends, "label": link.label, "values": free})

    def _lack(self, what: str, id_: str) -> None:
        self.lacking.setdefault(what, []).append(id_)


def _records(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise RecordsError(path, "is not there; export the project from Label Studio as JSON into this folder")
    try:
        records = json.loads(read_utf8(path, RecordsError))
    except ValueError as problem:
        raise RecordsError(path, f"is no JSON: {problem}") from None
    tasks = [one for one in records if isinstance(one, dict)] if isinstance(records, list) else []
    if len(tasks) != len(records) or not all(isinstance(one.get("data"), dict) for one in tasks):
        raise RecordsError(
            path, "is no list of tasks with their data; export as JSON: JSON-MIN has no ids and no relations"
        )
    return tasks


class _Reading:
    """One exported task as rows."""

    def __init__(self, task: Task, given: Document, path: Path, record: Mapping[str, Any]) -> None:
        self._given, self._path, self._given_units = given, path, given.units
        self._tables = {table.name: table for table in task.tables}
        self._controls, self._names = controls(task), relation_labels(task)
        same_text(path, given, str(record["data"].get(TEXT)))
        self._units = Utf16(given.text)
        self._rows: list[Mapping[str, Any]] = list(record["data"].get("rows", ()))
        kept = [one for one in record.get("annotations") or () if not one.get("was_cancelled")]
        if len(kept) != 1:
            raise self._error(f"has {counted(len(kept), 'annotation')}; submit one, and delete those that do not count")
        self._results: list[dict[str, Any]] = kept[0]["result"]
        self._of_regions: dict[str, list[dict[str, Any]]] = {}
        for result in self._results:
            self._of_regions.setdefault(result.get("id", ""), []).append(result)
        self._new = 0

    def document(self) -> Document:
        try:
            marks, regions = self._marks()
            answers = self._answers(regions)
            links = self._links(regions)
        except (KeyError, TypeError, AttributeError, IndexError) as problem:
            raise self._error(f"is not as Label Studio exports it: {problem!r}") from None
        ordered = tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end)))
        return replace(self._given, marks=ordered, links=links, answers=answers, tokens=())

    def _error(self, problem: str) -> RecordsError:
        return RecordsError(self._path, f"document {self._given.id}: {problem}")

    def _new_id(self) -> str:
        self._new += 1
        return f"new-{self._given.id}-{self._new}"

    def _marks(self) -> tuple[list[Mark], _Regions]:
        """The marks, and the units that each region is: one for each group of labels that it has one of."""
        marks: list[Mark] = []
        regions: _Regions = {}
        places: dict[str, tuple[int, int]] = {}
        known = {row["id"]: row["table"] for row in self._rows}
        for result in self._results:
            if result["type"] != "labels":
                continue
            region, name, labels = result["id"], result["from_name"], result["value"]["labels"]
            table = self._tables.get(name)
            if table is None and region not in self._given_units:
                raise self._error(f"region {region}: {name} are given, and are not to be added to")
            start, end = place = self._place(region, result["value"])
            if places.setdefault(region, place) != place:
                there = f"at {places[region][0]} to {places[region][1]} and at {start} to {end}"
                raise self._error(f"region {region} stands {there}; delete one, and mark it anew")
            units = regions.setdefault(region, {})
            if name in units:
                raise self._error(f"region {region} has two labels of {name}; mark the second one anew")
            if table is None:
                units[name] = region
                continue
            if len(labels) != 1 or labels[0] not in table["label"].labels:
                there = listed(table["label"].labels)
                raise self._error(f"region {region}: {listed(labels)} is not one label of {name}; there are: {there}")
            units[name] = region if known.get(region) == name else self._new_id()
            marks.append(Mark(units[name], name, start, end, labels[0], self._values(region, table)))
        return marks, regions

    def _unit(self, region: str, regions: _Regions, tables: Collection[str], what: str) -> str:
        """The unit of a region that may be an end of a relation, or that a question is about."""
        units = regions[region]
        able = {name: id_ for name, id_ in units.items() if name in tables} or units
        # A label that was added to the region of a row does not take from this what was said of it.
        if region in able.values():
            return region
        if len(able) > 1:
            raise self._error(
                f"{what}: region {region} is one of {listed(able)}; mark it anew for each, and tell which"
            )
        return next(iter(able.values()))

    def _place(self, region: str, value: Mapping[str, Any]) -> tuple[int, int]:
        start, end, text = int(value["start"]), int(value["end"]), self._given.text
        said = value.get("text")
        for places in ((start, end), self._in_points(start, end)):
            if places and 0 <= places[0] < places[1] <= len(text):
                stands = text[slice(*places)]
                if not isinstance(said, str) or _BLANK.sub("", stands) == _BLANK.sub("", said):
                    return places
        raise self._error(f"region {region}: at {start} to {end} does not stand {said!r}; mark the text as exported")

    def _in_points(self, start: int, end: int) -> tuple[int, int] | None:
        """A place that an older editor counted in UTF-16 units."""
        try:
            return self._units.to_points(start), self._units.to_points(end)
        except ValueError:
            return None

    def _values(self, region: str, table: Table) -> dict[str, str]:
        found = {}
        for result in self._of_regions[region]:
            control = self._controls.get(result.get("from_name", ""))
            if control and control.column and control.table.name == table.name:
                found[control.column] = self._said(region, result, control)
        return in_order(found, table)

    def _said(self, region: str, result: Mapping[str, Any], control: Control) -> str:
        if not control.values:
            words = result["value"]["text"]
            return words if isinstance(words, str) else LIST_SEPARATOR.join(words)
        chosen = result["value"]["choices"]
        if len(chosen) != 1 or chosen[0] not in control.values:
            raise self._error(
                f"region {region}: {listed(chosen)} is not one choice of {result['from_name']}; there are: "
                f"{listed(control.values)}"
            )
        return str(chosen[0])

    def _answers(self, regions: _Regions) -> tuple[Answer, ...]:
        found = []
        there = {(row["table"], row["unit_id"], row["question"]): row for row in self._rows if "question" in row}
        for result in self._results:
            name = result.get("from_name", "")
            control = self._controls.get(name)
            if result["type"] == "labels" or result["type"] == "relation":
                continue
            if control is None:
                raise self._error(f"{name!r} is nothing that is asked here; there are: {listed(self._controls)}")
            if not control.question:
                continue
            region = result["id"]
            if region not in regions:
                raise self._error(f"region {region}: {name} is answered about nothing; label the region first")
            judged = control.table.constraints.judged
            unit = self._unit(region, regions, (judged,) if judged else (), f"the answer to {name}")
            row = there.get((control.table.name, unit, control.question))
            id_, values = (row["id"], row["values"]) if row else (self._new_id(), {})
            label = self._said(region, result, control)
            found.append(Answer(id_, control.table.name, unit, control.question, label, values))
        return tuple(found)

    def _links(self, regions: _Regions) -> tuple[Link, ...]:
        found = [self._link(result, regions) for result in self._results if result["type"] == "relation"]
        rows = [row for row in self._rows if "from_id" in row]
        # A relation has no id in Label Studio: it is known by ends and label, or where it was relabelled by its ends.
        for keys in (("table", "from_id", "to_id", "label"), ("table", "from_id", "to_id")):
            for number, link in enumerate(found):
                row = next((one for one in rows if all(one[key] == getattr(link, key) for key in keys)), None)
                if not link.id and row:
                    rows.remove(row)
                    values = {**row["values"], **link.values}
                    found[number] = replace(link, id=row["id"], values=in_order(values, self._tables[link.table]))
        return tuple(link if link.id else replace(link, id=self._new_id()) for link in found)

    def _link(self, result: Mapping[str, Any], regions: _Regions) -> Link:
        ends = [result["from_id"], result["to_id"]]
        what = f"the relation from {ends[0]} to {ends[1]}"
        if lost := [end for end in ends if end not in regions]:
            raise self._error(f"{what}: {listed(lost)} is no labelled region")
        if result.get("direction", "right") not in ("right", "left"):
            raise self._error(f"{what} goes both ways; give it one direction")
        if result.get("direction") == "left":
            ends.reverse()
        labels = result.get("labels") or []
        if unknown := [label for label in labels if label not in self._names]:
            raise self._error(f"{what}: {listed(unknown)} is no relation here; there are: {listed(self._names)}")
        said = [self._names[label] for label in labels]
        columns = [(column, value) for _, column, value in said]
        tables = {table.name for table, _, _ in said}
        if len(tables) != 1 or [column for column, _ in columns].count("label") != 1 or len(dict(columns)) < len(said):
            raise self._error(f"{what} is called {listed(labels)}; choose one relation, and one value of each column")
        values, name = dict(columns), tables.pop()
        rules = self._tables[name].constraints
        from_id = self._unit(ends[0], regions, rules.from_tables, what)
        to_id = self._unit(ends[1], regions, rules.to_tables, what)
        return Link("", name, from_id, to_id, values.pop("label"), values)
