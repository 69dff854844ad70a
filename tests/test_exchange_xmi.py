"""UIMA CAS XMI, read with dkpro-cassis, and tasks for INCEpTION that come back."""

import itertools
import json
import re
import shutil
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import MINI, ROOT
from corpus_tools.corpus import DRAFT, load
from corpus_tools.errors import RecordsError
from corpus_tools.exchange import inception_sheets
from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, Task, documents_of
from corpus_tools.exchange.inception_layers import type_name
from corpus_tools.exchange.xmi import read_task, write, write_task

cassis = pytest.importorskip("cassis")

CORE = "de.tudarmstadt.ukp.dkpro.core.api."


def all_tables(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


@pytest.fixture(scope="module")
def corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def written(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("xmi")
    return out, write(corpus, all_tables(corpus), out)


@pytest.fixture(scope="module")
def cas(written):
    return read_cas(written[0], "syria-talks-2016.xmi")


def read_cas(folder, name):
    typesystem = cassis.load_typesystem(folder / "TypeSystem.xml")
    return cassis.load_cas_from_xmi(folder / name, typesystem=typesystem)


def rows(corpus, table):
    return corpus.scan(table, split="gold").collect().to_dicts()


def of_tables(document, tables):
    names = {table.name for table in tables}
    return replace(
        document,
        marks=tuple(mark for mark in document.marks if mark.table in names),
        links=tuple(link for link in document.links if link.table in names),
        answers=tuple(answer for answer in document.answers if answer.table in names),
        tokens=(),
    )


def layer_task(corpus, *layers):
    tables = tuple(table for name in layers for table in corpus.scheme.layer(name).tables)
    return Task(tables, documents_of(corpus, tables).documents)


def test_each_span_has_the_words_and_the_columns_of_its_row(corpus, cas):
    texts = {text.corpus_id: text for text in cas.select(type_name(TEXTS))}
    for table in all_tables(corpus):
        if table.unit in ("span", "sentence"):
            placed = [row for row in rows(corpus, table.name) if row["start_char"] is not None]
            found = {span.corpus_id: span for span in cas.select(type_name(table.name))}
            assert len(found) == len(placed) > 0
            for row in placed:
                span = found[row[table.key]]
                assert span.get_covered_text() == row["quote"]
                assert (span.label, span.begin - texts[row["text_id"]].begin) == (row["label"], row["start_char"])
                assert span.reason == row["reason"]


def test_each_relation_joins_the_units_of_its_row(corpus, cas):
    for table in all_tables(corpus):
        if table.unit == "relation":
            found = {relation.corpus_id: relation for relation in cas.select(type_name(table.name))}
            assert len(found) == len(rows(corpus, table.name)) > 0
            for row in rows(corpus, table.name):
                relation = found[row["relation_id"]]
                ends = (relation.Governor.corpus_id, relation.Dependent.corpus_id)
                assert (*ends, relation.label) == (row["from_id"], row["to_id"], row["label"])
                assert (relation.begin, relation.end) == (relation.Dependent.begin, relation.Dependent.end)


def test_each_judgement_stands_on_the_unit_that_it_judges(corpus, cas):
    units = {span.corpus_id: span for name in (TEXTS, "arguments") for span in cas.select(type_name(name))}
    for name in ("claims", "quality", "stance"):
        found = {span.corpus_id: span for span in cas.select(type_name(name))}
        for row in rows(corpus, name):
            span = found.pop(row["judgement_id"])
            assert (span.unit, span.question, span.label) == (row["unit_id"], row["question"], row["label"])
            assert (span.begin, span.end) == (units[row["unit_id"]].begin, units[row["unit_id"]].end)
        assert not found


def test_tokens_have_what_dkpro_says_of_them(corpus, cas):
    found = {token.id: token for token in cas.select(f"{CORE}segmentation.type.Token")}
    heads = {
        (one.Dependent.id, one.Governor.id): one.DependencyType
        for one in cas.select(f"{CORE}syntax.type.dependency.Dependency")
    }
    rest = {one.corpus_id: one for one in cas.select("webanno.custom.TokenRow")}
    assert len(found) == len(heads) == 616
    for row in rows(corpus, "tokens"):
        token = found[row["token_id"]]
        assert (token.pos.coarseValue, token.pos.PosValue) == (row["upos"], row["xpos"])
        assert (token.lemma and token.lemma.value) == row["lemma"]
        assert (token.morph and token.morph.value) == row["feats"]
        head = f"{row['sentence_id']}-t{row['head'] or row['position']}"
        assert heads[row["token_id"], head] == row["deprel"]
        assert token.get_covered_text() == row["form"]
        for column in ("correct_form", "multiword", "reason"):
            said = rest.get(row["token_id"])
            assert (said and said.get(column) if row[column] else None) == row[column]
    sentences = [sentence.id for sentence in cas.select(f"{CORE}segmentation.type.Sentence")]
    assert sentences == [row["sentence_id"] for row in rows(corpus, "sentences")]


def test_what_is_left_out_of_the_shipped_corpus_is_what_stands_outside_of_its_texts(written):
    assert written[1] == [
        "structure outside of every text: 5 rows (structure-8, structure-10, structure-12, structure-16, structure-18)"
    ]


def test_the_same_corpus_gives_the_same_bytes(corpus, written, tmp_path):
    write(corpus, all_tables(corpus), tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["TypeSystem.xml", "layers.json", "syria-talks-2016.xmi"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (written[0] / name).read_bytes()


def test_every_row_comes_back_equal(corpus, written):
    tables = tuple(all_tables(corpus))
    task = Task(tables, documents_of(corpus, tables).documents)
    assert read_task(task, written[0]) == [of_tables(document, tables) for document in task.documents]


def test_without_layers_there_are_the_texts_their_sentences_and_tokens(tmp_path):
    corpus = load(MINI, DRAFT)
    assert write(corpus, [], tmp_path) == []
    names = [path.name for path in sorted(tmp_path.glob("*.xmi"))]
    assert len(names) == len(documents_of(corpus, []).documents)
    for name in names:
        cas = read_cas(tmp_path, name)
        words = [token.get_covered_text() for token in cas.select(f"{CORE}segmentation.type.Token")]
        assert "".join(words) == "".join(cas.sofa_string.split())
        assert cas.select(f"{CORE}segmentation.type.Sentence")
        assert {text.corpus_id for text in cas.select(type_name(TEXTS))} <= {*corpus.texts["text_id"]}


def with_meanings(table, meanings):
    columns = (replace(c, meanings=meanings) if c.name == "label" else c for c in table.columns)
    return replace(table, columns=tuple(columns))


def test_the_layer_settings_have_every_label_with_its_definition_and_attach_relations(corpus, tmp_path):
    task = layer_task(corpus, "arguments", "coreference", "quality")
    meanings = corpus.scheme.layer("arguments").labels["arguments"]
    tables = tuple(with_meanings(one, meanings) if one.name == "arguments" else one for one in task.tables)
    write_task(Task(tables, task.documents), tmp_path)
    layers = {layer["name"]: layer for layer in json.loads((tmp_path / "layers.json").read_text())}
    coreference = layers["webanno.custom.Coreference"]
    assert (coreference["type"], coreference["attach_type"]) == ("relation", {"name": "webanno.custom.Entities"})
    assert coreference["attach_type"]["name"] in layers
    # Relations among arguments may lead to relations, which are no one layer.
    assert "attach_type" not in layers["webanno.custom.Arguments_relations"]
    features = {feature["name"]: feature for feature in layers["webanno.custom.Arguments"]["features"]}
    tags = {tag["tag_name"]: tag["tag_description"] for tag in features["label"]["tag_set"]["tags"]}
    assert [*tags] == list(corpus.scheme.table("arguments")["label"].labels)
    assert {*tags} == {label.id for label in meanings}
    assert all(label.definition.strip() in tags[label.id] for label in meanings)
    assert not features["corpus_id"]["visible"]
    asked = {feature["name"]: feature for feature in layers["webanno.custom.Quality"]["features"]}
    questions = task.tables[-1].questions
    assert [tag["tag_name"] for tag in asked["question"]["tag_set"]["tags"]] == [q.id for q in questions]
    answers = {tag["tag_name"]: tag["tag_description"] for tag in asked["label"]["tag_set"]["tags"]}
    assert {*answers} == {label.id for question in questions for label in question.labels}
    assert all(answers.values())


def annotated(folder, change):
    """The one XMI file of a task, as an annotator would leave it."""
    cas = read_cas(folder, "syria-talks-2016.xmi")
    change(cas)
    return cas.to_xmi()


def new(cas, table, start, end, **features):
    span = cas.typesystem.get_type(type_name(table))(begin=start, end=end, **features)
    cas.add(span)
    return span


def zipped(path, **members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)


def test_what_was_annotated_comes_back_out_of_the_archives_of_inception(corpus, tmp_path):
    tables = tuple(table for name in ("arguments", "quality") for table in corpus.scheme.layer(name).tables)
    task = Task(tables, documents_of(corpus, tables, annotator="").documents)
    write_task(task, tmp_path)

    def annotate(cas):
        first, second = new(cas, "arguments", 0, 43, label="fact"), new(cas, "arguments", 45, 128, label="value")
        relation = new(cas, "arguments_relations", 45, 128, label="rephrase")
        relation.Governor, relation.Dependent = first, second
        other = new(cas, "arguments_relations", 45, 128, label="inference")
        other.Governor, other.Dependent = second, relation
        text = cas.select(type_name(TEXTS))[1]
        new(cas, "quality", text.begin, text.end, question="constructive", label="yes")

    xmi, types = annotated(tmp_path, annotate), (tmp_path / "TypeSystem.xml").read_bytes()
    initial = (tmp_path / "syria-talks-2016.xmi").read_bytes()
    folder = tmp_path / "annotation" / "syria-talks-2016.xmi"
    zipped(folder / "anna.zip", anna_xmi=xmi, TypeSystem_xml=types)
    zipped(folder / "INITIAL_CAS.zip", **{"INITIAL\0CAS_xmi".replace("\0", "-"): initial, "TypeSystem_xml": types})
    (back,) = read_task(task, tmp_path)
    assert [(mark.id, mark.start, mark.end, mark.label) for mark in back.marks] == [
        ("new-arguments-1", 0, 43, "fact"),
        ("new-arguments-2", 45, 128, "value"),
    ]
    assert [(link.id, link.from_id, link.to_id, link.label) for link in back.links] == [
        ("new-arguments_relations-1", "new-arguments-1", "new-arguments-2", "rephrase"),
        ("new-arguments_relations-2", "new-arguments-2", "new-arguments_relations-1", "inference"),
    ]
    assert back.answers == (Answer("new-quality-1", "quality", "c1", "constructive", "yes"),)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cas: new(cas, "entities", 0, 2, label="nobody"), "'nobody' at 0 to 2 is no label of entities"),
        (lambda cas: new(cas, "coreference", 0, 2, label="coref"), "an end of this relation of coreference"),
        (lambda cas: new(cas, "quality", 0, 2, question="constructive", label="yes"), "say in `unit` what is judged"),
        (lambda cas: new(cas, "quality", 0, 2, question="why", label="yes"), "'why' is no question of quality"),
        (
            lambda cas: new(cas, "quality", 0, 2, question="constructive", label="yes", unit="c99"),
            "'c99', judged in quality, is the id of no unit",
        ),
    ],
)
def test_what_does_not_hold_is_refused_with_its_annotation(corpus, tmp_path, change, said):
    task = layer_task(corpus, "entities", "coreference", "quality")
    write_task(task, tmp_path)
    (tmp_path / "syria-talks-2016.xmi").write_text(annotated(tmp_path, change))
    with pytest.raises(RecordsError, match="annotation \\d+") as raised:
        read_task(task, tmp_path)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_text(path.read_text()[:-300]), "is no XMI that dkpro-cassis can read"),
        (
            lambda path: path.write_text(path.read_text().replace("US Threatens", "UK Threatens")),
            "was changed: at character 1",
        ),
        (
            lambda path: path.write_text(path.read_text().replace('end="3236"', 'end="9999"', 1)),
            "can read: Not mapping",
        ),
        (lambda path: path.rename(path.with_name("other.txt")), "is not there, nor another .xmi file"),
        (lambda path: path.with_name("TypeSystem.xml").unlink(), "has no TypeSystem.xml beside it"),
        (lambda path: [shutil.copytree(path.parent, path.parent / name) for name in ("a", "b")], "has several files"),
        (lambda path: path.with_name("anna.zip").write_bytes(b"PK"), "is no ZIP archive"),
        (
            lambda path: path.with_name("other.xmi").write_text(
                path.read_text().replace("US Threatens", "UK Threatens")
            ),
            "is of no document of the task",
        ),
    ],
)
def test_files_that_cannot_be_those_of_the_task_are_refused(corpus, tmp_path, spoil, said):
    folder = tmp_path / "task"
    folder.mkdir()
    task = layer_task(corpus, "entities")
    write_task(task, folder)
    spoil(folder / "syria-talks-2016.xmi")
    with pytest.raises(RecordsError) as raised:
        read_task(task, folder)
    assert said in str(raised.value)


