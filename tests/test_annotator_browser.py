"""Marking spans in a real browser that reaches nothing: what is drawn there arrives as rows."""

import polars as pl
import pytest

from conftest import LAYERED, NEEDS_BROWSER, ROOT
from corpus_tools import standoff
from corpus_tools.annotate import annotator
from corpus_tools.corpus import load

pytestmark = NEEDS_BROWSER

ADDRESS = "http://annotator.test/"
# A model that does what the widget's script asks of the one in a notebook; what it is told goes back to Python below.
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>waiting</title><style></style><div id="place"></div>
<script type="module">
import widget, { clash, lanes, pointsOf, unitOf } from "http://annotator.test/annotator.js";
Object.assign(window, { clash, lanes, pointsOf, unitOf });
window.start = (state, style) => {
  document.querySelector("style").textContent = style;
  const heard = {};
  window.state = state;
  window.heard = heard;
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      if (state[name] === value) return;
      state[name] = value;
      for (const act of heard["change:" + name] ?? []) act();
    },
    save_changes: () => {},
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
  return copy.textContent;
})"""
# Where a stretch of a text is on the page; places count UTF-16 units.
BOX = """([id, from, to]) => {
  const body = [...document.querySelectorAll(".ct-text")].find((one) =>
    one.querySelector(".ct-head").firstChild.data === id).querySelector(".ct-body");
  const range = document.createRange();
  let left = from, size = to - from, started = false;
  for (const piece of body.querySelectorAll(".ct-words")) {
    const node = piece.firstChild;
    if (!started && left < node.length) {
      range.setStart(node, left);
      started = true;
      left += size;
    }
    if (started && left <= node.length) {
      range.setEnd(node, left);
      break;
    }
    left -= node.length;
  }
  (range.startContainer.parentElement).scrollIntoView({ block: "center" });
  const boxes = range.getClientRects();
  const [first, last] = [boxes[0], boxes[boxes.length - 1]];
  return [first.left, (first.top + first.bottom) / 2, last.right, (last.top + last.bottom) / 2];
}"""


def units(text):
    """How long a text is for a browser."""
    return len(text.encode("utf-16-le")) // 2


class Opened:
    """A widget, and its page."""

    def __init__(self, page, made):
        self.page, self.made = page, made
        self.texts = {text["text_id"]: text["text"] for text in made.data["texts"]}

    @property
    def rows(self):
        """What Python has, once it was told what the page has."""
        state = self.page.evaluate("window.state")
        self.made.next_number, self.made.spans = state["next_number"], state["spans"]
        return self.made.rows

    @property
    def marked(self):
        return self.rows.select("text_id", "quote", "label").rows()

    @property
    def status(self):
        return self.page.get_by_role("status").inner_text()

    def place(self, text_id, words, nth=0):
        text, start = self.texts[text_id], -1
        for _ in range(nth + 1):
            start = text.index(words, start + 1)
        return self.page.evaluate(BOX, [text_id, units(text[:start]), units(text[: start + len(words)])])

    def drag(self, text_id, words, nth=0):
        """Select words with the mouse."""
        left, top, right, bottom = self.place(text_id, words, nth)
        self.page.mouse.move(left + 0.5, top)
        self.page.mouse.down()
        self.page.mouse.move(right - 0.5, bottom, steps=5)
        self.page.mouse.up()

    def label(self, name):
        self.page.locator(".ct-choice", has_text=name).click()

    def mark(self, text_id, words, label, nth=0):
        self.drag(text_id, words, nth)
        self.label(label)

    def select(self, start, end):
        """Select from one place of the page to another: pairs of a CSS selector and a number of children."""
        self.page.evaluate(
            """([start, end]) => getSelection().setBaseAndExtent(
              document.querySelector(start[0]), start[1], document.querySelector(end[0]), end[1])""",
            [start, end],
        )


@pytest.fixture
def opened(browser):
    """Opens pages that see the widget's script, and nothing else."""
    contexts, problems = [], []

    def open_page(corpus, layer, **options):
        made = annotator(corpus, layer, **options)
        context = browser.new_context(viewport={"width": 900, "height": 700})
        contexts.append(context)
        page = context.new_page()
        script = (ROOT / "src/corpus_tools/annotate/annotator.js").read_text(encoding="utf-8")
        files = {ADDRESS: (PAGE, "text/html"), f"{ADDRESS}annotator.js": (script, "text/javascript")}

        def answer(route):
            if route.request.url in files:
                body, kind = files[route.request.url]
                route.fulfill(body=body, content_type=kind)
            else:
                problems.append(f"asked for {route.request.url}")
                route.abort()

        page.route("**/*", answer)
        page.on("console", lambda found: problems.append(found.text) if found.type in ("error", "warning") else None)
        page.on("pageerror", lambda found: problems.append(str(found)))
        page.goto(ADDRESS)
        page.wait_for_function("document.title === 'ready'")
        state = {"data": made.data, "spans": made.spans, "next_number": made.next_number}
        page.evaluate("([state, style]) => window.start(state, style)", [state, made._css])
        return Opened(page, made)

    yield open_page
    for context in contexts:
        context.close()
    # The browser asks for a picture of the site by itself.
    assert [problem for problem in problems if "favicon" not in problem] == []


