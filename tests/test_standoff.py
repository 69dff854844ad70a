"""Spans: what they quote, what they leave uncovered, where the text is cut, which of them belong together."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.standoff import chains, segments, uncovered, visible_part, with_slices

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


def test_segments_name_the_longest_span_first():
    assert [segment.covering for segment in segments(4, [(1, 2), (0, 4)])] == [(1,), (1, 0), (1,)]


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


def test_the_first_of_a_chain_is_the_longer_of_two_that_begin_together():
    places = [("c2", 0, 4), ("a1", 2, 3), ("a1", 0, 5), ("a1", 0, 9)]
    found = chains(spans_frame(places), pairs_frame([("s2", "s3"), ("s0", "s2"), ("s0", "gone")]), ORDER)
    assert found.rows() == [("s3", "s3"), ("s2", "s3"), ("s1", "s1"), ("s0", "s3")]
    assert found.schema == {"span_id": pl.String, "chain_id": pl.String}
