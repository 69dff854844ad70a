"""Coefficients of agreement, by other implementations, by published examples and by laws that must hold."""

import io
import itertools
import math
import random

import krippendorff
import numpy as np
import polars as pl
import pytest
import scorch.scores
from hypothesis import assume, example, given
from hypothesis import strategies as st
from nervaluate.entities import Entity
from nervaluate.strategies import PartialEvaluation
from nltk.metrics.agreement import AnnotationTask
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import accuracy_score, f1_score
from udtools import udeval

from corpus_tools.agreement.alpha import krippendorff_alpha, observed_agreement
from corpus_tools.agreement.assignment import best_pairs
from corpus_tools.agreement.coefficient import Coefficient, ratio
from corpus_tools.agreement.coreference import coreference_scores
from corpus_tools.agreement.dependencies import MEASURES, dependency_agreement
from corpus_tools.agreement.overlap import match_relations, match_spans
from corpus_tools.errors import CorpusError, MissingColumnError, UnknownNameError


def f1(items):
    """Twice the credit over all spans of both sides."""
    sides = pl.col("left").is_not_null().cast(pl.UInt32) + pl.col("right").is_not_null().cast(pl.UInt32)
    return ratio(items.select(part=2 * pl.col("credit"), whole=sides), bootstraps=0)


def near(number):
    return pytest.approx(number, rel=0, abs=1e-9)


# Alpha ---------------------------------------------------------------------------------------------------------------

# Krippendorff (2011), section C: four observers, twelve units, missing values; and the values printed there.
KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
FIVE = list("12345")


def long(rows):
    """One row per cell of a table with a row per annotator and a column per unit; None where missing."""
    cells = [(f"u{unit}", f"a{who}", value) for who, row in enumerate(rows) for unit, value in enumerate(row)]
    return pl.DataFrame(cells, schema={"unit": pl.String, "annotator": pl.String, "value": pl.String}, orient="row")


PUBLISHED = long(
    [[None if cell == "." else cell for cell in line.split()] for line in KRIPPENDORFF.split("\n") if line]
)


