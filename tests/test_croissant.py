"""croissant.json: mlcroissant accepts it without a word, and reads from it the rows that the corpus has."""

import dataclasses
import hashlib
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from types import SimpleNamespace

import mlcroissant
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, MINI, ROOT, edit
from corpus_tools.cli import main
from corpus_tools.corpus import find_table, load
from corpus_tools.errors import VersionError
from corpus_tools.ingest import ingest
from corpus_tools.metadata import GENERATED, read_metadata
from corpus_tools.release import release, write_pages
from corpus_tools.release.croissant import croissant, croissant_file

# mlcroissant uses what rdflib and pandas will take out.
pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated:DeprecationWarning", "ignore:The inplace keyword:DeprecationWarning"
)


def plain(value):
    """A value as polars has it: texts come as bytes, numbers as those of NumPy."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value


def column(field_id):
    return field_id.rpartition("/")[2]


def read(dataset, record_set):
    """The records of one record set, by the names of its columns."""
    return [{column(key): plain(value) for key, value in row.items()} for row in dataset.records(record_set)]


def describe(folder):
    """What a corpus folder's description says, and all that mlcroissant makes of it."""
    said = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    try:
        dataset = mlcroissant.Dataset(folder / "croissant.json")
        written = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
        records = {one["@id"]: read(dataset, one["@id"]) for one in written["recordSet"]}
    finally:
        logging.getLogger().removeHandler(handler)
    return SimpleNamespace(
        folder=folder, corpus=load(folder), dataset=dataset, written=written, records=records, said=said
    )


def released_copy(folder, place):
    copy = shutil.copytree(folder, place / folder.name)
    release(copy, read_metadata(copy).version)
    return copy


@pytest.fixture(scope="module")
def shipped_one():
    return describe(ROOT / "corpus")


@pytest.fixture(scope="module")
def mini_one(tmp_path_factory):
    return describe(released_copy(MINI, tmp_path_factory.mktemp("croissant")))


@pytest.fixture(scope="module")
def layered_one(tmp_path_factory):
    return describe(released_copy(LAYERED, tmp_path_factory.mktemp("croissant")))


@pytest.fixture(params=["shipped_one", "mini_one", "layered_one"])
def described(request):
    return request.getfixturevalue(request.param)


def tables(described):
    """Record sets of rows, as (name, split); the others are closed sets and ids."""
    return [tuple(id_.split("/")) for id_ in described.records if "/" in id_]


def fields(described):
    """Every field with its record set."""
    return [(one, field) for one in described.written["recordSet"] for field in one["field"]]


def referring(described):
    """(record set, column) -> the field it refers to."""
    return {
        (one["@id"], field["name"]): field["references"]["field"]["@id"]
        for one, field in fields(described)
        if "references" in field
    }


def test_mlcroissant_finds_no_error_and_nothing_to_warn_of(described):
    metadata = described.dataset.metadata
    assert metadata.ctx.conforms_to.value == "http://mlcommons.org/croissant/1.1"
    assert metadata.issues.report() == ""
    assert described.said == []


def test_the_file_is_what_is_made_of_the_release_now(described):
    assert (described.folder / "croissant.json").read_text(encoding="utf-8") == croissant_file(described.corpus)


def test_mlcroissant_knows_every_word(described):
    metadata = described.dataset.metadata
    # Of schema.org, and no part of Croissant.
    assert metadata.extra_properties.keys() - {"comment", "citation", "identifier"} == {"isLiveDataset"}
    for node in metadata.nodes()[1:]:
        assert node.extra_properties == {}, node


def test_a_record_set_of_rows_holds_the_rows_of_the_corpus(described):
    for name, split in tables(described):
        assert described.records[f"{name}/{split}"] == described.corpus.table(name, split=split).to_dicts(), name


