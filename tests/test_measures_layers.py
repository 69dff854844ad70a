"""Entities, stance, appraisal, attribution and links, by SQL over the hand-edited files, by reading, and by laws."""

from collections import Counter

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_tools.corpus import load
from corpus_tools.errors import MissingColumnError
from corpus_tools.measures import (
    appraisal_by_target,
    article_link_labels,
    article_links,
    attributions,
    chain_table,
    chains_by_text,
    judgement_shares,
)
from corpus_tools.standoff import chains


@pytest.fixture(scope="module")
def corpus(shipped):
    return load(shipped)


def chains_of(corpus):
    return chains(corpus.scan("entities"), corpus.scan("coreference"), corpus.scan("texts"))


def frame(schema, *rows):
    return pl.DataFrame(list(rows), schema=dict.fromkeys(schema.split(), pl.String), orient="row")


def placed(schema, *rows):
    """A frame of spans: its second column is the text, its third and fourth are offsets."""
    names = schema.split()
    types = {name: pl.Int32 if name.endswith("_char") else pl.String for name in names}
    return pl.DataFrame(list(rows), schema=types, orient="row")


def texts_of(*rows):
    schema = dict.fromkeys(("text_id", "thread_id", "kind", "author_id"), pl.String) | {"position": pl.Int32}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def rows_in(path, text):
    """`text` with the path of an annotation folder filled in, run as SQL."""
    return duckdb.sql(text.format(folder=path)).fetchall()


# Chains and their mentions.

MENTIONS = """
    with mentions as (from '{folder}/annotations/entities/gold.csv'),
    links as (from '{folder}/annotations/coreference/gold.csv'),
    texts as (select * from read_csv('{folder}/texts/*.csv')),
    -- Gold names the chain of every mention that a relation leaves; a first mention is in none.
    placed as (select m.*, t.kind, t.position, coalesce(l.chain_id, m.span_id) as chain,
                      row_number() over (order by t.position, start_char, end_char desc) as nth
               from mentions m join texts t using (text_id) left join links l on l.from_id = m.span_id)
"""


@pytest.mark.parametrize("name", ["shipped", "layered"])
def test_sql_over_the_hand_edited_files_finds_the_same_chains(name, request):
    folder = request.getfixturevalue(name)
    corpus = load(folder) if name == "shipped" else load(folder, "draft")
    found = chain_table(corpus.scan("entities"), chains_of(corpus), corpus.texts).collect()
    sql = """
        select chain, arg_min(label, nth), count(*), count(*) filter (named), count(distinct text_id),
               count(distinct text_id) filter (kind = 'comment'), arg_min(text_id, nth)
        from placed group by chain order by count(*) desc, min(nth)
    """
    assert found.drop("name").rows() == rows_in(folder, MENTIONS + sql)
    sql = "select chain, quote, count(*), min(nth) from placed where named group by all"
    names = {}
    for chain, quote, n, at in rows_in(folder, MENTIONS + sql):
        names[chain] = max(names.get(chain, (0, 0, 0, "")), (n, -len(quote), -at, quote))
    firsts = dict(rows_in(folder, MENTIONS + "select chain, arg_min(quote, nth) from placed group by chain"))
    expected = [names[chain][-1] if chain in names else firsts[chain] for chain in found["chain_id"]]
    assert found["name"].to_list() == expected


@pytest.mark.parametrize("name", ["shipped", "layered"])
def test_sql_over_the_hand_edited_files_counts_the_same_mentions_in_each_text(name, request):
    folder = request.getfixturevalue(name)
    corpus = load(folder) if name == "shipped" else load(folder, "draft")
    frames = corpus.table("entities"), chains_of(corpus), corpus.texts
    found = chains_by_text(*frames).collect()
    sql = """
        select chain, text_id, position, count(*)
        from (select *, count(*) over (partition by chain) as total, min(nth) over (partition by chain) as head from placed)
        group by chain, text_id, position, total, head order by total desc, head, position
    """
    assert found.drop("name").rows() == rows_in(folder, MENTIONS + sql)
    whole = chain_table(*frames).collect()
    assert found["chain_id"].unique(maintain_order=True).equals(whole["chain_id"])
    assert found.join(whole.select("chain_id", "name"), on=["chain_id", "name"]).height == found.height


