"""Pages to HTML, by Sphinx."""

from __future__ import annotations

import importlib.util
import io
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import MissingExtraError, SiteError, counted

if TYPE_CHECKING:
    from sphinx.application import Sphinx

Progress = Callable[[str, int, int], None]
"""Called with `read` or `write`, the number of the page that was, and how many there are."""
SHOWN = 10
"""Lines of warnings that an error quotes."""
COLOUR = re.compile(r"\x1b\[[\d;]*m")
STATIC = Path(__file__).with_name("static")
SETTINGS: Mapping[str, Any] = {
    "extensions": ["sphinx.ext.autodoc", "myst_parser", "corpus_tools.site.extension"],
    "nitpicky": True,
    "language": "en",
    "myst_enable_extensions": ["attrs_inline", "fieldlist"],
    "myst_heading_anchors": 3,
    # Code that somebody calls Python and that is none is shown as it is.
    "suppress_warnings": ["misc.highlighting_failure"],
    "autodoc_member_order": "bysource",
    "autodoc_preserve_defaults": True,
    "autodoc_typehints_format": "short",
    "add_module_names": False,
    "python_maximum_signature_line_length": 140,
    "toc_object_entries_show_parents": "hide",
    "smartquotes": False,
    "html_theme": "furo",
    "html_theme_options": {"top_of_page_buttons": []},
    "html_static_path": [str(STATIC)],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_use_index": False,
    "html_domain_indices": False,
    # The summary would be fetched, which a browser does not do from a file.
    "html_show_search_summary": False,
}


def need_sphinx() -> None:
    """See that the libraries are there.

    Raises:
        MissingExtraError: If one is not installed.
    """
    for name in ("sphinx", "myst_parser", "furo"):
        if importlib.util.find_spec(name) is None:
            raise MissingExtraError(name, "docs")


def make_html(source: Path, out: Path, settings: Mapping[str, Any], *, progress: Progress) -> None:
    """Make a folder of HTML from a folder of pages.

    Raises:
        SiteError: If there was anything to warn of.
    """
    from sphinx.application import Sphinx
    from sphinx.errors import SphinxError
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    warnings = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="corpus-tools-") as trees, patch_docutils(), docutils_namespace():
        try:
            app = Sphinx(source, None, out, trees, "html", {**SETTINGS, **settings}, status=None, warning=warnings)
            _report(app, progress)
            app.build(force_all=True)
        except SphinxError as problem:
            raise SiteError(f"the site cannot be built: {problem}") from None
    found = [line.replace(f"{source}/", "") for line in COLOUR.sub("", warnings.getvalue()).splitlines()]
    if found:
        more = f" (the first {SHOWN} of {len(found)} lines)" if len(found) > SHOWN else ""
        raise SiteError(
            f"the site was not built: {counted(len(found), 'line')} of warnings{more}:\n" + "\n".join(found[:SHOWN])
        )


def _report(app: Sphinx, progress: Progress) -> None:
    """Have each page counted as it is read and as it is written."""
    totals = {"read": 0, "write": 0}
    done = {"read": 0, "write": 0}

    def total(app: Sphinx, env: Any, names: list[str]) -> None:
        totals.update(read=len(names), write=len(names))

    def step(kind: str) -> None:
        # Sphinx writes pages of its own too, such as that of the search.
        done[kind] = min(done[kind] + 1, totals[kind])
        progress(kind, done[kind], totals[kind])

    app.connect("env-before-read-docs", total)
    app.connect("doctree-read", lambda *_: step("read"))
    app.connect("html-page-context", lambda *_: step("write"))
