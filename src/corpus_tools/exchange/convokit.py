"""A corpus as ConvoKit stores one: texts as utterances, threads as conversations, annotations as their metadata.

Each table of a layer is one field of the metadata of utterances, named after the table: a list of its rows in that
text. A relation stands with the text that it starts from, a judgement with the text of what it judges. Offsets count
code points of the utterance's text, as Python does.

Source: ConvoKit, "Data Format", https://convokit.cornell.edu/documentation/data_format.html, and what `Corpus.dump`
writes, https://github.com/CornellNLP/ConvoKit.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus_tools.corpus import Corpus
from corpus_tools.exchange.documents import left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table

NOBODY = "[unavailable]"
"""The speaker of texts without an author, and the words of texts without words, as in ConvoKit's corpora of Reddit."""
_MARKS = {"deleted": "[deleted]", "removed": "[removed]"}
"""What stands for the words of a text without words, by its kind."""
_SPOKEN = ("text_id", "text", "thread_id", "author_id", "parent_id", "posted_at")
"""The columns of texts that are fields of an utterance."""
_PLACED = ("text_id", "annotator")
Row = Mapping[str, Any]
Rows = dict[str, list[dict[str, Any]]]
"""Text id -> rows of one table."""


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write the texts of a corpus and the gold rows of some tables as a corpus of ConvoKit.

    Args:
        corpus: The corpus.
        tables: The tables of layers that were asked for; those at whose rows they end come with them.
        out: An empty folder.

    Returns:
        What is not in it, one sentence each.
    """
    texts = corpus.scan("texts").sort("thread_id", "position", "text_id").collect().to_dicts()
    order = {row["thread_id"]: place for place, row in enumerate(corpus.threads.to_dicts())}
    texts.sort(key=lambda row: order.get(row["thread_id"], len(order)))
    authors = corpus.authors.to_dicts()
    names = _names(authors)
    lost: dict[str, list[str]] = {}
    by_table = _by_text(corpus, tables, lost)
    fields = _fields(tables, texts)
    conversations = _conversations(texts)
    utterances = []
    for text in texts:
        said = {name: _plain(value) for name, value in text.items() if name not in _SPOKEN}
        found = {fields[name]: rows.get(text["text_id"], []) for name, rows in by_table.items()}
        if text["text"] is None:
            lost.setdefault("texts without words, which have a mark in their place", []).append(text["text_id"])
        utterances.append(
            {
                "id": text["text_id"],
                "conversation_id": conversations[text["thread_id"]],
                "text": _MARKS.get(text["kind"], NOBODY) if text["text"] is None else text["text"],
                "speaker": names.get(text["author_id"], NOBODY),
                "meta": said | found,
                "reply-to": text["parent_id"],
                "timestamp": _seconds(text["posted_at"]),
                "vectors": [],
            }
        )
    speakers = {names[row["author_id"]]: row for row in authors}
    if any(one["speaker"] == NOBODY for one in utterances):
        speakers[NOBODY] = dict.fromkeys(authors[0]) if authors else {}
    threads = {
        conversations[row["thread_id"]]: _thread(row)
        for row in corpus.threads.to_dicts()
        if row["thread_id"] in conversations
    }
    about = _about(corpus, tables)
    _dump(out, utterances, _components(speakers), _components(threads), about)
    empty = [thread for thread in order if thread not in conversations]
    return [*left_out(lost | {"threads without texts": empty})]


def _names(authors: Iterable[Row]) -> dict[str, str]:
    """Author id -> the name shown; the id is added where two authors show the same one."""
    shown = {row["author_id"]: row["display_name"] for row in authors}
    times = Counter([*shown.values(), NOBODY, *_MARKS.values()])
    made = {id_: name if times[name] == 1 else f"{name} ({id_})" for id_, name in shown.items()}
    return made if len(set(made.values())) == len(made) else {id_: f"{name} ({id_})" for id_, name in shown.items()}


def _conversations(texts: Iterable[Row]) -> dict[str, str]:
    """Thread id -> the id of its first text, after which ConvoKit names a conversation."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text["thread_id"], text["text_id"])
    return found


def _thread(row: Row) -> Row:
    """A thread; its title under another name than `title`, which readers put before the first text."""
    return {"thread_title" if name == "title" else name: value for name, value in row.items()}


