"""Charts of measured frames: frame in, altair chart out, no arithmetic."""

from __future__ import annotations

from corpus_tools.charts.theme import (
    ARTICLE,
    INK,
    PALETTE,
    QUIET,
    THEME,
    VEGA_LITE_MIME,
    display_bundle,
    to_svg,
    use,
)
from corpus_tools.charts.thread import reply_order

__all__ = [
    "ARTICLE",
    "INK",
    "PALETTE",
    "QUIET",
    "THEME",
    "VEGA_LITE_MIME",
    "display_bundle",
    "reply_order",
    "to_svg",
    "use",
]
