"""Agreement on spans and on relations: what is matched with what, and what stays unmatched."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

import polars as pl

from corpus_tools.agreement.assignment import Pair, best_pairs
from corpus_tools.errors import CorpusError, counted
from corpus_tools.frames import needs

_Item = TypeVar("_Item")


def match_spans(
    left: pl.DataFrame | pl.LazyFrame,
    right: pl.DataFrame | pl.LazyFrame,
    *,
    labelled: bool = True,
    partial: bool = False,
    key: str = "span_id",
) -> pl.DataFrame:
    """Match the spans of two annotators one to one.

    Spans of the same text, start and end are matched first; where labels do not have to agree, spans of the same label
    before others. With `partial`, what is left is matched so that the characters shared by matched spans are as many
    as can be, then the pairs, then the pairs of one label; no other matching of all spans shares more. F1 is the same
    whichever annotator is on the left.

    Args:
        left: One annotator's spans, one row each; needs `text_id`, `start_char`, `end_char`, `label` and the key.
        right: The other annotator's, with the same columns.
        labelled: Whether matched spans have to have the same label (two nulls are the same).
        partial: Whether spans that merely share characters are matched too.
        key: Column that names a span among its annotator's.

    Returns:
        One row per item, a matched pair or an unmatched span, in the order of text, start and end, the left's before
        what is unmatched of the right: `left`, `right` (the keys; null where unmatched) and `credit` (Float64): 1 for
        the same start and end, 0.5 for a partial match, 0 for an unmatched span.

    Raises:
        MissingColumnError: If a column is absent.
        CorpusError: If a span has no start or no end.

    Source:
        The credit is that of MUC-5 and of partial boundary matching at SemEval-2013: Chinchor and Sundheim (1993),
        MUC-5 Evaluation Metrics; Segura-Bedmar, Martínez and Herrero-Zazo (2013), SemEval-2013 Task 9. Partial
        boundary matching takes no heed of labels, and both leave open what is matched where several spans overlap: the
        labelled form and the matching are ours.
    """
    lefts, left_keys = _spans(left, key, "match_spans: left")
    rights, right_keys = _spans(right, key, "match_spans: right")
    pairs: dict[int, int] = {}
    _pair_alike(lefts, rights, pairs, by=lambda span: span)
    if not labelled:
        _pair_alike(lefts, rights, pairs, by=lambda span: span[:3])
    if partial:
        pairs |= _overlapping(lefts, rights, pairs, labelled=labelled)
    credit = {i: 1.0 if lefts[i][:3] == rights[j][:3] else 0.5 for i, j in pairs.items()}
    return _items(left_keys, right_keys, pairs, credit)


def match_relations(
    left: pl.DataFrame | pl.LazyFrame,
    right: pl.DataFrame | pl.LazyFrame,
    *,
    labelled: bool = True,
    directed: bool = True,
    key: str = "relation_id",
) -> pl.DataFrame:
    """Match the relations of two annotators one to one, where both hold between the same units.

    Args:
        left: One annotator's relations, one row each; needs `from_id`, `to_id`, `label` and the key. `from_id` and
            `to_id` name units by keys that both annotators share, such as the left's keys for matched spans.
        right: The other annotator's, with the same columns.
        labelled: Whether matched relations have to have the same label (two nulls are the same).
        directed: Whether a relation differs from the one that leads back.
        key: Column that names a relation among its annotator's.

    Returns:
        As `match_spans`, in the order of `from_id` and `to_id`; the credit is 1 or 0.

    Raises:
        MissingColumnError: If a column is absent.
    """
    lefts, left_keys = _relations(left, key, "match_relations: left", directed=directed)
    rights, right_keys = _relations(right, key, "match_relations: right", directed=directed)
    pairs: dict[int, int] = {}
    _pair_alike(lefts, rights, pairs, by=lambda relation: relation)
    if not labelled:
        _pair_alike(lefts, rights, pairs, by=lambda relation: relation[:2])
    return _items(left_keys, right_keys, pairs, dict.fromkeys(pairs, 1.0))


class _Span(NamedTuple):
    text_id: Hashable
    start: int
    end: int
    label: str | None


class _Relation(NamedTuple):
    from_id: Hashable
    to_id: Hashable
    label: str | None


def _spans(frame: pl.DataFrame | pl.LazyFrame, key: str, where: str) -> tuple[list[_Span], pl.Series]:
    columns = ("text_id", "start_char", "end_char", "label")
    spans = needs(frame, (*columns, key), where=where).collect().sort(*columns, key)
    placeless = spans.filter(pl.any_horizontal(pl.col("start_char", "end_char").is_null()))
    if placeless.height:
        raise CorpusError(
            f"{where}: {counted(placeless.height, 'span')} without start_char or end_char, the first "
            f"{placeless[key][0]!r}; leave such spans out, or place them by other offsets"
        )
    return [_Span(*row) for row in spans.select(columns).iter_rows()], spans[key]


def _relations(
    frame: pl.DataFrame | pl.LazyFrame, key: str, where: str, *, directed: bool
) -> tuple[list[_Relation], pl.Series]:
    relations = needs(frame, ("from_id", "to_id", "label", key), where=where).collect()
    if not directed:
        ends = pl.col("from_id"), pl.col("to_id")
        relations = relations.with_columns(from_id=pl.min_horizontal(*ends), to_id=pl.max_horizontal(*ends))
    relations = relations.sort("from_id", "to_id", "label", key)
    return [_Relation(*row) for row in relations.select("from_id", "to_id", "label").iter_rows()], relations[key]


def _pair_alike(
    lefts: list[_Item], rights: list[_Item], pairs: dict[int, int], *, by: Callable[[_Item], Hashable]
) -> None:
    """Add the pairs that are alike in what `by` gives, each item once, in order."""
    taken = set(pairs.values())
    free: dict[Hashable, deque[int]] = defaultdict(deque)
    for j, item in enumerate(rights):
        if j not in taken:
            free[by(item)].append(j)
    for i, item in enumerate(lefts):
        if i not in pairs and free.get(by(item)):
            pairs[i] = free[by(item)].popleft()


def _overlapping(lefts: list[_Span], rights: list[_Span], pairs: dict[int, int], *, labelled: bool) -> dict[int, int]:
    """Pairs of greatest overlap among the spans not yet paired."""
    # A matching of greatest overlap that holds every pair of equal spans always exists: for spans a and b with a = a',
    # |a & b'| + |b & a'| is at most |a & a'| + |b & b'|. So equal spans may be paired first.
    taken = set(pairs.values())
    free: dict[Hashable, list[int]] = defaultdict(list)
    for j, span in enumerate(rights):
        if j not in taken:
            free[span.text_id].append(j)
    # Whole numbers, so that overlap comes first, then the number of pairs, then labels.
    base = len(lefts) + 1
    weights: dict[Pair, float] = {}
    for i, span in enumerate(lefts):
        if i in pairs:
            continue
        for j in free[span.text_id]:
            other = rights[j]
            shared = min(span.end, other.end) - max(span.start, other.start)
            same = span.label == other.label
            if shared > 0 and (same or not labelled):
                weights[i, j] = (shared * base + 1) * base + same
    return dict(best_pairs(weights))


def _items(left: pl.Series, right: pl.Series, pairs: dict[int, int], credit: dict[int, float]) -> pl.DataFrame:
    matched = set(pairs.values())
    rows: list[tuple[Any, Any, float]] = [(i, pairs.get(i), credit.get(i, 0.0)) for i in range(len(left))]
    rows += [(None, j, 0.0) for j in range(len(right)) if j not in matched]
    places = pl.DataFrame(rows, schema={"left": pl.UInt32, "right": pl.UInt32, "credit": pl.Float64}, orient="row")
    return places.with_columns(left=left.gather(places["left"]), right=right.gather(places["right"]))
