"""A corpus of one's own: what is written to begin with, and the way from a saved page to rows in a data frame."""

import io
import json
import re
import shutil
import subprocess
import sys
import tomllib

import pytest

from conftest import ROOT
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError
from corpus_tools.ingest import ingest
from corpus_tools.metadata import read_metadata
from corpus_tools.release import release
from corpus_tools.reproduce import reproduce
from corpus_tools.scaffold import ANSWERS, available_layers, example_page, new_corpus
from corpus_tools.scaffold.layers import chosen_layers
from corpus_tools.scheme import read_scheme
from corpus_tools.validate import validate

NOTEBOOKS = sorted((ROOT / "src/corpus_tools/scaffold/notebooks").glob("*.ipynb"))


def codes(folder):
    return {finding.code for finding in validate(folder)}


def test_what_is_written_is_a_sound_corpus_but_for_what_only_its_maker_knows(tmp_path):
    folder = new_corpus(tmp_path / "mine")
    assert codes(folder) == {"W105"}
    assert read_metadata(folder).version == "0.1.0"
    answers = {name: f"An answer to {name}" for name in ANSWERS}
    metadata = read_metadata(new_corpus(tmp_path / "other", answers=answers))
    assert metadata.title == "An answer to title"
    assert metadata.creators[0] == {"name": "An answer to creator"}
    assert list(metadata.licences.values()) == [f"An answer to {one}_licence" for one in ("text", "annotation", "code")]


@pytest.mark.parametrize("answer", ['"quoted" \\ {', "two\nlines", "'''", "é😀 #", '"""'])
def test_any_answer_survives(tmp_path, answer):
    answers = dict.fromkeys(ANSWERS, answer)
    metadata = read_metadata(new_corpus(tmp_path / "mine", answers=answers))
    plain = " ".join(answer.split())
    assert (metadata.title, metadata.summary, metadata.keywords) == (plain, plain, (plain,))
    assert codes(tmp_path / "mine") == {"W105"}


def test_a_person_has_family_and_given_names(tmp_path):
    folder = new_corpus(tmp_path / "mine", answers={"creator": "Doe, Jane Q."})
    assert read_metadata(folder).creators[0] == {"family_names": "Doe", "given_names": "Jane Q."}


def test_every_layer_of_the_shipped_corpus_may_be_taken_over_with_what_it_refers_to(tmp_path, shipped):
    names = available_layers()
    assert set(names) == set(read_scheme(shipped / "scheme").layers)
    for name in names:
        folder = new_corpus(tmp_path / name, layers=[name], notebooks=False)
        assert codes(folder) == {"W105"}, name
    assert chosen_layers(["claims"]) == ("arguments", "claims")
    whole = new_corpus(tmp_path / "whole", layers=names, notebooks=False)
    assert codes(whole) == {"W105"}
    scheme = read_scheme(whole / "scheme")
    assert {layer.origin for name, layer in scheme.layers.items() if name != "structure"} == {"manual native"}
    assert scheme.layers["structure"].origin == "rule"
    assert "Taken over from the Syria Talks Thread Corpus" in (whole / "guidelines/stance.md").read_text(
        encoding="utf-8"
    )


def test_an_empty_folder_is_filled_and_one_that_holds_something_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main(["new", ".", "--yes"]) == 0
    before = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert "corpus.toml" in before
    with pytest.raises(ArgumentError, match="holds something already"):
        new_corpus(tmp_path / "here")
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here"]


def test_unknown_layers_and_answers_are_refused_and_nothing_is_written(tmp_path, capsys):
    assert main(["new", str(tmp_path / "mine"), "--layers", "stanse"]) == 1
    assert "there is no layer stanse; choose among: appraisal" in capsys.readouterr().err
    with pytest.raises(ArgumentError, match="nothing asks for colour"):
        new_corpus(tmp_path / "mine", answers={"colour": "red"})
    assert list(tmp_path.iterdir()) == []


