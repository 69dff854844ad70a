"""Annotated text as HTML that needs no script: what it shows is the source, and labels lie around it.

Everything from a corpus is escaped, so markup or script in a comment is shown, never run. Taking the labels (the
elements of class `ct-label`) out of the body of a text leaves exactly its characters.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import UnknownNameError
from corpus_tools.standoff import segments

# Light tints that keep black text above a contrast of 12:1; a label always stands as a word, so colour only repeats it.
TINTS = ("#DCE9F5", "#FBEBCB", "#D7EFE5", "#F6E1EC", "#E2F1FB", "#FADFD0", "#E9E9E9", "#F7F3C6")
STYLE = """
.ct-thread{max-width:46em;font:16px/1.55 Georgia,serif;color:#222;background:#fff;padding:1px 0}
.ct-text{margin:0 0 1.4em;padding-left:.9em;border-left:3px solid #bbb}
.ct-comment{margin-left:1.6em}
.ct-head{margin:0 0 .3em;font:13px/1.4 Helvetica,Arial,sans-serif;color:#595959}
.ct-byline{color:#222;font-weight:bold}
.ct-body{white-space:pre-wrap;overflow-wrap:anywhere}
.ct-span{border-radius:3px;padding:.05em 0}
.ct-label{font:11px/1 Helvetica,Arial,sans-serif;color:#222;background:#fff;border:1px solid #767676;border-radius:3px;\
padding:0 .3em;margin:0 .3em 0 .1em;white-space:nowrap;user-select:none}
"""


class Html:
    """HTML that a notebook shows as such."""

    def __init__(self, markup: str, *, description: str) -> None:
        self.markup = markup
        self.description = description

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        return {"text/html": self.markup, "text/plain": self.description}

    def __str__(self) -> str:
        return self.markup


def thread(corpus: Corpus, *, layers: Sequence[str] = ("structure",), thread_id: str | None = None) -> Html:
    """A whole thread as annotated text.

    Args:
        corpus: The corpus.
        layers: Span layers to show; none shows the plain text.
        thread_id: The thread; the first one where omitted.

    Returns:
        One block per text in printed order, each under its id and its byline as printed, labels before their spans.

    Raises:
        UnknownNameError: If there is no such thread, or no such span layer.
    """
    known = corpus.threads["thread_id"].to_list()
    chosen = thread_id if thread_id is not None else next(iter(known), None)
    if chosen not in known:
        raise UnknownNameError("thread", chosen, known)
    texts = corpus.texts.filter(pl.col("thread_id") == chosen).sort("position")
    spans = _spans(corpus, layers, texts)
    tints = _tints(label for layer in layers for label in corpus.scheme.table(layer)["label"].labels)
    body = "".join(_text(row, spans.get(row["text_id"], []), tints) for row in texts.iter_rows(named=True))
    title = html.escape(corpus.threads.row(by_predicate=pl.col("thread_id") == chosen, named=True)["title"])
    shown = ", ".join(layers) or "none"
    return Html(
        f'<section class="ct-thread" lang="{html.escape(corpus.metadata.language)}" aria-label="{title}">'
        f"<style>{STYLE}</style>{body}</section>",
        description=f"{texts.height} texts of the thread {chosen}, with the layers: {shown}.",
    )


def annotated(text: str, spans: Iterable[Mapping[str, Any]], *, tints: Mapping[str, str] | None = None) -> str:
    """The body of one text with its spans, nested, crossing or adjacent, as HTML.

    Args:
        text: The text.
        spans: Rows with `start_char`, `end_char`, `label` and `layer`; those without offsets are left out.
        tints: Label -> background colour; given out in order of appearance where omitted.

    Returns:
        Markup in which every character of `text` stands once; a label stands where its span begins.
    """
    rows = [row for row in spans if row["start_char"] is not None]
    bounds = [(row["start_char"], row["end_char"]) for row in rows]
    return "".join(_segments(text, rows, bounds, tints or _tints(row["label"] for row in rows)))


def _tints(labels: Iterable[str]) -> dict[str, str]:
    return {label: TINTS[i % len(TINTS)] for i, label in enumerate(dict.fromkeys(labels))}


def _segments(
    text: str, rows: Sequence[Mapping[str, Any]], bounds: Sequence[tuple[int, int]], tints: Mapping[str, str]
) -> Iterator[str]:
    for segment in segments(len(text), bounds):
        words = _escaped(text[segment.start : segment.end])
        if not segment.covering:
            yield words
            continue
        for i in segment.covering:
            if bounds[i][0] == segment.start:
                yield _label(rows[i]["label"])
        inner = rows[segment.covering[-1]]
        named = " ".join(f"{rows[i]['layer']}:{rows[i]['label']}" for i in segment.covering)
        tint = tints[inner["label"]]
        yield f'<span class="ct-span" data-labels="{html.escape(named)}" style="background:{tint}">{words}</span>'


def _spans(corpus: Corpus, layers: Sequence[str], texts: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    spannable = [
        table.name for layer in corpus.scheme.layers.values() for table in layer.tables if table.unit == "span"
    ]
    found: dict[str, list[dict[str, Any]]] = {}
    for layer in layers:
        if layer not in spannable:
            raise UnknownNameError("span layer", layer, spannable)
        rows = corpus.scan(layer).filter(pl.col("text_id").is_in(texts["text_id"].to_list())).collect()
        for row in rows.select("text_id", "start_char", "end_char", "label").iter_rows(named=True):
            found.setdefault(row["text_id"], []).append({**row, "layer": layer})
    return found


def _text(row: Mapping[str, Any], spans: Sequence[Mapping[str, Any]], tints: Mapping[str, str]) -> str:
    # Spans outside the text, such as its byline, are labelled in its head.
    outside = "".join(_label(span["label"]) for span in spans if span["start_char"] is None)
    byline = f' {outside}<span class="ct-byline">{_escaped(row["byline"])}</span>' if row["byline"] else ""
    return (
        f'<article class="ct-text ct-{row["kind"]}"><p class="ct-head">{html.escape(row["text_id"])}{byline}</p>'
        f'<div class="ct-body">{annotated(row["text"], spans, tints=tints)}</div></article>'
    )


def _label(label: str) -> str:
    return f'<span class="ct-label">{html.escape(label)}</span>'


def _escaped(text: str) -> str:
    # A parser turns a bare carriage return into a line feed; as a reference it survives.
    return html.escape(text).replace("\r", "&#13;")
