"""WebAnno TSV 3.3: what the published specification shows, and tasks that come back."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import MINI, ROOT
from corpus_tools.corpus import DRAFT, load
from corpus_tools.errors import RecordsError
from corpus_tools.exchange.documents import TEXTS, Document, Link, Mark, Task, documents_of
from corpus_tools.exchange.inception_layers import type_name
from corpus_tools.exchange.offsets import Utf16
from corpus_tools.exchange.webanno import _same, read_task, write, write_task
from corpus_tools.exchange.webanno_reading import _Parsing
from test_exchange_label_studio import steps
from test_exchange_xmi import LAYERS, SCHEME, all_tables, layer_task, many_texts, of_tables, small_documents, torn


@pytest.fixture(scope="module")
def corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def written(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("tsv")
    return out, write(corpus, all_tables(corpus), out)


def parsed(text, tmp_path):
    return _Parsing(tmp_path / "some.tsv", text.encode()).parsed()


def places(file):
    return [(one.start, one.end, one.features) for one in file.found]


HEAD = "#FORMAT=WebAnno TSV 3.3\n"


# The examples of the specification, in the INCEpTION user guide under "WebAnno TSV 3.3 File format", or in their form.
def test_an_emoji_counts_two_units_as_in_the_specification(tmp_path):
    file = parsed(
        f"{HEAD}#T_SP=webanno.custom.Span|value\n\n\n#Text=I like it 😊 .\n"
        "1-1\t0-1\tI\t_\t\n1-2\t2-6\tlike\t_\t\n1-3\t7-9\tit\t_\t\n1-4\t10-12\t😊\t*\t\n1-5\t13-14\t.\t_\t\n",
        tmp_path,
    )
    assert (file.text, places(file)) == ("I like it 😊 .", [(10, 11, {})])


def test_spans_over_tokens_and_stacked_ones_are_told_apart_by_their_numbers(tmp_path):
    file = parsed(
        f"{HEAD}#T_SP=pos|PosValue\n#T_SP=ner|value\n\n\n#Text=Ms. Haag\n"
        "1-1\t0-3\tMs.\tNNP\tPER[1]|PERpart[2]\t\n1-2\t4-8\tHaag\tNNP\tPER[1]\t\n",
        tmp_path,
    )
    named = [(one.start, one.end, one.features["value"]) for one in file.found if one.type == "ner"]
    assert named == [(0, 8, "PER"), (0, 3, "PERpart")]
    assert [(one.start, one.end) for one in file.found if one.type == "pos"] == [(0, 3), (4, 8)]


def test_relations_find_their_ends_with_and_without_numbers(tmp_path):
    file = parsed(
        f"{HEAD}#T_SP=ner|value\n#T_RL=rel|value|BT_ner\n\n\n#Text=This is .\n"
        "1-1\t0-4\tThis\t*\t_\t_\n1-2\t5-7\tis\t_\t_\t_\n1-3\t8-9\t.\t*[1]|*[2]\tr|s\t1-1[0_1]|1-1[0_2]\n",
        tmp_path,
    )
    by_key = {one.key: (one.start, one.end) for one in file.found}
    joined = [(one.features["value"], *map(by_key.get, one.ends)) for one in file.found if one.ends]
    assert joined == [("r", (0, 4), (8, 9)), ("s", (0, 4), (8, 9))]
    numbered = [one.ends[1] for one in file.found if one.ends]
    assert numbered == [1, 2]


def test_parts_of_tokens_may_overlap(tmp_path):
    file = parsed(
        f"{HEAD}#T_SP=span|value\n\n\n#Text=plays\n1-1\t0-5\tplays\t_\n1-1.1\t0-3\tpla\ta\n1-1.2\t2-5\tays\tb\n",
        tmp_path,
    )
    assert places(file) == [(0, 3, {"value": "a"}), (2, 5, {"value": "b"})]


def test_escaped_values_are_those_that_were_meant(tmp_path):
    value = r"#\*'\t:\;{}\|\[ \]()\\$\_\n\->"
    file = parsed(f"{HEAD}#T_SP=span|value|more\n\n\n#Text=a\n1-1\t0-1\ta\t{value}\t*\t\n", tmp_path)
    assert places(file) == [(0, 1, {"value": "#*'\t:;{}|[ ]()\\$_\n->"})]


def test_sentences_of_several_lines_and_without_space_between_give_the_text(tmp_path):
    file = parsed(
        f"{HEAD}\n\n#Sentence.id=s-1\n#Text=This\\tis\n#Text=so.\n1-1\t0-11\tx\t\n\n#Text=Two\n2-1\t11-14\tTwo\t\n\n"
        "#Text=End\n3-1\t16-19\tEnd\t\n",
        tmp_path,
    )
    # What stands between sentences is not in the format: the line end of the last line, then blanks.
    assert file.text == "This\tis\nso.Two\n End"
    assert _same("This\tis\nso.Two\n\nEnd", file.text)


def test_chains_and_slots_of_other_layers_are_passed_over(tmp_path):
    file = parsed(
        f"{HEAD}#T_SP=span|value\n#T_SP=host|ROLE_host:links_hostLink|some.Span|value\n"
        "#T_CH=corefLink|referenceType|referenceRelation\n#T_SP=bare|\n\n\n#Text=Bob sold it\n"
        "1-1\t0-3\tBob\tbob\t_\t_\t_\tpr[1]\tcoref->1-1\t_\n"
        "1-2\t4-8\tsold\t_\tseller;goods\t1-1;1-3[4]\tsale\tpr[1]\t*->1-2\t*\n"
        "1-3\t9-11\tit\tthing[4]\t_\t_\t_\t_\t_\t_\n",
        tmp_path,
    )
    found = [(one.type, one.start, one.end, one.features.get("value")) for one in file.found]
    assert sorted(found) == [
        ("bare", 4, 8, None),
        ("host", 4, 8, "sale"),
        ("span", 0, 3, "bob"),
        ("span", 9, 11, "thing"),
    ]


def lines_of(document, *names, folder):
    task = Task(tuple(SCHEME.table(name) for name in names), (document,))
    assert write_task(task, folder) == []
    return (folder / f"{document.id}.tsv").read_bytes().decode().split("\n")


def test_the_lines_are_those_of_the_specification(tmp_path):
    marks = (
        Mark("t0", TEXTS, 0, 22, "comment"),
        Mark("e1", "entities", 0, 7, "person"),
        Mark("e2", "entities", 0, 3, "place", {"reason": "a|b_c"}),
        Mark("e3", "entities", 14, 16, "event"),
    )
    links = (Link("c1", "coreference", "e1", "e3", "coref"),)
    document = Document("d", "Jo, Kim 😀 replays\n\nit.", (), marks, links, (), ())
    lines = lines_of(document, "entities", "coreference", folder=tmp_path)
    assert lines[0] == "#FORMAT=WebAnno TSV 3.3"
    assert lines[1:5] == [
        "#T_SP=webanno.custom.Texts|corpus_id|label",
        "#T_SP=webanno.custom.Entities|corpus_id|label|reason",
        "#T_RL=webanno.custom.Coreference|corpus_id|label|BT_webanno.custom.Entities",
        "",
    ]
    body = {line.split("\t")[0]: line.split("\t")[1:] for line in lines if line[:1].isdigit()}
    # Two code points of it are one each, the emoji is two units.
    assert body["1-1"] == [
        "0-2",
        "Jo",
        "t0[1]",
        "comment[1]",
        "e1[2]|e2[3]",
        "person[2]|place[3]",
        r"*[2]|a\|b\_c[3]",
        "_",
        "_",
        "_",
        "",
    ]
    (part,) = [name for name in body if "." in name]
    expected = ["15-17", "ay", "_", "_", "e3[4]", "event[4]", "*[4]", "c1", "coref", "1-1[2_4]", ""]
    assert (part, body[part]) == ("1-5.1", expected)
    # The first sentence reaches over the line ends to the second.
    texts = [line for line in lines if line.startswith("#Text=")]
    assert texts == ["#Text=Jo, Kim 😀 replays", "#Text=", "#Text=", "#Text=it."]


def test_each_mark_in_the_file_has_the_words_of_its_row(corpus, written):
    file = _Parsing(written[0] / "x", (written[0] / "syria-talks-2016.tsv").read_bytes()).parsed()
    for table in all_tables(corpus):
        if table.unit in ("span", "sentence"):
            rows = corpus.scan(table.name, split="gold").collect().to_dicts()
            found = {one.features["corpus_id"]: one for one in file.found if one.type == type_name(table.name)}
            quotes = {id_: file.text[one.start : one.end] for id_, one in found.items()}
            assert quotes == {row[table.key]: row["quote"] for row in rows if row["start_char"] is not None}
            assert {id_: one.features["label"] for id_, one in found.items()} == {
                row[table.key]: row["label"] for row in rows if row["start_char"] is not None
            }


def test_tokens_have_their_columns_and_heads(corpus, written):
    lines = (written[0] / "syria-talks-2016.tsv").read_text().split("\n")
    header = [line.partition("=")[2].split("|") for line in lines if line.startswith("#T_")]
    columns = [(type_.rpartition(".")[2], name) for type_, *names in header for name in names]
    tokens, sentence = {}, ""
    for line in lines:
        if line.startswith("#Sentence.id="):
            sentence = line.removeprefix("#Sentence.id=")
        name, *cells = line.split("\t")
        if cells and "." not in name:
            rank = name.partition("-")[2]
            tokens[f"{sentence}-t{rank}"] = (cells[1], dict(zip(columns, cells[2:], strict=False)))
    rows = corpus.scan("tokens", split="gold").collect().to_dicts()
    assert [*tokens] == [row["token_id"] for row in rows]
    for row in rows:
        form, cells = tokens[row["token_id"]]
        assert form == row["form"]
        assert (cells["POS", "coarseValue"], cells["POS", "PosValue"]) == (row["upos"], row["xpos"].replace("-", "-"))
        assert cells["Lemma", "value"].replace("\\", "") == (row["lemma"] or "_")
        assert cells["Dependency", "DependencyType"] == row["deprel"]
        governor = cells["Dependency", "BT_de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS"].partition("-")[2]
        assert int(governor) == (row["head"] or row["position"])


def test_what_is_left_out_of_the_shipped_corpus_is_said(written):
    assert written[1] == [
        "structure outside of every text: 5 rows (structure-8, structure-10, structure-12, structure-16, structure-18)",
        "arguments_relations with an end that is no span: 1 row (arguments-r19)",
    ]


def by_id(document, without=()):
    links = (link for link in document.links if link.id not in without)
    return document.marks, sorted(links, key=lambda link: link.id), document.answers


def test_every_row_but_the_one_left_out_comes_back_equal(corpus, written):
    tables = tuple(all_tables(corpus))
    task = Task(tables, documents_of(corpus, tables).documents)
    (back,), (given_out,) = read_task(task, written[0]), task.documents
    assert _Parsing(written[0], (written[0] / f"{given_out.id}.tsv").read_bytes()).parsed().text == given_out.text
    assert by_id(back) == by_id(of_tables(given_out, tables), without=["arguments-r19"])


def test_the_same_corpus_gives_the_same_bytes(corpus, written, tmp_path):
    write(corpus, all_tables(corpus), tmp_path)
    for name in ("layers.json", "syria-talks-2016.tsv"):
        assert (tmp_path / name).read_bytes() == (written[0] / name).read_bytes()


def test_without_layers_there_are_the_texts(tmp_path):
    corpus = load(MINI, DRAFT)
    assert write(corpus, [], tmp_path) == []
    for document in documents_of(corpus, []).documents:
        path = tmp_path / f"{document.id}.tsv"
        assert _Parsing(path, path.read_bytes()).parsed().text == document.text


TABLES = tuple(table for name in LAYERS for table in SCHEME.layer(name).tables)


@given(small_documents(alphabet="ab. \n\t\r\f\b\x0b\x01😀é\u0301\u200d\ufeff<&>\"'|\\[]_*;-tn\u2028\x85"))
def test_any_text_with_any_marks_links_and_answers_comes_back_equal(tmp_path_factory, document):
    folder = tmp_path_factory.mktemp("any")
    task = Task(TABLES, (document,))
    assert write_task(task, folder) == []
    raw = (folder / "t-1.tsv").read_bytes()
    file = _Parsing(folder, raw).parsed()
    assert file.text == document.text
    # Every line of a token has its own characters, by places in UTF-16 units.
    units = Utf16(document.text)
    for line in raw.decode().split("\n"):
        if line[:1].isdigit():
            start, end = map(int, line.split("\t")[1].split("-"))
            assert 0 <= units.to_points(start) < units.to_points(end) <= len(document.text)
    (back,) = read_task(task, folder)
    assert by_id(back) == by_id(of_tables(document, TABLES))


@given(st.text(alphabet="ab \n", max_size=8), st.data())
def test_a_mark_without_a_character_keeps_its_place(tmp_path_factory, text, data):
    place = data.draw(st.integers(0, len(text)))
    marks = (Mark("t0", TEXTS, 0, len(text), "comment"), Mark("e-1", "entities", place, place, "person"))
    marks = tuple(sorted(marks, key=lambda mark: (mark.start, -mark.end)))
    task = Task((SCHEME.table("entities"),), (Document("d", text, (), marks, (), (), ()),))
    folder = tmp_path_factory.mktemp("none")
    lost = write_task(task, folder)
    (back,) = read_task(task, folder)
    assert (list(back.marks), lost) == (
        ([mark for mark in marks if mark.table != TEXTS], [])
        if text
        else ([], ["texts on an empty text: 1 row (t0)", "entities on an empty text: 1 row (e-1)"])
    )


def test_the_file_of_an_annotator_counts_before_the_one_given_out(corpus, tmp_path):
    task = layer_task(corpus, "entities")
    write_task(task, tmp_path)
    name = "syria-talks-2016.tsv"
    changed = (tmp_path / name).read_text().replace("\tentities-1[", "\t*[")
    with zipfile.ZipFile(tmp_path / "project.zip", "w") as archive:
        archive.writestr(f"annotation/{name}/INITIAL_CAS.tsv", (tmp_path / name).read_text())
        archive.writestr(f"annotation/{name}/anna.tsv", changed.replace("\n", "\r\n"))
    marks = read_task(task, tmp_path)[0].marks
    given_out = of_tables(task.documents[0], task.tables).marks
    assert [mark.id for mark in marks] == ["new-entities-1", *(mark.id for mark in given_out[1:])]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#FORMAT=WebAnno TSV 3.3", "#FORMAT=WebAnno TSV 2.0", "line 1: "),
        ("\torganization[", "\tnobody[", "'nobody' at 0 to 2 is no label of entities"),
        ("\n1-1\t0-2\t", "\n1-1\t0to2\t", "'1-1' at '0to2' is no token"),
        ("\n1-1\t0-2\t", "\n1-1\t0-999\t", "0-999 is no place in the text"),
        ("\n1-1\t0-2\tUS\t", "\n1-1\t0-2\t", "cells; there must be"),
        ("#Text=US Threatens", "#Text=UK Threatens", "was changed: at character 1"),
        ("\n2-1\t45-46\t", "\n2-1\t20-46\t", "the sentence begins at 20, before the end"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(corpus, tmp_path, old, new, said):
    task = layer_task(corpus, "entities")
    write_task(task, tmp_path)
    path = tmp_path / "syria-talks-2016.tsv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(RecordsError, match="line \\d+: |was changed") as raised:
        read_task(task, tmp_path)
    assert said in str(raised.value)


def test_a_relation_to_nothing_is_refused(corpus, tmp_path):
    task = layer_task(corpus, "coreference")
    write_task(task, tmp_path)
    path = tmp_path / "syria-talks-2016.tsv"
    text = path.read_text()
    end = next(
        cell
        for line in text.split("\n")
        for cell in line.split("\t")
        if cell.endswith("]") and "_" in cell and cell[0].isdigit()
    )
    path.write_text(text.replace(f"\t{end}\t", f"\t{end.partition('[')[0]}[99999_99999]\t", 1))
    with pytest.raises(RecordsError, match="line \\d+: an end of this relation of coreference is no unit"):
        read_task(task, tmp_path)


def test_words_that_share_a_place_are_kept_beside_the_one_token(tmp_path):
    assert write_task(Task((), (torn(),)), tmp_path) == ["tokens without a place in their text: 1 row (s1-t3)"]
    file = _Parsing(tmp_path, (tmp_path / "t-1.tsv").read_bytes()).parsed()
    rest = {one.features["corpus_id"]: one.features["form"] for one in file.found if one.type.endswith("TokenRow")}
    assert rest == {"s1-t1": "à", "s1-t2": "le"}


def test_twice_as_many_texts_are_twice_the_work(tmp_path):
    found = []
    for number in (100, 200):
        task = Task((), (many_texts(number),))
        found.append(steps(lambda task=task: write_task(task, tmp_path)))
    assert found[1] < 2.2 * found[0]
