"""The agreement on every layer of a corpus, computed from the rows it holds.

Which coefficient a table gets follows from its unit: answers to questions get Krippendorff's alpha, spans and relations
F1, tokens attachment scores, chains the coreference measures. A layer is measured by being declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from corpus_tools.agreement import spans
from corpus_tools.agreement.alpha import Scale, krippendorff_alpha, observed_agreement
from corpus_tools.agreement.clusters import CLUSTER, mean_ratio
from corpus_tools.agreement.coefficient import BOOTSTRAPS, Coefficient
from corpus_tools.agreement.dependencies import dependency_agreement, measurable
from corpus_tools.agreement.passes import Pair, Passes
from corpus_tools.corpus import Corpus
from corpus_tools.errors import UnknownNameError
from corpus_tools.modules import as_gold
from corpus_tools.scheme import GOLD, Layer, Table

BETWEEN_PASSES, AGAINST_GOLD = "passes", "gold"
COLUMNS = {
    "layer": pl.String,
    "table": pl.String,
    "on": pl.String,
    "label": pl.String,
    "coefficient": pl.String,
    "between": pl.String,
    "annotators": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n_units": pl.UInt32,
    "n_pairs": pl.UInt32,
    "remark": pl.String,
}
"""Columns and types of the table that `agreement` gives."""
WIDE = 0.5
"""Intervals wider than this say hardly anything on a scale that ends at 1."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller wants to have."""

    bootstraps: int
    by_label: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One coefficient and what it is about."""

    table: str
    on: str
    label: str | None
    coefficient: str
    between: str
    annotators: Sequence[str]
    result: Coefficient


def agreement(
    corpus: Corpus,
    *,
    layers: Iterable[str] | None = None,
    annotators: Iterable[str] | None = None,
    by_label: bool = True,
    bootstraps: int = BOOTSTRAPS,
) -> pl.DataFrame:
    """How far the annotators of each layer agree, between passes and with gold.

    Args:
        corpus: A corpus with passes.
        layers: Some of its layers; all where omitted.
        annotators: Compare these only, with each other and with gold; all who made a pass where omitted.
        by_label: Whether to give the coefficients of single labels too.
        bootstraps: Number of resamples behind each interval.

    Returns:
        One row per coefficient, in the order of the layers and their tables: `layer`, `table`; `on`, what is compared
        (a question, a column, the extents of spans, the ends of relations); `label`, null for all labels together;
        `coefficient`; `between`, which is `passes` or `gold`; `annotators`, joined by blanks; `value`, `low` and
        `high` (a 95 % percentile interval), null where undefined; `n_units`, how many units a coefficient rests on:
        answered units or tokens, or the matched and unmatched spans, relations or mentions of a pair of annotators (the
        mean over pairs, rounded); `n_pairs`, the pairs of annotators behind it; `remark`, where a figure says little.
        Only texts count that both sides of a comparison went through. A layer with fewer than two passes has the rows
        of its pass against gold only.

    Raises:
        UnknownNameError: If there is no such layer or annotator; the message lists those there are.
    """
    known = corpus.table("annotators")["annotator_id"].to_list()
    only = None if annotators is None else frozenset(annotators)
    for name in sorted(only or ()):
        if name not in known:
            raise UnknownNameError("annotator", name, known)
    chosen = list(corpus.scheme.layers) if layers is None else list(layers)
    rows: list[tuple[object, ...]] = []
    for name in chosen:
        layer = corpus.scheme.layer(name)
        for row in _of_layer(Passes(corpus, name, only), layer, Asked(bootstraps, by_label)):
            found = row.result
            about = (name, row.table, row.on, row.label, row.coefficient, row.between, " ".join(row.annotators))
            n = len(row.annotators)
            n_pairs = n - 1 if row.between == AGAINST_GOLD else n * (n - 1) // 2
            figures = (found.value, found.low, found.high, found.n_units, n_pairs)
            rows.append((*about, *figures, _remark(found, bootstraps)))
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def who_agrees(corpus: Corpus, layer: str) -> str:
    """Who made the passes of a layer, and what their agreement is therefore no measure of, in words.

    Raises:
        UnknownNameError: If there is no such layer; the message lists those there are.
    """
    corpus.scheme.layer(layer)
    coverage = corpus.scan("coverage").filter(pl.col("layer") == layer, as_gold("annotator_id") != GOLD)
    made = (
        coverage.select("annotator_id")
        .unique(maintain_order=True)
        .join(corpus.scan("annotators"), on="annotator_id", maintain_order="left")
    )
    kinds = made.select("annotator_id", "kind", "name").collect()
    if kinds.is_empty():
        return "no pass to compare with gold"
    who = ", ".join(f"{annotator} ({kind}: {name})" for annotator, kind, name in kinds.iter_rows())
    machines = kinds.filter(~pl.col("kind").str.starts_with("human"))
    if machines.is_empty():
        return f"passes by {who}."
    models = machines.filter(pl.col("kind") == "language model")["name"]
    why = ", above all of passes of one model," if models.is_duplicated().any() else ""
    return f"passes by {who}. Agreement of such passes{why} is no measure of human reliability."


def _remark(found: Coefficient, bootstraps: int) -> str | None:
    """Where an interval must not be taken for what it looks like."""
    if found.value is None:
        return "undefined: nothing to compare, or one label only"
    if found.low is None or found.high is None:
        return "no interval"
    if found.low == found.high:
        why = "no disagreement to draw from" if found.value == 1 else "every resample gives the same"
        return f"{why}: the interval says nothing"
    parts = ["too wide to say much"] if found.high - found.low > WIDE else []
    parts += [f"{found.n_undefined} of {bootstraps} resamples undefined"] if found.n_undefined else []
    return "; ".join(parts) or None


def _of_layer(passes: Passes, layer: Layer, asked: Asked) -> Iterator[Row]:
    measures: dict[str | None, Callable[..., Iterator[Row]]] = {
        "token": _tokens,
        "sentence": _spans,
        "span": _spans,
        "relation": _relations,
        "judgement": _judgements,
    }
    for table in layer.tables if passes.covered else ():
        yield from measures[table.unit](passes, layer, table, asked)


# Answers


def _judgements(passes: Passes, layer: Layer, table: Table, asked: Asked) -> Iterator[Row]:
    given = pl.concat([passes.rows(table, name) for name in (*passes.annotators, GOLD)]).select(
        "annotator", "unit_id", "question", "label", unit=pl.concat_str("unit_id", "question", separator="\0")
    )
    questions = {question.id: question for question in table.questions}
    names = list(questions) or given["question"].unique(maintain_order=True).to_list()
    if len(names) > 1 and not any(question.own for question in questions.values()):
        # The same labels answer every question, so that unit and question together are what is judged.
        yield from _labels(passes, table.name, "all questions", given, _labels_of(layer, table), None, asked)
    for name in names:
        question = questions.get(name)
        labels = [label.id for label in question.labels] if question else _labels_of(layer, table)
        levels = labels if question and question.scale == "ordinal" else None
        rows = given.filter(pl.col("question") == name)
        yield from _labels(passes, table.name, name, rows, labels, levels, asked)


def _labels(
    passes: Passes,
    table: str,
    on: str,
    given: pl.DataFrame,
    labels: Sequence[str],
    levels: Sequence[str] | None,
    asked: Asked,
) -> Iterator[Row]:
    """Alpha and raw agreement on labels of fixed units; `given` needs `unit`, `annotator` and `label`."""
    values = given.select("unit", "annotator", value=pl.col("label").cast(pl.String))
    made = values.filter(pl.col("annotator") != GOLD)
    scale: Scale = "ordinal" if levels else "nominal"
    about = partial(Row, table, on)
    if len(passes.annotators) > 1:
        alpha = krippendorff_alpha(made, scale=scale, levels=levels, bootstraps=asked.bootstraps)
        yield about(None, f"alpha {scale}", BETWEEN_PASSES, passes.annotators, alpha)
        raw = observed_agreement(made, bootstraps=asked.bootstraps)
        yield about(None, "agreement", BETWEEN_PASSES, passes.annotators, raw)
        present = set(made["value"].drop_nulls())
        for label in labels if asked.by_label and len(labels) > 2 else ():
            if label in present:
                one = made.with_columns(value=(pl.col("value") == label).cast(pl.String))
                alpha = krippendorff_alpha(one, bootstraps=asked.bootstraps)
                yield about(label, "alpha nominal", BETWEEN_PASSES, passes.annotators, alpha)
    gold = values.filter(pl.col("annotator") == GOLD).select("unit", _gold="value")
    both = made.join(gold, on="unit", how="inner").drop_nulls()
    if passes.against_gold:
        same = both.select(
            pl.col("unit").alias(CLUSTER), part=(pl.col("value") == pl.col("_gold")).cast(pl.UInt32), whole=1
        )
        per_pass = [same.filter(both["annotator"] == name) for name in passes.annotators]
        yield about(
            None,
            "agreement",
            AGAINST_GOLD,
            [GOLD, *passes.annotators],
            mean_ratio([frame for frame in per_pass if not frame.is_empty()], bootstraps=asked.bootstraps),
        )


def _labels_of(layer: Layer, table: Table) -> list[str]:
    return [label.id for label in layer.labels[table.name]]


# Spans and relations


def _spans(passes: Passes, layer: Layer, table: Table, asked: Asked) -> Iterator[Row]:
    placed = {name: spans.placed(passes, layer, table, name) for name in passes.covered}
    several = len(layer.labels[table.name]) > 1
    for between, pairs in _comparisons(passes):
        for exact in (True, False):
            matched = [_of_texts(passes, placed, pair) for pair in pairs]
            for labelled in (True, False) if several else (True,):
                what = f"F1 {'exact' if exact else 'partial'}{'' if labelled else ', unlabelled'}"
                items = [spans.span_items(left, right, labelled=labelled, partial=not exact) for left, right in matched]
                yield _f1(table, "spans", None, what, between, pairs, items, asked)
            for label in _labels_of(layer, table) if asked.by_label and several else ():
                is_label = pl.col("label") == label
                one = [
                    spans.span_items(left.filter(is_label), right.filter(is_label), partial=not exact)
                    for left, right in matched
                ]
                if any(frame.height for frame in one):
                    what = f"F1 {'exact' if exact else 'partial'}"
                    yield _f1(table, "spans", label, what, between, pairs, one, asked)
    yield from _columns(passes, layer, table, spans.alike(placed), asked)


def _relations(passes: Passes, layer: Layer, table: Table, asked: Asked) -> Iterator[Row]:
    if table.constraints.one_per:
        yield from _one_per(passes, layer, table, asked)
    if table.constraints.chains:
        for between, pairs in _comparisons(passes):
            for what, result in spans.chain_scores(passes, table, pairs, bootstraps=asked.bootstraps):
                yield Row(table.name, "chains", None, what, between, _names(pairs), result)
    several = len(layer.labels[table.name]) > 1
    for between, pairs in _comparisons(passes):
        sides = [spans.relation_sides(passes, layer, table, pair) for pair in pairs]
        for labelled in (True, False) if several else (True,):
            what = "F1" if labelled else "F1, unlabelled"
            items = [spans.relation_items(*side, labelled=labelled) for side in sides]
            yield _f1(table, "relations", None, what, between, pairs, items, asked)
        for label in _labels_of(layer, table) if asked.by_label and several else ():
            one = [spans.relation_items(*(part.filter(pl.col("label") == label) for part in side)) for side in sides]
            if any(frame.height for frame in one):
                yield _f1(table, "relations", label, "F1", between, pairs, one, asked)


def _one_per(passes: Passes, layer: Layer, table: Table, asked: Asked) -> Iterator[Row]:
    """A relation that every unit has once is a set of answers about that unit."""
    end = table.constraints.one_per or ""
    given = pl.concat([passes.rows(table, name) for name in (*passes.annotators, GOLD)])
    rows = given.with_columns(unit=pl.col(end))
    other = "to_id" if end == "from_id" else "from_id"
    yield from _labels(passes, table.name, other, rows.with_columns(label=other), (), None, asked)
    yield from _columns(passes, layer, table, rows, asked)


def _columns(passes: Passes, layer: Layer, table: Table, rows: pl.DataFrame, asked: Asked) -> Iterator[Row]:
    """The label and the further closed columns of units that several annotators have."""
    for column in table.columns:
        if column.scale is not None:
            labels = column.labels
            levels = labels if column.scale == "ordinal" else None
            given = rows.select("unit", "annotator", label=pl.col(column.name).cast(pl.String)).drop_nulls()
            if not given.is_empty() and len(labels) != 1:
                yield from _labels(passes, table.name, column.name, given, labels, levels, asked)


def _of_texts(passes: Passes, placed: dict[str, pl.DataFrame], pair: Pair) -> tuple[pl.DataFrame, pl.DataFrame]:
    inside = pl.col("_in").is_in(list(passes.shared(pair)))
    return placed[pair[0]].filter(inside), placed[pair[1]].filter(inside)


def _comparisons(passes: Passes) -> Iterator[tuple[str, list[Pair]]]:
    for between, pairs in ((BETWEEN_PASSES, passes.pairs), (AGAINST_GOLD, passes.against_gold)):
        if pairs:
            yield between, pairs


def _names(pairs: Sequence[Pair]) -> list[str]:
    return list(dict.fromkeys(name for pair in pairs for name in pair))


def _f1(
    table: Table,
    on: str,
    label: str | None,
    what: str,
    between: str,
    pairs: Sequence[Pair],
    items: Sequence[pl.DataFrame],
    asked: Asked,
) -> Row:
    return Row(table.name, on, label, what, between, _names(pairs), mean_ratio(items, bootstraps=asked.bootstraps))


# Tokens


def _tokens(passes: Passes, layer: Layer, table: Table, asked: Asked) -> Iterator[Row]:
    for between, pairs in _comparisons(passes):
        for pair in pairs:
            left, right = (spans.words(passes, table, name, passes.shared(pair)) for name in pair)
            scores = dependency_agreement(
                left,
                right,
                token=(CLUSTER, spans.WORD),
                sentence=(CLUSTER,),
                measures=measurable(left.columns),
                bootstraps=asked.bootstraps,
            )
            for what, result in scores.items():
                # The bootstrap draws sentences; what is compared are the words.
                result = replace(result, n_units=result.n_values)
                yield Row(table.name, "words", None, what, between, pair, result)
