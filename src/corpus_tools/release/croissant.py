"""Croissant: a release described for machines, from the file and its checksum down to the meaning of a label.

Source:
    Croissant Format Specification 1.1 (http://mlcommons.org/croissant/1.1) and Croissant RAI Specification 1.0
    (http://mlcommons.org/croissant/RAI/1.0), as the library mlcroissant reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from corpus_tools.citation.apa import apa
from corpus_tools.citation.rights import is_spdx
from corpus_tools.citation.work import addresses, source_entry
from corpus_tools.corpus import DRAFT, Corpus, find_table, table_names
from corpus_tools.errors import VersionError
from corpus_tools.metadata import GENERATED
from corpus_tools.release.codebook import label_sets
from corpus_tools.released import RELEASES, read_manifest, read_sums, released_files
from corpus_tools.scheme import FULL, GOLD, PASSES, Column, Label, Scheme, Table

CONFORMS_TO = ("http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0")
# Inline, so that nobody has to fetch it: the context of Croissant 1.1, with the terms of 1.0 that mlcroissant misses
# otherwise, and schema.org under the address that mlcroissant knows it by.
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        term: f"cr:{term}"
        for term in (
            *("annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes"),
            *("extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray"),
            *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet"),
            *("references", "regex", "repeated", "replace", "samplingRate", "sdVersion", "separator", "source"),
            *("subField", "transform", "unArchive", "value"),
        )
    },
}
NOTICE = f"{GENERATED}, scheme/ and the release; change those, then run `corpus-tools pages`."
PARQUET = "application/x-parquet"
SPLITS = {FULL: "", GOLD: "The adjudicated rows.", PASSES: "The rows of every pass behind the adjudicated ones."}
"""What a split is, where a table has several."""
MACHINES = ("language model", "rule")
"""The kinds of annotators that are no people."""
MAINTENANCE = ("maintenance", "removal")
"""What the datasheet says of later releases."""
TYPES = {"integer": "cr:Int32", "number": "cr:Float64", "boolean": "sc:Boolean", "timestamp": "sc:DateTime"}
"""Column type -> Croissant type; the others are texts."""


@dataclass(frozen=True, slots=True)
class Files:
    """The parquet files of a release and what they hold."""

    scheme: Scheme
    folder: Path
    n_rows: Mapping[str, int]
    """File name -> number of rows."""

    @property
    def tables(self) -> list[Table]:
        """The tables that have rows."""
        return [table for table in self.scheme.tables.values() if self.of(table)]

    def of(self, table: Table, splits: Iterable[str] | None = None, part: str | None = None) -> list[str]:
        """The files with rows of a table, of some of its splits or of a part of it."""
        stored = (name for split in splits or table.splits for name in released_files(table, split, part))
        return [name for name in stored if self.n_rows[name]]

    def filled(self, names: Iterable[str]) -> set[str]:
        """The columns of one or more files that hold any value."""
        rows = pl.scan_parquet([self.folder / name for name in names])
        return {column.name for column in rows.select(pl.all().is_not_null().any()).collect() if column.item()}


def croissant_file(corpus: Corpus) -> str:
    """The content of croissant.json, as `croissant` describes it."""
    return json.dumps(croissant(corpus), indent=2, ensure_ascii=False) + "\n"


def croissant(corpus: Corpus) -> dict[str, Any]:
    """A release in Croissant 1.1: its metadata, its files with their checksums, and what their columns mean.

    Args:
        corpus: A release. Paths are relative to the corpus folder, where the description belongs.

    Returns:
        JSON-LD. Every loadable table has a record set for each split with rows, such as `stance/gold`. Every closed set
        of labels has one with their definitions, such as `stance.label`, and so have the ids of every table that others
        refer to, such as `stance.judgement_id`; the fields that draw on them say so by `references`.

    Raises:
        VersionError: If the corpus is a draft, which has no files to describe.
    """
    if corpus.version == DRAFT:
        raise VersionError("a draft has no released files to describe; load a release")
    folder = corpus.metadata.path.parent
    files = Files(corpus.scheme, folder, read_manifest(folder)["n_rows"])
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        **_about(corpus),
        **_responsible(corpus),
        "distribution": [*_file_objects(corpus, files), *_file_sets(corpus, files)],
        "recordSet": [*_tables(files), *_keys(files), *_closed_sets(files)],
    }


def _about(corpus: Corpus) -> dict[str, Any]:
    metadata = corpus.metadata
    place = metadata.publication
    places = list(addresses(place).values())
    return _given(
        {
            "name": metadata.title,
            "description": metadata.description,
            "conformsTo": list(CONFORMS_TO),
            "comment": {"@type": "sc:Comment", "text": NOTICE},
            "version": corpus.version,
            "datePublished": metadata.date.isoformat(),
            "isLiveDataset": False,
            "inLanguage": metadata.language,
            "keywords": list(metadata.keywords),
            "creator": [_creator(creator) for creator in metadata.creators],
            "publisher": {"@type": "sc:Organization", "name": place["publisher"]} if "publisher" in place else None,
            "url": places[0] if places else None,
            "sameAs": places[1:],
            "identifier": f"https://doi.org/{place['doi']}" if "doi" in place else None,
            "license": [_licence(part, metadata.licences[part]) for part in ("text", "annotations")],
            "citeAs": corpus.cite("bibtex"),
            "citation": [apa([source_entry(reference)]) for reference in metadata.references],
        }
    )


def _given(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that say something."""
    return {key: value for key, value in entries.items() if value or value is False}


