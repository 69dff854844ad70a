"""What two versions differ in: found whole, the same in both directions, and graded by written rules."""

import dataclasses
import functools
import json
import re
import shutil
from importlib import resources
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAYERED, add, both, edit, replace
from corpus_tools.cli import main
from corpus_tools.content import content_sha256
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, ReleaseError, UnknownNameError, VersionError
from corpus_tools.history import Step, beginning, changelog_entry, diff, least_version, summary_lines, with_entry
from corpus_tools.history.rows import ChangedTexts, as_text, compare_rows
from corpus_tools.release import release
from corpus_tools.released import released_files
from corpus_tools.scheme import Column, Table

MENTIONS = "annotations/mentions/gold.csv"
# What an edit of the mini corpus is, and how it is counted on paper.
EDITS = both(
    replace(MENTIONS, "mentions-3,c2,8,11,Ann,person,true,,\n", "mentions-4,c2,17,23,anyone,person,true,,\n"),
    replace(MENTIONS, "it,thing,false,0.25", "it,thing,false,"),
    replace(MENTIONS, "a1,55,69,The old bridge", "a1,59,69,old bridge"),
    replace("annotations/mentions/kim.csv", "c2,8,11,Ann,person", "c2,0,3,Not,person"),
    replace("annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm"),
    replace("scheme/tone.toml", 'definition = "Loud."', 'definition = "Very loud."'),
    replace("scheme/tone.toml", 'positive = "Who pays?"', 'positive = "Why?"'),
    replace("scheme/mentions.toml", 'name = "weight"\ntype = "number"', 'name = "weight"\ntype = "integer"'),
    add("scheme/mentions.toml", '\n[[relation.columns]]\nname = "sure"\ntype = "boolean"\ndescription = "Sure."\n'),
    replace("corpus.toml", 'text = "Invented."', 'text = "Made up."'),
    replace("corpus.toml", 'annotations = "CC0-1.0"', 'annotations = "CC-BY-4.0"'),
)


@pytest.fixture
def edited(released):
    EDITS(released)
    return released


@pytest.fixture
def found(edited):
    return diff("0.1.0", "draft", folder=edited)


def test_rows_are_found_by_their_ids(found):
    assert found.rows.select("table", "split", "row_id", "what", "about").rows() == [
        ("mentions", "gold", "mentions-3", "removed", "c2  8  11  Ann  person"),
        ("mentions", "gold", "mentions-4", "added", "c2  17  23  anyone  person"),
        ("mentions", "gold", "mentions-1", "changed", "a1  59  69  old bridge  thing"),
        ("mentions", "gold", "mentions-2", "changed", "c1  8  10  it  thing"),
        ("mentions", "passes", "mentions-kim-2", "moved", "c2  0  3  Not  person"),
        ("tone", "gold", "tone-3", "changed", "c2  How does it sound?  calm"),
    ]


def test_cells_are_given_with_both_values(found):
    assert found.cells.select("table", "row_id", "column", "old", "new").rows() == [
        ("mentions", "mentions-1", "start_char", "55", "59"),
        ("mentions", "mentions-1", "quote", "The old bridge", "old bridge"),
        # 1.5 is no whole number, as the column now wants, and a draft is read leniently.
        ("mentions", "mentions-1", "weight", "1.5", None),
        ("mentions", "mentions-2", "weight", "0.25", None),
        ("mentions", "mentions-kim-2", "start_char", "8", "0"),
        ("mentions", "mentions-kim-2", "end_char", "11", "3"),
        ("mentions", "mentions-kim-2", "quote", "Ann", "Not"),
        ("tone", "tone-3", "label", "loud", "calm"),
    ]


def test_rows_are_counted_per_table_and_split(found):
    counts = found.counts.filter(pl.col("layer") == "mentions").drop("layer")
    assert counts.rows() == [
        ("mentions", "gold", 3, 3, 1, 1, 2, 0, False),
        ("mentions", "passes", 2, 2, 0, 0, 0, 1, False),
        ("mentions_relations", "gold", 1, 1, 0, 0, 0, 0, False),
        ("mentions_relations", "passes", 0, 0, 0, 0, 0, 0, False),
    ]


def test_declarations_are_compared_property_by_property(found):
    assert found.scheme.select("kind", "table", "name", "what", "property", "old", "new").rows() == [
        ("column", "mentions", "weight", "changed", "type", "number", "integer"),
        ("column", "mentions_relations", "sure", "added", None, None, "Sure."),
        ("label", "tone", "calm", "changed", "positive", "Who pays?", "Why?"),
        ("label", "tone", "loud", "changed", "definition", "Loud.", "Very loud."),
    ]


