"""WordPress exports (WXR 1.0 to 1.2): posts and pages with their comments, as Tools > Export writes them.

An item is read as an article if the public could read it: its state is `publish` (or `inherit`, of what it hangs on),
it has no password, and it is a post, a page, or anything else with comments that is no part of the machinery.
"""

from __future__ import annotations

import contextlib
import datetime
import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.markup import headed, one_line
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.elements import fields, local, markup, root_name, words
from corpus_tools.ingest.parts.entries import head_of
from corpus_tools.ingest.parts.wordpress_items import Item, items_of
from corpus_tools.ingest.parts.wordpress_typed import typed_body
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.source import HEAD, Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_PUBLIC = frozenset(("", "publish", "closed", "static", "inherit"))
"""States of what the public could read; `closed` is that of forum topics, `static` that of the pages of long ago."""
_ARTICLES = frozenset(("", "page", "post"))
_MACHINERY = re.compile(
    r"wp_.*|nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request|draft|acf.*|shop_.*|scheduled-action"
)
"""Types of items that are no article, whatever hangs on them."""
_APPROVED = {
    "": COMMENT,
    "1": COMMENT,
    "approve": COMMENT,
    "approved": COMMENT,
    "0": "unapproved",
    "hold": "unapproved",
    "spam": "spam",
    "trash": "deleted",
    "post-trashed": "deleted",
}
_TYPES = {
    **dict.fromkeys(("", "comment", "mention", "reply", "review", "webmention"), COMMENT),
    **dict.fromkeys(("bookmark", "favorite", "favourite", "like", "repost", "rsvp"), "reaction"),
    "pingback": "pingback",
    "trackback": "trackback",
}
_NEVER_PRINTED = frozenset(("action_log", "edd_payment_note", "editorial-comment", "note", "order_note"))
_UTC_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?")
_HEAD = re.compile(
    r"<rss\b[^<>]*wordpress\.org/export/|<wp:(?:wxr_version|base_site_url|post_id|post_type|comment_id)>"
)


def recognise(source: Source) -> Match | None:
    """An RSS feed with elements of WordPress's own, or an archive that holds one."""
    if not source.is_zip:
        found = _is_export(head_of(source))
        return Match(SURE, "it is an RSS feed with the elements of a WordPress export") if found else None
    with contextlib.suppress(IngestError):
        for name, head in source.members(_is_feed, at_most=HEAD):
            if _is_export(head.decode("utf-8", "ignore")):
                return Match(SURE, f"{name} in it is an RSS feed with the elements of a WordPress export")
    return None


def _is_export(head: str) -> bool:
    if "wordpress.org/export/" not in head and "<wp:" not in head:
        return False
    return bool(_HEAD.search(head)) and (root_name(head) == "rss" or "<rss" in head)


def _is_feed(name: str) -> bool:
    return name.lower().endswith((".rss", ".wxr", ".xml"))


def read(reading: Reading) -> Iterator[ReadThread]:
    """Every article of an export with the comments on it.

    Raises:
        IngestError: If the file holds no RSS feed, or cannot be parsed.
    """
    feeds = [items_of(reading, text) for text in _texts(reading)]
    users = _Users(root for root, _ in feeds)
    items = _joined((item for _, found in feeds for item in found), reading)
    by_id = {item.says("post_id"): item for item in reversed(items) if item.says("post_id")}
    seen: set[tuple[str, ...]] = set()
    for item in items:
        reason = _left_out(item, by_id)
        # An id alone may stand in exports of several sites that were put into one file.
        named = tuple(item.says(name) for name in ("post_id", "title", "link"))
        if reason is None and named[0]:
            reason = "items that come twice" if named in seen else None
            seen.add(named)
        if reason:
            reading.losses.add("dropped", reason)
            reading.losses.add("dropped", "comments on items that are left out", len(item.comments))
            continue
        thread = _thread(item, users, reading)
        if thread.article is None and not thread.comments:
            reading.losses.add("dropped", "items without title, words and comments")
        else:
            yield thread


