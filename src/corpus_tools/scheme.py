"""What tables a corpus has and what their columns hold: the one place where a column is declared.

Fixed tables and the columns of each kind of annotation unit stand in `tables.toml` beside this module; a corpus adds
its layers in `scheme/<layer>.toml`. From the two come polars schemas, arrow schemas, Hugging Face features, the
codebook and the validator's type checks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.errors import MissingExtraError, SchemeError, UnknownNameError, listed

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

FIXED_TABLES = Path(__file__).with_name("tables.toml")
FORMAT = 1
UNITS = ("span", "relation", "judgement")
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
FULL, GOLD, PASSES = "full", "gold", "passes"
LAYER_KEYS = ("title", "description", "guideline", "guideline_version", "scheme_source")
LABEL_KEYS = ("id", "definition", "test", "positive", "negative")
COLUMN_KEYS = {
    "name": str,
    "type": str,
    "description": str,
    "required": bool,
    "labels": list,
    "refers_to": str,
    "derived": bool,
}

# Column type -> polars type, and the name both arrow and Hugging Face give it.
TYPES: Mapping[str, tuple[pl.DataType, str]] = {
    "id": (pl.String(), "string"),
    "string": (pl.String(), "string"),
    "choice": (pl.String(), "string"),
    "label": (pl.String(), "string"),
    "strings": (pl.List(pl.String()), "string"),
    "integer": (pl.Int32(), "int32"),
    "number": (pl.Float64(), "float64"),
    "boolean": (pl.Boolean(), "bool"),
    "timestamp": (pl.Datetime("us", "UTC"), "timestamp[us, tz=UTC]"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column."""

    name: str
    type: str
    description: str
    required: bool = True
    labels: tuple[str, ...] = ()
    refers_to: str | None = None
    derived: bool = False
    """Computed when the corpus is built; not written in the hand-edited file."""

    @property
    def dtype(self) -> pl.DataType:
        """The polars type."""
        return TYPES[self.type][0]

    @property
    def arrow(self) -> pa.DataType:
        """The arrow type: plain strings, as Hugging Face reads them."""
        import pyarrow as pa

        name = TYPES[self.type][1]
        if self.type == "timestamp":
            return pa.timestamp("us", tz="UTC")
        plain = pa.type_for_alias(name)
        return pa.list_(plain) if self.type == "strings" else plain

    @property
    def feature(self) -> dict[str, Any]:
        """The entry of this column in a dataset card's `features`."""
        name = TYPES[self.type][1]
        if self.type == "label":
            names = {str(number): label for number, label in enumerate(self.labels)}
            return {"name": self.name, "dtype": {"class_label": {"names": names}}}
        return {"name": self.name, ("list" if self.type == "strings" else "dtype"): name}


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table."""

    name: str
    description: str
    key: str
    columns: tuple[Column, ...]
    splits: tuple[str, ...] = (FULL,)
    parts: Mapping[str, str] = field(default_factory=dict)
    """Value of `part_column` -> name of the part that holds those rows, for a table that is stored in parts."""
    part_column: str | None = None
    layer: str | None = None
    unit: str | None = None

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownNameError(f"column of {self.name}", name, (column.name for column in self.columns))

    @property
    def schema(self) -> pl.Schema:
        """Column names and polars types, in order."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @property
    def arrow_schema(self) -> pa.Schema:
        """Column names and arrow types, in order."""
        import pyarrow as pa

        return pa.schema([(column.name, column.arrow) for column in self.columns])

    @property
    def features(self) -> datasets.Features:
        """The Hugging Face features; labels of a layer are class labels."""
        try:
            from datasets import ClassLabel, Features, List, Value
        except ImportError:
            raise MissingExtraError("datasets", "datasets") from None

        def feature(column: Column) -> Any:
            value = Value(TYPES[column.type][1])
            if column.type == "label":
                return ClassLabel(names=list(column.labels))
            return List(value) if column.type == "strings" else value

        return Features({column.name: feature(column) for column in self.columns})


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a layer, with what is needed to apply it."""

    id: str
    definition: str
    test: str
    positive: str
    negative: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One annotation layer: its tables and what is known about it."""

    name: str
    title: str
    description: str
    guideline: str
    guideline_version: str
    origin: str
    scheme_source: str
    tables: tuple[Table, ...]
    labels: Mapping[str, tuple[Label, ...]]
    """Table name -> its labels, in order."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """All tables and layers of one corpus."""

    fixed: Mapping[str, Table]
    layers: Mapping[str, Layer]

    @property
    def tables(self) -> dict[str, Table]:
        """Every table by name: the fixed ones, then those of the layers."""
        return {**self.fixed, **{table.name: table for layer in self.layers.values() for table in layer.tables}}

    def table(self, name: str) -> Table:
        """A table by name.

        Raises:
            UnknownNameError: If there is none; the message lists those there are.
        """
        tables = self.tables
        if name not in tables:
            raise UnknownNameError("table", name, tables)
        return tables[name]

    def layer(self, name: str) -> Layer:
        """A layer by name.

        Raises:
            UnknownNameError: If there is none; the message lists those there are.
        """
        if name not in self.layers:
            raise UnknownNameError("layer", name, self.layers)
        return self.layers[name]


def read_scheme(folder: Path, *, fixed: Path = FIXED_TABLES) -> Scheme:
    """The scheme of a corpus: fixed tables and every `<layer>.toml` in a folder.

    Args:
        folder: The folder of scheme files; one that does not exist holds no layer.
        fixed: The declaration of the fixed tables; a release brings its own copy.

    Raises:
        SchemeError: If a file cannot be read, lacks a key, or declares something twice or unknown.
    """
    declared = _read_toml(fixed)
    if declared.get("format") != FORMAT:
        raise SchemeError(f"{fixed}: format is {declared.get('format')!r}; this version reads format {FORMAT}")
    tables = {name: _fixed_table(fixed, name, entry) for name, entry in declared["tables"].items()}
    layers: dict[str, Layer] = {}
    taken = {*tables, *(part for table in tables.values() for part in table.parts.values())}
    for path in sorted(folder.glob("[!.]*.toml")):
        if path.name == FIXED_TABLES.name or not path.is_file():
            continue
        layer = _layer(path, _read_toml(path), declared)
        for table in layer.tables:
            if table.name in taken:
                raise SchemeError(f"{path}: a table named {table.name!r} exists already; choose another layer name")
            taken.add(table.name)
        layers[layer.name] = layer
    scheme = Scheme(fixed=tables, layers=layers)
    _check_references(folder, scheme)
    return scheme


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SchemeError(f"{path} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise SchemeError(f"{path}: {problem}") from None


def _check_references(folder: Path, scheme: Scheme) -> None:
    keys = {f"{table.name}.{table.key}" for table in scheme.tables.values()}
    for table in scheme.tables.values():
        for column in table.columns:
            if column.refers_to is not None and column.refers_to not in keys:
                raise SchemeError(
                    f"{folder}: column {column.name!r} of {table.name} refers to {column.refers_to!r}; "
                    f"there are: {listed(sorted(keys))}"
                )


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


def _column(path: Path, entry: Mapping[str, Any], labels: tuple[str, ...]) -> Column:
    if not isinstance(entry, dict):
        raise SchemeError(f"{path}: a column must be a table with {listed(COLUMN_KEYS)}, not {entry!r}")
    name = _need(path, entry, "name", str, where="a column")
    for key in COLUMN_KEYS.keys() & entry.keys():
        _need(path, entry, key, COLUMN_KEYS[key], where=f"column {name!r}")
    _refuse_unknown(path, entry, COLUMN_KEYS, where=f"column {name!r}")
    kind = _need(path, entry, "type", str, where=f"column {name!r}")
    if kind not in TYPES:
        raise SchemeError(f"{path}: column {name!r} has the unknown type {kind!r}; there are: {listed(TYPES)}")
    own = tuple(entry.get("labels", ()))
    if kind == "choice" and not own:
        raise SchemeError(f"{path}: column {name!r} is a choice and lists no 'labels'")
    return Column(
        name=name,
        type=kind,
        description=_need(path, entry, "description", str, where=f"column {name!r}"),
        required=entry.get("required", True),
        labels=own or (labels if kind == "label" else ()),
        refers_to=entry.get("refers_to"),
        derived=entry.get("derived", False),
    )


def _columns(path: Path, entries: Any, labels: tuple[str, ...] = ()) -> tuple[Column, ...]:
    columns = tuple(_column(path, entry, labels) for entry in entries)
    names = [column.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise SchemeError(f"{path}: column {name!r} is declared twice")
    return columns


def _fixed_table(path: Path, name: str, entry: Mapping[str, Any]) -> Table:
    parts = dict(entry.get("parts", {}))
    return Table(
        name=name,
        description=entry["description"],
        key=entry["key"],
        columns=_columns(path, entry["columns"]),
        part_column=parts.pop("column", None),
        parts=parts,
    )


def _layer(path: Path, entry: Mapping[str, Any], declared: Mapping[str, Any]) -> Layer:
    name = _need(path, entry, "layer", str, where="the file")
    if name != path.stem:
        raise SchemeError(f"{path}: layer = {name!r} must be the file's name, {path.stem!r}")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SchemeError(f"{path}: {name!r} is no name for a layer; use lower-case letters, digits and underscores")
    _refuse_unknown(path, entry, ("layer", "origin", *LAYER_KEYS, *UNITS), where="the file")
    units = [unit for unit in UNITS if unit in entry]
    if not units:
        raise SchemeError(f"{path}: the layer declares no unit; give it a table [{'], ['.join(UNITS)}]")
    labels: dict[str, tuple[Label, ...]] = {}
    tables = []
    for unit in units:
        # A layer's first unit gives the table its name; relations beside spans get one of their own.
        table = name if unit == units[0] else f"{name}_{unit}s"
        if not isinstance(entry[unit], dict):
            raise SchemeError(f"{path}: {unit!r} must be a table, written [{unit}]")
        _refuse_unknown(path, entry[unit], ("description", "labels", "columns"), where=f"[{unit}]")
        labels[table] = tuple(_labels(path, entry[unit], unit))
        tables.append(_unit_table(path, table, name, unit, entry[unit], labels[table], declared))
    origin = _need(path, entry, "origin", str, where="the file")
    if origin not in ORIGINS:
        raise SchemeError(f"{path}: unknown origin {origin!r}; there are: {listed(ORIGINS)}")
    text = {key: _need(path, entry, key, str, where="the file").strip() for key in LAYER_KEYS}
    return Layer(name=name, origin=origin, tables=tuple(tables), labels=labels, **text)


def _labels(path: Path, entry: Mapping[str, Any], unit: str) -> Iterator[Label]:
    seen: set[str] = set()
    for label in _need(path, entry, "labels", list, where=f"[{unit}]"):
        if not isinstance(label, dict):
            raise SchemeError(f"{path}: a label of [{unit}] must be a table, written [[{unit}.labels]]")
        _refuse_unknown(path, label, (*LABEL_KEYS, "source"), where=f"a label of [{unit}]")
        values = {key: _need(path, label, key, str, where=f"a label of [{unit}]") for key in LABEL_KEYS}
        if values["id"] in seen:
            raise SchemeError(f"{path}: label {values['id']!r} is declared twice")
        seen.add(values["id"])
        yield Label(**values, source=label.get("source", ""))


def _unit_table(
    path: Path,
    name: str,
    layer: str,
    unit: str,
    entry: Mapping[str, Any],
    labels: tuple[Label, ...],
    declared: Mapping[str, Any],
) -> Table:
    common = declared["units"][unit]
    own = _need(path, {"columns": [], **entry}, "columns", list, where=f"[{unit}]")
    entries = [*common["columns"], *own, *declared["annotation"]["columns"]]
    return Table(
        name=name,
        description=_need(path, entry, "description", str, where=f"[{unit}]").strip(),
        key=common["key"],
        columns=_columns(path, entries, tuple(label.id for label in labels)),
        splits=(GOLD, PASSES),
        layer=layer,
        unit=unit,
    )