def _creator(creator: Mapping[str, str]) -> dict[str, Any]:
    if "family_names" not in creator:
        return _given({"@type": "sc:Organization", "name": creator["name"], "url": creator.get("website")})
    given, family, place = creator.get("given_names"), creator["family_names"], creator.get("affiliation")
    return _given(
        {
            "@type": "sc:Person",
            "name": f"{given} {family}" if given else family,
            "givenName": given,
            "familyName": family,
            "sameAs": creator.get("orcid"),
            "affiliation": {"@type": "sc:Organization", "name": place} if place else None,
        }
    )


def _licence(part: str, terms: str) -> dict[str, str]:
    """The terms of one part: an SPDX id, which has an address, or a sentence."""
    work = {"@type": "sc:CreativeWork", "name": f"Licence of the {part}", "description": terms}
    return work | ({"url": f"https://spdx.org/licenses/{terms}.html"} if is_spdx(terms) else {})


def _responsible(corpus: Corpus) -> dict[str, Any]:
    """The datasheet, the caveats and the annotators, in the terms of Croissant RAI."""
    sheet = corpus.metadata.datasheet
    caveats = [f"{caveat['text'].strip()} (Concerns: {', '.join(caveat['about'])}.)" for caveat in corpus.caveats]
    annotators = corpus.table("annotators").rows(named=True)
    return _given(
        {
            "rai:dataCollection": sheet.get("collection"),
            "rai:dataCollectionRawData": "\n".join(_sources(corpus)),
            "rai:dataAnnotationProtocol": sheet.get("annotation"),
            "rai:annotationsPerItem": _passes(corpus),
            "rai:machineAnnotationTools": [
                f"{one['annotator_id']}: {one['name']} ({one['kind']}). {one['description']}"
                for one in annotators
                if one["kind"] in MACHINES
            ],
            "rai:dataUseCases": sheet.get("uses"),
            "rai:dataLimitations": [*([sheet["non_uses"]] if "non_uses" in sheet else []), *caveats],
            "rai:personalSensitiveInformation": sheet.get("personal_data"),
            "rai:dataReleaseMaintenancePlan": "\n".join(sheet[key] for key in MAINTENANCE if key in sheet),
        }
    )


def _sources(corpus: Corpus) -> Iterator[str]:
    for source in corpus.table("sources").iter_rows(named=True):
        yield f"{source['file']} ({source['form']}): {source['provenance'] or 'where it comes from is not recorded'}"


def _passes(corpus: Corpus) -> str:
    """How many annotators of which kind went through each layer, beside those who adjudicated it."""
    kinds = corpus.table("annotators").select("annotator_id", "kind")
    who = corpus.table("coverage").filter(pl.col("annotator_id") != GOLD).unique(["layer", "annotator_id"])
    counts = who.join(kinds, on="annotator_id").group_by("layer", "kind").len().sort("layer", "kind")
    layers: dict[str, list[str]] = {}
    for layer, kind, n in counts.iter_rows():
        layers.setdefault(layer, []).append(f"{n} {kind}")
    shown = "; ".join(f"{layer} {', '.join(by_kind)}" for layer, by_kind in layers.items())
    return f"Passes by layer and kind of annotator, beside the adjudicated rows: {shown}." if shown else ""


def _file_objects(corpus: Corpus, files: Files) -> Iterator[dict[str, Any]]:
    sums = read_sums(files.folder)
    for name in files.n_rows:
        yield {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": f"{RELEASES}/{corpus.version}/{name}",
            "contentSize": f"{(files.folder / name).stat().st_size} B",
            "sha256": sums[name],
            "encodingFormat": PARQUET,
        }


def _file_sets(corpus: Corpus, files: Files) -> Iterator[dict[str, Any]]:
    """The files of each table that has several."""
    for table in files.tables:
        names = files.of(table)
        if len(names) > 1:
            yield {
                "@type": "cr:FileSet",
                "@id": _file_set(table),
                "name": _file_set(table),
                "description": f"The files of {table.name}.",
                "encodingFormat": PARQUET,
                "includes": [f"{RELEASES}/{corpus.version}/{name}" for name in names],
            }


def _file_set(table: Table) -> str:
    return f"{table.name}-files"


