"""Agreement on coreference chains: MUC, B-cubed, CEAF-e and their mean."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from corpus_tools.agreement.assignment import Pair, best_pairs
from corpus_tools.errors import CorpusError

Partition = Mapping[Hashable, Hashable] | Iterable[Collection[Hashable]]
"""Mentions and the chain of each, or chains as collections of mentions."""


@dataclass(frozen=True, slots=True)
class Score:
    """Recall, precision and their harmonic mean, each from 0 to 1."""

    recall: float
    """Share of the key that the response has."""

    precision: float
    """Share of the response that the key has."""

    f1: float
    """Harmonic mean of both, 0 where both are; the same whichever annotator is the key."""


@dataclass(frozen=True, slots=True)
class CoreferenceScores:
    """The scores of a pair of annotators."""

    muc: Score
    """Links; chains of one mention count for nothing."""

    b_cubed: Score
    """Mentions."""

    ceaf_e: Score
    """Chains, matched one to one."""

    conll: float
    """Mean of the three F1s."""

    n_key: int
    """Mentions of the key."""

    n_response: int
    """Mentions of the response."""


def coreference_scores(key: Partition, response: Partition, *, singletons: bool = True) -> CoreferenceScores | None:
    """Compare the chains of two annotators as version 8.01 of the CoNLL reference scorer does.

    Mentions that one annotator alone has (twinless mentions) stay where they are: they lower recall where the key has
    them and precision where the response has them. No mention is added to either side or taken away.

    Args:
        key: One annotator's chains: a mapping from mentions to their chains, or collections of mentions. Mentions
            are the same where they are equal: over several texts, mentions and chains have to name their text too.
        response: The other annotator's.
        singletons: Whether chains of one mention count; without them they are taken from both sides beforehand. MUC is
            the same either way.

    Returns:
        The scores, or None where no mention is left on either side. As in the reference scorer a share of nothing is 0:
        MUC is 0 where neither side links two mentions, even if both are the same, and so are all where one side is
        empty.

    Raises:
        CorpusError: If a mention is in two chains of one annotator.

    Source:
        Pradhan, Luo, Recasens, Hovy, Ng and Strube (2014), Scoring Coreference Partitions of Predicted Mentions, ACL
        2014, 30-35; the mean after Denis and Baldridge (2009).
    """
    keys, responses = _chains(key, singletons=singletons), _chains(response, singletons=singletons)
    if not keys and not responses:
        return None
    links, mentions, chains = (_score(*sides) for sides in _sides(keys, responses))
    return CoreferenceScores(
        muc=links,
        b_cubed=mentions,
        ceaf_e=chains,
        conll=(links.f1 + mentions.f1 + chains.f1) / 3,
        n_key=sum(map(len, keys)),
        n_response=sum(map(len, responses)),
    )


_Chains = list[frozenset[Hashable]]
_Parts = list[tuple[Hashable, float, float]]
"""A mention, what it adds to what was found, and what it adds to what there was to find."""

MEASURES = ("MUC", "B3", "CEAF-e")
PARTS = {"mention": pl.String, "part": pl.Float64, "whole": pl.Float64}


def mention_parts(
    key: Mapping[str, str], response: Mapping[str, str], *, singletons: bool = True
) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """What each mention adds to recall and precision, so that a bootstrap can draw mentions.

    MUC is divided over the links of a chain (one for each mention but the first), B-cubed over mentions as it is
    defined, and the likeness of two chains in CEAF-e equally over the mentions of the chain.

    Args:
        key: One annotator's mentions and the chain of each.
        response: The other annotator's.
        singletons: Whether chains of one mention count.

    Returns:
        For each of `MEASURES` two frames, of the key and of the response, with one row per mention: `mention`, `part`
        and `whole`. The sum of `part` over the sum of `whole` is recall in the first and precision in the second, equal
        to those of `coreference_scores`.
    """
    keys, responses = _chains(key, singletons=singletons), _chains(response, singletons=singletons)

    def frame(parts: _Parts) -> pl.DataFrame:
        return pl.DataFrame(parts, schema=PARTS, orient="row").sort("mention")

    found = zip(MEASURES, _sides(keys, responses), strict=True)
    return {measure: (frame(of_key), frame(of_response)) for measure, (of_key, of_response) in found}


def _sides(keys: _Chains, responses: _Chains) -> list[tuple[_Parts, _Parts]]:
    """The parts of the key and of the response, for each of `MEASURES`."""
    both, back = _shared(keys, responses), _shared(responses, keys)
    likeness: dict[Pair, float] = {(i, j): 2 * n / (len(keys[i]) + len(responses[j])) for (i, j), n in both.items()}
    matched = [(i, j, likeness[i, j]) for i, j in best_pairs(likeness)]
    return [
        (_links(keys, responses), _links(responses, keys)),
        (_overlaps(keys, responses, both), _overlaps(responses, keys, back)),
        (_likenesses(keys, {i: x for i, _, x in matched}), _likenesses(responses, {j: x for _, j, x in matched})),
    ]


def _links(chains: _Chains, others: _Chains) -> _Parts:
    """MUC: links needed to join a chain's parts as the other side has them (Vilain et al. 1995, MUC-6, 45-52)."""
    home = _home(others)
    rows: _Parts = []
    for chain in chains:
        seen: set[Hashable] = set()
        for number, mention in enumerate(sorted(chain, key=repr)):
            # A mention that the other side has in no chain is a part of its own.
            part = home.get(mention, (mention,))
            rows.append((mention, float(part in seen), float(number > 0)))
            seen.add(part)
    return rows


