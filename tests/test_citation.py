"""Citations say what was used, to the version and the layer, in forms that others read; metadata files hold their formats."""

import dataclasses
import datetime
import html.parser
import json
import re
from pathlib import Path

import bibtexparser
import pytest
import rispy
import yaml
from bibtexparser import middlewares
from cffconvert import Citation
from datacite import schema45
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import corpus_tools as ct
from conftest import LAYERED, MINI, ROOT, edit
from corpus_tools.citation import FORMATS, Work, citation_file, cite, datacite_file, zenodo_file
from corpus_tools.citation.apa import apa
from corpus_tools.citation.bibtex import bibtex, escaped
from corpus_tools.citation.csl import csl
from corpus_tools.citation.ris import ris
from corpus_tools.citation.work import Entry, Name, slug_of, source_entry
from corpus_tools.cli import main, parser
from corpus_tools.errors import ArgumentError, UnknownNameError
from corpus_tools.metadata import LICENCES, read_metadata
from corpus_tools.references import TYPES, Reference
from corpus_tools.release import release

CORPORA = {"shipped": ROOT / "corpus", "mini": MINI, "layered": LAYERED}


def names(*inverted):
    """Persons as `Family, Given`, anything else a group."""
    parts = [name.split(", ") for name in inverted]
    return tuple(Name(*part) if len(part) > 1 else Name(group=part[0]) for part in parts)


def entry(type_, authors, date, title, **fields):
    return Entry(key="k", type=type_, names=names(*authors), more_names=False, date=date, title=title, **fields)


def sources():
    """Every publication that the corpora here name."""
    return [reference for folder in CORPORA.values() for reference in read_metadata(folder).references]


def work(title="Mini Corpus", **fields):
    metadata = read_metadata(MINI)
    made = ct.load(MINI, "draft").work
    fields = {"version": "1.0.0", "date": metadata.date, "content_sha256": "a" * 64, **fields}
    return dataclasses.replace(made, title=title, **fields)


KALNAY = """Kalnay, E.; Kanamitsu, M.; Kistler, R.; Collins, W.; Deaven, D.; Gandin, L.; Iredell, M.; Saha, S.; White, G.;
Woollen, J.; Zhu, Y.; Chelliah, M.; Ebisuzaki, W.; Higgins, W.; Janowiak, J.; Mo, K. C.; Ropelewski, C.; Wang, J.; Leetmaa, A.;
Reynolds, R.; Jenne, R.; Joseph, D."""
# Examples of the Publication Manual (7th edition) and its website, the template for data sets among them.
PUBLISHED = {
    "journal": (
        entry(
            "article-journal",
            ["Grady, Jessica S.", "Her, M.", "Moreno, G.", "Perez, C.", "Yelinek, J."],
            "2019",
            "Emotions in storybooks: A comparison of storybooks that represent ethnic and racial groups in the United States",
            container="Psychology of Popular Media Culture",
            volume="8",
            issue="3",
            pages="207-217",
            doi="10.1037/ppm0000185",
        ),
        "Grady, J. S., Her, M., Moreno, G., Perez, C., & Yelinek, J. (2019). Emotions in storybooks: A comparison of "
        "storybooks that represent ethnic and racial groups in the United States. Psychology of Popular Media Culture, "
        "8(3), 207–217. https://doi.org/10.1037/ppm0000185",
    ),
    "article number, title that ends in a stop": (
        entry(
            "article-journal",
            [
                *("Jerrentrup, A.", "Mueller, T.", "Glowalla, U.", "Herder, M."),
                *("Henrichs, N.", "Neubauer, A.", "Schaefer, J. R."),
            ],
            "2018",
            "Teaching medicine with the help of “Dr. House.”",
            container="PLoS ONE",
            volume="13",
            issue="3",
            pages="e0193972",
            doi="10.1371/journal.pone.0193972",
        ),
        "Jerrentrup, A., Mueller, T., Glowalla, U., Herder, M., Henrichs, N., Neubauer, A., & Schaefer, J. R. (2018). "
        "Teaching medicine with the help of “Dr. House.” PLoS ONE, 13(3), Article e0193972. "
        "https://doi.org/10.1371/journal.pone.0193972",
    ),
    "more than twenty authors": (
        entry(
            "article-journal",
            [" ".join(name.split()) for name in KALNAY.split(";")],
            "1996",
            "The NCEP/NCAR 40-year reanalysis project",
            container="Bulletin of the American Meteorological Society",
            volume="77",
            issue="3",
            pages="437-471",
            url="http://doi.org/fg6rf9",
        ),
        "Kalnay, E., Kanamitsu, M., Kistler, R., Collins, W., Deaven, D., Gandin, L., Iredell, M., Saha, S., White, G., "
        "Woollen, J., Zhu, Y., Chelliah, M., Ebisuzaki, W., Higgins, W., Janowiak, J., Mo, K. C., Ropelewski, C., Wang, J., "
        "Leetmaa, A., . . . Joseph, D. (1996). The NCEP/NCAR 40-year reanalysis project. Bulletin of the American "
        "Meteorological Society, 77(3), 437–471. http://doi.org/fg6rf9",
    ),
    "book": (
        entry(
            "book",
            ["Sapolsky, R. M."],
            "2017",
            "Behave: The biology of humans at our best and worst",
            publisher="Penguin Books",
        ),
        "Sapolsky, R. M. (2017). Behave: The biology of humans at our best and worst. Penguin Books.",
    ),
    "report by a group": (
        entry(
            "report",
            ["National Cancer Institute"],
            "2019",
            "Taking time: Support for people with cancer",
            container="NIH Publication",
            issue="18-2059",
            publisher="U.S. Department of Health and Human Services, National Institutes of Health",
            url="https://www.cancer.gov/publications/patient-education/takingtime.pdf",
        ),
        "National Cancer Institute. (2019). Taking time: Support for people with cancer (NIH Publication No. 18-2059). "
        "U.S. Department of Health and Human Services, National Institutes of Health. "
        "https://www.cancer.gov/publications/patient-education/takingtime.pdf",
    ),
    "data set whose author publishes it": (
        entry(
            "dataset",
            ["Pew Research Center"],
            "2018",
            "American trends panel Wave 26",
            publisher="Pew Research Center",
            url="https://www.pewsocialtrends.org/dataset/american-trends-panel-wave-26/",
        ),
        "Pew Research Center. (2018). American trends panel Wave 26 [Data set]. "
        "https://www.pewsocialtrends.org/dataset/american-trends-panel-wave-26/",
    ),
    "data set, template": (
        entry(
            "dataset",
            ["Author, A. A.", "Author, B. B.", "Author, C. C."],
            "YYYY",
            "Title of data set",
            version="#",
            publisher="Publisher",
            doi="xxxx",
        ),
        "Author, A. A., Author, B. B., & Author, C. C. (YYYY). Title of data set (Version #) [Data set]. Publisher. "
        "https://doi.org/xxxx",
    ),
    "page without a date": (
        entry(
            "webpage",
            [
                *("Boddy, J.", "Neumann, T.", "Jennings, S.", "Morrow, V."),
                *("Alderson, P.", "Rees, R.", "Gibson, W."),
            ],
            "",
            "Ethics principles",
            container="The Research Ethics Guidebook: A Resource for Social Scientists",
            url="http://www.ethicsguidebook.ac.uk/EthicsPrinciples",
        ),
        "Boddy, J., Neumann, T., Jennings, S., Morrow, V., Alderson, P., Rees, R., & Gibson, W. (n.d.). Ethics principles. "
        "The Research Ethics Guidebook: A Resource for Social Scientists. http://www.ethicsguidebook.ac.uk/EthicsPrinciples",
    ),
}


