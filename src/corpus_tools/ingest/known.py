"""What a corpus folder holds already: ids that are taken, authors by their names, threads and texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import polars as pl

from corpus_tools.corpus import load, versions
from corpus_tools.folder import Folder
from corpus_tools.ingest.model import COMMENT, KINDS, ReadText, ReadThread, id_of
from corpus_tools.scheme import FULL, PASSES, Table

ARTICLE = "article"
PREFIXES = {ARTICLE: "a", COMMENT: "c", **dict.fromkeys(KINDS, "o")}
"""Kind of a text -> how its id begins."""
LONGEST = 60
"""Characters of an id that is made of a name."""


def slug(name: str) -> str:
    """A name as an id: lower-case ASCII letters, digits and dashes; `x` where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:LONGEST].strip("-") or "x"


def free(name: str, taken: Collection[str]) -> str:
    """A slug that is not taken: the name's own, or with the next number behind it."""
    stem = slug(name)
    if stem not in taken:
        return stem
    # A name that hundreds have in common would otherwise be tried hundreds of times.
    numbers = [int(one[len(stem) + 1 :]) for one in taken if re.fullmatch(rf"{re.escape(stem)}-\d+", one)]
    return f"{stem}-{max(numbers, default=1) + 1}"


class Authors:
    """Names to author ids, growing by those that nobody has yet.

    A handle decides where there is one, a name otherwise. That two names are one author, or that one name is several,
    is a decision of whoever edits the corpus.
    """

    def __init__(self, rows: Iterable[tuple[str, Iterable[str] | None]]) -> None:
        self.ids: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._taken: set[str] = set()
        for author_id, names in rows:
            self._taken.add(author_id)
            self.ids |= dict.fromkeys(names or (), author_id)
        self.new: dict[str, tuple[str, ...]] = {}
        """Id of each author nobody had yet -> the name as shown, and the handle where it differs."""

    def id(self, name: str | None, handle: str | None = None) -> str | None:
        """The author's id; None where there is neither a name nor a handle."""
        called = handle or name
        if not called:
            return None
        if called not in self.ids:
            author_id = self._free(slug(called))
            self.ids[called] = author_id
            self._taken.add(author_id)
            self.new[author_id] = tuple(dict.fromkeys((name or called, called)))
        author_id = self.ids[called]
        if name and author_id in self.new and name not in self.new[author_id]:
            # An account may show several names, and one that showed none before takes the first.
            names = self.new[author_id]
            self.new[author_id] = (name, *names) if names == (handle,) else (*names, name)
        return author_id

    def known(self, name: str | None, handle: str | None = None) -> str | None:
        """As `id`, without adding anybody: None for a name that nobody has yet."""
        return self.ids.get(handle or name or "")

    def _free(self, stem: str) -> str:
        number = self._numbers.get(stem, 1)
        made = stem if number == 1 else f"{stem}-{number}"
        while made in self._taken:
            number += 1
            made = f"{stem}-{number}"
        self._numbers[stem] = number + 1
        return made


