"""Who answers whom: the trees of texts and answers, and their shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.errors import ArgumentError, counted
from corpus_tools.frames import SHOWN, Frame, needs, one_row_each, some

_ROW = np.int32
Integers = npt.NDArray[_ROW]
"""Numbers of rows, which half the memory holds: to ask for memory takes longer here than to count."""
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

_ODD = 0x9E3779B97F4A7C15
"""Two to the 64th over the golden ratio: products with it are well spread, and different numbers stay different."""


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
    # Names in many pieces, as they come out of a file, take several times as long to gather.
    printed, begins = _as_printed(printed.rechunk())
    above = _above(printed, links)
    answers, thread = np.flatnonzero(above >= 0), np.cumsum(begins, dtype=_ROW)
    outside = answers[thread[answers] != thread[above[answers]]]
    if outside.size:
        names = some(printed["text_id"].gather(outside))
        raise ArgumentError(f"reply_tree: {names} answers a text of another thread; leave such answers out")
    return _placed(printed, above, begins).cast({"parent_id": links["to_id"].dtype})


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
    n, depth = pl.col("_n"), pl.col("depth")
    per_depth = tree.group_by("thread_id", "depth").agg(
        _n=pl.len(),
        _leaves=(pl.col("n_answers") == 0).sum().cast(pl.UInt32),
        _most=pl.col("n_answers").max(),
    )
    per_thread = per_depth.group_by("thread_id").agg(
        depth.max(),
        n_texts=n.sum(),
        n_trees=n.filter(depth == 0).sum(),
        mean_depth=(n.cast(pl.UInt64) * depth).sum() / n.sum(),
        width=n.max(),
        n_leaves=pl.col("_leaves").sum(),
        max_answers=pl.col("_most").max(),
    )
    joined = per_thread.join(_distances(tree), on="thread_id", how="left", nulls_equal=True)
    names = ("n_texts", "n_trees", "depth", "mean_depth", "width", "n_leaves", "max_answers")
    # A thread in which nothing is answered has no pair.
    wiener = pl.col("wiener").fill_null(0)
    return joined.sort("thread_id").select("thread_id", *names, wiener, mean_distance=wiener / pl.col("_pairs"))


def _distances(tree: pl.LazyFrame) -> pl.LazyFrame:
    """For every thread with an answer: `wiener`, and the number of `_pairs` whose distances it sums."""
    # The answer that joins a text to the one above it lies between every text of its branch and every text outside:
    # branch * (size - branch), which over one tree is size * sum of branches - sum of squared branches.
    size, branch = pl.col("_size"), pl.col("n_below").cast(pl.UInt64) + 1
    per_tree = (
        tree.filter(pl.col("depth") > 0)
        .group_by("thread_id", "root_id")
        .agg(_size=pl.len().cast(pl.UInt64) + 1, _branches=branch.sum(), _squares=(branch * branch).sum())
    )
    return per_tree.group_by("thread_id").agg(
        wiener=(size * pl.col("_branches") - pl.col("_squares")).sum(), _pairs=(size * (size - 1) // 2).sum()
    )


def _as_printed(texts: pl.DataFrame) -> tuple[pl.DataFrame, Flags]:
    """The texts by thread and place in it, those of one place by their id; and which rows begin a thread."""
    thread, position = texts["thread_id"], pl.col("position")
    begins = _begins(thread)
    # Threads are compared with each other where one begins, not once for every text.
    later = texts.select(((position > position.shift()) | pl.Series(begins)).fill_null(value=False).all()).item()
    firsts = thread.filter(pl.Series(begins))
    if later and (firsts > firsts.shift()).slice(1).fill_null(value=False).all():
        return texts, begins
    # Numbers are several times quicker to sort than names, and there are fewer threads than texts.
    threads = thread.unique().sort()
    coded = texts.select("position", thread=_Index(threads).rows_of(thread))
    order = coded.select(pl.arg_sort_by("thread", "position")).to_series()
    coded = coded.select(pl.all().gather(order))
    tied = pl.all_horizontal(pl.all().eq_missing(pl.all().shift()))
    if coded.select(tied.slice(1).any()).item():
        texts = texts.sort("thread_id", "position", "text_id")
        return texts, _begins(texts["thread_id"])
    texts = pl.DataFrame([texts["text_id"].gather(order), threads.gather(coded["thread"])])
    return texts, _begins(coded["thread"])


def _begins(values: pl.Series) -> Flags:
    """Whether a row's value differs from that of the row before; the first row begins too, null equals null."""
    begins = values.ne_missing(values.shift()).to_numpy(writable=True)
    begins[:1] = True
    return begins


