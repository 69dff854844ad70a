"""What each annotator of a layer gave, restricted to the texts that those who are compared went through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.modules import as_gold
from corpus_tools.scheme import GOLD, PASSES, Table

Pair = tuple[str, str]


@dataclass(frozen=True)
class Passes:
    """The passes of one layer."""

    corpus: Corpus
    layer: str
    only: frozenset[str] | None = None
    """Some annotators; all where None. Gold is always there."""
    _rows: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def covered(self) -> Mapping[str, frozenset[str]]:
        """Annotator -> the texts gone through; gold last."""
        coverage = self.corpus.table("coverage").filter(pl.col("layer") == self.layer)
        grouped = coverage.group_by(as_gold("annotator_id"), maintain_order=True).agg("text_id")
        texts = {
            annotator: frozenset(done)
            for annotator, done in grouped.iter_rows()
            if self.only is None or annotator in self.only or annotator == GOLD
        }
        return dict(sorted(texts.items(), key=lambda item: item[0] == GOLD))

    @property
    def annotators(self) -> list[str]:
        """Those who made a pass."""
        return [name for name in self.covered if name != GOLD]

    @property
    def pairs(self) -> list[Pair]:
        """Every two passes."""
        return list(combinations(self.annotators, 2))

    @property
    def against_gold(self) -> list[Pair]:
        """Gold and every pass."""
        return [(GOLD, name) for name in self.annotators] if GOLD in self.covered else []

    def shared(self, pair: Pair) -> frozenset[str]:
        """The texts that both went through."""
        return self.covered[pair[0]] & self.covered[pair[1]]

    def rows(self, table: Table | str, annotator: str) -> pl.DataFrame:
        """What one annotator gave in a table."""
        name = table if isinstance(table, str) else table.name
        if (name, annotator) not in self._rows:
            split = GOLD if annotator == GOLD else PASSES
            rows = self.corpus.scan(name, split=split).with_columns(as_gold("annotator"))
            self._rows[name, annotator] = rows.filter(pl.col("annotator") == annotator).collect()
        return self._rows[name, annotator]

    @cached_property
    def _places(self) -> pl.DataFrame:
        """Every text and annotated unit that has a place: `id`, `text_id`, `start_char`."""
        texts = self.corpus.scan("texts").select(id="text_id", text_id="text_id", start_char=pl.lit(0, pl.Int32))
        frames = [
            self.corpus.scan(table.name, split=split).select("text_id", "start_char", id=table.key)
            for layer in self.corpus.scheme.layers.values()
            for table in layer.tables
            if {"text_id", "start_char"} <= set(table.schema)
            for split in table.splits
        ]
        return pl.concat([texts, *frames], how="diagonal").collect()

    @cached_property
    def home(self) -> Mapping[str, str]:
        """Every text and every unit with a place -> its text."""
        return dict(self._places.select("id", "text_id").iter_rows())

    @cached_property
    def starts(self) -> Mapping[str, int]:
        """Every text and every unit with a place -> where in its text it begins."""
        return dict(self._places.select("id", "start_char").iter_rows())

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """Every text -> the source it stands in."""
        return dict(self.corpus.scan("texts").select("text_id", "source_id").collect().iter_rows())

    @cached_property
    def sentences(self) -> pl.DataFrame | None:
        """The sentences of gold, for placing spans: `text_id`, `_from`, `_cluster`; None where there are none."""
        if "sentences" not in self.corpus.tables:
            return None
        rows = self.corpus.table("sentences").drop_nulls("start_char")
        return rows.select("text_id", _from="start_char", _cluster="sentence_id").sort("_from")
