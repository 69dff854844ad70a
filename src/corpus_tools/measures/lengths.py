"""How long things are: words, sentences, and any other lengths, summed up."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, column_names, needs, refuse_clashes
from corpus_tools.measures.counts import shares


def summary(rows: Frame, *, of: str, by: str | None = None) -> pl.LazyFrame:
    """Number, mean, spread and quartiles of a column of numbers, for each group.

    Args:
        rows: Any rows; needs the numeric `of` column, and `by` where given.
        of: The column that is summed up. Nulls are left out.
        by: Grouping column; none for all rows together.

    Returns:
        One row per group, sorted by `by` (null is a group, and the last), or one row where `by` is none: `by` where
        given, `n` (values, UInt32), and in the unit of `of`, as Float64: `mean`, `sd` (of the sample, with n - 1 below
        the line; null for fewer than two values), `min`, `q1`, `median`, `q3` (quartiles linearly interpolated between
        the two nearest values) and `max`. All but `n` are null where there is no value.

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.

    Source:
        Hyndman and Fan (1996), The American Statistician 50(4), 361-365, definition 7, for the quartiles.
    """
    keys = column_names(by)
    rows = needs(rows, (*keys, of), where="summary").select(*keys, pl.col(of).cast(pl.Float64).alias("_of"))
    value = pl.col("_of")
    figures = {
        "n": value.count().cast(pl.UInt32),
        "mean": value.mean(),
        "sd": value.std(ddof=1),
        "min": value.min(),
        **{
            name: value.quantile(at, interpolation="linear")
            for name, at in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))
        },
        "max": value.max(),
    }
    refuse_clashes(keys, figures, where="summary")
    if by is None:
        return rows.select(**figures)
    return rows.group_by(by).agg(**figures).sort(by, nulls_last=True)


def sentence_lengths(sentences: Frame, words: Frame) -> pl.LazyFrame:
    """How many words stand in each sentence.

    Args:
        sentences: One row per sentence; needs `text_id`, `start_char` and `end_char`. Sentences of a text should not
            overlap; where they do, a word is looked for in the sentence that begins last before it.
        words: One row per running word; needs `text_id`, `start_char` and `end_char`.

    Returns:
        The rows and columns of `sentences`, in their order, and `n_words` (UInt32): the words of the same text whose
        span lies within that of the sentence. 0 where there are none or an offset is null; a word that reaches over
        the sentence's end counts nowhere. An `n_words` that `sentences` has is replaced.

    Raises:
        MissingColumnError: If a column is absent.
    """
    span = ("text_id", "start_char", "end_char")
    sentences = needs(sentences, span, where="sentence_lengths: sentences")
    numbered = sentences.drop("n_words", strict=False).with_row_index("_sentence")
    bounds = _by_start(numbered, "_sentence", pl.col("end_char").alias("_end"))
    found = _by_start(needs(words, span, where="sentence_lengths: words"), "end_char")
    counts = (
        found.join_asof(bounds, on="_start", by="text_id", strategy="backward", check_sortedness=False)
        .filter(pl.col("end_char") <= pl.col("_end"))
        .group_by("_sentence")
        .agg(n_words=pl.len())
    )
    joined = numbered.join(counts, on="_sentence", how="left", maintain_order="left")
    return joined.with_columns(pl.col("n_words").fill_null(0)).drop("_sentence")


def _by_start(rows: pl.LazyFrame, *columns: str | pl.Expr) -> pl.LazyFrame:
    """The spans in the order of their starts, which a join on the nearest start asks for."""
    placed = rows.drop_nulls(["text_id", "start_char", "end_char"])
    start = pl.col("start_char").cast(pl.Int64).alias("_start")
    return placed.select("text_id", start, *columns).sort("_start", maintain_order=True)


def word_lengths(words: Frame, *, of: str = "word", by: str | None = None) -> pl.LazyFrame:
    """How many words there are of each length.

    Args:
        words: One row per running word; needs the `of` column, and `by` where given.
        of: The column whose characters are counted; `form` for the word as printed. Rows where it is null are left out.
        by: Grouping column; none for all words together.

    Returns:
        One row per length that occurs in the group, sorted by `by` (null is a group, and the last), then length: `by`
        where given, `n_characters` (code points), `n` (running words of that length), `n_total` (running words of the
        group), all UInt32, and `share` (Float64, `n` over `n_total`, above 0, at most 1).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` has the name of another column of the result.
    """
    keys = column_names(by)
    refuse_clashes(keys, ("n_characters", "n", "n_total", "share"), where="word_lengths")
    rows = needs(words, (*keys, of), where="word_lengths").filter(pl.col(of).is_not_null())
    lengths = rows.select(*keys, n_characters=pl.col(of).str.len_chars())
    return shares(lengths, of="n_characters", by=keys).sort(*keys, "n_characters", nulls_last=True)
