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
    links, mentions, chains = _muc(keys, responses), _b_cubed(keys, responses), _ceaf_e(keys, responses)
    return CoreferenceScores(
        muc=links,
        b_cubed=mentions,
        ceaf_e=chains,
        conll=(links.f1 + mentions.f1 + chains.f1) / 3,
        n_key=sum(map(len, keys)),
        n_response=sum(map(len, responses)),
    )


_Chains = list[frozenset[Hashable]]

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
    likeness = {(i, j): 2 * n / (len(keys[i]) + len(responses[j])) for (i, j), n in _shared(keys, responses).items()}
    matched = {pair: likeness[pair] for pair in best_pairs(likeness)}
    of_keys = {i: value for (i, _), value in matched.items()}
    of_responses = {j: value for (_, j), value in matched.items()}
    return {
        "MUC": (_links(keys, responses), _links(responses, keys)),
        "B3": (_overlaps(keys, responses), _overlaps(responses, keys)),
        "CEAF-e": (_likenesses(keys, of_keys), _likenesses(responses, of_responses)),
    }


def _links(chains: _Chains, others: _Chains) -> pl.DataFrame:
    home = _home(others)
    rows = []
    for chain in chains:
        seen: set[Hashable] = set()
        for first, mention in enumerate(sorted(map(str, chain))):
            # A mention that the other side has in no chain is a part of its own.
            part = home.get(mention, mention)
            rows.append((mention, float(bool(first) and part in seen), float(bool(first))))
            seen.add(part)
    return pl.DataFrame(rows, schema=PARTS, orient="row")


def _overlaps(chains: _Chains, others: _Chains) -> pl.DataFrame:
    home = _home(others)
    rows = [
        (str(mention), len(chain & others[home[mention]]) / len(chain) if mention in home else 0.0, 1.0)
        for chain in chains
        for mention in chain
    ]
    return pl.DataFrame(rows, schema=PARTS, orient="row").sort("mention")


def _likenesses(chains: _Chains, likeness: Mapping[int, float]) -> pl.DataFrame:
    rows = [
        (str(mention), likeness.get(i, 0.0) / len(chain), 1 / len(chain))
        for i, chain in enumerate(chains)
        for mention in chain
    ]
    return pl.DataFrame(rows, schema=PARTS, orient="row").sort("mention")


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


def _muc(keys: _Chains, responses: _Chains) -> Score:
    """Links needed to join a chain's parts as the other side has them (Vilain et al. 1995, MUC-6, 45-52)."""

    def found(chains: _Chains, others: _Chains) -> float:
        # A part of n mentions is joined by n - 1 links; a mention that the other side lacks is a part of its own.
        links = sum(n - 1 for n in _shared(chains, others).values())
        return _share(links, sum(len(chain) - 1 for chain in chains))

    return _score(found(keys, responses), found(responses, keys))


def _b_cubed(keys: _Chains, responses: _Chains) -> Score:
    """Each mention's share of its chain, averaged over mentions (Bagga and Baldwin 1998, LREC workshop, 563-566)."""

    def found(chains: _Chains, others: _Chains) -> float:
        # Each of the n mentions that a chain shares with one of the others has found n of the chain.
        parts = math.fsum(n * n / len(chains[i]) for (i, _), n in _shared(chains, others).items())
        return _share(parts, sum(map(len, chains)))

    return _score(found(keys, responses), found(responses, keys))


def _ceaf_e(keys: _Chains, responses: _Chains) -> Score:
    """Likeness of chains matched one to one for the greatest sum of phi 4 (Luo 2005, HLT/EMNLP, 25-32)."""
    likeness: dict[Pair, float] = {
        (i, j): 2 * n / (len(keys[i]) + len(responses[j])) for (i, j), n in _shared(keys, responses).items()
    }
    total = math.fsum(likeness[pair] for pair in best_pairs(likeness))
    return _score(_share(total, len(keys)), _share(total, len(responses)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _score(recall: float, precision: float) -> Score:
    return Score(recall, precision, _share(2 * recall * precision, recall + precision))
