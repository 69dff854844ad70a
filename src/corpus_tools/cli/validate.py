"""corpus-tools validate: check a corpus folder."""

from __future__ import annotations

import argparse
import sys

from corpus_tools.cli.common import Commands, add_folder, folder_of, print_findings


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("validate", help="check a corpus folder against numbered rules")
    add_folder(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--select", default="", metavar="CODE", help="only the rules whose code begins so, such as E2")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; exit code 1 where there are any, 2 for an unknown rule."""
    from corpus_tools.errors import UnknownNameError
    from corpus_tools.validate import find_rules, validate

    try:
        rules = find_rules(arguments.select)
    except UnknownNameError as problem:
        print(f"corpus-tools validate: {problem}", file=sys.stderr)
        return 2
    folder = folder_of(arguments)
    found = validate(folder, select=arguments.select)
    return print_findings(found, as_json=arguments.json, sound=f"{folder}: sound; {len(rules)} rules hold")
