"""Cells that a spreadsheet would run as a formula, made harmless and made what they were again.

Source:
    OWASP, CSV Injection (owasp.org/www-community/attacks/CSV_Injection), for the characters that a formula begins with.
"""

from __future__ import annotations

import re

import polars as pl

MARK = "'"
"""What stands before a cell that was defused."""
RISKY = r"^(?:$|['=+\-@＝＋－＠\s\x00])"
"""How cells begin that are defused: as a formula does, in any width, behind white space too, which some programs skip;
or with the mark itself. An empty text gets it as well, and so is told from an empty cell.
"""
_RISKY = re.compile(RISKY)


def defused(cell: str) -> str:
    """The cell, behind an apostrophe where it would be run."""
    return MARK + cell if _RISKY.match(cell) else cell


def defused_cells(cells: pl.Expr) -> pl.Expr:
    """`defused` for a column."""
    return cells.str.replace(RISKY, MARK + "$0")


def restored(cell: str) -> str:
    """The cell as it was before `defused`; one that begins with an apostrophe of its own and was typed stays."""
    bare = cell.removeprefix(MARK)
    return bare if bare != cell and _RISKY.match(bare) else cell
