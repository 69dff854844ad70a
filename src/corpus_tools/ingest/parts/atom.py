"""Atom feeds as they come out of exports: cut into entries, each parsed by itself, names matched without prefixes."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.markup import Body, one_line, plain_body
from corpus_tools.ingest.parts.elements import local, words
from corpus_tools.ingest.reading import Reading

if TYPE_CHECKING:
    from lxml.etree import _Element

_FEED = re.compile(r"""<((?:[\w.-]+:)?feed)(?=[\s>/])(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_TOKEN = re.compile(r"<!\[CDATA\[|<!--|<(?:[\w.-]+:)?entry(?=[\s>/])|</(?:[\w.-]+:)?entry\s*>")
_WRITTEN = re.compile(r"""<((?:[\w.-]+:)?(?:title|summary|content))(?=[\s>])((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_PASSED = {"<![CDATA[": "]]>", "<!--": "-->"}
"""What holds no markup -> how it ends."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of a source."""

    member: str
    """Its name in an archive; empty for a file."""
    shell: _Element
    """The feed without its entries."""
    entries: Iterator[tuple[int, _Element]]
    """Each entry that can be read, and which of the entries it is, from 1; read once, as it is asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    """What is in an element that may hold plain text or HTML."""

    text: str
    """HTML where `is_html`, else plain text."""
    is_html: bool
    says_so: bool
    """Whether the element has a `type`, or HTML stands in it as elements."""


def root_tag(text: str) -> re.Match[str] | None:
    """The start tag of the root where that is a `feed` with any prefix; group 1 is its name as written."""
    place = text.find("<")
    while place >= 0:
        ends = {"<?": "?>", "<!-": "-->", "<!": ">"}
        end = next((ends[mark] for mark in ends if text.startswith(mark, place)), None)
        if end is None:
            return _FEED.match(text, place)
        after = text.find(end, place)
        place = text.find("<", after) if after >= 0 else -1
    return None


def beginning(raw: bytes) -> str:
    """The first bytes of a file as text, well enough to recognise its form."""
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if raw.startswith(mark):
            return raw[len(mark) :].decode(name, "replace")
    return raw.decode("utf-8", "replace")


def feed_of(reading: Reading, text: str, *, member: str = "") -> Feed:
    """A feed, cut into its entries; one that is broken or cut off at the end of the file is left out and counted.

    Raises:
        IngestError: If its root is no `feed`, or it declares entities.
    """
    root = root_tag(text)
    if root is None:
        raise reading.error("holds no Atom feed: its first element is no <feed>")
    shell, entries, cut = _cut(text, root.end())
    reading.losses.add("dropped", "entries cut off at the end of the file", cut)
    return Feed(member, reading.source.parse_xml(shell), _parsed(reading, root, entries))


def _parsed(reading: Reading, root: re.Match[str], entries: list[str]) -> Iterator[tuple[int, _Element]]:
    for number, entry in enumerate(entries, 1):
        try:
            # The tag of the root declares the prefixes.
            found = reading.source.parse_xml(f"{root[0]}{_mended(reading, entry)}</{root[1]}>")
        except IngestError:
            reading.losses.add("dropped", "entries that cannot be read")
            continue
        element = next((one for one in found.iter() if local(one) == "entry"), None)
        if element is None:
            reading.losses.add("dropped", "entries that cannot be read")
        else:
            yield number, element


def _mended(reading: Reading, entry: str) -> str:
    """An entry whose titles and contents have their HTML escaped where it was not: recovering from that loses words."""
    n_fields = 0
    parts, place = [], 0
    while field := _WRITTEN.search(entry, place):
        end = field.end() if field[2].endswith("/") else entry.find(f"</{field[1]}", field.end())
        if end < 0:
            break
        inside = entry[field.end() : end]
        if "<" in inside and "<![CDATA[" not in inside and "xhtml" not in field[2]:
            inside = inside.replace("<", "&lt;")
            n_fields += 1
        parts += [entry[place : field.end()], inside]
        place = end
    reading.losses.add("repaired", "titles and contents whose HTML is not escaped", n_fields)
    return "".join(parts) + entry[place:]


def _cut(text: str, place: int) -> tuple[str, list[str], bool]:
    """A feed without its entries, its entries, and whether the file ends inside one more."""
    shell, entries = [], []
    outside, start = 0, -1
    unended: set[str] = set()
    while token := _TOKEN.search(text, place):
        place = token.end()
        if (end := _PASSED.get(token[0])) is not None:
            # Searched once only where there is none, or a file of beginnings would be gone through for each.
            after = -1 if end in unended else text.find(end, place)
            place = after + len(end) if after >= 0 else place
            unended |= {end} if after < 0 else set()
        elif token[0].startswith("</"):
            if start >= 0:
                entries.append(text[start:place])
                outside, start = place, -1
        else:
            if start >= 0:  # the one before has no end
                entries.append(text[start : token.start()])
            else:
                shell.append(text[outside : token.start()])
            start = token.start()
    if start < 0:
        shell.append(text[outside:])
    return "".join(shell), entries, start >= 0


def children(element: _Element | None, *names: str) -> Iterator[_Element]:
    """The children of some names, those of the element's own namespace before others of that name."""
    if element is None:
        return
    found = [one for one in element if local(one) in names]
    own = str(element.tag).removesuffix(local(element))
    yield from (one for one in found if str(one.tag) == own + local(one))
    yield from (one for one in found if str(one.tag) != own + local(one))


def child(element: _Element | None, *names: str) -> _Element | None:
    """The first of `children`."""
    return next(children(element, *names), None)


def written_in(element: _Element | None) -> Written | None:
    """What is in an element, taken as its `type` says; Blogger writes HTML where it says nothing."""
    if element is None:
        return None
    said = (element.get("type") or "").strip().casefold()
    if said in ("text", "text/plain") and not len(element):
        return Written(words(element), False, True)
    return Written(_inner_html(element, escaped="xhtml" not in said).strip(), True, bool(said or len(element)))


def _inner_html(element: _Element, *, escaped: bool) -> str:
    """What is in an element as HTML; `escaped`: its text is HTML written out, beside which elements may stand."""
    from lxml import etree

    def piece(text: str | None) -> str:
        return (text or "") if escaped else html.escape(text or "", quote=False)

    for one in element.iterdescendants("*"):
        one.tag = local(one)
    parts = [piece(element.text)]
    for one in element:
        if local(one):
            parts.append(etree.tostring(one, method="html", encoding="unicode", with_tail=False))
        parts.append(piece(one.tail))
    return "".join(parts)


def body_of(reading: Reading, written: Written) -> Body:
    """What is written in an element as a text."""
    return reading.body(written.text) if written.is_html else plain_body(written.text)


def title_of(reading: Reading, written: Written | None) -> str | None:
    """A title on one line; None where there is none."""
    if written is None:
        return None
    if written.is_html and written.says_so:
        return one_line(body_of(reading, written).text) or None
    title = one_line(written.text)
    if not written.says_so and _ENTITY.search(title):
        # Takeout gives titles as they stand in the page, which are HTML, and says no type.
        title = one_line(_ENTITY.sub(lambda entity: html.unescape(entity[0]), title))
        reading.losses.add("repaired", "titles whose entities were written out twice")
    return title or None


def name_of(element: _Element) -> str | None:
    """The name of the author of an entry; never what else the feed says of them."""
    return one_line(words(child(child(element, "author"), "name"))) or None


def page_of(element: _Element) -> str | None:
    """The address of the page that a feed or entry names as its own."""
    for link in children(element, "link"):
        of_page = link.get("rel", "alternate") == "alternate" and link.get("type", "text/html") == "text/html"
        if of_page and (address := address_of(link.get("href"))):
            return address
    return None


def address_of(said: str | None) -> str | None:
    """An address of the web; None for anything else."""
    said = one_line(said or "")
    return said if re.match(r"https?://[^\s/]", said) and " " not in said else None
