"""CITATION.cff, Citation File Format 1.2.0.

The format has one field for the licence of the whole and reads several as a choice between them; so a licence is given
only where it is one and the same for every part, and the message points to the terms otherwise.

Source:
    Druskat et al. (2021), Citation File Format 1.2.0, https://doi.org/10.5281/zenodo.5171937.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from corpus_tools.citation.rights import same_licence
from corpus_tools.citation.work import Name, addresses, author_names, source_entry
from corpus_tools.metadata import GENERATED, Metadata
from corpus_tools.references import Reference

CITE = "If you use this corpus, please cite it with the version you used."
TERMS = "Its terms differ by part; see its licence file."
TYPES = {
    "article-journal": "article",
    "book": "book",
    # The format has no type for a part of a book.
    "chapter": "generic",
    "dataset": "data",
    "paper-conference": "conference-paper",
    "report": "report",
    "thesis": "thesis",
    "webpage": "website",
}
DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")
"""The DOIs that the format takes; others are given as addresses."""


def citation_file(metadata: Metadata, *, content_sha256: str | None = None) -> str:
    """The content of CITATION.cff.

    Creators with `family_names` are persons, the others entities, as that format distinguishes them.

    Args:
        metadata: What corpus.toml says.
        content_sha256: The content hash of the release, as an identifier of it.
    """
    import yaml

    licence = same_licence(metadata)
    publication = metadata.publication
    entries: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": CITE if licence else f"{CITE} {TERMS}",
        "type": "dataset",
        "title": metadata.title,
        "version": metadata.version,
        "date-released": metadata.date.isoformat(),
        "abstract": " ".join(metadata.description.split()),
        "authors": [_creator(creator) for creator in metadata.creators],
        "license": licence,
        **{key: publication.get(key) for key in ("doi", "url", "repository")},
        "identifiers": list(_identifiers(metadata, content_sha256)),
        "keywords": list(metadata.keywords),
        "references": [_reference(reference) for reference in metadata.references],
    }
    given = {key: value for key, value in entries.items() if value}
    return f"# {GENERATED}; change that, then run `corpus-tools pages`.\n" + yaml.safe_dump(
        given, sort_keys=False, allow_unicode=True, width=100
    )


def _creator(creator: Mapping[str, str]) -> dict[str, str]:
    keys = ("given_names", "family_names", "orcid", "affiliation") if "family_names" in creator else ("name", "website")
    return {key.replace("_", "-"): creator[key] for key in keys if key in creator}


def _identifiers(metadata: Metadata, content_sha256: str | None) -> Iterator[dict[str, str]]:
    if content_sha256:
        about = f"Content hash of version {metadata.version}: SHA-256 over the schema and rows of its tables"
        yield {"type": "other", "value": f"sha256:{content_sha256}", "description": about}
    hub = addresses(metadata.publication).get("hub")
    if hub:
        yield {"type": "url", "value": hub, "description": "Dataset on the Hugging Face Hub"}


def _reference(reference: Reference) -> dict[str, Any]:
    first, _, last = reference.pages.partition("-")
    publisher = "institution" if reference.type in ("report", "thesis") else "publisher"
    doi = reference.doi if DOI.fullmatch(reference.doi) else ""
    address = f"https://doi.org/{quote(reference.doi, safe='/:;()')}" if reference.doi and not doi else ""
    entry = {
        "type": TYPES[reference.type],
        "title": reference.title,
        "authors": [_author(name) for name in author_names(reference)],
        "year": reference.year,
        "journal" if reference.type == "article-journal" else "collection-title": reference.container,
        "volume": reference.volume,
        "issue": reference.issue,
        "start": first,
        "end": last,
        publisher: {"name": reference.publisher} if reference.publisher else None,
        "doi": doi,
        "url": address or reference.url,
        "notes": source_entry(reference).note_with_names,
    }
    return {key: value for key, value in entry.items() if value}


def _author(name: Name) -> dict[str, str]:
    if name.group:
        return {"name": name.group}
    parts = {"family-names": name.family, "given-names": name.given, "name-suffix": name.suffix}
    return {key: part for key, part in parts.items() if part}
