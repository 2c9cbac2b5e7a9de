"""Read what queries/outline.scm of a pack finds in a tree, piece by piece.

A match of the query names its piece by the kind, such as ``@method``, and some of its parts.  All
matches of one node are put together; where the query marks ``@each`` of several things in one
node, such as the variables of one declaration, each of them is a piece.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from tree_sitter import Node, Query

from fedtranslate.languages.parsing import matches

OUTLINED = frozenset(
    {
        "type",
        "method",
        "constructor",
        "function",
        "property",
        "field",
        "constant",
        "initializer",
        "statement",
    }
)
"""Kinds of declarations."""
_OTHERS = frozenset({"parameter", "import"})
_PARTS = frozenset(
    {
        "name",
        "form",
        "modifier",
        "annotation",
        "result",
        "dimensions",
        "parameters",
        "type_parameters",
        "base",
        "interface",
        "throws",
        "value",
        "body",
        "delegate",
        "docs",
    }
)
_OF_PARAMETERS = frozenset({"name", "type", "default", "variadic", "dimensions"})
_OF_IMPORTS = frozenset({"name", "static", "wildcard", "member", "alias"})
OUTLINE_CAPTURES = (
    OUTLINED
    | _OTHERS
    | _PARTS
    | {"any", "each", "package", "header"}
    | {f"parameter.{name}" for name in _OF_PARAMETERS}
    | {f"import.{name}" for name in _OF_IMPORTS}
)
"""What the captures of an outline.scm may be called."""


_start = attrgetter("start_byte")


@dataclass(slots=True)
class Piece:
    """One thing that the query found, with its parts in the order of the text."""

    kind: str
    node: Node
    each: Node | None = None
    parts: dict[str, dict[int, Node]] = field(default_factory=dict)

    def part(self, name: str) -> Node | None:
        """Return the first part of that name."""
        found = self.parts.get(name)
        return min(found.values(), key=_start) if found else None

    def all(self, name: str) -> list[Node]:
        """Return the parts of that name from top to bottom."""
        found = self.parts.get(name)
        return sorted(found.values(), key=_start) if found else []

    def add(self, captures: Mapping[str, Sequence[Node]]) -> None:
        """Take in the parts that one more match found."""
        for name, nodes in captures.items():
            if name not in OUTLINED and name not in _OTHERS and name not in ("any", "each"):
                self.parts.setdefault(name, {}).update((node.id, node) for node in nodes)


@dataclass(slots=True)
class Found:
    """What the query found in a file."""

    pieces: list[Piece]
    """Declarations and statements; an inner piece comes behind the outer one."""
    imports: list[Piece]
    parameters: dict[int, list[Piece]]
    """By the number of the node that is their list."""
    package: Node | None = None
    header: Node | None = None


def found_in(query: Query, root: Node) -> Found:
    """Return all that ``query`` finds below ``root``."""
    pieces: dict[tuple[int, int], Piece] = {}
    shared: dict[int, list[Mapping[str, Sequence[Node]]]] = {}
    found = Found([], [], {})
    for captures in matches(query, root):
        kind = next((name for name in captures if name in OUTLINED or name in _OTHERS), "")
        if kind:
            node = captures[kind][0]
            each = next(iter(captures.get("each", ())), None)
            key = (node.id, each.id if each else 0)
            piece = pieces.get(key)
            if piece is None or (piece.kind == "statement" and kind != "statement"):
                piece = pieces[key] = Piece(kind, node, each)
            if kind != "statement":
                piece.add(captures)
        elif "any" in captures:
            shared.setdefault(captures["any"][0].id, []).append(captures)
        else:
            found.package = found.package or next(iter(captures.get("package", ())), None)
            found.header = found.header or next(iter(captures.get("header", ())), None)
    for piece in _in_order(pieces):
        for captures in shared.get(piece.node.id, ()):
            piece.add(captures)
        if piece.kind == "import":
            found.imports.append(piece)
        elif piece.kind == "parameter":
            if piece.node.parent is not None:
                found.parameters.setdefault(piece.node.parent.id, []).append(piece)
        else:
            found.pieces.append(piece)
    return found


def _in_order(pieces: Mapping[tuple[int, int], Piece]) -> Iterator[Piece]:
    apart = {node for node, each in pieces if each}
    whole = [piece for (node, each), piece in pieces.items() if each or node not in apart]
    places = {id(piece): (piece.each or piece.node).start_byte for piece in whole}
    yield from sorted(whole, key=lambda piece: (places[id(piece)], -piece.node.end_byte))
