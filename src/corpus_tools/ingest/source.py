"""A file as received, opened with care: bounded, decoded, parsed without network and without entities of its own."""

from __future__ import annotations

import codecs
import json
import lzma
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from html import unescape
from html.entities import html5
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from corpus_tools.errors import IngestError, MissingExtraError, counted
from corpus_tools.ingest.losses import Losses

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

HEAD = 1 << 16
"""Bytes of a file that are looked at to recognise its form, where reading all of it would be too much."""
LARGEST = 1 << 28
"""Bytes of a file that a reader takes into memory as a whole, unpacked."""
MOST_MEMBERS = 100_000
MOST_TAGS = 1_000_000
"""Tags of a page, or of a text in it."""
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""")
_AMPERSAND = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,31};)|(#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});))?")
_PASSED = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.S)
_PROLOG = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.S)
_OF_XML = frozenset(("amp;", "lt;", "gt;", "quot;", "apos;"))
UNSOUND = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What a damaged archive makes the standard library raise."""
_REFERENCE = re.compile(r"&#0*(?:[xX]0*([0-9A-Fa-f]{1,6})|([0-9]{1,7}));?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""What is no character of a text: controls but tab and line ends, and halves of surrogate pairs."""


class Source:
    """One file, or one folder, that a thread is to be read from.

    Everything is read when it is asked for and kept: recognising and reading share it. What had to be mended on the
    way is counted in `losses`.

    Args:
        path: A file, or a folder where the form is one of several files.

    Raises:
        IngestError: If there is nothing there.
    """

    def __init__(self, path: Path) -> None:
        try:
            if not path.exists():
                raise IngestError(path, "does not exist")
            if not path.is_file() and not path.is_dir():
                raise IngestError(path, "is neither a file nor a folder")
            if path.is_file():
                path.open("rb").close()
        except (OSError, ValueError) as problem:
            raise IngestError(path, f"cannot be read: {problem}") from None
        self.path = path
        self.losses = Losses()

    def error(self, problem: str, *, line: int | None = None) -> IngestError:
        """The error for this source."""
        return IngestError(self.path, problem, line=line)

    @property
    def suffix(self) -> str:
        """The ending of its name, lower-case, with the dot."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB as they are in the file; empty for a folder."""
        if self.path.is_dir():
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD)

    @cached_property
    def is_zip(self) -> bool:
        """Whether it is a zip archive."""
        return self.head.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    @cached_property
    def raw(self) -> bytes:
        """All bytes, those inside where it is packed with gzip.

        Raises:
            IngestError: If there are more than `LARGEST`, or it cannot be unpacked.
        """
        if self.path.is_dir():
            raise self.error("is a folder; name a file in it")
        size = self.path.stat().st_size
        if size > LARGEST:
            raise self.error(f"has {size:,} bytes; this form is read as a whole, up to {LARGEST:,}: divide the file")
        raw = self.path.read_bytes()
        return self._gunzip(raw) if raw.startswith(b"\x1f\x8b") else raw

    def _gunzip(self, raw: bytes) -> bytes:
        made = b""
        while raw:  # one piece after the other, as `cat` joins them
            unpacking = zlib.decompressobj(wbits=31)
            try:
                made += unpacking.decompress(raw, LARGEST + 1 - len(made))
            except zlib.error as problem:
                raise self.error(f"cannot be unpacked: {problem}") from None
            if len(made) > LARGEST:
                raise self.error(f"unpacks to more than {LARGEST:,} bytes")
            if not unpacking.eof:
                raise self.error("ends before its packed content does; fetch it again")
            raw = unpacking.unused_data.lstrip(b"\0")
        return made

    @cached_property
    def text(self) -> str:
        """The decoded text, without a byte order mark, line ends as they are.

        A byte order mark decides, then what the file declares, then UTF-8, then Windows-1252, which reads any bytes;
        the last, and bytes that do not fit, are counted as mended.
        """
        return self._decode(self.raw)

    def _decode(self, raw: bytes) -> str:
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
        ):
            if raw.startswith(mark):
                return self._replacing(raw[len(mark) :], name)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            declared = _CHARSET.search(raw, 0, 4096)
            name = declared[1].decode("ascii") if declared else "windows-1252"
        try:
            # A wrong label is read as browsers read it.
            name = (
                "windows-1252"
                if codecs.lookup(name).name in {"ascii", "iso8859-1", "cp1252"}
                else codecs.lookup(name).name
            )
            if name == "utf-8" and raw.decode("utf-8", "ignore").encode() != raw and _share_lost(raw) > 0.01:
                name = "windows-1252"
            return self._replacing(raw, name, declared=bool(declared))
        except (LookupError, TypeError):
            return self._replacing(raw, "windows-1252")

    def _replacing(self, raw: bytes, name: str, *, declared: bool = True) -> str:
        text = raw.decode(name, "replace")
        before = raw.count("\ufffd".encode(name, "ignore")) if name.startswith("utf") else 0
        self.losses.add("repaired", f"bytes that are no {name}, read as U+FFFD", text.count("\ufffd") - before)
        if not declared:
            self.losses.add("repaired", f"files of no declared encoding, read as {name}")
        return text

    @cached_property
    def html(self) -> HtmlElement:
        """The page as lxml reads it.

        Raises:
            IngestError: If there is no element in it, or it is nested too deep.
            MissingExtraError: If lxml is not installed.
        """
        return parse_html(self.text, error=self.error)

    @cached_property
    def xml(self) -> _Element:
        """The root of an XML file, read leniently: what is not well-formed is counted as mended.

        Raises:
            IngestError: If there is no element in it, or it declares entities.
            MissingExtraError: If lxml is not installed.
        """
        return self.parse_xml(self.text)

    def parse_xml(self, text: str) -> _Element:
        """As `xml`, of a text that was found elsewhere, such as in an archive."""
        etree = _lxml().etree
        start = text.find("<")
        if start < 0:
            raise self.error("holds no XML", line=1)
        if text[:start].strip("\ufeff"):
            self.losses.add("repaired", "characters before the beginning of the XML, passed over", start)
        if "<!ENTITY" in text and _declares_entities(text[start:]):
            raise self.error("declares entities of its own, which are not expanded; take the declarations out")
        if text.rfind("<![CDATA[") > text.rfind("]]>") and _breaks_off(text):
            self.losses.add("doubtful", "texts that the file breaks off in")
            text += "]]>"
        text, n_controls = CONTROL.subn("", text[start:])
        self.losses.add("repaired", "control characters, taken out", n_controls)
        text, n_named, n_bare, n_unsound = _with_html_entities(text)
        self.losses.add("repaired", "ampersands that are not escaped", n_bare)
        self.losses.add("repaired", "references to what is no character, taken out", n_unsound)
        self.losses.add("repaired", "entities that XML does not have, read as those of HTML", n_named)
        # The declaration may name an encoding that the text no longer has.
        raw = re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8")
        parser = etree.XMLParser(
            recover=True, resolve_entities=False, no_network=True, huge_tree=True, encoding="utf-8"
        )
        try:
            root = etree.fromstring(raw, parser)
        except etree.LxmlError as problem:
            raise self.error(f"cannot be read as XML: {problem}") from None
        if root is None:
            raise self.error("holds no XML element")
        for entry in parser.error_log:
            if "depth" in entry.message.lower() or "huge" in entry.message.lower():
                raise self.error(f"cannot be read as XML: {entry.message}", line=entry.line)
        broken = [entry for entry in parser.error_log if entry.type_name != "NS_ERR_UNDEFINED_NAMESPACE"]
        self.losses.add("repaired", "places where the XML is not well-formed", len(broken))
        found: _Element = root
        return found

    @cached_property
    def json(self) -> Any:
        """The value of a JSON file.

        Raises:
            IngestError: If it is none, or is nested too deep.
        """
        return self.parse_json(self.text)

    def parse_json(self, text: str, *, line: int | None = None) -> Any:
        """As `json`, of a text that was found elsewhere; `line` is where it begins in the file."""
        try:
            try:
                value = json.loads(text)
            except json.JSONDecodeError:
                value = json.loads(text, strict=False)
                self.losses.add("repaired", "files of JSON with control characters that are not escaped")
        except json.JSONDecodeError as problem:
            raise self.error(f"is no JSON: {problem.msg}", line=(line or 1) + problem.lineno - 1) from None
        except (RecursionError, ValueError) as problem:
            raise self.error(f"cannot be read as JSON: {problem}", line=line or 1) from None
        return value

    def members(
        self, wanted: Callable[[str], bool] = lambda name: True, *, at_most: int | None = None
    ) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of the files in a zip archive, in its order, without folders and the doubles that macOS adds.

        Nothing is ever written, so a name that leads out of the archive is only a name.

        Args:
            wanted: Which names; the others are not unpacked.
            at_most: Bytes of each file that are enough, as to recognise it.

        Raises:
            IngestError: If it is no sound zip, is locked, or what is wanted of it is too much.
        """
        left = LARGEST
        try:
            with zipfile.ZipFile(self.path) as archive:
                for entry in self._entries(archive):
                    if not wanted(entry.filename):
                        continue
                    if entry.flag_bits & 1:
                        raise self.error(f"{entry.filename!r} in it is locked with a password; unlock it first")
                    with archive.open(entry) as file:
                        content = file.read(left + 1 if at_most is None else at_most)
                    left -= len(content)
                    if left < 0:
                        raise self.error(f"unpacks to more than {LARGEST:,} bytes")
                    yield entry.filename, content
        except UNSOUND as problem:
            raise self.error(f"cannot be unpacked: {problem}") from None

    def names(self) -> list[str]:
        """The names of the files in a zip archive, as `members` gives them; errors likewise."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                return [entry.filename for entry in self._entries(archive)]
        except UNSOUND as problem:
            raise self.error(f"cannot be unpacked: {problem}") from None

    def _entries(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        entries = [one for one in archive.infolist() if not one.is_dir() and not _is_double(one.filename)]
        if len(entries) > MOST_MEMBERS:
            raise self.error(f"holds {counted(len(entries), 'file')}; at most {MOST_MEMBERS:,} are read")
        return entries

    def decode(self, raw: bytes) -> str:
        """As `text`, of bytes that were found elsewhere, such as in an archive."""
        return self._decode(raw)


def _with_html_entities(text: str) -> tuple[str, int, int, int]:
    """A text in which XML finds no ampersand that it does not know, outside CDATA and comments.

    Entities of HTML are their characters, what is no entity is an ampersand, and a reference to what is no character is
    nothing; with the numbers of each.
    """
    n_named = n_bare = n_unsound = 0

    def mended(match: re.Match[str]) -> str:
        nonlocal n_named, n_bare, n_unsound
        if match[1] in _OF_XML:
            return match[0]
        if match[2]:
            number = int(match[2][2:-1], 16) if match[2][1] in "xX" else int(match[2][1:-1])
            sound = number <= sys.maxunicode and not CONTROL.match(chr(number))
            n_unsound += not sound
            return match[0] if sound else ""
        if match[1] in html5:
            n_named += 1
            return escape(html5[match[1]])
        n_bare += 1
        return f"&amp;{match[1] or ''}"

    parts, place = [], 0
    for passed in _PASSED.finditer(text):
        parts += [_AMPERSAND.sub(mended, text[place : passed.start()]), passed[0]]
        place = passed.end()
    parts.append(_AMPERSAND.sub(mended, text[place:]))
    return "".join(parts), n_named, n_bare, n_unsound


def _breaks_off(text: str) -> bool:
    """Whether a CDATA section never ends; one in a comment is only words."""
    return any(passed[0].startswith("<![") and not passed[0].endswith("]]>") for passed in _PASSED.finditer(text))


def _declares_entities(text: str) -> bool:
    """Whether a declaration is one, and not words in a CDATA section or comment, such as those of an article on XML.

    Only before the first element may CDATA be the beginning of something else.
    """
    prolog = _PROLOG.match(text)
    is_plain = prolog is not None and re.compile(r"<[A-Za-z_]").match(text, prolog.end()) is not None
    return not is_plain or "<!ENTITY" in _PASSED.sub("", text)


def _as_browsers(reference: re.Match[str]) -> str:
    """A reference by a number that stands for no character, as browsers take it: by Windows-1252, or as nothing."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    if 0x80 <= number <= 0x9F:
        return unescape(f"&#{number};")
    return "" if number > sys.maxunicode or CONTROL.match(chr(number)) else reference[0]


def _share_lost(raw: bytes) -> float:
    return 1 - len(raw.decode("utf-8", "ignore").encode()) / max(len(raw), 1)


def _is_double(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def _lxml() -> Any:
    try:
        import lxml.etree
        import lxml.html
    except ImportError:
        raise MissingExtraError("lxml", "ingest") from None
    return lxml


def parse_html(text: str, *, error: Any) -> HtmlElement:
    """A page, or a piece of one inside `<html><body>`, as lxml reads it: never fetched from, never run.

    Raises:
        IngestError: As `error` makes it, if there is no element, or it is nested too deep.
        MissingExtraError: If lxml is not installed.
    """
    lxml = _lxml()
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    # What XML calls no character is none in a page either; a declaration would be taken for the encoding.
    clean = _REFERENCE.sub(_as_browsers, CONTROL.sub("", text))
    # Where the page ends before its body begins, the parser stops.
    clean = re.sub(r"</html\s*>(?=\s*<body\b)", "", clean, flags=re.I)
    if clean.count("<") > MOST_TAGS:
        raise error(f"has more than {MOST_TAGS:,} tags")
    try:
        root: HtmlElement = lxml.html.document_fromstring(clean.encode("utf-8"), parser=parser)
    except (lxml.etree.LxmlError, ValueError) as problem:
        raise error(f"cannot be read as HTML: {problem}") from None
    for entry in parser.error_log:
        if "depth" in entry.message.lower():
            raise error(f"cannot be read as HTML: {entry.message}", line=entry.line)
    if root.find("body") is None:
        raise error("holds no HTML")
    return root