@pytest.mark.parametrize(("given_entry", "published"), PUBLISHED.values(), ids=PUBLISHED)
def test_apa_is_as_the_manual_prints_it(given_entry, published):
    assert apa([given_entry]).split("\n\n")[0] == published


# Rules of the manual, each with the name or names as they must stand.
AUTHORS = {
    "two persons have a comma": (["Roe, Ann", "Doe, Zoë"], "Roe, A., & Doe, Z."),
    "two groups have none": (["The Roes", "The Does"], "The Roes & The Does."),
    "twenty are all named": (
        [f"N{n}, A." for n in range(20)],
        ", ".join(f"N{n}, A." for n in range(19)) + ", & N19, A.",
    ),
    "a hyphen stays": (["Marneffe, Marie-Catherine de"], "Marneffe, M.-C. de."),
    "initials without a blank": (["Roe, J.R.R."], "Roe, J. R. R."),
    "a suffix comes last": (["King, Martin Luther, Jr."], "King, M. L., Jr."),
    "a decomposed letter is one letter": (["Roe, E\u0301mile"], "Roe, É."),
}


@pytest.mark.parametrize(("authors", "lead"), AUTHORS.values(), ids=AUTHORS)
def test_apa_writes_authors_by_its_rules(authors, lead):
    assert apa([entry("book", authors, "2020", "T")]) == f"{lead} (2020). T."


def test_works_of_one_year_by_the_same_authors_get_letters_in_the_order_of_their_titles():
    made = [
        dataclasses.replace(entry("book", ["Roe, Ann"], "2020", title), key=title) for title in ("Bats", "Ants", "Cats")
    ]
    assert apa(made).split("\n\n") == ["Roe, A. (2020a). Ants.", "Roe, A. (2020b). Bats.", "Roe, A. (2020c). Cats."]


# Chapter 9 of the manual: letter by letter, nothing before something, fewer authors first, then the year.
LISTED = [
    (["Brown, J. R."], "2020", "T"),
    (["Browning, A. R."], "2001", "T"),
    (["Dé, B."], "2020", "T"),
    (["de Boer, A."], "2020", "T"),
    (["Moe Society"], "2020", "T"),
    (["Roe, A."], "2019", "T"),
    (["Roe, A."], "2021", "T"),
    (["Roe, A.", "Doe, Z."], "2018", "T"),
    (["Roe, A.", "Doe, Z.", "Poe, B."], "2003", "T"),
    (["Roe, A.", "Loe, C."], "2002", "T"),
    (["Roe, B."], "2001", "T"),
]


