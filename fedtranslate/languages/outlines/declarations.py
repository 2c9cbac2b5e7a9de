"""What a file declares, as one value: its types, their members, its imports.

It is what the skeleton in another language is made of (``languages.skeletons``).
Texts in it are as written in the source; what they mean is for the rules of the target to say.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a method or a component of a record."""

    name: str
    type: str = ""
    """As written; "" where none is."""
    default: str = ""
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """Something that a file or a type declares, or the code between such declarations."""

    kind: str
    """One of ``type``, ``method``, ``constructor``, ``function``, ``property``, ``field``,
    ``constant`` (of an enum), ``initializer``, and ``statement`` for code that is none of these."""
    name: str
    start_byte: int
    """In the UTF-8 of the text, comments above included; as the unit has it, where it is one."""
    end_byte: int
    form: str = ""
    """Of a type: the word that makes it one, such as ``class`` or ``interface``."""
    modifiers: tuple[str, ...] = ()
    annotations: tuple[str, ...] = ()
    """With their arguments, as written."""
    type: str = ""
    """The type of the result or of the field, as written."""
    parameters: tuple[Parameter, ...] = ()
    type_parameters: str = ""
    """As written, with the brackets around them."""
    bases: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    throws: tuple[str, ...] = ()
    value: str = ""
    """The initial value as written; of an enum constant, its arguments in their brackets."""
    docs: str = ""
    """The comments above, as written."""
    has_body: bool = False
    """Whether code stands in it: an abstract method has none."""
    delegate: str = ""
    """Of a constructor: the call of another one that it begins with, as written."""
    line: int = 0
    """The line, from 1, in which it begins, comments above not counted."""
    members: tuple["Declaration", ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports, or all names of a package."""

    name: str
    """The package or module, and what is taken from it, with the dots that the language writes."""
    text: str
    """The whole declaration as written."""
    is_static: bool = False
    is_wildcard: bool = False
    members: tuple[str, ...] = ()
    """What is taken from the module ``name``, where the language says so apart."""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file declares, from top to bottom."""

    header: str = ""
    """The comment at the top of the file, as written, where it belongs to no declaration."""
    package: str = ""
    imports: tuple[Import, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    uses: frozenset[str] = frozenset()
    """All names in the code of the file."""
    broken: bool = False
    """Whether the parser had to skip or invent something, so that parts may be missing."""


def outline_lines(outline: Outline) -> list[str]:
    """Return the lines that stand for an outline in a golden file."""
    lines = [f"package {outline.package}"] if outline.package else []
    lines += (f"import {one.name} {' '.join(one.members)}".strip() for one in outline.imports)
    for declaration in outline.declarations:
        lines += _lines(declaration, "")
    return lines


def _lines(declaration: Declaration, indent: str) -> list[str]:
    one = declaration
    parameters = ", ".join(
        f"{'...' * p.variadic}{p.name}: {p.type} = {p.default}".removesuffix(" = ").removesuffix(
            ": "
        )
        for p in one.parameters
    )
    words = (
        str(one.line),
        one.kind,
        *one.annotations,
        *one.modifiers,
        one.form,
        f"{one.name}{one.type_parameters}({parameters})" if parameters else one.name,
        f": {one.type}" if one.type else "",
        *(f"extends {base}" for base in one.bases),
        *(f"implements {base}" for base in one.interfaces),
        *(f"throws {fault}" for fault in one.throws),
        f"= {' '.join(one.value.split())}" if one.value else "",
        "{}" if one.has_body else "",
        "#" if one.docs else "",
    )
    lines = [indent + " ".join(word for word in words if word)]
    for member in one.members:
        lines += _lines(member, indent + "  ")
    return lines