@pytest.mark.parametrize(("scale", "printed"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_example_is_the_one_he_prints(scale, printed):
    found = krippendorff_alpha(PUBLISHED, scale=scale, levels=FIVE)
    assert round(found.value, 3) == printed
    # He counts 40 pairable values: the one value of the twelfth unit has no other to pair with.
    assert (found.n_units, found.n_values) == (11, 40)
    assert found.low < found.value < found.high <= 1


# Up to five annotators, up to four labels out of five, so that ordinal data have ranks that nobody gave.
TABLES = st.tuples(st.integers(1, 5), st.integers(1, 12)).flatmap(
    lambda shape: st.lists(
        st.lists(st.sampled_from([None, *"1245"]), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def pairable(rows):
    """The values of each unit that two or more annotators labelled."""
    units = [[value for value in unit if value is not None] for unit in zip(*rows, strict=True)]
    return [unit for unit in units if len(unit) > 1]


@given(TABLES, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_krippendorff_package(rows, scale):
    found = krippendorff_alpha(long(rows), scale=scale, levels=FIVE, bootstraps=0)
    units = pairable(rows)
    assert (found.n_units, found.n_values) == (len(units), sum(map(len, units)))
    if len({value for unit in units for value in unit}) < 2:
        assert found == Coefficient(None, None, None, found.n_units, found.n_values)
        return
    data = [[math.nan if value is None else float(value) for value in row] for row in rows]
    expected = krippendorff.alpha(data, level_of_measurement=scale, value_domain=[1.0, 2.0, 3.0, 4.0, 5.0])
    assert found.value == near(expected)


@given(TABLES)
def test_nominal_alpha_and_observed_agreement_are_those_of_nltk_and_of_counting_pairs(rows):
    units = pairable(rows)
    assume(len({value for unit in units for value in unit}) > 1)
    cells = long(rows).drop_nulls()
    in_units = cells.filter(pl.len().over("unit") > 1).select("annotator", "unit", "value").rows()
    task = AnnotationTask(data=in_units)
    assert krippendorff_alpha(long(rows), bootstraps=0).value == near(task.alpha())
    agreeing = sum(a == b for unit in units for a, b in itertools.permutations(unit, 2))
    weighted = sum(sum(a == b for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    found = observed_agreement(long(rows), bootstraps=0)
    assert found.value == near(weighted / sum(map(len, units)))
    if all(len(unit) == len(units[0]) for unit in units):
        assert found.value == near(agreeing / sum(len(unit) * (len(unit) - 1) for unit in units))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=1))
def test_observed_agreement_of_two_annotators_is_accuracy(pairs):
    one, other = zip(*pairs, strict=True)
    assert observed_agreement(long([one, other])).value == near(accuracy_score(one, other))


@given(TABLES, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_names_of_annotators_change_anything(rows, dice):
    values = long(rows)
    order = list(range(values.height))
    dice.shuffle(order)
    shuffled = values[order].with_columns(annotator="x" + pl.col("annotator"))
    for scale in ("nominal", "ordinal", "interval"):
        assert krippendorff_alpha(shuffled, scale=scale, levels=FIVE, bootstraps=20) == krippendorff_alpha(
            values.lazy(), scale=scale, levels=FIVE, bootstraps=20
        )


def test_what_cannot_be_paired_or_told_apart_has_no_alpha():
    nothing = long([["1", None], [None, "2"]])
    assert krippendorff_alpha(nothing) == observed_agreement(nothing) == Coefficient(None, None, None, 0, 0)
    assert krippendorff_alpha(long([])) == Coefficient(None, None, None, 0, 0)
    one_label = long([["1", "1"], ["1", "1"]])
    assert krippendorff_alpha(one_label) == Coefficient(None, None, None, 2, 4)
    assert observed_agreement(one_label) == Coefficient(1.0, 1.0, 1.0, 2, 4)


def test_resamples_without_a_second_label_are_left_out_and_counted():
    # Three units of three, one of them with the other label: (2/3)^3 of resamples lack it and 1/27 has it alone.
    found = krippendorff_alpha(long([["1", "1", "2"], ["1", "1", "2"]]), bootstraps=20_000)
    assert (found.value, found.low, found.high) == (1, 1, 1)
    assert found.n_undefined / 20_000 == pytest.approx(9 / 27, abs=0.01)


def test_the_interval_is_that_of_drawing_units_one_by_one():
    dice = random.Random(1)
    truth = [dice.choice("12345") for _ in range(120)]
    rows = [[value if dice.random() < 0.7 else dice.choice(["1", "2", "5", None]) for value in truth] for _ in range(3)]
    data = np.array([[math.nan if value is None else float(value) for value in row] for row in rows])
    data = data[:, (~np.isnan(data)).sum(axis=0) > 1]
    draws = np.random.default_rng(1)
    for scale in ("nominal", "ordinal", "interval"):
        drawn = [
            krippendorff.alpha(data[:, draws.integers(0, data.shape[1], data.shape[1])], level_of_measurement=scale)
            for _ in range(2000)
        ]
        found = krippendorff_alpha(long(rows), scale=scale, levels=FIVE, bootstraps=5000)
        # The ends themselves are estimates: 0.012 is about three of their standard errors.
        assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.012)


def test_the_seed_fixes_the_interval_and_confidence_widens_it():
    found = krippendorff_alpha(PUBLISHED)
    assert found == krippendorff_alpha(PUBLISHED)
    assert found != krippendorff_alpha(PUBLISHED, seed=1)
    wide = krippendorff_alpha(PUBLISHED, confidence=0.99)
    assert wide.low < found.low
    assert wide.high >= found.high
    assert krippendorff_alpha(PUBLISHED, bootstraps=0) == Coefficient(found.value, None, None, 11, 40)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"scale": "ratio"}, UnknownNameError, "unknown scale 'ratio'; there are: nominal, ordinal, interval"),
        ({"scale": "ordinal"}, CorpusError, "the ordinal scale needs levels"),
        ({"scale": "ordinal", "levels": list("1234")}, UnknownNameError, "unknown label '5'; there are: 1, 2, 3, 4"),
        ({"scale": "ordinal", "levels": list("112345")}, CorpusError, "levels name a label twice: 1, 1, 2, 3, 4, 5"),
        ({"confidence": 1}, CorpusError, "confidence is 1; bootstraps has to be"),
        ({"bootstraps": -1}, CorpusError, "bootstraps is -1"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        krippendorff_alpha(PUBLISHED, **options)


def test_data_that_make_no_sense_are_refused():
    with pytest.raises(CorpusError, match="annotator 'a0' labels unit 'u0' twice"):
        krippendorff_alpha(pl.concat([PUBLISHED, PUBLISHED]))
    with pytest.raises(CorpusError, match="1 of 4 values are none, the first 'x' of unit 'u0'"):
        krippendorff_alpha(long([["x", "1"], ["1", "1"]]), scale="interval")
    with pytest.raises(MissingColumnError, match="krippendorff_alpha needs the column unit; the frame has: annotator"):
        krippendorff_alpha(PUBLISHED.drop("unit"))


# Spans and relations -------------------------------------------------------------------------------------------------


def spans(*rows):
    """Spans of one text from (start, end, label), named in order."""
    cells = [(f"s{i}", "t", *row) for i, row in enumerate(rows)]
    schema = {
        "span_id": pl.String,
        "text_id": pl.String,
        "start_char": pl.Int64,
        "end_char": pl.Int64,
        "label": pl.String,
    }
    return pl.DataFrame(cells, schema=schema, orient="row")


SPANS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 5), st.sampled_from("xy")).map(lambda s: (s[0], s[0] + s[1], s[2])),
    max_size=7,
)


def test_f1_of_an_example_counted_on_paper():
    left = spans((0, 4, "x"), (5, 9, "x"), (10, 14, "y"), (20, 22, "x"))
    right = spans((0, 4, "x"), (6, 9, "y"), (10, 14, "x"))
    # Four spans and three: exact and labelled one pair, exact two, partial and labelled one, partial 1 + 1 + 1/2.
    for labelled, partial, credit in [(True, False, 1), (False, False, 2), (True, True, 1), (False, True, 2.5)]:
        items = match_spans(left, right, labelled=labelled, partial=partial)
        found = f1(items)
        assert found.value == near(2 * credit / 7)
        assert found.n_values == 7
        assert found.n_units == 7 - items.drop_nulls().height
    assert items.rows() == [("s0", "s0", 1.0), ("s1", "s1", 0.5), ("s2", "s2", 1.0), ("s3", None, 0.0)]


@given(SPANS, SPANS, st.booleans())
def test_exact_f1_of_distinct_spans_is_that_of_scikit_learn(left, right, labelled):
    wide = slice(None) if labelled else slice(2)
    left, right = ({span[wide]: span for span in side} for side in (left, right))
    every = sorted(left.keys() | right.keys())
    found = f1(match_spans(spans(*left.values()), spans(*right.values()), labelled=labelled))
    if not every:
        assert found == Coefficient(None, None, None, 0, 0)
        return
    assert found.value == near(f1_score([span in left for span in every], [span in right for span in every]))
    assert (found.n_units, found.n_values) == (len(every), len(left) + len(right))


WINDOWS = st.lists(
    st.tuples(*[st.none() | st.tuples(st.integers(0, 3), st.integers(4, 8))] * 2),
    max_size=8,
)


@given(WINDOWS)
def test_partial_f1_is_that_of_nervaluate_where_it_is_plain_what_is_matched(windows):
    """Every span overlaps with one of the other side at most."""
    sides = [[(10 * i + w[side][0], 10 * i + w[side][1]) for i, w in enumerate(windows) if w[side]] for side in (0, 1)]
    assume(all(sides))
    # There the end is the last character.
    true, predicted = ([Entity("x", start, end - 1) for start, end in side] for side in sides)
    result, _ = PartialEvaluation().evaluate(true, predicted, ["x"])
    items = match_spans(*(spans(*((*span, "x") for span in side)) for side in sides), partial=True)
    assert f1(items).value == near(result.f1)


def shared(one, other):
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


@given(SPANS, SPANS, st.booleans())
@example([(0, 4, "x"), (0, 2, "x")], [(1, 4, "x"), (0, 4, "x")], True)
def test_no_matching_shares_more_characters_and_the_sides_are_alike(left, right, labelled):
    items = match_spans(spans(*left), spans(*right), labelled=labelled, partial=True)
    pairs = [(left[int(i[1:])], right[int(j[1:])]) for i, j, _ in items.drop_nulls().rows()]
    assert items["left"].drop_nulls().sort().to_list() == [f"s{i}" for i in range(len(left))]
    assert items["right"].drop_nulls().sort().to_list() == [f"s{i}" for i in range(len(right))]
    weights = np.array([[shared(a, b) * (a[2] == b[2] or not labelled) for b in right] for a in left])
    best = weights[linear_sum_assignment(-weights)].sum() if left and right else 0
    assert sum(shared(a, b) for a, b in pairs) == best
    assert all(shared(a, b) for a, b in pairs)
    exact = match_spans(spans(*left), spans(*right), labelled=labelled)
    assert (items["credit"] == 1).sum() == (exact["credit"] == 1).sum()
    back = match_spans(spans(*right), spans(*left), labelled=labelled, partial=True)
    assert f1(items) == f1(back)


def test_spans_of_one_place_are_matched_by_label_first():
    left, right = spans((0, 4, "x"), (0, 4, "y")), spans((0, 4, "y"), (0, 4, "z"))
    assert match_spans(left, right, labelled=False).rows() == [("s0", "s1", 1.0), ("s1", "s0", 1.0)]
    # Twice the same span is two spans.
    twice = spans((0, 4, "x"), (0, 4, "x"))
    assert match_spans(twice, left).rows() == [("s0", "s0", 1.0), ("s1", None, 0.0), (None, "s1", 0.0)]


def test_spans_of_different_texts_never_match_and_a_span_without_a_place_is_refused():
    left = spans((0, 4, "x"))
    other = left.with_columns(text_id=pl.lit("other"))
    assert f1(match_spans(left, other, partial=True)).value == 0
    with pytest.raises(CorpusError, match="match_spans: right: 1 span without start_char or end_char, the first 's0'"):
        match_spans(left, spans((0, None, "x")))


def relations(*rows):
    cells = [(f"r{i}", *row) for i, row in enumerate(rows)]
    return pl.DataFrame(
        cells, schema=dict.fromkeys(["relation_id", "from_id", "to_id", "label"], pl.String), orient="row"
    )


RELATIONS = st.sets(st.tuples(*[st.sampled_from("abc")] * 2, st.sampled_from("xy")), max_size=8)


@given(RELATIONS, RELATIONS, st.booleans())
def test_f1_of_relations_is_that_of_scikit_learn(left, right, labelled):
    wide = slice(None) if labelled else slice(2)
    left, right = ({relation[wide]: relation for relation in sorted(side)} for side in (left, right))
    every = sorted(left.keys() | right.keys())
    assume(every)
    items = match_relations(relations(*left.values()), relations(*right.values()), labelled=labelled)
    found = f1(items)
    assert found.value == near(f1_score([relation in left for relation in every], [one in right for one in every]))
    assert found.n_units == len(every)


def test_relations_may_be_read_either_way():
    left, right = relations(("b", "a", "x")), relations(("a", "b", "x"), ("a", "b", "y"))
    assert f1(match_relations(left, right)).value == 0
    assert match_relations(left, right, directed=False).rows() == [("r0", "r0", 1.0), (None, "r1", 0.0)]


WEIGHTS = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 9), max_size=30)


