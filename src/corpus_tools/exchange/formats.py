"""Which formats there are, and how a corpus is written in one: whole, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

import polars as pl

from corpus_tools.corpus import Corpus, Exported
from corpus_tools.errors import ArgumentError, UnknownNameError, counted, listed
from corpus_tools.exchange.documents import with_ends
from corpus_tools.scheme import PASSES, Table


class Writer(Protocol):
    """What writes one format."""

    def __call__(self, corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
        """Write the texts of a corpus and some tables of its layers: gold rows, in formats of tables passes too.

        Args:
            corpus: The corpus.
            tables: The tables of layers that were asked for, and those that they stand on.
            out: A file to be made, or an empty folder, as the format has it.

        Returns:
            What the format could not carry of these, one sentence each, with numbers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A format of other tools."""

    name: str
    title: str
    module: str
    """The module of this package that makes it; what it needs is imported with it."""
    one_file: bool = False
    """Whether it is one file; else a folder of files."""
    function: str = "write"
    passes: bool = False
    """Whether it holds the rows of passes beside gold's."""

    @property
    def write(self) -> Writer:
        """What writes it."""
        writer: Writer = getattr(import_module(f"corpus_tools.exchange.{self.module}"), self.function)
        return writer


FORMATS = {
    made.name: made
    for made in (
        Format("conllu", "CoNLL-U", "conllu", one_file=True),
        Format("docbin", "spaCy DocBin", "docbin", one_file=True),
        Format("tei", "TEI P5", "tei"),
        Format("convokit", "ConvoKit", "convokit"),
        Format("xmi", "UIMA CAS XMI", "xmi"),
        Format("webanno-tsv", "WebAnno TSV 3", "webanno"),
        Format("brat", "brat standoff", "brat"),
        Format("aif", "AIF and xAIF", "aif"),
        Format("web-annotation", "W3C Web Annotation", "web_annotation", one_file=True),
        Format("stam", "STAM", "stam", one_file=True),
        Format("sqlite", "SQLite", "relational", one_file=True, function="write_sqlite", passes=True),
        Format("duckdb", "DuckDB", "relational", one_file=True, function="write_duckdb", passes=True),
        Format("csv", "CSV with CSVW metadata", "csvw", passes=True),
    )
}


def export(corpus: Corpus, format: str, out: str | Path, *, layers: Iterable[str] | None = None) -> Exported:  # noqa: A002
    """Write a corpus in the format of another tool.

    Args:
        corpus: A corpus, as `load` gives it.
        format: A name in `FORMATS`.
        out: The file or folder to be made; it must not be there yet.
        layers: The layers to write; all where omitted. Tables that they stand on, such as the mentions of coreference,
            come with them.

    Returns:
        The files, and what the format could not carry.

    Raises:
        UnknownNameError: If there is no such format or layer; the message lists those there are.
        ArgumentError: If `out` is there already, or the corpus has nothing that this format holds.
        MissingExtraError: If the format needs a library that is not installed.
    """
    if format not in FORMATS:
        raise UnknownNameError("format", format, FORMATS)
    path = Path(out)
    if path.exists():
        raise ArgumentError(f"{path} is there already; name a place that is not, or take it away first")
    tables = _tables(corpus, layers)
    write = FORMATS[format].write
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
        made = Path(beside, path.name)
        if not FORMATS[format].one_file:
            made.mkdir()
        left_out = [*write(corpus, tables, made), *([] if FORMATS[format].passes else _passes(corpus, tables))]
        files = [path.name] if made.is_file() else _files(made)
        made.rename(path)
    return Exported(path, tuple(files), tuple(left_out))


def _tables(corpus: Corpus, layers: Iterable[str] | None) -> tuple[Table, ...]:
    known = corpus.scheme.layers
    wanted = list(known) if layers is None else [layers] if isinstance(layers, str) else list(layers)
    return with_ends(corpus, (table for name in dict.fromkeys(wanted) for table in corpus.scheme.layer(name).tables))


def _passes(corpus: Corpus, tables: Iterable[Table]) -> list[str]:
    """What is said of passes by a format that holds gold alone."""
    rows = [corpus.scan(table.name, split=PASSES).select("annotator") for table in tables]
    if not rows:
        return []
    annotators = pl.concat(rows).collect()["annotator"]
    if annotators.is_empty():
        return []
    who = annotators.unique(maintain_order=True)
    return [f"rows of passes, gold being what is written: {counted(len(annotators), 'row')} by {listed(who)}"]


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
