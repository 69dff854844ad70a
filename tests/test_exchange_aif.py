"""xAIF: networkx and the format's own library find the arguments of the corpus, each in its direction."""

import json
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, ROOT, Altered, of_format
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError
from corpus_tools.exchange import export
from corpus_tools.exchange.aif import argument_tables

UNITS, RELATIONS = "arguments", "arguments_relations"
NODES = {"RA": "inference", "CA": "conflict", "MA": "rephrase"}
HOSTILE = st.text(alphabet=st.sampled_from("ab é\u0301😀🇸🇾\t\n<&>\"'|\\"), min_size=1, max_size=30)


def with_text(corpus, text, places, relations=()):
    """A corpus of one text, with units u0, u1, ... and relations from one to another."""
    row = {**corpus.table("texts").row(0, named=True), "text": text}
    filled = {"text_id": "a1", "annotator": "gold", "label": "fact", "illocution": "asserting"}
    units = [
        {"span_id": f"u{n}", "start_char": start, "end_char": end, "quote": text[start:end], **filled}
        for n, (start, end) in enumerate(places)
    ]
    links = [
        {"relation_id": f"r{n}", "from_id": from_id, "to_id": to_id, "label": label, "annotator": "gold"}
        for n, (from_id, to_id, label) in enumerate(relations)
    ]
    rows = {"texts": [row], UNITS: units, RELATIONS: links}
    return replace(corpus, _frames=Altered(corpus._frames, rows))


def graph_of(content):
    graph = nx.DiGraph()
    for node in content["AIF"]["nodes"]:
        graph.add_node(node["nodeID"], **node)
    for edge in content["AIF"]["edges"]:
        assert {edge["fromID"], edge["toID"]} <= set(graph)
        graph.add_edge(edge["fromID"], edge["toID"])
    return graph


def of_type(graph, *types):
    return [node for node, type_ in graph.nodes(data="type") if type_ in types]


def one(nodes):
    (found,) = nodes
    return found


