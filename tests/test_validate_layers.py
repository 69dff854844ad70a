"""Rules of what a scheme declares: a sound corpus with every kind of layer, one edit, that finding and no other."""

import re
import shutil
from pathlib import Path

import pytest

from conftest import LAYERED, add, both, edit, replace
from corpus_tools.files import sha256_of
from corpus_tools.folder import Folder
from corpus_tools.release import release
from corpus_tools.validate import PAGES, Severity, validate

COREFERENCE = "annotations/coreference/gold.csv"
ENTITIES = "annotations/entities/gold.csv"
NEGATION = "annotations/negation/gold.relations.csv"
REPLIES = "annotations/replies/gold.csv"
STANCE = "annotations/stance/gold.csv"
TOKENS = "annotations/tokens/gold.conllu"

MAYOR = "2\tmayor\tmayor\tNOUN\t_\tNumber=Sing\t5\t"
TOMBSTONE = '\n[[tombstones]]\ntable_name = "TABLE"\nrow_id = "ID"\ndate = "2026-03-01"\nreason = "Withdrawn."\n'
OMISSION = '[[omissions]]\nlayer = "lost"\nreason = "None."\ntexts = ["a1"]\n\n'
EVERY_PASS = 4
"""Passes of a layer that kim, lee, noor and gold went through."""


def lose_the_words_of_c2(folder):
    path = folder / TOKENS
    path.write_text(path.read_text(encoding="utf-8").split("# newdoc id = c2")[0], encoding="utf-8")


def every(file, old, new):
    """Replace a word wherever it stands in a file."""

    def change(folder):
        path = folder / file
        path.write_bytes(re.sub(old, new, path.read_bytes().decode()).encode())

    return change


