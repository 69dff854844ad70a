"""A corpus folder as one frozen object of lazily read polars frames."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.citation import Passage, Work, cite, find_passage, work_of
from corpus_tools.content import text_sha256
from corpus_tools.errors import (
    CaveatWarning,
    MissingExtraError,
    NotACorpusError,
    ReleaseError,
    UnknownNameError,
    VersionError,
    counted,
    listed,
)
from corpus_tools.folder import Folder, Frames
from corpus_tools.metadata import Metadata, read_metadata, version_key
from corpus_tools.modules import Module, as_gold, open_module
from corpus_tools.released import RELEASES, ReleasedFrames, read_manifest, verify_release
from corpus_tools.scheme import FIXED_TABLES, GOLD, PASSES, Scheme, Table, read_scheme

if TYPE_CHECKING:
    import datasets

ENVIRONMENT = "CORPUS_TOOLS_CORPUS"
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export made."""

    path: Path
    """The file or folder."""
    files: tuple[str, ...]
    """The files in it, by their path inside the folder; the file itself where it is one."""
    left_out: tuple[str, ...]
    """What the format could not carry, one sentence each."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One version of one corpus. Make it with `load`.

    Every frame has the columns that the scheme declares, in that order; the codebook describes them.
    """

    folder: Path
    version: str
    metadata: Metadata
    scheme: Scheme
    content_sha256: str | None
    """Hash over the schema and rows of every table; None for the draft."""
    _frames: Frames = field(repr=False)
    modules: tuple[Module, ...] = ()
    """The modules loaded with it; their layers stand beside its own."""
    _warned: set[str] = field(default_factory=set, repr=False, compare=False)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names that `scan` and `table` take; Hugging Face `load_dataset` takes those that have rows."""
        return tuple(table_names(self.scheme))

    @property
    def layers(self) -> tuple[str, ...]:
        """The annotation layers."""
        return tuple(self.scheme.layers)

    @property
    def articles(self) -> pl.DataFrame:
        """One row per article, with the columns of `texts`."""
        return self.table("articles")

    @property
    def comments(self) -> pl.DataFrame:
        """One row per comment in printed order, with the columns of `texts`."""
        return self.table("comments")

    @property
    def texts(self) -> pl.DataFrame:
        """One row per text: the articles, then the comments."""
        return self.table("texts")

    @property
    def authors(self) -> pl.DataFrame:
        """One row per comment author, by public handle."""
        return self.table("authors")

    @property
    def threads(self) -> pl.DataFrame:
        """One row per article with its comments."""
        return self.table("threads")

    @property
    def caveats(self) -> tuple[Mapping[str, Any], ...]:
        """What to know before using a table: rows with `about` (table names) and `text`."""
        return (*self.metadata.records["caveats"], *(caveat for module in self.modules for caveat in module.caveats))

    @property
    def text_sha256(self) -> str:
        """Hash of the words alone: the same for every version, and the draft, that has the same texts.

        `corpus_tools.content.text_sha256` says how it is made. Modules name by it the texts that they were made on.
        """
        return text_sha256(self.scan("texts").select("text_id", "text").collect().to_arrow())

    def scan(self, name: str, *, split: str | None = None) -> pl.LazyFrame:
        """A table as a lazy frame.

        Args:
            name: One of `tables`.
            split: For a layer `gold` (default) or `passes`; the other tables have `full` only.

        Raises:
            UnknownNameError: If there is no such table or split; the message lists those there are.
        """
        table, part = find_table(self.scheme, name)
        split = split or table.splits[0]
        if split not in table.splits:
            raise UnknownNameError(f"split of {name}", split, table.splits)
        frame = self._frames.scan(table, split)
        if part is None:
            return frame
        return frame.filter(table.in_part(part))

    def table(self, name: str, *, split: str | None = None) -> pl.DataFrame:
        """A table as a data frame; arguments and errors as for `scan`."""
        return self.scan(name, split=split).collect()

    def layer(self, name: str, *, annotators: str | Iterable[str] = GOLD) -> pl.DataFrame:
        """The rows of an annotation layer; caveats not yet said are, as a `CaveatWarning`.

        Args:
            name: One of `layers`, or a further table of a layer such as `negation_relations`.
            annotators: `"gold"` for the adjudicated rows, `"all"` for every pass, or the ids of some annotators; one
                of a module is called `module/annotator`.

        Returns:
            One row per unit, with the columns that the layer declares, `annotator` and `reason`.

        Raises:
            UnknownNameError: If there is no such layer or annotator; the message lists those there are.
        """
        tables = {table.name: table for layer in self.scheme.layers.values() for table in layer.tables}
        if name not in tables:
            raise UnknownNameError("layer", name, tables)
        self._say_caveats(name)
        if annotators == GOLD:
            return self.table(name, split=GOLD)
        passes = self.scan(name, split=PASSES)
        if annotators == "all":
            return passes.collect()
        wanted = [annotators] if isinstance(annotators, str) else list(annotators)
        coverage = self.scan("coverage").filter(pl.col("layer") == tables[name].layer)
        made = coverage.select("annotator_id", role=as_gold("annotator_id")).unique(maintain_order=True).collect()
        known = list(dict.fromkeys([*made["annotator_id"], *made["role"]]))
        for annotator in wanted:
            if annotator not in known:
                raise UnknownNameError(f"annotator of {name}", annotator, known)
        rows = pl.concat([self.scan(name, split=GOLD), passes])
        return rows.filter(pl.col("annotator").is_in(wanted) | as_gold("annotator").is_in(wanted)).collect()

    def _say_caveats(self, name: str) -> None:
        known = [caveat["text"].strip() for caveat in self.caveats if name in caveat["about"]]
        new = [text for text in known if text not in self._warned]
        if new:
            warnings.warn(f"{name}: {' '.join(new)}", CaveatWarning, stacklevel=3)
            self._warned.update(new)

    def to_datasets(self) -> dict[str, datasets.DatasetDict]:
        """Every table as a Hugging Face `DatasetDict`, by the names of `tables`.

        The rows and features are those of `datasets.load_dataset` on the corpus folder.

        Raises:
            MissingExtraError: If `datasets` is not installed.
        """
        try:
            import datasets
        except ImportError:
            raise MissingExtraError("datasets", "datasets") from None
        made = {}
        for name in self.tables:
            table, _ = find_table(self.scheme, name)
            arrow = {split: self.table(name, split=split).to_arrow().cast(table.arrow_schema) for split in table.splits}
            splits = {
                split: datasets.Dataset(rows).cast(table.features) for split, rows in arrow.items() if rows.num_rows
            }
            made[name] = datasets.DatasetDict(splits)
        return made

    def export(self, format: str, out: str | Path, *, layers: str | Iterable[str] | None = None) -> Exported:  # noqa: A002
        """Write this version of the corpus in the format of another tool.

        Args:
            format: `"conllu"`, `"tei"` or another name of `corpus_tools.exchange.FORMATS`; an unknown one is answered
                with all of them.
            out: The file or folder to be made; it must not be there yet.
            layers: The layers to write; all where omitted. Tables that they stand on, such as the mentions of
                coreference, come with them.

        Returns:
            The files (`path`, `files`) and what the format could not carry (`left_out`, one sentence each).

        Raises:
            UnknownNameError: If there is no such format or layer; the message lists those there are.
            ArgumentError: If `out` is there already, or the corpus has nothing that this format holds.
            MissingExtraError: If the format needs a library that is not installed.
        """
        # Writers stand above this module: they take a corpus.
        made: Exported = import_module("corpus_tools.exchange").export(self, format, out, layers=layers)
        return made

    @property
    def work(self) -> Work:
        """The corpus as a citation names it, without its modules."""
        of_modules = {name for module in self.modules for name in module.scheme.layers}
        own = {name: layer for name, layer in self.scheme.layers.items() if name not in of_modules}
        return work_of(self.metadata, version=self.version, content_sha256=self.content_sha256, layers=own)

    def cite(
        self,
        format: str = "apa",  # noqa: A002
        *,
        layers: str | Iterable[str] | None = None,
        passage: str | None = None,
    ) -> str:
        """The citation of this version of the corpus, and of the modules loaded with it.

        Args:
            format: `"apa"` (plain text), `"bibtex"` (BibLaTeX in UTF-8), `"csl"` (CSL-JSON) or `"ris"`.
            layers: The layers used, to name them and add the publications that they follow: names, one name, or
                `"all"`; the corpus alone where omitted.
            passage: A passage to name with its quote and its reference, in any form that `passage` takes.

        Raises:
            UnknownNameError: If there is no such format or layer; the message lists those there are.
            PassageError: As for `passage`.
        """
        found = None if passage is None else self.passage(passage)
        works = [self.work, *(module.work for module in self.modules)]
        return cite(works, style=format, layers=layers, passage=found)

    def passage(self, reference: str) -> Passage:
        """A passage of this version of the corpus.

        Args:
            reference: The id of a text, a stretch of one such as `c4:12-80` (code points from 0, end-exclusive), the id
                of an annotated unit such as `structure-9`, or a full reference.

        Raises:
            PassageError: If it cannot be read, is of another corpus or version, or points to nothing or to other
                characters than were cited.
        """
        return find_passage(self, reference)

    @property
    def sizes(self) -> str:
        """How many articles, comments and authors there are, and which layers, in words."""
        sizes = {
            name: self.scan(name).select(pl.len()).collect().item() for name in ("articles", "comments", "authors")
        }
        counts = ", ".join(counted(n, name.removesuffix("s")) for name, n in sizes.items())
        return f"{counts}; layers: {listed(self.layers)}"

    def __str__(self) -> str:
        modules = f"; modules: {listed(self.modules)}" if self.modules else ""
        return f"{self.metadata.title} {self.version}: {self.sizes}{modules}"


def table_names(scheme: Scheme) -> list[str]:
    """Every loadable name: tables, and the parts of tables stored in parts."""
    return [name for table in scheme.tables.values() for name in (table.name, *table.parts)]


def find_table(scheme: Scheme, name: str) -> tuple[Table, str | None]:
    """The table behind a name, and the part of it that is meant.

    Raises:
        UnknownNameError: If there is none; the message lists those there are.
    """
    for table in scheme.tables.values():
        if name == table.name:
            return table, None
        if name in table.parts:
            return table, name
    raise UnknownNameError("table", name, table_names(scheme))


@dataclass(frozen=True, slots=True)
class JoinedFrames:
    """The rows of a corpus with those of a module beside them."""

    corpus: Frames
    module: Module

    def scan(self, table: Table, split: str) -> pl.LazyFrame:
        """One split of a table, lazily."""
        added = self.module.rows(table, split)
        if added is None:
            return self.corpus.scan(table, split)
        if table.layer is not None:
            return added.lazy()
        return pl.concat([self.corpus.scan(table, split), added.lazy().select(table.schema.names())])


def find_corpus() -> Path:
    """The shipped corpus: the environment's choice, then the checkout, then the installed package.

    Raises:
        NotACorpusError: If none of the three is there.
    """
    chosen = os.environ.get(ENVIRONMENT)
    if chosen:
        if not (Path(chosen) / "corpus.toml").is_file():
            raise NotACorpusError(f"{ENVIRONMENT} is set to {chosen!r}, which is no folder with a corpus.toml")
        return Path(chosen)
    package = Path(__file__).parent
    checkout = [package.parents[1] / "corpus"] if package.parent.name == "src" else []
    places = [*checkout, package / "_corpus"]
    for place in places:
        if (place / "corpus.toml").is_file():
            return place
    raise NotACorpusError(
        f"the shipped corpus was not found in {listed(places)}; "
        f"install the package again, or set {ENVIRONMENT} to a corpus folder"
    )


def versions(folder: str | Path | None = None) -> list[str]:
    """The released versions of a corpus, oldest first.

    Raises:
        NotACorpusError: If the folder is no corpus.
    """
    path = Path(folder) if folder is not None else find_corpus()
    if not (path / "corpus.toml").is_file():
        read_metadata(path)
    found = []
    for release in (path / RELEASES).glob("[!.]*"):
        try:
            found.append((version_key(release.name), release.name))
        except ValueError:
            continue
    return [name for _, name in sorted(found)]


def load(
    folder: str | Path | None = None,
    version: str | None = None,
    *,
    modules: str | Path | Iterable[str | Path] = (),
    verify: bool = True,
) -> Corpus:
    """Load a corpus, offline unless a module is to be fetched.

    Args:
        folder: A corpus folder; the shipped corpus where omitted.
        version: A released version, or `"draft"` for the hand-edited files as they stand; the newest release where
            omitted.
        modules: Layers that others made over this corpus: folders, or datasets on the Hugging Face Hub, `org/name` or
            `org/name@v1.0.0`. A folder wins where both are there.
        verify: Compare every released file of the corpus with its checksum first.

    Raises:
        NotACorpusError: If the folder is no corpus.
        VersionError: If there is no such release; the message lists those there are.
        ReleaseError: If the release is incomplete.
        ChecksumError: If a released file is not what was released; the message names it.
        ModuleError: If a module is none, belongs to another corpus, version or text, or has a row that does not hold.
        HubError: If a module is not a folder and the Hub does not give it.
        MissingExtraError: If a module is on the Hub and `huggingface_hub` is not installed.
    """
    corpus = _load_alone(Path(folder) if folder is not None else find_corpus(), version, verify=verify)
    for place in [modules] if isinstance(modules, str | Path) else modules:
        corpus = _with_module(corpus, open_module(place, corpus))
    return corpus


def _with_module(corpus: Corpus, module: Module) -> Corpus:
    layers = {**corpus.scheme.layers, **module.scheme.layers}
    return replace(
        corpus,
        scheme=Scheme(fixed=corpus.scheme.fixed, layers=layers),
        modules=(*corpus.modules, module),
        _frames=JoinedFrames(corpus._frames, module),
    )


def _load_alone(path: Path, version: str | None, *, verify: bool) -> Corpus:
    if version == DRAFT:
        draft = Folder(path)
        return Corpus(path, DRAFT, draft.metadata, draft.scheme, None, draft)
    known = versions(path)
    if not known:
        raise VersionError(
            f"{path} holds no release yet; make one with: corpus-tools release {read_metadata(path).version} {path}, "
            'or load the hand-edited files with version="draft"'
        )
    version = version or known[-1]
    if version not in known:
        raise VersionError(f"release {version!r} is not in {path}; it holds {listed(known)}")
    release = path / RELEASES / version
    if verify:
        verify_release(release)
    corpus = open_release(path, release)
    if corpus.version != version:
        raise ReleaseError(f"{release} holds release {corpus.version}; a release keeps the name of its version")
    return corpus


def open_release(folder: Path, release: Path) -> Corpus:
    """The corpus that the files of one release make up; errors as for `load`, without verifying."""
    scheme = read_scheme(release / "scheme", fixed=release / "scheme" / FIXED_TABLES.name)
    manifest = read_manifest(release)
    frames = ReleasedFrames(release)
    return Corpus(folder, manifest["version"], read_metadata(release), scheme, manifest["content_sha256"], frames)
