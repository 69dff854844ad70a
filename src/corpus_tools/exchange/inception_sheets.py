"""A document as annotations on sentences of tokens, as each format of INCEpTION has them.

Tokens have DKPro's types; what these cannot say of a token stands in a type of its own.

Source:
    DKPro's types and where a relation stands as in the source of INCEpTION:
    https://github.com/inception-project/inception
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import polars as pl

from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, as_cell
from corpus_tools.exchange.inception_layers import Type, feature_name
from corpus_tools.tokens import split_sentences, tokenise

CORE = "de.tudarmstadt.ukp.dkpro.core.api."
"""How the names of DKPro's types begin."""
POS, LEMMA = f"{CORE}lexmorph.type.pos.POS", f"{CORE}segmentation.type.Lemma"
MORPH = f"{CORE}lexmorph.type.morph.MorphologicalFeatures"
DEPENDENCY = f"{CORE}syntax.type.dependency.Dependency"
# What a token says in DKPro's types: type -> feature -> column.
TOKEN_COLUMNS: Mapping[str, Mapping[str, str]] = {
    POS: {"PosValue": "xpos", "coarseValue": "upos"},
    LEMMA: {"value": "lemma"},
    MORPH: {"value": "feats"},
}
REST = "webanno.custom.TokenRow"
"""The type for what DKPro's types cannot say of a token; no table has this name, since theirs are in small letters."""


