"""Loading a corpus: what comes back, from where, and what is said when it cannot be."""

import dataclasses
import warnings

import polars as pl
import pytest

from conftest import edit
from corpus_tools.corpus import find_corpus, load, versions
from corpus_tools.errors import (
    CaveatWarning,
    ChecksumError,
    CorpusError,
    MetadataError,
    NotACorpusError,
    RecordsError,
    ReleaseError,
    UnknownNameError,
    VersionError,
)
from corpus_tools.ingest import ingest
from corpus_tools.release import release


def test_a_released_corpus_gives_the_rows_of_the_hand_edited_files(released):
    corpus, draft = load(released), load(released, "draft")
    assert corpus.tables == draft.tables
    for name in corpus.tables:
        for split in (
            ("gold", "passes") if name in ("mentions", "mentions_relations", "structure", "tone") else ("full",)
        ):
            assert corpus.table(name, split=split).equals(draft.table(name, split=split)), (name, split)
            assert corpus.scan(name, split=split).collect_schema() == draft.scan(name, split=split).collect_schema()


def test_texts_are_the_articles_then_the_comments(released):
    corpus = load(released)
    assert pl.concat([corpus.articles, corpus.comments]).equals(corpus.texts)
    assert corpus.texts["text_id"].to_list() == ["a1", "c1", "c2"]
    assert corpus.comments["text"].to_list() == ["I cross it daily 😀. Who pays?", "Not me, Ann!\nNor anyone."]
    assert corpus.comments["parent_id"].to_list() == [None, "c1"]
    assert corpus.comments["posted_at"].dt.to_string("iso").to_list() == ["2026-01-30 08:00:00.000000+00:00", None]


def test_authors_threads_and_caveats(released):
    corpus = load(released)
    assert corpus.authors.select("author_id", "printed_names").rows() == [
        ("ann-o-hara", ["Ann O'Hara"]),
        ("b-z", ["b.z."]),
    ]
    assert corpus.threads["title"].to_list() == ["Bridge to Close ☔"]
    assert corpus.caveats == ({"about": ["texts"], "text": "Invented."},)


def test_a_layer_is_gold_all_passes_or_some_annotators(released):
    corpus = load(released)
    assert corpus.layer("mentions")["annotator"].unique().to_list() == ["gold"]
    assert corpus.layer("mentions")["certain"].to_list() == [True, False, True]
    assert corpus.layer("mentions", annotators="all")["annotator"].to_list() == ["kim", "kim"]
    assert corpus.layer("structure", annotators=["reader"]).height == 7
    assert corpus.layer("mentions", annotators=["kim", "gold"]).height == 5
    assert corpus.layer("mentions_relations")["to_id"].to_list() == ["mentions-1"]


UNKNOWN = {
    "table": (lambda corpus: corpus.table("comment"), r"unknown table 'comment'; there are: .*comments"),
    "split": (
        lambda corpus: corpus.scan("tone", split="test"),
        r"unknown split of tone 'test'; there are: gold, passes",
    ),
    "layer": (
        lambda corpus: corpus.layer("stance"),
        r"unknown layer 'stance'; there are: mentions, mentions_relations",
    ),
    "annotator": (
        lambda corpus: corpus.layer("mentions", annotators=["lee"]),
        r"unknown annotator of mentions 'lee'; there are: kim, gold",
    ),
}


