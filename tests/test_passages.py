"""A citation names a passage so that it is found again, or it is said why it is not."""

import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import corpus_tools as ct
from conftest import MINI, edit
from corpus_tools.citation.passage import LONGEST_QUOTE, shortened
from corpus_tools.cli import main
from corpus_tools.corpus import Corpus
from corpus_tools.errors import PassageError, VersionError
from corpus_tools.metadata import read_metadata
from corpus_tools.release import release
from corpus_tools.scheme import read_scheme


class Rows:
    """The rows of a corpus that stands in no file."""

    def __init__(self, texts):
        self.texts = texts

    def scan(self, table, split):
        rows = self.texts if table.name == "texts" else []
        return pl.LazyFrame(rows, schema=table.schema)


def corpus_of(texts):
    metadata, scheme = read_metadata(MINI), read_scheme(MINI / "scheme")
    rows = [{"text_id": text_id, "text": text} for text_id, text in texts.items()]
    return Corpus(Path("nowhere"), "1.0.0", metadata, scheme, "a" * 64, Rows(rows))


# Letters with marks, flags, families and line ends come from `text`; ids are as odd.
TEXTS = st.dictionaries(st.text(min_size=1), st.text(min_size=1), min_size=1, max_size=3)


@given(TEXTS, st.data())
def test_a_reference_leads_back_to_the_same_characters(texts, data):
    text_id = data.draw(st.sampled_from(sorted(texts)))
    start = data.draw(st.integers(0, len(texts[text_id]) - 1))
    end = data.draw(st.integers(start + 1, len(texts[text_id])))
    corpus = corpus_of(texts)
    whole = corpus.passage(f"mini-corpus@1.0.0:{ct.citation.Place(text_id)}")
    assert (whole.text_id, whole.quote) == (text_id, texts[text_id])
    found = corpus.passage(str(ct.citation.Place(text_id, start, end)))
    assert found.quote == texts[text_id][start:end]
    assert found.reference.isascii()
    assert found.reference.endswith(hashlib.sha256(found.quote.encode()).hexdigest()[:8])
    assert corpus.passage(found.reference) == found
    assert found.reference in corpus.cite("csl", passage=found.reference)


@given(TEXTS, st.data())
def test_a_changed_text_is_noticed(texts, data):
    text_id = data.draw(st.sampled_from(sorted(texts)))
    reference = corpus_of(texts).passage(str(ct.citation.Place(text_id))).reference
    changed = data.draw(st.text(min_size=len(texts[text_id]), max_size=len(texts[text_id])))
    assume(changed != texts[text_id])
    with pytest.raises(PassageError, match="other characters stand there than were cited"):
        corpus_of({**texts, text_id: changed}).passage(reference)


@given(st.text(st.sampled_from("ac14:@~%-.0 é<>"), max_size=12))
def test_anything_else_is_refused_with_a_reason_and_nothing_breaks(reference):
    corpus = corpus_of({"c1": "a😀b"})
    try:
        assert corpus.passage(reference).text_id == "c1"
    except PassageError as problem:
        assert str(problem)


@pytest.fixture
def corpus(released):
    return ct.load(released)


def test_a_text_a_stretch_and_a_unit_name_passages(corpus):
    text = dict(corpus.texts.select("text_id", "text").iter_rows())["c1"]
    assert corpus.passage("c1").quote == text
    assert corpus.passage("c1:2-6").quote == text[2:6]
    for table in ("mentions", "structure"):
        for span in corpus.scan(table).drop_nulls("start_char").collect().iter_rows(named=True):
            found = corpus.passage(span["span_id"])
            assert (found.text_id, found.quote) == (span["text_id"], span["quote"])
    [of_pass, *_] = corpus.table("mentions", split="passes").iter_rows(named=True)
    assert corpus.passage(of_pass["span_id"]).quote == of_pass["quote"]


def test_a_passage_says_whose_words_it_quotes(corpus):
    found = corpus.passage("c1:2-6")
    assert (found.author, found.byline) == ("Ann O'Hara", "Ann O'Hara said...")
    assert str(found) == f"c1 by Ann O'Hara, characters 2 to 6: “{found.quote}”"
    article = corpus.passage("a1:0-6")
    assert (article.author, article.byline) == (None, None)
    assert str(article) == "a1, characters 0 to 6: “Bridge”"


@pytest.mark.parametrize("pasted", ["<{}>", "{}.", "<{}>.", " <{}>.\n", "{} "])
def test_a_reference_is_found_with_what_a_citation_prints_around_it(corpus, pasted):
    found = corpus.passage("a1:0-6")
    assert corpus.passage(pasted.format(found.reference)) == found
    assert f" <{found.reference}>." in corpus.cite(passage="a1:0-6")


@pytest.mark.parametrize("style", ct.citation.FORMATS)
def test_a_citation_names_the_passage_by_its_words_and_its_reference(corpus, style):
    found = corpus.passage("a1:0-6")
    shown = corpus.cite(style, passage="a1:0-6").replace(r"\textasciitilde{}", "~")
    assert f"Passage: a1, characters 0 to 6: “Bridge” <{found.reference}>." in shown


