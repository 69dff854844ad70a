"""Values of an export in JSON, which may be of any type, taken for what a thread needs of them."""

from __future__ import annotations

import codecs
import datetime
import html
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from corpus_tools.errors import IngestError
from corpus_tools.ingest.markup import Body, one_line
from corpus_tools.ingest.model import ReadText
from corpus_tools.ingest.reading import Reading
from corpus_tools.ingest.source import HEAD, Source

Entry = Mapping[str, Any]
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOBODY = frozenset(("[deleted]", "[removed]", "[dead]", "[flagged]"))
_ESCAPED = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos);", re.I)


def head_of(source: Source) -> str:
    """The beginning of a file as text, also of one packed with gzip; what is no character is left out."""
    head = source.head
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD)
        except zlib.error:
            return ""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(name, "ignore")
    return head.decode("utf-8", "ignore")


def begins_json(head: str) -> bool:
    """Whether a file may be a JSON object or array, or lines of them."""
    return head.lstrip()[:1] in ("{", "[")


def has_keys(head: str, *keys: str) -> bool:
    """Whether every one of these is a key in the beginning of a JSON file."""
    return all(re.search(rf'"{re.escape(key)}"\s*:', head) for key in keys)


def documents(source: Source) -> list[Any]:
    """The value of a JSON file, alone in a list; the values of its lines where each line is one.

    Raises:
        IngestError: If it is neither; the message is that of the file as one value.
    """
    try:
        return [source.json]
    except IngestError as problem:
        lines = [(number, line) for number, line in enumerate(source.text.split("\n"), 1) if line.strip()]
        if len(lines) < 2:
            raise
        found: list[Any] = []
        for number, line in lines:
            try:
                found.append(source.parse_json(line, line=number))
            except IngestError:
                # The first line of a value that is spread over many is seldom a value itself.
                if not found:
                    raise problem from None
                source.losses.add("dropped", "lines that are no JSON")
        return found


def line_of(value: object) -> str | None:
    """A string on one line, without characters that no text has; None where nothing is left or it is no string."""
    return one_line(value) or None if isinstance(value, str) else None


def name_of(value: object) -> str | None:
    """A name as shown; None for a mark that stands for an account that is gone."""
    name = line_of(value)
    return None if name is not None and name.casefold() in _NOBODY else name


def id_from(value: object) -> str | None:
    """An id, which may be a number or a string."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return line_of(value)


def items_of(value: object) -> list[Any]:
    """A list as it is; an empty one for anything else."""
    return value if isinstance(value, list) else []


def entry_of(value: object) -> Entry:
    """An object as it is; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def time_of(reading: Reading, value: object) -> datetime.datetime | None:
    """A time given as a string, or as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\s*\d{9,10}(?:\.\d+)?\s*", value):
        return reading.time(value)
    return reading.epoch(value) if isinstance(value, int | float | str) else None


def unescaped(shown: str | None) -> str | None:
    """A title in which the characters of markup are escaped, as they are."""
    return None if shown is None else _ESCAPED.sub(lambda match: html.unescape(match[0]), shown)


def body_of(reading: Reading, markup: object) -> Body | None:
    """The words of a piece of HTML; None where there is none. One that cannot be read is counted."""
    if not isinstance(markup, str):
        return None
    try:
        return reading.body(markup)
    except IngestError:
        reading.losses.add("lost", "words of texts whose markup cannot be read")
        return None


def by_time(comments: Iterable[ReadText]) -> tuple[ReadText, ...]:
    """Comments in the order of their times; one without a time stays behind the one before it."""
    last = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    timed = []
    for comment in comments:
        last = comment.posted_at or last
        timed.append((last, comment))
    timed.sort(key=lambda pair: pair[0])
    return tuple(comment for _, comment in timed)


def top_of(name: str, above: Mapping[str, str | None], tops: dict[str, str]) -> str:
    """The highest that is reached from an entry over what each answers; it need not be there itself.

    Args:
        name: The entry.
        above: What each entry answers; None for one that answers nothing.
        tops: What is known from earlier calls; each way up is gone once.
    """
    way: list[str] = []
    here: str | None = name
    top = name
    while here is not None:
        top = here
        if here in tops:
            top = tops[here]
            break
        # Until it is known; a circle ends where it began.
        tops[here] = here
        way.append(here)
        here = above.get(here)
    for one in way:
        tops[one] = top
    return top
