"""What the published evaluators see in a tree: roles of its nodes, and its variables.

A variable is every leaf that is not its own node type; numbers, types and methods are some, too.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple, TypeAlias

from tree_sitter import Language

from fedtranslate.metrics.codebleu.compat_rules import CompatRules
from fedtranslate.metrics.codebleu.flat import FlatTree, kind_names

_STRINGS = frozenset({"string_literal", "string", "character_literal"})

Place: TypeAlias = tuple[int, str]
"""The number of a token in the unit, and its text."""


class Roles(NamedTuple):
    """What the rules say of the kinds of one grammar."""

    names: Mapping[int, str]
    tasks: Mapping[int, str]
    """The method of the walk that handles a kind."""
    strings: frozenset[int]
    identifiers: frozenset[int]
    comments: frozenset[int]
    early: frozenset[int]
    commas: frozenset[int]
    elses: frozenset[int]
    otherwise: frozenset[int]
    counted_after: frozenset[int]
    paired: frozenset[int]
    blocks: frozenset[int]
    variable_names: frozenset[int]
    fields: Mapping[str, int]


@cache
def roles_of(grammar: Language, rules: CompatRules) -> Roles:
    """Return what the rules of a language say of the kinds of its grammar."""
    names = kind_names(grammar)

    def kinds(wanted: Iterable[str]) -> frozenset[int]:
        wanted = frozenset(wanted)
        return frozenset(kind for kind, name in names.items() if name in wanted)

    tasks: dict[int, str] = {}
    for task, group in (
        ("while_loop", rules.while_loops),
        ("each_loop", rules.each_loops),
        ("counted_loop", rules.counted_loops),
        ("branch", rules.branches),
        ("update", rules.updates),
        ("assignment", rules.assignments),
        ("declaration", rules.declarations),
    ):
        tasks.update(dict.fromkeys(kinds(group), task))
    fields = {"left", "right", "name", rules.value_field, rules.again_field, *rules.each_fields}
    numbers = {name: grammar.field_id_for_name(name) for name in fields if name}
    return Roles(
        names=names,
        tasks=tasks,
        strings=kinds(_STRINGS),
        identifiers=kinds({"identifier"}),
        comments=kinds({"comment"}),
        early=kinds(rules.first),
        commas=kinds({","}),
        elses=frozenset(kind for kind, name in names.items() if "else" in name),
        otherwise=kinds(rules.otherwise),
        counted_after=kinds({rules.counted_after}),
        paired=kinds(rules.paired),
        blocks=kinds({"block"}),
        variable_names=kinds({"variable_name"}),
        fields={name: number for name, number in numbers.items() if number},
    )


def variables_of(code: str, tree: FlatTree, roles: Roles) -> list[Place | None]:
    """Return for each node its place, if it is a leaf that is not its own node type."""
    kinds, starts, ends = tree.kinds, tree.starts, tree.ends
    found: list[Place | None] = [None] * len(kinds)
    cut = _Cut(code)
    empty: dict[int, int] = {}
    names, comments = roles.names, roles.comments
    leaves = tree.tokens(roles.strings)
    token = 0
    for node in leaves:
        kind, start, end = kinds[node], starts[node], ends[node]
        if kind in comments:
            continue
        text = cut(start, end)
        if start == end:
            empty[start] = token
        if text != names[kind]:
            found[node] = token, text
        token += 1
    if empty:  # leaves of no length at one place: they know the last one only
        for node, place in enumerate(found):
            if place and starts[node] == ends[node]:
                found[node] = empty[starts[node]], place[1]
    return found


class _Cut:
    """Cuts out tokens, taking byte columns for character columns as the evaluators do."""

    def __init__(self, code: str) -> None:
        self.code, self.is_plain = code, code.isascii()
        self.lines = [] if self.is_plain else code.split("\n")
        self.begins = [0]
        for line in self.lines:
            self.begins.append(self.begins[-1] + len(line.encode("utf-8", "replace")) + 1)

    def __call__(self, start: int, end: int) -> str:
        if self.is_plain:
            text = self.code[start:end]
            return text.replace("\n", "") if "\n" in text else text
        first, last = (bisect_right(self.begins, place) - 1 for place in (start, end))
        lines, start, end = self.lines, start - self.begins[first], end - self.begins[last]
        if first == last:
            return lines[first][start:end]
        return lines[first][start:] + "".join(lines[first + 1 : last]) + lines[last][:end]
