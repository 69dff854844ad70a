"""Pairs of neighbouring words in texts of any number."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import IO

import numpy as np
import polars as pl

from corpus_tools.encoded import encoded
from corpus_tools.measures.stored import Stored, add_margins, counted, halves, neighbours, sequence
from corpus_tools.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Pairs:
    """How often words stand near each other, as numbers: there may be many millions of pairs."""

    words: pl.Series
    """The words, sorted, each once."""
    counts: pl.DataFrame
    """One row per pair, in no order: `first` and `second`, the places of its words in `words` (UInt32), and `n`
    (UInt32)."""
    n_first: pl.Series
    """How many pairs each word begins (UInt64), those without a row included; left open for a word without a row."""
    n_second: pl.Series
    """How many pairs each word ends; the same."""
    n_pairs: int
    """How many pairs there are."""


def pair_counts(texts: pl.LazyFrame, *, window: int, minimum: int) -> Pairs:
    """How often two words stand near each other.

    Args:
        texts: One row per text; needs `text`.
        window: How many places after the word the other may stand.
        minimum: Smallest number of times for a pair to have a row.
    """
    vocabulary = Vocabulary()
    with tempfile.TemporaryFile() as file:
        for ids in encoded(texts, lambda batch: sequence(*batch.running()), vocabulary):
            ids.tofile(file)
        return stored_pairs(file, vocabulary.words(), window=window, minimum=minimum)


def stored_pairs(file: IO[bytes], words: pl.Series, *, window: int, minimum: int) -> Pairs:
    """The same of words that are stored, from the words in the order of their numbers."""
    firsts, seconds = (np.zeros(words.len(), dtype=np.int64) for _ in range(2))
    frames = [pl.DataFrame(schema={"first": pl.UInt32, "second": pl.UInt32, "n": pl.UInt32})]
    order = words.arg_sort()
    place = np.empty(words.len(), dtype=np.uint32)
    place[order.to_numpy()] = np.arange(words.len(), dtype=np.uint32)
    for couples, n in counted(neighbours(Stored(file), window)):
        add_margins(couples, n, firsts, seconds)
        enough = n >= minimum
        first, second = halves(couples[enough])
        frames.append(pl.DataFrame({"first": place[first], "second": place[second], "n": n[enough].astype(np.uint32)}))
    n_first, n_second = (pl.Series(margin.view(np.uint64)).gather(order) for margin in (firsts, seconds))
    return Pairs(words.gather(order), pl.concat(frames), n_first, n_second, int(firsts.sum()))