def test_the_layered_chains_are_those_read_on_paper(layered):
    corpus = load(layered, "draft")
    found = chain_table(corpus.scan("entities"), chains_of(corpus), corpus.texts).collect()
    assert found.drop("chain_id").rows() == [
        ("Harbour Bridge", "thing", 3, 1, 2, 1, "a1"),
        # No name among them, so the first mention's words.
        ("The mayor of Eastport", "person", 3, 0, 2, 1, "a1"),
        # The writer says I first and is named by another.
        ("Ann", "person", 2, 1, 2, 2, "c1"),
        ("Eastport", "place", 1, 1, 1, 0, "a1"),
        ("us", "person", 1, 0, 1, 1, "c1"),
        ("I", "person", 1, 0, 1, 1, "c2"),
        ("The cafe\u0301", "place", 1, 0, 1, 1, "c2"),
    ]


MENTION = "span_id text_id start_char end_char quote label"


def test_of_equally_frequent_names_the_shortest_is_taken_and_then_the_first():
    texts = texts_of(("c2", "x", "comment", "bo", 2), ("a1", "x", "article", None, 0))
    mentions = placed(
        MENTION,
        ("m1", "c2", 0, 2, "it", "thing"),
        ("m2", "c2", 5, 8, "Hall A", "place"),
        ("m3", "a1", 9, 17, "Hall B", "place"),
        ("m4", "a1", 0, 8, "Old Hall", "thing"),
    ).with_columns(named=pl.Series([None, True, True, True]))
    heads = frame("span_id chain_id", *((f"m{number}", "m4") for number in range(1, 5)))
    assert chain_table(mentions, heads, texts).collect().rows() == [("m4", "Hall B", "thing", 4, 3, 2, 1, "a1")]
    # The comments alone.
    part = chain_table(mentions, heads, texts.filter(pl.col("kind") == "comment")).collect()
    assert part.rows() == [("m4", "Hall A", "thing", 2, 1, 1, 1, "c2")]


def test_mentions_that_begin_together_stand_longer_first_and_then_by_id():
    texts = texts_of(("c1", "x", "comment", "bo", 1))
    mentions = placed(
        MENTION,
        ("m4", "c1", 0, 4, "fours", "d"),
        ("m1", "c1", 0, 4, "four", "c"),
        ("m2", "c1", 0, 9, "nine", "b"),
        ("m3", "c1", 0, 6, "six", "a"),
        ("m5", "c9", 0, 6, "lost", "a"),
    ).with_columns(named=pl.lit(value=False))
    alone = frame("span_id chain_id", *((f"m{number}", f"m{number}") for number in range(1, 6)))
    found = chain_table(mentions, alone, texts)
    assert found.collect()["chain_id"].to_list() == ["m2", "m3", "m1", "m4"]
    together = frame("span_id chain_id", *((f"m{number}", "m2") for number in range(1, 6)))
    assert chain_table(mentions, together, texts).collect().select("name", "label", "n_mentions").rows() == [
        ("nine", "b", 4)
    ]
    unsigned = mentions.with_columns(pl.col("start_char", "end_char").cast(pl.UInt32))
    assert chain_table(unsigned, alone, texts).collect().equals(found.collect())


# Stance.


@pytest.mark.parametrize("by", ["author_id", "text_id", "kind"])
@pytest.mark.parametrize("name", ["shipped", "layered"])
def test_sql_over_the_hand_edited_files_counts_the_same_answers(name, by, request):
    folder = request.getfixturevalue(name)
    corpus = load(folder) if name == "shipped" else load(folder, "draft")
    found = judgement_shares(corpus.scan("stance"), corpus.texts, by=by).collect()
    sql = f"""
        with judgements as (select *, row_number() over () as nth from '{{folder}}/annotations/stance/gold.csv'),
        texts as (select {by} as grp, text_id, position from read_csv('{{folder}}/texts/*.csv')),
        joined as (select *, min(position) over (partition by grp) as head, min(nth) over (partition by question) as asked
                   from judgements join texts on unit_id = text_id)
        select grp, question, label, count(*), sum(count(*)) over (partition by grp, question) from joined
        group by grp, head, question, asked, label order by head, asked, count(*) desc, label
    """
    expected = rows_in(folder, sql)
    assert found.drop("share").rows() == expected
    assert found["share"].to_list() == pytest.approx([n / total for *_, n, total in expected])
    assert found.columns == [by, "question", "label", "n", "n_total", "share"]


