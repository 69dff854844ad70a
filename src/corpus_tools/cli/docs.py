"""corpus-tools docs: build the documentation of a corpus as a site."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from corpus_tools.cli.common import Commands, add_folder


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("docs", help="build the documentation as a site that needs no network")
    add_folder(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("build/site"),
        metavar="DIR",
        help="where the site goes; what else is there is never touched (default: %(default)s)",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="a report of reproduce, to be part of the site")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Build the site and say where it begins."""
    from tqdm import tqdm

    from corpus_tools.site import build

    with ExitStack() as bars:
        shown: dict[str, tqdm[NoReturn]] = {}

        def progress(step: str, page: int, n_pages: int) -> None:
            if step not in shown:
                bars.close()
                bar = tqdm(total=n_pages, desc=step, unit="page", disable=not sys.stderr.isatty(), file=sys.stderr)
                shown[step] = bars.enter_context(bar)
            shown[step].update(page - shown[step].n)

        site = build(arguments.folder, arguments.out, report=arguments.report, progress=progress)
    print(f"{site.corpus.metadata.title} {site.corpus.version}: {site.start}")
    return 0
