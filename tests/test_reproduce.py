"""Running notebooks again: equal tables pass, every difference is named, and the report stands alone."""

import itertools
import json
import re
import shutil
from html.parser import HTMLParser

import nbformat
import polars as pl
import pytest

from conftest import ROOT, edit
from corpus_tools.charts import VEGA_LITE_MIME
from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import ReproductionError
from corpus_tools.reproduce import MIME, find_notebooks, published, reproduce
from corpus_tools.reproduce.publish import payload, same
from corpus_tools.reproduce.report import report_page
from corpus_tools.reproduce.run import WIDGET_MIME

NOTEBOOKS = ROOT / "notebooks"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """One run of every shipped notebook, with its report."""
    return reproduce(ROOT / "corpus", report=tmp_path_factory.mktemp("report") / "report.html")


def test_every_published_value_of_the_shipped_corpus_comes_out_equal(outcome):
    assert outcome.differences == []
    files = sorted((ROOT / "corpus" / "results").glob("*/*.csv"))
    assert outcome.n_tables == len(files)
    assert outcome.n_values == outcome.n_equal == sum(frame.height * frame.width for frame in map(pl.read_csv, files))


def outputs(notebook):
    """What a notebook shows, less pictures (their bytes belong to the machine's fonts) and ids of widgets."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                shown = output.get("data", {}).items()
                data = {mime: value for mime, value in shown if not mime.startswith("image/") and mime != WIDGET_MIME}
                yield cell.source, output.output_type, output.get("text"), data


@pytest.mark.parametrize("path", find_notebooks(NOTEBOOKS), ids=lambda path: path.stem)
def test_a_stored_notebook_holds_the_outputs_of_one_fresh_run(path, outcome):
    stored = nbformat.read(path, as_version=4)
    nbformat.validate(stored)
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert list(outputs(stored)) == list(outputs(outcome.notebooks[path.stem]))
    assert not re.search(r'/(home|root|work|tmp|Users)/|"stderr"', path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", find_notebooks(NOTEBOOKS), ids=lambda path: path.stem)
def test_a_notebook_is_a_text_that_asks_one_question_and_ends_with_its_limits(path):
    cells = nbformat.read(path, as_version=4).cells
    assert re.match(r"# .*\?\n", cells[0].source)
    assert cells[-1].source.startswith("## Limits\n")
    assert not any("```" in cell.source for cell in cells)
    for before, cell in itertools.pairwise(cells):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown"
            assert 40 <= len(before.source.split()) <= 130
            assert "assert" in cell.source
            assert max(map(len, cell.source.splitlines())) <= 100
            assert not re.search(r"^\s*def ", cell.source, re.M)


WORDS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
]
COUNTED = {word: float(n) for n, word in enumerate(WORDS, start=2)}


# Code, links, versions, years, ids of texts, and what is called or measured by a number.
NO_NUMBER = (
    r"`[^`]*`|\]\([^)]*\)|\d+\.\d+\.\d+|\b(19|20)\d\d\b|\b[acs]\d\b"
    r"|(Table|Figure|Annex #|[Nn]otebook)\s*\d\w*|per\s+1,000"
)


def numbers_of(prose):
    """The numbers that a text states, with the places they are given to; no names, versions, years or code."""
    plain = re.sub(NO_NUMBER, " ", prose)
    for number, percent in re.findall(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)( ?%)?", plain):
        value = number.replace(",", "")
        places = len(value.partition(".")[2])
        yield number + percent, (float(value) / 100, places + 2) if percent else (float(value), places)
    for word in re.findall(r"[a-z]+", plain.lower()):
        if word in COUNTED:
            yield word, (COUNTED[word], 0)


def shown_numbers(cell):
    """The numbers that a code cell holds itself, in what it asserts, or in the table it publishes."""
    found = [float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", cell.source)]
    for output in cell.outputs:
        table = output.get("data", {}).get(MIME, {"rows": []})
        found += [len(table["rows"])]
        found += [float(value) for row in table["rows"] for value in row if isinstance(value, int | float)]
    return found


@pytest.mark.parametrize("path", find_notebooks(NOTEBOOKS), ids=lambda path: path.stem)
def test_a_number_in_the_prose_stands_in_the_cell_under_it(path):
    cells = nbformat.read(path, as_version=4).cells
    for before, cell in itertools.pairwise(cells):
        if cell.cell_type == "code":
            shown = shown_numbers(cell)
            for number, (value, places) in numbers_of(before.source):
                assert any(abs(value - other) <= 0.5000001 * 10**-places for other in shown), (number, before.source)


def charts_of(notebooks):
    """The charts that notebooks show, each as a viewer gets it."""
    outputs = [output for notebook in notebooks for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.data for output in outputs if VEGA_LITE_MIME in output.get("data", {})]


def titles(spec):
    """What stands over a chart and its parts."""
    for part in [spec, *(one for key in ("layer", "hconcat", "vconcat") for one in spec.get(key, []))]:
        title = part.get("title", {})
        yield from [title] if isinstance(title, str) else [str(title.get("text", "")), str(title.get("subtitle", ""))]


@pytest.mark.parametrize("path", find_notebooks(NOTEBOOKS), ids=lambda path: path.stem)
def test_a_number_over_a_chart_stands_in_a_published_table(path):
    notebook = nbformat.read(path, as_version=4)
    shown = [number for cell in notebook.cells if cell.cell_type == "code" for number in shown_numbers(cell)]
    for chart in charts_of([notebook]):
        for title in titles(chart[VEGA_LITE_MIME]):
            for number, (value, places) in numbers_of(title):
                assert any(abs(value - other) <= 0.5000001 * 10**-places for other in shown), (number, title)


def test_every_chart_of_a_notebook_can_be_shown_without_a_network(outcome):
    charts = charts_of(outcome.notebooks.values())
    assert charts
    for data in charts:
        assert data["image/svg+xml"].startswith("<svg")
        assert data["text/plain"] == data[VEGA_LITE_MIME]["description"]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.addresses, self.images, self.text, self.hidden = [], [], [], False

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.addresses += [found[name] for name in ("src", "href", "action", "data") if name in found]
        self.images += [found.get("alt")] if tag == "img" else []
        self.hidden = tag in ("script", "style")

    def handle_endtag(self, tag):
        self.hidden = False

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


def test_the_report_stands_alone(outcome):
    raw = outcome.report.read_bytes()
    assert len(raw) <= 4_000_000
    page = Page()
    page.feed(raw.decode())
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    told = [data[VEGA_LITE_MIME]["description"] for data in charts_of(outcome.notebooks.values())]
    assert page.images == told
    assert len(told) >= 8
    assert all(told)
    text = " ".join(page.text)
    assert f"Reproduced: all {outcome.n_values} published values in {outcome.n_tables} tables came out equal." in text
    assert "B,Poster said..." in text
    assert b'http-equiv="Content-Security-Policy" content="default-src \'none\'' in raw


def notebook(folder, *cells, name="test"):
    """A notebook of code cells; a source that ends in `published(...)` is tagged."""
    made = nbformat.v4.new_notebook()
    head = "import corpus_tools as ct\nimport polars as pl\n"
    for source in cells:
        cell = nbformat.v4.new_code_cell(head + source)
        if "# tagged" in source:
            cell.metadata["tags"] = ["published"]
        made.cells.append(cell)
    folder.mkdir(exist_ok=True)
    nbformat.write(made, folder / f"{name}.ipynb")


TABLE = 'ct.published("t", pl.DataFrame({"k": ["a", None], "n": [1, 2], "x": [0.1 + 0.2, None]}))  # tagged'


@pytest.fixture
def study(released, tmp_path):
    notebook(tmp_path / "notebooks", TABLE, "print(ct.load().metadata.title)")
    first = reproduce(released, notebooks=tmp_path / "notebooks", publish=True)
    assert (first.n_tables, first.n_values, first.n_equal, first.differences) == (1, 6, 6, [])
    return released


def differences(study, tmp_path):
    return [str(one) for one in reproduce(study, notebooks=tmp_path / "notebooks").differences]


def test_a_notebook_runs_on_the_corpus_that_is_named(study, tmp_path):
    done = reproduce(study, notebooks=tmp_path / "notebooks")
    assert done.notebooks["test"].cells[1].outputs[0].text == "Mini Corpus\n"


def test_each_difference_names_table_row_column_and_both_values(study, tmp_path):
    path = study / "results/test/t.csv"
    assert path.read_text() == "k,n,x\na,1,0.30000000000000004\n,2,\n"
    assert differences(study, tmp_path) == []
    path.write_text("k,n,x\na,3,0.3\nb,2,1.5\n")
    assert differences(study, tmp_path) == [
        "test/t, row 1 (a), n: published 3, found 1",
        "test/t, row 2 (b), k: published b, found nothing",
        "test/t, row 2 (b), x: published 1.5, found nothing",
    ]


def test_tables_that_lack_rows_or_columns_or_are_not_there_differ(study, tmp_path):
    path = study / "results/test/t.csv"
    path.write_text("k,n,x\na,1,0.3\n")
    assert differences(study, tmp_path) == ["test/t, number of rows: published 1, found 2"]
    path.write_text("k,m,x\na,1,0.3\n")
    assert differences(study, tmp_path) == ["test/t, header: published k, m, x, found k, n, x"]
    path.rename(study / "results/test/u.csv")
    assert differences(study, tmp_path) == [
        "test/t: published no such table, found a table of 2 rows",
        "test/u: published a table, found no such table",
    ]


def test_only_what_was_published_and_came_out_equal_counts_as_reproduced(study, tmp_path):
    path = study / "results/test/t.csv"
    path.write_text("k,n,x\na,1,0.3\n")
    done = reproduce(study, notebooks=tmp_path / "notebooks")
    assert (done.n_values, done.n_equal) == (3, 3)
    path.unlink()
    done = reproduce(study, notebooks=tmp_path / "notebooks")
    assert (done.n_tables, done.n_values, done.n_equal, len(done.differences)) == (0, 0, 0, 1)


def test_published_tables_whose_notebook_is_gone_differ(study, tmp_path):
    (study / "results/old").mkdir()
    (study / "results/old/t.csv").write_text("k\na\n")
    assert differences(study, tmp_path) == ["old: published tables, found no such notebook"]
    reproduce(study, notebooks=tmp_path / "notebooks", publish=True)
    assert (study / "results/old/t.csv").is_file(), "publishing some notebooks loses nothing of the others"


def test_publishing_replaces_the_tables_of_the_notebook(study, tmp_path):
    notebook(tmp_path / "notebooks", TABLE.replace('"t"', '"u"'))
    reproduce(study, notebooks=tmp_path / "notebooks", publish=True)
    assert [path.name for path in (study / "results/test").iterdir()] == ["u.csv"]


UNUSABLE = {
    "a cell fails": ("1 / 0", r"test\.ipynb: code cell 1 failed at '1 / 0': ZeroDivisionError: division by zero"),
    "a claim is wrong": ("assert 1 == 2", r"test\.ipynb: code cell 1 failed at 'assert 1 == 2': AssertionError"),
    "a tag without a table": ("1  # tagged", "code cell 1 is tagged 'published' and shows no published table"),
    "a table without the tag": (TABLE.replace("  # tagged", ""), "code cell 1 shows a published table without the tag"),
    "a kernel that dies": ("import os; os._exit(1)", r"test\.ipynb: Kernel died"),
    "no finite number": (
        TABLE.replace("0.1 + 0.2", "1e999"),
        "column 'x' of table 't' holds a value that is no finite number",
    ),
    "a bad name": (TABLE.replace('"t"', '"My Table"'), "'My Table' is no name for a published table"),
}


@pytest.mark.parametrize(("source", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_notebook_that_cannot_be_used_is_refused_by_cell(released, tmp_path, source, message):
    notebook(tmp_path / "notebooks", source)
    with pytest.raises(ReproductionError, match=message):
        reproduce(released, notebooks=tmp_path / "notebooks")


def test_the_notebooks_of_a_corpus_are_those_in_it_or_beside_it(released, tmp_path):
    with pytest.raises(ReproductionError, match="no notebook .* name their folder with --notebooks"):
        find_notebooks(corpus=released)
    notebook(released.parent / "notebooks", "1")
    assert find_notebooks(corpus=released) == [released.parent / "notebooks" / "test.ipynb"]
    notebook(released / "notebooks", "1")
    assert find_notebooks(corpus=released) == [released / "notebooks" / "test.ipynb"]
    assert find_notebooks()[0].parent == NOTEBOOKS


def test_a_cell_that_prints_without_end_does_not_fill_the_report(released, tmp_path):
    notebook(tmp_path / "notebooks", "print('x' * 3_000_000)")
    report = reproduce(released, notebooks=tmp_path / "notebooks", report=tmp_path / "r.html").report
    assert len(report.read_bytes()) < 2_000_000
    assert "more characters, in the notebook]" in report.read_text(encoding="utf-8")


def test_a_file_that_is_no_notebook_is_refused(released, tmp_path):
    (tmp_path / "test.ipynb").write_text("{")
    with pytest.raises(ReproductionError, match=r"test\.ipynb: is no notebook"):
        reproduce(released, notebooks=tmp_path)


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_where_one_notebook_fails_nothing_of_any_is_written(study, tmp_path):
    notebook(tmp_path / "notebooks", TABLE.replace("[1, 2]", "[3, 4]"))
    notebook(tmp_path / "notebooks", "1 / 0", name="zest")
    before = files_of(study), files_of(tmp_path / "notebooks")
    with pytest.raises(ReproductionError, match=r"zest\.ipynb: code cell 1 failed"):
        reproduce(study, notebooks=tmp_path / "notebooks", publish=True, save=True)
    assert (files_of(study), files_of(tmp_path / "notebooks")) == before


def test_where_one_table_cannot_be_written_nothing_of_any_is(study, tmp_path):
    notebook(tmp_path / "notebooks", TABLE.replace('"t"', '"u"'), TABLE)
    notebook(tmp_path / "notebooks", TABLE, name="zest")
    (study / "results/zest").write_text("in the way")
    before = files_of(study), files_of(tmp_path / "notebooks")
    with pytest.raises(OSError, match="zest"):
        reproduce(study, notebooks=tmp_path / "notebooks", publish=True, save=True)
    assert (files_of(study), files_of(tmp_path / "notebooks")) == before


def test_a_published_table_without_rows_counts_as_a_table(released, tmp_path):
    notebook(tmp_path / "notebooks", TABLE.replace("})", '}, schema_overrides={"n": pl.Int64}).clear()', 1))
    first = reproduce(released, notebooks=tmp_path / "notebooks", publish=True)
    assert (released / "results/test/t.csv").read_text() == "k,n,x\n"
    again = reproduce(released, notebooks=tmp_path / "notebooks")
    for done in (first, again):
        assert (done.n_tables, done.n_values, done.differences) == (1, 0, [])


def test_what_a_user_has_python_do_at_every_start_does_not_reach_a_notebook(released, tmp_path, monkeypatch):
    start = "import builtins; builtins.left_over = True"
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text(start)
    (tmp_path / "startup.py").write_text(start)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "startup.py"))
    notebook(tmp_path / "notebooks", 'import builtins; print(hasattr(builtins, "left_over"))')
    done = reproduce(released, notebooks=tmp_path / "notebooks")
    assert done.notebooks["test"].cells[0].outputs[0].text == "False\n"


PROSE = """\
# One
Two
---
```python
# a comment
## another
```

    # indented
