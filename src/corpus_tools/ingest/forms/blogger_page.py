"""Pages of Blogger (blogspot.com) of any year since 2003, as a browser saves them or a crawler fetches them.

The post is found by the class of its body; the comments are read from the markup of the template and from the list that
the page carries in a script. Where a comment is in both, the page says how it is printed and the script what it
answers. The time that is shown with a comment has no zone; the link under it holds the absolute one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import IngestError
from corpus_tools.ingest.article import article_of
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import PARAGRAPH, Body, headed, joined, one_line
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.parts.blogger_comments import Paths, inside, kind_of, printed, tokens, words
from corpus_tools.ingest.parts.blogger_names import Said
from corpus_tools.ingest.parts.blogger_posts import Facts, Post, facts_of, posts_of
from corpus_tools.ingest.parts.javascript import lists_called
from corpus_tools.ingest.reading import LIKELY, SURE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|div|dl)\b", re.I)
_META = re.compile(rb"<meta\b[^>]{0,500}>", re.I)
_OWN = (
    (re.compile(r"_WidgetManager\._"), "its widgets are those of Blogger"),
    (re.compile(r"blogger\.com/(?:feeds/\d|static/v1/|comment-iframe\.g|delete-comment\.g|comment/(?:frame|delete)/\d|rearrange\?blogID)"),
     "it links to the tools of Blogger"),
    (re.compile(r"/feeds/\d+/comments/default\b"), "it links to a feed of comments as Blogger has them"),
)  # fmt: skip
_ALIKE = (
    (re.compile(r"""id=["']?Blog1["'\s>]"""), "it has a widget Blog1"),
    (re.compile(r"[?&](?:amp;)?showComment=\d+#c\d"), "its links to comments are those of Blogger"),
)
_HINT = re.compile(rb"blogger|blogspot|blogblog|comments-block|showComment|Blog1", re.I)
_REGIONS = frozenset(("comments", "comment-holder", "comments-block", "backlinks-container", "commentInline"))
_REGION_CLASSES = frozenset(("comments", "blogComments", "comment-thread", "comments-content", "comments-block"))
_OTHERS = frozenset(
    ("disqus_thread", "HCB_comment_box", "idc-container", "livefyre-comments", "g-comments", "fb-comments")
)
_BUTTONS = frozenset(("item-control", "post-share-buttons", "share-button", "jump-link", "post-footer", "post-icons"))
_NUMBER = re.compile(r"\d{5,25}")
_POST_OF_PAGE = re.compile(
    r"/comment(?:-iframe)?\.g\?[^#]{0,300}\bpostID=(\d{5,25})|/feeds/(\d{5,25})/comments/default|"
    r"blogger\.com/comment/(?:frame/\d{1,25}\?[^#]{0,300}\bpo=|fullpage/post/\d{1,25}/)(\d{5,25})"
)
_COUNT = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d{1,7}")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOG_TITLES = ("Header1", "header", "blog-header", "blog-title")
_NOTHING = Facts()


def recognise(source: Source) -> Match | None:
    """A page that names Blogger as its generator, or has the links and markup of its templates."""
    head = source.head.replace(b"\x00", b"")
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:2000]
    if not _HTML.search(head) or re.search(rb"<(?:\w+:)?(?:feed|rss)\b", start) or b"<b:includable" in head:
        return None
    for meta in _META.findall(head):
        if re.search(rb"""\bname\s*=\s*["']?generator\b""", meta, re.I) and re.search(
            rb"""\bcontent\s*=\s*["']?blogger\b""", meta, re.I
        ):
            return Match(SURE, "it names Blogger as its generator")
    if not _HINT.search(head):
        return None
    try:
        text = source.text
    except IngestError:
        return None
    for strength, evidence in ((SURE, _OWN), (LIKELY, _ALIKE)):
        for pattern, reason in evidence:
            if pattern.search(text):
                return Match(strength, reason)
    return Match(LIKELY, "it has a <dl id='comments-block'>") if _has_list(text) else None


