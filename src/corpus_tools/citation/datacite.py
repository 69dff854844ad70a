"""datacite.json: what a registry of DOIs is told, in the JSON of the DataCite Metadata Schema 4.5.

Source:
    DataCite Metadata Working Group (2024), DataCite Metadata Schema Documentation, version 4.5; a publisher that is not
    known is `:unav`, by its appendix 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from corpus_tools.citation.rights import is_spdx
from corpus_tools.citation.work import addresses, author_names, creator_name
from corpus_tools.metadata import GENERATED, LICENCES, Metadata
from corpus_tools.references import Reference

UNAVAILABLE = ":unav"
PARQUET = "application/vnd.apache.parquet"
SPDX = "https://spdx.org/licenses/"
TYPES = {
    "article-journal": "JournalArticle",
    "book": "Book",
    "chapter": "BookChapter",
    "dataset": "Dataset",
    "paper-conference": "ConferencePaper",
    "report": "Report",
    "thesis": "Dissertation",
    "webpage": "Text",
}
RELATIONS = {"url": "IsDocumentedBy", "repository": "IsPartOf", "hub": "IsVariantFormOf"}
"""What the places of publication are to the corpus."""


def datacite_file(metadata: Metadata, *, content_sha256: str | None = None, sizes: Iterable[str] = ()) -> str:
    """The content of datacite.json.

    Args:
        metadata: What corpus.toml says.
        content_sha256: The content hash of the release, as a further identifier of it.
        sizes: How large the release is, each with its unit.
    """
    publication = metadata.publication
    digest = {"alternateIdentifier": content_sha256, "alternateIdentifierType": "SHA-256 of schema and rows"}
    record: dict[str, Any] = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "doi": publication.get("doi"),
        "url": publication.get("url"),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Annotated corpus"},
        "creators": [_creator(creator) for creator in metadata.creators],
        "titles": [{"title": metadata.title}],
        "publisher": {"name": publication.get("publisher", UNAVAILABLE)},
        "publicationYear": f"{metadata.date.year:04}",
        "dates": [{"date": metadata.date.isoformat(), "dateType": "Issued"}],
        "version": metadata.version,
        "language": metadata.language,
        "subjects": [{"subject": word} for word in dict.fromkeys(metadata.keywords)],
        "alternateIdentifiers": [digest] if content_sha256 else [],
        "sizes": list(sizes),
        "formats": [PARQUET],
        "rightsList": [_rights(part, metadata.licences[part]) for part in LICENCES],
        "descriptions": list(_descriptions(metadata)),
        "relatedIdentifiers": _unique([*_places(publication), *_identifiers(metadata.references)]),
        "relatedItems": [_item(reference) for reference in metadata.references],
    }
    return json.dumps({key: value for key, value in record.items() if value}, indent=2, ensure_ascii=False) + "\n"


def _creator(creator: Mapping[str, str]) -> dict[str, Any]:
    name = creator_name(creator)
    made: dict[str, Any] = {"name": name.inverted, "nameType": "Organizational" if name.group else "Personal"}
    if name.family:
        made["familyName"] = name.family
    if name.given:
        made["givenName"] = name.given
    if "orcid" in creator:
        made["nameIdentifiers"] = [
            {
                "nameIdentifier": creator["orcid"],
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if "affiliation" in creator:
        made["affiliation"] = [{"name": creator["affiliation"]}]
    return made


def _rights(part: str, licence: str) -> dict[str, str]:
    """The terms of one part; the schema has no field for the part, so the words name it."""
    rights = {"rights": f"{part.capitalize()}: {licence}"}
    if is_spdx(licence):
        rights |= {
            "rightsUri": f"{SPDX}{licence}.html",
            "rightsIdentifier": licence,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": SPDX,
        }
    return rights


def _descriptions(metadata: Metadata) -> Iterator[dict[str, str]]:
    yield {"description": metadata.description, "descriptionType": "Abstract"}
    methods = [metadata.datasheet[name] for name in ("collection", "annotation") if name in metadata.datasheet]
    if methods:
        yield {"description": " ".join(methods), "descriptionType": "Methods"}
    notice = f"{GENERATED}; change that, then run `corpus-tools pages`."
    yield {"description": notice, "descriptionType": "Other"}


def _places(publication: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for key, address in addresses(publication).items():
        yield {"relatedIdentifier": address, "relatedIdentifierType": "URL", "relationType": RELATIONS[key]}


def _identifiers(references: Iterable[Reference]) -> Iterator[dict[str, str]]:
    for reference in references:
        kind = "DOI" if reference.doi else "URL"
        if reference.doi or reference.url:
            yield {
                "relatedIdentifier": reference.doi or reference.url,
                "relatedIdentifierType": kind,
                "relationType": "References",
                "resourceTypeGeneral": TYPES[reference.type],
            }


def _item(reference: Reference) -> dict[str, Any]:
    """A publication in full, since not every one has an identifier."""
    item: dict[str, Any] = {
        "relatedItemType": TYPES[reference.type],
        "relationType": "References",
        "creators": [
            {"name": name.inverted, "nameType": "Organizational" if name.group else "Personal"}
            for name in author_names(reference)
        ],
        "titles": [{"title": reference.title}],
        "publicationYear": f"{reference.year:04}",
    }
    if reference.doi:
        item["relatedItemIdentifier"] = {
            "relatedItemIdentifier": reference.doi,
            "relatedItemIdentifierType": "DOI",
        }
    first, _, last = reference.pages.partition("-")
    texts = {
        "volume": reference.volume,
        "issue": reference.issue,
        "firstPage": first,
        "lastPage": last,
        "publisher": reference.publisher,
    }
    return item | {key: text for key, text in texts.items() if text}


def _unique(entries: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    return [dict(entry) for entry in dict.fromkeys(tuple(entry.items()) for entry in entries)]
