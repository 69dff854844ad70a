"""Arguments, by reading the thread, by SQL over the hand-edited files, by networkx, and by laws that must hold."""

from collections import defaultdict

import duckdb
import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures import argument_links, argument_summary, argument_units

UNITS = {
    "span_id": pl.String,
    "text_id": pl.String,
    "start_char": pl.Int32,
    "end_char": pl.Int32,
    "quote": pl.String,
    "label": pl.String,
    "illocution": pl.String,
}
RELATIONS = dict.fromkeys(("relation_id", "from_id", "to_id", "label"), pl.String)
TEXTS = {"text_id": pl.String, "thread_id": pl.String, "position": pl.Int32, "author_id": pl.String}


def texts_of(*rows):
    return pl.DataFrame(list(rows), schema=TEXTS, orient="row")


def units_of(*rows):
    """From pairs of span and text: units one after the other."""
    filled = [
        (span, text, 10 * n, 10 * n + 5, f"quote {span}", "fact", "asserting") for n, (span, text) in enumerate(rows)
    ]
    return pl.DataFrame(filled, schema=UNITS, orient="row")


def relations_of(*rows):
    return pl.DataFrame(list(rows), schema=RELATIONS, orient="row")


ONE_TEXT = texts_of(("c1", "x", 1, "ann"))


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def frames(corpus):
    return corpus.table("arguments"), corpus.table("arguments_relations"), corpus.texts


# Units joined by relations, written down from gold.relations.csv, with each unit's steps to the end of its longest way.
PARTS = [
    {1: 0, 2: 2, 3: 1, 4: 1, 8: 0, 9: 1, 10: 1, 11: 1, 12: 1},
    {13: 0, 14: 1},
    # 31 undercuts the inference from 28, so it is one step further than 28; 32 backs it.
    {15: 1, 16: 0, 17: 1, 18: 1, 27: 2, 28: 3, 31: 4, 32: 5, 34: 3},
    {19: 0, 21: 2, 22: 1},
    {24: 0, 25: 1, 26: 1},
    *({alone: 0} for alone in (5, 6, 7, 20, 23, 29, 30, 33, 35)),
]


def test_the_shipped_units_have_the_depths_and_components_drawn_on_paper(frames):
    found = argument_units(*frames)
    assert found["span_id"].to_list() == [f"arguments-{number}" for number in range(1, 36)]
    assert found["place"].to_list() == list(range(35))
    depths = dict(found.select("span_id", "depth").iter_rows())
    components = dict(found.select("span_id", "component").iter_rows())
    assert depths == {f"arguments-{unit}": depth for part in PARTS for unit, depth in part.items()}
    assert components == {f"arguments-{unit}": min(part) - 1 for part in PARTS for unit in part}


def test_the_shipped_units_have_the_relations_counted_on_paper(frames):
    found = argument_units(*frames)
    names = ("n_supports", "n_attacks", "n_undercuts", "n_rephrases")
    bearing = {
        row[0].removeprefix("arguments-"): row[1:]
        for row in found.select("span_id", *names).iter_rows()
        if any(row[1:])
    }
    assert bearing == {
        "1": (0, 0, 0, 3),
        "3": (1, 0, 0, 0),
        "8": (4, 0, 0, 0),
        "13": (1, 0, 0, 0),
        "15": (0, 1, 0, 1),
        "16": (3, 0, 0, 0),
        "19": (1, 0, 0, 0),
        "22": (1, 0, 0, 0),
        "24": (2, 0, 0, 0),
        "27": (1, 1, 0, 0),
        "28": (0, 0, 1, 0),
        "31": (1, 0, 0, 0),
    }
    leaving = dict(found.select("span_id", "relations_out").iter_rows())
    assert leaving["arguments-12"] == "inference; rephrase"
    assert leaving["arguments-34"] == "conflict; rephrase"
    assert leaving["arguments-8"] is None
    assert found.filter(pl.col("span_id") == "arguments-27").select("author_id", "thread_id", "text_id").rows() == [
        ("fazman", "syria-talks-2016", "c4")
    ]