def test_the_answers_of_an_author_with_two_comments_are_those_read_in_the_thread(corpus):
    found = judgement_shares(corpus.table("stance"), corpus.texts).collect()
    poster = found.filter(pl.col("author_id") == "b-poster", pl.col("question").str.contains("primacy|cooperation"))
    assert poster.rows() == [
        ("b-poster", "us_military_primacy", "against", 2, 2, 1.0),
        ("b-poster", "russia_military_primacy", "favour", 2, 2, 1.0),
        ("b-poster", "cooperation_with_russia", "favour", 1, 2, 0.5),
        ("b-poster", "cooperation_with_russia", "none", 1, 2, 0.5),
    ]


JUDGED = st.lists(
    st.tuples(st.sampled_from(["t0", "t1", "t2", "t9"]), st.sampled_from("pq"), st.sampled_from(["yes", "no", None])),
    max_size=20,
)


@given(JUDGED, st.permutations(["ann", "bo", None]))
def test_plain_counting_finds_the_same_answers(judged, authors):
    texts = texts_of(*((f"t{n}", "x", "comment", author, n) for n, author in enumerate(authors)))
    found = judgement_shares(frame("unit_id question label", *judged), texts).collect()
    author_of = {f"t{n}": author for n, author in enumerate(authors)}
    counted = Counter((author_of[unit], question, label) for unit, question, label in judged if unit in author_of)
    assert {row[:3]: row[3] for row in found.iter_rows()} == counted
    asked = list(dict.fromkeys(question for _, question, _ in judged))
    order = [(authors.index(row[0]), asked.index(row[1]), -row[3], row[2] or "") for row in found.iter_rows()]
    assert order == sorted(order)
    for (_, _), part in found.group_by("author_id", "question"):
        assert part["n_total"].unique().to_list() == [part["n"].sum()]
        assert part["share"].sum() == pytest.approx(1)


# Appraisal.


@pytest.mark.parametrize("by", [None, "author_id", "kind"])
def test_sql_over_the_hand_edited_files_counts_the_same_evaluations(shipped, corpus, by):
    heads = chains_of(corpus)
    names = chain_table(corpus.scan("entities"), heads, corpus.texts)
    found = appraisal_by_target(corpus.scan("appraisal"), heads, names, corpus.texts, by=by).collect()
    sql = f"""
        with joined as (select {by or "null"} as grp, target_id, polarity, position
                        from '{{folder}}/annotations/appraisal/gold.csv' join read_csv('{{folder}}/texts/*.csv') using (text_id)),
        ranked as (select *, min(position) over (partition by grp) as head,
                          count(*) over (partition by grp, target_id) as n_total
                   from joined where polarity is not null)
        select grp, target_id, polarity, count(*) as n, n_total from ranked
        group by grp, head, target_id, polarity, n_total
        order by head, target_id is null, n_total desc, target_id, n desc, polarity
    """
    expected = rows_in(shipped, sql)
    own = [] if by is None else [by]
    assert found.select(*own, "target_id", "polarity", "n", "n_total").rows() == [
        row[0 if by else 1 :] for row in expected
    ]
    assert found["share"].to_list() == pytest.approx([n / total for *_, n, total in expected])
    assert found.columns == [*own, "target_id", "name", "polarity", "n", "n_total", "share"]
    named = dict(names.select("chain_id", "name").collect().iter_rows())
    assert found["name"].to_list() == [named.get(target) for target in found["target_id"]]


def test_the_united_states_are_evaluated_as_read_in_the_thread(corpus):
    heads = chains_of(corpus)
    names = chain_table(corpus.scan("entities"), heads, corpus.texts)
    found = appraisal_by_target(corpus.table("appraisal"), heads, names, corpus.texts).collect()
    # Blame: fails to do, screwed, threatens, has no idea, plays right into; praise: far more powerful, twice super power.
    assert found.head(2).rows() == [("entities-1", "US", "neg", 5, 8, 5 / 8), ("entities-1", "US", "pos", 3, 8, 3 / 8)]
    # Suffering, tired, unfortunately twice, demonize; hopefully.
    assert found.tail(2).rows() == [(None, None, "neg", 5, 6, 5 / 6), (None, None, "pos", 1, 6, 1 / 6)]