@pytest.fixture(scope="module")
def corpus():
    return load(LAYERED, "draft")


class Put:
    """The frames of a corpus with other words in one text."""

    def __init__(self, frames, text_id, text):
        self.frames, self.text_id, self.text = frames, text_id, text

    def scan(self, table, split):
        frame = self.frames.scan(table, split)
        if table.name != "texts":
            return frame
        here = pl.col("text_id") == self.text_id
        return frame.with_columns(text=pl.when(here).then(pl.lit(self.text)).otherwise("text"))


def put(corpus, text_id, text):
    from dataclasses import replace

    return replace(corpus, _frames=Put(corpus._frames, text_id, text))


# Drawing with the mouse


def test_a_span_drawn_with_the_mouse_is_a_row_whose_quote_is_its_slice(opened, corpus):
    view = opened(corpus, "entities")
    # An emoji stands before these words, in the title.
    view.mark("a1", "The mayor of Eastport", "person")
    row = view.rows.row(0, named=True)
    text = view.texts["a1"]
    assert "🌉" in text[: row["start_char"]]
    assert row["quote"] == text[row["start_char"] : row["end_char"]] == "The mayor of Eastport"
    assert (row["span_id"], row["text_id"], row["label"], row["annotator"]) == ("entities-me-1", "a1", "person", "me")
    assert view.status == "Marked “The mayor of Eastport” (person)."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("😀😀 the bridge", "the bridge"),
        ("the 😀 bridge is shut", "the 😀 bridge"),
        ("the bridge 😀 is shut", "the bridge"),
        ("so 👩‍👩‍👧 left", "👩‍👩‍👧"),
        ("𝒜𝒷 cafe\u0301 agress 🌉\n\nend here 🌉 now", "end here"),
        ("<b>bold</b> & 😀 <script>window.ran = 1</script> ok", "<script>window.ran = 1</script>"),
    ],
)
def test_emoji_before_inside_and_behind_a_span_do_not_shift_it(opened, corpus, text, words):
    view = opened(put(corpus, "c1", text), "entities", texts=["c1"])
    view.mark("c1", words, "thing")
    assert view.marked == [("c1", words, "thing")]
    assert view.page.evaluate(BODIES) == [text]
    # And once more behind the first mark, over what it left of the text.
    assert view.page.locator(".ct-span.ct-words").all_inner_texts() == [words]
    assert view.page.evaluate("window.ran") is None
    assert view.page.locator("#place script, #place b").count() == 0


