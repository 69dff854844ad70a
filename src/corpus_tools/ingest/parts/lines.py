"""One JSON object a line, in bounded memory: a file as it is, or packed with gzip or Zstandard."""

from __future__ import annotations

import codecs
import copy
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import polars as pl

from corpus_tools.errors import IngestError, MissingExtraError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.reading import Reading
from corpus_tools.ingest.rows import SCHEMA, Rows
from corpus_tools.ingest.source import CONTROL, HEAD, LARGEST, Source

LONGEST = 1 << 26
"""Bytes of one line that are taken into memory."""
WIDEST_WINDOW = 1 << 31
"""The window that the dumps of Reddit are packed with; zstandard refuses it unless it is told."""
BATCH = 50_000
"""Rows of a batch, unless their words come to `BATCH_SIZE` characters before."""
BATCH_SIZE = 1 << 25
_PIECE = 1 << 18
# Two KiB of Zstandard unpack to 64 MiB at most, so that a bomb stays small.
_PACKED_PIECE = 1 << 11
_GZIP, _ZSTANDARD, _SKIPPED_FRAME = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is packed with gzip or Zstandard."""
    return head.startswith((_GZIP, _ZSTANDARD)) or head[1:4] == _SKIPPED_FRAME


def pieces(file: BinaryIO, error: Callable[[str], IngestError]) -> Iterator[bytes]:
    """The bytes of a file in pieces of bounded size, unpacked where it is packed, UTF-16 as UTF-8, without its mark.

    Raises:
        IngestError: As `error` makes it, if it cannot be unpacked, or ends before its packed content does.
        MissingExtraError: If zstandard is needed and not installed.
    """
    start = file.read(4)
    if start.startswith(_GZIP):
        unpacked = _gunzipped(file, start, error)
    elif is_packed(start):
        unpacked = _unpacked(file, start, error)
    else:
        unpacked = _as_they_are(file, start)
    yield from _as_utf8(unpacked)


def _as_they_are(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    yield start
    while piece := file.read(_PIECE):
        yield piece


def _gunzipped(file: BinaryIO, piece: bytes, error: Callable[[str], IngestError]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        while piece:
            yield unpacking.decompress(piece, _PIECE)
            piece = unpacking.unconsumed_tail
            if unpacking.eof:
                # Several packed files one behind the other are one; zeros fill a block of a tape.
                piece = (unpacking.unused_data or file.read(_PIECE)).lstrip(b"\0")
                if not piece:
                    return
                unpacking = zlib.decompressobj(wbits=31)
            piece = piece or file.read(_PIECE)
    except zlib.error as problem:
        raise error(f"cannot be unpacked: {problem}") from None
    raise error("ends before its packed content does; fetch it again")


def _unpacked(file: BinaryIO, piece: bytes, error: Callable[[str], IngestError]) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        raise MissingExtraError("zstandard", "ingest") from None
    context = zstandard.ZstdDecompressor(max_window_size=WIDEST_WINDOW)
    unpacking = context.decompressobj()
    try:
        while piece:
            yield unpacking.decompress(piece)
            if unpacking.eof:
                piece = unpacking.unused_data or file.read(_PACKED_PIECE)
                if not piece:
                    return
                unpacking = context.decompressobj()
            else:
                piece = file.read(_PACKED_PIECE)
    except zstandard.ZstdError as problem:
        raise error(f"cannot be unpacked: {problem}") from None
    raise error("ends before its packed content does; fetch it again")


def _as_utf8(unpacked: Iterator[bytes]) -> Iterator[bytes]:
    start = b""
    for piece in unpacked:
        start += piece
        if len(start) > 2:
            break
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            decoder = codecs.getincrementaldecoder(name)("replace")
            yield decoder.decode(start[2:]).encode("utf-8", "replace")
            for piece in unpacked:
                yield decoder.decode(piece).encode("utf-8", "replace")
            yield decoder.decode(b"", final=True).encode("utf-8", "replace")
            return
    yield start.removeprefix(codecs.BOM_UTF8)
    yield from unpacked


def lines(file: BinaryIO, source: Source) -> Iterator[tuple[int, bytes]]:
    """The lines of a file that hold something, with their numbers, the first of which is 1.

    Raises:
        IngestError: If a line has more than `LONGEST` bytes, or the file cannot be unpacked; it names the line.
    """
    number = 1
    begun: list[bytes] = []
    n_begun = 0

    def error(problem: str) -> IngestError:
        return source.error(problem, line=number)

    for piece in pieces(file, error):
        *ended, rest = piece.split(b"\n")
        for end in ended:
            line = b"".join((*begun, end)) if begun else end
            begun, n_begun = [], 0
            if len(line) > LONGEST:
                raise error(f"has a line of more than {LONGEST:,} bytes; expected one JSON object a line")
            if not line.isspace() and line:
                yield number, line
            number += 1
        begun.append(rest)
        n_begun += len(rest)
        if n_begun > LONGEST:
            raise error(f"has a line of more than {LONGEST:,} bytes; expected one JSON object a line")
    line = b"".join(begun)
    if line and not line.isspace():
        yield number, line


def objects(source: Source, losses: Losses, *, file: BinaryIO | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file that has one a line, with the numbers of their lines.

    Args:
        source: The file.
        losses: Where lines that are no JSON objects are counted, and bytes that are no UTF-8.
        file: The opened file, where it lies in the source (in a folder or an archive).

    Raises:
        IngestError: If no line is an object, one is too long, or the file cannot be unpacked; it names the line.
    """
    if file is None:
        if source.path.is_dir():
            raise source.error("is a folder; name a file in it")
        with source.path.open("rb") as opened:
            yield from objects(source, losses, file=opened)
        return
    n_bad, first_bad, n_good = 0, 1, 0
    for number, line in lines(file, source):
        value = _value(line, losses)
        if isinstance(value, dict):
            n_good += 1
            yield number, value
        else:
            first_bad = first_bad if n_bad else number
            n_bad += 1
    if not n_good:
        raise source.error("holds no line that is a JSON object; expected one a line", line=first_bad)
    losses.add("dropped", f"lines that are no JSON objects (the first is line {first_bad:,})", n_bad)


