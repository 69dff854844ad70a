"""Krippendorff's alpha and observed agreement, from one row per label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from corpus_tools.agreement.coefficient import (
    BOOTSTRAPS,
    CONFIDENCE,
    SEED,
    Coefficient,
    Floats,
    Statistic,
    coefficient,
    divided,
)
from corpus_tools.errors import CorpusError, UnknownNameError, counted
from corpus_tools.frames import needs

Scale = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(
    values: pl.DataFrame | pl.LazyFrame,
    *,
    scale: Scale = "nominal",
    levels: Sequence[str] | None = None,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """Krippendorff's alpha: 1 less observed over expected disagreement, with a bootstrap over units.

    Args:
        values: One row per label given; needs `unit`, `annotator` and `value` (null where missing; for the interval
            scale numbers, or strings that are numbers).
        scale: How labels differ: any two alike (nominal), by the values ranked between them (ordinal) or by the square
            of their difference (interval).
        levels: All labels from lowest to highest; needed for the ordinal scale. On the nominal scale, where given,
            every label has to be among them; the interval scale does not use them.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        Alpha, at most 1, with 0 for agreement by chance. `n_units` and `n_values` are the pairable units, which two or
        more annotators labelled, and the values in them; other units count for nothing and are not drawn.
        `value` is None where nothing is pairable or only one label occurs: expected disagreement is 0 then, and
        whether annotators can tell labels apart cannot be said. The same holds for resamples in which only one label
        occurs: they are left out of the interval, and `n_undefined` says how many they were.

    Raises:
        MissingColumnError: If a column is absent.
        UnknownNameError: If `scale` is none of the three, or a label is not among `levels`.
        CorpusError: If an annotator labels a unit twice, a value on the interval scale is no finite number, or the
            ordinal scale has no `levels` or the same one twice.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability; the bootstrap over units after Zapf, Castell,
        Morawietz and Karch (2016), BMC Medical Research Methodology 16, 93.
    """
    if scale not in get_args(Scale):
        raise UnknownNameError("scale", scale, get_args(Scale))
    patterns = _patterns(values, scale=scale, levels=levels, where="krippendorff_alpha")
    statistic = _ordinal(patterns) if scale == "ordinal" else _with_distances(patterns, scale)
    return _coefficient(patterns, statistic, bootstraps=bootstraps, confidence=confidence, seed=seed)


def observed_agreement(
    values: pl.DataFrame | pl.LazyFrame,
    *,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> Coefficient:
    """Share of annotator pairs that give a unit the same label, with a bootstrap over units.

    Pairs weigh as in alpha's observed disagreement: each ordered pair within a unit of m values by 1 / (m - 1), so
    that each value weighs 1. The result is 1 less nominal observed disagreement; units with more values weigh more, and
    where all have the same number it is the mean over units and over pairs too.

    Args:
        values: One row per label given; needs `unit`, `annotator` and `value` (null where missing).
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        A share from 0 to 1 of the values in pairable units, which two or more annotators labelled; not corrected for
        chance. `value` is None where nothing is pairable; where only one label occurs it is 1.

    Raises:
        MissingColumnError: If a column is absent.
        CorpusError: If an annotator labels a unit twice.

    Source:
        Krippendorff (2011), Computing Krippendorff's Alpha-Reliability: the diagonal of the coincidence matrix.
    """
    patterns = _patterns(values, scale="nominal", levels=None, where="observed_agreement")
    labelled = patterns.labelled
    sizes = labelled.sum(axis=1)
    agreeing = (labelled * (labelled - 1)).sum(axis=1) / (sizes - 1)

    def statistic(weights: Floats) -> Floats:
        return divided(weights @ agreeing, weights @ sizes)

    return _coefficient(patterns, statistic, bootstraps=bootstraps, confidence=confidence, seed=seed)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Pairable units by what labels they got; units of one pattern are alike to every coefficient here."""

    counts: npt.NDArray[np.int64]
    """Units of each pattern."""

    labelled: Floats
    """Annotators that gave each label (column) to a unit of each pattern (row)."""

    labels: list[str] | list[float]
    """The labels in order."""


