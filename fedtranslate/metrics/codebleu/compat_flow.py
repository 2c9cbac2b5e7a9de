"""Data flow as the published evaluators extract it, faults included.

Kept apart from ``dataflow``, which is ours: this module only answers "what would they have said".
Known faults that it shares: every leaf that is not its own node type is a variable, numbers, types
and methods too; byte columns are used as character columns; whatever goes wrong inside gives no
data flow at all; nested loops cost two to the power of their depth.  One fault it does not share:
they order variables by Python's string hash, so that the score changes from process to process;
here the order is that of first appearance, which is one of the orders that they may give.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from tree_sitter import Node

from fedtranslate.metrics.codebleu.compat_rules import CompatRules

_STRINGS = frozenset({"string_literal", "string", "character_literal"})
_Place = tuple[tuple[int, int], tuple[int, int]]
_State = dict[str, list[int]]

Edge = tuple[int, str, tuple[int, ...]]
"""The number of a variable, the relation, the numbers of those it comes from."""


class _Item(NamedTuple):
    name: str
    token: int
    """Its number in the unit."""
    relation: str
    origins: tuple[str, ...] = ()
    places: tuple[int, ...] = ()


class _MissingPartError(Exception):
    """A node lacks a child that the rules count on; their code ends in an exception, too."""


def compat_flow(code: str, root: Node, rules: CompatRules) -> Counter[Edge]:
    """Return the normalised data flow of a parsed text."""
    try:
        walk = _Walk(code, root, rules)
        items, _ = walk.visit(root, {})
    except (_MissingPartError, RecursionError, IndexError, KeyError):
        return Counter()
    return _normalised(_joined(_connected(sorted(items, key=lambda item: item.token))))


class _Walk:
    """One pass over one tree; ``visit`` goes from node to items and to the state behind it."""

    def __init__(self, code: str, root: Node, rules: CompatRules) -> None:
        self.rules = rules
        lines = code.split("\n")
        self.tokens: dict[_Place, tuple[int, str]] = {}
        for index, leaf in enumerate(_leaves(root)):
            self.tokens[_place(leaf)] = index, _cut(lines, leaf)

    def visit(self, node: Node | None, state: _State) -> tuple[list[_Item], _State]:
        if node is None:
            raise _MissingPartError
        rules, kind = self.rules, node.type
        if _is_leaf(node):
            return self._leaf(node, state)
        if kind in rules.declarations:
            return self._declaration(node, state)
        if kind in rules.assignments:
            return self._assignment(node, state)
        if kind in rules.updates:
            return self._update(node, state)
        if kind in rules.branches:
            return self._branch(node, state)
        if kind in rules.counted_loops:
            return self._counted_loop(node, state)
        if kind in rules.each_loops:
            return self._each_loop(node, state)
        if kind in rules.while_loops:
            items, state = self._all([*node.children, *node.children], state)
            return _combined(items), state
        early = [child for child in node.children if child.type in rules.first]
        late = [child for child in node.children if child.type not in rules.first]
        return self._all([*early, *late], state)

    def _all(self, nodes: Sequence[Node | None], state: _State) -> tuple[list[_Item], _State]:
        found: list[_Item] = []
        for node in nodes:
            items, state = self.visit(node, state)
            found += items
        return found, state

    def _leaf(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        index, code = self.tokens[_place(node)]
        if node.type == code:
            return [], state
        if code in state:
            return [_Item(code, index, "comesFrom", (code,), tuple(state[code]))], state
        if node.type == "identifier":
            state = {**state, code: [index]}
        return [_Item(code, index, "comesFrom")], state

    def _variables(self, node: Node | None) -> list[tuple[int, str]]:
        """Return index and text of the leaves that are not their own node type."""
        if node is None:
            raise _MissingPartError
        leaves = ((leaf, self.tokens[_place(leaf)]) for leaf in _leaves(node))
        return [token for leaf, token in leaves if leaf.type != token[1]]

    def _declaration(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        if self.rules.value_is_second_child:
            name: Node | None = node.children[0]
            value = node.children[1] if len(node.children) == 2 else None
        else:
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if value is not None:
            return self._pairs(name, value, state, "comesFrom")
        targets = self._variables(name)
        known = {code: [index] for index, code in targets}
        return [_Item(code, index, "comesFrom") for index, code in targets], {**state, **known}

    def _pairs(
        self, target: Node | None, value: Node | None, state: _State, relation: str
    ) -> tuple[list[_Item], _State]:
        """Let every variable of the target come from every variable of the value, one by one."""
        items, state = self.visit(value, state)
        sources = self._variables(value)
        state = dict(state)
        for index, code in self._variables(target):
            items += [_Item(code, index, relation, (name,), (place,)) for place, name in sources]
            state[code] = [index]
        return items, state

    def _assignment(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if not self.rules.parallel:
            return self._pairs(left, right, state, "computedFrom")
        if node.type in self.rules.first:
            return self._parallel([left], [node.children[-1]], state)
        if right is None:
            return [], state
        return self._parallel(*_aligned(left, right), state)

    def _parallel(
        self, targets: Sequence[Node | None], values: Sequence[Node], state: _State
    ) -> tuple[list[_Item], _State]:
        items, state = self._all(values, state)
        state = dict(state)
        for target, value in zip(targets, values, strict=False):
            sources = self._variables(value)
            names, places = tuple(s[1] for s in sources), tuple(s[0] for s in sources)
            for index, code in self._variables(target):
                items.append(_Item(code, index, "computedFrom", names, places))
                state[code] = [index]
        return items, state

    def _update(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        tokens = self._variables(node)
        items = [
            _Item(code, index, "computedFrom", (name,), (place,))
            for index, code in tokens
            for place, name in tokens
        ]
        return items, {**state, **{code: [index] for index, code in tokens}}

    def _branch(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        rules, found = self.rules, list[_Item]()
        current, others, apart = state, list[_State](), False
        has_else = "else" in node.type
        for child in node.children:
            has_else |= "else" in child.type
            apart = child.type in rules.otherwise or (apart and rules.sticky)
            items, after = self.visit(child, state if apart else current)
            found += items
            if apart:
                others.append(after)
            else:
                current = after
        return found, _united([*others, current, *([] if has_else else [state])])

    def _counted_loop(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        kinds = [child.type for child in node.children]
        again = node.children
        if "local_variable_declaration" in kinds:
            again = node.children[kinds.index("local_variable_declaration") + 1 :]
        else:
            again = []
        items, state = self._all([*node.children, *again], state)
        return _combined(items), state

    def _each_loop(self, node: Node, state: _State) -> tuple[list[_Item], _State]:
        found: list[_Item] = []
        for _ in range(2):
            if self.rules.parallel:
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                items, state = self._parallel(*_aligned(left, right), state)
                bodies = [child for child in node.children[-1:] if child.type == "block"]
                more, state = self._all(bodies, state)
            else:
                name, value, body = map(node.child_by_field_name, self.rules.each_fields)
                items, state = self._pairs(name, value, state, "computedFrom")
                more, state = self.visit(body, state)
            found += items + more
        return _combined(found), state


def _aligned(left: Node | None, right: Node | None) -> tuple[list[Node], list[Node]]:
    """Pair the elements of both sides when there are equally many, else the sides as a whole."""
    if left is None or right is None:
        raise _MissingPartError
    lefts = [child for child in left.children if child.type != ","]
    rights = [child for child in right.children if child.type != ","]
    if len(lefts) != len(rights):
        return [left], [right]
    return lefts or [left], rights or [right]


def _united(states: Sequence[_State]) -> _State:
    united: dict[str, set[int]] = {}
    for state in states:
        for name, places in state.items():
            united.setdefault(name, set()).update(places)
    return {name: sorted(places) for name, places in united.items()}


def _combined(items: Sequence[_Item]) -> list[_Item]:
    """Join items of the same token and relation, in the order of the tokens."""
    found: dict[tuple[str, int, str], _Item] = {}
    for item in items:
        key = item.name, item.token, item.relation
        found[key] = _with(found[key], item) if key in found else item
    return sorted(found.values(), key=lambda item: item.token)


def _connected(items: Sequence[_Item]) -> list[_Item]:
    """Keep the tokens that come from others, or from which others come."""
    kept = {item.token for item in items if item.places}
    kept.update(place for item in items for place in item.places)
    return [item for item in items if item.token in kept]


def _joined(items: Sequence[_Item]) -> list[_Item]:
    """Make one item of all those of a token; the first one's relation stays."""
    found: dict[int, _Item] = {}
    for item in items:
        found[item.token] = _with(found[item.token], item) if item.token in found else item
    return list(found.values())


