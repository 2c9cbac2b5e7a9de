"""Names that one piece of code has where another, much like it, has others."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from fedtranslate.languages.lexer import code_tokens, rename
from fedtranslate.languages.registry import load_pack
from fedtranslate.records import CodePair


def memory_candidate(text: str, pair: CodePair) -> str:
    """Return the translation in ``pair`` with the names of ``text`` put in.

    Args:
        text: In the source language of ``pair``, and much like its source.
        pair: A translation that is known.
    """
    source, target = load_pack(pair.source_language), load_pack(pair.target_language)
    names = substitutions(code_tokens(pair.source, source), code_tokens(text, source))
    return rename(pair.target, target, names)


def substitutions(old: Sequence[str], new: Sequence[str]) -> dict[str, str]:
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