def _texts(reading: Reading) -> Iterator[str]:
    """The text of the file; of every export in it where it is an archive, as large sites are given theirs."""
    source = reading.source
    if not source.is_zip:
        yield source.text
        return
    texts = [source.decode(content) for _, content in source.members(_is_feed)]
    exports = [text for text in texts if _is_export(text[:HEAD])]
    if not exports:
        raise source.error("holds no WordPress export; expected a file that ends in .xml and is one")
    reading.losses.add("dropped", "files in the archive that are no exports", len(source.names()) - len(exports))
    yield from exports


def _joined(items: Iterable[Item], reading: Reading) -> list[Item]:
    """The items, those of one thread as one: what is written for the import into Disqus may hold one per comment."""
    threads: dict[tuple[str, ...], Item] = {}
    joined = []
    for item in items:
        named = tuple(item.says(name) for name in ("thread_identifier", "link", "title"))
        if not named[0] or item.says("post_id"):
            joined.append(item)
        elif named not in threads:
            threads[named] = item
            joined.append(item)
        else:
            threads[named].comments.extend(item.comments)
            reading.losses.add("doubtful", "items of one thread, read as one")
    return joined


def _left_out(item: Item, by_id: Mapping[str, Item]) -> str | None:
    """Why an item is no article, as a noun phrase; None for one that is."""
    type_ = one_line(item.says("post_type"))[:40]
    if _MACHINERY.fullmatch(type_) or (type_ not in _ARTICLES and not item.comments):
        return f"items of the type {type_}"
    upper = by_id.get(item.says("post_parent")) if item.says("status") == "inherit" else None
    for one in (item, upper):
        if one is not None and one.says("post_password"):
            return "posts with a password"
        if one is not None and (status := one_line(one.says("status"))[:40]) not in _PUBLIC:
            return f"posts of the state {status}"
    return None


class _Users:
    """The users of the site, as the export lists those who wrote something."""

    def __init__(self, roots: Iterable[_Element]) -> None:
        self.names: dict[str, str] = {}
        self.logins: dict[str, str] = {}
        for element in (one for root in roots for one in root.iter() if local(one) == "author"):
            found = fields(element)
            login = one_line(words(found.get("author_login")))
            if login:
                self.names[login] = one_line(html.unescape(words(found.get("author_display_name"))))
                self.logins[words(found.get("author_id"))] = login

    def name(self, login: str) -> str | None:
        """What a user is shown as; without a list of users the creator of a post is named as shown."""
        return self.names.get(login) or html.unescape(_public(login) or "") or None

    def handle(self, login: str | None) -> str | None:
        """The login of a user who is listed."""
        return _public(login) if login in self.names else None

    def other_name(self, name: str | None, handle: str | None) -> str | None:
        """The name that a comment was printed with, where the user it is of is called otherwise today."""
        today = self.names.get(handle or name or "")
        return name if today and name != today else None


def _public(login: str | None) -> str | None:
    """A login, unless it is a mail address."""
    return None if not login or "@" in login else login


def _thread(item: Item, users: _Users, reading: Reading) -> ReadThread:
    title = _title(item.says("title"), reading)
    body = typed_body(markup(item.fields.get("encoded")) or "", reading, shortcodes=True)
    whole = headed(title, body)
    id_ = one_line(item.says("post_id"))[:40]
    creator = one_line(item.says("creator"))
    times = [item.says(name) for name in ("post_date_gmt", "pubDate", "post_date")]
    article = ReadText(
        whole.text,
        whole.blocks,
        name=users.name(creator),
        handle=users.handle(creator),
        locator=f"post-{id_}" if id_ else item.place,
        key=f"post-{id_}" if id_ else None,
        posted_at=_time(times[:1], times[1:], reading),
    )
    return ReadThread(
        title=title or None,
        article=article if whole.text else None,
        comments=tuple(_in_order(_comments(item, users, reading))),
        key=id_ or None,
        url=_url(item),
        date=_day(times[2]) if article.posted_at is None else None,
    )


def _title(shown: str, reading: Reading) -> str:
    """A title without its markup: only what comes in pairs is taken for tags, as one may write of them."""
    if re.search(r"</[a-z]|<br\b", shown, re.I):
        return one_line(typed_body(shown, reading).text)
    return one_line(html.unescape(shown))


