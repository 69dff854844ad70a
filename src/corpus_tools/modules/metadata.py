"""module.toml: what a module says of itself, and which corpus it annotates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.errors import MetadataError, ModuleError, listed
from corpus_tools.metadata import VERSION, Metadata, common_fields, read_toml

FILE = "module.toml"
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
TEXTS = ("name", "title", "version", "summary", "licence")
RECORDS = ("annotators", "passes", "omissions", "caveats")
KEYS = (*TEXTS, "date", "keywords", "creators", "publication", "references", "corpus", *RECORDS)
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Binding:
    """The corpus that a module annotates."""

    title: str
    versions: tuple[str, ...]
    """The versions whose units it may refer to."""
    text_sha256: str
    """Hash of the texts that its offsets count in, as `Corpus.text_sha256` gives it."""


@dataclass(frozen=True, slots=True)
class ModuleMetadata:
    """What module.toml says."""

    name: str
    licence: str
    """Of the annotations: an SPDX id or a sentence."""
    corpus: Binding
    metadata: Metadata
    """The rest, as a corpus says it; what only a corpus has is empty."""


def read_module_metadata(folder: Path) -> ModuleMetadata:
    """Read and check module.toml in a folder.

    Raises:
        ModuleError: If the folder holds none, or it cannot be read, or it lacks a key, or a key has the wrong type.
    """
    path = folder / FILE
    if not path.is_file():
        raise ModuleError(f"{folder} is not a module: it holds no {FILE}; a module is a folder with a {FILE}")
    try:
        entries = read_toml(path)
    except MetadataError as problem:
        raise ModuleError(str(problem)) from None
    return module_metadata(path, entries)


def module_metadata(path: Path, entries: Mapping[str, Any]) -> ModuleMetadata:
    """Check what stands in a module.toml.

    Raises:
        ModuleError: If it lacks a key, or a key has the wrong type.
    """
    try:
        fields = common_fields(path, {"keywords": [], **entries}, known=KEYS, texts=TEXTS)
    except MetadataError as problem:
        raise ModuleError(str(problem)) from None
    name, licence = fields.pop("name"), fields.pop("licence")
    if NAME.fullmatch(name) is None:
        raise ModuleError(f"{path}: 'name' must be lower-case words and hyphens, such as trust-study, not {name!r}")
    fields |= {"description": "", "language": "", "licences": {"annotations": licence}, "outputs": {}, "datasheet": {}}
    metadata = Metadata(**fields)
    return ModuleMetadata(name, licence, _binding(path, entries.get("corpus")), metadata)


def _binding(path: Path, given: object) -> Binding:
    keys = ("title", "versions", "text_sha256")
    if not isinstance(given, dict) or set(given) != set(keys):
        raise ModuleError(f"{path}: needs a table [corpus] with {listed(keys)}, and nothing else")
    entries: Mapping[str, Any] = given
    title, versions, text_sha256 = (entries[key] for key in keys)
    if not isinstance(title, str):
        raise ModuleError(f"{path}: 'title' of [corpus] must be a text, not {title!r}")
    if not isinstance(versions, list) or not versions or not all(_is_version(version) for version in versions):
        raise ModuleError(f"{path}: 'versions' of [corpus] must list versions such as '1.0.0', not {versions!r}")
    if not isinstance(text_sha256, str) or SHA256.fullmatch(text_sha256) is None:
        raise ModuleError(f"{path}: 'text_sha256' of [corpus] must be 64 hexadecimal digits, not {text_sha256!r}")
    return Binding(" ".join(title.split()), tuple(versions), text_sha256)


def _is_version(value: object) -> bool:
    return isinstance(value, str) and VERSION.fullmatch(value) is not None
