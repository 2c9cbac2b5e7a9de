"""Data flow as the published evaluators extract it, faults included.

Kept apart from ``dataflow``, which is ours: this module only answers "what would they have said".
Known faults that it shares: every leaf that is not its own node type is a variable, numbers, types
and methods too; byte columns are used as character columns; whatever goes wrong inside gives no
data flow at all; nested loops cost two to the power of their depth, up to a limit behind which
there is no data flow either.  One fault it does not share: they order variables by Python's string
hash, so that the score changes from process to process; here the order is that of first
appearance, which is one of the orders that they may give.
"""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TypeAlias

from tree_sitter import Language

from fedtranslate.metrics.codebleu.compat_marks import Place, Roles, roles_of, variables_of
from fedtranslate.metrics.codebleu.compat_rules import CompatRules
from fedtranslate.metrics.codebleu.flat import FlatTree

_MAX_STEPS = 2_000_000
"""Nodes looked at and items made, of one text; real units need some thousands."""
_MAX_DEPTH = 990
"""Their code recurses, and Python gives up there."""

Edge: TypeAlias = tuple[int, str, tuple[int, ...]]
"""The number of a variable, the relation, the numbers of those it comes from."""

_State: TypeAlias = dict[str, list[int]]
_Item: TypeAlias = tuple[str, int, str, tuple[str, ...], tuple[int, ...]]
"""The name, its token, the relation, the names and the tokens that it comes from."""


class _NoFlowError(Exception):
    """A node lacks a child that the rules count on, or the work has no end."""


def compat_flow(code: str, tree: FlatTree, grammar: Language, rules: CompatRules) -> Counter[Edge]:
    """Return the normalised data flow of a parsed text."""
    roles = roles_of(grammar, rules)
    walk = _Walk(tree, rules, roles, variables_of(code, tree, roles))
    try:
        if len(tree.kinds) > _MAX_DEPTH and tree.depth() > _MAX_DEPTH:
            return Counter()
        walk.run(0, len(tree.kinds), {})
    except (_NoFlowError, RecursionError, IndexError):
        return Counter()
    return _normalised(_joined(_connected(sorted(walk.found, key=itemgetter(1)))))


