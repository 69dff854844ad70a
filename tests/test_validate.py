"""Rules of files, texts and releases: a sound corpus, one edit, that finding and no other."""

import json
import re
import shutil

import pytest

import test_validate_layers
from conftest import add, both, edit, replace
from corpus_tools.cli import main
from corpus_tools.errors import NotACorpusError, UnknownNameError
from corpus_tools.ingest import ingest
from corpus_tools.validate import PAGES, RULES, Severity, explain, find_rules, validate

GOLD = "annotations/structure/gold.csv"
TEXTS = "texts/mini.csv"


def lose_a_comment(folder):
    """Take c2 and its author out of every table, so that its words in the source belong to nothing."""
    for file in ["texts/mini.csv", *(path.relative_to(folder) for path in folder.glob("annotations/*/*.csv"))]:
        path = folder / file
        # The quoted cell of c2 runs over two lines.
        text = re.sub(
            r'^[^\n]*,c2,(?:[^\n"]|"[^"]*")*\n|^c2,[^\n]*\n', "", path.read_text(encoding="utf-8"), flags=re.M
        )
        path.write_text(text, encoding="utf-8")
    text = (folder / "corpus.toml").read_text(encoding="utf-8").replace(', "c2"]', "]")
    text = re.sub(r'\[\[authors\]\]\nauthor_id = "b-z"\n.*\n.*\n', "", text)
    shutil.rmtree(folder / "releases")  # a release would miss the comment's ids, which is another finding
    (folder / "corpus.toml").write_text(text, encoding="utf-8")


def not_utf8(folder):
    """A source in another encoding, recorded as it is."""
    path = folder / "sources" / "mini.txt"
    path.write_bytes(
        path.read_bytes().decode().replace("☔", "*").replace("–", "-").replace("😀", "é").encode("latin-1")
    )
    import hashlib

    text = (folder / "corpus.toml").read_text(encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "corpus.toml").write_text(re.sub(r'sha256 = "\w+"', f'sha256 = "{digest}"', text), encoding="utf-8")
    # The quotes stand as they were read; only the source cannot be decoded any more.


