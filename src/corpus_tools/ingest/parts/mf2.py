"""Microformats as items with properties: from the classes of a page, from the JSON of a parser, and from JF2."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpus_tools.ingest.markup import one_line

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Only the roots there are: style sheets have classes such as h-full.
_ROOT = re.compile(r"h-(adr|card|cite|entry|event|feed|geo|item|listing|product|recipe|resume|review|x-app|app)")
_PROPERTY = re.compile(r"(p|u|dt|e)-((?:[a-z0-9]+-)?[a-z]+(?:-[a-z]+)*)")
_LINKS = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "audio": "src",
    "video": "src",
    "source": "src",
    "iframe": "src",
    "object": "data",
}
_UNSEEN = ("script", "style", "template")


@dataclass(slots=True, eq=False)
class Marked:
    """A property as an element of a page; its value is taken when it is asked for."""

    element: HtmlElement
    prefix: str


@dataclass(slots=True, eq=False)
class Html:
    """A property with markup, as JSON has it."""

    html: str | None
    plain: str | None


@dataclass(slots=True, eq=False)
class Item:
    """A microformat: an entry, a citation, a card."""

    types: tuple[str, ...]
    """Without `h-`."""
    path: str
    properties: dict[str, list[Value]] = field(default_factory=dict)
    children: list[Item] = field(default_factory=list)
    element: HtmlElement | None = None
    relations: tuple[str, ...] = ()
    """The properties that it is a value of."""
    jf2: bool = False
    """Whether it is from JF2, where what answers an entry stands among its children."""
    number: int = 0
    """How many items of the page begin before it."""

    def is_a(self, *types: str) -> bool:
        """Whether it is of one of these types."""
        return any(one in self.types for one in types)


Value = str | Item | Marked | Html


class Page:
    """The microformats of a page.

    Args:
        root: The page.
        address: What relative addresses are taken from; None where it is not known.
        own: The page's own address, where it names it.
    """

    def __init__(self, root: HtmlElement, address: str | None, own: str | None = None) -> None:
        self.root = root
        self.address = address
        self.own = own
        self.items: list[Item] = []
        """Those that are inside no other, in order."""
        self._n = 0
        self._owner: dict[HtmlElement, Item | None] = {}
        self._place: dict[HtmlElement, int] = {}
        unseen: set[HtmlElement] = set()
        counts: dict[tuple[HtmlElement | None, str], int] = {}
        for element in root.iter():
            above = element.getparent()
            if not isinstance(element.tag, str) or element.tag == "template" or above in unseen:
                unseen.add(element)
                continue
            counts[above, element.tag] = self._place[element] = counts.get((above, element.tag), 0) + 1
            self._take(element, self._owner.get(above) if above is not None else None)

    def _take(self, element: HtmlElement, above: Item | None) -> None:
        classes = (element.get("class") or "").split()
        types = tuple(match[1] for one in classes if (match := _ROOT.fullmatch(one)))
        marks = [match for one in classes if (match := _PROPERTY.fullmatch(one))]
        names = tuple(dict.fromkeys(match[2] for match in marks))
        if types:
            item = Item(types, "", element=element, relations=names, number=self._n)
            self._n += 1
            self._owner[element] = item
            if above is None:
                self.items.append(item)
            elif not names:
                above.children.append(item)
            else:
                for name in names:
                    above.properties.setdefault(name, []).append(item)
            return
        self._owner[element] = above
        prefixes: dict[str, str] = {}
        for match in marks:
            # That which keeps most of the element.
            prefixes[match[2]] = "e" if "e" in (match[1], prefixes.get(match[2])) else match[1]
        for name, prefix in prefixes.items():
            if above is not None:
                above.properties.setdefault(name, []).append(Marked(element, prefix))

    def path(self, element: HtmlElement) -> str:
        """Where an element is, as an XPath."""
        steps: list[str] = []
        here: HtmlElement | None = element
        while here is not None:
            steps.append(f"{here.tag}[{self._place.get(here, 1)}]")
            here = here.getparent()
        return "/" + "/".join(reversed(steps))

    def absolute(self, address: str) -> str:
        """An address, taken from that of the page where it is relative."""
        try:
            return urllib.parse.urljoin(self.address, address) if self.address else address
        except ValueError:
            return address


def plain(value: Value) -> str:
    """A property on one line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Html):
        return one_line(value.plain or "")
    if isinstance(value, Item):
        for name in ("name", "nickname"):
            for one in value.properties.get(name, ()):
                if not isinstance(one, Item) and (found := plain(one)):
                    return found
        return implied_name(value)
    return one_line(_shown(value.element))


def implied_name(item: Item) -> str:
    """The name of a card that marks none: that of its picture where it is one, else all of its words."""
    element = item.element
    if element is None:
        return ""
    if element.tag in ("img", "area"):
        return one_line(element.get("alt") or "")
    # The older microformat, beside which the newer is often written.
    for named in element.iter():
        if isinstance(named.tag, str) and "fn" in (named.get("class") or "").split():
            return one_line(_shown(named))
    if element.tag == "abbr" and element.get("title"):
        return one_line(element.get("title") or "")
    if words := one_line(_text(element)):
        return words
    pictures = [one.get("alt") or "" for one in element.iter("img")]
    return one_line(pictures[0]) if len(pictures) == 1 else ""


