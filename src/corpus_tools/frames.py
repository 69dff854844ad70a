"""What a function asks of the frames and the column names it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from corpus_tools.errors import ArgumentError, MissingColumnError, listed

Frame = pl.DataFrame | pl.LazyFrame

SHOWN = 5
"""How many ids a message names."""


def needs(frame: Frame, columns: Iterable[str], *, where: str) -> pl.LazyFrame:
    """The frame, lazily, once it is sure to have the columns.

    Args:
        frame: The frame that a caller gave.
        columns: The columns it must have.
        where: What the message calls it, such as `sizes: texts`.

    Raises:
        MissingColumnError: If one is absent; the message names it and those there are.
    """
    lazy = frame.lazy()
    present = lazy.collect_schema().names()
    columns = tuple(columns)
    if not set(columns) <= set(present):
        raise MissingColumnError(columns, present, where=where)
    return lazy


def column_names(columns: str | Sequence[str] | None) -> list[str]:
    """The column names of an argument that takes none, one or several."""
    if columns is None:
        return []
    return [columns] if isinstance(columns, str) else list(columns)


def refuse_clashes(columns: Iterable[str], results: Iterable[str], *, where: str) -> None:
    """Refuse columns of the caller's that would stand in the result under the name of one of its own columns.

    Args:
        columns: Names that the caller chose, such as that of a grouping column.
        results: Names of the columns that the function adds.
        where: What the message calls the function.

    Raises:
        ArgumentError: If a name is in both; the message names it.
    """
    taken = set(results)
    clashing = [name for name in columns if name in taken]
    if clashing:
        raise ArgumentError(f"{where}: the result has a column {listed(clashing)} of its own; rename the one given")


def one_row_each(frame: pl.DataFrame, key: str, *, where: str) -> pl.DataFrame:
    """The frame, once it is sure that no two rows have the same key.

    Args:
        frame: The frame to look through.
        key: The column that tells its rows apart; null is a value like any other.
        where: What the message calls the frame, such as `reply_tree: texts`.

    Raises:
        ArgumentError: If a value comes twice; the message names up to five such values.
    """
    keys = frame[key]
    if keys.n_unique() < keys.len():
        twice = keys.filter(keys.is_duplicated()).unique().sort()
        raise ArgumentError(f"{where} holds {some(twice)} more than once; give one row for each {key}")
    return frame


def some(ids: pl.Series) -> str:
    """The first few ids, comma separated, and how many more there are."""
    rest = ids.len() - SHOWN
    return listed(ids.head(SHOWN)) + (f" and {rest} more" if rest > 0 else "")


def ranked(frame: pl.LazyFrame, column: str, *, rank: str) -> pl.LazyFrame:
    """The frame with the column `rank`: the place of each row's value, null too, among the values as they first appear.

    The order of rows is not kept.
    """
    places = frame.select(column).unique(maintain_order=True).with_row_index(rank)
    return frame.join(places, on=column, nulls_equal=True)
