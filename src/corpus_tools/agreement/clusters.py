"""Coefficients of units that depend on one another: the bootstrap draws whole clusters, such as sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from corpus_tools.agreement.coefficient import BOOTSTRAPS, CONFIDENCE, SEED, Coefficient, Floats, coefficient, divided

CLUSTER, PART, WHOLE = "_cluster", "part", "whole"


def mean_ratio(
    pairs: Sequence[pl.DataFrame],
    *,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """A ratio of sums for each pair of annotators, averaged over the pairs, with a bootstrap over clusters.

    With twice the credit as `part` and the number of spans as `whole` of each item it is F1 averaged over pairs.

    Args:
        pairs: For each pair of annotators one row per item; needs `_cluster`, `part` and `whole`.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        The mean over those pairs that have something to compare; undefined where none has. `n_units` is the number of
        items of such a pair, the mean over them rounded; `n_values` is the sum of `whole` over all. The interval draws
        clusters with all that lies in them, for all pairs at once.
    """
    frames = [
        frame.group_by(CLUSTER).agg(pl.col(PART).sum().alias(f"{PART}{i}"), pl.col(WHOLE).sum().alias(f"{WHOLE}{i}"))
        for i, frame in enumerate(pairs)
    ]

    def statistic(totals: Floats) -> Floats:
        return _mean([divided(totals[:, 2 * i], totals[:, 2 * i + 1]) for i in range(len(pairs))])

    return _clustered(
        frames,
        statistic,
        n_units=_mean_number([frame.height for frame in pairs]),
        n_values=int(sum(frame[WHOLE].sum() for frame in pairs)),
        bootstraps=bootstraps,
        confidence=confidence,
        seed=seed,
    )


def mean_harmonic(
    pairs: Sequence[tuple[pl.DataFrame, pl.DataFrame]],
    *,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """The harmonic mean of two ratios, such as recall and precision, averaged over pairs of annotators.

    Args:
        pairs: For each pair of annotators two frames, each with one row per item and `_cluster`, `part` and `whole`.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        As `mean_ratio`, with `n_units` the items of one side and `n_values` those of all. A ratio of nothing counts as
        0, as in the reference scorer for coreference; a pair without any item has nothing to compare.
    """
    sides = [side for pair in pairs for side in pair]
    frames = [
        frame.group_by(CLUSTER).agg(
            pl.col(PART).sum().alias(f"{PART}{i}"),
            pl.col(WHOLE).sum().alias(f"{WHOLE}{i}"),
            pl.len().alias(f"_items{i}"),
        )
        for i, frame in enumerate(sides)
    ]

    def statistic(totals: Floats) -> Floats:
        parts, wholes, items = (totals[:, column::3] for column in range(3))
        ratios = np.nan_to_num(divided(parts, wholes))
        one, other = ratios[:, ::2], ratios[:, 1::2]
        harmonic = np.nan_to_num(divided(2 * one * other, one + other))
        empty = items[:, ::2] + items[:, 1::2] == 0
        return _mean(list(np.where(empty, np.nan, harmonic).T))

    return _clustered(
        frames,
        statistic,
        n_units=_mean_number([(one.height + other.height) / 2 for one, other in pairs]),
        n_values=sum(frame.height for frame in sides),
        bootstraps=bootstraps,
        confidence=confidence,
        seed=seed,
    )


def _clustered(
    frames: Sequence[pl.DataFrame],
    statistic: Callable[[Floats], Floats],
    *,
    n_units: int,
    n_values: int,
    **options: Any,
) -> Coefficient:
    if not n_values:
        return Coefficient(None, None, None, 0, 0)
    names = sorted({name for frame in frames for name in frame[CLUSTER]})
    sums = pl.DataFrame({CLUSTER: names}, schema={CLUSTER: pl.String})
    for frame in frames:
        sums = sums.join(frame, on=CLUSTER, how="left", maintain_order="left")
    matrix = sums.drop(CLUSTER).fill_null(0).cast(pl.Float64).to_numpy()
    drawn = coefficient(
        np.ones(len(names), dtype=np.int64), lambda weights: statistic(weights @ matrix), n_values=n_values, **options
    )
    return dataclasses.replace(drawn, n_units=n_units)


def _mean_number(items: Sequence[float]) -> int:
    """The mean of those that are not 0, rounded, and 1 at least where there is one."""
    known = [n for n in items if n]
    return max(1, round(sum(known) / len(known))) if known else 0


def _mean(values: Sequence[Floats]) -> Floats:
    """The mean of each column over those rows that have a number."""
    stacked = np.stack(values)
    known = ~np.isnan(stacked)
    return divided(np.where(known, stacked, 0.0).sum(axis=0), known.sum(axis=0).astype(np.float64))