@given(WEIGHTS, st.sampled_from([1, 7]))
def test_a_matching_weighs_what_scipys_weighs(weights, divisor):
    weights = {pair: weight / divisor for pair, weight in weights.items()}
    found = best_pairs(weights)
    for side in (0, 1):
        assert len({pair[side] for pair in found}) == len(found)
    table = np.zeros((7, 7))
    for pair, weight in weights.items():
        table[pair] = weight
    assert sum(weights[pair] for pair in found) == near(table[linear_sum_assignment(-table)].sum())
    assert best_pairs(dict(reversed(weights.items()))) == found


# Coreference ---------------------------------------------------------------------------------------------------------

# The test cases that come with the reference scorer (github.com/conll/reference-coreference-scorers,
# test/TestCases.README and CorefMetricTestConfig.pm), with the recall and precision printed there. Those on digits are
# from Bagga and Baldwin (1998), those on capitals from Vilain et al. (1995). CEAF-e is not printed for all.
REFERENCE = [
    ("a bc def", "a bc def", (1, 1), (1, 1), (1, 1)),
    ("a bc def", "a de", (1 / 3, 1), (7 / 18, 1), (0.6, 0.9)),
    ("a bc def", "a bcx defy z", (1, 3 / 5), (1, 55 / 108), (0.88571, 0.66429)),
    ("a bc def", "a bcx dy z", (1 / 3, 1 / 3), (5 / 9, 17 / 42), (0.73333, 0.55)),
    ("a bc def", "a bcxB dy z", (1 / 3, 1 / 4), (5 / 9, 5 / 16), (0.68889, 0.51667)),
    ("a bc def", "a bcx dy Bz", (1 / 3, 1 / 4), (5 / 9, 17 / 48), (0.73333, 0.55)),
    ("a bc def", "a b c d e f", (0, 0), (1 / 2, 1), None),
    ("a bc def", "abcdef", (1, 3 / 5), (1, 7 / 18), None),
    ("a bc def", "a x y c d e z", (0, 0), (13 / 36, 4 / 7), None),
    ("a bc def", "axycdez", (1 / 3, 1 / 6), (17 / 36, 6 / 49), None),
    ("12345 67 89ABC", "12345 6789ABC", (1, 9 / 10), (1, 16 / 21), None),
    ("12345 67 89ABC", "1234589ABC 67", (1, 9 / 10), (1, 7 / 12), None),
    ("ABCD", "AB CD", (2 / 3, 1), None, None),
    ("AB CD", "ABCD", (1, 2 / 3), None, None),
    ("ABC", "AC", (1 / 2, 1), None, None),
    ("BCDEGHJ", "ABC DEF GHI", (3 / 6, 3 / 6), None, None),
    ("ABC DEFG", "AB CD FGH", (2 / 5, 2 / 4), None, None),
    ("abcdef", "abcdef", (1, 1), (1, 1), (1, 1)),
    ("abcdef", "a b c x y z", (0, 0), None, None),
    ("a b c d e f", "a b c d e f", (0, 0), (1, 1), (1, 1)),
]