# Code -> for each branch of the rule: what to do to the layered corpus, what a finding must name, how many there are.
BROKEN = {
    "E307": {
        "shared label": (
            replace(STANCE, "stance-8,c2,mayor,none", "stance-8,c2,mayor,plain"),
            "stance-8: mayor: plain is none of: for, against, none.",
        ),
        "own label": (
            replace("annotations/stance/kim.csv", "kim-9,c2,tone,plain", "kim-9,c2,tone,none"),
            "stance-kim-9: tone: none is none of: plain, pointed, sharp.",
        ),
    },
    "E308": {
        "table": (
            replace(REPLIES, "replies-2,c2,c1", "replies-2,c2,entities-1"),
            "replies-2: to_id: entities-1 is a row of entities, not of: texts.",
        ),
        "label it starts from": (
            replace(NEGATION, "negation-5,negation-6", "negation-4,negation-6"),
            "negation-r3: from_id: negation-4 is SCOPE; scope takes: NEG.",
        ),
        "label it leads to": (
            add("annotations/negation/lee.relations.csv", "negation-lee-r5,negation-lee-5,negation-lee-8,scope\n"),
            "negation-lee-r5: to_id: negation-lee-8 is NEG; scope takes: SCOPE.",
        ),
    },
    "E309": {
        "gold": (replace(NEGATION, "negation-r3,negation-5,negation-6,scope\n", ""), "negation-6: SCOPE 'asks us'."),
        "pass": (
            replace(
                "annotations/negation/lee.relations.csv",
                "negation-lee-5,negation-lee-6",
                "negation-lee-5,negation-lee-4",
            ),
            "negation-lee-6: SCOPE 'The mayor'.",
        ),
    },
    "E310": {
        "id": (
            replace(COREFERENCE, "entities-8,entities-5,noun,entities-2", "entities-8,entities-5,noun,entities-5"),
            "coreference-r4: chain_id is entities-5; the chain begins with entities-2.",
        ),
        "label": (
            replace(ENTITIES, "entities-7,c1,13,15,it,thing", "entities-7,c1,13,15,it,place"),
            "coreference-r3: entities-7 is place, entities-4 is thing.",
        ),
        "pass over the spans of gold": (
            replace("annotations/coreference/lee.csv", "entities-2,noun,entities-2", "entities-2,noun,entities-8"),
            "coreference-lee-r2: chain_id is entities-8; the chain begins with entities-2.",
        ),
    },
    "E311": {
        "none for an answer": (
            replace("annotations/stance/gold.spans.csv", "stance-e2,c1,27,40,never asks us,evidence,stance-5\n", ""),
            "stance-5: against needs a row in stance_spans.",
        ),
        "none for a relation": (
            replace("annotations/replies/gold.spans.csv", "replies-e1,c1,2,15,don't like it,evidence,replies-1\n", ""),
            "replies-1: answer needs a row in replies_spans.",
        ),
        "in another text": (
            add("annotations/stance/gold.spans.csv", "stance-e4,a1,0,14,Harbour Bridge,evidence,stance-5\n"),
            "stance-5: Its evidence is in a1, it is about c1.",
        ),
    },
    "E312": {
        "filled": (
            replace(ENTITIES, "The café,place,false,".replace("é", "e\u0301"), "The cafe\u0301,place,false,public"),
            "entities-12: role is filled and the label is place.",
        ),
        "empty": (
            replace(ENTITIES, "Ann,person,true,writer", "Ann,person,true,"),
            "entities-11: role is empty and the label is person.",
        ),
    },
    "E313": {
        "none": (
            add("annotations/signs/gold.csv", "signs-6,c2,22,23,\u0301,accent\n"),
            "signs-4: It overlaps signs-6 in c2.",
        ),
        "nested: they cross": (
            add(ENTITIES, "entities-13,a1,36,51,Eastport closed,place,false,,\n"),
            "entities-13: It overlaps entities-2 in a1.",
        ),
        "nested: the same twice": (
            add(ENTITIES, "entities-13,a1,36,44,Eastport,thing,true,,\n"),
            "entities-13: It overlaps entities-3 in a1.",
        ),
    },
    "E314": {
        "begins inside": (
            add(ENTITIES, "entities-13,a1,48,51,sed,thing,false,,\n"),
            "entities-13: 'sed' cuts the token 'closed'.",
        ),
        "ends inside": (
            add("annotations/negation/lee.csv", "negation-lee-9,c2,2,4,du,NEG\n"),
            "negation-lee-9: 'du' cuts the token 'do'.",
            3,  # one for each word of "dunno", which share its place
        ),
    },
    "E315": {
        "another word": (replace(TOKENS, "4\tlike\t", "4\tlove\t"), "c1-s1-t4: 'love' is not what follows in c1."),
        "a word too few": (
            replace(TOKENS, "4\t😀\t😀\tSYM\t_\t_\t3\tdiscourse\t_\t_\n", ""),
            "None: No token holds '😀', 31 to 32 in c2.",
        ),
        "no word at all": (lose_the_words_of_c2, "None: c2 has no token by gold."),
    },
    "E316": {
        "two roots": (
            replace(TOKENS, MAYOR + "nsubj", MAYOR.replace("5", "0") + "root"),
            "a1-s2: 2 tokens have the head 0.",
        ),
        "no root": (
            replace(TOKENS, "0\troot\t_\tCorrectForm", "1\troot\t_\tCorrectForm"),
            "c2-s2: 0 tokens have the head 0.",
        ),
        "outside": (
            replace(TOKENS, MAYOR, MAYOR.replace("5", "12")),
            "a1-s2: Token 2 has the head 12; the sentence has 11 tokens.",
        ),
        "a circle": (
            replace(TOKENS, MAYOR, MAYOR.replace("5", "1")),
            "a1-s2: Token 1 depends on itself by way of its heads.",
        ),
        "a word on itself": (
            replace("annotations/tokens/kim.conllu", MAYOR, MAYOR.replace("5", "2")),
            "tokens/kim.conllu kim-a1-s2: Token 1 depends on itself by way of its heads.",
        ),
    },
    "E317": {
        "no answer": (
            replace(STANCE, "stance-8,c2,mayor,none,\n", ""),
            "annotations/stance c2: mayor: 0 rows of stance by gold.",
        ),
        "two answers": (
            add("annotations/stance/lee.csv", "stance-lee-10,c1,tone,plain\n"),
            "annotations/stance c1: tone: 2 rows of stance by lee.",
        ),
        "no relation": (
            replace("annotations/replies/lee.csv", "replies-lee-2,c2,a1,aside,\n", ""),
            "annotations/replies c2: 0 rows of replies by lee.",
        ),
        "two relations": (
            add(REPLIES, "replies-3,c2,a1,aside,,\n"),
            "annotations/replies c2: 2 rows of replies by gold.",
        ),
    },
    "E318": {
        "one text": (
            replace(
                "corpus.toml",
                'layer = "signs"\nannotator_id = "kim"\nguideline_version = "1"\ndate = 2026-02-01\ntexts = ["a1", "c1", "c2"]',
                'layer = "signs"\nannotator_id = "kim"\nguideline_version = "1"\ndate = 2026-02-01\ntexts = ["a1", "c2"]',
            ),
            "corpus.toml signs/gold/c1: Gold of signs has no pass behind it in c1.",
        ),
    },
    "E319": {
        "none of its versions": (
            replace("guidelines/entities.md", "- 1: the only one.\n", ""),
            "scheme/entities.toml entities: guidelines/entities.md has no line '- 1: ...' under its versions.",
            1 + EVERY_PASS,
        ),
        "a version that begins alike": (
            replace("guidelines/entities.md", "- 1: the only one.", "- 1.1: another."),
            "corpus.toml entities/kim: guidelines/entities.md has no line",
            1 + EVERY_PASS,
        ),
    },
    "E321": {
        "a row whose id has a tombstone": (
            add("corpus.toml", TOMBSTONE.replace("ID", "stance-1").replace("TABLE", "stance")),
            "annotations/stance/gold.csv stance-1: Its tombstone is of 2026-03-01.",
        ),
        "a tombstone of no table": (
            add("corpus.toml", TOMBSTONE.replace("ID", "stance-1").replace("TABLE", "lost")),
            "corpus.toml lost/stance-1: There is no table lost.",
        ),
    },
    "E322": {
        "a relation of gold to a span of a pass": (
            add(NEGATION, "negation-r4,negation-1,negation-kim-2,scope\n"),
            "negation-r4: to_id: negation-kim-2 is of kim, the row of gold.",
        ),
    },
    "E323": {
        "an omission of an unknown layer": (
            replace("corpus.toml", '[[omissions]]\nlayer = "replies"', OMISSION + '[[omissions]]\nlayer = "replies"'),
            "corpus.toml lost/a1: There is no scheme/lost.toml.",
        ),
        "an omission of a text that gold covers": (
            replace("corpus.toml", 'texts = ["a1"]', 'texts = ["a1", "c1"]'),
            "corpus.toml replies/c1: Gold of replies covers c1.",
        ),
    },
    "E324": {
        "the same relation under two ids": (
            add(NEGATION, "negation-r4,negation-1,negation-2,scope\n"),
            "negation-r4: scope from negation-1 to negation-2.",
        ),
    },
    "E325": {
        "a caveat about no table": (
            add("corpus.toml", '\n[[caveats]]\nabout = ["tokenz"]\ntext = "Few."\n'),
            "There is no table 'tokenz': Few.",
        ),
    },
    "W302": {
        "an omission too few": (
            replace("corpus.toml", 'texts = ["a1"]', "texts = []"),
            "corpus.toml a1: Gold of replies does not cover it",
        ),
    },
}
# The same of E320, which compares with a release that was made before the edit.
MOVED = {
    "span": (
        replace(ENTITIES, "entities-12,c2,14,23,The cafe\u0301", "entities-12,c2,24,30,agress"),
        "entities-12: It is not what it was in 0.1.0; give the new unit a new id.",
    ),
    "span of a pass in another text": (
        replace("annotations/signs/kim.csv", "signs-kim-4,c2,31,32,😀,emoji", "signs-kim-4,c1,5,6,',apostrophe"),
        "signs-kim-4: It is not what it was in 0.1.0",
    ),
    "relation": (replace(COREFERENCE, "entities-8,entities-5", "entities-5,entities-8"), "coreference-r4: It is not"),
    "judgement": (
        both(
            replace(STANCE, "stance-7,c2,closing", "stance-7,c2,mayor"),
            replace(STANCE, "stance-8,c2,mayor", "stance-8,c2,closing"),
        ),
        "stance-8: It is not",
        2,
    ),
    "text": (
        both(
            replace("corpus.toml", 'thread_id = "layered"', 'thread_id = "harbour"'),
            every("texts/layered.csv", r"(?m)^(..),layered,", r"\1,harbour,"),
        ),
        "texts/layered.csv a1: It is not",
        3,
    ),
    "sentence and its words": (
        both(
            replace(TOKENS, "sent_id = c1-s1", "sent_id = c1-s0"),
            replace(TOKENS, "sent_id = c1-s2", "sent_id = c1-s1"),
            replace(TOKENS, "sent_id = c1-s0", "sent_id = c1-s2"),
        ),
        "c1-s1: It is not",
        2 * (1 + 6),
    ),
}
CASES = {f"{code} {branch}": (code, *case) for code, branches in BROKEN.items() for branch, case in branches.items()}
BROKEN["E320"] = MOVED
LOSE_A_SIGN = replace("annotations/signs/gold.csv", "signs-5,c2,31,32,😀,emoji\n", "")
BROKEN["W303"] = {"a row taken out": (LOSE_A_SIGN, "corpus.toml signs-5: It was in signs of 0.1.0.")}


