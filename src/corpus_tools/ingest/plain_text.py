"""Pasted plain text: the article, then each comment under a line "NAME said...", as classic Blogger pages print it.

Blank lines divide blocks. A line is a byline if it stands between blank lines (or at an edge of the file), holds a name
and ends in `said...`. The first block is the headline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corpus_tools.errors import IngestError
from corpus_tools.ingest.model import Block, ReadText, ReadThread
from corpus_tools.standoff import BLANK, visible_part

FORM = "plain text, NAME said..."
_BLOCK = re.compile(rf"[^{BLANK}][^\n]*(?:\n[^\n]*[^{BLANK}][^\n]*)*")
_BYLINE = re.compile(r"(?P<name>\S[^\n]{0,78}?)\s+said(?:\.\.\.|…)")


def read_plain_text(path: Path, source: str) -> ReadThread:
    """Find the article and the comments in a pasted thread.

    Args:
        path: Where the text is from, for messages.
        source: The text, with its line ends as in the file.

    Returns:
        The thread; every visible character of `source` is in exactly one text or one byline.

    Raises:
        IngestError: If the text is empty, begins with a comment, or a byline has no comment under it; names the line.
    """
    blocks = list(_blocks(source))
    if not blocks:
        raise IngestError(path, "holds no text; expected an article, then comments under lines 'NAME said...'", line=1)
    if blocks[0].label == "byline":
        raise IngestError(
            path,
            f"a comment ({source[blocks[0].start : blocks[0].end]!r}) stands before any article; "
            "put the article with its headline first",
            line=_line(source, blocks[0].start),
        )
    heads = [i for i, block in enumerate(blocks) if block.label == "byline"]
    for i in heads:
        if i + 1 == len(blocks) or blocks[i + 1].label == "byline":
            raise IngestError(
                path,
                f"no comment follows the byline {source[blocks[i].start : blocks[i].end]!r}; "
                "write the comment under it, or take the line out",
                line=_line(source, blocks[i].start),
            )
    doubtful = _doubtful_lines(source, blocks)
    if doubtful and not heads:
        raise IngestError(
            path,
            "looks like a byline, but no byline of this file stands between blank lines; "
            "put a blank line above and below each line 'NAME said...'",
            line=doubtful[0],
        )
    edges = [*heads, len(blocks)]
    headline = Block("headline", blocks[0].start, blocks[0].end)
    comments = (_comment(source, blocks[head:end]) for head, end in zip(heads, edges[1:], strict=True))
    return ReadThread(
        title=" ".join(source[headline.start : headline.end].split()),
        article=_text([headline, *blocks[1 : edges[0]]]),
        comments=tuple(comments),
        doubtful_lines=doubtful,
    )


def _blocks(source: str) -> Iterator[Block]:
    for match in _BLOCK.finditer(source):
        start, end = visible_part(source, *match.span()) or match.span()
        byline = _BYLINE.fullmatch(source, start, end)
        yield Block("byline" if byline else "paragraph", start, end)


def _doubtful_lines(source: str, blocks: list[Block]) -> tuple[int, ...]:
    """Lines inside a block that look like a byline; they are text, and a reader of the report can judge."""
    return tuple(
        _line(source, match.start())
        for block in blocks
        if block.label != "byline"
        for match in re.finditer(rf"^{_BYLINE.pattern}\r?$", source[: block.end], re.M)
        if match.start() >= block.start
    )


def _comment(source: str, blocks: list[Block]) -> ReadText:
    byline, body = blocks[0], blocks[1:]
    match = _BYLINE.fullmatch(source, byline.start, byline.end)
    name = match["name"] if match else None
    text = _text(body)
    return ReadText(text.start, text.end, text.blocks, name=name, byline=byline)


def _text(blocks: list[Block]) -> ReadText:
    return ReadText(blocks[0].start, blocks[-1].end, tuple(blocks))


def _line(source: str, offset: int) -> int:
    return source.count("\n", 0, offset) + 1
