"""What was answered to the questions about texts."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs, ranked, refuse_clashes
from corpus_tools.measures.counts import tallied


def judgement_shares(judgements: Frame, texts: Frame, *, by: str = "author_id") -> pl.LazyFrame:
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
        ArgumentError: If `by` has the name of another column of the result.

    Source:
        Mohammad and others (2016), SemEval-2016 Task 6: Detecting Stance in Tweets, Proceedings of SemEval-2016, 31-41,
        for stance as the answer to a question about a text and a target.
    """
    refuse_clashes((by,), ("question", "label", "n", "n_total", "share"), where="judgement_shares")
    columns = ("unit_id", "question", "label")
    judgements = needs(judgements, columns, where="judgement_shares: judgements").select(columns)
    groups = needs(texts, ("text_id", by), where="judgement_shares: texts").select("text_id", _group=by)
    asked = ranked(judgements, "question", rank="_question_rank")
    joined = asked.join(ranked(groups, "_group", rank="_group_rank"), left_on="unit_id", right_on="text_id")
    counts = tallied(joined, of=["label"], by=["_group_rank", "_group", "_question_rank", "question"])
    ordered = counts.sort("_group_rank", "_question_rank", "n", "label", descending=[False, False, True, False])
    return ordered.select(pl.col("_group").alias(by), "question", "label", "n", "n_total", "share")
