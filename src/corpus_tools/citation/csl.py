"""CSL-JSON, which processors of the Citation Style Language 1.0.2 and reference managers read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from corpus_tools.citation.work import Entry, Name


def csl(entries: Sequence[Entry]) -> str:
    """The entries as a list in JSON."""
    return json.dumps([_item(entry) for entry in entries], indent=2, ensure_ascii=False)


def _item(entry: Entry) -> dict[str, Any]:
    authors = [_name(name) for name in entry.names]
    item: dict[str, Any] = {"id": entry.key, "type": entry.type, "author": authors, "title": entry.title}
    if entry.date:
        item["issued"] = {"date-parts": [[int(part) for part in entry.date.split("-")]]}
    elif entry.version:
        item["status"] = "draft"
    # A chapter or paper appeared in its container; of a book or report it is the series.
    container = "collection-title" if entry.type in ("book", "report") else "container-title"
    number = "number" if entry.type == "report" else "issue"
    texts = {
        "version": entry.version,
        container: entry.container,
        "volume": entry.volume,
        number: entry.issue,
        "page": entry.pages,
        "publisher": entry.publisher,
        "DOI": entry.doi,
        "URL": entry.url,
        "note": entry.note_with_names,
    }
    return item | {key: text for key, text in texts.items() if text}


def _name(name: Name) -> dict[str, str]:
    if name.group:
        return {"literal": name.group}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {key: part for key, part in parts.items() if part}
