"""corpus-tools resolve: from a reference back to the passage."""

from __future__ import annotations

import argparse

from corpus_tools.cli.common import Commands, add_folder, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("resolve", help="show the passage that a reference in a citation names")
    parser.add_argument(
        "reference",
        metavar="REFERENCE",
        help="such as corpus@1.0.0:c4:12-80~1a2b3c4d, or c4:12-80; offsets are code points, from 0, end-exclusive",
    )
    add_folder(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the passage: its reference, where it stands, and its characters."""
    import dataclasses
    import json

    from corpus_tools.passages import resolve

    passage = resolve(arguments.reference, folder=folder_of(arguments))
    if arguments.json:
        found = {**dataclasses.asdict(passage), "reference": passage.reference}
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    print(passage.reference)
    print(f"{passage.corpus} {passage.version}, {passage.where}")
    print(passage.quote)
    return 0
