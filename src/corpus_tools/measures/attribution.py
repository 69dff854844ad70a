"""Who is said to say, think or want what."""

from __future__ import annotations

import polars as pl

from corpus_tools.frames import Frame, needs
from corpus_tools.standoff import in_thread_order


def attributions(
    spans: Frame, relations: Frame, texts: Frame, *, cue: str = "cue", source: str = "source", content: str = "content"
) -> pl.LazyFrame:
    """Every cue with its source and its content.

    Args:
        spans: One row per span; needs `span_id`, `text_id`, `start_char`, `end_char`, `quote` and `label`.
        relations: One row per relation from a cue; needs `from_id`, `to_id` and `label`.
        texts: One row per text; needs `text_id`, `thread_id` and `position`. Spans of other texts are left out.
        cue: The label of the spans that attribute.
        source: The label of relations that lead to the one who speaks.
        content: The label of relations that lead to what is said.

    Returns:
        One row per cue: `cue_id`, `text_id`, `cue`, `source`, `content` (the quotes; several joined with "; ", null
        where there is none), `n_sources` and `n_contents` (UInt32). Cues, and the quotes of one cue, stand in the order
        of the threads, a longer span before those inside it.

    Raises:
        MissingColumnError: If a column is absent.

    Source:
        Pareti (2016), PARC 3.0: A Corpus of Attribution Relations, Proceedings of LREC 2016, 3914-3920, for the three
        parts of an attribution.
    """
    columns = ("span_id", "text_id", "start_char", "end_char", "quote", "label")
    spans = needs(spans, columns, where="attributions: spans").select(columns)
    relations = needs(relations, ("from_id", "to_id", "label"), where="attributions: relations")
    columns_of_texts = ("text_id", "thread_id", "position")
    order = needs(texts, columns_of_texts, where="attributions: texts").select(columns_of_texts)
    placed = in_thread_order(spans.join(order, on="text_id", how="semi"), order)
    cues = placed.filter(pl.col("label") == cue)
    ends = placed.select("span_id", _quote="quote").with_row_index("_place")
    for name, label in (("source", source), ("content", content)):
        led_to = relations.filter(pl.col("label") == label).select(_cue="from_id", span_id="to_id")
        quotes = pl.col("_quote").sort_by("_place").str.join("; ")
        parts = led_to.join(ends, on="span_id").group_by("_cue").agg(quotes.alias(name), pl.len().alias(f"n_{name}s"))
        cues = cues.join(parts, left_on="span_id", right_on="_cue", how="left", maintain_order="left")
    named = (pl.col("span_id").alias("cue_id"), "text_id", pl.col("quote").alias("cue"), "source", "content")
    return cues.select(*named, *(pl.col(name).fill_null(0) for name in ("n_sources", "n_contents")))
