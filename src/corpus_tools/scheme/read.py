"""Scheme files and fixed tables, read and checked key by key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus_tools.errors import SchemeError, listed
from corpus_tools.scheme.model import (
    GOLD,
    NOMINAL,
    ORDINAL,
    PASSES,
    TYPES,
    Column,
    Constraints,
    Label,
    Layer,
    Question,
    Scheme,
    Table,
)

FIXED_TABLES = Path(__file__).with_name("tables.toml")
"""The file that declares the tables of every corpus."""
FORMATS = (1, 2)
"""2 added tokens, sentences, questions and what must hold among rows; a file of format 1 reads as before."""
UNITS = ("token", "sentence", "span", "relation", "judgement")
ORIGINS = (
    "manual native",
    "manual corrected",
    "automatic",
    "automatic corrected",
    "model-generated",
    "model-generated adjudicated",
    "rule",
    "not available",
)
LAYER_KEYS = ("title", "description", "guideline", "guideline_version", "scheme_source")
SCALES = (NOMINAL, ORDINAL)
OVERLAPS = ("none", "nested", "any")

# Keys and what they must hold, for each kind of entry.
LABEL_KEYS = {"id": str, "definition": str, "test": str, "positive": str, "negative": str}
LABEL_OPTIONS = {"source": str, "linked": bool, "evidence": bool, "from": list, "to": list}
QUESTION_KEYS = {"id": str, "definition": str, "test": str, "scale": str}
COLUMN_KEYS = {
    "name": str,
    "type": str,
    "description": str,
    "required": bool,
    "labels": list,
    "scale": str,
    "for_labels": list,
    "refers_to": str,
    "derived": bool,
}
UNIT_KEYS = {"description": str, "labels": list, "columns": list}
UNIT_OPTIONS: Mapping[str, Mapping[str, type]] = {
    "token": {},
    "sentence": {},
    "span": {"overlap": str, "cuts_tokens": bool},
    "relation": {"from": list, "to": list, "chains": bool, "one_per": str},
    "judgement": {"unit": str, "questions": list},
}


def read_scheme(folder: Path, *, fixed: Path = FIXED_TABLES, beside: Mapping[str, Layer] | None = None) -> Scheme:
    """The scheme of a corpus: fixed tables and every `<layer>.toml` in a folder.

    Args:
        folder: The folder of scheme files; one that does not exist holds no layer.
        fixed: The declaration of the fixed tables; a release brings its own copy.
        beside: Layers declared elsewhere, to which those of the folder are added and may refer.

    Raises:
        SchemeError: If a file cannot be read, lacks a key, or declares something twice or unknown.
    """
    declared = _read_toml(fixed)
    if declared.get("format") not in FORMATS:
        raise SchemeError(f"{fixed}: format is {declared.get('format')!r}; this version reads {listed(FORMATS)}")
    tables = {name: _fixed_table(fixed, name, entry) for name, entry in declared["tables"].items()}
    layers = dict(beside or {})
    taken = {*tables, *(part for table in tables.values() for part in table.parts)}
    taken |= {*layers, *(table.name for layer in layers.values() for table in layer.tables)}
    for path in sorted(folder.glob("[!.]*.toml")):
        if path.name == FIXED_TABLES.name or not path.is_file():
            continue
        layer = _layer(path, _read_toml(path), declared)
        names = {layer.name, *(table.name for table in layer.tables)}
        for name in sorted(names & taken):
            raise SchemeError(f"{path}: a table named {name!r} exists already; choose another layer name")
        taken |= names
        layers[layer.name] = layer
    scheme = Scheme(fixed=tables, layers=layers)
    _check_references(folder, scheme)
    labels = {name: [label.id for label in known] for layer in layers.values() for name, known in layer.labels.items()}
    for layer in layers.values():
        _check_layer(folder / f"{layer.name}.toml", layer, labels)
    return scheme


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SchemeError(f"{path} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SchemeError(f"{path}: {problem}") from None


def _check_references(folder: Path, scheme: Scheme) -> None:
    """Whether what a table refers to is declared, by whichever file."""
    tables = scheme.tables
    keys = {f"{table.name}.{table.key}" for table in tables.values()}
    for table in tables.values():
        for column in table.columns:
            if column.refers_to is not None and column.refers_to not in keys:
                raise SchemeError(
                    f"{folder}: column {column.name!r} of {table.name} refers to {column.refers_to!r}; "
                    f"there are: {listed(sorted(keys))}"
                )
        held = table.constraints
        for name in (*held.from_tables, *held.to_tables, *([held.judged] if held.judged else [])):
            if name not in tables:
                raise SchemeError(f"{folder}: {table.name} speaks of the table {name!r}; there are: {listed(tables)}")
        _check_kinds(folder, table, tables)


def _check_kinds(folder: Path, table: Table, tables: Mapping[str, Table]) -> None:
    """Whether the tables that a table speaks of are such that what it declares can be checked."""
    held = table.constraints
    if held.chains and (not held.from_tables or {tables[name].unit for name in held.from_tables} != {"span"}):
        spans = [name for name, other in tables.items() if other.unit == "span"]
        raise SchemeError(f"{folder}: {table.name} makes chains of spans; its 'from' may name: {listed(spans)}")
    in_texts = [
        name for name, other in tables.items() if name == "texts" or (other.layer and "text_id" in other.schema)
    ]
    if held.judged is not None and held.judged not in in_texts:
        raise SchemeError(f"{folder}: {table.name} judges {held.judged!r}; it may judge: {listed(in_texts)}")


def _check_layer(path: Path, layer: Layer, labels: Mapping[str, Iterable[str]]) -> None:
    """Whether what a layer's labels ask for can be given by its tables."""
    units = {table.unit for table in layer.tables}
    for table in layer.tables:
        evidence = {column.refers_to for other in layer.tables if other.unit == "span" for column in other.columns}
        held = table.constraints
        for label in layer.labels[table.name]:
            where = f"label {label.id!r} of {table.name}"
            if label.linked and "relation" not in units:
                raise SchemeError(f"{path}: {where} is linked, and the layer declares no [relation]")
            if label.evidence and f"{table.name}.{table.key}" not in evidence:
                raise SchemeError(f"{path}: {where} needs evidence, and no [span] of the layer refers to {table.name}")
            for names, ends in ((label.from_labels, held.from_tables), (label.to_labels, held.to_tables)):
                places = ends or [other.name for other in layer.tables if other.unit == "span"]
                known = [name for place in places for name in labels.get(place, ())]
                for name in names:
                    _one_of(path, name, tuple(known), where=f"an end of {where}")


