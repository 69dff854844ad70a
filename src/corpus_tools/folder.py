"""The hand-edited side of a corpus: corpus.toml, texts/, threads/, authors/ and annotations/<layer>/ as frames.

Reading is lenient on purpose: a cell that does not fit its column becomes null here and a finding in `validate`, so
that one bad cell does not hide the next. `release` refuses a folder with findings, so nothing lenient is ever
released.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from corpus_tools.conllu import Sentence, read_conllu, sentence_rows, token_rows
from corpus_tools.errors import RecordsError
from corpus_tools.metadata import Metadata, read_metadata
from corpus_tools.scheme import FULL, GOLD, Column, Layer, Scheme, Table, read_scheme

FILE = "_file"
LIST_SEPARATOR = "\n"
PLAIN = "plain"
"""How the forms begin whose texts are slices of their source."""
CONLLU = ".conllu"
CONLLU_UNITS = ("token", "sentence")
LOSSES = ".losses.json"
"""How the name of the loss report of a source ends; it lies in sources/, beside the source."""
IN_FILES = ("texts", "threads", "authors")
"""The fixed tables that have a folder with a CSV file for each source; threads and authors may stand in corpus.toml
too.
"""
UNIT_SUFFIXES = {"span": ".spans", "relation": ".relations", "judgement": ".judgements"}
ANNOTATION_SUFFIX = r"(?:(?:\.spans|\.relations|\.judgements)?\.csv|\.conllu)$"
# Table with a row per text -> the entries of corpus.toml it is made from, and what it takes from each.
PER_TEXT: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "coverage": ("passes", ("layer", "annotator_id", "guideline_version", "date")),
    "omissions": ("omissions", ("layer", "reason")),
}


class Frames(Protocol):
    """Where a corpus's rows come from."""

    def scan(self, table: Table, split: str) -> pl.LazyFrame:
        """One split of a table, lazily."""
        ...


