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

from corpus_tools.corpus import Corpus
from corpus_tools.exchange.annotating import all_left_out
from corpus_tools.exchange.documents import Document, Task, documents_of, left_out
from corpus_tools.exchange.inception_layers import LAYERS, UNITS, Type, layers_json, types_of
from corpus_tools.exchange.inception_reading import as_imported, files_in, returned
from corpus_tools.exchange.inception_sheets import (
    DEPENDENCY,
    POS,
    TOKEN_COLUMNS,
    Arc,
    Sentence,
    Sheet,
    Span,
    Word,
    heads_of,
    sheets_of,
    token_features,
)
from corpus_tools.exchange.offsets import Utf16
from corpus_tools.exchange.webanno_reading import FORMAT, LETTERS, NONE, RELATION, SPAN, UNSET, parse
from corpus_tools.files import write_whole
from corpus_tools.scheme import Table

__all__ = ["UNITS", "read_task", "write", "write_task"]

_IN_VALUE = re.compile(r"->|[\\\[\]|_;*\t\n\r]")
# As INCEpTION escapes a text: those of `LETTERS` have letters, other control characters a backslash before them.
_IN_TEXT = re.compile(r"[\\\x00-\x0a\x0c-\x1f]")


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
    sheets = sheets_of(task.documents, types)
    write_whole(out / LAYERS, layers_json(task, types))
    lost: dict[str, list[str]] = {}
    for sheet in sheets:
        write_whole(out / f"{sheet.document.id}.tsv", _Lines(sheet, types, lost).text())
    return [*all_left_out(sheet.lost for sheet in sheets), *left_out(lost)]


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read the TSV files that came back, also out of ZIP archives.

    Of a document, the file as it was given out counts only if there is no other. The ids of new rows begin with `new-`.
    White space of a text may come back as other white space: the format cannot tell what stands between sentences.

    Raises:
        RecordsError: If a document has no file or several, a text was changed, a file is no WebAnno TSV 3.2 or 3.3, or
            an annotation does not hold; the message names the line.
    """
    parsed = {
        path: parse(path, raw)
        for path, raw in files_in(folder).items()
        if path.suffix.lower() == ".tsv" and not as_imported(path)
    }
    return returned(task, folder, parsed, ".tsv", same=_same)


def _escaped_text(text: str) -> str:
    return _IN_TEXT.sub(lambda found: "\\" + LETTERS.get(found[0], found[0]), text)


def _escaped_value(value: str) -> str:
    letters = {"\t": "t", "\n": "n", "\r": "r"}
    return _IN_VALUE.sub(lambda found: "\\" + letters.get(found[0], found[0]), value)


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
        ends = {mark.id for mark in sheet.document.marks} | {answer.id for answer in sheet.document.answers}
        for number, span in enumerate(sheet.spans, start=1):
            self._order[id(span)] = number
            if not words:
                lost.setdefault(f"{tables.get(span.type, 'tokens')} on an empty text", []).append(span.id)
                continue
            units = self._under(span.start, span.end)
            for unit in units:
                unit.spans.setdefault(span.type, []).append(span)
            # A token itself can be no end, only what is said of it.
            if span.id in ends:
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
        yield FORMAT
        for type_, features in (*tokens, *span_columns.items()):
            yield f"{SPAN}={type_}|{'|'.join(features)}"
        if heads:
            yield f"{RELATION}={DEPENDENCY}|DependencyType|BT_{POS}"
        for type_, features in arc_columns.items():
            yield f"{RELATION}={type_}|{'|'.join((*features, f'BT_{self._ends_of(type_)}'))}"
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
                        said = [_cell(deprel), names[governor.start, governor.end]] if governor else [NONE, NONE]
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
            yield "|".join(values) or NONE

    def _arc_cells(self, unit: _Unit, type_: str, features: Iterable[str]) -> Iterator[str]:
        here = unit.arcs.get(type_, [])
        for feature in features:
            yield "|".join(_cell(arc.features.get(feature)) for arc in here) if here else NONE
        ends = (
            f"{self._first[arc.from_id].name}[{self._numbers[arc.from_id]}_{self._numbers[arc.to_id]}]" for arc in here
        )
        yield "|".join(ends) or NONE


def _cell(value: str | None) -> str:
    return UNSET if value is None else _escaped_value(value)


def _token_cells(word: Word, type_: str, whole: bool) -> list[str]:
    said = token_features(word, type_) if whole else {}
    return [_cell(said.get(feature)) if said else NONE for feature in TOKEN_COLUMNS[type_]]


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
