"""ConvoKit: the folder has the fields of ConvoKit's own files, and read back it gives the same thread."""

import json
import shutil
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, of_format
from corpus_tools.corpus import load
from corpus_tools.exchange import convokit
from corpus_tools.ingest import ingest
from corpus_tools.validate import validate


@pytest.fixture(scope="module")
def corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def exported(corpus, tmp_path_factory):
    return corpus.export("convokit", tmp_path_factory.mktemp("convokit") / "out")


def read(exported, name):
    return json.loads((exported.path / f"{name}.json").read_text())


def utterances(exported):
    return [json.loads(line) for line in (exported.path / "utterances.jsonl").read_text().splitlines()]


def emptied(folder):
    """A copy of the mini corpus without texts and layers."""
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(folder / name)
    for name in ("mentions", "tone"):
        (folder / f"scheme/{name}.toml").unlink()
    (folder / "corpus.toml").write_text((folder / "corpus.toml").read_text().split("[[annotators]]")[0])
    return folder


class Changed:
    """A corpus with other texts, such as answers and times that its platform did not record."""

    def __init__(self, corpus, texts):
        self._corpus, self._texts = corpus, texts

    def __getattr__(self, name):
        return getattr(self._corpus, name)

    def scan(self, name, *, split=None):
        return self._texts.lazy() if name == "texts" else self._corpus.scan(name, split=split)


def plain(value):
    return value.isoformat() if isinstance(value, datetime) else value


def test_the_folder_has_the_files_and_fields_of_convokit(exported):
    assert exported.files == ("conversations.json", "corpus.json", "index.json", "speakers.json", "utterances.jsonl")
    for one in utterances(exported):
        assert list(one) == [
            "id",
            "conversation_id",
            "text",
            "speaker",
            "meta",
            "reply-to",
            "timestamp",
            "vectors",
        ]
    for name in ("speakers", "conversations"):
        assert all(set(one) == {"meta", "vectors"} for one in read(exported, name).values())


def test_texts_are_utterances_and_threads_conversations(corpus, exported):
    found = utterances(exported)
    texts = corpus.table("texts").to_dicts()
    assert [(one["id"], one["text"], one["reply-to"]) for one in found] == [
        (row["text_id"], row["text"], row["parent_id"]) for row in texts
    ]
    assert {one["conversation_id"] for one in found} == {"a1"} == set(read(exported, "conversations"))
    [thread] = corpus.threads.to_dicts()
    about = read(exported, "conversations")["a1"]["meta"]
    assert about == {
        **{name: value for name, value in thread.items() if name != "title"},
        "thread_title": thread["title"],
    }
    for one, row in zip(found, texts, strict=True):
        kept = {name: plain(value) for name, value in row.items() if name not in convokit._SPOKEN}
        assert one["meta"].items() >= kept.items()


def test_a_text_without_author_has_the_speaker_that_stands_for_nobody(corpus, exported):
    found = {one["id"]: one["speaker"] for one in utterances(exported)}
    shown = dict(corpus.authors.select("author_id", "display_name").iter_rows())
    authors = corpus.table("texts").select("text_id", "author_id").iter_rows()
    assert found == {text_id: shown.get(author_id, "[unavailable]") for text_id, author_id in authors}
    speakers = read(exported, "speakers")
    assert set(speakers) == set(found.values())
    assert {one["meta"]["author_id"] for one in speakers.values()} == {*shown, None}


def test_every_row_stands_in_its_text_with_every_filled_column(corpus, exported):
    found = utterances(exported)
    texts = {one["id"]: one["text"] for one in found}
    home = {one["id"]: one["id"] for one in found}
    n = 0
    for table in corpus.scheme.tables.values():
        if table.layer is None:
            continue
        rows = {row[table.key]: row for row in corpus.table(table.name).to_dicts()}
        seen = {row[table.key]: (one["id"], row) for one in found for row in one["meta"][table.name]}
        assert set(seen) == set(rows)
        home |= {id_: text_id for id_, (text_id, _) in seen.items()}
        n += len(rows)
        for id_, row in rows.items():
            text_id, said = seen[id_]
            expected = {name: value for name, value in row.items() if value is not None}
            assert said | {"annotator": "gold"} | ({"text_id": text_id} if "text_id" in row else {}) == expected
            if row.get("quote") is not None and row["start_char"] is not None:
                assert texts[text_id][said["start_char"] : said["end_char"]] == row["quote"]
    assert n == 1467
    for one in found:
        for table in corpus.scheme.tables.values():
            for row in one["meta"].get(table.name, []):
                assert home[row.get("from_id", row.get("unit_id", one["id"]))] == one["id"]


