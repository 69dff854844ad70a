"""A thread as one static page of annotated text."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from corpus_tools.corpus import Corpus
from corpus_tools.errors import counted
from corpus_tools.files import write_whole
from corpus_tools.reading.body import Stretch, body, escaped, escaped_text, label_markup
from corpus_tools.reading.gather import chosen_tables, chosen_thread, gather
from corpus_tools.reading.legend import about, meaning, meanings
from corpus_tools.reading.lines import TINTS, style
from corpus_tools.reading.model import Answer, Link, Mark, Reading, Remark
from corpus_tools.scheme import GOLD

# Nothing may be loaded and nothing may run, whatever a text holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
T = TypeVar("T")

OPEN_ROWS = 12
"""Lists of relations up to this long are open when the page is."""


class Html:
    """HTML that a notebook shows as such."""

    def __init__(self, markup: str, *, description: str) -> None:
        self.markup = markup
        self.description = description

    def _repr_mimebundle_(self, **options: object) -> dict[str, str]:
        return {"text/html": self.markup, "text/plain": self.description}

    def __str__(self) -> str:
        return self.markup

    def save(self, path: str | Path) -> Path:
        """Write it as a page of its own that loads nothing and runs nothing, and return where it is."""
        page = (
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escaped(self.description)}</title></head><body>{self.markup}</body></html>\n"
        )
        write_whole(Path(path), page)
        return Path(path)


def thread(
    corpus: Corpus, *, layers: Sequence[str] = ("structure",), thread_id: str | None = None, annotators: str = GOLD
) -> Html:
    """A whole thread as annotated text, with nothing that runs.

    Spans have a label where they begin and a line as far as they run; judgements about a text stand under its head,
    relations and judgements about parts of it below it, with links to both ends; a mention in a chain leads to the one
    before and the one after. Ids of anchors are made from what is shown, so that several displays on one page do not
    get in each other's way, unless they show the same.

    Args:
        corpus: The corpus.
        layers: Layers to show, each with all of its tables, or single tables such as `sentences`; none shows the plain
            text.
        thread_id: The thread; the first one where omitted.
        annotators: `"gold"`, or the id of whoever made a pass.

    Returns:
        One block per text in printed order, each under its id and its byline as printed. With the labels (the elements
        of class `ct-label`) taken out, each body (class `ct-body`) is the text, character for character; only U+0000,
        which HTML cannot hold, is an element of class `ct-nul` with the sign for it, U+2400.

    Raises:
        UnknownNameError: If there is no such thread or layer, or the annotator did not go through one of the layers.
    """
    tables = chosen_tables(corpus, layers)
    return page(corpus, gather(corpus, tables, thread=chosen_thread(corpus, thread_id), annotator=annotators), layers)


def page(corpus: Corpus, reading: Reading, layers: Sequence[str]) -> Html:
    """What was gathered, as HTML."""
    drawn = _Page(corpus, reading)
    texts = "".join(drawn.text(number) for number in range(len(reading.texts)))
    name = reading.thread["title"] or reading.thread["thread_id"]
    shown = ", ".join(layers) or "none"
    by = "" if reading.annotator == GOLD else f", as {reading.annotator} has them"
    return Html(
        f'<section class="ct-thread" aria-label="{escaped(name)}">'
        f"<style>{style()}{drawn.highlights()}</style>{about(corpus, reading, drawn.lines)}{texts}</section>",
        description=f"{counted(len(reading.texts), 'text')} of the thread {reading.thread['thread_id']}, "
        f"with the layers: {shown}{by}.",
    )


class _Page:
    """The parts of one page, and the ids by which they point at each other."""

    def __init__(self, corpus: Corpus, reading: Reading) -> None:
        self.reading = reading
        self.names = reading.names()
        self.words = reading.words()
        self.meanings = meanings(corpus, reading.tables)
        self.prefix = "r" + hashlib.sha256(repr(reading).encode("utf-8", "surrogatepass")).hexdigest()[:10]
        self.marks = [*reading.marks, *reading.hidden]
        self.number = {(mark.table, mark.unit_id): i for i, mark in enumerate(self.marks)}
        self.lines = _lines(reading, self.names)
        self.anchors = {row["text_id"]: f"{self.prefix}-t{i}" for i, row in enumerate(reading.texts)}
        self.anchors.update((link.relation_id, f"{self.prefix}-r{i}") for i, link in enumerate(reading.links))
        # Drawn marks come before hidden ones, and a mention shares its id with the span it is: the first one is kept.
        for i, mark in enumerate(self.marks):
            self.anchors.setdefault(mark.unit_id, self.anchor(i))
        # What has no id cannot be led to.
        self.anchors.pop("", None)
        linked = {end for link in reading.links for end in (link.from_id, link.to_id)}
        linked |= {remark.unit_id for remark in reading.remarks}
        self.targets = {
            i
            for i, mark in enumerate(self.marks)
            if mark.start is not None
            and (mark.chain or (mark.unit_id in linked and self.anchors.get(mark.unit_id) == self.anchor(i)))
        }
        self.before, self.after = _neighbours(reading.chains)
        self.marks_in = _grouped((mark.text_id, i) for i, mark in enumerate(self.marks))
        self.links_in = _grouped((link.text_id, link) for link in reading.links)
        self.remarks_in = _grouped((remark.text_id, remark) for remark in reading.remarks)
        self.answers_of = _grouped(
            (end, answer) for answer in reading.answers for end in dict.fromkeys((answer.from_id, answer.to_id)) if end
        )

    def anchor(self, i: int) -> str:
        """The id at which a mark begins; that of its text where it lies outside of it."""
        mark = self.marks[i]
        return self.anchors[mark.text_id] if mark.start is None else f"{self.prefix}-{i}"

    def id(self, name: str) -> str:
        """The attribute by which a text or a relation can be led to."""
        return f' id="{self.anchors[name]}"' if name in self.anchors else ""

    def highlights(self) -> str:
        """A rule for each span that a link can lead to, so that the whole of it lights up where one lands."""
        rules = ",".join(f"#{self.anchor(i)}:target~.s{i}" for i in sorted(self.targets))
        return f"{rules}{{--h:var(--lit)}}" if rules else ""

    def text(self, position: int) -> str:
        row = self.reading.texts[position]
        text_id = row["text_id"]
        here = self.marks_in.get(text_id, [])
        outside = "".join(self.label(i) for i in here if self.marks[i].start is None and not self.hidden(i))
        byline = f'<span class="ct-byline">{escaped_text(row["byline"])}</span>' if row["byline"] else ""
        inside = body(
            row["text"],
            [self.stretch(i) for i in here if self.marks[i].start is not None],
            language=self.reading.thread["language"],
        )
        return (
            f'<article class="ct-text ct-{escaped(row["kind"])}"><p class="ct-head"{self.id(text_id)}>'
            f"{escaped(text_id)}{outside} {byline}{''.join(self.answers(text_id))}</p>{self.facts(text_id)}{inside}"
            f"{self.more(text_id)}</article>"
        )

    def stretch(self, i: int) -> Stretch:
        mark = self.marks[i]
        hidden = self.hidden(i)
        line, tint = (None, None) if hidden else self.lines[self.kind(mark)]
        return Stretch(
            start=mark.start or 0,
            end=mark.end or 0,
            number=i,
            line=line,
            tint=tint,
            label="" if hidden else self.label(i),
            anchor=self.anchor(i) if i in self.targets else "",
        )

    def hidden(self, i: int) -> bool:
        """Whether a mark is there for links to lead to, and not to be seen."""
        return i >= len(self.reading.marks)

    def kind(self, mark: Mark) -> str:
        """What its line shows: the layer, or the label where there is one layer only."""
        return mark.table if len(self.names) > 1 else mark.label

    def label(self, i: int) -> str:
        mark = self.marks[i]
        word = f"{self.names[mark.table]}: {mark.word}" if len(self.names) > 1 else mark.word
        note = "; ".join(part for part in (meaning(self.meanings, mark), mark.note) if part)
        line, _ = self.lines[self.kind(mark)]
        links = "".join(
            f'<a href="#{self.anchor(self.number[mark.table, other.unit_id])}" title="the mention {way}" '
            f'aria-label="the mention of {escaped(mark.word)} {way}">{sign}</a>'
            for other, sign, way in (
                (self.before.get((mark.table, mark.unit_id)), "‹", "before"),
                (self.after.get((mark.table, mark.unit_id)), "›", "after"),
            )
            if other is not None
        )
        return label_markup(word, line=line, note=note, links=links)

    def answers(self, text_id: str) -> Iterator[str]:
        for answer in self.answers_of.get(text_id, []):
            ends = ((answer.from_id, answer.to_id, "answers"), (answer.to_id, answer.from_id, "answered by"))
            for own, other, verb in ends:
                if own == text_id:
                    said = f"{verb} {self.link(other)} ({escaped(answer.label)})"
                    yield f' <span class="ct-answer"{_title(answer)}>{said}</span>'

    def facts(self, text_id: str) -> str:
        whole = (one for one in self.remarks_in.get(text_id, []) if one.unit_id == text_id)
        rows = []
        for table, judged in _grouped((one.table, one) for one in whole).items():
            said = " · ".join(
                f"<span{_title(one)}>{escaped(one.question)} = {escaped(one.label)}</span>" for one in judged
            )
            rows.append(f"<li><b>{escaped(table)}</b> {said}</li>")
        missing = self.reading.gaps.get(text_id, ())
        if missing:
            rows.append(f"<li>not gone through for: {escaped(', '.join(missing))}</li>")
        return f'<ul class="ct-facts">{"".join(rows)}</ul>' if rows else ""

    def more(self, text_id: str) -> str:
        links = [self.row(link) for link in self.links_in.get(text_id, [])]
        parts = (one for one in self.remarks_in.get(text_id, []) if one.unit_id != text_id)
        judged = [
            f"<li{_title(one)}>{escaped(one.table)}: {escaped(one.question)} of {self.link(one.unit_id)} = "
            f"{escaped(one.label)}</li>"
            for one in parts
        ]
        if not links and not judged:
            return ""
        counts = [counted(len(links), "relation")] if links else []
        counts += [counted(len(judged), "judgement") + " about parts of the text"] if judged else []
        state = " open" if len(links) + len(judged) <= OPEN_ROWS else ""
        return (
            f'<details class="ct-more"{state}><summary>{" and ".join(counts)}</summary>'
            f"<ol>{''.join(links)}{''.join(judged)}</ol></details>"
        )

    def row(self, link: Link) -> str:
        name = escaped(link.table.removesuffix("_relations"))
        return (
            f'<li class="ct-row"{self.id(link.relation_id)}{_title(link)}>{name}: {self.link(link.from_id)} '
            f"—{escaped(link.label)}→ {self.link(link.to_id)}</li>"
        )

    def link(self, unit: str) -> str:
        """A text, a span or a relation in words, with a link to where it stands on the page."""
        words = escaped(self.words.get(unit, unit))
        return f'<a href="#{self.anchors[unit]}">{words}</a>' if unit in self.anchors else words


def _lines(reading: Reading, names: Mapping[str, str]) -> dict[str, tuple[int, str | None]]:
    """Layer, or label where there is one layer only -> kind of line and tint; tints only where they cannot pile up."""
    if len(names) > 1:
        return {name: (number, None) for number, name in enumerate(names)}
    labels = [label for table in names for label in reading.labels(table)]
    return {label: (number, TINTS[number % len(TINTS)]) for number, label in enumerate(labels)}


def _neighbours(
    chains: Mapping[str, Sequence[Mark]],
) -> tuple[dict[tuple[str, str], Mark], dict[tuple[str, str], Mark]]:
    before, after = {}, {}
    for chain in chains.values():
        for one, other in itertools.pairwise(chain):
            after[one.table, one.unit_id] = other
            before[other.table, other.unit_id] = one
    return before, after


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _title(row: Answer | Link | Remark) -> str:
    return f' title="{escaped(row.note)}"' if row.note else ""
