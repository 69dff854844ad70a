"""UIMA CAS XMI, for INCEpTION and dkpro-cassis: documents out, and what was annotated on them back.

Each table of spans or judgements becomes an annotation type of its own, each table of relations a type with a Governor
(where it starts) and a Dependent (where it leads to); tokens have DKPro's types. `layers.json` says the same as
INCEpTION's layer settings do. What both formats of INCEpTION need, this one and WebAnno TSV, stands here.

Source:
    UIMA 3 reference, XMI CAS Serialization: https://uima.apache.org/d/uimaj-current/references.html; relation layers,
    layer settings and export archives as in the source of INCEpTION: https://github.com/inception-project/inception
"""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, RecordsError, counted, listed
from corpus_tools.exchange.documents import (
    TEXTS,
    Answer,
    Document,
    Link,
    Mark,
    Task,
    as_cell,
    documents_of,
    further,
    left_out,
    same_text,
)
from corpus_tools.files import write_whole
from corpus_tools.scheme import Label, Question, Table
from corpus_tools.tokens import split_sentences, tokenise

UNITS = frozenset({"span", "relation", "judgement"})
LAYERS = "layers.json"
_TYPES = "TypeSystem.xml"
ANY = "uima.tcas.Annotation"
STRING = "uima.cas.String"
_CORE = "de.tudarmstadt.ukp.dkpro.core.api."
_TOKEN, _SENTENCE = f"{_CORE}segmentation.type.Token", f"{_CORE}segmentation.type.Sentence"
_METADATA = f"{_CORE}metadata.type.DocumentMetaData"
POS, LEMMA = f"{_CORE}lexmorph.type.pos.POS", f"{_CORE}segmentation.type.Lemma"
MORPH = f"{_CORE}lexmorph.type.morph.MorphologicalFeatures"
DEPENDENCY = f"{_CORE}syntax.type.dependency.Dependency"
# Each of DKPro's types -> its features and their types.
_DKPRO: Mapping[str, Mapping[str, str]] = {
    POS: {"PosValue": STRING, "coarseValue": STRING},
    LEMMA: {"value": STRING},
    MORPH: {"value": STRING},
    _SENTENCE: {"id": STRING},
    _TOKEN: {"lemma": LEMMA, "pos": POS, "morph": MORPH, "id": STRING},
    DEPENDENCY: {"Governor": _TOKEN, "Dependent": _TOKEN, "DependencyType": STRING},
    _METADATA: {"documentTitle": STRING, "documentId": STRING},
}
# What a token says in DKPro's types: type -> feature -> column.
TOKEN_COLUMNS: Mapping[str, Mapping[str, str]] = {
    POS: {"PosValue": "xpos", "coarseValue": "upos"},
    LEMMA: {"value": "lemma"},
    MORPH: {"value": "feats"},
}
# Names that INCEpTION gives no feature, and those that are given here.
_TAKEN = frozenset(
    "address begin end coveredtext booleanvalue doublevalue bytevalue cas casimpl class featurevalue floatvalue"
    " longvalue lowlevelcas printrefs sofa stringvalue type typeindexid view"
    " self governor dependent corpus_id label question unit".split()
)
REST = "webanno.custom.TokenRow"
"""The type for what DKPro's types cannot say of a token; no table has this name, since theirs are in small letters."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INITIAL = "INITIAL_CAS"
"""How INCEpTION calls a document as it was imported, beside those of the annotators."""
_ENDINGS = re.compile(r"(?:\.(?:zip|xmi|tsv))+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Type:
    """The annotation type of a table."""

    name: str
    columns: Mapping[str, str]
    """Its features for columns -> these columns."""
    own: tuple[str, ...]
    """Its other features."""
    ends: str = ""
    """For relations: the type of both ends."""

    @property
    def features(self) -> tuple[str, ...]:
        """The names of all features that are no ends."""
        return (*self.own, *self.columns)


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


@dataclass(frozen=True, slots=True)
class Found:
    """An annotation as a file has it."""

    key: Hashable
    type: str
    start: int
    end: int
    features: Mapping[str, str]
    where: str
    ends: tuple[Hashable, Hashable] | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that came back."""

    text: str
    found: Sequence[Found] = field(default_factory=list)


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write a folder with the types, the layer settings and an XMI file for each thread.

    Raises:
        MissingExtraError: If dkpro-cassis is not installed.
    """
    found = documents_of(corpus, tables)
    return [*found.left_out, *write_task(Task(tuple(tables), found.documents), out)]


def write_task(task: Task, out: Path) -> list[str]:
    """Write a folder with the types, an XMI file for each document, and the layers for the settings of INCEpTION.

    Returns:
        What XMI cannot hold, one sentence each.

    Raises:
        MissingExtraError: If dkpro-cassis is not installed.
    """
    cassis = _cassis()
    types = types_of(task)
    sheets = [sheet_of(document, types) for document in task.documents]
    typesystem = _typesystem(cassis, types, sheets)
    write_whole(out / _TYPES, typesystem.to_xml() or "")
    write_whole(out / LAYERS, layers_json(task, types))
    n_replaced = 0
    for sheet in sheets:
        cas = _cas(cassis, typesystem, types, sheet)
        write_whole(out / f"{sheet.document.id}.xmi", cas.to_xmi() + "\n")
        n_replaced += len(_NOT_IN_XML.findall(sheet.document.text))
        said: list[Span | Arc] = [*sheet.spans, *sheet.arcs]
        n_replaced += sum(len(_NOT_IN_XML.findall(value)) for one in said for value in one.features.values())
    replaced = [f"{counted(n_replaced, 'character')} that XML does not allow: written as U+FFFD"] if n_replaced else []
    return [*lost_in(sheets), *replaced]


def read_task(task: Task, folder: Path) -> list[Document]:
    """Read the XMI files that came back, also out of ZIP archives as INCEpTION exports them.

    Of a document, the file as it was given out counts only if there is no other. The ids of new rows begin with `new-`.

    Raises:
        RecordsError: If a document has no file or several, a text was changed, or an annotation does not hold; the
            message names it.
        MissingExtraError: If dkpro-cassis is not installed.
    """
    cassis = _cassis()
    types = types_of(task)
    files = files_in(folder)
    parsed = {
        path: _parse(cassis, path, raw, _typesystem_of(path, files), types)
        for path, raw in files.items()
        if path.suffix.lower() == ".xmi" and not as_imported(path)
    }
    return returned(task, folder, parsed, ".xmi", same=lambda text, found: _writable(text) == found)


def _cassis() -> Any:
    try:
        return import_module("cassis")
    except ImportError:
        raise MissingExtraError("dkpro-cassis", "inception") from None


def type_name(table: str) -> str:
    """The name of the annotation type of a table."""
    return f"webanno.custom.{table[:1].upper()}{table[1:]}"


def _feature(column: str) -> str:
    return f"{column}_" if column.lower() in _TAKEN else column


def types_of(task: Task) -> dict[str, Type]:
    """Name of each table that has rows or is to have some -> its annotation type; tokens have none."""
    columns: dict[str, dict[str, None]] = {}
    for table in task.tables:
        if table.unit != "token":
            columns[table.name] = dict.fromkeys(column.name for column in further(table))
    judged = {table.name for table in task.tables if table.unit == "judgement"}
    related = {table.name for table in task.tables if table.unit == "relation"}
    for document in task.documents:
        judged |= {answer.table for answer in document.answers}
        related |= {link.table for link in document.links}
        units: list[Mark | Link | Answer] = [*document.marks, *document.links, *document.answers]
        for unit in units:
            columns.setdefault(unit.table, {}).update(dict.fromkeys(unit.values))
    ends = {table: _end(task, table, {*columns} - judged - related) for table in related}
    return {
        table: Type(
            type_name(table),
            {_feature(name): name for name in names},
            ("corpus_id", "question", "label", "unit") if table in judged else ("corpus_id", "label"),
            ends.get(table, ""),
        )
        for table, names in columns.items()
    }


def _end(task: Task, related: str, spans: set[str]) -> str:
    """The type of the ends of a table of relations: that of the one table of spans where they stand, or any."""
    rules = next((table.constraints for table in task.tables if table.name == related), None)
    allowed = {*rules.from_tables, *rules.to_tables} if rules and rules.from_tables and rules.to_tables else set()
    there = {
        document.units[end].table if end in document.units else ""
        for document in task.documents
        for link in document.links
        if link.table == related
        for end in (link.from_id, link.to_id)
    }
    tables = allowed | there
    return type_name(*tables) if len(tables) == 1 and tables <= spans else ANY


def sheet_of(document: Document, types: Mapping[str, Type]) -> Sheet:
    """A document as annotations, on sentences of tokens: those of the corpus, where a text has none those of rules."""
    lost: dict[str, list[str]] = {}
    sentences = tuple(_sentences(document))
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


def lost_in(sheets: Iterable[Sheet]) -> tuple[str, ...]:
    """What the sheets left out, one sentence for each kind."""
    lost: dict[str, list[str]] = {}
    for sheet in sheets:
        for what, ids in sheet.lost.items():
            lost.setdefault(what, []).extend(ids)
    return left_out(lost)


def _features(unit: Mark | Link | Answer, type_: Type) -> dict[str, str]:
    values = {feature: unit.values[name] for feature, name in type_.columns.items() if name in unit.values}
    return {"corpus_id": unit.id, "label": unit.label, **values}


def _placed(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["start_char"] is not None and row["end_char"] is not None]


def _sentences(document: Document) -> Iterator[Sentence]:
    tokens: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(_placed(document.tokens), key=lambda row: row["start_char"]):
        tokens.setdefault(row["text_id"], []).append(row)
    for text in (mark for mark in document.marks if mark.table == TEXTS):
        if text.id in tokens:
            yield from _sentences_of_rows(tokens[text.id])
        else:
            yield from _sentences_by_rule(document.text[text.start : text.end], text.start)


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


def _sentences_by_rule(text: str, begin: int) -> Iterator[Sentence]:
    sentences = split_sentences(pl.DataFrame({"text_id": [""], "text": [text]}))
    quotes = sentences.select(text_id=pl.col("position").cast(pl.String), text="quote")
    tokens = tokenise(quotes).collect().partition_by("text_id", as_dict=True)
    for position, start in sentences.select("position", "start_char").iter_rows():
        if (str(position),) in tokens:
            places = tokens[str(position),].select("start_char", "end_char").iter_rows()
            yield Sentence("", tuple(Word(begin + start + first, begin + start + last) for first, last in places))


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
            features = {_feature(name): cell for name, cell in rest.items() if name != "token_id"}
            features["corpus_id"] = row["token_id"]
            spans.append(Span(row["token_id"], REST, row["start_char"], row["end_char"], features))
    return spans


def _writable(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)


def _typesystem(cassis: Any, types: Mapping[str, Type], sheets: Iterable[Sheet]) -> Any:
    typesystem = cassis.TypeSystem()
    rows = [feature for sheet in sheets for span in sheet.spans if span.type == REST for feature in span.features]
    declared = {
        **_DKPRO,
        **{type_.name: dict.fromkeys(type_.features, STRING) for type_ in types.values()},
        **({REST: dict.fromkeys(sorted(rows), STRING)} if rows else {}),
    }
    for name in declared:
        supertype = "uima.tcas.DocumentAnnotation" if name == _METADATA else ANY
        typesystem.create_type(name, supertypeName=supertype)
    for name, features in declared.items():
        for feature, of_type in features.items():
            typesystem.create_feature(name, feature, of_type)
    for type_ in types.values():
        if type_.ends:
            for end in ("Governor", "Dependent"):
                typesystem.create_feature(type_.name, end, type_.ends)
    return typesystem


def _cas(cassis: Any, typesystem: Any, types: Mapping[str, Type], sheet: Sheet) -> Any:
    document = sheet.document
    cas = cassis.Cas(typesystem=typesystem)
    cas.sofa_string, cas.sofa_mime = _writable(document.text), "text/plain"
    made: dict[str, Any] = {}

    def add(name: str, start: int, end: int, features: Mapping[str, Any]) -> Any:
        kept = {key: _writable(value) if isinstance(value, str) else value for key, value in features.items()}
        annotation = typesystem.get_type(name)(begin=start, end=end, **kept)
        cas.add(annotation)
        return annotation

    add(_METADATA, 0, len(document.text), {"documentTitle": f"{document.id}.xmi", "documentId": document.id})
    for sentence in sheet.sentences:
        begin, end = sentence.words[0].start, sentence.words[-1].end
        add(_SENTENCE, begin, end, {"id": sentence.id} if sentence.id else {})
        for word in sentence.words:
            attached = {
                feature: add(name, word.start, word.end, said)
                for feature, name in (("pos", POS), ("lemma", LEMMA), ("morph", MORPH))
                if (said := token_features(word, name))
            }
            own = {"id": word.row["token_id"]} if word.row else {}
            made[_id(word)] = add(_TOKEN, word.start, word.end, {**attached, **own})
        for word, governor, deprel in heads_of(sentence):
            ends = {"Governor": made[_id(governor)], "Dependent": made[_id(word)]}
            add(DEPENDENCY, word.start, word.end, {**ends, **({} if deprel is None else {"DependencyType": deprel})})
    for span in sheet.spans:
        made.setdefault(span.id, add(span.type, span.start, span.end, span.features))
    for arc in sheet.arcs:
        made[arc.id] = add(arc.type, arc.start, arc.end, arc.features)
    for arc in sheet.arcs:
        made[arc.id].Governor, made[arc.id].Dependent = made[arc.from_id], made[arc.to_id]
    return cas


def _id(word: Word) -> str:
    return str(word.row["token_id"]) if word.row else ""


def token_features(word: Word, name: str) -> dict[str, str]:
    """What one of DKPro's types says of a token: feature -> value."""
    row = word.row or {}
    columns = TOKEN_COLUMNS[name].items()
    return {feature: str(row[column]) for feature, column in columns if row.get(column) is not None}


