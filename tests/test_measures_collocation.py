"""N-grams and collocations, by other implementations, a published table and counts made on paper."""

import math
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.collocations import BigramCollocationFinder
from nltk.metrics import BigramAssocMeasures
from nltk.util import ngrams as nltk_ngrams
from polars.testing import assert_frame_equal
from scipy.stats import chi2_contingency

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures.collocation import collocations, ngrams
from corpus_tools.tokens import tokenise, words


def spoken(*texts, ids=None):
    ids = range(len(texts)) if ids is None else ids
    rows = [(text_id, word) for text_id, text in zip(ids, texts, strict=True) for word in text]
    return pl.DataFrame(rows, schema={"text_id": pl.Int64, "word": pl.String}, orient="row")


def of_shipped(shipped):
    running = words(tokenise(load(shipped).texts)).collect()
    return running, [group["word"].to_list() for _, group in running.group_by("text_id", maintain_order=True)]


TEXTS = st.lists(st.lists(st.sampled_from("abcd"), max_size=12), max_size=5)


@given(TEXTS, st.integers(1, 4))
def test_ngrams_are_those_that_nltk_counts_text_by_text(texts, n):
    found = ngrams(spoken(*texts), n).collect()
    wanted = Counter(gram for text in texts for gram in nltk_ngrams(text, n))
    assert {line[:-1]: line[-1] for line in found.iter_rows()} == wanted
    assert found.rows() == sorted(found.rows(), key=lambda line: (-line[-1], line[:-1]))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_ngrams_of_the_shipped_corpus_are_those_that_nltk_counts(shipped, n):
    running, texts = of_shipped(shipped)
    wanted = Counter(gram for text in texts for gram in nltk_ngrams(text, n))
    assert {line[:-1]: line[-1] for line in ngrams(running, n).collect().iter_rows()} == wanted


def test_ngrams_stay_inside_sentences_where_asked(shipped):
    tokens = load(shipped).table("tokens").filter(pl.col("upos") != "PUNCT")
    found = ngrams(tokens, 2, of="lemma", within="sentence_id").collect()
    assert found.columns == ["lemma_1", "lemma_2", "n"]
    assert found["n"].sum() == tokens.height - tokens["sentence_id"].n_unique()


def test_ngrams_may_overlap():
    assert ngrams(spoken("abab")).collect().rows() == [("a", "b", 2), ("b", "a", 1)]
    assert ngrams(spoken("aaaa"), 3).collect().rows() == [("a", "a", "a", 2)]


def test_a_null_group_is_a_group_and_a_group_interrupted_does_not_reach_across():
    # ab | cd | a | b c: the null groups are one run each, and text 1 comes twice.
    rows = spoken("ab", "cd", "a", "bc", ids=[None, 1, None, 1])
    assert ngrams(rows).collect().rows() == [("a", "b", 1), ("b", "c", 1), ("c", "d", 1)]
    assert ngrams(spoken("ab", "c", "d", ids=[1, 2, 1]), 4).collect().is_empty()
    assert collocations(spoken("ab", "c", "d", ids=[1, 2, 1]), window=3, minimum=1).collect()["n"].sum() == 1


def test_a_null_word_keeps_its_neighbours_apart():
    rows = spoken(["a", None, "b", "c"])
    assert ngrams(rows).collect().rows() == [("b", "c", 1)]
    assert ngrams(rows, 1).collect().rows() == [("a", 1), ("b", 1), ("c", 1)]
    pairs = collocations(rows, window=2, minimum=1).collect()
    assert set(pairs.select("word", "collocate").rows()) == {("a", "b"), ("b", "c")}


@given(TEXTS, st.integers(1, 4))
def test_pairs_in_a_window_are_those_that_nltk_counts(texts, window):
    found = collocations(spoken(*texts), window=window, minimum=1).collect()
    wanted = Counter()
    for text in texts:
        if len(text) > 1:
            wanted += Counter(BigramCollocationFinder.from_words(text, window_size=window + 1).ngram_fd)
    assert {(word, collocate): n for word, collocate, n in found.select("word", "collocate", "n").iter_rows()} == wanted
    for line in found.iter_rows(named=True):
        assert line["n_first"] == sum(n for (first, _), n in wanted.items() if first == line["word"])
        assert line["n_second"] == sum(n for (_, second), n in wanted.items() if second == line["collocate"])
        assert line["n_pairs"] == wanted.total()


def margins(line):
    return line["n"], (line["n_first"], line["n_second"]), line["n_pairs"]


@given(TEXTS, st.integers(1, 3))
def test_pmi_dice_and_g2_are_those_of_nltk_and_scipy(texts, window):
    for line in collocations(spoken(*texts), window=window, minimum=1).collect().iter_rows(named=True):
        assert line["pmi"] == pytest.approx(BigramAssocMeasures.pmi(*margins(line)), abs=1e-9)
        assert line["log_dice"] == pytest.approx(14 + math.log2(BigramAssocMeasures.dice(*margins(line))), abs=1e-9)
        assert line["g2"] == pytest.approx(BigramAssocMeasures.likelihood_ratio(*margins(line)), abs=1e-9)
        assert line["g2"] >= 0
        n, (first, second), pairs = margins(line)
        table = [[n, first - n], [second - n, pairs - first - second + n]]
        if 0 < first < pairs and 0 < second < pairs:
            wanted = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
            assert line["g2"] == pytest.approx(wanted, abs=1e-9)


