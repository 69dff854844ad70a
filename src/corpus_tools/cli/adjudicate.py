"""corpus-tools adjudicate: decide where passes differ, and write gold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tools.cli.annotate import add_who
from corpus_tools.cli.common import Commands, add_folder, folder_of

if TYPE_CHECKING:
    from corpus_tools.annotate import Adjudication, Decision, Difference


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "adjudicate",
        help="decide where passes over a layer differ, and write gold",
        description="Shows the differences of a layer one by one, asks for decision and reason, and writes gold when "
        "all are decided. Decisions are kept in a CSV file as they are taken, so that the work can be interrupted. "
        "Where nobody sits at a terminal, the file is written to be filled in, and read when the command runs again.",
    )
    parser.add_argument("layer", metavar="LAYER", help="the layer")
    add_folder(parser)
    parser.add_argument(
        "--decisions", type=Path, metavar="FILE", help="the file of decisions (default: LAYER.decisions.csv here)"
    )
    add_who(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask, and write gold when all is decided; exit code 1 while something is not."""
    from corpus_tools.annotate import Adjudication
    from corpus_tools.errors import counted

    work = Adjudication(folder_of(arguments), arguments.layer)
    kind = work.kind(arguments.kind)
    sheet: Path = arguments.decisions or Path(f"{arguments.layer}.decisions.csv")
    decisions = work.read_sheet(sheet) if sheet.is_file() else {}
    if sys.stdin.isatty() and sys.stdout.isatty():
        _ask(work, sheet, decisions)
    left = len(work.differences) - len(decisions)
    if left:
        work.write_sheet(sheet, decisions)
        print(sheet)
        print(
            f"{counted(left, 'difference')} of {len(work.differences)} left to decide: fill in decision (an annotator, "
            "a label or 'no row') and reason, and run this again",
            file=sys.stderr,
        )
        return 1
    files, gold = work.write_gold(
        decisions,
        kind=kind,
        name=arguments.name or "adjudication",
        description=arguments.description or "Compared the passes and decided where they differ.",
        date=arguments.date,
    )
    for file in files:
        print(file)
    for unit in gold.left_out:
        print(f"left out, since what it stands at is not in gold: {unit}", file=sys.stderr)
    return 0


def _ask(work: Adjudication, sheet: Path, decisions: dict[Difference, Decision]) -> None:
    """Ask for each open decision; what was decided is in the file before the next is asked for."""
    from corpus_tools.annotate import Decision

    for number, difference in enumerate(work.differences, start=1):
        if difference in decisions:
            continue
        print(f"\n{number} of {len(work.differences)}: {difference.table} {difference.place}\n  {difference.quote}")
        for place, version in enumerate(difference.versions, start=1):
            print(f"  [{place}] {version}  ({', '.join(version.annotators)})")
        try:
            chosen = _choice(difference, work.choices(difference))
            reason = "" if chosen else "stopped"
            while not reason:
                reason = input("reason: ").strip()
        except EOFError:
            return
        if chosen is None:
            return
        decisions[difference] = Decision(chosen, reason)
        work.write_sheet(sheet, decisions)


def _choice(difference: Difference, allowed: Sequence[str]) -> str | None:
    """What was typed, as a decision: that of a number, or one of what is allowed; None to stop."""
    from corpus_tools.annotate.adjudication import NONE

    versions = enumerate(difference.versions, start=1)
    numbers = {"0": NONE, **{str(place): version.annotators[0] for place, version in versions}}
    while True:
        given = input("number, label, 0 for no row, or q to stop: ").strip()
        if given == "q":
            return None
        given = numbers.get(given, given)
        if given in allowed:
            return given
        print(f"  there are {', '.join([*numbers, *allowed])}")
