"""Threads into a folder, whatever form they come in: ids, order, kinds, authors, losses, and all of it a second time."""

import datetime
import errno
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, IngestError, UnknownNameError
from corpus_tools.files import write_whole
from corpus_tools.folder import Folder
from corpus_tools.ingest import KINDS, ingest
from corpus_tools.ingest import forms as forms_module
from corpus_tools.ingest import into as into_module
from corpus_tools.ingest.known import Authors, Ids, Known, bare_url
from corpus_tools.ingest.markup import headed, plain_body
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source
from corpus_tools.ingest.threads import add_threads
from corpus_tools.scaffold import new_corpus
from corpus_tools.validate import validate

ARTICLE = {"text": "Body.", "locator": "post-1", "key": "post-1", "name": "Ed"}


def text_of(entry):
    if "posted_at" in entry:
        entry = entry | {"posted_at": datetime.datetime.fromisoformat(entry["posted_at"])}
    body = plain_body(entry["text"]) if entry.get("text") is not None else None
    return ReadText(**entry | {"text": body.text if body else None, "blocks": body.blocks if body else ()})


def threads_of(reading):
    for thread in json.loads(reading.source.text):
        article = None
        if thread.get("article"):
            article = text_of(thread["article"])
            body = headed(thread["title"], plain_body(thread["article"]["text"]))
            article = ReadText(
                **{name: getattr(article, name) for name in ("name", "locator", "key")},
                text=body.text,
                blocks=body.blocks,
            )
        comments = tuple(text_of(one) for one in thread["comments"])
        more = {name: thread.get(name) for name in ("key", "url", "date")}
        yield ReadThread(title=thread["title"], article=article, comments=comments, **more)


MADE = Reader(
    form="made",
    title="a form made up for tests",
    description="As it stands.",
    recognise=lambda source: Match(SURE, "it was made") if source.suffix == ".made" else None,
    read=threads_of,
)


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """An empty corpus, and a form of which any thread can be typed."""
    monkeypatch.setattr(forms_module, "readers", lambda: {"made": MADE})
    return new_corpus(tmp_path / "corpus", answers={"title": "T"}, notebooks=False)


def put(corpus, threads, name="export", **options):
    path = corpus.parent / f"{name}.made"
    path.write_text(json.dumps(threads), encoding="utf-8")
    return ingest(path, into=corpus, **options)


def thread(*comments, article=ARTICLE, title="Title", **more):
    return {"title": title, "article": article, "comments": list(comments), **more}


def comment(key, text="Hi.", **more):
    return {"key": key, "locator": key, "text": text, "name": "Jo", **more}


def sound(corpus):
    return [finding for finding in validate(corpus) if finding.code != "W105"] == []


def rows(corpus, *columns):
    return load(corpus, "draft").texts.select(columns or ("text_id", "position", "parent_id", "text")).rows()


def test_threads_become_rows_with_parents_times_and_authors(corpus):
    one = comment("c1", posted_at="2020-01-01T12:00:00+02:00", name=" A &amp; B\n", handle="ab")
    report = put(corpus, [thread(one, comment("c2", parent="c1"), url="https://x.example/1", date="2020-01-01")])
    assert (report.n_threads, report.n_articles, report.n_comments, report.n_authors) == (1, 1, 2, 3)
    assert rows(corpus) == [("a1", 0, None, "Title\n\nBody."), ("c1", 1, None, "Hi."), ("c2", 2, "c1", "Hi.")]
    draft = load(corpus, "draft")
    assert draft.comments["posted_at"][0] == datetime.datetime(2020, 1, 1, 10, tzinfo=datetime.UTC)
    assert draft.authors.select("author_id", "display_name", "printed_names").rows() == [
        ("ed", "Ed", ["Ed"]),
        ("ab", "A &amp; B", ["A &amp; B", "ab"]),
        ("jo", "Jo", ["Jo"]),
    ]
    assert draft.threads.select("thread_id", "title", "url", "date", "date_basis").rows() == [
        ("export", "Title", "https://x.example/1", "2020-01-01", "recorded")
    ]
    assert draft.layer("structure", annotators="all")["annotator"].unique().to_list() == ["reader-made"]
    assert sound(corpus)


