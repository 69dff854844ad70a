"""What formats of tools for annotation share: labels and closed columns of tables, colours, and what is lost."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Mapping, Sequence

from corpus_tools.exchange.documents import TEXTS, Document, further, left_out
from corpus_tools.scheme import Column, Table


def closed_columns(table: Table) -> dict[str, tuple[str, ...]]:
    """The further columns of a table whose values are chosen, with these; none of texts, which nobody annotates."""
    if table.name == TEXTS:
        return {}
    return {column.name: values for column in further(table) if (values := closed_values(column))}


def closed_values(column: Column) -> tuple[str, ...]:
    """The values that a column can have; empty where it is free."""
    return ("true", "false") if column.type == "boolean" else column.labels


def found_labels(documents: Iterable[Document]) -> dict[str, list[str]]:
    """Name of each table with marks -> the labels that these have, in the order in which they occur."""
    found: dict[str, dict[str, None]] = {}
    for document in documents:
        for mark in document.marks:
            found.setdefault(mark.table, {})[mark.label] = None
    return {table: list(labels) for table, labels in found.items()}


def in_order(values: Mapping[str, str], table: Table) -> dict[str, str]:
    """Values in the order of the columns of their table."""
    return {column.name: values[column.name] for column in table.columns if column.name in values}


def colour(number: int, *, light: float) -> str:
    """The golden angle further round the circle for each: neighbours are far apart, however many there are."""
    red, green, blue = colorsys.hls_to_rgb(number * 0.381966 % 1, light, 0.75)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def all_left_out(of_documents: Iterable[Mapping[str, Sequence[str]]]) -> tuple[str, ...]:
    """What was left out of several documents, in words; as `left_out`, which has it of one."""
    together: dict[str, list[str]] = {}
    for lost in of_documents:
        for what, ids in lost.items():
            together.setdefault(what, []).extend(ids)
    return left_out(together)
