"""Draw blocks, and the statements that hold other statements."""

from collections.abc import Callable
from itertools import accumulate
from typing import Final, TypeAlias

from tools.basemodel.generator.expressions import (
    call,
    condition,
    constant,
    expression,
    leaf,
)
from tools.basemodel.generator.literals import ONE, ZERO, character, library, number, text
from tools.basemodel.generator.scope import (
    BYTE,
    CHAR,
    INT,
    OBJECT,
    STRING,
    THIS,
    VOID,
    Scope,
    array_of,
    element_of,
    list_of,
    map_of,
)
from tools.basemodel.generator.simple import (
    exception,
    local,
    simple,
)
from tools.basemodel.generator.tree import (
    Assign,
    Binary,
    Call,
    Comment,
    Do,
    Expr,
    For,
    ForEach,
    If,
    Index,
    Jump,
    Literal,
    Local,
    Name,
    New,
    NewArray,
    Postfix,
    Return,
    Stmt,
    Switch,
    Synchronized,
    Throw,
    Try,
    TypeRef,
    While,
)

Block: TypeAlias = tuple[Stmt, ...]
CAUGHT: Final = ("IOException", "Exception", "RuntimeException", "NumberFormatException")


def guard(scope: Scope) -> Stmt:
    """Draw a check that throws or leaves."""
    test = condition(scope, 1)
    exit_: Stmt = Throw(exception(scope))
    if scope.chance(0.25) and scope.result is not None:
        exit_ = Return(None if scope.result == VOID else leaf(scope, scope.result))
    return If(test, (exit_,), (), scope.chance(0.85))


def choice(scope: Scope, budget: int) -> Stmt:
    """Draw an `if`, half of the time with an `else`."""
    test = condition(scope, 2)
    then = block(scope, budget - 1)
    if not scope.chance(0.4):
        return If(
            test, then, (), len(then) > 1 or not isinstance(then[0], Do) or scope.chance(0.85)
        )
    if scope.chance(0.25) and budget > 2:
        return If(test, then, (choice(scope, budget - 2),))
    return If(test, then, block(scope, budget - 1))


def count_loop(scope: Scope, budget: int) -> Stmt:
    """Draw a loop over numbers, an array, a string or a list."""
    draw, element = scope.rng.random(), scope.element_type()
    source: Expr | None = None
    kind = INT
    if draw < 0.3:
        kind = array_of(scope.pick((INT, BYTE, CHAR, STRING, element)))
        source = scope.variable(kind)
        end: Expr = library("array.length", source)
    elif draw < 0.5:
        kind = list_of(element)
        source = scope.variable(kind)
        end = library("all.size", source)
    elif draw < 0.6:
        kind = STRING
        source = scope.variable(STRING)
        end = library("string.length", source)
    else:
        end = expression(scope, INT, 1)
    with scope.block():
        first = ZERO if scope.chance(0.85) else leaf(scope, INT)
        name = scope.counter()
        scope.declare(INT, name)
        body = (*fetch(scope, kind, source, Name(name)), *block(scope, budget - 1))
        back = draw > 0.93
        start: Expr = Binary("-", end, ONE) if back else first
        test = Binary(">=" if back else "<", Name(name), ZERO if back else end)
        return For(Local(INT, name, start), test, Postfix(Name(name), "--" if back else "++"), body)


def fetch(scope: Scope, kind: TypeRef, source: Expr | None, place: Expr) -> Block:
    """Draw the statement that takes the current element, where the loop runs over something."""
    if source is None or scope.chance(0.35):
        return ()
    if kind == STRING:
        return (local(scope, CHAR, library("string.charAt", source, place), ""),)
    if kind.dimensions:
        return (local(scope, element_of(kind), Index(source, place)),)
    return (local(scope, kind.arguments[0], library("list.get", source, place)),)


def each_loop(scope: Scope, budget: int) -> Stmt:
    """Draw a loop over the elements of an array, a collection or a map."""
    draw, element = scope.rng.random(), scope.element_type()
    if draw < 0.25:
        pair = TypeRef("Map.Entry", (scope.pick((STRING, INT)), element))
        source: Expr = library("map.entries", scope.variable(TypeRef("Map", pair.arguments)))
        with scope.block():
            name = scope.pick(("entry", "e", "pair", "kv", scope.fresh()))
            first = local(scope, element, library("entry.value", Name(name)))
            second = local(scope, pair.arguments[0], library("entry.key", Name(name)))
            body = tuple([one for one in (second, first) if scope.chance(0.75)])
            return ForEach(pair, name, source, body + block(scope, budget - 1))
    if draw < 0.35:
        key = scope.pick((STRING, INT))
        source = library("map.keys", scope.variable(map_of(key, element)))
        element = key
    elif draw < 0.42:
        source = library("map.values", scope.variable(map_of(STRING, element)))
    elif draw < 0.6:
        source = call(scope, list_of(element), 1)
    else:
        source = scope.variable(array_of(element) if draw < 0.8 else list_of(element))
    with scope.block():
        name = scope.declare(element).text
        return ForEach(element, name, source, block(scope, budget - 1))


def while_loop(scope: Scope, budget: int) -> Stmt:
    """Draw a loop with a condition."""
    test = condition(scope, 1)
    body = block(scope, budget - 1)
    if scope.chance(0.2):
        body = (*body, If(condition(scope, 1), (Jump(scope.pick(("break", "continue"))),)))
    return While(test, body, scope.chance(0.2))


