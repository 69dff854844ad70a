"""A corpus of ConvoKit: `utterances.jsonl`, one utterance a line, with what is said of conversations beside it.

Given are the folder, a zip of it as ConvoKit hands it out, or `utterances.jsonl` alone, which knows no titles. Corpora
of old versions say `user` for `speaker`, `root` for `conversation_id`, and may hold `utterances.json`, an array.

The first utterance of a conversation is its article: the one that the conversation is named after, else the first that
answers nothing. Others that answer nothing are comments at top level. Its title is `title` of the conversation's
metadata. Other metadata, vectors and what is said of speakers are annotation and stay behind.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from corpus_tools.errors import IngestError, listed
from corpus_tools.ingest.known import ARTICLE
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import one_line
from corpus_tools.ingest.model import COMMENT
from corpus_tools.ingest.parts import lines
from corpus_tools.ingest.parts.reddit_words import NOBODY, is_hidden, taken_out
from corpus_tools.ingest.reading import SURE, Match, Reader, Reading
from corpus_tools.ingest.rows import Rows
from corpus_tools.ingest.source import LARGEST, UNSOUND, Source

UTTERANCES, ARRAY, CONVERSATIONS = "utterances.jsonl", "utterances.json", "conversations.json"
FILES = (UTTERANCES, ARRAY, CONVERSATIONS, "speakers.json", "users.json", "corpus.json", "index.json")
_CONVERSATION = re.compile(rb'"(?:conversation_id|root)"\s*:')
_SPEAKER = re.compile(rb'"(?:speaker|user)"\s*:')
_ANSWERED = re.compile(rb'"reply[-_]to"\s*:')
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")


def recognise(source: Source) -> Match | None:
    """A folder or zip with a file of utterances, or such a file itself."""
    if source.path.is_dir():
        found = [name for name in (UTTERANCES, ARRAY) if (source.path / name).is_file()]
        return Match(SURE, f"it is a folder with {found[0]}") if found else None
    if source.is_zip:
        try:
            with zipfile.ZipFile(source.path) as archive:
                return Match(SURE, f"it is a zip with {UTTERANCES}") if _members(archive, UTTERANCES) else None
        except UNSOUND:
            return None
    start = lines.glimpse(source)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"[")) and (
        _CONVERSATION.search(start) and _SPEAKER.search(start) and _ANSWERED.search(start)
    ):
        return Match(SURE, "it holds utterances of ConvoKit (conversation_id, speaker, reply-to)")
    return None


def rows(reading: Reading) -> Rows:
    """The utterances, in the order of the file.

    Raises:
        IngestError: If there is no file of utterances, none is one, or a file cannot be read.
    """
    about = _about(reading.source)
    if reading.source.path.is_file() and (reading.source.path.parent / CONVERSATIONS).is_file():
        reading.losses.add(
            "missing", f"files of titles: {CONVERSATIONS} is beside this one; name the folder to have it"
        )
    articles: dict[str, str] | None = None

    def entries(reading: Reading) -> Iterator[tuple[Any, ...]]:
        nonlocal articles
        if articles is None:
            articles = _articles(reading.source)
        for number, utterance in _utterances(reading.source, reading.losses):
            if (id_ := _id(utterance.get("id"))) is None:
                reading.losses.add("dropped", "utterances without an id")
                continue
            conversation = _conversation(utterance) or id_
            is_article = articles.get(conversation) == id_
            # A title stands in every row of a conversation that has no first utterance.
            titled = is_article or conversation not in articles
            meta = about.get(conversation, {}) if titled else {}
            yield _entry(reading, utterance, id_, conversation, is_article=is_article, about=meta, number=number)

    return lines.rows_of(reading, entries)


def _entry(
    reading: Reading,
    utterance: Mapping[str, Any],
    id_: str,
    conversation: str,
    *,
    is_article: bool,
    about: Mapping[str, Any],
    number: int,
) -> tuple[Any, ...]:
    """The columns of `rows.SCHEMA`, in their order."""
    text, kind = utterance.get("text"), ARTICLE if is_article else COMMENT
    text = lines.storable(text) if isinstance(text, str) else None
    if text is not None and (mark := taken_out(text)):
        text, kind = None, ARTICLE if is_article else mark
    elif text is not None and is_hidden(text):
        text = None
    speaker = _id(utterance.get("speaker", utterance.get("user")))
    name = one_line(speaker) if speaker is not None and speaker.strip() not in NOBODY else ""
    if is_article:
        # Its title is put before it when it is written, which a text that is not there would prevent.
        text = text or ""
    for field, reason in (("meta", "metadata of utterances (meta)"), ("vectors", "vectors of utterances")):
        reading.losses.add("lost", reason, bool(utterance.get(field)))
    title = about.get("title")
    parent = None if is_article else _id(utterance.get("reply-to", utterance.get("reply_to")))
    return (
        kind,
        id_,
        conversation,
        parent,
        name or None,
        name or None,
        _time(reading, utterance.get("timestamp")),
        f"row={number}" if id_.startswith(("/", "row=", "char=")) else id_,
        (one_line(title) or None) if isinstance(title, str) else None,
        _url(utterance, about) if is_article else None,
        text,
    )


def _time(reading: Reading, shown: Any) -> datetime | None:
    """Seconds since 1970 in most corpora; some hold other things."""
    if isinstance(shown, str) and not _NUMBER.fullmatch(shown.strip()):
        return reading.time(None if shown.strip() in ("NOT_RECORDED", "None", "null") else shown)
    return reading.epoch(shown) if isinstance(shown, (str, int, float)) else None


def _url(utterance: Mapping[str, Any], about: Mapping[str, Any]) -> str | None:
    """The address of a conversation on Reddit: others give none."""
    meta = utterance.get("meta")
    for one in (meta, about):
        path = one.get("permalink") if isinstance(one, dict) else None
        if isinstance(path, str) and path.startswith(("/r/", "https://www.reddit.com/r/")):
            return "https://www.reddit.com" + one_line(path.removeprefix("https://www.reddit.com"))
    return None


def _id(value: Any) -> str | None:
    """An id as a string on one line; None for what cannot be one."""
    if (
        isinstance(value, bool)
        or not isinstance(value, (str, int))
        or (isinstance(value, int) and abs(value) > 1 << 63)
    ):
        return None
    return one_line(str(value)) or None


def _conversation(utterance: Mapping[str, Any]) -> str | None:
    return _id(utterance.get("conversation_id", utterance.get("root")))


def _articles(source: Source) -> dict[str, str]:
    """Conversation -> the id of its first utterance, which may stand anywhere in the file."""
    found: dict[str, str] = {}
    for _, utterance in _utterances(source, Losses()):
        id_ = _id(utterance.get("id"))
        conversation = _conversation(utterance) or id_
        if id_ is None or conversation is None:
            continue
        if id_ == conversation:
            found[conversation] = id_
        elif _id(utterance.get("reply-to", utterance.get("reply_to"))) is None:
            found.setdefault(conversation, id_)
    return found


def _utterances(source: Source, losses: Losses) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The utterances with their lines, or with their places in an array."""
    with _opened(source, UTTERANCES) as file:
        if file is not None and not _is_array(source):
            yield from lines.objects(source, losses, file=file)
            return
    with _opened(source, ARRAY) as file:
        if file is None:
            raise source.error(f"holds no {UTTERANCES}; name the folder of a corpus of ConvoKit, or a zip of it")
        value = _json(file, source, ARRAY)
    if not isinstance(value, list) or not any(isinstance(one, dict) for one in value):
        raise source.error(f"holds no utterances; expected an array of them, or {UTTERANCES}")
    losses.add("dropped", "entries that are no utterances", sum(not isinstance(one, dict) for one in value))
    yield from ((number, one) for number, one in enumerate(value, 1) if isinstance(one, dict))


