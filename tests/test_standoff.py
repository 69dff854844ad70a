"""Spans: what they quote, what they leave uncovered, where the text is cut, which of them belong together."""

import itertools

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import MissingColumnError
from corpus_tools.standoff import (
    BLOCK,
    chains,
    covering,
    in_thread_order,
    lanes,
    overlapping,
    segments,
    uncovered,
    visible_part,
    with_slices,
    within,
)

TEXT = st.text(alphabet="ab \n\té\u0301😀\ufeff", max_size=30)


@st.composite
def text_and_spans(draw):
    text = draw(TEXT)
    edge = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda span: span[0] < span[1]), max_size=6))
    return text, [tuple(span) for span in spans]


def visible(character):
    return not character.isspace() and character != "\ufeff"


@given(text_and_spans())
def test_uncovered_names_exactly_the_visible_characters_in_no_span(drawn):
    text, spans = drawn
    covered = {i for start, end in spans for i in range(start, end)}
    gaps = uncovered(text, spans)
    in_gaps = {i for start, end in gaps for i in range(start, end) if visible(text[i])}
    assert in_gaps == {i for i, character in enumerate(text) if visible(character)} - covered
    assert all(visible(text[start]) and visible(text[end - 1]) for start, end in gaps)


@given(TEXT)
def test_the_visible_part_is_the_text_without_blanks_at_its_edges(text):
    span = visible_part(text, 0, len(text))
    stripped = text.strip("\ufeff \n\t")
    assert (text[slice(*span)] if span else "") == stripped


@given(text_and_spans())
def test_segments_follow_each_other_and_know_what_covers_them(drawn):
    text, spans = drawn
    found = segments(len(text), spans)
    assert "".join(text[segment.start : segment.end] for segment in found) == text
    for segment in found:
        for i in range(segment.start, segment.end):
            assert set(segment.covering) == {n for n, (start, end) in enumerate(spans) if start <= i < end}


def test_segments_name_the_longest_span_first_and_of_equally_long_ones_the_earlier():
    assert [segment.covering for segment in segments(4, [(1, 2), (0, 4)])] == [(1,), (1, 0), (1,)]
    assert [segment.covering for segment in segments(2, [(0, 2), (0, 2)])] == [(0, 1)]
    assert [segment.covering for segment in segments(3, [(1, 3), (0, 2)])] == [(1,), (0, 1), (0,)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=7))
def test_spans_cover_a_segment_in_order_of_length_and_those_that_end_before_they_begin_cover_none(spans):
    for segment in segments(9, spans):
        over = [i for i, (start, end) in enumerate(spans) if start <= segment.start and segment.end <= end]
        assert segment.covering == tuple(sorted(over, key=lambda i: spans[i][0] - spans[i][1]))


def test_many_spans_are_cut_into_as_many_stretches_and_gaps():
    spans = [(5 * i, 5 * i + 4) for i in range(20_000)]
    found = segments(100_000, spans)
    assert [segment.covering for segment in found[:3]] == [(0,), (), (1,)]
    assert len(found) == 40_000


def test_slices_count_code_points_and_are_null_outside():
    texts = pl.LazyFrame({"text_id": ["t"], "text": ["é😀e\u0301x"]})
    bounds = [(1, 2), (2, 4), (0, 5), (4, 6), (3, 3), (-1, 2), (None, 2)]
    spans = pl.LazyFrame(
        [("t", *bound) for bound in bounds] + [("other", 0, 1)],
        schema=["text_id", "start_char", "end_char"],
        orient="row",
    )
    found = with_slices(spans, texts).collect()
    assert found["slice"].to_list() == ["😀", "e\u0301", "é😀e\u0301x", None, None, None, None, None]
    assert found.columns == ["text_id", "start_char", "end_char", "slice"]


ORDER = pl.LazyFrame(
    [("c2", "one", 2), ("a1", "one", 0), ("a2", "two", 0)], schema=["text_id", "thread_id", "position"], orient="row"
)
IN_ORDER = ["a1", "c2", "a2"]


