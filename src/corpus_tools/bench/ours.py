"""The tasks as this package does them. Each function prepares, and gives what is then timed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from corpus_tools.bench.run import Answer
from corpus_tools.bench.texts import Collection

Work = Callable[[], Answer]


def _scanned(collection: Collection, sample: int | None) -> pl.LazyFrame:
    texts = pl.scan_parquet(collection.parquet)
    return texts if sample is None else texts.head(sample)


def counts(collection: Collection, sample: int | None) -> Work:
    """How many running words, how many different ones."""

    def work() -> Answer:
        from corpus_tools.measures import frequencies

        counted = frequencies(_scanned(collection, sample)).collect()
        return {"tokens": int(counted["n"].sum()), "types": counted.height}

    return work


def keyness(collection: Collection, sample: int | None) -> Work:
    """The threads in two halves by their ids, each word of the one compared with the other."""

    def work() -> Answer:
        from corpus_tools.measures import keyness

        # The last figure of its id says in which half a thread is.
        target = pl.col("thread_id").str.contains("[02468]$")
        rows = keyness(_scanned(collection, sample), target=target).collect()
        return {"rows": rows.height}

    return work


def concordance(collection: Collection, sample: int | None) -> Work:
    """The lines of a word that one text in a hundred has."""

    def work() -> Answer:
        from corpus_tools.measures import concordance

        lines = concordance(_scanned(collection, sample), rf"\b{collection.word}\b")
        return {"rows": lines.collect(engine="streaming").height}

    return work


def bigrams(collection: Collection, sample: int | None) -> Work:
    """Pairs of words that follow each other, with three scores."""

    def work() -> Answer:
        from corpus_tools.measures import collocations

        scored = collocations(_scanned(collection, sample)).collect()
        return {"rows": scored.height, "pairs": int(scored["n_pairs"].max() or 0)}  # type: ignore[arg-type]

    return work


def diversity(collection: Collection, sample: int | None) -> Work:
    """Five measures for each text."""

    def work() -> Answer:
        from corpus_tools.measures import diversity

        measured = diversity(_scanned(collection, sample)).collect()
        return {"rows": measured.height, "mean_ttr": float(measured["ttr"].mean() or 0)}  # type: ignore[arg-type]

    return work


def threads(collection: Collection, sample: int | None) -> Work:
    """The reply tree, the shape of each thread, who takes part and how unevenly."""

    def work() -> Answer:
        from corpus_tools.measures import gini, participation, reply_structure, reply_tree

        names = ("text_id", "thread_id", "position", "author_id", "parent_id")
        texts = _scanned(collection, sample).select(names).collect(engine="streaming")
        replies = texts.select(from_id="text_id", to_id="parent_id").drop_nulls()
        structure = reply_structure(reply_tree(texts, replies)).collect()
        # Sizes in words come from a tokenisation, which is another task.
        shares = participation(texts).collect()
        unevenness = gini(shares, of="n_texts").collect()
        indices = float(structure["wiener"].sum())
        return {"wiener": indices, "authors": shares.height, "gini": float(unevenness["gini"][0])}

    return work


def describe(collection: Collection, sample: int | None) -> Work:
    """Every table of the study, written to a folder, and its summary."""

    def work() -> Answer:
        from corpus_tools.describe import describe

        with tempfile.TemporaryDirectory() as folder:
            described = describe(_scanned(collection, sample), out=Path(folder, "tables"))
            return {"tables": len(described.record["tables"]), "texts": described.record["n_texts"]}

    return work


def alpha(collection: Collection, sample: int | None) -> Work:
    """Krippendorff's alpha with its interval."""
    from corpus_tools.agreement.alpha import krippendorff_alpha
    from corpus_tools.bench.labels import labels

    codes = labels()
    values = pl.DataFrame(
        {
            "unit": [unit for unit in range(codes.shape[1]) for _ in range(codes.shape[0])],
            "annotator": [f"a{number}" for _ in range(codes.shape[1]) for number in range(codes.shape[0])],
            "value": [f"label {code}" for code in codes.T.ravel().tolist()],
        }
    )

    def work() -> Answer:
        measured = krippendorff_alpha(values, bootstraps=sample or 1000)
        return {"alpha": float(measured.value or 0), "low": float(measured.low or 0), "high": float(measured.high or 0)}

    return work


BODIES: Mapping[str, Callable[[Collection, int | None], Work]] = {
    "counts": counts,
    "keyness": keyness,
    "concordance": concordance,
    "bigrams": bigrams,
    "diversity": diversity,
    "threads": threads,
    "describe": describe,
    "alpha": alpha,
}
