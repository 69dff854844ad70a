"""Reddit: listings as its API gives them, dumps of one thing a line, and what stands in the place of words."""

import json
import shutil

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms import choose, reddit
from corpus_tools.ingest.reading import SURE
from corpus_tools.ingest.source import Source
from corpus_tools.validate import validate
from ingesting import FIXTURES, check, read, reading_of, shape

LISTING, DUMP = FIXTURES / "reddit/listing.json", FIXTURES / "reddit/dump.ndjson"


def written(tmp_path, value, name="x.json"):
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def listing(*children):
    return {"kind": "Listing", "data": {"after": None, "children": list(children), "before": None}}


def comment(id_, body="Words.", **fields):
    data = {"id": id_, "link_id": "t3_top", "parent_id": "t3_top", "author": "jo", "body": body, "replies": ""}
    return {"kind": "t1", "data": data | {"name": f"t1_{id_}", "created_utc": 1540000000.0} | fields}


def submission(id_="top", **fields):
    data = {"id": id_, "title": "Title", "selftext": "Body.", "author": "jo", "subreddit": "x", "is_self": True}
    return {"kind": "t3", "data": data | {"name": f"t3_{id_}", "created_utc": 1540000000.0} | fields}


def rows(path):
    reading = reading_of(path)
    batches = list(reddit.rows(reading).batches())
    return pl.concat(batches), {category: counts for category, counts in reading.losses.counts.items() if counts}


def emptied(mini):
    """The mini corpus with nothing ingested."""
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / name)
    for name in ("mentions", "tone"):
        (mini / f"scheme/{name}.toml").unlink()
    (mini / "corpus.toml").write_text((mini / "corpus.toml").read_text().split("[[annotators]]")[0])


def only(path):
    [thread], losses = read(path)
    return thread, losses


def test_a_listing_is_a_thread_in_printed_order_with_recorded_answers():
    thread, losses = only(LISTING)
    assert shape(thread) == [
        ("AutoModerator", "spout_watcher", "Please read the rule"),
        ("Kettle-Kath", "spout_watcher", "> It drips & drips.\n"),
        (None, "Kettle-Kath", ""),
        ("lid_lifter", None, "Pardon?"),
        (None, "spout_watcher", ""),
        (None, "spout_watcher", "I left, my words sta"),
    ]
    assert [one.kind for one in thread.comments] == ["comment", "comment", "removed", "comment", "deleted", "comment"]
    assert [one.text for one in thread.comments if one.kind != "comment"] == [None, None]
    assert [one.key for one in thread.comments] == [one.locator for one in thread.comments]
    assert [one.key for one in thread.comments][:2] == ["t1_e8tea10", "t1_e8tea11"]
    assert thread.comments[3].parent == "t1_e8tea12"
    assert [one.handle for one in thread.comments] == [one.name for one in thread.comments]
    assert losses == {
        "lost": {
            "comments behind 'more' links that the file does not hold": 10,
            "'more' links": 2,
            "links to where a branch goes on, which the file does not hold": 1,
        },
        "doubtful": {"entities such as &nbsp; typed in Markdown, kept as typed": 1},
    }


def test_the_submission_is_the_article_under_its_title():
    thread, _ = only(LISTING)
    assert thread.title == "My teapot <3 leaks &amp; hisses"
    assert thread.article.text == f"{thread.title}\n\nIt drips & drips.\n\n&nbsp;\n\nWhat do you use > 1 litre?"
    assert [block.label for block in thread.article.blocks] == ["headline", *["paragraph"] * 3]
    assert (thread.article.name, thread.article.key, thread.key) == ("spout_watcher", "t3_9tea01", "9tea01")
    assert thread.url == "https://www.reddit.com/r/teapots/comments/9tea01/my_teapot_3_leaks/"


def test_times_are_those_in_utc_never_the_shifted_ones():
    thread, _ = only(LISTING)
    assert thread.article.posted_at.isoformat() == "2018-10-20T01:46:40+00:00"
    assert thread.comments[0].posted_at.isoformat() == "2018-10-20T01:46:41+00:00"


