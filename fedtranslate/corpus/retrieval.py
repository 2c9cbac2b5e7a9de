"""Find the known pairs whose source is most like a text.

Every token of the source is a term, and so is each word of its names, so that ``getTotalSize`` is
found by ``totalSize``, too.  Pairs are ranked by BM25: a term counts more the fewer sources have
it, and less the more often, and the longer, a source is that has it.

Reference: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond".
The logarithm is that of 1 + (N - n + 0.5) / (n + 0.5), so that no weight is negative.
"""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from fedtranslate.corpus.substitution import memory_candidate
from fedtranslate.errors import CorpusError
from fedtranslate.languages.lexer import lex
from fedtranslate.languages.naming import words
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

__all__ = ["PairStore", "memory_candidate"]

_K1 = 1.2
_B = 0.75
_WORD = "\0"
"""Before a word of a name, which is another term than a token that is spelled like it."""


class PairStore:
    """Known pairs, ready to be asked which are most like a text.

    Args:
        pairs: Of one direction; may be none.

    Raises:
        CorpusError: The pairs are of several directions.
    """

    def __init__(self, pairs: Sequence[CodePair]) -> None:
        self._pairs = tuple(pairs)
        directions = sorted({(p.source_language, p.target_language) for p in self._pairs})
        if len(directions) > 1:
            said = ", ".join(f"{source} to {target}" for source, target in directions)
            raise CorpusError(
                f"The pairs to look up examples in are of several directions: {said}.",
                hint="Give pairs of one direction.",
            )
        bags = []
        if directions:
            self._pack = load_pack(directions[0][0])
            bags = [_terms(pair.source, self._pack) for pair in self._pairs]
        self._index = _Index(bags)

    def __len__(self) -> int:
        return len(self._pairs)

    def nearest(
        self, text: str, count: int, *, without: Collection[str] = ()
    ) -> list[tuple[CodePair, float]]:
        """Return the pairs most like ``text`` with their scores, the highest first.

        Pairs with equal scores come in the order in which they were given; those that have no
        term of ``text`` do not come at all.

        Args:
            text: In the source language.
            count: Pairs wanted at most.
            without: Ids of pairs that are not wanted.
        """
        if not self._pairs or count <= 0:
            return []
        scores = self._index.scores(_terms(text, self._pack))
        found: list[tuple[CodePair, float]] = []
        for place in np.argsort(-scores, kind="stable").tolist():
            if len(found) == count or scores[place] <= 0:
                break
            if self._pairs[place].id not in without:
                found.append((self._pairs[place], float(scores[place])))
        return found


class _Index:
    """For each term the sources that have it, and what it adds to their scores.

    Args:
        bags: The terms of each source, with their counts.
    """

    def __init__(self, bags: Sequence[Counter[str]]) -> None:
        lengths = np.array([bag.total() for bag in bags], dtype=np.float64)
        mean = lengths.mean() if lengths.any() else 1.0
        self._count = len(bags)
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for place, bag in enumerate(bags):
            for term, times in bag.items():
                places, counts = postings.setdefault(term, ([], []))
                places.append(place)
                counts.append(times)
        self._postings: dict[str, tuple[NDArray[np.int32], NDArray[np.float64]]] = {}
        for term, (places, counts) in postings.items():
            where = np.array(places, dtype=np.int32)
            tf = np.array(counts, dtype=np.float64)
            norm = _K1 * (1 - _B + _B * lengths[where] / mean)
            idf = np.log1p((self._count - len(where) + 0.5) / (len(where) + 0.5))
            self._postings[term] = (where, idf * tf * (_K1 + 1) / (tf + norm))

    def scores(self, terms: Counter[str]) -> NDArray[np.float64]:
        """Return the score of every source; each term of a question counts once."""
        scores = np.zeros(self._count)
        for term in terms:
            if term in self._postings:
                places, weights = self._postings[term]
                scores[places] += weights  # no place occurs twice
        return scores


def _terms(text: str, pack: LanguagePack) -> Counter[str]:
    terms: Counter[str] = Counter()
    for token in lex(text, pack):
        if token.kind == "comment":
            continue
        is_fixed = token.kind == "string" or not pack.ignore_case
        terms[token.text if is_fixed else token.text.lower()] += 1
        if token.kind in ("identifier", "type"):
            terms.update(_WORD + word for word in words(token.text))
    return terms