@pytest.mark.parametrize(("ask", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_name_lists_those_there_are(released, ask, message):
    with pytest.raises(UnknownNameError, match=message):
        ask(load(released))


def test_a_corpus_is_frozen(released):
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(released).version = "2.0.0"


def test_the_corpus_says_what_it_is_in_a_line(released):
    assert (
        str(load(released)) == "Mini Corpus 0.1.0: 1 article, 2 comments, 2 authors; layers: mentions, structure, tone"
    )


def test_the_newest_version_is_loaded_unless_another_is_named(released):
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.10.0"')
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    release(released, "0.10.0")
    edit(released / "corpus.toml", 'version = "0.10.0"', 'version = "0.11.0"')
    assert versions(released) == ["0.1.0", "0.10.0"]
    assert load(released).version == "0.10.0"
    assert load(released).layer("tone")["label"].to_list() == ["calm", "calm", "calm"]
    assert load(released, "0.1.0").layer("tone")["label"].to_list() == ["calm", "calm", "loud"]
    assert load(released, "0.1.0").metadata.version == "0.1.0"


def test_an_old_release_loads_whatever_the_scheme_became(released):
    edit(released / "scheme/tone.toml", 'id = "loud"', 'id = "shrill"')
    (released / "scheme/mentions.toml").unlink()
    corpus = load(released)
    assert corpus.scheme.table("tone")["label"].labels == ("calm", "loud")
    assert corpus.layer("mentions").height == 3


def test_a_flipped_byte_is_named(released):
    path = released / "releases/0.1.0/tone.parquet"
    raw = bytearray(path.read_bytes())
    raw[10] ^= 1
    path.write_bytes(raw)
    with pytest.raises(
        ChecksumError, match=r"tone\.parquet is not what was released: its SHA-256 is .* restore the file"
    ):
        load(released)


@pytest.mark.parametrize("name", ["SHA256SUMS", "tone.parquet", "corpus.toml", "scheme/tables.toml"])
def test_a_half_written_release_is_named(released, name):
    (released / "releases/0.1.0" / name).unlink()
    with pytest.raises(ReleaseError, match=f"0.1.0 is not a whole release: .*{name}"):
        load(released)


def test_a_file_that_was_not_released_is_refused(released):
    (released / "releases/0.1.0/scheme/mood.toml").write_text("")
    with pytest.raises(ReleaseError, match=r"holds scheme/mood\.toml, which was not released; take it out"):
        load(released)


def test_damaged_checksums_are_an_error_of_ours(released):
    path = released / "releases/0.1.0/SHA256SUMS"
    path.write_bytes(b"\xff" + path.read_bytes())
    with pytest.raises(ReleaseError):
        load(released)


def test_the_draft_has_the_order_of_a_release(mini, tmp_path):
    (tmp_path / "two.txt").write_text("Two\n\nJo said...\n\nHi.\n")
    ingest(tmp_path / "two.txt", into=mini)
    draft = load(mini, "draft").texts
    assert draft["text_id"].to_list() == ["a1", "a2", "c1", "c2", "c3"]
    release(mini, "0.1.0")
    assert load(mini).texts.equals(draft)


def test_without_verifying_a_missing_table_is_still_an_error(released):
    (released / "releases/0.1.0/tone.parquet").unlink()
    corpus = load(released, verify=False)
    with pytest.raises(ReleaseError, match="tone.parquet is missing"):
        corpus.layer("tone")


def test_a_wrong_version_lists_the_versions(released):
    with pytest.raises(VersionError, match=r"release '2\.0' is not in .*; it holds 0\.1\.0"):
        load(released, "2.0")


def test_a_corpus_without_a_release_says_how_to_make_one(mini):
    with pytest.raises(VersionError, match=r"holds no release yet; make one with: corpus-tools release 0\.1\.0"):
        load(mini)
    assert load(mini, "draft").comments.height == 2
    assert versions(mini) == []


def test_what_lies_in_releases_without_being_a_version_is_no_release(released):
    (released / "releases" / ".0.2.0.abc").mkdir()
    (released / "releases" / "notes").mkdir()
    assert versions(released) == ["0.1.0"]


@pytest.mark.parametrize("function", [load, versions])
def test_a_folder_that_is_no_corpus_is_refused(tmp_path, function):
    with pytest.raises(NotACorpusError, match="holds no corpus.toml; a corpus is a folder with a corpus.toml"):
        function(tmp_path)
    with pytest.raises(NotACorpusError, match="does not exist"):
        function(tmp_path / "nowhere")


def test_a_wrong_environment_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CORPUS_TOOLS_CORPUS", str(tmp_path / "rubbish"))
    with pytest.raises(
        NotACorpusError, match="CORPUS_TOOLS_CORPUS is set to .*rubbish', which is no folder with a corpus.toml"
    ):
        load()


def test_a_shortened_list_of_checksums_hides_nothing(released):
    folder = released / "releases/0.1.0"
    lines = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(line for line in lines if "comments.parquet" not in line))
    with pytest.raises(ReleaseError, match=r"holds comments\.parquet, which was not released"):
        load(released)


def test_a_release_keeps_the_name_of_its_version(released):
    (released / "releases/0.1.0").rename(released / "releases/0.3.0")
    with pytest.raises(ReleaseError, match="0.3.0 holds release 0.1.0"):
        load(released)


def test_metadata_may_begin_with_a_byte_order_mark(mini):
    path = mini / "corpus.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(mini, "draft").metadata.title == "Mini Corpus"


def test_the_environment_chooses_the_shipped_corpus(released, monkeypatch, shipped):
    assert find_corpus() == shipped
    monkeypatch.setenv("CORPUS_TOOLS_CORPUS", str(released))
    assert load().metadata.title == "Mini Corpus"


METADATA = {
    "no TOML": ('title = "Mini Corpus"', "title = ", "line 1"),
    "no version": ('version = "0.1.0"\n', "", "lacks 'version'"),
    "a version that is none": ('version = "0.1.0"', 'version = "1.0"', "must be a version such as '1.0.0', not '1.0'"),
    "a date in quotes": ("date = 2026-01-31\nsummary", 'date = "2026-01-31"\nsummary', "'date' must be a date such as"),
    "no creator": ('family_names = "Person"\n', "", "'creators' must hold at least one creator"),
    "no licence": ('code = "MIT"\n', "", "'licences' lacks code"),
    "an unknown key": (
        'language = "en"\nkeywords',
        'language = "en"\nauthor = "x"\nkeywords',
        "has the unknown key author",
    ),
    "a pass of nothing": (
        'date = 2026-01-30\ntexts = ["a1", "c1", "c2"]',
        "date = 2026-01-30",
        "must list either the 'texts' or",
    ),
    "a pass with a slip": ('texts = ["a1", "c1", "c2"]', 'text = ["a1"]', "has the unknown key text"),
    "a caveat of nothing": ('text = "Invented."', 'note = "Invented."', "a [[caveats]] entry has 'about'"),
    "keywords that are none": ('keywords = ["test"]', "keywords = [1]", "'keywords' must be a list of words"),
    "printed names that are no list": (
        'printed_names = ["b.z."]',
        'printed_names = "b.z."',
        "'printed_names' of [[authors]] must be a",
    ),
    "an id that is no text": (
        'thread_id = "mini"',
        "thread_id = 1",
        "'thread_id' of [[threads]] must be a text in quotes, not 1",
    ),
    "a reference without a year": (
        "[licences]",
        '[[references]]\nid = "roe"\ntype = "book"\nauthors = ["Roe, A."]\ntitle = "Tones"\n\n[licences]',
        "the [[references]] entry 'roe' lacks year",
    ),
    "a reference of no kind": (
        "[licences]",
        '[[references]]\nid = "roe"\ntype = "misc"\nauthors = ["Roe, A."]\nyear = 2020\ntitle = "Tones"\n\n[licences]',
        "the 'type' of the [[references]] entry 'roe' is none of article-journal, book",
    ),
    "a reference by nobody": (
        "[licences]",
        '[[references]]\nid = "roe"\ntype = "book"\nauthors = []\nyear = 2020\ntitle = "Tones"\n\n[licences]',
        "the 'authors' of the [[references]] entry 'roe' must be a list of names",
    ),
    "a reference by others alone": (
        "[licences]",
        '[[references]]\nid = "roe"\ntype = "book"\nauthors = ["others"]\nyear = 2020\ntitle = "T"\n\n[licences]',
        "the 'authors' of the [[references]] entry 'roe' must be a list of names",
    ),
    "a reference twice": (
        "[licences]",
        2 * '[[references]]\nid = "roe"\ntype = "book"\nauthors = ["R"]\nyear = 2020\ntitle = "T"\n\n' + "[licences]",
        "roe stands twice among [[references]]",
    ),
    "a publication with a slip": (
        "[licences]",
        '[publication]\nDOI = "10.5555/x"\n\n[licences]',
        "'publication' must be a table of texts for publisher, doi, url, repository, hub",
    ),
    "authors as one table": ("[[caveats]]", "[caveats]", "'caveats' must be an array of tables, written [[caveats]]"),
}


@pytest.mark.parametrize(("old", "new", "message"), METADATA.values(), ids=METADATA)
def test_metadata_that_lacks_something_is_refused_by_name(mini, old, new, message):
    edit(mini / "corpus.toml", old, new)
    with pytest.raises(MetadataError, match=r"corpus\.toml: ") as caught:
        load(mini, "draft")
    assert message in str(caught.value)


def test_a_table_that_is_no_csv_is_refused_by_name(mini):
    (mini / "annotations/tone/gold.csv").write_bytes(b"")
    with pytest.raises(RecordsError, match=r"tone/gold\.csv: is empty"):
        load(mini, "draft").layer("tone")


def test_every_error_is_a_corpus_error():
    from corpus_tools import errors

    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception) and not issubclass(value, Warning)
    ]
    assert all(issubclass(one, CorpusError) for one in classes)


def test_a_layer_says_its_caveats_once_when_it_is_loaded(released):
    edit(
        released / "releases/0.1.0/corpus.toml",
        "[[creators]]",
        '[[caveats]]\nabout = ["tone", "mentions"]\ntext = "Made up."\n\n[[creators]]',
    )
    corpus = load(released, verify=False)
    with pytest.warns(CaveatWarning, match="tone: Made up"):
        corpus.layer("tone")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        corpus.layer("mentions")


def test_a_draft_of_links_is_whole_as_a_snapshot_of_the_hub_is(mini, tmp_path):
    links = tmp_path / "snapshot"
    for path in [path for path in mini.rglob("*") if path.is_file()]:
        link = links / path.relative_to(mini)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    assert load(links, "draft").texts.equals(load(mini, "draft").texts)
    assert load(links, "draft").texts["text"].null_count() == 0
