"""Reading and writing files so that nothing is half-written: beside the target first, then renamed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from corpus_tools.errors import CorpusError


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_utf8(path: Path, error: Callable[[Path, str], CorpusError]) -> str:
    """A file's text with its line ends untouched; `error` makes the exception for bytes that are not UTF-8."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise error(
            path,
            f"is not UTF-8: byte 0x{raw[problem.start]:02x} at offset {problem.start}, line {line}; "
            "convert the file to UTF-8 first",
        ) from None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file in one step: a reader sees the old content or the new, never a part."""
    raw = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        # mkstemp makes a private file; give it the mode any new file of this user has.
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_all(files: Mapping[Path, str | bytes | Path]) -> None:
    """Write several files, each in one step; if one cannot be written, those before it get their old content back.

    What is given as a path is a finished file on the same disk, which is moved.
    """
    before: dict[Path, bytes | None] = {}
    try:
        for path, content in files.items():
            before[path] = path.read_bytes() if path.is_file() else None
            if isinstance(content, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
                content.replace(path)
            else:
                write_whole(path, content)
    except BaseException:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old:
                write_whole(path, old)
        raise