def layers_json(task: Task, types: Mapping[str, Type]) -> str:
    """The layers with their tag sets, as the project settings of INCEpTION import them."""
    tables = {table.name: table for table in task.tables}
    layers = [_layer(type_, tables.get(name), name) for name, type_ in types.items()]
    return json.dumps(layers, indent=1, ensure_ascii=False) + "\n"


def _layer(type_: Type, table: Table | None, name: str) -> dict[str, Any]:
    nested = table is None or table.constraints.overlap != "none"
    attached = {"attach_type": {"name": type_.ends}} if type_.ends not in ("", ANY) else {}
    return {
        "name": type_.name,
        "uiName": name,
        "type": "relation" if type_.ends else "span",
        "description": table.description if table else "Given: shown to be referred to.",
        **attached,
        "allow_stacking": nested,
        "cross_sentence": True,
        "anchoring_mode": "CHARACTERS",
        "overlap_mode": "ANY_OVERLAP" if nested else "NO_OVERLAP",
        "validation_mode": "NEVER",
        "features": [
            _setting(feature, type_.columns.get(feature, feature), rank, table)
            for rank, feature in enumerate(type_.features)
        ],
    }


def _setting(feature: str, column: str, rank: int, table: Table | None) -> dict[str, Any]:
    about = {one.name: one for one in table.columns}.get(column) if table else None
    tags = _tags(table, column) if table else []
    named = {"name": f"{table.name} {column}", "language": "en", "create_tag": False} if table else {}
    return {
        "name": feature,
        "uiName": column,
        "type": STRING,
        "description": about.description if about else "Id of the row in the corpus; left empty in a new one.",
        "visible": feature != "corpus_id",
        "multi_value_mode": "NONE",
        "link_mode": "NONE",
        "rank": rank,
        **({"tag_set": {**named, "description": about.description if about else "", "tags": tags}} if tags else {}),
    }


