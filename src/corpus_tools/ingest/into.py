"""Writing a read thread into a corpus folder: all of it, or nothing."""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import tomlkit

from corpus_tools.corpus import load, versions
from corpus_tools.errors import IngestError, counted
from corpus_tools.files import read_utf8, sha256_of, write_all
from corpus_tools.folder import Folder, read_csv
from corpus_tools.ingest import plain_text
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.scheme import FULL, PASSES, Table

READER = "reader"
STRUCTURE = "structure"
SHOWN = 8
"""How many new authors a report names."""
READER_ENTRY = {
    "annotator_id": READER,
    "kind": "rule",
    "name": "plain-text reader",
    "description": "Blank lines divide blocks; the first block is the headline; a line 'NAME said...' between blank "
    "lines is a byline; everything else is a paragraph.",
}


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingestion did."""

    source_id: str
    form: str
    n_articles: int
    n_comments: int
    n_authors: int
    new_authors: tuple[str, ...]
    doubtful_lines: tuple[int, ...] = ()
    """Lines of the source, from 1, that look like a byline and were read as text."""
    already_there: bool = False

    def __str__(self) -> str:
        if self.already_there:
            return f"{self.source_id}: ingested before, byte for byte the same; nothing to do"
        more = ", ..." if len(self.new_authors) > SHOWN else ""
        names = ", ".join(self.new_authors[:SHOWN]) + more
        new = f" ({len(self.new_authors)} new: {names})" if self.new_authors else ""
        counts = (
            counted(n, noun)
            for n, noun in ((self.n_articles, "article"), (self.n_comments, "comment"), (self.n_authors, "author"))
        )
        lines = ", ".join(map(str, self.doubtful_lines[:SHOWN])) + (", ..." if len(self.doubtful_lines) > SHOWN else "")
        doubt = f"\nread as text, though it looks like a byline: line {lines}" if lines else ""
        return f"{self.source_id}: {self.form}; {', '.join(counts)}{new}{doubt}"


def ingest(source: str | Path, *, into: str | Path) -> IngestReport:
    """Read a thread and add it to a corpus folder.

    Printed names are looked up in the `printed_names` of the authors in corpus.toml; a name found nowhere becomes a new
    author. To record that two printed names are one author, list both there, with a `decision` that says why.

    Args:
        source: A UTF-8 text file: the article, then each comment under a line "NAME said...".
        into: A corpus folder.

    Returns:
        What was read and what is new.

    Raises:
        IngestError: If the file is missing, is not UTF-8, is no thread (the message names the line), or another file of
            this name was ingested before. The corpus is left as it was.
        NotACorpusError: If `into` is no corpus.
    """
    path, folder = Path(source), Folder(Path(into))
    if not path.is_file():
        raise IngestError(path, "does not exist or is no file")
    source_id = slug(path.stem)
    for entry in folder.metadata.records["sources"]:
        if entry.get("source_id") == source_id:
            return _again(path, folder, source_id, entry)
    text = read_utf8(path, IngestError)
    thread = plain_text.read_plain_text(path, text)
    authors = _Authors(folder.metadata.records["authors"])
    texts = _text_rows(folder, thread, source_id, text, authors)
    structure = folder.scheme.layers.get(STRUCTURE)
    spans = structure.tables[0] if structure and structure.tables[0].unit == "span" else None
    new: dict[Path, str | bytes] = {
        folder.path / "sources" / path.name: path.read_bytes(),
        folder.path / "texts" / f"{source_id}.csv": csv(folder.scheme.fixed["texts"], texts),
    }
    for target in new:
        if target.exists() and target.read_bytes() != path.read_bytes():
            raise IngestError(target, "is there already and no source in corpus.toml; take it away first")
    changed: dict[Path, str | bytes] = {}
    if spans:
        pass_file = folder.path / "annotations" / STRUCTURE / f"{READER}.csv"
        changed[pass_file] = _appended(pass_file, csv(spans, _span_rows(folder, spans, thread, texts, text)))
    entries = _entries(path, source_id, thread.title, folder, authors, with_pass=spans is not None)
    changed[folder.metadata.path] = _with_entries(folder.metadata.path, entries)
    write_all({**new, **changed})
    return IngestReport(
        source_id,
        plain_text.FORM,
        1,
        len(thread.comments),
        len({row["author_id"] for row in texts} - {None}),
        authors.new,
        thread.doubtful_lines,
    )


def slug(name: str) -> str:
    """A name as an id: lower-case ASCII letters, digits and dashes; `x` where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "x"


