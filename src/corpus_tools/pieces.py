"""The words of pieces, as texts are split into them at blanks.

Most of what is written in a large collection is the same few pieces: some 2 million in 60 million words. So the rules
of `tokens` need be asked about each only once. No token of a word goes past a blank, but a letter that hangs on it.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.interning import Integers
from corpus_tools.tokens import EXTENDING, IN_WORDS, SEGMENT

# Letters between marks that join nothing there: the word is what is left without them, which no pattern has to find.
_MARKS = ".,;:!?\"()[]'‘’“”…*–—-"
_SIMPLE = rf"^[{re.escape(_MARKS)}]*[A-Za-z]+(?:['’][A-Za-z]+)*[{re.escape(_MARKS)}]*$"
_EXTENDED = rf"^{EXTENDING}"
_HANGING = rf"^({EXTENDING}+)"
_HANGING_SIGN = rf"^{EXTENDING}*\u200d\p{{Extended_Pictographic}}"


def hanging(pieces: pl.Series) -> Integers:
    """Those that begin with a combining letter or a joined sign, which is one token with a blank before it."""
    # No character of ASCII extends another one.
    rows = (pieces >= "\u0080").arg_true()
    rows = rows.filter(pieces.gather(rows).str.contains(_EXTENDED))
    if rows.len():
        few = pieces.gather(rows)
        letters = few.str.extract(_HANGING).str.contains(IN_WORDS)
        rows = rows.filter(letters | few.str.contains(_HANGING_SIGN))
    return rows.to_numpy().astype(np.int64)


def words_of(pieces: pl.Series) -> tuple[Integers, pl.Series, Integers]:
    """How many words are in each piece; all words; and the place of each, one piece after the other."""
    is_simple = pieces.str.contains(_SIMPLE)
    simple = pieces.filter(is_simple).str.strip_chars(_MARKS)
    lists = pieces.filter(~is_simple).str.extract_all(SEGMENT)
    tokens = lists.explode(empty_as_null=False)
    is_word = tokens.str.contains(IN_WORDS)
    found = tokens.filter(is_word)
    later = np.repeat((~is_simple).arg_true().to_numpy(), lists.list.len().to_numpy())[is_word.to_numpy()]
    rows = np.append(is_simple.arg_true().to_numpy(), later)
    n = np.bincount(rows, minlength=pieces.len())
    # Those of the rest stand in the order of their pieces, so that each goes as far from the first as it stands.
    first_of_piece = np.flatnonzero(np.append(True, later[1:] != later[:-1])) if later.size else later
    within = np.arange(later.size) - np.repeat(first_of_piece, np.diff(first_of_piece, append=later.size))
    place = reached(n)[rows] + np.append(np.zeros(simple.len(), dtype=np.int64), within)
    return n, simple.append(found).str.to_lowercase(), place


def reached(n: npt.NDArray[Any]) -> Integers:
    """The sum of all numbers before each, from 0, and of all."""
    sums = np.zeros(n.size + 1, dtype=np.int64)
    np.cumsum(n, out=sums[1:])
    return sums
