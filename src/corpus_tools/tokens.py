"""Fast tokenisation of many texts, and their sentences.

Tokens are the default word segments of Unicode Standard Annex #29 (https://www.unicode.org/reports/tr29/), less
those of white space and invisible format characters, so they need no model, no language and no list of
abbreviations. What the standard does to English: `don't`, `U.S` and `250,000` are one token; `cease-fire` is three,
and the last point of `U.S.` is a token of its own. Two rare rules are left out: quotation marks inside Hebrew words
(WB7a-c), and an emoji joined to a letter (WB3c; emoji joined to emoji are one token).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from corpus_tools.frames import Frame, column_names, needs, refuse_clashes

_EXTEND = r"[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]*"


def _class(*names: str) -> str:
    return "[" + "".join(rf"\p{{wb={name}}}" for name in names) + "]" + _EXTEND


_LETTER = _class("ALetter", "Hebrew_Letter")
_DIGIT = _class("Numeric")
_KATAKANA = _class("Katakana")
_JOINER = _class("ExtendNumLet")
_IN_WORD = _class("MidLetter", "MidNumLet", "Single_Quote")
_IN_NUMBER = _class("MidNum", "MidNumLet", "Single_Quote")
_LETTERS = f"{_LETTER}(?:(?:{_IN_WORD})?{_LETTER})*"
_DIGITS = f"{_DIGIT}(?:(?:{_IN_NUMBER})?{_DIGIT})*"
_RUN = f"(?:(?:{_LETTERS}|{_DIGITS})+|(?:{_KATAKANA})+)"
_WORD = f"(?:{_JOINER})*{_RUN}(?:(?:{_JOINER})+{_RUN})*(?:{_JOINER})*"
# Every character of a text falls in exactly one match, so token offsets are running sums of lengths.
_FLAG = rf"(?:\p{{wb=Regional_Indicator}}{_EXTEND}){{2}}"
_EMOJI = rf"(?:{_EXTEND}\u200d\p{{Extended_Pictographic}})*{_EXTEND}"
_PIECE = rf"{_WORD}|(?:{_JOINER})+|\r\n|[\p{{wb=Newline}}\r\n]|\p{{wb=WSegSpace}}+{_EXTEND}|{_FLAG}|(?s:.){_EMOJI}"
_VISIBLE = r"[^\s\p{Cf}]"
_IN_WORDS = r"[\p{Alphabetic}\p{N}]"
# A combining letter at the beginning of what stands between blanks belongs to the blank before it.
_HANGING = r"^[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]+"


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
    pieces = texts.select("text_id", form=pl.col("text").str.extract_all(_PIECE)).with_columns(
        end_char=form.list.eval(pl.element().str.len_chars().cast(pl.Int32).cum_sum())
    )
    rows = pieces.explode("form", "end_char").filter(form.str.contains(_VISIBLE))
    return rows.select(
        "text_id",
        position=pl.int_range(pl.len(), dtype=pl.UInt32).over("text_id"),
        start_char=end - form.str.len_chars().cast(pl.Int32),
        end_char=end,
        form=form,
        is_word=form.str.contains(_IN_WORDS),
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


def count_words(texts: Frame, *, by: str | Sequence[str] = ()) -> pl.LazyFrame:
    """How often each word occurs in each group of texts, without writing the tokens down.

    The same as counting the rows of `words(tokenise(texts))`, but texts are only split at blanks, and of what they are
    made of each distinct piece is tokenised once: some 2 million pieces in 60 million words.

    Args:
        texts: One row per text; needs `text` and the columns of `by`. They are read at once, in batches. A null text
            has no words.
        by: The column or columns of the groups; none for all texts together.

    Returns:
        One row per word and group, in no order: `by`..., `word` (in lower case) and `n` (running words, UInt32).

    Raises:
        MissingColumnError: If a column is absent.
        ArgumentError: If `by` names a column `word` or `n`.
    """
    keys = column_names(by)
    refuse_clashes(keys, ("word", "n"), where="count_words")
    texts = needs(texts, ("text", *keys), where="count_words: texts")
    chosen = texts.select(*keys, _text="text").filter(pl.col("_text").is_not_null())
    hanging = pl.col("_piece").str.extract(f"({_HANGING})").str.contains(_IN_WORDS)
    pieces = _pieces(chosen, keys).collect(engine="streaming")
    counted = [_counted_words(pieces.lazy(), keys)]
    if pieces.select(hanging.any()).item():
        # Very rare outside of damaged text, so such texts are read again, and tokenised as they are.
        is_odd = pl.col("_text").str.split(" ").list.eval(pl.element().str.contains(_HANGING)).list.any()
        whole = chosen.filter(is_odd).select(*keys, _piece="_text", n=pl.lit(1, pl.UInt32))
        even = _pieces(chosen.filter(~is_odd), keys)
        counted = [_counted_words(even, keys), _counted_words(whole, keys)]
    return pl.concat(counted).group_by(*keys, "word").agg(pl.col("n").sum())


def _pieces(texts: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """What stands between blanks, each piece once for a group, and how often."""
    split = texts.select(*keys, _piece=pl.col("_text").str.split(" ")).explode("_piece")
    return split.group_by(*keys, "_piece").agg(n=pl.len())


def _counted_words(pieces: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """The words of pieces that stand for `n` of their kind; one word may have several rows."""
    piece, word = pl.col("_piece"), pl.col("word")
    # Most pieces are words as they stand, which no pattern has to find out.
    is_more = piece.str.contains("[^a-z]")
    plain = pieces.filter(~is_more & (piece != "")).select(*keys, word=piece, n="n")
    cut = pieces.filter(is_more).select(*keys, word=piece.str.extract_all(_PIECE), n="n").explode("word")
    found = cut.filter(word.str.contains(_IN_WORDS)).with_columns(word.str.to_lowercase())
    return pl.concat([plain, found])


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
