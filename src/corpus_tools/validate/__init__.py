"""Checking a corpus folder: numbered rules in, findings out.

Rules read the hand-edited files, not a release: a cell of the wrong type would be lost in a typed frame before it
could be reported. Each rule has a page, `pages/<code>.md`, that says why it holds and how to mend a finding.
"""

from __future__ import annotations

from corpus_tools.validate.modules import check_module, releases_of
from corpus_tools.validate.rule import PAGES, RULES, Finding, Rule, Severity
from corpus_tools.validate.run import explain, find_rules, validate

__all__ = [
    "PAGES",
    "RULES",
    "Finding",
    "Rule",
    "Severity",
    "check_module",
    "explain",
    "find_rules",
    "releases_of",
    "validate",
]
