"""Tables as they come: delimited text in any usual dialect, JSON lines, an array in JSON, Parquet and Arrow.

Everything is read in batches, so that a file may be larger than memory; but an array in JSON is read as a whole.
"""

from __future__ import annotations

import codecs
import copy
import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from corpus_tools.errors import IngestError, MissingExtraError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts.lines import BATCH, BATCH_SIZE, first_object, glimpse, objects, pieces
from corpus_tools.ingest.parts.table_answers import Nesting, Numbered, answers_in, inside_of, unnested
from corpus_tools.ingest.parts.table_names import called
from corpus_tools.ingest.reading import Reading
from corpus_tools.ingest.rows import Rows
from corpus_tools.ingest.source import HEAD, LARGEST, Source

PLACE = "\0place"
"""The column that says where a row stands; no column of a file is called so."""
DELIMITED, LINES, ARRAY, PARQUET, ARROW = "delimited text", "JSON lines", "an array in JSON", "Parquet", "Arrow"
_DELIMITERS = (",", ";", "\t", "|")
_LINE_ENDINGS = (".jsonl", ".ndjson")
_ENDINGS = (".csv", ".tsv", ".tab", ".psv")
_SAMPLE = 200
"""Rows that a dialect is judged by."""
MOST_LINES = 1_000
"""Lines of one cell, more of which rather show that a quotation mark was not closed."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says of its rows."""

    kind: str
    columns: tuple[str, ...]
    delimiter: str = ","
    escape: str | None = None
    under: str | None = None
    """The key of the array, where it stands in an object: `{"comments": [...]}`."""


def table_of(source: Source, *, named: bool = False) -> Table | None:
    """The columns of a file, from what it begins with; None where it is no table. Raises nothing.

    Args:
        source: The file.
        named: Whether it was said to be a table, so that delimited text may have any ending.
    """
    try:
        return opened(source, named=named)
    except (IngestError, MissingExtraError, OSError, ValueError, RecursionError):
        return None


def opened(source: Source, *, named: bool = True) -> Table | None:
    """As `table_of`, but says what is wrong with a file that is a table of some kind.

    Raises:
        IngestError: If it is damaged, or has no line that is a JSON object where each should be one.
        MissingExtraError: If it is packed with Zstandard, and zstandard is not installed.
    """
    if source.path.is_dir() or source.is_zip or not source.head:
        return None
    if source.head.startswith((b"PAR1", b"ARROW1")):
        kind = PARQUET if source.head.startswith(b"PAR1") else ARROW
        return Table(kind, tuple(_arrow_names(source, kind)))
    start = glimpse(source)
    if (first := first_object(start)) is not None:
        alone = len(start) < HEAD and len(start.split(b"\n", 1)[-1].strip()) in (0, len(start.strip()))
        return (_wrapped(source, first) if alone else None) or Table(LINES, tuple(first))
    endings = {one.lower() for one in source.path.suffixes[-2:]}
    if endings.intersection(_LINE_ENDINGS):
        # The first line is damaged, or longer than what was looked at.
        return Table(LINES, tuple(next(objects(source, Losses()))[1]))
    text = _decoded(start)
    if text is not None and re.match(r'\s*\{\s*"', text):
        value = source.json
        return _wrapped(source, value) if isinstance(value, dict) else None
    if text is None or text.lstrip().startswith(("<", "{", "%PDF")):
        return None
    if re.match(r"\s*\[\s*\{", text):
        return Table(ARRAY, tuple(_first_of_array(text, source)))
    if not named and not endings.intersection(_ENDINGS):
        return None
    return dialect(text, whole=len(start) < HEAD)


def _wrapped(source: Source, value: dict[str, Any]) -> Table | None:
    """The array of a file that is one object with one array of objects in it, and with no text beside it."""
    found = {key: one for key, one in value.items() if isinstance(one, list) and one and isinstance(one[0], dict)}
    if len(found) != 1 or "text" in called(value):
        return None
    [(key, items)] = found.items()
    return Table(ARRAY, tuple(items[0]), under=key)


