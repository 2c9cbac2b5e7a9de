"""Turn a syntax tree into the list of what happens to its variables, in order of execution.

The list is flat, so neither this module nor the one that reads it recurses: code that a model
nested ten thousand deep costs time, not the process.
"""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from tree_sitter import Node

from fedtranslate.metrics.codebleu.flow_rules import FlowRules, Names


class Kind(Enum):
    """What an event says."""

    USE = "the variable is read"
    COLLECT = "reads from here on belong to the next SET"
    SET = "the variable gets a new value, computed from what was read since COLLECT"
    MIX = "like SET, but part of the old value stays: an element or a member was set"
    RELEASE = "the last COLLECT is done"
    FORK = "one of several ways is taken; the first begins"
    WAY = "the next way begins"
    JOIN = "all ways have ended"
    LOOP = "what follows may run any number of times"
    END = "the loop has ended"


class Event(NamedTuple):
    """One thing that happens."""

    kind: Kind
    name: str = ""
    """The variable, of USE, SET and MIX."""


class _Child(NamedTuple):
    field: str
    node: Node


_Step = Event | Node
"""What is still to be done: emit an event, or look into a node."""

_RELEASE = Event(Kind.RELEASE)


def events_in(roots: Sequence[Node], rules: FlowRules) -> Iterator[Event]:
    """Yield what happens in the trees below ``roots``."""
    todo: list[_Step] = list(reversed(roots))
    while todo:
        step = todo.pop()
        if isinstance(step, Event):
            yield step
        else:
            todo.extend(reversed(_steps(step, rules)))


def _steps(node: Node, rules: FlowRules) -> list[_Step]:
    """Return what to do, in order, in place of ``node``."""
    kind = node.type
    if kind in rules.ignore:
        return []
    if name := _variable(node, rules):
        return [Event(Kind.USE, name)]
    if kind in rules.updates and any(child.type in ("++", "--") for child in node.children):
        return _setting(node.named_children[:1], [], rules, compound=True)
    if not node.named_child_count and kind not in rules.defines and kind not in rules.loops:
        return []
    children = _children(node, rules)
    if kind in rules.defines:
        target, rest = _cut(children, rules.defines[kind], rules)
        return _setting(target, _bare(rest, rules), rules, compound=_is_compound(node, rules))
    if kind in rules.branches:
        return _branching(children, node, rules)
    if kind in rules.loops:
        return _looping(children, node, rules)
    if kind in rules.members:
        children = [child for child in children if child.field == rules.members[kind][0]]
    if kind in rules.callees:
        children = [
            child
            for child in children
            if child.field != rules.callees[kind] or child.node.type not in rules.variables
        ]
    if kind in rules.parameters:
        return [
            step
            for child in children
            for step in (
                _setting([child.node], [], rules)
                if child.node.type in rules.variables | rules.patterns
                else [child.node]
            )
        ]
    if not rules.first:
        return list(_bare(children, rules))
    early = [child for child in children if child.node.type in rules.first]
    late = [child for child in children if child.node.type not in rules.first]
    return [*_bare(early, rules), *_bare(late, rules)]


def _setting(
    targets: Sequence[Node], values: Sequence[Node], rules: FlowRules, *, compound: bool = False
) -> list[_Step]:
    """Read the values, then write to the targets."""
    names: list[Event] = []
    indexes: list[Node] = []
    for target in targets:
        _aim(target, rules, names, indexes)
    read = [Event(Kind.USE, event.name) for event in names] if compound else []
    return [Event(Kind.COLLECT), *read, *values, *indexes, *names, _RELEASE]


def _aim(target: Node, rules: FlowRules, names: list[Event], inner: list[Node]) -> None:
    """Find the variables that ``target`` writes to, and the code that it reads to find them."""
    todo = [(target, Kind.SET)]
    while todo:
        node, kind = todo.pop()
        if name := _variable(node, rules):
            names.append(Event(kind, name))
        elif node.type in rules.patterns:
            named = _children(node, rules)
            todo.extend((child.node, kind) for child in reversed(named) if child.field != "type")
        elif node.type in rules.members or node.type in rules.elements:
            fields = rules.members.get(node.type) or (rules.elements[node.type],)
            owners, rest = _cut(_children(node, rules), fields[0], rules)
            todo.extend((owner, Kind.MIX) for owner in owners)
            inner += _bare([child for child in rest if child.field not in fields[1:]], rules)
        else:
            inner.append(node)


