"""How charts look and how they are shown.

`use()` switches on the theme and a way of showing charts that needs no network. JupyterLab ships an older Vega-Lite
than altair writes, and altair's own renderers fetch scripts, show nothing, or leave no picture in the stored
notebook; so a chart is shown as three things at once: Vega-Lite for Lab, an SVG picture for everything else, and its
description.
"""

from __future__ import annotations

import importlib.util
from typing import Any

from corpus_tools.errors import MissingExtraError

THEME = "corpus_tools"
VEGA_LITE_MIME = "application/vnd.vegalite.v5+json"
"""The newest Vega-Lite that JupyterLab can show without the network; the charts here use nothing newer."""
VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

INK = "#222222"
QUIET = "#595959"
# Okabe and Ito (2008), Color Universal Design, less yellow, which is too light for marks on white.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
ARTICLE = "#666666"
ARTICLE_NAME = "article"


def use() -> None:
    """Switch on the theme and the offline display for every chart that follows.

    Raises:
        MissingExtraError: If altair or vl-convert is not installed.
    """
    need_altair()
    import altair as alt

    alt.theme.register(THEME, enable=True)(_theme)  # type: ignore[arg-type]
    alt.renderers.register(THEME, display_bundle)
    alt.renderers.enable(THEME)


def display_bundle(spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A Vega-Lite specification as Lab, other viewers and screen readers can each show it, by MIME type."""
    return {
        VEGA_LITE_MIME: {**spec, "$schema": VEGA_LITE_SCHEMA},
        "image/svg+xml": to_svg(spec),
        "text/plain": spec.get("description", ""),
    }


def to_svg(spec: dict[str, Any]) -> str:
    """The picture of a Vega-Lite specification.

    Raises:
        MissingExtraError: If vl-convert is not installed.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError("vl-convert-python", "charts") from None
    # Altair names the exact version; vl-convert knows it by major and minor number.
    return str(vl_convert.vegalite_to_svg(spec))


def need_altair() -> None:
    """Say what to install where altair is missing.

    Raises:
        MissingExtraError: If altair is not installed.
    """
    if importlib.util.find_spec("altair") is None:
        raise MissingExtraError("altair", "charts")


def _theme() -> dict[str, Any]:
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "config": {
            "font": "Helvetica, Arial, sans-serif",
            "view": {"stroke": None},
            "axis": {**text, "grid": False, "domainColor": QUIET, "tickColor": QUIET, "labelLimit": 240},
            "legend": text,
            "title": {"color": INK, "fontSize": 14, "anchor": "start"},
            "range": {"category": list(PALETTE)},
            "text": {"fontSize": 12},
        }
    }
