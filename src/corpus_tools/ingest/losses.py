"""What a reading left out, mended or could not find: nothing disappears silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

HEADINGS = {
    "dropped": "left out",
    "lost": "not carried over",
    "missing": "not in the source",
    "repaired": "mended",
    "doubtful": "to be looked at",
}
"""Category -> how a report heads it."""


class Losses:
    """Counts by category and reason.

    `dropped`: entries of the source that became no text. `lost`: what a text or thread had in the source and has no
    more, such as pictures. `missing`: what the corpus has a place for and the source does not say. `repaired`: bytes
    or markup that were not as they should be. `doubtful`: what was read one way and might be meant another.
    """

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {category: Counter() for category in HEADINGS}

    def add(self, category: str, reason: str, n: int = 1) -> None:
        """Count `n` more of something; a reason is a noun phrase in the plural, such as `images`."""
        if n:
            self._counts[category][reason] += n

    def total(self, category: str) -> int:
        """How many there are in a category."""
        return self._counts[category].total()

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Category -> reason -> number, the most frequent first; every category is there."""
        return {category: dict(counter.most_common()) for category, counter in self._counts.items()}

    def lines(self) -> Iterator[str]:
        """One line for each category that has something."""
        for category, counter in self._counts.items():
            if counter:
                yield f"{HEADINGS[category]}: " + "; ".join(f"{reason} ({n:,})" for reason, n in counter.most_common())
