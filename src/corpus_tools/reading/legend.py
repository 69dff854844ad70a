"""What the signs of a page mean: which layer has which line, what the labels and questions stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from corpus_tools.corpus import Corpus
from corpus_tools.reading.body import escaped
from corpus_tools.reading.lines import N_LINES
from corpus_tools.reading.model import Mark, Reading, is_reply
from corpus_tools.scheme import Table

Meanings = Mapping[str, Mapping[str, str]]


def meanings(corpus: Corpus, tables: Iterable[Table]) -> dict[str, dict[str, str]]:
    """Table -> label or question -> definition, as the scheme has them."""
    found: dict[str, dict[str, str]] = {}
    for table in tables:
        labels = corpus.scheme.layers[table.layer or ""].labels.get(table.name, ())
        told = {question.id: question.definition for question in table.questions}
        # Questions with labels of their own may give one label two meanings; both are told.
        for label in [*labels, *(label for question in table.questions for label in question.labels if question.own)]:
            before = told.get(label.id, "")
            told[label.id] = before if label.definition in before else f"{before} {label.definition}".strip()
        found[table.name] = told
    return found


def meaning(known: Meanings, mark: Mark) -> str:
    """The definition of a mark's label, or nothing for a mention in a chain."""
    return "" if mark.chain else known[mark.table].get(mark.label, "")


def about(corpus: Corpus, reading: Reading, lines: Mapping[str, tuple[int, str | None]]) -> str:
    """The head of a page: title, layers with their lines, annotator, and definitions to unfold."""
    names = reading.names()
    shown = "".join(
        f'<span class="ct-name">{_swatch(lines[table][0]) if len(names) > 1 else ""}{escaped(name)}</span> '
        for table, name in names.items()
    )
    title = escaped(reading.thread["title"] or reading.thread["thread_id"])
    if not reading.tables:
        return f'<div class="ct-about"><p class="ct-title">{title}</p></div>'
    folded = (
        f"<details><summary>What the labels mean</summary>{''.join(_definitions(corpus, reading, lines))}</details>"
    )
    return (
        f'<div class="ct-about"><p class="ct-title">{title}</p>{f"<p>{shown}</p>" if shown else ""}'
        f"<p>Annotator: {escaped(reading.annotator)}. {' '.join(_guide(reading))}</p>{folded}</div>"
    )


def _guide(reading: Reading) -> Iterator[str]:
    """How to read the page, in sentences; only what concerns the layers on it."""
    if reading.names():
        yield "A label stands where its span begins, and the line under the words runs as far as the span."
    if reading.chains:
        yield "The label of a mention names its chain by the first mention; ‹ and › lead to the mentions around it."
    judgements = [table.name for table in reading.tables if table.unit == "judgement"]
    relations = [table.name for table in reading.tables if table.unit == "relation" and not is_reply(table)]
    if judgements:
        yield f"Judgements stand under the head of a text, those about its parts below it: {_names(judgements)}."
    if relations:
        yield f"Relations are listed below the text in which they start: {_names(relations)}."


def _names(names: Iterable[str]) -> str:
    return escaped(", ".join(names))


def _definitions(corpus: Corpus, reading: Reading, lines: Mapping[str, tuple[int, str | None]]) -> Iterator[str]:
    known = meanings(corpus, reading.tables)
    used = _used(reading)
    one_layer = len(reading.names()) == 1
    for table in reading.tables:
        yield f"<h4>{escaped(table.name)}</h4><p>{escaped(table.description)}</p>"
        rows = [
            f"<dt>{_swatch(lines[word][0]) if one_layer and word in lines else ''}{escaped(word)}</dt>"
            f"<dd>{escaped(told)}</dd>"
            for word, told in known[table.name].items()
            if word in used[table.name]
        ]
        if rows:
            yield f"<dl>{''.join(rows)}</dl>"
    layers = {table.layer for table in reading.tables} | {table.name for table in reading.tables}
    caveats = [caveat["text"] for caveat in corpus.caveats if layers & set(caveat["about"])]
    if caveats:
        yield f"<h4>To know before using them</h4>{''.join(f'<p>{escaped(text)}</p>' for text in caveats)}"


def _used(reading: Reading) -> dict[str, set[str]]:
    """Table -> the labels and questions that occur on the page."""
    used: dict[str, set[str]] = {table.name: set() for table in reading.tables}
    for mark in reading.marks:
        used[mark.table].add(mark.label)
    for remark in reading.remarks:
        used[remark.table] |= {remark.question, remark.label}
    for link in reading.links:
        used[link.table].add(link.label)
    for table in reading.tables:
        if table.unit == "relation" and not used[table.name]:
            used[table.name] = {answer.label for answer in reading.answers}
    return used


def _swatch(line: int) -> str:
    return f'<span class="ct-swatch" style="--i:var(--i{line % N_LINES})"></span>'
