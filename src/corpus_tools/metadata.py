"""corpus.toml: the one source of a corpus's metadata."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.errors import MetadataError, NotACorpusError, listed

FILE = "corpus.toml"
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
RECORDS = ("sources", "threads", "authors", "annotators", "passes", "caveats")
LICENCES = ("text", "annotations", "code")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What corpus.toml says."""

    path: Path
    title: str
    version: str
    date: datetime.date
    summary: str
    description: str
    language: str
    keywords: Sequence[str]
    creators: Sequence[Mapping[str, str]]
    licences: Mapping[str, str]
    """`text`, `annotations` and `code`: an SPDX id or a sentence."""
    outputs: Mapping[str, str]
    """Files outside the corpus folder that are generated from it: `citation` and `releases`."""
    records: Mapping[str, Sequence[Mapping[str, Any]]]
    """The arrays of tables, by name: sources, threads, authors, annotators, passes, caveats."""


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers, for sorting.

    Raises:
        ValueError: If it is not of the form major.minor.patch.
    """
    match = VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is not of the form major.minor.patch, such as 1.0.0")
    return tuple(int(number) for number in match.groups())


def read_metadata(folder: Path) -> Metadata:
    """Read and check corpus.toml in a folder.

    Raises:
        NotACorpusError: If the folder does not exist or holds no corpus.toml.
        MetadataError: If the file cannot be read, or lacks a key, or a key has the wrong type.
    """
    path = folder / FILE
    if not path.is_file():
        what = "holds no corpus.toml" if folder.is_dir() else "does not exist"
        raise NotACorpusError(f"{folder} is not a corpus: it {what}; a corpus is a folder with a corpus.toml")
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MetadataError(f"{path}: {problem}") from None
    return _checked(path, entries)


def _checked(path: Path, entries: Mapping[str, Any]) -> Metadata:
    def need(key: str, kind: type, what: str) -> Any:
        if key not in entries:
            raise MetadataError(f"{path}: lacks {key!r} ({what}); it has: {listed(entries)}")
        if not isinstance(entries[key], kind):
            raise MetadataError(f"{path}: {key!r} must be {what}, not {entries[key]!r}")
        return entries[key]

    text = {key: need(key, str, "a text").strip() for key in ("title", "summary", "description", "language")}
    version = need("version", str, "a version such as '1.0.0'")
    if VERSION.fullmatch(version) is None:
        raise MetadataError(f"{path}: 'version' must be a version such as '1.0.0', not {version!r}")
    creators = need("creators", list, "a list of tables with a name")
    if not creators or not all(
        isinstance(entry, dict) and entry.keys() & {"name", "family_names"} for entry in creators
    ):
        raise MetadataError(
            f"{path}: 'creators' must hold at least one creator, a person with 'family_names' or a group with 'name'"
        )
    licences = need("licences", dict, f"a table with {listed(LICENCES)}")
    missing = [key for key in LICENCES if not isinstance(licences.get(key), str)]
    if missing:
        raise MetadataError(f"{path}: 'licences' lacks {listed(missing)}")
    keywords = need("keywords", list, "a list of words")
    return Metadata(
        path=path,
        version=version,
        date=need("date", datetime.date, "a date such as 2026-01-31"),
        keywords=tuple(keywords),
        creators=tuple(creators),
        licences=licences,
        outputs=entries.get("outputs", {}),
        records={name: _records(path, entries, name) for name in RECORDS},
        **text,
    )


def _records(path: Path, entries: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    rows = entries.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MetadataError(f"{path}: {name!r} must be an array of tables, written [[{name}]]")
    return tuple(rows)
