"""A dataset repository on the Hugging Face Hub, through its own client; every failure is a `HubError`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.errors import ArgumentError, HubError, MissingExtraError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from corpus_tools.release.hub.image import File

KIND = "dataset"
BRANCH = "main"
REPO_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
TOKEN = re.compile(r"[!-~]+")
ADVICE = {
    401: "the Hub does not know this token; log in again with: hf auth login, or renew HF_TOKEN",
    403: "this token may not do that: it needs the right to write there, and there must be room",
    404: "there is no such dataset, or this token may not see it",
    409: "the name is taken, by what this token may not see or by what was made just now",
    412: "somebody else changed the dataset in the meantime; push again",
    429: "the Hub asks to wait; push again later",
}
"""Status of a refusal -> what it means here, and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """What a repository holds."""

    private: bool
    head: str
    """The commit at the end of `main`."""
    files: Mapping[str, str]
    """Path -> id, for the files of that commit: SHA-256 of large files, git's SHA-1 of the others."""
    tags: Sequence[str]


class Repository:
    """A dataset repository, whether or not it is there yet.

    Args:
        repo_id: `org/name`.

    Raises:
        MissingExtraError: If `huggingface_hub` is not installed.
        ArgumentError: If that is no id of a repository.
        HubError: If there is no token, or the Hub does not take it.
    """

    def __init__(self, repo_id: str) -> None:
        if REPO_ID.fullmatch(repo_id) is None:
            raise ArgumentError(f"{repo_id!r} is no id of a dataset; one is made of two names, such as org/name")
        self.repo_id = repo_id
        self._api = _client()
        self.url = f"{self._api.endpoint}/datasets/{repo_id}"
        with self._explained("asking whose the token is"):
            self.user = str(self._api.whoami()["name"])

    def state(self) -> State | None:
        """What is there; None where no repository is, or none that this token may see."""
        from huggingface_hub.errors import RepositoryNotFoundError

        with self._explained("looking at it"):
            try:
                found = self._api.dataset_info(self.repo_id, revision=BRANCH)
            except RepositoryNotFoundError:
                return None
            tags = self._api.list_repo_refs(self.repo_id, repo_type=KIND).tags
        head = str(found.sha)
        return State(bool(found.private), head, self.files(head), [tag.name for tag in tags])

    def files(self, revision: str) -> dict[str, str]:
        """Path -> id, as in `State`, for the files of a revision."""
        from huggingface_hub import RepoFile

        with self._explained(f"listing {revision}"):
            tree = self._api.list_repo_tree(self.repo_id, recursive=True, revision=revision, repo_type=KIND)
            files = [entry for entry in tree if isinstance(entry, RepoFile)]
        return {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}

    def create(self, *, private: bool) -> None:
        """Make the repository."""
        with self._explained("creating it"):
            self._api.create_repo(self.repo_id, repo_type=KIND, private=private)

    def commit(
        self, uploads: Mapping[str, File], removals: Sequence[str], *, parent: str, title: str, description: str
    ) -> str:
        """Upload and remove files in one commit on `main`, which must still end with `parent`; returns the commit."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        with self._explained(f"uploading {title}"):
            removed = [CommitOperationDelete(path, is_folder=False) for path in removals]
            added = [CommitOperationAdd(path, file.source) for path, file in uploads.items()]
            # One commit, and not the client's upload of folders, which may make several.
            made = self._api.create_commit(
                self.repo_id,
                [*removed, *added],
                commit_message=title,
                commit_description=description,
                repo_type=KIND,
                parent_commit=parent,
            )
        return str(made.oid)

    def tag(self, name: str, commit: str, *, message: str) -> None:
        """Tag a commit."""
        with self._explained(f"tagging {name}"):
            self._api.create_tag(self.repo_id, tag=name, tag_message=message, revision=commit, repo_type=KIND)

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            # What the client raises comes from several libraries and has no base of its own.
            raise HubError(f"{self.url}: {doing} failed: {_reason(problem)}") from problem


def _client() -> HfApi:
    try:
        from huggingface_hub import HfApi, get_token
    except ImportError:
        raise MissingExtraError("huggingface_hub", "hub") from None
    token = get_token()
    if token is None:
        raise HubError("there is no token for the Hugging Face Hub; log in with: hf auth login, or set HF_TOKEN")
    if TOKEN.fullmatch(token) is None:
        # Sent as it is, it would be printed with the complaint about the header it breaks.
        raise HubError(
            "the token for the Hugging Face Hub holds a blank or another sign that no token has; copy it anew"
        )
    return HfApi(token=token)


def _reason(problem: BaseException) -> str:
    """What went wrong and what to do: a refusal by its status and the Hub's own words, else the client's words."""
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    for error in _chain(problem):
        if isinstance(error, OfflineModeIsEnabled):
            return "offline mode is on; unset HF_HUB_OFFLINE"
        if isinstance(error, HfHubHTTPError):
            return _refusal(error.response.status_code, error.server_message) or _line(str(problem))
        # The bases of that error are the error of its HTTP library, whichever that is, and OSError.
        if isinstance(error, HfHubHTTPError.__bases__):
            words = _line(str(error)) or type(error).__name__
            return f"no answer ({words}); push again later, what has arrived is not sent again"
    return _line(str(problem)) or type(problem).__name__


def _refusal(status: int, words: str | None) -> str | None:
    """What a status of the Hub means, with its own words; None where only the client's words say it."""
    advice = f"the Hub has a fault (status {status}); push again later" if status >= 500 else ADVICE.get(status)
    return f"{advice} (the Hub says: {_line(words)})" if advice and words else advice


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """An error and those that caused it, the first cause last."""
    error: BaseException | None = problem
    while error is not None:
        yield error
        error = error.__cause__


def _line(words: str) -> str:
    return " ".join(words.split())
