"""Words of many texts as numbers.

Texts are only split at blanks, and each distinct piece of a batch is tokenised once (`pieces`), by the rules of
`tokens`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.frames import Frame, column_names, needs, refuse_clashes
from corpus_tools.pieces import Integers, any_hanging, decoded, reached, split, words_of
from corpus_tools.tokens import tokenise, words

Ids = npt.NDArray[np.uint32]
T = TypeVar("T")
U = TypeVar("U")

ROWS = 20_000
"""Texts read at once."""
BYTES = 1 << 25
"""Characters encoded at once, in bytes: what a batch takes is some five times as much."""
ADDED = 2_000_000
"""Rows of partial counts that are held before they are added up."""


class Vocabulary:
    """The words met so far, each with a number: the number of one word is the same as long as the vocabulary lives.

    Several threads may use it at once, so which word has which number differs from run to run.
    """

    def __init__(self) -> None:
        self._type = pl.Categorical(pl.Categories.random())
        # polars forgets categories, and counts from 0 again, as soon as no column of their type is alive.
        self._kept = pl.Series([], dtype=self._type)
        self._lock = threading.Lock()
        self._seen = np.zeros(1 << 16, dtype=bool)
        self._new: list[tuple[Ids, pl.Series]] = []

    def ids(self, words: pl.Series) -> Ids:
        """The number of each word (UInt32, from 0), new ones included."""
        ids = words.cast(self._type).to_physical().to_numpy()
        with self._lock:
            if ids.size and (size := int(ids.max()) + 1) > self._seen.size:
                self._seen = np.append(self._seen, np.zeros(max(size, self._seen.size), dtype=bool))
            is_new = ~self._seen[ids]
            if is_new.any():
                self._seen[ids[is_new]] = True
                self._new.append((ids[is_new], words.filter(pl.Series(is_new))))
        return ids

    def words(self) -> pl.Series:
        """The words in the order of their numbers."""
        with self._lock:
            if not self._new:
                return pl.Series("word", [], pl.String)
            ids = np.concatenate([ids for ids, _ in self._new])
            known = pl.concat([words for _, words in self._new]).alias("word")
            frame = pl.DataFrame([pl.Series("id", ids), known]).unique("id", keep="any")
            self._new = [(frame["id"].to_numpy(), frame["word"])]
        numbers = pl.DataFrame({"id": np.arange(1 + self._new[0][0].max(), dtype=np.uint32)})
        return numbers.join(frame, on="id", how="left", maintain_order="left")["word"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Some texts, with their words as numbers."""

    texts: pl.DataFrame
    """The columns that were asked for, one row per text."""
    starts: Integers
    """Where the pieces of each text begin in `pieces`; one more for the end of the last."""
    pieces: npt.NDArray[np.int32]
    """The number of each piece, text after text."""
    first: Integers
    """Where the words of each distinct piece begin in `words`; one more for the end of the last."""
    words: Ids
    """The words of the distinct pieces, one piece after the other, as numbers of the vocabulary."""

    def running(self) -> tuple[Integers, Ids]:
        """How many running words each text has, and these, text after text, as numbers of the vocabulary."""
        n, ids = self._words_in(self.pieces)
        return np.diff(reached(n)[self.starts]), ids

    def counts(self, group: Integers) -> pl.DataFrame:
        """How often each word occurs in each group of texts.

        Args:
            group: The number of each text's group, from 0.

        Returns:
            In no order: `group` (Int64), `id` (UInt32) and `n` (Int64).
        """
        n_pieces = max(self.first.size - 1, 1)
        of_piece = np.repeat(group * n_pieces, np.diff(self.starts))
        which, n = tally(of_piece + self.pieces, (int(group.max(initial=0)) + 1) * n_pieces)
        per_piece, ids = self._words_in(which % n_pieces)
        rows = {"group": np.repeat(which // n_pieces, per_piece), "id": ids, "n": np.repeat(n, per_piece)}
        return pl.DataFrame(rows).group_by("group", "id").agg(pl.col("n").sum())

    def _words_in(self, pieces: npt.NDArray[np.signedinteger[Any]]) -> tuple[Integers, Ids]:
        """How many words are in each of these pieces, and the words, one piece after the other."""
        n = np.diff(self.first)
        per_piece = n[pieces]
        if n.max(initial=0) <= 1:
            return per_piece, self.words[self.first[pieces[per_piece > 0]]]
        place = np.repeat(self.first[pieces] - reached(per_piece)[:-1], per_piece)
        place += np.arange(place.size)
        return per_piece, self.words[place]


def tally(codes: npt.NDArray[np.signedinteger[Any]], n_codes: int) -> tuple[Integers, Integers]:
    """The distinct numbers from 0 below `n_codes`, ascending, and how often each occurs."""
    if n_codes <= 8 * codes.size:
        counted = np.bincount(codes, minlength=n_codes)
        which = np.flatnonzero(counted)
        return which, counted[which]
    ordered = pl.Series(codes).sort().to_numpy()
    firsts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[firsts], np.diff(firsts, append=ordered.size)


def encode(texts: pl.DataFrame, vocabulary: Vocabulary) -> Encoded:
    """Some texts, with their words as numbers of the vocabulary.

    Args:
        texts: One row per text; needs `text` (String). A null text has no words.
        vocabulary: Where the words are looked up, and entered where they are new.

    Returns:
        The words, and all columns of `texts` but `text`.
    """
    pieces = split(texts["text"])
    distinct = pieces.distinct()
    if any_hanging(distinct):
        # Very rare, and read by the rules themselves.
        return _encoded_plainly(texts, vocabulary)
    n, found, place = words_of(distinct)
    ids = np.empty(place.size, dtype=np.uint32)
    ids[place] = vocabulary.ids(found)
    return Encoded(texts.drop("text"), pieces.starts, pieces.codes, reached(n), ids)


def encoded(
    texts: Frame, work: Callable[[Encoded], U], vocabulary: Vocabulary, *, keep: Sequence[str] = ()
) -> Iterator[U]:
    """What comes of the texts of any frame, some at a time, in their order.

    Args:
        texts: One row per text; needs `text` and the columns of `keep`. They are read at once, in batches.
        work: What is done with a batch; several are under way at once. There is one batch at least, if an empty one.
        vocabulary: Where the words are looked up, and entered where they are new.
        keep: Columns that stay.

    Raises:
        MissingColumnError: If a column is absent.
    """
    chosen = needs(texts, ("text", *keep), where="encoded: texts").select(*keep, "text")
    yield from in_order(lambda batch: work(encode(batch, vocabulary)), batches(chosen))


def count_words(texts: Frame, *, by: str | Sequence[str] = ()) -> pl.LazyFrame:
    """How often each word occurs in each group of texts, without writing the tokens down.

    The same as counting the rows of `words(tokenise(texts))`.

    Args:
        texts: One row per text; needs `text` and the columns of `by`. They are read at once, in batches. A null text
            has no words.
        by: The column or columns of the groups; none for all texts together.

    Returns:
        One row per word and group, in no order: `by`..., `word` (in lower case) and `n` (running words, UInt32).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` names a column `word` or `n`.
    """
    keys = column_names(by)
    refuse_clashes(keys, ("word", "n"), where="count_words")
    chosen = needs(texts, ("text", *keys), where="count_words: texts").select(*keys, "text")
    short, long = Summed(), Summed()
    for few, others in in_order(partial(_counted_pieces, keys=keys), batches(chosen)):
        short.add(few)
        long.add(others)
    few, others = short.rows(), long.rows()
    columns = [*keys, "n", "piece"]
    rows = pl.concat([few.with_columns(decoded(few["piece"].to_numpy())).select(columns), others.select(columns)])
    if any_hanging(rows["piece"]):
        # Very rare: the texts are read again, and the batches with such a piece tokenised as they are.
        found = _counted_by_batch(chosen, keys)
    else:
        n, words_in_pieces, place = words_of(rows["piece"])
        row = np.repeat(np.arange(n.size), n)[place]
        found = pl.DataFrame([*(rows[name].gather(row) for name in (*keys, "n")), words_in_pieces])
    return found.lazy().group_by(*keys, "word").agg(pl.col("n").sum().cast(pl.UInt32))


class Summed:
    """Partial counts `n`, added up over rows that are alike in all other columns before they are too many."""

    def __init__(self) -> None:
        self._held: list[pl.DataFrame] = []
        self._n_rows, self._most = 0, ADDED

    def add(self, counted: pl.DataFrame) -> None:
        """Add the counts of a batch."""
        self._held.append(counted)
        self._n_rows += counted.height
        if self._n_rows > self._most:
            self._held = [self.rows()]
            self._n_rows = self._held[0].height
            self._most = self._n_rows + max(ADDED, self._n_rows)

    def rows(self) -> pl.DataFrame:
        """The sums so far, in no order."""
        rows = pl.concat(self._held)
        return rows.group_by(pl.exclude("n")).agg(pl.col("n").sum()).select(rows.columns)


def _counted_pieces(texts: pl.DataFrame, *, keys: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How often each piece occurs in each group: short ones, as numbers, and the others; `keys`..., `piece` and `n`."""
    pieces = split(texts["text"])
    n_short, n_pieces = pieces.short.size, pieces.short.size + pieces.long.len()
    codes: npt.NDArray[np.signedinteger[Any]] = pieces.codes
    groups, group = grouped(texts, keys)
    if keys:
        codes = np.repeat(group * n_pieces, np.diff(pieces.starts)) + codes
    which, n = tally(codes, max(groups.height, 1) * n_pieces)
    piece = which % max(n_pieces, 1)
    group_of, is_short = which // max(n_pieces, 1), piece < n_short
    rows = pl.DataFrame([*(groups[name].gather(group_of) for name in keys), pl.Series("n", n)])
    few = rows.filter(pl.Series(is_short)).with_columns(pl.Series("piece", pieces.short[piece[is_short]]))
    others = rows.filter(pl.Series(~is_short)).with_columns(pieces.long.gather(piece[~is_short] - n_short))
    return few, others


def grouped(texts: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Integers]:
    """The distinct values of `keys`, and for each text the row of its own; null equals null."""
    groups = texts.select(keys).unique(maintain_order=True)
    if not keys:
        return groups, np.zeros(texts.height, dtype=np.int64)
    numbered = groups.with_row_index("_group")
    row = texts.select(keys).join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left")["_group"]
    return groups, row.to_numpy().astype(np.int64)


def _counted_by_batch(texts: pl.LazyFrame, keys: Sequence[str]) -> pl.DataFrame:
    """How often each word occurs in each group: `keys`..., `word` and `n`."""
    vocabulary, sums = Vocabulary(), Summed()
    for counted in encoded(texts, partial(_by_group, keys=keys), vocabulary, keep=keys):
        sums.add(counted)
    rows = sums.rows()
    return rows.select(*keys, vocabulary.words().gather(rows["id"]), "n")


def _by_group(batch: Encoded, *, keys: Sequence[str]) -> pl.DataFrame:
    """How often each word occurs in each group of a batch: `keys`..., `id` and `n`."""
    groups, group = grouped(batch.texts, keys)
    counted = batch.counts(group)
    return pl.DataFrame([*(groups[name].gather(counted["group"]) for name in keys), counted["id"], counted["n"]])


def batches(texts: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of a frame with `text`, some at a time, none so many that their texts would be large."""
    yield pl.DataFrame(schema=texts.collect_schema())
    for frame in texts.collect_batches(chunk_size=ROWS):
        n_slices = -(-int(frame["text"].str.len_bytes().sum()) // BYTES)
        yield from frame.iter_slices(max(1, frame.height // max(n_slices, 1)))


def in_order(work: Callable[[T], U], items: Iterable[T]) -> Iterator[U]:
    """What comes of each item, in their order, done in as many threads as polars has, and little ahead of demand."""
    n_threads = pl.thread_pool_size()
    with ThreadPoolExecutor(n_threads) as pool:
        under_way: deque[Future[U]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) > n_threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _encoded_plainly(texts: pl.DataFrame, vocabulary: Vocabulary) -> Encoded:
    """The same, each word a piece of its own."""
    numbered = texts.select("text").with_row_index("text_id")
    rows = words(tokenise(numbered)).select("text_id", "word").collect()
    n_words = np.bincount(rows["text_id"].to_numpy(), minlength=texts.height)
    ids = vocabulary.ids(rows["word"])
    distinct, pieces = np.unique(ids, return_inverse=True)
    n_pieces = np.arange(distinct.size + 1)
    return Encoded(texts.drop("text"), reached(n_words), pieces.astype(np.int32), n_pieces, distinct)
