"""STAM: the field's own library reads the store and finds the rows of the corpus."""

import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, ROOT, Altered, of_format
from corpus_tools.corpus import load
from corpus_tools.exchange import export

stam = pytest.importorskip("stam")
HOSTILE = st.text(alphabet=st.sampled_from("ab é\u0301\u200d😀👩🏽🇸🇾\t\n\r\u2028<&>\"'|\\"), min_size=1, max_size=30)


def altered(corpus, **rows):
    return replace(corpus, _frames=Altered(corpus._frames, rows))


def with_text(corpus, text, **rows):
    """A corpus of one text, and rows of layers."""
    row = {**corpus.table("texts").row(0, named=True), "text": text}
    return altered(corpus, texts=[row], **rows)


def span(table, number, text, start, end, **more):
    """A row of a table of spans in text a1."""
    filled = {"text_id": "a1", "start_char": start, "end_char": end, "quote": text[start:end], "annotator": "gold"}
    return {**dict.fromkeys(table.schema), table.key: f"{table.name}-{number}", **filled, **more}


def opened(corpus, path, **options):
    return stam.AnnotationStore(file=str(export(corpus, "stam", path, **options).path))


def value_of(data):
    value = data.value().get()
    return [item.get() if hasattr(item, "get") else item for item in value] if isinstance(value, list) else value


def row_of(annotation, table):
    """The row that an annotation says, from what the library gives."""
    said = {data.key().id(): value_of(data) for data in annotation.data()}
    target = json.loads(annotation.json())["target"]
    if target["@type"] == "TextSelector":
        begin, end = (cursor.value() for cursor in (annotation.offset().begin(), annotation.offset().end()))
        place = {"text_id": annotation.resources()[0].id(), "start_char": begin, "end_char": end}
        said = {"quote": annotation.text()[0], **place, **said}
    elif target["@type"] == "ResourceSelector" and table.unit != "judgement":
        said["text_id"] = target["resource"]
    elif table.unit == "relation":
        ends = [selector.get("annotation") or selector["resource"] for selector in target["selectors"]]
        said |= dict(zip(("from_id", "to_id"), ends, strict=True))
    elif table.unit == "judgement":
        said["unit_id"] = target.get("annotation") or target["resource"]
    return {name: said.get(name) for name in table.schema.names() if name != table.key} | {table.key: annotation.id()}


@pytest.fixture(scope="module", params=[("corpus", None), ("layered", "draft")], ids=["shipped", "layered"])
def read(request, tmp_path_factory):
    name, version = request.param
    corpus = load(ROOT / "corpus" if name == "corpus" else LAYERED, version)
    return corpus, opened(corpus, tmp_path_factory.mktemp(name) / "corpus.store.stam.json")


