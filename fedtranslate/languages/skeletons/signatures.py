"""Signatures of methods, constructors and functions in the target language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fedtranslate.languages.outlines.declarations import Declaration, Parameter
from fedtranslate.languages.skeletons.obligations import has_bodies, obliged
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.traits import Traits, form_of, traits_of
from fedtranslate.languages.skeletons.writefile import CallableTable
from fedtranslate.languages.skeletons.writing import Place, Writing
from fedtranslate.languages.skeletons.writtentypes import split_list


@dataclass(frozen=True, slots=True)
class Signature:
    """What is known of a callable before its body."""

    name: str
    head: str
    is_abstract: bool
    parameters: tuple[str, ...]
    """Names in the target."""
    is_double: bool = False
    """Whether there is another one that the target cannot tell from this one."""


def signature(
    writing: Writing, table: CallableTable, declaration: Declaration, place: Place
) -> Signature:
    """Return the signature of a method, constructor or function."""
    traits = writing.traits(declaration, place)
    own = writing.types.parameters(declaration.type_parameters)
    scope = place.scope | {name for name, _ in own}
    root = writing.inherited(declaration, place.container) if place.container else None
    active = _active(writing, declaration, place, traits, root)
    name, kind = _name(writing, declaration, place, root)
    if place.extended and "static" not in traits:
        own = [*writing.types.parameters(place.parameters), *own]
    bounds = [] if "override" in active else writing.types.bounded(own, scope)
    names, kinds, parameters = _parameters(writing, table, declaration, place, traits, scope)
    name, is_double = _told_apart(writing, declaration, place, name, kinds)
    head = filled(
        table.head,
        {
            "modifiers": writing.annotated(declaration) + writing.words(kind, active),
            "result": _result(writing, declaration, root, scope),
            "name": name,
            "type_parameters": writing.types.listed(own, scope),
            "parameters": ", ".join(parameters),
            "bounds": "".join(bounds),
            "delegate": _delegate(writing, table, declaration, place, scope),
        },
    )
    return Signature(name, head, "abstract" in active, tuple(names), is_double)


def method_name(writing: Writing, declaration: Declaration, place: Place) -> str:
    """Return what a method is called in the target."""
    root = writing.inherited(declaration, place.container) if place.container else None
    return _name(writing, declaration, place, root)[0]


def _told_apart(
    writing: Writing, declaration: Declaration, place: Place, name: str, kinds: list[str]
) -> tuple[str, bool]:
    """Return a name by which the target can tell overloads apart, and whether that failed."""
    if not writing.rules.overloads and place.container is not None:
        return name, False  # the last one counts there, and whoever writes the members says so
    around = f"{'.'.join(place.around)} {place.form} "
    key = f"({', '.join(kinds)})" if writing.rules.overloads else ""
    if around + name + key in writing.done:
        if declaration.kind == "constructor":
            writing.lose("another constructor with such parameters", declaration)
            return name, True
        name = writing.another(name, around, key)
        writing.lose(f"another {declaration.name} with such parameters, now {name}", declaration)
    writing.done.add(around + name + key)
    return name, False


_Root = tuple[Declaration, Declaration, bool] | None


def _name(writing: Writing, declaration: Declaration, place: Place, root: _Root) -> tuple[str, str]:
    """Return the name, and the kind by which its modifiers are looked up."""
    if declaration.kind == "constructor":
        return place.target, "constructor"
    kind = "method" if place.container else "function"
    if place.form == "interface" and writing.rules.strict:
        kind = "interface_method"
    arity = len(declaration.parameters)
    members = writing.given.members
    known = members.get(f"{declaration.name}/{arity}", members.get(declaration.name))
    if known is not None:
        return known, kind
    style = "method" if place.container else "function"
    if root is not None:
        owner = root[1]
        there = Place(owner, form_of(owner, writing.reading), owner.name)
        return writing.name(style, declaration.name, there), kind
    return writing.name(style, declaration.name, place), kind


def _active(
    writing: Writing, declaration: Declaration, place: Place, traits: Traits, root: _Root
) -> set[str]:
    """Return which words apply to a callable, the access among them."""
    access, flags = traits.access, set(traits.flags) - {"override"}
    container = place.container
    if "async" in flags and "async" not in writing.rules.modifiers.get("method", {}):
        writing.lose("async", declaration)
    if place.extended:
        return {"public", "static"}
    if container is None or declaration.kind == "constructor":
        return {access if place.form != "enum_class" else "private", *flags}
    if access == "private" and place.around[1:]:
        access = "package"  # the types around may use what is private in a type inside of them
    arity = len(declaration.parameters)
    if f"{declaration.name}/{arity}" in writing.given.overrides:
        return {"public", "override", *(flags & {"final"})}
    if root is not None and (root[2] or place.form == "constant_body"):
        flags.add("override")
        access = traits_of(root[0], root[1], writing.reading).access
    elif obliged(writing, declaration, container):
        flags.add("override")
        access = "public"
    form = form_of(container, writing.reading)
    is_open = form == "class" and "final" not in container.modifiers
    is_open = is_open and place.form != "constant_body"
    is_open = is_open or (form == "enum" and has_bodies(container))
    if form == "class" and "abstract" not in container.modifiers:
        flags.discard("abstract")
    if "abstract" in flags and place.form == "interface":
        return {access, "abstract"}
    if is_open and access != "private" and not flags & {"static", "final", "abstract", "override"}:
        flags.add("virtual")
    return {access, *flags, *({"instance"} if "static" not in flags else ())}


def _result(writing: Writing, declaration: Declaration, root: _Root, scope: frozenset[str]) -> str:
    text = declaration.type
    if root is not None and root[0].type != text:
        base = root[0].type
        parameters = {name for name, _ in writing.types.parameters(root[1].type_parameters)}
        parameters |= {name for name, _ in writing.types.parameters(root[0].type_parameters)}
        if not parameters & set(re.findall(r"\w+", base)):
            text = base  # targets may want exactly the result of what is overridden
    return writing.types.written(text, scope)


def _parameters(
    writing: Writing,
    table: CallableTable,
    declaration: Declaration,
    place: Place,
    traits: Traits,
    scope: frozenset[str],
) -> tuple[list[str], list[str], list[str]]:
    """Return names and types of the parameters, and the parameters as they are written."""
    given = parameters_of(writing, declaration, place)
    names: list[str] = []
    for one in given:
        name = writing.name("parameter", one.name)
        while name in names:
            name += "_"
        names.append(name)
    kinds = [writing.types.written(one.type, scope) for one in given]
    written = list(_written(writing, table, given, names, kinds))
    if place.extended and "static" not in traits and table.extension:
        template = table.extension_inside if place.around[1:] else table.extension
        written.insert(0, filled(template, {"type": place.extended}))
    elif place.container is not None and "static" not in traits and table.receiver:
        written.insert(0, table.receiver)
    return names, kinds, written


def parameters_of(writing: Writing, declaration: Declaration, place: Place) -> list[Parameter]:
    """Return the parameters of a callable without the receiver, the variadic one at the end."""
    given = list(declaration.parameters)
    made = declaration.kind == "constructor" and not declaration.delegate
    if place.container is not None and made and not given:
        given = list(place.container.parameters)  # a compact constructor of a record
    receivers = writing.source.naming.get("receivers", ())
    if place.container is not None and given and given[0].name in receivers:
        del given[0]
    return sorted(given, key=lambda one: one.variadic)


def _written(
    writing: Writing,
    table: CallableTable,
    given: list[Parameter],
    names: list[str],
    kinds: list[str],
) -> Iterator[str]:
    for one, name, kind in zip(given, names, kinds, strict=True):
        default = writing.value(one.default, kind) or writing.rules.no_value if one.default else ""
        template = table.variadic if one.variadic else table.parameter
        yield filled(template, {"name": name, "type": kind, "default": default})


def _delegate(
    writing: Writing,
    table: CallableTable,
    declaration: Declaration,
    place: Place,
    scope: frozenset[str],
) -> str:
    """Return the call of another constructor that a constructor begins with."""
    pattern = writing.reading.delegate
    found = re.match(pattern, declaration.delegate, re.DOTALL) if pattern else None
    if found is None or place.container is None or not table.super_call:
        return ""
    to_base = found["which"] == writing.reading.delegate_super
    owner = place.container
    if to_base:
        bases = (writing.types.base_name(base) for base in owner.bases)
        known = writing.known.get(next(bases, ""))
        if known is None and not (owner.bases and writing.types.base(owner.bases[0], scope)):
            return ""
    else:
        known = owner
    template = table.super_call if to_base else table.this_call
    texts = split_list(found["arguments"])
    written = [_argument(writing, one, declaration) for one in texts]
    if not all(written):
        writing.lose(f"call {declaration.delegate}", declaration)
        types = _expected(known, len(texts), declaration)
        if types is None:
            written = [
                one or _guess(writing, text) for one, text in zip(written, texts, strict=True)
            ]
            if known is not None or not all(written):
                return ""
        else:
            written = _filled_up(writing, written, types, scope)
    return filled(template, {"arguments": ", ".join(written)})


def arguments_of(
    writing: Writing, text: str, called: Declaration, scope: frozenset[str]
) -> tuple[list[str], bool]:
    """Return the arguments of a call in the target, and whether rules could write them all.

    Args:
        writing: What is written.
        text: The arguments as written, without brackets.
        called: The type whose constructor is called.
        scope: Type parameters that can be seen.
    """
    texts = split_list(text)
    written = [writing.value(one, "") for one in texts]
    if all(written):
        return written, True
    types = _expected(called, len(texts), None) or [""] * len(texts)
    return _filled_up(writing, written, types, scope), False


def _filled_up(
    writing: Writing, written: list[str], types: list[str], scope: frozenset[str]
) -> list[str]:
    """Put something of the right type in place of what is missing."""
    default = writing.rules.types.default or writing.rules.no_value
    return [
        one or filled(default, {"type": writing.types.written(kind, scope)})
        for one, kind in zip(written, types, strict=True)
    ]


def _expected(
    known: Declaration | None, count: int, calling: Declaration | None
) -> list[str] | None:
    """Return the types that a constructor with ``count`` parameters has."""
    for member in known.members if known else ():
        if member.kind == "constructor" and member is not calling:
            types = [one.type for one in member.parameters]
            if len(types) == count and not any(one.variadic for one in member.parameters):
                return types
    return None


def _argument(writing: Writing, text: str, declaration: Declaration) -> str:
    """Return an argument in the target, where it is a parameter or a literal; else ""."""
    if any(text == parameter.name for parameter in declaration.parameters):
        return writing.name("parameter", text)
    return writing.value(text, "")


def _guess(writing: Writing, text: str) -> str:
    """Return a stand-in for an argument of which only the text is known."""
    guesses = (value for pattern, value in writing.given.guesses if re.search(pattern, text))
    return next(guesses, "")