def test_places_and_blanks_are_those_of_python(opened, corpus):
    page = opened(corpus, "entities").page
    text = "a😀b \u0085\u2003c👩‍👧\ufeff\x1cd𝒜 "
    whole = range(units(text) + 1)
    found = page.evaluate(
        "([text, pairs]) => pairs.map(([from, to]) => pointsOf(text, from, to))",
        [text, [[start, end] for start in whole for end in whole if start < end]],
    )
    # Half a character is all of it.
    points = [sum(units(text[:n]) <= unit for n in range(1, len(text) + 1)) for unit in whole]
    splits = [units(text[: points[unit]]) != unit for unit in whole]
    expected = []
    for start in whole:
        for end in whole:
            if start < end:
                part = standoff.visible_part(text, points[start], points[end] + splits[end])
                expected.append(list(part) if part else None)
    assert found == expected
    every = [chr(n) for n in range(0x10000) if not 0xD800 <= n < 0xE000]
    blanks = page.evaluate("(signs) => signs.filter((sign) => !pointsOf(sign, 0, 1))", every)
    assert blanks == [sign for sign in every if standoff.visible_part(sign, 0, 1) is None]
    back = page.evaluate("([text, n]) => Array.from({ length: n + 1 }, (_, i) => unitOf(text, i))", [text, len(text)])
    assert back == [units(text[:n]) for n in range(len(text) + 1)]


def test_blanks_at_the_ends_of_a_selection_are_left_out(opened, corpus):
    view = opened(corpus, "entities")
    view.drag("a1", " closed the old bridge on Monday.\n\nShe ")
    view.label("thing")
    assert view.marked == [("a1", "closed the old bridge on Monday.\n\nShe", "thing")]


def test_blanks_alone_and_nothing_are_refused_with_words(opened, corpus):
    view = opened(corpus, "entities")
    view.label("person")
    assert view.status == "Select words first, or choose a mark; then a label."
    view.drag("a1", " ", nth=1)
    view.label("person")
    assert view.status == "Not marked: only blanks are selected."
    assert view.marked == []


def test_a_selection_over_two_texts_is_refused_with_words(opened, corpus):
    view = opened(corpus, "entities")
    view.page.set_viewport_size({"width": 900, "height": 1200})
    left, top, *_ = view.place("a1", "say why")
    *_, right, bottom = view.place("c1", "The mayor")
    view.page.mouse.move(left + 0.5, top)
    view.page.mouse.down()
    view.page.mouse.move(right - 0.5, bottom, steps=5)
    view.page.mouse.up()
    view.label("person")
    assert view.status == "Not marked: the selection goes over two texts; select words of one."
    assert view.marked == []


def test_a_selection_that_ends_in_the_head_of_the_next_text_holds_the_words_before_it(opened, corpus):
    """As browsers select a last paragraph that is clicked three times."""
    view = opened(corpus, "entities")
    view.select([".ct-text:nth-child(2) .ct-body", 0], [".ct-text:nth-child(3) .ct-head", 0])
    view.label("thing")
    assert view.marked == [("c1", view.texts["c1"], "thing")]


# Marks in and over each other


def test_nested_marks_are_drawn_and_crossing_ones_refused(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "The mayor of Eastport", "person")
    view.mark("a1", "Eastport", "place")
    view.mark("a1", "The mayor of Eastport closed the old bridge", "thing")
    view.drag("a1", "Eastport closed")
    view.label("place")
    assert view.status == (
        "Not marked: “Eastport closed” crosses “The mayor of Eastport” (person); "
        "marks of entities may lie in each other, but not cross."
    )
    view.drag("a1", "Eastport")
    view.label("thing")
    assert view.status.startswith("Not marked: “Eastport” is marked already: “Eastport” (place)")
    assert [quote for _, quote, _ in view.marked] == [
        "The mayor of Eastport closed the old bridge",
        "The mayor of Eastport",
        "Eastport",
    ]
    assert view.rows["span_id"].to_list() == ["entities-me-3", "entities-me-1", "entities-me-2"]
    # The text is cut where a mark begins or ends; each stretch has a line for each mark over it, and then a ground.
    pieces = view.page.locator(".ct-span.ct-words")
    assert pieces.all_inner_texts() == ["The mayor of ", "Eastport", " closed the old bridge"]
    lines = pieces.evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).backgroundSize.split(', ').filter((size) => size.endsWith(' 2px')).length)"
    )
    assert lines == [2, 3, 1]
    assert view.page.locator("button.ct-label").all_inner_texts() == ["thing", "person", "place"]
    assert view.page.evaluate(BODIES) == list(view.texts.values())


