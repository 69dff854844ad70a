"""Pasted plain text: which lines are bylines, what is a comment's own, what is refused and where."""

import contextlib
import datetime
import itertools
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import IngestError
from corpus_tools.ingest import ingest
from corpus_tools.ingest.forms.plain_text import READER
from corpus_tools.ingest.parts.pasted_bylines import alone, byline, clicked, marker
from corpus_tools.ingest.source import Source
from corpus_tools.standoff import uncovered
from corpus_tools.validate import validate
from ingesting import read as read_file
from pastes import ARTICLE, PASTES

ASIDE = "lines of the page around the comments"
THREAD = "Title here\n\nBody.\n\nJo said...\n\nFirst.\nStill first.\n\nMore.\n\nMax (of Köln) said...\n\nOh.\n"


def read(tmp_path, text, **options):
    """The thread in a text, and what was lost on the way."""
    path = tmp_path / "thread.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    [thread], losses = read_file(path, "plain-text", **options)
    return thread, losses


def comments(tmp_path, text, **options):
    return [(one.name, one.text) for one in read(tmp_path, text, **options)[0].comments]


@pytest.mark.parametrize(("text", "article", "expected"), PASTES.values(), ids=PASTES)
def test_pasted_threads_of_every_kind_are_read_as_their_pages_show_them(tmp_path, text, article, expected):
    thread, _ = read(tmp_path, text)
    names = {one.key: one.name for one in thread.comments}
    assert [(one.name, names.get(one.parent), one.text) for one in thread.comments] == expected
    assert (thread.article.text if thread.article else None) == article


@pytest.mark.parametrize(("text", "article", "expected"), PASTES.values(), ids=PASTES)
def test_line_ends_and_a_byte_order_mark_change_no_comment(tmp_path, text, article, expected):
    for end in ("\r\n", "\r", "\u2028"):
        thread, _ = read(tmp_path, "\ufeff" + text.replace("\n", end))
        found = [(one.name, one.text.replace("\r\n", "\n").replace(end, "\n")) for one in thread.comments]
        assert found == [(name, words) for name, _, words in expected]


@pytest.mark.parametrize("text", [text for text, *_ in PASTES.values()], ids=PASTES)
def test_texts_are_slices_that_account_for_all_or_carry_their_words(tmp_path, text):
    thread, losses = read(tmp_path, text)
    texts = [one for one in (thread.article, *thread.comments) if one]
    sliced = {one.start is not None for one in texts}
    assert len(sliced) == 1
    if sliced == {True}:
        pieces = [(one.start, one.start + len(one.text)) for one in texts]
        pieces += [(one.byline_start, one.byline_start + len(one.byline)) for one in texts if one.byline]
        assert uncovered(text, pieces) == []
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(sorted(pieces)))
        assert ASIDE not in losses.get("lost", {})
    for one in texts:
        if one.locator:
            start, end = map(int, one.locator.removeprefix("char=").split(","))
            assert one.text.split()[-1] in text[start:end]
        assert one.byline is None or one.name in one.byline


def test_an_article_and_its_comments_are_found(tmp_path):
    thread, losses = read(tmp_path, THREAD)
    assert thread.title == "Title here"
    assert (thread.article.text, thread.article.name) == ("Title here\n\nBody.", None)
    assert thread.comments[1].name == "Max (of Köln)"
    assert [block.label for block in thread.article.blocks] == ["headline", "paragraph"]
    assert [block.label for block in thread.comments[0].blocks] == ["paragraph", "paragraph"]
    assert losses == {}


def test_said_inside_a_paragraph_is_no_byline_and_reported(tmp_path):
    thread, losses = read(tmp_path, "Title\n\nA said...\n\nThen she\nB said...\nand left, as C said... again.\n")
    assert [comment.name for comment in thread.comments] == ["A"]
    assert losses["doubtful"] == {"lines that look like bylines and were read as text (lines 6)": 1}


