"""Steps and batches of the Spark engine, by counting in plain Python; the steps on polars and on Spark alike."""

import itertools
from collections import Counter, defaultdict

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from corpus_tools.describe import rows
from corpus_tools.describe.steps import added_up, placed, tallied, with_margins
from sparking import NEEDS_SPARK, local_session

WORDS = st.sampled_from("abcd")
SOME = st.sampled_from(["x", "y", None])


@pytest.fixture(scope="module")
def session():
    with local_session() as running:
        yield running


@pytest.fixture(params=["polars", pytest.param("Spark", marks=NEEDS_SPARK)])
def engine(request):
    """A frame in, a frame of an engine out; and back."""
    if request.param == "polars":
        return (lambda frame: frame.lazy()), (lambda frame: frame.collect())
    session = request.getfixturevalue("session")
    return (lambda frame: session.createDataFrame(frame.to_arrow())), (lambda frame: pl.from_arrow(frame.toArrow()))


COUNTED = pl.DataFrame(
    [("x", "the", 3, 1), ("x", "cat", 1, 1), ("x", "the", 2, 2), (None, "the", 5, 4), (None, "the", 1, 1)],
    schema=["kind", "word", "n", "n_texts"],
    orient="row",
)


def test_partial_counts_are_added_up_where_keys_are_alike_null_too(engine):
    there, back = engine
    found = back(added_up(there(COUNTED), ["kind", "word"], ["n", "n_texts"]))
    assert found.columns == ["kind", "word", "n", "n_texts"]
    assert set(found.rows()) == {("x", "the", 5, 3), ("x", "cat", 1, 1), (None, "the", 6, 5)}
    assert found.height == 3


def test_rows_are_tallied_with_their_sums(engine):
    there, back = engine
    found = back(tallied(there(COUNTED), ["kind"], n="rows", sums=["n"]))
    assert found.columns == ["kind", "rows", "n"]
    assert set(found.rows()) == {("x", 3, 6), (None, 2, 6)}


def test_margins_count_the_pairs_that_have_no_row_too(engine):
    there, back = engine
    pairs = pl.DataFrame(
        {"word": ["a", "a", "b", "c"], "collocate": ["b", "c", "b", "a"], "n": [4, 1, 2, 1]},
    )
    found = back(with_margins(there(pairs), minimum=2))
    names = ("word", "collocate", "n", "n_first", "n_second", "n_pairs")
    assert set(found.select(names).rows()) == {("a", "b", 4, 5, 6, 8), ("b", "b", 2, 2, 6, 8)}


def test_no_pairs_have_no_margins(engine):
    there, back = engine
    none = pl.DataFrame(schema={"word": pl.String, "collocate": pl.String, "n": pl.Int64})
    assert back(with_margins(there(none), minimum=1)).is_empty()


def test_parts_are_placed_by_their_numbers_and_null_is_the_last(engine):
    there, back = engine
    counts = pl.DataFrame({"word": ["a", "a", "b"], "part": ["y", None, "x"], "n": [1, 2, 3]})
    places = pl.DataFrame({"part": ["x", "y"], "place": [0, 1]})
    found = back(placed(there(counts), there(places), last=2))
    assert set(found.rows()) == {("a", 1, 1), ("a", 2, 2), ("b", 0, 3)}
    assert found.columns == ["word", "place", "n"]


# --- batches ---------------------------------------------------------------------------------------------------------


def batch_of(texts):
    """Texts of words, with kind, part and target, as Spark gives them."""
    columns = {
        "row": range(len(texts)),
        "text_id": [str(row) for row in range(len(texts))],
        **{name: [None] * len(texts) for name in ("thread_id", "position", "parent_id")},
        "kind": [kind for kind, *_ in texts],
        "part": [part for _, part, *_ in texts],
        "target": [target for _, _, target, _ in texts],
        "text": [None if text is None else " ".join(text) for *_, text in texts],
    }
    return pa.record_batch([pa.array(columns[field.name], field.type) for field in rows.TEXTS], schema=rows.TEXTS)


