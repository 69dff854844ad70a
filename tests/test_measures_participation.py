"""Who takes part and how unevenly, by counting, by the definition and by laws that must hold."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from sklearn.metrics import auc

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures.participation import gini, participation
from corpus_tools.tokens import tokenise, words


def thread(*written):
    """Texts and words from an author and a number of words each."""
    texts = pl.DataFrame(
        [(f"t{i}", author) for i, (author, _) in enumerate(written)],
        schema={"text_id": pl.String, "author_id": pl.String},
        orient="row",
    )
    rows = [f"t{i}" for i, (_, n) in enumerate(written) for _ in range(n)]
    return texts, pl.DataFrame({"text_id": rows}, schema={"text_id": pl.String})


def taking_part(*written):
    return participation(*thread(*written)).collect()


def test_shares_are_those_counted_on_paper():
    found = taking_part(("ann", 2), ("bea", 5), ("ann", 1), (None, 8), ("cy", 0))
    assert found["author_id"].to_list() == ["bea", "ann", "cy", None]
    assert found["n_texts"].to_list() == [1, 2, 1, 1]
    assert found["n_words"].to_list() == [5, 3, 0, 8]
    assert found["texts_share"].to_list() == pytest.approx([1 / 5, 2 / 5, 1 / 5, 1 / 5])
    assert found["words_share"].to_list() == pytest.approx([5 / 16, 3 / 16, 0, 8 / 16])


def test_authors_of_as_many_words_stand_by_name():
    assert taking_part(("cy", 2), ("ann", 2), ("bea", 2))["author_id"].to_list() == ["ann", "bea", "cy"]


def test_the_authors_of_the_shipped_comments_wrote_what_a_counter_counts(shipped):
    comments = load(shipped).comments
    running = words(tokenise(load(shipped).texts))
    found = participation(comments, running).collect()
    author = dict(comments.select("text_id", "author_id").iter_rows())
    said = Counter(author[text_id] for text_id in running.collect()["text_id"] if text_id in author)
    wrote = Counter(author.values())
    assert {line[0]: line[1:3] for line in found.iter_rows()} == {name: (wrote[name], said[name]) for name in wrote}
    for name, *_, texts_share, words_share in found.iter_rows():
        assert texts_share == pytest.approx(wrote[name] / wrote.total())
        assert words_share == pytest.approx(said[name] / said.total())
    assert found["n_words"].to_list() == sorted(said.values(), reverse=True)


WRITTEN = st.lists(st.tuples(st.sampled_from(["ann", "bea", "cy", None]), st.integers(0, 5)), min_size=1, max_size=12)


@given(WRITTEN)
def test_shares_add_up_to_one(written):
    found = taking_part(*written)
    assert found["n_texts"].sum() == len(written)
    assert found["n_words"].sum() == sum(n for _, n in written)
    assert found["texts_share"].sum() == pytest.approx(1)
    if any(n for _, n in written):
        assert found["words_share"].sum() == pytest.approx(1)
    else:
        assert found["words_share"].is_null().all()
    named = [(-n, name) for name, n in found.select("author_id", "n_words").iter_rows() if name is not None]
    assert named == sorted(named)
    assert None not in found["author_id"].to_list()[:-1]


def test_texts_can_be_grouped_by_themselves_and_other_texts_do_not_count():
    texts, running = thread(("ann", 1), ("ann", 2), ("bea", 4))
    found = participation(texts.head(2), running, by="text_id").collect()
    assert found.select("text_id", "n_words").rows() == [("t1", 2), ("t0", 1)]
    assert found["words_share"].to_list() == pytest.approx([2 / 3, 1 / 3])


@given(WRITTEN)
def test_without_words_texts_are_shared_as_where_each_has_one_word(written):
    texts, _ = thread(*written)
    alone = participation(texts).collect()
    assert_frame_equal(alone, participation(texts, texts).collect().select("author_id", "n_texts", "texts_share"))


def test_no_text_gives_no_row_and_the_columns_of_the_docstring():
    found = taking_part()
    assert found.is_empty()
    counts = dict.fromkeys(("n_texts", "n_words"), pl.UInt32)
    shares = dict.fromkeys(("texts_share", "words_share"), pl.Float64)
    schema = {"author_id": pl.String, **counts, **shares}
    assert dict(found.schema) == schema == dict(taking_part(("ann", 1)).schema)


def spread(amounts):
    return gini(pl.DataFrame({"amount": amounts}, schema={"amount": pl.Float64}), of="amount").collect()


def by_definition(amounts):
    x = np.asarray(amounts, dtype=float)
    return np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())


def by_lorenz_curve(amounts):
    shares = np.concatenate([[0], np.cumsum(np.sort(amounts)) / np.sum(amounts)])
    return 1 - 2 * auc(np.linspace(0, 1, len(shares)), shares)


AMOUNTS = st.lists(st.floats(0, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=30).filter(any)


@given(AMOUNTS)
def test_the_coefficient_is_the_one_of_its_definition_and_of_the_lorenz_curve(amounts):
    (found,) = spread(amounts).rows()
    assert found[0] == len(amounts)
    assert found[1] == pytest.approx(sum(amounts))
    assert found[2] == pytest.approx(by_definition(amounts), abs=1e-9)
    assert found[2] == pytest.approx(by_lorenz_curve(amounts), abs=1e-9)
    assert 0 <= found[2] <= 1 - 1 / len(amounts) + 1e-12


@given(AMOUNTS, st.sampled_from([0.1, 3, 1000]), st.randoms(use_true_random=False))
def test_neither_the_unit_nor_the_order_of_amounts_matters(amounts, unit, random):
    other = [unit * amount for amount in amounts]
    random.shuffle(other)
    assert spread(other)["gini"][0] == pytest.approx(spread(amounts)["gini"][0], abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000])
def test_equal_amounts_give_0_and_one_that_has_everything_the_most(n):
    assert 0 <= spread([0.1] * n)["gini"][0] < 1e-12
    assert spread([0.0] * (n - 1) + [7.0])["gini"][0] == pytest.approx(1 - 1 / n)


def test_without_amounts_or_with_nothing_in_them_there_is_no_coefficient():
    assert spread([]).rows() == spread([None]).rows() == [(0, 0.0, None)]
    assert spread([0.0, 0.0]).rows() == [(2, 0.0, None)]
    assert spread([None, 1.0, 3.0]).rows() == spread([1.0, 3.0]).rows() == [(2, 4.0, 0.25)]


def test_groups_are_measured_apart_and_null_is_one_and_last():
    rows = pl.DataFrame({"thread": ["y", None, "x", "y", "x", None, "z"], "n": [1, 5, 0, 3, 6, 5, None]})
    assert gini(rows, of="n", by="thread").collect().rows() == [
        ("x", 2, 6.0, 0.5),
        ("y", 2, 4.0, 0.25),
        ("z", 0, 0.0, None),
        (None, 2, 10.0, 0.0),
    ]


@given(st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 9)), max_size=12))
def test_a_group_has_the_coefficient_it_has_alone(drawn):
    rows = pl.DataFrame(drawn, schema={"thread": pl.String, "n": pl.UInt8}, orient="row")
    for name, *values in gini(rows, of="n", by="thread").collect().iter_rows():
        alone = gini(rows.filter(thread=name), of="n").collect().row(0)
        assert tuple(values[:2]) == alone[:2]
        assert values[2] == (None if alone[2] is None else pytest.approx(alone[2]))


def test_the_authors_of_the_shipped_comments_share_the_words_as_the_definition_says(shipped):
    comments = load(shipped).comments
    shares = participation(comments, words(tokenise(comments)))
    found = gini(shares, of="n_words").collect()
    assert found["gini"][0] == pytest.approx(by_definition(shares.collect()["n_words"].to_list()))


def test_the_columns_of_gini_are_those_of_the_docstring():
    columns = {"n": pl.UInt32, "total": pl.Float64, "gini": pl.Float64}
    rows = pl.DataFrame({"thread": ["x"], "n": [1]})
    assert dict(gini(rows, of="n").collect().schema) == columns
    assert dict(gini(rows.clear(), of="n", by="thread").collect().schema) == {"thread": pl.String, **columns}


@pytest.mark.parametrize("amount", [-1.0, float("inf"), float("nan")])
def test_an_amount_that_cannot_be_shared_out_is_an_error(amount):
    with pytest.raises(ArgumentError, match="gini: 1 of the amounts in amount cannot be used; they must be 0 or more"):
        spread([1.0, amount, None])


def test_a_missing_column_is_named():
    texts, running = thread(("ann", 1))
    with pytest.raises(
        MissingColumnError, match="participation: texts needs the column author; the frame has: text_id"
    ):
        participation(texts, running, by="author")
    with pytest.raises(MissingColumnError, match="participation: words needs the column text_id"):
        participation(texts, running.drop("text_id"))
    with pytest.raises(MissingColumnError, match="gini: rows needs the column n_words"):
        gini(texts, of="n_words")
    with pytest.raises(MissingColumnError, match="gini: rows needs the column thread_id"):
        gini(texts, of="text_id", by="thread_id")