def _is_array(source: Source) -> bool:
    """Whether the source is a file that holds one array."""
    return not source.is_zip and lines.glimpse(source).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def _about(source: Source) -> Mapping[str, Mapping[str, Any]]:
    """Conversation -> what is said of it; nothing where the source is utterances alone."""
    if source.path.is_file() and not source.is_zip:
        return {}
    with _opened(source, CONVERSATIONS) as file:
        value = {} if file is None else _json(file, source, CONVERSATIONS)
    if not isinstance(value, dict):
        raise source.error(f"holds a {CONVERSATIONS} that is no object of conversations by their ids")
    # The metadata stood there itself before they had vectors beside them.
    found = {key: one.get("meta", one) for key, one in value.items() if isinstance(one, dict)}
    return {one_line(key): one for key, one in found.items() if isinstance(one, dict)}


@contextlib.contextmanager
def _opened(source: Source, name: str) -> Iterator[BinaryIO | None]:
    """A file of the corpus, opened; None where it is not there. A file that is given alone is its utterances."""
    if source.is_zip:
        try:
            with zipfile.ZipFile(source.path) as archive:
                found = _members(archive, name)
                if len(found) > 1:
                    raise source.error(f"holds several corpora: {listed(found)}; unpack it and name the folder of one")
                with archive.open(found[0]) if found else contextlib.nullcontext() as file:
                    yield file  # type: ignore[misc]  # a file of a zip reads as any other
        except UNSOUND as problem:
            raise source.error(f"cannot be unpacked: {problem}") from None
        return
    path = source.path / name if source.path.is_dir() else source.path
    if not path.is_file():
        yield None
        return
    with path.open("rb") as file:
        yield file


def _members(archive: zipfile.ZipFile, name: str) -> list[str]:
    """The places in an archive that a file of the corpus is at."""
    return [one for one in archive.namelist() if one.rpartition("/")[2] == name]


def _json(file: BinaryIO, source: Source, name: str) -> Any:
    raw = bytearray()
    for piece in lines.pieces(file, source.error):
        raw += piece
        if len(raw) > LARGEST:
            raise source.error(f"holds a {name} of more than {LARGEST:,} bytes")
    try:
        return json.load(io.BytesIO(raw))
    except (ValueError, RecursionError) as problem:
        raise IngestError(
            source.path / name if source.path.is_dir() else source.path, f"is no JSON: {problem}"
        ) from None


READER = Reader(
    form="convokit",
    title="ConvoKit corpus",
    description="The first utterance of a conversation is the article, under its title if it has one, the others are "
    "comments; texts are plain, an empty line ends a paragraph.",
    recognise=recognise,
    rows=rows,
    files=FILES,
)
