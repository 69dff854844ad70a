"""The generated collection, in batches or as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from corpus_tools.errors import ArgumentError
from corpus_tools.generated.prose import Pieces, pieces, written
from corpus_tools.generated.threads import threads

SEED = 20160905
BLOCK = 10_000
"""Texts that are made at once. Part of what a seed stands for: another number gives other texts."""


def texts(n_texts: int, *, seed: int = SEED, batch: int = 50_000) -> Iterator[pl.DataFrame]:
    """Threads of generated texts, batch after batch.

    Args:
        n_texts: How many texts, articles and comments together, 0 or more.
        seed: Of the random numbers, 0 or more. The same seed gives the same texts, whatever `n_texts` and `batch`
            are: a short collection is the head of a long one. Another version of numpy may draw other numbers.
        batch: How many texts a frame holds; the last may hold fewer.

    Yields:
        One row per text, thread after thread, each in the order of posting; columns as in the table `texts` of a
        corpus: `text_id`, `thread_id`, `kind` (`article` or `comment`), `position` (Int32, 0 for the article),
        `author_id` (null for some), `parent_id` (an earlier comment of the thread; null where none is answered),
        `posted_at` (Datetime, UTC, rising within a thread) and `text`.

    Raises:
        ArgumentError: If an argument is below its smallest value.
    """
    for name, value, least in (("n_texts", n_texts, 0), ("seed", seed, 0), ("batch", batch, 1)):
        if value < least:
            raise ArgumentError(f"generated.texts: {name} is {value}; it must be {least} or more")
    return _batches(n_texts, seed, batch)


def write(path: str | Path, n_texts: int, *, seed: int = SEED, progress: Callable[[int], None] | None = None) -> None:
    """Write generated texts to a Parquet file, in one step: it is there whole or not at all.

    Args:
        path: The file; its folder is made where it is missing.
        n_texts: How many texts, as in `texts`.
        seed: Of the random numbers, as in `texts`.
        progress: Told after each batch how many more texts are written.

    Raises:
        ArgumentError: If an argument is below its smallest value.
    """
    import pyarrow.parquet as pq

    path, batches = Path(path), texts(n_texts, seed=seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = _made(0, 1, seed, pieces()).to_arrow(compat_level=pl.CompatLevel.oldest()).schema
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
        whole = Path(beside, path.name)
        with pq.ParquetWriter(whole, schema, compression="zstd") as file, ThreadPoolExecutor(1) as maker:
            # One batch is made while the one before is written.
            coming = maker.submit(next, batches, None)
            while (frame := coming.result()) is not None:
                coming = maker.submit(next, batches, None)
                file.write_table(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
                if progress is not None:
                    progress(frame.height)
        whole.replace(path)


def _batches(n_texts: int, seed: int, batch: int) -> Iterator[pl.DataFrame]:
    made, held = pieces(), []
    for first in range(0, n_texts, BLOCK):
        held.append(_made(first, n_texts, seed, made))
        n_held = sum(frame.height for frame in held)
        if n_held < batch:
            continue
        whole = pl.concat(held)
        for start in range(0, n_held - batch + 1, batch):
            yield whole.slice(start, batch)
        held = [whole.slice(n_held // batch * batch)]
    rest = pl.concat(held) if held else None
    if rest is not None and rest.height:
        yield rest


def _made(first: int, n_texts: int, seed: int, made: Pieces) -> pl.DataFrame:
    """The block of texts that begins with the text of this number, as far as the collection reaches."""
    rng = np.random.default_rng([seed, first // BLOCK])
    frame = threads(rng, first, BLOCK)
    is_article = (frame["kind"] == "article").to_numpy()
    words = rng.lognormal(np.where(is_article, 5.3, 3.52), np.where(is_article, 0.8, 1.05), BLOCK)
    n_words = np.clip(words, 1, 3000).astype(np.int64)
    return frame.with_columns(written(rng, n_words, made)).head(n_texts - first)
