"""What the tests of the readers share."""

import contextlib
from pathlib import Path

from corpus_tools.errors import IngestError
from corpus_tools.ingest.forms import choose, readers
from corpus_tools.ingest.reading import Reading
from corpus_tools.ingest.source import Source
from corpus_tools.standoff import uncovered, visible_part

FIXTURES = Path(__file__).parent / "data/ingest"


def reading_of(path, **options):
    return Reading(Source(Path(path)), **options)


def read(path, form=None, **options):
    """The threads of a file, as its form (or the form that is recognised) reads them, and the losses as a dict."""
    reading = reading_of(path, **options)
    reader = readers()[form] if form else choose(reading.source)[0]
    threads = list(reader.read(reading))
    for thread in threads:
        check(thread)
    return threads, {category: counts for category, counts in reading.losses.counts.items() if counts}


def check(thread):
    """The laws that hold of any thread that was read."""
    texts = [thread.article] if thread.article else []
    texts += thread.comments
    for text in texts:
        if text.text:
            assert visible_part(text.text, 0, len(text.text)) == (0, len(text.text)), repr(text.text)
            assert uncovered(text.text, [(one.start, one.end) for one in text.blocks]) == []
            ends = [edge for one in text.blocks for edge in (one.start, one.end)]
            assert ends == sorted(ends)
            assert "\r" not in text.text or text.start is not None
        assert text.posted_at is None or text.posted_at.tzinfo is not None
        assert text.start is not None or text.locator
    keys = [text.key for text in texts if text.key is not None]
    assert all(isinstance(key, str) for key in keys)


def shape(thread):
    """Name, parent's name and first words of each comment, for tests to be read."""
    names = {text.key: text.name for text in [thread.article, *thread.comments] if text is not None and text.key}
    return [(text.name, names.get(text.parent), (text.text or "")[:20]) for text in thread.comments]


def survives(reader, path):
    """Whatever a file holds, a reader gives sound threads or an error of ours."""
    reading = reading_of(path)
    reader.recognise(reading.source)
    with contextlib.suppress(IngestError):
        for thread in reader.read(reading):
            check(thread)


def damaged(path, start, length, put, *, name, folder):
    """A copy of a file with some bytes in place of others."""
    raw = path.read_bytes()
    made = folder / name
    made.write_bytes(raw[:start] + put + raw[start + length :])
    return made