def test_the_record_sets_of_rows_are_those_that_load_dataset_knows(described):
    header = yaml.safe_load((described.folder / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert tables(described) == [
        (config["config_name"], entry["split"]) for config in header["configs"] for entry in config["data_files"]
    ]


def test_a_record_set_says_which_rows_it_holds(mini_one):
    said = {one["@id"]: one["description"] for one in mini_one.written["recordSet"]}
    assert said["comments/full"] == "The rows of texts whose kind is comment."
    assert said["tone/gold"] == "One row per text. The adjudicated rows."
    assert said["mentions/passes"] == "One row per mention. The rows of every pass behind the adjudicated ones."
    assert said["texts.text_id"] == "Every id of texts."
    assert said["tone.label"] == "The answer."


def test_a_key_tells_the_records_apart(described):
    for one in described.written["recordSet"]:
        values = [row[column(one["key"]["@id"])] for row in described.records[one["@id"]]]
        assert None not in values
        assert len(values) == len(set(values)), one["@id"]


def test_what_a_column_holds_is_among_what_it_refers_to(described):
    for (id_, name), target in referring(described).items():
        to, field = target.split("/")
        known = {row[field] for row in described.records[to]}
        values = {row[name] for row in described.records[id_]} - {None}
        assert values, (id_, name)
        assert values <= known, (id_, name)


def test_a_column_that_refers_to_another_or_has_labels_says_so_where_it_holds_values(described):
    found = referring(described)
    for name, split in tables(described):
        table, _ = find_table(described.corpus.scheme, name)
        frame = described.corpus.table(name, split=split)
        for one in table.columns:
            target = f"{table.name}.{one.name}/name" if one.labels else None
            if one.refers_to:
                target = f"{one.refers_to}/{one.refers_to.partition('.')[2]}"
            if frame[one.name].null_count() == frame.height:
                target = None
            if target or one.name not in ("unit_id", "from_id", "to_id"):
                assert found.get((f"{name}/{split}", one.name)) == target, (name, split, one.name)


def test_units_and_ends_of_relations_lead_to_the_one_table_that_they_are_of(layered_one, shipped_one):
    found = referring(layered_one)
    assert found["stance/passes", "unit_id"] == "texts.text_id/text_id"
    assert found["replies/gold", "from_id"] == found["replies/gold", "to_id"] == "texts.text_id/text_id"
    found = referring(shipped_one)
    assert found["claims/gold", "unit_id"] == "arguments.span_id/span_id"
    assert found["article_links/passes", "to_id"] == "sentences.sentence_id/sentence_id"
    # A conflict may attack an argument or an inference, so there is no one place to look.
    assert ("arguments_relations/gold", "from_id") in found
    assert ("arguments_relations/gold", "to_id") not in found


def test_types_and_lists_are_declared(mini_one):
    kinds = {(one["@id"], field["name"]): field["dataType"] for one, field in fields(mini_one)}
    assert kinds["mentions/gold", "certain"] == "sc:Boolean"
    assert kinds["mentions/gold", "weight"] == "cr:Float64"
    assert kinds["mentions/gold", "start_char"] == "cr:Int32"
    assert kinds["mentions/gold", "label"] == ["sc:Text", "cr:Label"]
    assert kinds["texts/full", "kind"] == "sc:Text"
    assert kinds["texts/full", "posted_at"] == "sc:DateTime"
    [names] = [
        field for one, field in fields(mini_one) if (one["@id"], field["name"]) == ("authors/full", "printed_names")
    ]
    assert (names["isArray"], names["arrayShape"]) == (True, "-1")


def closed_sets(described):
    """Column -> the entries of its closed set by name, as written; mlcroissant turns null into NaN here."""
    return {
        one["@id"]: {
            entry[f"{one['@id']}/name"]: {column(key): value for key, value in entry.items()} for entry in one["data"]
        }
        for one in described.written["recordSet"]
        if one.get("dataType") == "sc:Enumeration"
    }


def test_every_closed_set_of_a_table_with_rows_is_an_enumeration(described):
    sets = closed_sets(described)
    filled = [find_table(described.corpus.scheme, name)[0] for name, _ in tables(described)]
    assert {id_: tuple(entries) for id_, entries in sets.items()} == {
        f"{table.name}.{one.name}": one.labels for table in filled for one in table.columns if one.labels
    }
    for id_, entries in sets.items():
        assert [row["name"] for row in described.records[id_]] == list(entries)


def test_what_the_scheme_says_of_labels_and_questions_is_said(described):
    sets = closed_sets(described)
    for layer in described.corpus.scheme.layers.values():
        for table in layer.tables:
            if f"{table.name}.label" in sets:
                for label in layer.labels[table.name]:
                    entry = sets[f"{table.name}.label"][label.id]
                    assert label.definition.strip() in entry["definition"]
                    assert label.source in (entry.get("source") or "")
                for one in table.columns:
                    for label in one.meanings:
                        assert sets[f"{table.name}.{one.name}"][label.id]["definition"] == label.definition.strip()
                for question in table.questions:
                    assert sets[f"{table.name}.question"][question.id]["definition"] == question.definition.strip()


def test_a_label_that_questions_define_in_their_own_ways_has_all_its_definitions(shipped_one):
    labels = closed_sets(shipped_one)["quality.label"]
    assert labels["yes"]["definition"].splitlines() == [
        "The comment has what the question asks for.",
        "constructive: All four points of the checklist are met.",
    ]
    assert labels["very_toxic"]["definition"].startswith("toxicity: ")


def test_labels_without_a_source_have_null_beside_those_that_have_one(layered_one):
    sets = closed_sets(layered_one)
    assert sets["negation.label"]["SCOPE"]["source"] == "Made up."
    assert sets["negation.label"]["NEG"]["source"] is None
    assert "source" not in sets["stance.label"]["for"]


def test_every_parquet_file_is_described_as_it_is(described):
    place = described.folder / "releases" / described.corpus.version
    files = {one["@id"]: one for one in described.written["distribution"] if one["@type"] == "cr:FileObject"}
    assert files.keys() == {path.name for path in place.glob("*.parquet")}
    for name, one in files.items():
        assert (described.folder / one["contentUrl"]).samefile(place / name)
        assert one["sha256"] == hashlib.sha256((place / name).read_bytes()).hexdigest()
        assert one["contentSize"] == f"{(place / name).stat().st_size} B"


def test_a_changed_byte_is_refused(released):
    path = released / "releases/0.1.0/comments.parquet"
    raw = bytearray(path.read_bytes())
    raw[20] ^= 1
    path.write_bytes(raw)
    dataset = mlcroissant.Dataset(released / "croissant.json")
    with pytest.raises(Exception, match="An error occured") as problem:
        list(dataset.records("comments/full"))
    assert "Hash of downloaded file" in str(problem.value.__cause__)


def test_it_is_read_from_any_place_and_without_a_network(released, monkeypatch):
    def refuse(*arguments):
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for place, path in ((released.parent, "released/croissant.json"), (released / "texts", "../croissant.json")):
        monkeypatch.chdir(place)
        assert read(mlcroissant.Dataset(path), "comments/full") == load(released).comments.to_dicts()


def test_it_is_the_same_on_every_run(released):
    code = f"from corpus_tools.release.croissant import *; print(croissant_file(load({str(released)!r})), end='')"
    code = f"from corpus_tools.corpus import load; {code}"
    for seed in ("1", "2"):
        run = [sys.executable, "-c", code]
        made = subprocess.run(run, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        assert made == (released / "croissant.json").read_bytes()


def test_tables_without_rows_are_left_out_and_nothing_refers_to_them(mini, tmp_path):
    for name in ("texts", "sources", "annotations", "scheme"):
        shutil.rmtree(mini / name)
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    (tmp_path / "alone.txt").write_text("Alone\n\nNobody answers.\n")
    ingest(tmp_path / "alone.txt", into=mini)
    release(mini, "0.1.0")
    alone = describe(mini)
    assert {"texts", "articles"} < {name for name, _ in tables(alone)}
    assert {"comments", "authors"}.isdisjoint(name for name, _ in tables(alone))
    assert [row["text"] for row in alone.records["texts/full"]] == ["Alone\n\nNobody answers."]
    assert ("texts/full", "author_id") not in referring(alone)


def test_a_column_may_have_any_name(mini):
    edit(mini / "scheme/mentions.toml", 'name = "certain"', 'name = "how sure? 50% ☔"')
    edit(mini / "annotations/mentions/gold.csv", "label,certain,", "label,how sure? 50% ☔,")
    edit(mini / "annotations/mentions/kim.csv", "label,certain,", "label,how sure? 50% ☔,")
    release(mini, "0.1.0")
    [ids] = [
        [field["@id"] for field in one["field"] if field["name"] == "how sure? 50% ☔"]
        for one in croissant(load(mini))["recordSet"]
        if one["@id"] == "mentions/gold"
    ]
    rows = list(mlcroissant.Dataset(mini / "croissant.json").records("mentions/gold"))
    assert [[row[id_] for id_ in ids] for row in rows] == [[True], [False], [True]]


def test_what_the_datasheet_says_is_said_in_the_terms_of_responsible_ai(shipped_one):
    found, sheet = shipped_one.dataset.metadata, shipped_one.corpus.metadata.datasheet
    assert "http://mlcommons.org/croissant/RAI/1.0" in shipped_one.written["conformsTo"]
    assert found.data_collection == sheet["collection"]
    assert found.data_annotation_protocol == [sheet["annotation"]]
    assert found.data_use_cases == [sheet["uses"]]
    assert found.personal_sensitive_information == [sheet["personal_data"]]
    assert found.data_release_maintenance_plan == f"{sheet['maintenance']}\n{sheet['removal']}"
    caveats = [caveat["text"] for caveat in shipped_one.corpus.caveats]
    assert len(found.data_limitations) == 1 + len(caveats)
    for text in (sheet["non_uses"], *caveats):
        assert any(one.startswith(text) for one in found.data_limitations), text
    assert found.data_collection_raw_data.startswith(
        "sources/syria-talks-2016.txt (plain text, NAME said...): A blog page"
    )


def test_passes_are_counted_by_what_made_them(mini_one, shipped_one):
    passes = "Passes by layer and kind of annotator, beside the adjudicated rows: "
    assert mini_one.dataset.metadata.annotations_per_item == f"{passes}mentions 1 human expert; structure 1 rule."
    [tool] = mini_one.dataset.metadata.machine_annotation_tools
    assert tool.startswith("reader: plain-text reader (rule). Blank lines divide blocks")
    shown = shipped_one.dataset.metadata.annotations_per_item
    assert "structure 3 language model, 1 rule;" in shown
    assert "tokens 2 language model." in shown
    assert "human" not in shown
    tools = shipped_one.dataset.metadata.machine_annotation_tools
    assert {tool.partition(":")[0] for tool in tools} == {"reader", "lm-1", "lm-2", "lm-3", "gold"}


def test_terms_are_those_of_each_part(shipped_one):
    text, annotations = sorted(shipped_one.dataset.metadata.license, key=lambda one: one.name, reverse=True)
    assert (text.name, text.url) == ("Licence of the text", None)
    assert "no licence is granted" in text.description
    assert annotations.name == "Licence of the annotations"
    assert annotations.url == "https://spdx.org/licenses/CC-BY-4.0.html"


def test_a_corpus_that_is_published_nowhere_has_no_address(mini_one):
    assert {"url", "sameAs", "publisher", "identifier", "citation"}.isdisjoint(mini_one.written)


def test_where_a_corpus_is_published_is_said(layered_one):
    found, written = layered_one.dataset.metadata, layered_one.written
    assert found.url == "https://example.org/layered"
    assert set(found.same_as) == {"https://huggingface.co/datasets/test/layered", "https://example.org/layered.git"}
    assert [publisher.name for publisher in found.publisher] == ["Test Press"]
    assert written["identifier"] == "https://doi.org/10.5555/layered"
    assert [one.partition(" (2020)")[0] for one in written["citation"]] == ["Roe, A., & Doe, Z."]


@pytest.mark.parametrize(
    ("place", "url", "others"),
    [
        (
            'hub = "test/mini"\nrepository = "https://example.org/mini.git"',
            "https://huggingface.co/datasets/test/mini",
            1,
        ),
        ('repository = "https://example.org/mini.git"', "https://example.org/mini.git", 0),
    ],
    ids=["the Hub", "a repository"],
)
def test_where_there_is_no_page_the_files_are_the_address(mini, place, url, others):
    edit(mini / "corpus.toml", "[[creators]]", f"[publication]\n{place}\n\n[[creators]]")
    release(mini, "0.1.0")
    made = croissant(load(mini))
    assert made["url"] == url
    assert len(made.get("sameAs", [])) == others


def test_persons_and_groups_are_told_apart(mini_one, shipped_one):
    assert mini_one.written["creator"] == [
        {"@type": "sc:Person", "name": "Test Person", "givenName": "Test", "familyName": "Person"}
    ]
    assert shipped_one.written["creator"] == [
        {"@type": "sc:Organization", "name": "The Syria Talks Thread Corpus contributors"}
    ]


def test_a_person_keeps_affiliation_and_orcid(mini):
    orcid = "https://orcid.org/0000-0002-1825-0097"
    edit(mini / "corpus.toml", 'given_names = "Test"\n', f'orcid = "{orcid}"\naffiliation = "Test House"\n')
    release(mini, "0.1.0")
    [person] = croissant(load(mini))["creator"]
    assert person == {
        "@type": "sc:Person",
        "name": "Person",
        "familyName": "Person",
        "sameAs": orcid,
        "affiliation": {"@type": "sc:Organization", "name": "Test House"},
    }
    assert mlcroissant.Dataset(mini / "croissant.json").metadata.issues.report() == ""


def test_version_date_language_and_citation_are_the_release_s(described):
    found, corpus = described.dataset.metadata, described.corpus
    assert (found.name, found.version) == (corpus.metadata.title, corpus.version)
    assert found.date_published.date() == corpus.metadata.date
    assert found.in_language == [corpus.metadata.language]
    assert set(found.keywords) == set(corpus.metadata.keywords)
    assert found.cite_as == corpus.cite("bibtex")
    assert found.ctx.is_live_dataset is False


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).map(lambda text: " ".join(text.split()))


@settings(max_examples=25)
@given(title=WORDS.filter(bool), description=WORDS.filter(bool))
def test_any_title_and_description_arrive_as_they_are(mini_one, title, description):
    metadata = dataclasses.replace(mini_one.corpus.metadata, title=title, description=description)
    written = json.loads(croissant_file(dataclasses.replace(mini_one.corpus, metadata=metadata)))
    del written["recordSet"]
    found = mlcroissant.Dataset(written).metadata
    assert (found.name, found.description) == (title, description)


def test_a_draft_is_not_described(mini):
    with pytest.raises(VersionError, match="a draft has no released files to describe; load a release"):
        croissant(load(mini, "draft"))


def test_each_release_describes_its_own_files(released):
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "1.0.0"')
    release(released, "1.0.0")
    for version in ("0.1.0", "1.0.0"):
        written = croissant(load(released, version))
        urls = {one["contentUrl"] for one in written["distribution"] if one["@type"] == "cr:FileObject"}
        assert all(url.startswith(f"releases/{version}/") and (released / url).is_file() for url in urls)
    assert json.loads((released / "croissant.json").read_text(encoding="utf-8"))["version"] == "1.0.0"


def test_the_file_is_renewed_with_the_other_pages_and_says_where_it_comes_from(released, capsys):
    path = released / "croissant.json"
    before = path.read_bytes()
    assert GENERATED in before.decode()
    edit(path, '"version": "0.1.0"', '"version": "0.1.1"')
    assert main(["pages", "--check", str(released)]) == 1
    assert capsys.readouterr().out == f"stale: {path}\n"
    assert write_pages(released) == [path]
    assert path.read_bytes() == before
