"""Running words of texts of any number as numbers in a file, and what stands together in them, counted."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.encoded import in_order
from corpus_tools.interning import Integers, room
from corpus_tools.loops import compiled
from corpus_tools.vocabulary import BORDER, Ids

Couples: TypeAlias = npt.NDArray[np.uint64]
"""Two numbers as one, the first in the upper half."""

MOST = 1 << 22
"""Couples that are sorted at once by a thread, of 8 bytes, twice."""
CHUNK = 1 << 22
"""Words that are read at once."""
GIVEN = 1 << 20
"""Couples that are given at once; what is reckoned with them takes several times as much memory."""
HELD = 1 << 29
"""Bytes of couples that are held in memory before they are written to a file, which takes longer."""
_DIGIT = 10
"""So many bits are sorted by at once: what is written then goes to no more places than fit the nearest caches."""
_HALF = np.uint64(32)


class Stored:
    """Words in a file, with a border behind each text. Several threads may read it at once."""

    def __init__(self, file: IO[bytes]) -> None:
        """What `sequence` gave, batch after batch."""
        self._file = file
        self._lock = threading.Lock()
        self.n = file.seek(0, os.SEEK_END) // BORDER.itemsize
        """How many numbers are in it, with the borders."""
        self.loops = compiled(self.n * BORDER.itemsize)
        """The compiled loops, if so much is in it that they are worth loading."""

    def read(self, place: int, most: int) -> Ids:
        """The numbers from a place on, as many as there are."""
        with self._lock:
            self._file.seek(place * BORDER.itemsize)
            return np.fromfile(self._file, dtype=BORDER.dtype, count=most)


@dataclass(frozen=True, slots=True)
class Reader:
    """How couples are taken from words that are stored."""

    stored: Stored
    per_word: int
    """How many couples a word begins at most, which is also how many words behind the last are needed for that."""
    take: Callable[[int, Ids, int, Couples], int]
    """Finds the couples that some words begin.

    Takes the place of the first word; the words, and as many behind them as are needed; how many begin couples; and
    room for the couples. Gives how many there are.
    """

    def read(self, place: int, space: _Space) -> int:
        """Fill a thread's space with the couples that a chunk of words begins; how many there are."""
        ids = self.stored.read(place, CHUNK + self.per_word)
        n_own = min(CHUNK, ids.size)
        space.couples = room(space.couples, n_own * self.per_word)
        return self.take(place, ids, n_own, space.couples)


def sequence(n_words: Integers, ids: Ids) -> Ids:
    """The running words of texts that have so many, with a border behind each text."""
    return np.insert(ids, np.cumsum(n_words), BORDER)


def n_words_of_texts(stored: Stored) -> Integers:
    """How many words each text has."""
    places = range(0, stored.n, CHUNK)
    ends = (np.flatnonzero(stored.read(place, CHUNK) == BORDER) + place for place in places)
    return np.diff(np.concatenate([np.array([-1]), *ends])) - 1


def neighbours(stored: Stored, window: int) -> Reader:
    """Each word with each of the `window` words after it in its text."""

    def take(_: int, ids: Ids, n_own: int, couples: Couples) -> int:
        if stored.loops is not None:
            return int(stored.loops.neighbours(ids, ids.size, n_own, window, BORDER, couples))
        ids = np.append(ids, np.full(n_own + window - ids.size, BORDER))
        inside = ids != BORDER
        unbroken, n = inside, 0
        for step in range(1, window + 1):
            unbroken = unbroken[:-1] & inside[step:]
            own = unbroken[:n_own]
            n = _filled(couples, n, ids[: own.size][own], ids[step : step + own.size][own])
        return n

    return Reader(stored, window, take)


def in_parts(stored: Stored, part_of_text: Ids, n_words: Integers) -> Reader:
    """Each word with the part that its text belongs to; of texts that have so many words."""
    ends = np.cumsum(n_words + 1)

    def take(place: int, ids: Ids, n_own: int, couples: Couples) -> int:
        parts = part_of_text[np.searchsorted(ends, place, side="right") :]
        if stored.loops is not None:
            return int(stored.loops.in_parts(ids, n_own, parts, BORDER, couples))
        is_border = ids[:n_own] == BORDER
        text = np.cumsum(is_border)[~is_border]
        return _filled(couples, 0, ids[:n_own][~is_border], parts[text])

    return Reader(stored, 1, take)


def counted(reader: Reader) -> Iterator[tuple[Couples, Integers]]:
    """The distinct couples and how often each occurs.

    Args:
        reader: What they are taken from. Where they are many, they are written to a file first, some words in first
            place together, so that each such part can be read and sorted by itself.

    Returns:
        Some at a time, the couples and how often each occurs; all with the same number in first place are there
        together, sorted.
    """
    with tempfile.TemporaryFile() as file:
        parts = _Parts(file, reader)
        for _ in in_order(parts.put_apart, range(0, reader.stored.n, CHUNK)):
            pass
        # polars sorts in as many threads as there are.
        found = (in_order if parts.loops is not None else map)(parts.count, range(parts.n))
        for couples, n in found:
            start = 0
            while start < couples.size:
                last = couples[min(start + GIVEN, couples.size) - 1] >> _HALF
                end = int(np.searchsorted(couples, (last + np.uint64(1)) << _HALF))
                yield couples[start:end], n[start:end]
                start = end


