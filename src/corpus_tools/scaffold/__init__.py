"""A corpus of one's own, to begin with: metadata to fill in, scheme files chosen, notebooks that run on it."""

from __future__ import annotations

from corpus_tools.scaffold.layers import available_layers
from corpus_tools.scaffold.new import ANSWERS, example_page, new_corpus

__all__ = ["ANSWERS", "available_layers", "example_page", "new_corpus"]
