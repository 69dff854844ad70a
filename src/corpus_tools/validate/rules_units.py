"""E3, continued: what a scheme file declares of its rows holds, so a layer gets its checks by being declared."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from corpus_tools.folder import Folder
from corpus_tools.scheme import GOLD, PASSES, Layer, Table
from corpus_tools.standoff import chains
from corpus_tools.validate.rule import check, findings, place_of

SPLITS = (GOLD, PASSES)


def annotated(source: Folder, *units: str) -> Iterator[tuple[Layer, Table, str]]:
    """Every annotation table of some kinds of unit in the folder, with its layer and each of its splits."""
    for layer in source.layers.values():
        for table in layer.tables:
            for split in SPLITS:
                if table.unit in units:
                    yield layer, table, split


def _every_table(source: Folder) -> Iterator[tuple[Table, str]]:
    """Every annotation table that rows of the folder may refer to, with each of its splits."""
    for table in source.scheme.tables.values():
        if table.layer:
            yield from ((table, split) for split in SPLITS)


def every_unit(source: Folder) -> pl.LazyFrame:
    """Every text and every annotated row: `id`, `_table`, and `_text`, `_label`, `_by` (null where it has none)."""
    texts = source.scan(source.scheme.fixed["texts"]).select(id="text_id", _text="text_id", _table=pl.lit("texts"))
    frames = [texts]
    for table, split in _every_table(source):
        names = {"_text": "text_id", "_label": "label", "_by": "annotator"}
        kept = {new: old for new, old in names.items() if old in table.schema}
        frames.append(source.rows(table, split).select(id=table.key, _table=pl.lit(table.name), **kept))
    return pl.concat(frames, how="diagonal_relaxed").with_columns(pl.col("_label").cast(pl.String))


@check("E307")
def label_of_another_question(source: Folder) -> pl.LazyFrame:
    """An answer is not among the labels of its question."""
    frames = [findings([])]
    for _, table, split in annotated(source, "judgement"):
        allowed = {question.id: [label.id for label in question.labels] for question in table.questions}
        rows = place_of(source, table, split).filter(
            pl.col("question").is_in(list(allowed)), pl.col("label").is_not_null()
        )
        for question, labels in allowed.items():
            wrong = rows.filter(pl.col("question") == question, ~pl.col("label").is_in(labels))
            found = pl.format(f"{question}: {{}} is none of: {', '.join(labels)}.", "label")
            frames.append(wrong.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E308")
def end_of_another_kind(source: Folder) -> pl.LazyFrame:
    """A relation joins units that its scheme does not let it join."""
    frames = [findings([])]
    units = every_unit(source)
    for layer, table, split in annotated(source, "relation"):
        held = table.constraints
        for end, tables in (("from_id", held.from_tables), ("to_id", held.to_tables)):
            rows = place_of(source, table, split).join(
                units, left_on=end, right_on="id", how="inner", maintain_order="left"
            )
            if tables:
                wrong = rows.filter(~pl.col("_table").is_in(tables))
                found = pl.format(f"{end}: {{}} is a row of {{}}, not of: {', '.join(tables)}.", end, "_table")
                frames.append(wrong.select("place", unit=table.key, found=found))
            for label in layer.labels[table.name]:
                ends = label.from_labels if end == "from_id" else label.to_labels
                if ends:
                    wrong = rows.filter(pl.col("label") == label.id, ~pl.col("_label").is_in(ends))
                    text = f"{end}: {{}} is {{}}; {label.id} takes: {', '.join(ends)}."
                    found = pl.format(text, end, pl.col("_label").fill_null("without label"))
                    frames.append(wrong.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E309")
def span_without_relation(source: Folder) -> pl.LazyFrame:
    """A span stands at no end of a relation, and its label says that it must."""
    frames = [findings([])]
    for layer, table, split in annotated(source, "span"):
        linked = [label.id for label in layer.labels[table.name] if label.linked]
        relations = [source.rows(other, split) for other in layer.tables if other.unit == "relation"]
        if linked and relations:
            ends = pl.concat([rows.select(_end=end) for rows in relations for end in ("from_id", "to_id")])
            alone = place_of(source, table, split).filter(pl.col("label").is_in(linked))
            lost = alone.join(ends, left_on=table.key, right_on="_end", how="anti", maintain_order="left")
            found = pl.format("{} '{}'.", "label", "quote")
            frames.append(lost.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E310")
def chain_broken(source: Folder) -> pl.LazyFrame:
    """The units of a chain differ in label, or its id is not that of its first unit."""
    frames = [findings([])]
    for _, table, split in annotated(source, "relation"):
        if table.constraints.chains:
            rows = place_of(source, table, split).collect()
            for name in table.constraints.from_tables:
                # A pass may join the spans of gold as well as its own; each annotator makes chains of their own.
                spans = pl.concat([source.rows(source.scheme.table(name), of) for of in SPLITS])
                for _, own in rows.group_by("annotator", maintain_order=True):
                    frames += _broken_chains(source, own.lazy(), spans)
    return pl.concat(frames)


def _broken_chains(source: Folder, rows: pl.LazyFrame, spans: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    joined = chains(spans, rows, source.scan(source.scheme.fixed["texts"])).lazy().rename({"chain_id": "_first"})
    members = spans.join(joined, on="span_id").select("span_id", "_first", _label="label")
    begun = rows.join(members, left_on="from_id", right_on="span_id", how="inner", maintain_order="left")
    wrong = begun.filter(pl.col("chain_id").ne_missing(pl.col("_first")))
    found = pl.format("chain_id is {}; the chain begins with {}.", pl.col("chain_id").fill_null("null"), "_first")
    yield wrong.select("place", unit="relation_id", found=found)
    ends = begun.join(members, left_on="to_id", right_on="span_id", how="inner", maintain_order="left", suffix="_of_to")
    wrong = ends.filter(pl.col("_label") != pl.col("_label_of_to"))
    found = pl.format("{} is {}, {} is {}.", "from_id", "_label", "to_id", "_label_of_to")
    yield wrong.select("place", unit="relation_id", found=found)


@check("E311")
def evidence_missing(source: Folder) -> pl.LazyFrame:
    """A row lacks a span of evidence inside its text."""
    frames = [findings([])]
    units = every_unit(source)
    for layer, table, split in annotated(source, "judgement", "relation"):
        needing = {label.id for label in layer.labels[table.name] if label.evidence}
        rows = place_of(source, table, split)
        of = "unit_id" if table.unit == "judgement" else "from_id"
        home = rows.join(units, left_on=of, right_on="id", how="left", maintain_order="left")
        for other, column in _evidence_of(layer, table):
            evidence = source.rows(other, split).select(_row=column, _in="text_id")
            needed = home.filter(pl.col("label").is_in(needing))
            without = needed.join(evidence, left_on=table.key, right_on="_row", how="anti", maintain_order="left")
            found = pl.format(f"{{}} needs a row in {other.name}.", "label")
            frames.append(without.select("place", unit=table.key, found=found))
            strange = home.join(
                evidence, left_on=table.key, right_on="_row", how="inner", maintain_order="left"
            ).filter(pl.col("_text") != pl.col("_in"))
            found = pl.format("Its evidence is in {}, it is about {}.", "_in", "_text")
            frames.append(strange.select("place", unit=table.key, found=found))
    return pl.concat(frames)


def _evidence_of(layer: Layer, table: Table) -> Iterator[tuple[Table, str]]:
    """The span tables of a layer that refer to the rows of another of its tables, with the column that does."""
    for other in layer.tables:
        for column in other.columns:
            if other.unit == "span" and column.refers_to == f"{table.name}.{table.key}":
                yield other, column.name


@check("E312")
def column_of_another_label(source: Folder) -> pl.LazyFrame:
    """A column is filled in a row whose label does not take it, or empty in one whose label needs it."""
    frames = [findings([])]
    for _, table, split in annotated(source, "span", "relation", "judgement", "token", "sentence"):
        for column in table.columns:
            if column.for_labels:
                rows = place_of(source, table, split)
                label = "upos" if table.unit == "token" else "label"
                fits = pl.col(label).is_in(column.for_labels)
                wrong = rows.filter(fits != pl.col(column.name).is_not_null())
                state = pl.when(pl.col(column.name).is_null()).then(pl.lit("empty")).otherwise(pl.lit("filled"))
                found = pl.format(f"{column.name} is {{}} and the label is {{}}.", state, label)
                frames.append(wrong.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E313")
def spans_overlap(source: Folder) -> pl.LazyFrame:
    """Two spans of a text overlap in a way that their layer does not allow."""
    frames = [findings([])]
    for _, table, split in annotated(source, "span"):
        allowed = table.constraints.overlap
        if allowed == "any":
            continue
        rows = place_of(source, table, split).drop_nulls(["start_char", "end_char"])
        other = rows.select("text_id", "annotator", _other=table.key, _start="start_char", _end="end_char")
        start, end = pl.col("start_char"), pl.col("end_char")
        pairs = rows.join(other, on=["text_id", "annotator"], maintain_order="left").filter(
            pl.col(table.key) < pl.col("_other"), start < pl.col("_end"), pl.col("_start") < end
        )
        if allowed == "nested":
            inside = (start >= pl.col("_start")) & (end <= pl.col("_end"))
            around = (start <= pl.col("_start")) & (end >= pl.col("_end"))
            pairs = pairs.filter(inside == around)  # neither, or the same span twice
        found = pl.format("It overlaps {} in {}.", "_other", "text_id")
        frames.append(pairs.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E314")
def token_cut(source: Folder) -> pl.LazyFrame:
    """A span begins or ends inside a token."""
    frames = [findings([])]
    tokens = [source.rows(table, GOLD) for table in source.scheme.tables.values() if table.unit == "token"]
    if not tokens:
        return pl.concat(frames)
    cut = pl.concat(tokens).select("text_id", "form", _start="start_char", _end="end_char")
    for _, table, split in annotated(source, "span"):
        if table.constraints.cuts_tokens:
            continue
        rows = place_of(source, table, split).drop_nulls(["start_char", "end_char"])
        pairs = rows.join(cut, on="text_id", maintain_order="left")
        inside = [
            (pl.col("_start") < pl.col(edge)) & (pl.col(edge) < pl.col("_end")) for edge in ("start_char", "end_char")
        ]
        found = pl.format("'{}' cuts the token '{}'.", "quote", "form")
        frames.append(pairs.filter(inside[0] | inside[1]).select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E322")
def row_of_another_annotator(source: Folder) -> pl.LazyFrame:
    """A row refers to a row of another annotator that is not gold."""
    frames = [findings([])]
    units = every_unit(source).select("id", "_by")
    layers = {f"{table.name}.{table.key}" for table, _ in _every_table(source)}
    for _, table, split in annotated(source, "span", "relation", "judgement"):
        ends = [column.name for column in table.columns if column.refers_to in layers and column.type != "strings"]
        for name in (*ends, *(end for end in ("from_id", "to_id", "unit_id") if end in table.schema)):
            rows = place_of(source, table, split).join(
                units, left_on=name, right_on="id", how="inner", maintain_order="left"
            )
            # Given units are those of gold; gold itself stands on gold only.
            strange = rows.filter(pl.col("_by") != pl.col("annotator"), pl.col("_by") != GOLD)
            found = pl.format(f"{name}: {{}} is of {{}}, the row of {{}}.", name, "_by", "annotator")
            frames.append(strange.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E324")
def relation_twice(source: Folder) -> pl.LazyFrame:
    """A relation stands twice."""
    frames = [findings([])]
    for _, table, split in annotated(source, "relation"):
        rows = place_of(source, table, split).drop_nulls(["from_id", "to_id", "label"])
        again = rows.filter(~pl.struct("annotator", "from_id", "to_id", "label").is_first_distinct())
        found = pl.format("{} from {} to {}.", "label", "from_id", "to_id")
        frames.append(again.select("place", unit=table.key, found=found))
    return pl.concat(frames)
