"""Annotating elsewhere and coming back, and deciding where passes differ."""

import datetime
import html
import json
import shutil

import polars as pl
import pytest
import tomlkit
from polars.testing import assert_frame_equal

from annotating import without_gold
from conftest import ROOT, edit
from corpus_tools.agreement import agreement
from corpus_tools.annotate import TOOLS, Adjudication, Decision, Pass, export_task, import_task, write_pass
from corpus_tools.annotate.adjudication import NONE
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, RecordsError, UnknownNameError
from corpus_tools.release import release
from corpus_tools.scheme import GOLD
from corpus_tools.validate import validate

WHO = {"annotator_id": "kim", "kind": "human expert", "name": "Kim", "description": "Read it twice."}
# Layers whose passes refer to texts, to their own rows or to gold of others; not tokens, which are CoNLL-U.
LAYERS = [
    ["entities", "negation", "stance", "quality", "replies", "arguments"],
    ["coreference", "claims", "time", "attribution", "appraisal", "article_links", "normalisation"],
]


@pytest.fixture
def corpus(tmp_path):
    """A copy of the shipped corpus without its releases."""
    return shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("releases", "results"))


def contents(rows, table):
    """Rows without what differs from annotator to annotator: ids of rows, and references to these."""
    ids = {column.name for column in table.columns if column.type == "id" and column.name != "text_id"}
    return rows.select(name for name in rows.columns if name not in ids)


def of_annotator(corpus, table, annotator):
    rows = corpus.scan(table.name, split="passes").filter(pl.col("annotator") == annotator)
    return rows.collect()


@pytest.mark.parametrize("layers", LAYERS, ids=["first", "second"])
def test_what_was_not_changed_comes_back_as_gold_has_it_and_is_sound(layers, corpus, tmp_path):
    export_task(corpus, layers, tmp_path / "task", to="csv", start=GOLD)
    made = import_task(corpus, tmp_path / "task", **WHO)
    draft = load(corpus, "draft")
    for name in layers:
        for table in draft.scheme.layer(name).tables:
            gold, kim = draft.table(table.name), of_annotator(draft, table, "kim")
            assert kim.height == made.n_rows[table.name] == gold.height
            assert_frame_equal(contents(kim, table), contents(gold, table), check_row_order=False)
    assert validate(corpus) == []


def test_ends_and_chains_are_those_of_gold(corpus, tmp_path):
    export_task(corpus, ["coreference"], tmp_path / "task", to="csv", start=GOLD)
    import_task(corpus, tmp_path / "task", **WHO)
    draft = load(corpus, "draft")
    table = draft.scheme.table("coreference")
    columns = ["from_id", "to_id", "label", "chain_id"]
    assert_frame_equal(of_annotator(draft, table, "kim").select(columns), draft.table("coreference").select(columns))


def test_a_task_begins_without_anybodys_rows(corpus, tmp_path):
    export_task(corpus, ["entities", "stance"], tmp_path / "task", to="csv")
    assert pl.read_csv(tmp_path / "task" / "entities.csv").is_empty()
    asked = pl.read_csv(tmp_path / "task" / "stance.csv")
    texts, questions = load(corpus, "draft").texts.height, load(corpus, "draft").scheme.table("stance").questions
    assert asked.height == texts * len(questions)
    assert asked["label"].null_count() == asked.height


@pytest.mark.parametrize(
    ("tool", "file"),
    [("csv", "labels.csv"), ("brat", "annotation.conf"), ("label-studio", "config.xml"), ("inception", "layers.json")],
)
def test_a_tool_is_told_what_each_label_means(tool, file, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to=tool)
    said = " ".join((tmp_path / "task" / file).read_text("utf-8").replace("&#x27;", "'").split())
    for label in load(corpus, "draft").scheme.layer("entities").labels["entities"]:
        assert (
            html.escape(label.definition.split(",")[0].strip(), quote=False) in said
            or label.definition.split(",")[0].strip() in said
        )


