"""What the readers of saved pages share: whether a file is a page, its classes, its structured data, places in it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import html_body, one_line
from corpus_tools.ingest.source import HEAD, Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")
_FIRST_TAG = re.compile(rb"<([a-z][a-z0-9]*)[\s/>]")
_PROLOGUE = re.compile(rb"(?:\s|\xef\xbb\xbf)*<", re.I)
_MAIL = re.compile(rb"\s*(?:from|mime-version|subject|date|content-type|snapshot-content-location):", re.I)
_TAGS = frozenset(
    b"html head body title meta link script style div p article main section header h1 h2 h3 table ol ul dl span"
    b" a center".split()
)
_META = re.compile(r"<meta\b[^>]{0,400}>", re.I)
# Not its profiles: people who comment elsewhere link to theirs.
_BLOGGER_MARKUP = re.compile(r"_WidgetManager\b|blogger\.com/(?:feeds|static|delete-comment|comment\.g)", re.I)
_EMBEDDED = re.compile(
    r"disqus_thread|fb-comments|livefyre-comments?|commento|hyvor-talk-view|intensedebate-comments|"
    r"utterances|giscus|graphcomment|hypercomments_widget|coral_thread|spot-im-comments|remark42|cusdis_thread|isso-thread"
)
_OFFSET = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|[+-]\d\d:?\d\d)$", re.I)
ARTICLES = frozenset(
    "Article BlogPosting NewsArticle Report OpinionNewsArticle AnalysisNewsArticle ReportageNewsArticle"
    " ReviewNewsArticle BackgroundNewsArticle SocialMediaPosting DiscussionForumPosting TechArticle ScholarlyArticle"
    " AdvertiserContentArticle LiveBlogPosting Question".split()
)
"""Types of schema.org that people comment on."""


def begins_as_page(source: Source) -> bool:
    """Whether the head of a file is that of a page; raises nothing and reads no more than the head."""
    head = source.head
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head, HEAD)
        except zlib.error:
            return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\x00", b"")[2:]
    if source.is_zip or b"\x00" in head or _MAIL.match(head):
        return False
    named = source.path.name.lower().removesuffix(".gz").endswith(SUFFIXES)
    if not named and not _PROLOGUE.match(head):
        return False
    head = head.lower()
    first = _FIRST_TAG.search(head)
    # A server may put its warnings before the page.
    declared = b"<!doctype html" in (head if named else head[:1024])
    return first is not None and (first[1] in _TAGS or declared)


def opened(source: Source) -> HtmlElement | None:
    """The page of a file that begins as one, for recognising it; None where it is none or cannot be read."""
    if not begins_as_page(source):
        return None
    try:
        return source.html
    except IngestError:
        return None


def is_blogger(source: Source, *, says: bool = False) -> bool:
    """Whether Blogger made a page; with `says`, whether the page says so itself."""
    try:
        text = source.text
    except IngestError:
        return False
    tags = (match[0].lower() for match in _META.finditer(text))
    if any("generator" in tag and "blogger" in tag for tag in tags):
        return True
    return not says and _BLOGGER_MARKUP.search(text) is not None


def classes(element: HtmlElement) -> frozenset[str]:
    """The classes of an element."""
    return frozenset((element.get("class") or "").split())


def with_class(root: HtmlElement, names: frozenset[str]) -> Iterator[HtmlElement]:
    """The elements under `root`, itself left out, that have a class of `names`, as they stand in the page."""
    for element in root.iter("*"):
        if element is not root and not names.isdisjoint(classes(element)):
            yield element


def words(element: HtmlElement, *, skip: Iterable[HtmlElement] = ()) -> str:
    """What an element shows, on one line."""
    return one_line(html_body(element, losses=Losses(), skip=skip).text)


def above(element: HtmlElement, stop: HtmlElement | None = None) -> Iterator[HtmlElement]:
    """The elements that an element is in, the nearest first, up to `stop`, which is left out."""
    one = element.getparent()
    while one is not None and one is not stop:
        yield one
        one = one.getparent()


def places(page: HtmlElement, wanted: Iterable[HtmlElement]) -> dict[HtmlElement, str]:
    """Elements -> their XPath, found in one walk through the page."""
    from lxml import etree

    left = set(wanted)
    found: dict[HtmlElement, str] = {}
    if not left:
        return found
    counts: list[dict[str, int]] = [{}]
    steps: list[str] = []
    for event, element in etree.iterwalk(page, events=("start", "end")):
        if event == "end":
            steps.pop()
            counts.pop()
            continue
        tag = str(element.tag)
        counts[-1][tag] = counts[-1].get(tag, 0) + 1
        steps.append(f"{tag}[{counts[-1][tag]}]" if len(steps) else tag)
        counts.append({})
        if element in left:
            found[element] = "/" + "/".join(steps)
    return found


def has_offset(time: str | None) -> bool:
    """Whether a time says how far it is from UTC."""
    return bool(_OFFSET.search((time or "").strip()))


def structured_data(page: HtmlElement, losses: Losses) -> list[Any]:
    """The values of the page's JSON-LD; a block that is none, even when mended, is left out and counted."""
    values = []
    for script in page.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = _bare(script.text or "")
        if not text:
            continue
        value = _json(text)
        if value is None:
            value = _json(re.sub(r",(?=\s*[}\]])", "", text))
            losses.add("repaired", "blocks of structured data with commas too many", value is not None)
        if value is None:
            losses.add("dropped", "blocks of structured data that are no JSON")
        else:
            values.append(value)
    return values


def _bare(text: str) -> str:
    """A script without what hides it from old browsers: an HTML comment, or a CDATA section in a comment."""
    text = text.strip()
    for mark in ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA["):
        text = text.removeprefix(mark)
    for mark in ("-->", "/*]]>*/", "/* ]]> */", "]]>"):
        text = text.removesuffix(mark).rstrip()
    return text.removesuffix("//").strip().rstrip(";")


def _json(text: str) -> Any:
    try:
        # Line ends inside strings, which JSON forbids, are common.
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def nodes(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object in a JSON value with its JSON Pointer, an outer one before those in it; without recursion."""
    left: list[tuple[str, Any]] = [("", value)]
    while left:
        pointer, one = left.pop()
        if isinstance(one, dict):
            yield pointer or "/", one
            inner = [(f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", held) for key, held in one.items()]
        elif isinstance(one, list):
            inner = [(f"{pointer}/{place}", held) for place, held in enumerate(one)]
        else:
            continue
        left.extend(reversed([pair for pair in inner if isinstance(pair[1], dict | list)]))


def types(node: Mapping[str, Any]) -> frozenset[str]:
    """The types of an object of JSON-LD, without prefix or address."""
    held = node.get("@type")
    named = held if isinstance(held, list) else [held]
    return frozenset(re.split(r"[/#:]", one)[-1] for one in named if isinstance(one, str))


def many(held: Any) -> list[Any]:
    """A value of JSON-LD as a list: what stands alone is a list of one."""
    return held if isinstance(held, list) else [] if held is None else [held]


def count_embedded(page: HtmlElement, losses: Losses) -> None:
    """Count discussions that another service shows in the page, and whose comments are therefore not in the file."""
    found = {
        match[0]
        for element in page.iter("div", "section", "script", "iframe")
        for match in [_EMBEDDED.search(f"{element.get('id') or ''} {element.get('class') or ''}")]
        if match and not words(element)
    }
    losses.add("missing", "discussions kept by another service, whose comments are not in the page", len(found))
