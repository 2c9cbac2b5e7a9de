"""Describe a program that is neither Java nor C#: types, expressions, statements, members.

Every node is frozen. Names are kept in their Java form (`flushSegment`, `String`, `List`); the
printers apply the rules of their language.
"""

from dataclasses import dataclass
from typing import TypeAlias

from tools.basemodel.generator.api import Entry


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type: its Java name, its type arguments and the number of array dimensions."""

    name: str
    arguments: tuple["TypeRef", ...] = ()
    dimensions: int = 0


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal that both languages spell alike."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, a field or a constant; both languages spell it alike."""

    text: str


@dataclass(frozen=True, slots=True)
class Access:
    """A field of another object, `owner.name`."""

    owner: "Expr"
    name: str


@dataclass(frozen=True, slots=True)
class Static:
    """A type that stands in front of a dot."""

    type: TypeRef


@dataclass(frozen=True, slots=True)
class TypeLiteral:
    """`Box.class` or `typeof(Box)`."""

    type: TypeRef


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an invented method; the owner is absent for a method of the same object."""

    owner: "Expr | None"
    name: str
    arguments: tuple["Expr", ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """A use of the standard library that each language writes in its own way."""

    entry: Entry
    arguments: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class New:
    """A new object; `diamond` leaves the type arguments out in Java."""

    type: TypeRef
    arguments: tuple["Expr", ...] = ()
    diamond: bool = False


@dataclass(frozen=True, slots=True)
class NewArray:
    """A new array of a given size."""

    element: TypeRef
    size: "Expr"


@dataclass(frozen=True, slots=True)
class ArrayValues:
    """A new array with its elements."""

    element: TypeRef
    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Index:
    """An element of an array."""

    array: "Expr"
    index: "Expr"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands; `>>>` and `>>>L` are the unsigned shifts of an int and of a long."""

    operator: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Prefix:
    """An operator in front of its operand."""

    operator: str
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Postfix:
    """`x++` or `x--`."""

    operand: "Expr"
    operator: str


@dataclass(frozen=True, slots=True)
class Assign:
    """An assignment, plain or compound."""

    target: "Expr"
    operator: str
    value: "Expr"


@dataclass(frozen=True, slots=True)
class Cast:
    """A cast to a type."""

    type: TypeRef
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """A test of the type of an object."""

    operand: "Expr"
    type: TypeRef


@dataclass(frozen=True, slots=True)
class Ternary:
    """`condition ? then : otherwise`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function of one parameter whose body is an expression."""

    parameter: str
    body: "Expr"


Expr: TypeAlias = (
    Literal
    | Name
    | Access
    | Static
    | TypeLiteral
    | Call
    | Library
    | New
    | NewArray
    | ArrayValues
    | Index
    | Binary
    | Prefix
    | Postfix
    | Assign
    | Cast
    | InstanceOf
    | Ternary
    | Lambda
)


@dataclass(frozen=True, slots=True)
class Local:
    """A local variable; `final` exists in Java only."""

    type: TypeRef
    name: str
    value: Expr | None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Do:
    """An expression as a statement."""

    expression: Expr


@dataclass(frozen=True, slots=True)
class Return:
    """A return, with or without a value."""

    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Throw:
    """A thrown exception."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Jump:
    """`break` or `continue`."""

    word: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A line comment; the compact page leaves it out."""

    text: str


@dataclass(frozen=True, slots=True)
class If:
    """A condition; without braces only where there is one simple statement and no `else`."""

    condition: Expr
    then: tuple["Stmt", ...]
    otherwise: tuple["Stmt", ...] = ()
    braces: bool = True


@dataclass(frozen=True, slots=True)
class For:
    """A counting loop."""

    start: Local
    condition: Expr
    step: Expr
    body: tuple["Stmt", ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """A loop over the elements of an array or a collection."""

    type: TypeRef
    name: str
    source: Expr
    body: tuple["Stmt", ...]


@dataclass(frozen=True, slots=True)
class While:
    """A loop with its condition in front, or behind where `after` is set."""

    condition: Expr
    body: tuple["Stmt", ...]
    after: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch; a case without labels is the default."""

    subject: Expr
    cases: tuple[tuple[tuple[Expr, ...], tuple["Stmt", ...]], ...]


@dataclass(frozen=True, slots=True)
class Try:
    """A try statement with at most one catch clause (type, name, body)."""

    body: tuple["Stmt", ...]
    catch: tuple[TypeRef, str, tuple["Stmt", ...]] | None
    after: tuple["Stmt", ...]


@dataclass(frozen=True, slots=True)
class Synchronized:
    """A block that holds the monitor of an object."""

    monitor: Expr
    body: tuple["Stmt", ...]


Stmt: TypeAlias = (
    Local
    | Do
    | Return
    | Throw
    | Jump
    | Comment
    | If
    | For
    | ForEach
    | While
    | Switch
    | Try
    | Synchronized
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; `variadic` takes the place of one array dimension."""

    type: TypeRef
    name: str
    final: bool = False
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """A method in Java modifiers; without a body it is abstract or belongs to an interface."""

    modifiers: tuple[str, ...]
    result: TypeRef
    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...] | None
    throws: tuple[str, ...] = ()
    overrides: bool = False
    annotated: bool = False
    in_interface: bool = False
    type_parameters: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Constructor:
    """A constructor; `chain` is `super` or `this` with the arguments handed on."""

    modifiers: tuple[str, ...]
    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    chain: tuple[str, tuple[Expr, ...]] | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `static final` of a simple type is a constant."""

    modifiers: tuple[str, ...]
    type: TypeRef
    name: str
    value: Expr | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """A getter and a setter over one field in Java, a property in C#."""

    type: TypeRef
    name: str
    field: str


@dataclass(frozen=True, slots=True)
class TypeDeclaration:
    """A class or an interface with its members."""

    modifiers: tuple[str, ...]
    word: str
    name: str
    parent: TypeRef | None
    interfaces: tuple[TypeRef, ...]
    members: tuple["Member", ...]
    type_parameters: tuple[str, ...] = ()


Member: TypeAlias = Method | Constructor | Field | Property | TypeDeclaration