def test_a_time_that_is_only_there_shifted_is_none(tmp_path):
    thing = comment("a", created=1540025200.0)
    del thing["data"]["created_utc"]
    thread, _ = only(written(tmp_path, listing(thing)))
    assert thread.comments[0].posted_at is None


def test_quotations_line_ends_and_markdown_stay_as_typed_with_entities_decoded_once():
    thread, _ = only(LISTING)
    assert thread.comments[1].text == "> It drips & drips.\n\nSo does mine, *badly*.\nUse <b>wax</b>."


RAW_HTML, ESCAPED_HTML = '<div class="md">', '&lt;div class="md"&gt;'
ESCAPES = {
    "escaped, HTML says so": ("a &amp;lt; b", ESCAPED_HTML, "x", None, "a &lt; b"),
    "not escaped, HTML says so": ("a &amp;lt; b", RAW_HTML, "x", None, "a &amp;lt; b"),
    "escaped, HTML says so, others are not": ("a &amp;lt; b", ESCAPED_HTML, "x", RAW_HTML, "a &lt; b"),
    "not escaped, HTML says so, others are": ("a &amp;lt; b", RAW_HTML, "x", ESCAPED_HTML, "a &amp;lt; b"),
    "the HTML of others decides": ("a &lt; b", None, "x", RAW_HTML, "a &lt; b"),
    "nothing says so": ("a &amp; b &gt;", None, "x", None, "a & b >"),
    "others are not escaped": ("a &amp; b", None, "1 < 2", None, "a &amp; b"),
    "a bare sign in it": ("a &amp; b > c", None, "x &amp; y", None, "a &amp; b > c"),
    "a bare ampersand in it": ("a &amp; b &c", None, "x &amp; y", None, "a &amp; b &c"),
}


@pytest.mark.parametrize("why", ESCAPES)
def test_words_are_unescaped_only_where_the_file_is_escaped(tmp_path, why):
    body, html, other, other_html, expected = ESCAPES[why]
    others = [comment(id_, other, body_html=other_html) for id_ in "bc"]
    thread, _ = only(written(tmp_path, listing(comment("a", body, body_html=html), *others)))
    assert thread.comments[0].text == expected


def test_words_that_could_be_either_in_a_file_with_both_are_to_be_looked_at(tmp_path):
    things = [comment(str(n), body) for n, body in enumerate(("a &amp; b", "c &lt; d", "e < f", "g"))]
    thread, losses = only(written(tmp_path, listing(*things)))
    assert [one.text for one in thread.comments] == ["a & b", "c < d", "e < f", "g"]
    assert losses["doubtful"] == {"texts with &amp;, &lt; or &gt; where some texts are escaped and others are not": 2}


KINDS = {
    "[deleted]": ("deleted", None),
    " [removed]\n": ("removed", None),
    "[ Removed by Reddit ]": ("removed", None),
    "[ Removed by reddit in response to a copyright notice. ]": ("removed", None),
    "[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]": ("removed", None),
    "[removed] by whom?": ("comment", "[removed] by whom?"),
    "It was [deleted]": ("comment", "It was [deleted]"),
    "[unavailable]": ("comment", None),
    "": ("comment", ""),
}


@pytest.mark.parametrize("body", KINDS)
def test_marks_in_the_place_of_words_are_no_words(tmp_path, body):
    thread, _ = only(written(tmp_path, listing(comment("a", body))))
    assert (thread.comments[0].kind, thread.comments[0].text) == KINDS[body]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"banned_by": "a_moderator"}, "removed"),
        ({"banned_by": True}, "removed"),
        ({"banned_by": "AutoModerator", "approved_by": "a_moderator"}, "comment"),
        ({"removed": True}, "removed"),
        ({"spam": True, "banned_by": True}, "spam"),
        ({"_meta": {"was_deleted_later": True, "removal_type": "deleted"}}, "deleted"),
        ({"_meta": {"was_deleted_later": True, "removal_type": "removed by reddit"}}, "removed"),
        ({"_meta": {"was_deleted_later": True}}, "deleted"),
        ({"_meta": {"was_initially_deleted": True, "removal_type": "removed"}}, "comment"),
        ({"_meta": [], "spam": None, "distinguished": "moderator", "stickied": True, "collapsed": True}, "comment"),
    ],
)
def test_words_that_were_taken_out_for_others_keep_their_kind(tmp_path, fields, kind):
    thread, _ = only(written(tmp_path, listing(comment("a", **fields))))
    assert (thread.comments[0].kind, thread.comments[0].text) == (kind, "Words.")


