"""The agreement on every layer, against reference libraries and plain loops over the annotators' own files."""

import csv
import functools
import io
import itertools
import math
import random
import shutil
import tomllib
from collections import Counter, defaultdict
from types import SimpleNamespace

import krippendorff
import numpy as np
import polars as pl
import pytest
import scorch.scores
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from udtools import udeval

from conftest import LAYERED, ROOT, add, edit
from corpus_tools.agreement import COLUMNS, agreement, who_agrees
from corpus_tools.agreement.clusters import CLUSTER, mean_harmonic, mean_ratio
from corpus_tools.agreement.coefficient import Coefficient, ratio
from corpus_tools.agreement.coreference import MEASURES, coreference_scores, mention_parts
from corpus_tools.agreement.passes import Passes
from corpus_tools.agreement.spans import WORD, _mentions, placed, relation_sides, words
from corpus_tools.agreement.tables import _remark
from corpus_tools.corpus import load
from corpus_tools.errors import UnknownNameError


def near(number):
    return pytest.approx(number, rel=0, abs=1e-9)


# Ratios of clusters --------------------------------------------------------------------------------------------------


def items(*rows):
    """One row per item: the cluster, `part` and `whole`."""
    return pl.DataFrame(rows, schema={CLUSTER: pl.String, "part": pl.Float64, "whole": pl.Float64}, orient="row")


ITEMS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([0.0, 1.0, 2.0]), st.just(2.0)), max_size=6)


def plain(pairs):
    """The mean of the ratios of those pairs that have any item, in plain loops."""
    ratios = [sum(row[1] for row in rows) / sum(row[2] for row in rows) for rows in pairs if rows]
    return sum(ratios) / len(ratios)


def test_ratios_and_harmonic_means_counted_on_paper():
    one, other = items(("a", 2, 2), ("a", 0, 1), ("b", 1, 1)), items(("b", 1, 4))
    found = mean_ratio([one, other], bootstraps=0)
    # 3 of 4 and 1 of 4; three items and one.
    assert found == Coefficient(0.5, None, None, 2, 8)
    # Of 3/4 and 1/4 the harmonic mean is 3/8, of 1/4 and 1/4 it is 1/4; (3 + 1) / 2 items and 1.
    found = mean_harmonic([(one, other), (other, other)], bootstraps=0)
    assert (found.value, found.n_units, found.n_values) == (near(5 / 16), 2, 6)


@given(st.lists(ITEMS, max_size=4))
def test_a_mean_ratio_is_that_of_plain_loops(pairs):
    found = mean_ratio([items(*rows) for rows in pairs], bootstraps=5)
    if not any(pairs):
        assert found == Coefficient(None, None, None, 0, 0)
        return
    assert found.value == near(plain(pairs))
    sizes = [len(rows) for rows in pairs if rows]
    assert found.n_units == round(sum(sizes) / len(sizes))
    assert found.n_values == sum(row[2] for rows in pairs for row in rows)
    assert 0 <= found.low <= found.high <= 1


@given(st.lists(st.tuples(ITEMS, ITEMS), max_size=4))
def test_a_mean_of_harmonic_means_is_that_of_plain_loops(pairs):
    found = mean_harmonic([(items(*one), items(*other)) for one, other in pairs], bootstraps=5)
    expected = []
    for one, other in pairs:
        r, p = (sum(row[1] for row in rows) / sum(row[2] for row in rows) if rows else 0 for rows in (one, other))
        if one or other:
            expected.append(2 * r * p / (r + p) if r + p else 0)
    assert found.value == (near(sum(expected) / len(expected)) if expected else None)
    assert (found.n_units > 0) is bool(expected)


@given(ITEMS.filter(bool))
def test_the_mean_over_one_pair_is_the_plain_ratio_and_identical_annotators_reach_1(rows):
    frame = items(*rows)
    assert mean_ratio([frame], bootstraps=0).value == near(ratio(frame, bootstraps=0).value)
    assert mean_harmonic([(frame, frame)], bootstraps=0).value == near(ratio(frame, bootstraps=0).value)
    same = frame.with_columns(part="whole")
    for found in (mean_ratio([same, same], bootstraps=20), mean_harmonic([(same, same)], bootstraps=20)):
        assert (found.value, found.low, found.high) == (1, 1, 1)


def scattered(seed):
    dice = random.Random(seed)
    return items(*((f"s{dice.randrange(40)}", dice.choice([0, 1, 2, 2]), 2) for _ in range(120)))


def test_the_interval_is_that_of_drawing_clusters_one_by_one_for_all_pairs_at_once():
    pairs = [scattered(seed) for seed in range(3)]
    rows = [pair.rows() for pair in pairs]
    names = sorted({row[0] for pair in rows for row in pair})
    by_name = [{name: [row for row in pair if row[0] == name] for name in names} for pair in rows]
    dice = random.Random(3)
    drawn = []
    for _ in range(1000):
        chosen = dice.choices(names, k=len(names))
        drawn.append(plain([[row for name in chosen for row in pair[name]] for pair in by_name]))
    found = mean_ratio(pairs, bootstraps=2000)
    assert found.low < found.value < found.high
    # The ends themselves are estimates: 0.01 is about three of their standard errors.
    assert (found.low, found.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)
    # An annotator's own frame as both sides: the same ratio twice, so the same interval.
    assert mean_harmonic([(pair, pair) for pair in pairs], bootstraps=2000).low == near(found.low)


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_holds_the_value_and_is_the_same_every_time(seed):
    pairs = [scattered(seed), scattered(seed + 100)]
    found, harmonic = mean_ratio(pairs, bootstraps=200), mean_harmonic([tuple(pairs)], bootstraps=200)
    assert found.low < found.value < found.high
    assert harmonic.low < harmonic.value < harmonic.high
    assert found == mean_ratio([pair.reverse() for pair in pairs], bootstraps=200)
    assert harmonic == mean_harmonic([tuple(pairs)], bootstraps=200)
    assert found != mean_ratio(pairs, bootstraps=200, seed=1)


def test_one_item_among_many_pairs_is_still_one_unit_and_its_value_stands():
    empty, one = items(), items(("a", 0, 1))
    assert mean_ratio([empty, empty, empty, one], bootstraps=0) == Coefficient(0.0, None, None, 1, 1)
    found = mean_harmonic([(empty, empty), (empty, empty), (one, empty)], bootstraps=0)
    assert found == Coefficient(0.0, None, None, 1, 1)


