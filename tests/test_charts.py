"""Charts: they say what the data say, need no network, and no reader depends on colour."""

import io
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import altair as alt
import numpy as np
import polars as pl
import pytest
import vl_convert
from colorspacious import cspace_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus_tools import charts
from corpus_tools.agreement import agreement
from corpus_tools.charts import layout, theme, vocabulary
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError, UnknownNameError
from corpus_tools.measures.arguments import argument_links, argument_units
from corpus_tools.measures.counts import shares, sizes
from corpus_tools.measures.density import density
from corpus_tools.measures.entities import chains_by_text
from corpus_tools.measures.keyness import keyness
from corpus_tools.measures.replies import reply_tree
from corpus_tools.measures.stance import judgement_shares
from corpus_tools.measures.vocabulary import expected_growth, frequencies, vocabulary_growth
from corpus_tools.standoff import chains
from corpus_tools.tokens import split_sentences, tokenise, words

SIZES = pl.DataFrame(
    {
        "text_id": ["c1", "a1", "c2"],
        "position": [1, 0, 2],
        "author": ["Ann <b>", None, "b.z."],
        "n_words": [6, 15, 5],
    }
)
# a1 <- c1 <- c3, a1 <- c2, and b1 by itself in a second thread.
TREE = pl.DataFrame(
    {
        "text_id": ["a1", "c1", "c3", "c2", "b1"],
        "thread_id": ["t1", "t1", "t1", "t1", "t2"],
        "parent_id": [None, "a1", "c1", "a1", None],
        "depth": [0, 1, 2, 1, 0],
        "place": [0, 1, 2, 3, 0],
        "author": [None, "Ann <b>", 'Bo "B"', "Ann <b>", "Cy"],
        "n_words": [15, 1, 5, None, 1200],
        "label": [None, "disagreement", "agreement", None, None],
    }
)
ANSWERS = pl.DataFrame(
    [
        ("Ann", "the_bridge", "for", 1, 2),
        ("Ann", "the_bridge", "against", 1, 2),
        ("Ann", "the_ferry", "none", 2, 2),
        (None, "the_bridge", "none", 1, 1),
        (None, "the_ferry", "for", 1, 1),
    ],
    schema=["author_id", "question", "label", "n", "n_total"],
    orient="row",
)
UNITS = pl.DataFrame(
    [
        ("u1", "a1", "t1", None, 0, "The bridge is\nold", "fact"),
        ("u2", "a1", "t1", None, 1, "x" * 61, "value"),
        ("u3", "c1", "t1", "ann", 2, "No & <b>never</b>", "value"),
        ("u4", "c2", "t1", "bo", 3, "y" * 60, "fact"),
    ],
    schema=["span_id", "text_id", "thread_id", "author_id", "place", "quote", "label"],
    orient="row",
)
LINKS = pl.DataFrame(
    [
        ("r1", "inference", "u1", "u2", 0, 1, "t1", 0),
        ("r2", "conflict", "u3", "u2", 2, 1, "t1", 1),
        # An undercut: it attacks r1, which leaves u1.
        ("r3", "conflict", "u4", "r1", 3, 0, "t1", 2),
    ],
    schema=["relation_id", "label", "from_id", "to_id", "from_place", "to_place", "thread_id", "lane"],
    orient="row",
)
MENTIONS = pl.DataFrame(
    [
        ("e1", "the bridge", "a1", 0, 4),
        ("e1", "the bridge", "c1", 1, 12),
        ("e2", None, "c1", 1, 1),
        ("e3", "Ann", "c2", 2, 2),
        ("e4", "Ann", "a1", 0, 1),
    ],
    schema=["chain_id", "name", "text_id", "position", "n_mentions"],
    orient="row",
)
KEYWORDS = pl.DataFrame(
    [
        ("ferry", 5, 0, 3.5, 2.25),
        ("bridge", 1, 8, 3.25, -2.5),
        ("<b>", 2, 1, 1.5, 0.5),
        ("the", 10, 10, 0.0, 0.0),
    ],
    schema=["word", "n_target", "n_reference", "g2", "log_ratio"],
    orient="row",
)
# to be or not to be: types 1 2 3 4 4 4, used once 1 2 3 4 3 2.
GROWTH = pl.DataFrame({"n_words": range(1, 7), "n_types": [1, 2, 3, 4, 4, 4], "n_hapaxes": [1, 2, 3, 4, 3, 2]})
GROWTH_BY = pl.concat(
    [
        GROWTH.with_columns(author=pl.lit("Ann")),
        GROWTH.head(3).with_columns(author=pl.lit("Bo", dtype=pl.String)),
        GROWTH.head(2).with_columns(author=pl.lit(None, dtype=pl.String)),
    ]
)
RANKS = pl.DataFrame({"rank": [1, 2, 3, 4], "word": ["be", "to", "not", "or"], "n": [2, 2, 1, 1]})
COEFFICIENTS = pl.DataFrame(
    [
        ("stance", "stance", "q1", None, "alpha", "passes", "kim lee", 0.75, 0.5, 1.0, 12, 1, None),
        ("stance", "stance", "q2", None, "alpha", "passes", "kim lee", 1.0, 1.0, 1.0, 12, 1, "no disagreement"),
        ("stance", "stance", "q3", None, "alpha", "passes", "kim lee", None, None, None, 3, 1, "one label only"),
        ("tokens", "sentences", "spans", None, "F1", "passes", "kim lee", -0.25, -0.5, 0.125, 30, 1, None),
    ],
    schema={
        **dict.fromkeys(["layer", "table", "on", "label", "coefficient", "between", "annotators"], pl.String),
        **dict.fromkeys(["value", "low", "high"], pl.Float64),
        **dict.fromkeys(["n_units", "n_pairs"], pl.UInt32),
        "remark": pl.String,
    },
    orient="row",
)
STRETCHES = pl.DataFrame(
    [
        ("a1", "stance", 0, 40, 0, 0.0),
        ("a1", "stance", 40, 80, 1, 0.25),
        ("a1", "stance", 80, 100, 2, 0.5),
        ("a1", None, 0, 40, 1, 0.01),
        ("a1", None, 40, 80, 1, 0.75),
        ("a1", None, 80, 100, 1, 0.76),
        ("c1", "stance", 0, 30, 3, 1.0),
        ("c1", None, 0, 30, 0, 0.0),
    ],
    schema=["text_id", "layer", "start_char", "end_char", "n_spans", "covered_share"],
    orient="row",
)
SHARES = pl.DataFrame(
    {
        "label": ["fact", None, "value <b>"],
        "thread": ["t1", "t1", "t2"],
        "share": [0.75, 0.25, 1.0],
        "n": [3, 1, 5],
        "n_total": [4, 4, 5],
    }
)


