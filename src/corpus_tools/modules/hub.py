"""Where a module lies: a folder, or a dataset repository of the Hugging Face Hub."""

from __future__ import annotations

import re
from pathlib import Path

from corpus_tools.errors import HubError, MissingExtraError, ModuleError
from corpus_tools.modules.metadata import FILE

HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(?:@(?P<revision>\S+))?", re.ASCII)
PARTS = (FILE, "scheme/*", "guidelines/*", "annotations/*")
"""What a module needs of its repository; a star stands for slashes as well."""


def find_module(place: str | Path) -> tuple[Path, str]:
    """The folder of a module, and what to call its place: the path, or the Hub id with its revision.

    Args:
        place: A folder, which wins where there is one; or the id of a dataset repository, `org/name` or
            `org/name@revision`.

    Raises:
        ModuleError: If it is neither.
        HubError: If the Hub or its cache does not give the repository.
        MissingExtraError: If it is on the Hub and `huggingface_hub` is not installed.
    """
    if Path(place).exists():
        return Path(place), str(place)
    match = HUB_ID.fullmatch(place) if isinstance(place, str) else None
    if match is None:
        raise ModuleError(
            f"there is no folder {str(place)!r}; a module is a folder, or a dataset on the Hugging Face Hub, "
            "called org/name or org/name@v1.0.0"
        )
    folder = _download(match["repository"], match["revision"])
    # A snapshot is called by its commit.
    return folder, f"{match['repository']}@{match['revision'] or folder.name}"


def _download(repository: str, revision: str | None) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise MissingExtraError("huggingface_hub", "hub") from None
    shown = f"{repository}@{revision}" if revision else repository
    try:
        return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=list(PARTS)))
    except Exception as problem:
        # What the client raises comes from three libraries and has no base of its own.
        reason = (str(problem).strip() or type(problem).__name__).splitlines()[0]
        raise HubError(
            f"the module {shown} is no folder here and cannot be had from the Hugging Face Hub: {reason}"
        ) from None
