"""Where the characters of a text stand in a later form of it.

Two texts are aligned by their pieces (words, white space, marks): first by runs of pieces that stand once in each, then
by single pieces that do; then what is left between, where it is short and much the same, by its characters. This is
done from the front and from the back, and only what both find is kept: of two equal words one of which is new, neither
is claimed.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

PIECE = re.compile(r"\w+|\s+|[^\w\s]")
RUN = 8
"""Pieces of the runs that are looked for first; it decides speed and steadiness, not what can be found."""
CHARACTERS = 32
"""Characters of the runs that are looked for where pieces do not help."""
AREA = 250_000
"""Pairs of characters that are compared one by one, at most; a longer stretch without anchors counts as rewritten."""

CLOSE = 0.6
"""Share of equal characters above which a stretch is an edited form of another, as difflib's documentation says."""


class Block(NamedTuple):
    """A stretch of characters that stands in both texts."""

    old: int
    new: int
    length: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """What two forms of a text have in common. Make it with `align`."""

    blocks: tuple[Block, ...]
    """In order, in both texts; none touches the next in both."""
    new_length: int

    def carried(self, start: int, end: int) -> int | None:
        """Where the characters `start` to `end` of the old text start in the new one; None where they do not stand."""
        i = bisect_right(self.blocks, start, key=lambda block: block.old) - 1
        if i < 0 or end > self.blocks[i].old + self.blocks[i].length:
            return None
        return self.blocks[i].new + start - self.blocks[i].old

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the new text that stands where `start` to `end` stood: empty where nothing came instead."""
        before = bisect_right(self.blocks, start, key=lambda block: block.old) - 1
        after = bisect_left(self.blocks, end, key=lambda block: block.old + block.length)
        left, right = 0, self.new_length
        if before >= 0:
            block = self.blocks[before]
            left = block.new + min(start - block.old, block.length)
        if after < len(self.blocks):
            block = self.blocks[after]
            right = block.new + max(end - block.old, 0)
        return left, right


def align(old: str, new: str) -> Alignment:
    """Align two forms of a text.

    Args:
        old: The earlier form.
        new: The later form.

    Returns:
        The stretches that stand in both, each where it stands without doubt. Between two rewritten stretches that are
        both as long as it or longer, a stretch is taken for chance unless it stands once in each text.

    Source:
        Anchors as in Bram Cohen's patience diff; small matches between large edits as in N. Fraser's
        diff-match-patch ("semantic cleanup").
    """
    forward = _blocks(old, new)
    backward = [
        Block(len(old) - block.old - block.length, len(new) - block.new - block.length, block.length)
        for block in reversed(_blocks(old[::-1], new[::-1]))
    ]
    return Alignment(tuple(_merged(_agreed(forward, backward))), len(new))


def _blocks(old: str, new: str) -> list[Block]:
    """The stretches found from the front."""
    found = _without_chance(old, new, list(_merged(sorted(_by_pieces(old, new)))))
    edges = [Block(0, 0, 0), *found, Block(len(old), len(new), 0)]
    for one, next_ in itertools.pairwise(edges):
        gap = Stretch(one.old + one.length, next_.old, one.new + one.length, next_.new)
        found.extend(_by_characters(old, new, gap))
    return list(_merged(sorted(found)))


def _by_pieces(old: str, new: str) -> Iterator[Block]:
    a, b = tuple(PIECE.findall(old)), tuple(PIECE.findall(new))
    a_at, b_at = ([0, *itertools.accumulate(map(len, pieces))] for pieces in (a, b))
    for found in _common(a, b, (RUN, 1)):
        if found.equal:
            yield Block(a_at[found.a0], b_at[found.b0], a_at[found.a1] - a_at[found.a0])


def _by_characters(old: str, new: str, gap: Stretch) -> Iterator[Block]:
    """What is left of a stretch that was edited within its words; of one that was rewritten, its equal ends."""
    for found in _common(old[gap.a0 : gap.a1], new[gap.b0 : gap.b1], (CHARACTERS,)):
        o0, n0 = gap.a0 + found.a0, gap.b0 + found.b0
        a, b = old[o0 : gap.a0 + found.a1], new[n0 : gap.b0 + found.b1]
        if found.equal:
            yield Block(o0, n0, len(a))
        elif len(a) * len(b) <= AREA:
            matcher = SequenceMatcher(None, a, b, autojunk=False)
            if matcher.ratio() > CLOSE:
                yield from (Block(o0 + i, n0 + j, n) for i, j, n in matcher.get_matching_blocks())


class Stretch(NamedTuple):
    """A stretch of two sequences: equal in both, or nothing known of it."""

    a0: int
    a1: int
    b0: int
    b1: int
    equal: bool = False


def _common(a: Sequence[str], b: Sequence[str], sizes: Sequence[int]) -> Iterator[Stretch]:
    """What two sequences share at their ends and around the anchors between them, and the gaps that remain."""
    todo = [(Stretch(0, len(a), 0, len(b)), 0)]
    while todo:
        (a0, a1, b0, b1, _), level = todo.pop()
        n = _n_equal(a, b, range(a0, a1), range(b0, b1))
        yield Stretch(a0, a0 + n, b0, b0 + n, equal=True)
        a0, b0 = a0 + n, b0 + n
        n = _n_equal(a, b, range(a1 - 1, a0 - 1, -1), range(b1 - 1, b0 - 1, -1))
        yield Stretch(a1 - n, a1, b1 - n, b1, equal=True)
        a1, b1 = a1 - n, b1 - n
        if a0 == a1 or b0 == b1:
            continue
        if level == len(sizes):
            yield Stretch(a0, a1, b0, b1)
            continue
        anchors = _anchors(a[a0:a1], b[b0:b1], sizes[level])
        # Each anchor opens the next gap, whose common beginning it is.
        edges = [(a0, b0), *((a0 + i, b0 + j) for i, j in anchors), (a1, b1)]
        gaps = [Stretch(i, k, j, m) for (i, j), (k, m) in itertools.pairwise(edges)]
        todo += [(gap, level if anchors else level + 1) for gap in gaps]


def _n_equal(a: Sequence[str], b: Sequence[str], a_order: Iterable[int], b_order: Iterable[int]) -> int:
    """How many pieces are equal before the first that is not, in the given orders."""
    n = 0
    for i, j in zip(a_order, b_order, strict=False):
        if a[i] != b[j]:
            break
        n += 1
    return n


def _anchors(a: Sequence[str], b: Sequence[str], size: int) -> list[tuple[int, int]]:
    """The runs of pieces that stand once in each, as many as follow each other in the same order in both."""
    b_once = _once(b, size)
    pairs = [(i, b_once[run]) for run, i in _once(a, size).items() if run in b_once]
    # The longest increasing sequence: a pile holds pairs by their second place, each above the top of the pile before.
    tops: list[int] = []
    at_top: list[int] = []
    below: list[int] = []
    for number, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        below.append(at_top[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            at_top.append(number)
        else:
            tops[pile], at_top[pile] = j, number
    chosen = []
    number = at_top[-1] if at_top else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = below[number]
    return chosen[::-1]


def _once(pieces: Sequence[str], size: int) -> dict[Sequence[str], int]:
    """The runs of `size` pieces that stand once, in order, with their places."""
    places: dict[Sequence[str], int] = {}
    again = set()
    for i in range(len(pieces) - size + 1):
        run = pieces[i : i + size]
        if run in places:
            again.add(run)
        places[run] = i
    return {run: i for run, i in places.items() if run not in again}


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks without empty ones, each joined to those that continue it."""
    last = Block(0, 0, 0)
    for block in blocks:
        if not block.length:
            continue
        if (last.old + last.length, last.new + last.length) == (block.old, block.new):
            last = Block(last.old, last.new, last.length + block.length)
        else:
            if last.length:
                yield last
            last = block
    if last.length:
        yield last