@pytest.mark.parametrize(
    "name",
    [
        "B,Poster",
        "B.Poster",
        "Anonymous",
        "[x] (y)",
        "Blogger",
        "Zoë Ł.",
        "said",
        "Jo said",
        "a b c d",
        "50 Cent",
        "😀 Jo",
        '"Q"',
        "The Empress",
        "One Smart Cookie",
        "If I Were God...",
        "x" * 80,
        "J. R. Smith, Jr.",
        "漢字",
        "12",
        "a@b",
    ],
)
def test_names_may_hold_what_names_hold(tmp_path, name):
    assert comments(tmp_path, f"T\n\nAnn said...\n\nx\n\n{name} said...\n\ny") == [("Ann", "x"), (name, "y")]


@pytest.mark.parametrize(
    "line", ["She said...", "as the minister said: ...", "Then he said...", "I said:", "And so he said..."]
)
def test_what_introduces_a_quotation_is_no_byline(tmp_path, line):
    found = comments(tmp_path, f"T\n\nJo said...\n\nHi.\n\n{line}\n\nHo.\n\nMax said...\n\nHm.\n")
    assert found == [("Jo", f"Hi.\n\n{line}\n\nHo."), ("Max", "Hm.")]


def test_an_article_without_comments_is_a_thread(tmp_path):
    thread, losses = read(tmp_path, "Only an article.\n\nMore of it.")
    assert (thread.comments, thread.article.text, losses) == ((), "Only an article.\n\nMore of it.", {})
    thread, losses = read(tmp_path, f"{ARTICLE}\nNo comments:\n\nPost a Comment\n")
    assert (thread.comments, thread.article.text) == ((), ARTICLE.rstrip())
    assert losses["lost"] == {ASIDE: 2}


@pytest.mark.parametrize(
    "article",
    [
        "Talks fail\n\nThe minister said:\n\n“No.”\n\nMs Smith said:\n\n“Yes.”\n",
        "Talks fail\n\nBy Jo Ray on May 3, 2009\n\nNothing came of it.\n",
        "Talks fail\n\nLONDON, May 3, 2009\n\nNothing came of it.\n",
        "Talks fail\n\nPublished: May 3, 2009 at 4:12 pm\n\nNothing came of it.\n",
        "Diary\n\nLondon, 3 May 1916\n\nRain.\n\nLondon, 5 May 1916\n\nRain.\n",
        "Talks fail\n\nThe report said:\n\n- no\n- no\n",
        "Talks fail\n\nIt was over on\nMay 3, 2009 at 4:12 pm\nand nobody knew.\n",
        "Talks fail\n\nReply\n\nLike\n\n3\n",
    ],
)
def test_an_article_that_speaks_or_dates_is_no_thread_of_comments(tmp_path, article):
    thread, _ = read(tmp_path, article)
    assert (thread.comments, thread.article.text) == ((), article.rstrip())


