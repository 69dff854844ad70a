"""Steps from partial counts to sums, as narwhals expressions: they run on polars and on Spark alike."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw
from narwhals.typing import IntoLazyFrameT


def added_up(rows: IntoLazyFrameT, keys: Sequence[str], sums: Sequence[str]) -> IntoLazyFrameT:
    """Partial counts added up over rows that are alike in `keys`.

    Returns:
        In no order: `keys`... and `sums`....
    """
    frame = nw.from_native(rows)
    return frame.group_by(*keys).agg(*(nw.col(name).sum() for name in sums)).to_native()


def tallied(rows: IntoLazyFrameT, keys: Sequence[str], *, n: str, sums: Sequence[str] = ()) -> IntoLazyFrameT:
    """How many rows are alike in `keys`, called `n`, and their `sums`.

    Returns:
        In no order: `keys`..., `n` and `sums`....
    """
    frame = nw.from_native(rows)
    return frame.group_by(*keys).agg(nw.len().alias(n), *(nw.col(name).sum() for name in sums)).to_native()


def with_margins(pairs: IntoLazyFrameT, *, minimum: int) -> IntoLazyFrameT:
    """Pairs with how often each of their words is in first, and in second place, and how many pairs there are.

    Args:
        pairs: One row per pair of words: `word`, `collocate` and `n`.
        minimum: Smallest number of times for a pair to have a row. It leaves rows out, not counts.

    Returns:
        In no order: `word`, `collocate`, `n`, `n_first`, `n_second` and `n_pairs`.
    """
    frame = nw.from_native(pairs)
    n = nw.col("n").sum()
    firsts = frame.group_by("word").agg(n.alias("n_first"))
    seconds = frame.group_by("collocate").agg(n.alias("n_second"))
    whole = frame.select(n.alias("n_pairs"))
    kept = frame.filter(nw.col("n") >= minimum).join(firsts, on="word").join(seconds, on="collocate")
    return kept.join(whole, how="cross").to_native()


def placed(rows: IntoLazyFrameT, places: IntoLazyFrameT, *, last: int) -> IntoLazyFrameT:
    """Counts of words in parts, by the number of the part.

    Args:
        rows: `word`, `part` and `n`.
        places: The number, `place`, of each `part` but null.
        last: The number of null.

    Returns:
        In no order: `word`, `place` and `n`.
    """
    joined = nw.from_native(rows).join(nw.from_native(places), on="part", how="left")
    return joined.select("word", nw.col("place").fill_null(last), "n").to_native()
