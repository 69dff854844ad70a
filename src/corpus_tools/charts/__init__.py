"""Charts of measured frames: frame in, altair chart out; nothing is computed here but places on the page."""

from __future__ import annotations

from corpus_tools.charts.agreement import agreement
from corpus_tools.charts.arguments import argument_map
from corpus_tools.charts.bars import bars
from corpus_tools.charts.density import density
from corpus_tools.charts.entities import entity_map
from corpus_tools.charts.keyness import keyness
from corpus_tools.charts.stance import stance_matrix
from corpus_tools.charts.theme import (
    ARTICLE,
    INK,
    PALETTE,
    QUIET,
    THEME,
    VEGA_LITE_MIME,
    display_bundle,
    save,
    to_svg,
    use,
)
from corpus_tools.charts.thread import reply_order, reply_tree
from corpus_tools.charts.vocabulary import rank_frequency, vocabulary_growth

__all__ = [
    "ARTICLE",
    "INK",
    "PALETTE",
    "QUIET",
    "THEME",
    "VEGA_LITE_MIME",
    "agreement",
    "argument_map",
    "bars",
    "density",
    "display_bundle",
    "entity_map",
    "keyness",
    "rank_frequency",
    "reply_order",
    "reply_tree",
    "save",
    "stance_matrix",
    "to_svg",
    "use",
    "vocabulary_growth",
]