UNREADABLE = {
    "nothing": ("", 1, "holds no text"),
    "blanks": (" \n\n\t\n\ufeff\f", 1, "holds no text"),
    "no article": ("\n\nJo said...\n\nHi.\n", 3, "a comment ('Jo said...') stands before any article"),
    "no comment": ("T\n\nJo said...\n\nMax said...\n\nHi.\n", 3, "no comment follows the byline 'Jo said...'"),
    "no last comment": ("T\n\nJo said...\n\nHi.\n\nMax said...\n", 7, "no comment follows the byline 'Max said...'"),
    "one byline in a paragraph": ("T\nText\nBob said...\nHello\n", 3, "looks like a byline, but stands in a paragraph"),
    "bylines that stand apart and not": (
        "T\n\nA said...\n\nx\n\nB said...\n\nx\nC said...\nx\nD said...\nx\n\nE said...\n\nx\n",
        10,
        "some lines such as 'C said...' stand between empty lines, some do not (lines 10, 12)",
    ),
    "a quotation or a comment": (
        "T\n\nSmith said:\n\n“Yes.”\n\nJo said:\n\nHi.\n\nMax said:\n\nHo.\n",
        3,
        "'Smith said:' may stand above a comment or above a quotation in the article; put a line 'Comments'",
    ),
    "bylines below, and no end of the article": (
        "T\n\nBody.\n\nHi.\nPosted by Jo on May 3, 2009 at 10:00\n\nHo.\nPosted by Max on May 4, 2009 at 10:00\n",
        6,
        "nothing shows where the article ends; put a line 'Comments'",
    ),
    "comments announced and nobody named": (
        "T\n\nBody.\n\nMore.\n\n2 comments:\n\nJo\n\nHi there.\n\nMax\n\nHo there.\n",
        7,
        "'2 comments:' announces comments, and no line below it names who wrote one",
    ),
    "not UTF-8": (b"T\n\nna\xefve\n", 3, "is not UTF-8: byte 0xef at offset 5; convert the file to UTF-8 first"),
    "UTF-16": ("T\n\nJo said...\n".encode("utf-16"), 1, "is not UTF-8: byte 0xff at offset 0"),
}


@pytest.mark.parametrize(("text", "line", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_told_is_refused_with_its_line(tmp_path, text, line, message):
    with pytest.raises(IngestError, match=rf"thread\.txt:{line}: ") as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        (b"Some words.", True),
        (b"", True),
        (b"[Update] Some words\n\nMore.", True),
        (b"<3 this town\n", True),
        (b"One, two, three\n", True),
        (b"na\xefve", True),
        ("words".encode("utf-16"), True),
        (b'{"a": 1}', False),
        (b' [{"a": 1}]', False),
        (b"[]", False),
        (b"<!DOCTYPE html><p>x", False),
        (b"\xef\xbb\xbf<?xml version='1.0'?><x/>", False),
        (b"<p>x</p>", False),
        (b"id,author,text\n1,Jo,Hi\n", False),
        (b"id\tauthor\ttext\n1\tJo\tHi\n", False),
        (b"a\x00b", False),
        (b"\x1f\x8b\x08", False),
        (b"%PDF-1.4", False),
    ],
)
def test_anything_without_the_mark_of_another_form_is_plain_text(tmp_path, text, is_plain):
    for name in ("x.txt", "x.md", "x"):
        (tmp_path / name).write_bytes(text)
        assert (READER.recognise(Source(tmp_path / name)) is not None) == is_plain
    (tmp_path / "x.html").write_bytes(text)
    assert READER.recognise(Source(tmp_path / "x.html")) is None
    assert READER.recognise(Source(tmp_path)) is None


@pytest.mark.parametrize(
    ("shown", "zone", "expected", "missing"),
    [
        ("May 3rd, 2009 at 4:12 pm (UTC+2)", None, "2009-05-03T14:12", None),
        ("Monday, May 04, 2009 8:23:00 AM GMT", None, "2009-05-04T08:23", None),
        ("2009-05-03T16:12:00Z", None, "2009-05-03T16:12", None),
        ("3 May 2009 16:12 EST", None, "2009-05-03T21:12", None),
        ("May 3, 2009 at 12:05 am", datetime.UTC, "2009-05-03T00:05", None),
        ("13/05/2009 16:12", datetime.UTC, "2009-05-13T16:12", None),
        ("05/13/2009 4:12 PM", datetime.UTC, "2009-05-13T16:12", None),
        ("3. Mai 2009 um 16:12", datetime.UTC, "2009-05-03T16:12", None),
        ("03/05/2009 16:12", datetime.UTC, None, "times, because the order of day and month is not certain"),
        ("03/05/09 16:12", datetime.UTC, None, "times, because the order of day and month is not certain"),
        ("May 3, 2009 at 4:12 pm", None, None, "times, because they name no zone (give one with --zone)"),
        ("May 3, 2009 4:12 PM IST", datetime.UTC, None, "times, because their zone has several meanings"),
        ("May 3 at 4:12 pm", datetime.UTC, None, "times, because they name no day of a year"),
        ("4:12 pm", datetime.UTC, None, "times, because they name no day of a year"),
        ("3 years ago", datetime.UTC, None, "times, because they count from a day that is not known"),
        ("February 30, 2009 4:12 pm", datetime.UTC, None, "times, because they cannot be read"),
    ],
)
def test_times_are_taken_where_day_time_and_zone_are_certain(tmp_path, shown, zone, expected, missing):
    thread, losses = read(tmp_path, f"T\n\nBody.\n\nComments\n\nJo | {shown}\n\nHi.\n", zone=zone)
    [comment] = thread.comments
    assert comment.byline == f"Jo | {shown}"
    assert (comment.posted_at.isoformat()[:16] if comment.posted_at else None) == expected
    assert losses.get("missing") == ({missing: 1} if missing else None)


