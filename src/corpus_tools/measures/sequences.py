"""Running words of many texts as arrays: where each word stood before, and how often it comes."""

from __future__ import annotations

from dataclasses import dataclass
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


def sequences(ids: Ids, n_words: Integers) -> Sequences:
    """What there is to know of words that are given as numbers.

    Args:
        ids: The words, group after group; equal numbers are equal words.
        n_words: How many each group has, 1 or more.
    """
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
