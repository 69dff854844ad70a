"""Spark and polars give equal tables: on 100,000 comments, on texts with every gap there can be, on the shipped ones."""

import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from corpus_tools import generated
from corpus_tools.describe import TABLES, Choices, describe
from corpus_tools.errors import ArgumentError, CorpusError, MissingExtraError
from sparking import NEEDS_SPARK, local_session

pytestmark = NEEDS_SPARK

N = 100_000
# By what some tables are sorted: fractions whose last digits depend on the order in which logarithms are taken.
SCORES = {"keyness": "g2", "collocations": "g2"}
GAPS = pl.DataFrame(
    [
        ("a1", "t1", "article", "x", None, 0, "p", "The cat sat on the mat, the cat did."),
        ("c1", "t1", "comment", None, "a1", 1, None, "the cat!"),
        ("c2", "t1", None, "y", "c1", 2, "q", None),
        ("c3", None, "comment", "x", "c9", 3, "p", ""),
        ("c4", "t2", "comment", None, "c77", 0, "q", "On the mat the dog sat, on the mat."),
        ("a2", "t2", "article", "z", None, 1, "q", "..."),
        (
            "c6",
            "t1",
            "comment",
            "x",
            "c2",
            3,
            "p",
            "Cat and dog; dog and cat \N{EM DASH} no na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve",
        ),
        ("c7", None, "comment", None, None, 4, None, "\N{FACE WITH TEARS OF JOY} THE mat"),
    ],
    schema=["text_id", "thread_id", "kind", "author_id", "parent_id", "position", "side", "text"],
    orient="row",
)


def described(source, folder, **settings):
    """The same by both engines."""
    return [describe(source, out=folder / engine, engine=engine, **settings) for engine in ("streaming", "spark")]


def assert_same(one, other, name):
    left, right = one.table(name).collect(), other.table(name).collect()
    score = SCORES.get(name)
    if score is not None:
        assert_frame_equal(left.select(score), right.select(score), rel_tol=1e-9, abs_tol=1e-6)
        words = left.columns[: left.columns.index("n" if "n" in left else "n_target")]
        left, right = left.sort(words), right.sort(words)
    assert_frame_equal(left, right, rel_tol=1e-9, abs_tol=1e-6 if score else 0)


@pytest.fixture(scope="module")
def own(shipped, tmp_path_factory):
    """The shipped corpus, by a session that is started for it."""
    from pyspark.sql import SparkSession

    assert SparkSession.getActiveSession() is None
    told = []
    made = described(shipped, tmp_path_factory.mktemp("own"), told=lambda *step: told.append(step))
    return made, told, SparkSession.getActiveSession()


@pytest.fixture(scope="module")
def session(own):
    """Running from the first test that asks for it to the last of the module."""
    with local_session() as running:
        yield running


@pytest.fixture(scope="module")
def large(session, tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    generated.write(folder / "texts.parquet", N)
    return described(folder / "texts.parquet", folder)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_100_000_comments_is_that_of_polars(name, large):
    streaming, spark = large
    assert streaming.record["n_texts"] == spark.record["n_texts"] == N
    assert spark.record["tables"][name] == streaming.record["tables"][name]
    assert spark.table(name).select(pl.len()).collect().item() > 1
    assert_same(streaming, spark, name)


@pytest.mark.parametrize(
    ("change", "choices"),
    [
        ({}, Choices(minimum=1, pairs=1)),
        ({}, Choices(by="thread_id", target=("side", "p"), minimum=2, pairs=2)),
        ({"parent_id": pl.lit(None, pl.String)}, Choices(by="kind", minimum=1)),
        ({"text": pl.lit("...")}, Choices()),
    ],
    ids=["gaps", "target with nulls", "no answers", "no words"],
)
def test_gaps_are_what_they_are_to_polars(change, choices, session, tmp_path):
    streaming, spark = described(GAPS.with_columns(**change), tmp_path, choices=choices)
    assert list(spark.record["tables"]) == list(streaming.record["tables"])
    assert ("reply_structure" in spark.record["tables"]) == ("parent_id" not in change)
    for name in spark.record["tables"]:
        assert_same(streaming, spark, name)


def test_a_collection_without_texts_has_empty_tables(session, tmp_path):
    streaming, spark = described(GAPS.clear(), tmp_path)
    assert list(spark.record["tables"]) == list(streaming.record["tables"])
    for name in spark.record["tables"]:
        assert_same(streaming, spark, name)


def test_the_shipped_corpus_has_the_same_tables_and_its_session_is_stopped(own):
    (streaming, spark), told, left_behind = own
    assert left_behind is None
    assert list(spark.record["tables"]) == list(streaming.record["tables"])
    for name in spark.record["tables"]:
        assert_same(streaming, spark, name)
    read = [more for step, more, _ in told if step == "reading texts"]
    assert sum(read) == 2 * spark.record["n_texts"]


def test_a_session_that_is_running_is_used_by_itself_and_goes_on(session, tmp_path):
    made = describe(GAPS, out=tmp_path / "out")
    assert made.record["engine"] == "spark"
    assert session.range(3).count() == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing is left beside the tables"


def test_an_error_of_a_worker_is_raised_as_it_is_here(session, tmp_path):
    circle = GAPS.with_columns(parent_id=pl.col("text_id").replace_strict({"c1": "c2", "c2": "c1"}, default=None))
    with pytest.raises(ArgumentError, match="^reply_tree: 2 texts in a circle of answers: c1 -> c2 -> c1; take"):
        describe(circle, out=tmp_path / "out", engine="spark")
    assert list(tmp_path.iterdir()) == []


def test_without_pyspark_it_says_what_to_install(monkeypatch, tmp_path):
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyspark"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(MissingExtraError, match=r"pip install '.*\[spark\]'"):
        describe(GAPS, out=tmp_path / "out", engine="spark")


def test_without_java_it_says_what_is_needed(monkeypatch, tmp_path):
    from corpus_tools.describe import spark

    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(CorpusError, match="Spark needs Java 17"):
        spark._started(tmp_path)
