"""corpus.toml: the one source of a corpus's metadata."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.errors import MetadataError, NotACorpusError, listed
from corpus_tools.references import Reference, read_references

FILE = "corpus.toml"
GENERATED = f"Generated from {FILE}"
"""Stands in every page that is generated as a whole; a page without it was written by hand."""
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
RECORDS = ("sources", "threads", "authors", "annotators", "passes", "omissions", "tombstones", "caveats")
LICENCES = ("text", "annotations", "code")
TEXTS = ("title", "version", "summary", "description", "language")
DATASHEET = (
    "motivation",
    "collection",
    "annotation",
    "uses",
    "non_uses",
    "personal_data",
    "removal",
    "maintenance",
)
"""What the datasheet is asked that cannot be computed."""
PUBLICATION = ("publisher", "doi", "url", "repository", "hub")
"""Where the corpus is published; all of them may be left out."""
KEYS = (
    *(*TEXTS, "date", "keywords", "creators", "licences", "publication", "outputs", "datasheet", "references"),
    *RECORDS,
)
TOMBSTONE_KEYS = ("table_name", "row_id", "date", "reason")
OMISSION_KEYS = ("layer", "reason", "texts", "sources")
PASS_KEYS = ("layer", "annotator_id", "guideline_version", "date", "texts", "sources")
OUTPUTS = ("citation", "zenodo", "releases")


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
    publication: Mapping[str, str]
    """Where it is published: `publisher`, `doi`, `url` of its page, `repository` of its files, `hub`, a dataset id."""
    outputs: Mapping[str, str]
    """Files outside the corpus folder that are generated from it: `citation`, `zenodo` and `releases`."""
    datasheet: Mapping[str, str]
    """Answers of the datasheet, by the names in `DATASHEET`; those not given are left out."""
    references: tuple[Reference, ...]
    """The publications that layers name as what they follow."""
    records: Mapping[str, Sequence[Mapping[str, Any]]]
    """The arrays of tables, by name: sources, threads, authors, annotators, passes, omissions, tombstones, caveats."""


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers, for sorting.

    Raises:
        ValueError: If it is not of the form major.minor.patch.
    """
    match = VERSION.fullmatch(version)
    if match is None:
        raise ValueError(f"{version!r} is not of the form major.minor.patch, such as 1.0.0")
    return tuple(int(number) for number in match.groups())


def corpus_toml(folder: Path) -> Path:
    """The corpus.toml of a folder.

    Raises:
        NotACorpusError: If the folder does not exist or holds no corpus.toml.
    """
    path = folder / FILE
    if not path.is_file():
        what = "holds no corpus.toml" if folder.is_dir() else "is no folder" if folder.exists() else "does not exist"
        raise NotACorpusError(f"{folder} is not a corpus: it {what}; a corpus is a folder with a corpus.toml")
    return path


def read_metadata(folder: Path) -> Metadata:
    """Read and check corpus.toml in a folder.

    Raises:
        NotACorpusError: If the folder does not exist or holds no corpus.toml.
        MetadataError: If the file cannot be read, or lacks a key, or a key has the wrong type.
    """
    path = corpus_toml(folder)
    entries = read_toml(path)
    return Metadata(
        **common_fields(path, entries, known=KEYS, texts=TEXTS),
        licences=_licences(path, entries),
        outputs=_texts(path, entries, "outputs", OUTPUTS),
        datasheet=_texts(path, entries, "datasheet", DATASHEET),
    )