def refusals():
    digest = hashlib.sha256(b"Bridge").hexdigest()[:8]
    return {
        "no form": ("c1:2", "'c1:2' is no reference to a passage; one is a text such as c4"),
        "empty": ("", "is no reference to a passage"),
        "no characters by that name": ("%FF", "is no reference to a passage"),
        "another corpus": ("maxi@0.1.0:a1:0-6", "is of maxi 0.1.0; this is mini-corpus 0.1.0"),
        "a version that is not released": (
            "mini-corpus@9.0.0:a1",
            "is of version 9.0.0; the corpus here has 0.1.0, draft",
        ),
        "nothing to read": (5, "5 is no reference to a passage"),
        "no text": ("c9:0-6", "^'c9' is neither a text nor a unit with a place in one; texts are: a1, c1, c2"),
        "backwards": ("a1:6-0", "is no stretch of a1; give a1:START-END with START from 0, END after START"),
        "empty stretch": ("a1:6-6", "is no stretch of a1"),
        "beyond the end": ("c1:0-30", "c1:0-30 is no stretch of c1; .* END after START and at most 29$"),
        "a stretch of a unit": ("structure-1:0-3", "^structure-1 is no text but a unit; cite it .* as a1:0-"),
        "outside the texts": ("structure-4", "^structure-4 stands outside the texts and has no characters to cite"),
        "a row about a text": ("tone-2", "^tone-2 is a row of tone about c1; cite c1$"),
        "other characters": (
            "a1:0-6~00000000",
            f"other characters stand there than were cited: 'Bridge', whose reference is .*:a1:0-6~{digest}",
        ),
    }


@pytest.mark.parametrize(("reference", "message"), refusals().values(), ids=refusals())
def test_a_reference_that_leads_nowhere_says_why(released, reference, message, capsys):
    with pytest.raises(PassageError, match=message):
        ct.resolve(reference, folder=released)
    assert main(["resolve", str(reference), str(released)]) == 1
    assert capsys.readouterr().err.startswith("corpus-tools: ")


def test_a_reference_without_version_means_the_newest_release_and_one_with_it_that_release(released):
    before = ct.resolve("a1:0-6", folder=released)
    edit(released / "corpus.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    edit(released / "annotations/tone/gold.csv", "How does it sound?,loud", "How does it sound?,calm")
    release(released, "0.2.0")
    assert ct.resolve("a1:0-6", folder=released).version == "0.2.0"
    assert ct.resolve(before.reference, folder=released) == before
    with pytest.raises(
        PassageError,
        match=r'0\.1\.0; this is .* 0\.2\.0; give load\(version="0\.1\.0"\) or --release 0\.1\.0 for it',
    ):
        ct.load(released).passage(before.reference)
    assert ct.resolve("mini-corpus@draft:a1:0-6", folder=released).version == "draft"


def test_a_relation_is_cited_by_its_ends(layered):
    corpus = ct.load(layered, "draft")
    [row, *_] = corpus.table("coreference").iter_rows(named=True)
    ends = (row["from_id"], row["to_id"])
    with pytest.raises(PassageError) as refused:
        corpus.passage(row["relation_id"])
    assert str(refused.value).endswith(f" of coreference about {' and '.join(ends)}; cite {' or '.join(ends)}")


def test_what_stands_there_instead_of_the_cited_characters_is_shown_with_its_blanks():
    reference = corpus_of({"c1": "a b c"}).passage("c1").reference
    with pytest.raises(PassageError, match=re.escape(r"than were cited: 'a  b\nc', whose")):
        corpus_of({"c1": "a  b\nc"}).passage(reference.replace("0-5", "0-6"))
    long = corpus_of({"c1": "b " * 500})
    with pytest.raises(PassageError) as refused:
        long.passage("c1~00000000")
    assert len(str(refused.value)) < LONGEST_QUOTE * 2.5


@pytest.mark.parametrize("command", ["cite", "resolve"])
def test_the_commands_say_what_offsets_count(command, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "offsets are code points, from 0, end-exclusive" in " ".join(capsys.readouterr().out.split())


def test_without_a_release_there_is_nothing_to_look_in(mini):
    with pytest.raises(VersionError, match="holds no release yet"):
        ct.resolve("a1:0-6", folder=mini)


def test_a_long_quote_loses_its_middle_and_no_word_is_cut():
    words = [f"word{n}" for n in range(200)]
    shown = shortened("\n".join(words))
    head, tail = (part.split() for part in shown.split(" … "))
    assert words[: len(head)] == head
    assert words[-len(tail) :] == tail
    assert LONGEST_QUOTE * 0.8 < len(shown) <= LONGEST_QUOTE + 3
    assert shortened("one\n two") == "one two"


def test_the_command_prints_the_passage_with_its_place(released, capsys):
    found = ct.resolve("c1:2-6", folder=released)
    assert main(["resolve", "c1:2-6", str(released)]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{found.reference}\nMini Corpus 0.1.0, c1 by Ann O'Hara, characters 2 to 6\n{found.quote}\n"
    assert shown.err == ""
    assert main(["resolve", found.reference, str(released), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "corpus": "Mini Corpus",
        "version": "0.1.0",
        "text_id": "c1",
        "start_char": 2,
        "end_char": 6,
        "quote": found.quote,
        "author": "Ann O'Hara",
        "byline": "Ann O'Hara said...",
        "reference": found.reference,
    }
