"""What all formats share: documents, places in UTF-16, formulas in cells, and files that are whole or not there."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import LAYERED
from corpus_tools.cli import export as command
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, RecordsError, UnknownNameError
from corpus_tools.exchange import FORMATS, formats
from corpus_tools.exchange.documents import documents_of, same_text
from corpus_tools.exchange.formulas import defused, defused_cells, restored
from corpus_tools.exchange.offsets import Utf16

TEXTS = st.text(alphabet=st.sampled_from("ab 😀é\u0301𝔸\n"), max_size=30)


def tables_of(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


@pytest.mark.parametrize("by", ["thread", "text"])
def test_every_mark_has_the_words_of_its_row_and_every_row_is_there_or_left_out(by, shipped):
    corpus = load(shipped)
    read = documents_of(corpus, tables_of(corpus), by=by)
    lost = sum(int(sentence.partition(": ")[2].split()[0]) for sentence in read.left_out)
    n_rows = 0
    for table in tables_of(corpus):
        rows = corpus.table(table.name)
        n_rows += rows.height
        if "quote" in rows.columns:
            quotes = dict(rows.select(table.key, "quote").iter_rows())
            for document in read.documents:
                for mark in document.marks:
                    if mark.table == table.name:
                        assert document.text[mark.start : mark.end] == quotes[mark.id]
    parts = [part for one in read.documents for part in (one.marks, one.links, one.answers, one.tokens)]
    assert sum(map(len, parts)) - corpus.texts.height == n_rows - lost
    for document in read.documents:
        for token in document.tokens:
            assert document.text[token["start_char"] : token["end_char"]].startswith(token["form"][:1])


def test_in_a_thread_as_one_document_only_rows_outside_of_texts_have_no_place(shipped):
    corpus = load(shipped)
    outside = corpus.table("structure").filter(corpus.table("structure")["start_char"].is_null())
    said = documents_of(corpus, tables_of(corpus)).left_out
    assert [sentence.partition(" (")[0] for sentence in said] == [
        f"structure outside of every text: {outside.height} rows"
    ]


def test_the_units_that_a_layer_needs_come_with_it(shipped):
    corpus = load(shipped)
    read = documents_of(corpus, corpus.scheme.layer("coreference").tables)
    ends = {end for document in read.documents for link in document.links for end in (link.from_id, link.to_id)}
    assert ends <= {id_ for document in read.documents for id_ in document.units}
    assert sum(len(document.links) for document in read.documents) == corpus.table("coreference").height


def test_a_pass_that_nobody_made_has_no_rows(shipped):
    corpus = load(shipped)
    (document,) = documents_of(corpus, corpus.scheme.layer("entities").tables, annotator="").documents
    assert {mark.table for mark in document.marks} == {"texts"}


@given(TEXTS, st.data())
def test_places_in_utf16_are_those_of_its_encoding(text, data):
    place = data.draw(st.integers(0, len(text)))
    units = len(text[:place].encode("utf-16-le")) // 2
    assert Utf16(text).to_units(place) == units
    assert Utf16(text).to_points(units) == place


def test_a_place_between_two_units_of_a_character_is_refused():
    with pytest.raises(ValueError, match="place 2 lies inside"):
        Utf16("a😀b").to_points(2)


@given(st.text(alphabet=st.sampled_from("'=+-@＝\t\r\n ab\0"), max_size=6))
def test_no_defused_cell_begins_a_formula_and_each_comes_back(cell):
    assert defused(cell).lstrip()[:1] not in set("=+-@＝") or cell == ""
    assert restored(defused(cell)) == cell
    assert pl.select(defused_cells(pl.lit(cell))).item() == defused(cell)


def test_a_cell_that_somebody_typed_with_an_apostrophe_keeps_it():
    assert restored("'tis") == "'tis" == restored(defused("'tis"))


@given(TEXTS, TEXTS)
def test_a_text_that_was_changed_is_refused_with_the_first_place(was, now):
    document = documents_of(load(LAYERED, "draft"), ()).documents[0]
    document = type(document)(document.id, was, (), (), (), (), ())
    if was == now:
        same_text(LAYERED, document, now)
        return
    same = next(
        (n for n, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), min(len(was), len(now))
    )
    with pytest.raises(RecordsError, match=f"at character {same} of the document"):
        same_text(LAYERED, document, now)


def test_the_command_knows_every_format():
    assert list(FORMATS) == list(command._FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_corpus_goes_out_in_every_format_whole(name, shipped, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["export", name, str(out), str(shipped)]) == 0
    printed = capsys.readouterr()
    there = [out] if out.is_file() else sorted(path for path in out.rglob("*") if path.is_file())
    assert sorted(printed.out.splitlines()) == [str(path) for path in there]
    assert there
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_corpus_gives_the_same_files(name, shipped, tmp_path):
    if name == "duckdb":
        pytest.skip("DuckDB's own files differ from run to run; its test compares rows")
    corpus = load(shipped)
    made = [corpus.export(name, tmp_path / str(n) / "out") for n in range(2)]
    one, other = (
        {file: (each.path / file if each.path.is_dir() else each.path).read_bytes() for file in each.files}
        for each in made
    )
    assert one == other


def test_what_is_there_already_stays(layered, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ArgumentError, match="is there already"):
        load(layered, "draft").export("csv", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_an_unknown_format_or_layer_is_answered_with_those_there_are(layered, tmp_path):
    corpus = load(layered, "draft")
    with pytest.raises(UnknownNameError, match="conllu"):
        corpus.export("word", tmp_path / "out")
    with pytest.raises(UnknownNameError, match="layer"):
        corpus.export("csv", tmp_path / "out", layers=["nothing"])
    assert list(tmp_path.glob("*out*")) == []


def test_an_export_that_breaks_leaves_nothing(layered, tmp_path, monkeypatch):
    def broken(corpus, tables, out):
        (out / "half").write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(formats.Format, "write", property(lambda self: broken))
    with pytest.raises(OSError, match="disk full"):
        load(layered, "draft").export("csv", tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == []


@pytest.mark.parametrize("name", ["tei", "conllu", "csv"])
def test_passes_that_a_format_does_not_hold_are_named(name, layered, tmp_path):
    corpus = load(layered, "draft")
    said = corpus.export(name, tmp_path / "out", layers=["tokens", "entities"]).left_out
    n_rows = sum(corpus.table(one, split="passes").height for one in ("tokens", "sentences", "entities"))
    named = [sentence for sentence in said if sentence.startswith("rows of passes")]
    assert named == (
        [] if name == "csv" else [f"rows of passes, gold being what is written: {n_rows} rows by kim, lee, noor"]
    )
