"""A description has the tables that the measures give for the same texts, whatever these come from, whole or not."""

import json
import signal
import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from corpus_tools import generated, measures
from corpus_tools.cli import main
from corpus_tools.corpus import find_corpus, load
from corpus_tools.describe import TABLES, Choices, describe
from corpus_tools.errors import ArgumentError, CorpusError, MissingColumnError, UnknownNameError
from corpus_tools.tokens import tokenise, words


@pytest.fixture(scope="module")
def shipped():
    return load()


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Generated comments, some articles among them, some without words, author, thread or known parent."""
    path = tmp_path_factory.mktemp("texts") / "texts.parquet"
    generated.write(path, 1200)
    frame = pl.read_parquet(path).with_row_index("row")
    row = pl.col("row")
    return frame.with_columns(
        kind=pl.when(row % 40 == 0).then(pl.lit("article")).otherwise("kind"),
        author_id=pl.when(row % 17 != 3).then("author_id"),
        thread_id=pl.when(row < 1150).then("thread_id"),
        parent_id=pl.when(row % 101 == 5).then(pl.lit("gone")).otherwise("parent_id"),
        text=pl.when(row % 50 == 7).then(pl.lit("…")).when(row % 50 == 9).then(None).otherwise("text"),
    ).drop("row")


@pytest.fixture(scope="module")
def described(texts, tmp_path_factory):
    return describe(texts, out=tmp_path_factory.mktemp("out") / "tables")


@pytest.fixture(scope="module")
def rows(texts):
    about = texts.lazy().select("text_id", "author_id", "kind")
    return words(tokenise(texts)).join(about, on="text_id", maintain_order="left").collect()


def table(described, name, *columns):
    frame = described.table(name).collect()
    return frame.select(columns) if columns else frame


def alike(found, wanted, *, by=None):
    if by is not None:
        found, wanted = found.sort(by), wanted.sort(by)
    assert_frame_equal(found, wanted, check_dtypes=False, rel_tol=1e-9)


def test_words_are_counted_compared_and_ranked_as_the_measures_do(described, rows):
    names = ("rank", "word", "n", "n_total", "share")
    alike(table(described, "frequencies", *names), measures.frequencies(rows).collect())
    in_texts = rows.group_by("word").agg(n_texts=pl.col("text_id").n_unique())
    alike(table(described, "frequencies", "word", "n_texts"), in_texts, by="word")
    alike(table(described, "word_lengths"), measures.word_lengths(rows).collect())
    comments = measures.keyness(rows, target=pl.col("kind") == "comment").collect()
    found = table(described, "keyness")
    assert found["g2"].is_sorted(descending=True)
    alike(found, comments, by="word")


def test_pairs_and_spread_are_those_of_the_measures(described, rows):
    found = table(described, "collocations")
    assert found["g2"].is_sorted(descending=True)
    alike(found, measures.collocations(rows, minimum=5).collect(), by=["word", "collocate"])
    alike(table(described, "dispersion"), measures.dispersion(rows, parts="author_id", minimum=5).collect())


def test_texts_are_measured_in_their_order_and_summed_up(described, rows, texts):
    wanted = texts.select("text_id").join(
        measures.diversity(rows).collect(), on="text_id", maintain_order="left", how="inner"
    )
    found = table(described, "diversity")
    alike(found, wanted)
    about = texts.select("text_id", "kind").join(wanted, on="text_id", how="left")
    about = about.with_columns(pl.col("n_words").fill_null(0))
    summed = table(described, "text_summary")
    for name in ("n_words", "mtld"):
        wanted = measures.summary(about, of=name, by="kind").collect()
        alike(summed.filter(pl.col("measure") == name).drop("measure"), wanted)


def test_sizes_and_shares_are_those_of_the_measures(described, rows, texts):
    no_sentences = pl.DataFrame(schema={"text_id": pl.String})
    sizes = measures.sizes(texts, tokenise(texts), no_sentences, by="kind").collect()
    names = ("kind", "n_texts", "n_words", "n_types")
    found = table(described, "sizes")
    alike(found.filter(pl.col("kind").is_not_null()), sizes.select(names), by="kind")
    whole = found.filter(pl.col("kind").is_null()).rows()
    assert whole == [(None, 1200, rows.height, rows["word"].n_unique())]
    shares = measures.participation(texts, rows).collect()
    alike(table(described, "participation"), shares)
    named = shares.filter(pl.col("author_id").is_not_null())
    for of in ("n_texts", "n_words"):
        found = table(described, "inequality").filter(pl.col("of") == of).drop("of")
        alike(found, measures.gini(named, of=of).collect())


def test_threads_have_their_shape_and_answers_to_nobody_begin_a_tree(described, texts):
    in_threads = texts.filter(pl.col("thread_id").is_not_null())
    replies = in_threads.filter(pl.col("parent_id") != "gone").select("text_id", "parent_id", "thread_id")
    known = in_threads.select("text_id", "thread_id")
    links = replies.join(known, left_on=("parent_id", "thread_id"), right_on=("text_id", "thread_id"), how="semi")
    links = links.select(from_id="text_id", to_id="parent_id")
    wanted = measures.reply_structure(measures.reply_tree(in_threads, links)).collect()
    found = table(described, "reply_structure")
    alike(found.drop("n_unknown"), wanted)
    n_answers = in_threads["parent_id"].count()
    assert found["n_unknown"].sum() == n_answers - links.height > 0


def test_threads_may_number_their_texts_anew(tmp_path):
    thread = pl.DataFrame({"text_id": ["1", "2", "3"], "parent_id": [None, "1", "2"], "text": ["a", "b", "c"]})
    twice = pl.concat([thread.with_columns(thread_id=pl.lit(name)) for name in ("s", "t")])
    found = table(describe(twice, out=tmp_path / "out"), "reply_structure", "thread_id", "n_texts", "depth", "wiener")
    assert found.rows() == [("s", 3, 2, 4), ("t", 3, 2, 4)]
    with pytest.raises(ArgumentError, match="holds t 1 more than once"):
        describe(twice.with_columns(text_id=pl.lit("1")).tail(3), out=tmp_path / "out")


def test_the_growth_of_the_vocabulary_is_the_mean_over_samples(described, rows):
    found = table(described, "vocabulary_growth")
    whole = found.row(-1, named=True)
    n = rows.group_by("word").len("n")["n"]
    assert whole == {"n_words": rows.height, "n_types": n.len(), "n_hapaxes": n.eq(1).sum()}
    # The law that it is an average of: samples drawn at random.
    half = found.row(found.height // 2 - 1, named=True)
    drawn = [rows["word"].sample(half["n_words"], seed=seed).n_unique() for seed in range(20)]
    assert sum(drawn) / 20 == pytest.approx(half["n_types"], rel=0.01)


def test_every_table_is_there_as_parquet_and_csv_and_is_recorded(described, shipped, tmp_path):
    assert list(described.record["tables"]) == list(TABLES)
    for name, about in described.record["tables"].items():
        frame = table(described, name)
        assert (frame.height, frame.columns) == (about["rows"], about["columns"])
        read = pl.read_csv(described.folder / f"{name}.csv", schema=frame.schema)
        alike(read, frame)
    assert (described.folder / "summary.html").is_file()
    assert json.loads((described.folder / "describe.json").read_text()) == described.record
    # Nobody answers anybody in the one, and everybody is a comment.
    alone = describe(shipped.comments, out=tmp_path / "alone")
    assert {"keyness", "reply_structure"}.isdisjoint(alone.record["tables"])
    with pytest.raises(UnknownNameError, match="unknown table 'keyness'"):
        alone.table("keyness")


def test_a_collection_without_a_word_has_empty_tables(tmp_path):
    empty = describe(pl.DataFrame({"text": ["…", None, ""]}), out=tmp_path / "out")
    assert table(empty, "sizes").rows() == [("comment", 3, 0, 0), (None, 3, 0, 0)]
    assert table(empty, "frequencies").is_empty()
    assert table(empty, "diversity").is_empty()
    none = describe(pl.DataFrame({"text": []}, {"text": pl.String}), out=tmp_path / "out")
    assert table(none, "sizes").rows() == [(None, 0, 0, 0)]


@pytest.fixture(scope="module")
def small(texts):
    kept = texts.head(60).filter(pl.col("text").is_not_null())
    return kept.select("text_id", "thread_id", "kind", "position", "author_id", "parent_id", "text")


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv", "folder", "lazy", "twice", "hub"])
def test_texts_give_the_same_tables_wherever_they_are(small, form, tmp_path):
    wanted = describe(small, out=tmp_path / "wanted")
    renamed = small.rename({"text": "body", "author_id": "user"})
    mapping = {"text": "body", "author_id": "user"}
    sources = [tmp_path / f"texts.{form}"]
    if form == "parquet":
        renamed.write_parquet(sources[0])
    elif form == "jsonl":
        renamed.write_ndjson(sources[0])
    elif form == "csv":
        renamed.write_csv(sources[0])
    elif form == "lazy":
        sources = [renamed.lazy()]
    elif form == "twice":
        renamed.head(20).write_parquet(tmp_path / "a.parquet")
        renamed.slice(20).write_ndjson(tmp_path / "b.ndjson")
        sources = [tmp_path / "a.parquet", str(tmp_path / "b.ndjson")]
    elif form == "hub":
        # What is streamed is a dataset of files on this machine; one of the Hub is opened the same way.
        (tmp_path / "dataset").mkdir()
        renamed.write_parquet(tmp_path / "dataset" / "train.parquet")
        sources = [f"hf:{tmp_path / 'dataset'}"]
    else:
        sources, mapping = [find_corpus()], {}
        wanted = describe(load(), out=tmp_path / "wanted")
    found = describe(*sources, out=tmp_path / "found", mapping=mapping)
    for name in TABLES:
        if name in wanted.record["tables"]:
            alike(table(found, name), table(wanted, name))


def test_the_choices_say_what_is_compared_and_counted(texts, tmp_path):
    one = texts["author_id"].drop_nulls().value_counts(sort=True)["author_id"][0]
    choices = Choices(by="thread_id", target=("author_id", one), minimum=2, pairs=4)
    found = describe(texts, out=tmp_path / "out", choices=choices)
    rows = words(tokenise(texts)).join(texts.lazy().drop("text"), on="text_id", maintain_order="left")
    wanted = measures.keyness(rows, target=pl.col("author_id") == one, minimum=2).collect()
    alike(table(found, "keyness"), wanted, by="word")
    assert table(found, "collocations")["n"].min() == 4
    assert table(found, "participation").columns[0] == "thread_id"
    alike(table(found, "dispersion"), measures.dispersion(rows, parts="thread_id", minimum=2).collect())


KILLED = """
import os, signal, sys
import polars as pl
from corpus_tools.describe import describe

