"""Building a release: from the hand-edited files to a folder of parquet files that never changes again."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.content import content_sha256
from corpus_tools.corpus import Corpus, load, open_release, versions
from corpus_tools.errors import ReleaseError, VersionError, counted, listed
from corpus_tools.files import read_utf8, sha256_of, write_all, write_whole
from corpus_tools.folder import Folder
from corpus_tools.history import Differences, beginning, diff, with_entry
from corpus_tools.metadata import FILE, version_key
from corpus_tools.release.card import CHANGELOG
from corpus_tools.release.pages import changed_pages, guideline_page
from corpus_tools.released import MANIFEST, RELEASES, SUMS, released_files
from corpus_tools.scheme import FIXED_TABLES, FULL, Scheme, Table
from corpus_tools.validate import Finding, Severity, validate

if TYPE_CHECKING:
    import pyarrow as pa


REASONS = 3
"""Reasons that a refusal names."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was made."""

    folder: Path
    version: str
    content_sha256: str
    n_rows: dict[str, int]
    """File name -> number of rows."""
    pages: list[Path]
    """The generated pages that were written, and the changelog."""
    warnings: list[Finding]
    """What validation found that does not stop a release."""


def release(folder: str | Path, version: str, *, progress: Callable[[str], None] = lambda step: None) -> Release:
    """Release the hand-edited files of a corpus as they stand, write its changelog and renew its generated pages.

    Args:
        folder: A corpus folder.
        version: The version in corpus.toml, as a check that it was meant.
        progress: Called with the name of each step as it begins.

    Raises:
        VersionError: If the version is released already, is not that of corpus.toml, is not newer than the last one, or
            is less than what changed since then asks for; the message says why and which version would do.
        ReleaseError: If validation finds errors, the date is before that of the last release, or nothing differs from
            it; nothing is written.
    """
    source = Folder(Path(folder))
    _check_version(source, version)
    progress("validate")
    warnings = _warnings(source)
    target = source.path / RELEASES / version
    changelog = source.path / CHANGELOG
    target.parent.mkdir(exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{version}."))
    try:
        progress("write tables")
        staged, n_rows = _stage(source, beside, version)
        progress("compare")
        _refuse_taken(target)
        earlier = [load(source.path, known) for known in versions(source.path)]
        differences = _differences(earlier, staged)
        progress("write pages")
        # Before the pages, since the card links to it, and before the release, since no command could add it later.
        with _written(changelog, with_entry(_read(changelog), differences), for_good=target.exists):
            # From the staged files: a page that cannot be made is an error before the release stands, not after.
            pages = changed_pages(source, [*earlier, staged])
            _move(beside, target)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        if not any(target.parent.iterdir()):
            target.parent.rmdir()
        raise
    _write_pages(source, version, pages)
    return Release(target, version, str(staged.content_sha256), n_rows, [changelog, *pages], warnings)


def _warnings(source: Folder) -> list[Finding]:
    """What validation finds that does not stop a release; what does is an error."""
    found = validate(source.path)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        raise ReleaseError(
            f"{source.path} is not released: {counted(len(errors), 'finding')}, the first: {errors[0]}; "
            f"see them all with: corpus-tools validate {source.path}"
        )
    return found


def _stage(source: Folder, beside: Path, version: str) -> tuple[Corpus, dict[str, int]]:
    """The release as it will stand, in a folder beside its place, and the rows of each file."""
    tables = build_tables(source)
    n_rows = {name: table.num_rows for name, table in tables.items()}
    manifest = {"version": version, "content_sha256": content_sha256(tables), "n_rows": n_rows}
    _write(beside, source, tables, manifest)
    beside.chmod(0o755)
    return open_release(source.path, beside), n_rows


def _refuse_taken(target: Path) -> None:
    if target.exists():
        raise VersionError(f"{target.name} was released in {target} while this release was being made")


def _move(beside: Path, target: Path) -> None:
    try:
        beside.rename(target)
    except OSError:
        _refuse_taken(target)
        raise


@contextmanager
def _written(path: Path, content: str, *, for_good: Callable[[], bool]) -> Iterator[None]:
    """Write a file, and give it its old content again where what is done meanwhile fails.

    Not if it is for good already, nor if somebody else wrote the file in the meantime.
    """
    before = path.read_bytes() if path.is_file() else None
    try:
        write_whole(path, content)
        yield
    except BaseException:
        if not for_good() and path.is_file() and path.read_bytes() == content.encode("utf-8"):
            if before is None:
                path.unlink()
            else:
                write_whole(path, before)
        raise


def _write_pages(source: Folder, version: str, pages: Mapping[Path, str]) -> None:
    try:
        write_all(pages)
    except OSError as problem:
        raise ReleaseError(
            f"{version} is released, but its pages could not be renewed: {problem}; mend that, then run: "
            f"corpus-tools pages {source.path}"
        ) from problem


def _differences(earlier: Sequence[Corpus], staged: Corpus) -> Differences:
    """What is new in a release, once it is sure that its version says so; a first release may have any."""
    if not earlier:
        return diff(beginning(staged), staged)
    found = diff(earlier[-1], staged)
    newest, least = earlier[-1].version, found.least_version
    if staged.metadata.date < earlier[-1].metadata.date:
        raise ReleaseError(
            f"{staged.folder / FILE} dates {staged.version} {staged.metadata.date}, before {newest} of "
            f"{earlier[-1].metadata.date}; set the date of this release"
        )
    if least is None:
        raise ReleaseError(
            f"nothing differs from {newest}, and a release says something new; edit the corpus, or keep {newest}"
        )
    if version_key(staged.version) < version_key(least):
        why = [reason.why for reason in found.reasons if reason.step is found.step]
        more = f"; and {counted(len(why) - REASONS, 'more reason')}" if len(why) > REASONS else ""
        raise VersionError(
            f"{staged.version} is less than what changed since {newest} asks for, which is {least} or more: "
            f'{"; ".join(why[:REASONS])}{more}; set version = "{least}", and the date, in {staged.folder / FILE}, '
            f"or see all with: corpus-tools diff {newest} draft {staged.folder}"
        )
    return found


def _read(path: Path) -> str:
    """The text of a page that may not be there yet."""
    return read_utf8(path, lambda where, problem: ReleaseError(f"{where}: {problem}")) if path.is_file() else ""


def build_tables(source: Folder) -> dict[str, pa.Table]:
    """Every table of the hand-edited files as arrow, by the name of the file it is released in."""
    tables = {}
    for table in source.scheme.tables.values():
        for split in table.splits:
            frame = source.scan(table, split).collect()
            for part in table.parts or (None,):
                rows = frame if part is None else frame.filter(table.in_part(part))
                [name] = released_files(table, split, part)
                tables[name] = rows.to_arrow().cast(table.arrow_schema)
            _check_parts(table, frame, tables)
    return tables


def _check_parts(table: Table, frame: pl.DataFrame, tables: dict[str, pa.Table]) -> None:
    if table.parts:
        kept = sum(tables[released_files(table, FULL, part)[0]].num_rows for part in table.parts)
        if kept != frame.height:
            raise ReleaseError(
                f"{frame.height - kept} rows of {table.name} belong to no part of it; "
                f"its parts hold the rows whose: {listed(table.part_condition(part) for part in table.parts)}"
            )


def _check_version(source: Folder, version: str) -> None:
    try:
        key = version_key(version)
    except ValueError as problem:
        raise VersionError(str(problem)) from None
    known = versions(source.path)
    if version in known:
        raise VersionError(
            f"{version} is released already in {source.path / RELEASES / version} and a release never changes; "
            f"raise the version in {source.metadata.path} and release that"
        )
    if version != source.metadata.version:
        raise VersionError(
            f"{source.metadata.path} says version {source.metadata.version}, not {version}; change one of them"
        )
    if known and key < version_key(known[-1]):
        raise VersionError(f"{version} is older than the newest release; there are: {listed(known)}")


def _write(folder: Path, source: Folder, tables: dict[str, pa.Table], manifest: Mapping[str, object]) -> None:
    import pyarrow.parquet as pq

    for name, table in tables.items():
        # Plain strings, no embedded index or engine metadata, so that every parquet reader sees the declared types.
        pq.write_table(table, folder / name, compression="zstd")
    _copy_scheme(source.scheme, source.path, folder / "scheme")
    for layer in source.scheme.layers.values():
        # As it will stand beside the release, its label tables renewed.
        page = folder / "guidelines" / f"{layer.name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_bytes(guideline_page(source, layer).encode("utf-8"))
    shutil.copyfile(source.path / FILE, folder / FILE)
    (folder / MANIFEST).write_bytes((json.dumps(manifest, indent=2) + "\n").encode())
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = "".join(f"{sha256_of(folder / name)}  {name}\n" for name in names)
    (folder / SUMS).write_bytes(sums.encode())


def _copy_scheme(scheme: Scheme, source: Path, target: Path) -> None:
    """The scheme travels with the release, so that it loads for ever whatever the scheme becomes."""
    target.mkdir()
    shutil.copyfile(FIXED_TABLES, target / FIXED_TABLES.name)
    for layer in scheme.layers:
        shutil.copyfile(source / "scheme" / f"{layer}.toml", target / f"{layer}.toml")
