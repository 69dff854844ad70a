"""Hacker News: items as nested trees, search results, or items one by one, in JSON."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from corpus_tools.ingest.markup import PARAGRAPH, Body, headed, joined
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.entries import (
    Entry,
    begins_json,
    body_of,
    by_time,
    documents,
    has_keys,
    head_of,
    id_from,
    items_of,
    line_of,
    name_of,
    time_of,
    top_of,
    unescaped,
)
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

PAGE = "https://news.ycombinator.com/item?id="
_TYPE = re.compile(r'"type"\s*:\s*"(?:story|comment|poll|pollopt|job)"')
_TIME = re.compile(r'"time"\s*:\s*"?\d{9,10}\b')
_TAG = re.compile(r'"(?:story|author)_\w+"')
_OPTION = "pollopt"
_ROOTS = {"story": "story", "link": "story", "ask": "story", "show": "story", "job": "job", "poll": "poll"}
_MARKERS = {
    "[deleted]": "deleted",
    "[flagged]": "removed",
    "[dead]": "removed",
    "[removed]": "removed",
    "[delayed]": "unapproved",
}
FURTHER = "entries that the file does not hold (further pages)"
_NO_ITEM = "entries that are no items of Hacker News"


def recognise(source: Source) -> Match | None:
    """JSON with the fields of one of the interfaces to Hacker News."""
    head = head_of(source)
    if not begins_json(head):
        return None
    if has_keys(head, "created_at_i") and any(
        has_keys(head, key) for key in ("story_id", "parent_id", "comment_text", "num_comments", "children")
    ):
        return Match(SURE, "its entries have the fields of the search of Hacker News, such as created_at_i")
    if has_keys(head, "objectID", "_tags") and _TAG.search(head):
        return Match(SURE, "its entries have the tags of the search of Hacker News, such as story_1")
    if has_keys(head, "time_ago", "comments_count", "user"):
        return Match(SURE, "its entries have the fields of a Hacker News reader, such as time_ago and comments_count")
    if _TYPE.search(head) and has_keys(head, "id", "author", "children"):
        return Match(LIKELY, "its entries are of the types of Hacker News, with children")
    if _TYPE.search(head) and _TIME.search(head) and has_keys(head, "id") and not has_keys(head, "author"):
        return Match(LIKELY, "its entries are of the types of Hacker News, with the time as a number")
    return None


@dataclass(slots=True)
class _Item:
    """An entry of any of the interfaces."""

    type: str
    id: str | None
    parent: str | None
    story: str | None
    entry: Entry
    path: str
    options: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What tells it from others: its id, or its place where it has none."""
        return self.id or self.path

    @property
    def is_root(self) -> bool:
        return self.type in _ROOTS.values()


def read(reading: Reading) -> Iterator[ReadThread]:
    """One thread for each story, poll or job; comments whose story is not in the file are threads without article.

    Raises:
        IngestError: If it is no JSON or holds no item.
    """
    items, titles = _items(reading)
    if not items:
        raise reading.error(
            "holds no items of Hacker News; expected what hn.algolia.com/api/v1/items/ or the Firebase interface gives",
            line=1,
        )
    groups: dict[str, list[_Item]] = {}
    above = {item.name: None if item.is_root else item.story or item.parent for item in items}
    tops: dict[str, str] = {}
    for item in items:
        groups.setdefault(top_of(item.name, above, tops), []).append(item)
    for top, group in groups.items():
        yield _thread(reading, top, group, titles.get(top))


def _items(reading: Reading) -> tuple[list[_Item], dict[str, str]]:
    """Every entry once, in the order of the file, and the titles that comments give their stories."""
    found: list[_Item] = []
    titles: dict[str, str] = {}
    seen: set[str] = set()
    for item in _walk(reading):
        if item.id is not None and item.id in seen:
            reading.losses.add("dropped", "entries with the id of one before them")
            continue
        seen |= {item.id} if item.id is not None else set()
        found.append(item)
        title = unescaped(line_of(item.entry.get("story_title")))
        if item.story is not None and title:
            titles.setdefault(item.story, title)
    by_id = {item.id: item for item in found if item.id is not None}
    absent = 0
    for item in found:
        for kid in [*items_of(item.entry.get("kids")), *items_of(item.entry.get("parts"))]:
            absent += not isinstance(kid, dict) and id_from(kid) not in by_id
    reading.losses.add("lost", "answers that the file names and does not hold", absent)
    return [item for item in found if not _placed_option(item, by_id)], titles


def _placed_option(item: _Item, by_id: dict[str, _Item]) -> bool:
    """Whether an item is an option of a poll in the file, which now has it."""
    if item.type != _OPTION:
        return False
    poll = by_id.get(id_from(item.entry.get("poll")) or item.parent or "")
    if poll is None or not poll.is_root:
        return False
    if text := _html(item.entry):
        poll.options.append(text)
    return True


def _walk(reading: Reading) -> Iterator[_Item]:
    """The entries of the file and those inside them, each before what is inside it, without recursion."""
    steps: list[tuple[object, str, _Item | None, _Item | None]] = []
    values = documents(reading.source)
    for place, value in enumerate(values):
        path = f"/{place}" if len(values) > 1 else ""
        if isinstance(value, dict) and isinstance(value.get("hits"), list):
            held = value["hits"]
            reading.losses.add("lost", FURTHER, max(_number(value.get("nbHits")) - len(held), 0))
            steps.extend((one, f"{path}/hits/{i}", None, None) for i, one in enumerate(held))
        elif isinstance(value, list):
            steps.extend((one, f"{path}/{i}", None, None) for i, one in enumerate(value))
        else:
            steps.append((value, path or "/", None, None))
    steps.reverse()
    while steps:
        value, path, above, root = steps.pop()
        item = _item(value, path, above, root) if isinstance(value, dict) else None
        if item is None:
            reading.losses.add("dropped", _NO_ITEM)
            continue
        yield item
        stem = path.rstrip("/")
        inside = _inside(item.entry)
        steps.extend((one, f"{stem}/{key}/{i}", item, root or item) for key, i, one in reversed(inside))


