"""Loops over bytes that no expression of numpy or polars can say, compiled by numba (extra `fast`).

Whoever imports this has numba. They are compiled when they are first called, and kept beside this file.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

Bytes: TypeAlias = npt.NDArray[np.uint8]
Numbers: TypeAlias = npt.NDArray[np.uint64]
Sizes: TypeAlias = npt.NDArray[np.uint32]
Integers: TypeAlias = npt.NDArray[np.int64]

# numba makes a signed number of a signed and an unsigned one, so all are unsigned, the constants too.
_0, _1, _3, _7, _8, _32, _56 = (np.uint64(number) for number in (0, 1, 3, 7, 8, 32, 56))
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_LOW = np.uint64(0xFFFFFFFF)
# The golden ratio as a fraction of 2^64 spreads numbers that are near each other (Knuth, TAOCP 3, 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
# So many pieces ahead, what will be compared is asked of memory; 8 was slower, 32 no faster.
_AHEAD = 16


def _compiled(function: Any) -> Any:
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # There is no folder in which it could be kept.
        return numba.njit(nogil=True)(function)


@intrinsic  # type: ignore[untyped-decorator]
def _prefetch(_: Any, slots: Any, place: Any) -> Any:
    """Have a slot brought from memory, without waiting for it."""

    def made(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        # A slot is two numbers long.
        number = builder.shl(arguments[1], ir.Constant(ir.IntType(64), 1))
        slot = builder.bitcast(builder.gep(array.data, [number]), ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [slot.type, flag, flag, flag])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To be read, to be kept, as data: https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic
        builder.call(function, [slot, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return numba.types.void(slots, numba.types.uint64), made


@_compiled
def cut(
    text: Bytes,
    eights: Numbers,
    bounds: Numbers,
    least: np.uint64,
    starts: Integers,
    begins: Numbers,
    sizes: Sizes,
    keys: Numbers,
) -> None:
    """Find what stands between the blanks of texts.

    Args:
        text: Their bytes, and eight more.
        eights: The eight bytes from each place on, as one number.
        bounds: Where each text begins; one more for the end of the last.
        least: Bytes below this are blanks; up to 128.
        starts: Filled with how many pieces are before each text, and in all.
        begins: Filled with where each piece begins.
        sizes: Filled with how many bytes each has.
        keys: Filled with the bytes of each piece as one number, the first the lowest, or a hash where there are more
            than eight.
    """
    at = _0
    for row in range(bounds.size - 1):
        starts[row] = at
        place, end = bounds[row], bounds[row + 1]
        while place < end:
            begin = place
            size, key = _8, _0
            while size == _8 and place < end:
                eight = eights[place]
                # The lowest bit that is left is the highest of the first blank, and what is below it stands before it.
                found = (eight - _ONES * least) & ~eight & _HIGHS
                before = ((found & (~found + _1)) >> _7) - _1
                size = ((before & _ONES) * _ONES) >> _56
                if end - place < size:
                    size = end - place
                    before = (_1 << (size << _3)) - _1
                if size > _0:
                    key = (key ^ (key >> _32)) * _SPREAD ^ (eight & before)
                place += size
            if place > begin:
                begins[at], sizes[at], keys[at] = begin, np.uint32(place - begin), key
                at += _1
            place += _1
    starts[bounds.size - 1] = at


@_compiled
def _shift(slots: Numbers) -> np.uint64:
    """By how much a spread key is shifted to be a place in the table, its highest bits being the best spread.

    In a larger table the pieces stand in nearly the same order, so that they are moved there from left to right.
    """
    shift, size = np.uint64(64), slots.shape[0]
    while size > 1:
        size >>= 1
        shift -= _1
    return shift


@_compiled
def _is_same(one: Bytes, begin: np.int64, other: Bytes, other_begin: np.uint64, size: np.uint64) -> bool:
    """Whether so many bytes from these places on are the same."""
    place, other_place, end = np.uint64(begin), other_begin, other_begin + size
    while other_place < end and one[place] == other[other_place]:
        place += _1
        other_place += _1
    return bool(other_place == end)


@_compiled
def number(
    text: Bytes,
    begins: Numbers,
    sizes: Sizes,
    keys: Numbers,
    n_pieces: int,
    first: int,
    slots: Numbers,
    spelled: Bytes,
    ends: Integers,
    n: int,
    codes: npt.NDArray[np.int32],
) -> tuple[int, int]:
    """Number pieces, equal ones alike, new ones as they come.

    Args:
        text: Their bytes.
        begins: As `cut` gives them; and so `sizes` and `keys`.
        sizes: See there.
        keys: See there.
        n_pieces: How many they are.
        first: The piece to begin with.
        slots: The table of the pieces: per slot a key, and `number + 1 | size << 32` or 0 where the slot is free. How
            many there are is a power of two.
        spelled: The bytes of the pieces that have numbers, one after the other.
        ends: Where each of them begins in `spelled`; one more for the end of the last.
        n: How many have numbers.
        codes: Filled with the number of each piece.

    Returns:
        How many pieces were numbered before `slots`, `spelled` or `ends` were full; and how many numbers there are.
    """
    mask, shift = np.uint64(slots.shape[0] - 1), _shift(slots)
    most = min(slots.shape[0] // 8 * 7, ends.size - 1)
    for at in range(first, n_pieces):
        if at + _AHEAD < n_pieces:
            _prefetch(slots, keys[at + _AHEAD] * _SPREAD >> shift)
        key, size = keys[at], np.uint64(sizes[at])
        place = key * _SPREAD >> shift
        while True:
            entry = slots[place, 1]
            if entry == _0:
                begin, used = begins[at], np.uint64(ends[n])
                if n >= most or used + size > np.uint64(spelled.size):
                    return at, n
                spelled[used : used + size] = text[begin : begin + size]
                n += 1
                ends[n] = used + size
                entry = np.uint64(n) | size << _32
                slots[place, 0], slots[place, 1] = key, entry
                break
            known = (entry & _LOW) - _1
            # The key is all that there is of a piece of eight bytes.
            if (slots[place, 0] == key and entry >> _32 == size) and (
                size <= _8 or _is_same(spelled, ends[known], text, begins[at], size)
            ):
                break
            place = (place + _1) & mask
        codes[at] = np.int32((entry & _LOW) - _1)
    return n_pieces, n


@_compiled
def move(slots: Numbers, larger: Numbers) -> None:
    """Put the pieces of one table in an empty, larger one."""
    mask, shift = np.uint64(larger.shape[0] - 1), _shift(larger)
    for row in range(slots.shape[0]):
        if slots[row, 1] != _0:
            place = slots[row, 0] * _SPREAD >> shift
            while larger[place, 1] != _0:
                place = (place + _1) & mask
            larger[place, 0], larger[place, 1] = slots[row, 0], slots[row, 1]


@_compiled
def add_up(starts: Integers, codes: npt.NDArray[np.int32], group: Integers, counts: npt.NDArray[np.uint32]) -> None:
    """Count the pieces of each group of texts.

    Args:
        starts: How many pieces are before each text, and in all.
        codes: The pieces, text after text.
        group: The number of each text's group.
        counts: Per piece and group how often it was met so far; added to.
    """
    for row in range(starts.size - 1):
        for at in range(starts[row], starts[row + 1]):
            counts[codes[at], group[row]] += 1


@_compiled
def spell_out(
    starts: Integers,
    codes: npt.NDArray[np.int32],
    first: Sizes,
    words: Sizes,
    row: int,
    at: int,
    n_words: Integers,
    ids: Sizes,
) -> tuple[int, int]:
    """Find the words of texts that are given as pieces.

    Args:
        starts: How many pieces are before each text, and in all.
        codes: The pieces, text after text.
        first: How many words are before those of each piece, and in all.
        words: The words of the pieces, one piece after the other.
        row: The text to begin with.
        at: How many words the texts before it have.
        n_words: Filled with how many words each text has.
        ids: Filled with the words, text after text.

    Returns:
        The text whose words had no room, or how many texts there are; and how many words the texts before it have.
    """
    for text in range(row, starts.size - 1):
        begin = at
        for place in range(starts[text], starts[text + 1]):
            word, end = first[codes[place]], first[codes[place] + 1]
            if at + end - word > ids.size:
                return text, begin
            while word < end:
                ids[at] = words[word]
                at += 1
                word += 1
        n_words[text] = at - begin
    return starts.size - 1, at


@_compiled
def neighbours(
    ids: Sizes, n_own: int, window: int, mask: np.uint32, bits: np.uint32, border: np.uint32, couples: Numbers
) -> int:
    """Find the words that stand near others.

    Args:
        ids: Words of texts, with a border behind each text.
        n_own: Pairs begin with the first so many words.
        window: How many places after the word the other may stand.
        mask: Pairs count whose first word has `bits` under this mask.
        bits: See there.
        border: The number of the border.
        couples: Filled with the pairs, each as one number, the first word in its upper half.

    Returns:
        How many pairs there are.
    """
    n = 0
    for at in range(n_own):
        first = ids[at]
        if first != border and first & mask == bits:
            for other in range(at + 1, min(at + window + 1, ids.size)):
                if ids[other] == border:
                    break
                couples[n] = np.uint64(first) << _32 | np.uint64(ids[other])
                n += 1
    return n


@_compiled
def in_parts(
    ids: Sizes, part_of_text: Sizes, mask: np.uint32, bits: np.uint32, border: np.uint32, couples: Numbers
) -> int:
    """Find the part that the text of each word belongs to.

    Args:
        ids: Words of texts, with a border behind each text.
        part_of_text: The number of the part of each text, from that of the first word on.
        mask: As in `neighbours`; and so are the others.
        bits: See there.
        border: See there.
        couples: See there.

    Returns:
        How many words there are.
    """
    n, text = 0, 0
    for word in ids:
        if word == border:
            text += 1
        elif word & mask == bits:
            couples[n] = np.uint64(word) << _32 | np.uint64(part_of_text[text])
            n += 1
    return n
