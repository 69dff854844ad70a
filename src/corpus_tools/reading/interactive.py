"""A thread as a notebook widget: layers and passes to switch, chains to follow, replies to jump along."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from importlib import resources
from typing import TYPE_CHECKING, Any

from corpus_tools.corpus import Corpus
from corpus_tools.errors import MissingExtraError, UnknownNameError
from corpus_tools.reading.gather import chosen_tables, chosen_thread, gather, passes_of
from corpus_tools.reading.legend import meanings
from corpus_tools.reading.lines import N_LINES, PITCH, TINTS, style
from corpus_tools.reading.model import Answer, Link, Mark, Reading, Remark
from corpus_tools.reading.page import page

if TYPE_CHECKING:
    import anywidget


def widget(
    corpus: Corpus,
    *,
    thread_id: str | None = None,
    layers: Sequence[str] | None = None,
    annotators: str | Sequence[str] | None = None,
    shown: Sequence[str] | None = None,
) -> anywidget.AnyWidget:
    """A thread in which a reader switches layers and passes, follows chains and goes from comment to comment.

    All passes offered travel to the notebook once, when the widget is shown, and stay in it: about 200 bytes for each
    row of each pass, which is 0.9 MB for the shipped thread. Name layers and annotators where it would be too much.

    Args:
        corpus: The corpus.
        thread_id: The thread; the first one where omitted.
        layers: Layers, or single tables such as `sentences`, to choose from; all layers where omitted.
        annotators: Passes to choose from, the first one shown first; gold and every pass where omitted.
        shown: Those of `layers` that are switched on at first; the first of them where omitted.

    Returns:
        A widget with the traits `layers` (those switched on), `annotator` and `mention` (the unit whose chain is
        followed, or ""), which can be read and set. Where widgets do not run, the same thread is shown as HTML, as
        `thread` makes it.

    Raises:
        MissingExtraError: If anywidget is not installed.
        UnknownNameError: If there is no such thread, layer or annotator.
    """
    cls = _widget_class()
    names = list(dict.fromkeys(corpus.layers if layers is None else layers))
    tables = chosen_tables(corpus, names)
    on = _within("layer of the widget", names[:1] if shown is None else shown, names)
    known = passes_of(corpus, tables)
    asked = [annotators] if isinstance(annotators, str) else annotators
    wanted = _within("annotator", asked or known, known)
    thread = chosen_thread(corpus, thread_id)
    readings = {name: gather(corpus, tables, thread=thread, annotator=name, lenient=True) for name in wanted}
    still = gather(corpus, chosen_tables(corpus, on), thread=thread, annotator=wanted[0], lenient=True)
    made: anywidget.AnyWidget = cls(
        data=_data(corpus, names, readings), layers=on, annotator=wanted[0], still=page(corpus, still, on)
    )
    return made


def _within(kind: str, names: Iterable[str], known: Sequence[str]) -> list[str]:
    """The names, each once, if all are known."""
    for name in names:
        if name not in known:
            raise UnknownNameError(kind, name, known)
    return list(dict.fromkeys(names))


def _data(corpus: Corpus, names: Sequence[str], readings: Mapping[str, Reading]) -> dict[str, Any]:
    """What the widget is given to draw from."""
    first = next(iter(readings.values()))
    placed = first.names()
    layers = []
    for name in names:
        tables = chosen_tables(corpus, [name])
        layers.append({"name": name, "layer": tables[0].layer, "tables": [table.name for table in tables]})
    return {
        "title": first.thread["title"] or first.thread["thread_id"],
        "language": first.thread["language"],
        "lines": {"n_kinds": N_LINES, "pitch": PITCH, "tints": list(TINTS)},
        "layers": layers,
        "names": placed,
        "meanings": meanings(corpus, first.tables),
        "texts": [
            {"id": row["text_id"], "kind": row["kind"], "byline": row["byline"], "text": row["text"]}
            for row in first.texts
        ],
        "passes": {annotator: _pass(reading, placed) for annotator, reading in readings.items()},
    }


def _pass(reading: Reading, placed: Mapping[str, str]) -> dict[str, Any]:
    words = reading.words()
    ends = {unit for link in reading.links for unit in (link.from_id, link.to_id)}
    ends |= {remark.unit_id for remark in reading.remarks} | {answer.to_id for answer in reading.answers}
    return {
        "marks": _columns(reading.marks),
        "links": _columns(reading.links),
        "remarks": _columns(reading.remarks),
        "answers": _columns(reading.answers),
        "gaps": {text: list(layers) for text, layers in reading.gaps.items()},
        "words": {unit: words[unit] for unit in sorted(ends) if unit in words},
        "homes": {mark.unit_id: mark.text_id for mark in (*reading.hidden, *reading.marks) if mark.unit_id in ends},
        "labels": {table: reading.labels(table) for table in placed},
    }


def _columns(rows: Sequence[Mark | Link | Remark | Answer]) -> dict[str, Any]:
    """Rows without the names of their columns on each, which would be half of what travels."""
    names = [one.name for one in fields(rows[0])] if rows else []
    return {"columns": names, "rows": [[getattr(row, name) for name in names] for row in rows]}


@functools.cache
def _widget_class() -> type[anywidget.AnyWidget]:
    """The widget's class, made when it is first wanted, so that the package can be used without anywidget."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise MissingExtraError("anywidget", "notebooks") from None
    files = resources.files(__package__)

    class ThreadWidget(anywidget.AnyWidget):
        """One thread with its layers and passes."""

        _esm = files.joinpath("widget.js").read_text(encoding="utf-8")
        _css = style() + files.joinpath("widget.css").read_text(encoding="utf-8")
        data = traitlets.Dict().tag(sync=True)
        layers = traitlets.List(traitlets.Unicode()).tag(sync=True)
        annotator = traitlets.Unicode().tag(sync=True)
        mention = traitlets.Unicode().tag(sync=True)
        still = traitlets.Any()

        @traitlets.validate("layers")
        def _layers(self, proposal: Any) -> list[str]:
            names = [layer["name"] for layer in self.data["layers"]]
            return _within("layer of the widget", proposal["value"], names)

        @traitlets.validate("annotator")
        def _annotator(self, proposal: Any) -> str:
            return _within("annotator", [proposal["value"]], list(self.data["passes"]))[0]

        def _repr_mimebundle_(self, **options: Any) -> Any:
            bundle, metadata = super()._repr_mimebundle_(**options) or ({}, {})
            return {**bundle, **self.still._repr_mimebundle_()}, metadata

    return ThreadWidget
