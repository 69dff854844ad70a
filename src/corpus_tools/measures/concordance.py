"""Where something stands in the texts, and what stands around it: key word in context."""

from __future__ import annotations

import polars as pl

from corpus_tools.errors import ArgumentError, UnknownNameError
from corpus_tools.frames import Frame, needs
from corpus_tools.standoff import INSIDE, PLACE, cut

SORTS = ("text", "hit", "left", "right")
"""By what a concordance can be sorted."""

# Two code points that Unicode keeps free of meaning, so that they hardly ever are in a text.
_FENCE, _RAIL = "\ufdd0", "\ufdd1"


def find(texts: Frame, pattern: str, *, ignore_case: bool = True) -> pl.LazyFrame:
    r"""Every place where a regular expression matches.

    Args:
        texts: One row per text; needs `text_id` and `text`.
        pattern: A regular expression in the syntax of polars, which is that of Rust's regex crate: Unicode classes such
            as `\p{Lu}`, no look-around, no back-references. `\btalks?\b` finds a whole word.
        ignore_case: Whether capitals match small letters and the other way round.

    Returns:
        One row per match, in text order: `text_id`, `start_char`, `end_char` (code points, end-exclusive, Int32) and
        `quote` (what matched). Matches do not overlap: the search goes on where the last one ended. A match of nothing,
        as of `x*` before a *y*, is no row.

    Raises:
        MissingColumnError: If `text_id` or `text` is absent.
        ArgumentError: If `pattern` is not a regular expression.
    """
    texts = needs(texts, ("text_id", "text"), where="find: texts")
    matches = _matches(texts.select("text_id", "text"), pattern, ignore_case=ignore_case, where="find")
    return matches.select(*PLACE, "quote")


def _matches(texts: pl.LazyFrame, pattern: str, *, ignore_case: bool, where: str) -> pl.LazyFrame:
    """The matches of `find` with the columns of `texts`, whose rows with a match are numbered by `_at`."""
    _must_compile(pattern, where)
    # Where case counts, the prefix says nothing new; without it polars before 1.37 may write `${0}` itself where a
    # pattern of plain letters matches.
    pattern = f"(?i){pattern}" if ignore_case else f"(?-i){pattern}"
    text, quote, end = pl.col("text"), pl.col("quote"), pl.col("end_char")
    # A mark that the text cannot hold, whatever is in it: a fence with one rail more than the text has.
    rails = pl.lit(_RAIL).repeat_by(text.str.count_matches(_RAIL, literal=True) + 1).list.join("")
    marked = (
        texts.filter(text.str.contains(pattern))
        .with_row_index("_at")
        .with_columns(_mark=pl.concat_str(pl.lit(_FENCE), rails))
        .with_columns(_fenced=pl.concat_str("_mark", pl.lit("${0}"), "_mark"))
    )
    # Cut at the marks, every second piece is a match, and the pieces end where their lengths add up to.
    pieces = marked.with_columns(quote=text.str.replace_all(pattern, pl.col("_fenced")).str.split(pl.col("_mark")))
    placed = pieces.with_columns(end_char=quote.list.eval(pl.element().str.len_chars().cast(pl.Int32).cum_sum()))
    matches = placed.with_columns(pl.col("quote", "end_char").list.gather_every(2, 1)).explode("quote", "end_char")
    start = end - quote.str.len_chars().cast(pl.Int32)
    return matches.filter(quote != "").with_columns(start_char=start).drop("_mark", "_fenced")


def concordance(texts: Frame, hits: Frame | str, *, width: int = 40, sort: str = "text") -> pl.LazyFrame:
    """Each hit with what stands before and after it.

    Hits are spans of any origin: matches that `find` gives, a layer of the corpus, tokens of one lemma. A pattern may
    stand for its matches: the texts are then read once, not once to find and again to show.

    Args:
        texts: One row per text; needs `text_id` and `text`. Their order is that of the lines.
        hits: One row per hit; needs `text_id`, `start_char` and `end_char` (code points, end-exclusive). Or a regular
            expression, which stands for `find(texts, hits)`; capitals match small letters then, unless it begins with
            `(?-i)`.
        width: How many characters of context to show on either side at most.
        sort: `text` for the order of the texts; `hit` for that of the hit's own characters; `left` for that of the
            words before it, the nearest first; `right` for that of the words after it. Case is ignored, hits that are
            alike stand in the order of the texts, and only context that is shown counts.

    Returns:
        One row per hit, sorted as asked: the columns of `hits`, then `left`, `hit` and `right` (String), in which a run
        of white space is one blank. Columns of `hits` with these names are replaced. A hit without offsets (what stands
        in a source but in no text), in a text that is not among `texts`, or with offsets that do not lie in its text
        has no row.

    Raises:
        MissingColumnError: If a column is absent.
        UnknownNameError: If `sort` is none of the four.
        ArgumentError: If `width` is negative, or `hits` is a string that is not a regular expression.

    Source:
        Luhn (1960), Key word-in-context index for technical literature, American Documentation 11(4), 288-295.
    """
    if sort not in SORTS:
        raise UnknownNameError("sort order", sort, SORTS)
    if width < 0:
        raise ArgumentError(f"concordance: width is {width}; it must be 0 or more")
    texts = needs(texts, ("text_id", "text"), where="concordance: texts").select("text_id", "text")
    start, end = (pl.col(name).cast(pl.Int64) for name in ("start_char", "end_char"))
    shown = {"left": ((start - width).clip(0), start), "hit": (start, end), "right": (end, end + width)}
    if isinstance(hits, str):
        own = [*PLACE, "quote"]
        # A hit without the id of a text has no row, wherever it comes from.
        named = texts.filter(pl.col("text_id").is_not_null())
        placed = _matches(named, hits, ignore_case=True, where="concordance").rename({"text": "_text"})
    else:
        needs(hits, PLACE, where="concordance: hits")
        own = [name for name in hits.collect_schema().names() if name not in shown]
        placed = _in_their_texts(hits.select(own), texts)
    lines = cut(placed, **shown).with_columns(pl.col(*shown).str.replace_all(r"\s+", " "))
    return lines.sort(*_order(sort), "_at", "start_char", "end_char", maintain_order=True).select(*own, *shown)


def _in_their_texts(hits: Frame, texts: pl.LazyFrame) -> pl.LazyFrame:
    """The hits that lie in a text, with its `_text` and its place `_at` among the texts that have a hit."""
    # Left out before they are measured: most texts have no hit, and to count characters is to read all of them.
    if isinstance(hits, pl.DataFrame):
        # What is known beforehand can be looked for while a file is read.
        with_hit = texts.filter(pl.col("text_id").is_in(hits["text_id"].unique().implode()))
    else:
        with_hit = texts.join(hits.select("text_id").unique(), on="text_id", how="semi", maintain_order="left")
    measured = with_hit.select("text_id", _text="text", _length=pl.col("text").str.len_chars()).with_row_index("_at")
    return hits.lazy().join(measured, on="text_id", maintain_order="left").filter(INSIDE)


def _must_compile(pattern: str, where: str) -> None:
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        # What follows the first empty line is about polars' expression, not about the pattern.
        reason = str(error).split("\n\n")[0]
        raise ArgumentError(f"{where}: {pattern!r} is not a regular expression: {reason}") from None


def _order(sort: str) -> list[pl.Expr]:
    if sort == "text":
        return []
    lower = pl.col(sort).str.to_lowercase()
    if sort == "hit":
        return [lower]
    words = lower.str.extract_all(r"\w+(?:['’]\w+)*")
    return [(words.list.reverse() if sort == "left" else words).list.join(" ")]