def walk(scope: Scope, budget: int) -> Block:
    """Draw a loop with an explicit iterator."""
    kind = scope.element_type()
    cursor = TypeRef("Iterator", (kind,))
    source = library("iterator.of", scope.variable(list_of(kind)))
    name = scope.pick(("it", "iter", "iterator", scope.fresh()))
    with scope.block():
        first = local(scope, kind, library("iterator.next", Name(name)))
        body = (first, *block(scope, budget - 1))
    return (Local(cursor, name, source), While(library("iterator.more", Name(name)), body))


def switch(scope: Scope, _budget: int) -> Stmt:
    """Draw a switch over a number, a character or a string; its cases nest no further."""
    kind = scope.pick((INT, INT, CHAR, STRING))
    subject = scope.variable(kind) if scope.chance(0.6) else call(scope, kind, 1)
    constants = scope.chance(0.4) and kind == INT
    cases: list[tuple[tuple[Expr, ...], Block]] = []
    seen: set[Expr] = set()
    for i in range(scope.pick((2, 2, 3, 3, 4, 6))):
        labels: list[Expr] = []
        for _ in range(scope.pick((1, 1, 1, 1, 2))):
            label = (
                constant(scope)
                if constants
                else Literal(str(i))
                if kind == INT
                else character(scope)
            )
            if kind == STRING:
                label = text(scope)
            if label not in seen:
                seen.add(label)
                labels.append(label)
        if labels:
            cases.append((tuple(labels), case_body(scope)))
    if scope.chance(0.7):
        last: Block = (Throw(exception(scope)),) if scope.chance(0.5) else case_body(scope)
        cases.append(((), last))
    return Switch(subject, tuple(cases))


def case_body(scope: Scope) -> Block:
    """Draw what a case does."""
    if scope.result not in (None, VOID) and scope.chance(0.7):
        return (Return(expression(scope, scope.result or INT, 1)),)
    return (simple(scope), Jump("break"))


def attempt(scope: Scope, budget: int) -> Stmt:
    """Draw a try statement."""
    body = block(scope, budget)
    if scope.chance(0.25):
        return Try(body, None, block(scope, 1))
    name = scope.pick(("e", "e", "e", "ex", "exc", "ignored", scope.fresh()))
    kind = TypeRef(scope.pick(CAUGHT) if scope.chance(0.85) else scope.names.title() + "Exception")
    caught = Name(name)
    draw = scope.rng.random()
    if draw < 0.4:
        wrapped = TypeRef(scope.pick(("RuntimeException", "IOException", "IllegalStateException")))
        message = text(scope) if draw < 0.2 else library("error.message", caught)
        handler: Block = (Throw(New(wrapped, (message, caught))),)
    elif draw < 0.55:
        handler = (Throw(exception(scope)),)
    elif draw < 0.65:
        handler = (Do(library("error.print", caught)),)
    elif draw < 0.8 and scope.result not in (None, VOID):
        handler = (Return(leaf(scope, scope.result or INT)),)
    else:
        shown = caught if draw < 0.9 else library("error.message", caught)
        handler = (Do(Call(scope.some_user()[1], scope.names.action(), (text(scope), shown))),)
    return Try(body, (kind, name, handler), block(scope, 1) if scope.chance(0.2) else ())


def locked(scope: Scope, budget: int) -> Stmt:
    """Draw a synchronized block."""
    monitor: Expr = THIS if scope.chance(0.5) and not scope.static else scope.field(OBJECT)
    return Synchronized(monitor, block(scope, budget - 1))


def grow(scope: Scope) -> Block:
    """Draw the enlargement of an array that is full."""
    kind = array_of(scope.pick((INT, BYTE, CHAR, OBJECT, STRING, scope.user())))
    array, count = scope.variable(kind, 0.3), scope.variable(INT, 0.5)
    length = library("array.length", array)
    with scope.block():
        size = (
            Binary("*", length, Literal("2"))
            if scope.chance(0.6)
            else Binary("+", count, number(scope))
        )
        first = local(scope, kind, NewArray(element_of(kind), size))
        copy = library(
            "array.copy", array, ZERO, Name(first.name), ZERO, scope.pick((count, length))
        )
        change = Do(Assign(array, "=", Name(first.name)))
        return (If(Binary(scope.pick(("==", ">=")), count, length), (first, Do(copy), change)),)


def remark(scope: Scope) -> Block:
    """Draw a comment with the statement that it speaks of."""
    return (Comment(scope.names.sentence()), simple(scope))


NESTED: Final[tuple[tuple[Callable[[Scope, int], Stmt | Block], float], ...]] = (
    (choice, 34),
    (count_loop, 17),
    (each_loop, 13),
    (while_loop, 8),
    (walk, 4),
    (switch, 6),
    (attempt, 9),
    (locked, 4),
)
NESTED_MAKERS: Final = [maker for maker, _ in NESTED]
NESTED_TOTALS: Final = list(accumulate(weight for _, weight in NESTED))


def statement(scope: Scope, budget: int) -> Block:
    """Draw a statement, seldom two that belong together; `budget` bounds the nesting."""
    draw = scope.rng.random()
    if draw < 0.14:
        return (guard(scope),)
    if draw < 0.16:
        return grow(scope)
    if draw < 0.19:
        return remark(scope)
    if budget > 1 and draw < 0.48:
        made = scope.weighted(NESTED_MAKERS, NESTED_TOTALS)(scope, budget)
        return made if isinstance(made, tuple) else (made,)
    return (simple(scope),)


def block(scope: Scope, budget: int) -> Block:
    """Draw the body of an inner block; it never starts with a comment alone and never is empty."""
    with scope.block():
        made: list[Stmt] = []
        for _ in range(scope.pick((1, 1, 1, 2, 2, 3) if budget > 1 else (1, 1, 1, 2))):
            made += statement(scope, budget - 1) if budget > 1 else (simple(scope),)
        return tuple(made)
