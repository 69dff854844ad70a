"""What a comment in the markup of WordPress and its themes is made of: who, when, and the words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from corpus_tools.ingest.markup import Body, joined, one_line
from corpus_tools.ingest.model import COMMENT, ReadText
from corpus_tools.ingest.parts.page import above, classes, has_offset, with_class, words
from corpus_tools.ingest.parts.pasted_moments import has_clock, has_day, moment
from corpus_tools.ingest.parts.theme_classes import (
    BADGES,
    CALLED,
    CONTENT,
    DATED,
    DATES,
    DATES_NAMED,
    HEADED,
    INTERFACE,
    NAMED,
    NAMES,
    NAMES_LAST,
    PRINTED,
    WORDY,
    has,
    having,
    in_content,
    is_byline,
    is_text,
)
from corpus_tools.ingest.parts.wordpress_list import LINK, Found
from corpus_tools.ingest.reading import Reading

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_LINKS = frozenset(("comment-reply-link", "comment-edit-link", "reply"))
_WAITS = frozenset(("comment-awaiting-moderation", "unapproved"))
_WAITING = re.compile(r"\(?your comment is awaiting moderation\b.{0,80}", re.I | re.S)
_SAYS = re.compile(
    r"(?:\s(?:says|said|wrote|writes|replied|commented|schreibt|schrieb|sagt|sagte|meint|dit|a dit|dijo|dice|ha detto|"
    r"disse|diz|zegt|schreef|säger|skriver|sier|siger|pisze|mówi|napisał|říká|говорит|пишет)(?: on)?)?"
    r" ?(?:[:：]|\.\.\.|…)$|\s(?:says|said)$",
    re.I,
)
_BY = re.compile(
    r"(comment|kommentar|commentaire|comentario|commento|trackback|pingback)\s+(?:by|from|von|par|de|di)\s+(.+?)"
    r"(?:\s+[—–―-]+\s.*)?$",
    re.I | re.S,
)
_PING = re.compile(r"(pingback|trackback)\s*(?:[:：]|\bby\b|\bfrom\b)", re.I)
_PING_ONLY = re.compile(r"(?:(?:ping|track)backs?)?\W*", re.I)
_MAIL = re.compile(
    r"(?:gmail|googlemail|hotmail|outlook|yahoo|ymail|aol|gmx|icloud|live|msn|mail|web|protonmail)-"
    r"(?:com|de|net|org|ru|fr|it|es|at|ch|ca|co-uk|com-[a-z]{2})$"
)
_BARE = re.compile(r"[\W\d_]*")
_EDGES = " ,·•|"
"""What themes print between a name and a date."""
_DATE_LENGTH = 80
"""Characters of a line that says no more than when something was written."""


def comment_of(
    one: Found,
    reading: Reading,
    paths: Mapping[HtmlElement, str],
    *,
    site: str | None,
    day_is_first: bool | None = None,
) -> ReadText:
    """What a comment that was taken out of its page says, who said it and when.

    Args:
        one: The comment.
        reading: Where losses are counted, and the zone of times that name none.
        paths: The places of comments without a number.
        site: The host of the page.
        day_is_first: Whether dates in numbers are printed with the day before the month, if that is known.
    """
    element = one.element
    named, name, ping = _author(element)
    kind = _kind(one, ping)
    body = _body(element, named, reading)
    cut = next(having(element, frozenset(("wpdiscuz-readmore",))), None) is not None
    reading.losses.add("doubtful", "comments of which the page shows the beginning only", cut)
    key = one.key(paths)
    handle = _handle(element, reading, site)
    byline = _byline(named)
    if kind in ("pingback", "trackback") and _PING_ONLY.fullmatch(body.text):
        body = Body("", ())
    return ReadText(
        body.text if body.text or kind not in ("pingback", "trackback") else None,
        body.blocks,
        name=name or None,
        handle=handle,
        # Users may call themselves otherwise elsewhere; who they are does not hang on the name then.
        byline=byline if byline and name and name in byline and not handle else None,
        locator=key,
        key=key,
        parent=one.parent(paths),
        posted_at=_posted_at(element, reading, day_is_first=day_is_first),
        kind=kind,
    )


def _posted_at(element: HtmlElement, reading: Reading, *, day_is_first: bool | None) -> datetime.datetime | None:
    shown, printed = shown_time(element), printed_time(element)
    # Some themes give machines the day only.
    if printed and (shown is None or ":" not in shown):
        return moment(printed, reading, day_is_first=day_is_first)
    return reading.time(shown)


def _kind(found: Found, ping: str | None) -> str:
    element = found.element
    own = classes(element)
    for kind in ("pingback", "trackback"):
        if kind in own:
            return kind
    if found.is_ping:
        return "pingback"
    waiting = "unapproved" in own or next(with_class(element, _WAITS), None) is not None
    if waiting or any(_waits(one) for one in element.iter("em", "p", "small")):
        return "unapproved"
    if ping is None and next(_contents(element, None), None) is None and (match := _PING.match(words(element))):
        ping = match[1]
    return ping.lower() if ping and ping.lower() in ("pingback", "trackback") else COMMENT


def _waits(element: HtmlElement) -> bool:
    return bool(_WAITING.fullmatch(one_line(element.text or "")))


def _author(element: HtmlElement) -> tuple[HtmlElement | None, str | None, str | None]:
    """The element that names the author, the name, and `pingback` or the like where the line says it is one."""
    for one in _naming(element):
        shown = words(one, skip=_beside_name(one))
        ping = None
        if match := _BY.fullmatch(shown):
            # A name may hold a dash, which else ends it.
            linked = (words(link) for link in one.iter("a") if not LINK.search(link.get("href") or ""))
            ping, shown = match[1], next(linked, "") or match[2]
        elif "fn" not in classes(one):
            shown = _SAYS.sub("", shown)
        if shown := shown.rstrip(_EDGES):
            return one, shown, ping
    return None, None, None


def _beside_name(named: HtmlElement) -> Iterator[HtmlElement]:
    """What stands in the element of a name and is no part of it: badges, dates, and what comes on a second line."""
    yield from having(named, BADGES)
    yield from named.iter("time", "small")
    for line_end in named.iter("br"):
        # The name itself may stand on the second line, behind a picture.
        if "fn" in classes(named) and (named.text or "").strip():
            yield from line_end.itersiblings()


def _naming(element: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that may name the author, the surest first."""
    for name in NAMES:
        yield from having(element, frozenset((name,)))
    yield from having(element, frozenset(), NAMED)
    for one in element.iter("*"):
        if one.get("itemprop") == "author":
            yield from (inner for inner in one.iter("*") if inner.get("itemprop") == "name")
            yield one
    yield from (one for one in element.iter("cite") if _is_naming(one, element))
    for one in having(element, NAMES_LAST, CALLED):
        # A line with the date and links to answer has the name in an element of its own.
        yield from (inner for inner in one.iter("strong", "b") if in_content(inner) is None)
        if one.tag == "p" or next(one.iter("p"), None) is None:
            yield one
    for one in having(element, frozenset(), HEADED):
        yield from one.iter("h2", "h3", "h4", "h5", "h6", "strong", "b")
    for link in element.iter("a"):
        if "external" in (link.get("rel") or "").split() and in_content(link) is None:
            yield link


