"""A module as it stands beside the corpus it annotates."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.citation import Work
from corpus_tools.content import content_sha256
from corpus_tools.errors import ModuleError, RecordsError, SchemeError
from corpus_tools.modules.folder import ModuleFolder
from corpus_tools.modules.ground import Ground, refuse_other_corpus
from corpus_tools.modules.hub import find_module
from corpus_tools.modules.metadata import read_module_metadata
from corpus_tools.modules.sound import problems
from corpus_tools.references import Reference
from corpus_tools.scheme import GOLD, Scheme, Table


@dataclass(frozen=True, slots=True)
class Module:
    """Layers that others annotated over a corpus. `load` makes it."""

    name: str
    title: str
    version: str
    date: datetime.date
    summary: str
    keywords: Sequence[str]
    creators: Sequence[Mapping[str, str]]
    licence: str
    """Of its annotations: an SPDX id or a sentence."""
    publication: Mapping[str, str]
    """Where it is published, as for a corpus."""
    references: tuple[Reference, ...]
    """The publications that its layers name as what they follow."""
    caveats: Sequence[Mapping[str, Any]]
    scheme: Scheme
    """Its layers, without fixed tables."""
    content_sha256: str
    """Hash over the cells of its files and of the tables in module.toml, whatever corpus version it is loaded with."""
    place: str
    """Its folder, or its Hub id with the revision."""
    _rows: Mapping[tuple[str, str], pl.DataFrame] = field(repr=False, compare=False)

    def rows(self, table: Table, split: str) -> pl.DataFrame | None:
        """What it adds to one split of a table; None for a table of which it has no rows."""
        return self._rows.get((table.name, split))

    @property
    def work(self) -> Work:
        """The module as a citation names it."""
        return Work(
            title=self.title,
            version=self.version,
            date=self.date,
            creators=self.creators,
            publication=self.publication,
            content_sha256=self.content_sha256,
            references=self.references,
            layers=self.scheme.layers,
        )

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def open_module(place: str | Path, corpus: Ground) -> Module:
    """Read a module and see that it belongs to a corpus.

    Args:
        place: A folder, or a Hub id such as `org/name@v1.0.0`.
        corpus: The corpus it is to stand beside.

    Raises:
        ModuleError: If it is no module, is bound to another corpus, version or text, or one of its rows does not hold.
        HubError: If it is not a folder and the Hub does not give it.
        MissingExtraError: If it is on the Hub and `huggingface_hub` is not installed.
    """
    path, shown = find_module(place)
    refuse_other_corpus(path, corpus)
    name = read_module_metadata(path).name
    for module in corpus.modules:
        if module.name == name:
            raise ModuleError(f"module {shown}: {name!r} is loaded already, from {module.place}; load a module once")
    try:
        source = ModuleFolder(path, corpus)
        problem = next(problems(source), None)
    except (RecordsError, SchemeError) as unreadable:
        raise ModuleError(f"module {shown}: {unreadable}") from None
    if problem is not None:
        check = f"corpus-tools module check {shlex.quote(str(path))}"
        raise ModuleError(f"module {shown}: {problem}; see everything with: {check}")
    return _module(source, shown)


def _module(source: ModuleFolder, place: str) -> Module:
    declared, metadata = source.declared, source.metadata
    return Module(
        name=declared.name,
        title=metadata.title,
        version=metadata.version,
        date=metadata.date,
        summary=metadata.summary,
        keywords=metadata.keywords,
        creators=metadata.creators,
        licence=declared.licence,
        publication=metadata.publication,
        references=metadata.references,
        caveats=metadata.records["caveats"],
        scheme=Scheme(fixed={}, layers=source.layers),
        content_sha256=_content(source),
        place=place,
        _rows=_loaded(source),
    )


def as_gold(annotator: str) -> pl.Expr:
    """A column of annotators in which adjudicated rows are all by `gold`, whichever module they stand in.

    In the tables of a corpus an annotator of a module is called by the module's name, a slash and the id, since two
    modules may both have a `kim`; ids of a corpus hold no slash.
    """
    name = pl.col(annotator)
    return pl.when(name.str.ends_with(f"/{GOLD}")).then(pl.lit(GOLD)).otherwise(name).alias(annotator)


def _content(source: ModuleFolder) -> str:
    """Over cells as typed: what they are read as depends on the scheme, which is not content."""
    tables = [(table, split) for table in source.tables.values() for split in table.splits]
    return content_sha256({f"{table.name}/{split}": source.raw(table, split).to_arrow() for table, split in tables})


def _loaded(source: ModuleFolder) -> dict[tuple[str, str], pl.DataFrame]:
    """Its rows by table and split, annotators called as in a corpus."""
    loaded = {}
    for table in source.tables.values():
        for split in table.splits:
            rows = source.scan(table, split)
            for name in ("annotator", "annotator_id"):
                if name in table.schema:
                    rows = rows.with_columns(pl.concat_str(pl.lit(f"{source.declared.name}/"), name).alias(name))
            if table.name == "coverage":
                rows = rows.with_columns(coverage_id=pl.concat_str("layer", "annotator_id", "text_id", separator="/"))
            loaded[table.name, split] = rows.collect()
    return loaded
