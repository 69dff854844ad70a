"""corpus-tools push: the releases of a corpus to the Hugging Face Hub."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from corpus_tools.cli.common import Commands, add_folder, folder_of

if TYPE_CHECKING:
    from corpus_tools.release import PushPlan


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("push", help="push the releases to a dataset of the Hugging Face Hub, each with a tag")
    parser.add_argument("repo_id", metavar="ORG/NAME", help="the dataset; it is made where it is not there yet")
    add_folder(parser)
    parser.add_argument("--private", action="store_true", help="make it a private dataset")
    parser.add_argument(
        "--revision", metavar="vX.Y.Z", help="one release only (default: every one that has no tag there yet)"
    )
    parser.add_argument("--dry-run", action="store_true", help="check everything, list every file, and stop")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Say what will be pushed, then push it."""
    from corpus_tools.release import carry_out, plan_push

    shown = sys.stderr.isatty()

    def progress(step: str) -> None:
        if shown:
            print(f"{step} ...", file=sys.stderr)

    if not shown:
        silence_client()
    progress("check")
    plan = plan_push(folder_of(arguments), arguments.repo_id, revision=arguments.revision, private=arguments.private)
    # Before the first byte goes: what becomes public, and under which terms.
    print(plan, flush=True)
    if arguments.dry_run:
        print_files(plan)
        return 0
    carry_out(plan, progress=progress)
    for step in plan.steps:
        print(f"pushed {step.tag}: {plan.url}/tree/{step.tag}")
    return 0


def print_files(plan: PushPlan) -> None:
    """Every file that would go or be removed."""
    for step in plan.steps:
        for path in step.uploads:
            print(f"{step.tag} + {path} ({step.image.files[path].size:,} bytes)")
        for path in step.removals:
            print(f"{step.tag} - {path}")


def silence_client() -> None:
    """No bars and no remarks of the Hub's client where nobody watches; it reads these when it is imported."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_VERBOSITY", "error")
