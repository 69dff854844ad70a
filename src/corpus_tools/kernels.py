"""Loops over bytes and numbers that no expression of numpy or polars can say, in the part of Python that numba takes.

Only `loops` imports this, and only where they are not compiled yet. Arrays are pointers to their first values here, as
in C: nothing is checked, so whoever calls sees to it that there is room. No loop may raise anything or call another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from corpus_tools.characters import IS_DIGIT, IS_EXTENDING, IS_JOINER, IS_LETTER, IS_MID_NUMBER, IS_MID_WORD, IS_ODD

Bytes: TypeAlias = npt.NDArray[np.uint8]
Points: TypeAlias = npt.NDArray[np.uint16]
Sizes: TypeAlias = npt.NDArray[np.uint32]
Numbers: TypeAlias = npt.NDArray[np.uint64]
Codes: TypeAlias = npt.NDArray[np.int32]
Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
_KINDS = {
    "int": "int64",
    "Bytes": "uint8*",
    "Points": "uint16*",
    "Sizes": "uint32*",
    "Numbers": "uint64*",
    "Codes": "int32*",
    "Integers": "int64*",
    "Floats": "float64*",
}
LOOPS: dict[str, tuple[list[str], Callable[..., int]]] = {}
"""By name what each loop takes, in C's words, and the loop. What it gives is an int64."""

# numba makes a signed number of a signed and an unsigned one; so what is unsigned has unsigned constants.
_0, _1, _3, _7, _8, _32, _56 = (np.uint64(number) for number in (0, 1, 3, 7, 8, 32, 56))
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_LOW = np.uint64(0xFFFFFFFF)
# The golden ratio as a fraction of 2^64 spreads numbers that are near each other (Knuth, TAOCP 3, 6.4).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
# So many pieces ahead, what will be compared is asked of memory; 8 was slower, 32 no faster.
_AHEAD = 16


def _loop(function: Callable[..., int]) -> Callable[..., int]:
    kinds = dict(function.__annotations__)
    del kinds["return"]
    LOOPS[function.__name__] = [_KINDS[kind] for kind in kinds.values()], function
    return function


@intrinsic  # type: ignore[untyped-decorator]
def _prefetch(_: Any, numbers: Any, place: Any) -> Any:
    """Have a number brought from memory, without waiting for it."""

    def made(__: Any, builder: Any, ___: Any, arguments: Any) -> Any:
        number = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [number.type, flag, flag, flag])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        # To be read, to be kept, as data: https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic
        builder.call(function, [number, flag(0), flag(3), flag(1)])
        return ir.Constant(ir.IntType(64), 0)

    return numba.types.uint64(numbers, numba.types.uint64), made


@intrinsic  # type: ignore[untyped-decorator]
def _eight(_: Any, text: Any, place: Any) -> Any:
    """The eight bytes from a place on as one number, the first the lowest."""

    def made(__: Any, builder: Any, ___: Any, arguments: Any) -> Any:
        eight = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(eight, align=1)

    return numba.types.uint64(text, numba.types.uint64), made


@_loop
def cut(
    text: Bytes,
    bounds: Numbers,
    n_texts: int,
    least: int,
    starts: Integers,
    begins: Numbers,
    sizes: Sizes,
    keys: Numbers,
) -> int:
    """Find what stands between the blanks of texts.

    Args:
        text: Their bytes, and eight more.
        bounds: Where each text begins; one more for the end of the last.
        n_texts: How many they are.
        least: Bytes below this are blanks; up to 128.
        starts: Filled with how many pieces are before each text, and in all.
        begins: Filled with where each piece begins.
        sizes: Filled with how many bytes each has.
        keys: Filled with the bytes of each piece as one number, the first the lowest, or a hash where there are more
            than eight.

    Returns:
        How many pieces there are.
    """
    at, ones = 0, _ONES * np.uint64(least)
    for row in range(n_texts):
        starts[row] = at
        place, end = bounds[row], bounds[row + 1]
        while place < end:
            begin = place
            size, key = _8, _0
            while size == _8 and place < end:
                eight = _eight(text, place)
                # The lowest bit that is left is the highest of the first blank, and what is below it stands before it.
                found = (eight - ones) & ~eight & _HIGHS
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
                at += 1
            place += _1
    starts[n_texts] = at
    return at