def test_entries_that_are_no_comments_are_left_out_counted_and_kept_on_request(corpus):
    entries = [comment(f"c{n}", kind=kind) for n, kind in enumerate(KINDS)] + [comment("d", parent="c0")]
    report = put(corpus, [thread(*entries)])
    assert report.n_comments == 1
    assert sum(report.losses.counts["dropped"].values()) == len(KINDS)
    assert "what they answer" in " ".join(report.losses.counts["lost"])
    kept = put(corpus, [thread(*entries, title="Other", article=ARTICLE | {"locator": "post-2"})], "other", keep=KINDS)
    assert kept.losses.counts["dropped"] == {}
    draft = load(corpus, "draft")
    assert draft.table("others")["kind"].to_list() == list(KINDS)
    assert draft.comments["parent_id"].to_list() == [None, "o1"]
    assert (draft.articles.height, draft.comments.height, draft.texts.height) == (2, 2, 4 + len(KINDS))
    assert sound(corpus)


def test_an_entry_without_words_is_kept_only_where_it_is_no_comment(corpus):
    report = put(
        corpus, [thread(comment("c1", None), comment("c2", None, kind="deleted"), comment("c3", ""))], keep=["deleted"]
    )
    assert report.losses.counts["dropped"] == {"comments without words in the source": 1}
    assert [row[-1] for row in rows(corpus)] == ["Title\n\nBody.", "", None]
    assert sound(corpus)


def test_an_answer_stands_behind_what_it_answers_and_a_circle_is_broken(corpus):
    entries = [
        comment("c3", parent="c2"),
        comment("c2", parent="c1"),
        comment("c1"),
        comment("x", parent="y"),
        comment("y", parent="x"),
    ]
    report = put(corpus, [thread(*entries)])
    by_locator = {
        locator: (position, parent)
        for locator, position, parent in rows(corpus, "source_locator", "position", "parent_id")
    }
    assert by_locator["c1"][0] < by_locator["c2"][0] < by_locator["c3"][0]
    assert report.losses.counts["lost"] == {"answers that answer each other in a circle: what they answer": 2}
    assert sound(corpus)


def test_an_id_that_comes_twice_in_a_thread_is_taken_once(corpus):
    report = put(corpus, [thread(comment("c1"), comment("c1", "Again."))])
    assert (report.n_comments, report.losses.counts["dropped"]) == (1, {"entries with the id of one before them": 1})


def test_comments_alone_are_a_thread_without_article(corpus):
    report = put(corpus, [thread(comment("c1"), article=None, title=None)])
    assert (report.n_articles, report.n_comments) == (0, 1)
    assert rows(corpus, "text_id", "position") == [("c1", 1)]
    assert sound(corpus)


def test_many_threads_have_ids_of_their_own_and_articles_without_comments_are_kept(corpus):
    many = [
        thread(title=f"T{n}", article=ARTICLE | {"locator": f"p{n}", "key": f"p{n}"}, key=f"p{n}") for n in range(3)
    ]
    many.append(thread(title="T3", article=ARTICLE | {"locator": "p9"}, key="p2"))
    report = put(corpus, many)
    assert (report.n_threads, report.n_articles, report.n_comments) == (4, 4, 0)
    assert load(corpus, "draft").threads["thread_id"].to_list() == [
        "export-p0",
        "export-p1",
        "export-p2",
        "export-p2-2",
    ]
    assert sound(corpus)