def _without_chance(old: str, new: str, blocks: list[Block]) -> list[Block]:
    """The blocks without those that two rewritten stretches have in common by chance."""
    kept: list[Block] = []
    for block in [*blocks, Block(len(old), len(new), 0)]:
        while kept and _is_chance(old, new, kept, block):
            kept.pop()
        kept.append(block)
    return kept[:-1]


def _is_chance(old: str, new: str, kept: list[Block], after: Block) -> bool:
    block, before = kept[-1], kept[-2] if len(kept) > 1 else Block(0, 0, 0)
    if block.length > min(_rewritten(before, block), _rewritten(block, after)):
        return False
    words = old[block.old : block.old + block.length]
    return not (old.find(words) == old.rfind(words) and new.find(words) == new.rfind(words))


def _rewritten(one: Block, next_: Block) -> int:
    """How many characters between two blocks were exchanged for others; none where some were only added or taken."""
    return min(next_.old - one.old - one.length, next_.new - one.new - one.length)


def _agreed(forward: Sequence[Block], backward: Sequence[Block]) -> Iterator[Block]:
    """What two lists of blocks say alike of each character."""
    i = j = 0
    while i < len(forward) and j < len(backward):
        one, other = forward[i], backward[j]
        start = max(one.old, other.old)
        end = min(one.old + one.length, other.old + other.length)
        if start < end and one.new - one.old == other.new - other.old:
            yield Block(start, start + one.new - one.old, end - start)
        if one.old + one.length <= other.old + other.length:
            i += 1
        else:
            j += 1