def _inside(entry: Entry) -> list[tuple[str, int, object]]:
    made: list[tuple[str, int, object]] = []
    for key in ("options", "children", "comments", "kids"):
        for i, one in enumerate(items_of(entry.get(key))):
            # Numbers are the ids of items, which stand elsewhere.
            if not isinstance(one, int | float) or isinstance(one, bool):
                made.append((key, i, one))
    return made


def _item(entry: Entry, path: str, above: _Item | None, root: _Item | None) -> _Item | None:
    own = id_from(entry.get("id")) or id_from(entry.get("objectID"))
    known = any(key in entry for key in ("type", "created_at_i", "time", "author", "by", "user", "_tags", "deleted"))
    if not known or (own is None and _html(entry) is None and not line_of(entry.get("title"))):
        return None
    kind = _OPTION if above is not None and "/options/" in path[len(above.path) :] else _type(entry, above)
    parent = id_from(entry.get("parent_id")) or id_from(entry.get("parent")) or (above.id if above else None)
    story = id_from(entry.get("story_id")) or _tagged(entry)
    if root is not None:
        story = root.story if root.story and not root.is_root else root.id
    return _Item(kind, own, parent, story, entry, path)


def _type(entry: Entry, above: _Item | None) -> str:
    given = entry.get("type")
    if given in (_OPTION, COMMENT):
        return str(given)
    if isinstance(given, str) and given in _ROOTS and above is None:
        return _ROOTS[given]
    tags = [tag for tag in items_of(entry.get("_tags")) if isinstance(tag, str)]
    if _OPTION in tags:
        return _OPTION
    if COMMENT in tags or entry.get("comment_text") is not None or above is not None:
        return COMMENT
    if line_of(entry.get("title")) or set(tags) & set(_ROOTS):
        return "story"
    return COMMENT


def _tagged(entry: Entry) -> str | None:
    for tag in items_of(entry.get("_tags")):
        if isinstance(tag, str) and (match := re.fullmatch(r"story_(\d{1,20})", tag)):
            return match[1]
    return None


def _thread(reading: Reading, top: str, group: list[_Item], title: str | None) -> ReadThread:
    root = next((item for item in group if item.is_root and item.name == top), None)
    number = top if top.isdecimal() else None
    article = None
    if root is not None:
        title = unescaped(line_of(root.entry.get("title")))
        article = _article(reading, root, title)
    comments = [_comment(reading, item) for item in group if item is not root]
    return ReadThread(
        title=title,
        article=article,
        comments=by_time(comments),
        key=number,
        url=f"{PAGE}{number}" if number else None,
    )


def _article(reading: Reading, item: _Item, title: str | None) -> ReadText | None:
    options = [one for html in item.options if (one := body_of(reading, html)) is not None]
    body = _with_options(body_of(reading, _html(item.entry)) or Body("", ()), options)
    link = line_of(item.entry.get("url"))
    if link and "news.ycombinator.com/item?" not in link and not link.startswith("item?"):
        reading.losses.add("lost", "bodies of linked articles")
    if not title and not body.text:
        reading.losses.add("dropped", "articles without words in the source")
        return None
    text = headed(title, body)
    return ReadText(
        text.text,
        text.blocks,
        locator=item.name,
        key=item.id,
        name=_author(item.entry),
        handle=_author(item.entry),
        posted_at=_time(reading, item.entry),
    )


def _with_options(body: Body, options: Iterable[Body]) -> Body:
    lines = "\n".join(" ".join(option.text.split()) for option in options)
    return joined([*((block.label, body.text[block.start : block.end]) for block in body.blocks), (PARAGRAPH, lines)])


def _comment(reading: Reading, item: _Item) -> ReadText:
    html = _html(item.entry)
    body = body_of(reading, html)
    kind = COMMENT
    if body is not None and body.text.casefold() in _MARKERS:
        kind, body = _MARKERS[body.text.casefold()], None
    elif item.entry.get("deleted") is True or (html is None and _author(item.entry) is None):
        kind = "deleted"
    elif item.entry.get("dead") is True:
        kind = "removed"
    return ReadText(
        body.text if body is not None else None,
        body.blocks if body is not None else (),
        locator=item.name,
        key=item.id,
        parent=item.parent,
        kind=kind,
        name=_author(item.entry),
        handle=_author(item.entry),
        posted_at=_time(reading, item.entry),
    )


def _html(entry: Entry) -> str | None:
    for key in ("text", "comment_text", "story_text", "content"):
        if isinstance(value := entry.get(key), str) and value.strip():
            return value
    return None


def _author(entry: Entry) -> str | None:
    return next((name for key in ("author", "by", "user") if (name := name_of(entry.get(key)))), None)


def _time(reading: Reading, entry: Entry) -> datetime.datetime | None:
    for key in ("created_at_i", "time", "created_at"):
        if (value := entry.get(key)) not in (None, ""):
            return time_of(reading, value)
    return None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


READER = Reader(
    form="hacker-news",
    title="Hacker News, JSON",
    description="A story, poll or job is the article: title, own words and the options of a poll, not the page that it "
    "links to; comments and what they answer as recorded; deleted, dead and delayed comments by their marks.",
    recognise=recognise,
    read=read,
)
