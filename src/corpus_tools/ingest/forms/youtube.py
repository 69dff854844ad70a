"""Comments on YouTube videos: what the Data API answers, tables made of it, downloaders' files, Google Takeout.

Files: `commentThreads` and `comments` responses (one, an array of them, or their items one a line); tables with the
columns of the API, as CSV or JSON; youtube-comment-downloader (`cid`, `text`, `time`, `author`, ...); yt-dlp's
`.info.json`; YouTube Data Tools; `comments.csv` of Google Takeout; the YouTube Spam Collection. A video is a thread
without article.

An answer's id is that of what it answers, a dot, and its own; that is how its parent is known where no column says it.
Downloaders see times as `2 years ago` and reckon back from the day they ran; such times are not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from corpus_tools.errors import IngestError, listed
from corpus_tools.ingest.model import COMMENT
from corpus_tools.ingest.parts.columns import html_texts, times
from corpus_tools.ingest.parts.lines import objects
from corpus_tools.ingest.parts.tables import (
    ARRAY,
    LINES,
    PLACE,
    Table,
    counted_once,
    frames,
    keys,
    of_objects,
    table_of,
)
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.rows import SCHEMA, Rows
from corpus_tools.ingest.source import Source

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("commentid", "cid", "id"),
    "original": ("textoriginal",),
    "text": ("textdisplay", "commenttext", "text", "content", "comment"),
    "name": ("authordisplayname", "authorname", "author"),
    "handle": ("authorchannelid", "authorid", "channel"),
    "time": ("publishedat", "commentcreatetimestamp", "date"),
    "parent": ("parentcommentid", "parentid", "isreplyto", "parent"),
    "thread": ("videoid",),
    "post": ("postid",),
    "title": ("videotitle", "videoname"),
    "url": ("webpageurl",),
    "state": ("moderationstatus",),
}
"""Ours -> names of columns, in lower case without what is no letter, the first that is there."""
_SETS = (
    ("textdisplay", "authordisplayname"),
    ("textoriginal", "authordisplayname"),
    ("textdisplay", "publishedat"),
    ("textoriginal", "publishedat"),
    ("authordisplayname", "videoid"),
    ("authordisplayname", "publishedat"),
    ("authorchannelid", "videoid"),
    ("authorchannelid", "isreplyto"),
    ("cid", "text", "author", "channel"),
    ("cid", "text", "author", "votes"),
    ("commentid", "commentcreatetimestamp", "commenttext"),
    ("commentid", "author", "date", "content"),
    ("id", "text", "authorid", "authorisuploader"),
    ("id", "text", "authorid", "authorthumbnail"),
)
_RECKONED = ("timeparsed", "timetext", "timestamp", "time")
"""Columns of downloaders, whose times are reckoned from how long ago something was."""
_AGO = "times, because the source has only how long ago it was"
_LEADING = b"\xef\xbb\xbf \t\r\n"
_STATES = {"heldForReview": "unapproved", "likelySpam": "spam", "rejected": "removed"}
_HTML = r"<br ?/?>|<a href=|&#39;|&quot;"
_API = re.compile(rb'"kind"\s*:\s*"youtube#comment')
_FIELDS = {
    "id": "id",
    "original": "textOriginal",
    "text": "textDisplay",
    "name": "authorDisplayName",
    "handle": "authorChannelId",
    "time": "publishedAt",
    "parent": "parentId",
    "thread": "videoId",
    "title": "title",
    "url": "webpage_url",
    "state": "moderationStatus",
}
"""Ours -> keys of what `_entries` makes of JSON."""


def recognise(source: Source) -> Match | None:
    """A response of the API, or a table with columns that only comments of YouTube have."""
    if source.path.is_dir() or source.is_zip:
        return None
    head = source.head
    if _API.search(head) and head.lstrip(_LEADING)[:1] in (b"{", b"["):
        return Match(SURE, 'its "kind" is youtube#comment...')
    if source.path.name.lower().endswith(".info.json") and head.lstrip()[:1] == b"{":
        return _info(source)
    table = table_of(source)
    if table is None:
        return None
    names = {_bare(name) for name in table.columns}
    for fields in _SETS:
        if names.issuperset(fields):
            shown = [name for name in table.columns if _bare(name) in fields]
            return Match(SURE, f"it is {table.kind} with the columns {listed(shown)}")
    return None


def _info(source: Source) -> Match | None:
    try:
        value = source.json
    except IngestError:
        return None
    if isinstance(value, dict) and isinstance(value.get("comments"), list):
        told = "youtube" in str(value.get("extractor")).lower()
        return Match(SURE if told else LIKELY, "it is a description of a video with its comments")
    return None


def _bare(name: str) -> str:
    """`snippet.topLevelComment.snippet.authorChannelId.value` and `Author Channel ID` as `authorchannelid`."""
    last = name.removesuffix(".value").rpartition(".")[2]
    return re.sub(r"[^a-z]", "", last.lower())


def rows(reading: Reading) -> Rows:
    """The comments of a file.

    Raises:
        IngestError: If it is none of the files named above.
    """
    table = table_of(reading.source, named=True)
    if table is not None and not (table.kind in (LINES, ARRAY) and _nested(reading.source, table)):
        columns = _chosen(reading, keys(reading, table))
        wanted = list(dict.fromkeys(columns.values()))
        return counted_once(reading, lambda once: _batches(once, frames(once, table, wanted), columns))
    if reading.source.head.lstrip(_LEADING)[:1] not in (b"{", b"["):
        raise reading.error("is no file of comments on YouTube: neither a response of its API nor a table of them")
    lines = table is not None and table.kind == LINES

    def batches(once: Reading) -> Iterator[pl.DataFrame]:
        values = (value for _, value in objects(once.source, once.losses)) if lines else iter([once.source.json])
        entries = enumerate(_entries(once, values))
        return _batches(once, of_objects(entries, list(_FIELDS.values()), "/"), _FIELDS)

    return counted_once(reading, batches)


def _nested(source: Source, table: Table) -> bool:
    if table.under is not None and {"extractor", "webpage_url"} & set(source.json):
        return True
    return bool(_API.search(source.head)) or bool({"comments", "items", "snippet"} & set(table.columns))


def _chosen(reading: Reading, names: tuple[str, ...]) -> dict[str, str]:
    known = {_bare(name): name for name in reversed(names) if name}
    chosen = {
        ours: next(known[name] for name in wanted if name in known)
        for ours, wanted in COLUMNS.items()
        if any(name in known for name in wanted)
    }
    if "commentcreatetimestamp" in known and "channelid" in known:
        # In Takeout the channel is that of who wrote the comment; elsewhere it is that of the video.
        chosen["handle"] = known["channelid"]
    if not {"text", "original"} & set(chosen):
        raise reading.error(f"has no column of texts; its columns are: {listed(filter(None, names))}", line=1)
    left = [name or "(no name)" for name in names if name not in chosen.values()]
    reading.losses.add("lost", f"columns of the table: {listed(left)}", len(left))
    if "time" not in chosen and (reckoned := [known[name] for name in _RECKONED if name in known]):
        chosen["ago"] = reckoned[0]
    return chosen


def _entries(reading: Reading, values: Iterator[Any]) -> Iterator[dict[str, Any]]:
    """The comments in responses of the API, and in what yt-dlp writes, each with the keys that `_FIELDS` names."""
    for value in values:
        pages = value if isinstance(value, list) else [value]
        for page in pages:
            if isinstance(page, dict) and isinstance(page.get("comments"), list):
                yield from _of_video(reading, page)
                continue
            items = page.get("items") if isinstance(page, dict) and "items" in page else [page]
            for item in items if isinstance(items, list) else []:
                yield from _of_item(reading, item)


def _of_item(reading: Reading, item: Any) -> Iterator[dict[str, Any]]:
    """A comment, or a comment with its answers."""
    snippet = _dict(_dict(item).get("snippet"))
    top = snippet.get("topLevelComment")
    if top is None:
        found = [(item, None)]
    else:
        answers = _dict(_dict(item).get("replies")).get("comments")
        answers = answers if isinstance(answers, list) else []
        found = [(top, None), *((answer, _dict(top).get("id")) for answer in answers)]
        total = snippet.get("totalReplyCount")
        absent = total - len(answers) if isinstance(total, int) else 0
        reading.losses.add("missing", "answers that the platform counts and the source does not have", max(absent, 0))
    for one, parent in found:
        fields = _dict(_dict(one).get("snippet"))
        if not {"textDisplay", "textOriginal"} & set(fields):
            reading.losses.add("dropped", "entries that are no comments")
            continue
        channel = fields.get("authorChannelId")
        yield {
            "parentId": parent,
            "videoId": snippet.get("videoId"),
            **{key: value for key, value in fields.items() if value is not None},
            "id": _dict(one).get("id"),
            "authorChannelId": channel.get("value") if isinstance(channel, dict) else channel,
        }


def _of_video(reading: Reading, video: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in video["comments"]:
        if not isinstance(one, dict) or not isinstance(one.get("text"), str):
            reading.losses.add("dropped", "entries that are no comments")
            continue
        if one.get("timestamp") is not None:
            reading.losses.add("missing", _AGO)
        yield {
            "id": one.get("id"),
            "textOriginal": one["text"],
            "authorDisplayName": one.get("author"),
            "authorChannelId": one.get("author_id"),
            "parentId": one.get("parent"),
            "videoId": video.get("id"),
            "title": video.get("title"),
            "webpage_url": video.get("webpage_url"),
        }


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _batches(reading: Reading, given: Iterator[pl.DataFrame], columns: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    is_html: bool | None = None
    for frame in given:
        made = frame.select(PLACE, *(_words(frame, theirs).alias(ours) for ours, theirs in columns.items()))
        made = made.with_columns(
            pl.lit(None, pl.String).alias(one) for one in (*COLUMNS, "ago") if one not in made.columns
        )
        if is_html is None:
            # `textDisplay` is HTML unless plain text was asked for, and tables rarely say which they took.
            is_html = bool(made["text"].str.contains(_HTML).any())
        text = made["text"]
        if "commentcreatetimestamp" in map(_bare, columns.values()):
            text = pl.Series("text", [_segments(one) for one in text], dtype=pl.String)
        elif is_html:
            text = html_texts(text, reading, blank_lines=True)
        reading.losses.add("missing", _AGO, made["ago"].count())
        time = times(frame[columns["time"]], reading) if "time" in columns else pl.lit(None, SCHEMA["posted_at"])
        yield _made(made.with_columns(text=text, posted_at=time))


def _words(frame: pl.DataFrame, column: str) -> pl.Expr:
    if frame.schema[column].is_nested() or frame.schema[column] == pl.Binary:
        return pl.lit(None, pl.String)
    return pl.when(pl.col(column).cast(pl.String) != "").then(pl.col(column).cast(pl.String))


def _made(given: pl.DataFrame) -> pl.DataFrame:
    parent = pl.coalesce("parent", pl.col("id").str.extract(r"^([^.]+)\."))
    return given.select(
        pl.col("state").replace_strict(_STATES, default=COMMENT, return_dtype=pl.String).alias("kind"),
        pl.col("id").alias("key"),
        pl.coalesce("thread", "post", "title").alias("thread"),
        pl.when(~parent.str.to_lowercase().is_in(["root", "none", "0"])).then(parent).alias("parent"),
        "name",
        "handle",
        "posted_at",
        pl.coalesce("id", PLACE).alias("locator"),
        "title",
        "url",
        pl.coalesce("original", "text").alias("text"),
    ).select(SCHEMA.names())


def _segments(text: str | None) -> str | None:
    """The words of a text in Takeout: `{"text":"..."},{"text":"..."}`, or as it is where it is no JSON."""
    if text is None or not text.lstrip().startswith("{"):
        return text
    try:
        parts = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return text
    if len(parts) == 1 and isinstance(parts[0], dict) and isinstance(parts[0].get("takeoutSegments"), list):
        parts = parts[0]["takeoutSegments"]
    words = [part.get("text") for part in parts if isinstance(part, dict)]
    whole = "".join(word for word in words if isinstance(word, str))
    return whole.encode("utf-8", "ignore").decode()


READER = Reader(
    form="youtube",
    title="YouTube comments (Data API, downloaders, Takeout, tables)",
    description="A video is a thread without article. HTML of the platform is read as a browser shows it; empty lines "
    "divide paragraphs; an answer is known by the id that the platform made of the one it answers.",
    recognise=recognise,
    rows=rows,
)
