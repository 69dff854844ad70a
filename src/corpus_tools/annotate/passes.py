"""A pass that was made elsewhere, as rows of its own in a corpus folder: added, never written over."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, UnknownNameError, listed
from corpus_tools.files import write_all
from corpus_tools.folder import CONLLU_UNITS, UNIT_SUFFIXES, Folder, annotator_of
from corpus_tools.ingest.writing import PORTABLE, csv, with_entries
from corpus_tools.metadata import Metadata
from corpus_tools.scheme import GOLD, Layer, Table
from corpus_tools.standoff import chains

HUMAN = "human expert"
CHAIN = "chain_id"
"""The column of a relation that says to which chain its ends belong."""
# The letter before the number of a row, in tables that are not the first of their layer.
_LETTERS = {"span": "s", "relation": "r", "judgement": "j"}


@dataclass(frozen=True, slots=True)
class Pass:
    """Who went through which texts of a layer, as `corpus.toml` says it."""

    layer: str
    annotator_id: str
    kind: str
    """What the annotator is: `human expert`, `human crowd`, `language model` or `rule`."""
    name: str
    description: str
    date: datetime.date
    texts: tuple[str, ...]
    """The ids of the texts gone through."""


def id_prefix(layer: Layer, table: Table, annotator_id: str) -> str:
    """How the ids of a pass begin, as corpora have them: `entities-kim-`, `negation-kim-r`, in gold `entities-`."""
    letter = "" if table.name == layer.tables[0].name else _LETTERS[str(table.unit)]
    whose = "" if annotator_id == GOLD else f"{annotator_id}-"
    return f"{layer.name}-{whose}{letter}"


def row_ids(layer: Layer, table: Table, annotator_id: str, n: int) -> list[str]:
    """Ids for the rows of a pass, numbered from 1."""
    prefix = id_prefix(layer, table, annotator_id)
    return [f"{prefix}{number}" for number in range(1, n + 1)]


def fill_chains(corpus: Corpus, tables: Iterable[Table], rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Fill `chain_id` in relations that join mentions to chains: the first mention of each, in the order of the thread.

    Args:
        corpus: The corpus.
        tables: The tables of the rows; others are left as they are.
        rows: Table name -> rows, which are changed. Mentions are taken from them, or from gold where they have none.
    """
    for table in tables:
        if not (table.constraints.chains and CHAIN in table.schema and rows[table.name]):
            continue
        ends = dict.fromkeys([*table.constraints.from_tables, *table.constraints.to_tables])
        place = ("span_id", "text_id", "start_char", "end_char")
        mentions = [
            {name: row[name] for name in place}
            for end in ends
            for row in (rows[end] if end in rows else corpus.table(end, split=GOLD).iter_rows(named=True))
        ]
        joined = chains(pl.DataFrame(mentions), pl.DataFrame(rows[table.name]), corpus.scan("texts"))
        first = dict(joined.iter_rows())
        for row in rows[table.name]:
            row[CHAIN] = first.get(row["from_id"])


def write_pass(folder: Path, made: Pass, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Path]:
    """Add one pass; as `write_passes`."""
    return write_passes(folder, [(made, rows)])


def write_passes(folder: Path, passes: Sequence[tuple[Pass, Mapping[str, Sequence[Mapping[str, Any]]]]]) -> list[Path]:
    """Add passes to a corpus folder: their rows, and who made them to `corpus.toml`; all of it, or nothing.

    Args:
        folder: The corpus folder.
        passes: Who went through what, and for each table of the layer its rows, with the columns of the table; a table
            that is absent has none.

    Returns:
        The files written.

    Raises:
        UnknownNameError: If there is no such layer, table, text or kind of annotator; the message lists what there is.
        ArgumentError: If an annotator has a pass over the layer already, is declared as something else, or has an id
            that cannot be one.
    """
    source = Folder(folder)
    files: dict[Path, str | bytes | Path] = {}
    entries: list[tuple[str, Mapping[str, Any]]] = []
    for made, rows in passes:
        layer = source.scheme.layer(made.layer)
        _check(source, layer, made, rows)
        for table in layer.tables:
            if rows.get(table.name) or table is layer.tables[0]:
                suffix = "" if table is layer.tables[0] else UNIT_SUFFIXES[str(table.unit)]
                path = folder / "annotations" / layer.name / f"{made.annotator_id}{suffix}.csv"
                files[path] = csv(table, rows.get(table.name, ()))
        declared = [entry for entry in entries if entry[0] == "annotators"]
        entries += [entry for entry in _entries(source, layer, made) if entry not in declared]
    for path in files:
        if path.exists():
            raise ArgumentError(f"{path} is there already, and is not written over; give the annotator another id")
    metadata = source.metadata.path
    files[metadata] = with_entries(metadata, entries)
    write_all(files)
    return list(files)


