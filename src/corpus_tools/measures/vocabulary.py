"""Which words there are: frequencies by rank, and how the vocabulary grows with the text.

Both measures run over a frame of running words. A row whose word is null is no running word and is left out.
"""

from __future__ import annotations

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
    counted = with_shares(word_counts(words, of=of, by=keys, where="frequencies"), by=keys)
    order = (*keys, "n", of)
    ordered = counted.sort(*order, descending=[name == "n" for name in order], nulls_last=True)
    rank = _within(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32), by)
    return ordered.select(*keys, rank.alias("rank"), of, "n", "n_total", "share")


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


def _within(expression: pl.Expr, by: str | None) -> pl.Expr:
    return expression if by is None else expression.over(by)
