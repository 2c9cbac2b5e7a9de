"""What needs no learning: the floors under every result.

*Copy* hands the source back.  *Nearest* finds the training pair whose source is most alike and
puts the new names into its translation.  A model that is not clearly above them has learned
nothing worth a federation.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from fedtranslate.corpus.substitution import memory_candidate
from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair, Translation


def copy_floor(pairs: Sequence[CodePair]) -> list[Translation]:
    """Return the source of every pair as its translation."""
    return [_translation(pair, pair.source) for pair in pairs]


def nearest_floor(pairs: Sequence[CodePair], training: Sequence[CodePair]) -> list[Translation]:
    """Translate each pair by its nearest neighbour among ``training``.

    Args:
        pairs: What is to be translated.
        training: At least one pair of the same languages.
    """
    if not pairs:
        return []
    source = load_pack(pairs[0].source_language)
    bags = _Bags([code_tokens(pair.source, source) for pair in training])
    translations = []
    for pair in pairs:
        best = training[bags.nearest(code_tokens(pair.source, source))]
        translations.append(_translation(pair, memory_candidate(pair.source, best)))
    return translations


class _Bags:
    """Counts of every token in every known sequence, for a quick search of the nearest one."""

    def __init__(self, known: Sequence[Sequence[str]]) -> None:
        self._columns = {token: i for i, token in enumerate({t: 0 for seq in known for t in seq})}
        self._counts = np.zeros((len(known), len(self._columns)), dtype=np.int16)
        for row, tokens in enumerate(known):
            for token, count in Counter(tokens).items():
                self._counts[row, self._columns[token]] = count
        self._sizes = self._counts.sum(axis=1, dtype=np.int64)

    def nearest(self, tokens: Sequence[str]) -> int:
        """Return the row with the largest Jaccard index of bags; the first of equal ones."""
        bag = {t: n for t, n in Counter(tokens).items() if t in self._columns}
        columns = [self._columns[token] for token in bag]
        wanted = np.array(list(bag.values()), dtype=np.int16)
        shared = np.minimum(self._counts[:, columns], wanted).sum(axis=1, dtype=np.int64)
        return int(np.argmax(shared / np.maximum(1, self._sizes + len(tokens) - shared)))


def _translation(pair: CodePair, text: str) -> Translation:
    return Translation(source=pair.source, text=text, id=pair.id, reference=pair.target)