def _refuse_unknown(path: Path, entry: Mapping[str, Any], known: Iterable[str], *, where: str) -> None:
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise SchemeError(f"{path}: {where} has the unknown key {listed(unknown)}; known are: {listed(known)}")


def _need(path: Path, entry: Mapping[str, Any], key: str, kind: type, *, where: str) -> Any:
    if key not in entry:
        raise SchemeError(f"{path}: {where} lacks {key!r}; it has: {listed(entry)}")
    if not isinstance(entry[key], kind):
        raise SchemeError(f"{path}: {key!r} of {where} must be a {kind.__name__}, not {entry[key]!r}")
    return entry[key]


def _check_types(path: Path, entry: object, kinds: Mapping[str, type], *, where: str) -> Mapping[str, Any]:
    """An entry that is a table, holds no other key than these, and values of their types."""
    if not isinstance(entry, dict):
        raise SchemeError(f"{path}: {where} must be a table with {listed(kinds)}, not {entry!r}")
    _refuse_unknown(path, entry, kinds, where=where)
    for key in kinds.keys() & entry.keys():
        _need(path, entry, key, kinds[key], where=where)
    return entry


def _one_of(path: Path, value: str, known: tuple[str, ...], *, where: str) -> str:
    if value not in known:
        raise SchemeError(f"{path}: {where} is {value!r}; there are: {listed(known)}")
    return value


def _names(path: Path, entry: Mapping[str, Any], key: str, *, where: str) -> tuple[str, ...]:
    names = entry.get(key, [])
    if not all(isinstance(name, str) for name in names):
        raise SchemeError(f"{path}: {key!r} of {where} must be a list of texts, not {names!r}")
    return tuple(names)


def _column(path: Path, given: object, labels: tuple[Label, ...]) -> Column:
    entry = _check_types(path, given, COLUMN_KEYS, where="a column")
    name = _need(path, entry, "name", str, where="a column")
    where = f"column {name!r}"
    if name.startswith("_"):
        raise SchemeError(f"{path}: {where} begins with an underscore, which is kept for columns in passing")
    kind = _need(path, entry, "type", str, where=where)
    if kind not in TYPES:
        raise SchemeError(f"{path}: {where} has the unknown type {kind!r}; there are: {listed(TYPES)}")
    own = entry.get("labels", [])
    plain = all(isinstance(label, str) for label in own)
    meanings = () if plain else tuple(_labels(path, entry, where=where))
    if kind == "label" and not own:
        meanings = labels
    ids = tuple(own) if own and plain else tuple(label.id for label in meanings)
    if (kind == "choice" and not own) or (kind == "label" and "labels" not in entry and not labels):
        raise SchemeError(f"{path}: {where} is a {kind} and lists no 'labels'")
    if len(set(ids)) < len(ids):
        raise SchemeError(f"{path}: {where} lists a label twice")
    if entry.get("for_labels") and entry.get("required", True):
        raise SchemeError(f"{path}: {where} is for some labels only, so it needs 'required = false'")
    return Column(
        name=name,
        type=kind,
        description=_need(path, entry, "description", str, where=where),
        required=entry.get("required", True),
        labels=ids,
        meanings=meanings if own else (),
        scale=_scale(path, entry, kind, where=where),
        for_labels=_known_labels(path, entry, "for_labels", labels, where=where),
        refers_to=entry.get("refers_to"),
        derived=entry.get("derived", False),
    )


