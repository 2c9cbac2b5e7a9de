"""Write a record as a class, for targets that have none."""

from collections.abc import Iterator
from dataclasses import replace

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.members import block
from fedtranslate.languages.skeletons.signatures import signature
from fedtranslate.languages.skeletons.slots import Pieces, on_lines
from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.writing import Place, Writing


def record_members(writing: Writing, record: Declaration, place: Place) -> list[Pieces]:
    """Return fields, constructor and what reads the fields, as far as the record lacks them."""
    texts = _texts(writing, record, place)
    return [[on_lines(text, place.indent)] for text in texts if text]


def _texts(writing: Writing, record: Declaration, place: Place) -> Iterator[str]:
    rules = writing.rules
    if rules.field is None or rules.constructor is None or rules.method is None:
        return
    writing.lose(f"equals, hashCode and toString of the record {record.name}", record)
    bare = replace(record, docs="", annotations=(), modifiers=(), type_parameters="", members=())
    fields = [writing.name("private_field", one.name, place) for one in record.parameters]
    lines: list[str] = []
    for one, name in zip(record.parameters, fields, strict=True):
        kind = writing.types.written(one.type + "[]" * one.variadic, place.scope)
        words = writing.words("field", {"private", "final"})
        values = {"modifiers": words, "type": kind, "name": name, "value": rules.no_value}
        lines.append(filled(rules.field.plain, values))
    yield "\n".join(lines)
    if not any(_is_canonical(one, record) for one in record.members):
        made = replace(bare, kind="constructor", modifiers=("public",))
        found = signature(writing, rules.constructor, made, place)
        body = "\n".join(
            filled(rules.constructor.assigning, {"field": field, "parameter": parameter})
            for field, parameter in zip(fields, found.parameters, strict=True)
        )
        yield block(rules.constructor, found.head, body or rules.empty_body, rules.indent)
    declared = {one.name for one in record.members if one.kind == "method" and not one.parameters}
    for one, name in zip(record.parameters, fields, strict=True):
        if one.name not in declared:
            read = replace(
                bare,
                kind="method",
                name=one.name,
                type=one.type + "[]" * one.variadic,
                parameters=(),
                modifiers=("public",),
                has_body=True,
            )
            found = signature(writing, rules.method, read, place)
            body = filled(rules.method.returning, {"field": name})
            yield block(rules.method, found.head, body, rules.indent)


def _is_canonical(one: Declaration, record: Declaration) -> bool:
    if one.kind != "constructor" or one.delegate:
        return False
    return len(one.parameters) in (0, len(record.parameters))