def _patterns(
    values: pl.DataFrame | pl.LazyFrame, *, scale: Scale, levels: Sequence[str] | None, where: str
) -> _Patterns:
    given = needs(values, ("unit", "annotator", "value"), where=where).collect()
    given = given.select("unit", "annotator", "value").drop_nulls("value")
    twice = given.filter(pl.struct("unit", "annotator").is_duplicated())
    if twice.height:
        unit, annotator, _ = twice.sort("unit", "annotator").row(0)
        raise CorpusError(f"{where}: annotator {annotator!r} labels unit {unit!r} twice; give one value or none")
    given = _as_numbers(given, where) if scale == "interval" else given.with_columns(pl.col("value").cast(pl.String))
    present: list[str] | list[float] = given["value"].unique().sort().to_list()
    labels = present if scale == "interval" else _ordered(present, levels, required=scale == "ordinal", where=where)
    codes = pl.DataFrame({"value": labels}, schema={"value": given.schema["value"]}).with_row_index("code")
    return _counted(given.join(codes, on="value").select("unit", "code"), labels)


def _counted(coded: pl.DataFrame, labels: list[str] | list[float]) -> _Patterns:
    units = coded.group_by("unit").agg(pl.col("code").sort()).filter(pl.col("code").list.len() > 1)
    # Sorted, because the draws of a seed fall on patterns by their place.
    patterns = units.group_by("code").agg(n=pl.len()).sort("code").with_row_index("pattern")
    cells = patterns.explode("code")
    labelled = np.zeros((patterns.height, len(labels)))
    np.add.at(labelled, (cells["pattern"].to_numpy(), cells["code"].to_numpy()), 1)
    return _Patterns(patterns["n"].cast(pl.Int64).to_numpy(), labelled, labels)


def _as_numbers(given: pl.DataFrame, where: str) -> pl.DataFrame:
    number = pl.col("value").cast(pl.Float64, strict=False)
    bad = given.filter(~number.is_finite().fill_null(False))
    if bad.height:
        raise CorpusError(
            f"{where}: the interval scale needs finite numbers; {bad.height} of {counted(given.height, 'value')} "
            f"are none, the first {bad['value'][0]!r} of unit {bad['unit'][0]!r}"
        )
    return given.with_columns(number)


def _ordered(present: Sequence[str | float], levels: Sequence[str] | None, *, required: bool, where: str) -> list[str]:
    if levels is None:
        if required:
            raise CorpusError(f"{where}: the ordinal scale needs levels, the labels from lowest to highest")
        return [str(label) for label in present]
    if len(set(levels)) < len(levels):
        raise CorpusError(f"{where}: levels name a label twice: {', '.join(levels)}")
    for label in present:
        if label not in levels:
            raise UnknownNameError("label", label, levels)
    return list(levels)


def _with_distances(patterns: _Patterns, scale: Scale) -> Statistic:
    """Alpha where the distance of two labels is the same in every resample."""
    labelled, n = patterns.labelled, len(patterns.labels)
    if scale == "interval":
        places = np.asarray(patterns.labels, dtype=np.float64)
        distances = (places[:, np.newaxis] - places) ** 2
    else:
        distances = 1 - np.eye(n)
    sizes = labelled.sum(axis=1)
    disagreeing = ((labelled @ distances) * labelled).sum(axis=1) / (sizes - 1)

    def statistic(weights: Floats) -> Floats:
        totals = weights @ labelled
        return _alpha(weights @ disagreeing, ((totals @ distances) * totals).sum(axis=1), weights @ sizes)

    return statistic


def _ordinal(patterns: _Patterns) -> Statistic:
    """Alpha where the distance of two labels hangs on how often those between them occur in the resample."""
    labelled, n = patterns.labelled, len(patterns.labels)
    sizes = labelled.sum(axis=1)
    pairs = labelled[:, :, np.newaxis] * labelled[:, np.newaxis] / (sizes - 1)[:, np.newaxis, np.newaxis]
    # Labels are as far from each other in one direction as in the other, so one half does.
    low, high = np.triu_indices(n, 1)
    coincidences = pairs[:, low, high]

    def statistic(weights: Floats) -> Floats:
        totals = weights @ labelled
        # Krippendorff's sum from one label to the other, less half of both ends, is the difference of their mid-ranks.
        ranks = np.cumsum(totals, axis=1) - totals / 2
        distances = (ranks[:, low] - ranks[:, high]) ** 2
        observed = (weights @ coincidences * distances).sum(axis=1)
        expected = (totals[:, low] * totals[:, high] * distances).sum(axis=1)
        return _alpha(observed, expected, weights @ sizes)

    return statistic


def _alpha(observed: Floats, expected: Floats, n_values: Floats) -> Floats:
    return 1 - (n_values - 1) * divided(observed, expected)


def _coefficient(
    patterns: _Patterns, statistic: Statistic, *, bootstraps: int, confidence: float, seed: int
) -> Coefficient:
    return coefficient(
        patterns.counts,
        statistic,
        n_values=int(patterns.counts @ patterns.labelled.sum(axis=1)),
        bootstraps=bootstraps,
        confidence=confidence,
        seed=seed,
    )
