"""What two versions of a corpus differ in, as frames and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus_tools.corpus import DRAFT, Corpus
from corpus_tools.errors import ArgumentError, UnknownNameError
from corpus_tools.history import rows as of_rows
from corpus_tools.history.rows import ADDED, REMOVED, as_text
from corpus_tools.history.summary import summary_lines
from corpus_tools.history.versioning import Reason, Step, least_version, reasons

PLACE = dict.fromkeys(("table", "layer", "split"), pl.String())
ROWS = {**PLACE, **of_rows.ROWS}
CELLS = {**PLACE, **of_rows.CELLS}
COUNTED = ("n_old", "n_new", "n_added", "n_removed", "n_changed", "n_moved")
COUNTS = {**PLACE, **dict.fromkeys(COUNTED, pl.Int64()), "reordered": pl.Boolean()}


@dataclass(frozen=True, slots=True, repr=False)
class Differences:
    """What differs between two versions of a corpus; false where nothing does. Made by `diff`.

    `str` gives a summary; `to_dict` everything, for JSON.
    """

    old: Corpus
    new: Corpus
    metadata: pl.DataFrame
    """What corpus.toml says of the whole: `name`, `what` (added, removed, changed), `old`, `new`."""
    scheme: pl.DataFrame
    """What is declared: `kind` (layer, table, column, label, question), `layer`, `table`, `within`, `name`, `what`,
    `property`, `old`, `new`. A thing that is new or gone has one row, without `property`; one that changed a row for
    each property. `within` is the question or further column that a label belongs to."""
    rows: pl.DataFrame
    """One row per row that differs: `table`, `layer` (null for a fixed table), `split`, `row_id`, `what`, `about`.
    `what` is added, removed, changed, or moved, where the id now stands on another unit: a span that shares no
    character with the old one, or is in another text; a relation from another unit; a judgement of another unit or
    question; a text with other words."""
    cells: pl.DataFrame
    """One row per cell that differs in a row that both have: `table`, `layer`, `split`, `row_id`, `column`, `old`,
    `new`, as text: times in ISO 8601, lists as JSON. In a column that one version lacks, it counts as null there."""
    counts: pl.DataFrame
    """One row per table and split of either: `table`, `layer`, `split`, `n_old` and `n_new` (null where a version has
    no such table), `n_added`, `n_removed`, `n_changed`, `n_moved` (rows), `reordered`, whether the rows that both have
    stand in another order."""

    def __bool__(self) -> bool:
        frames = (self.metadata, self.scheme, self.rows)
        return any(frame.height for frame in frames) or bool(self.counts["reordered"].any())

    def __str__(self) -> str:
        return "\n".join(summary_lines(self))

    __repr__ = __str__

    @property
    def reasons(self) -> list[Reason]:
        """What differs with the step of the version that it asks for, the greatest first."""
        return reasons(self)

    @property
    def step(self) -> Step | None:
        """The step that a release of the later version has to take; None where nothing differs."""
        found = self.reasons
        return found[0].step if found else None

    @property
    def least_version(self) -> str | None:
        """The least version that says what changed; None where nothing did, or the earlier version is the draft."""
        step = self.step
        return None if step is None or self.old.version == DRAFT else least_version(self.old.version, step)

    def of(self, table: str, split: str, what: str) -> pl.DataFrame:
        """The rows of `rows` about one split of a table that were added, removed, changed or moved."""
        return self.rows.filter(pl.col("table") == table, pl.col("split") == split, pl.col("what") == what)

    def added(self, table: str, *, split: str | None = None) -> pl.DataFrame:
        """The rows that only the later version has, whole: with the columns of the table there.

        Args:
            table: A table of the later version.
            split: As for `Corpus.scan`.

        Raises:
            UnknownNameError: If the later version has no such table or split; the message lists those there are.
        """
        return self._whole(self.new, table, split, ADDED)

    def removed(self, table: str, *, split: str | None = None) -> pl.DataFrame:
        """The rows that only the earlier version has; arguments and errors as for `added`, with old for new."""
        return self._whole(self.old, table, split, REMOVED)

    def _whole(self, corpus: Corpus, table: str, split: str | None, what: str) -> pl.DataFrame:
        declared = corpus.scheme.table(table)
        split = split or declared.splits[0]
        ids = self.of(table, split, what).select(pl.col("row_id").alias(declared.key))
        return corpus.table(table, split=split).join(
            ids, on=declared.key, how="semi", nulls_equal=True, maintain_order="left"
        )

    def only(self, layers: list[str]) -> Differences:
        """The differences in some layers, without the fixed tables and the metadata.

        Raises:
            ArgumentError: If one is the name of a table only; the message says of which layer.
            UnknownNameError: If neither version has a layer of that name; the message lists those there are.
        """
        tables = {**self.old.scheme.tables, **self.new.scheme.tables}
        known = dict.fromkeys([*self.new.layers, *self.old.layers])
        for layer in layers:
            if layer not in known:
                table = tables.get(layer)
                if table and table.layer:
                    raise ArgumentError(f"{layer!r} is a table of layer {table.layer!r}; name the layer")
                raise UnknownNameError("layer", layer, known)
        chosen = [frame.filter(pl.col("layer").is_in(layers)) for frame in self._by_layer]
        return Differences(self.old, self.new, self.metadata.clear(), *chosen)

    @property
    def _by_layer(self) -> tuple[pl.DataFrame, ...]:
        return self.scheme, self.rows, self.cells, self.counts

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it; rows that were added or removed with all their cells."""
        return {
            "title": self.new.metadata.title,
            "old": self.old.version,
            "new": self.new.version,
            "step": None if self.step is None else self.step.name,
            "least_version": self.least_version,
            "reasons": [{"step": reason.step.name, "why": reason.why} for reason in self.reasons],
            "metadata": self.metadata.to_dicts(),
            "scheme": self.scheme.to_dicts(),
            "counts": self.counts.to_dicts(),
            "rows": [
                {**row, "cells": cells.get(row["row_id"])}
                for (table, split), rows in self.rows.group_by("table", "split", maintain_order=True)
                for cells in [self._cells(str(table), str(split), rows["what"].unique().to_list())]
                for row in rows.to_dicts()
            ],
            "cells": self.cells.to_dicts(),
        }

    def _cells(self, table: str, split: str, whats: list[str]) -> dict[str, dict[str, str | None]]:
        """Row id -> its cells as text, of the rows of one split of a table that only one version has."""
        made: dict[str, dict[str, str | None]] = {}
        for what, corpus, whole in ((ADDED, self.new, self.added), (REMOVED, self.old, self.removed)):
            if what in whats:
                frame = whole(table, split=split)
                key = corpus.scheme.table(table).key
                shown = frame.select(as_text(name, kind) for name, kind in frame.schema.items())
                made |= {row[key]: row for row in shown.to_dicts()}
        return made