def _has_list(text: str) -> bool:
    """Whether one of the first elements called `comments-block` is a `<dl>`; other software calls a `<div>` that."""
    for match in islice(re.finditer("comments-block", text), 50):
        opening = text.rfind("<", max(0, match.start() - 300), match.start())
        if opening >= 0 and text[opening : opening + 3].lower() == "<dl":
            return True
    return False


def read(reading: Reading) -> Iterator[ReadThread]:
    """The posts of a page, each with the comments that stand under it.

    Returns:
        One thread for each post; most pages have one.

    Raises:
        IngestError: If there is neither a post nor a comment.
    """
    page = reading.source.html
    posts = posts_of(page)
    regions = _regions(page, posts)
    made = list(_threads(page, posts, regions, reading))
    if not any(thread.comments or thread.article for thread in made):
        raise reading.error(
            "holds neither a post nor a comment of Blogger; save the page of one post with its comments"
        )
    _count_other_services(page, reading)
    yield from made


@dataclass(slots=True)
class _Under:
    """What stands under one post."""

    comments: list[ReadText] = field(default_factory=list)
    n_said: int | None = None
    """How many comments the page says there are."""


def _threads(
    page: HtmlElement, posts: list[Post], regions: dict[HtmlElement, None], reading: Reading
) -> Iterator[ReadThread]:
    unders = _unders(page, posts, regions, reading)
    for under in unders:
        _compare(under, reading)
    if not posts:
        reading.losses.add("doubtful", "posts that nothing in the markup of Blogger marks")
        yield _thread(page, None, unders[0], list(regions), reading, alone=True)
    in_body: dict[HtmlElement, list[HtmlElement]] = {}
    for region in regions:
        for outer in region.iterancestors():
            in_body.setdefault(outer, []).append(region)
    paths, alone = Paths(), len(posts) == 1
    for post, under in zip(posts, unders, strict=bool(posts)):
        facts = facts_of(post, without=regions)
        place = "/html/body" if alone else paths.of(post.body)
        without = in_body.get(post.body, [])
        yield _thread(page, post, under, without, reading, facts=facts, place=place, alone=alone)


def _regions(page: HtmlElement, posts: list[Post]) -> dict[HtmlElement, None]:
    """The parts of a page that hold comments, none inside another, none around a post."""
    around = {outer for post in posts for outer in (post.body, *post.body.iterancestors())}
    found: dict[HtmlElement, None] = {}
    for element in inside(page):
        name = element.get("id") or ""
        named = name in _REGIONS or name.endswith("_comments-block-wrapper")
        holds = (named or _REGION_CLASSES & tokens(element)) and element not in around
        if holds and not any(outer in found for outer in element.iterancestors()):
            found[element] = None
    return found


def _unders(page: HtmlElement, posts: list[Post], regions: dict[HtmlElement, None], reading: Reading) -> list[_Under]:
    """What stands under each post, or under none."""
    unders = [_Under() for _ in posts or (None,)]
    places = {post.body: i for i, post in enumerate(posts)}
    under, paths = unders[0], Paths()
    for element in page.iter():
        if element in places:
            under = unders[places[element]]
        elif element in regions:
            under.comments += _printed(element, reading, paths)
            under.n_said = _number_said(element) if under.n_said is None else under.n_said
        elif element.tag == "body" and not regions:
            under.comments += _printed(element, reading, paths, loose=True)
        elif element.tag == "script" and "items" in (element.text or ""):
            under.comments = _with_items(under.comments, element.text or "", reading)
    return unders


