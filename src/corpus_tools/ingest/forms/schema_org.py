"""Comments marked with the words of schema.org: microdata, RDFa or JSON-LD in a page, or a file of JSON-LD.

Forums, question pages, Drupal and many shops of comments say so for search engines. In a page the mark-up of what is
shown is taken before what is said apart from it, unless the latter holds more.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.article import article_of, author_of
from corpus_tools.ingest.forms import wordpress_page
from corpus_tools.ingest.markup import Body, headed
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.ingest.parts import json_ld
from corpus_tools.ingest.parts.page import above, begins_as_page, count_embedded, is_blogger, structured_data
from corpus_tools.ingest.parts.structured_markup import Item, holder_of, name_of, read_items, time_of, title_of
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_MARKED = re.compile(
    r"""itemtype=["']?[^"'>]{0,200}\bschema\.org/(?:Comment|UserComments|Answer)\b"""
    r"""|typeof=["']?[^"'>]{0,200}\b(?:Comment|UserComments|Answer)\b"""
    r"""|itemprop=["']?comment["'\s][^>]{0,200}\bitemscope\b"""
    r"""|["']@type["']\s*:\s*\[?\s*["'](?:https?://schema\.org/|schema:)?(?:Comment|UserComments|Answer)["']"""
)
_FORUM = re.compile(
    r"""schema\.org/(?:DiscussionForumPosting|QAPage)\b|["']@type["']\s*:\s*\[?\s*["'](?:DiscussionForumPosting|QAPage)"""
)
_MICROFORMATS = re.compile(r"""class=["']?[^"'>]{0,300}\b(?:h-cite|p-comment|u-comment)\b""")


def recognise(source: Source) -> Match | None:
    """A page or file in which comments are marked as such, unless it is better known as one of WordPress or Blogger."""
    if source.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _recognise_json(source.head)
    if not begins_as_page(source) or is_blogger(source):
        return None
    try:
        text = source.text
    except IngestError:
        return None
    marked = _MARKED.search(text)
    if marked and marked[0].rstrip("\"'").endswith("Answer"):
        # Sites answer frequent questions of their own with the same words.
        marked = _FORUM.search(text) or next((one for one in _MARKED.finditer(text) if "omment" in one[0]), None)
    if marked is None and _FORUM.search(text) is None:
        return None
    other = wordpress_page.recognise(source)
    if marked is None:
        return None if other else Match(LIKELY, "schema.org marks it as a forum or a question, without answers")
    if other is None or "list" not in other.reason:
        strength = LIKELY if _MICROFORMATS.search(text) else SURE
        return None if other and strength == LIKELY else Match(strength, "schema.org marks comments in it")
    return Match(LIKELY, "schema.org marks comments in it") if other.strength == SURE else None


def _recognise_json(head: bytes) -> Match | None:
    text = head.decode("utf-8", "replace")
    if not re.search(r'"@context"\s*:\s*[^,}]{0,200}schema\.org', text) or '"@type"' not in text:
        return None
    if _MARKED.search(text):
        return Match(SURE, "it is JSON-LD with comments of schema.org")
    named = r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/|schema:)?\w*(?:Article|Posting|Question|QAPage)"'
    return Match(LIKELY, "it is JSON-LD of an article of schema.org") if re.search(named, text) else None


def read(reading: Reading) -> Iterator[ReadThread]:
    """The article and its comments; of a file of JSON-LD, as many threads as it holds articles with comments.

    Raises:
        IngestError: If it is neither a page nor JSON.
    """
    if begins_as_page(reading.source):
        yield _page(reading)
    else:
        yield from _file(reading)


