"""Read a pack's dataflow.toml: which nodes of a grammar move values, and how.

A language without that file has no data flow; its CodeBLEU is made of the other three parts.
Every key is a list of node types or field names of the grammar, checked when it is read:

    variables    leaves that name a variable
    ignore       nodes in which nothing flows: annotations, type arguments, comments, jumps
    hidden       fields that hold a name which is no variable: of a method, a type, a member
    receivers    what stands for the object itself; ``this.x`` is then the variable "this.x"
    first        children that run before their siblings although they are written behind them
    updates      nodes with ++ or --: they read and write their operand
    compound     nodes that read their target although their operator does not tell
    parameters   nodes whose children are new variables
    patterns     nodes that hold several targets
    [members]    access to a member: its fields for the object and for the member
    [elements]   access to an element: its field for the collection ("": the first child)
    [callees]    calls: the field of what is called, which is no variable when it is a lone name
    [defines]    nodes that write: the field of the target ("": the first child); all else in the
                 node is what it is computed from
    [branches]   nodes of which one way is taken: ``ways`` (fields or node types),
                 ``otherwise``, the way that makes sure that one is taken, and the fields that
                 run ``before`` although they may be written behind
    [loops]      nodes that repeat: fields that run ``before`` or ``last`` in each round, and
                 ``target``, the variable that receives the elements of what ran before;
                 ``each = true`` where fields tell neither: the first child, and the second;
                 ``header``: children whose own children count as the loop's
    [children]   names for the children of a node, one by one, which then do as fields; for
                 grammars that have none. Ignored nodes are not counted
"""

import os
from collections.abc import Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, ValidationError
from tree_sitter import Language

from fedtranslate.errors import PackError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.packtext import pack_table

Names = tuple[str, ...]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Branch(_Table):
    """A node of which one way is taken."""

    ways: Names
    otherwise: str = ""
    before: Names = ()


class Loop(_Table):
    """A node that repeats."""

    before: Names = ()
    last: Names = ()
    target: str = ""
    header: Names = ()
    each: bool = False


class FlowRules(_Table):
    """All of one dataflow.toml; the keys are explained above."""

    variables: frozenset[str]
    ignore: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    first: frozenset[str] = frozenset()
    updates: frozenset[str] = frozenset()
    compound: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    members: Mapping[str, tuple[str, str]] = {}
    elements: Mapping[str, str] = {}
    callees: Mapping[str, str] = {}
    defines: Mapping[str, str] = {}
    branches: Mapping[str, Branch] = {}
    loops: Mapping[str, Loop] = {}
    children: Mapping[str, Names] = {}

    def node_types(self) -> set[str]:
        """Return every node type that is named, but those that may as well be fields."""
        lists = (self.variables, self.ignore, self.first, self.updates, self.compound)
        tables = (self.members, self.elements, self.callees, self.defines, self.branches)
        headers = (self.children, *(loop.header for loop in self.loops.values()))
        return {
            name
            for group in (*lists, self.parameters, self.patterns, *tables, self.loops, *headers)
            for name in group
        }

    def fields(self) -> set[str]:
        """Return every field of the grammar that is named."""
        names = set(self.hidden)
        for pair in self.members.values():
            names.update(pair)
        names.update(self.elements.values(), self.callees.values(), self.defines.values())
        for branch in self.branches.values():
            names.update(branch.before)
        for loop in self.loops.values():
            names.update(loop.before, loop.last, (loop.target,))
        return names - {""} - self.named_children()

    def named_children(self) -> set[str]:
        """Return every name that the rules themselves give to a child."""
        return {name for names in self.children.values() for name in names}


@cache
def flow_rules(pack: LanguagePack) -> FlowRules | None:
    """Return the rules in the pack's dataflow.toml; None when it has no such file or no grammar.

    Raises:
        PackError: The file is malformed, or names what the grammar does not have.
    """
    if pack.grammar is None:
        return None
    file = pack.folder / "dataflow.toml"
    if not os.path.lexists(file):
        return None
    try:
        rules = FlowRules.model_validate(pack_table(file))
    except ValidationError as error:
        told = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors()
        )
        raise PackError(f"{file} is malformed: {told}.") from None
    if wrong := _unknown(rules, pack.grammar):
        raise PackError(f"{file}: the grammar of {pack.title} has no {', '.join(wrong)}.")
    return rules


def _unknown(rules: FlowRules, grammar: Language) -> list[str]:
    """Return what the grammar does not have, in words."""
    types = {name for name in rules.node_types() if grammar.id_for_node_kind(name, True) is None}
    fields = {name for name in rules.fields() if grammar.field_id_for_name(name) is None}
    for branch in rules.branches.values():
        for way in {*branch.ways, branch.otherwise} - {""} - rules.named_children():
            if grammar.id_for_node_kind(way, True) is None and not grammar.field_id_for_name(way):
                types.add(way)
    return [
        *(f"node {name!r}" for name in sorted(types)),
        *(f"field {name!r}" for name in sorted(fields)),
    ]
