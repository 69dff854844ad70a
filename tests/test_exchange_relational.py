"""SQLite and DuckDB: every row of every table comes back, and the rules that are declared are held to."""

import dataclasses
import json
import sqlite3
import sys
from contextlib import closing

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, MINI
from corpus_tools.corpus import load
from corpus_tools.errors import MissingExtraError
from corpus_tools.exchange.formats import export
from corpus_tools.exchange.relational import write_sqlite
from corpus_tools.exchange.tables import EXPLAINING, hold
from corpus_tools.scheme import GOLD, PASSES

HOSTILE = ("👩‍👩‍👧 e\u0301 🦊", "a'b\"c \n\r\n\t\r", "=1+1<&>|\\", "")
SELF = "that parent_id of texts is an id of texts: DuckDB takes no such rule within a table or in a circle"


def rows_of(corpus, name):
    table = corpus.scheme.table(name)
    return pl.concat([corpus.table(name, split=split) for split in table.splits])


def own_tables(corpus):
    return corpus.scheme.tables.values()


def ask(path, query, *values):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query, values).fetchall()


def from_sqlite(path, table):
    """A table as the corpus has it, from what the standard library reads."""
    cells = {"strings": json.loads, "boolean": bool}
    found = ask(path, f'SELECT * FROM "{table.name}" ORDER BY rowid')
    columns = {}
    for place, column in enumerate(table.columns):
        made = cells.get(column.type, lambda cell: cell)
        values = [None if row[place] is None else made(row[place]) for row in found]
        if column.type == "timestamp":
            columns[column.name] = pl.Series(values, dtype=pl.String).str.to_datetime(time_unit="us", time_zone="UTC")
        else:
            columns[column.name] = pl.Series(values, dtype=column.dtype)
    return pl.DataFrame(columns)


def from_duckdb(path, table):
    with closing(duckdb.connect(str(path), read_only=True)) as database:
        database.execute("SET TimeZone = 'UTC'")
        found = pl.from_arrow(database.sql(f'SELECT * FROM "{table.name}"').to_arrow_table())
    return found.cast({name: dtype for name, dtype in table.schema.items() if dtype in (pl.String, pl.List)})


def tell(path, query):
    with closing(duckdb.connect(str(path), read_only=True)) as database:
        return database.execute(query).fetchall()


READERS = {"sqlite": from_sqlite, "duckdb": from_duckdb}


@dataclasses.dataclass
class Changed:
    """The rows of a corpus, some tables with others in their place."""

    corpus: object
    rows: dict

    def scan(self, table, split):
        given = self.rows.get((table.name, split))
        return self.corpus._frames.scan(table, split) if given is None else given.lazy()


def changed(corpus, rows):
    return dataclasses.replace(corpus, _frames=Changed(corpus, rows))


def hostile_corpus(words):
    """The corpus with a layer of every kind, its comments and their spans in other words."""
    corpus = load(LAYERED, version="draft")
    texts = corpus.table("texts")
    said = [words[n % len(words)] for n in range(texts.height)]
    spans = corpus.table("entities").head(0)
    whole = [
        {"span_id": f"s-{n}-{end}", "text_id": text_id, "start_char": start, "end_char": end, "quote": text[start:end]}
        for n, (text_id, text) in enumerate(zip(texts["text_id"], said, strict=True))
        for start in range(min(len(text), 6))
        for end in range(start + 1, min(len(text), 6) + 1)
    ]
    label = corpus.scheme.table("entities")["label"].labels[0]
    made = pl.DataFrame([{**row, "label": label, "annotator": "gold"} for row in whole], schema=spans.schema)
    posted = pl.datetime(2016, 9, 29, 23, 59, 59, 123456, time_unit="us", time_zone="UTC")
    return changed(
        corpus,
        {
            ("texts", "full"): texts.with_columns(pl.Series("text", said), posted_at=posted),
            ("entities", GOLD): made,
            ("entities", PASSES): made.head(0),
        },
    )


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def made(corpus, tmp_path_factory):
    place = tmp_path_factory.mktemp("databases")
    return {name: export(corpus, name, place / f"corpus.{name}") for name in READERS}


@pytest.mark.parametrize("format_", READERS)
def test_every_row_of_every_table_comes_back_gold_before_passes(corpus, made, format_):
    for table in own_tables(corpus):
        found = READERS[format_](made[format_].path, table)
        assert found.equals(rows_of(corpus, table.name)), table.name
    assert len(rows_of(corpus, "entities")["annotator"].unique()) > 2