def test_metadata_is_compared_without_what_differs_between_any_two_releases(edited, found):
    assert found.metadata.rows() == [
        ("licences.annotations", "changed", "CC0-1.0", "CC-BY-4.0"),
        ("caveats.texts", "changed", "Invented.", "Made up."),
    ]
    edit(edited / "corpus.toml", 'version = "0.1.0"\ndate = 2026-01-31', 'version = "0.2.0"\ndate = 2026-02-28')
    assert diff("0.1.0", "draft", folder=edited).metadata.equals(found.metadata)


def test_rows_on_one_side_can_be_had_whole(edited, found):
    assert found.added("mentions").equals(load(edited, "draft").table("mentions")[-1:])
    assert found.removed("mentions").equals(load(edited, "0.1.0").table("mentions")[-1:])
    assert found.added("mentions", split="passes").is_empty()
    with pytest.raises(UnknownNameError, match="unknown table 'mention'"):
        found.added("mention")


def test_the_whole_can_be_told_as_json(found):
    told = json.loads(json.dumps(found.to_dict()))
    assert (told["old"], told["new"], told["step"], told["least_version"]) == ("0.1.0", "draft", "MAJOR", "0.2.0")
    [gone] = [row for row in told["rows"] if row["what"] == "removed"]
    place = {"span_id": "mentions-3", "text_id": "c2", "start_char": "8", "end_char": "11", "quote": "Ann"}
    rest = {"label": "person", "certain": "true", "weight": None, "annotator": "gold", "reason": None}
    assert gone["cells"] == place | rest
    assert len(told["cells"]) == 8
    assert {row["table"]: row["n_changed"] for row in told["counts"] if row["n_changed"]} == {"mentions": 2, "tone": 1}


def test_the_summary_names_what_differs(found):
    assert str(found).splitlines() == [
        "Mini Corpus: 0.1.0 to draft",
        "",
        "metadata",
        "  licences.annotations changed: CC0-1.0 -> CC-BY-4.0",
        "  caveats.texts changed: Invented. -> Made up.",
        "",
        "scheme",
        "  column weight of mentions: type number -> integer",
        "  column sure of mentions_relations added: Sure.",
        "  label calm of tone: positive Who pays? -> Why?",
        "  label loud of tone: definition Loud. -> Very loud.",
        "",
        "rows",
        "  mentions gold: 1 added, 1 removed, 2 changed (now 3)",
        "  mentions passes: 1 moved (now 2)",
        "  tone gold: 1 changed (now 3)",
        "",
        "cells",
        "  mentions mentions-1 start_char: 55 -> 59",
        "  mentions mentions-1 quote: The old bridge -> old bridge",
        "  mentions mentions-1 weight: 1.5 -> null",
        "  mentions mentions-2 weight: 0.25 -> null",
        "  mentions mentions-kim-2 start_char: 8 -> 0",
        "  mentions mentions-kim-2 end_char: 11 -> 3",
        "  mentions mentions-kim-2 quote: Ann -> Not",
        "  tone tone-3 label: loud -> calm",
    ]


def test_a_long_value_is_shown_from_where_it_differs(released):
    edit(released / "corpus.toml", "small enough to count on paper.", "small enough to count by hand.")
    shown = str(diff("0.1.0", "draft", folder=released))
    assert "summary changed: ...nough to count on paper. -> ...nough to count by hand." in shown


def test_what_cannot_be_seen_is_shown_in_a_difference(released):
    """Values that differ in a line end or a control character must not look alike, nor reach the terminal as they are."""
    edit(released / "annotations/mentions/gold.csv", "Kim left it out.", "Kim left\tit\x1b[31m out.")
    shown = str(diff("0.1.0", "draft", folder=released))
    assert r"Kim left it out. -> Kim left\tit\x1b[31m out." in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("which", ["released", "shipped"])
def test_a_version_does_not_differ_from_itself(which, request):
    corpus = load(request.getfixturevalue(which))
    same = diff(corpus, corpus.version, folder=corpus.folder)
    assert not same
    assert (same.step, same.least_version, same.reasons) == (None, None, [])
    assert str(same).splitlines()[1:] == ["nothing differs"]


EXCHANGED = {"added": "removed", "removed": "added", "changed": "changed", "moved": "moved"}


@pytest.mark.parametrize("which", ["edited", "shipped"])
def test_the_other_way_round_old_and_new_are_exchanged(which, request):
    folder = request.getfixturevalue(which)
    versions = ("0.1.0", "draft" if which == "edited" else "1.0.0")
    there, back = diff(*versions, folder=folder), diff(*reversed(versions), folder=folder)
    for name in ("metadata", "scheme", "rows", "cells", "counts"):
        frame = getattr(back, name)
        turned = frame.rename(
            {one: other for one, other in zip(("old", "new"), ("new", "old"), strict=True) if one in frame.columns}
            | (
                {"n_old": "n_new", "n_new": "n_old", "n_added": "n_removed", "n_removed": "n_added"}
                if name == "counts"
                else {}
            )
        )
        if "what" in frame.columns:
            turned = turned.with_columns(pl.col("what").replace(EXCHANGED))
        left, right = (
            each.select(sorted(each.columns)).drop("about", strict=False) for each in (getattr(there, name), turned)
        )
        assert left.sort(left.columns).equals(right.sort(left.columns)), name


