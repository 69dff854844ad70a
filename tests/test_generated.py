"""The generated collection: laws that real comments follow, and that a seed always means the same texts."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from corpus_tools import generated
from corpus_tools.corpus import load
from corpus_tools.errors import ArgumentError
from corpus_tools.generated.words import follower, law
from corpus_tools.measures import reply_structure, reply_tree
from corpus_tools.tokens import tokenise, words

N = 30_000


@pytest.fixture(scope="module")
def collection():
    return pl.concat(generated.texts(N))


@pytest.fixture(scope="module")
def comments(collection):
    return collection.filter(pl.col("kind") == "comment")


@pytest.fixture(scope="module")
def raw(collection):
    """How often each token between white space occurs."""
    return collection["text"].str.extract_all(r"\S+").explode().value_counts(sort=True).rename({"text": "token"})


def test_the_columns_are_those_of_the_texts_of_a_corpus(collection, shipped):
    table = load(shipped).texts.schema
    assert list(collection.schema.items()) == [(name, kind) for name, kind in table.items() if name in collection]
    assert collection.columns == [
        *("text_id", "thread_id", "kind", "position"),
        *("author_id", "parent_id", "posted_at", "text"),
    ]


def test_ids_are_unique_and_only_authors_and_parents_can_be_null(collection):
    assert collection["text_id"].is_unique().all()
    nulls = {name for name, n in collection.null_count().row(0, named=True).items() if n}
    assert nulls == {"author_id", "parent_id"}
    assert set(collection["kind"]) == {"article", "comment"}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 25_000), st.integers(1, 26_000))
def test_a_collection_is_the_head_of_a_longer_one_whatever_the_batches(collection, n_texts, batch):
    frames = list(generated.texts(n_texts, batch=batch))
    assert [frame.height for frame in frames[:-1]] == [batch] * (len(frames) - 1)
    assert sum(frame.height for frame in frames) == n_texts
    if frames:
        assert pl.concat(frames).equals(collection.head(n_texts))


def test_another_seed_gives_other_texts(collection):
    other = pl.concat(generated.texts(1000, seed=1))
    assert not set(other["text"]) & set(collection["text"].filter(collection["text"].str.len_chars() > 20))
    assert other["posted_at"].to_list() != collection["posted_at"].head(1000).to_list()


@pytest.mark.parametrize("wrong", [{"n_texts": -1}, {"n_texts": 1, "seed": -1}, {"n_texts": 1, "batch": 0}])
def test_an_argument_that_is_too_small_is_refused_before_anything_is_made(wrong):
    name = list(wrong)[-1]
    with pytest.raises(ArgumentError, match=f"{name} is {wrong[name]}; it must be"):
        generated.texts(**wrong)


def test_a_file_holds_what_the_batches_hold_and_nothing_is_left_beside_it(tmp_path, collection):
    told = []
    generated.write(tmp_path / "new" / "texts.parquet", 20_500, progress=told.append)
    assert sum(told) == 20_500
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["texts.parquet"]
    assert pl.read_parquet(tmp_path / "new" / "texts.parquet").equals(collection.head(20_500))


def test_writing_that_is_broken_off_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "texts.parquet"
    generated.write(file, 100)
    before = file.read_bytes()

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generated.write(file, 200, progress=stop)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_an_empty_file_has_the_columns_too(tmp_path, collection):
    generated.write(tmp_path / "none.parquet", 0)
    assert pl.read_parquet(tmp_path / "none.parquet").schema == collection.schema


def test_parents_stand_earlier_in_the_same_thread_and_are_comments(collection):
    places = collection.select("text_id", "thread_id", "position", "kind")
    answers = collection.filter(pl.col("parent_id").is_not_null())
    joined = answers.join(places, left_on="parent_id", right_on="text_id", suffix="_parent")
    assert joined.height == answers.height
    assert (joined["thread_id"] == joined["thread_id_parent"]).all()
    assert (joined["position_parent"] < joined["position"]).all()
    assert set(joined["kind_parent"]) == {"comment"}
    assert set(answers["kind"]) == {"comment"}


def test_two_fifths_of_the_comments_answer_none_and_chains_are_as_deep_as_in_forums(comments):
    assert comments["parent_id"].null_count() / comments.height == pytest.approx(0.4, abs=0.05)
    links = comments.select(from_id="text_id", to_id="parent_id").drop_nulls()
    tree = reply_tree(comments.select("text_id", "thread_id", "position"), links)
    assert 0.8 < tree["depth"].mean() < 3
    assert 6 <= tree["depth"].max() < 60
    assert reply_structure(tree).collect().height


def test_threads_stand_together_counted_from_0_with_an_article_and_from_1_without(collection):
    runs = collection["thread_id"].rle().struct.field("value")
    assert runs.is_unique().all()
    for (_,), thread in collection.group_by("thread_id"):
        first = int(thread["kind"][0] == "comment")
        assert thread["position"].to_list() == list(range(first, first + thread.height))
        assert thread["posted_at"].is_sorted()
        assert thread["posted_at"].is_unique().all()
    articles = collection.filter(pl.col("kind") == "article")
    assert (articles["position"] == 0).all()
    assert 0.85 < articles.height / runs.len() < 0.99


def test_sizes_of_threads_are_heavy_tailed(collection):
    sizes = collection.group_by("thread_id").len()["len"].sort()
    assert 25 < sizes.mean() < 60
    # A tenth of the threads would hold a third of the texts if sizes were geometric.
    tenth = sizes.tail(sizes.len() // 10).sum() / sizes.sum()
    geometric = np.sort(np.random.default_rng(0).geometric(1 / sizes.mean(), sizes.len()))
    assert tenth > 1.3 * geometric[-(sizes.len() // 10) :].sum() / geometric.sum()


def test_authors_write_unevenly_as_zipf_has_it(collection):
    n = collection["author_id"].drop_nulls().value_counts()["count"].sort(descending=True).to_numpy()
    assert N / 16 < len(n) < N / 6
    middle = slice(99, 1000)
    rank = np.arange(1, len(n) + 1)[middle]
    assert -1.2 < stats.linregress(np.log(rank + 50), np.log(n[middle])).slope < -0.7


def test_more_than_a_third_of_the_comments_are_by_somebody_who_wrote_in_the_thread_before(comments):
    named = comments.drop_nulls("author_id").filter(pl.col("position") > 1)
    again = named.select(pl.col("author_id").is_first_distinct().over("thread_id").not_()).to_series()
    assert 0.35 < again.mean() < 0.55


def test_comments_are_330_bytes_long_on_average_and_the_logarithm_of_their_words_is_normal(comments):
    assert comments["text"].str.len_bytes().mean() == pytest.approx(330, rel=0.08)
    n_words = comments["text"].str.extract_all(r"\S+").list.len().to_numpy()
    assert n_words.mean() == pytest.approx(58, rel=0.1)
    # Lengths are rounded down, so more than 30 words is 31 or more of the law.
    median, deviation = np.median(n_words) + 0.5, np.log(np.quantile(n_words, 0.84) / np.quantile(n_words, 0.16)) / 2
    bounds = np.array([15, 30, 60, 120, 240])
    beyond = np.array([(n_words > bound).mean() for bound in bounds])
    assert np.abs(beyond - stats.lognorm(deviation, scale=median).sf(bounds + 1)).max() < 0.015


def test_articles_are_a_few_times_longer_than_comments(collection):
    means = dict(collection.group_by("kind").agg(pl.col("text").str.len_chars().mean()).iter_rows())
    assert 3 < means["article"] / means["comment"] < 8


def test_ranks_come_as_often_as_the_law_of_two_regimes_says():
    ranks = law(np.random.default_rng(3).random(2_000_000))
    # By integration of the density, which is 1/x within the core and falls with 1.77 beyond it.
    edges = np.array([1, 2, 3, 10, 100, 1000, 7800, 20_000, 100_000, 1_000_000, 2**31 - 1])

    def density(x):
        return 1 / x if x <= 7873 else 7873**0.77 * x**-1.77

    from scipy.integrate import quad

    masses = [
        sum(quad(density, *part, limit=200)[0] for part in itertools.pairwise(points))
        for low, high in itertools.pairwise(edges)
        for points in [sorted({low + 1.2, high + 1.2, *(p for p in (7873.0, 1e5, 1e7) if low + 1.2 < p < high + 1.2)})]
    ]
    seen = np.histogram(ranks, bins=np.append(edges[:-1], edges[-1] + 1))[0]
    assert stats.chisquare(seen, np.array(masses) / sum(masses) * seen.sum()).pvalue > 0.001


def test_frequencies_of_running_words_fall_with_rank_as_in_zipfs_law(collection):
    counted = words(tokenise(collection)).group_by("word").len("n").sort("n", descending=True).collect()
    n = counted["n"].to_numpy()
    rank = np.arange(1, len(n) + 1)
    core, tail = slice(20, 2000), slice(15_000, 40_000)
    assert stats.linregress(np.log(rank[core]), np.log(n[core])).slope == pytest.approx(-1, abs=0.1)
    assert stats.linregress(np.log(rank[tail]), np.log(n[tail])).slope < -1.3
    lengths = counted["word"].str.len_chars().to_numpy()
    assert (lengths * n).sum() / n.sum() == pytest.approx(4.5, abs=0.4)


def test_followers_are_by_the_same_law_as_all_words():
    rng = np.random.default_rng(5)
    ranks = law(rng.random(500_000))
    drawn, others = follower(ranks, rng.random(500_000)), law(rng.random(500_000))
    quantiles = [0.1, 0.25, 0.5, 0.75, 0.9, 0.97]
    assert np.log(np.quantile(drawn, quantiles)) == pytest.approx(np.log(np.quantile(others, quantiles)), abs=0.15)


def test_some_pairs_of_words_come_more_often_than_chance_has_it(collection):
    # Whole tokens of small letters only: pieces of one word always stand together.
    tokens = pl.DataFrame({"text": collection["text"].str.split(" ")}).with_row_index().explode("text")
    pairs = tokens.with_columns(next=pl.col("text").shift(-1).over("index")).drop_nulls()
    pairs = pairs.filter(pl.all_horizontal(pl.col("text", "next").str.contains("^[a-z]+$")))
    single = pairs["text"].value_counts()
    counted = pairs.group_by("text", "next").len("n").filter(pl.col("n") >= 5)
    joined = counted.join(single, on="text").join(single.rename({"text": "next", "count": "other"}), on="next")
    ratio = joined.select(pl.col("n") * pairs.height / (pl.col("count") * pl.col("other").cast(pl.Float64)))
    assert (ratio.to_series() > 20).sum() > 500


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 2**31 - 1), unique=True, max_size=200), st.integers(1, 10**9))
def test_no_two_ranks_are_spelled_alike(scattered, start):
    ranks = np.array(sorted({*scattered, *range(start, start + 300)}))
    spellings = generated.spelled(ranks)
    assert len({spelling.lower() for spelling in spellings}) == len(ranks)
    assert all(spelling and not any(c.isspace() for c in spelling) for spelling in spellings)


def test_the_spellings_of_a_hundred_thousand_ranks_differ_also_without_their_marks():
    plain = pl.Series(generated.spelled(np.arange(1, 100_001))).str.normalize("NFD").str.replace_all(r"[^a-zß]", "")
    assert plain.str.replace_all("ß", "s").is_unique().all()


def test_texts_hold_what_makes_real_ones_hard_to_count(collection, raw):
    text = collection["text"]
    for wanted in ("\n\n", "’", "“", "”", "é", "ü", "ß", "😂", "👨‍👩‍👧", "(", '"', "?", "...", "—", "https://"):
        assert text.str.contains(wanted, literal=True).any(), wanted
    for pattern in (r"\b\d{1,3},\d{3}\b", r"[a-z]'[a-z]{2}", r"[a-z]’[a-z]{2}", r"[a-z]-[a-z]", r"\b[A-Z]{4,}\b"):
        assert text.str.contains(pattern).any(), pattern
    # Texts neither begin nor end with white space, and no blank is doubled.
    assert not text.str.contains(r"^\s|\s$|  |\n ").any()
    assert (text.str.len_chars() > 0).all()
    total = raw["count"].sum()
    punctuated = raw.filter(pl.col("token").str.contains(r"[,.?!;:)”\"]$"))["count"].sum() / total
    assert 0.05 < punctuated < 0.2
    capital = raw.filter(pl.col("token").str.contains(r"^[“‘\"(]?\p{Lu}"))["count"].sum() / total
    assert 0.05 < capital < 0.2


def test_addresses_hardly_ever_come_twice(raw):
    addresses = raw.filter(pl.col("token").str.contains("https://"))
    assert addresses.height > 0.99 * addresses["count"].sum() > 1000


def test_what_is_opened_is_closed_in_the_same_text(collection):
    marks = {
        "opened": pl.col("text").str.count_matches(r"(?m)(?:^|\s)\(", literal=False),
        "closed": pl.col("text").str.count_matches(")", literal=True) - pl.col("text").str.count_matches(r"[:;]-?\)"),
    }
    counted = collection.select(**marks)
    # A mark can take the place of another that two pairs close at once.
    assert (counted["opened"] >= counted["closed"]).all()
    assert counted["closed"].sum() > 0.97 * counted["opened"].sum() > 1000


def test_new_words_never_cease(collection):
    def types(n):
        return collection.head(n)["text"].str.extract_all(r"\S+").explode().n_unique()

    small, large = types(N // 10), types(N)
    # Heaps' law: between the square root and the number of tokens itself.
    assert 10**0.5 < large / small < 10**0.8
