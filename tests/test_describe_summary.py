"""The summary of a description tells what its tables hold, as one page that needs nothing but itself."""

import importlib.util
import json
import math
import re
from base64 import b64decode
from html.parser import HTMLParser
from xml.etree import ElementTree

import altair as alt
import polars as pl
import pytest

from conftest import NEEDS_BROWSER
from corpus_tools import charts, generated
from corpus_tools.charts import page as pages
from corpus_tools.charts import theme
from corpus_tools.describe import Described, describe
from corpus_tools.describe.summary import summary_page

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """What is on a page: its sections, tables, pictures and addresses. Every element has to be closed."""

    def __init__(self, raw):
        super().__init__()
        self.open, self.sections, self.tables, self.images, self.links, self.text = [], {}, [], [], [], ""
        self.feed(raw)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.links += [found[name] for name in ("href", "src", "action", "data", "srcset") if name in found]
        if tag == "section":
            self.sections[found["id"]] = ""
        if tag == "img":
            self.images.append(found)
        if tag == "table":
            self.tables.append({"section": [*self.sections, ""][-1], "caption": "", "rows": []})
        if tag == "tr":
            self.tables[-1]["rows"].append([])
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data
        if "section" in self.open:
            self.sections[[*self.sections][-1]] += data
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif self.open and ("td" in self.open or "th" in self.open):
            self.tables[-1]["rows"][-1][-1] += data

    def captioned(self, words):
        found = [table for table in self.tables if words in table["caption"]]
        assert len(found) == 1, [table["caption"] for table in self.tables]
        return found[0]["rows"]


def number(cell):
    """What a cell of a number says."""
    plain = cell.replace(",", "")
    return float(plain.removesuffix(" %")) / 100 if plain.endswith(" %") else float(plain)


def tells(cells, values):
    """Whether cells tell these values: words outright, whole numbers too, others to three digits at least."""
    for cell, value in zip(cells, values, strict=True):
        if value is None:
            assert cell == ""
        elif isinstance(value, str):
            assert cell == value
        elif isinstance(value, int):
            assert cell.replace(",", "") == str(value)
        else:
            assert math.isclose(number(cell), value, rel_tol=5.1e-3)
    return True


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "texts.parquet"
    generated.write(path, 3000)
    return path


@pytest.fixture(scope="module")
def described(texts, tmp_path_factory):
    return describe(texts, out=tmp_path_factory.mktemp("out") / "tables")


@pytest.fixture(scope="module")
def shown(described):
    return Page(summary_page(described))