@dataclass(frozen=True)
class Example:
    """One chart of hand-made frames, the marks it must have, words it must show, and its description."""

    draw: object
    frame: pl.DataFrame
    marks: dict[str, int]
    shown: tuple[str, ...]
    description: str


EXAMPLES = {
    "reply_order": Example(
        charts.reply_order,
        SIZES,
        {"bar": 3},
        ("a1 article", "c1 Ann <b>", "c2 b.z.", "15", "6", "5"),
        "Bar chart, first to last: a1 the article, 15 words; c1 by Ann <b>, 6 words; c2 by b.z., 5 words.",
    ),
    "reply_tree": Example(
        charts.reply_tree,
        TREE,
        # Three texts answer, each with one line down and one across.
        {"circle": 5, "rule mark": 6},
        ("a1", "c1 Ann <b>", 'c3 Bo "B"', "answers a1: disagreement, 1 word", "answers c1: agreement, 5 words"),
        "Reply tree of 5 texts: a1 (15 words); c1 Ann <b> (answers a1: disagreement, 1 word); "
        'c3 Bo "B" (answers c1: agreement, 5 words); c2 Ann <b> (answers a1); b1 Cy (1200 words).',
    ),
    "stance_matrix": Example(
        lambda frame: charts.stance_matrix(frame, labels=["for", "against", "none"], quiet=["none"]),
        ANSWERS,
        {"point": 5},
        ("Ann", "unnamed", "for 1 of 2", "against 1 of 2", "none 2 of 2", "none 1 of 1", "for 1 of 1"),
        "Table of 2 rows of author_id and 2 questions. Ann on the_bridge: for 1 of 2, against 1 of 2; "
        "unnamed on the_ferry: for 1 of 1; 2 cells with none only.",
    ),
    "argument_map": Example(
        lambda frame: charts.argument_map(frame, LINKS),
        UNITS,
        {"line mark": 3, "point": 3, "rule mark": 3},
        (
            "a1",
            "c1 ann",
            "c2 bo",
            "u1 fact: The bridge is old",
            f"u2 value: {'x' * 59}…",
            f"u4 fact: {'y' * 60}",
            "u3 value: No & <b>never</b>",
            "inference",
            "conflict",
        ),
        "4 argumentative units in 3 texts; 3 relations (2 conflict, 1 inference): "
        "u1 inference u2; u3 conflict u2; u4 conflict r1.",
    ),
    "entity_map": Example(
        charts.entity_map,
        MENTIONS,
        {"circle": 5},
        ("the bridge", "unnamed", "Ann (e3)", "Ann (e4)", "a1", "c1", "c2", "12"),
        "Table. 4 chains and 3 texts: the bridge 4 in a1, 12 in c1; unnamed 1 in c1; Ann (e3) 2 in c2; Ann (e4) 1 in a1.",
    ),
    "keyness": Example(
        lambda frame: charts.keyness(frame, target="comments", reference="article"),
        KEYWORDS,
        {"bar": 4},
        (
            "ferry",
            "bridge",
            "<b>",
            "the",
            "5 : 0",
            "1 : 8",
            "2 : 1",
            "10 : 10",
            "To the right: more in comments; to the left: more in article; 4 words.",
        ),
        "Key words: comments : article, 4 words: ferry 5 : 0 (G2 3.5, log ratio 2.2); "
        "<b> 2 : 1 (G2 1.5, log ratio 0.5); the 10 : 10 (G2 0.0, log ratio 0.0); "
        "bridge 1 : 8 (G2 3.2, log ratio -2.5).",
    ),
    "vocabulary_growth": Example(
        charts.vocabulary_growth,
        GROWTH,
        {"line mark": 2, "rule mark": 2, "circle": 2},
        ("4 types", "2 hapaxes"),
        "Growth of the vocabulary: at their ends, 4 types in 6 words; 2 hapaxes in 6 words.",
    ),
    "vocabulary_growth by author": Example(
        lambda frame: charts.vocabulary_growth(frame, by="author"),
        GROWTH_BY,
        {"line mark": 3, "rule mark": 3},
        ("Ann, 4 types", "Bo, 3 types", "unnamed, 2 types"),
        "Growth of the vocabulary: at their ends, Ann, 4 types in 6 words; Bo, 3 types in 3 words; "
        "unnamed, 2 types in 2 words.",
    ),
    "rank_frequency": Example(
        charts.rank_frequency,
        RANKS,
        {"line mark": 1},
        ("be", "not", "4 types"),
        "Frequency by rank: 4 types; most frequent be, 2 times.",
    ),
    "agreement": Example(
        charts.agreement,
        COEFFICIENTS,
        {"point": 3, "rule mark": 3},
        (
            "stance",
            "tokens",
            "q1, alpha",
            "sentences, spans, F1",
            "undefined",
            "0.750",
            "0.500 to 1.000",
            "n 12",
            "n 12 [1]",
            "n 3 [2]",
            "[1] no disagreement",
            "[2] one label only",
            "−0.250".replace("−", "-"),
            "between: passes; annotators: kim lee",
        ),
        "Agreement of annotators. 4 coefficients, 2 with a remark: stance q1, alpha: 0.750 (0.500 to 1.000), n 12; "
        "stance q2, alpha: 1.000 (1.000 to 1.000), n 12 [1]; stance q3, alpha: undefined, n 3 [2]; "
        "tokens sentences, spans, F1: -0.250 (-0.500 to 0.125), n 30.",
    ),
    "density": Example(
        charts.density,
        STRETCHES,
        {"rect mark": 8},
        ("a1", "c1", "stance", "unnamed", "nothing", "up to 25 %", "more than 75 %", "characters"),
        "Where the annotations lie: 2 texts, 2 layers. Stretches with an annotation, of all: stance 3 of 4; unnamed 3 of 4.",
    ),
    "bars": Example(
        lambda frame: charts.bars(frame, category="label", total="n_total", title="Types"),
        SHARES,
        {"bar": 3},
        ("fact", "unnamed", "value <b>", "3 of 4", "1 of 4", "5 of 5", "Length: share. Figures: n of n_total."),
        "Types. share by label (n of n_total): fact 75% (3 of 4); unnamed 25% (1 of 4); value <b> 100% (5 of 5).",
    ),
    "bars within": Example(
        lambda frame: charts.bars(frame, category="label", n=None, within="thread"),
        SHARES,
        {"bar": 3},
        ("t1", "t2", "fact", "0.75"),
        "share by label. share by label (share): t1; fact 75% (0.75); unnamed 25% (0.25); t2; value <b> 100% (1.0).",
    ),
}
EVERY = pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)