def _is_naming(cite: HtmlElement, element: HtmlElement) -> bool:
    """Whether a `<cite>` is the theme's: people cite too, but not before their first word."""
    holder = in_content(cite)
    quoted = any(outer.tag == "blockquote" for outer in above(cite, element))
    return not quoted and (holder is None or (cite.getparent() is holder and cite.getprevious() is None))


def _byline(named: HtmlElement | None) -> str | None:
    if named is None:
        return None
    for one in above(named):
        if has(one, frozenset(("comment-author",))) and next(one.iter("time", "p"), None) is None:
            return words(one, skip=having(one, _LINKS)) or None
    return words(named) or None


def _handle(element: HtmlElement, reading: Reading, site: str | None) -> str | None:
    """The name in addresses of a user of the site; other authors have none."""
    for one in (element, *with_class(element, frozenset(("byuser",)))):
        own = classes(one)
        for name in sorted(own) if "byuser" in own else ():
            if name.startswith("comment-author-") and len(name) > len("comment-author-"):
                # WordPress makes the name of the mail address where somebody logs in with that.
                mailed = _MAIL.search(name) is not None
                reading.losses.add("lost", "user names made of mail addresses", mailed)
                return None if mailed else user_of(name.removeprefix("comment-author-"), site)
    return None


def user_of(name: str, site: str | None) -> str | None:
    """What tells a user from those of other sites, which have an `admin` too; None where the site is not known."""
    return f"{name} ({site})" if site else None


