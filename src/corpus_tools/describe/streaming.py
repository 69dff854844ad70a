"""The sums of a collection on one machine: batches in threads, words as numbers, pairs from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from corpus_tools.describe.partials import SIDES, Choices, partials
from corpus_tools.describe.sums import Sums, shapes_of_threads
from corpus_tools.encoded import encoded
from corpus_tools.interning import Integers
from corpus_tools.measures.dispersion import numbered, stored_dispersion
from corpus_tools.measures.pairs import stored_pairs
from corpus_tools.vocabulary import Vocabulary

_COUNTS = ("n", "n_texts")


def sums(texts: pl.LazyFrame, choices: Choices, staging: Path, *, told: Callable[[int], None]) -> Sums:
    """Read a collection once and add up what is taken of its batches.

    Args:
        texts: One row per text, as `sources.texts_of` gives them, with `target`.
        choices: What is counted.
        staging: A folder for what does not fit in memory.
        told: Told how many more texts are read.
    """
    vocabulary = Vocabulary()
    counts = _Counts()
    rows: list[pl.DataFrame] = []
    keep = [name for name in texts.collect_schema().names() if name != "text"]
    with (staging / "words").open("w+b") as file:
        for taken in encoded(texts, partials, vocabulary, keep=keep):
            taken.sequence.tofile(file)
            rows.append(taken.texts)
            counts.add(taken.words)
            told(taken.texts.height)
        known = vocabulary.words()
        frame = pl.concat(rows)
        rows.clear()
        pairs = stored_pairs(file, known, window=1, minimum=choices.pairs)
        parts = numbered(frame[choices.by])
        dispersion, _ = stored_dispersion(file, known, parts, minimum=choices.minimum)
    (staging / "words").unlink()
    threads = shapes_of_threads(frame)
    used_up = {"position", "parent_id"} - {choices.by}
    return Sums(frame.drop(used_up).lazy(), counts.rows(known), pairs, dispersion, threads)


class _Counts:
    """How often each word occurs on each side, and in how many texts: a row of numbers for each, as long as need be."""

    def __init__(self) -> None:
        self._sums: dict[tuple[object, ...], Integers] = {}

    def add(self, words: pl.DataFrame) -> None:
        """Add the counts of a batch, in which a word has one row for a side."""
        for side, rows in words.partition_by(SIDES, as_dict=True, include_key=False).items():
            ids = rows["id"].to_numpy()
            sums = self._sums.get(side, np.zeros((2, 0), dtype=np.int64))
            if (more := int(ids.max()) + 1 - sums.shape[1]) > 0:
                sums = np.pad(sums, ((0, 0), (0, max(more, sums.shape[1]))))
            sums[:, ids] += rows.select(_COUNTS).to_numpy().T
            self._sums[side] = sums

    def rows(self, known: pl.Series) -> pl.DataFrame:
        """One row per word and side: `kind`, `target`, `word`, `n` and `n_texts`."""
        schema = {"kind": pl.String, "target": pl.Boolean, "word": pl.String, "n": pl.Int64, "n_texts": pl.Int64}
        frames = [pl.DataFrame(schema=schema)]
        for side, sums in self._sums.items():
            ids = np.flatnonzero(sums[0])
            columns = {name: pl.lit(value, schema[name]) for name, value in zip(SIDES, side, strict=True)}
            counted = pl.DataFrame({"word": known.gather(ids), "n": sums[0, ids], "n_texts": sums[1, ids]})
            frames.append(counted.with_columns(**columns).select(list(schema)))
        return pl.concat(frames)
