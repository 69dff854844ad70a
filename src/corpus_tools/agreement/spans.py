"""Spans, relations and chains of several annotators, brought to keys that they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import polars as pl

from corpus_tools.agreement.clusters import CLUSTER, mean_harmonic
from corpus_tools.agreement.coefficient import Coefficient
from corpus_tools.agreement.coreference import MEASURES, mention_parts
from corpus_tools.agreement.overlap import match_relations, match_spans
from corpus_tools.agreement.passes import Pair, Passes
from corpus_tools.scheme import GOLD, Layer, Table
from corpus_tools.standoff import chains

KEY, WORD = "_key", "_word"
EXTENT = pl.concat_str("text_id", "start_char", "end_char", separator="\0")


def placed(passes: Passes, layer: Layer, table: Table, annotator: str) -> pl.DataFrame:
    """One annotator's spans with `_key`, `_in` (the text), `unit` (the extent) and the cluster it falls in.

    Spans outside a text, such as bylines, are placed by their source. Evidence is placed by what it is evidence for,
    so that it is compared with evidence for the same.
    """
    rows = passes.rows(table, annotator).with_columns(pl.col(table.key).alias(KEY), _in="text_id")
    rows = rows.with_columns(_where(passes, rows)).with_columns(_cluster_name())
    if "source_start" in rows.columns:
        outside = pl.col("start_char").is_null() & pl.col("source_start").is_not_null()
        source = pl.col("text_id").replace_strict(passes.sources, default="", return_dtype=pl.String)
        rows = rows.with_columns(
            text_id=pl.when(outside).then(pl.concat_str(pl.lit("\0"), source)).otherwise("text_id"),
            start_char=pl.when(outside).then("source_start").otherwise("start_char"),
            end_char=pl.when(outside).then("source_end").otherwise("end_char"),
        )
    for column in table.columns:
        for other in layer.tables:
            if other is not table and column.refers_to == f"{other.name}.{other.key}":
                about = dict(passes.rows(other, annotator).select(other.key, _about(other)).iter_rows())
                named = pl.col(column.name).replace_strict(about, default="", return_dtype=pl.String)
                rows = rows.with_columns(text_id=pl.concat_str("text_id", named, separator="\0"))
    return rows.drop_nulls(["start_char", "end_char"]).with_columns(unit=EXTENT)


def _about(table: Table) -> pl.Expr:
    """What a judgement or relation is about, whoever made it."""
    return pl.concat_str("unit_id", "question", separator="\0") if table.unit == "judgement" else pl.col("from_id")


def _where(passes: Passes, rows: pl.DataFrame) -> pl.Series:
    """The sentence that each span begins in; null where it is in none."""
    sentences = passes.sentences
    if sentences is None:
        return pl.Series("_sentence", [None] * rows.height, dtype=pl.String)
    numbered = rows.select("text_id", _from="start_char").with_row_index("_row")
    known = numbered.drop_nulls("_from").sort("_from")
    found = known.join_asof(sentences, on="_from", by="text_id", strategy="backward", check_sortedness=False).select(
        "_row", CLUSTER
    )
    whole = numbered.join(found, on="_row", how="left", maintain_order="left")
    return whole[CLUSTER].alias("_sentence")


def _cluster_name() -> pl.Expr:
    return pl.coalesce("_sentence", "_in").alias(CLUSTER)


def span_items(left: pl.DataFrame, right: pl.DataFrame, *, labelled: bool = True, partial: bool) -> pl.DataFrame:
    """Matched and unmatched spans with their cluster, what they add to F1 (`part`) and how many they are (`whole`)."""
    return _items(match_spans(left, right, labelled=labelled, partial=partial, key=KEY), left, right)


def relation_items(left: pl.DataFrame, right: pl.DataFrame, *, labelled: bool = True) -> pl.DataFrame:
    """As `span_items`, for relations whose ends have shared keys."""
    return _items(match_relations(left, right, labelled=labelled, key=KEY), left, right)


def _items(items: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    # Side by side, because two annotators may have given the same key to different things.
    for side, frame in (("left", left), ("right", right)):
        clusters = frame.select(pl.col(KEY).alias(side), pl.col(CLUSTER).alias(f"_{side}"))
        items = items.join(clusters, on=side, how="left", maintain_order="left")
    sides = pl.col("left").is_not_null().cast(pl.UInt32) + pl.col("right").is_not_null().cast(pl.UInt32)
    return items.select(pl.coalesce("_left", "_right").alias(CLUSTER), part=2 * pl.col("credit"), whole=sides)


def alike(placed_rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The spans whose extent their annotator gave once, for comparing what else several say of that extent."""
    frames = [rows for rows in placed_rows.values() if not rows.is_empty()]
    if not frames:
        return pl.concat(list(placed_rows.values()))
    every = pl.concat(frames)
    return every.filter(pl.len().over("unit", "annotator") == 1)


