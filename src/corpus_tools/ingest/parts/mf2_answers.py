"""Entries and their answers among microformats: comments in and beside an entry, likes, mentions; webmentions."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.model import COMMENT
from corpus_tools.ingest.parts.entries import documents
from corpus_tools.ingest.parts.mf2 import Item, Marked, Page, address, item_of, plain
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_REACTIONS = ("like", "likes", "favorite", "repost", "reposts", "bookmark", "rsvp", "reaction", "reacji")
_KINDS = {"comment": COMMENT, "mention": "pingback", **dict.fromkeys(_REACTIONS, "reaction")}
"""Property that an answer is a value of -> its kind."""
_REACTED = ("like-of", "repost-of", "bookmark-of", "favorite-of", "follow-of")
_MENTIONED = {"in-reply-to": COMMENT, "mention-of": "pingback", **dict.fromkeys((*_REACTED, "rsvp"), "reaction")}
"""What a webmention is to its target -> its kind."""
_ACTIVITIES = {
    "reply": "in-reply-to",
    "like": "like-of",
    "repost": "repost-of",
    "bookmark": "bookmark-of",
    "rsvp": "rsvp",
}
_ENTRIES = ("entry", "cite", "event", "recipe", "review")
_WEBMENTION = ("wm-target", "wm-property", "wm-source")
_SECTION = re.compile(
    r"(?:[a-z]{1,12}-)?(?:comments?|responses?|replies|webmentions?|mentions?|interactions?)(?:(?:__?|-)[a-z-]{1,20})?",
    re.I,
)
_STRAY = "citations and entries that are not marked as comments"
_NO_ENTRY = "entries that are no entries of microformats"


@dataclass(slots=True, eq=False)
class Answer:
    """A comment, like or mention, and the one it was found inside of."""

    item: Item
    kind: str
    inside: Answer | None = None


@dataclass(slots=True)
class Discussion:
    """An entry and its answers."""

    main: Item | None
    """None where the answers stand on a page that marks no entry, and for webmentions, which only name their page."""
    answers: list[Answer]
    page: Page | None = None
    target: str | None = None
    """The page that webmentions are of."""
    aliases: list[str] = field(default_factory=list)
    """Addresses of the main entry."""


def bare(url: str) -> str:
    """An address to compare by: without scheme, `www.` and last slash."""
    return re.sub(r"^(?:https?:)?//(?:www\.)?", "", url.strip(), flags=re.I).rstrip("/")


def addresses(item: Item, name: str, page: Page | None) -> list[str]:
    """The addresses that a property has, absolute where that of the page is known."""
    # A card that is marked as the address as well is the author's.
    values = [one for one in item.properties.get(name, ()) if not (isinstance(one, Item) and one.is_a("card"))]
    found = [url for one in values if (url := address(one))]
    return [page.absolute(url) for url in found] if page else found


def from_page(source: Source) -> Iterator[Discussion]:
    """The entries of a page and what is marked as an answer to them."""
    root = source.html
    own = root.xpath("string(//link[@rel='canonical']/@href)") or root.xpath(
        "string(//meta[@property='og:url']/@content)"
    )
    page = Page(root, str(root.xpath("string(//base/@href)") or own) or None, str(own) or None)
    mains, loose, stray = _sorted_out(page.items, page)
    if not mains and loose and any(_is_comment(item, None) for item in loose):
        yield Discussion(None, _answers(loose, page, source.losses), page)
        return
    if not mains:
        mains, loose, stray = [*loose, *stray], [], []
    source.losses.add("dropped", _STRAY, len(stray))
    mains = _of_this_page(mains, str(own), page, source.losses)
    for main, theirs in _at_home(loose, mains, page):
        yield _discussion(main, theirs, page, source.losses)


def from_json(source: Source) -> Iterator[Discussion]:
    """The entries of a JSON file and their answers, or the pages that its webmentions are of."""
    items: list[Item] = []
    mentions: list[Item] = []
    for place, value in enumerate(values := documents(source)):
        for entry, path in _roots(value, f"/{place}" if len(values) > 1 else "", source.losses):
            (mentions if _is_webmention(entry) else items).append(item_of(entry, path or "/"))
    mains, loose, stray = _sorted_out(items, None)
    if not mains:
        mains, loose, stray = [*loose, *stray], [], []
    source.losses.add("dropped", _STRAY, len(stray))
    for main, theirs in _at_home(loose, mains, None):
        yield _discussion(main, theirs, None, source.losses)
    yield from _by_target(mentions, source.losses)


def _discussion(main: Item, theirs: list[Item], page: Page | None, losses: Losses) -> Discussion:
    names = ("url", "uid", "syndication")
    aliases = [url for name in names for url in addresses(main, name, page)]
    return Discussion(main, _answers([main, *theirs], page, losses, main=main), page, None, aliases)


def _by_target(mentions: Iterable[Item], losses: Losses) -> Iterator[Discussion]:
    groups: dict[str, list[Item]] = {}
    targets: dict[str, str] = {}
    for item in mentions:
        # The part of the page that is linked to makes no other thread of it.
        target = next(iter(addresses(item, "wm-target", None)), "").partition("#")[0]
        targets.setdefault(bare(target), target)
        groups.setdefault(bare(target), []).append(item)
    for name, group in groups.items():
        page = targets[name] or None
        yield Discussion(None, _answers(group, None, losses), None, page, [page] if page else [])


def _sorted_out(items: Iterable[Item], page: Page | None) -> tuple[list[Item], list[Item], list[Item]]:
    """The entries that stand alone, those of feeds too; the answers beside them; citations that are neither."""
    flat: list[Item] = []
    steps = list(reversed(list(items)))
    while steps:
        item = steps.pop()
        if item.is_a("feed"):
            inside = [*(one for one in item.properties.get("entry", ()) if isinstance(one, Item)), *item.children]
            steps.extend(reversed(inside))
        elif item.is_a(*_ENTRIES):
            flat.append(item)
    known = {bare(url) for item in flat for url in addresses(item, "url", page)}
    mains: list[Item] = []
    loose: list[Item] = []
    stray: list[Item] = []
    for item in flat:
        answered = {bare(url) for url in addresses(item, "in-reply-to", page)}
        if _is_comment(item, None) or (len(flat) > 1 and answered & known):
            loose.append(item)
        else:
            (stray if item.is_a("cite") else mains).append(item)
    return mains, loose, stray


def _of_this_page(mains: list[Item], address: str, page: Page, losses: Losses) -> list[Item]:
    """The entry that the page is of, where it says so and others stand beside it; else all."""
    own = [main for main in mains if bare(address) in map(bare, addresses(main, "url", page))] if address else []
    if len(mains) > 1 and len(own) == 1:
        losses.add("dropped", "entries beside the article of the page", len(mains) - 1)
        return own
    return mains


def _at_home(loose: list[Item], mains: list[Item], page: Page | None) -> list[tuple[Item, list[Item]]]:
    """Each entry with the loose answers that name it, or that name none and have no other entry nearer before them."""
    homes: list[tuple[Item, list[Item]]] = [(main, []) for main in mains]
    called: dict[str, int] = {}
    for i, main in enumerate(mains):
        for url in addresses(main, "url", page):
            called.setdefault(bare(url), i)
    numbers = [main.number for main in mains]
    for item in loose:
        named = (called.get(bare(url)) for url in addresses(item, "in-reply-to", page))
        before = max(bisect.bisect_left(numbers, item.number) - 1, 0)
        homes[next((i for i in named if i is not None), before)][1].append(item)
    return homes


def _is_comment(item: Item, stop: HtmlElement | None) -> bool:
    """Whether it, or an element around it, says that it is a comment or an answer of another kind."""
    if any(name in _KINDS for name in item.relations):
        return True
    one = item.element.getparent() if item.element is not None else None
    while one is not None and one is not stop and one.tag not in ("body", "html"):
        if any(_SECTION.fullmatch(name) for name in [*(one.get("class") or "").split(), one.get("id") or ""]):
            return True
        one = one.getparent()
    return False


def _answers(roots: Iterable[Item], page: Page | None, losses: Losses, *, main: Item | None = None) -> list[Answer]:
    """Every answer once, each before those inside it, in the order of the source."""
    found: list[Answer] = []
    seen: set[Item] = set()
    steps: list[tuple[Item, str, Answer | None]] = []
    for root in reversed(list(roots)):
        relation = next((name for name in root.relations if name in _KINDS), "comment")
        steps.append((root, _KINDS[relation], None))
    own = {bare(url) for url in addresses(main, "url", page)} if main is not None else set()
    while steps:
        item, kind, inside = steps.pop()
        if item in seen:
            continue
        seen.add(item)
        answer = None
        if item is not main:
            answer = Answer(item, _kind(item, kind), inside)
            found.append(answer)
        steps.extend((one, kind, answer) for one, kind in reversed(_inside(item, own, page, losses, nested=answer)))
    return found


def _inside(
    item: Item, own: set[str], page: Page | None, losses: Losses, *, nested: Answer | None
) -> list[tuple[Item, str]]:
    found: list[tuple[Item, str]] = []
    for name, kind in _KINDS.items():
        for i, value in enumerate(item.properties.get(name, ())):
            if isinstance(value, Item) and not value.is_a("card"):
                found.append((value, kind))
            elif isinstance(value, Item):
                # A person who is mentioned answers nothing; one who liked something does.
                found += [(_of_card(value), kind)] if kind == "reaction" else []
            elif name != "mention" and (made := _of_words(item, value, name, i, losses)) is not None:
                found.append((made, kind))
    found += [(child, COMMENT) for child in _children(item, own, page, losses, nested=nested is not None)]
    return sorted(found, key=lambda pair: pair[0].number)


def _children(item: Item, own: set[str], page: Page | None, losses: Losses, *, nested: bool) -> Iterator[Item]:
    """The entries inside one that are no property of it, and yet are comments by what is around them or they answer."""
    contents = {value.element for value in item.properties.get("content", ()) if isinstance(value, Marked)}
    steps = list(reversed(item.children))
    while steps:
        child = steps.pop()
        if child.is_a("feed"):
            steps.extend(reversed(child.children))
        elif child.is_a("entry", "cite"):
            answered = {bare(url) for url in addresses(child, "in-reply-to", page)}
            if nested or child.jf2 or answered & own or (answered and not own) or _is_comment(child, item.element):
                yield child
            elif child.element is None or not any(one in contents for one in child.element.iterancestors()):
                # Those among the words of the entry stay there.
                losses.add("dropped", _STRAY)


def _of_card(card: Item) -> Item:
    return Item(("cite",), card.path, {"author": [card]}, element=card.element, number=card.number)


def _of_words(item: Item, value: Any, name: str, i: int, losses: Losses) -> Item | None:
    """An answer that is words only, or an address only."""
    words, url = plain(value), address(value)
    element = getattr(value, "element", None)
    if (element is not None and element.tag in ("a", "link")) or re.match(r"https?://\S+$", words):
        if name == "comment":
            losses.add("dropped", "comments that are given by their address only")
            return None
        return Item(("cite",), f"{item.path}/{name}/{i}", {"url": [url]}, element=element, number=item.number)
    if not words:
        return None
    return Item(("cite",), f"{item.path}/{name}/{i}", {"content": [words]}, element=element, number=item.number)


def _kind(item: Item, kind: str) -> str:
    if "true" in (value for value in item.properties.get("wm-private", ()) if isinstance(value, str)):
        return "unapproved"
    for value in item.properties.get("wm-property", ()):
        if isinstance(value, str) and value in _MENTIONED:
            return _MENTIONED[value]
    if kind == COMMENT and "in-reply-to" not in item.properties and any(name in item.properties for name in _REACTED):
        return "reaction"
    return kind


# What stands at the top of a JSON file


def _is_webmention(entry: Mapping[str, Any]) -> bool:
    return any(key in entry for key in _WEBMENTION)


def _roots(value: object, path: str, losses: Losses) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The entries that are inside no other, and webmentions wherever they are."""
    steps: list[tuple[object, str]] = [(value, path)]
    while steps:
        value, path = steps.pop()
        if isinstance(value, list):
            steps.extend((one, f"{path}/{i}") for i, one in reversed(list(enumerate(value))))
        elif not isinstance(value, dict):
            listed = re.sub(r"/\d+$", "", path).rpartition("/")[2] in ("", "items", "children", "links")
            losses.add("dropped", _NO_ENTRY, listed)
        elif _is_webmention(value) or _is_entry(value):
            yield value, path
        elif _is_link(value):
            yield _webmention(value), path
        else:
            _paging(value, losses)
            inside = [(one, f"{path}/{key}") for key, one in value.items() if isinstance(one, dict | list)]
            steps.extend(pair for pair in reversed(inside) if pair[1] not in (f"{path}/rels", f"{path}/rel-urls"))


