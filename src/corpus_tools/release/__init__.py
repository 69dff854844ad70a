"""Making a release, and the pages that are generated from corpus.toml and the scheme."""

from __future__ import annotations

from corpus_tools.content import content_sha256
from corpus_tools.release.build import Release, release
from corpus_tools.release.codebook import codebook
from corpus_tools.release.hub import PushPlan, carry_out, plan_push, push
from corpus_tools.release.pages import stale_pages, write_pages

__all__ = [
    "PushPlan",
    "Release",
    "carry_out",
    "codebook",
    "content_sha256",
    "plan_push",
    "push",
    "release",
    "stale_pages",
    "write_pages",
]
