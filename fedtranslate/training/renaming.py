"""Make more of few pairs: copies in which names are replaced at random, alike on both sides.

A model that sees a hundred pairs for many epochs learns their names by heart and forgets how to
copy names it has never seen.  A renamed copy shows the same rules with other names; whether it
helps is to be measured for each federation.  Only names that both sides share are touched, as
they are or with the first letter in the other case, so that no rule is broken; new names are put
together from words of the same site's names.
"""

import random
import re
from collections.abc import Sequence

from fedtranslate.languages.lexer import identifiers, rename
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair

_WORDS = re.compile(r"[A-Z]?[a-z]{2,}")
_SHORTEST = 3
"""Shorter names are loop variables and type parameters; they are copied well enough."""
_SHARE = 0.5
"""Of the shared names of a pair, how many are replaced."""


class Renamer:
    """Renames pairs of one site.

    Args:
        pairs: Of the site; the words of their names make the new ones.
        seed: Decides everything random.
    """

    def __init__(self, pairs: Sequence[CodePair], seed: int) -> None:
        words: dict[str, None] = {}
        for pair in pairs:
            for name in identifiers(pair.source, load_pack(pair.source_language)):
                words |= dict.fromkeys(word.lower() for word in _WORDS.findall(name))
        self._words = tuple(words) or ("name", "other", "value")
        self._random = random.Random(seed)  # noqa: S311 - names, no secrets

    def copies(self, pair: CodePair, count: int) -> list[CodePair]:
        """Return up to ``count`` renamed copies of ``pair``; none if it has no shared names."""
        source, target = load_pack(pair.source_language), load_pack(pair.target_language)
        shared = _shared_names(pair, source, target)
        found = (self._copy(pair, source, target, shared) for _ in range(count if shared else 0))
        return [copy for copy in found if copy.source != pair.source]

    def _copy(
        self, pair: CodePair, source: LanguagePack, target: LanguagePack, shared: Sequence[str]
    ) -> CodePair:
        taken = {*shared, *source.keywords, *target.keywords}
        swaps: dict[str, str] = {}
        for name in shared:
            if self._random.random() < _SHARE:
                new = self._name(like=name)
                if new not in taken and _other_case(new) not in taken:
                    taken |= {new, _other_case(new)}
                    swaps |= {name: new, _other_case(name): _other_case(new)}
        return CodePair(
            source=rename(pair.source, source, swaps),
            target=rename(pair.target, target, swaps),
            source_language=pair.source_language,
            target_language=pair.target_language,
            id=pair.id,
            group=pair.group,
            confidence=pair.confidence,
        )

    def _name(self, *, like: str) -> str:
        words = self._random.choices(self._words, k=self._random.choice((1, 2, 2, 3)))
        name = "".join(word.capitalize() for word in words)
        return name if like[0].isupper() else _other_case(name)


def _shared_names(pair: CodePair, source: LanguagePack, target: LanguagePack) -> list[str]:
    """Return the names of the source that the target has too, in either case of the first letter.

    A name whose other case is a name of its own on either side is left out: both would be
    renamed alike, and a type and its variable are often called so.
    """
    here = dict.fromkeys(identifiers(pair.source, source))
    there = dict.fromkeys(identifiers(pair.target, target))
    names = []
    for name in here:
        other = _other_case(name)
        long_enough = len(name) >= _SHORTEST and name[0].isalpha()
        if long_enough and other not in here and ((name in there) != (other in there)):
            names.append(name)
    return names


def _other_case(name: str) -> str:
    return name[:1].swapcase() + name[1:]