def test_sql_over_the_hand_edited_files_counts_the_same(shipped, frames):
    folder = shipped / "annotations" / "arguments"
    sql = f"""
        with units as (from '{folder}/gold.csv'), relations as (from '{folder}/gold.relations.csv'),
        ends as (select r.*, coalesce(through.from_id, r.to_id) as unit_id
                 from relations r left join relations through on r.to_id = through.relation_id),
        leaving as (select own.text_id, ends.label, own.text_id <> other.text_id as across
                    from ends join units own on own.span_id = from_id join units other on other.span_id = unit_id)
        select text_id, count(*),
            (select count(*) from leaving l where l.text_id = u.text_id and label = 'conflict'),
            (select count(*) from leaving l where l.text_id = u.text_id and label = 'inference'),
            (select count(*) from leaving l where l.text_id = u.text_id and label = 'rephrase'),
            (select count(*) from leaving l where l.text_id = u.text_id and across),
            count(*) filter (span_id not in (select from_id from ends) and span_id not in (select unit_id from ends))
        from units u group by text_id order by text_id
    """
    found = argument_summary(*frames)
    assert found.rows() == duckdb.sql(sql).fetchall()
    assert found.columns[2:5] == ["n_conflict", "n_inference", "n_rephrase"]


def test_groups_are_counted_over_their_texts_and_texts_without_a_unit_have_zeros():
    texts = texts_of(("a1", "x", 0, None), ("c1", "x", 1, "ann"), ("c2", "x", 2, "bo"), ("c3", "x", 3, "ann"))
    units = units_of(("u1", "a1"), ("u2", "c1"), ("u3", "c3"), ("u4", "c3"))
    relations = relations_of(("r1", "u2", "u1", "backs"), ("r2", "u4", "u3", "backs"))
    assert argument_summary(units, relations, texts, by="author_id").to_dicts() == [
        {"author_id": None, "n_units": 1, "n_backs": 0, "n_across": 0, "n_unconnected": 0},
        {"author_id": "ann", "n_units": 3, "n_backs": 2, "n_across": 1, "n_unconnected": 0},
        {"author_id": "bo", "n_units": 0, "n_backs": 0, "n_across": 0, "n_unconnected": 0},
    ]
    assert argument_summary(units, relations, texts)["n_units"].to_list() == [1, 1, 0, 2]
    found = argument_units(units, relations, texts, supports="backs")
    assert found["n_supports"].to_list() == [1, 0, 1, 0]


def test_groups_stand_in_the_order_in_which_they_first_appear():
    names = [f"author {37 * number % 60}" for number in range(60)]
    texts = texts_of(*((f"t{number}", "x", 60 - number, name) for number, name in enumerate(names)))
    found = argument_summary(units_of(("u", "t3")), relations_of(), texts, by="author_id")
    assert found["author_id"].to_list() == names


def test_units_that_begin_together_stand_longer_first_and_then_by_id():
    units = units_of(("c", "c1"), ("b", "c1"), ("a", "c1"), ("d", "c1"))
    units = units.with_columns(start_char=pl.lit(0, pl.UInt32), end_char=pl.Series([4, 4, 3, 9], dtype=pl.UInt32))
    assert argument_units(units, relations_of(), ONE_TEXT)["span_id"].to_list() == ["d", "b", "c", "a"]


def test_what_stands_twice_is_refused_by_name():
    units, relations = units_of(("u1", "c1"), ("u2", "c1")), relations_of(("r1", "u2", "u1", "conflict"))
    twice = [pl.concat([frame, frame]) for frame in (units, relations, ONE_TEXT)]
    for function in (argument_units, argument_summary):
        name = function.__name__
        with pytest.raises(ArgumentError, match=f"{name}: units holds u1, u2 more than once; give one row for each"):
            function(twice[0], relations, ONE_TEXT)
        with pytest.raises(ArgumentError, match=f"{name}: relations holds r1 more than once"):
            function(units, twice[1], ONE_TEXT)
        with pytest.raises(ArgumentError, match=f"{name}: texts holds c1 more than once"):
            function(units, relations, twice[2])
    placed = argument_units(units, relations, ONE_TEXT)
    with pytest.raises(ArgumentError, match="argument_links: units holds u1, u2 more than once"):
        argument_links(pl.concat([placed, placed]), relations)
    with pytest.raises(ArgumentError, match="argument_links: relations holds r1 more than once"):
        argument_links(placed, twice[1])


