"""Which APIs the code of pairs uses: the names that it calls, and the types it speaks of."""

from collections.abc import Iterable

from fedtranslate.languages.references import references_of
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair


def api_names(pairs: Iterable[CodePair]) -> frozenset[str]:
    """Return the names that both sides of ``pairs`` use, each after its language.

    Languages whose packs do not say what a unit refers to have none.
    """
    found: set[str] = set()
    for pair in pairs:
        for language, text in (
            (pair.source_language, pair.source),
            (pair.target_language, pair.target),
        ):
            pack = load_pack(language)
            used = references_of(text, pack)
            found.update(f"{pack.name} {name}" for name in (*used.calls, *used.types))
    return frozenset(found)
