""".zenodo.json: what Zenodo takes from a repository when it archives a release of it.

Its fields are those of Zenodo's deposit metadata, and an unknown one can make the archiving fail; so the notice that
the file is generated stands among the notes. One licence is asked for all files of a deposit. Where the parts of the
corpus have different ones, that field can only say whether all of them are open, and the notes have the terms of each
part. The language is left out: Zenodo asks for a code of three letters, and corpus.toml has a BCP 47 tag.

Source:
    Zenodo, Developers, Deposit metadata, https://developers.zenodo.org/#deposit-metadata.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

from corpus_tools.citation.apa import apa
from corpus_tools.citation.rights import same_licence, terms
from corpus_tools.citation.work import addresses, creator_name, source_entry
from corpus_tools.metadata import GENERATED, LICENCES, Metadata

OPEN = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause")
"""Licences that are surely open; of others that is not claimed."""
OWN = "10.5281/zenodo."
"""DOIs that Zenodo gives itself and does not take."""
TYPES = {
    "article-journal": "publication-article",
    "book": "publication-book",
    "chapter": "publication-section",
    "dataset": "dataset",
    "paper-conference": "publication-conferencepaper",
    "report": "publication-report",
    "thesis": "publication-thesis",
    "webpage": "publication-other",
}
RELATIONS = {"url": "isDocumentedBy", "repository": "isPartOf", "hub": "isVariantFormOf"}


def zenodo_file(metadata: Metadata, *, content_sha256: str | None = None) -> str:
    """The content of .zenodo.json.

    Args:
        metadata: What corpus.toml says.
        content_sha256: The content hash of the release, for the notes.
    """
    doi = metadata.publication.get("doi", "")
    record: dict[str, Any] = {
        "upload_type": "dataset",
        "title": metadata.title,
        "version": metadata.version,
        "publication_date": metadata.date.isoformat(),
        "creators": [_creator(creator) for creator in metadata.creators],
        "description": f"<p>{html.escape(metadata.description, quote=False)}</p>",
        "access_right": "open",
        "license": _licence(metadata),
        "doi": "" if doi.startswith(OWN) else doi,
        "keywords": list(metadata.keywords),
        "notes": "".join(f"<p>{html.escape(note, quote=False)}</p>" for note in _notes(metadata, content_sha256)),
        "related_identifiers": list(_related(metadata)),
        "references": [apa([source_entry(reference)]) for reference in metadata.references],
    }
    return json.dumps({key: value for key, value in record.items() if value}, indent=2, ensure_ascii=False) + "\n"


def _creator(creator: Mapping[str, str]) -> dict[str, str]:
    made = {"name": creator_name(creator).inverted}
    if "affiliation" in creator:
        made["affiliation"] = creator["affiliation"]
    if "orcid" in creator:
        made["orcid"] = creator["orcid"].rpartition("/")[2]
    return made


def _licence(metadata: Metadata) -> str:
    """The licence of all files: the one that all parts have, or whether theirs are open."""
    licence = same_licence(metadata)
    if licence is not None:
        return licence.lower()
    return "other-open" if all(metadata.licences[part] in OPEN for part in LICENCES) else "other-closed"


def _notes(metadata: Metadata, content_sha256: str | None) -> Iterator[str]:
    yield " ".join(["Terms by part.", *terms(metadata)])
    if content_sha256:
        yield f"Content hash of version {metadata.version} (SHA-256 over the schema and rows): {content_sha256}."
    yield f"{GENERATED}; change that, then run `corpus-tools pages`."


def _related(metadata: Metadata) -> Iterator[dict[str, str]]:
    for key, address in addresses(metadata.publication).items():
        yield {"identifier": address, "relation": RELATIONS[key]}
    for reference in metadata.references:
        if reference.doi or reference.url:
            yield {
                "identifier": reference.doi or reference.url,
                "relation": "references",
                "resource_type": TYPES[reference.type],
            }
