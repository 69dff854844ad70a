"""W3C Web Annotations: the whole corpus as one collection in JSON-LD.

Every row is an annotation. A span has two selectors of the same characters, by position and by quote; positions count
Unicode code points, as the Recommendation has it. A relation says of the unit where it starts (its target) that it is
linked to another (a body); a judgement assesses its unit. What the vocabulary has no word for stands under a prefix of
its own, as `column:<table>/<column>`.

Source:
    Sanderson, Ciccarese and Young (eds., 2017), Web Annotation Data Model, W3C Recommendation,
    https://www.w3.org/TR/2017/REC-annotation-model-20170223/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from corpus_tools.citation.work import slug_of
from corpus_tools.corpus import Corpus
from corpus_tools.exchange.annotations import DESCRIBED, not_carried
from corpus_tools.exchange.documents import TEXTS, as_cell
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MOTIVATIONS = {"relation": "linking", "judgement": "assessing", "sentence": "classifying"}
"""Unit of a table -> why its rows are annotations; others tag."""
AROUND = 32
"""Characters quoted before and after a span; more where these do not tell it from others."""


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write the texts and the rows of some tables as one collection of annotations.

    Args:
        corpus: The corpus.
        tables: The tables of layers; those at whose rows theirs end come with them.
        out: The file to be made.

    Returns:
        What the format could not carry, one sentence each.
    """
    base = base_of(corpus)
    languages = dict(corpus.scan("threads").select("thread_id", "language").collect().iter_rows())
    texts: dict[str, str | None] = {}
    items: list[dict[str, Any]] = []
    for name in DESCRIBED:
        table = corpus.scheme.table(name)
        for row in corpus.table(name).iter_rows(named=True):
            items.append(_description(base, table, row, languages))
            if name == TEXTS:
                texts[row["text_id"]] = row["text"]
    for table in tables:
        rows = corpus.table(table.name, split=GOLD).iter_rows(named=True)
        items += [_annotation(base, table, row, texts) for row in rows]
    write_whole(out, json.dumps(_collection(corpus, base, items), ensure_ascii=False, indent=1) + "\n")
    return not_carried(corpus)


def base_of(corpus: Corpus) -> str:
    """What the id of a text or row is put behind to make its IRI: by the corpus's DOI, else by a URN of its name."""
    doi = corpus.metadata.publication.get("doi")
    if doi:
        return f"https://doi.org/{quote(doi, safe='/:;()')}#{corpus.version}/"
    return f"{uuid5(NAMESPACE_URL, f'{slug_of(corpus.metadata.title)}@{corpus.version}').urn}#"


def _collection(corpus: Corpus, base: str, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # The context as first published lacks the term for one of the motivations of the vocabulary.
    own = {"column": f"{base}column/", "assessing": "http://www.w3.org/ns/oa#assessing"}
    collection = {
        "@context": [CONTEXT, own],
        "id": f"{base}annotations",
        "type": "AnnotationCollection",
        "label": f"{corpus.metadata.title} {corpus.version}",
        "total": len(items),
    }
    if not items:
        return collection
    page = {"id": f"{base}annotations/page", "type": "AnnotationPage", "startIndex": 0, "items": list(items)}
    return {**collection, "first": page, "last": page["id"]}


def _iri(base: str, id_: str) -> str:
    return base + quote(id_, safe="/")


def _description(base: str, table: Table, row: Mapping[str, Any], languages: Mapping[str, str]) -> dict[str, Any]:
    """The annotation that says what is known of a thread, an author or a text; the words of a text are its body."""
    words = row.get("text")
    body: dict[str, Any] = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": words}
    if "thread_id" in row:
        body["language"] = languages[row["thread_id"]]
    return {
        "id": _iri(base, f"description/{table.name}/{row[table.key]}"),
        "type": "Annotation",
        "motivation": "describing",
        **({} if words is None else {"body": body}),
        # Ids of units and texts differ from each other, those of threads and authors need not.
        "target": _iri(base, row[table.key] if table.name == TEXTS else f"{table.name}/{row[table.key]}"),
        "column:table": table.name,
        **_values(table, row, leave=("text",)),
    }


def _annotation(base: str, table: Table, row: Mapping[str, Any], texts: Mapping[str, str | None]) -> dict[str, Any]:
    label = "upos" if table.unit == "token" else "label"
    motivation = MOTIVATIONS.get(str(table.unit), "tagging")
    purpose = "tagging" if motivation == "tagging" else "classifying"
    bodies = [{"type": "TextualBody", "purpose": purpose, "value": row[label]}]
    leave = [table.key, label, "reason"]
    if table.unit == "relation":
        bodies.append({"type": "SpecificResource", "purpose": "linking", "source": _iri(base, row["to_id"])})
        target: Any = _iri(base, row["from_id"])
        leave += ["from_id", "to_id"]
    elif table.unit == "judgement":
        target = _iri(base, row["unit_id"])
        leave.append("unit_id")
    else:
        text = texts.get(row["text_id"])
        target = _iri(base, row["text_id"])
        leave.append("text_id")
        if text is not None and row["start_char"] is not None and row["end_char"] is not None:
            target = {"source": target, "selector": selectors(text, row["start_char"], row["end_char"])}
            leave += ["start_char", "end_char"]
            leave += ["quote"] * (row.get("quote") == text[row["start_char"] : row["end_char"]])
    if row["reason"] is not None:
        bodies.append({"type": "TextualBody", "purpose": "commenting", "value": row["reason"]})
    return {
        "id": _iri(base, row[table.key]),
        "type": "Annotation",
        "motivation": motivation,
        "body": bodies,
        "target": target,
        "column:table": table.name,
        **_values(table, row, leave=leave),
    }


def selectors(text: str, start: int, end: int) -> list[dict[str, Any]]:
    """A stretch of a text by its position and by its quote, with enough around it to tell it from any other."""
    around = AROUND
    while True:
        prefix, suffix = text[max(0, start - around) : start], text[end : end + around]
        sought = prefix + text[start:end] + suffix
        if len(sought) == len(text) or text.find(sought, text.find(sought) + 1) == -1:
            break
        around *= 2
    return [
        {"type": "TextPositionSelector", "start": start, "end": end},
        {"type": "TextQuoteSelector", "exact": text[start:end], "prefix": prefix, "suffix": suffix},
    ]


def _values(table: Table, row: Mapping[str, Any], *, leave: Iterable[str]) -> dict[str, Any]:
    """The filled columns but some, under names of their own."""
    left = set(leave)
    return {
        f"column:{table.name}/{name}": _value(value)
        for name, value in row.items()
        if value is not None and name not in left
    }


def _value(value: object) -> object:
    if isinstance(value, list):
        # Several values without this are a set to JSON-LD, which has no order.
        return {"@list": value}
    return as_cell(value) if isinstance(value, datetime) else value
