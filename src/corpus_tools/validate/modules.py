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
    corpus = load(folder, version or _newest(path, folder))
    refuse_other_corpus(path, corpus, any_version=version is not None)
    try:
        source = ModuleFolder(path, corpus)
    except SchemeError as problem:
        return [unreadable("E102", path, problem)]
    return run_rules([rule for rule in find_rules("") if not rule.code.startswith(OF_CORPORA)], source)


def _newest(path: Path, folder: str | Path | None) -> str | None:
    """The newest release that a module is for; the newest of all, for `refuse_other_corpus`, where it is for none."""
    bound = read_module_metadata(path).corpus
    there = [version for version in versions(folder) if version in bound.versions]
    return there[-1] if there else None
