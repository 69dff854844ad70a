"""The codebook: every table, column and label, made from the scheme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corpus_tools.scheme import Column, Label, Layer, Scheme, Table

GENERATED = "Generated from corpus.toml"
"""Stands in every page that is generated as a whole; a page without it was written by hand."""
NOTICE = f"<!-- {GENERATED} and scheme/; change those, then run `corpus-tools pages`. -->"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; cells may hold bars and line ends."""

    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(header), line(["---"] * len(header)), *map(line, rows)])


def codebook(scheme: Scheme, *, title: str, version: str) -> str:
    """Every table, column and label of a corpus, as Markdown."""
    return "\n\n".join([f"# Codebook of the {title} {version}", NOTICE, *_sections(scheme)]) + "\n"


def _sections(scheme: Scheme) -> Iterator[str]:
    yield (
        "Offsets are Unicode code points, counted from 0, end-exclusive. Null means not recorded; an empty text means "
        "recorded and empty."
    )
    yield "## Tables"
    for table in scheme.fixed.values():
        yield f"### {table.name}\n\n{table.description}"
        if table.parts:
            parts = ", ".join(f"`{part}` (`{table.part_column}` is `{value}`)" for value, part in table.parts.items())
            yield f"Also loadable in parts: {parts}."
        yield columns_table(table)
    yield "## Layers"
    for layer in scheme.layers.values():
        yield from _layer_section(layer)


def _layer_section(layer: Layer) -> Iterator[str]:
    yield f"### {layer.name}: {layer.title}\n\n{layer.description}"
    yield (
        f"Origin: {layer.origin}. Guideline: `{layer.guideline}`, version {layer.guideline_version}. "
        f"After: {layer.scheme_source}"
    )
    for table in layer.tables:
        yield f"#### {table.name}\n\n{table.description} Splits: {', '.join(f'`{split}`' for split in table.splits)}."
        yield columns_table(table)
        yield from label_tables(layer, table)


def columns_table(table: Table) -> str:
    """A table's columns with type and meaning, as Markdown."""

    def kind(column: Column) -> str:
        if column.type in ("choice", "label"):
            return f"{column.type}: {', '.join(column.labels)}"
        return f"{column.type} of {column.refers_to}" if column.refers_to else column.type

    rows = [(f"`{c.name}`", kind(c), "" if c.required else "yes", c.description) for c in table.columns]
    return markdown_table(("column", "type", "may be null", "meaning"), rows)


def label_tables(layer: Layer, table: Table) -> Iterator[str]:
    """A table's labels, its questions with theirs, and the labels of its further columns, as Markdown tables."""
    own = {label.id: label for question in table.questions if question.own for label in question.labels}
    shared = [label for label in layer.labels[table.name] if label.id not in own or own[label.id] is not label]
    if table.questions:
        rows = [
            (f"`{x.id}`", x.definition, x.test, f"{x.scale}: {', '.join(f'`{label.id}`' for label in x.labels)}")
            for x in table.questions
        ]
        yield markdown_table(("question", "definition", "test", "answers"), rows)
    if shared:
        yield label_table("label", shared)
    for question in table.questions:
        if question.own:
            yield label_table(f"`{question.id}`", question.labels)
    for column in table.columns:
        if column.meanings:
            yield label_table(f"`{column.name}`", column.meanings)


def label_table(name: str, labels: Iterable[Label]) -> str:
    """Labels with definition, test and examples, as Markdown; `name` heads their column."""
    rows = [(f"`{x.id}`", x.definition, x.test, x.positive, x.negative) for x in labels]
    return markdown_table((name, "definition", "test", "an example", "not an example"), rows)
