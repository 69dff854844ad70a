"""Sources of rows, read in batches: ids stay in memory, words go to the disk; so a file may be larger than memory."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.ingest.known import ARTICLE, Known
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts.columns import cleaned, on_one_line
from corpus_tools.ingest.settling import KIND, PLACE, Scanned, Settling
from corpus_tools.ingest.threads import Added, noun_of

if TYPE_CHECKING:
    from corpus_tools.scheme import Table

_WORDS = ("kind", "key", "thread", "parent", "name", "handle", "posted_at", "locator", "title", "url", "text")
SCHEMA = pl.Schema({name: pl.Datetime("us", "UTC") if name == "posted_at" else pl.String() for name in _WORDS})
"""Columns of every batch, in this order, one row per entry; the columns are those of `ReadText` and `ReadThread`.

`kind` is `article`, `comment` or one of `KINDS`, never null. `thread` is the platform's id of the thread (null: the
source is one thread); `title` and `url` stand in the row of an article, or in any row of its thread where the source
has no article. The `text` of an article is its body: its title is put before it here.
"""
PIECE = 1 << 26
"""Bytes of text that are sorted at once where a source does not hold its entries in the order of their threads."""
MOST_PIECES = 256


@dataclass(frozen=True, slots=True)
class Rows:
    """A source of rows."""

    batches: Callable[[], Iterator[pl.DataFrame]]
    """Begins again each time it is called: frames of `SCHEMA`, in the order of the file, of a size that fits in
    memory. What it counts as lost it counts once.
    """


def _text() -> pl.Expr:
    """The words of a batch: an article's under its title."""
    title, body = on_one_line(pl.col("title")), cleaned(pl.col("text"))
    whole = pl.concat_str(title, pl.when(body != "").then(body), separator="\n\n", ignore_nulls=True)
    return pl.when((pl.col("kind") == ARTICLE) & title.is_not_null() & body.is_not_null()).then(whole).otherwise(body)


def add_rows(
    rows: Rows, known: Known, losses: Losses, *, source_id: str, keep: frozenset[str], form: str, out: Path
) -> Added:
    """What `threads.add_threads` makes of threads, of batches, with only the ids of the source in memory.

    Args:
        rows: The source.
        known: What the corpus holds; what is in it already is left as it is.
        losses: Where to count what is left out.
        source_id: Id of the source.
        keep: Kinds of entries to keep that are no comments.
        form: The form that the source has.
        out: An empty folder on the disk of the corpus, which has to have room for the texts twice, packed, beside
            the file of texts `texts.csv`, which is written in it.
    """
    settling = Settling(known, losses, source_id, keep, form)
    with contextlib.ExitStack() as stack:
        stash = stack.enter_context(_Stash(out / "stash"))
        scanned = _scanned(rows, stash, losses, resuming=not known.texts.is_empty())
        if scanned is None:
            return settling.added
        plan = settling.plan(scanned)
        if not plan.is_empty():
            shape = _Shape(known.folder.scheme.fixed["texts"], settling, source_id)
            batches = _texts(plan, _progress(stash.batches(), "writing", stash.n_rows), shape)
            settling.added.texts_file = _written(batches, plan, out, n_bytes=stash.n_bytes)
            for kind, n in shape.n_wordless.items():
                losses.add("doubtful", f"{noun_of(kind)} without words", n)
    return settling.added


def _progress(batches: Iterable[pl.DataFrame], doing: str, total: int | None = None) -> Iterator[pl.DataFrame]:
    from tqdm import tqdm

    with tqdm(desc=doing, total=total, unit="row", unit_scale=True, delay=3, disable=not sys.stderr.isatty()) as bar:
        for batch in batches:
            yield batch
            bar.update(batch.height)


class _Stash:
    """Batches on the disk, for the words that wait until every id is settled; gone at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self.n_rows = 0
        self.n_bytes = 0
        """Of the texts."""

    def __enter__(self) -> _Stash:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._path.unlink(missing_ok=True)

    def add(self, batch: pl.DataFrame) -> None:
        """Put one more batch behind the others."""
        import pyarrow as pa

        self.n_rows += batch.height
        self.n_bytes += int(batch["text"].str.len_bytes().sum() or 0)
        table = batch.to_arrow()
        if self._writer is None:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._writer = pa.ipc.new_stream(str(self._path), table.schema, options=options)
        self._writer.write_table(table)

    def close(self) -> None:
        """Add no more."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def batches(self) -> Iterator[pl.DataFrame]:
        """The batches, in their order."""
        import pyarrow as pa

        self.close()
        if self._path.exists():
            with self._path.open("rb") as file:
                for batch in pa.ipc.open_stream(file):
                    yield pl.DataFrame(pl.from_arrow(batch))


