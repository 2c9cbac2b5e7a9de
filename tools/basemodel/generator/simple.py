"""Draw statements without an inner block."""

from collections.abc import Callable
from itertools import accumulate
from typing import Final

from tools.basemodel.generator.expressions import (
    argument,
    arguments,
    call,
    condition,
    creation,
    expression,
    leaf,
)
from tools.basemodel.generator.literals import NULL, ZERO, character, library, text
from tools.basemodel.generator.scope import (
    BUILDER,
    BYTE,
    CHAR,
    INT,
    LONG,
    OBJECT,
    STRING,
    THIS,
    Scope,
    array_of,
    list_of,
    map_of,
)
from tools.basemodel.generator.tree import (
    Assign,
    Binary,
    Call,
    Cast,
    Do,
    Expr,
    Index,
    Lambda,
    Literal,
    Local,
    Name,
    New,
    Postfix,
    Static,
    Stmt,
    TypeRef,
)

EXCEPTIONS: Final = (
    "IllegalArgumentException", "IllegalArgumentException", "IllegalArgumentException",
    "IllegalStateException", "IllegalStateException", "UnsupportedOperationException",
    "IndexOutOfBoundsException", "NullPointerException", "RuntimeException", "RuntimeException",
    "IOException", "IOException", "NoSuchElementException", "ArrayIndexOutOfBoundsException",
    "EOFException", "NumberFormatException",
)  # fmt: skip


def exception(scope: Scope) -> Expr:
    """Draw a new exception."""
    kind = TypeRef(scope.pick(EXCEPTIONS))
    if scope.chance(0.12):
        kind = TypeRef(scope.names.title() + "Exception")
    draw = scope.rng.random()
    if draw < 0.25:
        return New(kind)
    if draw < 0.65:
        return New(kind, (Literal(f'"{scope.names.sentence()}"'),))
    message: Expr = Binary("+", Literal(f'"{scope.names.sentence()}: "'), argument(scope, 0))
    if draw > 0.9:
        message = Binary("+", message, text(scope))
    return New(kind, (message,))


def local(scope: Scope, kind: TypeRef, value: Expr, name: str = "") -> Local:
    """Declare a variable with a value that was drawn before it came in sight."""
    return Local(kind, scope.declare(kind, name).text, value, scope.chance(0.08))


def void_call(scope: Scope) -> Stmt:
    """Draw a call whose result is not used."""
    draw, given, name = scope.rng.random(), arguments(scope, 2), scope.names.action()
    if draw < 0.34:
        return Do(Call(None, name, given))
    if draw < 0.46:
        return Do(Call(Static(scope.user()), name, given))
    if draw < 0.54:
        return Do(Call(Call(scope.some_user()[1], scope.names.getter()), name, given))
    if draw < 0.58 and not scope.static:
        return Do(Call(Name("super"), name, given))
    return Do(Call(scope.some_user()[1], name, given))


def declaration(scope: Scope) -> Stmt:
    """Draw a local variable."""
    kind = scope.type()
    value = expression(scope, kind, 2)
    if kind.name in ("List", "Map", "Set") and not kind.dimensions and scope.chance(0.6):
        value = creation(scope, kind, 1)
    return local(scope, kind, value)


def assignment(scope: Scope) -> Stmt:
    """Draw an assignment to a field or a variable."""
    kind = scope.type()
    value = expression(scope, kind, 2)
    target = scope.variable(kind, 0.3)
    if value == target:
        value = call(scope, kind, 1)
    return Do(Assign(target, "=", value))


def update(scope: Scope) -> Stmt:
    """Draw a compound assignment or an increment."""
    if scope.chance(0.45):
        return Do(Postfix(scope.variable(INT, 0.5), scope.pick(("++", "++", "--"))))
    kind = scope.pick((INT, INT, LONG))
    operator = scope.pick(("+=", "+=", "+=", "-=", "|=", "&=", "*=", "<<=", "^="))
    value = leaf(scope, INT) if operator == "<<=" else expression(scope, kind, 1)
    return Do(Assign(scope.variable(kind, 0.5), operator, value))


