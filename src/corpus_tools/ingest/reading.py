"""What a reader is given, and how a form is told from others."""

from __future__ import annotations

import datetime
import email.utils
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus_tools.errors import IngestError
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.markup import Body, html_body
from corpus_tools.ingest.model import ReadThread
from corpus_tools.ingest.source import Source

if TYPE_CHECKING:
    from lxml.html import HtmlElement

    from corpus_tools.ingest.rows import Rows

SURE, LIKELY, POSSIBLE = 3, 2, 1
FIRST, LAST = datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC), datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)

"""Times before and from which on nobody posted anything."""
_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?", re.I)
_ISO = re.compile(r"\d{4}-?\d{2}-?\d{2}[^\d+-]\s*\d")
_ZONE = re.compile(r":\d{2}\s+[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Match:
    """That a source looks like one of a form, how sure that is, and why."""

    strength: int
    """`SURE`: it says so itself. `LIKELY`: it has the markup or fields that this form has. `POSSIBLE`: nothing speaks
    against.
    """
    reason: str
    """What was seen, as a phrase: `its root element is <disqus>`."""


@dataclass(slots=True)
class Reading:
    """One source, and how it is to be read."""

    source: Source
    zone: datetime.tzinfo | None = None
    """The zone of times that name none; such times are not taken where it is None."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """For tables: our column -> theirs."""

    @property
    def losses(self) -> Losses:
        """Where to count what is left out, mended or missing."""
        return self.source.losses

    def error(self, problem: str, *, line: int | None = None) -> IngestError:
        """The error for this source."""
        return self.source.error(problem, line=line)

    def body(self, html: str | HtmlElement, *, blank_lines: bool = False, skip: Iterable[HtmlElement] = ()) -> Body:
        """`markup.html_body`, counting into the losses of this reading; empty where it is nested too deep."""
        try:
            return html_body(html, losses=self.losses, blank_lines=blank_lines, skip=skip)
        except IngestError:
            self.losses.add("lost", "words of texts that are nested too deep")
            return Body("", ())

    def time(self, shown: str | None) -> datetime.datetime | None:
        """The time that a source gives as ISO 8601, RFC 5322 or `YYYY-MM-DD HH:MM:SS`; None where it is not absolute.

        A time without a zone is taken in `zone`, and is none where that is None or its clocks skipped it; a day without
        a time is none. These, and what cannot be read, are counted.
        """
        shown = (shown or "").strip()
        if not shown or re.match(r"0000-00-00", shown):
            return None
        if _DAY.fullmatch(shown):
            self.losses.add("missing", "times of day, where a day is given")
            return None
        try:
            time = _written(shown)
        except (ValueError, TypeError, IndexError, OverflowError):
            self.losses.add("missing", "times, because they cannot be read")
            return None
        if time.tzinfo is not None:
            return self._plausible(time)
        if self.zone is None:
            self.losses.add("missing", "times, because they name no zone (give one with --zone)")
            return None
        found = self._plausible(time.replace(tzinfo=self.zone))
        if found is not None and found.astimezone(self.zone).replace(tzinfo=None) != time:
            self.losses.add("missing", "times, because they cannot be read")
            return None
        return found

    def epoch(self, number: object, *, per_second: int = 1) -> datetime.datetime | None:
        """The time that a number of seconds (or of thousandths, `per_second=1000`) since 1970 in UTC stands for."""
        if number is None or number == "" or isinstance(number, bool):
            return None
        try:
            seconds = float(str(number)) / per_second
            time = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        except (ValueError, OverflowError, OSError):
            self.losses.add("missing", "times, because they cannot be read")
            return None
        return self._plausible(time)

    def _plausible(self, time: datetime.datetime) -> datetime.datetime | None:
        try:
            if FIRST <= time.astimezone(datetime.UTC) < LAST:
                return time.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            pass
        self.losses.add("missing", "times, because they lie before 1970 or after 2099")
        return None


LONGEST = 100
"""Characters of a time."""


def _written(shown: str) -> datetime.datetime:
    """The time that is written as ISO 8601 or RFC 5322; without a zone where none is named.

    Raises:
        ValueError: If it is neither, or names a zone that is not known; other errors of `email` likewise.
    """
    if len(shown) > LONGEST:
        raise ValueError
    if _ISO.match(shown):
        # Excel and others write " UTC"; Python reads neither that nor a blank before an offset.
        shown = re.sub(r"\s*(?:UTC|GMT)$", "+00:00", re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", shown))
        return datetime.datetime.fromisoformat(shown)
    time = email.utils.parsedate_to_datetime(shown)
    if time.tzinfo is None and shown.endswith("-0000"):
        return time.replace(tzinfo=datetime.UTC)  # what RFC 5322 means by it
    if time.tzinfo is None and _ZONE.search(shown):
        raise ValueError
    return time


@dataclass(frozen=True, slots=True)
class Reader:
    """One form that threads arrive in."""

    form: str
    """Its name on the command line and in `sources.form`: lower-case words joined by dashes."""
    title: str
    """What it is, for people: `Blogger page, saved`."""
    description: str
    """How it is read, in a sentence or two: the description of the reader as an annotator."""
    recognise: Callable[[Source], Match | None]
    """Whether a source is one; None where it is not. Raises nothing but `MissingExtraError`."""
    read: Callable[[Reading], Iterable[ReadThread]] | None = None
    """The threads of a source that is read as a whole."""
    rows: Callable[[Reading], Rows | None] | None = None
    """The rows of a source that is read in batches, instead of `read`; it gives None for one that `read` is for."""
    files: tuple[str, ...] = ()
    """For a form that is a folder: the files in it that are kept as sources; texts are read from the first."""
