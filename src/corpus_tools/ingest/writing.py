"""The files that one ingestion adds or changes."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import tomlkit

from corpus_tools.errors import IngestError
from corpus_tools.files import sha256_of, write_all
from corpus_tools.folder import LIST_SEPARATOR, LOSSES, Folder, read_csv
from corpus_tools.ingest.known import Ids, Known
from corpus_tools.ingest.reading import Reader
from corpus_tools.ingest.report import IngestReport
from corpus_tools.ingest.source import Source
from corpus_tools.ingest.threads import Added
from corpus_tools.scheme import Table

READER = "reader"
"""What the annotator is called that the reader of plain text is; the others have their form behind it."""
PLAIN = "plain-text"
STRUCTURE = "structure"
DEVICES = r"con|prn|aux|nul|com\d|lpt\d"
"""What no file may be called on Windows, whatever its ending."""
_FORBIDDEN = r'<>:"/\\|?*\x00-\x1f\ud800-\udfff'
PORTABLE = re.compile(rf"(?!(?:{DEVICES})(?:\.|$))[^.{_FORBIDDEN}][^{_FORBIDDEN}]*(?<![. ])", re.IGNORECASE)
"""A name that a file can have on Windows too, and that does not hide it."""


@dataclass(frozen=True, slots=True)
class Writing:
    """The files that one ingestion adds or changes."""

    folder: Folder
    known: Known
    reader: Reader
    source_id: str
    beside: Path
    """An empty folder on the same disk."""
    language: str
    """The language of new threads."""
    withheld: bool = False
    """Whether the source itself stays outside, because its texts were pseudonymised."""

    def write(self, added: Added, source: Source, report: IngestReport, *, sha256: str, provenance: str | None) -> None:
        """Write the source, its texts, what is new with them, and the report of what was lost: all, or nothing."""
        path, fixed = self.folder.path, self.folder.scheme.fixed
        name = f"{self.source_id}.csv"
        kept = self._kept(source)
        record = json.dumps(report.record, indent=2, ensure_ascii=False) + "\n"
        new: dict[Path, str | bytes | Path] = {
            **{path / file: self._copy(original, number) for number, (file, original) in enumerate(kept.values())},
            path / "sources" / f"{self.source_id}{LOSSES}": record,
            path / "texts" / name: added.texts_file
            or csv(fixed["texts"], added.texts, more=("text",) if added.brings_text else ()),
        }
        if added.threads:
            rows = ({"language": self.language, **row} for row in added.threads)
            new[path / "threads" / name] = csv(fixed["threads"], rows)
        if self.known.authors.new:
            new[path / "authors" / name] = csv(fixed["authors"], self._author_rows())
        for target in new:
            if target.exists():
                raise IngestError(target, "is there already and no source in corpus.toml; take it away first")
        changed: dict[Path, str | bytes | Path] = {}
        said = {"form": self.reader.form} | ({"provenance": provenance} if provenance else {})
        entries: list[tuple[str, Mapping[str, Any]]] = [
            ("sources", {"source_id": source_id, "file": file, "sha256": sha256_of(original), **said})
            for source_id, (file, original) in kept.items()
        ]
        if self.withheld:
            entries = [("sources", {"source_id": self.source_id, "sha256": sha256, **said})]
        structure = self.folder.scheme.layers.get(STRUCTURE)
        spans = structure.tables[0] if structure and structure.tables[0].unit == "span" else None
        if spans and added.spans:
            annotator = READER if self.reader.form == PLAIN else f"{READER}-{self.reader.form}"
            pass_file = path / "annotations" / STRUCTURE / f"{annotator}.csv"
            changed[pass_file] = _appended(pass_file, csv(spans, self._span_rows(spans, added, annotator)))
            entries += self._pass_entries(annotator)
        changed[self.folder.metadata.path] = with_entries(self.folder.metadata.path, entries)
        write_all({**new, **changed})

    def _kept(self, source: Source) -> dict[str, tuple[str, Path]]:
        """Source id -> path in the corpus and the file itself, for what is kept; texts are read from the first."""
        if self.withheld:
            return {}
        if source.path.is_dir():
            files = [source.path / name for name in self.reader.files if (source.path / name).is_file()]
            taken = Ids(str(entry.get("source_id")) for entry in self.folder.metadata.records["sources"])
            ids = [taken.add(self.source_id), *(taken.new(f"{self.source_id} {file.stem}") for file in files[1:])]
            return {
                source_id: (f"sources/{self.source_id}/{file.name}", file)
                for source_id, file in zip(ids, files, strict=True)
            }
        return {self.source_id: (f"sources/{self._name(source.path)}", source.path)}

    def _name(self, source: Path) -> str:
        """What a source is called in the corpus: as it was, where any system can have that beside what is there."""
        there = {path.name.casefold() for path in (self.folder.path / "sources").glob("*")}
        name = source.name
        if PORTABLE.fullmatch(name) and name.casefold() not in there and not name.casefold().endswith(LOSSES):
            return name
        # Of its endings those that say what it is, such as `.tar.gz`; not `.html?p=12`.
        ending = re.search(r"(?:\.[a-z]{2,5})?\.[a-z0-9]{1,8}$", name.removeprefix("."), re.I)
        ending_ = ending[0] if ending else ""
        return self.source_id + (".json" if ending_.casefold() == LOSSES else ending_)

    def _copy(self, source: Path, number: int) -> Path:
        copied = self.beside / f"source-{number}"
        shutil.copyfile(source, copied)
        return copied

    def _author_rows(self) -> Iterator[Mapping[str, Any]]:
        for author_id, names in self.known.authors.new.items():
            yield {"author_id": author_id, "display_name": names[0], "printed_names": LIST_SEPARATOR.join(names)}

    def _span_rows(self, table: Table, added: Added, annotator: str) -> Iterator[Mapping[str, Any]]:
        """The blocks of the new texts in printed order, as rows of the reader's pass."""
        prefix = f"{STRUCTURE}-{annotator}-"
        number = self.known.next_span(table, prefix)
        for row in added.spans:
            yield {"span_id": f"{prefix}{number}", **row}
            number += 1

    def _pass_entries(self, annotator: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if annotator not in {entry.get("annotator_id") for entry in self.folder.metadata.records["annotators"]}:
            described = {"name": f"reader of the form {self.reader.form}", "description": self.reader.description}
            yield "annotators", {"annotator_id": annotator, "kind": "rule", **described}
        # A rule follows no guideline, so its pass names no version of one.
        done = {
            "layer": STRUCTURE,
            "annotator_id": annotator,
            "date": datetime.date.today(),
            "sources": [self.source_id],
        }
        yield "passes", done


def csv(table: Table, rows: Iterable[Mapping[str, Any]], *, more: Iterable[str] = ()) -> str:
    """Rows as the hand-edited CSV of a table: its columns but the derived ones, and `more` of these; null is empty."""
    wanted = [column for column in table.columns if not column.derived or column.name in set(more)]
    schema = {column.name: pl.String if column.type == "strings" else column.dtype for column in wanted}
    return pl.DataFrame(list(rows), schema=schema).write_csv(datetime_format="%Y-%m-%dT%H:%M:%S%.fZ")


def _appended(path: Path, rows: str) -> str:
    """A CSV file with more rows under it; what stands in it already is kept cell by cell, as it was typed."""
    if not path.is_file():
        return rows
    return pl.concat([read_csv(path), pl.read_csv(rows.encode(), infer_schema=False)], how="diagonal").write_csv()


def with_entries(path: Path, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    """corpus.toml with entries added at its end: arrays of tables may be continued anywhere, so nothing moves."""
    added = "".join(f"\n[[{name}]]\n{tomlkit.dumps(entry)}" for name, entry in entries)
    text = f"{path.read_text(encoding='utf-8-sig').rstrip()}\n{added}"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise IngestError(
            path, f"cannot be continued ({problem}); write sources and passes as [[...]] tables"
        ) from None
    return text
