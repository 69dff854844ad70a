"""Passages of texts: naming one, citing it, and finding it again.

The reference to a passage is `<corpus>@<version>:<text_id>:<start>-<end>~<digest>`: the slug of the corpus's title, the
version, the text, its offsets in code points from 0, end-exclusive, and the first eight hexadecimal digits of the
SHA-256 of the characters there in UTF-8. In an id everything but ASCII letters, digits, `_`, `.` and `-` is
percent-encoded. Every part but the id may be left out, which then names a whole text, or an annotated unit that has a
place in one. The brackets and the point that a citation prints around a reference do no harm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote

import polars as pl

from corpus_tools.citation.work import slug_of
from corpus_tools.errors import PassageError, listed
from corpus_tools.metadata import Metadata
from corpus_tools.scheme import Scheme

FORM = re.compile(
    r"<?(?:(?P<corpus>[a-z0-9-]+)@(?P<version>draft|[0-9]+(?:\.[0-9]+)*):)?"
    r"(?P<id>[^:~<>]+)"
    r"(?::(?P<start>[0-9]{1,12})-(?P<end>[0-9]{1,12}))?"
    r"(?:~(?P<digest>[0-9a-f]{8}))?>?\.?"
)
PLACED = {"text_id", "start_char", "end_char"}
ABOUT = ("unit_id", "from_id", "to_id")
"""The columns that name what a row without a place is about."""
LONGEST_QUOTE = 120
MOST_IDS = 10


class Source(Protocol):
    """What a passage is looked up in: a `Corpus`."""

    @property
    def metadata(self) -> Metadata:
        """The metadata, for the title."""
        ...

    @property
    def version(self) -> str:
        """The version."""
        ...

    @property
    def scheme(self) -> Scheme:
        """The tables."""
        ...

    def scan(self, name: str, *, split: str | None = None) -> pl.LazyFrame:
        """A table."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """What a reference to a passage says."""

    id: str
    """Of a text, or of a unit where there are no offsets."""
    start_char: int | None = None
    end_char: int | None = None
    digest: str | None = None
    corpus: str | None = None
    version: str | None = None

    def __str__(self) -> str:
        release = f"{self.corpus}@{self.version}:" if self.corpus else ""
        offsets = f":{self.start_char}-{self.end_char}" if self.start_char is not None else ""
        # `quote` leaves a tilde, which parts the digest here.
        id_ = quote(self.id, safe="").replace("~", "%7E")
        return f"{release}{id_}{offsets}{f'~{self.digest}' if self.digest else ''}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one text of one version of a corpus."""

    corpus: str
    """The title of the corpus."""
    version: str
    text_id: str
    start_char: int
    end_char: int
    quote: str
    """The characters from `start_char` to `end_char`."""
    author: str | None
    """The public handle of who wrote the text; None where the source names nobody."""
    byline: str | None
    """The line that names the author, as printed."""

    @property
    def reference(self) -> str:
        """The full reference, which `resolve` takes."""
        return str(
            Place(
                self.text_id, self.start_char, self.end_char, digest_of(self.quote), slug_of(self.corpus), self.version
            )
        )

    @property
    def where(self) -> str:
        """Text, author and characters, in words."""
        who = f" by {self.author}" if self.author else ""
        return f"{self.text_id}{who}, characters {self.start_char} to {self.end_char}"

    def __str__(self) -> str:
        return f"{self.where}: “{shortened(self.quote)}”"


def digest_of(text: str) -> str:
    """The first eight hexadecimal digits of the SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def shortened(text: str) -> str:
    """A text in one line; a long one without its middle."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_QUOTE:
        return line
    half = LONGEST_QUOTE // 2
    head, tail = line[:half], line[-half:]
    # Whole words, where there are words.
    return f"{head.rpartition(' ')[0] or head} … {tail.partition(' ')[2] or tail}"


def _exact(text: str) -> str:
    """A text with its blanks and line ends as they are; a long one without its middle."""
    shown = repr(text)
    half = LONGEST_QUOTE // 2
    return shown if len(shown) <= LONGEST_QUOTE else f"{shown[:half]}…{shown[-half:]}"


