"""Run the benchmark: progress to stderr, the table to stdout."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from corpus_tools.bench.harness import Reading, readings
from corpus_tools.bench.tasks import LARGE, SMALL, TASKS
from corpus_tools.bench.texts import Collection, build, collection
from corpus_tools.errors import CorpusError

SOURCE = "BENCH_TEXTS"
"""The environment variable that names a file of real texts, to be measured in place of generated ones."""


def parser() -> argparse.ArgumentParser:
    """The parser of `python -m corpus_tools.bench`."""
    made = argparse.ArgumentParser(prog="python -m corpus_tools.bench", description=__doc__)
    made.add_argument("--texts", type=int, default=SMALL, help="texts of the collection (default: %(default)s)")
    made.add_argument("--large", type=int, default=LARGE, help="texts of the large one; 0 for none (%(default)s)")
    made.add_argument("--runs", type=int, default=3, help="how often each contender runs (default: %(default)s)")
    made.add_argument("--tasks", nargs="+", choices=[task.name for task in TASKS], help="which tasks (default: all)")
    made.add_argument("--cache", type=Path, default=Path("build/bench"), help="where collections are kept")
    made.add_argument("--store", action="store_true", help="keep the table in the package, for `bench.stored`")
    made.add_argument("--build", nargs=2, metavar=("NAME", "TEXTS"), help=argparse.SUPPRESS)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit code."""
    given = parser().parse_args(arguments)
    source = Path(os.environ[SOURCE]) if os.environ.get(SOURCE) else None
    try:
        if given.build:
            name, n_texts = given.build
            build(given.cache, name, int(n_texts), source=source, progress=_told_texts(int(n_texts)))
            return 0
        rows: list[Reading] = []
        tasks = [task for task in TASKS if given.tasks is None or task.name in given.tasks]
        for n_texts, large in ((given.texts, False), (given.large, True)):
            chosen = [task for task in tasks if task.at_large] if large else tasks
            if n_texts and chosen:
                texts, card = _made(given.cache, n_texts, source)
                rows += readings(chosen, texts, card, runs=given.runs, large=large, told=_told)
    except CorpusError as problem:
        _told(f"bench: {problem}")
        return 1
    _show(rows, store=given.store, source=source)
    return 0


def _made(cache: Path, n_texts: int, source: Path | None) -> tuple[Collection, Path]:
    """The collection of so many texts, built in another process if need be: this one has to stay small."""
    name = f"{'texts' if source is None else source.stem}-{n_texts}"
    texts = collection(cache, name)
    if texts is None:
        _told(f"building {name}")
        command = [sys.executable, "-m", "corpus_tools.bench", "--cache", str(cache), "--build", name, str(n_texts)]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - ourselves
            raise CorpusError(f"the collection {name} could not be built; see above")
        texts = collection(cache, name)
    if texts is None:
        raise CorpusError(f"the collection {name} was built and is not there")
    return texts, cache / f"{name}.json"


def _show(rows: Sequence[Reading], *, store: bool, source: Path | None) -> None:
    from corpus_tools.bench import results

    about = results.machine()
    about["texts"] = "generated" if source is None else "real"
    frame = results.table(rows)
    if store:
        results.store(frame, about, Path(results.__file__).parent / "results")
    sys.stdout.write(results.markdown(frame) + "\n")
    sys.stdout.write(", ".join(f"{name} {value}" for name, value in about.items()) + "\n")


def _told(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


class _told_texts:  # noqa: N801 - used as a function
    """Tells how many of the texts are written, each 250,000."""

    def __init__(self, n_texts: int) -> None:
        self.n_texts, self.n_done = n_texts, 0

    def __call__(self, more: int) -> None:
        before, self.n_done = self.n_done, self.n_done + more
        if before // 250_000 != self.n_done // 250_000:
            _told(f"{self.n_done:,} of {self.n_texts:,} texts written")


if __name__ == "__main__":
    sys.exit(main())