def _overlaps(chains: _Chains, others: _Chains, shared: Mapping[Pair, int]) -> _Parts:
    """B-cubed: each mention's share of its chain (Bagga and Baldwin 1998, LREC workshop, 563-566)."""
    home = _home(others)
    return [
        (mention, shared[i, home[mention]] / len(chain) if mention in home else 0.0, 1.0)
        for i, chain in enumerate(chains)
        for mention in chain
    ]


def _likenesses(chains: _Chains, likeness: Mapping[int, float]) -> _Parts:
    """CEAF-e: phi 4 of chains matched one to one for the greatest sum (Luo 2005, HLT/EMNLP, 25-32)."""
    return [
        (mention, likeness.get(i, 0.0) / len(chain), 1 / len(chain))
        for i, chain in enumerate(chains)
        for mention in chain
    ]


def _chains(partition: Partition, *, singletons: bool) -> _Chains:
    if isinstance(partition, Mapping):
        members: dict[Hashable, list[Hashable]] = defaultdict(list)
        for mention, chain in partition.items():
            members[chain].append(mention)
        partition = members.values()
    chains = [frozenset(chain) for chain in partition]
    home = _home(chains)
    if len(home) < sum(map(len, chains)):
        mention = next(mention for i, chain in enumerate(chains) for mention in chain if home[mention] != i)
        raise CorpusError(f"coreference_scores: mention {mention!r} is in two chains; it may be in one")
    return [chain for chain in chains if len(chain) > (0 if singletons else 1)]


def _home(chains: _Chains) -> dict[Hashable, int]:
    return {mention: i for i, chain in enumerate(chains) for mention in chain}


def _shared(keys: _Chains, responses: _Chains) -> dict[Pair, int]:
    """Mentions that a key's and a response's chain share, for each two that share any."""
    home = _home(responses)
    shared: dict[Pair, int] = defaultdict(int)
    for i, chain in enumerate(keys):
        for mention in chain:
            if mention in home:
                shared[i, home[mention]] += 1
    return shared


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _score(key: _Parts, response: _Parts) -> Score:
    recall, precision = (
        _share(math.fsum(part for _, part, _ in parts), math.fsum(whole for _, _, whole in parts))
        for parts in (key, response)
    )
    return Score(recall, precision, _share(2 * recall * precision, recall + precision))
