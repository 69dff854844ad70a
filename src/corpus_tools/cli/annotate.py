"""corpus-tools annotate: give layers out to be annotated in another tool, and add what was made there."""

from __future__ import annotations

import argparse
import datetime
import shlex
import sys
from pathlib import Path

from corpus_tools.cli.common import Commands, folder_of, names

_TOOLS = ("inception", "webanno-tsv", "brat", "label-studio", "csv")
"""The names of `annotate.TOOLS`, which would import too much for a parser."""
KINDS = ("human expert", "human crowd", "language model", "rule")


def register(commands: Commands) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("annotate", help="annotate layers in another tool, and bring the work back as a pass")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write layers for a tool, with their labels as its configuration")
    export.add_argument("layers", nargs="+", metavar="LAYER", help="the layers to be annotated")
    export.add_argument("--to", required=True, choices=_TOOLS, metavar="TOOL", help=f"one of {', '.join(_TOOLS)}")
    export.add_argument("--out", required=True, type=Path, metavar="OUT", help="the folder to be made")
    export.add_argument(
        "--from",
        dest="start",
        metavar="ANNOTATOR",
        help="begin with the rows of gold or of a pass (default: with none)",
    )
    _add_corpus(export)
    export.set_defaults(run=run_export)
    bring = actions.add_parser("import", help="add what was annotated as a pass of its own")
    bring.add_argument("task", type=Path, metavar="TASK", help="the exported folder, with the tool's files in it")
    bring.add_argument("--annotator", required=True, metavar="ID", help="id of the annotator")
    add_who(bring)
    bring.add_argument(
        "--texts",
        type=names,
        metavar="TEXT,...",
        help="the texts gone through (default: all of the task)",
    )
    # A pass is written into it, so it must be named: the shipped one may lie among installed packages.
    bring.add_argument("--corpus", dest="folder", type=Path, required=True, metavar="FOLDER", help="the corpus folder")
    bring.set_defaults(run=run_import)


def add_who(parser: argparse.ArgumentParser) -> None:
    """The options that say who annotated or decided, how and when."""
    parser.add_argument(
        "--kind", choices=KINDS, help=f"what annotates (default: what the corpus says already, or {KINDS[0]})"
    )
    parser.add_argument("--name", metavar="NAME", help="the name that the corpus is to give (default: the id)")
    parser.add_argument("--description", metavar="WORDS", help="how it was done, in a sentence")
    parser.add_argument("--date", type=datetime.date.fromisoformat, metavar="DATE", help="its day (default: today)")


def run_export(arguments: argparse.Namespace) -> int:
    """Write the task; files to stdout, what the tool cannot show to stderr."""
    from corpus_tools.annotate import export_task

    made = export_task(folder_of(arguments), arguments.layers, arguments.out, to=arguments.to, start=arguments.start)
    for file in made.files:
        print(made.path / file)
    for sentence in made.left_out:
        print(f"not carried: {sentence}", file=sys.stderr)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Add the pass; files to stdout, numbers of rows to stderr."""
    from corpus_tools.annotate import import_task
    from corpus_tools.errors import counted

    folder = folder_of(arguments)
    made = import_task(
        folder,
        arguments.task,
        annotator_id=arguments.annotator,
        kind=arguments.kind,
        name=arguments.name or arguments.annotator,
        description=arguments.description or f"Annotated in another tool by {arguments.annotator}.",
        date=arguments.date,
        texts=arguments.texts,
    )
    for file in made.files:
        print(file)
    for sentence in made.left_out:
        print(f"left out: {sentence}", file=sys.stderr)
    numbers = ", ".join(f"{counted(n, 'row')} of {table}" for table, n in made.n_rows.items())
    print(f"{numbers}; check them: corpus-tools validate {shlex.quote(str(folder))}", file=sys.stderr)
    return 0


def _add_corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--corpus", dest="folder", type=Path, metavar="FOLDER", help="a corpus folder (default: the shipped corpus)"
    )
