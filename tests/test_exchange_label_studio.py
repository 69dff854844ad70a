"""Label Studio: its own reader takes interface and tasks, and what it exports comes back as rows."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAYERED
from corpus_tools.corpus import load
from corpus_tools.errors import RecordsError
from corpus_tools.exchange import label_studio
from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, Task, documents_of
from corpus_tools.exchange.offsets import Utf16
from corpus_tools.folder import Folder
from corpus_tools.scheme import Label

ODD = st.text(alphabet=st.sampled_from("ab 😀é\u0301\t\n\r\u2028<&>\"'|\\"), max_size=25)
TABLES = ("entities", "coreference", "stance", "stance_spans")
LAYERS = [
    *("appraisal", "arguments", "article_links", "attribution", "claims", "coreference", "entities", "negation"),
    *("normalisation", "quality", "replies", "stance", "structure", "time"),
]


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@cache
def tables():
    scheme = Folder(LAYERED).scheme
    return tuple(map(scheme.table, TABLES))


def task_of(corpus, layer):
    chosen = tuple(corpus.scheme.layer(layer).tables)
    return Task(chosen, documents_of(corpus, chosen).documents)


def own_rows(document, task):
    names = {table.name for table in task.tables}
    parts = {kind: getattr(document, kind) for kind in ("marks", "links", "answers")}
    return {kind: tuple(row for row in rows if row.table in names) for kind, rows in parts.items()}


def bare(task):
    """The task as whoever reads it back knows it: without the rows that were given out."""
    names = {table.name for table in task.tables}
    parts = ("marks", "links", "answers")
    return Task(
        task.tables,
        tuple(
            replace(one, **{kind: tuple(row for row in getattr(one, kind) if row.table not in names) for kind in parts})
            for one in task.documents
        ),
    )


def export(folder, change=lambda record: None):
    """What Label Studio exports once the predictions were accepted: annotations with their results, and the data."""
    records = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    for number, record in enumerate(records, start=1):
        results = [result for prediction in record["predictions"] for result in prediction["result"]]
        record |= {"id": number, "annotations": [{"id": 7, "was_cancelled": False, "result": results}]}
        change(record)
    (folder / "project-1.json").write_text(json.dumps(records), encoding="utf-8")


def steps(work):
    """How many lines the modules of formats go through in a piece of work, which says more of it than a clock."""
    count, before = 0, sys.gettrace()

    def trace(frame, event, _):
        nonlocal count
        count += event == "line"
        return trace if "exchange" in Path(frame.f_code.co_filename).parts else None

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def results_of(record):
    return record["annotations"][0]["result"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_task_comes_back_with_equal_rows(corpus, layer, tmp_path):
    task = task_of(corpus, layer)
    said = label_studio.write_task(task, tmp_path)
    export(tmp_path)
    lost = {"arguments-r19"} if said else set()
    assert said == (
        ["arguments_relations with an end that is no span: 1 row (arguments-r19)"] if layer == "arguments" else []
    )
    for known in (task, bare(task)):
        for document, back in zip(task.documents, label_studio.read_task(known, tmp_path), strict=True):
            for kind, rows in own_rows(document, task).items():
                assert getattr(back, kind) == tuple(row for row in rows if row.id not in lost), kind


@pytest.mark.parametrize("layer", LAYERS)
def test_label_studios_own_reader_finds_interface_and_predictions_valid(corpus, layer, tmp_path):
    reader = pytest.importorskip("label_studio_sdk.label_interface", reason="label_studio_sdk is not installed")
    label_studio.write_task(task_of(corpus, layer), tmp_path)
    interface = reader.LabelInterface((tmp_path / "config.xml").read_text(encoding="utf-8"))
    interface.validate()
    for record in json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8")):
        assert {tag.value_name for tag in interface.objects} <= set(record["data"])
        for prediction in record["predictions"]:
            assert interface.validate_prediction(prediction, return_errors=True) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_every_result_names_a_tag_and_a_value_of_the_interface_and_quotes_the_text(corpus, layer, tmp_path):
    label_studio.write_task(task_of(corpus, layer), tmp_path)
    view = ET.parse(tmp_path / "config.xml").getroot()
    tags = {tag.get("name"): tag for tag in view.iter() if tag.get("toName") == "text"}
    relations = {tag.get("value") for tag in view.iter("Relation")}
    for record in json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8")):
        text = record["data"]["text"]
        for result in record["predictions"][0]["result"]:
            if result["type"] == "relation":
                assert set(result["labels"]) <= relations
                continue
            tag, value = tags[result["from_name"]], result["value"]
            assert tag.tag.lower() == result["type"]
            if tag.tag != "TextArea":
                assert value["text"] == text[value["start"] : value["end"]]
                assert set(value[result["type"]]) <= {one.get("value") for one in tag}


def test_a_relation_is_called_by_its_label_and_its_closed_columns(corpus, tmp_path):
    label_studio.write_task(task_of(corpus, "replies"), tmp_path)
    (record,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    found = [one for one in record["predictions"][0]["result"] if one["type"] == "relation"]
    row = corpus.table("replies").row(0, named=True)
    assert found[0] == {
        "from_id": row["from_id"],
        "to_id": row["to_id"],
        "type": "relation",
        "direction": "right",
        "labels": [
            f"replies: {row['label']}",
            f"replies.agreement: {row['agreement']}",
            f"replies.audience: {row['audience']}",
        ],
    }


def test_a_column_of_some_labels_is_asked_for_these_alone(corpus, tmp_path):
    label_studio.write_task(task_of(corpus, "time"), tmp_path)
    view = ET.parse(tmp_path / "config.xml").getroot()
    asked = {tag.get("name"): tag for tag in view.iter() if tag.get("perRegion")}
    assert asked["time.event_class"].get("whenLabelValue") == "EVENT"
    assert asked["time.basis"].get("whenLabelValue") == "DATE,TIME,DURATION,SET"
    assert asked["time.anchor"].get("whenLabelValue") is None
    assert {tag.get("whenTagName") for tag in asked.values()} == {"time"}


def test_the_definitions_of_labels_are_their_hints(corpus, tmp_path):
    task = task_of(corpus, "time")
    (table,) = task.tables
    defined = replace(table["label"], meanings=(Label("EVENT", "What\n<happens>.", "", "", ""),))
    columns = tuple(defined if column.name == "label" else column for column in table.columns)
    label_studio.write_task(Task((replace(table, columns=columns),), task.documents), tmp_path)
    view = ET.parse(tmp_path / "config.xml").getroot()
    hints = {tag.get("value"): tag.get("hint") for tag in view.iter("Label")}
    assert (hints["EVENT"], hints["DATE"]) == ("What <happens>.", None)


def made(text, spans, words="x"):
    """A document with spans, each with a reason, and a relation and answers between them."""
    marks = [Mark("t1", TEXTS, 0, len(text), "article")]
    for number, (start, end) in enumerate(sorted(spans, key=lambda place: (place[0], -place[1])), start=1):
        marks.append(Mark(f"e-{number}", "entities", start, end, "person", {"named": "true", "reason": words}))
    links = ()
    if len(marks) > 2:
        links = (Link("r-1", "coreference", "e-2", "e-1", "pronoun", {"chain_id": "e-1", "reason": words}),)
    answers = (Answer("s-1", "stance", "t1", "tone", "sharp", {"reason": words}),)
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    return Document("d", text, ({"text_id": "t1", "text": text},), tuple(marks), links, answers, ())


@st.composite
def documents(draw):
    text = draw(ODD.filter(bool))
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=4))
    return made(text, [(start, draw(st.integers(start + 1, len(text)))) for start in starts], draw(ODD))


@given(documents())
def test_odd_documents_come_back(tmp_path_factory, document):
    out = tmp_path_factory.mktemp("odd")
    task = Task(tables(), (document,))
    assert label_studio.write_task(task, out) == []
    export(out)
    (back,) = label_studio.read_task(bare(task), out)
    for kind, rows in own_rows(document, task).items():
        assert getattr(back, kind) == rows


@given(documents())
def test_places_that_an_older_editor_counted_in_utf_16_are_noticed_by_their_words(tmp_path_factory, document):
    out = tmp_path_factory.mktemp("older")
    task = Task(tables(), (document,))
    label_studio.write_task(task, out)
    units = Utf16(document.text)

    def count_units(record):
        for result in results_of(record):
            if "value" in result:
                value = result["value"]
                value |= {end: units.to_units(value[end]) for end in ("start", "end")}

    export(out, count_units)
    (back,) = label_studio.read_task(bare(task), out)
    # The same words may stand at both places; then it is the one in code points.
    found = {mark.id: mark for mark in back.marks}
    for was in own_rows(document, task)["marks"]:
        squeezed = [re.sub(r"\s", "", document.text[one.start : one.end]) for one in (found[was.id], was)]
        assert squeezed[0] == squeezed[1]


@pytest.fixture
def saved(tmp_path):
    """A task in a folder."""
    task = Task(tables(), (made("Ann met\nBob 😀 there.", [(0, 3), (8, 11), (12, 13)], "known"),))
    label_studio.write_task(task, tmp_path)
    return bare(task), tmp_path


def region(id_, start, end, label, table="entities"):
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": id_, "from_name": table, "to_name": "text", "type": "labels", "value": value}


def relation(from_id, to_id, *labels, direction="right"):
    ends = {"from_id": from_id, "to_id": to_id}
    return {**ends, "type": "relation", "direction": direction, "labels": list(labels)}


def choice(id_, name, value):
    return {"id": id_, "from_name": name, "to_name": "text", "type": "choices", "value": {"choices": [value]}}


def test_what_was_changed_in_label_studio_comes_back_so(saved):
    task, folder = saved

    def change(record):
        results = [one for one in results_of(record) if one.get("id") != "e-3"]
        next(one for one in results if one.get("id") == "e-1")["value"]["labels"] = ["place"]
        next(one for one in results if one["type"] == "relation")["labels"] = ["coreference: noun"]
        added = region("Dx_aB91ISN", 4, 11, "thing")
        # The editor writes a line end so.
        added["value"]["text"] = "met\\nBob"
        results += [added, choice("Dx_aB91ISN", "entities.named", "false"), choice("t1", "stance.mayor", "none")]
        results.append(relation("e-1", "Dx_aB91ISN", "coreference: noun", direction="left"))
        record["annotations"] = [{"was_cancelled": True, "result": []}, {"result": results}]

    export(folder, change)
    (back,) = label_studio.read_task(task, folder)
    assert [(mark.id, mark.start, mark.end, mark.label, dict(mark.values)) for mark in back.marks] == [
        ("e-1", 0, 3, "place", {"named": "true", "reason": "known"}),
        ("new-d-1", 4, 11, "thing", {"named": "false"}),
        ("e-2", 8, 11, "person", {"named": "true", "reason": "known"}),
    ]
    assert [(link.id, link.from_id, link.to_id, link.label, dict(link.values)) for link in back.links] == [
        ("r-1", "e-2", "e-1", "noun", {"chain_id": "e-1", "reason": "known"}),
        ("new-d-3", "new-d-1", "e-1", "noun", {}),
    ]
    assert [(one.id, one.unit_id, one.question, one.label) for one in back.answers] == [
        ("s-1", "t1", "tone", "sharp"),
        ("new-d-2", "t1", "mayor", "none"),
    ]


def test_what_has_no_place_is_said(tmp_path):
    document = made("Ann met Bob.", [(0, 3), (3, 3)])
    again = Answer("s-2", "stance", "t1", "tone", "plain")
    document = replace(document, answers=(*document.answers, again, Answer("s-3", "stance", "r-1", "tone", "plain")))
    assert label_studio.write_task(Task(tables(), (document,)), tmp_path) == [
        "entities without characters: 1 row (e-2)",
        "stance with a question that is answered already: 1 row (s-2)",
        "stance about a unit that is no span: 1 row (s-3)",
        "coreference with an end that is no span: 1 row (r-1)",
    ]


BROKEN = {
    "an unknown label": (region("x", 0, 3, "animal"), "region x: animal is not one label of entities; there are: person"),
    "a given unit": (region("x", 0, 3, "article", "texts"), "region x: texts are given, and are not to be added to"),
    "a place beyond the text": (region("x", 0, 300, "person"), "region x: at 0 to 300 does not stand None"),
    "a place that is none": (region("x", None, 3, "person"), "is not as Label Studio exports it: TypeError"),
    "an unknown tag": (choice("e-1", "entities.age", "old"), "'entities.age' is nothing that is asked here"),
    "an unknown value": (choice("e-1", "entities.role", "king"), "king is not one choice of entities.role; there are: off"),
    "an answer about nothing": (choice("x", "stance.mayor", "for"), "region x: stance.mayor is answered about nothing"),
    "a relation to nothing": (relation("e-1", "x", "coreference: noun"), "from e-1 to x: x is no labelled region"),
    "a relation without a label": (relation("e-1", "e-2"), "is called none; choose one relation"),
    "a relation of two labels": (
        relation("e-1", "e-2", "coreference: noun", "coreference: pronoun"),
        "from e-1 to e-2 is called coreference: noun, coreference: pronoun; choose one",
    ),
    "an unknown relation": (relation("e-1", "e-2", "verb"), "verb is no relation here; there are: coreference: pronoun"),
    "both ways": (relation("e-1", "e-2", "coreference: noun", direction="bi"), "goes both ways; give it one direction"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_result_that_does_not_hold_is_refused_with_its_region(case, saved):
    result, message = BROKEN[case]
    task, folder = saved
    export(folder, lambda record: results_of(record).append(result))
    with pytest.raises(RecordsError, match="document d: .*" + re.escape(message)):
        label_studio.read_task(task, folder)


@pytest.fixture
def claimed(tmp_path):
    """A task with two tables of spans, and relations of one of them alone, over a text with one given region."""
    scheme = Folder(LAYERED).scheme
    chosen = tuple(map(scheme.table, ("negation", "entities", "coreference", "negation_relations")))
    document = made("Ann met Bob.", [(0, 3)])
    task = Task(chosen, (replace(document, answers=()),))
    label_studio.write_task(task, tmp_path)
    return bare(task), tmp_path


def test_a_region_with_labels_of_two_tables_is_a_row_of_each_and_relations_find_theirs(claimed):
    task, folder = claimed
    both = [
        *(region("x", 4, 7, "SCOPE", "negation"), region("x", 4, 7, "place")),
        *(region("y", 8, 11, "place"), region("y", 8, 11, "NEG", "negation")),
        region("e-1", 0, 3, "SCOPE", "negation"),
    ]
    drawn = [
        *(relation("x", "y", "coreference: noun"), relation("y", "x", "negation_relations: scope")),
        *(relation("x", "y", "negation_relations: scope", direction="left"), relation("x", "e-1", "coreference: noun")),
        relation("y", "e-1", "negation_relations: scope"),
    ]
    export(folder, lambda record: results_of(record).extend([*both, *drawn]))
    (back,) = label_studio.read_task(task, folder)
    table_of = {mark.id: (mark.table, mark.start) for mark in back.marks}
    assert len(table_of) == len(back.marks) == 6
    assert [(table_of[link.from_id], table_of[link.to_id]) for link in back.links] == [
        (("entities", 4), ("entities", 8)),
        (("negation", 8), ("negation", 4)),
        (("negation", 8), ("negation", 4)),
        (("entities", 4), ("entities", 0)),
        (("negation", 8), ("negation", 0)),
    ]


def test_a_relation_that_may_end_at_each_row_of_a_region_is_refused(claimed):
    task, folder = claimed
    scheme = {table.name: table for table in task.tables}
    rules = replace(scheme["coreference"].constraints, from_tables=(), to_tables=())
    free = replace(scheme["coreference"], constraints=rules)
    task = Task((scheme["negation"], scheme["entities"], free), task.documents)
    added = [
        region("x", 4, 7, "SCOPE", "negation"),
        region("x", 4, 7, "place"),
        relation("x", "e-1", "coreference: noun"),
    ]
    export(folder, lambda record: results_of(record).extend(added))
    with pytest.raises(RecordsError, match="from x to e-1: region x is one of negation, entities; mark it anew"):
        label_studio.read_task(task, folder)


TWICE = {
    "elsewhere": (region("e-1", 8, 11, "place"), "region e-1 stands at 0 to 3 and at 8 to 11; delete one"),
    "elsewhere, of another table": (region("t1", 0, 3, "place"), "region t1 stands at 0 to 20 and at 0 to 3; delete"),
    "of the same table": (region("e-1", 0, 3, "place"), "region e-1 has two labels of entities; mark the second"),
}


@pytest.mark.parametrize("case", TWICE)
def test_an_id_of_a_region_that_is_taken_is_refused(case, saved):
    result, message = TWICE[case]
    task, folder = saved
    export(folder, lambda record: results_of(record).append(result))
    with pytest.raises(RecordsError, match=re.escape(message)):
        label_studio.read_task(task, folder)


def test_twice_as_many_regions_are_twice_the_work(tmp_path):
    found = []
    for number in (100, 200):
        folder = tmp_path / str(number)
        folder.mkdir()
        task = Task(tables(), (made("a " * number, [(2 * place, 2 * place + 1) for place in range(number)]),))
        label_studio.write_task(task, folder)
        export(folder)
        found.append(steps(lambda task=task, folder=folder: label_studio.read_task(task, folder)))
    assert found[1] < 2.2 * found[0]


def test_words_that_stand_elsewhere_are_refused(saved):
    task, folder = saved
    wrong = region("x", 0, 3, "person")
    wrong["value"]["text"] = "Bob"
    export(folder, lambda record: results_of(record).append(wrong))
    with pytest.raises(RecordsError, match="region x: at 0 to 3 does not stand 'Bob'"):
        label_studio.read_task(task, folder)


def test_a_changed_text_is_refused_with_its_place(saved):
    task, folder = saved
    export(folder, lambda record: record["data"].update(text="Ann met\nRob 😀 there."))
    with pytest.raises(RecordsError, match="the text of d was changed: at character 8 of the document stood 'Bob"):
        label_studio.read_task(task, folder)


@pytest.mark.parametrize("annotations", [[], [{"result": []}, {"result": []}], [{"was_cancelled": True, "result": []}]])
def test_one_annotation_of_each_document_must_count(saved, annotations):
    task, folder = saved
    export(folder, lambda record: record.update(annotations=annotations))
    with pytest.raises(RecordsError, match=r"document d: has [02] annotations; submit one"):
        label_studio.read_task(task, folder)


FILES = {
    "JSON-MIN": ('[{"id": 1, "text": "Ann", "entities": []}]', "export as JSON: JSON-MIN has no ids and no relations"),
    "one task": ('{"data": {}}', "is no list of tasks with their data"),
    "no JSON": ("[", "is no JSON: Expecting value"),
    "another document": ('[{"data": {"document": "e"}}]', "document 'e' is not of this task; there are: d"),
    "no document": ("[]", "lacks d; export all tasks of the project as JSON"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_export_is_refused(case, saved):
    content, message = FILES[case]
    task, folder = saved
    (folder / "project-1.json").write_text(content)
    with pytest.raises(RecordsError, match=re.escape(message)):
        label_studio.read_task(task, folder)


def test_a_document_that_is_there_twice_is_refused(saved):
    task, folder = saved
    export(folder)
    (folder / "project-2.json").write_bytes((folder / "project-1.json").read_bytes())
    with pytest.raises(RecordsError, match=r"project-2\.json: document 'd' is there a second time"):
        label_studio.read_task(task, folder)


def test_a_folder_without_an_export_says_what_to_do(saved):
    task, folder = saved
    with pytest.raises(RecordsError, match=r"has no export of Label Studio, only the tasks\.json .* into this folder"):
        label_studio.read_task(task, folder)
    (folder / "tasks.json").unlink()
    with pytest.raises(RecordsError, match="is not there; export the project from Label Studio as JSON"):
        label_studio.read_task(task, folder)
