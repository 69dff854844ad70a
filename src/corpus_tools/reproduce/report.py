"""The report of a reproduction: one HTML file with everything in it, readable without scripts.

Charts are pictures with a description; where scripts run they become interactive, by the Vega that stands in the file
once. Nothing is asked of any other host, and the page forbids itself to.
"""

from __future__ import annotations

import functools
import html
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from corpus_tools.charts.page import POLICY, interactive, page, scripts
from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, counted
from corpus_tools.reproduce.publish import Difference

if TYPE_CHECKING:
    from nbformat import NotebookNode

MOST_PRINTED = 20_000
"""Characters of printed output that the report shows of a cell."""
LIBRARIES = ("polars", "datasets", "altair", "sentencex")


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
    title = f"{corpus.metadata.title} {corpus.version}: reproduction"
    summary = _summary(corpus, notebooks, differences, n_tables, n_values)
    body = f"<h1>{html.escape(title)}</h1>{summary}<main>{sections}</main>{scripts(charts)}"
    return page(title, body, policy=POLICY, style=_code_style())


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
    plain = _clipped(str(data.get("text/plain", "")))
    if "image/svg+xml" in data:
        return interactive(data, plain, charts)
    told = html.escape(plain)
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
