"""Count the subtrees of a unit, so that two units can be compared by their shape.

Every node with children is a subtree.  Two are equal when their types, their children and their
written leaves are, except that names are not compared: ``a + b`` is ``x + y``, but neither
``a - b`` nor ``a + 1``.  Only the unit itself counts, never the class put around it to parse it.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import syntax_tree


@dataclass(slots=True)
class Shapes:
    """Numbers for subtrees: equal subtrees have equal numbers, in all trees it has seen."""

    pack: LanguagePack
    known: dict[Hashable, int] = field(default_factory=dict)

    def count(self, roots: Sequence[Node]) -> Counter[int]:
        """Return how often each subtree occurs at or below ``roots``."""
        comments = self.pack.nodes.comment
        order: list[tuple[Node, int, list[int]]] = []
        todo = [(root, -1) for root in roots]
        while todo:
            node, parent = todo.pop()
            if node.type not in comments:
                todo.extend((child, len(order)) for child in node.children)
                order.append((node, parent, []))
        found: Counter[int] = Counter()
        for node, parent, children in reversed(order):
            shape = self._number(node, children)
            if children:
                found[shape] += 1
            if parent >= 0:
                order[parent][2].append(shape)
        return found

    def _number(self, node: Node, children: list[int]) -> int:
        key: Hashable = (node.type, *children) if children else self._leaf(node)
        return self.known.setdefault(key, len(self.known))

    def _leaf(self, node: Node) -> Hashable:
        nodes = self.pack.nodes
        if not node.is_named or node.type in nodes.identifier or node.type in nodes.type:
            return node.type
        return node.type, node.text


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
