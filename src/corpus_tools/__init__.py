"""The Syria Talks Thread Corpus and tools for corpora of its form.

    import corpus_tools as ct
    corpus = ct.load()          # the shipped corpus, newest release
    corpus.comments             # a polars data frame

Everything is imported when it is first used, so `import corpus_tools` itself costs next to nothing.
"""

from __future__ import annotations

import importlib

# Type checkers take this name for true; importing it from typing would double the cost of this import.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from corpus_tools import (
        agreement,
        annotate,
        bench,
        charts,
        citation,
        describe,
        errors,
        exchange,
        generated,
        history,
        ingest,
        measures,
        modules,
        reading,
        release,
        reproduce,
        scaffold,
        scheme,
        site,
        standoff,
        tokens,
        validate,
    )
    from corpus_tools.citation import Passage
    from corpus_tools.corpus import Corpus, load, versions
    from corpus_tools.errors import CaveatWarning, CorpusError
    from corpus_tools.history import diff, migrate
    from corpus_tools.passages import resolve
    from corpus_tools.reproduce import published

__all__ = [
    "CaveatWarning",
    "Corpus",
    "CorpusError",
    "Passage",
    "agreement",
    "annotate",
    "bench",
    "charts",
    "citation",
    "describe",
    "diff",
    "errors",
    "exchange",
    "generated",
    "history",
    "ingest",
    "load",
    "measures",
    "migrate",
    "modules",
    "published",
    "reading",
    "release",
    "reproduce",
    "resolve",
    "scaffold",
    "scheme",
    "site",
    "standoff",
    "tokens",
    "validate",
    "versions",
]

# Name -> where it is defined; a module stands for itself.
_HOMES = {
    "CaveatWarning": "errors",
    "Corpus": "corpus",
    "CorpusError": "errors",
    "Passage": "citation",
    "diff": "history",
    "load": "corpus",
    "migrate": "history",
    "published": "reproduce",
    "resolve": "passages",
    "versions": "corpus",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("syria-talks-thread-corpus")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES.get(name, name)}")
    return getattr(module, name) if name in _HOMES else module


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
