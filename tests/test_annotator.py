"""The annotator's side in Python: what is shown, what is taken, what is saved, and how a pass is scored."""

import re
import sys
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate.entities import Entity
from nervaluate.strategies import PartialEvaluation, StrictEvaluation

from conftest import LAYERED, ROOT
from corpus_tools.agreement import agreement
from corpus_tools.annotate import annotator, scoring
from corpus_tools.annotate import notebook as module
from corpus_tools.annotate.scoring import score
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError, MissingColumnError, MissingExtraError, UnknownNameError
from corpus_tools.validate import validate


@pytest.fixture(scope="module")
def corpus():
    return load(LAYERED, "draft")


def mark(start, end, label="thing", *, id_="entities-me-1", text_id="a1", **values):
    return {
        "id": id_,
        "text_id": text_id,
        "start_char": start,
        "end_char": end,
        "label": label,
        "values": values,
    }


# What is shown


def test_the_texts_of_the_first_thread_are_shown_with_their_bylines(corpus):
    texts = annotator(corpus, "entities").data["texts"]
    assert [(text["text_id"], text["byline"]) for text in texts] == corpus.texts.select("text_id", "byline").rows()
    assert [text["text"] for text in texts] == corpus.texts["text"].to_list()
    assert [text["text_id"] for text in annotator(corpus, "entities", texts=["c2", "a1"]).data["texts"]] == ["a1", "c2"]
    with pytest.raises(UnknownNameError, match="unknown text 'c9'; there are: a1, c1, c2"):
        annotator(corpus, "entities", texts=["c9"])


def test_the_palette_has_the_labels_of_the_scheme_with_definition_and_test(corpus):
    data = annotator(corpus, "entities").data
    assert data["labels"][0] == {"id": "person", "definition": "A person.", "test": "Can it speak?"}
    assert [label["id"] for label in data["labels"]] == ["person", "place", "thing"]
    fields = {field["name"]: (field["choices"], field["for_labels"], field["needed"]) for field in data["columns"]}
    assert fields == {
        "named": (["true", "false"], [], True),
        "role": (["official", "public", "writer"], ["person"], True),
        "reason": ([], [], False),
    }


@pytest.mark.parametrize("name", ["replies", "tokens", "no such layer"])
def test_a_layer_without_spans_is_refused_and_those_that_work_are_listed(corpus, name):
    known = "there are: entities, negation, replies_spans, signs, stance_spans"
    with pytest.raises(ArgumentError, match=f"'{name}' has no spans to be marked; {known}"):
        annotator(corpus, name)


def test_every_span_table_of_the_shipped_corpus_can_be_annotated():
    corpus = load(ROOT / "corpus")
    names = [table.name for table in corpus.scheme.tables.values() if table.unit == "span"]
    for name in names:
        gold = corpus.table(name).drop_nulls("start_char")
        made = annotator(corpus, name, rows=gold, annotator="kim")
        assert made.rows.schema == corpus.scheme.table(name).schema
        columns = [column for column in gold.columns if column not in ("span_id", "annotator")]
        assert made.rows.select(columns).sort(columns).equals(gold.select(columns).sort(columns))
        assert set(made.rows["annotator"]) == {"kim"}


def test_a_text_without_words_is_not_shown_and_naming_it_is_refused(corpus):
    class Wordless:
        def scan(self, table, split):
            frame = corpus._frames.scan(table, split)
            empty = pl.when(pl.col("text_id") != "c1").then("text") if table.name == "texts" else None
            return frame if empty is None else frame.with_columns(text=empty)

    lacking = replace(corpus, _frames=Wordless())
    assert [text["text_id"] for text in annotator(lacking, "entities").data["texts"]] == ["a1", "c2"]
    with pytest.raises(ArgumentError, match="the text c1 has no words"):
        annotator(lacking, "entities", texts=["c1"])


@pytest.mark.parametrize("name", ["gold", "", "a/b", "con"])
def test_an_annotator_whose_rows_could_not_be_saved_is_refused_at_once(corpus, name):
    with pytest.raises(ArgumentError, match="cannot be the id of an annotator"):
        annotator(corpus, "entities", annotator=name)


def test_without_anywidget_it_says_what_to_install(corpus, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    module._widget_class.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match="anywidget is needed for this.*notebooks"):
            annotator(corpus, "entities")
    finally:
        module._widget_class.cache_clear()


