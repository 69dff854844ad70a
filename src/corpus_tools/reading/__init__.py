"""Annotated text: as HTML that needs no script, and as a notebook widget.

What is shown is the source, and labels lie around it. Everything from a corpus is escaped, so markup or script in a
comment is shown, never run. Taking the labels (the elements of class `ct-label`) out of the body of a text leaves
exactly its characters.
"""

from __future__ import annotations

from corpus_tools.reading.body import annotated
from corpus_tools.reading.interactive import widget
from corpus_tools.reading.lines import COLOURS, TINTS
from corpus_tools.reading.page import Html, thread

__all__ = ["COLOURS", "TINTS", "Html", "annotated", "thread", "widget"]
