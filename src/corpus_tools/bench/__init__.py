"""The benchmark: what the measures cost beside `wc -w` and beside other tools, on one collection, in one run.

    python -m corpus_tools.bench                  # build the collection, run everything, print the table
    corpus_tools.bench.stored()                   # the table that came with this version

Each figure is of a whole process, from its start to its end, with its imports, because `wc` is a whole process too.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from corpus_tools.bench.results import machine, markdown, stored, stored_machine

__all__ = ["machine", "markdown", "stored", "stored_machine"]


def __getattr__(name: str) -> Any:
    # The process that measures imports this package and must stay small: see `harness`.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.results"), name)
