"""The parts that a TEI file is made of: elements, their names, notes about them, and the file as a whole.

Source: W3C (2008), "Extensible Markup Language (XML) 1.0 (Fifth Edition)", https://www.w3.org/TR/xml/; W3C (2005),
"xml:id Version 1.0", https://www.w3.org/TR/xml-id/.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from corpus_tools.exchange.documents import as_cell

NAMESPACE = "http://www.tei-c.org/ns/1.0"
REPLACEMENT = "\ufffd"
ID, SPACE, LANGUAGE = "xml:id", "xml:space", "xml:lang"
# What XML 1.0 cannot hold, and what stands in no name here.
_NO_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")
Row: TypeAlias = Mapping[str, Any]
"""A row of a table, or some of its columns."""


def xml_name(id_: str) -> str:
    """An id as an XML name."""
    made = _NO_NAME.sub(lambda found: f"_{ord(found[0]):x}_", id_)
    return made if made[:1].isalpha() else f"_{made}"


class Names:
    """The `xml:id`s of one file: each thing has one, no two things the same."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, ...], str] = {}
        self._taken: set[str] = set()

    def __contains__(self, parts: tuple[str, ...]) -> bool:
        return parts in self._given

    def of(self, *parts: str) -> str:
        """The name of a thing, given where it has none yet."""
        if parts not in self._given:
            wanted = made = ".".join(map(xml_name, parts))
            number = 1
            while made in self._taken:
                number += 1
                made = f"{wanted}.{number}"
            self._taken.add(made)
            self._given[parts] = made
        return self._given[parts]

    def to(self, *parts: str) -> str:
        """A pointer to a thing."""
        return f"#{self.of(*parts)}"

    def identify(self, element: ET.Element, *parts: str) -> None:
        """Give an element its name, and as `n` the id where the name is another one."""
        element.set(ID, self.of(*parts))
        if element.get(ID) != parts[-1]:
            element.set("n", parts[-1])


def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Put a new element at the end of another one."""
    made = ET.SubElement(parent, tag, attributes)
    made.text = text
    return made


def add_notes(about: ET.Element, values: Row, *, leave: Iterable[str] = ()) -> None:
    """Say the filled columns but some about an element, each in a note."""
    for name, value in values.items():
        if value is not None and name not in leave:
            add(about, "note", as_cell(value), type=xml_name(name))


def append(parent: ET.Element, text: str) -> None:
    """Put more characters at the end of an element."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def as_file(root: ET.Element) -> tuple[str, int]:
    """A file with some root, and how many of its characters had to be replaced."""
    replaced = _without_bad_characters(root)
    _indent(root)
    # A carriage return that is no reference would be read as a line feed.
    content = ET.tostring(root, encoding="unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{content}\n', replaced


def _without_bad_characters(root: ET.Element) -> int:
    """Replace what XML cannot hold, and count it."""
    replaced = 0
    for element in root.iter():
        for name in ("text", "tail"):
            changed, number = _NO_CHARACTER.subn(REPLACEMENT, getattr(element, name) or "")
            if number:
                setattr(element, name, changed)
                replaced += number
        for name, value in element.items():
            changed, number = _NO_CHARACTER.subn(REPLACEMENT, value)
            element.set(name, changed)
            replaced += number
    return replaced


def _indent(element: ET.Element, depth: int = 1) -> None:
    """Put the elements on lines of their own, but for those within words."""
    if element.get(SPACE) == "preserve" or not len(element) or element.text:
        return
    element.text = "\n" + depth * " "
    for child in element:
        child.tail = element.text
        _indent(child, depth + 1)
    element[-1].tail = element.text[:-1]
