"""corpus-tools pages: renew the pages that are generated."""

from __future__ import annotations

import argparse

from corpus_tools.cli.common import Commands, add_folder, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("pages", help="renew the dataset card, codebook, citation file and label tables")
    add_folder(parser)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a page is stale")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write or list the stale pages."""
    from corpus_tools.release import stale_pages, write_pages

    folder = folder_of(arguments)
    if arguments.check:
        stale = list(stale_pages(folder))
        for page in stale:
            print(f"stale: {page}")
        return 1 if stale else 0
    for page in write_pages(folder):
        print(f"written: {page}")
    return 0