def test_a_target_that_is_no_first_mention_counts_for_its_chain_and_one_without_a_chain_for_itself():
    texts = texts_of(("c1", "x", "comment", None, 1), ("c2", "x", "comment", "bo", 2))
    spans = frame(
        "text_id polarity target_id",
        *(
            ("c1", "neg", "m2"),
            ("c2", "neg", "m1"),
            ("c2", "odd", "m1"),
            ("c2", None, "m1"),
            ("c1", "pos", "z"),
            ("c9", "pos", "m1"),
        ),
    )
    heads = frame("span_id chain_id", ("m1", "m1"), ("m2", "m1"))
    names = frame("chain_id name", ("m1", "the bridge"))
    assert appraisal_by_target(spans, heads, names, texts).collect().rows() == [
        ("m1", "the bridge", "neg", 2, 3, 2 / 3),
        ("m1", "the bridge", "odd", 1, 3, 1 / 3),
        ("z", None, "pos", 1, 1, 1.0),
    ]
    assert appraisal_by_target(spans, heads, names, texts, by="author_id").collect().rows() == [
        (None, "m1", "the bridge", "neg", 1, 1, 1.0),
        (None, "z", None, "pos", 1, 1, 1.0),
        ("bo", "m1", "the bridge", "neg", 1, 2, 0.5),
        ("bo", "m1", "the bridge", "odd", 1, 2, 0.5),
    ]


# Attribution.


def test_sql_over_the_hand_edited_files_finds_the_same_attributions(shipped, corpus):
    found = attributions(corpus.scan("attribution"), corpus.scan("attribution_relations"), corpus.texts).collect()
    sql = """
        with spans as (from '{folder}/annotations/attribution/gold.csv'),
        ends as (select r.from_id, r.label, s.quote, s.start_char
                 from '{folder}/annotations/attribution/gold.relations.csv' r join spans s on s.span_id = r.to_id)
        select c.span_id, c.text_id, c.quote,
               string_agg(e.quote, '; ' order by e.start_char) filter (e.label = 'source'),
               string_agg(e.quote, '; ' order by e.start_char) filter (e.label = 'content'),
               count(*) filter (e.label = 'source'), count(*) filter (e.label = 'content')
        from spans c left join ends e on e.from_id = c.span_id join read_csv('{folder}/texts/*.csv') t on t.text_id = c.text_id
        where c.label = 'cue' group by all order by any_value(t.position), any_value(c.start_char)
    """
    assert found.rows() == rows_in(shipped, sql)
    assert found.columns == ["cue_id", "text_id", "cue", "source", "content", "n_sources", "n_contents"]


def test_the_attributions_of_the_fourth_comment_are_those_read_in_it(corpus):
    found = attributions(corpus.table("attribution"), corpus.table("attribution_relations"), corpus.texts).collect()
    assert found.filter(pl.col("text_id") == "c4").select("cue", "source", "n_contents").rows() == [
        ("aknowleged", "putin himself", 1),
        ("said", "he", 1),
        ("will agree", "l", 1),
        ("will", None, 1),
    ]


def test_several_sources_are_joined_in_text_order_and_a_cue_alone_has_none():
    texts = texts_of(("c2", "x", "comment", "bo", 2), ("c1", "x", "comment", "ann", 1))
    spans = placed(
        MENTION,
        ("s9", "c2", 0, 3, "Ann", "who"),
        ("s1", "c2", 8, 10, "Bo", "who"),
        ("q1", "c2", 11, 14, "say", "verb"),
        ("q2", "c1", 0, 4, "says", "verb"),
        ("q3", "c9", 0, 4, "lost", "verb"),
    )
    # More relations than spans, so that the order of the joined rows is not the wanted one by chance.
    of_others = (("z", f"z{number}", "by") for number in range(9))
    relations = frame("from_id to_id label", ("q1", "s1", "by"), ("q1", "s9", "by"), *of_others)
    found = attributions(spans, relations, texts, cue="verb", source="by", content="that").collect()
    assert found.rows() == [("q2", "c1", "says", None, None, 0, 0), ("q1", "c2", "say", "Ann; Bo", None, 2, 0)]


