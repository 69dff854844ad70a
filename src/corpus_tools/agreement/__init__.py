"""How far the annotators of a corpus agree: coefficients, and the table of them for every layer."""

from corpus_tools.agreement.tables import COLUMNS, agreement, who_agrees

__all__ = ["COLUMNS", "agreement", "who_agrees"]
