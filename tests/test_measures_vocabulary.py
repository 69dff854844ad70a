"""Vocabulary and lengths, by other implementations, by counting on paper, and by laws that must hold."""

import re
import statistics
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk import FreqDist

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures.lengths import sentence_lengths, summary, word_lengths
from corpus_tools.measures.vocabulary import expected_growth, frequencies, vocabulary_growth
from corpus_tools.tokens import tokenise, words

NAMES = st.sampled_from([None, "x", "y"])
SENTENCE = "the cat saw the dog and the cat ran"
ROWS = st.lists(st.tuples(NAMES, st.sampled_from([None, *"abcdefgh"])), max_size=60)


def frame(rows):
    return pl.DataFrame(rows, schema={"text_id": pl.String, "word": pl.String}, orient="row")


def by_group(rows):
    """The words of each group, groups by name with null last, in plain Python."""
    groups = sorted({group for group, word in rows if word is not None}, key=lambda name: (name is None, name))
    return {group: [word for name, word in rows if name == group and word is not None] for group in groups}


def assert_rows(found, wanted):
    """Rows are equal; shares, in the last column, to the last digit but a few."""
    rows = found.collect().rows()
    assert [row[:-1] for row in rows] == [row[:-1] for row in wanted]
    assert [row[-1] for row in rows] == [
        value if value is None else pytest.approx(value, rel=1e-12) for *_, value in wanted
    ]


def running(folder):
    return words(tokenise(load(folder).texts)).collect()


# Frequencies


def test_the_shipped_corpus_has_the_frequencies_that_another_implementation_counts(shipped):
    rows = running(shipped)
    for text_id in (None, *rows["text_id"].unique()):
        part = rows if text_id is None else rows.filter(pl.col("text_id") == text_id)
        found = frequencies(part).collect()
        other = FreqDist(part["word"].to_list())
        assert dict(found.select("word", "n").iter_rows()) == dict(other)
        assert found["n_total"].unique().to_list() == [other.N()]
        assert found["share"].to_list() == pytest.approx([other.freq(word) for word in found["word"]], abs=1e-12)


def test_frequencies_of_a_sentence_are_those_counted_on_paper():
    rows = frame([("x", word) for word in SENTENCE.split()])
    assert_rows(
        frequencies(rows),
        [
            (1, "the", 3, 9, 3 / 9),
            (2, "cat", 2, 9, 2 / 9),
            (3, "and", 1, 9, 1 / 9),
            (4, "dog", 1, 9, 1 / 9),
            (5, "ran", 1, 9, 1 / 9),
            (6, "saw", 1, 9, 1 / 9),
        ],
    )


@given(ROWS)
def test_frequencies_of_random_groups_are_those_of_a_counter(rows):
    wanted = [
        (group, rank, word, n, len(spoken), n / len(spoken))
        for group, spoken in by_group(rows).items()
        for rank, (word, n) in enumerate(sorted(Counter(spoken).items(), key=lambda item: (-item[1], item[0])), start=1)
    ]
    assert_rows(frequencies(frame(rows), by="text_id"), wanted)


def test_lemmas_of_the_adjudicated_tokens_serve_as_well(shipped):
    tokens = load(shipped).table("tokens")
    found = frequencies(tokens.filter(pl.col("upos") == "AUX"), of="lemma", by="text_id").collect()
    assert found.columns == ["text_id", "rank", "lemma", "n", "n_total", "share"]
    assert found["n"].sum() == tokens["upos"].to_list().count("AUX")


# Growth


def test_growth_of_a_sentence_is_that_counted_on_paper():
    rows = frame([("x", word) for word in SENTENCE.split()])
    assert vocabulary_growth(rows).collect().rows() == [
        (1, 1, 1),  # the
        (2, 2, 2),  # cat
        (3, 3, 3),  # saw
        (4, 3, 2),  # the: a hapax no more
        (5, 4, 3),  # dog
        (6, 5, 4),  # and
        (7, 5, 4),  # the
        (8, 5, 3),  # cat
        (9, 6, 4),  # ran
    ]