def _fields(tables: Iterable[Table], texts: Sequence[Row]) -> dict[str, str]:
    """Table name -> its field of the metadata, which must not be that of a column of texts."""
    taken = set(texts[0]) if texts else set()
    return {table.name: f"{table.name}_rows" if table.name in taken else table.name for table in tables}


def _by_text(corpus: Corpus, tables: Sequence[Table], lost: dict[str, list[str]]) -> dict[str, Rows]:
    """Table name -> its rows by the text they belong to."""
    known = set(corpus.scan("texts").select("text_id").collect()["text_id"])
    home = {text_id: text_id for text_id in known}
    every = [table for table in corpus.scheme.tables.values() if table.layer]
    rows = {table.name: corpus.scan(table.name, split=GOLD).collect().to_dicts() for table in every}
    # Relations may start at rows of tables that are not asked for, and at other relations.
    waiting = [(table, row) for table in every for row in rows[table.name]]
    while waiting:
        later = []
        for table, row in waiting:
            if (text_id := home.get(row[_anchor(table)])) is None:
                later.append((table, row))
            else:
                home[row[table.key]] = text_id
        if len(later) == len(waiting):
            break
        waiting = later
    made: dict[str, Rows] = {}
    for table in tables:
        made[table.name] = {}
        for row in rows[table.name]:
            if row[table.key] in home:
                filled = {
                    name: _plain(value) for name, value in row.items() if value is not None and name not in _PLACED
                }
                made[table.name].setdefault(home[row[table.key]], []).append(filled)
            else:
                lost.setdefault(f"{table.name} that belong to no text", []).append(row[table.key])
    return made


def _anchor(table: Table) -> str:
    """The column that says where a row belongs."""
    return {"relation": "from_id", "judgement": "unit_id"}.get(str(table.unit), "text_id")


def _about(corpus: Corpus, tables: Iterable[Table]) -> dict[str, Any]:
    """What is said of the corpus as a whole, and what its labels mean."""
    metadata = corpus.metadata
    return {
        "name": metadata.title,
        "version": corpus.version,
        "summary": metadata.summary.strip(),
        "language": metadata.language,
        "licences": dict(metadata.licences),
        "sources": [{name: _plain(value) for name, value in row.items()} for row in corpus.table("sources").to_dicts()],
        "layers": {table.name: _scheme(corpus, table) for table in tables},
    }


def _scheme(corpus: Corpus, table: Table) -> dict[str, Any]:
    labels = corpus.scheme.layer(table.layer or "").labels.get(table.name, ())
    return {
        "layer": table.layer,
        "description": table.description,
        "columns": {column.name: column.description for column in table.columns if column.name not in _PLACED},
        "labels": {label.id: label.definition for label in labels},
        "questions": {question.id: question.definition for question in table.questions},
    }


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _seconds(posted: datetime | None) -> float | None:
    """Seconds since 1970; a whole number where there are no parts of one."""
    if posted is None:
        return None
    seconds = posted.timestamp()
    return int(seconds) if seconds.is_integer() else seconds


def _components(metas: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """Speakers or conversations: what is said of each, and its vectors."""
    return {
        id_: {"meta": {name: _plain(value) for name, value in meta.items()}, "vectors": []}
        for id_, meta in metas.items()
    }


def _dump(out: Path, utterances: Sequence[Row], speakers: Row, conversations: Row, about: Row) -> None:
    index = {
        "utterances-index": _types(one["meta"] for one in utterances),
        "speakers-index": _types(one["meta"] for one in speakers.values()),
        "conversations-index": _types(one["meta"] for one in conversations.values()),
        "overall-index": _types([about]),
        "version": 1,
        "vectors": [],
    }
    write_whole(out / "utterances.jsonl", "".join(json.dumps(one) + "\n" for one in utterances))
    files = {"speakers": speakers, "conversations": conversations, "corpus": about, "index": index}
    for name, value in files.items():
        write_whole(out / f"{name}.json", json.dumps(value))


def _types(metas: Iterable[Row]) -> dict[str, list[str]]:
    """Field -> the Python types of its values, as ConvoKit's index says them; none where all are null."""
    found: dict[str, list[str]] = {}
    for meta in metas:
        for name, value in meta.items():
            types = found.setdefault(name, [])
            if value is not None and str(type(value)) not in types:
                types.append(str(type(value)))
    return found