# What a text or a value may hold; the last three are characters that XML cannot hold.
CHARACTERS = "ab. \n\t\r😀é\u0301\u200d\ufeff<&>\"'|\\[]_*;\u2028"


@st.composite
def small_documents(draw, alphabet=CHARACTERS):
    """A document with nested, crossing and equal marks of two tables of the mini corpus's kind, links and answers."""
    texts = draw(st.lists(st.text(alphabet=alphabet, min_size=1, max_size=25), min_size=1, max_size=3))
    value = st.text(alphabet=alphabet, max_size=6)
    numbers = itertools.count(1)
    marks, at = [], 0
    for number, text in enumerate(texts):
        marks.append(Mark(f"t{number}", TEXTS, at, at + len(text), "comment", {"byline": draw(value)}))
        edge = st.integers(at, at + len(text))
        for start, end in draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda s: s[0] < s[1]), max_size=4)):
            label = draw(st.sampled_from(["person", "place"]))
            marks.append(
                Mark(
                    f"e-{next(numbers)}",
                    "entities",
                    start,
                    end,
                    label,
                    draw(st.sampled_from([{}, {"reason": draw(value)}])),
                )
            )
        at += len(text) + 2
    entities = [mark.id for mark in marks if mark.table == "entities"]
    links = [
        Link(f"c-{number}", "coreference", *draw(st.permutations(entities))[:2], "coref", {"reason": draw(value)})
        for number in range(draw(st.integers(0, 3)) if len(entities) > 1 else 0)
    ]
    answers = [
        Answer(
            f"q-{number}",
            "quality",
            mark.id,
            "constructive",
            draw(st.sampled_from(["yes", "no"])),
            {"reason": draw(value)},
        )
        for number, mark in enumerate(mark for mark in marks if mark.table == TEXTS)
    ]
    return Document(
        id="t-1",
        text="\n\n".join(texts),
        texts=tuple({"text_id": f"t{number}", "kind": "comment", "text": text} for number, text in enumerate(texts)),
        marks=tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end))),
        links=tuple(links),
        answers=tuple(answers),
        tokens=(),
    )