class Folder:
    """The hand-edited files of one corpus.

    Args:
        path: The folder.
        metadata: What stands in its corpus.toml; read where omitted.
        scheme: Its scheme; read where omitted.

    Raises:
        NotACorpusError: If the folder holds no corpus.toml.
        MetadataError: If corpus.toml cannot be read.
        SchemeError: If a scheme file cannot be read.
    """

    def __init__(self, path: Path, *, metadata: Metadata | None = None, scheme: Scheme | None = None) -> None:
        self.path = path
        self.metadata = metadata or read_metadata(path)
        self.scheme = scheme or read_scheme(path / "scheme")
        self._raw: dict[tuple[str, str], pl.DataFrame] = {}
        self._cells: dict[tuple[str, Path], pl.DataFrame] = {}
        self._sentences: dict[Path, list[Sentence]] = {}
        self._texts: pl.LazyFrame | None = None

    @property
    def layers(self) -> Mapping[str, Layer]:
        """The layers whose rows stand in this folder."""
        return self.scheme.layers

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables whose rows stand in this folder."""
        return self.scheme.tables

    def relative(self, path: Path) -> str:
        """A file's path inside the folder, with forward slashes."""
        return path.relative_to(self.path).as_posix()

    def source_path(self, source_id: str) -> Path | None:
        """Where a source lies, or None where corpus.toml does not name it or it is not in the folder."""
        for entry in self.metadata.records["sources"]:
            if entry.get("source_id") == source_id:
                path = self.path / str(entry.get("file", ""))
                # By its name: a snapshot of a dataset on the Hub is links into the cache, and none the less whole.
                inside = Path(os.path.normpath(path)).is_relative_to(os.path.normpath(self.path))
                return path if inside and path.is_file() else None
        return None

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The decoded text of every source that is there and is UTF-8 text, by source_id.

        Those of other forms than plain text are left out: no text is a slice of them, and they may be large.
        """
        texts = self.raw(self.scheme.fixed["texts"])
        sliced: set[str] = set()
        if {"source_id", "source_start"} <= set(texts.columns):
            sliced = set(texts.filter(pl.col("source_start").is_not_null())["source_id"])
        decoded = {}
        for entry in self.metadata.records["sources"]:
            if entry.get("source_id") not in sliced and not str(entry.get("form")).startswith(PLAIN):
                continue
            path = self.source_path(str(entry.get("source_id")))
            if path is not None:
                try:
                    decoded[str(entry["source_id"])] = path.read_bytes().decode("utf-8")
                except UnicodeDecodeError:
                    continue  # rule E202 reports it
        return decoded

    def files(self, table: Table, split: str = FULL) -> list[Path]:
        """The hand-edited files that hold a table's rows beside corpus.toml."""
        if table.name in IN_FILES:
            # As the sources stand in corpus.toml, so that what was ingested later comes later.
            places = {entry.get("source_id"): n for n, entry in enumerate(self.metadata.records["sources"])}
            found = [path for path in (self.path / table.name).glob("[!.]*.csv") if path.is_file()]
            return sorted(found, key=lambda path: (places.get(path.stem, len(places)), path.name))
        if table.layer is None:
            return []
        place = self.path / "annotations" / table.layer
        if table.unit in CONLLU_UNITS:
            found = sorted(place.glob(f"[!.]*{CONLLU}"))
        else:
            suffix = UNIT_SUFFIXES.get(table.unit or "", "") if table.name != table.layer else ""
            found = [
                path
                for path in sorted(place.glob(f"[!.]*{suffix}.csv"))
                if suffix or not path.name.endswith(tuple(f"{other}.csv" for other in UNIT_SUFFIXES.values()))
            ]
        return [path for path in found if path.is_file() and (annotator_of(path) == GOLD) == (split == GOLD)]

    def cells(self, table: Table, path: Path) -> pl.DataFrame:
        """The rows of a table that stand in one hand-edited file, every cell as text, read once.

        Raises:
            RecordsError: If it is no CSV (no CoNLL-U, for tokens and sentences) in UTF-8.
        """
        if (table.name, path) not in self._cells:
            read = self._conllu if table.unit in CONLLU_UNITS else lambda _, path: read_csv(path)
            self._cells[table.name, path] = read(table, path)
        return self._cells[table.name, path]

    def _conllu(self, table: Table, path: Path) -> pl.DataFrame:
        texts = dict(self.scan(self.scheme.fixed["texts"]).select("text_id", "text").collect().iter_rows())
        annotator = annotator_of(path)
        rows = token_rows if table.unit == "token" else sentence_rows
        # An annotator's name before the ids of a pass keeps them apart from those of gold.
        prefix = "" if annotator == GOLD else f"{annotator}-"
        if path not in self._sentences:
            self._sentences[path] = read_conllu(path)
        made = list(rows(self._sentences[path], texts, prefix=prefix))
        names = [column.name for column in table.columns if not column.derived]
        # What is filled and not declared is kept, so that rule E104 can name it.
        names += [name for name in (made[0] if made else ()) if name not in names and any(row[name] for row in made)]
        return pl.DataFrame(made, schema=dict.fromkeys(names, pl.String))

    def raw(self, table: Table, split: str = FULL) -> pl.DataFrame:
        """Every cell of a table as it was typed, plus the column `_file`.

        Raises:
            RecordsError: If a file cannot be read.
        """
        if (table.name, split) not in self._raw:
            frames = [
                self.cells(table, path).with_columns(pl.lit(self.relative(path)).alias(FILE))
                for path in self.files(table, split)
            ]
            if table.layer is None and table.name != "texts":
                frames.insert(0, self.records(table).with_columns(pl.lit(self.metadata.path.name).alias(FILE)))
            empty = pl.DataFrame(schema={FILE: pl.String})
            self._raw[table.name, split] = pl.concat([empty, *frames], how="diagonal", rechunk=True)
        return self._raw[table.name, split]

    def scan(self, table: Table, split: str = FULL) -> pl.LazyFrame:
        """A table as it will be released: typed, and the parts of a table stored in parts one after the other."""
        rows = self.rows(table, split)
        if not table.parts:
            return rows
        place = pl.coalesce(pl.when(table.in_part(part)).then(number) for number, part in enumerate(table.parts))
        return rows.sort(place, maintain_order=True)

    def rows(self, table: Table, split: str = FULL) -> pl.LazyFrame:
        """The rows of `raw` with the declared columns and types; cells that do not fit are null."""
        raw = self.raw(table, split)
        given = raw.with_columns(
            pl.lit(None, dtype=pl.String).alias(column.name)
            for column in table.columns
            if column.name not in raw.columns
        )
        if table.layer is not None:
            given = given.with_columns(annotator=annotator_expression())
        typed = given.lazy().select(parse(column) for column in table.columns)
        if table.name != "texts":
            return typed
        if self._texts is None:
            # Cutting every text from its source is the dear part, and most rules ask for it.
            self._texts = self._with_text(typed, given=raw)
        return self._texts

    def records(self, table: Table) -> pl.DataFrame:
        """The rows of a fixed table that stand in corpus.toml, every cell as text."""
        return _from_records(table, self._records(table.name))

    def _records(self, name: str) -> Iterable[Mapping[str, Any]]:
        if name == "tombstones":
            return [{"tombstone_id": f"{e['table_name']}/{e['row_id']}", **e} for e in self.metadata.records[name]]
        return self._per_text(name) if name in PER_TEXT else self.metadata.records[name]

    def _per_text(self, name: str) -> Iterable[Mapping[str, Any]]:
        """One row for each text that an entry names, by its id or by its source."""
        records, keys = PER_TEXT[name]
        texts = self.raw(self.scheme.fixed["texts"])
        of_source: dict[str, list[str]] = {}
        if {"text_id", "source_id"} <= set(texts.columns):
            for text_id, source_id in texts.select("text_id", "source_id").drop_nulls().iter_rows():
                of_source.setdefault(source_id, []).append(text_id)
        id_ = self.scheme.fixed[name].key
        for entry in self.metadata.records[records]:
            done = [text_id for source_id in entry.get("sources", ()) for text_id in of_source.get(source_id, ())]
            for text_id in (*entry.get("texts", ()), *done):
                row = {key: entry.get(key) for key in keys}
                named = (str(row[part]) for part in ("layer", "annotator_id") if part in row)
                yield {id_: "/".join([*named, text_id]), **row, "text_id": text_id}

    def _with_text(self, texts: pl.LazyFrame, *, given: pl.DataFrame) -> pl.LazyFrame:
        """Fill `text` with the slice of the source, where the file does not bring the text itself."""
        frame = texts.collect()
        if "text" in given.columns and frame["source_start"].is_null().all():
            return frame.with_columns(given["text"]).lazy()
        brought = given["text"].to_list() if "text" in given.columns else [None] * frame.height
        rows = zip(brought, *(frame[name] for name in ("source_id", "source_start", "source_end")), strict=True)
        text = [
            own if own is not None else cut(self.sources.get(source_id), start, end)
            for own, source_id, start, end in rows
        ]
        return frame.with_columns(pl.Series("text", text, dtype=pl.String)).lazy()


