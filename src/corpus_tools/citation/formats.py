"""Citing works in the formats there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from corpus_tools.citation.apa import apa
from corpus_tools.citation.bibtex import bibtex
from corpus_tools.citation.csl import csl
from corpus_tools.citation.passage import Passage
from corpus_tools.citation.ris import ris
from corpus_tools.citation.work import Entry, Work, entries
from corpus_tools.errors import UnknownNameError

FORMATS: Mapping[str, Callable[[Sequence[Entry]], str]] = {"apa": apa, "bibtex": bibtex, "csl": csl, "ris": ris}
"""The names of the formats, each with what writes it."""


def cite(
    works: Sequence[Work],
    *,
    style: str = "apa",
    layers: str | Iterable[str] | None = None,
    passage: Passage | None = None,
) -> str:
    """The citation of a corpus and the modules loaded with it.

    Args:
        works: The corpus, then the modules.
        style: One of `FORMATS`.
        layers: The layers used, to name them and add what they follow: names, one name, or `"all"`.
        passage: A passage of the corpus to name, with its quote and its reference.

    Raises:
        UnknownNameError: If there is no such format or layer; the message lists those there are.
        ArgumentError: If `layers` is neither a name nor several.
    """
    if style not in FORMATS:
        raise UnknownNameError("citation format", style, FORMATS)
    note = f"Passage: {passage} <{passage.reference}>." if passage is not None else ""
    return FORMATS[style](entries(works, layers=layers, note=note))