def test_parts_that_begin_together_stand_longer_first_and_then_by_id():
    texts = texts_of(("c1", "x", "comment", "bo", 1), ("c2", "x", "comment", "bo", 2))
    spans = placed(
        MENTION,
        ("q", "c1", 0, 3, "say", "cue"),
        ("s1", "c1", 4, 6, "b", "part"),
        ("s2", "c1", 4, 9, "a", "part"),
        ("s0", "c1", 4, 6, "c", "part"),
        ("s3", "c2", 1, 2, "d", "part"),
        ("s4", "c9", 0, 1, "lost", "part"),
    )
    relations = frame("from_id to_id label", *(("q", f"s{number}", "source") for number in (4, 3, 1, 2, 0)))
    for rows in (spans, spans.reverse(), spans.with_columns(pl.col("start_char", "end_char").cast(pl.UInt32))):
        assert attributions(rows, relations, texts).collect().select("source", "n_sources").rows() == [
            ("a; c; b; d", 4)
        ]


# Links to the article.


def test_the_shipped_links_are_those_read_in_the_thread(corpus):
    frames = corpus.table("article_links"), corpus.table("sentences"), corpus.texts
    assert article_links(*frames).collect().rows() == [
        ("c1", 2, 1, 4, 2, 0.5),
        ("c2", 0, 0, 2, 0, 0.0),
        ("c3", 0, 0, 10, 0, 0.0),
        ("c4", 0, 0, 2, 0, 0.0),
        ("c5", 0, 0, 5, 0, 0.0),
    ]
    assert article_link_labels(*frames).collect().rows() == [("c1", "extends", 2, 2, 1.0)]


@pytest.mark.parametrize("annotator", ["lm-1", "lm-2", "lm-3"])
def test_sql_over_the_hand_edited_files_counts_the_same_links_of_a_pass(shipped, corpus, annotator):
    links = corpus.layer("article_links", annotators=annotator)
    sql = f"""
        with links as (select *, split_part(from_id, '-', 1) as text_id
                       from '{{folder}}/annotations/article_links/{annotator}.csv')
        select t.text_id, count(l.from_id), count(distinct l.to_id), count(distinct l.from_id)
        from read_csv('{{folder}}/texts/*.csv') t left join links l using (text_id)
        where kind = 'comment' group by t.text_id order by t.text_id
    """
    found = article_links(links, corpus.scan("sentences"), corpus.texts).collect()
    names = ("text_id", "n_links", "n_article_sentences", "n_linked_sentences")
    assert found.select(names).rows() == rows_in(shipped, sql)
    labels = article_link_labels(links, corpus.scan("sentences"), corpus.texts).collect()
    assert labels["n"].sum() == links.height
    counted = Counter((row["from_id"].split("-")[0], row["label"]) for row in links.iter_rows(named=True))
    assert {(row[0], row[1]): row[2] for row in labels.iter_rows()} == counted


def test_linked_sentences_are_counted_once_and_a_comment_without_a_sentence_has_no_share():
    texts = texts_of(
        *(
            (name, "x", kind, None, n)
            for n, (name, kind) in enumerate(
                [("c2", "comment"), ("a1", "article"), ("c1", "comment"), ("c3", "comment")]
            )
        )
    )
    sentences = frame("sentence_id text_id", ("a-1", "a1"), ("a-2", "a1"), ("c-1", "c1"), ("c-2", "c1"), ("c-3", "c2"))
    links = frame(
        "from_id to_id label",
        ("c-1", "a-1", "odd"),
        ("c-1", "a-2", "even"),
        ("c-2", "a-1", "odd"),
        ("c-3", "a-1", "b"),
        ("c-3", "a-2", "a"),
    )
    assert article_links(links, sentences, texts).collect().rows() == [
        ("c2", 2, 2, 1, 1, 1.0),
        ("c1", 3, 2, 2, 2, 1.0),
        ("c3", 0, 0, 0, 0, None),
    ]
    assert article_link_labels(links, sentences, texts).collect().rows() == [
        ("c2", "a", 1, 2, 0.5),
        ("c2", "b", 1, 2, 0.5),
        ("c1", "odd", 2, 3, 2 / 3),
        ("c1", "even", 1, 3, 1 / 3),
    ]


# All of them.

