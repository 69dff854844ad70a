"""What is cited beside a corpus: the publications that its layers and methods follow, one table each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.errors import MetadataError, listed

TYPES = ("article-journal", "book", "chapter", "dataset", "paper-conference", "report", "thesis", "webpage")
"""Kinds of publication, in the terms of the Citation Style Language."""
NEEDED = ("id", "type", "authors", "year", "title")
TEXTS = ("container", "volume", "issue", "pages", "publisher", "doi", "url", "note")
OTHERS = "others"
"""Stands last among authors where there are more."""
ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Reference:
    """One publication."""

    id: str
    type: str
    """One of `TYPES`."""
    authors: tuple[str, ...]
    """Persons as `Family, Given`, groups as they call themselves; `others` last where there are more."""
    year: int
    title: str
    container: str = ""
    """The journal, proceedings, book or series it appeared in."""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    """First and last page, joined by a hyphen, or an article number."""
    publisher: str = ""
    doi: str = ""
    """Without address, such as `10.18653/v1/S16-1003`."""
    url: str = ""
    note: str = ""


def read_references(path: Path, entries: object) -> tuple[Reference, ...]:
    """The `[[references]]` of a metadata file.

    Raises:
        MetadataError: If an entry lacks a key, has one that is unknown or of the wrong type, or an id stands twice.
    """
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise MetadataError(f"{path}: 'references' must be an array of tables, written [[references]]")
    made = tuple(_reference(path, entry) for entry in entries)
    ids = [reference.id for reference in made]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise MetadataError(f"{path}: {listed(twice)} stands twice among [[references]]")
    return made


def _reference(path: Path, entry: Mapping[str, Any]) -> Reference:
    shown = f"the [[references]] entry {entry.get('id')!r}"
    unknown = sorted(set(entry) - {*NEEDED, *TEXTS})
    missing = [key for key in NEEDED if key not in entry]
    if unknown or missing:
        what = f"has the unknown key {listed(unknown)}" if unknown else f"lacks {listed(missing)}"
        raise MetadataError(f"{path}: {shown} {what}; it needs {listed(NEEDED)} and may have {listed(TEXTS)}")
    if not isinstance(entry["id"], str) or ID.fullmatch(entry["id"]) is None:
        raise MetadataError(f"{path}: the 'id' of {shown} must be lower-case words and hyphens, such as zeldes-2017")
    if entry["type"] not in TYPES:
        raise MetadataError(f"{path}: the 'type' of {shown} is none of {listed(TYPES)}")
    authors = entry["authors"]
    if (
        not isinstance(authors, list)
        or authors in ([], [OTHERS])
        or not all(isinstance(one, str) and one.strip() for one in authors)
    ):
        raise MetadataError(f"{path}: the 'authors' of {shown} must be a list of names such as 'Zeldes, Amir'")
    if not isinstance(entry["year"], int):
        raise MetadataError(f"{path}: the 'year' of {shown} must be a number, not {entry['year']!r}")
    for key in ("title", *TEXTS):
        if not isinstance(entry.get(key, ""), str):
            raise MetadataError(f"{path}: {key!r} of {shown} must be a text in quotes, not {entry[key]!r}")
    return Reference(**{**entry, "authors": tuple(authors), "title": " ".join(entry["title"].split())})