@_loop
def number(
    text: Bytes,
    begins: Numbers,
    sizes: Sizes,
    keys: Numbers,
    n_pieces: int,
    first: int,
    slots: Numbers,
    n_slots: int,
    spelled: Bytes,
    n_bytes: int,
    ends: Integers,
    n_ends: int,
    codes: Codes,
    n: Integers,
    shift: int,
) -> int:
    """Number pieces, equal ones alike, new ones as they come.

    Args:
        text: Their bytes.
        begins: As `cut` gives them; and so `sizes` and `keys`.
        sizes: See there.
        keys: See there.
        n_pieces: How many they are.
        first: The piece to begin with.
        slots: The table of the pieces: per slot a key, and `number + 1 | size << 32` or 0 where the slot is free.
        n_slots: How many there are: a power of two.
        spelled: The bytes of the pieces that have numbers, one after the other.
        n_bytes: How many have room.
        ends: Where each of them begins in `spelled`; one more for the end of the last.
        n_ends: How many have room.
        codes: Filled with the number of each piece.
        n: How many have numbers; brought up to date.
        shift: By how much a spread key is shifted to be a place in the table, its highest bits being the best spread.

    Returns:
        How many pieces were numbered before `slots`, `spelled` or `ends` were full.
    """
    mask, high = np.uint64(n_slots - 1), np.uint64(shift)
    most = n_slots // 8 * 7
    if most > n_ends - 1:
        most = n_ends - 1
    n_known = n[0]
    for at in range(first, n_pieces):
        if at + _AHEAD < n_pieces:
            _prefetch(slots, (keys[at + _AHEAD] * _SPREAD >> high) << _1)
        key, size = keys[at], np.uint64(sizes[at])
        place = key * _SPREAD >> high
        while True:
            entry = slots[(place << _1) + _1]
            if entry == _0:
                begin, used = begins[at], np.uint64(ends[n_known])
                if n_known >= most or used + size > np.uint64(n_bytes):
                    n[0] = n_known
                    return at
                for byte in range(size):
                    spelled[used + byte] = text[begin + byte]
                n_known += 1
                ends[n_known] = used + size
                entry = np.uint64(n_known) | size << _32
                slots[place << _1], slots[(place << _1) + _1] = key, entry
                break
            if slots[place << _1] == key and entry >> _32 == size:
                # The key is all that there is of a piece of eight bytes.
                if size <= _8:
                    break
                other, begin, same = np.uint64(ends[(entry & _LOW) - _1]), begins[at], _0
                while same < size and spelled[other + same] == text[begin + same]:
                    same += _1
                if same == size:
                    break
            place = (place + _1) & mask
        codes[at] = np.int32((entry & _LOW) - _1)
    n[0] = n_known
    return n_pieces


@_loop
def move(slots: Numbers, n_slots: int, larger: Numbers, n_larger: int, shift: int) -> int:
    """Put the pieces of one table in an empty, larger one, where they stand in nearly the same order.

    Args:
        slots: The table, as in `number`; and so are the next.
        n_slots: See there.
        larger: The other.
        n_larger: How many slots that has.
        shift: As in `number`, for the other.
    """
    mask, high = np.uint64(n_larger - 1), np.uint64(shift)
    for row in range(n_slots):
        if slots[2 * row + 1] != _0:
            place = slots[2 * row] * _SPREAD >> high
            while larger[(place << _1) + _1] != _0:
                place = (place + _1) & mask
            larger[place << _1], larger[(place << _1) + _1] = slots[2 * row], slots[2 * row + 1]
    return 0


