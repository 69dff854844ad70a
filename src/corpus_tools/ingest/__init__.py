"""Reading threads as they come into a corpus folder.

A reader (one module per form) turns a source into a `ReadThread`; `ingest` gives it ids, settles the authors and writes
the hand-edited files: the source byte for byte, `texts/<source>.csv`, the reader's own pass over the structure layer,
and the entries in corpus.toml.
"""

from __future__ import annotations

from corpus_tools.ingest.into import IngestReport, ingest
from corpus_tools.ingest.model import Block, ReadText, ReadThread
from corpus_tools.ingest.plain_text import read_plain_text

__all__ = ["Block", "IngestReport", "ReadText", "ReadThread", "ingest", "read_plain_text"]
