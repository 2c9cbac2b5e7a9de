"""Find the functions of a file, with the names and written types of their parameters."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor

from fedtranslate.checks.behave.tables import HarnessTable, required_behaviour
from fedtranslate.checks.behave.types import Type, read_type
from fedtranslate.errors import CheckError
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import is_whole, matches, parse_bytes, wrapping
from fedtranslate.languages.units import units_in
from fedtranslate.records import Unit

_NAME_FIELDS = ("name", "pattern", "declarator")
_CALLED = frozenset({"function", "method"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter."""

    name: str
    written: str
    """Its type as written; empty when it has none."""
    type: Type


@dataclass(frozen=True, slots=True)
class Function:
    """A function that can be called, in its program."""

    pack: LanguagePack
    program: str
    """The whole text that holds it."""
    unit: Unit
    parameters: tuple[Parameter, ...]

    @property
    def name(self) -> str:
        """Its name, without that of its type."""
        return self.unit.name


def functions_in(text: str, pack: LanguagePack) -> list[Function]:
    """Return the functions and methods of a file, or of a lone unit, from top to bottom.

    Raises:
        CheckError: Programs of the language cannot be run, or the pack names no grammar.
    """
    types = required_behaviour(pack).types
    if not is_whole(text, pack):
        before, after = wrapping(text, pack, pack.wrap_name)
        text = before + text + after
    code = text.encode("utf-8", "replace")
    text = code.decode()
    lists = dict(_parameter_lists(code, pack))
    return [
        Function(
            pack,
            text,
            unit,
            tuple(
                Parameter(name, written, read_type(written, types))
                for name, written in _parameters(lists.get(place), code, unit, pack)
            ),
        )
        for unit in units_in(text, pack)
        if unit.kind in _CALLED and (place := _place(lists, unit)) is not None
    ]


def function_called(name: str, text: str, pack: LanguagePack) -> Function:
    """Return the function of that name; upper case and underscores do not count.

    Raises:
        CheckError: There is none, or there are several.
    """
    found = [one for one in functions_in(text, pack) if plain_name(one.name) == plain_name(name)]
    if len(found) != 1:
        names = ", ".join(one.name for one in functions_in(text, pack)) or "none"
        how_many = "several functions" if found else "no function"
        raise CheckError(
            f"There is {how_many} called {name!r} in the {pack.title} text.",
            hint=f"It has: {names}.",
        )
    return found[0]


def plain_name(name: str) -> str:
    """Return a name without what conventions of languages change."""
    return name.replace("_", "").lower()


def harness_table(pack: LanguagePack) -> HarnessTable:
    """Return how functions of the language are called.

    Raises:
        CheckError: The pack does not tell.
    """
    table = required_behaviour(pack).harness
    if table is None:
        raise CheckError(
            f"{pack.title} functions cannot be called one by one: its pack has no [harness].",
            hint="Use tests of whole programs instead.",
        )
    return table


def _parameter_lists(code: bytes, pack: LanguagePack) -> Iterator[tuple[tuple[int, str], Node]]:
    """Yield the parameter list of each unit, by the end of the unit and its name."""
    if pack.grammar is None:
        raise CheckError(f"{pack.title} functions cannot be called: its pack names no grammar.")
    root = parse_bytes(code, pack).root_node
    for captures in matches(pack.units, root):
        kind = next(kind for kind in captures if kind not in {"name", "parameters"})
        if kind in _CALLED and "parameters" in captures:
            name = _written(captures["name"][0], code)
            yield (captures[kind][0].end_byte, name), captures["parameters"][0]


def _place(lists: "dict[tuple[int, str], Node]", unit: Unit) -> tuple[int, str] | None:
    """Return the key of the parameter list of ``unit``, whose end may lie behind its node's."""
    ends = [key for key in lists if key[1] == unit.name and unit.start_byte < key[0]]
    inside = [key for key in ends if key[0] <= unit.end_byte]
    return max(inside, default=None)


def _parameters(
    node: Node | None, code: bytes, unit: Unit, pack: LanguagePack
) -> list[tuple[str, str]]:
    """Return name and written type of each parameter."""
    if node is None or "parameters" not in pack.queries:
        return []
    receivers = pack.naming.get("receivers", ()) if unit.container else ()
    found: dict[int, list[tuple[str, str]]] = {}
    for _, captures in QueryCursor(pack.queries["parameters"]).matches(node):
        (parameter, *_) = captures["parameter"]
        if not _is_in(parameter, node) or _written(parameter, code) in receivers:
            continue
        kind = next(iter(captures.get("type", ())), None)
        without = captures.get("without", ())
        if without:
            found[parameter.start_byte] = [_without(parameter, without, code, pack)]
        elif kind is not None or parameter.start_byte not in found:
            found[parameter.start_byte] = list(_named(parameter, kind, code, pack))
    return [one for start in sorted(found) for one in found[start]]


def _is_in(parameter: Node, parameters: Node) -> bool:
    """Tell whether a parameter is of this list, and not of a lambda in a default value."""
    above = parameter.parent
    while above is not None and above != parameters:
        if above.type == parameters.type:
            return False
        above = above.parent
    return above is not None


def _without(
    parameter: Node, pieces: Sequence[Node], code: bytes, pack: LanguagePack
) -> tuple[str, str]:
    """Return name and type where the type is all of the parameter but some pieces."""
    name, rest = "", code[parameter.start_byte : parameter.end_byte]
    for piece in sorted(pieces, key=lambda node: -node.start_byte):
        start = piece.start_byte - parameter.start_byte
        rest = rest[:start] + rest[start + piece.end_byte - piece.start_byte :]
        if piece.type in pack.nodes.identifier:
            name = _written(piece, code)
    written = rest.decode("utf-8", "replace").rstrip().removesuffix("=")
    return name, " ".join(written.split())


def _named(
    parameter: Node, kind: Node | None, code: bytes, pack: LanguagePack
) -> Iterator[tuple[str, str]]:
    names = [
        node for field in _NAME_FIELDS for node in parameter.children_by_field_name(field)
    ] or [parameter]
    for holder in names:
        leaf = next(_identifiers(holder, kind, pack), None)
        name = _written(leaf, code) if leaf else ""
        yield name, _type(parameter, kind, holder, name, code)


def _identifiers(node: Node, kind: Node | None, pack: LanguagePack) -> Iterator[Node]:
    if kind is not None and node.id == kind.id:
        return
    if node.type in pack.nodes.identifier or (not node.children and node.is_named):
        yield node
        return
    for child in node.children:
        yield from _identifiers(child, kind, pack)


def _type(parameter: Node, kind: Node | None, holder: Node, name: str, code: bytes) -> str:
    """Return the type as written: brackets and stars around the name belong to it, too."""
    if kind is None:
        return ""
    written = _written(kind, code)
    around = re.sub(rf"\b{re.escape(name)}\b", "", _written(holder, code), count=1)
    if holder.id != parameter.id and re.search(r"[\[*&]", around):
        written += around
    for extra in parameter.children_by_field_name("dimensions"):
        written += _written(extra, code)
    if any(child.type == "..." for child in parameter.children):
        written += "..."
    return " ".join(written.split())


def _written(node: Node, code: bytes) -> str:
    return code[node.start_byte : node.end_byte].decode("utf-8", "replace")


def parameter_types(function: Function) -> Sequence[Type]:
    """Return the types of the parameters, in order."""
    return [parameter.type for parameter in function.parameters]
