"""CoNLL-U with the mentions of chains in MISC: one file, in which every text is a document.

Words, sentences and multiword tokens are written as `corpus_tools.conllu` reads them. What is known of a text, its
thread and its author stands in comments `# meta::column = value`. A mention is written where it begins and where it
ends; what of an id, a label or a value has a meaning in `Entity` is percent-encoded.

Source:
    CoNLL-U, https://universaldependencies.org/format.html; its MISC, https://universaldependencies.org/misc.html;
    for mentions and chains: CorefUD 1.0, https://ufal.mff.cuni.cz/corefud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from corpus_tools.conllu import COLUMNS, EMPTY
from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, listed
from corpus_tools.exchange.documents import Document, Mark, as_cell, documents_of, left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table
from corpus_tools.standoff import PLACE, chains

GLOBAL = "eid-etype-head-other"
"""What the opening bracket of a mention says, in this order."""
_ABOUT = ("threads", "authors")
"""The tables with what is known of a text beside its own row."""
# What a line says in other ways than as a key of MISC, or what follows from its place.
_LINE = {
    *COLUMNS,
    "token_id",
    "text_id",
    "sentence_id",
    "position",
    "start_char",
    "end_char",
    "space_after",
    "multiword",
    "annotator",
}
_ESCAPES = str.maketrans({" ": r"\s", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Token:
    """A stretch of the text without a gap: a word, or a multiword token."""

    form: str
    words: tuple[_Row, ...]
    number: int
    """Of its first word in the sentence, from 1."""
    space: str = ""
    """What follows it in the text."""


@dataclass(frozen=True, slots=True)
class _Mention:
    mark: Mark
    chain: str
    first: int
    """Its first word, from 0 in the sentence."""
    last: int
    head: int
    """Its highest word in the tree, from 1 in the mention."""

    @property
    def opening(self) -> str:
        values = {"id": self.mark.id, **self.mark.values}
        other = ",".join(f"{_escaped(name)}:{_escaped(value)}" for name, value in values.items())
        return f"({self.chain}-{_escaped(self.mark.label)}-{self.head}-{other}"

    def meets(self, other: _Mention) -> bool:
        """Whether brackets with the id of one chain could not tell the two apart."""
        before, after = sorted(((self.first, self.last), (other.first, other.last)))
        return before == after or before[0] < after[0] <= before[1] < after[1]


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write words, sentences, and the mentions that relations join to chains.

    Args:
        corpus: The corpus.
        tables: Tables of layers; one of tokens must be among them.
        out: The file to be made.

    Returns:
        What has no place in the file.

    Raises:
        ArgumentError: If no table of tokens was asked for; the message names the layers that have one.
    """
    tokens = next((table for table in tables if table.unit == "token"), None)
    if tokens is None:
        layers = [layer.name for layer in corpus.scheme.layers.values() if any(t.unit == "token" for t in layer.tables)]
        raise ArgumentError(
            f"CoNLL-U has a line for each word; name a layer with tokens too, there are: {listed(layers)}"
        )
    sentences = [table for table in tables if table.unit == "sentence" and table.layer == tokens.layer]
    mentions, chain_of = _chains(corpus, tables)
    carried = {table.name: table for table in (tokens, *sentences, *mentions)}
    found = documents_of(corpus, carried.values(), by="text")
    writing = _Writing({table.name for table in sentences}, chain_of, _about(corpus))
    blocks = [block for document in found.documents for block in writing.blocks(document)]
    if chain_of and blocks:
        blocks[0] = f"# global.Entity = {GLOBAL}\n{blocks[0]}"
    write_whole(out, "".join(f"{block}\n" for block in blocks))
    texts = [document.id for document in found.documents]
    writing.lost["texts without tokens"] = [text_id for text_id in texts if text_id not in writing.written]
    for table in tables:
        if table.name not in carried:
            name = f"{table.name}, of which the chains are carried" if table.constraints.chains else table.name
            writing.lost[name] = corpus.table(table.name, split=GOLD)[table.key].to_list()
    return [*found.left_out, *left_out(writing.lost)]


