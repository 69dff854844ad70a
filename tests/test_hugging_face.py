"""`datasets.load_dataset` on a corpus folder: the same rows as ours, offline, streamed, and never somebody else's."""

import shutil
import subprocess
import sys

import datasets
import polars as pl
import pytest

from conftest import MINI, ROOT, edit
from corpus_tools.corpus import find_table, load
from corpus_tools.release import release


def decoded(dataset):
    """The rows, with class labels as words."""
    labels = {name: feature for name, feature in dataset.features.items() if isinstance(feature, datasets.ClassLabel)}

    def words(row):
        return {
            name: labels[name].int2str(value) if name in labels and value is not None else value
            for name, value in row.items()
        }

    return [words(row) for row in dataset]


def rows_of(corpus, name):
    table, _ = find_table(corpus.scheme, name)
    rows = {split: corpus.table(name, split=split).to_dicts() for split in table.splits}
    return {split: found for split, found in rows.items() if found}


CORPORA = {"shipped": ROOT / "corpus", "mini": None}


@pytest.fixture(params=CORPORA)
def folder(request, released):
    return CORPORA[request.param] or released


def test_every_configuration_loads_with_the_rows_of_the_corpus(folder):
    corpus = load(folder)
    assert datasets.get_dataset_config_names(str(folder)) == [name for name in corpus.tables if rows_of(corpus, name)]
    for name in datasets.get_dataset_config_names(str(folder)):
        loaded = datasets.load_dataset(str(folder), name)
        assert {split: decoded(rows) for split, rows in loaded.items()} == rows_of(corpus, name)


def test_streaming_gives_the_same_rows(folder):
    corpus = load(folder)
    for name in datasets.get_dataset_config_names(str(folder)):
        for split, rows in rows_of(corpus, name).items():
            streamed = datasets.load_dataset(str(folder), name, split=split, streaming=True)
            assert decoded(streamed) == rows


def test_to_datasets_gives_what_load_dataset_gives(folder):
    made = load(folder).to_datasets()
    for name in datasets.get_dataset_config_names(str(folder)):
        loaded = datasets.load_dataset(str(folder), name)
        assert made[name].keys() == loaded.keys()
        for split in loaded:
            assert made[name][split].features == loaded[split].features
            assert made[name][split].to_list() == loaded[split].to_list()


def test_the_default_is_the_texts(folder):
    assert datasets.load_dataset(str(folder), split="full")["text_id"][:3] == ["a1", "c1", "c2"]


def test_the_last_comment_keeps_its_comma(shipped):
    assert datasets.load_dataset(str(shipped), "comments", split="full")[4]["byline"] == "B,Poster said..."


def test_a_label_of_a_layer_is_a_class_label_and_a_missing_number_is_null(shipped):
    gold = datasets.load_dataset(str(shipped), "structure", split="gold")
    assert gold.features["label"].names == ["headline", "caption", "credit", "source_line", "paragraph", "byline"]
    byline = gold.filter(lambda row: row["span_id"] == "structure-8")[0]
    assert (byline["quote"], byline["start_char"], byline["source_start"]) == ("Carl said...", None, 1083)


def first_title(folder, cache):
    """What a process of its own reads from ./corpus, with that cache."""
    code = "import datasets; print(datasets.load_dataset('./corpus', 'threads', split='full')[0]['title'])"
    environment = {"HF_HOME": str(cache), "HF_HUB_OFFLINE": "1", "PATH": "", "HOME": str(cache)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_two_checkouts_of_one_name_each_give_their_own_rows(tmp_path):
    for name, title in (("one", "Bridge to Stay"), ("two", "Bridge to Go")):
        folder = shutil.copytree(MINI, tmp_path / name / "corpus")
        edit(folder / "corpus.toml", 'title = "Bridge to Close ☔"', f'title = "{title}"')
        release(folder, "0.1.0")
    cache = tmp_path / "cache"
    assert first_title(tmp_path / "one", cache) == "Bridge to Stay"
    assert first_title(tmp_path / "two", cache) == "Bridge to Go"
    assert first_title(tmp_path / "one", cache) == "Bridge to Stay"


def test_a_new_version_in_the_same_place_gives_its_own_rows(tmp_path):
    folder = shutil.copytree(MINI, tmp_path / "corpus")
    release(folder, "0.1.0")
    assert first_title(tmp_path, tmp_path / "cache") == "Bridge to Close ☔"
    edit(folder / "corpus.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    edit(folder / "corpus.toml", 'title = "Bridge to Close ☔"', 'title = "Bridge to Open"')
    release(folder, "0.1.1")
    assert first_title(tmp_path, tmp_path / "cache") == "Bridge to Open"


def test_polars_and_duckdb_read_the_released_files_as_they_are(folder):
    import duckdb

    corpus = load(folder)
    place = folder / "releases" / corpus.version
    comments = str(place / "comments.parquet")
    assert pl.read_parquet(comments).equals(corpus.comments)
    rows = duckdb.sql(f"select text_id, byline, position, source_end from '{comments}' order by position").fetchall()
    assert rows == corpus.comments.select("text_id", "byline", "position", "source_end").rows()
