"""One text with spans on it, as HTML: every character once, labels where spans begin, lines as far as they run."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus_tools.errors import ArgumentError
from corpus_tools.reading.lines import N_LINES, PITCH, TINTS
from corpus_tools.reading.model import UNLABELLED
from corpus_tools.standoff import lanes, segments

_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}|[A-Za-z]+")
_LINES = re.compile(r"\n|[^\n]+")
BREAK = '\n<br class="ct-br">'
"""A line end, with a break that the style sheet hides: viewers that strip style sheets would run lines together."""
_LONG_LABEL = 40
"""Labels up to this many characters stay on one line."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span as it is drawn."""

    start: int
    end: int
    number: int
    """Segments it covers have the class `s` and this number."""
    line: int | None = None
    """Kind of line; None draws none."""
    tint: str | None = None
    label: str = ""
    """Markup that stands where it begins."""
    anchor: str = ""
    """Id at its beginning, for links."""


def annotated(text: str | None, spans: Iterable[Mapping[str, Any]], *, tints: Mapping[str, str] | None = None) -> str:
    """The body of one text with its spans, nested, crossing or adjacent, as HTML.

    Args:
        text: The text; None is shown as an empty one.
        spans: Rows with `start_char`, `end_char`, `label` and `layer`; those without offsets are left out, and one
            without a label is called `unlabelled`.
        tints: Label -> background colour, `#` with hexadecimal digits or a name; given out in order of appearance where
            omitted.

    Returns:
        A `div` of class `ct-body` in which every character of `text` stands once outside the labels, which are the
        elements of class `ct-label` and stand where their spans begin. U+0000, which HTML cannot hold, is an element of
        class `ct-nul` with the sign for it, U+2400.

    Raises:
        ArgumentError: If a tint is no colour.
    """
    rows = [
        (row["start_char"], row["end_char"], _named(row["layer"], "no layer"), _named(row["label"], UNLABELLED))
        for row in spans
        if row["start_char"] is not None and row["end_char"] is not None
    ]
    layers = {layer: number for number, layer in enumerate(dict.fromkeys(layer for _, _, layer, _ in rows))}
    labels = {label: number for number, label in enumerate(dict.fromkeys(label for _, _, _, label in rows))}
    given = {label: TINTS[number % len(TINTS)] for label, number in labels.items()} if tints is None else tints
    _check_tints(given)
    several = len(layers) > 1
    stretches = []
    for number, (start, end, layer, label) in enumerate(rows):
        line = layers[layer] if several else labels[label]
        markup = label_markup(f"{layer}: {label}" if several else label, line=line)
        tint = None if several else given.get(label)
        stretches.append(Stretch(start, end, number, line=line, tint=tint, label=markup))
    return body(text or "", stretches)


def _named(value: object, otherwise: str) -> str:
    return otherwise if value is None or value == "" else str(value)


def _check_tints(tints: Mapping[str, str]) -> None:
    """Refuse what is no colour: tints stand in a style attribute, where more could be said than a colour."""
    for label, tint in tints.items():
        if not (isinstance(tint, str) and _COLOUR.fullmatch(tint)):
            raise ArgumentError(
                f"the tint {tint!r} of label {label!r} is no colour; give one such as '#DCE9F5' or 'gold'"
            )


def body(text: str, stretches: Sequence[Stretch], *, language: str | None = None) -> str:
    """The body of one text; a span that reaches out of the text is drawn as far as the text goes."""
    bounds = [(min(max(one.start, 0), len(text)), min(max(one.end, 0), len(text))) for one in stretches]
    drawn = [i for i, one in enumerate(stretches) if one.line is not None]
    lane = dict(zip(drawn, lanes([bounds[i] for i in drawn]), strict=True))
    spoken = f' lang="{escaped(language)}"' if language else ""
    inside = "".join(_pieces(text, stretches, bounds, lane))
    return f'<div class="ct-body"{spoken} dir="auto" style="--n:{max(lane.values(), default=-1) + 1}">{inside}</div>'


