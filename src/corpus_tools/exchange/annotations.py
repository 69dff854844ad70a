"""Every row of a corpus as an annotation: which tables have no place among them."""

from __future__ import annotations

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import counted
from corpus_tools.exchange.documents import TEXTS

DESCRIBED = ("threads", "authors", TEXTS)
"""The tables beside those of layers that are carried."""


def not_carried(corpus: Corpus) -> list[str]:
    """The tables that are neither of layers nor about texts, threads and authors, as sentences."""
    counts = {
        name: corpus.scan(name).select(pl.len()).collect().item()
        for name in corpus.scheme.fixed
        if name not in DESCRIBED
    }
    return [f"{name}: {counted(rows, 'row')} about how the corpus was made" for name, rows in counts.items() if rows]
