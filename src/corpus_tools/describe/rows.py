"""What goes through Spark's workers: batches of Arrow in, batches of Arrow out, polars and numpy in between.

Nothing here knows Spark. Columns have the types that it has too: no unsigned integers, and strings whose offsets have
32 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np
import polars as pl
import pyarrow as pa

from corpus_tools.describe.partials import Partials, partials
from corpus_tools.describe.sums import shapes
from corpus_tools.describe.tables import MEASURED
from corpus_tools.encoded import Encoded, Encoder
from corpus_tools.interning import Integers
from corpus_tools.measures.dispersion import Counts, measured
from corpus_tools.vocabulary import BORDER, Vocabulary

TEXTS = pa.schema(
    {
        "row": pa.int64(),
        **dict.fromkeys(("text_id", "thread_id"), pa.string()),
        "position": pa.int64(),
        **dict.fromkeys(("parent_id", "kind", "part"), pa.string()),
        "target": pa.bool_(),
        "text": pa.string(),
    }
)
"""Texts, by the number of their row from 0; `part` is the value of the column of the groups."""

PARTIALS = pa.schema(
    {
        **dict.fromkeys(("table", "word", "collocate", "part", "kind"), pa.string()),
        "target": pa.bool_(),
        **dict.fromkeys(("n", "n_texts", "row"), pa.int64()),
        # In one column, because seven would take seven places in every row that is not of a text.
        "measures": pa.list_(pa.float64()),
    }
)
"""Partial rows: `table` says of which, and the columns of the others are null."""

DISPERSION = pa.schema(
    {
        "word": pa.string(),
        **dict.fromkeys(("n", "n_parts_with", "n_parts"), pa.int64()),
        **dict.fromkeys(("juilland_d", "dp", "dp_norm"), pa.float64()),
    }
)
"""The table of `measures.dispersion`."""

THREADS = pa.schema(
    {
        "thread_id": pa.string(),
        **dict.fromkeys(("n_texts", "n_trees", "depth"), pa.int64()),
        "mean_depth": pa.float64(),
        **dict.fromkeys(("width", "n_leaves", "max_answers", "wiener"), pa.int64()),
        "mean_distance": pa.float64(),
        "n_unknown": pa.int64(),
    }
)
"""The table `Sums.threads`."""


def partial_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """What is taken of a batch of texts, each of which is read and tokenised once.

    Args:
        batch: Rows as `TEXTS`, in any order; there may be none.

    Returns:
        Rows as `PARTIALS`, in no order, of four tables: `texts`, one row per text with its measures (`row`, `n_words`,
        0 where it has none, and the others of `Partials.texts`); `words` (`kind`, `target`, `word`, `n`, `n_texts`);
        `pairs` (`word`, `collocate`, `n`) of words that follow each other; and `parts` (`word`, `part`, `n`).
    """
    vocabulary = Vocabulary()
    encoded = Encoder(vocabulary).encode(_frame(batch))
    taken = partials(encoded)
    known = vocabulary.words()
    tables = {
        "texts": taken.texts.select("row", pl.concat_list(pl.col(MEASURED).cast(pl.Float64)).alias("measures")),
        "words": taken.words.select("kind", "target", known.gather(taken.words["id"]), "n", "n_texts"),
        "pairs": _pairs(taken, known),
        "parts": _parts(encoded, known),
    }
    named = [frame.with_columns(pl.lit(name).alias("table")) for name, frame in tables.items()]
    return _batch(pl.concat(named, how="diagonal"), PARTIALS)


def partial_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """`partial_rows` of each batch."""
    yield from map(partial_rows, batches)


def dispersion_rows(batches: Iterable[pa.RecordBatch], *, sizes: Integers, minimum: int) -> Iterator[pa.RecordBatch]:
    """The spread of words over the parts.

    Args:
        batches: `word`, `place` (the number of the part, from 0) and `n`, sorted by both; all rows of a word are there.
        sizes: Running words of each part.
        minimum: Least number of occurrences of a word that is measured.

    Yields:
        Rows as `DISPERSION`, sorted by `word`.
    """
    return _of_groups(batches, "word", partial(_dispersion, sizes=sizes, minimum=minimum), DISPERSION)


def thread_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The shapes of threads.

    Args:
        batches: `thread_id`, `text_id`, `position` and `parent_id`, sorted by the first; all rows of a thread are
            there.

    Yields:
        Rows as `THREADS`, sorted by `thread_id`.
    """
    return _of_groups(batches, "thread_id", shapes, THREADS)


def whole_groups(frames: Iterable[pl.DataFrame], key: str) -> Iterator[pl.DataFrame]:
    """The same rows, cut so that no group of rows that follow each other with one value of `key` is in two frames.

    Args:
        frames: Rows in which each value of `key` stands in one run, null like any other; some may be empty.
        key: The column.

    Yields:
        Frames that are not empty.
    """
    held: list[pl.DataFrame] = []
    for frame in frames:
        if frame.is_empty():
            continue
        values = frame[key]
        if held and values.head(1).ne_missing(held[-1][key].tail(1)).item():
            yield pl.concat(held)
            held = []
        # Only what comes in is looked at, so that a group which goes through many frames is not read many times.
        begins = np.flatnonzero(values.ne_missing(values.shift()).to_numpy()[1:]) + 1
        if begins.size:
            yield pl.concat([*held, frame.head(int(begins[-1]))])
            held = [frame.slice(int(begins[-1]))]
        else:
            held.append(frame)
    if held:
        yield pl.concat(held)


def _of_groups(
    batches: Iterable[pa.RecordBatch], key: str, work: Callable[[pl.DataFrame], pl.DataFrame], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    return (_batch(work(frame), schema) for frame in whole_groups(map(_frame, batches), key))


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(batch))


def _batch(frame: pl.DataFrame, schema: pa.Schema) -> pa.RecordBatch:
    """The rows with the columns and types of a schema."""
    table = frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=schema)


def _pairs(taken: Partials, known: pl.Series) -> pl.DataFrame:
    ids = taken.sequence
    is_pair = (ids[:-1] != BORDER) & (ids[1:] != BORDER)
    couples = ids[:-1][is_pair].astype(np.uint64) << np.uint64(32) | ids[1:][is_pair]
    counted = pl.Series("pair", couples).sort().rle().struct.unnest()
    pair = counted["value"].to_numpy()
    return pl.DataFrame(
        [
            known.gather((pair >> np.uint64(32)).astype(np.uint32)).alias("word"),
            known.gather(pair.astype(np.uint32)).alias("collocate"),
            counted["len"].cast(pl.Int64).alias("n"),
        ]
    )


def _parts(encoded: Encoded, known: pl.Series) -> pl.DataFrame:
    part = encoded.texts["part"]
    parts = part.unique(maintain_order=True)
    places = parts.to_frame().with_row_index("group")
    group = part.to_frame().join(places, on="part", how="left", nulls_equal=True, maintain_order="left")["group"]
    counted = encoded.counts(group.to_numpy().astype(np.int64))
    summed = counted.group_by("group", "id").agg(pl.col("n").sum())
    return summed.select(known.gather(summed["id"]), parts.gather(summed["group"]), "n")


def _dispersion(rows: pl.DataFrame, *, sizes: Integers, minimum: int) -> pl.DataFrame:
    counts = Counts(rows["word"].rle_id().to_numpy().astype(np.int64), rows["place"].to_numpy(), rows["n"].to_numpy())
    table = measured(counts, sizes, minimum=minimum)
    words = rows["word"].unique(maintain_order=True)
    return table.with_columns(words.gather(table["word"]))