def spans_frame(places):
    rows = [(f"s{number}", *place) for number, place in enumerate(places)]
    schema = {"span_id": pl.String, "text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32}
    return pl.LazyFrame(rows, schema=schema, orient="row")


def pairs_frame(pairs):
    return pl.LazyFrame(pairs, schema={"from_id": pl.String, "to_id": pl.String}, orient="row")


PLACE = st.tuples(st.sampled_from(IN_ORDER), st.integers(0, 3), st.integers(4, 7))
SPAN = st.integers(0, 8).map("s{}".format)


@given(st.lists(PLACE, max_size=7), st.lists(st.tuples(SPAN, SPAN), max_size=7))
def test_a_chain_is_every_span_that_can_be_reached_and_is_called_by_the_first(places, pairs):
    found = chains(spans_frame(places), pairs_frame(pairs), ORDER)
    names = [f"s{number}" for number in range(len(places))]
    ordered = sorted(names, key=lambda name: (IN_ORDER.index((place := places[int(name[1:])])[0]), place[1], -place[2]))
    assert found["span_id"].to_list() == ordered
    for name, chain in found.iter_rows():
        reached = {name}
        for _ in names:
            reached |= {one for pair in pairs if set(pair) <= set(names) and set(pair) & reached for one in pair}
        assert chain == next(one for one in ordered if one in reached)


@given(st.lists(st.tuples(st.sampled_from([*IN_ORDER, "gone"]), st.integers(0, 2), st.integers(3, 4)), max_size=12))
def test_spans_stand_in_the_order_of_threads_longer_ones_first_then_by_id_and_those_of_no_text_last(places):
    spans = spans_frame(places)
    found = in_thread_order(spans.reverse(), ORDER).collect()
    known = [*IN_ORDER, "gone"]
    rows = sorted(spans.collect().rows(), key=lambda row: (known.index(row[1]), row[2], -row[3], row[0]))
    assert found.select("span_id", "text_id", "start_char", "end_char").rows() == rows
    threads = {"a1": "one", "c2": "one", "a2": "two"}
    assert found["thread_id"].to_list() == [threads.get(text) for _, text, _, _ in rows]
    unsigned = spans.reverse().with_columns(pl.col("start_char", "end_char").cast(pl.UInt32))
    assert in_thread_order(unsigned, ORDER).collect()["span_id"].to_list() == [row[0] for row in rows]


def test_chains_and_slices_take_eager_frames_and_unsigned_offsets():
    spans = spans_frame([("c2", 1, 4), ("a1", 2, 3)]).collect()
    unsigned = spans.with_columns(pl.col("start_char", "end_char").cast(pl.UInt32))
    texts = pl.DataFrame({"text_id": ["a1", "c2"], "text": ["abcd", "né😀e"]})
    for frame in (spans, unsigned):
        found = chains(frame, pairs_frame([("s0", "s1")]).collect(), ORDER.collect())
        assert found.rows() == [("s1", "s1"), ("s0", "s1")]
        assert with_slices(frame, texts).collect()["slice"].to_list() == ["é😀e", "c"]


def test_slices_keep_the_rows_in_order_and_replace_an_earlier_slice():
    texts = pl.DataFrame({"text_id": ["t", "u"], "text": ["one", "two"]})
    rows = [("u", 0, 1, 1), ("t", 0, 3, 2), ("u", 1, 3, 3)]
    spans = pl.DataFrame(rows, schema=["text_id", "start_char", "end_char", "slice"], orient="row")
    assert with_slices(spans, texts).collect().rows() == [("u", 0, 1, "t"), ("t", 0, 3, "one"), ("u", 1, 3, "wo")]
    # What is selected later changes nothing.
    assert with_slices(spans, texts).select("slice").collect()["slice"].to_list() == ["t", "one", "wo"]


def test_the_first_of_a_chain_is_the_longer_of_two_that_begin_together():
    places = [("c2", 0, 4), ("a1", 2, 3), ("a1", 0, 5), ("a1", 0, 9)]
    found = chains(spans_frame(places), pairs_frame([("s2", "s3"), ("s0", "s2"), ("s0", "gone")]), ORDER)
    assert found.rows() == [("s3", "s3"), ("s2", "s3"), ("s1", "s1"), ("s0", "s3")]
    assert found.schema == {"span_id": pl.String, "chain_id": pl.String}


RELATED = {
    within: lambda a, b: b[1] <= a[1] and a[2] <= b[2],
    covering: lambda a, b: a[1] <= b[1] and b[2] <= a[2],
    overlapping: lambda a, b: max(a[1], b[1]) < min(a[2], b[2]),
}
PLACES = {"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32}


@st.composite
def places(draw):
    """Spans near the borders of blocks, where pairs could get lost or be found twice, and short ones."""
    edge = st.one_of(st.integers(0, 12), st.integers(BLOCK - 2, BLOCK + 2), st.integers(3 * BLOCK - 2, 3 * BLOCK + 2))
    span = st.tuples(edge, edge).map(sorted).filter(lambda bounds: bounds[0] < bounds[1])
    rows = draw(st.lists(st.tuples(st.sampled_from("tu"), span), max_size=6))
    return [(text, *bounds) for text, bounds in rows]


@pytest.mark.parametrize("function", RELATED, ids=lambda function: function.__name__)
@given(spans=places(), others=places())
def test_pairs_are_those_that_comparing_everything_with_everything_finds(function, spans, others):
    frames = [pl.DataFrame(rows, schema=PLACES, orient="row").with_row_index("n").lazy() for rows in (spans, others)]
    found = function(*frames).select("n", "n_other").collect().rows()
    related = RELATED[function]
    assert found == [
        (i, j) for i, a in enumerate(spans) for j, b in enumerate(others) if a[0] == b[0] and related(a, b)
    ]


def test_pairs_have_the_columns_of_both_frames_and_leave_out_spans_without_a_place():
    spans = pl.DataFrame({"text_id": ["t", "t"], "start_char": [1, None], "end_char": [2, None], "label": ["a", "b"]})
    found = within(spans, spans.drop("label").with_columns(_kind=pl.lit("x")), suffix="_outer").collect()
    assert found.columns == [
        "text_id",
        "start_char",
        "end_char",
        "label",
        "start_char_outer",
        "end_char_outer",
        "_kind_outer",
    ]
    assert found.rows() == [("t", 1, 2, "a", 1, 2, "x")]


@pytest.mark.parametrize("function", RELATED, ids=lambda function: function.__name__)
def test_pairs_over_the_shipped_layers_are_those_of_sql(function, shipped):
    corpus = load(shipped)
    spans, others = corpus.table("entities"), corpus.table("attribution")
    condition = {
        within: "b.start_char <= a.start_char and a.end_char <= b.end_char",
        covering: "a.start_char <= b.start_char and b.end_char <= a.end_char",
        overlapping: "a.start_char < b.end_char and b.start_char < a.end_char",
    }[function]
    wanted = duckdb.sql(
        f"select a.span_id, b.span_id from spans a join others b on a.text_id = b.text_id and {condition}"
    )
    found = function(spans, others).select("span_id", "span_id_other").collect().rows()
    assert sorted(found) == sorted(wanted.fetchall())
    assert len(found) > 20


def test_a_frame_without_offsets_is_named():
    spans = pl.DataFrame(schema=PLACES)
    with pytest.raises(MissingColumnError, match="within: others needs the column end_char"):
        within(spans, spans.drop("end_char"))
    with pytest.raises(MissingColumnError, match="with_slices: spans needs the column end_char"):
        with_slices(spans.drop("end_char"), pl.DataFrame(schema=["text_id", "text"]))
    with pytest.raises(MissingColumnError, match="with_slices: texts needs the column text;"):
        with_slices(spans, spans)
    with pytest.raises(MissingColumnError, match="chains: spans needs the column span_id"):
        chains(spans, pairs_frame([]), ORDER)
    with pytest.raises(MissingColumnError, match="chains: relations needs the column from_id, to_id"):
        chains(spans_frame([]), spans, ORDER)
    with pytest.raises(MissingColumnError, match="chains: texts needs the column thread_id, position"):
        chains(spans_frame([]), pairs_frame([]), spans)


MEETINGS = [
    ((0, 4), (4, 8)),  # adjacent
    ((0, 8), (2, 4)),  # nested
    ((0, 5), (3, 8)),  # crossing
    ((1, 7), (1, 7)),  # the same place twice
    ((0, 3), (0, 8)),  # a common beginning
]


@pytest.mark.parametrize("spans", MEETINGS)
def test_spans_that_share_a_character_have_lanes_of_their_own(spans):
    (s1, e1), (s2, e2) = spans
    assert (lanes(spans)[0] == lanes(spans)[1]) == (e1 <= s2 or e2 <= s1)


BOUNDS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda span: (span[0], sum(span))), max_size=15)


@given(BOUNDS)
def test_lanes_never_collide_and_what_lies_inside_a_span_is_nearer_to_the_words(spans):
    found = lanes(spans)
    for (one, lane), (other, beside) in itertools.combinations(zip(spans, found, strict=True), 2):
        shared = one[0] < other[1] and other[0] < one[1]
        assert not (shared and lane == beside)
        if one != other and one[0] <= other[0] and other[1] <= one[1]:
            assert beside < lane
        if one != other and other[0] <= one[0] and one[1] <= other[1]:
            assert lane < beside
    for lane, span in zip(found, spans, strict=True):
        # No lane is skipped: each lower one is taken somewhere over the span.
        below = {found[i] for i, other in enumerate(spans) if other[0] < span[1] and span[0] < other[1]}
        assert set(range(lane)) <= below
