"""One description from texts to a folder of tables, whole or not at all."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.charts.theme import get_ready
from corpus_tools.corpus import Corpus
from corpus_tools.describe.partials import ENGINES, TARGET, Choices
from corpus_tools.describe.sources import texts_of
from corpus_tools.describe.sums import Sums
from corpus_tools.describe.tables import TABLES
from corpus_tools.errors import CorpusError, MissingColumnError, UnknownNameError
from corpus_tools.frames import Frame

RECORD = "describe.json"
"""What a folder of tables says of itself: what was described, how, and which tables are there."""
SUMMARY = "summary.html"
BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Described:
    """A folder of tables."""

    folder: Path
    record: Mapping[str, Any]

    def table(self, name: str) -> pl.LazyFrame:
        """One of its tables.

        Raises:
            UnknownNameError: If it has no such table.
        """
        if name not in self.record["tables"]:
            raise UnknownNameError("table", name, self.record["tables"])
        return pl.scan_parquet(self.folder / f"{name}.parquet")


def describe(
    *sources: str | Path | Frame | Corpus,
    out: str | Path,
    choices: Choices | None = None,
    mapping: Mapping[str, str] | None = None,
    engine: str = "auto",
    told: Callable[[str, int, int | None], None] = lambda step, more, total: None,
) -> Described:
    """Describe a collection: every table of `describe.TABLES`, as Parquet and CSV, and a summary to look at.

    Args:
        sources: Corpora, frames with `text`, corpus folders, Parquet, JSONL, CSV or TSV files, or `hf:owner/name`.
        out: The folder of the tables; one that an earlier description made is replaced when this one is whole.
        choices: What is counted.
        mapping: Which column of a source is which of ours, such as `{"text": "body", "author_id": "user"}`.
        engine: `streaming` for this machine, `spark` for the Spark session that is running or a local one; `auto` for
            Spark where a session is running, and for this machine otherwise.
        told: Told what is being done, how many more texts or tables are done, and how many there are if that is known.

    Returns:
        The folder.

    Raises:
        CorpusError: If a source cannot be read, or `out` is a folder that no description made.
        MissingColumnError: If a source lacks a column.
        UnknownNameError: If there is no such engine.
        MissingExtraError: If the engine is not installed.
    """
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    choices, out, begun = choices or Choices(), Path(out), time.perf_counter()
    _refuse_others(out)
    staging = out.with_name(f".{out.name}.unfinished")
    _tidy(staging, out)
    staging.mkdir(parents=True)
    try:
        texts = with_target(
            texts_of(sources, staging, columns=(choices.by, choices.target[0]), mapping=mapping), choices
        )
        used = _engine(engine)
        total = texts.select(pl.len()).collect(engine="streaming").item()
        ready = threading.Thread(target=get_ready)
        ready.start()
        sums = _sums(used, texts, choices, staging, lambda more: told("reading texts", more, total))
        about = {
            "sources": [str(source) for source in sources if isinstance(source, str | Path)],
            "n_texts": total,
            "engine": used,
            "choices": asdict(choices) | {"target": list(choices.target)},
            "mapping": dict(mapping or {}),
            "versions": {name: version(name) for name in ("syria-talks-thread-corpus", "polars")},
        }
        tables = staging / "tables"
        tables.mkdir()
        about["tables"] = _write(sums, choices, tables, told)
        about["seconds"] = round(time.perf_counter() - begun, 1)
        record = json.dumps(about, indent=1, ensure_ascii=False) + "\n"
        (tables / RECORD).write_text(record, encoding="utf-8")
        ready.join()
        _summarise(Described(tables, about))
        _put(tables, out, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Described(out, about)


def with_target(texts: pl.LazyFrame, choices: Choices) -> pl.LazyFrame:
    """The texts with `target`: whether they are those that the others are compared with.

    Raises:
        MissingColumnError: If the column that says so is not there.
    """
    column, value = choices.target
    present = texts.collect_schema().names()
    if column not in present:
        raise MissingColumnError([column], present, where="describe: target")
    return texts.with_columns((pl.col(column) == value).alias(TARGET))


def _engine(asked: str) -> str:
    if asked != "auto":
        return asked
    import sys

    sql = sys.modules.get("pyspark.sql")
    return "spark" if sql is not None and sql.SparkSession.getActiveSession() is not None else "streaming"


def _sums(engine: str, texts: pl.LazyFrame, choices: Choices, staging: Path, told: Callable[[int], None]) -> Sums:
    if engine == "spark":
        from corpus_tools.describe import spark

        return spark.sums(texts, choices, staging, told=told)
    from corpus_tools.describe import streaming

    return streaming.sums(texts, choices, staging, told=told)


def _write(
    sums: Sums, choices: Choices, folder: Path, told: Callable[[str, int, int | None], None]
) -> dict[str, dict[str, Any]]:
    """Write every table, and say what is in each."""
    written: dict[str, dict[str, Any]] = {}
    for name, make in TABLES.items():
        frame = make(sums, choices)
        if frame is not None:
            table = frame.collect(engine="streaming")
            table.write_parquet(folder / f"{name}.parquet", compression="zstd")
            table.write_csv(folder / f"{name}.csv")
            written[name] = {"rows": table.height, "columns": table.columns}
        told("writing tables", 1, len(TABLES))
    return written


def _summarise(described: Described) -> None:
    from corpus_tools.describe.summary import summary_page

    (described.folder / SUMMARY).write_text(summary_page(described), encoding="utf-8")


def _refuse_others(out: Path) -> None:
    """A folder that holds anything but a description is not replaced."""
    if out.exists() and not (out / RECORD).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise CorpusError(f"{out}: is there already, and is not a folder of such tables; choose another place")


def _tidy(staging: Path, out: Path) -> None:
    """Take away what a description that was killed has left; the one before it is put back if it was being replaced."""
    if (staging / BEFORE).exists() and not out.exists():
        (staging / BEFORE).rename(out)
    shutil.rmtree(staging, ignore_errors=True)


def _put(tables: Path, out: Path, staging: Path) -> None:
    """Put the finished tables in the place of those of an earlier description."""
    if out.exists():
        out.rename(staging / BEFORE)
    tables.rename(out)
