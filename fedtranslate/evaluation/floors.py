"""What needs no learning: the floors under every result.

*Copy* hands the source back.  *Nearest* finds the training pair whose source is most alike and
puts the new names into its translation.  A model that is not clearly above them has learned
nothing worth a federation.
"""

from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

from fedtranslate.languages.lexer import code_tokens, rename
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
    target = load_pack(pairs[0].target_language)
    known = [code_tokens(pair.source, source) for pair in training]
    bags = _Bags(known)
    translations = []
    for pair in pairs:
        tokens = code_tokens(pair.source, source)
        best = bags.nearest(tokens)
        names = _substitutions(known[best], tokens)
        translations.append(_translation(pair, rename(training[best].target, target, names)))
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


def _substitutions(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """Align two token sequences and return the names that stand in the same places.

    Both the name and its capitalised form are mapped, since languages differ in that.
    """
    names: dict[str, str] = {}
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind != "replace" or a1 - a0 != b1 - b0:
            continue
        for before, after in zip(old[a0:a1], new[b0:b1], strict=True):
            if before.isidentifier() and after.isidentifier():
                names.setdefault(before, after)
                names.setdefault(_capitalised(before), _capitalised(after))
    return names


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _translation(pair: CodePair, text: str) -> Translation:
    return Translation(source=pair.source, text=text, id=pair.id, reference=pair.target)
