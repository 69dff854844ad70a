"""Pseudonyms: no name that is known is left, the key stays outside, and what cannot be seen is said."""

import hashlib
import hmac
import json
import stat

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.cli import main
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import plain_body
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.ingest.pseudonyms import Pseudonyms, read_key
from corpus_tools.ingest.rows import SCHEMA
from corpus_tools.release import release
from corpus_tools.scaffold import new_corpus
from corpus_tools.validate import validate

KEY = b"k" * 32
THREAD = (
    "Title\n\nBody by @Zed.\n\nOld Sailor said...\n\n@mira_k no. Old Sailor.\n\nmira_k said...\n\nSee @Old Sailor.\n"
)


@pytest.fixture
def pseudonyms():
    return Pseudonyms(KEY, Losses())


def text(words, **more):
    body = plain_body(words)
    return ReadText(body.text, body.blocks, locator="c1", **more)


def test_a_pseudonym_is_the_hmac_of_the_name(pseudonyms):
    expected = hmac.new(KEY, b"Jo", hashlib.sha256).hexdigest()[:10]
    assert pseudonyms.of("Jo") == f"user-{expected}"
    assert Pseudonyms(b"other key, long enough", Losses()).of("Jo") != pseudonyms.of("Jo")
    assert pseudonyms.of("Zoe\u0308") == pseudonyms.of("Zoë")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("@Old Sailor, no", "@{Old Sailor}, no"),
        ("@OLD SAILOR: no", "@{Old Sailor}: no"),
        ("@old, no", "@{old}, no"),
        ("(@mira_k)", "(@{Mira K.})"),
        ("@Mira K. wrote", "@{Mira K.} wrote"),
        ("@stranger!", "@{stranger}!"),
        ("@stranger@social.example.", "@{stranger@social.example}."),
        ("u/spez and /u/mira_k", "u/{spez} and /u/{Mira K.}"),
        ("https://www.blogger.com/profile/123.", "[profile of {123}]."),
        ("see https://social.example/@mira_k", "see [profile of {Mira K.}]"),
        ("www.facebook.com/jo.x", "[profile of {jo.x}]"),
        ("https://facebook.com/jo.x?a=1", "[profile of {jo.x}]"),
        ("mail me: a@b.example", "mail me: a@b.example"),
        ("https://news.example/article/1", "https://news.example/article/1"),
        ("3 @ 4, @", "3 @ 4, @"),
    ],
)
def test_mentions_and_links_to_profiles_are_replaced(pseudonyms, words, left):
    texts = (text(words, name="Old Sailor"), text("x", name="Mira K.", handle="mira_k"))
    made = pseudonyms.thread(ReadThread("T", None, texts)).comments[0]
    of = {"Mira K.": "mira_k"}
    expected = left
    for name in ("Old Sailor", "Mira K.", "old", "stranger@social.example", "stranger", "spez", "123", "jo.x"):
        expected = expected.replace(f"{{{name}}}", pseudonyms.of(of.get(name, name)))
    assert made.text == expected
    assert [made.text[block.start : block.end] for block in made.blocks] == [expected]


def test_names_handles_bylines_and_ids_go_and_what_is_not_seen_is_counted(pseudonyms):
    article = ReadText("T", (), name="Ed", locator="/html")
    texts = (
        text("Old Sailor is right.", name="Jo", handle="jo1", byline="Jo said...", key="c1"),
        text("x", name="Old Sailor", parent="c1"),
    )
    made = pseudonyms.thread(ReadThread("T @Jo", article, texts, url="https://x.example/1"))
    assert made.title == f"T @{pseudonyms.of('jo1')}"
    assert made.article.locator == "/html"
    assert made.comments[0].locator.startswith("id-")
    assert made.comments[1].parent == made.comments[0].key
    assert [(one.name, one.handle, one.byline) for one in made.comments] == [
        (pseudonyms.of("jo1"), None, None),
        (pseudonyms.of("Old Sailor"), None, None),
    ]
    assert pseudonyms.losses.counts["doubtful"] == {
        "texts in which the name of an author may stand as a word, not replaced": 1,
        "addresses of threads, which lead to pages with the names": 1,
    }