@pytest.mark.parametrize("author", ["[deleted]", "[removed]", "[unavailable]", "", None, 7])
def test_nobody_is_named_by_a_mark(tmp_path, author):
    thread, _ = only(written(tmp_path, listing(comment("a", author=author))))
    assert (thread.comments[0].name, thread.comments[0].handle, thread.comments[0].kind) == (None, None, "comment")


@pytest.mark.parametrize(
    ("fields", "text", "lost"),
    [
        ({"selftext": "[removed]"}, "Title", "bodies of articles that were deleted or removed"),
        (
            {"selftext": "[deleted]", "title": "[deleted by user]"},
            "",
            "bodies of articles that were deleted or removed",
        ),
        ({"is_self": False, "selftext": "", "url": "https://example.org"}, "Title", "bodies of linked articles"),
        ({"is_self": None, "selftext": "", "domain": "example.org"}, "Title", "bodies of linked articles"),
        ({"is_self": None, "domain": "self.x"}, "Title\n\nBody.", None),
        ({"is_self": False, "selftext": "", "domain": "i.redd.it"}, "Title", "images"),
        ({"is_self": False, "selftext": "", "is_gallery": True, "domain": "reddit.com"}, "Title", "images"),
        ({"is_self": False, "selftext": "", "domain": "v.redd.it"}, "Title", "sound or video recordings"),
        ({"selftext": "", "crosspost_parent": "t3_a"}, "Title", "submissions that others pass on (crossposts)"),
        ({"poll_data": {"options": []}}, "Title\n\nBody.", "polls"),
    ],
)
def test_an_article_keeps_what_it_has_and_the_rest_is_counted(tmp_path, fields, text, lost):
    thread, losses = only(written(tmp_path, [listing(submission(**fields)), listing(comment("a"))]))
    assert thread.article.text == text
    assert thread.comments[0].parent == thread.article.key == "t3_top"
    assert losses.get("lost", {}) == ({lost: 1} if lost else {})


def test_a_search_or_a_subreddit_gives_one_thread_for_each_submission(tmp_path):
    threads, _ = read(written(tmp_path, listing(submission("a"), submission("b", title="Other"))))
    assert [(thread.title, thread.article.key, thread.comments) for thread in threads] == [
        ("Title", "t3_a", ()),
        ("Other", "t3_b", ()),
    ]


def test_a_page_of_a_user_gives_threads_without_article_under_the_titles_it_shows(tmp_path):
    where = {"link_title": "A &amp; B", "link_permalink": "https://www.reddit.com/r/x/comments/one/a_b/"}
    things = [comment("a", link_id="t3_one", **where), comment("b", link_id="t3_two"), comment("c", link_id="t3_one")]
    threads, _ = read(written(tmp_path, listing(*things)))
    assert [(thread.title, thread.url, thread.key, thread.article) for thread in threads] == [
        ("A & B", "https://www.reddit.com/r/x/comments/one/a_b/", "one", None),
        (None, None, "two", None),
    ]
    assert [[one.key for one in thread.comments] for thread in threads] == [["t1_a", "t1_c"], ["t1_b"]]


def test_the_address_of_a_thread_is_that_of_its_comment_without_the_comment(tmp_path):
    one = comment("a", permalink="/r/x/comments/top/title/a/")
    other = comment("a", permalink="/r/x/comments/top/title/zzz/")
    assert only(written(tmp_path, listing(one)))[0].url == "https://www.reddit.com/r/x/comments/top/title/"
    assert only(written(tmp_path, listing(other)))[0].url is None
    evil = submission(permalink="javascript:alert(1)")
    assert only(written(tmp_path, listing(evil)))[0].url is None


WRAPPED = {
    "a thing alone": comment("a"),
    "a thing without its kind": comment("a")["data"],
    "an array of bare things": [comment("a")["data"]],
    "an answer of Pushshift or Arctic Shift": {"data": [comment("a")["data"]]},
    "an answer to morechildren": {"json": {"errors": [], "data": {"things": [comment("a")]}}},
    "several listings": [[listing()], listing(), listing(comment("a"))],
}


