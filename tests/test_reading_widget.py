"""Reading in a real browser that reaches nothing: the static page without scripts, and the widget's own script."""

import dataclasses
import itertools

import polars as pl
import pytest

from conftest import LAYERED, NEEDS_BROWSER, ROOT
from corpus_tools import reading
from corpus_tools.corpus import load
from corpus_tools.standoff import lanes

pytestmark = NEEDS_BROWSER

ADDRESS = "http://widget.test/"
# A model that does what the widget's script asks of the one in a notebook, and keeps what it is told.
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>waiting</title><style></style><div id="place"></div>
<script type="module">
import widget, { lanes } from "http://widget.test/widget.js";
window.lanes = lanes;
window.start = (state, style) => {
  document.querySelector("style").textContent = style;
  const heard = {};
  window.saved = 0;
  window.state = state;
  window.heard = heard;
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      if (state[name] === value) return;
      state[name] = value;
      for (const act of heard["change:" + name] ?? []) act();
    },
    save_changes: () => (window.saved += 1),
    on: (name, act) => (heard[name] ??= []).push(act),
    off: (name, act) => (heard[name] = heard[name].filter((other) => other !== act)),
  };
  window.end = widget.render({ model: window.model, el: document.getElementById("place") });
};
document.title = "ready";
</script>"""
BODIES = """() => Array.from(document.querySelectorAll(".ct-body"), (body) => {
  const copy = body.cloneNode(true);
  for (const label of copy.querySelectorAll(".ct-label")) label.remove();
  for (const sign of copy.querySelectorAll(".ct-nul")) sign.textContent = "\\0";
  return copy.textContent;
})"""
# Emoji of several code points, a combining accent, a carriage return, a writing direction, markup, a null character.
NASTY = "👩‍👩‍👧 a\u0301b\r\nc\rd \u202eefg\u202c <script>window.ran = 1</script><img src=x onerror='window.ran = 1'>\0 "


class Nasty:
    """The frames of a corpus with hard texts, and markup in all that is shown around them."""

    def __init__(self, frames):
        self.frames = frames

    def scan(self, table, split):
        frame = self.frames.scan(table, split)
        columns = {"text", "byline", "title", "label", "reason", "quote", "question", "upos", "lemma"}
        here = sorted(columns & set(frame.collect_schema().names()))
        return frame.with_columns((NASTY + pl.col(name)).alias(name) for name in here)


@pytest.fixture(scope="module")
def shipped_corpus():
    return load(ROOT / "corpus")


@pytest.fixture(scope="module")
def nasty():
    corpus = load(LAYERED, "draft")
    return dataclasses.replace(corpus, _frames=Nasty(corpus._frames))


@pytest.fixture
def opened(browser):
    """Opens pages that see this machine's files and the widget's script, and nothing else."""
    contexts, problems = [], []

    def open_page(address, *, scripts=True):
        context = browser.new_context(java_script_enabled=scripts, viewport={"width": 900, "height": 700})
        contexts.append(context)
        page = context.new_page()
        script = (ROOT / "src/corpus_tools/reading/widget.js").read_text(encoding="utf-8")

        def answer(route):
            if route.request.url == ADDRESS:
                route.fulfill(body=PAGE, content_type="text/html")
            elif route.request.url == f"{ADDRESS}widget.js":
                route.fulfill(body=script, content_type="text/javascript")
            elif route.request.url.startswith("file:"):
                route.continue_()
            else:
                problems.append(f"asked for {route.request.url}")
                route.abort()

        page.route("**/*", answer)
        page.on("console", lambda found: problems.append(found.text) if found.type in ("error", "warning") else None)
        page.on("pageerror", lambda found: problems.append(str(found)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # The browser asks for a picture of the site by itself.
    assert [problem for problem in problems if "favicon" not in problem] == []


@pytest.fixture
def started(opened):
    def start(corpus, **options):
        made = reading.widget(corpus, **options)
        page = opened(ADDRESS)
        page.wait_for_function("document.title === 'ready'")
        state = {"data": made.data, "layers": made.layers, "annotator": made.annotator, "mention": made.mention}
        page.evaluate("([state, style]) => window.start(state, style)", [state, made._css])
        return page

    return start


def tick(page, layer):
    page.get_by_role("checkbox", name=layer, exact=True).click()


def lit(page):
    """The words of every lit stretch, in order; one for each piece."""
    return page.locator(".ct-span.ct-on:not(:has(.ct-label))").all_inner_texts()


def in_view(page, locator):
    box = locator.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


# The static page


@pytest.mark.parametrize("which", ["shipped_corpus", "nasty"])
def test_in_a_browser_a_page_with_all_layers_holds_the_source_character_for_character(opened, which, request, tmp_path):
    corpus = request.getfixturevalue(which)
    page = opened(reading.thread(corpus, layers=corpus.layers).save(tmp_path / "page.html").as_uri())
    assert page.evaluate(BODIES) == corpus.texts["text"].to_list()
    assert page.evaluate("window.ran") is None
    assert page.locator("script, img").count() == 0


@pytest.mark.parametrize("layers", [["structure"], ["entities", "coreference", "replies"], None], ids=["1", "3", "all"])
@pytest.mark.parametrize("width", [900, 390])
def test_nothing_is_wider_than_the_page_and_no_line_runs_into_the_words_below(
    opened, shipped_corpus, layers, width, tmp_path
):
    shown = reading.thread(shipped_corpus, layers=layers or shipped_corpus.layers)
    page = opened(shown.save(tmp_path / "page.html").as_uri())
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # Boxes of words on different lines of a text do not meet, the room for lines under the words included.
    assert page.evaluate("""() => Array.from(document.querySelectorAll(".ct-body"), (body) => {
      const boxes = Array.from(body.querySelectorAll(".ct-span"), (span) => Array.from(span.getClientRects())).flat();
      const rows = [...new Set(boxes.filter((box) => box.width > 0).map((box) => Math.round(box.top)))].sort((a, b) => a - b);
      const height = Math.max(0, ...boxes.map((box) => box.height));
      return rows.every((top, i) => !i || top - rows[i - 1] <= 1 || top - rows[i - 1] >= height - 1);
    }).every(Boolean)""")


def test_a_chain_can_be_followed_without_scripts(opened, shipped_corpus, tmp_path):
    shown = reading.thread(shipped_corpus, layers=["coreference"])
    page = opened(shown.save(tmp_path / "page.html").as_uri(), scripts=False)
    label = page.locator(".ct-label", has_text="Russia").nth(1)
    for _ in range(3):
        label.get_by_label("after").click()
        target = page.locator(":target")
        assert in_view(page, target)
        number = page.url.rpartition("-")[2]
        piece = page.locator(f".ct-span.s{number}:not(:has(.ct-label))").first
        assert "255, 228, 92" in piece.evaluate("(span) => getComputedStyle(span).backgroundImage")
        label = page.locator(
            f".ct-anchor#{page.url.rpartition('#')[2]} + .ct-span .ct-label, :target ~ wbr + .ct-label"
        ).first


# The widget


@pytest.mark.parametrize("which", ["shipped_corpus", "nasty"])
def test_the_widget_holds_the_source_with_every_layer_and_pass(started, which, request):
    corpus = request.getfixturevalue(which)
    page = started(corpus, shown=corpus.layers)
    texts = corpus.texts["text"].to_list()
    for annotator in page.locator("option").all_inner_texts():
        page.get_by_label("Annotator").select_option(annotator)
        assert page.evaluate(BODIES) == texts
    page.get_by_label("Annotator").select_option("gold")
    for layer in corpus.layers:
        tick(page, layer)
        assert page.evaluate(BODIES) == texts
    assert page.locator(".ct-label").count() == 0
    assert page.evaluate("window.ran") is None
    assert page.locator("#place script, #place img").count() == 0


def test_the_widget_draws_the_spans_of_the_static_page_where_that_has_them(started, shipped_corpus):
    """Emoji before a span shift it in UTF-16, so the corpus with emoji in it is the one to look at."""
    corpus = load(LAYERED, "draft")
    page = started(corpus, layers=["signs", "stance"], shown=["signs"])
    assert page.locator(".ct-span").all_inner_texts() == corpus.layer("signs")["quote"].to_list()
    assert page.locator(".ct-label").all_inner_texts() == corpus.layer("signs")["label"].to_list()


def test_layers_and_passes_switch_what_is_shown_and_the_model_is_told(started):
    page = started(load(LAYERED, "draft"), layers=["negation", "entities"])
    assert page.locator(".ct-label").count() == 7
    tick(page, "entities")
    assert page.locator(".ct-label").count() == 7 + 12
    assert page.locator(".ct-label").first.inner_text() == "entities: thing"
    tick(page, "negation")
    assert page.locator(".ct-label").count() == 12
    page.get_by_label("Annotator").select_option("kim")
    assert page.locator(".ct-label").count() == 10
    assert page.evaluate("[window.state.layers, window.state.annotator, window.saved]") == [["entities"], "kim", 3]
    # The other way: a change made in Python.
    page.evaluate("window.model.set('layers', ['negation'])")
    assert page.get_by_role("checkbox", name="negation").is_checked()
    assert not page.get_by_role("checkbox", name="entities").is_checked()
    page.evaluate("window.model.set('annotator', 'noor')")
    assert page.locator(".ct-facts").first.inner_text() == "not gone through for: negation"


def test_a_click_on_a_mention_lights_up_its_chain_and_counts_it(started, shipped_corpus):
    page = started(shipped_corpus, layers=["coreference"])
    # The chain of Russia as the corpus has it, counted in the table.
    pairs = shipped_corpus.layer("coreference").filter(pl.col("chain_id") == "entities-4")
    mentions = {*pairs["from_id"], *pairs["to_id"]}
    quotes = shipped_corpus.layer("entities").filter(pl.col("span_id").is_in(mentions))["quote"].to_list()
    page.locator(".ct-label", has_text="Russia").nth(1).click()
    status = page.get_by_role("status")
    assert status.locator("span").inner_text() == f"Russia: 1 of {len(mentions)}"
    assert " ".join("".join(lit(page)).split()) == " ".join("".join(quotes).split())
    assert page.get_by_role("button", name="‹ previous").is_disabled()
    for number in range(2, len(mentions) + 1):
        page.get_by_role("button", name="next ›").press("Enter")
        assert status.locator("span").inner_text() == f"Russia: {number} of {len(mentions)}"
        assert in_view(page, page.locator(".ct-label.ct-here"))
    assert page.get_by_role("button", name="next ›").is_disabled()
    page.get_by_role("button", name="done").click()
    assert lit(page) == []
    assert status.inner_text() == ""


def test_words_and_the_keyboard_choose_a_mention_too(started):
    page = started(load(LAYERED, "draft"), layers=["entities", "coreference"], shown=["entities", "coreference"])
    page.locator(".ct-span", has_text="Harbour Bridge").first.click()
    assert page.evaluate("window.state.mention") == "entities-1"
    assert sorted(lit(page)) == ["Harbour Bridge", "it", "the old bridge"]
    label = page.locator("button.ct-label", has_text="The mayor of Eastport").nth(1)
    label.focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("status").locator("span").inner_text() == "The mayor of Eastport: 2 of 3"
    # Without the layer that has the chains there is none to follow; with it, the chosen one is back.
    tick(page, "coreference")
    assert lit(page) == []
    tick(page, "coreference")
    assert "She" in lit(page)


def test_one_jumps_from_a_reply_to_what_it_answers_and_back(started, shipped_corpus):
    page = started(shipped_corpus, layers=["replies"])
    head = {name: page.locator(".ct-head").nth(i) for i, name in enumerate(shipped_corpus.texts["text_id"])}
    head["c4"].locator(".ct-answer", has_text="answers c3 (disagreement)").get_by_role("button").click()
    assert in_view(page, head["c3"])
    assert head["c3"].evaluate("(head) => head === document.activeElement")
    head["c3"].locator(".ct-answer", has_text="answered by c4").get_by_role("button").click()
    assert in_view(page, head["c4"])
    assert page.locator(".ct-head.ct-here").count() == 1


def test_one_jumps_from_a_relation_to_both_of_its_ends(started):
    page = started(load(LAYERED, "draft"), layers=["negation"])
    page.locator("summary").first.click()
    row = page.locator(".ct-more li").first
    assert row.inner_text() == "negation: a1 'didn't' —scope→ a1 'say why'"
    row.get_by_role("button").nth(1).click()
    assert page.locator(".ct-span.ct-here").all_inner_texts() == ["say why"]


class Changed:
    """The frames of a corpus with some columns of some tables put differently."""

    def __init__(self, frames, **columns):
        self.frames, self.columns = frames, columns

    def scan(self, table, split):
        return self.frames.scan(table, split).with_columns(self.columns.get(table.name, []))


def changed(**columns):
    corpus = load(LAYERED, "draft")
    return dataclasses.replace(corpus, _frames=Changed(corpus._frames, **columns))


def test_a_thread_without_a_language_says_none(started):
    page = started(changed(threads=pl.lit(None, pl.String).alias("language")), layers=["negation"])
    assert page.locator("[lang]").count() == 0
    assert started(changed(), layers=["negation"]).locator('.ct-body[lang="en"]').count() == 3


def test_labels_and_ids_may_be_called_what_every_object_has(started):
    spans = [pl.lit("constructor").alias("label"), pl.col("span_id").replace("negation-1", "toString")]
    ends = [pl.col("from_id").replace("negation-1", "toString"), pl.col("to_id").replace("negation-2", "valueOf")]
    page = started(changed(negation=spans, negation_relations=ends), layers=["negation"])
    label = page.locator(".ct-label").first
    assert (label.inner_text(), label.get_attribute("title")) == ("constructor", None)
    page.locator("summary").first.click()
    row = page.locator(".ct-more li").first
    assert row.inner_text() == "negation: a1 'didn't' —scope→ valueOf"
    row.get_by_role("button").nth(1).click()
    assert page.locator(".ct-here").count() == 0


def test_what_is_not_recorded_in_a_draft_is_said_in_the_widget_too(started):
    nothing = pl.lit(None, pl.String)
    corpus = changed(
        negation=nothing.alias("label"),
        negation_relations=nothing.alias("to_id"),
        replies=nothing.alias("to_id"),
        texts=[nothing.alias("text"), nothing.alias("byline"), nothing.alias("kind")],
    )
    page = started(corpus, layers=["negation", "replies"], shown=["negation", "replies"])
    assert page.locator(".ct-label").first.inner_text() == "negation: unlabelled"
    assert page.locator(".ct-answer").first.inner_text() == "answers nothing (answer)"
    page.locator("summary").first.click()
    assert page.locator(".ct-more li").first.inner_text() == "negation: a1 '' —scope→ nothing"
    assert page.evaluate(BODIES) == ["", "", ""]


def test_a_view_that_is_closed_listens_no_longer(started):
    page = started(load(LAYERED, "draft"), layers=["negation"])
    page.evaluate("window.end()")
    assert page.evaluate("Object.values(window.heard).flat().length") == 0


def test_the_script_gives_spans_the_lanes_of_the_static_page(opened):
    page = opened(ADDRESS)
    page.wait_for_function("document.title === 'ready'")
    places = [(s, e) for s in range(5) for e in range(s + 1, 6)]
    sets = [list(spans) for spans in itertools.product(places, repeat=3)]
    assert page.evaluate("(sets) => sets.map((spans) => window.lanes(spans))", sets) == [lanes(spans) for spans in sets]