@_loop
def words_of(
    text: Bytes,
    bounds: Numbers,
    n_pieces: int,
    blocks: Integers,
    n_blocks: int,
    kinds: Bytes,
    lower: Points,
    n: Integers,
    spelled: Bytes,
    ends: Integers,
) -> int:
    """Find the words of pieces, in lower case.

    Args:
        text: Their bytes.
        bounds: Where each piece begins; one more for the end of the last.
        n_pieces: How many they are.
        blocks: Some blocks of characters of Unicode, as `characters.Characters` has them.
        n_blocks: How many they are.
        kinds: What each of these characters does in words.
        lower: Those of the first block in lower case, where each has as many bytes; in others no letter is.
        n: Filled with how many words each piece has, -1 where an odd character is in it.
        spelled: Filled with the words of the others, one after the other.
        ends: Filled with where each word begins in `spelled`; one more for the end of the last.

    Returns:
        How many words there are.
    """
    used: Any = 0
    mark: Any
    at: Any
    kind: Any
    point: Any
    n_words = 0
    ends[0] = 0
    for row in range(n_pieces):
        first = n_words
        # The kind of the word's last character and of the mark behind it, which belongs to it if the next one fits.
        last, mark, mark_at, is_word = 0, 0, 0, False
        at, end = np.int64(bounds[row]), np.int64(bounds[row + 1])
        while at <= end:
            kind, point, size = 0, 0, 1
            if at < end:
                point = np.int64(text[at])
                if point >= 0xF0:
                    point = (point & 0x07) << 18 | (text[at + 1] & 0x3F) << 12 | (text[at + 2] & 0x3F) << 6
                    point, size = point | (text[at + 3] & 0x3F), 4
                elif point >= 0xE0:
                    point = (point & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F)
                    size = 3
                elif point >= 0x80:
                    point, size = (point & 0x1F) << 6 | (text[at + 1] & 0x3F), 2
                kind, block = IS_ODD, 0
                while block < n_blocks and kind == IS_ODD:
                    if blocks[3 * block] <= point <= blocks[3 * block + 1]:
                        kind = np.int64(kinds[point - blocks[3 * block + 2]])
                        block = n_blocks
                    block += 1
                if kind == IS_EXTENDING:
                    # It belongs to the one before: what stands between words is no word with it either.
                    kind = IS_ODD if at == bounds[row] or last or mark else 0
                if kind == IS_ODD:
                    break
            if mark and (
                (last & kind & IS_LETTER and mark & IS_MID_WORD) or (last & kind & IS_DIGIT and mark & IS_MID_NUMBER)
            ):
                while mark_at < at:
                    spelled[used] = text[mark_at]
                    used += 1
                    mark_at += 1
                mark = 0
            if not mark and ((last & IS_LETTER and kind & IS_MID_WORD) or (last & IS_DIGIT and kind & IS_MID_NUMBER)):
                mark, mark_at = kind, at
            else:
                if mark or not kind & (IS_LETTER | IS_DIGIT | IS_JOINER):
                    # The word ends before this character. Joiners alone are none.
                    if is_word:
                        n_words += 1
                        ends[n_words] = used
                    used, last, mark, is_word = ends[n_words], 0, 0, False
                if kind & (IS_LETTER | IS_DIGIT | IS_JOINER):
                    small = lower[point]
                    if size == 1:
                        spelled[used] = small
                    elif size == 2:
                        spelled[used], spelled[used + 1] = 0xC0 | small >> 6, 0x80 | small & 0x3F
                    else:
                        spelled[used], spelled[used + 1] = 0xE0 | small >> 12, 0x80 | small >> 6 & 0x3F
                        spelled[used + 2] = 0x80 | small & 0x3F
                    used += size
                    last, is_word = kind, is_word or kind != IS_JOINER
            at += size
        if at <= end:
            n_words = first
            used = ends[n_words]
            n[row] = -1
        else:
            n[row] = n_words - first
    return n_words


@_loop
def add_up(starts: Integers, n_texts: int, codes: Codes, group: Integers, counts: Sizes, n_groups: int) -> int:
    """Count the pieces of each group of texts.

    Args:
        starts: How many pieces are before each text, and in all.
        n_texts: How many texts there are.
        codes: The pieces, text after text.
        group: The number of each text's group.
        counts: Per piece and group how often it was met so far; added to.
        n_groups: How many groups there are.
    """
    for row in range(n_texts):
        for at in range(starts[row], starts[row + 1]):
            counts[codes[at] * n_groups + group[row]] += 1
    return 0


