"""Write the constants of enums: as such, or as objects of a class where they carry more."""

from collections.abc import Iterator
from dataclasses import replace

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.members import (
    a_callable,
    a_field,
    a_slot,
    block,
    documented,
)
from fedtranslate.languages.skeletons.signatures import arguments_of, signature
from fedtranslate.languages.skeletons.slots import Pieces, Slot, joined, on_lines
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.writefile import FormTable
from fedtranslate.languages.skeletons.writing import Place, Writing


def is_plain_enum(declaration: Declaration) -> bool:
    """Tell whether an enum is no more than a list of names."""
    return not declaration.interfaces and all(
        one.kind == "constant" and not one.value and not one.has_body for one in declaration.members
    )


def constants(
    writing: Writing, declaration: Declaration, place: Place, table: FormTable
) -> list[Pieces]:
    """Return the constants of an enum, as one group, and the classes of those with a body."""
    found = [one for one in declaration.members if one.kind == "constant"]
    if not found:
        return []
    bodies: list[Pieces] = []
    items: list[Pieces] = []
    for one in found:
        kind = place.target
        if one.has_body and "constant_body" in writing.rules.forms:
            kind, pieces = _body(writing, one, declaration, place)
            bodies.append(pieces)
        elif one.has_body:
            writing.lose(f"body of the constant {one.name}", one)
        items.append([_constant(writing, one, declaration, place, table, kind)])
    listed = joined(items, table.separator + "\n")
    ordered = [*bodies, listed] if writing.rules.bodies_first else [listed, *bodies]
    return ordered if table.item else bodies


def _constant(
    writing: Writing,
    one: Declaration,
    enum: Declaration,
    place: Place,
    table: FormTable,
    made: str,
) -> Slot:
    name = writing.name("enum_constant", one.name, place)
    written, sure = arguments_of(writing, one.value.strip()[1:-1], enum, place.scope)
    values = {"name": name, "type": place.target, "made": made, "arguments": ", ".join(written)}
    template = table.item if written or not table.item_plain else table.item_plain
    text = filled(template, values)
    return a_slot(
        one,
        place,
        name=name,
        signature_text=text.partition(" = ")[0],
        stub=documented(writing, one, text),
        sure=sure,
    )


def _body(
    writing: Writing, one: Declaration, enum: Declaration, place: Place
) -> tuple[str, Pieces]:
    """Return the class of a constant that has methods of its own, and its name."""
    table = writing.rules.forms["constant_body"]
    target = filled(table.item, {"name": writing.name("type", one.name)})
    inner = replace(
        place,
        container=replace(one, kind="type", form="class", bases=(enum.name,), value=""),
        form="constant_body",
        target=target,
        around=(*place.around, one.name),
        indent=place.indent + writing.rules.indent,
        taken={},
    )
    groups: list[Pieces] = [
        [on_lines(text, inner.indent)] for text in _constructors(writing, enum, place, target)
    ]
    for member in one.members:
        if member.kind in ("method", "constructor"):
            groups.append([a_callable(writing, member, inner)])
        elif member.kind == "field":
            groups.append([a_field(writing, member, inner)])
        else:
            writing.lose(f"{member.kind} in the constant {one.name}", member)
    head = filled(table.head, {"name": target, "base": place.target})
    opening = on_lines(head + table.open, place.indent) + "\n"
    body = joined(groups, "\n\n") or [on_lines(table.empty, inner.indent)]
    return target, [opening, *body, "\n" + on_lines(table.close, place.indent)]


def _constructors(writing: Writing, enum: Declaration, place: Place, target: str) -> Iterator[str]:
    """Yield constructors that hand on what those of the enum take."""
    table = writing.rules.constructor
    if table is None or not table.super_call:
        return
    for one in enum.members:
        if one.kind == "constructor" and one.parameters:
            bare = replace(one, delegate="", docs="", annotations=(), modifiers=("public",))
            around = replace(enum, form="class")
            at = replace(place, container=around, form="class", target=target)
            found = signature(writing, table, bare, at)
            call = filled(table.super_call, {"arguments": ", ".join(found.parameters)})
            yield block(table, found.head + call, "", writing.rules.indent)
