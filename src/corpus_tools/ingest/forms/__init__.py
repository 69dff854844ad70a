"""One module per form in which threads arrive; each has a `READER`."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache

from corpus_tools.errors import UnknownNameError, listed
from corpus_tools.ingest.reading import Match, Reader
from corpus_tools.ingest.source import Source

AUTO = "auto"
MODULES = (
    "plain_text",
    "blogger_page",
    "blogger_export",
    "wordpress_export",
    "wordpress_page",
    "disqus",
    "reddit",
    "hacker_news",
    "discourse",
    "mastodon",
    "youtube",
    "schema_org",
    "microformats",
    "convokit",
    "socc",
    "table",
    "web_page",
)


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader, by the name of its form."""
    found = (importlib.import_module(f"{__name__}.{name}").READER for name in MODULES)
    return {reader.form: reader for reader in found}


def choose(source: Source, form: str = AUTO) -> tuple[Reader, str]:
    """The reader for a source, and why it was taken.

    Raises:
        UnknownNameError: If no form is called `form`; the message lists those there are.
        IngestError: If the source looks like no form, or like several; the message says which and why.
    """
    known = readers()
    if form != AUTO:
        if form not in known:
            raise UnknownNameError("form", form, known)
        return known[form], "it was named"
    found: list[tuple[Reader, Match]] = []
    for reader in known.values():
        match = reader.recognise(source)
        if match is not None:
            found.append((reader, match))
    if not found:
        hint = "; unpack the archive first, or save the sheet as CSV" if source.is_zip else ""
        raise source.error(f"looks like no form that can be read{hint}; name one with --form: {listed(known)}")
    strongest = max(match.strength for _, match in found)
    best = [(reader, match) for reader, match in found if match.strength == strongest]
    if len(best) > 1:
        reasons = "; ".join(f"{reader.form} ({match.reason})" for reader, match in best)
        raise source.error(f"looks like several forms: {reasons}; name the right one with --form")
    [(reader, match)] = best
    return reader, match.reason
