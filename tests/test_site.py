"""The site: everything has its page and anchor, every link leads somewhere, and nothing is asked of a network."""

import datetime
import hashlib
import html
import inspect
import itertools
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html
import pytest
from docutils.core import publish_doctree
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import corpus_tools
from annotating import without_gold
from conftest import LAYERED, MINI, NEEDS_BROWSER, ROOT, edit
from corpus_tools.cli import COMMANDS, main, parser
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingExtraError, SiteError
from corpus_tools.exchange import FORMATS
from corpus_tools.ingest import readers
from corpus_tools.site import build, run
from corpus_tools.site.api import rst
from corpus_tools.site.html import need_sphinx
from corpus_tools.site.markdown import code, linked, markdown_table, plain
from corpus_tools.validate import RULES

# What myst-parser still asks of Sphinx in its old way is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:'myst_parser")

PACKAGE = ROOT / "src" / "corpus_tools"
REPORT = (
    '<!DOCTYPE html><html lang="en"><head><title>The report</title></head><body>'
    + "".join(f'<section id="{path.stem}"></section>' for path in sorted((ROOT / "notebooks").glob("*.ipynb")))
    + "</body></html>"
)
LOADING = ("link", "script", "img", "iframe", "source", "embed", "object", "video", "audio", "track")
RELEASED_LATER = "These words were written after the release."


