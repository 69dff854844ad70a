"""Finding and showing in context, by Python's own regular expressions, by NLTK, and by hand."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.text import ConcordanceIndex

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError, UnknownNameError
from corpus_tools.measures.concordance import concordance, find
from corpus_tools.tokens import tokenise, words


def written(*texts):
    return pl.DataFrame(list(enumerate(texts)), schema={"text_id": pl.Int64, "text": pl.String}, orient="row")


def blanks_as_one(text):
    return re.sub(r"\s+", " ", text)


# Letters in both cases, an emoji outside the basic plane, a combining accent, blanks, what a replacement might take for
# a command, and the two code points that mark matches inside.
TEXTS = st.lists(st.text(alphabet="aAbBéÉ😀e\u0301 \n$0{}\\\ufdd0\ufdd1", max_size=24), max_size=5)
# They mean the same in Python and in Rust, and match no empty string.
PATTERNS = [
    "a",
    "ab?",
    "a+|b",
    "[ab]+",
    "é",
    "e\u0301?",
    "😀.",
    r"\s+",
    "(a)(b)?",
    "(?:b|bb)a*",
    r"\$\d",
    "[^a]",
    "\ufdd1+",
    "\ufdd0|a",
]


@given(TEXTS, st.sampled_from(PATTERNS), st.booleans())
def test_matches_are_those_of_pythons_regular_expressions(texts, pattern, ignore_case):
    found = find(written(*texts), pattern, ignore_case=ignore_case).collect()
    compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    assert found.rows() == [
        (text_id, *match.span(), match.group())
        for text_id, text in enumerate(texts)
        for match in compiled.finditer(text)
    ]


@given(TEXTS, st.sampled_from(["a*", "b??", r"\b", "^|a", "()"]))
def test_a_match_of_nothing_is_no_row_and_offsets_still_hold(texts, pattern):
    for text_id, start, end, quote in find(written(*texts), pattern).collect().iter_rows():
        assert start < end
        assert texts[text_id][start:end] == quote


def test_case_counts_only_where_asked():
    texts = written("Peace, PEACE, peace")
    assert find(texts, "peace").collect()["start_char"].to_list() == [0, 7, 14]
    assert find(texts, "peace", ignore_case=False).collect()["start_char"].to_list() == [14]
    # The flag reaches behind a bar.
    assert find(texts, "x|peace").collect().height == 3


@pytest.mark.parametrize("texts", [["a"], ["peace talks"], ["peace talks", "war"], ["peace talks", "peace"]])
@pytest.mark.parametrize("pattern", ["a", "peace"])
def test_a_plain_word_with_its_case_is_found_in_one_text_and_in_several(texts, pattern):
    # Some versions of polars put the replacement itself where a pattern of plain letters matches in one text only.
    found = find(written(*texts), pattern, ignore_case=False).collect()
    assert found.rows() == [
        (number, *match.span(), pattern) for number, text in enumerate(texts) for match in re.finditer(pattern, text)
    ]


def test_words_of_the_shipped_corpus_are_found_where_nltk_has_them(shipped):
    texts = load(shipped).texts
    running = words(tokenise(texts)).collect()
    index = ConcordanceIndex(running["form"].to_list(), key=str.lower)
    for word in ("russia", "syria", "the", "bilateral"):
        places = index.offsets(word)
        assert places
        found = find(texts, rf"\b{word}\b").collect()
        assert found.drop("quote").rows() == running[places].select("text_id", "start_char", "end_char").rows()


def test_the_neighbours_in_the_shipped_corpus_are_those_that_nltk_shows(shipped):
    texts = load(shipped).texts.filter(text_id="c5")
    running = words(tokenise(texts)).collect()
    index = ConcordanceIndex(running["form"].to_list(), key=str.lower)
    lines = concordance(texts, running.filter(word="the"), width=30).collect()
    shown = index.find_concordance("the")
    assert lines.height == len(shown) > 3
    for line, other in zip(lines.iter_rows(named=True), shown, strict=True):
        assert line["hit"] == other.query
        assert (
            tokenise(pl.DataFrame({"text_id": [""], "text": [line["right"]]})).filter("is_word").collect()["form"][0]
            == other.right[0]
        )
        if other.left:
            assert re.findall(r"[\w'’.]+", line["left"])[-1].strip(".'") == other.left[-1]


@given(TEXTS, st.sampled_from(PATTERNS), st.integers(0, 9), st.sampled_from(["text", "hit", "left", "right"]))
def test_a_line_is_what_stands_in_the_text(texts, pattern, width, sort):
    hits = find(written(*texts), pattern).collect()
    lines = concordance(written(*texts), hits, width=width, sort=sort).collect()
    assert lines.select(hits.columns).sort("text_id", "start_char").equals(hits)
    for line in lines.iter_rows(named=True):
        text, start, end = texts[line["text_id"]], line["start_char"], line["end_char"]
        assert line["left"] == blanks_as_one(text[max(start - width, 0) : start])
        assert line["hit"] == blanks_as_one(text[start:end])
        assert line["right"] == blanks_as_one(text[end : end + width])


@given(TEXTS, st.sampled_from(PATTERNS), st.integers(0, 9), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_lines_of_a_pattern_are_those_of_pythons_matches(texts, pattern, width, lazy):
    expected = []
    for text_id, text in enumerate(texts):
        for match in re.compile(pattern, re.IGNORECASE).finditer(text):
            start, end = match.span()
            pieces = (text[max(start - width, 0) : start], text[start:end], text[end : end + width])
            expected.append((text_id, start, end, match.group(), *map(blanks_as_one, pieces)))
    own = written(*texts)
    lines = concordance(own.lazy() if lazy else own, pattern, width=width).collect()
    assert lines.rows() == expected
    strings = dict.fromkeys(("quote", "left", "hit", "right"), pl.String)
    assert dict(lines.schema) == {"text_id": pl.Int64, "start_char": pl.Int32, "end_char": pl.Int32, **strings}


@pytest.mark.parametrize("sort", ["text", "hit", "left", "right"])
def test_a_pattern_is_sorted_as_its_matches_are(sort):
    texts = written(*reversed(LINES)).select(pl.col("text_id") * -1, "text")
    by_matches = concordance(texts, find(texts, r"\bpeace\b"), sort=sort).collect()
    assert by_matches.height == len(LINES) + 1
    assert concordance(texts, r"\bpeace\b", sort=sort).collect().equals(by_matches)


def test_a_pattern_has_its_case_counted_where_it_says_so_and_shows_no_text_without_an_id():
    texts = pl.DataFrame({"text_id": ["a", None], "text": ["Peace, PEACE, peace", "peace"]})
    assert concordance(texts, "peace").collect()["hit"].to_list() == ["Peace", "PEACE", "peace"]
    assert concordance(texts, "(?-i)peace").collect()["start_char"].to_list() == [14]


def test_a_matched_word_has_its_context_when_the_texts_are_read_from_a_file(tmp_path):
    texts = written(*(f"the {number} and a word" if number % 7 else "the needle {0} \n in it" for number in range(500)))
    texts.write_parquet(tmp_path / "texts.parquet", row_group_size=50)
    scanned = pl.scan_parquet(tmp_path / "texts.parquet")
    expected = [(number, 4, 10, "the ", "needle", " {0} ") for number in range(0, 500, 7)]
    hits = find(scanned, "needle").collect().sample(fraction=1, shuffle=True, seed=1)
    for given_hits in (hits, hits.lazy(), "needle"):
        lines = concordance(scanned, given_hits, width=5).collect(engine="streaming")
        assert lines.select("text_id", "start_char", "end_char", "left", "hit", "right").rows() == expected


LINES = (
    "They want peace now.",  # hit 0
    "No PEACE,\n\n  they say; a peace talk",  # hits 1 and 2
    "peace",  # hit 3
    "we want peace Now",  # hit 4
)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("text", [0, 1, 2, 3, 4]),
        # All are the same word when case is ignored.
        ("hit", [0, 1, 2, 3, 4]),
        # Nothing; "a say they ..."; "no"; "want they"; "want we".
        ("left", [3, 2, 1, 0, 4]),
        # Nothing; "now" twice; "talk"; "they say".
        ("right", [3, 0, 4, 2, 1]),
    ],
)
def test_lines_are_sorted_as_by_hand(sort, order):
    texts = written(*LINES)
    hits = find(texts, "peace").with_row_index("hit_number")
    lines = concordance(texts, hits, sort=sort).collect()
    assert lines["hit_number"].to_list() == order


def test_lines_are_sorted_by_the_hit_with_case_ignored():
    texts = written("beta Alpha", "alpha Beta gamma")
    lines = concordance(texts, find(texts, r"\w+"), sort="hit").collect()
    assert lines["hit"].to_list() == ["Alpha", "alpha", "beta", "Beta", "gamma"]


def test_the_order_of_the_texts_is_that_of_their_frame_whatever_the_order_of_the_hits():
    texts = pl.DataFrame({"text_id": ["z", "a"], "text": ["one two", "two one"]})
    hits = pl.DataFrame({"text_id": ["a", "z", "a", "z"], "start_char": [4, 4, 0, 0], "end_char": [7, 7, 3, 3]})
    lines = concordance(texts, hits).collect()
    assert lines.select("text_id", "hit").rows() == [("z", "one"), ("z", "two"), ("a", "two"), ("a", "one")]


@st.composite
def marked_texts(draw):
    """Texts in any order of their ids, most without a hit, and hits in any order, some in no text or outside theirs."""
    ids = draw(st.lists(st.sampled_from("zyxwvutsrqponm"), unique=True, max_size=12))
    texts = {text_id: draw(st.text(alphabet="aB é😀é\n", max_size=12)) for text_id in ids}
    places = []
    for text_id in draw(st.lists(st.sampled_from([*ids, *ids, *ids, "-", None]), max_size=10)):
        length = len(texts.get(text_id, ""))
        # One place in either direction past the ends, so that most hits lie in their text.
        start = draw(st.integers(-1, length))
        places.append((text_id, start, draw(st.integers(start, length + 1))))
    return texts, [(*place, number) for number, place in enumerate(places)]


@given(marked_texts(), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_lines_stand_in_the_order_of_the_texts_whether_frames_are_lazy_or_not(drawn, width):
    held, places = drawn
    texts = pl.DataFrame(
        {"text_id": list(held), "text": list(held.values())}, dict.fromkeys(("text_id", "text"), pl.String)
    )
    columns = {"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32, "number": pl.Int64}
    hits = pl.DataFrame(places, schema=columns, orient="row")
    order = list(held)
    inside = [place for place in places if place[0] in held and 0 <= place[1] < place[2] <= len(held[place[0]])]
    expected = []
    # The sort is stable: hits of one place stand as they were given.
    for text_id, start, end, number in sorted(inside, key=lambda place: (order.index(place[0]), *place[1:3])):
        text = held[text_id]
        pieces = (text[max(start - width, 0) : start], text[start:end], text[end : end + width])
        expected.append((text_id, start, end, number, *map(blanks_as_one, pieces)))
    for own in (texts, texts.lazy()):
        for given_hits in (hits, hits.lazy()):
            lines = concordance(own, given_hits, width=width).collect()
            assert lines.rows() == expected
            assert dict(lines.schema) == {**columns, **dict.fromkeys(("left", "hit", "right"), pl.String)}


@pytest.mark.parametrize("own", [pl.Int64, pl.UInt8])
@pytest.mark.parametrize("other", [pl.Int32, pl.UInt64])
def test_whole_numbers_of_any_width_name_the_same_text_and_keep_the_type_they_have_in_hits(own, other):
    hits = pl.DataFrame({"text_id": [2, 0], "start_char": [0, 1], "end_char": [1, 2]}).cast({"text_id": other})
    lines = concordance(written("ab", "cd", "ef").cast({"text_id": own}), hits, width=1).collect()
    assert lines.rows() == [(0, 1, 2, "a", "b", ""), (2, 0, 1, "", "e", "f")]
    assert lines.schema["text_id"] == other


def test_a_text_without_an_id_has_no_line():
    texts = pl.DataFrame({"text_id": [None, "a"], "text": ["b", "c"]})
    hits = pl.DataFrame({"text_id": ["a", None], "start_char": [0, 0], "end_char": [1, 1]})
    assert concordance(texts, hits).collect().rows() == [("a", 0, 1, "", "c", "")]


def test_a_layer_of_the_shipped_corpus_can_be_shown_and_keeps_its_columns(shipped):
    corpus = load(shipped)
    layer = corpus.table("structure")
    placed = layer.drop_nulls(["start_char", "end_char"])
    # Bylines lie outside the texts and have no offsets.
    assert placed.height < layer.height
    lines = concordance(corpus.texts, layer).collect()
    assert lines.height == placed.height
    assert lines.columns == [*layer.columns, "left", "hit", "right"]
    assert lines["hit"].to_list() == [blanks_as_one(quote) for quote in lines["quote"]]


def test_hits_without_a_place_in_the_texts_have_no_line():
    texts = written("abé", None)
    rows = [
        (0, 0, 3),
        (0, None, 2),
        (0, 1, None),
        (0, -1, 2),
        (0, 2, 4),
        (0, 2, 2),
        (0, 3, 2),
        (7, 0, 1),
        (None, 0, 1),
        (1, 0, 1),
    ]
    hits = pl.DataFrame(rows, schema=["text_id", "start_char", "end_char"], orient="row")
    assert concordance(texts, hits).collect().rows() == [(0, 0, 3, "", "abé", "")]


def test_thousands_of_hits_in_one_long_text_have_each_their_own_context():
    text = "né d😀 " * 170_000
    starts = range(0, len(text) - 2, 200)
    hits = pl.DataFrame({"text_id": [0] * len(starts), "start_char": starts, "end_char": [at + 2 for at in starts]})
    lines = concordance(written(text), hits, width=30).collect()
    assert len(starts) > 5_000
    assert lines.select("left", "hit", "right").rows() == [
        (text[max(at - 30, 0) : at], text[at : at + 2], text[at + 2 : at + 32]) for at in starts
    ]


def test_unsigned_offsets_do_not_run_below_zero():
    hits = pl.DataFrame({"text_id": [0], "start_char": [2], "end_char": [3]}).with_columns(
        pl.col("^.*_char$").cast(pl.UInt32)
    )
    assert concordance(written("abcd"), hits).collect().select("left", "hit", "right").rows() == [("ab", "c", "d")]


def test_columns_of_an_earlier_concordance_are_replaced():
    texts = written("abc")
    once = concordance(texts, find(texts, "b"), width=1)
    twice = concordance(texts, once, width=1)
    assert twice.collect().equals(once.collect())


def test_no_text_and_no_match_give_no_row_and_the_same_columns():
    spans = {"text_id": pl.Int64, "start_char": pl.Int32, "end_char": pl.Int32, "quote": pl.String}
    for texts in (written(), written(""), written(None), written("xyz")):
        hits = find(texts, "a")
        assert hits.collect().is_empty()
        assert dict(hits.collect().schema) == spans
        lines = concordance(texts, hits).collect()
        assert lines.is_empty()
        assert dict(lines.schema) == {**spans, **dict.fromkeys(("left", "hit", "right"), pl.String)}


def test_a_pattern_that_is_none_is_an_error_with_the_reason():
    with pytest.raises(ArgumentError, match=r"(?s)find: '\(a' is not a regular expression: .*unclosed group"):
        find(written("a"), "(a")
    with pytest.raises(ArgumentError, match=r"(?s)concordance: '\(a' is not a regular expression: .*unclosed group"):
        concordance(written("a"), "(a")
    with pytest.raises(ArgumentError, match="look-around"):
        find(written("a"), "(?=a)", ignore_case=False)


def test_an_unknown_order_and_a_negative_width_are_errors():
    texts = written("a")
    with pytest.raises(UnknownNameError, match="unknown sort order 'date'; there are: text, hit, left, right"):
        concordance(texts, find(texts, "a"), sort="date")
    with pytest.raises(ArgumentError, match="concordance: width is -1; it must be 0 or more"):
        concordance(texts, find(texts, "a"), width=-1)


def test_a_missing_column_is_named():
    texts = written("a")
    with pytest.raises(MissingColumnError, match="find: texts needs the column text; the frame has: text_id"):
        find(texts.drop("text"), "a")
    with pytest.raises(MissingColumnError, match="concordance: hits needs the column end_char"):
        concordance(texts, find(texts, "a").drop("end_char"))
    with pytest.raises(MissingColumnError, match="concordance: texts needs the column text_id"):
        concordance(texts.drop("text_id"), find(texts, "a"))