# Rows


def test_rows_have_the_columns_of_the_table_in_the_order_of_the_texts(corpus):
    made = annotator(corpus, "entities")
    text = corpus.texts["text"][0]
    start = text.index("The mayor")
    made.spans = [
        mark(0, 1, id_="entities-me-3", text_id="c1", named="false"),
        mark(start, start + 9, "person", id_="entities-me-2", named="true", role="official", reason="why"),
        mark(start, start + 20, id_="entities-me-1"),
    ]
    assert made.rows.columns == corpus.layer("entities").columns
    assert made.rows.schema == corpus.layer("entities").schema
    assert made.rows["span_id"].to_list() == ["entities-me-1", "entities-me-2", "entities-me-3"]
    assert made.rows.row(1) == (
        *("entities-me-2", "a1", start, start + 9, "The mayor", "person", True, "official", "me", "why"),
    )
    assert made.rows.row(0)[-4:] == (None, None, "me", None)


def test_no_marks_are_no_rows_with_the_same_columns(corpus):
    assert annotator(corpus, "entities").rows.schema == corpus.layer("entities").schema
    assert annotator(corpus, "entities").rows.height == 0


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (mark(0, 10_000), "goes from 0 to 10000; in a1 places go from 0 to"),
        (mark(3, 3), "goes from 3 to 3;"),
        (mark(-1, 3), "goes from -1 to 3;"),
        (mark(0, True), "goes from 0 to True;"),
        (mark(0, 2.0), "goes from 0 to 2.0;"),
        (mark(0, None), "goes from 0 to None;"),
        (mark(0, 3, "ghost"), "has the label 'ghost'; there are: person, place, thing"),
        (mark(0, 3, text_id="c9"), "is in the text 'c9'; shown are: a1, c1, c2"),
        (mark(0, 3, id_=""), "has no id; give one such as entities-me-1"),
        (mark(0, 3, colour="red"), "fills 'colour'; entities has: named, role, reason"),
        (mark(0, 3, named="perhaps"), "has 'perhaps' in named; there are: true, false"),
        (mark(0, 3, role="official"), "is labelled thing and fills role, which is for: person"),
        (mark(0, 3, reason=7), "has 7 in reason; give a string"),
        ({"id": "entities-me-1"}, "has id; it needs id, text_id, start_char, end_char, label, values"),
        ({**mark(0, 3), "values": None}, "has values that are no mapping"),
    ],
)
def test_what_the_browser_could_not_have_meant_is_refused(corpus, bad, said):
    made = annotator(corpus, "entities")
    made.spans = [bad]
    with pytest.raises(ArgumentError) as raised:
        _ = made.rows
    assert said in str(raised.value)


def test_a_value_of_another_type_is_refused():
    corpus = load(ROOT / "corpus")
    made = annotator(corpus, "structure")
    label = made.data["labels"][0]["id"]
    made.spans = [mark(0, 3, label, id_="structure-me-1", source_start="three")]
    with pytest.raises(ArgumentError, match="has 'three' in source_start, which takes values of the type integer"):
        _ = made.rows


def test_two_marks_with_one_id_are_refused(corpus):
    made = annotator(corpus, "entities")
    made.spans = [mark(0, 3), mark(4, 6)]
    with pytest.raises(ArgumentError, match="the id entities-me-1 is given to more than one mark"):
        _ = made.rows


@pytest.mark.parametrize(
    ("layer", "one", "other", "fits"),
    [
        ("entities", (0, 8), (2, 4), True),
        ("entities", (0, 8), (0, 4), True),
        ("entities", (0, 8), (0, 8), False),
        ("entities", (0, 8), (4, 12), False),
        ("signs", (0, 8), (8, 12), True),
        ("signs", (0, 8), (2, 4), False),
        ("negation", (0, 8), (4, 12), True),
    ],
)
def test_marks_that_overlap_against_the_rule_of_the_table_are_refused(corpus, layer, one, other, fits):
    made = annotator(corpus, layer)
    label = made.data["labels"][0]["id"]
    # A third one between them in the order of starts hides nothing.
    made.spans = [mark(*place, label, id_=f"x{n}") for n, place in enumerate((other, one))]
    if fits:
        assert made.rows.height == 2
        return
    with pytest.raises(ArgumentError, match=f"which {layer} does not allow"):
        _ = made.rows


