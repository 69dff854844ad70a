"""Any table with one comment a row: CSV and its kin, JSON lines, an array in JSON, Parquet, Arrow.

`--map OURS=THEIRS,...` says which column is which; in JSON, `user.name` is the `name` in the object `user`. Ours are:

    text     the words, needed
    id       what tells the comments of a thread apart, and what `parent` names
    thread   what the rows of one thread have in common; without it the table is one thread
    parent   the id of the comment that is answered
    author   the name as shown; `name` is the same
    handle   what the platform tells its users apart by
    time     when it was posted: ISO 8601, or seconds or thousandths since 1970
    title    of the thread
    url      of the thread's page
    kind     article (post, submission, story), comment (reply, nothing), or one of the kinds that `--keep` knows
    article  the words of the article, in each row of its thread

A column that is not mapped is taken by its name, if it has ours or one of the usual others (`SYNONYMS`), in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from corpus_tools.errors import listed
from corpus_tools.ingest.known import ARTICLE
from corpus_tools.ingest.model import COMMENT, KINDS
from corpus_tools.ingest.parts.columns import times
from corpus_tools.ingest.parts.tables import ARRAY, LINES, PLACE, Table, counted_once, frames, keys, opened, table_of
from corpus_tools.ingest.reading import POSSIBLE, Match, Reader, Reading
from corpus_tools.ingest.rows import SCHEMA, Rows
from corpus_tools.ingest.source import Source

OURS = ("text", "id", "thread", "parent", "author", "handle", "time", "title", "url", "kind", "article")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "comment", "comment_text", "comment_body", "message"),
    "id": ("id", "comment_id", "cid"),
    "thread": (
        "thread",
        "thread_id",
        "article_id",
        "post_id",
        "link_id",
        "conversation_id",
        "submission_id",
        "video_id",
    ),
    "parent": ("parent", "parent_id", "parent_comment_id", "reply_to", "in_reply_to"),
    "author": ("author", "name", "user", "username", "user_name", "author_name", "comment_author"),
    "handle": ("handle",),
    "time": ("time", "created_at", "date", "timestamp", "created_utc", "published_at"),
    "title": ("title", "headline"),
    "url": ("url", "link", "permalink"),
    "kind": ("kind",),
    "article": ("article", "article_text"),
}
_KINDS = {
    **dict.fromkeys(("article", "post", "submission", "story"), ARTICLE),
    **dict.fromkeys(("comment", "reply", ""), COMMENT),
    **{kind: kind for kind in KINDS},
}
_NO_PARENT = ("none", "null", "nan", "na", "n/a", "\\n", "-1", "root", "<na>")
_HTML = r"<(?:p|br|a|div|span|i|b|em|strong|blockquote)(?: [^>]*| ?/)?>|&(?:amp|lt|gt|quot|#39|nbsp);"
_GONE = {"[deleted]": "deleted", "[removed]": "removed"}


def recognise(source: Source) -> Match | None:
    """A table by its ending or its beginning; of JSON only what has a column that is called as a text is."""
    table = table_of(source)
    if table is None:
        return None
    text = _called(table.columns).get("text")
    lines = {".jsonl", ".ndjson"} & set(source.path.suffixes)
    if text is None and (table.kind == ARRAY or len(table.columns) < 2 or (table.kind == LINES and not lines)):
        return None
    return Match(POSSIBLE, f"it is {table.kind}" + (f" with a column {text!r}" if text else ""))


def rows(reading: Reading) -> Rows:
    """The rows of a table.

    Raises:
        IngestError: If it is no table, has no column of texts, or two of one name; the message lists the columns.
    """
    table = opened(reading.source)
    if table is None:
        raise reading.error("is no table that can be read: CSV or the like, JSON lines, a JSON array, Parquet, Arrow")
    columns = chosen(reading, table, keys(reading, table))
    return counted_once(reading, lambda once: _batches(once, table, columns))


def _called(columns: tuple[str, ...]) -> dict[str, str]:
    """Our names -> columns that are called so."""
    known = {_plain(column): column for column in reversed(columns) if column}
    found: dict[str, str] = {}
    for ours, names in SYNONYMS.items():
        for name in names:
            if name in known and known[name] not in found.values():
                found[ours] = known[name]
                break
    return found


def _plain(name: str) -> str:
    """A name in lower case with its words joined by `_`: `commentText` and `Comment Text` are `comment_text`."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def chosen(reading: Reading, table: Table, names: tuple[str, ...]) -> dict[str, str]:
    """Our names -> columns of the file; says what was taken by its name alone, and what is not taken."""
    twice = sorted({name for name in table.columns if name and table.columns.count(name) > 1})
    if twice:
        raise reading.error(
            f"has several columns called {listed(map(repr, twice))}; give each a name of its own", line=1
        )
    mapping = {("author" if ours == "name" else ours): theirs for ours, theirs in reading.mapping.items()}
    if unknown := [ours for ours in mapping if ours not in OURS]:
        raise reading.error(f"nothing here is called {listed(map(repr, unknown))}; what can be mapped: {listed(OURS)}")
    inside = table.kind in (LINES, ARRAY)
    exact = {name.casefold(): name for name in reversed(names)}
    for ours, theirs in mapping.items():
        if theirs not in names and theirs.casefold() not in exact and not (inside and "." in theirs):
            raise reading.error(f"has no column {theirs!r} for {ours}; its columns are: {listed(filter(None, names))}")
    mapped = {
        ours: theirs if theirs in names else exact.get(theirs.casefold(), theirs) for ours, theirs in mapping.items()
    }
    taken = _called(tuple(name for name in names if name not in mapped.values()))
    columns = {ours: column for ours, column in taken.items() if ours not in mapped} | mapped
    if "text" not in columns:
        raise reading.error(
            f"has no column that is called as texts are ({listed(SYNONYMS['text'])}); its columns are: "
            f"{listed(filter(None, names))}. Say which is which with --map text=COLUMN,...; what can be mapped: "
            f"{listed(OURS)}. If the first line is no head, write one above it",
            line=1,
        )
    guessed = [f"{theirs!r} for {ours}" for ours, theirs in columns.items() if ours not in mapped and theirs != ours]
    reading.losses.add("doubtful", f"columns taken by their names: {listed(guessed)}", len(guessed))
    left = [name or "(no name)" for name in names if name not in columns.values()]
    reading.losses.add("lost", f"columns of the table: {listed(left)}", len(left))
    return columns


