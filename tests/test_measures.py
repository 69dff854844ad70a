"""Measures, by counting on paper, by another implementation, and by laws that must hold."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uniseg.wordbreak import words

from corpus_tools.corpus import load
from corpus_tools.errors import MissingColumnError
from corpus_tools.measures import sizes
from corpus_tools.tokens import split_sentences, tokenise


def measured(texts, by="text_id"):
    return sizes(texts, tokenise(texts), split_sentences(texts), by=by).collect()


def test_the_mini_corpus_has_the_sizes_counted_on_paper(mini):
    found = measured(load(mini, "draft").texts)
    assert found.rows() == [
        # Bridge to Close ☔ | Evening Courier: Council votes 5–2 | The old bridge closes on Monday.
        ("a1", 1, 3, 4 + 8 + 7, 3 + 6 + 6, 14),
        # I cross it daily 😀. | Who pays?
        ("c1", 1, 2, 6 + 3, 4 + 2, 6),
        # Not me, Ann! | Nor anyone.
        ("c2", 1, 2, 5 + 3, 3 + 2, 5),
    ]


def test_groups_are_counted_over_their_texts(mini):
    texts = load(mini, "draft").texts
    assert measured(texts, by="kind").rows() == [("article", 1, 3, 19, 15, 14), ("comment", 2, 4, 17, 11, 11)]
    # The article names no author: null is a group of its own.
    assert measured(texts, by="author_id")["author_id"].to_list() == [None, "ann-o-hara", "b-z"]
    assert measured(texts, by="author_id")["n_words"].to_list() == [15, 6, 5]


def test_the_shipped_corpus_has_the_sizes_that_another_implementation_counts(shipped):
    texts = load(shipped).texts
    for text_id, text in texts.select("text_id", "text").iter_rows():
        tokens = [word for word in words(text) if not word.isspace()]
        spoken = [word for word in tokens if any(character.isalnum() for character in word)]
        row = measured(texts).row(by_predicate=pl.col("text_id") == text_id, named=True)
        assert (row["n_tokens"], row["n_words"]) == (len(tokens), len(spoken))
        assert row["n_types"] == len(Counter(word.lower() for word in spoken))


TEXTS = st.lists(st.tuples(st.sampled_from("xyz"), st.text(alphabet="aB c.\n'é", max_size=20)), min_size=1, max_size=8)


@given(TEXTS)
def test_counts_add_up_and_types_do_not_exceed_words(drawn):
    texts = pl.DataFrame(
        [(f"t{i}", group, text) for i, (group, text) in enumerate(drawn)],
        schema=["text_id", "group", "text"],
        orient="row",
    )
    by_text, by_group = measured(texts), measured(texts, by="group")
    for name in ("n_texts", "n_sentences", "n_tokens", "n_words"):
        assert by_text[name].sum() == by_group[name].sum()
    for found in (by_text, by_group):
        assert (found["n_types"] <= found["n_words"]).all()
        assert (found["n_words"] <= found["n_tokens"]).all()
    assert by_group["n_types"].sum() <= by_text["n_types"].sum()
    assert by_text["text_id"].to_list() == texts["text_id"].to_list()


def test_the_columns_are_those_of_the_docstring(mini):
    found = measured(load(mini, "draft").texts)
    names = ("n_texts", "n_sentences", "n_tokens", "n_words", "n_types")
    assert dict(found.schema) == {"text_id": pl.String, **dict.fromkeys(names, pl.UInt32)}


def test_a_missing_column_is_named(mini):
    texts = load(mini, "draft").texts
    with pytest.raises(MissingColumnError, match="sizes: texts needs the column author; the frame has: text_id"):
        sizes(texts, tokenise(texts), split_sentences(texts), by="author")
    with pytest.raises(MissingColumnError, match="sizes: tokens needs the column is_word"):
        sizes(texts, tokenise(texts).drop("is_word"), split_sentences(texts))