def test_one_date_of_a_page_tells_the_order_of_day_and_month_for_all(tmp_path):
    text = "T\n\nBody.\n\nJo | 03/05/2009 10:00\n\nHi.\n\nMax | 13/05/2009 10:00\n\nHo.\n"
    thread, _ = read(tmp_path, text, zone=datetime.UTC)
    assert [one.posted_at.isoformat()[:10] for one in thread.comments] == ["2009-05-03", "2009-05-13"]
    thread, _ = read(tmp_path, text + "\nAnn | 05/14/2009 10:00\n\nHm.\n", zone=datetime.UTC)
    assert [one.posted_at for one in thread.comments] == [None, None, None]


def test_a_date_below_a_comment_is_part_of_its_byline_and_no_words(tmp_path):
    text = f"{ARTICLE}\nJo said...\n\nHi.\n\nMay 3, 2009 at 4:12 PM\n\nMax said...\n\nHo.\n\nMay 4, 2009 at 4:12 PM\n"
    thread, _ = read(tmp_path, text, zone=datetime.UTC)
    assert [one.byline for one in thread.comments] == [
        "Jo said... May 3, 2009 at 4:12 PM",
        "Max said... May 4, 2009 at 4:12 PM",
    ]
    assert [one.posted_at.day for one in thread.comments] == [3, 4]
    assert thread.comments[0].locator == f"char={text.index('Hi.')},{text.index('Hi.') + 3}"


def test_a_date_that_ends_one_comment_of_many_is_its_own(tmp_path):
    body = "We meet on\n\nMay 3, 2009"
    text = f"{ARTICLE}\nJo said...\n\n{body}\n\nMax said...\n\nHo.\n\nAnn said...\n\nHm.\n"
    assert comments(tmp_path, text)[0] == ("Jo", body)


def test_a_word_of_buttons_that_stands_once_is_the_commenters(tmp_path):
    text = f"{ARTICLE}\nJo said...\n\nI like it\nLike\n\nMax said...\n\n3\n\nAnn said...\n\nShare\n"
    assert comments(tmp_path, text) == [("Jo", "I like it\nLike"), ("Max", "3"), ("Ann", "Share")]


def test_buttons_below_every_comment_are_left_out_and_counted(tmp_path):
    text = f"{ARTICLE}\nJo said...\n\nHi.\nReply Delete\n\nMax said...\n\nLike\nReply Delete\n\nAnn said...\n\nHm.\nReply Delete\n"
    thread, losses = read(tmp_path, text)
    assert [one.text for one in thread.comments] == ["Hi.", "Like", "Hm."]
    assert losses["lost"] == {ASIDE: 3}


