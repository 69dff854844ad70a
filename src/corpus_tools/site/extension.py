"""What Sphinx needs to know of these pages. Sphinx imports this module by name; nothing else does."""

from __future__ import annotations

import builtins
import functools
import inspect
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser
from pygments.lexers import get_all_lexers
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import GoogleDocstring

from corpus_tools.site.api import documented, rst
from corpus_tools.site.corpus import OWN

STYLE = "site.css"
Links = Callable[[str], str | None]
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything below."""
    app.add_config_value("own_places", {}, "env", dict)
    app.add_source_suffix(OWN, "own")
    app.add_source_parser(OwnPageParser)
    app.connect("autodoc-process-docstring", _house_docstring)
    app.connect("autodoc-process-signature", _public_signature)
    app.connect("missing-reference", _foreign_name)
    app.connect("doctree-read", _dashes)
    app.add_css_file(STYLE)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class OwnPageParser(MystParser):
    """GitHub's Markdown as somebody wrote it for a corpus: no directive, no HTML, nothing loaded from elsewhere."""

    supported = ("own",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Read a page into a document."""
        env = document.settings.env
        parser = create_md_parser(env.myst_config.copy(gfm_only=True), SphinxRenderer)
        links = functools.partial(_link, page=env.docname, places=env.config.own_places)
        parser.core.ruler.push("own", functools.partial(_tame, links=links))
        parser.options["document"] = document
        headed = any(token.type == "heading_open" for token in MarkdownIt().parse(inputstring))
        # A page without a heading would have no name in the lists of pages.
        parser.render(inputstring if headed else f"# {env.config.own_places[env.docname]}\n\n{inputstring}")


def _tame(state: StateCore, links: Links) -> None:
    """Keep of a page what can be shown: its links resolved, HTML as text, headings in steps of one."""
    lexers = {name for _, names, _, _ in get_all_lexers() for name in names}
    kept, level = [], 0
    for token in state.tokens:
        if token.type == "heading_open":
            level = min(int(token.tag[1]), level + 1)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"
        if token.type == "fence" and token.info.strip() not in lexers:
            token.info = "text"
        if token.type == "html_block":
            if token.content.lstrip().startswith("<!--"):
                continue
            token.type, token.tag = "code_block", "code"
        token.children = token.children and list(_tamed(token.children, links))
        kept.append(token)
    state.tokens = kept


def _tamed(tokens: Iterable[Token], links: Links) -> Iterable[Token]:
    opened = []
    for token in tokens:
        if token.type == "link_open":
            target = links(str(token.attrGet("href")))
            opened.append(target is not None)
            token.attrSet("href", target or "")
        if token.type == "image" or (token.type == "html_inline" and not token.content.startswith("<!--")):
            yield Token("text", "", 0, content=token.content)
        elif token.type == "link_close":
            if opened.pop():
                yield token
        elif token.type != "html_inline" and (token.type != "link_open" or opened[-1]):
            yield token


def _link(target: str, *, page: str, places: Mapping[str, str]) -> str | None:
    """Where a link of a corpus's page leads on the site; None for a file of the corpus that is no page here."""
    if ADDRESS.match(target) or target.startswith("#"):
        return target
    place = posixpath.normpath(posixpath.join(posixpath.dirname(places[page]), target.partition("#")[0]))
    found = next((name for name, known in places.items() if known == place), None)
    return None if found is None else posixpath.relpath(f"{found}.html", posixpath.dirname(page) or ".")


class HouseDocstring(GoogleDocstring):
    """Google's sections, with what is returned taken as a sentence: its first colon ends no type."""

    def _consume_returns_section(self, preprocess_types: bool = False) -> list[tuple[str, str, list[str]]]:
        return [("", "", self._dedent(self._consume_to_next_section()))]


def _house_docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """A docstring as reStructuredText."""
    text = rst("\n".join(lines))
    if what == "module":
        # Indented lines at the top level are an example.
        text = re.sub(r"\n\n(?=    \S)", "\n\n.. code-block:: python\n\n", text)
    config: Any = Config(napoleon_custom_sections=["Source"], napoleon_use_rtype=False)
    # Of an attribute napoleon would take what stands before a colon for its type.
    lines[:] = HouseDocstring(text, config, app, "object", name, obj).lines()


def _public_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: object, signature: str | None, returns: str | None
) -> tuple[str, str | None] | None:
    """No signature for a class that is not made by hand: its fields are private."""
    private = what == "class" and any(parameter.startswith("_") for parameter in inspect.signature(obj).parameters)
    return ("", None) if private else None


def _foreign_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.TextElement
) -> nodes.TextElement | None:
    """A name without an entry, such as a type of another library, is shown and leads nowhere."""
    target = node["reftarget"]
    # Sphinx reports what is not answered here: a public name without its entry, and an exception that has none.
    slip = target in documented() or (node.get("reftype") == "exc" and not hasattr(builtins, target))
    return None if slip or node.get("refdomain") != "py" else contnode


def _dashes(app: Sphinx, document: nodes.document) -> None:
    """Sphinx parts a parameter from what is said of it by two hyphens; nothing else is this text and no more."""
    for text in [text for text in document.findall(nodes.Text) if text == " -- "]:
        text.parent.replace(text, nodes.Text(" – "))
