"""Microformats: pages with h-entry and h-cite, the JSON of a microformats parser, JF2, and webmentions."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.article import article_of
from corpus_tools.ingest.markup import Body, headed, joined, one_line, plain_body
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.entries import begins_json, body_of, by_time, has_keys, head_of, name_of
from corpus_tools.ingest.parts.mf2 import Html, Item, Marked, Value, implied_name, moment, plain
from corpus_tools.ingest.parts.mf2_answers import Answer, Discussion, addresses, bare, from_json, from_page
from corpus_tools.ingest.parts.page import begins_as_page
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ENTRY = re.compile(r"(?<![\w-])h-entry(?![\w-])")
_CITE = re.compile(r"(?<![\w-])h-cite(?![\w-])")
_COMMENT = re.compile(r"(?<![\w-])[pu]-comments?(?![\w-])")
_IN_CLASSES = re.compile(r"""class\s*=\s*["']?[^"'<>]*\Z""")
_NEAR, _MOST = 1000, 1000
_OTHERS = re.compile(
    r"comment-?list\b|showComment=|/wp-content/|/wp-includes/|content=[\"']?WordPress|_WidgetManager\b"
    r"|generator[^<>]{0,80}\bblogger\b|\bblogger\b[^<>]{0,80}generator",
    re.I,
)
"""Pages of software that has readers of its own."""
_CONTEXTS = ("in-reply-to", "like-of", "repost-of", "bookmark-of", "quotation-of")


def recognise(source: Source) -> Match | None:
    """A page with the classes of microformats, or JSON with their properties."""
    head = head_of(source)
    if begins_json(head):
        return _recognise_json(head)
    if not begins_as_page(source):
        return None
    try:
        text = source.text
    except IngestError:
        return None
    is_entry, cites = _has_class(text, _ENTRY), _has_class(text, _CITE)
    others = _OTHERS.search(text)
    if (is_entry and cites and not others) or (_has_class(text, _COMMENT) and (is_entry or cites)):
        return Match(SURE, "it has entries and citations with classes such as h-entry, h-cite and p-comment")
    if is_entry and not others:
        return Match(LIKELY, "it has an element of the class h-entry")
    return None


def _has_class(text: str, name: re.Pattern[str]) -> bool:
    """Whether a name stands in an attribute of classes, without parsing the page."""
    found = (match.start() for match in itertools.islice(name.finditer(text), _MOST))
    return any(_IN_CLASSES.search(text, max(place - _NEAR, 0), place) for place in found)


def _recognise_json(head: str) -> Match | None:
    if has_keys(head, "wm-property") or has_keys(head, "wm-target"):
        return Match(SURE, "its entries are webmentions, with fields such as wm-target")
    if re.search(r'"type"\s*:\s*\[\s*"h-(?:entry|cite|feed|event)"', head) and has_keys(head, "properties"):
        return Match(SURE, "its entries are of types such as h-entry and have properties")
    if has_keys(head, "links", "source", "target", "activity"):
        return Match(SURE, "its links are webmentions, with source, target and activity")
    fields = has_keys(head, "in-reply-to") or has_keys(head, "content", "published")
    if re.search(r'"type"\s*:\s*"(?:entry|cite)"', head) and (fields or re.search(r'"type"\s*:\s*"card"', head)):
        return Match(LIKELY, "its entries are of types of JF2, such as entry")
    return None


def read(reading: Reading) -> Iterator[ReadThread]:
    """One thread for each entry that answers no other in the file, and for each page that webmentions are of.

    Raises:
        IngestError: If there is no microformat that could be an article or a comment.
    """
    found = list((from_json if begins_json(head_of(reading.source)) else from_page)(reading.source))
    if not found:
        raise reading.error(
            "holds no entry; expected elements of the class h-entry or h-cite, or JSON with entries or webmentions",
            line=1,
        )
    for discussion in found:
        yield _Thread(reading, discussion).made()


@dataclass(slots=True)
class _Read:
    """An answer whose words are known, and what it may be called, the best first."""

    answer: Answer
    name: str | None
    body: Body | None
    ids: list[str] = field(default_factory=list)
    key: str = ""


class _Thread:
    """One discussion, as it becomes a thread."""

    def __init__(self, reading: Reading, discussion: Discussion) -> None:
        self.reading = reading
        self.main = discussion.main
        self.page = discussion.page
        self.answers = discussion.answers
        self.target = one_line(discussion.target or "") or None
        self.own = {bare(url) for url in discussion.aliases}
        skipped = [answer.item.element for answer in self.answers]
        items = [answer.item for answer in self.answers] + ([self.main] if self.main is not None else [])
        self.skip = frozenset(one for one in [*skipped, *self._contexts(items)] if one is not None)

    def made(self) -> ReadThread:
        title, article, url, date = self._article()
        read = [self._read(answer) for answer in self.answers]
        self._name_all(read)
        keys = {one.answer: one.key for one in read}
        called: dict[str, str] = {}
        for one in read:
            for name in ("url", "uid", "wm-source", "syndication"):
                for address in addresses(one.answer.item, name, self.page):
                    called.setdefault(bare(address), one.key)
        key = article.key if article is not None else None
        comments = [self._comment(one, keys, called, key) for one in read]
        ordered = by_time(comments) if self.target is not None else tuple(comments)
        return ReadThread(title=title, article=article, comments=ordered, url=url or self.target, date=date)

    def _contexts(self, items: list[Item]) -> Iterator[HtmlElement]:
        """What entries quote of the pages that they answer."""
        for item in items:
            for name in _CONTEXTS:
                for value in item.properties.get(name, ()):
                    if isinstance(value, Item) and value.element is not None and "content" in value.properties:
                        self.reading.losses.add("lost", "quotations of the pages that are answered")
                        yield value.element

    # The article

    def _article(self) -> tuple[str | None, ReadText | None, str | None, str | None]:
        main = self.main
        if main is None:
            return self._article_of_page()
        body = self._content(main)
        title = self._title(main, body)
        shown = next((moment(value) for value in main.properties.get("published", ())), "")
        posted_at = self.reading.time(shown)
        if body is None and main.element is not None and self.page is not None and main.is_a("entry"):
            without = [*self.skip, *_around(main)]
            found = article_of(self.page.root, losses=self.reading.losses, without=without, within=main.element)
            body = found.body
        text = headed(title, _without(title, body or Body("", ())))
        url = next(iter(addresses(main, "url", self.page)), None)
        url = one_line(url or (self.page.own if self.page else "") or "") or None
        ids = [one_line(one) for name in ("uid", "url") for one in addresses(main, name, self.page)]
        place = self._place(main)
        locator = next((one for one in ids if one), place)
        article = ReadText(
            text.text,
            text.blocks,
            name=_author(main),
            locator=locator,
            key=locator,
            posted_at=posted_at,
        )
        return title, article, url, shown[:10] if posted_at is None and re.match(r"\d{4}-\d\d-\d\d", shown) else None

    def _article_of_page(self) -> tuple[str | None, ReadText | None, str | None, str | None]:
        if self.page is None:
            return None, None, None, None
        found = article_of(self.page.root, losses=self.reading.losses, without=self.skip)
        if not found.body.text:
            return found.title, None, found.url, found.date
        text = headed(found.title, found.body)
        self.own |= {bare(found.url)} if found.url else set()
        article = ReadText(text.text, text.blocks, name=name_of(found.author), locator="/html/body", key="/html/body")
        return found.title, article, found.url, found.date

    def _title(self, main: Item, body: Body | None) -> str | None:
        """The name of an entry, unless it is what a parser makes of its words where it has none."""
        contents = {one.element for one in main.properties.get("content", ()) if isinstance(one, Marked)}
        words = one_line(body.text) if body is not None else ""
        for value in main.properties.get("name", [])[:3]:
            if isinstance(value, Item) or (isinstance(value, Marked) and value.element in contents):
                continue
            name = plain(value)
            if name and name != words and not (len(words) > 20 and words in name):
                return name
        return None

    # The answers

    def _read(self, answer: Answer) -> _Read:
        item = answer.item
        body = self._content(item)
        name = _author(item)
        title = next((plain(one) for one in item.properties.get("name", ()) if not isinstance(one, Item)), "")
        if body is None and title and answer.kind == COMMENT and title != name:
            body = plain_body(title)
        elif title and body is not None and title not in (one_line(body.text), name) and answer.kind == COMMENT:
            implied = one_line(body.text) in title
            self.reading.losses.add("lost", "titles of comments", not implied)
        ids = [f"wm-{one}" for value in item.properties.get("wm-id", ()) if (one := plain(value))]
        for kind in ("uid", "url"):
            ids += [
                one_line(one) for one in addresses(item, kind, self.page) if bare(one) not in self.own and one_line(one)
            ]
        if item.element is not None and (own := one_line(item.element.get("id") or "")):
            ids.append(own)
        return _Read(answer, name, body, list(dict.fromkeys(ids)))

    def _name_all(self, read: list[_Read]) -> None:
        """Call each answer what no other is called; those that are printed twice are called the same."""
        counts = Counter(id_ for one in read for id_ in one.ids)
        shown: dict[str, set[tuple[str | None, str | None]]] = {}
        for one in read:
            for id_ in one.ids:
                shown.setdefault(id_, set()).add((one.name, one.body.text if one.body is not None else None))
        for one in read:
            free = next((id_ for id_ in one.ids if counts[id_] == 1), None)
            same = next((id_ for id_ in one.ids if len(shown[id_]) == 1), None)
            self.reading.losses.add(
                "doubtful", "ids that several entries have, not taken", bool(one.ids) and not free and not same
            )
            one.key = (one.ids[0] if one.ids and one.ids[0] == same else free or same) or self._place(one.answer.item)

    def _place(self, item: Item) -> str:
        if item.element is not None and self.page is not None:
            return self.page.path(item.element)
        return one_line(item.path) or "/"

    def _comment(self, one: _Read, keys: dict[Answer, str], called: dict[str, str], article: str | None) -> ReadText:
        item = one.answer.item
        published = next((moment(value) for value in item.properties.get("published", ())), "")
        return ReadText(
            one.body.text if one.body is not None else None,
            one.body.blocks if one.body is not None else (),
            name=one.name,
            locator=one.key,
            key=one.key,
            parent=self._parent(one, keys, called, article),
            posted_at=self.reading.time(published),
            kind=one.answer.kind,
        )

    def _parent(self, one: _Read, keys: dict[Answer, str], called: dict[str, str], article: str | None) -> str | None:
        answered = [bare(url) for url in addresses(one.answer.item, "in-reply-to", self.page)]
        for url in answered:
            if called.get(url, one.key) != one.key and url not in self.own:
                return called[url]
        if one.answer.inside is not None:
            return keys[one.answer.inside]
        if any(url in self.own for url in answered):
            return article
        # Those of webmentions name the page by any of its addresses.
        elsewhere = bool(answered) and self.target is None
        self.reading.losses.add("lost", "answers to pages that are not in the source: what they answer", elsewhere)
        return None

    def _content(self, item: Item) -> Body | None:
        """The words of an entry: its content, or else its summary; each once, though they be marked twice."""
        for name in ("content", "summary"):
            values = [one for one in item.properties.get(name, ()) if not isinstance(one, Item)]
            elements = {one.element for one in values if isinstance(one, Marked)}
            shown = [one for one in values if not _is_within(one, elements)]
            if values:
                once = dict.fromkeys(one if isinstance(one, str) else id(one) for one in shown)
                bodies = [
                    self._body(one) for one in shown if once.pop(one if isinstance(one, str) else id(one), 0) is None
                ]
                return joined(part for body in bodies for part in _parts(body))
        return None

    def _body(self, value: Value) -> Body:
        if isinstance(value, Marked):
            if value.element.tag in ("data", "input", "meta"):
                return plain_body(plain(value))
            return self.reading.body(value.element, skip=self.skip)
        if isinstance(value, Html) and value.html is not None:
            return body_of(self.reading, value.html) or Body("", ())
        return plain_body((value.plain or "") if isinstance(value, Html) else str(value))


def _is_within(value: Value, elements: set[HtmlElement]) -> bool:
    return isinstance(value, Marked) and any(one in elements for one in value.element.iterancestors())


def _parts(body: Body) -> list[tuple[str, str]]:
    return [(block.label, body.text[block.start : block.end]) for block in body.blocks]


def _around(main: Item) -> Iterator[HtmlElement]:
    """The elements of an entry that say something of it and are none of its words."""
    for name in ("uid", "author", "published", "updated", "category", "syndication", "in-reply-to"):
        for value in main.properties.get(name, ()):
            if isinstance(value, Marked | Item) and value.element is not None:
                yield value.element


def _without(title: str | None, body: Body) -> Body:
    """A body that begins with its own title, without it."""
    parts = _parts(body)
    return joined(parts[1:] if title and parts and one_line(parts[0][1]) == title else parts)


def _author(item: Item) -> str | None:
    """The name of the author as shown; an address is none."""
    for value in item.properties.get("author", ()):
        if isinstance(value, str) and re.match(r"https?://\S+$", value.strip()):
            continue
        if name := name_of(plain(value)):
            return name
    # Some mark the author inside a card that says of itself only that it is one.
    cards = [child for child in item.children if child.is_a("card")]
    if not item.properties.get("author") and len(cards) == 1:
        inside = [*cards[0].properties.get("name", ()), *cards[0].properties.get("author", ())]
        return name_of(next((found for one in inside if (found := plain(one))), "") or implied_name(cards[0]))
    return None


READER = Reader(
    form="microformats",
    title="microformats: h-entry page, JSON, webmentions",
    description="The main h-entry is the article; what is marked as a comment in or beside it is a comment, which "
    "answers what it is inside of or names as in-reply-to. Webmentions are sorted by the page that they are of; likes "
    "and reposts are reactions, mentions are pingbacks.",
    recognise=recognise,
    read=read,
)