@given(st.permutations(LISTED))
def test_apa_lists_sources_as_the_manual_orders_them_after_what_follows_them(shuffled):
    made = [dataclasses.replace(entry("book", *source), key=f"k{number}") for number, source in enumerate(shuffled)]
    cited = dataclasses.replace(entry("dataset", ["Zoe, A."], "2022", "T", version="1"), key="cited")
    shown = apa([cited, *made]).split("\n\n")
    assert shown[0].startswith("Zoe, A.")
    assert shown[1:] == [apa([entry("book", *source)]) for source in LISTED]


@given(st.permutations(["a-2020", "b-2019", "c-2021"]))
def test_apa_names_the_sources_of_a_layer_in_the_order_of_the_list(ids):
    authors = {"a-2020": "Zoe, A", "b-2019": "Ångström, B", "c-2021": "Moe, C"}
    made = tuple(Reference(id_, "book", (authors[id_],), int(id_[-4:]), "T") for id_ in ids)
    tone = dataclasses.replace(ct.load(MINI, "draft").scheme.layers["tone"], references=tuple(ids))
    shown = cite([work(references=made, layers={"tone": tone})], layers="all")
    assert "tone (after Ångström, 2019; Moe, 2021; Zoe, 2020)" in shown


def test_sources_that_begin_alike_are_told_apart_in_the_note():
    alike = [
        Reference("a-2020", "book", ("A, X", "B, X", "C, X", "D, X", "H, X"), 2020, "One"),
        Reference("b-2020", "book", ("A, X", "B, X", "E, X", "F, X"), 2020, "Two"),
        Reference("c-2020", "book", ("A, X", "B, X", "G, X"), 2020, "Three"),
        Reference("d-2021", "book", ("A, X", "B, X", "C, X"), 2021, "Four"),
    ]
    tone = ct.load(MINI, "draft").scheme.layers["tone"]
    tone = dataclasses.replace(tone, references=tuple(reference.id for reference in alike))
    shown = cite([work(references=tuple(alike), layers={"tone": tone})], layers="all")
    assert "tone (after A et al., 2021; A, B, C, et al., 2020; A, B, E, & F, 2020; A, B, & G, 2020)" in shown


def read_bibtex(text):
    """The entries as an independent reader has them: LaTeX decoded, names split."""
    stack = [
        middlewares.RemoveEnclosingMiddleware(),
        middlewares.SeparateCoAuthors(),
        middlewares.SplitNameParts(),
        middlewares.LatexDecodingMiddleware(),
    ]
    library = bibtexparser.parse_string(text, parse_stack=stack)
    assert not library.failed_blocks
    return {read.key: {field.key: field.value for field in read.fields} for read in library.entries}


def test_every_source_reads_back_from_bibtex():
    made = [source_entry(reference) for reference in sources()]
    read = read_bibtex(bibtex(made))
    assert list(read) == [source.key for source in made]
    for source in made:
        fields = read[source.key]
        assert fields["title"].strip("{}") == source.title
        assert fields["year"] == source.year
        assert fields.get("doi", "") == source.doi
        assert fields.get("url", "") == source.url
        found = [" ".join([*name.von, *name.last]).strip("{}") for name in fields["author"]]
        assert found == [name.group or name.family for name in source.names] + ["others"] * source.more_names


def test_every_source_reads_back_from_ris():
    made = [source_entry(reference) for reference in sources()]
    read = rispy.loads(ris(made))
    assert [record["id"] for record in read] == [source.key for source in made]
    for source, record in zip(made, read, strict=True):
        assert record["title"] == source.title
        assert record["year"] == source.year
        assert record["authors"] == [name.inverted for name in source.names]
        assert record.get("doi", "") == source.doi
        assert "-".join(filter(None, [record.get("start_page"), record.get("end_page")])) == source.pages


RIS_TYPES = dict(
    zip(TYPES, ("JOUR", "BOOK", "CHAP", "DATA", "CPAPER", "RPRT", "THES", "ELEC"), strict=True),
)


@pytest.mark.parametrize("type_", TYPES)
def test_every_type_of_publication_has_its_word_in_every_format(type_):
    source = entry(type_, ["Roe, Ann"], "2020", "T")
    [record] = rispy.loads(ris([source]))
    assert record["type_of_reference"] == RIS_TYPES[type_]
    assert record["type_of_reference"] in rispy.TYPE_OF_REFERENCE_MAPPING
    [read] = bibtexparser.parse_string(bibtex([source])).entries
    # What BibLaTeX calls required, as far as it can be had.
    assert read.entry_type in {
        *("article", "book", "incollection", "dataset", "inproceedings", "report", "thesis", "online"),
    }
    assert ("type" in read.fields_dict) == (type_ in ("report", "thesis"))
    assert apa([source]).startswith("Roe, A. (2020). T")