class _Index:
    """Where each of the given values stands, each there once.

    Numbers are looked up sooner than names: a row is kept in a table at the place that the hash of its name gives.
    Where several rows have one place, the last has it, and the others go into the next, smaller table, where their
    places are other ones.
    """

    def __init__(self, values: pl.Series) -> None:
        self._values = values
        self._hashes = values.hash().to_numpy()
        self._tables: list[Integers] = []
        self.hashes_differ = True
        """Whether no two of the values have the same hash; then no value is there twice."""
        rows, hashes = np.arange(values.len(), dtype=_ROW), self._hashes
        while rows.size and self.hashes_differ:
            # Twice as many places as rows at least, so that most rows get one.
            self._tables.append(np.zeros(2 << rows.size.bit_length(), dtype=_ROW))
            places = self._places(hashes, len(self._tables) - 1)
            self._tables[-1][places] = rows
            holders = self._tables[-1][places]
            other = holders != rows
            rows, hashes = rows[other], hashes[other]
            self.hashes_differ = bool((self._hashes[holders[other]] != hashes).all())

    def rows_of(self, values: pl.Series) -> pl.Series:
        """The row of each value; null where it is not there."""
        known = self._values
        by_hash = known.dtype == values.dtype == pl.String and self.hashes_differ and known.len() > 0
        if not by_hash:
            keyed = pl.DataFrame({"key": known}).with_row_index("row")
            wanted = pl.DataFrame({"key": values})
            return wanted.join(keyed, on="key", how="left", nulls_equal=True, maintain_order="left")["row"]
        hashes = values.hash().to_numpy()
        rows, left = np.zeros(hashes.size, dtype=_ROW), np.arange(hashes.size, dtype=_ROW)
        for level, table in enumerate(self._tables):
            looked_for = hashes[left]
            rows[left] = found = table[self._places(looked_for, level)]
            left = left[self._hashes[found] != looked_for]
        # That the row a hash leads to holds the value itself is looked up.
        found_rows = pl.Series(rows)
        return found_rows.set(known.gather(found_rows).ne_missing(values), None)

    def _places(self, hashes: Hashes, level: int) -> npt.NDArray[np.int64]:
        """The places of hashes in a table: as many of their first bits as it takes, of each table's own product."""
        bits = self._tables[level].size.bit_length() - 1
        factor = pow(_ODD, level, 1 << 64)
        return (hashes * np.uint64(factor) >> np.uint64(64 - bits)).view(np.int64)


def _above(texts: pl.DataFrame, links: pl.DataFrame) -> Integers:
    """For each text the row of the one it answers, -1 for none."""
    index = _Index(texts["text_id"])
    if not index.hashes_differ:
        one_row_each(texts, "text_id", where="reply_tree: texts")
    start, end = (_known_rows(index, links[column]) for column in ("from_id", "to_id"))
    above = np.full(texts.height, -1, dtype=_ROW)
    above[start] = end
    # A text has one place in a tree, and so one answer at most.
    if np.count_nonzero(above >= 0) < start.size:
        answering = links["from_id"]
        two = answering.filter(answering.is_duplicated()).unique().sort()
        raise ArgumentError(
            f"reply_tree: {some(two)} answers more than once; a tree has room for one answer of each text, "
            "so give the answers of one annotator"
        )
    return above


def _known_rows(index: _Index, ends: pl.Series) -> Integers:
    """The row of the text that each end of an answer names; every end must name one."""
    # Nothing but nulls has a type of its own, by which no text can be looked up.
    nothing = ends.dtype == pl.Null and ends.len() > 0
    rows = ends.cast(pl.UInt32) if nothing else index.rows_of(ends)
    absent = rows.is_null() | ends.is_null()
    if absent.any():
        unknown = ends.filter(absent).unique().sort()
        raise ArgumentError(
            f"reply_tree: {ends.name} of replies names {some(unknown)}, which texts does not hold; "
            "give the texts of whole threads, and only the answers among them"
        )
    return rows.to_numpy().astype(_ROW)


def _placed(printed: pl.DataFrame, above: Integers, begins: Flags) -> pl.DataFrame:
    """The tree with its numbers, from the row above each text (-1 for none) and whether it begins a thread."""
    ids = printed["text_id"]
    depth, size = (above >= 0).astype(_ROW), np.ones(above.size, dtype=_ROW)
    rounds = list(_upwards(ids, above))
    for rows, ancestors in rounds:
        depth[rows] += depth[ancestors]
        np.add.at(size, ancestors, size[rows])
    row = _offsets(above, size)
    for rows, ancestors in rounds:
        row[rows] += row[ancestors]
    order = np.empty_like(row)
    order[row] = np.arange(row.size, dtype=_ROW)
    # Trees follow each other, so that a text belongs to the last root before it.
    top = _last(above[order] < 0)
    texts = ids.gather(order)
    parents = pl.Series(above[order])
    numbers = {
        "depth": depth[order],
        "place": np.arange(row.size, dtype=_ROW) - _last(begins),
        "n_answers": np.bincount(above[above >= 0], minlength=above.size).astype(_ROW)[order],
        "n_below": size[order] - 1,
    }
    columns = {name: pl.Series(values.view(np.uint32)) for name, values in numbers.items()}
    parent_id, root_id = ids.gather(parents.set(parents < 0, None)), texts.gather(top)
    # A thread's texts stay in the rows of the thread.
    return pl.DataFrame(
        {"text_id": texts, "thread_id": printed["thread_id"], "parent_id": parent_id, "root_id": root_id, **columns}
    )


def _last(marked: Flags) -> Integers:
    """For each row, itself or the last row before it that is marked."""
    return np.maximum.accumulate(np.where(marked, np.arange(marked.size, dtype=_ROW), 0))


def _upwards(ids: pl.Series, above: Integers) -> Iterator[tuple[Integers, Integers]]:
    """The rows that have an ancestor one step up, and that ancestor; then two steps up, four, and so on.

    What has been summed so far at both together covers twice the steps, so that a chain of a million needs twenty
    rounds; a round looks only at the rows that reach so far.
    """
    up = above.copy()
    rows = np.flatnonzero(above >= 0).astype(_ROW)
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
    offset[roots] = np.cumsum(size[roots], dtype=_ROW) - size[roots]
    branches = size[answers]
    # Branches within branches add up to more than there are texts: in a chain, to half the square of their number.
    before = np.cumsum(branches, dtype=np.int64) - branches
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