def test_a_newer_state_adds_only_what_is_new(corpus):
    put(corpus, [thread(comment("c1"), comment("c2"))])
    before = rows(corpus)
    newer = [thread(comment("c0", name="Max"), comment("c1", "Edited."), comment("c2"), comment("c3", parent="c1"))]
    report = put(corpus, newer)  # a file of the same name with other bytes
    assert (report.source_id, report.n_threads, report.n_comments, report.added.n_known) == ("export-2", 0, 2, 3)
    assert report.losses.counts["doubtful"] == {"texts that differ from what was ingested before, kept as they were": 1}
    assert rows(corpus)[: len(before)] == before
    assert rows(corpus)[len(before) :] == [("c3", 3, None, "Hi."), ("c4", 4, "c1", "Hi.")]
    assert {path.name for path in (corpus / "sources").iterdir()} == {
        *("export.made", "export.losses.json", "export-2.made", "export-2.losses.json")
    }
    assert sound(corpus)
    files = {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()}
    assert put(corpus, newer).already_there
    newest = put(corpus, [thread(comment("c3"), comment("c0", name="Somebody New"))], "again")
    assert (newest.added.n_known, newest.n_comments, newest.new_authors) == (3, 0, ())
    assert {path: path.read_bytes() for path in corpus.rglob("*") if path.is_file()} == files


def test_without_ids_a_text_is_known_by_its_author_and_words(corpus):
    article = ARTICLE | {"locator": "/html"}
    places = [comment(None, text, locator=f"/li[{n}]") for n, text in enumerate(["Hi.", "Hi.", "Ho."])]
    put(corpus, [thread(*places, article=article)])
    newer = [comment(None, text, locator=f"/li[{n}]") for n, text in enumerate(["New.", "Hi.", "Hi.", "Hi.", "Ho."])]
    report = put(corpus, [thread(*newer, article=article)], "later")
    assert (report.n_comments, report.added.n_known) == (2, 4)
    assert [row[-1] for row in rows(corpus)[-2:]] == ["New.", "Hi."]
    assert sound(corpus)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"url": "http://www.x.example/a/"}, {"url": "https://x.example/a#c1", "title": "Other"}, True),
        # An address that changed is none of another article.
        ({"url": "https://x.example/a"}, {"url": "https://x.example/b"}, True),
        ({"url": "https://x.example/"}, {"url": "https://x.example/", "title": "Other"}, False),
        ({}, {}, True),
        ({}, {"title": "Other"}, False),
        ({"article": None, "url": None}, {"article": None, "url": None}, True),
    ],
    ids=[
        "address",
        "another address, the same id",
        "address of a home page",
        "id and title",
        "id and another title",
        "a comment's id",
    ],
)
def test_a_thread_is_known_by_its_address_or_its_id(corpus, first, second, same):
    put(corpus, [thread(comment("c1"), **first)])
    report = put(corpus, [thread(comment("c1"), comment("c2"), **second)], "later")
    assert (report.n_threads, report.n_comments) == ((0, 1) if same else (1, 2))


def test_a_handle_tells_apart_who_shows_the_same_name(corpus):
    put(corpus, [thread(comment("c1", handle="jo1"), comment("c2", handle="jo2"), comment("c3", handle="jo1"))])
    assert load(corpus, "draft").comments["author_id"].to_list() == ["jo1", "jo2", "jo1"]


def test_a_name_that_several_have_is_nobodys_but_the_authors_who_has_no_other():
    several = [("jo1", ["Jo", "jo1"]), ("jo2", ["Jo", "jo2"]), ("max", ["Max"])]
    authors = Authors(several)
    assert [authors.known(name) for name in ("Jo", "jo1", "jo2", "Max")] == [None, "jo1", "jo2", "max"]
    assert (authors.id("Jo"), authors.new) == ("jo", {"jo": ("Jo",)})
    assert Authors([*several[:1], ("jo", ["Jo"]), *several[1:]]).known("Jo") == "jo"