def shown_time(element: HtmlElement) -> str | None:
    """The time that an element gives for machines: one with an offset, else the first that looks like one."""
    given = [one.get("datetime") for one in element.iter("time")]
    titled = (one for one in element.iter("abbr", "span", "a", "div") if one.get("title"))
    given += [one.get("title") for one in titled if in_content(one) is None]
    given += [
        one.get("content") or one.get("datetime")
        for one in element.iter("*")
        if one.get("itemprop") in ("commentTime", "dateCreated", "datePublished")
    ]
    dated = [one for one in given if one and re.match(r"\s*\d{4}-?\d\d-?\d\d", one)]
    return next((one for one in dated if has_offset(one)), dated[0] if dated else None)


def printed_time(element: HtmlElement) -> str | None:
    """The day and time of day that a comment prints for people, outside of its words."""
    links = [one for one in element.iter("a") if LINK.search(one.get("href") or "")]
    dated = list(having(element, DATES, DATES_NAMED))
    # The day may stand beside the link or element that has the time of day.
    around = [outer for one in (*links, *dated) if (outer := one.getparent()) is not None and outer is not element]
    for one in (*element.iter("time"), *links, *dated, *element.iter("cite", "small"), *around):
        shown = words(one)
        if len(shown) <= _DATE_LENGTH and in_content(one) is None and has_day(shown) and has_clock(shown):
            return shown
    return None


def _body(element: HtmlElement, named: HtmlElement | None, reading: Reading) -> Body:
    held = list(_contents(element, named))
    skip = set(_printed_around(element, named, held))
    if held:
        return _together([reading.body(one, skip=skip) for one in held])
    _clear_says(element, named, skip)
    # Where the date was marked as one, a line like one is the author's.
    dated = any(DATED.search(words(one)) for one in skip)
    whole = reading.body(element, skip=skip)
    if whole.text:
        return whole if dated else _without_bylines(whole)
    # A theme that wraps the words too in a class of what stands around them.
    paragraphs = [one for one in element.iter("p") if not has(one, INTERFACE, PRINTED) and one is not named]
    parts = [reading.body(one, skip={one for one in skip if not _holds(one, "p")}) for one in paragraphs]
    return _without_bylines(_together(parts))


def _together(bodies: list[Body]) -> Body:
    return joined([(block.label, body.text[block.start : block.end]) for body in bodies for block in body.blocks])


def _without_bylines(body: Body) -> Body:
    """A comment without the lines before and after it that say no more than when it was written, or that it was."""
    parts = [(block.label, body.text[block.start : block.end].split("\n")) for block in body.blocks]
    lines = [(place, line) for place, (_, held) in enumerate(parts) for line in held]
    first = next((place for place, (_, line) in enumerate(lines) if not is_byline(line)), None)
    if first is None:
        return body
    last = next(place for place in range(len(lines) - 1, -1, -1) if not is_byline(lines[place][1]))
    kept = lines[first : last + 1]
    return joined(
        (label, "\n".join(line for at, line in kept if at == place)) for place, (label, _) in enumerate(parts)
    )


def _contents(element: HtmlElement, named: HtmlElement | None) -> Iterator[HtmlElement]:
    """The outermost elements that hold the words, of the plainest class there is and without the author's name."""
    naming = set(above(named, element)) if named is not None else set()
    for names, pattern in zip(CONTENT, (WORDY, None, None), strict=True):
        outermost: list[HtmlElement] = []
        for one in element.iter("*"):
            if one is element or one in naming or not (has(one, names, pattern) or is_text(one)):
                continue
            if not outermost or not any(outer is outermost[-1] for outer in above(one, element)):
                outermost.append(one)
        if outermost:
            yield from outermost
            return


def _printed_around(element: HtmlElement, named: HtmlElement | None, held: list[HtmlElement]) -> Iterator[HtmlElement]:
    holding = {outer for one in held for outer in above(one, element)} | set(held)
    yield from (one for one in having(element, INTERFACE, PRINTED) if one not in holding)
    yield from element.iter("form", "time")
    yield from (one for one in element.iter("em", "p", "small") if _waits(one))
    yield from (one for one in element.iter("a") if "/wp-admin/" in (one.get("href") or ""))
    if named is not None and named not in holding:
        yield named


def _clear_says(element: HtmlElement, named: HtmlElement | None, skip: set[HtmlElement]) -> None:
    """Take out what stands bare between a name, a date and the words, such as `Says:` and bars."""
    for one in skip:
        tail = (one.tail or "").strip()
        if tail and (_BARE.fullmatch(tail) or (one is named and len(tail) <= 40 and tail.endswith((":", "：")))):
            one.tail = " "
    if named is not None and (text := (element.text or "").strip()) and _PING.fullmatch(text):
        element.text = " "


def _holds(element: HtmlElement, tag: str) -> bool:
    return next(element.iter(tag), None) is not None