def check(folder, code, change, expected, n=1):
    change(folder)
    found = validate(folder)
    shown = [f"{finding.place} {finding.unit}: {finding.found}" for finding in found]
    assert [finding.code for finding in found] == [code] * n, "\n".join(map(str, found))
    assert any(expected in each for each in shown), shown
    assert found[0].severity is (Severity.WARNING if code.startswith("W") else Severity.ERROR)
    assert (PAGES / found[0].page).is_file()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_one_edit_gives_that_finding_and_no_other(layered, case):
    check(layered, *case)


@pytest.fixture(scope="module")
def released_layers(tmp_path_factory):
    folder = Path(shutil.copytree(LAYERED, tmp_path_factory.mktemp("released") / "layered"))
    release(folder, "0.1.0")
    return folder


@pytest.mark.parametrize("case", MOVED.values(), ids=MOVED)
def test_an_id_that_stands_for_another_unit_than_in_a_release_is_found(released_layers, tmp_path, case):
    check(Path(shutil.copytree(released_layers, tmp_path / "layered")), "E320", *case)


def test_an_id_whose_text_grew_before_it_stands_where_it_stood(released):
    """Two characters shift by six, past their old place; with another word under them they would have moved."""
    source = released / "sources/mini.txt"
    source.write_bytes(source.read_bytes().replace(b"I cross", b"Well, I cross"))
    edit(
        released / "corpus.toml", "d301d4a3c96aaafdceb13eb9c8fcd1ec3f1db5d8b1b77fdc8f63e803b1aa5a24", sha256_of(source)
    )
    edit(released / "texts/mini.csv", "109,138", "109,144")
    edit(released / "texts/mini.csv", "140,152,c1,,mini,154,178", "146,158,c1,,mini,160,184")
    edit(released / "annotations/mentions/gold.csv", "c1,8,10,it", "c1,14,16,it")
    for name in ("gold", "reader"):
        blocks = released / f"annotations/structure/{name}.csv"
        edit(
            blocks,
            "c1,0,29,I cross it daily 😀. Who pays?,paragraph,109,138",
            'c1,0,35,"Well, I cross it daily 😀. Who pays?",paragraph,109,144',
        )
        edit(blocks, "byline,140,152", "byline,146,158")
        edit(blocks, "paragraph,154,178", "paragraph,160,184")
    assert validate(released) == []
    edit(released / "annotations/mentions/gold.csv", "c1,14,16,it", "c1,17,22,daily")
    assert [(finding.code, finding.unit) for finding in validate(released)] == [("E320", "mentions-2")]


