"""A file of WebAnno TSV, 3.2 or 3.3, as the text and the annotations that it holds.

What begins its lines and fills its cells is named here, for the writer too.

Source:
    INCEpTION user guide, WebAnno TSV 3.3 file format: https://inception-project.github.io; what the guide leaves open
    as in the reader of INCEpTION: https://github.com/inception-project/inception
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from corpus_tools.errors import RecordsError
from corpus_tools.exchange.inception_reading import Found, Parsed
from corpus_tools.exchange.offsets import Utf16

FORMAT = "#FORMAT=WebAnno TSV 3.3"
SPAN, RELATION = "#T_SP", "#T_RL"
"""How the lines of the header begin that declare the columns of a type."""
NONE, UNSET = "_", "*"
"""A cell without an annotation, and an annotation without this value."""
LETTERS = {"\t": "t", "\n": "n", "\f": "f", "\r": "r", "\b": "b"}
"""Characters that are escaped as a backslash and a letter."""
_CHAIN = "#T_CH"
_READ = re.compile(r"#FORMAT=WebAnno TSV 3\.[23]")
_PIECE = re.compile(r"\\.|[^\\]|\\$", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBERED = re.compile(r"((?:\\.|[^\\\[\]])*)\[(\d+)\]", re.DOTALL)
_UNIT = re.compile(r"\d+-\d+(\.\d+)?")
_PLACE = re.compile(r"(\d+)-(\d+)")
_END = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)_(\d+)\])?")


def parse(path: Path, raw: bytes) -> Parsed:
    """Read one file.

    Raises:
        RecordsError: If it is no WebAnno TSV 3.2 or 3.3, or a line does not hold; the message names the line.
    """
    return _Parsing(path, raw).parsed()


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
            raise RecordsError(self._path, f"line 1: {self._lines[0][:40]!r} is not {FORMAT!r}, nor 3.2")
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
            if kind not in (SPAN, _CHAIN, RELATION):
                return number
            type_, *features = [part for part in declared.split("|") if part]
            for feature in features or [""]:
                ends = feature.removeprefix("BT_") if kind == RELATION and feature.startswith("BT_") else ""
                # Slots have two columns, a role and the type of what fills it.
                slot = kind == SPAN and (feature.startswith("ROLE_") or "." in feature)
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
    if cell == NONE:
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
        found.append((None if value in (UNSET, NONE) else _unescaped(value, "tnr"), number))
    return found


def _unescaped(text: str, letters: str) -> str:
    meant = {letter: character for character, letter in LETTERS.items() if letter in letters}
    return _ESCAPED.sub(lambda found: meant.get(found[1], found[1]), text)
