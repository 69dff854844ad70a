"""What changed between versions of a corpus: compared, counted, told, and annotations carried along.

`diff` finds everything in which two versions differ. From that follow the step of the version that a release has to
take (`Step`, `Reason`, `least_version`; the rules stand in `versioning.md` beside this module), and the entry of the
changelog (`changelog_entry`, `with_entry`). `migrate` carries rows of one's own from one version to another.
"""

from __future__ import annotations

from corpus_tools.history.changelog import changelog_entry, with_entry
from corpus_tools.history.compare import beginning, diff
from corpus_tools.history.differences import Differences
from corpus_tools.history.migration import Migration, migrate
from corpus_tools.history.summary import asked_for, summary_lines
from corpus_tools.history.versioning import Reason, Step, least_version

__all__ = [
    "Differences",
    "Migration",
    "Reason",
    "Step",
    "asked_for",
    "beginning",
    "changelog_entry",
    "diff",
    "least_version",
    "migrate",
    "summary_lines",
    "with_entry",
]