def test_a_pair_with_nothing_on_either_side_takes_no_part_in_the_mean():
    empty, full = items(), items(("a", 1, 1), ("b", 1, 1))
    found = mean_harmonic([(full, full), (empty, empty)], bootstraps=50)
    assert (found.value, found.low, found.high, found.n_units) == (1, 1, 1, 2)


# Chains, mention by mention ------------------------------------------------------------------------------------------

PARTITIONS = st.dictionaries(st.sampled_from("abcdefghijkl"), st.sampled_from("1234"), max_size=12)


@given(PARTITIONS, PARTITIONS, st.booleans())
def test_what_mentions_add_sums_to_recall_and_precision(key, response, singletons):
    scores = coreference_scores(key, response, singletons=singletons)
    parts = mention_parts(key, response, singletons=singletons)
    assert tuple(parts) == MEASURES
    for measure, name in zip(MEASURES, ("muc", "b_cubed", "ceaf_e"), strict=True):
        shares = [side["part"].sum() / side["whole"].sum() if side["whole"].sum() else 0 for side in parts[measure]]
        score = getattr(scores, name) if scores else SimpleNamespace(recall=0, precision=0)
        assert shares == near([score.recall, score.precision])
        for side, frame in zip((key, response), parts[measure], strict=True):
            sizes = Counter(side.values())
            counted = sorted(mention for mention, chain in side.items() if singletons or sizes[chain] > 1)
            assert sorted(frame["mention"]) == counted
            assert ((frame["part"] >= 0) & (frame["part"] <= frame["whole"] + 1e-9)).all()


@given(st.lists(st.tuples(PARTITIONS, PARTITIONS), min_size=1, max_size=3), st.booleans())
def test_the_mean_over_pairs_is_that_of_their_scores(pairs, singletons):
    parts = [mention_parts(*pair, singletons=singletons) for pair in pairs]
    in_one = [
        tuple(side.with_columns(pl.lit("x").alias(CLUSTER)) for side in part[measure])
        for part in parts
        for measure in MEASURES
    ]
    scores = [coreference_scores(*pair, singletons=singletons) for pair in pairs]
    expected = [score.conll for score in scores if score]
    found = mean_harmonic(in_one, bootstraps=0).value
    assert found == (near(sum(expected) / len(expected)) if expected else None)


# The files themselves, read by nothing of ours ------------------------------------------------------------------------


class Files:
    """The annotators' CSV files of a corpus, as dictionaries."""

    def __init__(self, folder):
        self.folder = folder
        self.about = tomllib.loads((folder / "corpus.toml").read_text("utf-8"))
        with_source = [
            row
            for path in (folder / "texts").glob("*.csv")
            for row in csv.DictReader(path.read_text("utf-8").splitlines())
        ]
        self.source = {row["text_id"]: row["source_id"] for row in with_source}

    @functools.cache  # noqa: B019
    def scheme(self, layer):
        return tomllib.loads((self.folder / "scheme" / f"{layer}.toml").read_text("utf-8"))

    @functools.cache  # noqa: B019
    def layers(self, unit):
        """Layers that have a unit -> what the unit's file is called beside the annotator."""
        units = ("token", "sentence", "span", "relation", "judgement")
        found = {}
        for path in sorted((self.folder / "scheme").glob("*.toml")):
            given = [name for name in self.scheme(path.stem) if name in units]
            if unit in given:
                found[path.stem] = "" if given[0] == unit else f"{unit}s"
        return found

    def table(self, layer, unit):
        kind = self.layers(unit)[layer]
        return f"{layer}_{kind}" if kind else layer

    def covered(self, layer):
        """Annotator -> texts gone through; gold apart."""
        found = defaultdict(set)
        for entry in self.about["passes"]:
            if entry["layer"] == layer:
                of_sources = {text for text, source in self.source.items() if source in entry.get("sources", ())}
                found[entry["annotator_id"]] |= {*entry.get("texts", ()), *of_sources}
        gold = found.pop("gold")
        return dict(found), gold

    @functools.cache  # noqa: B019
    def rows(self, layer, unit, annotator):
        kind = self.layers(unit)[layer]
        path = self.folder / "annotations" / layer / f"{annotator}{'.' + kind if kind else ''}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def comparisons(self, layer):
        """(kind, pairs) with the texts of each pair: passes with each other, and gold with each pass."""
        covered, gold = self.covered(layer)
        between = [(a, b, covered[a] & covered[b]) for a, b in itertools.combinations(covered, 2)]
        if between:
            yield "passes", between
        yield "gold", [("gold", a, gold & covered[a]) for a in covered]

    def spans(self, layer, annotator, texts):
        """Place -> row, and rows as (text, place, label); evidence is placed by what it is evidence for."""
        found = []
        for row in self.rows(layer, "span", annotator):
            if row["text_id"] not in texts:
                continue
            place = (row["text_id"], row["start_char"], row["end_char"])
            if not row["start_char"]:
                place = (self.source[row["text_id"]], row["source_start"], row["source_end"])
            for column, unit in (("judgement_id", "judgement"), ("relation_id", "relation")):
                if column in row and unit in self.scheme(layer):
                    others = {other[column]: other for other in self.rows(layer, unit, annotator)}
                    about = others[row[column]]
                    place += (about["unit_id"], about["question"]) if unit == "judgement" else (about["from_id"],)
            found.append((place, row))
        return found


def f1(one, other):
    """F1 of two collections, as multisets."""
    one, other = Counter(one), Counter(other)
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else None


def mean(values):
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def alpha(cells, levels=None):
    """Krippendorff's own alpha of (unit, annotator) -> label; None where only one label can be paired."""
    by_unit = defaultdict(dict)
    for (unit, annotator), label in cells.items():
        by_unit[unit][annotator] = label
    pairable = {unit: given for unit, given in by_unit.items() if len(given) > 1}
    domain = levels or sorted({label for given in pairable.values() for label in given.values()})
    if len({label for given in pairable.values() for label in given.values()}) < 2:
        return None, len(pairable)
    annotators = sorted({annotator for _, annotator in cells})
    data = [[domain.index(given[a]) if a in given else math.nan for given in pairable.values()] for a in annotators]
    scale = "ordinal" if levels else "nominal"
    return krippendorff.alpha(data, level_of_measurement=scale, value_domain=list(range(len(domain)))), len(pairable)


