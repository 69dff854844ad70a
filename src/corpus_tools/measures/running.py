"""Running words, given as rows or still in their texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from corpus_tools.encoded import count_words
from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    # Nobody has a corpus who has not imported it; to count words it is not needed.
    from corpus_tools.corpus import Corpus

Words: TypeAlias = "Frame | Corpus"
"""One row per running word; or one row per text, or a corpus, whose words are counted without being written down."""


def rows_or_texts(words: Words, *, of: str, where: str) -> tuple[pl.LazyFrame, bool]:
    """What a measure was given, and whether it is texts.

    Args:
        words: Rows of running words with a column `of`; or texts with `text`; or a corpus, which stands for its texts.
        of: What counts as one word.
        where: What a message calls the frame.

    Raises:
        ArgumentError: If texts are given, and `of` is not `word`.
    """
    frame = words.lazy() if isinstance(words, pl.DataFrame | pl.LazyFrame) else words.scan("texts")
    present = frame.collect_schema().names()
    if of in present or "text" not in present:
        return frame, False
    if of != "word":
        raise ArgumentError(f"{where}: of texts only the words can be counted; give rows that have {of}")
    return frame, True


def word_counts(words: Words, *, of: str, by: Sequence[str], where: str) -> pl.LazyFrame:
    """How often each word occurs in each group.

    Args:
        words: Rows of running words with the columns `of` and `by`; or, for `of="word"`, texts with `text` and `by`, a
            frame of any size, or a corpus, which stands for all its texts.
        of: What counts as one word. Rows where it is null are left out.
        by: The columns of the groups.
        where: What a message calls the frame.

    Returns:
        In no order: `by`..., `of` and `n` (UInt32).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If texts are given, and `of` is not `word`.
    """
    frame, are_texts = rows_or_texts(words, of=of, where=where)
    if are_texts:
        return count_words(frame, by=by)
    rows = needs(frame, (*by, of), where=where).filter(pl.col(of).is_not_null())
    return rows.group_by(*by, of).agg(n=pl.len())
