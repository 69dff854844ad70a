"""corpus-tools ingest: read threads into a corpus folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus_tools.cli.common import Commands, names, pairs


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "ingest",
        help="read threads into a corpus folder",
        description="Read articles with their comments into a corpus folder: saved pages, exports, pasted text, "
        "tables. The form is recognised from the content. What was left out, and why, is printed and kept beside the "
        "source.",
    )
    parser.add_argument("sources", nargs="*", type=Path, metavar="PATH", help="a file (for convokit, a folder)")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="the corpus folder")
    parser.add_argument("--forms", action="store_true", help="list the forms that are read, and stop")
    parser.add_argument("--form", default="auto", metavar="FORM", help="the form of the files (default: auto)")
    parser.add_argument(
        "--keep",
        type=names,
        default=[],
        metavar="KIND,...",
        help="keep entries that are no comments, such as pingback,trackback,spam,deleted,removed,unapproved",
    )
    parser.add_argument(
        "--map",
        type=pairs,
        default={},
        metavar="OURS=THEIRS,...",
        dest="mapping",
        help="for tables: which column is which, such as text=body,author=user,parent=reply_to",
    )
    parser.add_argument("--zone", metavar="ZONE", help="the zone of times that name none, such as Europe/Berlin")
    parser.add_argument("--language", metavar="TAG", help="the language of the threads (default: that of the corpus)")
    parser.add_argument("--provenance", metavar="TEXT", help="where the files come from")
    parser.add_argument(
        "--pseudonymise",
        type=Path,
        metavar="KEYFILE",
        help="replace names, @mentions and links to profiles by pseudonyms made with this key, a file",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the threads and say what was found."""
    from corpus_tools.errors import IngestError
    from corpus_tools.ingest import ingest, readers

    if arguments.forms:
        print("\n".join(f"{form:20} {reader.title}" for form, reader in readers().items()))
        return 0
    if not arguments.sources or arguments.into is None:
        print("corpus-tools ingest: name at least one PATH, and the corpus with --into FOLDER", file=sys.stderr)
        return 2
    given = ("form", "keep", "mapping", "zone", "language", "provenance", "pseudonymise")
    options = {name: getattr(arguments, name) for name in given}
    refused = 0
    for source in arguments.sources:
        try:
            print(ingest(source, into=arguments.into, **options), flush=True)
        except IngestError as problem:
            # The others may be read all the same; each is read whole or not at all.
            print(f"corpus-tools: {problem}", file=sys.stderr)
            refused += 1
    return 1 if refused else 0
