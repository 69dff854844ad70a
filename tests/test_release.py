"""Making a release: it is whole or not there, it never changes, and the same files give the same content."""

import dataclasses
import json
import re
import shutil
import subprocess

import datasets
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conftest import edit
from corpus_tools.citation import citation_file
from corpus_tools.cli import main
from corpus_tools.corpus import load, versions
from corpus_tools.errors import MetadataError, ReleaseError, VersionError
from corpus_tools.folder import Folder
from corpus_tools.ingest import ingest
from corpus_tools.metadata import read_metadata, version_key
from corpus_tools.release import build as build_module
from corpus_tools.release import content_sha256, release, stale_pages, write_pages
from corpus_tools.release.build import build_tables
from corpus_tools.released import read_manifest, verify_release


def test_a_release_holds_every_table_its_scheme_its_metadata_and_their_checksums(released):
    folder = released / "releases/0.1.0"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        *("SHA256SUMS", "manifest.json", "corpus.toml"),
        *("scheme/tables.toml", "scheme/mentions.toml", "scheme/structure.toml", "scheme/tone.toml"),
        *("guidelines/mentions.md", "guidelines/structure.md", "guidelines/tone.md"),
        *(
            "sources.parquet",
            "threads.parquet",
            "authors.parquet",
            "articles.parquet",
            "comments.parquet",
            "others.parquet",
        ),
        *("annotators.parquet", "coverage.parquet", "omissions.parquet", "tombstones.parquet"),
        *(
            "mentions.parquet",
            "mentions.passes.parquet",
            "mentions_relations.parquet",
            "mentions_relations.passes.parquet",
        ),
        *("structure.parquet", "structure.passes.parquet", "tone.parquet", "tone.passes.parquet"),
    }
    verify_release(folder)
    check = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert check.returncode == 0, check.stderr
    assert read_manifest(folder)["n_rows"]["mentions.parquet"] == 3


def test_the_files_hold_plain_strings_and_no_engine_metadata(released):
    for path in (released / "releases/0.1.0").glob("*.parquet"):
        schema = pq.read_schema(path)
        assert schema.metadata is None
        assert not any(pa.types.is_large_string(kind) or pa.types.is_dictionary(kind) for kind in schema.types)


def test_a_released_version_is_not_made_again(released):
    before = (released / "releases/0.1.0/SHA256SUMS").read_bytes()
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    with pytest.raises(
        VersionError, match=r"0\.1\.0 is released already .* a release never changes; raise the version"
    ):
        release(released, "0.1.0")
    assert (released / "releases/0.1.0/SHA256SUMS").read_bytes() == before


VERSIONS = {
    "not a version": ("1.0", "not of the form major.minor.patch"),
    "leading nought": ("0.01.0", "not of the form major.minor.patch"),
    "not the one in corpus.toml": ("0.2.0", r"corpus\.toml says version 0\.1\.0, not 0\.2\.0"),
}


@pytest.mark.parametrize(("version", "message"), VERSIONS.values(), ids=VERSIONS)
def test_an_unusable_version_is_refused(mini, version, message):
    with pytest.raises(VersionError, match=message):
        release(mini, version)
    assert not (mini / "releases").exists()


def test_an_older_version_than_the_last_is_refused(released):
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.0.9"')
    with pytest.raises(VersionError, match="0.0.9 is older than the newest release; there are: 0.1.0"):
        release(released, "0.0.9")


def raised(folder, version):
    edit(folder / "corpus.toml", 'version = "0.1.0"', f'version = "{version}"')


