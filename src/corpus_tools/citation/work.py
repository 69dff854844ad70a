"""What is cited: works and their names, and the entries that every format is written from."""

from __future__ import annotations

import datetime
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus_tools.errors import ArgumentError, UnknownNameError, listed
from corpus_tools.metadata import Metadata
from corpus_tools.references import OTHERS, Reference
from corpus_tools.scheme import Layer

ALL = "all"
HUB = "https://huggingface.co/datasets/"
MORE_NAMES = "Authors: those named and others."
MODEL = "model-generated"
"""How the origins of layers begin that a language model annotated."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person, or a group, which has no family name."""

    family: str = ""
    given: str = ""
    suffix: str = ""
    group: str = ""

    @property
    def inverted(self) -> str:
        """A person as `Family, Given, Suffix`, a group as it calls itself."""
        return self.group or ", ".join(part for part in (self.family, self.given, self.suffix) if part)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a bibliography, before it takes the form of a format."""

    key: str
    type: str
    """In the terms of the Citation Style Language; `dataset` for corpora and modules."""
    names: tuple[Name, ...]
    more_names: bool
    """Whether there are more authors than those named."""
    date: str
    """ISO 8601, as precise as it is known; empty for a draft."""
    title: str
    version: str = ""
    content_sha256: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    doi: str = ""
    url: str = ""
    follows: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The layers used, each with the keys of the entries of what it follows."""
    notes: tuple[str, ...] = ()
    """Sentences for which the formats have no field."""

    @property
    def year(self) -> str:
        """The year of `date`."""
        return self.date[:4]

    def all_notes(self, shown: Mapping[str, str] | None = None) -> list[str]:
        """The layers, then `notes`; sources as and in the order that `shown` has them, by key where it is omitted."""
        used = []
        for layer, keys in self.follows:
            sources = keys if shown is None else [shown[key] for key in shown if key in keys]
            used.append(f"{layer} (after {'; '.join(sources)})" if sources else layer)
        return [*([f"Layers used: {', '.join(used)}."] if used else []), *self.notes]

    @property
    def full_note(self) -> str:
        """The content hash, then `all_notes`."""
        digest = [f"Content hash (SHA-256): {self.content_sha256}."] if self.content_sha256 else []
        return " ".join([*digest, *self.all_notes()])

    @property
    def note_with_names(self) -> str:
        """`full_note`, for formats that cannot say among the authors that there are more."""
        return " ".join(filter(None, [MORE_NAMES if self.more_names else "", self.full_note]))


@dataclass(frozen=True, slots=True)
class Work:
    """A corpus in one version, or an annotation module in one version."""

    title: str
    version: str
    date: datetime.date | None
    """None for a draft, which has no date of its own."""
    creators: Sequence[Mapping[str, str]]
    publication: Mapping[str, str]
    content_sha256: str | None
    references: tuple[Reference, ...]
    layers: Mapping[str, Layer]
    """The layers it brings."""

    @property
    def slug(self) -> str:
        """Its short name in keys and references to passages."""
        return slug_of(self.title)

    def entry(self) -> Entry:
        """Its own entry, without a word on layers.

        A draft has neither date nor place of publication: it changes, and is published nowhere.
        """
        place = {} if self.date is None else self.publication
        return Entry(
            key=f"{self.slug}-{self.version}",
            type="dataset",
            names=tuple(creator_name(creator) for creator in self.creators),
            more_names=False,
            date="" if self.date is None else self.date.isoformat(),
            title=self.title,
            version=self.version,
            content_sha256=self.content_sha256 or "",
            publisher=place.get("publisher", ""),
            doi=place.get("doi", ""),
            url=next(iter(addresses(place).values()), ""),
            notes=DRAFT_NOTE if self.date is None else (),
        )


DRAFT_NOTE = (
    "This is a draft: the hand-edited files as they stood, which change and cannot be had again; cite a release.",
)


def work_of(metadata: Metadata, *, version: str, content_sha256: str | None, layers: Mapping[str, Layer]) -> Work:
    """The corpus that a corpus.toml describes, in one version; without a content hash it is a draft."""
    return Work(
        title=metadata.title,
        version=version,
        date=None if content_sha256 is None else metadata.date,
        creators=metadata.creators,
        publication=metadata.publication,
        content_sha256=content_sha256,
        references=metadata.references,
        layers=layers,
    )


def addresses(publication: Mapping[str, str]) -> dict[str, str]:
    """Where a corpus is published: its page, its dataset on the Hub and its repository, by those keys."""
    given = {key: publication[key] for key in ("url", "hub", "repository") if publication.get(key)}
    return {key: HUB + value if key == "hub" else value for key, value in given.items()}