@_loop
def spell_out(
    starts: Integers,
    n_texts: int,
    codes: Codes,
    first: Sizes,
    words: Sizes,
    row: int,
    at: int,
    n_words: Integers,
    ids: Sizes,
    n_ids: int,
    done: Integers,
) -> int:
    """Find the words of texts that are given as pieces.

    Args:
        starts: How many pieces are before each text, and in all.
        n_texts: How many texts there are.
        codes: The pieces, text after text.
        first: How many words are before those of each piece, and in all.
        words: The words of the pieces, one piece after the other.
        row: The text to begin with.
        at: How many words the texts before it have.
        n_words: Filled with how many words each text has.
        ids: Filled with the words, text after text.
        n_ids: How many have room.
        done: Filled with how many words there are in the texts that are done.

    Returns:
        The text whose words had no room, or how many texts there are.
    """
    for text in range(row, n_texts):
        done[0] = at
        for place in range(starts[text], starts[text + 1]):
            word, end = np.int64(first[codes[place]]), np.int64(first[codes[place] + 1])
            if at + end - word > n_ids:
                return text
            while word < end:
                ids[at] = words[word]
                at += 1
                word += 1
        n_words[text] = at - done[0]
    done[0] = at
    return n_texts


@_loop
def neighbours(ids: Sizes, n_ids: int, n_own: int, window: int, border: int, couples: Numbers) -> int:
    """Find the words that stand near others.

    Args:
        ids: Words of texts, with a border behind each text.
        n_ids: How many they are.
        n_own: Couples begin with the first so many words.
        window: How many places after the word the other may stand.
        border: The number of the border.
        couples: Filled with the couples, each as one number, the first word in its upper half.

    Returns:
        How many couples there are.
    """
    n = 0
    for at in range(n_own):
        first = ids[at]
        if first != border:
            for other in range(at + 1, at + window + 1):
                if other >= n_ids or ids[other] == border:
                    break
                couples[n] = np.uint64(first) << _32 | np.uint64(ids[other])
                n += 1
    return n


@_loop
def in_parts(ids: Sizes, n_ids: int, parts: Sizes, border: int, couples: Numbers) -> int:
    """Find the part that the text of each word belongs to.

    Args:
        ids: Words of texts, with a border behind each text.
        n_ids: How many they are.
        parts: The number of the part of each text, from that of the first word on.
        border: The number of the border.
        couples: Filled with the words, each as one number with its part, the word in its upper half.

    Returns:
        How many words there are.
    """
    n, text = 0, 0
    for at in range(n_ids):
        if ids[at] == border:
            text += 1
        else:
            couples[n] = np.uint64(ids[at]) << _32 | np.uint64(parts[text])
            n += 1
    return n


@_loop
def sort_by(couples: Numbers, n: int, shift: int, n_values: int, ends: Integers, ordered: Numbers) -> int:
    """Put numbers in the order of some of their bits, those that are equal there in the order they have.

    Args:
        couples: The numbers.
        n: How many they are.
        shift: How many bits are below those.
        n_values: How many values those bits have: a power of two.
        ends: Filled with where the numbers of each value end.
        ordered: Filled with the numbers in their order.
    """
    low, mask = np.uint64(shift), np.uint64(n_values - 1)
    for value in range(n_values):
        ends[value] = 0
    for at in range(n):
        ends[(couples[at] >> low) & mask] += 1
    sum_before = 0
    for value in range(n_values):
        own = ends[value]
        ends[value] = sum_before
        sum_before += own
    for at in range(n):
        value = (couples[at] >> low) & mask
        ordered[ends[value]] = couples[at]
        ends[value] += 1
    return 0


@_loop
def tally(couples: Numbers, n: int, counts: Integers) -> int:
    """Leave each of sorted numbers once.

    Args:
        couples: The numbers; the first of them are then the distinct ones.
        n: How many they are.
        counts: Filled with how often each distinct one was there.

    Returns:
        How many are distinct.
    """
    kept = 0
    for at in range(n):
        if kept > 0 and couples[kept - 1] == couples[at]:
            counts[kept - 1] += 1
        else:
            couples[kept], counts[kept] = couples[at], 1
            kept += 1
    return kept


@_loop
def add_margins(couples: Numbers, counts: Integers, n: int, firsts: Integers, seconds: Integers) -> int:
    """Add up the counts of couples by their first and by their second number.

    Args:
        couples: The couples.
        counts: How often each was there.
        n: How many they are.
        firsts: Per number how often it was in first place; added to.
        seconds: The same for second place.
    """
    for at in range(n):
        firsts[couples[at] >> _32] += counts[at]
        seconds[couples[at] & _LOW] += counts[at]
    return 0