def test_threads_of_a_source_with_a_long_name_are_told_apart_by_their_keys(corpus):
    many = [thread(title=f"T{n}", article=ARTICLE | {"locator": f"p{n}"}, key=f"p{n}") for n in range(2)]
    put(corpus, many, "x" * 100)
    assert load(corpus, "draft").threads["thread_id"].to_list() == [f"{'x' * 57}-p{n}" for n in range(2)]


@pytest.mark.parametrize(
    ("before", "name", "kept"),
    [
        ("Page.html", "page.html", "page-2.html"),
        ("a.html", "index.html?p=12", "index"),
        ("a.html", "Smith vs. Jones.tar.gz", "Smith vs. Jones.tar.gz"),
        ("a.tar.gz", "A.tar.gz", "a-tar-2.tar.gz"),
        ("a.html", ".page.html", "page.html"),
        ("a.html", "x.losses.json", "x-losses.json"),
        ("a.html", "ends in a dot.", "ends-in-a-dot"),
        ("a.html", "corpus.toml", "corpus.toml"),
    ],
)
def test_a_source_is_called_what_any_system_can_call_it(corpus, before, name, kept):
    for n, one in enumerate((before, name)):
        (corpus.parent / one).write_text(json.dumps([thread(article=ARTICLE | {"locator": f"p{n}"})]))
        ingest(corpus.parent / one, into=corpus, form="made")
    found = [path for path in (corpus / "sources").iterdir() if not path.name.endswith(".losses.json")]
    assert sorted(path.name for path in found) == sorted([before, kept])
    assert (corpus / "sources" / kept).read_bytes() == (corpus.parent / name).read_bytes()
    assert sound(corpus)
    # Nor is its loss report in the way of another.
    put(corpus, [thread(article=ARTICLE | {"locator": "x"})], "x")


def test_kinds_to_keep_may_be_given_one_by_one(corpus):
    assert put(corpus, [thread(comment("c1", kind="spam"))], keep=iter(["spam"])).added.n_written["spam"] == 1


def test_nobody_named_is_no_author(corpus):
    report = put(
        corpus, [thread(comment("c1", name=None), comment("c2", name=" \n"), article=ARTICLE | {"name": None})]
    )
    assert report.losses.counts["missing"]["authors of comments"] == 2
    assert load(corpus, "draft").authors.is_empty()
    assert sound(corpus)


def test_the_report_is_kept_beside_the_source_and_adds_up(corpus):
    entries = [comment("c1"), comment("c2", kind="spam"), comment("c1", "Twice."), comment("c4", None)]
    report = put(corpus, [thread(*entries)], provenance="Made up.")
    record = json.loads((corpus / "sources/export.losses.json").read_text(encoding="utf-8"))
    assert record == json.loads(json.dumps(report.record))
    assert record["form"] == "made"
    assert sum(record["read"].values()) == 5
    assert record["written"] == {"threads": 1, "article": 1, "comment": 1, "authors": 2}
    assert sum(record["dropped"].values()) == 3
    assert "Made up." in (corpus / "corpus.toml").read_text(encoding="utf-8")
    assert "left out: " in str(report)


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["a", "b", "c", "d", "e", None]),
            "text": st.sampled_from(["Hi.", "Ho.\n\nHa.", "", None]),
            "name": st.sampled_from(["Jo", "Max", None]),
            "parent": st.sampled_from(["a", "b", "c", "d", "e", "post-1", "gone", None]),
            "kind": st.sampled_from(["comment", "comment", "spam", "deleted"]),
        }
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    folder = new_corpus(tmp_path_factory.mktemp("law") / "corpus", notebooks=False)
    (folder.parent / "x.made").write_text("x")
    return folder


