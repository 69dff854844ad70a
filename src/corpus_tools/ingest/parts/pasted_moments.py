"""Dates and times as pages print them beside a name, and what can be said of them for sure."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from corpus_tools.ingest.reading import Reading

_MONTHS = (
    "january jan januar jänner janvier enero janeiro gennaio januari января январь stycznia ocak ledna січня "
    "ianuarie يناير",
    "february feb februar février febrero fevereiro febbraio februari февраля февраль lutego şubat února "
    "лютого februarie فبراير",
    "march mar märz mars marzo março maart марта март marca mart marts maret března березня martie مارس",
    "april apr avril abril aprile апреля апрель kwietnia nisan dubna квітня aprilie أبريل",
    "may mai mayo maio maggio mei мая май maja maj mayıs května травня مايو",
    "june jun juni juin junio junho giugno июня июнь czerwca haziran června червня iunie يونيو",
    "july jul juli juillet julio julho luglio июля июль lipca temmuz července липня iulie يوليو",
    "august aug août agosto augustus августа август sierpnia augusti ağustos agustus srpna серпня أغسطس",
    "september sep sept septembre septiembre setiembre setembro settembre сентября сентябрь września eylül "
    "září вересня septembrie سبتمبر",
    "october oct oktober octobre octubre outubro ottobre октября октябрь października ekim října жовтня "
    "octombrie أكتوبر",
    "november nov novembre noviembre novembro ноября ноябрь listopada kasım listopadu листопада noiembrie نوفمبر",
    "december dec dezember décembre diciembre dezembro dicembre декабря декабрь grudnia desember aralık "
    "prosince грудня decembrie ديسمبر",
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONES = {"utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8}
_ZONES |= {"pdt": -7, "cet": 1, "cest": 2}
"""Names of zones that RFC 5322 gives a meaning to, and two that have but one; hours east of Greenwich."""
_MONTH = "(?:" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\b\.?"
_WEEKDAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|"
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    "(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
    "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|"
    "понедельник|вторник|среда|четверг|пятница|суббота|воскресенье"
)
_DATE = (
    rf"(?:(?:{_WEEKDAYS})\b\.?,?\s+)?(?:"
    rf"{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b"
    rf"|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th|er|º|°|\.)?\s+(?:of\s+|de\s+)?{_MONTH}(?:,?\s+(?:de\s+|del\s+)?\d{{4}}\b(?:\s?г\.)?)?"
    rf"|\d{{1,2}}-{_MONTH}-\d{{4}}\b"
    r"|\d{4}(?:-\d{1,2}-|/\d{1,2}/|\.\d{1,2}\.)\d{1,2}(?!\d)"
    r"|\d{1,2}(?:-\d{1,2}-|/\d{1,2}/|\.\d{1,2}\.)(?:\d{4}|\d{2})(?!\d)"
    r"|\d{4}[年년]\s?\d{1,2}[月월]\s?\d{1,2}[日일])"
)
_CLOCK = (
    r"(?:(?:[上下]午|午[前後]|오[전후])\s?(?:0?\d|1[0-2])[:.][0-5]\d(?::[0-5]\d)?|(?:[01]?\d|2[0-4])(?:[:.]|\s?h\s?)[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:\s?[ap]\.?\s?m\b\.?|\s?[صم]\b)?|1?\d\s?[ap]\.?m\b\.?)"
    r"(?:\s?(?:uhr|hrs?|h)\b)?"
)
_ZONE = r"(?-i:\s?\(?(?:(?:UTC|GMT|[A-Z]{1,3}[SD]?T|CES?T)(?:\s?[+-]\d{1,2}(?::?\d{2})?)?|Z\b|[+-]\d{2}:?\d{2})\)?)"
_BETWEEN = (
    r"(?:\s*[,·•|@/–—-]\s*|\s+|T(?=\d))(?:(?:at|um|à|a\s+las?|às|alle(?:\s+ore)?|om|kl\.?|klo|pukul|v|в|o|u|في|@)\s+)?"
)
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?|[smhdwy])"
_AGO = (
    rf"(?:(?:about|over|almost|less\s+than)\s+)?(?:an?|one|\d{{1,4}})\s?{_UNIT}(?:,?\s+\d{{1,2}}\s?{_UNIT})?\s+ago"
    r"|(?:just\s+now|yesterday|today|gestern|heute|hier|ayer|ieri|ontem|gisteren|вчера|сегодня)"
    r"|vor\s+(?:\d{1,4}|einem|einer)\s+[^\W\d_]{3,9}|il\s+y\s+a\s+(?:\d{1,4}|une?)\s+[^\W\d_]{2,9}"
    r"|(?:hace|há)\s+(?:\d{1,4}|una?|um|uma)\s+[^\W\d_]{3,9}|(?:\d{1,4}|una?)\s+[^\W\d_]{3,9}\s+fa"
    r"|(?:\d{1,4}|een)\s+[^\W\d_]{3,9}\s+geleden|\d{1,4}\s+[^\W\d_]{2,9}\s+назад"
)
WHEN = (
    rf"(?:(?:{_AGO})(?:{_BETWEEN}{_CLOCK})?|{_DATE}(?:{_BETWEEN}{_CLOCK}{_ZONE}?)?|{_CLOCK}{_ZONE}?(?:{_BETWEEN}(?:on\s+)?{_DATE})?)"
    r"(?:\s*(?:[•·,]\s*)?\(?(?:edited|bearbeitet|modifié|editado|modificato)\)?)?"
)
"""A date, a time, or how long ago, as a regular expression without a name in it, to be used without regard to case."""
_NAMED = re.compile(
    rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?\b"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th|er|º|°|\.)?(?:\s+|-)(?:of\s+|de\s+)?(?P<month2>{_MONTH})"
    rf"(?:,?(?:\s+|-)(?:de\s+|del\s+)?(?P<year2>\d{{4}})\b)?",
    re.I,
)
_ISO = re.compile(r"(?<!\d)(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})(?!\d)|[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일])")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_TIME = re.compile(
    r"(?:(?P<before>[上下]午|午[前後]|오[전후])\s?)?(?<![\d:.])(?P<hour>\d{1,2})(?:(?::|\.|\s?h\s?)(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:[.,]\d{1,6})?)?"
    rf"(?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?(?P<half2>[صم])\b)?(?:\s?(?:uhr|hrs?|h)\b)?(?P<zone>{_ZONE})?",
    re.I,
)


_AFTER_NOON = ("p", "م", "下午", "午後", "오후")
_LIKE_WHEN = re.compile(
    r"\d(?:[:.]|\s?h\s?)[0-5]\d|\d\s?[ap]\.?m\b|\d[-/.]\d|\d[年년]|"
    r"\b(?:ago|fa|now|yesterday|today|gestern|heute|hier|ayer|ieri|ontem|gisteren|geleden|назад|вчера|сегодня)\b|"
    r"\b(?:vor|hace|há|il\s+y\s+a)\s",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+")


def may_be_dated(line: str) -> bool:
    """Whether it is worth to look for `WHEN` in a line, which takes long."""
    return _LIKE_WHEN.search(line) is not None or any(word in _NUMBERS for word in _WORD.findall(line.casefold()))


def day_first(shown: Iterable[str]) -> bool | None:
    """Whether the numeric dates of one page print the day before the month; None where none says so, or they differ."""
    found = [(int(match[1]), int(match[3])) for match in map(_NUMERIC.search, shown) if match]
    first = any(one > 12 for one, _ in found)
    return first if first != any(two > 12 for _, two in found) else None


def has_clock(shown: str) -> bool:
    """Whether a time of day is printed, which platforms do and writers seldom."""
    return _clock(_without_date(shown)) is not None


def has_day(shown: str) -> bool:
    """Whether a day is printed, with or without its year."""
    return _without_date(shown) != shown


def is_relative(shown: str) -> bool:
    """Whether it counts back from a day that is not printed."""
    return bool(re.search(_AGO, shown, re.I))


def moment(shown: str, reading: Reading, *, day_is_first: bool | None) -> datetime.datetime | None:
    """The time that a page prints, where it names day, month, year, time of day and zone; the zone may be `reading`'s.

    What stands in the way is counted.
    """
    day = day_of(shown, day_is_first=day_is_first)
    clock = _clock(_without_date(shown))
    zone = _offset(clock["zone"] or "") if clock else ""
    if day and clock and zone is not None:
        return reading.time(f"{day}T{_hours(clock)}{zone}")
    if is_relative(shown):
        reason = "times, because they count from a day that is not known"
    elif day is None:
        reason = "times, because the order of day and month is not certain"
    elif not day:
        reason = "times, because they name no day of a year"
    elif not clock:
        reason = "times of day, where a day is given"
    else:
        reason = "times, because their zone has several meanings"
    reading.losses.add("missing", reason)
    return None


def day_of(shown: str, *, day_is_first: bool | None) -> str | None:
    """The day in ISO 8601; empty where none of a year is named, None where it may be one of two."""
    if match := _ISO.search(shown):
        year, month, day = match[1], match[3] or match[5], match[4] or match[6]
    elif match := _NUMERIC.search(shown):
        month, day, year = match[1], match[3], match[4]
        if day_is_first or match[1] == match[3]:
            month, day = day, month
        elif day_is_first is None:
            return None
        if len(year) == 2:
            return None
    elif (match := _NAMED.search(shown)) and (match["year"] or match["year2"]):
        year, day = match["year"] or match["year2"], match["day"] or match["day2"]
        month = str(_NUMBERS.get((match["month"] or match["month2"]).rstrip(".").casefold(), 0))
    else:
        return ""
    return f"{year}-{int(month):02}-{int(day):02}"


def _without_date(shown: str) -> str:
    for date in (_ISO, _NUMERIC, _NAMED):
        if match := date.search(shown):
            return f"{shown[: match.start()]} {shown[match.end() :]}"
    return shown


def _clock(shown: str) -> re.Match[str] | None:
    return next((match for match in _TIME.finditer(shown) if match["minute"] or match["half"]), None)


def _hours(clock: re.Match[str]) -> str:
    hour = int(clock["hour"])
    if half := clock["half"] or clock["half2"] or clock["before"]:
        hour = hour % 12 + 12 * (half.lower() in _AFTER_NOON) if hour <= 12 else 99
    return f"{hour:02}:{clock['minute'] or '00'}:{clock['second'] or '00'}"


def _offset(zone: str) -> str | None:
    """The zone as ISO 8601; empty where none is named, None where its name has no single meaning."""
    match = re.fullmatch(r"\s?\(?([A-Z]*)\s?(?:([+-])(\d{1,2}):?(\d{2})?)?\)?", zone)
    if match is None or not zone:
        return "" if not zone else None
    name = match[1].lower()
    if name and (name not in _ZONES or (match[2] and name not in ("utc", "gmt"))):
        return None
    if match[2]:
        return f"{match[2]}{int(match[3]):02}:{match[4] or '00'}"
    return f"{_ZONES[name]:+03}:00"
