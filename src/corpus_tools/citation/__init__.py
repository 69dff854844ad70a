"""Citing a corpus, what its layers follow, and its passages; the metadata files that are made from corpus.toml."""

from __future__ import annotations

from corpus_tools.citation.cff import citation_file
from corpus_tools.citation.datacite import datacite_file
from corpus_tools.citation.formats import FORMATS, cite
from corpus_tools.citation.passage import Passage, Place, find_passage, read_place
from corpus_tools.citation.work import Work, work_of
from corpus_tools.citation.zenodo import zenodo_file

__all__ = [
    "FORMATS",
    "Passage",
    "Place",
    "Work",
    "citation_file",
    "cite",
    "datacite_file",
    "find_passage",
    "read_place",
    "work_of",
    "zenodo_file",
]
