"""Fast tokenisation of many texts, and their sentences.

Tokens are the default word segments of Unicode Standard Annex #29 (https://www.unicode.org/reports/tr29/), less
those of white space and invisible format characters, so they need no model, no language and no list of
abbreviations. What the standard does to English: `don't`, `U.S` and `250,000` are one token; `cease-fire` is three,
and the last point of `U.S.` is a token of its own. Two rare rules are left out: quotation marks inside Hebrew words
(WB7a-c), and an emoji joined to a letter (WB3c; emoji joined to emoji are one token).
"""

from __future__ import annotations

from typing import Any

import polars as pl

from corpus_tools.frames import Frame, needs

EXTENDING = r"[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]"
"""What belongs to the character before it."""
_EXTEND = f"{EXTENDING}*"


def _class(*names: str) -> str:
    return "[" + "".join(rf"\p{{wb={name}}}" for name in names) + "]" + _EXTEND


LETTER = _class("ALetter", "Hebrew_Letter")
DIGIT = _class("Numeric")
_KATAKANA = _class("Katakana")
JOINER = _class("ExtendNumLet")
MID_WORD = _class("MidLetter", "MidNumLet", "Single_Quote")
MID_NUMBER = _class("MidNum", "MidNumLet", "Single_Quote")
_LETTERS = f"{LETTER}(?:(?:{MID_WORD})?{LETTER})*"
_DIGITS = f"{DIGIT}(?:(?:{MID_NUMBER})?{DIGIT})*"
_RUN = f"(?:(?:{_LETTERS}|{_DIGITS})+|(?:{_KATAKANA})+)"
_WORD = f"(?:{JOINER})*{_RUN}(?:(?:{JOINER})+{_RUN})*(?:{JOINER})*"
# Every character of a text falls in exactly one match, so token offsets are running sums of lengths.
_FLAG = rf"(?:\p{{wb=Regional_Indicator}}{_EXTEND}){{2}}"
_EMOJI = rf"(?:{_EXTEND}\u200d\p{{Extended_Pictographic}})*{_EXTEND}"
SEGMENT = rf"{_WORD}|(?:{JOINER})+|\r\n|[\p{{wb=Newline}}\r\n]|\p{{wb=WSegSpace}}+{_EXTEND}|{_FLAG}|(?s:.){_EMOJI}"
_VISIBLE = r"[^\s\p{Cf}]"
IN_WORDS = r"[\p{Alphabetic}\p{N}]"


def tokenise(texts: Frame) -> pl.LazyFrame:
    """Split texts into words, numbers and marks.

    Args:
        texts: One row per text; needs `text_id` and `text`. A null text has no tokens.

    Returns:
        One row per token, in text order: `text_id`, `position` (from 0, UInt32), `start_char`, `end_char` (code points,
        end-exclusive, Int32), `form` (the characters) and `is_word` (whether a letter or digit is in it).

    Raises:
        MissingColumnError: If `text_id` or `text` is absent.

    Source:
        Unicode Standard Annex #29, Unicode Text Segmentation, default word boundaries.
    """
    texts = needs(texts, ("text_id", "text"), where="tokenise")
    form, end = pl.col("form"), pl.col("end_char")
    pieces = texts.select("text_id", form=pl.col("text").str.extract_all(SEGMENT)).with_columns(
        end_char=form.list.eval(pl.element().str.len_chars().cast(pl.Int32).cum_sum())
    )
    rows = pieces.explode("form", "end_char").filter(form.str.contains(_VISIBLE))
    return rows.select(
        "text_id",
        position=pl.int_range(pl.len(), dtype=pl.UInt32).over("text_id"),
        start_char=end - form.str.len_chars().cast(pl.Int32),
        end_char=end,
        form=form,
        is_word=form.str.contains(IN_WORDS),
    )


def words(tokens: Frame) -> pl.LazyFrame:
    """The running words: tokens with a letter or digit in them, case ignored.

    Args:
        tokens: One row per token, as `tokenise` gives them; needs `form` and `is_word`.

    Returns:
        The tokens that are words, in their order, with all their columns but `is_word`, and `word`: the form in lower
        case, which is what counts as one type.

    Raises:
        MissingColumnError: If `form` or `is_word` is absent.
    """
    tokens = needs(tokens, ("form", "is_word"), where="words")
    return tokens.filter("is_word").drop("is_word").with_columns(word=pl.col("form").str.to_lowercase())


def split_sentences(texts: Frame, *, language: str = "en") -> pl.DataFrame:
    """Split texts into sentences; a line end ends a sentence only after closing punctuation or before a blank line.

    Args:
        texts: One row per text; needs `text_id` and `text`. A null text has no sentences.
        language: ISO 639-1 code, for abbreviations such as *Mr.* that do not end a sentence.

    Returns:
        One row per sentence, in text order: `text_id`, `position` (from 0, UInt32), `start_char`, `end_char` (code
        points, end-exclusive, Int32, blanks around the sentence left out) and `quote`.

    Raises:
        MissingColumnError: If `text_id` or `text` is absent.

    Source:
        The rules and abbreviation lists of the sentencex library, by the Wikimedia Foundation.
    """
    from sentencex import get_sentence_boundaries

    from corpus_tools.standoff import visible_part

    frame = (
        needs(texts, ("text_id", "text"), where="split_sentences")
        .select("text_id", "text")
        .drop_nulls("text")
        .collect()
    )
    rows = []
    for text_id, text in frame.iter_rows():
        bounds = get_sentence_boundaries(language, text)
        spans = [visible_part(text, bound["start_index"], bound["end_index"]) for bound in bounds]
        kept = [span for span in spans if span is not None]
        rows += [(text_id, position, *span, text[slice(*span)]) for position, span in enumerate(kept)]
    columns: dict[str, Any] = {
        "text_id": frame.schema["text_id"],
        "position": pl.UInt32,
        "start_char": pl.Int32,
        "end_char": pl.Int32,
        "quote": pl.String,
    }
    return pl.DataFrame(rows, schema=columns, orient="row")
