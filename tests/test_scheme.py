"""Tables and layers are declared once; every form they take follows from that."""

import re
import tomllib

import polars as pl
import pytest

from conftest import LAYERED, MINI, add, edit, replace
from corpus_tools.errors import SchemeError, UnknownNameError
from corpus_tools.scheme import FIXED_TABLES, Constraints, read_scheme
from corpus_tools.scheme.model import TYPES
from corpus_tools.scheme.read import COLUMN_KEYS, LABEL_KEYS, LABEL_OPTIONS, QUESTION_KEYS, UNIT_KEYS, UNIT_OPTIONS


@pytest.fixture(scope="module")
def scheme():
    return read_scheme(MINI / "scheme")


@pytest.fixture(scope="module")
def layers():
    """A scheme with a layer of every kind."""
    return read_scheme(LAYERED / "scheme")


@pytest.mark.parametrize("folder", [MINI, LAYERED], ids=["mini", "layered"])
def test_a_column_has_the_same_type_in_polars_arrow_and_hugging_face(folder):
    for table in read_scheme(folder / "scheme").tables.values():
        assert list(table.schema) == table.arrow_schema.names == list(table.features)
        empty = pl.DataFrame(schema=table.schema).to_arrow().cast(table.arrow_schema)
        assert pl.from_arrow(empty).schema == table.schema
        for field in table.features.arrow_schema:
            # Class labels are numbers to Hugging Face and words in the file.
            assert field.type == table.arrow_schema.field(field.name).type or table[field.name].type == "label"


@pytest.mark.parametrize("folder", [MINI, LAYERED], ids=["mini", "layered"])
def test_the_card_declares_the_features_that_hugging_face_would_write(folder):
    for table in read_scheme(folder / "scheme").tables.values():
        assert [column.feature for column in table.columns] == table.features._to_yaml_list()


def test_every_type_is_used_by_some_column(scheme):
    assert {column.type for table in scheme.tables.values() for column in table.columns} == set(TYPES)


def test_relations_beside_spans_are_a_table_of_their_own(scheme):
    spans, relations = scheme.layer("mentions").tables
    assert (spans.name, spans.unit, spans.key) == ("mentions", "span", "span_id")
    assert (relations.name, relations.unit, relations.key) == ("mentions_relations", "relation", "relation_id")
    assert spans["label"].labels == ("person", "thing")
    assert relations["label"].labels == ("same",)


def test_tokens_and_sentences_of_one_layer_are_two_tables(layers):
    tokens, sentences = layers.layer("tokens").tables
    assert (tokens.name, tokens.unit, tokens.key) == ("tokens", "token", "token_id")
    assert (sentences.name, sentences.unit, sentences.key) == ("sentences", "sentence", "sentence_id")
    assert (len(tokens["upos"].labels), sentences["label"].labels) == (12, ("decl", "frag"))
    assert [column.name for column in tokens.columns][-4:] == ["correct_form", "deprel", "annotator", "reason"]


def test_what_must_hold_among_the_rows_of_a_table_is_what_its_file_declares(layers):
    assert {name: table.constraints for name, table in layers.tables.items() if table.layer} == {
        "tokens": Constraints(),
        "sentences": Constraints(),
        "entities": Constraints(overlap="nested"),
        "signs": Constraints(overlap="none", cuts_tokens=True),
        "coreference": Constraints(from_tables=("entities",), to_tables=("entities",), chains=True),
        "negation": Constraints(),
        "negation_relations": Constraints(from_tables=("negation",), to_tables=("negation",)),
        "stance": Constraints(judged="texts"),
        "stance_spans": Constraints(),
        "replies": Constraints(from_tables=("texts",), to_tables=("texts",), one_per="from_id"),
        "replies_spans": Constraints(overlap="none"),
    }


def test_a_question_has_its_own_labels_or_those_that_all_share(layers):
    stance = layers.table("stance")
    assert [(q.id, q.scale, [label.id for label in q.labels], q.own) for q in stance.questions] == [
        ("closing", "nominal", ["for", "against", "none"], False),
        ("mayor", "nominal", ["for", "against", "none"], False),
        ("tone", "ordinal", ["plain", "pointed", "sharp"], True),
    ]
    assert stance["question"].labels == ("closing", "mayor", "tone")
    assert stance["question"].type == "choice"
    assert stance["label"].labels == ("for", "against", "none", "plain", "pointed", "sharp")
    assert [label.id for label in layers.layer("stance").labels["stance"] if label.evidence] == ["for", "against"]


