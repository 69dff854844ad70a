"""Texts from where they are: a corpus, files of tables, or a streamed dataset of the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from corpus_tools.corpus import Corpus, load
from corpus_tools.errors import ArgumentError, CorpusError, MissingColumnError, MissingExtraError, listed
from corpus_tools.frames import Frame

HUB = "hf:"
"""What a dataset of the Hub is named by: `hf:owner/name`, or `hf:owner/name:split`."""
FORMATS: Mapping[str, Callable[[Path], pl.LazyFrame]] = {
    ".parquet": lambda path: pl.scan_parquet(path),
    ".jsonl": lambda path: pl.scan_ndjson(path, infer_schema_length=10_000),
    ".ndjson": lambda path: pl.scan_ndjson(path, infer_schema_length=10_000),
    ".csv": lambda path: pl.scan_csv(path, infer_schema=False),
    ".tsv": lambda path: pl.scan_csv(path, infer_schema=False, separator="\t", quote_char=None),
}
KNOWN = ("text_id", "thread_id", "kind", "position", "parent_id", "text")
"""The columns that are used besides that of the groups."""
COMMENT = "comment"
"""The kind of texts whose source names none."""


def texts_of(
    sources: Sequence[str | Path | Frame | Corpus],
    staging: Path,
    *,
    columns: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
) -> pl.LazyFrame:
    """The texts of all sources under our names.

    Args:
        sources: Corpora, frames with `text`, corpus folders, Parquet, JSONL, CSV or TSV files, or `hf:owner/name` for a
            dataset of the Hub, which is streamed into a file.
        staging: A folder for such a file.
        columns: Others that are used; null where a source has none.
        mapping: Which column of a source is which of ours: `{"text": "body"}`. Ours that are not named there are taken
            where the source has them.

    Returns:
        One row per text: `text_id` (the number of the row where there is none), `thread_id`, `kind` (`comment` where
        there is none), `parent_id`, `columns`... (String), `position` (Int64, the number of the row where there is
        none) and `text` (String); those that no source has are null.

    Raises:
        CorpusError: If a source cannot be read.
        MissingColumnError: If a source has no `text`, or not a column that `mapping` names.
        ArgumentError: If there is no source, or `mapping` names none of our columns.
    """
    mapping = dict(mapping or {})
    ours_all = list(dict.fromkeys((*KNOWN, *columns)))
    if unknown := [ours for ours in mapping if ours not in ours_all]:
        named = listed(ours_all)
        raise ArgumentError(f"describe: there is no column {listed(unknown)} to map to; those that are used: {named}")
    if not sources:
        raise ArgumentError("describe: name at least one folder, file or dataset")
    frames = [_named(*_opened(source, staging), ours_all, mapping) for source in sources]
    # The number of its row, where a text has no id or place of its own.
    row = pl.col("_row").cast(pl.Int64)
    places = {"text_id": pl.coalesce("text_id", row.cast(pl.String)), "position": pl.coalesce("position", row)}
    return pl.concat(frames).with_row_index("_row").with_columns(**places).drop("_row")


def _opened(source: str | Path | Frame | Corpus, staging: Path) -> tuple[pl.LazyFrame, str]:
    """A source as it is, and what a message calls it."""
    if isinstance(source, Corpus):
        return source.scan("texts"), str(source.folder)
    if isinstance(source, pl.DataFrame | pl.LazyFrame):
        return source.lazy(), "the frame"
    if isinstance(source, str) and source.startswith(HUB):
        return _streamed(source.removeprefix(HUB), staging), source
    path = Path(source)
    if path.is_dir():
        return load(path).scan("texts"), str(path)
    if not path.is_file():
        raise CorpusError(f"{path}: there is no such file or folder")
    scan = FORMATS.get(path.suffix.lower())
    if scan is None:
        raise CorpusError(f"{path}: describe reads corpus folders and {listed(FORMATS)} files, and {HUB}owner/name")
    frame = scan(path)
    try:
        frame.collect_schema()
    except pl.exceptions.PolarsError as problem:
        raise CorpusError(f"{path}: cannot be read as {path.suffix}: {str(problem).splitlines()[0]}") from None
    return frame, str(path)


def _named(frame: pl.LazyFrame, where: str, ours_all: Sequence[str], mapping: Mapping[str, str]) -> pl.LazyFrame:
    present = frame.collect_schema().names()
    wanted = {ours: mapping.get(ours, ours) for ours in ours_all}
    needed = [theirs for ours, theirs in wanted.items() if ours == "text" or ours in mapping]
    if not set(needed) <= set(present):
        raise MissingColumnError(needed, present, where=f"{where}: describe")
    columns = {
        ours: (pl.col(theirs) if theirs in present else pl.lit(None)).cast(
            pl.Int64 if ours == "position" else pl.String, strict=False
        )
        for ours, theirs in wanted.items()
    }
    return frame.select(**columns).with_columns(pl.col("kind").fill_null(COMMENT))


def _streamed(name: str, staging: Path) -> pl.LazyFrame:
    """A dataset of the Hub, or of a folder of files, written to one file as it comes."""
    try:
        from datasets import load_dataset
    except ImportError as missing:
        raise MissingExtraError("datasets", "datasets") from missing
    import pyarrow.parquet as pq

    path, _, split = name.partition(":")
    try:
        stream = load_dataset(path, split=split or "train", streaming=True).with_format("arrow")
        beside = staging / "streamed.parquet"
        writer: pq.ParquetWriter | None = None
        for table in stream.iter(batch_size=10_000):
            writer = writer or pq.ParquetWriter(beside, table.schema, compression="zstd")
            writer.write_table(table)
    except (OSError, ValueError) as problem:
        raise CorpusError(f"{HUB}{name}: cannot be streamed: {problem}") from None
    if writer is None:
        raise CorpusError(f"{HUB}{name}: has no rows")
    writer.close()
    return pl.scan_parquet(beside)
