"""Reply trees, by counting on paper, by networkx, by published figures, and by laws that must hold."""

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError
from corpus_tools.measures import reply_structure, reply_tree

TEXTS = {"text_id": pl.String, "thread_id": pl.String, "position": pl.Int32}
ANSWERS = {"from_id": pl.String, "to_id": pl.String}


def texts_of(*rows):
    return pl.DataFrame(list(rows), schema=TEXTS, orient="row")


def answers_of(*rows):
    return pl.DataFrame(list(rows), schema=ANSWERS, orient="row")


def thread(links, *, name="x"):
    """Texts printed in the order of `links`, a dictionary from text to the text it answers or None."""
    texts = texts_of(*((text, name, position) for position, text in enumerate(links)))
    return texts, answers_of(*((text, other) for text, other in links.items() if other is not None))


def structure(*frames):
    return reply_structure(reply_tree(*frames)).collect()


def test_the_shipped_thread_has_the_tree_drawn_on_paper(shipped):
    corpus = load(shipped)
    tree = reply_tree(corpus.texts, corpus.table("replies"))
    #   a1 -+- c1 --- c2
    #       +- c3 --- c4 --- c5
    assert tree.drop("thread_id", "root_id").rows() == [
        ("a1", None, 0, 0, 2, 5),
        ("c1", "a1", 1, 1, 1, 1),
        ("c2", "c1", 2, 2, 0, 0),
        ("c3", "a1", 1, 3, 1, 2),
        ("c4", "c3", 2, 4, 1, 1),
        ("c5", "c4", 3, 5, 0, 0),
    ]
    # Unrolled it is a row of six: 5 pairs at distance 1, 4 at 2, 3 at 3, 2 at 4, 1 at 5.
    (row,) = reply_structure(tree).collect().rows(named=True)
    assert row.pop("mean_depth") == pytest.approx((0 + 1 + 2 + 1 + 2 + 3) / 6)
    assert row.pop("mean_distance") == pytest.approx(35 / 15)
    numbers = {"n_texts": 6, "n_trees": 1, "depth": 3, "width": 2, "n_leaves": 2, "max_answers": 2}
    assert row == {"thread_id": "syria-talks-2016", **numbers, "wiener": 5 + 8 + 9 + 8 + 5}


def test_a_text_that_answers_nothing_is_a_tree_though_it_has_no_id():
    tree = reply_tree(texts_of(("a", "x", 0), (None, "x", 1), ("b", "x", 2)), answers_of(("b", "a")))
    found = reply_structure(tree).select("n_texts", "n_trees", "wiener", "mean_distance").collect()
    assert found.rows() == [(3, 2, 1, 1.0)]