def slug_of(title: str) -> str:
    """A title as lower-case Latin letters, digits and hyphens; one with none of these, by its digest."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", title) if not unicodedata.combining(char))
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    return slug or f"corpus-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def creator_name(creator: Mapping[str, str]) -> Name:
    """The name of a creator in corpus.toml."""
    if "family_names" in creator:
        return Name(family=creator["family_names"], given=creator.get("given_names", ""))
    return Name(group=creator["name"])


def author_names(reference: Reference) -> tuple[Name, ...]:
    """The authors of a publication that are named; a name with a comma is a person's."""
    return tuple(_author(author) for author in reference.authors if author != OTHERS)


def _author(author: str) -> Name:
    family, *rest = (part.strip() for part in author.split(",", 2))
    return Name(family, *rest) if rest else Name(group=family)


def source_entry(reference: Reference, key: str | None = None) -> Entry:
    """The entry of a publication, under its id where no key is given."""
    return Entry(
        key=key or reference.id,
        type=reference.type,
        names=author_names(reference),
        more_names=OTHERS in reference.authors,
        date=str(reference.year),
        title=reference.title,
        container=reference.container,
        volume=reference.volume,
        issue=reference.issue,
        pages=reference.pages,
        publisher=reference.publisher,
        doi=reference.doi,
        url=reference.url,
        notes=(reference.note,) if reference.note else (),
    )


def entries(works: Sequence[Work], *, layers: str | Iterable[str] | None = None, note: str = "") -> list[Entry]:
    """The entries of works and of what their layers follow.

    Args:
        works: The corpus, then the modules that are loaded with it.
        layers: The layers whose sources are wanted: their names, one name, or `"all"`; none where omitted.
        note: A last note on the corpus.

    Returns:
        The works in their order, then the publications that the layers follow, by key. A layer without structured
        references has its `scheme_source` in the note of its work.

    Raises:
        UnknownNameError: If there is no such layer; the message lists those there are.
        ArgumentError: If `layers` is neither a name nor several.
    """
    wanted = _wanted(works, layers)
    made: list[Entry] = []
    sources: dict[str, Entry] = {}
    for number, work in enumerate(works):
        keys = _keys(work, works[:number])
        used = {name: layer for name, layer in work.layers.items() if name in wanted}
        followed = {id_ for layer in used.values() for id_ in layer.references}
        for reference in work.references:
            if reference.id in followed:
                sources[keys[reference.id]] = source_entry(reference, keys[reference.id])
        entry = _with_layers(work, used, keys)
        if entry.key in {other.key for other in made}:
            entry = replace(entry, key=f"{entry.key}-{entry.content_sha256[:8]}")
        made.append(entry)
    made[0] = replace(made[0], notes=(*made[0].notes, *filter(None, [note])))
    return [*made, *(sources[key] for key in sorted(sources))]


def _keys(work: Work, earlier: Sequence[Work]) -> dict[str, str]:
    """Id of a publication -> key: the id, unless an earlier work gives it to another publication."""
    known = {reference.id: reference for other in earlier for reference in other.references}
    return {
        reference.id: reference.id if known.get(reference.id, reference) == reference else f"{work.slug}-{reference.id}"
        for reference in work.references
    }


def _wanted(works: Sequence[Work], layers: str | Iterable[str] | None) -> set[str]:
    known = [name for work in works for name in work.layers]
    if layers is None:
        return set()
    if layers == ALL:
        return set(known)
    if not isinstance(layers, Iterable):
        raise ArgumentError(f"cite: layers are one name, a list of names or {ALL!r}, not {layers!r}")
    wanted = [layers] if isinstance(layers, str) else list(layers)
    for name in wanted:
        if name not in known:
            raise UnknownNameError("layer", name, known)
    return set(wanted)


def _with_layers(work: Work, used: Mapping[str, Layer], keys: Mapping[str, str]) -> Entry:
    follows = tuple((name, tuple(keys[id_] for id_ in layer.references if id_ in keys)) for name, layer in used.items())
    prose = tuple(
        f"Scheme of {name}: {' '.join(used[name].scheme_source.split()).rstrip('.')}."
        for name, sources in follows
        if not sources
    )
    entry = work.entry()
    return replace(entry, follows=follows, notes=(*entry.notes, *_by_models(used), *prose))


def _by_models(used: Mapping[str, Layer]) -> Iterator[str]:
    """Which layers a language model annotated, in the words of their origin."""
    origins: dict[str, list[str]] = {}
    for name, layer in used.items():
        if layer.origin.startswith(MODEL):
            origins.setdefault(layer.origin, []).append(name)
    for origin, names in origins.items():
        yield f"Origin of the annotation of {listed(names)}: {origin}."
