"""Argument graphs in the Argument Interchange Format, one xAIF file for each thread.

A unit of argument is a locution (L-node) that says a proposition (I-node), joined by what its writer does in saying it
(YA-node). A relation is an RA-, CA- or MA-node between propositions; an undercut is a CA-node that leads to an RA-node.
A transition (TA-node) joins the locutions of two related units, the earlier first, and anchors the relation.

Source:
    Chesñevar and others (2006), Towards an Argument Interchange Format, Knowledge Engineering Review 21(4), 293-316;
    Budzynska and others (2016), Theoretical foundations for illocutionary structure parsing, Argument & Computation
    7(1), 91-108; for xAIF the documentation of its library, https://pypi.org/project/xaif.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from corpus_tools.corpus import Corpus
from corpus_tools.errors import ArgumentError, counted, listed
from corpus_tools.exchange.documents import TEXTS, Document, Link, Mark, as_cell, documents_of, left_out
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table

SCHEMES = {
    "inference": ("RA", "Default Inference"),
    "conflict": ("CA", "Default Conflict"),
    "rephrase": ("MA", "Default Rephrase"),
}
"""Label of a relation -> type and text of its node."""
NEEDED = ("inference", "conflict")
"""The labels by which relations are known to be those of arguments; the rephrase is a later addition to AIF."""
ILLOCUTION = "illocution"
UNNAMED = "Default Illocuting"
"""The text of a YA-node where nobody said which illocution it is."""
QUESTIONS = {
    "pure_question": "Pure Questioning",
    "assertive_question": "Assertive Questioning",
    "rhetorical_question": "Rhetorical Questioning",
}
"""Illocutions that the theory names in other words than as a label."""


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write the arguments of each thread as `<thread>.json` in a folder.

    Args:
        corpus: The corpus.
        tables: The tables of layers that were asked for; one layer of them has arguments.
        out: An empty folder.

    Returns:
        What xAIF could not carry, one sentence each.

    Raises:
        ArgumentError: If no layer has arguments, or several have.
    """
    units, relations = argument_tables(tables)
    found = documents_of(corpus, (units, relations))
    speakers = dict(corpus.scan("authors").select("author_id", "display_name").collect().iter_rows())
    threads = {row["thread_id"]: row for row in corpus.table("threads").iter_rows(named=True)}
    lost: dict[str, list[str]] = {}
    for document in found.documents:
        graph = _graph(document, units, relations, speakers, lost)
        thread = threads.get(document.id, {})
        content = {
            "AIF": graph.aif(),
            "text": _highlighted(document.text, graph.locutions_of),
            "dialog": True,
            "OVA": {"firstname": "", "surname": "", "url": thread.get("url") or "", "nodes": [], "edges": []},
            "corpus": {
                "thread": {name: as_cell(value) for name, value in thread.items() if value is not None},
                "texts": [_row_of(mark) for mark in document.marks if mark.table == TEXTS],
                "nodes": graph.rows,
            },
        }
        name = quote(document.id, safe="")
        write_whole(out / f"{name}.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return [*found.left_out, *left_out(lost), *_not_carried(corpus, tables, (units, relations))]


def argument_tables(tables: Iterable[Table]) -> tuple[Table, Table]:
    """The table of units and the table of relations of the one layer that has arguments.

    Such a layer has spans, and relations among whose labels are the names of AIF.

    Raises:
        ArgumentError: If there is none, or more than one.
    """
    of_layer: dict[str | None, dict[str | None, Table]] = {}
    for table in tables:
        of_layer.setdefault(table.layer, {})[table.unit] = table
    found = {
        layer: (units["span"], units["relation"])
        for layer, units in of_layer.items()
        if {"span", "relation"} <= set(units) and set(NEEDED) <= set(units["relation"]["label"].labels)
    }
    if len(found) == 1:
        return next(iter(found.values()))
    needs = f"a layer of spans and of relations with the labels {listed(NEEDED)}"
    if found:
        raise ArgumentError(
            f"the layers {listed(found)} all have arguments; an AIF graph holds one: choose it in layers"
        )
    raise ArgumentError(f"AIF needs {needs}; of the layers asked for ({listed(of_layer)}) none is one")


@dataclass(slots=True)
class _Graph:
    """The nodes and edges of one thread while they are being put together."""

    nodes: list[dict[str, str]] = field(default_factory=list)
    edges: list[dict[str, str]] = field(default_factory=list)
    locutions: list[dict[str, str]] = field(default_factory=list)
    participants: dict[str, dict[str, str]] = field(default_factory=dict)
    """Author, or text that names none -> the participant."""
    rows: list[dict[str, Any]] = field(default_factory=list)
    """What the rows say beyond what nodes can."""
    node_of: dict[str, str] = field(default_factory=dict)
    """Id of a unit or relation -> its I-node or S-node."""
    locutions_of: list[tuple[Mark, str]] = field(default_factory=list)
    transitions: dict[tuple[str, str], str] = field(default_factory=dict)

    def node(self, type_: str, text: str) -> str:
        # From 1: readers take a 0 for none.
        made = str(len(self.nodes) + 1)
        self.nodes.append({"nodeID": made, "text": text, "type": type_})
        return made

    def path(self, *nodes: str) -> None:
        for from_node, to_node in pairwise(nodes):
            self.edges.append({"edgeID": str(len(self.edges) + 1), "fromID": from_node, "toID": to_node})

    def transition(self, one: str, other: str) -> str:
        """The TA-node between two locutions, in the order in which they were said."""
        pair = (one, other) if int(one) < int(other) else (other, one)
        if pair not in self.transitions:
            self.transitions[pair] = self.node("TA", "Default Transition")
            self.path(pair[0], self.transitions[pair], pair[1])
        return self.transitions[pair]

    def aif(self) -> dict[str, Any]:
        return {
            "nodes": self.nodes,
            "edges": self.edges,
            "schemefulfillments": [],
            "descriptorfulfillments": [],
            "participants": list(self.participants.values()),
            "locutions": self.locutions,
        }


def _graph(
    document: Document, units: Table, relations: Table, speakers: Mapping[str, str], lost: dict[str, list[str]]
) -> _Graph:
    graph = _Graph()
    texts = {row["text_id"]: row for row in document.texts}
    home = ""
    said_by: dict[str, str] = {}
    for mark in document.marks:
        if mark.table == TEXTS:
            # Units stand behind the mark of their text, and texts do not overlap.
            home = mark.id
        elif mark.table == units.name:
            said_by[mark.id] = _add_unit(graph, document, mark, texts[home], speakers)
    for link in document.links:
        if link.table != relations.name:
            continue
        if link.label not in SCHEMES:
            lost.setdefault(f"{relations.name} with the label {link.label}, which is no node of AIF", []).append(
                link.id
            )
        elif link.from_id not in graph.node_of or link.to_id not in graph.node_of:
            lost.setdefault(f"{relations.name} with an end that is no node", []).append(link.id)
        else:
            _add_relation(graph, link, said_by)
    return graph


def _add_unit(
    graph: _Graph, document: Document, mark: Mark, text: Mapping[str, Any], speakers: Mapping[str, str]
) -> str:
    words = document.text[mark.start : mark.end]
    author = text["author_id"]
    speaker = speakers.get(author, "") if author else ""
    locution = graph.node("L", f"{speaker}: {words}" if speaker else words)
    illocution = mark.values.get(ILLOCUTION)
    doing = graph.node("YA", _said(illocution) if illocution else UNNAMED)
    proposition = graph.node("I", words)
    graph.path(locution, doing, proposition)
    # Nothing says that two texts without a name are by the same person.
    participant = graph.participants.setdefault(
        f"author {author}" if author else f"text {text['text_id']}",
        {"participantID": str(len(graph.participants) + 1), "firstname": speaker, "surname": ""},
    )
    posted = {"timestamp": as_cell(text["posted_at"])} if text["posted_at"] else {}
    graph.locutions.append({"nodeID": locution, "personID": participant["participantID"], **posted})
    graph.locutions_of.append((mark, locution))
    graph.node_of[mark.id] = proposition
    graph.rows.append({"nodeID": proposition, "text_id": text["text_id"], **_row_of(mark)})
    return locution


def _add_relation(graph: _Graph, link: Link, said_by: dict[str, str]) -> None:
    type_, text = SCHEMES[link.label]
    scheme = graph.node_of[link.id] = graph.node(type_, text)
    graph.path(graph.node_of[link.from_id], scheme, graph.node_of[link.to_id])
    # A relation is said where its first end is; so is one on which another bears.
    one, other = said_by[link.from_id], said_by[link.to_id]
    said_by[link.id] = one
    if one != other:
        graph.path(graph.transition(one, other), graph.node("YA", UNNAMED), scheme)
    row = {"id": link.id, "table": link.table, "label": link.label, "values": dict(link.values)}
    graph.rows.append({"nodeID": scheme, **row})


def _row_of(mark: Mark) -> dict[str, Any]:
    said = {"id": mark.id, "table": mark.table, "label": mark.label, "start": mark.start, "end": mark.end}
    return {**said, "values": dict(mark.values)}


def _said(illocution: str) -> str:
    return QUESTIONS.get(illocution, illocution.replace("_", " ").title())


def _highlighted(text: str, locutions: Sequence[tuple[Mark, str]]) -> str:
    """The text as HTML with the locutions marked by their nodes; one that overlaps an earlier one is not."""
    parts, at = [], 0
    for mark, node in locutions:
        if mark.start >= at:
            words = escape(text[mark.start : mark.end], quote=False)
            parts += [
                escape(text[at : mark.start], quote=False),
                f'<span id="node{node}" class="highlighted">{words}</span>',
            ]
            at = mark.end
    return "".join([*parts, escape(text[at:], quote=False)]).replace("\n", "<br>")


def _not_carried(corpus: Corpus, tables: Iterable[Table], carried: Sequence[Table]) -> list[str]:
    names = {table.name for table in carried}
    sentences = []
    for table in tables:
        rows = 0 if table.name in names else corpus.scan(table.name, split=GOLD).select(pl.len()).collect().item()
        if rows:
            sentences.append(f"{table.name}: {counted(rows, 'row')}; AIF holds the arguments alone")
    return sentences
