"""Annotations of one's own in another version: carried where their words stand without doubt, and never lost silently."""

import dataclasses
import functools
import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import MINI, edit
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import MigrationError
from corpus_tools.history import migrate
from corpus_tools.history.alignment import align


class Rows:
    """Frames of another corpus, some of whose tables have other rows."""

    def __init__(self, frames, others):
        self.frames, self.others = frames, others

    def scan(self, table, split):
        return self.others.get((table.name, split), self.frames.scan(table, split))


@functools.cache
def draft():
    return load(MINI, "draft")


def version(texts=None, **tables):
    """The mini corpus with other words in its texts (None: gone), and other rows in gold of a layer's table."""
    base = draft()
    others = {(name, "gold"): rows.lazy() for name, rows in tables.items()}
    if texts is not None:
        kept = base.texts.filter(~pl.col("text_id").is_in([name for name, text in texts.items() if text is None]))
        words = pl.col("text_id").replace({name: text for name, text in texts.items() if text is not None})
        changed = pl.when(pl.col("text_id").is_in(list(texts))).then(words).otherwise("text")
        others["texts", "full"] = kept.with_columns(text=changed).lazy()
    return dataclasses.replace(base, version="9.0.0", _frames=Rows(base._frames, others))


def spans(*rows, **more):
    columns = {"text_id": pl.String, "start_char": pl.Int64, "end_char": pl.Int64}
    frame = pl.DataFrame(list(rows), schema=columns, orient="row")
    return frame.with_columns(pl.Series(name, values) for name, values in more.items())


C1 = "I cross it daily 😀. Who pays?"
C2 = "Not me, Ann!\nNor anyone."


def test_the_texts_are_those_that_the_tests_below_count_in():
    assert draft().texts["text"].to_list()[1:] == [C1, C2]


def test_spans_of_equal_texts_are_carried_as_they_are():
    given = spans(
        ("c1", 8, 10), ("c1", 17, 18), ("c2", 0, 24), ("c2", None, None), quote=["it", "😀", C2, "b.z. said..."]
    )
    found = migrate(given, draft(), version())
    assert found.carried.equals(given)
    assert (found.lost.height, found.n_moved) == (0, 0)


def test_spans_move_with_their_words():
    new = version({"c1": "I cross it daily 😀🎈. So who pays?", "c2": "Oh no. Not me, Ann!\nNor anyone."})
    given = spans(("c1", 8, 10), ("c1", 19, 23), ("c2", 8, 11), ("c1", 24, 29), ("c2", 0, 24), note=list("abcde"))
    found = migrate(given, draft(), new)
    assert found.carried.rows() == [("c1", 8, 10, "a"), ("c2", 15, 18, "c"), ("c1", 28, 33, "d"), ("c2", 7, 31, "e")]
    assert found.n_moved == 3
    assert found.lost.select("note", "nearest_quote").rows() == [("b", "So who")]
    assert str(found) == "draft to 9.0.0: 4 of 5 rows carried, 3 of them to new offsets; 1 lost"


UNSOUND = {
    "a text that was never there": (("c9", 0, 1), "draft has no text c9"),
    "no text": ((None, 0, 1), "draft has no text null"),
    "an end after the text": (("c1", 0, 30), "its offsets are no stretch of c1, which has 29 characters in draft"),
    "a start before it": (("c1", -1, 3), "its offsets are no stretch of c1, which has 29 characters in draft"),
    "nothing": (("c1", 3, 3), "its offsets are no stretch of c1, which has 29 characters in draft"),
    "half a place": (("c1", 3, None), "its offsets are no stretch of c1, which has 29 characters in draft"),
    "another quote": (("c1", 8, 12), "its quote is not what stands there in draft: it d"),
}


def test_of_several_reasons_the_one_that_held_before_is_named():
    given = spans(("c1", 8, 10), quote=["at"], unit_id=["c2"])
    found = migrate(given, draft(), version({"c2": "Nobody."}))
    assert found.lost["lost_reason"].to_list() == ["its quote is not what stands there in draft: it"]


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("case", UNSOUND.values(), ids=UNSOUND)
def test_a_span_that_did_not_hold_before_is_lost_with_the_reason(case, changed):
    row, reason = case
    given = spans(row, ("c1", 8, 10), quote=["it", "it"])
    found = migrate(given, draft(), version({"c1": "So " + C1} if changed else None))
    assert found.lost["lost_reason"].to_list() == [reason]
    assert found.carried.height == 1


