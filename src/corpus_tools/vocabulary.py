"""Words, each with a number."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.interning import Interned

Ids: TypeAlias = npt.NDArray[np.uint32]
BORDER = np.uint32(2**32 - 1)
"""Stands behind a text. No vocabulary has as many words."""


class Vocabulary:
    """The words met so far, each with a number: the number of one word is the same as long as the vocabulary lives.

    Several threads may use it at once, so which word has which number differs from run to run.
    """

    def __init__(self) -> None:
        self._interned = Interned(split=False)

    def ids(self, words: pl.Series, *, n_bytes: int = 0) -> Ids:
        """The number of each word (UInt32, from 0), new ones included; of texts that have so many bytes at least."""
        _, codes, _ = self._interned.read(words, n_bytes=n_bytes)
        return codes.view(np.uint32)

    def words(self) -> pl.Series:
        """The words in the order of their numbers."""
        return self._interned.strings().alias("word")