class _Walk:
    """One pass over one tree; what it finds is in ``found``.

    Every task gets a node and the state before it, which it may change, and returns the state
    behind it: for each name, the tokens at which it may have got its value.
    """

    def __init__(
        self,
        tree: FlatTree,
        rules: CompatRules,
        roles: Roles,
        variables: Sequence[Place | None],
    ) -> None:
        self.tree, self.rules, self.roles, self.variables = tree, rules, roles, variables
        self.found: list[_Item] = []
        self.steps = 0
        kinds, parents = tree.kinds, tree.parents
        self.reordered = (
            {parents[node] for node, kind in enumerate(kinds) if kind in roles.early}
            if roles.early
            else frozenset()
        )

    def run(self, node: int, stop: int, state: _State) -> _State:
        """Go through the nodes from ``node`` to ``stop``, whole subtrees."""
        variables, after, kinds = self.variables, self.tree.after, self.tree.kinds
        tasks, found, identifiers = self.roles.tasks, self.found, self.roles.identifiers
        self._charge(stop - node)
        while node < stop:
            place = variables[node]
            if place is not None:
                token, code = place
                known = state.get(code)
                if known is not None:
                    found.append((code, token, "comesFrom", (code,), tuple(known)))
                else:
                    if kinds[node] in identifiers:
                        state[code] = [token]
                    found.append((code, token, "comesFrom", (), ()))
                node = after[node]
            elif after[node] == node + 1:
                node += 1
            elif kinds[node] in tasks:
                state = getattr(self, tasks[kinds[node]])(node, state)
                node = after[node]
            elif node in self.reordered:
                state = self.reorder(node, state)
                node = after[node]
            else:
                node += 1
        return state

    def reorder(self, node: int, state: _State) -> _State:
        """Do the children first that run before their siblings."""
        early, kinds, after = self.roles.early, self.tree.kinds, self.tree.after
        children = self.tree.children(node)
        for child in sorted(children, key=lambda child: kinds[child] not in early):
            state = self.run(child, after[child], state)
        return state

    def declaration(self, node: int, state: _State) -> _State:
        name, value = self._declared(node)
        if value is not None:
            return self._pairs(name, value, state, "comesFrom")
        for token, code in self._named(name):
            self.found.append((code, token, "comesFrom", (), ()))
            state[code] = [token]
        return state

    def _declared(self, node: int) -> tuple[int | None, int | None]:
        if not self.rules.positions:
            return self._field(node, "name"), self._field(node, self.rules.value_field)
        children, (name, value) = self.tree.children(node), self.rules.positions
        least, most = self.rules.value_if_children
        return children[name], children[value] if least <= len(children) <= most else None

    def assignment(self, node: int, state: _State) -> _State:
        left, right = self._field(node, "left"), self._field(node, "right")
        if not self.rules.parallel:
            return self._pairs(left, right, state, "computedFrom")
        kind, children = self.tree.kinds[node], self.tree.children(node)
        if kind in self.roles.early:
            return self._parallel([left], [children[-1]], state)
        if right is None and self.rules.value_may_lack:
            return state
        targets, values = self._aligned(left, right)
        if kind in self.roles.paired:
            targets, values = [children[0]], [children[-1]]
        return self._parallel(targets, values, state)

    def update(self, node: int, state: _State) -> _State:
        tokens = self._named(node)
        self._charge(len(tokens) ** 2)
        for token, code in tokens:
            for place, name in tokens:
                self.found.append((code, token, "computedFrom", (name,), (place,)))
            state[code] = [token]
        return state

    def branch(self, node: int, state: _State) -> _State:
        roles, kinds, after = self.roles, self.tree.kinds, self.tree.after
        has_else, apart = kinds[node] in roles.elses, False
        current, others = dict(state), list[_State]()
        for child in self.tree.children(node):
            kind = kinds[child]
            has_else |= kind in roles.elses
            apart = kind in roles.otherwise or (apart and self.rules.sticky)
            if apart:
                others.append(self.run(child, after[child], dict(state)))
            else:
                current = self.run(child, after[child], current)
        passed = [] if has_else and not self.rules.may_skip else [state]
        return _united([*others, current, *passed])

    def while_loop(self, node: int, state: _State) -> _State:
        mark, stop = len(self.found), self.tree.after[node]
        for _ in range(2):
            state = self.run(node + 1, stop, state)
        return self._close(mark, state)

    def counted_loop(self, node: int, state: _State) -> _State:
        mark, after, kinds = len(self.found), self.tree.after, self.tree.kinds
        state = self.run(node + 1, after[node], state)
        starts = (c for c in self.tree.children(node) if kinds[c] in self.roles.counted_after)
        if (start := next(starts, None)) is not None:
            again = self._field(start, self.rules.again_field) if self.rules.again_field else None
            if again is not None:
                state = self.run(again, after[again], state)
            state = self.run(after[start], after[node], state)
        return self._close(mark, state)

    def each_loop(self, node: int, state: _State) -> _State:
        mark, after = len(self.found), self.tree.after
        name, value, body = self._looped(node)
        for _ in range(2):
            if not self.rules.parallel:
                state = self._pairs(name, value, state, "computedFrom")
            elif self.rules.each_body_is_block:
                state = self._parallel(*self._aligned(name, value), state)
            else:
                state = self._parallel([name], [value], state)
            if body is not None:
                state = self.run(body, after[body], state)
            elif not self.rules.each_body_is_block:
                raise _NoFlowError
        return self._close(mark, state)

    def _looped(self, node: int) -> tuple[int | None, int | None, int | None]:
        """Return the variable, the collection and the body of a loop over a collection."""
        name, value, body = (self._field(node, field) for field in self.rules.each_fields)
        children, kinds = self.tree.children(node), self.tree.kinds
        if self.rules.each_body_is_block:
            body = children[-1] if kinds[children[-1]] in self.roles.blocks else None
        if self.rules.each_by_order:
            names = [child for child in children if kinds[child] in self.roles.variable_names]
            value, name, *_ = [*names, None, None]
        return name, value, body

    def _field(self, node: int, name: str) -> int | None:
        number, fields = self.roles.fields.get(name), self.tree.fields
        if number is None:
            return None
        return next((c for c in self.tree.children(node) if fields[c] == number), None)

    def _named(self, node: int | None) -> list[Place]:
        """Return the variables below a node."""
        if node is None:
            raise _NoFlowError
        return [place for place in self.variables[node : self.tree.after[node]] if place]

    def _pairs(self, target: int | None, value: int | None, state: _State, relation: str) -> _State:
        """Let every variable of the target come from every variable of the value, one by one."""
        sources = self._named(value)
        assert value is not None  # _named refuses it  # noqa: S101
        state = self.run(value, self.tree.after[value], state)
        targets = self._named(target)
        self._charge(len(targets) * len(sources))
        for token, code in targets:
            for place, name in sources:
                self.found.append((code, token, relation, (name,), (place,)))
            state[code] = [token]
        return state

    def _parallel(
        self, targets: Sequence[int | None], values: Sequence[int | None], state: _State
    ) -> _State:
        """Let every variable of a target come from all variables of its value."""
        for value in values:
            if value is None:
                raise _NoFlowError
            state = self.run(value, self.tree.after[value], state)
        for target, value in zip(targets, values, strict=False):
            sources, named = self._named(value), self._named(target)
            self._charge(len(sources) * len(named))
            names, places = tuple(s[1] for s in sources), tuple(s[0] for s in sources)
            for token, code in named:
                self.found.append((code, token, "computedFrom", names, places))
                state[code] = [token]
        return state

    def _aligned(
        self, left: int | None, right: int | None
    ) -> tuple[Sequence[int | None], Sequence[int | None]]:
        """Pair the elements of both sides when there are equally many, else the sides."""
        if left is None or right is None:
            raise _NoFlowError
        kinds, commas = self.tree.kinds, self.roles.commas
        lefts, rights = (
            [child for child in self.tree.children(side) if kinds[child] not in commas]
            for side in (left, right)
        )
        if len(lefts) != len(rights):
            return [left], [right]
        if lefts and not self.roles.strings.isdisjoint((kinds[left], kinds[right])):
            raise _NoFlowError  # they know no tokens inside a string
        return lefts or [left], rights or [right]

    def _close(self, mark: int, state: _State) -> _State:
        """Join what a loop has found since ``mark``, by token and relation."""
        joined: dict[tuple[str, int, str], _Item] = {}
        for item in self.found[mark:]:
            key = item[:3]
            joined[key] = _with(joined[key], item) if key in joined else item
        self.found[mark:] = sorted(joined.values(), key=itemgetter(1))
        return state

    def _charge(self, steps: int) -> None:
        self.steps += steps
        if self.steps > _MAX_STEPS:
            raise _NoFlowError


