"""Corpora of ConvoKit: folders, zips and files of utterances, new and old."""

import json
import shutil
import zipfile

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose, convokit
from corpus_tools.ingest.reading import SURE
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES, reading_of

CORPUS = FIXTURES / "convokit/teapots"
UTTERANCE = {
    "id": "a",
    "conversation_id": "a",
    "text": "Tea?",
    "speaker": "jo",
    "meta": {},
    "reply-to": None,
    "timestamp": 1540000000,
}


def rows(path, **options):
    reading = reading_of(path, **options)
    batches = list(convokit.rows(reading).batches())
    return pl.concat(batches), {category: counts for category, counts in reading.losses.counts.items() if counts}


def folder(tmp_path, *utterances, **files):
    """A corpus of utterances, which are changes to `UTTERANCE`; and other files of it."""
    path = tmp_path / "corpus"
    path.mkdir()
    (path / "utterances.jsonl").write_text("".join(json.dumps(UTTERANCE | one) + "\n" for one in utterances))
    for name, value in files.items():
        (path / f"{name}.json").write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def zipped(path, *, inside="teapots/"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(CORPUS.iterdir()):
            archive.write(file, f"{inside}{file.name}")
            archive.writestr(f"__MACOSX/{inside}._{file.name}", b"\x00\x05\x16\x07")
    return path


def test_the_first_utterance_is_the_article_and_the_others_answer_what_is_recorded():
    found, losses = rows(CORPUS)
    assert found.select("kind", "key", "thread", "parent", "name", "text").rows() == [
        ("article", "9tea20", "9tea20", None, "spout_watcher", "Why green?\n\nI ask."),
        ("comment", "e8tea22", "9tea20", "e8tea21", None, "Because & so."),
        ("comment", "e8tea21", "9tea20", "9tea20", "Kettle-Kath", "Why not?"),
        ("removed", "e8tea23", "9tea20", "9tea20", None, None),
        ("comment", "L2", "talk-1", "L1", "u1", "After you."),
        ("article", "L1", "talk-1", None, "u0", "Tea?"),
        ("comment", "L3", "talk-1", None, "u1", ""),
        ("comment", "x9", "lost", "x1", "u0", "Hear, hear."),
    ]
    assert found["handle"].to_list() == found["name"].to_list()
    assert found["locator"].to_list() == found["key"].to_list()
    assert losses == {"lost": {"metadata of utterances (meta)": 2, "vectors of utterances": 1}}


def test_titles_are_those_of_conversations_and_addresses_those_of_reddit():
    found, _ = rows(CORPUS)
    titled = found.drop_nulls("title").select("key", "title", "url").rows()
    assert titled == [
        ("9tea20", "Why is my teapot green?", "https://www.reddit.com/r/teapots/comments/9tea20/why_green/"),
        ("x9", "Lost", None),
    ]
    assert found["url"].drop_nulls().len() == 1


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        (1540000000, 1540000000),
        (1540000000.5, 1540000000),
        (" 1540000000.0 ", 1540000000),
        ("2018-10-20T01:46:40+00:00", 1540000000),
        ("2018-10-20 03:46:40", None),
        ("NOT_RECORDED", None),
        ("", None),
        (12, None),
        (None, None),
        (True, None),
        ([1], None),
        (1e300, None),
        (10**400, None),
    ],
)
def test_only_absolute_times_are_times(tmp_path, timestamp, seconds):
    found, _ = rows(folder(tmp_path, {"timestamp": timestamp}))
    assert found["posted_at"].dt.epoch("s").to_list() == [seconds]


def test_an_utterance_that_its_conversation_is_named_after_is_its_article_wherever_it_stands(tmp_path):
    found, _ = rows(folder(tmp_path, {"id": "b"}, {"id": "a", "reply-to": "x"}, {"id": "c"}))
    assert found.select("kind", "key", "parent").rows() == [
        ("comment", "b", None),
        ("article", "a", None),
        ("comment", "c", None),
    ]


@pytest.mark.parametrize("text", ["[deleted]", "[removed]", None, 7])
def test_an_article_without_words_keeps_its_title(tmp_path, text):
    corpus = folder(tmp_path, {"text": text}, conversations={"a": {"title": "An old version"}})
    found, _ = rows(corpus)
    assert found.select("kind", "title", "text").rows() == [("article", "An old version", "")]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("[deleted]", "deleted", None),
        ("[unavailable]", "comment", None),
        (None, "comment", None),
        ("a\ud800b", "comment", "ab"),
    ],
)
def test_marks_in_the_place_of_words_are_no_words(tmp_path, text, kind, words):
    found, _ = rows(folder(tmp_path, {}, {"id": "b", "text": text}))
    assert found.select("kind", "text").row(1) == (kind, words)


