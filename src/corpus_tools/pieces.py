"""Texts split at blanks into pieces, and the words of pieces.

Most of what is written in a large collection is the same few pieces: some 2 million in 60 million words. So the rules
of `tokens` need be asked about each only once. No token of a word goes past a blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.tokens import EXTENDING, IN_WORDS, SEGMENT

Integers: TypeAlias = npt.NDArray[np.int64]
Keys: TypeAlias = npt.NDArray[np.uint64]

_BLANK = 0x20
_KEY = 8
# Letters between marks that join nothing: the word is what is left without them, which no pattern has to find out.
_MARKS = '.,;:!?"()[]'
_SIMPLE = r"""^["(\[]?[A-Za-z]+[.,;:!?")\]]*$"""
_HANGING = rf"^({EXTENDING}+)"


@dataclass(frozen=True, slots=True)
class Pieces:
    """What stands between the blanks of some texts."""

    starts: Integers
    """Where the pieces of each text begin in `codes`; one more for the end of the last."""
    codes: npt.NDArray[np.int32]
    """The number of each piece, text after text: first those of `short`, then those of `long`."""
    short: Keys
    """The distinct pieces of at most eight bytes, as numbers; `decoded` spells them."""
    long: pl.Series
    """The other distinct pieces."""

    def distinct(self) -> pl.Series:
        """The distinct pieces in the order of their numbers."""
        return pl.concat([decoded(self.short), self.long])


def split(texts: pl.Series) -> Pieces:
    """Split texts at blanks; a null is a text without pieces."""
    import pyarrow as pa

    array = texts.fill_null("").to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(data, dtype=np.uint8)[: bounds[-1]] if data else np.empty(0, dtype=np.uint8)
    is_blank = text == _BLANK
    begins = is_blank.copy()
    begins[: bounds[0]] = False
    begins[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
    # All characters are in a piece, the blank before it included, so that pieces need no copy.
    edges = np.append(np.flatnonzero(begins), bounds[-1])
    starts = edges[:-1] + is_blank[edges[:-1]]
    lengths = edges[1:] - starts
    is_long = lengths > _KEY
    if not text.all():
        # A short piece ends where its zeros begin, of which a text has none but in damaged data.
        is_long[:] = True
    rows = np.flatnonzero(is_long)
    coded = pa.array(_keys(text, starts, lengths, rows)).dictionary_encode()
    codes, short = coded.indices.to_numpy().copy(), coded.dictionary.to_numpy()
    # No piece is longer than the text, so offsets may be of 64 bits without a thought.
    pieces = pa.LargeStringArray.from_buffers(rows.size and edges.size - 1, pa.py_buffer(edges), pa.py_buffer(text))
    others = pieces.take(pa.array(rows)).dictionary_encode()
    codes[rows] = others.indices.to_numpy() + short.size
    long = pl.Series("piece", others.dictionary, pl.String).str.strip_prefix(" ")
    return Pieces(np.searchsorted(edges[:-1], bounds), codes, short, long)


def _keys(text: npt.NDArray[np.uint8], starts: Integers, lengths: Integers, others: Integers) -> Keys:
    """The bytes of each piece as one number of 64 bits, its last byte the highest; 0 for the other ones.

    Numbers are told apart sooner than strings.
    """
    padded = np.append(text, np.zeros(_KEY, dtype=np.uint8))
    keys: Keys = np.ndarray(shape=(text.size + 1,), dtype="<u8", buffer=padded, strides=(1,))[starts]
    # What follows the piece is shifted out; where there is no piece, all is.
    beyond = np.minimum(lengths, _KEY)
    beyond *= -8
    beyond += 64
    keys[others] = 0
    keys[beyond == 64] = 0
    keys <<= beyond.view(np.uint64)
    return keys


def decoded(keys: Keys) -> pl.Series:
    """The short pieces that these numbers stand for."""
    import pyarrow as pa

    spelled = keys.astype("<u8").view(np.uint8).reshape(-1, _KEY)
    is_letter = spelled != 0
    ends = reached(is_letter.sum(axis=1))
    strings = pa.LargeStringArray.from_buffers(keys.size, pa.py_buffer(ends), pa.py_buffer(spelled[is_letter]))
    return pl.Series("piece", strings, pl.String)


def any_hanging(pieces: pl.Series) -> bool:
    """Whether a piece begins with a combining letter, which joins all blanks before it, not only the last of them."""
    return bool(pieces.str.extract(_HANGING).str.contains(IN_WORDS).any())


def words_of(pieces: pl.Series) -> tuple[Integers, pl.Series, Integers]:
    """How many words are in each piece; all words; and the place of each, one piece after the other."""
    piece, word = pl.col("piece"), pl.col("word")
    numbered = pieces.to_frame().with_row_index("row")
    is_simple = pieces.str.contains(_SIMPLE)
    simple = numbered.filter(is_simple).select("row", word=piece.str.strip_chars(_MARKS).str.to_lowercase())
    rest = numbered.filter(~is_simple).select("row", word=piece.str.extract_all(SEGMENT)).explode("word")
    found = rest.filter(word.str.contains(IN_WORDS)).with_columns(word.str.to_lowercase())
    rows = np.append(simple["row"].to_numpy(), found["row"].to_numpy())
    n = np.bincount(rows, minlength=pieces.len())
    # Those of the rest stand in the order of their pieces, so that each goes as far from the first as it stands.
    later = found["row"].to_numpy()
    first_of_piece = np.flatnonzero(np.append(True, later[1:] != later[:-1])) if later.size else later
    within = np.arange(later.size) - np.repeat(first_of_piece, np.diff(first_of_piece, append=later.size))
    place = reached(n)[rows] + np.append(np.zeros(simple.height, dtype=np.int64), within)
    return n, pl.concat([simple["word"], found["word"]]), place


def reached(n: npt.NDArray[Any]) -> Integers:
    """The sum of all numbers before each, from 0, and of all."""
    sums = np.zeros(n.size + 1, dtype=np.int64)
    np.cumsum(n, out=sums[1:])
    return sums