def test_growth_over_the_shipped_corpus_is_that_of_another_implementation(shipped):
    rows = running(shipped)
    spoken = rows["word"].to_list()
    read, wanted = FreqDist(), []
    for word in spoken:
        read[word] += 1
        wanted.append((read.N(), read.B(), len(read.hapaxes())))
    assert vocabulary_growth(rows).collect().rows() == wanted


@given(ROWS)
def test_growth_of_random_groups_is_that_of_their_beginnings(rows):
    wanted = [
        (group, k, len(set(spoken[:k])), sum(n == 1 for n in Counter(spoken[:k]).values()))
        for group, spoken in by_group(rows).items()
        for k in range(1, len(spoken) + 1)
    ]
    assert vocabulary_growth(frame(rows), by="text_id").collect().rows() == wanted


# Lengths

VALUES = st.lists(
    st.tuples(NAMES, st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6))), min_size=1, max_size=40
)


def figures(values):
    """What numpy makes of the values, in the order of the columns."""
    if not values:
        return (0, *[None] * 7)
    sd = np.std(values, ddof=1) if len(values) > 1 else None
    return (len(values), np.mean(values), sd, min(values), *np.percentile(values, [25, 50, 75]), max(values))


def same(found, wanted):
    pairs = list(zip(found, wanted, strict=True))
    return all(
        one is two is None or (None not in (one, two) and one == pytest.approx(two, abs=1e-6)) for one, two in pairs
    )


@given(VALUES)
def test_a_summary_is_what_numpy_finds(drawn):
    rows = pl.DataFrame(
        [(name, None if value is None else float(value)) for name, value in drawn],
        schema={"group": pl.String, "value": pl.Float64},
        orient="row",
    )
    assert same(summary(rows, of="value").collect().row(0), figures([v for _, v in drawn if v is not None]))
    found = summary(rows, of="value", by="group").collect()
    assert found["group"].to_list() == sorted({name for name, _ in drawn}, key=lambda name: (name is None, name))
    for name, *row in found.iter_rows():
        assert same(row, figures([value for group, value in drawn if group == name and value is not None]))


def test_a_summary_has_the_figures_counted_on_paper():
    rows = pl.DataFrame({"n": [1, 2, 4, 9]})
    # Mean 4; squares about it 9 + 4 + 0 + 25 = 38; quartiles three quarters of the way from 1 to 2, and from 2 to 4 half.
    found = summary(rows, of="n").collect().row(0, named=True)
    assert found == {
        "n": 4, "mean": 4.0, "sd": pytest.approx((38 / 3) ** 0.5), "min": 1.0, "q1": 1.75, "median": 3.0, "q3": 5.25, "max": 9.0,
    }  # fmt: skip
    assert found["sd"] == pytest.approx(statistics.stdev(rows["n"]))


def test_no_value_and_one_value_have_no_spread():
    nothing = pl.DataFrame(schema={"n": pl.Int32, "group": pl.String})
    assert summary(nothing, of="n").collect().rows() == [(0, *[None] * 7)]
    assert summary(nothing, of="n", by="group").collect().rows() == []
    assert summary(pl.DataFrame({"n": [3]}), of="n").collect().row(0) == (1, 3.0, None, 3.0, 3.0, 3.0, 3.0, 3.0)


def test_the_sentences_of_the_shipped_corpus_have_the_words_that_were_assigned_to_them(shipped):
    corpus = load(shipped)
    sentences, tokens = corpus.table("sentences"), corpus.table("tokens")
    found = sentence_lengths(sentences, tokens).collect()
    assert found.drop("n_words").equals(sentences)
    # The tokens name their sentence, so offsets are not needed to count them.
    assert dict(found.select("sentence_id", "n_words").iter_rows()) == Counter(tokens["sentence_id"])


