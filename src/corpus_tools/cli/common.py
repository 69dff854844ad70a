"""What several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

# argparse keeps the type of what `add_subparsers` returns private.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The optional argument FOLDER: a corpus, the shipped one where omitted."""
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="a corpus folder (default: the shipped corpus)"
    )


def folder_of(arguments: argparse.Namespace) -> Path:
    """The corpus folder that was meant."""
    from corpus_tools.corpus import find_corpus

    given: Path | None = arguments.folder
    return given if given is not None else find_corpus()