@pytest.fixture(autouse=True)
def _theme():
    with alt.theme.enable("default"):
        yield


def drawn(chart):
    return charts.to_svg(chart.to_dict())


def texts_in(picture):
    """The pieces of text that a picture shows, line by line."""
    found = [element for element in ElementTree.fromstring(picture).iter() if element.tag.endswith("}text")]
    lines = [line for element in found for line in (list(element) or [element])]
    return [" ".join("".join(line.itertext()).split()) for line in lines]


def marks(picture, kind):
    """How many marks of a kind a picture has; lines and rules say what they are on their container only."""
    if kind.endswith(" mark"):
        containers = re.findall(
            rf'<g class="mark-{kind.removesuffix(" mark")} role-mark[^>]*>(.*?)</g>', picture, flags=re.DOTALL
        )
        return sum(len(re.findall(r"<(?:path|line) ", inside)) for inside in containers)
    return picture.count(f'aria-roledescription="{kind}"')


def rows_of(chart):
    """The data of each layer."""
    return [(chart.data if layer.data is alt.Undefined else layer.data).values for layer in chart.layer]


# What every chart promises


@EVERY
def test_a_chart_survives_its_json_and_shows_its_marks_and_words(example):
    spec = json.loads(json.dumps(example.draw(example.frame).to_dict()))
    picture = charts.to_svg(spec)
    assert {kind: marks(picture, kind) for kind in example.marks} == example.marks
    shown = texts_in(picture)
    assert [words for words in example.shown if words not in shown] == []


@EVERY
def test_a_description_has_the_numbers(example):
    assert example.draw(example.frame).to_dict()["description"] == example.description


@EVERY
def test_a_chart_is_drawn_by_the_vega_lite_nearest_to_that_of_lab(example):
    """The converter has no 5.6; 5.8 is the oldest, and takes nothing newer without a complaint or another picture."""
    spec = {**example.draw(example.frame).to_dict(), "$schema": theme.VEGA_LITE_SCHEMA}
    old = vl_convert.vegalite_to_svg(spec, vl_version="5.8")
    assert {kind: marks(old, kind) for kind in example.marks} == example.marks
    assert sorted(texts_in(old)) == sorted(texts_in(charts.to_svg(example.draw(example.frame).to_dict())))


@EVERY
def test_no_rows_are_said_to_be_none(example):
    chart = example.draw(example.frame.clear())
    assert "No rows to show." in texts_in(drawn(chart))
    assert chart.to_dict()["description"].endswith(": no rows to show.")


@EVERY
def test_one_row_is_drawn(example):
    assert "<svg" in drawn(example.draw(example.frame.head(1)))


@EVERY
def test_a_frame_may_be_lazy(example):
    assert example.draw(example.frame.lazy()).to_dict() == example.draw(example.frame).to_dict()


