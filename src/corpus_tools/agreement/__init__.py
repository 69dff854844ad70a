"""How far the annotators of a corpus agree: coefficients, and the table of them for every layer."""

from corpus_tools.agreement.tables import COLUMNS, agreement

__all__ = ["COLUMNS", "agreement"]
