"""Charts: they say what the data say, need no network, and no reader depends on colour."""

import itertools
import json
import re

import altair as alt
import numpy as np
import polars as pl
import pytest
from colorspacious import cspace_convert

from corpus_tools import charts
from corpus_tools.errors import MissingColumnError

SIZES = pl.DataFrame(
    {
        "text_id": ["c1", "a1", "c2"],
        "position": [1, 0, 2],
        "author": ["Ann <b>", None, "b.z."],
        "n_words": [6, 15, 5],
    }
)


@pytest.fixture(autouse=True)
def _theme():
    with alt.theme.enable("default"):
        yield


def test_the_chart_survives_its_json_and_is_drawn():
    spec = json.loads(json.dumps(charts.reply_order(SIZES).to_dict()))
    picture = charts.to_svg(spec)
    assert picture.startswith("<svg")
    for shown in ("a1  article", "c1  Ann &lt;b&gt;", "c2  b.z.", ">15<", ">6<", ">5<"):
        assert shown in picture.replace("\N{NO-BREAK SPACE}", " ")
    assert picture.count('aria-roledescription="bar"') == 3


def test_the_description_is_computed_from_the_data_in_printed_order():
    assert charts.reply_order(SIZES).to_dict()["description"] == (
        "Bar chart, first to last: a1 the article, 15 words; c1 by Ann <b>, 6 words; c2 by b.z., 5 words."
    )


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


def test_a_missing_column_is_named():
    with pytest.raises(MissingColumnError, match="reply_order needs the column n_words"):
        charts.reply_order(SIZES.drop("n_words"))


def test_more_authors_than_colours_still_draw():
    many = pl.DataFrame(
        {
            "text_id": [f"c{i}" for i in range(20)],
            "position": range(20),
            "author": [f"p{i}" for i in range(20)],
            "n_words": [1] * 20,
        }
    )
    assert charts.to_svg(charts.reply_order(many).to_dict()).count('aria-roledescription="bar"') == 20


def rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


@pytest.mark.parametrize("deficiency", [None, "protanomaly", "deuteranomaly", "tritanomaly"])
def test_no_two_colours_are_alike_to_any_eye(deficiency):
    """By the simulations of Machado et al. (2009) as another library has them; distance is CIE 1976 delta E."""
    seen = {}
    for colour in (*charts.PALETTE, charts.ARTICLE):
        space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100} if deficiency else "sRGB1"
        simulated = np.clip(cspace_convert(rgb(colour), space, "sRGB1"), 0, 1)
        seen[colour] = cspace_convert(simulated, "sRGB1", "CIELab")
    for (one, first), (other, second) in itertools.combinations(seen.items(), 2):
        assert np.linalg.norm(first - second) >= 12, (one, other)


@pytest.mark.parametrize("colour", [charts.INK, charts.QUIET])
def test_text_stands_out_from_white(colour):
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb(colour)]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    assert 1.05 / (luminance + 0.05) >= 4.5
