"""Texts and corpora given in place of their words: the same tables as from the words written down."""

import importlib
from contextlib import contextmanager

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from corpus_tools import encoded
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures import collocations, dispersion, diversity, frequencies, keyness, stored
from corpus_tools.tokens import tokenise, words

COMMENT = pl.col("kind") == "comment"


pytestmark = pytest.mark.usefixtures("way_of_interning")


def rows_of(texts):
    return words(tokenise(texts)).join(texts.lazy().drop("text"), on="text_id", maintain_order="left")


@pytest.fixture(scope="module")
def shipped():
    return load()


def test_a_corpus_stands_for_the_words_of_its_texts(shipped):
    rows = rows_of(shipped.texts)
    assert_frame_equal(frequencies(shipped).collect(), frequencies(rows).collect())
    assert_frame_equal(keyness(shipped, target=COMMENT).collect(), keyness(rows, target=COMMENT).collect())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["x", "y", None]), st.text("ab Z.'\n", max_size=20) | st.none()), max_size=8))
def test_texts_of_any_number_give_the_tables_of_their_words(given_texts):
    texts = pl.DataFrame(
        [(str(number), *one) for number, one in enumerate(given_texts)],
        schema={"text_id": pl.String, "side": pl.String, "text": pl.String},
        orient="row",
    )
    rows = rows_of(texts)
    for by in (None, "side"):
        assert_frame_equal(frequencies(texts.lazy(), by=by).collect(), frequencies(rows, by=by).collect())
    sides = {
        side for side, text in given_texts if side is not None and text is not None and any(map(str.isalpha, text))
    }
    if sides == {"x", "y"}:
        target = pl.col("side") == "x"
        found = keyness(texts.lazy(), target=target, minimum=1).collect()
        assert_frame_equal(found, keyness(rows, target=target, minimum=1).collect())


# Words that come again, soon and late, in texts with none, some and many of them.
TEXTS = st.lists(
    st.tuples(st.sampled_from(["x", "y", "z", None]), st.lists(st.sampled_from("abcdefgh"), max_size=90).map(" ".join)),
    max_size=9,
)


def framed(given_texts):
    return pl.DataFrame(
        [(f"t{number}", *one) for number, one in enumerate(given_texts)],
        schema={"text_id": pl.String, "side": pl.String, "text": pl.String},
        orient="row",
    )


@contextmanager
def in_small_steps(most, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded, "ROWS", 4)
        patch.setattr(stored, "MOST", most)
        patch.setattr(stored, "CHUNK", chunk)
        patch.setattr(stored, "GIVEN", chunk)
        # Some are held, the others written.
        patch.setattr(stored, "HELD", 2 * chunk * 8)
        yield


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 3), st.integers(1, 3), st.integers(1, 40), st.integers(1, 200))
def test_pairs_in_texts_are_those_of_their_words_however_many_are_sorted_at_once(texts, window, minimum, most, chunk):
    texts = framed(texts)
    with in_small_steps(most, chunk):
        found = collocations(texts.lazy(), window=window, minimum=minimum).collect()
    wanted = collocations(rows_of(texts), window=window, minimum=minimum).collect()
    assert found["g2"].is_sorted(descending=True)
    # Scores that are equal on paper may differ in their last bit, and their pairs stand in either order.
    assert_frame_equal(found.sort("word", "collocate"), wanted.sort("word", "collocate"), abs_tol=1e-9)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from(["text_id", "side"]), st.integers(0, 2), st.integers(1, 60))
def test_the_diversity_of_texts_is_that_of_their_words_however_they_are_read(texts, by, few, at_once):
    texts = framed(texts)
    rows = rows_of(texts)
    measures = importlib.import_module("corpus_tools.measures.diversity")
    with pytest.MonkeyPatch.context() as patch:
        # All groups are read one by one here, and none there.
        patch.setattr(measures, "_FEW", 1000)
        wanted = diversity(rows, by=by, window=5, draw=4).collect()
        patch.setattr(measures, "_FEW", few)
        patch.setattr(measures, "_AT_ONCE", at_once)
        patch.setattr(encoded, "ROWS", 4)
        found = diversity(texts.lazy(), by=by, window=5, draw=4).collect()
    assert_frame_equal(found, wanted, rel_tol=1e-12)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from(["text_id", "side"]), st.integers(1, 40), st.integers(1, 60), st.integers(1, 3))
def test_words_are_spread_over_texts_as_over_the_parts_of_their_rows(texts, parts, most, chunk, minimum):
    texts = framed(texts)
    with in_small_steps(most, chunk):
        found = dispersion(texts.lazy(), parts=parts, minimum=minimum).collect()
    assert_frame_equal(found, dispersion(rows_of(texts), parts=parts, minimum=minimum).collect(), abs_tol=1e-9)


def test_a_scanned_file_is_as_good_as_a_frame(shipped, tmp_path):
    shipped.texts.write_parquet(tmp_path / "texts.parquet")
    scanned = pl.scan_parquet(tmp_path / "texts.parquet")
    assert_frame_equal(frequencies(scanned, by="kind").collect(), frequencies(shipped, by="kind").collect())


def test_of_texts_only_the_words_are_counted_and_their_columns_are_asked_for(shipped):
    with pytest.raises(ArgumentError, match="frequencies: of texts only the words can be counted; give rows that have"):
        frequencies(shipped, of="lemma")
    with pytest.raises(ArgumentError, match="keyness: words: of texts only the words can be counted"):
        keyness(shipped, target=COMMENT, of="lemma")
    with pytest.raises(MissingColumnError, match="blog"):
        frequencies(shipped, by="blog")
    with pytest.raises(MissingColumnError, match="blog"):
        keyness(shipped, target=pl.col("blog") == "x")
    with pytest.raises(ArgumentError, match="collocations: of texts only the words can be counted"):
        collocations(shipped, of="lemma")
    with pytest.raises(ArgumentError, match="pairs of texts stay within a text; for sentence_id, give rows of words"):
        collocations(shipped, within="sentence_id")
    with pytest.raises(MissingColumnError, match="blog"):
        diversity(shipped, by="blog")