def test_rows_to_begin_with_keep_ids_of_the_annotator_and_no_id_is_given_twice(corpus):
    gold = corpus.layer("entities")
    first = annotator(corpus, "entities", rows=gold.head(2))
    assert first.rows["span_id"].to_list() == ["entities-me-1", "entities-me-2"]
    assert first.next_number == 3
    kept = first.rows.tail(1)
    # The one that is there keeps its id, the one that comes gets a new one.
    again = annotator(corpus, "entities", rows=pl.concat([gold.slice(2, 1), kept]))
    assert set(again.rows["span_id"]) == {"entities-me-2", "entities-me-3"}
    assert again.next_number == 4
    again.spans = [mark(0, 3, id_="entities-me-17")]
    assert again.next_number == 18
    again.spans = []
    assert again.next_number == 18


def test_rows_that_do_not_hold_are_refused_at_once(corpus):
    with pytest.raises(ArgumentError, match="is in the text 'c1'; shown are: a1"):
        annotator(corpus, "entities", texts=["a1"], rows=corpus.layer("entities").filter(text_id="c1"))
    with pytest.raises(ArgumentError, match="goes from None to None"):
        annotator(corpus, "entities", rows=[{"text_id": "a1", "label": "thing"}])


# Saved


def test_a_pass_is_saved_and_the_corpus_is_whole(layered):
    corpus = load(layered, "draft")
    gold = corpus.layer("signs")
    made = annotator(corpus, "signs", annotator="lee", rows=gold)
    made.save(layered, name="Lee", description="In a notebook.", date="2026-01-31")
    again = load(layered, "draft")
    assert again.layer("signs", annotators="lee").equals(made.rows)
    done = again.table("coverage").filter(layer="signs", annotator_id="lee")
    assert done["text_id"].to_list() == ["a1", "c1", "c2"]
    assert set(done["date"].cast(pl.String)) == {"2026-01-31"}
    assert validate(layered) == validate(LAYERED) == []


def test_marks_in_texts_that_were_not_gone_through_are_not_saved(layered):
    corpus = load(layered, "draft")
    made = annotator(corpus, "signs", annotator="lee", rows=corpus.layer("signs"))
    with pytest.raises(ArgumentError, match="there are marks in .*; name every text with marks in texts"):
        made.save(layered, name="Lee", description="In a notebook.", texts=["c1"])
    with pytest.raises(UnknownNameError, match="text of the widget 'c9'"):
        made.save(layered, name="Lee", description="In a notebook.", texts=["c9"])
    with pytest.raises(ArgumentError, match="the date 'today' is no day"):
        made.save(layered, name="Lee", description="In a notebook.", date="today")
    assert not (layered / "annotations/signs/lee.csv").exists()


# Blind


def test_blind_nothing_of_gold_leaves_python(corpus):
    made = annotator(corpus, "entities", blind=True)
    assert made.data["gold"] == []
    state = str({name: value for name, value in made.get_state().items() if not name.startswith("_")})
    assert "entities-1" not in state
    assert corpus.layer("entities").height == len(annotator(corpus, "entities").data["gold"])
    with pytest.raises(ArgumentError, match="blind, and rows are gold's"):
        annotator(corpus, "entities", blind=True, rows=corpus.layer("entities"))


def test_a_pass_like_gold_scores_one_and_an_empty_one_nothing(corpus):
    gold = corpus.layer("entities")
    made = annotator(corpus, "entities", blind=True, rows=gold.drop("annotator"))
    found = made.score()
    assert (found.exact.precision, found.exact.recall, found.exact.f1) == (1, 1, 1)
    assert found.overlap == found.exact
    assert found.results[scoring.AGREED] == gold.height == found.rows.height
    made.spans = []
    found = made.score()
    assert (found.exact.precision, found.exact.recall, found.exact.f1) == (None, 0, 0)
    assert set(found.rows["result"]) == {scoring.ONLY_GOLD}


def test_only_texts_gone_through_count(corpus):
    made = annotator(
        corpus, "entities", blind=True, rows=corpus.layer("entities").filter(text_id="c1").drop("annotator")
    )
    assert made.score(texts=["c1"]).exact.recall == 1
    assert made.score().exact.recall < 1
    assert made.score(texts="c1").texts == ("c1",)
    with pytest.raises(UnknownNameError, match="text of the widget 'c9'"):
        made.score(texts=["c9"])