def test_a_label_knows_what_a_row_with_it_needs(layers):
    _, scope = layers.layer("negation").labels["negation"]
    assert (scope.linked, scope.source) == (True, "Made up.")
    [joins] = layers.layer("negation").labels["negation_relations"]
    assert (joins.from_labels, joins.to_labels, joins.linked) == (("NEG",), ("SCOPE",), False)


def test_a_column_has_a_scale_labels_with_meanings_and_the_labels_whose_rows_fill_it(layers):
    entities, agreement = layers.table("entities"), layers.table("replies")["agreement"]
    role, named = entities["role"], entities["named"]
    assert (agreement.scale, agreement.labels, agreement.for_labels) == (
        "ordinal",
        ("disagree", "neutral", "agree"),
        ("answer",),
    )
    assert [label.test for label in agreement.meanings] == ["No?", "Neither?", "Yes?"]
    assert (role.scale, role.labels, role.for_labels) == (None, ("official", "public", "writer"), ("person",))
    assert (role.meanings, named.for_labels) == ((), ())


def test_the_layered_corpus_uses_every_key_that_a_scheme_file_may_have():
    used: dict[str, set] = {}

    def look(entry, kind):
        for one in entry if isinstance(entry, list) else [entry]:
            used.setdefault(kind, set()).update(one)
            for key, value in one.items():
                if key in ("labels", "questions", "columns") and isinstance(value[0], dict):
                    look(value, key)

    for path in (LAYERED / "scheme").glob("*.toml"):
        for unit, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if unit in UNIT_OPTIONS:
                look(entry, unit)
    assert used["labels"] == {*LABEL_KEYS, *LABEL_OPTIONS}
    assert used["questions"] == {*QUESTION_KEYS, "labels"}
    assert used["columns"] == {*COLUMN_KEYS} - {"derived"}  # no layer computes one
    for unit, options in UNIT_OPTIONS.items():
        assert used[unit] - UNIT_KEYS.keys() == options.keys()


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
    "a guideline somewhere else": (
        'guideline = "guidelines/mentions.md"',
        'guideline = "guidelines/../../outside.md"',
        "'guideline' must be a page such as 'guidelines/mentions.md', not 'guidelines/../../outside.md'",
    ),
    "a column in passing": ('name = "certain"', 'name = "_certain"', "column '_certain' begins with an underscore"),
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
    path.write_text("format = 3\n")
    with pytest.raises(SchemeError, match="format is 3; this version reads 1, 2"):
        read_scheme(tmp_path, fixed=path)


def test_fixed_tables_of_the_first_format_read_as_before(tmp_path):
    """Released with the corpora of then; they know no tokens and no questions."""
    path = tmp_path / "tables.toml"
    text = FIXED_TABLES.read_text(encoding="utf-8").replace("format = 2", "format = 1")
    path.write_text(re.sub(r"\[units\.(token|sentence)\]\n(.+\n)+", "", text), encoding="utf-8")
    assert read_scheme(MINI / "scheme", fixed=path) == read_scheme(MINI / "scheme")
    with pytest.raises(SchemeError, match=r"\[token\] is of a newer format than tables.toml"):
        read_scheme(LAYERED / "scheme", fixed=path)


