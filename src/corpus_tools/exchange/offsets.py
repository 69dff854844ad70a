"""Places in code points and in UTF-16 units, as browsers and UIMA count."""

from __future__ import annotations

from bisect import bisect_left


class Utf16:
    """One text, whose code points beyond U+FFFF are two units each in UTF-16.

    The methods take and give numbers from 0 to the length of the text; its end is a place too.
    """

    def __init__(self, text: str) -> None:
        self._wide = [place for place, character in enumerate(text) if ord(character) > 0xFFFF]
        # Behind the nth of them, places are n further on.
        self._units = [place + number for number, place in enumerate(self._wide)]

    def to_units(self, place: int) -> int:
        """The place in UTF-16 units of a place in code points."""
        return place + bisect_left(self._wide, place)

    def to_points(self, unit: int) -> int:
        """The place in code points of a place in UTF-16 units.

        Raises:
            ValueError: If it lies between the two units of one code point.
        """
        before = bisect_left(self._units, unit)
        if before and self._units[before - 1] + 1 == unit:
            raise ValueError(f"place {unit} lies inside a character that is two units in UTF-16")
        return unit - before
