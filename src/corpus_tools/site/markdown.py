"""Markdown that shows a text as it is, whatever stands in it."""

from __future__ import annotations

import re

from corpus_tools.release.codebook import markdown_table

__all__ = ["code", "external", "linked", "listing", "markdown_table", "plain", "toctree"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CODE = re.compile(r"(`[^`]+`)")
_ADDRESS = re.compile(r"\s(https?://[^\s<>]*[^\s<>.,;)])")


def plain(text: str) -> str:
    """A text on one line without markup but for `code`: every other mark is escaped, which Markdown allows of any."""
    pieces = _CODE.split(" ".join(text.split()))
    # Every second piece is code.
    pieces[::2] = [_PUNCTUATION.sub(r"\\\1", piece) for piece in pieces[::2]]
    return "".join(pieces)


def linked(text: str) -> str:
    """As `plain`, with web addresses as links."""
    pieces = _ADDRESS.split(text)
    pieces[::2] = [plain(piece) if piece.strip() else piece for piece in pieces[::2]]
    pieces[1::2] = [f" <{piece}>" for piece in pieces[1::2]]
    return "".join(pieces)


def code(text: str) -> str:
    """A text as code, also one that holds backticks."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text}`"


def external(text: str, place: str) -> str:
    """A link to a file of the site that is no page of it."""
    return f"[{plain(text)}](<{place}>){{.external}}"


def listing(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def toctree(names: list[str], *, caption: str = "", hidden: bool = False) -> str:
    """The pages below a page, by name."""
    options = [f":caption: {caption}"] * bool(caption) + [":hidden:"] * hidden + [":maxdepth: 1"]
    return "\n".join(["```{toctree}", *options, "", *names, "```"])