@pytest.mark.parametrize(("key", "response", "muc", "b_cubed", "ceaf_e"), REFERENCE)
def test_coreference_is_that_of_the_reference_scorers_own_tests(key, response, muc, b_cubed, ceaf_e):
    found = coreference_scores(key.split(), response.split())
    for score, printed in [(found.muc, muc), (found.b_cubed, b_cubed)]:
        if printed:
            assert (score.recall, score.precision) == near(printed)
            assert score.f1 == near(2 * printed[0] * printed[1] / (sum(printed) or 1))
    if ceaf_e:
        # Printed with five places.
        assert (found.ceaf_e.recall, found.ceaf_e.precision) == pytest.approx(ceaf_e, abs=5e-6)
    assert found.conll == near((found.muc.f1 + found.b_cubed.f1 + found.ceaf_e.f1) / 3)


PARTITIONS = st.dictionaries(st.integers(0, 14), st.integers(0, 5), max_size=15)


def as_sets(partition):
    return [{m for m, c in partition.items() if c == chain} for chain in sorted(set(partition.values()))]


@given(PARTITIONS, PARTITIONS, st.booleans())
def test_coreference_is_that_of_scorch(key, response, singletons):
    keys, responses = as_sets(key), as_sets(response)
    found = coreference_scores(key, response, singletons=singletons)
    listed = coreference_scores(reversed(keys), responses, singletons=singletons)
    assert (found and found.conll) == (listed and near(listed.conll))
    if not singletons:
        keys, responses = ([chain for chain in side if len(chain) > 1] for side in (keys, responses))
    if not keys and not responses:
        assert found is None
        return
    assert (found.n_key, found.n_response) == (sum(map(len, keys)), sum(map(len, responses)))
    if not set().union(*keys) & set().union(*responses):
        # scorch fails on the harmonic mean of two zeros.
        assert (found.muc.f1, found.b_cubed.f1, found.ceaf_e.f1, found.conll) == (0, 0, 0, 0)
        return
    for name in ("muc", "b_cubed", "ceaf_e"):
        score = getattr(found, name)
        expected = getattr(scorch.scores, name)(keys, responses)
        assert (score.recall, score.precision, score.f1) == near(expected)
        back = getattr(coreference_scores(response, key, singletons=singletons), name)
        assert (back.precision, back.recall, back.f1) == near(expected)
    assert found.conll == near(scorch.scores.conll2012(keys, responses))
    if not singletons:
        assert found.muc == coreference_scores(key, response).muc


