"""How far the annotators of a corpus agree: coefficients, and the table of them for every layer."""

from corpus_tools.agreement.alpha import krippendorff_alpha, observed_agreement
from corpus_tools.agreement.coefficient import BOOTSTRAPS, CONFIDENCE, SEED
from corpus_tools.agreement.tables import COLUMNS, agreement, who_agrees

__all__ = [
    "BOOTSTRAPS",
    "COLUMNS",
    "CONFIDENCE",
    "SEED",
    "agreement",
    "krippendorff_alpha",
    "observed_agreement",
    "who_agrees",
]