@given(st.lists(st.integers(0, 3), max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_structure_is_that_of_the_tree_in_whatever_order_its_rows_are(steps, random):
    # Each text answers the one so many before it, or nothing, in one thread of two that take turns.
    links = {}
    for number, step in enumerate(steps):
        links[f"t{number}"] = f"t{number - 2 * step}" if 0 < 2 * step <= number else None
    texts = texts_of(*((text, "ab"[number % 2], number) for number, text in enumerate(links)))
    tree = reply_tree(texts, answers_of(*((text, other) for text, other in links.items() if other)))
    order = list(range(tree.height))
    random.shuffle(order)
    assert reply_structure(tree[order].lazy()).collect().equals(reply_structure(tree).collect())


def test_answers_follow_their_text_in_printed_order_and_every_thread_counts_from_0():
    # Two threads; in the first, t3 is printed before the text it answers, and t1 and t4 answer nothing.
    texts = texts_of(
        *(("t1", "one", 0), ("u1", "two", 0), ("t2", "one", 1), ("t3", "one", 2), ("t4", "one", 3), ("t5", "one", 4))
    )
    tree = reply_tree(texts.reverse(), answers_of(("t3", "t5"), ("t5", "t4"), ("t2", "t1")))
    assert tree.rows() == [
        ("t1", "one", None, "t1", 0, 0, 1, 1),
        ("t2", "one", "t1", "t1", 1, 1, 0, 0),
        ("t4", "one", None, "t4", 0, 2, 1, 2),
        ("t5", "one", "t4", "t4", 1, 3, 1, 1),
        ("t3", "one", "t5", "t4", 2, 4, 0, 0),
        ("u1", "two", None, "u1", 0, 0, 0, 0),
    ]
    names = ("thread_id", "n_texts", "n_trees", "depth", "mean_depth", "width", "n_leaves", "max_answers")
    assert reply_structure(tree).select(*names, "wiener", "mean_distance").collect().rows() == [
        # Pairs of different trees do not count: 1 for t1-t2; 1 + 1 + 2 for t4-t5-t3.
        ("one", 5, 2, 2, 4 / 5, 2, 2, 1, 5, 5 / 4),
        ("two", 1, 1, 0, 0.0, 1, 1, 0, 0, None),
    ]


def test_what_the_platform_recorded_makes_a_tree(layered):
    texts = load(layered, "draft").texts
    tree = reply_tree(texts, texts.select(from_id="text_id", to_id="parent_id").drop_nulls())
    assert tree.select("text_id", "parent_id", "root_id").rows() == [
        ("a1", None, "a1"),
        ("c1", None, "c1"),
        ("c2", "c1", "c1"),
    ]


# Wiener (1947), Journal of the American Chemical Society 69, 17-20: path numbers of carbon skeletons.
PARAFFINS = {
    "n-butane": ("ABCD", "AB BC CD", 10),
    "2-methylpropane": ("ABCD", "AB BC BD", 9),
    "n-pentane": ("ABCDE", "AB BC CD DE", 20),
    "2-methylbutane": ("ABCDE", "AB BC CD BE", 18),
    "2,2-dimethylpropane": ("ABCDE", "AB BC BD BE", 16),
    "n-hexane": ("ABCDEF", "AB BC CD DE EF", 35),
    "2-methylpentane": ("ABCDEF", "AB BC CD DE BF", 32),
    "3-methylpentane": ("ABCDEF", "AB BC CD DE CF", 31),
    "2,3-dimethylbutane": ("ABCDEF", "AB BC CD BE CF", 29),
    "2,2-dimethylbutane": ("ABCDEF", "AB BC CD BE BF", 28),
}


@pytest.mark.parametrize("name", PARAFFINS)
def test_carbon_skeletons_have_the_path_numbers_that_wiener_gives(name):
    atoms, bonds, path_number = PARAFFINS[name]
    answered = {after: before for before, after in bonds.split()}
    found = structure(*thread({atom: answered.get(atom) for atom in atoms}))
    pairs = len(atoms) * (len(atoms) - 1) / 2
    assert found.select("wiener", "mean_distance").row(0) == (path_number, pytest.approx(path_number / pairs))


@st.composite
def forests(draw):
    """Rows (text, thread, position) and links, in any printed order, over two threads or none at all."""
    size = draw(st.integers(0, 14))
    above = [draw(st.integers(-1, number - 1)) for number in range(size)]
    threads = []
    for number, parent in enumerate(above):
        threads.append(draw(st.sampled_from(["one", "two", None])) if parent < 0 else threads[parent])
        assert len(threads) == number + 1
    positions = draw(st.permutations(range(size)))
    rows = [(f"t{number}", threads[number], positions[number]) for number in range(size)]
    links = [(f"t{number}", f"t{parent}") for number, parent in enumerate(above) if parent >= 0]
    return rows, draw(st.permutations(links))


@given(forests())
def test_networkx_finds_the_same_tree(drawn):
    rows, links = drawn
    tree = reply_tree(texts_of(*rows), answers_of(*links))
    position = {text: number for text, _, number in rows}
    graph = nx.DiGraph((to, start) for start, to in links)
    graph.add_nodes_from(position)
    roots = sorted((text for text in graph if graph.in_degree(text) == 0), key=position.get)
    graph.add_edges_from((("head", thread_id), root) for root in roots for text, thread_id, _ in rows if text == root)
    printed = lambda children: sorted(children, key=position.get)  # noqa: E731
    for (thread_id,), part in tree.group_by("thread_id"):
        walk = list(nx.dfs_preorder_nodes(graph, ("head", thread_id), sort_neighbors=printed))[1:]
        assert part.sort("place")["text_id"].to_list() == walk
        assert part.sort("place")["place"].to_list() == list(range(len(walk)))
    for row in tree.iter_rows(named=True):
        text = row["text_id"]
        steps = nx.shortest_path_length(graph, row["root_id"], text)
        assert (row["root_id"] in roots, steps) == (True, row["depth"])
        assert (row["n_answers"], row["n_below"]) == (graph.out_degree(text), len(nx.descendants(graph, text)))
        assert row["parent_id"] == dict(links).get(text)
    assert tree.equals(tree.sort("thread_id", "place"))
    assert tree.height == len(rows)


@given(forests())
def test_networkx_finds_the_same_structure(drawn):
    rows, links = drawn
    found = structure(texts_of(*rows), answers_of(*links))
    assert found["thread_id"].to_list() == sorted({row[1] for row in rows}, key=lambda name: (name is not None, name))
    for row in found.iter_rows(named=True):
        own = [text for text, thread_id, _ in rows if thread_id == row["thread_id"]]
        graph = nx.Graph()
        graph.add_nodes_from(own)
        graph.add_edges_from(link for link in links if link[0] in own)
        trees = [graph.subgraph(part) for part in nx.connected_components(graph)]
        answering = {start for start, _ in links}
        depths = [
            nx.shortest_path_length(tree, root, text)
            for tree in trees
            for root in tree
            if root not in answering
            for text in tree
        ]
        assert (row["n_texts"], row["n_trees"]) == (len(own), len(trees))
        assert (row["depth"], row["width"]) == (max(depths), max(depths.count(depth) for depth in depths))
        assert row["mean_depth"] == pytest.approx(sum(depths) / len(depths))
        answers = [sum(to == text for _, to in links) for text in own]
        assert (row["n_leaves"], row["max_answers"]) == (answers.count(0), max(answers))
        assert row["wiener"] == sum(nx.wiener_index(tree) for tree in trees)
        if len(trees) == 1 and len(own) > 1:
            assert row["mean_distance"] == pytest.approx(nx.average_shortest_path_length(trees[0]))


@given(forests(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(drawn, random):
    rows, links = drawn
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert reply_tree(texts_of(*rows), answers_of(*links)).equals(
        reply_tree(texts_of(*shuffled).lazy(), answers_of(*reversed(links)).lazy())
    )


@st.composite
def crowded_forests(draw):
    """Forests over several threads, with ids of either kind, places shared by several texts, and all rows shuffled."""
    size = draw(st.integers(0, 30))
    numbers = draw(st.permutations(range(size)))
    ids = [f"t{number}" for number in numbers] if draw(st.booleans()) else list(numbers)
    above = [draw(st.integers(-1, number - 1)) for number in range(size)]
    threads = []
    for parent in above:
        threads.append(draw(st.sampled_from(["b", "a", "c", None])) if parent < 0 else threads[parent])
    rows = [(text, thread_id, draw(st.integers(0, 5))) for text, thread_id in zip(ids, threads, strict=True)]
    links = [(text, ids[parent]) for text, parent in zip(ids, above, strict=True) if parent >= 0]
    return draw(st.permutations(rows)), draw(st.permutations(links))


def in_print(rows):
    """Threads by name, the one without a name first; texts by place, those of one place by id."""
    return sorted(rows, key=lambda row: (row[1] is not None, row[1] or "", row[2], row[0]))


def walked(rows, links):
    """The rows of the tree, by climbing from every text and by one walk down from every root."""
    parent = dict(links)
    printed = in_print(rows)
    way = {text: [text] for text, _, _ in rows}
    for steps in way.values():
        while steps[-1] in parent:
            steps.append(parent[steps[-1]])
    answers = {text: [other for other, _, _ in printed if parent.get(other) == text] for text in way}
    expected, place = [], {}
    for root, thread_id, _ in printed:
        waiting = [] if root in parent else [root]
        while waiting:
            text = waiting.pop()
            waiting.extend(reversed(answers[text]))
            place[thread_id] = place.get(thread_id, -1) + 1
            below = sum(text in steps for steps in way.values()) - 1
            numbers = (len(way[text]) - 1, place[thread_id], len(answers[text]), below)
            expected.append((text, thread_id, parent.get(text), way[text][-1], *numbers))
    return expected


def framed(rows, links):
    """The frames of a crowded forest, with ids of the kind that it has."""
    kind = pl.Int64 if any(isinstance(row[0], int) for row in rows) else pl.String
    texts = pl.DataFrame(rows, schema={**TEXTS, "text_id": kind}, orient="row")
    return texts, pl.DataFrame(links, schema=dict.fromkeys(ANSWERS, kind), orient="row")


@given(crowded_forests())
@settings(max_examples=60, deadline=None)
def test_a_plain_walk_finds_the_same_rows_in_the_same_order(drawn):
    rows, links = drawn
    expected = walked(rows, links)
    assert reply_tree(*framed(rows, links)).rows() == expected
    # Rows that come as printed are not sorted again.
    assert reply_tree(*framed(in_print(rows), links)).rows() == expected


def hashed_to(monkeypatch, number):
    """Make the hash of a series that which `number` gives for each of its values."""
    monkeypatch.setattr(pl.Series, "hash", lambda self: pl.Series([number(value) for value in self], dtype=pl.UInt64))


@given(crowded_forests(), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_hashes_that_collide_change_nothing(drawn, different):
    rows, links = drawn
    numbers = {value: number % different for number, value in enumerate({value for row in rows for value in row[:2]})}
    with pytest.MonkeyPatch.context() as monkeypatch:
        hashed_to(monkeypatch, numbers.get)
        assert reply_tree(*framed(rows, links)).rows() == walked(rows, links)


@given(crowded_forests(), st.sampled_from([1, 1 << 20, 1 << 57]))
@settings(max_examples=60, deadline=None)
def test_hashes_that_begin_alike_change_nothing(drawn, step):
    rows, links = drawn
    # All differ, but they have their first bits in common, or their last ones.
    numbers = {value: number * step for number, value in enumerate({value for row in rows for value in row[:2]})}
    with pytest.MonkeyPatch.context() as monkeypatch:
        hashed_to(monkeypatch, numbers.get)
        assert reply_tree(*framed(rows, links)).rows() == walked(rows, links)


@pytest.mark.parametrize(("link", "column"), [(("b1", "a2"), "to_id"), (("b2", "a1"), "from_id")])
def test_an_unknown_text_with_the_hash_of_a_known_one_is_still_unknown(link, column, monkeypatch):
    # By their first letters the known texts differ, and the unknown one looks like one of them.
    hashed_to(monkeypatch, lambda value: ord(value[0]))
    with pytest.raises(ArgumentError, match=f"{column} of replies names [ab]2, which texts does not hold"):
        reply_tree(texts_of(("a1", "x", 0), ("b1", "x", 1)), answers_of(link))


def test_a_text_that_stands_twice_is_told_from_two_texts_with_one_hash(monkeypatch):
    hashed_to(monkeypatch, lambda value: 7)
    assert reply_tree(texts_of(("a", "x", 0), ("b", "x", 1)), answers_of()).height == 2
    with pytest.raises(ArgumentError, match="texts holds b more than once"):
        reply_tree(texts_of(("a", "x", 0), ("b", "x", 1), ("b", "x", 2)), answers_of())


WHOLE = (pl.Int64, pl.Int32, pl.UInt64, pl.UInt32, pl.Int8)


@pytest.mark.parametrize("own", WHOLE)
@pytest.mark.parametrize("answering", WHOLE)
@pytest.mark.parametrize("answered", WHOLE)
def test_whole_numbers_of_any_width_name_the_same_texts_and_a_parent_has_the_type_of_to_id(own, answering, answered):
    texts = pl.DataFrame({"text_id": [3, 1, 2], "thread_id": "x", "position": [0, 1, 2]}, {**TEXTS, "text_id": own})
    replies = pl.DataFrame({"from_id": [1, 2], "to_id": [3, 1]}, {"from_id": answering, "to_id": answered})
    tree = reply_tree(texts, replies)
    assert tree.select("text_id", "parent_id", "root_id").rows() == [(3, None, 3), (1, 3, 3), (2, 1, 3)]
    assert (tree.schema["text_id"], tree.schema["parent_id"], tree.schema["root_id"]) == (own, answered, own)
    # Without any answer the column has that type too.
    assert reply_tree(texts, replies.clear()).schema["parent_id"] == answered


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["c", "b", "a"])])
def test_ids_from_a_list_of_categories_make_a_tree(kind):
    texts, answers = thread({"a": None, "b": "a", "c": "b"})
    tree = reply_tree(texts.cast({"text_id": kind}), answers.cast(kind))
    assert tree["parent_id"].to_list() == [None, "a", "b"]
    assert tree.schema["parent_id"] == tree.schema["text_id"] == kind


def test_numbers_and_strings_never_name_the_same_text():
    texts = texts_of(("1", "x", 0), ("2", "x", 1))
    for column in ("from_id", "to_id"):
        with pytest.raises(pl.exceptions.PolarsError):
            reply_tree(texts, answers_of(("2", "1")).cast({column: pl.Int64}))


def test_a_text_without_an_id_is_a_root_that_nothing_answers():
    texts = texts_of(("a", "x", 0), (None, "x", 1), ("b", "x", 2))
    tree = reply_tree(texts, answers_of(("b", "a")))
    assert tree.select("text_id", "parent_id", "place").rows() == [("a", None, 0), ("b", "a", 1), (None, None, 2)]
    for link, column in (((None, "a"), "from_id"), (("a", None), "to_id")):
        with pytest.raises(ArgumentError, match=f"{column} of replies names None, which texts does not hold"):
            reply_tree(texts, answers_of(link))
    with pytest.raises(ArgumentError, match="texts holds None more than once"):
        reply_tree(pl.concat([texts, texts.filter(pl.col("text_id").is_null())]), answers_of())


@pytest.mark.parametrize("column", ["from_id", "to_id"])
def test_answers_that_hold_nothing_but_nulls_are_refused_whatever_their_type(column):
    texts, answers = thread({"a": None, "b": "a"})
    for kind in (pl.Null, pl.String):
        empty = answers.with_columns(pl.lit(None, dtype=kind).alias(column))
        with pytest.raises(ArgumentError, match=f"{column} of replies names None, which texts does not hold"):
            reply_tree(texts, empty)


def test_a_chain_of_a_hundred_thousand_comments_is_measured():
    n = 100_000
    names = [f"t{number:06}" for number in range(n)]
    texts = pl.DataFrame({"text_id": names, "thread_id": ["x"] * n, "position": range(n)})
    tree = reply_tree(texts, pl.DataFrame({"from_id": names[1:], "to_id": names[:-1]}))
    assert tree["depth"].to_list() == list(range(n))
    assert tree["n_below"].to_list() == list(range(n - 1, -1, -1))
    # The sum of all distances in a row of n is (n^3 - n) / 6, the mean (n + 1) / 3.
    found = reply_structure(tree).select("wiener", "mean_distance").collect().row(0)
    assert found == ((n**3 - n) // 6, pytest.approx((n + 1) / 3))


def test_no_text_makes_no_row_and_one_text_makes_one():
    assert reply_tree(texts_of(), answers_of()).is_empty()
    assert structure(texts_of(), answers_of()).is_empty()
    assert reply_tree(texts_of(("t", None, 0)), answers_of()).rows() == [("t", None, None, "t", 0, 0, 0, 0)]
    assert structure(texts_of(("t", None, 0)), answers_of()).rows() == [(None, 1, 1, 0, 0.0, 1, 1, 0, 0, None)]


def test_the_columns_are_those_of_the_docstrings():
    for frames in (thread({"a": None, "b": "a"}), (texts_of(), answers_of())):
        tree = reply_tree(*frames)
        numbers = dict.fromkeys(("depth", "place", "n_answers", "n_below"), pl.UInt32)
        ids = dict.fromkeys(("text_id", "thread_id", "parent_id", "root_id"), pl.String)
        assert dict(tree.schema) == {**ids, **numbers}
        assert dict(reply_structure(tree).collect().schema) == {
            "thread_id": pl.String,
            "n_texts": pl.UInt32,
            "n_trees": pl.UInt32,
            "depth": pl.UInt32,
            "mean_depth": pl.Float64,
            "width": pl.UInt32,
            "n_leaves": pl.UInt32,
            "max_answers": pl.UInt32,
            "wiener": pl.UInt64,
            "mean_distance": pl.Float64,
        }


REFUSED = {
    "a text that stands twice": (
        [("a", "x", 0), ("a", "x", 1)],
        [],
        "texts holds a more than once; give one row for each text_id",
    ),
    "a text that answers two": (
        [("a", "x", 0), ("b", "x", 1), ("c", "x", 2)],
        [("c", "a"), ("c", "b")],
        "c answers more than once",
    ),
    "an unknown answering text": (
        [("a", "x", 0)],
        [("z", "a")],
        "from_id of replies names z, which texts does not hold",
    ),
    "an unknown answered text": ([("a", "x", 0)], [("a", "z")], "to_id of replies names z, which texts does not hold"),
    "an answer to nothing": ([("a", "x", 0)], [("a", None)], "to_id of replies names None"),
    "an answer across threads": ([("a", "x", 0), ("b", "y", 0)], [("b", "a")], "b answers a text of another thread"),
    "an answer from no thread": ([("a", "x", 0), ("b", None, 0)], [("b", "a")], "b answers a text of another thread"),
    "a text that answers itself": ([("a", "x", 0)], [("a", "a")], "1 text in a circle of answers: a -> a; take one"),
    "a circle with a tail": (
        [("a", "x", 0), ("b", "x", 1), ("c", "x", 2), ("d", "x", 3)],
        [("b", "c"), ("c", "b"), ("d", "c")],
        "2 texts in a circle of answers: b -> c -> b; take one",
    ),
    "a long circle": (
        [(letter, "x", number) for number, letter in enumerate("abcdef")],
        list(zip("abcdef", "bcdefa", strict=True)),
        "6 texts in a circle of answers: a -> b -> c -> d -> e -> ...;",
    ),
    "many unknown texts": (
        [("a", "x", 0)],
        [(letter, "a") for letter in "zyxwvut"],
        "names t, u, v, w, x and 2 more, which",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_answers_that_make_no_tree_are_refused_by_name(case):
    texts, links, message = REFUSED[case]
    with pytest.raises(ArgumentError) as error:
        reply_tree(texts_of(*texts), answers_of(*links))
    assert message in str(error.value)


def test_a_missing_column_is_named():
    texts, answers = thread({"a": None})
    with pytest.raises(MissingColumnError, match="reply_tree: texts needs the column position"):
        reply_tree(texts.drop("position"), answers)
    with pytest.raises(MissingColumnError, match="reply_tree: replies needs the column to_id"):
        reply_tree(texts, answers.drop("to_id"))
    with pytest.raises(MissingColumnError, match="reply_structure needs the column n_below"):
        reply_structure(reply_tree(texts, answers).drop("n_below"))
