"""The report in a real browser with every outside request blocked: nothing fails and every chart has marks."""

import os
import shutil

import pytest

from conftest import ROOT
from corpus_tools.reproduce import reproduce

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which("chromium") is None, reason="no Chromium here; install it to run the browser tests"
    ),
    # The driver leaves its pipes to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return reproduce(ROOT / "corpus", report=tmp_path_factory.mktemp("report") / "report.html").report


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                *sandbox,
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield started
        started.close()


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
    assert figures.count() >= 1
    for i in range(figures.count()):
        marks = figures.nth(i).locator("svg .mark-rect path")
        marks.first.wait_for(state="visible")
        boxes = [marks.nth(n).bounding_box() for n in range(marks.count())]
        assert len(boxes) == 6
        assert all(box["width"] > 5 and box["height"] > 5 for box in boxes)
        described = figures.nth(i).locator("svg[aria-label], [role=graphics-document][aria-label]")
        assert described.first.get_attribute("aria-label").startswith("Bar chart, first to last")
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
