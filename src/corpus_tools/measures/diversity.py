"""How varied the words of a text are, by five measures that depend on its length in different degrees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.frames import Frame, needs, refuse_clashes

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def diversity(
    words: Frame,
    *,
    of: str = "word",
    by: str = "text_id",
    window: int = 50,
    threshold: float = 0.72,
    draw: int = 42,
) -> pl.LazyFrame:
    """Lexical diversity of each group, by five measures.

    Args:
        words: One row per running word, in text order; needs the `of` and `by` columns.
        of: What counts as one word: `word`, `form`, `lemma`. Rows where it is null are left out.
        by: Grouping column. The words of a group need not stand together; its text is their sequence.
        window: Length of the windows of `mattr`, in words, from 1.
        threshold: Type-token ratio at which a factor of `mtld` is full, above 0 and below 1.
        draw: Size of the samples of `hdd`, in words, from 1.

    Returns:
        One row per group, sorted by `by` (null is a group, and the last): `by`, `n_words`, `n_types` (distinct words),
        both UInt32, and as Float64:

        - `ttr`: `n_types` over `n_words`; above 0, at most 1. Falls as texts lengthen.
        - `mattr`: mean type-token ratio of all windows of `window` successive words; from 1 / `window` to 1; null for
          a group shorter than the window.
        - `mtld`: mean length in words of the stretches that take the type-token ratio from 1 down to `threshold`, the
          rest at the end counting as the part of the way it has gone; mean of a forward and a backward reading; from 2.
          Null where no word comes twice, which makes not even a part of a factor.
        - `hdd`: expected type-token ratio of `draw` words drawn without replacement; from 1 / `draw` to 1; null for a
          group with fewer words than that.
        - `yules_k`: 10^4 (sum of squared frequencies of the types - N) / N^2, where N is `n_words`; from 0 (no word
          comes twice) to below 10^4; the higher, the more repetition.

    Raises:
        MissingColumnError: If `of` or `by` is absent.
        ArgumentError: If `window` or `draw` is below 1, `threshold` is not between 0 and 1, or `by` has the name of
            another column of the result.

    Source:
        Covington and McFall (2010), Journal of Quantitative Linguistics 17(2), 94-100, for MATTR; McCarthy and Jarvis
        (2010), Behavior Research Methods 42(2), 381-392, for MTLD; McCarthy and Jarvis (2007), Language Testing 24(4),
        459-488, for HD-D; Yule (1944), The Statistical Study of Literary Vocabulary, for K.
    """
    for name, value in (("window", window), ("draw", draw)):
        if value < 1:
            raise ArgumentError(f"diversity: {name} is {value}; it takes a whole number of words from 1")
    if not 0 < threshold < 1:
        raise ArgumentError(f"diversity: threshold is {threshold}; it takes a ratio above 0 and below 1")
    counts, measures = ("n_words", "n_types"), ("ttr", "mattr", "mtld", "hdd", "yules_k")
    refuse_clashes((by,), (*counts, *measures), where="diversity")
    rows = needs(words, (of, by), where="diversity").select(by, of).filter(pl.col(of).is_not_null())
    columns: dict[str, Any] = {
        by: rows.collect_schema()[by],
        **dict.fromkeys(counts, pl.UInt32),
        **dict.fromkeys(measures, pl.Float64),
    }
    # A factor is read from left to right, which no expression can do; nothing may be pushed below this step.
    return rows.map_batches(
        partial(_measured, of=of, by=by, window=window, threshold=threshold, draw=draw),
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        schema=columns,
    )


def _measured(frame: pl.DataFrame, *, of: str, by: str, window: int, threshold: float, draw: int) -> pl.DataFrame:
    groups, sequences = _sequences(frame, of=of, by=by)
    measures = {
        "ttr": sequences.n_types / sequences.n_words,
        "mattr": _mattr(sequences, window),
        "mtld": _mtld(sequences, threshold),
        "hdd": _hdd(sequences, draw),
        "yules_k": _yules_k(sequences),
    }
    return groups.with_columns(
        pl.Series("n_words", sequences.n_words, pl.UInt32),
        pl.Series("n_types", sequences.n_types, pl.UInt32),
        *(pl.Series(name, values, pl.Float64, nan_to_null=True) for name, values in measures.items()),
    )


@dataclass(frozen=True, slots=True)
class _Sequences:
    """The words of all groups, group after group, as numbers: where each word stood before, and how often it comes."""

    starts: Integers
    """Per group: the place of its first word."""
    n_words: Integers
    n_types: Integers
    previous: Integers
    """Per word: the place where the same word stood last in its group, -1 where it is new."""
    following: Integers
    """Per word: the place where the same word stands next in its group, the number of all words where it does not."""
    type_group: Integers
    """Per type of a group: the number of the group."""
    type_n: Integers
    """Per type of a group: how often it occurs there."""


def _sequences(frame: pl.DataFrame, *, of: str, by: str) -> tuple[pl.DataFrame, _Sequences]:
    rows = frame.sort(by, nulls_last=True, maintain_order=True).with_row_index("_place")
    groups = rows.group_by(by, maintain_order=True).agg(_n=pl.len())
    n_words = groups["_n"].to_numpy().astype(np.int64)
    # Sorted by word, the occurrences of a type stand next to each other, in text order.
    by_type = rows.sort(by, of, nulls_last=True, maintain_order=True)
    again = by_type.select(pl.col(by).eq_missing(pl.col(by).shift()) & pl.col(of).eq_missing(pl.col(of).shift()))
    is_again = again.to_series().to_numpy()
    place = by_type["_place"].to_numpy().astype(np.int64)
    repeats, firsts = np.flatnonzero(is_again), np.flatnonzero(~is_again)
    previous, following = np.full(len(place), -1), np.full(len(place), len(place))
    previous[place[repeats]] = place[repeats - 1]
    following[place[repeats - 1]] = place[repeats]
    type_group = np.repeat(np.arange(len(groups)), n_words)[place[firsts]]
    return groups.select(by), _Sequences(
        starts=np.cumsum(n_words) - n_words,
        n_words=n_words,
        n_types=np.bincount(type_group, minlength=len(groups)),
        previous=previous,
        following=following,
        type_group=type_group,
        type_n=np.diff(firsts, append=len(place)),
    )


def _mattr(sequences: _Sequences, window: int) -> Floats:
    """A word is a type in every window that holds it and not its previous occurrence, so windows need not be walked."""
    starts, n_words = sequences.starts, sequences.n_words
    if not len(starts):
        return np.empty(0)
    place = np.arange(len(sequences.previous))
    first_window = np.maximum(place - window, sequences.previous) + 1
    np.maximum(first_window, np.repeat(starts, n_words), out=first_window)
    last_window = np.minimum(place, np.repeat(starts + n_words - window, n_words))
    types = np.add.reduceat(np.maximum(last_window - first_window + 1, 0), starts)
    n_windows = n_words - window + 1
    return np.where(n_windows > 0, types / (window * np.maximum(n_windows, 1)), np.nan)


def _mtld(sequences: _Sequences, threshold: float) -> Floats:
    starts, n_words, n = sequences.starts, sequences.n_words, len(sequences.previous)
    later, earlier = np.flatnonzero(sequences.previous >= 0), np.flatnonzero(sequences.following < n)
    forward = _factors(sequences.previous[later], later, starts, n_words, threshold)
    # The same from the end: places count down, and the next occurrence is the one before.
    before, place = n - 1 - sequences.following[earlier][::-1], n - 1 - earlier[::-1]
    backward = _factors(before, place, (n - starts - n_words)[::-1], n_words[::-1], threshold)[::-1]
    defined = sequences.n_types < n_words
    values = np.full(len(starts), np.nan)
    values[defined] = n_words[defined] * (1 / forward[defined] + 1 / backward[defined]) / 2
    return values


def _factors(earlier: Integers, later: Integers, starts: Integers, n_words: Integers, threshold: float) -> Floats:
    """The factors of each group, the rest at its end in proportion, from the pairs of a word's neighbouring places."""
    bounds = [*np.searchsorted(later, starts).tolist(), len(later)]
    values = np.empty(len(starts))
    for group, (start, n) in enumerate(zip(starts.tolist(), n_words.tolist(), strict=True)):
        here = slice(bounds[group], bounds[group + 1])
        values[group] = _factors_of_one(earlier[here].tolist(), later[here].tolist(), start, start + n, threshold)
    return values