def library_call(scope: Scope) -> Stmt:
    """Draw a statement that changes something of the standard library."""
    draw, kind = scope.rng.random(), scope.element_type()
    if draw < 0.25:
        return Do(library("list.add", scope.variable(list_of(kind)), expression(scope, kind, 2)))
    if draw < 0.45:
        key = scope.pick((STRING, INT))
        value = expression(scope, kind, 2)
        return Do(library("map.put", scope.variable(map_of(key, kind)), leaf(scope, key), value))
    if draw < 0.62:
        return append(scope, scope.variable(BUILDER))
    if draw < 0.78:
        array = array_of(scope.pick((INT, BYTE, CHAR, OBJECT)))
        places = [leaf(scope, INT) if scope.chance(0.6) else ZERO for _ in range(2)]
        source, target = scope.variable(array), scope.variable(array)
        return Do(library("array.copy", source, places[0], target, places[1], scope.variable(INT)))
    return small_library_call(scope, kind)


def small_library_call(scope: Scope, kind: TypeRef) -> Stmt:
    """Draw one of the rarer statements over the standard library."""
    key = scope.pick(
        (
            "list.sort", "array.fill", "array.sort", "all.clear", "list.set", "list.insert",
            "list.removeAt", "list.addAll", "print.line", "print.line", "builder.cut", "assert",
            "stream.close",
        )
    )  # fmt: skip
    match key:
        case "array.fill":
            return Do(library(key, scope.variable(array_of(INT)), leaf(scope, INT)))
        case "array.sort":
            return Do(library(key, scope.variable(array_of(INT))))
        case "list.set" | "list.insert":
            return Do(
                library(key, scope.variable(list_of(kind)), scope.variable(INT), leaf(scope, kind))
            )
        case "list.removeAt":
            return Do(library(key, scope.variable(list_of(kind)), scope.variable(INT)))
        case "list.addAll":
            return Do(library(key, scope.variable(list_of(kind)), call(scope, list_of(kind), 1)))
        case "print.line":
            return Do(library(key, expression(scope, STRING, 2)))
        case "builder.cut":
            return Do(library(key, scope.variable(BUILDER), leaf(scope, INT)))
        case "assert":
            return Do(library(key, condition(scope, 1)))
        case "stream.close":
            return Do(
                library(
                    key, scope.variable(TypeRef(scope.pick(("InputStream", "Reader", "Writer"))))
                )
            )
    return Do(library(key, scope.variable(list_of(kind))))


def append(scope: Scope, builder: Expr) -> Stmt:
    """Draw an append, or a chain of them."""
    chain = builder
    for _ in range(scope.pick((1, 1, 1, 2, 3))):
        draw = scope.rng.random()
        piece = (
            text(scope) if draw < 0.35 else argument(scope, 1) if draw < 0.8 else character(scope)
        )
        if piece == THIS:
            piece = scope.field(scope.simple_type())
        chain = library("builder.append", chain, piece)
    return Do(chain)


def store(scope: Scope) -> Stmt:
    """Draw an assignment to an element of an array."""
    kind = scope.pick((INT, INT, BYTE, CHAR, STRING, scope.user()))
    base = scope.variable(INT)
    place: Expr = base if scope.chance(0.6) else Postfix(base, "++")
    array = scope.variable(array_of(kind))
    if kind == BYTE:
        value: Expr = Cast(BYTE, expression(scope, INT, 2))
    else:
        value = expression(scope, kind, 1)
    return Do(Assign(Index(array, place), "=", value))


def lambda_call(scope: Scope) -> Stmt:
    """Draw a call that takes a function."""
    name = scope.fresh()
    body: Expr = Call(Name(name), scope.names.getter())
    if scope.chance(0.4):
        body = Binary(
            scope.pick(("==", "!=")), body, scope.variable(STRING) if scope.chance(0.6) else NULL
        )
    return Do(Call(scope.some_user()[1], scope.names.action(), (Lambda(name, body),)))


SIMPLE: Final[tuple[tuple[Callable[[Scope], Stmt], float], ...]] = (
    (void_call, 30),
    (declaration, 22),
    (assignment, 20),
    (update, 7),
    (library_call, 14),
    (store, 5),
    (lambda_call, 1.2),
)
SIMPLE_MAKERS: Final = [maker for maker, _ in SIMPLE]
SIMPLE_TOTALS: Final = list(accumulate(weight for _, weight in SIMPLE))


def simple(scope: Scope) -> Stmt:
    """Draw a statement without an inner block."""
    return scope.weighted(SIMPLE_MAKERS, SIMPLE_TOTALS)(scope)