def _scanned(rows: Rows, stash: _Stash, losses: Losses, *, resuming: bool) -> Scanned | None:
    """What is kept in memory, while the rest goes to the stash; `resuming` where the corpus may hold some of it."""
    # Ids and names repeat: each is kept once, and the columns are numbers.
    ids, threads_, names = (pl.Categorical(pl.Categories.random()) for _ in range(3))
    frames, threads = [], []
    place = pl.col("locator").str.contains(PLACE)
    held = [pl.when(~place).then("locator").alias("locator"), pl.col("text").hash().alias("words")] if resuming else []
    for given in _progress(rows.batches(), "reading"):
        batch = given.with_columns(_text().alias("text"))
        stash.add(batch.select("posted_at", "text", source_locator="locator"))
        frames.append(
            batch.select(
                pl.col("kind").cast(KIND),
                pl.col("key", "parent").cast(ids),
                pl.col("thread").cast(threads_),
                pl.col("name", "handle").cast(names),
                "posted_at",
                pl.col("text").is_not_null().alias("worded"),
                *held,
            )
        )
        threads.append(_named(batch).with_columns(pl.col("thread").cast(threads_)))
        if len(threads) > 1:
            threads = [_merged(pl.concat(threads))]
    if not frames:
        return None
    # Only whether they are the same matters of the ids; their letters need not be kept.
    frame = pl.concat(frames).with_columns(pl.col("key", "parent").to_physical()).with_row_index("row")
    return Scanned(frame, _settled(_merged(pl.concat(threads)), losses))


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    """What articles, and what comments, say of the title and the address of their thread."""
    article = pl.col("kind") == ARTICLE
    said = batch.filter(pl.any_horizontal(pl.col("title", "url").is_not_null())).select(
        "thread",
        *(pl.when(article).then(name).alias(f"{name}_of_article") for name in ("title", "url")),
        *(pl.when(~article).then(name).alias(name) for name in ("title", "url")),
        *(pl.lit(value=False).alias(f"{name}s") for name in ("title", "url")),
    )
    return said.unique(maintain_order=True)


def _merged(threads: pl.DataFrame) -> pl.DataFrame:
    """One row per thread: the first that was said, and whether its comments say several things."""
    names = ("title", "url")
    return threads.group_by("thread", maintain_order=True).agg(
        *(pl.col(f"{name}_of_article").drop_nulls().first() for name in names),
        *(pl.col(name).drop_nulls().first() for name in names),
        *((pl.col(f"{name}s").any() | (pl.col(name).drop_nulls().n_unique() > 1)).alias(f"{name}s") for name in names),
    )


def _settled(threads: pl.DataFrame, losses: Losses) -> pl.DataFrame:
    """`thread`, `title` and `url`: what the article says, or else all its comments alike."""
    for name, noun in (("title", "titles"), ("url", "addresses")):
        several = threads.filter(f"{name}s", pl.col(f"{name}_of_article").is_null()).height
        losses.add("lost", f"threads whose comments have different {noun}: these {noun}", several)
    return threads.select(
        "thread",
        *(
            pl.coalesce(f"{name}_of_article", pl.when(~pl.col(f"{name}s")).then(name)).alias(name)
            for name in ("title", "url")
        ),
    )


class _Shape:
    """What the rows of a batch look like in the file of texts."""

    def __init__(self, table: Table, settling: Settling, source_id: str) -> None:
        self.columns = [column for column in table.columns if not column.derived or column.name == "text"]
        self.settling = settling
        self.source_id = source_id
        self.n_wordless: dict[str, int] = {}

    def __call__(self, planned: pl.DataFrame, batch: pl.DataFrame) -> pl.DataFrame:
        """`rank` and the columns of the table, of the rows of a batch that are planned."""
        made = batch.with_columns(
            planned.select("rank", "text_id", "kind", "position", "parent_id"),
            thread_id=self.settling.thread_ids.gather(planned["t"]),
            author_id=self.settling.author_ids.gather(planned["author"]),
            source_id=pl.lit(self.source_id),
        )
        wordless = made.filter(pl.col("text") == "").group_by(pl.col("kind").cast(pl.String)).len()
        for kind, n in wordless.iter_rows():
            self.n_wordless[kind] = self.n_wordless.get(kind, 0) + n
        missing = [pl.lit(None, one.dtype).alias(one.name) for one in self.columns if one.name not in made.columns]
        return made.with_columns(missing).select("rank", *(pl.col(one.name).cast(one.dtype) for one in self.columns))


def _texts(plan: pl.DataFrame, batches: Iterable[pl.DataFrame], shape: _Shape) -> Iterator[pl.DataFrame]:
    """The rows to be written, in the order of the source."""
    begin = done = 0
    rows = plan["row"]
    for batch in batches:
        end = int(rows.search_sorted(begin + batch.height))
        planned = plan[done:end]
        if not planned.is_empty():
            yield shape(planned, batch[(planned["row"] - begin).to_list()])
        begin, done = begin + batch.height, end


def _written(batches: Iterable[pl.DataFrame], plan: pl.DataFrame, out: Path, *, n_bytes: int) -> Path:
    """The rows in the order of their rank as a CSV file; those of a source in another order are sorted in pieces."""
    target = out / "texts.csv"
    if not plan["rank"].is_sorted():
        batches = _sorted(batches, out, n=plan.height, n_pieces=min(n_bytes // PIECE + 1, MOST_PIECES))
    with target.open("wb") as file:
        for number, batch in enumerate(batches):
            batch.drop("rank").write_csv(file, include_header=number == 0, datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")
    return target


def _sorted(batches: Iterable[pl.DataFrame], out: Path, *, n: int, n_pieces: int) -> Iterator[pl.DataFrame]:
    """The same rows by rank: put into pieces on the disk first, each of which is then sorted in memory."""
    size = n // n_pieces + 1
    pieces: dict[int, _Stash] = {}
    with contextlib.ExitStack() as stack:
        for batch in batches:
            for (number,), part in batch.group_by(pl.col("rank") // size):
                if number not in pieces:
                    pieces[int(number)] = stack.enter_context(_Stash(out / f"piece-{number}"))
                pieces[int(number)].add(part)
        for number in sorted(pieces):
            yield pl.concat(pieces[number].batches()).sort("rank")
