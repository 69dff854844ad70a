r"""WebAnno TSV 3.3: documents out as lines of tokens, and what was annotated on them back.

A sentence reaches to the first token of the next, so that the lines `#Text=` hold every character. An edge of a mark
inside a token is a part of it (`1-2.1`); white space in which a mark begins or ends is a token of its own. Every
annotation has its number in brackets, so that relations find their ends whatever layer these are of. The carriage
return in a value, for which the format has no escape, is written `\r`.

Source:
    INCEpTION user guide, WebAnno TSV 3.3 file format: https://inception-project.github.io; what the guide leaves open
    as in the reader and writer of INCEpTION: https://github.com/inception-project/inception
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from corpus_tools.corpus import Corpus
from corpus_tools.errors import RecordsError
from corpus_tools.exchange.documents import Document, Task, documents_of, left_out
from corpus_tools.exchange.offsets import Utf16
from corpus_tools.exchange.xmi import (
    DEPENDENCY,
    LAYERS,
    POS,
    TOKEN_COLUMNS,
    UNITS,
    Arc,
    Found,
    Parsed,
    Sentence,
    Sheet,
    Span,
    Type,
    Word,
    as_imported,
    files_in,
    heads_of,
    layers_json,
    lost_in,
    returned,
    sheet_of,
    token_features,
    types_of,
)
from corpus_tools.files import write_whole
from corpus_tools.scheme import Table

__all__ = ["UNITS", "read_task", "write", "write_task"]

_FORMAT = "#FORMAT=WebAnno TSV 3.3"
_READ = re.compile(r"#FORMAT=WebAnno TSV 3\.[23]")
_SPAN, _CHAIN, _RELATION = "#T_SP", "#T_CH", "#T_RL"
_NONE, _UNSET = "_", "*"
_IN_VALUE = re.compile(r"->|[\\\[\]|_;*\t\n\r]")
# As INCEpTION escapes a text: these have letters, other control characters a backslash before them.
_LETTERS = {"\t": "t", "\n": "n", "\f": "f", "\r": "r", "\b": "b"}
_IN_TEXT = re.compile(r"[\\\x00-\x0a\x0c-\x1f]")
_PIECE = re.compile(r"\\.|[^\\]|\\$", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBERED = re.compile(r"((?:\\.|[^\\\[\]])*)\[(\d+)\]", re.DOTALL)
_UNIT = re.compile(r"\d+-\d+(\.\d+)?")
_PLACE = re.compile(r"(\d+)-(\d+)")
_END = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)_(\d+)\])?")


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write a folder with the layer settings and a TSV file for each thread."""
    found = documents_of(corpus, tables)
    return [*found.left_out, *write_task(Task(tuple(tables), found.documents), out)]


