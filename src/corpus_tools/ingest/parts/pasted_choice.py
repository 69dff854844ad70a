"""Which lines of a pasted page name the authors of its comments."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from corpus_tools.errors import listed
from corpus_tools.ingest.parts.pasted_bylines import LONGEST, Byline, is_name, shown
from corpus_tools.ingest.parts.pasted_lines import MARKS, Page
from corpus_tools.ingest.parts.pasted_moments import has_clock, has_day
from corpus_tools.ingest.reading import Reading

NUMBERED = re.compile(r"#\s?\d{1,6}[.:]?|\d{1,6}[.)]|\[\d{1,6}\]")
_QUOTE = "\"'“”„«»‘‚‹「『"
SIGNED = ("by, date", "posted by", "dash, date")
BELOW = "name, date below"
"""Style of a name on one line with a date on the next."""


class Choice:
    """Which lines of a page are the bylines of its comments, decided for the page as a whole."""

    def __init__(self, page: Page, reading: Reading) -> None:
        self.page = page
        self.reading = reading
        self.found = dict(page.bylines)
        self.tails: dict[int, int] = {}
        """First line of a byline -> its last line, where it has several."""
        self._pair()
        self._pair_with_verbs()
        self.headline = self._first_words()
        self.title = self._under_headline()
        self.marker = self._first_marker()
        self.nothing = self._end_of_nothing()
        """The heading that says there are no comments, where the page ends with it."""
        self.passed: list[int] = []
        """Names with dates that are no bylines after all."""
        self.is_after = False

    def _error(self, i: int, problem: str) -> Exception:
        return self.reading.error(problem, line=self.page.numbers[i])

    # What may be a byline

    def _pair(self) -> None:
        """Names with a date on the next line."""
        for i in self.page.whens:
            name = i - 1
            while name > 0 and self.page.clicked.get(name) in ("•", "·", "|"):
                name -= 1
            if name < 0 or name in self.found or self.page.is_aside(name) or not self.page.follows(i):
                continue
            line = self.page.line(name)
            text = re.sub(r"^(?:from|by|author|name|von|de)\s?:\s*", "", shown(line.rstrip(":")), flags=re.I)
            if name and self.page.follows(name) and not self.page.is_aside(name - 1):
                continue
            if len(line) <= LONGEST and is_name(text) and not re.search(r"[.!?,;…]$", text):
                self.found[name] = Byline(BELOW, text, self.page.whens[i], strong=False)
                self.tails[name] = i

    def _pair_with_verbs(self) -> None:
        """Names with `said...` on the next line, or with `says:` and a date below it."""
        for i in self.page.verbs:
            name = i - 1
            if self.page.line(i).endswith((":", "：")) and i + 1 not in self.page.whens:
                continue
            if name < 0 or not self.page.follows(i) or self.page.is_aside(name) or len(self.page.line(name)) > 80:
                continue
            self.found[name] = Byline(f"said... below {self.page.line(i).casefold()}", self.page.line(name))
            self.tails[name] = i

    def _first_words(self) -> int:
        """The headline: the first line, or the one under a date, as Blogger prints them."""
        page = self.page
        is_dated = 0 in page.whens and has_day(page.whens[0]) and not has_clock(page.whens[0])
        return int(is_dated and len(page) > 1 and 1 not in self.found and not page.is_aside(1))

    def _under_headline(self) -> int | None:
        """The line under the headline that names the author of the article."""
        i = self.headline + 1
        if i - 1 in self.found or i not in self.found or self.found[i].is_said or self.page.is_heading(i - 1):
            return None
        return (
            i if any(not self.page.is_aside(one) for one in range(self._tail(i) + 1, min(len(self.page), 20))) else None
        )

    def _tail(self, i: int) -> int:
        return self.tails.get(i, i)

    def _first_marker(self) -> int | None:
        """The heading right above the first comment."""
        for i, heading in self.page.markers.items():
            unknown = 0
            for next_ in range(i + 1, min(i + 12, len(self.page))):
                if next_ in self.found and next_ != self.title:
                    return i
                if not self.page.is_aside(next_):
                    unknown += 1
                    if unknown > (3 if heading.n else 0) or len(self.page.line(next_)) > 30:
                        break
        return None

    def _end_of_nothing(self) -> int | None:
        for i, heading in self.page.markers.items():
            if heading.n == 0 and i > self.headline and (i + 1 == len(self.page) or i + 1 in self.page.footers):
                return i
        return None

    def _is_list_of_pages(self, heads: Sequence[int]) -> bool:
        """Whether names with a day below are titles of other articles, as margins list them without a word between."""
        ones = [self.found[i] for i in heads]
        if self.marker is not None or any(one.style != BELOW or has_clock(one.when or "") for one in ones):
            return False
        return sum(self._tail(i) + 1 == following for i, following in itertools.pairwise(heads)) > 1

    def _stands_above_heading(self, i: int) -> bool:
        """Whether a heading that announces comments follows soon, so that it is the article that a line signs."""
        return any(i < at <= i + 6 and heading.n for at, heading in self.page.markers.items())

    # Which of them are

    def heads(self) -> list[int]:
        """The lines that name the authors of comments."""
        heads = self._heads()
        if self.nothing is not None and heads:
            # One line before it says who wrote the article; what stands after it is the margin of the page.
            before = [i for i in heads if i < self.nothing]
            if not before or (len(before) == 1 and self.found[before[0]].style.startswith(SIGNED)):
                return []
            self.nothing = None
        if len(heads) == 1 and self.found[heads[0]].style.startswith(SIGNED) and self._stands_above_heading(heads[0]):
            return []
        if self._is_list_of_pages(heads):
            self.passed = heads
            return []
        return heads

    def _heads(self) -> list[int]:
        first = -1 if self.marker is None else self.marker + 1
        found = {i: one for i, one in sorted(self.found.items()) if i >= first and i != self.title}
        styles: dict[str, list[int]] = {}
        for i, one in found.items():
            if not one.is_sentence:
                styles.setdefault(one.style, []).append(i)
        if not styles:
            return []
        if self.marker is not None:
            style = next(iter(styles))
        else:
            styles = {style: self._eligible(heads) for style, heads in styles.items()}
            style = max(styles, key=lambda one: self._weight(styles[one]))
        heads = styles[style]
        if not heads:
            return []
        if style == "said: replied" or style.startswith(("said", "name")):
            heads = sorted({*heads, *self._answers(style, found, heads[0])})
        self.is_after = style.startswith(SIGNED) and self._is_below(heads)
        return heads if self.is_after else self._regular(heads)

    def _answers(self, style: str, found: dict[int, Byline], first: int) -> Iterator[int]:
        """Bylines of the same page that say as well whom they answer."""
        for i, one in found.items():
            if i > first and one.to and one.style.partition(" ")[0] in ("replied", style.partition(" ")[0]):
                yield i

    def _weight(self, heads: Sequence[int]) -> tuple[int, int]:
        if not heads:
            return 0, 0
        ones = [self.found[i] for i in heads]
        weight = 2 if ones[0].style == BELOW else 3 if any(one.strong for one in ones) else 1
        return weight * len(heads), heads[-1]

    def _eligible(self, heads: list[int]) -> list[int]:
        """Those of one style that may be bylines though nothing announces them."""
        ones = [self.found[i] for i in heads]
        if ones[0].is_undated:
            plain = [i for i in heads if not self.found[i].is_prose]
            if not plain:
                return heads if ones[0].strong else []
            if ones[0].strong:
                return [i for i in heads if i >= plain[0]]
            return self._introduced(heads, plain)
        if ones[0].style == BELOW:
            return heads if len(heads) > 1 or re.search(r"\d.*[:.]\d\d|ago|vor|il y a|hace", ones[0].when or "") else []
        if any(one.strong for one in ones):
            return heads
        return heads if len({one.name for one in ones}) > 1 else []

    def _introduced(self, heads: list[int], plain: list[int]) -> list[int]:
        """Lines `NAME said:`, which articles have above quotations and pages above comments."""
        dated = [i for i in plain if i + 1 in self.page.whens or i - 1 in self.page.whens]
        if len(dated) * 2 > len(plain):
            return [i for i in heads if i >= dated[0]]
        own = [i for i in plain if not self._opens_quotation(i + 1)]
        if not own:
            return []
        if quoted := [i for i in plain if i < own[0]]:
            raise self._error(
                quoted[0],
                f"{self.page.line(quoted[0])!r} may stand above a comment or above a quotation in the article; "
                "put a line 'Comments' above the first comment",
            )
        if len(own) == 1:
            words = self.found[own[0]].name.split()
            if len(words) > 3 or not all(word[0].isupper() or len(words) == 1 for word in words):
                return []
        return [i for i in heads if i >= own[0]]

    def _opens_quotation(self, i: int) -> bool:
        return i < len(self.page) and self.page.line(i)[:1] in _QUOTE

    def _is_below(self, heads: list[int]) -> bool:
        """Whether bylines stand below what they sign."""
        page = self.page
        above = sum(page.follows(i) and not page.follows(i + 1) for i in heads)
        below = sum(page.follows(i + 1) and not page.follows(i) for i in heads)
        is_last = all(page.is_aside(i) for i in range(heads[-1] + 1, len(page)))
        if above > below and not is_last:
            raise self._error(
                heads[-1],
                f"{page.line(heads[-1])!r} may belong to the words above it or to those below; take out what stands "
                "below the last comment, or put an empty line above each line that names a commenter and none below it",
            )
        # Words between the heading of the comments and the first byline are what it signs.
        headings = [i for i in page.markers if page.is_heading(i) and i < heads[0]]
        if above != below:
            return above > below
        return is_last or (self.marker is None and len(headings) > 0 and headings[0] > 2)

    def _regular(self, heads: list[int]) -> list[int]:
        """Those that stand as the others do: between empty lines, or not."""
        page = self.page
        heads = [i for i in heads if not self._is_quoting(i)]
        if not heads:
            return []
        # Where a date or button ends each comment, a line below words is no byline, and one below a date is.
        below = [i for i in heads[1:] if self._ends_comment(i - 1)]
        if len(below) > 1 and len(below) * 3 >= len(heads[1:]) * 2:
            style, first = self.found[heads[0]].style, heads[0]
            more = [i for i, one in self.found.items() if i > first and one.is_sentence and one.style == style]
            return [first, *sorted([*below, *(i for i in more if self._ends_comment(i - 1))])]
        apart = [i for i in heads if not page.follows(i) or self._ends_comment(i - 1)]
        first_apart = not page.follows(self._bottom(heads[0]) + 1)
        if first_apart:
            apart = [i for i in apart if not page.follows(self._bottom(i) + 1)] if self._mostly_open(heads) else apart
        glued = [i for i in heads if i not in set(apart)]
        if not first_apart:
            others = [i for i in apart if i != heads[0]]
            if not others:
                return self._all_glued(heads)
        if not glued or not self.found[heads[0]].is_undated:
            return heads
        if len(glued) > max(1, len(heads) // 5):
            lines = listed(page.numbers[i] for i in glued[:20])
            raise self._error(
                glued[0],
                f"some lines such as {page.line(glued[0])!r} stand between empty lines, some do not (lines {lines}); "
                "put an empty line above and below each line that names a commenter",
            )
        return apart

    def _bottom(self, i: int) -> int:
        return self._tail(i) if self._tail(i) > i else i + (i + 1 in self.page.whens and self.page.follows(i + 1))

    def _mostly_open(self, heads: list[int]) -> bool:
        return sum(not self.page.follows(self._bottom(i) + 1) for i in heads) * 5 >= len(heads) * 4 or len(heads) < 3

    def _ends_comment(self, i: int) -> bool:
        return i == self.marker or self.page.is_aside(i) or NUMBERED.fullmatch(self.page.line(i)) is not None

    def _is_quoting(self, i: int) -> bool:
        """Whether it is marked `>` as mail marks what it quotes, and what follows it is not."""
        marks = MARKS.match(self.page.line(i))
        if marks is None or ">" not in marks[0]:
            return False
        following = i + 1
        while following < len(self.page) and following not in self.found:
            if not self.page.is_marked(following) and not self.page.is_aside(following):
                return True
            following += 1
        return "wrote" in self.found[i].style

    def _all_glued(self, heads: list[int]) -> list[int]:
        """No byline has an empty line above it: one alone may as well be a line of the article."""
        one = self.found[heads[0]]
        if len(heads) > 1 or heads[0] < 2 or self.marker is not None or not one.is_undated:
            return heads
        if not self.page.follows(heads[0]):
            return heads
        if not one.strong:
            return []
        raise self._error(
            heads[0],
            f"{self.page.line(heads[0])!r} looks like a byline, but stands in a paragraph; if a comment begins there, "
            "put a blank line above it",
        )
