"""Write the declarations of a file in the target: types as text, their members as slots."""

import re
from collections.abc import Iterator
from dataclasses import replace

from fedtranslate.languages.commenting import convert_comment
from fedtranslate.languages.declarations import Declaration
from fedtranslate.languages.signatures import signature
from fedtranslate.languages.slots import Slot
from fedtranslate.languages.templates import filled, named
from fedtranslate.languages.traits import form_of
from fedtranslate.languages.writefile import CallableTable, FormTable
from fedtranslate.languages.writing import Place, Writing
from fedtranslate.languages.writtentypes import split_list

_CALLABLE = frozenset({"method", "constructor", "function", "property"})
_MAX_DEPTH = 12


class Members:
    """Collects the pieces of one file.

    Args:
        writing: The skeleton that is written.
    """

    def __init__(self, writing: Writing) -> None:
        self.pieces: list[str | Slot] = []
        self._writing = writing
        self._rules = writing.rules

    def top(self, declaration: Declaration, indent: str) -> None:
        """Write a declaration at the top of a file, in lines that begin with ``indent``."""
        self._spaced(declaration, Place(indent=indent))

    def _spaced(self, declaration: Declaration, place: Place) -> None:
        """Write a declaration with a free line before it; neither where it cannot be written."""
        before = len(self.pieces)
        self._space()
        free = len(self.pieces)
        self._any(declaration, place)
        if len(self.pieces) == free:
            del self.pieces[before:]

    def _space(self) -> None:
        """Leave a line free, where something stands before."""
        last = self.pieces[-1] if self.pieces else None
        if last is None or (isinstance(last, str) and last.endswith(("{\n", ":\n"))):
            return
        self.pieces.append("\n")

    def _any(self, declaration: Declaration, place: Place) -> None:
        kind = declaration.kind
        if kind == "type":
            self._type(declaration, place)
        elif kind in _CALLABLE:
            self._callable(declaration, place)
        elif kind == "field":
            self._field(declaration, place)
        elif kind == "statement" and place.container is None and self._rules.untyped:
            self._slot(declaration, place, "", "", sure=False)
        else:
            self._writing.lose(f"{kind} {declaration.name}".strip(), declaration)

    # Types.

    def _type(self, declaration: Declaration, place: Place) -> None:
        writing = self._writing
        form = self._form(declaration)
        table = self._rules.forms.get(form) or self._rules.forms["class"]
        if form == "annotation" or len(place.around) >= _MAX_DEPTH:
            writing.lose(f"{declaration.form} {declaration.name}", declaration)
            return
        traits = writing.traits(declaration, place)
        own = writing.types.parameters(declaration.type_parameters)
        scope = (place.scope if "static" not in traits else frozenset()) | {n for n, _ in own}
        name = writing.surroundings.types.get(declaration.name) or writing.free(
            named(table.name, declaration.name)
        )
        active = {writing.access(declaration, traits), *traits.flags}
        if place.container is not None and "private" in active:
            active = active - {"private"} | {"package"}
        active -= {"static"} if declaration.members or place.container else set()
        head = filled(
            table.head,
            {
                "modifiers": writing.annotated(declaration)
                + writing.words(f"{form}" if form in self._rules.modifiers else "type", active),
                "name": name,
                "type_parameters": writing.types.listed(own, scope),
                "bases": ", ".join(self._bases(declaration, scope)),
                "bounds": "".join(writing.types.bounded(own, scope)),
            },
        )
        inside = Place(
            container=declaration,
            form=form,
            target=name,
            around=(*place.around, declaration.name),
            scope=scope,
            indent=place.indent + self._rules.indent,
        )
        self._docs(declaration, place)
        opening = f"{head}{table.open}".replace("\n", f"\n{place.indent}")
        self.pieces.append(f"{place.indent}{opening}\n")
        self._body(declaration, inside, form, table, traits_abstract="abstract" in traits)
        if table.close:
            self.pieces.append(f"{place.indent}{table.close}\n")

    def _form(self, declaration: Declaration) -> str:
        form = form_of(declaration, self._writing.reading)
        if form != "enum":
            return form
        is_plain = all(
            one.kind == "constant" and not one.value and not one.has_body
            for one in declaration.members
        )
        return "enum" if is_plain and not declaration.interfaces else "enum_class"

    def _bases(self, declaration: Declaration, scope: frozenset[str]) -> Iterator[str]:
        for base in (*declaration.bases, *declaration.interfaces):
            written = self._writing.types.base(base, scope)
            if written:
                yield written
            else:
                self._writing.lose(f"base {base}", declaration)

    def _body(
        self,
        declaration: Declaration,
        place: Place,
        form: str,
        table: FormTable,
        *,
        traits_abstract: bool,
    ) -> None:
        before = len(self.pieces)
        constants = [one for one in declaration.members if one.kind == "constant"]
        for number, constant in enumerate(constants):
            self._constant(
                constant, declaration, place, table, is_last=number + 1 == len(constants)
            )
        self._components(declaration, place, form)
        for member in declaration.members:
            if member.kind == "constant":
                continue
            if member.kind != "field" or self._is_behind_code():
                self._spaced(member, place)
            else:
                self._any(member, place)
        if traits_abstract:
            self._missing(declaration, place)
        for base in (*declaration.bases, *declaration.interfaces):
            extra = self._writing.types.members_of(base, place.scope)
            if extra:
                self._space()
                self._lines(extra, place)
        if len(self.pieces) == before and table.empty:
            self._lines(table.empty, place)

    def _is_behind_code(self) -> bool:
        last = next((one for one in reversed(self.pieces) if not isinstance(one, str)), None)
        return last is not None and last.kind in _CALLABLE

    def _constant(
        self,
        constant: Declaration,
        declaration: Declaration,
        place: Place,
        table: FormTable,
        *,
        is_last: bool,
    ) -> None:
        name = self._writing.name("constant", constant.name)
        if constant.has_body:
            self._writing.lose(f"body of {constant.name}", constant)
        arguments = self._constant_arguments(constant, declaration, place)
        template = table.item if constant.value or place.form == "enum_class" else table.item_plain
        values = {"name": name, "type": place.target, "arguments": arguments}
        text = filled(template or table.item, values)
        self._docs(constant, place)
        separator = "" if is_last else table.separator
        self.pieces.append(f"{place.indent}{text}{separator}\n")

    def _constant_arguments(
        self, constant: Declaration, declaration: Declaration, place: Place
    ) -> str:
        inner = constant.value.strip()[1:-1]
        written = []
        makers = [one for one in declaration.members if one.kind == "constructor"]
        parts = split_list(inner) if inner.strip() else []
        maker = next((one for one in makers if len(one.parameters) == len(parts)), None)
        for number, part in enumerate(parts):
            kind = ""
            if maker is not None:
                kind = self._writing.types.written(maker.parameters[number].type, place.scope)
            value = self._writing.value(part.strip(), kind)
            if not value:
                self._writing.lose(f"argument {' '.join(part.split())}", constant)
                value = filled(self._rules.types.default, {"type": kind})
            written.append(value)
        return ", ".join(written)

    def _components(self, declaration: Declaration, place: Place, form: str) -> None:
        """Write what a record has of itself: fields, a constructor, and a method for each."""
        table = self._rules.forms.get(form)
        if form != "record" or table is None or not table.component:
            return
        kinds = [
            (
                self._writing.name("field", one.name),
                one.name,
                self._writing.types.written(one.type, place.scope),
            )
            for one in declaration.parameters
        ]
        for name, plain, kind in kinds:
            method = self._writing.name("method", plain, place)
            values = {"name": name, "type": kind, "method": method}
            self._lines(filled(table.component, values), place)
        if any(one.kind == "constructor" for one in declaration.members):
            return
        parameters = ", ".join(
            f"{kind} {self._writing.name('parameter', plain)}" for _, plain, kind in kinds
        )
        assigned = "\n".join(
            f"{self._rules.indent}this.{name} = {self._writing.name('parameter', plain)};"
            for name, plain, _ in kinds
        )
        if table.maker:
            values = {"name": place.target, "parameters": parameters, "body": assigned}
            self._lines(filled(table.maker, values), place)

    def _missing(self, declaration: Declaration, place: Place) -> None:
        """Write the methods that an abstract type leaves to others, where the target wants it."""
        if not self._rules.abstract_interfaces:
            return
        own = {(one.name, len(one.parameters)) for one in declaration.members}
        for base in declaration.interfaces:
            known = self._writing.known.get(self._writing.types.base_name(base))
            for method in known.members if known else ():
                key = (method.name, len(method.parameters))
                is_open = method.kind == "method" and not method.has_body and key not in own
                if is_open and self._rules.method:
                    made = signature(self._writing, self._rules.method, method, place)
                    head = re.sub(r"\b(?:virtual|override) ", "", made.head)
                    if "abstract " not in head:
                        head = head.replace("public ", "public abstract ", 1)
                    self._lines(f"{head};", place)

    # Members.

    def _callable(self, declaration: Declaration, place: Place) -> None:
        table = self._table(declaration, place)
        if table is None:
            self._writing.lose(f"{declaration.kind} {declaration.name}", declaration)
            return
        made = signature(self._writing, table, declaration, place)
        if place.form == "interface" and declaration.has_body:
            self._writing.lose(f"body of {declaration.name}", declaration)
            made = replace(made, is_abstract=True)
        if made.is_abstract or (place.form == "interface" and not declaration.has_body):
            stub = filled(table.abstract, {"head": made.head})
            if stub:
                self._slot(declaration, place, made.head, stub, sure=True, name=made.name)
            return
        body = indented_block(table.stub, self._rules.indent)
        stub = table.block.replace("{head}", made.head).replace("{body}", body)
        self._slot(declaration, place, made.head, stub, sure=False, name=made.name)

    def _table(self, declaration: Declaration, place: Place) -> CallableTable | None:
        if declaration.kind == "constructor":
            return self._rules.constructor
        if place.container is None:
            return self._rules.function or self._rules.method
        return self._rules.method

    def _field(self, declaration: Declaration, place: Place) -> None:
        table = self._rules.field
        if table is None:
            return
        writing = self._writing
        if place.form == "interface":
            writing.lose(f"constant {declaration.name}", declaration)
            return
        traits = writing.traits(declaration, place)
        kind = writing.types.written(declaration.type, place.scope)
        value = writing.value(declaration.value, kind) if declaration.value else ""
        active = {traits.access, *traits.flags}
        if traits.access == "private" and place.around[1:]:
            active = active - {"private"} | {"package"}
        is_constant = {"static", "final"} <= active and bool(value)
        is_constant = is_constant and bool(table.constant_types)
        is_constant = is_constant and re.fullmatch(table.constant_types, kind) is not None
        is_fixed = {"static", "final"} <= active or declaration.name.isupper()
        style = "constant" if is_fixed else "field"
        name = writing.name(style, declaration.name, place)
        if place.container is None:
            active -= {"static"}
        words = writing.words("constant" if is_constant else "field", active)
        values = {"modifiers": words, "type": kind, "name": name, "value": value}
        head = filled(table.plain, values).rstrip(";")
        loose = table.loose if place.container is None and table.loose else ""
        if is_constant and table.constant:
            stub = filled(table.constant, values)
        elif value or loose:
            unset = filled(self._rules.types.default, values)
            stub = filled(loose or table.valued, values | {"value": value or unset})
        else:
            stub = filled(table.plain, values)
        sure = not declaration.value or bool(value)
        if not sure and table.unset:
            writing.lose(f"initial value of {declaration.name}", declaration)
            sure = True
        self._slot(declaration, place, head, stub, sure=sure, name=name)

    def _slot(
        self,
        declaration: Declaration,
        place: Place,
        head: str,
        stub: str,
        *,
        sure: bool,
        name: str = "",
    ) -> None:
        docs = ""
        if sure and declaration.docs:
            docs = (
                convert_comment(declaration.docs, self._writing.source, self._writing.target) + "\n"
            )
        self.pieces.append(place.indent)
        self.pieces.append(
            Slot(
                start_byte=declaration.start_byte,
                end_byte=declaration.end_byte,
                kind=declaration.kind,
                name=declaration.name,
                container=".".join(place.around),
                indent=place.indent,
                target_name=name,
                signature=" ".join(head.split()),
                stub=docs + stub,
                sure=sure,
            )
        )
        self.pieces.append("\n")

    def _docs(self, declaration: Declaration, place: Place) -> None:
        if declaration.docs:
            text = convert_comment(declaration.docs, self._writing.source, self._writing.target)
            self._lines(text, place)

    def _lines(self, text: str, place: Place) -> None:
        lines = text.rstrip("\n").split("\n")
        self.pieces.append("".join(f"{place.indent}{line}".rstrip() + "\n" for line in lines))


def indented_block(text: str, indent: str) -> str:
    """Return lines one step deeper."""
    return "\n".join(indent + line if line else line for line in text.split("\n"))