def address(value: Value) -> str:
    """A property as an address, as it is written."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Html):
        return (value.plain or "").strip()
    if isinstance(value, Item):
        for name in ("url", "uid"):
            for one in value.properties.get(name, ()):
                if not isinstance(one, Item) and (found := address(one)):
                    return found
        return (value.element.get("href") or "").strip() if value.element is not None else ""
    element = value.element
    attribute = _LINKS.get(str(element.tag))
    if attribute and (found := element.get(attribute)) is not None:
        return str(found).strip()
    return one_line(_shown(element))


def moment(value: Value) -> str:
    """A property as a time, as it is written: date, time and zone in one or in parts of their own."""
    if not isinstance(value, Marked):
        return plain(value)
    element = value.element
    if (own := _attribute(element)) is not None:
        return one_line(own)
    parts = [one_line(_attribute(part) or _text(part)) for part in _parts(element)]
    if not parts:
        return one_line(_text(element))
    days = [part for part in parts if re.match(r"\d{4}-\d", part)]
    times = [part for part in parts if re.match(r"\d{1,2}:\d\d", part)]
    zones = [part for part in parts if re.fullmatch(r"Z|[+-]\d{1,2}:?\d{0,2}", part)]
    if days and "T" in days[0]:
        return days[0]
    return f"{days[0]}T{times[0]}{zones[0] if zones else ''}" if days and times else " ".join(parts)


def _shown(element: HtmlElement) -> str:
    own = _attribute(element)
    if own is not None:
        return own
    if element.tag in ("img", "area"):
        return element.get("alt") or ""
    parts = list(_parts(element))
    return "".join(_attribute(part) or _text(part) for part in parts) if parts else _text(element)


def _attribute(element: HtmlElement) -> str | None:
    """What stands in an attribute in place of the words of an element."""
    for tags, name in ((("time", "ins", "del"), "datetime"), (("data", "input"), "value"), (("abbr",), "title")):
        if element.tag in tags and (found := element.get(name)) is not None:
            return str(found)
    if "value-title" in (element.get("class") or "").split():
        return str(element.get("title") or "")
    return None


def _parts(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that hold the parts of a value, and not another microformat's."""
    for one in element.iterdescendants():
        if isinstance(one.tag, str) and {"value", "value-title"} & set((one.get("class") or "").split()):
            yield one


def _text(element: HtmlElement) -> str:
    """All words of an element, but not those that a page never shows, nor words of the interface beside names."""
    made: list[str] = []
    steps: list[HtmlElement | str] = [element]
    while steps:
        one = steps.pop()
        if isinstance(one, str):
            made.append(one)
            continue
        if one is not element and one.tail:
            steps.append(one.tail)
        if isinstance(one.tag, str) and one.tag not in _UNSEEN and "says" not in (one.get("class") or "").split():
            steps.extend(reversed(one))
            made.append(one.text or "")
            if one.tag in ("br", "p", "div"):
                made.append(" ")
    return "".join(made)


def item_of(entry: Mapping[str, Any], path: str) -> Item:
    """An item from the JSON of a microformats parser, or from JF2; without recursion."""
    top = Item(_types(entry), path, jf2=not isinstance(entry.get("properties"), dict))
    steps: list[tuple[Mapping[str, Any], Item]] = [(entry, top)]
    while steps:
        one, item = steps.pop()
        parsed = isinstance(one.get("properties"), dict)
        properties = one["properties"] if parsed else one
        stem = f"{item.path.rstrip('/')}/properties" if parsed else item.path.rstrip("/")
        for name, values in properties.items():
            if not isinstance(name, str) or (name in ("type", "children", "references") and not parsed):
                continue
            for i, value in enumerate(values if isinstance(values, list) else [values]):
                place = f"{stem}/{name}/{i}" if isinstance(values, list) else f"{stem}/{name}"
                made = _value(value, name, place)
                if made is not None:
                    item.properties.setdefault(name, []).append(made)
                if isinstance(made, Item):
                    steps.append((value, made))
        children = one.get("children")
        for i, value in enumerate(children if isinstance(children, list) else [children]):
            if isinstance(value, dict):
                jf2 = not isinstance(value.get("properties"), dict)
                child = Item(_types(value), f"{item.path.rstrip('/')}/children/{i}", jf2=jf2)
                item.children.append(child)
                steps.append((value, child))
    return top


def _types(entry: Mapping[str, Any]) -> tuple[str, ...]:
    given = entry.get("type")
    names = given if isinstance(given, list) else [given]
    return tuple(name.removeprefix("h-") for name in names if isinstance(name, str))


def _value(value: object, name: str, path: str) -> Value | None:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return str(value).lower()
    if not isinstance(value, dict):
        return None
    if "type" in value or isinstance(value.get("properties"), dict) or name in ("author", "comment"):
        return Item(_types(value), path, relations=(name,))
    html, words = value.get("html"), value.get("text", value.get("value"))
    # The words as the page had them; in the other the line breaks are doubled.
    if value.get("content-type") == "text/html" and isinstance(value.get("value"), str):
        html = value["value"]
    if isinstance(html, str) or isinstance(words, str):
        return Html(html if isinstance(html, str) else None, words if isinstance(words, str) else None)
    return None