def test_an_earlier_number_of_words_is_replaced(shipped):
    corpus = load(shipped)
    sentences, tokens = corpus.table("sentences"), corpus.table("tokens")
    found = sentence_lengths(sentences, tokens)
    stale = sentences.with_columns(n_words=pl.lit(99))
    assert sentence_lengths(stale, tokens).collect().equals(found.collect())


def test_the_words_of_a_sentence_are_those_that_its_quote_splits_into(shipped):
    found = sentence_lengths(load(shipped).table("sentences"), running(shipped)).collect()
    for row in found.iter_rows(named=True):
        assert row["n_words"] == len(words(tokenise(pl.DataFrame([row]).select("text_id", text="quote"))).collect())


SPANS = st.lists(
    st.tuples(st.sampled_from("xy"), st.lists(st.tuples(st.integers(0, 3), st.integers(1, 6)), max_size=8)), max_size=3
)


def laid_out(drawn):
    """Spans that follow each other without overlap: gaps and lengths, text by text."""
    rows = []
    for text_id, pieces in dict(drawn).items():
        reached = 0
        for gap, length in pieces:
            rows.append((text_id, reached + gap, reached + gap + length))
            reached += gap + length
    return rows


@given(SPANS, SPANS, st.randoms(use_true_random=False))
def test_words_are_counted_in_the_sentence_that_holds_them_whole(sentence_pieces, word_pieces, shuffled):
    sentences, spoken = laid_out(sentence_pieces), laid_out(word_pieces)
    shuffled.shuffle(sentences)
    shuffled.shuffle(spoken)
    schema = {"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32}
    found = sentence_lengths(
        pl.DataFrame([*sentences, ("x", None, None)], schema=schema, orient="row"),
        pl.DataFrame([*spoken, ("x", None, None), (None, 0, 1)], schema=schema, orient="row"),
    ).collect()
    wanted = [
        sum(text_id == other and start <= first and last <= end for other, first, last in spoken)
        for text_id, start, end in sentences
    ]
    assert found.rows() == [(*row, n) for row, n in zip(sentences, wanted, strict=True)] + [("x", None, None, 0)]


def test_spans_without_a_text_or_an_offset_neither_count_nor_hide_others():
    schema = {"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32}
    sentences = [("x", None, 5), ("x", 6, None), (None, 0, 9), ("x", 0, 9)]
    spoken = [("x", None, 5), ("x", 0, 2), (None, 0, 1), ("x", 7, 8), ("x", 7, None)]
    frames = [pl.DataFrame(rows, schema=schema, orient="row") for rows in (sentences, spoken)]
    assert sentence_lengths(*frames).collect()["n_words"].to_list() == [0, 0, 0, 2]


def test_lengths_of_words_are_counted_in_code_points():
    rows = pl.DataFrame({"text_id": ["x"] * 4 + [None], "word": ["été", "a", "e\u0301te\u0301", None, "cat"]})
    assert_rows(word_lengths(rows), [(1, 1, 4, 0.25), (3, 2, 4, 0.5), (5, 1, 4, 0.25)])
    assert_rows(
        word_lengths(rows, by="text_id"),
        [
            ("x", 1, 1, 3, 1 / 3),
            ("x", 3, 1, 3, 1 / 3),
            ("x", 5, 1, 3, 1 / 3),
            (None, 3, 1, 1, 1.0),
        ],
    )


def test_word_lengths_of_the_shipped_corpus_are_those_of_its_printed_words(shipped):
    corpus = load(shipped)
    found = word_lengths(running(shipped), of="form", by="text_id").collect()
    for text_id, text in corpus.texts.select("text_id", "text").iter_rows():
        # Runs of letters, digits and what stands between two of them in one word.
        printed = re.findall(r"\w+(?:['’.,:]\w+)*", text)
        row = found.filter(pl.col("text_id") == text_id)
        assert dict(row.select("n_characters", "n").iter_rows()) == Counter(map(len, printed)), text_id


# What all of them promise


def test_the_columns_are_those_of_the_docstrings_also_where_there_is_no_word():
    n, text_id, word = pl.UInt32, pl.String, pl.String
    spans = pl.DataFrame(schema={"text_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32})
    for rows in (frame([]), frame([("x", "a")])):
        shape = {"rank": n, "word": word, "n": n, "n_total": n, "share": pl.Float64}
        growth = {"n_words": n, "n_types": n, "n_hapaxes": n}
        lengths = {"n_characters": n, "n": n, "n_total": n, "share": pl.Float64}
        spread = {"n": n, **dict.fromkeys(("mean", "sd", "min", "q1", "median", "q3", "max"), pl.Float64)}
        numbers = rows.with_columns(value=pl.col("word").str.len_chars())
        for found, columns in (
            (frequencies(rows), shape),
            (frequencies(rows, by="text_id"), {"text_id": text_id, **shape}),
            (vocabulary_growth(rows), growth),
            (vocabulary_growth(rows, by="text_id"), {"text_id": text_id, **growth}),
            (word_lengths(rows), lengths),
            (word_lengths(rows, by="text_id"), {"text_id": text_id, **lengths}),
            (summary(numbers, of="value"), spread),
            (summary(numbers, of="value", by="text_id"), {"text_id": text_id, **spread}),
            (sentence_lengths(spans, spans), {**spans.schema, "n_words": n}),
        ):
            assert dict(found.collect_schema()) == columns
            assert dict(found.collect().schema) == columns


def test_a_missing_column_is_named():
    rows = frame([])
    for measure in (frequencies, vocabulary_growth, word_lengths):
        with pytest.raises(
            MissingColumnError, match=f"{measure.__name__} needs the column lemma; the frame has: text_id"
        ):
            measure(rows, of="lemma")
        with pytest.raises(MissingColumnError, match=f"{measure.__name__} needs the column author_id"):
            measure(rows, by="author_id")
    with pytest.raises(MissingColumnError, match="summary needs the column n;"):
        summary(rows, of="n")
    with pytest.raises(MissingColumnError, match="sentence_lengths: sentences needs the column start_char, end_char"):
        sentence_lengths(rows, rows)
    spans = rows.with_columns(start_char=0, end_char=1)
    with pytest.raises(MissingColumnError, match="sentence_lengths: words needs the column start_char, end_char"):
        sentence_lengths(spans, rows)


def test_the_expected_growth_of_two_words_is_the_one_reckoned_by_hand():
    # One word twice, one once: a sample of one of the three words has the first with 1 - (2/3)^2, the other with 1/3.
    grown = expected_growth(pl.DataFrame({"n": [2, 1, 0]}), points=3).collect()
    assert grown["n_words"].to_list() == [1, 2, 3]
    assert grown["n_types"].to_list() == pytest.approx([5 / 9 + 1 / 3, 8 / 9 + 2 / 3, 2])
    assert grown["n_hapaxes"].to_list() == pytest.approx([4 / 9 + 1 / 3, 4 / 9 + 2 / 3, 1])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.integers(1, 9))
def test_the_expected_growth_never_falls_and_ends_with_the_counts(counts, points):
    grown = expected_growth(pl.DataFrame({"n": counts}), points=points).collect()
    assert grown.height <= points
    assert grown["n_types"].is_sorted()
    assert (grown["n_types"] <= grown["n_words"] + 1e-9).all()
    assert (grown["n_hapaxes"] <= grown["n_types"] + 1e-9).all()
    assert grown.row(-1) == (sum(counts), len(counts), counts.count(1))


def test_without_a_word_nothing_grows_and_a_point_is_the_least():
    assert expected_growth(pl.DataFrame({"n": []}, {"n": pl.Int64})).collect().is_empty()
    with pytest.raises(ArgumentError, match="points is 0; it must be 1 or more"):
        expected_growth(pl.DataFrame({"n": [1]}), points=0)
