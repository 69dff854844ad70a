"""corpus-tools release: freeze the hand-edited files as a version."""

from __future__ import annotations

import argparse
import sys

from corpus_tools.cli.common import Commands, add_folder, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "release",
        help="build a release from the hand-edited files; it never changes again",
        epilog="The version must be at least what the changes since the newest release ask for, as `corpus-tools diff "
        "NEWEST draft` says; they are written into CHANGELOG.md, under the notes that stand there as Unreleased.",
    )
    parser.add_argument("release", metavar="VERSION", help="the version in corpus.toml")
    add_folder(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the release and say what is in it."""
    from corpus_tools.release import release

    def progress(step: str) -> None:
        if sys.stderr.isatty():
            print(f"{step} ...", file=sys.stderr)

    made = release(folder_of(arguments), arguments.release, progress=progress)
    print(f"released {made.version} in {made.folder}")
    for name, n in made.n_rows.items():
        print(f"  {name}: {n} rows")
    print(f"content hash: {made.content_sha256}")
    for page in made.pages:
        print(f"written: {page}")
    for finding in made.warnings:
        print(f"released in spite of {finding}", file=sys.stderr)
    return 0