def test_a_mention_in_two_chains_is_refused():
    with pytest.raises(CorpusError, match="mention 'b' is in two chains"):
        coreference_scores(["ab", "bc"], ["abc"])


# Dependencies --------------------------------------------------------------------------------------------------------

FEATURES = st.lists(
    st.sampled_from(["Case=Nom", "Number=Sing", "Number=Plur", "Style=Coll"]), max_size=2, unique=True
).map(lambda features: "|".join(features) or None)
WORDS = st.fixed_dictionaries(
    {
        "upos": st.sampled_from(["NOUN", "VERB"]),
        "xpos": st.sampled_from([None, "NN", "VB"]),
        "lemma": st.sampled_from("ab"),
        "feats": FEATURES,
        "deprel": st.sampled_from(["nsubj", "nsubj:pass", "obj"]),
        "climb": st.integers(1, 3),
    }
)
SENTENCES = st.lists(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=5), min_size=1, max_size=4)
DTYPES = {"sentence_id": pl.String, "position": pl.Int64, "head": pl.Int64} | dict.fromkeys(
    ["upos", "xpos", "lemma", "feats", "deprel"], pl.String
)


def tokens(sentences, side):
    rows = []
    for number, sentence in enumerate(sentences):
        for position, pair in enumerate(sentence, 1):
            word = dict(pair[side])
            # Heads come before their dependents, so that there is one root and no circle.
            head = max(position - word.pop("climb"), min(1, position - 1))
            rows.append({"sentence_id": f"s{number}", "position": position, "head": head, **word})
    return pl.DataFrame(rows, schema=DTYPES)


