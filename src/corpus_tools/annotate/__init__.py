"""Annotating in other tools and in a notebook, scoring and adjudicating; what is made is added as passes of its own."""

from __future__ import annotations

from corpus_tools.annotate.adjudication import Adjudication, Decision, Difference, Version
from corpus_tools.annotate.notebook import Annotator, annotator
from corpus_tools.annotate.passes import Pass, write_pass
from corpus_tools.annotate.scoring import Score, score
from corpus_tools.annotate.tasks import TOOLS, Imported, export_task, import_task

__all__ = [
    "TOOLS",
    "Adjudication",
    "Annotator",
    "Decision",
    "Difference",
    "Imported",
    "Pass",
    "Score",
    "Version",
    "annotator",
    "export_task",
    "import_task",
    "score",
    "write_pass",
]