NO_TEXTS = texts_of()
NO_MENTIONS = placed(MENTION).with_columns(named=pl.lit(True))
NO_CHAINS = frame("span_id chain_id")
EMPTY = {
    "chain_table": lambda: chain_table(NO_MENTIONS, NO_CHAINS, NO_TEXTS),
    "chains_by_text": lambda: chains_by_text(NO_MENTIONS, NO_CHAINS, NO_TEXTS),
    "judgement_shares": lambda: judgement_shares(frame("unit_id question label"), NO_TEXTS),
    "appraisal": lambda: appraisal_by_target(
        frame("text_id polarity target_id"), NO_CHAINS, frame("chain_id name"), NO_TEXTS, by="kind"
    ),
    "attributions": lambda: attributions(placed(MENTION), frame("from_id to_id label"), NO_TEXTS),
    "links": lambda: article_links(frame("from_id to_id label"), frame("sentence_id text_id"), NO_TEXTS),
    "link labels": lambda: article_link_labels(frame("from_id to_id label"), frame("sentence_id text_id"), NO_TEXTS),
}


@pytest.mark.parametrize("name", EMPTY)
def test_empty_frames_make_an_empty_frame_with_counts_as_unsigned_numbers(name):
    found = EMPTY[name]().collect()
    assert found.is_empty()
    types = {column: dtype for column, dtype in found.schema.items() if column == "n" or column.startswith("n_")}
    assert set(types.values()) == {pl.UInt32}
    assert all(dtype == pl.Float64 for column, dtype in found.schema.items() if column.endswith("share"))


def test_counts_of_the_shipped_corpus_are_unsigned_numbers_too(corpus):
    heads = chains_of(corpus)
    texts, scan = corpus.scan("texts"), corpus.scan
    named = chain_table(scan("entities"), heads, texts)
    for lazy in (
        named,
        chains_by_text(scan("entities"), heads, texts),
        judgement_shares(scan("stance"), texts),
        appraisal_by_target(scan("appraisal"), heads, named, texts),
        attributions(scan("attribution"), scan("attribution_relations"), texts),
        article_links(scan("article_links"), scan("sentences"), texts),
        article_link_labels(scan("article_links"), scan("sentences"), texts),
    ):
        found = lazy.collect()
        counts = [column for column in found.columns if column == "n" or column.startswith("n_")]
        assert counts
        assert {found[column].dtype for column in counts} == {pl.UInt32}
        assert found.columns == lazy.collect_schema().names()
        assert found.equals(lazy.collect())


def test_a_missing_column_is_named(corpus):
    table, texts, heads = corpus.table, corpus.texts, chains_of(corpus)
    named = chain_table(table("entities"), heads, texts)
    with pytest.raises(MissingColumnError, match="chain_table: mentions needs the column named"):
        chain_table(table("entities").drop("named"), heads, texts)
    with pytest.raises(MissingColumnError, match="chains_by_text: chains needs the column chain_id"):
        chains_by_text(table("entities"), heads.drop("chain_id"), texts)
    with pytest.raises(MissingColumnError, match="chains_by_text: texts needs the column kind"):
        chains_by_text(table("entities"), heads, texts.drop("kind"))
    with pytest.raises(MissingColumnError, match="judgement_shares: judgements needs the column question"):
        judgement_shares(table("stance").drop("question"), texts)
    with pytest.raises(MissingColumnError, match="judgement_shares: texts needs the column camp"):
        judgement_shares(table("stance"), texts, by="camp")
    with pytest.raises(MissingColumnError, match="appraisal_by_target: appraisal needs the column polarity"):
        appraisal_by_target(table("appraisal").drop("polarity"), heads, named, texts)
    with pytest.raises(MissingColumnError, match="appraisal_by_target: names needs the column name"):
        appraisal_by_target(table("appraisal"), heads, heads, texts)
    with pytest.raises(MissingColumnError, match="attributions: spans needs the column label"):
        attributions(table("attribution").drop("label"), table("attribution_relations"), texts)
    with pytest.raises(MissingColumnError, match="article_links: links needs the column to_id"):
        article_links(table("article_links").drop("to_id"), table("sentences"), texts)
    with pytest.raises(MissingColumnError, match="article_link_labels: links needs the column label"):
        article_link_labels(table("article_links").drop("label"), table("sentences"), texts)
