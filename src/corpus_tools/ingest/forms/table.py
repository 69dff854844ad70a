"""Any table with one comment a row: CSV and its kin, JSON lines, an array in JSON, Parquet, Arrow.

`--map OURS=THEIRS,...` says which column is which; in JSON, `user.name` is the `name` in the object `user`. Ours are:

    text     the words, needed
    id       what tells the comments of a thread apart, and what `parent` names
    thread   what the rows of one thread have in common; without it, and without a column such as `article_url` or
             `post_title`, the table is one thread
    parent   the id of the comment that is answered
    author   the name as shown; `name` is the same
    handle   what the platform tells its users apart by
    time     when it was posted: ISO 8601, or seconds or thousandths since 1970
    title    of the thread
    url      of the thread's page
    kind     article (post, submission, story), comment (reply, nothing), or one of the kinds that `--keep` knows
    article  the words of the article, in each row of its thread

In JSON, answers may stand in what they answer, in a list called `replies`, `children` or the like.

A column that is not mapped is taken by its name, if it has ours or one of the usual others, in any case
(`parts/table_names.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from corpus_tools.errors import listed
from corpus_tools.ingest.known import ARTICLE
from corpus_tools.ingest.model import COMMENT, KINDS
from corpus_tools.ingest.parts.columns import times
from corpus_tools.ingest.parts.table_answers import ABOVE, Nesting
from corpus_tools.ingest.parts.table_names import OF_PAGES, SYNONYMS, TYPES, called, plain
from corpus_tools.ingest.parts.tables import (
    ARRAY,
    LINES,
    PLACE,
    Table,
    counted_once,
    frames,
    keys,
    opened,
    table_of,
    uncounted,
)
from corpus_tools.ingest.reading import POSSIBLE, Match, Reader, Reading
from corpus_tools.ingest.rows import SCHEMA, Rows
from corpus_tools.ingest.source import Source

OURS = ("text", "id", "thread", "parent", "author", "handle", "time", "title", "url", "kind", "article")
_KINDS = {
    **dict.fromkeys(("article", "post", "submission", "story"), ARTICLE),
    **dict.fromkeys(("comment", "reply", ""), COMMENT),
    **{kind: kind for kind in KINDS},
}
_NO_PARENT = ("none", "null", "nan", "na", "n/a", "\\n", "-1", "root", "<na>")
_HTML = r"<(?:p|br|a|div|span|i|b|em|strong|blockquote)(?: [^>]*| ?/)?>|&(?:amp|lt|gt|quot|#39|nbsp);"
MOST_SHOWN, MOST_LETTERS = 30, 40
"""Columns that a message lists, and letters that it has of each."""
_NOBODY = ("[deleted]", "[removed]")
_NOTHING = ("None", "nan", "NaN", "null", "NULL", "<NA>", "N/A")
"""What programs write where there is nothing."""
_GONE = {"[deleted]": "deleted", "[removed]": "removed"}


def recognise(source: Source) -> Match | None:
    """A table by its ending or its beginning; of JSON only what has a column that is called as a text is."""
    table = table_of(source)
    if table is None:
        return None
    text = called(table.columns).get("text")
    lines = {".jsonl", ".ndjson"} & set(source.path.suffixes)
    if text is None and (table.kind == ARRAY or len(table.columns) < 2 or (table.kind == LINES and not lines)):
        return None
    return Match(POSSIBLE, f"it is {table.kind}" + (f" with a column {text!r}" if text else ""))


def rows(reading: Reading) -> Rows:
    """The rows of a table.

    Raises:
        IngestError: If it is no table, has no column of texts, or two of one name; the message lists the columns.
    """
    if reading.source.is_zip:
        raise reading.error("is an archive or a workbook; unpack it, or save its sheet as CSV, and name that file")
    table = opened(reading.source)
    if table is None:
        raise reading.error("is no table that can be read: CSV or the like, JSON lines, a JSON array, Parquet, Arrow")
    columns = chosen(reading, table, keys(reading, table))
    return counted_once(reading, lambda once: _batches(once, table, columns))


def chosen(reading: Reading, table: Table, names: tuple[str, ...]) -> dict[str, str]:
    """Our names -> columns of the file; says what was taken by its name alone, and what is not taken."""
    mapping = {("author" if ours == "name" else ours): theirs for ours, theirs in reading.mapping.items()}
    if unknown := [ours for ours in mapping if ours not in OURS]:
        raise reading.error(f"nothing here is called {listed(map(repr, unknown))}; what can be mapped: {listed(OURS)}")
    inside = table.kind in (LINES, ARRAY)
    exact = {name.casefold(): name for name in reversed(names)}
    for ours, theirs in mapping.items():
        if theirs not in names and theirs.casefold() not in exact and not (inside and "." in theirs):
            raise reading.error(f"has no column {theirs!r} for {ours}; its columns are: {_shown(names)}")
    mapped = {
        ours: theirs if theirs in names else exact.get(theirs.casefold(), theirs) for ours, theirs in mapping.items()
    }
    left = tuple(name for name in names if name not in mapped.values())
    taken = {ours: column for ours, column in called(left).items() if ours not in mapped}
    if "kind" not in taken | mapped and (column := _types(reading, table, left)):
        taken["kind"] = column
    columns = taken | mapped
    if "thread" not in columns:
        # A page has one address and one title; what is called `url` or `title` alone may be that of a comment.
        of_page = [columns[ours] for ours in OF_PAGES if ours in columns and plain(columns[ours]) in OF_PAGES[ours]]
        if of_page:
            columns["thread"] = of_page[0]
    if "text" not in columns:
        raise reading.error(
            f"has no column that is called as texts are ({listed(SYNONYMS['text'][:7])}, …); its columns are: "
            f"{_shown(names)}. Say which is which with --map text=COLUMN,...; what can be mapped: "
            f"{listed(OURS)}" + ("" if inside else ". If the first line is no head, write one above it"),
            line=1,
        )
    guessed = [f"{theirs!r} for {ours}" for ours, theirs in columns.items() if ours not in mapped and theirs != ours]
    reading.losses.add("doubtful", f"columns taken by their names: {listed(guessed)}", len(guessed))
    twice = [name for name in dict.fromkeys(columns.values()) if table.columns.count(name) > 1]
    if twice:
        raise reading.error(
            f"has several columns called {listed(map(repr, twice))}; give each a name of its own", line=1
        )
    unused = [name or "(no name)" for name in names if name not in columns.values()]
    reading.losses.add("lost", f"columns of the table: {listed(unused)}", len(unused))
    return columns


def _shown(names: tuple[str, ...]) -> str:
    """The columns for a message; where the head is missing, they are the cells of the first row."""
    named = [name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS]}…" for name in names if name]
    more = len(named) - MOST_SHOWN
    return listed(named[:MOST_SHOWN]) + (f", and {more:,} more" if more > 0 else "")


def _types(reading: Reading, table: Table, names: tuple[str, ...]) -> str | None:
    """A column that says whether a row is an article: its name lets it, and all that its first rows say is known."""
    for name in names:
        if plain(name.rpartition(".")[2]) in TYPES and table.columns.count(name) < 2:
            first = next(frames(uncounted(reading), table, [name]), None)
            if first is not None and first.schema[name] == pl.String:
                said = set(first[name].drop_nulls().str.strip_chars().str.to_lowercase())
                if said and said <= set(_KINDS):
                    return name
    return None


def _batches(reading: Reading, table: Table, columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    wanted = list(dict.fromkeys(columns.values()))
    nesting = None
    if table.kind in (LINES, ARRAY):
        shared = tuple(columns[ours] for ours in ("thread", "title", "url") if ours in columns)
        nesting = Nesting(columns["text"], columns.get("id"), shared)
        wanted.append(ABOVE)
    zero: bool | None = None
    told: set[str | None] = set()
    for frame in frames(reading, table, wanted, nesting):
        if frame.schema[columns["text"]].is_nested():
            raise reading.error(f"has lists in its column {columns['text']!r}, and no texts; name another with --map")
        given = frame.select(
            PLACE, *(_words(frame, theirs).alias(ours) for ours, theirs in columns.items() if ours != "time")
        )
        given = given.with_columns(frame[ABOVE]) if nesting is not None else given
        missing = [one for one in (*OURS, ABOVE) if one not in given.columns]
        given = given.with_columns(pl.lit(None, pl.String).alias(one) for one in missing)
        if zero is None:
            # Many tables say 0 where nothing is answered; others count from 0.
            zero = bool((given["id"] == "0").any())
        posted_at = times(frame[columns["time"]], reading) if "time" in columns else None
        yield _made(reading, given, posted_at, columns, nested=nesting is not None, zero=zero, told=told)


def _words(frame: pl.DataFrame, column: str) -> pl.Expr:
    if frame.schema[column].is_nested():
        return pl.lit(None, pl.String)
    if frame.schema[column] == pl.Binary:
        # Some programs write text as bytes.
        return pl.col(column).map_elements(_decoded, return_dtype=pl.String)
    words = pl.col(column).cast(pl.String)
    return pl.when(words != "").then(words)


def _decoded(raw: bytes) -> str | None:
    """The text that bytes are, None where they are none."""
    try:
        return raw.decode("utf-8") or None
    except UnicodeDecodeError:
        return None


def _made(
    reading: Reading,
    given: pl.DataFrame,
    posted_at: pl.Series | None,
    columns: Mapping[str, str],
    *,
    nested: bool,
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
    shown, handle = pl.col("author").str.strip_chars(), pl.col("handle").str.strip_chars()
    nobody = int(given.select(shown.is_in(_NOTHING).sum()).item())
    reading.losses.add("doubtful", "authors called None, nan or null, taken for nobody", nobody)
    if "thread" in columns:
        # Where posts and comments are in one table, the posts often leave it empty.
        thread = pl.coalesce(thread, pl.when(kind == ARTICLE).then(key))
    made = given.with_columns(posted_at=posted_at if posted_at is not None else pl.lit(None, SCHEMA["posted_at"]))
    made = made.select(
        pl.when(kind == ARTICLE).then(kind).otherwise(pl.coalesce(gone, kind)).alias("kind"),
        # What stands in a row without an id calls it by its place.
        (pl.coalesce(key, PLACE) if nested else key).alias("key"),
        thread.alias("thread"),
        pl.coalesce(pl.when(~none.fill_null(value=True)).then(parent), _key(pl.col(ABOVE))).alias("parent"),
        pl.when(~shown.is_in((*_NOBODY, *_NOTHING))).then(shown).alias("name"),
        pl.when(~handle.is_in((*_NOBODY, *_NOTHING))).then(handle).alias("handle"),
        "posted_at",
        pl.coalesce(_whole(pl.col("id")), PLACE).alias("locator"),
        "title",
        "url",
        pl.when(gone.is_null()).then("text").alias("text"),
        article="article",
    )
    return _with_articles(made, told).select(SCHEMA.names()) if "article" in columns else made.select(SCHEMA.names())


def _whole(column: pl.Expr) -> pl.Expr:
    """An id without `.0`, which a spreadsheet writes behind it."""
    return column.str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")


def _key(column: pl.Expr) -> pl.Expr:
    """An id as others name it: without Reddit's `t1_` before it."""
    return _whole(column).str.replace(r"^t[13]_([0-9a-z]+)$", "$1")


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
