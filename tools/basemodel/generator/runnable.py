"""Draw whole programs that compile and run, so that both sides can be shown to behave alike.

Everything here is total: divisors are literals, indices are bounded, nothing depends on the order
of a hash table, on a floating point format or on the name of a truth value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tools.basemodel.generator.csharp import CSharpPrinter
from tools.basemodel.generator.java import JavaPrinter
from tools.basemodel.generator.literals import NULL, ONE, ZERO, library
from tools.basemodel.generator.page import Layout, Page
from tools.basemodel.generator.scope import (
    BOOLEAN,
    BUILDER,
    CHAR,
    INT,
    OBJECT,
    STRING,
    THIS,
    VOID,
    Scope,
    array_of,
    list_of,
    map_of,
)
from tools.basemodel.generator.tree import (
    Access,
    ArrayValues,
    Assign,
    Binary,
    Call,
    Cast,
    Constructor,
    Do,
    Expr,
    Field,
    For,
    ForEach,
    If,
    Index,
    InstanceOf,
    Literal,
    Local,
    Member,
    Method,
    Name,
    New,
    NewArray,
    Parameter,
    Postfix,
    Prefix,
    Return,
    Stmt,
    Switch,
    Ternary,
    Throw,
    Try,
    TypeDeclaration,
    TypeRef,
    While,
)  # fmt: skip

JAVA_HEAD: Final = "import java.util.*;\n\n"
CSHARP_HEAD: Final = "using System;\nusing System.Collections.Generic;\nusing System.Text;\n\n"
FAULT: Final = TypeRef("IllegalArgumentException")
Made = tuple[Method, tuple[Expr, ...]]
"""A method with the arguments of the call that prints its result."""


@dataclass(frozen=True, slots=True)
class GeneratedProgram:
    """A class with `main` that prints the same lines in both languages."""

    name: str
    java: str
    csharp: str


def program(seed: int) -> GeneratedProgram:
    """Draw a whole class; the same seed gives the same class."""
    rng = Random(seed)
    scope = Scope(rng)
    scope.owner = TypeRef(f"{scope.names.title()}N{seed}")
    makers = [scope.pick(MAKERS) for _ in range(4 + int(rng.random() * 4))]
    made = [maker(scope) for maker in dict.fromkeys(makers)]
    amount, label = scope.new_field(INT), scope.new_field(STRING)
    members: tuple[Member, ...] = (
        Field(("private",), INT, amount),
        Field(("private", "final"), STRING, label),
        build(scope, amount, label),
        *[method for method, _ in made],
        *overrides(scope, amount, label),
        start(scope, made),
    )
    node = TypeDeclaration(("public",), "class", scope.owner.name, None, (), members)
    java, csharp = Page(Layout(False)), Page(Layout(False, allman=True))
    JavaPrinter(java).member(node)
    CSharpPrinter(csharp).member(node)
    return GeneratedProgram(
        scope.owner.name, JAVA_HEAD + java.text() + "\n", CSHARP_HEAD + csharp.text() + "\n"
    )


def build(scope: Scope, amount: str, label: str) -> Constructor:
    """Make the constructor, which stores both parameters."""
    given = (Parameter(INT, "first"), Parameter(STRING, "second"))
    body = tuple(
        [
            Do(Assign(Access(THIS, field), "=", Name(one.name)))
            for field, one in zip((amount, label), given, strict=True)
        ]
    )
    return Constructor(("public",), scope.owner.name, given, body)


def overrides(scope: Scope, amount: str, label: str) -> tuple[Method, ...]:
    """Make toString, equals and hashCode over both fields."""
    mine, theirs = Access(THIS, amount), Access(Name("that"), amount)
    shown = Binary("+", Binary("+", Access(THIS, label), Literal('":"')), mine)
    same = library("object.equals", Access(THIS, label), Access(Name("that"), label))
    wrong = Prefix("!", InstanceOf(Name("other"), scope.owner))
    body = (
        If(wrong, (Return(Literal("false")),)),
        Local(scope.owner, "that", Cast(scope.owner, Name("other"))),
        Return(Binary("&&", Binary("==", mine, theirs), same)),
    )
    hashed = Binary(
        "+", Binary("*", Literal("31"), mine), library("string.length", Access(THIS, label))
    )
    parts = (
        (STRING, "toString", (), (Return(shown),)),
        (BOOLEAN, "equals", (Parameter(OBJECT, "other"),), body),
        (INT, "hashCode", (), (Return(hashed),)),
    )
    return tuple(
        [
            Method(("public",), result, name, given, inner, (), True, True)
            for result, name, given, inner in parts
        ]
    )


def start(scope: Scope, made: list[Made]) -> Method:
    """Make the main method, which prints the result of every other method."""
    kind, one, two = scope.owner, Name("one"), Name("two")
    lines: list[Stmt] = []
    for i, name in enumerate(("one", "two")):
        given = (Literal(str(int(scope.rng.random() * 90) + i)), Literal(f'"{scope.names.noun()}"'))
        lines.append(Local(kind, name, New(kind, given)))
    for method, handed in made:
        lines.append(Do(library("print.line", Call(one, method.name, handed))))
    alike = library("object.equals", one, two)
    for value in (
        library("object.text", one),
        library("object.hash", two),
        Ternary(alike, Literal('"alike"'), Literal('"apart"')),
    ):
        lines.append(Do(library("print.line", value)))
    body = tuple(lines)
    return Method(("public", "static"), VOID, "main", (Parameter(array_of(STRING), "args"),), body)


def total(scope: Scope, known: tuple[Expr, ...], depth: int) -> Expr:
    """Draw an int expression that never fails, over known variables."""
    if depth == 0 or scope.chance(0.15):
        return (
            scope.pick(known) if scope.chance(0.7) else Literal(str(int(scope.rng.random() * 300)))
        )
    left, right = total(scope, known, depth - 1), total(scope, known, depth - 1)
    draw = scope.rng.random()
    if draw < 0.5:
        return Binary(scope.pick("+-*&|^"), left, right)
    if draw < 0.65:
        return Binary(scope.pick(("<<", ">>", ">>>", "%", "/")), left, Literal(scope.pick("12345")))
    if draw < 0.75:
        return library(scope.pick(("math.max", "math.min")), left, right)
    if draw < 0.82:
        return Cast(INT, Cast(TypeRef("long"), left))
    if draw < 0.9:
        return Prefix(scope.pick(("-", "~")), left)
    return Ternary(Binary(scope.pick(("<", ">=", "==", "!=")), left, right), left, right)


def value(scope: Scope) -> Literal:
    """Draw an int argument."""
    return Literal(str(int(scope.rng.random() * 400) - 200))


def word(scope: Scope) -> Literal:
    """Draw a string argument that is not empty."""
    return Literal(f'"{scope.names.noun()} {scope.names.noun()}"')


def public(scope: Scope, result: TypeRef, given: tuple[Parameter, ...], *body: Stmt) -> Method:
    """Put a public method together."""
    modifiers = ("public", "synchronized") if scope.chance(0.1) else ("public",)
    return Method(modifiers, result, f"{scope.names.action()}{len(scope.taken)}", given, body)


def formula(scope: Scope) -> Made:
    """Make a method that returns a formula of two numbers."""
    first, second = scope.parameter(INT), scope.parameter(INT)
    known = (Name(first.name), Name(second.name))
    local = scope.fresh("int")
    body = (
        Local(INT, local, total(scope, known, 2)),
        Return(total(scope, (*known, Name(local)), 3)),
    )
    return public(scope, INT, (first, second), *body), (value(scope), value(scope))


def array_walk(scope: Scope) -> Made:
    """Make a method that folds an array by an index."""
    source, place = scope.parameter(array_of(INT)), scope.counter()
    sum_, array = scope.fresh("int"), Name(source.name)
    step = Assign(
        Name(sum_), "=", total(scope, (Name(sum_), Index(array, Name(place)), Name(place)), 2)
    )
    test = Binary("<", Name(place), library("array.length", array))
    loop = For(Local(INT, place, ZERO), test, Postfix(Name(place), "++"), (Do(step),))
    made = public(scope, INT, (source,), Local(INT, sum_, ONE), loop, Return(Name(sum_)))
    return made, (ArrayValues(INT, tuple([value(scope) for _ in range(3)])),)


def text_walk(scope: Scope) -> Made:
    """Make a method that changes the letters of a string one by one."""
    source, place, letter = scope.parameter(STRING), scope.counter(), scope.fresh("char")
    builder, text = scope.fresh("StringBuilder"), Name(source.name)
    moved = Cast(CHAR, Binary("+", Name(letter), Literal(scope.pick("123"))))
    test = library("char.isLetter", Name(letter))
    body = (
        Local(CHAR, letter, library("string.charAt", text, Name(place))),
        If(
            test,
            (Do(library("builder.append", Name(builder), moved)),),
            (Do(library("builder.append", Name(builder), Literal("'_'"))),),
        ),
    )
    bound = Binary("<", Name(place), library("string.length", text))
    loop = For(Local(INT, place, ZERO), bound, Postfix(Name(place), "++"), body)
    end = Return(library("object.text", Name(builder)))
    return public(scope, STRING, (source,), Local(BUILDER, builder, New(BUILDER)), loop, end), (
        word(scope),
    )


def list_walk(scope: Scope) -> Made:
    """Make a method that fills a list, sorts it and folds it."""
    given, rows, item = scope.parameter(INT), scope.fresh("List"), scope.fresh("int")
    kind, sum_ = TypeRef("ArrayList", (INT,)), scope.fresh("int")
    adds: list[Stmt] = [
        Do(library("list.add", Name(rows), total(scope, (Name(given.name),), 2))) for _ in range(3)
    ]
    change = Do(library("list.set", Name(rows), ONE, value(scope)))
    fold = Do(Assign(Name(sum_), "=", total(scope, (Name(sum_), Name(item)), 2)))
    size = library("all.size", Name(rows))
    body = (
        Local(kind, rows, New(kind)), *adds, change, Do(library("list.sort", Name(rows))),
        Local(INT, sum_, size), ForEach(INT, item, Name(rows), (fold,)),
        Return(Ternary(library("all.empty", Name(rows)), ZERO, Name(sum_))),
    )  # fmt: skip
    return public(scope, INT, (given,), *body), (value(scope),)


def iterator_walk(scope: Scope) -> Made:
    """Make a method that joins a list of strings by an iterator."""
    given, rows, item = scope.parameter(STRING), scope.fresh("List"), scope.fresh("String")
    cursor, joined = scope.fresh("Iterator"), scope.fresh("String")
    adds: list[Stmt] = [
        Do(library("list.add", Name(rows), one)) for one in (word(scope), Name(given.name))
    ]
    loop = While(
        library("iterator.more", Name(cursor)),
        (
            Local(STRING, item, library("iterator.next", Name(cursor))),
            Do(
                Assign(
                    Name(joined),
                    "+=",
                    Binary("+", library("string.upper", Name(item)), Literal('"/"')),
                )
            ),
        ),
    )
    body = (
        Local(list_of(STRING), rows, New(TypeRef("ArrayList", (STRING,)), (), True)), *adds,
        Local(STRING, joined, Literal('""')),
        Local(TypeRef("Iterator", (STRING,)), cursor, library("iterator.of", Name(rows))),
        loop, Return(Name(joined)),
    )  # fmt: skip
    return public(scope, STRING, (given,), *body), (word(scope),)


def counting(scope: Scope) -> Made:
    """Make a method that counts in a map."""
    given, table, key = scope.parameter(array_of(STRING)), scope.fresh("Map"), scope.fresh("String")
    one = library("map.get", Name(table), Name(key))
    body = (
        Local(map_of(STRING, INT), table, New(TypeRef("HashMap", (STRING, INT)), (), True)),
        ForEach(
            STRING,
            key,
            Name(given.name),
            (
                If(
                    library("map.has", Name(table), Name(key)),
                    (Do(library("map.put", Name(table), Name(key), Binary("+", one, ONE))),),
                    (Do(library("map.put", Name(table), Name(key), ONE)),),
                ),
            ),
        ),
        Return(
            Binary(
                "+",
                library("all.size", Name(table)),
                library("map.get", Name(table), Index(Name(given.name), ZERO)),
            )
        ),
    )
    words = word(scope), word(scope)
    return public(scope, INT, (given,), *body), (ArrayValues(STRING, (*words, words[0])),)


def selection(scope: Scope) -> Made:
    """Make a method that switches over a number."""
    given = scope.parameter(INT)
    cases: list[tuple[tuple[Expr, ...], tuple[Stmt, ...]]] = [
        ((Literal(str(i)),), (Return(word(scope)),)) for i in range(3)
    ]
    cases.append(((), (Return(Literal('"none"')),)))
    return public(scope, STRING, (given,), Switch(Name(given.name), tuple(cases))), (
        Literal(scope.pick("01234")),
    )


def failing(scope: Scope) -> Made:
    """Make a method that throws, catches and cleans up."""
    given, state, error = scope.parameter(INT), scope.fresh("String"), scope.fresh("Exception")
    thrown = Throw(New(FAULT, (Binary("+", Literal('"bad: "'), Name(given.name)),)))
    body = (
        Local(STRING, state, Literal('"fine"')),
        Try(
            (If(Binary("<", Name(given.name), ZERO), (thrown,)),),
            (FAULT, error, (Do(Assign(Name(state), "=", library("error.message", Name(error)))),)),
            (Do(Assign(Name(state), "+=", Literal('"!"'))),),
        ),
        Return(Name(state)),
    )
    return public(scope, STRING, (given,), *body), (value(scope),)


def cutting(scope: Scope) -> Made:
    """Make a method that cuts and tests a string."""
    given, end = scope.parameter(STRING), scope.parameter(INT)
    text, place = Name(given.name), scope.fresh("int")
    size = library("string.length", text)
    inner = library("math.max", ONE, library("math.min", Name(end.name), size))
    piece = library("string.cut", text, ONE, Name(place))
    known = library("string.startsWith", text, Literal(f'"{scope.pick("abcstm")}"'))
    at = library("string.indexOf", text, Literal("' '"))
    body = (
        If(Binary("||", Binary("==", text, NULL), library("string.empty", text)), (Return(text),)),
        Local(INT, place, inner),
        Return(Binary("+", Binary("+", piece, Ternary(known, Literal('"+"'), Literal('"-"'))), at)),
    )
    return public(scope, STRING, (given, end), *body), (word(scope), value(scope))


def growth(scope: Scope) -> Made:
    """Make a method that copies into a larger array and counts down in a loop."""
    given, larger = scope.parameter(array_of(INT)), scope.fresh("int")
    array, left = Name(given.name), scope.fresh("int")
    length = library("array.length", array)
    step = Do(Assign(Index(Name(larger), Name(left)), "+=", Binary("*", Name(left), value(scope))))
    body = (
        Local(array_of(INT), larger, NewArray(INT, Binary("+", length, Literal("2")))),
        Do(library("array.copy", array, ZERO, Name(larger), ONE, length)),
        Local(INT, left, length),
        While(
            Binary(">", Name(left), ZERO), (step, Do(Postfix(Name(left), "--"))), scope.chance(0.4)
        ),
        Return(Binary("^", Index(Name(larger), ONE), Index(Name(larger), length))),
    )
    return public(scope, INT, (given,), *body), (ArrayValues(INT, (value(scope), value(scope))),)


MAKERS: Final[tuple[Callable[[Scope], Made], ...]] = (
    formula, formula, array_walk, text_walk, list_walk, iterator_walk, counting, selection, failing,
    cutting, growth,
)  # fmt: skip
