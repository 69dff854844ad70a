"""Lines that pages print around comments: who wrote one and when, where the comments begin and end, buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus_tools.ingest.parts.pasted_moments import WHEN, has_clock, has_day, is_relative, may_be_dated

LONGEST = 240
"""Characters of a line that is looked at; what platforms print is shorter."""
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters without width, which pasting leaves about."""

_NAME = r"(?P<name>\S(?:.{0,78}?\S)?)"
_TO = r"(?P<to>\S(?:.{0,78}?\S)?)"
_NUMBER = r"(?P<number>(?:#\s?\d{1,6}[.):]?|\d{1,6}[.):]|\[\d{1,6}\])\s+)?"
_WHEN = f"(?P<when>{WHEN})"
_VERBS = (
    "said|says|wrote|writes|commented|replied|replies|responded|responds|answered|posted|added|"
    "hat gesagt|sagte|sagt|schrieb|schreibt|meinte|meint|kommentierte|kommentiert|antwortete|hat geschrieben|"
    "a dit|a écrit|dit|écrit|a répondu|dijo|dice|escribió|escribe|comentó|respondió|"
    "disse|diz|escreveu|comentou|respondeu|ha detto|ha scritto|scrive|ha risposto|zei|zegt|schreef|reageerde|"
    "комментирует|пишет|сказал|сказала|ответил|ответила|сказал\\(а\\)|sa|sade|säger|skrev|sagde|sier|kirjoitti|sanoi|"
    "napisał|napisała|pisze|powiedział|powiedziała|dedi ki|řekl|řekla"
)
_SAID = rf"(?:\s+(?P<verb>{_VERBS})|\s?(?P<verb2>さんのコメント|说道|說道|说|說|提到|님의 말|님이 말함))"
_DOTS = r"\s?(?:\.{2,4}|…)"
_COLON = r"\s?[:：]"
_REPLYING = rf"(?:\s+(?:to|an|à|a|aan)\s+@?{_TO})?"
_ON = r"(?:(?:on|at|am|um|le|à|el|en|em|às|à\(s\)|il|alle|op|om|den|kl\.?|klo|på|di|в|на)\s+)"
_PLACED = rf"(?:\s*[,|·•@/—–-]\s*|\s+)(?:{_ON})?"
_BY = (
    r"(?P<by>(?:comment|reply|response|posted|submitted|written|left|added|published)\s+(?:by|from)|by|"
    r"(?:kommentar|geschrieben|verfasst|gepostet|eingestellt)\s+von|von|commentaire\s+(?:de|par)|"
    r"(?:rédigé|écrit|posté|publié|envoyé)\s+par|par|(?:publicad[oa]|escrito|enviado|postado)\s+por|"
    r"(?:upplagd|lagt\s+inn)\s+av|indsendt\s+af|lähettänyt|diposting\s+oleh|gönderen|autor(?=\s?:)|автор(?=\s?:)|"
    r"coment[aá]rio\s+de|(?:scritto|pubblicato|inviato|postato)\s+da|commento\s+di|(?:geplaatst|gepost)\s+door|door)\s?:?\s+"
)
_REPLY = (
    r"(?:reply|antworten|répondre|responder|rispondi|beantwoorden|ответить|відповісти|svara?|vastaa|odpowiedz|odpovědět|"
    r"yanıtla|balas|trả\s+lời|απάντηση|răspundeți|válasz|رد|返信|回复|回覆|답글)"
)
_DELETE = (
    r"(?:delete|löschen|supprimer|eliminar|borrar|excluir|elimina|verwijderen|удалить|видалити|radera|ta\s+bort|slett?|"
    r"poista|usuń|vymazat|odstranit|sil|hapus|xóa|διαγραφή|ștergere|törlés|حذف|削除|删除|刪除|삭제)"
)
# No word stands here twice, nor can two be read as one: lines of them would be tried in each of thousands of ways.
_WORDS = (
    rf"(?:{_REPLY}|{_DELETE}|"
    r"(?:replies|thread|edit|report|flag|like|likes|share|permalink|link|quote|upvote|downvote|parent|next|"
    r"prev|root|context|save|give award|melden|teilen|gefällt mir|zitieren|"
    r"signaler|partager|j['’]aime|denunciar|compartir|me gusta|"
    r"curtir|segnala|"
    r"condividi|mi piace|reageren|пожаловаться|"
    r"(?:log\s?in|sign\s?in)\s+to\s+(?:reply|comment)|reply\s+to\s+this(?:\s+comment)?|report\s+(?:this|abuse|comment)|"
    r"rate\s+this|thumbs?\s+up|thumbs?\s+down|see\s+more|show\s+more|read\s+more|view\s+in\s+discussion|"
    r"(?:hide|show|view)\s+(?:all\s+)?(?:\d+\s+)?repl(?:y|ies)|\d+\s+(?:points?|votes?)|"
    r"(?:like|likes|upvote|recommend)\d+|recommended\s*\(?\d+\)?|recommend|avatar|loading\.\.\.|(?<!\d)\d{1,5}(?!\d)|#))"
)
_TAIL = rf"(?P<tail>(?:[\s|·•–—()\[\]/-]+{_WORDS})*[\s|·•()\[\]–—-]*)"
_ARROW = r"(?:→|▶|➤|➜|↪|>|»|›|replied\s+to|in\s+reply\s+to)"
_SCORE = r"(?:(?:\s+|\s*[·•|]\s*)-?\d[\d.,k]*\s+(?:points?|likes?|votes?))?"
_BREAK = (
    r"(?P<sep>\s*[|·•@/]\s*|\s*[—–]\s*|\s+-+\s+|\s*,\s*|\s*\(|\s*\[|\s*:\s*|\s+on\s+|\s+at\s+|\s+am\s+|\s+le\s+|\s+el\s+|"
    r"\s+em\s+|\s+il\s+|\s+op\s+|\t+\s*|\s{2,}|\s+)"
)
_PATTERNS = tuple(
    (style, dated, re.compile(pattern, re.I))
    for style, dated, pattern in (
        ("date, said", True, rf"(?:{_ON})?{_WHEN}\s*[,:–—-]?\s+{_NAME}{_SAID}(?:{_DOTS}|{_COLON})"),
        ("said on date", True, rf"{_NUMBER}{_NAME},?{_SAID}{_REPLYING}(?:{_DOTS})?,?{_PLACED}{_WHEN}\s?[:.]?{_TAIL}"),
        ("on date said", True, rf"{_NUMBER}{_NAME}{_PLACED}{_WHEN}\s*,?{_SAID}(?:{_DOTS}|{_COLON})?"),
        ("said...", False, rf"{_NUMBER}{_NAME}{_SAID}{_REPLYING}{_DOTS}"),
        ("said:", False, rf"{_NUMBER}{_NAME}{_SAID}{_REPLYING}{_COLON}"),
        ("by, date", True, rf"(?:#\s+)?{_NUMBER}{_BY}{_NAME}{_PLACED}[(\[]?{_WHEN}[)\]]?{_TAIL}[:.]?"),
        (
            "comment by",
            False,
            rf"{_NUMBER}(?P<by>(?:comment|reply|response)\s+(?:by|from)|kommentar\s+von|commentaire\s+(?:de|par)|"
            rf"coment[aá]rio\s+de|commento\s+di)\s?:?\s+{_NAME}\s?:?",
        ),
        (
            "posted by",
            False,
            rf"(?P<by>(?:posted|submitted|written)\s+by|eingestellt\s+von|(?:publicado|postado)\s+por|publié\s+par|pubblicato\s+da|geplaatst\s+door)\s?:?\s+{_NAME}\s?:?",
        ),
        ("dash, date", True, rf"(?:[—–]\s*|-{{1,2}}\s+|~\s*){_NAME}{_PLACED}[(\[]?{_WHEN}[)\]]?"),
        # Browsers copy no blank between a name and a date that only the style sheet keeps apart.
        (
            "name, day glued",
            True,
            rf"{_NAME}(?:(?<=[^\W\d_])|(?<=[\w.)!*])(?=[^\W\d_]))(?P<sep>){_WHEN}{_TAIL}",
        ),
        ("date, name", True, rf"\[{_WHEN}\]\s*[—–|·-]?\s*{_NAME}\s?:?"),
        (
            "name, date",
            True,
            rf"(?:\[[–+-]\]\s*)?{_NUMBER}{_NAME}(?:\s*{_ARROW}\s*@?{_TO})?{_SCORE}{_BREAK}(?:{_ON})?{_WHEN}[)\]]?{_TAIL}:?",
        ),
        ("name, date glued", True, rf"{_NAME}(?<=[^\W\d_])(?P<sep>){_WHEN}"),
        ("replied to", False, rf"{_NUMBER}{_NAME}\s+(?:replied\s+to|in\s+reply\s+to|antwortete)\s+@?{_TO}\s?[:：]?"),
    )
)
_VERB_ALONE = re.compile(rf"(?:{_VERBS})(?:{_DOTS}|{_COLON})", re.I)
_ANY_WHEN = re.compile(WHEN, re.I)
_MAYBE = re.compile(
    r"\d|(?:\.\.|…|[:：])$|\b(?:by|from|to|von|par|de|di|antwortete)\b|today|yesterday|now$",
    re.I,
)
_ALONE = re.compile(
    r"(?:[—–•·-]\s*)?(?:(?:posted|written|submitted|commented|published|time|date|datum|fecha|data)\b\s?:?\s*(?:on|at|am)?\s*|"
    rf"{_ON})?[(\[]?(?P<when>{WHEN})[)\]]?\s?[.:]?{_TAIL}",
    re.I,
)
_MARKER = re.compile(
    r"(?:#{1,6}\s*|[*_=~—–-]+\s*)?(?:(?P<n>\d{1,6}|no|one|two|three|four|five|six|seven|eight|nine|ten)\s+)?"
    r"(?:reader\s+|user\s+|all\s+|the\s+)?"
    r"(?:comments?|kommentare?|commentaires?|comentarios?|comentários?|commenti?o?|reacties?|комментари(?:й|я|и|ев)|"
    r"opmerking(?:en)?|kommentarer|kommenttia?|komentarz[ey]?|komentář[eů]?|komentar|коментар(?:і|ів)?|comentarii|yorum|"
    r"nhận\s+xét|件のコメント|条评论|則留言|"
    r"(?P<vague>responses?|thoughts?|replies|antworten|réponses?|respuestas?|risposte|discussion))"
    r"(?:\s*[(\[:]\s*(?P<n2>\d{1,6})\s*[)\]]?)?"
    r"(?P<on>\s+(?:to|on|about|so\s+far|zu|à|sur|a|en|su|op)\b.{0,200})?\s*[:：»›]?\s*[*_=~—–-]*",
    re.I,
)
_NONE = re.compile(
    r"(?:keine\s+kommentare|aucun\s+commentaire|(?:no\s+hay|sin)\s+comentarios|nenhum\s+comentário|sem\s+comentários|"
    r"nessun\s+commento|geen\s+(?:reacties|opmerkingen)|комментариев\s+нет|нет\s+комментариев|немає\s+коментарів|"
    r"ing(?:a|en)\s+kommentarer|ei\s+kommentteja|brak\s+komentarzy|žádné\s+komentáře|žiadne\s+komentáre|"
    r"nincsenek\s+megjegyzések|niciun\s+comentariu|nema\s+komentara|cap\s+comentari|hiç\s+yorum\s+yok|"
    r"tidak\s+ada\s+komentar|không\s+có\s+nhận\s+xét\s+nào|δεν\s+υπάρχουν\s+σχόλια|ليست\s+هناك\s+تعليقات|"
    r"אין\s+תגובות|コメントはありません|0\s*件のコメント|没有评论|沒有留言|댓글\s+없음)\s*[:：.]?",
    re.I,
)
"""That there are no comments, where a language says so in other words than `0 comments`."""
_COUNTS = {"no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_OTHER_MARKER = re.compile(r"(?P<n>\d{1,6})(?:\s[^\W\d_]{2,20}){1,4}\s?:")
_BELOW_ARTICLE = re.compile(
    r"(?:labels|tags|etiquetas|libellés|etichette|marcadores|ярлыки|categor(?:y|ies)|kategorien?|filed\s+under|posted\s+in)"
    r"\b\s?:?\s.{1,200}|.{0,60}blogthis.{0,160}|(?:email|share|tweet|print|like)\s+this\b.{0,60}|links\s+to\s+this\s+post\b.{0,20}|you\s+can\s+follow\s+this\s+conversation\b.{0,160}",
    re.I,
)
_FOOTER = re.compile(
    r"(?:post|leave|add|write|submit)\s+(?:(?:a|your|a\s+new)\s+)?(?:comment|reply|response)\b.{0,40}|cancel\s+reply|"
    r"(?:newer|older)\s+posts?\b.{0,40}|subscribe\s+to:?\s+.{0,60}|(?:load|show|view)\s+more\s+comments|"
    r"(?:the\s+)?comments?\s+(?:(?:to|for|on)\s+this\s+\w+\s+)?(?:are|is)\s+(?:now\s+)?closed\b.{0,40}|[«←‹]?\s*(?:older|newer|previous|next)\s+comments\s*[»→›]?|"
    r"kommentar\s+(?:veröffentlichen|hinterlassen|schreiben|hinzufügen|posten)|schreibe?n?\s+(?:sie\s+)?einen\s+kommentar\b.{0,40}|"
    r"neuerer\s+post\b.{0,40}|(?:enregistrer|laisser|ajouter|publier)\s+un\s+commentaire\b.{0,40}|"
    r"(?:publicar|deja|dejar|añadir)\s+(?:un\s+)?comentario\b.{0,40}|(?:postar|enviar|deixe|adicionar)\s+(?:um\s+)?comentário\b.{0,40}|"
    r"(?:posta|lascia|aggiungi)\s+(?:un\s+)?commento\b.{0,40}|een\s+reactie\s+(?:posten|plaatsen)\b.{0,40}|"
    r"отправить\s+комментарий|добавить\s+комментарий|дописати\s+коментар|(?:skicka|send|legg\s+inn)\s+en\s+kommentar|"
    r"lähetä\s+kommentti|prześlij\s+komentarz|okomentovat|megjegyzés\s+küldése|trimiteți\s+un\s+comentariu|"
    r"yorum\s+gönder|posting\s+komentar|đăng\s+nhận\s+xét|δημοσίευση\s+σχολίου|إرسال\s+تعليق|コメントを投稿|"
    r"发表评论|張貼留言|댓글\s+쓰기",
    re.I,
)
_GLUED = _REPLY + _DELETE
_CLICKED = re.compile(
    rf"[\s|·•–—()\[\]/‹›»«↓↑▲▼△▽+−-]*(?:{_WORDS}[\s|·•–—()\[\]/‹›»«↓↑▲▼△▽:+−-]*)+|{_GLUED}|[|·•–—‹›»«↓↑▲▼△▽−+]+|[=_*~—–#-]{{3,}}",
    re.I,
)
_SURE = re.compile(
    rf"{_GLUED}|reply|delete|permalink|antworten|löschen|répondre|supprimer|responder|eliminar|rispondi|elimina|"
    rf"beantwoorden|verwijderen|ответить|удалить|返信|削除|回复|删除|回覆|刪除|답글|삭제|"
    rf"log in to reply|reply to this comment|[=_*~—–#-]{{3,}}",
    re.I,
)
_PRONOUNS = frozenset(
    "i he she they it we you who someone somebody everyone nobody one this that which what er sie es ich wir il elle "
    "je on nous él ella yo ele ela eu lui lei io hij zij ze ik он она я они мы".split()
)
_JOINING = frozenset(
    "and but so then when as if because while later also after before where since although though however yet or for "
    "once until now here there thus suddenly today yesterday und aber dann als wie et mais puis comme y pero entonces "
    "como e ma poi come en maar toen".split()
)
_LABELS = frozenset(
    "published updated posted last edited modified created date filed on at in from since until sent received first "
    "stand aktualisiert veröffentlicht erstellt publié mis publicado actualizado atualizado pubblicato aggiornato "
    "geplaatst gepubliceerd copyright © photo retrieved accessed updated: published: date: time: time".split()
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a line says that looks as if a platform had printed it to say who wrote a comment."""

    style: str
    """What the bylines of one page have in common: the order of its parts, its verb, its marks."""
    name: str
    when: str | None = None
    """Date or time as printed."""
    to: str | None = None
    """The name of whom the comment answers."""
    strong: bool = True
    """Whether hardly anybody but a platform writes such a line."""
    is_prose: bool = False
    """Whether it reads like words that introduce a quotation."""
    is_sentence: bool = False
    """Whether it begins as sentences do and names seldom."""

    @property
    def is_said(self) -> bool:
        """Whether it has a verb of saying, so that what was said comes below."""
        return "said" in self.style

    @property
    def is_undated(self) -> bool:
        """Whether it is a name and a verb of saying and no more."""
        return self.style.startswith(("said...", "said:"))


def shown(line: str) -> str:
    """A line without what cannot be seen at its ends."""
    return line.strip().strip(UNSEEN).strip().strip(UNSEEN)


def byline(line: str) -> Byline | None:
    """The byline that a line may be; None for any other."""
    if len(line) > LONGEST or not line or not _MAYBE.search(line):
        return None
    dated = _has_when(line)
    for style, needs_date, pattern in _PATTERNS:
        if needs_date and not dated:
            continue
        if (match := pattern.fullmatch(line)) and (made := _made(style, match)):
            return made
    return None


def is_verb(line: str) -> bool:
    """Whether a line is `said...` and no more, as programs copy a page of which the name stands in an element."""
    return len(line) <= LONGEST and _VERB_ALONE.fullmatch(line) is not None


def _has_when(line: str) -> bool:
    return may_be_dated(line) and _ANY_WHEN.search(line) is not None


def _made(style: str, match: re.Match[str]) -> Byline | None:
    parts = match.groupdict()
    name, when = _unmarked(shown(parts["name"])), parts.get("when")
    verb = (parts.get("verb") or parts.get("verb2") or "").casefold()
    words = name.split()
    first = words[0].casefold().rstrip(",") if words else ""
    if not name:
        return None
    if style.startswith("said") or verb:
        if (first in _PRONOUNS and len(words) == 1) or name[-1] in ",;:":
            return None
        titled = all(not word[0].islower() for word in words)
        sentence = (first in _PRONOUNS and not titled) or (
            first in _JOINING and 1 < len(words) <= (2 if titled else 99)
        )
        lower = sum(word[0].islower() for word in words)
        prose = (len(words) >= 3 and lower * 2 >= len(words)) or (len(words) > 1 and first in ("the", "a", "an"))
        kind = style if when else f"{style} {verb}"
        return Byline(kind, name, when, _to(parts), style != "said:", prose, sentence)
    if not is_name(name) or _has_when(name):
        return None
    if style == "name, day glued":
        return Byline(style, name, when) if has_clock(when or "") and has_day(when or "") else None
    if style == "name, date glued":
        return Byline(style, name, when, strong=_is_exact(when or "")) if has_clock(when or "") else None
    if style == "name, date":
        mark = " ".join(parts["sep"].split()).casefold() or " "
        if mark == " " and len(parts["sep"]) == 1 and not parts["number"] and not _is_exact(when or ""):
            return None
        return Byline(
            f"{style} {mark}", name, when, _to(parts), strong=_is_printed(when or "") or bool(parts["number"])
        )
    by = " ".join((parts.get("by") or "").casefold().split())
    strong = style == "comment by" or by.startswith("comment") or (when is not None and _is_printed(when))
    return Byline(f"{style} {by}".rstrip(), name, when, _to(parts), strong=strong)


def _unmarked(name: str) -> str:
    """A name without the marks of Markdown around it."""
    name = re.sub(r"^#{2,6}\s+", "", name)
    return name[2:-2].strip() if name.startswith("**") and name.endswith("**") and len(name) > 4 else name


def _to(parts: dict[str, str | None]) -> str | None:
    return shown(parts.get("to") or "") or None


def _is_printed(when: str) -> bool:
    return has_clock(when) or is_relative(when)


def _is_exact(when: str) -> bool:
    """Whether it has both day and time of day, or counts back in numbers, as ends of sentences seldom do."""
    return bool(re.search(r"\d", when)) and (is_relative(when) or (has_clock(when) and has_day(when)))


def is_name(text: str) -> bool:
    """Whether a stretch may be somebody's name and is no sentence, no label of a date and no number."""
    words = text.split()
    if not words or len(text) > 60 or len(words) > 6 or words[0].casefold() in _LABELS:
        return False
    if re.search(r"[!?;]\s|[.,]\s+[a-zà-ÿ]", text) or _ANY_WHEN.fullmatch(text):
        return False
    return not re.fullmatch(r"[\W\d_]*[\d_.,:;!?()\[\]{}|/\\<>=+*#%&-][\W\d_]*", text)


def alone(line: str) -> str | None:
    """The date or time that a line consists of, as printed; None for any other line."""
    if len(line) > LONGEST or not line:
        return None
    match = _ALONE.fullmatch(line) if _has_when(line) else None
    return match["when"] if match else None


@dataclass(frozen=True, slots=True)
class Marker:
    """A line such as `5 comments:` that stands above comments."""

    n: int | None
    """How many it announces; None where it gives no number."""
    is_custom: bool = False
    """Whether it has another word for them, so that it may as well be words of a text."""


def marker(line: str) -> Marker | None:
    """The heading of comments that a line may be; None for any other line."""
    if len(line) > LONGEST:
        return None
    match = _MARKER.fullmatch(line)
    if match is None:
        if _NONE.fullmatch(line):
            return Marker(0)
        other = _OTHER_MARKER.fullmatch(line)
        return Marker(int(other["n"]), is_custom=True) if other else None
    n = (match["n"] or match["n2"] or "").casefold()
    number = _COUNTS.get(n, int(n) if n.isdecimal() else None)
    if (match["vague"] or match["on"]) and number is None:
        return None
    return Marker(number)


def is_below_article(line: str) -> bool:
    """Whether a line is what pages print between an article and its comments."""
    return len(line) <= LONGEST and _BELOW_ARTICLE.fullmatch(line) is not None


def is_footer(line: str) -> bool:
    """Whether a line is what pages print below the last comment."""
    return len(line) <= LONGEST and _FOOTER.fullmatch(line) is not None


def clicked(line: str) -> str | None:
    """What a line of buttons, counts and ornaments says, numbers as `0`; None for any other line."""
    if len(line) > 80 or not _CLICKED.fullmatch(line):
        return None
    return re.sub(r"\d+", "0", " ".join(re.sub(r"[|·•–—()\[\]/‹›»«↓↑:]+", " ", line).casefold().split())) or line[0]


def is_sure(said: str) -> bool:
    """Whether what `clicked` gives is seldom anybody's word, even once."""
    return re.fullmatch(rf"(?:{_SURE.pattern})(?:\s+(?:{_SURE.pattern}))*", said, re.I) is not None
