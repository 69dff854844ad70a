"""The rules of the validator on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus_tools.site.markdown import markdown_table, plain
from corpus_tools.validate import explain, find_rules


def rules_page() -> str:
    """Every rule with severity and message, then what its page says."""
    return "\n\n".join(_sections()) + "\n"


def _sections() -> Iterator[str]:
    rules = find_rules("")
    # The list of contents beside the page names the rules, not the parts of each.
    yield "---\ntocdepth: 2\n---"
    yield "# Rules of the validator"
    yield (
        "`corpus-tools validate` holds a corpus folder to these rules. An error stops a release, a warning does not. "
        "`corpus-tools explain CODE` shows what stands here."
    )
    rows = [(f"[{rule.code}](#{rule.code.lower()})", rule.severity, plain(rule.message)) for rule in rules]
    yield markdown_table(("rule", "severity", "message"), rows)
    for rule in rules:
        yield f"({rule.code.lower()})=\n{_deeper(explain(rule.code)).strip()}"


def _deeper(page: str) -> str:
    """A page with its headings one level down; a `#` in a block of code is no heading."""
    pieces = page.split("```")
    pieces[::2] = [re.sub(r"^#", "##", piece, flags=re.M) for piece in pieces[::2]]
    return "```".join(pieces)