def test_marks_that_must_not_overlap_are_refused_and_those_that_may_cross_are_not(opened, corpus):
    view = opened(corpus, "signs")
    view.mark("c1", "don't", "apostrophe")
    view.mark("c1", "don't like", "accent")
    assert view.status == ("Not marked: “don't like” overlaps “don't” (apostrophe); marks of signs must not overlap.")
    assert view.marked == [("c1", "don't", "apostrophe")]
    view = opened(corpus, "negation")
    first, second = [label["id"] for label in view.made.data["labels"]][:2]
    view.mark("a1", "didn't say", first)
    view.mark("a1", "say why", second)
    view.mark("a1", "say why", first)
    assert [quote for _, quote, _ in view.marked] == ["didn't say", "say why", "say why"]
    assert view.page.locator(".ct-span.ct-words").all_inner_texts() == ["didn't ", "say", " why"]
    view.mark("a1", "say why", first)
    assert view.status == "Not marked: “say why” has this label already."
    assert len(view.marked) == 3


def test_the_script_gives_lanes_as_the_static_page_and_refuses_what_python_refuses(opened, corpus):
    import itertools

    page = opened(corpus, "entities").page
    places = [(s, e) for s in range(4) for e in range(s + 1, 5)]
    sets = [list(spans) for spans in itertools.product(places, repeat=3)]
    assert page.evaluate("(sets) => sets.map((spans) => window.lanes(spans))", sets) == [
        standoff.lanes(spans) for spans in sets
    ]
    for layer in ("entities", "signs", "negation"):
        made = annotator(corpus, layer, texts=["a1"])
        label = made.data["labels"][0]["id"]
        for one, other in itertools.product(places, repeat=2):
            spans = [
                {"id": str(n), "text_id": "a1", "start_char": s, "end_char": e, "label": label, "values": {}}
                for n, (s, e) in enumerate((one, other))
            ]
            refused = page.evaluate("([rule, a, b]) => !!clash(rule, [a], b)", [made.data["overlap"], *spans])
            made.spans = spans
            try:
                assert made.rows.height == 2
                # Python takes the same words with the same label twice where anything may overlap; it does no harm.
                assert refused is (layer == "negation" and one == other)
            except ValueError:
                assert refused


# Changing


def test_a_mark_is_relabelled_filled_and_deleted_and_each_can_be_undone(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "The mayor of Eastport", "thing")
    view.label("person")
    assert view.marked == [("a1", "The mayor of Eastport", "person")]
    view.page.get_by_label("named (needed)").select_option("true")
    view.page.get_by_label("role").select_option("official")
    view.page.get_by_label("reason").type("has an office")
    row = view.rows.row(0, named=True)
    assert (row["named"], row["role"], row["reason"]) == (True, "official", "has an office")
    # A column for some labels only goes with the label.
    view.page.locator(".ct-editor select").first.select_option("place")
    assert view.rows["role"].to_list() == [None]
    assert view.page.get_by_label("role").count() == 0
    view.page.get_by_role("button", name="delete").click()
    assert view.marked == []
    assert view.page.locator(".ct-label").count() == 0
    undo = view.page.get_by_role("button", name="undo")
    undo.click()
    assert view.marked == [("a1", "The mayor of Eastport", "place")]
    undo.click()
    assert view.rows["role"].to_list() == ["official"]
    undo.click()  # the words typed into one field are one change
    assert view.rows["reason"].to_list() == [None]
    for _ in range(4):
        undo.click()
    assert view.marked == []
    assert undo.is_disabled()
    # An id is never given twice.
    view.mark("a1", "Monday", "thing")
    assert view.rows["span_id"].to_list() == ["entities-me-2"]


