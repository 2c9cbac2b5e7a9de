"""What needs no learning: the floors under every result.

*Copy* hands the source back.  *Nearest* finds the training pair whose source is most alike and
puts the new names into its translation.  A model that is not clearly above them has learned
nothing worth a federation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from fedtranslate.languages.lexer import code_tokens, rename
from fedtranslate.languages.pack import LanguagePack, load_pack
from fedtranslate.records import CodePair, Translation


def copy_floor(pairs: Sequence[CodePair]) -> list[Translation]:
    """Return the source of every pair as its translation."""
    return [_translation(pair, pair.source) for pair in pairs]


@dataclass(frozen=True, slots=True)
class _Known:
    pair: CodePair
    tokens: tuple[str, ...]
    bag: Counter[str]


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
    known = []
    for pair in training:
        tokens = code_tokens(pair.source, source)
        known.append(_Known(pair, tokens, Counter(tokens)))
    return [_nearest(pair, known, source, target) for pair in pairs]


def _nearest(
    pair: CodePair, known: Sequence[_Known], source: LanguagePack, target: LanguagePack
) -> Translation:
    tokens = code_tokens(pair.source, source)
    bag = Counter(tokens)
    best = max(known, key=lambda other: _likeness(bag, other.bag))
    names = _substitutions(best.tokens, tokens)
    return _translation(pair, rename(best.pair.target, target, names))


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    """Return the Jaccard index of two bags of tokens, in [0, 1]."""
    shared = sum((a & b).values())
    return shared / max(1, sum(a.values()) + sum(b.values()) - shared)


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
