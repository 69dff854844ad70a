"""corpus-tools agree: how far the annotators of a corpus agree."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus_tools.cli.common import Commands, add_folder, add_modules, folder_of

if TYPE_CHECKING:
    import polars as pl

    from corpus_tools.corpus import Corpus

SHOWN = ("table", "on", "label", "coefficient", "between", "value", "interval", "n_units", "n_pairs", "remark")


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "agree",
        help="how far the annotators of each layer agree, with intervals",
        epilog="between: passes with each other, or each with gold (the mean); n_units: what a figure rests on; "
        "n_pairs: pairs of annotators behind it; interval: 95 % of 1,000 resamples.",
    )
    add_folder(parser)
    parser.add_argument("--release", metavar="VERSION", help="a released version, or draft (default: the newest)")
    add_modules(parser)
    parser.add_argument("--layer", action="append", metavar="LAYER", help="only this layer; may be given several times")
    parser.add_argument(
        "--annotator", action="append", metavar="NAME", help="compare only these annotators; may be given several times"
    )
    parser.add_argument("--by-label", action="store_true", help="the coefficients of single labels too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print a table for each layer."""
    import polars as pl
    from tqdm import tqdm

    from corpus_tools.agreement import COLUMNS, agreement
    from corpus_tools.corpus import load

    corpus = load(folder_of(arguments), arguments.release, modules=arguments.modules)
    layers = arguments.layer or list(corpus.layers)
    frames = [pl.DataFrame(schema=COLUMNS)]
    # Of the annotators named, most layers have no row; a layer that was named too is shown all the same.
    skip = arguments.annotator and not arguments.layer
    # On a terminal only: nothing is drawn where the output is kept.
    for layer in tqdm(layers, unit="layer", leave=False, disable=None):
        frames.append(agreement(corpus, layers=[layer], annotators=arguments.annotator, by_label=arguments.by_label))
        if not arguments.json and not (skip and frames[-1].is_empty()):
            tqdm.write("\n".join(_table(corpus, layer, frames[-1])))
    if arguments.json:
        print(pl.concat(frames).write_json())
    elif skip and all(frame.is_empty() for frame in frames):
        print("nothing to compare in any layer", file=sys.stderr)
    return 0


def _table(corpus: Corpus, layer: str, found: pl.DataFrame) -> Iterator[str]:
    from corpus_tools.agreement import who_agrees

    yield f"{layer}: {who_agrees(corpus, layer)}"
    if found.is_empty() and (n_passes := _n_passes(corpus, layer)):
        yield f"  {'one pass, ' if n_passes == 1 else ''}nothing to compare"
    rows = [_shown(row) for row in found.iter_rows(named=True)]
    kept = [name for name in SHOWN if any(row[name] for row in rows)]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in kept} if rows else {}
    for row in [{name: name for name in kept}, *rows] if rows else ():
        yield "  " + "  ".join(row[name].ljust(widths[name]) for name in kept).rstrip()
    yield ""


def _n_passes(corpus: Corpus, layer: str) -> int:
    """How many annotators besides gold went through texts for a layer."""
    import polars as pl

    from corpus_tools.modules import as_gold
    from corpus_tools.scheme import GOLD

    coverage = corpus.scan("coverage").filter(pl.col("layer") == layer, as_gold("annotator_id") != GOLD)
    return coverage.select("annotator_id").unique().collect().height


def _shown(row: dict[str, object]) -> dict[str, str]:
    def figure(name: str) -> str:
        value = row[name]
        return "-" if value is None else f"{value:.3f}"

    interval = "-" if row["low"] is None else f"{figure('low')} to {figure('high')}"
    texts = {name: "" if row.get(name) is None else str(row[name]) for name in SHOWN}
    return {**texts, "value": figure("value"), "interval": interval}