def _decoded(start: bytes) -> str | None:
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(mark):
            return start[2:].decode(name, "replace")
    if b"\0" in start:
        return None
    return start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")


def _first_of_array(text: str, source: Source) -> Iterable[str]:
    try:
        first, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    except ValueError:
        value = source.json
        first = value[0] if isinstance(value, list) and value else {}
    return first if isinstance(first, dict) else ()


def dialect(text: str, *, whole: bool) -> Table | None:
    """How delimited text is divided: the way that gives most rows as many cells as the head has."""
    best: tuple[tuple[float, int, float, int], Table] | None = None
    escapes = (None, "\\") if '\\"' in text else (None,)
    for place, (delimiter, escape) in enumerate(itertools.product(_DELIMITERS, escapes)):
        head, *rows = [*itertools.islice(_cells(io.StringIO(text, newline=""), delimiter, escape), _SAMPLE)] or [[]]
        rows = rows if whole or len(rows) == _SAMPLE - 1 else rows[:-1]
        even = sum(len(row) == len(head) for row in rows) / len(rows) if rows else 1.0
        quality = (even if len(head) > 1 else 0.0, len(head), even, -place)
        if head and (best is None or quality > best[0]):
            best = quality, Table(DELIMITED, tuple(name.strip().strip("\ufeff") for name in head), delimiter, escape)
    return best[1] if best else None


def _reader(lines: Iterable[str], delimiter: str, escape: str | None) -> Any:
    # Some write a blank behind each delimiter, also before a quotation mark.
    return csv.reader(lines, delimiter=delimiter, escapechar=escape, doublequote=escape is None, skipinitialspace=True)


def _cells(lines: Iterable[str], delimiter: str, escape: str | None) -> Iterator[list[str]]:
    """The rows that hold something."""
    rows = _reader(lines, delimiter, escape)
    try:
        yield from itertools.dropwhile(_is_hint, filter(None, rows))
    except csv.Error:
        return


def _is_hint(row: Sequence[str]) -> bool:
    """Whether a first line tells Excel the delimiter: `sep=;`."""
    return row[0].strip().lower().lstrip("\ufeff").startswith("sep=") and len(row) <= 2 and len(row[0]) <= 6


