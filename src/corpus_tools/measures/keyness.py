"""Which words mark some texts off from others."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import needs, refuse_clashes
from corpus_tools.measures.running import Words, rows_or_texts, word_counts

_COUNTS = ("n_target", "n_reference", "n_words_target", "n_words_reference")


def log_likelihood(cells: Iterable[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """The log-likelihood statistic G2 of a table: twice the sum of observed * ln(observed / expected).

    Args:
        cells: Observed and expected frequency of each cell, as Float64 expressions; an expected frequency is above 0
            wherever the observed one is.

    Returns:
        A Float64 expression, never negative. A cell that was not observed adds nothing.

    Source:
        Dunning (1993), Computational Linguistics 19(1), 61-74.
    """
    terms = [pl.when(seen > 0).then(seen * (seen / expected).log()).otherwise(0.0) for seen, expected in cells]
    # The true sum is never negative; its rounding can be.
    return (2 * pl.sum_horizontal(terms)).clip(lower_bound=0.0)


def keyness(words: Words, *, target: pl.Expr, of: str = "word", minimum: int = 5) -> pl.LazyFrame:
    """How much more or less often each word is used in the target than in the rest, the reference.

    Function words and names come first in small corpora, and one long text can make its words key; so read a table of
    key words with the number of texts that use them.

    Args:
        words: One row per running word, as `tokens.words` gives them, with the columns that `target` asks for; needs
            the `of` column. Or one row per text, with `text`, or a corpus, whose words are then counted without being
            written down. They are counted at once, since only then it is known whether both sides have any.
        target: A boolean expression on `words`, true for the words of the target and false for those of the reference:
            `pl.col("kind") == "comment"`. Where it is null, or the word is, the word is in neither.
        of: What is counted, such as `word` or `lemma`; of texts `word` only.
        minimum: Smallest number of times, target and reference together, for a word to have a row. It leaves rows
            out, not counts.

    Returns:
        One row per word, sorted by `g2`, the highest first, then by `of`: `of`, `n_target`, `n_reference`,
        `n_words_target`, `n_words_reference` (all running words of each side; these four UInt32), `target_per_1k`,
        `reference_per_1k` (per 1,000 running words of the side, 0 to 1,000), `g2` (log-likelihood over the two observed
        frequencies, expected from the sizes of the sides; 0 or more, and says nothing of the direction) and
        `log_ratio` (binary logarithm of the ratio of the relative frequencies: 1 is twice as often in the target, -1
        half as often; a frequency of 0 counts as 0.5), all Float64.

    Raises:
        MissingColumnError: If `of` or a column that `target` names is absent.
        ArgumentError: If `target` is not boolean, the target or the reference has no words, `of` has the name of
            another column of the result, or texts are given and `of` is not `word`.

    Source:
        g2: Rayson and Garside (2000), Comparing corpora using frequency profiling, Proceedings of the Workshop on
        Comparing Corpora, ACL, 1-6. log_ratio: Hardie (2014), Log Ratio: an informal introduction, blog of the ESRC
        Centre for Corpus Approaches to Social Science.
    """
    refuse_clashes((of,), (*_COUNTS, *_measures()), where="keyness")
    rows, are_texts = rows_or_texts(words, of=of, where="keyness: words")
    counted_in = () if are_texts else (of,)
    sided = needs(rows, (*counted_in, *target.meta.root_names()), where="keyness: words").with_columns(_target=target)
    kind = sided.collect_schema()["_target"]
    if kind != pl.Boolean:
        raise ArgumentError(
            f"keyness: target gives {kind}; it must be true or false, as pl.col('kind') == 'comment' is"
        )
    n, in_target = pl.col("n"), pl.col("_target")
    counted = (
        word_counts(sided.drop_nulls("_target"), of=of, by=["_target"], where="keyness: words")
        .group_by(of)
        .agg(n_target=n.filter(in_target).sum(), n_reference=n.filter(~in_target).sum())
        .select(of, pl.col("n_target", "n_reference").cast(pl.UInt32))
        .collect(engine="streaming")
    )
    return compared(counted, of=of, minimum=minimum)


def compared(counted: pl.DataFrame, *, of: str = "word", minimum: int = 5) -> pl.LazyFrame:
    """The table of `keyness` from counts: `of`, `n_target` and `n_reference` (UInt32)."""
    for side in ("target", "reference"):
        if not counted[f"n_{side}"].sum():
            raise ArgumentError(
                f"keyness: the {side} has no words; target must be true for some of the words and false for others"
            )
    sizes = (pl.col(f"n_{side}").sum().alias(f"n_words_{side}") for side in ("target", "reference"))
    rows = counted.lazy().with_columns(sizes).filter(pl.col("n_target") + pl.col("n_reference") >= minimum)
    return rows.with_columns(**_measures()).sort("g2", of, descending=[True, False])


def _measures() -> dict[str, pl.Expr]:
    n_target, n_reference, target, reference = (pl.col(name).cast(pl.Float64) for name in _COUNTS)
    pooled = (n_target + n_reference) / (target + reference)
    relative = [
        pl.when(n > 0).then(n).otherwise(0.5) / size for n, size in ((n_target, target), (n_reference, reference))
    ]
    return {
        "target_per_1k": 1000 * n_target / target,
        "reference_per_1k": 1000 * n_reference / reference,
        "g2": log_likelihood([(n_target, target * pooled), (n_reference, reference * pooled)]),
        "log_ratio": (relative[0] / relative[1]).log(2),
    }