@EVERY
def test_each_column_that_is_missing_is_named(example):
    optional = {"reply_tree": set(), "bars": {"thread"}, "bars within": {"n", "n_total"}}
    name = next(name for name, each in EXAMPLES.items() if each is example)
    for column in set(example.frame.columns) - optional.get(name, set()) - UNUSED.get(name, set()):
        with pytest.raises(MissingColumnError, match=rf"{name.split()[0]}.* needs the column .*\b{column}\b"):
            example.draw(example.frame.drop(column))


UNUSED = {"vocabulary_growth by author": {"n_hapaxes"}}


@EVERY
def test_nothing_reaches_the_edge_of_the_picture(example):
    """Vega leaves five pixels around what it draws, so ink nearer to the edge is cut off."""
    charts.use()
    try:
        png = vl_convert.vegalite_to_png(example.draw(example.frame).to_dict(), scale=1)
    finally:
        alt.renderers.enable("default")
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    for edge in (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:]):
        assert (edge == 255).all()


@EVERY
def test_only_colours_that_are_tested_here_are_used_and_words_are_in_ink(example):
    spec = example.draw(example.frame).to_dict()
    known = {*theme.PALETTE, *theme.LINES, *theme.STEPS, theme.ARTICLE, theme.DISC, theme.FAINT, theme.INK, theme.QUIET}
    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", json.dumps({**spec, "datasets": {}}))) <= known | {"#FFFFFF"}
    words = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert words
    assert {mark["color"] for mark in words} <= {theme.INK, theme.QUIET}


PROGRAM = """
import json, test_charts
pictures = {name: test_charts.drawn(each.draw(each.frame)) for name, each in reversed(test_charts.EXAMPLES.items())}
print(json.dumps(pictures))
"""


def test_pictures_are_the_same_from_run_to_run_whatever_was_drawn_before():
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parent)}
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment)
    elsewhere = json.loads(run.stdout)
    assert set(elsewhere) == set(EXAMPLES)
    for name, example in EXAMPLES.items():
        assert drawn(example.draw(example.frame)) == elsewhere[name], name


HOSTILE = "\x00\x07</text><script>alert(1)</script>\r\n\"'&amp; \u202e\N{PILE OF POO}\ufffe"


@pytest.mark.parametrize(
    "chart",
    [
        lambda: charts.reply_order(SIZES.with_columns(author=pl.lit(HOSTILE))),
        lambda: charts.reply_tree(TREE.with_columns(author=pl.lit(HOSTILE), label=pl.lit(HOSTILE))),
        lambda: charts.stance_matrix(ANSWERS.with_columns(label=pl.lit(HOSTILE), question=pl.lit(HOSTILE))),
        lambda: charts.argument_map(
            UNITS.with_columns(quote=pl.lit(HOSTILE)), LINKS.with_columns(label=pl.lit(HOSTILE))
        ),
        lambda: charts.entity_map(MENTIONS.with_columns(name=pl.lit(HOSTILE))),
        lambda: charts.keyness(KEYWORDS.with_columns(word=pl.lit(HOSTILE)), target="a", reference="b"),
        lambda: charts.vocabulary_growth(GROWTH_BY.with_columns(author=pl.lit(HOSTILE)).head(1), by="author"),
        lambda: charts.rank_frequency(RANKS.with_columns(word=pl.lit(HOSTILE))),
        lambda: charts.agreement(COEFFICIENTS.with_columns(on=pl.lit(HOSTILE), remark=pl.lit(HOSTILE))),
        lambda: charts.density(STRETCHES.with_columns(layer=pl.lit(HOSTILE))),
        lambda: charts.bars(SHARES.with_columns(label=pl.lit(HOSTILE), thread=pl.lit(HOSTILE)), category="label"),
    ],
)
def test_markup_in_the_data_is_shown_and_never_run(chart):
    picture = drawn(chart())
    # A picture that is no XML is not shown at all.
    tree = ElementTree.fromstring(picture)
    assert not [found for found in tree.iter() if found.tag.endswith("script")]


def test_anybodys_chart_of_any_comment_is_shown():
    """The converter ends the process, and a notebook's kernel with it, on a character that XML cannot hold."""
    hostile = alt.Chart(pl.DataFrame({"words": [f"a{chr(code)}b" for code in (*range(32), 127, 0xFFFE, 0xFFFF)]}))
    spec = hostile.mark_text().encode(text="words:N", y="words:N").properties(description="\x00").to_dict()
    picture = charts.display_bundle(spec)["image/svg+xml"]
    assert len([text for text in texts_in(picture) if text.startswith("a")]) >= 35


# Each chart by itself


def test_a_tree_draws_each_text_on_a_line_of_its_own_below_what_it_answers():
    nodes = rows_of(charts.reply_tree(TREE.sample(fraction=1, shuffle=True, seed=1)))[2]
    assert [(node["text_id"], node["row"], node["depth"]) for node in nodes] == [
        ("a1", 0, 0),
        ("c1", 1, 1),
        ("c3", 2, 2),
        ("c2", 3, 1),
        ("b1", 4, 0),
    ]
    lines = rows_of(charts.reply_tree(TREE))[0]
    assert [(line["text_id"], line["above"], line["row"]) for line in lines] == [
        ("c1", 0, 1),
        ("c3", 1, 2),
        ("c2", 0, 3),
    ]