def test_labels_and_groups_with_the_name_of_another_column_are_refused():
    units = units_of(("u1", "c1"), ("u2", "c1"))
    for label in ("units", "across", "unconnected"):
        clashing = relations_of(("r1", "u2", "u1", label))
        with pytest.raises(ArgumentError, match=f"labels of relations: the result has a column n_{label} of its own"):
            argument_summary(units, clashing, ONE_TEXT)
    relations = relations_of(("r1", "u2", "u1", "conflict"))
    for by in ("n_units", "n_conflict"):
        with pytest.raises(ArgumentError, match=f"argument_summary: the result has a column {by} of its own"):
            argument_summary(units, relations, ONE_TEXT.rename({"author_id": by}), by=by)


def test_units_stand_in_the_order_of_their_texts_and_every_thread_counts_from_0():
    texts = texts_of(("c2", "x", 2, "ann"), ("c1", "x", 1, "bo"), ("d1", "w", 1, "bo"))
    units = units_of(("late", "c1"), ("u", "d1"), ("first", "c2"), ("last", "c2"))
    found = argument_units(units, relations_of(("r", "last", "late", "rephrase")), texts)
    assert found.select("thread_id", "span_id", "place", "component", "n_rephrases").rows() == [
        ("w", "u", 0, 0, 0),
        ("x", "late", 0, 0, 1),
        ("x", "first", 1, 1, 0),
        ("x", "last", 2, 0, 0),
    ]


def test_a_way_that_runs_in_a_circle_has_no_depth():
    # out -> a <-> b, in between nothing; c -> d apart from them.
    units = units_of(*((name, "c1") for name in ("out", "a", "b", "c", "d", "own")))
    links = relations_of(
        ("r1", "out", "a", "inference"),
        ("r2", "a", "b", "conflict"),
        ("r3", "b", "a", "conflict"),
        ("r4", "c", "d", "inference"),
        ("r5", "own", "own", "rephrase"),
    )
    found = argument_units(units, links, ONE_TEXT)
    assert found["depth"].to_list() == [None, None, None, 1, 0, None]
    assert found["component"].to_list() == [0, 0, 0, 3, 3, 5]


@st.composite
def graphs(draw):
    """Units in two texts of each of two threads, and relations between units of a thread or to one of its relations."""
    sizes = draw(st.tuples(st.integers(0, 8), st.integers(0, 4)))
    units, relations = [], []
    for thread, size in zip("xy", sizes, strict=True):
        names = [f"{thread}{number}" for number in range(size)]
        units += [(name, draw(st.sampled_from([f"{thread}-c1", f"{thread}-c2"]))) for name in names]
        own = []
        for number in range(draw(st.integers(0, 10)) if names else 0):
            ends = names + [row[0] for row in own]
            label = draw(st.sampled_from(["inference", "conflict", "rephrase"]))
            own.append((f"r-{thread}{number}", draw(st.sampled_from(names)), draw(st.sampled_from(ends)), label))
        relations += own
    texts = texts_of(*((f"{t}-c{n}", t, n, f"author {n}") for t in "xy" for n in (1, 2)))
    return units_of(*units), relations_of(*relations), texts


def unit_graph(units, relations):
    """The units as nodes, every relation as an edge to the unit it leads to, found by following it in plain Python."""
    start = {row["relation_id"]: row["from_id"] for row in relations.iter_rows(named=True)}
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(units["span_id"])
    for row in relations.iter_rows(named=True):
        graph.add_edge(
            row["from_id"], start.get(row["to_id"], row["to_id"]), label=row["label"], direct=row["to_id"] not in start
        )
    return graph