def conllu(frame):
    lines = []
    for row in frame.fill_null("_").iter_rows(named=True):
        if row["position"] == 1 and lines:
            lines.append("")
        names = ("lemma", "upos", "xpos", "feats", "head", "deprel")
        lines.append("\t".join([str(row["position"]), "w", *(str(row[name]) for name in names), "_", "_"]))
    return udeval.load_conllu(io.StringIO("\n".join([*lines, "", ""])), "in memory", {})


@given(SENTENCES)
def test_accuracies_are_those_of_the_conll_2018_scorer(sentences):
    left, right = tokens(sentences, 0), tokens(sentences, 1)
    found = dependency_agreement(left, right.lazy(), bootstraps=20)
    assert tuple(found) == MEASURES
    scores = udeval.evaluate(conllu(left), conllu(right))
    names = {"UPOS": "UPOS", "XPOS": "XPOS", "LEMMA": "Lemmas", "UFEATS": "UFeats", "UAS": "UAS", "LAS": "LAS"}
    for ours, theirs in names.items():
        assert found[ours].value == near(scores[theirs].aligned_accuracy)
    for measure in found.values():
        assert (measure.n_units, measure.n_values) == (len(sentences), left.height)
        assert measure.low <= measure.high
    # What that scorer does not have, by comparing in plain sight.
    both = list(zip(left.iter_rows(named=True), right.iter_rows(named=True), strict=True))
    same = [(a["head"], a["deprel"]) == (b["head"], b["deprel"]) for a, b in both]
    assert found["LAS_SUBTYPES"].value == near(sum(same) / len(same))
    same = [set((a["feats"] or "_").split("|")) == set((b["feats"] or "_").split("|")) for a, b in both]
    assert found["FEATS"].value == near(sum(same) / len(same))
    assert found["LAS_SUBTYPES"].value <= found["LAS"].value <= found["UAS"].value
    assert found["FEATS"].value <= found["UFEATS"].value