def bring_the_text(folder):
    """Texts that stand in the file itself, as those from markup do."""
    from corpus_tools.folder import Folder

    source = Folder(folder)
    frame = source.scan(source.scheme.table("texts")).collect()
    frame.with_columns(posted_at=frame["posted_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(folder / TEXTS)


FLIP = "releases/0.1.0/comments.parquet"


def flip_a_byte(folder):
    raw = bytearray((folder / FLIP).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / FLIP).write_bytes(raw)


# Code -> what to do to the mini corpus, and what the finding must name.
BROKEN = {
    "E101": (replace("corpus.toml", 'title = "Mini Corpus"\n', ""), "lacks 'title'"),
    "E102": (replace("scheme/tone.toml", 'origin = "manual native"', 'origin = "lost"'), "unknown origin 'lost'"),
    "E103": (
        replace("annotations/tone/gold.csv", "tone-2,c1,How does it sound?,calm", 'tone-2,c1,"How'),
        "tone/gold.csv",
    ),
    "E104": (
        replace("annotations/mentions/kim.csv", "certain,weight", "sure,weight"),
        "mentions has 'sure'; declared are: span_id",
    ),
    "E105": (replace("annotations/mentions/gold.csv", "true,1.5", "yes,1.5"), "mentions-1: certain: yes is no boolean"),
    "E106": (
        replace("annotations/tone/gold.csv", "tone-2,c1,How does it sound?,calm", "tone-2,c1,,calm"),
        "tone-2: question",
    ),
    "E107": (add("annotations/tone/gold.csv", "tone-1,a1,How does it sound?,calm\n"), "tone-1: 2 rows of tone have it"),
    "E108": (replace("annotations/tone/gold.csv", "?,loud", "?,laud"), "tone-3: label: laud is none of: calm, loud"),
    "E109": (add("annotations/mentions/kim.csv", "mentions-kim-3,c9,8,11,Ann,person,true,\n"), "c9"),
    "E110": (
        replace("scheme/tone.toml", 'title = "Tone"', 'title = "Tone"\nreferences = ["roe-2020"]'),
        "scheme/tone.toml None: No [[references]] entry has the id 'roe-2020'",
    ),
    "E201": (replace("corpus.toml", 'sha256 = "d301', 'sha256 = "e301'), "corpus.toml says e301"),
    "E202": (both(bring_the_text, not_utf8), "sources/mini.txt mini"),
    "E203": (replace(TEXTS, ",109,138", ",109,139"), "c1: It begins or ends in a blank"),
    "E204": (replace(TEXTS, ",109,138", ",109,144"), "byline of c2: It begins at 140, before c1 ends at 144"),
    "E205": (lose_a_comment, "Characters 140 to 178: 'b.z. said...\\n\\nNot me, Ann!\\nNor anyone.'"),
    "E206": (
        replace(TEXTS, "c2,mini,comment,2", "c2,mini,comment,3"),
        "mini: It has 1 articles and the positions 0, 1, 3",
    ),
    "E207": (
        replace("corpus.toml", 'printed_names = ["b.z."]', 'printed_names = ["B,Z."]'),
        "c2: 'b.z. said...' shows none of: B,Z.",
    ),
    "E208": (replace(TEXTS, "152,c1,", "152,c2,"), "c2: It answers c2"),
    "E209": (
        replace(TEXTS, "b.z. said...,140", "b.z. says...,140"),
        "c2: Byline 'b.z. says...', slice 140 to 152 'b.z. said...'",
    ),
    "E301": (
        replace("annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann", "mentions-3,c2,8,11,Anna"),
        "Quote 'Anna', slice 'Ann'",
    ),
    "E302": (replace("annotations/mentions/gold.csv", "mentions-3,c2,8,11", "mentions-3,c2,8,"), "8 to null in c2"),
    "E303": (replace(GOLD, "paragraph,109,138", "paragraph,108,137"), "structure-5: Its source place 108 to 137"),
    "E304": (
        add("annotations/mentions/lee.csv", "span_id,text_id,start_char,end_char,quote,label\n"),
        "annotator_id 'lee'",
    ),
    "E305": (
        replace("corpus.toml", 'date = 2026-01-30\ntexts = ["a1", "c1", "c2"]', 'date = 2026-01-30\ntexts = ["a1"]'),
        "mentions-kim-2: c2",
    ),
    "E306": (
        replace("annotations/mentions/gold.relations.csv", "mentions-2,mentions-1", "mentions-2,mentions-9"),
        "mentions-r1: to_id: mentions-9 is no text and no unit of a layer",
    ),
    "E401": (lambda folder: (folder / "releases/0.1.0/SHA256SUMS").unlink(), "holds no SHA256SUMS"),
    "E402": (flip_a_byte, "comments.parquet is not what was released"),
    "W101": (
        add("corpus.toml", '\n[[authors]]\nauthor_id = "x"\ndisplay_name = "X"\nprinted_names = ["X"]\n'),
        "Take X out",
    ),
    "W102": (
        add(
            "corpus.toml",
            '\n[[annotators]]\nannotator_id = "lee"\nkind = "rule"\nname = "Lee"\ndescription = "None."\n',
        ),
        "lee",
    ),
    "W103": (
        add("corpus.toml", '\n[[threads]]\nthread_id = "x"\ntitle = "X"\nlanguage = "en"\n'),
        "x: Take it out, or add its texts",
    ),
    "W104": (
        add(
            "corpus.toml",
            '\n[[references]]\nid = "roe-2020"\ntype = "book"\nauthors = ["Roe, A."]\nyear = 2020\ntitle = "Tones"\n',
        ),
        "roe-2020: No scheme file has it in 'references'",
    ),
    "W105": (replace("scheme/tone.toml", 'title = "Tone"', 'title = "FILL IN: its title"'), "FILL IN: its title"),
    "W301": (
        both(
            replace(
                "corpus.toml",
                'guideline_version = "1"\ndate = 2026-01-30',
                'guideline_version = "0"\ndate = 2026-01-30',
            ),
            add("guidelines/mentions.md", "- 0: a draft.\n"),
        ),
        "followed 0",
    ),
}


def test_every_rule_has_a_broken_corpus():
    assert sorted([*BROKEN, *test_validate_layers.BROKEN]) == sorted(RULES)


@pytest.mark.parametrize("code", BROKEN)
def test_one_edit_gives_that_finding_and_no_other(released, code):
    change, expected = BROKEN[code]
    change(released)
    found = validate(released)
    assert [finding.code for finding in found] == [code], "\n".join(map(str, found))
    assert expected in f"{found[0].place} {found[0].unit}: {found[0].found}"
    assert found[0].severity is (Severity.WARNING if code.startswith("W") else Severity.ERROR)
    assert (PAGES / found[0].page).is_file()


@pytest.mark.parametrize("change", [lambda folder: None, bring_the_text], ids=["as it is", "texts in the file"])
def test_a_sound_corpus_has_no_findings(released, change):
    change(released)
    assert validate(released) == []


def test_every_rule_has_a_page_that_begins_with_its_message_and_no_page_is_left_over():
    assert {path.stem for path in PAGES.glob("*.md")} == set(RULES)
    for rule in RULES.values():
        page = explain(rule.code)
        assert page.startswith(f"# {rule.code}: {rule.message}\n")
        assert "## How to mend it" in page
        assert rule.message.endswith(".")


MORE = {
    "a judgement of nothing": (
        replace("annotations/tone/gold.csv", "tone-3,c2", "tone-3,c999"),
        "E306",
        "unit_id: c999 is no",
    ),
    "a pass of no layer": (
        add("corpus.toml", '\n[[passes]]\nlayer = "mood"\nannotator_id = "kim"\ndate = 2026-01-31\ntexts = []\n'),
        "E304",
        "corpus.toml mood/kim",
    ),
    "a source outside the folder": (
        replace("corpus.toml", 'file = "sources/mini.txt"', 'file = "../mini.txt"'),
        "E201",
        "../mini.txt does not exist in the corpus folder",
    ),
    "a table with line ends of old": (
        lambda folder: (folder / "annotations/tone/gold.csv").write_bytes(
            (folder / "annotations/tone/gold.csv").read_bytes().replace(b"\n", b"\r")
        ),
        "E104",
        "annotations/tone/gold.csv: E104",
    ),
    "a release under another name": (
        lambda folder: shutil.copytree(folder / "releases/0.1.0", folder / "releases/0.2.0"),
        "E401",
        "releases/0.2.0: E401",
    ),
    "a text in the file that is not its slice": (
        both(bring_the_text, replace(TEXTS, "I cross it daily 😀. Who pays?", "I cross it never 😀. Who pays?")),
        "E203",
        "The text in the file differs from its slice 109 to 138",
    ),
    "a block with half a place in the source": (
        replace(GOLD, "paragraph,109,138", "paragraph,109,"),
        "E303",
        "109 to null",
    ),
    "a block that ends before it begins": (
        replace(GOLD, "paragraph,109,138", "paragraph,109,99"),
        "E303",
        "holds nothing",
    ),
    "a source whose texts are gone": (
        lambda folder: (folder / TEXTS).write_text((folder / TEXTS).read_text(encoding="utf-8").splitlines()[0] + "\n"),
        "E205",
        "Characters 0 to 178",
    ),
    "an annotator with a point in the name": (
        add("annotations/mentions/gpt-4.1.csv", "span_id,text_id,start_char,end_char,quote,label\n"),
        "E304",
        "annotator_id 'gpt-4.1'",
    ),
    "a file of a unit the layer does not have": (
        add("annotations/mentions/kim.judgements.csv", "judgement_id\n"),
        "E304",
        "Its ending names no table of the layer; there are: mentions, mentions_relations",
    ),
    "a bad column in the second file": (
        add(
            "annotations/mentions/lee.csv",
            "span_id,text_id,start_char,end_char,quote,label,sure\nx,a1,0,6,Bridge,thing,1\n",
        ),
        "E104",
        "annotations/mentions/lee.csv: E104",
    ),
    "a required column is gone": (
        replace("annotations/tone/gold.csv", "unit_id,question,label", "unit_id,asked,label"),
        "E104",
        "lacks 'question'",
    ),
    "a layer nobody declared": (add("annotations/mood/gold.csv", "span_id\n"), "E304", "no scheme/mood.toml"),
    "an empty file": (lambda folder: (folder / "annotations/tone/gold.csv").write_bytes(b""), "E103", "is empty"),
    "bytes that are no UTF-8": (
        lambda folder: (folder / "annotations/tone/gold.csv").write_bytes(b"judgement_id\n\xff\n"),
        "E103",
        "cannot be read as CSV in UTF-8",
    ),
    "offsets that are no numbers": (
        replace("annotations/mentions/gold.csv", "8,11,Ann", "8,1l,Ann"),
        "E105",
        "1l is no integer",
    ),
    "a missing source": (
        lambda folder: (folder / "sources/mini.txt").unlink(),
        "E201",
        "does not exist in the corpus folder",
    ),
    "two articles": (replace(TEXTS, "c2,mini,comment,2", "c2,mini,article,2"), "E206", "It has 2 articles"),
    "a label with no place at all": (replace(GOLD, ",89,107,", ",,,"), "E302", "null to null in c1"),
    "a time that is none": (replace(TEXTS, "2026-01-30T08:00:00Z", "yesterday"), "E105", "yesterday is no timestamp"),
    "a released file is gone": (lambda folder: (folder / FLIP).unlink(), "E401", "comments.parquet is missing"),
    "a damaged list of sums": (
        lambda folder: (folder / "releases/0.1.0/SHA256SUMS").write_text("x\n"),
        "E401",
        "SHA256SUMS:1: not a line of the form",
    ),
    "a pass through no text, with rows": (
        replace("corpus.toml", 'date = 2026-01-30\ntexts = ["a1", "c1", "c2"]', "date = 2026-01-30\ntexts = []"),
        "E305",
        "mentions-kim-2: E305",
    ),
    "a pass through no text, with judgements": (
        replace(
            "corpus.toml",
            'layer = "tone"\nannotator_id = "gold"\nguideline_version = "1"\ndate = 2026-01-31\nsources = ["mini"]',
            'layer = "tone"\nannotator_id = "gold"\nguideline_version = "1"\ndate = 2026-01-31\ntexts = []',
        ),
        "E305",
        "annotations/tone/gold.csv tone-1: E305",
    ),
    "a reader's slice beyond the end": (
        replace(TEXTS, ",154,178", ",154,1780"),
        "E203",
        "Its place 154 to 1780 gives no text",
    ),
}


@pytest.mark.parametrize(("change", "code", "expected"), MORE.values(), ids=MORE)
def test_further_ways_to_break_a_rule(released, change, code, expected):
    change(released)
    found = [str(finding) for finding in validate(released, select=code)]
    assert any(expected in finding for finding in found), found


def test_select_runs_only_the_rules_that_begin_so(released):
    both(BROKEN["E107"][0], BROKEN["E206"][0])(released)
    assert {finding.code for finding in validate(released)} == {"E107", "E206"}
    assert {finding.code for finding in validate(released, select="E2")} == {"E206"}
    assert [rule.code for rule in find_rules("w")] == ["W101", "W102", "W103", "W104", "W105", "W301", "W302", "W303"]
    with pytest.raises(UnknownNameError, match="'E9'; there are: E101"):
        validate(released, select="E9")


BLOCKING = {
    "E101": replace("corpus.toml", 'title = "Mini Corpus"\n', ""),
    "E102": replace("scheme/tone.toml", 'title = "Tone"', "title = 1"),
    "E103": lambda folder: (folder / "annotations/mentions/gold.csv").write_bytes(b"span_id\n\xff\n"),
}


@pytest.mark.parametrize("code", BLOCKING)
def test_what_keeps_a_selected_rule_from_running_is_reported_whatever_was_selected(released, code):
    BLOCKING[code](released)
    assert [finding.code for finding in validate(released, select="E3")] == [code]


def test_a_column_may_refer_to_the_units_of_a_layer_and_hold_a_list(mini):
    with (mini / "scheme/tone.toml").open("a") as file:
        file.write(
            '\n[[judgement.columns]]\nname = "about"\ntype = "strings"\nrequired = false\n'
            'refers_to = "mentions.span_id"\ndescription = "What it is about."\n'
        )
    rows = 'judgement_id,unit_id,question,label,about\ntone-1,a1,How?,calm,"mentions-1\n{}"\n'
    (mini / "annotations/tone/gold.csv").write_text(rows.format("mentions-kim-2"))
    assert validate(mini) == []
    (mini / "annotations/tone/gold.csv").write_text(rows.format("mentions-9"))
    [finding] = validate(mini)
    assert (finding.code, finding.unit, finding.found) == (
        "E109",
        "tone-1",
        "about: mentions-9 is no mentions.span_id.",
    )


def test_many_files_of_one_table_are_checked_as_one(mini, tmp_path):
    """polars once panicked on a lookup in a frame of several pieces."""
    for name in ("two", "three", "four"):
        (tmp_path / f"{name}.txt").write_text(f"{name}\n\nJo said...\n\nHi.\n")
        ingest(tmp_path / f"{name}.txt", into=mini)
    edit(mini / "threads/two.csv", "\ntwo,", "\nzwei,")
    found = [(finding.code, finding.unit) for finding in validate(mini)]
    # The gold layers cover none of the new texts, and W302 says so of each.
    assert [each for each in found if each[0] != "W302"] == [("E109", "a2"), ("E109", "c3"), ("W103", "zwei")]


def test_files_that_editors_and_systems_leave_lying_about_are_passed_over(released):
    (released / "annotations/tone/.#gold.csv").symlink_to("nowhere")
    (released / "scheme/._tone.toml").write_bytes(b"\x00\x05")
    (released / "texts/.mini.csv.swp").write_bytes(b"\x00")
    assert validate(released) == []


def test_a_folder_that_is_no_corpus_is_an_error_not_a_finding(tmp_path):
    with pytest.raises(NotACorpusError, match="holds no corpus.toml"):
        validate(tmp_path)
    with pytest.raises(NotACorpusError, match="does not exist"):
        validate(tmp_path / "nowhere")


def test_the_command_line_exits_0_clean_1_with_findings_2_for_wrong_usage(released, capsys):
    assert main(["validate", str(released)]) == 0
    assert f"sound; {len(RULES)} rules hold" in capsys.readouterr().out
    BROKEN["E206"][0](released)
    assert main(["validate", str(released)]) == 1
    shown = capsys.readouterr()
    assert (
        shown.out
        == "texts/mini.csv mini: E206 A thread is not an article at position 0 and what follows it at 1, 2, 3, ... "
        + ("It has 1 articles and the positions 0, 1, 3.\n")
    )
    assert shown.err == "1 finding; why, and how to mend: corpus-tools explain CODE (E206)\n"
    assert main(["validate", str(released), "--select", "E9"]) == 2
    assert main(["validate", str(released / "nowhere")]) == 1
    with pytest.raises(SystemExit) as caught:
        main(["validate", "--no-such-option"])
    assert caught.value.code == 2


def test_findings_as_json_carry_code_severity_place_and_page(released, capsys):
    BROKEN["E107"][0](released)
    assert main(["validate", str(released), "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)
    assert finding == {
        "code": "E107",
        "severity": "error",
        "message": "An id stands in more than one row.",
        "place": "annotations/tone/gold.csv",
        "unit": "tone-1",
        "found": "2 rows of tone have it.",
        "page": "E107.md",
    }


def test_explain_prints_the_page_and_lists_the_rules(capsys):
    assert main(["explain", "e205"]) == 0
    assert capsys.readouterr().out == explain("E205")
    assert main(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(RULES)
    assert main(["explain", "E999"]) == 2
