"""The entry of a version in a corpus's changelog: what was written by hand, and what can be counted.

What is counted stands between `<!-- counted -->` and `<!-- /counted -->`, which no reader of the page sees; it is
renewed whenever the entry is made again, and everything outside is left as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.corpus import DRAFT
from corpus_tools.errors import ReleaseError, counted
from corpus_tools.frames import some
from corpus_tools.history.declared import LAYER, TABLE
from corpus_tools.history.rows import ADDED, CHANGED, MOVED, REMOVED
from corpus_tools.history.versioning import moved_texts, now_stand, subject

if TYPE_CHECKING:
    from corpus_tools.history.differences import Differences

TITLE = "# Changelog\n"
UNRELEASED = "Unreleased"
TEXT, ANNOTATION, SCHEME, CODE = HEADINGS = ("Text", "Annotation", "Scheme", "Code")
OPEN, CLOSE = "<!-- counted -->", "<!-- /counted -->"
# The fixed tables that describe texts; the others describe annotation.
OF_TEXTS = ("sources", "threads", "authors", "texts")
INTO: Mapping[str, str] = {ADDED: "to", REMOVED: "from", MOVED: "in", CHANGED: "in"}
COUNTED = ("references", "caveats")
_COUNTED = re.compile(rf"\n*{re.escape(OPEN)}\n.*?{re.escape(CLOSE)}\n?", re.DOTALL)
ENTRY = re.compile(r"^## \[?([^\s\]]+).*$", re.MULTILINE)
"""The title of an entry, and in it the version, in brackets or not."""
_HEADING = re.compile(r"^### (.*?)[ \t]*$", re.MULTILINE)


def changelog_entry(differences: Differences, notes: str = "") -> str:
    """The entry of the later version.

    Args:
        differences: What `diff` found.
        notes: What was written by hand under the entry's title, with headings such as `### Text`; kept as it is but for
            what was counted before.

    Returns:
        Markdown: the version with its date, then the notes with what is counted at the end of each heading that it
        belongs to, headings that are needed and missing added in the order Text, Annotation, Scheme, Code.
    """
    found = {heading: "\n".join(f"- {line}" for line in lines) for heading, lines in counted_facts(differences).items()}
    before, sections = _sections(_COUNTED.sub("\n", notes))
    for heading in HEADINGS:
        if found[heading] and heading not in sections:
            sections = _inserted(sections, heading)
    parts = [f"## {_title(differences)}", before]
    for heading, written in sections.items():
        block = f"{OPEN}\n{found[heading]}\n{CLOSE}" if found.get(heading) else ""
        parts += [f"### {heading}", written, block] if written or block else []
    return "\n\n".join(part for part in parts if part) + "\n"


def with_entry(page: str, differences: Differences) -> str:
    """A changelog with the entry of the later version; notes under `## Unreleased` become its notes.

    Args:
        page: The changelog; empty where there is none yet.
        differences: What `diff` found.

    Returns:
        The changelog. Where the later version has an entry already, that is renewed; otherwise the new one stands
        before all others.

    Raises:
        ReleaseError: If there are notes under `## Unreleased` and an entry of the version too.
    """
    ends = "\r\n" if "\r\n" in page else "\n"
    page = page.replace("\r\n", "\n") or TITLE
    titles = list(ENTRY.finditer(page))
    version = differences.new.version
    own = [i for i, title in enumerate(titles) if title[1] in (UNRELEASED, version)]
    if len(own) > 1:
        raise ReleaseError(
            f"the changelog has both '## {UNRELEASED}' and '## {version}', or one of them twice; "
            "put the notes under one title"
        )
    edges = [*(title.start() for title in titles), len(page)]
    start, end = (edges[own[0]], edges[own[0] + 1]) if own else (edges[0], edges[0])
    notes = page[titles[own[0]].end() : end] if own else ""
    parts = [page[:start].rstrip("\n"), changelog_entry(differences, notes).rstrip("\n"), page[end:].rstrip("\n")]
    return ("\n\n".join(part for part in parts if part) + "\n").replace("\n", ends)


def counted_facts(differences: Differences) -> dict[str, list[str]]:
    """Heading -> sentences on what differs, as far as it can be counted; the headings are those of the changelog."""
    found: dict[str, list[str]] = {heading: [] for heading in HEADINGS}
    for (table,), counts in differences.counts.group_by("table", maintain_order=True):
        said = "; ".join(_done(differences, str(table), counts))
        if said:
            found[TEXT if table in OF_TEXTS else ANNOTATION].append(f"`{table}`: {said}.")
    found[SCHEME] = [*_scheme(differences), *_metadata(differences)]
    return found


def _done(differences: Differences, table: str, counts: pl.DataFrame) -> Iterator[str]:
    """What was done to the rows of a table: `42 rows added to gold, 126 to passes`; texts are named."""
    for what, into in INTO.items():
        if (table, what) == ("texts", MOVED):
            yield from _moved_texts(differences)
            continue
        of_splits = [(split, n) for split, n in counts.select("split", f"n_{what}").iter_rows() if n]
        places = [f" {into} {split}" if counts.height > 1 else "" for split, _ in of_splits]
        if of_splits:
            first, *rest = (n for _, n in of_splits)
            ids = differences.of(table, of_splits[0][0], what)["row_id"]
            named = f" ({some(ids)})" if table == "texts" else ""
            done = now_stand(first) if what == MOVED else what
            others = "".join(f", {n}{place}" for n, place in zip(rest, places[1:], strict=True))
            yield f"{counted(first, 'row')} {done}{places[0]}{named}{others}"
    if counts["reordered"].any():
        yield "rows in another order"


def _moved_texts(differences: Differences) -> Iterator[str]:
    worded, others = moved_texts(differences)
    if worded.len():
        yield f"{counted(worded.len(), 'text')} {_have(worded)} other words: {some(worded)}"
    if others.len():
        yield f"{counted(others.len(), 'text')} {_have(others)} another kind or thread: {some(others)}"


def _have(ids: pl.Series) -> str:
    return "has" if ids.len() == 1 else "have"


def _scheme(differences: Differences) -> Iterator[str]:
    """One sentence for what is new or gone of a kind, and for each thing that changed."""
    scheme = differences.scheme
    whole = scheme.filter(pl.col("kind") == LAYER, pl.col("what") != CHANGED)["layer"]
    # The tables of a layer come and go with it.
    told = scheme.filter((pl.col("kind") != TABLE) | ~pl.col("layer").is_in(whole.implode()).fill_null(value=False))
    for (kind, what), rows in told.filter(pl.col("what") != CHANGED).group_by("kind", "what", maintain_order=True):
        names = [subject(row, mark="`").removeprefix(f"{kind} ") for row in rows.iter_rows(named=True)]
        yield f"{str(kind).capitalize()}{'s' if len(names) > 1 else ''} {what}: {', '.join(names)}."
    changed = told.filter(pl.col("what") == CHANGED)
    for _, rows in changed.group_by("kind", "layer", "table", "within", "name", maintain_order=True):
        names = rows["property"].str.replace_all("_", " ").to_list()
        now = rows.filter(pl.col("property") == "guideline_version")["new"].to_list()
        to = f", now {now[0]}" if now else ""
        thing = subject(rows.row(0, named=True), mark="`")
        yield f"{thing[0].upper()}{thing[1:]}: {', '.join(names)} changed{to}."


def _metadata(differences: Differences) -> Iterator[str]:
    """One sentence for what was added, removed and changed in corpus.toml; publications and caveats are counted."""
    for (what,), rows in differences.metadata.group_by("what", maintain_order=True):
        heads = [name.partition(".")[0] for name in rows["name"]]
        said = [f"`{name}`" for name, head in zip(rows["name"], heads, strict=True) if head not in COUNTED]
        said += [counted(heads.count(head), head.removesuffix("s")) for head in COUNTED if head in heads]
        yield f"{str(what).capitalize()} in `corpus.toml`: {', '.join(said)}."


def _title(differences: Differences) -> str:
    new = differences.new
    return UNRELEASED if new.version == DRAFT else f"{new.version} ({new.metadata.date.isoformat()})"


def _sections(notes: str) -> tuple[str, dict[str, str]]:
    """What stands before the first heading, and heading -> what stands under it."""
    before, *pieces = _HEADING.split(notes)
    sections: dict[str, str] = {}
    for heading, written in zip(pieces[::2], pieces[1::2], strict=True):
        sections[heading] = "\n\n".join(part for part in (sections.get(heading, ""), written.strip("\n")) if part)
    return before.strip("\n"), sections


def _inserted(sections: dict[str, str], heading: str) -> dict[str, str]:
    """The sections with an empty one more, before the first that comes after it."""
    later = HEADINGS[HEADINGS.index(heading) + 1 :]
    at = next((i for i, name in enumerate(sections) if name in later), len(sections))
    items = list(sections.items())
    return dict([*items[:at], (heading, ""), *items[at:]])
