"""Reddit: listings as its API gives them, and dumps of one submission or comment a line.

A listing is JSON: `[{"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {...}}]}}, ...]`, comments
nested in the `replies` of what they answer; also one listing alone, what `api/morechildren` answers, and arrays of
bare submissions and comments, as Pushshift and Arctic Shift answer. A dump (`RC_2015-01.zst`) is read in batches.

A submission is an article of its title and its own words, if it has any; comments whose submission is not in the file
are a thread without article. Names, ids and times are those of the file; `created` is shifted by a zone that nobody
knows, so only `created_utc` is taken. Words are Markdown as typed, with the entities of the API decoded once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from corpus_tools.errors import IngestError
from corpus_tools.ingest.known import ARTICLE
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import headed, one_line, plain_body
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts import lines
from corpus_tools.ingest.parts.reddit_words import NOBODY, Escapes, is_hidden, taken_out
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.rows import Rows
from corpus_tools.ingest.source import HEAD, Source

SITE = "https://www.reddit.com"
SAMPLE = 20_000
"""Lines of a dump that are looked at to find out whether its words are escaped."""
_LISTING = re.compile(rb'"kind"\s*:\s*"Listing"')
_THINGS = re.compile(rb'"kind"\s*:\s*"(?:t1|t3|more)"')
_COMMENT = re.compile(rb'"link_id"\s*:\s*"t3_[0-9a-z]+"|"parent_id"\s*:\s*"t[13]_[0-9a-z]+"')
_SUBMISSION = re.compile(rb'"selftext"\s*:')
_CONVOKIT = re.compile(rb'"(?:conversation_id|root|reply-to|reply_to)"\s*:')
_ANSWER = re.compile(rb'\s*(?:\[|\{\s*"(?:kind|data|json)"\s*:)')
_ID = re.compile(r"[0-9A-Za-z_]{1,20}")
_FULLNAME = re.compile(r"t[13]_[0-9A-Za-z]{1,16}")


class Entry(NamedTuple):
    """A submission or comment; its fields are the columns of `rows.SCHEMA`, in their order."""

    kind: str
    key: str | None
    thread: str | None
    parent: str | None
    name: str | None
    handle: str | None
    posted_at: datetime | None
    locator: str
    title: str | None
    url: str | None
    text: str | None


def recognise(source: Source) -> Match | None:
    """A file that begins with a listing of Reddit, or with submissions or comments by their own names of fields."""
    start = lines.glimpse(source).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return None
    if _LISTING.search(start) and b'"children"' in start:
        return Match(SURE, 'it holds a listing of Reddit ("kind": "Listing")')
    if _CONVOKIT.search(start):
        return None
    if _THINGS.search(start) and b'"data"' in start:
        return Match(SURE, "it holds things of Reddit (t1, t3)")
    if _COMMENT.search(start) and b'"body"' in start:
        return Match(SURE, "it holds comments of Reddit (link_id, parent_id, body)")
    if _SUBMISSION.search(start) and b'"subreddit"' in start:
        return Match(SURE, "it holds submissions to Reddit (selftext, subreddit)")
    return None


def rows(reading: Reading) -> Rows | None:
    """The entries of a dump; None where the file is a listing, which is read as a whole."""
    if not _is_dump(lines.glimpse(reading.source)):
        return None
    sample = islice(lines.objects(reading.source, Losses()), SAMPLE)
    escapes = Escapes(thing for _, value in sample for thing, _ in things(value, Losses()))

    def entries(reading: Reading) -> Iterator[Entry]:
        for number, value in lines.objects(reading.source, reading.losses):
            for thing, _ in things(value, reading.losses):
                entry = _entry(reading, thing, escapes, place=f"row={number}")
                # What was taken out has its title still, and that is put before the words when they are written.
                yield entry._replace(text=entry.text or "") if entry.kind == ARTICLE else entry

    return lines.rows_of(reading, entries)


def _is_dump(start: bytes) -> bool:
    """Whether the file has one object a line, of which one is to be seen, or none ends in what is looked at."""
    whole, newline, _ = start.rpartition(b"\n")
    if not newline and not _ANSWER.match(start) and len(start) >= HEAD:
        return True
    for line in (whole if newline and len(start) >= HEAD else start).split(b"\n"):
        value = lines.first_object(line)
        if value is not None and (_is_thing(value) or _is_thing(value.get("data"))):
            return True
    return False


def read(reading: Reading) -> Iterator[ReadThread]:
    """The threads of a listing, or of any JSON that holds submissions and comments.

    Raises:
        IngestError: If it is no JSON, or holds neither.
    """
    found = list(things(_value(reading), reading.losses))
    if not found and not reading.losses.total("lost") and not _says_listing(reading.source):
        raise reading.error("holds no submission and no comment of Reddit; expected a listing, or one object a line")
    escapes = Escapes(thing for thing, _ in found)
    threads: dict[str | None, _Thread] = {}
    last: str | None = None
    for thing, place in found:
        entry = _entry(reading, thing, escapes, place=place)
        last = entry.thread or last
        threads.setdefault(last, _Thread()).add(entry, reading.losses)
    for key, thread in threads.items():
        yield thread.made(key)


def _says_listing(source: Source) -> bool:
    return _LISTING.search(lines.glimpse(source)) is not None


def _value(reading: Reading) -> Any:
    """The value of the file, or the values of its lines."""
    text = reading.source.decode(lines.unpacked(reading.source))
    try:
        return reading.source.parse_json(text)
    except IngestError:
        whole = [line for line in text.split("\n") if line.strip()]
        if len(whole) < 2 or not all(line.lstrip().startswith(("[", "{")) for line in whole):
            raise
        return [reading.source.parse_json(line, line=n) for n, line in enumerate(text.split("\n"), 1) if line.strip()]


@dataclass(slots=True)
class _Thread:
    """A thread as it is put together."""

    article: Entry | None = None
    title: str | None = None
    url: str | None = None
    comments: list[ReadText] = field(default_factory=list)

    def add(self, entry: Entry, losses: Losses) -> None:
        if entry.kind != ARTICLE:
            body = plain_body(entry.text) if entry.text is not None else None
            self.comments.append(
                ReadText(
                    body.text if body else None,
                    body.blocks if body else (),
                    name=entry.name,
                    handle=entry.handle,
                    locator=entry.locator,
                    key=entry.key,
                    parent=entry.parent,
                    posted_at=entry.posted_at,
                    kind=entry.kind,
                )
            )
        elif self.article is None:
            self.article = entry
        else:
            losses.add("dropped", "entries with the id of one before them")
        self.title = self.title or entry.title
        self.url = self.url or entry.url

    def made(self, key: str | None) -> ReadThread:
        article = None
        if (entry := self.article) is not None:
            body = headed(entry.title, plain_body(entry.text or ""))
            article = ReadText(
                body.text,
                body.blocks,
                name=entry.name,
                handle=entry.handle,
                locator=entry.locator,
                key=entry.key,
                posted_at=entry.posted_at,
            )
        url = self.article.url if self.article and self.article.url else self.url
        return ReadThread(title=self.title, article=article, comments=tuple(self.comments), key=key, url=url)


def things(value: Any, losses: Losses) -> Iterator[tuple[dict[str, Any], str]]:
    """Every submission and comment in a value, as printed, with its place; what else there is is counted."""
    rest: list[tuple[Any, str]] = [(value, "")]
    while rest:
        one, place = rest.pop()
        if isinstance(one, list):
            rest.extend((each, f"{place}/{i}") for i, each in reversed(list(enumerate(one))))
            continue
        kind, data = (one.get("kind"), one.get("data")) if isinstance(one, dict) else (None, None)
        if kind == "more":
            _count_more(data, losses)
        elif kind == "Listing" and isinstance(data, dict):
            rest.append((data.get("children") or [], f"{place}/data/children"))
        elif _is_thing(data) and kind in ("t1", "t3", None):
            rest.append((data, f"{place}/data"))
        elif isinstance(one, dict) and _is_thing(one):
            yield one, place
            if replies := one.get("replies"):
                rest.append((replies, f"{place}/replies"))
        elif kind is None and isinstance(inside := _inside(one), (dict, list)):
            rest.append((inside, place))
        else:
            losses.add("dropped", "entries that are neither submissions nor comments")


def _inside(value: Any) -> Any:
    """What an answer of the API is wrapped in."""
    if isinstance(value, dict):
        for name in ("json", "data", "things"):
            if name in value:
                return value[name]
    return None


def _is_thing(value: Any) -> bool:
    """Whether this is a submission or a comment without its wrapping."""
    if not isinstance(value, dict):
        return False
    return _is_comment(value) or ("title" in value and not {"selftext", "permalink", "subreddit"}.isdisjoint(value))


def _is_comment(thing: dict[str, Any]) -> bool:
    return "body" in thing and not {"link_id", "parent_id", "subreddit", "replies"}.isdisjoint(thing)


def _count_more(data: Any, losses: Losses) -> None:
    count = data.get("count") if isinstance(data, dict) else None
    if isinstance(count, int) and 0 < count < 1 << 31:
        losses.add("lost", "comments behind 'more' links that the file does not hold", count)
        losses.add("lost", "'more' links")
    else:
        losses.add("lost", "links to where a branch goes on, which the file does not hold")


def _entry(reading: Reading, thing: dict[str, Any], escapes: Escapes, *, place: str) -> Entry:
    """What a submission or comment says; the words of a submission are those under its title."""
    is_comment = _is_comment(thing)
    key = _fullname(thing.get("name"), "") or _fullname(thing.get("id"), "t1_" if is_comment else "t3_")
    author = thing.get("author")
    name = one_line(author) if isinstance(author, str) and author.strip() not in NOBODY else None
    posted_at = reading.epoch(thing.get("created_utc"))
    text = escapes.decoded(thing, "body" if is_comment else "selftext", reading.losses)
    title = one_line(escapes.decoded(thing, "link_title" if is_comment else "title", reading.losses) or "")
    title = "" if taken_out(title) else title
    kind = _kind(thing, text) if is_comment else ARTICLE
    if text is not None and (taken_out(text) or is_hidden(text)):
        text = None
    if is_comment:
        link = _fullname(thing.get("link_id"), "t3_")
        parent, url = _parent(thing, link, reading.losses), _url_of_thread(thing, key)
    else:
        link, parent, url = key, None, _url(thing.get("permalink")) or _url(thing.get("full_link"))
        _count_lost(thing, text, reading.losses)
    return Entry(
        kind=kind,
        key=key,
        thread=link.removeprefix("t3_") if link else None,
        parent=parent,
        name=name or None,
        handle=name or None,
        posted_at=posted_at,
        locator=key or place or "/",
        title=title or None,
        url=url,
        text=text,
    )


def _fullname(value: Any, prefix: str) -> str | None:
    """An id with the prefix of its kind, which dumps leave out here and there; None where it is none."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62:
        value = str(value)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return None
    if _FULLNAME.fullmatch(value):
        return value
    return f"{prefix}{value}" if prefix and "_" not in value else None


