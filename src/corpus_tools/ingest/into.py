"""Writing what was read into a corpus folder: all of it, or nothing."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import shutil
import tempfile
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.errors import ArgumentError, IngestError, listed
from corpus_tools.files import sha256_of
from corpus_tools.folder import FILE, Folder
from corpus_tools.ingest.forms import AUTO, choose
from corpus_tools.ingest.known import Ids, Known
from corpus_tools.ingest.model import KINDS
from corpus_tools.ingest.pseudonyms import Pseudonyms, pseudonymous, read_key
from corpus_tools.ingest.reading import Reader, Reading
from corpus_tools.ingest.report import IngestReport
from corpus_tools.ingest.rows import add_rows
from corpus_tools.ingest.source import Source
from corpus_tools.ingest.threads import Added, add_threads
from corpus_tools.ingest.writing import DEVICES, Writing
from corpus_tools.metadata import corpus_toml


def ingest(
    source: str | Path,
    *,
    into: str | Path,
    form: str = AUTO,
    keep: Iterable[str] = (),
    mapping: Mapping[str, str] | None = None,
    zone: str | None = None,
    language: str | None = None,
    provenance: str | None = None,
    pseudonymise: str | Path | None = None,
) -> IngestReport:
    """Read threads and add them to a corpus folder.

    Names are looked up in the `printed_names` of the authors that are there; a name found nowhere becomes a new
    author in `authors/<source>.csv`. To record that two printed names are one author, list both in one row, with a
    `decision` that says why. A thread that was ingested before, from an earlier state of the same page or export,
    gains what is new.

    Args:
        source: A file in one of the forms that `readers` lists; a folder for the form `convokit`.
        into: A corpus folder.
        form: The name of its form; recognised from its content where omitted.
        keep: Kinds of entries to keep that are no comments, of those in `KINDS`; they are left out otherwise.
        mapping: For the form `table`: our column -> theirs, such as `{"text": "body", "author": "user"}`.
        zone: The zone of times that name none, such as `Europe/Berlin`; without it such times are not taken.
        language: The language of the threads as a BCP 47 tag; the corpus's own where omitted.
        provenance: Where the file comes from, in words.
        pseudonymise: A file with a key, made where it is not there, outside the corpus. Names, @mentions and links to
            profiles are then replaced by pseudonyms made with it, and the source is not copied into the corpus.

    Returns:
        What was read, what is new, what was left out and why. The same stands in `sources/<source>.losses.json`.

    Raises:
        IngestError: If the file is missing, looks like no form or several, or cannot be read; the message names file
            and place. If it would bring names into a corpus with pseudonyms, or the reverse. The corpus is left as it
            was.
        ArgumentError: If there is no such kind or zone, or the key lies in the corpus.
        UnknownNameError: If there is no such form.
        MissingExtraError: If a library that the form needs is not installed.
        NotACorpusError: If `into` is no corpus.
    """
    kept = _kinds(keep)
    with _alone(Path(into)), tempfile.TemporaryDirectory(dir=into, prefix=".ingest-") as beside:
        # Read behind the lock: another ingestion may have ended a moment ago.
        folder = Folder(Path(into))
        key = None if pseudonymise is None else read_key(Path(pseudonymise), outside=folder.path)
        opened = Source(Path(source))
        reader, why = choose(opened, form)
        sha256 = sha256_of(_main(opened, reader))
        if (entry := _same(folder, sha256)) is not None:
            return _again(opened, folder, entry)
        _refuse_remains(folder)
        _refuse_mixture(folder, opened, withheld=key is not None)
        known = Known(folder)
        reading = Reading(opened, zone=_zone(zone), mapping=dict(mapping or {}))
        stem = opened.path.absolute().stem
        source_id = Ids(_ids_of(folder)).new(f"source {stem}" if re.fullmatch(DEVICES, stem, re.I) else stem)
        writing = Writing(
            folder,
            known,
            reader,
            source_id,
            Path(beside),
            language or folder.metadata.language,
            withheld=key is not None,
        )
        if key is not None:
            reader = pseudonymous(reader, Pseudonyms(key, opened.losses))
        try:
            added = _added(reader, reading, known, source_id=source_id, keep=kept, beside=Path(beside))
        except RecursionError:
            raise opened.error("is nested too deep") from None
        except MemoryError:
            raise opened.error("needs more memory than there is; divide the file") from None
        report = IngestReport(source_id, str(opened.path), reader.form, why, added, reading.losses)
        if added.n_read == 0:
            raise opened.error(f"was taken for {reader.form} ({why}), and holds no article and no comment")
        if added.n_texts:
            writing.write(added, opened, report, sha256=sha256, provenance=provenance)
        return report


def _refuse_remains(folder: Folder) -> None:
    """What an ingestion that was killed in its last moment has left would be taken for texts that are there."""
    texts = folder.raw(folder.scheme.fixed["texts"])
    listed_ones = [str(entry.get("source_id")) for entry in folder.metadata.records["sources"]]
    if "source_id" in texts.columns:
        left = texts.filter(pl.col("source_id").is_not_null() & ~pl.col("source_id").is_in(listed_ones))
        for file, source_id in left.select(FILE, "source_id").head(1).iter_rows():
            raise IngestError(
                folder.path / file,
                f"has texts of {source_id!r}, a source that corpus.toml does not list, as after an ingestion that was "
                f"killed; take out the files of {source_id!r} in texts/, threads/, authors/ and sources/, and its rows "
                "in annotations/structure/",
            )


def _refuse_mixture(folder: Folder, source: Source, *, withheld: bool) -> None:
    """Names beside pseudonyms would give the pseudonyms away, and every comment read both ways would stand twice."""
    for entry in folder.metadata.records["sources"]:
        if withheld and "file" in entry:
            raise source.error(
                f"cannot be read with pseudonyms into {folder.path}, which has the names of "
                f"{entry.get('source_id')!r}; read all sources with pseudonyms into a corpus of its own"
            )
        if not withheld and "file" not in entry:
            raise source.error(
                f"cannot be read with its names into {folder.path}, which has pseudonyms; "
                "name their key with --pseudonymise, or read it into a corpus of its own"
            )


def _added(
    reader: Reader, reading: Reading, known: Known, *, source_id: str, keep: frozenset[str], beside: Path
) -> Added:
    rows = reader.rows(reading) if reader.rows else None
    if rows is None:
        return add_threads(reader, reading, known, source_id=source_id, keep=keep)
    losses = reading.losses
    return add_rows(rows, known, losses, source_id=source_id, keep=keep, form=reader.form, out=beside)


def _main(source: Source, reader: Reader) -> Path:
    """The file that the texts are read from: the source, or the first file of a form that is a folder."""
    if not source.path.is_dir():
        return source.path
    files = [source.path / name for name in reader.files if (source.path / name).is_file()]
    if not files:
        raise source.error(
            f"is a folder; {reader.form} is read from " + (reader.files[0] if reader.files else "a file")
        )
    return files[0]


def _kinds(keep: Iterable[str]) -> frozenset[str]:
    kept = frozenset(keep)
    unknown = sorted(kept - KINDS.keys())
    if unknown:
        raise ArgumentError(
            f"no entries are of the kind {listed(unknown)}; those that can be kept are: {listed(KINDS)}"
        )
    return kept


def _zone(name: str | None) -> datetime.tzinfo | None:
    if name is None:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(f"{name!r} is no time zone; name one such as UTC or Europe/Berlin") from None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second ingestion out of a corpus, where the system can.

    Raises:
        IngestError: If there is one.
        NotACorpusError: If the folder is no corpus.
    """
    metadata = corpus_toml(folder)
    try:
        import fcntl
    except ImportError:  # Windows has none
        yield
        return
    busy = IngestError(folder, "is being written to by another ingestion; wait for its end")
    with metadata.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise busy from None
        except OSError:
            pass  # a disk of the network that has no locks
        # The other one replaces the file at its end: what is locked may be no longer what others lock.
        if not os.path.samestat(os.fstat(file.fileno()), metadata.stat()):
            raise busy
        for left in folder.glob(".ingest-*"):  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
        yield


def _ids_of(folder: Folder) -> set[str]:
    threads = folder.rows(folder.scheme.fixed["threads"]).select("thread_id").collect()["thread_id"]
    return {str(entry.get("source_id")) for entry in folder.metadata.records["sources"]} | set(threads.drop_nulls())


def _same(folder: Folder, sha256: str) -> Mapping[str, Any] | None:
    """The entry of a source with the same bytes."""
    for entry in folder.metadata.records["sources"]:
        if entry.get("sha256") == sha256:
            return entry
    return None


def _again(source: Source, folder: Folder, entry: Mapping[str, Any]) -> IngestReport:
    source_id = str(entry["source_id"])
    texts = folder.path / "texts" / f"{source_id}.csv"
    if not texts.is_file() or ("file" in entry and folder.source_path(source_id) is None):
        raise source.error(
            f"was ingested as {source_id!r} before, but its files are gone; restore them, "
            f"or take the entries of {source_id!r} out of corpus.toml and ingest it again"
        )
    form = str(entry.get("form"))
    return IngestReport(source_id, str(source.path), form, "it was ingested before", Added(), source.losses, True)
