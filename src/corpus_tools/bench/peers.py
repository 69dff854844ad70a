"""The tasks as other tools do them, each in the fastest form that was found. Libraries are imported while preparing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import polars as pl

from corpus_tools.bench.run import Answer
from corpus_tools.bench.texts import Collection

Work = Callable[[], Answer]

RUN_OF_LETTERS = r"[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*"
"""What is a word to DuckDB here: letters and digits, with apostrophes inside."""
WORD = r"[^\W_]+(?:['’][^\W_]+)*"
"""The same in the syntax of Python, for scikit-learn and NLTK."""


def _texts(collection: Collection, sample: int | None) -> list[str]:
    texts = pl.scan_parquet(collection.parquet).select("text")
    taken = texts if sample is None else texts.head(sample)
    return taken.collect(engine="streaming")["text"].to_list()


def duckdb_counts(collection: Collection, sample: int | None) -> Work:
    """Split on blanks, count the raw types, clean the types alone, add up.

    Splitting at blanks took half the time of splitting at a regular expression. Line ends need no care: what they join
    is one raw type, which cleaning takes apart.
    """
    import duckdb

    limit = "" if sample is None else f" LIMIT {sample:d}"
    # A path is no parameter of a common table expression that DuckDB would plan as well; quotes in it are doubled.
    path = collection.parquet.replace("'", "''")
    statement = f"""
        WITH raw AS (SELECT unnest(string_split(text, ' ')) AS w
                     FROM (SELECT text FROM read_parquet('{path}'){limit})),
             types AS (SELECT w, count(*) AS n FROM raw GROUP BY w),
             clean AS (SELECT unnest(regexp_extract_all(lower(w), $pattern)) AS w, n FROM types)
        SELECT sum(n), count(*) FROM (SELECT w, sum(n) AS n FROM clean GROUP BY w)
    """  # noqa: S608 - the path is our own
    connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": "false"})

    def work() -> Answer:
        row = connection.execute(statement, {"pattern": RUN_OF_LETTERS}).fetchone()
        tokens, types = row if row is not None else (0, 0)
        return {"tokens": int(tokens or 0), "types": int(types)}

    return work


def sklearn_counts(collection: Collection, sample: int | None) -> Work:
    """A document-term matrix, and its sum."""
    return _sklearn(collection, sample, n=1)


def sklearn_bigrams(collection: Collection, sample: int | None) -> Work:
    """A matrix of documents and pairs, and its sum; without a score."""
    return _sklearn(collection, sample, n=2)


def _sklearn(collection: Collection, sample: int | None, *, n: int) -> Work:
    vectoriser_of = import_module("sklearn.feature_extraction.text").CountVectorizer
    texts = _texts(collection, sample)

    def work() -> Answer:
        vectoriser = vectoriser_of(token_pattern=WORD, ngram_range=(n, n))
        matrix = vectoriser.fit_transform(texts)
        return {"tokens": int(matrix.sum()), "types": len(vectoriser.vocabulary_)}

    return work


def nltk_bigrams(collection: Collection, sample: int | None) -> Work:
    """Pairs within texts, scored by log-likelihood; words by NLTK's tokeniser that takes a regular expression."""
    nltk = import_module("nltk.collocations")
    tokeniser = import_module("nltk.tokenize").RegexpTokenizer(WORD)
    texts = _texts(collection, sample)

    def work() -> Answer:
        finder = nltk.BigramCollocationFinder.from_documents(tokeniser.tokenize(text.lower()) for text in texts)
        finder.apply_freq_filter(2)
        scored = finder.score_ngrams(nltk.BigramAssocMeasures.likelihood_ratio)
        return {"rows": len(scored)}

    return work


def lexicalrichness_diversity(collection: Collection, sample: int | None) -> Work:
    """Type-token ratio, MATTR, MTLD, HD-D and Yule's K of each text, as far as it is long enough for them."""
    richness_of = import_module("lexicalrichness").LexicalRichness
    texts = _texts(collection, sample)

    def work() -> Answer:
        ratios = []
        for text in texts:
            lex = richness_of(text)
            if not lex.words:
                continue
            ratios.append(lex.ttr)
            if lex.words >= 50:
                lex.mattr(window_size=50)
                lex.hdd(draws=42)
            if lex.terms < lex.words:
                lex.mtld(threshold=0.72)
            _ = lex.yulek
        return {"rows": len(ratios), "mean_ttr": sum(ratios) / max(len(ratios), 1)}

    return work


def networkx_threads(collection: Collection, sample: int | None) -> Work:
    """The Wiener index of each tree of answers, which is one of our measures of a thread."""
    nx = import_module("networkx")
    rows = _links(collection, sample)

    def work() -> Answer:
        graph = nx.Graph()
        graph.add_nodes_from(row["text_id"] for row in rows)
        graph.add_edges_from((row["text_id"], row["parent_id"]) for row in rows if row["parent_id"] is not None)
        indices = [nx.wiener_index(graph.subgraph(tree)) for tree in nx.connected_components(graph)]
        return {"wiener": float(sum(indices))}

    return work


def convokit_threads(collection: Collection, sample: int | None) -> Work:
    """Loading alone: utterances and speakers made into a corpus, before any measure."""
    convokit = import_module("convokit")
    rows = _links(collection, sample, "thread_id", "author_id", "posted_at", "text")

    def work() -> Answer:
        speakers = {name: convokit.Speaker(id=name) for name in {row["author_id"] or "" for row in rows}}
        utterances = [
            convokit.Utterance(
                id=row["text_id"],
                speaker=speakers[row["author_id"] or ""],
                conversation_id=row["thread_id"],
                reply_to=row["parent_id"],
                timestamp=row["posted_at"].timestamp() if row["posted_at"] else None,
                text=row["text"],
            )
            for row in rows
        ]
        return {"rows": len(list(convokit.Corpus(utterances=utterances).iter_utterances()))}

    return work


def _links(collection: Collection, sample: int | None, *more: str) -> list[dict[str, Any]]:
    texts = pl.scan_parquet(collection.parquet).select("text_id", "parent_id", *more)
    return (texts if sample is None else texts.head(sample)).collect(engine="streaming").to_dicts()


def krippendorff_alpha(collection: Collection, sample: int | None) -> Work:
    """The bootstrap over units written around the library's coefficient, from its own table of values per unit."""
    import krippendorff
    import numpy as np

    from corpus_tools.bench.labels import labels

    codes = labels()
    counts = np.stack([(codes == label).sum(axis=0) for label in range(int(codes.max()) + 1)], axis=1)
    rng = np.random.default_rng(1)

    def work() -> Answer:
        alphas = [krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")]
        for _ in range(sample or 1000):
            drawn = counts[rng.integers(0, len(counts), len(counts))]
            alphas.append(krippendorff.alpha(value_counts=drawn, level_of_measurement="nominal"))
        return {"alpha": float(alphas[0])}

    return work


BODIES: Mapping[tuple[str, str], Callable[[Collection, int | None], Work]] = {
    ("counts", "DuckDB"): duckdb_counts,
    ("counts", "scikit-learn"): sklearn_counts,
    ("bigrams", "NLTK"): nltk_bigrams,
    ("bigrams", "scikit-learn"): sklearn_bigrams,
    ("diversity", "lexicalrichness"): lexicalrichness_diversity,
    ("threads", "networkx"): networkx_threads,
    ("threads", "ConvoKit"): convokit_threads,
    ("alpha", "krippendorff"): krippendorff_alpha,
}
