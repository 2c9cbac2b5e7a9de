"""Write types with all that is in them: classes, interfaces, enums, records, annotations."""

from collections.abc import Iterator
from dataclasses import replace

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.comments import convert_comment
from fedtranslate.languages.skeletons.enums import constants, is_plain_enum
from fedtranslate.languages.skeletons.members import (
    a_callable,
    a_field,
    a_slot,
    a_static_initializer,
    an_annotation_member,
    field_name,
)
from fedtranslate.languages.skeletons.obligations import has_bodies, missing_methods
from fedtranslate.languages.skeletons.records import record_members
from fedtranslate.languages.skeletons.signatures import method_name, signature
from fedtranslate.languages.skeletons.slots import Pieces, Slot, joined, on_lines
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.traits import form_of, traits_of
from fedtranslate.languages.skeletons.writefile import FormTable
from fedtranslate.languages.skeletons.writing import Place, Writing

_CALLABLE = frozenset({"method", "constructor", "function", "property"})


def a_type(writing: Writing, declaration: Declaration, place: Place) -> list[Pieces]:
    """Return a type, and after it what the target wants beside it."""
    form = _written_form(writing, declaration)
    table = _table(writing, form, nested=place.container is not None)
    own = writing.types.parameters(declaration.type_parameters)
    target = writing.types.types.get(declaration.name, declaration.name)
    inner = Place(
        container=declaration,
        form=form,
        target=target,
        around=(*place.around, declaration.name),
        scope=place.scope | {name for name, _ in own},
        indent=place.indent + writing.rules.indent,
    )
    inner = replace(inner, taken=_taken(writing, declaration, inner))
    here, beside = _divided(writing, declaration, form)
    extra = [_text(text, inner) for text in _extra(writing, declaration, inner)]
    head = _head(writing, declaration, place, inner, table)
    groups = list(_members(writing, here, inner))
    if form == "record":
        groups = [*record_members(writing, declaration, inner), *groups]
    groups = [*constants(writing, declaration, inner, table), *groups, *extra]
    groups += [_text(text, inner) for text in _abstract(writing, declaration, inner)]
    docs = ""
    if declaration.docs:
        docs = convert_comment(declaration.docs, writing.source, writing.target) + "\n"
    opening = on_lines(docs + head + table.open, place.indent) + "\n"
    body = _spaced(groups)
    if not body and table.empty:
        body = [on_lines(table.empty, inner.indent)]
    closing = on_lines(table.close, place.indent) if table.close else ""
    behind = "\n" + closing if closing and body else closing
    return [[opening, *body, behind], *_beside(writing, declaration, beside, place, inner)]


def members_of_file(
    writing: Writing, declarations: tuple[Declaration, ...], place: Place
) -> Pieces:
    """Return the declarations at the top of a file."""
    return _spaced(_members(writing, declarations, place), writing.rules.file.between)


def loose_type(
    writing: Writing, name: str, members: tuple[Declaration, ...], place: Place
) -> Pieces:
    """Return functions and fields that belong to no type, in one, for targets that want that."""
    table = writing.rules.forms["loose"]
    target = writing.name("type", name)
    inner = replace(place, form="loose", target=target, indent=place.indent + writing.rules.indent)
    body = _spaced(_members(writing, members, inner))
    opening = filled(table.head, {"name": target}) + table.open
    end = on_lines(table.close, place.indent)
    return [on_lines(opening, place.indent) + "\n", *body, "\n" + end]


def _written_form(writing: Writing, declaration: Declaration) -> str:
    form = form_of(declaration, writing.reading)
    if form == "enum" and not is_plain_enum(declaration):
        form = "enum_class"
    return form if form in writing.rules.forms else form if form == "record" else _nearest(form)


def _nearest(form: str) -> str:
    return form if form in ("interface", "annotation", "enum_class") else "class"