def test_a_text_without_gold_cannot_be_scored_and_is_left_out_where_none_are_named(layered):
    corpus = load(layered, "draft")
    covered = corpus.table("coverage").filter(layer="entities", annotator_id="gold")["text_id"].to_list()
    coverage = corpus.scan("coverage").filter(~((pl.col("layer") == "entities") & (pl.col("text_id") == "c2")))

    class Less:
        def scan(self, table, split):
            return coverage if table.name == "coverage" else corpus._frames.scan(table, split)

    assert "c2" in covered
    made = annotator(replace(corpus, _frames=Less()), "entities", blind=True)
    assert made.score().texts == tuple(text for text in covered if text != "c2")
    with pytest.raises(ArgumentError, match="entities has no gold for c2; of those shown it has gold for: a1, c1"):
        made.score(texts=["c1", "c2"])


# The score itself


def spans(*rows, reason=None):
    """Spans of one text, as (start, end, label); what they quote does not matter."""
    columns = {"span_id": [f"s{n}" for n in range(len(rows))], "text_id": ["a1"] * len(rows)}
    for n, name in enumerate(("start_char", "end_char", "label")):
        columns[name] = [row[n] for row in rows]
    schema = {
        "span_id": pl.String,
        "text_id": pl.String,
        "start_char": pl.Int32,
        "end_char": pl.Int32,
        "label": pl.String,
    }
    return pl.DataFrame(columns, schema=schema).with_columns(
        quote=pl.format("{}-{}", "start_char", "end_char"), reason=pl.lit(reason, pl.String)
    )


def test_every_span_stands_in_the_list_with_what_became_of_it():
    own = spans((0, 4, "x"), (10, 14, "x"), (20, 26, "x"), (30, 36, "x"), (40, 44, "x"))
    gold = spans((0, 4, "x"), (10, 14, "y"), (22, 28, "x"), (32, 38, "y"), (50, 54, "y"), reason="so decided")
    found = score(own, gold, texts=["a1"])
    assert found.rows.select("result", "quote", "gold_quote").rows() == [
        (scoring.AGREED, "0-4", "0-4"),
        (scoring.OTHER_LABEL, "10-14", "10-14"),
        (scoring.OTHER_BORDERS, "20-26", "22-28"),
        (scoring.OTHER_BOTH, "30-36", "32-38"),
        (scoring.ONLY_OWN, "40-44", None),
        (scoring.ONLY_GOLD, None, "50-54"),
    ]
    assert found.results == dict.fromkeys(scoring.RESULTS, 1)
    assert found.rows["gold_reason"].to_list() == [*["so decided"] * 4, None, "so decided"]
    # One of five is right, and one more by half; gold has five as well.
    assert (found.exact.precision, found.exact.recall, found.exact.f1) == pytest.approx((0.2, 0.2, 0.2))
    assert (found.overlap.precision, found.overlap.recall, found.overlap.f1) == pytest.approx((0.3, 0.3, 0.3))
    assert found.labels.rows() == [
        ("x", 5, 2, *map(pytest.approx, (0.2, 0.5, 2 / 7, 0.3, 0.75, 3 / 7))),
        ("y", 0, 3, None, 0, 0, None, 0, 0),
    ]


SPANS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from("xy")), max_size=8, unique_by=lambda one: one[0])
SHIFTS = st.lists(st.integers(0, 2), min_size=10, max_size=10)


@given(SPANS, SPANS, SHIFTS)
def test_precision_recall_and_f1_are_those_of_nervaluate(own, gold, shifts):
    """Each span meets one of the other side at most, so that it is plain what is matched."""
    lefts = [(10 * n, 10 * n + 5, label) for n, label in sorted(own)]
    rights = [(10 * n + shifts[n], 10 * n + 5 + shifts[n], label) for n, label in sorted(gold)]
    found = score(spans(*lefts), spans(*rights), texts=["a1"])
    # There the end is the last character, and what is undefined is 0.
    true, predicted = ([Entity(label, s, e - 1) for s, e, label in side] for side in (rights, lefts))
    strict, _ = StrictEvaluation().evaluate(true, predicted, ["x", "y"])
    assert [found.exact.precision or 0, found.exact.recall or 0, found.exact.f1 or 0] == pytest.approx(
        [strict.precision, strict.recall, strict.f1]
    )
    # Its partial matching takes no heed of labels, so it is asked for one label at a time.
    for row in found.labels.iter_rows(named=True):
        one, other = ([span for span in side if span.label == row["label"]] for side in (true, predicted))
        partial, _ = PartialEvaluation().evaluate(one, other, [row["label"]])
        shares = [row[f"overlap_{name}"] or 0 for name in ("precision", "recall", "f1")]
        assert shares == pytest.approx([partial.precision, partial.recall, partial.f1])