def test_an_edited_pass_is_in_the_table_of_agreement(corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    path = tmp_path / "task" / "entities.csv"
    rows = pl.read_csv(path, infer_schema=False)
    # A new span, found by its quote alone; one with another label; one taken out.
    new = {"text_id": "c2", "quote": "Yep", "label": "abstract", "named": "false"}
    other = pl.when(pl.col("span_id") == "entities-1").then(pl.lit("place")).otherwise("label").alias("label")
    edited = rows.with_columns(other).filter(pl.col("span_id") != "entities-2")
    pl.concat([edited, pl.DataFrame([new])], how="diagonal").write_csv(path)
    import_task(corpus, tmp_path / "task", **WHO)
    draft = load(corpus, "draft")
    kim = of_annotator(draft, draft.scheme.table("entities"), "kim")
    gold = draft.table("entities")
    assert kim.height == gold.height
    assert kim.filter(pl.col("quote") == "Yep").select("text_id", "start_char", "end_char").rows() == [("c2", 0, 3)]
    assert kim["span_id"].to_list() == [f"entities-kim-{n}" for n in range(1, kim.height + 1)]
    found = agreement(draft, layers=["entities"], annotators=["kim"], bootstraps=10)
    whole = found.filter(
        (pl.col("between") == "gold") & pl.col("label").is_null() & (pl.col("coefficient") == "F1 exact")
    )
    assert whole.height == 1, found
    # 154 spans of gold, one of them taken out and another labelled otherwise, and one that gold does not have.
    assert whole["value"].item() == pytest.approx(2 * 152 / (154 + 154))


def submit(path):
    """What Label Studio does with a prediction when an annotator submits it unchanged."""
    tasks = json.loads(path.read_text())
    for task in tasks:
        task["annotations"] = task.pop("predictions")
    path.write_text(json.dumps(tasks))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_layer_that_leaves_its_questions_open_goes_out_with_those_that_were_asked(tool, mini, tmp_path):
    draft = load(mini, "draft")
    (table,) = draft.scheme.layer("tone").tables
    assert table.questions == ()
    export_task(mini, ["tone"], tmp_path / "task", to=tool, start=GOLD)
    if tool == "label-studio":
        submit(tmp_path / "task" / "tasks.json")
    import_task(mini, tmp_path / "task", **{**WHO, "annotator_id": "mia"})
    draft = load(mini, "draft")
    assert_frame_equal(
        contents(of_annotator(draft, table, "mia"), table), contents(draft.table("tone"), table), check_row_order=False
    )


# Tool -> its file, and how the first entity is said to be an organization in it.
SAVED = {
    "inception": ("syria-talks-2016.xmi", 'corpus_id="entities-1" label="organization"'),
    "webanno-tsv": ("syria-talks-2016.tsv", "entities-1[2]\torganization[2]"),
    "brat": ("syria-talks-2016.ann", "entities-organization 0 2\tUS"),
    "label-studio": ("tasks.json", '"end": 2,\n       "text": "US",\n       "labels": [\n        "organization"'),
}


@pytest.mark.parametrize("tool", SAVED)
def test_a_label_changed_in_a_tools_file_is_in_the_table_of_agreement(tool, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to=tool, start=GOLD)
    name, said = SAVED[tool]
    path = tmp_path / "task" / name
    edit(path, said, said.replace("organization", "place"))
    if tool == "label-studio":
        submit(path)
    import_task(corpus, tmp_path / "task", **WHO)
    found = agreement(load(corpus, "draft"), layers=["entities"], annotators=["kim"], bootstraps=10)
    exact = found.filter((pl.col("between") == "gold") & pl.col("label").is_null())
    by_name = dict(exact.select("coefficient", "value").iter_rows())
    assert by_name["F1 exact"] == pytest.approx(153 / 154)
    assert by_name["F1 exact, unlabelled"] == 1


@pytest.mark.parametrize("tool", SAVED)
def test_a_text_changed_in_a_tool_is_refused_with_the_place(tool, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to=tool, start=GOLD)
    path = tmp_path / "task" / SAVED[tool][0].replace(".ann", ".txt")
    path.write_text(path.read_text("utf-8").replace("Yep", "Yes"), encoding="utf-8")
    if tool == "label-studio":
        submit(path)
    text = "\n\n".join(load(corpus, "draft").texts["text"])
    with pytest.raises(RecordsError, match=f"at character {text.index('Yep') + 2} of the document stood 'p"):
        import_task(corpus, tmp_path / "task", **WHO)
    assert not (corpus / "annotations" / "entities" / "kim.csv").exists()


def test_an_annotator_stands_on_the_card_of_the_next_release_with_the_kind(layered, tmp_path):
    export_task(layered, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    import_task(layered, tmp_path / "task", **{**WHO, "annotator_id": "mia", "name": "Mia", "kind": "human crowd"})
    release(layered, load(layered, "draft").metadata.version)
    card = (layered / "README.md").read_text("utf-8")
    assert "| mia | human crowd | Mia |" in card
    assert load(layered).layer("entities", annotators="mia").height > 0


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("texts/c2.txt", "Yep", "Yes", r"at character \d+ of the document stood 'p"),
        ("entities.csv", "entities-1,a1,0,2,US,organization", "entities-1,a1,0,2,US,company", "'company' is no label"),
        ("entities.csv", "entities-1,a1,0,2,US,", "entities-1,a1,0,3,US,", "row 1 below the header: at 0 to 3 stands"),
        ("entities.csv", "entities-1,a1,0,2,US,", "entities-1,a9,0,2,US,", "'a9' is no text here"),
        ("entities.csv", "entities-1,a1,0,2,US,", "entities-1,a1,,,the,", "the text has 'the' 7 times"),
        ("entities.csv", "span_id,text_id", "span,text_id", "has the columns"),
        ("task.json", '"corpus"', '"corpse"', "does not say what the task is"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_place_and_nothing_is_written(file, old, new, said, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    edit(tmp_path / "task" / file, old, new)
    before = (corpus / "corpus.toml").read_bytes()
    with pytest.raises((RecordsError, ArgumentError), match=said):
        import_task(corpus, tmp_path / "task", **WHO)
    assert (corpus / "corpus.toml").read_bytes() == before
    assert not (corpus / "annotations" / "entities" / "kim.csv").exists()


def test_a_pass_is_never_written_over(corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    import_task(corpus, tmp_path / "task", **WHO)
    before = (corpus / "annotations" / "entities" / "kim.csv").read_bytes()
    with pytest.raises(ArgumentError, match="kim has a pass over entities already"):
        import_task(corpus, tmp_path / "task", **WHO)
    declared = Pass("structure", "kim", "rule", "x", "y", datetime.date(2026, 1, 1), ("a1",))
    with pytest.raises(ArgumentError, match="kim is a human expert"):
        write_pass(corpus, declared, {})
    assert (corpus / "annotations" / "entities" / "kim.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"annotator_id": "gold"}, ArgumentError, "gold is what was decided"),
        ({"annotator_id": "../kim"}, ArgumentError, "cannot be the id of an annotator"),
        ({"kind": "robot"}, UnknownNameError, "human expert"),
        ({"texts": ["c9"]}, UnknownNameError, "c9"),
    ],
)
def test_who_cannot_have_made_a_pass_is_refused(change, error, said, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    with pytest.raises(error, match=said):
        import_task(corpus, tmp_path / "task", **{**WHO, **change})


def test_a_layer_that_a_tool_cannot_show_is_refused_with_those_that_can(corpus, tmp_path):
    with pytest.raises(ArgumentError, match="CoNLL-U"):
        export_task(corpus, ["tokens"], tmp_path / "task", to="csv")
    with pytest.raises(ArgumentError, match="claims judges gold's arguments"):
        export_task(corpus, ["arguments", "claims"], tmp_path / "task", to="csv")
    with pytest.raises(UnknownNameError, match="brat"):
        export_task(corpus, ["entities"], tmp_path / "task", to="word")
    assert not (tmp_path / "task").exists()


@pytest.mark.parametrize("tool", TOOLS)
def test_the_spans_of_a_pass_go_to_every_tool_and_come_back(tool, corpus, tmp_path):
    export_task(corpus, ["entities", "time"], tmp_path / "task", to=tool, start=GOLD)
    if tool == "label-studio":
        submit(tmp_path / "task" / "tasks.json")
    import_task(corpus, tmp_path / "task", **WHO)
    draft = load(corpus, "draft")
    for name in ("entities", "time"):
        table = draft.scheme.table(name)
        kim = of_annotator(draft, table, "kim")
        assert_frame_equal(contents(kim, table), contents(draft.table(name), table), check_row_order=False)
    assert validate(corpus) == []


def as_shipped(work, shipped):
    """Decide every difference as the gold of the shipped corpus has it."""
    decisions = {}
    for difference in work.differences:
        table = shipped.scheme.table(difference.table)
        quote = difference.key
        rows = shipped.table(table.name)
        if "start_char" in rows.columns:
            place = pl.concat_str("start_char", "end_char", separator="-")
            rows = rows.filter((pl.col("text_id") == quote[1]) & ((place == quote[2]) | (pl.col("quote") == quote[2])))
        elif "question" in rows.columns:
            rows = rows.filter((pl.col("unit_id") == quote[1]) & (pl.col("question") == quote[2]))
        else:
            rows = rows.head(0) if all(not version.rows for version in difference.versions) else None
        if rows is None:
            # Relations: what most say.
            decisions[difference] = Decision(difference.versions[0].annotators[0], "most say so")
            continue
        labels = sorted(rows["label"].to_list())
        alike = [v for v in difference.versions if sorted(dict(row)["label"] for row in v.rows) == labels]
        chosen = alike[0].annotators[0] if alike else NONE if not labels else labels[0]
        decisions[difference] = Decision(chosen, "as it was decided")
    return decisions


@pytest.mark.parametrize(
    "layer", ["negation", "stance", "quality", "replies", "arguments", "claims", "structure", "appraisal"]
)
def test_the_shipped_passes_decided_as_they_were_give_the_shipped_gold(layer, corpus):
    shipped = load(ROOT / "corpus", "draft")
    without_gold(corpus, layer)
    work = Adjudication(corpus, layer)
    _, gold = work.write_gold(as_shipped(work, shipped), kind="language model", name="x", description="y")
    assert gold.left_out == ()
    draft = load(corpus, "draft")
    for table in draft.scheme.layer(layer).tables:
        made, was = draft.table(table.name), shipped.table(table.name)
        assert_frame_equal(
            contents(made, table).drop("reason"), contents(was, table).drop("reason"), check_row_order=False
        )
        decided = {one.key[1] for one in work.differences if one.table == table.name}
        assert made["reason"].drop_nulls().is_empty() or decided
    assert [finding for finding in validate(corpus) if finding.code != "E323"] == []


def test_the_differences_are_the_units_on_which_a_comparison_of_files_differs(corpus):
    without_gold(corpus, "entities")
    columns = ["text_id", "start_char", "end_char", "label", "named", "wikidata"]
    passes = [pl.read_csv(corpus / "annotations" / "entities" / f"lm-{n}.csv").select(columns) for n in (1, 2, 3)]
    said = [set(rows.rows()) for rows in passes]
    differ = {row[:3] for row in set.union(*said) - set.intersection(*said)}
    found = {
        (key[1], *map(int, key[2].split("-")))
        for key in (one.key for one in Adjudication(corpus, "entities").differences)
    }
    assert found == differ
    assert found


def test_a_decision_needs_a_reason_and_must_be_one(corpus):
    without_gold(corpus, "entities")
    work = Adjudication(corpus, "entities")
    first, *others = work.differences
    rest = {one: Decision(NONE, "no") for one in others}
    for decision, said in (
        (None, "is not decided"),
        (Decision(NONE, " "), "without a reason"),
        (Decision("company", "so"), "'company' is no decision"),
    ):
        with pytest.raises(ArgumentError, match=said):
            work.gold({**rest, **({first: decision} if decision else {})})
    chosen = work.gold({**rest, first: Decision("place", "so")}).rows["entities"]
    # What all who marked it have alike comes with the label.
    decided = [(row["label"], row["named"], row["reason"]) for row in chosen if row["reason"]]
    assert decided == [("place", dict(first.versions[0].rows[0])["named"] == "true", "so")]


def test_relations_at_what_was_not_chosen_are_left_out_and_named(corpus):
    without_gold(corpus, "negation")
    path = corpus / "annotations" / "negation" / "lm-2.csv"
    rows = pl.read_csv(path, infer_schema=False)
    first = rows.row(0, named=True)
    rows.filter(pl.col("span_id") != first["span_id"]).write_csv(path)
    relations = corpus / "annotations" / "negation" / "lm-2.relations.csv"
    kept = pl.read_csv(relations, infer_schema=False)
    kept.filter((pl.col("from_id") != first["span_id"]) & (pl.col("to_id") != first["span_id"])).write_csv(relations)
    work = Adjudication(corpus, "negation")
    spans = [one for one in work.differences if one.table == "negation"]
    links = [one for one in work.differences if one.table != "negation"]
    assert spans
    assert links
    gold = work.gold(
        {**{one: Decision(NONE, "no") for one in spans}, **{one: Decision("lm-1", "yes") for one in links}}
    )
    assert len(gold.left_out) == len(links)
    ids = {row["span_id"] for row in gold.rows["negation"]}
    assert all({row["from_id"], row["to_id"]} <= ids for row in gold.rows["negation_relations"])


def test_gold_is_not_written_over_and_needs_two_passes(corpus):
    with pytest.raises(ArgumentError, match="has gold already"):
        Adjudication(corpus, "entities")
    without_gold(corpus, "entities")
    metadata = tomlkit.parse((corpus / "corpus.toml").read_text())
    kept = tomlkit.aot()
    for one in metadata["passes"]:
        if one["layer"] != "entities" or one["annotator_id"] == "lm-1":
            kept.append(one)
    metadata["passes"] = kept
    (corpus / "corpus.toml").write_text(tomlkit.dumps(metadata))
    with pytest.raises(ArgumentError, match="no text of entities was gone through by two annotators"):
        Adjudication(corpus, "entities")


def test_the_command_writes_a_file_to_fill_in_and_then_gold(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    without_gold(corpus, "entities")
    command = ["adjudicate", "entities", str(corpus)]
    assert main(command) == 1
    assert capsys.readouterr().out == "entities.decisions.csv\n"
    sheet = pl.read_csv("entities.decisions.csv", infer_schema=False)
    assert sheet.columns == ["table", "place", "text", *(f"lm-{n} says" for n in (1, 2, 3)), "decision", "reason"]
    sheet.with_columns(decision=pl.lit("lm-1"), reason=pl.lit("so")).write_csv("entities.decisions.csv")
    assert main(command) == 0
    assert str(corpus / "annotations" / "entities" / "gold.csv") in capsys.readouterr().out
    lm_1 = pl.read_csv(corpus / "annotations" / "entities" / "lm-1.csv").drop("span_id", "reason")
    gold = pl.read_csv(corpus / "annotations" / "entities" / "gold.csv")
    assert_frame_equal(gold.drop("span_id", "reason"), lm_1, check_row_order=False)
    assert gold["reason"].drop_nulls().unique().to_list() == ["so"]


def test_a_terminal_is_asked_and_what_was_decided_is_kept(corpus, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    without_gold(corpus, "entities")
    typed = iter(["nonsense", "1", "", "the guideline", "q"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    assert main(["adjudicate", "entities", str(corpus)]) == 1
    shown = capsys.readouterr().out
    assert "1 of 5: entities" in shown
    assert "there are 0, 1, 2" in shown
    sheet = pl.read_csv("entities.decisions.csv", infer_schema=False)
    assert sheet["reason"].drop_nulls().to_list() == ["the guideline"]
    assert sheet["decision"].drop_nulls().len() == 1


def test_a_task_goes_out_and_comes_back_by_the_command(corpus, tmp_path, capsys):
    out = tmp_path / "task"
    words = [
        "annotate",
        "export",
        "entities",
        "--to",
        "csv",
        "--out",
        str(out),
        "--from",
        "gold",
        "--corpus",
        str(corpus),
    ]
    assert main(words) == 0
    assert str(out / "entities.csv") in capsys.readouterr().out
    assert main(["annotate", "import", str(out), "--annotator", "kim", "--corpus", str(corpus)]) == 0
    printed = capsys.readouterr()
    assert str(corpus / "annotations" / "entities" / "kim.csv") in printed.out
    assert "154 rows of entities" in printed.err


def test_no_row_is_no_label_that_is_called_none(layered):
    without_gold(layered, "stance")
    work = Adjudication(layered, "stance")
    for one in work.differences:
        assert NONE in work.choices(one)
        assert NONE not in load(layered, "draft").scheme.table(one.table)["label"].labels
    some = next(
        one for one in work.differences if any(dict(row)["label"] == "none" for v in one.versions for row in v.rows)
    )
    rest = {one: Decision(one.versions[0].annotators[0], "most") for one in work.differences if one is not some}
    said = work.gold({**rest, some: Decision("none", "it says nothing")}).rows["stance"]
    assert [row["label"] for row in said if row["reason"] == "it says nothing"] == ["none"]
    said = work.gold({**rest, some: Decision(NONE, "not asked")}).rows["stance"]
    assert "not asked" not in {row["reason"] for row in said}


def test_evidence_for_what_is_not_in_gold_is_left_out_and_named(layered):
    without_gold(layered, "stance")
    work = Adjudication(layered, "stance")
    judged = [one for one in work.differences if one.table == "stance"]
    gold = work.gold(
        {one: Decision(NONE if one in judged else one.versions[0].annotators[0], "so") for one in work.differences}
    )
    ids = {row["judgement_id"] for row in gold.rows["stance"]}
    assert all(row["judgement_id"] in ids for row in gold.rows["stance_spans"])
    assert any(unit.startswith("stance_spans") for unit in gold.left_out)


def test_spans_with_one_extent_are_told_apart_by_their_labels(layered):
    without_gold(layered, "negation")
    for annotator in ("kim", "lee"):
        files = (
            layered / "annotations" / "negation" / f"{annotator}.csv",
            layered / "annotations" / "negation" / f"{annotator}.relations.csv",
        )
        spans, relations = (pl.read_csv(file, infer_schema=False) for file in files)
        cue = spans.filter(pl.col("label") == "NEG").head(1)
        twin = cue.with_columns(span_id=pl.lit(f"negation-{annotator}-90"), label=pl.lit("SCOPE"))
        spans.head(0).vstack(cue).vstack(twin).write_csv(files[0])
        link = relations.head(1).with_columns(
            from_id=cue["span_id"], to_id=pl.lit(f"negation-{annotator}-90"), label=pl.lit("scope")
        )
        link.write_csv(files[1])
    work = Adjudication(layered, "negation")
    agreed = work.gold({one: Decision(one.versions[0].annotators[0], "so") for one in work.differences})
    labels = {row["span_id"]: row["label"] for row in agreed.rows["negation"]}
    assert [(labels[row["from_id"]], labels[row["to_id"]]) for row in agreed.rows["negation_relations"]] == [
        ("NEG", "SCOPE")
    ]


def test_a_unit_keeps_the_id_that_it_had_in_a_release(tmp_path):
    corpus = shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("results"))
    shipped = load(corpus, "draft")
    without_gold(corpus, "arguments")
    work = Adjudication(corpus, "arguments")
    work.write_gold(as_shipped(work, shipped), name="x", description="y")
    columns = ["span_id", "text_id", "start_char", "end_char", "label"]
    made = load(corpus, "draft").table("arguments").select(columns)
    assert_frame_equal(made, shipped.table("arguments").select(columns), check_row_order=False)


def test_a_row_of_a_new_unit_gets_an_id_that_none_ever_had(tmp_path):
    corpus = shutil.copytree(ROOT / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("results"))
    without_gold(corpus, "appraisal")
    for n in (1, 2, 3):
        path = corpus / "annotations" / "appraisal" / f"lm-{n}.csv"
        rows = pl.read_csv(path, infer_schema=False)
        new = {
            "span_id": f"appraisal-lm-{n}-900",
            "text_id": "c2",
            "start_char": "0",
            "end_char": "3",
            "quote": "Yep",
            "label": "affect",
            "polarity": "pos",
        }
        pl.concat([rows, pl.DataFrame([new])], how="diagonal").write_csv(path)
    work = Adjudication(corpus, "appraisal")
    decisions = {one: Decision(one.versions[0].annotators[0], "most") for one in work.differences}
    new = [row["span_id"] for row in work.gold(decisions).rows["appraisal"] if row["quote"] == "Yep"]
    ever = set(load(corpus, "1.0.0").table("appraisal")["span_id"]) | set(load(corpus).table("appraisal")["span_id"])
    assert len(new) == 1
    assert not set(new) & ever


def test_what_decides_is_what_the_corpus_says_of_gold(corpus, capsys):
    without_gold(corpus, "entities")
    assert main(["adjudicate", "entities", str(corpus), "--kind", "human crowd"]) == 1
    assert "gold is a language model" in capsys.readouterr().err


def rows_of(task, table):
    return pl.read_csv(task / f"{table}.csv", infer_schema=False)


def test_one_id_at_two_rows_is_refused(corpus, tmp_path):
    task = tmp_path / "task"
    export_task(corpus, ["entities", "negation"], task, to="csv", start=GOLD)
    rows_of(task, "negation").with_columns(
        span_id=pl.when(pl.col("span_id") == "negation-1").then(pl.lit("entities-1")).otherwise("span_id")
    ).write_csv(task / "negation.csv")
    with pytest.raises(
        RecordsError, match="negation.csv: row 1 below the header: the id 'entities-1' stands at another row"
    ):
        import_task(corpus, task, **WHO)


def test_a_reference_to_a_row_that_did_not_come_back_is_refused(corpus, tmp_path):
    task = tmp_path / "task"
    export_task(corpus, ["stance"], task, to="csv", start=GOLD)
    evidence = rows_of(task, "stance_spans")
    for lost in (evidence["judgement_id"][0], "foo"):
        table = rows_of(task, "stance").filter(pl.col("judgement_id") != evidence["judgement_id"][0])
        table.write_csv(task / "stance.csv")
        first = pl.int_range(pl.len()) == 0
        evidence.with_columns(judgement_id=pl.when(first).then(pl.lit(lost)).otherwise("judgement_id")).write_csv(
            task / "stance_spans.csv"
        )
        with pytest.raises(ArgumentError, match=f"judgement_id is '{lost}', which is the id of no row of stance"):
            import_task(corpus, task, **WHO)


def test_a_table_that_a_spreadsheet_saved_comes_back(corpus, tmp_path):
    task = tmp_path / "task"
    export_task(corpus, ["entities"], task, to="csv", start=GOLD)
    rows = rows_of(task, "entities").with_columns(pl.col("named").str.to_uppercase())
    (task / "entities.csv").write_bytes(
        b"\xef\xbb\xbf" + rows.write_csv(line_terminator="\r\n").encode() + b",,,,,,,,\r\n"
    )
    import_task(corpus, task, **WHO)
    draft = load(corpus, "draft")
    table = draft.scheme.table("entities")
    assert_frame_equal(
        contents(of_annotator(draft, table, "kim"), table),
        contents(draft.table("entities"), table),
        check_row_order=False,
    )
    edit(task / "entities.csv", "entities-1,a1,0,2,US,organization,TRUE", "entities-1,a1,0,2,US,organization,maybe")
    with pytest.raises(RecordsError, match="entities.csv: row 1 below the header: named: 'maybe' is no boolean"):
        import_task(corpus, task, **{**WHO, "annotator_id": "mia"})


@pytest.mark.parametrize("layer", ["negation", "stance", "replies", "arguments"])
def test_rows_in_texts_that_were_not_gone_through_are_left_out_and_counted(layer, corpus, tmp_path):
    export_task(corpus, [layer], tmp_path / "task", to="csv", start=GOLD)
    made = import_task(corpus, tmp_path / "task", **WHO, texts=["c3", "c4", "c3"])
    draft = load(corpus, "draft")
    n_gold = sum(draft.table(table.name).height for table in draft.scheme.layer(layer).tables)
    n_left = sum(int(sentence.partition(": ")[2].split()[0]) for sentence in made.left_out)
    assert sum(made.n_rows.values()) + n_left == n_gold
    assert n_left > 0
    assert validate(corpus) == []


@pytest.mark.parametrize("name", ["kim.spans", "GOLD", "Lm-1"])
def test_ids_that_files_would_confuse_are_refused(name, corpus, tmp_path):
    export_task(corpus, ["entities"], tmp_path / "task", to="csv", start=GOLD)
    with pytest.raises(ArgumentError, match="cannot be the id|differ in case only"):
        import_task(corpus, tmp_path / "task", **{**WHO, "annotator_id": name})


def test_a_corpus_that_changed_since_is_said_to_have(mini, tmp_path):
    export_task(mini, ["mentions"], tmp_path / "task", to="csv", start=GOLD)
    source = next((mini / "sources").iterdir())
    source.write_text(source.read_text("utf-8").replace("old bridge", "new bridge"), encoding="utf-8")
    with pytest.raises(ArgumentError, match="changed in .* since .* was exported"):
        import_task(mini, tmp_path / "task", **WHO)