def csv(table: Table, rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as the hand-edited CSV of a table: its columns but the derived ones, null as an empty cell."""
    columns = [column for column in table.columns if not column.derived]
    frame = pl.DataFrame(list(rows), schema={column.name: column.dtype for column in columns})
    return frame.write_csv()


def _again(path: Path, folder: Folder, source_id: str, entry: Mapping[str, Any]) -> IngestReport:
    if sha256_of(path) != entry.get("sha256"):
        raise IngestError(
            path, f"another file was ingested as {source_id!r} before; rename this one, or take the other out first"
        )
    texts = folder.path / "texts" / f"{source_id}.csv"
    if not texts.is_file() or folder.source_path(source_id) is None:
        raise IngestError(
            path,
            f"was ingested as {source_id!r} before, but its files are gone; restore them, "
            f"or take the entries of {source_id!r} out of corpus.toml and ingest it again",
        )
    return IngestReport(source_id, plain_text.FORM, 0, 0, 0, (), already_there=True)


class _Authors:
    """Printed names to author ids, growing by the names nobody has yet."""

    def __init__(self, known: Iterable[Mapping[str, Any]]) -> None:
        named = [entry for entry in known if "author_id" in entry]
        self.ids: dict[str, str] = {
            name: entry["author_id"] for entry in named for name in entry.get("printed_names", ())
        }
        self._taken = {entry["author_id"] for entry in named}
        self.new: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> str:
        if name not in self.ids:
            stem = slug(name)
            tries = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(self._taken) + 2))
            self.ids[name] = next(candidate for candidate in tries if candidate not in self._taken)
            self._taken.add(self.ids[name])
            self.new += (name,)
        return self.ids[name]


def _next_number(ids: Iterable[str | None], prefix: str) -> int:
    numbers = [int(id_[len(prefix) :]) for id_ in ids if id_ and re.fullmatch(rf"{re.escape(prefix)}\d+", id_)]
    return max(numbers, default=0) + 1


def _ids_ever(folder: Folder, table: Table, split: str) -> set[str]:
    """Every id a table holds or has held in a release: none of them is given again."""
    ids = set(folder.rows(table, split).collect()[table.key].drop_nulls())
    for version in versions(folder.path):
        released = load(folder.path, version, verify=False)
        if table.name in released.tables:
            ids |= set(released.table(table.name, split=split)[table.key])
    return ids


def _text_rows(
    folder: Folder, thread: ReadThread, source_id: str, source: str, authors: _Authors
) -> list[dict[str, Any]]:
    known = _ids_ever(folder, folder.scheme.fixed["texts"], FULL)
    article, comment = _next_number(known, "a"), _next_number(known, "c")

    def row(text_id: str, kind: str, position: int, text: ReadText) -> dict[str, Any]:
        return {
            "text_id": text_id,
            "thread_id": source_id,
            "kind": kind,
            "position": position,
            "author_id": None if text.name is None else authors[text.name],
            "byline": None if text.byline is None else source[text.byline.start : text.byline.end],
            "byline_start": None if text.byline is None else text.byline.start,
            "byline_end": None if text.byline is None else text.byline.end,
            "source_id": source_id,
            "source_start": text.start,
            "source_end": text.end,
        }

    comments = (row(f"c{comment + i}", "comment", i + 1, text) for i, text in enumerate(thread.comments))
    return [row(f"a{article}", "article", 0, thread.article), *comments]


def _span_rows(
    folder: Folder, table: Table, thread: ReadThread, texts: list[dict[str, Any]], source: str
) -> list[dict[str, Any]]:
    """The new thread's blocks in printed order, as rows of the reader's pass."""
    prefix = f"{STRUCTURE}-{READER}-"
    number = _next_number(_ids_ever(folder, table, PASSES), prefix)
    rows = []
    for text, read in zip(texts, (thread.article, *thread.comments), strict=True):
        for block in (*((read.byline,) if read.byline else ()), *read.blocks):
            inside = block is not read.byline
            rows.append(
                {
                    "span_id": f"{prefix}{number}",
                    "text_id": text["text_id"],
                    "start_char": block.start - read.start if inside else None,
                    "end_char": block.end - read.start if inside else None,
                    "quote": source[block.start : block.end],
                    "label": block.label,
                    "source_start": block.start,
                    "source_end": block.end,
                }
            )
            number += 1
    return rows


def _appended(path: Path, rows: str) -> str:
    """A CSV file with more rows under it; what stands in it already is kept cell by cell, as it was typed."""
    if not path.is_file():
        return rows
    return pl.concat([read_csv(path), pl.read_csv(rows.encode(), infer_schema=False)], how="diagonal").write_csv()


def _entries(
    path: Path, source_id: str, title: str, folder: Folder, authors: _Authors, *, with_pass: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """What corpus.toml gains: the source, the thread, the authors nobody had yet, and the reader's pass."""
    file = f"sources/{path.name}"
    entries: list[tuple[str, Mapping[str, Any]]] = [
        ("sources", {"source_id": source_id, "file": file, "sha256": sha256_of(path), "form": plain_text.FORM}),
        ("threads", {"thread_id": source_id, "title": title, "language": folder.metadata.language}),
    ]
    entries += [
        ("authors", {"author_id": authors.ids[name], "display_name": name, "printed_names": [name]})
        for name in authors.new
    ]
    if with_pass:
        if READER not in {entry.get("annotator_id") for entry in folder.metadata.records["annotators"]}:
            entries.append(("annotators", READER_ENTRY))
        # A rule follows no guideline, so its pass names no version of one.
        done = {"layer": STRUCTURE, "annotator_id": READER, "date": datetime.date.today(), "sources": [source_id]}
        entries.append(("passes", done))
    return entries


def _with_entries(path: Path, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """corpus.toml with entries added at its end: arrays of tables may be continued anywhere, so nothing moves."""
    added = "".join(f"\n[[{name}]]\n{tomlkit.dumps(entry)}" for name, entry in entries)
    text = f"{path.read_text(encoding='utf-8-sig').rstrip()}\n{added}"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise IngestError(
            path, f"cannot be continued ({problem}); write sources, threads, authors and passes as [[...]] tables"
        ) from None
    return text
