"""Density of annotations, by sets of characters in plain Python, by counting on paper, and by laws that must hold."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures import density

SPANS = {"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32, "layer": pl.String}
TEXTS = {"text_id": pl.String, "text": pl.String}


def spans_of(*rows):
    return pl.DataFrame(list(rows), schema=SPANS, orient="row")


def texts_of(*rows):
    return pl.DataFrame(list(rows), schema=TEXTS, orient="row")


def by_characters(spans, texts, width):
    """The same by looking at every character."""
    rows = []
    values = sorted({layer for *_, layer in spans}, key=lambda layer: (layer is not None, layer))
    for text_id, text in texts:
        for layer in values:
            own = [
                set(range(len(text))) & set(range(start, end))
                for at, start, end, of in spans
                if (at, of) == (text_id, layer) and start is not None and end is not None
            ]
            for low in range(0, len(text), width):
                stretch = set(range(low, min(low + width, len(text))))
                covered = stretch & set().union(*own)
                n_spans = sum(bool(stretch & span) for span in own)
                rows.append((text_id, layer, low, low + len(stretch), n_spans, len(covered) / len(stretch)))
    return rows


def test_the_mini_stretches_are_those_counted_on_paper():
    #          0123456789
    texts = texts_of(("t1", "abcdefghij"), ("t2", "☔😀e\u0301"), ("t3", ""))
    spans = spans_of(
        ("t1", 2, 6, "x"), ("t1", 3, 5, "x"), ("t1", 8, 10, "x"), ("t2", 1, 4, "y"), ("t1", None, None, "y")
    )
    assert density(spans, texts, width=4).collect().rows() == [
        ("t1", "x", 0, 4, 2, 2 / 4),
        ("t1", "x", 4, 8, 2, 2 / 4),
        ("t1", "x", 8, 10, 1, 1.0),
        ("t1", "y", 0, 4, 0, 0.0),
        ("t1", "y", 4, 8, 0, 0.0),
        ("t1", "y", 8, 10, 0, 0.0),
        ("t2", "x", 0, 4, 0, 0.0),
        ("t2", "y", 0, 4, 1, 3 / 4),
    ]


TEXT_LISTS = st.lists(st.text(alphabet="a☔😀\u0301 \n", min_size=8, max_size=25) | st.just(""), min_size=1, max_size=4)
INSIDE = st.tuples(st.integers(0, 12), st.integers(1, 12)).map(lambda drawn: (drawn[0], sum(drawn)))
OFFSET = st.none() | st.integers(-3, 30)
SPAN = st.tuples(
    st.sampled_from(["t0", "t1", "t2", "t9"]), INSIDE | st.tuples(OFFSET, OFFSET), st.sampled_from([None, "x", "y"])
)
SPAN_LISTS = st.lists(SPAN.map(lambda drawn: (drawn[0], *drawn[1], drawn[2])), max_size=12)


@given(TEXT_LISTS, SPAN_LISTS, st.integers(1, 12))
def test_a_set_of_characters_finds_the_same(drawn, spans, width):
    texts = [(f"t{number}", text) for number, text in enumerate(drawn)]
    found = density(spans_of(*spans), texts_of(*texts), width=width).collect()
    assert found.rows() == by_characters(spans, texts, width)


@given(TEXT_LISTS, SPAN_LISTS)
def test_shares_weighted_by_their_stretches_give_the_same_sum_for_every_width(drawn, spans):
    texts = texts_of(*((f"t{number}", text) for number, text in enumerate(drawn)))
    covered = (pl.col("covered_share") * (pl.col("end_char") - pl.col("start_char"))).sum()
    sums = [density(spans_of(*spans), texts, width=width).select(covered).collect().item() for width in (1, 7, 100)]
    assert sums == pytest.approx([sums[0]] * 3)


def layers_of(corpus):
    names = ("appraisal", "attribution", "structure", "entities", "arguments")
    return pl.concat(
        [
            corpus.table(name).select("text_id", "start_char", "end_char", layer=pl.lit(name))
            for name in names
            if name in corpus.layers
        ]
    )


def test_the_spans_of_the_shipped_corpus_cover_what_a_set_of_characters_covers(shipped):
    corpus = load(shipped)
    spans, texts = layers_of(corpus), corpus.texts.select("text_id", "text")
    found = density(spans, texts).collect()
    assert found.rows() == by_characters(list(spans.iter_rows()), list(texts.iter_rows()), 40)
    assert found.height == 5 * sum(math.ceil(len(text) / 40) for text in texts["text"])


def test_the_spans_of_the_layered_corpus_cover_what_a_set_of_characters_covers(layered):
    corpus = load(layered, "draft")
    spans, texts = layers_of(corpus), corpus.texts.select("text_id", "text")
    assert density(spans.lazy(), texts.lazy(), width=9).collect().rows() == by_characters(
        list(spans.iter_rows()), list(texts.iter_rows()), 9
    )


def test_spans_without_a_value_are_a_group_of_their_own_before_the_others():
    spans = spans_of(("t1", 0, 1, "x"), ("t1", 0, 2, None), ("t1", 2, 4, None))
    assert density(spans, texts_of(("t1", "abcd")), width=3).collect().rows() == [
        ("t1", None, 0, 3, 2, 1.0),
        ("t1", None, 3, 4, 1, 1.0),
        ("t1", "x", 0, 3, 1, 1 / 3),
        ("t1", "x", 3, 4, 0, 0.0),
    ]


def test_any_column_groups():
    texts, spans = texts_of(("t1", "abcd")), spans_of(("t1", 0, 1, "x")).rename({"layer": "label"})
    assert density(spans, texts, by="label").collect().to_dicts() == [
        {"text_id": "t1", "label": "x", "start_char": 0, "end_char": 4, "n_spans": 1, "covered_share": 0.25}
    ]


def test_without_spans_or_texts_there_is_no_row_and_the_columns_are_those_of_the_docstring():
    text, span = texts_of(("t1", "abcd")), spans_of(("t1", 0, 1, "x"))
    for spans, texts in ((span, text), (spans_of(), text), (span, texts_of()), (span, texts_of(("t1", "")))):
        found = density(spans, texts).collect()
        assert found.is_empty() == (spans.is_empty() or not "".join(texts["text"]))
        assert dict(found.schema) == {
            "text_id": pl.String,
            "layer": pl.String,
            "start_char": pl.Int32,
            "end_char": pl.Int32,
            "n_spans": pl.UInt32,
            "covered_share": pl.Float64,
        }


def test_a_width_without_characters_is_refused():
    with pytest.raises(ArgumentError, match="a width of 0 characters makes no stretches; give 1 or more"):
        density(spans_of(), texts_of(), width=0)


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="density: spans needs the column label"):
        density(spans_of(), texts_of(), by="label")
    with pytest.raises(MissingColumnError, match="density: texts needs the column text"):
        density(spans_of(), texts_of().drop("text"))
