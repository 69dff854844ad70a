"""What characters do in words, as numbers for loops that know no patterns."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.tokens import DIGIT, EXTENDING, IN_WORDS, JOINER, LETTER, MID_NUMBER, MID_WORD

IS_LETTER, IS_DIGIT, IS_JOINER, IS_MID_WORD, IS_MID_NUMBER, IS_ODD = (1 << bit for bit in range(6))
"""0 for what stands between words. Some marks stand between letters and between digits."""
_LAST = 0x20FF
"""The last character that is known: Latin, Greek, Cyrillic, marks and money. Words with others are left to patterns."""


@cache
def kinds_and_lower() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16]]:
    """What each of the first characters of Unicode does in words, and what it is in lower case, by `tokens`.

    Odd are characters that belong to the one before; that are words of their own, or letters of none; and that have
    more or fewer bytes in lower case, or another form among letters.
    """
    every = pl.Series([chr(point) for point in range(_LAST + 1)])
    kinds = np.zeros(every.len(), dtype=np.uint8)
    for kind, pattern in (
        (IS_LETTER, LETTER),
        (IS_DIGIT, DIGIT),
        (IS_JOINER, JOINER),
        (IS_MID_WORD, MID_WORD),
        (IS_MID_NUMBER, MID_NUMBER),
    ):
        kinds[every.str.contains(f"^{pattern}$").to_numpy()] |= kind
    lower = every.str.to_lowercase()
    in_words = every.str.contains(IN_WORDS).to_numpy()
    is_odd = every.str.contains(f"^{EXTENDING}").to_numpy() | (in_words != np.isin(kinds, (IS_LETTER, IS_DIGIT)))
    for part in (lower.str.len_chars() != 1, lower.str.len_bytes() != every.str.len_bytes()):
        is_odd |= part.to_numpy()
    is_odd |= (("a" + every).str.to_lowercase() != "a" + lower).to_numpy()
    kinds[is_odd] = IS_ODD
    return kinds, np.array([ord(letter[0]) for letter in lower], dtype=np.uint16)
