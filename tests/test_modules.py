"""Annotation modules: other people's layers beside a corpus, and why some of them are refused."""

import csv
import hashlib
import io
import json
import shlex
import shutil
import struct
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, add, both, edit, replace
from corpus_tools.agreement import agreement, who_agrees
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import (
    CaveatWarning,
    HubError,
    MetadataError,
    MissingExtraError,
    ModuleError,
    SchemeError,
    UnknownNameError,
)
from corpus_tools.modules import bind, new_module
from corpus_tools.reading import thread
from corpus_tools.release import release
from corpus_tools.scheme import read_scheme
from corpus_tools.validate import check_module

STUDY = Path(__file__).parent / "data" / "modules" / "address-study"
TEXTS = {
    "a1": "Bridge to Close ☔\n\nEvening Courier: Council votes 5–2\n\nThe old bridge closes on Monday.",
    "c1": "I cross it daily 😀. Who pays?",
    "c2": "Not me, Ann!\nNor anyone.",
}


@pytest.fixture
def study(tmp_path):
    """A copy of the hand-written module, to do anything to."""
    return Path(shutil.copytree(STUDY, tmp_path / "address-study"))


@pytest.fixture
def both_loaded(released):
    """The mini corpus with the module."""
    return load(released, modules=[STUDY])


def files_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What a module is beside its corpus


def test_the_rows_are_those_of_the_files(both_loaded):
    for layer, annotator in (("address", "gold"), ("address", "kim"), ("address", "lee"), ("known", "gold")):
        text = (STUDY / f"annotations/{layer}/{annotator}.csv").read_text(encoding="utf-8")
        expected = list(csv.DictReader(io.StringIO(text)))
        rows = both_loaded.layer(layer, annotators=[f"address-study/{annotator}"])
        assert rows["annotator"].unique().to_list() == [f"address-study/{annotator}"]
        rows = rows.with_columns(pl.col(pl.List(pl.String)).list.join("\n")).cast(pl.String).fill_null("")
        for name in expected[0]:
            assert rows[name].to_list() == [row[name] for row in expected], (layer, annotator, name)


def test_its_layers_stand_beside_those_of_the_corpus(both_loaded, released):
    alone = load(released)
    assert both_loaded.layers == (*alone.layers, "address", "known")
    assert both_loaded.tables == (*alone.tables, "address", "known")
    assert both_loaded.scan("address", split="passes").collect().height == 7
    assert both_loaded.scheme.layer("known").tables[0].constraints.judged == "mentions"
    assert both_loaded.caveats == (*alone.caveats, {"about": ["address"], "text": "Only comments were read."})
    assert str(both_loaded).endswith("layers: mentions, structure, tone, address, known; modules: address-study 1.0.0")
    omitted = both_loaded.table("omissions").rows()
    assert omitted == [("address/a1", "address", "a1", "An article addresses nobody.")]


def test_its_annotators_are_not_those_of_the_corpus(both_loaded):
    names = dict(both_loaded.table("annotators").select("annotator_id", "name").iter_rows())
    assert (names["kim"], names["address-study/kim"]) == ("Kim", "Another Kim")
    assert (names["gold"], names["address-study/gold"]) == ("adjudicated result", "Other Person")
    coverage = both_loaded.table("coverage").filter(pl.col("annotator_id").str.starts_with("address-study/"))
    assert coverage.select("coverage_id", "text_id").rows()[0] == ("address/address-study/kim/c1", "c1")
    assert coverage.group_by("layer", "annotator_id").len().sort("layer", "annotator_id").rows() == [
        ("address", "address-study/gold", 2),
        ("address", "address-study/kim", 2),
        ("address", "address-study/lee", 2),
        ("known", "address-study/gold", 3),
    ]
    used = pl.concat([both_loaded.layer("address"), both_loaded.layer("address", annotators="all")])["annotator"]
    assert set(used) <= set(names)


def test_gold_names_the_adjudicated_rows_of_every_layer(both_loaded):
    assert both_loaded.layer("address")["span_id"].to_list() == ["address-1", "address-2", "address-3"]
    some = both_loaded.layer("address", annotators=["gold", "address-study/lee"])
    assert some["span_id"].to_list()[2:4] == ["address-3", "address-lee-1"]
    assert some.height == 7
    with pytest.raises(UnknownNameError, match="'kim'; there are: address-study/kim, address-study/lee, address-study"):
        both_loaded.layer("address", annotators="kim")


def test_a_caveat_of_a_module_is_said(both_loaded):
    with pytest.warns(CaveatWarning, match="address: Only comments were read"):
        both_loaded.layer("address")


def test_it_says_what_it_is(both_loaded):
    [module] = both_loaded.modules
    assert (module.name, module.title, module.version) == ("address-study", "Who Is Addressed", "1.0.0")
    assert (module.date.isoformat(), module.licence, module.place) == ("2026-02-28", "CC0-1.0", str(STUDY))
    assert module.creators == ({"given_names": "Other", "family_names": "Person"},)
    assert module.publication == {"hub": "other/address-study"}
    assert [reference.id for reference in module.references] == ["roe-2020"]
    assert list(module.scheme.layers) == ["address", "known"]


def test_loading_it_changes_nothing_of_the_corpus(released):
    before = files_in(released)
    alone, together = load(released), load(released, modules=STUDY)
    assert files_in(released) == before
    assert together.content_sha256 == alone.content_sha256
    assert together.text_sha256 == alone.text_sha256
    for name in alone.tables:
        for split in alone.scheme.tables[name].splits if name in alone.scheme.tables else ("full",):
            rows = alone.table(name, split=split)
            assert together.table(name, split=split).head(rows.height).equals(rows), (name, split)


def test_the_citation_names_module_and_the_sources_of_its_layers(both_loaded):
    cited = both_loaded.cite(layers=["address"])
    assert "Mini Corpus" in cited
    assert "Who Is Addressed" in cited
    assert "Words for Others" in cited
    assert list(both_loaded.work.layers) == ["mentions", "structure", "tone"]


