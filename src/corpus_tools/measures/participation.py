"""Who takes part, and how unevenly."""

from __future__ import annotations

import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, column_names, needs, refuse_clashes

_MADE = ("n_texts", "n_words", "texts_share", "words_share")


def participation(texts: Frame, words: Frame | None = None, *, by: str = "author_id") -> pl.LazyFrame:
    """How much of what was written comes from each group.

    Args:
        texts: One row per text; needs `text_id` and the `by` column. To have comments only, give comments only.
        words: One row per running word, as `tokens.words` gives them; needs `text_id`. Words of other texts are not
            counted. Without words only texts are, which needs no tokenisation.
        by: Grouping column of `texts`, such as `author_id`; null, as for an article whose author is not recorded, is a
            group like any other.

    Returns:
        One row per group, sorted by `n_words`, the highest first, then by `by`, the null group after all others: `by`,
        `n_texts`, `n_words` (UInt32), `texts_share` and `words_share` (Float64, 0 to 1, of all texts and of all their
        words, so that each adds up to 1 over the groups; `words_share` is null where no text has a word). Without
        words: `by`, `n_texts` and `texts_share`, sorted by `n_texts`.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.
    """
    refuse_clashes((by,), _MADE, where="participation")
    groups = needs(texts, ("text_id", by), where="participation: texts").select("text_id", _group=pl.col(by))
    n_texts = pl.len().cast(pl.UInt32)
    if words is None:
        return _shared(groups.group_by("_group").agg(n_texts=n_texts), ("n_texts",), by=by)
    words = needs(words, ("text_id",), where="participation: words")
    per_text = words.group_by("text_id").agg(_n_words=pl.len().cast(pl.UInt32))
    per_group = (
        groups.join(per_text, on="text_id", how="left")
        .group_by("_group")
        .agg(n_texts=n_texts, n_words=pl.col("_n_words").sum())
    )
    return _shared(per_group, ("n_texts", "n_words"), by=by)


def shares_of_groups(groups: Frame, *, by: str) -> pl.LazyFrame:
    """The table of `participation` from counts: one row per group, with `by`, `n_texts` and `n_words`."""
    per_group = needs(groups, (by, "n_texts", "n_words"), where="shares_of_groups").rename({by: "_group"})
    return _shared(per_group, ("n_texts", "n_words"), by=by)


def gini(rows: Frame, *, of: str, by: str | None = None) -> pl.LazyFrame:
    """How unevenly an amount is spread over rows: the Gini coefficient.

    The mean difference over all n^2 ordered pairs of amounts, each paired with itself too, over twice their mean: with
    x the amounts, n their number and m their mean, the sum of |x_i - x_j| over all i and j, divided by 2 * n^2 * m.

    Args:
        rows: One row per unit that has an amount, such as an author with `n_words`; needs the `of` column.
        of: Amounts of 0 or more. A null is no amount and is not counted. They are checked at once.
        by: Grouping column, such as `thread_id`, null like any other value; without it there is one group.

    Returns:
        One row per group, sorted by `by`, null last; a single row without `by`, which is then no column: `by`, `n`
        (amounts, UInt32), `total` (their sum, Float64) and `gini` (Float64, from 0 where all amounts are equal to
        1 - 1 / n where one has everything; null where there is no amount or all are 0). Since its upper end depends on
        `n`, compare groups of like size.

    Raises:
        MissingColumnError: If `of` or `by` is absent.
        ArgumentError: If an amount is negative, infinite or not a number, or `by` has the name of another column of
            the result.

    Source:
        Gini (1912), Variabilità e mutabilità, Bologna: Cuppini; in the form of Sen (1973), On Economic Inequality,
        Oxford: Clarendon Press.
    """
    keys = column_names(by)
    refuse_clashes(keys, ("n", "total", "gini"), where="gini")
    rows = needs(rows, (of, *keys), where="gini: rows")
    amount = pl.col(of).cast(pl.Float64)
    unusable = rows.select(((amount < 0) | ~amount.is_finite()).sum()).collect(engine="streaming").item()
    if unusable:
        raise ArgumentError(
            f"gini: {unusable} of the amounts in {of} cannot be used; they must be 0 or more, and finite"
        )
    measured = _gini(amount.drop_nulls().sort())
    return rows.select(**measured) if by is None else rows.group_by(by).agg(**measured).sort(by, nulls_last=True)


def _shared(per_group: pl.LazyFrame, numbers: tuple[str, ...], *, by: str) -> pl.LazyFrame:
    """The groups with their numbers and the share of each in all; those with most of the last number first."""
    group = pl.col("_group")
    ordered = per_group.sort(group.is_null(), numbers[-1], group, descending=[False, True, False])
    return ordered.select(group.alias(by), *numbers, *map(_of_all, numbers))


def _of_all(name: str) -> pl.Expr:
    total = pl.col(name).sum()
    return pl.when(total > 0).then(pl.col(name) / total).alias(f"{name.removeprefix('n_')}_share")


def _gini(ascending: pl.Expr) -> dict[str, pl.Expr]:
    n, total = ascending.len().cast(pl.Int64), ascending.sum()
    # In ascending order x_i is the larger one of i - 1 pairs and the smaller one of n - i, so no pair need be formed.
    larger_less_smaller = 2 * pl.int_range(1, n + 1) - n - 1
    coefficient = (larger_less_smaller * ascending).sum() / (n * total)
    # All equal gives 0, which rounding can put a little below it.
    return {
        "n": n.cast(pl.UInt32),
        "total": total,
        "gini": pl.when(total > 0).then(coefficient.clip(lower_bound=0.0)),
    }
