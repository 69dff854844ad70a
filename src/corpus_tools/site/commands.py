"""The command line as a page, read off its parser."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator

from corpus_tools.site.markdown import code, listing, markdown_table, plain

WIDTH = 88
"""Characters of a line of usage."""


def commands_page() -> str:
    """Every command with its usage, arguments and options."""
    # The command line stands above everything, so nothing may import it; here it is what is described.
    parser: argparse.ArgumentParser = importlib.import_module("corpus_tools.cli").parser()
    return "\n\n".join(_page(parser)) + "\n"


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield "# Command line"
    yield plain(parser.description or "")
    yield (
        "Data goes to the standard output, messages and progress to standard error. The exit code is 0 where all is "
        "well, 1 for findings or an error, 2 for wrong usage."
    )
    yield from _arguments(parser)
    for help_, command in _commands(parser):
        yield from _command(help_, command, level=2)


def _command(help_: str, parser: argparse.ArgumentParser, *, level: int) -> Iterator[str]:
    name = parser.prog.removeprefix("corpus-tools ")
    yield f"({'-'.join(('command', *name.split()))})=\n{'#' * level} {code(name)}"
    yield _sentence(help_)
    yield listing("text", _usage(parser))
    yield from _arguments(parser)
    for below, command in _commands(parser):
        yield from _command(below, command, level=level + 1)


def _sentence(text: str) -> str:
    words = plain(text)
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


# argparse has no public names for what a parser takes; those used from here on have stood since its beginning.
def _usage(parser: argparse.ArgumentParser) -> str:
    formatter = argparse.HelpFormatter(parser.prog, width=WIDTH)
    formatter.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups)
    return formatter.format_help()


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The commands below a parser, each with the line that says what it does."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for listed in action._choices_actions:
                yield listed.help or "", action.choices[listed.dest]


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    formatter = argparse.HelpFormatter(parser.prog)
    shown = [action for action in parser._actions if not isinstance(action, argparse._SubParsersAction)]
    rows = [
        (
            code(formatter._format_action_invocation(action)),
            plain(formatter._expand_help(action)) if action.help else "",
        )
        for action in shown
        if action.help != argparse.SUPPRESS and action.dest != "help"
    ]
    if rows:
        yield markdown_table(("argument", "meaning"), rows)
