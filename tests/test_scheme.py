"""Tables and layers are declared once; every form they take follows from that."""

import polars as pl
import pytest

from conftest import MINI, edit
from corpus_tools.errors import SchemeError, UnknownNameError
from corpus_tools.scheme import TYPES, read_scheme


@pytest.fixture(scope="module")
def scheme():
    return read_scheme(MINI / "scheme")


def test_a_column_has_the_same_type_in_polars_arrow_and_hugging_face(scheme):
    for table in scheme.tables.values():
        assert list(table.schema) == table.arrow_schema.names == list(table.features)
        empty = pl.DataFrame(schema=table.schema).to_arrow().cast(table.arrow_schema)
        assert pl.from_arrow(empty).schema == table.schema
        for field in table.features.arrow_schema:
            # Class labels are numbers to Hugging Face and words in the file.
            assert field.type == table.arrow_schema.field(field.name).type or table[field.name].type == "label"


def test_the_card_declares_the_features_that_hugging_face_would_write(scheme):
    for table in scheme.tables.values():
        assert [column.feature for column in table.columns] == table.features._to_yaml_list()


def test_every_type_is_used_by_some_column(scheme):
    assert {column.type for table in scheme.tables.values() for column in table.columns} == set(TYPES)


def test_relations_beside_spans_are_a_table_of_their_own(scheme):
    spans, relations = scheme.layer("mentions").tables
    assert (spans.name, spans.unit, spans.key) == ("mentions", "span", "span_id")
    assert (relations.name, relations.unit, relations.key) == ("mentions_relations", "relation", "relation_id")
    assert spans["label"].labels == ("person", "thing")
    assert relations["label"].labels == ("same",)


@pytest.mark.parametrize("lookup", ["table", "layer"])
def test_an_unknown_name_lists_those_there_are(scheme, lookup):
    with pytest.raises(UnknownNameError, match=r"'stanze'; there are: .*mentions"):
        getattr(scheme, lookup)("stanze")


def test_an_unknown_column_lists_those_there_are(scheme):
    with pytest.raises(UnknownNameError, match="text_id, thread_id"):
        _ = scheme.table("texts")["body"]


BROKEN = {
    "no TOML": ('layer = "mentions"', "layer = ", "mentions.toml"),
    "another name": ('layer = "mentions"', 'layer = "other"', "must be the file's name, 'mentions'"),
    "no title": ('title = "Mentions"\n', "", "lacks 'title'"),
    "unknown origin": (
        'origin = "manual native"',
        'origin = "found"',
        "unknown origin 'found'; there are: manual native",
    ),
    "no test for a label": ('test = "Can it speak?"\n', "", "lacks 'test'"),
    "a label twice": ('id = "thing"', 'id = "person"', "label 'person' is declared twice"),
    "a column twice": ('name = "certain"', 'name = "quote"', "column 'quote' is declared twice"),
    "unknown type": ('type = "boolean"', 'type = "bool"', "unknown type 'bool'; there are: id, string"),
    "unknown key of the file": (
        'title = "Mentions"',
        'title = "Mentions"\nrelations = 1',
        "the file has the unknown key relations",
    ),
    "reference to nothing": (
        'type = "boolean"',
        'type = "id"\nrefers_to = "stance.span_id"',
        "refers to 'stance.span_id'; there are: annotators.annotator_id",
    ),
    "unknown key": ('type = "boolean"', 'type = "boolean"\nnullable = true', "unknown key nullable"),
    "a choice of nothing": ('type = "boolean"', 'type = "choice"', "lists no 'labels'"),
    "required in quotes": (
        'type = "boolean"\nrequired = false',
        'type = "boolean"\nrequired = "no"',
        "must be a bool, not 'no'",
    ),
    "wrong kind": ('title = "Mentions"', "title = 3", "'title' of the file must be a str"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_scheme_file_that_lacks_something_is_refused_by_name(mini, old, new, message):
    edit(mini / "scheme" / "mentions.toml", old, new)
    with pytest.raises(SchemeError, match="mentions") as caught:
        read_scheme(mini / "scheme")
    assert message in str(caught.value)


def test_a_layer_without_a_unit_is_refused(mini):
    path = mini / "scheme" / "tone.toml"
    path.write_text(path.read_text().split("[judgement]")[0])
    with pytest.raises(SchemeError, match="declares no unit"):
        read_scheme(mini / "scheme")


def test_a_layer_may_not_take_the_name_of_a_table(mini):
    path = mini / "scheme" / "comments.toml"
    (mini / "scheme" / "tone.toml").rename(path)
    edit(path, 'layer = "tone"', 'layer = "comments"')
    with pytest.raises(SchemeError, match="a table named 'comments' exists already"):
        read_scheme(mini / "scheme")


def test_another_format_of_the_fixed_tables_is_refused(tmp_path):
    path = tmp_path / "tables.toml"
    path.write_text("format = 2\n")
    with pytest.raises(SchemeError, match="format is 2; this version reads format 1"):
        read_scheme(tmp_path, fixed=path)
