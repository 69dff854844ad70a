"""Strings, each distinct one with a number."""

from __future__ import annotations

import sys
import threading
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Codes: TypeAlias = npt.NDArray[np.int32]
Integers: TypeAlias = npt.NDArray[np.int64]

LARGE = 1 << 21
"""Bytes from which on numba is loaded. It pays from some 20 MB on, by reckoning; where it does not, 0.5 s are lost."""
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

    def read(self, texts: pl.Series) -> tuple[Integers, Codes, int]:
        """Number texts, or their pieces.

        Args:
            texts: Strings. A null has no pieces. Where texts are not split, none is null or empty.

        Returns:
            How many pieces are before each text, and in all; the number of each piece, text after text, new ones
            counted on from 0 as they are met; and how many numbers are given. Which blanks texts are split at is left
            open, except that all have one byte; there may be empty pieces.
        """
        n_bytes = int(texts.str.len_bytes().sum())
        with self._lock:
            self.n_bytes += n_bytes
            if isinstance(self._table, _Plain) and (kernels := compiled(self.n_bytes)):
                known, self._table = self._table.strings(0, self._table.n), _Compiled(kernels)
                # An empty piece keeps its number too, under a name that no piece has.
                self._table.number(self._table.cut(known.replace("", " "), split=False))
            table = self._table
        cut: Any = table.cut(texts, split=self._split)
        with self._lock:
            if table is not self._table:
                # Another thread has gone over to the compiled one in between.
                cut = self._table.cut(texts, split=self._split)
            return self._table.number(cut)

    def strings(self, first: int = 0, last: int | None = None) -> pl.Series:
        """The strings with the numbers from `first` to below `last`, or to the end."""
        with self._lock:
            return self._table.strings(first, self._table.n if last is None else last)


def compiled(n_bytes: int) -> ModuleType | None:
    """The compiled loops, where numba is installed, and so much is to be read that it is worth loading."""
    return _kernels() if n_bytes >= LARGE else None


@cache
def _kernels() -> ModuleType | None:
    # The loops read bytes as numbers whose first byte is the lowest.
    if sys.byteorder != "little":
        return None
    try:
        return import_module("corpus_tools.kernels")
    except ImportError:
        # Not installed, or not made for a numpy as new as this one.
        return None


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
        return starts, coded.indices.to_numpy(), pl.Series("piece", coded.dictionary, pl.String)

    def number(self, cut: tuple[Integers, Codes, pl.Series]) -> tuple[Integers, Codes, int]:
        starts, places, pieces = cut
        codes = pieces.cast(self._type).to_physical()
        # They are given in the order of the pieces, each of which is there once.
        self._known = pl.concat([self._known, pieces.filter(codes >= self.n)])
        return starts, codes.to_numpy().view(np.int32)[places], self.n


class _Compiled:
    """The same by compiled loops over the bytes."""

    def __init__(self, kernels: ModuleType) -> None:
        self._kernels = kernels
        self._slots = np.zeros((1 << 17, 2), dtype=np.uint64)
        self._spelled = np.empty(1 << 18, dtype=np.uint8)
        self._ends = np.zeros(1 << 16, dtype=np.int64)
        self.n = 0
        self._cut = _Cut()

    def strings(self, first: int, last: int) -> pl.Series:
        import pyarrow as pa

        ends = self._ends[first : last + 1]
        # What is spelled stays as it is, so that it need not be copied.
        spelled = pa.py_buffer(self._spelled[ends[0] : ends[-1]])
        strings = pa.LargeStringArray.from_buffers(ends.size - 1, pa.py_buffer(ends - ends[0]), spelled)
        return pl.Series("piece", strings, pl.String)

    def cut(self, texts: pl.Series, *, split: bool) -> _Cut:
        array = texts.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest())
        _, offsets, data = array.buffers()
        bounds = np.frombuffer(offsets, dtype=np.uint64)[array.offset : array.offset + len(array) + 1]
        size = int(bounds[-1])
        most = size // 2 + len(array)
        # Eight bytes are read at once, so that there have to be as many behind the last.
        cut = self._cut
        cut.text = room(cut.text, size + 8)
        cut.begins, cut.sizes, cut.keys = (room(array, most) for array in (cut.begins, cut.sizes, cut.keys))
        if data:
            cut.text[:size] = np.frombuffer(data, dtype=np.uint8)[:size]
        eights: npt.NDArray[np.uint64] = np.ndarray(size + 1, dtype=np.uint64, buffer=cut.text, strides=(1,))
        cut.starts = np.empty(bounds.size, dtype=np.int64)
        least = np.uint64(_BLANK + 1 if split else 0)
        self._kernels.cut(cut.text, eights, bounds, least, cut.starts, cut.begins, cut.sizes, cut.keys)
        return cut

    def number(self, cut: _Cut) -> tuple[Integers, Codes, int]:
        codes = np.empty(int(cut.starts[-1]), dtype=np.int32)
        done = 0
        while done < codes.size:
            pieces = cut.text, cut.begins, cut.sizes, cut.keys, codes.size, done
            done, self.n = self._kernels.number(*pieces, self._slots, self._spelled, self._ends, self.n, codes)
            if done < codes.size:
                self._make_room(int(cut.sizes[done]))
        return cut.starts, codes, self.n

    def _make_room(self, size: int) -> None:
        """Make room for another piece of this size."""
        if self.n >= self._slots.shape[0] // 8 * 7:
            slots = np.zeros((2 * self._slots.shape[0], 2), dtype=np.uint64)
            self._kernels.move(self._slots, slots)
            self._slots = slots
        self._ends = room(self._ends, self.n + 2, kept=self.n + 1)
        used = int(self._ends[self.n])
        self._spelled = room(self._spelled, used + size, kept=used)


def room(array: npt.NDArray[Any], size: int, *, kept: int = 0) -> npt.NDArray[Any]:
    """The array, or a longer one that begins with so many of its values, with room for `size` values."""
    if size <= array.size:
        return array
    longer = np.empty(max(size, 2 * array.size), dtype=array.dtype)
    longer[:kept] = array[:kept]
    return longer