def read_toml(path: Path) -> dict[str, Any]:
    """A file of metadata, unchecked.

    Raises:
        MetadataError: If it cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MetadataError(f"{path}: {problem}") from None


def common_fields(
    path: Path, entries: Mapping[str, Any], *, known: Iterable[str], texts: Iterable[str]
) -> dict[str, Any]:
    """What corpora and modules say of themselves in the same words, checked.

    Args:
        path: The file, for messages.
        entries: What stands in it.
        known: The keys it may have.
        texts: Those that must be there and hold a text.

    Returns:
        The texts with their white space made single, and the fields of `Metadata` that no other function gives.

    Raises:
        MetadataError: If a key is unknown or missing, or has the wrong type.
    """
    unknown = sorted(set(entries) - set(known))
    if unknown:
        raise MetadataError(f"{path}: has the unknown key {listed(unknown)}; known are: {listed(known)}")
    text = {key: " ".join(_need(path, entries, key, str, "a text").split()) for key in texts}
    if VERSION.fullmatch(text["version"]) is None:
        raise MetadataError(f"{path}: 'version' must be a version such as '1.0.0', not {text['version']!r}")
    records = {name: _records(path, entries, name) for name in RECORDS}
    for entry in records["passes"]:
        _check_pass(path, entry)
    for entry in records["omissions"]:
        _check_omission(path, entry)
    for entry in records["tombstones"]:
        _check_tombstone(path, entry)
    for entry in records["caveats"]:
        _check_caveat(path, entry)
    return {
        **text,
        "path": path,
        "date": _need(path, entries, "date", datetime.date, "a date such as 2026-01-31"),
        "keywords": _keywords(path, entries),
        "creators": _creators(path, entries),
        "publication": _texts(path, entries, "publication", PUBLICATION),
        "references": read_references(path, entries.get("references", [])),
        "records": records,
    }


def _need(path: Path, entries: Mapping[str, Any], key: str, kind: type, what: str) -> Any:
    if key not in entries:
        raise MetadataError(f"{path}: lacks {key!r} ({what}); it has: {listed(entries)}")
    if not isinstance(entries[key], kind):
        raise MetadataError(f"{path}: {key!r} must be {what}, not {entries[key]!r}")
    return entries[key]


def _keywords(path: Path, entries: Mapping[str, Any]) -> tuple[str, ...]:
    keywords = _need(path, entries, "keywords", list, "a list of words")
    if not _are_texts(keywords):
        raise MetadataError(f"{path}: 'keywords' must be a list of words, not {keywords!r}")
    return tuple(keywords)


def _creators(path: Path, entries: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    creators = _need(path, entries, "creators", list, "a list of tables, written [[creators]]")
    named = [entry for entry in creators if isinstance(entry, dict) and entry.keys() & {"name", "family_names"}]
    if not creators or named != creators or not all(_are_texts(entry.values()) for entry in named):
        raise MetadataError(
            f"{path}: 'creators' must hold at least one creator, a person with 'family_names' or a group with 'name'"
        )
    return tuple(creators)


def _licences(path: Path, entries: Mapping[str, Any]) -> Mapping[str, str]:
    licences: Mapping[str, str] = _need(path, entries, "licences", dict, f"a table with {listed(LICENCES)}")
    missing = [key for key in LICENCES if not isinstance(licences.get(key), str)]
    if missing:
        raise MetadataError(f"{path}: 'licences' lacks {listed(missing)}")
    return licences


def _texts(path: Path, entries: Mapping[str, Any], key: str, known: Sequence[str]) -> Mapping[str, str]:
    """An optional table of texts, in the order of `known`."""
    given = entries.get(key, {})
    if not isinstance(given, dict) or not _are_texts(given.values()) or set(given) - set(known):
        raise MetadataError(f"{path}: {key!r} must be a table of texts for {listed(known)}, written [{key}]")
    return {name: given[name].strip() for name in known if name in given}


def _check_caveat(path: Path, entry: Mapping[str, Any]) -> None:
    whole = set(entry) == {"about", "text"} and isinstance(entry["text"], str) and _is_list_of_texts(entry["about"])
    if not whole:
        raise MetadataError(
            f"{path}: a [[caveats]] entry has 'about', a list of table names, and 'text', and nothing else; "
            f"not {dict(entry)}"
        )


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and _are_texts(value)


def _check_pass(path: Path, entry: Mapping[str, Any]) -> None:
    """A pass says what it went through: nothing that is added later counts as annotated by it."""
    shown = f"the [[passes]] entry of layer {entry.get('layer')!r}, annotator {entry.get('annotator_id')!r}"
    unknown = sorted(set(entry) - set(PASS_KEYS))
    if unknown:
        raise MetadataError(f"{path}: {shown} has the unknown key {listed(unknown)}; known are: {listed(PASS_KEYS)}")
    for key in ("layer", "annotator_id"):
        if not isinstance(entry.get(key), str):
            raise MetadataError(f"{path}: {shown} must say its {key!r}")
    if not isinstance(entry.get("guideline_version", ""), str):
        raise MetadataError(f"{path}: 'guideline_version' of {shown} must be in quotes")
    if not isinstance(entry.get("date"), datetime.date):
        raise MetadataError(f"{path}: {shown} must have a 'date' such as 2026-01-31")
    _check_texts(path, entry, shown, "it went through")


def _check_omission(path: Path, entry: Mapping[str, Any]) -> None:
    """What gold leaves out is said, so that it is not taken for forgotten."""
    shown = f"the [[omissions]] entry of layer {entry.get('layer')!r}"
    unknown = sorted(set(entry) - set(OMISSION_KEYS))
    if unknown:
        raise MetadataError(
            f"{path}: {shown} has the unknown key {listed(unknown)}; known are: {listed(OMISSION_KEYS)}"
        )
    for key in ("layer", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise MetadataError(f"{path}: {shown} must say its {key!r}")
    _check_texts(path, entry, shown, "that are left out")


def _check_tombstone(path: Path, entry: Mapping[str, Any]) -> None:
    if set(entry) != set(TOMBSTONE_KEYS) or not _are_texts(entry.values()):
        raise MetadataError(
            f"{path}: a [[tombstones]] entry has {listed(TOMBSTONE_KEYS)}, all in quotes, and nothing else; "
            f"not {dict(entry)}"
        )


def _check_texts(path: Path, entry: Mapping[str, Any], shown: str, which: str) -> None:
    named = [key for key in ("texts", "sources") if key in entry]
    if len(named) != 1 or not _is_list_of_texts(entry[named[0]]):
        raise MetadataError(f"{path}: {shown} must list either the 'texts' or the 'sources' {which}")


def _records(path: Path, entries: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    rows = entries.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise MetadataError(f"{path}: {name!r} must be an array of tables, written [[{name}]]")
    for row in rows:
        for key, value in row.items():
            if key.endswith("_id") and not isinstance(value, str):
                raise MetadataError(f"{path}: {key!r} of [[{name}]] must be a text in quotes, not {value!r}")
            if name == "annotators" and key == "annotator_id" and "/" in value:
                # `<module>/<id>` is what the annotators of a module are called.
                raise MetadataError(f"{path}: {value!r} is no id for an annotator: it holds a slash")
            if key == "printed_names" and not _is_list_of_texts(value):
                raise MetadataError(f"{path}: {key!r} of [[{name}]] must be a list of texts, not {value!r}")
    return tuple(rows)
