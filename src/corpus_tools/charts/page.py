"""What pages of charts and tables share: one HTML file with everything in it, readable without scripts.

Charts are pictures with a description; where scripts are wanted they become interactive, by the Vega that stands in the
file once. Nothing is asked of any other host, and the page forbids itself to.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from corpus_tools.charts.theme import VEGA_LITE_MIME, vega

ICON = '<link rel="icon" href="data:,">'
"""A page without a picture of its own; the browser would ask its host for one."""
STILL = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""What a page forbids itself on which nothing runs."""
# Vega compiles its expressions, hence 'unsafe-eval'; no source but the page itself is allowed.
POLICY = f"{STILL}; script-src 'unsafe-inline' 'unsafe-eval'"
"""What a page forbids itself on which charts are interactive."""
STYLE = """
body{font:16px/1.6 Georgia,serif;color:#222;background:#fff;max-width:62em;margin:2em auto;padding:0 1.2em}
h1,h2,h3,h4,table,nav{font-family:Helvetica,Arial,sans-serif;line-height:1.25}
nav ul{padding-left:1.2em}
main>section>p,main>section>ul{max-width:48em}
a{color:#004f9e}
.ok,.bad{font-family:Helvetica,Arial,sans-serif;padding:.7em 1em;border-left:5px solid #00694b;background:#eef7f3}
.bad{border-color:#a33c00;background:#fdf1ea}
pre{overflow-x:auto;font:13px/1.5 Consolas,Menlo,monospace;background:#f6f6f6;padding:.7em 1em;margin:.6em 0}
code{font-family:Consolas,Menlo,monospace;font-size:.9em;overflow-wrap:anywhere}
.output{margin:.4em 0 1.6em;overflow-x:auto}
.output pre{white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;font-size:14px}
th,td{padding:.25em .7em;border-bottom:1px solid #d9d9d9;text-align:left;vertical-align:top}
caption{caption-side:bottom;text-align:left;font-size:13px;color:#595959;padding-top:.3em}
figure{margin:0}figure img{max-width:100%;height:auto}
"""
SCRIPT = """
for (const figure of document.querySelectorAll("figure[data-spec]")) {
  const place = document.createElement("div");
  const spec = JSON.parse(document.getElementById(figure.dataset.spec).textContent);
  window.vegaEmbed(place, spec, { mode: "vega-lite", actions: false, renderer: "svg" })
    .then(() => figure.querySelector("img").replaceWith(place))
    .catch((problem) => console.error(problem));
}
"""


def page(title: str, body: str, *, policy: str = STILL, style: str = "") -> str:
    """A page that stands alone.

    Args:
        title: What it is called, as plain text.
        body: What is on it, as markup.
        policy: What it forbids itself: `STILL` or `POLICY`.
        style: Rules beside those of `STYLE`.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escaped(title)}</title>'
        f"{ICON}<style>{STYLE}{style}</style></head><body>{body}</body></html>\n"
    )


def escaped(text: str) -> str:
    """Text as markup that shows it; U+0000, which HTML cannot hold, is the sign for it."""
    return html.escape(text).replace("\0", "\u2400")


def picture(svg: str, description: str, *, spec: str = "") -> str:
    """A picture that stands in the page, for those who see it and for those who do not.

    Args:
        svg: The picture.
        description: What it shows, as plain text.
        spec: The id of the element with its Vega-Lite, by which it becomes interactive; none where empty.
    """
    data, marked = base64.b64encode(svg.encode()).decode(), f' data-spec="{spec}"' if spec else ""
    return f'<figure{marked}><img src="data:image/svg+xml;base64,{data}" alt="{escaped(description)}"></figure>'


def interactive(bundle: Mapping[str, Any], description: str, specs: list[dict[str, Any]]) -> str:
    """A chart in the forms of `theme.display_bundle` as a picture; its Vega-Lite, if there, is added to `specs`."""
    spec = ""
    if VEGA_LITE_MIME in bundle:
        # The Vega-Lite in this page is newer than Lab's; without a version it takes the chart without complaint.
        specs.append({key: value for key, value in bundle[VEGA_LITE_MIME].items() if key != "$schema"})
        spec = f"chart-{len(specs)}"
    return picture(str(bundle["image/svg+xml"]), description, spec=spec)


def scripts(specs: Sequence[Mapping[str, Any]]) -> str:
    """What makes the charts of `interactive` so, for the end of the page; nothing where there is none.

    Raises:
        MissingExtraError: If vl-convert is not installed.
    """
    if not specs:
        return ""
    elements = "".join(_json_element(f"chart-{i}", spec) for i, spec in enumerate(specs, start=1))
    # The bundle sets window.vegaEmbed; module scripts run in order, after the page is read.
    bundle = vega().replace("</script", "<\\/script")
    return f'{elements}<script type="module">{bundle}</script><script type="module">{SCRIPT}</script>'


def _json_element(name: str, spec: Mapping[str, Any]) -> str:
    # "<" is escaped so that no text in the data can end the element.
    data = json.dumps(spec).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{data}</script>'


def table(frame: pl.DataFrame, caption: str) -> str:
    """A frame as a table for people: numbers to the right and rounded, shares in per cent, null as an empty cell.

    Args:
        frame: The rows, all of which are shown.
        caption: What stands below, as markup.
    """
    numeric = [kind.is_numeric() for kind in frame.dtypes]
    head = "".join(
        f'<th scope="col"{_side(number)}>{escaped(name)}</th>'
        for name, number in zip(frame.columns, numeric, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_side(number)}>{shown(name, value)}</td>"
            for name, value, number in zip(frame.columns, row, numeric, strict=True)
        )
        + "</tr>"
        for row in frame.iter_rows()
    )
    return (
        f'<div class="output"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _side(number: bool) -> str:
    # Words may run from right to left.
    return ' style="text-align:right"' if number else ' dir="auto" style="text-align:left"'


def shown(column: str, value: object) -> str:
    """A cell as markup."""
    if value is None:
        return ""
    if isinstance(value, float):
        if column == "share" or column.endswith("_share"):
            return f"{value * 100:.3g} %"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else escaped(str(value))
