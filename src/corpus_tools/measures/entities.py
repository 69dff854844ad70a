"""Whom and what the texts speak of: coreference chains and where they run."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs
from corpus_tools.standoff import in_thread_order

_MENTION = ("span_id", "text_id", "start_char", "end_char", "quote", "label", "named")
_TEXT = ("text_id", "thread_id", "position", "kind")


def chain_table(mentions: Frame, chains: Frame, texts: Frame) -> pl.LazyFrame:
    """Every chain with its name and the number of its mentions.

    Args:
        mentions: One row per mention; needs `span_id`, `text_id`, `start_char`, `end_char`, `quote`, `label` and
            `named` (whether the mention is a name).
        chains: The chain of each mention, as `standoff.chains` gives it; needs `span_id` and `chain_id`.
        texts: One row per text; needs `text_id`, `thread_id`, `position` and `kind`. Mentions in other texts are left
            out, so the comments alone give what the comments speak of.

    Returns:
        One row per chain, those with most mentions first and among equals the one that begins first: `chain_id`,
        `name` (the quote that most of its named mentions have, letter by letter, of equally frequent ones the shortest
        and then the first; the quote of its first mention where none is a name), `label` (of its first mention),
        `n_mentions`, `n_named`, `n_texts`, `n_comments` (texts and comments that mention it; UInt32) and `first_text`
        (the `text_id` of its first mention).

    Raises:
        MissingColumnError: If a column is absent.
    """
    placed = _placed(mentions, chains, texts, where="chain_table")
    named = pl.col("named").fill_null(value=False)
    quotes = placed.filter(named).group_by("chain_id", "quote").agg(_n=pl.len(), _at=pl.col("_at").min())
    often = quotes.sort("_n", pl.col("quote").str.len_chars(), "_at", descending=[True, False, False])
    names = often.group_by("chain_id").agg(_name=pl.col("quote").first())
    counts = placed.group_by("chain_id").agg(
        _quote=pl.col("quote").sort_by("_at").first(),
        label=pl.col("label").sort_by("_at").first(),
        n_mentions=pl.len(),
        n_named=named.sum().cast(pl.UInt32),
        n_texts=pl.col("text_id").n_unique().cast(pl.UInt32),
        n_comments=pl.col("text_id").filter(pl.col("kind") == "comment").n_unique().cast(pl.UInt32),
        first_text=pl.col("text_id").sort_by("_at").first(),
        _at=pl.col("_at").min(),
    )
    ranked = counts.join(names, on="chain_id", how="left").sort("n_mentions", "_at", descending=[True, False])
    numbers = ("n_mentions", "n_named", "n_texts", "n_comments")
    return ranked.select("chain_id", pl.coalesce("_name", "_quote").alias("name"), "label", *numbers, "first_text")


def chains_by_text(mentions: Frame, chains: Frame, texts: Frame) -> pl.LazyFrame:
    """How often each text mentions each chain.

    Args:
        mentions: As for `chain_table`.
        chains: As for `chain_table`.
        texts: As for `chain_table`.

    Returns:
        One row per chain and text that mentions it, chains in the order of `chain_table` and texts in that of the
        thread: `chain_id`, `name`, `text_id`, `position` (of the text) and `n_mentions` (UInt32).

    Raises:
        MissingColumnError: If a column is absent.
    """
    placed = _placed(mentions, chains, texts, where="chains_by_text")
    order = chain_table(mentions, chains, texts).select("chain_id", "name").with_row_index("_rank")
    counts = placed.group_by("chain_id", "thread_id", "position", "text_id").agg(n_mentions=pl.len())
    ordered = counts.join(order, on="chain_id").sort("_rank", "thread_id", "position", "text_id")
    return ordered.select("chain_id", "name", "text_id", "position", "n_mentions")


def _placed(mentions: Frame, chains: Frame, texts: Frame, *, where: str) -> pl.LazyFrame:
    """The mentions with their chain, their text's columns and `_at`, their number in the order of the threads."""
    texts = needs(texts, _TEXT, where=f"{where}: texts").select(_TEXT)
    chains = needs(chains, ("span_id", "chain_id"), where=f"{where}: chains").select("span_id", "chain_id")
    mentions = needs(mentions, _MENTION, where=f"{where}: mentions").select(_MENTION)
    kept = mentions.join(texts, on="text_id", how="semi").join(chains, on="span_id")
    return in_thread_order(kept, texts).with_row_index("_at")
