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
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.frames import Frame, column_names, needs, refuse_clashes
from corpus_tools.interning import Codes, Integers, Interned, room
from corpus_tools.loops import compiled
from corpus_tools.pieces import reached, runs, words_of
from corpus_tools.tokens import tokenise, words
from corpus_tools.vocabulary import Ids, Vocabulary

T = TypeVar("T")
U = TypeVar("U")

ROWS = 10_000
"""Texts read at once."""
BYTES = 1 << 25
"""Characters encoded at once, in bytes: what a batch takes is some five times as much."""
FEW = 16
"""So many groups of texts have an array of counts each."""
ADDED = 2_000_000
"""Rows of partial counts of more groups that are held before they are added up."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Some texts, with their words as numbers."""

    texts: pl.DataFrame
    """The columns that were asked for, one row per text."""
    starts: Integers
    """Where the pieces of each text begin in `pieces`; one more for the end of the last."""
    pieces: Codes
    """The number of each piece, text after text."""
    first: Ids
    """Where the words of each distinct piece begin in `words`; one more for the end of the last."""
    words: Ids
    """The words of the distinct pieces, one piece after the other, as numbers of the vocabulary; and more."""

    loops: SimpleNamespace | None
    """The compiled loops, if so much is read that they are worth loading."""
    is_shared: bool = True
    """Whether the pieces have the numbers that they have in the other batches of the encoder."""

    def running(self) -> tuple[Integers, Ids]:
        """How many running words each text has, and these, text after text, as numbers of the vocabulary."""
        if self.loops is None:
            n, ids = self._words_in(self.pieces)
            return np.diff(reached(n)[self.starts]), ids
        n_words = np.empty(self.starts.size - 1, dtype=np.int64)
        # Most pieces are one word. Where there is no room for what is more, it goes on from there with more room.
        ids = np.empty(self.pieces.size + self.pieces.size // 8, dtype=np.uint32)
        row, done = 0, np.zeros(1, dtype=np.int64)
        pieces = self.starts, n_words.size, self.pieces, self.first, self.words
        while True:
            row = self.loops.spell_out(*pieces, row, done[0], n_words, ids, ids.size, done)
            if row == n_words.size:
                return n_words, ids[: done[0]]
            ids = room(ids, 2 * ids.size + 1, kept=int(done[0]))

    def counts(self, group: Integers) -> pl.DataFrame:
        """How often each word occurs in each group of texts.

        Args:
            group: The number of each text's group, from 0.

        Returns:
            In no order: `group` (Int64), `id` (UInt32) and `n` (Int64); a word has a row for each piece it is part of.
        """
        n_pieces = max(self.first.size - 1, 1)
        places = pl.Series(np.repeat(group * n_pieces, np.diff(self.starts)) + self.pieces).sort().to_numpy()
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        which, n = places[firsts], np.diff(firsts, append=places.size)
        return self.words_of_pieces(which % n_pieces, group=which // n_pieces, n=n)

    def words_of_pieces(self, pieces: Integers, **columns: Integers) -> pl.DataFrame:
        """The words (`id`) of these pieces, one piece after the other, each with what else is known of its piece."""
        per_piece, ids = self._words_in(pieces)
        return pl.DataFrame({"id": ids} | {name: np.repeat(values, per_piece) for name, values in columns.items()})

    def _words_in(self, pieces: npt.NDArray[np.signedinteger[Any]]) -> tuple[Integers, Ids]:
        """How many words are in each of these pieces, and the words, one piece after the other."""
        first = self.first[pieces].astype(np.int64)
        per_piece = self.first[pieces + 1] - first
        if per_piece.max(initial=0) <= 1:
            return per_piece, self.words[first[per_piece > 0]]
        return per_piece, self.words[runs(first, per_piece)]


class Encoder:
    """Writes texts as numbers. Several threads may use it at once.

    Pieces that an earlier batch had are not tokenised again.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Look words up in this vocabulary, and enter them where they are new."""
        self._vocabulary = vocabulary
        self._pieces = Interned(split=True)
        self._grown = threading.Condition()
        self._problem: BaseException | None = None
        # A batch goes on using what it was given, so that these are added to behind their end only.
        self._first: Ids = np.zeros(1 << 10, dtype=np.uint32)
        self._words: Ids = np.empty(1 << 10, dtype=np.uint32)
        self._n_pieces = 0
        self._hanging = np.empty(0, dtype=np.int64)

    def encode(self, texts: pl.DataFrame) -> Encoded:
        """Some texts, with their words as numbers of the vocabulary.

        Args:
            texts: One row per text; needs `text` (String). A null text has no words.

        Returns:
            The words, and all columns of `texts` but `text`.
        """
        try:
            starts, codes, first, words, hanging = self._read(texts["text"])
        except BaseException as problem:
            # Others would wait for its pieces.
            with self._grown:
                self._problem = problem
                self._grown.notify_all()
            raise
        if hanging.size and np.isin(codes, hanging).any():
            # Very rare, and read by the rules themselves.
            return _encoded_plainly(texts, self._vocabulary)
        return Encoded(texts.drop("text"), starts, codes, first, words, compiled(self._pieces.n_bytes))

    def _read(self, texts: pl.Series) -> tuple[Integers, Codes, Ids, Ids, Integers]:
        """Pieces of texts, where the words of each begin, the words, and which pieces hang on a blank."""
        starts, codes, new = self._pieces.read(texts)
        n_bytes = self._pieces.n_bytes
        # Each thread finds the words of pieces that it was the first to have; they are put behind those found before.
        found = words_of(self._pieces.strings(new.start, new.stop), compiled(n_bytes)) if new else None
        ids = None if found is None else self._vocabulary.ids(found.found, n_bytes=n_bytes)
        with self._grown:
            self._grown.wait_for(lambda: self._n_pieces >= new.start or self._problem)
            if self._problem:
                raise self._problem
            if found is not None and ids is not None:
                reach = reached(found.n) + self._first[self._n_pieces]
                self._first = room(self._first, new.stop + 1, kept=new.start)
                self._first[new.start : new.stop + 1] = reach
                self._words = room(self._words, int(reach[-1]), kept=int(reach[0]))
                self._words[reach[0] + found.place] = ids
                self._hanging = np.append(self._hanging, found.hanging + new.start)
                self._n_pieces = new.stop
                self._grown.notify_all()
            return starts, codes, self._first[: new.stop + 1], self._words, self._hanging


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
    encoder = Encoder(vocabulary)
    yield from in_order(lambda batch: work(encoder.encode(batch)), batches(chosen))


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
    vocabulary, sums = Vocabulary(), Sums(chosen.select(keys).collect_schema())
    deque(encoded(chosen, sums.count, vocabulary, keep=keys), maxlen=0)
    rows = sums.rows()
    words = vocabulary.words()
    return rows.lazy().select(*keys, words.gather(rows["id"]), pl.col("n").cast(pl.UInt32))


class Sums:
    """Counts of words by group, added up: an array for each group while these are few, else rows."""

    def __init__(self, keys: pl.Schema) -> None:
        """The columns of the groups."""
        self._lock = threading.Lock()
        self._groups = pl.DataFrame(schema=keys)
        self._arrays: list[Integers] = []
        self._held = [pl.DataFrame(schema={**keys, "id": pl.UInt32, "n": pl.Int64})]
        self._n_rows, self._most = 0, ADDED
        # Most is counted as pieces, by each thread for itself, and only the sums are taken apart into words.
        self._tallies: dict[int, npt.NDArray[np.uint32]] = {}
        self._last: Encoded | None = None

    def count(self, batch: Encoded) -> int:
        """Count the words of a batch; several threads may do so at once. All batches are of one encoder.

        Args:
            batch: Texts with the columns of the groups.

        Returns:
            How many texts it has.
        """
        groups, group = grouped(batch.texts, self._groups.columns)
        with self._lock:
            places = self._places(groups)
        if places is None or not batch.is_shared:
            counted = batch.counts(group)
            with self._lock:
                self.add(groups, counted)
            return batch.texts.height
        thread = threading.get_ident()
        tally = self._tallies.get(thread, np.zeros((0, 1), dtype=np.uint32))
        n_pieces, n_groups = batch.first.size - 1, int(places.max(initial=0)) + 1
        if n_pieces > tally.shape[0] or n_groups > tally.shape[1]:
            larger = np.zeros((max(n_pieces, 2 * tally.shape[0]), max(n_groups, tally.shape[1])), dtype=np.uint32)
            larger[: tally.shape[0], : tally.shape[1]] = tally
            tally = larger
        if batch.loops is None:
            cells = batch.pieces * tally.shape[1] + np.repeat(places[group], np.diff(batch.starts))
            np.add.at(tally.reshape(-1), cells, np.uint32(1))
        else:
            batch.loops.add_up(batch.starts, group.size, batch.pieces, places[group], tally, tally.shape[1])
        with self._lock:
            self._tallies[thread] = tally
            if self._last is None or batch.first.size > self._last.first.size:
                self._last = batch
        return batch.texts.height

    def add(self, groups: pl.DataFrame, counted: pl.DataFrame) -> None:
        """Add partial counts.

        Args:
            groups: Some groups, no two alike.
            counted: `group` (the row of the group), `id` (UInt32) and `n`; a word may have several rows.
        """
        places = self._places(groups)
        if places is None:
            named = groups.select(pl.all().gather(counted["group"]))
            self._hold(pl.DataFrame([*named, counted["id"], counted["n"]]))
            return
        self._arrays += [np.zeros(0, dtype=np.int64) for _ in range(int(places.max(initial=0)) + 1 - len(self._arrays))]
        for number, place in enumerate(places):
            rows = counted if places.size == 1 else counted.filter(pl.col("group") == number)
            ids = rows["id"].to_numpy()
            array = self._arrays[place]
            if (size := int(ids.max()) + 1 if ids.size else 0) > array.size:
                array = np.append(array, np.zeros(max(size, 2 * array.size) - array.size, dtype=np.int64))
                self._arrays[place] = array
            np.add.at(array, ids, rows["n"].to_numpy())

    def rows(self) -> pl.DataFrame:
        """The sums so far, in no order: the columns of the groups, `id` and `n`."""
        self._take_apart()
        arrays = []
        for place, array in enumerate(self._arrays):
            ids = np.flatnonzero(array)
            group = self._groups.select(pl.all().gather(np.full(ids.size, place)))
            counts = pl.Series("id", ids, pl.UInt32), pl.Series("n", array[ids])
            arrays.append(pl.DataFrame([*group, *counts]))
        every = [*self._held, *arrays]
        return _added_up(every) if self._n_rows else pl.concat(every)

    def _places(self, groups: pl.DataFrame) -> Integers | None:
        """The numbers of groups, those that are new included; None where they would be too many."""
        if not groups.columns:
            return np.zeros(1, dtype=np.int64)
        known, places = grouped(pl.concat([self._groups, groups]), groups.columns)
        if known.height > FEW:
            return None
        n_before, self._groups = self._groups.height, known
        return places[n_before:]

    def _hold(self, rows: pl.DataFrame) -> None:
        self._held.append(rows)
        self._n_rows += rows.height
        if self._n_rows > self._most:
            self._held = [_added_up(self._held)]
            self._n_rows = self._held[0].height
            self._most = self._n_rows + max(ADDED, self._n_rows)

    def _take_apart(self) -> None:
        """Add the words of the pieces that were counted."""
        tallies, self._tallies = list(self._tallies.values()), {}
        if self._last is None:
            return
        for tally in tallies:
            for place in range(tally.shape[1]):
                pieces = np.flatnonzero(tally[:, place])
                n = tally[pieces, place].astype(np.int64)
                counted = self._last.words_of_pieces(pieces, group=np.zeros_like(pieces), n=n)
                self.add(self._groups.slice(place, 1), counted)


def _added_up(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(frames)
    return rows.group_by(pl.exclude("n")).agg(pl.col("n").sum()).select(rows.columns)


def grouped(texts: pl.DataFrame, keys: Sequence[str]) -> tuple[pl.DataFrame, Integers]:
    """The distinct values of `keys`, and for each text the row of its own; null equals null."""
    groups = texts.select(keys).unique(maintain_order=True)
    if not keys:
        return groups, np.zeros(texts.height, dtype=np.int64)
    numbered = groups.with_row_index("_group")
    row = texts.select(keys).join(numbered, on=keys, how="left", nulls_equal=True, maintain_order="left")["_group"]
    return groups, row.to_numpy().astype(np.int64)


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
    n_pieces = np.arange(distinct.size + 1, dtype=np.uint32)
    return Encoded(
        texts.drop("text"), reached(n_words), pieces.astype(np.int32), n_pieces, distinct, None, is_shared=False
    )