class Spans(HTMLParser):
    """The words of HTML, and those of each element with an id."""

    def __init__(self, html):
        super().__init__()
        self.words, self.inside, self.by_id = "", None, {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            self.handle_data("\n")
        else:
            self.inside = dict(attributes)["id"]
            self.by_id[self.inside] = ""

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        self.words += data
        if self.inside:
            self.by_id[self.inside] += data


def read_one(corpus, out):
    made = export(corpus, "aif", out, layers=UNITS)
    return json.loads((out / one(made.files)).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def content(corpus, tmp_path_factory):
    return read_one(corpus, tmp_path_factory.mktemp("aif") / "graphs")


@pytest.fixture(scope="module")
def graph(content):
    return graph_of(content)


@pytest.fixture(scope="module")
def node_of(content):
    """Id of each unit and relation -> its node."""
    return {row["id"]: row["nodeID"] for row in content["corpus"]["nodes"]}


def test_there_are_as_many_nodes_of_each_type_as_rows_with_each_label(corpus, graph):
    counts = Counter(type_ for _, type_ in graph.nodes(data="type"))
    labels = Counter(corpus.table(RELATIONS)["label"])
    assert {type_: counts[type_] for type_ in NODES} == {type_: labels[label] for type_, label in NODES.items()}
    assert counts["I"] == counts["L"] == corpus.table(UNITS).height > 0
    assert sum(counts[type_] > 0 for type_ in NODES) == 3


def test_each_relation_leads_from_its_premise_to_its_conclusion(corpus, graph, node_of):
    for row in corpus.table(RELATIONS).iter_rows(named=True):
        scheme = node_of[row["relation_id"]]
        assert NODES[graph.nodes[scheme]["type"]] == row["label"]
        premises = [node for node in graph.predecessors(scheme) if graph.nodes[node]["type"] == "I"]
        assert premises == [node_of[row["from_id"]]]
        assert list(graph.successors(scheme)) == [node_of[row["to_id"]]]


def test_an_undercut_is_a_conflict_that_attacks_an_inference(corpus, graph, node_of):
    undercuts = corpus.table(RELATIONS).filter(pl.col("conflict_kind") == "undercut")
    assert undercuts.height
    for row in undercuts.iter_rows(named=True):
        scheme = node_of[row["relation_id"]]
        attacked = one(graph.successors(scheme))
        assert (graph.nodes[scheme]["type"], graph.nodes[attacked]["type"]) == ("CA", "RA")


def test_no_conclusion_is_a_reason_for_itself(graph):
    assert nx.is_directed_acyclic_graph(graph.subgraph(of_type(graph, "I", "RA", "CA", "MA")))


def test_each_unit_is_said_by_its_writer_in_its_own_words(corpus, content, graph, node_of):
    names = dict(corpus.table("authors").select("author_id", "display_name").iter_rows())
    authors = dict(corpus.table("texts").select("text_id", "author_id").iter_rows())
    persons = {person["participantID"]: person["firstname"] for person in content["AIF"]["participants"]}
    said_by = {said["nodeID"]: persons[said["personID"]] for said in content["AIF"]["locutions"]}
    for row in corpus.table(UNITS).iter_rows(named=True):
        proposition = node_of[row["span_id"]]
        doing = one(node for node in graph.predecessors(proposition) if graph.nodes[node]["type"] == "YA")
        locution = one(graph.predecessors(doing))
        name = names.get(authors[row["text_id"]], "")
        assert graph.nodes[proposition]["text"] == row["quote"]
        assert graph.nodes[locution]["text"] == (f"{name}: {row['quote']}" if name else row["quote"])
        assert said_by[locution] == name
        assert graph.nodes[doing]["text"].lower()[:5] == row["illocution"].replace("_", " ")[:5]


def test_each_relation_is_anchored_in_a_transition_from_the_earlier_locution_to_the_later(content, graph, node_of):
    order = {said["nodeID"]: n for n, said in enumerate(content["AIF"]["locutions"])}
    transitions = of_type(graph, "TA")
    assert transitions
    for node in transitions:
        earlier, later = one(graph.predecessors(node)), one(n for n in graph.successors(node) if n in order)
        assert order[earlier] < order[later]
    for scheme in of_type(graph, "RA", "CA", "MA"):
        anchor = one(node for node in graph.predecessors(scheme) if graph.nodes[node]["type"] == "YA")
        assert graph.nodes[one(graph.predecessors(anchor))]["type"] == "TA"


def test_the_locutions_are_marked_in_the_text(corpus, content, graph):
    spans = Spans(content["text"])
    assert spans.words == "\n\n".join(corpus.table("texts").sort("position")["text"])
    assert set(spans.by_id) == {f"node{node}" for node in of_type(graph, "L")}
    for node in of_type(graph, "L"):
        assert graph.nodes[node]["text"].endswith(spans.by_id[f"node{node}"])


def test_the_rows_come_back_equal_from_what_the_file_adds(corpus, content):
    begins = {text["id"]: text["start"] for text in content["corpus"]["texts"]}
    added = {row["id"]: row for row in content["corpus"]["nodes"]}
    for row in corpus.table(UNITS).iter_rows(named=True):
        found = added[row["span_id"]]
        begin = begins[row["text_id"]]
        assert (found["text_id"], found["start"] - begin, found["end"] - begin) == (
            row["text_id"],
            row["start_char"],
            row["end_char"],
        )
        said = {"label": found["label"], **found["values"]}
        assert said == {name: row[name] for name in ("label", "illocution", "reason") if row[name] is not None}
    for row in corpus.table(RELATIONS).iter_rows(named=True):
        said = {"label": added[row["relation_id"]]["label"], **added[row["relation_id"]]["values"]}
        assert said == {name: row[name] for name in ("label", "conflict_kind", "reason") if row[name] is not None}
    assert content["corpus"]["thread"]["thread_id"] == corpus.table("threads")["thread_id"][0]
    assert [text["id"] for text in content["corpus"]["texts"]] == corpus.table("texts").sort("position")[
        "text_id"
    ].to_list()


def test_the_library_of_the_format_reads_the_relations(corpus, content):
    library = pytest.importorskip("xaif").AIF(content)
    assert library.is_valid_json_aif()
    assert library.is_json_aif_dialog()
    words = dict(corpus.table(UNITS).select("span_id", "quote").iter_rows())
    texts = {"inference": "Default Inference", "conflict": "Default Conflict", "rephrase": "Default Rephrase"}
    found = library.get_csv("argument-relation")
    found = found[found["relation"] != "None"]
    pairs = sorted(zip(found["proposition1_text"], found["proposition2_text"], found["relation"], strict=True))
    rows = corpus.table(RELATIONS).iter_rows(named=True)
    # Its table has no place for what leads to a relation.
    between = [row for row in rows if row["to_id"] in words]
    assert pairs == sorted((words[row["from_id"]], words[row["to_id"]], texts[row["label"]]) for row in between)
    said = library.get_csv("locution")
    assert (said["relation"] != "None").sum() == len(words)


def test_a_corpus_without_arguments_is_refused_with_what_is_needed(tmp_path):
    with pytest.raises(ArgumentError, match="relations with the labels inference, conflict"):
        export(load(LAYERED, "draft"), "aif", tmp_path / "graphs")
    assert not (tmp_path / "graphs").exists()


def test_two_layers_of_arguments_are_refused_by_their_names():
    relations = {"label": SimpleNamespace(labels=("conflict", "inference"))}

    class Relations(SimpleNamespace):
        def __getitem__(self, name):
            return relations[name]

    tables = [SimpleNamespace(layer=layer, unit="span") for layer in ("one", "two")]
    tables += [Relations(layer=layer, unit="relation") for layer in ("one", "two")]
    with pytest.raises(ArgumentError, match="one, two all have arguments"):
        argument_tables(tables)


def test_what_is_no_argument_is_named_as_left_out(corpus, tmp_path):
    lost = of_format(export(corpus, "aif", tmp_path / "graphs"))
    others = [table for layer in corpus.scheme.layers.values() for table in layer.tables]
    counts = {table.name: corpus.table(table.name).height for table in others if table.layer != UNITS}
    assert list(lost) == [
        f"{name}: {n} row{'s' * (n != 1)}; AIF holds the arguments alone" for name, n in counts.items() if n
    ]
    assert of_format(export(corpus, "aif", tmp_path / "arguments", layers=UNITS)) == ()


def test_a_relation_that_aif_does_not_know_and_what_bears_on_it_are_named(corpus, tmp_path):
    links = [("u0", "u1", "doubt"), ("u1", "r0", "conflict"), ("u1", "u0", "conflict")]
    made = export(with_text(corpus, "One. Two.", [(0, 4), (5, 9)], links), "aif", tmp_path / "out", layers=UNITS)
    assert of_format(made) == (
        "arguments_relations with the label doubt, which is no node of AIF: 1 row (r0)",
        "arguments_relations with an end that is no node: 1 row (r1)",
    )


def test_a_unit_that_overlaps_another_is_a_node_all_the_same(corpus, tmp_path):
    content = read_one(with_text(corpus, "One two three.", [(0, 7), (4, 13)]), tmp_path / "out")
    graph = graph_of(content)
    assert [graph.nodes[node]["text"] for node in of_type(graph, "I")] == ["One two", "two three"]
    assert Spans(content["text"]).words == "One two three."


def test_a_thread_without_units_is_an_empty_graph(corpus, tmp_path):
    content = read_one(with_text(corpus, "One.", []), tmp_path / "out")
    assert content["AIF"]["nodes"] == content["AIF"]["edges"] == []


def test_the_same_corpus_gives_the_same_bytes(corpus, tmp_path):
    one_, two = (export(corpus, "aif", tmp_path / name) for name in ("one", "two"))
    assert [(one_.path / name).read_bytes() for name in one_.files] == [
        (two.path / name).read_bytes() for name in two.files
    ]


@settings(max_examples=40)
@given(text=HOSTILE, data=st.data())
def test_units_of_any_text_have_their_words(corpus, tmp_path_factory, text, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=5)))
    places = list(pairwise(cuts))
    links = [(f"u{n}", "u0", "inference") for n in range(1, len(places))]
    content = read_one(with_text(corpus, text, places, links), tmp_path_factory.mktemp("any") / "out")
    graph = graph_of(content)
    assert [graph.nodes[node]["text"] for node in of_type(graph, "I")] == [text[start:end] for start, end in places]
    assert len(of_type(graph, "RA")) == len(of_type(graph, "TA")) == len(links)
    spans = Spans(content["text"])
    assert spans.words == text
    assert list(spans.by_id.values()) == [text[start:end] for start, end in places]


def test_a_text_without_words_is_named_as_left_out(corpus, tmp_path):
    made = export(with_text(corpus, "One.", []), "aif", tmp_path / "worded", layers=UNITS)
    assert of_format(made) == ()
    silent = {**corpus.table("texts").row(0, named=True), "text": None}
    made = export(replace(corpus, _frames=Altered(corpus._frames, {"texts": [silent]})), "aif", tmp_path / "silent")
    assert (made.files, of_format(made)) == ((), ("texts without words: 1 row (a1)",))