# The names that csl-data.json, the schema of the Citation Style Language for input, has for what is written here.
CSL_TEXTS = {
    *("version", "container-title", "collection-title", "volume", "issue", "number", "page", "publisher"),
    *("DOI", "URL", "note", "status", "title", "id"),
}
CSL_TYPES = {
    *("article-journal", "book", "chapter", "dataset", "paper-conference", "report", "thesis", "webpage"),
}
CSL_NAMES = {"family", "given", "suffix", "literal"}


def check_csl(text):
    items = json.loads(text)
    assert isinstance(items, list)
    for item in items:
        assert item["type"] in CSL_TYPES
        assert all(isinstance(item[key], str) for key in set(item) - {"type", "author", "issued"})
        assert set(item) - {"type", "author", "issued"} <= CSL_TEXTS
        assert all(set(name) <= CSL_NAMES and all(name.values()) for name in item["author"])
        if "issued" in item:
            [parts] = item["issued"]["date-parts"]
            assert 1 <= len(parts) <= 3
            assert all(isinstance(part, int) for part in parts)
    assert len({item["id"] for item in items}) == len(items)
    return items


def test_csl_has_the_names_and_types_of_its_schema():
    made = [source_entry(reference) for reference in sources()]
    items = check_csl(csl(made))
    assert [item["DOI"] for item in items if "DOI" in item] == [source.doi for source in made if source.doi]
    corpus = ct.load(version="1.0.0")
    [item, *_] = check_csl(corpus.cite("csl", layers="all", passage="c4:12-80"))
    assert item["issued"] == {"date-parts": [[2026, 11, 22]]}
    assert item["version"] == "1.0.0"


# Printable and without a pair that LaTeX itself joins to one character.
TITLES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters="{}^`'-,\"!?<>~"), min_size=1)


@given(TITLES.filter(lambda title: re.search(r"\w", title)), st.sampled_from(TYPES))
def test_any_title_reads_back_from_any_format(title, type_):
    plain = " ".join(title.split())
    source = entry(type_, ["Roe, Ann", "Roe and Daughters"], "2020", plain)
    [(key, fields)] = read_bibtex(bibtex([source])).items()
    assert key == "k"
    assert " ".join(fields["title"].strip("{}").split()) == plain
    assert len(fields["author"]) == 2
    [record] = rispy.loads(ris([source]))
    assert record["title"] == plain
    [item] = check_csl(csl([source]))
    assert item["title"] == plain
    assert plain in apa([source])


@given(st.text())
def test_braces_of_a_bibtex_value_are_always_balanced(text):
    depth = 0
    for char in escaped(text):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0


def test_what_latex_takes_for_a_command_is_written_as_one_but_not_in_addresses():
    made = entry(
        "report", ["R&D {Group}"], "2020", "50% of $_{a}^2 ~ \\#", doi="10.1000/a_b%c", url="https://x.org/{a}"
    )
    shown = bibtex([made])
    assert r"author = {{R\&D \textbraceleft{}Group\textbraceright{}}}," in shown
    assert (
        r"title = {{50\% of \$\_\textbraceleft{}a\textbraceright{}\textasciicircum{}2 \textasciitilde{} "
        r"\textbackslash{}\#}}," in shown
    )
    assert "doi = {10.1000/a_b%c}," in shown
    assert "url = {https://x.org/%7Ba%7D}," in shown


def test_names_and_pages_are_written_as_bibtex_reads_them():
    shown = bibtex([entry("book", ["Sand and Gravel, Ann", "Roe, Zoë"], "2020", "T", pages="1-2")])
    [read] = read_bibtex(shown).values()
    assert [[part.strip("{}") for part in name.last] for name in read["author"]] == [["Sand and Gravel"], ["Roe"]]
    assert read["pages"] == "1–2"


def test_an_address_with_a_semicolon_stays_one_address_in_ris():
    [record] = rispy.loads(ris([entry("webpage", ["Roe, Ann"], "2020", "T", url="https://x.org/a;b")]))
    assert record["urls"] == ["https://x.org/a%3Bb"]


def test_a_suffix_stands_where_each_format_wants_it():
    made = [source_entry(Reference("king-1963", "book", ("King, Martin Luther, Jr.",), 1963, "Strength to Love"))]
    assert "author = {King, Jr., Martin Luther}," in bibtex(made)
    assert "AU  - King, Martin Luther, Jr." in ris(made)
    assert json.loads(csl(made))[0]["author"] == [{"family": "King", "given": "Martin Luther", "suffix": "Jr."}]