def against(gold, cells):
    """The mean over annotators of the share of gold's units that they label as gold does."""
    shares = defaultdict(list)
    for (unit, annotator), label in cells.items():
        if unit in gold:
            shares[annotator].append(label == gold[unit])
    return mean([sum(same) / len(same) for same in shares.values()])


def raw(cells):
    """The share of agreeing pairs of labels, units of m labels weighing m."""
    by_unit = defaultdict(list)
    for (unit, _), label in cells.items():
        by_unit[unit].append(label)
    units = [labels for labels in by_unit.values() if len(labels) > 1]
    parts = [sum(a == b for a, b in itertools.permutations(labels, 2)) / (len(labels) - 1) for labels in units]
    return sum(parts) / sum(map(len, units)) if units else None


class Found:
    """The rows of `agreement`, by what they are about."""

    def __init__(self, frame):
        self.frame = frame
        about = ("table", "on", "label", "coefficient", "between")
        self.rows = defaultdict(list)
        for row in frame.iter_rows(named=True):
            self.rows[tuple(row[name] for name in about)].append(row)

    def one(self, table, on, coefficient, between, label=None):
        [row] = self.rows[table, on, label, coefficient, between]
        return row

    def has(self, table, on, coefficient, between, label=None):
        return (table, on, label, coefficient, between) in self.rows

    def value(self, *about):
        return self.one(*about)["value"]


CORPORA = {"layered": LAYERED, "shipped": ROOT / "corpus"}


@pytest.fixture(scope="module")
def found():
    """Corpus -> its files and its agreement, computed once."""
    made = {}

    def of(name):
        if name not in made:
            corpus = load(CORPORA[name], version="draft")
            made[name] = Files(CORPORA[name]), Found(agreement(corpus, by_label=name == "layered", bootstraps=50))
        return made[name]

    return of


def cases(unit):
    """(corpus, layer) for every layer that has a unit."""
    return [(name, layer) for name, folder in CORPORA.items() for layer in Files(folder).layers(unit)]


def undefined(value):
    return None if value is None else near(value)


# Every layer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CORPORA)
def test_every_layer_is_measured_with_the_columns_that_are_promised(name, found):
    files, rows = found(name)
    frame = rows.frame
    assert dict(frame.schema) == COLUMNS
    layers = [path.stem for path in sorted((CORPORA[name] / "scheme").glob("*.toml"))]
    assert frame["layer"].unique(maintain_order=True).to_list() == layers
    for layer in layers:
        covered, _ = files.covered(layer)
        kinds = {"passes", "gold"} if len(covered) > 1 else {"gold"}
        assert set(frame.filter(pl.col("layer") == layer)["between"]) == kinds
    assert frame.filter(pl.col("n_units") == 0)["value"].is_null().all()
    for row in frame.drop_nulls("value").iter_rows(named=True):
        assert row["n_units"] > 0, row
        assert row["value"] <= 1 + 1e-9
        assert row["low"] is None or row["low"] <= row["high"]
    for row in frame.iter_rows(named=True):
        names = row["annotators"].split()
        if row["between"] == "gold":
            assert names[0] == "gold"
            assert row["n_pairs"] == len(names) - 1
        else:
            assert "gold" not in names
            assert row["n_pairs"] == math.comb(len(names), 2)


def test_the_shipped_corpus_has_units_between_passes_and_against_gold_in_every_layer(found):
    _, rows = found("shipped")
    every = rows.frame.group_by("layer", "table", "between").agg(pl.col("n_units").max())
    assert every["n_units"].min() > 0
    assert set(every.group_by("table").agg(pl.len())["len"]) == {2}


# Answers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "layer"), cases("judgement"))
def test_alpha_of_every_question_is_krippendorffs(name, layer, found):
    files, rows = found(name)
    covered, _ = files.covered(layer)
    given = files.scheme(layer)["judgement"]
    own = [question for question in given["questions"] if "labels" in question]
    cells, gold = {}, {}
    for annotator in (*covered, "gold"):
        for row in files.rows(layer, "judgement", annotator):
            unit = (row["unit_id"], row["question"])
            if annotator == "gold":
                gold[unit] = row["label"]
            else:
                cells[unit, annotator] = row["label"]
    asked = {question["id"]: question for question in given["questions"]}
    assert {question for _, question in gold} == set(asked)
    for name_, question in asked.items():
        levels = [label["id"] for label in question.get("labels", given.get("labels", ()))]
        of_it = {about: label for about, label in cells.items() if about[0][1] == name_}
        ordinal = question.get("scale") == "ordinal"
        expected, n = alpha(of_it, levels if ordinal else None)
        row = rows.one(layer, name_, f"alpha {'ordinal' if ordinal else 'nominal'}", "passes")
        assert row["value"] == undefined(expected)
        assert (row["n_units"], row["annotators"].split()) == (n, list(covered))
        assert rows.value(layer, name_, "agreement", "passes") == undefined(raw(of_it))
        assert rows.value(layer, name_, "agreement", "gold") == near(against(gold, of_it))
        for label in levels if name == "layered" else ():
            one = {about: str(given == label) for about, given in of_it.items()}
            if label in of_it.values():
                row = rows.one(layer, name_, "alpha nominal", "passes", label)
                assert row["value"] == undefined(alpha(one)[0])
    together = rows.has(layer, "all questions", "alpha nominal", "passes")
    assert together is (len(asked) > 1 and not own)
    if together:
        assert rows.value(layer, "all questions", "alpha nominal", "passes") == near(alpha(cells)[0])


def test_a_missing_annotator_and_an_ordinal_question_counted_on_paper(found):
    _, rows = found("layered")
    # closing: a1 none none for, c1 against three times, c2 against none, which Noor did not read: 3 + 3 + 2 labels.
    # Agreeing pairs: 1 of 3, 3 of 3, 0 of 1; weighed by labels 3/8 * 1/3 + 3/8 = 1/2.
    assert rows.value("stance", "closing", "agreement", "passes") == near(1 / 2)
    # Labels: 3 none, 1 for, 4 against: expected disagreement 1 - (3*2 + 4*3) / (8*7); alpha 1 - (1/2) / (38/56).
    assert rows.value("stance", "closing", "alpha nominal", "passes") == near(1 - 28 / 38)
    assert rows.one("stance", "closing", "alpha nominal", "passes")["n_units"] == 3
    # Kim and Lee have 3 texts, Noor 2: with gold 3/3, 2/3 and 1/2.
    assert rows.value("stance", "closing", "agreement", "gold") == near((1 + 2 / 3 + 1 / 2) / 3)
    assert not rows.has("stance", "tone", "alpha nominal", "passes")


