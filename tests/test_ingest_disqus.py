"""Reading Disqus exports: threads of one page as one, posts with their states, and what an export does not hold."""

import contextlib
import datetime
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms.disqus import READER, page_of, recognise
from corpus_tools.ingest.reading import SURE, Reading
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, read, shape

FORUM = FIXTURES / "disqus/forum.xml"
START = '<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">'


def thread(id_, link="", title="T", identifier="", deleted="false"):
    says = {"id": identifier, "link": link, "title": title, "message": "", "isDeleted": deleted}
    return f'<thread dsq:id="{id_}">{"".join(f"<{name}>{value}</{name}>" for name, value in says.items())}</thread>'


def post(id_, in_="1", parent=None, **more):
    says = {"message": "<![CDATA[<p>Hi</p>]]>", "createdAt": "2020-01-02T03:04:05Z"} | more
    shown = "".join(f"<{name}>{value}</{name}>" for name, value in says.items())
    answered = f'<parent dsq:id="{parent}"/>' if parent else ""
    return f'<post dsq:id="{id_}">{shown}<thread dsq:id="{in_}"/>{answered}</post>'


@pytest.fixture
def export(tmp_path):
    def made(*parts, start=START):
        path = tmp_path / "export.xml"
        path.write_text(start + "".join(parts) + "</disqus>", encoding="utf-8")
        return read(path, "disqus")

    return made


def test_an_export_is_recognised_whatever_stands_before_it_and_packed_as_it_comes(tmp_path):
    raw = FORUM.read_bytes()
    for number, content in enumerate([raw, gzip.compress(raw), b"`" + raw, b"<br>\n" + raw, b"\xef\xbb\xbf" + raw]):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(content)
        assert recognise(Source(path)).strength == SURE
        assert [one.key for one in read(path, "disqus")[0]] == ["11", "13", "999"]


def test_other_files_are_not_claimed(tmp_path):
    for path in FIXTURES.glob("*/*"):
        assert (recognise(Source(path)) is not None) == (path.parent.name == "disqus"), path
    for content in ("", "\x00", "<html><div id='disqus_thread'>disqus.com</div></html>", "<disqusx/>", "a <disqu"):
        path = tmp_path / "other.xml"
        path.write_text(content)
        assert recognise(Source(path)) is None
    assert recognise(Source(tmp_path)) is None


def test_posts_have_authors_times_states_and_what_they_answer():
    (page, _, _), _ = read(FORUM)
    assert shape(page) == [
        ("Ana & Lu", None, "Soak them.\nOvernight"),
        ("Rik", "Ana & Lu", "Rude words"),
        ("Pill", None, "Buy pills"),
        ("Guest", "Ana & Lu", "Why?\nNo, really."),
        ("Ana & Lu", "Rik", "To the deleted one, "),
        (None, None, "Without an id"),
    ]
    assert [one.kind for one in page.comments] == ["comment", "deleted", "spam", "comment", "comment", "comment"]
    assert [one.handle for one in page.comments] == ["ana_lu", None, None, None, "ana_lu", None]
    assert page.comments[0].posted_at == datetime.datetime(2019, 5, 3, 10, tzinfo=datetime.UTC)
    assert page.comments[0].text == "Soak them.\nOvernight.\n\nThen rinse & boil."
    assert [one.locator for one in page.comments][3:] == ["post-202", "post-205", "/disqus/post[6]"]


def test_of_an_article_there_is_the_title_and_not_what_disqus_says_of_the_thread():
    (page, quiet, _), losses = read(FORUM)
    assert (page.title, page.article.text, page.article.locator) == ("Pods & peas", "Pods & peas", "thread-11")
    assert [block.label for block in page.article.blocks] == ["headline"]
    assert (page.article.name, page.article.posted_at, page.date) == (None, None, None)
    assert (quiet.article.text, quiet.comments, quiet.url) == (
        "A quiet page\n\nIts first words.",
        (),
        "https://beans.example/quiet",
    )
    assert losses["missing"] == {"bodies of articles": 1}


