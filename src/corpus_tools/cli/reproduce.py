"""corpus-tools reproduce: run the notebooks again and hold their tables to the published ones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus_tools.cli.common import Commands, add_folder, folder_of

if TYPE_CHECKING:
    from corpus_tools.reproduce.run import Progress


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("reproduce", help="run the notebooks and compare their tables with the published ones")
    add_folder(parser)
    parser.add_argument(
        "--notebooks",
        type=Path,
        metavar="DIR",
        help="their folder (default: notebooks in the corpus or beside it)",
    )
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("report.html"),
        metavar="FILE",
        help="where to write the report (default: %(default)s)",
    )
    parser.add_argument("--publish", action="store_true", help="write the tables as the published ones")
    parser.add_argument("--save", action="store_true", help="store the outputs of this run in the notebooks")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run everything; exit code 1 where a value differs."""
    from corpus_tools.errors import counted
    from corpus_tools.reproduce import reproduce

    with shown_progress() as progress:
        outcome = reproduce(
            folder_of(arguments),
            notebooks=arguments.notebooks,
            report=arguments.report,
            publish=arguments.publish,
            save=arguments.save,
            progress=progress,
        )
    for difference in outcome.differences:
        print(f"differs: {difference}")
    verb = "written" if arguments.publish else "reproduced"
    values = counted(outcome.n_values, "published value")
    places = f"{counted(outcome.n_tables, 'table')} of {counted(len(outcome.notebooks), 'notebook')}"
    print(f"{outcome.n_equal} of {values} in {places} {verb} in {outcome.seconds:.0f} s; report: {outcome.report}")
    return 1 if outcome.differences else 0


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A bar per notebook that counts its cells, on a terminal only."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(name: str, cell: int, n_cells: int) -> None:
        if name not in bars:
            bars[name] = tqdm(total=n_cells, desc=name, unit="cell", disable=not sys.stderr.isatty(), file=sys.stderr)
        # A cell that begins is not done yet; the bar is filled when the notebook ends.
        bars[name].update(cell - 1 - bars[name].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            if sys.exc_info()[0] is None:
                bar.update((bar.total or 0) - bar.n)
            bar.close()
