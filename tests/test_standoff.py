"""Spans: what they quote, what they leave uncovered, where the text is cut."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.standoff import segments, uncovered, visible_part, with_slices

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