def test_it_comes_along_as_datasets(both_loaded):
    made = both_loaded.to_datasets()
    assert set(made["address"]) == {"gold", "passes"}
    label = made["address"]["gold"].features["label"]
    assert [label.int2str(row) for row in made["address"]["gold"]["label"]] == ["self", "self", "other"]
    assert made["address"]["gold"]["hints"][2] == ["name", "comma"]
    assert len(made["annotators"]["full"]) == 6


def test_agreement_compares_its_passes(both_loaded):
    # Three of the three words of Kim and the four of Lee are the same: 2 * 3 / 7; gold is Kim's three.
    found = agreement(both_loaded, layers=["address"], by_label=False, bootstraps=10)
    exact = found.filter(pl.col("coefficient") == "F1 exact").select("between", "annotators", "value").rows()
    passes = "address-study/kim address-study/lee"
    assert exact == [
        ("passes", passes, pytest.approx(6 / 7)),
        ("gold", f"gold {passes}", pytest.approx((1 + 6 / 7) / 2)),
    ]
    one = agreement(both_loaded, layers=["address"], annotators=["address-study/lee"], by_label=False, bootstraps=10)
    assert one.filter(pl.col("coefficient") == "F1 exact")["value"].to_list() == [pytest.approx(6 / 7)]
    assert "address-study/kim (human crowd: Another Kim)" in who_agrees(both_loaded, "address")
    assert "gold" not in who_agrees(both_loaded, "address")


def test_the_reading_view_shows_gold_of_both_and_its_passes(both_loaded):
    shown = thread(both_loaded, layers=["mentions", "address"]).markup
    assert "mentions: person" in shown
    assert "address: other" in shown
    assert "anyone" in thread(both_loaded, layers=["address"], annotators="address-study/lee").markup
    with pytest.raises(UnknownNameError, match="there are: gold, address-study/kim, address-study/lee"):
        thread(both_loaded, layers=["address"], annotators="kim")


def test_the_widget_offers_its_passes(both_loaded):
    from corpus_tools.reading import widget

    made = widget(both_loaded, layers=["mentions", "address"])
    assert list(made.data["passes"]) == ["gold", "kim", "address-study/kim", "address-study/lee"]
    assert len(made.data["passes"]["gold"]["gaps"]) == 1  # the article, through which no gold of the module went


def test_two_modules_stand_side_by_side(released, tmp_path):
    second = new_module(
        tmp_path / "second", load(released), layer="irony", unit="judgement", kind="human expert", annotator="kim"
    )
    edit(second.path / "module.toml", "texts = []", 'texts = ["c2"]')
    edit(second.path / "scheme/irony.toml", 'unit = "texts"\n', "")  # whatever is judged
    add("annotations/irony/kim.csv", "irony-1,c2,irony,yes,\n")(second.path)
    corpus = load(released, modules=[STUDY, second.path])
    assert [module.name for module in corpus.modules] == ["address-study", "second"]
    assert corpus.layers[-3:] == ("address", "known", "irony")
    assert {"kim", "address-study/kim", "second/kim"} <= set(corpus.table("annotators")["annotator_id"])
    assert corpus.layer("irony", annotators="second/kim")["label"].to_list() == ["yes"]
    assert corpus.layer("address").height == 3


# Hashes


def test_the_text_hash_can_be_made_from_its_description(released):
    def column(name, values):
        raw = [value.encode() for value in values]
        lengths = b"".join(struct.pack("<Q", len(value)) for value in raw)
        there = struct.pack("<Q", len(raw)) + b"\1" * len(raw)
        return name.encode() + b"\0string\0" + there + lengths + b"".join(raw)

    expected = hashlib.sha256(b"texts\0" + column("text_id", TEXTS) + column("text", TEXTS.values())).hexdigest()
    assert load(released).text_sha256 == load(released, "draft").text_sha256 == expected


def test_the_text_hash_of_releases_with_equal_texts_is_equal(shipped):
    assert load(shipped, "0.1.0").text_sha256 == load(shipped, "1.0.0").text_sha256


