"""Count the subtrees of a unit, so that two units can be compared by their shape.

Every node with children is a subtree.  Two are equal when their types, their children and their
written leaves are, except that names are not compared: ``a + b`` is ``x + y``, but neither
``a - b`` nor ``a + 1``.  Only the unit itself counts, never the class put around it to parse it.
"""

from collections import Counter
from functools import cache

from tree_sitter import Language, Node

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import SyntaxTree, syntax_tree
from fedtranslate.metrics.codebleu.flat import Numbering, flatten, kind_names, named_kinds


def subtrees(parsed: SyntaxTree, numbering: Numbering) -> Counter[int]:
    """Return how often each subtree occurs in a unit.

    Args:
        parsed: The unit.
        numbering: Of ``shape_numbering``; units can be compared when they share one.
    """
    tree = flatten(parsed.tree, numbering)
    first, last = parsed.offset, parsed.offset + parsed.size
    starts, ends, shapes = tree.starts, tree.ends, tree.shapes
    if first:
        found = [
            shape for node, shape in shapes.items() if first <= starts[node] and ends[node] <= last
        ]
    else:
        found = list(shapes.values())
    return Counter(found)


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
