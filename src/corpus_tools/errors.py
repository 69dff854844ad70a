"""Every error that this package raises on purpose."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def listed(names: Iterable[object]) -> str:
    """The names, comma separated, for the end of a message; `none` where there are none."""
    return ", ".join(str(name) for name in names) or "none"


def counted(n: int, noun: str) -> str:
    """A number with its noun: `1 comment`, `5 comments`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


class CorpusError(Exception):
    """Base of all errors below."""


class NotACorpusError(CorpusError):
    """A folder is no corpus, or no corpus was found."""


class MetadataError(CorpusError):
    """corpus.toml is missing, cannot be read or lacks something."""


class CaveatWarning(UserWarning):
    """What to know before using a layer, said when it is loaded."""


class SchemeError(CorpusError):
    """A scheme file is missing, cannot be read or lacks something."""


class ModuleError(CorpusError):
    """An annotation module cannot be read, or does not belong to the corpus it was to be loaded with."""


class PassageError(CorpusError, ValueError):
    """A reference to a passage cannot be read, or points to nothing."""


class MigrationError(CorpusError):
    """Annotations cannot be carried from one version to another."""


class HubError(CorpusError):
    """The Hugging Face Hub refused something, or could not be reached."""


class SiteError(CorpusError):
    """The documentation cannot be built."""


class RecordsError(CorpusError):
    """A hand-edited table cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class UnknownNameError(CorpusError, LookupError):
    """A table, layer, split, annotator or rule that does not exist was asked for."""

    def __init__(self, kind: str, name: object, known: Iterable[object]) -> None:
        super().__init__(f"unknown {kind} {str(name)!r}; there are: {listed(known)}")


class VersionError(CorpusError):
    """A release that does not exist was asked for, or a version is unusable."""


class ReleaseError(CorpusError):
    """A release is incomplete, or cannot be made."""


class ChecksumError(ReleaseError):
    """A released file is not what was released."""


class IngestError(CorpusError):
    """A source cannot be read as a thread."""

    def __init__(self, path: Path, problem: str, *, line: int | None = None) -> None:
        place = f"{path}:{line}" if line is not None else str(path)
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line


class MissingColumnError(CorpusError):
    """A frame lacks a column that a function needs."""

    def __init__(self, needed: Iterable[str], present: Iterable[str], *, where: str) -> None:
        present = list(present)
        missing = [name for name in needed if name not in present]
        super().__init__(f"{where} needs the column {listed(missing)}; the frame has: {listed(present)}")


class ArgumentError(CorpusError, ValueError):
    """An argument has a value that cannot be used."""


class ReproductionError(CorpusError):
    """A notebook failed, or a published table is missing or unusable."""


class MissingExtraError(CorpusError, ImportError):
    """An optional library is needed and not installed."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(
            f"{library} is needed for this and is not installed; "
            f"install it with: pip install 'syria-talks-thread-corpus[{extra}]'"
        )
