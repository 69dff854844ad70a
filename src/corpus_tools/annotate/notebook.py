"""Marking spans in a notebook: words are selected, get a label, and are rows; blind, they are scored against gold."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from corpus_tools.annotate.passes import Pass, write_pass
from corpus_tools.annotate.scoring import Score, score
from corpus_tools.annotate.work import PLACE, Work
from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, MissingExtraError, UnknownNameError, listed
from corpus_tools.exchange.annotating import closed_values
from corpus_tools.exchange.documents import further
from corpus_tools.folder import LIST_SEPARATOR
from corpus_tools.frames import Frame
from corpus_tools.ingest.writing import PORTABLE
from corpus_tools.reading.lines import N_LINES, PITCH, TINTS, style
from corpus_tools.scheme import GOLD, Column, Table


class Annotator(Protocol):
    """What the widget offers beside what every widget does."""

    spans: list[dict[str, Any]]
    """The marks: `id`, `text_id`, `start_char`, `end_char` (code points), `label`, and `values`, the further columns
    that are filled, each as it stands in a CSV file. Give a new list to change them."""

    @property
    def rows(self) -> pl.DataFrame:
        """The marks as rows of the table, in the order of the texts.

        Raises:
            ArgumentError: If a mark does not hold; the message names the first such.
        """
        ...

    def score(self, *, texts: Iterable[str] | None = None) -> Score:
        """Hold the rows to gold's.

        Args:
            texts: The texts gone through; all that are shown and have gold where omitted.

        Raises:
            ArgumentError: If there is no gold for a text, or none for any.
        """
        ...

    def save(
        self,
        folder: str | Path,
        *,
        name: str,
        description: str,
        kind: str = "human expert",
        date: datetime.date | str | None = None,
        texts: Iterable[str] | None = None,
    ) -> list[Path]:
        """Add the rows as a pass to a corpus folder.

        Args:
            folder: The corpus folder.
            name: Name of the annotator.
            description: How the annotator worked.
            kind: What the annotator is, as `corpus.toml` says it.
            date: The day of the pass; today where omitted.
            texts: The texts gone through, marks or none; all that are shown where omitted.

        Returns:
            The files written.

        Raises:
            ArgumentError: If a mark lies in a text that was not gone through, or the pass cannot be added.
        """
        ...


def annotator(
    corpus: Corpus,
    layer: str,
    *,
    texts: Iterable[str] | None = None,
    annotator: str = "me",
    blind: bool = False,
    rows: Frame | Iterable[Mapping[str, Any]] | None = None,
) -> Annotator:
    """Texts in which spans can be marked.

    Args:
        corpus: The corpus.
        layer: A layer whose first table has spans, or a table of spans.
        texts: Ids of texts; those of the first thread that have words where omitted.
        annotator: Who annotates: the id that the rows get.
        blind: Whether gold stays in Python, to be seen by `score` alone; else it travels to the notebook and can be
            switched on.
        rows: Rows to begin with, such as those of an earlier session. Those with ids of this annotator keep them.

    Returns:
        A widget with `spans`, `rows`, `score` and `save`, as `Annotator` describes them.

    Raises:
        ArgumentError: If the layer has no spans of its own (the message lists those that have), the annotator cannot
            be one, or a row does not hold.
        UnknownNameError: If there is no such text.
        MissingExtraError: If anywidget is not installed.
    """
    cls = _widget_class()
    work = Work(corpus, _table(corpus, layer), _texts(corpus, texts), _annotator_id(annotator))
    spans = work.spans(rows, blind=blind)
    work.frame(spans)
    return cls(work=work, data=_data(work, blind=blind), spans=spans, next_number=work.next_number(spans))


def _table(corpus: Corpus, name: str) -> Table:
    layers = corpus.scheme.layers
    tables = {table.name: table for layer in layers.values() for table in layer.tables}
    asked = layers[name].tables[0] if name in layers else tables.get(name)
    if asked is not None and asked.unit == "span":
        return asked
    known = [table.name for table in tables.values() if table.unit == "span"]
    raise ArgumentError(f"{name!r} has no spans to be marked; there are: {listed(known)}")


def _texts(corpus: Corpus, names: Iterable[str] | None) -> dict[str, dict[str, Any]]:
    """The rows of the texts, with the title and the language of their thread."""
    threads = corpus.scan("threads").select("thread_id", "title", "language").with_row_index("_thread")
    texts = corpus.scan("texts").join(threads, on="thread_id").sort("_thread", "position", "text_id").collect()
    if names is None:
        first = texts.drop_nulls("text")["_thread"].head(1)
        return {row["text_id"]: row for row in texts.drop_nulls("text").to_dicts() if row["_thread"] in first}
    known = {row["text_id"]: row for row in texts.to_dicts()}
    wanted = dict.fromkeys([names] if isinstance(names, str) else names)
    for name in wanted:
        if name not in known:
            raise UnknownNameError("text", name, known)
        if known[name]["text"] is None:
            raise ArgumentError(f"the text {name} has no words, so that nothing can be marked in it; leave it out")
    return {name: row for name, row in known.items() if name in wanted}


def _annotator_id(name: str) -> str:
    if name == GOLD or not re.fullmatch(PORTABLE, name):
        raise ArgumentError(
            f"{name!r} cannot be the id of an annotator: it names a file, and gold is what was decided; "
            "give another, such as 'me'"
        )
    return name


def _data(work: Work, *, blind: bool) -> dict[str, Any]:
    """What the widget is given to draw from; gold is in it only where the work is not blind."""
    layer = work.corpus.scheme.layers[str(work.table.layer)]
    titles = dict.fromkeys(row["title"] or row["thread_id"] for row in work.texts.values())
    gold = [] if blind else work.gold().drop_nulls(["start_char", "end_char"]).to_dicts()
    return {
        "title": f"{work.table.name}: {', '.join(titles)}",
        "annotator": work.annotator,
        "blind": blind,
        "prefix": work.prefix,
        "table": work.table.name,
        "overlap": work.table.constraints.overlap,
        "lines": {"n_kinds": N_LINES, "pitch": PITCH, "tints": list(TINTS)},
        "labels": [
            {"id": label.id, "definition": label.definition, "test": label.test}
            for label in layer.labels[work.table.name]
        ],
        "columns": [_field(column) for column in further(work.table)],
        "texts": [
            {name: row[name] for name in ("text_id", "kind", "byline", "text", "language")}
            for row in work.texts.values()
        ],
        "gold": [{name: row[name] for name in (*PLACE, "reason")} | {"id": row[work.table.key]} for row in gold],
    }


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "description": " ".join(column.description.split()),
        "choices": list(closed_values(column)),
        "meanings": {meaning.id: meaning.definition for meaning in column.meanings},
        "several": column.type == "strings",
        "for_labels": list(column.for_labels),
        "needed": column.required or bool(column.for_labels),
    }


def _score(work: Work, spans: Sequence[Mapping[str, Any]], texts: Iterable[str] | None) -> Score:
    has_gold = work.gold_texts()
    chosen = work.chosen(texts, has_gold & set(work.texts))
    lacking = [text for text in chosen if text not in has_gold]
    if lacking or not chosen:
        known = [text for text in work.texts if text in has_gold]
        raise ArgumentError(
            f"{work.table.layer} has no gold for {listed(lacking) if lacking else 'the texts shown'}; "
            f"of those shown it has gold for: {listed(known)}"
        )
    return score(work.frame(spans), work.gold(), texts=chosen)


def _save(
    work: Work,
    spans: Sequence[Mapping[str, Any]],
    folder: Path,
    texts: Iterable[str] | None,
    said: Mapping[str, Any],
) -> list[Path]:
    chosen = work.chosen(texts, work.texts)
    rows = work.frame(spans)
    outside = rows.filter(~pl.col("text_id").is_in(chosen))["text_id"].unique(maintain_order=True)
    if len(outside):
        raise ArgumentError(
            f"there are marks in {listed(outside)}; name every text with marks in texts, or delete them"
        )
    # The items of a list are one cell in a CSV file.
    lists = [column.name for column in work.table.columns if column.type == "strings"]
    cells = rows.with_columns(pl.col(name).list.join(LIST_SEPARATOR) for name in lists)
    made = Pass(layer=str(work.table.layer), annotator_id=work.annotator, texts=tuple(chosen), **said)
    return write_pass(folder, made, {work.table.name: cells.to_dicts()})


def _day(date: datetime.date | str | None) -> datetime.date:
    if isinstance(date, str):
        try:
            return datetime.date.fromisoformat(date)
        except ValueError:
            raise ArgumentError(f"the date {date!r} is no day; write it as 2026-01-31") from None
    return date or datetime.datetime.now().astimezone().date()


@functools.cache
def _widget_class() -> Callable[..., Annotator]:
    """The widget's class, made when it is first wanted, so that the package can be used without anywidget."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise MissingExtraError("anywidget", "notebooks") from None
    files = resources.files(__package__)

    class SpanAnnotator(anywidget.AnyWidget):
        """Texts in which spans are marked."""

        _esm = files.joinpath("annotator.js").read_text(encoding="utf-8")
        _css = style() + files.joinpath("annotator.css").read_text(encoding="utf-8")
        data = traitlets.Dict().tag(sync=True)
        spans = traitlets.List(traitlets.Dict()).tag(sync=True)
        next_number = traitlets.Int(1).tag(sync=True)

        def __init__(self, *, work: Work, **traits: Any) -> None:
            super().__init__(**traits)
            self._work = work

        @traitlets.observe("spans")
        def _given(self, change: Any) -> None:
            # An id that was given, here or there, is never given again.
            if hasattr(self, "_work"):
                self.next_number = max(self.next_number, self._work.next_number(change["new"]))

        @property
        def rows(self) -> pl.DataFrame:
            return self._work.frame(self.spans)

        def score(self, *, texts: Iterable[str] | None = None) -> Score:
            return _score(self._work, self.spans, texts)

        def save(
            self,
            folder: str | Path,
            *,
            name: str,
            description: str,
            kind: str = "human expert",
            date: datetime.date | str | None = None,
            texts: Iterable[str] | None = None,
        ) -> list[Path]:
            said = {"name": name, "kind": kind, "description": description, "date": _day(date)}
            return _save(self._work, self.spans, Path(folder), texts, said)

    return SpanAnnotator