@pytest.mark.parametrize("format_", READERS)
def test_a_thread_with_a_layer_of_every_kind_comes_back(format_, tmp_path):
    corpus = load(LAYERED, version="draft")
    path = export(corpus, format_, tmp_path / "x").path
    for table in own_tables(corpus):
        assert READERS[format_](path, table).equals(rows_of(corpus, table.name)), table.name


def test_sqlite_carries_everything_and_duckdb_all_but_a_rule(made):
    assert made["sqlite"].left_out == ()
    assert made["duckdb"].left_out == (SELF,)


def test_the_file_stands_alone(made):
    for exported in made.values():
        assert exported.files == (exported.path.name,)
    assert len(list(made["sqlite"].path.parent.iterdir())) == len(READERS)


def test_sqlite_finds_its_own_file_sound(made):
    path = made["sqlite"].path
    assert ask(path, "PRAGMA foreign_key_check") == []
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "PRAGMA user_version") == [(1,)]
    strict = dict(ask(path, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"))
    assert {strict[name] for name in strict if not name.startswith("sqlite_")} == {1}


def test_the_same_corpus_makes_the_same_sqlite_file(corpus, made, tmp_path):
    again = export(corpus, "sqlite", tmp_path / "again.sqlite").path
    assert again.read_bytes() == made["sqlite"].path.read_bytes()


@pytest.mark.parametrize(
    ("statement", "refused"),
    {
        "an id twice": ("UPDATE stance_spans SET span_id = (SELECT max(span_id) FROM stance_spans)", "UNIQUE"),
        "no such text": ("UPDATE entities SET text_id = 'c99'", "FOREIGN KEY"),
        "no such entity": ("UPDATE coreference SET to_id = 'x'", "FOREIGN KEY"),
        "no such label": ("UPDATE entities SET label = 'x'", "CHECK"),
        "no quote": ("UPDATE entities SET quote = NULL", "NOT NULL"),
        "a number in words": ("UPDATE entities SET start_char = 'one'", "cannot store TEXT"),
        "neither yes nor no": ("UPDATE tokens SET space_after = 2", "CHECK"),
        "no list": ("""UPDATE authors SET printed_names = '"a"'""", "CHECK"),
    }.values(),
)
def test_sqlite_refuses_what_the_scheme_forbids(made, tmp_path, statement, refused):
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(made["sqlite"].path.read_bytes())
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError, match=refused):
            database.execute(statement)


def test_duckdb_has_the_types_keys_and_descriptions_of_the_scheme(corpus, made):
    path = made["duckdb"].path
    types = dict(tell(path, "SELECT table_name || '.' || column_name, data_type FROM duckdb_columns()"))
    assert types["authors.printed_names"] == "VARCHAR[]"
    assert types["texts.posted_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["tokens.space_after"] == "BOOLEAN"
    assert types["texts.position"] == "INTEGER"
    assert types["entities.label"].startswith("ENUM(")
    said = dict(tell(path, "SELECT table_name || '.' || column_name, comment FROM duckdb_columns()"))
    for table in own_tables(corpus):
        assert {column.name: said[f"{table.name}.{column.name}"] for column in table.columns} == {
            column.name: column.description for column in table.columns
        }
    counted = dict(tell(path, "SELECT constraint_type, count(*) FROM duckdb_constraints() GROUP BY 1"))
    declared, _ = hold(corpus, [table for table in own_tables(corpus) if table.layer])
    assert counted["PRIMARY KEY"] == len(declared)
    assert counted["FOREIGN KEY"] == sum(len(held.pointers) for held in declared) - 1


def test_columns_that_point_into_one_table_are_foreign_keys(made):
    def keys(table):
        return {row[3]: row[2] for row in ask(made["sqlite"].path, f"PRAGMA foreign_key_list({table})")}

    assert keys("appraisal") == {"text_id": "texts", "target_id": "entities", "annotator": "annotators"}
    assert keys("claims") == {"unit_id": "arguments", "annotator": "annotators"}
    # An inference is attacked as an argument is: `to_id` points into two tables.
    assert keys("arguments_relations") == {"from_id": "arguments", "annotator": "annotators"}


@pytest.mark.parametrize("format_", READERS)
def test_the_words_of_every_span_are_cut_by_substr(corpus, made, format_):
    query = ask if format_ == "sqlite" else tell
    spans = [table.name for table in own_tables(corpus) if table.unit in ("span", "sentence")]
    n = 0
    for name in spans:
        cut = "substr(texts.text, start_char + 1, end_char - start_char)"
        found = query(
            made[format_].path,
            f"SELECT quote, {cut} FROM {name} JOIN texts USING (text_id) WHERE start_char IS NOT NULL",
        )
        assert [quote for quote, _ in found] == [words for _, words in found]
        n += len(found)
    assert n > 1000


@pytest.mark.parametrize("format_", READERS)
def test_words_beyond_the_basic_plane_are_cut_alike(format_, tmp_path):
    corpus = hostile_corpus(HOSTILE)
    path = export(corpus, format_, tmp_path / "x", layers="entities").path
    query = ask if format_ == "sqlite" else tell
    cut = "substr(texts.text, start_char + 1, end_char - start_char)"
    found = query(path, f"SELECT quote, {cut} FROM entities JOIN texts USING (text_id)")
    assert found
    assert [quote for quote, _ in found] == [words for _, words in found]
    assert any("👩" in quote for quote, _ in found)
    for name in ("texts", "entities"):
        assert READERS[format_](path, corpus.scheme.table(name)).equals(rows_of(corpus, name))


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_any_words_come_back_from_sqlite(tmp_path_factory, words):
    corpus = hostile_corpus(words)
    path = export(corpus, "sqlite", tmp_path_factory.mktemp("hostile") / "x", layers="entities").path
    assert from_sqlite(path, corpus.scheme.table("texts")).equals(corpus.table("texts"))
    cut = "substr(texts.text, start_char + 1, end_char - start_char)"
    assert ask(path, f"SELECT * FROM entities JOIN texts USING (text_id) WHERE quote <> {cut}") == []


@pytest.mark.parametrize("format_", READERS)
def test_articles_and_comments_are_views(corpus, made, format_):
    query = ask if format_ == "sqlite" else tell
    for name in corpus.scheme.table("texts").parts:
        found = query(made[format_].path, f"SELECT text_id FROM {name}")
        assert [text_id for (text_id,) in found] == corpus.table(name)["text_id"].to_list()


@pytest.mark.parametrize("format_", READERS)
def test_the_database_explains_every_table_and_column(corpus, made, format_):
    path, query = made[format_].path, ask if format_ == "sqlite" else tell
    tables = dict(query(path, "SELECT name, rows FROM _tables"))
    assert list(tables) == [*EXPLAINING, *(table.name for table in own_tables(corpus))]
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables)
    assert dict(query(path, counts)) == tables
    columns = {
        "sqlite": "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'",
        "duckdb": "SELECT table_name, column_name FROM duckdb_columns() WHERE table_name IN (SELECT name FROM _tables)",
    }
    assert set(query(path, columns[format_])) == set(query(path, "SELECT table_name, name FROM _columns"))
    assert query(path, "SELECT description FROM _columns WHERE column_id = 'texts.byline'") == [
        ("The line that names the author, as printed.",)
    ]
    assert query(path, "SELECT value FROM _metadata WHERE name = 'licences.annotations'") == [("CC-BY-4.0",)]
    assert query(path, "SELECT value FROM _metadata WHERE name = 'version'") == [(corpus.version,)]


def test_every_label_has_the_definition_of_the_scheme(corpus, made):
    path = made["sqlite"].path
    for name in ("entities", "arguments_relations"):
        table = corpus.scheme.table(name)
        found = ask(path, "SELECT label, definition FROM _labels WHERE table_name = ? AND column_name = 'label'", name)
        known = corpus.scheme.layers[table.layer].labels[name]
        assert found == [(label.id, label.definition) for label in known]
    asked = [
        (question.id, label.id) for question in corpus.scheme.table("stance").questions for label in question.labels
    ]
    query = (
        "SELECT question, label FROM _labels WHERE table_name = 'stance' AND column_name = 'label' ORDER BY position"
    )
    assert ask(path, query) == asked
    kinds = ask(path, "SELECT label, definition FROM _labels WHERE label_id LIKE 'texts/kind/%'")
    assert kinds == [(kind, None) for kind in corpus.scheme.table("texts")["kind"].labels]


@pytest.mark.parametrize("format_", READERS)
def test_layers_that_were_not_asked_for_are_not_there_and_are_missed(corpus, format_, tmp_path):
    exported = export(corpus, format_, tmp_path / "x", layers="appraisal")
    query = ask if format_ == "sqlite" else tell
    named = [name for (name,) in query(exported.path, "SELECT name FROM _tables WHERE layer IS NOT NULL")]
    assert named == ["appraisal"]
    assert exported.left_out[0] == "that target_id of appraisal is an id of entities: that table was not asked for"


@pytest.mark.parametrize("format_", READERS)
def test_a_corpus_without_layers_is_written(format_, tmp_path):
    corpus = load(MINI, version="draft")
    exported = export(corpus, format_, tmp_path / "x", layers=[])
    assert READERS[format_](exported.path, corpus.scheme.table("texts")).equals(corpus.table("texts"))
    assert exported.left_out == ((SELF,) if format_ == "duckdb" else ())


@pytest.mark.parametrize("format_", READERS)
def test_passes_that_have_the_ids_of_gold_are_told_apart_by_annotator(format_, tmp_path):
    corpus = load(LAYERED, version="draft")
    gold = corpus.table("entities")
    annotator = next(one for one in corpus.table("annotators")["annotator_id"] if one != GOLD)
    passes = gold.with_columns(annotator=pl.lit(annotator))
    other = changed(corpus, {("entities", PASSES): passes})
    exported = export(other, format_, tmp_path / "x", layers=["entities", "coreference"])
    assert READERS[format_](exported.path, corpus.scheme.table("entities")).equals(pl.concat([gold, passes]))
    assert "that from_id of coreference is an id of entities: ids recur there, in gold and passes" in exported.left_out
    if format_ == "sqlite":
        keys = [row[1] for row in ask(exported.path, "PRAGMA table_info(entities)") if row[5]]
        assert keys == ["span_id", "annotator"]


@pytest.mark.parametrize("format_", READERS)
def test_rows_that_break_a_rule_are_kept_and_the_rule_is_named(format_, tmp_path):
    corpus = load(LAYERED, version="draft")
    gold = corpus.table("entities").head(3)
    bad = gold.with_columns(
        span_id=pl.lit("e-1"),
        text_id=pl.lit("c99"),
        label=pl.Series(["strange", *gold["label"].to_list()[1:]]),
        quote=pl.Series([None, None, "words"]),
    )
    other = changed(corpus, {("entities", GOLD): bad, ("entities", PASSES): bad.head(0)})
    exported = export(other, format_, tmp_path / "x", layers="entities")
    assert READERS[format_](exported.path, corpus.scheme.table("entities")).equals(bad)
    assert set(exported.left_out) - {SELF} == {
        "that quote of entities is filled: 2 rows without",
        "that label of entities is of a closed set: 1 row with others",
        "that span_id of entities is its key: 3 rows not told apart by it",
        "that text_id of entities is an id of texts: 3 rows with ids of none",
    }


def test_a_lack_of_duckdb_is_named(corpus, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"\[duckdb\]"):
        export(corpus, "duckdb", tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_", READERS)
def test_layers_of_a_module_stand_beside_those_of_the_corpus(released, format_, tmp_path):
    corpus = load(released, modules=[MINI.parent / "modules" / "address-study"])
    exported = export(corpus, format_, tmp_path / "x")
    query = ask if format_ == "sqlite" else tell
    for name in ("mentions", "address", "annotators", "coverage"):
        assert READERS[format_](exported.path, corpus.scheme.table(name)).equals(rows_of(corpus, name)), name
    assert query(exported.path, "SELECT value FROM _metadata WHERE name = 'modules.address-study.version'") == [
        ("1.0.0",)
    ]


def test_what_is_no_number_is_a_null_in_sqlite_and_said(tmp_path):
    corpus = load(MINI, version="draft")
    table = corpus.scheme.table("mentions")
    wanted = [dataclasses.replace(column, required=True) for column in table.columns if column.type == "number"]
    (name,) = (column.name for column in table.columns if column.type == "number")
    gold = corpus.table("mentions").with_columns(pl.lit(float("nan")).alias(name))
    other = changed(corpus, {("mentions", GOLD): gold})
    exported = export(other, "sqlite", tmp_path / "x", layers="mentions")
    assert exported.left_out == (f"{name} of mentions: {gold.height} rows with NaN, null in SQLite",)
    assert from_sqlite(exported.path, table)[name].head(gold.height).is_null().all()
    needed = dataclasses.replace(table, name="needed", columns=(table.columns[0], *wanted), splits=(GOLD,), layer=None)
    kept = changed(corpus, {("mentions", GOLD): gold, ("needed", GOLD): gold})
    kept = dataclasses.replace(
        kept, scheme=dataclasses.replace(corpus.scheme, fixed={**corpus.scheme.fixed, "needed": needed})
    )
    write_sqlite(kept, [], tmp_path / "z")
    assert ask(tmp_path / "z", f"SELECT count(*), count({name}) FROM needed") == [(gold.height, 0)]
    exported = export(other, "duckdb", tmp_path / "y", layers="mentions")
    assert from_duckdb(exported.path, table).equals(rows_of(other, "mentions"))
