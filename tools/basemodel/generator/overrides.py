"""Draw overrides of toString, equals and hashCode."""

from tools.basemodel.generator.expressions import expression
from tools.basemodel.generator.literals import NULL, ONE, ZERO, library
from tools.basemodel.generator.scope import (
    BOOLEAN,
    BUILDER,
    INT,
    OBJECT,
    STRING,
    THIS,
    Scope,
)
from tools.basemodel.generator.signatures import method
from tools.basemodel.generator.simple import append, local
from tools.basemodel.generator.tree import (
    Access,
    Assign,
    Binary,
    Cast,
    Do,
    Expr,
    If,
    InstanceOf,
    Literal,
    Local,
    Member,
    Name,
    New,
    Parameter,
    Prefix,
    Return,
    Stmt,
    Ternary,
)


def to_text(scope: Scope) -> Member:
    """Draw an override of toString."""
    draw = scope.rng.random()
    if draw < 0.45:
        return method(
            scope, STRING, "toString", (), (Return(expression(scope, STRING, 2)),), overrides=True
        )
    if draw < 0.6:
        name = library(scope.pick(("own.className", "own.fullName")))
        pieces = Binary("+", Binary("+", name, Literal('" ["')), scope.field(scope.simple_type()))
        value = Binary("+", pieces, Literal('"]"'))
        return method(scope, STRING, "toString", (), (Return(value),), overrides=True)
    first = local(
        scope, BUILDER, New(BUILDER), scope.pick(("sb", "sb", "buf", "buffer", "builder"))
    )
    scope.variables.pop()
    body = [append(scope, Name(first.name)) for _ in range(scope.pick((1, 2, 3, 4, 5)))]
    end = Return(library("object.text", Name(first.name)))
    return method(scope, STRING, "toString", (), (first, *body, end), overrides=True)


def equality(scope: Scope) -> Member:
    """Draw an override of equals."""
    given, other = (
        scope.pick(("o", "obj", "other", "that", "object1")),
        scope.fresh(scope.owner.name),
    )
    if other == given:
        other += "1"
    subject, mine = Name(given), scope.owner
    scope.taken.update((given, other))
    head: list[Stmt] = []
    if scope.chance(0.6):
        head.append(
            If(Binary("==", THIS, subject), (Return(Literal("true")),), (), scope.chance(0.7))
        )
    wrong: Expr = Prefix("!", InstanceOf(subject, mine))
    if scope.chance(0.45):
        wrong = Binary("!=", library("own.class"), library("object.class", subject))
        if scope.chance(0.6):
            wrong = Binary("||", Binary("==", subject, NULL), wrong)
    head.append(If(wrong, (Return(Literal("false")),), (), scope.chance(0.7)))
    head.append(Local(mine, other, Cast(mine, subject)))
    tests: list[Expr] = []
    for _ in range(scope.pick((1, 1, 2, 2, 3))):
        kind = scope.simple_type()
        name = scope.new_field(kind)
        here, there = scope.see_field(name), Access(Name(other), name)
        alike = kind.name[0].islower()
        tests.append(Binary("==", here, there) if alike else library("object.equals", here, there))
    value = tests[0]
    for test in tests[1:]:
        value = Binary("&&", value, test)
    body = (*head, Return(value))
    return method(scope, BOOLEAN, "equals", (Parameter(OBJECT, given),), body, overrides=True)


def hashing(scope: Scope) -> Member:
    """Draw an override of hashCode."""

    def part() -> Expr:
        kind = scope.simple_type()
        field = scope.field(kind)
        if kind.name in ("int", "short", "byte", "char"):
            return field
        if kind == BOOLEAN:
            return Ternary(
                field, Literal(scope.pick(("1", "1231"))), Literal(scope.pick(("0", "1237")))
            )
        if kind.name[0].islower():
            return Cast(INT, field)
        hashed = library("object.hash", field)
        return Ternary(Binary("==", field, NULL), ZERO, hashed) if scope.chance(0.4) else hashed

    if scope.chance(0.4):
        value = part()
        if scope.chance(0.6):
            value = Binary(scope.pick(("+", "^")), Binary("*", Literal("31"), value), part())
        return method(scope, INT, "hashCode", (), (Return(value),), overrides=True)
    result = Name(scope.pick(("result", "hash", "h", "code")))
    prime = Name("prime")
    body: list[Stmt] = [] if scope.chance(0.4) else [Local(INT, "prime", Literal("31"), True)]
    factor: Expr = prime if body else Literal("31")
    first = scope.pick((ONE, Literal("17"), Literal("7"), part()))
    body.append(Local(INT, result.text, first))
    for _ in range(scope.pick((1, 2, 2, 3))):
        body.append(Do(Assign(result, "=", Binary("+", Binary("*", factor, result), part()))))
    return method(scope, INT, "hashCode", (), (*body, Return(result)), overrides=True)
