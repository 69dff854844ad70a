"""How spans are told apart: each span a line of its own under the words, each layer a colour and a kind of line.

A span keeps one lane (`standoff.lanes`) over its whole length, the shorter ones nearer to the words, so that nested and
crossing spans can be followed from end to end.
"""

from __future__ import annotations

from importlib import resources

COLOURS = ("#1F6FD0", "#B03A00", "#00705A", "#6A1B6A", "#222222")
"""Colours of lines: they stay apart under the three colour-blindness simulations of Machado, Oliveira and Fernandes
(2009, IEEE Transactions on Visualization and Computer Graphics 15(6), 1291-1298), each above 4.5:1 on white."""
_KINDS = (
    "linear-gradient({0},{0})",
    "repeating-linear-gradient(90deg,{0} 0 7px,#0000 7px 10px)",
    "repeating-linear-gradient(90deg,{0} 0 2px,#0000 2px 5px)",
)
N_LINES = len(COLOURS) * len(_KINDS)
"""Kinds of line there are: every colour solid, then dashed, then dotted; after that they come round again."""

TINTS = ("#DCE9F5", "#FBEBCB", "#D7EFE5", "#F6E1EC", "#E2F1FB", "#FADFD0", "#E9E9E9", "#F7F3C6")
"""Grounds of labels: black text on them keeps a contrast above 12:1. Each label is a word too; colour repeats it."""

PITCH = 4
"""Pixels from one line to the next."""


def style() -> str:
    """The style sheet of the page, with the kinds of line as `--i0`, `--i1`, ..."""
    kinds = [kind.format(colour) for kind in _KINDS for colour in COLOURS]
    images = "".join(f"--i{number}:{image};" for number, image in enumerate(kinds))
    return resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8") + f".ct-thread{{{images}}}\n"
