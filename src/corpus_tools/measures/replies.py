"""Who answers whom: the trees of texts and answers, and their shape."""

from __future__ import annotations

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
    printed = texts.select("text_id", "thread_id", "position").sort("thread_id", "position", "text_id")
    numbered = one_row_each(
        printed.drop("position").with_row_index("_row").collect(), "text_id", where="reply_tree: texts"
    )
    links = replies.select("from_id", "to_id").collect()
    _refuse_unclear(numbered, links)
    tree = numbered.join(links, left_on="text_id", right_on="from_id", how="left", maintain_order="left")
    tree = tree.rename({"to_id": "parent_id"}).join(
        numbered.select(parent_id="text_id", _parent="_row", _thread="thread_id"),
        on="parent_id",
        how="left",
        maintain_order="left",
    )
    _refuse_other_thread(tree)
    above = tree["_parent"].cast(pl.Int64).fill_null(-1).to_numpy()
    heads = tree["thread_id"].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    return _placed(tree.select("text_id", "thread_id", "parent_id"), above, heads)


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


def _refuse_unclear(texts: pl.DataFrame, links: pl.DataFrame) -> None:
    """A reply must join two texts, and a text have one reply at most."""
    for column in ("from_id", "to_id"):
        unknown = links.filter(~pl.col(column).is_in(texts["text_id"].implode()).fill_null(value=False))[column]
        if unknown.len():
            raise ArgumentError(
                f"reply_tree: {column} of replies names {some(unknown.unique().sort())}, which texts does not hold; "
                "give the texts of whole threads, and only the answers among them"
            )
    two = links.filter(pl.col("from_id").is_duplicated())["from_id"].unique().sort()
    if two.len():
        raise ArgumentError(
            f"reply_tree: {some(two)} answers more than once; a tree has room for one answer of each text, "
            "so give the answers of one annotator"
        )


def _refuse_other_thread(tree: pl.DataFrame) -> None:
    crossing = pl.col("parent_id").is_not_null() & pl.col("thread_id").ne_missing(pl.col("_thread"))
    outside = tree.filter(crossing)["text_id"]
    if outside.len():
        raise ArgumentError(f"reply_tree: {some(outside)} answers a text of another thread; leave such answers out")


def _placed(tree: pl.DataFrame, above: Integers, heads: Integers) -> pl.DataFrame:
    """The tree with its numbers, from the row above each text (-1 for none) and the number of its thread."""
    is_root = above < 0
    up = np.where(is_root, np.arange(above.size), above)
    depth, top = _sum_upwards(up, (~is_root).astype(np.int64))
    if not is_root[top].all():
        raise ArgumentError(_circle(tree["text_id"], up, int(top[~is_root[top]].min())))
    size = _branch_sizes(up, is_root)
    offset = _after_earlier(size, np.where(is_root, above.size + heads, above)) + ~is_root
    # A root's own place in its thread has nothing above it to be added to.
    below_root, _ = _sum_upwards(up, np.where(is_root, 0, offset))
    place = below_root + offset[top]
    answers = np.bincount(above[~is_root], minlength=above.size)
    numbers = {"depth": depth, "place": place, "n_answers": answers, "n_below": size - 1}
    columns = [pl.Series(name, values, dtype=pl.Int64).cast(pl.UInt32) for name, values in numbers.items()]
    roots = tree["text_id"].gather(top).alias("root_id")
    return tree.with_columns(roots, *columns).sort("thread_id", "place")


def _sum_upwards(up: Integers, weight: Integers) -> tuple[Integers, Integers]:
    """For each row the sum of `weight` on the way to its root, and that root; roots are above themselves and weigh 0.

    Each round doubles the steps looked ahead, so that a chain of a million needs twenty rounds. Where rows run in a
    circle the sum means nothing and the "root" is a row of that circle.
    """
    total, top = weight.copy(), up.copy()
    for _ in range(up.size.bit_length()):
        total = total + total[top]
        top = top[top]
    return total, top


def _branch_sizes(up: Integers, is_root: npt.NDArray[np.bool_]) -> Integers:
    """For each row the number of rows below it, itself included; doubling as in `_sum_upwards`."""
    size = np.ones(up.size, dtype=np.int64)
    ancestor = np.where(is_root, -1, up)
    while (reached := ancestor >= 0).any():
        counted_rows = np.bincount(ancestor[reached], weights=size[reached], minlength=up.size)
        size = size + counted_rows.astype(np.int64)
        further = np.full(up.size, -1, dtype=np.int64)
        further[reached] = ancestor[ancestor[reached]]
        ancestor = further
    return size


def _after_earlier(size: Integers, group: Integers) -> Integers:
    """For each row the sizes of the earlier rows of its group."""
    order = np.argsort(group, kind="stable")
    before = np.cumsum(size[order]) - size[order]
    sorted_group = group[order]
    first = np.searchsorted(sorted_group, sorted_group, side="left")
    result = np.empty_like(size)
    result[order] = before - before[first] if size.size else before
    return result


def _circle(ids: pl.Series, up: Integers, start: int) -> str:
    rows = [start]
    while (row := int(up[rows[-1]])) != start:
        rows.append(row)
    shown = [str(ids[row]) for row in rows[:SHOWN]]
    way = " -> ".join([*shown, shown[0] if len(rows) <= SHOWN else "..."])
    return f"reply_tree: {counted(len(rows), 'text')} in a circle of answers: {way}; take one of these answers out"