TEXTS = st.lists(
    st.tuples(
        st.sampled_from(["article", "comment"]), SOME, st.sampled_from([True, False, None]), st.lists(WORDS) | st.none()
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_partial_rows_count_what_is_in_a_batch(texts):
    made = rows.partial_rows(batch_of(texts))
    assert made.schema == rows.PARTIALS
    frame = pl.from_arrow(made)

    def table(name, *columns):
        found = frame.filter(pl.col("table") == name).select(*columns).rows()
        assert len(found) == len(set(found))
        return set(found)

    n, n_texts, pairs, parts = Counter(), Counter(), Counter(), Counter()
    for kind, part, target, text in texts:
        text = text or []
        n.update((kind, target, word) for word in text)
        n_texts.update((kind, target, word) for word in set(text))
        pairs.update(itertools.pairwise(text))
        parts.update((word, part) for word in text)
    assert table("words", "kind", "target", "word", "n", "n_texts") == {(*key, n[key], n_texts[key]) for key in n}
    assert table("pairs", "word", "collocate", "n") == {(*key, count) for key, count in pairs.items()}
    assert table("parts", "word", "part", "n") == {(*key, count) for key, count in parts.items()}
    measures = dict(frame.filter(pl.col("table") == "texts").select("row", "measures").iter_rows())
    assert sorted(measures) == list(range(len(texts)))
    for row, (*_, text) in enumerate(texts):
        n_words, n_types, ratio, *_ = measures[row]
        assert (n_words, n_types) == ((len(text), len(set(text))) if text else (0, None))
        assert ratio == (len(set(text)) / len(text) if text else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["x", "y", "z", None]), st.integers(1, 4)), max_size=8), st.data())
def test_frames_are_cut_between_groups_only(runs, data):
    keys = [key for place, (key, n) in enumerate(runs) if key not in [k for k, _ in runs[:place]] for _ in range(n)]
    frame = pl.DataFrame({"key": keys, "row": range(len(keys))}, schema={"key": pl.String, "row": pl.Int64})
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(keys)), max_size=6))), len(keys)]
    pieces = [frame.slice(start, end - start) for start, end in itertools.pairwise(cuts)]
    found = list(rows.whole_groups(pieces, "key"))
    assert_frame_equal(pl.concat([frame.clear(), *found]), frame)
    assert all(not piece.is_empty() for piece in found)
    seen = [set(piece["key"]) for piece in found]
    assert sum(len(one) for one in seen) == len(set(keys)), "a group is in two frames"


COUNTS = st.dictionaries(st.tuples(WORDS, st.integers(0, 3)), st.integers(1, 5), min_size=1)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.integers(1, 4), st.integers(1, 3))
def test_dispersion_of_batches_is_that_of_its_definition(counts, size, minimum):
    sizes = [sum(n for (_, place), n in counts.items() if place == one) + 1 for one in range(4)]
    sizes[3] += 7
    ordered = [(word, place, n) for (word, place), n in sorted(counts.items())]
    frame = pl.DataFrame(ordered, schema=["word", "place", "n"], orient="row")
    batches = [piece.to_arrow().to_batches()[0] for piece in frame.iter_slices(size)]
    found = list(rows.dispersion_rows(batches, sizes=pl.Series(sizes).to_numpy(), minimum=minimum))
    assert all(one.schema == rows.DISPERSION for one in found)
    shown = {row["word"]: row for one in found for row in one.to_pylist()}
    of_word = defaultdict(dict)
    for word, place, n in ordered:
        of_word[word][place] = n
    assert set(shown) == {word for word, n in of_word.items() if sum(n.values()) >= minimum}
    for word, row in shown.items():
        total = sum(of_word[word].values())
        shares = [(size / sum(sizes), of_word[word].get(place, 0) / total) for place, size in enumerate(sizes)]
        assert row["n"] == total
        assert (row["n_parts_with"], row["n_parts"]) == (len(of_word[word]), 4)
        assert row["dp"] == pytest.approx(sum(abs(one - other) for one, other in shares) / 2)


def test_threads_of_batches_keep_their_shape_whatever_the_cuts():
    threads = pl.DataFrame(
        [
            (f"t{thread}", f"{thread}-{place}", place, f"{thread}-{place - 1}" if place else None)
            for thread in range(5)
            for place in range(thread + 1)
        ],
        schema=["thread_id", "text_id", "position", "parent_id"],
        orient="row",
    )
    for size in (1, 2, 4, 100):
        batches = [piece.to_arrow().to_batches()[0] for piece in threads.iter_slices(size)]
        found = list(rows.thread_rows(batches))
        assert all(one.schema == rows.THREADS for one in found)
        shown = pl.concat(pl.from_arrow(one) for one in found)
        # A chain of n texts: the distances between its pairs add up to (n - 1) n (n + 1) / 6.
        assert shown.select("thread_id", "n_texts", "depth", "wiener", "n_unknown").rows() == [
            (f"t{n - 1}", n, n - 1, (n - 1) * n * (n + 1) // 6, 0) for n in range(1, 6)
        ]