def next_release(folder):
    """Release a version of the mini corpus in which a label differs and no text does."""
    edit(folder / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    edit(folder / "annotations/tone/gold.csv", "?,loud", "?,calm")
    release(folder, "0.2.0")


def test_the_content_hash_is_that_of_the_cells_whatever_version_it_is_loaded_with(released, study):
    next_release(released)
    edit(study / "module.toml", '["0.1.0"]', '["0.1.0", "0.2.0"]')

    def content(version="0.1.0"):
        return load(released, version, modules=[study]).modules[0].content_sha256

    made = content()
    assert content("0.2.0") == made
    column = '\n[[span.columns]]\nname = "n"\ntype = "integer"\nrequired = false\ndescription = "How often."\n'
    add("scheme/address.toml", column)(study)
    assert content() == made
    edit(study / "annotations/known/gold.csv", "known-1,mentions-1", '"known-1","mentions-1"')
    assert content() == made
    edit(study / "annotations/known/gold.csv", "mentions-2,known,yes", "mentions-2,known,no")
    changed = content()
    assert changed != made
    edit(study / "module.toml", "date = 2026-02-01", "date = 2026-02-04")
    assert content() not in (made, changed)


# What is refused


GOLD = "annotations/address/gold.csv"
KNOWN = "annotations/known/gold.csv"
SCHEME = "scheme/address.toml"
# What is wrong -> a change to the module, what `load` says, and the rule that `module check` finds it by.
BROKEN = {
    "a quote that is not its slice": (
        replace(GOLD, "8,11,Ann", "8,11,Anna"),
        "address address-3: it quotes 'Anna', its place in c2 is 'Ann'",
        "E301",
    ),
    "offsets outside the text": (
        replace(GOLD, "c2,8,11,Ann", "c2,8,99,Ann"),
        "address-3: 8 to 99 does not lie in c2",
        "E302",
    ),
    "half a place": (replace(GOLD, "c2,8,11,Ann", "c2,8,,Ann"), "address-3: 8 to null does not lie in c2", "E302"),
    "no place": (replace(GOLD, "c2,8,11,Ann", "c2,,,Ann"), "address-3: null to null does not lie in c2", "E302"),
    "a label outside the closed set": (
        replace(GOLD, "Ann,other", "Ann,others"),
        "gold.csv address-3: label is not in the closed set: 'others'",
        "E108",
    ),
    "an item outside a closed set": (
        replace(GOLD, "name\ncomma", "name\ncolon"),
        "address-3: hints is not in the closed set: 'colon'",
        "E108",
    ),
    "a cell of another type": (
        replace(GOLD, "c2,8,11,Ann", "c2,eight,11,Ann"),
        "address-3: start_char is no integer: 'eight'",
        "E105",
    ),
    "a required cell without value": (
        replace(KNOWN, "known-2,mentions-2,known,yes", "known-2,mentions-2,known,"),
        "known-2: label is empty",
        "E106",
    ),
    "an annotator without name": (
        replace("module.toml", 'name = "Another Kim"\n', ""),
        "module.toml kim: name is empty",
        "E106",
    ),
    "an id twice": (
        replace(GOLD, "address-2,c2", "address-1,c2"),
        "the id 'address-1' stands twice, in address; an id stands for one row",
        "E107",
    ),
    "an id twice over the passes": (
        replace(GOLD, "address-2,c2", "address-lee-2,c2"),
        "the id 'address-lee-2' stands twice, in address;",
        "E107",
    ),
    "an id of the corpus": (
        replace(GOLD, "address-2,c2", "tone-1,c2"),
        "the id 'tone-1' stands twice, in tone and address",
        "E107",
    ),
    "an id of a text": (replace(GOLD, "address-2,c2", "c2,c2"), "'c2' stands twice, in texts and address", "E107"),
    "a unit that is not there": (
        replace(KNOWN, "mentions-3,known", "mentions-9,known"),
        "known known-3: unit_id is 'mentions-9', which is not there",
        "E306",
    ),
    "a reference to nothing": (
        replace(GOLD, "mentions-3,", "mentions-9,"),
        "address-3: mention_id is 'mentions-9', which is not there",
        "E109",
    ),
    "a reference to a row of another table": (
        replace(GOLD, "mentions-3,", "tone-3,"),
        "address-3: mention_id is 'tone-3', which is not there",
        "E109",
    ),
    "a text that is not there": (
        replace(GOLD, "address-1,c1", "address-1,c9"),
        "address-1: text_id is 'c9', which is not there",
        "E109",
    ),
    "a pass over a text that is not there": (
        replace(
            "module.toml", 'date = 2026-02-01\ntexts = ["c1", "c2"]', 'date = 2026-02-01\ntexts = ["c1", "c2", "c9"]'
        ),
        "coverage address/kim/c9: text_id is 'c9', which is not there",
        "E109",
    ),
    "an annotator who is not there": (
        replace("module.toml", 'annotator_id = "lee"\nkind', 'annotator_id = "leo"\nkind'),
        "coverage address/lee/c1: annotator_id is 'lee', which is not there",
        "E109",
    ),
    "a column that is not declared": (
        replace(KNOWN, "question,label", "question,label,sure"),
        "annotations/known/gold.csv: known declares no column 'sure'",
        "E104",
    ),
    "a column that is missing": (
        replace(GOLD, "text_id,start_char", "text,start_char"),
        "annotations/address/gold.csv: address lacks the column 'text_id'",
        "E104",
    ),
    "a required cell without value in a column of ids": (
        replace(KNOWN, "known-2,mentions-2,known,yes", ",mentions-2,known,yes"),
        "annotations/known/gold.csv: judgement_id is empty; see",
        "E106",
    ),
    "a text outside its pass": (
        replace("module.toml", 'date = 2026-02-01\ntexts = ["c1", "c2"]', 'date = 2026-02-01\ntexts = ["c2"]'),
        "address address-kim-1: c1 is not among the texts of the pass by kim in module.toml",
        "E305",
    ),
    "a pass through no text, with rows": (
        replace("module.toml", 'date = 2026-02-01\ntexts = ["c1", "c2"]', "date = 2026-02-01\ntexts = []"),
        "address address-kim-1: c1 is not among the texts of the pass by kim in module.toml",
        "E305",
    ),
    "rows by nobody": (
        add("annotations/address/noor.csv", "span_id,text_id,start_char,end_char,quote,label\n"),
        "annotations/address/noor.csv: no [[passes]] entry is of this layer and annotator",
        "E304",
    ),
    "rows of no layer": (
        add("annotations/mood/kim.csv", "span_id\n"),
        "annotations/mood/kim.csv: is no file of rows of a layer of the module",
        "E304",
    ),
    "rows for a layer of the corpus": (
        add("annotations/tone/kim.csv", "judgement_id\n"),
        "annotations/tone/kim.csv: is no file of rows of a layer of the module",
        "E304",
    ),
    "a pass of a layer of the corpus": (
        replace("module.toml", 'layer = "known"', 'layer = "tone"'),
        "module.toml: a pass by gold is of 'tone', which is no layer of the module",
        "E304",
    ),
    "a table that cannot be read": (
        replace(KNOWN, "known-3,mentions-3", '"known-3,mentions-3'),
        "annotations/known/gold.csv: cannot be read as CSV",
        "E103",
    ),
    "a scheme that cannot be read": (replace(SCHEME, "[span]\n", "[spam]\n"), "has the unknown key spam", "E102"),
    "a layer that the corpus has": (
        lambda folder: (
            (folder / SCHEME).rename(folder / "scheme/tone.toml")
            and edit(folder / "scheme/tone.toml", 'layer = "address"', 'layer = "tone"')
        ),
        "a table named 'tone' exists already",
        "E102",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_one_edit_and_it_is_refused_by_load_and_found_by_check(released, study, what):
    change, message, code = BROKEN[what]
    change(study)
    with pytest.raises(ModuleError) as caught:
        load(released, modules=[study])
    assert str(caught.value).startswith(f"module {study}: ")
    assert message in str(caught.value)
    assert code in [finding.code for finding in check_module(study, released)]


def test_the_sound_module_has_no_findings(released):
    assert check_module(STUDY, released) == []


# What only the rules look at: a change to the module, and what they find.
FOUND = {
    "words that overlap": (replace(GOLD, "c2,8,11,Ann", 'c2,4,11,"me, Ann"'), "gold.csv address-2: E313"),
    "a row on another's pass": (replace(GOLD, "mentions-3,", "mentions-kim-2,"), "address-3: E322"),
    "a row on the pass of the Kim of the corpus": (
        lambda folder: (folder / "annotations/address/kim.csv").write_text(
            "span_id,text_id,start_char,end_char,quote,label,mention_id\n"
            "address-kim-3,c2,8,11,Ann,other,mentions-kim-2\n",
            encoding="utf-8",
        ),
        "address-kim-3: E322",
    ),
    "a mention without answer": (
        replace(KNOWN, "known-3,mentions-3,known,no\n", ""),
        "annotations/known mentions-3: E317",
    ),
    "a text that gold leaves out": (
        replace(
            "module.toml", 'reason = "An article addresses nobody."\ntexts = ["a1"]', 'reason = "None."\ntexts = []'
        ),
        "module.toml a1: W302",
    ),
    "a publication that is not listed": (
        replace(SCHEME, '["roe-2020"]', '["roe-2020", "doe-2020"]'),
        "scheme/address.toml: E110",
    ),
    "a caveat about nothing": (
        replace("module.toml", 'about = ["address"]', 'about = ["addresses"]'),
        "module.toml: E325",
    ),
    "a guideline without version": (replace("guidelines/known.md", "- 1: the only one.\n", ""), "known: E319"),
    "another guideline": (
        both(
            replace("module.toml", '"1"\ndate = 2026-02-01', '"0"\ndate = 2026-02-01'),
            replace("guidelines/address.md", "- 1:", "- 0: a draft.\n- 1:"),
        ),
        "module.toml address/kim: W301",
    ),
    "an annotator who did nothing": (
        replace(
            "module.toml",
            '[[passes]]\nlayer = "known"',
            '[[annotators]]\nannotator_id = "x"\nkind = "rule"\nname = "X"\n'
            'description = "None."\n\n[[passes]]\nlayer = "known"',
        ),
        "module.toml x: W102",
    ),
    "a place in the source that is another": (
        both(
            replace(
                SCHEME,
                '[[span.columns]]\nname = "hints"',
                '[[span.columns]]\nname = "source_start"\ntype = "integer"\nrequired = false\ndescription = "Start."\n\n'
                '[[span.columns]]\nname = "source_end"\ntype = "integer"\nrequired = false\ndescription = "End."\n\n'
                '[[span.columns]]\nname = "hints"',
            ),
            lambda folder: (folder / "annotations/address/kim.csv").write_text(
                "span_id,text_id,start_char,end_char,quote,label,source_start,source_end\n"
                "address-kim-1,c1,0,1,I,self,109,110\naddress-kim-2,c2,4,6,me,self,159,161\n",
                encoding="utf-8",
            ),
        ),
        "address-kim-2: E303",
    ),
}


@pytest.mark.parametrize("what", FOUND)
def test_the_rules_for_layers_hold_for_a_module(released, study, what):
    change, expected = FOUND[what]
    change(study)
    found = check_module(study, released)
    assert [str(finding) for finding in found if expected in str(finding)], found
    assert len({finding.code for finding in found}) == 1
    load(released, modules=[study])  # what load looks at is sound


OTHER_TOML = {
    "another title": (
        replace("module.toml", 'title = "Mini Corpus"', 'title = "Maxi Corpus"'),
        "annotates 'Maxi Corpus', not 'Mini Corpus'",
    ),
    "another title, and layers that are not here": (
        both(
            replace("module.toml", 'title = "Mini Corpus"', 'title = "Maxi Corpus"'),
            replace("scheme/known.toml", 'unit = "mentions"', 'unit = "names"'),
        ),
        "annotates 'Maxi Corpus', not 'Mini Corpus'",
    ),
    "other texts": (
        replace("module.toml", '"97eecb', '"00eecb'),
        "made on other texts than those of Mini Corpus 0.1.0",
    ),
    "no version that is there": (
        replace("module.toml", '["0.1.0"]', '["0.9.0", "0.10.0"]'),
        "is for Mini Corpus 0.9.0, 0.10.0, not for 0.1.0 (its texts are the same)",
    ),
    "no binding": (
        lambda folder: edit(folder / "module.toml", "[corpus]\n", "[corpora]\n"),
        "has the unknown key corpora",
    ),
    "half a binding": (
        replace("module.toml", 'versions = ["0.1.0"]\n', ""),
        "needs a table [corpus] with title, versions",
    ),
    "a version that is none": (replace("module.toml", '["0.1.0"]', '["newest"]'), "must list versions such as '1.0.0'"),
    "a hash that is none": (replace("module.toml", '"97eecb', '"xyz'), "must be 64 hexadecimal digits"),
    "a name that is none": (
        replace("module.toml", 'name = "address-study"', 'name = "a/b"'),
        "'name' must be lower-case",
    ),
    "no licence": (replace("module.toml", 'licence = "CC0-1.0"\n', ""), "lacks 'licence'"),
    "a key of corpora": (add("module.toml", '\n[[sources]]\nsource_id = "x"\n'), "has the unknown key sources"),
    "no TOML": (add("module.toml", "[["), "module.toml: "),
    "no module.toml": (lambda folder: (folder / "module.toml").unlink(), "it holds no module.toml"),
}


@pytest.mark.parametrize("what", OTHER_TOML)
def test_a_module_that_is_none_or_of_another_corpus_is_refused(released, study, what):
    change, message = OTHER_TOML[what]
    change(study)
    for ask in (lambda: load(released, modules=[study]), lambda: check_module(study, released)):
        with pytest.raises(ModuleError) as caught:
            ask()
        assert message in str(caught.value)


def test_a_module_is_loaded_once(released):
    with pytest.raises(ModuleError) as caught:
        load(released, modules=[STUDY, STUDY])
    assert str(caught.value) == (f"module {STUDY}: 'address-study' is loaded already, from {STUDY}; load a module once")


def test_two_modules_of_one_name_or_one_layer_are_refused(released, study):
    edit(study / "module.toml", 'name = "address-study"', 'name = "talk-study"')
    with pytest.raises(ModuleError, match="a table named 'address' exists already"):
        load(released, modules=[STUDY, study])
    edit(study / "module.toml", 'name = "talk-study"', 'name = "address-study"')
    for old, new in (("address", "talk"), ("known", "fame")):
        text = (study / f"scheme/{old}.toml").read_text(encoding="utf-8")
        (study / f"scheme/{new}.toml").write_text(
            text.replace(f'layer = "{old}"', f'layer = "{new}"'), encoding="utf-8"
        )
        (study / f"scheme/{old}.toml").unlink()
        shutil.rmtree(study / f"annotations/{old}")
    text = (study / "module.toml").read_text(encoding="utf-8").split("[[passes]]")[0]
    (study / "module.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModuleError, match="'address-study' is loaded already, from "):
        load(released, modules=[STUDY, study])
    edit(study / "module.toml", 'name = "address-study"', 'name = "talk-study"')
    assert load(released, modules=[STUDY, study]).layers[-2:] == ("fame", "talk")


def test_a_layer_keeps_its_name_even_where_no_table_has_it(tmp_path):
    """The table of a layer of sentences is called sentences, whatever the layer is called."""
    text = (STUDY / "scheme/known.toml").read_text(encoding="utf-8").replace('unit = "mentions"\n', "")
    for folder, unit in (("corpus", "sentence"), ("module", "span")):
        (tmp_path / folder).mkdir()
        declared = text.replace("judgement", unit).partition(f"[[{unit}.questions]]")
        labels = declared[2][declared[2].index(f"[[{unit}.labels]]") :]
        (tmp_path / folder / "known.toml").write_text(declared[0] + labels, encoding="utf-8")
    layers = read_scheme(tmp_path / "corpus").layers
    assert [table.name for table in layers["known"].tables] == ["sentences"]
    with pytest.raises(SchemeError, match="a table named 'known' exists already"):
        read_scheme(tmp_path / "module", beside=layers)


def test_the_draft_is_no_version_a_module_could_be_for(released):
    with pytest.raises(ModuleError, match=r"for Mini Corpus 0.1.0, not for draft \(its texts are the same\); load a "):
        load(released, "draft", modules=[STUDY])


def test_other_texts_in_another_version_are_named(released, study):
    source = (released / "sources/mini.txt").read_bytes().replace(b"Who pays?", b"Who paid?")
    (released / "sources/mini.txt").write_bytes(source)
    text = (released / "corpus.toml").read_text(encoding="utf-8")
    old = "d301d4a3c96aaafdceb13eb9c8fcd1ec3f1db5d8b1b77fdc8f63e803b1aa5a24"
    text = text.replace(old, hashlib.sha256(source).hexdigest()).replace('version = "0.1.0"', 'version = "1.0.0"')
    (released / "corpus.toml").write_text(text, encoding="utf-8")
    for path in released.glob("annotations/structure/*.csv"):
        edit(path, "Who pays?", "Who paid?")
    release(released, "1.0.0")
    with pytest.raises(ModuleError, match=r"0.1.0, not for 1.0.0 \(its texts are others, so places in them are too\)"):
        load(released, modules=[study])
    with pytest.raises(ModuleError, match="its texts are others"):
        check_module(study, released, "1.0.0")
    assert load(released, "0.1.0", modules=[study]).version == "0.1.0"


@settings(max_examples=40)
@given(
    text_id=st.sampled_from([*TEXTS, "c9"]),
    start=st.integers(-2, 32),
    length=st.integers(-2, 6),
    shift=st.integers(-1, 1),
)
def test_a_span_is_taken_exactly_when_it_quotes_its_place(tmp_path_factory, text_id, start, length, shift):
    folder = tmp_path_factory.getbasetemp() / "drawn"
    if not folder.is_dir():
        shutil.copytree(Path(__file__).parent / "data" / "mini", folder / "mini")
        release(folder / "mini", "0.1.0")
        shutil.copytree(STUDY, folder / "study")
    text, end = TEXTS.get(text_id, ""), start + length
    quote = text[max(start + shift, 0) : max(end + shift, 0)]
    header = ("span_id", "text_id", "start_char", "end_char", "quote", "label")
    with (folder / "study/annotations/address/lee.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, ("drawn", text_id, start, end, quote, "self")])
    fits = 0 <= start < end <= len(text) and quote == text[start:end]
    if fits:
        rows = load(folder / "mini", modules=[folder / "study"]).layer("address", annotators="address-study/lee")
        assert rows["quote"].to_list() == [quote]
    else:
        with pytest.raises(ModuleError):
            load(folder / "mini", modules=[folder / "study"])


# The Hub


def test_what_is_neither_folder_nor_dataset_is_said(released, tmp_path):
    for place in (tmp_path / "nowhere", "no where", "one/two/three"):
        with pytest.raises(ModuleError, match="a module is a folder, or a dataset on the Hugging Face Hub"):
            load(released, modules=[place])


def test_a_dataset_that_is_not_cached_is_an_error_that_names_it(released):
    with pytest.raises(HubError, match="the module other/nothing@v1.0.0 is no folder here and cannot be had from"):
        load(released, modules=["other/nothing@v1.0.0"])


def test_a_cached_dataset_needs_no_network_and_a_folder_wins_over_it(released, tmp_path, monkeypatch):
    from huggingface_hub import constants

    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = Path(constants.HF_HUB_CACHE) / "datasets--other--address-study"
    shutil.copytree(STUDY, cached / "snapshots" / commit)
    for name in ("main", "v1.0.0"):
        (cached / "refs").mkdir(exist_ok=True)
        (cached / "refs" / name).write_text(commit)
    for place, shown in (
        ("other/address-study@v1.0.0", "other/address-study@v1.0.0"),
        ("other/address-study", f"other/address-study@{commit}"),
    ):
        corpus = load(released, modules=[place])
        assert corpus.modules[0].place == shown
        assert corpus.layer("address").height == 3
    shutil.copytree(STUDY, tmp_path / "other/address-study")
    edit(tmp_path / "other/address-study/module.toml", 'version = "1.0.0"', 'version = "1.1.0"')
    monkeypatch.chdir(tmp_path)
    assert load(released, modules=["other/address-study"]).modules[0].version == "1.1.0"


def test_the_hub_needs_its_client(released, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"corpus\[hub\]"):
        load(released, modules=["other/address-study"])


# Making and binding


@pytest.mark.parametrize("unit", ["span", "relation", "judgement"])
def test_a_new_module_waits_for_words_alone_and_loads(released, tmp_path, unit):
    made = new_module(tmp_path / "New Study", load(released), layer="irony", unit=unit, kind="human crowd")
    assert {finding.code for finding in check_module(made.path, released)} == {"W105"}
    corpus = load(released, modules=[made.path])
    assert corpus.modules[0].name == "new-study"
    assert corpus.scheme.tables["irony"].unit == unit
    assert corpus.layer("irony").columns == list(corpus.scheme.tables["irony"].schema)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def filled_in(module, corpus):
    """Whether a module is sound once every placeholder is replaced."""
    assert {finding.code for finding in check_module(module, corpus)} == {"W105"}
    for path in (*module.glob("*.toml"), *module.glob("scheme/*.toml"), *module.glob("guidelines/*.md")):
        path.write_text(path.read_text(encoding="utf-8").replace("FILL IN: ", "Now: "), encoding="utf-8")
    assert main(["module", "pages", str(module), str(corpus)]) == 0
    return check_module(module, corpus) == []


def test_rows_written_into_a_new_module_are_its_rows(released, tmp_path):
    made = new_module(
        tmp_path / "links", load(released), layer="links", unit="relation", kind="human expert", annotator="noor"
    )
    add("annotations/links/noor.csv", "links-1,c2,c1,yes,\n")(made.path)
    edit(made.path / "module.toml", "texts = []", 'texts = ["c2"]')
    assert filled_in(made.path, released)
    rows = load(released, modules=[made.path]).layer("links", annotators="all")
    assert rows.rows() == [("links-1", "c2", "c1", "yes", "links/noor", None)]


TOKENS = """\
# newdoc id = c2
# sent_id = c2-s1
# s_type = frag
1	Not	not	PART	_	_	2	advmod	_	_
2	me	I	PRON	_	_	0	root	_	SpaceAfter=No
3	,	,	PUNCT	_	_	4	punct	_	_
4	Ann	Ann	PROPN	_	_	2	vocative	_	SpaceAfter=No
5	!	!	PUNCT	_	_	2	punct	_	_

# sent_id = c2-s2
# s_type = frag
1	Nor	nor	DET	_	_	2	det	_	_
2	anyone	anyone	PRON	_	_	0	root	_	SpaceAfter=No
3	.	.	PUNCT	_	_	2	punct	_	_

"""


def test_a_module_may_bring_tokens_which_spell_the_text(released, tmp_path):
    made = new_module(
        tmp_path / "words", load(released), layer="words", unit="span", kind="human expert", annotator="noor"
    ).path
    scheme = (LAYERED / "scheme/tokens.toml").read_text(encoding="utf-8")
    scheme = scheme.replace('layer = "tokens"', 'layer = "words"').replace("tokens.md", "words.md")
    (made / "scheme/words.toml").write_text(scheme, encoding="utf-8")
    (made / "annotations/words/noor.csv").unlink()
    add("annotations/words/noor.conllu", TOKENS)(made)
    edit(made / "module.toml", "texts = []", 'texts = ["c2"]')
    assert filled_in(made, released)
    corpus = load(released, modules=[made])
    tokens = corpus.layer("words", annotators="words/noor")
    assert tokens["form"].to_list() == ["Not", "me", ",", "Ann", "!", "Nor", "anyone", "."]
    assert tokens["start_char"].to_list() == [0, 4, 6, 8, 11, 13, 17, 23]
    assert corpus.table("sentences", split="passes")["quote"].to_list() == ["Not me, Ann!", "Nor anyone."]
    edit(made / "annotations/words/noor.conllu", "2	anyone	", "2	someone	")
    with pytest.raises(ModuleError, match="null to null does not lie in c2"):
        load(released, modules=[made])


def test_a_new_module_says_whose_work_it_is(released, tmp_path):
    kinds = {
        "human expert": "manual native",
        "human crowd": "manual native",
        "language model": "model-generated",
        "rule": "rule",
    }
    assert set(kinds) == set(column_of(load(released), "annotators", "kind").labels)
    for kind, origin in kinds.items():
        asked = ["--layer", "irony", "--unit", "span", "--kind", kind, "--corpus", str(released)]
        assert main(["module", "new", str(tmp_path / kind), *asked]) == 0
        corpus = load(released, modules=[tmp_path / kind])
        assert corpus.scheme.layer("irony").origin == origin
        assert corpus.table("annotators")["kind"].to_list()[-1] == kind
        toml = (tmp_path / kind / "module.toml").read_text(encoding="utf-8")
        assert ("guideline_version" in toml) == (kind != "rule")


def column_of(corpus, table, name):
    return next(column for column in corpus.scheme.tables[table].columns if column.name == name)


@pytest.mark.parametrize("unit", ["span", "relation", "judgement"])
def test_every_placeholder_of_a_new_module_is_found(released, tmp_path, unit):
    made = new_module(tmp_path / "study", load(released), layer="irony", unit=unit, kind="rule").path
    assert main(["module", "pages", str(made), str(released)]) == 0
    found = [finding for finding in check_module(made, released) if finding.code == "W105"]
    written = ["module.toml", "scheme/irony.toml", "guidelines/irony.md"]
    assert list(dict.fromkeys(finding.place for finding in found)) == written
    in_files = sum((made / place).read_text(encoding="utf-8").count("FILL IN: ") for place in written[:2])
    assert len([finding for finding in found if finding.place != written[2]]) == in_files
    [page] = [finding.found for finding in found if finding.place == written[2]]
    assert page == "Line 3: FILL IN: what is marked, and step by step how."
    assert 'Line 2: title = "FILL IN: title of the module"' in [finding.found for finding in found]
    for name in ("title", "summary", "licence", "family_names", "given_names", "scheme_source"):
        assert any(f"{name} = " in finding.found for finding in found), name


NOT_NEW = {
    "a folder that holds something": ({}, lambda path: (path.mkdir(), (path / "x").touch()), "holds something already"),
    "a layer of the corpus": ({"layer": "tone"}, None, "has a table named 'tone' already"),
    "a table of the corpus": ({"layer": "comments"}, None, "has a table named 'comments' already"),
    "a layer that cannot be one": ({"layer": "My Layer"}, None, "is no name for a layer"),
    "another unit": ({"unit": "token"}, None, "may have one of span, relation, judgement"),
    "another kind": ({"kind": "human"}, None, "may be one of human expert, human crowd, language model, rule, not 'h"),
    "an annotator that is a path": ({"annotator": "../x"}, None, "is no id for an annotator"),
}


NEW = {"layer": "irony", "unit": "span", "kind": "human expert"}


@pytest.mark.parametrize("what", NOT_NEW)
def test_a_module_that_cannot_be_made_leaves_nothing_behind(released, tmp_path, what):
    arguments, prepare, message = NOT_NEW[what]
    if prepare:
        prepare(tmp_path / "made")
    before = files_in(tmp_path)
    with pytest.raises(ModuleError, match=message):
        new_module(tmp_path / "made", load(released), **{**NEW, **arguments})
    assert files_in(tmp_path) == before
    with pytest.raises(ModuleError, match="make a module over a release"):
        new_module(tmp_path / "draft", load(released, "draft"), **NEW)


def test_a_module_of_an_old_release_is_for_the_new_one_once_it_is_bound(shipped, tmp_path, capsys):
    """The texts of 0.1.0 and 1.0.0 of the shipped corpus are equal."""
    made = tmp_path / "cue words"
    asked = ["--layer", "cues", "--unit", "span", "--kind", "human expert", "--release", "0.1.0"]
    assert main(["module", "new", str(made), *asked]) == 0
    assert f"corpus-tools module pages '{made}'" in capsys.readouterr().err
    first = load(shipped, "0.1.0").texts.row(0, named=True)
    add("annotations/cues/ann.csv", f"cues-1,{first['text_id']},0,2,{first['text'][:2]},yes,\n")(made)
    edit(made / "module.toml", "texts = []", f'texts = ["{first["text_id"]}"] # more to come')
    assert load(shipped, "0.1.0", modules=[made]).layer("cues", annotators="all").height == 1
    with pytest.raises(ModuleError) as caught:
        load(shipped, "1.0.0", modules=[made])
    assert "not for 1.0.0 (its texts are the same)" in str(caught.value)
    advice = str(caught.value).partition("add this one: corpus-tools ")[2]
    assert main(shlex.split(advice)) == 0
    assert load(shipped, "1.0.0", modules=[made]).layer("cues", annotators="all").height == 1
    assert load(shipped, "0.1.0", modules=[made]).version == "0.1.0"
    assert "# more to come" in (made / "module.toml").read_text(encoding="utf-8")
    assert "now for 1.0.0" in capsys.readouterr().err
    assert bind(made, "1.0.0") is False


@pytest.mark.parametrize("version", ["draft", "v0.1.0", "0.1", ""])
def test_a_module_is_bound_to_numbered_releases_only(released, study, version, capsys):
    before = files_in(study)
    with pytest.raises(ModuleError, match=f"'{version}' is no version number"):
        bind(study, version)
    assert main(["module", "bind", str(study), str(released), "--release", version]) == 1
    assert capsys.readouterr().err.startswith("corpus-tools: ")
    assert files_in(study) == before


def test_what_is_no_module_is_not_bound(study):
    edit(study / "module.toml", 'versions = ["0.1.0"]', 'versions = "0.1.0"')
    with pytest.raises(ModuleError, match="must list versions"):
        bind(study, "0.2.0")


def test_rows_that_do_not_fit_a_release_keep_a_module_from_it(released, study, capsys):
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    edit(released / "annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann,person,true,,\n", "")
    edit(
        released / "corpus.toml",
        "[[caveats]]",
        '[[tombstones]]\ntable_name = "mentions"\nrow_id = "mentions-3"\n'
        'date = "2026-02-01"\nreason = "No mention."\n\n[[caveats]]',
    )
    release(released, "0.2.0")
    before = files_in(study)
    assert main(["module", "bind", str(study), str(released), "--release", "0.2.0"]) == 1
    assert "known-3: E306" in capsys.readouterr().out
    assert files_in(study) == before


# The command line


def test_check_prints_findings_as_validate_does(released, study, capsys):
    assert main(["module", "check", str(study), str(released)]) == 0
    assert capsys.readouterr() == (f"{study}: sound\n", "checked with release 0.1.0\n")
    edit(study / GOLD, "8,11,Ann", "8,11,Anna")
    assert main(["module", "check", str(study), str(released)]) == 1
    shown = capsys.readouterr()
    assert shown.out == (
        "annotations/address/gold.csv address-3: E301 A span's quote is not the slice that its offsets point to. "
        "Quote 'Anna', slice 'Ann'.\n"
    )
    assert "1 finding; why, and how to mend" in shown.err
    assert main(["module", "check", str(study), str(released), "--json"]) == 1
    [found] = json.loads(capsys.readouterr().out)
    assert (found["code"], found["unit"]) == ("E301", "address-3")


def test_check_says_which_releases_of_a_module_are_not_there(released, study, capsys):
    edit(study / "module.toml", '["0.1.0"]', '["0.0.9", "0.1.0", "3.0.0"]')
    assert main(["module", "check", str(study), str(released)]) == 0
    assert capsys.readouterr().err == (
        "checked with release 0.1.0\nmodule.toml names releases that the corpus does not have: 0.0.9, 3.0.0\n"
    )


def test_advice_can_be_pasted_into_a_shell(released, tmp_path):
    study = Path(shutil.copytree(STUDY, tmp_path / "my study"))
    edit(study / GOLD, "8,11,Ann", "8,11,Anna")
    with pytest.raises(ModuleError) as caught:
        load(released, modules=[study])
    assert shlex.split(str(caught.value).partition("see everything with: ")[2])[1:] == ["module", "check", str(study)]


def test_pages_renews_the_label_tables_of_a_module(released, study, capsys):
    edit(study / "scheme/known.toml", 'definition = "It was."', 'definition = "It was named."')
    assert main(["module", "pages", str(study), str(released)]) == 0
    assert capsys.readouterr().out == f"{study / 'guidelines/known.md'}\n"
    assert "| `yes` | It was named. |" in (study / "guidelines/known.md").read_text(encoding="utf-8")
    assert main(["module", "pages", str(study), str(released)]) == 0
    assert capsys.readouterr().out == ""


def test_info_and_agree_take_modules(released, capsys):
    assert main(["info", str(released), "--module", str(STUDY)]) == 0
    shown = capsys.readouterr().out
    assert "module address-study 1.0.0: Who Is Addressed; layers: address, known" in shown
    assert main(["info", str(released), "--module", str(STUDY), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["modules"][0]["name"] == "address-study"
    assert found["tables"]["address"] == {"gold": 3, "passes": 7}
    arguments = ["--module", str(STUDY), "--layer", "address", "--json"]
    assert main(["agree", str(released), *arguments]) == 0
    assert {row["annotators"] for row in json.loads(capsys.readouterr().out)} == {
        "address-study/kim address-study/lee",
        "gold address-study/kim address-study/lee",
    }


def test_agree_says_where_there_is_nothing_to_compare(released, tmp_path, capsys):
    made = new_module(tmp_path / "new", load(released), **NEW)
    assert main(["agree", str(released), "--module", str(made.path), "--layer", "irony"]) == 0
    assert "irony: no pass to compare with gold" in capsys.readouterr().out
    edit(made.path / "module.toml", "texts = []", 'texts = ["c2"]')
    assert main(["agree", str(released), "--module", str(made.path), "--layer", "irony"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("irony: passes by new/ann (human expert: ")
    assert shown[1:] == ["  one pass, nothing to compare", ""]
    assert main(["agree", str(released), "--module", str(made.path), "--annotator", "new/ann"]) == 0
    assert capsys.readouterr() == ("", "nothing to compare in any layer\n")


def test_agree_shows_the_layers_of_the_annotators_named(released, study, capsys):
    arguments = [str(released), "--module", str(study), "--annotator", "address-study/kim"]
    assert main(["agree", *arguments]) == 0
    shown = capsys.readouterr().out
    assert [line.partition(":")[0] for line in shown.splitlines() if line[:1].strip()] == ["address"]
    assert main(["agree", *arguments, "--layer", "mentions"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("mentions: passes by kim ")
    assert shown[1:] == ["  one pass, nothing to compare", ""]


def test_a_module_that_is_refused_is_one_line_on_stderr(released, study, capsys):
    edit(study / GOLD, "8,11,Ann", "8,11,Anna")
    assert main(["info", str(released), "--module", str(study)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"corpus-tools: module {study}: address address-3: it quotes 'Anna'")


def test_an_action_is_asked_for(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["module"])
    assert caught.value.code == 2
    assert "ACTION" in capsys.readouterr().err


def test_a_new_module_fills_the_empty_folder_one_stands_in(released, tmp_path, monkeypatch):
    place = tmp_path / "Größe 2"
    place.mkdir()
    monkeypatch.chdir(place)
    there = place.stat().st_ino
    source = new_module(".", load(released), layer="size", unit="span", kind="human expert", annotator="ann")
    assert place.stat().st_ino == there
    assert source.path == place
    assert load(released, modules=[place]).modules[0].name == "grosse-2"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_byte_order_mark_does_not_keep_a_module_from_being_bound(study):
    toml = study / "module.toml"
    toml.write_bytes(b"\xef\xbb\xbf" + toml.read_bytes())
    assert bind(study, "9.9.9")
    assert "9.9.9" in toml.read_text(encoding="utf-8")


def test_an_annotator_of_a_corpus_cannot_pass_for_one_of_a_module(mini):
    edit(mini / "corpus.toml", '[[annotators]]\nannotator_id = "kim"', '[[annotators]]\nannotator_id = "x/gold"')
    with pytest.raises(MetadataError, match="'x/gold' is no id for an annotator: it holds a slash"):
        load(mini, "draft")
