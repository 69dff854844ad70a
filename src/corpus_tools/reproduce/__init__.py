"""Running the notebooks again and holding their tables to the published ones."""

from __future__ import annotations

from corpus_tools.reproduce.publish import MIME, TAG, Comparison, Difference, Published, compare, published
from corpus_tools.reproduce.run import Outcome, find_notebooks, reproduce

__all__ = [
    "MIME",
    "TAG",
    "Comparison",
    "Difference",
    "Outcome",
    "Published",
    "compare",
    "find_notebooks",
    "published",
    "reproduce",
]
