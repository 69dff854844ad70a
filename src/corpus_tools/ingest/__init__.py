"""Reading threads as they come into a corpus folder.

A reader (one module per form, in `forms/`) turns a source into `ReadThread`s, or into batches of rows; `ingest` gives
ids, settles the authors and writes the hand-edited files: the source byte for byte, `texts/<source>.csv`, new threads
and authors, the reader's own pass over the structure layer, a loss report, and the entries in corpus.toml.
"""

from __future__ import annotations

from corpus_tools.ingest.forms import readers
from corpus_tools.ingest.into import ingest
from corpus_tools.ingest.model import KINDS, Block, ReadText, ReadThread
from corpus_tools.ingest.report import IngestReport

__all__ = ["KINDS", "Block", "IngestReport", "ReadText", "ReadThread", "ingest", "readers"]
