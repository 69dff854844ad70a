"""CSV: read as it is, undone by taking one apostrophe off, and held to its CSVW description by another's reader."""

import csv
import dataclasses
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import LAYERED
from corpus_tools.corpus import load
from corpus_tools.exchange.csvw import METADATA, as_csv
from corpus_tools.exchange.formats import export
from corpus_tools.exchange.formulas import RISKY
from corpus_tools.exchange.tables import EXPLAINING
from corpus_tools.scheme import Column

HOSTILE = (
    "=1+1", "'=x", "-3", "@a", "+1", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\0=1", "'", "''", "a\nb", "a\r\nb", "a\rb",
    'say "no"', '"', ",", "👩‍👩‍👧 e\u0301", "", None, "plain", "#no comment", "NA", "null", "\ufeffx", "a\n",
)  # fmt: skip
FORMULA = re.compile(r"[=+\-@\t\r]")
"""How a cell begins that OWASP warns of."""
COLUMNS = (
    Column("id", "id", ""),
    Column("words", "string", "", required=False),
    Column("number", "number", "", required=False),
    Column("items", "strings", "", required=False),
)


def rows_of(corpus, name):
    table = corpus.scheme.table(name)
    return pl.concat([corpus.table(name, split=split) for split in table.splits])


def undone(frame, columns):
    """What the corpus has, from the cells of a file: the one apostrophe off, and the declared types."""
    made = {}
    for column in columns:
        cell = pl.col(column.name)
        if column.type == "strings":
            made[column.name] = cell.str.split("\n").list.eval(pl.element().str.strip_prefix("'"))
        elif column.type == "timestamp":
            made[column.name] = cell.str.to_datetime("%+", time_unit="us", time_zone="UTC")
        elif column.type == "boolean":
            made[column.name] = cell.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
        elif column.dtype == pl.String():
            made[column.name] = cell.str.strip_prefix("'")
        else:
            made[column.name] = cell.cast(column.dtype)
    return frame.select(**made)


def by_polars(text):
    return pl.read_csv(text.encode(), infer_schema=False)


def by_python(text):
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return pl.DataFrame(
        [[cell or None for cell in row] for row in rows], schema=dict.fromkeys(head, pl.String), orient="row"
    )