class Known:
    """What stands in a folder."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        fixed = folder.scheme.fixed
        self.authors = Authors(
            folder.rows(fixed["authors"]).select("author_id", "printed_names").drop_nulls("author_id").collect().rows()
        )
        self._next: dict[str, int] = {}

    @cached_property
    def texts(self) -> pl.DataFrame:
        """The texts, with `form`, the form of the source that each was read from."""
        sources = self.folder.rows(self.folder.scheme.fixed["sources"]).select("source_id", "form")
        texts = self.folder.scan(self.folder.scheme.fixed["texts"])
        return texts.join(sources, on="source_id", how="left", maintain_order="left").collect()

    @cached_property
    def threads(self) -> pl.DataFrame:
        """The threads."""
        return self.folder.rows(self.folder.scheme.fixed["threads"]).collect()

    @cached_property
    def _urls(self) -> dict[str, str]:
        rows = self.threads.select("url", "thread_id").drop_nulls().iter_rows()
        return {bare_url(url): thread_id for url, thread_id in rows}

    def thread_of(self, thread: ReadThread, form: str) -> str | None:
        """The id of a thread that was ingested before; None for a new one.

        It is known by its address; or by the platform's id of its article in the same form, and its title; or by the
        words of its article; or, where there is neither address nor article, by the id of a comment in the same form.
        """
        if thread.url and bare_url(thread.url) in self._urls:
            return self._urls[bare_url(thread.url)]
        article = thread.article
        if article is None:
            known = (self._threads_of_ids.get((form, comment.locator)) for comment in thread.comments)
            return None if thread.url else next(filter(None, known), None)
        if id_of(article.locator):
            return self._threads_of_articles.get((form, article.locator, thread.title))
        return self._threads_of_words.get(article.text) if article.text else None

    @cached_property
    def _threads_of_ids(self) -> dict[tuple[str | None, str | None], str]:
        """Form and the platform's id of a text -> its thread."""
        rows = self.texts.select("form", "source_locator", "thread_id").iter_rows()
        return {(form, locator): thread_id for form, locator, thread_id in rows if id_of(locator)}

    @cached_property
    def _threads_of_articles(self) -> dict[tuple[str | None, str | None, str | None], str]:
        """Form, the platform's id of an article and the title of its thread -> the thread."""
        articles = self.texts.filter(pl.col("kind") == ARTICLE)
        rows = articles.join(self.threads.select("thread_id", "title"), on="thread_id")
        columns = rows.select("form", "source_locator", "title", "thread_id").iter_rows()
        return {(form, locator, title): thread_id for form, locator, title, thread_id in columns if id_of(locator)}

    @cached_property
    def _threads_of_words(self) -> dict[str | None, str]:
        """Text of an article -> its thread."""
        return dict(self.texts.filter(pl.col("kind") == ARTICLE).select("text", "thread_id").iter_rows())

    @cached_property
    def _texts_by_thread(self) -> Mapping[Any, pl.DataFrame]:
        return self.texts.partition_by("thread_id", as_dict=True, maintain_order=True)

    def texts_of(self, thread_id: str, form: str) -> Texts:
        """The texts of a thread that is there, as they may be known to a source of some form."""
        return Texts(self._texts_by_thread.get((thread_id,), self.texts.clear()), form)

    def new_id(self, kind: str) -> str:
        """The id of one more text; none that was ever given is given again."""
        prefix = PREFIXES[kind]
        return f"{prefix}{self.new_numbers(prefix, 1)}"

    def new_numbers(self, prefix: str, n: int) -> int:
        """The first of `n` numbers that follow each other, for the ids of that many more texts."""
        if not self._next:
            ever = self.ids_ever(self.folder.scheme.fixed["texts"], FULL)
            self._next = {one: next_number(ever, one) for one in set(PREFIXES.values())}
        number = self._next[prefix]
        self._next[prefix] = number + n
        return number

    def ids_ever(self, table: Table, split: str) -> set[str]:
        """Every id a table holds or has held in a release: none of them is given again."""
        ids = set(self.folder.rows(table, split).select(table.key).drop_nulls().collect()[table.key])
        for version in versions(self.folder.path):
            released = load(self.folder.path, version, verify=False)
            if table.name in released.tables:
                ids |= set(released.scan(table.name, split=split).select(table.key).collect()[table.key])
        return ids

    def next_span(self, table: Table, prefix: str) -> int:
        """The number of the next span of a pass."""
        return next_number(self.ids_ever(table, PASSES), prefix)


class Texts:
    """The texts of one thread: which of those that a source has are there already."""

    def __init__(self, rows: pl.DataFrame, form: str) -> None:
        self.last: int | None = max(rows["position"].drop_nulls(), default=None)
        """The last place taken; None where there is no text."""
        self._rows: list[Mapping[str, Any]] = list(rows.iter_rows(named=True))
        self._by_id = {row["source_locator"]: row for row in self._rows if id_of(row["source_locator"])}
        self._by_words: dict[tuple[str | None, str | None], list[Mapping[str, Any]]] = {}
        for row in self._rows:
            # Another form may call the same text by another id.
            if not id_of(row["source_locator"]) or row["form"] != form:
                self._by_words.setdefault((row["author_id"], row["text"]), []).append(row)
        self._articles = [row for row in self._rows if row["kind"] == ARTICLE]

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return iter(self._rows)

    @property
    def article(self) -> Mapping[str, Any] | None:
        """The row of its article."""
        return self._articles[0] if self._articles else None

    def find(self, text: ReadText, author_id: str | None) -> Mapping[str, Any] | None:
        """The row of a text: by the platform's id, or by author and words, each row once; None where it is new."""
        if (id_ := id_of(text.locator)) and id_ in self._by_id:
            return self._by_id[id_]
        rows = self._by_words.get((author_id, text.text), [])
        return rows.pop(0) if rows else None


def bare_url(url: str) -> str:
    """An address without scheme, `www.`, fragment and last slash: two that differ in no more are one page.

    A fragment that begins with `!` or `/` stays: some sites tell their pages apart by it.
    """
    return re.sub(r"^(?:[a-z]+:)?//(?:www\.)?", "", re.sub(r"#(?![!/]).*", "", url), flags=re.I).rstrip("/")


def next_number(ids: Iterable[str | None], prefix: str) -> int:
    """One more than the highest number behind a prefix."""
    numbers = [int(id_[len(prefix) :]) for id_ in ids if id_ and re.fullmatch(rf"{re.escape(prefix)}\d+", id_)]
    return max(numbers, default=0) + 1
