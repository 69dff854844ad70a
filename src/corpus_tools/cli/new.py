"""corpus-tools new: the beginnings of a corpus of one's own."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from corpus_tools.cli.common import Commands

OPTIONS = {
    "title": "its title",
    "summary": "what it holds, in a sentence",
    "description": "what it holds, in a few sentences",
    "creator": "who makes it: 'Family, Given', or the name of a group",
    "language": "language of the threads, a tag such as en (default: en)",
    "keywords": "keywords, with commas between them",
    "text_licence": "licence of the texts (default: none is granted)",
    "annotation_licence": "licence of the annotations (default: CC-BY-4.0)",
    "code_licence": "licence of the code (default: MIT)",
}
ASKED = ("title", "creator", "language", "summary")
"""What is asked for at a terminal, where it was not given."""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "new",
        help="write the beginnings of a corpus of your own",
        description="Write a folder with metadata to fill in, scheme files and notebooks, ready for `corpus-tools "
        "ingest`. At a terminal, what is not given is asked for; elsewhere a placeholder stands in its place.",
    )
    parser.add_argument("path", type=Path, metavar="FOLDER", help="a folder that is not there yet, or is empty")
    for name, what in OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=what)
    parser.add_argument(
        "--layers",
        default="structure",
        metavar="NAME,...",
        help="layers of the shipped corpus to take over with their guidelines (default: structure)",
    )
    parser.add_argument("--no-notebooks", action="store_true", help="write no notebooks")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write it, and say what comes next."""
    from corpus_tools.scaffold import new_corpus

    answers = {name: getattr(arguments, name) or "" for name in OPTIONS}
    if sys.stdin.isatty() and sys.stderr.isatty() and not arguments.yes:
        answers |= {name: _asked(name) for name in ASKED if not answers[name]}
    layers = [name.strip() for name in arguments.layers.split(",") if name.strip()]
    made = new_corpus(arguments.path, layers=layers, answers=answers, notebooks=not arguments.no_notebooks)
    folder = shlex.quote(str(arguments.path))
    left = (made / "corpus.toml").read_text(encoding="utf-8").count('"FILL IN: ')
    print(f"{arguments.path}: written; in corpus.toml {left} places wait for your words")
    print(f"next: corpus-tools ingest PATH --into {folder}")
    return 0


def _asked(name: str) -> str:
    from corpus_tools.scaffold import ANSWERS

    print(f"{ANSWERS[name]} (empty: later): ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
