"""Which words stand together: n-grams, and pairs with how strongly they attract each other."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, needs, refuse_clashes
from corpus_tools.measures.keyness import log_likelihood
from corpus_tools.measures.pairs import Pairs, pair_counts
from corpus_tools.measures.running import Words, rows_or_texts

_AT_ONCE = 1 << 20
"""Pairs that are scored at once."""


def ngrams(words: Frame, n: int = 2, *, of: str = "word", within: str = "text_id") -> pl.LazyFrame:
    """How often each sequence of `n` words occurs.

    Args:
        words: One row per running word, in text order, as `tokens.words` gives them; needs the `of` and `within`
            columns.
        n: Number of words in a sequence, 1 or more.
        of: What a sequence is made of, such as `word` or `lemma`. A null stands between its neighbours but is in no
            sequence.
        within: What a sequence must not cross the borders of, such as `text_id` or `sentence_id`: rows that follow each
            other with the same value, null like any other, are a group.

    Returns:
        One row per sequence, sorted by `n`, the highest first, then by the words from left to right: the words, called
        `word_1`, `word_2` and so on after `of`, and `n` (UInt32). Sequences may overlap: *a b a b* has *a b* twice and
        *b a* once.

    Raises:
        MissingColumnError: If `of` or `within` is absent.
        ArgumentError: If `n` is below 1.
    """
    if n < 1:
        raise ArgumentError(f"ngrams: n is {n}; it must be 1 or more")
    words = needs(words, (of, within), where="ngrams: words")
    names = [f"{of}_{place}" for place in range(1, n + 1)]
    rows = _beside(words, {name: steps for steps, name in enumerate(names)}, of=of, within=within)
    counted = rows.group_by(names).agg(n=pl.len().cast(pl.UInt32))
    return counted.sort("n", *names, descending=[True, *(False for _ in names)])


def collocations(
    words: Words,
    *,
    of: str = "word",
    within: str = "text_id",
    window: int = 1,
    minimum: int = 2,
) -> pl.LazyFrame:
    """Pairs of words that stand near each other, and how much more often than chance would have it.

    A pair is a word and one of the `window` words after it, in this order. What is observed is compared with what words
    that are independent of their place would give, in the table of all pairs.

    Args:
        words: One row per running word, in text order, as `tokens.words` gives them; needs the `of` and `within`
            columns, which are read at once. Or one row per text, with `text`, or a corpus: then pairs are counted
            without words being written down, however many there are.
        of: What the pairs are made of, such as `word` or `lemma`; of texts `word` only. A null takes its place but is
            in no pair.
        within: What a pair must not cross the borders of, such as `text_id` or `sentence_id`: rows that follow each
            other with the same value, null like any other, are a group. Pairs of texts stay within a text.
        window: How many places after the word the collocate may stand, 1 or more.
        minimum: Smallest number of times for a pair to have a row. It leaves rows out, not counts.

    Returns:
        One row per pair, sorted by `g2`, the highest first, then by `of` and `collocate`: `of`, `collocate`, `n`
        (UInt32), `n_first` (pairs with the word in first place), `n_second` (pairs with the collocate in second place),
        `n_pairs` (all pairs; these three UInt64), and as Float64
        `pmi`, pointwise mutual information in bits, log2(n * n_pairs / (n_first * n_second)), 0 for chance; it favours
        rare words;
        `log_dice`, 14 + log2(2 * n / (n_first + n_second)), at most 14, where neither is in a pair without the other;
        one more is twice as often together, and it does not depend on the size of the corpus. `n_first` and `n_second`
        are margins of the table of pairs, where Rychlý has the frequencies of the words in the corpus;
        `g2`, log-likelihood over the four cells of the table, 0 or more; it measures evidence, for pairs that are
        rarer than chance as well (their `pmi` is negative).

    Raises:
        MissingColumnError: If `of` or `within` is absent.
        ArgumentError: If `window` is below 1, `of` has the name of another column of the result, or texts are given and
            `of` is not `word` or `within` not `text_id`.

    Source:
        Table of pairs: Evert (2008), Corpora and collocations, in Lüdeling and Kytö (eds), Corpus Linguistics: An
        International Handbook, 1212-1248. pmi: Church and Hanks (1990), Computational Linguistics 16(1), 22-29.
        log_dice: Rychlý (2008), A lexicographer-friendly association score, RASLAN 2008, 6-9. g2: Dunning (1993),
        Computational Linguistics 19(1), 61-74.
    """
    if window < 1:
        raise ArgumentError(f"collocations: window is {window}; it must be 1 or more")
    measures = _association()
    refuse_clashes((of,), ("collocate", "n", "n_first", "n_second", "n_pairs", *measures), where="collocations")
    words, are_texts = rows_or_texts(words, of=of, where="collocations")
    if are_texts:
        if within != "text_id":
            raise ArgumentError(f"collocations: pairs of texts stay within a text; for {within}, give rows of words")
        return scored(pair_counts(words, window=window, minimum=minimum))
    words = needs(words, (of, within), where="collocations: words")
    # Collected, because a lazy frame would be read and tokenised anew for every step.
    words = words.select(*dict.fromkeys((of, within))).collect().lazy()
    steps = ({of: 0, "collocate": step} for step in range(1, window + 1))
    pairs = pl.concat([_beside(words, places, of=of, within=within) for places in steps])
    counted = pairs.group_by(of, "collocate").agg(n=pl.len().cast(pl.UInt32))
    # Pairs outnumber words by the window, so their sums may outgrow UInt32.
    total = pl.col("n").cast(pl.UInt64).sum()
    firsts = counted.group_by(of).agg(n_first=total)
    seconds = counted.group_by("collocate").agg(n_second=total)
    rows = (
        counted.with_columns(n_pairs=total)
        .filter(pl.col("n") >= minimum)
        .join(firsts, on=of)
        .join(seconds, on="collocate")
    )
    measured = rows.select(of, "collocate", "n", "n_first", "n_second", "n_pairs", **measures)
    return measured.sort("g2", of, "collocate", descending=[True, False, False])


def scored(pairs: Pairs) -> pl.LazyFrame:
    """The table of `collocations` from counts of pairs."""
    counts = pairs.counts
    # Sorted by the words first, since the last digit of a logarithm may depend on the row it is in. What is put in
    # order are numbers; each column of the table is made once, in the order of the table.
    both = pl.col("first").cast(pl.UInt64) * 2**32 + pl.col("second")
    by_words = counts.select(both.arg_sort()).to_series()
    first, second, n = (counts[name].gather(by_words) for name in ("first", "second", "n"))
    margins = {"n_first": pairs.n_first.gather(first), "n_second": pairs.n_second.gather(second)}
    whole = pl.lit(pairs.n_pairs, pl.UInt64).alias("n_pairs")
    rows = pl.DataFrame({"n": n} | margins)
    # Some at a time, because what is reckoned on the way takes several times as much memory as what is kept.
    some = [rows.clear(), *rows.iter_slices(_AT_ONCE)]
    measures = pl.concat([part.with_columns(whole).select(**_association()) for part in some])
    del margins, rows, some
    order = measures.select(pl.arg_sort_by("g2", descending=True, maintain_order=True)).to_series()
    first, second = first.gather(order), second.gather(order)
    table = pl.DataFrame(
        {
            "word": pairs.words.gather(first),
            "collocate": pairs.words.gather(second),
            "n": n.gather(order),
            "n_first": pairs.n_first.gather(first),
            "n_second": pairs.n_second.gather(second),
        }
    )
    del first, second, n
    # Each is let go as soon as it is in order.
    ordered = [measures.drop_in_place(name).gather(order) for name in measures.columns]
    return table.lazy().with_columns(whole, *ordered)


def _beside(words: pl.LazyFrame, places: Mapping[str, int], *, of: str, within: str) -> pl.LazyFrame:
    """Each word with those that stand so many rows after it, where all the rows between are of one group."""
    # Numbered runs rather than the values themselves: a null equals a null, and a group that another one interrupts
    # does not reach across it.
    run = pl.col(within).rle_id()
    unbroken = run == run.shift(-max(places.values()))
    shifted = {name: pl.col(of).shift(-steps) for name, steps in places.items()}
    return words.select(_unbroken=unbroken, **shifted).filter("_unbroken").select(*places).drop_nulls()


def _association() -> dict[str, pl.Expr]:
    n, first, second, pairs = (pl.col(name).cast(pl.Float64) for name in ("n", "n_first", "n_second", "n_pairs"))
    other_first, other_second = pairs - first, pairs - second
    cells = [
        (n, first * second / pairs),
        (first - n, first * other_second / pairs),
        (second - n, other_first * second / pairs),
        (pairs - first - second + n, other_first * other_second / pairs),
    ]
    return {
        "pmi": (n * pairs / (first * second)).log(2),
        "log_dice": 14 + (2 * n / (first + second)).log(2),
        "g2": log_likelihood(cells),
    }