def _table(writing: Writing, form: str, *, nested: bool) -> FormTable:
    forms = writing.rules.forms
    keys = (f"nested_{form}", form, "nested_class", "class") if nested else (form, "class")
    return next(forms[key] for key in keys if key in forms)


def _head(
    writing: Writing, declaration: Declaration, place: Place, inner: Place, table: FormTable
) -> str:
    traits = writing.traits(declaration, place)
    active = {writing.access(declaration, traits), *traits.flags}
    if inner.form in ("enum_class", "record"):
        active |= {"static", "final"}
        methods = [one for one in declaration.members if one.kind == "method"]
        if missing_methods(writing, declaration) or any("abstract" in m.modifiers for m in methods):
            active.add("abstract")
        if has_bodies(declaration) or "abstract" in active:
            active.discard("final")
    if inner.form in ("interface", "enum", "annotation"):
        active -= {"final", "abstract", "static"}
    kind = "nested" if place.container is not None else "type"
    kind = kind if kind in writing.rules.modifiers else "type"
    own = writing.types.parameters(declaration.type_parameters)
    bases = list(_bases(writing, declaration, declaration.bases, inner))
    interfaces = list(_bases(writing, declaration, declaration.interfaces, inner))
    if inner.form == "interface":
        bases, interfaces = [*bases, *interfaces], []
    if inner.form == "annotation" and not inner.scope and table.item:
        bases.append(table.item)  # of a generic type nothing with a base may be part
    first = bases[0] if bases else ""
    return filled(
        table.head,
        {
            "modifiers": writing.annotated(declaration) + writing.words(kind, active),
            "name": inner.target,
            "type_parameters": writing.types.listed(own, inner.scope),
            "base": first,
            "bases": ", ".join(dict.fromkeys((*bases, *interfaces))),
            "interfaces": ", ".join(dict.fromkeys(interfaces)),
            "bounds": "".join(writing.types.bounded(own, inner.scope)),
        },
    )


def _bases(
    writing: Writing, declaration: Declaration, bases: tuple[str, ...], inner: Place
) -> Iterator[str]:
    for base in bases:
        written = writing.types.base(base, inner.scope)
        if written:
            yield written
        elif writing.types.base_name(base) not in writing.reading.silent:
            writing.lose(f"base {base}", declaration)


def _extra(writing: Writing, declaration: Declaration, inner: Place) -> Iterator[str]:
    if inner.form == "interface":
        return
    for base in (*declaration.bases, *declaration.interfaces):
        if text := writing.types.wanted(base, inner.scope):
            yield text


def _abstract(writing: Writing, declaration: Declaration, place: Place) -> Iterator[str]:
    """Yield the abstract methods that the target wants for the interfaces of a type."""
    table = writing.rules.method
    if table is not None and table.abstract and writing.rules.strict:
        for method in missing_methods(writing, declaration):
            head = signature(writing, table, method, place).head
            yield filled(table.abstract, {"head": head})


def _divided(
    writing: Writing, declaration: Declaration, form: str
) -> tuple[tuple[Declaration, ...], tuple[Declaration, ...]]:
    """Return the members of a type, and those that the target wants beside it."""
    if form != "interface" or "companion" not in writing.rules.forms:
        return declaration.members, ()
    here = tuple(one for one in declaration.members if one.kind == "method" and not one.has_body)
    return here, tuple(one for one in declaration.members if one not in here)