# Spans ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "layer"), cases("span"))
def test_exact_f1_of_spans_is_that_of_sets(name, layer, found):
    files, rows = found(name)
    table = files.table(layer, "span")
    labels = [label["id"] for label in files.scheme(layer)["span"]["labels"]]
    for between, pairs in files.comparisons(layer):
        sides = [[files.spans(layer, one, texts) for one in (a, b)] for a, b, texts in pairs]
        kinds = {"F1 exact": lambda place, row: (place, row["label"]), "F1 exact, unlabelled": lambda place, row: place}
        for what, by in kinds.items():
            expected = mean([f1(*([by(*span) for span in side] for side in pair)) for pair in sides])
            if len(labels) > 1 or what == "F1 exact":
                assert rows.value(table, "spans", what, between) == undefined(expected)
                partial = rows.value(table, "spans", what.replace("exact", "partial"), between)
                assert partial is None or expected - 1e-9 <= partial <= 1
            else:
                assert not rows.has(table, "spans", what, between)
        sizes = [
            (
                Counter((place, row["label"]) for place, row in one) | Counter((p, row["label"]) for p, row in other)
            ).total()
            for one, other in sides
        ]
        assert rows.one(table, "spans", "F1 exact", between)["n_units"] == round(mean([n or None for n in sizes]) or 0)
        for label in labels if name == "layered" and len(labels) > 1 else ():
            expected = mean(
                [f1(*([place for place, row in side if row["label"] == label] for side in pair)) for pair in sides]
            )
            if expected is None:
                assert not rows.has(table, "spans", "F1 exact", between, label)
            else:
                assert rows.value(table, "spans", "F1 exact", between, label) == near(expected)


@pytest.mark.parametrize(("name", "layer"), cases("span"))
def test_alpha_of_labels_and_columns_on_equal_extents_is_krippendorffs(name, layer, found):
    files, rows = found(name)
    table = files.table(layer, "span")
    covered, _ = files.covered(layer)
    given = files.scheme(layer)["span"]
    columns = [
        column["name"]
        for column in given.get("columns", ())
        if "scale" in column or column["type"] in ("label", "boolean")
    ]
    if len(given["labels"]) > 1:
        columns.append("label")
    given_spans = {
        a: files.spans(layer, a, texts) for a, texts in [*covered.items(), ("gold", files.covered(layer)[1])]
    }
    for column in columns:
        cells = {}
        for annotator, spans in given_spans.items():
            times = Counter(place for place, _ in spans)
            for place, row in spans:
                if times[place] == 1 and row[column]:
                    cells[place, annotator] = row[column]
        gold = {place: label for (place, annotator), label in cells.items() if annotator == "gold"}
        made = {about: label for about, label in cells.items() if about[1] != "gold"}
        if len(covered) > 1:
            expected, n = alpha(made)
            row = rows.one(table, column, "alpha nominal", "passes")
            assert (row["value"], row["n_units"]) == (undefined(expected), n)
            assert rows.value(table, column, "agreement", "passes") == undefined(raw(made))
        assert rows.value(table, column, "agreement", "gold") == near(against(gold, made))


def test_partial_f1_counted_on_paper(found):
    _, rows = found("layered")
    # Kim has 6 spans of negation, Lee 8: five are the same, 'say why' and 'say' overlap.
    assert rows.value("negation", "spans", "F1 exact", "passes") == near(2 * 5 / 14)
    assert rows.value("negation", "spans", "F1 partial", "passes") == near(2 * 5.5 / 14)
    assert rows.one("negation", "spans", "F1 partial", "passes")["n_units"] == 14 - 6
    # Kim and Noor, in the two texts that Noor read: 7 and 8 spans, 6 alike with their label, 7 without.
    # Kim and Lee: 10 and 12, of which 8 are alike with their label, 9 without.
    # Lee and Noor: 9 and 8, 6 alike with their label, 7 without.
    assert rows.value("entities", "spans", "F1 exact", "passes") == near((12 / 15 + 16 / 22 + 12 / 17) / 3)
    assert rows.value("entities", "spans", "F1 exact, unlabelled", "passes") == near((14 / 15 + 18 / 22 + 14 / 17) / 3)


# Words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CORPORA)
def test_attachment_is_that_of_the_conll_2018_scorer(name, found):
    files, rows = found(name)
    covered, _ = files.covered("tokens")
    folder = CORPORA[name] / "annotations" / "tokens"
    texts = {a: (folder / f"{a}.conllu").read_text("utf-8") for a in (*covered, "gold")}
    read = {a: udeval.load_conllu(io.StringIO(text), a, {}) for a, text in texts.items()}
    names = {"UPOS": "UPOS", "LEMMA": "Lemmas", "UFEATS": "UFeats", "UAS": "UAS", "LAS": "LAS"}
    if name == "shipped":
        names["XPOS"] = "XPOS"
    else:
        assert "XPOS" not in set(rows.frame["coefficient"])
    for between, pairs in files.comparisons("tokens"):
        for a, b, _ in pairs:
            scores = udeval.evaluate(read[a], read[b])
            for ours, theirs in names.items():
                [row] = [
                    row for row in rows.rows["tokens", "words", None, ours, between] if row["annotators"] == f"{a} {b}"
                ]
                assert row["value"] == near(scores[theirs].aligned_accuracy)
                assert row["n_units"] == scores["Words"].correct


# Relations and chains ------------------------------------------------------------------------------------------------


