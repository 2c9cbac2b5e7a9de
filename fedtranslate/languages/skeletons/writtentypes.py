"""Types as they are written, taken apart: ``Map<String, int[]>`` is a name with arguments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"\w[\w$]*(?:\s*\.\s*\w[\w$]*)*|\.\.\.|\S")
_MAX_DEPTH = 30
_MAX_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class TypeTree:
    """A written type; what cannot be told has the empty name."""

    name: str = ""
    arguments: tuple["TypeTree", ...] = ()
    arrays: int = 0
    nullable: bool = False


UNKNOWN = TypeTree()


def type_tree(text: str, brackets: str = "<>") -> TypeTree:
    """Return a written type taken apart; ``UNKNOWN`` where it is none that can be understood.

    Args:
        text: Such as ``List<? extends T>[]``.
        brackets: Those around arguments.
    """
    if len(text) > _MAX_LENGTH:
        return UNKNOWN
    tokens = _TOKEN.findall(text.strip().strip("\"'"))
    try:
        tree, rest = _union(tokens, 0, brackets, 0)
    except (IndexError, ValueError):
        return UNKNOWN
    return tree if rest == len(tokens) else UNKNOWN


def split_list(text: str) -> list[str]:
    """Return the parts of a list at whose outermost commas it is cut."""
    parts: list[str] = []
    depth = start = 0
    quote = ""
    skip = False
    for place, sign in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = sign == "\\"
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "<([{":
            depth += 1
        elif sign in ")]}" or (sign == ">" and text[place - 1 : place] != "-"):
            depth -= 1
        elif sign == "," and depth <= 0:
            parts.append(text[start:place].strip())
            start = place + 1
    last = text[start:].strip()
    return [*parts, last] if last or parts else []


def names_in(tree: TypeTree) -> Iterator[str]:
    """Yield the names that a type is made of."""
    yield tree.name
    for argument in tree.arguments:
        yield from names_in(argument)


def _union(tokens: list[str], place: int, brackets: str, depth: int) -> tuple[TypeTree, int]:
    """Read alternatives: one with nothing else is a type that may be missing."""
    tree, place = _type(tokens, place, brackets, depth)
    while place < len(tokens) and tokens[place] == "|":
        other, place = _type(tokens, place + 1, brackets, depth)
        kept = [one for one in (tree, other) if one.name not in ("None", "null", "undefined")]
        if len(kept) != 1:
            tree = UNKNOWN
        else:
            tree = TypeTree(kept[0].name, kept[0].arguments, kept[0].arrays, nullable=True)
    return tree, place


def _type(tokens: list[str], place: int, brackets: str, depth: int) -> tuple[TypeTree, int]:
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    if tokens[place] == "?":
        if tokens[place + 1 : place + 2] in (["extends"], ["super"]):
            return _type(tokens, place + 2, brackets, depth + 1)
        return UNKNOWN, place + 1
    name, arguments = "", []
    if tokens[place] != brackets[0]:
        name = "".join(tokens[place].split())
        if not (name[0].isalpha() or name[0] in "_$"):
            raise ValueError("no name")
        place += 1
    if tokens[place : place + 1] == [brackets[0]] and tokens[place + 1 : place + 2] != ["]"]:
        place += 1
        while tokens[place] != brackets[1]:
            argument, place = _union(tokens, place, brackets, depth + 1)
            arguments.append(argument)
            if tokens[place] == ",":
                place += 1
        place += 1
        if tokens[place : place + 1] == ["."]:
            inner, place = _type(tokens, place + 1, brackets, depth + 1)
            return TypeTree(f"{name}.{inner.name}", inner.arguments, inner.arrays), place
    nullable = tokens[place : place + 1] == ["?"]
    place += nullable
    arrays = 0
    while tokens[place : place + 2] == ["[", "]"]:
        arrays += 1
        place += 2
    return TypeTree(name, tuple(arguments), arrays, nullable), place