def test_a_comment_of_a_picture_has_no_words_where_the_page_shows_that_it_is_one(tmp_path):
    thread, _ = read(tmp_path, f"{ARTICLE}\n2 comments:\n\nJo said...\n\nMax said...\n\nHo.\n")
    assert [one.text for one in thread.comments] == ["", "Ho."]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("This comment has been removed by the author.", "deleted"),
        ("Dieser Kommentar wurde vom Autor entfernt.", "deleted"),
        ("このコメントは投稿者によって削除されました。", "deleted"),
        ("Этот комментарий был удален администратором блога.", "removed"),
        ("This comment has been removed by a blog administrator.", "removed"),
        ("This comment has been removed by the author. A pity!", "comment"),
    ],
)
def test_what_the_page_says_in_place_of_a_comment_is_none(tmp_path, words, kind):
    thread, _ = read(tmp_path, f"{ARTICLE}\nJo said...\n\n{words}\n\nMax said...\n\nHo.\n")
    assert [(one.kind, one.text) for one in thread.comments] == [(kind, words), ("comment", "Ho.")]
    assert (thread.comments[1].start is None) == (kind != "comment")


def test_the_author_of_the_article_is_named_where_the_page_names_one(tmp_path):
    below = f"{ARTICLE}\nPosted by Ed on May 2, 2009 at 10:00\n\nJo said...\n\nHi.\n"
    thread, _ = read(tmp_path, below)
    assert (thread.article.name, thread.article.byline) == ("Ed", "Posted by Ed on May 2, 2009 at 10:00")
    assert below[thread.article.byline_start :].startswith("Posted by Ed")
    above = "T\n\nPosted by Ed on May 2, 2009 at 10:00\n\nBody.\n\nJo said...\n\nHi.\n"
    thread, _ = read(tmp_path, above)
    # Between headline and words it cannot be taken out of a slice.
    assert (thread.article.name, thread.article.byline, thread.article.start) == ("Ed", None, 0)
    thread, _ = read(tmp_path, above.replace("Jo said", "1 comment:\n\nJo said"))
    assert (thread.article.name, thread.article.text) == ("Ed", "T\n\nBody.")


@pytest.mark.parametrize(
    ("byline", "name", "nothing", "form"),
    [
        ("Posted by Ed Ray at 12:11 PM", "Ed Ray", "No comments:", "Post a Comment"),
        ("Eingestellt von Ed Ray um 21:11", "Ed Ray", "Keine Kommentare:", "Kommentar posten"),
        ("EINGESTELLT VON ED UM 21:11", "ED", "KEINE KOMMENTARE:", "KOMMENTAR VERÖFFENTLICHEN"),
        ("Publié par Ed à 08:00", "Ed", "Aucun commentaire:", "Enregistrer un commentaire"),
        ("Publicado por Ed en 8:00", "Ed", "No hay comentarios:", "Publicar un comentario"),
        ("Postado por Ed às 08:00", "Ed", "Nenhum comentário:", "Postar um comentário"),
        ("Pubblicato da Ed alle 08:00", "Ed", "Nessun commento:", "Posta un commento"),
        ("Geplaatst door Ed op 08:00", "Ed", "Geen opmerkingen:", "Een reactie posten"),
        ("Publicada por Ed à(s) 08:00", "Ed", "Sem comentários:", "Enviar um comentário"),
        ("Upplagd av Ed kl. 08:00", "Ed", "Inga kommentarer:", "Skicka en kommentar"),
        ("Автор: Ed на 08:00", "Ed", "Комментариев нет:", "Отправить комментарий"),
        ("Diposting oleh Ed di 08.00", "Ed", "Tidak ada komentar:", "Posting Komentar"),
        ("Posted by Ed at 8:00", "Ed", "0 件のコメント:", "コメントを投稿"),
        ("Posted by Ed at 8:00", "Ed", "ليست هناك تعليقات:", "إرسال تعليق"),
    ],
)
def test_a_page_that_says_it_has_no_comments_has_none(tmp_path, byline, name, nothing, form):
    text = f"{ARTICLE}\n{byline}\nLabels: boats\n{nothing}\n\n{form}\n\nNewer Post\n\nRecent\n\nAnn said...\n\nHi.\n"
    thread, losses = read(tmp_path, text)
    assert thread.comments == ()
    assert (thread.article.text, thread.article.name) == (ARTICLE.rstrip(), name)
    assert losses["lost"][ASIDE] > 0