def test_both_labels_of_an_author_who_was_divided_have_a_line_a_colour_and_a_shape_of_their_own():
    chart = charts.stance_matrix(ANSWERS, labels=["for", "against", "none"], quiet=["none"])
    cells = {(row["who"], row["question"], row["words"]): row["row"] for row in rows_of(chart)[2]}
    assert cells == {
        ("Ann", "the_bridge", "for 1 of 2"): 0,
        ("Ann", "the_bridge", "against 1 of 2"): 1,
        ("Ann", "the_ferry", "none 2 of 2"): 0,
        ("unnamed", "the_bridge", "none 1 of 1"): 2,
        ("unnamed", "the_ferry", "for 1 of 1"): 2,
    }
    (points,) = [layer for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == "point"]
    for channel in ("color", "shape"):
        scale = points["encoding"][channel]["scale"]
        assert scale["domain"] == ["for", "against", "none"]
        assert len(set(scale["range"])) == 3


def test_labels_come_in_the_order_of_the_scheme_and_an_unknown_one_is_named():
    first = rows_of(charts.stance_matrix(ANSWERS, labels=["against", "for", "none"]))[2]
    assert {row["words"]: row["row"] for row in first if row["who"] == "Ann"}["against 1 of 2"] == 0
    with pytest.raises(UnknownNameError, match="unknown label 'none'; there are: for, against"):
        charts.stance_matrix(ANSWERS, labels=["for", "against"])
    with pytest.raises(UnknownNameError, match="unknown label 'conflict'; there are: inference"):
        charts.argument_map(UNITS, LINKS, labels=["inference"])


def test_a_label_that_is_null_is_shown_as_unnamed():
    answers = ANSWERS.with_columns(label=pl.when(pl.col("label") != "none").then("label"))
    shown = texts_in(drawn(charts.stance_matrix(answers, labels=["for", "against"])))
    assert "unnamed 2 of 2" in shown


def brackets_of(chart):
    """From relation id to the corners of its bracket, and to its arrow head."""
    layers = {layer.mark.type: rows for layer, rows in zip(chart.layer, rows_of(chart), strict=True)}
    corners = {}
    for corner in sorted(layers["line"], key=lambda row: row["corner"]):
        corners.setdefault(corner["relation_id"], []).append((corner["x"], corner["at"]))
    lines = {row["span_id"]: row["row"] for rows in rows_of(chart)[:3] for row in rows if not row["is_heading"]}
    return corners, {row["relation_id"]: row for row in layers["point"]}, lines


def test_arrows_lead_to_the_unit_or_to_the_relation_that_is_attacked():
    corners, heads, lines = brackets_of(charts.argument_map(UNITS, LINKS))
    # Headings stand on lines 0, 3 and 5.
    assert lines == {"u1": 1, "u2": 2, "u3": 4, "u4": 6}
    assert [x for x, _ in corners["r1"]] == [0, 1, 1, 0]
    assert round(corners["r1"][0][1]) == 1
    assert round(corners["r1"][-1][1]) == round(heads["r1"]["at"]) == 2
    # The undercut ends on the bracket of r1, in its lane and between its ends.
    assert corners["r3"][-1][0] == 1
    assert corners["r1"][0][1] < heads["r3"]["at"] < corners["r1"][-1][1]
    assert heads["r3"]["head"] == "triangle-right"
    inner = charts.argument_map(UNITS, LINKS.with_columns(lane=pl.Series([2, 1, 0])))
    assert brackets_of(inner)[1]["r3"]["head"] == "triangle-left"


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda ends: ends[0] != ends[1]), max_size=14))
def test_no_two_brackets_meet_at_their_ends_or_share_a_stretch(ends):
    texts = pl.DataFrame({"text_id": ["x", "y"], "thread_id": "t", "position": [0, 1], "author_id": ["a", None]})
    spans = pl.DataFrame(
        [(f"u{i}", "x" if i < 5 else "y", i, i + 1, "q", "fact", "asserting") for i in range(10)],
        schema=["span_id", "text_id", "start_char", "end_char", "quote", "label", "illocution"],
        orient="row",
    )
    relations = pl.DataFrame(
        [(f"r{i}", f"u{a}", f"u{b}", "inference") for i, (a, b) in enumerate(ends)],
        schema=dict.fromkeys(["relation_id", "from_id", "to_id", "label"], pl.String),
        orient="row",
    )
    units = argument_units(spans, relations, texts)
    corners, _, lines = brackets_of(charts.argument_map(units, argument_links(units, relations)))
    heights = [height for path in corners.values() for _, height in (path[0], path[-1])]
    assert len(set(heights)) == len(heights)
    for relation_id, (start, *_, stop) in corners.items():
        a, b = ends[int(relation_id[1:])]
        assert abs(start[1] - lines[f"u{a}"]) < 0.5
        assert abs(stop[1] - lines[f"u{b}"]) < 0.5
    for one, other in itertools.combinations(corners.values(), 2):
        if one[1][0] == other[1][0]:
            (low, high), (first, last) = (sorted(at for _, at in path)[:: len(path) - 1] for path in (one, other))
            assert high < first or last < low


def test_a_map_of_entities_shows_the_first_chains_and_says_how_many_there_are():
    chart = charts.entity_map(MENTIONS, top=2)
    assert "The first 2 of 4 chains. Each number: mentions in the text." in texts_in(drawn(chart))
    assert {row["chain_id"] for row in rows_of(chart)[1]} == {"e1", "e2"}


def test_key_words_are_the_highest_of_each_side_with_the_highest_log_ratio_on_top():
    chart = charts.keyness(KEYWORDS, target="comments", reference="article", top=1)
    assert [row["word"] for row in rows_of(chart)[0]] == ["ferry", "bridge"]
    assert "the 2 of 4 words with the highest G2" in chart.to_dict()["description"]