# A table -> the columns of its head, and how many rows of it.
HEADS = {
    "frequencies": (["rank", "word", "n", "share", "n_texts"], 20),
    "keyness": (["word", "n_target", "n_reference", "target_per_1k", "reference_per_1k", "g2", "log_ratio"], 20),
    "collocations": (["word", "collocate", "n", "n_first", "n_second", "pmi", "log_dice", "g2"], 20),
    "participation": (["author_id", "n_texts", "n_words", "texts_share", "words_share"], 15),
    "inequality": (["of", "n", "total", "gini"], 2),
    "text_summary": (["kind", "measure", "n", "mean", "sd", "min", "q1", "median", "q3", "max"], 14),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_of_a_table_is_told_as_it_is(described, shown, name):
    columns, most = HEADS[name]
    head, *rows = shown.captioned(f"Table {name}: ")
    whole = described.table(name).select(columns).collect()
    assert head == columns
    assert len(rows) == min(most, whole.height)
    assert all(tells(row, values) for row, values in zip(rows, whole.rows(), strict=False))


def test_the_sizes_are_those_of_all_texts_and_of_each_kind(described, shown):
    _, whole, *kinds = shown.captioned("Table sizes: all 3 rows")
    sizes = {row[0]: row[1:] for row in described.table("sizes").collect().rows()}
    assert whole[0] == "all"
    assert tells(whole[1:], sizes[None])
    assert [row[0] for row in kinds] == ["comment", "article"]
    assert all(tells(row[1:], sizes[row[0]]) for row in kinds)


def test_some_rows_of_the_growth_lead_to_its_last(described, shown):
    _, *rows = shown.captioned("Table vocabulary_growth: these 10 of 100 rows")
    growth = {row[0]: row for row in described.table("vocabulary_growth").collect().rows()}
    assert all(tells(row, growth[int(number(row[0]))]) for row in rows)
    assert int(number(rows[-1][0])) == max(growth)


def test_lengths_of_words_are_all_there_long_ones_together(described, shown):
    _, *rows = shown.captioned("word_lengths")
    lengths = described.table("word_lengths").collect()
    short = dict(lengths.filter(pl.col("n_characters") <= 20).select("n_characters", "n").rows())
    told = {name: int(number(n)) for name, n, _ in rows}
    n_long = told.pop("more than 20", 0)
    assert {int(name): n for name, n in told.items()} == short
    assert n_long == lengths["n"].sum() - sum(short.values()) > 0
    assert math.isclose(sum(number(share) for *_, share in rows), 1, rel_tol=0.01)


def test_the_most_and_the_least_even_words_are_those_of_the_frequent_ones(described, shown):
    frequent = described.table("dispersion").collect().head(500).sort("dp_norm", "word")
    assert "the 500 words that are most frequent" in shown.sections["dispersion"]
    for which, wanted in (("10 most even", frequent.head(10)), ("10 least even", frequent.tail(10).reverse())):
        head, *rows = shown.captioned(which)
        assert head == frequent.columns
        assert all(tells(row, values) for row, values in zip(rows, wanted.rows(), strict=True))


def test_the_groups_with_most_words_have_the_share_that_a_count_by_hand_gives(described, shown):
    _, *rows = shown.captioned("the groups with most words, of those that are named")
    named = described.table("participation").collect().drop_nulls("author_id")
    amounts = sorted(named["n_words"].to_list(), reverse=True)
    tops = [int(row[0].partition(" ")[0].replace(",", "")) for row in rows]
    # The smallest number of groups that is as large a part of all.
    assert tops == [min(n for n in range(len(amounts) + 1) if 100 * n >= p * len(amounts)) for p in (1, 5, 10, 25, 50)]
    for groups, share_of_groups, n_words, share in rows:
        top, of = (int(part.replace(",", "")) for part in groups.split(" of "))
        assert of == len(amounts)
        assert tells(
            [share_of_groups, n_words, share], [top / of, sum(amounts[:top]), sum(amounts[:top]) / sum(amounts)]
        )


def test_threads_are_counted_by_size_and_by_depth(described, shown):
    threads = described.table("reply_structure").collect()
    for column, what in (("n_texts", "number of texts"), ("depth", "depth")):
        _, *rows = shown.captioned(f"reply_structure: threads by {what}")
        for name, n, share in rows:
            low, _, high = name.replace(",", "").partition(" to ")
            wanted = sum(int(low) <= value <= int(high or low) for value in threads[column])
            assert tells([n, share], [wanted, wanted / threads.height])
        assert sum(int(number(n)) for _, n, _ in rows) == threads.height
    _, *rows = shown.captioned(f"summed up over {threads.height:,} threads")
    for name, n, mean, _, low, *_, high in rows:
        values = threads[name].to_list()
        assert tells(
            [n, mean, low, high], [len(values), sum(values) / len(values), float(min(values)), float(max(values))]
        )


def test_what_was_described_and_how_stands_at_the_top(described, texts, shown):
    facts = dict(shown.tables[0]["rows"])
    assert facts["Sources"] == str(texts)
    assert facts["Texts"] == "3,000"
    assert facts["Groups"] == "by author_id"
    assert facts["Compared"] == "texts whose kind is comment, with all others"
    assert facts["Engine"] == described.record["engine"]
    assert f"polars {pl.__version__}" in facts["Made by"]
    assert facts["Seconds"].startswith(str(described.record["seconds"]))
    assert "words of less than 5 occurrences" in facts["Left out"]


def test_every_table_is_listed_with_its_rows_its_columns_and_its_files(described, shown):
    head, *rows = shown.tables[-1]["rows"]
    assert head == ["Table", "Rows", "Columns", "Files"]
    wanted = {name: (about["rows"], ", ".join(about["columns"])) for name, about in described.record["tables"].items()}
    assert {name: (int(number(n)), columns) for name, n, columns, _ in rows} == wanted
    files = [link for link in shown.links if not link.startswith(("#", "data:"))]
    assert files == [f"{name}.{kind}" for name in wanted for kind in ("parquet", "csv")]
    assert all((described.folder / file).is_file() for file in files)


def test_the_page_that_is_written_is_in_the_folder_and_nothing_in_it_runs_or_is_fetched(described, shown):
    raw = (described.folder / "summary.html").read_text(encoding="utf-8")
    assert len(raw.encode()) < 1_000_000
    assert f'http-equiv="Content-Security-Policy" content="{pages.STILL}"' in raw
    assert "script" not in pages.STILL
    assert "<script" not in raw
    assert not re.search(r"//|@import|url\(", re.sub(r'(src|href)="data:[^"]*"', "", raw))
    assert {link[1:] for link in shown.links if link.startswith("#")} <= set(re.findall(r' id="([^"]*)"', raw))


def test_every_chart_is_a_whole_picture_with_a_description(shown):
    assert len(shown.images) == 8
    for image in shown.images:
        assert len(image["alt"]) > 20
        svg = b64decode(image["src"].removeprefix("data:image/svg+xml;base64,"))
        assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert any("Frequency by rank" in image["alt"] for image in shown.images)


def test_what_a_chart_is_of_is_what_the_tables_hold(described, shown):
    told = " ".join(image["alt"] for image in shown.images)
    words = described.table("frequencies").collect()
    growth = described.table("vocabulary_growth").collect().row(-1, named=True)
    assert f"{words.height} types; most frequent {words['word'][0]}, {words['n'][0]} times" in told
    assert f"{growth['n_hapaxes']:.0f} hapaxes in {growth['n_words']:,} words" in told
    author, n_words = described.table("participation").select("author_id", "n_words").collect().row(0)
    assert re.search(rf"{author} [\d.]+% \({n_words}\)", told)


def folder_of(folder, tables, **about):
    """A description of these tables, as `describe` leaves it."""
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")
        frame.write_csv(folder / f"{name}.csv")
    record = {
        "sources": [],
        "n_texts": 1,
        "engine": "streaming",
        "choices": {"by": "author_id", "target": ["kind", "comment"], "minimum": 5, "pairs": 2},
        "mapping": {},
        "versions": {"polars": pl.__version__},
        "tables": {name: {"rows": frame.height, "columns": frame.columns} for name, frame in tables.items()},
    }
    return Described(folder, record | about)


HOSTILE = '</table><script>alert("1")</script>&amp;\0\n<img src=//example.org>'


def test_markup_in_words_names_and_paths_is_shown_and_never_run(tmp_path):
    count = {"n": [7], "n_total": [7], "share": [1.0], "n_texts": [1]}
    shares = {"n_texts": [2], "n_words": [7], "texts_share": [1.0], "words_share": [1.0]}
    tables = {
        "sizes": pl.DataFrame({"kind": [HOSTILE, None], "n_texts": 1, "n_words": 7, "n_types": 1}),
        "frequencies": pl.DataFrame({"rank": [1], "word": [HOSTILE], **count}),
        "participation": pl.DataFrame({HOSTILE: ["<i>"], **shares}),
    }
    choices = {"by": HOSTILE, "target": [HOSTILE, HOSTILE], "minimum": 5, "pairs": 2}
    raw = summary_page(
        folder_of(tmp_path, tables, sources=[f"<b>{HOSTILE}"], choices=choices, mapping={"text": HOSTILE})
    )
    assert "<script" not in raw
    assert "<img src=//" not in raw
    assert "\0" not in raw
    shown = Page(raw)
    assert shown.text.count('<script>alert("1")</script>&amp;') >= 7
    assert "<i>" in shown.text


def test_long_names_are_cut(tmp_path):
    words = pl.DataFrame({"rank": [1], "word": ["x" * 5000], "n": [7], "share": [1.0], "n_texts": [1]})
    shown = Page(summary_page(folder_of(tmp_path, {"frequencies": words})))
    assert shown.captioned("frequencies")[1][1] == "x" * 59 + "…"


def test_what_a_collection_does_not_have_has_no_section(texts, tmp_path):
    comments = pl.read_parquet(texts).filter(pl.col("kind") == "comment").select("text")
    described = describe(comments.head(200), out=tmp_path / "tables")
    shown = Page(summary_page(described))
    assert "keyness" not in shown.sections
    assert "reply_structure" not in shown.sections
    assert "There is one group only" in shown.sections["dispersion"]
    assert "No text has a value in author_id." in shown.sections["participation"]
    assert not any("inequality" in table["caption"] or "groups" in table["caption"] for table in shown.tables)
    linked = [link[1:] for link in shown.links if link.startswith("#") and not link.startswith("#file-")]
    assert linked == list(shown.sections)


def test_tables_without_rows_are_listed_and_have_no_section(described, tmp_path):
    empty = {name: described.table(name).head(0).collect() for name in described.record["tables"]}
    shown = Page(summary_page(folder_of(tmp_path, empty, n_texts=0)))
    assert list(shown.sections) == ["tables"]
    assert [row[:2] for row in shown.tables[-1]["rows"][1:]] == [[name, "0"] for name in empty]


@pytest.mark.parametrize("missing", ["altair", "vl_convert"])
def test_without_the_libraries_for_charts_there_are_the_same_tables_and_no_picture(
    described, shown, monkeypatch, missing
):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == missing else find(name, *more))
    without = Page(summary_page(described))
    assert without.images == []
    assert "There are no charts here" in without.text
    assert "There are no charts here" not in shown.text
    assert without.tables == shown.tables


