"""CoNLL-U files as rows of tokens and sentences.

The format is described at universaldependencies.org/format.html. Read are word lines, multiword tokens and the comments
`# newdoc id`, `# sent_id`, `# s_type` and `# reason`; what is not stored (DEPS, other keys of MISC than those listed
here) must not be there, so that nothing is lost in silence. Places in the text are found by spelling the text with the
tokens, so the file needs no offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from corpus_tools.errors import RecordsError, counted, listed

COLUMNS = ("id", "form", "lemma", "upos", "xpos", "feats", "head", "deprel", "deps", "misc")
EMPTY = "_"
KEPT = ("CorrectForm", "Reason", "SpaceAfter", "SpacesAfter")
"""Keys of MISC; SpacesAfter repeats what the text says and is not needed."""
Texts: TypeAlias = Mapping[str, str | None]
"""text_id -> text."""
Row: TypeAlias = dict[str, str | None]


@dataclass(slots=True)
class Sentence:
    """One sentence as its file has it."""

    text_id: str
    sent_id: str
    line: int
    s_type: str | None = None
    reason: str | None = None
    words: list[dict[str, str]] = field(default_factory=list)
    """The columns of each word line, by name."""
    multiwords: dict[int, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """First word of each multiword token -> its last word and its own columns."""


def read_conllu(path: Path) -> list[Sentence]:
    """The sentences of a file, in order.

    Raises:
        RecordsError: If the file is not CoNLL-U in UTF-8, or a sentence belongs to no document; the message names the
            line.
    """
    try:
        # Only a line feed ends a line: str.splitlines would cut a quoted text at a U+2028.
        lines = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as problem:
        raise RecordsError(path, f"is not UTF-8: {problem}") from None
    sentences: list[Sentence] = []
    text_id = None
    comments: dict[str, str] = {}
    current: Sentence | None = None
    for number, line in enumerate(lines, start=1):
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            comments[key.strip()] = value.strip()
        elif not line.strip():
            current = None
        else:
            if current is None:
                text_id = comments.get("newdoc id", text_id)
                if text_id is None or "sent_id" not in comments:
                    raise RecordsError(
                        path, f"line {number}: a sentence needs '# sent_id' and, before it, '# newdoc id'"
                    )
                current = Sentence(text_id, comments["sent_id"], number, comments.get("s_type"), comments.get("reason"))
                sentences.append(current)
                comments = {}
            _add_word(path, number, line, current)
    for sentence in sentences:
        last = max((last for last, _ in sentence.multiwords.values()), default=0)
        if last > len(sentence.words):
            lack = f"has {counted(len(sentence.words), 'word')} and a multiword token up to word {last}"
            raise RecordsError(path, f"line {sentence.line}: the sentence that begins here {lack}")
    return sentences


def _add_word(path: Path, number: int, line: str, sentence: Sentence) -> None:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise RecordsError(path, f"line {number}: {len(cells)} columns; CoNLL-U has {len(COLUMNS)}, divided by tabs")
    word = dict(zip(COLUMNS, cells, strict=True))
    lost = sorted(set(misc_of(word["misc"])) - set(KEPT))
    if lost:
        raise RecordsError(path, f"line {number}: {listed(lost)} in MISC is not kept; kept are: {listed(KEPT)}")
    first, dash, last = word["id"].partition("-")
    if dash and first.isdecimal() and last.isdecimal():
        reached = max((end for end, _ in sentence.multiwords.values()), default=0)
        if not (reached < int(first) == len(sentence.words) + 1 and int(first) < int(last)):
            raise RecordsError(
                path, f"line {number}: multiword token {word['id']!r} must stand before the two or more words it holds"
            )
        filled = [name for name in COLUMNS[2:9] if word[name] != EMPTY]
        filled += [key for key in misc_of(word["misc"]) if not key.startswith("Space")]
        if filled:
            raise RecordsError(path, f"line {number}: {listed(filled)} of a multiword token is not kept")
        sentence.multiwords[int(first)] = (int(last), word)
    elif word["id"] != str(len(sentence.words) + 1):
        raise RecordsError(
            path,
            f"line {number}: word {word['id']!r} where {len(sentence.words) + 1} is next; empty nodes are not read",
        )
    elif word["deps"] != EMPTY:
        raise RecordsError(path, f"line {number}: the column DEPS is not kept; write {EMPTY} in it")
    else:
        sentence.words.append(word)


def misc_of(cell: str) -> dict[str, str]:
    """The column MISC (or FEATS) as names and values."""
    return dict(item.partition("=")[::2] for item in cell.split("|")) if cell != EMPTY else {}


def sentence_rows(sentences: list[Sentence], texts: Texts, *, prefix: str) -> Iterator[Row]:
    """Rows of the sentences table, every cell as text; ids begin with `prefix`."""
    position: dict[str, int] = {}
    for sentence, places in _placed(sentences, texts):
        position[sentence.text_id] = position.get(sentence.text_id, 0) + 1
        known = [place for place in places if place is not None]
        start, end = (known[0][0], known[-1][1]) if known and len(known) == len(places) else (None, None)
        text = texts.get(sentence.text_id)
        yield {
            "sentence_id": prefix + sentence.sent_id,
            "text_id": sentence.text_id,
            "position": str(position[sentence.text_id]),
            "start_char": _shown(start),
            "end_char": _shown(end),
            "quote": text[start:end] if text is not None and start is not None else _spelled(sentence),
            "label": sentence.s_type,
            "reason": sentence.reason,
        }


def token_rows(sentences: list[Sentence], texts: Texts, *, prefix: str) -> Iterator[Row]:
    """Rows of the tokens table, every cell as text; ids begin with `prefix`."""
    for sentence, places in _placed(sentences, texts):
        for position, (word, place) in enumerate(zip(sentence.words, places, strict=True), start=1):
            inside = next(
                (own for first, (last, own) in sentence.multiwords.items() if first <= position <= last), None
            )
            # White space after a multiword token is written on its own line, and follows its last word only.
            ends = position in {last for last, _ in sentence.multiwords.values()}
            spacing = misc_of((inside if inside is not None and ends else word)["misc"])
            misc = misc_of(word["misc"])
            yield {
                "token_id": f"{prefix}{sentence.sent_id}-t{position}",
                "text_id": sentence.text_id,
                "sentence_id": prefix + sentence.sent_id,
                "position": str(position),
                "start_char": _shown(place[0]) if place else None,
                "end_char": _shown(place[1]) if place else None,
                "form": word["form"],
                "lemma": None if word["lemma"] == EMPTY != word["form"] else word["lemma"],
                **{name: word[name] for name in ("upos", "head")},
                **{name: None if word[name] == EMPTY else word[name] for name in ("xpos", "feats", "deprel")},
                "space_after": str((inside is None or ends) and spacing.get("SpaceAfter") != "No").lower(),
                "multiword": inside["form"] if inside else None,
                "correct_form": misc.get("CorrectForm"),
                "reason": misc.get("Reason"),
            }


def _shown(number: int | None) -> str | None:
    return None if number is None else str(number)


def _spelled(sentence: Sentence) -> str:
    return " ".join(word["form"] for word in sentence.words)


def _placed(sentences: list[Sentence], texts: Texts) -> Iterator[tuple[Sentence, list[tuple[int, int] | None]]]:
    """Each sentence with the place of each word in its text; None from where the words do not spell the text."""
    reached: dict[str, int | None] = {}
    for sentence in sentences:
        text = texts.get(sentence.text_id)
        at = reached.get(sentence.text_id, 0) if text is not None else None
        places: list[tuple[int, int] | None] = []
        while len(places) < len(sentence.words):
            first = len(places) + 1
            last, surface = sentence.multiwords.get(first, (first, sentence.words[first - 1]))
            parts = [word["form"] for word in sentence.words[first - 1 : last]]
            at = _find(text, surface["form"], at)
            places += [None] * len(parts) if at is None else _parts(at, surface["form"], parts)
            at = None if at is None else at + len(surface["form"])
        reached[sentence.text_id] = at
        yield sentence, places[: len(sentence.words)]


def _find(text: str | None, form: str, at: int | None) -> int | None:
    """Where a form begins, after white space only."""
    if text is None or at is None:
        return None
    while at < len(text) and text[at].isspace():
        at += 1
    return at if text.startswith(form, at) else None


def _parts(start: int, surface: str, parts: list[str]) -> list[tuple[int, int] | None]:
    """The places of the words in a multiword token: each its own where they spell it, else the whole for each."""
    if "".join(parts) != surface:
        return [(start, start + len(surface))] * len(parts)
    places: list[tuple[int, int] | None] = []
    for part in parts:
        places.append((start, start + len(part)))
        start += len(part)
    return places
