"""What INCEpTION exports, as the documents of a task: archives opened, files matched to documents, annotations checked.

A format says what stands in each of its files; what follows from that is the same for all.

Source:
    Export archives as in the source of INCEpTION: https://github.com/inception-project/inception
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus_tools.errors import RecordsError, listed
from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, Task, same_text
from corpus_tools.exchange.inception_layers import types_of
from corpus_tools.scheme import Table

_INITIAL = "INITIAL_CAS"
"""How INCEpTION calls a document as it was imported, beside those of the annotators."""
_ENDINGS = re.compile(r"(?:\.(?:zip|xmi|tsv))+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """An annotation as a file has it."""

    key: Hashable
    type: str
    start: int
    end: int
    features: Mapping[str, str]
    where: str
    ends: tuple[Hashable, Hashable] | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that came back."""

    text: str
    found: Sequence[Found] = field(default_factory=list)


def files_in(folder: Path) -> dict[Path, bytes]:
    """The files under a folder, also in ZIP archives, as if these were folders."""
    found: dict[Path, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found |= _opened(path, path.read_bytes())
    return found


def _opened(path: Path, raw: bytes) -> dict[Path, bytes]:
    if path.suffix.lower() != ".zip":
        return {path: raw}
    found: dict[Path, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    found |= _opened(path / name.lstrip("/"), archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as problem:
        raise RecordsError(path, f"is no ZIP archive that can be opened: {problem}") from None
    return found


def as_imported(path: Path) -> bool:
    """Whether a file is a document as it was imported, which INCEpTION exports beside those of the annotators."""
    return any(_ENDINGS.sub("", part) == _INITIAL for part in path.parts)


def returned(
    task: Task, folder: Path, parsed: Mapping[Path, Parsed], ending: str, *, same: Callable[[str, str], bool]
) -> list[Document]:
    """The documents of a task as files that came back have them, with the rows of its tables only.

    Args:
        task: The task.
        folder: Where the files lie.
        parsed: Each file.
        ending: How the name of a file ends, with its dot.
        same: Whether a text, as far as the format can hold it, is that of a file.

    Returns:
        One document for each of the task, in order.

    Raises:
        RecordsError: If a document has no file or several, a text was changed, or an annotation does not hold.
    """
    files: dict[str, list[Path]] = {document.id: [] for document in task.documents}
    for path, file in parsed.items():
        files[_document_of(task, folder, path, file, same)].append(path)
    reading = _Reading(task)
    made = []
    for document in task.documents:
        given = folder / f"{document.id}{ending}"
        paths = [path for path in files[document.id] if path != given] or files[document.id]
        if not paths:
            raise RecordsError(given, f"is not there, nor another {ending} file of {document.id}")
        if len(paths) > 1:
            raise RecordsError(folder, f"has several files of {document.id}: {listed(paths)}; leave one annotator's")
        file = parsed[paths[0]]
        if not same(document.text, file.text):
            same_text(paths[0], document, file.text)
        made.append(reading.document(document, paths[0], file.found))
    return made


def _document_of(task: Task, folder: Path, path: Path, file: Parsed, same: Callable[[str, str], bool]) -> str:
    """The document of a file: by its name, that of a folder or archive it is in, or else by its text."""
    ids = {document.id for document in task.documents}
    for part in reversed(path.relative_to(folder).parts):
        if (name := _ENDINGS.sub("", part)) in ids:
            return name
    alike = [document.id for document in task.documents if same(document.text, file.text)]
    if len(alike) != 1:
        raise RecordsError(path, f"is of no document of the task; name it after one of these: {listed(sorted(ids))}")
    return alike[0]


class _Reading:
    """What came back, with ids: those of the corpus, and new ones, each given once."""

    def __init__(self, task: Task) -> None:
        self._tables = {table.name: table for table in task.tables}
        self._types = {type_.name: (name, type_) for name, type_ in types_of(task).items()}
        self._given: set[str] = set()

    def document(self, document: Document, path: Path, found: Sequence[Found]) -> Document:
        ids = {one.key: self._id(one) for one in found if one.type in self._types}
        marks, links, answers = [], [], []
        for one in found:
            name, type_ = self._types.get(one.type, ("", None))
            table = self._tables.get(name)
            if table is None or type_ is None:
                continue
            values = {column: one.features[key] for key, column in type_.columns.items() if key in one.features}
            if table.unit == "relation":
                ends = _ends(path, one, table, ids)
                label = _label(path, one, table, table["label"].labels)
                links.append(Link(ids[one.key], name, *ends, label, values))
            elif table.unit != "judgement":
                label = _label(path, one, table, table["label"].labels)
                marks.append(Mark(ids[one.key], name, one.start, one.end, label, values))
            else:
                answers.append((one, table, values))
        there = {mark.id: (mark.start, mark.end, mark.table) for mark in (*document.marks, *marks)}
        known = {*there, *(row["token_id"] for row in document.tokens), *ids.values()}
        known |= {link.id for link in document.links} | {answer.id for answer in document.answers}
        return replace(
            document,
            marks=tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))),
            links=tuple(links),
            answers=tuple(
                _answer(path, one, table, ids[one.key], values, there, known) for one, table, values in answers
            ),
            tokens=(),
        )

    def _id(self, one: Found) -> str:
        name = self._types[one.type][0]
        id_ = one.features.get("corpus_id", "")
        if name not in self._tables:
            return id_
        number = 0
        while not id_ or id_ in self._given:
            number += 1
            id_ = f"new-{name}-{number}"
        self._given.add(id_)
        return id_


def _label(path: Path, one: Found, table: Table, labels: Sequence[str]) -> str:
    label = one.features.get("label", "")
    if label not in labels:
        known = f"is no label of {table.name}; there are {listed(labels)}"
        raise RecordsError(path, f"{one.where}: {label!r} at {one.start} to {one.end} {known}")
    return label


def _ends(path: Path, one: Found, table: Table, ids: Mapping[Hashable, str]) -> tuple[str, str]:
    start, goal = (ids.get(key, "") for key in one.ends or (None, None))
    if not start or not goal:
        lost = f"an end of this relation of {table.name} is no unit of the task"
        raise RecordsError(path, f"{one.where}: {lost}; draw it between such units")
    return start, goal


def _answer(
    path: Path,
    one: Found,
    table: Table,
    id_: str,
    values: Mapping[str, str],
    there: Mapping[str, tuple[int, int, str]],
    known: Iterable[str],
) -> Answer:
    question = one.features.get("question", "")
    questions = {asked.id: asked for asked in table.questions}
    if questions and question not in questions:
        raise RecordsError(
            path, f"{one.where}: {question!r} is no question of {table.name}; there are {listed(questions)}"
        )
    labels = [label.id for label in questions[question].labels] if questions else table["label"].labels
    label = _label(path, one, table, labels)
    unit = one.features.get("unit", "")
    if not unit:
        judged = (one.start, one.end, table.constraints.judged or TEXTS)
        same = [name for name, place in there.items() if place == judged]
        if len(same) != 1:
            place = f"{table.name} at {one.start} to {one.end}"
            raise RecordsError(path, f"{one.where}: {place}: say in `unit` what is judged")
        unit = same[0]
    elif unit not in known:
        raise RecordsError(path, f"{one.where}: {unit!r}, judged in {table.name}, is the id of no unit of the task")
    return Answer(id_, table.name, unit, question, label, values)
