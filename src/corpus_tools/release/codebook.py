"""The codebook: every table, column and label, made from the scheme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corpus_tools.metadata import GENERATED
from corpus_tools.scheme import Column, Constraints, Label, Layer, Scheme, Table

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
            parts = ", ".join(f"`{part}` ({table.part_condition(part, code='`')})" for part in table.parts)
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
        held = "\n".join(f"- {sentence}" for sentence in constraints(layer, table))
        if held:
            yield f"What must hold:\n\n{held}"
        yield from label_tables(layer, table)


def columns_table(table: Table) -> str:
    """A table's columns with type and meaning, as Markdown."""
    rows = [(f"`{c.name}`", column_type(c), "" if c.required else "yes", c.description) for c in table.columns]
    return markdown_table(("column", "type", "may be null", "meaning"), rows)


def column_type(column: Column) -> str:
    """What a column holds, in words: its type with the closed set or the column that it refers to."""
    if column.type in ("choice", "label"):
        return f"{column.type}: {', '.join(column.labels)}"
    return f"{column.type} of {column.refers_to}" if column.refers_to else column.type


def constraints(layer: Layer, table: Table) -> Iterator[str]:
    """What must hold among the rows of a layer's table, as its scheme file declares it: one sentence each."""
    held, labels = table.constraints, layer.labels[table.name]
    if table.unit == "span":
        yield from _span_constraints(held)
    if table.unit == "relation":
        yield from _relation_constraints(held, labels)
    if held.judged and table.questions:
        judged = "Every text" if held.judged == "texts" else f"Every row of `{held.judged}` in a text"
        yield f"{judged} gone through has exactly one answer to each question."
    linked = [label.id for label in labels if label.linked]
    if linked:
        yield f"A row with the label {_either(linked)} stands at an end of a relation."
    evident = [label.id for label in labels if label.evidence]
    if evident:
        yield f"A row with the label {_either(evident)} has a span of evidence in its text."
    for column in table.columns:
        if column.for_labels:
            yield f"`{column.name}` is filled where the label is {_either(column.for_labels)}, and nowhere else."


def _span_constraints(held: Constraints) -> Iterator[str]:
    if held.overlap == "none":
        yield "No two spans of an annotator share a character."
    if held.overlap == "nested":
        yield "A span may lie within another of the same annotator; two never cross and are never the same."
    if held.cuts_tokens:
        yield "A span may begin or end inside a token."
    else:
        yield "Spans begin and end where tokens do, in texts that have tokens."


def _relation_constraints(held: Constraints, labels: Sequence[Label]) -> Iterator[str]:
    ends = {"from_id": held.from_tables, "to_id": held.to_tables}
    rows = [f"`{end}` is a row of {_either(tables)}" for end, tables in ends.items() if tables]
    if rows:
        yield f"{'; '.join(rows)}."
    for label in labels:
        ends = {"from": label.from_labels, "to": label.to_labels}
        units = [f"{end} a unit with the label {_either(those)}" for end, those in ends.items() if those]
        if units:
            yield f"`{label.id}` leads {' '.join(units)}."
    if held.chains:
        yield "Relations join spans to chains: all of a chain have one label, and `chain_id` is the id of the first."
    if held.one_per:
        yield f"Every comment gone through is the `{held.one_per}` of exactly one row."


def _either(names: Sequence[str]) -> str:
    """Names as code, the last after `or`."""
    shown = [f"`{name}`" for name in names]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)


def label_sets(layer: Layer, table: Table) -> Iterator[tuple[str | None, Sequence[Label]]]:
    """The labels of a table by what they are labels of: None for the table, then a question or a further column."""
    own = {label.id: label for question in table.questions if question.own for label in question.labels}
    shared = [label for label in layer.labels[table.name] if label.id not in own or own[label.id] is not label]
    if shared:
        yield None, shared
    for question in table.questions:
        if question.own:
            yield question.id, question.labels
    for column in table.columns:
        if column.meanings:
            yield column.name, column.meanings


def label_tables(layer: Layer, table: Table) -> Iterator[str]:
    """A table's labels, its questions with theirs, and the labels of its further columns, as Markdown tables."""
    if table.questions:
        rows = [
            (f"`{x.id}`", x.definition, x.test, f"{x.scale}: {', '.join(f'`{label.id}`' for label in x.labels)}")
            for x in table.questions
        ]
        yield markdown_table(("question", "definition", "test", "answers"), rows)
    for name, labels in label_sets(layer, table):
        yield label_table("label" if name is None else f"`{name}`", labels)


def label_table(name: str, labels: Iterable[Label]) -> str:
    """Labels with definition, test and examples, as Markdown; `name` heads their column."""
    rows = [(f"`{x.id}`", x.definition, x.test, x.positive, x.negative) for x in labels]
    return markdown_table((name, "definition", "test", "an example", "not an example"), rows)
