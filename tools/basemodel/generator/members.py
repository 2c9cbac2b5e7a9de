"""Draw members of classes by the shares that real projects have of each kind."""

from collections.abc import Callable
from itertools import accumulate
from typing import Final

from tools.basemodel.generator.declarations import (
    accessors,
    constructor,
    declared,
    field,
    small_type,
)
from tools.basemodel.generator.expressions import (
    argument,
    arguments,
    call,
    condition,
    constant,
    creation,
    expression,
    leaf,
    operand,
)
from tools.basemodel.generator.literals import NULL, library, literal
from tools.basemodel.generator.overrides import equality, hashing, to_text
from tools.basemodel.generator.scope import (
    BOOLEAN,
    INT,
    OBJECT,
    STRING,
    THIS,
    VOID,
    Scope,
    is_user,
    list_of,
)
from tools.basemodel.generator.signatures import (
    checked,
    method,
    modifiers,
    parameters,
)
from tools.basemodel.generator.simple import exception
from tools.basemodel.generator.statements import Block, statement
from tools.basemodel.generator.tree import (
    Access,
    Assign,
    Binary,
    Call,
    Cast,
    Do,
    Expr,
    If,
    Literal,
    Member,
    Method,
    Name,
    New,
    Parameter,
    Return,
    Static,
    Stmt,
    Switch,
    Ternary,
    Throw,
    TypeRef,
)

GENERIC: Final = TypeRef("T")


def getter(scope: Scope) -> Member:
    """Draw a method that returns a field."""
    kind = scope.type()
    plain = scope.names.camel(scope.names.phrase())
    field = scope.field_name(plain)
    title = plain[0].upper() + plain[1:]
    name = ("is" if kind == BOOLEAN else "get") + title
    if scope.chance(0.12):
        name = scope.pick((plain, "size" if kind == INT else plain, "getValue"))
    value: Expr = Access(THIS, field) if scope.explicit else Name(field)
    return method(scope, kind, name, (), (Return(value),))


def setter(scope: Scope) -> Member:
    """Draw a method that stores a field, seldom with `return this`."""
    kind = scope.type()
    plain = scope.names.camel(scope.names.phrase())
    field, given = scope.field_name(plain), plain if scope.chance(0.6) else scope.fresh(kind.name)
    target: Expr = Access(THIS, field) if field == given or scope.explicit else Name(field)
    body: tuple[Stmt, ...] = (Do(Assign(target, "=", Name(given))),)
    result = VOID
    prefix = "set"
    if scope.chance(0.15):
        body, result, prefix = (*body, Return(THIS)), scope.owner, scope.pick(("set", "with"))
    scope.declare(kind, given)
    if scope.chance(0.12):
        body = (checked(scope, kind, Name(given)), *body)
    name = prefix + plain[0].upper() + plain[1:]
    return method(scope, result, name, (Parameter(kind, given),), body)


def delegation(scope: Scope) -> Member:
    """Draw a method that hands its parameters on."""
    given = parameters(scope)
    names: tuple[Expr, ...] = tuple([Name(one.name) for one in given])
    if scope.chance(0.25):
        names = (*names, argument(scope, 1))
    name = scope.names.action()
    inner = name if scope.chance(0.5) else scope.names.action()
    kind, target = scope.some_user()
    owner = scope.pick((target, target, target, Static(kind), None))
    inner = scope.names.action() if owner is None else inner
    invocation = Call(owner, inner, names)
    if scope.chance(0.4):
        return method(scope, VOID, name, given, (Do(invocation),))
    result = scope.type()
    value: Expr = Cast(result, invocation) if scope.chance(0.08) else invocation
    return method(scope, result, name, given, (Return(value),))


def one_liner(scope: Scope) -> Member:
    """Draw a method that returns one expression."""
    scope.static = scope.chance(0.3)
    given = parameters(scope)
    result = scope.type()
    name = scope.names.question() if result == BOOLEAN else scope.names.action()
    value = expression(scope, result, 3)
    if isinstance(value, Literal | Name):
        value = call(scope, result, 3)
    return method(scope, result, name, given, (Return(value),))


def constant_method(scope: Scope) -> Member:
    """Draw a method that returns a literal, a constant or throws."""
    result = scope.simple_type()
    name = scope.names.question() if result == BOOLEAN else scope.names.getter()
    draw = scope.rng.random()
    if draw < 0.3:
        return method(scope, result, name, parameters(scope), (Throw(exception(scope)),))
    value = constant(scope) if draw < 0.6 else literal(scope, result)
    return method(scope, result, name, (), (Return(value),))


def factory(scope: Scope) -> Member:
    """Draw a method that returns a new object."""
    scope.static = scope.chance(0.6)
    given = parameters(scope)
    kind = scope.user()
    names = tuple([Name(one.name) for one in given])
    made = New(kind, names if scope.chance(0.7) else arguments(scope, 1))
    lead = scope.pick(("create", "new", "of", "make", "build", "from"))
    name = lead + kind.name if scope.chance(0.6) else scope.names.action()
    return method(scope, kind, name, given, (Return(made),))


