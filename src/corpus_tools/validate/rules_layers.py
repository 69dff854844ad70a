"""E3: annotations lie where they say, and come from passes that are declared."""

from __future__ import annotations

import polars as pl

from corpus_tools.folder import Folder, annotator_of
from corpus_tools.standoff import with_slices
from corpus_tools.validate.rule import check, findings, place_of, tables_of
from corpus_tools.validate.rules_units import every_unit

ANNOTATIONS = ("*/[!.]*.csv", "*/[!.]*.conllu")


def _spans(source: Folder) -> pl.LazyFrame:
    """Every span of every layer: place, unit, and what the rules below need."""
    wanted = ("text_id", "start_char", "end_char", "quote", "source_start", "source_end")
    frames = [pl.LazyFrame(schema={"place": pl.String, "unit": pl.String, **dict.fromkeys(wanted, pl.Null)})]
    for table, split in tables_of(source):
        if table.unit == "span":
            present = [name for name in wanted if name in table.schema]
            frames.append(place_of(source, table, split).select("place", *present, unit=table.key))
    return pl.concat(frames, how="diagonal_relaxed").with_columns(
        pl.col("text_id", "quote").cast(pl.String),
        pl.col("start_char", "end_char", "source_start", "source_end").cast(pl.Int32),
    )


def _texts(source: Folder) -> pl.LazyFrame:
    return source.scan(source.scheme.fixed["texts"])


@check("E301")
def quote_is_not_slice(source: Folder) -> pl.LazyFrame:
    """A span's quote is not the slice that its offsets point to."""
    inside = with_slices(_spans(source), _texts(source)).filter(pl.col("slice") != pl.col("quote"))
    return inside.select(
        "place", "unit", found=pl.format("Quote {}, slice {}.", _shown(pl.col("quote")), _shown(pl.col("slice")))
    )


@check("E302")
def offsets_outside_text(source: Folder) -> pl.LazyFrame:
    """A span's offsets do not lie inside its text."""
    placed = pl.col("start_char").is_not_null() | pl.col("end_char").is_not_null()
    nowhere = pl.col("start_char").is_null() & pl.col("end_char").is_null() & pl.col("source_start").is_null()
    rows = with_slices(_spans(source), _texts(source).drop_nulls("text"))
    bad = rows.filter((placed & pl.col("slice").is_null()) | nowhere)
    known = bad.join(_texts(source).drop_nulls("text").select("text_id"), on="text_id", how="semi")
    return known.select(
        "place", "unit", found=pl.format("{} to {} in {}.", _number("start_char"), _number("end_char"), "text_id")
    )


@check("E303")
def places_disagree(source: Folder) -> pl.LazyFrame:
    """A span's place in the source is not where its text or its quote is."""
    texts = _texts(source).select("text_id", "source_id", _start="source_start")
    decoded = pl.LazyFrame(
        {"source_id": list(source.sources), "_source": list(source.sources.values())},
        schema={"source_id": pl.String, "_source": pl.String},
    )
    start, length = pl.col("source_start"), pl.col("source_end") - pl.col("source_start")
    rows = (
        _spans(source)
        .filter(start.is_not_null() | pl.col("source_end").is_not_null())
        .join(texts, on="text_id", how="inner", maintain_order="left")
        .join(decoded, on="source_id", how="inner", maintain_order="left")
    )
    moved = (pl.col("start_char") + pl.col("_start") != start).fill_null(False)
    held = pl.when(length > 0).then(pl.col("_source").str.slice(start, length.clip(0)))
    other = held.ne_missing(pl.col("quote"))
    found = pl.format(
        "Its source place {} to {} holds {}.",
        _number("source_start"),
        _number("source_end"),
        _shown(held).fill_null("nothing"),
    )
    return rows.filter(moved | other).select("place", "unit", found=found)


