"""What a corpus holds: its tables, and tables that explain them, with the rules of the scheme that their rows keep to.

Whatever a scheme says of a table is a rule here where the rows keep to it: keys, columns that are always filled, closed
sets of labels, ids that point into one table. What they do not keep to is said in words, so that no row is refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import counted
from corpus_tools.scheme import Column, Label, Scheme, Table

ANNOTATOR = "annotator"
ISO = "%Y-%m-%dT%H:%M:%S%.fZ"
"""How a time is written where a cell is text."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A column whose every value is a key of one table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True, slots=True)
class Held:
    """A table with all its rows, gold before passes, and which rules of its scheme they keep to."""

    table: Table
    rows: pl.DataFrame
    key: tuple[str, ...]
    """Its key, with the annotator where a pass may have the ids of another; empty where even these recur."""
    filled: frozenset[str]
    """The columns that are required and never null."""
    closed: frozenset[str]
    """The columns with a closed set of labels and no other value; in lists, no other item."""
    pointers: tuple[Pointer, ...] = ()

    @property
    def name(self) -> str:
        """Of the table."""
        return self.table.name


def hold(corpus: Corpus, tables: Sequence[Table]) -> tuple[list[Held], list[str]]:
    """All fixed tables of a corpus, some tables of its layers, and tables that explain these, with their rows.

    Args:
        corpus: The corpus.
        tables: The tables of layers.

    Returns:
        The tables, the explaining ones first, each with the rows of all its splits; and one sentence for each rule of
        the scheme that rows do not keep to, with their number.
    """
    chosen = [*corpus.scheme.fixed.values(), *tables]
    rows = {table.name: _rows(corpus, table) for table in chosen}
    explaining = _explaining(corpus, chosen, rows)
    broken: list[str] = []
    whole = [_held(table, frame, broken) for table, frame in explaining]
    whole += [_held(table, rows[table.name], broken) for table in chosen]
    by_name = {held.name: held for held in whole}
    pointed = [_with_pointers(held, by_name, corpus.scheme, broken) for held in whole]
    return pointed, broken


def _rows(corpus: Corpus, table: Table) -> pl.DataFrame:
    frames = [corpus.scan(table.name, split=split).select(table.schema.names()) for split in table.splits]
    return pl.concat(frames).collect()


def _held(table: Table, rows: pl.DataFrame, broken: list[str]) -> Held:
    """The table with what its rows keep to, except for pointers."""
    filled = {column.name for column in table.columns if column.required}
    for name in sorted(filled):
        empty = rows[name].null_count()
        if empty:
            filled.discard(name)
            broken.append(f"that {name} of {table.name} is filled: {counted(empty, 'row')} without")
    closed = set()
    for column in table.columns:
        if not column.labels or column.dtype not in (pl.String(), pl.List(pl.String())):
            continue
        values = rows[column.name].explode() if column.type == "strings" else rows[column.name]
        others = _outside(values, pl.Series(column.labels, dtype=pl.String))
        if others:
            broken.append(
                f"that {column.name} of {table.name} is of a closed set: {counted(others, 'row')} with others"
            )
        else:
            closed.add(column.name)
    keys = [(table.key,), *([(table.key, ANNOTATOR)] if ANNOTATOR in rows.columns else [])]
    key = next((key for key in keys if set(key) <= filled and not rows.select(key).is_duplicated().any()), ())
    if not key:
        twice = rows.filter(rows.select(keys[-1]).is_duplicated()).height or rows[table.key].null_count()
        broken.append(f"that {table.key} of {table.name} is its key: {counted(twice, 'row')} not told apart by it")
    return Held(table, rows, key, frozenset(filled), frozenset(closed))


def _outside(values: pl.Series, known: pl.Series) -> int:
    """How many values are none of those known."""
    return values.drop_nulls().to_frame("value").filter(~pl.col("value").is_in(known.implode())).height