def test_the_collocations_of_the_shipped_corpus_have_the_scores_of_nltk(shipped):
    running, texts = of_shipped(shipped)
    found = collocations(running).collect()
    pairs = Counter(pair for text in texts for pair in nltk_ngrams(text, 2))
    assert set(found.select("word", "collocate").rows()) == {pair for pair, n in pairs.items() if n >= 2}
    for line in found.iter_rows(named=True):
        assert line["n_pairs"] == pairs.total() == len(running) - len(texts)
        assert line["pmi"] == pytest.approx(BigramAssocMeasures.pmi(*margins(line)))
        assert line["g2"] == pytest.approx(BigramAssocMeasures.likelihood_ratio(*margins(line)))
    order = [(-line["g2"], line["word"], line["collocate"]) for line in found.iter_rows(named=True)]
    assert order == sorted(order)


# Dunning (1993), Computational Linguistics 19(1), table 2: 31,777 bigrams of a text about Swiss banks; how often
# both words, only the first, only the second and neither are in one, and -2 log lambda.
DUNNING = [
    ("the swiss", 110, 2442, 111, 29114, 270.72),
    ("can be", 29, 13, 123, 31612, 263.90),
    ("previous year", 31, 23, 139, 31584, 256.84),
    ("mineral water", 10, 0, 3, 31764, 167.23),
    ("at the", 76, 104, 2476, 29121, 157.21),
    ("real terms", 16, 16, 51, 31694, 157.03),
    ("natural gas", 9, 0, 5, 31763, 146.80),
    ("owing to", 16, 0, 865, 30896, 115.02),
]


@pytest.mark.parametrize(("pair", "both", "first_only", "second_only", "neither", "printed"), DUNNING)
def test_g2_is_the_one_that_dunning_printed(pair, both, first_only, second_only, neither, printed):
    first, second = pair.split()
    drawn = {(first, second): both, (first, "y"): first_only, ("x", second): second_only, ("x", "y"): neither}
    texts = [two for two, times in drawn.items() for _ in range(times)]
    found = collocations(spoken(*texts)).filter(word=first, collocate=second).collect().row(0, named=True)
    assert margins(found) == (both, (both + first_only, both + second_only), 31777)
    assert round(found["g2"], 2) == printed


def test_words_that_are_never_apart_have_a_log_dice_of_14():
    found = collocations(spoken("pq", "pq", "rs", "rt")).collect()
    assert found.select("word", "collocate", "log_dice").rows() == [("p", "q", 14.0)]
    # Two pairs of four, each half of them: log2(2 * 4 / (2 * 2)).
    assert found["pmi"].to_list() == pytest.approx([1.0])


def test_words_that_do_not_care_about_each_other_score_nothing():
    found = collocations(spoken("ac", "ad", "bc", "bd"), minimum=1).collect()
    assert found["pmi"].to_list() == pytest.approx([0.0] * 4)
    assert found["g2"].to_list() == pytest.approx([0.0] * 4, abs=1e-9)
    assert found.select("word", "collocate").rows() == [("a", "c"), ("a", "d"), ("b", "c"), ("b", "d")]


@given(TEXTS, st.integers(0, 4))
def test_the_minimum_leaves_out_rows_and_changes_none(texts, minimum):
    all_rows = collocations(spoken(*texts), minimum=1).collect()
    found = collocations(spoken(*texts), minimum=minimum).collect()
    assert_frame_equal(found, all_rows.filter(pl.col("n") >= minimum))


def test_a_single_word_and_no_word_have_no_neighbours():
    for rows in (spoken("a"), spoken(), spoken("a", ids=[None])):
        assert ngrams(rows).collect().is_empty()
        assert collocations(rows, minimum=1).collect().is_empty()


def test_the_columns_are_those_of_the_docstring():
    rows = spoken("ab")
    pair = {"word_1": pl.String, "word_2": pl.String, "n": pl.UInt32}
    assert dict(ngrams(rows).collect().schema) == pair
    margins, values = ("n_first", "n_second", "n_pairs"), ("pmi", "log_dice", "g2")
    assert dict(collocations(rows, minimum=1).collect().schema) == {
        "word": pl.String,
        "collocate": pl.String,
        "n": pl.UInt32,
        # Pairs outnumber words by the window.
        **dict.fromkeys(margins, pl.UInt64),
        **dict.fromkeys(values, pl.Float64),
    }


def test_a_lazy_frame_is_read_once_however_wide_the_window():
    read = []

    def noted(frame):
        read.append(frame.height)
        return frame

    rows = spoken("abcab").lazy().map_batches(noted)
    assert collocations(rows, window=4, minimum=1).collect()["n_pairs"].unique().to_list() == [4 + 3 + 2 + 1]
    assert read == [5]


def test_lengths_and_windows_below_one_are_errors():
    with pytest.raises(ArgumentError, match="ngrams: n is 0; it must be 1 or more"):
        ngrams(spoken("ab"), 0)
    with pytest.raises(ArgumentError, match="collocations: window is -1; it must be 1 or more"):
        collocations(spoken("ab"), window=-1)


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="ngrams: words needs the column lemma; the frame has: text_id, word"):
        ngrams(spoken("ab"), of="lemma")
    with pytest.raises(MissingColumnError, match="collocations: words needs the column sentence_id"):
        collocations(spoken("ab"), within="sentence_id")
