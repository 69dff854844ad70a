"""Threads as read -> rows of texts, threads and the structure layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpus_tools.ingest.known import ARTICLE, Ids, Known, Texts
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.model import COMMENT, ReadText, ReadThread
from corpus_tools.ingest.reading import Reader, Reading

DROPPED = {
    "pingback": "pingbacks",
    "trackback": "trackbacks",
    "reaction": "reactions without words",
    "notice": "notices of the platform",
    "spam": "entries held to be spam",
    "deleted": "deleted entries",
    "removed": "removed entries",
    "unapproved": "entries that were not approved",
}
TWICE = "entries with the id of one before them"
CIRCLE = "answers that answer each other in a circle: what they answer"
UNANSWERED = "answers to what is left out or not in the source: what they answer"
CHANGED = "texts that differ from what was ingested before, kept as they were"
"""Reasons that threads and rows have in common."""


@dataclass(slots=True)
class Added:
    """What one source adds to a corpus."""

    texts: list[Mapping[str, Any]] = field(default_factory=list)
    threads: list[Mapping[str, Any]] = field(default_factory=list)
    spans: list[Mapping[str, Any]] = field(default_factory=list)
    author_ids: set[str] = field(default_factory=set)
    new_authors: tuple[str, ...] = ()
    n_entries: Counter[str] = field(default_factory=Counter)
    """Entries of the source, by kind."""
    n_written: Counter[str] = field(default_factory=Counter)
    """Texts that are new, by kind."""
    n_known: int = 0
    """Texts that were there already."""
    brings_text: bool = False
    """Whether a text is no slice of the source."""
    texts_file: Path | None = None
    """The finished file of texts in place of `texts`, for a source of rows."""

    @property
    def n_read(self) -> int:
        """Entries of the source."""
        return self.n_entries.total()

    @property
    def n_texts(self) -> int:
        """Texts that are new."""
        return self.n_written.total()


def noun_of(kind: str) -> str:
    """What texts of a kind are called in a report."""
    return {ARTICLE: "articles", COMMENT: "comments"}.get(kind, "other texts")


def add_threads(reader: Reader, reading: Reading, known: Known, *, source_id: str, keep: frozenset[str]) -> Added:
    """The rows for every thread of a source; what is in the corpus already is left as it is."""
    threads = list(reader.read(reading)) if reader.read else []
    adding = _Adding(reader, known, reading.losses, source_id, keep, alone=len(threads) == 1)
    for thread in threads:
        adding.add(thread)
    adding.added.new_authors = tuple(names[0] for names in known.authors.new.values())
    return adding.added


@dataclass(slots=True)
class _Here:
    """The thread that texts are being added to."""

    thread_id: str
    there: Texts | None
    """The texts that it has already; None for a new thread."""
    ids: dict[str, str] = field(default_factory=dict)
    """Key of each text -> its id."""
    _next: int = 1

    def __post_init__(self) -> None:
        self._next = 1 if self.there is None or self.there.last is None else self.there.last + 1

    def place(self, kind: str) -> int:
        """The place of one more text."""
        if kind == ARTICLE:
            return 0
        self._next += 1
        return self._next - 1

    def find(self, text: ReadText, kind: str, author_id: str | None, *, is_named: bool) -> Mapping[str, Any] | None:
        """The row of a text that is there already."""
        if self.there is None:
            return None
        if kind == ARTICLE:
            return self.there.article
        return self.there.find(text, author_id, is_new=is_named and author_id is None)

    def call(self, text: ReadText, text_id: str) -> None:
        """Let other texts name it as what they answer."""
        if text.key is not None:
            self.ids[text.key] = text_id


class _Adding:
    def __init__(
        self, reader: Reader, known: Known, losses: Losses, source_id: str, keep: frozenset[str], *, alone: bool
    ) -> None:
        self.reader = reader
        self.known = known
        self.losses = losses
        self.source_id = source_id
        self.keep = {COMMENT, *keep}
        self.alone = alone
        self.added = Added()
        self._thread_ids = Ids(known.threads["thread_id"])
        self._open: dict[str, _Here] = {}

    def add(self, thread: ReadThread) -> None:
        kept = list(self._kept(thread.comments))
        if thread.article is None and not kept:
            # A page of which only likes are known, say: what is left out of it is counted.
            return
        here = self._here(thread)
        if here.there is not None:
            here.there.expect(kept)
        if thread.article is not None:
            self.added.n_entries[ARTICLE] += 1
            self._text(thread.article, ARTICLE, here)
        for comment in self._in_order(kept, here.ids):
            self._text(comment, comment.kind, here)

    def _here(self, thread: ReadThread) -> _Here:
        thread_id = self.known.thread_of(thread, self.reader.form)
        if thread_id is None:
            return _Here(self._new_thread(thread), None)
        if thread_id not in self._open:
            self._open[thread_id] = _Here(thread_id, self.known.texts_of(thread_id, self.reader.form))
        return self._open[thread_id]

    def _new_thread(self, thread: ReadThread) -> str:
        thread_id = self._thread_ids.new_thread(self.source_id, thread.key, alone=self.alone)
        title = one_line(thread.title) if thread.title else None
        row = {"thread_id": thread_id, "title": title or None, "url": thread.url}
        if thread.date:
            row |= {"date": thread.date, "date_basis": "recorded"}
        if not title:
            self.losses.add("missing", "titles of threads")
        self.added.threads.append(row)
        return thread_id

    def _kept(self, comments: Iterable[ReadText]) -> Iterator[ReadText]:
        keys: set[str] = set()
        for comment in comments:
            self.added.n_entries[comment.kind] += 1
            if comment.kind not in self.keep:
                self.losses.add("dropped", DROPPED[comment.kind])
            elif comment.key is not None and comment.key in keys:
                self.losses.add("dropped", TWICE)
            elif comment.text is None and comment.kind == COMMENT:
                self.losses.add("dropped", "comments without words in the source")
            else:
                keys |= {comment.key} if comment.key is not None else set()
                yield comment

    def _in_order(self, rest: Sequence[ReadText], ids: Mapping[str, str]) -> Iterator[ReadText]:
        """Each comment after the one it answers; otherwise as they come."""
        coming = {comment.key for comment in rest if comment.key is not None}
        waiting: dict[str, list[ReadText]] = {}
        given: set[str] = set(ids)
        for comment in rest:
            if comment.parent in coming and comment.parent not in given and comment.parent is not None:
                waiting.setdefault(comment.parent, []).append(comment)
                continue
            ready = [comment]
            while ready:
                one = ready.pop()
                yield one
                if one.key is not None:
                    given.add(one.key)
                    ready += reversed(waiting.pop(one.key, []))
        for circle in waiting.values():
            for comment in circle:
                self.losses.add("lost", CIRCLE)
                yield replace(comment, parent=None)

    def _text(self, text: ReadText, kind: str, here: _Here) -> None:
        """Add a text unless it is there."""
        name, handle = one_line(text.name or "") or None, one_line(text.handle or "") or None
        row = here.find(text, kind, self.known.authors.known(name, handle), is_named=bool(handle or name))
        if row is not None:
            self.added.n_known += 1
            if row["text"] != text.text:
                self.losses.add("doubtful", CHANGED)
            here.call(text, row["text_id"])
            return
        text_id, author_id = self.known.new_id(kind), self.known.authors.id(name, handle)
        here.call(text, text_id)
        named = {"text_id": text_id, "kind": kind, "position": here.place(kind), "author_id": author_id}
        self.added.texts.append({**named, **self._row(text, here)})
        self.added.n_written[kind] += 1
        self.added.author_ids |= {author_id} if author_id else set()
        self._spans(text, text_id, placed=here.there is None)
        self._missing(text, kind, author_id)

    def _row(self, text: ReadText, here: _Here) -> Mapping[str, Any]:
        """The columns of a text that only its source decides."""
        parent_id = here.ids.get(text.parent) if text.parent is not None else None
        if text.parent is not None and parent_id is None:
            self.losses.add("lost", UNANSWERED)
        # A later state of the same text brings its words along: the earlier one accounts for what both have.
        sliced = text.start is not None and text.text is not None and here.there is None
        locator = text.locator
        if text.start is not None and not sliced:
            locator = f"char={text.start},{text.start + len(text.text or '')}"
        byline_start = text.byline_start if sliced else None
        byline = one_line(text.byline) if text.byline and text.byline_start is None else text.byline
        self.added.brings_text |= not sliced
        return {
            "thread_id": here.thread_id,
            "byline": byline,
            "byline_start": byline_start,
            "byline_end": None if byline_start is None else byline_start + len(text.byline or ""),
            "parent_id": parent_id,
            "posted_at": text.posted_at,
            "text": None if sliced else text.text,
            "source_id": self.source_id,
            "source_start": text.start if sliced else None,
            "source_end": text.start + len(text.text or "") if sliced and text.start is not None else None,
            "source_locator": locator,
        }

    def _spans(self, text: ReadText, text_id: str, *, placed: bool) -> None:
        if text.byline is not None and text.byline_start is not None and placed:
            end = text.byline_start + len(text.byline)
            place = {"source_start": text.byline_start, "source_end": end}
            self.added.spans.append({"text_id": text_id, "quote": text.byline, "label": "byline", **place})
        for block in text.blocks:
            row = {"text_id": text_id, "start_char": block.start, "end_char": block.end, "label": block.label}
            row["quote"] = (text.text or "")[block.start : block.end]
            if text.start is not None and placed:
                row |= {"source_start": text.start + block.start, "source_end": text.start + block.end}
            self.added.spans.append(row)

    def _missing(self, text: ReadText, kind: str, author_id: str | None) -> None:
        noun = noun_of(kind)
        if author_id is None:
            self.losses.add("missing", f"authors of {noun}")
        if text.posted_at is None:
            self.losses.add("missing", f"times of {noun}")
        if text.text == "":
            self.losses.add("doubtful", f"{noun} without words")
