"""CDATA sections of exports: where they really end, and what stands outside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus_tools.ingest.losses import Losses

_PASSED = {"<![CDATA[": "]]>", "<!--": "-->"}
"""What holds no markup -> how it ends."""
_SECTION = r"<!--|<!\[CDATA\["
_END = re.compile(r"\]\]>(?!<!\[CDATA\[)")


def outside(text: str, pattern: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that stand in no CDATA section and no comment."""
    token = re.compile(f"{_SECTION}|{pattern}")
    place = 0
    while found := token.search(text, place):
        place = found.end()
        if (end := _PASSED.get(found[0])) is None:
            yield found
        elif (place := text.find(end, place)) < 0:
            return


def sealed(text: str, names: str, losses: Losses, *, unread: str = "") -> str:
    """A text in which what was put into a CDATA section stays in it; those mended are counted.

    A `]]>` of the words themselves, such as that of a script, ends the section if it is written as it is (as WordPress
    did until 2012), and the end tag of the script then ends the element, and so on up to the root.

    Args:
        text: The XML.
        names: The elements that hold one text each, as a pattern.
        losses: Where what is mended is counted.
        unread: The name of one of them that nothing is read of, in which markup is taken for characters.
    """
    field_pattern = re.compile(rf"<({names})>\s*+(<!\[CDATA\[)?|{_SECTION}")
    parts, done, n_sealed = [], 0, 0
    unended: set[str] = set()
    place = 0
    while field := field_pattern.search(text, place):
        place = field.end()
        end_mark = f"</{field[1]}>" if field[1] else _PASSED[field[0]]
        # Searched once only where there is none, or a file of beginnings would be gone through for each.
        end = -1 if end_mark in unended else text.find(end_mark, place)
        if end < 0:
            unended.add(end_mark)
            continue
        inside = mended = text[place:end]
        if field[2] and _breaks_out(inside):
            mended = _END.sub("]]]]><![CDATA[>", inside.rstrip().removesuffix("]]>")) + "]]>"
            n_sealed += 1
        elif field[1] and field[1] == unread and not field[2]:
            mended = inside.replace("<", "&lt;")
        if mended != inside:
            parts += [text[done:place], mended]
            done = end
        place = end
    losses.add("repaired", "texts that hold the end of a CDATA section", n_sealed)
    return "".join(parts) + text[done:]


def _breaks_out(inside: str) -> bool:
    """Whether what follows on the beginning of a section goes on behind its end, up to another end."""
    if not inside.rstrip().endswith("]]>"):
        return False
    # Characters between two sections are sound; markup there, or one more end, is not.
    between = [part.partition("]]>")[2] for part in inside.split("<![CDATA[")]
    return any("<" in part or "]]>" in part for part in between)