def digests(folder):
    """Every file of a folder with its bytes, but for what Python keeps of its own."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.fixture(scope="module")
def mini_site(_released_once, tmp_path_factory):
    """The site of the released mini corpus, built once, whose guideline was changed after the release."""
    folder = Path(shutil.copytree(_released_once, tmp_path_factory.mktemp("corpus") / "mini"))
    guideline = folder / "guidelines/tone.md"
    guideline.write_text(guideline.read_text(encoding="utf-8") + RELEASED_LATER, encoding="utf-8")
    before = digests(folder), digests(PACKAGE)
    steps = []
    site = build(folder, tmp_path_factory.mktemp("site") / "mini", progress=lambda *step: steps.append(step))
    assert (digests(folder), digests(PACKAGE)) == before, "a build writes into neither the corpus nor the package"
    return site, steps


@pytest.fixture(scope="module")
def shipped_site(tmp_path_factory):
    """The site of the shipped corpus with a report, built once."""
    place = tmp_path_factory.mktemp("site")
    report = place / "made.html"
    report.write_text(REPORT, encoding="utf-8")
    return build(out=place / "shipped", report=report).folder


@pytest.fixture(scope="module", params=["mini", "shipped"])
def site(request):
    """Either site; where both have to hold to the same."""
    return (
        request.getfixturevalue("mini_site")[0].folder
        if request.param == "mini"
        else request.getfixturevalue("shipped_site")
    )


@cache
def page(path):
    return lxml.html.parse(str(path)).getroot()


def pages(folder):
    return {path: page(path) for path in sorted(folder.rglob("*.html"))}


def text_of(element):
    return " ".join(element.text_content().split())


def ids(root):
    return [one.get("id") for one in root.iter() if isinstance(one.tag, str) and one.get("id")]


def tables(root):
    """Every table as rows of cells."""
    return [[[text_of(cell) for cell in row] for row in table.iter("tr")] for table in root.iter("table")]


# --- what is there ---------------------------------------------------------------------------------------------------


def test_the_site_has_a_page_for_everything(shipped_site):
    names = {path.relative_to(shipped_site).as_posix() for path in shipped_site.rglob("*.html")}
    layers = load(ROOT / "corpus").layers
    assert {
        *("index.html", "card.html", "codebook.html", "tables.html", "labels.html", "guidelines.html"),
        *("notebooks.html", "changelog.html", "licence.html", "rules.html", "commands.html", "search.html"),
        *("api.html", "report.html"),
        *(f"howto/{path.stem}.html" for path in run.how_to_pages()),
        *(f"layers/{layer}.html" for layer in layers),
        *(f"guidelines/{layer}.html" for layer in layers),
    } <= names
    assert json.loads((shipped_site / "site.json").read_text(encoding="utf-8")) == {
        "title": "Syria Talks Thread Corpus",
        "version": load(ROOT / "corpus").version,
        "content_sha256": load(ROOT / "corpus").content_sha256,
    }


def test_the_start_page_lists_the_versions_with_date_and_hash_and_says_how_to_load(shipped_site, mini_site):
    start = page(shipped_site / "index.html")
    [shown] = tables(start)
    releases = sorted((ROOT / "corpus/releases").glob("[0-9]*"), reverse=True)
    hashes = [json.loads((release / "manifest.json").read_bytes())["content_sha256"] for release in releases]
    dates = [tomllib.loads((release / "corpus.toml").read_text("utf-8"))["date"] for release in releases]
    assert [row[0] for row in shown[1:]] == [release.name for release in releases]
    assert [(datetime.date.fromisoformat(row[1]), row[3]) for row in shown[1:]] == list(zip(dates, hashes, strict=True))
    assert f'ct.load(version="{releases[0].name}")' in start.text_content()
    assert 'ct.load("mini", version="0.1.0")' in page(mini_site[0].start).text_content()


@pytest.mark.parametrize("name", corpus_tools.__all__)
def test_every_public_name_has_an_entry_to_which_the_reference_leads(name, shipped_site):
    links = page(shipped_site / "api.html").xpath("//article//td//a")
    [target] = [one.get("href") for one in links if text_of(one) == f"ct.{name}"]
    place, _, anchor = target.partition("#")
    assert anchor.endswith((f"corpus_tools.{name}", f".{name}"))
    assert anchor in ids(page(shipped_site / (place or "api.html")))


def public(module):
    """What a module exports; where it does not say so, what it defines."""
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    names = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    return [name for name in names if not inspect.ismodule(getattr(module, name))]


MODULES = [name for name in corpus_tools.__all__ if inspect.ismodule(getattr(corpus_tools, name))]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_of_a_module_has_an_entry(name, shipped_site):
    there = set(ids(page(shipped_site / f"api/{name}.html")))
    names = public(getattr(corpus_tools, name))
    assert names
    assert {f"corpus_tools.{name}.{one}" for one in names} - there == set()
    assert f"module-corpus_tools.{name}" in there


def test_docstrings_show_their_sections_types_and_sources(shipped_site):
    root = page(shipped_site / "api/measures.html")
    [entry] = [
        one
        for one in root.iter("dl")
        if one.find("dt") is not None and one.find("dt").get("id") == "corpus_tools.measures.reply_structure"
    ]
    shown = text_of(entry)
    assert "tree: DataFrame | LazyFrame" in shown
    assert re.search(r"Parameters ?: tree – One row per text", shown)
    assert re.search(r"Returns ?: One row per thread, sorted by thread_id: thread_id, n_texts", shown)
    assert re.search(r"Raises ?: MissingColumnError – If a column is absent", shown)
    assert "Source Wiener (1947)" in shown
    assert "`" not in shown
    [link] = [one for one in entry.iter("a") if text_of(one) == "MissingColumnError"]
    assert link.get("href") == "errors.html#corpus_tools.errors.MissingColumnError"
    [texts] = page(shipped_site / "api.html").xpath("//dt[@id='corpus_tools.Corpus.texts']/following-sibling::dd[1]")
    assert text_of(texts) == "One row per text: the articles, then the comments."
    # A type leads to its entry, wherever it is defined.
    signature = page(shipped_site / "api/agreement.html").xpath(
        "//dt[@id='corpus_tools.agreement.agreement']/following::a"
    )
    assert signature[0].get("href") == "../api.html#corpus_tools.Corpus"


def declared_labels(entries):
    """Every label with a definition in a scheme file, wherever it stands: found by its form, not by its place."""
    if isinstance(entries, list):
        return [label for entry in entries for label in declared_labels(entry)]
    if not isinstance(entries, dict):
        return []
    own = [entries] if {"id", "definition", "positive", "negative"} <= set(entries) else []
    return own + [label for value in entries.values() for label in declared_labels(value)]


def scheme_files(site):
    about = json.loads((site / "site.json").read_text(encoding="utf-8"))
    folder = ROOT / "corpus" / "releases" / about["version"] if about["title"].startswith("Syria") else MINI
    return [path for path in sorted((folder / "scheme").glob("*.toml")) if path.name != "tables.toml"]


def test_every_label_of_every_layer_has_an_anchor_with_its_definition_and_stands_in_the_index(site):
    index = page(site / "labels.html")
    listed = sorted((row[0], row[2]) for row in tables(index)[0][1:])
    everywhere = []
    for path in scheme_files(site):
        labels = declared_labels(tomllib.loads(path.read_text(encoding="utf-8")))
        sections = [
            one
            for one in page(site / f"layers/{path.stem}.html").iter("section")
            if (one.get("id") or "").startswith("label-")
        ]
        shown = [
            (text_of(one[0] if one[0].tag != "span" else one[1]).removesuffix("¶"), text_of(one)) for one in sections
        ]
        assert [name for name, _ in shown] == [label["id"] for label in labels]
        for label, (_, said) in zip(labels, shown, strict=True):
            for part in ("definition", "test", "positive", "negative"):
                assert " ".join(label[part].split()) in said
        everywhere += [(label["id"], " ".join(label["definition"].split())) for label in labels]
    assert listed == sorted(everywhere)


def test_the_anchor_of_a_label_is_made_of_table_question_or_column_and_label(shipped_site):
    assert "label-stance-favour" in ids(page(shipped_site / "layers/stance.html"))
    assert "label-tokens-deprel-nsubj" in ids(page(shipped_site / "layers/tokens.html"))


def test_every_column_stands_in_the_codebook_and_every_count_is_that_of_the_release(shipped_site):
    corpus = load(ROOT / "corpus")
    manifest = json.loads((corpus.folder / "releases" / corpus.version / "manifest.json").read_bytes())["n_rows"]
    places = dict.fromkeys(corpus.scheme.fixed, "tables.html")
    places |= {
        table.name: f"layers/{layer.name}.html" for layer in corpus.scheme.layers.values() for table in layer.tables
    }
    for name, table in corpus.scheme.tables.items():
        [section] = page(shipped_site / places[name]).xpath(f"//section[@id='table-{name.replace('_', '-')}']")
        columns = tables(section)[0]
        assert columns[0] == ["column", "type", "may be null", "meaning"]
        assert [(row[0], row[3]) for row in columns[1:]] == [
            (one.name, one.description.replace("`", "")) for one in table.columns
        ]
        assert [row[2] for row in columns[1:]] == ["" if one.required else "yes" for one in table.columns]
        parts = [f"{part}.parquet" for part in table.parts]
        files = {
            "full": parts or [f"{name}.parquet"],
            "gold": [f"{name}.parquet"],
            "passes": [f"{name}.passes.parquet"],
        }
        counts = [f"{sum(manifest[file] for file in files[split])} in {split}" for split in table.splits]
        assert f"Rows: {', '.join(counts)}." in text_of(section)


def test_a_layer_page_names_its_passes_its_publications_and_what_must_hold(shipped_site):
    root = page(shipped_site / "layers/arguments.html")
    shown = text_of(root)
    release = ROOT / "corpus/releases" / load(ROOT / "corpus").version
    entries = tomllib.loads((release / "corpus.toml").read_text(encoding="utf-8"))["passes"]
    passes = [one for one in entries if one["layer"] == "arguments"]
    [rows] = [rows[1:] for rows in tables(root) if rows[0][0] == "annotator"]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        (one["annotator_id"], one["guideline_version"], str(one["date"])) for one in passes
    ]
    assert {row[5] for row in rows} == {"6"}
    assert "Park and Cardie 2018" in shown
    assert "Origin: model-generated adjudicated." in shown
    assert "No two spans of an annotator share a character." in shown
    assert "from_id is a row of arguments; to_id is a row of arguments or arguments_relations." in shown
    assert "conflict_kind is filled where the label is conflict, and nowhere else." in shown


def test_guidelines_are_those_of_the_release_and_the_card_comes_without_its_header(mini_site, shipped_site):
    shown = text_of(page(mini_site[0].folder / "guidelines/tone.html"))
    assert "1: the only one." in shown
    assert RELEASED_LATER not in shown
    card = text_of(page(shipped_site / "card.html"))
    assert "pretty_name" not in card
    assert "What it must not be used for" in card
    assert "<!--" not in card
    links = {one.get("href") for one in page(shipped_site / "card.html").iter("a")}
    assert {"codebook.html", "changelog.html"} <= links


def test_every_rule_has_an_anchor_with_its_page_and_is_listed_once_with_severity_and_message(site):
    root = page(site / "rules.html")
    [listed] = tables(root)
    assert listed[1:] == [[rule.code, str(rule.severity), rule.message] for _, rule in sorted(RULES.items())]
    for code_, rule in RULES.items():
        [section] = root.xpath(f"//section[@id='{code_.lower()}']")
        written = rule.page.read_text(encoding="utf-8")
        words = re.findall(r"\w+", re.sub(r"```\w*|^#+", "", written, flags=re.M))
        shown = re.findall(r"\w+", section.text_content())
        assert shown == words
    body = root.xpath("//article")[0]
    targets = [one.get("href") for one in body.iter("a") if (one.get("class") or "") != "headerlink"]
    assert all(targets.count(f"#{code_.lower()}") == 1 for code_ in RULES)


def commands(made, name=()):
    """Every command below a parser, with its own, as its help shows them."""
    for action in made._actions:
        for one, below in (action.choices or {}).items() if hasattr(action, "_name_parser_map") else ():
            yield (*name, one), below
            yield from commands(below, (*name, one))


def test_every_command_stands_there_with_all_its_arguments(shipped_site):
    root = page(shipped_site / "commands.html")
    found = dict(commands(parser()))
    assert len(found) >= len(COMMANDS)
    for name, command in found.items():
        [section] = root.xpath(f"//section[@id='command-{'-'.join(name)}']")
        shown = re.sub(r"\s", "", text_of(section))
        assert f"usage:corpus-tools{''.join(name)}" in shown
        for option in re.findall(r"--[a-z][a-z-]+", command.format_help()):
            assert option == "--help" or option in shown


def test_the_notebooks_page_leads_to_the_report_and_to_every_published_table(shipped_site):
    links = [one.get("href") for one in page(shipped_site / "notebooks.html").xpath("//article//a")]
    published = sorted((ROOT / "corpus/results").rglob("*.csv"))
    assert {f"results/{path.relative_to(ROOT / 'corpus/results').as_posix()}" for path in published} <= set(links)
    assert {f"report.html#{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")} <= set(links)
    assert (shipped_site / "report.html").read_text(encoding="utf-8") == REPORT
    for path in published:
        assert (shipped_site / "results" / path.relative_to(ROOT / "corpus/results")).read_bytes() == path.read_bytes()


# --- how it hangs together -------------------------------------------------------------------------------------------


def test_every_internal_link_and_fragment_leads_somewhere(site):
    known = {path: set(ids(root)) for path, root in pages(site).items()}
    n_links = 0
    for path, root in pages(site).items():
        for element in root.iter():
            if not isinstance(element.tag, str):
                continue
            for attribute in ("href", "src"):
                address = urlsplit(element.get(attribute) or "")
                if element.get(attribute) is None or address.scheme in ("http", "https", "data", "mailto"):
                    continue
                target = (path.parent / unquote(address.path)).resolve() if address.path else path
                assert target.is_file(), f"{path.name}: {element.get(attribute)}"
                if address.fragment and target.suffix == ".html":
                    # The top of a page has no anchor, and furo's symbols are drawn within the page.
                    assert unquote(address.fragment) in known[target], f"{path.name}: {element.get(attribute)}"
                n_links += 1
    assert n_links > 500


def test_nothing_is_loaded_from_elsewhere(site):
    for path, root in pages(site).items():
        for element in root.iter(*LOADING):
            for attribute in ("src", "href", "srcset", "data", "poster"):
                address = urlsplit(element.get(attribute) or "")
                assert not address.netloc, f"{path.name}: {element.get(attribute)}"
                assert address.scheme in ("", "data"), f"{path.name}: {element.get(attribute)}"
        for style in root.iter("style"):
            assert "url(" not in style.text_content()
            assert "@import" not in style.text_content()
    for sheet in site.rglob("*.css"):
        words = sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", words), sheet
        assert "@import" not in words, sheet


def test_pages_are_in_order_for_those_who_hear_them(site):
    for path, root in pages(site).items():
        if path.name in ("report.html", "search.html"):
            continue
        assert root.get("lang") == "en"
        levels = [int(one.tag[1]) for one in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        assert [place for place, level in enumerate(levels) if level == 1] == [0], path
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), path
        assert all(one.get("alt") for one in root.iter("img")), path
        assert all(table.find(".//th") is not None for table in root.iter("table")), path
        found = ids(root)
        assert len(found) == len(set(found)), path


def test_progress_counts_every_page_read_and_written(mini_site):
    _, steps = mini_site
    for step in ("read", "write"):
        counted = [(page, n_pages) for kind, page, n_pages in steps if kind == step]
        assert counted[0][0] == 1
        assert counted[-1][0] == counted[-1][1] > 20
        assert [page for page, _ in counted] == sorted(page for page, _ in counted)


# --- from the command line, over a site that is there; a draft; words that look like markup -----------------------------


def test_the_command_replaces_a_site_and_says_only_where_the_new_one_begins(layered, tmp_path):
    out = tmp_path / "build/site"
    out.mkdir(parents=True)
    (out / "site.json").write_text("{}", encoding="utf-8")
    (out / "old.html").write_text("old", encoding="utf-8")
    command = [sys.executable, "-m", "corpus_tools", "docs", str(layered), "--out", str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{load(layered, 'draft').metadata.title} draft: {out}/index.html\n"
    assert sorted(path.name for path in out.parent.iterdir()) == ["site"]
    assert not (out / "old.html").exists()
    assert "Nothing is released yet" in text_of(page(out / "index.html"))
    assert "card" not in text_of(page(out / "index.html")).lower()
    stance = text_of(page(out / "layers/stance.html"))
    [reference] = [one for one in load(LAYERED, "draft").metadata.references if one.id == "roe-doe-2020"]
    assert reference.title in stance
    assert "closing" in stance
    [rows] = [rows[1:] for rows in tables(page(out / "layers/stance.html")) if rows[0][0] == "question"]
    assert [(row[0], row[3], row[4]) for row in rows] == [
        ("closing", "nominal", "for, against, none"),
        ("mayor", "nominal", "for, against, none"),
        ("tone", "ordinal", "plain, pointed, sharp"),
    ]


STRANGE = "A | b_c* <script>alert(1)</script> {ref}`x` $y$ [z](nowhere.md) \\\\ `code | more`"
OWN_PAGE = """\
Words before any heading, {ref}`nowhere`, and a <b>mark</b>.

