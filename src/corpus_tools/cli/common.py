"""What several commands share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from corpus_tools.validate import Finding

# argparse keeps the type of what `add_subparsers` returns private.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The optional argument FOLDER: a corpus, the shipped one where omitted."""
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="a corpus folder (default: the shipped corpus)"
    )


def add_modules(parser: argparse.ArgumentParser) -> None:
    """The option --module: modules to load with the corpus."""
    parser.add_argument(
        "--module",
        action="append",
        default=[],
        metavar="MODULE",
        dest="modules",
        help="load a module with it, a folder or org/name@v1.0.0 on the Hugging Face Hub; may be given several times",
    )


def names(given: str) -> list[str]:
    """The names of an option that takes several, comma separated."""
    return [name.strip() for name in given.split(",") if name.strip()]


def pairs(given: str) -> dict[str, str]:
    """The pairs of an option that takes `OURS=THEIRS,...`."""
    parted = [pair.partition("=") for pair in names(given)]
    for ours, equals, theirs in parted:
        if not (ours and equals and theirs):
            raise argparse.ArgumentTypeError(f"{ours + equals + theirs!r} is no pair such as text=body")
    return {ours.strip(): theirs.strip() for ours, _, theirs in parted}


def folder_of(arguments: argparse.Namespace) -> Path:
    """The corpus folder that was meant."""
    from corpus_tools.corpus import find_corpus

    given: Path | None = arguments.folder
    return given if given is not None else find_corpus()


def print_findings(found: Sequence[Finding], *, as_json: bool = False, sound: str = "") -> int:
    """Print findings, or `sound` where there are none; returns the exit code, 1 where there are any."""
    import dataclasses
    import json

    from corpus_tools.errors import counted

    if as_json:
        print(json.dumps([dataclasses.asdict(finding) for finding in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(str, found)) or sound)
    if found:
        codes = ", ".join(dict.fromkeys(finding.code for finding in found))
        print(
            f"{counted(len(found), 'finding')}; why, and how to mend: corpus-tools explain CODE ({codes})",
            file=sys.stderr,
        )
    return 1 if found else 0
