"""Answers that stand in the rows they answer, in tables of JSON: `{"text": ..., "replies": [{"text": ...}]}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.parts.table_names import plain

ABOVE = "\0above"
"""The column that says what the row above is called: its id, or its place where it has none."""
_ANSWERS = ("replies", "reply", "answers", "responses", "children", "sub_comments", "subcomments")

Numbered = tuple[int | str, dict[str, Any]]
"""A row with its number, or with the path from the number of the row above."""


@dataclass(frozen=True, slots=True)
class Nesting:
    """The columns that matter where rows stand in rows."""

    text: str
    id: str | None
    shared: tuple[str, ...]
    """Those that an answer has from the row above where it has none of its own, such as that of the thread."""


def inside_of(value: dict[str, Any], name: str) -> Any:
    """What a key leads to, or a path of keys: `user.name` is the `name` in the object `user`."""
    if name in value:
        return value[name]
    found: Any = value
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def answers_in(value: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Keys that are called as answers are -> the objects listed there."""
    return {
        key: [one for one in listed if isinstance(one, dict)]
        for key, listed in value.items()
        if isinstance(listed, list) and plain(key) in _ANSWERS
    }


def unnested(found: Iterable[Numbered], nesting: Nesting, place: str, losses: Losses) -> Iterator[Numbered]:
    """Each row, and behind it the answers that stand in it; other objects listed in a row are counted."""
    shared = {name.partition(".")[0] for name in nesting.shared}
    for first in found:
        rest: list[Numbered] = [first]
        while rest:
            number, value = rest.pop()
            yield number, value
            own = inside_of(value, nesting.id) if nesting.id is not None else None
            called = str(own) if isinstance(own, (str, int, float)) and own != "" else f"{place}{number}"
            from_above = {key: value[key] for key in shared if key in value} | {ABOVE: called}
            answers: list[Numbered] = []
            held = {key: inside for key, inside in answers_in(value).items() if any(nesting.text in x for x in inside)}
            for key, inside in held.items():
                answers += ((f"{number}/{key}/{i}", from_above | one) for i, one in enumerate(inside))
            for key, listed in value.items():
                if isinstance(listed, list) and key not in held:
                    n = sum(isinstance(one, dict) for one in listed)
                    losses.add("lost", f"objects listed in rows under {key!r}", n)
            rest.extend(reversed(answers))
