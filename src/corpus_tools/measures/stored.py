"""Running words of texts of any number as numbers in a file, and what stands together in them, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.encoded import Ids, in_order
from corpus_tools.pieces import Integers

Couples: TypeAlias = Iterator[tuple[Ids, Ids]]

BORDER = np.uint32(2**32 - 1)
"""Stands behind every text. No vocabulary has as many words."""
MOST = 1 << 24
"""Couples that are sorted at once, of 8 bytes, twice."""
CHUNK = 1 << 22
"""Words that are read at once."""


def sequence(n_words: Integers, ids: Ids) -> Ids:
    """The running words of texts that have so many, with a border behind each text."""
    out = np.full(int(n_words.sum()) + n_words.size, BORDER, dtype=np.uint32)
    place = np.repeat(np.arange(n_words.size), n_words)
    place += np.arange(place.size)
    out[place] = ids
    return out


def neighbours(file: IO[bytes], window: int) -> Couples:
    """Each word with each of the `window` words after it in its text, some at a time: of a file of such sequences."""

    def near(ids: Ids) -> tuple[Ids, Ids]:
        inside = ids != BORDER
        steps: list[tuple[Ids, Ids]] = []
        unbroken = inside
        for step in range(1, window + 1):
            unbroken = unbroken[:-1] & inside[step:]
            # Pairs that begin among the last words of a chunk are read with the next one.
            own = unbroken[: max(ids.size - window, 0)]
            steps.append((ids[: own.size][own], ids[step : step + own.size][own]))
        if window == 1:
            return steps[0]
        return np.concatenate([first for first, _ in steps]), np.concatenate([second for _, second in steps])

    return in_order(near, _chunks(file, window))


def in_parts(file: IO[bytes], part_of_text: Ids) -> Couples:
    """Each word with the part that its text belongs to, some at a time."""

    def placed(numbered: tuple[Ids, int]) -> tuple[Ids, Ids]:
        ids, n_before = numbered
        borders = np.flatnonzero(ids == BORDER)
        # The words in front of each border, and those behind the last, whose text goes on in the next chunk.
        n_words = np.diff(np.append(borders, ids.size), prepend=-1) - 1
        parts = np.append(part_of_text[n_before : n_before + borders.size], np.uint32(0))
        n_words[-1] = ids.size - (borders[-1] + 1 if borders.size else 0)
        if n_words[-1]:
            parts[-1] = part_of_text[n_before + borders.size]
        return ids[ids != BORDER], np.repeat(parts, n_words)

    def numbered() -> Iterator[tuple[Ids, int]]:
        n_before = 0
        for ids in _chunks(file, 0):
            yield ids, n_before
            n_before += int((ids == BORDER).sum())

    return in_order(placed, numbered())


def counted(read: Callable[[], Couples], n_first: Integers) -> Iterator[tuple[Ids, Ids, Integers]]:
    """The distinct couples and how often each occurs, some words in first place at a time.

    Args:
        read: Reads all couples, some at a time; called once for each part, the more the more couples there are.
        n_first: How often each number is in first place.

    Returns:
        Some at a time, the numbers in first and in second place, sorted by both, and how often they stand together; all
        with the same number in first place are there together.
    """
    n_parts = -(-int(n_first.sum()) // MOST)
    for part in range(n_parts):
        couples = np.empty(int(n_first[part::n_parts].sum()), dtype=np.uint64)
        end = 0
        for first, second in read():
            if n_parts > 1:
                own = first % np.uint32(n_parts) == part
                first, second = first[own], second[own]
            here = couples[end : end + first.size]
            np.left_shift(first, np.uint64(32), out=here, dtype=np.uint64)
            here |= second
            end += first.size
        # Several times sooner in polars than in numpy, which uses one thread.
        ordered = pl.Series(couples).sort().to_numpy()
        del couples, here
        for some in _at_borders(ordered):
            begins = np.flatnonzero(np.append(True, some[1:] != some[:-1]))
            kept = some[begins]
            n = np.diff(begins, append=some.size)
            yield (kept >> np.uint64(32)).astype(np.uint32), kept.astype(np.uint32), n


def _at_borders(ordered: npt.NDArray[np.uint64]) -> Iterator[npt.NDArray[np.uint64]]:
    """Sorted couples, some at a time, all with the same number in first place together."""
    start = 0
    while start < ordered.size:
        last = ordered[min(start + CHUNK, ordered.size) - 1] >> np.uint64(32)
        end = int(np.searchsorted(ordered, (last + np.uint64(1)) << np.uint64(32)))
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
