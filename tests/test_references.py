"""The publications that the layers of the shipped corpus follow: tables and prose name the same ones."""

import re

import pytest

from corpus_tools.folder import Folder
from corpus_tools.references import OTHERS, Reference


@pytest.fixture(scope="module")
def source(shipped):
    return Folder(shipped)


@pytest.fixture(scope="module")
def followed(source):
    """Layer -> its prose and the references it names."""
    known = {reference.id: reference for reference in source.metadata.references}
    return {
        name: (" ".join(layer.scheme_source.split()), [known[id_] for id_ in layer.references])
        for name, layer in source.scheme.layers.items()
    }


def names(reference: Reference) -> list[str]:
    """How the prose may name a publication before its year; a release of data goes by its number too."""
    families = [author.partition(",")[0] for author in reference.authors if author != OTHERS]
    *before, last = families
    whole = f"{', '.join(before)} and {last}" if before else last
    number = [f"release {reference.title.split()[-1]}"] if reference.type == "dataset" else []
    return [whole, f"{families[0]} and others", f"{families[0]} et al.", *number]


def test_every_layer_names_a_publication(followed):
    assert followed
    assert [name for name, (_, references) in followed.items() if not references] == []


def test_the_authors_and_the_year_of_every_reference_stand_in_the_prose_of_its_layer(followed):
    missing = [
        (name, reference.id)
        for name, (prose, references) in followed.items()
        for reference in references
        if not any(re.search(rf"\b{re.escape(named)} \(?{reference.year}\b", prose) for named in names(reference))
    ]
    assert missing == []


def test_every_year_in_the_prose_of_a_layer_is_that_of_one_of_its_references(followed):
    for name, (prose, references) in followed.items():
        for reference in references:
            prose = prose.replace(reference.title.partition(":")[0], "")
        years = {int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", prose)}
        assert years == {reference.year for reference in references}, name


def test_every_range_of_pages_in_the_prose_of_a_layer_is_that_of_one_of_its_references(followed):
    for name, (prose, references) in followed.items():
        ranges = set(re.findall(r"(?<![\w-])\d+-\d+(?![\w-])", prose))
        assert ranges <= {reference.pages for reference in references}, name


def test_ids_dois_addresses_and_pages_have_their_form(source):
    for reference in source.metadata.references:
        assert re.fullmatch(rf"[a-z-]+-{reference.year}[a-z]?", reference.id), reference
        assert re.fullmatch(r"(10\.\d{4,9}/\S+)?", reference.doi), reference
        assert re.fullmatch(r"(https?://\S+)?", reference.url), reference
        assert re.fullmatch(r"(\d+-\d+|[A-Z]\d+)?", reference.pages), reference
