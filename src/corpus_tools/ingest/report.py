"""What one ingestion did, in words and as a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpus_tools.errors import counted
from corpus_tools.ingest.losses import Losses
from corpus_tools.ingest.threads import Added

SHOWN = 8
"""How many new authors a report names."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingestion did."""

    source_id: str
    path: str
    """The file as it was named."""
    form: str
    why: str
    """What made it be taken for that form, as a phrase."""
    added: Added
    losses: Losses
    already_there: bool = False
    """Whether a file of the same bytes was ingested before, so that nothing was done."""

    @property
    def n_threads(self) -> int:
        """Threads that the corpus did not have."""
        return len(self.added.threads)

    @property
    def n_articles(self) -> int:
        """Articles that the corpus did not have."""
        return self.added.n_written.get("article", 0)

    @property
    def n_comments(self) -> int:
        """Comments that the corpus did not have."""
        return self.added.n_written.get("comment", 0)

    @property
    def n_authors(self) -> int:
        """Authors of the texts that are new."""
        return len(self.added.author_ids)

    @property
    def new_authors(self) -> tuple[str, ...]:
        """Names of authors that the corpus did not have, as shown."""
        return self.added.new_authors

    @property
    def record(self) -> Mapping[str, Any]:
        """For JSON: what was read, by kind; what is new; what was there; each loss by category and reason."""
        return {
            "source_id": self.source_id,
            "form": self.form,
            "recognised_by": self.why,
            "read": dict(self.added.n_entries),
            "written": {"threads": self.n_threads, **self.added.n_written, "authors": len(self.new_authors)},
            "already_there": self.added.n_known,
            **self.losses.counts,
        }

    def __str__(self) -> str:
        if self.already_there:
            return (
                f"{self.source_id}: ingested before, byte for byte the same; nothing to do\n"
                "  it stays as it was read then: --keep, --map, --zone and --pseudonymise change nothing that is there"
            )
        more = ", ..." if len(self.new_authors) > SHOWN else ""
        names = ", ".join(self.new_authors[:SHOWN]) + more
        new = f" ({len(self.new_authors)} new: {names})" if self.new_authors else ""
        others = sum(n for kind, n in self.added.n_written.items() if kind not in ("article", "comment"))
        counts = [
            counted(n, noun)
            for n, noun in (
                *(((self.n_threads, "thread"),) if self.n_threads > 1 else ()),
                (self.n_articles, "article"),
                (self.n_comments, "comment"),
                *(((others, "other text"),) if others else ()),
                (self.n_authors, "author"),
            )
        ]
        known = f"; {counted(self.added.n_known, 'text')} there already" if self.added.n_known else ""
        lines = [f"{self.source_id}: {self.form}, because {self.why}", f"{', '.join(counts)}{new}{known}"]
        return "\n  ".join([*lines, *self.losses.lines()])
