"""The marks of one annotator in some texts: checked, and as rows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus_tools.agreement.passes import Passes
from corpus_tools.annotate.passes import id_prefix
from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, UnknownNameError, listed
from corpus_tools.exchange.annotating import closed_values
from corpus_tools.exchange.documents import as_cell, further
from corpus_tools.folder import parse
from corpus_tools.frames import Frame
from corpus_tools.scheme import GOLD, Table

PLACE = ("text_id", "start_char", "end_char", "label")
_FIELDS = ("id", *PLACE, "values")


@dataclass(frozen=True, slots=True)
class Work:
    """What is annotated, and by whom."""

    corpus: Corpus
    table: Table
    texts: Mapping[str, Mapping[str, Any]]
    """Id -> row, in the order shown."""
    annotator: str

    @property
    def prefix(self) -> str:
        """How the ids of this annotator's rows begin."""
        return id_prefix(self.corpus.scheme.layer(str(self.table.layer)), self.table, self.annotator)

    def next_number(self, spans: Iterable[Mapping[str, Any]]) -> int:
        """A number above those of all ids."""
        own = re.compile(rf"{re.escape(self.prefix)}([1-9][0-9]*)")
        numbers = (own.fullmatch(str(span.get("id"))) for span in spans)
        return 1 + max((int(found[1]) for found in numbers if found), default=0)

    def spans(self, rows: Frame | Iterable[Mapping[str, Any]] | None, *, blind: bool) -> list[dict[str, Any]]:
        """Rows as the widget holds them; gold's are refused where it is blind."""
        if isinstance(rows, pl.DataFrame | pl.LazyFrame):
            rows = rows.lazy().collect().to_dicts()
        given = list(rows or ())
        if blind and any(row.get("annotator") == GOLD for row in given):
            raise ArgumentError("blind, and rows are gold's; give rows of another annotator, or none")
        free = itertools.count(self.next_number({"id": row.get(self.table.key)} for row in given))
        spans = []
        for row in given:
            id_ = str(row.get(self.table.key) or "")
            own = id_ if id_.startswith(self.prefix) else f"{self.prefix}{next(free)}"
            filled = {column.name: row.get(column.name) for column in further(self.table)}
            values = {name: as_cell(value) for name, value in filled.items() if value is not None}
            spans.append({"id": own, **{name: row.get(name) for name in PLACE}, "values": values})
        return spans

    def frame(self, spans: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """The marks as rows of the table, each once it is sure to hold.

        Raises:
            ArgumentError: If one does not; the message names it and what would have worked.
        """
        for span in spans:
            self._check(span)
        ids = [span["id"] for span in spans]
        twice = next((id_ for id_ in ids if ids.count(id_) > 1), None)
        if twice is not None:
            raise ArgumentError(f"the id {twice} is given to more than one mark; give each its own")
        order = {text: number for number, text in enumerate(self.texts)}
        ordered = sorted(
            spans,
            key=lambda span: (order[span["text_id"]], span["start_char"], -span["end_char"], ids.index(span["id"])),
        )
        self._check_overlap(ordered)
        return self._typed([self._row(span) for span in ordered])

    def _check(self, span: Mapping[str, Any]) -> None:
        named = f"the mark {span.get('id')!r}"
        if not set(_FIELDS) <= set(span):
            raise ArgumentError(f"{named} has {listed(span)}; it needs {listed(_FIELDS)}")
        if not isinstance(span["id"], str) or not span["id"]:
            raise ArgumentError(f"{named} has no id; give one such as {self.prefix}1")
        if span["text_id"] not in self.texts:
            raise ArgumentError(f"{named} is in the text {span['text_id']!r}; shown are: {listed(self.texts)}")
        length = len(self.texts[span["text_id"]]["text"])
        start, end = span["start_char"], span["end_char"]
        # A boolean is a number in Python, and none here.
        if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
            raise ArgumentError(
                f"{named} goes from {start!r} to {end!r}; in {span['text_id']} places go from 0 to {length}, "
                "and the end comes after the start"
            )
        labels = self.table["label"].labels
        if span["label"] not in labels:
            raise ArgumentError(f"{named} has the label {span['label']!r}; there are: {listed(labels)}")
        self._check_values(named, span)

    def _check_values(self, named: str, span: Mapping[str, Any]) -> None:
        known = {column.name: column for column in further(self.table)}
        if not isinstance(span["values"], Mapping):
            raise ArgumentError(f"{named} has values that are no mapping from columns to words")
        for name, value in span["values"].items():
            if name not in known:
                raise ArgumentError(f"{named} fills {name!r}; {self.table.name} has: {listed(known)}")
            column = known[name]
            if not isinstance(value, str):
                raise ArgumentError(f"{named} has {value!r} in {name}; give a string, as in a CSV file")
            if value and column.for_labels and span["label"] not in column.for_labels:
                raise ArgumentError(
                    f"{named} is labelled {span['label']} and fills {name}, which is for: {listed(column.for_labels)}"
                )
            allowed = closed_values(column)
            if value and allowed and value not in allowed:
                raise ArgumentError(f"{named} has {value!r} in {name}; there are: {listed(allowed)}")

    def _check_overlap(self, ordered: Sequence[Mapping[str, Any]]) -> None:
        rule = self.table.constraints.overlap
        for number, span in enumerate(ordered):
            for other in itertools.islice(ordered, number + 1, None):
                if other["text_id"] != span["text_id"] or other["start_char"] >= span["end_char"]:
                    break
                if rule == "none" or (rule == "nested" and not _nested(span, other)):
                    how = "overlap" if rule == "none" else "cross, or have the same words"
                    raise ArgumentError(
                        f"the marks {span['id']} and {other['id']} {how}, which {self.table.name} does not allow; "
                        "change or delete one"
                    )

    def _row(self, span: Mapping[str, Any]) -> dict[str, str | None]:
        start, end = span["start_char"], span["end_char"]
        said: dict[str, str | None] = {name: value or None for name, value in span["values"].items()}
        placed = {"text_id": span["text_id"], "start_char": str(start), "end_char": str(end), "label": span["label"]}
        quote = self.texts[span["text_id"]]["text"][start:end]
        return said | placed | {self.table.key: span["id"], "quote": quote, "annotator": self.annotator}

    def _typed(self, rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
        cells = pl.DataFrame(rows, schema=dict.fromkeys(self.table.schema, pl.String))
        typed = cells.select(parse(column).alias(column.name) for column in self.table.columns)
        for column in further(self.table):
            bad = cells.filter(cells[column.name].is_not_null() & typed[column.name].is_null())
            for row in bad.head(1).iter_rows(named=True):
                raise ArgumentError(
                    f"the mark {row[self.table.key]!r} has {row[column.name]!r} in {column.name}, "
                    f"which takes values of the type {column.type}"
                )
        return typed

    def gold_texts(self) -> frozenset[str]:
        """The texts that gold's rows cover."""
        return Passes(self.corpus, str(self.table.layer)).covered.get(GOLD, frozenset())

    def gold(self) -> pl.DataFrame:
        """Gold's rows in the texts shown."""
        rows = self.corpus.scan(self.table.name, split=GOLD)
        return rows.filter(pl.col("text_id").is_in(list(self.texts))).collect()

    def chosen(self, texts: Iterable[str] | None, default: Iterable[str]) -> list[str]:
        """Some of the texts shown, in their order.

        Raises:
            UnknownNameError: If one is not shown.
        """
        wanted = set(default if texts is None else [texts] if isinstance(texts, str) else texts)
        for text in sorted(wanted - set(self.texts)):
            raise UnknownNameError("text of the widget", text, self.texts)
        return [text for text in self.texts if text in wanted]


def _nested(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether one of two spans lies in the other and is shorter."""
    inside = one["start_char"] >= other["start_char"] and one["end_char"] <= other["end_char"]
    around = one["start_char"] <= other["start_char"] and one["end_char"] >= other["end_char"]
    return bool(inside != around)
