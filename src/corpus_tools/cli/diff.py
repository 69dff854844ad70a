"""corpus-tools diff: what changed between two versions."""

from __future__ import annotations

import argparse

from corpus_tools.cli.common import Commands, add_folder, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("diff", help="what changed between two versions, label by label")
    for name, which in (("old", "the earlier"), ("new", "the later")):
        parser.add_argument(name, metavar=name.upper(), help=f"{which} version: a release, or draft")
    add_folder(parser)
    parser.add_argument("--layer", action="append", metavar="LAYER", help="only this layer; may be given several times")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--rows", action="store_true", help="every row and cell, and values in full")
    shown.add_argument("--json", action="store_true", help="print JSON")
    shown.add_argument("--changelog", action="store_true", help="what release will write into the changelog")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the differences; exit code 0 whether there are any or not."""
    import json

    from corpus_tools.history import asked_for, changelog_entry, diff, summary_lines

    found = diff(arguments.old, arguments.new, folder=folder_of(arguments))
    chosen = found.only(arguments.layer) if arguments.layer else found
    if arguments.json:
        # The version is asked for by the whole, whatever part of it is shown.
        whole = found.to_dict()
        asked = {name: whole[name] for name in ("step", "least_version", "reasons")}
        print(json.dumps({**chosen.to_dict(), **asked}, indent=2, ensure_ascii=False))
    elif arguments.changelog:
        print(changelog_entry(chosen), end="")
    else:
        print(*summary_lines(chosen, whole=arguments.rows), sep="\n")
        if found:
            print("", *asked_for(found, part=bool(arguments.layer)), sep="\n")
    return 0