def _with_pointers(held: Held, by_name: Mapping[str, Held], scheme: Scheme, broken: list[str]) -> Held:
    pointers = []
    for pointer in _declared(held.table, scheme):
        target = by_name.get(pointer.table)
        if target is None:
            broken.append(f"{rule(held.name, pointer)}: that table was not asked for")
        elif target.key != (pointer.target,):
            broken.append(f"{rule(held.name, pointer)}: ids recur there, in gold and passes")
        else:
            strange = _outside(held.rows[pointer.column], target.rows[pointer.target])
            if strange:
                broken.append(f"{rule(held.name, pointer)}: {counted(strange, 'row')} with ids of none")
            else:
                pointers.append(pointer)
    return dataclasses.replace(held, pointers=tuple(pointers))


def _declared(table: Table, scheme: Scheme) -> Iterator[Pointer]:
    """The columns that point into one table, as the scheme declares them."""
    rules = table.constraints
    ends = {"from_id": rules.from_tables, "to_id": rules.to_tables, "unit_id": (rules.judged,) if rules.judged else ()}
    for column in table.columns:
        named = ends.get(column.name, ())
        if column.type == "strings":
            continue  # no database declares what the items of a list point to
        if column.refers_to is not None:
            yield Pointer(column.name, *column.refers_to.split(".", 1))
        elif len(named) == 1:
            yield Pointer(column.name, named[0], scheme.table(named[0]).key)


def rule(table: str, pointer: Pointer) -> str:
    """What a pointer of a table says, in words."""
    return f"that {pointer.column} of {table} is an id of {pointer.table}"


# What explains the tables: tables of the same kind. No table of a corpus begins with an underscore.


def _explaining(
    corpus: Corpus, chosen: Sequence[Table], rows: Mapping[str, pl.DataFrame]
) -> list[tuple[Table, pl.DataFrame]]:
    names = dict.fromkeys(table.layer for table in chosen if table.layer is not None)
    layers = [corpus.scheme.layer(name) for name in names]
    references = [*corpus.metadata.references, *(one for module in corpus.modules for one in module.references)]
    found: dict[str, list[Mapping[str, Any]]] = {
        "_metadata": [{"name": name, "value": value} for name, value in _metadata(corpus)],
        "_caveats": [{"number": n, **caveat} for n, caveat in enumerate(corpus.caveats, start=1)],
        "_references": [_fields(one) for one in {one.id: one for one in references}.values()],
        "_layers": [_fields(layer) for layer in layers],
        "_questions": [row for table in chosen for row in _question_rows(table)],
        "_labels": [row for table in chosen for row in _label_rows(corpus.scheme, table)],
    }
    every = [*EXPLAINING.values(), *chosen]
    found["_columns"] = [row for table in every for row in _column_rows(table)]
    sizes = {**{name: len(of) for name, of in found.items()}, **{name: frame.height for name, frame in rows.items()}}
    found["_tables"] = [
        {**_fields(table), **_fields(table.constraints), "rows": sizes.get(table.name, len(every))} for table in every
    ]
    return [(table, _frame(table, found[name])) for name, table in EXPLAINING.items()]


def _frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows as the table has them; what may be empty, and is, is null."""
    given = [{column.name: _given(row.get(column.name), column) for column in table.columns} for row in rows]
    return pl.DataFrame(given, schema=table.schema)


def _given(value: Any, column: Column) -> Any:
    plain = list(value) if isinstance(value, tuple) else value
    return None if plain in ("", []) and not column.required else plain


def _fields(of: Any) -> dict[str, Any]:
    return {field.name: getattr(of, field.name) for field in dataclasses.fields(of)}


def _metadata(corpus: Corpus) -> Iterator[tuple[str, str]]:
    said = corpus.metadata
    names = ("title", "date", "summary", "description", "language", "keywords", "creators", "licences", "publication")
    yield from _leaves("", {name: getattr(said, name) for name in (*names, "datasheet")})
    hashes = {"content_sha256": corpus.content_sha256, "text_sha256": corpus.text_sha256}
    yield from _leaves("", {"version": corpus.version, **{name: hash_ for name, hash_ in hashes.items() if hash_}})
    names = ("title", "version", "date", "summary", "keywords", "creators", "licence", "publication", "content_sha256")
    for module in corpus.modules:
        yield from _leaves(f"modules.{module.name}", {name: getattr(module, name) for name in names})


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The single values of nested ones; names are joined by points, and items have numbers from 1."""
    if isinstance(value, Mapping):
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        items = enumerate(value, start=1)
    else:
        yield name, str(value)
        return
    for key, inner in items:
        yield from _leaves(f"{name}.{key}" if name else str(key), inner)


