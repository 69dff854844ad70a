"""The words of pieces, as texts are split into them at blanks.

Most of what is written in a large collection is the same few pieces: some 2 million in 60 million words. So the rules
of `tokens` need be asked about each only once. No token of a word goes past a blank, but a letter that hangs on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.characters import characters
from corpus_tools.interning import Integers, strings_of, utf8
from corpus_tools.tokens import EXTENDING, IN_WORDS, SEGMENT

# Letters between marks that join nothing there: the word is what is left without them, which no pattern has to find.
_MARKS = ".,;:!?\"()[]'‘’“”…*–—-"
_SIMPLE = rf"^[{re.escape(_MARKS)}]*[A-Za-z]+(?:['’][A-Za-z]+)*[{re.escape(_MARKS)}]*$"
_EXTENDED = rf"^{EXTENDING}"
_HANGING = rf"^({EXTENDING}+)"
_HANGING_SIGN = rf"^{EXTENDING}*\u200d\p{{Extended_Pictographic}}"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of some pieces."""

    n: Integers
    """How many are in each piece."""
    found: pl.Series
    """All words, in lower case, in any order."""
    place: Integers
    """The place of each, one piece after the other."""
    hanging: Integers
    """The pieces that begin with a combining letter or a joined sign, which is one token with a blank before it."""


def words_of(pieces: pl.Series, loops: SimpleNamespace | None) -> Words:
    """Find the words of pieces.

    Args:
        pieces: No blank is in them.
        loops: The compiled loops, if they are to be used.
    """
    n, found = _by_polars(pieces) if loops is None else _by_loops(pieces, loops)
    others = np.flatnonzero(n < 0)
    if not others.size:
        return Words(n, found, np.arange(found.len()), others)
    rest = pieces.gather(others)
    lists = rest.str.extract_all(SEGMENT)
    tokens = lists.explode(empty_as_null=False)
    is_word = tokens.str.contains(IN_WORDS)
    later = np.repeat(np.arange(others.size), lists.list.len().to_numpy())[is_word.to_numpy()]
    n_known, n_others = np.maximum(n, 0), np.bincount(later, minlength=others.size)
    n[others] = n_others
    first = reached(n)
    place = np.append(runs(first[:-1], n_known), runs(first[others], n_others))
    return Words(n, found.append(tokens.filter(is_word).str.to_lowercase()), place, others[_hanging(rest)])


def _hanging(pieces: pl.Series) -> Integers:
    """Those of which this is true."""
    # No character of ASCII extends another one.
    rows = (pieces >= "\u0080").arg_true()
    rows = rows.filter(pieces.gather(rows).str.contains(_EXTENDED))
    if rows.len():
        few = pieces.gather(rows)
        letters = few.str.extract(_HANGING).str.contains(IN_WORDS)
        rows = rows.filter(letters | few.str.contains(_HANGING_SIGN))
    return rows.to_numpy().astype(np.int64)


def _by_polars(pieces: pl.Series) -> tuple[Integers, pl.Series]:
    """How many words pieces have that a pattern finds in a moment, -1 for the others; and these words."""
    is_simple = pieces.str.contains(_SIMPLE)
    n = np.where(is_simple.to_numpy(), np.int64(1), np.int64(-1))
    return n, pieces.filter(is_simple).str.strip_chars(_MARKS).str.to_lowercase()


def _by_loops(pieces: pl.Series, loops: SimpleNamespace) -> tuple[Integers, pl.Series]:
    """How many words pieces have that compiled loops know, -1 for the others; and these words."""
    bounds, text = utf8(pieces)
    size = int(bounds[-1] - bounds[0])
    n, spelled, ends = np.empty(pieces.len(), np.int64), np.empty(size, np.uint8), np.empty(size + 2, np.int64)
    known = characters()
    blocks = known.blocks, known.blocks.shape[0], known.kinds, known.lower
    n_words = loops.words_of(text, bounds, n.size, *blocks, n, spelled, ends)
    return n, strings_of(ends[: n_words + 1], spelled)


def reached(n: npt.NDArray[Any]) -> Integers:
    """The sum of all numbers before each, from 0, and of all."""
    sums = np.zeros(n.size + 1, dtype=np.int64)
    np.cumsum(n, out=sums[1:])
    return sums


def runs(first: npt.NDArray[Any], n: npt.NDArray[Any]) -> Integers:
    """So many numbers from each first one on, one run after the other."""
    sums = reached(n)
    return np.repeat(first - sums[:-1], n) + np.arange(sums[-1])