@given(graphs())
def test_networkx_finds_the_same_graph(drawn):
    units, relations, _ = drawn
    found = argument_units(*drawn)
    graph = unit_graph(units, relations)
    place = dict(found.select("span_id", "place").iter_rows())
    for part in nx.weakly_connected_components(graph):
        for unit in part:
            row = found.row(by_predicate=pl.col("span_id") == unit, named=True)
            ahead = graph.subgraph({unit} | nx.descendants(graph, unit))
            acyclic = nx.is_directed_acyclic_graph(ahead)
            assert row["depth"] == (nx.dag_longest_path_length(nx.DiGraph(ahead)) if acyclic else None)
            assert row["component"] == min(place[other] for other in part)
            incoming = [edge for *_, edge in graph.in_edges(unit, data=True)]
            for name, label in (("n_supports", "inference"), ("n_attacks", "conflict"), ("n_rephrases", "rephrase")):
                assert row[name] == sum(edge["direct"] and edge["label"] == label for edge in incoming)
            assert row["n_undercuts"] == sum(not edge["direct"] and edge["label"] == "conflict" for edge in incoming)
            leaving = sorted(edge["label"] for *_, edge in graph.out_edges(unit, data=True))
            assert row["relations_out"] == ("; ".join(leaving) or None)


@given(graphs())
def test_numbers_of_groups_add_up_to_those_of_the_whole(drawn):
    units, relations, texts = drawn
    for by in ("text_id", "author_id", "thread_id"):
        found = argument_summary(units, relations, texts, by=by)
        assert found[by].to_list() == texts[by].unique(maintain_order=True).to_list()
        assert found["n_units"].sum() == units.height
        labels = [f"n_{label}" for label in sorted(set(relations["label"]))]
        assert found.columns == [by, "n_units", *labels, "n_across", "n_unconnected"]
        assert {found[name].dtype for name in found.columns[1:]} == {pl.UInt32}
        for name in labels:
            assert found[name].sum() == (relations["label"] == name.removeprefix("n_")).sum()
        graph = unit_graph(units, relations)
        text_of = dict(units.select("span_id", "text_id").iter_rows())
        assert found["n_across"].sum() == sum(text_of[one] != text_of[other] for one, other in graph.edges())
        assert found["n_unconnected"].sum() == sum(degree == 0 for _, degree in graph.degree())


def test_lines_are_laid_in_lanes_as_drawn_on_paper():
    #   0 -.      1 -> 0 and 4 -> 3 are shortest and take lane 0; 2 -> 1 has place 1 in common with the first: lane 1;
    #   ...       4 -> 2 takes what is left beside 4 -> 3 and 2 -> 1: lane 2; 0 -> 4 covers all: lane 3.
    units = units_of(*((f"u{number}", "c1") for number in range(5)))
    links = relations_of(
        ("r1", "u0", "u4", "conflict"),
        ("r2", "u2", "u1", "inference"),
        ("r3", "u1", "u0", "inference"),
        ("r4", "u4", "u2", "inference"),
        ("r5", "u4", "u3", "inference"),
    )
    found = argument_links(argument_units(units, links, ONE_TEXT), links)
    assert found.select("relation_id", "from_place", "to_place", "lane").rows() == [
        ("r1", 0, 4, 3),
        ("r3", 1, 0, 0),
        ("r2", 2, 1, 1),
        ("r4", 4, 2, 2),
        ("r5", 4, 3, 0),
    ]


def test_an_undercut_is_drawn_to_the_unit_whose_inference_it_attacks(frames):
    units, relations, texts = frames
    found = argument_links(argument_units(units, relations, texts), relations)
    assert found.columns == [*relations.columns, "thread_id", "from_place", "to_place", "lane"]
    undercut = found.row(by_predicate=pl.col("conflict_kind") == "undercut", named=True)
    # arguments-31 attacks arguments-r18, which leaves arguments-28.
    assert (undercut["to_id"], undercut["from_place"], undercut["to_place"]) == ("arguments-r18", 30, 27)
    assert sorted(found["relation_id"]) == sorted(relations["relation_id"])