def test_at_a_terminal_what_was_not_given_is_asked(tmp_path, monkeypatch, capsys):
    asked = io.StringIO("Doe, Jane\nde\n\n")
    for stream in (asked, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", asked)
    assert main(["new", str(tmp_path / "mine"), "--title", "Mein Korpus"]) == 0
    metadata = read_metadata(tmp_path / "mine")
    assert (metadata.title, metadata.language, metadata.creators[0]["family_names"]) == ("Mein Korpus", "de", "Doe")
    shown = capsys.readouterr()
    assert "Your name, as: Family, Given" in shown.err
    assert f"next: corpus-tools ingest PATH --into {tmp_path}/mine" in shown.out
    left = (tmp_path / "mine/corpus.toml").read_text(encoding="utf-8").count('"FILL IN: ')
    assert f"{left} places wait" in shown.out


def test_the_example_page_holds_what_can_be_counted_by_eye(tmp_path):
    folder = new_corpus(tmp_path / "mine", notebooks=False)
    report = ingest(example_page(), into=folder, keep=["deleted"])
    assert (report.form, report.n_articles, report.n_comments, report.added.n_written["deleted"]) == (
        "blogger-page",
        1,
        5,
        1,
    )
    draft = load(folder, "draft")
    assert draft.threads["title"].to_list() == ["Council Votes to Close the Harbour Bridge"]
    assert draft.articles["posted_at"].dt.strftime("%F %T").to_list() == ["2019-03-04 16:20:00"]
    assert draft.articles["text"][0].count("\n\n") == 3
    shown = draft.comments.join(draft.authors, on="author_id").sort("position")
    shown = shown.select(
        "display_name", "parent_id", shown["posted_at"].dt.strftime("%F %T"), shown["text"].str.slice(0, 12)
    )
    assert shown.rows() == [
        ("Old Sailor", None, "2019-03-04 18:02:11", "I have cross"),
        ("Mira K.", "c1", "2019-03-04 19:40:52", "Have you rea"),
        ("Old Sailor", "c1", "2019-03-05 06:15:30", "I have read "),
        ("Anonymous", None, "2019-03-05 09:27:04", "And who pays"),
        ("harbour.walker", None, "2019-03-06 21:48:57", "A year is wh"),
    ]
    assert codes(folder) == {"W105"}


def test_four_commands_lead_from_an_empty_folder_to_a_data_set(tmp_path):
    """The promise of the README: new, ingest, release, load_dataset."""
    shutil.copy(example_page(), tmp_path / "page.html")
    tool = shutil.which("corpus-tools", path=str(ROOT / ".venv/bin")) or "corpus-tools"
    python = (
        "from datasets import load_dataset\n"
        "comments = load_dataset('./mine', 'comments', split='full')\n"
        "print(comments.num_rows, comments[1]['text'][:13], comments[1]['parent_id'], comments[1]['posted_at'])"
    )
    commands = [
        [tool, "new", "mine", "--title", "My Thread", "--creator", "Doe, Jane"],
        [tool, "ingest", "page.html", "--into", "mine"],
        [tool, "release", "0.1.0", "mine"],
        [sys.executable, "-c", python],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "5 Have you read c1 2019-03-04 19:40:52.123000+00:00"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_ask_a_question_say_their_limits_and_hold_no_output(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    assert re.match(r"# [^\n]+\?\n", texts[0])
    assert texts[-1].startswith("## Limits")
    for before, cell, text in zip(cells, cells[1:], texts[1:], strict=False):
        if cell["cell_type"] == "code":
            assert before["cell_type"] == "markdown"
            assert 40 <= len("".join(before["source"]).split()) <= 130
            assert "assert" in text
            assert cell["outputs"] == []
            assert all(len(line) <= 100 for line in text.splitlines())


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    folder = new_corpus(tmp_path_factory.mktemp("own") / "mine", answers={"title": "My Thread", "creator": "Doe, Jane"})
    ingest(example_page(), into=folder)
    release(folder, "0.1.0")
    return folder


def test_the_notebooks_run_on_the_corpus_they_stand_in_and_publish_its_tables(released):
    outcome = reproduce(released, publish=True, report=released.parent / "report.html")
    assert outcome.differences == []
    assert (outcome.n_tables, len(outcome.notebooks)) == (11, 2)
    threads = (released / "results/01_the_threads/threads.csv").read_text(encoding="utf-8")
    assert "5,4," in threads
    sources = (released / "results/01_the_threads/sources.csv").read_text(encoding="utf-8")
    assert sources.splitlines()[1] == "example,blogger-page,1,5,1.0,1.0,0.4"
    left_out = (released / "results/01_the_threads/left_out.csv").read_text(encoding="utf-8")
    assert "example,dropped,deleted entries,1\n" in left_out
    assert reproduce(released).differences == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_one_setting_makes_the_notebooks_run_on_another_corpus(notebook, tmp_path, shipped):
    """On the shipped corpus, and on comments without an article, which have nothing to be compared with."""
    from corpus_tools.reproduce.run import execute

    folder = new_corpus(tmp_path / "alone", notebooks=False)
    (tmp_path / "comments.csv").write_text("id,author,text\n1,Jo,Hi there.\n2,Max,\n3,Max,Ho ho.\n", encoding="utf-8")
    ingest(tmp_path / "comments.csv", into=folder)
    release(folder, "0.1.0")
    for corpus in (shipped, folder):
        text = notebook.read_text(encoding="utf-8")
        assert text.count('CORPUS = \\"..\\"') == 1
        (tmp_path / "n").mkdir(exist_ok=True)
        copied = tmp_path / "n" / notebook.name
        copied.write_text(text.replace('CORPUS = \\"..\\"', f'CORPUS = \\"{corpus}\\"'), encoding="utf-8")
        assert execute(copied, corpus).cells


def test_the_corpus_has_a_card_a_citation_and_metadata_of_its_own(released):
    card = (released / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    assert "My Thread" in card
    assert load(released).cite("apa").startswith("Doe, J.")
    assert tomllib.loads((released / "corpus.toml").read_text(encoding="utf-8"))["sources"][0]["form"] == "blogger-page"
    croissant = json.loads((released / "croissant.json").read_text(encoding="utf-8"))
    assert croissant["name"] == "My Thread"


def test_a_report_says_how_many_threads_there_are_where_it_is_not_one(tmp_path):
    folder = new_corpus(tmp_path / "mine", notebooks=False)
    (tmp_path / "two.csv").write_text("id,thread,author,text\n1,t1,Jo,Hi there.\n2,t2,Max,Ho ho.\n", encoding="utf-8")
    assert "\n  2 threads, 0 articles, 2 comments, 2 authors" in str(ingest(tmp_path / "two.csv", into=folder))
    (tmp_path / "one.csv").write_text("id,author,text\n9,Jo,Hi again.\n", encoding="utf-8")
    assert "\n  0 articles, 1 comment, 1 author" in str(ingest(tmp_path / "one.csv", into=folder))