def _check(source: Folder, layer: Layer, made: Pass, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Hold a pass to what the corpus declares."""
    if any(table.unit in CONLLU_UNITS for table in layer.tables):
        raise ArgumentError(f"{layer.name} is annotated in CoNLL-U files; put the file of the pass into its folder")
    own = annotator_of(Path(f"{made.annotator_id}.csv"))
    if not re.fullmatch(PORTABLE, made.annotator_id) or own != made.annotator_id:
        raise ArgumentError(f"{made.annotator_id!r} cannot be the id of an annotator: no file of one has that name")
    fixed = source.scheme.fixed
    texts = source.scan(fixed["texts"]).select("text_id").collect()["text_id"].to_list()
    for what, given, known in (
        (f"table of {layer.name}", rows, [table.name for table in layer.tables]),
        ("kind of annotator", [made.kind], fixed["annotators"]["kind"].labels),
        ("text", made.texts, texts),
    ):
        for name in given:
            if name not in known:
                raise UnknownNameError(what, name, known)
    _check_annotator(source, made)


def _check_annotator(source: Folder, made: Pass) -> None:
    records = source.metadata.records
    if (made.layer, made.annotator_id) in {(one.get("layer"), one.get("annotator_id")) for one in records["passes"]}:
        raise ArgumentError(f"{made.annotator_id} has a pass over {made.layer} already; give another id")
    known = {str(one.get("annotator_id")) for one in records["annotators"]} | {GOLD}
    if alike := [one for one in known if one != made.annotator_id and one.casefold() == made.annotator_id.casefold()]:
        raise ArgumentError(
            f"{made.annotator_id} and {listed(alike)} differ in case only, and so would their files on some systems; "
            "give another id"
        )
    kind_of(source.metadata, made.annotator_id, made.kind)


def kind_of(metadata: Metadata, annotator_id: str, given: str | None) -> str:
    """What an annotator is: as given, or as `corpus.toml` says already, or a human expert.

    Raises:
        ArgumentError: If `corpus.toml` says something else than is given.
    """
    said = {one.get("annotator_id"): one.get("kind") for one in metadata.records["annotators"]}.get(annotator_id)
    if said is not None and given not in (None, said):
        raise ArgumentError(
            f"{annotator_id} is a {said} in {metadata.path}, not a {given}; leave the kind out, or give {said!r}"
        )
    return str(said or given or HUMAN)


def _entries(source: Folder, layer: Layer, made: Pass) -> list[tuple[str, Mapping[str, Any]]]:
    """What `corpus.toml` is to say."""
    declared = {entry.get("annotator_id") for entry in source.metadata.records["annotators"]}
    who = {name: getattr(made, name) for name in ("annotator_id", "kind", "name", "description")}
    done = {
        "layer": layer.name,
        "annotator_id": made.annotator_id,
        # A rule follows no guideline.
        **({} if made.kind == "rule" else {"guideline_version": layer.guideline_version}),
        "date": made.date,
        "texts": list(dict.fromkeys(made.texts)),
    }
    added: list[tuple[str, Mapping[str, Any]]] = [] if made.annotator_id in declared else [("annotators", who)]
    return [*added, ("passes", done)]
