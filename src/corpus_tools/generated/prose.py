"""Texts made of generated words: punctuation, capitals, paragraphs, and tokens that hardly ever come again.

A text is put together from pieces, a piece being a word with the blank before it, or a mark. Which pieces follow each
other is worked out for ten thousand texts at once, as numbers; Arrow then copies the pieces one after the other, and
the texts are that one run of bytes, cut where they end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from corpus_tools.generated.words import Bools, Integers, as_strings, follower, is_name, law, spelled, spelled_bytes

HEAD = 65_536
"""Ranks whose pieces are made once; those of rarer words are made where they come."""
# What follows a word, how many of a thousand words it follows, whether a sentence ends, and whether the line does.
_AFTER = (
    (",", 38, False, False),
    (".", 40, True, False),
    (".\n\n", 6, True, True),
    ("?", 4, True, False),
    ("!", 2, True, False),
    ("...", 3, False, False),
    ("…", 1, False, False),
    (":", 2, False, False),
    (";", 1, False, False),
    (" -", 2, False, False),
    (" —", 1, False, False),
    ("'s", 2, False, False),
    ("’s", 1, False, False),
    ("\n", 2, False, True),
    ("!!!", 1, True, False),
    ("?!", 1, True, False),
)
_PAIRS = ((" (", ")", 3), (' "', '"', 2), (" “", "”", 1), (" ‘", "’", 1))
_EMOJI = ("😂", "👍", "🙄", "❤️", "😀", "🤔", "👏🏽", "🇫🇷", "👨‍👩‍👧", "☺", "😡", ":-)", ";)", "XD", "&", "1", "2", "3")
_FINAL = (2, 2, 2, 2, 2, 4, 5, 0, 0, 6)
_MARKS = ["", *(mark for mark, *_ in _AFTER), *(mark for opener, closer, _ in _PAIRS for mark in (opener, closer))]
_FIRST_PAIR = 1 + len(_AFTER)
_ENDS = np.array([False, *(ends for _, _, ends, _ in _AFTER), *(False for _ in _PAIRS for _ in range(2))])
_BREAKS = np.array([False, *(breaks for *_, breaks in _AFTER), *(False for _ in _PAIRS for _ in range(2))])
# Of 65,536 tokens: those that are no word of the vocabulary, and words that draw the one after them.
_ADDRESS, _NUMBER, _SIGN, _SLIP, _SHOUT, _DRAWN = np.cumsum([100, 300, 260, 280, 40, 19_000]).tolist()


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces that are made once: marks, signs, and the words of the head in four forms."""

    strings: Any
    first_sign: int
    first_word: int

    def word(self, ranks: Integers, spaced: Bools, capital: Bools) -> Integers:
        """The number of the piece of each rank of the head."""
        return self.first_word + (2 * spaced + capital) * HEAD + ranks - 1


def pieces() -> Pieces:
    """Make the pieces that every text is made of."""
    ranks = np.arange(1, HEAD + 1)
    forms = [
        as_strings(spelled_bytes(ranks, spaced=np.full(HEAD, spaced), capital=np.full(HEAD, capital)))
        for spaced in (False, True)
        for capital in (False, True)
    ]
    signs = pa.array([*_EMOJI, *(f" {sign}" for sign in _EMOJI)])
    strings = pa.concat_arrays([pa.array(_MARKS), signs, *forms])
    return Pieces(strings, first_sign=len(_MARKS), first_word=len(_MARKS) + len(signs))


def written(rng: np.random.Generator, n_words: Integers, made: Pieces) -> pl.Series:
    """Texts of so many words each.

    Args:
        rng: Where chance comes from.
        n_words: Length of each text in words separated by white space, from 1.
        made: What `pieces` gives.

    Returns:
        The texts (String, null never).
    """
    n, last = int(n_words.sum()), np.cumsum(n_words) - 1
    starts = np.zeros(n, dtype=np.bool_)
    starts[last - n_words + 1] = True
    kind = rng.integers(0, 65_536, n, dtype=np.uint16)
    ranks = _ranks(rng, kind, starts)
    before, after = _marks(rng, starts, last)
    new_line = _BREAKS[after]
    spaced, capital = ~starts, is_name(ranks)
    spaced[1:] &= ~new_line[:-1]
    spaced &= before == 0
    capital[1:] |= _ENDS[after[:-1]]
    capital |= starts
    numbers, strings = _numbered(rng, kind, ranks, spaced, capital, made)
    return _joined(strings, numbers, before, after, last)


def _ranks(rng: np.random.Generator, kind: Any, starts: Bools) -> Integers:
    chance = rng.random(len(kind))
    ranks = law(chance)
    drawn = (kind >= _SHOUT) & (kind < _DRAWN) & ~starts
    # A word that was drawn draws none, so that all can be drawn at once.
    drawn[1:] &= ~drawn[:-1]
    place = np.flatnonzero(drawn)
    ranks[place] = follower(ranks[place - 1], chance[place])
    return ranks


def _marks(rng: np.random.Generator, starts: Bools, last: Integers) -> tuple[Any, Any]:
    """The numbers of the marks before and after each word, 0 for none."""
    n = len(starts)
    lots = np.zeros(1000, dtype=np.uint8)
    many = np.repeat(np.arange(1, _FIRST_PAIR), [per_1000 for _, per_1000, *_ in _AFTER])
    lots[: len(many)] = many
    pairs = np.zeros(1000, dtype=np.uint8)
    opening = np.repeat(_FIRST_PAIR + 2 * np.arange(len(_PAIRS)), [per_1000 for *_, per_1000 in _PAIRS])
    pairs[: len(opening)] = opening
    after = lots[rng.integers(0, 1000, n, dtype=np.uint16)]
    before = pairs[rng.integers(0, 1000, n, dtype=np.uint16)]
    before[starts] = 0
    before[1:][_BREAKS[after[:-1]]] = 0
    after[last] = np.array(_FINAL, dtype=np.uint8)[rng.integers(0, len(_FINAL), len(last))]
    opened = np.flatnonzero(before)
    # What is opened is closed up to three words later, and at the latest where the text ends.
    text = np.cumsum(starts) - 1
    closed = np.minimum(opened + rng.integers(0, 4, len(opened)), last[text[opened]])
    after[closed] = before[opened] + 1
    return before, after


