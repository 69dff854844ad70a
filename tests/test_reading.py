"""Annotated text: the source, character for character, with labels around it and nothing that runs."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import UnknownNameError
from corpus_tools.reading import TINTS, annotated, thread


class Body(HTMLParser):
    """Collects the characters of the text bodies, the labels, and every tag."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.bodies, self.labels, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        kind = dict(attrs).get("class", "")
        self.stack.append(kind)
        if kind == "ct-body":
            self.bodies.append("")
        if kind == "ct-label":
            self.labels.append("")

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        if "ct-label" in self.stack:
            self.labels[-1] += data
        elif "ct-body" in self.stack:
            self.bodies[-1] += data


def parsed(markup):
    body = Body()
    body.feed(markup)
    body.close()
    return body


def in_body(markup):
    return parsed(f'<div class="ct-body">{markup}</div>')


@pytest.mark.parametrize("layers", [[], ["structure"], ["mentions"], ["structure", "mentions"]])
def test_with_the_labels_taken_out_the_source_is_left(mini, layers):
    corpus = load(mini, "draft")
    assert parsed(str(thread(corpus, layers=layers))).bodies == corpus.texts["text"].to_list()


def test_the_shipped_thread_reads_as_its_source(shipped):
    corpus = load(shipped)
    found = parsed(str(thread(corpus)))
    assert found.bodies == corpus.texts["text"].to_list()
    assert found.labels.count("paragraph") == 11
    assert found.labels.count("byline") == 5


@st.composite
def text_and_spans(draw):
    text = draw(st.text(alphabet="ab<&>\"' \n\r\té\u0301😀\u00a0", max_size=25))
    edge = st.integers(0, len(text))
    bounds = draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda span: span[0] < span[1]), max_size=6))
    label = st.sampled_from(["a", "b<i>", "c&"])
    return text, [{"start_char": s, "end_char": e, "label": draw(label), "layer": "x"} for s, e in bounds]


@given(text_and_spans())
def test_nested_crossing_and_adjacent_spans_keep_every_character_once(drawn):
    text, spans = drawn
    found = in_body(annotated(text, spans))
    assert "".join(found.bodies) == text
    assert sorted(found.labels) == sorted(span["label"] for span in spans)


def test_markup_in_a_text_is_shown_and_never_run():
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;"
    found = in_body(annotated(hostile, [{"start_char": 0, "end_char": 8, "label": "<script>", "layer": '"x'}]))
    assert found.bodies == [hostile]
    assert found.tags == {"div", "span"}


def test_a_label_keeps_its_tint_throughout_the_thread(shipped):
    markup = str(thread(load(shipped)))
    paragraphs = markup.split('data-labels="structure:paragraph" style="background:')[1:]
    assert {part[:7] for part in paragraphs} == {TINTS[4]}


def test_each_tint_leaves_black_text_readable():
    for tint in TINTS:
        parts = [int(tint[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        assert (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) / (0.0159 + 0.05) >= 4.5


def test_an_unknown_layer_or_thread_lists_those_there_are(mini):
    corpus = load(mini, "draft")
    with pytest.raises(UnknownNameError, match="unknown span layer 'tone'; there are: mentions, structure"):
        thread(corpus, layers=["tone"])
    with pytest.raises(UnknownNameError, match="unknown thread 'maxi'; there are: mini"):
        thread(corpus, thread_id="maxi")


def test_a_notebook_gets_the_markup_and_a_description(mini):
    bundle = thread(load(mini, "draft"))._repr_mimebundle_()
    assert bundle["text/plain"] == "3 texts of the thread mini, with the layers: structure."
    assert bundle["text/html"].startswith("<section")