def test_a_version_that_is_less_than_what_changed_is_refused_with_the_reasons(released):
    edit(released / "annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann,person,true,,\n", "")
    raised(released, "0.1.1")
    before = {path: path.read_bytes() for path in released.rglob("*") if path.is_file()}
    with pytest.raises(
        VersionError,
        match=r"0\.1\.1 is less than what changed since 0\.1\.0 asks for, which is 0\.2\.0 or more: "
        r'1 row of mentions \(gold\) gone: mentions-3; set version = "0\.2\.0", and the date, in .*corpus\.toml',
    ):
        release(released, "0.1.1")
    assert {path: path.read_bytes() for path in released.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("version", ["0.2.0", "0.2.1", "0.3.0", "1.0.0"])
def test_a_version_that_is_enough_or_more_is_released(released, version):
    edit(released / "annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann,person,true,,\n", "")
    raised(released, version)
    assert release(released, version).version == version
    titles = re.findall(r"^## (\S+)", (released / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert titles == [version, "0.1.0"]


def test_a_version_is_compared_by_its_numbers(mini):
    for version, tone in (("0.9.0", "loud"), ("0.10.0", "calm")):
        text = (mini / "corpus.toml").read_text(encoding="utf-8")
        (mini / "corpus.toml").write_text(
            re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', text), encoding="utf-8"
        )
        edit(
            mini / "annotations/tone/gold.csv",
            "tone-3,c2,How does it sound?,loud",
            f"tone-3,c2,How does it sound?,{tone}",
        )
        assert release(mini, version).version == version


def test_above_one_a_lost_id_asks_for_a_major_version(released):
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    raised(released, "1.0.0")
    release(released, "1.0.0")
    edit(released / "annotations/mentions/gold.csv", "mentions-3,c2,8,11,Ann,person,true,,\n", "")
    edit(released / "corpus.toml", 'version = "1.0.0"', 'version = "1.1.0"')
    with pytest.raises(VersionError, match=r"1\.1\.0 is less than .* which is 2\.0\.0 or more"):
        release(released, "1.1.0")


def test_a_release_that_says_nothing_new_is_refused(released):
    raised(released, "0.2.0")
    edit(released / "corpus.toml", "date = 2026-01-31\nsummary", "date = 2026-02-28\nsummary")
    with pytest.raises(ReleaseError, match=r"nothing differs from 0\.1\.0, and a release says something new"):
        release(released, "0.2.0")
    assert not (released / "releases/0.2.0").exists()


def test_a_first_release_may_have_any_version(mini):
    raised(mini, "3.1.4")
    assert release(mini, "3.1.4").version == "3.1.4"


def test_a_first_release_starts_the_changelog_and_no_page_is_stale(released):
    page = (released / "CHANGELOG.md").read_text(encoding="utf-8")
    assert page.startswith("# Changelog\n\n## 0.1.0 (2026-01-31)\n\n### Text\n\n<!-- counted -->\n")
    assert "- `texts`: 3 rows added (a1, c1, c2).\n" in page
    assert "- `mentions`: 3 rows added to gold, 2 to passes.\n" in page
    assert "- Layers added: `mentions`, `structure`, `tone`.\n" in page
    assert stale_pages(released) == {}


def test_notes_of_what_is_unreleased_become_the_entry(released):
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    raised(released, "0.1.1")
    path = released / "CHANGELOG.md"
    edit(path, "# Changelog\n", "# Changelog\n\n## Unreleased\n\n### Annotation\n\n- Nobody shouts.\n")
    old = path.read_text(encoding="utf-8").partition("## 0.1.0")[2]
    made = release(released, "0.1.1")
    assert made.pages[0] == path
    assert path.read_text(encoding="utf-8") == (
        "# Changelog\n\n## 0.1.1 (2026-01-31)\n\n### Annotation\n\n- Nobody shouts.\n\n"
        "<!-- counted -->\n- `tone`: 1 row changed in gold.\n<!-- /counted -->\n\n## 0.1.0" + old
    )


@pytest.mark.parametrize("there", [True, False])
def test_a_release_that_fails_late_leaves_the_changelog_as_it_was(mini, monkeypatch, there):
    def fail(*arguments):
        raise KeyboardInterrupt

    if there:
        (mini / "CHANGELOG.md").write_text("# Mine\n")
    monkeypatch.setattr(build_module, "_move", fail)
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(KeyboardInterrupt):
        release(mini, "0.1.0")
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def edited(folder, version):
    edit(folder / "corpus.toml", 'version = "0.1.0"', f'version = "{version}"')
    edit(folder / "annotations/tone/gold.csv", "?,loud", "?,calm")


@pytest.mark.parametrize("step", ["validate", "write tables", "compare"])
def test_a_release_that_another_run_makes_meanwhile_is_left_whole(released, step):
    edited(released, "0.1.1")

    def progress(name):
        if name == step:
            release(released, "0.1.1")

    with pytest.raises(VersionError, match=r"0\.1\.1 was released in .* while this release was being made"):
        release(released, "0.1.1", progress=progress)
    assert "## 0.1.1" in (released / "CHANGELOG.md").read_text(encoding="utf-8")
    assert stale_pages(released) == {}
    verify_release(released / "releases/0.1.1")


def test_an_interrupt_after_the_release_stands_keeps_its_entry(released, monkeypatch):
    edited(released, "0.1.1")
    move = build_module._move

    def interrupted(*places):
        move(*places)
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "_move", interrupted)
    with pytest.raises(KeyboardInterrupt):
        release(released, "0.1.1")
    assert versions(released) == ["0.1.0", "0.1.1"]
    assert "## 0.1.1" in (released / "CHANGELOG.md").read_text(encoding="utf-8")


def test_pages_that_cannot_be_written_are_named_with_what_mends_it(released, monkeypatch):
    edited(released, "0.1.1")

    def full(files):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build_module, "write_all", full)
    with pytest.raises(ReleaseError, match=r"0\.1\.1 is released, but its pages .*No space.*corpus-tools pages "):
        release(released, "0.1.1")
    assert write_pages(released)
    assert stale_pages(released) == {}


def test_a_guideline_with_other_line_ends_keeps_them(mini):
    page = mini / "guidelines/tone.md"
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    edit(mini / "scheme/tone.toml", '"Calm."', '"Sounding calm."')
    write_pages(mini)
    raw = page.read_bytes()
    assert b"Sounding" in raw
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_a_changelog_that_is_not_utf8_stops_the_release_and_is_left_alone(mini):
    (mini / "CHANGELOG.md").write_bytes(b"# Caf\xe9\n")
    with pytest.raises(ReleaseError, match=r"CHANGELOG\.md: is not UTF-8"):
        release(mini, "0.1.0")
    assert (mini / "CHANGELOG.md").read_bytes() == b"# Caf\xe9\n"
    assert not (mini / "releases").exists()


def test_a_corpus_with_errors_is_not_released_and_nothing_is_written(mini):
    edit(mini / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,laud")
    before = {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()}
    with pytest.raises(ReleaseError, match=r"1 finding, the first: .*E108"):
        release(mini, "0.1.0")
    assert {path: path.read_bytes() for path in mini.rglob("*") if path.is_file()} == before


def test_a_release_that_is_cut_short_leaves_nothing(mini, monkeypatch):
    def fail(tables):
        raise KeyboardInterrupt

    monkeypatch.setattr(build_module, "content_sha256", fail)
    with pytest.raises(KeyboardInterrupt):
        release(mini, "0.1.0")
    assert not (mini / "releases").exists()
    monkeypatch.undo()
    assert release(mini, "0.1.0").version == "0.1.0"


def test_the_same_files_give_the_same_content_hash(released):
    rebuilt = content_sha256(build_tables(Folder(released)))
    assert rebuilt == load(released).content_sha256
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    assert content_sha256(build_tables(Folder(released))) != rebuilt


@pytest.mark.parametrize(
    "reader", [pq.read_table, lambda path: pl.read_parquet(path).to_arrow()], ids=["pyarrow", "polars"]
)
@pytest.mark.parametrize("which", ["shipped", "released"])
def test_the_content_hash_can_be_computed_from_the_released_files(which, reader, request):
    corpus = load(request.getfixturevalue(which))
    folder = corpus.folder / "releases" / corpus.version
    assert content_sha256({path.name: reader(path) for path in folder.glob("*.parquet")}) == corpus.content_sha256


def test_an_article_without_comments_is_a_corpus(mini, tmp_path):
    for name in ("texts", "sources", "annotations", "scheme"):
        shutil.rmtree(mini / name)
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    (tmp_path / "alone.txt").write_text("Alone\n\nNobody answers.\n")
    ingest(tmp_path / "alone.txt", into=mini)
    release(mini, "0.1.0")
    assert load(mini).comments.is_empty()
    assert datasets.load_dataset(str(mini), "texts", split="full")["text"] == ["Alone\n\nNobody answers."]
    assert "comments" not in datasets.get_dataset_config_names(str(mini))


def test_a_text_that_belongs_to_no_part_stops_the_release(mini, monkeypatch):
    source = Folder(mini)
    table = source.scheme.fixed["texts"]
    monkeypatch.setitem(source.scheme.fixed, "texts", dataclasses.replace(table, parts={"articles": ("article",)}))
    with pytest.raises(
        ReleaseError, match="2 rows of texts belong to no part of it; its parts hold .* kind is article"
    ):
        build_tables(source)


def test_the_shipped_release_is_what_its_hand_edited_files_give(shipped):
    newest, given = load(shipped), read_metadata(shipped)
    if given.version == newest.version:
        assert content_sha256(build_tables(Folder(shipped))) == newest.content_sha256
    else:
        assert version_key(given.version) > version_key(newest.version)


COLUMNS = st.fixed_dictionaries(
    {
        "text": st.lists(st.none() | st.text(max_size=4), min_size=3, max_size=3),
        "list": st.lists(st.none() | st.lists(st.none() | st.text(max_size=2), max_size=2), min_size=3, max_size=3),
        "number": st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), min_size=3, max_size=3),
        "real": st.lists(st.none() | st.floats(allow_nan=False), min_size=3, max_size=3),
        "flag": st.lists(st.none() | st.booleans(), min_size=3, max_size=3),
    }
)
SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("list", pa.list_(pa.string())),
        ("number", pa.int32()),
        ("real", pa.float64()),
        ("flag", pa.bool_()),
    ]
)


