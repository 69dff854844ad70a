"""From a reference back to the passage."""

from __future__ import annotations

from pathlib import Path

from corpus_tools.citation import Passage, read_place
from corpus_tools.corpus import DRAFT, load, versions
from corpus_tools.errors import PassageError, listed


def resolve(reference: str, *, folder: str | Path | None = None) -> Passage:
    """The passage that a reference names, as `Corpus.cite` gives it.

    Args:
        reference: In full, `corpus@1.0.0:c4:12-80~1a2b3c4d`, or in part as `Corpus.passage` takes it, which is then
            looked up in the newest release.
        folder: A corpus folder; the shipped corpus where omitted.

    Raises:
        PassageError: If it cannot be read, is of another corpus, names a version that is not released, or points to
            nothing or to other characters than were cited.
        CorpusError: If the corpus cannot be loaded, as for `load`.
    """
    place = read_place(reference)
    known = [*versions(folder), DRAFT]
    if place.version is not None and place.version not in known:
        raise PassageError(f"{reference} is of version {place.version}; the corpus here has {listed(known)}")
    return load(folder, place.version).passage(reference)