def halves(couples: Couples) -> tuple[Ids, Ids]:
    """The numbers in first place, and those in second place."""
    return (couples >> _HALF).astype(np.uint32), couples.astype(np.uint32)


def add_margins(couples: Couples, n: Integers, firsts: Integers, seconds: Integers) -> None:
    """Add up how often each number is in first and in second place, to what was added up before."""
    if (loops := compiled(couples.nbytes)) is not None:
        loops.add_margins(couples, n, couples.size, firsts, seconds)
        return
    for sums, numbers in zip((firsts, seconds), halves(couples), strict=True):
        np.add.at(sums, numbers, n)


class _Space(threading.local):
    """Room for couples of one thread, part after part: to be given memory anew takes longer than to fill it."""

    def __init__(self) -> None:
        self.couples, self.ordered = (np.empty(0, dtype=np.uint64) for _ in range(2))
        self.n = np.empty(0, dtype=np.int64)
        self.ends = np.empty(1 << _DIGIT, dtype=np.int64)


class _Parts:
    """Couples in a file, those together that have the same lowest bits in their first number."""

    def __init__(self, file: IO[bytes], reader: Reader) -> None:
        self.loops = reader.stored.loops
        self._file, self._reader = file, reader
        self._lock = threading.Lock()
        self._space = _Space()
        # Numbers are given as words come, so that their lowest bits have nothing to do with how frequent they are.
        n_bits = (max(reader.stored.n * reader.per_word - 1, 0) // MOST).bit_length()
        self.n = 1 << min(n_bits, _DIGIT)
        self._chunks: list[tuple[Couples | int, Integers]] = []
        """Of each chunk the couples, or from which one on they are in the file, and where those of each part end."""
        self._n_held, self._n_written = 0, 0

    def put_apart(self, place: int) -> None:
        """Keep the couples of a chunk of words."""
        ordered, ends = self._by_part(self._reader.read(place, self._space))
        bounds = np.append(0, ends)
        with self._lock:
            self._n_held += ordered.nbytes
            if self._n_held <= HELD:
                self._chunks.append((ordered, bounds))
                return
            self._chunks.append((self._n_written, bounds))
            self._n_written += ordered.size
            ordered.tofile(self._file)

    def count(self, part: int) -> tuple[Couples, Integers]:
        """The distinct couples of a part, sorted, and how often each occurs."""
        space = self._space
        segments = [(chunk, int(bounds[part]), int(bounds[part + 1])) for chunk, bounds in self._chunks]
        space.couples = room(space.couples, sum(end - start for _, start, end in segments))
        n = 0
        for chunk, start, end in segments:
            own = space.couples[n : n + end - start]
            n += own.size
            if not isinstance(chunk, int):
                own[:] = chunk[start:end]
                continue
            with self._lock:
                self._file.seek((chunk + start) * own.itemsize)
                self._file.readinto(own)  # type: ignore[attr-defined]
        if self.loops is None:
            couples = pl.Series(space.couples[:n]).sort().to_numpy()
            begins = np.flatnonzero(np.append(True, couples[1:] != couples[:-1])) if n else np.empty(0, dtype=np.int64)
            return couples[begins], np.diff(begins, append=n)
        self._sort(self.loops, n)
        space.n = room(space.n, n)
        n_distinct = self.loops.tally(space.couples, n, space.n)
        return space.couples[:n_distinct].copy(), space.n[:n_distinct].copy()

    def _by_part(self, n: int) -> tuple[Couples, Integers]:
        """The couples of the space, part after part, and where each part ends."""
        space = self._space
        couples = space.couples[:n]
        if self.loops is None:
            part = (couples >> _HALF).astype(np.uint16) & np.uint16(self.n - 1)
            return couples[np.argsort(part, kind="stable")], np.cumsum(np.bincount(part, minlength=self.n))
        ordered = np.empty(n, dtype=np.uint64)
        self.loops.sort_by(couples, n, 32, self.n, space.ends, ordered)
        return ordered, space.ends[: self.n].copy()

    def _sort(self, loops: SimpleNamespace, n: int) -> None:
        """Sort the couples of the space, which are of one part."""
        space = self._space
        space.ordered = room(space.ordered, n)
        used = int(np.bitwise_or.reduce(space.couples[:n])) if n else 0
        first_open = 32 + self.n.bit_length() - 1
        for low, high in ((0, (used & 2**32 - 1).bit_length()), (first_open, used.bit_length())):
            n_digits = max(-(-(high - low) // _DIGIT), 0)
            for digit in range(n_digits):
                # As many bits for each digit as for the others, or one more.
                start, end = (low + (high - low) * number // n_digits for number in (digit, digit + 1))
                loops.sort_by(space.couples, n, start, 1 << (end - start), space.ends, space.ordered)
                space.couples, space.ordered = space.ordered, space.couples


def _filled(couples: Couples, n: int, first: Ids, second: Ids) -> int:
    couples[n : n + first.size] = first.astype(np.uint64) << _HALF | second
    return n + first.size