def test_what_is_left_out_or_doubtful_is_counted():
    _, losses = read(FORUM)
    assert losses["dropped"] == {
        "deleted threads": 1,
        "posts in deleted threads": 1,
        "posts that name no thread": 1,
        "threads without title and posts": 1,
    }
    assert losses["doubtful"] == {
        "threads of one page, read as one": 1,
        "mentions by user name (@name:disqus), where the page shows another": 1,
        "threads that posts name and the file does not hold": 1,
    }


def test_nothing_private_is_read():
    threads, _ = read(FORUM)
    for private in ("mail.example", "192.0.2", "guest-1", "owner"):
        assert private not in repr(threads)


def test_posts_of_a_thread_that_is_missing_are_a_thread_without_an_article():
    (*_, lost), _ = read(FORUM)
    assert (lost.key, lost.title, lost.article, lost.url) == ("999", None, None, None)
    assert [one.text for one in lost.comments] == ["On a page nobody has"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example/x", "https://www.A.example/x/", True),
        ("http://a.example/x?utm_source=y&utm_medium=z", "http://a.example/x#comments", True),
        ("http://a.example/x?p=1&fbclid=z", "http://a.example/x?p=1", True),
        ("http://a.example/x?p=1", "http://a.example/x?p=2", False),
        ("http://a.example/x", "http://a.example/X", False),
        ("http://a.example/#!one", "http://a.example/#!two", False),
    ],
)
def test_addresses_are_of_one_page_where_they_differ_in_what_tells_no_pages_apart(one, other, same):
    assert (page_of(one) == page_of(other)) == same


def test_threads_with_one_identifier_are_one_page_and_one_that_links_two_joins_them(export):
    threads, losses = export(
        thread("1", "http://a.example/1"),
        thread("2", "http://a.example/2", identifier="two"),
        thread("3", "http://a.example/3", identifier="three"),
        thread("4", "http://a.example/1", identifier="two"),
        thread("5", "http://a.example/5", identifier="http://a.example/3/"),
        post("9", "2"),
        post("10", "4", parent="9"),
    )
    assert [(one.key, [two.parent for two in one.comments]) for one in threads] == [("1", [None, "post-9"]), ("3", [])]
    assert losses["doubtful"] == {"threads of one page, read as one": 3}


def test_threads_without_address_and_identifier_are_never_one(export):
    assert [one.key for one in export(thread("1"), thread("2"))[0]] == ["1", "2"]


def test_the_address_of_a_page_is_the_plain_one(export):
    [page], _ = export(thread("1", "http://a.example/x?utm_source=b"), thread("2", "http://a.example/x"))
    assert page.url == "http://a.example/x"


def test_a_thread_without_a_title_has_no_article(export):
    [page], _ = export(thread("1", "http://a.example/x", title=""), post("1"))
    assert (page.title, page.article, page.url, len(page.comments)) == (None, None, "http://a.example/x", 1)


def test_a_post_that_names_no_thread_is_in_that_of_what_it_answers(export):
    orphan = '<post dsq:id="2"><message>a</message><parent dsq:id="1"/></post>'
    [page], _ = export(thread("1"), post("1"), orphan)
    assert [(one.key, one.parent) for one in page.comments] == [("post-1", None), ("post-2", "post-1")]


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ({}, "comment"),
        ({"isDeleted": "true"}, "deleted"),
        ({"isSpam": "true", "isDeleted": "true"}, "spam"),
        ({"isApproved": "false"}, "unapproved"),
        ({"isApproved": "true", "isSpam": "123"}, "comment"),
    ],
)
def test_the_state_makes_the_kind_and_the_text_is_kept(export, says, kind):
    [page], _ = export(thread("1"), post("1", **says))
    assert [(one.kind, one.text) for one in page.comments] == [(kind, "Hi")]


@pytest.mark.parametrize(
    ("author", "named"),
    [
        ("<name>A &amp;amp; B</name><username>ab</username>", ("A &amp; B", "ab")),
        ("<name>Anonymous</name><isAnonymous>true</isAnonymous><username>ab</username>", ("Anonymous", None)),
        ("<name/><username/>", (None, None)),
        ("<email>x@y.example</email>", (None, None)),
        ("<name>X</name><username>x@y.example</username>", ("X", None)),
    ],
)
def test_names_are_as_shown_and_guests_have_no_handle(export, author, named):
    [page], _ = export(thread("1"), post("1", author=author))
    assert (page.comments[0].name, page.comments[0].handle) == named