def test_a_click_takes_the_innermost_mark_in_hand_and_one_beside_it_puts_it_down(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "The mayor of Eastport", "person")
    view.mark("a1", "Eastport", "place")
    for words, label in (("Eastport", "place"), ("mayor", "person")):
        left, top, right, _ = view.place("a1", words)
        view.page.mouse.click((left + right) / 2, top)
        assert view.page.locator(".ct-label.ct-here").all_inner_texts() == [label]
        assert view.page.locator(".ct-choice[aria-pressed=true]").inner_text().endswith(label)
    left, top, right, _ = view.place("a1", "Monday")
    view.page.mouse.click((left + right) / 2, top)
    assert view.page.locator(".ct-here").count() == 0
    assert view.page.locator(".ct-editor").is_hidden()


def test_typing_is_kept_when_a_label_is_clicked_at_once(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "Monday", "thing")
    view.page.get_by_label("reason").type("a day")
    view.label("place")
    assert view.rows.select("label", "reason").rows() == [("place", "a day")]


def test_marks_with_a_field_to_fill_are_counted(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "Monday", "thing")
    assert view.page.locator(".ct-tally").inner_text() == "1 mark, 1 with a field to fill"
    assert view.page.locator(".ct-label.ct-open").count() == 1
    view.page.get_by_label("named (needed)").select_option("false")
    assert view.page.locator(".ct-tally").inner_text() == "1 mark"
    assert view.page.locator(".ct-label.ct-open").count() == 0


def test_what_python_changes_is_drawn_and_can_be_undone(opened, corpus):
    view = opened(corpus, "entities")
    spans = view.made._work.spans(corpus.layer("entities"), blind=False)
    view.page.evaluate("(spans) => window.model.set('spans', spans)", spans)
    assert view.rows["quote"].to_list() == corpus.layer("entities")["quote"].to_list()
    assert view.page.locator("button.ct-label").count() == len(spans)
    assert view.page.evaluate(BODIES) == list(view.texts.values())
    view.page.get_by_role("button", name="undo").click()
    assert view.marked == []


# The keyboard


def test_a_pass_can_be_made_with_the_keyboard_alone(opened, corpus):
    view = opened(corpus, "entities")
    keys = view.page.keyboard
    view.page.locator(".ct-body").first.focus()
    keys.press("ArrowRight")
    keys.press("Shift+ArrowRight")
    assert view.status == "Selected: “Harbour Bridge”"
    keys.press("3")
    assert view.marked == [("a1", "Harbour Bridge", "thing")]
    # On from there, over the emoji and back to it.
    for _ in range(3):
        keys.press("ArrowRight")
    assert view.status == "Selected: “The”"
    for _ in range(2):
        keys.press("ArrowLeft")
    assert view.status == "Selected: “Shut”"
    for _ in range(2):
        keys.press("ArrowRight")
    for _ in range(4):
        keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowLeft")
    assert view.status == "Selected: “The mayor of Eastport”"
    keys.press("1")
    assert view.marked[1:] == [("a1", "The mayor of Eastport", "person")]
    # The new mark is in hand: another number changes it.
    keys.press("2")
    assert view.marked[1:] == [("a1", "The mayor of Eastport", "place")]
    keys.press("Delete")
    assert len(view.marked) == 1
    keys.press("Control+z")
    assert len(view.marked) == 2
    assert view.page.locator(".ct-body").first.evaluate("(body) => body === document.activeElement")


def test_characters_can_be_selected_with_the_keyboard_too(opened, corpus):
    view = opened(corpus, "signs")
    keys = view.page.keyboard
    view.page.locator(".ct-body").first.focus()
    for _ in range(3):
        keys.press("ArrowRight")
    assert view.status == "Selected: “Shut”"
    keys.press("Alt+ArrowRight")
    assert view.status == "Selected: “🌉”"
    keys.press("1")
    assert view.marked == [("a1", "🌉", "emoji")]


