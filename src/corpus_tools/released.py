"""The files of one release: which there are, whether they are what was released, and their rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.errors import ChecksumError, ReleaseError, listed
from corpus_tools.files import sha256_of
from corpus_tools.scheme import FULL, GOLD, Table

RELEASES = "releases"
SUMS = "SHA256SUMS"
MANIFEST = "manifest.json"


def released_files(table: Table, split: str, part: str | None = None) -> list[str]:
    """The names of the parquet files that hold a split of a table, or one part of it."""
    suffix = ".parquet" if split in (FULL, GOLD) else f".{split}.parquet"
    names = [name for name in table.parts if part in (None, name)] or [table.name]
    return [name + suffix for name in names]


@dataclass(frozen=True, slots=True)
class ReleasedFrames:
    """The parquet files of one release."""

    folder: Path

    def scan(self, table: Table, split: str) -> pl.LazyFrame:
        """One split of a table, lazily.

        Raises:
            ReleaseError: If a file is missing.
        """
        paths = [self.folder / name for name in released_files(table, split)]
        for path in paths:
            if not path.is_file():
                raise ReleaseError(f"{self.folder} is not a whole release: {path.name} is missing")
        return pl.scan_parquet(paths)


def read_sums(release: Path) -> dict[str, str]:
    """File name -> SHA-256 of the files of a release.

    Raises:
        ReleaseError: If the list is missing or damaged.
    """
    path = release / SUMS
    if not path.is_file():
        raise ReleaseError(
            f"{release} is not a whole release: it holds no {SUMS}; restore it, or remove the folder and release again"
        )
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or not name:
            raise ReleaseError(f"{path}:{number}: not a line of the form 'SHA-256, two blanks, file name'")
        sums[name] = digest
    return sums


def whole_release(release: Path) -> dict[str, str]:
    """File name -> SHA-256 of a release that has all its files and no other, whatever is in them.

    Raises:
        ReleaseError: If the checksums or a file are missing, or there is a file that was not released.
    """
    sums = read_sums(release)
    there = {path.relative_to(release).as_posix() for path in release.rglob("[!.]*") if path.is_file()}
    foreign = sorted(there - set(sums) - {SUMS})
    if foreign:
        raise ReleaseError(f"{release} holds {listed(foreign)}, which was not released; take it out")
    missing = [name for name in sums if not (release / name).is_file()]
    if missing:
        raise ReleaseError(
            f"{release} is not a whole release: {listed(missing)} is missing; restore it from where it came from"
        )
    return sums


def verify_release(release: Path) -> None:
    """Compare every file of a release with its checksum.

    Raises:
        ReleaseError: If the checksums or a file are missing, or there is a file that was not released.
        ChecksumError: If a file differs.
    """
    for name, digest in whole_release(release).items():
        path = release / name
        found = sha256_of(path)
        if found != digest:
            raise ChecksumError(
                f"{path} is not what was released: its SHA-256 is {found[:12]}..., {SUMS} says {digest[:12]}...; "
                "restore the file from where it came from"
            )


def read_manifest(release: Path) -> dict[str, Any]:
    """What a release says of itself: `version`, `content_sha256`, and rows per file in `n_rows`.

    Raises:
        ReleaseError: If it is missing or damaged.
    """
    path = release / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReleaseError(f"{release} is not a whole release: it holds no {MANIFEST}") from None
    except ValueError as problem:
        raise ReleaseError(f"{path}: {problem}") from None
    if not isinstance(manifest, dict):
        raise ReleaseError(f"{path}: holds {type(manifest).__name__} where an object is needed")
    missing = [key for key in ("version", "content_sha256", "n_rows") if key not in manifest]
    if missing:
        raise ReleaseError(f"{path}: lacks {listed(missing)}")
    return manifest
