"""Web Annotations: a JSON-LD processor, an RDF graph and a small resolver of selectors find the rows of the corpus."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, ROOT, Altered, of_format
from corpus_tools.corpus import load
from corpus_tools.exchange import export
from corpus_tools.exchange.web_annotation import selectors

HOSTILE = st.text(alphabet=st.sampled_from("ab é\u0301\u200d😀👩🏽🇸🇾\t\n\r\u2028<&>\"'|\\"), min_size=1, max_size=80)
OA = "http://www.w3.org/ns/oa#"
# The published context is on the web. These are the terms of it that the Recommendation defines and this export uses;
# any other is dropped by a processor, and then missed below.
TERMS = {
    "oa": OA,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "as": "http://www.w3.org/ns/activitystreams#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    **{name: f"oa:{name}" for name in ("Annotation", "TextualBody", "SpecificResource")},
    **{name: f"oa:{name}" for name in ("TextQuoteSelector", "TextPositionSelector")},
    **{name: f"oa:{name}" for name in ("classifying", "commenting", "describing", "linking", "tagging")},
    **{name: f"oa:{name}" for name in ("exact", "prefix", "suffix")},
    "AnnotationCollection": "as:OrderedCollection",
    "AnnotationPage": "as:OrderedCollectionPage",
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "first": {"@id": "as:first", "@type": "@id"},
    "last": {"@id": "as:last", "@type": "@id"},
    "format": "http://purl.org/dc/elements/1.1/format",
    "language": "http://purl.org/dc/elements/1.1/language",
    "value": "rdf:value",
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
    "total": {"@id": "as:totalItems", "@type": "xsd:nonNegativeInteger"},
    "startIndex": {"@id": "as:startIndex", "@type": "xsd:nonNegativeInteger"},
}


def serve(url, options):
    assert url == "http://www.w3.org/ns/anno.jsonld"
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": TERMS},
    }


def by_quote(text, selector):
    """The places of a text that a quote selects, as the Recommendation has it: all where it stands between the two."""
    before, exact, after = (selector[name] for name in ("prefix", "exact", "suffix"))
    return [
        (place, place + len(exact))
        for place in range(len(text) + 1)
        if text.startswith(exact, place)
        and text[:place].endswith(before)
        and text.startswith(after, place + len(exact))
    ]


def by_position(text, selector):
    return "".join(list(text)[selector["start"] : selector["end"]])


def tables_of(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


def altered(corpus, **rows):
    return replace(corpus, _frames=Altered(corpus._frames, rows))


@pytest.fixture(scope="module", params=[("corpus", None), ("layered", "draft")], ids=["shipped", "layered"])
def read(request, tmp_path_factory):
    name, version = request.param
    corpus = load(ROOT / "corpus" if name == "corpus" else LAYERED, version)
    made = export(corpus, "web-annotation", tmp_path_factory.mktemp(name) / "corpus.jsonld")
    return corpus, json.loads(made.path.read_text(encoding="utf-8"))


def items_of(content):
    return content["first"]["items"]


def base_of(content):
    return content["id"].removesuffix("annotations")


def words_of(content):
    """IRI of each text -> its words."""
    texts = [item for item in items_of(content) if item["column:table"] == "texts" and "body" in item]
    return {item["target"]: item["body"]["value"] for item in texts}


def bodies(item, purpose):
    return [body["value"] for body in item["body"] if body["purpose"] == purpose]


def row_of(item, table, base):
    """The row that an annotation says."""
    said = {key.rpartition("/")[2]: value for key, value in item.items() if key.startswith(f"column:{table.name}/")}
    said = {name: value["@list"] if isinstance(value, dict) else value for name, value in said.items()}
    said[table.key] = item["id"].removeprefix(base)
    said["upos" if table.unit == "token" else "label"] = (bodies(item, "tagging") + bodies(item, "classifying"))[0]
    said["reason"] = next(iter(bodies(item, "commenting")), None)
    target = item["target"]
    if isinstance(target, dict):
        position, quote = target["selector"]
        said |= {"text_id": target["source"].removeprefix(base), "start_char": position["start"]}
        said |= {"end_char": position["end"], **({} if table.unit == "token" else {"quote": quote["exact"]})}
    else:
        column = {"relation": "from_id", "judgement": "unit_id"}.get(table.unit, "text_id")
        said[column] = target.removeprefix(base)
    linked = [body["source"].removeprefix(base) for body in item["body"] if body["purpose"] == "linking"]
    said["to_id"] = next(iter(linked), None)
    return {name: said.get(name) for name in table.schema.names()}


def test_the_rows_of_layers_come_back_equal(read):
    corpus, content = read
    for table in tables_of(corpus):
        found = [
            row_of(item, table, base_of(content)) for item in items_of(content) if item["column:table"] == table.name
        ]
        assert found == corpus.table(table.name).to_dicts(), table.name


def test_both_selectors_find_the_words_of_each_row_and_no_others(read):
    corpus, content = read
    words, counts = words_of(content), {}
    for item in items_of(content):
        if isinstance(item["target"], dict):
            text = words[item["target"]["source"]]
            position, quote = item["target"]["selector"]
            assert by_quote(text, quote) == [(position["start"], position["end"])]
            assert by_position(text, position) == quote["exact"]
            counts[item["column:table"]] = counts.get(item["column:table"], 0) + 1
    placed = [table for table in tables_of(corpus) if "start_char" in table.schema]
    rows = {table.name: corpus.table(table.name).drop_nulls("start_char").height for table in placed}
    assert counts == {name: n for name, n in rows.items() if n}


def test_positions_count_code_points_and_not_units_of_utf_16():
    position, quote = selectors("a🌉 bridge", 3, 9)
    assert position == {"type": "TextPositionSelector", "start": 3, "end": 9}
    assert quote == {"type": "TextQuoteSelector", "exact": "bridge", "prefix": "a🌉 ", "suffix": ""}


@settings(max_examples=200)
@given(text=HOSTILE, data=st.data())
def test_a_quote_tells_a_span_of_any_text_from_all_others(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    position, quote = selectors(text, start, end)
    assert by_quote(text, quote) == [(start, end)]
    assert by_position(text, position) == text[start:end] == quote["exact"]


def test_a_quote_in_a_text_that_repeats_itself_has_more_around_it():
    text = "ab" * 200
    _, quote = selectors(text, 200, 202)
    assert by_quote(text, quote) == [(200, 202)]


def test_every_annotation_has_what_the_recommendation_demands(read):
    _, content = read
    assert content["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert content["type"] == "AnnotationCollection"
    page = content["first"]
    assert (page["type"], page["startIndex"], content["last"]) == ("AnnotationPage", 0, page["id"])
    assert content["total"] == len(page["items"]) == len({item["id"] for item in page["items"]})
    for item in page["items"]:
        assert item["type"] == "Annotation"
        assert item["id"].startswith(("urn:uuid:", "https://doi.org/10."))
        target = item["target"]
        if isinstance(target, dict):
            position, quote = target["selector"]
            assert (position["type"], quote["type"]) == ("TextPositionSelector", "TextQuoteSelector")
            assert 0 <= position["start"] <= position["end"]
        for body in item.get("body", []) if isinstance(item.get("body"), list) else []:
            assert body["type"] in {"TextualBody", "SpecificResource"}
            assert ("value" in body) is (body["type"] == "TextualBody")


def properties(value, leave=("@context", "id", "@id", "type", "@type", "@value", "@list")):
    """How many properties a document has, all in all."""
    if isinstance(value, list):
        return sum(properties(one) for one in value)
    if not isinstance(value, dict):
        return 0
    own = sum(1 if key not in leave else 0 for key in value)
    return own + sum(properties(one) for key, one in value.items() if key != "@context")


def test_a_json_ld_processor_knows_every_term_and_gives_it_an_iri(read):
    jsonld = pytest.importorskip("pyld").jsonld
    _, content = read
    (expanded,) = jsonld.expand(content, {"documentLoader": serve})
    assert properties(expanded) == properties(content)
    (items,) = expanded["http://www.w3.org/ns/activitystreams#first"][0]["http://www.w3.org/ns/activitystreams#items"]
    motives = {motive["@id"] for item in items["@list"] for motive in item[f"{OA}motivatedBy"]}
    names = ("assessing", "classifying", "describing", "linking", "tagging")
    assert motives == {OA + name for name in names}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_an_rdf_graph_has_the_links_of_every_relation_in_their_direction(read):
    rdflib = pytest.importorskip("rdflib")
    corpus, content = read
    graph = rdflib.Graph().parse(
        data=json.dumps({**content, "@context": [TERMS, content["@context"][1]]}), format="json-ld"
    )
    found = graph.query(
        f"""PREFIX oa: <{OA}>
        SELECT ?from ?to WHERE {{ ?link oa:motivatedBy oa:linking; oa:hasTarget ?from;
        oa:hasBody [ oa:hasPurpose oa:linking; oa:hasSource ?to ] }}"""
    )
    base = base_of(content)
    links = sorted((str(one).removeprefix(base), str(other).removeprefix(base)) for one, other in found)
    relations = [corpus.table(table.name) for table in tables_of(corpus) if table.unit == "relation"]
    assert links == sorted(pair for rows in relations for pair in rows.select("from_id", "to_id").iter_rows()) != []


def test_a_corpus_with_a_doi_names_its_texts_by_it(tmp_path):
    corpus = load(LAYERED, "draft")
    published = replace(corpus, metadata=replace(corpus.metadata, publication={"doi": "10.1234/a<b"}))
    content = json.loads(export(published, "web-annotation", tmp_path / "out.jsonld").path.read_text(encoding="utf-8"))
    assert content["id"] == "https://doi.org/10.1234/a%3Cb#draft/annotations"


def test_annotations_that_others_are_about_come_with_them(tmp_path):
    corpus = load(ROOT / "corpus")
    made = export(corpus, "web-annotation", tmp_path / "out.jsonld", layers="claims")
    found = {item["column:table"] for item in items_of(json.loads(made.path.read_text(encoding="utf-8")))}
    assert found == {"threads", "authors", "texts", "claims", "claims_spans", "arguments"}


def test_a_text_without_words_and_a_span_without_a_place_are_kept(tmp_path):
    corpus = load(ROOT / "corpus")
    table = corpus.scheme.table("entities")
    text = {**corpus.table("texts").row(0, named=True), "text": None}
    filled = {"span_id": "entities-1", "text_id": "a1", "quote": "torn", "label": "person", "annotator": "gold"}
    row = {**dict.fromkeys(table.schema), **filled}
    made = export(altered(corpus, texts=[text], entities=[row]), "web-annotation", tmp_path / "out.jsonld")
    content = json.loads(made.path.read_text(encoding="utf-8"))
    assert words_of(content) == {}
    assert row_of(items_of(content)[-1], table, base_of(content)) == row


def test_a_corpus_of_nothing_is_a_collection_of_none(tmp_path):
    corpus = load(ROOT / "corpus")
    nothing = altered(corpus, texts=[], threads=[], authors=[])
    content = json.loads(export(nothing, "web-annotation", tmp_path / "out.jsonld").path.read_text(encoding="utf-8"))
    assert content["total"] == 0
    assert "first" not in content


def test_the_tables_about_the_making_are_named_as_left_out(tmp_path):
    corpus = load(ROOT / "corpus")
    lost = of_format(export(corpus, "web-annotation", tmp_path / "out.jsonld"))
    counts = [(name, corpus.table(name).height) for name in ("sources", "annotators", "coverage", "omissions")]
    assert list(lost) == [f"{name}: {n} row{'s' * (n != 1)} about how the corpus was made" for name, n in counts]


def test_the_same_corpus_gives_the_same_bytes(tmp_path):
    corpus = load(ROOT / "corpus")
    one, two = (export(corpus, "web-annotation", tmp_path / name).path.read_bytes() for name in ("one", "two"))
    assert one == two