@pytest.mark.parametrize("how", WRAPPED)
@pytest.mark.parametrize("indent", [None, 2])
def test_comments_are_found_in_whatever_they_are_wrapped(tmp_path, how, indent):
    path = written(tmp_path, json.dumps(WRAPPED[how], indent=indent))
    assert choose(Source(path))[0].form == "reddit"
    if reddit.rows(reading_of(path)) is not None:
        assert rows(path)[0]["key"].to_list() == ["t1_a"]
        return
    thread, losses = only(path)
    assert ([one.key for one in thread.comments], losses) == (["t1_a"], {})


def test_listings_may_stand_one_a_line(tmp_path):
    lines = [json.dumps([listing(submission("a")), listing(comment("b", link_id="t3_a"))]), json.dumps([listing()])]
    threads, _ = read(written(tmp_path, "\n".join(lines) + "\n"))
    assert [(thread.article.key, len(thread.comments)) for thread in threads] == [("t3_a", 1)]


def test_nesting_as_deep_as_json_can_be_read_is_found_and_deeper_is_refused(tmp_path):
    deep = comment("c0")
    for n in range(1, 150):
        deep = comment(f"c{n}", replies=listing(deep))
    thread, _ = only(written(tmp_path, json.dumps(listing(deep))))
    assert [one.key for one in thread.comments] == [f"t1_c{n}" for n in range(149, -1, -1)]
    with pytest.raises(IngestError, match="cannot be read as JSON"):
        read(written(tmp_path, '{"kind": "Listing", "data": {"children": ' + "[" * 100_000), form="reddit")


def test_entries_that_are_neither_submissions_nor_comments_are_counted(tmp_path):
    odd = [None, 7, {"kind": "t5", "data": {"title": "r/x"}}, {"kind": "t1", "data": None}, {"kind": "t1"}]
    thread, losses = only(written(tmp_path, listing(comment("a"), *odd, {"kind": "more", "data": None})))
    assert len(thread.comments) == 1
    assert losses["dropped"] == {"entries that are neither submissions nor comments": 5}
    assert losses["lost"] == {"links to where a branch goes on, which the file does not hold": 1}


def test_wrong_types_cost_no_more_than_the_field(tmp_path):
    wrong = {key: [1] for key in ("name", "author", "link_id", "parent_id", "permalink", "created_utc", "body_html")}
    thread, losses = only(written(tmp_path, listing(comment("a", **wrong))))
    [one] = thread.comments
    assert (one.key, one.name, one.parent, one.posted_at, one.text) == ("t1_a", None, None, None, "Words.")
    assert losses["lost"] == {"answers to what has no id of Reddit: what they answer": 1}
    nameless = comment("a", name=None, id=None, body=None)
    thread, _ = only(written(tmp_path, listing(nameless)))
    assert (thread.comments[0].locator, thread.comments[0].key, thread.comments[0].text) == (
        "/data/children/0/data",
        None,
        None,
    )


def test_halves_of_characters_are_taken_out(tmp_path):
    path = written(tmp_path, listing(comment("a", "a\ud800b\x00", author="j\udfffo")))
    thread, _ = only(path)
    assert (thread.comments[0].text, thread.comments[0].name) == ("ab", "jo")


def test_a_listing_without_things_is_no_thread_and_no_error(tmp_path):
    assert read(written(tmp_path, listing())) == ([], {})
    with pytest.raises(IngestError, match="holds no submission and no comment"):
        read(written(tmp_path, {"a": 1}), form="reddit")


def test_a_second_article_of_the_same_id_is_counted(tmp_path):
    thread, losses = only(written(tmp_path, listing(submission(), submission(title="Again"))))
    assert (thread.title, losses["dropped"]) == ("Title", {"entries with the id of one before them": 1})