@given(COLUMNS, COLUMNS)
def test_content_is_equal_exactly_where_the_hash_is(one, other):
    tables = [pa.table(columns, schema=SCHEMA) for columns in (one, other)]
    same = repr(tables[0].to_pylist()) == repr(tables[1].to_pylist())
    assert (content_sha256({"t": tables[0]}) == content_sha256({"t": tables[1]})) == same


@given(COLUMNS)
def test_the_hash_does_not_see_how_rows_are_stored(columns):
    whole = pa.table(columns, schema=SCHEMA)
    chunked = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    padded = pa.concat_tables([whole, whole]).slice(3)
    assert content_sha256({"t": whole}) == content_sha256({"t": chunked}) == content_sha256({"t": padded})


def test_the_hash_is_what_its_description_says():
    """Written out by hand for one small table, from the module's description alone."""
    import hashlib

    table = pa.table({"s": pa.array(["é", None]), "n": pa.array([1, None], pa.int32())})
    by_hand = b"".join(
        [
            *(b"t\0", b"s\0string\0", (2).to_bytes(8, "little"), b"\1\0"),
            *((2).to_bytes(8, "little"), (0).to_bytes(8, "little"), "é".encode()),
            *(b"n\0int32\0", (2).to_bytes(8, "little"), b"\1\0", (1).to_bytes(4, "little"), bytes(4)),
        ]
    )
    assert content_sha256({"t": table}) == hashlib.sha256(by_hand).hexdigest()