@settings(max_examples=150)
@given(ENTRIES, st.sets(st.sampled_from(["spam", "deleted"])))
def test_everything_read_is_written_dropped_or_there_and_answers_stand_behind(empty, entries, keep):
    texts = [text_of(entry | {"locator": entry["key"] or f"/{n}"}) for n, entry in enumerate(entries)]
    article = ReadText("Title", key="post-1", locator="post-1")
    made = Reader(
        "made", "made", "made", lambda source: None, lambda reading: [ReadThread("Title", article, tuple(texts))]
    )
    reading = Reading(Source(empty.parent / "x.made"))
    added = add_threads(made, reading, Known(Folder(empty)), source_id="x", keep=frozenset(keep))
    assert added.n_read == 1 + len(entries) == added.n_texts + reading.losses.total("dropped")
    assert [row["position"] for row in added.texts] == list(range(len(added.texts)))
    places = {row["text_id"]: row["position"] for row in added.texts}
    assert all(places[row["parent_id"]] < row["position"] for row in added.texts if row["parent_id"])
    assert len(places) == len(added.texts)


def test_a_form_that_cannot_be_told_is_asked_for(corpus, monkeypatch):
    other = Reader("other", "other", "other", lambda source: Match(SURE, "it could be"), lambda reading: [])
    weak = Reader("weak", "weak", "weak", lambda source: Match(LIKELY, "perhaps"), lambda reading: [])
    monkeypatch.setattr(forms_module, "readers", lambda: {"made": MADE, "other": other, "weak": weak})
    with pytest.raises(
        IngestError, match=r"several forms: made \(it was made\); other \(it could be\); name the right one with --form"
    ):
        put(corpus, [thread()])
    assert put(corpus, [thread()], form="made").why == "it was named"
    with pytest.raises(UnknownNameError, match="made, other, weak"):
        put(corpus, [thread()], form="nothing")
    monkeypatch.setattr(forms_module, "readers", lambda: {"made": MADE})
    (corpus.parent / "x.txt").write_text("x")
    with pytest.raises(IngestError, match="looks like no form that can be read; name one with --form: made"):
        ingest(corpus.parent / "x.txt", into=corpus)


def test_what_holds_nothing_is_refused(corpus):
    with pytest.raises(IngestError, match="holds no article and no comment"):
        put(corpus, [])
    assert not (corpus / "texts").exists()


def test_kinds_and_zones_that_there_are_not_are_refused(corpus):
    with pytest.raises(
        ArgumentError, match="no entries are of the kind pinkback; those that can be kept are: pingback"
    ):
        put(corpus, [thread()], keep=["pinkback"])
    for zone in ("Mars/Base", "../etc", ""):
        with pytest.raises(ArgumentError, match="is no time zone"):
            put(corpus, [thread()], zone=zone)


