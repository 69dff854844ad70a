"""Comments marked with the words of schema.org, in pages and in files of JSON-LD."""

import datetime
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose
from corpus_tools.ingest.forms.schema_org import recognise
from corpus_tools.ingest.parts.page import nodes, structured_data
from corpus_tools.ingest.reading import LIKELY, SURE
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, check, read, shape

HERE = FIXTURES / "schema-org"
FORM = "schema-org"
UTC = datetime.UTC


def thread_of(name):
    [thread], losses = read(HERE / name, FORM)
    return thread, losses


def said(tmp_path, value, **options):
    path = tmp_path / "said.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return read(path, FORM, **options)


def test_posts_of_a_forum_are_read_from_microdata():
    thread, losses = thread_of("forum.html")
    assert shape(thread) == [("clapper", None, "Never the clapper.\n\n"), (None, None, "")]
    assert [one.key for one in thread.comments] == ["post_2", "post_3"]
    assert thread.comments[0].posted_at == datetime.datetime(2023, 5, 1, 10, 30, tzinfo=UTC)
    assert thread.comments[0].text == "Never the clapper.\n\nwhere would the oil go?"
    assert thread.article.text == (
        "Oiling a bell\n\nMy bell squeaks before it rings, which no bell should do.\n\n"
        "Should I oil it, and where would the oil go?"
    )
    assert (thread.article.name, thread.article.posted_at.hour) == ("ringer", 10)
    assert thread.url == "https://bells.example/t/oiling-a-bell/55"
    assert losses == {}


def test_answers_of_a_question_are_comments_and_so_are_the_comments_on_them():
    thread, losses = thread_of("question.html")
    assert shape(thread) == [
        ("Oz", None, "Which milk?"),
        ("Pia", None, "Proteins make a skin"),
        ("Nan", "Pia", "And fat?"),
    ]
    assert thread.title == "Why does milk boil over?"
    assert thread.comments[1].text == "Proteins make a skin.\n\nmilk\n  skin"
    assert thread.article.text.endswith("however large the pan is.")
    assert losses == {"missing": {"times, because they name no zone (give one with --zone)": 1}}


def test_rdfa_of_drupal_is_read_and_indented_comments_answer_what_they_stand_under():
    thread, losses = thread_of("drupal-8.html")
    assert shape(thread) == [
        ("Rae (not verified)", None, "How much string?"),
        ("Sol", "Rae (not verified)", "All of it."),
        ("Rae", "Sol", "Thanks."),
        ("Tim", None, "Wind is free."),
    ]
    assert [one.key for one in thread.comments] == ["comment-41", "comment-42", "comment-43", "comment-44"]
    assert thread.comments[0].posted_at == datetime.datetime(2018, 3, 10, 11, 0, tzinfo=UTC)
    assert "A kite needs less wind" in thread.article.text
    assert losses == {"lost": {"titles of comments": 1}}


def test_rdfa_of_old_drupal_names_what_is_answered_even_where_the_words_are_not_marked():
    thread, losses = thread_of("drupal-7.html")
    assert [(one.name, one.parent, one.text) for one in thread.comments] == [
        ("Udo", "node-6", "Holes, yes."),
        ("Val", "comment-51", "No, string."),
    ]
    assert thread.article.key == "node-6"
    assert losses == {}


def test_json_ld_in_a_page_is_mended_where_it_can_be_and_its_text_is_html_or_plain():
    thread, losses = thread_of("json-ld.html")
    assert [(one.name, one.parent, one.text) for one in thread.comments] == [
        ("Xi & Yu", None, "They sing.\nLoudly.\n\nAll night."),
        ("Zed", "c-1", "AT&T <3, two\nlines"),
        (None, None, "No id."),
    ]
    assert thread.comments[2].locator == "/@graph/0/comment/1"
    assert thread.article.name == "Wim & Co"
    assert thread.article.posted_at == datetime.datetime(2022, 2, 2, 1, 2, tzinfo=UTC)
    assert losses == {
        "dropped": {
            "blocks of structured data that are no JSON": 1,
            "entries that are no comments": 1,
            "comments given a second time": 1,
        },
        "repaired": {"blocks of structured data with commas too many": 1},
    }