def _pieces(
    text: str, stretches: Sequence[Stretch], bounds: Sequence[tuple[int, int]], lane: Mapping[int, int]
) -> Iterator[str]:
    starting: dict[int, list[int]] = {}
    for i in sorted(range(len(bounds)), key=lambda i: (-bounds[i][1], i)):
        starting.setdefault(bounds[i][0], []).append(i)
    for segment in segments(len(text), bounds):
        through = [i for i in segment.covering if bounds[i][0] < segment.start]
        yield from _beginnings(starting.pop(segment.start, []), through, stretches, lane)
        words = text[segment.start : segment.end]
        if segment.covering:
            ending = {i for i in segment.covering if bounds[i][1] == segment.end}
            yield _painted(escaped_text(words), segment.covering, ending, stretches, lane)
        else:
            # Lines of text are set wide to hold the lines under them; an empty one between paragraphs need not be.
            yield from (_run(line) for line in _LINES.findall(words))
    # Spans without extent at the end of the text, or in an empty one.
    yield from _beginnings([i for rest in starting.values() for i in rest], [], stretches, lane)


def _run(line: str) -> str:
    return BREAK if line == "\n" else f'<span class="ct-run">{escaped_text(line)}</span>'


def _beginnings(
    begun: Sequence[int], through: Sequence[int], stretches: Sequence[Stretch], lane: Mapping[int, int]
) -> Iterator[str]:
    yield from (f'<span class="ct-anchor" id="{stretches[i].anchor}"></span>' for i in begun if stretches[i].anchor)
    labels = "".join(stretches[i].label for i in begun)
    if labels:
        # The lines of spans that are already running go on under the label.
        yield _painted(labels, through, set(), stretches, lane)


def _painted(
    markup: str, covering: Sequence[int], ending: set[int], stretches: Sequence[Stretch], lane: Mapping[int, int]
) -> str:
    if not markup or not covering:
        return markup
    layers = []
    for i in covering:
        if i in lane:
            reach = "var(--e)" if i in ending else "var(--t)"
            line = (stretches[i].line or 0) % N_LINES
            layers.append(f"var(--i{line}) 0 calc(1.15em + {lane[i] * PITCH}px)/{reach}")
    # Whatever a link has led to is lit up by this property.
    layers.append("var(--h,none)")
    tint = next((stretches[i].tint for i in reversed(covering) if stretches[i].tint), None)
    if tint:
        layers.append(f"linear-gradient({tint},{tint}) 0 0/100% 1.15em no-repeat")
    names = " ".join(f"s{stretches[i].number}" for i in covering)
    return f'<span class="ct-span {names}" style="background:{",".join(layers)}">{markup}</span>'


def label_markup(word: str, *, line: int | None = None, note: str = "", links: str = "") -> str:
    """A label: its word, the kind of line it goes with, what a pointer held on it tells, and links in it."""
    kind = f' style="--i:var(--i{line % N_LINES})"' if line is not None else ""
    told = f' title="{escaped(note)}"' if note else ""
    long = " ct-long" if len(word) > _LONG_LABEL else ""
    # Where style sheets are taken away, a raised label still does not run into the words.
    return f'<wbr><sup class="ct-label{long}"{kind}{told}>{escaped(word)}{links}</sup>'


def escaped(text: str) -> str:
    """Text for an attribute, or for an element that is no text of the corpus."""
    return html.escape(text).replace("\0", "\u2400")


def escaped_text(text: str) -> str:
    """The characters of a text of the corpus."""
    # A parser turns a bare carriage return into a line feed; as a reference it survives. U+0000 survives in no form.
    shown = html.escape(text).replace("\r", "&#13;").replace("\n", BREAK)
    return shown.replace("\0", '<span class="ct-nul" title="U+0000">\u2400</span>')
