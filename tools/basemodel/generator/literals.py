"""Draw literals of every type, and uses of the library table."""

from typing import Final

from tools.basemodel.generator.api import ENTRIES
from tools.basemodel.generator.scope import (
    Scope,
)
from tools.basemodel.generator.tree import (
    Expr,
    Library,
    Literal,
    TypeRef,
)

NULL: Final = Literal("null")
ZERO: Final = Literal("0")
ONE: Final = Literal("1")
CHARACTERS: Final = (*"abcxyzABCXYZ0129 .,;:-_/+*=()[]{}<>", "\\n", "\\t", "\\r", "\\\\", "\\0")


def library(key: str, *arguments: Expr) -> Library:
    """Use an entry of the library table."""
    return Library(ENTRIES[key], arguments)


def text(scope: Scope) -> Literal:
    """Draw a string literal."""
    names, draw = scope.names, scope.rng.random()
    if draw < 0.45:
        return Literal(f'"{names.sentence()}"')
    if draw < 0.6:
        return Literal(f'"{names.noun()}: "')
    if draw < 0.75:
        return Literal(f'"{names.camel(names.phrase())}"')
    return Literal(
        scope.pick(
            (
                '""',
                '", "',
                '" "',
                '"("',
                '")"',
                '"["',
                '"]"',
                '"="',
                '"/"',
                '"-"',
                '":"',
                '"."',
                '"\\n"',
            )
        )
    )


def number(scope: Scope) -> Literal:
    """Draw an integer literal: mostly small, sometimes a power of two or hexadecimal."""
    draw, rng = scope.rng.random(), scope.rng
    if draw < 0.55:
        return Literal(scope.pick("0011122345678"))
    if draw < 0.7:
        return Literal(str(2 ** int(rng.random() * 17)))
    if draw < 0.85:
        width = scope.pick((1, 2, 2, 4, 8))
        top = 16**width if width < 8 else 2**31
        digits = f"{int(rng.random() * top):0{width}x}"
        return Literal("0x" + (digits.upper() if draw < 0.78 else digits))
    return Literal(str(int(10 ** (rng.random() * 5))))


def character(scope: Scope) -> Literal:
    """Draw a character literal."""
    return Literal(f"'{scope.pick(CHARACTERS)}'")


def literal(scope: Scope, kind: TypeRef) -> Expr:
    """Draw a literal of a type; null for what has none."""
    if kind.dimensions:
        return NULL
    match kind.name:
        case "int":
            return number(scope) if scope.chance(0.9) else Literal("-1")
        case "short" | "byte":
            return Literal(str(int(scope.rng.random() * 100)))
        case "long":
            return Literal(number(scope).text + "L") if scope.chance(0.6) else number(scope)
        case "double":
            return Literal(
                scope.pick(("0.0", "1.0", "0.5", "2.0", "100.0", "1e-6", "3.25", "0.75"))
            )
        case "float":
            return Literal(scope.pick(("0f", "1f", "1.0f", "0.5f", "2f", "0.25f")))
        case "boolean":
            return Literal(scope.pick(("true", "false")))
        case "char":
            return character(scope)
        case "String":
            return text(scope)
    return NULL