def test_rows_are_treated_as_threads_are(pseudonyms):
    row = dict.fromkeys(SCHEMA) | {
        "kind": "comment",
        "locator": "c1",
        "name": "Jo",
        "handle": "jo1",
        "text": "@Jo and @jo1",
        "key": "c1",
    }
    batch = pseudonyms.rows(
        pl.DataFrame([row, row | {"locator": "row=2", "handle": None, "text": None}], schema=SCHEMA)
    )
    assert batch.schema == SCHEMA
    called = pseudonyms.of("jo1")
    assert batch["name"].to_list() == [called, pseudonyms.of("Jo")]
    assert batch["handle"].to_list() == [None, None]
    assert batch["locator"].to_list()[1] == "row=2"
    assert batch["locator"].to_list()[0].startswith("id-")
    assert batch["text"][1] is None
    assert "Jo" not in batch["text"][0]


@pytest.mark.parametrize(
    ("url", "stays"),
    [
        ("https://bridge.example/2020/03/closed.html", True),
        ("https://bridge.example/sailors/1", True),
        ("https://old-sailor.blog.example/1", False),
        ("https://OLDSAILOR.blog.example/1", False),
        ("https://social.example/@nobody/1", False),
        ("https://bridge.example/?by=Old%20Sailor", False),
        ("https://bridge.example/mira_k/1", False),
    ],
)
def test_an_address_that_names_an_author_goes(pseudonyms, url, stays):
    texts = (text("x", name="Old Sailor"), text("x", name="Mira K.", handle="mira_k"))
    assert pseudonyms.thread(ReadThread("T", None, texts, url=url)).url == (url if stays else None)
    rows = [
        dict.fromkeys(SCHEMA) | {"kind": "comment", "name": one.name, "handle": one.handle, "url": url} for one in texts
    ]
    assert pseudonyms.rows(pl.DataFrame(rows, schema=SCHEMA))["url"].to_list() == [url if stays else None] * 2
    assert ("addresses of threads that name an author" in pseudonyms.losses.counts["lost"]) is not stays


@pytest.mark.parametrize(("words", "n"), [("Write to jo.x@mail.example.", 1), ("@jo@mail.example said 3@4", 0)])
def test_an_address_of_e_mail_is_counted(pseudonyms, words, n):
    pseudonyms.thread(ReadThread("T", None, (text(words, name="Ed"),)))
    assert pseudonyms.losses.counts["doubtful"].get("texts with an address of e-mail, not replaced", 0) == n


@given(st.text(st.sampled_from("@ab .u/-_:h"), max_size=30))
def test_no_known_name_is_left_behind_an_at(words):
    pseudonyms = Pseudonyms(KEY, Losses())
    made = pseudonyms.words(words, {"ab": pseudonyms.of("ab"), "a b": pseudonyms.of("a b")})
    assert " @ab " not in f" {made} "
    assert made.count("@") == words.count("@") or "profile" in made


@pytest.fixture
def ingested(tmp_path):
    folder = new_corpus(tmp_path / "corpus", notebooks=False)
    (tmp_path / "thread.txt").write_text(THREAD)
    key = tmp_path / "key.txt"
    assert main(["ingest", str(tmp_path / "thread.txt"), "--into", str(folder), "--pseudonymise", str(key)]) == 0
    return folder


def test_no_name_is_left_in_the_corpus_and_it_is_sound(tmp_path, ingested):
    everything = "\n".join(
        path.read_text(encoding="utf-8")
        for path in ingested.rglob("*")
        if path.is_file() and path.parts[-2] != "guidelines"
    )
    for name in ("mira_k", "Mira", "Zed"):
        assert name not in everything
    assert everything.count("Old Sailor") == everything.count("Old Sailor said...") + everything.count(
        "no. Old Sailor."
    )
    assert not (ingested / "sources/thread.txt").exists()
    assert [finding for finding in validate(ingested) if finding.code != "W105"] == []
    release(ingested, "0.1.0")
    corpus = load(ingested)
    assert corpus.table("sources")["file"].to_list() == [None]
    assert corpus.comments["author_id"].n_unique() == 2
    losses = json.loads((ingested / "sources/thread.losses.json").read_text(encoding="utf-8"))
    fingerprint = hmac.new((tmp_path / "key.txt").read_bytes().strip(), b"", hashlib.sha256).hexdigest()[:10]
    assert losses["lost"] == {
        f"names of authors, replaced by pseudonyms made with the key {fingerprint}": 2,
        "bylines, which name authors": 2,
    }


