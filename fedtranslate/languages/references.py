"""Which names a unit uses: what it calls, and the types it speaks of."""

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from fedtranslate.errors import ParseLimitError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import MAX_BYTES, matches, syntax_tree
from fedtranslate.languages.rules import Rules
from fedtranslate.languages.scanning import bare


class References(NamedTuple):
    """The names that a text uses, each once, in order; in lower case where that is the same."""

    calls: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


def references_of(text: str, pack: LanguagePack) -> References:
    """Return what a unit or a file refers to.

    Nothing, where the pack says nothing about it (queries/references.scm, or ``rules.calls`` and
    ``rules.types``), and of a text that is too large to be parsed, or on which the parser loses
    itself.
    """
    if len(text) > MAX_BYTES:
        return References()
    if pack.rules is not None:
        found = list(_by_rules(text, pack, pack.rules))
    elif "references" in pack.queries:
        try:
            found = list(_by_query(text, pack))
        except ParseLimitError:
            return References()
    else:
        return References()
    names = ((kind, name.lower() if pack.ignore_case else name) for _, kind, name in sorted(found))
    once = dict.fromkeys(names)
    return References(
        calls=tuple(name for kind, name in once if kind == "call"),
        types=tuple(name for kind, name in once if kind == "type"),
    )


_Found = tuple[int, str, str]
"""The place, ``call`` or ``type``, and the name."""


def _by_query(text: str, pack: LanguagePack) -> Iterator[_Found]:
    parsed = syntax_tree(text, pack)
    start, end = parsed.offset, parsed.offset + parsed.size
    for captures in matches(pack.queries["references"], parsed.tree.root_node):
        for kind in ("call", "type"):
            for node in captures.get(kind, ()):
                if start <= node.start_byte and node.end_byte <= end:
                    yield node.start_byte, kind, _written(node, parsed.code)


def _by_rules(text: str, pack: LanguagePack, rules: Rules) -> Iterator[_Found]:
    shown = bare(text, pack, strings=True)
    for kind, pattern in (("call", rules.calls), ("type", rules.types)):
        for found in pattern.finditer(shown) if pattern else ():
            yield found.start(), kind, found["name"]


def _written(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")
