"""Texts as WordPress keeps them: typed with blank lines for paragraphs, with shortcodes, or made of blocks."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import Body
from corpus_tools.ingest.reading import Reading
from corpus_tools.ingest.source import parse_html

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CAPTIONS = frozenset(("caption", "wp_caption"))
_RECORDINGS = frozenset(("audio", "playlist", "video", "videopress", "wpvideo"))
_GALLERIES = frozenset(("gallery", "slideshow"))
_EMBEDDED = frozenset(
    [
        "dailymotion",
        "embed",
        "facebook",
        "flickr",
        "gist",
        "googlemaps",
        "googlevideo",
        "instagram",
        "scribd",
        "slideshare",
        "soundcloud",
        "spotify",
        "ted",
        "tweet",
        "twitter",
        "vimeo",
        "vine",
        "youtube",
    ]
)
_SHORTCODE = re.compile(r"\[(/?)([A-Za-z][\w-]*+)([^\[\]]*+)\]")
_ATTRIBUTES = re.compile(r"\s+[\w:-]+=")
_ADDRESSED = re.compile(r"=|\s+(?:[\w:-]+=|https?:)")
_CAPTION = re.compile(r"""\bcaption=(?:"([^"]*)"|'([^']*)')""")
_LINKED_IMAGE = re.compile(r"\s*((?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?)", re.I)
_HOLDING = _CAPTIONS | _RECORDINGS | _EMBEDDED
_BLOCK = "<!-- wp:"


def typed_body(html: str, reading: Reading, *, shortcodes: bool = False) -> Body:
    """The words of a text that WordPress keeps, in the paragraphs that it prints.

    A text made of blocks has its paragraphs marked. In any other an empty line ends a paragraph and a line end is a
    line break, but beside the tag of a block or cell and behind a `<br>`, where it is none (as `wpautop` has it).

    Args:
        html: The text.
        reading: Where losses are counted.
        shortcodes: Whether WordPress carries out the shortcodes in it, as in articles: those of captions become
            captions; those of galleries, recordings and embedded pages are taken out, as are the marks of other ones,
            whose words stay.

    Returns:
        The words; none, counted, where they are nested too deep: one text is no reason to refuse all others.
    """
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    if not html.strip():
        return Body("", ())
    if shortcodes:
        html = without_shortcodes(html, reading.losses)
    try:
        tree = parse_html(f"<html><body>{html}</body></html>", error=reading.error)
    except IngestError:
        reading.losses.add("lost", "words of texts that are nested too deep")
        return Body("", ())
    if _BLOCK in html:
        # What is embedded stands there as an address that nobody was shown; the button says "Download".
        embedded = [one for one in tree.iter("div") if "wp-block-embed__wrapper" in (one.get("class") or "").split()]
        buttons = [one for one in tree.iter("a") if "wp-block-file__button" in (one.get("class") or "").split()]
        reading.losses.add("lost", "embedded pages", len(embedded))
        return reading.body(tree, skip=[*embedded, *buttons])
    _settle_line_ends(tree)
    return reading.body(tree, blank_lines=True)


def _settle_line_ends(tree: HtmlElement) -> None:
    """Take out the line ends that are no line breaks, as far as a block's edge does not take them away."""
    for element in tree.iter("br", "td", "th"):
        tail = element.tail or ""
        if element.tag == "br":
            element.tail = re.sub(r"^[ \t]*\n", "", tail)
            continue
        element.tail = " " if not tail.strip() else tail
        element.text = (element.text or "").lstrip(" \t\n")
        if len(element):
            element[-1].tail = (element[-1].tail or "").rstrip(" \t\n")
        else:
            element.text = element.text.rstrip(" \t\n")


def without_shortcodes(html: str, losses: Losses) -> str:
    """A text with its shortcodes carried out, as far as words come of them; the others are counted."""
    found = list(_SHORTCODE.finditer(html))
    ended = {match[2] for match in found if match[1]}
    marked = {match[2] for match in found if _ATTRIBUTES.match(match[3])}
    # Whether `[aside]…[/aside]` was a shortcode of the site or typed for fun, the text does not say.
    marked |= {name for name in ended if re.search("[_-]", name)}
    made: list[str] = []
    begun: re.Match[str] | None = None
    begin = place = 0
    for match in found:
        made.append(html[place : match.start()])
        place = match.end()
        name, closing = match[2], bool(match[1])
        if begun is not None and not (closing and name == begun[2]):
            made.append(match[0])
        elif begun is not None:
            made[begin:] = [_carried_out(begun, "".join(made[begin:]), losses)]
            begun = None
        elif not closing and name in ended and name in _HOLDING and not match[3].endswith("/"):
            begun, begin = match, len(made)
        else:
            made.append(_alone(match, ended, marked, losses))
    if begun is not None and begun[2] not in _CAPTIONS:
        # It never ends: the end that was seen is another's, before it.
        _lost(begun[2], losses)
    return "".join([*made, html[place:]])


def _carried_out(begun: re.Match[str], inside: str, losses: Losses) -> str:
    """What takes the place of a shortcode that holds something."""
    name = begun[2]
    if name not in _CAPTIONS:
        return _lost(name, losses)
    image = _LINKED_IMAGE.match(inside)
    words = inside[image.end() :] if image else inside
    attribute = _CAPTION.search(begun[3])
    if attribute:
        words = attribute[1] or attribute[2] or words
    return f"<figure>{image[1] if image else ''}<figcaption>{words}</figcaption></figure>"


def _alone(match: re.Match[str], ended: Collection[str], marked: Collection[str], losses: Losses) -> str:
    """What takes the place of a shortcode that holds no words, or of one end of a pair that holds some."""
    name, closing = match[2], bool(match[1])
    # Every site has these; those of addresses come with extensions, and their names are words as well.
    own = name in _CAPTIONS | _RECORDINGS | {"embed"} and (match[3] or closing)
    if name in _GALLERIES or own or (name in _EMBEDDED and (closing or _ADDRESSED.match(match[3]))):
        return "" if closing or name in _CAPTIONS else _lost(name, losses)
    if name in marked and (closing or match[3].strip() or name in ended):
        losses.add("lost", "marks of shortcodes; the words between them stay")
        return ""
    if closing or name in ended or (re.search("[_-]", name) and not match[3].strip(" /")):
        losses.add("doubtful", "words in square brackets that may be shortcodes, left in")
    return match[0]


def _lost(name: str, losses: Losses) -> str:
    kind = "sound or video recordings" if name in _RECORDINGS else "embedded pages"
    losses.add("lost", "galleries of images" if name in _GALLERIES else kind)
    return ""