@check("E304")
def pass_not_declared(source: Folder) -> pl.LazyFrame:
    """A pass or an annotation file belongs to no layer of the scheme, or a file to no declared pass."""
    declared = {(entry["layer"], entry["annotator_id"]) for entry in source.metadata.records["passes"]}
    rows: list[tuple[str, str | None, str]] = [
        (source.metadata.path.name, f"{layer}/{annotator}", f"There is no scheme/{layer}.toml.")
        for layer, annotator in sorted(declared)
        if layer not in source.layers
    ]
    read = {path for table, split in tables_of(source) for path in source.files(table, split)}
    for path in sorted(path for ending in ANNOTATIONS for path in (source.path / "annotations").glob(ending)):
        layer, annotator = path.parent.name, annotator_of(path)
        if layer not in source.layers:
            rows.append((source.relative(path), None, f"There is no scheme/{layer}.toml."))
        elif path not in read:
            tables = ", ".join(table.name for table in source.layers[layer].tables)
            rows.append((source.relative(path), None, f"Its ending names no table of the layer; there are: {tables}."))
        elif (layer, annotator) not in declared:
            rows.append(
                (source.relative(path), None, f"No [[passes]] has layer {layer!r} and annotator_id {annotator!r}.")
            )
    return findings(rows)


@check("E305")
def text_not_covered(source: Folder) -> pl.LazyFrame:
    """An annotator marks a text that the pass is not declared to cover."""
    coverage = source.scan(source.scheme.fixed["coverage"]).select("layer", "annotator_id", "text_id")
    units = every_unit(source).select("id", text_id="_text")
    passes = [(entry["layer"], entry["annotator_id"]) for entry in source.metadata.records["passes"]]
    frames = [findings([])]
    for table, split in tables_of(source):
        if table.layer:
            covered = coverage.filter(pl.col("layer") == table.layer)
            # From the passes: one that names no text has no row of coverage. E304 finds rows of no pass.
            annotators = [annotator for layer, annotator in passes if layer == table.layer]
            placed = place_of(source, table, split)
            if "text_id" not in table.schema:
                # A judgement is made of its unit, a relation where it starts from.
                about = "unit_id" if table.unit == "judgement" else "from_id"
                placed = placed.join(units, left_on=about, right_on="id", how="left", maintain_order="left")
            known = placed.join(_texts(source), on="text_id", how="semi", maintain_order="left")
            rows = known.filter(pl.col("annotator").is_in(annotators))
            missing = rows.join(
                covered,
                left_on=["annotator", "text_id"],
                right_on=["annotator_id", "text_id"],
                how="anti",
                maintain_order="left",
            )
            found = pl.format("{} is not among the texts of this pass.", "text_id")
            frames.append(missing.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("E306")
def unit_does_not_exist(source: Folder) -> pl.LazyFrame:
    """A relation or judgement refers to a unit that does not exist."""
    texts = source.scheme.fixed["texts"]
    tables = [texts, *(table for table in source.scheme.tables.values() if table.layer)]
    units = pl.concat([source.rows(table, split).select(id=table.key) for table in tables for split in table.splits])
    frames = [findings([])]
    for table, split in tables_of(source):
        for name in ("from_id", "to_id", "unit_id"):
            if table.unit in ("relation", "judgement") and name in table.schema:
                rows = place_of(source, table, split).filter(pl.col(name).is_not_null())
                lost = rows.join(units, left_on=name, right_on="id", how="anti", maintain_order="left")
                found = pl.format(f"{name}: {{}} is no text and no unit of a layer.", name)
                frames.append(lost.select("place", unit=table.key, found=found))
    return pl.concat(frames)


@check("W301")
def other_guideline(source: Folder) -> pl.LazyFrame:
    """A pass followed another version of the guideline than the scheme names."""
    rows: list[tuple[str, str | None, str]] = []
    for entry in source.metadata.records["passes"]:
        layer = source.layers.get(str(entry.get("layer")))
        # A rule follows no guideline and names no version.
        if layer and entry.get("guideline_version", layer.guideline_version) != layer.guideline_version:
            pass_ = f"{layer.name}/{entry.get('annotator_id')}"
            found = f"It followed {entry.get('guideline_version')}, the scheme names {layer.guideline_version}."
            rows.append((source.metadata.path.name, pass_, found))
    return findings(rows)


def _shown(text: pl.Expr) -> pl.Expr:
    return pl.format("'{}'", pl.when(text.str.len_chars() > 60).then(text.str.slice(0, 57) + "...").otherwise(text))


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null("null")
