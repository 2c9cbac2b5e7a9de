"""Write methods, constructors, functions, fields and code between them as slots."""

import re

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.comments import convert_comment
from fedtranslate.languages.skeletons.signatures import signature
from fedtranslate.languages.skeletons.slots import Slot, on_lines
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.writefile import CallableTable, FieldTable
from fedtranslate.languages.skeletons.writing import Place, Writing

_NAMES = re.compile(r"[A-Za-z_]\w*")


def a_slot(
    declaration: Declaration,
    place: Place,
    *,
    name: str = "",
    signature_text: str = "",
    stub: str = "",
    sure: bool = False,
) -> Slot:
    """Return the slot of a declaration."""
    return Slot(
        start_byte=declaration.start_byte,
        end_byte=declaration.end_byte,
        kind=declaration.kind,
        name=declaration.name,
        container=".".join(place.around),
        indent=place.indent,
        target_name=name or declaration.name,
        signature=signature_text,
        stub=stub,
        sure=sure,
    )


def documented(writing: Writing, declaration: Declaration, text: str) -> str:
    """Return ``text`` with the comments of its declaration above it."""
    if not declaration.docs:
        return text
    return convert_comment(declaration.docs, writing.source, writing.target) + "\n" + text


def table_of(writing: Writing, declaration: Declaration, place: Place) -> CallableTable:
    """Return how a callable is written."""
    rules = writing.rules
    table = rules.function if place.container is None and place.form != "loose" else rules.method
    if declaration.kind == "constructor":
        table = rules.constructor
    if table is None:
        table = rules.method
    if table is None:
        raise ValueError("the language is no target")
    return table


def block(table: CallableTable, head: str, body: str, indent: str) -> str:
    """Return a callable with a body, flush left."""
    text = filled(table.block, {"head": head, "body": on_lines(body, indent).strip()})
    return text if body else re.sub(r"\n[ \t]*\n", "\n", text)


def a_callable(writing: Writing, declaration: Declaration, place: Place) -> Slot:
    """Return the slot of a method, constructor, function or property."""
    table = table_of(writing, declaration, place)
    found = signature(writing, table, declaration, place)
    sure = not declaration.has_body and found.is_abstract
    if sure and table.abstract:
        text = filled(table.abstract, {"head": found.head})
    else:
        text = block(table, found.head, table.stub, writing.rules.indent)
    return a_slot(
        declaration,
        place,
        name=found.name,
        signature_text=found.head,
        stub="" if found.is_double else documented(writing, declaration, text),
        sure=sure and declaration.kind != "property",
    )


def a_field(writing: Writing, declaration: Declaration, place: Place) -> Slot:
    """Return the slot of a field."""
    table = _field_table(writing)
    traits = writing.traits(declaration, place)
    kind = writing.types.written(declaration.type, place.scope)
    value = writing.value(declaration.value, kind) if declaration.value else ""
    sure = bool(value) or not declaration.value
    if not declaration.value and "final" not in traits:
        zeros = (zero for types, zero in writing.given.zeros if re.search(types, declaration.type))
        value = next(zeros, "")
    name = field_name(writing, declaration, place)
    if place.container is None and f"  {name}" in writing.done:
        writing.lose(f"another {declaration.name}", declaration)
        name = writing.another(name, "  ")
    if place.container is None:
        writing.done.add(f"  {name}")
    flags = set(traits.flags)
    access = traits.access
    if place.container is None:
        flags, access = {"static", *flags}, "public" if access == "package" else access
    if access == "private" and place.around[1:]:
        access = "package"  # the types around may use what is private in a type inside of them
    is_constant = {"static", "final"} <= flags and bool(value) and bool(table.constant)
    is_constant = is_constant and re.fullmatch(table.constant_types, kind) is not None
    words = writing.words("constant" if is_constant else "field", {access, *flags})
    template = table.valued if value else table.plain
    if place.container is None and table.loose:
        template = table.loose
    elif is_constant:
        template = table.constant
    values = {
        "modifiers": writing.annotated(declaration) + words,
        "type": kind,
        "name": name,
        "value": value or writing.rules.no_value,
    }
    return a_slot(
        declaration,
        place,
        name=name,
        signature_text=filled(table.plain, values),
        stub=documented(writing, declaration, filled(template, values)),
        sure=sure,
    )


def an_annotation_member(writing: Writing, declaration: Declaration, place: Place) -> Slot:
    """Return the slot of a value that an annotation takes."""
    table = _field_table(writing)
    kind = writing.types.written(declaration.type, place.scope)
    value = writing.value(declaration.value, kind) if declaration.value else ""
    name = writing.name("method", declaration.name, place)
    values = {"type": kind, "name": name, "value": value}
    text = filled(table.member or table.plain, {"modifiers": "", **values})
    sure = bool(value) or not declaration.value
    stub = documented(writing, declaration, text)
    return a_slot(declaration, place, name=name, signature_text=text, stub=stub, sure=sure)


def a_static_initializer(writing: Writing, declaration: Declaration, place: Place) -> Slot | None:
    """Return the slot of a static initializer; None where the target has none, or no second."""
    rules = writing.rules
    traits = writing.traits(declaration, place)
    once = f"initializer of {'.'.join(place.around)}"
    if "static" not in traits or not rules.initializer or once in writing.done:
        what = "static initializer" if "static" in traits else "initializer"
        writing.lose(what, declaration)
        return None
    if rules.initializer_once:
        writing.done.add(once)
    text = filled(rules.initializer, {"name": place.target})
    head = text.partition("\n")[0].rstrip(" {")
    stub = documented(writing, declaration, text)
    return a_slot(declaration, place, name=place.target, signature_text=head, stub=stub)


def field_name(writing: Writing, declaration: Declaration, place: Place) -> str:
    """Return what a field is called in the target."""
    traits = writing.traits(declaration, place)
    if {"static", "final"} <= traits.flags:
        kind = "constant"
    elif place.container is not None and traits.access == "private":
        kind = "private_field"
    elif place.container is None and _NAMES.sub("", declaration.name.upper()) == "":
        kind = "constant" if declaration.name.isupper() else "variable"
    else:
        kind = "field"
    return writing.name(kind, declaration.name, place)


def _field_table(writing: Writing) -> FieldTable:
    table = writing.rules.field
    if table is None:
        raise ValueError("the language is no target")
    return table