def test_a_long_line_is_drawn_from_some_of_its_points_with_its_first_and_last():
    n = 100_000
    long = pl.DataFrame({"n_words": range(1, n + 1), "n_types": range(1, n + 1), "n_hapaxes": [1] * n})
    points = [row for row in rows_of(charts.vocabulary_growth(long))[1] if row["label"].endswith("types")]
    assert (points[0]["x"], points[-1]["x"], points[-1]["y"]) == (1, n, n)
    assert 200 < len(points) < 400
    ranks = pl.DataFrame({"rank": range(1, n + 1), "word": "w", "n": range(n, 0, -1)})
    shown = [row["x"] for row in rows_of(charts.rank_frequency(ranks))[1]]
    assert shown[:5] == [1, 2, 3, 4, 5]
    assert shown[-1] == n
    assert len(shown) < 400


def test_a_line_of_means_is_drawn_from_all_its_points_with_rounded_figures_at_its_end():
    words = pl.DataFrame({"n": [50_000, 20_000, 7, 2, 1, 1, 1]})
    means = expected_growth(words, points=40).collect()
    chart = charts.vocabulary_growth(means)
    points = [row["x"] for row in rows_of(chart)[1] if row["label"] == "7 types"]
    assert points == means["n_words"].to_list()
    assert chart.to_dict()["description"].endswith("7 types in 70,012 words; 3 hapaxes in 70,012 words.")


def test_more_lines_than_asked_for_are_left_out_and_that_is_said():
    chart = charts.vocabulary_growth(GROWTH_BY, by="author", top=2)
    shown = texts_in(drawn(chart))
    assert "The 2 longest of 3 lines." in shown
    assert "unnamed, 2 types" not in shown


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.booleans())
def test_labels_at_the_ends_of_lines_never_overlap_nor_leave_the_chart_nor_change_places(heights, log):
    placed = vocabulary._spread(heights, max(heights), log=log)
    scale = np.log10 if log else np.asarray
    extent = scale(max(2, *heights))
    assert (np.diff(np.sort(scale(placed))) >= extent * 15 / 300 - 1e-9).all()
    assert all(-1e-9 <= scale(at) <= extent + 1e-9 for at in placed)
    assert [heights[i] for i in np.argsort(placed)] == sorted(heights)


def test_labels_that_have_room_stand_at_the_ends_of_their_lines():
    assert vocabulary._spread([10, 100, 50], 100, log=False) == [10, 100, 50]


def test_what_is_no_finite_number_is_not_drawn():
    frame = SHARES.with_columns(share=pl.Series([float("nan"), float("inf"), 0.5]))
    spec = charts.bars(frame, category="label").to_dict()
    assert "NaN" not in json.dumps(spec)
    assert "Infinity" not in json.dumps(spec)


def test_a_coefficient_with_a_remark_is_hollow_and_an_undefined_one_has_no_dot():
    chart = charts.agreement(COEFFICIENTS)
    dots = [
        (layer["mark"]["filled"], [row["name"] for row in rows])
        for layer, rows in zip(chart.to_dict()["layer"], rows_of(chart), strict=True)
        if layer["mark"]["type"] == "point"
    ]
    assert dots == [(False, ["q2, alpha"]), (True, ["q1, alpha", "sentences, spans, F1"])]
    assert any(line.startswith("Hollow: the interval says little") for line in texts_in(drawn(chart)))
    plain = texts_in(drawn(charts.agreement(COEFFICIENTS.filter(pl.col("remark").is_null()))))
    assert not any(line.startswith("Hollow") for line in plain)


def test_rows_that_only_their_annotators_tell_apart_say_who_they_are():
    twice = pl.concat([COEFFICIENTS.head(1), COEFFICIENTS.head(1).with_columns(annotators=pl.lit("kim noor"))])
    shown = texts_in(drawn(charts.agreement(twice)))
    assert {"kim lee", "kim noor"} <= set(shown) or {", kim lee", ", kim noor"} <= set(shown)


def test_a_stretch_has_the_step_that_its_share_lies_in():
    steps = {
        (row["strip"], row["start_char"]): row["step"]
        for row in rows_of(charts.density(STRETCHES))[0]
        if row["text"] == "a1"
    }
    assert steps == {
        ("stance", 0): "nothing",
        ("stance", 40): "up to 25 %",
        ("stance", 80): "up to 50 %",
        ("unnamed", 0): "up to 25 %",
        ("unnamed", 40): "up to 75 %",
        ("unnamed", 80): "more than 75 %",
    }


def test_bars_of_other_numbers_than_shares_have_no_per_cent():
    chart = charts.bars(SIZES, category="text_id", value="n_words", n=None)
    assert chart.to_dict()["layer"][0]["encoding"]["x"]["axis"]["format"] == ","
    assert chart.to_dict()["description"].endswith("c1 6 (6); a1 15 (15); c2 5 (5).")


def test_what_cannot_be_drawn_is_refused_with_the_number_that_can():
    many = pl.DataFrame({"label": ["x"] * 1001, "share": 0.5, "n": 1})
    with pytest.raises(ArgumentError, match="bars: 1,001 rows are too many to draw; choose rows with at most 1,000"):
        charts.bars(many, category="label")
    wide = pl.DataFrame(
        {"chain_id": "e", "name": "n", "text_id": [f"c{i}" for i in range(61)], "position": 1, "n_mentions": 1}
    )
    with pytest.raises(ArgumentError, match="entity_map: 61 texts"):
        charts.entity_map(wide)
    with pytest.raises(ArgumentError, match="vocabulary_growth: top: 21 lines are too many to draw"):
        charts.vocabulary_growth(GROWTH, top=21)


