"""Agreement on words and their syntax: tags, lemmas, features, heads and relations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from corpus_tools.agreement.coefficient import BOOTSTRAPS, CONFIDENCE, SEED, Coefficient, ratio
from corpus_tools.errors import CorpusError, UnknownNameError
from corpus_tools.frames import needs

UNIVERSAL_FEATURES = (
    "PronType",
    "NumType",
    "Poss",
    "Reflex",
    "Foreign",
    "Abbr",
    "Gender",
    "Animacy",
    "Number",
    "Case",
    "Definite",
    "Degree",
    "VerbForm",
    "Mood",
    "Tense",
    "Aspect",
    "Voice",
    "Evident",
    "Polarity",
    "Person",
    "Polite",
)
"""The features that the CoNLL 2018 scorer compares."""


@dataclass(frozen=True, slots=True)
class _Measure:
    columns: tuple[str, ...]
    """What the measure reads."""

    compared: Callable[[], list[pl.Expr]]
    """What has to be the same on both sides."""


def _plain(column: str) -> pl.Expr:
    # CoNLL-U writes an empty cell as an underscore, our tables as null.
    return pl.col(column).cast(pl.String).fill_null("_")


def _features(*, universal: bool) -> pl.Expr:
    feature = pl.element()
    known = feature.str.extract("^([^=]*)").is_in(UNIVERSAL_FEATURES)
    wanted = feature.filter(known) if universal else feature
    return _plain("feats").str.split("|").list.eval(wanted).list.sort().list.join("|")


def _relation() -> pl.Expr:
    return _plain("deprel").str.extract("^([^:]*)")


_MEASURES = {
    "UPOS": _Measure(("upos",), lambda: [_plain("upos")]),
    "XPOS": _Measure(("xpos",), lambda: [_plain("xpos")]),
    "LEMMA": _Measure(("lemma",), lambda: [_plain("lemma")]),
    "FEATS": _Measure(("feats",), lambda: [_features(universal=False)]),
    "UFEATS": _Measure(("feats",), lambda: [_features(universal=True)]),
    "UAS": _Measure(("head",), lambda: [_plain("head")]),
    "LAS": _Measure(("head", "deprel"), lambda: [_plain("head"), _relation()]),
    "LAS_SUBTYPES": _Measure(("head", "deprel"), lambda: [_plain("head"), _plain("deprel")]),
}

MEASURES = tuple(_MEASURES)
"""Every measure that `dependency_agreement` has."""


def measurable(columns: Collection[str]) -> list[str]:
    """The measures whose columns are all there."""
    return [name for name, measure in _MEASURES.items() if set(measure.columns) <= set(columns)]


def dependency_agreement(
    left: pl.DataFrame | pl.LazyFrame,
    right: pl.DataFrame | pl.LazyFrame,
    *,
    token: Sequence[str] = ("sentence_id", "position"),
    sentence: Sequence[str] = ("sentence_id",),
    measures: Iterable[str] = MEASURES,
    bootstraps: int = BOOTSTRAPS,
    confidence: float = CONFIDENCE,
    seed: int = SEED,
) -> dict[str, Coefficient]:
    """Share of tokens that two annotators analyse alike, with a bootstrap over sentences.

    UPOS, XPOS and LEMMA compare one column, FEATS all features in any order, UAS the head, LAS the head and the
    universal part of the relation (`nsubj` of `nsubj:pass`), LAS_SUBTYPES the head and the whole relation. UFEATS
    compares, as the CoNLL 2018 scorer's UFeats does, the features in `UNIVERSAL_FEATURES` only.

    Args:
        left: One annotator's tokens, one row each; needs the `token` columns and those that the measures compare:
            `upos`, `xpos`, `lemma`, `feats` (as in CoNLL-U), `head`, `deprel`.
        right: The other annotator's, with the same columns.
        token: Columns that name a token for both annotators. Tokens that one side alone has count for nothing. Heads
            are compared as they stand, so both sides have to count them in the same sentences.
        sentence: Columns among `token` that name its sentence; the bootstrap draws sentences, whole.
        measures: Names of measures, of `MEASURES`.
        bootstraps: Number of resamples; 0 for no interval.
        confidence: Share of the resamples between `low` and `high`.
        seed: Of the random numbers.

    Returns:
        A share from 0 to 1 of the aligned tokens for each measure, in the order asked for; punctuation counts.
        `n_units` counts sentences, `n_values` tokens; `value` is None where no token is aligned. A null is an
        underscore: it agrees with an empty cell only. Unlike the CoNLL 2018 scorer, which takes any lemma for right
        where the gold has none, this holds for lemmas too, since neither annotator is the gold.

    Raises:
        MissingColumnError: If a column is absent.
        UnknownNameError: If a measure or a `sentence` column is not among those there are.
        CorpusError: If a token is twice in one frame.

    Source:
        Zeman et al. (2018), CoNLL 2018 Shared Task: Multilingual Parsing from Raw Text to Universal Dependencies, 1-21.
    """
    for name in sentence:
        if name not in token:
            raise UnknownNameError("token column", name, token)
    names = list(measures)
    for name in names:
        if name not in _MEASURES:
            raise UnknownNameError("measure", name, MEASURES)
    lefts = _prepared(left, token, names, "dependency_agreement: left")
    rights = _prepared(right, token, names, "dependency_agreement: right")
    aligned = lefts.join(rights, on=list(token), how="inner", suffix=":right")
    agreeing = [(pl.col(name) == pl.col(f"{name}:right")).sum().alias(name) for name in names]
    counts = aligned.group_by(list(sentence)).agg(*agreeing, pl.len().alias(":tokens"))
    return {
        name: ratio(
            counts.select(part=pl.col(name), whole=pl.col(":tokens")),
            bootstraps=bootstraps,
            confidence=confidence,
            seed=seed,
        )
        for name in names
    }


def _prepared(
    frame: pl.DataFrame | pl.LazyFrame, token: Sequence[str], measures: list[str], where: str
) -> pl.DataFrame:
    """Token columns and, under the name of each measure, what it compares."""
    columns = dict.fromkeys([*token, *(column for name in measures for column in _MEASURES[name].columns)])
    tokens = needs(frame, columns, where=where).collect()
    twice = tokens.filter(pl.struct(*token).is_duplicated())
    if twice.height:
        raise CorpusError(f"{where}: token {twice.select(*token).row(0)!r} is there twice; a token may be there once")
    return tokens.select(*token, *(pl.struct(_numbered(_MEASURES[name])).alias(name) for name in measures))


def _numbered(measure: _Measure) -> list[pl.Expr]:
    return [compared.alias(str(i)) for i, compared in enumerate(measure.compared())]
