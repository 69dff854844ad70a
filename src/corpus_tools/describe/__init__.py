"""The study of a large collection: every table of it, on one machine or on Apache Spark.

A collection is read once. Of each batch of texts partial counts and the measures of each text are taken (`partials`);
these are added up, joined and scored (`steps`, `tables`), and written beside their place before they are moved there.
"""

from __future__ import annotations

from corpus_tools.describe.partials import ENGINES, Choices
from corpus_tools.describe.run import Described, describe
from corpus_tools.describe.sources import texts_of
from corpus_tools.describe.tables import TABLES

__all__ = ["ENGINES", "TABLES", "Choices", "Described", "describe", "texts_of"]