SCHEME = load(ROOT / "corpus").scheme
LAYERS = ("entities", "coreference", "quality")


@given(small_documents())
def test_any_text_with_any_marks_links_and_answers_comes_back_equal(document):
    tables = tuple(table for name in LAYERS for table in SCHEME.layer(name).tables)
    task = Task(tables, (document,))
    with tempfile.TemporaryDirectory() as folder:
        assert write_task(task, Path(folder)) == []
        cas = read_cas(Path(folder), "t-1.xmi")
        assert cas.sofa_string == document.text
        found = {span.corpus_id: span.get_covered_text() for span in cas.select(type_name("entities"))}
        assert found == {m.id: document.text[m.start : m.end] for m in document.marks if m.table == "entities"}
        assert read_task(task, Path(folder)) == [of_tables(document, tables)]


def test_an_end_that_is_not_there_is_named_with_what_refers_to_it(corpus, tmp_path):
    task = layer_task(corpus, "coreference")
    write_task(task, tmp_path)
    path = tmp_path / "syria-talks-2016.xmi"
    content = path.read_text()
    (link, end), *_ = re.findall(r'<custom:Coreference xmi:id="(\d+)"[^>]* Governor="(\d+)"', content)
    path.write_text(re.sub(rf'(<custom:Coreference xmi:id="{link}"[^>]* Governor=)"{end}"', r'\1"99999"', content))
    with pytest.raises(RecordsError) as raised:
        read_task(task, tmp_path)
    assert f"the annotation 99999, which is not there: Governor of Coreference {link}; export" in str(raised.value)