def _arrow_names(source: Source, kind: str) -> Sequence[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if kind == PARQUET:
            return list(_of_schema(pq.ParquetFile(source.path).schema_arrow))
        with pa.memory_map(str(source.path)) as file:
            return list(_of_schema(pa.ipc.open_file(file).schema))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise source.error(f"cannot be read as {kind}: {str(problem).splitlines()[0]}") from None


def _of_schema(schema: Any) -> Iterator[str]:
    """The columns; those of an object as paths, as in JSON."""
    import pyarrow as pa

    for field in schema:
        if pa.types.is_struct(field.type):
            yield from (f"{field.name}.{inner.name}" for inner in field.type)
        else:
            yield str(field.name)


def frames(
    reading: Reading, table: Table, wanted: Sequence[str], nesting: Nesting | None = None
) -> Iterator[pl.DataFrame]:
    """The rows, in the order of the file: the columns that are wanted, and where each row stands (`PLACE`).

    Cells of text are strings, null where they are empty; those of Parquet and Arrow have the types of the file. A
    place is `row=` and a number: of delimited text the head is the first row (RFC 7111), of JSON lines it is the line,
    of Parquet and Arrow the first row is the first. That of an array is its JSON Pointer.

    Raises:
        IngestError: If the file cannot be read.
    """
    if table.kind == DELIMITED:
        yield from _delimited(reading, table, wanted)
    elif table.kind in (LINES, ARRAY):
        lines = table.kind == LINES
        place = "row=" if lines else "/" if table.under is None else f"/{table.under}/"
        found: Iterable[Numbered] = objects(reading.source, reading.losses) if lines else _items(reading, table)
        yield from of_objects(unnested(found, nesting, place, reading.losses) if nesting else found, wanted, place)
    else:
        yield from _arrow(reading, table, wanted)


def keys(reading: Reading, table: Table) -> tuple[str, ...]:
    """The columns of a table; of JSON the keys of its first objects, of which the first alone need not have all.

    The keys of an object in an object are paths, such as `user.name`.
    """
    if table.kind not in (LINES, ARRAY):
        return table.columns
    reading = uncounted(reading)
    found = objects(reading.source, reading.losses) if table.kind == LINES else _items(reading, table)
    first = itertools.islice(found, _SAMPLE)
    rows = itertools.chain.from_iterable((value, *itertools.chain(*answers_in(value).values())) for _, value in first)
    return tuple(dict.fromkeys(path for value in rows for path in _paths(value)))


def _paths(value: dict[str, Any]) -> Iterator[str]:
    answers = answers_in(value)
    for key, one in value.items():
        if key in answers:
            continue
        if isinstance(one, dict):
            yield from (f"{key}.{inner}" for inner in one)
        else:
            yield key


def counted_once(reading: Reading, batches: Callable[[Reading], Iterator[pl.DataFrame]]) -> Rows:
    """Rows that are made anew for each pass, whose losses are those of the first pass that comes to its end."""
    counted = False

    def made() -> Iterator[pl.DataFrame]:
        nonlocal counted
        once = uncounted(reading)
        yield from batches(once)
        if not counted:
            counted = True
            for category, reasons in once.losses.counts.items():
                for reason, n in reasons.items():
                    reading.losses.add(category, reason, n)

    return Rows(made)


def uncounted(reading: Reading) -> Reading:
    """The same reading with losses of its own."""
    source = copy.copy(reading.source)
    source.losses = Losses()
    return replace(reading, source=source)


def _items(reading: Reading, table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
    value = reading.source.json
    if table.under is not None:
        value = value[table.under]
    if not isinstance(value, list):
        raise reading.error("is no array of objects")
    for number, item in enumerate(value):
        if isinstance(item, dict):
            yield number, item
        else:
            reading.losses.add("dropped", "items of the array that are no objects")


def of_objects(found: Iterable[Numbered], wanted: Sequence[str], place: str) -> Iterator[pl.DataFrame]:
    """What is wanted of JSON objects, each with its number, behind `place` the place where it stands."""

    def rows() -> Iterator[list[str | None]]:
        for number, value in found:
            cells = [_cell(inside_of(value, name)) for name in wanted]
            yield [f"{place}{number}", *cells]

    yield from _batched(rows(), [PLACE, *wanted])


def _cell(value: Any) -> str | None:
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode() if not value.isprintable() else value
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if not isinstance(value, int) or value.bit_length() < 256 else None


def _batched(rows: Iterable[Sequence[str | None]], names: Sequence[str]) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(names, pl.String)
    batch: list[Sequence[str | None]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, filter(None, row)))
        if len(batch) == BATCH or size > BATCH_SIZE:
            yield _frame(batch, schema)
            batch, size = [], 0
    if batch:
        yield _frame(batch, schema)


def _frame(rows: list[Sequence[str | None]], schema: dict[str, Any]) -> pl.DataFrame:
    columns = zip(*rows, strict=True)
    frame = pl.DataFrame([pl.Series(name, cells, pl.String) for name, cells in zip(schema, columns, strict=True)])
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _arrow(reading: Reading, table: Table, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    begin = 1
    try:
        with pa.memory_map(str(reading.source.path)) as file:
            opened = pq.ParquetFile(file) if table.kind == PARQUET else pa.ipc.open_file(file)
            names = (opened.schema_arrow if table.kind == PARQUET else opened.schema).names
            # Of a path into an object only the object can be asked for.
            tops = {name: name if name in names else name.partition(".")[0] for name in wanted}
            asked = list(dict.fromkeys(tops.values()))
            if table.kind == PARQUET:
                batches = opened.iter_batches(batch_size=BATCH, columns=asked)
            else:
                batches = (opened.get_batch(i).select(asked) for i in range(opened.num_record_batches))
            for batch in batches:
                frame = pl.DataFrame(pl.from_arrow(batch)).select(
                    pl.col(top) if top == name else pl.col(top).struct.field(name.partition(".")[2]).alias(name)
                    for name, top in tops.items()
                )
                place = pl.format("row={}", pl.int_range(begin, begin + frame.height))
                begin += frame.height
                yield frame.select(place.alias(PLACE), pl.all())
    except (pa.ArrowException, OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as problem:
        reason = (str(problem).splitlines() or ["damaged"])[0]
        raise reading.error(f"cannot be read as {table.kind}: {reason}") from None


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file to be read."""

    def __init__(self, made: Iterator[bytes]) -> None:
        self._made = made
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._made, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        n = min(len(buffer), len(self._left))
        buffer[:n] = self._left[:n]
        self._left = self._left[n:]
        return n


def _delimited(reading: Reading, table: Table, wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
    encoding = _encoding(reading)
    with reading.source.path.open("rb") as file:
        stream = io.BufferedReader(_Stream(pieces(file, reading.error)), 1 << 18)
        with io.TextIOWrapper(stream, encoding, "replace", newline="") as text:
            yield from _batched(_rows(reading, table, wanted, text), [PLACE, *wanted])


def _rows(reading: Reading, table: Table, wanted: Sequence[str], text: Iterable[str]) -> Iterator[list[str | None]]:
    # A cell may hold a whole article; the limit of the library is for all of the program, so it is put back.
    before = csv.field_size_limit(LARGEST)
    rows = _reader(text, table.delimiter, table.escape)
    places = [table.columns.index(name) for name in wanted]
    width, losses, line = len(table.columns), reading.losses, 0
    try:
        number = n_long = 0
        for row in rows:
            if not row or (number == 0 and _is_hint(row)):
                continue
            number += 1
            long, line = rows.line_num - line > MOST_LINES, rows.line_num
            if number == 1:
                continue
            losses.add("doubtful", f"rows of more than {MOST_LINES:,} lines: is a quotation mark not closed?", long)
            if len(row) != width:
                if any(row[width:]):
                    losses.add("dropped", "rows with more cells than the head has")
                    n_long += 1
                    continue
                losses.add("repaired", "rows with fewer cells than the head has, filled up", len(row) < width)
                row += [""] * (width - len(row))
            yield [f"row={number}", *(row[place] for place in places)]
        if n_long and n_long == number - 1:
            raise reading.error(f"has no row of {width} cells or fewer, as many as its head has", line=2)
    except csv.Error as problem:
        raise reading.error(f"cannot be read as a table: {problem}", line=rows.line_num) from None
    finally:
        csv.field_size_limit(before)


def _encoding(reading: Reading) -> str:
    """UTF-8, but for a file in which more of what is beyond ASCII is no UTF-8 than is; counts what has to be mended."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    n_lost = n_whole = 0
    with reading.source.path.open("rb") as file:
        for piece in itertools.chain(pieces(file, reading.error), (b"",)):
            if piece.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(piece, final=not piece)
            lost = text.count("\ufffd") - piece.count("\ufffd".encode())
            n_lost += max(lost, 0)
            n_whole += len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    if not n_lost:
        return "utf-8"
    if n_lost > n_whole:
        reading.losses.add("repaired", "files of no declared encoding, read as windows-1252")
        return "windows-1252"
    reading.losses.add("repaired", "bytes that are no utf-8, read as U+FFFD", n_lost)
    return "utf-8"