def overlaps(lefts, rights):
    """Right ids -> left ids of the spans matched for the greatest overlap, equal ones first."""

    def shared(one, other):
        if one["text_id"] != other["text_id"]:
            return 0
        ends = [(int(row["start_char"]), int(row["end_char"])) for row in (one, other)]
        both = min(end for _, end in ends) - max(start for start, _ in ends)
        # Of equal overlaps those of equal spans and labels.
        return both * 1000 + 10 * (ends[0] == ends[1]) + (one["label"] == other["label"]) if both > 0 else 0

    weights = np.array([[shared(one, other) for other in rights] for one in lefts])
    if not weights.size:
        return {}
    chosen = zip(*linear_sum_assignment(-weights), strict=True)
    return {rights[j]["span_id"]: lefts[i]["span_id"] for i, j in chosen if weights[i, j]}


def with_named_ends(rows, names):
    """(from, to, label) of relations by id, where an end that is one of them is named by its own ends."""

    def named(end):
        if end in rows:
            return named(rows[end]["from_id"]), named(rows[end]["to_id"])
        return names.get(end, end)

    return {key: (named(row["from_id"]), named(row["to_id"]), row["label"]) for key, row in rows.items()}


def in_texts(files, layer, pair, texts, spans):
    """The relations of two annotators that start in some texts, the ends of the second named as the first's."""
    names = {}
    for end in spans:
        sides = [[row for row in files.rows(end, "span", one) if row["text_id"] in texts] for one in pair]
        names |= overlaps(*sides)
    for one in pair:
        # Sentences are called after their texts.
        home = {
            row["span_id"]: row["text_id"] for end in spans for a in (one, "gold") for row in files.rows(end, "span", a)
        }
        rows = {row["relation_id"]: row for row in files.rows(layer, "relation", one)}
        named = with_named_ends(rows, names)
        yield [
            named[key] for key, row in rows.items() if home.get(row["from_id"], row["from_id"].split("-")[0]) in texts
        ]


@pytest.mark.parametrize(("name", "layer"), cases("relation"))
def test_f1_of_relations_is_that_of_sets_of_mapped_ends(name, layer, found):
    files, rows = found(name)
    table = files.table(layer, "relation")
    given = files.scheme(layer)["relation"]
    spans = [end for end in dict.fromkeys((*given["from"], *given["to"])) if end in files.layers("span")]
    labels = [label["id"] for label in given["labels"]]
    for between, pairs in files.comparisons(layer):
        sides = [list(in_texts(files, layer, (a, b), texts, spans)) for a, b, texts in pairs]
        assert rows.value(table, "relations", "F1", between) == near(mean([f1(*pair) for pair in sides]))
        expected = mean([f1(*([row[:2] for row in side] for side in pair)) for pair in sides])
        if len(labels) > 1:
            assert rows.value(table, "relations", "F1, unlabelled", between) == near(expected)
        for label in labels if len(labels) > 1 and name == "layered" else ():
            expected = mean([f1(*([row for row in side if row[2] == label] for side in pair)) for pair in sides])
            assert rows.has(table, "relations", "F1", between, label) is (expected is not None)
            if expected is not None:
                assert rows.value(table, "relations", "F1", between, label) == near(expected)


def partition(files, layer, annotator, mentions):
    """Chains as sets of extents, by joining what relations join until nothing more is joined."""
    rows = files.rows("entities", "span", mentions)
    chain = {row["span_id"]: {(row["text_id"], row["start_char"], row["end_char"])} for row in rows}
    for row in files.rows(layer, "relation", annotator):
        joined = chain[row["from_id"]] | chain[row["to_id"]]
        for span, one in chain.items():
            if one & joined:
                chain[span] = joined
    return [set(one) for one in {frozenset(one) for one in chain.values()}]


@pytest.mark.parametrize("name", CORPORA)
def test_chains_are_scored_as_by_scorch(name, found):
    files, rows = found(name)
    covered, _ = files.covered("coreference")
    # In the small corpus the mentions of gold were given to everyone.
    made = {a: partition(files, "coreference", a, a if name == "shipped" else "gold") for a in (*covered, "gold")}
    for between, pairs in files.comparisons("coreference"):
        for singletons in (True, False):
            suffix = ", with single mentions" if singletons else ""
            sides = [
                [[chain for chain in made[one] if singletons or len(chain) > 1] for one in pair[:2]] for pair in pairs
            ]
            for ours, theirs in [("MUC", "muc"), ("B3", "b_cubed"), ("CEAF-e", "ceaf_e")]:
                expected = mean([getattr(scorch.scores, theirs)(*pair)[2] for pair in sides])
                assert rows.value("coreference", "chains", ours + suffix, between) == near(expected)
            row = rows.one("coreference", "chains", f"CoNLL{suffix}", between)
            assert row["value"] == near(mean([scorch.scores.conll2012(*pair) for pair in sides]))
            assert row["n_units"] == round(mean([sum(map(len, (*one, *other))) / 2 for one, other in sides]))


@pytest.mark.parametrize("name", CORPORA)
def test_a_relation_that_every_comment_has_once_is_measured_as_answers(name, found):
    files, rows = found(name)
    covered, _ = files.covered("replies")
    levels = {"agreement": ["disagree", "neutral", "agree"]} if name == "layered" else {}
    columns = ["to_id", "label", "agreement", *(["audience"] if name == "shipped" else [])]
    for column in columns:
        cells = {
            (row["from_id"], annotator): row[column]
            for annotator in (*covered, "gold")
            for row in files.rows("replies", "relation", annotator)
            if row[column]
        }
        gold = {unit: label for (unit, annotator), label in cells.items() if annotator == "gold"}
        made = {about: label for about, label in cells.items() if about[1] != "gold"}
        scale = "ordinal" if column in levels else "nominal"
        expected, n = alpha(made, levels.get(column))
        row = rows.one("replies", column, f"alpha {scale}", "passes")
        assert (row["value"], row["n_units"]) == (undefined(expected), n)
        assert rows.value("replies", column, "agreement", "gold") == near(against(gold, made))


# Laws ----------------------------------------------------------------------------------------------------------------


def measured(folder, *layers, bootstraps=0, **options):
    corpus = load(folder, version="draft")
    return Found(agreement(corpus, layers=layers or None, bootstraps=bootstraps, **options))


