"""The formats of other tools: a corpus written out for them, and annotations made in them read back."""

from __future__ import annotations

from corpus_tools.exchange.formats import FORMATS, Format, export

__all__ = ["FORMATS", "Format", "export"]
