"""corpus-tools export: write a corpus in the format of another tool."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corpus_tools.cli.common import Commands, add_folder, add_modules, folder_of, names

_FORMATS = (
    *("conllu", "docbin", "tei", "convokit", "xmi", "webanno-tsv", "brat"),
    *("aif", "web-annotation", "stam", "sqlite", "duckdb", "csv"),
)
"""The names of `exchange.FORMATS`, which would import too much for a parser."""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("export", help="write a corpus in the format of another tool")
    parser.add_argument("format", metavar="FORMAT", choices=_FORMATS, help=f"one of {', '.join(_FORMATS)}")
    parser.add_argument("out", type=Path, metavar="OUT", help="the file or folder to be made")
    add_folder(parser)
    parser.add_argument("--release", metavar="VERSION", help="the release (default: the newest), or draft")
    parser.add_argument("--layers", type=names, metavar="LAYER,...", help="only these layers (default: all)")
    add_modules(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write it; files to stdout, what the format could not carry to stderr."""
    from corpus_tools.corpus import load

    corpus = load(folder_of(arguments), arguments.release, modules=arguments.modules)
    made = corpus.export(arguments.format, arguments.out, layers=arguments.layers)
    for file in made.files:
        print(made.path if made.path.is_file() else made.path / file)
    for sentence in made.left_out:
        print(f"not carried: {sentence}", file=sys.stderr)
    return 0