def _united(states: Sequence[_State]) -> _State:
    united: _State = {}
    for state in states:
        for name, places in state.items():
            known = united.get(name)
            if known is None:
                united[name] = places
            elif known != places:
                united[name] = sorted({*known, *places})
    return united


def _connected(items: Sequence[_Item]) -> list[_Item]:
    """Keep the tokens that come from others, or from which others come."""
    kept = {item[1] for item in items if item[4]}
    for item in items:
        kept.update(item[4])
    return [item for item in items if item[1] in kept]


def _joined(items: Sequence[_Item]) -> list[_Item]:
    """Make one item of all those of a token; the first one's name and relation stay."""
    found: dict[int, _Item] = {}
    for item in items:
        token = item[1]
        found[token] = _with(found[token], item) if token in found else item
    return list(found.values())


def _with(item: _Item, more: _Item) -> _Item:
    name, token, relation, origins, places = item
    if more[3] != origins:
        origins = tuple(dict.fromkeys(origins + more[3]))
    if more[4] != places:
        places = tuple(sorted({*places, *more[4]}))
    return name, token, relation, origins, places


def _normalised(items: Sequence[_Item]) -> Counter[Edge]:
    """Replace names by numbers in the order of first appearance, origins before targets."""
    numbers: dict[str, int] = {}
    found: list[Edge] = []
    for name, _, relation, origins, _ in items:
        for each in origins:
            if each not in numbers:
                numbers[each] = len(numbers)
        target = numbers.setdefault(name, len(numbers))
        found.append((target, relation, tuple([numbers[origin] for origin in origins])))
    return Counter(found)
