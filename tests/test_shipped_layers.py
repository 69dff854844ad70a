"""The layers of the shipped corpus: read by other readers, checked against the texts, each other and counts by reading."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import conllu
import duckdb
import polars as pl
import pytest

from corpus_tools.corpus import load
from corpus_tools.released import released_files
from corpus_tools.standoff import chains

ALL = ["a1", "c1", "c2", "c3", "c4", "c5"]
COMMENTS = ALL[1:]
LAYERS = [
    *("appraisal", "arguments", "article_links", "attribution", "claims", "coreference", "entities", "negation"),
    *("normalisation", "quality", "replies", "stance", "structure", "time", "tokens"),
]


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def texts(corpus):
    return dict(corpus.texts.select("text_id", "text").iter_rows())


def every_table(corpus):
    return [table for layer in corpus.scheme.layers.values() for table in layer.tables]


def test_every_layer_of_the_scheme_is_there_as_gold_and_as_passes(corpus):
    assert sorted(corpus.layers) == LAYERS
    for table in every_table(corpus):
        gold, passes = corpus.table(table.name, split="gold"), corpus.table(table.name, split="passes")
        assert gold.height, table.name
        assert passes.height, table.name
        wanted = {"lm-1", "lm-2"} if table.layer == "tokens" else {"lm-1", "lm-2", "lm-3"}
        assert set(passes["annotator"]) - {"reader"} == wanted, table.name
        assert set(gold["annotator"]) == {"gold"}


def test_gold_and_passes_cover_every_text_or_the_corpus_says_why_not(corpus):
    covered = corpus.table("coverage").group_by("layer", "annotator_id").agg(pl.col("text_id").sort())
    omitted = corpus.table("omissions")
    for layer, _, done in covered.iter_rows():
        left_out = omitted.filter(pl.col("layer") == layer)["text_id"].to_list()
        assert sorted([*done, *left_out]) == ALL
    assert set(omitted["layer"]) == {"replies", "article_links", "quality"}


def test_duckdb_reads_the_same_rows(corpus):
    folder = corpus.folder / "releases" / corpus.version
    for table in every_table(corpus):
        for split in table.splits:
            [file] = released_files(table, split)
            read = duckdb.sql(f"SELECT * FROM '{(folder / file).as_posix()}'").pl()
            assert read.equals(corpus.table(table.name, split=split)), file


def test_every_quote_is_its_slice(corpus, texts):
    for table in every_table(corpus):
        if {"quote", "start_char"} <= set(table.schema):
            for split in table.splits:
                for row in corpus.table(table.name, split=split).iter_rows(named=True):
                    if row["start_char"] is None:
                        assert row["label"] == "byline"
                    else:
                        assert texts[row["text_id"]][row["start_char"] : row["end_char"]] == row["quote"], row


# Tokens --------------------------------------------------------------------------------------------------------------


def test_udtools_accepts_the_conllu_files_of_english(shipped):
    files = sorted((shipped / "annotations/tokens").glob("*.conllu"))
    assert [file.stem for file in files] == ["gold", "lm-1", "lm-2"]
    validator = Path(sys.executable).with_name("udvalidate")
    for file in files:
        run = subprocess.run(
            [validator, "--lang", "en", "--no-warnings", "--max-err", "0", file], capture_output=True, text=True
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert "PASSED" in run.stdout + run.stderr


def test_the_conllu_file_gives_back_every_text_character_by_character(shipped, texts):
    """By another reader and without offsets: forms, SpaceAfter and SpacesAfter."""
    made = dict.fromkeys(ALL, "")
    at = None
    for sentence in conllu.parse((shipped / "annotations/tokens/gold.conllu").read_text(encoding="utf-8")):
        at = sentence.metadata.get("newdoc id", at)
        inside = 0
        for token in sentence:
            if isinstance(token["id"], tuple):
                inside = token["id"][2]
            elif token["id"] <= inside:
                continue
            misc = token["misc"] or {}
            space = misc.get("SpacesAfter", " ").replace(r"\n", "\n")
            made[at] += token["form"] + ("" if misc.get("SpaceAfter") == "No" else space)
        plain = sentence.metadata["text"]
        assert re.sub(r"\s+", " ", made[at]).rstrip().endswith(plain)
    assert {text_id: text.rstrip() for text_id, text in made.items()} == texts


def test_tokens_and_sentences_follow_each_other_and_leave_out_white_space_only(corpus, texts):
    for name in ("tokens", "sentences"):
        rows = corpus.table(name)
        for text_id, text in texts.items():
            places = rows.filter(pl.col("text_id") == text_id).select("start_char", "end_char").rows()
            edges = [(0, 0), *places, (len(text), len(text))]
            for (_, end), (start, _) in itertools.pairwise(edges):
                assert not text[end:start].strip()


def test_typos_of_the_tokens_are_the_slips_of_the_normalisation(corpus):
    slips = corpus.table("normalisation").filter(~pl.col("label").is_in(["case", "punctuation"]))
    typos = corpus.table("tokens").filter(pl.col("feats").str.contains("Typo=Yes"))
    assert typos.filter(pl.col("correct_form").is_null()).is_empty()
    inside = typos.join(slips, on="text_id").filter(
        pl.col("start_char") >= pl.col("start_char_right"), pl.col("end_char") <= pl.col("end_char_right")
    )
    assert inside.height == typos.height
    # What is not a typo of a word is one beside it: a missing word.
    others = slips.join(inside.select(span_id="span_id"), on="span_id", how="anti")
    assert set(others["label"]) <= {"omission"}
    assert ("russia", "Russia's") in slips.select("quote", "correction").rows()


# Meaning -------------------------------------------------------------------------------------------------------------


def test_who_answers_whom(corpus):
    replies = corpus.table("replies").select("from_id", "to_id", "label").rows()
    assert replies[1] == ("c2", "c1", "agreement")  # fazman to Carl: "Yep"
    assert replies[3] == ("c4", "c3", "disagreement")  # fazman to B.Poster
    assert [from_id for from_id, _, _ in replies] == COMMENTS


def test_the_chains_are_those_of_the_relations_and_he_is_trump(corpus):
    spans, relations = corpus.scan("entities"), corpus.scan("coreference")
    found = chains(spans, relations, corpus.scan("texts"))
    declared = dict(relations.select("from_id", "chain_id").collect().iter_rows())
    named = dict(found.iter_rows())
    assert all(named[span] == chain for span, chain in declared.items())
    mentions = corpus.table("entities").join(found, on="span_id")
    he = mentions.filter(pl.col("text_id") == "c3", pl.col("quote") == "he")
    [chain] = he["chain_id"]
    assert mentions.filter(pl.col("chain_id") == chain)["quote"].to_list() == ["Trump", "he"]
    sizes = mentions.group_by("chain_id").agg(n=pl.len(), texts=pl.col("text_id").n_unique()).sort("n")
    # The two countries are spoken of in the article and in every comment.
    assert sizes["texts"].to_list()[-2:] == [6, 6]


def test_an_appraisal_aims_at_the_first_mention_of_a_chain(corpus):
    firsts = set(chains(corpus.scan("entities"), corpus.scan("coreference"), corpus.scan("texts"))["chain_id"])
    for split in ("gold", "passes"):
        assert set(corpus.table("appraisal", split=split)["target_id"].drop_nulls()) <= firsts


def test_a_stance_has_its_evidence_and_only_a_stance_has(corpus):
    stance = corpus.table("stance")
    with_evidence = set(corpus.table("stance_spans")["judgement_id"])
    taken = stance.filter(pl.col("label").is_in(["favour", "against"]))
    assert set(taken["judgement_id"]) == with_evidence
    assert set(stance.filter(pl.col("unit_id") == "a1")["label"]) == {"none"}
    sides = {(row["unit_id"], row["question"]): row["label"] for row in taken.iter_rows(named=True)}
    assert sides["c4", "us_military_primacy"] == "favour"
    assert sides["c5", "us_military_primacy"] == "against"
    assert sides["c3", "russia_military_primacy"] == "favour"


def test_conflicts_run_between_the_texts_that_the_replies_join(corpus):
    units = dict(corpus.table("arguments").select("span_id", "text_id").iter_rows())
    relations = {row["relation_id"]: row for row in corpus.table("arguments_relations").iter_rows(named=True)}

    def text_of(unit):
        return units[unit] if unit in units else units[relations[unit]["from_id"]]

    pairs = {(text_of(r["from_id"]), text_of(r["to_id"])) for r in relations.values() if r["label"] == "conflict"}
    assert pairs == {("c4", "c3"), ("c5", "c4")}


def test_the_denied_is_denied(corpus):
    spans = {row["span_id"]: row for row in corpus.table("negation").iter_rows(named=True)}
    relations = corpus.table("negation_relations").filter(pl.col("label") == "scope")
    scopes = {spans[a]["quote"]: spans[b]["quote"] for a, b in relations.select("from_id", "to_id").iter_rows()}
    assert scopes["fails"] == "to do what it agreed to do"
    assert scopes["no"] == "idea who its backing"


def test_what_is_said_has_its_sayer(corpus):
    spans = {row["span_id"]: row for row in corpus.table("attribution").iter_rows(named=True)}
    ends = corpus.table("attribution_relations").select("from_id", "to_id", "label").rows()
    said = {(spans[cue]["quote"], spans[other]["quote"]) for cue, other, label in ends if label == "source"}
    assert {("said", "the State Department"), ("said", "he"), ("has said", "the United Nations")} <= said
    assert ("aknowleged", "putin himself") in said
    assert {label for _, _, label in ends} == {"source", "content"}


# Passes and gold -----------------------------------------------------------------------------------------------------

# Where gold departs from what all passes gave; its reason says why.
AGAINST_ALL = {("entities", "entities-17")}


def test_gold_says_why_wherever_passes_differ(corpus):
    for table in every_table(corpus):
        if table.unit != "span" or "source_start" in table.schema:
            continue
        own = ["text_id", "start_char", "end_char", "label"]
        passes, gold = corpus.table(table.name, split="passes"), corpus.table(table.name)
        n = passes["annotator"].n_unique()
        given = passes.group_by(own).agg(n=pl.col("annotator").n_unique())
        doubtful = gold.join(given, on=own, how="left").filter(pl.col("n").fill_null(0) < n)
        says_so = pl.col("reason").str.contains("Passes differ|All passes").fill_null(False)
        unsaid = doubtful.filter(~says_so)
        assert unsaid.is_empty(), (table.name, unsaid["span_id"].to_list())
        alone = {(table.name, span) for span in doubtful.filter(pl.col("n").is_null())["span_id"]}
        assert alone <= AGAINST_ALL, alone


def test_answers_that_all_passes_give_are_those_of_gold(corpus):
    for name in ("quality", "stance", "claims"):
        passes, gold = corpus.table(name, split="passes"), corpus.table(name)
        key = ["unit_id", "question", "label"]
        agreed = passes.group_by(key).agg(n=pl.len()).filter(pl.col("n") == 3)
        assert agreed.height == gold.height, name
        assert gold.join(agreed, on=key, how="anti").is_empty(), name
