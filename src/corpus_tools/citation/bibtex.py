r"""BibLaTeX in UTF-8.

The entry types are those of BibLaTeX (`dataset`, `online`, `report`, `thesis`); of two names that it takes for a field,
the one that older BibTeX styles know. Letters stand as they are: Biber, reference managers and every LaTeX since 2018
read UTF-8. Only what LaTeX would take for a command is written as one; addresses stand verbatim. Titles are in a second
pair of braces, so that no style changes their capitals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from corpus_tools.citation.work import Entry, Name

TYPES = {
    "article-journal": "article",
    "book": "book",
    "chapter": "incollection",
    "dataset": "dataset",
    "paper-conference": "inproceedings",
    "report": "report",
    "thesis": "thesis",
    "webpage": "online",
}
CONTAINERS = {
    "article-journal": "journal",
    "chapter": "booktitle",
    "paper-conference": "booktitle",
    "webpage": "organization",
}
"""Type -> the field of what it appeared in; a series where it has none."""
PUBLISHERS = {"report": "institution", "thesis": "institution"}
NEEDED = {"report": "Report", "thesis": "Thesis"}
"""What BibLaTeX asks in `type` where nothing narrower is known."""
# Braces count in BibTeX even behind a backslash, so they are named.
COMMANDS = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}


def bibtex(entries: Sequence[Entry]) -> str:
    """One BibLaTeX entry each."""
    return "\n\n".join(_entry(entry) for entry in entries)


def _entry(entry: Entry) -> str:
    texts = {
        "year": entry.year,
        "type": NEEDED.get(entry.type, ""),
        CONTAINERS.get(entry.type, "series"): entry.container,
        "volume": entry.volume,
        "number": entry.issue,
        "pages": entry.pages.replace("-", "--"),
        PUBLISHERS.get(entry.type, "publisher"): entry.publisher,
        "version": entry.version,
    }
    fields = {
        "author": " and ".join([*map(_name, entry.names), *(["others"] if entry.more_names else [])]),
        "title": f"{{{escaped(entry.title)}}}",
        **{field: escaped(value) for field, value in texts.items()},
        "doi": _verbatim(entry.doi),
        "url": _verbatim(entry.url),
        "note": escaped(entry.full_note),
    }
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@{TYPES[entry.type]}{{{entry.key},\n{lines}}}"


def escaped(text: str) -> str:
    """A text that LaTeX prints as it is."""
    return "".join(COMMANDS.get(char, char) for char in " ".join(text.split()))


def _verbatim(address: str) -> str:
    """An address that may stand between braces as it is."""
    return re.sub(r"[{}\\\s]", lambda match: quote(match[0]), address)


def _name(name: Name) -> str:
    """Braces keep a group whole, and a part of a name that holds a comma or the word that parts names."""
    if name.group:
        return f"{{{escaped(name.group)}}}"
    parts = [escaped(part) for part in (name.family, name.suffix, name.given) if part]
    return ", ".join(f"{{{part}}}" if "," in part or " and " in f" {part} " else part for part in parts)
