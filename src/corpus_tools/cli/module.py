"""corpus-tools module: make, check and bind an annotation module."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tools.cli.common import Commands, add_folder, folder_of, print_findings

if TYPE_CHECKING:
    from corpus_tools.modules import ModuleFolder


def register(commands: Commands) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("module", help="make, check and bind a module: layers over somebody else's corpus")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    new = actions.add_parser("new", help="write the beginnings of a module, to fill in")
    _add_path(new)
    new.add_argument("--layer", required=True, metavar="NAME", help="name of its layer")
    new.add_argument("--unit", required=True, choices=("span", "relation", "judgement"), help="what the layer marks")
    new.add_argument(
        "--kind",
        required=True,
        choices=("human expert", "human crowd", "language model", "rule"),
        help="what makes the first pass",
    )
    new.add_argument("--annotator", default="ann", metavar="ID", help="its id (default: ann)")
    new.add_argument(
        "--corpus", dest="folder", type=Path, metavar="FOLDER", help="a corpus folder (default: the shipped corpus)"
    )
    _add_release(new, "the release to annotate (default: the newest)")
    new.set_defaults(run=run_new)
    pages = actions.add_parser("pages", help="renew the label tables of its guidelines")
    _add_path(pages)
    add_folder(pages)
    _add_release(pages, "the release that it annotates (default: the newest)")
    pages.set_defaults(run=run_pages)
    check = actions.add_parser("check", help="check it against the numbered rules for layers")
    check.add_argument("path", metavar="PATH", help="the module's folder, or org/name@revision on the Hugging Face Hub")
    add_folder(check)
    _add_release(check, "the release to check it with (default: the newest that it is for)")
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.set_defaults(run=run_check)
    bind = actions.add_parser("bind", help="add a release that it is for, if texts are equal and rows hold")
    _add_path(bind)
    add_folder(bind)
    bind.add_argument("--release", required=True, metavar="VERSION", help="the release to add")
    bind.set_defaults(run=run_bind)


def run_new(arguments: argparse.Namespace) -> int:
    """Write a new module, and say what is to be filled in."""
    from corpus_tools.corpus import load
    from corpus_tools.modules import new_module
    from corpus_tools.modules.new import PLACEHOLDER

    corpus = load(folder_of(arguments), arguments.release)
    source = new_module(
        arguments.path,
        corpus,
        layer=arguments.layer,
        unit=arguments.unit,
        kind=arguments.kind,
        annotator=arguments.annotator,
    )
    _write_pages(source)
    for file in sorted(path for path in source.path.rglob("*") if path.is_file()):
        print(file)
    path = shlex.quote(str(source.path))
    print(
        f"replace what begins with {PLACEHOLDER.strip()} (corpus-tools module check {path} lists it), then renew the "
        f"guideline (corpus-tools module pages {path}); add the rows, and the texts gone through to [[passes]]",
        file=sys.stderr,
    )
    return 0


def run_pages(arguments: argparse.Namespace) -> int:
    """Renew the label tables of the guidelines."""
    from corpus_tools.corpus import load
    from corpus_tools.modules import ModuleFolder

    corpus = load(folder_of(arguments), arguments.release)
    for path in _write_pages(ModuleFolder(arguments.path, corpus)):
        print(path)
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Print the findings; exit code 1 where there are any."""
    from corpus_tools.errors import listed
    from corpus_tools.validate import check_module, releases_of

    there, lacking = releases_of(arguments.path, arguments.folder)
    version = arguments.release or (there[-1] if there else None)
    found = check_module(arguments.path, arguments.folder, version)
    print(f"checked with release {version}", file=sys.stderr)
    if lacking:
        print(f"module.toml names releases that the corpus does not have: {listed(lacking)}", file=sys.stderr)
    return print_findings(found, as_json=arguments.json, sound=f"{arguments.path}: sound")


def run_bind(arguments: argparse.Namespace) -> int:
    """Add a release, unless the check finds errors."""
    from corpus_tools.modules import bind
    from corpus_tools.validate import Severity, check_module

    found = check_module(arguments.path, arguments.folder, arguments.release)
    if any(finding.severity is Severity.ERROR for finding in found):
        return print_findings(found)
    added = bind(arguments.path, arguments.release)
    print(f"{arguments.path}: {'now' if added else 'already'} for {arguments.release}", file=sys.stderr)
    return 0


def _add_path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="PATH", help="the folder of the module")


def _add_release(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--release", metavar="VERSION", help=what)


def _write_pages(source: ModuleFolder) -> list[Path]:
    from corpus_tools.files import write_all
    from corpus_tools.release.pages import guideline_page

    pages = {source.path / layer.guideline: guideline_page(source, layer) for layer in source.layers.values()}
    stale = {path: page for path, page in pages.items() if path.read_bytes() != page.encode()}
    write_all(stale)
    return list(stale)
