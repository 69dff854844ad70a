"""Lexical diversity, by another implementation, by counting on paper, and by laws that must hold."""

from collections import Counter
from fractions import Fraction
from math import comb

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lexicalrichness import LexicalRichness

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, CorpusError, MissingColumnError
from corpus_tools.measures.diversity import _chance_of_a_type, diversity
from corpus_tools.tokens import tokenise, words

MEASURES = ("ttr", "mattr", "mtld", "hdd", "yules_k")


def frame(*texts):
    rows = [(f"t{number}", word) for number, text in enumerate(texts) for word in text]
    return pl.DataFrame(rows, schema={"text_id": pl.String, "word": pl.String}, orient="row")


def of_one(text, **options):
    """The measures of one text, a string of words or a list of them."""
    return diversity(frame(text.split() if isinstance(text, str) else text), **options).collect().row(0, named=True)


def expected(text, *, window=50, threshold=0.72, draw=42):
    other = LexicalRichness(text, preprocessor=None, tokenizer=None)
    new_only = other.terms == other.words
    return {
        "n_words": other.words,
        "n_types": other.terms,
        "ttr": other.ttr,
        "mattr": other.mattr(window_size=window) if other.words >= window else None,
        # Where nothing comes twice the other implementation returns the number of words, as if that were a factor.
        "mtld": None if new_only else other.mtld(threshold=threshold),
        "hdd": other.hdd(draws=draw) if other.words >= draw else None,
        "yules_k": other.yulek,
    }


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def same(row, other):
    """Whether two rows of measures agree to nine digits, nulls with nulls; the name of the group is left out."""
    pairs = [(row[name], other[name]) for name in ("n_words", "n_types", *MEASURES)]
    return all(one is two is None or (None not in (one, two) and one == close(two)) for one, two in pairs)


@pytest.mark.parametrize("by", ["text_id", "author_id", "kind"])
@pytest.mark.parametrize("options", [{}, {"window": 20, "threshold": 0.66, "draw": 21}])
def test_every_group_of_the_shipped_corpus_has_the_diversity_that_another_implementation_finds(shipped, by, options):
    texts = load(shipped).texts
    running = words(tokenise(texts)).join(texts.lazy().select("text_id", "author_id", "kind"), on="text_id").collect()
    found = diversity(running, by=by, **options).collect()
    # The article has no author: null is a group.
    assert len(found) == texts[by].n_unique()
    for row in found.iter_rows(named=True):
        text = running.filter(pl.col(by).eq_missing(pl.lit(row[by])))["word"].to_list()
        assert same(row, expected(text, **options))


def test_lemmas_of_the_adjudicated_tokens_serve_as_well(shipped):
    tokens = load(shipped).table("tokens").filter(pl.col("upos") != "PUNCT")
    row = diversity(tokens, of="lemma").filter(pl.col("text_id") == "c5").collect().row(0, named=True)
    lemmas = tokens.filter(pl.col("text_id") == "c5")["lemma"].to_list()
    assert same(row, expected(lemmas))


VOCABULARY = st.integers(1, 40).flatmap(lambda size: st.lists(st.integers(0, size), min_size=1, max_size=90))
DRAWN_TEXTS = st.lists(VOCABULARY.map(lambda drawn: [f"w{number}" for number in drawn]), min_size=1, max_size=4)
OPTIONS = st.fixed_dictionaries(
    {
        "window": st.integers(1, 40),
        "threshold": st.sampled_from([0.3, 0.5, 0.66, 0.72, 0.9]),
        "draw": st.integers(1, 50),
    }
)


@given(DRAWN_TEXTS, OPTIONS)
def test_random_texts_have_the_diversity_that_another_implementation_finds(texts, options):
    found = diversity(frame(*texts), **options).collect()
    assert found["text_id"].to_list() == [f"t{number}" for number in range(len(texts))]
    for text, row in zip(texts, found.iter_rows(named=True), strict=True):
        assert same(row, expected(text, **options))


