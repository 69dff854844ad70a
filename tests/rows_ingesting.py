"""What the tests of sources of rows share."""

import shutil

import polars as pl

from conftest import MINI
from corpus_tools.folder import read_csv
from corpus_tools.ingest.forms import choose, readers
from corpus_tools.ingest.rows import SCHEMA
from ingesting import reading_of


def empty_corpus(place):
    """The mini corpus with nothing ingested."""
    folder = shutil.copytree(MINI, place / "empty")
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(folder / name)
    for name in ("mentions", "tone"):
        (folder / f"scheme/{name}.toml").unlink()
    text = (folder / "corpus.toml").read_text(encoding="utf-8")
    (folder / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    return folder


def read_rows(path, form=None, **options):
    """The rows of a file as dicts, as its form (or the form that is recognised) reads them, and the losses."""
    reading = reading_of(path, **options)
    reader = readers()[form] if form else choose(reading.source)[0]
    frames = list(reader.rows(reading).batches())
    for frame in frames:
        assert frame.schema == SCHEMA
        assert frame["kind"].null_count() == frame["locator"].null_count() == 0
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *frames]).rows(named=True)
    return rows, {category: counts for category, counts in reading.losses.counts.items() if counts}


def column(rows, name):
    return [row[name] for row in rows]


def texts_of(corpus, source_id):
    """The rows of the file of texts that one source was written to."""
    return read_csv(corpus / "texts" / f"{source_id}.csv").rows(named=True)