def test_corpora_of_old_versions_are_the_same_corpora(tmp_path):
    old = []
    for line in (CORPUS / "utterances.jsonl").read_text().splitlines():
        one = json.loads(line)
        one |= {"user": one.pop("speaker"), "root": one.pop("conversation_id"), "reply_to": one.pop("reply-to")}
        old.append(one)
    (tmp_path / "utterances.json").write_text(json.dumps(old, indent=1))
    titles = json.loads((CORPUS / "conversations.json").read_text())
    (tmp_path / "conversations.json").write_text(json.dumps({key: one["meta"] for key, one in titles.items()}))
    assert choose(Source(tmp_path))[0].form == "convokit"
    assert rows(tmp_path)[0].equals(rows(CORPUS)[0])
    assert choose(Source(tmp_path / "utterances.json"))[0].form == "convokit"
    assert rows(tmp_path / "utterances.json")[0].equals(rows(CORPUS / "utterances.jsonl")[0])


@pytest.mark.parametrize("inside", ["", "teapots/"])
def test_a_zip_of_the_folder_is_the_same_corpus(tmp_path, inside):
    path = zipped(tmp_path / "corpus.zip", inside=inside)
    assert choose(Source(path))[0].form == "convokit"
    assert rows(path)[0].equals(rows(CORPUS)[0])


def test_utterances_alone_know_no_titles_and_say_where_they_are():
    found, losses = rows(CORPUS / "utterances.jsonl")
    assert found.drop("title").equals(rows(CORPUS)[0].drop("title"))
    assert found["title"].null_count() == found.height
    assert losses["missing"] == {
        "files of titles: conversations.json is beside this one; name the folder to have it": 1,
    }


def test_a_zip_that_holds_several_corpora_or_none_is_refused(tmp_path):
    with zipfile.ZipFile(zipped(tmp_path / "x.zip"), "a") as archive:
        archive.writestr("other/utterances.jsonl", "{}")
    with pytest.raises(IngestError, match="holds several corpora: teapots/utterances.jsonl, other/utterances.jsonl"):
        rows(tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "y.zip", "w") as archive:
        archive.writestr("readme.txt", "utterances.jsonl")
    assert convokit.recognise(Source(tmp_path / "y.zip")) is None
    with pytest.raises(IngestError, match="holds no utterances.jsonl"):
        rows(tmp_path / "y.zip")


def test_a_damaged_or_locked_zip_is_refused(tmp_path):
    raw = bytearray(zipped(tmp_path / "x.zip").read_bytes())
    name = raw.index(b"utterances.jsonl")
    broken = bytes(raw[: name + 60]) + bytes(40) + bytes(raw[name + 100 :])
    (tmp_path / "x.zip").write_bytes(broken)
    with pytest.raises(IngestError, match="cannot be unpacked"):
        rows(tmp_path / "x.zip")
    (tmp_path / "x.zip").write_bytes(bytes(raw[:300]))
    assert convokit.recognise(Source(tmp_path / "x.zip")) is None
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(start)
        while at >= 0:
            raw[at + place] |= 1
            at = raw.find(start, at + 1)
    (tmp_path / "x.zip").write_bytes(bytes(raw))
    with pytest.raises(IngestError, match="cannot be unpacked: .*(encrypted|password)"):
        rows(tmp_path / "x.zip")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"conversations": "{"}, "conversations.json: is no JSON"),
        ({"conversations": "[" * 100_000}, "conversations.json: is no JSON"),
        ({"conversations": [1]}, "that is no object of conversations"),
    ],
)
def test_conversations_that_cannot_be_read_are_refused(tmp_path, files, problem):
    with pytest.raises(IngestError, match=problem):
        rows(folder(tmp_path, {}, **files))


def test_conversations_of_wrong_types_have_no_title(tmp_path):
    odd = {"a": {"meta": {"title": 7}}, "b": 3, "c": {"meta": [1]}, "d": {"meta": {"title": " "}}}
    utterances = [{"id": id_, "conversation_id": id_} for id_ in "abcde"]
    assert rows(folder(tmp_path, *utterances, conversations=odd))[0]["title"].to_list() == [None] * 5


def test_utterances_of_wrong_types_cost_no_more_than_the_field(tmp_path):
    wrong = {key: {"a": 1} for key in ("speaker", "reply-to", "meta", "vectors", "timestamp")}
    found, losses = rows(folder(tmp_path, {}, {"id": 5, **wrong}, {"id": None}, {"id": True}, {"id": [1]}, {"id": " "}))
    assert found.select("key", "parent", "name", "text").rows() == [
        ("a", None, "jo", "Tea?"),
        ("5", None, None, "Tea?"),
    ]
    assert losses["dropped"] == {"utterances without an id": 4}


