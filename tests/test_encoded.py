"""Words as numbers are the words that the rules of tokens find, whatever the batches they are read in."""

import threading
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools import encoded as module
from corpus_tools.encoded import Encoder, Sums, count_words, encoded, in_order
from corpus_tools.tokens import tokenise
from corpus_tools.tokens import words as running_words
from corpus_tools.vocabulary import Vocabulary

pytestmark = pytest.mark.usefixtures("way_of_interning")

# What a text can be made of that is cut in its own way: blanks of all kinds, combining letters, joiners, emoji.
AWKWARD = st.lists(
    st.text(
        st.sampled_from(
            [
                *"ab Z.'-,1_ \n\t\r\x0b\x00",
                "Ⓜ",
                "…",
                "’",
                "\u0301",
                "\u0345",
                "\u093e",
                "\u200d",
                "\u00ad",
                "\u200e",
                "\u202f",
                "\u00a0",
                "😀",
                "é",
                "İ",
                "ß",
                "カ",
            ]
        ),
        max_size=12,
    )
    | st.text(max_size=12)
    | st.none(),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(AWKWARD, st.data())
def test_words_counted_in_their_texts_are_as_many_as_the_tokens(texts, data):
    sides = data.draw(st.lists(st.sampled_from(["x", "y", None]), min_size=len(texts), max_size=len(texts)))
    frame = pl.DataFrame(
        {"text_id": [str(n) for n in range(len(texts))], "side": sides, "text": texts},
        schema={"text_id": pl.String, "side": pl.String, "text": pl.String},
    )
    rows = running_words(tokenise(frame)).join(frame.lazy().select("text_id", "side"), on="text_id").collect()
    wanted = Counter(rows.select("side", "word").rows())
    found = count_words(frame, by="side").collect()
    assert {(side, word): n for side, word, n in found.rows()} == wanted
    assert found.schema == {"side": pl.String, "word": pl.String, "n": pl.UInt32}


def test_a_combining_letter_behind_a_blank_is_counted_as_it_is_cut():
    frame = pl.DataFrame({"text_id": ["a", "b"], "text": ["one \u0345two", "one two"]})
    counted = dict(count_words(frame).collect().rows())
    assert counted == {"one": 2, "two": 2, " \u0345": 1}


@settings(max_examples=100, deadline=None)
@given(AWKWARD)
def test_the_numbers_of_a_text_are_its_words_in_their_order(texts):
    frame = pl.DataFrame({"text_id": range(len(texts)), "text": texts}, {"text_id": pl.Int64, "text": pl.String})
    vocabulary = Vocabulary()
    batch = Encoder(vocabulary).encode(frame)
    rows = running_words(tokenise(frame)).collect()
    n_words, ids = batch.running()
    assert vocabulary.words().gather(ids).to_list() == rows["word"].to_list()
    wanted = Counter(rows["text_id"].to_list())
    assert n_words.tolist() == [wanted[number] for number in range(len(texts))]
    assert batch.texts.equals(frame.select("text_id"))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab \n", max_size=30) | st.none(), max_size=20), st.integers(1, 40), st.integers(1, 7))
def test_batches_of_any_size_are_the_texts_in_their_order(texts, n_bytes, n_rows):
    frame = pl.DataFrame({"n": range(len(texts)), "text": texts}, {"n": pl.Int64, "text": pl.String})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BYTES", n_bytes)
        patch.setattr(module, "ROWS", n_rows)
        vocabulary = Vocabulary()
        work = lambda batch: (batch.texts, batch.running()[1])  # noqa: E731
        found = list(encoded(frame.lazy(), work, vocabulary, keep=["n"]))
    assert pl.concat(texts for texts, _ in found)["n"].to_list() == frame["n"].to_list()
    ids = np.concatenate([ids for _, ids in found])
    assert (
        vocabulary.words().gather(ids).to_list()
        == running_words(tokenise(frame.rename({"n": "text_id"}))).collect()["word"].to_list()
    )


def test_no_batch_has_much_more_text_than_it_should(monkeypatch):
    monkeypatch.setattr(module, "BYTES", 1000)
    frame = pl.DataFrame({"text": ["x" * 100] * 95})
    sizes = [batch["text"].str.len_bytes().sum() for batch in module.batches(frame.lazy())]
    assert sum(sizes) == 9500
    assert max(sizes) <= 2000


def test_a_word_keeps_its_number_however_many_threads_ask():
    vocabulary = Vocabulary()
    names = [f"w{number}" for number in range(5000)]
    given_out = {}

    def ask(turn):
        own = names[turn:] + names[:turn]
        for start in range(0, len(own), 500):
            part = own[start : start + 500]
            given_out.setdefault(turn, {}).update(zip(part, vocabulary.ids(pl.Series(part)).tolist(), strict=True))

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in (0, 1700, 3400)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given_out[0] == given_out[1700] == given_out[3400]
    known = vocabulary.words().to_list()
    assert all(known[number] == word for word, number in given_out[0].items())


def test_what_goes_wrong_in_one_thread_ends_the_others(monkeypatch):
    class Full(Vocabulary):
        def ids(self, words, **known):
            if "17" in words:
                raise MemoryError("no room for more words")
            return super().ids(words, **known)

    monkeypatch.setattr(module, "ROWS", 1)
    texts = pl.LazyFrame({"text_id": range(40), "text": [f"a {number}" for number in range(40)]})
    with pytest.raises(MemoryError, match="no room for more words"):
        list(encoded(texts, lambda batch: batch.pieces.size, Full()))


def test_numbers_do_not_begin_again_when_no_words_are_held():
    vocabulary = Vocabulary()
    first = vocabulary.ids(pl.Series(["a", "b"])).tolist()
    # Nothing of the first words is alive here, which is when polars would count from 0 again.
    second = vocabulary.ids(pl.Series(["c", "a"])).tolist()
    assert second[1] == first[0]
    assert second[0] not in first
    assert [vocabulary.words()[number] for number in (*first, second[0])] == ["a", "b", "c"]
    assert Vocabulary().words().to_list() == []


@pytest.mark.parametrize("few", [0, 2, 3, 100])
@pytest.mark.parametrize("added", [1, 5, 1000])
def test_partial_counts_add_up_however_they_are_held(monkeypatch, few, added):
    monkeypatch.setattr(module, "ADDED", added)
    monkeypatch.setattr(module, "FEW", few)
    sums = Sums(pl.Schema({"side": pl.String, "rate": pl.Float64}))
    wanted = Counter()
    for number in range(20):
        side, rate = ["x", None][number % 2], [1.0, float("nan"), None][number % 3]
        groups = pl.DataFrame({"side": [side, "y"], "rate": [rate, 0.5]}, sums.rows().schema.names()[:2], orient="col")
        counted = {"group": [0, 1, 0, 0], "id": [number % 3, 7, number % 3, 70], "n": [number, 1, 2, 1]}
        sums.add(groups, pl.DataFrame(counted, schema_overrides={"id": pl.UInt32}))
        wanted[side, str(rate), number % 3] += number + 2
        wanted[side, str(rate), 70] += 1
        wanted["y", "0.5", 7] += 1
    found = [((side, str(rate), id_), n) for side, rate, id_, n in sums.rows().rows()]
    assert len(found) == len(wanted)
    assert dict(found) == wanted


def test_no_counts_of_no_groups_add_up_to_nothing():
    sums = Sums(pl.Schema({}))
    sums.add(pl.DataFrame(), pl.DataFrame(schema={"group": pl.Int64, "id": pl.UInt32, "n": pl.Int64}))
    assert sums.rows().shape == (0, 2)


def test_what_is_done_in_threads_comes_in_order_and_an_error_comes_out():
    assert list(in_order(lambda item: item * 2, range(50))) == [item * 2 for item in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 // item, [1, 0, 2]))


def test_little_more_is_read_than_is_asked_for():
    read = []

    def items():
        for item in range(1000):
            read.append(item)
            yield item

    results = in_order(lambda item: item, items())
    next(results)
    assert len(read) <= pl.thread_pool_size() + 1
    results.close()