def annotator_of(path: Path) -> str:
    """The annotator whose rows a CSV file of a layer holds."""
    return re.sub(ANNOTATION_SUFFIX, "", path.name)


def annotator_expression() -> pl.Expr:
    """`annotator_of` over the column `_file`."""
    return pl.col(FILE).str.replace("^.*/", "").str.replace(ANNOTATION_SUFFIX, "")


def cut(source: str | None, start: int | None, end: int | None) -> str | None:
    """A slice in code points, or None where it is not wholly inside the source."""
    if source is None or start is None or end is None or not 0 <= start < end <= len(source):
        return None
    return source[start:end]


def read_csv(path: Path) -> pl.DataFrame:
    """A CSV file with every cell as text: an empty cell is null, a quoted empty one is an empty text.

    Raises:
        RecordsError: If the file is not UTF-8 or no CSV with one header row.
    """
    raw = path.read_bytes()
    if not raw.removeprefix(codecs.BOM_UTF8).strip():
        raise RecordsError(path, "is empty; a table starts with a row of column names")
    try:
        return pl.read_csv(raw, infer_schema=False)
    except pl.exceptions.PolarsError as problem:
        reason = str(problem).strip().splitlines()[0]
        raise RecordsError(path, f"cannot be read as CSV in UTF-8: {reason}") from None


def parse(column: Column) -> pl.Expr:
    """The typed value of a raw cell; null where the cell does not fit the column's type."""
    raw = pl.col(column.name)
    if column.type == "timestamp":
        return raw.str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    if column.type == "boolean":
        return raw.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    if column.type == "strings":
        return raw.str.split(LIST_SEPARATOR)
    return raw.cast(column.dtype, strict=False)


def _from_records(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    cells = [{key: _cell(value) for key, value in row.items()} for row in rows]
    names = list(dict.fromkeys([*(name for row in cells for name in row)] or [column.name for column in table.columns]))
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))


def _cell(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return LIST_SEPARATOR.join(str(item) for item in value)
    return None if value is None else str(value)
