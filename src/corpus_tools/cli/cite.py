"""corpus-tools cite: how to cite a corpus, its layers and a passage."""

from __future__ import annotations

import argparse

from corpus_tools.cli.common import Commands, add_folder, add_modules, folder_of


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("cite", help="cite a corpus, the sources of its layers, or a passage")
    add_folder(parser)
    # The formats by name: their module would have to be imported for the list.
    parser.add_argument("--format", choices=("apa", "bibtex", "csl", "ris"), default="apa", help="default: apa")
    parser.add_argument("--release", metavar="VERSION", help="a released version, or draft (default: the newest)")
    parser.add_argument("--layers", metavar="A,B", help="the layers used, or all: adds the publications they follow")
    parser.add_argument(
        "--passage",
        metavar="PLACE",
        help="a text, such as c4, a stretch, c4:12-80, or the id of a unit; "
        "offsets are code points, from 0, end-exclusive",
    )
    add_modules(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the citation."""
    from corpus_tools.corpus import load

    corpus = load(folder_of(arguments), arguments.release, modules=arguments.modules)
    layers = arguments.layers
    if layers not in (None, "all"):
        layers = [name.strip() for name in layers.split(",")]
    print(corpus.cite(arguments.format, layers=layers, passage=arguments.passage))
    return 0
