"""Blogger's own exports: the Atom file of a backup, the `feed.atom` of Google Takeout, and Takeout's archive.

Two schemas are told apart entry by entry. The older one says in a `category` what an entry is and in `thr:in-reply-to`
which post a comment stands under; a `link` of the relation `related` names the comment that is answered. The one of
2018 has elements of its own for all three. Feeds that a blog serves are read as well; their entries say less.
"""

from __future__ import annotations

import contextlib
import datetime
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.markup import Body, headed
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.atom import (
    Feed,
    Written,
    address_of,
    beginning,
    body_of,
    child,
    children,
    feed_of,
    name_of,
    page_of,
    root_tag,
    title_of,
    written_in,
)
from corpus_tools.ingest.parts.blogger_entries import (
    OTHERS,
    PAGE,
    POST,
    Ref,
    answered_by,
    is_draft,
    kind_of,
    post_of,
    ref_of,
    taken_out,
)
from corpus_tools.ingest.parts.elements import words
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.source import HEAD, Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_SCHEMA = "schemas.google.com/blogger/2018"
_NUMBERED = re.compile(r"(?:post|page|comment)-(\d{1,32})")
_GENERATOR = re.compile(r"<(?:[\w.-]+:)?generator(?=[\s>])[^<>]*>\s*Blogger\s*<")
_KIND = re.compile(r"<(?:[\w.-]+:)?category\s[^<>]*schemas\.google\.com/blogger/2008/kind#")
_KINDS = (
    (re.compile("spam|ghost"), "spam"),
    (re.compile("delet|empt|trash"), "deleted"),
    (re.compile("hid|remov|block|reject"), "removed"),
    (re.compile("pend|draft|moderat|schedul"), "unapproved"),
)
"""What the status of a comment has in it -> the kind of the comment."""
_NEVER, _TRASH, _UNKNOWN = "that were never published", "in the trash", "of a status that is not known"


def recognise(source: Source) -> Match | None:
    """An Atom feed that names Blogger in its head, or an archive that holds one."""
    if not source.is_zip:
        sign = _sign(beginning(source.head))
        return Match(SURE, sign) if sign else None
    with contextlib.suppress(IngestError):
        for name, head in source.members(_is_feed, at_most=HEAD):
            if sign := _sign(beginning(head)):
                return Match(SURE, f"{name} in it is a Blogger export: {sign}")
    return None


def _sign(head: str) -> str | None:
    """What says that a feed is Blogger's, as a phrase; None where nothing does."""
    root = root_tag(head)
    if root is None:
        return None
    if _SCHEMA in root[0]:
        return f"its root element is <{root[1]}> with the schema of Blogger"
    if _GENERATOR.search(head, root.end()):
        return f"its root element is <{root[1]}> and its generator is Blogger"
    if _KIND.search(head, root.end()):
        return "its entries are posts and comments of Blogger"
    return None