@dataclass(frozen=True, slots=True)
class Word:
    """A token, with its row where the corpus has one."""

    start: int
    end: int
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, of a token at least."""

    id: str
    """Its id in the corpus; empty where it has none."""
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A mark, an answer or what is to be said of a token, as an annotation."""

    id: str
    type: str
    start: int
    end: int
    features: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Arc:
    """A relation as an annotation."""

    id: str
    type: str
    start: int
    end: int
    from_id: str
    to_id: str
    features: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as annotations."""

    document: Document
    sentences: tuple[Sentence, ...]
    spans: tuple[Span, ...]
    arcs: tuple[Arc, ...]
    lost: Mapping[str, list[str]]
    """What has no place -> the ids of the rows."""


def sheets_of(documents: Sequence[Document], types: Mapping[str, Type]) -> list[Sheet]:
    """Documents as annotations, on sentences of tokens: those of the corpus, where a text has none those of rules."""
    tokens = [_tokens_by_text(document) for document in documents]
    by_rule = _sentences_by_rule(
        [
            (number, text.id, document.text[text.start : text.end], text.start)
            for number, (document, of_texts) in enumerate(zip(documents, tokens, strict=True))
            for text in document.marks
            if text.table == TEXTS and text.id not in of_texts
        ]
    )
    made = []
    for number, (document, of_texts) in enumerate(zip(documents, tokens, strict=True)):
        sentences: list[Sentence] = []
        for text in document.marks:
            if text.table == TEXTS:
                given = of_texts.get(text.id)
                sentences += _sentences_of_rows(given) if given else by_rule.get((number, text.id), [])
        made.append(_sheet(document, types, tuple(sentences)))
    return made


def _sheet(document: Document, types: Mapping[str, Type], sentences: tuple[Sentence, ...]) -> Sheet:
    lost: dict[str, list[str]] = {}
    places = {mark.id: (mark.start, mark.end) for mark in document.marks}
    places |= {row["token_id"]: (row["start_char"], row["end_char"]) for row in _placed(document.tokens)}
    spans = [
        Span(mark.id, types[mark.table].name, mark.start, mark.end, _features(mark, types[mark.table]))
        for mark in document.marks
    ]
    arcs = []
    for link in document.links:
        if link.from_id not in places or link.to_id not in places:
            lost.setdefault(f"{link.table} with an end that has no place", []).append(link.id)
            continue
        # By INCEpTION's convention, a relation stands where what it leads to stands.
        places[link.id] = places[link.to_id]
        type_ = types[link.table]
        arcs.append(Arc(link.id, type_.name, *places[link.id], link.from_id, link.to_id, _features(link, type_)))
    for answer in document.answers:
        if answer.unit_id not in places:
            lost.setdefault(f"{answer.table} about a unit that has no place", []).append(answer.id)
            continue
        places[answer.id] = places[answer.unit_id]
        said = {"question": answer.question, "unit": answer.unit_id}
        features = {**_features(answer, types[answer.table]), **said}
        spans.append(Span(answer.id, types[answer.table].name, *places[answer.id], features))
    spans += _token_rows(document, sentences)
    if unplaced := [row["token_id"] for row in document.tokens if row["token_id"] not in places]:
        lost["tokens without a place in their text"] = unplaced
    return Sheet(document, sentences, tuple(spans), tuple(arcs), lost)


def _features(unit: Mark | Link | Answer, type_: Type) -> dict[str, str]:
    values = {feature: unit.values[name] for feature, name in type_.columns.items() if name in unit.values}
    return {"corpus_id": unit.id, "label": unit.label, **values}


def _placed(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["start_char"] is not None and row["end_char"] is not None]


def _tokens_by_text(document: Document) -> dict[str, list[Mapping[str, Any]]]:
    tokens: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(_placed(document.tokens), key=lambda row: row["start_char"]):
        tokens.setdefault(row["text_id"], []).append(row)
    return tokens


def _sentences_of_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[Sentence]:
    at = 0
    for sentence_id, group in groupby(rows, key=lambda row: str(row["sentence_id"])):
        words = []
        for row in group:
            # The words of a multiword token may stand in one place, which only one token can have.
            if at <= row["start_char"] < row["end_char"]:
                words.append(Word(row["start_char"], row["end_char"], row))
                at = row["end_char"]
        if words:
            yield Sentence(sentence_id, tuple(words))


def _sentences_by_rule(texts: Sequence[tuple[int, str, str, int]]) -> dict[tuple[int, str], list[Sentence]]:
    """The sentences of texts, each with the number of its document, its id, its words and where it begins there."""
    # All texts in one call each: for a short text, the call takes longer than the work.
    words = pl.DataFrame(
        {"text_id": range(len(texts)), "text": [text for _, _, text, _ in texts]},
        {"text_id": pl.UInt32, "text": pl.String},
    )
    sentences = split_sentences(words).select("text_id", "start_char", "quote").with_row_index("number")
    quotes = sentences.select(text_id="number", text="quote")
    places: dict[int, list[tuple[int, int]]] = {}
    for number, *place in tokenise(quotes).select("text_id", "start_char", "end_char").collect().iter_rows():
        places.setdefault(number, []).append((place[0], place[1]))
    found: dict[tuple[int, str], list[Sentence]] = {}
    for number, of_text, start in sentences.select("number", "text_id", "start_char").iter_rows():
        document, text_id, _, begin = texts[of_text]
        at = begin + start
        if number in places:
            tokens = tuple(Word(at + first, at + last) for first, last in places[number])
            found.setdefault((document, text_id), []).append(Sentence("", tokens))
    return found


def heads_of(sentence: Sentence) -> list[tuple[Word, Word, str | None]]:
    """Each token of a sentence that depends on one of them, with this one (itself for the root) and its relation."""
    by_position = {word.row["position"]: word for word in sentence.words if word.row}
    found = []
    for word in sentence.words:
        head = word.row["head"] if word.row else None
        governor = word if head == 0 else by_position.get(head)
        if word.row and governor is not None:
            found.append((word, governor, word.row.get("deprel")))
    return found


def _token_rows(document: Document, sentences: Iterable[Sentence]) -> list[Span]:
    """What DKPro's types, the sentence and the text do not say of the tokens."""
    told: dict[str, dict[str, object]] = {}
    for sentence in sentences:
        headed = {id(word) for word, _, _ in heads_of(sentence)}
        for rank, word in enumerate(sentence.words, start=1):
            if word.row is None:
                continue
            row, after = word.row, document.text[word.end : word.end + 1]
            said: dict[str, object] = {column: row.get(column) for column in ("upos", "xpos", "lemma", "feats")}
            if id(word) in headed:
                said |= {"head": row["head"], "deprel": row.get("deprel")}
            said |= {"form": document.text[word.start : word.end], "position": rank, "sentence_id": sentence.id}
            said |= {"token_id": f"{sentence.id}-t{rank}", "space_after": not after or after.isspace()}
            told[row["token_id"]] = said
    spans = []
    for row in _placed(document.tokens):
        said = told.get(row["token_id"], {}) | {name: row[name] for name in ("text_id", "start_char", "end_char")}
        rest = {name: as_cell(value) for name, value in row.items() if value is not None and said.get(name) != value}
        rest.pop("annotator", None)
        if rest:
            features = {feature_name(name): cell for name, cell in rest.items() if name != "token_id"}
            features["corpus_id"] = row["token_id"]
            spans.append(Span(row["token_id"], REST, row["start_char"], row["end_char"], features))
    return spans


def token_features(word: Word, name: str) -> dict[str, str]:
    """What one of DKPro's types says of a token: feature -> value."""
    row = word.row or {}
    columns = TOKEN_COLUMNS[name].items()
    return {feature: str(row[column]) for feature, column in columns if row.get(column) is not None}
