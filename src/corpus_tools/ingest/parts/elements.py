"""Exports in XML: their first element, their fields by local name, what is mended before they are parsed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAME = re.compile(r"[A-Za-z_][\w.:-]*")


def root_name(text: str) -> str:
    """The name of the first element, with its prefix; empty where there is none."""
    place = text.find("<")
    while place >= 0:
        if name := _NAME.match(text, place + 1):
            return name[0]
        end = "-->" if text.startswith("<!--", place) else ">"
        place = text.find(end, place)
        place = text.find("<", place) if place >= 0 else -1
    return ""


def parsed(source: Source, root: str, text: str) -> _Element:
    """The root of an XML file; lines before it, such as warnings of a server, are passed over and counted.

    Args:
        source: The file.
        root: The name of its first element, which the text is cut down to where something else comes first.
        text: The text of the file, or of one in an archive.

    Raises:
        IngestError: If there is no such element, or it cannot be parsed.
    """
    text = text.lstrip("\ufeff \t\r\n")
    if root_name(text).rpartition(":")[2] != root:
        found = re.search(rf"<(?:\w{{1,40}}:)?{root}[\s>]", text)
        if found is None:
            raise source.error(f"holds no element <{root}>", line=1)
        source.losses.add("repaired", "characters before the beginning of the XML, passed over", found.start())
        text = text[found.start() :]
    return source.parse_xml(text)


def local(element: _Element) -> str:
    """The name of an element without namespace and prefix, also where the prefix is not declared; of a comment none."""
    return bare(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=1024)
def bare(name: str) -> str:
    """A name without namespace and prefix."""
    return name.rpartition("}")[2].rpartition(":")[2]


def fields(element: _Element) -> dict[str, _Element]:
    """The first child of each local name."""
    found: dict[str, _Element] = {}
    for child in element:
        found.setdefault(local(child), child)
    return found


def words(element: _Element | None) -> str:
    """The characters in an element, without blanks at its ends; empty where there is no element."""
    return "" if element is None else str(element.xpath("string()")).strip()


def markup(element: _Element | None) -> str | None:
    """The HTML that an element holds as characters, and as elements where it was not escaped; None without one."""
    if element is None:
        return None
    from lxml.etree import tostring

    return (element.text or "") + "".join(tostring(child, encoding="unicode") for child in element)


def id_in(element: _Element | None) -> str:
    """The attribute `id` of an element, of whatever namespace; empty where it has none."""
    if element is None:
        return ""
    named = (value for name, value in element.attrib.items() if bare(str(name)) == "id")
    return "".join(str(next(named, "")).split())
