"""What a corpus says of itself, as pages: start, card, guidelines, changelog, licence, notebooks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus_tools.corpus import DRAFT, Corpus, load, versions
from corpus_tools.errors import ReproductionError, SiteError
from corpus_tools.files import read_utf8
from corpus_tools.release.card import CHANGELOG, LICENCE
from corpus_tools.released import RELEASES
from corpus_tools.reproduce import find_notebooks
from corpus_tools.reproduce.run import RESULTS
from corpus_tools.site.markdown import code, external, listing, markdown_table, plain, toctree

CARD, CODEBOOK = "README.md", "codebook.md"
REPORT = "report.html"
OWN = ".page"
"""Ending of the pages that somebody wrote for the corpus: GitHub's Markdown, in which nothing is run."""


@dataclass(frozen=True, slots=True)
class OwnPages:
    """The pages that a corpus brings along."""

    texts: Mapping[str, str]
    """File name -> content."""
    places: Mapping[str, str]
    """Name of a page, without ending -> its place in the corpus, where links lead and its own links start."""


def own_pages(corpus: Corpus) -> OwnPages:
    """Card, changelog and licence as far as there are any, and the guidelines as they are in the release.

    Raises:
        SiteError: If one is not UTF-8.
    """
    places = {"card": CARD, "changelog": CHANGELOG, "licence": LICENCE}
    texts = {
        name + OWN: _read(corpus.folder / place) for name, place in places.items() if (corpus.folder / place).is_file()
    }
    if "card" + OWN in texts:
        texts["card" + OWN] = re.sub(r"\A---\n.*?\n---\n", "", texts["card" + OWN], flags=re.DOTALL)
    for layer in corpus.scheme.layers.values():
        name = f"guidelines/{layer.name}"
        places[name] = layer.guideline
        released = corpus.folder / RELEASES / corpus.version / f"guidelines/{layer.name}.md"
        found = next((path for path in (released, corpus.folder / layer.guideline) if path.is_file()), None)
        page = f"# Guideline: {layer.name}\n\nThere is no page of it." if found is None else _read(found)
        texts[name + OWN] = page
    there = {name: place for name, place in places.items() if name + OWN in texts}
    return OwnPages(texts, {**there, "codebook": CODEBOOK})


def _read(path: Path) -> str:
    return read_utf8(path, lambda where, problem: SiteError(f"{where}: {problem}"))


def guideline_list(corpus: Corpus) -> str:
    """The page that leads to the guidelines."""
    layers = corpus.scheme.layers.values()
    rows = [
        (f"[{layer.name}](guidelines/{layer.name}{OWN})", plain(layer.title), plain(layer.guideline_version))
        for layer in layers
    ]
    table = markdown_table(("layer", "title", "version"), rows) if rows else "This corpus has no annotation layer."
    return "\n\n".join(
        [
            "# Guidelines",
            "How each layer is annotated.",
            table,
            toctree([f"guidelines/{layer.name}" for layer in layers]),
        ]
    )


def notebooks_page(corpus: Corpus, *, report: bool) -> str | None:
    """The page that lists notebooks and published tables, and leads to the report; None where there is none of them."""
    results = corpus.folder / RESULTS
    tables = {path.name: sorted(path.glob("[!.]*.csv")) for path in sorted(results.glob("[!.]*")) if path.is_dir()}
    questions = _questions(corpus.folder)
    names = sorted({*tables, *questions})
    if not names and not report:
        return None
    if report:
        lead = f"{external('The report', REPORT)} shows them as they were run, with every table and chart."
    else:
        lead = "`corpus-tools reproduce` runs them and writes a report with every table and chart."
    rows = []
    for name in names:
        question = plain(questions.get(name, name))
        shown = external(questions[name], f"{REPORT}#{name}") if report and name in questions else question
        links = [external(path.stem, f"{RESULTS}/{name}/{path.name}") for path in tables.get(name, [])]
        rows.append((code(name), shown, ", ".join(links) or "none"))
    return "\n\n".join(
        [
            "# Notebooks",
            f"Each notebook asks one question. {lead}",
            markdown_table(("notebook", "question", "tables"), rows),
        ]
    )


def _questions(folder: Path) -> dict[str, str]:
    """Name of a notebook -> its first heading."""
    try:
        paths = find_notebooks(corpus=folder)
    except ReproductionError:
        return {}
    found = {}
    for path in paths:
        cells = json.loads(_read(path))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        heading = re.search(r"^# (.+)$", text, re.M)
        found[path.stem] = heading[1] if heading else path.stem
    return found


def start_page(corpus: Corpus, sections: Mapping[str, list[str]], *, shipped: bool) -> str:
    """The start page; `sections` has the pages to go to, by the heading that they stand under."""
    return "\n\n".join(_start(corpus, sections, shipped=shipped)) + "\n"


def _start(corpus: Corpus, sections: Mapping[str, list[str]], *, shipped: bool) -> Iterator[str]:
    metadata = corpus.metadata
    yield f"# {plain(metadata.title)}"
    yield plain(metadata.summary)
    yield plain(metadata.description)
    yield plain(f"{corpus.sizes}.")
    yield "## Loading"
    arguments = [] if shipped else [json.dumps(corpus.folder.resolve().name, ensure_ascii=False)]
    arguments.append(f'version="{corpus.version}"')
    yield listing(
        "python",
        f"import corpus_tools as ct\n\ncorpus = ct.load({', '.join(arguments)})\n"
        "corpus.comments  # a polars data frame; corpus.layers names the annotation layers",
    )
    yield "[More on loading](howto/loading.md)"
    yield "## Versions"
    yield from _versions(corpus)
    yield "## Where to go"
    for caption, names in sections.items():
        yield toctree(names, caption=caption)


def _versions(corpus: Corpus) -> Iterator[str]:
    if corpus.version == DRAFT:
        yield (
            f"Nothing is released yet. These pages describe the draft of {corpus.metadata.version}: "
            "the hand-edited files as they stood."
        )
        return
    released = [load(corpus.folder, version) for version in reversed(versions(corpus.folder))]
    rows = [
        (plain(one.version), one.metadata.date.isoformat(), plain(one.sizes), code(str(one.content_sha256)))
        for one in released
    ]
    yield f"These pages describe release {plain(corpus.version)}. A release never changes."
    yield markdown_table(("version", "released", "what is in it", "content hash (SHA-256)"), rows)
