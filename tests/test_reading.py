"""Annotated text: the source, character for character, with labels around it and nothing that runs."""

import dataclasses
import itertools
import json
import re
import sys
from collections import Counter
from html.parser import HTMLParser

import polars as pl
import pytest
from colorspacious import cspace_convert, deltaE
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import LAYERED, MINI, ROOT
from corpus_tools import reading
from corpus_tools.corpus import Corpus, load
from corpus_tools.errors import ArgumentError, MissingExtraError, UnknownNameError
from corpus_tools.reading import COLOURS, TINTS, annotated, thread
from corpus_tools.reading.gather import chosen_tables, chosen_thread, gather
from corpus_tools.reading.lines import N_LINES, PITCH
from corpus_tools.standoff import chains

VOID = {"br", "wbr", "meta"}


class Page(HTMLParser):
    """What a page holds: bodies without labels, labels, extents of spans, ids, links, tags and attributes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.bodies, self.labels, self.extents = [], [], [], {}
        self.tags, self.attributes, self.ids, self.hrefs, self.places, self.words = set(), set(), [], [], [], ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.hrefs += [attrs["href"]] if "href" in attrs else []
        if tag in VOID:
            return
        self.stack.append((tag, attrs.get("class", "").split()))
        if "ct-body" in self.stack[-1][1]:
            self.bodies.append("")
        if "ct-label" in self.stack[-1][1]:
            self.labels.append("")
            self.places.append(len(self.bodies[-1]) if self.bodies else 0)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        classes = {name for _, names in self.stack for name in names}
        if "style" not in {tag for tag, _ in self.stack}:
            self.words += data
        if "ct-nul" in classes:
            data = "\0"
        if "ct-label" in classes:
            self.labels[-1] += data
        elif "ct-body" in classes:
            self.bodies[-1] += data
            for name in classes:
                if name[0] == "s" and name[1:].isdigit():
                    self.extents[int(name[1:])] = self.extents.get(int(name[1:]), "") + data


def parsed(markup):
    page = Page()
    page.feed(str(markup))
    page.close()
    assert page.stack == []
    return page


@pytest.fixture(scope="module")
def corpora():
    return [load(ROOT / "corpus"), load(MINI, "draft"), load(LAYERED, "draft")]


@pytest.fixture(scope="module")
def whole(corpora):
    """The shipped thread with every layer."""
    return parsed(thread(corpora[0], layers=corpora[0].layers))


# The text


@pytest.mark.parametrize("which", [0, 1, 2], ids=["shipped", "mini", "layered"])
def test_with_the_labels_taken_out_the_source_is_left_for_no_layer_every_layer_every_pair_and_all(corpora, which):
    corpus = corpora[which]
    texts = corpus.texts["text"].to_list()
    subsets = [(), corpus.layers, *itertools.combinations(corpus.layers, 1), *itertools.combinations(corpus.layers, 2)]
    for layers in subsets:
        assert parsed(thread(corpus, layers=layers)).bodies == texts, layers


@settings(max_examples=25)
@given(st.data())
def test_with_the_labels_taken_out_the_source_is_left_for_any_set_of_layers_in_any_order_and_any_pass(corpora, data):
    corpus = data.draw(st.sampled_from(corpora))
    annotator = data.draw(st.sampled_from(["gold", "lm-1", "kim"]))
    done = set(corpus.table("coverage").filter(pl.col("annotator_id") == annotator)["layer"])
    tables = [table.name for layer in done for table in corpus.scheme.layers[layer].tables]
    layers = data.draw(st.lists(st.sampled_from(sorted({*done, *tables})), unique=True) if done else st.just([]))
    found = parsed(thread(corpus, layers=layers, annotators=annotator))
    assert found.bodies == corpus.texts["text"].to_list()


ALPHABET = "ab<&>\"' \n\r\t\0\x01é\u0301😀\u200d\u00a0\u202e\ufeff"


@st.composite
def text_and_spans(draw):
    text = draw(st.text(alphabet=ALPHABET, max_size=25) | st.text(max_size=25))
    edge = st.integers(0, len(text))
    bounds = draw(st.lists(st.tuples(edge, edge).map(sorted), max_size=6))
    label, layer = st.sampled_from(["a", "b<i>", "c&"]), st.sampled_from(["x", "<y>"])
    return text, [{"start_char": s, "end_char": e, "label": draw(label), "layer": draw(layer)} for s, e in bounds]


@given(text_and_spans())
def test_nested_crossing_and_adjacent_spans_keep_every_character_once_and_show_their_whole_extent(drawn):
    text, spans = drawn
    found = parsed(annotated(text, spans))
    assert found.bodies == [text]
    several = len({span["layer"] for span in spans}) > 1
    words = [f"{span['layer']}: {span['label']}" if several else span["label"] for span in spans]
    assert sorted(found.labels) == sorted(words)
    for number, span in enumerate(spans):
        assert found.extents.get(number, "") == text[span["start_char"] : span["end_char"]]


def test_a_span_that_reaches_out_of_its_text_is_drawn_as_far_as_the_text_goes():
    found = parsed(annotated("abc", [{"start_char": 1, "end_char": 9, "label": "x", "layer": "y"}]))
    assert (found.bodies, found.extents, found.labels) == (["abc"], {0: "bc"}, ["x"])


def test_a_carriage_return_stays_one_and_a_null_character_is_shown_by_its_sign():
    markup = annotated("a\r\nb\rc\0d", [])
    assert 'a&#13;\n<br class="ct-br">b&#13;c' in markup.replace('<span class="ct-run">', "").replace("</span>", "")
    assert '<span class="ct-nul" title="U+0000">\u2400</span>' in markup
    assert "\0" not in markup


def test_every_span_of_every_layer_of_the_shipped_corpus_shows_as_far_as_its_quote(corpora, whole):
    corpus = corpora[0]
    quotes = Counter()
    for layer in corpus.scheme.layers.values():
        for table in layer.tables:
            if table.unit in ("span", "sentence", "token"):
                rows = corpus.table(table.name).filter(pl.col("start_char").is_not_null())
                quotes.update(rows["form" if table.unit == "token" else "quote"].to_list())
    # Each mention in a chain is drawn once more, for the chain it is in.
    pairs = corpus.layer("coreference")
    mentions = corpus.table("entities").filter(pl.col("span_id").is_in([*pairs["from_id"], *pairs["to_id"]]))
    quotes.update(mentions["quote"].to_list())
    assert Counter(whole.extents.values()) == quotes


# What stands around it


def test_a_label_stands_where_its_span_begins_the_longer_one_first():
    spans = [(4, 7, "inner"), (0, 7, "outer"), (4, 9, "longer")]
    rows = [{"start_char": s, "end_char": e, "label": label, "layer": "x"} for s, e, label in spans]
    found = parsed(annotated("one two three", rows))
    assert list(zip(found.labels, found.places, strict=True)) == [("outer", 0), ("longer", 4), ("inner", 4)]


def test_labels_and_bylines_of_the_shipped_thread(corpora):
    found = parsed(thread(corpora[0]))
    assert found.labels.count("paragraph") == 11
    assert found.labels.count("byline") == 5
    assert "B,Poster said..." in found.words


def test_labels_say_their_layer_only_where_there_are_several(corpora):
    assert "headline" in parsed(thread(corpora[1])).labels
    assert "structure: headline" in parsed(thread(corpora[1], layers=["structure", "mentions"])).labels
    assert parsed(thread(corpora[2], layers=["sentences"])).labels[0] == "frag"
    assert parsed(thread(corpora[2], layers=["tokens"])).labels[:2] == ["sentences: frag", "tokens: PROPN"]


def test_evidence_says_of_what(corpora):
    stance = parsed(thread(corpora[2], layers=["stance"])).labels
    assert stance == ["evidence: closing = against", "evidence: mayor = against", "evidence: closing = against"]
    assert parsed(thread(corpora[2], layers=["replies"])).labels == ["evidence: answer"]


def test_a_text_says_what_was_judged_of_it_and_which_layers_do_not_cover_it(corpora):
    words = parsed(thread(corpora[2], layers=["stance", "replies"])).words
    assert (
        "a1  answered by c1 (answer)stance closing = none · mayor = none · tone = plainnot gone through for: replies"
        in words
    )
    noor = parsed(thread(corpora[2], layers=["stance"], annotators="noor")).words
    assert noor.count("not gone through for: stance") == 1


def test_a_reply_leads_to_what_it_answers_and_back(corpora):
    markup = str(thread(corpora[0], layers=["replies"]))
    found = parsed(markup)
    for said in ("answers c3 (disagreement)", "answered by c4 (disagreement)", "answers c1 (agreement)"):
        assert said in found.words
    c3 = markup.partition(">c3 ")[0].rpartition('id="')[2].partition('"')[0]
    assert f'answers <a href="#{c3}">c3</a> (disagreement)' in markup
    assert "answers c1 (as the platform recorded)" in parsed(thread(corpora[1])).words


def test_relations_are_listed_with_both_ends_in_words(corpora):
    words = parsed(thread(corpora[2], layers=["negation"])).words
    assert "negation: a1 'didn't' —scope→ a1 'say why'" in words
    # An undercut leads to an inference, which stands in the list itself.
    arguments = corpora[0].table("arguments_relations")
    undercut = arguments.filter(pl.col("to_id").str.starts_with("arguments-r"))
    assert undercut.height == parsed(thread(corpora[0], layers=["arguments"])).words.count("→ the inference from")


def test_relations_lead_to_units_of_layers_that_are_not_shown(corpora):
    markup = str(thread(corpora[0], layers=["article_links"]))
    found = parsed(markup)
    assert found.labels == []
    assert found.words.count("—extends→ a1 'The United States is preparing to suspe…'") == 2
    assert set(found.extents.values()) == set(
        corpora[0].table("sentences").filter(pl.col("sentence_id").is_in(["c1-s1", "c1-s4", "a1-s5"]))["quote"]
    )
    assert len(found.hrefs) == 4


def test_every_relation_and_judgement_is_on_the_page(corpora, whole):
    corpus = corpora[0]
    relations = [
        corpus.table(table.name).height
        for layer in corpus.scheme.layers.values()
        for table in layer.tables
        if table.unit == "relation" and table.name != "replies"
    ]
    assert whole.words.count("→ ") == sum(relations)
    judgements = sum(corpus.table(name).height for name in ("claims", "quality", "stance"))
    evidence = corpus.table("stance_spans").height
    assert whole.words.count(" = ") == judgements + evidence


def test_every_link_leads_somewhere_and_no_id_stands_twice(whole):
    assert len(whole.hrefs) > 400
    assert {href.removeprefix("#") for href in whole.hrefs} <= set(whole.ids)
    assert len(set(whole.ids)) == len(whole.ids)


def test_a_relation_to_a_byline_leads_to_the_head_of_its_text(corpora):
    class ToByline:
        def scan(self, table, split):
            frame = corpora[1]._frames.scan(table, split)
            return frame.with_columns(to_id=pl.lit("structure-4")) if table.name == "mentions_relations" else frame

    corpus = dataclasses.replace(corpora[1], _frames=ToByline())
    for layers in (["mentions"], ["mentions", "structure"]):
        found = parsed(thread(corpus, layers=layers))
        assert "c1 'it' —same→ c1 'Ann O'Hara said...'" in found.words
        assert found.hrefs[-2].endswith("-t1")
        assert {href[1:] for href in found.hrefs} <= set(found.ids)


def test_where_a_link_lands_the_whole_span_lights_up(corpora):
    markup = str(thread(corpora[2], layers=["negation"]))
    found = parsed(markup)
    targets = re.findall(r"#([\w-]+):target~\.s(\d+)", markup)
    assert {href.removeprefix("#") for href in found.hrefs if "-t" not in href} == {anchor for anchor, _ in targets}
    lit = {found.extents[int(number)] for _, number in targets}
    assert lit == {"didn't", "say why", "don't", "like it", "never", "asks us"}


def test_the_links_of_mentions_go_through_every_chain_in_order(corpora):
    corpus = corpora[0]
    page = str(thread(corpus, layers=["coreference"]))
    # Anchors and labels stand in the same order, one label to an anchor.
    anchors = re.findall(r'<span class="ct-anchor" id="([^"]+)"', page)
    labels = [part.partition("</sup>")[0] for part in page.split("<sup")[1:]]
    onward = [re.findall(r'href="#([^"]+)" title="the mention after"', label) for label in labels]
    after = {anchor: next(iter(found), None) for anchor, found in zip(anchors, onward, strict=True)}
    back = [re.findall(r'href="#([^"]+)" title="the mention before"', label) for label in labels]
    assert {(one, other) for other, found in zip(anchors, back, strict=True) for one in found} == {
        (one, other) for one, other in after.items() if other
    }
    walked = Counter()
    for start in set(after) - set(after.values()):
        chain = [start]
        while after[chain[-1]]:
            chain.append(after[chain[-1]])
        walked[len(chain)] += 1
        places = [anchors.index(anchor) for anchor in chain]
        assert places == sorted(places)
    every = chains(corpus.scan("entities"), corpus.scan("coreference"), corpus.scan("texts"))
    sizes = every.group_by("chain_id").len().filter(pl.col("len") > 1)["len"].to_list()
    assert walked == Counter(sizes)


def test_definitions_and_caveats_can_be_unfolded(corpora):
    words = parsed(thread(corpora[0], layers=["stance"])).words
    assert "The writer rejects the target proposition" in words
    assert "Proposition: the United States acts rightly and well about the war in Syria." in words
    assert "No human annotator has made a pass." in words


def test_a_pass_is_shown_instead_of_gold(corpora):
    corpus = corpora[2]
    gold, kim = (parsed(thread(corpus, layers=["entities"], annotators=name)) for name in ("gold", "kim"))
    assert len(gold.labels) == 12
    assert len(kim.labels) == corpus.layer("entities", annotators="kim").height == 10
    assert thread(corpus, layers=["entities"], annotators="kim").description.endswith("entities, as kim has them.")


# Nothing runs


class Hostile:
    """The frames of a corpus with markup in everything that is free text."""

    MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;</style></sup></div>"

    def __init__(self, frames):
        self.frames = frames

    def scan(self, table, split):
        frame = self.frames.scan(table, split)
        columns = {"text", "byline", "title", "label", "reason", "quote", "question", "upos", "language", "lemma"}
        here = sorted(columns & set(frame.collect_schema().names()))
        return frame.with_columns(pl.col(name) + self.MARKUP for name in here)


@pytest.fixture(scope="module")
def hostile(corpora):
    return dataclasses.replace(corpora[2], _frames=Hostile(corpora[2]._frames))


def test_markup_in_texts_labels_bylines_and_titles_is_shown_and_never_run(hostile):
    found = parsed(thread(hostile, layers=hostile.layers))
    assert found.bodies == hostile.texts["text"].to_list()
    assert all(text.endswith(Hostile.MARKUP) for text in found.bodies)
    assert found.tags <= {
        *("section", "style", "div", "p", "span", "details", "summary", "h4", "dl", "dt", "dd", "article"),
        *("ul", "li", "b", "br", "wbr", "sup", "a", "ol"),
    }
    assert found.attributes <= {"class", "style", "id", "href", "title", "aria-label", "lang", "dir", "open"}
    assert found.words.count("<script>alert(1)</script>") > 100


def test_markup_in_a_single_text_is_shown_and_never_run():
    found = parsed(
        annotated("<script>alert(1)</script>&lt;", [{"start_char": 0, "end_char": 8, "label": "<b>", "layer": '"x'}])
    )
    assert found.bodies == ["<script>alert(1)</script>&lt;"]
    assert found.tags == {"div", "span", "wbr", "sup"}


def test_a_saved_page_forbids_itself_to_load_or_run_anything(corpora, tmp_path):
    page = thread(corpora[1], layers=["structure"]).save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert parsed(page.removeprefix("<!DOCTYPE html>\n")).bodies == corpora[1].texts["text"].to_list()


@pytest.mark.parametrize("tint", ["red;background-image:url(//x)", 'red"', "#12", "#GGG", "", "url(x)", "red\n", None])
def test_a_tint_that_is_no_colour_is_refused(tint):
    spans = [{"start_char": 0, "end_char": 1, "label": "x", "layer": "y"}]
    with pytest.raises(ArgumentError, match="of label 'x' is no colour; give one such as"):
        annotated("a", spans, tints={"x": tint})


@pytest.mark.parametrize("tint", ["#abc", "#DCE9F5", "#DCE9F580", "gold"])
def test_a_tint_that_is_a_colour_stands_behind_the_words(tint):
    spans = [{"start_char": 0, "end_char": 1, "label": "x", "layer": "y"}]
    assert f"linear-gradient({tint},{tint})" in annotated("a", spans, tints={"x": tint})
    assert "linear-gradient" not in annotated("a", spans, tints={})


# What a draft may lack


class Gaps:
    """The frames of a corpus with nothing, or an empty text, in a column of a table: in all rows, or in every second."""

    def __init__(self, frames, table, column, *, whole=True, gap=None):
        self.frames, self.table, self.column, self.whole, self.gap = frames, table, column, whole, gap

    def scan(self, table, split):
        frame = self.frames.scan(table, split)
        if table.name != self.table:
            return frame
        kept = pl.lit(False) if self.whole else pl.int_range(pl.len()) % 2 == 1
        return frame.with_columns(
            pl.when(kept).then(pl.col(self.column)).otherwise(pl.lit(self.gap)).cast(table[self.column].dtype)
        )


def lacking(corpus, table, column, **how):
    return dataclasses.replace(corpus, _frames=Gaps(corpus._frames, table, column, **how))


@pytest.fixture(scope="module")
def layered_columns(corpora):
    tables = corpora[2].scheme.tables.values()
    return [(table, column) for table in tables if table.layer or table.name == "texts" for column in table.columns]


@pytest.mark.parametrize("whole", [True, False], ids=["in all rows", "in every second row"])
def test_a_draft_in_which_a_column_is_not_filled_is_still_shown(corpora, layered_columns, whole):
    for table, column in layered_columns:
        corpus = lacking(corpora[2], table.name, column.name, whole=whole)
        shown = thread(corpus, layers=corpus.layers)
        if (table.name, column.name) not in {("texts", "text"), ("texts", "thread_id"), ("texts", "position")}:
            assert parsed(shown).bodies == corpora[2].texts["text"].to_list(), (table.name, column.name)
        made = reading.widget(corpus, layers=[table.layer] if table.layer else None, annotators=["gold", "kim"])
        assert "null" not in str(made.still)
        json.dumps(made.data, allow_nan=False)


def test_an_empty_text_in_a_column_of_a_draft_is_taken_as_one_not_filled(corpora, layered_columns):
    for table, column in layered_columns:
        if column.dtype == pl.String and column.name not in ("text_id", "parent_id", "thread_id", "chain_id"):
            one, other = (lacking(corpora[2], table.name, column.name, whole=False, gap=gap) for gap in ("", None))
            if column.name in {"label", "upos", "question", "from_id", "to_id", "unit_id", table.key}:
                assert str(thread(one, layers=one.layers)) == str(thread(other, layers=other.layers))
            else:
                thread(one, layers=one.layers)


@pytest.mark.parametrize(
    "file", sorted((LAYERED / "annotations").glob("*/*.csv")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_cells_left_empty_in_a_file_of_a_draft_are_still_shown(layered, file):
    here = layered / file.relative_to(LAYERED)
    rows = pl.read_csv(here, infer_schema=False)
    for column in rows.columns:
        rows.with_columns(pl.lit(None, pl.String).alias(column)).write_csv(here)
        corpus = load(layered, "draft")
        thread(corpus, layers=corpus.layers)
        by = here.name.partition(".")[0]
        thread(corpus, layers=[here.parent.name], annotators=by)


def test_what_is_not_recorded_in_a_draft_is_said(corpora):
    def words(*gap):
        corpus = lacking(corpora[2], *gap)
        return parsed(thread(corpus, layers=["negation", "stance", "replies"])).words

    assert "a1 'didn't' —unlabelled→ a1 'say why'" in words("negation_relations", "label")
    assert "a1 'didn't' —scope→ nothing" in words("negation_relations", "to_id")
    assert "nothing —scope→ a1 'say why'" in words("negation_relations", "from_id")
    assert "negation: unlabelled" in words("negation", "label")
    assert "closing = unlabelled" in words("stance", "label")
    assert "no question = none" in words("stance", "question")
    assert "answers nothing (answer)" in words("replies", "to_id")
    # What answers is not known, so only what the platform recorded is left.
    assert words("replies", "from_id").count("answered by") == 1
    kim = reading.widget(lacking(corpora[2], "negation_relations", "to_id"), layers=["negation"]).data["passes"]["kim"]
    assert kim["words"][""] == "nothing"


def test_a_relation_without_both_ends_is_in_no_list_and_one_without_a_chain_in_no_chain(corpora):
    corpus = lacking(lacking(corpora[2], "negation_relations", "to_id"), "negation_relations", "from_id")
    assert "—scope→" not in parsed(thread(corpus, layers=["negation"])).words
    found = parsed(thread(lacking(corpora[2], "coreference", "chain_id"), layers=["coreference"]))
    assert (found.labels, found.words.count("→ ")) == ([], corpora[2].layer("coreference").height)


def test_a_span_with_one_offset_stands_in_the_head_as_one_with_none(corpora):
    corpus = corpora[1]
    for offset in ("start_char", "end_char"):
        markup = str(thread(lacking(corpus, "structure", offset)))
        assert parsed(markup).extents == {}
        heads = "".join(re.findall(r'<p class="ct-head".*?</p>', markup))
        assert heads.count("<sup") == markup.count("<sup") == corpus.layer("structure").height


def test_a_single_text_may_be_missing_and_its_labels_be_missing_or_no_texts():
    assert parsed(annotated(None, [])).bodies == [""]
    values = [None, "", 3, ["a", "b"]]
    rows = [{"start_char": i, "end_char": i + 1, "label": label, "layer": None} for i, label in enumerate(values)]
    assert parsed(annotated("abcd", rows)).labels == ["unlabelled", "unlabelled", "3", "['a', 'b']"]
    assert parsed(annotated(None, rows)).labels == parsed(annotated("abcd", rows)).labels
    rows[0]["layer"] = "x"
    assert parsed(annotated("abcd", rows)).labels[:2] == ["x: unlabelled", "no layer: unlabelled"]


def test_units_that_are_only_there_to_be_led_to_are_in_the_order_of_the_thread(corpora):
    corpus = corpora[0]
    tables, row = chosen_tables(corpus, ["arguments_relations"]), chosen_thread(corpus, None)
    read = gather(corpus, tables, thread=row, annotator="gold")
    order = {text_id: number for number, text_id in enumerate(corpus.texts["text_id"])}
    places = [(order[mark.text_id], mark.start, -mark.end) for mark in read.hidden]
    assert places == sorted(places)
    ends = {end for link in read.links for end in (link.from_id, link.to_id)}
    assert {mark.unit_id for mark in read.hidden} == ends & set(corpus.table("arguments")["span_id"])
    assert len(places) > 20


def test_showing_one_thread_never_collects_the_texts_of_the_others(corpora, monkeypatch):
    def whole(corpus):
        raise AssertionError("the whole table was read")

    monkeypatch.setattr(Corpus, "texts", property(whole))
    monkeypatch.setattr(Corpus, "threads", property(whole))

    class TwoThreads:
        """The frames with every text twice, the second time in another thread."""

        def scan(self, table, split):
            frame = corpora[2]._frames.scan(table, split)
            if table.name not in ("texts", "threads"):
                return frame
            other = frame.with_columns(thread_id=pl.lit("other"))
            return pl.concat(
                [frame, other.with_columns(text_id="o" + pl.col("text_id")) if table.name == "texts" else other]
            )

    corpus = dataclasses.replace(corpora[2], _frames=TwoThreads())
    one, other = (gather(corpus, (), thread=chosen_thread(corpus, name), annotator="gold") for name in (None, "other"))
    assert [row["text_id"] for row in one.texts] == ["a1", "c1", "c2"]
    assert [row["text_id"] for row in other.texts] == ["oa1", "oc1", "oc2"]


# The same call, the same page


def test_the_same_call_gives_the_same_page_and_another_call_other_ids(corpora):
    one, again = (str(thread(load(LAYERED, "draft"), layers=["negation", "coreference"])) for _ in range(2))
    assert one == again
    other = thread(corpora[2], layers=["coreference", "negation"])
    kims = thread(corpora[2], layers=["coreference"], annotators="kim")
    assert not set(parsed(one).ids) & set(parsed(other).ids)
    assert not set(parsed(one).ids) & set(parsed(kims).ids)


def test_a_notebook_gets_the_markup_and_a_description(corpora):
    bundle = thread(corpora[1])._repr_mimebundle_()
    assert bundle["text/plain"] == "3 texts of the thread mini, with the layers: structure."
    assert bundle["text/html"].startswith("<section")


def test_no_layer_is_a_plain_text_and_a_thread_without_a_title_goes_by_its_id(corpora):
    untitled = corpora[1]._frames

    class Untitled:
        def scan(self, table, split):
            frame = untitled.scan(table, split)
            return frame.with_columns(title=pl.lit(None, pl.String)) if table.name == "threads" else frame

    found = parsed(thread(dataclasses.replace(corpora[1], _frames=Untitled()), layers=[]))
    assert found.labels == []
    assert found.words.startswith("mini")


def test_a_corpus_without_threads_or_a_thread_without_texts_is_no_crash(corpora):
    class Empty:
        def __init__(self, *tables):
            self.tables = tables

        def scan(self, table, split):
            frame = corpora[2]._frames.scan(table, split)
            return frame.filter(pl.lit(False)) if not self.tables or table.name in self.tables else frame

    with pytest.raises(UnknownNameError, match="unknown thread 'None'; there are: none"):
        thread(dataclasses.replace(corpora[2], _frames=Empty()), layers=[])
    empty = dataclasses.replace(corpora[2], _frames=Empty("texts"))
    assert parsed(thread(empty, layers=empty.layers)).bodies == []


def test_an_unknown_layer_annotator_or_thread_lists_those_there_are(corpora):
    with pytest.raises(
        UnknownNameError, match="layer 'tones'; there are: mentions, structure, tone, mentions_relations"
    ):
        thread(corpora[1], layers=["tones"])
    with pytest.raises(UnknownNameError, match="layer 'texts'; there are: "):
        thread(corpora[1], layers=["texts"])
    with pytest.raises(UnknownNameError, match="annotator of tone 'kim'; there are: gold"):
        thread(corpora[1], layers=["mentions", "tone"], annotators="kim")
    with pytest.raises(UnknownNameError, match="unknown thread 'maxi'; there are: mini"):
        thread(corpora[1], thread_id="maxi")


# Lines and colours


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_and_lines_have_contrast_enough():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert min(contrast(colour, "#FFFFFF") for colour in COLOURS) >= 4.5
    # The darkest of the quiet greys and the blue of links, on white and on what is lit up.
    for ink, paper in itertools.product(("#222222", "#595959", "#444444", "#004f9e"), ("#FFFFFF", "#ffe45c")):
        assert contrast(ink, paper) >= 4.5
    assert min(contrast("#222222", paper) for paper in (*TINTS, "#ffb84d")) >= 4.5


@pytest.mark.parametrize("kind", ["deuteranomaly", "protanomaly", "tritanomaly"])
def test_the_colours_of_lines_stay_apart_for_colour_blind_readers(kind):
    space = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
    seen = [
        [
            min(1, max(0, part))
            for part in cspace_convert([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)], space, "sRGB1")
        ]
        for c in COLOURS
    ]
    assert min(deltaE(one, other, "sRGB1") for one, other in itertools.combinations(seen, 2)) > 10


# The widget, as far as it goes without a browser


def test_the_script_and_the_style_of_the_widget_count_lines_as_the_page_does(corpora):
    script = (ROOT / "src/corpus_tools/reading/widget.js").read_text(encoding="utf-8")
    lines = reading.widget(corpora[1]).data["lines"]
    assert lines == {"n_kinds": N_LINES, "pitch": PITCH, "tints": list(TINTS)}
    assert not [tint for tint in TINTS if tint in script]
    assert f"*{PITCH}px" in (ROOT / "src/corpus_tools/reading/style.css").read_text(encoding="utf-8")
    assert "innerHTML" not in script


def test_the_widget_is_shown_as_html_where_widgets_do_not_run(corpora):
    made = reading.widget(corpora[2], layers=["negation", "stance"])
    bundle, _ = made._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/html"] == str(thread(corpora[2], layers=["negation"]))
    assert bundle["text/plain"] == "3 texts of the thread layered, with the layers: negation."


def test_the_state_of_the_widget_is_the_same_each_time_and_fits_json(corpora):
    one, again = (reading.widget(corpora[0]) for _ in range(2))
    assert json.dumps(one.data) == json.dumps(again.data)
    # A million characters is what the documentation of the state has in mind for this thread.
    assert len(json.dumps(one.data)) < 1_000_000


def test_the_widget_takes_no_layer_or_annotator_it_does_not_hold(corpora):
    made = reading.widget(corpora[2], layers=["negation", "stance"], annotators="kim")
    assert (made.layers, made.annotator, made.mention) == (["negation"], "kim", "")
    made.layers = ["stance"]
    with pytest.raises(UnknownNameError, match="layer of the widget 'time'; there are: negation, stance"):
        made.layers = ["time"]
    with pytest.raises(UnknownNameError, match="annotator 'gold'; there are: kim"):
        made.annotator = "gold"
    with pytest.raises(UnknownNameError, match="annotator 'ann'; there are: gold, kim, lee, noor"):
        reading.widget(corpora[2], annotators=["ann"])
    with pytest.raises(UnknownNameError, match="layer of the widget 'time'; there are: stance"):
        reading.widget(corpora[2], layers=["stance"], shown=["time"])


def test_without_anywidget_the_widget_says_what_to_install(corpora, monkeypatch):
    from corpus_tools.reading import interactive

    interactive._widget_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingExtraError, match="anywidget is needed for this.*notebooks"):
        reading.widget(corpora[1])
