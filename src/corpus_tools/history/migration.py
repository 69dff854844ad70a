"""Annotations of one's own, carried from one version of a corpus to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MigrationError, counted, listed
from corpus_tools.frames import Frame
from corpus_tools.history.compare import compared, version_of
from corpus_tools.history.rows import MOVED, REMOVED, ChangedTexts, changed_texts
from corpus_tools.scheme import Table
from corpus_tools.standoff import INSIDE, cut, numbered_texts, visible_part

OFFSETS = ("start_char", "end_char")
SPAN = ("text_id", *OFFSETS, "quote")
ENDS = ("from_id", "to_id", "unit_id")
"""Columns that hold the id of a unit of any table."""
WHY = "lost_reason"
PLACED = {"_start": pl.Int64(), "_end": pl.Int64()}
NEAREST = {"nearest_start": pl.Int64(), "nearest_end": pl.Int64(), "nearest_quote": pl.String()}


@dataclass(frozen=True, slots=True)
class Migration:
    """What became of annotations in another version. Made by `migrate`."""

    old: str
    """The version that they were made for."""
    new: str
    """The version that they were carried to."""
    carried: pl.DataFrame
    """The rows that stand, with the columns given and in their order; offsets are those of the new version."""
    lost: pl.DataFrame
    """The other rows as they were given, in their order, and `lost_reason`; `nearest_start`, `nearest_end`,
    `nearest_quote`: for a span whose characters do not stand, the same words where they do, or what came instead. Null
    where there is neither."""
    n_moved: int
    """How many of the carried rows have other offsets than before."""
    n_unknown: int
    """How many of the carried rows name ids that neither version holds and that are no key of the rows themselves."""

    def __str__(self) -> str:
        n = self.carried.height + self.lost.height
        return (
            f"{self.old} to {self.new}: {self.carried.height} of {counted(n, 'row')} carried, "
            f"{self.n_moved} of them to new offsets; {self.lost.height} lost{self._unknown}"
        )

    @property
    def _unknown(self) -> str:
        if not self.n_unknown:
            return ""
        named = "row names" if self.n_unknown == 1 else "rows name"
        return f"; {self.n_unknown} {named} ids that neither version holds, left as they are"


def migrate(
    annotations: Frame, from_: str | Corpus, to: str | Corpus, *, folder: str | Path | None = None
) -> Migration:
    """Carry rows that point into one version of a corpus to another version.

    A span (`text_id`, `start_char`, `end_char`, and `quote` where there is one) is carried where its characters stand
    unbroken and without doubt in the new text. A row that names units by their ids (in `from_id`, `to_id`, `unit_id`,
    or a column called like the key of a table, such as `span_id`) is carried where each still stands on what it stood
    on; a judgement of a whole text is lost where the text's words changed. An id that the old version does not hold is
    taken for one of the annotations' own, but for a `text_id`, with which a row is lost. Rows with an id that neither
    version holds and that is no key of the rows given are counted. A text that stands under another id is not looked
    for. Every row given is either carried or lost; nothing else about a row is changed.

    Args:
        annotations: The rows, with any further columns. Null offsets, as of a span outside the text, stay null.
        from_: The version they were made for: a release, `"draft"`, or a corpus that was loaded.
        to: The version to carry them to, likewise.
        folder: The corpus folder that versions are looked for in; the shipped corpus where omitted.

    Returns:
        The rows carried and the rows lost, each of these with its reason. A row that did not hold in the old version
        either, with offsets outside its text or a quote that does not stand there, is lost.

    Raises:
        MigrationError: If the annotations are no frame, no column places a row, some of a span's columns are missing,
            offsets are no whole numbers, ids or quotes no text, or a column is called like one of the result.
        VersionError: If there is no such release; the message lists those there are.
    """
    if not isinstance(annotations, pl.DataFrame | pl.LazyFrame):
        raise MigrationError(
            f"migrate: annotations must be a Polars frame, not {type(annotations).__name__}; "
            "read a file first, as with polars.read_csv"
        )
    given = annotations.lazy().collect()
    old, new = version_of(from_, folder), version_of(to, folder)
    spans = set(OFFSETS) <= set(given.columns)
    named = _naming(given.columns, old, new, spans=spans)
    _check_columns(given, named, spans=spans)
    texts = changed_texts(old.scan("texts"), new.scan("texts"))
    # Only what is needed, so that the caller's other columns may have any name.
    needed = [name for name in (*named, *SPAN) if name in given.columns]
    placed = given.select(pl.col(needed)).with_row_index("_row").with_columns(pl.lit(None, pl.String).alias(WHY))
    placed = placed.with_columns(pl.lit(None, kind).alias(name) for name, kind in (PLACED | NEAREST).items())
    if spans:
        placed = _place_spans(placed, old, new, texts)
    for column in named:
        placed = _check_ids(placed, column, _lost_ids(column, old, new, texts), old.version, new.version)
    if "text_id" in named:
        placed = _check_texts(placed, old)
    placed = placed.with_columns(_unknown=_names_unknown(placed, named, old, new, spans=spans))
    return _parted(placed, given, old.version, new.version, spans=spans)


def _naming(columns: list[str], old: Corpus, new: Corpus, *, spans: bool) -> list[str]:
    """The columns that hold ids of units; of a span, its text is looked at with its offsets."""
    keys = {table.key for corpus in (old, new) for table in corpus.scheme.tables.values()}
    return [name for name in columns if name in {*ENDS, *keys} and not (spans and name == "text_id")]


def _check_columns(given: pl.DataFrame, named: list[str], *, spans: bool) -> None:
    schema = given.schema
    there = set(schema)
    if there & {WHY, *NEAREST}:
        clashing = listed(name for name in (WHY, *NEAREST) if name in there)
        raise MigrationError(f"migrate: the lost rows get a column {clashing} of their own; rename the one given")
    if there & set(OFFSETS) and not there >= {"text_id", *OFFSETS}:
        missing = listed(name for name in ("text_id", *OFFSETS) if name not in there)
        raise MigrationError(f"migrate: a span has text_id, start_char and end_char; the rows lack {missing}")
    if not named and not spans:
        raise MigrationError(
            "migrate: no column says where a row belongs; needed are text_id, start_char and end_char, or ids of units "
            f"in {listed(ENDS)} or a column called like a key, such as span_id; the rows have: {listed(schema)}"
        )
    empty = [name for name, kind in schema.items() if kind == pl.Null]
    numbers = [name for name in OFFSETS if name in there and not schema[name].is_integer() and name not in empty]
    words = [*named, *(name for name in ("text_id", "quote") if spans and name in there)]
    texts = [name for name in words if schema[name] != pl.String and name not in empty]
    for names, what in ((numbers, "whole numbers"), (texts, "text")):
        if names:
            raise MigrationError(f"migrate: {listed(names)} must hold {what}, not {schema[names[0]]}")


def _place_spans(placed: pl.DataFrame, old: Corpus, new: Corpus, texts: ChangedTexts) -> pl.DataFrame:
    """Add where spans stand in the new version, as `_start` and `_end`, and why those that do not are lost."""
    there = new.scan("texts").select("text_id", _there=pl.lit(value=True))
    joined = (
        placed.lazy()
        .with_columns(pl.col("text_id").cast(pl.String), *(pl.col(name).cast(pl.Int64) for name in OFFSETS))
        .join(numbered_texts(old.scan("texts"), "migrate"), on="text_id", how="left", maintain_order="left")
        .join(there, on="text_id", how="left", maintain_order="left")
    )
    start, end = (pl.when(INSIDE).then(name) for name in OFFSETS)
    judged = cut(joined, _slice=(start, end)).with_columns(
        _faults("quote" in placed.columns, old, new).alias(WHY), _start="start_char", _end="end_char"
    )
    found = judged.drop("_at", "_text", "_length", "_there", "_slice").collect()
    in_changed = pl.col("text_id").is_in(list(texts.forms)) & pl.col("start_char").is_not_null()
    concerned = found.filter(pl.col(WHY).is_null(), in_changed)
    schema = pl.Schema({"_row": pl.UInt32(), WHY: pl.String(), **PLACED, **NEAREST})
    carried = pl.DataFrame(_carried(concerned, texts, new.version), schema=schema, orient="row")
    return found.update(carried, on="_row", maintain_order="left")


def _faults(quoted: bool, old: Corpus, new: Corpus) -> pl.Expr:
    """Why a span cannot be carried whatever became of the words of its text; null where nothing speaks against it."""
    outside = pl.any_horizontal(pl.col(name).is_not_null() for name in OFFSETS) & pl.col("_slice").is_null()
    other = (pl.col("quote") != pl.col("_slice")) if quoted else pl.lit(value=False)
    return (
        pl.when(pl.col("_text").is_null())
        .then(pl.format(f"{old.version} has no text {{}}", pl.col("text_id").fill_null("null")))
        .when(pl.col("_there").is_null())
        .then(pl.format(f"the text {{}} is gone in {new.version}", "text_id"))
        .when(outside)
        .then(
            pl.format(
                f"its offsets are no stretch of {{}}, which has {{}} characters in {old.version}", "text_id", "_length"
            )
        )
        .when(other.fill_null(value=False))
        .then(pl.format(f"its quote is not what stands there in {old.version}: {{}}", "_slice"))
    )


def _carried(spans: pl.DataFrame, texts: ChangedTexts, version: str) -> Iterator[tuple[object, ...]]:
    """For each span of a text that changed: its row, and where it stands, or why it is lost and where to look."""
    why = f"its words changed, or stand elsewhere or more than once in {version}"
    for row, text_id, start, end in spans.select("_row", "text_id", *OFFSETS).iter_rows():
        alignment = texts.alignment(text_id)
        at = alignment.carried(start, end)
        if at is not None:
            yield row, None, at, at + end - start, None, None, None
            continue
        before, after = texts.forms[text_id]
        near = _nearest(before[start:end], after, alignment.around(start, end))
        yield row, why, None, None, *((*near, after[slice(*near)]) if near else (None, None, None))


def _nearest(words: str, text: str, instead: tuple[int, int]) -> tuple[int, int] | None:
    """The same words where they stand nearest to where they were, or what stands there instead, if it can be seen."""
    places = [at for at in (text.rfind(words, 0, instead[0] + len(words)), text.find(words, instead[0])) if at >= 0]
    if not places:
        return visible_part(text, *instead)
    at = min(places, key=lambda place: abs(place - instead[0]))
    return at, at + len(words)


def _tables_of(column: str, corpus: Corpus) -> list[Table]:
    """The tables whose ids a column may hold."""
    return [
        table
        for table in corpus.scheme.tables.values()
        if table.key == column or (column in ENDS and (table.layer or table.name == "texts"))
    ]


def _lost_ids(column: str, old: Corpus, new: Corpus, texts: ChangedTexts) -> pl.DataFrame:
    """The ids that a column may hold and that no longer stand on what they stood on: `_id`, `_what`."""
    frames = [pl.DataFrame(schema={"_id": pl.String, "_what": pl.String})]
    for table in _tables_of(column, old):
        for split in table.splits:
            rows = compared(old, new, table.name, split, texts).rows
            frames.append(rows.filter(pl.col("what").is_in([REMOVED, MOVED])).select(_id="row_id", _what="what"))
    return pl.concat(frames).unique("_id", maintain_order=True)


def _check_ids(placed: pl.DataFrame, column: str, lost: pl.DataFrame, old: str, new: str) -> pl.DataFrame:
    """Say of the rows whose unit is gone or another that they are lost, where nothing was said yet."""
    said = (
        pl.when(pl.col("_what") == REMOVED)
        .then(pl.format(f"{column} {{}} is gone in {new}", column))
        .when(pl.col("_what") == MOVED)
        .then(pl.format(f"{column} {{}} is not what it was in {old}", column))
    )
    joined = placed.with_columns(pl.col(column).cast(pl.String).alias("_id")).join(
        lost, on="_id", how="left", maintain_order="left"
    )
    return joined.with_columns(pl.coalesce(WHY, said).alias(WHY)).drop("_id", "_what")


def _check_texts(placed: pl.DataFrame, old: Corpus) -> pl.DataFrame:
    """Say of the rows whose text the old version does not hold that they are lost, where nothing was said yet."""
    known = old.scan("texts").select("text_id").collect()["text_id"]
    why = pl.format(f"{old.version} has no text {{}}", "text_id")
    unknown = pl.col("text_id").is_not_null() & ~pl.col("text_id").cast(pl.String).is_in(known.implode())
    return placed.with_columns(pl.coalesce(WHY, pl.when(unknown).then(why)).alias(WHY))


def _names_unknown(placed: pl.DataFrame, named: list[str], old: Corpus, new: Corpus, *, spans: bool) -> pl.Expr:
    """Whether a row names an id that neither version holds and that is no key of the rows themselves."""
    placing = [name for name in named if name in {*ENDS, "text_id"}]
    # A column of ids that stand once each, beside what places the rows, is their own key.
    keys = [
        name
        for name in named
        if (spans or placing) and name not in placing and not placed[name].drop_nulls().is_duplicated().any()
    ]
    unknown = [pl.lit(value=False)]
    for name in named:
        if name != "text_id":
            held = [
                corpus.scan(table.name, split=split).select(pl.col(table.key)).collect().to_series()
                for corpus in (old, new)
                for table in _tables_of(name, corpus)
                for split in table.splits
            ]
            ids = pl.concat([*held, *(placed[key].cast(pl.String) for key in keys)])
            unknown.append(pl.col(name).is_not_null() & ~pl.col(name).cast(pl.String).is_in(ids.implode()))
    return pl.any_horizontal(unknown)


def _parted(placed: pl.DataFrame, given: pl.DataFrame, old: str, new: str, *, spans: bool) -> Migration:
    """The rows given in two frames, the carried ones with their new offsets."""
    stands = placed[WHY].is_null()
    moved = given.with_columns(
        placed[f"_{edge}"].cast(given.schema[name]).alias(name)
        for name, edge in zip(OFFSETS, ("start", "end"), strict=True)
        if spans
    )
    carried = moved.filter(stands)
    n_moved = (carried["start_char"].ne_missing(given.filter(stands)["start_char"])).sum() if spans else 0
    lost = given.with_columns(placed[name] for name in (WHY, *NEAREST)).filter(~stands)
    return Migration(old, new, carried, lost, int(n_moved), int(placed.filter(stands)["_unknown"].sum()))
