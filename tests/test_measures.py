"""Measures, by counting on paper, by another implementation, and by laws that must hold."""

from collections import Counter

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uniseg.wordbreak import words

from corpus_tools import measures
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures.counts import rate_per_1k, shares, sizes
from corpus_tools.tokens import split_sentences, tokenise
from corpus_tools.tokens import words as running_words


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


def assert_rows(found, wanted):
    """Rows are equal; shares, in the last column, to the last digit but a few."""
    rows = found.collect().rows()
    assert [row[:-1] for row in rows] == [row[:-1] for row in wanted]
    assert [row[-1] for row in rows] == [
        value if value is None else pytest.approx(value, rel=1e-12) for *_, value in wanted
    ]


def test_shares_of_labels_are_those_counted_on_paper():
    rows = pl.DataFrame(
        [("c1", "for", "x"), ("c1", "for", "y"), ("c2", "against", "x"), ("c2", None, "x"), ("c2", None, "y"), (None, "for", "x")],
        schema=["text_id", "label", "question"],
        orient="row",
    )  # fmt: skip
    assert_rows(
        shares(rows, of="label"),
        [
            ("for", 3, 6, 3 / 6),
            (None, 2, 6, 2 / 6),
            ("against", 1, 6, 1 / 6),
        ],
    )
    assert_rows(
        shares(rows, of="label", by="text_id"),
        [
            ("c1", "for", 2, 2, 1.0),
            ("c2", None, 2, 3, 2 / 3),
            ("c2", "against", 1, 3, 1 / 3),
            (None, "for", 1, 1, 1.0),
        ],
    )
    assert_rows(
        shares(rows, of=["label", "question"]),
        [
            ("for", "x", 2, 6, 2 / 6),
            ("against", "x", 1, 6, 1 / 6),
            ("for", "y", 1, 6, 1 / 6),
            (None, "x", 1, 6, 1 / 6),
            (None, "y", 1, 6, 1 / 6),
        ],
    )


def test_shares_of_the_shipped_layers_are_those_that_a_database_counts(shipped):
    stance = load(shipped).table("stance")
    counted = duckdb.sql(
        "SELECT question, label, count(*) AS n, sum(count(*)) OVER (PARTITION BY question) AS n_total, n / n_total"
        " FROM stance GROUP BY question, label ORDER BY question, n DESC, label"
    ).fetchall()
    assert_rows(shares(stance, of="label", by="question"), counted)


VALUES = st.lists(st.tuples(*[st.sampled_from([None, "a", "b"])] * 4), max_size=30)


@given(VALUES, st.integers(1, 2), st.integers(0, 2))
def test_shares_of_random_rows_are_those_of_a_counter_and_add_up_to_one(drawn, n_of, n_by):
    names = ["k", "l", "m", "n_"]
    rows = pl.DataFrame(drawn, schema=dict.fromkeys(names, pl.String), orient="row")
    of, by = names[:n_of], names[2 : 2 + n_by]
    found = shares(rows, of=of, by=by).collect()
    keys = [*by, *of]
    assert found.columns == [*keys, "n", "n_total", "share"]
    assert dict(zip(found.select(keys).iter_rows(), found["n"], strict=True)) == Counter(rows.select(keys).iter_rows())
    totals = Counter(row[2 : 2 + n_by] for row in drawn)
    assert [totals[row[:n_by]] for row in found.iter_rows()] == found["n_total"].to_list()
    assert found["share"].sum() == pytest.approx(len(totals))
    last = [[(value is None, value or "") for value in row] for row in found.select(keys).iter_rows()]
    order = [(row[:n_by], -n, row[n_by:]) for row, n in zip(last, found["n"], strict=True)]
    assert order == sorted(order)


def test_shares_of_nothing_and_of_columns_named_twice_are_refused(mini):
    texts = load(mini, "draft").texts
    with pytest.raises(ArgumentError, match="shares: of is none and by is kind; of takes at least one column"):
        shares(texts, of=(), by="kind")
    with pytest.raises(ArgumentError, match="each column can stand once"):
        shares(texts, of=["kind", "text_id"], by="kind")


