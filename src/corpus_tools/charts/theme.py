"""How charts look and how they are shown.

`use()` switches on the theme and a way of showing charts that needs no network. JupyterLab ships an older Vega-Lite
than altair writes, and altair's own renderers fetch scripts, show nothing, or leave no picture in the stored
notebook; so a chart is shown as three things at once: Vega-Lite for Lab, an SVG picture for everything else, and its
description.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import MissingExtraError, UnknownNameError
from corpus_tools.files import write_whole

if TYPE_CHECKING:
    import altair as alt

THEME = "corpus_tools"
"""The name of the theme, and of the way of showing charts, in altair."""
VEGA_LITE_MIME = "application/vnd.vegalite.v5+json"
"""The newest Vega-Lite that JupyterLab can show without the network; the charts here use nothing newer."""
VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
PICTURES = (".pdf", ".png", ".svg")
PNG_SCALE = 2
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

INK = "#222222"
"""Colour of words."""
QUIET = "#595959"
"""Colour of words that only accompany others."""
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
"""Colours of groups: Okabe and Ito (2008), Color Universal Design, less yellow, which is too light on white."""
ARTICLE = "#666666"
"""Colour of the article beside those of its commenters."""
ARTICLE_NAME = "article"
# Those of the palette that stand out from white by 3:1, as a line one pixel wide has to.
LINES = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7")
DASHES = ((1, 0), (7, 3), (2, 2), (9, 2, 2, 2))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
# One hue from light to dark, in steps that can be told apart in grey too.
STEPS = ("#F0F0F0", "#C6DBEF", "#86B6DA", "#3D86BD", "#0B4F8A")
DISC = "#56B4E9"
"""Ground for a number in `INK`."""
FAINT = "#DDDDDD"
"""Lines that only guide the eye."""


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


def in_our_theme(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The Vega-Lite specification of a chart as it looks after `use()`, whatever theme is switched on."""
    spec = chart.to_dict()
    # Here a theme of Vega's asks to be put on by whatever shows the chart.
    spec.pop("usermeta", None)
    return {**spec, **_theme()}


def vega() -> str:
    """Vega and what shows it on a page, as a script.

    Raises:
        MissingExtraError: If vl-convert is not installed.
    """
    return str(_vl_convert().javascript_bundle())


def can_draw() -> bool:
    """Whether the libraries are installed that charts and their pictures need."""
    return all(importlib.util.find_spec(name) is not None for name in ("altair", "vl_convert"))


def get_ready() -> None:
    """Load what draws charts, where it is installed: more than a second that may pass while something else is done."""
    if can_draw():
        import altair  # noqa: F401

        to_svg({"mark": "point", "data": {"values": []}})


def to_svg(spec: dict[str, Any]) -> str:
    """The picture of a Vega-Lite specification.

    Raises:
        MissingExtraError: If vl-convert is not installed.
    """
    return str(_picture(spec, ".svg"))


def save(chart: alt.TopLevelMixin, path: str | Path) -> None:
    """Write a chart as a picture; the file is written whole or not at all.

    Args:
        chart: An altair chart.
        path: Where to; the suffix says what: `.svg`, `.pdf`, or `.png` at twice the size of the screen.

    Raises:
        UnknownNameError: If the suffix is none of these.
        MissingExtraError: If vl-convert is not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in PICTURES:
        raise UnknownNameError("picture suffix", path.suffix, PICTURES)
    write_whole(path, _picture(chart.to_dict(), suffix))


def _picture(spec: dict[str, Any], suffix: str) -> str | bytes:
    convert, spec = _vl_convert(), _writable(spec)
    if suffix == ".svg":
        return str(convert.vegalite_to_svg(spec))
    if suffix == ".pdf":
        return bytes(convert.vegalite_to_pdf(spec))
    return bytes(convert.vegalite_to_png(spec, scale=PNG_SCALE))


def _writable(node: Any) -> Any:
    """A specification without characters that XML has no place for: vl-convert ends the whole process on one."""
    if isinstance(node, str):
        return UNWRITABLE.sub(" ", node)
    if isinstance(node, dict):
        return {_writable(name): _writable(part) for name, part in node.items()}
    return [_writable(part) for part in node] if isinstance(node, list) else node


def _vl_convert() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError("vl-convert-python", "charts") from None
    return vl_convert


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
            "title": {"color": INK, "fontSize": 14, "anchor": "start", "frame": "bounds", "subtitleColor": QUIET},
            "range": {"category": list(PALETTE)},
            "text": {"fontSize": 12},
        }
    }
