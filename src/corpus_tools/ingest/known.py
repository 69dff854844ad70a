"""What a corpus folder holds already: ids that are taken, authors by their names, threads and texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
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


class Ids:
    """Ids made of names, none of them twice."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, int] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._taken

    def __len__(self) -> int:
        return len(self._taken)

    def add(self, id_: str) -> str:
        """Take an id as it is."""
        self._taken.add(id_)
        return id_

    def new(self, name: str) -> str:
        """The slug of a name, or the slug with the next number behind it where it is taken."""
        stem = made = slug(name)
        while made in self._taken:
            # Counted on for each stem: a name that thousands have in common is not tried thousands of times.
            self._numbers[stem] = self._numbers.get(stem, 1) + 1
            made = f"{stem}-{self._numbers[stem]}"
        return self.add(made)

    def new_thread(self, source_id: str, key: str | None, *, alone: bool) -> str:
        """The id of one more thread: the source's own where it holds no other, else with the thread's key behind it."""
        if alone and source_id not in self:
            return self.add(source_id)
        # Cut before the key, which tells the threads of a source apart.
        end = slug(key or str(len(self) + 1))
        return self.new(f"{source_id[: max(LONGEST - 1 - len(end), 0)]} {end}")


class Authors:
    """Names to author ids, growing by those that nobody has yet.

    A handle decides where there is one, a name otherwise. That two names are one author, or that one name is several,
    is a decision of whoever edits the corpus. A name that several have is that of the author who has no other; of none
    where there is no such author.
    """

    def __init__(self, rows: Iterable[tuple[str, Iterable[str] | None]]) -> None:
        self._ids = Ids()
        self.ids: dict[str, str] = {}
        alone: dict[str, str] = {}
        shared: set[str] = set()
        for author_id, names in rows:
            self._ids.add(author_id)
            called = set(names or ())
            shared |= called & self.ids.keys()
            self.ids |= dict.fromkeys(called, author_id)
            if len(called) == 1:
                alone.setdefault(called.pop(), author_id)
        self.ids = {name: author_id for name, author_id in self.ids.items() if name not in shared} | alone
        self.new: dict[str, tuple[str, ...]] = {}
        """Id of each author nobody had yet -> the name as shown, and the handle where it differs."""

    def id(self, name: str | None, handle: str | None = None) -> str | None:
        """The author's id; None where there is neither a name nor a handle."""
        called = handle or name
        if not called:
            return None
        if called not in self.ids:
            author_id = self.ids[called] = self._ids.new(called)
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

    def thread_at(self, url: str | None) -> str | None:
        """The id of the thread with an address; None where none has it, or it is a mere host, as of a home page."""
        return self._urls.get(bare_url(url)) if url and re.search(r"[/?#]", bare_url(url)) else None

    def thread_of(self, thread: ReadThread, form: str) -> str | None:
        """The id of a thread that was ingested before; None for a new one.

        It is known by its address; or by the platform's id of its article in the same form, and its title; or by the
        words of its article; or, where there is neither address nor article, by the ids of comments in the same form,
        where most of these have the same words: any two tables may have comments 1, 2, 3.
        """
        if found := self.thread_at(thread.url):
            return found
        article = thread.article
        if article is None:
            return None if thread.url else self._thread_of_comments(thread.comments, form)
        if id_of(article.locator):
            return self._threads_of_articles.get((_scope(article.locator, form), article.locator, thread.title))
        return self._threads_of_words.get(article.text) if article.text else None

    def _thread_of_comments(self, comments: Iterable[ReadText], form: str) -> str | None:
        n_same: dict[str, list[bool]] = {}
        for comment in comments:
            thread_id, text = self._comments_of_ids.get((form, comment.locator), (None, None))
            if thread_id is not None:
                n_same.setdefault(thread_id, []).append(text == comment.text)
        return next((thread_id for thread_id, same in n_same.items() if 2 * sum(same) >= len(same)), None)

    @cached_property
    def _comments_of_ids(self) -> dict[tuple[str | None, str | None], tuple[str | None, str | None]]:
        """Form and the platform's id of a comment -> its thread and its words."""
        comments = self.texts.filter(pl.col("kind") != ARTICLE)
        rows = comments.select("form", "source_locator", "thread_id", "text").iter_rows()
        return {(form, locator): (thread_id, text) for form, locator, thread_id, text in rows if id_of(locator)}

    @cached_property
    def _threads_of_articles(self) -> dict[tuple[str | None, str | None, str | None], str]:
        """Form (see `_scope`), the platform's id of an article and the title of its thread -> the thread."""
        articles = self.texts.filter(pl.col("kind") == ARTICLE)
        rows = articles.join(self.threads.select("thread_id", "title"), on="thread_id")
        columns = rows.select("form", "source_locator", "title", "thread_id").iter_rows()
        return {
            (_scope(locator, form), locator, title): thread_id
            for form, locator, title, thread_id in columns
            if id_of(locator)
        }

    @cached_property
    def _threads_of_words(self) -> dict[str | None, str]:
        """Text of an article -> its thread."""
        return dict(self.texts.filter(pl.col("kind") == ARTICLE).select("text", "thread_id").iter_rows())

    @cached_property
    def _texts_by_thread(self) -> Mapping[str | None, list[int]]:
        """Thread -> the rows of its texts; a frame for each of ten thousands of threads would fill the memory."""
        rows: dict[str | None, list[int]] = {}
        for row, thread_id in enumerate(self.texts["thread_id"]):
            rows.setdefault(thread_id, []).append(row)
        return rows

    def texts_of(self, thread_id: str, form: str) -> Texts:
        """The texts of a thread that is there, as they may be known to a source of some form."""
        return Texts(self.texts[self._texts_by_thread.get(thread_id, [])].select(Texts.COLUMNS), form)

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

    COLUMNS = ("text_id", "kind", "position", "author_id", "text", "form", "source_locator")

    def __init__(self, rows: pl.DataFrame, form: str) -> None:
        self.last: int | None = max(rows["position"].drop_nulls(), default=None)
        """The last place taken; None where there is no text."""
        all_: list[Mapping[str, Any]] = list(rows.iter_rows(named=True))
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._by_words: dict[tuple[str | None, str | None], list[Mapping[str, Any]]] = {}
        for row in all_:
            if row["kind"] == ARTICLE:
                continue
            id_ = id_of(row["source_locator"])
            # Another form may call the same text by another id, and another text by the same number.
            if id_ and (row["form"] == form or not id_.isdecimal()):
                self._by_id[id_] = row
            if not id_ or row["form"] != form:
                self._by_words.setdefault((row["author_id"], row["text"]), []).append(row)
        self.article = next((row for row in all_ if row["kind"] == ARTICLE), None)
        """The row of its article."""

    def expect(self, texts: Iterable[ReadText]) -> None:
        """Keep the rows that some of these have the ids of for these: nothing else is found by the words of them."""
        found = (self._by_id.get(id_of(text.locator) or "") for text in texts)
        kept = {row["text_id"] for row in found if row is not None}
        for rows in self._by_words.values():
            rows[:] = [row for row in rows if row["text_id"] not in kept]

    def find(self, text: ReadText, author_id: str | None, *, is_new: bool) -> Mapping[str, Any] | None:
        """The row of a comment: by the platform's id, or by author and words, each row once; None where it is new.

        Args:
            text: The comment.
            author_id: Its author; None where it has none, or one who has no id yet.
            is_new: Whether the author has no id yet, so that nothing that is there can be theirs by its words.
        """
        if (id_ := id_of(text.locator)) and id_ in self._by_id:
            return self._by_id[id_]
        rows = [] if is_new else self._by_words.get((author_id, text.text), [])
        return rows.pop(0) if rows else None


def _scope(locator: str | None, form: str | None) -> str | None:
    """The form in which an id means the same; None for one so long that it does in every form of its platform.

    A page and an export of one blog may name different hosts and still say `post-7031156583478223661` both.
    """
    return None if re.search(r"\d{10}", locator or "") else form


def bare_url(url: str) -> str:
    """An address without scheme, `www.`, fragment and last slash: two that differ in no more are one page.

    A fragment that begins with `!` or `/` stays: some sites tell their pages apart by it.
    """
    return re.sub(r"^(?:[a-z]+:)?//(?:www\.)?", "", re.sub(r"#(?![!/]).*", "", url), flags=re.I).rstrip("/")


def next_number(ids: Iterable[str | None], prefix: str) -> int:
    """One more than the highest number behind a prefix."""
    numbers = [int(id_[len(prefix) :]) for id_ in ids if id_ and re.fullmatch(rf"{re.escape(prefix)}\d+", id_)]
    return max(numbers, default=0) + 1