def test_an_id_that_reads_like_a_place_is_no_locator(tmp_path):
    found, _ = rows(folder(tmp_path, {"id": "/1", "conversation_id": "/1"}))
    assert found.select("key", "locator").rows() == [("/1", "row=1")]


def test_an_utterance_without_a_conversation_is_one(tmp_path):
    found, _ = rows(folder(tmp_path, {"conversation_id": None}, {"id": "b", "conversation_id": {}}))
    assert found.select("kind", "thread").rows() == [("article", "a"), ("article", "b")]


def test_bad_lines_are_counted_and_a_file_of_them_is_refused(tmp_path):
    corpus = folder(tmp_path, {}, {"id": "b"})
    (corpus / "utterances.jsonl").write_text("[]\n" + (corpus / "utterances.jsonl").read_text())
    found, losses = rows(corpus)
    assert found.height == 2
    assert losses["dropped"] == {"lines that are no JSON objects (the first is line 1)": 1}
    (corpus / "utterances.jsonl").write_text("no\n")
    with pytest.raises(IngestError, match=":1: holds no line that is a JSON object"):
        rows(corpus)
    (corpus / "utterances.json").write_text("[1]")
    (corpus / "utterances.jsonl").unlink()
    with pytest.raises(IngestError, match="holds no utterances"):
        rows(corpus)


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_or_zip_becomes_a_sound_corpus(mini, tmp_path, packed):
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / name)
    for name in ("mentions", "tone"):
        (mini / f"scheme/{name}.toml").unlink()
    (mini / "corpus.toml").write_text((mini / "corpus.toml").read_text().split("[[annotators]]")[0])
    report = ingest(zipped(tmp_path / "teapots.zip") if packed else CORPUS, into=mini)
    assert (report.form, report.n_articles, report.n_comments) == ("convokit", 2, 5)
    assert validate(mini) == []
    texts = load(mini, "draft").scan("texts").collect()
    first = texts.filter(pl.col("source_locator").is_in(["9tea20", "e8tea21", "e8tea22"])).sort("position")
    assert first["text"].to_list() == ["Why is my teapot green?\n\nWhy green?\n\nI ask.", "Why not?", "Because & so."]
    assert first["parent_id"].to_list() == [None, *first["text_id"].to_list()[:2]]


def test_convokit_is_recognised_by_its_files_or_its_fields():
    assert convokit.recognise(Source(CORPUS)).strength == SURE
    assert choose(Source(CORPUS / "utterances.jsonl"))[0].form == "convokit"


OTHERS = sorted(path for path in FIXTURES.rglob("*") if "convokit" not in path.parts)


@pytest.mark.parametrize("path", OTHERS, ids=[str(path.relative_to(FIXTURES)) for path in OTHERS])
def test_nothing_else_is_taken_for_convokit(path):
    assert convokit.recognise(Source(path)) is None


@pytest.mark.parametrize("raw", [b"", b"\x00", b"PK\x03\x04", b"{}", b'{"conversation_id": 1}', b"\x1f\x8b{"])
def test_what_says_nothing_is_not_taken_for_convokit(tmp_path, raw):
    (tmp_path / "x").write_bytes(raw)
    assert convokit.recognise(Source(tmp_path / "x")) is None
    assert convokit.recognise(Source(tmp_path)) is None


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["utterances.jsonl", "conversations.json"]),
        st.integers(0, 3000),
        st.integers(0, 40),
        st.sampled_from([b"", b"null", b"[", b"}", b'"', b"\xff", b"\n", b"{}", b"1e999", b'"\\ud800"', b'"id":']),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, packed=st.booleans())
def test_damaged_corpora_give_rows_or_an_error(tmp_path, edits, packed):
    files = {file.name: file.read_bytes() for file in CORPUS.iterdir()}
    for name, start, length, insert in edits:
        start %= len(files[name]) + 1
        files[name] = files[name][:start] + insert + files[name][start + length :]
    path = tmp_path / ("x.zip" if packed else "x")
    if packed:
        with zipfile.ZipFile(path, "w") as archive:
            for name, raw in files.items():
                archive.writestr(name, raw)
    else:
        path.mkdir(exist_ok=True)
        for name, raw in files.items():
            (path / name).write_bytes(raw)
    convokit.recognise(Source(path))
    try:
        found, _ = rows(path)
    except IngestError:
        return
    assert found["kind"].null_count() == found["locator"].null_count() == 0