CLASHES = {
    "shares": (lambda rows: shares(rows, of="n"), "n"),
    "shares by": (lambda rows: shares(rows, of="word", by="share"), "share"),
    "sizes": (lambda rows: sizes(rows, rows, rows, by="n_texts"), "n_texts"),
    "rate_per_1k": (lambda rows: rate_per_1k(rows, rows, by="n_words"), "n_words"),
    "frequencies": (lambda rows: measures.frequencies(rows, by="rank"), "rank"),
    "vocabulary_growth": (lambda rows: measures.vocabulary_growth(rows, by="n_types"), "n_types"),
    "word_lengths": (lambda rows: measures.word_lengths(rows, by="n_characters"), "n_characters"),
    "summary": (lambda rows: measures.summary(rows, of="n", by="mean"), "mean"),
    "participation": (lambda rows: measures.participation(rows, rows, by="n_words"), "n_words"),
    "gini": (lambda rows: measures.gini(rows, of="n", by="total"), "total"),
    "diversity": (lambda rows: measures.diversity(rows, by="ttr"), "ttr"),
    "dispersion": (lambda rows: measures.dispersion(rows, of="dp"), "dp"),
    "keyness": (lambda rows: measures.keyness(rows, target=pl.lit(value=True), of="g2"), "g2"),
    "collocations": (lambda rows: measures.collocations(rows, of="collocate"), "collocate"),
    "judgement_shares": (lambda rows: measures.judgement_shares(rows, rows, by="label"), "label"),
    "appraisal_by_target": (lambda rows: measures.appraisal_by_target(rows, rows, rows, rows, by="name"), "name"),
    "density": (lambda rows: measures.density(rows, rows, by="text_id"), "text_id"),
}


@pytest.mark.parametrize("name", CLASHES)
def test_a_column_with_the_name_of_a_result_is_refused(name):
    call, clashing = CLASHES[name]
    rows = pl.DataFrame({"text_id": ["a"], "text": ["b"], "word": ["b"], "n": [1]})
    rows = rows.with_columns(pl.lit("x").alias(clashing)) if clashing not in rows.columns else rows
    with pytest.raises(
        ArgumentError, match=f"{name.split()[0]}: the result has a column {clashing} of its own; rename"
    ):
        call(rows)


def test_a_rate_of_more_things_than_a_32_bit_product_holds_is_right():
    n = 4_300_000
    rows = pl.LazyFrame().select(text_id=pl.repeat(1, n, dtype=pl.Int8))
    found = rate_per_1k(rows, pl.LazyFrame({"text_id": [1, 1]}, schema={"text_id": pl.Int8})).collect()
    assert found.rows() == [(1, n, 2, 1000 * n / 2)]


def test_rates_have_words_as_their_denominator_and_every_group_has_a_row():
    rows = pl.DataFrame({"text_id": ["c1", "c1", "c9", None]})
    spoken = pl.DataFrame({"text_id": ["c1"] * 8 + ["c2"] * 5 + [None] * 4})
    assert_rows(
        rate_per_1k(rows, spoken),
        [
            ("c1", 2, 8, 250.0),
            ("c2", 0, 5, 0.0),
            ("c9", 1, 0, None),
            (None, 1, 4, 250.0),
        ],
    )


def test_rates_of_the_shipped_layers_are_those_that_a_database_counts(shipped):
    corpus = load(shipped)
    entities = corpus.table("entities")
    spoken = running_words(tokenise(corpus.texts)).collect()
    counted = duckdb.sql(
        "SELECT text_id, n, n_words, 1000 * n / n_words FROM"
        " (SELECT text_id, count(*) AS n FROM entities GROUP BY text_id)"
        " JOIN (SELECT text_id, count(*) AS n_words FROM spoken GROUP BY text_id) USING (text_id) ORDER BY text_id"
    ).fetchall()
    assert_rows(rate_per_1k(entities, spoken), counted)


def test_the_columns_of_shares_and_rates_are_those_of_the_docstrings_also_where_there_is_no_row():
    for rows in (
        pl.DataFrame(schema={"text_id": pl.String, "label": pl.String}),
        pl.DataFrame({"text_id": ["a"], "label": ["b"]}),
    ):
        counted = {"n": pl.UInt32, "n_total": pl.UInt32, "share": pl.Float64}
        for found, columns in (
            (shares(rows, of="label"), {"label": pl.String, **counted}),
            (shares(rows, of="label", by="text_id"), {"text_id": pl.String, "label": pl.String, **counted}),
            (
                rate_per_1k(rows, rows),
                {"text_id": pl.String, "n": pl.UInt32, "n_words": pl.UInt32, "n_per_1k": pl.Float64},
            ),
        ):
            assert dict(found.collect_schema()) == columns
            assert dict(found.collect().schema) == columns


def test_a_column_missing_from_shares_or_rates_is_named():
    rows, other = pl.DataFrame({"text_id": ["a"]}), pl.DataFrame({"word": ["a"]})
    with pytest.raises(MissingColumnError, match="shares needs the column label; the frame has: text_id"):
        shares(rows, of="label", by="text_id")
    with pytest.raises(MissingColumnError, match="rate_per_1k: rows needs the column text_id; the frame has: word"):
        rate_per_1k(other, rows)
    with pytest.raises(MissingColumnError, match="rate_per_1k: words needs the column text_id; the frame has: word"):
        rate_per_1k(rows, other)
