"""Strings as numbers: equal ones alike, others not, in the order in which they are met."""

import re
import threading
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools import loops
from corpus_tools.interning import Interned

# Pieces about as long as the words of the processor, that begin alike, with zeros and bytes above 127 among them.
PIECES = st.lists(
    st.text(st.sampled_from(["a", "b", "\0", "é", "語", "😀"]), max_size=20)
    | st.sampled_from(["abcdefg", "abcdefgh", "abcdefghi", "abcdefghabcdefgh", "abcdefghabcdefg", "abcdefgh\0"]),
    max_size=12,
)
BLANKS = re.compile("[\0-\x20]+")


@pytest.mark.usefixtures("way_of_interning")
@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(PIECES.map(" ".join) | st.none(), max_size=5), max_size=4))
def test_equal_pieces_have_equal_numbers_in_every_batch(batches):
    interned, known = Interned(split=True), {}
    for batch in batches:
        starts, codes, new = interned.read(pl.Series(batch, dtype=pl.String))
        assert list(new) == sorted(set(codes.tolist()) - set(known.values()))
        named = interned.strings().to_list()
        assert len(named) == new.stop
        found = [[named[code] for code in codes[a:b]] for a, b in pairwise(starts)]
        # Pieces may keep blanks, all but U+0020; what stands between all of them is the same.
        pieces = [[part for piece in text for part in BLANKS.split(piece) if part] for text in found]
        assert pieces == [[part for part in BLANKS.split(text or "") if part] for text in batch]
        for piece, code in zip([named[code] for code in codes], codes.tolist(), strict=True):
            assert known.setdefault(piece, code) == code
        assert len(set(known.values())) == len(known)


@pytest.mark.usefixtures("way_of_interning")
@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=20), max_size=30))
def test_strings_taken_whole_are_numbered_as_they_come(strings):
    interned = Interned(split=False)
    starts, codes, new = interned.read(pl.Series(strings, dtype=pl.String))
    assert starts.tolist() == list(range(len(strings) + 1))
    first_met = list(dict.fromkeys(strings))
    assert codes.tolist() == [first_met.index(string) for string in strings]
    assert interned.strings().to_list() == first_met
    assert interned.strings(min(1, len(new)), new.stop).to_list() == first_met[1:]


def test_numbers_stay_when_loops_are_compiled_from_the_middle_on(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(loops, "LARGE", 40)
    interned = Interned(split=True)
    _, before, _ = interned.read(pl.Series(["one  two", "three two"]))
    known = interned.strings().to_list()
    _, after, _ = interned.read(pl.Series(["two one four three " * 5]))
    assert interned.strings().to_list()[: len(known)] == [piece or " " for piece in known]
    again = dict(zip("one two three".split(), [before[0], before[2], before[3]], strict=True))
    assert after.tolist()[:2] == [again["two"], again["one"]]
    assert after.tolist()[3] == again["three"]


@pytest.mark.usefixtures("way_of_interning")
def test_many_strings_find_room_whoever_asks():
    interned = Interned(split=False)
    strings = [f"{'long ' * (number % 7)}{number}" for number in range(120_000)]
    found = {}

    def ask(turn):
        own = strings[turn:] + strings[:turn]
        for start in range(0, len(own), 9_000):
            part = own[start : start + 9_000]
            _, codes, _ = interned.read(pl.Series(part))
            found.setdefault(turn, {}).update(zip(part, codes.tolist(), strict=True))

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in (0, 50_000, 90_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[50_000] == found[90_000]
    named = interned.strings()
    assert named.len() == len(strings)
    assert all(named[code] == string for string, code in list(found[0].items())[::97])
    assert np.array_equal(np.sort(list(found[0].values())), np.arange(len(strings)))