def test_authors_who_are_not_named_are_no_author_and_the_note_says_that_they_are():
    reference = Reference("roe-2020", "book", ("Roe, Ann", "others"), 2020, "Ants", note="A note.")
    note = "Authors: those named and others. A note."
    made = [source_entry(reference)]
    [item] = check_csl(csl(made))
    assert (item["author"], item["note"]) == ([{"family": "Roe", "given": "Ann"}], note)
    [record] = rispy.loads(ris(made))
    assert (record["authors"], record["notes"]) == (["Roe, Ann"], [note])
    page = citation_file(dataclasses.replace(read_metadata(MINI), references=(reference,)))
    [listed] = yaml.safe_load(page)["references"]
    assert (listed["authors"], listed["notes"]) == ([{"family-names": "Roe", "given-names": "Ann"}], note)
    # Those formats have words of their own for it.
    assert "author = {Roe, Ann and others}," in bibtex(made)
    assert "note = {A note.}," in bibtex(made)
    assert apa(made) == "Roe, A., et al. (2020). Ants."


@pytest.mark.parametrize("version", ["0.1.0", "1.0.0"])
@pytest.mark.parametrize("style", FORMATS)
def test_a_release_is_cited_by_title_version_and_hash(style, version):
    corpus = ct.load(version=version)
    shown = corpus.cite(style)
    assert "Syria Talks Thread Corpus" in shown
    assert "The Syria Talks Thread Corpus contributors" in shown
    assert version in shown
    assert (corpus.content_sha256[:12] if style == "apa" else corpus.content_sha256) in shown


@pytest.mark.parametrize("style", FORMATS)
def test_a_release_without_structured_references_keeps_its_prose(style):
    corpus = ct.load(version="0.1.0")
    shown = " ".join(corpus.cite(style, layers="structure").split())
    if style == "bibtex":
        shown = shown.replace(r"\&", "&").replace(r"\_", "_")
    source = " ".join(corpus.scheme.layers["structure"].scheme_source.split())
    assert "Scheme of structure: " + (json.dumps(source)[1:-1] if style == "csl" else source) in shown
    assert "Scheme of" not in corpus.cite(style)


def test_the_prose_of_every_layer_is_a_paragraph_of_its_own_in_apa():
    corpus = ct.load(version="1.0.0")
    paragraphs = corpus.cite(layers="all").split("\n\n")
    expected = [f"Scheme of {name}: " for name in corpus.scheme.layers]
    assert [text[: len(start)] for text, start in zip(paragraphs[3:], expected, strict=True)] == expected


@pytest.mark.parametrize("style", FORMATS)
def test_a_citation_says_of_which_layers_a_language_model_is_the_origin(style):
    tone = dataclasses.replace(ct.load(MINI, "draft").scheme.layers["tone"], references=("roe-2020",))
    origins = {
        "a": "model-generated adjudicated",
        "b": "manual native",
        "c": "model-generated",
        "d": "model-generated adjudicated",
    }
    layers = {name: dataclasses.replace(tone, name=name, origin=origin) for name, origin in origins.items()}
    made = [work(references=(Reference("roe-2020", "book", ("Roe, Ann",), 2020, "Ants"),), layers=layers)]
    shown = " ".join(cite(made, style=style, layers="all").split())
    assert (
        "Origin of the annotation of a, d: model-generated adjudicated. "
        "Origin of the annotation of c: model-generated." in shown
    )
    assert "Origin of the annotation of d: model-generated adjudicated." in cite(made, style=style, layers="d")
    assert "Origin" not in cite(made, style=style, layers="b")
    assert "Origin" not in cite(made, style=style)


@pytest.mark.parametrize("style", FORMATS)
def test_a_draft_says_so_and_has_neither_year_nor_place(layered, style):
    edit(layered / "corpus.toml", 'version = "0.1.0"', 'version = "7.8.9"')
    shown = ct.load(layered, "draft").cite(style)
    assert "draft: the hand-edited files" in shown
    assert not re.search(r"7\.8\.9|2026|10\.5555|Test Press|example\.org", shown)


def test_a_release_says_where_it_is_published(layered):
    release(layered, "0.1.0")
    corpus = ct.load(layered)
    for style in FORMATS:
        shown = corpus.cite(style)
        assert "draft" not in shown.lower()
        assert all(word in shown for word in ("0.1.0", "2026", "10.5555/layered", "Test Press")), style
    assert corpus.cite().startswith("Person, T. (2026). Layered Corpus (Version 0.1.0; content SHA-256 ")
    assert corpus.cite().endswith(") [Data set]. Test Press. https://doi.org/10.5555/layered")
    [read] = read_bibtex(corpus.cite("bibtex")).values()
    assert read["url"] == "https://example.org/layered"


def test_sources_are_those_of_the_layers_asked_for():
    corpus = ct.load(version="draft")

    def ids(layers):
        return [item["id"] for item in json.loads(corpus.cite("csl", layers=layers))][1:]

    assert ids(None) == ids([]) == []
    assert ids("stance") == ["mohammad-2016"]
    assert ids(["stance", "structure"]) == ["mohammad-2016", "zeldes-2017"]
    followed = {id_ for layer in corpus.scheme.layers.values() for id_ in layer.references}
    assert ids("all") == sorted(followed)
    assert followed == {reference.id for reference in corpus.metadata.references}