def write_task(task: Task, out: Path) -> list[str]:
    """Write a folder with a TSV file for each document, and the layers for the settings of INCEpTION.

    Returns:
        What WebAnno TSV cannot hold, one sentence each.
    """
    types = types_of(task)
    sheets = [sheet_of(document, types) for document in task.documents]
    write_whole(out / LAYERS, layers_json(task, types))
    lost: dict[str, list[str]] = {}
    for sheet in sheets:
        write_whole(out / f"{sheet.document.id}.tsv", _Lines(sheet, types, lost).text())
    return [*lost_in(sheets), *left_out(lost)]


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read the TSV files that came back, also out of ZIP archives.

    Of a document, the file as it was given out counts only if there is no other. The ids of new rows begin with `new-`.
    White space of a text may come back as other white space: the format cannot tell what stands between sentences.

    Raises:
        RecordsError: If a document has no file or several, a text was changed, a file is no WebAnno TSV 3.2 or 3.3, or
            an annotation does not hold; the message names the line.
    """
    parsed = {
        path: _Parsing(path, raw).parsed()
        for path, raw in files_in(folder).items()
        if path.suffix.lower() == ".tsv" and not as_imported(path)
    }
    return returned(task, folder, parsed, ".tsv", same=_same)


def _escaped_text(text: str) -> str:
    return _IN_TEXT.sub(lambda found: "\\" + _LETTERS.get(found[0], found[0]), text)


def _escaped_value(value: str) -> str:
    letters = {"\t": "t", "\n": "n", "\r": "r"}
    return _IN_VALUE.sub(lambda found: "\\" + letters.get(found[0], found[0]), value)


def _unescaped(text: str, letters: str) -> str:
    meant = {letter: character for character, letter in _LETTERS.items() if letter in letters}
    return _ESCAPED.sub(lambda found: meant.get(found[1], found[1]), text)


@dataclass(slots=True)
class _Unit:
    """A token or a part of one, with what is said of it."""

    name: str
    start: int
    end: int
    spans: dict[str, list[Span]] = field(default_factory=dict)
    """Type -> its annotations here."""
    arcs: dict[str, list[Arc]] = field(default_factory=dict)
    """Type -> its relations that lead to here."""


class _Lines:
    """A document as lines."""

    def __init__(self, sheet: Sheet, types: Mapping[str, Type], lost: dict[str, list[str]]) -> None:
        self._text, self._sheet = sheet.document.text, sheet
        self._sentences = list(_covering(sheet))
        words = [word for sentence in self._sentences for word in sentence.words]
        self._starts, self._ends = [word.start for word in words], [word.end for word in words]
        self._units = [
            [_Unit(f"{number}-{rank}", word.start, word.end)]
            for number, sentence in enumerate(self._sentences, start=1)
            for rank, word in enumerate(sentence.words, start=1)
        ]
        tables = {type_.name: table for table, type_ in types.items()}
        self._first: dict[str, _Unit] = {}
        self._numbers: dict[str, int] = {}
        self._order: dict[int, int] = {}
        for number, span in enumerate(sheet.spans, start=1):
            self._order[id(span)] = number
            if not words:
                lost.setdefault(f"{tables.get(span.type, 'tokens')} on an empty text", []).append(span.id)
                continue
            units = self._under(span.start, span.end)
            for unit in units:
                unit.spans.setdefault(span.type, []).append(span)
            # A token itself can be no end, only what is said of it.
            if span.id in sheet.document.units or span.id in {answer.id for answer in sheet.document.answers}:
                self._first[span.id], self._numbers[span.id] = units[0], number
        for arc in sheet.arcs:
            if arc.from_id in self._first and arc.to_id in self._first:
                self._first[arc.to_id].arcs.setdefault(arc.type, []).append(arc)
            else:
                lost.setdefault(f"{tables[arc.type]} with an end that is no span", []).append(arc.id)
        self._types = types

    def text(self) -> str:
        """The file."""
        return "\n".join(self._lines()) + "\n"

    def _under(self, start: int, end: int) -> list[_Unit]:
        """The tokens and parts of tokens that a stretch is made of."""
        if start == end:
            at = min(bisect_left(self._ends, start), len(self._ends) - 1)
            return [self._part(at, start, end)]
        at = bisect_right(self._starts, start) - 1
        found = []
        while at < len(self._starts) and self._starts[at] < end:
            found.append(self._part(at, max(start, self._starts[at]), min(end, self._ends[at])))
            at += 1
        return found

    def _part(self, at: int, start: int, end: int) -> _Unit:
        units = self._units[at]
        for unit in units:
            if (unit.start, unit.end) == (start, end):
                return unit
        units.append(_Unit(f"{units[0].name}.{len(units)}", start, end))
        return units[-1]

    def _lines(self) -> Iterator[str]:
        span_columns, arc_columns = self._columns()
        tokens = [(type_, tuple(TOKEN_COLUMNS[type_])) for type_ in TOKEN_COLUMNS if self._has(type_)]
        heads = {id(word): (governor, deprel) for s in self._sentences for word, governor, deprel in heads_of(s)}
        yield _FORMAT
        for type_, features in (*tokens, *span_columns.items()):
            yield f"{_SPAN}={type_}|{'|'.join(features)}"
        if heads:
            yield f"{_RELATION}={DEPENDENCY}|DependencyType|BT_{POS}"
        for type_, features in arc_columns.items():
            yield f"{_RELATION}={type_}|{'|'.join((*features, f'BT_{self._ends_of(type_)}'))}"
        yield ""
        places = Utf16(self._text)
        units = iter(self._units)
        begins = [sentence.words[0].start for sentence in self._sentences]
        for number, sentence in enumerate(self._sentences):
            end = begins[number + 1] if number + 1 < len(begins) else len(self._text)
            yield ""
            if sentence.id:
                yield f"#Sentence.id={_escaped_text(sentence.id)}"
            yield from (f"#Text={_escaped_text(line)}" for line in self._text[begins[number] : end].split("\n"))
            names = {
                (word.start, word.end): f"{number + 1}-{rank}" for rank, word in enumerate(sentence.words, start=1)
            }
            for word in sentence.words:
                for unit in next(units):
                    whole = "." not in unit.name
                    cells = [unit.name, f"{places.to_units(unit.start)}-{places.to_units(unit.end)}"]
                    cells.append(_escaped_text(self._text[unit.start : unit.end]))
                    cells += [cell for type_, _ in tokens for cell in _token_cells(word, type_, whole)]
                    cells += [
                        cell for type_, names_ in span_columns.items() for cell in self._span_cells(unit, type_, names_)
                    ]
                    if heads:
                        governor, deprel = heads.get(id(word), (None, None)) if whole else (None, None)
                        said = [_cell(deprel), names[governor.start, governor.end]] if governor else [_NONE, _NONE]
                        cells += said
                    cells += [
                        cell for type_, names_ in arc_columns.items() for cell in self._arc_cells(unit, type_, names_)
                    ]
                    yield "\t".join(cells) + "\t"

    def _columns(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """The types that occur, with those of their features that are filled."""
        spans: dict[str, dict[str, None]] = {}
        for span in self._sheet.spans:
            spans.setdefault(span.type, {}).update(dict.fromkeys(span.features))
        arcs: dict[str, dict[str, None]] = {}
        for row in self._units:
            for unit in row:
                for of_type in unit.arcs.values():
                    for arc in of_type:
                        arcs.setdefault(arc.type, {}).update(dict.fromkeys(arc.features))
        return {key: tuple(value) for key, value in spans.items()}, {key: tuple(value) for key, value in arcs.items()}

    def _has(self, type_: str) -> bool:
        return any(token_features(word, type_) for sentence in self._sentences for word in sentence.words)

    def _ends_of(self, type_: str) -> str:
        return next(known.ends for known in self._types.values() if known.name == type_)

    def _span_cells(self, unit: _Unit, type_: str, features: Iterable[str]) -> Iterator[str]:
        here = unit.spans.get(type_, [])
        for feature in features:
            values = (f"{_cell(span.features.get(feature))}[{self._order[id(span)]}]" for span in here)
            yield "|".join(values) or _NONE

    def _arc_cells(self, unit: _Unit, type_: str, features: Iterable[str]) -> Iterator[str]:
        here = unit.arcs.get(type_, [])
        for feature in features:
            yield "|".join(_cell(arc.features.get(feature)) for arc in here) if here else _NONE
        ends = (
            f"{self._first[arc.from_id].name}[{self._numbers[arc.from_id]}_{self._numbers[arc.to_id]}]" for arc in here
        )
        yield "|".join(ends) or _NONE


def _cell(value: str | None) -> str:
    return _UNSET if value is None else _escaped_value(value)


def _token_cells(word: Word, type_: str, whole: bool) -> list[str]:
    said = token_features(word, type_) if whole else {}
    return [_cell(said.get(feature)) if said else _NONE for feature in TOKEN_COLUMNS[type_]]


def _covering(sheet: Sheet) -> Iterator[Sentence]:
    """The sentences, with white space as a token where a mark begins or ends in it, or the text begins with it."""
    words = [(word.start, word.end) for sentence in sheet.sentences for word in sentence.words]
    gaps = list(
        zip([0, *(end for _, end in words)], [*(start for start, _ in words), len(sheet.document.text)], strict=True)
    )
    begins = [start for start, _ in gaps]
    needed = {0} if gaps[0][0] < gaps[0][1] else set()
    for span in sheet.spans:
        for edge, is_end in ((span.start, False), (span.end, True)):
            at = bisect_right(begins, edge) - 1
            for gap in {max(at - 1, 0), at}:
                start, end = gaps[gap]
                inside = start < edge <= end if is_end else start <= edge < end
                if start < end and inside and (span.start < span.end or start < edge < end):
                    needed.add(gap)
    number = 0
    leading = [Word(*gaps[0])] if 0 in needed else []
    if leading and not sheet.sentences:
        yield Sentence("", tuple(leading))
    for sentence in sheet.sentences:
        kept = leading
        leading = []
        for word in sentence.words:
            number += 1
            kept.append(word)
            if number in needed:
                kept.append(Word(*gaps[number]))
        yield Sentence(sentence.id, tuple(kept))


def _same(text: str, found: str) -> bool:
    return re.sub(r"\s", " ", text) == re.sub(r"\s", " ", found)


@dataclass(frozen=True, slots=True)
class _Column:
    type: str
    feature: str
    """Empty where there is none."""
    kind: str
    """How the line of the header begins that declares it; slots are passed over as chains are."""
    ends: str = ""
    """For the last column of a relation: the type of the ends."""


# The number of an annotation; for one without a number, its unit and type, or its line and place among all.
_Key: TypeAlias = int | tuple[str, str]


@dataclass(slots=True)
class _Annotation:
    """A span, or a relation with the places of what it joins."""

    type: str
    line: int
    start: int
    end: int
    features: dict[str, str]
    ends: tuple[_Key, _Key] | None = None


# A value, null where it is unset, with the number of its annotation, empty where it has none.
_Value: TypeAlias = tuple[str | None, str]


class _Parsing:
    """One file, line by line."""

    def __init__(self, path: Path, raw: bytes) -> None:
        self._path = path
        try:
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as problem:
            raise RecordsError(path, f"is not UTF-8: {problem}") from None
        self._lines = text.removesuffix("\n").split("\n")
        self._columns: list[_Column] = []
        self._text, self._n_units = "", 0
        self._made: dict[_Key, _Annotation] = {}
        self._at: dict[_Key, _Key] = {}
        """Unit and type -> the first annotation there."""

    def parsed(self) -> Parsed:
        """The text with the annotations."""
        if not _READ.fullmatch(self._lines[0]):
            raise RecordsError(self._path, f"line 1: {self._lines[0][:40]!r} is not {_FORMAT!r}, nor 3.2")
        below = self._header()
        sentence: list[str] = []
        for number, line in enumerate(self._lines[below:], start=below + 1):
            if line.startswith("#Text="):
                sentence.append(_unescaped(line.removeprefix("#Text="), "tnfrb"))
            elif line and not line.startswith("#"):
                self._line(number, line.removesuffix("\t").split("\t"), "".join(f"{part}\n" for part in sentence))
                sentence = []
        text = self._text.removesuffix("\n")
        return Parsed(text, list(self._found(Utf16(text))))

    def _error(self, number: int, problem: str) -> RecordsError:
        return RecordsError(self._path, f"line {number}: {problem}")

    def _header(self) -> int:
        """Read the columns; the number of the lines above the body."""
        for number, line in enumerate(self._lines[1:], start=1):
            kind, _, declared = line.partition("=")
            if kind not in (_SPAN, _CHAIN, _RELATION):
                return number
            type_, *features = [part for part in declared.split("|") if part]
            for feature in features or [""]:
                ends = feature.removeprefix("BT_") if kind == _RELATION and feature.startswith("BT_") else ""
                # Slots have two columns, a role and the type of what fills it.
                slot = kind == _SPAN and (feature.startswith("ROLE_") or "." in feature)
                self._columns.append(_Column(type_, "" if ends else feature, _CHAIN if slot else kind, ends))
        return len(self._lines)

    def _line(self, number: int, cells: list[str], sentence: str) -> None:
        if len(cells) != len(self._columns) + 3:
            raise self._error(number, f"{len(cells)} cells; there must be {len(self._columns) + 3}, divided by tabs")
        unit, place = cells[0], _PLACE.fullmatch(cells[1])
        if not _UNIT.fullmatch(unit) or place is None:
            raise self._error(number, f"{unit!r} at {cells[1]!r} is no token; one begins like '1-2' and '4-8'")
        start, end = int(place[1]), int(place[2])
        if sentence:
            self._begin(number, start, sentence)
        if not start <= end <= self._n_units:
            raise self._error(number, f"{cells[1]} is no place in the text, which has {self._n_units} units up to here")
        of_type: dict[str, list[tuple[_Column, list[_Value]]]] = {}
        for column, cell in zip(self._columns, cells[3:], strict=False):
            if column.kind != _CHAIN:
                of_type.setdefault(column.type, []).append((column, _stack(cell)))
        for type_, columns in of_type.items():
            heights = {len(stack) for _, stack in columns}
            if len(heights) > 1:
                raise self._error(number, f"the columns of {type_} hold different numbers of annotations")
            for level in range(max(heights, default=0)):
                cut = [(column, stack[level]) for column, stack in columns if len(stack) > level]
                self._add(number, unit, _Annotation(type_, number, start, end, {}), cut)

    def _begin(self, number: int, start: int, sentence: str) -> None:
        if self._n_units == start + 1 and self._text.endswith("\n"):
            self._text, self._n_units = self._text[:-1], start
        if self._n_units > start:
            raise self._error(number, f"the sentence begins at {start}, before the end of the one above it")
        self._text += " " * (start - self._n_units) + sentence
        self._n_units = start + len(sentence) + sum(ord(character) > 0xFFFF for character in sentence)

    def _add(self, number: int, unit: str, made: _Annotation, cells: Sequence[tuple[_Column, _Value]]) -> None:
        made.features = {column.feature: value for column, (value, _) in cells if column.feature and value is not None}
        last, (value, _) = cells[-1]
        key: _Key = (str(number), str(len(self._made)))
        if last.ends:
            end = _END.fullmatch(value or "")
            if end is None:
                raise self._error(number, f"{value!r} is no end of a relation; one looks like '1-2' or '1-2[3_4]'")
            made.ends = (_key(end[1], end[2], last.ends), _key(unit, end[3], last.ends))
        elif numbered_as := next((int(numbered) for _, (_, numbered) in cells if numbered), 0):
            key = numbered_as
        if known := self._made.get(key):
            known.start, known.end = min(known.start, made.start), max(known.end, made.end)
        else:
            self._made[key] = made
        self._at.setdefault((unit, made.type), key)

    def _found(self, places: Utf16) -> Iterator[Found]:
        # Numbers say in which order annotations were written.
        by_number = sorted(self._made, key=lambda key: (not isinstance(key, int), key if isinstance(key, int) else 0))
        for key in by_number:
            made = self._made[key]
            try:
                start, end = places.to_points(made.start), places.to_points(made.end)
            except ValueError as problem:
                raise self._error(made.line, str(problem)) from None
            ends = made.ends and (self._at.get(made.ends[0], made.ends[0]), self._at.get(made.ends[1], made.ends[1]))
            yield Found(key, made.type, start, end, made.features, f"line {made.line}", ends)


def _key(unit: str, number: str | None, type_: str) -> _Key:
    return int(number) if number and int(number) else (unit, type_)


def _stack(cell: str) -> list[_Value]:
    """The values of a cell that stand on one another."""
    if cell == _NONE:
        return []
    parts = [""]
    for piece in _PIECE.findall(cell):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    found: list[_Value] = []
    for part in parts:
        numbered = _NUMBERED.fullmatch(part)
        value, number = (numbered[1], numbered[2]) if numbered else (part, "")
        found.append((None if value in (_UNSET, _NONE) else _unescaped(value, "tnr"), number))
    return found