def test_the_example_of_the_paper_on_mtld_has_one_factor_in_each_direction():
    # McCarthy and Jarvis (2010: 384): of (1.00) the (1.00) people (1.00) by (1.00) the (.800) people (.667) ||| for
    # (1.00) the (1.00) people (1.00). Backward: people the for people (.75) the (.6) ||| by people the of (1.00).
    assert of_one("of the people by the people for the people")["mtld"] == close((9 / 1 + 9 / 1) / 2)


def test_what_remains_at_the_end_counts_as_the_part_of_a_factor_it_has_gone_through():
    # Forward: a b a (2/3) ||| c d e c (3/4): 1 + (1 - 3/4) / 0.28. Backward: c e d c a b a (5/7), one factor.
    assert of_one("a b a c d e c")["mtld"] == close((7 / (1 + 0.25 / 0.28) + 7 / 1) / 2)


def test_a_ratio_that_just_reaches_the_threshold_fills_the_factor():
    assert of_one("a b c a", threshold=0.75)["mtld"] == close(4)


def test_the_measures_of_a_short_text_are_those_counted_on_paper():
    row = of_one("a b a c a", window=3, draw=2)
    assert row["ttr"] == close(3 / 5)
    # aba 2, bac 3, aca 2.
    assert row["mattr"] == close((2 + 3 + 2) / 9)
    # Of 10 pairs 3 are a with a: the mean number of types is 2 - 3/10.
    assert row["hdd"] == close((2 - 3 / 10) / 2)
    # 10,000 (9 + 1 + 1 - 5) / 25
    assert row["yules_k"] == close(2400)


def test_a_measure_is_null_where_the_text_is_too_short_or_says_nothing_twice():
    row = of_one([f"w{number}" for number in range(41)])
    assert (row["ttr"], row["mattr"], row["mtld"], row["hdd"], row["yules_k"]) == (1, None, None, None, 0)
    assert of_one([f"w{number}" for number in range(42)])["hdd"] == close(1)
    assert of_one("one")["ttr"] == 1
    assert of_one(["w"] * 49)["mattr"] is None
    assert of_one(["w"] * 50)["mattr"] == close(1 / 50)


@given(DRAWN_TEXTS)
def test_the_order_of_rows_counts_within_a_group_only(texts):
    together = frame(*texts)
    mixed = together.with_columns(place=pl.int_range(pl.len()).over("text_id")).sort("place", "text_id")
    assert diversity(mixed).collect().equals(diversity(together).collect())


@given(DRAWN_TEXTS)
def test_names_of_words_do_not_matter_nor_whether_a_text_is_read_backward(texts):
    plain = diversity(frame(*texts), window=5, draw=5).collect()
    renamed = diversity(frame(*([f"{word[::-1]}é" for word in text] for text in texts)), window=5, draw=5).collect()
    backward = diversity(frame(*(text[::-1] for text in texts)), window=5, draw=5).collect()
    for changed in (renamed, backward):
        rows = zip(plain.iter_rows(named=True), changed.iter_rows(named=True), strict=True)
        assert all(same(one, other) for one, other in rows)


@given(VOCABULARY)
def test_the_measures_meet_the_type_token_ratio_where_window_or_sample_is_the_whole_text(drawn):
    text = [f"w{number}" for number in drawn]
    row = of_one(text, window=len(text), draw=len(text))
    assert row["mattr"] == close(row["ttr"])
    assert row["hdd"] == close(row["ttr"])
    assert of_one(text, window=1, draw=1)["mattr"] == 1
    assert of_one(text, window=1, draw=1)["hdd"] == close(1)


@given(DRAWN_TEXTS, OPTIONS)
def test_every_measure_keeps_to_its_range(texts, options):
    found = diversity(frame(*texts), **options).collect()
    ranges = {"ttr": (0, 1), "mattr": (1 / options["window"], 1), "hdd": (1 / options["draw"], 1), "yules_k": (0, 1e4)}
    for name, (low, high) in ranges.items():
        assert found[name].drop_nulls().is_between(low - 1e-12, high).all(), name
    assert (found["mtld"].drop_nulls() >= 2 - 1e-12).all()
    assert (found["mtld"].is_null() == (found["n_types"] == found["n_words"])).all()


