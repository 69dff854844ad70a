"""The SFU Opinion and Comments Corpus: `gnm_comments.csv`, `gnm_comment_threads.csv`, `gnm_articles.csv`.

A comment's `comment_counter` holds where it stands: `source1_26842506_46` is a comment on the article 26842506,
`source1_26842506_46_0` the first answer to it, and so on. Comments of `source1` have their time in thousandths since
1970; those of `source2` have a day only. A folder with both files gives articles with their comments; the comments
alone, threads without articles.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from corpus_tools.errors import listed
from corpus_tools.ingest.known import ARTICLE
from corpus_tools.ingest.model import COMMENT
from corpus_tools.ingest.parts.columns import html_texts, times
from corpus_tools.ingest.parts.tables import PLACE, Table, counted_once, frames, table_of
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.rows import SCHEMA, Rows
from corpus_tools.ingest.source import Source

COMMENTS, ARTICLES = "gnm_comments.csv", "gnm_articles.csv"
_COMMENT = {"comment_counter", "comment_text"}
_ARTICLE = {"article_id", "article_text", "title", "article_url"}
_USED = {
    "article_id",
    "comment_counter",
    "comment_author",
    "author",
    "timestamp",
    "post_time",
    "comment_text",
    "status",
    "title",
    "article_url",
    "globe_url",
    "published_date",
    "article_text",
}
_STATES = {"deleted": "deleted", "rejected": "removed"}
_COUNTER = r"^[^_]+_(\d+)(?:_\d+)+$"


def recognise(source: Source) -> Match | None:
    """A table with a `comment_counter`, one of articles, or a folder with both."""
    if source.path.is_dir():
        both = all((source.path / name).is_file() for name in (COMMENTS, ARTICLES))
        return Match(SURE, f"it is a folder with {COMMENTS} and {ARTICLES}") if both else None
    if b"comment_counter" not in source.head and b"article_text" not in source.head:
        return None
    table = table_of(source)
    columns = set(table.columns) if table else set()
    for needed in (_COMMENT, _ARTICLE):
        if columns >= needed:
            return Match(SURE, f"it has the columns {listed(sorted(needed))}")
    return None


def rows(reading: Reading) -> Rows:
    """The articles and comments, the articles first.

    Raises:
        IngestError: If a file is no table, or has neither comments nor articles.
    """
    path = reading.source.path
    paths = [path / ARTICLES, path / COMMENTS] if path.is_dir() else [path]
    opened = [_opened(reading, one) for one in paths]

    def batches(once: Reading) -> Iterator[pl.DataFrame]:
        for source, table in opened:
            own = copy.copy(source)
            own.losses = once.losses
            yield from _batches(replace(once, source=own), table)

    return counted_once(reading, batches)


def _opened(reading: Reading, path: Path) -> tuple[Source, Table]:
    source = Source(path)
    table = table_of(source, named=True)
    if table is None or not (set(table.columns) >= _COMMENT or set(table.columns) >= _ARTICLE):
        raise source.error(
            f"has neither the columns {listed(sorted(_COMMENT))} nor {listed(sorted(_ARTICLE))}; "
            f"its columns are: {listed(table.columns if table else ())}",
            line=1,
        )
    left = [name for name in table.columns if name not in _USED]
    reading.losses.add("lost", f"columns of the table: {listed(name or '(no name)' for name in left)}", len(left))
    return source, table


def _batches(reading: Reading, table: Table) -> Iterator[pl.DataFrame]:
    wanted = [name for name in dict.fromkeys(table.columns) if name in _USED]
    make = _comments if set(table.columns) >= _COMMENT else _articles
    for frame in frames(reading, table, wanted):
        absent = [pl.lit(None, pl.String).alias(name) for name in sorted(_USED) if name not in frame.columns]
        yield make(reading, frame.with_columns(absent))


def _comments(reading: Reading, given: pl.DataFrame) -> pl.DataFrame:
    day_only = given.filter(pl.col("timestamp").is_null() & pl.col("post_time").is_not_null())
    reading.losses.add("missing", "times of day, where a day is given", day_only.height)
    counter = pl.col("comment_counter").str.strip_chars()
    odd = given.filter(counter.is_not_null() & ~counter.str.contains(_COUNTER)).height
    reading.losses.add("doubtful", "comment counters of another shape: what they answer is not known", odd)
    thread = pl.coalesce(pl.col("article_id").str.replace(r"\.0$", ""), counter.str.extract(_COUNTER))
    made = given.with_columns(
        posted_at=times(given["timestamp"], reading), text=html_texts(given["comment_text"], reading)
    )
    return made.select(
        pl.col("status")
        .str.to_lowercase()
        .replace_strict(_STATES, default=COMMENT, return_dtype=pl.String)
        .alias("kind"),
        counter.alias("key"),
        thread.alias("thread"),
        counter.str.extract(r"^([^_]+_\d+_\d+(?:_\d+)*)_\d+$").alias("parent"),
        pl.coalesce("comment_author", "author").alias("name"),
        pl.lit(None, pl.String).alias("handle"),
        "posted_at",
        pl.coalesce(counter, PLACE).alias("locator"),
        "title",
        pl.coalesce("article_url", "globe_url").alias("url"),
        "text",
    ).select(SCHEMA.names())


def _articles(reading: Reading, given: pl.DataFrame) -> pl.DataFrame:
    reading.losses.add("missing", "times of day, where a day is given", given["published_date"].count())
    id_ = pl.col("article_id").str.strip_chars().str.replace(r"\.0$", "")
    made = given.with_columns(text=html_texts(given["article_text"], reading))
    nothing = pl.lit(None, pl.String)
    return made.select(
        pl.lit(ARTICLE).alias("kind"),
        id_.alias("key"),
        id_.alias("thread"),
        nothing.alias("parent"),
        pl.col("author").alias("name"),
        nothing.alias("handle"),
        pl.lit(None, SCHEMA["posted_at"]).alias("posted_at"),
        pl.coalesce(id_, PLACE).alias("locator"),
        "title",
        pl.col("article_url").alias("url"),
        "text",
    ).select(SCHEMA.names())


READER = Reader(
    form="socc",
    title="SFU Opinion and Comments Corpus",
    description="Articles and comments of the corpus's CSV files; what a comment answers is read from its counter; "
    "paragraphs are those of its HTML, or are divided by empty lines.",
    recognise=recognise,
    rows=rows,
    files=(COMMENTS, ARTICLES),
)