### Deep at once

<script>alert(2)</script>

![a picture](http://example.org/picture.png) [gone](../elsewhere.md) [here](structure.md) [card](../README.md#x)

```nolanguage
x
```

```{include} ../corpus.toml
```

<!-- labels -->
<!-- /labels -->

- 1: the only one.
"""


def test_words_that_look_like_markup_are_shown_and_never_run(mini, tmp_path):
    edit(mini / "corpus.toml", '"Mini Corpus"', '"Mini & <i>Corpus</i>"')
    edit(mini / "scheme/tone.toml", '"Calm."', f'"{STRANGE}"')
    edit(mini / "scheme/tone.toml", 'id = "loud"', 'id = "CALM"')
    (mini / "guidelines/tone.md").write_text(OWN_PAGE, encoding="utf-8")
    (mini / "LICENSE.md").write_text("No heading at all.\n", encoding="utf-8")
    site = build(mini, tmp_path / "site").folder
    for root in pages(site).values():
        assert not [one for one in root.iter("script") if "alert" in (one.text or "")]
        assert not list(root.iter("i", "b"))
        assert not [one for one in root.iter("img") if "example.org" in one.get("src", "")]
    assert text_of(page(site / "index.html").xpath("//h1")[0]).startswith("Mini & <i>Corpus</i>")
    tone = page(site / "layers/tone.html")
    shown = STRANGE.replace("\\\\", "\\").replace("`code | more`", "code | more").replace("`x`", "x")
    assert shown in text_of(tone)
    assert shown in text_of(page(site / "labels.html"))
    assert [one for one in ids(tone) if one.startswith("label-")] == ["label-tone-calm", "label-tone-calm-2"]
    guideline = page(site / "guidelines/tone.html")
    assert text_of(guideline.xpath("//h1")[0]).startswith("Deep at once")
    said = text_of(guideline.xpath("//article")[0])
    for words in ("{ref}nowhere", "<b>mark</b>", "<script>alert(2)</script>", "a picture", "gone", "nolanguage"):
        assert (words in said) == (words != "nolanguage")
    assert "title = " not in said
    links = {text_of(one): one.get("href") for one in guideline.xpath("//article//a[not(@class='headerlink')]")}
    assert links.get("here") == "structure.html"
    assert "gone" not in links
    assert "card" not in links, "there is no card to lead to"
    assert "No heading at all." in text_of(page(site / "licence.html"))


# --- whole or not at all ---------------------------------------------------------------------------------------------


@pytest.fixture
def old_site(tmp_path):
    """A site from before, and its file."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.json").write_text("{}", encoding="utf-8")
    return folder