def test_what_lay_in_a_text_that_is_gone_is_lost_even_where_its_words_stand_elsewhere():
    """A text that was numbered anew is not guessed."""
    given = spans(("c2", 8, 11), ("c2", None, None), ("c1", 8, 10))
    found = migrate(given, draft(), version({"c2": None, "c1": C1}))
    assert found.carried.rows() == [("c1", 8, 10)]
    assert found.lost["lost_reason"].to_list() == ["the text c2 is gone in 9.0.0"] * 2


DOUBTFUL = {
    "its word was changed": ("Who will pay?", "Who can pay?", "will", "can"),
    "its word is gone": ("Who really pays?", "Who pays?", "really ", None),
    "a word came into it": ("the old bridge", "the old iron bridge", "old bridge", "old iron bridge"),
    "an equal word came beside it": ("I said no.", "I said no no.", "no", "no"),
    "one of two equal words is gone": ("no no", "no", "no", "no"),
    "a common word in rewritten ones": (
        "Down by the harbour somebody sang; the end.",
        "Far from the mountains nothing happened; the end.",
        "the",
        "the",
    ),
    "its sentence stands elsewhere": (
        "One here. Two there. Three.",
        "Two there. Three. One here.",
        "One here.",
        "One here.",
    ),
}


@pytest.mark.parametrize("case", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_span_that_is_broken_or_doubtful_is_lost_and_the_nearest_words_are_named(case):
    old, new, words, nearest = case
    start = old.index(words)
    found = migrate(spans(("c1", start, start + len(words))), version({"c1": old}), version({"c1": new}))
    assert found.carried.is_empty()
    [(_, *given, reason, near_start, near_end, quote)] = found.lost.rows()
    assert given == [start, start + len(words)]
    assert reason == "its words changed, or stand elsewhere or more than once in 9.0.0"
    assert quote == nearest
    assert (near_start is None) == (nearest is None)
    assert nearest is None or new[near_start:near_end] == nearest


CLEAR = {
    "a word between changed ones": ("A terrible idea undoubtedly", "A marvellous idea certainly", "idea"),
    "equal words between small changes": ("b it is so c it is so d", "e it is so f it is so g", "it is so"),
    "a word that stands elsewhere too": (
        "a bridge here. abcdefg bridge hijklmn",
        "a bridge here. opqrstu bridge vwxyzab",
        "bridge",
    ),
    "white space before it": ("one  two\nthree", "one two three", "three"),
    "characters without blanks": (
        "橋は月曜日に閉まる。誰が払う。",
        "古い橋は火曜日に閉まる。さて、誰が払う。",
        "閉まる",
    ),
    "half a word that grew": ("the bridge", "the bridges", "bridge"),
    "a sentence in a rewritten text": (
        "Aaa bbb. The bridge closes. Ccc ddd.",
        "Ee ff gg. The bridge closes. Hhh i.",
        "The bridge closes.",
    ),
    "a combining mark after it": ("cafe shut", "cafe shut\u0301", "cafe"),
}


@pytest.mark.parametrize("case", CLEAR.values(), ids=CLEAR)
def test_a_span_whose_words_stand_is_carried(case):
    old, new, words = case
    start = old.rindex(words)
    found = migrate(spans(("c1", start, start + len(words))), version({"c1": old}), version({"c1": new}))
    assert found.carried.rows() == [("c1", new.rindex(words), new.rindex(words) + len(words))]


@pytest.mark.parametrize("column", ["from_id", "to_id", "unit_id", "span_id"])
def test_a_row_is_lost_where_its_unit_is_gone_or_another(column):
    mentions = draft().table("mentions")
    new = version(mentions=mentions[1:].with_columns(text_id=pl.col("text_id").replace("c1", "a1")))
    given = pl.DataFrame({column: ["mentions-1", "mentions-2", "mentions-3", "mine-1", None], "n": range(5)})
    found = migrate(given, draft(), new)
    assert found.carried["n"].to_list() == [2, 3, 4]
    assert found.lost["lost_reason"].to_list() == [
        f"{column} mentions-1 is gone in 9.0.0",
        f"{column} mentions-2 is not what it was in draft",
    ]


def test_a_text_as_a_unit_is_lost_where_its_words_changed():
    given = pl.DataFrame({"unit_id": ["a1", "c1", "c2"], "label": ["calm", "calm", "loud"]})
    found = migrate(given, draft(), version({"c1": C1 + "!"}))
    assert found.carried["unit_id"].to_list() == ["a1", "c2"]
    assert found.lost["lost_reason"].to_list() == ["unit_id c1 is not what it was in draft"]


def test_a_unit_that_moved_with_its_words_is_what_it_was():
    """Five characters come before `it`, so that its new offsets share none with the old."""
    mentions = (
        draft()
        .table("mentions")
        .with_columns(
            pl.when(pl.col("text_id") == "c1").then(pl.col(name) + 5).otherwise(name).alias(name)
            for name in ("start_char", "end_char")
        )
    )
    given = pl.DataFrame({"to_id": ["mentions-2"]})
    found = migrate(given, draft(), version({"c1": "Yes. " + C1}, mentions=mentions))
    assert found.carried.equals(given)


def test_spans_not_yet_renewed_in_the_draft_are_carried_from_the_last_release():
    """As after a correction of a text: the draft's rows still have the offsets of before."""
    given = draft().table("mentions").filter(text_id="c1")
    new = version({"c1": "Yes. " + C1})
    found = migrate(given, draft(), new)
    assert found.carried.select("start_char", "end_char").rows() == [(13, 15)]
    assert (found.lost.height, found.n_unknown) == (0, 0)
    gone = version({"c1": "Yes. " + C1}, mentions=draft().table("mentions").filter(pl.col("text_id") != "c1"))
    assert migrate(given, draft(), gone).lost["lost_reason"].to_list() == ["span_id mentions-2 is gone in 9.0.0"]


def test_an_unknown_text_is_lost_without_offsets_too():
    given = pl.DataFrame({"text_id": ["c1", "c9", None, "c8"], "unit_id": [None, None, "c1", "mine-1"]})
    found = migrate(given, draft(), version())
    assert found.carried.rows() == [("c1", None), (None, "c1")]
    assert found.lost["lost_reason"].to_list() == ["draft has no text c9", "draft has no text c8"]
    assert found.n_unknown == 0


@pytest.mark.parametrize("column", ["from_id", "to_id", "unit_id", "span_id"])
def test_ids_that_are_all_null_are_no_unknown_ones(column):
    given = pl.DataFrame({column: [None], "text_id": [None]})
    found = migrate(given, draft(), version())
    assert (found.carried.height, found.n_unknown) == (1, 0)


@pytest.mark.parametrize("column", ["from_id", "to_id", "unit_id", "span_id"])
def test_ids_that_neither_version_holds_are_kept_and_counted(column):
    given = pl.DataFrame({column: ["mentions-1", "mine-1", "mine-2", None]})
    found = migrate(given, draft(), version())
    assert found.carried.equals(given)
    assert found.n_unknown == 2
    assert str(found).endswith("; 0 lost; 2 rows name ids that neither version holds, left as they are")
    assert "; 1 row names ids that neither version" in str(migrate(given[:2], draft(), version()))


def test_an_id_that_only_the_later_version_holds_is_known():
    mentions = draft().table("mentions")
    newer = pl.concat([mentions, mentions[:1].with_columns(span_id=pl.lit("mentions-9"))])
    found = migrate(pl.DataFrame({"to_id": ["mentions-9"]}), draft(), version(mentions=newer))
    assert (found.carried.height, found.n_unknown) == (1, 0)


def test_the_keys_of_the_rows_given_are_known_to_them():
    given = spans(("c1", 8, 10), ("c2", 8, 11), span_id=["mine-1", "mine-2"], to_id=["mine-2", "mine-3"])
    assert migrate(given, draft(), version()).n_unknown == 1
    again = given.with_columns(span_id=pl.lit("mine-2"))
    assert migrate(again, draft(), version()).n_unknown == 2


def test_only_carried_rows_are_counted_as_naming_unknown_ids():
    given = spans(("c1", 8, 99), ("c1", 8, 10), unit_id=["mine-1", "mine-1"])
    assert migrate(given, draft(), version()).n_unknown == 1


def test_a_path_is_refused_where_a_frame_is_wanted():
    with pytest.raises(MigrationError, match=r"must be a Polars frame, not str; read a file first"):
        migrate("mine.csv", draft(), version())


def test_a_span_that_points_at_a_unit_needs_both():
    given = spans(("c1", 8, 10), ("c1", 8, 10), unit_id=["c2", "c1"])
    found = migrate(given, draft(), version({"c1": "Yes. " + C1}))
    assert found.carried.rows() == [("c1", 13, 15, "c2")]
    assert found.lost["lost_reason"].to_list() == ["unit_id c1 is not what it was in draft"]


def test_other_columns_types_and_lazy_frames_stay_what_they_are():
    given = spans(("c1", 8, 10), ("c1", 25, 40), _row=["x", "y"], tags=[["a"], []], reason=["", None], text=["t", "u"])
    given = given.with_columns(pl.col("start_char", "end_char").cast(pl.UInt16))
    found = migrate(given.lazy(), draft(), version({"c1": "Yes. " + C1}))
    assert found.carried.schema == given.schema
    assert found.carried.rows() == [("c1", 13, 15, "x", ["a"], "", "t")]
    assert found.lost.columns == [*given.columns, "lost_reason", "nearest_start", "nearest_end", "nearest_quote"]
    assert found.lost.select(given.columns).equals(given[1:])


REFUSED = {
    "no place": (pl.DataFrame({"label": ["a"]}), "no column says where a row belongs; .* the rows have: label"),
    "half a place": (pl.DataFrame({"text_id": ["c1"], "start_char": [0]}), "the rows lack end_char"),
    "no text": (pl.DataFrame({"start_char": [0], "end_char": [1]}), "the rows lack text_id"),
    "offsets that are no whole numbers": (
        pl.DataFrame({"text_id": ["c1"], "start_char": [0.5], "end_char": [1.0]}),
        "start_char, end_char must hold whole numbers, not Float64",
    ),
    "ids that are numbers": (pl.DataFrame({"unit_id": [1]}), "unit_id must hold text, not Int64"),
    "a column of the result": (
        pl.DataFrame({"unit_id": ["c1"], "lost_reason": ["x"]}),
        "the lost rows get a column lost_reason of their own; rename the one given",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_frame_that_cannot_be_carried_is_refused(case):
    given, message = case
    with pytest.raises(MigrationError, match=message):
        migrate(given, draft(), version())


def test_no_rows_are_carried_as_no_rows():
    given = pl.DataFrame(schema={"text_id": pl.Null, "start_char": pl.Null, "end_char": pl.Null})
    found = migrate(given, draft(), version({"c1": "x"}))
    assert (found.carried.schema, found.carried.height, found.lost.height) == (given.schema, 0, 0)


# Laws.

ANY_TEXT = st.text(alphabet="ab c.é😀\n", min_size=1, max_size=20)
ANY_SPANS = st.lists(
    st.tuples(
        st.sampled_from(["a1", "c1", "c2", "c9"]), st.none() | st.integers(-2, 25), st.none() | st.integers(-2, 25)
    ),
    max_size=6,
)


@given(ANY_TEXT, ANY_TEXT, ANY_SPANS)
def test_every_row_is_carried_or_lost_and_what_is_carried_reads_the_same(old, new, rows):
    before, after = version({"c1": old}), version({"c1": new})
    given = spans(*rows).with_row_index("n")
    found = migrate(given, before, after)
    assert sorted([*found.carried["n"], *found.lost["n"]]) == list(range(len(rows)))
    assert found.carried["n"].is_sorted()
    assert found.lost["n"].is_sorted()
    assert found.lost.select(given.columns).equals(given.filter(pl.col("n").is_in(found.lost["n"].implode())))
    assert found.lost["lost_reason"].null_count() == 0
    texts = [dict(corpus.texts.select("text_id", "text").iter_rows()) for corpus in (before, after)]
    was = {row[0]: row[1:] for row in given.iter_rows()}
    for n, text_id, start, end in found.carried.iter_rows():
        _, old_start, old_end = was[n]
        if start is None:
            assert (old_start, old_end, end) == (None, None, None)
        else:
            assert texts[1][text_id][start:end] == texts[0][text_id][old_start:old_end] != ""


@given(ANY_TEXT, ANY_TEXT)
def test_an_alignment_is_of_equal_characters_in_order(old, new):
    found = align(old, new)
    at = (0, 0)
    for block in found.blocks:
        assert block.length > 0
        assert (block.old, block.new) >= at
        assert block.new >= at[1]
        assert old[block.old : block.old + block.length] == new[block.new : block.new + block.length]
        at = (block.old + block.length, block.new + block.length)
    assert at <= (len(old), len(new)) or at[1] <= len(new)


@given(ANY_TEXT, ANY_TEXT)
def test_read_backwards_texts_are_aligned_alike(old, new):
    backwards = align(old[::-1], new[::-1])
    mirrored = [
        (len(old) - b.old - b.length, len(new) - b.new - b.length, b.length) for b in reversed(backwards.blocks)
    ]
    assert [tuple(block) for block in align(old, new).blocks] == mirrored


@given(ANY_TEXT)
def test_a_text_is_aligned_with_itself_whole(text):
    assert [tuple(block) for block in align(text, text).blocks] == [(0, 0, len(text))]


@given(st.data())
def test_words_that_stand_once_are_carried_to_where_they_were_put(data):
    """Every word is another, and longer than what comes in between, so that each place is known by construction."""
    words = [f"word{number:03}s" for number in range(data.draw(st.integers(1, 12)))]
    kept = [data.draw(st.booleans()) for _ in words]
    between = [data.draw(st.sampled_from(["", "", "new ", "x y ", "so, "])) for _ in words]
    old, new, places = "", "", {}
    for word, keep, more in zip(words, kept, between, strict=True):
        start = len(old)
        old += word + " "
        new += more
        if keep:
            places[start] = len(new)
            new += word + " "
    found = align(old, new)
    for number, keep in enumerate(kept):
        start = number * 9
        assert found.carried(start, start + 8) == places.get(start), (old, new)
        assert keep == (start in places)


@pytest.mark.parametrize("vocabulary", [5000, 300, 3])
def test_a_long_text_with_few_edits_is_aligned_but_for_them(vocabulary):
    dice = random.Random(vocabulary)
    old = " ".join(f"w{dice.randrange(vocabulary)}" for _ in range(40_000))
    cuts = sorted(dice.sample(range(len(old)), 20))
    pieces = [old[start:end] for start, end in zip([0, *cuts], [*cuts, len(old)], strict=True)]
    found = align(old, "ÄÖ".join(pieces))
    assert sum(block.length for block in found.blocks) > len(old) - 20 * 20
    assert sum(
        found.carried(start, start + 50) == start + 2 * sum(cut <= start for cut in cuts)
        for start in range(0, len(old) - 50, 1000)
    ) > 0.9 * len(range(0, len(old) - 50, 1000))


def test_texts_that_share_nothing_are_aligned_too():
    dice = random.Random(0)
    old, new = ("".join(dice.choice(letters) for _ in range(50_000)) for letters in ("abcd ", "wxyz "))
    assert sum(block.length for block in align(old, new).blocks) < 100


# The command.


@pytest.fixture
def two(released):
    from corpus_tools.release import release

    edit(released / "annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann,person,true,,\n", "")
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    release(released, "0.2.0")
    return released


CSV = 'id,to_id,text_id,start_char,end_char,quote,note\n1,mentions-1,c1,8,10,it,\n2,,c2,,,b.z. said...,""\n03,mentions-3,c2,8,11,Ann,x\n'


def test_a_csv_file_keeps_its_cells_as_they_were_typed(two, tmp_path, capsys):
    (tmp_path / "mine.csv").write_text(CSV)
    paths = [str(tmp_path / name) for name in ("mine.csv", "out.csv", "lost.csv")]
    command = ["migrate", paths[0], str(two), "--from", "0.1.0", "--to", "0.2.0", "--out", paths[1], "--lost", paths[2]]
    assert main(command) == 1
    shown = capsys.readouterr()
    assert shown.out == "0.1.0 to 0.2.0: 2 of 3 rows carried, 0 of them to new offsets; 1 lost\n"
    assert shown.err == ""
    header, *rows = CSV.splitlines()
    assert (tmp_path / "out.csv").read_text().splitlines() == [header, *rows[:2]]
    assert (tmp_path / "lost.csv").read_text().splitlines() == [
        f"{header},lost_reason,nearest_start,nearest_end,nearest_quote",
        f"{rows[2]},to_id mentions-3 is gone in 0.2.0,,,",
    ]


def test_lost_rows_that_are_not_written_are_named(two, tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("id,to_id\n" + "".join(f"m{n},mentions-3\n" for n in range(12)))
    command = ["migrate", str(tmp_path / "mine.csv"), str(two), "--from", "0.1.0", "--to", "0.2.0"]
    assert main([*command, "--out", str(tmp_path / "out.csv")]) == 1
    shown = capsys.readouterr().err.splitlines()
    assert shown[0] == "lost: m0: to_id mentions-3 is gone in 0.2.0"
    assert len(shown) == 11
    assert shown[-1] == "and 2 more lost rows; --lost FILE keeps them all"


def test_a_parquet_file_goes_through_with_its_types(two, tmp_path, capsys):
    given = load(two, "0.1.0").layer("mentions", annotators="kim")
    given.write_parquet(tmp_path / "mine.parquet")
    out = tmp_path / "out.parquet"
    command = [
        "migrate",
        str(tmp_path / "mine.parquet"),
        str(two),
        "--from",
        "0.1.0",
        "--to",
        "0.2.0",
        "--out",
        str(out),
    ]
    assert main(command) == 0
    assert pl.read_parquet(out).equals(given)
    assert capsys.readouterr().out.endswith("2 of 2 rows carried, 0 of them to new offsets; 0 lost\n")


def test_wrong_files_and_offsets_are_said(two, tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("text_id,start_char,end_char\nc1,one,2\n")
    command = ["migrate", str(tmp_path / "mine.csv"), str(two), "--from", "0.1.0", "--to", "0.2.0", "--out"]
    assert main([*command, str(tmp_path / "out.csv")]) == 1
    assert "mine.csv: start_char must be whole numbers, not 'one'\n" in capsys.readouterr().err
    assert main([*command, str(tmp_path / "out.xlsx")]) == 2
    assert "out.xlsx is neither .csv nor .parquet\n" in capsys.readouterr().err
    assert not list(tmp_path.glob("out.*"))


def test_a_file_that_cannot_be_read_is_said(two, tmp_path, capsys):
    (tmp_path / "mine.parquet").write_bytes(b"text_id,start_char")
    (tmp_path / "mine.csv").write_bytes("text_id,quote\nc1,caf\u00e9\n".encode("latin-1"))
    for name, message in (
        ("mine.parquet", "mine.parquet: cannot be read as Parquet: "),
        ("mine.csv", "mine.csv: is not UTF-8, at byte 20; save it as UTF-8\n"),
    ):
        command = ["migrate", str(tmp_path / name), str(two), "--from", "0.1.0", "--to", "0.2.0"]
        assert main([*command, "--out", str(tmp_path / "out.csv")]) == 1
        assert message in capsys.readouterr().err


def test_nearest_words_that_are_long_are_shortened(released, tmp_path, capsys):
    long = "Nobody " + "at all " * 30
    edit(released / "sources/mini.txt", "Not me, Ann!\nNor anyone.", long)
    edit(released / "texts/mini.csv", ",178", f",{154 + len(long)}")
    (tmp_path / "mine.csv").write_text("text_id,start_char,end_char\nc2,0,24\n")
    command = ["migrate", str(tmp_path / "mine.csv"), str(released), "--from", "0.1.0", "--to", "draft"]
    assert main([*command, "--out", str(tmp_path / "out.csv")]) == 1
    [shown] = capsys.readouterr().err.splitlines()
    assert "; nearest: 'Nobody at all at all " in shown
    assert shown.endswith("...'")
    assert len(shown) < 160


def test_the_help_says_what_becomes_of_judgements_of_changed_texts(capsys):
    with pytest.raises(SystemExit):
        main(["migrate", "--help"])
    assert "so is a judgement of a whole text whose words changed" in " ".join(capsys.readouterr().out.split())


def test_the_page_of_a_quote_that_is_off_names_the_command(capsys):
    assert main(["explain", "E301"]) == 0
    assert "corpus-tools migrate annotations/LAYER/gold.csv --from X --to draft" in " ".join(
        capsys.readouterr().out.split()
    )


def test_the_command_writes_both_files_or_none(two, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    rows.write_text("text_id,start_char,end_char\nc1,0,1\nzz,0,1\n")
    command = ["migrate", str(rows), str(two), "--from", "0.1.0", "--to", "0.2.0", "--out"]
    before = rows.read_bytes()
    for places in ([str(rows)], [str(tmp_path / "x.csv"), "--lost", str(tmp_path / "." / "x.csv")]):
        assert main([*command, *places]) == 2
        assert "must be different files" in capsys.readouterr().err
    (tmp_path / "taken.csv").mkdir()
    assert main([*command, str(tmp_path / "out.csv"), "--lost", str(tmp_path / "taken.csv")]) == 1
    assert rows.read_bytes() == before
    assert not (tmp_path / "out.csv").exists()


def test_lists_do_not_fit_into_csv(two, tmp_path, capsys):
    rows = tmp_path / "rows.parquet"
    pl.DataFrame({"text_id": ["c1"], "start_char": [0], "end_char": [1], "tags": [["a"]]}).write_parquet(rows)
    command = ["migrate", str(rows), str(two), "--from", "0.1.0", "--to", "0.2.0", "--out", str(tmp_path / "out.csv")]
    assert main(command) == 1
    assert "a CSV file cannot hold the lists in tags; write .parquet" in capsys.readouterr().err