def _parent(thing: dict[str, Any], link: str | None, losses: Losses) -> str | None:
    parent = thing.get("parent_id")
    if isinstance(parent, int) and not isinstance(parent, bool) and 0 <= parent < 1 << 62:
        # Pushshift gave them as numbers for a while.
        number = _base36(parent)
        return f"t3_{number}" if link == f"t3_{number}" else f"t1_{number}"
    if isinstance(parent, str) and _FULLNAME.fullmatch(parent):
        return parent
    losses.add("lost", "answers to what has no id of Reddit: what they answer", parent not in (None, ""))
    return None


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _kind(comment: dict[str, Any], text: str | None) -> str:
    """Whether a comment is one still; dumps may have kept the words of one that was taken out later."""
    if text is not None and (mark := taken_out(text)):
        return mark
    meta = comment.get("_meta")
    if isinstance(meta, dict) and meta.get("was_deleted_later") is True:
        return "removed" if str(meta.get("removal_type")).startswith("removed") else "deleted"
    if comment.get("spam") is True:
        return "spam"
    banned = comment.get("banned_by") not in (None, False, "") and comment.get("approved_by") in (None, False, "")
    return "removed" if banned or comment.get("removed") is True else COMMENT


def _url(path: Any) -> str | None:
    if not isinstance(path, str):
        return None
    path = path.removeprefix(SITE)
    return SITE + one_line(path) if path.startswith(("/r/", "/user/")) else None


