"""Who and what is evaluated, and which way."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs


def appraisal_by_target(
    appraisal: Frame, chains: Frame, names: Frame, texts: Frame, *, by: str | None = None
) -> pl.LazyFrame:
    """How often each target is evaluated with each polarity.

    Args:
        appraisal: One row per span; needs `text_id`, `polarity` and `target_id`. Spans without a polarity, such as
            those of graduation, and spans of texts that `texts` does not hold are left out.
        chains: The chain of each mention, as `standoff.chains` gives it; needs `span_id` and `chain_id`.
        names: One row per chain, as `chain_table` gives it; needs `chain_id` and `name`.
        texts: One row per text; needs `text_id` and the `by` column.
        by: Grouping column of `texts`, such as `author_id`; none for all texts together.

    Returns:
        One row per group, target and polarity that occurs, groups in the order in which they first appear in `texts`,
        targets with most evaluations first (equally frequent ones by `target_id`, the missing target last of all), then
        the most frequent polarity first: `by` where one was given, `target_id` (the chain of the target; null where
        none is marked), `name` (of the chain, null where it has none), `polarity`, `n`, `n_total` (evaluations of the
        target by the group, UInt32) and `share` (`n` over `n_total`, above 0, at most 1).

    Raises:
        MissingColumnError: If a column is absent.
    """
    group = pl.lit(0) if by is None else pl.col(by)
    texts = needs(texts, ("text_id", *([] if by is None else [by])), where="appraisal_by_target: texts")
    groups = texts.select("text_id", _group=group)
    ranks = groups.select("_group").unique(maintain_order=True).with_row_index("_rank")
    columns = ("text_id", "polarity", "target_id")
    spans = needs(appraisal, columns, where="appraisal_by_target: appraisal").select(columns)
    heads = needs(chains, ("span_id", "chain_id"), where="appraisal_by_target: chains")
    joined = (
        spans.filter(pl.col("polarity").is_not_null())
        .join(groups.join(ranks, on="_group", nulls_equal=True), on="text_id")
        .join(heads.select(target_id="span_id", _chain="chain_id"), on="target_id", how="left")
        .with_columns(target_id=pl.coalesce("_chain", "target_id"))
    )
    counts = joined.group_by("_rank", "_group", "target_id", "polarity").agg(n=pl.len())
    totals = counts.group_by("_rank", "target_id").agg(n_total=pl.col("n").sum())
    named = needs(names, ("chain_id", "name"), where="appraisal_by_target: names").select(
        target_id="chain_id", name="name"
    )
    whole = counts.join(totals, on=("_rank", "target_id"), nulls_equal=True).join(named, on="target_id", how="left")
    most, often = (-pl.col(name).cast(pl.Int64) for name in ("n_total", "n"))
    unknown = pl.col("target_id").is_null()
    ordered = whole.sort("_rank", unknown, most, "target_id", often, "polarity")
    shown = () if by is None else (pl.col("_group").alias(by),)
    return ordered.select(
        *shown, "target_id", "name", "polarity", "n", "n_total", share=pl.col("n") / pl.col("n_total")
    )
