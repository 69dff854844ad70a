"""The words of markup and of plain text: what a browser shows, paragraph by paragraph."""

import html as entities
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import headed, html_body, joined, one_line, plain_body
from corpus_tools.ingest.model import Block, id_of
from corpus_tools.standoff import uncovered, visible_part


def shown(html, **options):
    return html_body(html, losses=Losses(), **options).text


SHOWN = {
    "paragraphs": ("<p>One</p><p>two</p>", "One\n\ntwo"),
    "paragraphs that are not closed": ("<p>One<p>two", "One\n\ntwo"),
    "a line break": ("One<br>two<br/>three", "One\ntwo\nthree"),
    "two line breaks are an empty line": ("One<br><br>two", "One\n\ntwo"),
    "many line breaks are one empty line": ("One<br> <br>\n<br><br>two", "One\n\ntwo"),
    "white space is one space": ("One \n\t two   <b> three</b>", "One two three"),
    "inline elements do not divide words": ("b<i>ol</i>d a<span>nd</span>", "bold and"),
    "blocks divide": ("<div>One<div>two</div>three</div>", "One\n\ntwo\n\nthree"),
    "a list": ("<ul><li>One<li>two</ul>", "One\n\ntwo"),
    "cells stand apart": ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n\n3"),
    "a pre keeps its blanks": ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
    "a no-break space stays": ("a&nbsp;b", "a\u00a0b"),
    "entities are decoded once": ("&amp;lt; &lt;b&gt; &#39;&#x27;&eacute;", "&lt; <b> ''é"),
    "scripts and styles are not shown": ("a<script>x</script><style>y</style><!-- z -->b", "ab"),
    "hidden elements are not shown": ("a<span hidden>x</span><b style='color:red; display:none'>y</b>b", "ab"),
    "an emoji that is a picture": ("hi <img class='emoji' alt='😀'> you", "hi 😀 you"),
    "a smiley that is a picture": ("hi <img src='/smilies/icon_smile.gif' alt=':-)'>", "hi :-)"),
    "a picture": ("a<img src=x alt='A bridge in fog'>b", "ab"),
    "control characters go": ("a\x0bb\x00c", "abc"),
    "nothing": ("", ""),
    "blanks": (" \n <p> </p>&#xfeff;", ""),
    "a caption": ("<figure><img src=x><figcaption>Here</figcaption></figure>there", "Here\n\nthere"),
}


@pytest.mark.parametrize(("html", "text"), SHOWN.values(), ids=SHOWN)
def test_markup_is_read_as_a_browser_shows_it(html, text):
    assert shown(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("One\ntwo\n\nthree", "One\ntwo\n\nthree"),
        ("One\r\n\r\n<b>two</b>\n", "One\n\ntwo"),
        ("One\n\n<blockquote>two\n\nthree</blockquote>\n\nfour", "One\n\ntwo\n\nthree\n\nfour"),
        ("a  b", "a b"),
    ],
)
def test_blank_lines_are_paragraphs_where_they_are_typed_as_such(html, text):
    assert shown(html, blank_lines=True) == text


def test_a_caption_is_labelled_and_pictures_are_counted():
    losses = Losses()
    body = html_body("<figcaption>Here</figcaption>x<img src=a><iframe src=b></iframe><video></video>", losses=losses)
    assert [block.label for block in body.blocks] == ["caption", "paragraph"]
    assert losses.counts["lost"] == {"images": 1, "embedded pages": 1, "sound or video recordings": 1}


def test_what_is_to_be_skipped_is_skipped_with_all_in_it_but_not_what_follows():
    from lxml import html

    root = html.fragment_fromstring("<div>a<p class=x>b<b>c</b></p>d</div>")
    assert html_body(root, losses=Losses(), skip=root.xpath("//p")).text == "ad"


def test_any_nesting_is_read_or_refused_and_never_ends_the_program():
    assert shown("<div>" * 200 + "x") == "x"
    with pytest.raises(IngestError, match="depth"):
        shown("<div>" * 100_000 + "x")


TEXTS = st.text(st.sampled_from(" \n\r\tab.é😀\u00a0\u2028\ufeff\x00<>&;#"), max_size=40)


def holds(body):
    if body.text:
        assert visible_part(body.text, 0, len(body.text)) == (0, len(body.text))
    assert uncovered(body.text, [(block.start, block.end) for block in body.blocks]) == []
    assert not re.search(r"\n\n\n|\r|\x00", body.text)


@given(TEXTS)
def test_blocks_cover_every_visible_character_of_plain_text(text):
    body = plain_body(text)
    holds(body)
    kept = [one for one in text if one not in "\x00"]
    assert [one for one in body.text if one.strip()] == [one for one in kept if one.strip() and one != "\ufeff"] or (
        "\ufeff" in text
    )


@given(TEXTS)
def test_escaped_text_is_read_back_from_markup(text):
    body = html_body(f"<p>{entities.escape(text)}</p>", losses=Losses())
    holds(body)
    bare = re.sub(r"[\x00\ufeff]", "", text)
    assert "".join(body.text.replace("\ufeff", "").split()) == "".join(bare.split())


@given(st.text(st.sampled_from("<>/=' \"pbrdivlstyablehidn&;!-\n"), max_size=60))
def test_any_markup_is_read(text):
    holds(html_body(text, losses=Losses()))


def test_an_article_is_its_headline_and_its_paragraphs():
    body = headed(" My \n title ", plain_body("One\n\ntwo"))
    assert body.text == "My title\n\nOne\n\ntwo"
    assert body.blocks[0] == Block("headline", 0, 8)
    assert headed(None, plain_body("One")).text == "One"
    assert headed("", plain_body("")).blocks == ()


def test_empty_paragraphs_make_no_block():
    assert joined([("paragraph", " "), ("paragraph", "a"), ("paragraph", "\ufeff")]).blocks == (
        Block("paragraph", 0, 1),
    )


def test_a_name_stands_on_one_line():
    assert one_line("\ufeff  A\n\x00B\u2003 C ") == "A B C"


def test_a_place_is_no_id():
    assert [id_of(one) for one in ("c1", "/html/body", "row=3", "char=1,2", None)] == ["c1", None, None, None, None]
