"""A syntax tree as columns: every node a number, in the order in which the nodes begin.

Asking tree-sitter for a node costs ten times as much as asking a list.  The metrics look at each
node several times, so they copy a tree once and then work on lists.
"""

from dataclasses import dataclass, field
from functools import cache

from tree_sitter import Language, Node, Tree

ERROR_KIND = 0xFFFF
"""What tree-sitter calls the kind of a node that it could not read."""


@dataclass(slots=True)
class FlatTree:
    """The nodes of one tree; node 0 is the root."""

    kinds: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """In bytes of what was parsed, as ``ends``."""
    ends: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)
    """Number of the field that the node is of its parent; 0 where it is none."""
    parents: list[int] = field(default_factory=list)
    """-1 for the root."""
    after: list[int] = field(default_factory=list)
    """The first node that is no longer below this one."""
    faulty: dict[int, Node] = field(default_factory=dict)
    """The nodes in which the parser had to skip or to invent something."""

    def children(self, node: int) -> list[int]:
        """Return the children of a node, in order."""
        found = []
        after = self.after
        child, stop = node + 1, after[node]
        while child < stop:
            found.append(child)
            child = after[child]
        return found

    def depth(self) -> int:
        """Return how many nodes there are on the longest way from the root to a leaf."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(depths[parent] + 1 if parent >= 0 else 1)
        return max(depths)


def flatten(tree: Tree) -> FlatTree:
    """Copy a tree into columns."""
    kinds, starts, ends = list[int](), list[int](), list[int]()
    fields, parents, after = list[int](), list[int](), list[int]()
    flat = FlatTree(kinds, starts, ends, fields, parents, after)
    faulty = tree.root_node.has_error
    cursor = tree.walk()
    descend, advance, ascend = (
        cursor.goto_first_child,
        cursor.goto_next_sibling,
        cursor.goto_parent,
    )
    number, parent = 0, -1
    while True:
        node = cursor.node
        assert node is not None  # a cursor always stands on a node  # noqa: S101
        kinds.append(node.kind_id)
        starts.append(node.start_byte)
        ends.append(node.end_byte)
        fields.append(cursor.field_id or 0)
        parents.append(parent)
        if faulty and node.has_error:
            flat.faulty[number] = node
        if descend():
            after.append(0)
            parent = number
            number += 1
            continue
        number += 1
        after.append(number)
        while not advance():
            if not ascend():
                return flat
            after[parent] = number
            parent = parents[parent]


@cache
def kind_names(grammar: Language) -> dict[int, str]:
    """Return the name of every kind of node, by its number."""
    names = {number: grammar.node_kind_for_id(number) for number in range(grammar.node_kind_count)}
    return {ERROR_KIND: "ERROR"} | {number: name for number, name in names.items() if name}


@cache
def named_kinds(grammar: Language) -> frozenset[int]:
    """Return the kinds of nodes that a grammar gives a name to; the others are written marks."""
    count = grammar.node_kind_count
    named = {number for number in range(count) if grammar.node_kind_is_named(number)}
    return frozenset(named | {ERROR_KIND})