def _value(line: bytes, losses: Losses) -> Any:
    """The JSON value of a line; None where it is none."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        text = line.decode("utf-8", "replace")
        n_before = line.count("\ufffd".encode())
        losses.add("repaired", "bytes that are no utf-8, read as U+FFFD", text.count("\ufffd") - n_before)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def glimpse(source: Source) -> bytes:
    """The first 64 KiB of a file, unpacked, UTF-16 as UTF-8; empty for a folder and for what cannot be unpacked.

    Raises:
        MissingExtraError: If it is packed with Zstandard, and zstandard is not installed.
    """
    if not is_packed(source.head) and not source.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return source.head
    made = b""
    try:
        with source.path.open("rb") as file:
            for piece in pieces(file, source.error):
                made += piece
                if len(made) >= HEAD:
                    break
    except (IngestError, OSError):
        pass
    return made[:HEAD]


def unpacked(source: Source) -> bytes:
    """All bytes of a file, as `pieces` gives them.

    Raises:
        IngestError: If there are more than `LARGEST`, or it cannot be unpacked.
    """
    if source.path.is_dir():
        raise source.error("is a folder; name a file in it")
    made = bytearray()
    with source.path.open("rb") as file:
        for piece in pieces(file, source.error):
            made += piece
            if len(made) > LARGEST:
                raise source.error(f"has more than {LARGEST:,} bytes; this form is read as a whole: divide the file")
    return bytes(made)


def first_object(start: bytes) -> dict[str, Any] | None:
    """The object on the first line of what a file begins with (see `glimpse`); None where it is none, or is cut off."""
    start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start.startswith(b"{"):
        return None
    value = _value(start.partition(b"\n")[0], Losses())
    return value if isinstance(value, dict) else None


def frames(rows: Iterable[tuple[Any, ...]]) -> Iterator[pl.DataFrame]:
    """Rows, whose values stand in the order of `SCHEMA`, the text last, as frames that fit in memory."""
    batch: list[tuple[Any, ...]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row[-1] or "")
        if len(batch) == BATCH or size > BATCH_SIZE:
            yield pl.DataFrame(batch, schema=SCHEMA, orient="row")
            batch, size = [], 0
    if batch:
        yield pl.DataFrame(batch, schema=SCHEMA, orient="row")


def rows_of(reading: Reading, entries: Callable[[Reading], Iterator[tuple[Any, ...]]]) -> Rows:
    """The rows that `entries` makes of a source, which is read anew for each pass and counted once.

    Losses of the first pass that comes to its end are those of the reading; the others would only double them.
    """
    counted = False

    def batches() -> Iterator[pl.DataFrame]:
        nonlocal counted
        source = copy.copy(reading.source)
        source.losses = Losses()
        yield from frames(entries(replace(reading, source=source)))
        if not counted:
            counted = True
            for category, reasons in source.losses.counts.items():
                for reason, n in reasons.items():
                    reading.losses.add(category, reason, n)

    return Rows(batches)


def storable(text: str) -> str:
    """A text without control characters and halves of surrogate pairs, which no file of UTF-8 can hold."""
    # Most texts have none, and the first question is answered a hundred times faster.
    return text if text.isprintable() else CONTROL.sub("", text)
