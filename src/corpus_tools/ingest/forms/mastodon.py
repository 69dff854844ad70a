"""Mastodon: statuses and their contexts as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.markup import PARAGRAPH, Body, joined, plain_body
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.entries import (
    Entry,
    begins_json,
    by_time,
    documents,
    entry_of,
    has_keys,
    head_of,
    id_from,
    items_of,
    line_of,
    name_of,
    time_of,
    top_of,
)
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source, parse_html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_NO_STATUS = "entries that are no statuses"
_PRIVATE = frozenset(("private", "direct", "limited", "mutuals_only"))
_ATTACHED = {
    "image": "images",
    "gifv": "images",
    "video": "sound or video recordings",
    "audio": "sound or video recordings",
}


def recognise(source: Source) -> Match | None:
    """JSON with statuses, which name the status they answer and the account they are from."""
    head = head_of(source)
    if not begins_json(head):
        return None
    status = has_keys(head, "account", "in_reply_to_id", "content")
    if status and (has_keys(head, "acct") or has_keys(head, "spoiler_text")):
        return Match(SURE, "its entries are statuses with the fields account and in_reply_to_id")
    # The context of a status that nobody answers.
    if has_keys(head, "ancestors", "descendants") and len(head) < 200:
        return Match(LIKELY, "it has ancestors and descendants, as the context of a status has")
    return None


@dataclass(slots=True)
class _Status:
    """A status, or a boost of one."""

    id: str | None
    answered: str | None
    """The id of the status that it answers or boosts."""
    entry: Entry
    path: str
    boost: bool = False
    top: str | None = None
    """The id of the root of its thread, where the file says so otherwise than by what it answers."""

    @property
    def name(self) -> str:
        """What tells it from others: its id, or its place where it has none."""
        return self.id or self.path


def read(reading: Reading) -> Iterator[ReadThread]:
    """One thread for each status that answers none; answers whose root is not in the file are threads without article.

    Raises:
        IngestError: If it is no JSON or holds no status.
    """
    found = _once(reading)
    if not found:
        raise reading.error(
            "holds no statuses of Mastodon; expected what /api/v1/statuses/<id>/context of an instance gives", line=1
        )
    above = {status.name: status.top if status.top != status.name else None for status in found if status.top}
    above |= {status.name: status.answered for status in found if not status.top}
    tops: dict[str, str] = {}
    groups: dict[str, list[_Status]] = {}
    for status in found:
        groups.setdefault(top_of(status.name, above, tops), []).append(status)
    for top, group in groups.items():
        yield _thread(reading, top, group)


def _once(reading: Reading) -> list[_Status]:
    found: dict[str, _Status] = {}
    values = documents(reading.source)
    for place, value in enumerate(values):
        for status in _walk(reading, value, f"/{place}" if len(values) > 1 else ""):
            if status.name not in found:
                found[status.name] = status
            elif not status.path.endswith("/reblog"):
                reading.losses.add("dropped", "entries with the id of one before them")
    return list(found.values())


def _walk(reading: Reading, value: object, path: str) -> Iterator[_Status]:
    """The statuses in a value: a context, a status, both, or lists of them."""
    steps = [(value, path)]
    while steps:
        value, path = steps.pop()
        if isinstance(value, list):
            steps.extend((one, f"{path}/{i}") for i, one in reversed(list(enumerate(value))))
        elif not isinstance(value, dict):
            reading.losses.add("dropped", _NO_STATUS)
        elif any(isinstance(value.get(key), list) for key in ("ancestors", "descendants")):
            yield from _context(reading, value, path, None)
        elif isinstance(value.get("context"), dict):
            status = value["status"] if isinstance(value.get("status"), dict) else value
            yield from _context(reading, value["context"], f"{path}/context", _status(status, path or "/"))
        elif isinstance(inner := value.get("statuses", value.get("status")), dict | list):
            steps.append((inner, f"{path}/{'statuses' if 'statuses' in value else 'status'}"))
        elif (status := _status(value, path or "/")) is None:
            reading.losses.add("dropped", _NO_STATUS)
        else:
            yield status
            if status.boost:
                steps.append((value["reblog"], f"{path}/reblog"))


def _status(entry: object, path: str) -> _Status | None:
    if not isinstance(entry, dict) or not ("content" in entry or isinstance(entry.get("account"), dict)):
        return None
    boosted = id_from(entry_of(entry.get("reblog")).get("id"))
    answered = boosted or id_from(entry.get("in_reply_to_id"))
    return _Status(id_from(entry.get("id")), answered, entry, path, boosted is not None)


def _context(reading: Reading, value: Entry, path: str, middle: _Status | None) -> Iterator[_Status]:
    """The statuses above and below one, all of one thread, even where some between them are not shown."""
    found: list[_Status] = [middle] if middle is not None else []
    for key in ("ancestors", "descendants"):
        for i, one in enumerate(items_of(value.get(key))):
            status = _status(one, f"{path}/{key}/{i}")
            if status is None:
                reading.losses.add("dropped", _NO_STATUS)
            else:
                found.insert(len(found) - (middle is not None and key == "ancestors"), status)
    if not found:
        return
    held = {status.id for status in found}
    if middle is None:
        reading.losses.add("lost", "statuses that the file is the context of and does not hold")
    first = found[0]
    for status in found:
        # Of several that are not shown, the one that is answered first is the nearest to the root.
        status.top = first.answered if first.answered is not None and first.answered not in held else first.name
        yield status


def _thread(reading: Reading, top: str, group: list[_Status]) -> ReadThread:
    root = next((status for status in group if status.name == top and status.answered is None), None)
    article = _article(reading, root) if root is not None else None
    comments = [_comment(reading, status) for status in group if status is not root]
    return ReadThread(
        title=None,
        article=article,
        comments=by_time(comments),
        key=None if top.startswith("/") else top,
        url=line_of(root.entry.get("url")) or line_of(root.entry.get("uri")) if root is not None else None,
    )


def _article(reading: Reading, status: _Status) -> ReadText | None:
    if line_of(status.entry.get("visibility")) in _PRIVATE:
        reading.losses.add("dropped", "articles that were not public")
        return None
    body = _body(reading, status.entry) or Body("", ())
    return ReadText(
        body.text,
        body.blocks,
        name=_name(status.entry),
        handle=_handle(status.entry),
        locator=status.name,
        key=status.id,
        posted_at=time_of(reading, status.entry.get("created_at")),
    )


def _comment(reading: Reading, status: _Status) -> ReadText:
    body = None if status.boost else _body(reading, status.entry)
    public = line_of(status.entry.get("visibility")) not in _PRIVATE
    return ReadText(
        body.text if body is not None else None,
        body.blocks if body is not None else (),
        name=_name(status.entry),
        handle=_handle(status.entry),
        locator=status.name,
        key=status.id,
        parent=status.answered,
        posted_at=time_of(reading, status.entry.get("created_at")),
        kind="unapproved" if not public else "reaction" if status.boost else COMMENT,
    )


def _name(entry: Entry) -> str | None:
    account = entry_of(entry.get("account"))
    return next((name for key in ("display_name", "username", "acct") if (name := name_of(account.get(key)))), None)


def _handle(entry: Entry) -> str | None:
    account = entry_of(entry.get("account"))
    return name_of(account.get("acct")) or name_of(account.get("username"))


def _body(reading: Reading, entry: Entry) -> Body | None:
    """The warning before the words, the words, and the options of a poll; None where the words are not there."""
    content = entry.get("content")
    if not isinstance(content, str):
        return None
    _count(reading, entry)
    words = _words(reading, content, quotes=isinstance(entry.get("quote"), dict))
    options = (line_of(option.get("title")) for option in _mappings(entry_of(entry.get("poll")).get("options")))
    lines = "\n".join(option for option in options if option)
    warning = entry.get("spoiler_text")
    return joined(
        [
            *_parts(plain_body(warning) if isinstance(warning, str) else Body("", ())),
            *_parts(words),
            (PARAGRAPH, lines),
        ]
    )


def _parts(body: Body) -> Iterator[tuple[str, str]]:
    return ((block.label, body.text[block.start : block.end]) for block in body.blocks)


def _words(reading: Reading, content: str, *, quotes: bool) -> Body:
    """The words of a status as the site shows them: the ends of links that its style hides are left out."""
    if not content.strip():
        return Body("", ())
    try:
        page = parse_html(f"<html><body>{content}</body></html>", error=reading.source.error)
        hidden: list[HtmlElement] = []
        for element in page.iter("span", "p"):
            classes = (element.get("class") or "").split()
            if "invisible" in classes:
                reading.losses.add("lost", "ends of links, which are not shown", bool(element.text_content()))
                hidden.append(element)
            elif quotes and "quote-inline" in classes:
                hidden.append(element)
        return reading.body(page, skip=hidden)
    except IngestError:
        reading.losses.add("lost", "words of texts whose markup cannot be read")
        return Body("", ())


def _count(reading: Reading, entry: Entry) -> None:
    for attached in _mappings(entry.get("media_attachments")):
        type_ = attached.get("type")
        reading.losses.add("lost", _ATTACHED.get(type_, "attachments") if isinstance(type_, str) else "attachments")
    reading.losses.add("lost", "previews of linked pages", isinstance(entry.get("card"), dict))
    reading.losses.add("lost", "quotations of other posts", isinstance(entry.get("quote"), dict))


def _mappings(values: object) -> Iterable[Entry]:
    return (value for value in items_of(values) if isinstance(value, dict))


READER = Reader(
    form="mastodon",
    title="Mastodon thread, JSON",
    description="The status that answers none is the article, the others are comments that answer the status recorded "
    "with them; a content warning is the first paragraph, the options of a poll are the last; boosts are reactions.",
    recognise=recognise,
    read=read,
)
