"""How varied the words of a text are, by five measures that depend on its length in different degrees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.encoded import Encoded, encoded, in_order
from corpus_tools.errors import ArgumentError
from corpus_tools.frames import needs, refuse_clashes
from corpus_tools.interning import Integers
from corpus_tools.loops import compiled
from corpus_tools.measures.running import Words, rows_or_texts
from corpus_tools.measures.sequences import Places, Sequences, sequences, sequences_of_rows
from corpus_tools.vocabulary import Ids, Vocabulary

Floats = npt.NDArray[np.float64]


_AT_ONCE = 1 << 22
"""Words of groups of texts that are measured at once."""
_FEW = 32
"""So few groups are read one by one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the measures depend on besides the words."""

    window: int = 50
    threshold: float = 0.72
    draw: int = 42


DEFAULT = Settings()


def diversity(
    words: Words,
    *,
    of: str = "word",
    by: str = "text_id",
    window: int = 50,
    threshold: float = 0.72,
    draw: int = 42,
) -> pl.LazyFrame:
    """Lexical diversity of each group, by five measures.

    Args:
        words: One row per running word, in text order; needs the `of` and `by` columns. Or one row per text, with
            `text` and `by`, or a corpus: then the texts are measured at once, without their words being written down.
        of: What counts as one word: `word`, `form`, `lemma`; of texts `word` only. Rows where it is null are left out.
        by: Grouping column. The words of a group need not stand together; its text is their sequence. Of texts by
            `text_id` each row is a group, as ids are there once.
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
        ArgumentError: If `window` or `draw` is below 1, `threshold` is not between 0 and 1, `by` has the name of
            another column of the result, or texts are given and `of` is not `word`.

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
    settings = Settings(window, threshold, draw)
    words, are_texts = rows_or_texts(words, of=of, where="diversity")
    if are_texts:
        return _measured_texts(needs(words, (by,), where="diversity: texts"), by=by, settings=settings).lazy()
    rows = needs(words, (of, by), where="diversity").select(by, of).filter(pl.col(of).is_not_null())
    columns: dict[str, Any] = {
        by: rows.collect_schema()[by],
        **dict.fromkeys(counts, pl.UInt32),
        **dict.fromkeys(measures, pl.Float64),
    }
    # A factor is read from left to right, which no expression can do; nothing may be pushed below this step.
    return rows.map_batches(
        partial(_measured_rows, of=of, by=by, settings=settings),
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
        schema=columns,
    )


def _measured_rows(frame: pl.DataFrame, *, of: str, by: str, settings: Settings) -> pl.DataFrame:
    groups, words = sequences_of_rows(frame, of=of, by=by)
    return _measured(groups, words, settings)


def _measured(groups: pl.DataFrame, sequences: Sequences, settings: Settings) -> pl.DataFrame:
    """The columns of `groups`, whose words these are, and the measures."""
    return groups.hstack(measured_sequences(sequences, settings))


def measured_sequences(sequences: Sequences, settings: Settings = DEFAULT) -> pl.DataFrame:
    """The columns of `diversity` but the first, one row per group."""
    measures = {
        "ttr": sequences.n_types / sequences.n_words,
        "mattr": _mattr(sequences, settings.window),
        "mtld": _mtld(sequences, settings.threshold),
        "hdd": _hdd(sequences, settings.draw),
        "yules_k": _yules_k(sequences),
    }
    counts = [pl.Series(name, getattr(sequences, name), pl.UInt32) for name in ("n_words", "n_types")]
    return pl.DataFrame(
        [*counts, *(pl.Series(name, values, pl.Float64, nan_to_null=True) for name, values in measures.items())]
    )


def _measured_batch(batch: Encoded, *, by: str, settings: Settings) -> pl.DataFrame:
    """The rows of each text of a batch that has words, in their order."""
    n_words, ids = batch.running()
    has_words = n_words > 0
    groups = batch.texts.select(by).filter(pl.Series(has_words))
    return _measured(groups, sequences(ids, n_words[has_words], batch.loops), settings)


