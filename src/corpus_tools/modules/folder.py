"""The hand-edited files of a module, over the rows of the corpus it annotates."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import polars as pl

from corpus_tools.files import sha256_of
from corpus_tools.folder import FILE, Folder
from corpus_tools.modules.ground import Ground
from corpus_tools.modules.metadata import read_module_metadata
from corpus_tools.scheme import FULL, GOLD, Layer, Table, read_scheme

OWN_TABLES = ("annotators", "coverage", "omissions")
"""The fixed tables of which a module has rows; the others are those of the corpus."""


class ModuleFolder(Folder):
    """The hand-edited files of one module, read as those of a corpus are.

    `scheme` has the layers of corpus and module, and `rows` the rows of both, so that whatever a row refers to is
    found; `layers` and `tables` are those of the module alone.

    Raises:
        ModuleError: If the folder is no module, or module.toml cannot be read.
        SchemeError: If a scheme file cannot be read, or declares what the corpus has already.
    """

    def __init__(self, path: Path, corpus: Ground) -> None:
        self.declared = read_module_metadata(path)
        self.corpus = corpus
        scheme = read_scheme(path / "scheme", beside=corpus.scheme.layers)
        super().__init__(path, metadata=self.declared.metadata, scheme=scheme)

    @cached_property
    def layers(self) -> Mapping[str, Layer]:
        """The layers of the module."""
        return {name: layer for name, layer in self.scheme.layers.items() if name not in self.corpus.scheme.layers}

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables of its layers, and the fixed ones of which it has rows."""
        of_layers = {table.name: table for layer in self.layers.values() for table in layer.tables}
        return {**{name: self.scheme.fixed[name] for name in OWN_TABLES}, **of_layers}

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The sources of the corpus, as far as they lie beside it and are still what it was made from."""
        decoded = {}
        recorded = self.corpus.scan("sources").select("source_id", "file", "sha256").collect()
        for source_id, file, sha256 in recorded.drop_nulls("file").iter_rows():
            path = self.corpus.folder / file
            if path.is_file() and sha256_of(path) == sha256:
                with contextlib.suppress(UnicodeDecodeError):
                    decoded[source_id] = path.read_bytes().decode("utf-8")
        return decoded

    def raw(self, table: Table, split: str = FULL) -> pl.DataFrame:
        """As for a corpus; of the corpus's own tables the columns that hold text."""
        if table.name in self.tables:
            return super().raw(table, split)
        return self.rows(table, split).select(pl.col(pl.String), pl.lit(self.corpus_name).alias(FILE)).collect()

    def rows(self, table: Table, split: str = FULL) -> pl.LazyFrame:
        """As for a corpus; other annotators of the corpus than gold are kept apart from those of the module."""
        if table.name in self.tables:
            return super().rows(table, split)
        if table.name not in self.corpus.scheme.tables:
            return pl.LazyFrame(schema=table.schema)  # an older release may lack a fixed table
        rows = self.corpus.scan(table.name, split=split)
        if table.layer is None:
            return rows
        annotator = pl.lit(GOLD) if split == GOLD else pl.concat_str(pl.lit("corpus/"), "annotator")
        return rows.with_columns(annotator=annotator)

    @property
    def corpus_name(self) -> str:
        """Title and version of the corpus."""
        return f"{self.corpus.metadata.title} {self.corpus.version}"