def _is_feed(name: str) -> bool:
    return name.lower().endswith((".atom", ".xml"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A post, page or comment."""

    what: str
    ref: Ref | None
    locator: str
    url: str | None
    fate: str
    """For a comment its kind; for a post why it is left out, or nothing."""
    time: datetime.datetime | None
    published: str
    name: str | None
    title: Written | None
    content: Written | None
    total: str
    """How many comments a post has, as the feed says."""
    post: Ref | None = None
    """The post that a comment stands under."""
    answers: Ref | None = None
    """The comment that it answers."""


def read(reading: Reading) -> Iterator[ReadThread]:
    """One thread for each post and page with its comments, then one for each post that has comments only.

    Raises:
        IngestError: If it holds no feed, is no sound archive, declares entities, or is too large.
    """
    export = _Export(reading)
    for feed in _feeds(reading):
        export.take(feed)
    yield from export.threads()


def _feeds(reading: Reading) -> Iterator[Feed]:
    if not reading.source.is_zip:
        yield feed_of(reading, reading.source.text)
        return
    others = [name for name in reading.source.names() if not _is_feed(name)]
    archives = sum(name.lower().endswith((".zip", ".tgz", ".gz", ".7z", ".rar")) for name in others)
    reading.losses.add("dropped", "archives in the archive", archives)
    reading.losses.add("dropped", "files in the archive that are no feeds", len(others) - archives)
    found = False
    for name, raw in reading.source.members(_is_feed):
        text = reading.source.decode(raw)
        if _sign(text[:HEAD]):
            found = True
            yield feed_of(reading, text, member=name)
        else:
            reading.losses.add("dropped", "files in the archive that are no feeds")
    if not found:
        raise reading.error("holds no feed of Blogger; expected Takeout/Blogger/Blogs/NAME/feed.atom or an .xml backup")


def _locator(what: str, ref: Ref | None, place: str) -> str:
    """What the page calls an entry, too: a comment of the feed's `post-17` is `c17` there."""
    if ref is None:
        return place
    numbered = _NUMBERED.fullmatch(ref[1]) if what == COMMENT else None
    return f"c{numbered[1]}" if numbered else ref[1]


@dataclass(slots=True)
class _Export:
    """All entries of a source, so that a comment finds its post in whichever of its feeds that is."""

    reading: Reading
    posts: dict[Ref, _Entry] = field(default_factory=dict)
    nameless: list[_Entry] = field(default_factory=list)
    """Posts without an id."""
    comments: list[_Entry] = field(default_factory=list)
    numbers: dict[tuple[str, str, str], Ref] = field(default_factory=dict)
    """Post or comment, blog and number -> the id in which the number is."""
    answered: dict[Ref, _Entry] = field(default_factory=dict)
    """Comments by their ids."""

    def take(self, feed: Feed) -> None:
        """Add the entries of one feed."""
        base = page_of(feed.shell)
        for number, element in feed.entries:
            if (entry := self._entry(feed, number, element, base)) is None:
                continue
            if entry.what == COMMENT:
                self.comments.append(entry)
            held = self.answered if entry.what == COMMENT else self.posts
            if entry.ref is None:
                self.nameless += [entry] if entry.what != COMMENT else []
            elif entry.ref not in held:
                held[entry.ref] = entry
                if numbered := _NUMBERED.fullmatch(entry.ref[1]):
                    kind = COMMENT if entry.what == COMMENT else POST
                    self.numbers.setdefault((kind, entry.ref[0], numbered[1]), entry.ref)
            elif entry.what != COMMENT:
                self.reading.losses.add("dropped", "posts with the id of one before them")

    def _entry(self, feed: Feed, number: int, element: _Element, base: str | None) -> _Entry | None:
        what = kind_of(element)
        if what not in (POST, PAGE, COMMENT):
            self.reading.losses.add("dropped", OTHERS.get(what, "entries that are no posts, pages or comments"))
            return None
        ref = ref_of(words(child(element, "id")), feed.member)
        blog = ref[0] if ref else feed.member
        place = f"/{feed.member}/feed/entry[{number}]" if feed.member else f"/feed/entry[{number}]"
        answers = answered_by(element, blog) if what == COMMENT else None
        published = words(child(element, "published")) or words(child(element, "issued"))
        return _Entry(
            what,
            ref,
            locator=_locator(what, ref, place),
            url=_address(element, what, base),
            fate=self._kind(element) if what == COMMENT else self._fate(element, what),
            time=self.reading.time(published),
            published=published,
            name=name_of(element),
            title=written_in(child(element, "title")) if what != COMMENT else None,
            content=self._content(element, what),
            total=words(child(element, "total")),
            post=(post_of(element, ref, blog) or answers) if what == COMMENT else None,
            answers=answers,
        )

    def _content(self, element: _Element, what: str) -> Written | None:
        if what == COMMENT and taken_out(element):
            return None
        content, summary = written_in(child(element, "content")), written_in(child(element, "summary"))
        if summary is None or (content is not None and content.text):
            return content
        self.reading.losses.add("lost", "texts of which the feed has a summary only")
        return summary

    def _fate(self, element: _Element, what: str) -> str:
        """Why a post is left out; empty where it is not."""
        status = words(child(element, "status")).casefold()
        # Every entry has `trashed`; it holds a time where the entry is in the trash.
        if words(child(element, "trashed")) or re.search("trash|delet", status):
            fate = _TRASH
        elif is_draft(element) or re.search("draft|schedul|pend", status):
            fate = _NEVER
        elif status not in ("", "live"):
            fate = _UNKNOWN
        else:
            return ""
        self.reading.losses.add("dropped", f"{what}s {fate}")
        return fate

    def _kind(self, element: _Element) -> str:
        status = words(child(element, "status")).casefold()
        if words(child(element, "trashed")):
            return "deleted"
        if status in ("", "live"):
            return "unapproved" if is_draft(element) else taken_out(element) or COMMENT
        kind = next((kind for pattern, kind in _KINDS if pattern.search(status)), None)
        self.reading.losses.add("doubtful", "comments of a status that is not known, held to be removed", kind is None)
        return kind or "removed"

    def threads(self) -> Iterator[ReadThread]:
        """The threads in the order of their posts, with their comments by time."""
        under = self._by_post()
        for post in (*self.posts.values(), *self.nameless):
            comments = under.pop(post.ref, []) if post.ref else []
            if post.fate:
                self.reading.losses.add("dropped", f"comments on {post.what}s {post.fate}", len(comments))
            else:
                yield self._thread(post, comments)
        for ref, comments in under.items():
            self.reading.losses.add("lost", "articles of threads whose comments alone are in the file")
            url = next((comment.url for comment in comments if comment.url), None)
            yield ReadThread(None, None, tuple(self._comment(one, None) for one in comments), key=ref[1], url=url)

    def _by_post(self) -> dict[Ref, list[_Entry]]:
        """The comments under each post, or under each id of a post that is not there."""
        under: dict[Ref, list[_Entry]] = {}
        roots: dict[Ref, Ref] = {}
        for comment in _by_time(self.comments):
            if comment.post is None:
                self.reading.losses.add("dropped", "comments that name no post")
            else:
                under.setdefault(self._root(comment.post, roots), []).append(comment)
        return under

    def _root(self, ref: Ref, roots: dict[Ref, Ref]) -> Ref:
        """The post that is meant; where a comment is named in place of one, the post of that."""
        path: dict[Ref, None] = {}
        while ref not in roots:
            path[ref] = None
            post = self._known(POST, ref)
            comment = self.answered.get(ref) if post is None else None
            if comment is None or comment.post is None or comment.post in path:
                roots[ref] = post or ref
            else:
                ref = comment.post
        roots.update(dict.fromkeys(path, roots[ref]))
        return roots[ref]

    def _known(self, kind: str, ref: Ref) -> Ref | None:
        """The id of a post or comment of this file, where only its number may be right: pages are called posts."""
        if ref in (self.answered if kind == COMMENT else self.posts):
            return ref
        numbered = _NUMBERED.fullmatch(ref[1])
        return self.numbers.get((kind, ref[0], numbered[1])) if numbered else None

    def _thread(self, post: _Entry, comments: list[_Entry]) -> ReadThread:
        if re.fullmatch("[0-9]{1,7}", post.total) and (n := int(post.total) - len(comments)) > 0:
            self.reading.losses.add("missing", "comments that the feed counts and does not hold", n)
        title = title_of(self.reading, post.title)
        body = headed(title, body_of(self.reading, post.content) if post.content else Body("", ()))
        key = post.ref[1] if post.ref else None
        article = ReadText(body.text, body.blocks, post.name, locator=post.locator, key=key, posted_at=post.time)
        day = None if post.time else _day(post.published)
        return ReadThread(
            title, article, tuple(self._comment(one, key) for one in comments), key=key, url=post.url, date=day
        )

    def _comment(self, comment: _Entry, article: str | None) -> ReadText:
        body = body_of(self.reading, comment.content) if comment.content else None
        if body is not None and not body.text and comment.fate != COMMENT:
            body = None
        return ReadText(
            body.text if body else None,
            body.blocks if body else (),
            comment.name,
            locator=comment.locator,
            key=comment.ref[1] if comment.ref else None,
            parent=self._parent(comment) or article,
            posted_at=comment.time,
            kind=comment.fate,
        )

    def _parent(self, comment: _Entry) -> str | None:
        """The key of the comment that is answered; None where a comment answers the post."""
        answers = comment.answers
        if answers is not None and self._known(POST, answers) is None:
            return (self._known(COMMENT, answers) or answers)[1]
        if comment.post in self.answered and comment.post not in self.posts:
            return comment.post[1] if comment.post else None
        return None


def _by_time(comments: list[_Entry]) -> list[_Entry]:
    """Comments by time, those without at the end; what has the same time is in the order that it was written in."""
    stamps = [one.time.timestamp() if one.time else float("inf") for one in comments]
    placed = list(zip(stamps, comments, strict=True))
    later = sum(a < b < float("inf") for a, b in itertools.pairwise(stamps))
    earlier = sum(b < a < float("inf") for a, b in itertools.pairwise(stamps))
    # A backup begins with what is newest, and its older times are those of minutes.
    ordered = sorted(reversed(placed) if earlier > later else placed, key=lambda one: one[0])
    return [comment for _, comment in ordered]


def _address(element: _Element, what: str, base: str | None) -> str | None:
    """The address of the page of a post, or of the post that a comment stands under."""
    url = page_of(element)
    if what != COMMENT:
        filename = words(child(element, "filename"))
        return base.rstrip("/") + filename if url is None and base is not None and filename.startswith("/") else url
    for named in children(element, "in-reply-to"):
        url = address_of(named.get("href")) or url
    return re.split("[?#]", url, maxsplit=1)[0] if url else None


def _day(said: str) -> str | None:
    try:
        return datetime.date.fromisoformat(said[:10]).isoformat()
    except ValueError:
        return None


READER = Reader(
    form="blogger-export",
    title="Blogger export, or archive of Google Takeout",
    description="Each post or page of the feed is an article, its content read as the HTML it is; comments stand under "
    "the post that they name, in the order of their times, and answer the comment that they name, or else the post.",
    recognise=recognise,
    read=read,
)