def _url(item: Item) -> str | None:
    found = (one_line(item.says(name)) for name in ("link", "guid"))
    return next((address for address in found if re.match(r"https?://\S+$", address)), None)


def _time(utc: Iterable[str], others: Iterable[str], reading: Reading) -> datetime.datetime | None:
    """The first time that is one: those in `utc` name no zone and need none."""
    for shown in utc:
        if shown and not shown.startswith("0000"):
            return reading.time(f"{shown}+00:00" if _UTC_TIME.fullmatch(shown) else shown)
    # Of a post that has no time in UTC the feed makes a day in the year -1, or the first second of 1970.
    real = (shown for shown in others if shown and not re.search(r"-0001\b|^0000|\b1970 00:00:00", shown))
    return next((reading.time(shown) for shown in real), None)


def _day(shown: str) -> str | None:
    try:
        return datetime.date.fromisoformat(shown[:10]).isoformat()
    except ValueError:
        return None


def _comments(item: Item, users: _Users, reading: Reading) -> Iterator[tuple[str, ReadText]]:
    """The comments on an item, each with its number; as they stand in the file."""
    for place, found in item.comments:
        says = {name: words(element) for name, element in found.items()}
        if not any(name.startswith("comment_") for name in found):
            reading.losses.add("dropped", "entries that are no comments")
            continue
        kind = _kind(says, reading)
        if kind is None:
            continue
        id_ = one_line(says.get("comment_id", ""))[:40]
        # Some converters give all that stand above, the one that is answered last.
        parent = one_line(says.get("comment_parent", "").rpartition(",")[2])[:40]
        content = markup(found.get("comment_content"))
        body = None if content is None else typed_body(content, reading)
        handle = users.handle(users.logins.get(says.get("comment_user_id", "") or "0"))
        name = one_line(html.unescape(says.get("comment_author", ""))) or (users.name(handle) if handle else None)
        yield (
            id_,
            ReadText(
                None if body is None else body.text,
                () if body is None else body.blocks,
                name=name,
                handle=handle,
                byline=users.other_name(name, handle),
                locator=f"comment-{id_}" if id_ else place,
                key=f"comment-{id_}" if id_ else None,
                parent=f"comment-{parent}" if parent.strip("0") else None,
                posted_at=_time([says.get("comment_date_gmt", "")], [says.get("comment_date", "")], reading),
                kind=kind,
            ),
        )


def _kind(says: Mapping[str, str], reading: Reading) -> str | None:
    """What an entry is: its state before its type; None, counted, for one that was never printed."""
    type_, approved = (one_line(says.get(f"comment_{name}", "")).lower()[:40] for name in ("type", "approved"))
    if type_ in _NEVER_PRINTED:
        reading.losses.add("dropped", f"entries of the type {type_}, which are never printed")
        return None
    if approved not in _APPROVED:
        reading.losses.add("doubtful", f"comments of the state {approved}, read as not approved")
    kind = _APPROVED.get(approved, "unapproved")
    if kind != COMMENT:
        return kind
    if type_ not in _TYPES:
        reading.losses.add("doubtful", f"entries of the type {type_}, read as comments")
    return _TYPES.get(type_, COMMENT)


def _in_order(comments: Iterable[tuple[str, ReadText]]) -> list[ReadText]:
    """Comments by time, then by number; one without a time stays behind the one that stands before it."""
    placed = []
    last = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    for id_, comment in comments:
        last = comment.posted_at or last
        placed.append((last, len(id_), id_, comment))
    return [comment for *_, comment in sorted(placed, key=lambda one: one[:3])]


READER = Reader(
    form="wordpress-export",
    title="WordPress export (WXR)",
    description="Reads the posts and pages of a WordPress export that were public, with their comments. Empty lines "
    "end paragraphs and line ends are line breaks, as WordPress prints them; shortcodes of captions become captions, "
    "other shortcodes are taken out.",
    recognise=recognise,
    read=read,
)
