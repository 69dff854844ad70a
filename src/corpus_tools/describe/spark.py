"""The sums of a collection on Apache Spark: partial rows from its workers, added up by Spark itself."""

from __future__ import annotations

import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from corpus_tools.describe import rows
from corpus_tools.describe.partials import SIDES, Choices
from corpus_tools.describe.steps import added_up, placed, with_margins
from corpus_tools.describe.sums import Sums
from corpus_tools.describe.tables import MEASURED
from corpus_tools.errors import ArgumentError, CorpusError, MissingExtraError
from corpus_tools.measures.pairs import Pairs

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BATCH = 20_000
"""Texts of a batch, and of a group of rows in the file that is read: the least that a task can read."""
_TYPES = {
    pa.string(): "string",
    pa.int64(): "long",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.list_(pa.float64()): "array<double>",
}
_SETTINGS = {
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    # A file of each table is open at once, where rows would otherwise be sorted by table first.
    "spark.sql.maxConcurrentOutputFileWriters": "8",
}
"""What a session is set to while it is used; what it was set to before comes back."""
_OUR_ERROR = re.compile(r"^corpus_tools\.errors\.\w+: (.+)$", re.MULTILINE)
_LOG = """\
rootLogger.level = fatal
logger.python.name = org.apache.spark.api.python.PythonGatewayServer
logger.python.level = fatal
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c: %m%n
"""


def sums(texts: pl.LazyFrame, choices: Choices, staging: Path, *, told: Callable[[int], None]) -> Sums:
    """Read a collection once and add up what is taken of its batches.

    Args:
        texts: One row per text, as `sources.texts_of` gives them, with `target`.
        choices: What is counted.
        staging: A folder for the texts and for what comes of them, which all machines of the cluster see.
        told: Told how many texts were read, when all are.

    Raises:
        MissingExtraError: If pyspark is not installed.
        CorpusError: If Spark does not start.
        ArgumentError: If texts of one thread have the same id, or answer each other in a circle.
    """
    folder = staging.resolve() / "spark"
    folder.mkdir()
    with _quiet(), _session(folder) as session:
        study = _Study(session, folder)
        read = study.put("texts", _numbered(texts, choices.by))
        taken = read.mapInArrow(rows.partial_batches, _columns(rows.PARTIALS))
        taken.write.partitionBy("table").parquet(study.place("partials"))
        told(read.count())
        counted = added_up(study.partials("words"), [*SIDES, "word"], ["n", "n_texts"])
        words = study.kept("words", counted).collect()
        return Sums(
            texts=_texts(study, choices.by),
            words=words,
            pairs=_pairs(study, words["word"], choices.pairs),
            dispersion=_dispersion(study, choices.minimum),
            threads=_threads(study, read),
        )


@dataclass(frozen=True, slots=True)
class _Study:
    """A folder of Parquet that Spark and polars both read and write."""

    session: SparkSession
    folder: Path

    def place(self, name: str) -> str:
        """Where Spark finds a table: with a scheme, since a bare path may be one of the cluster's own file system."""
        return (self.folder / name).as_uri()

    def put(self, name: str, frame: pl.LazyFrame) -> DataFrame:
        """A table of polars, for Spark."""
        frame.sink_parquet(self.folder / name, row_group_size=BATCH)
        return self.read(name)

    def read(self, name: str) -> DataFrame:
        return self.session.read.parquet(self.place(name))

    def kept(self, name: str, frame: DataFrame) -> pl.LazyFrame:
        """A table of Spark, for polars, in the order of its rows."""
        frame.write.parquet(self.place(name))
        return pl.scan_parquet(sorted((self.folder / name).glob("*.parquet")), glob=False)

    def partials(self, table: str) -> DataFrame:
        """The partial rows of one table, with the columns of all."""
        partials = self.session.read.schema(_columns(rows.PARTIALS)).parquet(self.place("partials"))
        return partials.where(partials["table"] == table)


def _numbered(texts: pl.LazyFrame, by: str) -> pl.LazyFrame:
    """The texts as `rows.TEXTS`."""
    _, *names = rows.TEXTS.names
    named = texts.select(*(pl.col(by).cast(pl.String).alias(name) if name == "part" else name for name in names))
    return named.with_row_index("row").cast({"row": pl.Int64})


def _texts(study: _Study, by: str) -> pl.LazyFrame:
    """`Sums.texts`: what was known of the texts, and beside it what was measured."""
    measured = study.kept("measures", study.partials("texts").select("row", "measures").orderBy("row"))
    measures = measured.select(pl.col("measures").list.to_struct(fields=MEASURED)).unnest("measures")
    names = [name for name in ("text_id", "thread_id", "kind") if name != by]
    about = pl.scan_parquet(study.folder / "texts", glob=False)
    about = about.select(*names, pl.col("part").alias(by), "target")
    return pl.concat([about, measures.with_columns(pl.col(MEASURED[:2]).cast(pl.UInt32))], how="horizontal")


