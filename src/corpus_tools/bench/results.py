"""The table of the benchmark: made of readings, stored with the package, shown as Markdown."""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from corpus_tools.bench.harness import PLAIN, UTF8, Reading, version, wc_version
from corpus_tools.bench.tasks import BARE, OURS, SMALLER, TASKS, WC, Contender, Target, Task, target_of, task_named
from corpus_tools.errors import CorpusError, MissingColumnError
from corpus_tools.files import write_whole

NAME = "benchmark"
SCHEMA: dict[str, Any] = {
    "task": pl.String,
    "who": pl.String,
    "version": pl.String,
    "n_texts": pl.Int64,
    "sample": pl.Int64,
    "unit": pl.String,
    "seconds_min": pl.Float64,
    "seconds_median": pl.Float64,
    "seconds_max": pl.Float64,
    "yardstick": pl.String,
    "ratio": pl.Float64,
    "ratio_utf8": pl.Float64,
    "memory_mb": pl.Float64,
    "target_ratio": pl.Float64,
    "target_seconds": pl.Float64,
    "target_mb": pl.Float64,
    "met": pl.Boolean,
}


def table(readings: Sequence[Reading]) -> pl.DataFrame:
    """One row for each contender and task, from the readings of all runs.

    Args:
        readings: What `harness.readings` gives, of one collection or of both.

    Returns:
        In the order of the readings: `task`, `who`, `version`, `n_texts`; `sample` (how many units were done where not
        all: the time of the work is scaled to all; null where all) and `unit` (what is counted: `texts`,
        `bootstraps`); `seconds_min`, `seconds_median`, `seconds_max` over the runs, of the whole process, or as
        `yardstick` says; `ratio` (median over the runs of the time over the median of the yardstick in the same run;
        null for yardsticks of seconds), `ratio_utf8` (the same to `wc -w` in the locale C.UTF-8, which targets are not
        about; null where `ratio` is not to `wc -w`); `memory_mb` (the most of any run, 10^6 bytes); `target_ratio`,
        `target_seconds`, `target_mb` (what ours has to reach; null for none), `met` (whether ours reaches them all and
        is no slower than whom it has to match; null where it has none to reach). Null seconds: it failed.
    """
    frame = pl.DataFrame([_plain(reading) for reading in readings], schema=_READING, orient="row")
    timed = _beside_yardsticks(frame)
    keys = ["task", "who", "large"]
    seconds = pl.col("seconds")
    rows = timed.group_by(keys, maintain_order=True).agg(
        pl.col("n_texts", "sample", "yardstick").first(),
        seconds_min=seconds.min(),
        seconds_median=seconds.median(),
        seconds_max=seconds.max(),
        ratio=pl.col("ratio").median(),
        ratio_utf8=pl.col("ratio_utf8").median(),
        memory_mb=pl.col("mb").max(),
        failed=seconds.is_null().any(),
    )
    return pl.DataFrame([_judged(row, rows) for row in rows.iter_rows(named=True)], schema=SCHEMA)


_FIGURES = ("seconds_min", "seconds_median", "seconds_max", "ratio", "ratio_utf8", "memory_mb")
_READING = {
    "task": pl.String,
    "who": pl.String,
    "run": pl.Int64,
    "large": pl.Boolean,
    "n_texts": pl.Int64,
    "sample": pl.Int64,
    "seconds": pl.Float64,
    "mb": pl.Float64,
}


def _plain(reading: Reading) -> tuple[Any, ...]:
    return tuple(getattr(reading, name) for name in _READING)


def _beside_yardsticks(frame: pl.DataFrame) -> pl.DataFrame:
    """The readings with `yardstick` and `ratio`, and with the seconds of a bare Python taken off where that is it."""
    yardsticks = {task.name: task.yardstick for task in TASKS}
    wc, wc_utf8 = (pl.col("seconds").filter(pl.col("who") == f"{WC}, {locale}").median() for locale in (PLAIN, UTF8))
    per_run = frame.group_by("run", "large").agg(_wc=wc, _wc_utf8=wc_utf8)
    bare = frame.filter(pl.col("who") == BARE).select("run", "large", "task", _bare="seconds")
    named = pl.col("task").replace_strict(yardsticks, default=WC, return_dtype=pl.String)
    joined = (
        frame.filter(pl.col("who") != BARE)
        .with_columns(yardstick=named)
        .join(per_run, on=["run", "large"], how="left", maintain_order="left")
        .join(bare, on=["run", "large", "task"], how="left", maintain_order="left")
    )
    seconds, is_ratio = pl.col("seconds"), pl.col("yardstick") == WC
    is_smaller = pl.col("large") & (pl.col("task") != WC) & is_ratio
    # The large collection is held to our own time on the small one, as the targets have it.
    small = joined.filter(~pl.col("large")).group_by("task", "who").agg(_small=seconds.median())
    return joined.join(small, on=["task", "who"], how="left", maintain_order="left").with_columns(
        seconds=seconds - pl.col("_bare").fill_null(0.0),
        ratio=pl.when(is_smaller).then(seconds / pl.col("_small")).when(is_ratio).then(seconds / pl.col("_wc")),
        ratio_utf8=pl.when(is_ratio & ~is_smaller).then(seconds / pl.col("_wc_utf8")),
        yardstick=pl.when(is_smaller).then(pl.lit(SMALLER)).otherwise("yardstick"),
    )