def test_a_page_that_draws_a_warning_leaves_the_old_site_as_it_was(mini, old_site, monkeypatch):
    monkeypatch.setattr(run, "site_pages", lambda *_, **__: {"index.md": "# Start\n\n[a link](nowhere.md)\n"})
    with pytest.raises(SiteError, match=r"index\.md:3: WARNING: .*nowhere\.md"):
        build(mini, old_site)
    assert [path.name for path in old_site.iterdir()] == ["site.json"]
    assert sorted(path.name for path in old_site.parent.iterdir()) == ["mini", "site"]


def test_a_site_that_cannot_be_put_in_its_place_leaves_the_old_one(mini, old_site, monkeypatch):
    rename = Path.rename

    def refuse(path, target):
        if path.name == "new":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(run, "site_pages", lambda *_, **__: {"index.md": "# Start\n"})
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="No space left"):
        build(mini, old_site)
    assert [path.name for path in old_site.iterdir()] == ["site.json"]
    assert sorted(path.name for path in old_site.parent.iterdir()) == ["mini", "site"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("full", "holds something else than a site"),
        ("file", "is no folder"),
        ("mini", "lies in the corpus"),
        ("mini/site", "lies in the corpus"),
        (".", "holds something else than a site"),
    ],
)
def test_a_place_that_is_no_sites_own_is_refused_and_left_alone(name, said, mini, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "file").write_text("words", encoding="utf-8")
    before = digests(tmp_path)
    with pytest.raises(ArgumentError, match=said):
        build(mini, tmp_path / name)
    assert digests(tmp_path) == before


