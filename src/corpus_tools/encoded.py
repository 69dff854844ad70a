"""Words of many texts as numbers.

What stands between two blanks is a piece, and most of what is written in a large collection is the same few pieces:
some 2 million in 60 million words. So texts are only split at blanks, and each distinct piece of a batch is tokenised
once. The rules are those of `tokens`; no token of a word goes past a blank.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.frames import Frame, column_names, needs, refuse_clashes
from corpus_tools.tokens import EXTENDING, IN_WORDS, SEGMENT, tokenise, words

if TYPE_CHECKING:
    import pyarrow as pa

Integers = npt.NDArray[np.int64]
Ids = npt.NDArray[np.uint32]
T = TypeVar("T")
U = TypeVar("U")

ROWS = 50000
"""Texts read at once."""
BYTES = 1 << 25
"""Characters encoded at once, in bytes: what a batch takes is some five times as much."""

ADDED = 4_000_000
"""Rows of partial counts that are held before they are added up."""

_BLANK = 0x20
_WORD_BYTES = 8
# Letters between marks that join nothing: the word is what is left without them, which no pattern has to find out.
_MARKS = ' .,;:!?"()[]'
_SIMPLE = r"""^["(\[]?[A-Za-z]+[.,;:!?")\]]*$"""
_HANGING = rf"^({EXTENDING}+)"


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

    def __len__(self) -> int:
        """How many numbers are given out, and at least so many words are known."""
        with self._lock:
            return int(np.flatnonzero(self._seen).max(initial=-1)) + 1

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

    def counts(self, group: Integers | None = None) -> pl.DataFrame:
        """How often each word occurs, in each group of texts.

        Args:
            group: The number of each text's group, from 0; none for all texts together.

        Returns:
            In no order: `group` (Int64, 0 where there are none), `id` (UInt32) and `n` (Int64).
        """
        n_pieces = max(self.first.size - 1, 1)
        of_piece = 0 if group is None else np.repeat(group * n_pieces, np.diff(self.starts))
        n_groups = 1 if group is None else int(group.max(initial=0)) + 1
        which, n = tally(of_piece + self.pieces, n_groups * n_pieces)
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


def reached(n: Integers) -> Integers:
    """The sum of all numbers before each, from 0, and of all."""
    sums = np.zeros(n.size + 1, dtype=np.int64)
    np.cumsum(n, out=sums[1:])
    return sums


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
    column = texts["text"].fill_null("")
    starts, pieces, distinct = _split(column)
    if distinct.str.extract(_HANGING).str.contains(IN_WORDS).any():
        # A combining letter joins all blanks before it, of which the text was split at the last: very rare, and read
        # by the rules themselves.
        return _encoded_plainly(texts, column, vocabulary)
    n, found, place = _words_of(distinct)
    ids = np.empty(place.size, dtype=np.uint32)
    ids[place] = vocabulary.ids(found)
    return Encoded(texts.drop("text"), starts, pieces, reached(n), ids)


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
    vocabulary = Vocabulary()
    counted = summed(encoded(texts, lambda batch: _by_group(batch, keys), vocabulary, keep=keys))
    known = vocabulary.words()
    return counted.select(*keys, known.gather(counted["id"]), pl.col("n").cast(pl.UInt32)).lazy()


def summed(counted: Iterable[pl.DataFrame], sums: Sequence[str] = ("n",)) -> pl.DataFrame:
    """Partial counts, `sums`, added up over rows that are alike in all other columns; in no order."""
    held: list[pl.DataFrame] = []
    n_rows, most = 0, ADDED
    for frame in counted:
        held.append(frame)
        n_rows += frame.height
        if n_rows > most:
            held = [_added_up(held, sums)]
            n_rows = held[0].height
            most = n_rows + max(ADDED, n_rows)
    return _added_up(held, sums)


def _added_up(counted: Sequence[pl.DataFrame], sums: Sequence[str]) -> pl.DataFrame:
    return pl.concat(counted).group_by(pl.exclude(sums)).agg(pl.col(sums).sum())


def _by_group(batch: Encoded, keys: Sequence[str]) -> pl.DataFrame:
    """How often each word occurs in each group of a batch: `keys`..., `id` and `n`."""
    if not keys:
        return batch.counts().select("id", "n")
    groups = batch.texts.select(keys).unique(maintain_order=True).with_row_index("group")
    group = batch.texts.join(groups, on=keys, how="left", nulls_equal=True, maintain_order="left")["group"]
    counted = batch.counts(group.to_numpy().astype(np.int64))
    return counted.join(groups.cast({"group": pl.Int64}), on="group").select(*keys, "id", "n")


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


def _split(column: pl.Series) -> tuple[Integers, npt.NDArray[np.int32], pl.Series]:
    """Where the pieces of each text begin, the number of each piece, and the distinct pieces without a blank before."""
    import pyarrow as pa

    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(data, dtype=np.uint8)[: bounds[-1]] if data else np.empty(0, dtype=np.uint8)
    begins = text == _BLANK
    begins[: bounds[0]] = False
    begins[bounds[:-1][bounds[:-1] < bounds[1:]]] = True
    # All characters are in a piece, the blank before it included, so that the pieces need no copy.
    places = np.flatnonzero(begins)
    ends = np.append(places[1:], bounds[-1])
    starts = places + (text[places] == _BLANK)
    codes, short, is_long = _short_codes(text, starts, ends - starts)
    distinct = [pl.Series("piece", short, pl.String)]
    if is_long.size:
        edges = np.append(places, bounds[-1])
        pieces = pa.LargeStringArray.from_buffers(places.size, pa.py_buffer(edges), pa.py_buffer(text))
        coded = pieces.take(pa.array(is_long)).dictionary_encode()
        codes[is_long] = coded.indices.to_numpy() + len(short)
        distinct.append(pl.Series("piece", coded.dictionary, pl.String).str.strip_prefix(" "))
    return np.searchsorted(places, bounds), codes, pl.concat(distinct)


def _short_codes(
    text: npt.NDArray[np.uint8], starts: Integers, lengths: Integers
) -> tuple[npt.NDArray[np.int32], pa.LargeStringArray, Integers]:
    """Numbers for the pieces of at most eight bytes, these pieces, and the rows of the others.

    Eight bytes are one number of 64 bits, and numbers are told apart three times sooner than strings.
    """
    import pyarrow as pa

    is_short = lengths <= _WORD_BYTES
    if not text.all():
        # A piece is told from a longer one by the zeros behind it, of which a text has none but in damaged data.
        is_short[:] = False
    padded = np.append(text, np.zeros(_WORD_BYTES, dtype=np.uint8))
    at_each_byte = np.ndarray(shape=(text.size + 1,), dtype="<u8", buffer=padded, strides=(1,))
    keys = at_each_byte[starts]
    # What follows the piece is shifted out; the piece itself ends with the last byte.
    shifted_out = (8 * (_WORD_BYTES - np.minimum(lengths, _WORD_BYTES))).astype(np.uint64)
    # Shifts by all 64 bits do nothing; where nothing is in a piece, nothing shall stand.
    keys[~is_short | (lengths == 0)] = 0
    keys <<= shifted_out
    coded = pa.array(keys).dictionary_encode()
    bytes_of = coded.dictionary.to_numpy().astype("<u8").view(np.uint8).reshape(-1, _WORD_BYTES)
    is_byte = bytes_of != 0
    ends = np.append(0, np.cumsum(is_byte.sum(axis=1)))
    short = pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(bytes_of[is_byte]))
    return coded.indices.to_numpy(zero_copy_only=False).copy(), short, np.flatnonzero(~is_short)


def _words_of(pieces: pl.Series) -> tuple[Integers, pl.Series, Integers]:
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


def _encoded_plainly(texts: pl.DataFrame, column: pl.Series, vocabulary: Vocabulary) -> Encoded:
    """The same, each word a piece of its own."""
    numbered = column.alias("text").to_frame().with_row_index("text_id")
    rows = words(tokenise(numbered)).select("text_id", "word").collect()
    n_words = np.bincount(rows["text_id"].to_numpy(), minlength=texts.height)
    ids = vocabulary.ids(rows["word"])
    distinct, pieces = np.unique(ids, return_inverse=True)
    n_pieces = np.arange(distinct.size + 1)
    return Encoded(texts.drop("text"), reached(n_words), pieces.astype(np.int32), n_pieces, distinct)
