"""Pairs of neighbouring words in texts of any number, counted as numbers in a file beside memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

import numpy as np
import polars as pl

from corpus_tools.encoded import Encoded, Ids, Integers, Vocabulary, encoded, in_order

BORDER = np.uint32(2**32 - 1)
"""Stands between two texts. No vocabulary has as many words."""
MOST = 1 << 25
"""Pairs that are sorted at once, of 8 bytes, twice."""
_CHUNK = 1 << 22


def sequence(batch: Encoded) -> Ids:
    """The running words of a batch as numbers, with a border behind each text."""
    n_words = batch.n_words()
    out = np.full(int(n_words.sum()) + n_words.size, BORDER, dtype=np.uint32)
    place = np.repeat(np.arange(n_words.size), n_words)
    place += np.arange(place.size)
    out[place] = batch.ids()
    return out


def pair_counts(texts: pl.LazyFrame, *, window: int, minimum: int) -> pl.DataFrame:
    """How often two words stand near each other.

    Args:
        texts: One row per text; needs `text`.
        window: How many places after the word the other may stand.
        minimum: Smallest number of times for a pair to have a row.

    Returns:
        One row per pair, in no order: `word`, `collocate`, `n` (UInt32), `n_first`, `n_second` and `n_pairs` (UInt64),
        as in `collocations`; and `_first` and `_second`, the places of the two words in their alphabet (UInt32).
    """
    vocabulary = Vocabulary()
    with tempfile.TemporaryFile() as file:
        for ids in encoded(texts, sequence, vocabulary):
            ids.tofile(file)
        counted = counted_pairs(file, len(vocabulary), window=window, minimum=minimum)
    return with_words(counted, vocabulary.words())


def counted_pairs(file: IO[bytes], n_words: int, *, window: int, minimum: int) -> pl.DataFrame:
    """The same from a file of such sequences: `first`, `second` (numbers of words), `n` and the three sums."""
    firsts, seconds = (np.zeros(n_words, dtype=np.int64) for _ in range(2))
    for first, second in _pairs(file, window):
        firsts += np.bincount(first, minlength=n_words)
        seconds += np.bincount(second, minlength=n_words)
    n_pairs = int(firsts.sum())
    n_parts = -(-n_pairs // MOST)
    frames = [_counted(file, window, firsts, part, n_parts, minimum) for part in range(n_parts)]
    empty = pl.DataFrame(schema={"first": pl.UInt32, "second": pl.UInt32, "n": pl.UInt32})
    counted = pl.concat([empty, *frames])
    sums = ((name, pl.Series(name, values, pl.UInt64)) for name, values in (("n_first", firsts), ("n_second", seconds)))
    gathered = [values.gather(counted[name.removeprefix("n_")]) for name, values in sums]
    return counted.with_columns(*gathered, n_pairs=pl.lit(n_pairs, pl.UInt64))


def with_words(counted: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """Pairs of numbers with the words that these are, and the words' places in their alphabet."""
    place = known.rank("ordinal").cast(pl.UInt32)
    first, second = counted["first"], counted["second"]
    return counted.select(
        known.gather(first).alias("word"),
        known.gather(second).alias("collocate"),
        "n",
        "n_first",
        "n_second",
        "n_pairs",
        place.gather(first).alias("_first"),
        place.gather(second).alias("_second"),
    )


def _counted(file: IO[bytes], window: int, firsts: Integers, part: int, n_parts: int, minimum: int) -> pl.DataFrame:
    """The pairs of a part of the words in first place."""
    pairs = np.empty(int(firsts[part::n_parts].sum()), dtype=np.uint64)
    end = 0
    for first, second in _pairs(file, window):
        if n_parts > 1:
            own = first % np.uint32(n_parts) == part
            first, second = first[own], second[own]
        here = pairs[end : end + first.size]
        np.left_shift(first.astype(np.uint64), np.uint64(32), out=here)
        here |= second
        end += first.size
    ordered = pl.Series(pairs).sort().to_numpy()
    del pairs
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if ordered.size else np.empty(0, np.int64)
    n = np.diff(begins, append=ordered.size)
    enough = n >= minimum
    kept = ordered[begins[enough]]
    first, second = (kept >> np.uint64(32)).astype(np.uint32), kept.astype(np.uint32)
    return pl.DataFrame({"first": first, "second": second, "n": n[enough].astype(np.uint32)})


def _pairs(file: IO[bytes], window: int) -> Iterator[tuple[Ids, Ids]]:
    """All pairs, some at a time: the numbers of the words in first place, and of those in second place."""

    def near(ids: Ids) -> tuple[Ids, Ids]:
        inside = ids != BORDER
        steps: list[tuple[Ids, Ids]] = []
        unbroken = inside
        for step in range(1, window + 1):
            unbroken = unbroken[:-1] & inside[step:]
            # Pairs that begin among the last words of a chunk are read with the next one.
            own = unbroken[: max(ids.size - window, 0)]
            steps.append((ids[: own.size][own], ids[step : step + own.size][own]))
        return np.concatenate([first for first, _ in steps]), np.concatenate([second for _, second in steps])

    return in_order(near, _chunks(file, window))


def _chunks(file: IO[bytes], overlap: int) -> Iterator[Ids]:
    """The numbers in a file, some at a time, each beginning with the last of the one before; borders at the end."""
    file.seek(0)
    rest = np.empty(0, dtype=np.uint32)
    while (more := np.fromfile(file, dtype=np.uint32, count=_CHUNK)).size:
        chunk = np.append(rest, more)
        yield chunk
        rest = chunk[-overlap:]
    yield np.append(rest, np.full(overlap, BORDER))