def _page(reading: Reading) -> ReadThread:
    page = copy.deepcopy(reading.source.html)
    comments, marked = read_items(page, reading)
    data = structured_data(page, reading.losses)
    nodes, articles = json_ld.find(data, reading)
    json_ld.name_keys(nodes, articles)
    if comments and nodes:
        twice = "comments that the page gives in its markup and as JSON-LD"
        reading.losses.add("dropped", f"{twice}, taken once", min(len(comments), len(nodes)))
    if len(nodes) > len(comments):
        # The same element is the article in both.
        articles = _commented(nodes, articles)[:1] or articles[:1]
        comments = list(json_ld.texts(nodes, articles, reading))
    count_embedded(page, reading.losses)
    return _thread(page, comments, marked, articles[0] if articles else None, reading)


def _thread(
    page: HtmlElement, comments: list[ReadText], marked: Item | None, node: json_ld.Node | None, reading: Reading
) -> ReadThread:
    within = holder_of(marked) if marked is not None else None
    around = {within, *above(within)} if within is not None else set()
    without = [one for one in page.xpath("//*[@id='comments' or @id='respond']") if one not in around]
    found = article_of(page, losses=reading.losses, without=without, within=within)
    title = (title_of(marked) if marked else None) or (json_ld.title_of(node.held) if node else None) or found.title
    body = found.body
    if not body.text and node is not None:
        body = json_ld.body_of(node.held, reading) or body
    text = headed(title, body)
    held = node.held if node is not None else {}
    times = [time_of(marked) if marked else None, json_ld.time_of(held)]
    posted_at = reading.time(next((time for time in times if time), None))
    key = next((one for one in ((marked.key if marked else ""), node.key if node else "") if one), "/html/body")
    return ReadThread(
        title=title,
        article=ReadText(
            text.text,
            text.blocks,
            name=(name_of(marked) if marked else None) or author_of(page, held) or found.author,
            locator=key,
            key=key,
            posted_at=posted_at,
        ),
        comments=tuple(comments),
        url=found.url,
        date=found.date if posted_at is None else None,
    )


def _commented(nodes: list[json_ld.Node], articles: list[json_ld.Node]) -> list[json_ld.Node]:
    return [article for article in articles if any(node.article is article for node in nodes)]


def _file(reading: Reading) -> Iterator[ReadThread]:
    value = reading.source.json
    nodes, articles = json_ld.find([value], reading)
    if not nodes and not articles:
        raise reading.error("holds no article and no comment in the words of schema.org, such as `Comment`")
    json_ld.name_keys(nodes, articles)
    if len(articles) == 1:
        for node in nodes:
            node.article = articles[0]
    for article in articles:
        yield _told(article, [node for node in nodes if node.article is article], reading)
    alone = [node for node in nodes if node.article is None]
    if alone:
        yield ReadThread(title=None, article=None, comments=_in_time(json_ld.texts(alone, [], reading)))


def _told(article: json_ld.Node, nodes: list[json_ld.Node], reading: Reading) -> ReadThread:
    held = article.held
    title = json_ld.title_of(held)
    body = json_ld.body_of(held, reading) or Body("", ())
    text = headed(title, body)
    comments = _in_time(json_ld.texts(nodes, [article], reading))
    key = article.key
    read_article = ReadText(
        text.text,
        text.blocks,
        name=json_ld.name_of(held),
        locator=key,
        key=key,
        posted_at=reading.time(json_ld.time_of(held)),
    )
    return ReadThread(
        title=title,
        article=read_article if text.text else None,
        comments=comments,
        key=None if key.startswith("/") else key,
        url=json_ld.url_of(held),
    )


def _in_time(texts: Iterable[ReadText]) -> tuple[ReadText, ...]:
    """Comments in the order of their times, where each has one; else as they stand in the file."""
    comments = tuple(texts)
    times = {id(one): one.posted_at.timestamp() for one in comments if one.posted_at is not None}
    return comments if len(times) < len(comments) else tuple(sorted(comments, key=lambda one: times[id(one)]))


READER = Reader(
    form="schema-org",
    title="page or file with comments marked by schema.org",
    description="Comments and answers are what microdata, RDFa or JSON-LD mark as such, with the author, time and text "
    "that they name; what one answers is what it names or is marked inside of. The article of a page is taken out "
    "of it with trafilatura.",
    recognise=recognise,
    read=read,
)