@_loop
def link(
    ids: Sizes,
    starts: Integers,
    n_words: Integers,
    n_groups: int,
    base: int,
    last: Integers,
    previous: Codes,
    following: Codes,
    type_at: Codes,
    type_group: Codes,
    type_id: Sizes,
    type_n: Integers,
    n_types: Integers,
) -> int:
    """Find where each word of a group stood before.

    Args:
        ids: The words, group after group.
        starts: The place of the first word of each group.
        n_words: How many words each group has.
        n_groups: How many groups there are.
        base: More than what is in `last`.
        last: Per word where it stood last, and `base` more; brought up to date.
        previous: Filled with the place where the same word stood last in its group, -1 where it is new.
        following: Filled with the place where it stands next in its group, the number of all words where it does not.
        type_at: Room for a number per word.
        type_group: Filled, for each type of each group, with the number of the group.
        type_id: Filled with the word.
        type_n: Filled with how often it is there.
        n_types: Filled with how many types each group has.

    Returns:
        How many types there are.
    """
    n_found, n = 0, starts[n_groups - 1] + n_words[n_groups - 1]
    for group in range(n_groups):
        start, first_type = starts[group], n_found
        for at in range(start, start + n_words[group]):
            word = ids[at]
            seen = last[word] - base
            if seen >= start:
                found = type_at[seen]
                following[seen] = at
                type_n[found] += 1
            else:
                seen, found = -1, n_found
                type_group[found], type_id[found], type_n[found] = group, word, 1
                n_found += 1
            previous[at], following[at], type_at[at] = seen, n, found
            last[word] = base + at
        n_types[group] = n_found - first_type
    return n_found


@_loop
def types_in_windows(
    previous: Codes, starts: Integers, n_words: Integers, n_groups: int, window: int, n_types: Integers
) -> int:
    """Add up the types of all windows of each group.

    Args:
        previous: As `link` gives it.
        starts: As for `link`; and so are the next two.
        n_words: See there.
        n_groups: See there.
        window: How many words a window has.
        n_types: Filled with the sums; 0 for a group that is shorter than a window.
    """
    for group in range(n_groups):
        n_types[group] = 0
        start = starts[group]
        last_start = start + n_words[group] - window
        for at in range(start, start + n_words[group]):
            # A word is a type in every window that holds it and not its previous occurrence.
            first: Any = at - window
            if previous[at] > first:
                first = previous[at]
            if first < start - 1:
                first = start - 1
            n = (at if at < last_start else last_start) - first
            if n > 0:
                n_types[group] += n
    return 0


@_loop
def factors(
    previous: Codes,
    following: Codes,
    starts: Integers,
    n_words: Integers,
    n_groups: int,
    threshold: Floats,
    forward: Floats,
    backward: Floats,
) -> int:
    """Count the stretches that take the type-token ratio down to a threshold, the rest at the end in proportion.

    Args:
        previous: As `link` gives it.
        following: As `link` gives it.
        starts: As for `link`; and so are the next two.
        n_words: See there.
        n_groups: See there.
        threshold: One number.
        forward: Filled with the stretches of each group, read from its beginning.
        backward: The same, read from its end.
    """
    for group in range(n_groups):
        begin = starts[group]
        end = begin + n_words[group]
        n_full, start, repeats = 0, begin, 0
        for at in range(begin, end):
            # The ratio falls at repeats only.
            if previous[at] >= start:
                repeats += 1
                length = at + 1 - start
                if (length - repeats) / length <= threshold[0]:
                    n_full, start, repeats = n_full + 1, at + 1, 0
        length = end - start
        ratio = (length - repeats) / length if length > 0 else 1.0
        forward[group] = n_full + (1 - ratio) / (1 - threshold[0])
        n_full, start, repeats = 0, end - 1, 0
        for at in range(end - 1, begin - 1, -1):
            if following[at] <= start:
                repeats += 1
                length = start + 1 - at
                if (length - repeats) / length <= threshold[0]:
                    n_full, start, repeats = n_full + 1, at - 1, 0
        length = start + 1 - begin
        ratio = (length - repeats) / length if length > 0 else 1.0
        backward[group] = n_full + (1 - ratio) / (1 - threshold[0])
    return 0