def relation_sides(passes: Passes, layer: Layer, table: Table, pair: Pair) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The relations of two annotators, their ends named by keys that both share.

    Ends that are spans of the annotators' own are matched by the greatest overlap, whatever their labels; texts,
    sentences and other given units have the same ids for both. An end that is a relation is named by its own ends. A
    relation lies in the text that it starts from.
    """
    shared = passes.shared(pair)
    to_left: dict[str, str] = {}
    for name in _span_tables(passes, layer, table):
        left, right = (_keyed(_joined(passes, table, name, annotator), shared) for annotator in pair)
        matched = match_spans(left, right, labelled=False, partial=True, key=KEY).drop_nulls()
        to_left |= dict(matched.select("right", "left").iter_rows())
    return _side(passes, table, pair[0], shared, {}), _side(passes, table, pair[1], shared, to_left)


def _side(
    passes: Passes, table: Table, annotator: str, shared: frozenset[str], names: Mapping[str, str]
) -> pl.DataFrame:
    rows = passes.rows(table, annotator).with_columns(pl.col(table.key).alias(KEY))
    own = {key: (from_id, to_id) for key, from_id, to_id in rows.select(KEY, "from_id", "to_id").iter_rows()}

    def start(unit: str) -> str:
        passed = set()
        while unit in own and unit not in passed:
            passed.add(unit)
            unit = own[unit][0]
        return unit

    def name(unit: str, inside: frozenset[str] = frozenset()) -> str:
        if unit not in own or unit in inside:
            return names.get(unit, unit)
        return "(" + ">".join(name(end, inside | {unit}) for end in own[unit]) + ")"

    starts = pl.Series("_start", [start(unit) for unit in rows["from_id"]], dtype=pl.String)
    ends = {end: pl.Series([name(unit) for unit in rows[end]], dtype=pl.String) for end in ("from_id", "to_id")}
    home = starts.replace_strict(passes.home, default=None, return_dtype=pl.String)
    placed = rows.with_columns(_in=home, _start=starts, **ends)
    return (
        placed.with_columns(_in_sentence(passes, placed))
        .with_columns(_cluster_name())
        .filter(pl.col("_in").is_in(list(shared)))
    )


def _joined(passes: Passes, table: Table, name: str, annotator: str) -> pl.DataFrame:
    """The spans that an annotator's relations join: their own or, where units were given, those of who made them."""
    ends = passes.rows(table, annotator).select("from_id", "to_id")
    joined = {*ends["from_id"], *ends["to_id"]}
    makers = dict.fromkeys((annotator, GOLD, *passes.annotators))
    counts = {maker: len(joined.intersection(passes.rows(name, maker)["span_id"])) for maker in makers}
    # Where nothing is joined nothing says which spans were given: those of gold are most likely.
    most = max(counts, key=lambda maker: counts[maker])
    return passes.rows(name, most if counts[most] else GOLD)


def _keyed(rows: pl.DataFrame, shared: frozenset[str]) -> pl.DataFrame:
    inside = rows.filter(pl.col("text_id").is_in(list(shared))).drop_nulls(["start_char", "end_char"])
    return inside.with_columns(pl.col("span_id").alias(KEY))


def _in_sentence(passes: Passes, rows: pl.DataFrame) -> pl.Series:
    """The sentence of the unit that each relation starts from."""
    starts = rows.select(
        text_id="_in",
        start_char=pl.col("_start").replace_strict(passes.starts, default=None, return_dtype=pl.Int32),
    )
    return _where(passes, starts)


