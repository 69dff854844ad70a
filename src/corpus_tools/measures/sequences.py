"""Running words of many texts as arrays: where each word stood before, and how often it comes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.interning import Integers
from corpus_tools.vocabulary import Ids

Places: TypeAlias = npt.NDArray[np.signedinteger[Any]]

_HALF = np.uint32(16)


@dataclass(frozen=True, slots=True)
class Sequences:
    """The words of all groups, group after group, as numbers; no group is empty."""

    starts: Integers
    """Per group: the place of its first word."""
    n_words: Integers
    n_types: Integers
    previous: Places
    """Per word: the place where the same word stood last in its group, -1 where it is new."""
    following: Places
    """Per word: the place where the same word stands next in its group, the number of all words where it does not."""
    type_group: Places
    """Per type of a group: the number of the group."""
    type_id: Ids
    """Per type of a group: its number."""
    type_n: Integers
    """Per type of a group: how often it occurs there."""
    loops: SimpleNamespace | None = None
    """The compiled loops, if they are to be used."""


def sequences(ids: Ids, n_words: Integers, loops: SimpleNamespace | None = None) -> Sequences:
    """What there is to know of words that are given as numbers.

    Args:
        ids: The words, group after group; equal numbers are equal words.
        n_words: How many each group has, 1 or more.
        loops: The compiled loops, if they are to be used.
    """
    if loops is not None and 0 < ids.size < 2**31:
        return _linked(ids, n_words, loops)
    # To write numbers takes longer than to reckon with them, so they are as short as will do.
    number: type[np.signedinteger[Any]] = np.int32 if ids.size < 2**31 else np.int64
    place = _by_word(ids).astype(number)
    group = np.repeat(np.arange(n_words.size, dtype=number), n_words)
    word_of, group_of = ids[place], group[place]
    is_again = np.zeros(ids.size, dtype=bool)
    np.logical_and(word_of[1:] == word_of[:-1], group_of[1:] == group_of[:-1], out=is_again[1:])
    repeats, firsts = np.flatnonzero(is_again), np.flatnonzero(~is_again)
    previous, following = np.full(ids.size, -1, dtype=number), np.full(ids.size, ids.size, dtype=number)
    later, earlier = place[repeats], place[repeats - 1]
    previous[later] = earlier
    following[earlier] = later
    type_group = group_of[firsts]
    return Sequences(
        starts=np.cumsum(n_words) - n_words,
        n_words=n_words,
        n_types=np.bincount(type_group, minlength=n_words.size),
        previous=previous,
        following=following,
        type_group=type_group,
        type_id=word_of[firsts],
        type_n=np.diff(firsts, append=ids.size),
    )


class _Seen(threading.local):
    """Where words stood last, of one thread; `base` is more than what any earlier words left there."""

    def __init__(self) -> None:
        self.last: Integers = np.zeros(0, dtype=np.int64)
        self.base = 1

    def begin(self, n_ids: int, n: int) -> tuple[int, Integers]:
        """The base for so many words, which have so many numbers, and where they stood."""
        if n_ids > self.last.size:
            self.last = np.zeros(2 * n_ids, dtype=np.int64)
        self.base += n
        return self.base - n, self.last


_seen = _Seen()


def _linked(ids: Ids, n_words: Integers, loops: SimpleNamespace) -> Sequences:
    """The same by compiled loops."""
    starts = np.cumsum(n_words) - n_words
    previous, following, type_at, type_group = (np.empty(ids.size, dtype=np.int32) for _ in range(4))
    type_id, type_n = np.empty(ids.size, dtype=np.uint32), np.empty(ids.size, dtype=np.int64)
    n_types = np.empty(n_words.size, dtype=np.int64)
    base, last = _seen.begin(int(ids.max()) + 1, ids.size)
    types = type_at, type_group, type_id, type_n, n_types
    n = loops.link(ids, starts, n_words, n_words.size, base, last, previous, following, *types)
    return Sequences(starts, n_words, n_types, previous, following, type_group[:n], type_id[:n], type_n[:n], loops)


def sequences_of_rows(rows: pl.DataFrame, *, of: str, by: str) -> tuple[pl.DataFrame, Sequences]:
    """The groups of rows of running words, null last, and the words of each in the order of the rows."""
    ordered = rows.sort(by, nulls_last=True, maintain_order=True)
    groups = ordered.group_by(by, maintain_order=True).agg(_n=pl.len())
    ids = ordered[of].rank("dense").cast(pl.UInt32).to_numpy()
    return groups.select(by), sequences(ids, groups["_n"].to_numpy().astype(np.int64))


def _by_word(ids: Ids) -> Places:
    """The places of all words, those of one word next to each other, in their order."""
    # Numbers of 16 bits are sorted by counting, five times sooner than longer ones: the lower half first.
    place = np.argsort(ids.astype(np.uint16), kind="stable")
    upper = (ids >> _HALF).astype(np.uint16)
    return place if not upper.any() else place[np.argsort(upper[place], kind="stable")]