def _factors_of_one(earlier: list[int], later: list[int], start: int, end: int, threshold: float) -> float:
    full = repeats = 0
    # The ratio falls at repeats only, so the other words need no look.
    for before, place in zip(earlier, later, strict=True):
        if before >= start:
            repeats += 1
            length = place + 1 - start
            if (length - repeats) / length <= threshold:
                full, start, repeats = full + 1, place + 1, 0
    ratio = (end - start - repeats) / (end - start) if end > start else 1.0
    return full + (1 - ratio) / (1 - threshold)


def _hdd(sequences: _Sequences, draw: int) -> Floats:
    n_words = sequences.n_words[sequences.type_group]
    long_enough = n_words >= draw
    pairs, which = np.unique(n_words[long_enough] << 32 | sequences.type_n[long_enough], return_inverse=True)
    chance = _chance_of_a_type(pairs >> 32, pairs & 0xFFFFFFFF, draw)[which]
    sums = np.bincount(sequences.type_group[long_enough], weights=chance, minlength=len(sequences.starts))
    return np.where(sequences.n_words >= draw, np.minimum(sums / draw, 1), np.nan)


def _chance_of_a_type(n_words: Integers, n: Integers, draw: int) -> Floats:
    """The hypergeometric probability that a sample holds a type with `n` occurrences among `n_words`.

    It is built up draw by draw, seen so far or seen now, where one minus the chance of absence would lose the digits of
    a rare type in a large corpus.
    """
    seen = np.zeros(len(n_words))
    for drawn in range(draw):
        seen += (1 - seen) * np.minimum(n / (n_words - drawn), 1)
    return seen


def _yules_k(sequences: _Sequences) -> Floats:
    n_words = sequences.n_words
    repeated = np.bincount(
        sequences.type_group, weights=sequences.type_n * (sequences.type_n - 1.0), minlength=len(n_words)
    )
    return 1e4 * repeated / n_words.astype(np.float64) ** 2