def test_posts_without_any_time_keep_their_place_and_bad_times_are_counted(export):
    times = {"1": "2020-01-03T00:00:00Z", "2": "2020-x", "3": "2020-01-02T00:00:00Z"}
    [page], losses = export(thread("1"), *(post(id_, createdAt=time) for id_, time in times.items()))
    assert [one.key for one in page.comments] == ["post-3", "post-1", "post-2"]
    assert losses["missing"]["times, because they cannot be read"] == 1


def test_prefixes_that_are_not_declared_and_threads_without_an_id_are_survived(export):
    threads, losses = export(thread("1"), post("1"), "<thread><title>T</title></thread>", start="<disqus>")
    assert [(one.key, len(one.comments)) for one in threads] == [("1", 1)]
    assert losses["dropped"] == {"threads without an id": 1}


def test_a_file_that_breaks_off_keeps_what_it_has(tmp_path):
    path = tmp_path / "cut.xml"
    path.write_text(START + thread("1") + '<post dsq:id="1"><thread dsq:id="1"/><message><![CDATA[<p>Half a sen')
    [page], losses = read(path, "disqus")
    assert page.comments[0].text == "Half a sen"
    assert losses["doubtful"] == {"texts that the file breaks off in": 1}


def test_broken_markup_in_one_post_takes_no_other_along(export):
    script = "<![CDATA[<p>a]]></p></x></y>b</p>]]>"
    [page], losses = export(thread("1"), post("1", message=script), post("2"))
    assert [(one.key, one.text[:1]) for one in page.comments] == [("post-1", "a"), ("post-2", "H")]
    assert losses["repaired"] == {"texts that hold the end of a CDATA section": 1}


def test_a_post_that_broken_markup_has_put_into_another_is_read(export):
    [page], losses = export(thread("1"), post("1", message="<b>"), post("2"))
    assert [(one.key, one.text) for one in page.comments] == [("post-2", "Hi")]
    assert losses["dropped"] == {"posts that name no thread": 1}


def test_posts_that_broken_markup_hides_are_counted(export):
    [page], losses = export(thread("1"), post("1"), post("2", message="</x></y></z>"), post("3"))
    assert losses["dropped"]["posts that cannot be read"] == 1
    assert len(page.comments) + sum(losses["dropped"].values()) == 3


def test_references_to_what_is_no_character_are_taken_out(export):
    [page], losses = export(thread("1", title="A&#xD800;n&#0;n &#8217;"), post("1", message="a&#x110000;b&#xFFFF;"))
    assert (page.title, page.comments[0].text) == ("Ann ’", "ab")
    assert losses["repaired"] == {"references to what is no character, taken out": 4}


def test_one_text_nested_too_deep_does_not_take_the_others_along(export):
    [page], losses = export(thread("1"), post("1", message=f"<![CDATA[{'<div>' * 9000}x]]>"), post("2"))
    assert [one.text for one in page.comments] == ["", "Hi"]
    assert losses["lost"] == {"words of texts that are nested too deep": 1}


@pytest.mark.parametrize("content", ["", "words", "<html><body>x</body></html>", "\x00\x01"])
def test_what_is_no_export_is_refused(tmp_path, content):
    path = tmp_path / "x.xml"
    path.write_text(content)
    with pytest.raises(IngestError):
        list(READER.read(Reading(Source(path))))


PIECES = [b"<![CDATA[", b"]]>", b"<thread>", b"</post>", b"<post>", b"&", b"<", b"\x00", b"\xff", b"dsq:id='11'"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bytes_give_threads_or_an_error(data, tmp_path_factory):
    raw = FORUM.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 2)))
        piece = data.draw(st.sampled_from([b"", raw[start:end] * 2, *PIECES]) | st.binary(max_size=20))
        raw = raw[:start] + piece + raw[end if data.draw(st.booleans()) else start :]
    path = tmp_path_factory.mktemp("bytes") / "x.xml"
    path.write_bytes(raw)
    recognise(Source(path))
    with contextlib.suppress(IngestError):
        read(path, "disqus")
