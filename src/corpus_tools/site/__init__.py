"""The documentation of a corpus and of this package, as a site that needs no network.

Every page comes from the corpus or from the package. The pages are written as Markdown and reStructuredText into a
temporary folder, and Sphinx makes HTML of them.
"""

from __future__ import annotations

from corpus_tools.site.run import Site, build

__all__ = ["Site", "build"]
