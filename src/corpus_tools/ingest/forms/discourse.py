"""Discourse: topics as JSON, and lists of posts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import Body, headed
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.entries import (
    Entry,
    begins_json,
    documents,
    entry_of,
    has_keys,
    head_of,
    id_from,
    items_of,
    line_of,
    name_of,
    time_of,
)
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source, parse_html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SMALL_ACTION, _WHISPER = 3, 4
_NO_POST = "entries that are no posts"
_SKIPPED = {
    "quote": "quotations of other posts",
    "chat-transcript": "quotations of other posts",
    "onebox": "previews of linked pages",
    "lazyYT": "sound or video recordings",
    "lazy-video-container": "sound or video recordings",
    "video-placeholder-container": "sound or video recordings",
    "elided": "trimmed parts of mails",
    "poll-info": "",
    "quote-controls": "",
    "expand-hidden": "",
}
"""Class of an element that holds no words of the poster -> what is counted; nothing for what is of the interface."""
_ADDRESS = re.compile(r"https?://[^/\s]+/(?:[^/\s]+/)?t/(?:[^/\s]+/)?\d+")


def recognise(source: Source) -> Match | None:
    """JSON with the posts of a topic, or with posts of many."""
    head = head_of(source)
    if not begins_json(head):
        return None
    if has_keys(head, "post_stream"):
        return Match(SURE, "it has a post_stream, as topics of Discourse do")
    if has_keys(head, "cooked", "post_number"):
        listed = has_keys(head, "latest_posts")
        return Match(SURE if listed else LIKELY, "its entries are posts with the fields cooked and post_number")
    return None


@dataclass(slots=True)
class _Topic:
    """The posts of one topic, from one file page or several."""

    id: str | None
    title: str | None = None
    posts: list[tuple[Entry, str]] = field(default_factory=list)
    named: dict[str, None] = field(default_factory=dict)
    """The ids of all its posts, in order, where the file has them."""
    count: int = 0
    """How many posts it has, where the file says so and does not name them."""


def read(reading: Reading) -> Iterator[ReadThread]:
    """One thread for each topic, its first post the article.

    Raises:
        IngestError: If it is no JSON or holds no post.
    """
    topics: dict[str | None, _Topic] = {}
    for place, value in enumerate(values := documents(reading.source)):
        _take(value, f"/{place}" if len(values) > 1 else "", topics, reading.losses)
    if not any(topic.posts for topic in topics.values()):
        raise reading.error("holds no posts of Discourse; expected what /t/<id>.json of a forum gives", line=1)
    for topic in topics.values():
        yield _thread(reading, topic)


def _take(value: object, path: str, topics: dict[str | None, _Topic], losses: Losses) -> None:
    """Sort the posts of a value into topics: a page of a topic, a list of posts or of pages, or one post."""
    steps: list[tuple[object, str]] = [(value, path)]
    while steps:
        value, path = steps.pop()
        if isinstance(value, list):
            steps.extend((one, f"{path}/{i}") for i, one in reversed(list(enumerate(value))))
        elif not isinstance(value, dict):
            losses.add("dropped", _NO_POST)
        elif isinstance(stream := value.get("post_stream"), dict):
            _page(value, stream, path, topics, losses)
        elif isinstance(value.get("latest_posts"), list):
            steps.append((value["latest_posts"], f"{path}/latest_posts"))
        elif isinstance(value.get("post"), dict):
            steps.append((value["post"], f"{path}/post"))
        elif "cooked" in value or "post_number" in value:
            topic = topics.setdefault(id_from(value.get("topic_id")), _Topic(id_from(value.get("topic_id"))))
            topic.title = topic.title or _title(value, "topic_title", "topic_html_title")
            topic.posts.append((value, path or "/"))
        else:
            losses.add("dropped", _NO_POST)


def _page(value: Entry, stream: Entry, path: str, topics: dict[str | None, _Topic], losses: Losses) -> None:
    posts = items_of(stream.get("posts"))
    first = next((post for post in posts if isinstance(post, dict)), {})
    id_ = id_from(value.get("id")) or id_from(first.get("topic_id"))
    topic = topics.setdefault(id_, _Topic(id_))
    topic.title = topic.title or _title(value, "title", "fancy_title")
    if isinstance(count := value.get("posts_count"), int):
        topic.count = max(topic.count, count)
    topic.named |= dict.fromkeys(name for one in items_of(stream.get("stream")) if (name := id_from(one)))
    losses.add("doubtful", "topics that are private messages", value.get("archetype") == "private_message")
    for i, post in enumerate(posts):
        if isinstance(post, dict):
            topic.posts.append((post, f"{path}/post_stream/posts/{i}"))
        else:
            losses.add("dropped", _NO_POST)


def _title(value: Entry, plain: str, marked: str) -> str | None:
    # The second is a piece of HTML.
    return line_of(value.get(plain)) or line_of(html.unescape(line_of(value.get(marked)) or ""))


def _thread(reading: Reading, topic: _Topic) -> ReadThread:
    posts = _once(topic, reading.losses)
    held = {id_ for post, _ in posts if (id_ := id_from(post.get("id")))}
    absent = len(topic.named.keys() - held) if topic.named else max(topic.count - len(posts), 0)
    reading.losses.add("lost", "posts that the file does not hold (further pages)", absent)
    article = None
    comments = []
    for post, path in posts:
        if article is None and _number(post, "post_number") == 1:
            article = _article(reading, post, path, topic.title)
        else:
            comments.append(_comment(reading, post, path))
    url = next((url for post, _ in posts if (url := _url(post))), None)
    return ReadThread(title=topic.title, article=article, comments=tuple(comments), key=topic.id, url=url)


def _once(topic: _Topic, losses: Losses) -> list[tuple[Entry, str]]:
    """The posts in the order of their numbers, as they are printed; pages may overlap."""
    seen: set[str] = set()
    found = []
    for post, path in topic.posts:
        id_ = id_from(post.get("id"))
        if id_ is not None and id_ in seen:
            losses.add("dropped", "entries with the id of one before them")
            continue
        seen |= {id_} if id_ is not None else set()
        found.append((post, path))
    return sorted(found, key=lambda pair: _order(pair[0]))


def _order(post: Entry) -> tuple[bool, int]:
    number = _number(post, "post_number")
    return (number is None, number or 0)


def _number(post: Entry, key: str) -> int | None:
    number = post.get(key)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _url(post: Entry) -> str | None:
    """The address of the topic; only exports that add the site to the address of a post have one."""
    match = _ADDRESS.match(line_of(post.get("post_url")) or "")
    return match[0] if match else None


def _article(reading: Reading, post: Entry, path: str, title: str | None) -> ReadText:
    body = _body(reading, post)
    if body is None:
        reading.losses.add("lost", "bodies of articles that were taken out")
    text = headed(title, body or Body("", ()))
    return ReadText(text.text, text.blocks, **_fields(reading, post, path))


def _comment(reading: Reading, post: Entry, path: str) -> ReadText:
    kind, body = _kind(post), _body(reading, post)
    if kind != COMMENT and body is not None and not body.text:
        body = None
    answered = _number(post, "reply_to_post_number")
    return ReadText(
        body.text if body is not None else None,
        body.blocks if body is not None else (),
        parent=None if answered is None or answered == _number(post, "post_number") else str(answered),
        kind=kind,
        **_fields(reading, post, path),
    )


def _fields(reading: Reading, post: Entry, path: str) -> dict[str, Any]:
    id_, number = id_from(post.get("id")), _number(post, "post_number")
    name = name_of(post.get("username"))
    return {
        "name": name or name_of(post.get("display_username")) or name_of(post.get("name")),
        "handle": name,
        "locator": f"post-{id_}" if id_ else path,
        "key": None if number is None else str(number),
        "posted_at": time_of(reading, post.get("created_at")),
    }


def _kind(post: Entry) -> str:
    if post.get("deleted_at") or post.get("user_deleted") is True:
        by = name_of(entry_of(post.get("deleted_by")).get("username"))
        return "removed" if by is not None and by != name_of(post.get("username")) else "deleted"
    if post.get("hidden") is True:
        return "removed"
    type_ = _number(post, "post_type")
    # A whisper is shown to the staff only.
    return {_SMALL_ACTION: "notice", _WHISPER: "unapproved"}.get(type_ or 0, COMMENT)


def _body(reading: Reading, post: Entry) -> Body | None:
    """The words of the poster; None where the platform shows a line of its own in their place, or nothing."""
    cooked = post.get("cooked")
    withheld = post.get("hidden") is True and post.get("cooked_hidden") is not False
    if not isinstance(cooked, str) or post.get("user_deleted") is True or withheld:
        return None
    try:
        page = parse_html(f"<html><body>{cooked}</body></html>", error=reading.source.error)
        return reading.body(page, skip=_not_theirs(page, reading.losses))
    except IngestError:
        reading.losses.add("lost", "words of texts whose markup cannot be read")
        return None


def _not_theirs(page: HtmlElement, losses: Losses) -> list[HtmlElement]:
    """The elements that hold no words of the poster; what is quoted inside a quotation is not counted again."""
    found: list[HtmlElement] = []
    inside: set[HtmlElement] = set()
    for element in page.iter():
        above = element.getparent()
        if above is not None and above in inside:
            inside.add(element)
            continue
        classes = (element.get("class") or "").split() if isinstance(element.tag, str) else []
        # A link of the class is the address itself, of which no preview could be made.
        skipped = next((one for one in classes if one in _SKIPPED and element.tag != "a"), None)
        if skipped is None and not (
            "meta" in classes and above is not None and "lightbox" in (above.get("class") or "")
        ):
            continue
        losses.add("lost", _SKIPPED[skipped or "poll-info"], bool(_SKIPPED[skipped or "poll-info"]))
        found.append(element)
        inside.add(element)
    return found


READER = Reader(
    form="discourse",
    title="Discourse topic, JSON",
    description="The first post is the article, the others are comments that answer the post recorded with them. "
    "Quotations of other posts and previews of links are left out; lines of the platform, whispers, hidden and deleted "
    "posts are told from comments.",
    recognise=recognise,
    read=read,
)