def test_a_text_that_an_annotator_did_not_go_through_is_not_counted_against_them(layered):
    before = measured(layered, "entities", "stance")
    # The same rows, but now Noor is said to have read c2 too and to have found nothing there.
    entry = 'layer = "entities"\nannotator_id = "noor"\nguideline_version = "1"\ndate = 2026-02-03\ntexts = ["a1", "c1"'
    edit(layered / "corpus.toml", entry, entry + ', "c2"')
    after = measured(layered, "entities", "stance")
    # Kim's 3 and Lee's 3 entities there are now unmatched, and gold's.
    expected = (12 / 18 + 16 / 22 + 12 / 20) / 3
    assert after.value("entities", "spans", "F1 exact", "passes") == near(expected)
    assert after.value("entities", "spans", "F1 exact", "passes") < before.value(
        "entities", "spans", "F1 exact", "passes"
    )
    # Nobody's labels on equal extents have changed, nor anything in another layer.
    for about in [("entities", "label", "alpha nominal", "passes"), ("stance", "closing", "alpha nominal", "passes")]:
        assert after.one(*about) == before.one(*about)


def test_relations_and_chains_count_in_shared_texts_only(layered):
    entry = (
        'layer = "coreference"\nannotator_id = "lee"\nguideline_version = "1"\ndate = 2026-02-02\ntexts = ["a1", "c1"'
    )
    edit(layered / "corpus.toml", entry + ', "c2"]', entry + "]")
    rows = measured(layered, "coreference")
    # Without c2 Kim has three relations, Lee two; both have two of them. c2 took one of each away.
    assert rows.value("coreference", "relations", "F1", "passes") == near(2 * 2 / 5)
    # Mentions in a1 and c1 alone: nine of twelve.
    assert rows.one("coreference", "chains", "CoNLL, with single mentions", "passes")["n_units"] == 9


@pytest.fixture
def twins(layered):
    """Lee has Kim's rows under ids of Lee's own, and nobody else made a pass."""
    for layer in ("entities", "coreference", "negation", "stance", "replies", "signs", "tokens"):
        folder = layered / "annotations" / layer
        for path in [*folder.glob("lee*"), *folder.glob("noor*")]:
            path.unlink()
        for path in list(folder.glob("kim*")):
            text = path.read_text("utf-8").replace("-kim-", "-lee-")
            (folder / path.name.replace("kim", "lee")).write_text(text, "utf-8")
    head, *passes = (layered / "corpus.toml").read_text("utf-8").split("[[passes]]\n")
    kept = [entry for entry in passes if '"lee"' not in entry and '"noor"' not in entry]
    kept = [twin for entry in kept for twin in (entry.replace('"kim"', '"lee"'), entry) if '"gold"' not in twin] + [
        entry for entry in kept if '"gold"' in entry
    ]
    (layered / "corpus.toml").write_text("[[passes]]\n".join([head, *kept]), "utf-8")
    return layered


def test_two_annotators_with_the_same_rows_agree_wholly(twins):
    rows = measured(twins, bootstraps=50)
    between = rows.frame.filter(pl.col("between") == "passes")
    assert set(between["table"]) == set(rows.frame["table"])
    for row in between.iter_rows(named=True):
        # Where only one label occurs, or no chain has two mentions, there is nothing to measure.
        assert row["value"] in (None, near(1)), row
        if row["value"] is not None:
            assert (row["low"], row["high"]) == near((1, 1))
            assert row["remark"] == "no disagreement to draw from: the interval says nothing"
        else:
            assert row["remark"] == "undefined: nothing to compare, or one label only"
            assert row["coefficient"].startswith("alpha")
    # And so both agree with gold to the same extent.
    against_gold = rows.frame.filter(pl.col("between") == "gold", pl.col("annotators").str.starts_with("gold lee"))
    assert against_gold.height


def test_given_units_may_be_those_of_another_annotator(twins):
    """Kim joined the mentions of gold; Lee's relations now join Lee's own, which are Kim's old ones."""
    own = {
        "entities-4": "entities-lee-3",
        "entities-1": "entities-lee-1",
        "entities-5": "entities-lee-4",
        "entities-2": "entities-lee-2",
        "entities-8": "entities-lee-7",
        "entities-11": "entities-lee-9",
        "entities-6": "entities-lee-5",
    }
    path = twins / "annotations" / "coreference" / "lee.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header, *given = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *([own.get(cell, cell) for cell in row] for row in given)])
    rows = measured(twins, "coreference")
    assert rows.value("coreference", "relations", "F1", "passes") == 1
    assert rows.value("coreference", "chains", "CoNLL", "passes") == 1
    # Gold has two mentions more than Lee's ten, and one of Lee's is no mention of gold's chains.
    assert rows.value("coreference", "chains", "B3, with single mentions", "passes") < 1


def test_the_order_of_annotators_does_not_matter(layered):
    before = measured(layered, bootstraps=20).frame
    head, *passes = (layered / "corpus.toml").read_text("utf-8").split("[[passes]]\n")
    # What follows the passes in the file stays at its end.
    last, mark, rest = passes[-1].partition("[[omissions]]")
    turned = [*reversed([*passes[:-1], last])]
    (layered / "corpus.toml").write_text("[[passes]]\n".join([head, *turned]) + mark + rest, "utf-8")
    after = measured(layered, bootstraps=20).frame
    about = ["table", "on", "label", "coefficient", "between"]
    assert before.filter(pl.col("table") == "entities")["annotators"][0] == "kim lee noor"
    assert after.filter(pl.col("table") == "entities")["annotators"][0] == "noor lee kim"
    both = before.join(after, on=about, nulls_equal=True, suffix="_after", validate="1:1")
    assert both.height == before.height == after.height
    for row in both.iter_rows(named=True):
        assert row["value_after"] == undefined(row["value"]), row
        assert (row["n_units"], row["n_pairs"]) == (row["n_units_after"], row["n_pairs_after"])
        if row["on"] != "chains":
            # Of equally good matchings of chains either may be taken, so that mentions weigh otherwise.
            assert (row["low_after"], row["high_after"]) == (undefined(row["low"]), undefined(row["high"]))


def test_layers_may_be_chosen_and_an_unknown_one_is_named_with_those_there_are(layered):
    corpus = load(layered, version="draft")
    with pytest.raises(UnknownNameError, match="unknown layer 'stances'; there are: coreference, entities, negation"):
        agreement(corpus, layers=["stances"])
    found = agreement(corpus, layers=["stance", "entities"], by_label=False, bootstraps=0)
    assert found["layer"].unique(maintain_order=True).to_list() == ["stance", "entities"]
    assert found["label"].is_null().all()
    assert found["low"].is_null().all()
    assert set(found["remark"]) == {"no interval"}
    every = agreement(corpus, layers=["stance", "entities"], bootstraps=0)
    assert every.filter(pl.col("label").is_null()).equals(found)
    assert agreement(corpus, layers=["stance"], bootstraps=30).equals(
        agreement(corpus, layers=["stance"], bootstraps=30)
    )


