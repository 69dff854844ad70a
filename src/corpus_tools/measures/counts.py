"""How much text there is."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs


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
    """
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
    names = ("n_texts", "n_sentences", "n_tokens", "n_words", "n_types")
    return joined.select(pl.col("_group").alias(by), *(pl.col(name).fill_null(0).cast(pl.UInt32) for name in names))