def test_a_person_and_a_group_are_told_apart(mini, shipped):
    assert yaml.safe_load(citation_file(read_metadata(mini)))["authors"] == [
        {"given-names": "Test", "family-names": "Person"}
    ]
    group = yaml.safe_load(citation_file(read_metadata(shipped)))["authors"]
    assert group == [{"name": "The Syria Talks Thread Corpus contributors"}]


def test_no_generated_page_of_the_shipped_corpus_is_stale(shipped):
    assert stale_pages(shipped) == {}


def test_a_stale_page_is_named_and_renewed(released, capsys):
    edit(released / "codebook.md", "# Codebook of the Mini Corpus 0.1.0", "# Codebook")
    edit(released / "guidelines/tone.md", "| `loud` |", "| `lowd` |")
    assert main(["pages", "--check", str(released)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"stale: {released / 'guidelines/tone.md'}",
        f"stale: {released / 'codebook.md'}",
    ]
    assert set(write_pages(released)) == {released / "guidelines/tone.md", released / "codebook.md"}
    assert main(["pages", "--check", str(released)]) == 0


def test_the_card_counts_what_is_there(released):
    card = (released / "README.md").read_text(encoding="utf-8")
    header = yaml.safe_load(card.split("---\n")[1])
    assert {entry["config_name"] for entry in header["configs"]} == {
        entry["config_name"] for entry in header["dataset_info"]
    }
    assert [entry["config_name"] for entry in header["configs"] if entry.get("default")] == ["texts"]
    digest = load(released).content_sha256
    assert {(entry["version"], entry["description"]) for entry in header["configs"]} == {
        ("0.1.0", f"content-sha256:{digest}")
    }
    assert "| `mentions` | gold 3, passes 2 | One row per mention. |" in card
    assert "| kim | human expert | Kim | Read each text twice. |" in card
    assert "| tone | Tone | manual native | guidelines/tone.md 1 | gold (3) |" in card


def test_the_codebook_describes_every_column_and_label(released):
    page = (released / "codebook.md").read_text(encoding="utf-8")
    for table in load(released).scheme.tables.values():
        assert all(f"| `{column.name}` |" in page and column.description in page for column in table.columns)
    assert "| `loud` | Loud. | An exclamation mark? | Not me, Ann! | Who pays? |" in page


def test_a_guideline_without_its_block_is_named(mini):
    (mini / "guidelines/tone.md").write_text("# tone\n")
    with pytest.raises(ReleaseError, match="lacks the lines <!-- labels --> and <!-- /labels -->"):
        write_pages(mini)
    (mini / "guidelines/tone.md").unlink()
    with pytest.raises(ReleaseError, match=r"tone\.md does not exist; write it with the lines"):
        write_pages(mini)


@pytest.mark.parametrize(
    ("output", "place", "name"),
    [
        ("citation", "../../CITATION.cff", "CITATION.cff"),
        ("citation", "../notes.txt", "CITATION.cff"),
        ("citation", "/CITATION.cff", "CITATION.cff"),
        ("zenodo", "../zenodo.json", ".zenodo.json"),
    ],
)
def test_an_output_stays_beside_the_corpus_under_its_name(released, output, place, name):
    edit(released / "corpus.toml", "[[creators]]", f'[outputs]\n{output} = "{place}"\n\n[[creators]]')
    with pytest.raises(
        MetadataError, match=f"an output must be {name} in the corpus folder or in the folder around it"
    ):
        write_pages(released)


def test_the_command_names_rows_hash_and_pages(mini, capsys):
    assert main(["release", "0.1.0", str(mini)]) == 0
    shown = capsys.readouterr()
    assert "  mentions.parquet: 3 rows\n" in shown.out
    assert f"content hash: {load(mini).content_sha256}\n" in shown.out
    assert f"written: {mini / 'CITATION.cff'}\n" in shown.out
    assert shown.err == ""
    assert main(["release", "0.1.0", str(mini)]) == 1
    assert "a release never changes" in capsys.readouterr().err


def test_versions_sort_by_number():
    assert sorted(["0.10.0", "0.9.0", "1.0.0", "0.9.12"], key=version_key) == ["0.9.0", "0.9.12", "0.10.0", "1.0.0"]


def test_info_as_json_is_complete(released, capsys):
    assert main(["info", str(released), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tables"]["mentions"] == {"gold": 3, "passes": 2}
    assert found["versions"] == ["0.1.0"]
    assert main(["info", str(released), "--release", "draft"]) == 0
    assert "Mini Corpus draft" in capsys.readouterr().out


def test_a_copy_elsewhere_is_the_same_corpus(released, tmp_path):
    copy = shutil.copytree(released, tmp_path / "elsewhere")
    assert load(copy).content_sha256 == load(released).content_sha256
    assert load(copy).texts.equals(load(released).texts)
    assert load(copy).texts.schema["posted_at"] == pl.Datetime("us", "UTC")


@pytest.mark.parametrize("name", ["README.md", "codebook.md", "CITATION.cff", "datacite.json", ".zenodo.json"])
def test_a_page_written_by_hand_is_not_overwritten(mini, name):
    edit(mini / "corpus.toml", "[[creators]]", '[outputs]\nzenodo = ".zenodo.json"\n\n[[creators]]')
    (mini / name).write_text("mine")
    with pytest.raises(ReleaseError, match="was written by hand and would be overwritten; move it away"):
        release(mini, "0.1.0")
    assert (mini / name).read_text() == "mine"
    assert not (mini / "releases").exists()


def test_the_card_of_a_corpus_on_the_hub_says_how_to_load_exactly_this_version(layered):
    release(layered, "0.1.0")
    call = 'datasets.load_dataset("test/layered", "comments", split="full", revision="v0.1.0")'
    assert call in (layered / "README.md").read_text(encoding="utf-8")


def test_every_link_of_a_card_leads_to_a_file(released):
    card = (released / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", card) + re.findall(r"license_link: (.+)", card)
    assert "codebook.md" in links
    assert all((released / link).is_file() for link in links)


UNMAKEABLE = {
    "a guideline without its block": lambda folder: (folder / "guidelines/tone.md").write_text(
        "# tone\n\n- 1: first\n"
    ),
    "a README that is not there": lambda folder: edit(
        folder / "corpus.toml", "[[creators]]", '[outputs]\nreleases = "../README.md"\n\n[[creators]]'
    ),
}


@pytest.mark.parametrize("break_", UNMAKEABLE.values(), ids=UNMAKEABLE)
def test_a_page_that_cannot_be_made_stops_the_release_before_it_stands(mini, break_):
    break_(mini)
    with pytest.raises(ReleaseError, match="<!-- "):
        release(mini, "0.1.0")
    assert not (mini / "releases").exists()


def test_a_release_is_not_dated_before_the_one_it_follows(released):
    edit(released / "corpus.toml", 'version = "0.1.0"\ndate = 2026-01-31', 'version = "0.1.1"\ndate = 2026-01-30')
    edit(released / "annotations/tone/gold.csv", "?,loud", "?,calm")
    with pytest.raises(ReleaseError, match=r"dates 0\.1\.1 2026-01-30, before 0\.1\.0 of 2026-01-31"):
        release(released, "0.1.1")
    assert versions(released) == ["0.1.0"]


def test_what_does_not_stop_a_release_is_said_with_it(mini, capsys):
    (mini / "corpus.toml").write_bytes((mini / "corpus.toml").read_bytes() + ROE.encode())
    assert main(["release", "0.1.0", str(mini)]) == 0
    assert "released in spite of corpus.toml roe-2020: W104 " in capsys.readouterr().err


ROE = '\n[[references]]\nid = "roe-2020"\ntype = "book"\nauthors = ["Roe, A."]\nyear = 2020\ntitle = "Tones"\n'
