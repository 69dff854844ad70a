"""Running rules over a module: those about layers, since texts and releases are those of its corpus."""

from __future__ import annotations

from pathlib import Path

from corpus_tools.corpus import load, versions
from corpus_tools.errors import SchemeError
from corpus_tools.modules import ModuleFolder, find_module, read_module_metadata, refuse_other_corpus
from corpus_tools.validate.rule import Finding
from corpus_tools.validate.run import find_rules, run_rules, unreadable

OF_CORPORA = ("E2", "E4", "E320", "W101", "W103", "W303")
"""How the codes of rules begin that speak of texts or of earlier releases."""


def check_module(place: str | Path, folder: str | Path | None = None, version: str | None = None) -> list[Finding]:
    """Check a module against the rules for layers, over the rows of the corpus that it annotates.

    Args:
        place: A folder, or a Hub id such as `org/name@v1.0.0`.
        folder: The corpus folder; the shipped corpus where omitted.
        version: The release to check it with, which may be one that the module does not name yet; the newest of those
            that it names where omitted.

    Returns:
        The findings, in the order of the rules, with places inside the module's folder; none for a sound module.

    Raises:
        ModuleError: If module.toml cannot be read, or the module is of another corpus, version or text.
        VersionError: If there is no such release.
    """
    path, _ = find_module(place)
    there, _ = releases_of(path, folder)
    # Where there is none, `refuse_other_corpus` says so of the newest of all.
    corpus = load(folder, version or (there[-1] if there else None))
    refuse_other_corpus(path, corpus, any_version=version is not None)
    try:
        source = ModuleFolder(path, corpus)
    except SchemeError as problem:
        return [unreadable("E102", path, problem)]
    return run_rules([rule for rule in find_rules("") if not rule.code.startswith(OF_CORPORA)], source)


def releases_of(place: str | Path, folder: str | Path | None = None) -> tuple[list[str], list[str]]:
    """The releases that a module names: those that the corpus has, oldest first, and those that it does not have.

    Args:
        place: As for `check_module`.
        folder: The corpus folder; the shipped corpus where omitted.

    Raises:
        ModuleError: If module.toml cannot be read.
    """
    path, _ = find_module(place)
    named, released = read_module_metadata(path).corpus.versions, versions(folder)
    return [each for each in released if each in named], [each for each in named if each not in released]
