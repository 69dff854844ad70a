"""The codebook as pages: the fixed tables, a page for each layer, and an index of labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from corpus_tools.agreement import CONFIDENCE, agreement
from corpus_tools.corpus import Corpus
from corpus_tools.release.codebook import column_type, constraints, label_sets
from corpus_tools.scheme import Label, Layer, Question, Table
from corpus_tools.site.corpus import OWN
from corpus_tools.site.markdown import code, linked, markdown_table, plain, toctree

OFFSETS = (
    "Offsets are Unicode code points, counted from 0, end-exclusive. Null means not recorded; an empty text means "
    "recorded and empty."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A label in its place."""

    layer: Layer
    table: Table
    of: str | None
    """The question or further column whose label it is; None for a label of the table."""
    label: Label
    anchor: str
    """The id of its section on the page of its layer; no other label of the corpus has it."""


def codebook_pages(corpus: Corpus) -> dict[str, str]:
    """File name -> Markdown, for the codebook of a corpus."""
    entries = label_entries(corpus)
    figures = agreement(corpus, by_label=False)
    pages = {
        "codebook.md": "\n\n".join(_overview(corpus)),
        "tables.md": "\n\n".join(_fixed_tables(corpus)),
        "labels.md": "\n\n".join(_label_index(entries)),
    }
    for layer in corpus.scheme.layers.values():
        own = [entry for entry in entries if entry.layer is layer]
        page = _layer_page(corpus, layer, own, figures.filter(pl.col("layer") == layer.name))
        pages[f"layers/{layer.name}.md"] = "\n\n".join(page)
    return pages


def label_entries(corpus: Corpus) -> list[Entry]:
    """Every label that the scheme defines, in its order."""
    entries: list[Entry] = []
    taken: set[str] = set()
    for layer in corpus.scheme.layers.values():
        for table in layer.tables:
            for of, labels in label_sets(layer, table):
                for label in labels:
                    slug = _slug("label", table.name, of or "", label.id)
                    # Labels may differ in case or signs only.
                    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
                    anchor = slug if slug not in taken else next(name for name in numbered if name not in taken)
                    taken.add(anchor)
                    entries.append(Entry(layer, table, of, label, anchor))
    return entries


