"""What tables a corpus has and what their columns hold: the one place where a column is declared.

Fixed tables and the columns of each kind of annotation unit stand in `tables.toml` beside this module; a corpus adds
its layers in `scheme/<layer>.toml`. From the two come polars schemas, arrow schemas, Hugging Face features, the
codebook, the validator's checks and what agreement is measured on.
"""

from corpus_tools.scheme.model import (
    FULL,
    GOLD,
    PASSES,
    Column,
    Constraints,
    Label,
    Layer,
    Question,
    Scheme,
    Table,
)
from corpus_tools.scheme.read import FIXED_TABLES, read_scheme

__all__ = [
    "FIXED_TABLES",
    "FULL",
    "GOLD",
    "PASSES",
    "Column",
    "Constraints",
    "Label",
    "Layer",
    "Question",
    "Scheme",
    "Table",
    "read_scheme",
]
