"""Remember what a half-drawn member can refer to: variables, fields of its class, types."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Final, TypeVar

from tools.basemodel.generator.names import Names
from tools.basemodel.generator.tree import Access, Expr, Name, Parameter, TypeRef

T = TypeVar("T")

INT: Final = TypeRef("int")
LONG: Final = TypeRef("long")
SHORT: Final = TypeRef("short")
BYTE: Final = TypeRef("byte")
CHAR: Final = TypeRef("char")
BOOLEAN: Final = TypeRef("boolean")
DOUBLE: Final = TypeRef("double")
FLOAT: Final = TypeRef("float")
STRING: Final = TypeRef("String")
OBJECT: Final = TypeRef("Object")
VOID: Final = TypeRef("void")
BUILDER: Final = TypeRef("StringBuilder")
THIS: Final = Name("this")
NUMBERS: Final = (INT, INT, INT, LONG, DOUBLE, FLOAT, SHORT, BYTE)
NUMERIC: Final = frozenset(("int", "long", "double", "float", "short", "byte", "char"))

FIELD_STYLES: Final = (
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
    "_",
    "_",
    "m",
    "tail",
    "f",
    "m_",
)


def array_of(element: TypeRef) -> TypeRef:
    """Give the array type over an element type."""
    return TypeRef(element.name, element.arguments, element.dimensions + 1)


def element_of(array: TypeRef) -> TypeRef:
    """Give the element type of an array type."""
    return TypeRef(array.name, array.arguments, array.dimensions - 1)


def list_of(element: TypeRef) -> TypeRef:
    """Give the list type over an element type."""
    return TypeRef("List", (element,))


def map_of(key: TypeRef, value: TypeRef) -> TypeRef:
    """Give the map type over a key type and a value type."""
    return TypeRef("Map", (key, value))


class Scope:
    """Draw variables, fields and types so that one member stays consistent with itself."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names = Names(rng)
        self.variables: list[tuple[TypeRef, Expr]] = []
        self.fields: list[tuple[TypeRef, str]] = []
        self.users: list[TypeRef] = []
        self.taken: set[str] = set()
        self.style = self.pick(FIELD_STYLES)
        self.explicit = self.chance(0.2)
        self.owner = TypeRef(self.names.title())
        self.static = False
        self.result: TypeRef | None = None

    def chance(self, probability: float) -> bool:
        """Say yes with this probability."""
        return self.rng.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        """Give one of the choices."""
        return choices[int(self.rng.random() * len(choices))]

    def weighted(self, choices: Sequence[T], totals: Sequence[float]) -> T:
        """Give one of the choices by its running total of weights."""
        draw = self.rng.random() * totals[-1]
        return next(choice for choice, total in zip(choices, totals, strict=True) if draw < total)

    def fresh(self, kind: str = "") -> str:
        """Give a variable name that is not taken yet."""
        for _ in range(8):
            name = self.names.variable(kind)
            if name not in self.taken:
                break
        while name in self.taken:
            name = self.names.camel([*self.names.phrase(), self.names.noun()])
        self.taken.add(name)
        return name

    def counter(self) -> str:
        """Give a name for a loop counter."""
        for name in "ijk":
            if name not in self.taken:
                self.taken.add(name)
                return name
        return self.fresh("int")

    def declare(self, kind: TypeRef, name: str = "") -> Name:
        """Add a variable."""
        variable = Name(name or self.fresh("" if kind.dimensions else kind.name))
        self.variables.append((kind, variable))
        return variable

    def parameter(self, kind: TypeRef, final: bool = False) -> Parameter:
        """Add a parameter."""
        return Parameter(kind, self.declare(kind).text, final)

    @contextmanager
    def block(self) -> Iterator[None]:
        """Forget at the end what was declared inside."""
        count = len(self.variables)
        yield
        del self.variables[count:]

    def field_name(self, plain: str) -> str:
        """Give a plain name in the field style of this class."""
        match self.style:
            case "_" | "m_":
                return self.style + plain
            case "m" | "f":
                return self.style + plain[0].upper() + plain[1:]
            case "tail":
                return plain + "_"
        return plain

    def new_field(self, kind: TypeRef) -> str:
        """Invent a field."""
        names = self.names
        short = (
            self.chance(0.3) and kind.name[0].isupper() and kind.name not in ("String", "Object")
        )
        plain = names.after_type(kind.name) if short else names.camel(names.phrase())
        name = self.field_name(plain)
        if name in self.taken and self.style != "plain":
            return self.new_field(kind)
        self.fields.append((kind, name))
        return name

    def see_field(self, name: str) -> Expr:
        """Refer to a field, with `this` where a variable hides it."""
        if name in self.taken or (self.explicit and not self.static):
            return Access(THIS, name)
        return Name(name)

    def field(self, kind: TypeRef) -> Expr:
        """Refer to a field of a type, an old one or a new one."""
        if self.chance(0.6):
            old = [name for one, name in self.fields if one == kind]
            if old:
                return self.see_field(self.pick(old))
        return self.see_field(self.new_field(kind))

    def sees(self, kind: TypeRef) -> bool:
        """Say whether a variable of a type is in sight."""
        return any(known == kind for known, _ in self.variables)

    def variable(self, kind: TypeRef, share: float = 0.8) -> Expr:
        """Refer to a variable of a type, or else to a field."""
        if self.chance(share):
            old = [one for known, one in self.variables if known == kind]
            if old:
                return self.pick(old)
        return self.field(kind)

    def user(self) -> TypeRef:
        """Give an invented type, an old one or a new one."""
        if self.users and self.chance(0.45):
            return self.pick(self.users)
        new = TypeRef(self.names.title())
        self.users.append(new)
        return new

    def some_user(self) -> tuple[TypeRef, Expr]:
        """Give an object of an invented type; what is in sight comes first."""
        old = [one for one in self.variables if is_user(one[0])]
        if old and self.chance(0.6):
            return self.pick(old)
        kind = self.user()
        return kind, self.variable(kind)

    def simple_type(self) -> TypeRef:
        """Give a type without arguments or dimensions."""
        draw = self.rng.random()
        if draw < 0.32:
            return INT
        if draw < 0.46:
            return STRING
        if draw < 0.56:
            return BOOLEAN
        if draw < 0.78:
            return self.user()
        return self.pick((LONG, LONG, CHAR, DOUBLE, FLOAT, BYTE, SHORT, OBJECT))

    def type(self) -> TypeRef:
        """Give any type."""
        draw = self.rng.random()
        if draw < 0.74:
            return self.simple_type()
        if draw < 0.86:
            return array_of(self.pick((INT, BYTE, CHAR, STRING, LONG, DOUBLE, self.user())))
        if draw < 0.93:
            return list_of(self.element_type())
        if draw < 0.97:
            return map_of(self.pick((STRING, INT, self.user())), self.element_type())
        return TypeRef("Set", (self.element_type(),))

    def element_type(self) -> TypeRef:
        """Give a type for the elements of a collection."""
        return self.pick((INT, STRING, STRING, self.user(), self.user(), self.user(), LONG))


LIBRARY_TYPES: Final = frozenset(
    [
        "int",
        "long",
        "short",
        "byte",
        "char",
        "boolean",
        "double",
        "float",
        "void",
        "String",
        "Object",
        "StringBuilder",
        "List",
        "Map",
        "Set",
        "Iterator",
        "Map.Entry",
        "ArrayList",
        "HashMap",
        "HashSet",
        "TreeMap",
        "Collection",
    ]
)


def is_user(kind: TypeRef) -> bool:
    """Say whether a type is an invented class."""
    return not kind.dimensions and kind.name not in LIBRARY_TYPES
