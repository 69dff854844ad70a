"""One-to-one matching of greatest total weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

Pair = tuple[int, int]


def best_pairs(weights: Mapping[Pair, float]) -> list[Pair]:
    """The one-to-one matching of greatest total weight between left and right items.

    Whole numbers are computed with as such, so that their ties are exact. The same weights give the same matching, in
    whatever order they come.

    Args:
        weights: Weight of each pair (left, right) that may be matched, above 0; other pairs are never matched.

    Returns:
        The matched pairs, sorted. Takes time cubic in the largest set of items that hang together by such pairs.

    Source:
        Kuhn (1955), Naval Research Logistics Quarterly 2(1-2), 83-97; by shortest augmenting paths, after Jonker and
        Volgenant (1987), Computing 38, 325-340.
    """
    found: list[Pair] = []
    for lefts, rights in _components(weights):
        if len(lefts) <= len(rights):
            costs = [[-weights.get((left, right), 0) for right in rights] for left in lefts]
            pairs = [(lefts[row], rights[column]) for row, column in _assigned(costs)]
        else:
            costs = [[-weights.get((left, right), 0) for left in lefts] for right in rights]
            pairs = [(lefts[column], rights[row]) for row, column in _assigned(costs)]
        found += [pair for pair in pairs if pair in weights]
    return sorted(found)


def _components(weights: Mapping[Pair, float]) -> list[tuple[list[int], list[int]]]:
    """The left and right items that hang together, sorted."""
    beside: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for left, right in weights:
        beside["left", left].append(("right", right))
        beside["right", right].append(("left", left))
    seen: set[tuple[str, int]] = set()
    found = []
    for start in sorted(beside):
        if start in seen:
            continue
        seen.add(start)
        reached = [start]
        for item in reached:
            new = [other for other in beside[item] if other not in seen]
            seen.update(new)
            reached += new
        lefts = sorted(number for side, number in reached if side == "left")
        rights = sorted(number for side, number in reached if side == "right")
        found.append((lefts, rights))
    return found


def _assigned(costs: list[list[float]]) -> list[Pair]:
    """Row and column of each cell in the cheapest assignment of every row; no more rows than columns."""
    rows, columns = len(costs), len(costs[0])
    # Row and column 0 are the place from which a row looks for its column.
    owner = [0] * (columns + 1)
    row_price: list[float] = [0] * (rows + 1)
    column_price: list[float] = [0] * (columns + 1)
    for row in range(1, rows + 1):
        _place(row, costs, owner, row_price, column_price)
    return [(owner[column] - 1, column - 1) for column in range(1, columns + 1) if owner[column]]


def _place(
    row: int, costs: list[list[float]], owner: list[int], row_price: list[float], column_price: list[float]
) -> None:
    """Give a row a column, along the cheapest path that moves rows already placed; changes owners and prices."""
    least = [float("inf")] * len(owner)
    came_from = [0] * len(owner)
    open_columns = list(range(1, len(owner)))
    passed = [0]
    owner[0] = row
    column = 0
    while owner[column]:
        here = owner[column]
        line, price = costs[here - 1], row_price[here]
        step, nearest = float("inf"), 0
        for other in open_columns:
            reduced = line[other - 1] - price - column_price[other]
            if reduced < least[other]:
                least[other], came_from[other] = reduced, column
            if least[other] < step:
                step, nearest = least[other], other
        for other in passed:
            row_price[owner[other]] += step
            column_price[other] -= step
        for other in open_columns:
            least[other] -= step
        column = nearest
        open_columns.remove(column)
        passed.append(column)
    while column:
        owner[column] = owner[came_from[column]]
        column = came_from[column]