def _beside(
    writing: Writing,
    declaration: Declaration,
    members: tuple[Declaration, ...],
    place: Place,
    inner: Place,
) -> Iterator[Pieces]:
    """Yield what an interface holds and the target's interfaces cannot."""
    for member in members:
        if member.kind == "type":
            yield from a_type(writing, member, replace(place, around=inner.around))
    rest = tuple(one for one in members if one.kind != "type")
    if not rest:
        return
    table = writing.rules.forms["companion"]
    name = filled(table.item, {"name": inner.target})
    names = [name for name, _ in writing.types.parameters(declaration.type_parameters)]
    values = {"name": inner.target, "arguments": ", ".join(names)}
    extended = filled(writing.rules.types.generic, values) if names else inner.target
    parameters = declaration.type_parameters
    at = replace(inner, form="companion", target=name, extended=extended, parameters=parameters)
    access = writing.access(declaration, traits_of(declaration, place.container, writing.reading))
    words = writing.words("type", {"public" if access == "public" else "package"})
    head = filled(table.head, {"modifiers": words, "name": name}) + table.open
    body = _spaced(_members(writing, rest, at))
    end = "\n" + on_lines(table.close, place.indent)
    yield [on_lines(head, place.indent) + "\n", *body, end]


def _members(writing: Writing, members: tuple[Declaration, ...], place: Place) -> Iterator[Pieces]:
    seen: set[str] = set()
    made = [one for one in members if one.kind == "constructor"]
    kept = max(made, key=lambda one: len(one.parameters), default=None)
    for member in members:
        if member.kind == "constructor" and member is not kept and not writing.rules.overloads:
            writing.lose("another constructor", member)
            continue
        if member.kind == "type":
            _note_inner(writing, member, place)
            yield from a_type(writing, member, place)
        elif member.kind in _CALLABLE:
            if place.form == "annotation":
                yield [an_annotation_member(writing, member, place)]
                continue
            slot = a_callable(writing, member, place)
            if slot.target_name in seen and not writing.rules.overloads:
                writing.lose(f"another {member.kind} that is called {member.name}", member)
            seen.add(slot.target_name)
            yield [slot]
        elif member.kind == "field":
            yield [a_field(writing, member, place)]
        elif member.kind == "initializer":
            if initializer := a_static_initializer(writing, member, place):
                yield [initializer]
        elif member.kind == "statement":
            if place.container is None and place.form != "loose":
                yield [a_slot(member, place)]
            else:
                writing.lose("code in a type", member)


def _note_inner(writing: Writing, member: Declaration, place: Place) -> None:
    """Note a class whose objects know the one around them, where the target has no such thing."""
    outer = place.container
    if outer is None or not writing.reading.inner or writing.rules.source.inner:
        return
    nested = "static" in member.modifiers or form_of(member, writing.reading) != "class"
    if not nested and form_of(outer, writing.reading) not in ("interface", "annotation"):
        writing.lose(f"class {member.name} lies in an object of {outer.name}", member)


def _taken(writing: Writing, declaration: Declaration, place: Place) -> dict[str, str]:
    """Return which names members of another kind may not have."""
    taken: dict[str, str] = {}
    for member in declaration.members:
        if member.kind == "type":
            taken.setdefault(writing.types.types.get(member.name, member.name), "type")
    for member in declaration.members:
        if member.kind in ("method", "property"):
            taken.setdefault(method_name(writing, member, place), "method")
    for kind in ("constant", "field"):
        for member in declaration.members:
            if member.kind == kind:
                name = writing.name("enum_constant", member.name)
                name = name if kind == "constant" else field_name(writing, member, place)
                taken.setdefault(name, kind)
    return taken


def _text(text: str, place: Place) -> Pieces:
    return [on_lines(text, place.indent)]


def _spaced(groups: Iterator[Pieces] | list[Pieces], between: str = "\n\n") -> Pieces:
    """Return members with a blank line between them, but none between plain fields."""
    pieces: Pieces = []
    before: Pieces = []
    for group in groups:
        if before:
            close = _is_field(before) and _is_field(group)
            pieces.append("\n" if close else between)
        pieces += group
        before = group
    return pieces


def _is_field(group: Pieces) -> bool:
    return (
        len(group) == 1
        and isinstance(group[0], Slot)
        and group[0].kind == "field"
        and "\n" not in group[0].stub
    )


__all__ = ["a_type", "joined", "loose_type", "members_of_file"]
