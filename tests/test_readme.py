"""The README says what is true: its code runs, its links lead somewhere, its commands exist."""

import re
import shutil

import duckdb
import pytest

from conftest import ROOT
from corpus_tools.bench import markdown, stored, stored_machine
from corpus_tools.cli import COMMANDS, main
from corpus_tools.corpus import load, versions
from corpus_tools.scaffold import example_page

PAGES = ["README.md", "CONTRIBUTING.md", "corpus/README.md", "corpus/LICENSE.md", "corpus/CHANGELOG.md"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


# mlcroissant uses what rdflib and pandas will take out.
@pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning", "ignore:The inplace keyword:DeprecationWarning"
)
@pytest.mark.parametrize("name", ["README.md", "corpus/README.md"])
def test_the_python_examples_run_from_the_root(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    examples = re.findall(r"```python\n(.*?)```", read(name), re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, name, "exec"), {})
    assert name != "README.md" or "B,Poster said..." in capsys.readouterr().out


def commands():
    return [command.split() for command in re.findall(r"^corpus-tools (\w+ .*?)(?:  +#.*)?$", read("README.md"), re.M)]


def test_a_large_collection_is_described_as_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    comments = load().comments.select(body="text", user="author_id", reply_to="parent_id")
    comments.write_parquet("comments.parquet")
    [file, hub] = [command for command in commands() if command[0] == "describe"]
    assert main(file) == 0
    assert "5 texts described in tables" in capsys.readouterr().out
    # A name like that of the Hub's datasets leads to one there, or to a folder of this machine.
    assert hub[1] == "hf:owner/name"
    (tmp_path / "owner" / "name").mkdir(parents=True)
    comments.select(text="body").write_parquet("owner/name/train.parquet")
    assert main(hub) == 0


def test_the_four_commands_it_shows_lead_from_a_page_to_rows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copy(example_page(), "page.html")
    shown = [command for command in commands() if command[0] != "describe"]
    assert [command[0] for command in shown] == ["new", "ingest", "release"]
    for command in shown:
        assert main(command) == 0
    [code] = re.findall(r"^python -c '(.*)'$", read("README.md"), re.M)
    exec(code, {})
    assert "num_rows: 5" in capsys.readouterr().out
    assert load("my-corpus").comments["text"][1].startswith("Have you read page 12?")


def test_the_questions_across_layers_have_the_answers_that_stand_beside_them_and_that_sql_finds(monkeypatch, capsys):
    [example] = [code for code in re.findall(r"```python\n(.*?)```", read("README.md"), re.DOTALL) if "# 5." in code]
    monkeypatch.chdir(ROOT)
    space = {}
    exec(compile(example, "README.md", "exec"), space)
    answers = {name: space[name].collect() for name in ("negated", "ascribed", "spoken_of", "loaded", "shared")}
    release = ROOT / "corpus/releases/1.0.0"
    sql = duckdb.connect()
    for table in ("entities", "appraisal", "arguments", "attribution", "negation", "claims_spans", "stance_spans"):
        sql.execute(f"create view {table} as from '{release / table}.parquet'")
    inside = "a.text_id = b.text_id and b.start_char <= a.start_char and a.end_char <= b.end_char"
    found = sql.execute(f"""select b.quote, a.quote from negation a join arguments b on {inside}
        join '{release}/replies.parquet' r on r.from_id = b.text_id and agreement = 'disagree' where a.label = 'NEG'""")
    assert sorted(found.fetchall()) == sorted(answers["negated"].select("quote", "quote_cue").rows())
    assert answers["negated"]["quote_cue"].to_list() == ["useless", "without"]
    found = sql.execute(f"""select distinct a.span_id from appraisal a join attribution b on {inside}
        where a.polarity is not null and b.label = 'content'""")
    assert {span for (span,) in found.fetchall()} == set(answers["ascribed"]["span_id"])
    assert answers["ascribed"]["text_id"].to_list().count("a1") == 2
    assert answers["ascribed"].height == 10
    found = sql.execute(f"select a.span_id from entities a join stance_spans b on {inside}").fetchall()
    assert len(found) == answers["spoken_of"]["n_mentions"].sum()
    assert answers["spoken_of"]["n_mentions"].to_list()[:2] == [17, 13]
    names = dict(load(ROOT / "corpus").table("entities").select("span_id", "wikidata").iter_rows())
    assert [names[chain] for chain in answers["spoken_of"]["chain_id"].to_list()[:2]] == ["Q30", "Q159"]
    assert answers["loaded"].select("text_id", "quote").rows() == [("a1", "ferocious")]
    assert {names[chain] for chain in answers["shared"]["chain_id"]} == {"Q159"}
    assert answers["shared"].height == 2
    capsys.readouterr()


@pytest.mark.parametrize("name", PAGES)
def test_links_within_the_project_lead_to_files(name):
    for target in re.findall(r"\]\(([^)#]+)\)", read(name)):
        if not target.startswith("http"):
            assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_commands_that_are_named_exist(name):
    known = {command.__name__.rpartition(".")[2] for command in COMMANDS}
    assert set(re.findall(r"corpus-tools ([a-z]+)", read(name))) <= known
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z]+)", read(name))) <= targets


def test_the_table_of_releases_names_each():
    block = read("README.md").split("<!-- releases")[1].split("<!-- /releases -->")[0]
    assert re.findall(r"^\| (\d+\.\d+\.\d+) \|", block, re.M) == versions(ROOT / "corpus")[::-1]


def test_every_release_has_its_entry_in_the_changelog():
    assert re.findall(r"^## (\d+\.\d+\.\d+)", read("corpus/CHANGELOG.md"), re.M) == versions(ROOT / "corpus")[::-1]


def test_no_file_of_the_project_names_an_index_or_a_machine():
    lock = read("requirements.lock")
    assert "://" not in lock
    assert "--hash=sha256:" in lock
    assert not re.search(r"/(home|root|work|tmp)/", lock)


def test_the_table_of_the_benchmark_is_the_one_that_is_stored():
    readme, machine = read("README.md"), stored_machine()
    assert markdown(stored()) in readme
    [told] = re.findall(r"^Measured on .*?\n\n", readme, re.M | re.S)
    told = " ".join(told.split())
    for name in ("date", "cores", "cpu", "python", "polars", "wc"):
        assert str(machine[name]) in told, name
