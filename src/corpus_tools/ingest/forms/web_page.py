"""Any other page: its article; what may be comments in a markup that is not known is counted, not guessed at."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus_tools.ingest.article import article_of, author_of
from corpus_tools.ingest.markup import headed
from corpus_tools.ingest.model import ReadText, ReadThread
from corpus_tools.ingest.parts import json_ld
from corpus_tools.ingest.parts.page import begins_as_page, count_embedded, has_offset, structured_data
from corpus_tools.ingest.reading import POSSIBLE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SAID = re.compile(r"comment|kommentar|commentaire|comentario|commento|reactie|komentarz|коммент", re.I)
_AROUND = re.compile(
    r"form|respond|count|link|nav|title|recent|latest|author|meta|avatar|date|time|button|list|header|footer|icon|area|top",
    re.I,
)
_BLOCKS = ("li", "div", "article", "section", "p", "dd", "dt", "tr", "blockquote")
_FEWEST = 2
"""Blocks of one kind that make a list."""


def recognise(source: Source) -> Match | None:
    """Any page, where nothing more is known of it."""
    return Match(POSSIBLE, "it is a page without known comment markup") if begins_as_page(source) else None


def read(reading: Reading) -> Iterator[ReadThread]:
    """The article of a page, without comments.

    Raises:
        IngestError: If it is no page.
    """
    page = copy.deepcopy(reading.source.html)
    reading.losses.add("doubtful", "blocks that may be comments in a markup that is not known", _likely_comments(page))
    count_embedded(page, reading.losses)
    found = article_of(page, losses=reading.losses, without=page.xpath("//*[@id='comments' or @id='respond']"))
    _, articles = json_ld.find(structured_data(page, reading.losses), reading)
    said = articles[0].held if articles else {}
    times = [json_ld.time_of(said)]
    times += page.xpath("//meta[@property='article:published_time']/@content | //*[@itemprop='datePublished']/@content")
    posted_at = reading.time(next((str(time) for time in times if time and has_offset(str(time))), None))
    name = author_of(page, said) or found.author
    text = headed(found.title, found.body)
    yield ReadThread(
        title=found.title,
        article=ReadText(text.text, text.blocks, name=name, locator="/html/body", posted_at=posted_at),
        url=found.url,
        date=found.date if posted_at is None else None,
    )


def _likely_comments(page: HtmlElement) -> int:
    """How many blocks there are of the kind that is called comments most often."""
    kinds: Counter[tuple[str, str]] = Counter()
    for block in page.iter(*_BLOCKS):
        names = {re.sub(r"\d+", "#", name) for name in f"{block.get('class') or ''} {block.get('id') or ''}".split()}
        for name in names:
            if _SAID.search(name) and not _AROUND.search(name) and any(text.strip() for text in block.itertext()):
                kinds[str(block.tag), name] += 1
    most = max(kinds.values(), default=0)
    return most if most >= _FEWEST else 0


READER = Reader(
    form="web-page",
    title="web page, saved, without comments that can be read",
    description="The article of the page is taken out of it with trafilatura; there are no comments in a known markup.",
    recognise=recognise,
    read=read,
)