def test_a_mark_is_found_and_changed_with_the_keyboard_and_the_focus_comes_back(opened, corpus):
    view = opened(corpus, "entities", rows=corpus.layer("entities"))
    label = view.page.get_by_role("button", name="person: The mayor of Eastport").first
    label.focus()
    view.page.keyboard.press("Enter")
    focus = (
        "document.activeElement.closest('label')?.firstChild.data ?? document.activeElement.getAttribute('aria-label')"
    )
    assert view.page.evaluate(focus) == "label "
    assert view.page.locator(".ct-editor legend").inner_text() == "“The mayor of Eastport”"
    view.page.keyboard.press("Tab")
    assert view.page.evaluate(focus) == "named (needed) "
    view.page.keyboard.press("Escape")
    assert view.page.evaluate(focus) == "person: The mayor of Eastport"
    assert view.page.locator(".ct-editor").is_hidden()


def test_keys_are_kept_from_the_notebook_and_those_that_are_typed_give_no_label(opened, corpus):
    """JupyterLab leaves a key alone where what has the focus says so; it does not ask what is around that first."""
    view = opened(corpus, "entities")
    view.mark("a1", "Monday", "thing")
    kept = "document.activeElement.dataset.lmSuppressShortcuts"
    for focusable in ("body", "summary", "choice", "label", "editor select", "editor input", "editor button"):
        selector = ".ct-annotator summary" if focusable == "summary" else f".ct-{focusable}"
        view.page.locator(selector).first.focus()
        assert view.page.evaluate(kept) == "true", focusable
    view.page.get_by_label("reason").focus()
    view.page.keyboard.type("1 of 2")
    assert view.rows.select("label", "reason").rows() == [("thing", "1 of 2")]


# Gold


def test_blind_nothing_of_gold_is_on_the_page(opened, corpus):
    view = opened(corpus, "entities", blind=True)
    state = view.page.evaluate("JSON.stringify(window.state)")
    assert '"gold":[]' in state
    assert "entities-1" not in state
    assert view.page.get_by_label("show gold").count() == 0
    assert "Blind: gold stays hidden" in view.page.locator(".ct-about").inner_text()


def test_gold_can_be_switched_on_beside_ones_own_marks_where_it_is_not_blind(opened, corpus):
    view = opened(corpus, "entities")
    view.mark("a1", "Eastport", "place")
    assert view.page.locator(".ct-gold").count() == 0
    view.page.get_by_label("show gold").check()
    assert view.page.locator(".ct-gold").count() == corpus.layer("entities").height
    assert view.page.evaluate(BODIES) == list(view.texts.values())
    assert view.marked == [("a1", "Eastport", "place")]
    view.mark("a1", "Monday", "thing")
    assert len(view.marked) == 2


def in_texts(label):
    return label.evaluate(
        "(one) => { const [a, b] = [one, one.closest('.ct-texts')].map((each) => each.getBoundingClientRect());"
        " return a.top >= b.top && a.bottom <= b.bottom; }"
    )


def test_labels_and_fields_stay_in_view_beside_a_long_text(opened, corpus):
    """What a notebook puts around a widget lets nothing stick to the edge of the window, so the texts scroll."""
    view = opened(put(corpus, "c1", "a word\n" * 200 + "the end"), "entities", texts=["c1"])
    view.mark("c1", "the end", "thing")
    shown = "(one) => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    for selector in (".ct-palette", ".ct-editor", ".ct-label"):
        assert view.page.locator(selector).evaluate(shown), selector
    # Nor do the words move away when lines get room for a mark.
    assert in_texts(view.page.locator(".ct-label"))
    assert view.marked == [("c1", "the end", "thing")]


def test_a_view_that_is_closed_listens_no_longer(opened, corpus):
    view = opened(corpus, "entities")
    view.page.evaluate("window.end()")
    assert view.page.evaluate("Object.values(window.heard).flat().length") == 0


@pytest.mark.parametrize("width", [900, 390])
def test_nothing_is_wider_than_the_page(opened, width):
    corpus = load(ROOT / "corpus")
    view = opened(corpus, "structure", rows=corpus.layer("structure").drop_nulls("start_char"))
    view.page.set_viewport_size({"width": width, "height": 800})
    view.page.locator("button.ct-label").first.click()
    assert view.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert view.page.evaluate(BODIES) == list(view.texts.values())