def _with(item: _Item, more: _Item) -> _Item:
    return item._replace(
        origins=tuple(dict.fromkeys(item.origins + more.origins)),
        places=tuple(sorted({*item.places, *more.places})),
    )


def _normalised(items: Sequence[_Item]) -> Counter[Edge]:
    """Replace names by numbers in the order of first appearance, origins before targets."""
    numbers: dict[str, int] = {}
    found: Counter[Edge] = Counter()
    for item in items:
        for name in (*item.origins, item.name):
            numbers.setdefault(name, len(numbers))
        origins = tuple(numbers[name] for name in item.origins)
        found[numbers[item.name], item.relation, origins] += 1
    return found


def _is_leaf(node: Node) -> bool:
    return (not node.children or node.type in _STRINGS) and node.type != "comment"


def _leaves(root: Node) -> list[Node]:
    found, todo = [], [root]
    while todo:
        node = todo.pop()
        if _is_leaf(node):
            found.append(node)
        else:
            todo.extend(reversed(node.children))
    return found


def _place(node: Node) -> _Place:
    start, end = node.start_point, node.end_point
    return (start.row, start.column), (end.row, end.column)


def _cut(lines: Sequence[str], node: Node) -> str:
    """Cut out a token, taking byte columns for character columns as the evaluators do."""
    (first, start), (last, end) = _place(node)
    if first == last:
        return lines[first][start:end]
    return lines[first][start:] + "".join(lines[first + 1 : last]) + lines[last][:end]