def _tables(files: Files) -> Iterator[dict[str, Any]]:
    """Every table, and every part of one, by split."""
    for name in table_names(files.scheme):
        table, part = find_table(files.scheme, name)
        for split in table.splits:
            names = files.of(table, [split], part)
            if names:
                # mlcroissant cannot join a column without values, which refers to nothing anyway.
                filled = files.filled(names)
                fields = [
                    _field(table, names, column)
                    | (_references(files.scheme, table, column) if column.name in filled else {})
                    for column in table.columns
                ]
                what = f"The rows of {table.name} whose {table.part_condition(part)}." if part else table.description
                yield _record_set(f"{name}/{split}", f"{what} {SPLITS[split]}".strip(), table.key, fields)


def _keys(files: Files) -> Iterator[dict[str, Any]]:
    """The ids of every table that others refer to, whichever split or part they stand in."""
    targets = {_target(files.scheme, table, column) for table in files.tables for column in table.columns}
    for table in files.tables:
        id_ = f"{table.name}.{table.key}"
        if id_ in targets:
            field = _field(table, files.of(table), table[table.key])
            yield _record_set(id_, f"Every id of {table.name}.", table.key, [field])


def _closed_sets(files: Files) -> Iterator[dict[str, Any]]:
    """Every closed set as an enumeration, with what the scheme says of its values."""
    for table in files.tables:
        for column in table.columns:
            if column.labels:
                id_ = _closed_set(table, column)
                values = _values(files.scheme, table, column)
                keys = [key for key in ("name", "definition", "source") if any(value[key] for value in values)]
                fields = [{"name": key, "dataType": "sc:Text"} for key in keys]
                yield _record_set(id_, column.description, "name", fields) | {
                    "dataType": "sc:Enumeration",
                    "data": [{_field_id(id_, key): value[key] or None for key in keys} for value in values],
                }


def _record_set(id_: str, description: str, key: str, fields: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": id_,
        "name": id_,
        "description": description,
        "key": {"@id": _field_id(id_, key)},
        "field": [{"@type": "cr:Field", "@id": _field_id(id_, field["name"]), **field} for field in fields],
    }


def _field_id(record_set: str, name: str) -> str:
    return f"{record_set}/{quote(name)}"


def _closed_set(table: Table, column: Column) -> str:
    return f"{table.name}.{quote(column.name)}"


def _field(table: Table, names: Sequence[str], column: Column) -> dict[str, Any]:
    """A column of one file, or of all files of its table."""
    text = ["sc:Text", "cr:Label"] if column.type == "label" else "sc:Text"
    array = {"isArray": True, "arrayShape": "-1"} if column.type == "strings" else {}
    where = {"fileObject": {"@id": names[0]}} if len(names) == 1 else {"fileSet": {"@id": _file_set(table)}}
    return {
        "name": column.name,
        "description": column.description,
        "dataType": TYPES.get(column.type, text),
        **array,
        "source": {**where, "extract": {"column": column.name}},
    }


def _references(scheme: Scheme, table: Table, column: Column) -> dict[str, Any]:
    """What the values of a column are drawn from: the ids of a table, or a closed set.

    Ids have record sets of their own, since a pass may refer to its own rows or to gold, and since mlcroissant joins
    what is referred to and cannot do so when that refers on. It knows this form of a reference, not that of 1.1.
    """
    target = _target(scheme, table, column)
    if target:
        field = _field_id(target, target.partition(".")[2])
    elif column.labels:
        field = _field_id(_closed_set(table, column), "name")
    else:
        return {}
    return {"references": {"field": {"@id": field}}}


def _target(scheme: Scheme, table: Table, column: Column) -> str | None:
    """The key that a column refers to, by its own declaration or as the unit or end that its table declares."""
    held = table.constraints
    judged = (held.judged,) if held.judged else ()
    ends = {"unit_id": judged, "from_id": held.from_tables, "to_id": held.to_tables}
    tables = [column.refers_to.partition(".")[0]] if column.refers_to else ends.get(column.name, ())
    if len(tables) != 1:
        return None
    target = scheme.table(tables[0])
    return f"{target.name}.{target.key}"


def _values(scheme: Scheme, table: Table, column: Column) -> list[dict[str, str]]:
    """The values of a closed set with definition and source, empty where the scheme gives none."""
    questions = {question.id: question for question in table.questions}
    if column.labels == tuple(questions):
        return [{"name": id_, "definition": one.definition.strip(), "source": ""} for id_, one in questions.items()]
    known: list[tuple[str | None, Sequence[Label]]] = []
    if column.meanings:
        known = [(None, column.meanings)]
    elif column.type == "label" and table.layer:
        sets = label_sets(scheme.layers[table.layer], table)
        known = [(what, labels) for what, labels in sets if what is None or what in questions]
    return [_value(name, known) for name in column.labels]


def _value(name: str, known: Iterable[tuple[str | None, Sequence[Label]]]) -> dict[str, str]:
    """One label; where questions define it in ways of their own, each of these names its question."""
    found = [(question, label) for question, labels in known for label in labels if label.id == name]
    definitions = [f"{question}: {label.definition}" if question else label.definition for question, label in found]
    sources = dict.fromkeys(label.source for _, label in found if label.source)
    return {"name": name, "definition": "\n".join(definitions).strip(), "source": "; ".join(sources)}
