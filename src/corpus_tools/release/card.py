"""The dataset card: what Hugging Face reads to load the corpus, and what a person reads before using it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus, find_table
from corpus_tools.folder import LOSSES
from corpus_tools.release.codebook import NOTICE, markdown_table
from corpus_tools.released import RELEASES, released_files
from corpus_tools.scheme import Table

DEFAULT_CONFIG = "texts"
CREATORS = {
    "human expert": "expert-generated",
    "human crowd": "crowdsourced",
    "language model": "machine-generated",
    "rule": "machine-generated",
}
"""Kinds of annotators in the words of the Hub."""
HEADLINES = (
    *("alpha nominal", "alpha ordinal", "agreement", "F1", "F1 exact", "F1 partial"),
    *("MUC", "B3", "CEAF-e", "CoNLL", "UPOS", "LEMMA", "UAS", "LAS"),
)
"""The coefficients that the card shows; the command shows all."""
LICENCE, CHANGELOG = "LICENSE.md", "CHANGELOG.md"
MOST_REPORTS = 20
"""Loss reports that the card names one by one."""
# Size classes of the Hugging Face Hub, by number of rows in the largest table.
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)


def card(corpus: Corpus) -> str:
    """The dataset card of a release: YAML for loaders, then a page whose every count is computed."""
    import yaml

    header = yaml.safe_dump(_header(corpus), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{header}---\n\n" + "\n\n".join(_page(corpus)) + "\n"


def row_counts(corpus: Corpus, name: str) -> dict[str, int]:
    """Split -> number of rows, for the splits of a table that hold any."""
    table, _ = find_table(corpus.scheme, name)
    counts = {split: corpus.scan(name, split=split).select(pl.len()).collect().item() for split in table.splits}
    return {split: n for split, n in counts.items() if n}


def _header(corpus: Corpus) -> dict[str, Any]:
    loadable = [(name, counts) for name in corpus.tables if (counts := row_counts(corpus, name))]
    largest = max((n for _, counts in loadable for n in counts.values()), default=0)
    header: dict[str, Any] = {
        "pretty_name": corpus.metadata.title,
        "language": [corpus.metadata.language],
        "license": "other",
        "license_name": "mixed-see-the-card",
        "size_categories": [next((name for limit, name in SIZES if largest < limit), "100M<n<1B")],
        "tags": list(corpus.metadata.keywords),
    }
    if (corpus.folder / LICENCE).is_file():
        header["license_link"] = LICENCE
    kinds = corpus.table("annotators")["kind"].unique(maintain_order=True)
    header["annotations_creators"] = sorted({CREATORS[kind] for kind in kinds if kind in CREATORS})
    header["configs"] = [_config(corpus, name, list(counts)) for name, counts in loadable]
    header["dataset_info"] = [
        {
            "config_name": name,
            "features": [column.feature for column in find_table(corpus.scheme, name)[0].columns],
        }
        for name, _ in loadable
    ]
    return header


def _config(corpus: Corpus, name: str, splits: list[str]) -> dict[str, Any]:
    table, part = find_table(corpus.scheme, name)
    config: dict[str, Any] = {"config_name": name}
    if name == DEFAULT_CONFIG:
        config["default"] = True
    # datasets keys its cache by these two, not by the data: without them another checkout, or another version in the
    # same place, would be given the rows it cached before.
    config["version"] = corpus.version
    config["description"] = f"content-sha256:{corpus.content_sha256}"
    config["data_files"] = [{"split": split, "path": _paths(corpus, table, split, part)} for split in splits]
    return config


def _paths(corpus: Corpus, table: Table, split: str, part: str | None) -> str | list[str]:
    # datasets cannot read a parquet file without rows.
    parts = (part,) if part is not None else tuple(table.parts) or (None,)
    paths = [
        f"{RELEASES}/{corpus.version}/{file}"
        for one in parts
        for file in released_files(table, split, one)
        if one is None or row_counts(corpus, one)
    ]
    return paths[0] if len(paths) == 1 else paths


def _page(corpus: Corpus) -> Iterator[str]:
    metadata = corpus.metadata
    yield f"# {metadata.title} {corpus.version}"
    yield NOTICE
    yield metadata.summary
    yield metadata.description
    yield "## What is in it"
    yield f"{corpus}. Released {metadata.date.isoformat()}; content hash `{corpus.content_sha256}`."
    yield markdown_table(("table", "rows by split", "what a row is"), _table_rows(corpus))
    changes = f" What changed: [changelog]({CHANGELOG})." if (corpus.folder / CHANGELOG).is_file() else ""
    yield f"Columns, types and labels: [codebook](codebook.md).{changes}"
    yield "## Loading"
    yield from _loading(corpus)
    yield from _answers(corpus, "Motivation", "motivation")
    yield from _answers(corpus, "Collection", "collection")
    yield from _losses(corpus)
    yield from _missing(corpus)
    yield "## Annotations"
    yield from _answers(corpus, None, "annotation")
    yield from _annotations(corpus)
    yield from _agreement(corpus)
    yield from _answers(corpus, "Uses", "uses")
    yield from _answers(corpus, "What it must not be used for", "non_uses")
    yield from _answers(corpus, "Personal data", "personal_data", "removal")
    yield from _answers(corpus, "Maintenance", "maintenance")
    yield "## Caveats"
    caveats = [f"- {caveat['text'].strip()} (Concerns: {', '.join(caveat['about'])}.)" for caveat in corpus.caveats]
    yield "\n".join(caveats) or "None recorded."
    yield "## Citation"
    yield f"```bibtex\n{corpus.cite('bibtex')}\n```"
    yield (
        "`corpus-tools cite --layers all` adds the publications that the layers follow; the command knows other "
        "formats too, and cites single passages."
    )
    yield "## Licences"
    yield "\n".join(f"- {part}: {metadata.licences[part]}" for part in ("text", "annotations", "code"))


def _loading(corpus: Corpus) -> Iterator[str]:
    yield "Beside this folder, where it is called `corpus`:"
    yield '```python\nimport datasets\n\ncomments = datasets.load_dataset("./corpus", "comments", split="full")\n```'
    hub = corpus.metadata.publication.get("hub")
    if hub:
        call = f'datasets.load_dataset("{hub}", "comments", split="full", revision="v{corpus.version}")'
        yield f"From the Hugging Face Hub, in exactly this version: `{call}`."


def _table_rows(corpus: Corpus) -> Iterator[tuple[str, str, str]]:
    for name in corpus.tables:
        table, part = find_table(corpus.scheme, name)
        counts = ", ".join(f"{split} {n}" for split, n in row_counts(corpus, name).items()) or "none"
        yield (
            f"`{name}`",
            counts,
            f"The rows of `{table.name}` whose {table.part_condition(part, code='`')}."
            if part
            else (table.description),
        )


def _answers(corpus: Corpus, title: str | None, *names: str) -> Iterator[str]:
    """A section of the datasheet with the answers that corpus.toml gives; none where it gives none."""
    given = [corpus.metadata.datasheet[name] for name in names if name in corpus.metadata.datasheet]
    if given and title:
        yield f"## {title}"
    yield from given


def _losses(corpus: Corpus) -> Iterator[str]:
    """Where the reports stand of what was lost between the sources and the texts."""
    sources = corpus.scan("sources").select("source_id").collect()["source_id"]
    reports = [f"sources/{name}{LOSSES}" for name in sources]
    held = [f"[{report}]({report})" for report in reports if (corpus.folder / report).is_file()]
    if held:
        more = f" and {len(held) - MOST_REPORTS} more beside them" if len(held) > MOST_REPORTS else ""
        yield (
            "What the sources had and the texts have not, and what was left out and why, is counted for each source: "
            f"{', '.join(held[:MOST_REPORTS])}{more}."
        )


def _missing(corpus: Corpus) -> Iterator[str]:
    """The columns of the fixed tables that hold nothing, which is what the source does not record."""
    empty = [
        f"`{name}.{column}`"
        for name in corpus.scheme.fixed
        if (frame := corpus.table(name)).height
        for column in frame.columns
        if frame[column].null_count() == frame.height
    ]
    if empty:
        yield f"Not recorded anywhere in this corpus, and therefore null throughout: {', '.join(empty)}."


def _agreement(corpus: Corpus) -> Iterator[str]:
    """The agreement of every layer that has passes; its figures are computed here and stand nowhere else."""
    from corpus_tools.agreement import agreement, who_agrees

    found = agreement(corpus, by_label=False)
    if found.is_empty():
        return
    yield "## Agreement"
    yield (
        "Recomputed from the rows of this release with `corpus-tools agree`, which gives the figures of single "
        "labels too. Intervals are 95 % percentile intervals of a bootstrap over answered units, or over sentences "
        "where units depend on one another. `n` is the number of units: with so few, an interval can be too wide to "
        "say anything, and where no pass differs there is nothing to draw from and no interval is given. Nothing is "
        "pooled over layers."
    )
    who: dict[str, list[str]] = {}
    for layer in found["layer"].unique(maintain_order=True):
        who.setdefault(who_agrees(corpus, layer), []).append(f"`{layer}`")
    yield "\n".join(f"- {', '.join(layers)}: {made}" for made, layers in who.items())
    yield markdown_table(
        ("table", "on", "coefficient", "between passes", "n", "with gold (mean over passes)"),
        _agreement_rows(found, HEADLINES),
    )


def _agreement_rows(found: pl.DataFrame, coefficients: Sequence[str]) -> Iterator[tuple[str, ...]]:
    about = ["table", "on", "coefficient"]
    shown = found.filter(pl.col("coefficient").is_in(coefficients))
    for (table, on, coefficient), rows in shown.group_by(about, maintain_order=True):
        between = rows.filter(pl.col("between") == "passes")
        gold = rows.filter(pl.col("between") == "gold")
        # Words have a row for each pair of annotators; what is shown is the mean, as for the others.
        passes = _figure(between.row(0, named=True)) if between.height == 1 else _mean(between)
        n = (between if between.height else gold)["n_units"][0]
        if n == 0 and gold["value"].drop_nulls().is_empty():
            continue  # passes over other texts each, as of two readers
        yield str(table), str(on), str(coefficient), passes, str(n), _mean(gold)


def _mean(rows: pl.DataFrame) -> str:
    values = rows["value"].drop_nulls().to_list()
    return f"{sum(values) / len(values):.3f}" if values else "-"


def _figure(row: Mapping[str, Any]) -> str:
    if row["value"] is None:
        return "undefined"
    interval = "" if row["low"] in (None, row["high"]) else f" ({row['low']:.3f} to {row['high']:.3f})"
    return f"{row['value']:.3f}{interval}"


def _annotations(corpus: Corpus) -> Iterator[str]:
    yield (
        "Each layer holds adjudicated rows (split `gold`) and every pass behind them (split `passes`). Who made them "
        "is said here and in the table `annotators`; a pass by a language model or a rule is not a human "
        "judgement, and agreement between such passes is no measure of human reliability."
    )
    annotators = corpus.table("annotators")
    yield markdown_table(("annotator", "kind", "name", "how it worked"), annotators.iter_rows())
    rows = [
        (
            layer.name,
            layer.title,
            layer.origin,
            f"{layer.guideline} {layer.guideline_version}",
            _annotators(corpus, layer.name),
        )
        for layer in corpus.scheme.layers.values()
    ]
    yield markdown_table(("layer", "title", "origin", "guideline", "annotators (texts gone through)"), rows)


def _annotators(corpus: Corpus, layer: str) -> str:
    covered = corpus.scan("coverage").filter(pl.col("layer") == layer)
    counts = covered.group_by("annotator_id", maintain_order=True).len().collect()
    return ", ".join(f"{annotator} ({n})" for annotator, n in counts.iter_rows())