def _slug(*words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-")


def _overview(corpus: Corpus) -> Iterator[str]:
    yield "# Codebook"
    yield OFFSETS
    fixed = [
        (f"[{name}](tables.md#{_slug('table', name)})", plain(t.description)) for name, t in corpus.scheme.fixed.items()
    ]
    yield "## Tables of every corpus"
    yield markdown_table(("table", "what a row is"), fixed)
    layers = corpus.scheme.layers.values()
    yield "## Layers"
    if layers:
        rows = [
            (f"[{layer.name}](layers/{layer.name}.md)", plain(layer.title), plain(layer.description), _tables(layer))
            for layer in layers
        ]
        yield markdown_table(("layer", "title", "what it marks", "tables"), rows)
        yield "[Every label](labels.md), in alphabetical order."
    else:
        yield "This corpus has no annotation layer."
    yield toctree(["tables", *(f"layers/{layer.name}" for layer in layers), "labels"], hidden=True)


def _tables(layer: Layer) -> str:
    return ", ".join(code(table.name) for table in layer.tables)


def _fixed_tables(corpus: Corpus) -> Iterator[str]:
    yield "# Tables of every corpus"
    yield OFFSETS
    for table in corpus.scheme.fixed.values():
        yield from _table(corpus, table, level=2)
        if table.parts:
            parts = ", ".join(f"{code(part)} ({table.part_condition(part, code='`')})" for part in table.parts)
            yield f"Also loadable in parts: {parts}."


def _table(corpus: Corpus, table: Table, *, level: int) -> Iterator[str]:
    yield f"({_slug('table', table.name)})=\n{'#' * level} {code(table.name)}"
    yield plain(table.description)
    counts = {split: corpus.scan(table.name, split=split).select(pl.len()).collect().item() for split in table.splits}
    yield f"Rows: {', '.join(f'{n} in {code(split)}' for split, n in counts.items())}. Key: {code(table.key)}."
    rows = [
        (code(column.name), plain(column_type(column)), "" if column.required else "yes", plain(column.description))
        for column in table.columns
    ]
    yield markdown_table(("column", "type", "may be null", "meaning"), rows)


def _layer_page(corpus: Corpus, layer: Layer, entries: list[Entry], figures: pl.DataFrame) -> Iterator[str]:
    # The list of contents beside the page stops above the labels, of which there may be many.
    yield "---\ntocdepth: 3\n---"
    yield f"# {plain(layer.title)}"
    yield plain(layer.description)
    yield f"Layer: {code(layer.name)}. Tables: {_tables(layer)}. Origin: {plain(layer.origin)}."
    yield f"[Guideline](../guidelines/{layer.name}{OWN}), version {plain(layer.guideline_version)}."
    yield from _publications(corpus, layer)
    yield from _passes(corpus, layer)
    yield from _agreement(figures)
    for table in layer.tables:
        yield from _table(corpus, table, level=2)
        held = "\n".join(f"- {sentence}" for sentence in constraints(layer, table))
        if held:
            yield f"### What must hold in {code(table.name)}\n\n{held}"
        own = [entry for entry in entries if entry.table is table]
        if table.questions:
            yield f"### Questions of {code(table.name)}"
            yield _questions(table, {(entry.of, entry.label.id): entry.anchor for entry in own})
        for of in dict.fromkeys(entry.of for entry in own):
            yield f"### Labels of {code(of or table.name)}"
            for entry in own:
                if entry.of == of:
                    yield from _label(entry)


def _publications(corpus: Corpus, layer: Layer) -> Iterator[str]:
    yield f"## What it follows\n\n{plain(layer.scheme_source)}"
    yield "To cite the corpus for this layer, with the publications that it follows:"
    citation = corpus.cite(layers=[layer.name])
    yield "\n>\n".join(f"> {linked(paragraph)}" for paragraph in citation.split("\n\n"))


def _passes(corpus: Corpus, layer: Layer) -> Iterator[str]:
    gone_through = corpus.scan("coverage").filter(pl.col("layer") == layer.name)
    of_annotator = gone_through.group_by("annotator_id", "guideline_version", "date", maintain_order=True).len(
        "n_texts"
    )
    named = of_annotator.join(corpus.scan("annotators"), on="annotator_id", how="left", maintain_order="left")
    columns = ("annotator_id", "kind", "name", "guideline_version", "date", "n_texts")
    rows = named.select(columns).collect()
    yield "## Passes"
    if rows.is_empty():
        yield "Nobody has gone through a text."
        return
    yield f"Who went through the texts, of which there are {corpus.texts.height}; {code('gold')} is what was decided."
    header = ("annotator", "kind", "name", "guideline", "date", "texts")
    yield markdown_table(header, ([plain(str(cell or "")) for cell in row] for row in rows.iter_rows()))


def _agreement(figures: pl.DataFrame) -> Iterator[str]:
    between = figures.filter(pl.col("between") == "passes")
    if between.is_empty():
        return
    yield "## Agreement between passes"
    yield (
        f"Intervals hold {CONFIDENCE:.0%} of the resamples of a bootstrap over units, or over sentences where units "
        "depend on one another. `corpus-tools agree` gives the figures of single labels and those against gold too."
    )
    columns = ("table", "on", "coefficient", "annotators", "value", "low", "high", "n_units")
    rows = []
    for *about, value, low, high, n in between.select(columns).iter_rows():
        interval = "" if low is None or low == high else f"{low:.3f} to {high:.3f}"
        shown = "undefined" if value is None else f"{value:.3f}"
        rows.append([plain(str(cell)) for cell in (*about, shown, interval, n)])
    yield markdown_table(("table", "on", "coefficient", "annotators", "value", "interval", "units"), rows)


def _questions(table: Table, anchors: Mapping[tuple[str | None, str], str]) -> str:
    def answers(question: Question) -> str:
        of = question.id if question.own else None
        return ", ".join(f"[{plain(label.id)}](#{anchors[of, label.id]})" for label in question.labels)

    rows = [(code(x.id), plain(x.definition), plain(x.test), x.scale, answers(x)) for x in table.questions]
    return markdown_table(("question", "definition", "test", "scale", "answers"), rows)


def _label(entry: Entry) -> Iterator[str]:
    label = entry.label
    yield f"({entry.anchor})=\n#### {code(label.id)}"
    yield plain(label.definition)
    said = {"Test": label.test, "Example": label.positive, "Not": label.negative, "After": label.source}
    yield "\n".join(f":{name}: {plain(text)}" for name, text in said.items() if text)


def _label_index(entries: list[Entry]) -> Iterator[str]:
    yield "# Labels"
    yield "Every label of every layer, with the table, question or column whose label it is."
    ordered = sorted(entries, key=lambda entry: (entry.label.id.casefold(), entry.table.name, entry.of or ""))
    rows = [
        (
            f"[{plain(entry.label.id)}](layers/{entry.layer.name}.md#{entry.anchor})",
            code(".".join(filter(None, (entry.table.name, entry.of)))),
            plain(entry.label.definition),
        )
        for entry in ordered
    ]
    yield markdown_table(("label", "of", "definition"), rows)