def test_two_ingestions_at_once_are_refused(corpus, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    with (corpus / "corpus.toml").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(IngestError, match="is being written to by another ingestion"):
            put(corpus, [thread()])
    assert put(corpus, [thread()]).n_articles == 1


def test_an_ingestion_that_waited_at_the_lock_is_refused_rather_than_let_beside_a_third(corpus, monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    lock = fcntl.flock

    def late(file, mode):
        lock(file, mode)
        # As another ingestion does that ended between the opening and the locking of the file.
        write_whole(corpus / "corpus.toml", (corpus / "corpus.toml").read_bytes())

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(IngestError, match="is being written to by another ingestion"):
        put(corpus, [thread()])


def test_what_another_ingestion_wrote_just_before_the_lock_is_seen(corpus, monkeypatch):
    alone = into_module._alone

    def late(folder):
        monkeypatch.setattr(into_module, "_alone", alone)
        put(corpus, [thread(title="Before", article=ARTICLE | {"locator": "post-0"})], "before")
        return alone(folder)

    monkeypatch.setattr(into_module, "_alone", late)
    put(corpus, [thread(comment("c1"))], "after")
    assert [row[0] for row in rows(corpus)] == ["a1", "a2", "c1"]
    assert sound(corpus)


def test_a_disk_without_locks_is_no_hindrance(corpus, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def none(file, mode):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    assert put(corpus, [thread()]).n_articles == 1


def test_nesting_too_deep_for_a_reader_is_an_error_of_ours(corpus, monkeypatch):
    def deep(reading):
        raise RecursionError

    monkeypatch.setattr(
        forms_module, "readers", lambda: {"deep": Reader("deep", "", "", lambda source: Match(SURE, ""), deep)}
    )
    with pytest.raises(IngestError, match="is nested too deep"):
        put(corpus, [])


@pytest.mark.parametrize(
    ("shown", "zone", "utc"),
    [
        ("2020-01-02T03:04:05Z", None, "2020-01-02T03:04:05+00:00"),
        ("2020-01-02T03:04:05.678+0530", None, "2020-01-01T21:34:05.678000+00:00"),
        ("2020-01-02 03:04:05 +01:00", None, "2020-01-02T02:04:05+00:00"),
        ("2020-01-02 03:04:05 UTC", None, "2020-01-02T03:04:05+00:00"),
        ("Thu, 02 Jan 2020 03:04:05 +0000", None, "2020-01-02T03:04:05+00:00"),
        ("2020-01-02 03:04:05", None, None),
        ("2020-07-02 03:04:05", "Europe/Berlin", "2020-07-02T01:04:05+00:00"),
        ("2020-03-29 02:30:00", "Europe/Berlin", None),
        ("2020-10-25 02:30:00", "Europe/Berlin", "2020-10-25T00:30:00+00:00"),
        ("2020-01-02", "Europe/Berlin", None),
        ("2020-01-02 UTC", "Europe/Berlin", None),
        ("2020-01-02+02:00", "Europe/Berlin", None),
        ("2020-W05-3", "Europe/Berlin", None),
        ("Thu, 02 Jan 2020 03:04:05", "Europe/Berlin", "2020-01-02T02:04:05+00:00"),
        ("Thu, 02 Jan 2020 03:04:05 CEST", "Europe/Berlin", None),
        ("Thu Jan 02 03:04:05 CEST 2020", "Europe/Berlin", None),
        ("Thu, 02 Jan 2020 03:04:05 PST", "Europe/Berlin", "2020-01-02T11:04:05+00:00"),
        ("Thu, 02 Jan 2020 03:04:05 -0000", "Europe/Berlin", "2020-01-02T03:04:05+00:00"),
        ("0000-00-00 00:00:00", "UTC", None),
        ("7:34 AM", "UTC", None),
        ("1066-10-14T09:00:00Z", None, None),
        ("9999-12-31T23:59:59-23:59", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_times_are_absolute_or_none(tmp_path, shown, zone, utc):
    import zoneinfo

    (tmp_path / "x").write_text("x")
    reading = Reading(Source(tmp_path / "x"), zone=zoneinfo.ZoneInfo(zone) if zone else None)
    found = reading.time(shown)
    assert (found.isoformat() if found else None) == utc


@given(st.text(max_size=30) | st.integers() | st.floats() | st.none() | st.booleans())
def test_any_time_is_read_or_none(tmp_path_factory, shown):
    reading = Reading(Source(tmp_path_factory.getbasetemp()))
    for found in (reading.time(str(shown)), reading.epoch(shown), reading.epoch(shown, per_second=1000)):
        assert found is None or found.utcoffset() == datetime.timedelta(0)


def test_epochs_count_from_1970_in_utc(tmp_path):
    reading = Reading(Source(tmp_path))
    expected = datetime.datetime(2019, 3, 4, 18, 2, 11, tzinfo=datetime.UTC)
    assert reading.epoch(1551722531) == reading.epoch("1551722531000", per_second=1000) == expected


def test_ids_and_addresses_are_compared_by_what_matters():
    ids = Ids({"a", "a-2", "a-10", "a-x"})
    assert [ids.new(name) for name in ("Köln Thread", "a", "A", "a-2")] == ["koln-thread", "a-3", "a-4", "a-2-2"]
    assert len(ids.new("x" * 500)) == 60
    assert bare_url("HTTPS://www.x.example/a/#c1") == bare_url("//x.example/a")
    assert bare_url("x.example/a?p=1") != bare_url("x.example/a?p=2")


def test_an_account_keeps_every_name_that_it_showed(corpus):
    entries = [comment("c1", name=None, handle="jo1"), comment("c2", name="Jo", handle="jo1", byline="Jo said...")]
    put(corpus, [thread(*entries, comment("c3", name="Joan", handle="jo1", byline="Joan said..."))])
    assert load(corpus, "draft").authors.row(1) == ("jo1", "Jo", ["Jo", "jo1", "Joan"], None)
    assert sound(corpus)


def test_a_thread_of_which_nothing_is_kept_is_none(corpus):
    likes = thread(comment("l1", None, kind="reaction"), article=None, title="Liked only")
    report = put(corpus, [likes, thread(comment("c1"))])
    assert (report.n_threads, report.losses.counts["dropped"]) == (1, {"reactions without words": 1})
    assert sound(corpus)


def test_another_form_of_the_same_thread_is_known_by_its_words(corpus, monkeypatch):
    put(corpus, [thread(comment("c1", "Hi."), comment("c2", "Ho."), url="https://x.example/1")])
    other = Reader("other", "other", "other", MADE.recognise, threads_of)
    monkeypatch.setattr(forms_module, "readers", lambda: {"other": other})
    entries = [comment("17", "Ho."), comment("18", "Hi."), comment("19", "New.")]
    article = ARTICLE | {"locator": "p17", "key": "p17"}
    report = put(corpus, [thread(*entries, article=article, url="https://x.example/1")], "page")
    assert (report.n_threads, report.n_comments, report.added.n_known) == (0, 1, 3)


def test_comments_that_only_count_alike_are_no_thread_that_is_there(corpus):
    put(corpus, [thread(*(comment(str(n), f"Apple {n}.") for n in range(1, 5)), article=None, title=None)], "apples")
    pears = [comment(str(n), f"Pear {n}.") for n in range(1, 4)]
    report = put(corpus, [thread(*pears, article=None, title=None)], "pears")
    assert (report.n_threads, report.n_comments) == (1, 3)
    edited = [comment(str(n), f"Apple {n}." if n > 2 else "Edited.") for n in range(1, 6)]
    again = put(corpus, [thread(*edited, article=None, title=None)], "later")
    assert (again.n_threads, again.n_comments, again.added.n_known) == (0, 1, 4)
    assert sound(corpus)


@pytest.mark.parametrize(("id_", "known"), [("17", False), ("comment-17", True)])
def test_an_id_of_another_form_is_taken_for_the_same_unless_it_is_a_mere_number(corpus, monkeypatch, id_, known):
    put(corpus, [thread(comment(id_, "It's."), url="https://x.example/1")])
    other = Reader("other", "other", "other", MADE.recognise, threads_of)
    monkeypatch.setattr(forms_module, "readers", lambda: {"other": other})
    report = put(
        corpus, [thread(comment(id_, "It\N{RIGHT SINGLE QUOTATION MARK}s."), url="https://x.example/1")], "page"
    )
    assert report.n_comments == (0 if known else 1)
    assert sound(corpus)


def test_a_text_that_is_known_by_its_id_is_not_found_by_its_words_too(corpus, monkeypatch):
    put(corpus, [thread(comment("comment-17", "Hi."), url="https://x.example/1")])
    other = Reader("other", "other", "other", MADE.recognise, threads_of)
    monkeypatch.setattr(forms_module, "readers", lambda: {"other": other})
    entries = [comment("comment-16", "Hi."), comment("comment-17", "Hi."), comment("comment-18", "Hi.")]
    report = put(corpus, [thread(*entries, url="https://x.example/1")], "page")
    assert (report.n_comments, report.added.n_known) == (2, 2)
    assert rows(corpus, "source_locator") == [("post-1",), *((f"comment-{n}",) for n in (17, 16, 18))]


def test_neither_the_article_nor_what_nobody_signed_is_taken_for_a_comment_by_somebody_new(corpus):
    nobody = comment(None, "Thanks.", name=None, locator="/li[1]")
    put(corpus, [thread(nobody, article=ARTICLE | {"locator": "17"}, url="https://x.example/1")])
    entries = [comment("17", "Of the article's number."), comment("18", "Thanks.", name="Somebody New")]
    report = put(corpus, [thread(*entries, article=ARTICLE | {"locator": "17"}, url="https://x.example/1")], "later")
    assert (report.n_comments, report.added.n_known) == (2, 1)
    assert sound(corpus)


def test_an_archive_or_a_sheet_of_no_known_form_says_what_to_do(corpus):
    import zipfile

    with zipfile.ZipFile(corpus.parent / "sheet.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(IngestError, match="unpack the archive first, or save the sheet as CSV"):
        ingest(corpus.parent / "sheet.xlsx", into=corpus)


def test_a_long_id_names_the_same_thread_in_every_form(corpus, monkeypatch):
    article = ARTICLE | {"locator": "post-7031156583478223661"}
    put(corpus, [thread(comment("c1"), article=article, url="https://x.example/1")])
    other = Reader("other", "other", "other", MADE.recognise, threads_of)
    monkeypatch.setattr(forms_module, "readers", lambda: {"other": other})
    for title, expected in (("Title", 0), ("Another title", 1)):
        one = thread(comment("c1"), comment("c2"), article=article, url="https://x.example.de/1", title=title)
        assert put(corpus, [one], title).n_threads == expected


def test_what_a_killed_ingestion_left_is_named_and_nothing_is_built_on_it(corpus):
    put(corpus, [thread(comment("c1"))])
    before = (corpus / "corpus.toml").read_text(encoding="utf-8")
    put(corpus, [thread(comment("c1"), article=ARTICLE | {"locator": "post-2"}, title="Two")], "two")
    # Killed when all but the last file was written.
    (corpus / "corpus.toml").write_text(before, encoding="utf-8")
    with pytest.raises(
        IngestError, match=r"texts/two\.csv: has texts of 'two', a source that corpus\.toml does not list"
    ):
        put(corpus, [thread(title="Three")], "three")
    (corpus / ".ingest-left").mkdir()
    for place in ("texts", "threads", "authors", "sources"):
        for path in (corpus / place).glob("two*"):
            path.unlink()
    rows = corpus / "annotations/structure/reader-made.csv"
    kept = [line for line in rows.read_text(encoding="utf-8").splitlines() if ",a2," not in line and ",c2," not in line]
    rows.write_text("\n".join(kept) + "\n", encoding="utf-8")
    put(corpus, [thread(title="Three", article=ARTICLE | {"locator": "post-3"})], "three")
    assert not (corpus / ".ingest-left").exists()
    assert sound(corpus)


@pytest.mark.parametrize(
    "name",
    ["con", "a?b", "x.losses", "\udcff", "a\nb", "a."],
    ids=["device", "question", "report", "bytes", "two lines", "dot"],
)
def test_a_source_of_any_name_is_kept_under_one_that_every_system_takes(corpus, name):
    try:
        put(corpus, [thread()], name)
    except (OSError, UnicodeEncodeError):
        pytest.skip("this system takes no such name")
    kept = [path.name for path in (corpus / "sources").iterdir() if not path.name.endswith(".json")]
    assert len(kept) == 1
    assert re.fullmatch(r"[\w.-]+", kept[0])
    assert not kept[0].startswith("con.")
    assert sound(corpus)
