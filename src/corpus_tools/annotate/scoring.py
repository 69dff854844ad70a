"""A learner's spans against gold: how many are found, and for each span what became of it.

The matching and the arithmetic are those of `corpus_tools.agreement`, so a score can be held beside the published
agreement of the layer: `F1 exact` and `F1 partial` there.

Source: the credit of half for a span with other borders is that of partial boundary matching; see
`corpus_tools.agreement.overlap.match_spans`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import polars as pl

from corpus_tools.agreement.coefficient import ratio
from corpus_tools.agreement.overlap import match_spans
from corpus_tools.errors import counted, listed
from corpus_tools.frames import Frame, needs
from corpus_tools.reading.model import shortened

AGREED, OTHER_LABEL, OTHER_BORDERS = "agreed", "other label", "other borders"
OTHER_BOTH, ONLY_OWN, ONLY_GOLD = "other label and borders", "only yours", "only gold"
RESULTS = (AGREED, OTHER_LABEL, OTHER_BORDERS, OTHER_BOTH, ONLY_OWN, ONLY_GOLD)
"""What may become of a span, the best first."""

_KEY = "span_id"
_NEEDED = (_KEY, "text_id", "start_char", "end_char", "quote", "label")
_SHARES = dict.fromkeys(("precision", "recall", "f1"), pl.Float64)
_WORDS = 60
"""Characters of a quote that a table shows."""
_CELL = 'style="text-align:left;vertical-align:top"'


@dataclass(frozen=True, slots=True)
class Found:
    """Precision, recall and their harmonic mean; each None where it has no denominator."""

    precision: float | None
    """Share of the learner's spans that are gold's."""
    recall: float | None
    """Share of gold's spans that the learner has."""
    f1: float | None

    def __str__(self) -> str:
        return f"F1 {_number(self.f1)} (precision {_number(self.precision)}, recall {_number(self.recall)})"


@dataclass(frozen=True, slots=True)
class Score:
    """What `score` found."""

    texts: tuple[str, ...]
    """The texts that count."""
    n_rows: int
    """The learner's spans in them."""
    n_gold: int
    """Gold's spans in them."""
    exact: Found
    """Spans count that have gold's place and label."""
    overlap: Found
    """Spans with gold's label that merely share characters with gold's count half."""
    labels: pl.DataFrame
    """One row per label, sorted: `label`, `n_rows`, `n_gold`, `precision`, `recall`, `f1`, `overlap_precision`,
    `overlap_recall` and `overlap_f1`."""
    rows: pl.DataFrame
    """One row per span or matched pair, in the order of the texts: `result` (one of `RESULTS`), `text_id`, `span_id`,
    `start_char`, `end_char`, `quote`, `label`, then the same of gold with `gold_` before the name; `gold_reason`."""
    n_left_out: int
    """Spans on either side that lie outside the texts' words, such as bylines; they are not compared."""

    @property
    def results(self) -> dict[str, int]:
        """Result -> how many rows have it, the best first."""
        counts = dict(self.rows.group_by("result").len().iter_rows())
        return {result: counts.get(result, 0) for result in RESULTS}

    def __str__(self) -> str:
        return "\n".join([*self._told(), "", *map(str, (self.labels, self.rows))])

    def _told(self) -> list[str]:
        """The figures in sentences."""
        sides = f"{counted(self.n_rows, 'span')} of yours, {counted(self.n_gold, 'span')} of gold"
        told = [f"{sides}, in {listed(self.texts)}", f"Same place and label: {self.exact}"]
        told.append(f"Same label, other borders counting half: {self.overlap}")
        told.append("; ".join(f"{result}: {n}" for result, n in self.results.items() if n) or "nothing on either side")
        if self.n_left_out:
            told.append(f"Not compared, outside the words of a text: {counted(self.n_left_out, 'span')}")
        return told

    def _repr_html_(self) -> str:
        told = "".join(f"<p>{escape(words)}</p>" for words in self._told())
        labels = _table(self.labels.columns, self.labels.iter_rows())
        heads = ["result", "text", "yours", "label", "gold", "gold's label", "gold's reason"]
        shown = [
            (
                row["result"],
                row["text_id"] or row["gold_text_id"],
                shortened(row["quote"] or "", _WORDS),
                row["label"],
                shortened(row["gold_quote"] or "", _WORDS),
                row["gold_label"],
                row["gold_reason"],
            )
            for row in self.rows.iter_rows(named=True)
        ]
        return f"{told}{labels}{_table(heads, shown)}"