def _judged(row: dict[str, Any], rows: pl.DataFrame) -> dict[str, Any]:
    task = task_named(row["task"])
    target = target_of(row["task"], large=row["large"]) if row["who"] == OURS else None
    made = {name: row.get(name) for name in SCHEMA}
    made["unit"] = task.unit if task else "texts"
    # What is no number of texts: units of labels, or nothing at all.
    made["n_texts"] = row["n_texts"] if task is None or task.n_units is None else None
    made["version"] = _version(task, row["who"])
    if row["failed"]:
        made |= dict.fromkeys(_FIGURES)
    if target is not None:
        made |= {"target_ratio": target.ratio, "target_seconds": target.seconds, "target_mb": target.mb}
        made["met"] = not row["failed"] and _met(row, target, rows)
    return made


def _met(row: dict[str, Any], target: Target, rows: pl.DataFrame) -> bool:
    pairs = [
        (row["ratio"], target.ratio),
        (row["seconds_median"], target.seconds),
        (row["memory_mb"], target.mb),
    ]
    if target.no_slower_than is not None:
        same = (pl.col("task") == row["task"]) & (pl.col("large") == row["large"])
        other = rows.filter(same & (pl.col("who") == target.no_slower_than))["seconds_median"].to_list()
        pairs.append((row["seconds_median"], other[0] if other else None))
    return all(limit is None or (value is not None and value <= limit) for value, limit in pairs)


def _version(task: Task | None, who: str) -> str | None:
    contenders: Iterable[Contender] = task.contenders if task else ()
    return next((version(contender) for contender in contenders if contender.who == who), None)


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on and when, without a name or a path of the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    known: dict[str, str | int | float] = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "cores": cores,
        "cpu": _proc("/proc/cpuinfo", "model name") or platform.machine(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    memory = _proc("/proc/meminfo", "MemTotal")
    if memory:
        known["memory_gb"] = round(int(memory.split()[0]) * 1024 / 1e9, 1)
    if wc := wc_version():
        known["wc"] = wc
    for library in ("polars", "numpy", "pyarrow", "numba"):
        # The last is an extra, without which the same takes longer.
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            known[library] = importlib.metadata.version(library)
    return known


def _proc(file: str, field: str) -> str | None:
    path = Path(file)
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(field)), None)


def store(frame: pl.DataFrame, about: dict[str, str | int | float], folder: Path, name: str = NAME) -> None:
    """Write a table and what it was measured on, as `NAME.csv` and `NAME.json`."""
    write_whole(folder / f"{name}.csv", frame.write_csv(float_precision=4))
    write_whole(folder / f"{name}.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def stored(name: str = NAME) -> pl.DataFrame:
    """The table that came with this version of the package.

    Returns:
        The columns of `table`.

    Raises:
        CorpusError: If no such table was stored.
    """
    file = _results() / f"{name}.csv"
    if not file.is_file():
        raise CorpusError(f"bench: there is no stored table {name!r}; python -m corpus_tools.bench --store makes one")
    return pl.read_csv(file.read_bytes(), schema=SCHEMA)


def stored_machine(name: str = NAME) -> dict[str, Any]:
    """What the stored table was measured on and when.

    Raises:
        CorpusError: If no such table was stored.
    """
    file = _results() / f"{name}.json"
    if not file.is_file():
        raise CorpusError(f"bench: there is no stored table {name!r}; python -m corpus_tools.bench --store makes one")
    about: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return about


def _results() -> Any:
    return resources.files("corpus_tools.bench") / "results"


def markdown(frame: pl.DataFrame) -> str:
    """The table for people, in Markdown.

    Args:
        frame: What `table` or `stored` gives.

    Raises:
        MissingColumnError: If a column is absent.
    """
    if missing := [name for name in SCHEMA if name not in frame.columns]:
        raise MissingColumnError(missing, frame.columns, where="markdown")
    head = ("Task", "Texts", "Who", "Seconds (min–max)", "Ratio", "to UTF-8", "Target", "MB", "Target", "Met")
    lines: list[tuple[str, ...]] = [head, ("---", "--:", "---", "--:", "--:", "--:", "--:", "--:", "--:", "---")]
    lines += [_line(row) for row in frame.iter_rows(named=True)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    task = task_named(row["task"])
    sampled = "" if row["sample"] is None else f", scaled from {row['sample']:,} {row['unit']}"
    n_texts = "" if row["n_texts"] is None else f"{row['n_texts']:,}"
    seconds, ratio = "failed", ""
    if row["seconds_median"] is not None:
        low, median, high = (_seconds(row[f"seconds_{name}"]) for name in ("min", "median", "max"))
        seconds = f"{median} ({low}–{high})"
    if row["ratio"] is not None:
        ratio = f"{row['ratio']:.2f}" + (" × small" if row["yardstick"] == SMALLER else "")
    limits = [f"≤ {row['target_ratio']:g}"] if row["target_ratio"] is not None else []
    limits += [f"≤ {row['target_seconds']:g} s"] if row["target_seconds"] is not None else []
    who = row["who"] + (f" {row['version']}" if row["version"] else "") + sampled
    return (
        task.shown if task else row["task"],
        n_texts,
        who,
        seconds,
        ratio,
        "" if row["ratio_utf8"] is None else f"{row['ratio_utf8']:.2f}",
        ", ".join(limits),
        "" if row["memory_mb"] is None else f"{row['memory_mb']:,.0f}",
        "" if row["target_mb"] is None else f"≤ {row['target_mb']:,.0f}",
        {True: "yes", False: "no", None: ""}[row["met"]],
    )


def _seconds(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"