@given(graphs(), st.randoms(use_true_random=False))
def test_no_lane_could_be_smaller_and_none_holds_two_lines_that_meet(drawn, random):
    units, relations, texts = drawn
    placed = argument_units(units, relations, texts)
    found = argument_links(placed, relations)
    lanes = defaultdict(list)
    for row in found.iter_rows(named=True):
        low, high = sorted((row["from_place"], row["to_place"]))
        lanes[row["thread_id"], row["lane"]].append(set(range(low, high + 1)))
    for (thread, lane), lines in lanes.items():
        assert sum(map(len, lines)) == len(set().union(*lines))
        for line in lines:
            for lower in range(lane):
                assert any(line & other and len(other) <= len(line) for other in lanes[thread, lower])
    rows = list(relations.iter_rows())
    random.shuffle(rows)
    assert argument_links(placed, relations_of(*rows).lazy()).equals(found)


def test_no_unit_makes_no_row_and_one_unit_makes_one():
    nothing = units_of(), relations_of(), texts_of()
    assert argument_units(*nothing).is_empty()
    assert argument_summary(*nothing).is_empty()
    assert argument_links(argument_units(*nothing), relations_of()).is_empty()
    one = argument_units(units_of(("u", "c1")), relations_of(), ONE_TEXT)
    assert one.rows() == [("u", "c1", "x", "ann", 0, "quote u", "fact", "asserting", 0, 0, 0, 0, None, 0, 0)]
    assert argument_summary(units_of(("u", "c1")), relations_of(), ONE_TEXT).rows() == [("c1", 1, 0, 1)]
    assert argument_links(one, relations_of()).is_empty()


def test_the_columns_are_those_of_the_docstrings(frames):
    for units, relations, texts in (frames, (units_of(), relations_of(), texts_of())):
        ids = dict.fromkeys(("span_id", "text_id", "thread_id", "author_id"), pl.String)
        words = dict.fromkeys(("quote", "label", "illocution"), pl.String)
        counts = dict.fromkeys(("n_supports", "n_attacks", "n_undercuts", "n_rephrases"), pl.UInt32)
        last = {"relations_out": pl.String, "depth": pl.UInt32, "component": pl.UInt32}
        found = argument_units(units.lazy(), relations.lazy(), texts.lazy())
        assert dict(found.schema) == {**ids, "place": pl.UInt32, **words, **counts, **last}
        lines = argument_links(found, relations)
        assert dict(lines.schema) == {
            **relations.schema,
            "thread_id": pl.String,
            **dict.fromkeys(("from_place", "to_place", "lane"), pl.UInt32),
        }


def test_relations_that_lead_nowhere_are_refused_by_name():
    texts = texts_of(("c1", "x", 1, "ann"), ("d1", "y", 1, "bo"))
    units = units_of(("u1", "c1"), ("u2", "d1"))
    for ends in (("u1", "z"), ("z", "u1"), ("u1", None)):
        with pytest.raises(ArgumentError, match="an end of the relation r1 is no unit and no relation"):
            argument_units(units, relations_of(("r1", *ends, "conflict")), texts)
    crossing = relations_of(("r1", "u1", "u2", "conflict"))
    with pytest.raises(ArgumentError, match="the relation r1 leads to another thread"):
        argument_summary(units, crossing, texts)
    with pytest.raises(ArgumentError, match="the relation r1 leads to another thread"):
        argument_links(argument_units(units, relations_of(), texts), crossing)
    with pytest.raises(ArgumentError, match="texts lacks d1, where units stand"):
        argument_units(units, relations_of(), texts.head(1))


def test_a_missing_column_is_named(frames):
    units, relations, texts = frames
    with pytest.raises(MissingColumnError, match="argument_units: units needs the column illocution"):
        argument_units(units.drop("illocution"), relations, texts)
    with pytest.raises(MissingColumnError, match="argument_units: texts needs the column author_id"):
        argument_units(units, relations, texts.drop("author_id"))
    with pytest.raises(MissingColumnError, match="argument_summary: texts needs the column camp"):
        argument_summary(units, relations, texts, by="camp")
    with pytest.raises(MissingColumnError, match="argument_links: units needs the column thread_id, place"):
        argument_links(units, relations)
    with pytest.raises(MissingColumnError, match="argument_links: relations needs the column relation_id"):
        argument_links(argument_units(units, relations, texts), relations.drop("relation_id"))
