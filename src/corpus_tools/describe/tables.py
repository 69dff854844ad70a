"""The tables of a description, from what an engine has added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import polars as pl

from corpus_tools.describe.partials import Choices
from corpus_tools.describe.steps import tallied
from corpus_tools.describe.sums import Sums
from corpus_tools.measures.collocation import scored
from corpus_tools.measures.counts import with_shares
from corpus_tools.measures.keyness import compared
from corpus_tools.measures.lengths import summary
from corpus_tools.measures.participation import gini, shares_of_groups
from corpus_tools.measures.vocabulary import expected_growth, ranked_by_frequency

MEASURED = ("n_words", "n_types", "ttr", "mattr", "mtld", "hdd", "yules_k")
"""What is measured of each text."""


def sizes(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Texts, words and types of each kind of text, and of all."""
    per_kind = tallied(sums.texts, ["kind"], n="n_texts", sums=["n_words"])
    types = sums.words.lazy().group_by("kind").agg(n_types=pl.col("word").n_unique())
    kinds = per_kind.join(types, on="kind", how="left").sort("kind").with_columns(pl.col("n_types").fill_null(0))
    whole = kinds.select(
        kind=pl.lit(None, pl.String),
        n_texts=pl.col("n_texts").sum(),
        n_words=pl.col("n_words").sum(),
        n_types=pl.lit(sums.words["word"].n_unique(), pl.UInt32),
    )
    rows = pl.concat([kinds.select("kind", "n_texts", "n_words", "n_types"), whole], how="vertical_relaxed")
    return rows.cast({"n_texts": pl.UInt64, "n_words": pl.UInt64})


def frequencies(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """All words by rank, as `measures.frequencies` has them, and in how many texts each is."""
    counts = sums.words.lazy().group_by("word").agg(pl.col("n", "n_texts").sum().cast(pl.UInt64))
    return ranked_by_frequency(counts).select("rank", "word", "n", "n_total", "share", "n_texts")


def vocabulary_growth(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Types and words met once in samples of so many words, as `measures.expected_growth` has them."""
    return expected_growth(sums.words.lazy().group_by("word").agg(pl.col("n").sum()))


def word_lengths(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Running words of each length, as `measures.word_lengths` has them."""
    lengths = sums.words.lazy().group_by(n_characters=pl.col("word").str.len_chars()).agg(pl.col("n").sum())
    counts = lengths.with_columns(pl.col("n").cast(pl.UInt64))
    return with_shares(counts, by=()).sort("n_characters")


def keyness(sums: Sums, choices: Choices) -> pl.LazyFrame | None:
    """Words of the target texts against those of the others, as `measures.keyness` has them; None without either."""
    n, target = pl.col("n"), pl.col("target")
    counted = (
        sums.words.lazy()
        .filter(target.is_not_null())
        .group_by("word")
        .agg(n_target=n.filter(target).sum(), n_reference=n.filter(~target).sum())
        .select("word", pl.col("n_target", "n_reference").cast(pl.UInt64))
        .collect()
    )
    if not (counted["n_target"].sum() and counted["n_reference"].sum()):
        return None
    return compared(counted, minimum=choices.minimum)


def collocations(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Pairs of words that follow each other, as `measures.collocations` has them."""
    return scored(sums.pairs)


def dispersion(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """How evenly words are spread over the groups, as `measures.dispersion` has them."""
    return sums.dispersion.lazy()


def diversity(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """The measures of each text that has words, as `measures.diversity` has them, in the order of the texts."""
    return sums.texts.filter(pl.col("n_words") > 0).select("text_id", *MEASURED)


def text_summary(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Mean, spread and quartiles of each measure over the texts of a kind, as `measures.summary` has them."""
    frames = [
        summary(sums.texts, of=name, by="kind").select("kind", pl.lit(name).alias("measure"), pl.exclude("kind"))
        for name in MEASURED
    ]
    return pl.concat(frames).sort("kind", maintain_order=True)


def participation(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """Texts and words of each group, as `measures.participation` has them."""
    return shares_of_groups(tallied(sums.texts, [choices.by], n="n_texts", sums=["n_words"]), by=choices.by)


def inequality(sums: Sums, choices: Choices) -> pl.LazyFrame:
    """How unevenly texts and words are spread over the groups that are named, as `measures.gini` has it."""
    groups = participation(sums, choices).filter(pl.col(choices.by).is_not_null())
    frames = [
        gini(groups, of=name).select(pl.lit(name).alias("of"), "n", "total", "gini") for name in ("n_texts", "n_words")
    ]
    return pl.concat(frames)


def reply_structure(sums: Sums, choices: Choices) -> pl.LazyFrame | None:
    """The shape of each thread, as `measures.reply_structure` has it; None where no text answers another."""
    return None if sums.threads is None else sums.threads.lazy()


TABLES: Mapping[str, Callable[[Sums, Choices], pl.LazyFrame | None]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            sizes,
            frequencies,
            vocabulary_growth,
            word_lengths,
            keyness,
            collocations,
            dispersion,
            diversity,
            text_summary,
            participation,
            inequality,
            reply_structure,
        )
    }
)
"""The tables by name."""