def _chains(corpus: Corpus, tables: Iterable[Table]) -> tuple[list[Table], dict[str, str]]:
    """The tables of spans that relations join to chains, and the chain of each span."""
    found: dict[str, Table] = {}
    chain_of: dict[str, str] = {}
    chosen = list(tables)
    for relation in chosen:
        if relation.constraints.chains:
            rows = corpus.table(relation.name, split=GOLD)
            # A span has one bracket and so one chain: that of the first relation that takes its table.
            spans = {table.name: table for table in _joined(corpus, relation, rows, chosen) if table.name not in found}
            found |= spans
            if spans:
                places = [
                    corpus.scan(table.name, split=GOLD).select(pl.col(table.key).alias("span_id"), *PLACE)
                    for table in spans.values()
                ]
                chain_of |= dict(chains(pl.concat(places), rows, corpus.scan("texts")).iter_rows())
    return list(found.values()), chain_of


def _joined(corpus: Corpus, relation: Table, rows: pl.DataFrame, tables: Iterable[Table]) -> list[Table]:
    """The tables of spans at whose rows a relation ends."""
    rules = relation.constraints
    named = [corpus.scheme.table(name) for name in dict.fromkeys((*rules.from_tables, *rules.to_tables))]
    if named:
        return [table for table in named if table.unit == "span"]
    ends = {*rows["from_id"], *rows["to_id"]}
    spans = [table for table in tables if table.unit == "span"]
    return [table for table in spans if not ends.isdisjoint(corpus.table(table.name, split=GOLD)[table.key])]


def _about(corpus: Corpus) -> dict[str, dict[str, _Row]]:
    """Key of a table -> its rows by their ids."""
    keys = {corpus.scheme.table(name).key: corpus.table(name) for name in _ABOUT}
    return {key: {row[key]: row for row in rows.iter_rows(named=True)} for key, rows in keys.items()}