def test_what_does_not_exist_cannot_be_cited(capsys):
    corpus = ct.load()
    with pytest.raises(UnknownNameError, match="unknown layer 'stanze'; there are: appraisal, "):
        corpus.cite(layers=["stance", "stanze"])
    with pytest.raises(UnknownNameError, match="unknown citation format 'mla'; there are: apa, bibtex, csl, ris"):
        corpus.cite("mla")
    with pytest.raises(ArgumentError, match="cite: layers are one name, a list of names or 'all', not 3"):
        corpus.cite(layers=3)
    assert main(["cite", "--layers", "stance, stanze"]) == 1
    assert capsys.readouterr().err.startswith("corpus-tools: unknown layer 'stanze'; there are: appraisal,")


def test_modules_are_cited_beside_the_corpus_with_their_sources():
    tone = ct.load(MINI, "draft").scheme.layers["tone"]
    roe = Reference("roe-2020", "book", ("Roe, Ann",), 2020, "Ants")
    other = dataclasses.replace(roe, title="Bats")
    corpus = work(references=(roe,), layers={"tone": dataclasses.replace(tone, references=("roe-2020",))})
    module = Work(
        title="Moods",
        version="0.2.0",
        date=datetime.date(2027, 1, 2),
        creators=[{"family_names": "Doe", "given_names": "Zoë", "orcid": "0000-0002-1825-0097"}],
        publication={"doi": "10.5555/moods"},
        content_sha256="b" * 64,
        references=(other,),
        layers={"moods": dataclasses.replace(tone, name="moods", references=("roe-2020",))},
    )
    items = json.loads(cite([corpus, module], style="csl", layers="all"))
    assert [item["id"] for item in items] == ["mini-corpus-1.0.0", "moods-0.2.0", "moods-roe-2020", "roe-2020"]
    assert items[1]["note"] == f"Content hash (SHA-256): {'b' * 64}. Layers used: moods (after moods-roe-2020)."
    assert items[0]["note"].endswith("Layers used: tone (after roe-2020).")
    # One publication that both follow has one entry; without layers the module is still named.
    same = dataclasses.replace(module, references=(roe,))
    items = json.loads(cite([corpus, same], style="csl", layers="all"))
    assert [item["id"] for item in items] == ["mini-corpus-1.0.0", "moods-0.2.0", "roe-2020"]
    shown = cite([corpus, module]).split("\n\n")
    assert shown[1:] == [
        f"Doe, Z. (2027). Moods (Version 0.2.0; content SHA-256 {'b' * 12}) [Data set]. https://doi.org/10.5555/moods"
    ]


def test_the_command_cites_a_module_and_what_its_layer_follows(released, capsys):
    study = Path(__file__).parent / "data" / "modules" / "address-study"
    assert main(["cite", str(released), "--module", str(study), "--layers", "address", "--format", "csl"]) == 0
    items = check_csl(capsys.readouterr().out)
    assert [item["id"] for item in items] == ["mini-corpus-0.1.0", "who-is-addressed-1.0.0", "roe-2020"]
    assert "Layers used" not in items[0]["note"]
    assert items[1]["note"].endswith("Layers used: address (after roe-2020).")
    assert items[1]["URL"] == "https://huggingface.co/datasets/other/address-study"


def test_no_two_entries_share_a_key():
    twin = work(content_sha256="b" * 64)
    ids = [item["id"] for item in check_csl(cite([work(), twin], style="csl"))]
    assert ids == ["mini-corpus-1.0.0", "mini-corpus-1.0.0-bbbbbbbb"]


SLUGS = {
    "Syria Talks Thread Corpus": "syria-talks-thread-corpus",
    "  Ça & là: 2e éd. ": "ca-la-2e-ed",
    "Straße_1": "strasse-1",
}


@pytest.mark.parametrize(("title", "slug"), SLUGS.items())
def test_a_slug_is_plain_letters_digits_and_hyphens(title, slug):
    assert slug_of(title) == slug


@given(st.text(min_size=1))
def test_every_title_has_a_slug(title):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug_of(title))


def test_the_command_prints_what_the_library_gives(capsys):
    assert (
        main(["cite", "--format", "ris", "--release", "0.1.0", "--layers", "structure", "--passage", "structure-9"])
        == 0
    )
    shown = capsys.readouterr()
    corpus = ct.load(version="0.1.0")
    assert shown.out == corpus.cite("ris", layers=["structure"], passage="structure-9") + "\n"
    assert shown.err == ""


def test_the_command_knows_every_format():
    [commands] = [action for action in parser()._actions if hasattr(action, "choices") and action.choices]
    [formats] = [action for action in commands.choices["cite"]._actions if action.dest == "format"]
    assert formats.choices == tuple(FORMATS)


