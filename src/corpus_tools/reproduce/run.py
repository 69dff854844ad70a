"""Running notebooks, each in a fresh kernel, without a network."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.corpus import ENVIRONMENT, Corpus, find_corpus, load
from corpus_tools.errors import MissingExtraError, ReproductionError, listed
from corpus_tools.files import write_whole
from corpus_tools.folder import read_csv
from corpus_tools.reproduce.publish import MIME, TAG, Comparison, Difference, compare
from corpus_tools.reproduce.report import report_page

if TYPE_CHECKING:
    from nbformat import NotebookNode

RESULTS = "results"
CELL_SECONDS = 600
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
Progress = Callable[[str, int, int], None]
"""Called with the notebook's name, the number of the code cell that begins (from 1), and how many there are."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of running notebooks again."""

    corpus: Corpus
    notebooks: Mapping[str, NotebookNode]
    """Name -> the executed notebook."""
    n_tables: int
    """Published tables."""
    n_values: int
    """Cells of the published tables."""
    n_equal: int
    """Published cells that came out equal."""
    differences: list[Difference]
    seconds: float
    report: Path | None = None


def find_notebooks(folder: str | Path | None = None, *, corpus: Path | None = None) -> list[Path]:
    """The notebooks of a folder, by name.

    Args:
        folder: The folder; where omitted, `notebooks` in the corpus or beside it, or those installed with the corpus.
        corpus: The corpus they belong to; the shipped one where omitted.

    Raises:
        ReproductionError: If there is none.
    """
    home = corpus if corpus is not None else find_corpus()
    around = home.resolve().parent
    places = [Path(folder)] if folder is not None else [home / "notebooks", around / "notebooks", around / "_notebooks"]
    for place in places:
        found = sorted(path for path in place.glob("*.ipynb") if not path.name.startswith("."))
        if found:
            return found
    raise ReproductionError(f"no notebook (*.ipynb) in {listed(places)}; name their folder with --notebooks")


def reproduce(
    folder: str | Path | None = None,
    *,
    notebooks: str | Path | None = None,
    report: str | Path | None = None,
    publish: bool = False,
    save: bool = False,
    progress: Progress = lambda name, cell, n_cells: None,
) -> Outcome:
    """Run every notebook in a fresh kernel and hold its published tables to those of the corpus.

    Args:
        folder: The corpus; the shipped one where omitted.
        notebooks: Folder of the notebooks; found as `find_notebooks` does where omitted.
        report: Where to write the report, one HTML file that needs nothing else.
        publish: Write the tables as the published ones instead of comparing them.
        save: Store the outputs of this run in the notebooks.
        progress: Called as each code cell begins.

    Returns:
        The outcome; its `differences` are empty where everything was reproduced.

    Raises:
        ReproductionError: If a notebook fails (the message names cell and error), shows a table twice, or a cell tagged
            `published` shows none.
    """
    began = time.monotonic()
    path = Path(folder) if folder is not None else find_corpus()
    corpus = load(path)
    executed: dict[str, NotebookNode] = {}
    comparisons: list[Comparison] = []
    for notebook in find_notebooks(notebooks, corpus=path):
        executed[notebook.stem] = run = execute(notebook, path, progress=progress)
        tables = published_tables(notebook, run)
        if publish:
            _publish(path / RESULTS / notebook.stem, tables)
        comparisons += _compared(notebook.stem, tables, path / RESULTS / notebook.stem)
        if save:
            _save(notebook, run)
    # Named, never removed, not even when publishing: the notebooks that were run may not be all there are.
    orphans = [Difference(name, "", "", "tables", "no such notebook") for name in _without_notebook(path, executed)]
    outcome = Outcome(
        corpus,
        executed,
        n_tables=sum(comparison.n_published > 0 for comparison in comparisons),
        n_values=sum(comparison.n_published for comparison in comparisons),
        n_equal=sum(comparison.n_equal for comparison in comparisons),
        differences=[*(one for comparison in comparisons for one in comparison.differences), *orphans],
        seconds=time.monotonic() - began,
    )
    if report is None:
        return outcome
    target = Path(report)
    write_whole(
        target, report_page(corpus, executed, outcome.differences, n_tables=outcome.n_tables, n_values=outcome.n_values)
    )
    return dataclasses.replace(outcome, report=target)


