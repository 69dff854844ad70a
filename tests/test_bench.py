"""The benchmark: that contenders do the same work, that the arithmetic of its table is right, that it runs."""

import json
import platform
import re
import statistics
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from corpus_tools import bench, generated
from corpus_tools.bench import __main__ as command
from corpus_tools.bench import ours, peers, results
from corpus_tools.bench.harness import FailedError, Reading, count_words, measure, once, present, readings
from corpus_tools.bench.labels import labels
from corpus_tools.bench.run import run
from corpus_tools.bench.tasks import BARE, OURS, SMALLER, TARGETS, TASKS, WC, Contender, Task, task_named
from corpus_tools.bench.texts import build, collection
from corpus_tools.errors import ArgumentError, CorpusError, MissingColumnError, UnknownNameError

N = 2000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def texts(folder):
    """Generated texts, as the benchmark builds them."""
    return build(folder, "texts", N)


@pytest.fixture(scope="module")
def plain(folder):
    """Texts of small letters and blanks, about which all definitions of a word agree."""
    (frame,) = generated.texts(N)
    lines = frame["text"].str.to_lowercase().str.replace_all("[^a-z]+", " ").str.strip_chars()
    source = folder / "source.txt"
    source.write_text("\n".join(line for line in lines if line) + "\n", encoding="utf-8")
    return build(folder, "plain", N, source=source)


@pytest.fixture(scope="module")
def lists(plain):
    return [line.split() for line in Path(plain.plain).read_text(encoding="utf-8").splitlines()]


def answer(task, who, texts, sample=None):
    return run(task, who, texts, sample)["answer"]


def test_everybody_counts_the_same_tokens_and_types(plain, lists):
    counted = Counter(word for words in lists for word in words)
    expected = {"tokens": counted.total(), "types": len(counted)}
    assert expected["tokens"] > 50_000
    for who in (OURS, "DuckDB"):
        assert answer("counts", who, plain) == expected
    # Its documents of a word are counted as all others are.
    assert answer("counts", "scikit-learn", plain) == expected
    assert count_words(plain.plain)[0] == expected["tokens"]


def test_duckdb_counts_by_its_own_definition_what_python_does(texts):
    counted = Counter()
    for text in pl.read_parquet(texts.parquet)["text"]:
        for token in text.replace("\n", " ").split(" "):
            counted.update(re.findall(r"[^\W_]+(?:['’][^\W_]+)*", token.lower()))
    assert answer("counts", "DuckDB", texts) == {"tokens": counted.total(), "types": len(counted)}


def test_everybody_finds_the_same_pairs(plain, lists):
    counted = Counter(pair for words in lists for pair in pairwise(words))
    n_frequent = sum(n >= 2 for n in counted.values())
    assert answer("bigrams", OURS, plain) == {"rows": n_frequent, "pairs": counted.total()}
    assert answer("bigrams", "NLTK", plain) == {"rows": n_frequent}
    assert answer("bigrams", "scikit-learn", plain) == {"tokens": counted.total(), "types": len(counted)}


def test_everybody_finds_the_same_diversity(plain, lists):
    mean = statistics.fmean(len(set(words)) / len(words) for words in lists)
    for who in (OURS, "lexicalrichness"):
        assert answer("diversity", who, plain) == {"rows": len(lists), "mean_ttr": pytest.approx(mean)}


def test_everybody_finds_the_same_threads(texts):
    assert answer("threads", OURS, texts)["wiener"] == answer("threads", "networkx", texts)["wiener"] > 1000


def test_everybody_finds_the_same_alpha(texts):
    found = answer("alpha", OURS, texts)
    assert found["alpha"] == pytest.approx(answer("alpha", "krippendorff", texts, 1)["alpha"])
    assert found["low"] < found["alpha"] < found["high"]
    assert labels().shape == (4, 12_000)


def test_a_concordance_has_a_line_for_each_time_the_word_stands(plain, lists):
    n = sum(words.count(plain.word) for words in lists)
    assert answer("concordance", OURS, plain) == {"rows": n}
    share = sum(plain.word in words for words in lists) / len(lists)
    assert 0.005 < share < 0.02


def test_keyness_has_a_row_for_each_word_that_comes_five_times(plain, lists):
    counted = Counter(word for words in lists for word in words)
    assert answer("keyness", OURS, plain) == {"rows": sum(n >= 5 for n in counted.values())}


