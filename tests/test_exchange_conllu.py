"""CoNLL-U: what other readers find in the file is what the corpus has, and our own reader gives its rows back."""

import logging
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import conllu
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from udapi.core.document import Document as UdapiDocument

from conftest import add, edit, of_format
from corpus_tools import load
from corpus_tools.conllu import read_conllu, sentence_rows, token_rows
from corpus_tools.errors import ArgumentError
from corpus_tools.exchange.conllu import GLOBAL, _Writing
from corpus_tools.exchange.documents import Document, Mark, as_cell

SIGNS = {r"\s": " ", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
MENTIONS = ["tokens", "entities", "coreference"]


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "thread.conllu"
    return corpus.export("conllu", path)


def texts(corpus):
    return dict(corpus.texts.select("text_id", "text").iter_rows())


def cells(frame):
    """The rows of a table as our reader gives them: every cell as text, without what is derived."""
    return [
        {name: None if value is None else as_cell(value) for name, value in row.items() if name != "annotator"}
        for row in frame.iter_rows(named=True)
    ]


def udapi(path):
    """The file as CorefUD's own reader has it; what it complains of is an error."""
    complaints = []
    handler = logging.Handler()
    handler.emit = complaints.append
    logging.getLogger().addHandler(handler)
    try:
        document = UdapiDocument()
        document.from_conllu_string(path.read_bytes().decode())
        entities = document.coref_entities
    finally:
        logging.getLogger().removeHandler(handler)
    assert [each.getMessage() for each in complaints] == []
    return document, entities


# The shipped corpus ---------------------------------------------------------------------------------------------------


def test_another_reader_finds_every_word_and_sentence_with_its_type(corpus, made):
    sentences = conllu.parse(made.path.read_text(encoding="utf-8"))
    known = corpus.table("sentences")
    assert [(each.metadata["sent_id"], each.metadata["s_type"]) for each in sentences] == list(
        known.select("sentence_id", "label").iter_rows()
    )
    for sentence, said in zip(sentences, known["quote"], strict=True):
        assert sentence.metadata["text"] == said
    words = [token for sentence in sentences for token in sentence if isinstance(token["id"], int)]
    rows = corpus.table("tokens").select("form", "lemma", "upos", "xpos", "head", "deprel")
    names = ("form", "lemma", "upos", "xpos", "head", "deprel")
    assert [tuple(None if word[name] == "_" else word[name] for name in names) for word in words] == list(
        rows.iter_rows()
    )
    assert len(words) == 616


def test_each_text_is_a_document_with_what_is_known_of_it(corpus, made):
    documents = [each for each in conllu.parse(made.path.read_text(encoding="utf-8")) if "newdoc id" in each.metadata]
    assert [each.metadata["newdoc id"] for each in documents] == list(corpus.texts["text_id"])
    for document, row in zip(documents, corpus.texts.iter_rows(named=True), strict=True):
        said = {name: value for name, value in row.items() if value is not None and name not in ("text_id", "text")}
        assert {name: document.metadata[f"meta::{name}"] for name in said} == {
            name: as_cell(value) for name, value in said.items()
        }
        assert document.metadata["meta::language"] == "en"
    assert documents[3].metadata["meta::printed_names"] == '["B.Poster", "B,Poster"]'
    assert documents[3].metadata["meta::display_name"] == "B.Poster"


def test_the_validator_of_universal_dependencies_accepts_words_trees_and_mentions(made, tmp_path):
    validator = Path(sys.executable).with_name("udvalidate")
    asked = [validator, "--lang", "en", "--coref", "--no-warnings", "--max-err", "0"]
    run = subprocess.run([*asked, made.path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    # It does look at mentions: one with a head beyond its end is refused.
    broken = tmp_path / "broken.conllu"
    broken.write_text(made.path.read_text(encoding="utf-8").replace("-organization-1-", "-organization-99-", 1))
    run = subprocess.run([*asked, broken], capture_output=True, text=True)
    assert run.returncode == 1
    assert "mention-head-out-of-range" in run.stdout + run.stderr


def test_the_reader_of_corefud_finds_every_mention_with_its_words_and_chain(corpus, made):
    _, entities = udapi(made.path)
    rows = {row["span_id"]: row for row in corpus.table("entities").iter_rows(named=True)}
    chain = dict(corpus.table("coreference").select("from_id", "chain_id").iter_rows())
    found = {}
    for entity in entities:
        for mention in entity.mentions:
            values = {name: unquote(value) for name, value in mention.other.items()}
            row = rows[values["id"]]
            assert unquote(entity.eid) == chain.get(row["span_id"], row["span_id"])
            assert unquote(mention.other["orig_etype"] or entity.etype) == row["label"]
            named = {name: as_cell(row[name]) for name in ("named", "wikidata", "reason") if row[name] is not None}
            assert values == {"id": row["span_id"], **named}
            found[row["span_id"]] = mention
    assert found.keys() == rows.keys()
    assert len(entities) == len({*rows} - {*chain}) == 75
    words = {row["token_id"]: row for row in corpus.table("tokens").iter_rows(named=True)}
    text_of = texts(corpus)
    for id_, mention in found.items():
        own = [words[f"{node.root.sent_id}-t{node.ord}"] for node in mention.words]
        text = text_of[own[0]["text_id"]]
        assert text[own[0]["start_char"] : own[-1]["end_char"]] == rows[id_]["quote"]
        # No word of a mention is nearer to the root than its head.
        assert mention.head.parent not in mention.words
    assert found["entities-2"].head.form == "Talks"


def spelled_by(path):
    """Text id -> its characters, by forms, SpaceAfter and SpacesAfter alone."""
    made = {}
    for sentence in read_conllu(path):
        number = 1
        while number <= len(sentence.words):
            last, own = sentence.multiwords.get(number, (number, sentence.words[number - 1]))
            misc = dict(item.split("=", 1) for item in own["misc"].split("|") if "=" in item)
            space = "" if misc.get("SpaceAfter") == "No" else misc.get("SpacesAfter", " ")
            space = re.sub(r"\\.", lambda found: SIGNS[found.group()], space)
            made[sentence.text_id] = made.get(sentence.text_id, "") + own["form"] + space
            number = last + 1
    return made


@pytest.fixture(scope="module")
def words_only(corpus, tmp_path_factory):
    return corpus.export("conllu", tmp_path_factory.mktemp("words") / "words.conllu", layers=["tokens"])


def test_words_and_sentences_come_back_with_our_own_reader_row_by_row(corpus, words_only):
    assert of_format(words_only) == ()
    sentences = read_conllu(words_only.path)
    assert list(token_rows(sentences, texts(corpus), prefix="")) == cells(corpus.table("tokens"))
    assert list(sentence_rows(sentences, texts(corpus), prefix="")) == cells(corpus.table("sentences"))


def test_the_words_with_their_signs_of_white_space_spell_each_text(corpus, words_only):
    spelled = spelled_by(words_only.path)
    assert {text_id: text.rstrip() for text_id, text in spelled.items()} == texts(corpus)


def test_what_is_not_carried_is_said_with_numbers(corpus, made):
    said = dict(re.fullmatch(r"(.*): (\d+) rows? \(.*\)", sentence).groups() for sentence in of_format(made))
    carried = {"tokens", "sentences", "entities"}
    rows = {
        table.name: str(corpus.table(table.name).height)
        for layer in corpus.scheme.layers.values()
        for table in layer.tables
        if table.name not in carried
    }
    rows["coreference, of which the chains are carried"] = rows.pop("coreference")
    assert said == rows


def test_the_same_corpus_gives_the_same_bytes(corpus, made, tmp_path):
    again = corpus.export("conllu", tmp_path / "again.conllu")
    assert again.path.read_bytes() == made.path.read_bytes()


def test_without_a_layer_of_words_those_that_have_some_are_named(corpus, tmp_path):
    with pytest.raises(ArgumentError, match="a layer with tokens too, there are: tokens$"):
        corpus.export("conllu", tmp_path / "x.conllu", layers=["entities", "coreference"])
    assert list(tmp_path.iterdir()) == []


def test_spans_without_the_relations_that_make_them_chains_are_named_as_left_out(corpus, tmp_path):
    exported = corpus.export("conllu", tmp_path / "x.conllu", layers=["tokens", "entities"])
    [said] = of_format(exported)
    assert said.startswith("entities: 154 rows")
    assert "Entity=" not in exported.path.read_text(encoding="utf-8")


# Other corpora --------------------------------------------------------------------------------------------------------


def test_multiword_tokens_emoji_and_combining_marks_come_back(layered, tmp_path):
    corpus = load(layered, "draft")
    exported = corpus.export("conllu", tmp_path / "x.conllu", layers=["tokens"])
    sentences = read_conllu(exported.path)
    own = corpus.table("tokens")
    rows = list(token_rows(sentences, texts(corpus), prefix=""))
    assert [{name: row[name] for name in own.columns if name != "annotator"} for row in rows] == cells(own)
    assert [row["form"] for row in rows if row["multiword"] == "dunno"] == ["do", "not", "know"]
    assert list(sentence_rows(sentences, texts(corpus), prefix="")) == cells(corpus.table("sentences"))


def test_chains_of_any_corpus_are_found_by_the_reader_of_corefud(layered, tmp_path):
    exported = load(layered, "draft").export("conllu", tmp_path / "x.conllu", layers=MENTIONS)
    _, entities = udapi(exported.path)
    assert {
        unquote(entity.eid): [" ".join(node.form for node in mention.words) for mention in entity.mentions]
        for entity in entities
        if len(entity.mentions) > 1
    } == {
        "entities-1": ["Harbour Bridge", "the old bridge", "it"],
        "entities-2": ["The mayor of Eastport", "She", "The mayor"],
        "entities-6": ["I", "Ann"],
    }
    assert of_format(exported) == (
        "coreference, of which the chains are carried: 5 rows (coreference-r1, coreference-r2, coreference-r3, coreference-r4, coreference-r5)",
    )


def test_mentions_that_no_word_or_sentence_holds_are_named(layered, tmp_path):
    at = layered / "annotations/entities/gold.csv"
    edit(at, "entities-3,a1,36,44,Eastport", "entities-3,a1,36,40,East")
    edit(at, "entities-8,c1,17,26,The mayor", 'entities-8,c1,2,26,"don\'t like it. The mayor"')
    exported = load(layered, "draft").export("conllu", tmp_path / "x.conllu", layers=MENTIONS)
    assert set(of_format(exported)) >= {
        "entities that do not begin and end with a word: 1 row (entities-3)",
        "entities over more than one sentence: 1 row (entities-8)",
    }
    _, entities = udapi(exported.path)
    assert sum(len(entity.mentions) for entity in entities) == 10


def test_texts_without_words_are_named(layered, tmp_path):
    at = layered / "annotations/tokens/gold.conllu"
    at.write_text(at.read_text(encoding="utf-8").split("# newdoc id = c2")[0], encoding="utf-8")
    exported = load(layered, "draft").export("conllu", tmp_path / "x.conllu", layers=["tokens"])
    assert of_format(exported) == ("texts without tokens: 1 row (c2)",)


def test_a_text_whose_words_are_lost_is_named(layered, tmp_path):
    add("texts/layered.csv", "o1,layered,deleted,3,,,,,,,layered,,\n")(layered)
    corpus = load(layered, "draft")
    assert corpus.texts["text"].to_list()[-1] is None
    exported = corpus.export("conllu", tmp_path / "x.conllu", layers=["tokens"])
    assert of_format(exported) == ("texts without words: 1 row (o1)",)


def test_a_corpus_whose_layer_of_words_is_empty_gives_an_empty_file(layered, tmp_path):
    (layered / "annotations/tokens/gold.conllu").write_text("")
    exported = load(layered, "draft").export("conllu", tmp_path / "x.conllu", layers=MENTIONS)
    assert exported.path.read_text() == ""
    assert [sentence.split(" (")[0] for sentence in of_format(exported)] == [
        "entities that do not begin and end with a word: 12 rows",
        "texts without tokens: 3 rows",
        "coreference, of which the chains are carried: 5 rows",
    ]


# Drawn texts ----------------------------------------------------------------------------------------------------------

FORM = st.text(alphabet="ab'é\u0301😀-<&>\"|\\=()#_", min_size=1, max_size=4).filter(lambda form: form != "_")
GAP = st.sampled_from(["", " ", "\n\n", " \t\r\n", "\u00a0", "\u2028"])
SENTENCE = st.lists(st.tuples(st.lists(FORM, min_size=1, max_size=3), st.booleans(), GAP), min_size=1, max_size=5)


def drawn_document(sentences):
    """A text made of words, and the rows that are true of it."""
    text, tokens, marks = "", [], []
    for place, words in enumerate(sentences, start=1):
        begin = len(text)
        position = 0
        for parts, is_spelled, gap in words:
            surface = "".join(parts) if is_spelled or len(parts) == 1 else "".join(parts) + "x"
            at = len(text)
            for number, part in enumerate(parts):
                position += 1
                start, end = (
                    (at, at + len(part)) if surface == "".join(parts) else (len(text), len(text) + len(surface))
                )
                at = end
                tokens.append(
                    {
                        "token_id": f"s{place}-t{position}", "text_id": "t", "sentence_id": f"s{place}",
                        "position": position, "start_char": start, "end_char": end,
                        "form": part, "lemma": part, "upos": "X", "xpos": None, "feats": None,
                        "head": position - 1, "deprel": "root" if position == 1 else "dep",
                        "space_after": bool(gap) and number == len(parts) - 1,
                        "multiword": surface if len(parts) > 1 else None,
                        "correct_form": None, "annotator": "gold", "reason": None,
                    }
                )  # fmt: skip
            text += surface + gap
            stop = len(text) - len(gap)
        marks.append(Mark(f"s{place}", "sentences", begin, stop, "decl", {"position": str(place)}))
    tokens[-1]["space_after"] = True
    row = {"text_id": "t", "thread_id": "r", "kind": "comment", "author_id": None, "text": text}
    return Document("t", text, (row,), tuple(marks), (), (), tuple(tokens))


def written(document, path, chain_of=None):
    writing = _Writing({"sentences"}, chain_of or {}, {})
    blocks = writing.blocks(document)
    path.write_bytes(
        "".join(f"{block}\n" for block in [f"# global.Entity = {GLOBAL}\n{blocks[0]}", *blocks[1:]]).encode()
    )
    return writing


@given(st.lists(SENTENCE, min_size=1, max_size=3))
# A multiword token that follows itself without a gap, spelled by its words or not.
@example([[(["a", "b"], True, ""), (["a", "b"], True, " "), (["a", "b"], False, ""), (["a", "b"], False, "")]])
def test_any_text_of_words_comes_back(tmp_path_factory, sentences):
    document = drawn_document(sentences)
    path = tmp_path_factory.mktemp("drawn") / "x.conllu"
    writing = written(document, path)
    rows = list(token_rows(read_conllu(path), {"t": document.text}, prefix=""))
    assert rows == cells(pl.DataFrame(document.tokens, infer_schema_length=None))
    found = list(sentence_rows(read_conllu(path), {"t": document.text}, prefix=""))
    assert [(row["quote"], row["label"]) for row in found] == [
        (document.text[mark.start : mark.end], "decl") for mark in document.marks
    ]
    # White space without a sign is a blank in the file, and that is said.
    same = spelled_by(path)["t"].rstrip() == document.text.rstrip()
    assert same == (not writing.lost)
    inside = document.text.rstrip()
    assert same == ("\u00a0" not in inside and "\u2028" not in inside)


@settings(max_examples=50)
@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6), st.sampled_from(["e-1", "e|2", "(é=3)"])), max_size=8),
)
def test_any_mentions_are_found_by_the_reader_of_corefud_or_named(tmp_path_factory, n_words, drawn):
    document = drawn_document([[(["a"], True, " ")] * n_words])
    spans = [(first, min(first + n, n_words), chain) for first, n, chain in drawn if first < n_words]
    marks = [
        Mark(f"m-{number}", "entities", 2 * first, 2 * stop - 1, "a-b, (c)", {"reason": "a|b-(c),d:\n"})
        for number, (first, stop, _) in enumerate(spans)
    ]
    chain_of = {mark.id: chain for mark, (_, _, chain) in zip(marks, spans, strict=True)}
    document = Document("t", document.text, document.texts, (*document.marks, *marks), (), (), document.tokens)
    path = tmp_path_factory.mktemp("drawn") / "x.conllu"
    writing = written(document, path, chain_of)
    _, entities = udapi(path)
    found = {}
    for entity in entities:
        for mention in entity.mentions:
            assert (unquote(entity.etype), unquote(mention.other["reason"])) == ("a-b, (c)", "a|b-(c),d:\n")
            number = int(unquote(mention.other["id"]).removeprefix("m-"))
            found[number] = (mention.words[0].ord - 1, mention.words[-1].ord, unquote(entity.eid))
            # Each word of these sentences depends on the one before it.
            assert mention.head is mention.words[0]
    named = {int(id_.removeprefix("m-")) for ids in writing.lost.values() for id_ in ids}
    assert found == {number: span for number, span in enumerate(spans) if number not in named}
    for number in named:
        assert any(spans[number][2] == chain and (first < spans[number][1] and spans[number][0] < stop)
                   for other, (first, stop, chain) in enumerate(spans) if other not in named)  # fmt: skip