def execute(path: Path, corpus: Path, *, progress: Progress = lambda name, cell, n_cells: None) -> NotebookNode:
    """Run one notebook from a fresh kernel and return it with its outputs.

    Args:
        path: The notebook; it is left as it is.
        corpus: The corpus that `ct.load()` finds in it.
        progress: Called as each code cell begins.

    Raises:
        ReproductionError: If a cell fails.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError:
        raise MissingExtraError("nbclient", "notebooks") from None
    try:
        notebook = nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, nbformat.ValidationError) as problem:
        raise ReproductionError(f"{path}: is no notebook: {str(problem).splitlines()[0]}") from None
    numbers = {i: n for n, i in enumerate((i for i, cell in enumerate(notebook.cells) if _runs(cell)), start=1)}

    def begins(cell: NotebookNode, cell_index: int) -> None:
        if cell_index in numbers:
            progress(path.stem, numbers[cell_index], len(numbers))

    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        on_cell_start=begins,
        resources={"metadata": {"path": str(path.parent)}},
        # The kernel warns that its loopback connection is not encrypted; nobody else is on it.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        store_widget_state=False,
    )
    environment = {
        **os.environ,
        ENVIRONMENT: str(corpus.resolve()),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    try:
        client.execute(env=environment)
    except CellExecutionError as problem:
        failed = next((i for i, cell in enumerate(notebook.cells) if _failed(cell)), None)
        cell = f"code cell {numbers.get(failed)}" if failed is not None else "a cell"
        raise ReproductionError(
            f"{path}: {cell} failed{_failing_line(problem)}: {problem.ename}: {problem.evalue}"
        ) from None
    except (CellTimeoutError, DeadKernelError) as problem:
        raise ReproductionError(f"{path}: {str(problem).strip().splitlines()[0]}") from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def _failing_line(problem: Any) -> str:
    """The line of the cell that failed, as the kernel's traceback marks it first."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(problem.traceback))
    marked = re.search(r"^-+> \d+ (.+)$", plain, re.M)
    return f" at {marked[1].strip()!r}" if marked else ""


def published_tables(path: Path, notebook: NotebookNode) -> dict[str, dict[str, Any]]:
    """The published tables that an executed notebook shows, by name.

    Raises:
        ReproductionError: If a tagged cell shows none, an untagged cell shows one, or a name stands twice.
    """
    tables: dict[str, dict[str, Any]] = {}
    for number, cell in enumerate(filter(_runs, notebook.cells), start=1):
        tagged = TAG in cell.metadata.get("tags", [])
        payloads = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
        if tagged != bool(payloads):
            what = (
                "is tagged 'published' and shows no published table"
                if tagged
                else "shows a published table without the tag"
            )
            raise ReproductionError(
                f"{path}: code cell {number} {what}; end it with published(name, frame) and tag it {TAG!r}"
            )
        for table in payloads:
            if table["name"] in tables:
                raise ReproductionError(
                    f"{path}: code cell {number} shows the table {table['name']!r} again; rename one"
                )
            tables[table["name"]] = table
    return tables


def _runs(cell: NotebookNode) -> bool:
    """Whether a cell is code that the kernel runs, and so is counted."""
    return bool(cell.cell_type == "code" and cell.source.strip())


def _failed(cell: NotebookNode) -> bool:
    return _runs(cell) and any(output.output_type == "error" for output in cell.outputs)


def _compared(name: str, tables: Mapping[str, Mapping[str, Any]], results: Path) -> Iterator[Comparison]:
    for table, found in tables.items():
        yield compare(f"{name}/{table}", found, results / f"{table}.csv")
    for path in sorted(results.glob("[!.]*.csv")):
        if path.stem not in tables:
            frame = read_csv(path)
            lost = Difference(f"{name}/{path.stem}", "", "", "a table", "no such table")
            yield Comparison(frame.height * frame.width, 0, (lost,))


def _without_notebook(corpus: Path, executed: Mapping[str, NotebookNode]) -> list[str]:
    """The names of the folders of published tables whose notebook was not run."""
    folders = sorted(path.name for path in (corpus / RESULTS).glob("[!.]*") if path.is_dir())
    return [name for name in folders if name not in executed]


def _publish(results: Path, tables: Mapping[str, Mapping[str, Any]]) -> None:
    for path in results.glob("*.csv"):
        if path.stem not in tables:
            path.unlink()
    for name, table in tables.items():
        frame = pl.DataFrame(table["rows"], schema=table["columns"], orient="row", infer_schema_length=None)
        write_whole(results / f"{name}.csv", frame.write_csv())


def _save(path: Path, notebook: NotebookNode) -> None:
    import nbformat

    # The kernel adds its exact version, which would make every machine's notebook a different file.
    notebook.metadata.pop("language_info", None)
    # A widget lives as long as its kernel: what stays of it in a file is the static view that it brings along.
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_MIME, None)
    write_whole(path, nbformat.writes(notebook))