def unchanged(folder):
    pass


def test_an_id_that_is_gone_without_a_tombstone_is_found(released_layers, tmp_path):
    folder = Path(shutil.copytree(released_layers, tmp_path / "layered"))
    check(folder, "W303", *BROKEN["W303"]["a row taken out"])


def test_a_withdrawn_text_leaves_its_place_in_the_thread_empty(layered):
    change = replace("texts/layered.csv", "c2,layered,comment,2", "c2,layered,comment,3")
    check(layered, "E206", change, "the positions 0, 1, 3")
    tomb = TOMBSTONE.replace("ID", "c9").replace("TABLE", "texts")
    add("corpus.toml", tomb)(layered)
    assert validate(layered) == []


@pytest.mark.parametrize(
    "entry", ['table_name = "texts"\n', 'table_name = "texts"\nrow_id = 3\ndate = "2026-03-01"\nreason = "Gone."\n']
)
def test_a_tombstone_that_lacks_something_is_refused(layered, entry):
    add("corpus.toml", f"\n[[tombstones]]\n{entry}")(layered)
    [finding] = validate(layered)
    assert finding.code == "E101"
    assert "[[tombstones]]" in finding.found


MENDED = {
    "as it is": unchanged,
    "a row taken out that has a tombstone": both(
        LOSE_A_SIGN, add("corpus.toml", TOMBSTONE.replace("ID", "signs-5").replace("TABLE", "signs"))
    ),
    "a span moved to where it overlaps its old place": replace(
        ENTITIES, "entities-12,c2,14,23,The cafe\u0301", "entities-12,c2,18,23,cafe\u0301"
    ),
    "another label": replace("annotations/entities/kim.csv", "Harbour Bridge,thing", "Harbour Bridge,place"),
    "another end of a relation": replace(COREFERENCE, "entities-8,entities-5", "entities-8,entities-2"),
    "another answer": replace(STANCE, "tone,sharp", "tone,pointed"),
    "an annotator with fewer texts": replace(
        "corpus.toml",
        'annotator_id = "noor"\nguideline_version = "1"\ndate = 2026-02-03\ntexts = ["a1", "c1"]\n\n[[passes]]\nlayer = "entities"',
        'annotator_id = "noor"\nguideline_version = "1"\ndate = 2026-02-03\ntexts = ["a1", "c1", "c2"]\n\n[[passes]]\nlayer = "entities"',
    ),
}