def test_a_layer_that_nobody_went_through_has_no_rows(layered):
    head, *passes = (layered / "corpus.toml").read_text("utf-8").split("[[passes]]\n")
    kept = [entry for entry in passes if 'layer = "signs"' not in entry]
    (layered / "corpus.toml").write_text("[[passes]]\n".join([head, *kept]), "utf-8")
    shutil.rmtree(layered / "annotations" / "signs")
    assert measured(layered, "signs").frame.is_empty()


def test_one_pass_is_compared_with_gold_only(found):
    _, rows = found("layered")
    signs = rows.frame.filter(pl.col("layer") == "signs")
    assert set(signs["between"]) == {"gold"}
    assert set(signs["annotators"]) == {"gold kim"}
    # Four of five signs: the one that Kim has not is an apostrophe.
    assert rows.value("signs", "spans", "F1 exact", "gold") == near(8 / 9)
    assert rows.value("signs", "spans", "F1 exact", "gold", "apostrophe") == near(2 / 3)


def test_evidence_agrees_only_where_it_is_for_the_same_answer(layered):
    before = measured(layered, "stance").value("stance_spans", "spans", "F1 exact", "passes")
    # Kim, Lee and Noor have 3, 3 and 2 spans; only those of the texts that both read are compared.
    assert before == near((2 * 2 / 6 + 2 * 1 / 4 + 2 * 1 / 5) / 3)
    path = layered / "annotations" / "stance" / "lee.spans.csv"
    edit(path, "asks us,evidence,stance-lee-5", "asks us,evidence,stance-lee-4")
    after = measured(layered, "stance").value("stance_spans", "spans", "F1 exact", "passes")
    assert after == near((2 * 1 / 6 + 2 * 1 / 4 + 2 * 1 / 5) / 3)


LINKS = """
layer = "links"
title = "Links"
description = "What stands with what."
guideline = "guidelines/links.md"
guideline_version = "1"
origin = "manual native"
scheme_source = "Made up for tests."

[span]
description = "One row per thing."
overlap = "any"

[[span.labels]]
id = "thing"
definition = "A thing."
test = "Is it one?"
positive = "it"
negative = "Shut"

[relation]
description = "One row per link."
from = ["links", "links_relations"]
to = ["links", "links_relations"]

[[relation.labels]]
id = "link"
definition = "A link."
test = "Is there one?"
positive = "it"
negative = "Shut"
"""
PASS = """
[[passes]]
layer = "links"
annotator_id = "{}"
guideline_version = "1"
date = 2026-02-01
texts = [{}]
"""


@pytest.fixture
def links(layered):
    """A layer whose relations lead to relations and start from them; Kim numbers from the front, Lee from the back."""
    add("scheme/links.toml", LINKS)(layered)
    add("corpus.toml", PASS.format("kim", '"a1", "c1"') + PASS.format("lee", '"a1", "c1"'))(layered)
    places = [("a1", 0, 14), ("a1", 23, 44), ("c1", 0, 1), ("c1", 17, 26)]
    # Between spans 1 and 2; from 3 to that; from that to 4.
    for annotator, order in (("kim", (1, 2, 3, 4)), ("lee", (4, 3, 2, 1))):
        spans = [
            f"s{number},{text},{start},{end},x,thing" for number, (text, start, end) in zip(order, places, strict=True)
        ]
        ends = [(f"s{order[0]}", f"s{order[1]}"), (f"s{order[2]}", "r1"), ("r2", f"s{order[3]}")]
        made = [f"r{number},{one},{other},link" for number, (one, other) in enumerate(ends, 1)]
        head = "span_id,text_id,start_char,end_char,quote,label"
        for name, rows in {
            f"{annotator}.csv": [head, *spans],
            f"{annotator}.relations.csv": ["relation_id,from_id,to_id,label", *made],
        }.items():
            text = "\n".join([*rows, ""])
            # Ids of the annotator's own, as in every corpus.
            for kind in "sr":
                for number in "1234":
                    text = text.replace(f"{kind}{number},", f"{annotator}-{kind}{number},")
            add(f"annotations/links/{name}", text)(layered)
    return layered


def test_relations_to_and_from_relations_are_named_by_their_ends(links):
    rows = measured(links, "links")
    row = rows.one("links_relations", "relations", "F1", "passes")
    assert (row["value"], row["n_units"]) == (1, 3)
    # Lee's first relation turned round: the two that hang on it are others now, too.
    edit(links / "annotations/links/lee.relations.csv", "lee-r1,lee-s4,lee-s3", "lee-r1,lee-s3,lee-s4")
    assert measured(links, "links").value("links_relations", "relations", "F1", "passes") == 0


def test_a_relation_counts_in_the_text_that_it_starts_from(links):
    edit(links / "corpus.toml", PASS.format("lee", '"a1", "c1"'), PASS.format("lee", '"c1"'))
    # Of Kim's three relations one starts in c1 and one from that; both hang on spans of a1, which cannot be matched.
    row = measured(links, "links").one("links_relations", "relations", "F1", "passes")
    assert (row["value"], row["n_units"]) == (0, 4)


def test_bylines_of_different_sources_are_different_places(mini):
    """Two bylines at the same place of two files are not the same span."""
    corpus = load(mini, version="draft")
    layer = corpus.scheme.layer("structure")
    passes = Passes(corpus, "structure")
    annotator = passes.annotators[0]
    bylines = placed(passes, layer, layer.tables[0], annotator).filter(pl.col("label") == "byline")
    assert bylines.height
    # As if the texts stood in a source each.
    passes.__dict__["sources"] = {text: f"source of {text}" for text in passes.sources}
    apart = placed(passes, layer, layer.tables[0], annotator).filter(pl.col("label") == "byline")
    assert apart["unit"].n_unique() == apart["text_id"].n_unique() == bylines.height
    assert bylines["text_id"].n_unique() == 1


