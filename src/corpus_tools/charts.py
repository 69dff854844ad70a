"""Charts of measured frames: frame in, altair chart out, no arithmetic.

`use()` switches on the theme and a way of showing charts that needs no network. JupyterLab ships an older Vega-Lite
than altair writes, and altair's own renderers fetch scripts, show nothing, or leave no picture in the stored
notebook; so a chart is shown as three things at once: Vega-Lite for Lab, an SVG picture for everything else, and its
description.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.errors import MissingColumnError, MissingExtraError

if TYPE_CHECKING:
    import altair as alt

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
    _need_altair()
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


def reply_order(sizes: pl.DataFrame) -> alt.Chart:
    """The texts of a thread in the order in which they were printed, as bars as long as the texts.

    Args:
        sizes: One row per text: `text_id`, `position`, `author` (null for an article that names nobody) and `n_words`.

    Returns:
        A bar chart; rows are texts from first to last, colour repeats the author's name at the left.

    Raises:
        MissingColumnError: If a column is absent.
    """
    _need_altair()
    import altair as alt

    needed = ("text_id", "position", "author", "n_words")
    if not set(needed) <= set(sizes.columns):
        raise MissingColumnError(needed, sizes.columns, where="reply_order")
    named = sizes.select(*needed).sort("position").with_columns(pl.col("author").fill_null(ARTICLE_NAME))
    rows = named.with_columns(row=pl.format("{}  {}", "text_id", "author"))
    authors = named["author"].unique(maintain_order=True).to_list()
    people = [author for author in authors if author != ARTICLE_NAME]
    # Colours come round again after the last; names stand beside the bars, so nothing rests on colour.
    colours = {author: PALETTE[i % len(PALETTE)] for i, author in enumerate(people)} | {ARTICLE_NAME: ARTICLE}
    base = alt.Chart(rows).encode(y=alt.Y("row:N", sort=rows["row"].to_list(), title=None))
    bars = base.mark_bar(size=20).encode(
        x=alt.X("n_words:Q", title="words", axis=alt.Axis(tickMinStep=1)),
        color=alt.Color(
            "author:N", scale=alt.Scale(domain=authors, range=[colours[author] for author in authors]), legend=None
        ),
        tooltip=["text_id:N", "author:N", alt.Tooltip("n_words:Q", title="words")],
    )
    numbers = base.mark_text(align="left", dx=4, color=INK).encode(x="n_words:Q", text="n_words:Q")
    told = "; ".join(f"{text_id} by {author}, {n} words" for text_id, _, author, n in named.iter_rows())
    told = told.replace(f"by {ARTICLE_NAME}", f"the {ARTICLE_NAME}")
    chart: alt.Chart = (bars + numbers).properties(
        width=420, height=alt.Step(30), title="Texts in printed order", description=f"Bar chart, first to last: {told}."
    )
    return chart


def _need_altair() -> None:
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
