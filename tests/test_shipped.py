"""The shipped corpus, checked against its source character by character and against counts made by reading."""

import hashlib
import shutil

import polars as pl
import pytest

from corpus_tools.corpus import load, versions
from corpus_tools.errors import ChecksumError
from corpus_tools.validate import validate

SHA256 = "d5be4d5e21ce8ca985d743db85053518ef3dc8c74b1f59a5063e832d9b4b5739"
# Released bytes never change: the list of checksums of each release pins every file of it.
RELEASED = {
    "0.1.0": "d7259c7f092248ce3cdd94923d927c95e919a5dde8a3748fec3b318469e151a1",
    "1.0.0": "bcea1d49ca09d385a9684094965806b935dc6f0224f010eec693ded7909dc23d",
    "1.0.1": "e065a13566f66f26dde3b6e2ea4c11911dca7c100485eb568ccd7e66a6bc1f4b",
    "1.1.0": "3d7a1d16585546010b4314a427442c7e148b6976d6e6301936d11d085875ff68",
}


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def source(shipped):
    raw = (shipped / "sources/syria-talks-2016.txt").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == SHA256
    return raw.decode("utf-8")


def test_every_release_is_pinned(shipped):
    assert versions(shipped) == list(RELEASED)
    for version, digest in RELEASED.items():
        assert hashlib.sha256((shipped / "releases" / version / "SHA256SUMS").read_bytes()).hexdigest() == digest
        load(shipped, version)