def test_a_broken_tree_or_a_value_that_a_line_cannot_hold_stops_nothing(tmp_path):
    document = drawn_document([[(["a"], True, " "), (["b"], True, " "), (["c"], True, "")]])
    rows = [
        {**document.tokens[0], "head": 2, "reason": "a|b"},
        {**document.tokens[1], "head": 1, "lemma": "x\ty"},
        {**document.tokens[2], "head": 9, "start_char": None, "end_char": None, "sense": "a1"},
    ]
    marks = (*document.marks, Mark("m", "entities", 0, 3, "thing"))
    made = Document("t", document.text, ({**document.texts[0], "byline": "by\nAnn"},), marks, (), (), tuple(rows))
    writing = written(made, tmp_path / "x.conllu", {"m": "m"})
    assert writing.lost == {
        "values of meta::byline with line ends or white space around them, which a comment cannot hold": ["t"],
        "reason of words with characters that MISC cannot hold": ["s1-t1"],
        "lemma of words with tabs or line ends, here blanks": ["s1-t2"],
    }
    [sentence] = conllu.parse((tmp_path / "x.conllu").read_text())
    assert [token["form"] for token in sentence] == ["a", "b", "c"]
    assert sentence[2]["misc"] == {"Sense": "a1"}
    assert sentence[0]["misc"] == {"Entity": "(m-thing-1-id:m"}
