"""brat standoff: what is written is what brat reads, and what brat saved comes back as rows."""

import re
from dataclasses import replace
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAYERED, edit
from corpus_tools.corpus import load
from corpus_tools.errors import RecordsError
from corpus_tools.exchange import brat
from corpus_tools.exchange.brat_configuration import table_and_label, type_name
from corpus_tools.exchange.brat_reading import NOTES, ROW
from corpus_tools.exchange.documents import TEXTS, Answer, Document, Link, Mark, Task, documents_of
from corpus_tools.folder import Folder
from corpus_tools.scheme import Label

STANDS = r"T\d+\t(?P<type>[A-Za-z0-9_-]+) (?P<places>\d+ \d+(;\d+ \d+)*)\t(?P<words>.*)"
ODD = st.text(alphabet=st.sampled_from("ab 😀é\u0301\t\n\r\u2028\x85\x0b<&>\"'|\\=;:"), max_size=25)
TABLES = ("entities", "coreference", "stance", "stance_spans")
LAYERS = [
    *("appraisal", "arguments", "article_links", "attribution", "claims", "coreference", "entities", "negation"),
    *("normalisation", "quality", "replies", "stance", "structure", "time"),
]


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


def tables_of(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


@pytest.fixture(scope="module")
def written(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("brat")
    return out, brat.write(corpus, tables_of(corpus), out)


def own_rows(document, tables):
    """A document with the rows of some tables alone."""
    names = {table.name for table in tables}
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


def task_of(corpus, layer):
    tables = tuple(corpus.scheme.layer(layer).tables)
    return Task(tables, documents_of(corpus, tables).documents)


def test_each_span_has_the_words_of_its_row_at_its_places(corpus, written):
    out, _ = written
    text = (out / "syria-talks-2016.txt").read_bytes().decode()
    lines = (out / "syria-talks-2016.ann").read_bytes().decode().split("\n")
    found = {}
    for line in lines:
        if one := re.fullmatch(STANDS, line):
            places = [tuple(map(int, place.split())) for place in one["places"].split(";")]
            assert " ".join(text[start:end] for start, end in places) == one["words"]
            found.setdefault(one["type"].partition("-")[0], []).append(one["words"])
        else:
            assert line[:1] in ("R", "A", "#", "")
    for table in tables_of(corpus):
        if table.unit in ("span", "sentence"):
            rows = corpus.table(table.name)
            quotes = rows.filter(pl.col("start_char").is_not_null())["quote"]
            shown = sorted(re.sub(r"\n+", " ", quote) for quote in quotes)
            assert sorted(found[table.name]) == shown, table.name
    assert len(found["tokens"]) == corpus.table("tokens").height
    assert sorted(found[TEXTS]) == sorted(re.sub(r"\n+", " ", words) for words in corpus.texts["text"])


@pytest.mark.filterwarnings("ignore")
def test_bioc_reads_every_row(corpus, written):
    reader = pytest.importorskip("bioc.brat", reason="bioc is not installed; pip install bioc to read brat with it")
    out, _ = written
    name = out / "syria-talks-2016"
    with name.with_suffix(".txt").open(newline="") as text, name.with_suffix(".ann").open(newline="") as annotations:
        document = reader.load(text, annotations)
    ids = {note.refid: note.text for note in document.notes if note.type == ROW}
    quotes = {
        row[table.key]: row["quote"]
        for table in tables_of(corpus)
        if table.unit in ("span", "sentence")
        for row in corpus.table(table.name).iter_rows(named=True)
    }
    places = {ids[entity.id]: sorted(entity.locations) for entity in document.entities}
    for id_, pieces in places.items():
        if id_ in quotes:
            assert document.text[pieces[0].begin : pieces[-1].end] == quotes[id_]
    relations = {ids[one.id] for one in document.relations}
    for table in tables_of(corpus):
        if table.unit == "relation":
            lost = {"arguments-r19"} if table.name == "arguments_relations" else set()
            rows = corpus.table(table.name)
            assert set(rows[table.key]) - relations == lost
            assert {ids[one.arguments["Arg1"]] for one in document.relations} >= set(
                rows.filter(~pl.col(table.key).is_in(lost))["from_id"]
            )
    answers = {ids[one.id] for one in document.attributes if one.id in ids}
    assert answers == {id_ for name in ("stance", "quality", "claims") for id_ in corpus.table(name)["judgement_id"]}


def test_what_is_not_carried_is_said_with_numbers(corpus, written):
    _, said = written
    outside = corpus.table("structure").filter(pl.col("start_char").is_null()).height
    fixed = [name for name in corpus.scheme.fixed if name != TEXTS and corpus.scan(name).collect().height]
    assert [sentence.partition(" (")[0] for sentence in said] == [
        *(f"table {name}: {n} row{'s' * (n != 1)}" for name in fixed for n in [corpus.scan(name).collect().height]),
        f"structure outside of every text: {outside} rows",
        "arguments_relations with an end that is no span: 1 row",
    ]


def test_every_filled_column_is_in_the_file_or_its_row_is_said_to_be_left_out(corpus, written):
    out, _ = written
    lines = (out / "syria-talks-2016.ann").read_bytes().decode().split("\n")
    said = [line.split("\t", 2)[1:] for line in lines if line]
    noted = " | ".join(words for kind, words in (parts for parts in said if len(parts) > 1) if kind.startswith(NOTES))
    # By its place, its type, its ends or the note with its id.
    placed = {
        "annotator",
        "quote",
        "start_char",
        "end_char",
        "text_id",
        "from_id",
        "to_id",
        "unit_id",
        "upos",
        "question",
    }
    lost = ["arguments-r19", *corpus.table("structure").filter(pl.col("start_char").is_null())["span_id"]]
    for table in tables_of(corpus):
        rows = corpus.table(table.name).filter(~pl.col(table.key).is_in(lost))
        for column in table.columns:
            if column.name in {*placed, table.key, "label"}:
                continue
            attribute = f"{table.name}--{column.name} "
            chosen = {parts[0].split(" ", 2)[-1] for parts in said if parts[0].startswith(attribute)}
            chosen = {re.sub("_x([0-9a-f]{4})_", lambda one: chr(int(one[1], 16)), value) for value in chosen}
            for value in rows[column.name].drop_nulls().cast(pl.String).unique():
                escaped = value.replace("\\", "\\\\").replace("|", "\\|")
                assert f"{column.name}={escaped}" in noted or value in chosen, (column.name, value)


def test_the_same_corpus_gives_the_same_bytes(corpus, written, tmp_path):
    out, _ = written
    brat.write(corpus, tables_of(corpus), tmp_path)
    for path in out.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_colours_can_be_told_apart(written):
    out, _ = written
    drawn = re.findall(r"^entities-\w+\tbgColor:(#[0-9a-f]{6})$", (out / "visual.conf").read_text(), re.MULTILINE)
    assert len(drawn) == len(set(drawn)) == 10


def test_a_corpus_without_layers_is_texts(mini, tmp_path):
    out = tmp_path / "brat"
    brat.write(load(mini, "draft"), [], out)
    assert {path.suffix for path in out.iterdir()} == {".txt", ".ann", ".conf"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_task_comes_back_with_equal_rows(corpus, layer, tmp_path):
    task = task_of(corpus, layer)
    said = brat.write_task(task, tmp_path)
    lost = {"arguments-r19"} if said else set()
    for known in (task, bare(task)):
        for document, back in zip(task.documents, brat.read_task(known, tmp_path), strict=True):
            for kind, rows in own_rows(document, task.tables).items():
                assert getattr(back, kind) == tuple(row for row in rows if row.id not in lost), kind
    assert bool(lost) == (layer == "arguments")


def test_the_definitions_of_labels_stand_as_comments_in_the_configuration(corpus, tmp_path):
    task = task_of(corpus, "time")
    (table,) = task.tables
    defined = replace(table["label"], meanings=(Label("EVENT", "What\nhappens.", "", "", ""),))
    columns = tuple(defined if column.name == "label" else column for column in table.columns)
    brat.write_task(Task((replace(table, columns=columns),), task.documents), tmp_path)
    assert "# EVENT: What happens.\n\ttime-EVENT\n" in (tmp_path / "annotation.conf").read_text()


@given(st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12))
def test_a_type_is_a_name_that_brat_takes_and_says_table_and_label(table, label):
    for between in ("-", "--"):
        name = type_name(table, label, between=between)
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", name)
        assert table_and_label(name) == (table, label)


@cache
def scheme():
    return Folder(LAYERED).scheme


def made(text, spans, notes=()):
    """A document with odd spans, each with a reason, and a relation and answers between them."""
    marks = [Mark("t1", TEXTS, 0, len(text), "article")]
    for number, (start, end) in enumerate(sorted(spans, key=lambda place: (place[0], -place[1])), start=1):
        reason = notes[number % len(notes)] if notes else ""
        values = {"named": "true", "reason": reason}
        marks.append(Mark(f"e-{number}", "entities", start, end, "person", values))
    links = ()
    if len(marks) > 2:
        links = (Link("r-1", "coreference", "e-2", "e-1", "pronoun", {"chain_id": "e-1", "reason": "x"}),)
    answers = (Answer("s-1", "stance", "t1", "tone", "sharp", {"reason": notes[0] if notes else "x"}),)
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    return Document("d", text, ({"text_id": "t1", "text": text},), tuple(marks), links, answers, ())


@st.composite
def documents(draw):
    text = draw(ODD)
    places = st.integers(0, len(text))
    pairs = st.tuples(places, places).map(sorted).filter(lambda place: place[0] < place[1])
    spans = draw(st.lists(pairs.map(tuple), max_size=4)) if text else []
    return made(text, spans, draw(st.lists(ODD, max_size=3)))


@given(documents())
def test_odd_documents_come_back(tmp_path_factory, document):
    out = tmp_path_factory.mktemp("odd")
    task = Task(tuple(map(scheme().table, TABLES)), (document,))
    assert brat.write_task(task, out) == []
    # brat cuts its files into lines as Python does.
    lines = (out / "d.ann").read_bytes().decode().splitlines()
    assert all(re.match(r"[TRA#]\d+\t", line) for line in lines)
    (back,) = brat.read_task(bare(task), out)
    for kind, rows in own_rows(document, task.tables).items():
        assert getattr(back, kind) == rows


def test_spans_without_characters_are_named(tmp_path):
    task = Task(tuple(map(scheme().table, TABLES)), (made("Ann met Bob.", [(0, 3), (3, 3)]),))
    assert brat.write_task(task, tmp_path) == [
        "entities without characters: 1 row (e-2)",
        "coreference with an end that is no span: 1 row (r-1)",
    ]
    assert [mark.id for mark in brat.read_task(bare(task), tmp_path)[0].marks] == ["e-1"]


@pytest.fixture
def saved(tmp_path):
    """A task in a folder of brat's."""
    document = made("Ann met\nBob 😀 there.", [(0, 3), (8, 11), (12, 13)], ["known"])
    task = Task(tuple(map(scheme().table, TABLES)), (document,))
    brat.write_task(task, tmp_path)
    return bare(task), tmp_path


def test_what_was_changed_in_brat_comes_back_so(saved):
    task, folder = saved
    path = folder / "d.ann"
    edit(path, "T2\tentities-person 0 3", "T2\tentities-place 0 3")
    edit(path, "A2\tentities--named T3 true\n", "A2\tentities--named T3 false\n")
    edit(path, "AnnotatorNotes T3\treason=known", "AnnotatorNotes T3\tsays | so")
    gone = [line for line in path.read_text().split("\n") if "T4" in line]
    assert len(gone) == 4
    for line in gone:
        edit(path, f"{line}\n", "")
    added = "T9\tentities-thing 4 7;8 11\tmet Bob\nR7\tcoreference-noun Arg1:T9 Arg2:T2\t\nA9\tstance--mayor T1 none\n"
    path.write_text(path.read_text() + added)
    (back,) = brat.read_task(task, folder)
    assert [(mark.id, mark.start, mark.end, mark.label, dict(mark.values)) for mark in back.marks] == [
        ("e-1", 0, 3, "place", {"named": "true", "reason": "known"}),
        ("new-d-T9", 4, 11, "thing", {}),
        ("e-2", 8, 11, "person", {"named": "false", "reason": "says | so"}),
    ]
    assert [(link.id, link.from_id, link.to_id, link.label) for link in back.links] == [
        ("r-1", "e-2", "e-1", "pronoun"),
        ("new-d-R7", "new-d-T9", "e-1", "noun"),
    ]
    assert [(one.id, one.unit_id, one.question, one.label) for one in back.answers] == [
        ("s-1", "t1", "tone", "sharp"),
        ("new-d-A9", "t1", "mayor", "none"),
    ]


def test_a_span_that_was_moved_forgets_the_place_that_it_had(tmp_path):
    task = Task(tuple(map(scheme().table, TABLES)), (made("a\nbb\n", [(1, 5)]),))
    brat.write_task(task, tmp_path)
    assert brat.read_task(bare(task), tmp_path)[0].marks[0].start == 1
    edit(tmp_path / "d.ann", "entities-person 2 4\tbb", "entities-person 2 3\tb")
    (mark,) = brat.read_task(bare(task), tmp_path)[0].marks
    assert (mark.start, mark.end) == (2, 3)


BROKEN = {
    "an event": ("E1\tperson:T2 Theme:T3", r"line \d+: 'E1.*' is no span \(T\), relation \(R\)"),
    "no tab": ("T9 entities-person 0 3", r"line \d+: 'T9 .*' is no span"),
    "an unknown label": ("T9\tentities-animal 0 3\tAnn", "'animal' is no label of spans of entities; there are: person, place"),
    "a given unit": ("T9\ttexts-article 0 3\tAnn", "'texts-article' is not to be annotated here"),
    "other words": ("T9\tentities-person 0 3\tBob", "at 0 3 stands 'Ann', not 'Bob'"),
    "a place beyond the text": ("T9\tentities-person 0 300\tAnn", "'0 300' is no place in a text of 20 characters"),
    "a place that is none": ("T9\tentities-person 3\tAnn", "'3' is no place"),
    "no characters": ("T9\tentities-person 3 3\t", "T9 at 3 3 has no characters; mark one at least"),
    "pieces with words between": ("T9\tentities-person 0 3;8 11\tAnn Bob", "T9 is in pieces with words between them"),
    "a relation to nothing": ("R9\tcoreference-noun Arg1:T2 Arg2:T77", "T77: a relation has two ends that are spans"),
    "an unknown relation": ("R9\tcoreference-verb Arg1:T2 Arg2:T3", "there are coreference: pronoun, noun"),
    "an unknown value": ("A9\tentities--role T2 king", "'king' cannot be 'role' of entities; there are: official, public"),
    "an unknown column": ("A9\tentities--age T2 old", "'old' cannot be 'age' of entities; there are: named, role"),
    "an unknown answer": ("A9\tstance--tone T1 for", "'for' cannot answer 'tone' of stance; there are: plain, pointed"),
    "an attribute of nothing": ("A9\tentities--named T77 true", "'T77' is no span of this file"),
    "a row twice": ("T9\tentities-person 0 3\tAnn\n#99\tRowId T9\te-1", "is a second row 'e-1', as line"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_line_is_refused_with_its_number(case, saved):
    line, message = BROKEN[case]
    task, folder = saved
    path = folder / "d.ann"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(RecordsError, match=r"d\.ann: line \d+: ") as raised:
        brat.read_task(task, folder)
    assert re.search(message if "line" in message[:5] else re.escape(message), str(raised.value))


def test_a_changed_text_is_refused_with_its_place(saved):
    task, folder = saved
    edit(folder / "d.txt", "Bob", "Rob")
    with pytest.raises(RecordsError, match="the text of d was changed: at character 8 of the document stood 'Bob"):
        brat.read_task(task, folder)


@pytest.mark.parametrize("suffix", [".txt", ".ann"])
def test_a_missing_file_is_named(saved, suffix):
    task, folder = saved
    (folder / f"d{suffix}").unlink()
    with pytest.raises(RecordsError, match=rf"d\{suffix}: is not there; brat keeps"):
        brat.read_task(task, folder)
