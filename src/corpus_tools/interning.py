"""Strings, each distinct one with a number."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.loops import compiled

Codes: TypeAlias = npt.NDArray[np.int32]
Integers: TypeAlias = npt.NDArray[np.int64]

_BLANK = 0x20


class Interned:
    """The distinct strings met so far. Several threads may use it at once.

    Short collections are left to polars; from some length on, loops are compiled where the extra `fast` is installed.
    """

    def __init__(self, *, split: bool) -> None:
        """Whether texts are split at blanks into pieces, or each is taken whole."""
        self._split = split
        self._lock = threading.Lock()
        self._table: _Plain | _Compiled = _Plain()
        self.n_bytes = 0
        """How much was read."""

    def read(self, texts: pl.Series, *, n_bytes: int = 0) -> tuple[Integers, Codes, range]:
        """Number texts, or their pieces.

        Args:
            texts: Strings. A null has no pieces. Where texts are not split, none is null or empty.
            n_bytes: How much is known to be read at least, in all.

        Returns:
            How many pieces are before each text, and in all; the number of each piece, text after text, new ones
            counted on from 0 as they are met; and the numbers that are new. Which blanks texts are split at is left
            open, except that all have one byte; there may be empty pieces.
        """
        n_own = int(texts.str.len_bytes().sum())
        with self._lock:
            if texts.is_empty():
                return np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.int32), range(self._table.n, self._table.n)
            self.n_bytes = max(self.n_bytes + n_own, n_bytes)
            if isinstance(self._table, _Plain) and (loops := compiled(self.n_bytes)):
                known, self._table = self._table.strings(0, self._table.n), _Compiled(loops)
                # An empty piece keeps its number too, under a name that no piece has.
                self._table.number(self._table.cut(known.replace("", " "), split=False))
            table = self._table
        cut: Any = table.cut(texts, split=self._split)
        with self._lock:
            if table is not self._table:
                # Another thread has gone over to the compiled one in between.
                cut = self._table.cut(texts, split=self._split)
            n_before = self._table.n
            starts, codes = self._table.number(cut)
            return starts, codes, range(n_before, self._table.n)

    def strings(self, first: int = 0, last: int | None = None) -> pl.Series:
        """The strings with the numbers from `first` to below `last`, or to the end."""
        with self._lock:
            return self._table.strings(first, self._table.n if last is None else last)


class _Cut(threading.local):
    """Texts of one thread split into pieces, as compiled loops take them.

    The arrays are used for batch after batch, since to be given memory anew takes longer than to fill it.
    """

    def __init__(self) -> None:
        self.starts: Integers = np.zeros(1, dtype=np.int64)
        self.text = np.empty(0, dtype=np.uint8)
        self.sizes = np.empty(0, dtype=np.uint32)
        self.begins, self.keys = (np.empty(0, dtype=np.uint64) for _ in range(2))


class _Plain:
    """Strings as polars finds them and tells them apart."""

    def __init__(self) -> None:
        self._type = pl.Categorical(pl.Categories.random())
        # polars forgets categories, and counts from 0 again, as soon as no column of their type is alive.
        self._kept = pl.Series([], dtype=self._type)
        self._known = pl.Series("piece", [], pl.String)

    @property
    def n(self) -> int:
        return self._known.len()

    def strings(self, first: int, last: int) -> pl.Series:
        return self._known[first:last]

    def cut(self, texts: pl.Series, *, split: bool) -> tuple[Integers, Codes, pl.Series]:
        starts = np.arange(texts.len() + 1)
        if split:
            lists = texts.str.split(" ")
            np.cumsum(lists.list.len().fill_null(0).to_numpy(), out=starts[1:])
            texts = lists.explode().drop_nulls()
        # Most pieces come again within the texts; no thread need wait for another to tell these apart.
        coded = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
        # pyarrow's own way to numpy would load pandas.
        return starts, pl.Series(coded.indices).to_numpy(), pl.Series("piece", coded.dictionary, pl.String)

    def number(self, cut: tuple[Integers, Codes, pl.Series]) -> tuple[Integers, Codes]:
        starts, places, pieces = cut
        codes = pieces.cast(self._type).to_physical()
        # They are given in the order of the pieces, each of which is there once.
        self._known = pl.concat([self._known, pieces.filter(codes >= self.n)])
        return starts, codes.to_numpy().view(np.int32)[places]


class _Compiled:
    """The same by compiled loops over the bytes."""

    def __init__(self, loops: SimpleNamespace) -> None:
        self._loops = loops
        self._slots = np.zeros((1 << 17, 2), dtype=np.uint64)
        self._spelled = np.empty(1 << 18, dtype=np.uint8)
        self._ends = np.zeros(1 << 16, dtype=np.int64)
        self.n = 0
        self._cut = _Cut()

    def strings(self, first: int, last: int) -> pl.Series:
        # What is spelled stays as it is, so that it need not be copied.
        return strings_of(self._ends[first : last + 1], self._spelled)

    def cut(self, texts: pl.Series, *, split: bool) -> _Cut:
        bounds, data = utf8(texts)
        size = int(bounds[-1])
        most = size // 2 + texts.len()
        # Eight bytes are read at once, so that there have to be as many behind the last.
        cut = self._cut
        cut.text = room(cut.text, size + 8)
        cut.begins, cut.sizes, cut.keys = (room(array, most) for array in (cut.begins, cut.sizes, cut.keys))
        cut.text[:size] = data[:size]
        cut.starts = np.empty(bounds.size, dtype=np.int64)
        least = _BLANK + 1 if split else 0
        self._loops.cut(cut.text, bounds, texts.len(), least, cut.starts, cut.begins, cut.sizes, cut.keys)
        return cut

    def number(self, cut: _Cut) -> tuple[Integers, Codes]:
        codes = np.empty(int(cut.starts[-1]), dtype=np.int32)
        pieces = cut.text, cut.begins, cut.sizes, cut.keys, codes.size
        done, n = 0, np.array([self.n])
        while True:
            slots, spelled, ends = self._slots, self._spelled, self._ends
            table = slots, slots.shape[0], spelled, spelled.size, ends, ends.size
            done = self._loops.number(*pieces, done, *table, codes, n, _shift(slots))
            self.n = int(n[0])
            if done == codes.size:
                return cut.starts, codes
            self._make_room(int(cut.sizes[done]))

    def _make_room(self, size: int) -> None:
        """Make room for another piece of this size."""
        if self.n >= self._slots.shape[0] // 8 * 7:
            slots = np.zeros((2 * self._slots.shape[0], 2), dtype=np.uint64)
            self._loops.move(self._slots, self._slots.shape[0], slots, slots.shape[0], _shift(slots))
            self._slots = slots
        self._ends = room(self._ends, self.n + 2, kept=self.n + 1)
        used = int(self._ends[self.n])
        self._spelled = room(self._spelled, used + size, kept=used)


def _shift(slots: npt.NDArray[np.uint64]) -> int:
    """By how much a number of 64 bits is shifted to be a place among these slots."""
    return 65 - int(slots.shape[0]).bit_length()


def utf8(strings: pl.Series) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """Where each string begins in UTF-8, one more for the end of the last, and the bytes; null is empty."""
    array = strings.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.uint64)[array.offset : array.offset + len(array) + 1]
    return bounds, np.frombuffer(data or b"", dtype=np.uint8)


def strings_of(bounds: Integers, data: npt.NDArray[np.uint8]) -> pl.Series:
    """The same the other way round; the bytes stay as they are."""
    import pyarrow as pa

    array = pa.LargeStringArray.from_buffers(
        bounds.size - 1, pa.py_buffer(bounds - bounds[0]), pa.py_buffer(data[bounds[0] : bounds[-1]])
    )
    return pl.Series("piece", array, pl.String)


def room(array: npt.NDArray[Any], size: int, *, kept: int = 0) -> npt.NDArray[Any]:
    """The array, or a longer one that begins with so many of its values, with room for `size` values."""
    if size <= array.size:
        return array
    longer = np.empty(max(size, 2 * array.size), dtype=array.dtype)
    longer[:kept] = array[:kept]
    return longer
