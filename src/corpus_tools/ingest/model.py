"""What every reader makes of a source: threads of one article and its comments."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

COMMENT = "comment"
KINDS = {
    "pingback": "notice that another page links here",
    "trackback": "excerpt sent by another page that links here",
    "reaction": "like, repost, bookmark or other answer without words of its own",
    "notice": "line written by the platform, such as that a topic was closed",
    "spam": "held by the platform to be spam",
    "deleted": "taken out by its author, or by nobody knows whom",
    "removed": "taken out by a moderator",
    "unapproved": "waiting for approval",
}
"""Entries beside comments that a source may hold, and what they are; left out unless they are asked for."""


@dataclass(frozen=True, slots=True)
class Block:
    """A labelled stretch of a text, in code points, end-exclusive; the labels are those of the structure layer."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ReadText:
    """An article or comment as a reader found it."""

    text: str | None
    """Its words; None where the source says that there was an entry and no longer has its words."""
    blocks: tuple[Block, ...] = ()
    """What `text` is made of; they cover every visible character of it and never overlap."""
    name: str | None = None
    """The author's name as shown, entities decoded; None where the source names nobody."""
    handle: str | None = None
    """What the platform tells its users apart by, such as a user name; None where it shows names only."""
    byline: str | None = None
    """The line that names the author, as printed."""
    byline_start: int | None = None
    """First character of the byline in a source of plain text."""
    start: int | None = None
    """First character of the text in a source of plain text, of which it is a slice; None for other sources."""
    locator: str | None = None
    """Where it is in a source of another kind: the platform's id, or a path beginning with `/`, or `row=N` (see
    `id_of`).
    """
    key: str | None = None
    """What other texts of its thread call it in `parent`; the platform's id where there is one."""
    parent: str | None = None
    """The `key` of the text it answers, as the platform recorded it; None where it recorded none."""
    posted_at: datetime.datetime | None = None
    """When it was posted, with a zone; None where the source gives no absolute time."""
    kind: str = COMMENT
    """`COMMENT` or one of `KINDS`; not looked at for an article."""


@dataclass(frozen=True, slots=True)
class ReadThread:
    """An article and its comments in printed order; in the order of their times where the source is no print."""

    title: str | None
    article: ReadText | None
    """None where the source holds comments only, as an export of the comments of a video."""
    comments: tuple[ReadText, ...] = ()
    key: str | None = None
    """The platform's id of the thread, short; None where it gives none."""
    url: str | None = None
    """Address of the page that the thread is printed on."""
    date: str | None = None
    """Date of the article as the source records it, ISO 8601, where no `posted_at` can be said; else None."""


def id_of(locator: str | None) -> str | None:
    """The platform's id in a locator; None for a place, which another export of the same thread may shift."""
    return None if locator is None or locator.startswith(("/", "row=", "char=")) else locator