def test_a_dump_is_read_in_rows_with_what_its_submissions_and_comments_say():
    found, losses = rows(DUMP)
    assert found.select("kind", "key", "thread", "parent", "name").rows() == [
        ("comment", "t1_cnas8zz", "2qyr1a", "t1_cnas8zv", "tin_ned"),
        ("article", "t3_2qyr1a", "2qyr1a", None, "ferro"),
        ("comment", "t1_cnas8zv", "2qyr1a", "t3_2qyr1a", "cupric"),
        ("comment", "t1_cnas900", "2qyr1b", "t3_2qyr1b", "lid_lifter"),
        ("deleted", "t1_cnas901", "2qyr1b", "t1_cnas900", "cupric"),
        ("removed", "t1_cnas902", "2qyr1b", "t1_cnas900", "rude_one"),
        ("article", "t3_2qyr1c", "2qyr1c", None, "ferro"),
    ]
    assert found["text"].to_list()[:3] == ["> Tin?\n\nTin & copper.", "Iron < steel?\r\n\r\nDiscuss.", "Tin?"]
    assert found["title"].to_list() == [None, "Which metal?", None, None, None, None, "Look"]
    assert found["url"][3] == "https://www.reddit.com/r/kettles/comments/2qyr1b/gone/"
    assert found["posted_at"].dt.epoch("s").to_list()[:2] == [1420070500, 1420070400]
    assert losses == {"lost": {"bodies of linked articles": 1}}


def test_a_dump_packed_with_zstandard_is_the_same_dump(tmp_path):
    wide = zstandard.ZstdCompressionParameters.from_level(3, window_log=31)
    packed = tmp_path / "RC_2015-01.zst"
    packed.write_bytes(zstandard.ZstdCompressor(compression_params=wide).compress(DUMP.read_bytes()))
    assert choose(Source(packed))[0].form == "reddit"
    assert rows(packed)[0].equals(rows(DUMP)[0])
    packed.write_bytes(zstandard.ZstdCompressor(compression_params=wide).compress(DUMP.read_bytes() * 200)[:-9])
    with pytest.raises(IngestError, match=r"zst:\d{3,}: ends before its packed content does"):
        rows(packed)
    packed.write_bytes(packed.read_bytes()[:20])
    with pytest.raises(IngestError, match="ends before its packed content does"):
        read(packed, form="reddit")


def test_bad_lines_of_a_dump_are_counted_wherever_they_stand(tmp_path):
    good = DUMP.read_text().splitlines()
    bad = [good[0][:200], *good[1:], '{"a": 1}', '{"id": "cut']
    found, losses = rows(written(tmp_path, "\n".join(bad), "x.ndjson"))
    assert found.height == 6
    assert losses["dropped"] == {
        "lines that are no JSON objects (the first is line 1)": 2,
        "entries that are neither submissions nor comments": 1,
    }


def test_a_dump_whose_first_line_is_longer_than_what_is_looked_at_is_a_dump(tmp_path):
    long = json.dumps(comment("a", "x " * 50_000)["data"])
    assert rows(written(tmp_path, long + "\n" + json.dumps(comment("b")["data"])))[0]["key"].to_list() == [
        "t1_a",
        "t1_b",
    ]
    whole = json.dumps(listing(comment("a", "x " * 50_000)))
    assert reddit.rows(reading_of(written(tmp_path, whole))) is None


def test_a_long_thing_over_many_lines_is_no_dump(tmp_path):
    path = written(tmp_path, json.dumps(comment("a", "x " * 50_000)["data"], indent=1))
    assert reddit.rows(reading_of(path)) is None
    thread, _ = only(path)
    assert [one.key for one in thread.comments] == ["t1_a"]


def test_an_article_of_a_dump_whose_words_were_taken_out_keeps_its_title(tmp_path):
    lines = [submission("a", selftext="[removed]"), submission("b", selftext=None), submission("c")]
    found, _ = rows(written(tmp_path, "\n".join(json.dumps(one["data"]) for one in lines)))
    assert found.select("title", "text").rows() == [("Title", ""), ("Title", ""), ("Title", "Body.")]


def test_a_corpus_of_convokit_made_of_reddit_is_left_to_its_own_form(tmp_path):
    utterance = {"id": "a", "conversation_id": "a", "speaker": "jo", "reply-to": None, "text": "Hi."}
    path = written(tmp_path, utterance | {"meta": {"link_id": "t3_a", "body": "Hi.", "subreddit": "x"}})
    assert choose(Source(path))[0].form == "convokit"