def _tags(table: Table, column: str) -> list[dict[str, str]]:
    if column == "question":
        return [{"tag_name": one.id, "tag_description": _meaning(one)} for one in table.questions]
    if column not in {one.name for one in table.columns}:
        return []
    meanings: dict[str, Label] = {label.id: label for label in table[column].meanings}
    if column == "label":
        meanings = {label.id: label for one in table.questions for label in one.labels} | meanings
    return [
        {"tag_name": label, "tag_description": _meaning(meanings[label]) if label in meanings else ""}
        for label in table[column].labels
    ]


def _meaning(label: Label | Question) -> str:
    return " ".join(part.strip() for part in (label.definition, label.test) if part.strip())


def files_in(folder: Path) -> dict[Path, bytes]:
    """The files under a folder, also in ZIP archives, as if these were folders."""
    found: dict[Path, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found |= _opened(path, path.read_bytes())
    return found


def _opened(path: Path, raw: bytes) -> dict[Path, bytes]:
    if path.suffix.lower() != ".zip":
        return {path: raw}
    found: dict[Path, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                if not name.endswith("/"):
                    found |= _opened(path / name.lstrip("/"), archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as problem:
        raise RecordsError(path, f"is no ZIP archive that can be opened: {problem}") from None
    return found


def as_imported(path: Path) -> bool:
    """Whether a file is a document as it was imported, which INCEpTION exports beside those of the annotators."""
    return any(_ENDINGS.sub("", part) == _INITIAL for part in path.parts)


def _typesystem_of(path: Path, files: Mapping[Path, bytes]) -> bytes:
    """The type system that stands nearest to a file: in its folder, or in one that this one is in."""
    there = {other.parent: raw for other, raw in files.items() if other.name.lower() == _TYPES.lower()}
    for folder in path.parents:
        if folder in there:
            return there[folder]
    raise RecordsError(path, f"has no {_TYPES} beside it; export it together with its type system")


def _parse(cassis: Any, path: Path, raw: bytes, types_xml: bytes, types: Mapping[str, Type]) -> Parsed:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            typesystem = cassis.load_typesystem(io.BytesIO(types_xml))
            # Said of a place that is none in the text.
            warnings.filterwarnings("error", message="Not mapping")
            cas = cassis.load_cas_from_xmi(io.BytesIO(raw), typesystem=typesystem, lenient=True)
            annotations = sorted(cas.select_all_fs(), key=lambda fs: fs.xmiID)
    except Exception as problem:
        # Whatever its parser stumbles over, from broken XML to a reference to nothing.
        raise RecordsError(path, f"is no XMI that dkpro-cassis can read: {problem}") from None
    known = {type_.name: type_ for type_ in types.values()}
    found = [_found(fs, known[fs.type.name]) for fs in annotations if fs.type.name in known]
    return Parsed(cas.sofa_string or "", found)


def _found(fs: Any, type_: Type) -> Found:
    there = {feature.name for feature in fs.type.all_features}
    values = {name: fs[name] for name in type_.features if name in there and fs[name] is not None}
    features = {name: str(value) for name, value in values.items()}
    governor, dependent = (fs[end] if type_.ends and end in there else None for end in ("Governor", "Dependent"))
    ends = (governor and governor.xmiID, dependent and dependent.xmiID) if type_.ends else None
    return Found(fs.xmiID, type_.name, fs.begin, fs.end, features, f"annotation {fs.xmiID}", ends)


def returned(
    task: Task, folder: Path, parsed: Mapping[Path, Parsed], ending: str, *, same: Callable[[str, str], bool]
) -> list[Document]:
    """The documents of a task as files that came back have them, with the rows of its tables only.

    Args:
        task: The task.
        folder: Where the files lie.
        parsed: Each file.
        ending: How the name of a file ends, with its dot.
        same: Whether a text, as far as the format can hold it, is that of a file.

    Returns:
        One document for each of the task, in order.

    Raises:
        RecordsError: If a document has no file or several, a text was changed, or an annotation does not hold.
    """
    files: dict[str, list[Path]] = {document.id: [] for document in task.documents}
    for path, file in parsed.items():
        files[_document_of(task, folder, path, file, same)].append(path)
    reading = _Reading(task)
    made = []
    for document in task.documents:
        given = folder / f"{document.id}{ending}"
        paths = [path for path in files[document.id] if path != given] or files[document.id]
        if not paths:
            raise RecordsError(given, f"is not there, nor another {ending} file of {document.id}")
        if len(paths) > 1:
            raise RecordsError(folder, f"has several files of {document.id}: {listed(paths)}; leave one annotator's")
        file = parsed[paths[0]]
        if not same(document.text, file.text):
            same_text(paths[0], document, file.text)
        made.append(reading.document(document, paths[0], file.found))
    return made


def _document_of(task: Task, folder: Path, path: Path, file: Parsed, same: Callable[[str, str], bool]) -> str:
    """The document of a file: by its name, that of a folder or archive it is in, or else by its text."""
    ids = {document.id for document in task.documents}
    for part in reversed(path.relative_to(folder).parts):
        if (name := _ENDINGS.sub("", part)) in ids:
            return name
    alike = [document.id for document in task.documents if same(document.text, file.text)]
    if len(alike) != 1:
        raise RecordsError(path, f"is of no document of the task; name it after one of these: {listed(sorted(ids))}")
    return alike[0]


class _Reading:
    """What came back, with ids: those of the corpus, and new ones, each given once."""

    def __init__(self, task: Task) -> None:
        self._tables = {table.name: table for table in task.tables}
        self._types = {type_.name: (name, type_) for name, type_ in types_of(task).items()}
        self._given: set[str] = set()

    def document(self, document: Document, path: Path, found: Sequence[Found]) -> Document:
        ids = {one.key: self._id(one) for one in found if one.type in self._types}
        marks, links, answers = [], [], []
        for one in found:
            name, type_ = self._types.get(one.type, ("", None))
            table = self._tables.get(name)
            if table is None or type_ is None:
                continue
            values = {column: one.features[key] for key, column in type_.columns.items() if key in one.features}
            if table.unit == "relation":
                ends = _ends(path, one, table, ids)
                label = _label(path, one, table, table["label"].labels)
                links.append(Link(ids[one.key], name, *ends, label, values))
            elif table.unit != "judgement":
                label = _label(path, one, table, table["label"].labels)
                marks.append(Mark(ids[one.key], name, one.start, one.end, label, values))
            else:
                answers.append((one, table, values))
        there = {mark.id: (mark.start, mark.end, mark.table) for mark in (*document.marks, *marks)}
        known = {*there, *(row["token_id"] for row in document.tokens), *ids.values()}
        known |= {link.id for link in document.links} | {answer.id for answer in document.answers}
        return replace(
            document,
            marks=tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))),
            links=tuple(links),
            answers=tuple(
                _answer(path, one, table, ids[one.key], values, there, known) for one, table, values in answers
            ),
            tokens=(),
        )

    def _id(self, one: Found) -> str:
        name = self._types[one.type][0]
        id_ = one.features.get("corpus_id", "")
        if name not in self._tables:
            return id_
        number = 0
        while not id_ or id_ in self._given:
            number += 1
            id_ = f"new-{name}-{number}"
        self._given.add(id_)
        return id_


