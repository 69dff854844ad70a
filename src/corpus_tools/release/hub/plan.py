"""What a push would do: everything that can be known and checked before a byte is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus_tools.corpus import Corpus, find_corpus, load, versions
from corpus_tools.errors import HubError, VersionError, counted, listed
from corpus_tools.metadata import VERSION, version_key
from corpus_tools.release.hub.image import Image, image_of, release_files
from corpus_tools.release.hub.repository import Repository, State
from corpus_tools.released import RELEASES, SUMS

ATTRIBUTES = ".gitattributes"
"""Says which files of the repository are large; it is the Hub's own."""
STARTERS = (ATTRIBUTES, "README.md")
"""What a repository holds that was just made on the Hub's pages."""


@dataclass(frozen=True, slots=True)
class Step:
    """One release that goes to the Hub: a commit, then its tag."""

    image: Image
    uploads: tuple[str, ...]
    """The files that are new or differ from the step before, or from what is there."""
    removals: tuple[str, ...]
    """The files that are there and not in the image."""

    @property
    def tag(self) -> str:
        """The tag that it gets."""
        return tag_of(self.image.release.version)

    @property
    def n_bytes(self) -> int:
        """Bytes in `uploads`."""
        return sum(self.image.files[path].size for path in self.uploads)

    def __str__(self) -> str:
        removed = f", {len(self.removals)} to remove" if self.removals else ""
        sizes = f"{counted(len(self.uploads), 'file')} to upload ({self.n_bytes:,} bytes){removed}"
        return "\n".join([f"{self.tag}: {sizes}", *(f"  {note}" for note in self.image.notes)])


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push would do. Make it with `plan_push`."""

    url: str
    user: str
    private: bool
    """Whether the dataset is, or will be, private."""
    licence: str
    """What corpus.toml says about the text."""
    steps: tuple[Step, ...]
    """Oldest release first."""
    skipped: tuple[str, ...]
    """Versions without a tag that are older than what is on the Hub: they can have none without `main` going back."""
    state: State | None = field(repr=False)
    """What is there; None where the dataset has yet to be made."""
    repository: Repository = field(repr=False)

    def __str__(self) -> str:
        seen = "private" if self.private else "public, everybody can read it"
        lines = [
            f"{self.url} ({'there already' if self.state else 'new'}, {seen}), as {self.user}",
            f"terms of the text: {self.licence}",
            *map(str, self.steps),
        ]
        if self.skipped:
            lines.append(f"without a tag, since a newer release is there already: {listed(self.skipped)}")
        if not self.steps:
            lines.append("nothing to push: every release that can have a tag has it")
        return "\n".join(lines)


def plan_push(
    folder: str | Path | None, repo_id: str, *, revision: str | None = None, private: bool = False
) -> PushPlan:
    """Check everything that `push` needs, and say what it would do; nothing is changed.

    Args:
        folder: A corpus folder; the shipped corpus where None.
        repo_id: `org/name`, a dataset repository that need not be there yet.
        revision: One release, `v1.0.0` or `1.0.0`; every release that has no tag on the Hub yet where omitted.
        private: Make the repository private. One that is there is left as it is, and must be private already.

    Raises:
        MissingExtraError: If `huggingface_hub` is not installed.
        ArgumentError: If `repo_id` is no id of a dataset repository.
        VersionError: If there is no such release.
        ReleaseError: If a release is not whole, or a file of it is not what was released.
        HubError: If the Hub refuses or cannot be reached; if the repository holds something else, a tag there holds
            another release of this version, or the release is older than one there.
    """
    path = Path(folder) if folder is not None else find_corpus()
    wanted = _wanted(path, revision)
    releases = {version: load(path, version) for version in versions(path)}
    repository = Repository(repo_id)
    state = repository.state()
    if state is not None:
        _check_state(repository, state, path, list(releases), private=private)
        wanted = [version for version in wanted if tag_of(version) not in state.tags]
    newest = _newest(state)
    skipped = [version for version in wanted if newest and version_key(version) < version_key(newest)]
    if revision and skipped:
        raise HubError(
            f"{repository.url} holds {tag_of(str(newest))}, and {skipped[0]} is older: its main would go back; "
            f"release {skipped[0]} stands in releases/ of every later release"
        )
    return PushPlan(
        url=repository.url,
        user=repository.user,
        private=state.private if state else private,
        licence=list(releases.values())[-1].metadata.licences["text"],
        steps=tuple(_steps([releases[version] for version in wanted if version not in skipped], state)),
        skipped=tuple(skipped),
        state=state,
        repository=repository,
    )


def tag_of(version: str) -> str:
    """The tag of a release: `v1.0.0`."""
    return f"v{version}"


def _wanted(folder: Path, revision: str | None) -> list[str]:
    known = versions(folder)
    if revision is None:
        # A folder without a release is an error of `load`, which says how to make one.
        return known or [load(folder).version]
    version = revision.removeprefix("v")
    if version not in known:
        raise VersionError(f"release {version!r} is not in {folder}; it holds {listed(known)}")
    return [version]


def _newest(state: State | None) -> str | None:
    """The newest version that has a tag on the Hub."""
    tags = state.tags if state else ()
    found = [tag[1:] for tag in tags if VERSION.fullmatch(tag[1:]) and tag == tag_of(tag[1:])]
    return max(found, key=version_key, default=None)


def _steps(releases: Iterable[Corpus], state: State | None) -> Iterator[Step]:
    """Each release as a change to the one before it, the first as a change to what is there."""
    before: Mapping[str, str] = state.files if state else {}
    for release in releases:
        image = image_of(release)
        uploads = tuple(path for path, file in image.files.items() if not file.is_known_as(before.get(path)))
        yield Step(image, uploads, tuple(sorted(set(before) - set(image.files) - {ATTRIBUTES})))
        before = {path: file.sha256 for path, file in image.files.items()}


def _check_state(repository: Repository, state: State, folder: Path, known: Sequence[str], *, private: bool) -> None:
    if private and not state.private:
        raise HubError(f"{repository.url} is public; make it private in its settings, or choose another name")
    for version in known:
        if tag_of(version) in state.tags:
            _check_tag(repository, folder, version)
    foreign = sorted(set(state.files) - set(STARTERS))
    if foreign and not any(_holds(state.files, folder, version) for version in known):
        raise HubError(
            f"{repository.url} holds something else than this corpus ({counted(len(foreign), 'file')}, the first: "
            f"{foreign[0]}), which a push would remove; choose another name"
        )


def _holds(files: Mapping[str, str], folder: Path, version: str) -> bool:
    sums = f"{RELEASES}/{version}/{SUMS}"
    return release_files(folder, version)[sums].is_known_as(files.get(sums))


def _check_tag(repository: Repository, folder: Path, version: str) -> None:
    """A tag is never moved, so what it holds must be the release of that version, file by file."""
    place = f"{RELEASES}/{version}/"
    there = {path: id_ for path, id_ in repository.files(tag_of(version)).items() if path.startswith(place)}
    own = release_files(folder, version)
    differing = [
        path for path in sorted({*there, *own}) if path not in own or not own[path].is_known_as(there.get(path))
    ]
    if differing:
        raise HubError(
            f"{repository.url}: tag {tag_of(version)} holds another release {version} than {folder} "
            f"(first difference: {differing[0]}); a tag is never moved, so release this one as another version"
        )