def _span_tables(passes: Passes, layer: Layer, table: Table) -> list[str]:
    """The tables of spans that an annotator's relations may join and that the same annotator made."""
    named = {*table.constraints.from_tables, *table.constraints.to_tables} or {other.name for other in layer.tables}
    tables = passes.corpus.scheme.tables
    return sorted(name for name in named if tables[name].unit == "span")


def chain_scores(
    passes: Passes, table: Table, pairs: Sequence[Pair], *, bootstraps: int
) -> Iterator[tuple[str, Coefficient]]:
    """The coreference measures averaged over pairs, with chains of one mention and without."""
    made = {annotator: _mentions(passes, table, annotator) for pair in pairs for annotator in pair}
    for singletons in (False, True):
        parts = []
        for pair in pairs:
            sides = [made[one].filter(pl.col("text_id").is_in(list(passes.shared(pair)))) for one in pair]
            clusters = pl.concat([side.select("mention", CLUSTER) for side in sides]).unique("mention", keep="first")
            key, response = (dict(side.select("mention", "chain_id").iter_rows()) for side in sides)
            found = mention_parts(key, response, singletons=singletons).items()
            parts.append(
                {
                    measure: (
                        one.join(clusters, on="mention", how="left", maintain_order="left"),
                        other.join(clusters, on="mention", how="left", maintain_order="left"),
                    )
                    for measure, (one, other) in found
                }
            )
        suffix = ", with single mentions" if singletons else ""
        for measure in MEASURES:
            yield measure + suffix, mean_harmonic([part[measure] for part in parts], bootstraps=bootstraps)
        every = [part[measure] for part, measure in product(parts, MEASURES)]
        yield f"CoNLL{suffix}", mean_harmonic(every, bootstraps=bootstraps)


def _mentions(passes: Passes, table: Table, annotator: str) -> pl.DataFrame:
    """One annotator's mentions with `mention` (the extent), `chain_id` and their cluster."""
    spans = _joined(passes, table, table.constraints.from_tables[0], annotator)
    joined = chains(spans.lazy(), passes.rows(table, annotator).lazy(), passes.corpus.scan("texts"))
    spans = spans.with_columns(_in="text_id").with_columns(_where(passes, spans)).with_columns(_cluster_name())
    return spans.join(joined, on="span_id", maintain_order="left").with_columns(mention=EXTENT)


def words(passes: Passes, table: Table, annotator: str, texts: frozenset[str]) -> pl.DataFrame:
    """One annotator's tokens of some texts with `_word`, the same for both where they have the same word; heads too.

    A word is known by its place and its form, the words of a multiword token by the place of the whole, as in the
    CoNLL 2018 scorer: annotators may cut words and sentences differently. The cluster is the sentence of gold.
    """
    rows = passes.rows(table, annotator).filter(pl.col("text_id").is_in(list(texts)))
    rows = rows.with_columns(pl.Series(WORD, _word_keys(rows), dtype=pl.String), _in="text_id")
    heads = rows.select("sentence_id", head="position", _head=WORD)
    rows = rows.join(heads, on=["sentence_id", "head"], how="left", maintain_order="left")
    head = pl.coalesce("_head", pl.col("head").cast(pl.String))
    return rows.with_columns(_where(passes, rows), head=head).with_columns(_cluster_name())


def _word_keys(tokens: pl.DataFrame) -> list[str]:
    seen: Counter[tuple[object, ...]] = Counter()
    keys = []
    whole: tuple[object, ...] = ()
    reached = 0
    for text, start, end, form, multiword in tokens.select(
        "text_id", "start_char", "end_char", "form", "multiword"
    ).iter_rows():
        if multiword is None or start is None:
            whole, reached = (text, start, end), -1
        elif whole[:1] != (text,) or start >= reached:
            reached = start + len(multiword)
            whole = (text, start, reached)
        word = (*whole, form.lower())
        keys.append("\0".join(map(str, (*word, seen[word]))))
        seen[word] += 1
    return keys
