"""E4 and W1: releases are what was released; nothing is listed for nothing."""

from __future__ import annotations

import re

import polars as pl

from corpus_tools.corpus import versions
from corpus_tools.errors import ChecksumError, ReleaseError
from corpus_tools.folder import Folder
from corpus_tools.modules.new import PLACEHOLDER
from corpus_tools.released import RELEASES, read_manifest, verify_release, whole_release
from corpus_tools.validate.rule import check, findings, place_of

# At the start of a line or of a TOML string; the label tables of a guideline only repeat the scheme.
LEFT = re.compile(f'^{PLACEHOLDER}|"{PLACEHOLDER}')


@check("E401")
def release_incomplete(source: Folder) -> pl.LazyFrame:
    """A release is not whole."""
    rows: list[tuple[str, str | None, str]] = []
    for version in versions(source.path):
        release = source.path / RELEASES / version
        try:
            whole_release(release)
            if read_manifest(release)["version"] != version:
                rows.append((f"{RELEASES}/{version}", None, "It is another release under this name."))
        except ReleaseError as problem:
            rows.append((f"{RELEASES}/{version}", None, f"{problem}."))
    return findings(rows)


@check("E402")
def released_file_changed(source: Folder) -> pl.LazyFrame:
    """A released file is not what was released."""
    rows: list[tuple[str, str | None, str]] = []
    for version in versions(source.path):
        try:
            verify_release(source.path / RELEASES / version)
        except ChecksumError as problem:
            rows.append((f"{RELEASES}/{version}", None, f"{problem}."))
        except ReleaseError:
            continue  # E401 reports it
    return findings(rows)


@check("W101")
def author_without_text(source: Folder) -> pl.LazyFrame:
    """An author has no text."""
    texts = source.scan(source.scheme.fixed["texts"])
    authors = place_of(source, source.scheme.fixed["authors"])
    idle = authors.join(texts, on="author_id", how="anti", maintain_order="left")
    return idle.select("place", unit="author_id", found=pl.format("Take {} out, or add the text.", "display_name"))


@check("W102")
def annotator_without_pass(source: Folder) -> pl.LazyFrame:
    """An annotator has made no pass."""
    active = {entry.get("annotator_id") for entry in source.metadata.records["passes"]}
    known = [str(entry.get("annotator_id")) for entry in source.metadata.records["annotators"]]
    place = source.metadata.path.name
    return findings([(place, name, "No [[passes]] names it.") for name in known if name not in active])


@check("W103")
def thread_without_text(source: Folder) -> pl.LazyFrame:
    """A thread has no text."""
    texts = source.scan(source.scheme.fixed["texts"])
    threads = place_of(source, source.scheme.fixed["threads"])
    empty = threads.join(texts, on="thread_id", how="anti", maintain_order="left")
    return empty.select("place", unit="thread_id", found=pl.lit("Take it out, or add its texts."))


@check("W104")
def reference_without_layer(source: Folder) -> pl.LazyFrame:
    """No layer follows a publication that is listed."""
    named = {name for layer in source.layers.values() for name in layer.references}
    idle = [reference.id for reference in source.metadata.references if reference.id not in named]
    return findings([(source.metadata.path.name, name, "No scheme file has it in 'references'.") for name in idle])


@check("W105")
def placeholder_left(source: Folder) -> pl.LazyFrame:
    """A placeholder was not filled in."""
    schemes = [f"scheme/{name}.toml" for name in source.layers]
    guidelines = [layer.guideline for layer in source.layers.values()]
    rows: list[tuple[str, str | None, str]] = []
    for place in (source.metadata.path.name, *schemes, *guidelines):
        path = source.path / place
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        lines = enumerate(text.splitlines(), start=1)
        rows += [(place, None, f"Line {number}: {line}") for number, line in lines if LEFT.search(line)]
    return findings(rows)
