"""What an engine adds up, from which all tables are made."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from corpus_tools.measures.pairs import Pairs
from corpus_tools.measures.replies import reply_structure, reply_tree


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a collection."""

    texts: pl.LazyFrame
    """One row per text: `text_id`, `thread_id`, `kind`, the column of the groups, `target`, `n_words`, `n_types` and
    the five measures of `diversity`."""
    words: pl.DataFrame
    """One row per word of each side: `kind`, `target`, `word`, `n` and `n_texts` (Int64)."""
    pairs: Pairs
    """Words that follow each other."""
    dispersion: pl.DataFrame
    """The table of `dispersion`."""
    threads: pl.DataFrame | None
    """The table of `reply_structure`, and `n_unknown` (UInt32), the texts that answer one that is not in the thread;
    None where no text answers another."""


def shapes_of_threads(texts: pl.DataFrame) -> pl.DataFrame | None:
    """The shape of each thread; an answer to a text that is not in its thread begins a tree of its own.

    Args:
        texts: One row per text: `text_id`, `thread_id`, `position`, `parent_id`. Those without a thread are left out.

    Returns:
        What `Sums.threads` is.

    Raises:
        ArgumentError: If texts of one thread have the same id, or answer each other in a circle.
    """
    rows = texts.filter(pl.col("thread_id").is_not_null())
    return None if rows["parent_id"].null_count() == rows.height else shapes(rows)


def shapes(rows: pl.DataFrame) -> pl.DataFrame:
    """The same of texts that all have a thread, whether any answers another or not."""
    rows = rows.select("text_id", "thread_id", "position", "parent_id")
    if rows["text_id"].n_unique() < rows.height:
        # Some sources number the texts of each thread anew.
        ids = (pl.concat_str("thread_id", name, separator=" ").alias(name) for name in ("text_id", "parent_id"))
        rows = rows.with_columns(*ids)
    answers = rows.filter(pl.col("parent_id").is_not_null())
    place, known = ("thread_id", "parent_id"), rows.select("thread_id", parent_id="text_id")
    replies = answers.join(known, on=place, how="semi").select(from_id="text_id", to_id="parent_id")
    unknown = answers.join(known, on=place, how="anti").group_by("thread_id").agg(n_unknown=pl.len())
    table = reply_structure(reply_tree(rows, replies)).join(unknown.lazy(), on="thread_id", how="left")
    return table.with_columns(pl.col("n_unknown").fill_null(0)).sort("thread_id").collect()
