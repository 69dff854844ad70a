"""Who writes where, answers whom and when: everything about generated texts but their words."""

from __future__ import annotations

import numpy as np
import polars as pl

from corpus_tools.generated.words import Bools, Integers

LONGEST = 5_000
"""Texts of the longest thread."""
_EPOCH = 1_473_033_600
"""Second at which the first thread begins: 5 September 2016, 00:00 UTC."""


def threads(rng: np.random.Generator, first: int, n_texts: int) -> pl.DataFrame:
    """The texts of some threads without their words.

    Args:
        rng: Where chance comes from.
        first: The number of the first text in the whole collection.
        n_texts: How many; the last thread ends with them.

    Returns:
        One row per text, thread after thread, each in the order of posting: the columns of `collection.texts` but the
        last.
    """
    sizes = _sizes(rng, n_texts)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = np.arange(n_texts)
    article = (at == start) & np.repeat(rng.random(len(sizes)) < 0.94, sizes)
    has_article = article[start]
    # Comments are counted from 1 whether there is an article or not.
    position = at - start + ~has_article
    parent = _parents(rng, at, start, position)
    kind = pl.Series(article).replace_strict({True: "article", False: "comment"}, return_dtype=pl.String)
    ids = pl.Series(article).replace_strict({True: "a", False: "c"}, return_dtype=pl.String) + _numbers(first + at)
    authors, named = _authors(rng, first + n_texts, start, position, article)
    author_ids = ("u" + _numbers(authors)).set(pl.Series(~named), None)
    parent_ids = ids.gather(np.maximum(parent, 0)).set(pl.Series(parent < 0), None)
    return pl.DataFrame(
        {
            "text_id": ids,
            "thread_id": "t" + _numbers(first + start),
            "kind": kind,
            "position": pl.Series(position, dtype=pl.Int32),
            "author_id": author_ids,
            "parent_id": parent_ids,
            "posted_at": _moments(rng, first, start, at),
        }
    )


def _numbers(values: Integers) -> pl.Series:
    return pl.Series(values).cast(pl.String).str.zfill(9)


def _sizes(rng: np.random.Generator, n_texts: int) -> Integers:
    """Sizes of threads: most are small (geometric), a fourth is from a tail of Pareto's."""
    # At least two texts each, so that this many threads are more than enough.
    n = n_texts // 2 + 1
    small = 1 + rng.geometric(1 / 20, n)
    large = 25 * (1 + rng.pareto(1.25, n))
    sizes = np.minimum(np.where(rng.random(n) < 0.25, large, small), LONGEST).astype(np.int64)
    ends = np.cumsum(sizes)
    n_threads = int(np.searchsorted(ends, n_texts)) + 1
    kept = sizes[:n_threads]
    kept[-1] -= ends[n_threads - 1] - n_texts
    return kept


def _parents(rng: np.random.Generator, at: Integers, start: Integers, position: Integers) -> Integers:
    """For each text the place of the earlier comment it answers, -1 where it answers none.

    Half of the answers go to one of the last few comments, half to any earlier one or to what that one answers, which
    favours comments that have answers already.
    """
    n = len(at)
    earlier = np.maximum(position - 1, 0)
    recent = at - np.minimum(rng.geometric(0.35, n), np.maximum(earlier, 1))
    anywhere = at - 1 - (rng.random(n) * earlier).astype(np.int64)
    answers = (rng.random(n) < 0.63) & (position > 1)
    parent = np.where(answers, np.where(rng.random(n) < 0.5, recent, anywhere), -1)
    copies = np.flatnonzero(answers & (rng.random(n) < 0.2))
    above = parent[parent[copies]]
    parent[copies[above >= 0]] = above[above >= 0]
    return parent


def _authors(
    rng: np.random.Generator, n_so_far: int, start: Integers, position: Integers, article: Bools
) -> tuple[Integers, Bools]:
    """The number of each text's author, by Zipf's law over a sixth as many authors as texts so far; who is named.

    A third of the comments are by somebody who wrote in the thread before.
    """
    n, flat = len(start), 50
    among = n_so_far // 6
    numbers = (flat * np.exp(rng.random(n) * np.log((among + flat) / flat))).astype(np.int64) - flat + 1
    again = (rng.random(n) < 0.35) & (position > 1)
    earlier = np.arange(n) - 1 - (rng.random(n) * np.maximum(position - 1, 0)).astype(np.int64)
    origin = np.where(again, earlier, np.arange(n))
    while (further := origin[origin] != origin).any():
        origin[further] = origin[origin[further]]
    named = rng.random(n) >= np.where(article, 0.4, 0.004)
    return numbers[origin], named


def _moments(rng: np.random.Generator, first: int, start: Integers, at: Integers) -> pl.Series:
    """When each text was posted, in UTC: a second later at least than the one before in its thread."""
    gaps = np.maximum(rng.lognormal(5.5, 2.0, len(at)), 1).astype(np.int64)
    passed = np.cumsum(gaps)
    begin = _EPOCH + (first + start) * 20
    seconds = begin + passed - passed[start]
    return pl.Series((seconds * 1_000_000).astype("datetime64[us]")).dt.replace_time_zone("UTC")