@pytest.mark.parametrize("folder", CORPORA.values(), ids=CORPORA)
def test_the_citation_file_is_valid_by_its_format(folder):
    metadata = read_metadata(folder)
    page = citation_file(metadata, content_sha256="a" * 64)
    Citation(page).validate()
    entries = yaml.safe_load(page)
    assert entries["version"] == metadata.version
    assert [reference["title"] for reference in entries.get("references", [])] == [
        reference.title for reference in metadata.references
    ]


@pytest.mark.parametrize("type_", TYPES)
def test_a_reference_of_any_type_is_valid_in_the_citation_file(type_):
    full = Reference("r-2020", type_, ("Roe, Ann, Jr.", "A Group", "others"), 2020, "T", *["1-2"] * 5, "10.5555/x")
    angled = dataclasses.replace(full, id="s-2020", doi="10.1002/(SICI)1<1::AID>3.0", url="")
    metadata = dataclasses.replace(read_metadata(MINI), references=(full, angled))
    Citation(citation_file(metadata)).validate()
    first, second = yaml.safe_load(citation_file(metadata))["references"]
    assert first["authors"] == [
        {"family-names": "Roe", "given-names": "Ann", "name-suffix": "Jr."},
        {"name": "A Group"},
    ]
    assert second["url"] == "https://doi.org/10.1002/(SICI)1%3C1::AID%3E3.0"


def test_the_citation_file_names_doi_places_and_hash():
    entries = yaml.safe_load(citation_file(read_metadata(LAYERED), content_sha256="a" * 64))
    assert entries["doi"] == "10.5555/layered"
    assert entries["url"] == "https://example.org/layered"
    assert entries["repository"] == "https://example.org/layered.git"
    assert [identifier["value"] for identifier in entries["identifiers"]] == [
        f"sha256:{'a' * 64}",
        "https://huggingface.co/datasets/test/layered",
    ]
    assert entries["references"][0]["authors"] == [
        {"family-names": "Roe", "given-names": "Ann"},
        {"family-names": "Doe", "given-names": "Zoë"},
    ]
    assert (entries["references"][0]["start"], entries["references"][0]["end"]) == ("11", "29")


def licensed(*licences):
    return dataclasses.replace(read_metadata(MINI), licences=dict(zip(LICENCES, licences, strict=True)))


LICENSED = {
    "one for all": (("CC-BY-4.0",) * 3, "CC-BY-4.0", "cc-by-4.0"),
    "all open": (("CC0-1.0", "CC-BY-4.0", "MIT"), None, "other-open"),
    "one not known to be open": (("CC-BY-NC-4.0", "CC-BY-4.0", "MIT"), None, "other-closed"),
    "none for the text": (("No licence is granted.", "CC-BY-4.0", "MIT"), None, "other-closed"),
    "a sentence for all": (("All rights reserved.",) * 3, None, "other-closed"),
}


@pytest.mark.parametrize(("licences", "cff", "zenodo"), LICENSED.values(), ids=LICENSED)
def test_no_format_says_more_of_the_licences_than_is_so(licences, cff, zenodo):
    metadata = licensed(*licences)
    Citation(citation_file(metadata)).validate()
    entries = yaml.safe_load(citation_file(metadata))
    assert entries.get("license") == cff
    assert ("differ by part" in entries["message"]) == (cff is None)
    record = json.loads(zenodo_file(metadata))
    assert record["license"] == zenodo
    rights = json.loads(datacite_file(metadata))["rightsList"]
    for part, licence, right in zip(LICENCES, licences, rights, strict=True):
        assert f"{part.capitalize()}: {licence.rstrip('.')}." in record["notes"]
        assert right["rights"] == f"{part.capitalize()}: {licence}"
        assert right.get("rightsIdentifier") == (licence if " " not in licence else None)


@pytest.mark.parametrize("folder", CORPORA.values(), ids=CORPORA)
def test_the_datacite_record_is_valid_by_its_schema(folder):
    metadata = read_metadata(folder)
    record = json.loads(datacite_file(metadata, content_sha256="a" * 64, sizes=["1 article"]))
    schema45.validator.validate(record)
    assert len(record.get("relatedItems", [])) == len(metadata.references)
    assert record["publisher"]["name"] == metadata.publication.get("publisher", ":unav")
    # It becomes the XML that is registered.
    xml = etree.fromstring(schema45.tostring(record).encode())
    assert xml.findtext("{*}titles/{*}title") == metadata.title


@pytest.mark.parametrize("type_", TYPES)
def test_a_reference_of_any_type_is_valid_in_the_datacite_record(type_):
    full = Reference("r-2020", type_, ("Roe, Ann, Jr.", "A Group", "others"), 2020, "T", *["1-2"] * 5, "10.5555/x")
    creators = [{"family_names": "Roe", "given_names": "Ann", "orcid": "0000-0002-1825-0097", "affiliation": "Here"}]
    metadata = dataclasses.replace(read_metadata(MINI), references=(full,), creators=creators)
    schema45.validator.validate(json.loads(datacite_file(metadata)))


