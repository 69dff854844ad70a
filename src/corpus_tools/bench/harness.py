"""Runs contenders in turn, each in a new process, and notes their time and memory.

This module imports no library, and what imports it to measure should not either: on Linux the memory that a process is
said to have had at most is never below what the one that started it had.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus_tools.bench.tasks import BARE, WC, WORK, Contender, Task
from corpus_tools.bench.texts import Collection
from corpus_tools.errors import CorpusError

PLAIN = "C"
"""The locale that every system has: the yardstick. Whether `wc` is faster in it than in the other depends on its
version (GNU coreutils 9.1 is slower in it), so the table has the ratio to both."""
UTF8 = "C.UTF-8"


@dataclass(frozen=True, slots=True)
class Measured:
    """One process, from its start to its end."""

    seconds: float
    mb: float
    """Most memory that it had, in megabytes of 10^6 bytes."""
    output: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one contender took for one task in one run."""

    task: str
    who: str
    run: int
    large: bool
    n_texts: int
    sample: int | None
    seconds: float | None
    """Of all units, scaled where only a sample was done; None where it failed."""
    mb: float | None
    problem: str | None = None


class FailedError(CorpusError):
    """A process that was measured ended with an error."""


def measure(command: Sequence[str], *, locale: str | None = None) -> Measured:
    """Run a command and note its wall time and its memory.

    Raises:
        FailedError: If it ends with an exit code other than 0; the message is the last line that it wrote.
    """
    environment = dict(os.environ)
    if locale is not None:
        environment["LC_ALL"] = locale
    begun = time.perf_counter()
    # Messages go the way of the output, which is read to its end: a pipe that nobody reads would stop the process.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment) as process:  # noqa: S603
        output = process.stdout.read() if process.stdout else b""
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    text = output.decode("utf-8", errors="replace")
    if process.returncode:
        last = (text.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        raise FailedError(f"bench: {' '.join(command[:6])}: {last}")
    # Kibibytes on Linux, bytes on macOS.
    mb = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e6 / 1024)
    return Measured(seconds, mb, text)


def count_words(path: str, *, locale: str = PLAIN) -> tuple[int, Measured]:
    """The number of words that `wc -w` finds in a file, and what it took.

    Raises:
        FailedError: If there is no `wc`.
    """
    wc = shutil.which("wc")
    if wc is None:
        raise FailedError("bench: there is no wc on this machine, which all ratios are measured by")
    measured = measure([wc, "-w", path], locale=locale)
    return int(measured.output.split()[0]), measured


def wc_version() -> str | None:
    """Which `wc` there is, such as `wc (GNU coreutils) 9.1`; None where it does not say."""
    try:
        lines = measure(["wc", "--version"], locale=PLAIN).output.splitlines()
    except (FailedError, OSError):
        return None
    return lines[0] if lines else None


def present(task: Task) -> Iterator[Contender]:
    """Those who do a task whose library is installed."""
    for contender in task.contenders:
        if contender.needs is None or importlib.util.find_spec(contender.needs) is not None:
            yield contender


def version(contender: Contender) -> str:
    """The version of a contender's distribution."""
    if contender.needs is None:
        return importlib.metadata.version("syria-talks-thread-corpus")
    return importlib.metadata.version(contender.package or contender.needs)


def once(task: Task, contender: Contender, collection: Collection, card: Path) -> tuple[float, float]:
    """Have a contender do a task in a new process.

    Returns:
        Seconds for all units, and megabytes. Of a sample, what the work took is scaled and the rest is not: start and
        imports are the same whatever there is to do.

    Raises:
        FailedError: If it fails.
    """
    if contender.command:
        measured = measure([sys.executable, *contender.command])
        return measured.seconds, measured.mb
    n_units, sample = task.n_units or collection.n_texts, _sample(task, contender, collection)
    command = [sys.executable, "-m", "corpus_tools.bench.run", task.name, contender.who, str(card)]
    measured = measure([*command, *([] if sample is None else [str(sample)])])
    work = float(json.loads(measured.output.strip().splitlines()[-1])["work_seconds"])
    scaled = work if sample is None else work * n_units / sample
    return (scaled if task.yardstick == WORK else measured.seconds - work + scaled), measured.mb


def _sample(task: Task, contender: Contender, collection: Collection) -> int | None:
    """How many units a contender does, None for all."""
    n_units = task.n_units or collection.n_texts
    return contender.sample if contender.sample is not None and contender.sample < n_units else None


def readings(
    tasks: Iterable[Task],
    collection: Collection,
    card: Path,
    *,
    runs: int,
    large: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> list[Reading]:
    """All contenders of all tasks in turn, as often as there are runs: A B C, A B C, A B C.

    Args:
        tasks: What is done.
        collection: The texts.
        card: The file that describes them.
        runs: How often.
        large: Whether this is the large collection, which fewer contenders do.
        told: Told what is done next.

    Returns:
        A reading for each contender, task and run. Before each task `wc -w` is read, and once in each run in a locale
        that knows UTF-8 too.
    """
    rows: list[Reading] = []
    for path in (collection.parquet, collection.plain):
        _read_once(Path(path))
    for run in range(runs):
        rows.append(_wc(collection, run, large=large, locale=UTF8))
        for task in tasks:
            rows += _in_turn(task, collection, card, run, large=large, told=told)
    return rows


def _in_turn(
    task: Task, collection: Collection, card: Path, run: int, *, large: bool, told: Callable[[str], None]
) -> Iterator[Reading]:
    if task.yardstick == WC:
        yield _wc(collection, run, large=large)
    if task.yardstick == BARE:
        yield _repeated(task, Contender(BARE, command=("-c", "")), collection, card, run, large)
    for contender in present(task):
        if large and contender.who not in task.at_large:
            continue
        told(f"run {run + 1}: {task.name}, {contender.who}, {collection.n_texts:,} texts")
        reading = _repeated(task, contender, collection, card, run, large)
        if reading.problem:
            told(reading.problem)
        yield reading


def _read_once(path: Path) -> None:
    """Have the system hold a file in memory, if there is room, so that nobody has to wait for the disk."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def _wc(collection: Collection, run: int, *, large: bool, locale: str = PLAIN) -> Reading:
    _, measured = count_words(collection.plain, locale=locale)
    return Reading(WC, f"wc -w, {locale}", run, large, collection.n_texts, None, measured.seconds, measured.mb)


def _repeated(task: Task, contender: Contender, collection: Collection, card: Path, run: int, large: bool) -> Reading:
    sample = _sample(task, contender, collection)
    seconds: float | None = None
    mb: float | None = None
    problem = None
    try:
        taken = [once(task, contender, collection, card) for _ in range(task.repeats)]
        seconds, mb = statistics.median(pair[0] for pair in taken), max(pair[1] for pair in taken)
    except FailedError as failure:
        problem = str(failure)
    return Reading(task.name, contender.who, run, large, collection.n_texts, sample, seconds, mb, problem)