def many_texts(number):
    """A document of many short texts."""
    marks = tuple(Mark(f"t{at}", TEXTS, 8 * at, 8 * at + 6, "comment") for at in range(number))
    return Document("t-1", "Hi ho.\n\n" * number, (), marks, (), (), ())


def test_all_texts_are_cut_into_tokens_in_one_call(monkeypatch, tmp_path):
    calls = []
    once = inception_sheets.tokenise
    monkeypatch.setattr(inception_sheets, "tokenise", lambda texts: calls.append(texts) or once(texts))
    other = replace(many_texts(3), id="t-2")
    assert write_task(Task((), (many_texts(5), other)), tmp_path) == []
    assert len(calls) == 1
    tokens = [
        token.get_covered_text() for token in read_cas(tmp_path, "t-2.xmi").select(f"{CORE}segmentation.type.Token")
    ]
    assert tokens == ["Hi", "ho", "."] * 3


def test_offsets_in_the_file_count_utf_16_units(corpus, tmp_path):
    mark = Mark("e-1", "entities", 2, 4, "person")
    text = Mark("t0", TEXTS, 0, 4, "comment")
    task = Task((corpus.scheme.table("entities"),), (Document("t-1", "😀 Jo", (), (text, mark), (), (), ()),))
    write_task(task, tmp_path)
    assert 'begin="3" end="5" corpus_id="e-1"' in (tmp_path / "t-1.xmi").read_text()