def test_the_datacite_record_says_where_the_corpus_belongs():
    record = json.loads(datacite_file(read_metadata(LAYERED)))
    assert record["doi"] == "10.5555/layered"
    assert {(one["relationType"], one["relatedIdentifier"]) for one in record["relatedIdentifiers"]} == {
        ("IsDocumentedBy", "https://example.org/layered"),
        ("IsPartOf", "https://example.org/layered.git"),
        ("IsVariantFormOf", "https://huggingface.co/datasets/test/layered"),
        ("References", "10.5555/sides"),
    }
    assert "fundingReferences" not in record


# Zenodo's deposit metadata as its developers' pages list them: what is required, what is free, what comes from a list.
ZENODO_REQUIRED = {"upload_type", "publication_date", "title", "creators", "description", "access_right", "license"}
ZENODO_FREE = {"doi", "keywords", "notes", "related_identifiers", "references", "version"}
ZENODO_RELATIONS = {
    *("isCitedBy", "cites", "isSupplementTo", "isSupplementedBy", "isContinuedBy", "continues", "isDescribedBy"),
    *("describes", "hasMetadata", "isMetadataFor", "isNewVersionOf", "isPreviousVersionOf", "isPartOf", "hasPart"),
    *("isReferencedBy", "references", "isDocumentedBy", "documents", "isCompiledBy", "compiles", "isVariantFormOf"),
    *("isOriginalFormof", "isIdenticalTo", "isAlternateIdentifier", "isReviewedBy", "reviews", "isDerivedFrom"),
    *("isSourceOf", "requires", "isRequiredBy", "isObsoletedBy", "obsoletes"),
}
ZENODO_PUBLICATIONS = {
    *("annotationcollection", "book", "section", "conferencepaper", "datamanagementplan", "article", "patent"),
    *("preprint", "deliverable", "milestone", "proposal", "report", "softwaredocumentation", "taxonomictreatment"),
    *("technicalnote", "thesis", "workingpaper", "other"),
}


class Tags(html.parser.HTMLParser):
    """The tags and the words of a field that may hold HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("folder", CORPORA.values(), ids=CORPORA)
def test_the_zenodo_file_has_the_fields_that_zenodo_lists(folder):
    metadata = read_metadata(folder)
    record = json.loads(zenodo_file(metadata, content_sha256="a" * 64))
    assert set(record) >= ZENODO_REQUIRED
    assert set(record) <= ZENODO_REQUIRED | ZENODO_FREE
    assert (record["upload_type"], record["access_right"]) == ("dataset", "open")
    assert datetime.date.fromisoformat(record["publication_date"]) == metadata.date
    assert all(set(creator) <= {"name", "affiliation", "orcid", "gnd"} for creator in record["creators"])
    for related in record.get("related_identifiers", []):
        assert set(related) <= {"identifier", "relation", "resource_type"}
        assert related["relation"] in ZENODO_RELATIONS
        kind = related.get("resource_type", "dataset")
        assert kind == "dataset" or kind.removeprefix("publication-") in ZENODO_PUBLICATIONS
    assert len(record.get("references", [])) == len(metadata.references)
    assert Tags(record["description"]).words == metadata.description
    assert Tags(record["notes"]).tags == {"p"}
    assert f"{'a' * 64}." in record["notes"]


def test_zenodo_gives_its_own_dois_itself():
    metadata = read_metadata(LAYERED)
    assert json.loads(zenodo_file(metadata))["doi"] == "10.5555/layered"
    own = dataclasses.replace(metadata, publication={"doi": "10.5281/zenodo.1003150"})
    assert "doi" not in json.loads(zenodo_file(own))


def test_markup_in_metadata_stays_words_for_zenodo():
    metadata = dataclasses.replace(read_metadata(MINI), description="a <b> & c")
    found = Tags(json.loads(zenodo_file(metadata))["description"])
    assert (found.tags, found.words) == ({"p"}, "a <b> & c")


def test_the_pages_of_a_release_cite_it(layered):
    edit(layered / "corpus.toml", "[[creators]]", '[outputs]\nzenodo = ".zenodo.json"\n\n[[creators]]')
    made = release(layered, "0.1.0")
    record = json.loads((layered / "datacite.json").read_text(encoding="utf-8"))
    schema45.validator.validate(record)
    assert record["sizes"] == ["1 article", "2 comments", "2 authors"]
    assert record["alternateIdentifiers"][0]["alternateIdentifier"] == made.content_sha256
    Citation((layered / "CITATION.cff").read_text(encoding="utf-8")).validate()
    assert made.content_sha256 in (layered / "CITATION.cff").read_text(encoding="utf-8")
    assert made.content_sha256 in (layered / ".zenodo.json").read_text(encoding="utf-8")
    card = (layered / "README.md").read_text(encoding="utf-8")
    assert f"## Citation\n\n```bibtex\n{ct.load(layered).cite('bibtex')}\n```\n" in card


def test_there_is_no_zenodo_file_unless_it_is_asked_for(released):
    assert not list(Path(released).glob("**/.zenodo.json"))
    assert (released / "datacite.json").is_file()