# Random tables with a column of every type, one of which either side may lack.
TYPES = {
    "quote": ("string", st.text(max_size=3)),
    "names": ("strings", st.lists(st.none() | st.text(max_size=2), max_size=2)),
    "n": ("integer", st.integers(-(2**31), 2**31 - 1)),
    "share": ("number", st.sampled_from([0.0, -0.0, float("nan")]) | st.floats()),
    "sure": ("boolean", st.booleans()),
    "at": ("timestamp", st.datetimes().map(lambda time: time.replace(microsecond=time.microsecond // 1000))),
}


@st.composite
def sides(draw):
    """Two versions of a table: some rows the same, some cells changed, in any order."""
    columns = draw(st.lists(st.sampled_from(sorted(TYPES)), unique=True, min_size=1))
    ids = draw(st.lists(st.sampled_from([*"abcd", None]), unique=True))
    old = {id_: {name: draw(st.none() | TYPES[name][1]) for name in columns} for id_ in ids}
    new_ids = draw(st.lists(st.sampled_from([*"abcd", None]), unique=True) | st.just(ids))
    new_columns = draw(st.just(columns) | st.lists(st.sampled_from(sorted(TYPES)), unique=True))
    new = {}
    for id_ in new_ids:
        kept = draw(st.booleans())
        new[id_] = {
            name: old[id_][name] if kept and id_ in old and name in columns else draw(st.none() | TYPES[name][1])
            for name in new_columns
        }
    return side(columns, old), side(new_columns, new)


def side(columns, rows):
    declared = (Column("id", "id", ""), *(Column(name, TYPES[name][0], "") for name in columns))
    table = Table("t", "", "id", declared)
    return table, pl.DataFrame([{"id": id_, **row} for id_, row in rows.items()], schema=table.schema)


def texts_of(table, frame):
    shown = frame.select(as_text(name, kind) for name, kind in frame.schema.items())
    return {row.pop("id"): row for row in shown.to_dicts()}


@given(sides())
def test_the_old_rows_with_the_differences_are_the_new_rows(both_sides):
    old, new = both_sides
    found = compare_rows(old, new, ChangedTexts({}), where="t")
    ids = {what: rows["row_id"].to_list() for (what,), rows in found.rows.group_by("what")}
    after = texts_of(*new)
    names = new[1].columns[1:]
    made = {id_: {name: row.get(name) for name in names} for id_, row in texts_of(*old).items()}
    for id_ in ids.get("removed", []):
        del made[id_]
    for id_, name, was, now in found.cells.iter_rows():
        assert texts_of(*old)[id_].get(name) == was
        if name in names:
            assert made[id_][name] != now
            made[id_][name] = now
    assert set(found.cells["row_id"]) == {*ids.get("changed", []), *ids.get("moved", [])}
    assert not made.keys() & set(ids.get("added", []))
    assert {**made, **{id_: after[id_] for id_ in ids.get("added", [])}} == after


@given(sides())
def test_the_content_hash_is_equal_exactly_where_no_row_or_column_differs(both_sides):
    (one, old), (other, new) = both_sides
    found = compare_rows((one, old), (other, new), ChangedTexts({}), where="t")
    hashes = {content_sha256({"t": rows.to_arrow().cast(table.arrow_schema)}) for table, rows in both_sides}
    nothing = found.rows.is_empty() and not found.reordered and one.columns == other.columns
    assert (len(hashes) == 1) == nothing


@given(sides())
def test_random_rows_differ_alike_in_both_directions(both_sides):
    old, new = both_sides
    there, back = (compare_rows(*pair, ChangedTexts({}), where="t") for pair in ((old, new), (new, old)))
    assert sorted(there.cells.rows(), key=str) == sorted(
        back.cells.select("row_id", "column", "new", "old").rows(), key=str
    )
    assert {row[:2] for row in there.rows.iter_rows()} == {
        (id_, EXCHANGED[what]) for id_, what, _ in back.rows.iter_rows()
    }
    assert there.reordered == back.reordered


def test_a_zero_and_its_negative_differ_as_in_the_hash_and_no_number_does_not():
    old, new = (side(["share"], {"a": {"share": one}, "b": {"share": float("nan")}}) for one in (0.0, -0.0))
    assert compare_rows(old, new, ChangedTexts({}), where="t").cells.rows() == [("a", "share", "0.0", "-0.0")]


def test_an_id_that_stands_twice_is_an_error_of_ours(released):
    add("annotations/tone/gold.csv", "tone-3,c2,How does it sound?,calm\n")(released)
    with pytest.raises(ArgumentError, match=r"diff: tone \(gold\) holds tone-3 more than once"):
        diff("0.1.0", "draft", folder=released)


def test_a_version_that_is_not_there_is_named(released):
    with pytest.raises(VersionError, match="release '0.2.0' is not in"):
        diff("0.1.0", "0.2.0", folder=released)


# Against another implementation: which rows of one file are not in another.


def oracle(corpus, other, name, split):
    """Ids of the rows of a table that do not stand the same in the other version, as DuckDB finds them."""
    table = corpus.scheme.table(name)
    paths = [
        [str(each.folder / "releases" / each.version / file) for file in released_files(table, split)]
        for each in (corpus, other)
    ]
    query = f"select {table.key} from (select * from read_parquet({paths[0]}) except select * from read_parquet({paths[1]}))"
    return {row[0] for row in duckdb.sql(query).fetchall()}


def assert_as_duckdb_finds(folder, a, b):
    found = diff(a, b, folder=folder)
    n = 0
    for row in found.counts.drop_nulls(["n_old", "n_new"]).iter_rows(named=True):
        of_split = found.rows.filter(pl.col("table") == row["table"], pl.col("split") == row["split"])
        for whats, one, other in (
            (("added", "changed", "moved"), found.new, found.old),
            (("removed", "changed", "moved"), found.old, found.new),
        ):
            mine = set(of_split.filter(pl.col("what").is_in(whats))["row_id"])
            assert mine == oracle(one, other, row["table"], row["split"]), row
            n += len(mine)
    return n


def test_rows_differ_where_duckdb_says_so(released, shipped):
    for change in (
        replace(MENTIONS, "mentions-3,c2,8,11,Ann,person,true,,\n", "mentions-4,c2,17,23,anyone,person,true,,\n"),
        replace("annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm"),
        replace("texts/mini.csv", "2026-01-30T08:00:00Z", "2026-01-30T09:00:00Z"),
        replace("corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"'),
    ):
        change(released)
    release(released, "0.2.0")
    # By hand: mentions one out and one in, a tone and a time changed, each seen from both sides.
    assert assert_as_duckdb_finds(released, "0.1.0", "0.2.0") == 2 + 2 + 2
    # 40 spans of passes, 330 rows of coverage, two new annotators; two of those and the thread say something else.
    assert assert_as_duckdb_finds(shipped, "0.1.0", "1.0.0") == 40 + 330 + 2 + 2 * (2 + 1)


# Units that move.


def test_a_span_whose_text_grew_before_it_has_not_moved(released):
    """So much comes in before it that its new offsets share none with the old."""
    more = " tonight, and the mayor cheers"
    edit(released / "sources/mini.txt", "Council votes 5–2", "Council votes 5–2" + more)
    texts = released / "texts/mini.csv"
    ends = re.compile(r"(?<=,)(87|89|107|109|138|140|152|154|178)(?=,|\n)")
    texts.write_text(
        ends.sub(lambda end: str(int(end[0]) + len(more)), texts.read_text(encoding="utf-8")), encoding="utf-8"
    )
    replace(MENTIONS, "a1,55,69,", f"a1,{55 + len(more)},{69 + len(more)},")(released)
    replace("annotations/structure/gold.csv", "a1,55,87,The old bridge", "a1,55,60,The old bridge")(released)
    found = diff("0.1.0", "draft", folder=released)
    what = dict(found.rows.select("row_id", "what").iter_rows())
    assert [what[id_] for id_ in ("a1", "mentions-1", "structure-3")] == ["moved", "changed", "moved"]


MOVES = {
    "a span beside its old place": (replace(MENTIONS, "c2,8,11,Ann", "c2,4,6,me"), "mentions", "mentions-3"),
    "a span right before its old place": (replace(MENTIONS, "c2,8,11,Ann", "c2,7,8, "), "mentions", "mentions-3"),
    "a span right after its old place": (replace(MENTIONS, "c2,8,11,Ann", "c2,11,12,!"), "mentions", "mentions-3"),
    "a span in another text": (replace(MENTIONS, "c2,8,11,Ann", "c1,8,11,it "), "mentions", "mentions-3"),
    "a relation from elsewhere": (
        replace("annotations/mentions/gold.relations.csv", "mentions-2,mentions-1", "mentions-3,mentions-1"),
        "mentions_relations",
        "mentions-r1",
    ),
    "a judgement of another unit": (replace("annotations/tone/gold.csv", "tone-3,c2", "tone-3,c1"), "tone", "tone-3"),
    "a judgement by another question": (
        replace("annotations/tone/gold.csv", "tone-3,c2,How does it sound?", "tone-3,c2,How loud?"),
        "tone",
        "tone-3",
    ),
    "a text with other words": (
        replace("sources/mini.txt", "Nor anyone.", "Nor nobody."),
        "texts",
        "c2",
    ),
    "a text in another thread": (replace("texts/mini.csv", "c2,mini", "c2,maxi"), "texts", "c2"),
}


@pytest.mark.parametrize("case", MOVES.values(), ids=MOVES)
def test_an_id_on_another_unit_has_moved_and_asks_for_major(released, case):
    change, table, row_id = case
    change(released)
    found = diff("0.1.0", "draft", folder=released)
    assert found.rows.select("table", "row_id", "what").rows() == [(table, row_id, "moved")]
    assert found.step is Step.MAJOR


def test_a_corrected_text_is_said_to_have_other_words(released):
    edit(released / "sources/mini.txt", "Nor anyone.", "Nor nobody.")
    found = diff("0.1.0", "draft", folder=released)
    assert [reason.why for reason in found.reasons] == ["the words of text c2 changed"]
    assert "- `texts`: 1 text has other words: c2.\n" in changelog_entry(found)
    assert "\n  texts full: 1 with other words (now 3)\n" in str(found)
    assert "\n    changed c2  " in "\n".join(summary_lines(found, whole=True))


def test_a_text_in_another_thread_is_told_from_one_with_other_words(released):
    replace("texts/mini.csv", "c1,mini", "c1,maxi")(released)
    edit(released / "sources/mini.txt", "Nor anyone.", "Nor nobody.")
    found = diff("0.1.0", "draft", folder=released)
    assert [reason.why for reason in found.reasons if reason.step is Step.MAJOR] == [
        "the words of text c2 changed",
        "the kind or thread of text c1 changed",
    ]
    told = "1 text has other words: c2; 1 text has another kind or thread: c1"
    assert f"- `texts`: {told}.\n" in changelog_entry(found)
    assert "texts full: 1 with other words, 1 of another kind or thread (now 3)\n" in str(found)


def test_rows_that_moved_are_said_to_stand_on_another_unit(released):
    replace(MENTIONS, "c2,8,11,Ann", "c2,4,6,me")(released)
    [reason] = diff("0.1.0", "draft", folder=released).reasons
    assert reason.why == "1 row of mentions (gold) now stands on another unit: mentions-3"


STAYS = {
    "a span that shrank": replace(MENTIONS, "c2,8,11,Ann", "c2,8,9,A"),
    "a span that grew over its old place": replace(MENTIONS, "c2,8,11,Ann", "c2,7,12, Ann!"),
    "another end of a relation": replace(
        "annotations/mentions/gold.relations.csv", "mentions-2,mentions-1", "mentions-2,mentions-3"
    ),
    "a span that lost its place": replace(MENTIONS, "c2,8,11,Ann", "c2,,,Ann"),
}


@pytest.mark.parametrize("change", STAYS.values(), ids=STAYS)
def test_a_correction_over_the_same_unit_has_not_moved_it(released, change):
    change(released)
    found = diff("0.1.0", "draft", folder=released)
    assert found.rows["what"].to_list() == ["changed"]
    assert found.step is Step.PATCH


# The written rules, one change each.

TONE = "scheme/tone.toml"
STANCE = "scheme/stance.toml"
LABEL = (
    '\n[[judgement.labels]]\nid = "flat"\ndefinition = "Flat."\ntest = "Flat?"\npositive = "So."\nnegative = "Oh!"\n'
)
FIRST = LABEL + '\n[[judgement.labels]]\nid = "calm"'
STEPS = {
    "MAJOR": {
        "an id of gold is gone": replace(MENTIONS, "mentions-3,c2,8,11,Ann,person,true,,\n", ""),
        "an id of a pass is gone": replace(
            "annotations/mentions/kim.csv", "mentions-kim-2,c2,8,11,Ann,person,true,\n", ""
        ),
        "an id is gone and has a tombstone": both(
            replace(MENTIONS, "mentions-3,c2,8,11,Ann,person,true,,\n", ""),
            add(
                "corpus.toml",
                '\n[[tombstones]]\ntable_name = "mentions"\nrow_id = "mentions-3"\ndate = "2026-02-01"\nreason = "Why."\n',
            ),
        ),
        "a layer is gone": lambda folder: (folder / TONE).unlink(),
        "a label's definition changed": replace(TONE, 'definition = "Loud."', 'definition = "Noisy."'),
        "a label's test changed": replace(TONE, 'test = "An exclamation mark?"', 'test = "Two of them?"'),
        "a label is gone": replace(TONE, 'id = "loud"', 'id = "noisy"'),
        "a label came before others": replace(TONE, '\n[[judgement.labels]]\nid = "calm"', FIRST),
        "a column is gone": replace("scheme/mentions.toml", 'name = "weight"', 'name = "mass"'),
        "a column's type changed": replace("scheme/mentions.toml", 'type = "number"', 'type = "string"'),
    },
    "MINOR": {
        "a row is new": add(MENTIONS, "mentions-4,c2,17,23,anyone,person,true,,\n"),
        "a label is new and stands last": add(TONE, LABEL),
        "a column is new": add(
            TONE, '\n[[judgement.columns]]\nname = "x"\ntype = "string"\nrequired = false\ndescription = "X."\n'
        ),
        "a guideline has a new version": replace(TONE, 'guideline_version = "1"', 'guideline_version = "2"'),
        "a pass found nothing": add(
            "corpus.toml", '\n[[passes]]\nlayer = "tone"\nannotator_id = "kim"\ndate = 2026-02-01\ntexts = ["c1"]\n'
        ),
        "a licence changed": replace("corpus.toml", 'annotations = "CC0-1.0"', 'annotations = "CC-BY-4.0"'),
        "spans may no longer overlap": replace("scheme/mentions.toml", "[span]\n", '[span]\noverlap = "none"\n'),
        "a column must be filled": replace(
            "scheme/mentions.toml", 'type = "boolean"\nrequired = false', 'type = "boolean"'
        ),
    },
    "PATCH": {
        "a label was corrected": replace(
            "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm"
        ),
        "an example changed": replace(TONE, 'positive = "Who pays?"', 'positive = "Why?"'),
        "a description changed": replace(TONE, 'description = "How a text sounds."', 'description = "Its sound."'),
        "metadata changed": replace("corpus.toml", 'keywords = ["test"]', 'keywords = ["test", "mini"]'),
        "a creator changed": replace("corpus.toml", 'given_names = "Test"', 'given_names = "T."'),
        "rows stand in another order": both(
            replace("annotations/tone/gold.csv", "tone-1,a1,How does it sound?,calm\n", ""),
            add("annotations/tone/gold.csv", "tone-1,a1,How does it sound?,calm\n"),
        ),
        "a pass went through less than it said": replace(
            "corpus.toml", 'texts = ["a1", "c1", "c2"]', 'texts = ["a1", "c2"]'
        ),
        "an omission is said": add("corpus.toml", '\n[[omissions]]\nlayer = "tone"\nreason = "So."\ntexts = ["c1"]\n'),
    },
}
CASES = {f"{step}: {name}": (step, change) for step, cases in STEPS.items() for name, change in cases.items()}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_change_asks_for_the_step_that_the_rules_say(released, case):
    step, change = case
    change(released)
    found = diff("0.1.0", "draft", folder=released)
    assert found
    assert found.step is Step[step]


@pytest.fixture(scope="module")
def layered_release(tmp_path_factory):
    folder = Path(shutil.copytree(LAYERED, tmp_path_factory.mktemp("released") / "layered"))
    release(folder, "0.1.0")
    return load(folder)


LAYERED_STEPS = {
    "a question's definition changed": (
        "MAJOR",
        replace(STANCE, 'definition = "The mayor."', 'definition = "The mayors."'),
    ),
    "a question is gone": ("MAJOR", replace(STANCE, 'id = "mayor"', 'id = "council"')),
    "a scale became ordinal": ("MAJOR", replace(STANCE, 'scale = "nominal"', 'scale = "ordinal"')),
    "a question's own label means something else": (
        "MAJOR",
        replace(STANCE, 'test = "Is there no edge?"', 'test = "No?"'),
    ),
    "a column's label means something else": (
        "MAJOR",
        replace("scheme/replies.toml", 'definition = "It says yes."', 'definition = "It nods."'),
    ),
    "a closed set lost a value": ("MAJOR", replace("scheme/entities.toml", ', "writer"]', "]")),
    "a closed set gained a value first": (
        "MINOR",
        replace("scheme/entities.toml", '["official"', '["clerk", "official"'),
    ),
    "a closed set in another order": (
        "PATCH",
        replace("scheme/entities.toml", '["official", "public", "writer"]', '["public", "official", "writer"]'),
    ),
    "ranks in another order": (
        "MAJOR",
        both(
            replace("scheme/replies.toml", 'id = "neutral"', 'id = "x"'),
            replace("scheme/replies.toml", 'id = "agree"', 'id = "neutral"'),
            replace("scheme/replies.toml", 'id = "x"', 'id = "agree"'),
        ),
    ),
    "a column points elsewhere": (
        "MAJOR",
        replace("scheme/coreference.toml", 'refers_to = "entities.span_id"', 'refers_to = "signs.span_id"'),
    ),
    "a label binds its ends": ("MINOR", replace("scheme/negation.toml", "linked = true\n", "")),
    "a layer follows other publications": ("PATCH", replace(STANCE, 'references = ["roe-doe-2020"]\n', "")),
    "a reference changed": ("PATCH", replace("corpus.toml", "year = 2020", "year = 2021")),
}


@pytest.mark.parametrize("case", LAYERED_STEPS.values(), ids=LAYERED_STEPS)
def test_each_change_of_a_scheme_asks_for_the_step_that_the_rules_say(layered, layered_release, case):
    step, change = case
    change(layered)
    assert diff(layered_release, load(layered, "draft")).step is Step[step]


def test_labels_of_one_name_under_several_questions_are_told_apart(layered, layered_release):
    change = 'definition = "Plain."\ntest = "Is there no edge?"'
    edit(layered / STANCE, change, change.replace("Plain.", "Flat."))
    [row] = diff(layered_release, load(layered, "draft")).scheme.rows(named=True)
    assert (row["kind"], row["table"], row["within"], row["name"], row["property"]) == (
        *("label", "stance", "tone", "plain", "definition"),
    )


def test_what_a_new_thing_holds_has_no_rows_of_its_own(layered, layered_release):
    corpus = load(layered, "draft")
    without = {name: layer for name, layer in corpus.scheme.layers.items() if name != "stance"}
    scheme = dataclasses.replace(corpus.scheme, layers=without)
    found = diff(dataclasses.replace(corpus, scheme=scheme), layered_release)
    assert found.scheme.select("kind", "name", "what").rows() == [
        *(("layer", "stance", "added"), ("table", "stance", "added"), ("table", "stance_spans", "added")),
    ]
    assert found.counts.filter(pl.col("table") == "stance").select("n_old", "n_new", "n_added").rows() == [
        *((None, 9, 9), (None, 24, 24)),
    ]


LEAST = [
    *(("1.4.2", "PATCH", "1.4.3"), ("1.4.2", "MINOR", "1.5.0"), ("1.4.2", "MAJOR", "2.0.0")),
    *(("0.4.2", "PATCH", "0.4.3"), ("0.4.2", "MINOR", "0.5.0"), ("0.4.2", "MAJOR", "0.5.0")),
]


@pytest.mark.parametrize(("version", "step", "least"), LEAST)
def test_lower_numbers_start_again_and_nothing_is_promised_below_one(version, step, least):
    assert least_version(version, Step[step]) == least
    assert str(Step[step]) == step


def test_the_rules_are_written_down_where_the_package_is():
    page = resources.files("corpus_tools.history").joinpath("versioning.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", page, re.M) == ["MAJOR", "MINOR", "PATCH", "Nothing", "Ids"]


# The changelog.

NOTES = """# Changelog

Some words.

## Unreleased

Nothing else.

### Code

- A new command.

### Annotation

- Why Ann is no mention.

## 0.1.0 (2026-01-31)

- First.
"""


def test_notes_become_the_entry_and_what_is_counted_stands_under_its_heading(edited):
    edit(edited / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    new = dataclasses.replace(load(edited, "draft"), version="0.2.0")
    assert (
        with_entry(NOTES, diff("0.1.0", new, folder=edited))
        == """# Changelog

Some words.

## 0.2.0 (2026-01-31)

Nothing else.

### Scheme

<!-- counted -->
- Column added: `sure` of `mentions_relations`.
- Column `weight` of `mentions`: type changed.
- Label `calm` of `tone`: positive changed.
- Label `loud` of `tone`: definition changed.
- Changed in `corpus.toml`: `licences.annotations`, 1 caveat.
<!-- /counted -->

### Code

- A new command.

### Annotation

- Why Ann is no mention.

<!-- counted -->
- `mentions`: 1 row added to gold; 1 row removed from gold; 1 row now stands on another unit in passes; 2 rows changed in gold.
- `tone`: 1 row changed in gold.
<!-- /counted -->

## 0.1.0 (2026-01-31)

- First.
"""
    )


def test_an_entry_made_twice_is_the_same(edited):
    new = dataclasses.replace(load(edited, "draft"), version="0.2.0")
    found = diff("0.1.0", new, folder=edited)
    once = with_entry(NOTES, found)
    assert with_entry(once, found) == once
    assert with_entry(once.replace("1 row changed in gold", "9 rows changed"), found) == once
    assert with_entry(once.replace("\n", "\r\n"), found) == once.replace("\n", "\r\n")


def test_what_is_no_longer_so_is_no_longer_said(edited):
    new = dataclasses.replace(load(edited, "draft"), version="0.2.0")
    once = with_entry(NOTES, diff("0.1.0", new, folder=edited))
    same = diff(new, new, folder=edited)
    assert with_entry(once, same) == NOTES.replace("Unreleased", "0.2.0 (2026-01-31)")


@functools.cache
def of_shipped():
    return diff("0.1.0", "1.0.0")


def test_rows_are_counted_for_each_split():
    assert "\n- `stance`: 42 rows added to gold, 126 to passes.\n" in changelog_entry(of_shipped())


def test_two_places_for_the_notes_are_refused(edited):
    new = dataclasses.replace(load(edited, "draft"), version="0.2.0")
    with pytest.raises(ReleaseError, match=r"both '## Unreleased' and '## 0\.2\.0'.*put the notes under one title"):
        with_entry(NOTES.replace("## 0.1.0 (", "## 0.2.0 ("), diff("0.1.0", new, folder=edited))


def test_the_first_entry_counts_everything_and_names_the_texts(layered_release):
    first = changelog_entry(diff(beginning(layered_release), layered_release))
    assert "- `texts`: 3 rows added (a1, c1, c2).\n" in first
    assert "Layers added: `coreference`, `entities`" in first


LINES = st.lists(
    st.sampled_from(["- a", "", "### Text", "### Scheme", "### Other", "word", "  - b", "#### c"])
    | st.text("xyz -", max_size=5)
)


@given(lines=LINES)
def test_no_word_written_by_hand_is_lost(lines):
    found = of_shipped()
    page = "\n".join(["# C", "", "## Unreleased", "", *lines, "", "## 0.1.0", "", "old"])
    made = with_entry(page, found)
    left = re.sub(r"<!-- counted -->.*?<!-- /counted -->", "", made, flags=re.DOTALL)
    assert words(left) == words(page)
    assert with_entry(made, found) == made


def words(page):
    """The words of a page but those of headings for versions and parts, which may come, go and meet."""
    return sorted(re.sub(r"(?m)^###? .*$", "", page).split())


# The command.


def test_the_command_names_every_layer_that_is_new(shipped, capsys):
    assert main(["diff", "0.1.0", "1.0.0", str(shipped)]) == 0
    shown = capsys.readouterr()
    assert "\nasks for" in shown.out
    new = set(load(shipped, "1.0.0").layers) - {"structure"}
    assert len(new) == 14
    assert set(re.findall(r"^  layer (\w+) added", shown.out, re.M)) == new
    assert "  stance gold: 42 added (now 42)\n  stance passes: 126 added (now 126)\n" in shown.out
    assert "asks for MINOR: 0.2.0 or more\n  layer appraisal is new\n" in shown.out
    assert shown.err == ""


def test_the_command_says_how_many_cells_it_leaves_out(released, capsys):
    for name in ("gold", "reader"):
        path = released / f"annotations/structure/{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text(
            "\n".join([lines[0], *(re.sub(r",(\d+),(\d+),", r",1\1,1\2,", line) for line in lines[1:])]),
            encoding="utf-8",
        )
    n = diff("0.1.0", "draft", folder=released).cells.height
    assert n > 20
    assert main(["diff", "0.1.0", "draft", str(released)]) == 0
    assert f"  and {n - 20} more cells\n" in capsys.readouterr().out
    assert main(["diff", "0.1.0", "draft", str(released), "--rows"]) == 0
    shown = capsys.readouterr().out
    assert len(re.findall(r" -> ", shown)) == n
    assert "more cell" not in shown


def test_the_command_can_look_at_single_layers(edited, capsys):
    assert main(["diff", "0.1.0", "draft", str(edited), "--layer", "tone", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["table"] for row in told["rows"] + told["cells"] + told["counts"] + told["scheme"]} == {"tone"}
    assert told["metadata"] == []
    assert told["reasons"][0] == {"step": "MAJOR", "why": "type of column weight of mentions changed"}
    assert main(["diff", "0.1.0", "draft", str(edited), "--layer", "tune"]) == 1
    assert "unknown layer 'tune'; there are: mentions, structure, tone" in capsys.readouterr().err


def test_the_name_of_a_table_is_refused_with_its_layer(shipped, capsys):
    assert main(["diff", "0.1.0", "1.0.0", str(shipped), "--layer", "sentences"]) == 1
    assert "'sentences' is a table of layer 'tokens'; name the layer\n" in capsys.readouterr().err
    assert main(["diff", "0.1.0", "1.0.0", str(shipped), "--layer", "texts"]) == 1
    assert "unknown layer 'texts'; there are: " in capsys.readouterr().err


def test_the_command_asks_for_the_version_of_the_whole(edited, capsys):
    assert main(["diff", "0.1.0", "draft", str(edited), "--layer", "structure"]) == 0
    shown = capsys.readouterr().out
    assert "nothing differs\n" in shown
    assert "\nthe whole change asks for MAJOR: 0.2.0 or more\n  type of column weight of mentions changed\n" in shown


def test_the_command_prints_the_entry_of_the_changelog(edited, capsys):
    assert main(["diff", "0.1.0", "draft", str(edited), "--changelog"]) == 0
    assert capsys.readouterr().out == changelog_entry(diff("0.1.0", "draft", folder=edited))


def test_no_difference_is_said_and_is_no_error(released, capsys):
    assert main(["diff", "0.1.0", "draft", str(released)]) == 0
    assert capsys.readouterr().out == "Mini Corpus: 0.1.0 to draft\nnothing differs\n"