def _label(path: Path, one: Found, table: Table, labels: Sequence[str]) -> str:
    label = one.features.get("label", "")
    if label not in labels:
        known = f"is no label of {table.name}; there are {listed(labels)}"
        raise RecordsError(path, f"{one.where}: {label!r} at {one.start} to {one.end} {known}")
    return label


def _ends(path: Path, one: Found, table: Table, ids: Mapping[Hashable, str]) -> tuple[str, str]:
    start, goal = (ids.get(key, "") for key in one.ends or (None, None))
    if not start or not goal:
        lost = f"an end of this relation of {table.name} is no unit of the task"
        raise RecordsError(path, f"{one.where}: {lost}; draw it between such units")
    return start, goal


def _answer(
    path: Path,
    one: Found,
    table: Table,
    id_: str,
    values: Mapping[str, str],
    there: Mapping[str, tuple[int, int, str]],
    known: Iterable[str],
) -> Answer:
    question = one.features.get("question", "")
    questions = {asked.id: asked for asked in table.questions}
    if questions and question not in questions:
        raise RecordsError(
            path, f"{one.where}: {question!r} is no question of {table.name}; there are {listed(questions)}"
        )
    labels = [label.id for label in questions[question].labels] if questions else table["label"].labels
    label = _label(path, one, table, labels)
    unit = one.features.get("unit", "")
    if not unit:
        judged = (one.start, one.end, table.constraints.judged or TEXTS)
        same = [name for name, place in there.items() if place == judged]
        if len(same) != 1:
            place = f"{table.name} at {one.start} to {one.end}"
            raise RecordsError(path, f"{one.where}: {place}: say in `unit` what is judged")
        unit = same[0]
    elif unit not in known:
        raise RecordsError(path, f"{one.where}: {unit!r}, judged in {table.name}, is the id of no unit of the task")
    return Answer(id_, table.name, unit, question, label, values)