def _question_rows(table: Table) -> Iterator[Mapping[str, Any]]:
    for position, question in enumerate(table.questions, start=1):
        yield {
            **_fields(question),
            "question_id": f"{table.name}/{question.id}",
            "table_name": table.name,
            "position": position,
            "question": question.id,
        }


def _label_rows(scheme: Scheme, table: Table) -> Iterator[Mapping[str, Any]]:
    for column in table.columns:
        for position, (question, label) in enumerate(_meanings(scheme, table, column), start=1):
            yield {
                **_fields(label),
                "label_id": "/".join([table.name, column.name, *([question] if question else []), label.id]),
                "table_name": table.name,
                "column_name": column.name,
                "question": question,
                "position": position,
                "label": label.id,
            }


def _meanings(scheme: Scheme, table: Table, column: Column) -> Iterator[tuple[str | None, Label]]:
    """The labels of a column in order, with the question that they answer."""
    known = {label.id: label for label in column.meanings}
    of_table = scheme.layers[table.layer].labels[table.name] if table.layer is not None else ()
    shared = not known and column.labels == tuple(label.id for label in of_table)
    if shared:
        known = {label.id: label for label in of_table}
    answers = [(question.id, label) for question in table.questions for label in question.labels] if shared else []
    yield from answers
    said = {label.id for _, label in answers}
    yield from ((None, known.get(name, Label(name, "", "", "", ""))) for name in column.labels if name not in said)


def _column_rows(table: Table) -> Iterator[Mapping[str, Any]]:
    for position, column in enumerate(table.columns, start=1):
        place = {"column_id": f"{table.name}.{column.name}", "table_name": table.name, "position": position}
        yield {**_fields(column), **place}


def _explained(name: str, description: str, *columns: tuple[str, str, str]) -> Table:
    """A table that explains; the first column is its key, and a type with a question mark may be empty."""
    made = []
    for column, type_, said in columns:
        kind, _, table = type_.rstrip("?").partition(" of ")
        target = {"_tables": "_tables.name", "_layers": "_layers.name"}.get(table)
        made.append(Column(column, kind, said, required=not type_.endswith("?"), refers_to=target))
    return Table(name, description, columns[0][0], tuple(made))


