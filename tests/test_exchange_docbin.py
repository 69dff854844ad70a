"""DocBin: what spaCy reads back is what the corpus has."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from srsly.msgpack import msgpack_encoders

from conftest import add, edit
from corpus_tools import load
from corpus_tools.errors import MissingExtraError
from corpus_tools.exchange.docbin import _filled, _Making, _Rows, _segments, write
from corpus_tools.exchange.documents import Document


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory):
    return corpus.export("docbin", tmp_path_factory.mktemp("made") / "thread.spacy")


def read(path):
    """Text id -> its document, as a pipeline for English reads it."""
    docs = DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    return {doc.user_data["text"]["text_id"]: doc for doc in docs}


def tables(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


def test_the_texts_come_back_character_by_character_in_their_order(corpus, made):
    assert [(id_, doc.text) for id_, doc in read(made.path).items()] == list(
        corpus.texts.select("text_id", "text").iter_rows()
    )


def test_every_word_comes_back_with_its_place_and_its_analysis(corpus, made):
    docs = read(made.path)
    at = {(id_, token.idx): token for id_, doc in docs.items() for token in doc}
    heads = {(row["sentence_id"], row["position"]): row for row in corpus.table("tokens").iter_rows(named=True)}
    for row in heads.values():
        token = at.pop((row["text_id"], row["start_char"]))
        assert (token.text, token.lemma_, token.tag_, token.pos_) == (
            row["form"], row["lemma"] or "", row["xpos"], row["upos"],
        )  # fmt: skip
        assert str(token.morph) == (row["feats"] or "")
        if row["head"] == 0:
            assert (token.head, token.dep_) == (token, "ROOT")
        else:
            assert (token.head.idx, token.dep_) == (
                heads[row["sentence_id"], row["head"]]["start_char"], row["deprel"],
            )  # fmt: skip
    assert len(heads) == 616
    # What is left is white space beyond one blank.
    assert {(token.text.isspace(), token.pos_) for token in at.values()} == {(True, "SPACE")}


def test_encoders_are_looked_for_once_and_not_for_each_text(corpus, monkeypatch, tmp_path):
    looked = []
    find = msgpack_encoders.get_all
    monkeypatch.setattr(msgpack_encoders, "get_all", lambda: looked.append(1) or find())
    write(corpus, [], tmp_path / "some.spacy")
    assert len(looked) < corpus.texts.height


def test_the_sentences_of_the_trees_are_those_of_the_corpus(corpus, made):
    docs = read(made.path)
    found = [(id_, sentence.text.rstrip()) for id_, doc in docs.items() for sentence in doc.sents]
    assert found == list(corpus.table("sentences").select("text_id", "quote").iter_rows())


def test_every_span_is_in_the_group_of_its_table_with_label_and_id(corpus, made):
    docs = read(made.path)
    for table in tables(corpus):
        if table.unit in ("span", "sentence"):
            rows = corpus.table(table.name).drop_nulls("start_char")
            columns = (table.key, "text_id", "start_char", "end_char", "quote", "label")
            found = [
                (span.id_, id_, span.start_char, span.end_char, span.text, span.label_)
                for id_, doc in docs.items()
                for span in doc.spans[table.name]
            ]
            assert sorted(found) == sorted(rows.select(columns).iter_rows()), table.name
    assert sum(len(doc.spans["entities"]) for doc in docs.values()) == 154


def test_user_data_has_every_row_of_every_table(corpus, made):
    docs = read(made.path)
    for table in tables(corpus):
        rows = [_filled(row) for row in corpus.table(table.name).iter_rows(named=True)]
        found = [row for doc in docs.values() for row in doc.user_data["rows"][table.name]]
        assert sorted(found, key=lambda row: row[table.key]) == sorted(rows, key=lambda row: row[table.key])
        assert rows
    relations = {row["relation_id"]: id_ for id_, doc in docs.items() for row in doc.user_data["rows"]["replies"]}
    # A relation stands with the unit it starts from.
    assert relations == dict(corpus.table("replies").select("relation_id", "from_id").iter_rows())


def test_user_data_has_what_is_known_of_the_text(corpus, made):
    doc = read(made.path)["c3"]
    assert doc.user_data["thread"]["language"] == "en"
    assert doc.user_data["author"]["printed_names"] == ("B.Poster", "B,Poster")
    assert doc.user_data["text"]["author_id"] == doc.user_data["author"]["author_id"]
    assert "author" not in read(made.path)["a1"].user_data


def test_norms_are_those_of_the_reader(made):
    doc = read(made.path)["a1"]
    assert [token.norm_ for token in doc[:2]] == ["us", "threatens"]


def test_what_spacy_has_in_user_data_only_is_said(made):
    assert made.left_out[:1] == (
        "structure outside of every text (in user_data only): 5 rows "
        "(structure-8, structure-10, structure-12, structure-16, structure-18)",
    )


def test_the_same_corpus_gives_the_same_bytes_in_another_process(shipped, made, tmp_path):
    code = "import sys, corpus_tools; corpus_tools.load(sys.argv[1]).export('docbin', sys.argv[2])"
    subprocess.run(
        [sys.executable, "-c", code, shipped, tmp_path / "again.spacy"],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert (tmp_path / "again.spacy").read_bytes() == made.path.read_bytes()


def test_a_layer_brings_the_rows_at_which_its_relations_end(corpus, tmp_path):
    exported = corpus.export("docbin", tmp_path / "x.spacy", layers=["coreference"])
    docs = read(exported.path)
    assert {name for doc in docs.values() for name in doc.user_data["rows"]} == {"entities", "coreference"}
    assert sum(len(doc.user_data["rows"]["coreference"]) for doc in docs.values()) == 79


def test_without_a_layer_of_words_tokens_are_those_of_unicode(corpus, tmp_path):
    exported = corpus.export("docbin", tmp_path / "x.spacy", layers=["entities"])
    docs = read(exported.path)
    assert [doc.text for doc in docs.values()] == list(corpus.texts["text"])
    doc = docs["a1"]
    assert [token.text for token in doc[:9]] == [
        "US",
        "Threatens",
        "to",
        "End",
        "Syria",
        "Talks",
        "With",
        "Russia",
        "\n\n",
    ]
    assert not any(doc.has_annotation(name) for name in ("TAG", "DEP", "SENT_START"))
    in_groups = {span.id_ for doc in docs.values() for span in doc.spans["entities"]}
    said = " ".join(exported.left_out)
    assert {row["span_id"] for row in corpus.table("entities").iter_rows(named=True)} >= in_groups
    assert f"{154 - len(in_groups)} row" in said
    # Those that cut a token are in user_data with their places.
    assert sum(len(doc.user_data["rows"]["entities"]) for doc in docs.values()) == 154


def test_words_that_share_a_place_are_one_token_with_the_analysis_of_their_head(layered, tmp_path):
    exported = load(layered, "draft").export("docbin", tmp_path / "x.spacy")
    doc = read(exported.path)["c2"]
    assert [token.text for token in doc] == ["I", "dunno", ",", "Ann", ".", "The", "cafe\u0301", "agress", "😀"]
    assert [token.head.text for token in doc[:5]] == ["dunno", "dunno", "Ann", "dunno", "dunno"]
    assert (doc[1].lemma_, doc[1].dep_) == ("know", "ROOT")
    assert [row["lemma"] for row in doc.user_data["rows"]["tokens"][1:4]] == ["do", "not", "know"]
    assert (
        "tokens that share their place with another (in user_data only): 2 rows (c2-s1-t2, c2-s1-t3)"
        in exported.left_out
    )


def test_a_tree_that_spacy_cuts_otherwise_and_a_span_across_a_token_are_named(layered, tmp_path):
    edit(
        layered / "annotations/tokens/gold.conllu",
        "She	she	PRON	_	Number=Sing|Person=3	4",
        "She	she	PRON	_	Number=Sing|Person=3	0",
    )
    edit(layered / "annotations/entities/gold.csv", "entities-3,a1,36,44,Eastport", "entities-3,a1,36,40,East")
    exported = load(layered, "draft").export("docbin", tmp_path / "x.spacy")
    assert {
        "texts of which spaCy cuts the sentences otherwise, by their trees (the corpus's are spans): 1 row (a1)",
        "entities that do not begin and end with a token (in user_data only): 1 row (entities-3)",
    } <= set(exported.left_out)
    docs = read(exported.path)
    [cut] = [row for row in docs["a1"].user_data["rows"]["entities"] if row["span_id"] == "entities-3"]
    assert docs["a1"].text[cut["start_char"] : cut["end_char"]] == "East"


def test_a_corpus_without_layers_gives_its_texts(mini, tmp_path):
    exported = load(mini, "draft").export("docbin", tmp_path / "x.spacy", layers=[])
    docs = read(exported.path)
    assert [doc.text for doc in docs.values()] == list(load(mini, "draft").texts["text"])
    assert all(doc.user_data["rows"] == {} for doc in docs.values())
    assert exported.left_out == ()


def test_a_text_whose_words_are_lost_is_named_with_what_is_said_of_it(layered, tmp_path):
    add("texts/layered.csv", "o1,layered,deleted,3,,,,,,,layered,,\n")(layered)
    add("annotations/stance/gold.csv", "stance-o1,o1,bridge,none,\n")(layered)
    corpus = load(layered, "draft")
    assert corpus.texts["text"].to_list()[-1] is None
    exported = corpus.export("docbin", tmp_path / "x.spacy")
    assert "texts without words: 1 row (o1)" in exported.left_out
    assert "stance that belong to no text with words: 1 row (stance-o1)" in exported.left_out


def test_without_spacy_the_extra_to_install_is_named(corpus, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    with pytest.raises(MissingExtraError, match=r"\[spacy\]"):
        corpus.export("docbin", tmp_path / "x.spacy")


def test_a_time_is_text_and_an_empty_column_is_not_there():
    row = {"posted_at": datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "named": False, "byline": None}
    assert _filled(row) == {"posted_at": "2024-01-02T03:04:05Z", "named": False}


TEXT = st.text(alphabet="ab é\u0301😀\t\n\r\u00a0\u200b<&>\"'|\\", min_size=1, max_size=30)


@given(TEXT, st.lists(st.tuples(st.integers(0, 29), st.integers(1, 4)), max_size=8), st.booleans())
def test_tokens_spell_any_text_however_its_words_lie(corpus, text, drawn, with_words):
    rows = [
        {
            "token_id": f"s-t{number}", "sentence_id": "s", "position": number, "head": number - 1, "deprel": "dep",
            "start_char": start, "end_char": start + length, "form": "?", "lemma": None, "upos": "X", "feats": None,
        }
        for number, (start, length) in enumerate(drawn, start=1)
    ]  # fmt: skip
    document = Document(
        "t", text, ({"text_id": "t", "thread_id": "r", "author_id": None, "text": text},), (), (), (), ()
    )
    own = _Rows((corpus.scheme.table("tokens"),), {"t": {"tokens": rows if with_words else []}}, {})
    making = _Making(Vocab(), own, {}, _segments([document], own))
    packed = DocBin(store_user_data=True, docs=[making.document(document)]).to_bytes()
    [doc] = DocBin().from_bytes(packed).get_docs(spacy.blank("xx").vocab)
    assert doc.text == text
    assert list(doc.user_data["rows"]["tokens"]) == [_filled(row) for row in rows if with_words]
    places = {(token.idx, token.idx + len(token)) for token in doc}
    named = {id_ for ids in making.lost.values() for id_ in ids}
    for row in rows if with_words else ():
        assert (row["start_char"], row["end_char"]) in places or row["token_id"] in named