def test_rounding_takes_no_measure_over_its_range():
    # Nine chances of 4/9 add up to a little more than 4.
    assert of_one("a b c d e f g h i", draw=4)["hdd"] == 1


@pytest.mark.parametrize("n_words", [42, 1000, 10**8])
def test_the_chance_of_a_type_keeps_its_digits_for_rare_types_in_large_corpora(n_words):
    frequencies = [n for n in (1, 2, 41, 900, 10**6, 10**8 - 41, 10**8) if n <= n_words]
    found = _chance_of_a_type(
        pl.Series([n_words] * len(frequencies)).to_numpy(), pl.Series(frequencies, dtype=pl.Int64).to_numpy(), 42
    )
    exact = [float(1 - Fraction(comb(n_words - n, 42), comb(n_words, 42))) for n in frequencies]
    assert found.tolist() == pytest.approx(exact, rel=1e-13, abs=0)


def test_a_sample_of_a_thousand_words_is_as_exact_as_one_of_42():
    text = [f"w{number % 700}" for number in range(3000)]
    n, counts = len(text), Counter(text)
    exact = sum(1 - Fraction(comb(n - f, 1000), comb(n, 1000)) for f in counts.values()) / 1000
    assert of_one(text, draw=1000)["hdd"] == close(float(exact))


def test_groups_come_by_name_with_null_last_and_null_words_do_not_count():
    rows = [("t2", "a"), (None, "x"), ("t1", "a"), ("t2", None), ("t2", "a"), (None, "y"), ("t0", None)]
    given_words = pl.DataFrame(rows, schema=["text_id", "word"], orient="row")
    found = diversity(given_words).collect()
    assert found.select("text_id", "n_words", "n_types").rows() == [("t1", 1, 1), ("t2", 2, 1), (None, 2, 2)]


def test_the_columns_are_those_of_the_docstring_also_where_there_is_no_word():
    columns = {"text_id": pl.String, "n_words": pl.UInt32, "n_types": pl.UInt32, **dict.fromkeys(MEASURES, pl.Float64)}
    for given_words in (frame(), frame(["a", "b", "a"]), frame(["a"] * 60)):
        lazy = diversity(given_words)
        assert dict(lazy.collect_schema()) == columns
        assert dict(lazy.collect().schema) == columns
    assert diversity(frame()).collect().is_empty()


def test_what_follows_in_a_lazy_query_does_not_reach_into_the_measure():
    found = diversity(frame(["a", "b", "a"], ["b", "b"]))
    whole = found.collect()
    assert found.head(1).collect().equals(whole[:1])
    assert found.filter(pl.col("text_id") == "t1").collect().equals(whole[1:])
    assert found.filter(pl.col("n_types") == 2).head(1).collect().equals(whole[:1])
    assert found.select("mtld").collect().equals(whole.select("mtld"))
    assert found.collect(engine="streaming").equals(whole)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 0}, "window is 0; it takes a whole number of words from 1"),
        ({"draw": -1}, "draw is -1"),
        ({"threshold": 0}, "threshold is 0; it takes a ratio above 0 and below 1"),
        ({"threshold": 1.0}, "threshold is 1.0"),
    ],
)
def test_an_option_without_a_meaning_is_refused(options, message):
    with pytest.raises(ArgumentError, match=message) as caught:
        diversity(frame(["a"]), **options)
    assert isinstance(caught.value, CorpusError)
    assert isinstance(caught.value, ValueError)


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="diversity needs the column lemma; the frame has: text_id, word"):
        diversity(frame(["a"]), of="lemma")
    with pytest.raises(MissingColumnError, match="diversity needs the column author_id"):
        diversity(frame(["a"]), by="author_id")
