"""What characters do in words, as numbers for loops that know no patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.tokens import DIGIT, EXTENDING, IN_WORDS, JOINER, LETTER, MID_NUMBER, MID_WORD

IS_LETTER, IS_DIGIT, IS_JOINER, IS_MID_WORD, IS_MID_NUMBER, IS_EXTENDING, IS_ODD = (1 << bit for bit in range(7))
"""0 for what stands between words. Some marks stand between letters and between digits."""
BLOCKS = ((0, 0x2BFF), (0xFE00, 0xFE0F), (0x1F000, 0x1FAFF))
"""The characters that are known, first and last of each block: Latin, Greek, Cyrillic, marks, signs and emoji. Words
with others are left to patterns."""


@dataclass(frozen=True, slots=True)
class Characters:
    """What characters do in words."""

    blocks: npt.NDArray[np.int64]
    """For each block its first character, its last, and what is taken from a character for its place in `kinds`."""
    kinds: npt.NDArray[np.uint8]
    """What each character does, block after block."""
    lower: npt.NDArray[np.uint16]
    """What each character of the first block is in lower case."""


@cache
def characters() -> Characters:
    """What the characters of the blocks do in words, by `tokens`.

    Odd are characters that are words of their own, or letters of none; that have more or fewer bytes in lower case, or
    another form among letters; and letters outside the first block.
    """
    every = pl.Series([chr(point) for first, last in BLOCKS for point in range(first, last + 1)])
    kinds = np.zeros(every.len(), dtype=np.uint8)
    for kind, pattern in (
        (IS_LETTER, LETTER),
        (IS_DIGIT, DIGIT),
        (IS_JOINER, JOINER),
        (IS_MID_WORD, MID_WORD),
        (IS_MID_NUMBER, MID_NUMBER),
        (IS_EXTENDING, EXTENDING),
    ):
        kinds[every.str.contains(f"^{pattern}$").to_numpy()] |= kind
    lower = every.str.to_lowercase()
    is_odd = lower.str.len_bytes() != every.str.len_bytes()
    is_odd |= (lower.str.len_chars() != 1) | (("a" + every).str.to_lowercase() != "a" + lower)
    in_words = every.str.contains(IN_WORDS).to_numpy()
    kinds[is_odd.to_numpy() | (in_words != np.isin(kinds, (IS_LETTER, IS_DIGIT)))] = IS_ODD
    later = kinds[BLOCKS[0][1] + 1 :]
    later[np.isin(later, (IS_LETTER, IS_DIGIT, IS_JOINER))] = IS_ODD
    blocks, n = [], 0
    for first, last in BLOCKS:
        blocks.append((first, last, first - n))
        n += last + 1 - first
    small = [ord(letter[0]) for letter in lower[: BLOCKS[0][1] + 1]]
    return Characters(np.array(blocks), kinds, np.array(small, dtype=np.uint16))
