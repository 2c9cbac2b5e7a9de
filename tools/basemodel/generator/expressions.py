"""Draw expressions of a wanted type."""

from collections.abc import Callable
from typing import Final

from tools.basemodel.generator.literals import (
    NULL,
    ONE,
    ZERO,
    character,
    library,
    literal,
    number,
    text,
)
from tools.basemodel.generator.scope import (
    BOOLEAN,
    BUILDER,
    BYTE,
    CHAR,
    INT,
    LONG,
    NUMERIC,
    OBJECT,
    STRING,
    THIS,
    Scope,
    array_of,
    is_user,
    list_of,
    map_of,
)
from tools.basemodel.generator.tree import (
    ArrayValues,
    Binary,
    Call,
    Cast,
    Expr,
    Index,
    InstanceOf,
    Literal,
    Name,
    New,
    NewArray,
    Postfix,
    Prefix,
    Static,
    Ternary,
    TypeRef,
)


def arguments(scope: Scope, depth: int) -> tuple[Expr, ...]:
    """Draw the arguments of a call of an invented method."""
    count = scope.pick((0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4))
    drawn = [argument(scope, depth) for _ in range(count)]
    return tuple(dict.fromkeys(drawn))


def argument(scope: Scope, depth: int) -> Expr:
    """Draw an argument of any type; what is in sight comes first."""
    draw = scope.rng.random()
    if scope.variables and draw < 0.6:
        return scope.pick(scope.variables)[1]
    if draw < 0.64 and not scope.static:
        return THIS
    if draw < 0.7:
        return constant(scope)
    return expression(scope, scope.type() if draw < 0.9 else INT, depth - 1)


def constant(scope: Scope) -> Expr:
    """Draw a constant, of this class or of another one."""
    name = scope.names.constant()
    if scope.chance(0.6):
        return Name(name)
    return Name(f"{scope.user().name}.{name}")


def call(scope: Scope, result: TypeRef, depth: int) -> Expr:
    """Draw a call of an invented method with a result."""
    names, draw = scope.names, scope.rng.random()
    if result == BOOLEAN:
        name, given = names.question(), () if draw < 0.6 else arguments(scope, depth)
    elif draw < 0.6:
        name, given = names.getter(), () if draw < 0.45 else arguments(scope, depth)
    else:
        name, given = names.action(), arguments(scope, depth)
    draw = scope.rng.random()
    if draw < 0.3:
        return Call(None, name, given)
    if draw < 0.45:
        return Call(Static(scope.user()), name, given or arguments(scope, depth))
    if draw < 0.55 and depth > 0:
        return Call(Call(scope.some_user()[1], names.getter()), name, given)
    return Call(scope.some_user()[1], name, given)


def other(scope: Scope, kind: TypeRef, first: Expr) -> Expr:
    """Draw a variable or a literal that is not the first operand."""
    for _ in range(4):
        drawn = leaf(scope, kind)
        if drawn != first:
            return drawn
    return literal(scope, kind)


def leaf(scope: Scope, kind: TypeRef) -> Expr:
    """Draw a variable, a literal or, for integers, a constant."""
    draw = scope.rng.random()
    if draw < 0.62:
        return scope.variable(kind)
    if kind.name in ("int", "String") and not kind.dimensions and draw < 0.7:
        return constant(scope)
    return literal(scope, kind)


def index(scope: Scope) -> Expr:
    """Draw the index of an element."""
    base = scope.variable(INT)
    draw = scope.rng.random()
    if draw < 0.6:
        return base
    if draw < 0.7:
        return Postfix(base, "++")
    if draw < 0.8:
        return literal(scope, INT)
    return Binary(scope.pick("+-"), base, ONE if draw < 0.92 else other(scope, INT, base))


def collection(scope: Scope) -> Expr:
    """Draw the number of elements of something."""
    draw = scope.rng.random()
    if draw < 0.35:
        return library("array.length", scope.variable(array_of(scope.pick((INT, BYTE, STRING)))))
    if draw < 0.7:
        return library("all.size", scope.variable(list_of(scope.element_type())))
    if draw < 0.92:
        return library("string.length", scope.variable(STRING))
    return library("builder.length", scope.variable(BUILDER))


