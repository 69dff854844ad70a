"""Where in a pasted page the article ends, where each comment begins and ends, and what is neither."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus_tools.ingest.parts.pasted_bylines import Byline, is_below_article, is_sure
from corpus_tools.ingest.parts.pasted_choice import NUMBERED, SIGNED, Choice
from corpus_tools.ingest.parts.pasted_lines import Page
from corpus_tools.ingest.reading import Reading


@dataclass(slots=True)
class Entry:
    """A comment: lines of a page, last one exclusive."""

    byline: Byline
    head: tuple[int, int]
    """The line that names the author, with those that belong to it."""
    body: tuple[int, int]
    when: str | None = None
    below: int | None = None
    """The line with the date, where it stands apart from the name."""


@dataclass(slots=True)
class Layout:
    """What the lines of a page are."""

    end: int
    """End of the article."""
    headline: int = 0
    """The line with the title of the article; a line before it has its date."""
    author: Byline | None = None
    """Who wrote the article."""
    author_head: tuple[int, int] | None = None
    entries: list[Entry] = field(default_factory=list)
    n_aside: int = 0
    """Lines that are no text and no byline."""
    doubtful: list[int] = field(default_factory=list)
    """Lines that look like bylines and are text."""
    unannounced: list[int] = field(default_factory=list)
    """Lines that announce comments of which none was found."""


def lay_out(page: Page, reading: Reading) -> Layout:
    """Decide for a page as a whole how its comments are told apart.

    Raises:
        IngestError: If a line may be a byline or not and the page does not say which.
    """
    finder = _Division(page, reading)
    heads = finder.heads()
    if not heads:
        return finder.without_comments()
    return finder.after(heads) if finder.is_after else finder.before(heads)


class _Division(Choice):
    """What stands between the bylines."""

    def without_comments(self) -> Layout:
        """A page on which nobody is named."""
        page, layout = self.page, Layout(len(self.page))
        if self.nothing is not None:
            return self._ended(Layout(self.nothing, n_aside=len(page) - self.nothing))
        words = max((i for i in range(len(page)) if not page.is_aside(i)), default=0)
        for i, heading in page.markers.items():
            rest = range(i + 1, len(page))
            if heading.n == 0 and i > words:
                return self._ended(Layout(i, n_aside=len(page) - i))
            if heading.is_custom:
                continue
            if heading.n and i > 2 and len(rest) >= 2 * heading.n:
                raise self._error(
                    i,
                    f"{page.line(i)!r} announces comments, and no line below it names who wrote one; expected lines "
                    "such as 'NAME said...', 'NAME says:', 'NAME — DATE' or 'Posted by NAME on DATE'",
                )
            layout.unannounced += [i] if heading.n != 0 else []
        return self._ended(layout)

    def after(self, heads: list[int]) -> Layout:
        """Each comment stands above its byline."""
        # One byline of the same style may stand before the heading: that of the article.
        above = [i for i in self.page.markers if self.page.is_heading(i) and i < heads[min(1, len(heads) - 1)]]
        heads = [i for i in heads if not above or i > above[-1]]
        signed = [i for i, one in self.page.bylines.items() if i < heads[0] and one.style.startswith(SIGNED)]
        if not above and not (signed and signed[-1] != self.title):
            raise self._error(
                heads[0],
                f"{self.page.line(heads[0])!r} stands below a comment, and nothing shows where the article ends; "
                "put a line 'Comments' between the article and the first comment",
            )
        start = above[-1] if above else signed[-1] + 1
        at = start + bool(above)
        while at < heads[0] and (self.page.is_aside(at) or is_below_article(self.page.line(at))):
            at += 1
        layout = Layout(start, n_aside=at - start)
        for i in heads:
            layout.entries.append(Entry(self.found[i], (i, i + 1), (at, i), self.found[i].when))
            at = i + 1
        layout.n_aside += len(self.page) - at
        rest = sum(not self.page.is_aside(i) for i in range(at, len(self.page)))
        self.reading.losses.add("dropped", "lines below the last signed comment, signed by nobody", rest)
        return self._ended(self._trimmed(layout))

    def before(self, heads: list[int]) -> Layout:
        """Each comment stands below its byline."""
        page = self.page
        tops, bottoms, whens = self._spread(heads)
        start = tops[0] if self.marker is None else self.marker
        end = next((i for i in sorted(page.footers) if i > bottoms[-1]), len(page))
        layout = Layout(start, n_aside=tops[0] - start + len(page) - end)
        self._counted(len(heads))
        for at, (i, top, bottom) in enumerate(zip(heads, tops, bottoms, strict=True)):
            until = tops[at + 1] if at + 1 < len(heads) else end
            when = self.found[i].when or whens.get(i)
            layout.entries.append(Entry(self.found[i], (top, bottom + 1), (bottom + 1, until), when))
        return self._ended(self._trimmed(layout))

    def _counted(self, n: int) -> None:
        """Hold what was found against what the page says of itself."""
        said = self.page.markers[self.marker].n if self.marker is not None else None
        if said is not None and said != n:
            self.reading.losses.add("doubtful", f"headings that announce {said} comments, where {n} were found")

    def _spread(self, heads: list[int]) -> tuple[list[int], list[int], dict[int, str]]:
        """First and last line of each byline, and the date on a line of its own above or below it."""
        page = self.page
        tops, bottoms = list(heads), [self._tail(i) for i in heads]
        whens: dict[int, str] = {}
        if not any(self.found[i].when for i in heads):
            following = set(heads)
            ends = {i: self._tail(i) for i in heads}
            below = {i for i, end in ends.items() if end + 1 in page.whens and end + 2 not in following}
            first = heads[0] - 1 in page.whens and heads[0] - 1 > 0
            last = max(
                (i for i in range(heads[-1] + 1, len(page)) if not page.clicked.get(i) and i not in page.footers),
                default=0,
            )
            if len(below) * 2 > len(heads) or (len(below) * 2 == len(heads) and not first and last not in page.whens):
                bottoms = [end + (i in below) for i, end in ends.items()]
                whens = {i: page.whens[ends[i] + 1] for i in below}
            elif first and last not in page.whens:
                tops = [i - (i - 1 in page.whens) for i in heads]
                whens = {i: page.whens[i - 1] for i in heads if i - 1 in page.whens}
        numbered = [top > 0 and NUMBERED.fullmatch(page.line(top - 1)) is not None for top in tops]
        if sum(numbered) * 2 >= len(heads):
            tops = [top - one for top, one in zip(tops, numbered, strict=True)]
        return tops, bottoms, whens

    def _trimmed(self, layout: Layout) -> Layout:
        """Comments without buttons, counts and dates at their edges; those that stand at many edges are no words."""
        entries, page = layout.entries, self.page
        dated = [self._last(entry) for entry in entries if not entry.when]
        ends = [i for i in dated if i in page.whens]
        by_date = len(ends) * 2 >= len(entries) if ends else False
        edges = Counter(said for entry in entries for said in {page.clicked.get(i, "") for i in self._edges(entry)})
        asides = {said for said, n in edges.items() if said and self._is_aside(said, n, len(entries))}
        for entry in entries:
            start, end = self._without_edges(entry, asides, by_date=by_date)
            layout.n_aside += entry.body[1] - entry.body[0] - (end - start) - (entry.below is not None)
            entry.body = (start, end)
        return layout

    def _without_edges(self, entry: Entry, asides: set[str], *, by_date: bool) -> tuple[int, int]:
        page, (start, end) = self.page, entry.body
        while start < end and page.clicked.get(start) in asides:
            start += 1
        first = end
        while first > start and (first - 1 in page.clicked or (by_date and first - 1 in page.whens)):
            first -= 1
        run = range(first, end)
        if not any(page.clicked.get(i) in asides or i in page.whens for i in run):
            return start, end
        # One word that is all a comment has may be its words.
        if first == start and first in page.clicked and page.clicked[first] not in asides:
            first += 1
        for i in run:
            if i >= first and i in page.whens and not entry.when:
                entry.below, entry.when = i, page.whens[i]
        return start, first

    @staticmethod
    def _is_aside(said: str, n: int, of: int) -> bool:
        if said == "0" or is_sure(said):
            return n * 2 >= of if said == "0" else True
        return n > 1

    def _edges(self, entry: Entry) -> Iterator[int]:
        """Lines of buttons and counts from either end of a comment on."""
        start, end = entry.body
        for lines in (range(start, end), range(end - 1, start - 1, -1)):
            for i in lines:
                if i not in self.page.clicked and i not in self.page.whens:
                    break
                yield i

    def _last(self, entry: Entry) -> int:
        """The last line of a comment that is no button."""
        i = entry.body[1] - 1
        while i > entry.body[0] and i in self.page.clicked:
            i -= 1
        return i

    def _ended(self, layout: Layout) -> Layout:
        """With the author of the article, and the end of its words."""
        page, until = self.page, layout.end
        layout.headline = self.headline if self.headline < until else 0
        if self.title is not None:
            layout.author, layout.author_head = self.found[self.title], (self.title, self._tail(self.title) + 1)
        elif layout.entries or self.nothing is not None:
            for i in range(until - 1, max(until - 7, self.headline), -1):
                one = page.bylines.get(i)
                if one is not None and one.style.startswith(SIGNED):
                    layout.author, layout.author_head, layout.end = one, (i, i + 1), i
                    layout.n_aside += until - i - 1
                    break
        if layout.author_head is None or layout.author_head[0] < layout.end:
            while layout.end > layout.headline + 1 and self._is_below_article(layout.end - 1, layout):
                layout.end -= 1
                layout.n_aside += 1
        known = set(range(*(layout.author_head or (0, 0))))
        texts = [(0, layout.end), *(entry.body for entry in layout.entries)]
        starts = [start for start, _ in texts]
        for i in (*page.bylines, *self.passed):
            if i not in known and i < texts[bisect_right(starts, i) - 1][1]:
                layout.doubtful.append(i)
        return layout

    def _is_below_article(self, i: int, layout: Layout) -> bool:
        if not layout.entries and self.nothing is None:
            return False
        page, said = self.page, self.page.clicked.get(i)
        announced = self.marker is not None or self.nothing is not None
        if announced and (page.is_heading(i) or is_below_article(page.line(i))):
            return True
        return i in page.footers or (said is not None and (announced or is_sure(said)))
