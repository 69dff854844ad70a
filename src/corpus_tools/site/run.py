"""From a corpus folder to a folder of HTML: whole, or not there."""

from __future__ import annotations

import html
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus_tools.corpus import DRAFT, Corpus, find_corpus, load, versions
from corpus_tools.errors import ArgumentError
from corpus_tools.ingest import readers
from corpus_tools.release.codebook import markdown_table
from corpus_tools.reproduce.run import RESULTS
from corpus_tools.site.api import api_pages
from corpus_tools.site.codebook import codebook_pages
from corpus_tools.site.commands import commands_page
from corpus_tools.site.corpus import REPORT, OwnPages, guideline_list, notebooks_page, own_pages, start_page
from corpus_tools.site.html import Progress, make_html, need_sphinx
from corpus_tools.site.rules import rules_page

OUT = "build/site"
MARK = "site.json"
FORMS = "<!-- forms -->"
"""Where a page has the list of the forms that are read."""
"""The file of a site that says what it describes; a folder without it was not made here."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site that was built."""

    folder: Path
    corpus: Corpus
    """What it describes."""

    @property
    def start(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"


def build(
    folder: str | Path | None = None,
    out: str | Path = OUT,
    *,
    report: str | Path | None = None,
    progress: Progress = lambda step, page, n_pages: None,
) -> Site:
    """Build the documentation of a corpus and of this package, offline, as a site that needs no network either.

    Args:
        folder: A corpus folder; the shipped corpus where omitted. Its newest release is described, or where it has
            none, the hand-edited files.
        out: Where the site goes: a folder that is not there yet, is empty, or holds a site built before.
        report: The report of `corpus-tools reproduce`, to be part of the site.
        progress: Called as each page is read and written.

    Raises:
        CorpusError: If the corpus cannot be loaded.
        ArgumentError: If `out` holds something else or lies in the corpus, or there is no such report.
        SiteError: If a page cannot be built without a warning; `out` is left as it was.
        MissingExtraError: If the libraries of the extra `docs` are not installed.
    """
    need_sphinx()
    path = Path(folder) if folder is not None else find_corpus()
    corpus = load(path, None if versions(path) else DRAFT)
    target = Path(out).resolve()
    _check_target(target, corpus)
    if report is not None and not Path(report).is_file():
        raise ArgumentError(f"there is no report {report}; make it with: corpus-tools reproduce --report {report}")
    with tempfile.TemporaryDirectory(prefix="corpus-tools-site-") as place:
        source, made = Path(place) / "source", Path(place) / "html"
        settings = _write_sources(source, corpus, report=report, shipped=folder is None)
        make_html(source, made, settings, progress=progress)
        _put(made, target)
    return Site(target, corpus)


def _write_sources(source: Path, corpus: Corpus, *, report: str | Path | None, shipped: bool) -> dict[str, Any]:
    """Write what the site is made from, and return what Sphinx has to know of it."""
    own = own_pages(corpus)
    for name, text in site_pages(corpus, own, report=report is not None, shipped=shipped).items():
        _write(source / name, text)
    extra = source / "extra"
    about = {"title": corpus.metadata.title, "version": corpus.version, "content_sha256": corpus.content_sha256}
    _write(extra / MARK, json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    if report is not None:
        shutil.copyfile(report, extra / REPORT)
    if (corpus.folder / RESULTS).is_dir():
        shutil.copytree(corpus.folder / RESULTS, extra / RESULTS, ignore=shutil.ignore_patterns(".*"))
    return {
        "project": corpus.metadata.title,
        "release": corpus.version,
        "html_title": html.escape(f"{corpus.metadata.title} {corpus.version}"),
        "html_extra_path": [str(extra)],
        "exclude_patterns": ["extra"],
        "own_places": dict(own.places),
    }


def site_pages(corpus: Corpus, own: OwnPages, *, report: bool, shipped: bool) -> dict[str, str]:
    """File name -> content, for every page of the site."""
    pages = {**own.texts, **codebook_pages(corpus), "guidelines.md": guideline_list(corpus)}
    notebooks = notebooks_page(corpus, report=report)
    if notebooks is not None:
        pages["notebooks.md"] = notebooks
    pages |= {f"howto/{path.name}": _how_to(path) for path in how_to_pages()}
    pages |= {"rules.md": rules_page(), "commands.md": commands_page(), **api_pages()}
    pages["index.md"] = start_page(corpus, _sections(pages), shipped=shipped)
    return pages


def how_to_pages() -> list[Path]:
    """The pages that say how to use this package; a package that has a page of its own keeps it beside its code."""
    package = Path(__file__).parents[1]
    return [path for folder in ("site/pages", "history") for path in sorted((package / folder).glob("*.md"))]


def _how_to(path: Path) -> str:
    """A page on how to use this package; the list of forms is made from the readers."""
    text = path.read_text(encoding="utf-8")
    if FORMS not in text:
        return text
    rows = ((f"`{form}`", reader.title, reader.description) for form, reader in readers().items())
    return text.replace(FORMS, markdown_table(("form", "what it is", "how it is read"), rows))


def _sections(pages: Mapping[str, str]) -> dict[str, list[str]]:
    """Heading -> the entries of its list of pages, of those pages that there are."""
    names = {name.rpartition(".")[0] for name in pages}
    about = {"card": "Data card <card>", "changelog": "Changelog <changelog>", "licence": "Licence <licence>"}
    order = ("card", "codebook", "guidelines", "notebooks", "changelog", "licence")
    elsewhere = ("annotating-elsewhere", "annotate-label-studio", "annotating-in-a-notebook")
    annotating = ("annotating", *elsewhere, "adjudicating")
    steps = ("loading", "ingesting", *annotating, "citing", "versioning", "modules", "publishing")
    how_to = (*steps, "large", "clusters", "exporting")
    return {
        "The corpus": [about.get(name, name) for name in order if name in names],
        "How to": [f"howto/{name}" for name in how_to if f"howto/{name}" in names],
        "Formats": sorted(name for name in names if name.startswith("howto/export-")),
        "Reference": ["api", "commands", "rules"],
    }


def _check_target(target: Path, corpus: Corpus) -> None:
    if target.is_relative_to(corpus.folder.resolve()):
        raise ArgumentError(f"{target} lies in the corpus, which a site is no part of; choose a folder outside")
    if target.exists() and not target.is_dir():
        raise ArgumentError(f"{target} is no folder; choose one that is not there yet")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise ArgumentError(
            f"{target} holds something else than a site; choose a folder that is empty or not there yet"
        )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def _put(made: Path, target: Path) -> None:
    """Put a folder in the place of another, as whole as two renames are."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        shutil.copytree(made, new)
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except BaseException:
            if old.exists():
                old.rename(target)
            raise
