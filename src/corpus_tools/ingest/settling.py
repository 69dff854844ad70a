"""Which entries of a source of rows become texts, and what they, their threads and their authors are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from corpus_tools.ingest.known import ARTICLE, PREFIXES, Ids, Known
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.model import COMMENT, KINDS
from corpus_tools.ingest.parts.columns import on_one_line
from corpus_tools.ingest.placing import NONE, placed
from corpus_tools.ingest.threads import CHANGED, CIRCLE, DROPPED, TWICE, UNANSWERED, Added, noun_of

PLACE = r"^(?:/|row=|char=)"
"""How a locator begins that is no id, as in `model.id_of`."""


KIND = pl.Enum([ARTICLE, COMMENT, *KINDS])


@dataclass(slots=True)
class Scanned:
    """What is kept in memory of a source of rows."""

    frame: pl.DataFrame
    """One row per entry in the order of the source: the columns of `rows.SCHEMA` but for the words, with numbers for
    ids; `row`, its number; `worded`, whether it has words; and, where the corpus holds texts, `words`, a hash of them,
    and `locator`, null for a mere place.
    """
    named: pl.DataFrame
    """`thread`, `title`, `url`."""

    def given_up(self) -> pl.DataFrame:
        """The frame, which nobody holds any longer but who asked for it: it may be most of what is in memory."""
        frame, self.frame = self.frame, self.frame.clear()
        return frame


class Settling:
    """Settles what becomes of every entry, from the first pass."""

    def __init__(self, known: Known, losses: Losses, source_id: str, keep: frozenset[str], form: str) -> None:
        self.known = known
        self.losses = losses
        self.source_id = source_id
        self.keep = [ARTICLE, COMMENT, *keep]
        self.form = form
        self.added = Added()
        self.thread_ids = pl.Series(dtype=pl.String)
        """By the number of a thread."""
        self.author_ids = pl.Series(dtype=pl.String)
        """By the number of an author."""
        self._called: list[tuple[str | None, str | None]] = []

    def plan(self, scanned: Scanned) -> pl.DataFrame:
        """What is written of every new text.

        Returns:
            One row per new text in the order of the source: `rank` (its place among them in the order of the
            threads), `row`, `t`, `kind`, `author`, `text_id`, `position`, `parent_id`; `t` and `author` are numbers
            in `thread_ids` and `author_ids`.
        """
        kept = self._kept(scanned.given_up())
        threads = kept.select("thread").unique(maintain_order=True).with_row_index("t")
        if threads.height > 1:
            unnamed = kept["thread"].null_count()
            self.losses.add("doubtful", "entries that name no thread, taken for one thread together", unnamed)
        kept = _beside(kept, threads, "thread").drop("thread")
        ordered = placed(kept)
        del kept
        entries = self._with_called(ordered.entries)
        threads = self._with_ids(_beside(threads, scanned.named, "thread"), entries)
        there = self._there(entries, threads)
        self._settle_authors(entries["author"].filter(there.is_null()))
        return self._numbered(entries, threads, ordered.answered, ordered.in_circle, there)

    def _kept(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The entries that become texts; the others are counted."""
        for kind, n in frame.group_by("kind").len().iter_rows():
            self.added.n_entries[kind] = n
            if kind not in self.keep:
                self.losses.add("dropped", DROPPED[kind], n)
        kept = frame.filter(pl.col("kind").cast(pl.String).is_in(self.keep))
        article = pl.col("kind") == ARTICLE
        wordless = ~pl.col("worded") & pl.col("kind").cast(pl.String).is_in([ARTICLE, COMMENT])
        for of, noun in ((article, "articles"), (~article, "comments")):
            self.losses.add("dropped", f"{noun} without words in the source", kept.filter(wordless & of).height)
        kept = kept.filter(~wordless)
        second = article & ~pl.struct("thread", "kind").is_first_distinct()
        self.losses.add("dropped", "articles of a thread that has one before them", kept.filter(second).height)
        kept = kept.filter(~second)
        # One number for thread, key and whether it is the article: less than half of what a struct takes.
        thread = pl.col("thread").to_physical().cast(pl.UInt64).fill_null((1 << 31) - 1)
        code = thread * (1 << 33) + article.cast(pl.UInt64) * (1 << 32) + pl.col("key").cast(pl.UInt64)
        twice = pl.col("key").is_not_null() & ~code.is_first_distinct()
        self.losses.add("dropped", TWICE, kept.filter(twice).height)
        return kept.filter(~twice).drop("worded")

    def _with_called(self, entries: pl.DataFrame) -> pl.DataFrame:
        """With `author`, the number of a name and handle in `_called`, in place of these."""
        called = entries.select("name", "handle").unique(maintain_order=True).with_row_index("author")
        pairs = called.select(pl.col("name", "handle").cast(pl.String)).iter_rows()
        self._called = [(one_line(name or "") or None, one_line(handle or "") or None) for name, handle in pairs]
        return _beside(entries, called, "name", "handle").drop("name", "handle")

    def _settle_authors(self, used: pl.Series) -> None:
        """Give ids to the authors of new texts, in the order of these; nobody is added for the sake of a known text."""
        ids: list[str | None] = [None] * len(self._called)
        for number in used.unique(maintain_order=True):
            ids[number] = self.known.authors.id(*self._called[number])
        self.author_ids = pl.Series(ids, dtype=pl.String)
        self.added.new_authors = tuple(names[0] for names in self.known.authors.new.values())

    def _with_ids(self, threads: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
        """With `thread_id`, `fresh` (whether the corpus did not have it) and `last`, the last place taken in it."""
        before = self._known_threads(threads, entries)
        taken = Ids(self.known.threads["thread_id"])
        ids = [
            held or taken.new_thread(self.source_id, key, alone=threads.height == 1)
            for key, held in zip(threads["thread"].cast(pl.String), before, strict=True)
        ]
        self.thread_ids = pl.Series(ids, dtype=pl.String)
        made = threads.with_columns(thread_id=self.thread_ids, fresh=pl.Series(before, dtype=pl.String).is_null())
        self._add_threads(made.filter("fresh"))
        if made["fresh"].all():
            return made.with_columns(last=pl.lit(0, dtype=pl.Int64))
        last = self.known.texts.group_by("thread_id").agg(last=pl.col("position").max().cast(pl.Int64))
        return _beside(made, last, "thread_id").with_columns(pl.col("last").fill_null(0))

    def _add_threads(self, threads: pl.DataFrame) -> None:
        shown = threads.select("thread_id", on_one_line(pl.col("title")).alias("title"), "url")
        self.losses.add("missing", "titles of threads", shown["title"].null_count())
        self.added.threads.extend(shown.iter_rows(named=True))

    def _known_threads(self, threads: pl.DataFrame, entries: pl.DataFrame) -> list[str | None]:
        """As `Known.thread_of`, for each thread."""
        found = [self.known.thread_at(url) for url in threads["url"]]
        if self.known.texts.is_empty():
            return found
        articles = entries.filter(pl.col("kind") == ARTICLE)
        texts = self.known.texts.select(
            "thread_id", "kind", "form", locator="source_locator", words=pl.col("text").hash()
        )
        there = texts.filter(pl.col("kind") == ARTICLE)
        titled = articles.join(threads.select("t", "title"), on="t").with_columns(
            pl.col("locator").cast(pl.String), on_one_line(pl.col("title")).alias("title")
        )
        same_form = there.filter(pl.col("form") == self.form).join(
            self.known.threads.select("thread_id", "title"), on="thread_id"
        )
        by_id = titled.filter(pl.col("locator").is_not_null()).join(
            same_form, on=["locator", "title"], suffix="_there", nulls_equal=True, maintain_order="left_right"
        )
        by_words = titled.filter(pl.col("locator").is_null()).join(
            there, on="words", suffix="_there", maintain_order="left_right"
        )
        alone = threads.filter(pl.col("url").is_null()).join(articles, on="t", how="anti").select("t")
        comments = entries.join(alone, on="t", how="semi").select("t", pl.col("locator").cast(pl.String), "words")
        called = texts.filter(pl.col("form") == self.form, pl.col("kind") != ARTICLE)
        both = comments.join(called, on="locator", suffix="_there", maintain_order="left_right")
        same = (pl.col("words") == pl.col("words_there")).mean() >= 0.5
        by_comment = both.group_by("t", "thread_id", maintain_order=True).agg(same.alias("same")).filter("same")
        for frame in (by_id, by_words, by_comment):
            for t, thread_id in frame.select("t", "thread_id").iter_rows():
                found[t] = found[t] or thread_id
        return found

    def _there(self, entries: pl.DataFrame, threads: pl.DataFrame) -> pl.Series:
        """The id of each entry that is in the corpus already; null for a new one."""
        none = pl.Series("text_id", [None], dtype=pl.String).new_from_index(0, entries.height)
        old = threads.filter(~pl.col("fresh")).select("t", "thread_id")
        if old.is_empty():
            return none
        texts = self.known.texts.join(old, on="thread_id").select(
            "t", "text_id", "kind", "author_id", "form", locator="source_locator", words=pl.col("text").hash()
        )
        # Whoever is not known yet has written nothing that is there; \0 is in no id.
        authors = [self.known.authors.known(*pair) or ("\0" if any(pair) else None) for pair in self._called]
        author_id = pl.Series(authors, dtype=pl.String).gather(entries["author"])
        asked = entries.select("t", "kind", "words", pl.col("locator").cast(pl.String), author_id=author_id)
        placeless = pl.col("locator").is_null() | pl.col("locator").str.contains(PLACE)
        comment, same_form = pl.col("kind") != ARTICLE, pl.col("form").eq_missing(pl.lit(self.form))
        # Another form may call the same text by another id, and another text by the same number; each is found once.
        by_id = ~placeless & (same_form | ~pl.col("locator").str.contains(r"^\d+$"))
        joined = _beside(asked, _one(texts.filter(comment & by_id), "t", "locator"), "t", "locator")
        nth = pl.int_range(pl.len()).over("t", "author_id", "words")
        elsewhere = texts.filter(comment & (placeless | ~same_form)).join(joined, on="text_id", how="anti")
        elsewhere = elsewhere.with_columns(nth=nth)
        joined = joined.with_columns(nth=nth.over("t", "author_id", "words", pl.col("text_id").is_null()))
        by_words = _one(elsewhere, "t", "author_id", "words", "nth")
        joined = _beside(joined, by_words, "t", "author_id", "words", "nth", suffix="_words")
        joined = _beside(joined, _one(texts.filter(~comment), "t"), "t", suffix="_article")
        text_id = pl.when(comment).then(pl.coalesce("text_id", "text_id_words")).otherwise("text_id_article")
        found = joined.select(text_id.alias("text_id"), "words")
        same = _beside(found, texts.select("text_id", was="words"), "text_id")
        changed = same.filter(pl.col("text_id").is_not_null() & (pl.col("was") != pl.col("words"))).height
        self.losses.add("doubtful", CHANGED, changed)
        self.added.n_known = found["text_id"].count()
        return found["text_id"]

    def _numbered(
        self, entries: pl.DataFrame, threads: pl.DataFrame, answered: Any, in_circle: Any, there: pl.Series
    ) -> pl.DataFrame:
        new, comment = there.is_null(), pl.col("kind") != ARTICLE
        made = entries.select("row", "t", "kind", "author", "parent", "posted_at", new=new)
        text_id = pl.lit(there)
        for prefix in dict.fromkeys(PREFIXES[kind] for kind in made["kind"].unique().cast(pl.String)):
            mine = pl.col("new") & pl.col("kind").cast(pl.String).is_in([k for k, p in PREFIXES.items() if p == prefix])
            n = made.filter(mine).height
            number = mine.cum_sum() + (self.known.new_numbers(prefix, n) if n else 0) - 1
            text_id = pl.when(mine).then(pl.concat_str(pl.lit(prefix), number.cast(pl.String))).otherwise(text_id)
        count = (pl.col("new") & comment).cum_sum().cast(pl.Int64).alias("count")
        made = made.with_columns(text_id.alias("text_id"), count)
        # The entries of a thread stand together: their places are counted from where it begins.
        begun = made.group_by("t").agg((pl.col("count") - (pl.col("new") & comment)).first()).sort("t")["count"]
        place = pl.col("count") + (self._lasts(threads, made) - begun).gather(made["t"])
        found = pl.Series(np.where(answered == NONE, 0, answered))
        made = made.with_columns(
            position=pl.when(comment).then(place).otherwise(0).cast(pl.Int32),
            parent_id=pl.when(pl.Series(answered != NONE)).then(made["text_id"].gather(found)),
            circle=pl.Series(in_circle),
        ).filter("new")
        self._count(made)
        return made.with_row_index("rank").drop("parent", "posted_at", "new", "count", "circle").sort("row")

    def _lasts(self, threads: pl.DataFrame, made: pl.DataFrame) -> pl.Series:
        """The last place taken in each thread; two threads of the source may be one of the corpus."""
        n = made.filter(pl.col("new") & (pl.col("kind") != ARTICLE)).group_by("t").len()
        counted = _beside(threads.select("t", "thread_id", "last"), n, "t")
        n_new = pl.col("len").fill_null(0).cast(pl.Int64)
        before = (n_new.cum_sum() - n_new).over("thread_id")
        return counted.select(pl.col("last") + before)["last"]

    def _count(self, made: pl.DataFrame) -> None:
        circle = pl.col("circle") == 1
        gone = pl.col("parent").is_not_null() & pl.col("parent_id").is_null() & ~circle
        for reason, which in ((CIRCLE, circle), (UNANSWERED, gone)):
            self.losses.add("lost", reason, made.filter(which).height)
        counts = made.with_columns(pl.col("kind").cast(pl.String), nobody=self.author_ids.gather(made["author"]))
        grouped = counts.group_by("kind").agg(pl.len(), pl.col("nobody", "posted_at").null_count())
        for kind, n, authors, times in grouped.sort("kind").iter_rows():
            noun = noun_of(kind)
            self.losses.add("missing", f"authors of {noun}", authors)
            self.losses.add("missing", f"times of {noun}", times)
            self.added.n_written[kind] = n
        self.added.author_ids = set(counts["nobody"].drop_nulls().unique())
        self.added.brings_text = True


def _beside(left: pl.DataFrame, right: pl.DataFrame, *keys: str, suffix: str = "_right") -> pl.DataFrame:
    """The rows of `left` as they are, with what `right` has for the same keys; null is a key like others."""
    return left.join(right, on=keys, how="left", nulls_equal=True, maintain_order="left", suffix=suffix)


def _one(frame: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """`text_id` by some columns that tell texts apart."""
    return frame.select(*keys, "text_id").unique(keys, keep="last", maintain_order=True)