WORD = {"upos": "X", "xpos": None, "lemma": "a", "feats": None, "deprel": "obj", "climb": 1}


def test_tokens_of_one_side_count_for_nothing_and_sentences_are_drawn_whole():
    agreed, disputed = (WORD, WORD), (WORD, WORD | {"upos": "Y"})
    sentences = [[agreed] * 4, [disputed] * 2]
    left, right = tokens(sentences, 0), tokens(sentences, 1)
    upos = dependency_agreement(left, right, measures=["UPOS"], bootstraps=4000)["UPOS"]
    assert (
        upos
        == dependency_agreement(
            left, right.vstack(left[:1].with_columns(position=pl.lit(9, pl.Int64))), bootstraps=4000
        )["UPOS"]
    )
    # Of two sentences, a quarter of resamples has the first alone, a quarter the second.
    assert (upos.value, upos.low, upos.high) == (near(4 / 6), 0, 1)
    assert dependency_agreement(left, right, measures=["UPOS"], confidence=0.4)["UPOS"].low == near(4 / 6)
    none = dependency_agreement(left, right[:0])
    assert set(none.values()) == {Coefficient(None, None, None, 0, 0)}


def test_dependencies_refuse_what_makes_no_sense():
    left = tokens([[(WORD, WORD)]], 0)
    with pytest.raises(UnknownNameError, match="unknown measure 'CLAS'; there are: UPOS, XPOS"):
        dependency_agreement(left, left, measures=["CLAS"])
    with pytest.raises(UnknownNameError, match="unknown token column 'text_id'; there are: sentence_id, position"):
        dependency_agreement(left, left, sentence=["text_id"])
    with pytest.raises(CorpusError, match="dependency_agreement: right: token .'s0', 1. is there twice"):
        dependency_agreement(left, left.vstack(left))
    with pytest.raises(MissingColumnError, match="dependency_agreement: left needs the column head; the frame has"):
        dependency_agreement(left.drop("head"), left, measures=["UAS"])
    # What no measure reads may be absent.
    assert dependency_agreement(left.drop("head"), left, measures=["UPOS"])["UPOS"].value == 1


# The bootstrap -------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(3, 5)), min_size=1, max_size=60))
def test_a_ratio_stays_between_its_units_and_its_interval_around_it(rows):
    parts = pl.DataFrame(rows, schema=["part", "whole"], orient="row")
    found = ratio(parts, bootstraps=200)
    assert found.value == near(sum(row[0] for row in rows) / sum(row[1] for row in rows))
    shares = [part / whole for part, whole in rows]
    assert min(shares) - 1e-9 <= found.low <= found.high <= max(shares) + 1e-9
    assert found.n_units == len(rows)


def test_the_interval_of_a_proportion_is_about_the_normal_one():
    parts = pl.DataFrame({"part": [1] * 300 + [0] * 100, "whole": [1] * 400})
    found = ratio(parts, bootstraps=5000)
    error = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert (found.low, found.high) == pytest.approx((0.75 - error, 0.75 + error), abs=0.005)