def text_of(path):
    return path.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory):
    return export(corpus, "csv", tmp_path_factory.mktemp("csv") / "corpus-csv")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A corpus whose comments say what spreadsheets and readers stumble over."""
    corpus = load(LAYERED, version="draft")
    one = corpus.table("texts").head(1)
    said = [words for words in HOSTILE if words is not None and "\0" not in words]
    texts = pl.concat([one] * len(said)).with_columns(
        text_id=pl.Series([f"-{n}" for n in range(len(said))]),
        text=pl.Series(said),
        posted_at=pl.datetime(2016, 9, 29, 23, 59, 59, 123456, time_unit="us", time_zone="UTC"),
        source_start=pl.lit(-3, dtype=pl.Int32),
    )

    class Frames:
        def scan(self, table, split):
            return texts.lazy() if table.name == "texts" else corpus._frames.scan(table, split)

    other = dataclasses.replace(corpus, _frames=Frames())
    return other, export(other, "csv", tmp_path_factory.mktemp("csv") / "hostile", layers=[])


@pytest.mark.parametrize("read", [by_polars, by_python])
def test_every_row_of_every_table_comes_back(corpus, made, read):
    for table in corpus.scheme.tables.values():
        found = undone(read(text_of(made.path / f"{table.name}.csv")), table.columns)
        assert found.equals(rows_of(corpus, table.name)), table.name


@pytest.mark.parametrize("read", [by_polars, by_python])
def test_hostile_words_come_back(hostile, read):
    corpus, made = hostile
    found = undone(read(text_of(made.path / "texts.csv")), corpus.scheme.table("texts").columns)
    assert found.equals(corpus.table("texts"))
    assert "'=1+1" in text_of(made.path / "texts.csv")


def test_only_pointers_that_may_be_empty_are_not_stated(made):
    assert made.left_out == (
        "what is an id of another table: CSVW wants one in every row, and these may be empty: "
        "layer of _tables, author_id of texts, parent_id of texts, target_id of appraisal",
    )


def test_there_is_a_file_for_every_table_and_one_that_describes_them(corpus, made):
    names = [*EXPLAINING, *(table.name for table in corpus.scheme.tables.values())]
    assert sorted(made.files) == sorted([*(f"{name}.csv" for name in names), METADATA])


def test_most_cells_stand_as_the_corpus_has_them(corpus, made):
    touched = whole = 0
    for table in corpus.scheme.tables.values():
        found = by_polars(text_of(made.path / f"{table.name}.csv"))
        texts = [column.name for column in table.columns if column.dtype == pl.String()]
        for name in texts:
            own = rows_of(corpus, table.name)[name]
            risky = own.str.contains(RISKY).fill_null(value=False)
            assert found[name].filter(~risky).equals(own.filter(~risky))
            assert found[name].filter(risky).to_list() == [f"'{cell}" for cell in own.filter(risky)]
            touched, whole = touched + risky.sum(), whole + own.len()
    assert 0 < touched < whole / 100


def test_the_file_is_as_rfc_4180_has_it(made):
    raw = (made.path / "texts.csv").read_bytes()
    assert raw.startswith(b"text_id,thread_id,")
    assert raw.endswith(b"\r\n")
    outside = b"".join(raw.split(b'"')[::2])
    assert outside.count(b"\n") == outside.count(b"\r\n") == 7


def test_the_same_corpus_makes_the_same_files(corpus, made, tmp_path):
    again = export(corpus, "csv", tmp_path / "again")
    assert all((again.path / name).read_bytes() == (made.path / name).read_bytes() for name in made.files)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from(HOSTILE), st.none(), st.text()),
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(
                st.none(),
                st.lists(
                    st.one_of(st.sampled_from([one for one in HOSTILE if one is not None]), st.text()).filter(
                        lambda item: "\n" not in item
                    ),
                    min_size=1,
                ),
            ),
        ),
        min_size=1,
    )
)
@example([(words, -3.0, [words.replace("\n", "")] if words is not None else None) for words in HOSTILE])
def test_any_cell_comes_back_and_none_begins_as_a_formula_does(rows):
    schema = {column.name: column.dtype for column in COLUMNS}
    frame = pl.DataFrame([(f"={n}", *row) for n, row in enumerate(rows)], schema=schema, orient="row")
    text, lost = as_csv(frame, COLUMNS)
    assert lost == {}
    for read in (by_polars, by_python):
        assert undone(read(text), COLUMNS).equals(frame)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        assert not any(FORMULA.match(row[name].lstrip()) for name in ("id", "words", "items"))
        assert not row["number"].startswith("'")


def test_what_a_list_cannot_say_is_counted():
    frame = pl.DataFrame({"items": [["a\nb", "c"], [], None]}, schema={"items": pl.List(pl.String)})
    _, lost = as_csv(frame, [COLUMNS[3]])
    assert lost == {"items": "item with a line end, read as several: 1; empty list, read as null: 1"}


# Another's reader of CSVW


def described(folder):
    csvw = pytest.importorskip("csvw", reason="csvw is not installed")
    return csvw.TableGroup.from_file(folder / METADATA)


@pytest.mark.parametrize("which", ["made", "hostile"])
def test_csvw_finds_every_value_key_and_pointer_as_described(which, request):
    given_ = request.getfixturevalue(which)
    group = described((given_ if which == "made" else given_[1]).path)
    assert group.check_referential_integrity()
    for table in group.tables:
        assert table.tableSchema.primaryKey
        assert table.check_primary_key()
        list(table.iterdicts(strict=True))
    assert sum(len(table.tableSchema.foreignKeys) for table in group.tables) > 5


def test_csvw_calls_the_files_valid_in_its_strict_way(made):
    csvw = pytest.importorskip("csvw", reason="csvw is not installed")
    read = csvw.CSVW(str(made.path / METADATA), validate=True)
    assert (read.is_valid, read.warnings) == (True, [])


def test_csvw_reads_the_rows_of_the_corpus_but_for_the_apostrophes(corpus, made):
    group = described(made.path)

    def stripped(value):
        if isinstance(value, list):
            return [stripped(item) for item in value]
        return value.removeprefix("'") if isinstance(value, str) else value

    for table in corpus.scheme.tables.values():
        found = [{name: stripped(value) for name, value in row.items()} for row in group.tabledict[f"{table.name}.csv"]]
        assert found == rows_of(corpus, table.name).to_dicts(), table.name


def test_csvw_reads_times_with_their_zone(hostile):
    corpus, made = hostile
    found = next(iter(described(made.path).tabledict["texts.csv"]))
    assert found["posted_at"] == corpus.table("texts")["posted_at"][0]


@pytest.mark.parametrize(
    ("table", "old", "new", "refused"),
    {
        "no such label": ("entities", ",organization,", ",organisation,", "invalid lexical value"),
        "no number": ("entities", ",0,", ",nought,", "invalid"),
        "no quote": ("sources", "syria-talks-2016,", ",", "required column value is missing"),
    }.values(),
)
def test_csvw_refuses_what_the_scheme_forbids(made, tmp_path, table, old, new, refused):
    folder = Path(shutil.copytree(made.path, tmp_path / "copy"))
    path = folder / f"{table}.csv"
    text = text_of(path)
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    with pytest.raises(ValueError, match=refused):
        list(described(folder).tabledict[path.name].iterdicts(strict=True))


def test_csvw_misses_a_row_that_is_pointed_to(made, tmp_path):
    folder = Path(shutil.copytree(made.path, tmp_path / "copy"))
    path = folder / "annotators.csv"
    path.write_bytes(text_of(path).replace("gold,", "silver,", 1).encode())
    with pytest.raises(ValueError, match="Key `gold` not found in table annotators.csv"):
        described(folder).check_referential_integrity()


def test_the_description_says_how_to_undo_the_apostrophes(corpus, made):
    said = json.loads(text_of(made.path / METADATA))
    assert "Take one leading apostrophe off" in said["rdfs:comment"]
    assert said["dc:title"] == corpus.metadata.title
    texts = next(table for table in said["tables"] if table["url"] == "texts.csv")
    named = {column["name"]: column for column in texts["tableSchema"]["columns"]}
    assert named["byline"]["dc:description"] == corpus.scheme.table("texts")["byline"].description
    assert named["posted_at"]["datatype"] == "dateTime"
    assert named["position"]["datatype"] == "int"


# Programs that a researcher opens it with


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="no R here; install it to run this test")
def test_r_reads_the_rows_and_undoes_the_apostrophes_in_a_line(corpus, made, tmp_path):
    script = """
        args <- commandArgs(TRUE)
        read <- function(path) {
          d <- read.csv(path, na.strings = "", encoding = "UTF-8", colClasses = "character")
          d[] <- lapply(d, function(x) sub("^'", "", x))
          d
        }
        tokens <- read(file.path(args[1], "tokens.csv"))
        texts <- read(file.path(args[1], "texts.csv"))
        writeLines(c(nrow(tokens), sum(is.na(tokens$lemma)), tokens$form, nchar(texts$text)), args[2], useBytes = TRUE)
    """
    out, program = tmp_path / "out.txt", tmp_path / "read.R"
    program.write_text(script, encoding="utf-8")
    subprocess.run(["Rscript", str(program), str(made.path), str(out)], check=True, capture_output=True)
    tokens, texts = rows_of(corpus, "tokens"), corpus.texts
    expected = [tokens.height, tokens["lemma"].null_count(), *tokens["form"], *texts["text"].str.len_chars()]
    assert out.read_text(encoding="utf-8").split("\n")[:-1] == [str(one) for one in expected]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here; install it to run this test")
def test_libreoffice_opens_the_words_and_runs_none(hostile, tmp_path):
    corpus, made = hostile
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    opened = ["--infilter=CSV:44,34,76,1", "--convert-to", "fods", "--outdir", str(tmp_path)]
    subprocess.run(
        ["soffice", profile, "--headless", *opened, str(made.path / "texts.csv")], check=True, capture_output=True
    )
    opened = (tmp_path / "texts.fods").read_text(encoding="utf-8")
    assert "table:formula" not in opened
    assert opened.count("<table:table-row") >= corpus.table("texts").height
