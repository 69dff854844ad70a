"""Disqus exports: all threads and posts of a forum in one XML file, which names articles and does not hold them.

What Disqus keeps as several threads of one page, because it was opened under several addresses, is one thread here.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.ingest.known import bare_url
from corpus_tools.ingest.markup import Body, headed, one_line
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.cdata import outside, sealed
from corpus_tools.ingest.parts.elements import fields, id_in, local, markup, parsed, root_name, words
from corpus_tools.ingest.parts.entries import head_of
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROOT = re.compile(r"<disqus\s[^<>]*disqus\.com|<disqus>")
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|ref_src)(?:=.*)?", re.I)
_MARKED = re.compile(r"<(?:p|br|div|blockquote)\b", re.I)
_MENTION = re.compile(r"@[A-Za-z0-9_-]+:disqus\b")


def recognise(source: Source) -> Match | None:
    """A file whose first element is `disqus`, whatever stands before it."""
    head = head_of(source)
    if "<disqus" in head and (root_name(head) == "disqus" or _ROOT.search(head)):
        return Match(SURE, "its root element is <disqus>")
    return None


@dataclass(frozen=True, slots=True)
class _Thread:
    """A thread of Disqus, or several of one page."""

    id_: str
    link: str
    title: str
    identifier: str
    message: str
    deleted: bool

    @property
    def names(self) -> list[str]:
        """What it is known by: two threads that have one of these in common are of one page."""
        links = [self.link, self.identifier] if re.match(r"https?://", self.identifier) else [self.link]
        names = [f"link {page_of(link)}" for link in links if link]
        return [*names, f"identifier {self.identifier}"] if self.identifier else names


def read(reading: Reading) -> Iterator[ReadThread]:
    """Every page of a forum with its posts; the words of the articles are not in an export, only their titles.

    Raises:
        IngestError: If the file holds no such export, or cannot be parsed.
    """
    text = sealed(reading.source.text, "message|name|title", reading.losses)
    root = parsed(reading.source, "disqus", text)
    threads = _threads(root, reading)
    pages = _pages(thread for thread in threads.values() if not thread.deleted)
    page_of_thread = {thread.id_: page[0].id_ for page in pages for thread in page}
    reading.losses.add("doubtful", "threads of one page, read as one", sum(len(page) - 1 for page in pages))
    posts: dict[str, list[ReadText]] = {page[0].id_: [] for page in pages}
    lost: dict[str, list[ReadText]] = {}
    for thread_id, post in _posts(root, reading):
        if thread_id in page_of_thread:
            posts[page_of_thread[thread_id]].append(post)
        elif thread_id in threads:
            reading.losses.add("dropped", "posts in deleted threads")
        elif thread_id:
            lost.setdefault(thread_id, []).append(post)
        else:
            reading.losses.add("dropped", "posts that name no thread")
    begun = sum(1 for _ in outside(text, r"<(?:[\w.-]+:)?post(?=[\s>])"))
    n_posts = sum(local(element) == "post" for element in root.iter())
    reading.losses.add("dropped", "posts that cannot be read", max(begun - n_posts, 0))
    for page in pages:
        found = posts[page[0].id_]
        if not found and not any(thread.title for thread in page):
            reading.losses.add("dropped", "threads without title and posts", len(page))
        else:
            yield _thread(page, found, reading)
    reading.losses.add("doubtful", "threads that posts name and the file does not hold", len(lost))
    for thread_id, found in lost.items():
        yield ReadThread(None, None, tuple(_in_order(found)), key=thread_id)


def page_of(link: str) -> str:
    """An address without what does not tell pages apart: scheme, `www.`, last slash, tracking, and places in a page."""
    address, _, fragment = link.partition("#")
    path, _, query = address.partition("?")
    told = [part for part in re.split("[&;]", query) if part and not _TRACKING.fullmatch(part)]
    host, slash, rest = bare_url(path).partition("/")
    kept = f"{host.lower()}{slash}{rest}" + (f"?{'&'.join(told)}" if told else "")
    # Sites of one page tell their pages apart behind these.
    return f"{kept}#{fragment}" if fragment.startswith(("!", "/")) else kept


def _threads(root: _Element, reading: Reading) -> dict[str, _Thread]:
    """The threads by their ids; those in posts only name one, so children of the root alone are looked at."""
    threads: dict[str, _Thread] = {}
    for element in root:
        if local(element) != "thread":
            continue
        found = fields(element)
        says = {name: words(found.get(name)) for name in ("id", "link", "title", "isDeleted")}
        thread = _Thread(
            id_in(element),
            one_line(says["link"]),
            one_line(says["title"]),
            one_line(says["id"]),
            markup(found.get("message")) or "",
            says["isDeleted"].lower() == "true",
        )
        if not thread.id_:
            reading.losses.add("dropped", "threads without an id")
        elif thread.id_ in threads:
            reading.losses.add("dropped", "threads with the id of one before them")
        else:
            threads[thread.id_] = thread
            reading.losses.add("dropped", "deleted threads", thread.deleted)
    return threads


def _pages(threads: Iterable[_Thread]) -> list[list[_Thread]]:
    """Threads of one page together, in the order of the file."""
    threads = list(threads)
    upper = list(range(len(threads)))

    def top(number: int) -> int:
        while upper[number] != number:
            upper[number] = number = upper[upper[number]]
        return number

    # A thread may be what shows that two pages are one; all are then taken into the first.
    by_name: dict[str, int] = {}
    for number, thread in enumerate(threads):
        for name in thread.names:
            low, high = sorted((top(number), top(by_name.setdefault(name, number))))
            upper[high] = low
    pages: dict[int, list[_Thread]] = {}
    for number, thread in enumerate(threads):
        pages.setdefault(top(number), []).append(thread)
    return list(pages.values())


def _thread(page: list[_Thread], posts: list[ReadText], reading: Reading) -> ReadThread:
    # Of several addresses the one that the site itself named is the one without a query.
    links = [one.link for one in page if re.match(r"https?://\S+$", one.link)]
    url = min(links, key=lambda link: ("?" in link) + ("#" in link), default=None)
    titled = next((one for one in page if one.title), None)
    article = None
    if titled is not None:
        body = _body(titled.message, reading) or Body("", ())
        reading.losses.add("missing", "bodies of articles", not body.text)
        whole = headed(titled.title, body)
        article = ReadText(whole.text, whole.blocks, locator=f"thread-{page[0].id_}", key=f"thread-{page[0].id_}")
    return ReadThread(titled.title if titled else None, article, tuple(_in_order(posts)), key=page[0].id_, url=url)


def _posts(root: _Element, reading: Reading) -> Iterator[tuple[str, ReadText]]:
    """Each post, with the id of its thread; a post without one is in the thread of what it answers."""
    threads: dict[str, str] = {}
    number = 0
    # However deep broken markup has put one.
    for element in root.iter():
        if local(element) != "post":
            continue
        number += 1
        found = fields(element)
        id_, parent = id_in(element), id_in(found.get("parent"))
        thread_id = id_in(found.get("thread")) or threads.get(parent, "")
        if id_:
            threads[id_] = thread_id
        says = {name: words(one) for name, one in found.items()}
        name, handle = _author(found.get("author"))
        body = _body(markup(found.get("message")), reading)
        yield (
            thread_id,
            ReadText(
                None if body is None else body.text,
                () if body is None else body.blocks,
                name=name,
                handle=handle,
                locator=f"post-{id_}" if id_ else f"/disqus/post[{number}]",
                key=f"post-{id_}" if id_ else None,
                parent=f"post-{parent}" if parent else None,
                posted_at=reading.time(says.get("createdAt")),
                kind=_kind(says),
            ),
        )


def _body(message: str | None, reading: Reading) -> Body | None:
    """The words of a post; one without any markup of paragraphs has the line ends that were typed."""
    if message is None:
        return None
    body = reading.body(message, blank_lines=not _MARKED.search(message))
    mentions = len(_MENTION.findall(body.text))
    reading.losses.add("doubtful", "mentions by user name (@name:disqus), where the page shows another", mentions)
    return body


def _kind(says: Mapping[str, str]) -> str:
    flags = {name: says.get(name, "").lower() for name in ("isSpam", "isDeleted", "isApproved")}
    if flags["isSpam"] == "true":
        return "spam"
    if flags["isDeleted"] == "true":
        return "deleted"
    return "unapproved" if flags["isApproved"] == "false" else COMMENT


def _author(element: _Element | None) -> tuple[str | None, str | None]:
    """Name and user name; a guest has no user name of their own."""
    if element is None:
        return None, None
    found = fields(element)
    name = one_line(words(found.get("name"))) or None
    handle = one_line(words(found.get("username"))) or None
    guest = words(found.get("isAnonymous")).lower() == "true"
    return name, None if guest or (handle and "@" in handle) else handle


def _in_order(posts: list[ReadText]) -> list[ReadText]:
    """Posts by time; one without a time stays behind the one that stands before it."""
    placed = []
    last = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    for post in posts:
        last = post.posted_at or last
        placed.append((last, post))
    return [post for _, post in sorted(placed, key=lambda one: one[0])]


READER = Reader(
    form="disqus",
    title="Disqus export",
    description="Reads the threads and posts of a Disqus export. Of an article it knows the title and address alone; "
    "threads of one page under several addresses are read as one.",
    recognise=recognise,
    read=read,
)