def _is_entry(entry: Mapping[str, Any]) -> bool:
    types = entry.get("type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and name.removeprefix("h-") in _ENTRIES for name in names)


def _is_link(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("target"), str) and ("activity" in entry or isinstance(entry.get("data"), dict))


def _webmention(link: Mapping[str, Any]) -> Mapping[str, Any]:
    """A webmention of the older interface in the fields of the newer."""
    data = link["data"] if isinstance(link.get("data"), dict) else {}
    activity = link["activity"].get("type") if isinstance(link.get("activity"), dict) else None
    content = data.get("content")
    if isinstance(content, str) and re.search(r"<[a-zA-Z/!]|&#?\w{1,31};", content):
        content = {"html": content}
    return {
        "type": "entry",
        **{key: data.get(key) for key in ("author", "url", "name", "published")},
        "content": content,
        "wm-id": link.get("id"),
        "wm-source": link.get("source"),
        "wm-target": link["target"],
        "wm-private": link.get("private"),
        "wm-property": _ACTIVITIES.get(activity, "mention-of") if isinstance(activity, str) else "mention-of",
    }


def _paging(value: Mapping[str, Any], losses: Losses) -> None:
    paging, held = value.get("paging"), value.get("children")
    total = paging.get("total") if isinstance(paging, dict) else None
    if isinstance(total, int) and isinstance(held, list):
        losses.add("lost", "entries that the file does not hold (further pages)", max(total - len(held), 0))