EXPLAINING = {
    table.name: table
    for table in (
        _explained(
            "_metadata",
            "What the corpus says of itself: title, version, licences, datasheet.",
            ("name", "id", "What is said; parts are joined by points, and items have numbers."),
            ("value", "string", "As it is said."),
        ),
        _explained(
            "_caveats",
            "What to know before using a table.",
            ("number", "integer", "Place, from 1."),
            ("about", "strings", "The tables."),
            ("text", "string", "What to know."),
        ),
        _explained(
            "_references",
            "Publications that layers follow.",
            ("id", "id", "Id of the publication."),
            ("type", "string", "Kind, in the terms of the Citation Style Language."),
            ("authors", "strings", "Authors."),
            ("year", "integer", "Year."),
            ("title", "string", "Title."),
            ("container", "string?", "The journal, proceedings, book or series it appeared in."),
            ("volume", "string?", "Volume."),
            ("issue", "string?", "Issue."),
            ("pages", "string?", "Pages."),
            ("publisher", "string?", "Publisher."),
            ("doi", "string?", "DOI, without address."),
            ("url", "string?", "Address."),
            ("note", "string?", "Note."),
        ),
        _explained(
            "_layers",
            "One row per annotation layer.",
            ("name", "id", "Name of the layer."),
            ("title", "string", "Title."),
            ("description", "string", "What is annotated."),
            ("guideline", "string", "The guideline, by its path in the corpus folder."),
            ("guideline_version", "string", "Its version."),
            ("origin", "string", "How the labels came about."),
            ("scheme_source", "string", "What the labels follow."),
            ("references", "strings?", "Ids of the publications it follows."),
        ),
        _explained(
            "_tables",
            "One row per table of this export, these explaining ones first.",
            ("name", "id", "Name of the table."),
            ("description", "string", "What a row is."),
            ("key", "string", "The column that tells its rows apart."),
            ("rows", "integer", "How many rows it has."),
            ("layer", "id of _layers?", "Its layer."),
            ("unit", "string?", "What its layer annotates there: token, sentence, span, relation or judgement."),
            ("overlap", "string", "Whether spans of one text may overlap."),
            ("cuts_tokens", "boolean", "Whether spans may cut tokens."),
            ("from_tables", "strings?", "The tables at whose rows relations may start."),
            ("to_tables", "strings?", "The tables at whose rows relations may end."),
            ("chains", "boolean", "Whether relations join their ends to chains."),
            ("one_per", "string?", "The column whose unit has exactly one row."),
            ("judged", "string?", "The table whose rows are judged."),
        ),
        _explained(
            "_columns",
            "One row per column.",
            ("column_id", "id", "table_name and name, joined by a point."),
            ("table_name", "id of _tables", "The table."),
            ("name", "string", "Name of the column."),
            ("position", "integer", "Place in the table, from 1."),
            ("type", "string", "Type in the terms of the scheme."),
            ("required", "boolean", "Whether it is to be filled in every row."),
            ("description", "string", "What it holds."),
            ("refers_to", "string?", "The table and key that it points to, joined by a point."),
            ("for_labels", "strings?", "Filled exactly in the rows with one of these labels."),
            ("scale", "string?", "How values differ where agreement is measured: nominal or ordinal."),
            ("derived", "boolean", "Whether it was computed rather than annotated."),
        ),
        _explained(
            "_questions",
            "One row per question of a judgement.",
            ("question_id", "id", "table_name and question, joined by '/'."),
            ("table_name", "id of _tables", "The table."),
            ("question", "string", "As it stands in the column question."),
            ("position", "integer", "Place among the questions, from 1."),
            ("definition", "string", "What is asked."),
            ("test", "string", "How to answer."),
            ("scale", "string", "How answers differ: nominal or ordinal, lowest first."),
            ("own", "boolean", "Whether its labels are its own."),
        ),
        _explained(
            "_labels",
            "One row per label of a closed set, for each question that it may answer.",
            ("label_id", "id", "table_name, column_name, question and label, joined by '/'."),
            ("table_name", "id of _tables", "The table."),
            ("column_name", "string", "The column."),
            ("question", "string?", "The question that it answers."),
            ("position", "integer", "Place in the set, from 1."),
            ("label", "string", "As it stands in the column."),
            ("definition", "string?", "What it means; empty where the description of the column says it."),
            ("test", "string?", "How to tell it."),
            ("positive", "string?", "An example."),
            ("negative", "string?", "An example of what it is not."),
            ("source", "string?", "Where it comes from."),
            ("linked", "boolean", "Whether a span with it stands at an end of a relation."),
            ("evidence", "boolean", "Whether it needs a span of evidence."),
            ("from_labels", "strings?", "On a relation: the labels that the unit it starts from may have."),
            ("to_labels", "strings?", "On a relation: the labels that the unit it leads to may have."),
        ),
    )
}
"""Name of each table that explains -> the table."""