def test_spans_words_and_mentions_are_drawn_with_the_sentence_they_begin_in(layered):
    """The clusters of the bootstrap are the sentences of gold, whoever cut sentences otherwise."""
    corpus = load(layered, version="draft")
    sentences = corpus.table("sentences").select("sentence_id", "text_id", "start_char").rows()

    def sentence(text, start):
        return max((begin, name) for name, home, begin in sentences if home == text and begin <= start)[1]

    for layer, annotator in [("entities", "noor"), ("negation", "lee"), ("stance", "kim"), ("tokens", "kim")]:
        passes = Passes(corpus, layer)
        for table in corpus.scheme.layer(layer).tables:
            if table.unit in ("span", "sentence"):
                rows = placed(passes, corpus.scheme.layer(layer), table, annotator)
            elif table.unit == "token":
                rows = words(passes, table, annotator, frozenset({"a1", "c1", "c2"}))
            else:
                continue
            assert rows.height
            for text, start, found in rows.select("_in", "start_char", CLUSTER).iter_rows():
                assert found == sentence(text, start)
    coreference = Passes(corpus, "coreference"), corpus.scheme.table("coreference")
    for text, start, found in _mentions(*coreference, "lee").select("_in", "start_char", CLUSTER).iter_rows():
        assert found == sentence(text, start)


def test_relations_are_drawn_with_the_sentence_they_start_from(layered):
    corpus = load(layered, version="draft")
    sentences = corpus.table("sentences").rows_by_key("sentence_id", named=True, unique=True)
    negation = corpus.table("negation", split="passes").rows_by_key("span_id", named=True, unique=True)
    entities = corpus.table("entities").rows_by_key("span_id", named=True, unique=True)
    for layer, name, units in [("negation", "negation_relations", negation), ("coreference", "coreference", entities)]:
        passes, table = Passes(corpus, layer), corpus.scheme.table(name)
        sides = relation_sides(passes, corpus.scheme.layer(layer), table, ("kim", "lee"))
        for side, annotator in zip(sides, ("kim", "lee"), strict=True):
            given = passes.rows(table, annotator)
            assert side.height == given.height > 0
            for cluster, from_id in zip(side[CLUSTER], given["from_id"], strict=True):
                start = units[from_id]
                assert start["text_id"] == sentences[cluster]["text_id"]
                assert sentences[cluster]["start_char"] <= start["start_char"] < sentences[cluster]["end_char"]


def test_without_sentences_whole_texts_are_drawn(layered):
    shutil.rmtree(layered / "annotations" / "tokens")
    (layered / "scheme" / "tokens.toml").unlink()
    corpus = load(layered, version="draft")
    passes = Passes(corpus, "entities")
    assert passes.sentences is None
    rows = placed(passes, corpus.scheme.layer("entities"), corpus.scheme.table("entities"), "kim")
    assert rows[CLUSTER].to_list() == rows["text_id"].to_list()


# The accent is a character of its own.
CAFE = "cafe\u0301"


def test_the_words_of_two_ways_to_cut_a_text_are_paired_by_place_and_form(layered):
    corpus = load(layered, version="draft")
    passes = Passes(corpus, "tokens")
    kim, gold = (
        words(passes, corpus.scheme.table("tokens"), annotator, frozenset({"c2"})) for annotator in ("kim", "gold")
    )
    assert kim.height == 9
    assert gold.height == 11
    # Kim's 'dunno' is one word, gold's are do, not and know; the words after it stand two places further on.
    both = kim.join(gold, on=WORD, suffix="_gold")
    assert both["form"].to_list() == ["I", ",", "Ann", ".", "The", CAFE, "agress", "😀"]
    assert both["form"].to_list() == both["form_gold"].to_list()
    # Of two words with one head it is still the same head, whatever its number: Ann is the head of the comma.
    heads = dict(both.select("form", pl.col("head") == pl.col("head_gold")).iter_rows())
    assert heads == {
        "I": False,
        ",": True,
        "Ann": False,
        ".": False,
        "The": True,
        CAFE: True,
        "agress": True,
        "😀": True,
    }


def test_a_release_gives_what_the_files_it_was_made_from_give(released):
    draft, release = (agreement(load(released, version=version), bootstraps=20) for version in ("draft", "0.1.0"))
    assert draft.height
    assert release.equals(draft)


@pytest.mark.parametrize(
    ("rows", "remark"),
    [
        ([("a", 1, 1), ("b", 1, 1)], "no disagreement to draw from: the interval says nothing"),
        ([("a", 1, 2), ("a", 1, 1)], "every resample gives the same: the interval says nothing"),
        ([("a", 0, 1), ("b", 1, 1)], "too wide to say much"),
        ([(f"s{i}", i % 2, 1) for i in range(100)], None),
        ([], "undefined: nothing to compare, or one label only"),
    ],
)
def test_a_remark_stands_where_an_interval_says_little(rows, remark):
    assert _remark(mean_ratio([items(*rows)], bootstraps=100), 100) == remark


def test_resamples_without_a_value_are_remarked_on(found):
    _, rows = found("layered")
    # With three texts, one in 27 resamples holds nothing but one of them: sometimes with one label only.
    remark = rows.one("stance", "closing", "alpha nominal", "passes")["remark"]
    assert remark is not None
    assert "of 50 resamples undefined" in remark


def test_who_made_the_passes_is_said_in_words(layered, shipped):
    corpus = load(layered, version="draft")
    said = who_agrees(corpus, "entities")
    assert all(name in said for name in ("kim", "lee", "noor"))
    assert "gold" not in said
    assert "no measure" not in said
    assert "no measure of human reliability" in who_agrees(load(shipped, version="draft"), "entities")
    with pytest.raises(UnknownNameError, match="unknown layer 'mood'"):
        who_agrees(corpus, "mood")


def test_some_annotators_are_compared_with_each_other_and_with_gold_only(layered):
    corpus = load(layered, "draft")
    found = agreement(corpus, layers=["stance"], annotators=["kim", "lee"], bootstraps=0)
    assert set(found["annotators"]) == {"kim lee", "gold kim lee"}
    assert found.filter(pl.col("between") == "passes")["n_pairs"].unique().to_list() == [1]
    with pytest.raises(UnknownNameError, match="unknown annotator 'nobody'; there are: .*kim"):
        agreement(corpus, annotators=["nobody"])
