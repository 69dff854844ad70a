"""Carrying out what was planned: for each release one commit, a look at what arrived, then the tag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from corpus_tools.errors import HubError
from corpus_tools.release.hub.plan import ATTRIBUTES, PushPlan, Step, plan_push
from corpus_tools.release.hub.repository import BRANCH, Repository


def push(
    folder: str | Path | None,
    repo_id: str,
    *,
    revision: str | None = None,
    private: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> PushPlan:
    """Push the releases of a corpus to a dataset repository of the Hugging Face Hub.

    Each release that has no tag there yet becomes one commit on `main` that holds its folder image, and a tag such as
    `v1.0.0`; oldest first, so that `main` ends with the newest. A push that was cut short can be made again: what has
    arrived is not sent again, and no tag stands before its commit is whole.

    Args:
        folder: As for `plan_push`, as are `repo_id`, `revision` and `private`.
        repo_id: See there.
        revision: See there.
        private: See there.
        progress: Called with the name of each step as it begins.

    Returns:
        What was planned, and is now done.

    Raises:
        CorpusError: As for `plan_push`; a `HubError` as well if an upload fails, which leaves no tag.
    """
    plan = plan_push(folder, repo_id, revision=revision, private=private)
    carry_out(plan, progress=progress)
    return plan


def carry_out(plan: PushPlan, *, progress: Callable[[str], None] = lambda step: None) -> None:
    """Push what was planned. Errors and `progress` as for `push`."""
    if not plan.steps:
        return
    repository, state = plan.repository, plan.state
    if state is None:
        progress("create the repository")
        repository.create(private=plan.private)
        state = repository.state()
    if state is None:
        raise HubError(f"{plan.url} was created and cannot be seen; push again later")
    head = state.head
    for step in plan.steps:
        progress(f"upload {step.tag}")
        head = _commit(repository, step, parent=head)
        progress(f"tag {step.tag}")
        repository.tag(step.tag, head, message=f"Release {step.image.release.version}")


def _commit(repository: Repository, step: Step, *, parent: str) -> str:
    """Commit one image and look whether it arrived whole; returns the commit."""
    files, release = step.image.files, step.image.release
    commit = parent
    # An earlier push may have been cut short between the commit and its tag.
    if step.uploads or step.removals:
        commit = repository.commit(
            {path: files[path] for path in step.uploads},
            step.removals,
            parent=parent,
            title=f"Release {release.version}",
            description=f"content-sha256:{release.content_sha256}",
        )
    there = repository.files(commit)
    wrong = {path for path, file in files.items() if not file.is_known_as(there.get(path))}
    wrong |= set(there) - set(files) - {ATTRIBUTES}
    if wrong:
        raise HubError(
            f"{repository.url}: {BRANCH} does not hold what was sent for {step.tag} (first difference: {min(wrong)}); "
            "no tag was set, push again"
        )
    return commit
