"""spaCy's DocBin: one file, in which every text is a `Doc`.

Tokens spell the text, as spaCy asks: a blank after a token belongs to it, and what else stands between tokens is a
token of its own. Words that share one place are one token. Spans and sentences are span groups with the names of their
tables; every row of every table stands in `Doc.user_data` too, so what spaCy has no place for is there.

Source:
    spaCy 3, https://spacy.io/api/docbin, https://spacy.io/api/doc and https://spacy.io/api/spangroup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError
from corpus_tools.exchange.documents import TEXTS, Document, as_cell, documents_of, left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table
from corpus_tools.tokens import tokenise

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

_ABOUT = {"thread": "threads", "author": "authors"}
"""Key of `Doc.user_data` -> the table with what is known of a text beside its own row."""
# The column that says to which other unit, or to which text, a row belongs.
_BELONGS = {"relation": "from_id", "judgement": "unit_id"}
_UPOS = frozenset("ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split())
"""The parts of speech of Universal Dependencies, which spaCy knows."""

_Row = Mapping[str, Any]


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write the texts as documents of spaCy.

    Args:
        corpus: The corpus.
        tables: Tables of layers. Those at whose rows their relations end, or whose rows they judge, come with them.
        out: The file to be made.

    Returns:
        What has no place in the file, and what is in `Doc.user_data` only.

    Raises:
        MissingExtraError: If spaCy is not installed.
    """
    try:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab

        packer = import_module("srsly.msgpack").Packer(use_bin_type=True)
    except ImportError:
        raise MissingExtraError("spacy", "spacy") from None
    documents = documents_of(corpus, (), by="text").documents
    rows = _Rows.of(corpus, [document.id for document in documents], tables)
    making = _Making(Vocab(), rows, _about(corpus), _segments(documents, rows))
    # Without the language of a pipeline, norms are left to the vocabulary of whoever reads.
    made = DocBin(store_user_data=False)
    for document in documents:
        doc = making.document(document)
        made.add(doc)
        # As `add` would, which for each text looks through all that is installed for other packers.
        made.user_data.append(packer.pack(doc.user_data))
    made.store_user_data = True
    write_whole(out, made.to_bytes())
    for table in [table for table in rows.tables if table.unit == "token"][1:]:
        for id_ in corpus.table(table.name, split=GOLD)[table.key]:
            making.lose(f"{table.name}, beside those of another layer", id_)
    return list(left_out({**rows.lost, **making.lost}))


def _about(corpus: Corpus) -> dict[str, tuple[str, dict[str, _Row]]]:
    """Key of `Doc.user_data` -> the column of a text that names a row, and the rows."""
    found: dict[str, tuple[str, dict[str, _Row]]] = {}
    for name, table in _ABOUT.items():
        key = corpus.scheme.table(table).key
        found[name] = key, {row[key]: row for row in corpus.table(table).iter_rows(named=True)}
    return found