"""


def test_headings_go_down_a_level_and_comments_in_code_stay_as_they_are(released):
    cell = nbformat.v4.new_markdown_cell(PROSE)
    page = report_page(load(released), {"a": nbformat.v4.new_notebook(cells=[cell])}, [], n_tables=0, n_values=0)
    shown = page.partition("<main>")[2]
    assert "<h2>One</h2>" in shown
    assert "<h3>Two</h3>" in shown
    assert re.findall(r"#+ [a-z ]+", shown) == ["# a comment", "## another", "# indented"]


def test_markup_in_the_prose_or_the_name_of_a_notebook_is_shown_and_not_run(released):
    cell = nbformat.v4.new_markdown_cell("<img src=x onerror=alert(1)>")
    name = '"><script>alert(1)</script>'
    raw = report_page(load(released), {name: nbformat.v4.new_notebook(cells=[cell])}, [], n_tables=0, n_values=0)
    assert "<script>alert" not in raw
    assert "<img" not in raw
    page = Page()
    page.feed(raw)
    assert f"#{name}" in page.addresses
    assert "<img src=x onerror=alert(1)>" in "".join(page.text)


def test_a_table_shown_twice_is_refused(released, tmp_path):
    notebook(tmp_path / "notebooks", TABLE, TABLE)
    with pytest.raises(ReproductionError, match="code cell 2 shows the table 't' again"):
        reproduce(released, notebooks=tmp_path / "notebooks")


def test_a_folder_without_notebooks_is_refused(released, tmp_path):
    with pytest.raises(ReproductionError, match="no notebook"):
        reproduce(released, notebooks=tmp_path)


def test_a_column_that_is_no_plain_value_is_refused():
    with pytest.raises(ReproductionError, match=r"column 'l' of table 't' is List\(Int64\)"):
        published("t", pl.DataFrame({"l": [[1]]}))


def test_decimal_numbers_are_refused_as_they_would_not_come_back():
    frame = pl.DataFrame({"d": [1, 2]}, schema={"d": pl.Decimal(10, 2)})
    with pytest.raises(ReproductionError, match=r"column 'd' of table 't' is Decimal"):
        published("t", frame)


def test_categories_and_columns_of_nothing_are_published_as_texts():
    kinds = {"e": pl.Enum(["a", "b"]), "c": pl.Categorical, "n": pl.Null}
    frame = pl.DataFrame({"e": ["a", None], "c": ["x", "y"], "n": [None, None]}, schema=kinds)
    shown = published("t", frame)
    assert set(shown.frame.dtypes) == {pl.String}
    assert payload(shown)["rows"] == [["a", "x", None], [None, "y", None]]
    assert payload(published("t", frame.lazy())) == payload(shown)


def test_a_published_table_is_shown_to_people_and_kept_as_data():
    table = published("t", pl.DataFrame({"k": ["<b>", None], "n": [1, 2], "share": [2 / 3, 0.5]}))
    bundle = table._repr_mimebundle_()
    assert bundle[MIME] == payload(table) == json.loads(json.dumps(payload(table)))
    assert '<td style="text-align:left">&lt;b&gt;</td><td style="text-align:right">1</td>' in bundle["text/html"]
    assert ">0.667<" in bundle["text/html"]


@pytest.mark.parametrize(
    ("wanted", "value", "equal"),
    [
        *[("0.3", 0.1 + 0.2, True), ("0.3", 0.3001, False), ("x", 0.3, False), ("nan", float("nan"), False)],
        *[("0.3", 0.3 * (1 + 1e-8), False), ("0.3", 0.3 * (1 + 1e-10), True), ("3e8", 3e8 * (1 + 1e-8), False)],
        *[("0.0", 5.6e-17, True), ("5.6e-17", 0.0, True), ("0.0", 1e-11, False), ("2e-11", 1e-11, False)],
        *[("1", 1, True), ("1.0", 1, False), ("true", True, True), ("True", True, False), ("a", "a", True)],
        *[(None, None, True), ("", None, False), (None, "", False), ("", "", True)],
    ],
)
def test_cells_are_equal_outright_but_for_the_last_digits_of_real_numbers(wanted, value, equal):
    assert same(wanted, value) is equal


def test_saving_stores_the_outputs_without_the_machines_own_marks(released, tmp_path):
    notebook(tmp_path / "notebooks", "print(1)")
    reproduce(released, notebooks=tmp_path / "notebooks", save=True)
    stored = nbformat.read(tmp_path / "notebooks/test.ipynb", as_version=4)
    assert stored.cells[0].outputs[0].text == "1\n"
    assert "language_info" not in stored.metadata
    assert "execution" not in stored.cells[0].metadata


def test_the_command_prints_one_line_and_exits_0_or_names_differences_and_exits_1(study, tmp_path, capsys):
    arguments = [
        "reproduce",
        str(study),
        "--notebooks",
        str(tmp_path / "notebooks"),
        "--report",
        str(tmp_path / "r.html"),
    ]
    assert main(arguments) == 0
    shown = capsys.readouterr()
    assert re.fullmatch(
        r"6 of 6 published values in 1 table of 1 notebook reproduced in \d+ s; report: .*r\.html\n", shown.out
    )
    assert shown.err == ""
    edit(study / "results/test/t.csv", "a,1,", "a,7,")
    assert main(arguments) == 1
    assert capsys.readouterr().out.startswith(
        "differs: test/t, row 1 (a), n: published 7, found 1\n5 of 6 published values"
    )
    assert "Not reproduced: 1 difference." in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_text_in_a_notebook_cannot_break_out_of_the_report(released, tmp_path):
    hostile = "</script><script>alert(1)</script>"
    frame = f'{{"text_id": ["c1"], "position": [0], "author": ["{hostile}"], "n_words": [1]}}'
    chart = f"ct.charts.use()\nf = pl.DataFrame({frame})\n"
    notebook(tmp_path / "notebooks", chart + "ct.charts.reply_order(f)", f'print("{hostile}")')
    done = reproduce(released, notebooks=tmp_path / "notebooks", report=tmp_path / "r.html")
    raw = done.report.read_text(encoding="utf-8")
    assert "<script>alert(1)" not in raw
    # It is there all the same, as text: in what was printed, and in the data of the chart.
    assert "<pre>&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in raw
    specs = re.findall(r'<script type="application/json" id="chart-\d+">(.*?)</script>', raw)
    assert "\\u003c/script>\\u003cscript>alert(1)\\u003c/script>" in specs[0]
    assert hostile in json.dumps(json.loads(specs[0]))


def test_the_notebooks_run_from_a_copy_of_the_corpus(tmp_path):
    copy = shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    assert reproduce(copy, notebooks=NOTEBOOKS).differences == []
