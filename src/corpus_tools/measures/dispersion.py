"""How evenly words are spread over the parts of a corpus."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.encoded import Encoded, encoded
from corpus_tools.frames import needs, refuse_clashes
from corpus_tools.interning import Integers
from corpus_tools.measures.running import Words, rows_or_texts
from corpus_tools.measures.stored import Stored, counted, halves, in_parts, n_words_of_texts, sequence
from corpus_tools.vocabulary import Vocabulary

_SCORES = ("juilland_d", "dp", "dp_norm")
_MADE = dict.fromkeys(("n", "n_parts_with", "n_parts"), pl.UInt32) | dict.fromkeys(_SCORES, pl.Float64)
_EMPTY = np.empty(0, dtype=np.int64)


def dispersion(words: Words, *, of: str = "word", parts: str = "text_id", minimum: int = 1) -> pl.LazyFrame:
    """How evenly each word is spread over the parts: Juilland's D, and the deviation of proportions.

    The parts may differ in size. They are what occurs in the `parts` column (null is a part too): a text without a
    running word has no row there and is no part.

    Args:
        words: One row per running word; needs the `of` and `parts` columns. Or one row per text, with `text` and
            `parts`, or a corpus: then they are read at once, without their words being written down.
        of: What counts as one word: `word`, `form`, `lemma`; of texts `word` only. Rows where it is null are left out.
        parts: The column of the parts, such as `text_id` or `author_id`.
        minimum: Least number of occurrences of a word that is measured; the others count towards the sizes of parts.

    Returns:
        One row per word, sorted by `n` from high to low, then `of`: `of`, `n` (occurrences), `n_parts_with` (parts that
        have it), `n_parts`, all UInt32, and as Float64 from 0 to 1, all three null where there is one part only:

        - `juilland_d`: 1 - V / sqrt(`n_parts` - 1), where V is the coefficient of variation (population standard
          deviation over mean) of the word's relative frequencies in the parts. 1: the same in all; 0: in one only.
        - `dp`: half the sum over parts of |share of the running words - share of the occurrences|. 0: as even as can
          be; below 1.
        - `dp_norm`: `dp` over its highest possible value, 1 - the smallest part's share of the running words.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `of` has the name of another column of the result, or texts are given and `of` is not `word`.

    Source:
        Juilland, Brodin and Davidovitch (1970), Frequency Dictionary of French Words, for D; Gries (2008),
        International Journal of Corpus Linguistics 13(4), 403-437, for DP and for D with parts of unequal size;
        Lijffijt and Gries (2012), International Journal of Corpus Linguistics 17(1), 147-149, for the normalisation.
    """
    refuse_clashes((of,), _MADE, where="dispersion")
    frame, are_texts = rows_or_texts(words, of=of, where="dispersion")
    if are_texts:
        return _of_texts(needs(frame, (parts,), where="dispersion: texts"), parts, minimum).lazy()
    rows = needs(frame, (of, parts), where="dispersion").select(of, parts).filter(pl.col(of).is_not_null())
    columns = {of: rows.collect_schema()[of], **_MADE}
    # Every word has to be seen before one can be measured.
    return rows.map_batches(
        partial(_of_rows, of=of, parts=parts, minimum=minimum),
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        schema=columns,
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How often words occur in parts: one entry for each word and part that has it, sorted by both."""

    word: Integers
    part: Integers
    n: Integers


