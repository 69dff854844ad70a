"""Lists and objects written in JavaScript, as pages carry them in their scripts: read, never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r"""\s*+(?:(?P<mark>[\[\]{},:])|(?P<string>'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")|"""
    r"""(?P<word>[\w$.+-]++))""",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|u\{(?P<point>[0-9a-fA-F]{1,6})\}"
    r"|(?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)|(?P<other>\r\n|.))",
    re.DOTALL,
)
_QUOTE = re.compile(r"""\s*+['"]""")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r\n": "", "\u2028": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_CLOSES = {"]": list, "}": dict}


def lists_called(name: str, script: str) -> Iterator[tuple[list[Any], bool]]:
    """The lists that a script gives to a variable in `var NAME = [...]`.

    Args:
        name: The variable.
        script: The text of the script.

    Yields:
        The list as far as it can be read, and whether that is to its end. Numbers come as their text.
    """
    opening = re.compile(rf"\bvar\s+{re.escape(name)}\s*=\s*(?=\[)")
    place = 0
    while match := opening.search(script, place):
        value, place, whole = _read(script, match.end())
        yield value, whole


def _read(script: str, place: int) -> tuple[list[Any], int, bool]:
    """The list that begins at `place`, where reading it ended, and whether that is its end.

    Nesting is kept on a stack of its own, so that none is too deep.
    """
    root: list[Any] = []
    stack: list[list[Any] | dict[str, Any]] = []
    keys: list[str | None] = []
    while token := _TOKEN.match(script, place):
        place = token.end()
        mark = token["mark"]
        if mark in (",", ":"):
            continue
        if mark in ("]", "}"):
            if not isinstance(stack.pop(), _CLOSES[mark]):
                return root, place, False
            keys.pop()
            if not stack:
                return root, place, True
            continue
        value: Any = _plain(token) if not mark else {} if mark == "{" else [] if stack else root
        if not _put(value, stack, keys):
            return root, place, False
        if mark:
            stack.append(value)
            keys.append(None)
    # Nothing that follows a string without an end can be told from what is in it.
    return root, len(script) if _QUOTE.match(script, place) else place + 1, False


def _put(value: Any, stack: list[list[Any] | dict[str, Any]], keys: list[str | None]) -> bool:
    """Put a value where reading is: into a list, as a key, or under the key before it; False if it can be no key."""
    if not stack:
        return True
    holder, key = stack[-1], keys[-1]
    if isinstance(holder, list):
        holder.append(value)
    elif key is not None:
        holder[key], keys[-1] = value, None
    elif isinstance(value, str):
        keys[-1] = value
    return isinstance(holder, list) or key is not None or isinstance(value, str)


def _plain(token: re.Match[str]) -> str | bool | None:
    """A string without its quotes and escapes; a word as it is, but for those that stand for a value."""
    if token["string"] is None:
        return _WORDS.get(token["word"], token["word"])
    text = _ESCAPE.sub(_unescaped, token["string"][1:-1])
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _unescaped(match: re.Match[str]) -> str:
    if match["other"] is not None:
        return _SHORT.get(match["other"], match["other"])
    number = int(match["octal"], 8) if match["octal"] else int(match["x"] or match["u"] or match["point"], 16)
    return chr(number) if number < 0x110000 else "\ufffd"