def layered_tables(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


def test_each_data_set_has_as_many_annotations_as_its_table_has_rows(read):
    corpus, store = read
    counts = {table.name: corpus.table(table.name).height for table in layered_tables(corpus)}
    counts |= {name: corpus.table(name).height for name in ("threads", "authors", "texts")}
    used = [{data.dataset().id() for data in annotation.data()} for annotation in store.annotations()]
    assert all(len(sets) == 1 for sets in used)
    found = [next(iter(sets)) for sets in used]
    assert {name: found.count(name) for name in counts} == counts
    assert len(found) == sum(counts.values()) > 50


def test_each_resource_has_the_words_of_its_text(read):
    corpus, store = read
    found = {resource.id(): resource.text() for resource in store.resources()}
    assert found == dict(corpus.table("texts").select("text_id", "text").iter_rows())


def test_each_span_has_the_words_of_its_row(read):
    corpus, store = read
    for table in layered_tables(corpus):
        if table.unit in {"span", "sentence"}:
            for row in corpus.table(table.name).drop_nulls("start_char").iter_rows(named=True):
                assert store.annotation(row[table.key]).text() == [row["quote"]], row


def test_the_rows_of_layers_come_back_equal(read):
    corpus, store = read
    for table in layered_tables(corpus):
        rows = corpus.table(table.name).to_dicts()
        found = [row_of(store.annotation(row[table.key]), table) for row in rows]
        for row, back in zip(rows, found, strict=True):
            if table.unit == "token" or row.get("start_char") is None:
                back.pop("quote", None)
                row = {name: value for name, value in row.items() if name in back}
            assert back == row, table.name


def test_what_is_known_of_texts_threads_and_authors_comes_back_equal(read):
    corpus, store = read
    for name in ("texts", "threads", "authors"):
        table = corpus.scheme.table(name)
        for row in corpus.table(name).iter_rows(named=True):
            annotation = store.annotation(f"{name}/{row[table.key]}")
            said = {data.key().id(): value_of(data) for data in annotation.data()}
            words = {"text": annotation.target().resource(store).text()} if name == "texts" else {}
            assert {**said, **words} == {key: value for key, value in row.items() if value is not None}


def test_a_question_to_the_library_finds_what_a_filter_finds(tmp_path):
    corpus = load(ROOT / "corpus")
    store = opened(corpus, tmp_path / "corpus.store.stam.json", layers="entities")
    key = store.dataset("entities").key("label")
    found = [annotation.id() for annotation in store.annotations(key, value="person")]
    rows = corpus.table("entities").filter(pl.col("label") == "person")
    assert sorted(found) == sorted(rows["span_id"]) != []


def test_annotations_that_others_are_about_come_with_them(tmp_path):
    corpus = load(ROOT / "corpus")
    store = opened(corpus, tmp_path / "corpus.store.stam.json", layers="claims")
    about = store.annotation("claims-1").annotations_in_targets()
    assert [one.id() for one in about] == [corpus.table("claims")["unit_id"][0]]


def test_what_is_about_nothing_is_named(tmp_path):
    corpus = load(ROOT / "corpus")
    table = corpus.scheme.table("arguments_relations")
    empty = {**dict.fromkeys(table.schema), "annotator": "gold", "label": "inference"}
    ends = [("r1", "arguments-1", "no-unit"), ("r2", "r3", "r3"), ("r3", "r2", "r2")]
    rows = [{**empty, "relation_id": name, "from_id": from_id, "to_id": to_id} for name, from_id, to_id in ends]
    lost = of_format(export(altered(corpus, arguments_relations=rows), "stam", tmp_path / "out.json"))
    assert lost[0] == "arguments_relations about a row that is not there, or in a circle: 3 rows (r1, r2, r3)"


def test_the_tables_about_the_making_are_named_as_left_out(tmp_path):
    corpus = load(ROOT / "corpus")
    lost = of_format(export(corpus, "stam", tmp_path / "out.json"))
    counts = [(name, corpus.table(name).height) for name in ("sources", "annotators", "coverage", "omissions")]
    assert [sentence.split(" about")[0] for sentence in lost] == [
        f"{name}: {n} row{'s' * (n != 1)}" for name, n in counts
    ]


def test_a_text_without_words_and_a_span_without_a_place_are_kept(tmp_path):
    corpus = load(ROOT / "corpus")
    entities = corpus.scheme.table("entities")
    nowhere = span(entities, 1, "a cut", None, None, quote="torn", label="person")
    store = opened(with_text(corpus, None, entities=[nowhere]), tmp_path / "null.json")
    assert list(store.resources()) == []
    assert row_of(store.annotation("entities-1"), entities) == nowhere
    assert store.annotation("texts/a1").datasets()[0].id() == "texts"
    store = opened(with_text(corpus, "a cut", entities=[nowhere]), tmp_path / "placeless.json")
    assert store.annotation("entities-1").target().resource(store).id() == "a1"
    assert row_of(store.annotation("entities-1"), entities) == nowhere


def test_the_same_corpus_gives_the_same_bytes(tmp_path):
    corpus = load(ROOT / "corpus")
    one, two = (export(corpus, "stam", tmp_path / name).path.read_bytes() for name in ("one", "two"))
    assert one == two


@settings(max_examples=40)
@given(text=HOSTILE, data=st.data())
def test_spans_of_any_text_have_their_words(tmp_path_factory, text, data):
    corpus = load(LAYERED, "draft")
    table = corpus.scheme.table("entities")
    places = st.integers(0, len(text) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(start + 1, len(text)))
    )
    spans = data.draw(st.lists(places, max_size=4))
    rows = [span(table, n, text, *place, label="<&>") for n, place in enumerate(spans)]
    store = opened(with_text(corpus, text, entities=rows), tmp_path_factory.mktemp("any") / "out.json")
    assert store.resource("a1").text() == text
    assert [row_of(store.annotation(row["span_id"]), table) for row in rows] == rows