def test_a_report_that_is_not_there_is_an_error_before_anything_is_built(mini, tmp_path):
    with pytest.raises(ArgumentError, match="there is no report"):
        build(mini, tmp_path / "site", report=tmp_path / "report.html")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("library", ["sphinx", "myst_parser", "furo"])
def test_a_library_that_is_missing_is_named_with_the_extra_that_brings_it(library, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == library else object())
    with pytest.raises(MissingExtraError, match=rf"{library} is needed .*\[docs\]"):
        need_sphinx()


# --- the pages on how to use the package ---------------------------------------------------------------------------------


def blocks(path):
    """The blocks of code of a page: language, caption where there is one, text."""
    found = re.findall(
        r"^```(?:\{code-block\} )?(\w+)\n(?::caption: ([^\n]*)\n\n)?(.*?)^```", path.read_text("utf-8"), re.S | re.M
    )
    assert len(found) == path.read_text("utf-8").count("```") / 2
    return found


@pytest.mark.parametrize("path", run.how_to_pages(), ids=lambda path: path.stem)
def test_every_command_on_a_page_is_one_that_the_parser_takes(path):
    for language, _, text in blocks(path):
        for line in text.splitlines() if language == "sh" else ():
            program, *arguments = shlex.split(line.partition("  #")[0])
            assert program == "corpus-tools"
            assert hasattr(parser().parse_args(arguments), "run"), line


