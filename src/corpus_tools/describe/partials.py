"""What is taken of a batch of texts: partial counts, which add up over batches, and the measures of each text.

The same is done on one machine and on Spark. On one machine words stay the numbers of one vocabulary and pairs are
counted from a file (`streaming`); on Spark each batch has a vocabulary of its own, and what leaves it has the words
themselves (`partial_rows`), in one table of Arrow, so that each text is read and tokenised once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from corpus_tools.encoded import Encoded
from corpus_tools.measures.diversity import measured_sequences
from corpus_tools.measures.sequences import sequences
from corpus_tools.measures.stored import sequence
from corpus_tools.vocabulary import Ids

ENGINES = ("auto", "streaming", "spark")
SIDES = ("kind", "target")
"""By what words are counted apart."""
TARGET = "target"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a description depends on besides the texts."""

    by: str = "author_id"
    """The column of the groups: who takes part, and the parts over which words are spread."""
    target: tuple[str, str] = ("kind", "comment")
    """A column and a value: texts with it are compared with all others in the table of key words."""
    minimum: int = 5
    """Smallest number of times for a word to be compared, or measured in its spread."""
    pairs: int = 5
    """Smallest number of times for a pair of words to have a row."""


@dataclass(frozen=True, slots=True)
class Partials:
    """What is taken of one batch."""

    texts: pl.DataFrame
    """One row per text: the columns that were kept but `position` and `parent_id`, `n_words` (0 where it has none),
    and `n_types` and the five measures of `diversity` (null there)."""
    words: pl.DataFrame
    """One row per word of each side: `kind`, `target`, `id` (of the vocabulary), `n` and `n_texts` (Int64)."""
    sequence: Ids
    """The running words as numbers, with a border behind each text."""


def partials(batch: Encoded) -> Partials:
    """What is taken of a batch; its texts have `kind` and `target`."""
    n_words, ids = batch.running()
    has_words = n_words > 0
    found = sequences(ids, n_words[has_words], batch.loops)
    measures = measured_sequences(found)
    row = np.cumsum(has_words) - 1
    # A place that is null gives a row of nulls.
    place = pl.Series(row).set(pl.Series(~has_words), None)
    texts = batch.texts.with_columns(measures.select(pl.all().gather(place)))
    texts = texts.with_columns(pl.col("n_words").fill_null(0))
    sides = batch.texts.select(SIDES).unique(maintain_order=True).with_row_index("_side")
    side = batch.texts.join(sides, on=SIDES, how="left", nulls_equal=True, maintain_order="left")["_side"]
    side_of_type = side.to_numpy().astype(np.int64)[np.flatnonzero(has_words)[found.type_group]]
    # Side and word as one number are grouped in less time than both; an array of all words would grow with them.
    types = pl.DataFrame({"_type": side_of_type << 32 | found.type_id, "n": found.type_n})
    words = types.group_by("_type").agg(pl.col("n").sum(), n_texts=pl.len().cast(pl.Int64))
    type_ = words["_type"].to_numpy()
    words = words.with_columns(_side=pl.Series((type_ >> 32).astype(np.uint32)), id=pl.Series(type_.astype(np.uint32)))
    named = words.join(sides, on="_side").select(*SIDES, "id", "n", "n_texts")
    return Partials(texts, named, sequence(n_words, ids))
