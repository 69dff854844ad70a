"""Classes that themes of WordPress give to the parts of a comment, and the lines that they print around its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus_tools.ingest.parts.page import above

if TYPE_CHECKING:
    from lxml.html import HtmlElement

CONTENT = (
    frozenset("comment-content ast-comment-content wpd-comment-text wc-comment-text dsq-comment-message".split()),
    frozenset(
        "comment-text commenttext comment-entry commententry comment-box-text format-text commentbox-text".split()
    ),
    frozenset("comment-body commentbody comment-inner entry-content entry description".split()),
)
"""Classes of the element that holds the words of a comment, the plainest first; a wrapper may have the later ones."""
INTERFACE = frozenset(
    """vcard commentmetadata reply reply-container comment-reply-link comment-edit-link edit-link post-edit-link
    moderation says permalink avatar gravatar sharedaddy sd-block wpulike wpl-likebox cld-like-dislike-wrap
    cld-common-wrap ckrating screen-reader-text by-post-author post-author post-author-badge ast-highlight-text
    wpd-comment-left wpd-tools wpd-vote wpd-reply-to wpd-comment-last-edited wpd-comment-label wc-comment-left
    wc-comment-label in-reply-to reply-to commentnumber commentcount counter commentauthor replylink quicktags
    report-comment wpd-inline-feedback-wrapper wpdiscuz-readmore fn""".split()
)
"""Classes of what a theme prints around the words of a comment."""
NAMES = (
    "fn",
    "wpd-comment-author",
    "wc-comment-author",
    "comment-author-name",
    "comment-author-link",
    "commentauthor",
)
NAMES_LAST = frozenset("comment-author authorname author-name author vcard name url".split())
BADGES = frozenset(
    """says post-author post-author-badge by-post-author ast-highlight-text screen-reader-text avatar comment-meta
    comment-metadata commentmetadata comment-date comment-reply-link reply""".split()
)
WORDY = re.compile(r"-comments?(?:-item|-list-item|-single)?-(?:content|text|message|copy|txt|body-text|description)$")
NAMED = re.compile(r"-comments?(?:-item|-list-item|-single)?-(?:author-name|user-?name|name|author-link|commenter)$")
CALLED = re.compile(r"-comments?(?:-item|-list-item|-single)?-(?:author|user)$")
HEADED = re.compile(r"-comments?-(?:header|head|heading|meta|info)$")
PRINTED = re.compile(
    r"-comments?(?:-item|-list-item|-single)?-(?:meta|metadata|meta-data|date|time|timestamp|header|head|footer|foot|"
    r"footer-meta|avatar|gravatar|reply|reply-link|edit|link|links|actions?|info|tools|number|num|count|permalink|votes?|"
    r"likes?|like-feedback|rating|icon|buttons?|author|author-name|author-info|author-link|user|name|respond|form|"
    r"awaiting-moderation|postinfo|report|report-link|subscribe)$"
)
DATES = frozenset(
    "commentmetadata comment-meta comment-metadata comment-date comment-time comment-author date datetime".split()
)
DATES_NAMED = re.compile(
    r"-comments?(?:-item|-list-item|-single)?-(?:meta|metadata|meta-data|date|time|timestamp|postinfo)$"
)
DATED = re.compile(
    r"\d{1,2}[:.h]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2},? (?:19|20)\d\d\b|(?:19|20)\d\d$"
)
_OF_BYLINES = frozenset(
    """comment kommentar commentaire comentario commento reactie trackback pingback by von par por da door av pisze am
    um uhr on at the le à las el il alle ore op om pm posted written geschrieben schrieb verfasst dated date datum
    th st nd rd de of edit permalink link reply antworten says said january february march april may june july
    august september october november december jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz
    mai juni juli oktober dezember mrz okt dez janvier février mars avril juin juillet août septembre octobre
    novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart augustus monday
    tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag
    samstag sonntag""".split()
)
"""Words that lines naming author and date are made of beside names."""


@lru_cache(maxsize=4096)
def _plain(own: str) -> frozenset[str]:
    """Classes written in one way, without the prefix of blocks: `comment__authorName` is `comment-author-name`."""
    parted = (re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower() for name in own.split())
    return frozenset(re.sub(r"[_-]+", "-", name).removeprefix("wp-block-") for name in parted)


def has(element: HtmlElement, names: frozenset[str], pattern: re.Pattern[str] | None = None) -> bool:
    """Whether an element has a class of `names`, or one that `pattern` fits."""
    own = _plain(element.get("class") or "")
    return not names.isdisjoint(own) or (pattern is not None and any(pattern.search(f"-{name}") for name in own))


def having(
    element: HtmlElement, names: frozenset[str], pattern: re.Pattern[str] | None = None
) -> Iterator[HtmlElement]:
    """The elements in `element` that have such a class, as they stand in the page."""
    return (one for one in element.iter("*") if one is not element and has(one, names, pattern))


def is_byline(line: str) -> bool:
    """Whether a line says no more than when something was written, or that it is a comment by somebody."""
    named = re.findall(r"[^\W\d_]+", line[:81].casefold())
    if len(line) > 80 or not all(name in _OF_BYLINES for name in named):
        return False
    return bool(DATED.search(line)) or (bool(named) and named[0] in ("kommentar", "comment", "pingback", "trackback"))


def in_content(element: HtmlElement) -> HtmlElement | None:
    """The element with the words of a comment that an element stands in."""
    return next((one for one in above(element) if has(one, CONTENT[0] | CONTENT[1], WORDY) or is_text(one)), None)


def is_text(element: HtmlElement) -> bool:
    """Whether microdata says that an element holds the words."""
    return element.get("itemprop") in ("text", "commentText")