def test_a_sample_is_the_first_texts(plain, lists):
    assert answer("counts", "DuckDB", plain, 100)["tokens"] == sum(len(words) for words in lists[:100])
    assert answer("counts", "scikit-learn", plain, 100) == answer("counts", OURS, plain, 100)


def test_an_unknown_contender_is_refused(texts):
    with pytest.raises(UnknownNameError, match="counts of nobody"):
        run("counts", "nobody", texts, None)


def test_each_contender_of_each_task_has_something_to_do():
    for task in TASKS:
        assert task.contenders[0].who == OURS
        assert set(task.at_large) <= {contender.who for contender in task.contenders}
        for contender in task.contenders:
            known = task.name in ours.BODIES if contender.who == OURS else (task.name, contender.who) in peers.BODIES
            assert known or contender.command, (task.name, contender.who)
    for target in TARGETS:
        task = task_named(target.task)
        assert task is not None
        assert not target.large or OURS in task.at_large


def test_a_collection_is_the_same_texts_as_a_table_and_as_a_plain_file(texts, folder):
    frame = pl.read_parquet(texts.parquet)
    assert frame.height == texts.n_texts == N
    assert Path(texts.plain).read_text(encoding="utf-8") == "\n".join(frame["text"]) + "\n"
    assert texts.n_bytes == Path(texts.plain).stat().st_size
    assert collection(folder, "texts") == texts
    assert collection(folder, "others") is None


def test_real_texts_come_from_a_parquet_file_with_what_columns_it_has(tmp_path):
    given = pl.DataFrame({"text": ["one two two three", "", None, "two four"], "author_id": ["x", "y", "z", None]})
    given.write_parquet(tmp_path / "real.parquet")
    built = build(tmp_path, "mine", 10, source=tmp_path / "real.parquet")
    frame = pl.read_parquet(built.parquet)
    assert frame.columns == next(generated.texts(1)).columns
    assert frame.select("text", "author_id").rows() == [("one two two three", "x"), ("two four", None)]
    assert frame["text_id"].is_unique().all()


def test_a_file_without_texts_is_refused(tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match="has no texts"):
        build(tmp_path, "none", 10, source=tmp_path / "empty.txt")