@pytest.mark.parametrize("change", MENDED.values(), ids=MENDED)
def test_what_may_change_after_a_release_has_no_findings(released_layers, tmp_path, change):
    folder = Path(shutil.copytree(released_layers, tmp_path / "layered"))
    change(folder)
    assert validate(folder) == []


def test_ids_are_unique_over_texts_and_layers(layered):
    change = replace("annotations/signs/gold.csv", "signs-5,c2", "stance-5,c2")
    check(layered, "E107", change, "stance-5: 2 rows of signs and stance have it.")


def test_a_column_of_some_labels_may_stand_beside_words(layered):
    """A word's label is its part of speech."""
    column = '\n[[token.columns]]\nname = "correct_to"\ntype = "string"\nrequired = false\ndescription = "Made up."\n'
    add("scheme/tokens.toml", f'{column}for_labels = ["SYM"]\n')(layered)
    assert [(each.code, each.unit) for each in validate(layered, select="E312")] == [
        ("E312", unit) for unit in ("a1-s1-t4", "c2-s2-t4", "kim-a1-s1-t4", "kim-c2-s2-t4")
    ]


def test_a_column_of_a_conllu_file_that_the_scheme_does_not_declare_is_found(layered):
    replace(TOKENS, "4\tlike\tlike\tVERB\t_", "4\tlike\tlike\tVERB\tVB")(layered)
    [finding] = validate(layered)
    assert (finding.code, finding.place) == ("E104", TOKENS)
    assert "tokens has 'xpos'; declared are: token_id" in finding.found


def test_a_conllu_file_that_cannot_be_read_is_found_once(layered):
    replace(TOKENS, "# newdoc id = a1\n", "")(layered)
    [finding] = validate(layered)
    assert (finding.code, finding.place) == ("E103", TOKENS)
    assert finding.found == "line 3: a sentence needs '# sent_id' and, before it, '# newdoc id'"


FAULTY = {
    "a layer of no name": replace("corpus.toml", '[[omissions]]\nlayer = "replies"\n', "[[omissions]]\n"),
    "an unknown key": replace("corpus.toml", 'reason = "An article', 'why = "x"\nreason = "An article'),
    "neither texts nor sources": replace("corpus.toml", 'no text."\ntexts = ["a1"]', 'no text."'),
}


@pytest.mark.parametrize("change", FAULTY.values(), ids=FAULTY)
def test_an_omission_says_layer_reason_and_texts_and_nothing_else(layered, change):
    change(layered)
    [finding] = validate(layered)
    assert (finding.code, finding.place) == ("E101", "corpus.toml")
    assert "[[omissions]] entry" in finding.found


def test_an_omission_of_a_source_is_one_of_each_of_its_texts(layered):
    replace("corpus.toml", 'no text."\ntexts = ["a1"]', 'no text."\nsources = ["layered"]')(layered)
    source = Folder(layered)
    rows = source.scan(source.scheme.table("omissions")).collect()
    assert rows["omission_id"].to_list() == ["replies/a1", "replies/c1", "replies/c2"]
    assert set(rows["reason"]) == {"An article answers no text."}
