"""A syntax tree as columns: every node a number, in the order in which the nodes begin.

Asking tree-sitter for a node costs ten times as much as asking a list.  The metrics look at each
node several times, so they copy a tree once, and then work on lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from tree_sitter import Language, Node, Tree

ERROR_KIND = 0xFFFF
"""What tree-sitter calls the kind of a node that it could not read."""

_Key: TypeAlias = tuple[int | bytes | str, ...]


@dataclass(frozen=True, slots=True)
class Numbering:
    """Gives numbers to subtrees: equal ones have equal numbers, in all trees that it has seen."""

    kinds: Mapping[int, int]
    """For each kind of node the kind that it counts as; what is not there does not count."""
    written: frozenset[int]
    """Kinds of leaves that count by what is written there, too."""
    with_fields: bool
    """Whether it matters which fields children are in."""
    hand_on: bool
    """Whether what does not count itself hands on what is in it."""
    known: dict[_Key, int] = field(default_factory=dict)
    leaves: dict[int, int] = field(default_factory=dict)
    """The numbers of leaves that count by their kind alone, and -1 for those that do not count."""

    def leaf(self, kind: int, text: bytes | None) -> int:
        """Return the number of a leaf, or -1 when it does not count."""
        same = self.kinds.get(kind, -1)
        if same >= 0 and kind in self.written:
            return self.number((same, text or b""))
        found = self.leaves[kind] = self.number((same,)) if same >= 0 else -1
        return found

    def number(self, key: _Key) -> int:
        """Return the number of what ``key`` describes."""
        return self.known.setdefault(key, len(self.known))


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
    leaves: list[int] = field(default_factory=list)
    """The nodes without children, in order."""
    shapes: dict[int, int] = field(default_factory=dict)
    """The number of the subtree at each node that has children and counts, or hands them on."""
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

    def tokens(self, closed: frozenset[int]) -> list[int]:
        """Return the leaves in order; nodes of the kinds in ``closed`` are leaves, too."""
        kinds, after = self.kinds, self.after
        if closed.isdisjoint(kinds):
            return self.leaves
        found, stop = [], 0
        inner = {
            node for node, kind in enumerate(kinds) if kind in closed and after[node] > node + 1
        }
        if not inner:
            return self.leaves
        for node in sorted(inner.union(self.leaves)):
            if node >= stop:
                found.append(node)
                stop = after[node] if node in inner else stop
        return found

    def depth(self) -> int:
        """Return how many nodes there are on the longest way from the root to a leaf."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(depths[parent] + 1 if parent >= 0 else 1)
        return max(depths)


def flatten(tree: Tree, numbering: Numbering) -> FlatTree:
    """Copy a tree into columns, and number its subtrees on the way."""
    flat = FlatTree()
    kinds, starts, ends, fields = flat.kinds, flat.starts, flat.ends, flat.fields
    parents, after, leaves = flat.parents, flat.after, flat.leaves
    counts_as, known_leaf = numbering.kinds.get, numbering.leaves.get
    with_fields = numbering.with_fields
    known, shapes = numbering.known, flat.shapes
    broken = tree.root_node.has_error
    cursor = tree.walk()
    descend, advance = cursor.goto_first_child, cursor.goto_next_sibling
    number, parent, marks, above = 0, -1, list[int](), list[list[int]]()
    while True:
        node = cursor.node
        kind = node.kind_id  # type: ignore[union-attr]  # a cursor always stands on a node
        kinds.append(kind)
        starts.append(node.start_byte)  # type: ignore[union-attr]
        ends.append(node.end_byte)  # type: ignore[union-attr]
        field_id = cursor.field_id or 0
        fields.append(field_id)
        parents.append(parent)
        if broken and node.has_error:  # type: ignore[union-attr]
            flat.faulty[number] = node  # type: ignore[assignment]
        if descend():
            after.append(0)
            parent = number
            number += 1
            above.append(marks)
            marks = []
            continue
        leaves.append(number)
        mark = known_leaf(kind)
        if mark is None:
            mark = numbering.leaf(kind, node.text)  # type: ignore[union-attr]
        if mark >= 0:
            marks.append(mark << 16 | field_id if with_fields else mark)
        number += 1
        after.append(number)
        while not advance():
            if parent < 0:
                return flat
            cursor.goto_parent()
            after[parent] = number
            inner, marks = marks, above.pop()
            same = counts_as(kinds[parent])
            if same is not None:
                mark = known.setdefault((same, *inner), len(known))
                shapes[parent] = mark
                marks.append(mark << 16 | fields[parent] if with_fields else mark)
            elif numbering.hand_on:
                shapes[parent] = known.setdefault(("", kinds[parent], *inner), len(known))
                marks += handed_on(inner, fields[parent])
            parent = parents[parent]


def handed_on(marks: list[int], field_id: int) -> list[int]:
    """Return the marks of children as they count one node higher; ``field_id`` is theirs there."""
    return [mark if mark & 0xFFFF else mark | field_id for mark in marks]


@cache
def kind_names(grammar: Language) -> Mapping[int, str]:
    """Return the name of every kind of node, by its number."""
    names = {number: grammar.node_kind_for_id(number) for number in range(grammar.node_kind_count)}
    return {ERROR_KIND: "ERROR"} | {number: name or "" for number, name in names.items()}


@cache
def named_kinds(grammar: Language) -> frozenset[int]:
    """Return the kinds of nodes that a grammar gives a name to; the others are written marks."""
    count = grammar.node_kind_count
    named = {number for number in range(count) if grammar.node_kind_is_named(number)}
    return frozenset(named | {ERROR_KIND})
