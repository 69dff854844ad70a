"""RIS, in UTF-8: one tag per line, each record closed by `ER`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus_tools.citation.work import Entry

TYPES = {
    "article-journal": "JOUR",
    "book": "BOOK",
    "chapter": "CHAP",
    "dataset": "DATA",
    "paper-conference": "CPAPER",
    "report": "RPRT",
    "thesis": "THES",
    "webpage": "ELEC",
}


def ris(entries: Sequence[Entry]) -> str:
    """One record each."""
    return "\n".join(line for entry in entries for line in _record(entry))


def _record(entry: Entry) -> Iterator[str]:
    yield f"TY  - {TYPES[entry.type]}"
    first, _, last = entry.pages.partition("-")
    tags = [
        ("ID", entry.key),
        *(("AU", name.inverted) for name in entry.names),
        ("TI", entry.title),
        ("PY", entry.year),
        ("DA", entry.date.replace("-", "/") if "-" in entry.date else ""),
        ("T2", entry.container),
        ("ET", entry.version),
        ("VL", entry.volume),
        ("IS", entry.issue),
        ("SP", first),
        ("EP", last),
        ("PB", entry.publisher),
        ("DO", entry.doi),
        # A semicolon would divide two addresses.
        ("UR", entry.url.replace(";", "%3B")),
        ("N1", entry.note_with_names),
    ]
    for tag, text in tags:
        if text:
            yield f"{tag}  - {' '.join(text.split())}"
    yield "ER  - "