@given(SPANS, SPANS, SHIFTS)
def test_the_list_and_the_shares_say_the_same(own, gold, shifts):
    lefts = [(10 * n, 10 * n + 5, label) for n, label in own]
    rights = [(10 * n + shifts[n], 10 * n + 5 + shifts[n], label) for n, label in gold]
    found = score(spans(*lefts), spans(*rights), texts=["a1"])
    assert sum(found.results.values()) == found.rows.height
    assert found.rows["span_id"].drop_nulls().len() == found.n_rows == len(own)
    assert found.rows["gold_span_id"].drop_nulls().len() == found.n_gold == len(gold)
    if own:
        assert found.exact.precision == pytest.approx(found.results[scoring.AGREED] / len(own))
    if gold:
        assert found.exact.recall == pytest.approx(found.results[scoring.AGREED] / len(gold))
    assert found.labels["n_rows"].sum() == len(own)


def test_the_score_of_a_published_pass_is_its_agreement_with_gold():
    corpus = load(ROOT / "corpus")
    published = agreement(corpus, layers=["entities"], annotators=["lm-1"], bootstraps=0)
    rows = corpus.layer("entities", annotators="lm-1")
    texts = corpus.texts["text_id"].to_list()
    found = score(rows, corpus.layer("entities"), texts=texts)
    whole = {
        (row["label"], row["coefficient"]): row["value"]
        for row in published.filter(pl.col("on") == "spans", pl.col("between") == "gold").iter_rows(named=True)
    }
    assert whole[None, "F1 exact"] == pytest.approx(found.exact.f1)
    assert whole[None, "F1 partial"] == pytest.approx(found.overlap.f1)
    for row in found.labels.iter_rows(named=True):
        assert whole[row["label"], "F1 exact"] == pytest.approx(row["f1"])
        assert whole[row["label"], "F1 partial"] == pytest.approx(row["overlap_f1"])


def test_spans_outside_the_words_of_a_text_are_counted_and_not_compared():
    corpus = load(ROOT / "corpus")
    gold = corpus.layer("structure")
    outside = gold["start_char"].null_count()
    assert outside
    found = score(gold.drop_nulls("start_char"), gold, texts=corpus.texts["text_id"])
    assert found.exact.f1 == 1
    assert found.n_left_out == outside
    assert f"Not compared, outside the words of a text: {outside} spans" in str(found)


def test_a_score_is_told_in_words_and_as_html_that_runs_nothing():
    words = "<script>ran()</script>"
    own = spans((0, 4, "x"), (10, 14, "x")).with_columns(quote=pl.lit(words))
    gold = spans((0, 4, "x"), (20, 24, "y"), reason=words).with_columns(quote=pl.lit(words))
    found = score(own, gold, texts=["a1"])
    assert "2 spans of yours, 2 spans of gold, in a1" in str(found)
    assert "Same place and label: F1 0.50 (precision 0.50, recall 0.50)" in str(found)
    assert "agreed: 1; only yours: 1; only gold: 1" in str(found)
    shown = found._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 6
    assert "F1 undefined (precision undefined, recall undefined)" in str(score(spans(), spans(), texts=["a1"]))


def test_a_frame_without_the_columns_is_refused():
    with pytest.raises(MissingColumnError, match="score: rows needs the column label"):
        score(spans().drop("label"), spans(), texts=["a1"])


def test_the_python_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "src/corpus_tools/site/pages/annotating-in-a-notebook.md").read_text("utf-8")
    space = {}
    for block in re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        exec(compile(block, "page", "exec"), space)
    shown = capsys.readouterr().out
    assert "entities-kim-1" in shown
    assert "kim.csv" in shown
    assert space["score"].exact.precision == 1
    assert load(tmp_path / "my-corpus", "draft").layer("entities", annotators="kim")["quote"].to_list() == ["Russia"]
