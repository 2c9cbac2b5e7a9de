"""Draw the head of a method and bring its parameters in sight."""

from typing import Final

from tools.basemodel.generator.expressions import condition, creation, expression
from tools.basemodel.generator.literals import NULL, ZERO
from tools.basemodel.generator.scope import (
    OBJECT,
    STRING,
    Scope,
)
from tools.basemodel.generator.simple import exception
from tools.basemodel.generator.statements import Block
from tools.basemodel.generator.tree import (
    Binary,
    Expr,
    If,
    Method,
    Parameter,
    Stmt,
    Throw,
    TypeRef,
)

THROWS: Final = ("IOException", "IOException", "IOException", "Exception")


def modifiers(scope: Scope) -> tuple[str, ...]:
    """Draw the modifiers of an instance method or, as the scope may decide, of a static one."""
    draw = scope.rng.random()
    words = ["public"] if draw < 0.78 else ["private"] if draw < 0.87 else ["protected"]
    if draw > 0.94:
        words = []
    if scope.static:
        words.append("static")
    elif scope.chance(0.07):
        words.append("final")
    return tuple(words)


def method(
    scope: Scope,
    result: TypeRef,
    name: str,
    parameters: tuple[Parameter, ...],
    body: Block | None,
    *,
    overrides: bool = False,
) -> Method:
    """Put a method together; throws, annotations and a summary are drawn."""
    words = ("public",) if overrides else modifiers(scope)
    override = overrides or (
        scope.chance(0.16) and "static" not in words and words[:1] == ("public",)
    )
    annotated = override and not (overrides and scope.chance(0.4))
    throws = (scope.pick(THROWS),) if scope.chance(0.14) and not overrides else ()
    summary = ""
    if scope.chance(0.35):
        sentence = scope.names.sentence()
        summary = sentence[0].upper() + sentence[1:] + "."
    return Method(
        words, result, name, parameters, body, throws, override, annotated, summary=summary
    )


def parameters(
    scope: Scope, counts: tuple[int, ...] = (0, 1, 1, 1, 2, 2, 3, 4)
) -> tuple[Parameter, ...]:
    """Draw parameters and bring them in sight."""
    final = scope.chance(0.06)
    return tuple([scope.parameter(scope.type(), final) for _ in range(scope.pick(counts))])


def checked(scope: Scope, kind: TypeRef, value: Expr) -> Stmt:
    """Draw the check of a parameter."""
    if kind.name in ("int", "long") and not kind.dimensions:
        test: Expr = Binary(scope.pick(("<", "<=")), value, ZERO)
    elif kind.dimensions or kind.name[0].isupper():
        test = Binary("==", value, NULL)
    else:
        test = condition(scope, 1)
    return If(test, (Throw(exception(scope)),))


def creation_or_leaf(scope: Scope, kind: TypeRef) -> Expr:
    """Draw the first value of a field."""
    if kind.dimensions or (kind.name[0].isupper() and kind not in (STRING, OBJECT)):
        return creation(scope, kind, 1)
    return expression(scope, kind, 1)
