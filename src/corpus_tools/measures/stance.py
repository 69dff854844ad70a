"""What was answered to the questions about texts."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs


def answers(judgements: Frame, texts: Frame, *, by: str = "author_id") -> pl.LazyFrame:
    """How often each label was given to each question, for each group of texts.

    Args:
        judgements: One row per text and question, by one annotator; needs `unit_id`, `question` and `label`. Judgements
            of texts that `texts` does not hold are left out.
        texts: One row per text; needs `text_id` and the `by` column.
        by: Grouping column of `texts`, such as `author_id`.

    Returns:
        One row per group, question and label that was given, groups in the order in which they first appear in `texts`
        and questions in that of `judgements`, then the most frequent label first and equally frequent ones in
        alphabetical order: `by`, `question`, `label`, `n`, `n_total` (answers of the group to the question, UInt32) and
        `share` (`n` over `n_total`, above 0, at most 1).

    Raises:
        MissingColumnError: If a column is absent.
    """
    columns = ("unit_id", "question", "label")
    judgements = needs(judgements, columns, where="answers: judgements").select(columns)
    groups = needs(texts, ("text_id", by), where="answers: texts").select("text_id", _group=by)
    ranked = groups.join(
        groups.select("_group").unique(maintain_order=True).with_row_index("_group_rank"),
        on="_group",
        nulls_equal=True,
    )
    questions = judgements.select("question").unique(maintain_order=True).with_row_index("_question_rank")
    joined = judgements.join(ranked, left_on="unit_id", right_on="text_id").join(
        questions, on="question", nulls_equal=True
    )
    counts = joined.group_by("_group_rank", "_group", "_question_rank", "question", "label").agg(n=pl.len())
    totals = counts.group_by("_group_rank", "question").agg(n_total=pl.col("n").sum())
    whole = counts.join(totals, on=("_group_rank", "question"), nulls_equal=True)
    ordered = whole.sort("_group_rank", "_question_rank", -pl.col("n").cast(pl.Int64), "label")
    share = pl.col("n") / pl.col("n_total")
    return ordered.select(pl.col("_group").alias(by), "question", "label", "n", "n_total", share=share)