@pytest.mark.parametrize("name", ["loading", "citing"])
def test_the_python_on_a_page_runs(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    space = {}
    for language, _, text in blocks(PACKAGE / f"site/pages/{name}.md"):
        if language == "python":
            exec(compile(text, name, "exec"), space)
    assert "False" not in capsys.readouterr().out


FORMAT_PAGES = [path for path in run.how_to_pages() if path.stem.startswith("export")]


@pytest.mark.parametrize("path", FORMAT_PAGES, ids=lambda path: path.stem)
def test_a_page_on_a_format_makes_it_and_reads_it(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    for language, _, text in blocks(path):
        if language == "python":
            exec(compile(text, path.name, "exec"), space)
        elif language == "sh":
            assert [main(shlex.split(line)[1:]) for line in text.splitlines()] == [0] * len(text.splitlines())


def test_every_format_has_a_page_and_a_row_in_the_list_of_formats():
    pages = {path.stem for path in FORMAT_PAGES}
    assert pages == {"exporting", *(f"export-{name}" for name in FORMATS)}
    listed = (PACKAGE / "site/pages/exporting.md").read_text("utf-8")
    rows = re.findall(r"^\| \[`([^`]+)`\]\((.+)\.md\) \|.*\| (yes|no) \|", listed, re.M)
    assert all(page == f"export-{name}" for name, page, _ in rows)
    assert {name: one == "yes" for name, _, one in rows} == {name: made.one_file for name, made in FORMATS.items()}


def test_the_pages_on_annotating_elsewhere_and_adjudicating_do_what_they_say(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    corpus = tmp_path / "my-corpus"
    shutil.copytree(ROOT / "corpus", corpus, ignore=shutil.ignore_patterns("releases", "results"))
    pages = {name: blocks(PACKAGE / f"site/pages/{name}.md") for name in ("annotating-elsewhere", "adjudicating")}
    for _, _, text in pages["annotating-elsewhere"]:
        assert main(shlex.split(text)[1:]) == 0
    assert (corpus / "annotations/entities/kim.csv").is_file()
    without_gold(corpus, "entities")
    (_, _, command), (_, _, code) = pages["adjudicating"]
    # Nobody sits at a terminal here, so the differences are written to be decided.
    assert main(shlex.split(command)[1:]) == 1
    assert (tmp_path / "entities.decisions.csv").is_file()
    exec(compile(code, "adjudicating", "exec"), {})
    assert "(" not in capsys.readouterr().out.splitlines()[-1]


def test_the_page_on_annotating_makes_a_corpus_from_a_thread_to_a_release(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for language, caption, text in blocks(PACKAGE / "site/pages/annotating.md"):
        if language == "sh":
            assert [main(line.split()[1:]) for line in text.splitlines()] == [0] * len(text.splitlines())
        else:
            path = tmp_path / caption.removesuffix(" (at its end)")
            assert path.exists() == caption.endswith(" (at its end)")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text("utf-8") if path.exists() else "") + text, encoding="utf-8")
    corpus = load(tmp_path / "my-corpus", "0.1.0")
    assert corpus.comments["text"].to_list() == ["Who decided that?", "Good riddance!"]
    assert corpus.layer("tone")["label"].to_list() == ["plain", "plain", "sharp"]
    assert corpus.layer("tone", annotators="all").height == 6
    assert "0.667" in capsys.readouterr().out, "two annotators agree on two of three texts"


def test_the_page_on_ingesting_makes_a_corpus_of_a_pasted_thread_and_a_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["new", "other-corpus", "--yes", "--no-notebooks"])
    for language, caption, text in blocks(PACKAGE / "site/pages/ingesting.md"):
        if language == "text":
            (tmp_path / caption).write_text(text, encoding="utf-8")
        for line in text.splitlines() if language == "sh" else ():
            # Words are still to be filled in.
            assert main(shlex.split(line)[1:]) == (1 if " validate " in line else 0), line
    shown = capsys.readouterr().out
    assert "W105" in shown
    assert "byte for byte the same; nothing to do" in shown
    corpus = load(tmp_path / "my-corpus", "0.1.0")
    assert corpus.comments.select("author_id", "parent_id").rows() == [
        ("jo", None),
        ("kim", None),
        ("ann", None),
        ("jo", "c3"),
    ]
    assert corpus.comments["posted_at"].null_count() == 2
    assert "Jo" not in load(tmp_path / "other-corpus", "draft").comments["text"].str.join(" ").item()


def test_the_page_on_large_collections_describes_one_and_names_every_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page_of = PACKAGE / "site/pages/large.md"
    space = {}
    for language, _, text in blocks(page_of):
        if language == "sh":
            assert [main(shlex.split(line)[1:]) for line in text.splitlines()] == [0] * len(text.splitlines())
        else:
            exec(compile(text, "large.md", "exec"), space)
    assert list(space["described"].record["tables"]) == re.findall(r"^\| `(\w+)` \|", page_of.read_text("utf-8"), re.M)
    assert "2,000 texts described in tables" in capsys.readouterr().out


def test_the_page_on_ingesting_lists_every_form(shipped_site):
    text = page(shipped_site / "howto/ingesting.html").text_content()
    for form, reader in readers().items():
        assert form in text
        assert reader.title in text


def test_the_page_on_modules_makes_one_that_loads(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    for language, _, text in blocks(PACKAGE / "site/pages/modules.md"):
        if language == "sh":
            for line in text.splitlines():
                # A module that is not filled in yet has findings: what is left to fill in.
                assert main(shlex.split(line)[1:]) == (1 if " check " in line else 0), line
        else:
            exec(compile(text, "modules.md", "exec"), space)
    assert "address" in space["corpus"].layers
    capsys.readouterr()


# --- laws of the small parts -----------------------------------------------------------------------------------------

MARKDOWN = MarkdownIt("commonmark").enable("table")
WORDS = st.text(st.characters(exclude_categories=["C"], exclude_characters="`")).filter(str.strip)


def words_shown(markdown):
    return " ".join(lxml.html.fromstring(MARKDOWN.render(markdown)).text_content().split())


@given(WORDS)
def test_a_plain_text_is_shown_as_it_is(text):
    assert words_shown(plain(text)) == " ".join(text.split())


@given(WORDS)
def test_a_plain_text_stays_in_its_cell(text):
    root = lxml.html.fromstring(MARKDOWN.render(markdown_table(("a", "b"), [(plain(text), "beside")])))
    assert [text_of(cell) for cell in root.iter("td")] == [" ".join(text.split()), "beside"]


@given(st.text(st.sampled_from("`a |"), min_size=1).filter(lambda text: text.strip(" ")))
def test_code_is_shown_as_it_is_backticks_too(text):
    shown = MARKDOWN.renderInline(code(text))
    assert html.unescape(re.sub("</?code>", "", shown)).split() == text.split()


def test_an_address_becomes_a_link_and_what_ends_the_sentence_stays_outside():
    shown = MARKDOWN.renderInline(linked("See https://doi.org/10.1/a_b*c, or http://example.org/x. More <b>."))
    assert re.findall(r'href="([^"]+)"', shown) == ["https://doi.org/10.1/a_b*c", "http://example.org/x"]
    assert (
        html.unescape(re.sub("</?a[^>]*>", "", shown))
        == "See https://doi.org/10.1/a_b*c, or http://example.org/x. More <b>."
    )


@pytest.mark.parametrize(
    ("docstring", "shown"),
    [
        ("One `name` in it.", "One name in it."),
        ("Of `name`s and pre`fix`.", "Of names and prefix."),
        ("Two ``names`` of\n`a longer` kind.", "Two names of\na longer kind."),
        ("A *star*, |x|, from_, a\\b and `a*b_`.", "A *star*, |x|, from_, a\\b and a*b_."),
        ("`only`", "only"),
        ("Nothing.", "Nothing."),
    ],
)
def test_a_docstring_shows_its_words_and_no_markup_but_code(docstring, shown):
    document = publish_doctree(
        rst(docstring), settings_overrides={"report_level": 1, "halt_level": 2, "warning_stream": False}
    )
    assert document.astext().replace("\x00", "") == shown
    assert [one.astext() for one in document.findall() if one.tagname == "literal"] == re.findall(
        r"`+([^`]+)`+", docstring
    )


# --- in a browser ----------------------------------------------------------------------------------------------------


class TestInABrowser:
    """From the file system, with everything else blocked."""

    pytestmark = NEEDS_BROWSER

    @pytest.fixture
    def opened(self, browser):
        """Opens a page at a width; what went wrong, and what was asked of elsewhere, is kept beside it."""
        context = browser.new_context(viewport={"width": 400, "height": 900})
        page, problems = context.new_page(), []
        local = ("file:", "data:")
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(local) else route.abort())
        page.on("request", lambda one: None if one.url.startswith(local) else problems.append(one.url))
        page.on("requestfailed", lambda one: problems.append(one.url))
        page.on("console", lambda one: problems.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda one: problems.append(str(one)))
        yield page, problems
        context.close()

    def test_searching_for_a_label_leads_to_its_anchor(self, opened, shipped_site):
        page, problems = opened
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto((shipped_site / "index.html").as_uri())
        page.get_by_placeholder("Search").first.fill("favour")
        page.get_by_placeholder("Search").first.press("Enter")
        found = page.locator("#search-results a", has_text="favour")
        found.first.wait_for()
        page.get_by_role("link", name="Stance > favour").click()
        page.wait_for_url("**/layers/stance.html*#label-stance-favour")
        assert page.locator("#label-stance-favour").is_visible()
        assert problems == []

    @pytest.mark.parametrize(
        "name", ["index", "layers/stance", "rules", "api/measures", "commands", "labels", "howto/annotating"]
    )
    def test_nothing_is_wider_than_a_narrow_page(self, name, opened, shipped_site):
        page, problems = opened
        page.goto((shipped_site / f"{name}.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        cut = """[...document.querySelectorAll("article table")].filter((one) =>
            one.getBoundingClientRect().right > innerWidth && getComputedStyle(one.parentElement).overflowX !== "auto").length"""
        assert page.evaluate(cut) == 0
        assert problems == []

    def test_the_table_of_versions_is_seen_whole_on_a_wide_page(self, opened, shipped_site):
        page, _ = opened
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto((shipped_site / "index.html").as_uri())
        whole = "(table) => table.parentElement.scrollWidth <= table.parentElement.clientWidth + 1"
        assert page.locator("article table").first.evaluate(whole)