def test_a_file_of_json_ld_is_in_the_order_of_its_times_and_names_its_article_as_answered():
    thread, losses = thread_of("graph.json")
    assert thread.article.text == "Salt\n\nSalt first or last?"
    assert (thread.key, thread.url) == ("t1", "https://forum.example/t1")
    found = [(one.key, one.parent, one.name, one.text) for one in thread.comments]
    assert found == [
        ("c2", "c1", "Cid", "Why?"),
        ("c1", "t1", "Bo, Di", "Last."),
        ("77", None, None, "Never."),
        ("c4", None, None, None),
    ]
    assert losses == {"missing": {"times, because they cannot be read": 1}}


def test_comments_of_a_file_that_all_have_times_are_sorted_by_them(tmp_path):
    comments = [{"@type": "Comment", "text": f"{n}", "dateCreated": f"2024-01-0{n}T00:00:00Z"} for n in (3, 1, 2)]
    [thread], _ = said(
        tmp_path, {"@context": "https://schema.org", "@type": "Article", "headline": "H", "comment": comments}
    )
    assert [one.text for one in thread.comments] == ["1", "2", "3"]
    assert thread.comments[0].locator == "/comment/1"


def test_what_is_said_in_markup_and_in_json_ld_is_taken_once():
    thread, losses = thread_of("twice.html")
    assert [(one.name, one.text) for one in thread.comments] == [("Flo", "Once.\n\nAnd no more.")]
    assert thread.comments[0].posted_at == datetime.datetime(2014, 6, 1, 15, 0, tzinfo=UTC)
    assert losses == {"dropped": {"comments that the page gives in its markup and as JSON-LD, taken once": 1}}


def test_the_larger_of_markup_and_json_ld_is_taken(tmp_path):
    text = (HERE / "twice.html").read_text(encoding="utf-8")
    path = tmp_path / "page.html"
    more = '{"@type":"Comment","text":"Twice.","author":{"name":"Gil"}},'
    path.write_text(text.replace('"comment":[', f'"comment":[{more}'), encoding="utf-8")
    [thread], losses = read(path, FORM)
    assert [one.name for one in thread.comments] == ["Gil", "Flo"]
    assert losses["dropped"] == {"comments that the page gives in its markup and as JSON-LD, taken once": 1}


def test_answers_to_frequent_questions_are_no_comments():
    assert recognise(Source(HERE / "frequent.html")) is None
    thread, losses = thread_of("frequent.html")
    assert thread.comments == ()
    assert losses == {"dropped": {"answers without author and time, such as those to frequent questions": 1}}