def _segments(documents: Iterable[Document], rows: _Rows) -> dict[str, list[_Row]]:
    """The places of tokens in texts of which no layer has any."""
    bare = {document.id: document.text for document in documents if not rows.tokens(document.id)}
    frame = pl.DataFrame(
        {"text_id": list(bare), "text": list(bare.values())}, {"text_id": pl.String, "text": pl.String}
    )
    found: dict[str, list[_Row]] = {}
    for row in tokenise(frame).collect().iter_rows(named=True):
        found.setdefault(row["text_id"], []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the tables, by the text they belong to."""

    tables: tuple[Table, ...]
    found: Mapping[str, Mapping[str, list[_Row]]]
    """Text id -> table name -> rows."""
    lost: Mapping[str, list[str]]

    @classmethod
    def of(cls, corpus: Corpus, texts: Sequence[str], tables: Sequence[Table]) -> _Rows:
        known = set(texts)
        belongs: dict[str, str] = {}
        # A relation may end at rows of a layer that was not asked for.
        for table in corpus.scheme.tables.values():
            if table.layer is not None:
                column = _BELONGS.get(str(table.unit), "text_id")
                belongs |= dict(corpus.scan(table.name, split=GOLD).select(table.key, column).collect().iter_rows())
        found: dict[str, dict[str, list[_Row]]] = {text: {table.name: [] for table in tables} for text in texts}
        lost: dict[str, list[str]] = {}
        every = corpus.scan(TEXTS).select("text_id").collect()["text_id"]
        lost["texts without words"] = [text for text in every if text not in known]
        for table in tables:
            for row in corpus.table(table.name, split=GOLD).iter_rows(named=True):
                home = _home(row[table.key], belongs, known)
                if home is None:
                    lost.setdefault(f"{table.name} that belong to no text with words", []).append(row[table.key])
                else:
                    found[home][table.name].append(row)
        return cls(tuple(tables), found, lost)

    def tokens(self, text: str) -> list[_Row]:
        """The rows of the first table of tokens."""
        name = next((table.name for table in self.tables if table.unit == "token"), None)
        return self.found[text][name] if name is not None else []


def _home(id_: str, belongs: Mapping[str, str], texts: set[str]) -> str | None:
    """The text to which a row belongs, by way of the unit that it is about or begins at."""
    passed: set[str] = set()
    while id_ not in texts:
        # Relations may run in a circle.
        if id_ in passed or id_ not in belongs:
            return None
        passed.add(id_)
        id_ = belongs[id_]
    return id_


@dataclass(slots=True)
class _Token:
    """A token as spaCy has it: characters, and the rows of the words that have their place."""

    text: str
    rows: tuple[_Row, ...] = ()
    space: bool = False
    """Whether a blank follows."""


@dataclass(frozen=True, slots=True)
class _Making:
    """The documents while they are being made."""

    vocab: Any
    rows: _Rows
    about: Mapping[str, tuple[str, Mapping[str, _Row]]]
    segments: Mapping[str, list[_Row]]
    lost: dict[str, list[str]] = field(default_factory=dict)

    def lose(self, what: str, id_: str) -> None:
        self.lost.setdefault(f"{what} (in user_data only)", []).append(id_)

    def document(self, document: Document) -> Doc:
        from spacy.tokens import Doc

        words = self.rows.tokens(document.id)
        tokens, unplaced = _tokens(document.text, words or self.segments.get(document.id, []))
        for row in unplaced:
            self.lose("tokens without a place, or one across another", row["token_id"])
        for row in (row for token in tokens for row in token.rows if words and row is not _governor(token)):
            self.lose("tokens that share their place with another", row["token_id"])
        annotations = self._annotations(tokens) if words and tokens else {}
        doc = Doc(
            self.vocab,
            words=[token.text for token in tokens],
            spaces=[token.space for token in tokens],
            user_data=self._user_data(document),
            **annotations,
        )
        if annotations and [token.is_sent_start for token in doc] != annotations["sent_starts"]:
            what = "texts of which spaCy cuts the sentences otherwise, by their trees (the corpus's are spans)"
            self.lost.setdefault(what, []).append(document.id)
        for table in self.rows.tables:
            if table.unit in ("sentence", "span"):
                doc.spans[table.name] = self._spans(doc, table, self.rows.found[document.id][table.name])
        return doc

    def _user_data(self, document: Document) -> dict[str, Any]:
        [text] = document.texts
        return {
            "text": _filled(text, leave="text"),
            **{name: _filled(rows[text[key]]) for name, (key, rows) in self.about.items() if text[key] in rows},
            "rows": {name: [_filled(row) for row in rows] for name, rows in self.rows.found[document.id].items()},
        }

    def _spans(self, doc: Doc, table: Table, rows: Iterable[_Row]) -> list[Span]:
        spans = []
        for row in rows:
            place = row["start_char"], row["end_char"]
            if None in place:
                self.lose(f"{table.name} outside of every text", row[table.key])
                continue
            span = doc.char_span(*place, label=row["label"], span_id=row[table.key])
            if span is None:
                self.lose(f"{table.name} that do not begin and end with a token", row[table.key])
            else:
                spans.append(span)
        return spans

    def _annotations(self, tokens: Sequence[_Token]) -> dict[str, list[Any]]:
        number_of = {
            (row["sentence_id"], row["position"]): number for number, token in enumerate(tokens) for row in token.rows
        }
        made: dict[str, list[Any]] = {
            name: [] for name in ("tags", "pos", "morphs", "lemmas", "heads", "deps", "sent_starts")
        }
        sentence = None
        for number, token in enumerate(tokens):
            row = _governor(token)
            if row is None:
                blank = token.text.isspace()
                # As in spaCy's own pipelines, white space hangs on the token before it.
                head: int | None = number - 1 if number else min(1, len(tokens) - 1)
                values = ("_SP" if blank else "", "SPACE" if blank else "", "", token.text if blank else "", head, "")
            else:
                upos = row["upos"] if row["upos"] in _UPOS else ""
                if not upos:
                    self.lose("parts of speech that spaCy does not know, of tokens", row["token_id"])
                head = number if row["head"] == 0 else number_of.get((row["sentence_id"], row["head"]))
                dep = "" if head is None else "ROOT" if head == number else row.get("deprel") or ""
                values = (row.get("xpos") or "", upos, row["feats"] or "", row["lemma"] or "", head, dep)
            for name, value in zip(made, values, strict=False):
                made[name].append(value)
            begins = row is not None and row["sentence_id"] != sentence
            # What stands before the first word belongs to its sentence.
            made["sent_starts"].append(not number or (begins and sentence is not None))
            sentence = sentence if row is None else row["sentence_id"]
        return made


def _filled(row: _Row, *, leave: str = "") -> dict[str, Any]:
    """The filled columns of a row; a time as it stands in a CSV file."""
    return {
        name: as_cell(value) if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None and name != leave
    }


def _tokens(text: str, rows: Iterable[_Row]) -> tuple[list[_Token], list[_Row]]:
    """Tokens that spell a text, and the rows that have no part in it."""
    made: list[_Token] = []
    unplaced = []
    at, place = 0, None
    for row in rows:
        start, end = row["start_char"], row["end_char"]
        if (start, end) == place:
            made[-1].rows += (row,)
        elif start is None or end is None or not at <= start < end <= len(text):
            unplaced.append(row)
        else:
            _add_gap(made, text[at:start])
            made.append(_Token(text[start:end], (row,)))
            at, place = end, (start, end)
    _add_gap(made, text[at:])
    return made, unplaced


def _add_gap(tokens: list[_Token], gap: str) -> None:
    if tokens and gap.startswith(" "):
        tokens[-1].space = True
        gap = gap[1:]
    if gap:
        tokens.append(_Token(gap))


def _governor(token: _Token) -> _Row | None:
    """The word of a token on which its others depend, which speaks for it."""
    own = {(row.get("sentence_id"), row["position"]) for row in token.rows}
    outer = (row for row in token.rows if (row.get("sentence_id"), row.get("head")) not in own)
    return next(outer, next(iter(token.rows), None))
