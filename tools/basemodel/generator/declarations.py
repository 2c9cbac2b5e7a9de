"""Draw fields, constructors, properties and small types."""

from tools.basemodel.generator.expressions import constant, creation, leaf
from tools.basemodel.generator.literals import literal
from tools.basemodel.generator.scope import (
    BOOLEAN,
    INT,
    STRING,
    THIS,
    VOID,
    Scope,
    is_user,
)
from tools.basemodel.generator.signatures import checked, creation_or_leaf, parameters
from tools.basemodel.generator.simple import void_call
from tools.basemodel.generator.tree import (
    Access,
    Assign,
    Constructor,
    Do,
    Expr,
    Field,
    Member,
    Method,
    Name,
    New,
    Parameter,
    Property,
    Return,
    Stmt,
    TypeDeclaration,
    TypeRef,
)


def constructor(scope: Scope) -> Member:
    """Draw a constructor that stores its parameters and may hand some of them on."""
    given = parameters(scope, (0, 1, 1, 2, 2, 3, 4, 5))
    body: list[Stmt] = []
    handed: list[Expr] = []
    for one in given:
        value: Expr = Name(one.name)
        if scope.chance(0.25):
            handed.append(value)
            continue
        if scope.chance(0.07):
            body.append(checked(scope, one.type, value))
        field = scope.field_name(one.name) if scope.chance(0.85) else scope.new_field(one.type)
        target: Expr = Access(THIS, field) if field == one.name or scope.explicit else Name(field)
        body.append(Do(Assign(target, "=", value)))
    if scope.chance(0.35):
        kind = scope.type()
        body.append(Do(Assign(scope.field(kind), "=", creation_or_leaf(scope, kind))))
    if scope.chance(0.15):
        body.append(void_call(scope))
    chain = None
    if handed or scope.chance(0.1):
        handed += (
            [leaf(scope, INT) if scope.chance(0.3) else constant(scope)]
            if scope.chance(0.35)
            else []
        )
        chain = ("super" if body or scope.chance(0.6) else "this", tuple(handed))
    words = scope.pick((("public",), ("public",), ("public",), ("protected",), ("private",), ()))
    return Constructor(words, scope.owner.name, given, tuple(body), chain)


def declared(scope: Scope) -> Member:
    """Draw a method without a body, of an interface or abstract."""
    result = VOID if scope.chance(0.35) else scope.type()
    name = scope.names.question() if result == BOOLEAN else scope.names.action()
    given = parameters(scope)
    if scope.chance(0.45):
        return Method((), result, name, given, None, in_interface=True)
    words = (scope.pick(("public", "public", "protected")), "abstract")
    return Method(words, result, name, given, None)


def field(scope: Scope) -> Member:
    """Draw a field or a constant."""
    scope.static = True  # what initialises a field sees no instance
    kind = scope.type()
    if scope.chance(0.5):
        words = (scope.pick(("public", "private", "protected")), "static", "final")
        return Field(words, kind, scope.names.constant(), creation_or_literal(scope, kind))
    final = ("final",) if scope.chance(0.35) else ()
    value = creation_or_literal(scope, kind) if scope.chance(0.4) else None
    return Field(
        (scope.pick(("private", "protected", "public")), *final), kind, scope.new_field(kind), value
    )


def creation_or_literal(scope: Scope, kind: TypeRef) -> Expr:
    """Draw the value of a field outside a constructor."""
    if kind.dimensions or (kind.name[0].isupper() and kind != STRING):
        return New(kind) if is_user(kind) else creation(scope, kind, 0)
    return literal(scope, kind)


def accessors(scope: Scope) -> Member:
    """Draw a getter and a setter that together are a property."""
    plain = scope.names.camel(scope.names.phrase())
    return Property(scope.type(), plain, scope.field_name(plain))


def small_type(scope: Scope) -> Member:
    """Draw a class or an interface with a few members."""
    if scope.chance(0.25):
        declared_only = tuple([interface_method(scope) for _ in range(scope.pick((1, 2, 3)))])
        parents = (scope.user(),) if scope.chance(0.3) else ()
        return TypeDeclaration(
            ("public",), "interface", scope.owner.name, None, parents, declared_only
        )
    kind = scope.simple_type()
    name = scope.names.camel(scope.names.phrase())
    stored = scope.field_name(name)
    target: Expr = Access(THIS, stored) if stored == name or scope.explicit else Name(stored)
    build = Constructor(
        ("public",),
        scope.owner.name,
        (Parameter(kind, name),),
        (Do(Assign(target, "=", Name(name))),),
    )
    access = "is" if kind == BOOLEAN else "get"
    value: Expr = Access(THIS, stored) if scope.explicit else Name(stored)
    read = Method(("public",), kind, access + name[0].upper() + name[1:], (), (Return(value),))
    members: tuple[Member, ...] = (
        Field(("private", *scope.pick(((), ("final",)))), kind, stored),
        build,
        read,
    )
    words = ("public", *scope.pick(((), (), (), ("final",), ("abstract",))))
    parent = scope.user() if scope.chance(0.4) and words[-1] != "final" else None
    interfaces = (scope.user(),) if scope.chance(0.25) else ()
    return TypeDeclaration(words, "class", scope.owner.name, parent, interfaces, members)


def interface_method(scope: Scope) -> Method:
    """Draw a method of an interface."""
    result = VOID if scope.chance(0.4) else scope.type()
    with scope.block():
        return Method((), result, scope.names.action(), parameters(scope), None, in_interface=True)
