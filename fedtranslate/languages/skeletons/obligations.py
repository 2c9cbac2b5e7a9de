"""What an abstract class must say of the interfaces that it does not fulfil.

In some languages an abstract class may leave methods of its interfaces out; others want them
there, as abstract methods.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.traits import form_of
from fedtranslate.languages.skeletons.writing import Writing

_MAX = 200


def missing_methods(writing: Writing, declaration: Declaration) -> list[Declaration]:
    """Return the methods of interfaces that an abstract type neither has nor inherits."""
    form = form_of(declaration, writing.reading)
    if form == "interface" or not ("abstract" in declaration.modifiers or has_bodies(declaration)):
        return []
    have = {(one.name, len(one.parameters)) for one in declaration.members}
    found: list[Declaration] = []
    for method in _of_interfaces(writing, declaration, {}, set()):
        key = (method.name, len(method.parameters))
        root = writing.inherited(method, declaration)
        if key not in have and not (root and root[2]):
            have.add(key)
            found.append(replace(method, modifiers=("public", "abstract"), docs=""))
    return found[:_MAX]


def obliged(writing: Writing, declaration: Declaration, container: Declaration | None) -> bool:
    """Tell whether a class above has an abstract method of this kind only in the target."""
    if container is None or not writing.rules.strict:
        return False
    key = (declaration.name, len(declaration.parameters))
    return any(
        key == (one.name, len(one.parameters))
        for base, by_class in writing.bases_of(container)
        if by_class
        for one in missing_methods(writing, base)
    )


def has_bodies(declaration: Declaration) -> bool:
    """Tell whether some constants of an enum have methods of their own."""
    return any(one.kind == "constant" and one.has_body for one in declaration.members)


def _of_interfaces(
    writing: Writing, declaration: Declaration, meaning: Mapping[str, str], seen: set[str]
) -> Iterator[Declaration]:
    for written in declaration.interfaces:
        name = writing.types.base_name(written)
        interface = writing.known.get(name)
        if interface is None or name in seen or len(seen) > _MAX:
            continue
        seen.add(name)
        arguments = writing.types.base_arguments(written)
        names = [name for name, _ in writing.types.parameters(interface.type_parameters)]
        inner = {
            name: _meant(argument, meaning)
            for name, argument in zip(names, arguments, strict=False)
        }
        for member in interface.members:
            if member.kind == "method" and not member.has_body:
                yield replace(
                    member,
                    type=_meant(member.type, inner),
                    parameters=tuple(
                        replace(one, type=_meant(one.type, inner)) for one in member.parameters
                    ),
                )
        yield from _of_interfaces(writing, interface, inner, seen)


def _meant(text: str, meaning: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda found: meaning.get(found[0], found[0]), text)
