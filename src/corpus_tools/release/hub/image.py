"""The folder image of a release: what a corpus folder held when that release was its newest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from corpus_tools.citation import citation_file
from corpus_tools.content import content_sha256
from corpus_tools.corpus import Corpus, versions
from corpus_tools.errors import CorpusError, ReleaseError
from corpus_tools.files import read_utf8, sha256_of
from corpus_tools.folder import LOSSES, Folder
from corpus_tools.history.changelog import ENTRY
from corpus_tools.metadata import FILE, VERSION, version_key
from corpus_tools.release.build import build_tables
from corpus_tools.release.card import CHANGELOG, LICENCE
from corpus_tools.release.pages import release_pages
from corpus_tools.released import RELEASES, SUMS, whole_release

CITATION = "CITATION.cff"


@dataclass(frozen=True)
class File:
    """One file of an image: bytes, or the place where they lie."""

    source: Path | bytes

    @cached_property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """By which the Hub knows large files."""
        return hashlib.sha256(self.source).hexdigest() if isinstance(self.source, bytes) else sha256_of(self.source)

    @cached_property
    def blob(self) -> str:
        """The SHA-1 of git, by which the Hub knows the others."""
        raw = self.source if isinstance(self.source, bytes) else self.source.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(raw) + raw, usedforsecurity=False).hexdigest()

    def is_known_as(self, id_: str | None) -> bool:
        """Whether an id, of whichever of the two kinds, is that of these bytes."""
        return id_ is not None and id_ == (self.sha256 if len(id_) == 64 else self.blob)


@dataclass(frozen=True, slots=True)
class Image:
    """The folder image of one release."""

    release: Corpus
    files: Mapping[str, File]
    """Path in the folder, with forward slashes -> file, sorted by path."""
    notes: tuple[str, ...]
    """What the image lacks, each in a sentence."""


def release_files(folder: Path, version: str) -> dict[str, File]:
    """The files of one release and the list of their checksums, by their paths in the corpus folder.

    Raises:
        ReleaseError: If the release is not whole.
    """
    place = folder / RELEASES / version
    return {f"{RELEASES}/{version}/{name}": File(place / name) for name in (*whole_release(place), SUMS)}


def image_of(release: Corpus) -> Image:
    """The folder image of a release.

    It holds this release and those before it, its metadata, scheme and guidelines, the pages made from it, the sources
    as they were, the changelog up to it and the licence. The published tables belong to the newest release and come
    with it alone; the hand-edited texts and annotations come where they build to the content of the release.

    Raises:
        CorpusError: If a release is not whole, or a page cannot be made.
    """
    folder = release.folder
    known = versions(folder)
    files: dict[str, File] = {}
    for version in known[: known.index(release.version) + 1]:
        files |= release_files(folder, version)
    pages = release_pages(release)
    pages[CITATION] = citation_file(release.metadata, content_sha256=release.content_sha256)
    files |= {name: File(content.encode("utf-8")) for name, content in pages.items()}
    files |= dict(_declarations(release))
    files |= dict(_words_about(release))
    if release.version == known[-1]:
        tables = (path for path in sorted(folder.glob("results/[!.]*/[!.]*.csv")) if path.is_file())
        files |= {path.relative_to(folder).as_posix(): File(path) for path in tables}
    hand_edited, notes = _hand_edited(release)
    files |= hand_edited
    _refuse_foreign(folder, files)
    return Image(release, dict(sorted(files.items())), notes)


def _refuse_foreign(folder: Path, files: Mapping[str, File]) -> None:
    """A link out of the folder must not publish what it leads to; a snapshot of the Hub is links into its cache."""
    inside = folder.resolve()
    blobs = inside.parents[1] / "blobs" if inside.parent.name == "snapshots" else inside
    for path, file in files.items():
        if isinstance(file.source, Path) and not {inside, blobs} & set(file.source.resolve().parents):
            raise ReleaseError(
                f"{folder / path} leads out of the corpus, to {file.source.resolve()}; put the file itself there"
            )


def changelog_until(text: str, version: str) -> str:
    """A changelog without the sections of later versions and of none, such as "Unreleased"."""
    starts = [(entry.start(), entry[1]) for entry in ENTRY.finditer(text)]
    kept = [text[: starts[0][0]] if starts else text]
    for (start, named), end in zip(starts, [*(place for place, _ in starts[1:]), len(text)], strict=True):
        if VERSION.fullmatch(named) and version_key(named) <= version_key(version):
            kept.append(text[start:end])
    return "".join(kept).rstrip() + "\n"


def _declarations(release: Corpus) -> Iterator[tuple[str, File]]:
    """Metadata, scheme and guidelines as they were released."""
    place = release.folder / RELEASES / release.version
    yield FILE, File(place / FILE)
    for layer in release.scheme.layers.values():
        yield f"scheme/{layer.name}.toml", File(place / "scheme" / f"{layer.name}.toml")
        guideline = place / "guidelines" / f"{layer.name}.md"
        if guideline.is_file():
            yield layer.guideline, File(guideline)


def _words_about(release: Corpus) -> Iterator[tuple[str, File]]:
    """The licence, and the changelog as it was."""
    if (release.folder / LICENCE).is_file():
        yield LICENCE, File(release.folder / LICENCE)
    changelog = release.folder / CHANGELOG
    if changelog.is_file():
        text = read_utf8(changelog, lambda path, problem: ReleaseError(f"{path}: {problem}"))
        yield CHANGELOG, File(changelog_until(text, release.version).encode("utf-8"))


def _hand_edited(release: Corpus) -> tuple[dict[str, File], tuple[str, ...]]:
    """Sources, texts and annotations as far as they are still those of the release; and what is left out."""
    source = Folder(release.folder, metadata=release.metadata, scheme=release.scheme)
    files, notes = {}, []
    for entry in release.metadata.records["sources"]:
        path = source.source_path(str(entry.get("source_id")))
        if path is not None and File(path).sha256 == entry.get("sha256"):
            files[source.relative(path)] = File(path)
            report = source.path / "sources" / f"{entry.get('source_id')}{LOSSES}"
            files |= {source.relative(report): File(report)} if report.is_file() else {}
        else:
            notes.append(f"{entry.get('file')} is not the source that {release.version} was made from and is left out.")
    if _builds(source, release):
        tables = source.scheme.tables.values()
        paths = [path for table in tables for split in table.splits for path in source.files(table, split)]
        files |= {source.relative(path): File(path) for path in paths}
    else:
        notes.append(
            f"texts/ and annotations/ do not build to the content of {release.version} and are left out; "
            "their rows stand in the release."
        )
    return files, tuple(notes)


def _builds(source: Folder, release: Corpus) -> bool:
    try:
        return content_sha256(build_tables(source)) == release.content_sha256
    except CorpusError:
        # A file that cannot be read under the scheme of the release was edited after it.
        return False