def told(step, more, total):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

describe(pl.DataFrame({"text": ["one two", "two three"]}), out=sys.argv[1], told=told)
"""


@pytest.mark.parametrize("by", ["parent_id", "position", "text_id", "kind"])
def test_texts_are_grouped_by_any_column_that_is_read(small, by, tmp_path):
    found = table(describe(small, out=tmp_path / "out", choices=Choices(by=by)), "participation")
    wanted = dict(small.group_by(by).len().rows())
    assert dict(found.select(by, "n_texts").rows()) == wanted


@pytest.mark.parametrize("step", ["reading texts", "writing tables"])
def test_what_is_killed_leaves_nothing_half_written_and_the_next_run_succeeds(step, tmp_path):
    out = tmp_path / "tables"
    old = describe(pl.DataFrame({"text": ["an older one"]}), out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(out), step], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    new = describe(pl.DataFrame({"text": ["one two", "two three"]}), out=out)
    assert old.record["n_texts"] == 1
    assert new.record["n_texts"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_a_folder_that_was_about_to_be_replaced_comes_back(tmp_path):
    out, staging = tmp_path / "tables", tmp_path / ".tables.unfinished"
    describe(pl.DataFrame({"text": ["an older one"]}), out=out)
    staging.mkdir()
    out.rename(staging / "before")
    with pytest.raises(CorpusError, match="no such file"):
        describe(tmp_path / "nothing.csv", out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]
    assert json.loads((out / "describe.json").read_text())["n_texts"] == 1


def test_an_error_leaves_what_was_there(tmp_path):
    out = tmp_path / "tables"
    describe(pl.DataFrame({"text": ["an older one"]}), out=out)
    circle = {"text_id": ["a", "b"], "thread_id": ["t", "t"], "parent_id": ["b", "a"], "text": ["x", "y"]}
    with pytest.raises(ArgumentError, match="in a circle of answers"):
        describe(pl.DataFrame(circle), out=out)
    assert json.loads((out / "describe.json").read_text())["n_texts"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_what_cannot_be_described_is_said(tmp_path):
    out = tmp_path / "out"
    frame = pl.DataFrame({"body": ["x"]})
    with pytest.raises(MissingColumnError, match="the frame: describe needs the column text; the frame has: body"):
        describe(frame, out=out)
    with pytest.raises(ArgumentError, match="no column txt to map to; those that are used: text_id, .*, author_id"):
        describe(frame, out=out, mapping={"txt": "body"})
    with pytest.raises(MissingColumnError, match="needs the column user"):
        describe(frame, out=out, mapping={"text": "body", "author_id": "user"})
    with pytest.raises(UnknownNameError, match="unknown engine 'flink'; there are: auto, streaming, spark"):
        describe(frame, out=out, engine="flink")
    with pytest.raises(ArgumentError, match="name at least one"):
        describe(out=out)
    (tmp_path / "x.doc").write_text("x")
    with pytest.raises(CorpusError, match=r"x\.doc: describe reads corpus folders and \.parquet, "):
        describe(tmp_path / "x.doc", out=out)
    (tmp_path / "x.parquet").write_text("x")
    with pytest.raises(CorpusError, match=r"x\.parquet: cannot be read as \.parquet: "):
        describe(tmp_path / "x.parquet", out=out)
    assert not out.exists()
    with pytest.raises(CorpusError, match="is there already, and is not a folder of such tables"):
        describe(pl.DataFrame({"text": ["x"]}), out=tmp_path)
    assert (tmp_path / "x.doc").is_file()


def test_the_command_says_what_it_wrote_and_is_quiet_when_piped(small, tmp_path, capsys):
    small.rename({"text": "body"}).write_csv(tmp_path / "texts.csv")
    out = tmp_path / "tables"
    given = ["describe", str(tmp_path / "texts.csv"), "--map", "text=body", "--out", str(out), "--by", "thread_id"]
    assert main(given) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert f"{small.height} texts described in {out}; look at summary.html there" in said.out
    n_types = pl.read_parquet(out / "frequencies.parquet").height
    assert f"frequencies        {n_types:>12,} rows" in said.out
    assert main(["describe", str(tmp_path / "gone.csv"), "--out", str(out)]) == 1
    assert "gone.csv: there is no such file or folder" in capsys.readouterr().err


def test_the_command_asks_for_pairs(capsys):
    for option, given in (("--target", "article"), ("--map", "text")):
        with pytest.raises(SystemExit):
            main(["describe", "x.csv", option, given])
        assert f"{given!r} is no pair such as" in capsys.readouterr().err