def test_many_words_are_drawn_from_a_few_hundred_points(tmp_path):
    n = 200_000
    counts = {"n": range(n, 0, -1), "n_total": n * (n + 1) // 2, "share": 1e-9, "n_texts": 1}
    words = pl.DataFrame({"rank": range(1, n + 1), "word": [f"w{rank}" for rank in range(1, n + 1)], **counts})
    raw = summary_page(folder_of(tmp_path, {"frequencies": words}))
    assert len(raw) < 100_000
    svg = b64decode(Page(raw).images[0]["src"].partition(",")[2]).decode()
    (line,) = re.findall(
        r'<path aria-label="[^"]*" role="graphics-symbol" aria-roledescription="line mark" d="([^"]*)"', svg
    )
    assert 150 < len(re.findall("[ML]", line)) < 400
    assert "200000 types" in svg
    assert "w100<" in svg


def test_a_summary_leaves_the_theme_of_altair_as_it_is_and_looks_the_same_in_any(described):
    before = alt.theme.active
    page = summary_page(described)
    assert alt.theme.active == before
    with alt.theme.enable("dark"):
        assert summary_page(described) == page
    spec = theme.in_our_theme(charts.bars(pl.DataFrame({"k": ["a"], "share": [1.0], "n": [1]}), category="k"))
    assert spec["config"]["font"].startswith("Helvetica")


def test_the_record_that_is_written_gives_the_page_that_is_written_but_for_its_time(described):
    record = json.loads((described.folder / "describe.json").read_text(encoding="utf-8"))
    written = (described.folder / "summary.html").read_text(encoding="utf-8")
    assert summary_page(Described(described.folder, record)) == written


@NEEDS_BROWSER[0]
@NEEDS_BROWSER[1]
@NEEDS_BROWSER[2]
@pytest.mark.parametrize("width", [360, 1100])
def test_in_a_browser_every_picture_is_there_and_nothing_is_asked_for_or_wider_than_the_page(browser, described, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, asked, problems = context.new_page(), [], []
    page.on("request", lambda found: asked.append(found.url))
    page.on("console", lambda found: problems.append(found.text))
    page.goto((described.folder / "summary.html").as_uri())
    assert page.evaluate("[...document.images].filter((one) => one.complete && one.naturalWidth > 100).length") == 8
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert problems == []
    context.close()