def test_a_description_of_much_names_the_first_and_counts_the_rest():
    many = pl.DataFrame({"label": [f"l{i}" for i in range(40)], "share": 0.5, "n": 1})
    assert charts.bars(many, category="label").to_dict()["description"].endswith("l29 50% (1); and 10 more.")


def test_more_authors_than_colours_still_draw():
    n = 20
    many = pl.DataFrame(
        {"text_id": [f"c{i}" for i in range(n)], "position": range(n), "author": [f"p{i}" for i in range(n)]}
    )
    assert marks(drawn(charts.reply_order(many.with_columns(n_words=pl.lit(1)))), "bar") == n


@given(st.lists(st.tuples(st.sampled_from([None, "x", "y"]), st.integers(0, 5)), max_size=12))
def test_headings_stand_before_their_groups_and_nothing_is_lost(drawn_rows):
    rows = pl.DataFrame(drawn_rows, schema={"group": pl.String, "value": pl.Int64}, orient="row")
    lines = layout.headed(rows, "group")
    assert lines["row"].to_list() == list(range(lines.height))
    groups = list(dict.fromkeys(group for group, _ in drawn_rows))
    expected = []
    for group in groups:
        members = [row for row in drawn_rows if row[0] == group]
        expected += [(*members[0], True), *((*row, False) for row in members)]
    assert lines.select("group", "value", "is_heading").rows() == expected


@given(st.text(max_size=80), st.integers(2, 60))
def test_shortened_words_are_never_longer_than_asked_and_begin_as_before(text, most):
    short = pl.select(layout.shortened(pl.lit(text), most)).item()
    assert len(short) <= most
    assert short == text if len(text) <= most else text.startswith(short.removesuffix("…"))


# The shipped corpus


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


@pytest.fixture(scope="module")
def running_words(corpus):
    kinds = corpus.texts.lazy().select("text_id", "kind", "author_id")
    return words(tokenise(corpus.texts)).join(kinds, on="text_id", maintain_order="left").collect()


def test_the_replies_of_the_shipped_corpus_are_those_that_reading_gives(corpus):
    tree = reply_tree(corpus.texts, corpus.layer("replies"))
    lengths = sizes(corpus.texts, tokenise(corpus.texts), split_sentences(corpus.texts)).collect()
    labels = corpus.layer("replies").select(text_id="from_id", label=pl.col("label").cast(pl.String))
    names = corpus.texts.select("text_id", author="author_id")
    for part in (lengths.select("text_id", "n_words"), labels, names):
        tree = tree.join(part, on="text_id", how="left", maintain_order="left")
    chart = charts.reply_tree(tree)
    nodes = rows_of(chart)[2]
    assert [(node["text_id"], node["parent_id"], node["depth"], node["n_words"]) for node in nodes] == [
        ("a1", None, 0, 175),
        ("c1", "a1", 1, 53),
        ("c2", "c1", 2, 21),
        ("c3", "a1", 1, 149),
        ("c4", "c3", 2, 59),
        ("c5", "c4", 3, 96),
    ]
    assert "answers c4: disagreement, 96 words" in texts_in(drawn(chart))


def test_the_author_who_changed_sides_in_the_shipped_corpus_is_seen_doing_so(corpus):
    comments = corpus.texts.filter(pl.col("kind") == "comment")
    chart = charts.stance_matrix(
        judgement_shares(corpus.layer("stance"), comments),
        labels=["favour", "against", "none", "unsure"],
        quiet=["none"],
    )
    found = {(row["who"], row["question"]): [] for row in rows_of(chart)[2]}
    for row in rows_of(chart)[2]:
        found[row["who"], row["question"]].append(row["words"])
    # c2 says nothing of who is stronger, c4 that the United States are.
    assert found["fazman", "us_military_primacy"] == ["favour 1 of 2", "none 1 of 2"]
    assert found["b-poster", "us_military_primacy"] == ["against 2 of 2"]
    assert marks(drawn(chart), "point") == sum(len(labels) for labels in found.values())


def test_every_unit_and_relation_of_the_shipped_corpus_is_in_its_map(corpus):
    relations = corpus.table("arguments_relations")
    units = argument_units(corpus.table("arguments"), relations, corpus.texts)
    picture = drawn(charts.argument_map(units, argument_links(units, relations)))
    assert marks(picture, "line mark") == marks(picture, "point") == relations.height
    assert sum(text.startswith("arguments-") for text in texts_in(picture)) == corpus.table("arguments").height


def test_the_mentions_on_the_map_of_the_shipped_corpus_add_up(corpus):
    mentions = corpus.table("entities")
    of_chains = chains(corpus.scan("entities"), corpus.scan("coreference"), corpus.scan("texts"))
    chart = charts.entity_map(chains_by_text(mentions, of_chains, corpus.texts), top=1000)
    assert sum(row["n_mentions"] for row in rows_of(chart)[1]) == mentions.drop_nulls("start_char").height
    assert "<svg" in drawn(chart)