def general(scope: Scope) -> Member:
    """Draw a method with a body of any length."""
    scope.static = scope.chance(0.18)
    given = parameters(scope)
    result = VOID if scope.chance(0.5) else scope.type()
    scope.result = result
    count = scope.pick((1, 1, 2, 2, 2, 3, 3, 3, 4, 5))
    body: list[Stmt] = []
    for _ in range(count):
        body += statement(scope, scope.pick((1, 2, 2, 3)))
    if result != VOID:
        body.append(Return(expression(scope, result, 2)))
    name = scope.names.question() if result == BOOLEAN else scope.names.action()
    made = method(scope, result, name, given, tuple(body))
    if scope.chance(0.03) and not scope.static:
        return Method((*made.modifiers, "synchronized"), result, name, given, made.body)
    return made


def choice_method(scope: Scope) -> Member:
    """Draw a method that returns one of two things."""
    scope.static = scope.chance(0.25)
    given = parameters(scope, (1, 1, 2, 3))
    result = scope.type()
    test = condition(scope, 2)
    first = expression(scope, result, 2)
    second = operand(scope, result, 2, first)
    name = scope.names.question() if result == BOOLEAN else scope.names.action()
    if scope.chance(0.25):
        body: Block = (Return(Ternary(test, first, second)),)
    elif scope.chance(0.4):
        body = (If(test, (Return(first),), (Return(second),)),)
    else:
        body = (If(test, (Return(first),), (), scope.chance(0.75)), Return(second))
    return method(scope, result, name, given, body)


def lazy(scope: Scope) -> Member:
    """Draw a getter that makes its object on the first call."""
    kind = scope.pick((scope.user(), scope.user(), list_of(scope.user())))
    field = scope.field(kind)
    made = Do(Assign(field, "=", creation(scope, kind, 1)))
    body = (If(Binary("==", field, NULL), (made,)), Return(field))
    return method(scope, kind, scope.names.getter(), (), body)


def lookup(scope: Scope) -> Member:
    """Draw a method that maps numbers to names or back by a switch."""
    scope.static = scope.chance(0.5)
    subject = scope.parameter(INT)
    result = scope.pick((STRING, INT, scope.user()))
    cases: list[tuple[tuple[Expr, ...], Block]] = []
    named = scope.chance(0.5)
    for i in range(scope.pick((2, 3, 4, 5))):
        value = New(scope.user()) if is_user(result) else literal(scope, result)
        label = Name(scope.names.constant()) if named else Literal(str(i))
        cases.append(((label,), (Return(value),)))
    last: Stmt = Throw(exception(scope)) if scope.chance(0.6) else Return(leaf(scope, result))
    if scope.chance(0.5):
        body: Block = (Switch(Name(subject.name), (*cases, ((), (last,)))),)
    else:
        body = (Switch(Name(subject.name), tuple(cases)), last)
    return method(scope, result, scope.names.action(), (subject,), body)


def generic(scope: Scope) -> Member:
    """Draw a method with a type parameter."""
    kind = TypeRef(scope.pick("TTEVK"))
    source = list_of(kind)
    scope.static = scope.chance(0.5)
    given = (scope.parameter(source), scope.parameter(INT if scope.chance(0.5) else kind))
    value = library("list.get", Name(given[0].name), leaf(scope, INT))
    words = modifiers(scope)
    return Method(
        words, kind, scope.names.action(), given, (Return(value),), (), type_parameters=(kind.name,)
    )


def variadic(scope: Scope) -> Member:
    """Draw a method that takes any number of arguments."""
    kind = scope.pick((STRING, INT, OBJECT, scope.user()))
    first = parameters(scope, (0, 0, 1))
    last = Parameter(kind, scope.fresh(), False, True)
    given = (*first, last)
    invocation = Call(
        scope.some_user()[1], scope.names.action(), tuple([Name(one.name) for one in given])
    )
    return method(scope, VOID, scope.names.action(), given, (Do(invocation),))


KINDS: Final[tuple[tuple[Callable[[Scope], Member], float], ...]] = (
    (getter, 7), (setter, 6), (delegation, 12), (one_liner, 11), (constant_method, 5),
    (constructor, 11), (to_text, 3.5), (equality, 2.5), (hashing, 2), (factory, 5),
    (declared, 3), (general, 38), (choice_method, 7), (lazy, 1.5), (lookup, 2), (generic, 1),
    (variadic, 1), (field, 1.5), (accessors, 1), (small_type, 2),
)  # fmt: skip
MAKERS: Final = [maker for maker, _ in KINDS]
TOTALS: Final = list(accumulate(weight for _, weight in KINDS))


def member(scope: Scope) -> tuple[str, Member]:
    """Draw a member, with the name of the kind that it is."""
    maker = scope.weighted(MAKERS, TOTALS)
    return maker.__name__, maker(scope)
