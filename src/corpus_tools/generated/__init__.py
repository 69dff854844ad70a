"""A generated collection of threads that is like real comments in what measures depend on, and means nothing.

For trying measures on more text than can be passed around, and for the benchmark. Alike are the frequencies of words
(few are most of the text, and new ones never cease), their length and that of texts, punctuation, capitals, letters
beyond ASCII, tokens that hardly ever come again (addresses, numbers, slips of the keyboard), words that attract each
other, the sizes of threads, who answers whom, and how unevenly authors write. Nothing else is: there is no grammar, no
topic and no sense.

Source:
    Gerlach and Altmann (2013), Stochastic model for the vocabulary growth in natural languages, Physical Review X 3,
    021006, for the two regimes of word frequencies: a core vocabulary after Zipf's law, and a tail of other words that
    falls faster and has no end.
"""

from __future__ import annotations

from corpus_tools.generated.collection import SEED, texts, write
from corpus_tools.generated.words import spelled

__all__ = ["SEED", "spelled", "texts", "write"]
