"""Count the subtrees of a unit, so that two units can be compared by their shape.

Every node with children is a subtree.  Two are equal when their types, their children and their
written leaves are, except that names are not compared: ``a + b`` is ``x + y``, but neither
``a - b`` nor ``a + 1``.  Only the unit itself counts, never the class put around it to parse it.
"""

from collections import Counter
from functools import cache

from tree_sitter import Language, Node

from fedtranslate.languages.lexer import code_tokens
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import SyntaxTree, syntax_tree
from fedtranslate.metrics.codebleu.flat import FlatTree, Numbering, kind_names, named_kinds


def subtrees(tree: FlatTree, parsed: SyntaxTree) -> Counter[int]:
    """Return how often each subtree occurs in a unit.

    Args:
        tree: The unit, copied with a numbering of ``shape_numbering``; units can be compared when
            they share one.
        parsed: The same unit as it was parsed.
    """
    first, last = parsed.offset, parsed.offset + parsed.size
    if not first:
        return Counter(tree.shapes.values())
    starts, ends = tree.starts, tree.ends
    return Counter(
        [
            shape
            for node, shape in tree.shapes.items()
            if first <= starts[node] and ends[node] <= last
        ]
    )


def tokens_of(tree: FlatTree, parsed: SyntaxTree, text: str, pack: LanguagePack) -> tuple[str, ...]:
    """Return the tokens of a unit that parses, just as ``code_tokens`` does, from the copied tree.

    Where layout or the case means something, it is ``code_tokens`` that knows.
    """
    if pack.indented or pack.ignore_case or pack.grammar is None:
        return code_tokens(text, pack)
    closed, left_out = _token_kinds(pack.grammar, pack)
    offset, last, code = parsed.offset, parsed.offset + parsed.size, parsed.code
    plain = parsed.size == len(text)
    kinds, starts, ends = tree.kinds, tree.starts, tree.ends
    found = []
    for node in tree.tokens(closed):
        start, end = starts[node], ends[node]
        if kinds[node] in left_out or start < offset or end > last:
            continue
        if plain:
            written = text[start - offset : end - offset].strip()
        else:
            written = code[start:end].decode("utf-8", "replace").strip()
        if written:
            found.append(written)
    return tuple(found)


@cache
def _token_kinds(grammar: Language, pack: LanguagePack) -> tuple[frozenset[int], frozenset[int]]:
    """Return the kinds that are tokens whatever is in them, and those that are no code."""
    names, nodes = kind_names(grammar), pack.nodes
    closed, left_out = nodes.string | nodes.comment, nodes.comment | nodes.skip
    return (
        frozenset(kind for kind, name in names.items() if name in closed),
        frozenset(kind for kind, name in names.items() if name in left_out),
    )


def shape_numbering(pack: LanguagePack) -> Numbering:
    """Return an empty numbering of subtrees as this module compares them."""
    if pack.grammar is None:
        return Numbering({}, frozenset(), with_fields=False, hand_on=False)
    kinds, written = _counted(pack.grammar, pack)
    return Numbering(kinds, written, with_fields=False, hand_on=False)


@cache
def _counted(grammar: Language, pack: LanguagePack) -> tuple[dict[int, int], frozenset[int]]:
    """Return the kinds that count, and those that count by what is written there."""
    names, nodes = kind_names(grammar), pack.nodes
    first: dict[str, int] = {}
    for kind, name in names.items():
        first.setdefault(name, kind)
    unwritten = nodes.comment | nodes.identifier | nodes.type
    return (
        {kind: first[name] for kind, name in names.items() if name not in nodes.comment},
        frozenset(kind for kind in named_kinds(grammar) if names[kind] not in unwritten),
    )


def unit_nodes(text: str, pack: LanguagePack) -> list[Node]:
    """Return the topmost nodes that lie wholly inside ``text``, in order.

    There are none where the language has no grammar.
    """
    if pack.grammar is None:
        return []
    parsed = syntax_tree(text, pack)
    start, end = parsed.offset, parsed.offset + parsed.size
    found, todo = [], [parsed.tree.root_node]
    while todo:
        node = todo.pop()
        if start <= node.start_byte and node.end_byte <= end:
            found.append(node)
        elif node.end_byte > start and node.start_byte < end:
            todo.extend(reversed(node.children))
    return found
