"""The corpus that a module stands on, and whether it is the one that the module is bound to."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from corpus_tools.errors import ModuleError, listed
from corpus_tools.metadata import VERSION, Metadata
from corpus_tools.modules.metadata import read_module_metadata
from corpus_tools.scheme import Scheme

if TYPE_CHECKING:
    from corpus_tools.modules.module import Module


class Ground(Protocol):
    """What a module asks of the corpus that it stands on. A loaded `Corpus` is one."""

    @property
    def folder(self) -> Path:
        """The folder of the corpus."""
        ...

    @property
    def version(self) -> str:
        """The version that was loaded."""
        ...

    @property
    def metadata(self) -> Metadata:
        """What corpus.toml says."""
        ...

    @property
    def scheme(self) -> Scheme:
        """The tables and layers."""
        ...

    @property
    def modules(self) -> Sequence[Module]:
        """The modules loaded before."""
        ...

    @property
    def content_sha256(self) -> str | None:
        """Hash of its rows; None for a draft."""
        ...

    @property
    def text_sha256(self) -> str:
        """Hash of the texts."""
        ...

    def scan(self, name: str, *, split: str | None = None) -> pl.LazyFrame:
        """A table as a lazy frame."""
        ...


def refuse_other_corpus(folder: Path, corpus: Ground, *, any_version: bool = False) -> None:
    """Refuse a corpus that a module is not bound to.

    Args:
        folder: The folder of the module.
        corpus: The corpus.
        any_version: Let a version pass that the module does not name, if its texts are the same.

    Raises:
        ModuleError: If the folder is no module, or the corpus has another title, another version, or other texts.
    """
    declared = read_module_metadata(folder)
    bound, title, version = declared.corpus, corpus.metadata.title, corpus.version
    if title != bound.title:
        raise ModuleError(f"module {declared.name} annotates '{bound.title}', not '{title}'; load it with that corpus")
    same = corpus.text_sha256 == bound.text_sha256
    if version not in bound.versions and not (any_version and same):
        texts = "its texts are the same" if same else "its texts are others, so places in them are too"
        command = f"corpus-tools module bind {shlex.quote(str(folder))} --release {version}"
        bind = f", or, if the module is yours, add this one: {command}"
        may_bind = same and VERSION.fullmatch(version)
        raise ModuleError(
            f"module {declared.name} is for {title} {listed(bound.versions)}, not for {version} ({texts}); "
            f"load a version it is for{bind if may_bind else ''}"
        )
    if not same:
        raise ModuleError(
            f"module {declared.name} was made on other texts than those of {title} {version}: their hash is "
            f"{corpus.text_sha256[:12]}..., module.toml says {bound.text_sha256[:12]}...; "
            "load the corpus that it was made on"
        )
