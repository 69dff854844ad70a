"""APA 7, plain text: one paragraph per entry, then one for each note that the style has no place for.

Titles keep their capitals, since sentence case cannot be computed, and nothing is in italics.

Source:
    American Psychological Association (2020), Publication Manual, 7th edition, chapters 9 and 10.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from string import ascii_lowercase

from corpus_tools.citation.work import Entry, Name

MOST_NAMES = 20
SHORT_DIGEST = 12


def apa(entries: Sequence[Entry]) -> str:
    """The works, then what they follow as a reference list orders it; each note in a paragraph below them."""
    works = [entry for entry in entries if entry.version]
    entries = [*works, *sorted((entry for entry in entries if not entry.version), key=_order)]
    dates = _dates(entries)
    shown = {entry.key: f"{_in_text(entry, entries)}, {dates[entry.key]}" for entry in entries}
    paragraphs = [_reference(entry, dates[entry.key]) for entry in entries]
    notes = [note for work in works for note in work.all_notes(shown)]
    return "\n\n".join([*paragraphs, *notes])


def _order(entry: Entry) -> tuple[object, ...]:
    """By the authors one after the other, where fewer come first, then year and title."""
    authors = [(_letters(name.group or name.family), _letters(_initials(name.given))) for name in entry.names]
    return authors, entry.more_names, entry.year, _letters(entry.title)


def _letters(text: str) -> str:
    """What counts in the alphabet: neither accents nor blanks, signs and capitals."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if char.isalnum()).casefold()


def _dates(entries: Iterable[Entry]) -> dict[str, str]:
    """Key -> year, with a letter where the same authors have several works of one year."""
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in sorted(entries, key=_order):
        groups.setdefault((_authors(entry), entry.year or "n.d."), []).append(entry.key)
    dates = {}
    for (_, year), keys in groups.items():
        for number, key in enumerate(keys):
            letter = ascii_lowercase[number % 26] * (1 + number // 26) if len(keys) > 1 else ""
            dates[key] = f"{year}-{letter}" if letter and year == "n.d." else year + letter
    return dates


def _reference(entry: Entry, date: str) -> str:
    title, source = _parts(entry)
    known = {name.group for name in entry.names} | {""}
    # Journals and theses are found by other things, and a publisher that is the author is not said twice.
    named = entry.publisher not in known and entry.type != "thesis" and not _in_journal(entry)
    publisher = entry.publisher if named else ""
    sentences = [_ended(_authors(entry)), f"({date}).", _ended(title), _ended(source), _ended(publisher)]
    place = f"https://doi.org/{entry.doi}" if entry.doi else entry.url
    return " ".join(part for part in (*sentences, place) if part)


def _parts(entry: Entry) -> tuple[str, str]:
    """Title with what stands in brackets behind it, and the larger work."""
    if _in_journal(entry):
        volume = entry.volume + (f"({entry.issue})" if entry.issue else "")
        return entry.title, ", ".join(filter(None, [entry.container, volume, _pages(entry)]))
    if entry.type in ("chapter", "paper-conference"):
        within = ", ".join(filter(None, [entry.volume and f"Vol. {entry.volume}", _pages(entry, "pp. ")]))
        larger = f"In {entry.container}{f' ({within})' if within else ''}" if entry.container else ""
        return entry.title, larger
    if entry.type == "webpage":
        return entry.title, entry.container
    details = {
        "dataset": _version(entry) if entry.version else "",
        "report": " No. ".join(filter(None, [entry.container, entry.issue])),
        "book": f"Vol. {entry.volume}" if entry.volume else "",
    }.get(entry.type, "")
    form = {"dataset": "Data set", "thesis": ", ".join(filter(None, ["Thesis", entry.publisher]))}.get(entry.type, "")
    return f"{entry.title}{f' ({details})' if details else ''}{f' [{form}]' if form else ''}", ""


def _in_journal(entry: Entry) -> bool:
    """Whether it is cited as journals are, which holds for proceedings that come out in issues."""
    return entry.type == "article-journal" or (entry.type == "paper-conference" and entry.issue != "")


def _version(entry: Entry) -> str:
    digest = f"content SHA-256 {entry.content_sha256[:SHORT_DIGEST]}" if entry.content_sha256 else ""
    return "; ".join(filter(None, [f"Version {entry.version}" if entry.date else "Draft", digest]))


def _pages(entry: Entry, sign: str = "") -> str:
    """First and last page, or the number of an article."""
    pages = entry.pages.replace("-", "–")
    return f"{sign}{pages}" if "–" in pages else f"Article {pages}" if pages else ""


def _ended(sentence: str) -> str:
    if not sentence or re.search(r"[.?!][”’\"')\]]*$", sentence):
        return sentence
    return f"{sentence}."


def _authors(entry: Entry) -> str:
    names = [_author(name) for name in entry.names]
    if entry.more_names:
        return ", ".join([*names, "et al."])
    if len(names) > MOST_NAMES:
        return ", ".join([*names[: MOST_NAMES - 1], f". . . {names[-1]}"])
    # A comma parts a name from its initials; two groups have none.
    return _joined(names, comma=len(names) > 2 or not all(name.group for name in entry.names))


def _joined(names: Sequence[str], *, comma: bool) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}{',' if comma else ''} & {names[-1]}"


def _author(name: Name) -> str:
    return name.group or ", ".join(filter(None, [name.family, _initials(name.given), name.suffix]))


def _initials(given: str) -> str:
    """`Mary-Jane K.` as `M.-J. K.`; particles such as `van` stay."""
    parts = re.sub(r"\.(?=\w)", ". ", unicodedata.normalize("NFC", given)).split()
    return " ".join(
        part if part.islower() else "-".join(f"{name[0]}." for name in part.split("-") if name) for part in parts
    )


def _in_text(entry: Entry, among: Iterable[Entry]) -> str:
    """The first author with `et al.`, or as many authors as tell the entry from others of its year."""
    others = [other.names for other in among if other.year == entry.year and other.names != entry.names]
    n = 1
    while n < len(entry.names) and any(names[:n] == entry.names[:n] for names in others):
        n += 1
    names = [name.group or name.family for name in entry.names]
    # `et al.` stands for several.
    if entry.more_names or len(names) > n + 1:
        return f"{', '.join(names[:n])}{',' if n > 1 else ''} et al.".strip()
    return _joined(names, comma=len(names) > 2)
