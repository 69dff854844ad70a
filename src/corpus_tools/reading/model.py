"""What a reading of a thread consists of: texts, marks on them, what is said of them and of how they hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpus_tools.scheme import Table

PLACED = ("span", "sentence", "token")
"""The kinds of unit that lie on characters of a text."""
UNLABELLED = "unlabelled"
"""What stands where a label should and none is recorded, as may be in a draft."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled stretch of a text; `start` and `end` are None where it lies outside the text, as a byline does."""

    table: str
    unit_id: str
    text_id: str
    start: int | None
    end: int | None
    label: str
    word: str
    """What its label says in the text."""
    note: str = ""
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A judgement about a text, or about a unit in it."""

    table: str
    unit_id: str
    text_id: str
    question: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Link:
    """A relation, listed under the text in which it starts."""

    table: str
    relation_id: str
    text_id: str
    from_id: str
    to_id: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A text that answers another; `table` is empty where the platform recorded it."""

    table: str
    from_id: str
    to_id: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One thread with what one annotator says of it in some layers."""

    thread: Mapping[str, Any]
    texts: tuple[Mapping[str, Any], ...]
    annotator: str
    tables: tuple[Table, ...]
    marks: tuple[Mark, ...]
    """In the order of the texts, then of `tables`, then of their starts, the longer first."""
    hidden: tuple[Mark, ...]
    """Units of layers that were not chosen, at which a relation ends or which a judgement is about."""
    chains: Mapping[str, tuple[Mark, ...]]
    """Chain -> its mentions in the order of the thread."""
    remarks: tuple[Remark, ...]
    links: tuple[Link, ...]
    answers: tuple[Answer, ...]
    gaps: Mapping[str, tuple[str, ...]]
    """Text -> the layers that the annotator did not go through there."""

    def names(self) -> dict[str, str]:
        """Table -> what its marks are called: the layer, or the table where a layer has two that lie on characters."""
        placed = [table for table in self.tables if is_placed(table)]
        layers = [table.layer for table in placed]
        return {
            table.name: table.layer if table.layer and layers.count(table.layer) == 1 else table.name
            for table in placed
        }

    def labels(self, name: str) -> list[str]:
        """The labels of a table's marks in the order of the scheme; of chains, in that of their first mentions."""
        table = next(one for one in self.tables if one.name == name)
        marked = dict.fromkeys(mark.label for mark in self.marks if mark.table == name)
        declared = () if table.constraints.chains else table["upos" if table.unit == "token" else "label"].labels
        return list(dict.fromkeys([*declared, *marked]))

    def words(self) -> dict[str, str]:
        """Unit or relation -> what it is called in a list: its text and its first words."""
        texts = {row["text_id"]: row for row in self.texts}
        # A relation whose end is not recorded leads to nothing.
        said = {"": "nothing"}
        for mark in (*self.marks, *self.hidden):
            row = texts[mark.text_id]
            quote = row["text"][mark.start : mark.end] if mark.start is not None else row["byline"] or mark.word
            said.setdefault(mark.unit_id, f"{mark.text_id} '{shortened(quote, 40)}'")
        relations = {
            link.relation_id: f"the {link.label} from {said.get(link.from_id, link.from_id)}" for link in self.links
        }
        return {**relations, **said}


def is_placed(table: Table) -> bool:
    """Whether its rows are shown on the characters of a text: spans of any kind, and the mentions of chains."""
    return table.unit in PLACED or table.constraints.chains


def is_reply(table: Table) -> bool:
    """Whether it says what each comment answers."""
    rules = table.constraints
    return (
        table.unit == "relation" and rules.one_per == "from_id" and {*rules.from_tables, *rules.to_tables} == {"texts"}
    )


def shortened(text: str, most: int) -> str:
    """The text on one line, cut at `most` characters, with three dots where something was cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