def test_the_words_of_the_shipped_corpus_are_drawn(running_words):
    found = keyness(running_words, target=pl.col("kind") == "comment")
    chart = charts.keyness(found, target="comments", reference="article")
    assert marks(drawn(chart), "bar") == found.collect().height
    growth = charts.vocabulary_growth(vocabulary_growth(running_words, by="text_id"), by="text_id")
    n_types = running_words.filter(pl.col("text_id") == "c2")["word"].n_unique()
    assert f"c2, {n_types} types" in texts_in(drawn(growth))
    assert "the" in texts_in(drawn(charts.rank_frequency(frequencies(running_words))))


def test_the_agreement_of_the_shipped_corpus_is_drawn(corpus):
    found = agreement(corpus, layers=["quality", "stance", "tokens"], by_label=False, bootstraps=50)
    chart = charts.agreement(found)
    picture = drawn(chart)
    assert marks(picture, "point") == found["value"].count()
    assert texts_in(picture).count("undefined") == found["value"].null_count() > 0
    names = [(row["layer"], row["name"]) for row in rows_of(chart)[3]]
    assert len(set(names)) == found.height


def test_the_layers_of_the_shipped_corpus_are_drawn_over_its_texts(corpus):
    layers = [
        corpus.table(name).select("text_id", "start_char", "end_char", layer=pl.lit(name))
        for name in ("entities", "time")
    ]
    frame = density(pl.concat(layers), corpus.texts).collect()
    assert marks(drawn(charts.density(frame)), "rect mark") == frame.height


def test_shares_of_the_shipped_corpus_are_drawn_with_their_numbers(corpus):
    found = shares(corpus.table("arguments"), of="label").collect()
    shown = texts_in(drawn(charts.bars(found, category="label", total="n_total")))
    assert f"{(corpus.table('arguments')['label'] == 'fact').sum()} of 35" in shown


# How charts are shown and saved


def test_a_chart_is_shown_as_vega_lite_for_lab_as_picture_and_as_words():
    spec = charts.reply_order(SIZES).to_dict()
    bundle = charts.display_bundle(spec)
    assert set(bundle) == {"application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"}
    assert bundle["application/vnd.vegalite.v5+json"]["$schema"].endswith("/v5.json")
    assert bundle["text/plain"] == spec["description"]
    assert not re.search(r'(?:href|src)="http', bundle["image/svg+xml"])


def test_one_call_switches_on_theme_and_display():
    charts.use()
    try:
        assert alt.theme.active == charts.THEME
        assert alt.renderers.active == charts.THEME
        spec = charts.reply_order(SIZES).to_dict()
        assert spec["config"]["axis"]["labelColor"] == charts.INK
        shown = charts.reply_order(SIZES)._repr_mimebundle_()
        assert "image/svg+xml" in shown
    finally:
        alt.renderers.enable("default")


@pytest.mark.parametrize(("suffix", "begins"), [(".png", b"\x89PNG\r\n\x1a\n"), (".svg", b"<svg"), (".PDF", b"%PDF-")])
def test_a_chart_is_saved_as_its_suffix_says(tmp_path, suffix, begins):
    path = tmp_path / "new" / f"chart{suffix}"
    charts.save(charts.reply_tree(TREE), path)
    assert path.read_bytes().startswith(begins)
    assert list(path.parent.iterdir()) == [path]
    charts.save(charts.reply_tree(TREE), str(path))


def test_another_suffix_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(UnknownNameError, match=r"unknown picture suffix '\.html'; there are: \.pdf, \.png, \.svg"):
        charts.save(charts.reply_tree(TREE), tmp_path / "chart.html")
    assert list(tmp_path.iterdir()) == []


# Colours


def rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


@pytest.mark.parametrize("deficiency", [None, "protanomaly", "deuteranomaly", "tritanomaly"])
@pytest.mark.parametrize(
    "together", [(*theme.PALETTE, theme.ARTICLE), theme.LINES, theme.STEPS], ids=["palette", "lines", "steps"]
)
def test_no_two_colours_of_a_chart_are_alike_to_any_eye(together, deficiency):
    """By the simulations of Machado et al. (2009) as another library has them; distance is CIE 1976 delta E."""
    seen = {}
    for colour in together:
        space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100} if deficiency else "sRGB1"
        simulated = np.clip(cspace_convert(rgb(colour), space, "sRGB1"), 0, 1)
        seen[colour] = cspace_convert(simulated, "sRGB1", "CIELab")
    for (one, first), (other, second) in itertools.combinations(seen.items(), 2):
        assert np.linalg.norm(first - second) >= 12, (one, other)


def luminance(colour):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """As WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("colour", "ground"), [(theme.INK, "#FFFFFF"), (theme.QUIET, "#FFFFFF"), (theme.INK, theme.DISC)]
)
def test_text_stands_out_from_its_ground(colour, ground):
    assert contrast(colour, ground) >= 4.5


@pytest.mark.parametrize("colour", theme.LINES)
def test_thin_lines_stand_out_from_white(colour):
    assert contrast(colour, "#FFFFFF") >= 3


def test_steps_darken_one_by_one_so_that_they_can_be_read_in_grey():
    lightness = [cspace_convert(rgb(colour), "sRGB1", "CIELab")[0] for colour in theme.STEPS]
    assert all(lighter - darker >= 8 for lighter, darker in itertools.pairwise(lightness))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=42, unique=True))
def test_no_two_labels_look_the_same(labels):
    colours, shapes = layout.looks(labels)
    assert len({(colours[label], shapes[label]) for label in labels}) == len(labels)
