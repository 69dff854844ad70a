"""Layers of a corpus that another may take over: scheme file, guideline, and the publications they follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import tomlkit

from corpus_tools.corpus import find_corpus
from corpus_tools.errors import ArgumentError, listed
from corpus_tools.files import read_utf8
from corpus_tools.metadata import FILE, Metadata, read_metadata, read_toml
from corpus_tools.scheme import Layer, Scheme, read_scheme

MANUAL, RULE = "manual native", "rule"
READ_BY_RULE = ("structure",)
"""The layers that a reader fills by itself."""


def available_layers(origin: Path | None = None) -> Mapping[str, str]:
    """The layers that may be taken over from a corpus, the shipped one where omitted: name -> title."""
    return {name: layer.title for name, layer in _scheme(origin).layers.items()}


def chosen_layers(names: Iterable[str], origin: Path | None = None) -> tuple[str, ...]:
    """The layers of these names, in the order of the corpus they come from, with those that they refer to.

    Raises:
        ArgumentError: If there is no such layer; the message lists those there are.
    """
    scheme = _scheme(origin)
    names = list(names)
    unknown = [name for name in names if name not in scheme.layers]
    if unknown:
        raise ArgumentError(f"there is no layer {listed(unknown)}; choose among: {listed(scheme.layers)}")
    of_table = {table.name: layer.name for layer in scheme.layers.values() for table in layer.tables}
    taken: set[str] = set()
    while names:
        name = names.pop()
        if name not in taken:
            taken.add(name)
            names += [of_table[table] for table in _refers_to(scheme.layers[name]) if table in of_table]
    return tuple(name for name in scheme.layers if name in taken)


def layer_files(names: Iterable[str], origin: Path | None = None) -> dict[str, str]:
    """Path inside a corpus folder -> content, for the scheme files and guidelines of layers.

    Rows in the new corpus will not have been made as those of the corpus the layers come from, so each layer says that
    it is annotated by hand, or, where a reader fills it, by rule; whoever does it otherwise changes that line.
    """
    home = origin or find_corpus()
    files = {}
    for name in names:
        text = _read(home / "scheme" / f"{name}.toml")
        made = RULE if name in READ_BY_RULE else MANUAL
        files[f"scheme/{name}.toml"] = re.sub(r"^origin = .*$", f'origin = "{made}"', text, count=1, flags=re.M)
        guideline = _scheme(origin).layers[name].guideline
        files[guideline] = _taken_over(_read(home / guideline), read_metadata(home))
    return files


def references_of(names: Iterable[str], origin: Path | None = None) -> str:
    """The `[[references]]` entries of corpus.toml that layers follow; empty where they follow none."""
    home = origin or find_corpus()
    wanted = {one for name in names for one in _scheme(origin).layers[name].references}
    entries = [one for one in read_toml(home / FILE).get("references", []) if one["id"] in wanted]
    return "".join(f"\n[[references]]\n{tomlkit.dumps(entry)}" for entry in entries)


def _taken_over(guideline: str, metadata: Metadata) -> str:
    """A guideline that says below its title where it comes from: its questions and hard cases are another corpus's."""
    title, _, rest = guideline.partition("\n")
    said = (
        f"Taken over from the {metadata.title}: questions, such as the targets of a stance, hard cases and remarks are "
        "about its texts.\nBefore anything is annotated, change here and in the scheme file what does not fit yours."
    )
    return f"{title}\n\n{said}\n{rest}"


def _scheme(origin: Path | None) -> Scheme:
    return read_scheme((origin or find_corpus()) / "scheme")


def _refers_to(layer: Layer) -> Iterable[str]:
    """The tables that rows of a layer refer to."""
    for table in layer.tables:
        yield from (*table.constraints.from_tables, *table.constraints.to_tables)
        yield table.constraints.judged or ""
        yield from (column.refers_to.partition(".")[0] for column in table.columns if column.refers_to)


def _read(path: Path) -> str:
    return read_utf8(path, lambda where, problem: ArgumentError(f"{where}: {problem}"))