def read_place(reference: str) -> Place:
    """What a reference to a passage says, in full or in part.

    Raises:
        PassageError: If it is none.
    """
    match = FORM.fullmatch(reference.strip()) if isinstance(reference, str) else None
    try:
        id_ = unquote(match["id"], errors="strict") if match else ""
    except UnicodeDecodeError:
        match = None
    if match is None:
        raise PassageError(
            f"{reference!r} is no reference to a passage; one is a text such as c4, a stretch of it such as c4:12-80, "
            "the id of an annotated unit, or in full corpus@1.0.0:c4:12-80~1a2b3c4d, with colons, tildes and signs "
            "that are no letters in an id percent-encoded"
        )
    start, end = (int(match[part]) if match[part] else None for part in ("start", "end"))
    return Place(id_, start, end, match["digest"], match["corpus"], match["version"])


def find_passage(source: Source, reference: str) -> Passage:
    """The passage of a corpus that a reference names.

    Raises:
        PassageError: If it cannot be read, is of another corpus or version, or points to nothing or to other
            characters than were cited.
    """
    place = read_place(reference)
    slug = slug_of(source.metadata.title)
    if place.corpus is not None and (place.corpus, place.version) != (slug, source.version):
        way = f'; give load(version="{place.version}") or --release {place.version} for it'
        other = way if place.corpus == slug else ""
        raise PassageError(f"{reference} is of {place.corpus} {place.version}; this is {slug} {source.version}{other}")
    row = _text(source, place.id)
    if row is None:
        place = _unit(source, place)
        row = _text(source, place.id)
    if row is None:
        raise PassageError(f"{reference}: its text {place.id!r} is not in the corpus")
    text, author, byline = row
    start = 0 if place.start_char is None else place.start_char
    end = len(text) if place.end_char is None else place.end_char
    if not start < end <= len(text):
        raise PassageError(
            f"{reference} is no stretch of {place.id}; give {Place(place.id)}:START-END with START from 0, "
            f"END after START and at most {len(text)}"
        )
    found = Passage(source.metadata.title, source.version, place.id, start, end, text[start:end], author, byline)
    if place.digest not in (None, digest_of(found.quote)):
        raise PassageError(
            f"{reference}: other characters stand there than were cited: {_exact(found.quote)}, "
            f"whose reference is {found.reference}"
        )
    return found


def _text(source: Source, text_id: str) -> tuple[str, str | None, str | None] | None:
    """The text with that id, its author's handle and its byline."""
    authors = source.scan("authors").select("author_id", "display_name")
    texts = source.scan("texts").filter(pl.col("text_id") == text_id).join(authors, on="author_id", how="left")
    rows = texts.select(pl.col("text").fill_null(""), "display_name", "byline").collect().rows()
    return rows[0] if rows else None


def _unit(source: Source, place: Place) -> Place:
    """The place of the annotated unit that a reference names."""
    for table in source.scheme.tables.values():
        if not set(table.schema) >= PLACED:
            continue
        for split in table.splits:
            named = source.scan(table.name, split=split).filter(pl.col(table.key) == place.id)
            for text_id, start, end in named.select("text_id", "start_char", "end_char").collect().iter_rows():
                if start is None or end is None:
                    raise PassageError(f"{place.id} stands outside the texts and has no characters to cite")
                if place.start_char is not None:
                    raise PassageError(
                        f"{place.id} is no text but a unit; cite it whole as {place.id}, or its text as "
                        f"{Place(text_id, start, end)}"
                    )
                return Place(text_id, start, end, place.digest)
    _refuse_row(source, place.id)
    texts = source.scan("texts").select("text_id").limit(MOST_IDS + 1).collect()["text_id"].to_list()
    raise PassageError(f"{place.id!r} is neither a text nor a unit with a place in one; texts are: {_some(texts)}")


def _refuse_row(source: Source, row_id: str) -> None:
    """Refuses the id of a row that is about units or texts and has no place of its own."""
    for table in source.scheme.tables.values():
        columns = [name for name in ABOUT if name in table.schema]
        for split in table.splits if columns else ():
            named = source.scan(table.name, split=split).filter(pl.col(table.key) == row_id)
            for row in named.select(columns).collect().iter_rows():
                ids = [id_ for id_ in row if id_]
                raise PassageError(
                    f"{row_id} is a row of {table.name} about {' and '.join(ids)}; cite {' or '.join(ids)}"
                )


def _some(ids: Iterable[str]) -> str:
    shown = list(ids)
    return listed(shown[:MOST_IDS]) + (", ..." if len(shown) > MOST_IDS else "")
