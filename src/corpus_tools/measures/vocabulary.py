"""Which words there are: frequencies by rank, and how the vocabulary grows with the text.

Both measures run over a frame of running words. A row whose word is null is no running word and is left out.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, column_names, needs, refuse_clashes
from corpus_tools.measures.counts import with_shares
from corpus_tools.measures.running import Words, word_counts


def frequencies(words: Words, *, of: str = "word", by: str | None = None) -> pl.LazyFrame:
    """How often each word occurs, ranked from the most frequent: the figures of a rank-frequency plot.

    Args:
        words: One row per running word; needs the `of` column, and `by` where given. Or one row per text, with `text`
            and `by`, or a corpus: then its words are counted without being written down, however many there are.
        of: What counts as one word: `word`, `form`, `lemma`. Rows where it is null are left out. Of texts `word` only.
        by: Grouping column, such as `author_id`; none for all words together.

    Returns:
        One row per word and group, sorted by `by` (null is a group, and the last), then `rank`: `by` where given,
        `rank` (1 for the most frequent; words of one frequency in the order of their names, each with a rank of its
        own), `of`, `n` (occurrences), `n_total` (running words of the group), and `share` (Float64, `n` over `n_total`,
        above 0, at most 1). `rank` and the counts are UInt32.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `of` and `by` are the same, or have the name of another column of the result, or if texts
            are given and `of` is not `word`.

    Source:
        Zipf (1949), Human Behavior and the Principle of Least Effort; Baayen (2001), Word Frequency Distributions.
    """
    keys = column_names(by)
    refuse_clashes((*keys, of), ("rank", "n", "n_total", "share"), where="frequencies")
    if of in keys:
        raise ArgumentError(f"frequencies: of and by are both {of}; group by another column")
    counted = word_counts(words, of=of, by=keys, where="frequencies")
    return ranked_by_frequency(counted, of=of, by=by).select(*keys, "rank", of, "n", "n_total", "share")


def ranked_by_frequency(counts: Frame, *, of: str = "word", by: str | None = None) -> pl.LazyFrame:
    """The rows and columns of `frequencies`, and what else `counts` has, from counts: `by`, `of` and `n`."""
    keys = column_names(by)
    counts = needs(counts, (*keys, of, "n"), where="ranked_by_frequency")
    order = (*keys, "n", of)
    ordered = with_shares(counts, by=keys).sort(*order, descending=[name == "n" for name in order], nulls_last=True)
    return ordered.with_columns(rank=_within(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), by))


def vocabulary_growth(words: Frame, *, of: str = "word", by: str | None = None) -> pl.LazyFrame:
    """How many types, and how many types seen once only, there are after each running word.

    Args:
        words: One row per running word, in text order; needs the `of` column, and `by` where given.
        of: What counts as one word: `word`, `form`, `lemma`. Rows where it is null are left out.
        by: Grouping column; none for all words together. The words of a group need not stand together.

    Returns:
        One row per running word, sorted by `by` (null is a group, and the last) and within a group in the order of
        `words`: `by` where given, `n_words` (1, 2, ...), `n_types` (distinct words so far) and `n_hapaxes` (words seen
        exactly once so far), all UInt32.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.

    Source:
        Baayen (2001), Word Frequency Distributions, chapter 1 (the vocabulary growth curve and V(1, N)).
    """
    keys = column_names(by)
    refuse_clashes(keys, ("n_words", "n_types", "n_hapaxes"), where="vocabulary_growth")
    rows = needs(words, (*keys, of), where="vocabulary_growth").select(*keys, of).filter(pl.col(of).is_not_null())
    seen_before = pl.int_range(pl.len()).over(*keys, of)
    first, second = (pl.col("_seen_before") == 0).cum_sum(), (pl.col("_seen_before") == 1).cum_sum()
    return (
        rows.with_columns(_seen_before=seen_before)
        .select(
            *keys,
            n_words=_within(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), by),
            n_types=_within(first, by).cast(pl.UInt32),
            n_hapaxes=_within(first - second, by).cast(pl.UInt32),
        )
        .sort(*keys, "n_words", nulls_last=True)
    )


def expected_growth(frequencies: Frame, *, points: int = 100) -> pl.LazyFrame:
    """How many types, and how many types seen once only, a sample of so many running words has on average.

    The growth of the vocabulary whatever the order of the texts: each number is the mean over all samples, drawn at
    random, of that many of the words counted.

    Args:
        frequencies: One row per word; needs `n`, its occurrences. They are read at once.
        points: Number of sample sizes, 1 or more, evenly spaced up to all words.

    Returns:
        One row per sample size, ascending, no more than there are words: `n_words` (UInt64), `n_types` and `n_hapaxes`
        (Float64, 0 or more); the last row has the counts themselves.

    Raises:
        MissingColumnError: If `n` is absent.
        ArgumentError: If `points` is below 1.

    Source:
        Baayen (2001), Word Frequency Distributions, chapter 2, on binomial interpolation: each word is in a sample of
        the share p with the probability 1 - (1 - p)^n, and once with n p (1 - p)^(n - 1).
    """
    if points < 1:
        raise ArgumentError(f"expected_growth: points is {points}; it must be 1 or more")
    counts = needs(frequencies, ("n",), where="expected_growth").select(pl.col("n").cast(pl.Int64))
    spectrum = counts.filter(pl.col("n") > 0).group_by("n").agg(types=pl.len()).sort("n").collect()
    n, types = (spectrum[name].to_numpy().astype(np.float64) for name in ("n", "types"))
    n_words = int((n * types).sum())
    sizes = np.unique(np.arange(1, points + 1, dtype=np.int64) * n_words // points)
    sizes = sizes[sizes > 0]
    absent = 1 - sizes / max(n_words, 1)
    # 0 to the power of 0 is 1, as it should be for a word that is in every sample once.
    n_types = [float((types * (1 - share**n)).sum()) for share in absent]
    n_hapaxes = [float((types * n * (1 - share) * share ** (n - 1)).sum()) for share in absent]
    rows = {"n_words": pl.Series(sizes, dtype=pl.UInt64), "n_types": n_types, "n_hapaxes": n_hapaxes}
    return pl.LazyFrame(rows, {"n_words": pl.UInt64, "n_types": pl.Float64, "n_hapaxes": pl.Float64})


def _within(expression: pl.Expr, by: str | None) -> pl.Expr:
    return expression if by is None else expression.over(by)