@pytest.mark.parametrize("version", RELEASED)
def test_an_edit_of_any_released_file_is_noticed(shipped, tmp_path, version):
    """One byte at the beginning, in the middle or at the end: loading refuses, or the list is not the one pinned above."""
    release = tmp_path / "releases" / version
    shutil.copytree(shipped / "releases" / version, release)
    (tmp_path / "corpus.toml").write_bytes((shipped / "corpus.toml").read_bytes())
    load(tmp_path, version)
    for path in (path for path in release.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        for place in {0, len(raw) // 2, len(raw) - 1}:
            path.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
            if path.name == "SHA256SUMS":
                assert hashlib.sha256(path.read_bytes()).hexdigest() != RELEASED[version]
            else:
                with pytest.raises(ChecksumError, match=path.name):
                    load(tmp_path, version)
        path.write_bytes(raw)
    load(tmp_path, version)


def test_every_visible_character_belongs_to_exactly_one_text_or_byline(corpus, source):
    """Character by character, without any function of the package but the loader."""
    owners = [[] for _ in source]
    for text_id, start, end in corpus.texts.select("text_id", "source_start", "source_end").iter_rows():
        for i in range(start, end):
            owners[i].append(text_id)
    for text_id, start, end in corpus.comments.select("text_id", "byline_start", "byline_end").iter_rows():
        for i in range(start, end):
            owners[i].append(f"byline of {text_id}")
    for i, character in enumerate(source):
        if not character.isspace():
            assert len(owners[i]) == 1, (i, character, owners[i])


def test_every_text_is_an_exact_slice(corpus, source):
    for text, start, end in corpus.texts.select("text", "source_start", "source_end").iter_rows():
        assert source[start:end] == text
        assert text == text.strip()


def test_the_thread_is_one_article_and_five_comments_in_order(corpus):
    assert corpus.texts.select("text_id", "kind", "position", "author_id", "byline").rows() == [
        ("a1", "article", 0, None, None),
        ("c1", "comment", 1, "carl", "Carl said..."),
        ("c2", "comment", 2, "fazman", "fazman said..."),
        ("c3", "comment", 3, "b-poster", "B.Poster said..."),
        ("c4", "comment", 4, "fazman", "fazman said..."),
        ("c5", "comment", 5, "b-poster", "B,Poster said..."),
    ]
    firsts = ["US Threatens", "THis is", "Yep, Tussia", "Russia is", "The u.s", "Very respectfully"]
    lasts = ["are trapped.", "discussions?", "its backing.", "be a must.", "number 1 player.", "still possible."]
    for text, first, last in zip(corpus.texts["text"], firsts, lasts, strict=True):
        assert text.startswith(first)
        assert text.endswith(last)


def test_what_the_source_does_not_record_is_null(corpus):
    assert corpus.texts.select(pl.col("parent_id", "posted_at").is_null().all()).row(0) == (True, True)
    thread = corpus.threads.row(0, named=True)
    assert (thread["url"], thread["date"], thread["date_basis"]) == (None, "2016-09", "inferred")
    assert "9 September 2016" in thread["date_evidence"]


def test_one_author_stands_behind_two_printed_names_by_a_decision(corpus):
    authors = {row["author_id"]: row for row in corpus.authors.iter_rows(named=True)}
    assert authors.keys() == {"carl", "fazman", "b-poster"}
    assert authors["b-poster"]["printed_names"] == ["B.Poster", "B,Poster"]
    assert "one punctuation mark" in authors["b-poster"]["decision"]
    assert (authors["carl"]["decision"], authors["fazman"]["decision"]) == (None, None)


def test_the_typos_are_not_corrected(corpus):
    words = " ".join(corpus.comments["text"])
    for slip in ("THis", "Tussia", "Wvhile", "aknowleged", "oroject", "if the art", "However l will"):
        assert slip in words


# Blocks as a reader counts them on the page.
BLOCKS = {
    "a1": ["headline", "caption", "credit", "source_line", "paragraph", "paragraph", "paragraph"],
    "c1": ["byline", "paragraph"],
    "c2": ["byline", "paragraph"],
    "c3": ["byline", "paragraph", "paragraph", "paragraph"],
    "c4": ["byline", "paragraph"],
    "c5": ["byline", "paragraph", "paragraph"],
}


def test_the_structure_is_what_a_reader_sees(corpus):
    gold = corpus.layer("structure").sort("source_start")
    for text_id, labels in BLOCKS.items():
        assert gold.filter(pl.col("text_id") == text_id)["label"].to_list() == labels


def test_blocks_quote_their_slices_and_cover_their_texts(corpus, source):
    texts = dict(corpus.texts.select("text_id", "text").iter_rows())
    for rows in (corpus.layer("structure"), corpus.layer("structure", annotators="all")):
        for row in rows.iter_rows(named=True):
            assert source[row["source_start"] : row["source_end"]] == row["quote"]
            if row["label"] == "byline":
                assert (row["start_char"], row["end_char"]) == (None, None)
            else:
                assert texts[row["text_id"]][row["start_char"] : row["end_char"]] == row["quote"]


def test_bylines_of_the_layer_are_those_of_the_texts(corpus):
    bylines = corpus.layer("structure").filter(pl.col("label") == "byline")
    printed = corpus.comments.select("text_id", "byline", "byline_start", "byline_end").rows()
    assert bylines.select("text_id", "quote", "source_start", "source_end").rows() == printed


def test_gold_gives_a_reason_exactly_where_passes_differ(corpus):
    passes = corpus.layer("structure", annotators="all")
    place = ["source_start", "source_end", "label"]
    agreed = passes.group_by(place).agg(n=pl.col("annotator").n_unique()).filter(pl.col("n") == 4)
    gold = corpus.layer("structure").join(agreed, on=place, how="left", maintain_order="left")
    assert gold.filter(pl.col("n").is_null() != pl.col("reason").is_not_null()).is_empty()
    assert gold["reason"].count() == 3


def test_every_annotator_says_what_it_is(corpus):
    kinds = dict(corpus.table("annotators").select("annotator_id", "kind").iter_rows())
    models = ("lm-1", "lm-2", "lm-3", "gold")
    assert kinds == {"reader": "rule", **dict.fromkeys(models, "language model")}
    coverage = corpus.table("coverage")
    for name, layer in corpus.scheme.layers.items():
        followed = dict(
            coverage.filter(pl.col("layer") == name).select("annotator_id", "guideline_version").iter_rows()
        )
        made = [model for model in models if (name, model) != ("tokens", "lm-3")]
        rule = {"reader": None} if name == "structure" else {}
        assert followed == {**rule, **dict.fromkeys(made, layer.guideline_version)}


def test_the_shipped_corpus_has_no_findings(shipped):
    assert validate(shipped) == []
