"""E2: texts are exact slices of their sources, and together they account for every visible character."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import polars as pl

from corpus_tools.files import sha256_of
from corpus_tools.folder import Folder, cut
from corpus_tools.standoff import uncovered, visible_part
from corpus_tools.validate.rule import check, findings, place_of


def _texts(source: Folder) -> pl.LazyFrame:
    """Texts with the file they stand in."""
    return place_of(source, source.scheme.fixed["texts"])


def _pieces(source: Folder) -> dict[str, list[tuple[int, int, str]]]:
    """source_id -> start, end and name of every text and byline that has a place in it."""
    names = ("text_id", "source_id", "source_start", "source_end", "byline_start", "byline_end")
    pieces: dict[str, list[tuple[int, int, str]]] = {}
    for text_id, source_id, start, end, byline_start, byline_end in _texts(source).select(names).collect().iter_rows():
        places = ((start, end, text_id), (byline_start, byline_end, f"byline of {text_id}"))
        found = [place for place in places if source_id is not None and None not in place]
        if found:
            pieces.setdefault(source_id, []).extend(found)
    return {source_id: sorted(found) for source_id, found in pieces.items()}


@check("E201")
def source_changed(source: Folder) -> pl.LazyFrame:
    """A source file is missing, or is not the file that was recorded."""

    def rows() -> Iterator[tuple[str, str | None, str]]:
        for entry in source.metadata.records["sources"]:
            source_id, file = str(entry.get("source_id")), str(entry.get("file"))
            if "file" not in entry:
                continue  # kept outside, because its texts were pseudonymised
            path = source.source_path(source_id)
            if path is None:
                yield "corpus.toml", source_id, f"{file} does not exist in the corpus folder."
            else:
                found = sha256_of(path)
                if found != entry.get("sha256"):
                    yield file, source_id, f"Its SHA-256 is {found}, corpus.toml says {entry.get('sha256')}."

    return findings(list(rows()))


@check("E202")
def source_not_utf8(source: Folder) -> pl.LazyFrame:
    """A source that texts are slices of is not UTF-8."""
    entries = {str(entry.get("source_id")): str(entry.get("file")) for entry in source.metadata.records["sources"]}
    broken = [name for name in _pieces(source) if name in entries and name not in source.sources]
    return findings(
        [(entries[name], name, "Convert it, and ingest it again.") for name in broken if source.source_path(name)]
    )


@check("E203")
def text_not_in_source(source: Folder) -> pl.LazyFrame:
    """A text is no slice of its source from one visible character to another, or there is no text at all."""
    rows: list[tuple[str, str | None, str]] = []
    names = ("place", "text_id", "kind", "source_id", "source_start", "source_end", "text")
    for place, text_id, kind, source_id, start, end, text in _texts(source).select(names).collect().iter_rows():
        placed = start is not None or end is not None
        if placed and source_id not in source.sources:
            continue  # E201 or E202 reports it
        if text is None and not placed:
            if kind in ("article", "comment"):
                rows.append((place, text_id, "It has neither a place in its source nor a text of its own."))
        elif text is None or (placed and cut(source.sources[source_id], start, end) is None):
            rows.append((place, text_id, f"Its place {_shown(start)} to {_shown(end)} gives no text."))
        elif placed and cut(source.sources[source_id], start, end) != text:
            rows.append((place, text_id, f"The text in the file differs from its slice {start} to {end}."))
        elif text and visible_part(text, 0, len(text)) != (0, len(text)):
            rows.append((place, text_id, "It begins or ends in a blank."))
    return findings(rows)


def _shown(offset: int | None) -> str:
    return "null" if offset is None else str(offset)


@check("E204")
def texts_overlap(source: Folder) -> pl.LazyFrame:
    """Two texts, or a text and a byline, share characters of a source."""
    rows: list[tuple[str, str | None, str]] = []
    for source_id, pieces in _pieces(source).items():
        for (_, end, first), (start, _, second) in itertools.pairwise(pieces):
            if start < end:
                rows.append((f"source {source_id}", second, f"It begins at {start}, before {first} ends at {end}."))
    return findings(rows)


@check("E205")
def character_in_no_text(source: Folder) -> pl.LazyFrame:
    """A visible character of a source belongs to no text and no byline."""
    rows: list[tuple[str, str | None, str]] = []
    slices = _pieces(source)
    # A source whose texts have no place in it, such as a saved page, is not accounted for character by character.
    elsewhere = set(_texts(source).filter(pl.col("source_start").is_null()).collect()["source_id"]) - set(slices)
    for source_id, text in source.sources.items():
        if source_id in elsewhere:
            continue
        pieces = slices.get(source_id, [])
        for start, end in uncovered(text, [(start, end) for start, end, _ in pieces]):
            shown = text[start : min(end, start + 40)]
            rows.append((f"source {source_id}", None, f"Characters {start} to {end}: {shown!r}."))
    return findings(rows)


@check("E206")
def thread_not_in_order(source: Folder) -> pl.LazyFrame:
    """A thread is not an article at position 0 and what follows it at 1, 2, 3, ..."""
    texts = place_of(source, source.scheme.fixed["texts"]).drop_nulls("position")
    grouped = texts.group_by("thread_id", maintain_order=True).agg(
        pl.col("place").first(),
        pl.col("position").sort(),
        n_articles=(pl.col("kind") == "article").sum(),
        first=pl.col("kind").sort_by("position").first(),
        n=pl.len(),
    )
    # A withdrawn text leaves its place empty.
    tombs = source.scan(source.scheme.fixed["tombstones"]).filter(pl.col("table_name") == "texts")
    gaps = tombs.select(pl.len()).collect().item()
    last, distinct = pl.col("position").list.last(), pl.col("position").list.n_unique() == pl.col("n")
    # A source may hold comments alone; place 0 is then empty.
    led = (pl.col("n_articles") == 1) & (pl.col("first") == "article") & (pl.col("position").list.first() == 0)
    alone = (pl.col("n_articles") == 0) & (pl.col("position").list.first() > 0)
    whole = last - (pl.col("n") - pl.col("n_articles")).cast(pl.Int32) <= gaps
    return grouped.filter(~(led | alone) | ~distinct | ~whole).select(
        "place",
        unit="thread_id",
        found=pl.format(
            "It has {} articles and the positions {}.",
            "n_articles",
            pl.col("position").cast(pl.List(pl.String)).list.join(", "),
        ),
    )


@check("E207")
def byline_names_another(source: Folder) -> pl.LazyFrame:
    """A byline shows none of the printed names of the text's author."""
    names = source.scan(source.scheme.fixed["authors"]).select("author_id", "printed_names").explode("printed_names")
    shows = pl.col("byline").str.contains(pl.col("printed_names"), literal=True)
    texts = place_of(source, source.scheme.fixed["texts"]).filter(pl.col("byline").is_not_null())
    judged = texts.join(names, on="author_id", how="inner", maintain_order="left")
    grouped = judged.group_by("text_id", maintain_order=True).agg(
        pl.col("place").first(), pl.col("byline").first(), pl.col("printed_names"), shown=shows.any()
    )
    return grouped.filter(~pl.col("shown")).select(
        "place",
        unit="text_id",
        found=pl.format("'{}' shows none of: {}", "byline", pl.col("printed_names").list.join(", ")),
    )


@check("E208")
def answers_a_later_text(source: Folder) -> pl.LazyFrame:
    """A text answers one that comes after it, itself, or one of another thread."""
    texts = place_of(source, source.scheme.fixed["texts"])
    parents = texts.select(parent_id="text_id", parent_thread="thread_id", parent_position="position")
    joined = texts.join(parents, on="parent_id", how="inner", maintain_order="left")
    other = pl.col("parent_thread") != pl.col("thread_id")
    return joined.filter(other | (pl.col("parent_position") >= pl.col("position"))).select(
        "place", unit="text_id", found=pl.format("It answers {}.", "parent_id")
    )


@check("E209")
def byline_not_in_source(source: Folder) -> pl.LazyFrame:
    """A byline is not the slice of the source that its place names."""
    rows: list[tuple[str, str | None, str]] = []
    names = ("place", "text_id", "source_id", "byline", "byline_start", "byline_end")
    for place, text_id, source_id, byline, start, end in _texts(source).select(names).collect().iter_rows():
        if source_id in source.sources and (start is not None or end is not None):
            found = cut(source.sources[source_id], start, end)
            if found != byline:
                rows.append((place, text_id, f"Byline {byline!r}, slice {start} to {end} {found!r}."))
    return findings(rows)
