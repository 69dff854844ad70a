"""corpus-tools migrate: carry annotations of one's own to another version."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_tools.cli.common import Commands, add_folder, folder_of

if TYPE_CHECKING:
    import polars as pl

SHOWN = 10
"""Lost rows that are named where they are not written to a file."""
QUOTED = 60
"""Characters of the nearest words that are shown."""


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "migrate",
        help="carry annotations of your own from one version to another",
        epilog="The file has a row per annotation: text_id, start_char, end_char and, best, quote; or ids of units in "
        "from_id, to_id, unit_id or a key such as span_id. A row whose words or units do not stand in the later "
        "version is lost, with the reason and what stands nearest; so is a judgement of a whole text whose words "
        "changed. A row that names an id that neither version holds is carried as it is, and counted. Exit code 1 "
        "where rows were lost.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="annotations, .csv or .parquet")
    add_folder(parser)
    parser.add_argument("--from", dest="old", required=True, metavar="VERSION", help="the version they were made for")
    parser.add_argument("--to", dest="new", required=True, metavar="VERSION", help="a release, or draft")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the carried rows go")
    parser.add_argument("--lost", type=Path, metavar="FILE", help="where the lost rows go (default: named on stderr)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the rows carried and those lost; exit code 1 where there are any of these."""
    from corpus_tools.errors import counted
    from corpus_tools.files import write_all
    from corpus_tools.history import migrate

    files = [path.resolve() for path in (arguments.file, arguments.out, arguments.lost) if path is not None]
    if len(set(files)) < len(files):
        print("corpus-tools migrate: FILE, --out and --lost must be different files", file=sys.stderr)
        return 2
    for path in (arguments.file, arguments.out, arguments.lost):
        if path is not None and path.suffix not in (".csv", ".parquet"):
            print(f"corpus-tools migrate: {path} is neither .csv nor .parquet", file=sys.stderr)
            return 2
    found = migrate(_read(arguments.file), arguments.old, arguments.new, folder=folder_of(arguments))
    written = {arguments.out: found.carried} | ({arguments.lost: found.lost} if arguments.lost else {})
    write_all({path: _bytes(rows, path) for path, rows in written.items()})
    if arguments.lost is None:
        for first, *_, reason, _, _, quote in found.lost.head(SHOWN).iter_rows():
            near = f"; nearest: {_short(quote)!r}" if quote else ""
            print(f"lost: {first}: {reason}{near}", file=sys.stderr)
        if found.lost.height > SHOWN:
            more = counted(found.lost.height - SHOWN, "more lost row")
            print(f"and {more}; --lost FILE keeps them all", file=sys.stderr)
    print(found)
    return 1 if found.lost.height else 0


def _short(words: str) -> str:
    return words if len(words) <= QUOTED else f"{words[: QUOTED - 3]}..."


def _read(path: Path) -> pl.DataFrame:
    """The rows of a file; the cells of a CSV file as they are typed, but for offsets."""
    import polars as pl

    from corpus_tools.errors import MigrationError
    from corpus_tools.folder import read_csv

    if path.suffix == ".parquet":
        try:
            return pl.read_parquet(path)
        except pl.exceptions.PolarsError as problem:
            reason = str(problem).strip().splitlines()[0]
            raise MigrationError(f"{path}: cannot be read as Parquet: {reason}") from None
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise MigrationError(f"{path}: is not UTF-8, at byte {problem.start}; save it as UTF-8") from None
    rows = read_csv(path)
    for name in ("start_char", "end_char"):
        if name in rows.columns:
            numbers = rows[name].cast(pl.Int64, strict=False)
            wrong = rows.filter(numbers.is_null() & rows[name].is_not_null())[name]
            if wrong.len():
                raise MigrationError(f"{path}: {name} must be whole numbers, not {wrong[0]!r}")
            rows = rows.with_columns(numbers)
    return rows


def _bytes(rows: pl.DataFrame, path: Path) -> bytes:
    """What a file of these rows holds."""
    import io

    from corpus_tools.errors import MigrationError, listed

    held = io.BytesIO()
    if path.suffix == ".parquet":
        rows.write_parquet(held)
        return held.getvalue()
    nested = [name for name, kind in rows.schema.items() if kind.is_nested()]
    if nested:
        raise MigrationError(f"{path}: a CSV file cannot hold the lists in {listed(nested)}; write .parquet")
    rows.write_csv(held)
    return held.getvalue()
