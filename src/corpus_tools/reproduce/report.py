"""The report of a reproduction: one HTML file with everything in it, readable without scripts.

Charts are pictures with a description; where scripts run they become interactive, by the Vega that stands in the file
once. Nothing is asked of any other host, and the page forbids itself to.
"""

from __future__ import annotations

import base64
import functools
import html
import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from corpus_tools.charts import VEGA_LITE_MIME
from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, counted
from corpus_tools.reproduce.publish import Difference

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Vega compiles its expressions, hence 'unsafe-eval'; no source but the page itself is allowed.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'"
MOST_PRINTED = 20_000
"""Characters of printed output that the report shows of a cell."""
LIBRARIES = ("polars", "datasets", "altair", "sentencex")
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


def report_page(
    corpus: Corpus,
    notebooks: Mapping[str, NotebookNode],
    differences: Sequence[Difference],
    *,
    n_tables: int,
    n_values: int,
) -> str:
    """The report as one HTML page.

    Raises:
        MissingExtraError: If the libraries of the extra `notebooks` are not installed.
    """
    charts: list[dict[str, Any]] = []
    sections = "".join(_section(name, notebook, charts) for name, notebook in notebooks.items())
    specs = "".join(_json_element(f"chart-{i}", spec) for i, spec in enumerate(charts, start=1))
    title = html.escape(f"{corpus.metadata.title} {corpus.version}: reproduction")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f'<link rel="icon" href="data:,"><style>{STYLE}{_code_style()}</style></head><body><h1>{title}</h1>'
        f"{_summary(corpus, notebooks, differences, n_tables, n_values)}<main>{sections}</main>"
        f"{specs}{_script() if charts else ''}</body></html>\n"
    )


def _json_element(name: str, spec: Mapping[str, Any]) -> str:
    # "<" is escaped so that no text in the data can end the element.
    data = json.dumps(spec).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{data}</script>'


def _script() -> str:
    import vl_convert

    # The bundle sets window.vegaEmbed; module scripts run in order, after the page is read.
    bundle = vl_convert.javascript_bundle().replace("</script", "<\\/script")  # type: ignore[call-arg]
    return f'<script type="module">{bundle}</script><script type="module">{SCRIPT}</script>'


def _code_style() -> str:
    try:
        from pygments.formatters import HtmlFormatter
    except ImportError:
        raise MissingExtraError("pygments", "notebooks") from None
    formatter: Any = HtmlFormatter(style="default", nobackground=True)
    return str(formatter.get_style_defs(".code"))


def _summary(
    corpus: Corpus,
    notebooks: Mapping[str, NotebookNode],
    differences: Sequence[Difference],
    n_tables: int,
    n_values: int,
) -> str:
    if differences:
        items = "".join(f"<li>{html.escape(str(difference))}</li>" for difference in differences)
        n = counted(len(differences), "difference")
        verdict = f'<div class="bad"><p>Not reproduced: {n}.</p><ul>{items}</ul></div>'
    else:
        values, tables = counted(n_values, "published value"), counted(n_tables, "table")
        verdict = f'<p class="ok">Reproduced: all {values} in {tables} came out equal.</p>'
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    contents = "".join(
        f'<li><a href="#{html.escape(name)}">{html.escape(_title(name, book))}</a></li>'
        for name, book in notebooks.items()
    )
    return (
        f"{verdict}<p>{html.escape(corpus.metadata.summary)}</p>"
        f"<p>Content hash <code>{corpus.content_sha256}</code>. "
        f"Run with Python {platform.python_version()}, {libraries}.</p>"
        f"<nav><ul>{contents}</ul></nav>"
    )


def _title(name: str, notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0][2:])
    return name


def _section(name: str, notebook: NotebookNode, charts: list[dict[str, Any]]) -> str:
    cells = "".join("".join(_cell(cell, charts)) for cell in notebook.cells)
    return f'<section id="{html.escape(name)}">{cells}</section>'


@functools.cache
def _markdown() -> Callable[[str], object]:
    """What turns the prose of a notebook into HTML, markup in it escaped."""
    import mistune

    class Prose(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: Any) -> str:
            # One level down: the page has its own title.
            return super().heading(text, min(level + 1, 6), **attrs)

    return mistune.create_markdown(renderer=Prose(escape=True), plugins=["table"])


def _cell(cell: NotebookNode, charts: list[dict[str, Any]]) -> Iterator[str]:
    if cell.cell_type == "markdown":
        yield str(_markdown()(cell.source))
        return
    if cell.cell_type != "code" or not cell.source.strip():
        return
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    yield f'<div class="code">{highlight(cell.source, PythonLexer(), HtmlFormatter())}</div>'
    for output in cell.outputs:
        yield f'<div class="output">{_output(output, charts)}</div>'


def _output(output: NotebookNode, charts: list[dict[str, Any]]) -> str:
    if output.output_type == "stream":
        return f"<pre>{html.escape(_clipped(output.text))}</pre>"
    data = output.get("data", {})
    told = html.escape(_clipped(str(data.get("text/plain", ""))))
    if "image/svg+xml" in data:
        return _figure(data, told, charts)
    if "image/png" in data:
        return f'<figure><img src="data:image/png;base64,{data["image/png"]}" alt="{told}"></figure>'
    if "text/html" in data:
        return str(data["text/html"])
    return f"<pre>{told}</pre>"


def _clipped(text: str) -> str:
    """What a cell printed, cut where it would fill the report."""
    if len(text) <= MOST_PRINTED:
        return text
    return f"{text[:MOST_PRINTED]}\n[... {len(text) - MOST_PRINTED} more characters, in the notebook]"


def _figure(data: Mapping[str, Any], told: str, charts: list[dict[str, Any]]) -> str:
    picture = base64.b64encode(str(data["image/svg+xml"]).encode()).decode()
    spec = ""
    if VEGA_LITE_MIME in data:
        # The Vega-Lite in this page is newer than Lab's; without a version it takes the chart without complaint.
        charts.append({key: value for key, value in data[VEGA_LITE_MIME].items() if key != "$schema"})
        spec = f' data-spec="chart-{len(charts)}"'
    return f'<figure{spec}><img src="data:image/svg+xml;base64,{picture}" alt="{told}"></figure>'
