"""Measures over texts and their annotation: frame in, frame out.

Words come from `tokens.words(tokens.tokenise(texts))`, or from a layer of tokens with `of="lemma"`. A column by which a
measure groups must be in the frame; join it on by `text_id`.

A measure gives a LazyFrame, to be collected once at the end. Those that have to see everything before they can say
anything give a DataFrame: `reply_tree`, the three functions of arguments, and outside of this package `standoff.chains`
and `tokens.split_sentences`.
"""

from __future__ import annotations

from corpus_tools.measures.appraisal import appraisal_by_target
from corpus_tools.measures.arguments import argument_links, argument_summary, argument_units
from corpus_tools.measures.attribution import attributions
from corpus_tools.measures.collocation import collocations, ngrams
from corpus_tools.measures.concordance import concordance, find
from corpus_tools.measures.counts import rate_per_1k, shares, sizes
from corpus_tools.measures.density import density
from corpus_tools.measures.dispersion import dispersion
from corpus_tools.measures.diversity import diversity
from corpus_tools.measures.entities import chain_table, chains_by_text
from corpus_tools.measures.keyness import keyness
from corpus_tools.measures.lengths import sentence_lengths, summary, word_lengths
from corpus_tools.measures.links import article_link_labels, article_links
from corpus_tools.measures.participation import gini, participation
from corpus_tools.measures.replies import reply_structure, reply_tree
from corpus_tools.measures.stance import judgement_shares
from corpus_tools.measures.vocabulary import expected_growth, frequencies, vocabulary_growth

__all__ = [
    "appraisal_by_target",
    "argument_links",
    "argument_summary",
    "argument_units",
    "article_link_labels",
    "article_links",
    "attributions",
    "chain_table",
    "chains_by_text",
    "collocations",
    "concordance",
    "density",
    "dispersion",
    "diversity",
    "expected_growth",
    "find",
    "frequencies",
    "gini",
    "judgement_shares",
    "keyness",
    "ngrams",
    "participation",
    "rate_per_1k",
    "reply_structure",
    "reply_tree",
    "sentence_lengths",
    "shares",
    "sizes",
    "summary",
    "vocabulary_growth",
    "word_lengths",
]
