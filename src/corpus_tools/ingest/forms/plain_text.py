"""Pasted plain text: an article, then its comments under or above the lines that a page prints to say who wrote each.

Which lines these are is decided for the file as a whole: they have one style, such as `NAME said...`, and stand where
bylines stand. Where every visible character is a word of a text or part of a byline, texts are slices of the source;
where other lines of the page were pasted along, texts carry their words themselves and those lines are counted.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator

from corpus_tools.errors import listed
from corpus_tools.ingest.markup import HEADLINE, PARAGRAPH, headed, one_line, plain_body
from corpus_tools.ingest.model import COMMENT, Block, ReadText, ReadThread
from corpus_tools.ingest.parts.pasted_layout import Entry, Layout, lay_out
from corpus_tools.ingest.parts.pasted_lines import Page
from corpus_tools.ingest.parts.pasted_moments import day_first, day_of, moment
from corpus_tools.ingest.reading import POSSIBLE, Match, Reader, Reading
from corpus_tools.ingest.source import Source

SUFFIXES = (".txt", ".text", ".md", ".markdown", "")
LONGEST_TITLE = 500
"""Characters of a first line that may be a headline; a longer one is a paragraph."""
SHOWN = 20
"""How many lines are named that are to be looked at."""
_OTHER_FORM = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<[!?a-zA-Z]|\{\s*[\"}]|\[\s*[\[{]|\[\s*\]|%PDF|\{\\rtf|\x1f\x8b|"
    rb"\"?\w+\"?(?:,\"?\w+\"?){2,}\r?\n|\"?\w+\"?(?:\t\"?\w+\"?){2,}\r?\n|\"?\w+\"?(?:;\"?\w+\"?){2,}\r?\n)"
)
_GONE = {
    "deleted": (
        "this comment has been removed by the author",
        "this comment was removed by the author",
        "this post has been removed by the author",
        "this comment was deleted by its author",
        "dieser kommentar wurde vom autor entfernt",
        "ce commentaire a été supprimé par l'auteur",
        "el autor ha eliminado este comentario",
        "este comentário foi removido pelo autor",
        "questo commento è stato eliminato dall'autore",
        "deze reactie is verwijderd door de auteur",
        "этот комментарий был удален автором",
        "este comentario ha sido eliminado por el autor",
        "ten komentarz został usunięty przez autora",
        "bu yorum yazar tarafından silindi",
        "komentar ini telah dihapus oleh pengarang",
        "このコメントは投稿者によって削除されました",
        "此评论已被作者删除",
        "작성자가 댓글을 삭제했습니다",
        "[deleted]",
        "this comment was deleted",
        "comment deleted",
    ),
    "removed": (
        "this comment has been removed by a blog administrator",
        "der kommentar wurde von einem blog-administrator entfernt",
        "ce commentaire a été supprimé par un administrateur du blog",
        "este comentario ha sido eliminado por un administrador del blog",
        "este comentário foi removido por um gestor do blogue",
        "este comentário foi removido por um administrador do blog",
        "questo commento è stato eliminato da un amministratore del blog",
        "deze reactie is verwijderd door een blogbeheerder",
        "этот комментарий был удален администратором блога",
        "[removed]",
        "this comment has been removed by a moderator",
        "this comment was removed by a moderator",
    ),
}
_KINDS = {words: kind for kind, all_words in _GONE.items() for words in all_words}


def recognise(source: Source) -> Match | None:
    """Anything that is text and does not begin with a mark of another form."""
    if source.path.is_dir() or source.suffix not in SUFFIXES:
        return None
    if source.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Match(POSSIBLE, "it is plain text")  # which reading refuses in words that help
    if b"\x00" in source.head or _OTHER_FORM.match(source.head):
        return None
    return Match(POSSIBLE, "it is plain text")


def read(reading: Reading) -> Iterator[ReadThread]:
    """Find the article and the comments in a pasted thread.

    Returns:
        One thread. Where no text has a `locator`, every visible character of the source is in exactly one text or
        byline.

    Raises:
        IngestError: If the text is not UTF-8, is empty, begins with a comment, has a byline without a comment, or lines
            of which it is not certain whether they are bylines; names the line.
    """
    page = Page(_utf8(reading))
    if not len(page):
        raise reading.error("holds no text; expected an article, then comments under lines 'NAME said...'", line=1)
    layout = lay_out(page, reading)
    heads = [entry.head for entry in layout.entries]
    if heads and heads[0][0] == 0:
        raise reading.error(
            f"a comment ({page.line(0)!r}) stands before any article; put the article with its headline first, or a "
            "line 'Comments' where there is none",
            line=page.numbers[0],
        )
    _doubtful(page, layout, reading)
    yield _Thread(page, layout, reading).made()


def _utf8(reading: Reading) -> str:
    raw = reading.source.raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise reading.error(
            f"is not UTF-8: byte 0x{raw[problem.start]:02x} at offset {problem.start}; convert the file to UTF-8 first",
            line=raw.count(b"\n", 0, problem.start) + 1,
        ) from None


def _doubtful(page: Page, layout: Layout, reading: Reading) -> None:
    for reason, found in (
        ("lines that look like bylines and were read as text", layout.doubtful),
        ("lines that announce comments of which none was found", layout.unannounced),
    ):
        if found:
            more = ", ..." if len(found) > SHOWN else ""
            numbers = listed(page.numbers[i] for i in sorted(found)[:SHOWN])
            reading.losses.add("doubtful", f"{reason} (lines {numbers}{more})", len(found))


class _Thread:
    """Texts made of the lines of a page."""

    def __init__(self, page: Page, layout: Layout, reading: Reading) -> None:
        self.page = page
        self.layout = layout
        self.reading = reading
        self.day_first = day_first(entry.when for entry in layout.entries if entry.when)
        self.kinds = [self._kind(entry) for entry in layout.entries]
        self.is_sliced = self._is_sliced()
        self.parents = self._parents()

    def made(self) -> ReadThread:
        """The thread."""
        layout = self.layout
        article = self._article() if layout.end else None
        comments = tuple(self._comment(at, entry) for at, entry in enumerate(layout.entries))
        self.reading.losses.add("lost", "lines of the page around the comments", layout.n_aside)
        title = one_line(self._title()) if article and self._has_title() else None
        return ReadThread(title=title or None, article=article, comments=comments, date=self._date())

    def _date(self) -> str | None:
        """The day that stands above the headline."""
        day = day_of(self.page.line(0), day_is_first=self.day_first) if self.layout.headline else None
        try:
            return datetime.date.fromisoformat(day).isoformat() if day else None
        except ValueError:
            return None

    def _title(self) -> str:
        return self._slice(self.layout.headline, self.layout.headline + 1)

    def _has_title(self) -> bool:
        return len(self._title()) <= LONGEST_TITLE

    def _kind(self, entry: Entry) -> str:
        start, end = entry.body
        return _KINDS.get(self.page.line(start).casefold().rstrip(".。 "), COMMENT) if end - start == 1 else COMMENT

    def _is_sliced(self) -> bool:
        """Whether texts and bylines account for every visible character."""
        layout = self.layout
        if layout.n_aside or not layout.end or any(kind != COMMENT for kind in self.kinds):
            return False
        for entry in layout.entries:
            # A name that is not printed as it is told, or a mark of answers before each line, has no slice of its own.
            if entry.below is not None or one_line(entry.byline.name) not in self._slice(*entry.head):
                return False
            if any(self.page.is_marked(i) for i in range(*entry.head)):
                return False
        for entry in layout.entries:
            if entry.body[0] == entry.body[1]:
                line = self.page.line(entry.head[0])
                raise self.reading.error(
                    f"no comment follows the byline {line!r}; write the comment under it, or take the line out",
                    line=self.page.numbers[entry.head[0]],
                )
        return True

    def _slice(self, start: int, end: int) -> str:
        return self.page.source[self.page.starts[start] : self.page.ends[end - 1]] if start < end else ""

    def _article(self) -> ReadText:
        page, layout = self.page, self.layout
        author, head = layout.author, layout.author_head
        name = author.name if author else None
        when = self._when(author.when) if author and author.when else None
        end = layout.end
        if self.is_sliced:
            labels = [PARAGRAPH] * layout.headline + [HEADLINE if self._has_title() else PARAGRAPH]
            article = self._sliced(0, end, labels)
            below = head is not None and head[0] >= end
            return ReadText(
                article.text,
                article.blocks,
                name=name,
                byline=self._slice(*head) if head and below else None,
                byline_start=page.starts[head[0]] if head and below else None,
                start=article.start,
                posted_at=when,
            )
        first = layout.headline + self._has_title()
        within = head is not None and head[0] < end
        title = self._title() if self._has_title() else None
        self.reading.losses.add("lost", "lines of the page around the comments", layout.headline)
        body = headed(title, plain_body(self._slice(head[1] if head and within else first, end)))
        return ReadText(
            body.text,
            body.blocks,
            name=name,
            byline=self._printed(range(*head)) if head else None,
            locator=f"char={page.starts[0]},{page.ends[end - 1]}",
            posted_at=when,
        )

    def _comment(self, at: int, entry: Entry) -> ReadText:
        page, (start, end) = self.page, entry.body
        when = self._when(entry.when) if entry.when else None
        if self.is_sliced:
            made = self._sliced(start, end, [])
            return ReadText(
                made.text,
                made.blocks,
                name=entry.byline.name,
                byline=self._slice(*entry.head),
                byline_start=page.starts[entry.head[0]],
                start=made.start,
                posted_at=when,
                key=str(at + 1),
                parent=self.parents[at],
            )
        lines = [*range(*entry.head), *([] if entry.below is None else [entry.below])]
        body = plain_body(self._outdented(entry))
        first = page.starts[start] if start < end else page.ends[entry.head[1] - 1]
        return ReadText(
            body.text,
            body.blocks,
            name=entry.byline.name,
            byline=self._printed(lines),
            locator=f"char={first},{page.ends[end - 1] if start < end else first}",
            posted_at=when,
            key=str(at + 1),
            parent=self.parents[at],
            kind=self.kinds[at],
        )

    def _when(self, shown: str) -> datetime.datetime | None:
        return moment(shown, self.reading, day_is_first=self.day_first)

    def _printed(self, lines: Iterable[int]) -> str:
        return " ".join(self.page.line(i) for i in lines)

    def _outdented(self, entry: Entry) -> str:
        """The words of a comment without the marks and blanks that its byline has before it as well."""
        page, (start, end) = self.page, entry.body
        depth = page.column(entry.head[0])
        marked = page.is_marked(entry.head[0])
        if start == end or not depth:
            return self._slice(start, end)
        made, at = [], start
        for i in range(start, end):
            made.append("" if i == at or page.follows(i) else "\n")
            begin = page.starts[i]
            if marked and page.is_marked(i):
                begin = page.unmarked(i)
            elif page.column(i) > depth:
                begin = max(page.begins[i], page.starts[i] - (page.column(i) - depth))
            made.append(page.source[begin : page.ends[i]] + "\n")
        return "".join(made)

    def _sliced(self, start: int, end: int, labels: list[str]) -> ReadText:
        """Lines as a slice of the source; empty lines divide its blocks, the first lines have blocks of their own."""
        page = self.page
        first = page.starts[start]
        blocks: list[Block] = []
        for i in range(start, end):
            own = i - start < len(labels)
            if not own and blocks and page.follows(i) and i - start > len(labels):
                blocks[-1] = Block(PARAGRAPH, blocks[-1].start, page.ends[i] - first)
            else:
                label = labels[i - start] if own else PARAGRAPH
                blocks.append(Block(label, page.starts[i] - first, page.ends[i] - first))
        return ReadText(page.source[first : page.ends[end - 1]], tuple(blocks), start=first)

    def _parents(self) -> list[str | None]:
        """The number of the comment that each answers: the one before it that is indented less, or whom it names."""
        parents: list[str | None] = []
        above: list[tuple[int, int]] = []
        by_name: dict[str, list[int]] = {}
        for at, entry in enumerate(self.layout.entries):
            column = self.page.column(entry.head[0])
            # One blank more or less is no depth.
            while above and above[-1][0] + 1 >= column:
                above.pop()
            parent = above[-1][1] if above else None
            above.append((column, at))
            if parent is None and entry.byline.to is not None:
                named = by_name.get(one_line(entry.byline.to).casefold(), [])
                parent = named[0] if len(named) == 1 else None
                self.reading.losses.add(
                    "lost", "answers to somebody with several comments or none: what they answer", parent is None
                )
            by_name.setdefault(one_line(entry.byline.name).casefold(), []).append(at)
            parents.append(None if parent is None else str(parent + 1))
        return parents


READER = Reader(
    form="plain-text",
    title="plain text, pasted",
    description="The first line is the headline; lines of one style that name an author, such as 'NAME said...' or "
    "'NAME — DATE', are bylines; empty lines divide paragraphs; buttons and headings of the page are left out.",
    recognise=recognise,
    read=read,
)