def _printed(region: HtmlElement, reading: Reading, paths: Paths, *, loose: bool = False) -> list[ReadText]:
    """The comments in the markup of a region; where none is marked, only what is surely a comment."""
    found = printed(region, reading.losses)
    if loose:
        found = [one for one in found if one.key is not None and one.body is not None]
    said = Said(found, reading.losses)
    answered = {one.answers for one in found}
    made = []
    for one in found:
        name, byline = said.name_and_byline(one)
        outer = one.answers
        place = one.key or paths.of(one.place)
        text = ReadText(
            None,
            name=name,
            byline=byline,
            locator=place,
            key=one.key or (place if one in answered else None),
            parent=None if outer is None else outer.key or paths.of(outer.place),
            posted_at=reading.epoch(one.milliseconds, per_second=1000),
            kind=one.kind,
        )
        if one.body is not None and one.kind not in ("deleted", "removed"):
            body = reading.body(one.body, skip=one.skip)
            if one.kind == "trackback" and one.head is not None:
                parts = [(block.label, body.text[block.start : block.end]) for block in body.blocks]
                body = joined([(PARAGRAPH, words(one.head)), *parts])
            text = replace(text, text=body.text, blocks=body.blocks)
        made.append(text)
    return made


def _with_items(comments: list[ReadText], script: str, reading: Reading) -> list[ReadText]:
    """The comments of the markup and those of a script, nothing twice."""
    made = list(comments)
    places = {text.key: place for place, text in reversed(list(enumerate(made)))}
    for items, whole in lists_called("items", script):
        reading.losses.add("doubtful", "lists of comments in scripts that break off", not whole)
        for item in items:
            number = item.get("id") if isinstance(item, dict) else None
            if not isinstance(number, str) or not _NUMBER.fullmatch(number):
                reading.losses.add("dropped", "entries of lists in scripts that are no comments")
                continue
            key = f"c{number}"
            if key in places:
                made[places[key]] = _merged(made[places[key]], item, reading)
            else:
                places[key] = len(made)
                made.append(_merged(ReadText(None, locator=key, key=key), item, reading))
    return made


def _merged(text: ReadText, item: dict[str, Any], reading: Reading) -> ReadText:
    """A comment with what an entry of the list adds to it."""
    author, shown, answered = item.get("author"), item.get("displayTime"), item.get("parentId")
    named = author.get("name") if isinstance(author, dict) else None
    name = one_line(html.unescape(named)) if isinstance(named, str) else ""
    if isinstance(answered, str) and _NUMBER.fullmatch(answered):
        text = replace(text, parent=f"c{answered}")
    if text.posted_at is None:
        text = replace(text, posted_at=reading.epoch(item.get("timestamp"), per_second=1000))
    if text.name is None and name:
        byline = f"{name} {one_line(shown)}" if isinstance(shown, str) else name
        text = replace(text, name=name, byline=text.byline if name in (text.byline or "") else byline)
    raw = item.get("body")
    if text.text is not None or text.kind != COMMENT or not isinstance(raw, str):
        return text
    body = reading.body(raw)
    kind = kind_of(body.text, marked="deleted-comment" in raw)
    return replace(text, kind=kind) if kind != COMMENT else replace(text, text=body.text, blocks=body.blocks)


def _number_said(region: HtmlElement) -> int | None:
    """How many comments the first heading of a region, or its own attribute, says there are."""
    said = region.get("data-num-comments")
    if said is None:
        headings = (one for one in inside(region) if one.tag in _HEADINGS)
        said = next((shown for shown in map(words, headings) if shown), "")
    match = _COUNT.search(said[:200])
    return None if match is None else int(re.sub(r"\D", "", match[0]))


def _compare(under: _Under, reading: Reading) -> None:
    """Count what the page counts and does not show, or shows and does not count."""
    found = sum(text.kind != "trackback" for text in under.comments)
    gone = sum(text.kind in ("deleted", "removed") for text in under.comments)
    if under.n_said is not None:
        reading.losses.add("doubtful", "comments that the page counts and does not show", max(under.n_said - found, 0))
        # Whether those that were deleted are in the number is nowhere said.
        beyond = max(found - gone - under.n_said, 0)
        reading.losses.add("doubtful", "comments that the page shows and does not count", beyond)


