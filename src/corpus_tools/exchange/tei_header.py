"""The header of a TEI file: what the thread and its corpus are, its people, and the labels with their definitions.

Source: TEI Consortium, "TEI P5: Guidelines for Electronic Text Encoding and Interchange", chapter 2 (header),
https://tei-c.org/guidelines/p5/.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from corpus_tools.citation.work import creator_name
from corpus_tools.corpus import Corpus
from corpus_tools.exchange.tei_xml import Names, Row, add, add_notes
from corpus_tools.scheme import Label, Table

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of one thread is made from."""

    corpus: Corpus
    tables: Sequence[Table]
    """Those whose labels it defines."""
    thread: Row
    texts: Sequence[Row]
    names: Names

    def add_to(self, root: ET.Element) -> None:
        """Put the header at the end of an element, and give each thing in it a name."""
        header = add(root, "teiHeader")
        description = add(header, "fileDesc")
        metadata = self.corpus.metadata
        titles = add(description, "titleStmt")
        add(titles, "title", self.thread["title"] or self.thread["thread_id"], type="main")
        add(titles, "title", metadata.title, type="corpus")
        creators = [creator_name(creator).inverted for creator in metadata.creators]
        for creator in creators:
            responsible = add(titles, "respStmt")
            add(responsible, "resp", "creator of the corpus")
            add(responsible, "name", creator)
        edition = add(add(description, "editionStmt"), "edition", self.corpus.version)
        edition.set("n", self.corpus.version)
        published = add(description, "publicationStmt")
        publisher = metadata.publication.get("publisher")
        add(published, "publisher" if publisher else "authority", publisher or "; ".join(creators))
        add(published, "date", metadata.date.isoformat(), when=metadata.date.isoformat())
        for kind, address in metadata.publication.items():
            if kind != "publisher":
                add(published, "idno", address, type=kind)
        terms = add(published, "availability")
        for part, licence in metadata.licences.items():
            add(terms, "licence", licence).set("n", part)
        self._add_sources(add(description, "sourceDesc"))
        encoding = add(header, "encodingDesc")
        add(add(encoding, "projectDesc"), "p", metadata.summary.strip())
        classes = [one for table in self.tables for one in self._taxonomies(table)]
        if classes:
            add(encoding, "classDecl").extend(classes)
        profile = add(header, "profileDesc")
        add(add(profile, "langUsage"), "language", self.thread["language"], ident=self.thread["language"])
        self._add_persons(profile)

    def _add_sources(self, description: ET.Element) -> None:
        thread = add(description, "bibl")
        self.names.identify(thread, "thread", self.thread["thread_id"])
        if self.thread["date"] is not None:
            date = add(thread, "date", self.thread["date"])
            if _DATE.fullmatch(self.thread["date"]):
                date.set("when", self.thread["date"])
        add_notes(thread, self.thread, leave=("thread_id", "date"))
        used = {row["source_id"] for row in self.texts}
        for row in self.corpus.table("sources").to_dicts():
            if row["source_id"] in used:
                source = add(description, "bibl")
                self.names.identify(source, "source", row["source_id"])
                add_notes(source, row, leave=("source_id",))

    def _add_persons(self, profile: ET.Element) -> None:
        used = {row["author_id"] for row in self.texts}
        authors = [row for row in self.corpus.authors.to_dicts() if row["author_id"] in used]
        if authors:
            persons = add(add(profile, "particDesc"), "listPerson")
            for row in authors:
                person = add(persons, "person")
                self.names.identify(person, "author", row["author_id"])
                add(person, "persName", row["display_name"])
                add_notes(person, row, leave=("author_id", "display_name"))

    def _taxonomies(self, table: Table) -> list[ET.Element]:
        """The labels of a table, each with its definition; one taxonomy for each column that has labels."""
        made = []
        labels = self.corpus.scheme.layer(table.layer or "").labels.get(table.name, ())
        for column in table.columns:
            if not column.labels or column.name == "question":
                continue
            taxonomy = self._taxonomy(column.description, table.name, column.name)
            known: dict[str, Label] = {one.id: one for one in (*labels, *column.meanings)}
            if table.questions and column.name == "label":
                for question in table.questions:
                    inner = self._category(taxonomy, question.definition, table.name, "question", question.id)
                    for label in question.labels:
                        self._category(inner, label.definition, table.name, question.id, label.id)
            else:
                for id_ in column.labels:
                    definition = known[id_].definition if id_ in known else ""
                    self._category(taxonomy, definition, table.name, column.name, id_)
            made.append(taxonomy)
        return made

    def _taxonomy(self, description: str, *parts: str) -> ET.Element:
        made = ET.Element("taxonomy")
        self.names.identify(made, ".".join(parts))
        add(made, "desc", description)
        return made

    def _category(self, parent: ET.Element, definition: str, *parts: str) -> ET.Element:
        made = add(parent, "category")
        self.names.identify(made, *parts)
        add(made, "catDesc", definition)
        return made
