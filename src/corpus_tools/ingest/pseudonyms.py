"""Keyed pseudonyms in place of names, @mentions and links to profiles.

A pseudonym is made from a name with HMAC-SHA-256 (RFC 2104) and a key that stays outside the corpus: the same name has
the same pseudonym in every source that is read with the key, and without it nobody can try names out.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from corpus_tools.errors import ArgumentError, listed
from corpus_tools.files import write_whole
from corpus_tools.folder import LOSSES
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import joined
from corpus_tools.ingest.model import ReadText, ReadThread, id_of
from corpus_tools.ingest.reading import Reader, Reading
from corpus_tools.ingest.rows import Rows

DIGITS = 10
"""Hexadecimal digits of a pseudonym: among a million names two have the same in about one corpus of two."""
LEAST = 16
"""Bytes that a key must have at least."""
_AT = re.compile(r"(?<![\w@./:])@(?=\w)")
_HANDLE = re.compile(r"\w(?:[\w.-]*\w)?(?:@[\w-]+(?:\.[\w-]+)+)?")
_ENDS = re.compile(r"(?<=\w)(?!\w)|(?<=[^\w\s])")
_WORD = re.compile(r"[^\W_]+")
_MAIL = re.compile(r"(?<![\w.+%@-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_MADE_WITH = re.compile(r"pseudonyms made with the key ([0-9a-f]+)")
MOST_WORDS = 6
"""Words of the longest name that is looked for in a text."""
_REDDIT = re.compile(r"(?<![\w./])(/?u(?:ser)?/)([\w-]+)")
_PROFILE = re.compile(
    r"""(?:https?://|www\.)[^\s<>"']*?
    (?:/(?:profile|profiles|user|users|u|author|authors|people|member|members|channel|in)/|/@)[^\s<>"']+
    |(?:https?://)?(?:www\.|m\.|mobile\.)?(?:twitter|x|facebook|instagram|tiktok|linkedin)\.com/[^\s<>"']+""",
    re.X | re.I,
)


def read_key(path: Path, *, outside: Path) -> bytes:
    """The key in a file; a new one is written where there is none.

    A corpus has one key: with another, every comment of a page that is read again would seem to be new.

    Raises:
        ArgumentError: If the file lies in the corpus folder `outside`, or holds less than `LEAST` bytes; if the corpus
            has pseudonyms made with another key.
    """
    if path.resolve().is_relative_to(outside.resolve()):
        raise ArgumentError(
            f"{path} lies in the corpus; whoever has the corpus would have the key, so keep it elsewhere"
        )
    before = _keys_of(outside)
    if not path.exists():
        if before:
            raise ArgumentError(
                f"{path} is not there, and {outside} has pseudonyms made with the key {listed(before)}; name the file "
                "with that key, or read into a corpus of its own"
            )
        write_whole(path, secrets.token_hex(32) + "\n")
        path.chmod(0o600)
    key = path.read_bytes().strip()
    if len(key) < LEAST:
        raise ArgumentError(
            f"{path} holds {len(key)} bytes; a key has {LEAST} or more: name a new file to have one made"
        )
    if before - {_digest(key, "")}:
        raise ArgumentError(
            f"{path} holds another key than the pseudonyms in {outside} were made with, {listed(before)}; name the "
            "file with that key, or read into a corpus of its own"
        )
    return key


def _keys_of(folder: Path) -> set[str]:
    """What the loss reports of a corpus call the keys that its pseudonyms were made with."""
    found: set[str] = set()
    for report in sorted(folder.glob(f"sources/*{LOSSES}")):
        try:
            reasons = json.loads(report.read_bytes())["lost"]
        except (ValueError, KeyError, TypeError):
            continue  # no report, or no longer one: `validate` is not about these
        found.update(made[1] for made in map(_MADE_WITH.search, reasons) if made)
    return found


def pseudonymous(reader: Reader, pseudonyms: Pseudonyms) -> Reader:
    """A reader whose threads or rows have pseudonyms."""
    read, rows = reader.read, reader.rows

    def batches(whole: Rows) -> Iterator[pl.DataFrame]:
        return (pseudonyms.rows(batch) for batch in whole.batches())

    def with_pseudonyms(reading: Reading) -> Rows | None:
        whole = rows(reading) if rows else None
        return None if whole is None else replace(whole, batches=lambda: batches(whole))

    return replace(
        reader,
        read=None if read is None else lambda reading: map(pseudonyms.thread, read(reading)),
        rows=None if rows is None else with_pseudonyms,
    )


class Pseudonyms:
    """Names to pseudonyms, with one key."""

    def __init__(self, key: bytes, losses: Losses) -> None:
        self._key = key
        self.losses = losses
        # The digest of an empty name tells keys apart, and gives none away.
        self._replaced = f"names of authors, replaced by pseudonyms made with the key {_digest(key, '')}"

    def of(self, name: str) -> str:
        """The pseudonym of a name or handle."""
        return f"user-{_digest(self._key, name)}"

    def thread(self, thread: ReadThread) -> ReadThread:
        """A thread without its names; what is not seen is counted."""
        texts = [*([thread.article] if thread.article else []), *thread.comments]
        known = self._known((text.name, text.handle) for text in texts)
        bare = _bare(known)
        return replace(
            thread,
            url=self._address(thread.url, _solid(bare)),
            title=None if thread.title is None else self.words(thread.title, known),
            article=None if thread.article is None else self._text(thread.article, known, bare),
            comments=tuple(self._text(text, known, bare) for text in thread.comments),
        )

    def rows(self, batch: pl.DataFrame) -> pl.DataFrame:
        """A batch of `rows.SCHEMA` without its names."""
        known = self._known(batch.select("name", "handle").unique().iter_rows())
        called = pl.coalesce("handle", "name")
        names = {name: self.of(name) for name in batch.select(called).to_series().drop_nulls().unique()}
        texts = [None if text is None else self.words(text, known) for text in batch["text"]]
        titles = [None if title is None else self.words(title, known) for title in batch["title"]]
        locators = [self._locator(locator) for locator in batch["locator"]]
        bare = _bare(known)
        solid = _solid(bare)
        urls = {url: self._address(url, solid) for url in batch["url"].drop_nulls().unique()}
        for text in batch["text"]:
            self._count_unseen(text, bare)
        self.losses.add("lost", self._replaced, batch.height - batch.select(called).to_series().null_count())
        return batch.with_columns(
            url=pl.col("url").replace(urls),
            name=called.replace(names),
            handle=pl.lit(None, dtype=pl.String),
            text=pl.Series(texts, dtype=pl.String),
            title=pl.Series(titles, dtype=pl.String),
            locator=pl.Series(locators, dtype=pl.String),
        )

    def words(self, text: str, known: Mapping[str, str]) -> str:
        """A text with pseudonyms for @mentions, for Reddit's u/names, and for links to profiles."""
        text = _PROFILE.sub(lambda link: self._profile(link[0], known), text)
        text = self._without_mentions(text, known)
        return _REDDIT.sub(lambda found: f"{found[1]}{self._of_known(found[2], known)}", text)

    def _address(self, url: str | None, solid: frozenset[str]) -> str | None:
        """The address of a thread; None where it names an author, as `janedoe.blog.example` and `/@jane/1` do."""
        if url is None:
            return None
        parts = re.split(r"[^\w\s+-]+", unquote(url).casefold())
        if _PROFILE.search(url) or any("".join(_WORD.findall(part)) in solid for part in parts):
            self.losses.add("lost", "addresses of threads that name an author")
            return None
        self.losses.add("doubtful", "addresses of threads, which lead to pages with the names")
        return url

    def _profile(self, link: str, known: Mapping[str, str]) -> str:
        bare = link.rstrip(".,;:!?)")  # marks of the sentence around it
        return f"[profile of {self._of_known(_last(bare), known)}]{link[len(bare) :]}"

    def _without_mentions(self, text: str, known: Mapping[str, str]) -> str:
        parts = []
        done = 0
        for at in _AT.finditer(text):
            if at.end() < done:
                continue
            handle = _HANDLE.match(text, at.end())
            called = self._longest(text, at.end(), known) or (handle[0] if handle else "")
            parts += [text[done : at.end()], self._of_known(called, known)]
            done = at.end() + len(called)
        return "".join(parts) + text[done:]

    def _longest(self, text: str, start: int, known: Mapping[str, str]) -> str | None:
        """The longest known name that begins at a place: of several words, or with marks in it."""
        ahead = text[start : start + 80]
        ends = [end.start() for end in itertools.islice(_ENDS.finditer(ahead), 2 * MOST_WORDS)]
        return next((ahead[:end] for end in reversed(ends) if ahead[:end].casefold() in known), None)

    def _text(self, text: ReadText, known: Mapping[str, str], bare: frozenset[str]) -> ReadText:
        called = text.handle or text.name
        if called is not None:
            self.losses.add("lost", self._replaced)
        body = text.text
        blocks = text.blocks
        if body is not None and blocks:
            made = joined((one.label, self.words(body[one.start : one.end], known)) for one in blocks)
            self._count_unseen(body, bare)
            body, blocks = made.text, made.blocks
        if text.byline is not None:
            self.losses.add("lost", "bylines, which name authors")
        place = None if text.start is None else f"char={text.start},{text.start + len(text.text or '')}"
        return replace(
            text,
            text=body,
            blocks=blocks,
            name=None if called is None else self.of(called),
            handle=None,
            byline=None,
            byline_start=None,
            start=None,
            locator=place or self._locator(text.locator),
        )

    def _known(self, names: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
        """Names and handles without case -> pseudonyms."""
        return {
            one.casefold(): self.of(handle or name or "")
            for name, handle in names
            for one in (name, handle)
            if one and len(one) > 1
        }

    def _of_known(self, name: str, known: Mapping[str, str]) -> str:
        if re.fullmatch(rf"user-[0-9a-f]{{{DIGITS}}}", name):
            return name  # replaced a moment ago
        return known.get(name.casefold()) or self.of(name)

    def _count_unseen(self, text: str | None, bare: frozenset[str]) -> None:
        if _MAIL.search(text or ""):
            self.losses.add("doubtful", "texts with an address of e-mail, not replaced")
        words = _WORD.findall((text or "").casefold())
        for n in range(1, MOST_WORDS + 1):
            if any(" ".join(words[i : i + n]) in bare for i in range(len(words) - n + 1)):
                self.losses.add("doubtful", "texts in which the name of an author may stand as a word, not replaced")
                return

    def _locator(self, locator: str | None) -> str | None:
        # An id of the platform leads to the comment, and with it to the name.
        return f"id-{_digest(self._key, locator)}" if locator is not None and id_of(locator) else locator


def _digest(key: bytes, name: str) -> str:
    plain = unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")
    return hmac.new(key, plain, hashlib.sha256).hexdigest()[:DIGITS]


def _bare(known: Iterable[str]) -> frozenset[str]:
    """Known names as their words alone."""
    return frozenset(" ".join(_WORD.findall(name)) for name in known if _WORD.search(name))


def _solid(bare: Iterable[str]) -> frozenset[str]:
    """The same as they stand in addresses, in one word."""
    return frozenset(name.replace(" ", "") for name in bare)


def _last(link: str) -> str:
    """What a link to a profile calls the user."""
    return re.split(r"[?#]", link)[0].rstrip("/").rpartition("/")[2].removeprefix("@") or link
