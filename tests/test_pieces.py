"""The words of pieces are those that the rules of tokens find in them, whoever looks for them."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools import loops
from corpus_tools.pieces import runs, words_of
from corpus_tools.tokens import tokenise, words

pytestmark = pytest.mark.usefixtures("way_of_interning")

# What stands in words and between them in several scripts, characters that change their length or their form in lower
# case, and such as belong to the one before.
SIGNS = "aZ09__.,;:''’‘·-–—…“”()@#&%/+½²ªµ©®€ªßÉéÖŁŠǅΣσάЯйאבغ٣٫\u00ad\u0301\u200d\u202f\u203fİıẞªKﬁカ語😀👍🏽❤\ufe0f🇫🇷\u2028"
PIECES = st.lists(
    st.text(st.sampled_from(SIGNS) | st.sampled_from("ab1_.',:😀\u200d"), min_size=1, max_size=9), max_size=8
)


def _expected(pieces):
    texts = pl.DataFrame({"text_id": range(len(pieces)), "text": pieces}, {"text_id": pl.Int64, "text": pl.String})
    rows = words(tokenise(texts)).select("text_id", "word").collect()
    return [rows.filter(pl.col("text_id") == number)["word"].to_list() for number in range(len(pieces))]


def _found(pieces):
    words = words_of(pl.Series(pieces, dtype=pl.String), loops.compiled(1))
    in_order = [word for _, word in sorted(zip(words.place.tolist(), words.found.to_list(), strict=True))]
    return [in_order[end - n : end] for n, end in zip(words.n.tolist(), words.n.cumsum().tolist(), strict=True)]


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_words_of_pieces_are_those_of_the_rules(pieces):
    assert _found(pieces) == _expected(pieces)


@pytest.mark.parametrize("frame", ["{}", "a{}", "{}b", "A{}B", "1{}2", "a.{}", "_{}_", "!{}a", "😀{}"])
def test_every_character_does_in_a_word_what_the_rules_say(frame):
    # Without those at which texts are split, and halves of characters.
    points = [*range(0x21, 0x3100), *range(0xFB00, 0xFB60), *range(0xFE00, 0xFE20), *range(0x1D7C0, 0x1D800)]
    points += range(0x1EFF0, 0x1FB10)
    pieces = [frame.format(chr(point)) for point in points]
    found = words_of(pl.Series(pieces), loops.compiled(1))
    texts = pl.DataFrame({"text_id": points, "text": pieces})
    rows = words(tokenise(texts)).collect()
    assert found.found.gather(pl.Series(found.place).arg_sort()).to_list() == rows["word"].to_list()
    assert (
        found.n.tolist()
        == texts.join(rows.group_by("text_id").len(), on="text_id", how="left")
        .sort("text_id")["len"]
        .fill_null(0)
        .to_list()
    )


def test_runs_follow_each_other():
    assert runs(pl.Series([5, 0, 9]).to_numpy(), pl.Series([2, 0, 3]).to_numpy()).tolist() == [5, 6, 9, 10, 11]
