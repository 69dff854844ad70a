"""Every generated page of a corpus: what it should say, whether it does, and writing it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpus_tools.citation import citation_file, datacite_file, zenodo_file
from corpus_tools.corpus import Corpus, load, versions
from corpus_tools.errors import MetadataError, ReleaseError, counted
from corpus_tools.files import read_utf8, write_whole
from corpus_tools.folder import Folder
from corpus_tools.metadata import GENERATED
from corpus_tools.release.card import card, row_counts
from corpus_tools.release.codebook import codebook, label_tables, markdown_table
from corpus_tools.release.croissant import croissant_file
from corpus_tools.scheme import Layer


def stale_pages(folder: Path) -> dict[Path, str]:
    """The generated pages that do not say what they should, each with what it should say.

    Card, codebook and metadata files speak of the newest release; guideline pages of the scheme as it stands.

    Raises:
        CorpusError: If the corpus, its newest release or a page that holds a generated block cannot be read.
    """
    releases = [load(folder, version) for version in versions(folder)]
    return changed_pages(Folder(folder), releases)


def changed_pages(folder: Folder, releases: Sequence[Corpus]) -> dict[Path, str]:
    """As `stale_pages`, for given releases, oldest first."""
    return {
        path: content
        for path, content in _pages(folder, releases)
        if not path.is_file() or path.read_bytes() != content.encode("utf-8")
    }


def write_pages(folder: Path) -> list[Path]:
    """Write every generated page that is stale; returns those written. Errors as for `stale_pages`."""
    stale = stale_pages(folder)
    for path, content in stale.items():
        write_whole(path, content)
    return list(stale)


def _pages(folder: Folder, releases: Sequence[Corpus]) -> Iterator[tuple[Path, str]]:
    for layer in folder.scheme.layers.values():
        yield folder.path / layer.guideline, guideline_page(folder, layer)
    if not releases:
        return
    newest = releases[-1]
    outputs = folder.metadata.outputs
    whole = {folder.path / name: content for name, content in release_pages(newest).items()}
    citation = _output(folder, outputs.get("citation", "CITATION.cff"), "CITATION.cff")
    whole[citation] = citation_file(newest.metadata, content_sha256=newest.content_sha256)
    if "zenodo" in outputs:
        zenodo = _output(folder, outputs["zenodo"], ".zenodo.json")
        whole[zenodo] = zenodo_file(newest.metadata, content_sha256=newest.content_sha256)
    for path, content in whole.items():
        if path.exists() and GENERATED not in path.read_text(encoding="utf-8", errors="replace"):
            raise ReleaseError(f"{path} was written by hand and would be overwritten; move it away, or rename it")
        yield path, content
    if "releases" in outputs:
        path = _output(folder, outputs["releases"], "README.md")
        yield path, _with_block(path, "releases", releases_table(releases))


def release_pages(corpus: Corpus) -> dict[str, str]:
    """The pages of one release that stand in the corpus folder, by file name."""
    metadata = corpus.metadata
    return {
        "README.md": card(corpus),
        "codebook.md": codebook(corpus.scheme, title=metadata.title, version=corpus.version),
        "croissant.json": croissant_file(corpus),
        "datacite.json": datacite_file(metadata, content_sha256=corpus.content_sha256, sizes=_sizes(corpus)),
    }


def _sizes(corpus: Corpus) -> list[str]:
    """How many texts and authors there are: `5 comments`."""
    names = ("articles", "comments", "authors")
    return [counted(sum(row_counts(corpus, name).values()), name.removesuffix("s")) for name in names]


def guideline_page(folder: Folder, layer: Layer) -> str:
    """The guideline of a layer with its label tables renewed from the scheme.

    Raises:
        ReleaseError: If there is no page, or it has no place for the tables.
    """
    return _with_block(folder.path / layer.guideline, "labels", _label_tables(layer))


def _output(folder: Folder, given: str, name: str) -> Path:
    """A page outside the corpus folder: only under its usual name, and only in the folder or the one around it."""
    path = Path(os.path.normpath(folder.path / given))
    inside = {folder.path.resolve(), folder.path.resolve().parent}
    if path.name != name or path.resolve().parent not in inside:
        raise MetadataError(
            f"{folder.metadata.path}: an output must be {name} in the corpus folder or in the folder around it, "
            f"not {given!r}"
        )
    return path


def releases_table(releases: Sequence[Corpus]) -> str:
    """Versions with date, content hash and sizes, newest first, as Markdown."""
    rows = [
        (corpus.version, corpus.metadata.date.isoformat(), corpus.sizes, f"`{corpus.content_sha256}`")
        for corpus in reversed(releases)
    ]
    return markdown_table(("version", "released", "what is in it", "content hash (SHA-256)"), rows)


def _label_tables(layer: Layer) -> str:
    return "\n\n".join(block for table in layer.tables for block in label_tables(layer, table))


def _with_block(path: Path, name: str, content: str) -> str:
    """A hand-written page with the generated block of that name renewed."""
    if not path.is_file():
        raise ReleaseError(f"{path} does not exist; write it with the lines <!-- {name} --> and <!-- /{name} -->")
    page = read_utf8(path, lambda where, problem: ReleaseError(f"{where}: {problem}"))
    block = re.compile(rf"(<!-- {name}\b[^>]*-->(\r?\n)).*?(<!-- /{name} -->)", re.DOTALL)
    if block.search(page) is None:
        raise ReleaseError(f"{path} lacks the lines <!-- {name} --> and <!-- /{name} --> around its generated part")
    # With the line ends that the page has.
    return block.sub(lambda match: match[1] + f"{content}\n".replace("\n", match[2]) + match[3], page, count=1)