@pytest.mark.parametrize(
    ("fields", "parent"),
    [
        ({"parent_id": 37117}, "t3_sn1"),
        ({"parent_id": 37118}, "t1_sn2"),
        ({"parent_id": "t1_abc"}, "t1_abc"),
        ({"parent_id": "abc"}, None),
        ({"parent_id": None}, None),
        ({"parent_id": True}, None),
    ],
)
def test_parents_that_are_numbers_are_ids_in_base_36(tmp_path, fields, parent):
    path = written(tmp_path, json.dumps(comment("zz", link_id="sn1", **fields)["data"]))
    found, _ = rows(path)
    assert found.select("thread", "parent").rows() == [("sn1", parent)]


def test_a_listing_and_a_dump_become_sound_corpora(mini):
    emptied(mini)
    report = ingest(LISTING, into=mini)
    assert (report.form, report.n_articles, report.n_comments) == ("reddit", 1, 4)
    report = ingest(DUMP, into=mini)
    assert (report.form, report.n_articles, report.n_comments) == ("reddit", 2, 3)
    assert validate(mini) == []
    texts = load(mini, "draft").scan("texts").collect()
    metal = texts.filter(pl.col("source_locator").is_in(["t3_2qyr1a", "t1_cnas8zv", "t1_cnas8zz"])).sort("position")
    assert metal["text"].to_list() == ["Which metal?\n\nIron < steel?\n\nDiscuss.", "Tin?", "> Tin?\n\nTin & copper."]
    assert metal["parent_id"].to_list() == [None, *metal["text_id"].to_list()[:2]]


@pytest.mark.parametrize("path", [LISTING, DUMP], ids=["listing", "dump"])
def test_reddit_is_recognised_by_its_own_fields(path):
    assert reddit.recognise(Source(path)).strength == SURE


OTHERS = sorted(path for path in FIXTURES.rglob("*") if path.is_file() and "reddit" not in path.parts)


@pytest.mark.parametrize("path", OTHERS, ids=[str(path.relative_to(FIXTURES)) for path in OTHERS])
def test_nothing_else_is_taken_for_reddit(path):
    assert reddit.recognise(Source(path)) is None


@pytest.mark.parametrize("raw", [b"", b"\x00", b"{", b"[", b"[]", b"{}", b'{"data": {"children": []}}', b"\x1f\x8b{"])
def test_what_says_nothing_is_not_taken_for_reddit(tmp_path, raw):
    (tmp_path / "x").write_bytes(raw)
    assert reddit.recognise(Source(tmp_path / "x")) is None
    assert reddit.recognise(Source(tmp_path)) is None


def mutated(raw, edits):
    for start, length, insert in edits:
        start %= len(raw) + 1
        raw = raw[:start] + insert + raw[start + length :]
    return raw


EDITS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 40),
        st.sampled_from([b"", b"null", b"[", b"]}", b'"', b"\xff", b"\n", b"{}", b"-1e999", b'"\\ud800"', b'"kind":']),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dump=st.booleans(), edits=EDITS)
def test_damaged_files_give_threads_or_an_error(tmp_path, dump, edits):
    path = tmp_path / "x.json"
    path.write_bytes(mutated((DUMP if dump else LISTING).read_bytes(), edits))
    reddit.recognise(Source(path))
    reading = reading_of(path)
    try:
        found = reddit.rows(reading)
        if found is not None:
            list(found.batches())
        else:
            for thread in reddit.read(reading):
                check(thread)
    except IngestError:
        pass


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(["t1_a", "t3_b", "t1", "t3"]),
)
NAMES = st.sampled_from(
    "kind data children replies id name title body selftext link_id parent_id author created_utc permalink domain "
    "_meta count json things poll_data body_html".split()
)
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=8), max_leaves=30
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES)
def test_any_json_gives_threads_or_an_error(tmp_path, tree):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([listing(comment("a", **tree) if isinstance(tree, dict) else tree, submission()), tree]))
    try:
        for thread in reddit.read(reading_of(path)):
            check(thread)
    except IngestError:
        pass