def _branching(children: Sequence[_Child], node: Node, rules: FlowRules) -> list[_Step]:
    """Run what comes before the ways, then the ways side by side, then what comes behind."""
    branch = rules.branches[node.type]
    if branch.before:
        children = sorted(children, key=lambda child: child.field not in branch.before)
    is_way = [bool({child.field, child.node.type} & set(branch.ways)) for child in children]
    if not any(is_way):
        return list(_bare(children, rules))
    start = is_way.index(True)
    stop = len(is_way) - is_way[::-1].index(True)
    steps: list[_Step] = [*_bare(children[:start], rules), Event(Kind.FORK)]
    settled = False
    for child in children[start:stop]:
        steps += [child.node, Event(Kind.WAY)]
        settled |= bool(branch.otherwise) and branch.otherwise in (child.field, child.node.type)
    if settled:  # the last WAY would be the one on which nothing happens
        steps.pop()
    return [*steps, Event(Kind.JOIN), *_bare(children[stop:], rules)]


def _looping(children: Sequence[_Child], node: Node, rules: FlowRules) -> list[_Step]:
    loop = rules.loops[node.type]
    children = _inlined(children, loop.header, rules)
    if loop.each:
        fields = ("collection", "element")
        seen = [child for child in children if child.node.type not in rules.ignore]
        children = [*map(_Child, fields, (child.node for child in seen)), *seen[2:]]
        loop = loop.model_copy(update={"before": fields[:1], "target": fields[1]})
    before = [child.node for child in children if child.field in loop.before]
    last = [child.node for child in children if child.field in loop.last]
    target = [child.node for child in children if loop.target and child.field == loop.target]
    kept = {*loop.before, *loop.last, loop.target} - {""}
    body = _bare([child for child in children if child.field not in kept], rules)
    start, end = Event(Kind.LOOP), Event(Kind.END)
    if not target:
        return [*before, start, *body, *last, end]
    collect, *setting = _setting(target, [], rules)
    return [collect, *before, start, *setting, *body, *last, end]


def _variable(node: Node, rules: FlowRules) -> str:
    """Return the name of the variable that ``node`` is; empty when it is none."""
    if node.type in rules.variables:
        return _written(node)
    if node.type in rules.members:
        owner, member = (_part(node, field, rules) for field in rules.members[node.type])
        if owner is None or member is None:
            return ""
        if owner.named_child_count and owner.type not in rules.variables:
            return ""
        if _written(owner) in rules.receivers:
            return f"{_written(owner)}.{_written(member)}"
    return ""


def _part(node: Node, field: str, rules: FlowRules) -> Node | None:
    if node.type not in rules.children:
        return node.child_by_field_name(field)
    parts = (child.node for child in _children(node, rules) if child.field == field)
    return next(parts, None)


def _written(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _is_compound(node: Node, rules: FlowRules) -> bool:
    operator = node.child_by_field_name("operator")
    return node.type in rules.compound or (operator is not None and operator.type != "=")


def _children(node: Node, rules: FlowRules) -> list[_Child]:
    """Return the named children with their fields, in time linear in their number."""
    names = iter(rules.children.get(node.type, ()))
    found: list[_Child] = []
    cursor = node.walk()
    more = cursor.goto_first_child()
    while more:
        child = cursor.node
        if child is not None and child.is_named:
            named = "" if child.type in rules.ignore else next(names, "")
            found.append(_Child(named or cursor.field_name or "", child))
        more = cursor.goto_next_sibling()
    return found


def _inlined(children: Sequence[_Child], holders: Names, rules: FlowRules) -> list[_Child]:
    """Put the children of ``holders`` in the place of these."""
    return [
        inner
        for child in children
        for inner in (_children(child.node, rules) if child.node.type in holders else (child,))
    ]


def _cut(
    children: Sequence[_Child], field: str, rules: FlowRules
) -> tuple[list[Node], list[_Child]]:
    """Split into the nodes of ``field`` ("": the first child) and all others."""
    if not field or (children and children[0].node.type in rules.patterns):
        return [child.node for child in children[:1]], list(children[1:])
    return (
        [child.node for child in children if child.field == field],
        [child for child in children if child.field != field],
    )


def _bare(children: Sequence[_Child], rules: FlowRules) -> list[Node]:
    """Return the nodes through which values can flow."""
    return [child.node for child in children if child.field not in rules.hidden]
