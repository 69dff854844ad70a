"""corpus-tools ingest: read a thread into a corpus folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpus_tools.cli.common import Commands


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("ingest", help="read a pasted thread into a corpus folder")
    parser.add_argument(
        "source",
        type=Path,
        metavar="PATH",
        help="UTF-8 text: the article, then each comment under a line 'NAME said...'",
    )
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="the corpus folder")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the thread and say what was found."""
    from corpus_tools.ingest import ingest

    print(ingest(arguments.source, into=arguments.into))
    return 0