def measured(counts: Counts, sizes: Integers, *, minimum: int = 1) -> pl.DataFrame:
    """The measures of words that are given as numbers.

    Args:
        counts: How often each occurs where. All entries of a word are there, but not all words need be.
        sizes: Running words of each part; those of 0 are no part.
        minimum: Least number of occurrences.

    Returns:
        One row per word, ascending: `word` (Int64), and the columns of `dispersion`.
    """
    present = sizes[sizes > 0]
    n_words, n_parts = int(present.sum()), present.size
    begins = np.flatnonzero(np.append(True, counts.word[1:] != counts.word[:-1])) if counts.word.size else _EMPTY
    n_with = np.diff(begins, append=counts.word.size)
    n = _sums(counts.n, begins)
    size = sizes[counts.part]
    rate = counts.n / size
    mean = _sums(rate, begins) / max(n_parts, 1)
    # The parts without the word count as zeros.
    squares = _sums((rate - np.repeat(mean, n_with)) ** 2, begins) + (n_parts - n_with) * mean**2
    # Whole numbers up to the last division.
    where_found = _sums(np.abs(size * np.repeat(n, n_with) - counts.n * n_words), begins)
    elsewhere = (n_words - _sums(size, begins)) * n
    with np.errstate(divide="ignore", invalid="ignore"):
        d = 1 - np.sqrt(squares / n_parts) / mean / np.sqrt(n_parts - 1)
        dp = (where_found + elsewhere) / (2 * n * n_words)
        dp_norm = dp / (1 - present.min(initial=n_words) / n_words) if n_words else dp
    frame = pl.DataFrame(
        {
            "word": counts.word[begins],
            "n": n.astype(np.uint32),
            "n_parts_with": n_with.astype(np.uint32),
            "n_parts": np.full(begins.size, n_parts, dtype=np.uint32),
            "juilland_d": np.clip(d, 0, 1),
            "dp": dp,
            "dp_norm": np.clip(dp_norm, 0, 1),
        }
    ).filter(pl.col("n") >= minimum)
    return frame if n_parts > 1 else frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in _SCORES)


def stored_dispersion(
    file: IO[bytes], words: pl.Series, part_of_text: pl.Series, *, minimum: int
) -> tuple[pl.DataFrame, Integers]:
    """The table of words that are stored, and the running words of each part.

    Args:
        file: Sequences as `stored.sequence` gives them.
        words: The words in the order of their numbers.
        part_of_text: The number of the part of each text, from 0 (UInt32); sums are made in the order of the parts.
        minimum: Least number of occurrences of a word that is measured.
    """
    numbers = part_of_text.to_numpy()
    sizes = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int64)
    stored = Stored(file)
    n_words = n_words_of_texts(stored)
    np.add.at(sizes, numbers, n_words)
    tables = [measured(Counts(_EMPTY, _EMPTY, _EMPTY), sizes)]
    for couples, n in counted(in_parts(stored, numbers, n_words)):
        word, part = halves(couples)
        counts = Counts(word.astype(np.int64), part.astype(np.int64), n)
        tables.append(measured(counts, sizes, minimum=minimum))
    table = pl.concat(tables)
    named = table.with_columns(words.gather(table["word"]).alias("word"))
    return named.sort("n", "word", descending=[True, False]), sizes


def _of_texts(texts: pl.LazyFrame, parts: str, minimum: int) -> pl.DataFrame:
    def stored(batch: Encoded) -> tuple[pl.DataFrame, npt.NDArray[np.uint32]]:
        return batch.texts, sequence(*batch.running())

    vocabulary = Vocabulary()
    with tempfile.TemporaryFile() as file:
        frames = []
        for frame, ids in encoded(texts, stored, vocabulary, keep=[parts]):
            frames.append(frame)
            ids.tofile(file)
        return stored_dispersion(file, vocabulary.words(), numbered(pl.concat(frames)[parts]), minimum=minimum)[0]


def numbered(values: pl.Series) -> pl.Series:
    """Equal values as equal numbers from 0 in the order of the values, null last (UInt32)."""
    ranks = values.rank("dense").cast(pl.UInt32)
    return (ranks - 1).fill_null(ranks.max() or 0)


def _of_rows(rows: pl.DataFrame, *, of: str, parts: str, minimum: int) -> pl.DataFrame:
    tallied = rows.with_columns(_part=numbered(rows[parts])).group_by(of, "_part").agg(_n=pl.len()).sort(of, "_part")
    part, n = tallied["_part"].to_numpy().astype(np.int64), tallied["_n"].to_numpy().astype(np.int64)
    counts = Counts(tallied[of].rle_id().to_numpy().astype(np.int64), part, n)
    sizes = np.bincount(part, weights=n).astype(np.int64)
    table = measured(counts, sizes, minimum=minimum)
    words = tallied[of].unique(maintain_order=True)
    return table.select(words.gather(table["word"]).alias(of), *_MADE).sort("n", of, descending=[True, False])


def _sums(values: npt.NDArray[Any], begins: Integers) -> npt.NDArray[Any]:
    return np.add.reduceat(values, begins) if begins.size else values[:0]