def _scale(path: Path, entry: Mapping[str, Any], kind: str, *, where: str) -> str | None:
    """Labels and yes or no are compared unless the scheme says otherwise; of other columns it has to say so."""
    usual = NOMINAL if kind in ("label", "boolean") else None
    return _one_of(path, entry["scale"], SCALES, where=f"the scale of {where}") if "scale" in entry else usual


def _known_labels(
    path: Path, entry: Mapping[str, Any], key: str, labels: tuple[Label, ...], *, where: str
) -> tuple[str, ...]:
    names = _names(path, entry, key, where=where)
    for name in names:
        _one_of(path, name, tuple(label.id for label in labels), where=f"a label in {key!r} of {where}")
    return names


def _check_list(path: Path, entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    if not isinstance(entry.get(key, []), list):
        raise SchemeError(f"{path}: {key!r} must be a list of texts, not {entry[key]!r}")
    return entry


def _columns(path: Path, entries: Any, labels: tuple[Label, ...] = ()) -> tuple[Column, ...]:
    columns = tuple(_column(path, entry, labels) for entry in entries)
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise SchemeError(f"{path}: column {name!r} is declared twice")
    return columns


def _fixed_table(path: Path, name: str, entry: Mapping[str, Any]) -> Table:
    values = dict(entry.get("parts", {}))
    column = values.pop("column", None)
    parts: dict[str, tuple[str, ...]] = {}
    for value, part in values.items():
        parts[part] = (*parts.get(part, ()), value)
    return Table(
        name=name,
        description=entry["description"],
        key=entry["key"],
        columns=_columns(path, entry["columns"]),
        part_column=column,
        parts=parts,
    )


def _layer(path: Path, entry: Mapping[str, Any], declared: Mapping[str, Any]) -> Layer:
    name = _need(path, entry, "layer", str, where="the file")
    if name != path.stem:
        raise SchemeError(f"{path}: layer = {name!r} must be the file's name, {path.stem!r}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SchemeError(f"{path}: {name!r} is no name for a layer; use lower-case letters, digits and underscores")
    _refuse_unknown(path, entry, ("layer", "origin", *LAYER_KEYS, "references", *UNITS), where="the file")
    units = [unit for unit in entry if unit in UNITS]
    if not units:
        raise SchemeError(f"{path}: the layer declares no unit; give it a table [{'], ['.join(UNITS)}]")
    labels: dict[str, tuple[Label, ...]] = {}
    tables = []
    for unit in units:
        # A layer's first unit gives the table its name; further ones get a name of their own.
        table = "sentences" if unit == "sentence" else name if unit == units[0] else f"{name}_{unit}s"
        where = f"[{unit}]"
        given = _check_types(path, entry[unit], {**UNIT_KEYS, **UNIT_OPTIONS[unit]}, where=where)
        questions = tuple(_questions(path, given))
        labels[table] = _all_labels(path, given, questions, where=where)
        tables.append(_unit_table(path, table, name, unit, given, labels[table], questions, declared))
    origin = _need(path, entry, "origin", str, where="the file")
    if origin not in ORIGINS:
        raise SchemeError(f"{path}: unknown origin {origin!r}; there are: {listed(ORIGINS)}")
    text = {key: _need(path, entry, key, str, where="the file").strip() for key in LAYER_KEYS}
    # Its label tables are written there, so a scheme from somewhere else must not choose the place.
    if not re.fullmatch(r"guidelines/[^/\\\x00]+\.md", text["guideline"]):
        raise SchemeError(
            f"{path}: 'guideline' must be a page such as 'guidelines/{name}.md', not {text['guideline']!r}"
        )
    references = _names(path, _check_list(path, entry, "references"), "references", where="the file")
    return Layer(name=name, origin=origin, tables=tuple(tables), labels=labels, references=references, **text)


def _labels(path: Path, entry: Mapping[str, Any], *, where: str) -> Iterator[Label]:
    seen: set[str] = set()
    what = f"a label of {where}"
    for given in _need(path, entry, "labels", list, where=where):
        label = _check_types(path, given, {**LABEL_KEYS, **LABEL_OPTIONS}, where=what)
        values = {key: _need(path, label, key, str, where=what) for key in LABEL_KEYS}
        if values["id"] in seen:
            raise SchemeError(f"{path}: label {values['id']!r} is declared twice")
        seen.add(values["id"])
        yield Label(
            **values,
            source=label.get("source", ""),
            linked=label.get("linked", False),
            evidence=label.get("evidence", False),
            from_labels=_names(path, label, "from", where=what),
            to_labels=_names(path, label, "to", where=what),
        )


def _questions(path: Path, entry: Mapping[str, Any]) -> Iterator[Question]:
    if not entry.get("questions"):
        return
    shared = tuple(_labels(path, entry, where="[judgement]")) if "labels" in entry else ()
    seen: set[str] = set()
    for given in entry["questions"]:
        question = _check_types(path, given, {**QUESTION_KEYS, "labels": list}, where="a question")
        values = {key: _need(path, question, key, str, where="a question") for key in ("id", "definition", "test")}
        where = f"question {values['id']!r}"
        if values["id"] in seen:
            raise SchemeError(f"{path}: {where} is declared twice")
        seen.add(values["id"])
        own = tuple(_labels(path, question, where=where)) if "labels" in question else ()
        if not own and not shared:
            raise SchemeError(f"{path}: {where} has no labels; give it some, or [judgement] for all questions")
        scale = _one_of(path, question.get("scale", NOMINAL), SCALES, where=f"the scale of {where}")
        yield Question(**values, scale=scale, labels=own or shared, own=bool(own))


def _all_labels(
    path: Path, entry: Mapping[str, Any], questions: tuple[Question, ...], *, where: str
) -> tuple[Label, ...]:
    """The labels of a unit: its own, then those of its questions, each id once."""
    own = tuple(_labels(path, entry, where=where)) if "labels" in entry or not questions else ()
    by_id: dict[str, Label] = {}
    for label in (*own, *(label for question in questions for label in question.labels)):
        by_id.setdefault(label.id, label)
    return tuple(by_id.values())


def _constraints(path: Path, entry: Mapping[str, Any], *, where: str) -> Constraints:
    return Constraints(
        overlap=_one_of(path, entry.get("overlap", "any"), OVERLAPS, where=f"'overlap' of {where}"),
        cuts_tokens=entry.get("cuts_tokens", False),
        from_tables=_names(path, entry, "from", where=where),
        to_tables=_names(path, entry, "to", where=where),
        chains=entry.get("chains", False),
        one_per=entry.get("one_per"),
        judged=entry.get("unit"),
    )


def _unit_table(
    path: Path,
    name: str,
    layer: str,
    unit: str,
    entry: Mapping[str, Any],
    labels: tuple[Label, ...],
    questions: tuple[Question, ...],
    declared: Mapping[str, Any],
) -> Table:
    if unit not in declared["units"]:
        raise SchemeError(f"{path}: [{unit}] is of a newer format than {FIXED_TABLES.name} beside it")
    common = declared["units"][unit]
    own = [_check_types(path, column, COLUMN_KEYS, where="a column") for column in entry.get("columns", [])]
    closed = {"type": "choice", "labels": [question.id for question in questions]}
    shared = [
        {**column, **closed} if questions and column["name"] == "question" else column for column in common["columns"]
    ]
    entries = [*shared, *own, *declared["annotation"]["columns"]]
    constraints = _constraints(path, entry, where=f"[{unit}]")
    columns = _columns(path, entries, labels)
    if constraints.chains and "chain_id" not in [column.name for column in columns]:
        raise SchemeError(f"{path}: [{unit}] makes chains and declares no column 'chain_id'")
    ends = {"from_id": constraints.from_tables, "to_id": constraints.to_tables}
    if constraints.one_per in ends and ends[constraints.one_per] != ("texts",):
        raise SchemeError(f"{path}: 'one_per' of [{unit}] counts texts; let that end be of [\"texts\"] alone")
    if constraints.one_per not in (None, *ends):
        raise SchemeError(f"{path}: 'one_per' of [{unit}] must be from_id or to_id, not {constraints.one_per!r}")
    return Table(
        name=name,
        description=_need(path, entry, "description", str, where=f"[{unit}]").strip(),
        key=common["key"],
        columns=columns,
        splits=(GOLD, PASSES),
        layer=layer,
        unit=unit,
        questions=questions,
        constraints=constraints,
    )