def _numbered(
    rng: np.random.Generator, kind: Any, ranks: Integers, spaced: Bools, capital: Bools, made: Pieces
) -> tuple[Integers, Any]:
    """The number of each word's piece, and the pieces: those that are made once, and those that these texts need."""
    rare = np.flatnonzero((ranks > HEAD) & (kind >= _SLIP) | (kind >= _SIGN) & (kind < _SHOUT))
    signs = np.flatnonzero((kind >= _NUMBER) & (kind < _SIGN))
    figures, addresses = np.flatnonzero((kind >= _ADDRESS) & (kind < _NUMBER)), np.flatnonzero(kind < _ADDRESS)
    numbers = made.word(np.minimum(ranks, HEAD), spaced, capital)
    numbers[signs] = made.first_sign + spaced[signs] * len(_EMOJI) + rng.integers(0, len(_EMOJI), len(signs))
    words = spelled_bytes(ranks[rare], spaced=spaced[rare], capital=capital[rare])
    _misspell(rng, words, kind[rare])
    new = [
        as_strings(words),
        _led(_figures(rng, len(figures)), spaced[figures]),
        _led(_addresses(rng, ranks[addresses]), spaced[addresses]),
    ]
    start = len(made.strings)
    for places in (rare, figures, addresses):
        numbers[places] = np.arange(start, start + len(places))
        start += len(places)
    return numbers, pa.concat_arrays([made.strings, *new])


def _misspell(rng: np.random.Generator, words: Any, kind: Any) -> None:
    """One letter put in the place of another in slips, all letters large where somebody shouts."""
    slips = np.flatnonzero(kind < _SLIP)
    # The onset of the first or second syllable, or the vowel of the first where it is not accented.
    column = rng.choice(np.array([1, 2, 9, 10]), len(slips))
    letters = rng.integers(ord("a"), ord("z") + 1, len(slips))
    plain = (words[slips, column] < 128) & (words[slips, column] != 0)
    words[slips[plain], column[plain]] = letters[plain]
    shouts = np.flatnonzero((kind >= _SLIP) & (kind < _SHOUT))
    loud = words[shouts]
    loud[(loud >= ord("a")) & (loud <= ord("z"))] -= ord("a") - ord("A")
    words[shouts] = loud


def _figures(rng: np.random.Generator, n: int) -> pl.Series:
    """Numbers whose logarithms are even: 7, 250, 250,000."""
    number = pl.Series("number", np.exp(rng.random(n) * np.log(2e6)).astype(np.int64))
    years = pl.Series("year", 2017 - (rng.exponential(12, n)).astype(np.int64))
    is_year = pl.Series("is_year", rng.random(n) < 0.25)
    value = pl.col("number")
    millions, thousands = value // 1_000_000, value // 1000
    rest, middle = (value % 1000).cast(pl.String).str.zfill(3), (thousands % 1000).cast(pl.String).str.zfill(3)
    grouped = (
        pl.when(value >= 1_000_000)
        .then(pl.concat_str(millions.cast(pl.String), pl.lit(","), middle, pl.lit(","), rest))
        .when(value >= 1000)
        .then(pl.concat_str(thousands.cast(pl.String), pl.lit(","), rest))
        .otherwise(value.cast(pl.String))
    )
    shown = pl.when("is_year").then(pl.col("year").cast(pl.String)).otherwise(grouped)
    return pl.DataFrame([number, years, is_year]).select(shown.alias("text")).to_series()


def _addresses(rng: np.random.Generator, ranks: Integers) -> pl.Series:
    """Addresses at hosts of which some are frequent; hardly any comes twice."""
    n = len(ranks)
    parts = pl.DataFrame(
        {
            "host": spelled(law(rng.random(n)) + 120),
            "page": spelled(ranks + 120),
            "number": rng.integers(1, 10**8, n),
        },
        schema={"host": pl.String, "page": pl.String, "number": pl.Int64},
    )
    host = pl.col("host").str.replace_all(r"[^a-z]", "")
    shown = pl.format("https://www.{}.example/{}/{}", host, "page", "number")
    return parts.select(shown.alias("text")).to_series()


def _led(words: pl.Series, spaced: Bools) -> Any:
    blank = pl.Series("blank", spaced).replace_strict({True: " ", False: ""}, return_dtype=pl.String)
    return (blank + words).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string())


def _joined(strings: Any, words: Integers, before: Any, after: Any, last: Integers) -> pl.Series:
    has_before, has_after = before != 0, after != 0
    end = np.cumsum(1 + has_before.astype(np.int32) + has_after)
    at = end - 1 - has_after
    order = np.empty(int(end[-1]), dtype=np.int32)
    order[at] = words
    order[at[has_before] - 1] = before[has_before]
    order[end[has_after] - 1] = after[has_after]
    run = strings.take(pa.array(order))
    offsets = np.frombuffer(run.buffers()[1], dtype=np.int32)
    cuts = np.zeros(len(last) + 1, dtype=np.int32)
    cuts[1:] = offsets[end[last]]
    texts = pa.StringArray.from_buffers(len(last), pa.py_buffer(cuts), run.buffers()[2])
    return pl.Series("text", texts)
