"""What there is to read of a thread: its texts, and what the chosen layers say of them, placed and put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import UnknownNameError
from corpus_tools.modules import as_gold
from corpus_tools.reading.model import (
    PLACED,
    UNLABELLED,
    Answer,
    Link,
    Mark,
    Reading,
    Remark,
    is_reply,
    shortened,
)
from corpus_tools.scheme import GOLD, PASSES, Table

# What stands for a gap in a draft. A missing id is "", which nothing that is there is called by.
_GAPS = {
    **dict.fromkeys(("label", "upos"), UNLABELLED),
    "question": "no question",
    **dict.fromkeys(("from_id", "to_id", "unit_id", "kind", "text"), ""),
}


def chosen_thread(corpus: Corpus, thread_id: str | None) -> dict[str, Any]:
    """The row of a thread; the first one where none is named.

    Raises:
        UnknownNameError: If there is no such thread.
    """
    threads = corpus.scan("threads")
    wanted = threads if thread_id is None else threads.filter(pl.col("thread_id") == thread_id)
    for row in wanted.head(1).collect().iter_rows(named=True):
        return row
    raise UnknownNameError("thread", thread_id, threads.select("thread_id").collect()["thread_id"])


def chosen_tables(corpus: Corpus, layers: Iterable[str]) -> tuple[Table, ...]:
    """The tables that some names stand for: a layer for all of its tables, a further table of a layer for itself.

    Raises:
        UnknownNameError: If a name is neither; the message lists those there are.
    """
    known = corpus.scheme.layers
    single = {table.name: table for layer in known.values() for table in layer.tables}
    found: dict[str, Table] = {}
    for name in layers:
        if name not in known and name not in single:
            raise UnknownNameError("layer", name, dict.fromkeys([*known, *single]))
        for table in known[name].tables if name in known else (single[name],):
            found.setdefault(table.name, table)
    return tuple(found.values())


def passes_of(corpus: Corpus, tables: Iterable[Table]) -> list[str]:
    """Gold, then whoever else went through one of the layers of the tables, in the order of the coverage table."""
    layers = [table.layer for table in tables]
    done = corpus.scan("coverage").filter(pl.col("layer").is_in(layers)).select(as_gold("annotator_id")).drop_nulls()
    return list(dict.fromkeys([GOLD, *done.unique(maintain_order=True).collect()["annotator_id"]]))


def gather(
    corpus: Corpus, tables: Sequence[Table], *, thread: Mapping[str, Any], annotator: str, lenient: bool = False
) -> Reading:
    """Collect what is to be shown of a thread.

    Args:
        corpus: The corpus.
        tables: Tables of layers, as `chosen_tables` gives them.
        thread: A row of `threads`.
        annotator: `"gold"`, or the id of whoever made a pass.
        lenient: Take a layer that the annotator did not go through for a gap, where it is otherwise an error.

    Raises:
        UnknownNameError: If the annotator did not go through one of the layers; the message lists who did.
    """
    if not lenient:
        for table in tables:
            known = passes_of(corpus, [table])
            if annotator not in known:
                raise UnknownNameError(f"annotator of {table.layer}", annotator, known)
    here = corpus.scan("texts").filter(pl.col("thread_id") == thread["thread_id"])
    texts = _filled(here, corpus.scheme.tables["texts"]).sort("position", "text_id").collect()
    return _Gathering(corpus, tuple(tables), annotator, texts).reading(thread)


@dataclass
class _Gathering:
    """The rows of one thread and one annotator while they are being put together."""

    corpus: Corpus
    tables: tuple[Table, ...]
    annotator: str
    texts: pl.DataFrame
    order: dict[str, int] = field(init=False)
    units: dict[str, Mark] = field(default_factory=dict)
    """Every placed unit met so far, by its id."""

    def __post_init__(self) -> None:
        self.order = {text_id: number for number, text_id in enumerate(self.texts["text_id"]) if text_id}

    def reading(self, thread: Mapping[str, Any]) -> Reading:
        marks = [mark for table in self.tables if table.unit in PLACED for mark in self.marks_of(table)]
        drawn = set(self.units)
        self.look_up()
        pairs = {table.name: self.rows(table) for table in self.tables if table.unit == "relation"}
        judged = {table.name: self.rows(table) for table in self.tables if table.unit == "judgement"}
        chains = {
            chain: mentions
            for table in self.tables
            if table.constraints.chains
            for chain, mentions in self.chains_of(table, pairs[table.name]).items()
        }
        mentions = [mark for chain in chains.values() for mark in chain]
        shown = drawn | {mark.unit_id for mark in mentions}
        links = [link for table in self.tables for link in self.links_of(table, pairs.get(table.name, []))]
        remarks = [remark for table in self.tables for remark in self.remarks_of(table, judged.get(table.name, []))]
        ends = {unit for link in links for unit in (link.from_id, link.to_id)} | {mark.unit_id for mark in remarks}
        rank = {table.name: number for number, table in enumerate(self.tables)}
        return Reading(
            thread=thread,
            texts=tuple(self.texts.iter_rows(named=True)),
            annotator=self.annotator,
            tables=self.tables,
            marks=tuple(
                sorted(
                    [*marks, *mentions], key=lambda mark: (*self.place(mark)[:1], rank[mark.table], *self.place(mark))
                )
            ),
            hidden=tuple(sorted((self.units[unit] for unit in ends & set(self.units) - shown), key=self.place)),
            chains=chains,
            remarks=tuple(remarks),
            links=tuple(links),
            answers=self.answers(pairs),
            gaps=self.gaps(),
        )

    def place(self, mark: Mark) -> tuple[int, int, int, str]:
        """What marks are sorted by: text, start, the longer first; those outside their text before all others."""
        start = -1 if mark.start is None else mark.start
        return self.order[mark.text_id], start, -(mark.end or 0), mark.unit_id

    def scan(self, table: Table) -> pl.LazyFrame:
        if self.annotator == GOLD:
            return _filled(self.corpus.scan(table.name, split=GOLD), table)
        passes = self.corpus.scan(table.name, split=PASSES)
        return _filled(passes.filter(pl.col("annotator") == self.annotator), table)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """The annotator's rows that concern this thread, by id."""
        if table.unit in PLACED:
            here = pl.col("text_id").is_in(list(self.order))
        else:
            known = [*self.order, *self.units]
            ends = ("from_id", "to_id") if table.unit == "relation" else ("unit_id",)
            here = pl.any_horizontal(pl.col(end).is_in(known) for end in ends)
        return self.scan(table).filter(here).collect().sort(table.key).to_dicts()

    def marks_of(self, table: Table) -> list[Mark]:
        rows = self.rows(table)
        said = self.referents(table, rows)
        marks = [_mark(table, row, said) for row in rows]
        self.units.update({mark.unit_id: mark for mark in marks if mark.unit_id})
        return marks

    def referents(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Id -> words, for the judgements and relations that spans of the table are evidence of."""
        said: dict[str, str] = {}
        tables = self.corpus.scheme.tables
        for column in table.columns:
            other = tables.get((column.refers_to or "").partition(".")[0])
            if other is not None and other.unit in ("judgement", "relation"):
                wanted = [row[column.name] for row in rows if row[column.name] is not None]
                for row in self.both(other).filter(pl.col(other.key).is_in(wanted)).collect().iter_rows(named=True):
                    said[row[other.key]] = _answer(row)
        return said

    def both(self, table: Table) -> pl.LazyFrame:
        """The annotator's rows and gold's, to which a pass may point as well."""
        own = self.scan(table)
        gold = _filled(self.corpus.scan(table.name, split=GOLD), table)
        return own if self.annotator == GOLD else pl.concat([gold, own])

    def look_up(self) -> None:
        """Find the units of other layers at which relations may end, or which judgements may be about."""
        scheme = self.corpus.scheme.tables
        wanted: dict[str, Table] = {}
        for table in self.tables:
            rules = table.constraints
            declared = [*rules.from_tables, *rules.to_tables] if table.unit == "relation" else [rules.judged]
            names = [name for name in declared if name is not None] or list(scheme)
            if table.unit in ("relation", "judgement"):
                wanted.update((name, scheme[name]) for name in names if scheme[name].unit in PLACED)
        here = pl.col("text_id").is_in(list(self.order))
        for table in wanted.values():
            named = pl.col(table.key) != ""
            for row in self.both(table).filter(here & named).collect().sort(table.key).iter_rows(named=True):
                self.units.setdefault(row[table.key], _mark(table, row, {}))

    def chains_of(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Mark, ...]]:
        members: dict[str, set[str]] = {}
        said: dict[str, list[str]] = {}
        for row in rows:
            ends = {row["from_id"], row["to_id"]} & set(self.units)
            if row["chain_id"]:
                members.setdefault(row["chain_id"], set()).update(ends)
            said.setdefault(row["from_id"], []).append(f"{row['label']} of {self.words(row['to_id'])}")
        chains = {}
        for chain, units in members.items():
            mentions = sorted((self.units[unit] for unit in units), key=self.place)
            name = shortened(self.quote(mentions[0]), 24) if mentions else ""
            chains[f"{table.name}:{chain}"] = tuple(
                replace(
                    mention,
                    table=table.name,
                    label=f"{table.name}:{chain}",
                    word=name,
                    note=", ".join([f"mention {number} of {len(mentions)}", *said.get(mention.unit_id, [])]),
                    chain=f"{table.name}:{chain}",
                )
                for number, mention in enumerate(mentions, start=1)
            )
        first = {chain: self.place(mentions[0]) for chain, mentions in chains.items() if mentions}
        return {chain: chains[chain] for chain in sorted(first, key=lambda chain: first[chain])}

    def quote(self, mark: Mark) -> str:
        text: str = self.texts["text"][self.order[mark.text_id]]
        return text[mark.start : mark.end] if mark.start is not None else mark.word

    def words(self, unit: str) -> str:
        """A unit in words: what it quotes, or its id where it is a text, a relation or out of the thread."""
        return f"'{shortened(self.quote(self.units[unit]), 40)}'" if unit in self.units else unit

    def links_of(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Link]:
        if table.unit != "relation" or is_reply(table):
            return []
        starts = {row[table.key]: row["from_id"] for row in rows}
        found = []
        for row in rows:
            # A relation to a relation is listed where that one starts, should its own start be elsewhere.
            homes = [self.home(end) for end in (row["from_id"], row["to_id"], starts.get(row["to_id"]))]
            home = next((home for home in homes if home is not None), None)
            if home is not None:
                found.append(
                    Link(
                        table.name, row[table.key], home, row["from_id"], row["to_id"], row["label"], _note(table, row)
                    )
                )
        return sorted(
            found, key=lambda link: (self.order[link.text_id], self.start(link.from_id), self.start(link.to_id))
        )

    def start(self, unit: str) -> tuple[int, int, int, str]:
        return self.place(self.units[unit]) if unit in self.units else (len(self.order), 0, 0, unit)

    def home(self, unit: str | None) -> str | None:
        if unit in self.order:
            return unit
        return self.units[unit].text_id if unit in self.units else None

    def remarks_of(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Remark]:
        questions = {question.id: number for number, question in enumerate(table.questions)}
        found = []
        for row in rows:
            home = self.home(row["unit_id"])
            if home is not None:
                found.append(Remark(table.name, row["unit_id"], home, row["question"], row["label"], _note(table, row)))
        return sorted(
            found,
            key=lambda one: (
                self.order[one.text_id],
                self.start(one.unit_id),
                questions.get(one.question, len(questions)),
                one.question,
            ),
        )

    def answers(self, pairs: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Answer, ...]:
        found = [
            Answer("", row["text_id"], row["parent_id"], "as the platform recorded", "")
            for row in self.texts.iter_rows(named=True)
            if row["parent_id"] is not None
        ]
        for table in self.tables:
            if is_reply(table):
                found += [
                    Answer(table.name, row["from_id"], row["to_id"], row["label"], _note(table, row))
                    for row in pairs[table.name]
                ]
        inside = [answer for answer in found if answer.from_id in self.order]
        return tuple(
            sorted(inside, key=lambda one: (self.order[one.from_id], self.order.get(one.to_id, -1), one.to_id))
        )

    def gaps(self) -> dict[str, tuple[str, ...]]:
        layers = list(dict.fromkeys(table.layer or "" for table in self.tables))
        done = self.corpus.scan("coverage").filter(as_gold("annotator_id") == self.annotator)
        here = done.filter(pl.col("text_id").is_in(list(self.order)))
        pairs = set(here.select("layer", "text_id").collect().rows())
        missed = {text: tuple(layer for layer in layers if (layer, text) not in pairs) for text in self.order}
        return {text: missing for text, missing in missed.items() if missing}


def _filled(rows: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """The rows with words for what is missing in them though the scheme asks for it, as may be in a draft."""
    gaps = {table.key: "", **{column.name: _GAPS[column.name] for column in table.columns if column.name in _GAPS}}
    named = {name: pl.col(name).replace("", word) if word else pl.col(name) for name, word in gaps.items()}
    return rows.with_columns(named[name].fill_null(word) for name, word in gaps.items())


def _mark(table: Table, row: Mapping[str, Any], said: Mapping[str, str]) -> Mark:
    label = row["upos"] if table.unit == "token" else row["label"]
    placed = row["start_char"] is not None and row["end_char"] is not None
    of = [said[row[column.name]] for column in table.columns if column.refers_to and row[column.name] in said]
    return Mark(
        table=table.name,
        unit_id=row[table.key],
        text_id=row["text_id"],
        start=row["start_char"] if placed else None,
        end=row["end_char"] if placed else None,
        label=label,
        word=": ".join([label, *of]),
        note=_note(table, row),
    )


def _answer(row: Mapping[str, Any]) -> str:
    return f"{row['question']} = {row['label']}" if "question" in row else str(row["label"])


_TOLD = {
    *(
        "judgement_id",
        "relation_id",
        "text_id",
        "start_char",
        "end_char",
        "quote",
        "label",
        "annotator",
        "source_start",
        "source_end",
    ),
    *("from_id", "to_id", "chain_id", "unit_id", "question", "sentence_id", "position", "form", "upos", "space_after"),
}


def _note(table: Table, row: Mapping[str, Any]) -> str:
    """What the further columns of a row hold, in words."""
    rest = [name for name in (column.name for column in table.columns) if name not in _TOLD and name != table.key]
    return "; ".join(f"{name}: {row[name]}" for name in rest if row[name] is not None)