def _pairs(study: _Study, words: pl.Series, minimum: int) -> Pairs:
    # Written down, because the sums are read four times.
    study.kept("sums", added_up(study.partials("pairs"), ["word", "collocate"], ["n"]))
    pairs = study.kept("pairs", with_margins(study.read("sums"), minimum=minimum))
    alphabet = words.unique().sort()
    places = alphabet.to_frame("word").with_row_index("place").lazy()
    for column, place in (("word", "first"), ("collocate", "second")):
        pairs = pairs.join(places.rename({"word": column, "place": place}), on=column, how="left")
    rows = pairs.drop("word", "collocate").collect()
    n_first, n_second = (np.zeros(alphabet.len(), dtype=np.uint64) for _ in range(2))
    n_first[rows["first"].to_numpy()] = rows["n_first"].to_numpy()
    n_second[rows["second"].to_numpy()] = rows["n_second"].to_numpy()
    counts = rows.select("first", "second", pl.col("n").cast(pl.UInt32))
    return Pairs(alphabet, counts, pl.Series(n_first), pl.Series(n_second), int(rows["n_pairs"].head(1).sum()))


def _dispersion(study: _Study, minimum: int) -> pl.DataFrame:
    counted = study.partials("parts").select("word", "part", "n")
    sizes = study.kept("sizes", added_up(counted, ["part"], ["n"])).sort("part", nulls_last=True).collect()
    # By numbers in the order of the parts, as in the streaming engine, so that fractions are added in the same order.
    numbered = sizes["part"].drop_nulls().to_frame().with_row_index("place").cast({"place": pl.Int64})
    places = study.put("places", numbered.lazy())
    # All rows of a word in one place first: then neither adding up nor sorting moves them once more.
    gathered = placed(counted, places, last=numbered.height).repartition("word")
    ordered = added_up(gathered, ["word", "place"], ["n"]).sortWithinPartitions("word", "place")
    work = partial(rows.dispersion_rows, sizes=sizes["n"].to_numpy(), minimum=minimum)
    table = study.kept("dispersion", ordered.mapInArrow(work, _columns(rows.DISPERSION)))
    counts = pl.col("n", "n_parts_with", "n_parts").cast(pl.UInt32)
    return table.with_columns(counts).sort("n", "word", descending=[True, False]).collect()


def _threads(study: _Study, read: DataFrame) -> pl.DataFrame | None:
    placed = read.select("text_id", "thread_id", "position", "parent_id").where("thread_id is not null")
    if placed.where("parent_id is not null").isEmpty():
        return None
    ordered = placed.repartition("thread_id").sortWithinPartitions("thread_id")
    with _our_errors():
        table = study.kept("threads", ordered.mapInArrow(rows.thread_rows, _columns(rows.THREADS)))
    whole = pl.col(pl.Int64).exclude("wiener").cast(pl.UInt32)
    return table.with_columns(whole, pl.col("wiener").cast(pl.UInt64)).sort("thread_id").collect()


def _columns(schema: pa.Schema) -> str:
    """A schema in Spark's words."""
    return ", ".join(f"{field.name} {_TYPES[field.type]}" for field in schema)


@contextmanager
def _our_errors() -> Iterator[None]:
    """An error of ours that was raised in a worker is raised here."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as failed:
        found = _OUR_ERROR.search(str(failed))
        if found is None:
            raise
        raise ArgumentError(found[1]) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Spark warns of versions of pandas, which it uses for none of this."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


@contextmanager
def _session(folder: Path) -> Iterator[SparkSession]:
    """The session that is running, which goes on; or one of our own."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as missing:
        raise MissingExtraError("pyspark", "spark") from missing
    try:
        running = SparkSession.active()
    except PySparkRuntimeError:
        running = None
    session = running or _started(folder)
    before = {name: session.conf.get(name, None) for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            session.conf.set(name, value)
        yield session
    finally:
        if running is None:
            session.stop()
        else:
            _set_back(session, before)


def _set_back(session: SparkSession, settings: Mapping[str, str | None]) -> None:
    for name, value in settings.items():
        if value is None:
            session.conf.unset(name)
        else:
            session.conf.set(name, value)


def _started(folder: Path) -> SparkSession:
    """A session on all cores of this machine, that says nothing and keeps nothing outside the folder."""
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise CorpusError(
            "describe: Spark needs Java 17, and there is no java on the path; install it or set JAVA_HOME"
        )
    log = folder / "log4j2.properties"
    log.write_text(_LOG, encoding="utf-8")
    settings: dict[str, bool | float | int | str | None] = {
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log.as_uri()}",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Spark has a worker on each core already.
        "spark.executorEnv.POLARS_MAX_THREADS": "1",
    }
    builder = SparkSession.builder.master("local[*]").appName("corpus-tools describe")
    # These are read when a session starts, and nothing else says them: the Python of the workers, and that no address
    # outside this machine is asked for.
    wanted = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    added = [name for name in wanted if name not in os.environ]
    os.environ.update({name: wanted[name] for name in added})
    try:
        return builder.config(map=settings).getOrCreate()
    except PySparkRuntimeError as problem:
        raise CorpusError(f"describe: Spark did not start; it needs Java 17: {problem}") from None
    finally:
        for name in added:
            del os.environ[name]
