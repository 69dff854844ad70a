"""Typed definitions of tables, columns, labels and layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.errors import MissingExtraError, UnknownNameError

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

FULL = "full"
"""The one split of a table that is no layer's."""
GOLD = "gold"
"""The split of a layer that holds the adjudicated rows."""
PASSES = "passes"
"""The split of a layer that holds every annotator's rows."""
NOMINAL, ORDINAL = "nominal", "ordinal"

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
class Label:
    """One label of a closed set, with what is needed to apply it."""

    id: str
    definition: str
    test: str
    positive: str
    negative: str
    source: str = ""
    linked: bool = False
    """A span with it must stand at an end of a relation of its layer."""
    evidence: bool = False
    """A judgement or relation with it needs a span of evidence."""
    from_labels: tuple[str, ...] = ()
    """On a relation: the labels that the unit it starts from may have; any where empty."""
    to_labels: tuple[str, ...] = ()
    """On a relation: the labels that the unit it leads to may have; any where empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column."""

    name: str
    type: str
    description: str
    required: bool = True
    labels: tuple[str, ...] = ()
    meanings: tuple[Label, ...] = ()
    """The labels with definition and test, where the scheme gives them."""
    scale: str | None = None
    """How values differ, for a column on which agreement is measured: nominal or ordinal."""
    for_labels: tuple[str, ...] = ()
    """Filled exactly in the rows with one of these labels; any row where empty."""
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
class Question:
    """One question of a judgement, with the labels that may answer it."""

    id: str
    definition: str
    test: str
    scale: str
    labels: tuple[Label, ...]
    """In order, lowest first, where the scale is ordinal."""
    own: bool
    """Whether the labels are its own, rather than shared by all questions."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What must hold among the rows of an annotation table, as its scheme file declares it."""

    overlap: str = "any"
    """Spans of one text: `none` overlap, `nested` ones contain each other but do not cross, or `any`."""
    cuts_tokens: bool = False
    from_tables: tuple[str, ...] = ()
    to_tables: tuple[str, ...] = ()
    """Relations: the tables whose rows may stand at that end; any where empty."""
    chains: bool = False
    """Relations join their ends to chains; `chain_id` is the id of the chain's first unit."""
    one_per: str | None = None
    """The column whose unit has exactly one row, for every comment gone through."""
    judged: str | None = None
    """Judgements: the table whose rows are judged; every one of a text gone through has one answer per question."""

    @property
    def ends(self) -> tuple[str, ...]:
        """The tables at whose rows a relation may stand, or whose rows are judged; each once."""
        judged = () if self.judged is None else (self.judged,)
        return tuple(dict.fromkeys((*self.from_tables, *self.to_tables, *judged)))


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table."""

    name: str
    description: str
    key: str
    columns: tuple[Column, ...]
    splits: tuple[str, ...] = (FULL,)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a part -> the values of `part_column` in its rows, for a table that is stored in parts."""
    part_column: str | None = None
    layer: str | None = None
    unit: str | None = None
    questions: tuple[Question, ...] = ()
    constraints: Constraints = Constraints()

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownNameError(f"column of {self.name}", name, (column.name for column in self.columns))

    def in_part(self, part: str) -> pl.Expr:
        """Whether a row belongs to a part."""
        return pl.col(self.part_column or "").is_in(self.parts[part])

    def part_condition(self, part: str, *, code: str = "") -> str:
        """What makes a row belong to a part, in words; names and values between `code` marks."""
        values = " or ".join(f"{code}{value}{code}" for value in self.parts[part])
        return f"{code}{self.part_column}{code} is {values}"

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
    """Table name -> its labels, in order; for questions with labels of their own, every label once."""
    references: tuple[str, ...] = ()
    """Ids of the publications it follows, as the metadata lists them."""


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
