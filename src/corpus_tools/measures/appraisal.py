"""Who and what is evaluated, and which way."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, column_names, needs, ranked, refuse_clashes
from corpus_tools.measures.counts import tallied


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
        ArgumentError: If `by` has the name of another column of the result.

    Source:
        Martin and White (2005), The Language of Evaluation: Appraisal in English, Palgrave Macmillan, for evaluations
        that have a target and a polarity.
    """
    keys = column_names(by)
    refuse_clashes(keys, ("target_id", "name", "polarity", "n", "n_total", "share"), where="appraisal_by_target")
    texts = needs(texts, ("text_id", *keys), where="appraisal_by_target: texts")
    groups = texts.select("text_id", _group=pl.lit(0) if by is None else pl.col(by))
    columns = ("text_id", "polarity", "target_id")
    spans = needs(appraisal, columns, where="appraisal_by_target: appraisal").select(columns)
    heads = needs(chains, ("span_id", "chain_id"), where="appraisal_by_target: chains")
    joined = (
        spans.filter(pl.col("polarity").is_not_null())
        .join(ranked(groups, "_group", rank="_rank"), on="text_id")
        .join(heads.select(target_id="span_id", _chain="chain_id"), on="target_id", how="left")
        .with_columns(target_id=pl.coalesce("_chain", "target_id"))
    )
    counts = tallied(joined, of=["polarity"], by=["_rank", "_group", "target_id"])
    named = needs(names, ("chain_id", "name"), where="appraisal_by_target: names").select(
        target_id="chain_id", name="name"
    )
    order = ("_rank", pl.col("target_id").is_null(), "n_total", "target_id", "n", "polarity")
    downwards = [False, False, True, False, True, False]
    ordered = counts.join(named, on="target_id", how="left").sort(*order, descending=downwards)
    shown = (pl.col("_group").alias(key) for key in keys)
    return ordered.select(*shown, "target_id", "name", "polarity", "n", "n_total", "share")
