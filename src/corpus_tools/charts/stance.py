"""Chart of stance: how each author answers each question."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from corpus_tools.charts.layout import (
    MOST_COLUMNS,
    drawn,
    few,
    known_labels,
    looks,
    n_of,
    nothing,
    one_line,
    shortened,
    titled,
    told,
    values,
)
from corpus_tools.charts.theme import FAINT, INK, need_altair
from corpus_tools.frames import Frame, needs

if TYPE_CHECKING:
    import altair as alt

COLUMN, LINE, CHARACTER, NAME = 122, 22, 7, 45
HEAD_LINE, HEAD_LINES, HEAD_CHARACTERS = 14, 6, 15
MARK_AT = 0.06
"""Where in a column the mark stands, and the left edge of its heading."""


def stance_matrix(
    answers: Frame,
    *,
    by: str = "author_id",
    labels: Sequence[str] | None = None,
    quiet: Sequence[str] = (),
    title: str = "Stance by author and target",
) -> alt.LayerChart:
    """Who takes which stance on what, with every label that was given and how often.

    Args:
        answers: One row per author, question and label, as `measures.judgement_shares` gives them; needs the `by`
            column, `question`, `label`, `n` and `n_total` (answers of the author to the question).
        by: The column whose values have a row each.
        labels: All labels in the order of the scheme, by which they get their marks and stand in a cell; those of
            `answers` in alphabetical order where omitted.
        quiet: Those of the labels that stand for no stance, such as `none`; their marks are grey.
        title: What stands above it.

    Returns:
        A table: authors and questions in the order in which they first appear in `answers`; in each cell a line for
        each label, with a mark whose shape and colour are those of the label, and the label and its number in words,
        "favour 1 of 2", so that an author whose texts got different labels has several lines. A null author is
        `unnamed`. No rows give a chart that says so.

    Raises:
        MissingColumnError: If a column is absent.
        UnknownNameError: If a label is not among `labels`.
        ArgumentError: If there are more than 1,000 lines or 60 questions.
    """
    need_altair()
    needed = (by, "question", "label", "n", "n_total")
    given = needs(answers, needed, where="stance_matrix").select(pl.col(by).alias("_by"), *needed[1:]).collect()
    rows = given.with_columns(label=one_line("label"))
    if rows.is_empty():
        return nothing(title)
    known = known_labels(rows["label"], labels)
    rows = _placed(rows, known)
    n_lines, questions = max(rows["row"]) + 1, rows["question"].unique(maintain_order=True).to_list()
    few(n_lines, "lines", where="stance_matrix")
    few(len(questions), "questions", where="stance_matrix", most=MOST_COLUMNS)
    column = max(COLUMN, CHARACTER * max(rows["words"].str.len_chars()) + 24)
    heads = rows.sort("row").unique("_by", keep="first", maintain_order=True)
    about = f"{n_of(heads.height, 'row')} of {by} and {n_of(len(questions), 'question')}"
    return drawn(
        _layers(rows, heads, questions, looks(known, quiet)),
        width=column * len(questions),
        height=LINE * n_lines,
        title=titled(title, "Each number: answers with the label, of all answers to the question in this row."),
        description=f"Table of {about}. {told(list(_told(rows, quiet)))}.",
    )


def _placed(rows: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame:
    """The rows with the line that each stands on: as many for an author as its fullest cell needs."""
    rank = pl.DataFrame({"label": labels}).with_row_index("_rank")
    first = rows.select("_by").unique(maintain_order=True).with_row_index("_first")
    named = rows.with_columns(question=one_line("question"))
    ordered = named.join(rank, on="label", maintain_order="left").join(
        first, on="_by", nulls_equal=True, maintain_order="left"
    )
    # Questions keep the order in which they came; only the labels of a cell are sorted.
    slot = pl.col("_rank").rank("ordinal").over("_by", "question")
    slotted = ordered.with_columns(_slot=slot, who=shortened(one_line("_by"), NAME))
    lines = slotted.select("_first", "_slot").unique().sort("_first", "_slot").with_row_index("row")
    words = pl.format("{} {} of {}", "label", "n", "n_total")
    return slotted.join(lines, on=["_first", "_slot"], maintain_order="left").with_columns(words=words)


def _layers(
    rows: pl.DataFrame,
    heads: pl.DataFrame,
    questions: Sequence[str],
    look: tuple[dict[str, str], dict[str, str]],
) -> list[alt.Chart]:
    import altair as alt

    n_lines = max(rows["row"]) + 1
    columns = alt.Scale(type="band", domain=list(questions), padding=0)
    x = alt.X("question:N", bandPosition=MARK_AT, axis=None, scale=columns)
    y = partial(alt.Y, "row:O", axis=None, scale=alt.Scale(type="band", domain=list(range(n_lines)), padding=0))
    colours, shapes = (alt.Scale(domain=list(part), range=list(part.values())) for part in look)
    tooltip = [f"{name}:N" for name in ("who", "question", "label", "n", "n_total")]
    base = alt.Chart(values(rows.drop("_by"))).encode(x=x, y=y(bandPosition=0.5), tooltip=tooltip)
    marks = base.mark_point(filled=True, size=80, opacity=1).encode(
        color=alt.Color("label:N", legend=None, scale=colours), shape=alt.Shape("label:N", legend=None, scale=shapes)
    )
    words = base.mark_text(align="left", dx=9, fontSize=12, color=INK).encode(text="words:N")
    authors = alt.Chart(values(heads.drop("_by")))
    names = authors.mark_text(align="right", fontSize=13, fontWeight="bold", color=INK)
    rules = authors.mark_rule(color=FAINT).encode(y=y(bandPosition=0))
    return [
        _headings(questions, x),
        rules,
        marks,
        words,
        names.encode(x=alt.value(-12), y=y(bandPosition=0.5), text="who:N"),
    ]


def _headings(questions: Sequence[str], x: alt.X) -> alt.Chart:
    """The questions above their columns, in lines as wide as these."""
    import altair as alt

    wrap = partial(textwrap.wrap, width=HEAD_CHARACTERS, max_lines=HEAD_LINES, placeholder="…")
    broken = [wrap(question.replace("_", " ")) for question in questions]
    most = max(len(lines) for lines in broken)
    rows = pl.DataFrame({"question": questions, "heading": ["\n".join(lines) for lines in broken]})
    words = alt.Chart(values(rows)).mark_text(
        align="left", baseline="top", dx=-5, fontSize=12, lineBreak="\n", lineHeight=HEAD_LINE, color=INK
    )
    headings: alt.Chart = words.encode(x=x, y=alt.value(-HEAD_LINE * most - 4), text="heading:N")
    return headings


def _told(rows: pl.DataFrame, quiet: Sequence[str]) -> Iterator[str]:
    """The cells in words; those with quiet labels alone are only counted."""
    n_quiet = 0
    for (_, who, question), cell in rows.group_by("_first", "who", "question", maintain_order=True):
        if cell["label"].is_in(list(quiet)).all():
            n_quiet += 1
        else:
            yield f"{who} on {question}: {', '.join(cell.sort('row')['words'])}"
    if n_quiet:
        yield f"{n_of(n_quiet, 'cell')} with {' or '.join(quiet)} only"
