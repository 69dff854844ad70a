"""Measures over texts: frame in, frame out."""

from __future__ import annotations

from corpus_tools.measures.counts import sizes

__all__ = ["sizes"]
