"""Pages of which no more is known than that they are pages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose, readers
from corpus_tools.ingest.forms.web_page import recognise
from corpus_tools.ingest.reading import POSSIBLE
from corpus_tools.ingest.source import Source
from ingesting import FIXTURES, check, read

HERE = FIXTURES / "web-page"
FORM = "web-page"


def test_the_article_is_read_and_what_may_be_comments_is_counted():
    [thread], losses = read(HERE / "unknown.html")
    assert thread.article.text == (
        "A bench\n\nThere is a bench in the park on which nobody has ever been seen to sit.\n\n"
        "We sat on it, and were seen, and so the sentence above is no longer true."
    )
    assert (thread.article.name, thread.url, thread.comments) == ("Gro", "https://parks.example/bench", ())
    assert thread.article.posted_at.isoformat() == "2020-06-01T10:00:00+00:00"
    assert losses == {"doubtful": {"blocks that may be comments in a markup that is not known": 2}}


def test_one_block_and_those_of_a_form_are_no_list_of_comments(tmp_path):
    path = tmp_path / "page.html"
    rows = (
        "<div class='comment-form-row'>a</div><div class='comment-form-row'>b</div><div class='comment-count'>2</div>"
    )
    path.write_text(
        f"<html><h1>T</h1><p>Words of a page.</p><div class='comment'>x</div>{rows}</html>", encoding="utf-8"
    )
    assert read(path, FORM)[1] == {}


def test_a_page_without_comments_has_none():
    [thread], losses = read(HERE / "plain.html")
    assert thread.title == "A gate"
    assert "The gate was open" in thread.article.text
    assert losses == {}


def test_a_page_is_this_form_only_where_it_is_no_other():
    assert choose(Source(HERE / "plain.html"))[0].form == FORM
    for form in ("wordpress-page", "schema-org"):
        for path in sorted((FIXTURES / form).glob("*.html")):
            if path.name != "frequent.html":
                assert choose(Source(path))[0].form == form, path.name
    assert choose(Source(FIXTURES / "schema-org/frequent.html"))[0].form == FORM


@pytest.mark.parametrize(
    ("name", "content", "is_page"),
    [
        ("a.html", b"<p>x", True),
        ("a.htm", b"\xef\xbb\xbf  <!DOCTYPE html><p>x", True),
        ("a", b"<!-- c --><HTML><BODY>x", True),
        ("a.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', True),
        ("a.html", "<html><p>x</p></html>".encode("utf-16"), True),
        ("a.html", b"", False),
        ("a.html", b"no tag", False),
        ("a.txt", b"a text with a <p> in it", False),
        ("a.xml", b"<?xml version='1.0'?><disqus/>", False),
        ("a.xml", b"<rss><description>&lt;p&gt;</description></rss>", False),
        ("a.mhtml", b"From: <Saved by Blink>\nMIME-Version: 1.0\n\n<html>", False),
        ("a.html", b"From: <Saved by Blink>\nMIME-Version: 1.0\n\n<html>", False),
        ("a.html", b"\x89PNG\x00<html>", False),
        ("a.html", b"PK\x03\x04<html>", False),
        ("a.json", b'{"a": "<p>"}', False),
        ("a.gz", b"\x1f\x8b broken", False),
    ],
)
def test_what_is_a_page(tmp_path, name, content, is_page):
    (tmp_path / name).write_bytes(content)
    match = recognise(Source(tmp_path / name))
    assert (match and match.strength) == (POSSIBLE if is_page else None)
    assert recognise(Source(tmp_path)) is None


def test_a_packed_page_is_one(tmp_path):
    import gzip

    path = tmp_path / "page.html.gz"
    path.write_bytes(gzip.compress((HERE / "unknown.html").read_bytes()))
    assert read(path, FORM) == read(HERE / "unknown.html", FORM)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(alphabet="<>/=\"' abdhlmprty&;#x0", max_size=200).map(str.encode))
def test_whatever_a_file_holds_there_is_a_thread_or_an_error(tmp_path, content):
    path = tmp_path / "page.html"
    path.write_bytes(b"<html><body>" + content)
    for form in (FORM, "wordpress-page", "schema-org"):
        readers()[form].recognise(Source(path))
        try:
            threads, _ = read(path, form)
        except IngestError:
            continue
        for thread in threads:
            check(thread)


def test_a_page_behind_the_warnings_of_a_server_is_one(tmp_path):
    path = tmp_path / "page.html"
    warning = (
        "<br />\n<b>Strict Standards</b>:  Redefining a constructor in <b>/www/a.php</b> on line <b>5</b><br />\n" * 20
    )
    path.write_text(f"{warning}<!DOCTYPE html><html><body><h1>Late</h1></body></html>", encoding="utf-8")
    [thread], _ = read(path)
    assert thread.title == "Late"
