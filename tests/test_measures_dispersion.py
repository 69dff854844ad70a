"""Dispersion, by a published worked example, by other implementations, and by laws that must hold."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cityblock
from scipy.stats import variation
from sklearn.feature_extraction.text import CountVectorizer

from corpus_tools.corpus import load
from corpus_tools.errors import MissingColumnError
from corpus_tools.measures.dispersion import dispersion
from corpus_tools.tokens import tokenise, words

COEFFICIENTS = ("juilland_d", "dp", "dp_norm")
# The example of Gries (2008) and Gries (2020): a corpus of 50 words in five parts.
GRIES = (
    "b a m n i b e u p",
    "b a s a t b e w q n",
    "b c a g a b e s t a",
    "b a g h a b e a a t",
    "b a h a a b e a x a t",
)


def frame(parts, *, name="text_id"):
    rows = [(f"p{number}", word) for number, part in enumerate(parts) for word in part]
    return pl.DataFrame(rows, schema={name: pl.String, "word": pl.String}, orient="row")


def measured(parts, **options):
    """The row of each word, for parts that are strings of words or lists of them."""
    parts = [part.split() if isinstance(part, str) else part for part in parts]
    return {row["word"]: row for row in dispersion(frame(parts), **options).collect().iter_rows(named=True)}


def expected(parts):
    """The definitions over the whole table of parts and words, zeros and all."""
    vectorizer = CountVectorizer(analyzer=list)
    table = vectorizer.fit_transform(parts).toarray()
    sizes, totals = table.sum(axis=1), table.sum(axis=0)
    n_parts = len(parts)
    rows = {}
    for word, column in vectorizer.vocabulary_.items():
        counts = table[:, column]
        dp = cityblock(sizes / sizes.sum(), counts / totals[column]) / 2
        rows[word] = {
            "word": word,
            "n": totals[column],
            "n_parts_with": np.count_nonzero(counts),
            "n_parts": n_parts,
            "juilland_d": 1 - variation(counts / sizes) / np.sqrt(n_parts - 1) if n_parts > 1 else None,
            "dp": dp if n_parts > 1 else None,
            "dp_norm": dp / (1 - sizes.min() / sizes.sum()) if n_parts > 1 else None,
        }
    return rows


def assert_same(found, wanted):
    assert set(found) == set(wanted)
    for word, row in wanted.items():
        for name, value in row.items():
            assert found[word][name] == (
                pytest.approx(value, abs=1e-9) if name in COEFFICIENTS and value is not None else value
            )


def test_the_worked_example_has_the_published_values():
    row = measured(GRIES)["a"]
    assert (row["n"], row["n_parts_with"], row["n_parts"]) == (15, 5, 5)
    assert round(row["juilland_d"], 3) == 0.785
    assert round(row["dp"], 2) == 0.18
    assert round(row["dp_norm"], 2) == 0.22


def test_the_worked_example_agrees_with_other_implementations_for_every_word():
    assert_same(measured(GRIES), expected([part.split() for part in GRIES]))


@pytest.mark.parametrize("parts", ["text_id", "author_id"])
def test_the_shipped_corpus_agrees_with_other_implementations(shipped, parts):
    texts = load(shipped).texts
    running = words(tokenise(texts)).join(texts.lazy().select("text_id", "author_id"), on="text_id").collect()
    found = dispersion(running, parts=parts).collect()
    divided = running.group_by(parts, maintain_order=True).agg("word")["word"].to_list()
    # The article has no author: null is a part.
    assert len(divided) == texts[parts].n_unique()
    assert_same({row["word"]: row for row in found.iter_rows(named=True)}, expected(divided))


DRAWN = st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=25), min_size=1, max_size=8)


@given(DRAWN)
def test_random_parts_agree_with_other_implementations(parts):
    assert_same(measured(parts), expected(parts))


@given(DRAWN)
def test_every_coefficient_keeps_to_its_range(parts):
    for row in measured(parts).values():
        for name in COEFFICIENTS:
            assert row[name] is None if len(parts) == 1 else 0 <= row[name] <= 1


@given(DRAWN, st.integers(2, 4))
def test_saying_everything_several_times_changes_nothing_but_the_counts(parts, times):
    once, often = measured(parts), measured([part * times for part in parts])
    for word, row in once.items():
        assert often[word]["n"] == row["n"] * times
        for name in COEFFICIENTS:
            assert often[word][name] == (row[name] if row[name] is None else pytest.approx(row[name], abs=1e-9))


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_a_word_with_the_same_share_of_every_part_is_even(sizes):
    row = measured([["a", "b", "b"] * size for size in sizes])["a"]
    assert (row["juilland_d"], row["dp"], row["dp_norm"]) == (pytest.approx(1), 0, 0)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_a_word_of_the_smallest_part_only_is_as_uneven_as_can_be(sizes):
    smallest = sizes.index(min(sizes))
    row = measured([["a" if number == smallest else "b"] * size for number, size in enumerate(sizes)])["a"]
    assert row["juilland_d"] == pytest.approx(0, abs=1e-9)
    assert row["dp"] == pytest.approx(1 - min(sizes) / sum(sizes))
    assert row["dp_norm"] == pytest.approx(1)


def test_one_part_leaves_dispersion_undefined():
    assert dispersion(frame([["a", "b", "a"]])).collect().rows() == [
        ("a", 2, 1, 1, None, None, None),
        ("b", 1, 1, 1, None, None, None),
    ]


def test_words_below_the_minimum_count_towards_the_sizes_of_parts():
    assert measured(GRIES, minimum=15) == {"a": measured(GRIES)["a"]}
    assert measured(GRIES, minimum=16) == {}


def test_words_come_by_frequency_then_by_name_and_null_words_do_not_count():
    rows = [("p1", "b"), ("p1", "c"), ("p2", "a"), (None, "c"), ("p3", None), ("p1", None), ("p2", "b")]
    found = dispersion(pl.DataFrame(rows, schema=["text_id", "word"], orient="row")).collect()
    # p3 has no word and is no part; null is one.
    assert found.select("word", "n", "n_parts_with", "n_parts").rows() == [
        ("b", 2, 2, 3),
        ("c", 2, 2, 3),
        ("a", 1, 1, 3),
    ]


def test_the_result_is_the_same_to_the_last_bit_whatever_the_order_of_rows():
    # Parts of many sizes and words in some of them only.
    rows = pl.DataFrame(
        {
            "text_id": [i * i % 97 % (1 + i % 23) for i in range(3000)],
            "word": [f"w{i * 7 % (1 + i % 13)}" for i in range(3000)],
        }
    )
    first = dispersion(rows).collect()
    for seed in range(5):
        assert dispersion(rows.sample(fraction=1, shuffle=True, seed=seed)).collect().equals(first)


def test_the_columns_are_those_of_the_docstring_also_where_there_is_no_word():
    columns = {
        "word": pl.String,
        **dict.fromkeys(("n", "n_parts_with", "n_parts"), pl.UInt32),
        **dict.fromkeys(COEFFICIENTS, pl.Float64),
    }
    for parts in ([], [["a"]], [["a"], ["b"]]):
        found = dispersion(frame(parts))
        assert dict(found.collect_schema()) == columns
        assert dict(found.collect().schema) == columns
    assert dispersion(frame([])).collect().is_empty()


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="dispersion needs the column lemma; the frame has: text_id, word"):
        dispersion(frame([]), of="lemma")
    with pytest.raises(MissingColumnError, match="dispersion needs the column author_id"):
        dispersion(frame([]), parts="author_id")