def _batches(reading: Reading, table: Table, columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    wanted = list(dict.fromkeys(columns.values()))
    zero: bool | None = None
    told: set[str | None] = set()
    for frame in frames(reading, table, wanted):
        given = frame.select(
            PLACE, *(_words(frame, theirs).alias(ours) for ours, theirs in columns.items() if ours != "time")
        )
        given = given.with_columns(pl.lit(None, pl.String).alias(one) for one in OURS if one not in given.columns)
        if zero is None:
            # Many tables say 0 where nothing is answered; others count from 0.
            zero = bool((given["id"] == "0").any())
        posted_at = times(frame[columns["time"]], reading) if "time" in columns else None
        yield _made(reading, given, posted_at, columns, zero=zero, told=told)


def _words(frame: pl.DataFrame, column: str) -> pl.Expr:
    dtype = frame.schema[column]
    if dtype.is_nested() or dtype == pl.Binary:
        return pl.lit(None, pl.String)
    return pl.when(pl.col(column).cast(pl.String) != "").then(pl.col(column).cast(pl.String))


def _made(
    reading: Reading,
    given: pl.DataFrame,
    posted_at: pl.Series | None,
    columns: Mapping[str, str],
    *,
    zero: bool,
    told: set[str | None],
) -> pl.DataFrame:
    """One batch in our columns."""
    said = pl.col("kind").fill_null("").str.strip_chars().str.to_lowercase()
    kind = said.replace_strict(_KINDS, default=None, return_dtype=pl.String)
    unknown = int(given.select(kind.is_null().sum()).item())
    reading.losses.add("doubtful", "entries of an unknown kind, taken for comments", unknown)
    gone = pl.col("text").str.strip_chars().replace_strict(_GONE, default=None, return_dtype=pl.String)
    kind = kind.fill_null(COMMENT)
    marked = int(given.select(pl.col("text").str.contains(_HTML).sum()).item())
    reading.losses.add("doubtful", "texts with tags or entities of HTML, taken as they are", marked)
    key, thread, parent = _key(pl.col("id")), _key(pl.col("thread")), _key(pl.col("parent"))
    none = parent.str.to_lowercase().is_in(_NO_PARENT) | (parent == "0").and_(pl.lit(not zero))
    # Where the table holds no articles, what names the thread answers nothing that is there.
    none |= parent.eq_missing(thread) if not {"kind", "article"} & set(columns) else pl.lit(value=False)
    shown = pl.col("author").str.strip_chars()
    made = given.with_columns(posted_at=posted_at if posted_at is not None else pl.lit(None, SCHEMA["posted_at"]))
    made = made.select(
        pl.when(kind == ARTICLE).then(kind).otherwise(pl.coalesce(gone, kind)).alias("kind"),
        key.alias("key"),
        thread.alias("thread"),
        pl.when(~none.fill_null(value=True)).then(parent).alias("parent"),
        pl.when(~shown.is_in(list(_GONE))).then(shown).alias("name"),
        "handle",
        "posted_at",
        pl.coalesce("id", PLACE).alias("locator"),
        "title",
        "url",
        pl.when(gone.is_null()).then("text").alias("text"),
        article="article",
    )
    return _with_articles(made, told).select(SCHEMA.names()) if "article" in columns else made.select(SCHEMA.names())


def _key(column: pl.Expr) -> pl.Expr:
    """An id as others name it: without `.0`, which a spreadsheet writes behind it, and Reddit's `t1_` before it."""
    return column.str.strip_chars().str.replace(r"^(\d+)\.0$", "$1").str.replace(r"^t[13]_([0-9a-z]+)$", "$1")


def _with_articles(made: pl.DataFrame, told: set[str | None]) -> pl.DataFrame:
    """With a row for the article before the first row of each thread; `told` has the threads that had theirs."""
    numbered = made.with_row_index("_n")
    worded = numbered.filter(pl.col("article").is_not_null())
    first = worded.unique("thread", keep="first", maintain_order=True)
    first = first.filter([thread not in told for thread in first["thread"]])
    told.update(first["thread"])
    place = pl.concat_str(pl.lit("/article/"), pl.coalesce("thread", pl.lit("0")))
    articles = first.with_columns(
        pl.lit(ARTICLE).alias("kind"),
        pl.col("thread").alias("key"),
        place.alias("locator"),
        pl.col("article").alias("text"),
        *(pl.lit(None, SCHEMA[one]).alias(one) for one in ("parent", "name", "handle", "posted_at")),
    )
    return pl.concat([articles, numbered]).sort("_n", maintain_order=True)


READER = Reader(
    form="table",
    title="table of comments (CSV, JSON lines, Parquet and others)",
    description="Each row is a comment. Columns are taken by their names, or as they were mapped; empty lines in a "
    "text divide its paragraphs.",
    recognise=recognise,
    rows=rows,
)