def _measured_texts(texts: pl.LazyFrame, *, by: str, settings: Settings) -> pl.DataFrame:
    """The measures of texts, or of groups of texts, whose words are read one text after the other."""
    if by == "text_id":
        work = partial(_measured_batch, by=by, settings=settings)
        return pl.concat(encoded(texts, work, Vocabulary(), keep=[by])).sort(by, nulls_last=True)
    parts = list(encoded(texts, lambda batch: (batch.texts, *batch.running()), Vocabulary(), keep=[by]))
    keys = pl.concat(frame for frame, _, _ in parts).with_columns(
        _n=pl.Series(np.concatenate([n_words for _, n_words, _ in parts]))
    )
    ids = np.concatenate([ids for _, _, ids in parts])
    del parts
    ordered = keys.with_columns(_start=pl.col("_n").cum_sum() - pl.col("_n")).sort(
        by, nulls_last=True, maintain_order=True
    )
    groups = ordered.group_by(by, maintain_order=True).agg(pl.col("_n", "_start")).filter(pl.col("_n").list.sum() > 0)
    return pl.concat(in_order(partial(_measured_groups, ids=ids, by=by, settings=settings), _portions(groups)))


def _portions(groups: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The groups, some at a time, so many that they have some million words; one portion at least, if an empty one."""
    portion = groups["_n"].list.sum().cum_sum() // _AT_ONCE
    yield groups.clear()
    yield from groups.with_columns(_portion=portion).partition_by("_portion", maintain_order=True, include_key=False)


def _measured_groups(groups: pl.DataFrame, *, ids: Ids, by: str, settings: Settings) -> pl.DataFrame:
    texts = groups.explode("_n", "_start")
    n_words = texts["_n"].to_numpy()
    place = np.repeat(texts["_start"].to_numpy() - (np.cumsum(n_words) - n_words), n_words)
    place += np.arange(place.size)
    n_of_group = groups["_n"].list.sum().to_numpy()
    return _measured(groups.select(by), sequences(ids[place], n_of_group, compiled(ids.nbytes)), settings)


def _mattr(sequences: Sequences, window: int) -> Floats:
    """A word is a type in every window that holds it and not its previous occurrence, so windows need not be walked."""
    values = np.full(sequences.starts.size, np.nan)
    long_enough = sequences.n_words >= window
    if not long_enough.any():
        return values
    if sequences.loops is not None:
        types = np.empty(values.size, dtype=np.int64)
        words = sequences.previous, sequences.starts, sequences.n_words
        sequences.loops.types_in_windows(*words, values.size, window, types)
        n_windows = sequences.n_words[long_enough] - window + 1
        values[long_enough] = types[long_enough] / (window * n_windows)
        return values
    starts, n_words = sequences.starts[long_enough], sequences.n_words[long_enough]
    place = np.flatnonzero(np.repeat(long_enough, sequences.n_words)).astype(sequences.previous.dtype)
    first_window = np.maximum(place - window, sequences.previous[place]) + 1
    np.maximum(first_window, np.repeat(starts, n_words), out=first_window, casting="same_kind")
    last_window = np.minimum(place, np.repeat(starts + n_words - window, n_words))
    n_in_windows = np.maximum(last_window - first_window + 1, 0)
    types = np.add.reduceat(n_in_windows, np.cumsum(n_words) - n_words, dtype=np.int64)
    values[long_enough] = types / (window * (n_words - window + 1))
    return values


def _mtld(sequences: Sequences, threshold: float) -> Floats:
    starts, n_words, n = sequences.starts, sequences.n_words, len(sequences.previous)
    if sequences.loops is not None:
        forward, backward = np.empty(starts.size), np.empty(starts.size)
        words = sequences.previous, sequences.following, starts, n_words
        sequences.loops.factors(*words, starts.size, np.array([threshold]), forward, backward)
    else:
        later, earlier = np.flatnonzero(sequences.previous >= 0), np.flatnonzero(sequences.following < n)
        forward = _factors(sequences.previous[later], later, starts, n_words, threshold)
        # The same from the end: places count down, and the next occurrence is the one before.
        before, place = n - 1 - sequences.following[earlier][::-1], n - 1 - earlier[::-1]
        backward = _factors(before, place, (n - starts - n_words)[::-1], n_words[::-1], threshold)[::-1]
    defined = sequences.n_types < n_words
    values = np.full(len(starts), np.nan)
    values[defined] = n_words[defined] * (1 / forward[defined] + 1 / backward[defined]) / 2
    return values


def _factors(earlier: Places, later: Places, starts: Integers, n_words: Integers, threshold: float) -> Floats:
    """The factors of each group, the rest at its end in proportion, from the pairs of a word's neighbouring places.

    The ratio falls at repeats only, so the other words need no look. The first repeats of all groups are read at once,
    then the second ones, and so on; when few groups are left that have so many, each is read to its end by itself.
    """
    bounds = np.searchsorted(later, starts)
    n_pairs = np.diff(bounds, append=later.size)
    # Those with most repeats first, so that the groups that have another one are always the first few.
    order = np.argsort(-n_pairs, kind="stable")
    at, start, last = bounds[order], starts[order].copy(), np.sort(n_pairs)
    full, repeats = np.zeros(order.size, dtype=np.int64), np.zeros(order.size, dtype=np.int64)
    step = 0
    while (n_left := order.size - int(np.searchsorted(last, step, side="right"))) > _FEW:
        pair = at[:n_left] + step
        place, begun = later[pair] + 1, start[:n_left]
        repeats[:n_left] += earlier[pair] >= begun
        length = place - begun
        # A repeat from before the stretch leaves the ratio above, as it was: the stretch has grown.
        is_full = (length - repeats[:n_left]) / length <= threshold
        full[:n_left] += is_full
        begun[is_full] = place[is_full]
        repeats[:n_left][is_full] = 0
        step += 1
    for row in range(n_left):
        pairs = slice(int(at[row]) + step, int(at[row]) + int(n_pairs[order[row]]))
        state = int(full[row]), int(start[row]), int(repeats[row])
        full[row], start[row], repeats[row] = _read_on(earlier[pairs], later[pairs], *state, threshold)
    length = (starts + n_words)[order] - start
    ratio = np.where(length > 0, (length - repeats) / np.maximum(length, 1), 1.0)
    values = np.empty(order.size)
    values[order] = full + (1 - ratio) / (1 - threshold)
    return values


def _read_on(
    earlier: Places, later: Places, full: int, start: int, repeats: int, threshold: float
) -> tuple[int, int, int]:
    """The full factors of one group, the place where the stretch after them begins, and the repeats in it."""
    for before, place in zip(earlier.tolist(), later.tolist(), strict=True):
        if before >= start:
            repeats += 1
            length = place + 1 - start
            if (length - repeats) / length <= threshold:
                full, start, repeats = full + 1, place + 1, 0
    return full, start, repeats


def _hdd(sequences: Sequences, draw: int) -> Floats:
    n_groups = sequences.starts.size
    once = np.bincount(sequences.type_group[sequences.type_n == 1], minlength=n_groups)
    group, n, n_types = _spectrum(sequences)
    groups, frequencies = np.append(np.arange(n_groups), group), np.append(np.ones(n_groups, dtype=np.int64), n)
    n_words = sequences.n_words[groups]
    long_enough = n_words >= draw
    pairs, which = np.unique(n_words[long_enough] << 32 | frequencies[long_enough], return_inverse=True)
    chance = _chance_of_a_type(pairs >> 32, pairs & 0xFFFFFFFF, draw)[which]
    weights = chance * np.append(once, n_types)[long_enough]
    sums = np.bincount(groups[long_enough], weights=weights, minlength=n_groups)
    return np.where(sequences.n_words >= draw, np.minimum(sums / draw, 1), np.nan)


def _spectrum(sequences: Sequences) -> tuple[Integers, Integers, Integers]:
    """The frequencies above 1 of each group's types, ascending, and how many types have them: group, n, n_types."""
    several = sequences.type_n > 1
    ordered = np.sort(sequences.type_group[several].astype(np.int64) << 32 | sequences.type_n[several])
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[firsts] >> 32, ordered[firsts] & 0xFFFFFFFF, np.diff(firsts, append=ordered.size)


def _chance_of_a_type(n_words: Integers, n: Integers, draw: int) -> Floats:
    """The hypergeometric probability that a sample holds a type with `n` occurrences among `n_words`.

    It is built up draw by draw, seen so far or seen now, where one minus the chance of absence would lose the digits of
    a rare type in a large corpus.
    """
    seen = np.zeros(len(n_words))
    for drawn in range(draw):
        seen += (1 - seen) * np.minimum(n / (n_words - drawn), 1)
    return seen


def _yules_k(sequences: Sequences) -> Floats:
    n_words = sequences.n_words
    repeated = np.bincount(
        sequences.type_group, weights=sequences.type_n * (sequences.type_n - 1.0), minlength=len(n_words)
    )
    return 1e4 * repeated / n_words.astype(np.float64) ** 2
