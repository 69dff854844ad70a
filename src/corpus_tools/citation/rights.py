"""The licences of a corpus's parts, for formats that have one field for all and for those that can tell them apart."""

from __future__ import annotations

import re

from corpus_tools.metadata import LICENCES, Metadata

SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
"""The form of the ids of the SPDX licence list, as opposed to a sentence."""


def is_spdx(licence: str) -> bool:
    """Whether a licence is an SPDX id by its form; whether the list has it is not known here."""
    return SPDX.fullmatch(licence) is not None


def same_licence(metadata: Metadata) -> str | None:
    """The SPDX id that holds for text, annotations and code alike, if one does."""
    [licence, *others] = sorted({metadata.licences[part] for part in LICENCES})
    return licence if not others and is_spdx(licence) else None


def terms(metadata: Metadata) -> list[str]:
    """What holds for each part, as sentences."""
    return [f"{part.capitalize()}: {metadata.licences[part].rstrip('.')}." for part in LICENCES]