@pytest.mark.parametrize("layout", ["{name}\n{date}\n", "{name} {date}\n", "{name}{date}\n"])
@pytest.mark.parametrize(
    ("date", "buttons", "heading"),
    [
        ("12 September 2016 at 07:34", "ReplyDelete", "2 comments:"),
        ("Montag, 12. September 2016 um 07:34", "AntwortenLöschen", "2 Kommentare:"),
        ("12 septembre 2016 à 07:34", "RépondreSupprimer", "2 commentaires:"),
        ("12 de septiembre de 2016, 7:34", "ResponderEliminar", "2 comentarios:"),
        ("12 de setembro de 2016 às 07:34", "ResponderExcluir", "2 comentários:"),
        ("12 settembre 2016 alle ore 07:34", "RispondiElimina", "2 commenti:"),
        ("12 сентября 2016 г. в 07:34", "ОтветитьУдалить", "2 комментария:"),
        ("2016年9月12日 7:34", "返信削除", "2 件のコメント:"),
        ("2016年9月12日 上午7:34", "回覆刪除", "2 則留言:"),
        ("2016년 9월 12일 오전 7:34", "답글삭제", "댓글 2개:"),
        ("12 September 2016 pukul 07.34", "BalasHapus", "2 komentar:"),
        ("12 Eylül 2016 07:34", "YanıtlaSil", "2 yorum:"),
        ("12 września 2016 07:34", "OdpowiedzUsuń", "2 komentarze:"),
        ("12 september 2016 kl. 07:34", "SvaraRadera", "2 kommentarer:"),
        ("12. září 2016 v 7:34", "OdpovědětVymazat", "2 komentáře:"),
        ("12 سبتمبر 2016 في 7:34 ص", "ردحذف", "هناك تعليقان (2):"),
    ],
)
def test_blogs_of_many_languages_are_read_alike(tmp_path, layout, date, buttons, heading):
    rows = [
        f"{layout.format(name=name, date=date)}{words}\n\n{buttons}\n"
        for name, words in (("Jo R", "A."), ("Max", "B."))
    ]
    text = f"{ARTICLE}\nPosted by Ed at 8:00\n{heading}\n\n{''.join(rows)}"
    thread, _ = read(tmp_path, text, zone=datetime.UTC)
    assert [(one.name, one.text) for one in thread.comments] == [("Jo R", "A."), ("Max", "B.")]
    assert {one.posted_at for one in thread.comments} == {datetime.datetime(2016, 9, 12, 7, 34, tzinfo=datetime.UTC)}
    assert thread.article.name == "Ed"


@pytest.mark.parametrize(
    ("shown", "hour"),
    [("下午7:34", 19), ("午前7:34", 7), ("오후 12:34", 12), ("上午12:34", 0), ("7:34 م", 19), ("12:34 ص", 0)],
)
def test_halves_of_the_day_have_names_in_many_languages(tmp_path, shown, hour):
    text = f"{ARTICLE}\n1 comment:\nJo\n2016年9月12日 {shown}\nHi.\n"
    thread, _ = read(tmp_path, text, zone=datetime.UTC)
    assert thread.comments[0].posted_at == datetime.datetime(2016, 9, 12, hour, 34, tzinfo=datetime.UTC)


def test_the_line_that_signs_the_article_begins_no_comment_where_no_other_is_found(tmp_path):
    text = f"{ARTICLE}\nPosted by Ed at 8:00\n2 comments:\n\nsomebody, long ago\nHi.\n\nsomebody else\nHo.\n"
    with pytest.raises(IngestError, match=r"'2 comments:' announces comments"):
        read(tmp_path, text)


