"""brat's configuration: which types there are, what they mean and may join, and how each is shown.

The names of the types, which stand in brat's files of annotations too, are made and read here.

Source:
    brat configuration, brat.nlplab.org/configuration.html; how brat itself reads it, server/src/projectconfig.py at
    github.com/nlplab/brat (commit 44ecd82).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from corpus_tools.exchange.annotating import closed_columns, colour, found_labels
from corpus_tools.exchange.documents import TEXTS, Document
from corpus_tools.files import write_whole
from corpus_tools.scheme import Table

OF = "--"
"""Between a table and a column or question of it; a table and its label have one hyphen."""
# A type name in brat is of letters, digits, hyphens and underscores; the hyphen divides ours.
_FOREIGN = re.compile(r"[^A-Za-z0-9_]|_(?=x)")
_NAMED = re.compile(r"_x([0-9a-f]+)_")


def write_configuration(
    tables: Sequence[Table], documents: Iterable[Document], out: Path, given: Mapping[str, Sequence[str]]
) -> None:
    """Write what brat shows annotations by, into the folder of the documents.

    Args:
        tables: Tables whose rows may be made or changed.
        documents: The documents; a table that has no list of labels is shown with those that occur.
        out: The folder.
        given: Name of each other table with marks -> its labels.
    """
    shown = _shown_labels(tables, documents, given)
    write_whole(out / "annotation.conf", _annotation_conf(tables, shown))
    write_whole(out / "visual.conf", _visual_conf(tables, shown))
    # Else brat would cut the lines by its own rules for sentences.
    write_whole(out / "tools.conf", "[options]\nValidation\tvalidate:all\nSentences\tsplitter:newline\n")


def type_name(table: str, label: str, *, between: str = "-") -> str:
    """A type as brat accepts it: `entities-person`; other characters than letters, digits and `_` as their numbers."""
    return f"{brat_name(table)}{between}{brat_name(label)}"


def table_and_label(name: str) -> tuple[str, str]:
    """The table and the label, column or question that a type name stands for."""
    table, _, label = name.partition("-")
    return plain_name(table), plain_name(label.removeprefix("-"))


def brat_name(name: str) -> str:
    """A name in the characters that brat accepts in a type or value."""
    return _FOREIGN.sub(lambda found: f"_x{ord(found[0]):04x}_", name)


def plain_name(name: str) -> str:
    """The name that `brat_name` made this one of."""
    return _NAMED.sub(lambda found: chr(int(found[1], 16)), name)


def _shown_labels(
    tables: Iterable[Table], documents: Iterable[Document], given: Mapping[str, Sequence[str]]
) -> dict[str, Sequence[str]]:
    """Name of each table whose rows are spans -> its labels."""
    found = found_labels(documents)
    spans = [table for table in tables if table.unit in ("span", "sentence", "token") or table.name == TEXTS]
    own = {table.name: _labels(table) or found.get(table.name, []) for table in spans}
    return {**given, **own}


def _labels(table: Table) -> Sequence[str]:
    return table[{"token": "upos", None: "kind"}.get(table.unit, "label")].labels


def _annotation_conf(tables: Sequence[Table], shown: Mapping[str, Sequence[str]]) -> str:
    types = {name: [type_name(name, label) for label in labels] for name, labels in shown.items()}
    by_name = {table.name: table for table in tables}
    lines = ["[entities]"]
    for name, labels in shown.items():
        meanings = _meanings(by_name.get(name))
        lines.append(f"!{brat_name(name)}")
        for label in labels:
            lines += [*meanings.get(label, ()), f"\t{type_name(name, label)}"]
    lines += ["", "[relations]"]
    for table in tables:
        if table.unit == "relation":
            lines += _relation_lines(table, types)
    # Without it brat takes a span inside another for a mistake.
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>", "", "[events]", "", "[attributes]"]
    for table in tables:
        lines += _attribute_lines(table, types)
    return "\n".join(lines) + "\n"


def _meanings(table: Table | None) -> dict[str, list[str]]:
    """A comment for each label that is defined."""
    if table is None or not table.unit or table.unit == "token":
        return {}
    return {one.id: [f"# {one.id}: {' '.join(one.definition.split())}"] for one in table["label"].meanings}


def _relation_lines(table: Table, types: Mapping[str, Sequence[str]]) -> Iterator[str]:
    rules, meanings = table.constraints, {one.id: one for one in table["label"].meanings}
    for label in table["label"].labels:
        yield from _meanings(table).get(label, ())
        one = meanings.get(label)
        froms = _end_types(rules.from_tables, one.from_labels if one else (), types)
        tos = _end_types(rules.to_tables, one.to_labels if one else (), types)
        yield f"{type_name(table.name, label)}\tArg1:{froms}, Arg2:{tos}"


def _end_types(tables: Iterable[str], labels: Sequence[str], types: Mapping[str, Sequence[str]]) -> str:
    found = [
        name for table in tables for name in types.get(table, ()) if not labels or table_and_label(name)[1] in labels
    ]
    return "|".join(found) or "<ENTITY>"


def _attribute_lines(table: Table, types: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for question in table.questions:
        units = "|".join(types.get(table.constraints.judged or "", ())) or "<ENTITY>"
        yield f"# {question.id}: {' '.join(question.definition.split())}"
        values = "|".join(brat_name(label.id) for label in question.labels)
        yield f"{type_name(table.name, question.id, between=OF)}\tArg:{units}, Value:{values}"
    if table.name in types:
        for column, values_of in closed_columns(table).items():
            only = [type_name(table.name, label) for label in table[column].for_labels]
            units = "|".join(only or types[table.name]) or "<ENTITY>"
            values = "|".join(map(brat_name, values_of))
            yield f"{type_name(table.name, column, between=OF)}\tArg:{units}, Value:{values}"


def _visual_conf(tables: Sequence[Table], shown: Mapping[str, Sequence[str]]) -> str:
    spans = [(name, label) for name, labels in shown.items() for label in labels]
    arcs = [(table.name, label) for table in tables if table.unit == "relation" for label in table["label"].labels]
    asked = [(table.name, question.id) for table in tables for question in table.questions]
    asked += [(table.name, column) for table in tables if table.name in shown for column in closed_columns(table)]
    lines = ["[labels]", *(f"{brat_name(name)} | {_read(name)}" for name in shown)]
    lines += [f"{type_name(*pair)} | {_read(': '.join(pair))} | {_read(pair[1])}" for pair in spans + arcs]
    lines += [f"{type_name(*pair, between=OF)} | {_read(': '.join(pair))} | {_read(pair[1])}" for pair in asked]
    lines += ["", "[drawing]", "SPAN_DEFAULT\tfgColor:black, bgColor:#eeeeee, borderColor:darken"]
    lines += ["ARC_DEFAULT\tcolor:black, arrowHead:triangle-5", "ATTRIBUTE_DEFAULT\tglyph:*"]
    lines += [f"{type_name(*pair)}\tbgColor:{colour(n, light=0.8)}" for n, pair in enumerate(spans)]
    lines += [f"{type_name(*pair)}\tcolor:{colour(n, light=0.35)}" for n, pair in enumerate(arcs)]
    return "\n".join(lines) + "\n"


def _read(words: str) -> str:
    """Words as they are shown; these characters mean something in the configuration."""
    return " ".join(re.sub(r"[|<>]", " ", words).split())
