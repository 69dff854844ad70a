"""Running notebooks, each in a fresh kernel that has no settings of its user's.

The Hugging Face libraries are told to stay offline there; nothing keeps other code of a notebook from the network.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from corpus_tools.corpus import ENVIRONMENT, Corpus, find_corpus, load
from corpus_tools.errors import MissingExtraError, ReproductionError, listed
from corpus_tools.files import write_all, write_whole
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
Tables = Mapping[str, Mapping[str, Any]]
"""Name of a published table -> what the notebook holds of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of running notebooks again."""

    corpus: Corpus
    notebooks: Mapping[str, NotebookNode]
    """Name -> the executed notebook."""
    n_tables: int
    """Published tables, those without rows among them."""
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

    Nothing is written before every notebook has run; then all is, or nothing.

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
    paths = {notebook.stem: notebook for notebook in find_notebooks(notebooks, corpus=path)}
    executed: dict[str, NotebookNode] = {}
    tables: dict[str, Tables] = {}
    for name, notebook in paths.items():
        executed[name] = execute(notebook, path, progress=progress)
        tables[name] = published_tables(notebook, executed[name])
    files = {paths[name]: _stored(run) for name, run in executed.items()} if save else {}
    files |= _published_files(path / RESULTS, tables) if publish else {}
    write_all(files)
    if publish:
        _remove_others(path / RESULTS, tables)
    outcome = _outcome(corpus, executed, tables, results=path / RESULTS, began=began)
    return outcome if report is None else _with_report(outcome, Path(report))


def _outcome(
    corpus: Corpus,
    executed: Mapping[str, NotebookNode],
    tables: Mapping[str, Tables],
    *,
    results: Path,
    began: float,
) -> Outcome:
    comparisons = [one for name, found in tables.items() for one in _compared(name, found, results / name)]
    # Named, never removed, not even when publishing: the notebooks that were run may not be all there are.
    orphans = [Difference(name, "", "", "tables", "no such notebook") for name in _without_notebook(results, executed)]
    return Outcome(
        corpus,
        executed,
        n_tables=sum(comparison.exists for comparison in comparisons),
        n_values=sum(comparison.n_published for comparison in comparisons),
        n_equal=sum(comparison.n_equal for comparison in comparisons),
        differences=[*(one for comparison in comparisons for one in comparison.differences), *orphans],
        seconds=time.monotonic() - began,
    )


def _with_report(outcome: Outcome, target: Path) -> Outcome:
    page = report_page(
        outcome.corpus,
        outcome.notebooks,
        outcome.differences,
        n_tables=outcome.n_tables,
        n_values=outcome.n_values,
    )
    write_whole(target, page)
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
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError:
        raise MissingExtraError("nbclient", "notebooks") from None
    notebook = _opened(path)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        on_cell_start=_beginning(path.stem, notebook, progress),
        resources={"metadata": {"path": str(path.parent)}},
        # The kernel warns that its loopback connection is not encrypted; nobody else is on it.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        store_widget_state=False,
    )
    try:
        with tempfile.TemporaryDirectory(prefix="corpus-tools-", ignore_cleanup_errors=True) as settings:
            client.execute(env=_environment(corpus, settings))
    except CellExecutionError as problem:
        raise ReproductionError(
            f"{path}: {_failing_cell(notebook)} failed{_failing_line(problem)}: {problem.ename}: {problem.evalue}"
        ) from None
    except (CellTimeoutError, DeadKernelError) as problem:
        raise ReproductionError(f"{path}: {str(problem).strip().splitlines()[0]}") from None
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def _opened(path: Path) -> NotebookNode:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (ValueError, AttributeError, nbformat.ValidationError) as problem:
        raise ReproductionError(f"{path}: is no notebook: {str(problem).splitlines()[0]}") from None


def _environment(corpus: Path, settings: str) -> dict[str, str]:
    """The variables that a kernel is started with; `settings` is an empty folder."""
    return {
        **os.environ,
        ENVIRONMENT: str(corpus.resolve()),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        # What a user has IPython and Python do at every start is no part of a notebook.
        "IPYTHONDIR": settings,
        "PYTHONSTARTUP": "",
    }


def _code_cells(notebook: NotebookNode) -> dict[int, int]:
    """Place of a cell in the notebook -> its number among those that run, from 1."""
    places = (place for place, cell in enumerate(notebook.cells) if _runs(cell))
    return {place: number for number, place in enumerate(places, start=1)}


def _beginning(name: str, notebook: NotebookNode, progress: Progress) -> Callable[..., None]:
    """What to call as each cell begins."""
    numbers = _code_cells(notebook)

    def begins(cell: NotebookNode, cell_index: int) -> None:
        if cell_index in numbers:
            progress(name, numbers[cell_index], len(numbers))

    return begins


def _failing_cell(notebook: NotebookNode) -> str:
    failed = (number for place, number in _code_cells(notebook).items() if _failed(notebook.cells[place]))
    number = next(failed, None)
    return "a cell" if number is None else f"code cell {number}"


def _failing_line(problem: Any) -> str:
    """The line of the cell that failed, as the kernel's traceback marks it first."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(problem.traceback))
    marked = re.search(r"^-+> \d+ (.+)$", plain, re.M)
    return f" at {marked[1].strip()!r}" if marked else ""


def published_tables(path: Path, notebook: NotebookNode) -> Tables:
    """The published tables that an executed notebook shows, by name.

    Raises:
        ReproductionError: If a tagged cell shows none, an untagged cell shows one, or a name stands twice.
    """
    tables: dict[str, Mapping[str, Any]] = {}
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


def _compared(name: str, tables: Tables, results: Path) -> Iterator[Comparison]:
    for table, found in tables.items():
        yield compare(f"{name}/{table}", found, results / f"{table}.csv")
    for path in sorted(results.glob("[!.]*.csv")):
        if path.stem not in tables:
            frame = read_csv(path)
            lost = Difference(f"{name}/{path.stem}", "", "", "a table", "no such table")
            yield Comparison(frame.height * frame.width, 0, (lost,))


def _without_notebook(results: Path, executed: Mapping[str, NotebookNode]) -> list[str]:
    """The names of the folders of published tables whose notebook was not run."""
    folders = sorted(path.name for path in results.glob("[!.]*") if path.is_dir())
    return [name for name in folders if name not in executed]


def _published_files(results: Path, tables: Mapping[str, Tables]) -> dict[Path, str]:
    """File -> content, for the published tables of every notebook."""
    return {
        results / name / f"{table}.csv": pl.DataFrame(
            found["rows"], schema=found["columns"], orient="row", infer_schema_length=None
        ).write_csv()
        for name, shown in tables.items()
        for table, found in shown.items()
    }


def _remove_others(results: Path, tables: Mapping[str, Tables]) -> None:
    """Remove published tables that their notebooks no longer show."""
    for name, shown in tables.items():
        for path in (results / name).glob("*.csv"):
            if path.stem not in shown:
                path.unlink()


def _stored(notebook: NotebookNode) -> str:
    """What is stored of a notebook that was run."""
    import nbformat

    # The kernel adds its exact version, which would make every machine's notebook a different file.
    notebook.metadata.pop("language_info", None)
    # A widget lives as long as its kernel: what stays of it in a file is the static view that it brings along.
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_MIME, None)
    return str(nbformat.writes(notebook))
