"""Two versions of a corpus, or two corpora of the same form, compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from corpus_tools.corpus import Corpus, load
from corpus_tools.history.declared import metadata_differences, scheme_differences
from corpus_tools.history.differences import CELLS, COUNTS, ROWS, Differences
from corpus_tools.history.rows import (
    ADDED,
    CHANGED,
    MOVED,
    REMOVED,
    ChangedTexts,
    ComparedRows,
    changed_texts,
    compare_rows,
)
from corpus_tools.scheme import Scheme, Table


def diff(a: str | Corpus, b: str | Corpus, *, folder: str | Path | None = None) -> Differences:
    """Everything in which two versions of a corpus differ.

    Args:
        a: The earlier version: a release, `"draft"` for the hand-edited files, or a corpus that was loaded.
        b: The later version, likewise.
        folder: The corpus folder that versions are looked for in; the shipped corpus where omitted.

    Returns:
        The differences; false where there are none. `diff(b, a)` finds the same, with old and new exchanged.

    Raises:
        VersionError: If there is no such release; the message lists those there are.
        ArgumentError: If an id stands in two rows of a table, as it may in a draft.
    """
    old, new = version_of(a, folder), version_of(b, folder)
    texts = changed_texts(old.scan("texts"), new.scan("texts"))
    rows, cells = [pl.DataFrame(schema=ROWS)], [pl.DataFrame(schema=CELLS)]
    counts = []
    for name in dict.fromkeys([*new.scheme.tables, *old.scheme.tables]):
        layer = {**old.scheme.tables, **new.scheme.tables}[name].layer
        for split in _splits(old, new, name):
            found = compared(old, new, name, split, texts)
            place = {"table": name, "layer": layer, "split": split}
            columns = [pl.lit(value, pl.String).alias(column) for column, value in place.items()]
            rows.append(found.rows.select(*columns, pl.all()))
            cells.append(found.cells.select(*columns, pl.all()))
            counts.append((*place.values(), found.n_old, found.n_new, *_counts(found), found.reordered))
    return Differences(
        old=old,
        new=new,
        metadata=metadata_differences(old.metadata, new.metadata),
        scheme=scheme_differences(old.scheme, new.scheme),
        rows=pl.concat(rows),
        cells=pl.concat(cells),
        counts=pl.DataFrame(counts, schema=COUNTS, orient="row"),
    )


def version_of(version: str | Corpus, folder: str | Path | None) -> Corpus:
    """The corpus that a version names; a corpus stands for itself. Errors as for `load`."""
    return version if isinstance(version, Corpus) else load(folder, version)


@dataclass(frozen=True, slots=True)
class _NoRows:
    """Tables without rows."""

    def scan(self, table: Table, split: str) -> pl.LazyFrame:
        """One split of a table: nothing."""
        return pl.LazyFrame(schema=table.schema)


def beginning(corpus: Corpus) -> Corpus:
    """What there was before the first release of a corpus: no layer, and fixed tables without rows."""
    scheme = Scheme(corpus.scheme.fixed, {})
    return Corpus(corpus.folder, "0.0.0", corpus.metadata, scheme, None, _NoRows())


def compared(old: Corpus, new: Corpus, name: str, split: str, texts: ChangedTexts) -> ComparedRows:
    """One split of a table of either version, compared."""
    return compare_rows(_side(old, name, split), _side(new, name, split), texts, where=f"diff: {name} ({split})")


def _splits(old: Corpus, new: Corpus, name: str) -> list[str]:
    tables = [corpus.scheme.tables.get(name) for corpus in (new, old)]
    return list(dict.fromkeys(split for table in tables if table for split in table.splits))


def _side(corpus: Corpus, name: str, split: str) -> tuple[Table, pl.DataFrame] | None:
    table = corpus.scheme.tables.get(name)
    return (table, corpus.table(name, split=split)) if table and split in table.splits else None


def _counts(found: ComparedRows) -> list[int]:
    counts = dict(found.rows["what"].value_counts().iter_rows())
    return [counts.get(what, 0) for what in (ADDED, REMOVED, CHANGED, MOVED)]