def score(rows: Frame, gold: Frame, *, texts: Iterable[str]) -> Score:
    """Hold a learner's spans to gold's.

    The list of rows pairs each span with the one of gold that it shares most characters with, whatever the labels. The
    shares compare spans of one label only. Both look at place and label and at no further column, so spans of evidence
    count as right wherever gold has evidence, whatever for.

    Args:
        rows: The learner's spans; needs `span_id`, `text_id`, `start_char`, `end_char`, `quote` and `label`.
        gold: Gold's spans, with the same columns; `reason` is taken over where there is one.
        texts: The texts gone through, in the order they are to be listed; spans in others do not count.

    Raises:
        MissingColumnError: If a column is absent.
    """
    chosen = tuple(dict.fromkeys(texts))
    own, own_out = _inside(rows, chosen, "score: rows")
    right, gold_out = _inside(gold, chosen, "score: gold")
    by_label = [_of_label(label, own, right) for label in sorted({*own["label"], *right["label"]})]
    schema = {"label": pl.String, "n_rows": pl.UInt32, "n_gold": pl.UInt32, **_SHARES}
    schema |= {f"overlap_{name}": kind for name, kind in _SHARES.items()}
    return Score(
        texts=chosen,
        n_rows=own.height,
        n_gold=right.height,
        exact=_found(own, right, partial=False),
        overlap=_found(own, right, partial=True),
        labels=pl.DataFrame(by_label, schema=schema, orient="row"),
        rows=_listed(own, right, chosen),
        n_left_out=own_out + gold_out,
    )


def _inside(frame: Frame, texts: tuple[str, ...], where: str) -> tuple[pl.DataFrame, int]:
    """The spans of some texts that have a place, and how many have none."""
    here = needs(frame, _NEEDED, where=where).filter(pl.col("text_id").is_in(texts)).collect()
    placed = here.drop_nulls(["start_char", "end_char"])
    return placed, here.height - placed.height


def _found(own: pl.DataFrame, gold: pl.DataFrame, *, partial: bool) -> Found:
    items = match_spans(own, gold, partial=partial, key=_KEY)
    left, right = (pl.col(side).is_not_null().cast(pl.UInt32) for side in ("left", "right"))

    def share(part: pl.Expr, whole: pl.Expr) -> float | None:
        return ratio(items.select(part=part, whole=whole), bootstraps=0).value

    credit = pl.col("credit")
    return Found(share(credit, left), share(credit, right), share(2 * credit, left + right))


def _of_label(label: str, own: pl.DataFrame, gold: pl.DataFrame) -> tuple[object, ...]:
    one, other = (frame.filter(pl.col("label") == label) for frame in (own, gold))
    shares = [_found(one, other, partial=partial) for partial in (False, True)]
    figures = [number for found in shares for number in (found.precision, found.recall, found.f1)]
    return (label, one.height, other.height, *figures)


def _listed(own: pl.DataFrame, gold: pl.DataFrame, texts: tuple[str, ...]) -> pl.DataFrame:
    """Every span, matched or not, with what became of it."""
    if "reason" not in gold.columns:
        gold = gold.with_columns(reason=pl.lit(None, pl.String))
    left = own.select(_NEEDED)
    right = gold.select(pl.col(*_NEEDED, "reason").name.prefix("gold_"))
    pairs = match_spans(own, gold, labelled=False, partial=True, key=_KEY)
    joined = pairs.join(left, left_on="left", right_on=_KEY, how="left", coalesce=False).join(
        right, left_on="right", right_on=f"gold_{_KEY}", how="left", coalesce=False
    )
    same_label, same_place = pl.col("label") == pl.col("gold_label"), pl.col("credit") == 1
    result = (
        pl.when(pl.col("right").is_null())
        .then(pl.lit(ONLY_OWN))
        .when(pl.col("left").is_null())
        .then(pl.lit(ONLY_GOLD))
        .when(same_place)
        .then(pl.when(same_label).then(pl.lit(AGREED)).otherwise(pl.lit(OTHER_LABEL)))
        .otherwise(pl.when(same_label).then(pl.lit(OTHER_BORDERS)).otherwise(pl.lit(OTHER_BOTH)))
    )
    home, start, end = (pl.coalesce(name, f"gold_{name}") for name in ("text_id", "start_char", "end_char"))
    order = home.replace_strict({text: n for n, text in enumerate(texts)}, return_dtype=pl.UInt32, default=None)
    columns = ["text_id", _KEY, "start_char", "end_char", "quote", "label"]
    return (
        joined.with_columns(result=result)
        .sort(order, start, -end, pl.coalesce("left", "right"))
        .select("result", *columns, *(f"gold_{name}" for name in columns), "gold_reason")
    )


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _table(heads: Iterable[str], rows: Iterable[tuple[object, ...]]) -> str:
    head = "".join(f"<th {_CELL}>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td {_CELL}>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    words = f"{value:.2f}" if isinstance(value, float) else str(value)
    return escape(words)
