"""The report in a real browser with every outside request blocked: nothing fails and every chart has marks."""

import json

import nbformat
import pytest

from conftest import NEEDS_BROWSER, ROOT
from corpus_tools.corpus import load
from corpus_tools.reproduce import find_notebooks
from corpus_tools.reproduce.report import report_page

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of the stored notebooks, which `test_reproduce` holds to be those of a fresh run."""
    stored = {path.stem: nbformat.read(path, as_version=4) for path in find_notebooks(ROOT / "notebooks")}
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_page(load(ROOT / "corpus"), stored, [], n_tables=1, n_values=1), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, report, request):
    """The report in a fresh page, and what went wrong while it opened."""
    context = browser.new_context(java_script_enabled=request.param, viewport={"width": 1000, "height": 1400})
    page, problems, asked = context.new_page(), [], []
    page.route(
        "**/*", lambda route: route.continue_() if route.request.url.startswith(("file:", "data:")) else route.abort()
    )
    page.on("request", lambda found: asked.append(found.url))
    page.on("requestfailed", lambda found: problems.append(f"failed: {found.url}"))
    page.on("console", lambda found: problems.append(found.text) if found.type in ("error", "warning") else None)
    page.on("pageerror", lambda found: problems.append(str(found)))
    page.goto(report.as_uri())
    yield page, problems, asked
    context.close()


@pytest.mark.parametrize("opened", [True], indirect=True)
def test_charts_become_interactive_with_visible_marks_and_nothing_is_asked_for(opened):
    page, problems, asked = opened
    figures = page.locator("figure[data-spec]")
    assert figures.count() >= 10
    for i in range(figures.count()):
        figure = figures.nth(i)
        figure.locator("svg").first.wait_for(state="visible")
        # Lines, bars, points and words; the first picture has given way to them.
        marks = figure.locator("svg g[class*=role-mark] :is(path, text)")
        boxes = [marks.nth(n).bounding_box() for n in range(marks.count())]
        assert sum(box is not None and box["width"] * box["height"] > 20 for box in boxes) >= 6
        assert figure.locator("img").count() == 0
        described = figure.locator("svg[aria-label], [role=graphics-document][aria-label]").first
        spec = json.loads(page.locator(f"#{figure.get_attribute('data-spec')}").text_content())
        assert described.get_attribute("aria-label") == spec["description"]
    assert problems == []
    assert [url[:60] for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("opened", [False], indirect=True)
def test_without_scripts_every_chart_is_a_picture_with_a_description(opened):
    page, problems, asked = opened
    images = page.locator("img")
    assert images.count() >= 1
    for i in range(images.count()):
        box = images.nth(i).bounding_box()
        assert box["width"] > 100
        assert box["height"] > 100
        assert images.nth(i).get_attribute("alt")
    # The picture is there in colour, not as an empty frame.
    assert len(set(images.first.screenshot())) > 100
    assert page.get_by_text("B,Poster said...").first.is_visible()
    assert problems == []
    assert [url[:60] for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("opened", [True], indirect=True)
def test_nothing_is_wider_than_the_page(opened):
    page, _, _ = opened
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("opened", [True], indirect=True)
def test_no_output_is_cut_off_at_its_side(opened):
    page, _, _ = opened
    page.locator("figure svg").last.wait_for(state="visible")
    wide = """[...document.querySelectorAll("main .output, main pre")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText.slice(0, 80))"""
    assert page.evaluate(wide) == []
