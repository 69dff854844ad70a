"""A coefficient with its bootstrap interval, and the one bootstrap that all of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.errors import CorpusError

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""One row of multiplicities per resample in, one value per resample out; not a number where it is undefined."""

BOOTSTRAPS = 1000
"""Resamples of a bootstrap, unless another number is asked for."""
CONFIDENCE = 0.95
"""Share of the resamples that an interval holds."""
SEED = 20160805
"""Where a bootstrap begins, so that it gives the same figures every time."""

# Multiplicities held at once: 8 bytes each, so 32 MB.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient, its percentile interval and what it rests on."""

    value: float | None
    """The coefficient; None where it is undefined."""

    low: float | None
    """Lower end of the interval; None where the coefficient, or every resample, is undefined, or none was asked for."""

    high: float | None
    """Upper end of the interval; None as for `low`."""

    n_units: int
    """Units that count: what the bootstrap draws."""

    n_values: int
    """Values in those units."""

    n_undefined: int = 0
    """Resamples in which the coefficient was undefined; the interval leaves them out."""


def coefficient(
    counts: npt.NDArray[np.int64],
    statistic: Statistic,
    *,
    n_values: int,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """A statistic of units that fall into patterns, with a percentile bootstrap over the units.

    Units of one pattern are alike, so that drawing units with replacement is drawing the number of units of each
    pattern from one multinomial distribution: the cost grows with the patterns and not with the units.

    Args:
        counts: Units of each pattern; their order has to be fixed for the interval to be.
        statistic: From one row of multiplicities per resample (Float64, one column per pattern) to one value each.
        n_values: Values in the units, to be handed on.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`, above 0 and below 1.
        seed: Of the random numbers.

    Returns:
        The statistic of `counts` itself, and the quantiles of the resamples at (1 - `confidence`) / 2 from either end,
        linearly interpolated. Resamples with an undefined statistic are left out and counted in `n_undefined`.

    Raises:
        CorpusError: If `bootstraps` is negative or `confidence` is not between 0 and 1.

    Source:
        Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    if bootstraps < 0 or not 0 < confidence < 1:
        raise CorpusError(
            f"bootstraps is {bootstraps} and confidence is {confidence}; "
            "bootstraps has to be 0 or more, confidence above 0 and below 1"
        )
    n_units = int(counts.sum())
    value = float(statistic(counts[np.newaxis].astype(np.float64))[0]) if n_units else np.nan
    if np.isnan(value):
        return Coefficient(None, None, None, n_units, n_values)
    found = _resampled(counts, statistic, bootstraps=bootstraps, seed=seed)
    defined = found[~np.isnan(found)]
    if not defined.size:
        return Coefficient(value, None, None, n_units, n_values, bootstraps)
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Coefficient(value, float(low), float(high), n_units, n_values, bootstraps - defined.size)


def _resampled(counts: npt.NDArray[np.int64], statistic: Statistic, *, bootstraps: int, seed: int) -> Floats:
    # RandomState and not Generator: numpy promises its numbers to stay the same in later versions (NEP 19), and
    # published tables hold these intervals.
    draws = np.random.RandomState(seed)
    n_units = int(counts.sum())
    shares = counts / n_units
    step = max(1, _CELLS // len(counts))
    sizes = [min(step, bootstraps - done) for done in range(0, bootstraps, step)]
    found = [statistic(draws.multinomial(n_units, shares, size=size).astype(np.float64)) for size in sizes]
    return np.concatenate(found) if found else np.empty(0)


def ratio(
    parts: pl.DataFrame,
    *,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """A sum over units divided by another, such as agreeing tokens by tokens, with a bootstrap over the units.

    Args:
        parts: One row per unit; needs `part` and `whole`, what the unit adds to the numerator and the denominator.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        The sum of `part` over the sum of `whole`, undefined where the latter is 0. `n_values` is the sum of `whole`.
    """
    patterns = parts.group_by("part", "whole").agg(n=pl.len()).sort("part", "whole")
    sums = patterns.select(pl.col("part", "whole").cast(pl.Float64)).to_numpy()

    def statistic(weights: Floats) -> Floats:
        totals = weights @ sums
        return divided(totals[:, 0], totals[:, 1])

    return coefficient(
        patterns["n"].cast(pl.Int64).to_numpy(),
        statistic,
        n_values=int(parts["whole"].sum()),
        bootstraps=bootstraps,
        confidence=confidence,
        seed=seed,
    )


def divided(part: Floats, whole: Floats) -> Floats:
    """`part` over `whole`, not a number where `whole` is 0."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
