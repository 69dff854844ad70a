"""CITATION.cff, made from corpus.toml alone."""

from __future__ import annotations

from typing import Any

from corpus_tools.metadata import Metadata
from corpus_tools.release.codebook import GENERATED

# No `license`: that format reads several licences as a choice between them, and these hold for different parts.
MESSAGE = (
    "If you use this corpus, please cite it with the version you used. Its terms differ by part; see its licence file."
)


def citation_file(metadata: Metadata) -> str:
    """The content of CITATION.cff, Citation File Format 1.2.0 (https://doi.org/10.5281/zenodo.5171937).

    Creators with `family_names` are persons, the others entities, as that format distinguishes them.
    """
    import yaml

    entries: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": MESSAGE,
        "type": "dataset",
        "title": metadata.title,
        "version": metadata.version,
        "date-released": metadata.date.isoformat(),
        "abstract": " ".join(metadata.description.split()),
        "authors": [_creator(creator) for creator in metadata.creators],
        "keywords": list(metadata.keywords),
    }
    return f"# {GENERATED}; change that, then run `corpus-tools pages`.\n" + yaml.safe_dump(
        entries, sort_keys=False, allow_unicode=True, width=100
    )


def _creator(creator: Any) -> dict[str, str]:
    keys = ("given_names", "family_names", "orcid", "affiliation") if "family_names" in creator else ("name", "website")
    return {key.replace("_", "-"): creator[key] for key in keys if key in creator}