def test_a_question_in_json_ld_has_answers(tmp_path):
    answers = {
        "acceptedAnswer": {"@type": "Answer", "@id": "a1", "text": "Yes.", "author": "A"},
        "suggestedAnswer": [
            {"@type": "Answer", "@id": "a2", "text": "No.", "author": "B", "comment": {"text": "Why?"}}
        ],
    }
    question = {"@type": "Question", "name": "Q?", "text": "Is it?", **answers}
    [thread], _ = said(tmp_path, {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": question})
    assert thread.article.text == "Q?\n\nIs it?"
    assert [(one.key, one.parent, one.text) for one in thread.comments] == [
        ("a1", None, "Yes."),
        ("a2", None, "No."),
        ("/mainEntity/suggestedAnswer/0/comment", "a2", "Why?"),
    ]


def test_comments_that_others_only_refer_to_are_nested_by_the_reference(tmp_path):
    graph = [
        {"@type": "Comment", "@id": "c1", "text": "One.", "comment": [{"@id": "c2"}]},
        {"@type": "Comment", "@id": "c2", "text": "Two."},
    ]
    [thread], _ = said(tmp_path, {"@context": "https://schema.org", "@graph": graph})
    assert thread.article is None
    assert [(one.key, one.parent) for one in thread.comments] == [("c1", None), ("c2", "c1")]


def test_a_file_with_an_article_and_no_comments_is_a_thread(tmp_path):
    [thread], _ = said(
        tmp_path, {"@context": "https://schema.org", "@type": "Article", "articleBody": "<p>A</p><p>B</p>"}
    )
    assert (thread.article.text, thread.comments) == ("A\n\nB", ())


@pytest.mark.parametrize(
    "content", ["{}", "[]", "null", "[[1, 2], {}]", '{"@type": "Person"}', "{", "", "[" * 5000, '"x"']
)
def test_a_file_without_either_is_an_error(tmp_path, content):
    with pytest.raises(IngestError):
        said(tmp_path, content)


@pytest.mark.parametrize(
    "name",
    ["forum.html", "question.html", "drupal-8.html", "drupal-7.html", "json-ld.html", "graph.json", "twice.html"],
)
def test_each_is_recognised_as_this_form_and_no_other(name):
    assert recognise(Source(HERE / name)).strength == SURE
    assert choose(Source(HERE / name))[0].form == FORM


def test_a_wordpress_page_with_marked_comments_stays_one_of_wordpress():
    genesis = FIXTURES / "wordpress-page/genesis.html"
    assert recognise(Source(genesis)).strength == LIKELY
    assert choose(Source(genesis))[0].form == "wordpress-page"
    assert shape(read(genesis, FORM)[0][0]) == shape(read(genesis)[0][0])


@pytest.mark.parametrize(
    ("content", "strength"),
    [
        (b"", None),
        (b"{", None),
        (b'{"@context": "https://www.w3.org/ns/activitystreams", "type": "Note"}', None),
        (b'{"@context": "https://schema.org", "@type": "NewsArticle"}', LIKELY),
        (b'{"@context": ["https://schema.org"], "@type": "Comment"}', SURE),
        (b"<html><div itemtype='http://schema.org/Article'>", None),
        (b"<html><div itemscope itemtype='http://schema.org/DiscussionForumPosting'>", LIKELY),
        (b"<html><meta name=generator content=blogger><div itemtype='http://schema.org/Comment'>", None),
        (b"<html><div class='h-entry'><div class='h-cite p-comment' typeof='Comment'>", LIKELY),
        (b"\x00<html itemtype='http://schema.org/Comment'>", None),
    ],
)
def test_what_is_recognised(tmp_path, content, strength):
    path = tmp_path / "unnamed"
    path.write_bytes(content)
    match = recognise(Source(path))
    assert (match and match.strength) == strength
    assert recognise(Source(tmp_path)) is None


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Comment", "t1", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "@type @id @graph @value text author name comment parentItem suggestedAnswer dateCreated url headline".split()
            ),
            inner | st.sampled_from(["Comment", "Answer", "Article", "t1", "2020-01-01T00:00:00Z", "<p>x</p>"]),
            max_size=6,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=_values)
def test_whatever_json_ld_holds_there_are_threads_or_an_error(tmp_path, value):
    value = {"@context": "https://schema.org", "@type": "Article", "headline": "H", "comment": value}
    threads, _ = said(tmp_path, value)
    for thread in threads:
        check(thread)
    page = tmp_path / "page.html"
    script = json.dumps(value).replace("<", "\\u003c")
    page.write_text(f"<html><script type='application/ld+json'>{script}</script><p>x</p></html>", encoding="utf-8")
    for thread in read(page, FORM)[0]:
        check(thread)


FIXTURE = (HERE / "question.html").read_bytes() + (HERE / "drupal-8.html").read_bytes()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(FIXTURE)), length=st.integers(0, 400), put=st.binary(max_size=20), again=st.booleans())
def test_whatever_is_done_to_a_page_there_are_threads_or_an_error(tmp_path, place, length, put, again):
    held = FIXTURE[place : place + length]
    path = tmp_path / "page.html"
    path.write_bytes(FIXTURE[:place] + put + (held * 2 if again else b"") + FIXTURE[place + length :])
    recognise(Source(path))
    try:
        threads, _ = read(path, FORM)
    except IngestError:
        return
    for thread in threads:
        check(thread)


def test_pointers_are_those_of_json():
    assert [pointer for pointer, _ in nodes({"a/b": [{"~": {}}]})] == ["/", "/a~1b/0", "/a~1b/0/~0"]


def test_structured_data_in_comments_and_cdata_is_read():
    from lxml.html import document_fromstring

    from corpus_tools.ingest.losses import Losses

    bodies = ['<!-- {"a": 1} -->', '/* <![CDATA[ */ {"a": 2} /* ]]> */', '{"a": 3};', "", '{"a": [4,],}']
    scripts = "".join(f"<script type='application/ld+json'>{body}</script>" for body in bodies)
    values = structured_data(document_fromstring(f"<html><head>{scripts}</head><body>x</body></html>"), Losses())
    assert values == [{"a": 1}, {"a": 2}, {"a": 3}, {"a": [4]}]
