"""Keyness, by another implementation and by laws that must hold."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import power_divergence

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, CorpusError, MissingColumnError
from corpus_tools.measures.keyness import keyness
from corpus_tools.tokens import tokenise, words

MINE = pl.col("side") == "mine"


def spoken(mine, rest):
    rows = [(word, "mine") for word in mine] + [(word, "rest") for word in rest]
    return pl.DataFrame(rows, schema={"word": pl.String, "side": pl.String}, orient="row")


def measured(mine, rest, minimum=1, target=MINE):
    return keyness(spoken(mine, rest), target=target, minimum=minimum).collect()


def row(frame, word):
    return frame.row(by_predicate=pl.col("word") == word, named=True)


SOME = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40)


@given(SOME, SOME)
def test_g2_is_the_one_that_scipy_gives_for_frequencies_expected_from_the_sizes(mine, rest):
    found = measured(mine, rest)
    assert set(found["word"]) == set(mine) | set(rest)
    for line in found.iter_rows(named=True):
        seen = [mine.count(line["word"]), rest.count(line["word"])]
        expected = [sum(seen) * len(side) / (len(mine) + len(rest)) for side in (mine, rest)]
        wanted = power_divergence(seen, expected, lambda_="log-likelihood").statistic
        assert line["g2"] == pytest.approx(wanted, abs=1e-9)
        assert line["g2"] >= 0


def test_the_words_of_two_lines_are_counted_as_on_paper():
    found = measured(["peace", "talks", "peace", "now"], ["talks", "war", "war", "war", "now", "war", "no", "no"])
    columns = ("n_target", "n_reference", "n_words_target", "n_words_reference", "target_per_1k", "reference_per_1k")
    assert {line[0]: line[1:7] for line in found.iter_rows()} == {
        "peace": (2, 0, 4, 8, 500.0, 0.0),
        "talks": (1, 1, 4, 8, 250.0, 125.0),
        "now": (1, 1, 4, 8, 250.0, 125.0),
        "war": (0, 4, 4, 8, 0.0, 500.0),
        "no": (0, 2, 4, 8, 0.0, 250.0),
    }
    assert tuple(found.columns[1:7]) == columns
    # 2/4 against 0.5/8 is eight times as often, 1/4 against 1/8 twice, 0.5/4 against 4/8 a quarter.
    assert {line["word"]: line["log_ratio"] for line in found.iter_rows(named=True)} == pytest.approx(
        {"peace": 3.0, "talks": 1.0, "now": 1.0, "war": -2.0, "no": -1.0}
    )
    # 2 * (0 + 4 * ln(4 / (4 * 8 / 12))) = 8 * ln(3 / 2), and 2 * 2 * ln(2 / (2 * 4 / 12)) = 4 * ln(3).
    assert row(found, "war")["g2"] == pytest.approx(8 * 0.4054651081)
    assert row(found, "peace")["g2"] == pytest.approx(4 * 1.0986122887)


def test_the_strongest_come_first_and_equals_by_name():
    found = measured(["b", "a", "x", "x", "x", "c"], ["c", "x", "x", "x", "a", "b", "y", "y", "y"])
    assert found["g2"].to_list() == sorted(found["g2"], reverse=True)
    assert [word for word in found["word"] if word in "abc"] == ["a", "b", "c"]


@given(SOME, SOME)
def test_swapping_target_and_reference_keeps_g2_and_turns_the_log_ratio(mine, rest):
    here = measured(mine, rest).sort("word")
    there = measured(mine, rest, target=~MINE).sort("word")
    assert here["g2"].to_list() == pytest.approx(there["g2"].to_list(), abs=1e-9)
    assert here["log_ratio"].to_list() == pytest.approx([-ratio for ratio in there["log_ratio"]], abs=1e-9)
    assert here["target_per_1k"].to_list() == there["reference_per_1k"].to_list()


@given(SOME, SOME, st.integers(2, 4))
def test_evidence_grows_with_the_corpus_and_the_ratio_does_not(mine, rest, times):
    once, often = measured(mine, rest).sort("word"), measured(mine * times, rest * times).sort("word")
    assert often["g2"].to_list() == pytest.approx([times * g2 for g2 in once["g2"]], abs=1e-8)
    both = (once["n_target"] > 0) & (once["n_reference"] > 0)
    assert often.filter(both)["log_ratio"].to_list() == pytest.approx(
        once.filter(both)["log_ratio"].to_list(), abs=1e-9
    )


@given(SOME, st.integers(1, 5))
def test_sides_with_the_same_proportions_have_no_key_words(mine, times):
    found = measured(mine, mine * times)
    assert found["g2"].to_list() == pytest.approx([0] * found.height, abs=1e-9)
    assert found["log_ratio"].to_list() == pytest.approx([0] * found.height, abs=1e-9)


@given(SOME, SOME, st.integers(0, 12))
def test_the_minimum_leaves_out_rows_and_changes_none(mine, rest, minimum):
    all_rows = measured(mine, rest)
    kept = all_rows.filter(pl.col("n_target") + pl.col("n_reference") >= minimum)
    assert_frame_equal(measured(mine, rest, minimum), kept)
    assert all_rows["n_target"].sum() == len(mine) == all_rows["n_words_target"][0]
    assert all_rows["n_reference"].sum() == len(rest) == all_rows["n_words_reference"][0]


def test_the_comments_of_the_shipped_corpus_stand_out_by_the_words_that_a_counter_finds(shipped):
    texts = load(shipped).texts
    running = words(tokenise(texts)).join(texts.lazy().select("text_id", "kind"), on="text_id")
    found = keyness(running, target=pl.col("kind") == "comment").collect()
    sides = {kind: Counter(running.filter(kind=kind).collect()["word"].to_list()) for kind in ("comment", "article")}
    wanted = {word for word in sides["comment"] | sides["article"] if sum(n[word] for n in sides.values()) >= 5}
    assert set(found["word"]) == wanted
    for line in found.iter_rows(named=True):
        assert line["n_target"] == sides["comment"][line["word"]]
        assert line["n_reference"] == sides["article"][line["word"]]
        assert line["n_words_target"] == sides["comment"].total()
        assert line["n_words_reference"] == sides["article"].total()
        more = line["target_per_1k"] > line["reference_per_1k"]
        assert (line["log_ratio"] > 0) == more


def test_lemmas_are_counted_as_well_as_words(shipped):
    tokens = load(shipped).table("tokens").filter(pl.col("upos") == "VERB")
    found = keyness(tokens, target=pl.col("text_id") == "a1", of="lemma", minimum=1).collect()
    assert found.columns[0] == "lemma"
    assert found["n_target"].sum() == tokens.filter(text_id="a1").height


def test_a_null_word_or_side_is_in_neither_the_target_nor_the_reference():
    rows = spoken(["a", "a", None], ["a", "b", None]).vstack(
        pl.DataFrame({"word": ["a", "z"], "side": [None, None]}, schema={"word": pl.String, "side": pl.String})
    )
    found = keyness(rows, target=MINE, minimum=0).collect()
    assert found.select("word", "n_target", "n_reference", "n_words_target", "n_words_reference").sort(
        "word"
    ).rows() == [
        ("a", 2, 1, 2, 2),
        ("b", 0, 1, 2, 2),
    ]


def test_one_word_on_each_side_is_enough():
    assert measured(["a"], ["a"])["g2"].to_list() == pytest.approx([0])


def test_a_minimum_that_nothing_reaches_leaves_no_row():
    found = measured(["a"], ["b"], minimum=5)
    assert found.is_empty()
    assert found.columns[0] == "word"


def test_a_side_without_words_is_an_error_that_names_it():
    with pytest.raises(ArgumentError, match="keyness: the target has no words"):
        measured([], ["a"])
    with pytest.raises(ArgumentError, match="keyness: the reference has no words"):
        measured(["a"], [])
    with pytest.raises(CorpusError, match="the reference has no words"):
        measured(["a"], ["b"], target=pl.lit(True))
    with pytest.raises(ValueError, match="the target has no words"):
        measured([], [])


def test_a_target_that_is_not_true_or_false_is_an_error():
    with pytest.raises(ArgumentError, match="keyness: target gives String; it must be true or false"):
        measured(["a"], ["b"], target=pl.col("side"))


def test_the_columns_are_those_of_the_docstring():
    counts = ("n_target", "n_reference", "n_words_target", "n_words_reference")
    values = ("target_per_1k", "reference_per_1k", "g2", "log_ratio")
    assert dict(measured(["a"], ["b"]).schema) == {
        "word": pl.String,
        **dict.fromkeys(counts, pl.UInt32),
        **dict.fromkeys(values, pl.Float64),
    }


def test_a_missing_column_is_named_also_when_the_target_asks_for_it():
    with pytest.raises(MissingColumnError, match="keyness: words needs the column lemma; the frame has: word, side"):
        keyness(spoken(["a"], ["b"]), target=MINE, of="lemma")
    with pytest.raises(MissingColumnError, match="keyness: words needs the column kind"):
        keyness(spoken(["a"], ["b"]), target=pl.col("kind") == "comment")
