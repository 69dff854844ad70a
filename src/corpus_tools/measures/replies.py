"""Who answers whom: the trees of texts and answers, and their shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.errors import ArgumentError, counted
from corpus_tools.frames import SHOWN, Frame, needs, one_row_each, some

Integers = npt.NDArray[np.int64]


def reply_tree(texts: Frame, replies: Frame) -> pl.DataFrame:
    """The place of every text among the answers of its thread.

    Args:
        texts: One row per text; needs `text_id`, `thread_id` and `position`, the place in the thread as printed.
        replies: One row per answer, from the answering text to the one answered; needs `from_id` and `to_id`. What the
            platform recorded is `texts.select(from_id="text_id", to_id="parent_id").drop_nulls()`.

    Returns:
        One row per text, sorted by `thread_id` and `place`: `text_id`, `thread_id`, `parent_id` (the text it answers,
        null where it answers none, which makes it a root), `root_id` (the text at the top of its tree, its own id for
        a root), and as UInt32 `depth` (answers between it and the root, 0 for a root), `place` (row in its thread,
        from 0, when every text is followed by its answers in printed order, each with those below it), `n_answers`
        (direct ones) and `n_below` (all texts below it).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If a text stands twice, answers two texts, answers a text that is not there or is in another
            thread, or if texts answer each other in a circle.
    """
    texts = needs(texts, ("text_id", "thread_id", "position"), where="reply_tree: texts")
    replies = needs(replies, ("from_id", "to_id"), where="reply_tree: replies")
    printed, links = pl.collect_all(
        [texts.select("text_id", "thread_id", "position"), replies.select("from_id", "to_id")]
    )
    printed = _as_printed(printed)
    ids = printed["text_id"]
    if ids.hash().n_unique() < ids.len():
        one_row_each(printed, "text_id", where="reply_tree: texts")
    start, end = (_known_rows(ids, links[column]) for column in ("from_id", "to_id"))
    _refuse_two_answers(links["from_id"], start)
    above = np.full(ids.len(), -1, dtype=np.int64)
    above[start] = end
    thread = _runs(printed["thread_id"])
    outside = start[thread[start] != thread[end]]
    if outside.size:
        names = some(ids.gather(np.sort(outside)))
        raise ArgumentError(f"reply_tree: {names} answers a text of another thread; leave such answers out")
    return _placed(printed, above, thread).cast({"parent_id": links["to_id"].dtype})


def reply_structure(tree: Frame) -> pl.LazyFrame:
    """The shape of every thread's reply trees.

    Args:
        tree: One row per text, as `reply_tree` gives it; needs `text_id`, `thread_id`, `root_id`, `depth`, `n_answers`
            and `n_below`.

    Returns:
        One row per thread, sorted by `thread_id`: `thread_id`, `n_texts`, `n_trees` (texts that answer nothing),
        `depth` (the greatest), `mean_depth` (over all texts, roots with 0), `width` (texts at the depth that has most),
        `n_leaves` (texts without an answer), `max_answers` (direct answers to one text), `wiener` (steps between two
        texts along the answers, summed over every unordered pair of the same tree; pairs of different trees do not
        count) and `mean_distance` (`wiener` over the number of these pairs, the structural virality of a cascade; null
        where no tree has two texts). Numbers are UInt32, `wiener` UInt64, means Float64.

    Raises:
        MissingColumnError: If a column is absent.

    Source:
        Wiener (1947), Structural Determination of Paraffin Boiling Points, Journal of the American Chemical Society
        69(1), 17-20, for the sum; Goel, Anderson, Hofman and Watts (2016), The Structural Virality of Online
        Diffusion, Management Science 62(1), 180-196, for the mean.
    """
    columns = ("text_id", "thread_id", "root_id", "depth", "n_answers", "n_below")
    tree = needs(tree, columns, where="reply_structure")
    root, below, size = pl.col("text_id") == pl.col("root_id"), pl.col("n_below").cast(pl.UInt64), pl.col("_size")
    sizes = tree.filter(root).select("thread_id", "root_id", _size=below + 1)
    placed = tree.join(sizes, on=("thread_id", "root_id"), how="left", nulls_equal=True, maintain_order="left")
    # The answer that joins a text to the one above it lies between every text of its branch and every text outside.
    through = (below + 1) * (size - below - 1)
    pairs = pl.when(root).then(size * (size - 1) // 2).otherwise(0)
    per_thread = placed.group_by("thread_id").agg(
        n_texts=pl.len(),
        n_trees=root.sum().cast(pl.UInt32),
        mean_depth=pl.col("depth").mean(),
        n_leaves=(pl.col("n_answers") == 0).sum().cast(pl.UInt32),
        max_answers=pl.col("n_answers").max(),
        wiener=pl.when(root).then(0).otherwise(through).sum().cast(pl.UInt64),
        _pairs=pairs.sum(),
    )
    per_depth = tree.group_by("thread_id", "depth").agg(_n=pl.len()).group_by("thread_id")
    widths = per_depth.agg(pl.col("depth").max(), width=pl.col("_n").max())
    joined = per_thread.join(widths, on="thread_id", how="left", nulls_equal=True)
    mean = pl.when(pl.col("_pairs") > 0).then(pl.col("wiener") / pl.col("_pairs"))
    names = ("n_texts", "n_trees", "depth", "mean_depth", "width", "n_leaves", "max_answers", "wiener")
    return joined.sort("thread_id").select("thread_id", *names, mean_distance=mean)


def _as_printed(texts: pl.DataFrame) -> pl.DataFrame:
    """The texts by thread and place in it; those of one place by their id."""
    thread, position = pl.col("thread_id"), pl.col("position")
    same = thread.eq_missing(thread.shift())
    later = (same & (position > position.shift())) | (thread > thread.shift())
    if texts.select(later.slice(1).fill_null(value=False).all()).item():
        return texts
    # Numbers are several times quicker to sort than names, and there are fewer threads than texts.
    threads = texts["thread_id"].unique().sort()
    coded = texts.select("position", thread=_rows_of(threads, texts["thread_id"]))
    order = coded.select(pl.arg_sort_by("thread", "position")).to_series()
    coded = coded.select(pl.all().gather(order))
    tied = pl.all_horizontal(pl.all().eq_missing(pl.all().shift()))
    if coded.select(tied.slice(1).any()).item():
        return texts.sort("thread_id", "position", "text_id")
    return pl.DataFrame([texts["text_id"].gather(order), threads.gather(coded["thread"])])


def _rows_of(known: pl.Series, values: pl.Series) -> pl.Series:
    """The row of each value among those known, which stand there once each; null where it is not there."""
    hashes = known.hash()
    by_hash = known.dtype == values.dtype == pl.String and hashes.n_unique() == known.len()
    # Numbers are joined sooner than names; that the row a hash leads to holds the name itself is looked up.
    keys, wanted = (hashes, values.hash()) if by_hash else (known, values)
    table = pl.DataFrame({"key": keys}).with_row_index("row")
    joined = pl.DataFrame({"key": wanted}).join(table, on="key", how="left", nulls_equal=True, maintain_order="left")
    rows = joined["row"]
    return rows.set(known.gather(rows).ne_missing(values), None) if by_hash else rows


def _runs(values: pl.Series) -> Integers:
    """The number, from 0, of the run of equal values that each row is in; null equals null."""
    starts = values.ne_missing(values.shift()).to_numpy(writable=True)
    starts[:1] = False
    return np.cumsum(starts)


def _known_rows(ids: pl.Series, ends: pl.Series) -> Integers:
    """The row of the text that each end of an answer names; every end must name one."""
    # Nothing but nulls has a type of its own, by which no text can be looked up.
    nothing = ends.dtype == pl.Null and ends.len() > 0
    rows = ends.cast(pl.UInt32) if nothing else _rows_of(ids, ends)
    absent = rows.is_null() | ends.is_null()
    if absent.any():
        unknown = ends.filter(absent).unique().sort()
        raise ArgumentError(
            f"reply_tree: {ends.name} of replies names {some(unknown)}, which texts does not hold; "
            "give the texts of whole threads, and only the answers among them"
        )
    return rows.to_numpy().astype(np.int64)


def _refuse_two_answers(answering: pl.Series, rows: Integers) -> None:
    """A text has one place in a tree, and so one answer at most."""
    if np.bincount(rows).max(initial=0) > 1:
        two = answering.filter(answering.is_duplicated()).unique().sort()
        raise ArgumentError(
            f"reply_tree: {some(two)} answers more than once; a tree has room for one answer of each text, "
            "so give the answers of one annotator"
        )


def _placed(printed: pl.DataFrame, above: Integers, thread: Integers) -> pl.DataFrame:
    """The tree with its numbers, from the row above each text (-1 for none) and the number of its thread."""
    ids = printed["text_id"]
    depth, size = (above >= 0).astype(np.int64), np.ones(above.size, dtype=np.int64)
    rounds = list(_upwards(ids, above))
    for rows, ancestors in rounds:
        depth[rows] += depth[ancestors]
        np.add.at(size, ancestors, size[rows])
    row = _offsets(above, size)
    for rows, ancestors in rounds:
        row[rows] += row[ancestors]
    order = np.empty_like(row)
    order[row] = np.arange(row.size)
    # Trees follow each other, so that a text belongs to the last root before it.
    top = np.maximum.accumulate(np.where(above[order] < 0, np.arange(row.size), 0))
    texts = ids.gather(order)
    parents = pl.Series(above[order])
    numbers = {
        "depth": depth[order],
        "place": np.arange(row.size) - np.searchsorted(thread, thread),
        "n_answers": np.bincount(above[above >= 0], minlength=above.size)[order],
        "n_below": size[order] - 1,
    }
    columns = {name: pl.Series(values.astype(np.uint32)) for name, values in numbers.items()}
    parent_id, root_id = ids.gather(parents.set(parents < 0, None)), texts.gather(top)
    # A thread's texts stay in the rows of the thread.
    return pl.DataFrame(
        {"text_id": texts, "thread_id": printed["thread_id"], "parent_id": parent_id, "root_id": root_id, **columns}
    )


def _upwards(ids: pl.Series, above: Integers) -> Iterator[tuple[Integers, Integers]]:
    """The rows that have an ancestor one step up, and that ancestor; then two steps up, four, and so on.

    What has been summed so far at both together covers twice the steps, so that a chain of a million needs twenty
    rounds; a round looks only at the rows that reach so far.
    """
    up = above.copy()
    rows = np.flatnonzero(above >= 0)
    ancestors = above[rows]
    steps = 1
    while rows.size:
        if steps >= above.size:
            raise ArgumentError(_circle(ids, above, int(ancestors.min())))
        yield rows, ancestors
        further = up[ancestors]
        up[rows] = further
        reached = further >= 0
        rows, ancestors, steps = rows[reached], further[reached], 2 * steps


def _offsets(above: Integers, size: Integers) -> Integers:
    """How many rows lie between each text and the one above it in the tree's order; for a root all rows before it."""
    roots, answers = np.flatnonzero(above < 0), np.flatnonzero(above >= 0)
    answers = answers[np.argsort(above[answers], kind="stable")]
    offset = np.empty_like(size)
    offset[roots] = np.cumsum(size[roots]) - size[roots]
    before = np.cumsum(size[answers]) - size[answers]
    parents = above[answers]
    # Sizes add up over all answers; what had come together before the first answer to a text is taken off.
    first = np.diff(parents, prepend=-1) > 0
    offset[answers] = before - np.maximum.accumulate(np.where(first, before, 0)) + 1
    return offset


def _circle(ids: pl.Series, up: Integers, start: int) -> str:
    rows = [start]
    while (row := int(up[rows[-1]])) != start:
        rows.append(row)
    shown = [str(ids[row]) for row in rows[:SHOWN]]
    way = " -> ".join([*shown, shown[0] if len(rows) <= SHOWN else "..."])
    return f"reply_tree: {counted(len(rows), 'text')} in a circle of answers: {way}; take one of these answers out"