def test_characters_that_xml_does_not_allow_are_replaced_and_counted(corpus, tmp_path):
    marks = (Mark("t0", TEXTS, 0, 5, "comment"), Mark("e-1", "entities", 2, 5, "person"))
    task = Task((corpus.scheme.table("entities"),), (Document("t-1", "a\x00\x1fb\uffff", (), marks, (), (), ()),))
    assert write_task(task, tmp_path) == ["3 characters that XML does not allow: written as U+FFFD"]
    assert read_cas(tmp_path, "t-1.xmi").sofa_string == "a\ufffd\ufffdb\ufffd"
    assert read_task(task, tmp_path)[0].marks == marks[1:]


def test_a_column_with_a_name_that_uima_keeps_for_itself_comes_back(corpus, tmp_path):
    marks = (Mark("t0", TEXTS, 0, 2, "comment"), Mark("e-1", "entities", 0, 2, "person", {"begin": "x", "type": "y"}))
    task = Task((corpus.scheme.table("entities"),), (Document("t-1", "Jo", (), marks, (), (), ()),))
    write_task(task, tmp_path)
    assert read_task(task, tmp_path)[0].marks == marks[1:]


def test_a_document_without_a_character_is_written(corpus, tmp_path):
    task = Task(
        (corpus.scheme.table("entities"),),
        (Document("t-1", "", (), (Mark("t0", TEXTS, 0, 0, "comment"),), (), (), ()),),
    )
    assert write_task(task, tmp_path) == []
    assert read_task(task, tmp_path)[0].marks == ()


def token(position, form, place, **more):
    start, end = place or (None, None)
    said = {"token_id": f"s1-t{position}", "text_id": "t0", "sentence_id": "s1", "position": position, "form": form}
    said |= {
        "start_char": start,
        "end_char": end,
        "upos": "ADP",
        "head": 0 if position == 1 else 1,
        "space_after": False,
    }
    return {**said, "annotator": "gold", **more}


def torn():
    """Two words in the place of one token, and one without a place."""
    tokens = (token(1, "à", (0, 2), multiword="au"), token(2, "le", (0, 2), multiword="au"), token(3, "x", None))
    return Document("t-1", "au", (), (Mark("t0", TEXTS, 0, 2, "comment"),), (), (), tokens)


def test_words_that_share_a_place_are_kept_beside_the_one_token(tmp_path):
    assert write_task(Task((), (torn(),)), tmp_path) == ["tokens without a place in their text: 1 row (s1-t3)"]
    cas = read_cas(tmp_path, "t-1.xmi")
    assert [one.id for one in cas.select(f"{CORE}segmentation.type.Token")] == ["s1-t1"]
    rest = {one.corpus_id: (one.form, one.multiword, one.head) for one in cas.select("webanno.custom.TokenRow")}
    assert rest == {"s1-t1": ("à", "au", None), "s1-t2": ("le", "au", "1")}
