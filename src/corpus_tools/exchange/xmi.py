"""UIMA CAS XMI, for INCEpTION and dkpro-cassis: documents out, and what was annotated on them back.

A type system and the settings of INCEpTION's layers stand beside the files of the documents.

Source:
    UIMA 3 reference, XMI CAS Serialization: https://uima.apache.org/d/uimaj-current/references.html
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, RecordsError, counted, listed
from corpus_tools.exchange.annotating import all_left_out
from corpus_tools.exchange.documents import Document, Task, documents_of
from corpus_tools.exchange.inception_layers import ANY, LAYERS, STRING, UNITS, Type, layers_json, types_of
from corpus_tools.exchange.inception_reading import Found, Parsed, as_imported, files_in, returned
from corpus_tools.exchange.inception_sheets import (
    CORE,
    DEPENDENCY,
    LEMMA,
    MORPH,
    POS,
    REST,
    Arc,
    Sheet,
    Span,
    Word,
    heads_of,
    sheets_of,
    token_features,
)
from corpus_tools.files import write_whole
from corpus_tools.scheme import Table

__all__ = ["UNITS", "read_task", "write", "write_task"]

_TYPES = "TypeSystem.xml"
_TOKEN, _SENTENCE = f"{CORE}segmentation.type.Token", f"{CORE}segmentation.type.Sentence"
_METADATA = f"{CORE}metadata.type.DocumentMetaData"
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
# The attributes of an XMI file that hold ids of others.
_REFERENCES = {name for features in _DKPRO.values() for name, of_type in features.items() if of_type != STRING} | {
    *("sofa", "members")
}
_XMI_ID = "{http://www.omg.org/XMI}id"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    sheets = sheets_of(task.documents, types)
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
    return [*all_left_out(sheet.lost for sheet in sheets), *replaced]


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
    except KeyError as lost:
        raise RecordsError(path, _lost_reference(raw, lost.args[0])) from None
    except Exception as problem:
        # Whatever its parser stumbles over, from broken XML to a reference to nothing.
        raise RecordsError(path, f"is no XMI that dkpro-cassis can read: {problem}") from None
    known = {type_.name: type_ for type_ in types.values()}
    found = [_found(fs, known[fs.type.name]) for fs in annotations if fs.type.name in known]
    return Parsed(cas.sofa_string or "", found)


def _lost_reference(raw: bytes, id_: object) -> str:
    """What is wrong where an annotation refers to an id that nothing has."""
    where = [
        f"{name} of {element.tag.rpartition('}')[2]} {element.get(_XMI_ID, '')}".rstrip()
        for element in import_module("lxml.etree").fromstring(raw).iter("*")
        for name, value in element.items()
        if name in _REFERENCES and str(id_) in value.split()
    ]
    return f"refers to the annotation {id_}, which is not there: {listed(where)}; export the document once more"


def _found(fs: Any, type_: Type) -> Found:
    there = {feature.name for feature in fs.type.all_features}
    values = {name: fs[name] for name in type_.features if name in there and fs[name] is not None}
    features = {name: str(value) for name, value in values.items()}
    governor, dependent = (fs[end] if type_.ends and end in there else None for end in ("Governor", "Dependent"))
    ends = (governor and governor.xmiID, dependent and dependent.xmiID) if type_.ends else None
    return Found(fs.xmiID, type_.name, fs.begin, fs.end, features, f"annotation {fs.xmiID}", ends)
