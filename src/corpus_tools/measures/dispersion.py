"""How evenly words are spread over the parts of a corpus."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs, refuse_clashes


def dispersion(words: Frame, *, of: str = "word", parts: str = "text_id", minimum: int = 1) -> pl.LazyFrame:
    """How evenly each word is spread over the parts: Juilland's D, and the deviation of proportions.

    The parts may differ in size. They are what occurs in the `parts` column (null is a part too): a text without a
    running word has no row there and is no part.

    Args:
        words: One row per running word; needs the `of` and `parts` columns.
        of: What counts as one word: `word`, `form`, `lemma`. Rows where it is null are left out.
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
        ArgumentError: If `of` has the name of another column of the result.

    Source:
        Juilland, Brodin and Davidovitch (1970), Frequency Dictionary of French Words, for D; Gries (2008),
        International Journal of Corpus Linguistics 13(4), 403-437, for DP and for D with parts of unequal size;
        Lijffijt and Gries (2012), International Journal of Corpus Linguistics 17(1), 147-149, for the normalisation.
    """
    made = ("n", "n_parts_with", "n_parts", "juilland_d", "dp", "dp_norm")
    refuse_clashes((of,), made, where="dispersion")
    rows = needs(words, (of, parts), where="dispersion").select(of, parts).filter(pl.col(of).is_not_null())
    sizes = rows.group_by(parts).agg(_size=pl.len().cast(pl.Int64))
    whole = sizes.select(_words=pl.col("_size").sum(), _smallest=pl.col("_size").min(), _parts=pl.len())
    counts = (
        rows.group_by(of, parts)
        .agg(_n=pl.len().cast(pl.Int64))
        .join(sizes, on=parts, nulls_equal=True)
        # Sums of floats depend on their order, which has to be the same on every run.
        .sort(of, parts)
        .join(whole, how="cross", maintain_order="left")
    )
    d, dp = _juilland_d(), _dp()
    several = pl.col("_parts") > 1
    most = 1 - pl.col("_smallest") / pl.col("_words")
    return (
        counts.group_by(of, maintain_order=True)
        .agg(
            pl.col("_words", "_smallest", "_parts").first(),
            n=pl.col("_n").sum().cast(pl.UInt32),
            n_parts_with=pl.len(),
            _d=d,
            _dp=dp,
        )
        .filter(pl.col("n") >= minimum)
        .select(
            of,
            "n",
            "n_parts_with",
            n_parts="_parts",
            juilland_d=pl.when(several).then(pl.col("_d").clip(0, 1)),
            dp=pl.when(several).then("_dp"),
            dp_norm=pl.when(several).then((pl.col("_dp") / most).clip(0, 1)),
        )
        .sort("n", of, descending=[True, False])
    )


def _juilland_d() -> pl.Expr:
    """D of one word, from its rows in the parts that have it; the other parts count as zeros."""
    rate, n_parts = pl.col("_n") / pl.col("_size"), pl.col("_parts").first()
    mean = rate.sum() / n_parts
    squares = (rate - mean).pow(2).sum() + (n_parts - pl.len()) * mean.pow(2)
    return 1 - (squares / n_parts).sqrt() / mean / (n_parts.cast(pl.Int64) - 1).sqrt()


def _dp() -> pl.Expr:
    """DP of one word, from its rows in the parts that have it, in whole numbers up to the last division."""
    n, n_words = pl.col("_n").sum(), pl.col("_words").first()
    where_found = (pl.col("_size") * n - pl.col("_n") * n_words).abs().sum()
    elsewhere = (n_words - pl.col("_size").sum()) * n
    return (where_found + elsewhere) / (2 * n * n_words)
