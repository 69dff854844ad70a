"""A corpus in TEI P5: one file for each thread, the texts as they are and what is said of them beside them.

The words of each text are the characters of one `ab`, unchanged. Tokens are `w` and `pc` in `s` there; everything else
is an `annotation` in `standOff`. It points to a stretch of an `ab` by `string-range`, or to an element by its id; and
to its label, which a taxonomy of the header defines. Only elements are used that TEI has had since version 4.3.

Source: TEI Consortium, "TEI P5: Guidelines for Electronic Text Encoding and Interchange", chapters 2 (header), 17
(standOff, annotation, string-range) and 18 (s, w, pc), https://tei-c.org/guidelines/p5/.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from corpus_tools.corpus import Corpus
from corpus_tools.errors import counted
from corpus_tools.exchange.documents import Document, as_cell, documents_of, left_out
from corpus_tools.exchange.tei_header import Header
from corpus_tools.exchange.tei_xml import (
    ID,
    LANGUAGE,
    NAMESPACE,
    SPACE,
    Names,
    Row,
    add,
    add_notes,
    append,
    as_file,
    xml_name,
)
from corpus_tools.files import write_whole
from corpus_tools.scheme import GOLD, Table

# Columns that are said by elements and attributes; the others are notes.
_OF_TEXTS = ("text_id", "thread_id", "kind", "author_id", "byline", "parent_id", "posted_at", "text", "source_id")
_ATTRIBUTES = {"lemma": "lemma", "upos": "pos", "feats": "msd", "correct_form": "norm"}
_PLACED = ("token_id", "text_id", "sentence_id", "position", "start_char", "end_char", "form", "space_after", "head")


def write(corpus: Corpus, tables: Sequence[Table], out: Path) -> list[str]:
    """Write each thread of a corpus, with the gold rows of some tables, as a TEI document.

    Args:
        corpus: The corpus.
        tables: The tables of layers that were asked for; those at whose rows they end come with them.
        out: An empty folder.

    Returns:
        What is not in it, one sentence each.
    """
    found = documents_of(corpus, tables)
    documents = {document.id: document for document in found.documents}
    texts = corpus.scan("texts").sort("position", "text_id").collect().to_dicts()
    used = {table.name for table in tables}
    for each in found.documents:
        used |= {row.table for row in each.marks} | {row.table for row in each.links}
    shown = [table for layer in corpus.scheme.layers.values() for table in layer.tables if table.name in used]
    of_threads: dict[str, list[Row]] = {}
    for row in texts:
        of_threads.setdefault(row["thread_id"], []).append(row)
    token_tables = _token_tables(corpus, shown)
    replaced = 0
    for thread in corpus.threads.to_dicts():
        id_ = thread["thread_id"]
        document = documents.get(id_, Document(id_, "", (), (), (), (), ()))
        file = _File(corpus, shown, thread, of_threads.get(id_, []), document, token_tables)
        content, bad = file.content()
        replaced += bad
        write_whole(out / f"{xml_name(id_)}.xml", content)
    lost = [*found.left_out, *_unused(corpus, texts)]
    if replaced:
        lost.append(f"{counted(replaced, 'character')} that XML 1.0 cannot hold, each of which is U+FFFD instead")
    return lost


def _unused(corpus: Corpus, texts: Sequence[Row]) -> tuple[str, ...]:
    """Authors and sources of no text, which stand in no file."""
    ids = {}
    for name, key in (("authors", "author_id"), ("sources", "source_id")):
        of_texts = {row[key] for row in texts}
        ids[f"{name} of no text"] = [id_ for id_ in corpus.table(name)[key] if id_ not in of_texts]
    return left_out(ids)


def _token_tables(corpus: Corpus, tables: Sequence[Table]) -> dict[str, str]:
    """Id of each token -> the name of its table."""
    return {
        id_: table.name
        for table in tables
        if table.unit == "token"
        for id_ in corpus.scan(table.name, split=GOLD).select(table.key).collect()[table.key]
    }


class _File:
    """One thread while its file is being made."""

    def __init__(
        self,
        corpus: Corpus,
        tables: Sequence[Table],
        thread: Row,
        texts: Sequence[Row],
        document: Document,
        token_tables: Mapping[str, str],
    ) -> None:
        self._thread, self._texts, self._document = thread, texts, document
        self._names = Names()
        self._header = Header(corpus, tables, thread, texts, self._names)
        self._begins = [(mark.start, mark.id) for mark in document.marks if mark.table == "texts"]
        self._begin_of = {id_: begin for begin, id_ in self._begins}
        self._units = document.units
        self._tokens: dict[str, list[Row]] = {}
        """Text id -> its tokens."""
        for token in document.tokens:
            self._tokens.setdefault(token["text_id"], []).append(token)
        # Units are called by their ids; what else has a name has one with a point in it.
        units = [*(row["text_id"] for row in texts), *(row["token_id"] for row in document.tokens)]
        units += [*(mark.id for mark in document.marks), *(link.id for link in document.links)]
        for id_ in (*units, *(answer.id for answer in document.answers)):
            self._names.of(id_)
        self._in_text: set[str] = set()
        """Ids of the sentences and tokens that are elements of a text."""
        self._stand_off = ET.Element("standOff")
        self._lists: dict[str, ET.Element] = {}
        self._token_tables = token_tables

    def content(self) -> tuple[str, int]:
        """The file, and how many of its characters had to be replaced."""
        root = ET.Element("TEI", {"xmlns": NAMESPACE})
        self._header.add_to(root)
        text = add(root, "text")
        text.set(LANGUAGE, self._thread["language"])
        body = add(text, "body")
        for row in self._texts:
            self._add_text(body, row)
        if not self._texts:
            add(body, "ab")
        self._add_annotations()
        if len(self._stand_off):
            root.append(self._stand_off)
        return as_file(root)

    def _add_text(self, body: ET.Element, row: Row) -> None:
        div = add(body, "div", type=row["kind"])
        self._names.identify(div, row["text_id"])
        if row["byline"] is not None or row["author_id"] is not None:
            line = add(div, "byline")
            if row["author_id"] is not None:
                line = add(line, "docAuthor", ref=self._names.to("author", row["author_id"]))
            line.text = row["byline"]
        if row["posted_at"] is not None:
            add(add(div, "dateline"), "date", when=as_cell(row["posted_at"]))
        words = add(div, "ab")
        words.set(ID, self._names.of("words", row["text_id"]))
        words.set(SPACE, "preserve")
        about = self._annotation("texts", "describing", self._names.to(row["text_id"]), "row", row["text_id"])
        add(about, "ptr", type="source_id", target=self._names.to("source", row["source_id"]))
        if row["parent_id"] is not None:
            add(about, "ptr", type="parent_id", target=self._names.to(row["parent_id"]))
        add_notes(about, row, leave=_OF_TEXTS)
        if row["text"] is None:
            add(words, "gap", reason="unavailable")
        else:
            self._add_words(words, row["text_id"], row["text"])

    def _add_words(self, words: ET.Element, text_id: str, text: str) -> None:
        begin, tokens = self._begin_of[text_id], self._tokens.get(text_id, [])
        held = [self._units[id_] for id_ in {row["sentence_id"] for row in tokens} if id_ in self._units]
        places = {mark.id: (mark.start - begin, mark.end - begin) for mark in held}
        if not _is_in_order(len(text), places, tokens, begin):
            words.text = text
            for row in tokens:
                self._add_loose(row)
            return
        at = 0
        for sentence_id, of_sentence in groupby(tokens, key=itemgetter("sentence_id")):
            start, end = places[sentence_id]
            append(words, text[at:start])
            sentence = add(words, "s")
            self._names.identify(sentence, sentence_id)
            self._in_text.add(sentence_id)
            self._add_sentence(sentence, sentence_id, text, (start, end), list(of_sentence), begin)
            at = end
        append(words, text[at:])

    def _add_sentence(
        self, sentence: ET.Element, id_: str, text: str, place: tuple[int, int], rows: Sequence[Row], begin: int
    ) -> None:
        at, end = place
        for (start, stop), group in groupby(rows, key=lambda row: (row["start_char"] - begin, row["end_char"] - begin)):
            alike = list(group)
            append(sentence, text[at:start])
            # The words of a multiword token that do not spell it have no characters of their own.
            mark = len(alike) == 1 and alike[0]["upos"] == "PUNCT"
            word = add(sentence, "pc" if mark else "w", text[start:stop])
            for row in alike:
                self._describe(word if len(alike) == 1 else add(word, "w"), row)
            at = stop
        append(sentence, text[at:end])
        links = add(sentence, "linkGrp", type="syntax", targFunc="head dependent")
        ids = {0: id_} | {row["position"]: row["token_id"] for row in rows}
        for row in rows:
            ends = f"{self._names.to(ids.get(row['head'], id_))} {self._names.to(row['token_id'])}"
            link = add(links, "link", target=ends)
            if (relation := self._relation(row)) is not None:
                link.set("ana", self._names.to(*relation))

    def _relation(self, row: Row) -> tuple[str, ...] | None:
        """The category of a token's relation to its head, where the scheme has one."""
        parts = (self._token_tables[row["token_id"]], "deprel", str(row.get("deprel")))
        return parts if parts in self._names else None

    def _describe(self, word: ET.Element, row: Row) -> None:
        self._names.identify(word, row["token_id"])
        self._in_text.add(row["token_id"])
        said = {*_PLACED, *_ATTRIBUTES, "annotator"} | ({"deprel"} if self._relation(row) else set())
        for column, attribute in _ATTRIBUTES.items():
            if row.get(column) is not None:
                word.set(attribute, row[column])
        if word.text != row["form"]:
            said -= {"form"}
        if not row["space_after"]:
            word.set("join", "right")
        if any(value is not None for column, value in row.items() if column not in said):
            table = self._token_tables[row["token_id"]]
            about = self._annotation(table, "describing", self._names.to(row["token_id"]), "row", row["token_id"])
            add_notes(about, row, leave=said)

    def _add_loose(self, row: Row) -> None:
        """A token that cannot be an element of its text: it has no place, or lies across another."""
        start, end = row["start_char"], row["end_char"]
        target = self._names.to(row["text_id"]) if start is None or end is None else self._range(start, end)
        about = self._annotation(self._token_tables[row["token_id"]], "describing", target, row["token_id"])
        add_notes(about, row, leave=("token_id", "text_id", "start_char", "end_char", "annotator"))

    def _range(self, start: int, end: int) -> str:
        """A stretch of the document, counted in the text that it lies in."""
        begin, text_id = self._begins[bisect_right(self._begins, start, key=itemgetter(0)) - 1]
        return f"#string-range({self._names.of('words', text_id)},{start - begin},{end - start})"

    def _annotation(self, table: str, motivation: str, target: str, *parts: str) -> ET.Element:
        if table not in self._lists:
            self._lists[table] = add(self._stand_off, "listAnnotation", type=xml_name(table))
        made = add(self._lists[table], "annotation", motivation=motivation, target=target)
        self._names.identify(made, *parts)
        return made

    def _label(self, about: ET.Element, *parts: str) -> None:
        """A pointer to the label; the label itself where the scheme has none such."""
        if parts in self._names:
            add(about, "ptr", type="label", target=self._names.to(*parts))
        else:
            add(about, "note", parts[-1], type="label")

    def _add_annotations(self) -> None:
        for mark in self._document.marks:
            if mark.table == "texts":
                continue
            element = mark.id in self._in_text
            target = self._names.to(mark.id) if element else self._range(mark.start, mark.end)
            parts = ("row", mark.id) if element else (mark.id,)
            about = self._annotation(mark.table, "classifying", target, *parts)
            self._label(about, mark.table, "label", mark.label)
            add_notes(about, mark.values)
        for link in self._document.links:
            about = self._annotation(link.table, "linking", self._names.to(link.from_id), link.id)
            self._label(about, link.table, "label", link.label)
            add(about, "ptr", type="to_id", target=self._names.to(link.to_id))
            add_notes(about, link.values)
        for answer in self._document.answers:
            about = self._annotation(answer.table, "assessing", self._names.to(answer.unit_id), answer.id)
            self._label(about, answer.table, answer.question, answer.label)
            add(about, "note", answer.question, type="question")
            add_notes(about, answer.values)


def _is_in_order(length: int, sentences: Mapping[str, tuple[int, int]], tokens: Sequence[Row], begin: int) -> bool:
    """Whether tokens can be elements: each with a place, one after the other, in sentences one after the other."""
    at = reached = 0
    last = before = None
    for row in tokens:
        if row["sentence_id"] not in sentences or row["start_char"] is None or row["end_char"] is None:
            return False
        start, end = sentences[row["sentence_id"]]
        if row["sentence_id"] != last:
            if start < reached:
                return False
            last, before, reached, at = row["sentence_id"], None, end, start
        place = (row["start_char"] - begin, row["end_char"] - begin)
        if place != before and not at <= place[0] <= place[1] <= min(end, length):
            return False
        before, at = place, place[1]
    return bool(tokens)