def test_texts_without_a_word_for_the_concordance_are_refused_and_leave_no_collection(tmp_path):
    (tmp_path / "odd.txt").write_text("да\n1 2 3\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match="three letters from a to z"):
        build(tmp_path, "odd", 10, source=tmp_path / "odd.txt")
    assert collection(tmp_path, "odd") is None


def test_a_process_is_measured_with_its_own_memory_and_time():
    # Started by a small process: what starts another lends it its memory in this count.
    code = (
        "import sys\nfrom corpus_tools.bench.harness import measure\n"
        "for work in ('pass', 'import time; x = b\"1\" * 300_000_000; time.sleep(0.3)'):\n"
        "    found = measure([sys.executable, '-c', work])\n    print(found.seconds, found.mb)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    (bare_seconds, bare_mb), (seconds, mb) = (map(float, line.split()) for line in shown.splitlines())
    assert seconds > 0.3
    assert bare_seconds > 0
    assert mb - bare_mb == pytest.approx(300, abs=15)


def test_a_process_that_fails_is_an_error_that_quotes_its_last_line():
    with pytest.raises(FailedError, match="ValueError: no such thing"):
        measure([sys.executable, "-c", "raise ValueError('no such thing')"])


def test_what_measures_imports_no_library():
    code = "import sys, corpus_tools.bench.__main__; print(*({'polars', 'numpy', 'pyarrow'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == ""


def test_only_those_who_are_installed_take_part():
    task = Task("counts", "Counts", (Contender(OURS), Contender("Nobody", "no_such_library"), Contender("P", "polars")))
    assert [contender.who for contender in present(task)] == [OURS, "P"]


def test_of_a_sample_the_work_is_scaled_and_the_start_is_not(monkeypatch, texts):
    from corpus_tools.bench import harness

    line = json.dumps({"answer": {}, "work_seconds": 2.0})
    monkeypatch.setattr(harness, "measure", lambda *_, **__: harness.Measured(5.0, 100.0, f"warning\n{line}\n"))
    task = Task("counts", "Counts", (Contender(OURS),))
    card = Path("card.json")
    # 3 seconds to start, 2 for 500 of 2,000 texts.
    assert once(task, Contender("x", sample=500), texts, card) == (3 + 2 * 4, 100)
    assert once(task, Contender("x", sample=N), texts, card) == (5, 100)
    assert once(task_named("alpha"), Contender("x", sample=100), texts, card) == (2 * 10, 100)


def reading(task, who, run, seconds, *, mb=10.0, large=False, sample=None):
    return Reading(task, who, run, large, 5000 if large else 1000, sample, seconds, mb)


def wc(run, seconds, *, large=False, locale="C"):
    return reading(WC, f"wc -w, {locale}", run, seconds, large=large)


def row_of(frame, task, who=OURS, *, n_texts=1000):
    (row,) = frame.filter(task=task, who=who).filter(pl.col("n_texts").eq_missing(n_texts)).rows(named=True)
    return row


def test_a_ratio_is_the_median_over_runs_of_the_time_over_the_median_of_wc_in_that_run():
    rows = [
        *(wc(0, seconds) for seconds in (1.0, 9.0, 2.0)),
        *(wc(1, seconds) for seconds in (4.0, 4.0)),
        wc(2, 1.0),
        *(wc(run, 0.5, locale="C.UTF-8") for run in range(3)),
        *(reading("counts", OURS, run, seconds) for run, seconds in enumerate((6.0, 4.0, 3.0))),
    ]
    row = row_of(results.table(rows), "counts")
    # 6/2, 4/4, 3/1; to UTF-8 12, 8 and 6.
    assert row["ratio"] == 3
    assert row["ratio_utf8"] == 8
    assert (row["seconds_min"], row["seconds_median"], row["seconds_max"]) == (3, 4, 6)
    assert (row["target_ratio"], row["target_mb"], row["met"]) == (1.3, 700, False)
    assert row["yardstick"] == WC


@pytest.mark.parametrize(
    ("seconds", "mb", "met"), [(1.3, 700.0, True), (1.31, 10.0, False), (1.0, 701.0, False), (None, None, False)]
)
def test_a_target_is_met_up_to_its_limits_and_not_by_what_failed(seconds, mb, met):
    row = row_of(results.table([wc(0, 1.0), reading("counts", OURS, 0, seconds, mb=mb)]), "counts")
    assert row["met"] is met
    assert (row["seconds_median"] is None) == (seconds is None)


def test_what_failed_once_has_no_figures():
    rows = [wc(0, 1.0), wc(1, 1.0), reading("counts", OURS, 0, 0.5), reading("counts", OURS, 1, None, mb=None)]
    row = row_of(results.table(rows), "counts")
    assert row["seconds_min"] is row["ratio"] is row["memory_mb"] is None
    assert row["met"] is False


@pytest.mark.parametrize(("duckdb", "met"), [(6.0, True), (4.9, False)])
def test_the_large_collection_is_held_to_the_small_one_and_to_the_peer(duckdb, met):
    rows = [
        wc(0, 1.0),
        reading("counts", OURS, 0, 1.0),
        wc(0, 5.0, large=True),
        reading("counts", OURS, 0, 5.0, large=True),
        reading("counts", "DuckDB", 0, duckdb, large=True),
    ]
    row = row_of(results.table(rows), "counts", n_texts=5000)
    assert (row["ratio"], row["yardstick"], row["target_ratio"], row["met"]) == (5, SMALLER, 5.5, met)
    peer = row_of(results.table(rows), "counts", "DuckDB", n_texts=5000)
    assert peer["met"] is peer["target_ratio"] is None


def test_the_import_is_what_comes_on_top_of_a_bare_python_in_the_same_run():
    rows = []
    for run_, (bare, seconds) in enumerate([(0.01, 0.02), (0.02, 0.05), (0.01, 0.025)]):
        rows += [reading("import", BARE, run_, bare), reading("import", OURS, run_, seconds)]
    row = row_of(results.table(rows), "import", n_texts=None)
    assert row["seconds_median"] == pytest.approx(0.015)
    assert row["seconds_max"] == pytest.approx(0.03)
    assert row["ratio"] is None
    assert (row["target_seconds"], row["met"]) == (0.02, True)
    assert results.table(rows).filter(who=BARE).is_empty()


def test_a_reading_is_taken_of_everybody_in_turn(texts, folder):
    counts = task_named("counts")
    both = Task("counts", "Counts", counts.contenders[:2])
    told = []
    taken = readings([both], texts, folder / "texts.json", runs=2, told=told.append)
    assert [(row.run, row.who) for row in taken] == [
        (run_, who) for run_ in range(2) for who in ("wc -w, C.UTF-8", "wc -w, C", OURS, "DuckDB")
    ]
    assert all(row.seconds > 0 and row.mb > 0 and row.problem is None for row in taken)
    assert len(told) == 4
    frame = results.table(taken)
    assert frame["who"].to_list() == ["wc -w, C.UTF-8", "wc -w, C", OURS, "DuckDB"]
    assert row_of(frame, WC, "wc -w, C", n_texts=N)["ratio"] == 1
    assert row_of(frame, "counts", "DuckDB", n_texts=N)["version"] == __import__("duckdb").__version__


def test_a_contender_that_fails_is_told_of_and_does_not_stop_the_others(texts, folder):
    broken = Task("broken", "Broken", (Contender(OURS, command=("-c", "1 / 0")), Contender("x", command=("-c", ""))))
    told = []
    taken = readings([broken], texts, folder / "texts.json", runs=1, told=told.append)
    assert [row.seconds is None for row in taken[-2:]] == [True, False]
    assert any("ZeroDivisionError" in message for message in told)


def test_the_command_builds_the_collection_runs_and_prints_the_table(tmp_path, capfd, monkeypatch):
    monkeypatch.delenv(command.SOURCE, raising=False)
    arguments = ["--texts", "500", "--large", "0", "--runs", "1", "--tasks", "counts", "--cache", str(tmp_path)]
    assert command.main(arguments) == 0
    shown, told = capfd.readouterr()
    assert {"texts-500.json", "texts-500.parquet", "texts-500.txt"} == {path.name for path in tmp_path.iterdir()}
    assert "DuckDB" in shown
    assert "building texts-500" in told
    assert command.main(arguments) == 0
    assert "building" not in capfd.readouterr().err


def test_the_command_takes_real_texts_from_the_environment(tmp_path, capfd, monkeypatch):
    (tmp_path / "mine.txt").write_text("one two three\nfour five\n" * 50, encoding="utf-8")
    monkeypatch.setenv(command.SOURCE, str(tmp_path / "mine.txt"))
    arguments = ["--large", "0", "--runs", "1", "--tasks", "concordance", "--cache", str(tmp_path / "cache")]
    assert command.main(arguments) == 0
    shown = capfd.readouterr().out
    assert "| KWIC of a common word | 100 |" in shown
    assert "texts real" in shown
    monkeypatch.setenv(command.SOURCE, str(tmp_path / "none.txt"))
    assert command.main(arguments) == 1
    assert "could not be built" in capfd.readouterr().err


def a_table():
    return results.table(
        [
            wc(0, 1.0),
            reading("counts", OURS, 0, 1.25),
            reading("diversity", "lexicalrichness", 0, 1234.5, sample=20),
            reading("bigrams", OURS, 0, None, mb=None),
            reading("alpha", OURS, 0, 0.0512),
        ]
    )


def test_a_stored_table_is_read_back_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "_results", lambda: tmp_path)
    about = bench.machine()
    results.store(a_table(), about, tmp_path)
    assert bench.stored().equals(a_table())
    assert results.stored_machine() == about


def test_a_table_that_was_never_stored_is_an_error_that_says_how_to_make_it():
    for read in (bench.stored, results.stored_machine):
        with pytest.raises(CorpusError, match="--store makes one"):
            read("none")


def test_markdown_has_a_line_for_each_row_with_what_was_scaled_and_what_is_met():
    shown = bench.markdown(a_table()).splitlines()
    assert len(shown) == 2 + a_table().height
    assert len({line.count("|") for line in shown}) == 1
    cells = {line.split(" | ")[0].removeprefix("| "): line for line in shown}
    assert "1.25 (1.25–1.25) | 1.25 |" in cells["Token and type counts"]
    assert cells["Token and type counts"].endswith("≤ 700 | yes |")
    assert "scaled from 20 texts | 1,234 (" in cells["Five diversity measures per text"]
    assert "failed" in cells["Scored bigrams"]
    assert "| 0.051 (0.051–0.051) |  |  | ≤ 0.06 s |" in next(line for line in shown if line.startswith("| Alpha"))
    with pytest.raises(MissingColumnError, match="ratio"):
        bench.markdown(a_table().drop("ratio"))


def test_the_machine_is_described_without_its_name_or_a_path():
    about = json.dumps(bench.machine())
    assert {"date", "cores", "cpu", "python", "polars"} <= bench.machine().keys()
    assert platform.node() not in about
    assert str(Path.home()) not in about