def test_the_index_has_the_types_of_all_metadata(exported):
    index = read(exported, "index")
    assert list(index) == [
        "utterances-index",
        "speakers-index",
        "conversations-index",
        "overall-index",
        "version",
        "vectors",
    ]
    metas = {
        "utterances-index": [one["meta"] for one in utterances(exported)],
        "speakers-index": [one["meta"] for one in read(exported, "speakers").values()],
        "conversations-index": [one["meta"] for one in read(exported, "conversations").values()],
        "overall-index": [read(exported, "corpus")],
    }
    for name, found in metas.items():
        for meta in found:
            assert set(meta) == set(index[name])
            for key, value in meta.items():
                assert value is None or str(type(value)) in index[name][key]
    assert index["utterances-index"]["position"] == ["<class 'int'>"]
    assert index["utterances-index"]["source_locator"] == []
    assert index["overall-index"]["licences"] == ["<class 'dict'>"]


def test_labels_and_questions_are_defined(corpus, exported):
    said = read(exported, "corpus")["layers"]
    for layer in corpus.scheme.layers.values():
        for table in layer.tables:
            assert (
                said[table.name]["labels"].items()
                >= {label.id: label.definition for label in layer.labels.get(table.name, ())}.items()
            )
            assert list(said[table.name]["questions"]) == [question.id for question in table.questions]


def test_nothing_is_left_out_of_the_shipped_corpus(exported):
    assert of_format(exported) == ()


def test_the_same_corpus_gives_the_same_bytes(corpus, exported, tmp_path):
    again = corpus.export("convokit", tmp_path / "again")
    for name in again.files:
        assert (again.path / name).read_bytes() == (exported.path / name).read_bytes()


def test_what_relations_end_at_comes_with_them(corpus, tmp_path):
    made = corpus.export("convokit", tmp_path / "out", layers=["coreference"])
    index = read(made, "index")["utterances-index"]
    assert {"coreference", "entities"} <= set(index)
    assert "negation" not in index


def test_read_back_it_is_the_same_thread(corpus, exported, mini):
    report = ingest(exported.path, into=emptied(mini))
    assert (report.form, report.n_articles, report.n_comments) == ("convokit", 1, 5)
    assert validate(mini) == []
    found = load(mini, "draft")
    columns = ("text_id", "kind", "position", "author_id", "parent_id", "posted_at", "text")
    assert found.table("texts").select(columns).equals(corpus.table("texts").select(columns))
    assert found.authors["display_name"].sort().equals(corpus.authors["display_name"].sort())


def test_answers_and_times_come_back(mini, tmp_path):
    corpus = load(mini, "draft")
    texts = corpus.table("texts").with_row_index()
    moved = texts.with_columns(
        parent_id=pl.when(pl.col("kind") == "comment").then(pl.lit("a1")).otherwise(pl.col("parent_id")),
        posted_at=pl.lit(datetime(2016, 9, 28, 10, tzinfo=UTC)) + pl.duration(minutes=pl.col("index")),
    ).drop("index")
    columns = ("text_id", "parent_id", "posted_at", "text")

    out = tmp_path / "out"
    out.mkdir()
    convokit.write(Changed(corpus, moved), (), out)
    ingest(out, into=emptied(mini))
    assert load(mini, "draft").table("texts").select(columns).equals(moved.select(columns))


def test_texts_without_words_have_a_mark_and_are_said(mini, tmp_path):
    corpus = load(mini, "draft")
    texts = corpus.table("texts").with_columns(
        text=pl.when(pl.col("kind") == "article").then(pl.col("text")),
        kind=pl.when(pl.col("position") == 1).then(pl.lit("deleted")).otherwise(pl.col("kind")),
    )

    out = tmp_path / "out"
    out.mkdir()
    said = convokit.write(Changed(corpus, texts), (), out)
    found = [json.loads(line)["text"] for line in (out / "utterances.jsonl").read_text().splitlines()]
    assert found == [corpus.articles["text"][0], "[deleted]", "[unavailable]"]
    assert [one for one in said if one.startswith("texts")] == [
        "texts without words, which have a mark in their place: 2 rows (c1, c2)"
    ]


@pytest.mark.parametrize("layers", [[], None])
def test_any_corpus_can_be_written(layered, tmp_path, layers):
    corpus = load(layered, "draft")
    made = corpus.export("convokit", tmp_path / "out", layers=layers)
    assert len(utterances(made)) == corpus.table("texts").height


def test_authors_of_one_name_are_two_speakers():
    rows = [("x", "Jo"), ("y", "Jo"), ("z", "Ann"), ("n", "[deleted]")]
    authors = [{"author_id": id_, "display_name": name} for id_, name in rows]
    assert convokit._names(authors) == {"x": "Jo (x)", "y": "Jo (y)", "z": "Ann", "n": "[deleted] (n)"}
    authors.append({"author_id": "w", "display_name": "Jo (x)"})
    assert len(set(convokit._names(authors).values())) == 5


@given(text=st.text(st.sampled_from("a \t\r\n<&>\"'|\\😀e\u0301\u2028\x00\x85"), max_size=40))
def test_any_text_is_one_line_of_ascii(tmp_path_factory, text):
    out = tmp_path_factory.mktemp("any")
    convokit._dump(out, [{"text": text, "meta": {}}], {}, {}, {})
    raw = (out / "utterances.jsonl").read_bytes()
    assert raw.isascii()
    [line] = raw.decode().splitlines()
    assert json.loads(line)["text"] == text
