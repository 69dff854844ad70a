"""What the comments take up from the article, sentence by sentence."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs
from corpus_tools.measures.counts import tallied


def article_links(links: Frame, sentences: Frame, texts: Frame) -> pl.LazyFrame:
    """How much of every comment is linked to the article.

    Args:
        links: One row per link, from a sentence of a comment to a sentence of the article; needs `from_id` and `to_id`.
        sentences: One row per sentence; needs `sentence_id` and `text_id`.
        texts: One row per text; needs `text_id` and `kind`.

    Returns:
        One row per comment, in the order of `texts`: `text_id`, `n_links`, `n_article_sentences` (distinct sentences
        that its links lead to), `n_sentences` (of the comment), `n_linked_sentences` (those from which a link goes;
        UInt32) and `linked_share` (`n_linked_sentences` over `n_sentences`, 0 to 1, null for a comment without a
        sentence).

    Raises:
        MissingColumnError: If a column is absent.
    """
    comments = _comments(texts, where="article_links: texts")
    homes = needs(sentences, ("sentence_id", "text_id"), where="article_links: sentences")
    ends = needs(links, ("from_id", "to_id"), where="article_links: links").select("from_id", "to_id")
    linked = ends.join(homes.select("text_id", from_id="sentence_id"), on="from_id")
    per_link = linked.group_by("text_id").agg(
        n_links=pl.len(),
        n_article_sentences=pl.col("to_id").n_unique().cast(pl.UInt32),
        n_linked_sentences=pl.col("from_id").n_unique().cast(pl.UInt32),
    )
    per_sentence = homes.group_by("text_id").agg(n_sentences=pl.len())
    joined = comments.join(per_link, on="text_id", how="left", maintain_order="left")
    joined = joined.join(per_sentence, on="text_id", how="left", maintain_order="left")
    names = ("n_links", "n_article_sentences", "n_sentences", "n_linked_sentences")
    share = pl.when(pl.col("n_sentences") > 0).then(pl.col("n_linked_sentences") / pl.col("n_sentences"))
    return joined.select("text_id", *(pl.col(name).fill_null(0) for name in names)).with_columns(linked_share=share)


def article_link_labels(links: Frame, sentences: Frame, texts: Frame) -> pl.LazyFrame:
    """How often every comment's links to the article have each label.

    Args:
        links: As for `article_links`; needs `label` too.
        sentences: As for `article_links`.
        texts: As for `article_links`.

    Returns:
        One row per comment and label of its links, comments in the order of `texts`, then the most frequent label
        first and equally frequent ones in alphabetical order: `text_id`, `label`, `n`, `n_total` (links of the comment,
        UInt32) and `share` (`n` over `n_total`, above 0, at most 1). A comment without a link has no row.

    Raises:
        MissingColumnError: If a column is absent.
    """
    comments = _comments(texts, where="article_link_labels: texts").with_row_index("_rank")
    homes = needs(sentences, ("sentence_id", "text_id"), where="article_link_labels: sentences")
    ends = needs(links, ("from_id", "label"), where="article_link_labels: links").select("from_id", "label")
    linked = ends.join(homes.select("text_id", from_id="sentence_id"), on="from_id").join(comments, on="text_id")
    counts = tallied(linked, of=["label"], by=["_rank", "text_id"])
    ordered = counts.sort("_rank", "n", "label", descending=[False, True, False])
    return ordered.drop("_rank")


def _comments(texts: Frame, *, where: str) -> pl.LazyFrame:
    return needs(texts, ("text_id", "kind"), where=where).filter(pl.col("kind") == "comment").select("text_id")
