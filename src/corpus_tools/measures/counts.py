"""How much text there is, and how often things occur in it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from corpus_tools.errors import ArgumentError, listed
from corpus_tools.frames import Frame, column_names, needs, refuse_clashes

_COUNTED = ("n", "n_total", "share")


def sizes(
    texts: Frame,
    tokens: Frame,
    sentences: Frame,
    *,
    by: str = "text_id",
) -> pl.LazyFrame:
    """Numbers of texts, sentences, tokens, words and types, for each group.

    Args:
        texts: One row per text; needs `text_id` and the `by` column.
        tokens: One row per token; needs `text_id`, `form` and `is_word`, as `tokens.tokenise` gives them.
        sentences: One row per sentence; needs `text_id`.
        by: Grouping column of `texts`, such as `author_id`.

    Returns:
        One row per group, in the order in which the groups first appear in `texts`: `by`, `n_texts`, `n_sentences`,
        `n_tokens` (words and marks), `n_words` (tokens with a letter or digit in them) and `n_types` (distinct words,
        case ignored), all UInt32. Numbers of texts, sentences, tokens and words add up over groups; types do not.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.
    """
    made = ("n_texts", "n_sentences", "n_tokens", "n_words", "n_types")
    refuse_clashes((by,), made, where="sizes")
    tokens = needs(tokens, ("text_id", "form", "is_word"), where="sizes: tokens")
    sentences = needs(sentences, ("text_id",), where="sizes: sentences")
    groups = needs(texts, ("text_id", by), where="sizes: texts").select("text_id", _group=pl.col(by))
    is_word = pl.col("is_word")
    per_token = (
        tokens.join(groups, on="text_id")
        .group_by("_group")
        .agg(
            n_tokens=pl.len(),
            n_words=is_word.sum().cast(pl.UInt32),
            n_types=pl.col("form").filter(is_word).str.to_lowercase().n_unique().cast(pl.UInt32),
        )
    )
    per_sentence = sentences.join(groups, on="text_id").group_by("_group").agg(n_sentences=pl.len())
    per_text = groups.group_by("_group", maintain_order=True).agg(n_texts=pl.len())
    joined = per_text
    for counts in (per_sentence, per_token):
        joined = joined.join(counts, on="_group", how="left", nulls_equal=True, maintain_order="left")
    return joined.select(pl.col("_group").alias(by), *(pl.col(name).fill_null(0).cast(pl.UInt32) for name in made))


def shares(
    rows: Frame,
    *,
    of: str | Sequence[str],
    by: str | Sequence[str] = (),
) -> pl.LazyFrame:
    """How often each value occurs, and its share: of parts of speech, labels, authors, or pairs of them.

    Args:
        rows: One row per thing counted; needs the columns of `of` and `by`.
        of: The column, or the columns whose combinations are counted. Null is a value like any other.
        by: The column or columns of the groups in which the shares add up to 1; none for all rows.

    Returns:
        One row per value that occurs in the group, sorted by `by`, then `n` from high to low, then `of` (nulls last):
        `by`..., `of`..., `n` (rows), `n_total` (rows of the group), both UInt32, and `share` (Float64, `n` over
        `n_total`, above 0, at most 1).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `of` names no column, a column is named twice, or one is called `n`, `n_total` or `share`.
    """
    values, groups = column_names(of), column_names(by)
    keys = [*groups, *values]
    if not values or len(set(keys)) < len(keys):
        named = f"of is {listed(values)} and by is {listed(groups)}"
        raise ArgumentError(f"shares: {named}; of takes at least one column, and each column can stand once")
    refuse_clashes(keys, _COUNTED, where="shares")
    order = (*groups, "n", *values)
    counted = tallied(needs(rows, keys, where="shares"), of=values, by=groups)
    return counted.sort(*order, descending=[name == "n" for name in order], nulls_last=True)


def tallied(rows: pl.LazyFrame, *, of: Sequence[str], by: Sequence[str]) -> pl.LazyFrame:
    """The rows and columns of `shares`, in no order, for measures that have an order of their own."""
    return with_shares(rows.group_by(*by, *of).agg(n=pl.len()), by=by).select(*by, *of, *_COUNTED)


def with_shares(counts: pl.LazyFrame, *, by: Sequence[str]) -> pl.LazyFrame:
    """Counts `n` with their sum in each group, `n_total`, and the `share` that each is of it."""
    total = pl.col("n").sum()
    summed = counts.with_columns(n_total=total.over(by) if by else total)
    return summed.with_columns(share=pl.col("n") / pl.col("n_total"))


def rate_per_1k(rows: Frame, words: Frame, *, by: str = "text_id") -> pl.LazyFrame:
    """How many rows there are for every 1,000 words, for each group.

    Args:
        rows: One row per thing counted, such as a span of a layer; needs the `by` column.
        words: One row per running word; needs the `by` column.
        by: Grouping column of both.

    Returns:
        One row per group of either frame, sorted by `by` (null is a group, and the last): `by`, `n` (rows; 0 where
        there are none), `n_words` (0 where there are none), both UInt32, and `n_per_1k` (Float64, 1,000 times `n` over
        `n_words`, from 0; null for a group without words).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.
    """
    refuse_clashes((by,), ("n", "n_words", "n_per_1k"), where="rate_per_1k")
    counted = needs(rows, (by,), where="rate_per_1k: rows").group_by(by).agg(n=pl.len())
    sized = needs(words, (by,), where="rate_per_1k: words").group_by(by).agg(n_words=pl.len())
    n, n_words = pl.col("n"), pl.col("n_words")
    return (
        sized.join(counted, on=by, how="full", coalesce=True, nulls_equal=True)
        .select(by, n.fill_null(0), n_words.fill_null(0))
        # A product of UInt32 would begin again from 0 above four thousand million.
        .with_columns(n_per_1k=pl.when(n_words > 0).then(1000 * n.cast(pl.Float64) / n_words))
        .sort(by, nulls_last=True)
    )