UNDECLARED = {
    "overlap": (
        "signs",
        'overlap = "none"',
        'overlap = "some"',
        "'overlap' of [span] is 'some'; there are: none, nested, any",
    ),
    "a key of another unit": (
        "signs",
        "cuts_tokens = true",
        'one_per = "from_id"',
        "[span] has the unknown key one_per",
    ),
    "a switch in quotes": (
        "signs",
        "cuts_tokens = true",
        'cuts_tokens = "yes"',
        "'cuts_tokens' of [span] must be a bool",
    ),
    "a label's switch in quotes": (
        "negation",
        "linked = true",
        'linked = "yes"',
        "'linked' of a label of [span] must be a bool",
    ),
    "a label's ends in one text": (
        "negation",
        'to = ["SCOPE"]',
        'to = "SCOPE"',
        "'to' of a label of [relation] must be a list",
    ),
    "scale of a question": (
        "stance",
        '"ordinal"',
        '"interval"',
        "the scale of question 'tone' is 'interval'; there are: nominal, ordinal",
    ),
    "scale of a column": (
        "replies",
        '"ordinal"',
        '"ratio"',
        "the scale of column 'agreement' is 'ratio'; there are: nominal, ordinal",
    ),
    "a question twice": ("stance", 'id = "mayor"', 'id = "closing"', "question 'closing' is declared twice"),
    "a question without a test": ("stance", 'test = "How does it sound?"\n', "", "a question lacks 'test'"),
    "a key of a question": ("stance", 'scale = "nominal"', "order = 1", "a question has the unknown key order"),
    "a label of a question twice": ("stance", 'id = "pointed"', 'id = "plain"', "label 'plain' is declared twice"),
    "a table it starts from": (
        "coreference",
        'from = ["entities"]',
        'from = ["entity"]',
        "coreference speaks of the table 'entity'; there are: sources,",
    ),
    "a table it leads to": (
        "coreference",
        'to = ["entities"]',
        'to = ["entity"]',
        "coreference speaks of the table 'entity'",
    ),
    "tables that are no names": (
        "coreference",
        'from = ["entities"]',
        "from = [1]",
        "'from' of [relation] must be a list of texts, not [1]",
    ),
    "chains without their id": (
        "coreference",
        'name = "chain_id"',
        'name = "chain"',
        "[relation] makes chains and declares no column 'chain_id'",
    ),
    "chains of texts": (
        "coreference",
        'from = ["entities"]',
        'from = ["texts"]',
        "coreference makes chains of spans; its 'from' may name: entities, negation,",
    ),
    "chains of anything": ("coreference", 'from = ["entities"]\n', "", "its 'from' may name: entities"),
    "what is judged": (
        "stance",
        'unit = "texts"',
        'unit = "text"',
        "stance speaks of the table 'text'; there are: sources",
    ),
    "judged rows that are in no text": (
        "stance",
        'unit = "texts"',
        'unit = "replies"',
        "stance judges 'replies'; it may judge: texts,",
    ),
    "labels that fill a column": (
        "entities",
        'for_labels = ["person"]',
        'for_labels = ["mayor"]',
        "a label in 'for_labels' of column 'role' is 'mayor'; there are: person, place, thing",
    ),
    "a column of some labels that is required": (
        "entities",
        'required = false\nfor_labels = ["person"]',
        'for_labels = ["person"]',
        "column 'role' is for some labels only, so it needs 'required = false'",
    ),
    "a label twice in a list": (
        "entities",
        'labels = ["official", "public", "writer"]',
        'labels = ["official", "public", "public"]',
        "column 'role' lists a label twice",
    ),
    "an end with a label that its table has not": (
        "negation",
        'to = ["SCOPE"]',
        'to = ["scope"]',
        "an end of label 'scope' of negation_relations is 'scope'; there are: NEG, SCOPE",
    ),
    "evidence without a table for it": (
        "stance",
        'refers_to = "stance.judgement_id"',
        'refers_to = "texts.text_id"',
        "needs evidence, and no [span] of the layer refers to stance",
    ),
    "a linked label without relations": (
        "signs",
        'id = "emoji"',
        'id = "emoji"\nlinked = true',
        "label 'emoji' of signs is linked, and the layer declares no [relation]",
    ),
    "one row per something else than a text": (
        "replies",
        'from = ["texts"]',
        'from = ["sentences"]',
        "'one_per' of [relation] counts texts",
    ),
    "one row per what": (
        "replies",
        'one_per = "from_id"',
        'one_per = "text_id"',
        "'one_per' of [relation] must be from_id or to_id, not 'text_id'",
    ),
}


@pytest.mark.parametrize(("layer", "old", "new", "message"), UNDECLARED.values(), ids=UNDECLARED)
def test_what_a_layer_cannot_declare_is_refused_by_name(layered, layer, old, new, message):
    edit(layered / "scheme" / f"{layer}.toml", old, new)
    with pytest.raises(SchemeError, match="scheme") as caught:
        read_scheme(layered / "scheme")
    assert message in str(caught.value)


def test_a_question_without_labels_is_refused(layered):
    path = layered / "scheme" / "stance.toml"
    path.write_text(
        re.sub(r"\[\[judgement\.labels\]\]\n(.+\n)+", "", path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    with pytest.raises(SchemeError, match="question 'closing' has no labels; give it some, or \\[judgement\\] for all"):
        read_scheme(layered / "scheme")


def test_two_layers_may_not_both_have_sentences(layered):
    add("scheme/words.toml", (layered / "scheme/tokens.toml").read_text(encoding="utf-8"))(layered)
    replace("scheme/words.toml", 'layer = "tokens"', 'layer = "words"')(layered)
    with pytest.raises(SchemeError, match="a table named 'sentences' exists already"):
        read_scheme(layered / "scheme")
