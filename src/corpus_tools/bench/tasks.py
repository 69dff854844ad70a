"""What is measured, against whom, and what it has to reach."""

from __future__ import annotations

from dataclasses import dataclass

OURS = "corpus-tools"
SMALL = 1_000_000
LARGE = 5_000_000

WC = "wc -w"
"""Ratio: times the time that `wc -w` takes over the same texts, in the C locale, which every system has."""
BARE = "bare Python"
"""Seconds beyond those of a Python that starts and does nothing."""
WORK = "the work alone"
"""Seconds within the process, without its start and its imports."""
SMALLER = "the small collection"
"""Ratio: times the time that the same takes on the small collection."""


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody who does a task."""

    who: str
    needs: str | None = None
    """The library that has to be installed, by the name it is imported by; None for ours."""
    package: str | None = None
    """Its name as a distribution, for its version, where that is another."""
    sample: int | None = None
    """How many units are done where all would take too long; the time of the work is then scaled to all."""
    command: tuple[str, ...] = ()
    """What is run in place of `bench.run`, after the interpreter's own name."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, with those who do it; ours first."""

    name: str
    shown: str
    contenders: tuple[Contender, ...]
    yardstick: str = WC
    at_large: tuple[str, ...] = ()
    """Who does it on the large collection too."""
    unit: str = "texts"
    n_units: int | None = None
    """How many units there are; None for as many as texts."""
    repeats: int = 1
    """How often it is done in each run, the median counting: more than once for what takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Target:
    """What ours has to reach in a task."""

    task: str
    ratio: float | None = None
    """Largest ratio to the yardstick."""
    seconds: float | None = None
    """Most seconds."""
    mb: float | None = None
    """Most memory, in megabytes of 10^6 bytes."""
    large: bool = False
    """Whether on the large collection."""
    no_slower_than: str | None = None
    """Another contender of the task."""


_US = Contender(OURS)
_SKLEARN = "scikit-learn"
TASKS = (
    Task(
        "counts",
        "Token and type counts",
        (_US, Contender("DuckDB", "duckdb"), Contender(_SKLEARN, "sklearn", _SKLEARN, sample=100_000)),
        at_large=(OURS, "DuckDB"),
    ),
    Task("keyness", "Keyness of two groups", (_US,)),
    Task("concordance", "KWIC of a common word", (_US,)),
    Task(
        "bigrams",
        "Scored bigrams",
        (
            _US,
            Contender("NLTK", "nltk", sample=20_000),
            Contender(_SKLEARN, "sklearn", _SKLEARN, sample=50_000),
        ),
        at_large=(OURS,),
    ),
    Task(
        "diversity",
        "Five diversity measures per text",
        (_US, Contender("lexicalrichness", "lexicalrichness", sample=2_000)),
        at_large=(OURS,),
    ),
    Task(
        "threads",
        "Reply trees and participation",
        (
            _US,
            Contender("networkx", "networkx", sample=10_000),
            Contender("ConvoKit", "convokit", sample=20_000),
        ),
    ),
    Task("describe", "corpus-tools describe, every table", (_US,), at_large=(OURS,)),
    Task(
        "alpha",
        "Alpha, 1,000 bootstraps, 12,000 units, 4 annotators",
        (_US, Contender("krippendorff", "krippendorff", sample=20)),
        yardstick=WORK,
        unit="bootstraps",
        n_units=1000,
        repeats=3,
    ),
    Task(
        "import",
        "import corpus_tools",
        (Contender(OURS, command=("-c", "import corpus_tools")),),
        yardstick=BARE,
        unit="times",
        n_units=1,
        repeats=15,
    ),
    Task(
        "help",
        "corpus-tools --help",
        (Contender(OURS, command=("-m", "corpus_tools", "--help")),),
        yardstick=BARE,
        unit="times",
        n_units=1,
        repeats=15,
    ),
)

TARGETS = (
    Target("counts", ratio=1.3, mb=700),
    Target("keyness", ratio=1.5),
    Target("concordance", ratio=0.4),
    Target("bigrams", ratio=2.7),
    Target("diversity", ratio=3.5),
    Target("threads", ratio=0.3),
    Target("describe", ratio=8, mb=2000),
    Target("counts", large=True, ratio=5.5, mb=1000, no_slower_than="DuckDB"),
    Target("diversity", large=True, ratio=5.5, mb=1500),
    Target("bigrams", large=True, ratio=5.5, mb=2500),
    Target("describe", large=True, ratio=5.5),
    Target("alpha", seconds=0.060),
    Target("import", seconds=0.020),
    # 60 ms more than the import, which may take 20.
    Target("help", seconds=0.080),
)


def task_named(name: str) -> Task | None:
    """The task of this name, if there is one."""
    return next((task for task in TASKS if task.name == name), None)


def target_of(task: str, *, large: bool) -> Target | None:
    """What ours has to reach in a task, if anything."""
    return next((target for target in TARGETS if target.task == task and target.large == large), None)
