"""Pairs of neighbouring words in texts of any number."""

from __future__ import annotations

import tempfile
from typing import IO

import numpy as np
import polars as pl

from corpus_tools.encoded import encoded
from corpus_tools.measures.stored import counted, n_stored, neighbours, sequence
from corpus_tools.vocabulary import Vocabulary


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
        for ids in encoded(texts, lambda batch: sequence(*batch.running()), vocabulary):
            ids.tofile(file)
        return stored_pairs(file, vocabulary.words(), window=window, minimum=minimum)


def stored_pairs(file: IO[bytes], words: pl.Series, *, window: int, minimum: int) -> pl.DataFrame:
    """The same of words that are stored, from the words in the order of their numbers."""
    firsts, seconds = (np.zeros(words.len(), dtype=np.int64) for _ in range(2))
    frames = [pl.DataFrame(schema={"first": pl.UInt32, "second": pl.UInt32, "n": pl.UInt32})]
    for first, second, n in counted(neighbours(file, window), n_stored(file) * window):
        np.add.at(firsts, first, n)
        np.add.at(seconds, second, n)
        enough = n >= minimum
        columns = {"first": first[enough], "second": second[enough], "n": n[enough].astype(np.uint32)}
        frames.append(pl.DataFrame(columns))
    pairs = pl.concat(frames)
    place = words.rank("ordinal").cast(pl.UInt32)
    one, other = pairs["first"], pairs["second"]
    return pairs.select(
        words.gather(one).alias("word"),
        words.gather(other).alias("collocate"),
        "n",
        pl.Series("n_first", firsts, pl.UInt64).gather(one),
        pl.Series("n_second", seconds, pl.UInt64).gather(other),
        pl.lit(int(firsts.sum()), pl.UInt64).alias("n_pairs"),
        place.gather(one).alias("_first"),
        place.gather(other).alias("_second"),
    )