def test_the_key_is_made_once_outside_the_corpus_and_only_for_its_user(tmp_path, ingested):
    path = tmp_path / "key.txt"
    key = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path, outside=ingested) == key.strip()
    assert path.read_bytes() == key
    with pytest.raises(ArgumentError, match="lies in the corpus"):
        read_key(ingested / "sources/key.txt", outside=ingested)
    assert not (ingested / "sources/key.txt").exists()
    (tmp_path / "short").write_text("abc")
    with pytest.raises(ArgumentError, match="holds 3 bytes; a key has 16 or more"):
        read_key(tmp_path / "short", outside=ingested)


def test_the_same_key_gives_the_same_pseudonyms_in_every_source(tmp_path, ingested):
    (tmp_path / "two.txt").write_text("Two\n\nmira_k said...\n\nHo.\n")
    assert ingest(tmp_path / "two.txt", into=ingested, pseudonymise=tmp_path / "key.txt").new_authors == ()


def test_a_corpus_has_one_key(tmp_path, ingested):
    (tmp_path / "later.txt").write_text(THREAD + "\nZoe said...\n\nNew.\n")
    for name, problem in (("none.txt", "is not there"), ("other.txt", "holds another key")):
        if name == "other.txt":
            (tmp_path / name).write_text("another key, long enough")
        with pytest.raises(ArgumentError, match=problem):
            ingest(tmp_path / "later.txt", into=ingested, pseudonymise=tmp_path / name)
    assert not (tmp_path / "none.txt").exists()
    assert load(ingested, "draft").comments.height == 2
    report = ingest(tmp_path / "later.txt", into=ingested, pseudonymise=tmp_path / "key.txt")
    assert (report.n_comments, report.added.n_known) == (1, 3)
    (ingested / "sources/thread.losses.json").write_text("no report")
    (ingested / "sources/later.losses.json").write_text("[]")
    assert read_key(tmp_path / "other.txt", outside=ingested) == b"another key, long enough"


def test_whoever_asks_for_pseudonyms_too_late_is_told(tmp_path, capsys):
    folder = new_corpus(tmp_path / "corpus", notebooks=False)
    (tmp_path / "thread.txt").write_text(THREAD)
    for more in ([], ["--pseudonymise", str(tmp_path / "key.txt")]):
        assert main(["ingest", str(tmp_path / "thread.txt"), "--into", str(folder), *more]) == 0
    assert "--pseudonymise change nothing that is there" in capsys.readouterr().out
    assert "Old Sailor" in load(folder, "draft").authors["display_name"].to_list()


def test_names_and_pseudonyms_are_never_mixed_in_one_corpus(tmp_path, ingested):
    before = {path: path.read_bytes() for path in ingested.rglob("*") if path.is_file()}
    (tmp_path / "two.txt").write_text("Two\n\nmira_k said...\n\nHo.\n")
    with pytest.raises(IngestError, match=r"two\.txt: cannot be read with its names into .* --pseudonymise"):
        ingest(tmp_path / "two.txt", into=ingested)
    assert {path: path.read_bytes() for path in ingested.rglob("*") if path.is_file()} == before
    plain = new_corpus(tmp_path / "plain", notebooks=False)
    ingest(tmp_path / "two.txt", into=plain)
    with pytest.raises(IngestError, match=r"which has the names of 'two'; read all sources with pseudonyms"):
        ingest(tmp_path / "thread.txt", into=plain, pseudonymise=tmp_path / "key.txt")


def test_the_card_leads_to_the_reports_of_what_was_lost(ingested):
    release(ingested, "0.1.0")
    card = (ingested / "README.md").read_text(encoding="utf-8")
    assert "[sources/thread.losses.json](sources/thread.losses.json)" in card
    assert (ingested / "sources/thread.losses.json").is_file()
