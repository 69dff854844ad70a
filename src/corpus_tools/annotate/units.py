"""The units that the rows of several annotators are about, told apart by place and not by id.

Rows of different annotators are the same unit where they mark the same stretch of text, answer the same question about
the same unit, or lead from one such unit to the same other one. Where one of them has several spans with one extent,
their labels tell these apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from corpus_tools.annotate.passes import CHAIN
from corpus_tools.corpus import Corpus
from corpus_tools.exchange.documents import as_cell, further, value_of
from corpus_tools.scheme import GOLD, Table

AROUND = 40
"""Characters of the text that are shown on either side of a place."""
_PLACES = ("text_id", "start_char", "end_char", "quote", "question")
_ENDS = ("from_id", "to_id", "unit_id")
Key: TypeAlias = tuple[str, ...]
"""Which unit rows are about, the same for all annotators; the name of its table first."""
Content: TypeAlias = tuple[tuple[str, str], ...]
"""What a row says of its unit: columns and cells, without ids and reason; ends and references as keys in words."""


class Units:
    """The rows of all annotators by the units that they are about.

    Args:
        corpus: The corpus with all its layers, gold and passes.
        annotators: Those whose rows are compared.
    """

    def __init__(self, corpus: Corpus, annotators: Sequence[str]) -> None:
        texts = corpus.scan("texts").drop_nulls("text").select("text_id", "text").collect()
        self.texts: dict[str, str] = dict(texts.iter_rows())
        """Id of each text that has words -> these, in the order of the corpus."""
        self._rank = {text: number for number, text in enumerate(self.texts)}
        self._annotators = frozenset(annotators)
        self._keys: dict[str, Key] = {}
        # Of every layer, gold and passes: ends of relations may be units of another one.
        self._rows: dict[str, tuple[Table, dict[str, Any]]] = {
            row[table.key]: (table, row)
            for layer in corpus.scheme.layers.values()
            for table in layer.tables
            if table.unit != "token"
            for split in table.splits
            for row in corpus.scan(table.name, split=split).collect().iter_rows(named=True)
        }
        extents = Counter((row["annotator"], _extent(table, row)) for table, row in self._rows.values())
        self._crowded = {extent for (_, extent), n in extents.items() if n > 1}
        self._first: dict[Key, tuple[Table, dict[str, Any]]] = {}
        self._gold: dict[str, str] = {}
        """Unit in words -> its id in gold, in layers that have it."""
        for id_, (table, row) in self._rows.items():
            self._first.setdefault(self._key(id_), (table, row))
            if row["annotator"] == GOLD:
                self._gold.setdefault(self._words(id_), id_)

    def said(self, table: Table) -> dict[Key, dict[str, list[Content]]]:
        """What the annotators say of each unit.

        Args:
            table: A table of the layer that they went through.

        Returns:
            Unit -> annotator -> what the rows say of it; an annotator who does not have the unit is not there.
        """
        found: dict[Key, dict[str, list[Content]]] = {}
        for id_, (one, row) in self._rows.items():
            if one.name == table.name and row["annotator"] in self._annotators:
                found.setdefault(self._key(id_), {}).setdefault(row["annotator"], []).append(self._content(table, row))
        return found

    @property
    def gold(self) -> Mapping[str, str]:
        """Unit in words -> its id in gold, in layers that have it."""
        return self._gold

    def home(self, key: Key) -> str:
        """The text in which a unit lies, of a relation the one where it starts; empty where that has no words."""
        _, row = self._first[key]
        at = row.get("text_id") or row.get("unit_id") or row.get("from_id") or ""
        return at if at in self.texts else self.home(self._key(at)) if at in self._rows else ""

    def order(self, key: Key) -> tuple[Any, ...]:
        """By what units are sorted: text, place, the longer first."""
        _, row = self._first[key]
        start, end = row.get("start_char"), row.get("end_char")
        return self._rank.get(self.home(key), len(self._rank)), -1 if start is None else start, -(end or 0), key

    def quote(self, key: Key) -> str:
        """The words around a unit; of a relation, those of its two ends."""
        _, row = self._first[key]
        if "from_id" in row:
            return " -> ".join(self._quote_of(row[end]) for end in ("from_id", "to_id"))
        if "unit_id" in row:
            return self._quote_of(row["unit_id"])
        text, start, end = self.texts.get(row["text_id"], ""), row["start_char"], row["end_char"]
        if start is None or end is None:
            return f"«{row['quote']}»"
        around = f"{text[max(0, start - AROUND) : start]}«{text[start:end]}»{text[end : end + AROUND]}"
        return " ".join(around.split())

    def row(self, key: Key, content: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, Any]:
        """A row of gold: the place of a unit and what was chosen of it, with the ids that units have in gold.

        Args:
            key: The unit.
            content: What was chosen.
            ids: The ids of the units of this layer that were chosen, by the units in words.

        Returns:
            The columns but for the id of the row and the reason. An end that is not in gold is null.

        Raises:
            ArgumentError: If what was chosen is no value of its column.
        """
        table, first = self._first[key]
        where = " ".join(key)
        said = {name: first[name] for name in _PLACES if name in first}
        said |= {end: self._in_gold(first[end], ids) for end in _ENDS if end in first}
        for column in further(table):
            if (cell := content.get(column.name)) is not None:
                said[column.name] = (
                    ids.get(cell, self._gold.get(cell, cell)) if column.refers_to else value_of(column, cell, where)
                )
        return {**said, "label": content["label"]}

    def has_ends(self, key: Key, content: Mapping[str, str], ids: Mapping[str, str]) -> bool:
        """Whether the units at which a unit stands and to which it refers are in gold; arguments as for `row`."""
        table, first = self._first[key]
        referred = [content[one.name] for one in further(table) if one.refers_to and one.name in content]
        return all(self._in_gold(first[end], ids) is not None for end in _ENDS if end in first) and all(
            words in ids or words in self._gold or words not in self._known for words in referred
        )

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(" ".join(key) for key in self._first)

    def _in_gold(self, id_: str, ids: Mapping[str, str]) -> str | None:
        if id_ not in self._rows:
            return id_
        words = self._words(id_)
        return ids.get(words, self._gold.get(words))

    def _key(self, id_: str) -> Key:
        if id_ not in self._keys:
            table, row = self._rows[id_]
            place: tuple[str | None, ...]
            if "from_id" in row:
                place = (self._words(row["from_id"]), "->", self._words(row["to_id"]))
            elif "unit_id" in row:
                place = (self._words(row["unit_id"]), row["question"])
            else:
                extent = _extent(table, row)
                place = (*extent[1:], row["label"]) if extent in self._crowded else extent[1:]
            self._keys[id_] = (table.name, *(part or "" for part in place))
        return self._keys[id_]

    def _words(self, id_: str | None) -> str:
        return " ".join(self._key(id_)) if id_ in self._rows else id_ or ""

    def _content(self, table: Table, row: Mapping[str, Any]) -> Content:
        columns = [column for column in further(table) if column.name not in {"reason", CHAIN}]
        cells = [("label", row["label"] or "")]
        for column in columns:
            value = row[column.name]
            if value is not None:
                cells.append((column.name, self._words(value) if column.refers_to else as_cell(value)))
        return tuple(cells)

    def _quote_of(self, id_: str) -> str:
        if id_ in self._rows:
            return self.quote(self._key(id_))
        text = self.texts.get(id_, "")
        return f"«{text[:AROUND]}{'…' if len(text) > AROUND else ''}»"


def _extent(table: Table, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Table, text and place of a span; of another unit its id, which no other has."""
    if "start_char" not in row:
        return (row[table.key],)
    start, end = row["start_char"], row["end_char"]
    outside = start is None or end is None
    return (table.name, row["text_id"] or "", row["quote"] or "" if outside else f"{start}-{end}")
