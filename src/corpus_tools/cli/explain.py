"""corpus-tools explain: the page of a rule."""

from __future__ import annotations

import argparse
import sys

from corpus_tools.cli.common import Commands


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("explain", help="say what a rule of validate means and how to mend a finding")
    parser.add_argument("code", nargs="?", metavar="CODE", help="the rule, such as E205 (default: list all)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the rule's page, or every rule on a line; exit code 2 for an unknown rule."""
    from corpus_tools.errors import UnknownNameError
    from corpus_tools.validate import explain, find_rules

    if arguments.code is None:
        for rule in find_rules(""):
            print(f"{rule.code}  {rule.severity:<7}  {rule.message}")
        return 0
    try:
        print(explain(arguments.code), end="")
    except UnknownNameError as problem:
        print(f"corpus-tools explain: {problem}", file=sys.stderr)
        return 2
    return 0
