"""corpus-tools describe: every table of the study, of a collection of any size."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from corpus_tools.cli.common import Commands, pairs

if TYPE_CHECKING:
    from tqdm import tqdm


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "describe",
        help="count, compare and measure a collection of any size",
        description="Write every table of the study as Parquet and CSV, and a summary with charts: of corpus folders, "
        "of Parquet, JSONL, CSV or TSV files, or of a dataset of the Hugging Face Hub, which is streamed. The folder "
        "of tables is written beside its place and moved there when it is whole.",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a corpus folder, a file, or hf:owner/name or hf:owner/name:split"
    )
    parser.add_argument("--out", type=Path, default=Path("describe"), help="the folder of tables (default: describe)")
    parser.add_argument(
        "--by",
        default="author_id",
        metavar="COLUMN",
        help="whose shares are measured, and over what words are spread (default: author_id)",
    )
    parser.add_argument(
        "--map",
        type=pairs,
        default={},
        metavar="OURS=THEIRS,...",
        dest="mapping",
        help="which column is which, such as text=body,author_id=user,parent_id=reply_to",
    )
    parser.add_argument(
        "--target",
        type=_target,
        default=("kind", "comment"),
        metavar="COLUMN=VALUE",
        help="the texts whose words are compared with those of all others (default: kind=comment)",
    )
    parser.add_argument(
        "--minimum",
        type=int,
        default=5,
        metavar="N",
        help="how often a word must occur to be compared, or measured in its spread (default: 5)",
    )
    parser.add_argument(
        "--pairs", type=int, default=5, metavar="N", help="how often a pair of words must occur (default: 5)"
    )
    parser.add_argument(
        "--engine",
        choices=("auto", "streaming", "spark"),
        default="auto",
        help="this machine, or Apache Spark (default: Spark in a running session of it, else this machine)",
    )
    parser.set_defaults(run=run)


def _target(given: str) -> tuple[str, str]:
    column, equals, value = given.partition("=")
    if not (column and equals):
        raise argparse.ArgumentTypeError(f"{given!r} is no pair such as kind=comment")
    return column, value


def run(arguments: argparse.Namespace) -> int:
    """Describe, and say what was written."""
    from corpus_tools.describe import Choices, describe

    choices = Choices(arguments.by, arguments.target, arguments.minimum, arguments.pairs)
    progress = _Progress()
    try:
        described = describe(
            *arguments.sources,
            out=arguments.out,
            choices=choices,
            mapping=arguments.mapping,
            engine=arguments.engine,
            told=progress,
        )
    finally:
        progress.close()
    tables = described.record["tables"]
    width = max(map(len, tables))
    for name, about in tables.items():
        print(f"{name:{width}}  {about['rows']:>12,} rows")
    print(f"{described.record['n_texts']:,} texts described in {described.folder}; look at summary.html there")
    return 0


class _Progress:
    """A bar for each step, with rate and remaining time; nothing where nobody looks."""

    def __init__(self) -> None:
        self._step = ""
        self._bar: tqdm[NoReturn] | None = None

    def __call__(self, step: str, more: int, total: int | None) -> None:
        from tqdm import tqdm

        if step != self._step:
            self.close()
            self._step = step
            unit = step.rpartition(" ")[2].removesuffix("s")
            self._bar = tqdm(
                desc=step, total=total, unit=unit, unit_scale=True, disable=not sys.stderr.isatty(), file=sys.stderr
            )
        if self._bar is not None:
            self._bar.update(more)

    def close(self) -> None:
        """End the last bar."""
        if self._bar is not None:
            self._bar.close()