def _url_of_thread(comment: dict[str, Any], key: str | None) -> str | None:
    """The address of the submission that a comment stands under: its own without its id."""
    if url := _url(comment.get("link_permalink")):
        return url
    url = _url(comment.get("permalink"))
    start, _, last = (url or "").rstrip("/").rpartition("/")
    return f"{start}/" if key and f"t1_{last}" == key else None


def _count_lost(submission: dict[str, Any], text: str | None, losses: Losses) -> None:
    """What a submission shows beside its title and words."""
    domain = str(submission.get("domain") or "")
    is_self = submission.get("is_self")
    is_link = is_self is False or (is_self is None and bool(domain) and not domain.startswith("self."))
    losses.add("lost", "bodies of articles that were deleted or removed", text is None and "selftext" in submission)
    losses.add("lost", "polls", isinstance(submission.get("poll_data"), dict))
    if submission.get("crosspost_parent_list") or submission.get("crosspost_parent"):
        losses.add("lost", "submissions that others pass on (crossposts)")
    elif submission.get("is_gallery") is True or domain == "i.redd.it":
        losses.add("lost", "images")
    elif submission.get("is_video") is True or domain == "v.redd.it":
        losses.add("lost", "sound or video recordings")
    elif is_link:
        losses.add("lost", "bodies of linked articles")


READER = Reader(
    form="reddit",
    title="Reddit: listings of its API, and dumps of submissions or comments",
    description="A submission's title and words are the article, its comments are what the file holds of them; "
    "Markdown stays as typed, an empty line ends a paragraph.",
    recognise=recognise,
    read=read,
    rows=rows,
)