@dataclass(slots=True)
class _Writing:
    """The file while it is being written."""

    sentence_tables: set[str]
    chain_of: Mapping[str, str]
    """Id of a span -> id of its chain."""
    about: Mapping[str, Mapping[str, _Row]]
    lost: dict[str, list[str]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """The texts that are in the file."""

    def lose(self, what: str, id_: str) -> None:
        self.lost.setdefault(what, []).append(id_)

    def blocks(self, document: Document) -> list[str]:
        """The sentences of a text with their comments."""
        sentences: dict[str, list[_Row]] = {}
        for row in document.tokens:
            sentences.setdefault(row["sentence_id"], []).append(row)
        marks = {mark.id: mark for mark in document.marks if mark.table in self.sentence_tables}
        for id_ in marks:
            if id_ not in sentences:
                self.lose("sentences without a word", id_)
        entities = _brackets(self._mentions(document, sentences))
        if not sentences:
            return []
        self.written.add(document.id)
        tokens = _with_spaces(document, {id_: _tokens(rows) for id_, rows in sentences.items()})
        spelled = "".join(token.form + token.space for of_sentence in tokens.values() for token in of_sentence)
        if spelled.rstrip() != document.text.rstrip():
            self.lose("texts with white space or other characters around words that have no sign here", document.id)
        made: list[str] = []
        for id_, of_sentence in tokens.items():
            comments = [] if made else self._text_comments(document.texts[0])
            comments += self._sentence_comments(id_, of_sentence, marks.get(id_))
            lines = [line for token in of_sentence for line in self._lines(token, entities)]
            made.append("".join(f"{line}\n" for line in (*comments, *lines)))
        return made

    def _text_comments(self, text: _Row) -> list[str]:
        known = {"text_id", "text"}
        comments = [f"# newdoc id = {text['text_id']}"]
        for row in (text, *(rows[text[key]] for key, rows in self.about.items() if text[key] in rows)):
            for name, value in row.items():
                if value is not None and name not in known:
                    known.add(name)
                    cell = dumps(value, ensure_ascii=False) if isinstance(value, list) else as_cell(value)
                    comments += self._comment(f"meta::{name}", cell, text["text_id"])
        return comments

    def _sentence_comments(self, id_: str, tokens: Iterable[_Token], mark: Mark | None) -> list[str]:
        spelled = "".join(f"{token.form} " if token.space else token.form for token in tokens).rstrip()
        comments = [f"# sent_id = {id_}", f"# text = {spelled}"]
        if mark is not None:
            comments += self._comment("s_type", mark.label, id_)
            for name, value in mark.values.items():
                if name != "position":
                    comments += self._comment(name, value, id_)
        return comments

    def _comment(self, name: str, value: str, id_: str) -> list[str]:
        if "\n" in value or "\r" in value or value != value.strip():
            self.lose(f"values of {name} with line ends or white space around them, which a comment cannot hold", id_)
            return []
        return [f"# {name} = {value}"]

    def _lines(self, token: _Token, entities: Mapping[str, str]) -> list[str]:
        spacing = _spacing(token)
        lines = []
        if len(token.words) > 1:
            numbers = f"{token.number}-{token.number + len(token.words) - 1}"
            empty = (EMPTY,) * (len(COLUMNS) - 3)
            lines.append("\t".join((numbers, token.form, *empty, _pairs(spacing))))
            spacing = {}
        for number, row in enumerate(token.words, start=token.number):
            misc = {**self._misc(row), **spacing}
            if row["token_id"] in entities:
                misc["Entity"] = entities[row["token_id"]]
            columns = [self._cell(row, name) for name in COLUMNS[1:8]]
            lines.append("\t".join((str(number), *columns, EMPTY, _pairs(misc))))
        return lines

    def _cell(self, row: _Row, name: str) -> str:
        value = row.get(name)
        if value is None or value == "":
            return EMPTY
        cell = as_cell(value)
        if _one_line(cell) != cell:
            self.lose(f"{name} of words with tabs or line ends, here blanks", row["token_id"])
        return _one_line(cell)

    def _misc(self, row: _Row) -> dict[str, str]:
        misc = {}
        for name, value in row.items():
            if value is None or name in _LINE:
                continue
            cell = as_cell(value)
            if re.search(r"[|\t\n\r]|^\s|\s$|^$", cell):
                self.lose(f"{name} of words with characters that MISC cannot hold", row["token_id"])
            else:
                misc["".join(part.capitalize() for part in name.split("_"))] = cell
        return misc

    def _mentions(
        self, document: Document, sentences: Mapping[str, Sequence[_Row]]
    ) -> list[tuple[_Mention, list[str]]]:
        """The mentions that lie on words of one sentence, each with the ids of its words."""
        begins: dict[int, tuple[str, int]] = {}
        ends: dict[int, tuple[str, int]] = {}
        for id_, rows in sentences.items():
            for number, row in enumerate(rows):
                # The words of a multiword token that they do not spell share its place.
                begins.setdefault(row["start_char"], (id_, number))
                ends[row["end_char"]] = (id_, number)
        placed: dict[tuple[str, str], list[tuple[_Mention, list[str]]]] = {}
        for mark in document.marks:
            if mark.id not in self.chain_of:
                continue
            first, last = begins.get(mark.start), ends.get(mark.end)
            if first is None or last is None or (first[0] == last[0] and first > last):
                self.lose(f"{mark.table} that do not begin and end with a word", mark.id)
            elif first[0] != last[0]:
                self.lose(f"{mark.table} over more than one sentence", mark.id)
            else:
                rows = sentences[first[0]]
                head = _head([row["head"] for row in rows], first[1], last[1])
                mention = _Mention(mark, _escaped(self.chain_of[mark.id]), first[1], last[1], head)
                of_chain = placed.setdefault((first[0], mention.chain), [])
                if any(mention.meets(other) for other, _ in of_chain):
                    self.lose(f"{mark.table} across, or as long as, another one of their chain", mark.id)
                else:
                    of_chain.append((mention, [row["token_id"] for row in rows[first[1] : last[1] + 1]]))
        return [mention for of_chain in placed.values() for mention in of_chain]


def _brackets(mentions: Iterable[tuple[_Mention, list[str]]]) -> dict[str, str]:
    """Id of a word -> what `Entity` says at it.

    Brackets that close stand before those that open, longer mentions are opened first and closed last, and a mention
    of one word stands inside the brackets of its word.
    """
    closing: dict[str, list[str]] = {}
    opening: dict[str, list[str]] = {}
    single: dict[str, list[str]] = {}
    ordered = sorted(mentions, key=lambda each: (each[0].first, -each[0].last))
    for mention, words in ordered:
        if len(words) == 1:
            single.setdefault(words[0], []).append(f"{mention.opening})")
        else:
            opening.setdefault(words[0], []).append(mention.opening)
            closing.setdefault(words[-1], []).insert(0, f"{mention.chain})")
    made = {}
    for word in (*opening, *single, *closing):
        opened, alone, closed = ("".join(each.get(word, ())) for each in (opening, single, closing))
        made[word] = closed + opened + alone if opened else alone + closed
    return made


def _head(heads: Sequence[int | None], first: int, last: int) -> int:
    """The word of a mention that is the fewest steps from the root, the first of several; from 1 in the mention."""

    def steps(word: int) -> int:
        # A broken tree may run in circles.
        for step in range(len(heads)):
            above = heads[word]
            if not above or above > len(heads):
                return step
            word = above - 1
        return len(heads)

    return min(range(first, last + 1), key=steps) - first + 1


def _tokens(rows: Sequence[_Row]) -> list[_Token]:
    """The words of a sentence, those of a multiword token together."""
    made: list[_Token] = []
    for number, row in enumerate(rows, start=1):
        if made and _continues(made[-1], row):
            made[-1] = replace(made[-1], words=(*made[-1].words, row))
        else:
            made.append(_Token(_one_line(row["multiword"] or row["form"]), (row,), number))
    return made


def _continues(token: _Token, row: _Row) -> bool:
    first = token.words[0]
    if row["multiword"] is None or row["multiword"] != first["multiword"] or token.words[-1]["space_after"]:
        return False
    if first["start_char"] is None or row["start_char"] is None:
        return sum(len(word["form"]) for word in token.words) < len(token.form)
    # The same multiword token may follow itself without a gap.
    return bool(row["start_char"] < first["start_char"] + len(token.form))


def _with_spaces(document: Document, sentences: Mapping[str, Iterable[_Token]]) -> dict[str, list[_Token]]:
    """The tokens with what follows each in the text: nothing, a blank, or other white space that has a sign."""
    ordered = [token for tokens in sentences.values() for token in tokens]
    begins = [*(token.words[0]["start_char"] for token in ordered[1:]), len(document.text)]
    spaces = {}
    for token, begin in zip(ordered, begins, strict=True):
        last = token.words[-1]
        gap = None if last["end_char"] is None or begin is None else document.text[last["end_char"] : begin]
        signed = gap and not gap.translate(dict.fromkeys(_ESCAPES))
        spaces[last["token_id"]] = (gap if signed else " ") if last["space_after"] else ""
    return {
        id_: [replace(token, space=spaces[token.words[-1]["token_id"]] or "") for token in tokens]
        for id_, tokens in sentences.items()
    }


def _spacing(token: _Token) -> dict[str, str]:
    if not token.space:
        return {"SpaceAfter": "No"}
    return {} if token.space == " " else {"SpacesAfter": token.space.translate(_ESCAPES)}


def _pairs(pairs: Mapping[str, str]) -> str:
    return "|".join(f"{name}={value}" for name, value in sorted(pairs.items())) or EMPTY


def _one_line(cell: str) -> str:
    return re.sub(r"[\t\n\r]", " ", cell)


def _escaped(value: str) -> str:
    """A value in which no character has a meaning in `Entity`."""
    return quote(value, safe="").replace("-", "%2D")
