"""Words of no language: how often each comes, and how it is spelled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

OFFSET = 2.2
"""Mandelbrot's constant: how much the first ranks fall short of Zipf's law."""
CORE = 7873
"""Rank at which the core vocabulary ends."""
TAIL = 1.77
"""Exponent of the law beyond the core, where it is 1."""
LAST_RANK = 2**31 - 1
_CORE_MASS = float(np.log(CORE / OFFSET))
_TAIL_MASS = (1 - (LAST_RANK / CORE) ** (1 - TAIL)) / (TAIL - 1)

# No onset is a coda, so a row of syllables can be read in one way only, and no two ranks are spelled alike.
_ONSETS, _VOWELS, _CODAS = b"bdfghlmw", b"aeiou", b"nrst"
_ACCENTED = dict(zip(_VOWELS, ("ä", "é", "í", "ö", "ü"), strict=True))
N_SYLLABLES = len(_ONSETS) * len(_VOWELS) * 3
# Of 65,536 ranks; the marks that the first few ranks cannot have are those of words that they are too short for.
_ACCENT, _APOSTROPHE, _HYPHEN = 900, 2_400, 3_300
# A word as a row of bytes, 0 where it has none: blank, first syllable with room for an accent and ß, joint, the rest.
_WIDTH = 1 + 5 + 3 + 3 * 4
_FIRST, _JOINT, _REST = 1, 6, 9


def law(chance: Floats) -> Integers:
    """The rank for each of some numbers from 0 to 1: even numbers give ranks by the law of two regimes.

    The chance of rank r is the integral from r - 1 to r of 1 / (x + 2.2) within the core and of a power with
    exponent -1.77 beyond, joined without a step, so that no table of ranks is needed and the vocabulary has no end.
    """
    mass = chance * (_CORE_MASS + _TAIL_MASS)
    x = OFFSET * np.exp(np.minimum(mass, _CORE_MASS))
    beyond = np.flatnonzero(mass > _CORE_MASS)
    x[beyond] = CORE * (1 - (TAIL - 1) * (mass[beyond] - _CORE_MASS)) ** (-1 / (TAIL - 1))
    ranks: Integers = np.minimum(x - OFFSET, LAST_RANK - 1).astype(np.int64) + 1
    return ranks


def follower(rank: Integers, chance: Floats) -> Integers:
    """For each rank one of the words that like to stand after it: a few after a rare word, thousands after a common."""
    n_likely = np.maximum(4000 // rank, 4)
    choice = (chance * n_likely).astype(np.uint64)
    # Multiples of an odd number modulo a power of two fill it evenly, so followers are by the same law as all words.
    mixed = rank.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + choice * np.uint64(0xBF58476D1CE4E5B9)
    return law((mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def spelled(ranks: Integers) -> list[str]:
    """How each rank is spelled, in small letters; no two ranks alike."""
    words: list[str] = as_strings(spelled_bytes(ranks)).to_pylist()
    return words


def is_name(ranks: Integers) -> Bools:
    """Whether a rank is a name, which has a capital wherever it stands."""
    names: Bools = (ranks > 60) & (ranks % 23 == 7)
    return names


def as_strings(rows: Bytes) -> Any:
    """The rows of bytes as an Arrow array of strings; bytes that are 0 are left out."""
    kept = rows != 0
    offsets = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(rows[kept]))


def spelled_bytes(ranks: Integers, *, spaced: Bools | None = None, capital: Bools | None = None) -> Bytes:
    """A row of bytes for each rank; `spaced` says before which a blank stands, `capital` which have a capital."""
    table, rows = _syllables(), np.zeros((len(ranks), _WIDTH), dtype=np.uint8)
    digits, left = [], ranks.astype(np.int64)
    for _ in range(5):
        # Counted without a zero, so that every row of syllables is the number of one rank; 120 is for none.
        present = left > 0
        digits.append(np.where(present, (left - 1) % N_SYLLABLES, N_SYLLABLES))
        left = np.where(present, (left - 1) // N_SYLLABLES, 0)
    first = table[digits[0]]
    rows[:, _FIRST], rows[:, _FIRST + 1], rows[:, _FIRST + 3] = first[:, 0], first[:, 1], first[:, 2]
    for place, digit in enumerate(digits[1:]):
        rows[:, _REST + 3 * place : _REST + 3 * place + 3] = table[digit]
    _decorate(rows, ranks)
    if spaced is not None:
        rows[spaced, 0] = ord(" ")
    if capital is not None:
        rows[capital, _FIRST] -= ord("a") - ord("A")
    return rows


def _syllables() -> Bytes:
    number = np.arange(N_SYLLABLES)
    # In steps that share no factor with their number, so that frequent words are not all of one letter.
    number = number * 77 % N_SYLLABLES
    onset, vowel, closed = number % 8, number // 8 % 5, number // 40
    table = np.zeros((N_SYLLABLES + 1, 3), dtype=np.uint8)
    table[:-1, 0], table[:-1, 1] = np.frombuffer(_ONSETS, np.uint8)[onset], np.frombuffer(_VOWELS, np.uint8)[vowel]
    # Open, or closed by one of two letters.
    table[:-1, 2] = np.where(closed > 0, np.frombuffer(_CODAS, np.uint8)[(onset + vowel + 2 * closed) % 4], 0)
    return table


def _decorate(rows: Bytes, ranks: Integers) -> None:
    """Accents, apostrophes and hyphens, which depend on the rank: without them two ranks still differ."""
    lot = (ranks.astype(np.uint64) * np.uint64(2654435761) >> np.uint64(16)) & np.uint64(0xFFFF)
    accent = np.flatnonzero((lot < _ACCENT) & (ranks > 30))
    for plain, accented in _ACCENTED.items():
        here = accent[rows[accent, _FIRST + 1] == plain]
        rows[here, _FIRST + 1 : _FIRST + 3] = np.frombuffer(accented.encode(), np.uint8)
    sharp = accent[rows[accent, _FIRST + 3] == ord("s")]
    rows[sharp, _FIRST + 3 : _FIRST + 5] = np.frombuffer("ß".encode(), np.uint8)
    long = ranks > N_SYLLABLES
    apostrophe = long & (lot >= _ACCENT) & (lot < _APOSTROPHE)
    rows[apostrophe, _JOINT] = ord("'")
    curly = np.flatnonzero(apostrophe & (ranks % 3 == 0))
    rows[curly, _JOINT : _JOINT + 3] = np.frombuffer("’".encode(), np.uint8)
    rows[long & (lot >= _APOSTROPHE) & (lot < _HYPHEN), _JOINT] = ord("-")