def test_a_list_of_other_pages_with_their_days_is_none_of_comments(tmp_path):
    margin = "".join(
        f"Recipe {name}\nApril {day}, 2020\n" for day, name in enumerate(("Jalebi", "Soup", "Fry", "Curry"), 1)
    )
    thread, losses = read(tmp_path, f"{ARTICLE}\nYou might like\n\n{margin}Copyright\n")
    assert thread.comments == ()
    assert "Recipe Soup" in thread.article.text
    assert losses["doubtful"] == {"lines that look like bylines and were read as text (lines 8, 10, 12, 14)": 4}


def test_what_counts_no_comments_below_comments_ends_none(tmp_path):
    text = f"{ARTICLE}\nJo said...\n\nHi.\n\nMax said...\n\nHo.\n\n0 comments\n"
    assert [name for name, _ in comments(tmp_path, text)] == ["Jo", "Max"]


def test_a_date_above_the_headline_is_the_date_of_the_article(tmp_path):
    thread, _ = read(tmp_path, "Wednesday, March 02, 2011\nT\n\nBody.\n\nJo said...\n\nHi.\n")
    assert (thread.title, thread.date) == ("T", "2011-03-02")
    assert thread.article.text == "Wednesday, March 02, 2011\nT\n\nBody."
    assert [block.label for block in thread.article.blocks] == ["paragraph", "headline", "paragraph"]


def test_a_number_of_comments_that_is_not_found_is_to_be_looked_at(tmp_path):
    _, losses = read(tmp_path, f"{ARTICLE}\n3 comments:\n\nJo said...\n\nHi.\n")
    assert losses["doubtful"] == {"headings that announce 3 comments, where 1 were found": 1}


def test_who_answers_somebody_with_several_comments_answers_nobody_for_sure(tmp_path):
    text = f"{ARTICLE}\nJo • 3 years ago\nA.\n\nJo • 3 years ago\nB.\n\nMax → Jo • 2 years ago\nC.\n"
    thread, losses = read(tmp_path, text)
    assert [one.parent for one in thread.comments] == [None, None, None]
    assert losses["lost"] == {"answers to somebody with several comments or none: what they answer": 1}


def test_one_blank_more_is_no_answer(tmp_path):
    thread, _ = read(tmp_path, f"{ARTICLE}\nJo said...\n\nHi.\n\n Max said...\n\nHo.\n\n\tAnn said...\n\nHm.\n")
    assert [one.parent for one in thread.comments] == [None, None, "2"]


def test_signs_without_width_do_not_hide_a_byline(tmp_path):
    text = f"{ARTICLE}\n\u200bJo said...\u200b\n\n\u200e\nHi.\n\n\u00a0Max\u00a0Ray said...\u00a0\n\nHo.\f\n"
    found = comments(tmp_path, text)
    assert [name for name, _ in found] == ["Jo", "Max\u00a0Ray"]
    assert found[1][1] == "Ho."


def test_no_more_than_twenty_doubtful_lines_are_named(tmp_path):
    text = ARTICLE + "".join(f"\nA, 3 May 2009 10:{i}\nx\nB wrote:\ny\nC wrote:\nz\n" for i in range(10, 25))
    _, losses = read(tmp_path, text)
    [(reason, n)] = losses["doubtful"].items()
    assert (n, reason.count(","), reason.endswith(", ...)")) == (30, 20, True)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 3_000_000,
        " " * 3_000_000 + "x",
        "a\n" * 50_000,
        "\n" * 300_000 + "x",
        "T\n\n" + "Jo said...\nx\n" * 5_000,
        "T\n\n" + "3 " * 500_000,
        "T\n" + "> " * 500_000 + "x",
        "T\n\n" + "No comments:\n" * 5_000 + "x",
        "T\n\n" + "1" * 79 + "x",
    ],
)
def test_large_files_are_read_in_one_go(tmp_path, text):
    thread, _ = read(tmp_path, text)
    assert thread.article.text


