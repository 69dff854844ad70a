"""Whole columns at once: words as `markup` cleans them, times as `Reading.time` reads them."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.reading import FIRST, LAST, Reading

UTC = pl.Datetime("us", "UTC")
# White space and the byte order mark, as in standoff.BLANK.
_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffe}\x{ffff}]"
# Seconds, thousandths and millionths since 1970 differ by so much that no plausible time is taken for another.
_THOUSANDTHS, _MILLIONTHS = 1e11, 1e14
_ISO = (
    r"^(?P<day>\d{4}-\d{2}-\d{2})[T ]+(?P<time>\d{2}:\d{2}(?::\d{2})?)(?:[.,](?P<part>\d{1,9}))?"
    r"\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
)


def cleaned(text: pl.Expr) -> pl.Expr:
    """`markup.plain_body` of every text: line ends made one, control characters out, empty lines between paragraphs."""
    ends = text.str.replace_all(r"\r\n?|[\u2028\u2029\u0085]", "\n").str.replace_all(_CONTROLS, "")
    # In two steps, each of which has letters to look for: one pattern for both sides takes five times as long.
    parted = ends.str.replace_all(r"\n[^\S\n]*\n[\s\x{feff}]*", "\n\n").str.replace_all(r"[\s\x{feff}]+\n\n", "\n\n")
    return parted.str.strip_chars(_BLANKS)


def on_one_line(text: pl.Expr) -> pl.Expr:
    """`markup.one_line` of every text; null where nothing is left."""
    line = text.str.replace_all(_CONTROLS, "").str.replace_all(r"\x{feff}", "").str.replace_all(r"\s+", " ")
    line = line.str.strip_chars(" ")
    return pl.when(line != "").then(line)


def times(given: pl.Series, reading: Reading) -> pl.Series:
    """Times in UTC: of ISO 8601, of numbers since 1970, or typed; null where one is not absolute, which is counted."""
    if isinstance(given.dtype, pl.Datetime):
        made = _zoned(given, reading) if given.dtype.time_zone is None else given.cast(UTC)
    elif given.dtype == pl.Date:
        reading.losses.add("missing", "times of day, where a day is given", given.count())
        made = given.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").clear(given.len())
    elif given.dtype.is_numeric():
        # 20200131 is a day, not the 22nd of August 1970.
        days = given.is_between(19_000_101, 21_001_231)
        reading.losses.add("missing", "times of day, where a day is given", int(days.sum() or 0))
        given = given.to_frame("n").select(pl.when(~days).then("n"))["n"]
        made = _since_1970(given)
        reading.losses.add("missing", "times, because they cannot be read", given.count() - made.count())
    else:
        made = _shown(given.cast(pl.String).str.strip_chars(), reading)
    plausible = (made >= FIRST) & (made < LAST)
    n_odd = made.count() - int(plausible.sum() or 0)
    reading.losses.add("missing", "times, because they lie before 1970 or after 2099", n_odd)
    return made.to_frame("t").select(pl.when(plausible).then("t"))["t"].cast(UTC)


def _since_1970(numbers: pl.Series) -> pl.Series:
    seconds = pl.col("n").cast(pl.Float64)
    size = seconds.abs()
    per_second = pl.when(size > _MILLIONTHS).then(1e6).when(size > _THOUSANDTHS).then(1e3).otherwise(1.0)
    # What lies outside 64 bits, or is no number, is no time.
    counted = pl.when(seconds.is_finite() & (size < 1e18)).then(seconds / per_second * 1e6)
    return numbers.to_frame("n").select(counted.round().cast(pl.Int64).cast(UTC))["n"]


def _zoned(naive: pl.Series, reading: Reading) -> pl.Series:
    """Times without a zone in that of the reading; none where it has none."""
    naive = naive.cast(pl.Datetime("us"))
    zone = reading.zone
    if zone is None:
        reading.losses.add("missing", "times, because they name no zone (give one with --zone)", naive.count())
        return pl.Series(naive.name, [None], dtype=UTC).new_from_index(0, naive.len())
    if isinstance(zone, zoneinfo.ZoneInfo):
        local = naive.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
        reading.losses.add("missing", "times, because they cannot be read", naive.count() - local.count())
        return local.cast(UTC)
    return naive.dt.replace_time_zone("UTC") - (zone.utcoffset(None) or datetime.timedelta())


def _shown(shown: pl.Series, reading: Reading) -> pl.Series:
    frame = shown.to_frame("s").select(
        pl.when((pl.col("s") != "") & ~pl.col("s").str.starts_with("0000-00-00")).then("s")
    )
    number = pl.col("s").str.contains(r"^-?\d{8,17}(?:\.\d+)?$") & ~pl.col("s").str.contains(r"^\d{8}$")
    since = _since_1970(frame.select(pl.when(number).then("s").cast(pl.Float64))["s"])
    part = pl.col("s").str.extract_groups(_ISO)
    made = frame.select("s", _=part).unnest("_").with_columns(since=since)
    clock = pl.when(pl.col("time").str.len_bytes() == 5).then(pl.col("time") + ":00").otherwise("time")
    parts = pl.col("part").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0)
    naive = pl.concat_str("day", clock, separator=" ").str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    made = made.with_columns(naive=naive + pl.duration(microseconds=parts))
    unzoned = made.select(pl.when(pl.col("zone").is_null()).then("naive"))["naive"]
    hours = pl.col("zone").str.slice(1, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = pl.col("zone").str.extract(r"(\d{2})$").cast(pl.Int64, strict=False).fill_null(0)
    minutes = pl.when(pl.col("zone").str.len_bytes() > 3).then(minutes).otherwise(0)
    offset = pl.duration(minutes=hours * 60 + minutes) * pl.when(pl.col("zone").str.starts_with("-")).then(
        -1
    ).otherwise(1)
    absolute = pl.when(pl.col("zone").is_not_null()).then(pl.col("naive").dt.replace_time_zone("UTC") - offset)
    made = made.with_columns(absolute=absolute, local=_zoned(unzoned, reading))
    rest = pl.col("s").is_not_null() & pl.col("naive").is_null() & pl.col("since").is_null()
    others = made.select(pl.when(rest).then("s"))["s"]
    found = dict(_read_singly(others, reading))
    if found:
        more = others.replace_strict(list(found), list(found.values()), default=None, return_dtype=UTC)
        made = made.with_columns(more=more)
    else:
        made = made.with_columns(more=pl.lit(None, UTC))
    return made.select(pl.coalesce("since", "absolute", "local", "more").alias("t"))["t"]


def _read_singly(shown: pl.Series, reading: Reading) -> Iterator[tuple[str, datetime.datetime]]:
    """The times that only `Reading.time` can read, each form once however often it stands there."""
    for value, n in shown.drop_nulls().value_counts().iter_rows():
        losses = Losses()
        time = replace(reading, source=_Counting(losses)).time(value)  # type: ignore[arg-type]
        for category, reasons in losses.counts.items():
            for reason in reasons:
                reading.losses.add(category, reason, n)
        if time is not None:
            yield value, time


class _Counting:
    """In place of a source, where only its losses are asked for."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses


def html_texts(texts: pl.Series, reading: Reading, *, blank_lines: bool = False) -> pl.Series:
    """`markup.html_body` of every text that has anything of HTML in it."""

    def body(text: str | None) -> str | None:
        if text is None or ("<" not in text and "&" not in text):
            return text
        try:
            return reading.body(text, blank_lines=blank_lines).text
        except IngestError:
            reading.losses.add("doubtful", "texts whose HTML cannot be read, taken as they are")
            return text

    return pl.Series(texts.name, [body(text) for text in texts], dtype=pl.String)