def arithmetic(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw a sum, a product or a bit operation."""
    whole = kind.name in ("int", "long")
    draw = scope.rng.random()
    left = expression(scope, kind, depth - 1)
    if draw < 0.55 or not whole:
        return Binary(scope.pick("+++--*/"), left, operand(scope, kind, depth, left))
    if draw < 0.7:
        return Binary(scope.pick("&|^%"), left, operand(scope, kind, depth, left))
    shift = scope.pick(("<<", ">>", ">>>" if kind == INT else ">>>L"))
    return Binary(shift, left, number(scope) if draw < 0.9 else scope.variable(INT))


def operand(scope: Scope, kind: TypeRef, depth: int, first: Expr) -> Expr:
    """Draw the second operand of an operation, different from the first."""
    drawn = expression(scope, kind, depth - 1)
    return drawn if drawn != first else other(scope, kind, first)


def functions(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw a function of the mathematics class or a conversion."""
    draw = scope.rng.random()
    if draw < 0.55:
        first = expression(scope, kind, depth - 1)
        return library(
            scope.pick(("math.max", "math.min")), first, operand(scope, kind, depth, first)
        )
    if draw < 0.65:
        return library("math.abs", expression(scope, kind, depth - 1))
    if kind == INT:
        key = scope.pick(
            ("int.parse", "int.max", "int.min", "string.indexOf", "string.lastIndexOf", "hash")
        )
        if key == "hash":
            return library("object.hash", scope.some_user()[1])
        if key.startswith("string"):
            needle = text(scope) if draw < 0.8 else character(scope)
            return library(key, scope.variable(STRING), needle)
        return library(key, scope.variable(STRING))
    if kind == LONG:
        return library("long.parse", scope.variable(STRING)) if draw < 0.9 else library("long.max")
    return library(
        scope.pick(("math.sqrt", "math.floor", "math.ceil")), expression(scope, kind, depth - 1)
    )


def numeric(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw an expression of a numeric type."""
    draw = scope.rng.random()
    if kind.name in ("byte", "short", "char") or draw > 0.92:
        wide = INT if kind != INT else LONG
        inner = expression(scope, wide, depth - 1)
        return Cast(kind, inner)
    if draw < 0.33:
        return arithmetic(scope, kind, depth)
    if draw < 0.6:
        return call(scope, kind, depth)
    if draw < 0.7:
        return element(scope, kind)
    if draw < 0.8 and kind == INT:
        return collection(scope)
    if draw < 0.84 and kind == INT:
        source = scope.variable(array_of(BYTE))
        return Binary("&", Index(source, index(scope)), Literal(scope.pick(("0xff", "0xFF"))))
    if draw < 0.88:
        return ternary(scope, kind, depth)
    return functions(scope, kind, depth)


def element(scope: Scope, kind: TypeRef) -> Expr:
    """Draw an element of an array, a list or a map."""
    draw = scope.rng.random()
    if kind == CHAR and draw < 0.6:
        return library("string.charAt", scope.variable(STRING), index(scope))
    if draw < 0.55:
        return Index(scope.variable(array_of(kind)), index(scope))
    if draw < 0.85:
        return library("list.get", scope.variable(list_of(kind)), index(scope))
    key = scope.pick((STRING, INT))
    return library("map.get", scope.variable(map_of(key, kind)), scope.variable(key))


def ternary(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw a choice between two values."""
    then = expression(scope, kind, depth - 1)
    return Ternary(condition(scope, depth - 1), then, operand(scope, kind, depth, then))


def comparison(scope: Scope, depth: int) -> Expr:
    """Draw a comparison of numbers, characters or references."""
    draw = scope.rng.random()
    if draw < 0.35:
        _, value = scope.some_user() if draw < 0.3 else (STRING, scope.variable(STRING))
        return Binary(scope.pick(("==", "!=")), value, NULL)
    kind = scope.pick((INT, INT, INT, INT, CHAR, LONG))
    operator = scope.pick(
        ("==", "!=", "==") if kind == CHAR else ("<", ">", "<=", ">=", "==", "!=")
    )
    left = expression(scope, kind, depth - 1) if kind != CHAR else element(scope, CHAR)
    if isinstance(left, Literal):
        left = scope.variable(kind)
    return Binary(operator, left, other(scope, kind, left) if kind != CHAR else character(scope))


def condition(scope: Scope, depth: int) -> Expr:
    """Draw a truth value that suits an `if` or a loop."""
    draw = scope.rng.random()
    if depth > 0 and draw < 0.16:
        parts = condition(scope, depth - 1), condition(scope, depth - 1)
        return Binary(scope.pick(("&&", "||")), *parts)
    if draw < 0.5:
        return comparison(scope, depth)
    if draw < 0.66:
        return call(scope, BOOLEAN, depth)
    if draw < 0.74:
        return scope.variable(BOOLEAN)
    if draw < 0.82:
        if draw > 0.8:
            return Prefix("!", InstanceOf(scope.variable(OBJECT), scope.user()))
        return Prefix("!", call(scope, BOOLEAN, depth))
    return test(scope, depth)


def test(scope: Scope, depth: int) -> Expr:
    """Draw a question that the standard library answers."""
    key = scope.pick(
        (
            "object.equals", "object.equals", "literal", "instance", "instance", "all.empty",
            "all.filled", "all.contains", "map.has", "string.startsWith", "string.endsWith",
            "string.empty", "string.filled", "bits",
            "string.contains", "char.isDigit", "char.isLetter", "char.isSpace",
            "string.sameIgnoringCase", "object.same",
        )
    )  # fmt: skip
    match key:
        case "object.equals":
            value = scope.variable(STRING) if scope.chance(0.5) else scope.some_user()[1]
            return library(key, value, argument(scope, depth))
        case "literal":
            return library("object.equals", text(scope), scope.variable(STRING))
        case "instance":
            return InstanceOf(scope.variable(OBJECT), scope.user())
        case "string.empty" | "string.filled" if scope.sees(STRING):
            return library(key, scope.variable(STRING, 1.0))
        case "all.empty" | "all.filled" | "string.empty" | "string.filled":
            # A field's type is out of sight, and most fields with isEmpty() are collections.
            wanted = "all.empty" if key.endswith("empty") else "all.filled"
            return library(wanted, scope.variable(list_of(scope.element_type())))
        case "all.contains":
            kind = scope.element_type()
            return library(key, scope.variable(TypeRef("Set", (kind,))), leaf(scope, kind))
        case "map.has":
            kind = scope.pick((STRING, INT))
            source = scope.variable(map_of(kind, scope.element_type()))
            return library(key, source, scope.variable(kind))
        case "bits":
            return Binary("!=", Binary("&", scope.variable(INT), constant(scope)), ZERO)
        case "object.same":
            return library(key, scope.some_user()[1], argument(scope, depth))
    if key.startswith("char"):
        return library(key, element(scope, CHAR))
    return library(key, scope.variable(STRING), text(scope))


def string(scope: Scope, depth: int) -> Expr:
    """Draw an expression of type String."""
    draw = scope.rng.random()
    if draw < 0.3:
        return concatenation(scope)
    if draw < 0.6:
        return call(scope, STRING, depth)
    if draw < 0.68:
        return element(scope, STRING)
    if draw < 0.74:
        return ternary(scope, STRING, depth)
    source = scope.variable(STRING)
    key = scope.pick(
        (
            "string.from", "string.head", "string.cut", "string.trim", "string.lower",
            "string.upper", "string.replace", "object.text", "int.text", "string.format1",
            "string.valueOf", "sb",
        )
    )  # fmt: skip
    match key:
        case "string.from" | "string.head":
            return library(key, source, index(scope))
        case "string.cut":
            first = scope.variable(INT)
            return library(key, source, first, other(scope, INT, first))
        case "string.replace":
            return library(key, source, character(scope), character(scope))
        case "object.text" | "string.valueOf":
            return library(key, scope.some_user()[1])
        case "int.text":
            return library(key, scope.variable(INT))
        case "sb":
            return library("object.text", scope.variable(BUILDER))
        case "string.format1":
            return library("string.valueOf", scope.variable(INT))
    return library(key, source)


def concatenation(scope: Scope) -> Expr:
    """Draw a string that is put together from pieces."""
    pieces: Expr = text(scope)
    for i in range(scope.pick((1, 1, 2, 3, 4))):
        pieces = Binary("+", pieces, text(scope) if i % 2 else argument(scope, 0))
    return pieces


def creation(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw a new object of a type."""
    if kind.dimensions:
        inner = TypeRef(kind.name, kind.arguments, kind.dimensions - 1)
        if scope.chance(0.2):
            items = [expression(scope, inner, 0) for _ in range(scope.pick((1, 2, 3, 4)))]
            return ArrayValues(inner, tuple(items))
        return NewArray(inner, expression(scope, INT, depth - 1))
    made = {"List": "ArrayList", "Map": "HashMap", "Set": "HashSet"}.get(kind.name)
    if made:
        size = (scope.variable(INT),) if scope.chance(0.1) else ()
        return New(TypeRef(made, kind.arguments), size, scope.chance(0.6))
    if kind in (OBJECT, BUILDER):
        return New(kind)
    return New(kind, arguments(scope, depth))


def reference(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw an object of an invented type, an array or a collection."""
    draw = scope.rng.random()
    if draw < 0.4:
        return call(scope, kind, depth)
    if draw < 0.7:
        return creation(scope, kind, depth)
    if draw < 0.8 and is_user(kind):
        return element(scope, kind)
    if draw < 0.86:
        return Cast(kind, scope.variable(OBJECT) if draw < 0.83 else call(scope, OBJECT, depth))
    if draw < 0.9:
        return ternary(scope, kind, depth)
    return scope.variable(kind)


MAKERS: Final[dict[str, Callable[[Scope, int], Expr]]] = {"String": string, "boolean": condition}


def expression(scope: Scope, kind: TypeRef, depth: int) -> Expr:
    """Draw an expression of a type; `depth` bounds how deep calls are nested."""
    if depth <= 0 or scope.chance(0.35):
        return leaf(scope, kind)
    if kind.dimensions:
        return reference(scope, kind, depth)
    if kind.name in MAKERS:
        return MAKERS[kind.name](scope, depth)
    if kind.name in NUMERIC:
        return numeric(scope, kind, depth)
    return reference(scope, kind, depth)