def _count_other_services(page: HtmlElement, reading: Reading) -> None:
    n = sum(
        one.tag in ("fb:comments", "g:comments") or (one.get("id") or "") in _OTHERS or bool(_OTHERS & tokens(one))
        for one in inside(page)
    )
    reading.losses.add("lost", "comment blocks of other services, whose comments the page does not hold", n)


def _thread(
    page: HtmlElement,
    post: Post | None,
    under: _Under,
    without: list[HtmlElement],
    reading: Reading,
    *,
    facts: Facts = _NOTHING,
    place: str = "/html/body",
    alone: bool,
) -> ReadThread:
    exact = post is not None and post.exact
    losses = Losses() if exact else reading.losses
    within = None if post is None else post.body
    article = article_of(page, losses=losses, without=without, within=within) if alone or not exact else None
    number = facts.number or (_number_of_page(page) if alone else None)
    title = facts.title or (_title_of_page(page, article.title) if alone and article else None)
    found = article.body if article else joined(())
    if exact and within is not None:
        # What is known to be the body is taken as it is: trafilatura leaves out short lines and ends of paragraphs.
        buttons = [one for one in inside(within) if _BUTTONS & tokens(one)]
        found = reading.body(within, skip=[*without, *buttons])
        # Some templates keep the post in a script until it is scrolled to.
        kept = [one.text or "" for one in within.iter("script") if one.get("type") == "text/template"]
        found = _without_headline(found if found.text or not kept else reading.body(kept[0]), title)
    body = headed(title, found)
    key = f"post-{number}" if number else None
    day = facts.time if facts.time and len(facts.time) == 10 else None
    written = ReadText(
        body.text,
        blocks=body.blocks,
        name=facts.author,
        byline=facts.byline,
        locator=key or place,
        key=key,
        posted_at=None if day else reading.time(facts.time),
    )
    url = article.url if alone and article and (article.url or "").startswith("http") else facts.url
    date = None if written.posted_at else day or facts.day or (article.date if alone and article else None)
    return ReadThread(title, written if body.text else None, tuple(under.comments), number, url, date)


def _without_headline(body: Body, title: str | None) -> Body:
    """A body without its own title at its beginning."""
    parts = [(block.label, body.text[block.start : block.end]) for block in body.blocks]
    if title and parts and one_line(parts[0][1]).casefold() == title.casefold():
        return joined(parts[1:])
    return body


def _number_of_page(page: HtmlElement) -> str | None:
    """The number of the post that a page's form or feed of comments is for."""
    for element in page.iter("a", "link"):
        href = element.get("href") or ""
        if match := _POST_OF_PAGE.search(href):
            return match[1] or match[2] or match[3]
    return None


def _title_of_page(page: HtmlElement, found: str | None) -> str | None:
    """The title where none is printed with the post: that of the window, without the name of the blog before it.

    Args:
        page: The page.
        found: What was found elsewhere; it is no title where it is the name of the blog.
    """
    window = one_line(" ".join(page.xpath("//title//text()")))
    _, parted, rest = window.partition(": ")
    if parted and found in (window, None):
        # Templates of one's own mark the heading of a post as they like; its words follow the blog's name.
        shown = [words(one) for one in inside(page) if one.tag in _HEADINGS]
        if any(line == rest or line.startswith(f"{rest} ") for line in shown):
            return rest
    for element in inside(page):
        if element.get("id") in _BLOG_TITLES or "titlewrapper" in tokens(element):
            headings = (one for one in chain((element,), inside(element)) if one.tag in _HEADINGS)
            blog = next((shown for shown in map(words, headings) if shown), None)
            if blog and window.startswith(f"{blog}: "):
                return window[len(blog) + 2 :].strip() or None
            if blog and blog in (window, found):
                return None if found in (blog, window) else found
    return found


READER = Reader(
    form="blogger-page",
    title="Blogger page, saved",
    description="Posts are found by the class of their body, comments by the markup of the templates of Blogger since "
    "2003 and by the list in the script of the page; times are those in the links to the comments, answers those that "
    "the nesting or the script records.",
    recognise=recognise,
    read=read,
)
