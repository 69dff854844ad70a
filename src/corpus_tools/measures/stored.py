"""Running words of texts of any number as numbers in a file, and what stands together in them, counted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.encoded import in_order
from corpus_tools.interning import Integers
from corpus_tools.loops import compiled
from corpus_tools.vocabulary import Ids

Couples: TypeAlias = npt.NDArray[np.uint64]
"""Two numbers as one, the first in the upper half."""
Reader: TypeAlias = Callable[[np.uint32, np.uint32], Iterator[Couples]]
"""The couples whose first number has these lowest bits (second argument) under this mask (first), some at a time."""

BORDER = np.uint32(2**32 - 1)
"""Stands behind every text. No vocabulary has as many words."""
MOST = 1 << 24
"""Couples that are sorted at once, of 8 bytes, twice."""
CHUNK = 1 << 22
"""Words that are read at once."""
_HALF = np.uint64(32)


def sequence(n_words: Integers, ids: Ids) -> Ids:
    """The running words of texts that have so many, with a border behind each text."""
    return np.insert(ids, np.cumsum(n_words), BORDER)


def n_words_of_texts(file: IO[bytes]) -> Integers:
    """How many words each text has, of a file of such sequences."""
    ends, n_before = [np.array([-1])], 0
    for ids in _chunks(file, 0):
        ends.append(np.flatnonzero(ids == BORDER) + n_before)
        n_before += ids.size
    return np.diff(np.concatenate(ends)) - 1


def neighbours(file: IO[bytes], window: int) -> Reader:
    """Each word with each of the `window` words after it in its text."""
    loops = compiled(_size(file))

    def near(ids: Ids, mask: np.uint32, bits: np.uint32) -> Couples:
        # Pairs that begin among the last words of a chunk are read with the next one.
        n_own = max(ids.size - window, 0)
        if loops is not None:
            couples = np.empty(n_own * window, dtype=np.uint64)
            return couples[: loops.neighbours(ids, ids.size, n_own, window, mask, bits, BORDER, couples)]
        inside = ids != BORDER
        unbroken = inside & (ids & mask == bits)
        steps = []
        for step in range(1, window + 1):
            unbroken = unbroken[:-1] & inside[step:]
            own = unbroken[:n_own]
            steps.append(_packed(ids[: own.size][own], ids[step : step + own.size][own]))
        return np.concatenate(steps)

    return lambda mask, bits: in_order(partial(near, mask=mask, bits=bits), _chunks(file, window))


def in_parts(file: IO[bytes], part_of_text: Ids) -> Reader:
    """Each word with the part that its text belongs to."""
    loops = compiled(_size(file))

    def placed(numbered: tuple[Ids, int], mask: np.uint32, bits: np.uint32) -> Couples:
        ids, n_before = numbered
        if loops is not None:
            couples = np.empty(ids.size, dtype=np.uint64)
            return couples[: loops.in_parts(ids, ids.size, part_of_text[n_before:], mask, bits, BORDER, couples)]
        is_border = ids == BORDER
        text = n_before + np.cumsum(is_border)[~is_border]
        words = ids[~is_border]
        own = words & mask == bits
        return _packed(words[own], part_of_text[text[own]])

    def numbered() -> Iterator[tuple[Ids, int]]:
        n_before = 0
        for ids in _chunks(file, 0):
            yield ids, n_before
            n_before += int((ids == BORDER).sum())

    return lambda mask, bits: in_order(partial(placed, mask=mask, bits=bits), numbered())


def counted(read: Reader, most: int) -> Iterator[tuple[Ids, Ids, Integers]]:
    """The distinct couples and how often each occurs, some words in first place at a time.

    Args:
        read: Reads the couples; called once for each part of them, the more the more there are.
        most: No more couples than this are there.

    Returns:
        Some at a time, the numbers in first and in second place, sorted by both, and how often they stand together; all
        with the same number in first place are there together.
    """
    # Numbers are given as words come, so that their lowest bits have nothing to do with how frequent they are.
    n_parts = 1 << (max(most - 1, 0) // MOST).bit_length()
    for part in range(n_parts):
        chunks = [pl.Series(couples) for couples in read(np.uint32(n_parts - 1), np.uint32(part))]
        if not chunks:
            continue
        # Several times sooner in polars than in numpy, which uses one thread.
        couples = pl.concat(chunks, rechunk=False)
        del chunks
        couples = couples.sort()
        for some in _at_borders(couples.to_numpy()):
            begins = np.flatnonzero(np.append(True, some[1:] != some[:-1]))
            kept = some[begins]
            n = np.diff(begins, append=some.size)
            yield (kept >> _HALF).astype(np.uint32), kept.astype(np.uint32), n


def n_stored(file: IO[bytes]) -> int:
    """How many numbers are in a file, with the borders."""
    return _size(file) // np.dtype(np.uint32).itemsize


def _packed(first: Ids, second: Ids) -> Couples:
    return first.astype(np.uint64) << _HALF | second


def _at_borders(ordered: Couples) -> Iterator[Couples]:
    """Sorted couples, some at a time, all with the same number in first place together."""
    start = 0
    while start < ordered.size:
        last = ordered[min(start + CHUNK, ordered.size) - 1] >> _HALF
        end = int(np.searchsorted(ordered, (last + np.uint64(1)) << _HALF))
        yield ordered[start:end]
        start = end


def _chunks(file: IO[bytes], overlap: int) -> Iterator[Ids]:
    """The numbers in a file, some at a time, each beginning with the last of the one before; borders at the end."""
    file.seek(0)
    rest = np.empty(0, dtype=np.uint32)
    while (more := np.fromfile(file, dtype=np.uint32, count=CHUNK)).size:
        chunk = np.append(rest, more)
        yield chunk
        rest = chunk[max(chunk.size - overlap, 0) :]
    yield np.append(rest, np.full(overlap, BORDER))


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)
