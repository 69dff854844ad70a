"""What a function asks of the frames it is given."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from corpus_tools.errors import MissingColumnError

Frame = pl.DataFrame | pl.LazyFrame


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