def test_long_first_lines_are_no_headline(tmp_path):
    thread, _ = read(tmp_path, "word " * 200 + "\n\nMore.")
    assert thread.title is None
    assert [block.label for block in thread.article.blocks] == ["paragraph", "paragraph"]


LINES = st.sampled_from(
    [
        "",
        "",
        " ",
        "Jo said...",
        "word",
        "two words",
        "é😀",
        "\t",
        "A said… b",
        "x said...",
        "\ufeff",
        "\r",
        "\u200b",
        "Jo said:",
        "Max — May 3, 2009 4:12 pm",
        "May 3, 2009",
        "Posted by Jo on May 3, 2009",
        "2 comments:",
        "Comments",
        "Reply",
        "3",
        "> Jo said...",
        "    Max said...",
        "3 days ago",
        "Max → Jo • 3 days ago",
        "No comments:",
        "Post a Comment",
        "\u2028",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=16).map("\n".join))
def test_every_visible_character_is_in_exactly_one_text_or_byline_unless_texts_carry_their_words(
    tmp_path_factory, text
):
    tmp_path = tmp_path_factory.getbasetemp()
    try:
        thread, losses = read(tmp_path, text)
    except IngestError as problem:
        assert problem.line >= 1
        return
    texts = [one for one in (thread.article, *thread.comments) if one]
    if texts[0].start is None:
        assert all(one.start is None and one.locator.startswith("char=") for one in texts)
        return
    pieces = sorted(
        [(one.start, one.start + len(one.text)) for one in texts]
        + [(one.byline_start, one.byline_start + len(one.byline)) for one in texts if one.byline]
    )
    assert uncovered(text, pieces) == []
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(pieces))
    assert all(text[one.start : one.start + len(one.text)] == one.text for one in texts)
    assert ASIDE not in losses.get("lost", {})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([text.encode() for text, *_ in PASTES.values()]), st.data())
def test_broken_pastes_give_threads_or_an_error(tmp_path_factory, raw, data):
    start, end = sorted(data.draw(st.tuples(st.integers(0, len(raw)), st.integers(0, len(raw)))))
    change = data.draw(
        st.sampled_from([b"", raw[start:end] * 2, b"\x00", b"\xff", "ſept 3, 2009 10:00".encode(), b"\n"])
    )
    with contextlib.suppress(IngestError):
        read(tmp_path_factory.getbasetemp(), raw[:start] + change + raw[end:])


@given(st.text(max_size=60))
def test_any_line_is_a_byline_a_date_a_heading_or_none(line):
    found = byline(line)
    assert found is None or found.name
    alone(line)
    marker(line)


@pytest.fixture
def empty(mini):
    """The mini corpus with nothing ingested."""
    for name in ("texts", "sources", "annotations"):
        shutil.rmtree(mini / name)
    (mini / "scheme/mentions.toml").unlink()
    (mini / "scheme/tone.toml").unlink()
    text = (mini / "corpus.toml").read_text(encoding="utf-8")
    (mini / "corpus.toml").write_text(text.split("[[annotators]]")[0], encoding="utf-8")
    return mini


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pasted_threads_make_a_sound_corpus(empty, tmp_path, end):
    for number, (text, _, expected) in enumerate(PASTES.values()):
        # No two may have the same article, or they are one thread.
        (tmp_path / f"t{number}.txt").write_bytes(text.replace("Ferry", f"Ferry {number}").replace("\n", end).encode())
        report = ingest(tmp_path / f"t{number}.txt", into=empty)
        assert (report.form, report.n_comments) == ("plain-text", len(expected))
    assert validate(empty) == []
    assert load(empty, "draft").comments.height == sum(len(expected) for *_, expected in PASTES.values())


@pytest.mark.parametrize("said", ["5", "reply ", "1 like ", "like 1 "])
def test_a_line_that_is_nearly_of_buttons_only_is_not_tried_in_every_way(said):
    """In each of thousands of ways it would take for ever, so that this test would not end."""
    assert clicked((said * 80)[:79].rstrip() + "~") is None
