"""Which entry answers which, and in what order a thread prints them, for sources of millions of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from corpus_tools.ingest.known import ARTICLE

if TYPE_CHECKING:
    Numbers = np.ndarray[Any, np.dtype[np.int64]]

NONE = -1
"""In place of the number of an entry that there is not."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Entries in the order of their threads."""

    entries: pl.DataFrame
    """Those given, thread by thread: the article, then each comment behind what it answers."""
    answered: Numbers
    """For each entry the number of the one it answers, always a smaller one; `NONE` where there is none."""
    in_circle: Numbers
    """1 for an entry that answers itself in the end, or answers one that does; what it answers is given up."""


def placed(entries: pl.DataFrame) -> Placed:
    """Put entries in order: by time where every comment of the thread has one, as they came otherwise.

    A comment that comes before what it answers is put behind it, and so is what answers that comment.

    Args:
        entries: One row per entry in the order of the source: `t` (number of the thread, from 0 without gaps),
            `kind`, `key` (a number), `parent` (the `key` of the entry answered, in the same thread) and `posted_at`.
    """
    comment = pl.col("kind") != ARTICLE
    timed = entries.group_by("t").agg((pl.col("posted_at").is_not_null() | ~comment).all()).sort("t")["posted_at"]
    when = pl.when(timed.gather(entries["t"])).then("posted_at")
    ordered = entries.sort("t", comment, when, maintain_order=True)
    answered = _answered(ordered)
    own = np.arange(ordered.height, dtype=np.int64)
    if not (answered >= own).any():
        return Placed(ordered, answered, np.zeros_like(own))
    latest, depth, lost = _chains(answered)
    thread = ordered["t"].to_numpy()
    order = np.lexsort((own, depth, latest, lost, thread))
    place = np.empty_like(own)
    place[order] = own
    found = np.where(lost > 0, NONE, answered)[order]
    return Placed(ordered[order], np.where(found < 0, NONE, place[found]), lost[order])


def _answered(entries: pl.DataFrame) -> Numbers:
    """The number of the entry that each names in `parent`; a comment's before an article's of the same key."""
    # One number for thread and key: a join over it takes half of what one over two columns does.
    pair = pl.col("t").cast(pl.UInt64) * (1 << 32)
    called = (
        entries.select(
            key=pair + pl.col("key"), found=pl.int_range(pl.len(), dtype=pl.Int64), late=pl.col("kind") == ARTICLE
        )
        .filter(pl.col("key").is_not_null())
        .sort("late", maintain_order=True)
        .unique("key", keep="first", maintain_order=True)
        .drop("late")
    )
    asked = entries.select(key=pair + pl.when(pl.col("kind") != ARTICLE).then("parent"))
    joined = asked.join(called, on="key", how="left", maintain_order="left")
    found: Numbers = joined["found"].fill_null(NONE).to_numpy()
    return found


def _chains(answered: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """For each entry the last place among all that it answers in the end, how many these are, whether that never ends.

    Every round looks twice as far up, so that the deepest thread takes as many rounds as its depth has binary digits.
    """
    own = np.arange(answered.size, dtype=np.int64)
    above = np.where(answered < 0, own, answered)
    latest, depth = own.copy(), (answered >= 0).astype(np.int64)
    for _ in range(int(answered.size).bit_length() + 1):
        further = above[above]
        latest = np.maximum(latest, latest[above])
        depth = depth + depth[above]
        if (further == above).all():
            break
        above = further
    return latest, depth, (answered[above] >= 0).astype(np.int64)
