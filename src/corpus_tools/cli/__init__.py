"""The command line: arguments in, one library call, text and exit code out.

Exit code 0 means fine, 1 findings or an error of this package, 2 wrong usage. Data goes to stdout, messages and
progress to stderr. A command's module is imported for its parser; the libraries it needs only when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any

from corpus_tools.cli import (
    adjudicate,
    agree,
    annotate,
    cite,
    describe,
    diff,
    docs,
    explain,
    export,
    info,
    ingest,
    migrate,
    module,
    new,
    pages,
    push,
    release,
    reproduce,
    resolve,
    validate,
)
from corpus_tools.errors import CorpusError

COMMANDS = (
    info,
    cite,
    resolve,
    new,
    ingest,
    validate,
    explain,
    describe,
    annotate,
    adjudicate,
    agree,
    export,
    module,
    diff,
    migrate,
    release,
    pages,
    push,
    reproduce,
    docs,
)


class _Parser(argparse.ArgumentParser):
    """Takes arguments and options in any order: `diff A B --rows FOLDER` as well as `diff A B FOLDER --rows`."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        # What takes both in any order knows no subcommands, and parses by this method itself.
        if self._mixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def parser() -> argparse.ArgumentParser:
    """The parser of `corpus-tools` with every command."""
    made = _Parser(prog="corpus-tools", description="Load, check, release and reproduce article-and-comments corpora.")
    made.add_argument("--version", action="store_true", help="print the version of this package and stop")
    commands = made.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.register(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A finding quotes any text; a console that cannot show a character gets its escape, not an error.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    given = parser().parse_args(arguments)
    if given.version:
        import corpus_tools

        print(corpus_tools.__version__)
        return 0
    if not hasattr(given, "run"):
        parser().print_help(sys.stderr)
        return 2
    try:
        return int(given.run(given))
    except CorpusError as problem:
        print(f"corpus-tools: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of a pipe went away, as `head` does; that is no error, but Python would report it at exit.
        sys.stderr.close()
        return 0
    except OSError as problem:
        # A full disk, a folder that may not be written: nothing this package could know better than the system.
        print(f"corpus-tools: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("corpus-tools: interrupted", file=sys.stderr)
        return 130
