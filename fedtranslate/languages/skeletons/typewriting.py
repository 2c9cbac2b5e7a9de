"""Write the types of one language as those of another, by the tables of its write.toml."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from fedtranslate.languages.skeletons.templates import filled
from fedtranslate.languages.skeletons.writefile import FromTable, SourceTable, WriteFile
from fedtranslate.languages.skeletons.writtentypes import TypeTree, split_list, type_tree

_PLACE = re.compile(r"\{(\d+)\}")
_WORD = re.compile(r"\w+")
_MAX_LENGTH = 1000


@dataclass(slots=True)
class TypeWriter:
    """Writes types, and notes what they need."""

    rules: WriteFile
    source: SourceTable
    given: FromTable
    types: Mapping[str, str]
    """What the types of the project are called in the target."""
    own: Collection[str]
    """Names that are surely types of the project, even where a table knows the name."""
    generics: Mapping[str, str]
    """The type parameters of the project's types, as written."""
    unknown: Collection[str]
    """Names that are imported from nowhere that could be carried over."""
    lose: Callable[[str], None]
    """Called for what cannot be written."""
    needs: set[str] = field(default_factory=set)
    """What must be imported for the types that were written."""

    def written(self, text: str, scope: Collection[str]) -> str:
        """Return a type in the target language; ``types.any`` where it is not known there.

        Args:
            text: As written in the source; "" where there is no type.
            scope: Type parameters, which stay as they are.
        """
        if self.rules.untyped:
            return ""
        if not text:
            return self.rules.types.any
        return self._noted(self._tree(self._read(text), scope, inside=False))

    def base(self, text: str, scope: Collection[str]) -> str:
        """Return a base class, an interface or a bound in the target; "" where it has none."""
        tree = self._read(text)
        name = self._bare(tree.name)
        template = None if self._is_own(name) else self.given.bases.get(name)
        if template is None:
            if not name or name in self.unknown or (not self._is_own(name) and self._listed(name)):
                return ""
            if self.rules.types.base_generic:
                plain = self._named(name, TypeTree(name), scope)
                return self._noted(filled(self.rules.types.base_generic, {"name": plain}))
            return self._noted(self._named(name, tree, scope))
        return self._noted(self._placed(template, tree.arguments, scope)) if template else ""

    def wanted(self, text: str, scope: Collection[str]) -> str:
        """Return the members that the target wants of whoever has this base."""
        tree = self._read(text)
        name = self._bare(tree.name)
        template = "" if self._is_own(name) else self.given.extra.get(name, "")
        return self._noted(self._placed(template, tree.arguments, scope)) if template else ""

    def base_name(self, text: str) -> str:
        """Return the name by which a base is known in the source."""
        return self._bare(self._read(text).name)

    def base_arguments(self, text: str) -> list[str]:
        """Return the type arguments of a base, as written."""
        inner = text.partition(self.source.generic[0])[2]
        return split_list(inner.rpartition(self.source.generic[1])[0]) if inner else []

    def parameters(self, text: str) -> list[tuple[str, list[str]]]:
        """Return the type parameters of a declaration, each with its bounds as written."""
        inner = text.strip()[1:-1]
        return [pair for part in split_list(inner) if (pair := self._parameter(part))[0]]

    def _parameter(self, part: str) -> tuple[str, list[str]]:
        part = re.sub(self.source.noise, "", part).strip() if self.source.noise else part
        found = re.search(self.source.bound, part) if self.source.bound else None
        name = _WORD.search(part[: found.start()] if found else part)
        bounds = part[found.end() :].split(self.source.bound_separator) if found else []
        return name[0] if name else "", [bound.strip() for bound in bounds]

    def bounded(self, pairs: list[tuple[str, list[str]]], scope: Collection[str]) -> list[str]:
        """Return each bound that the target can express, as its template writes it."""
        table = self.rules.types
        written: list[str] = []
        for name, bounds in pairs:
            known = [one for bound in bounds if (one := self._bound(bound, scope))]
            if known and table.bound:
                values = {"name": name, "bounds": table.bound_separator.join(known)}
                written.append(filled(table.bound, values))
        return written

    def listed(self, pairs: list[tuple[str, list[str]]], scope: Collection[str]) -> str:
        """Return a list of type parameters, with bounds where the target has them inside."""
        table = self.rules.types
        if not pairs or not table.parameters:
            return ""
        names: list[str] = []
        for name, bounds in pairs:
            known = [one for bound in bounds if (one := self._bound(bound, scope))]
            if known and table.inline_bound:
                values = {"name": name, "bounds": table.bound_separator.join(known)}
                name = filled(table.inline_bound, values)
            names.append(name)
        return filled(table.parameters, {"names": ", ".join(names)})

    def _bound(self, text: str, scope: Collection[str]) -> str:
        return text if text in scope else self.base(text, scope)

    def _read(self, text: str) -> TypeTree:
        plain = re.sub(self.source.noise, "", text) if self.source.noise else text
        tree = type_tree(plain, self.source.generic)
        if not tree.name and plain.strip():
            self.lose(f"type {' '.join(text.split())}")
        return tree

    def _tree(self, tree: TypeTree, scope: Collection[str], *, inside: bool) -> str:
        name = self._bare(tree.name)
        inside = inside and not tree.arrays
        written = self._one(name, tree, scope, inside=inside)
        if tree.nullable:
            written = filled(self.rules.types.nullable, {"0": written})
        for _ in range(min(tree.arrays, 9)):
            written = self.rules.types.array.replace("{0}", written)
        return written if len(written) <= _MAX_LENGTH else self.rules.types.any

    def _one(self, name: str, tree: TypeTree, scope: Collection[str], *, inside: bool) -> str:
        if not name:
            return self.rules.types.any
        if name in scope:
            return name
        if not self._is_own(name):
            table = self.given
            template = table.arguments.get(name) if inside else None
            if template is None:
                template = table.types.get(name)
            if template is not None:
                return self._placed(template, tree.arguments, scope)
            if name.partition(".")[0] in self.unknown:
                self.lose(f"type {name}")
                return self.rules.types.any
        return self._named(name, tree, scope)

    def _named(self, name: str, tree: TypeTree, scope: Collection[str]) -> str:
        known = self.types.get(name)
        *outer, last = (name if known is None else known).split(".")
        if known is None and self.rules.types.bound:
            outer = [self._raw(part) for part in outer]
            if not all(outer):
                return self._lost(name)
        elif known is None:
            outer = [self.types.get(part, part) for part in outer]
        last = self.types.get(last, last) if known is None else last
        around = "".join(f"{part}." for part in outer)
        if not tree.arguments:
            raw = self._raw(name) if "." not in name else around + last
            return raw or self._lost(name)
        if self._breaks_bound(name, tree):
            return self._lost(name)
        written = [self._tree(one, scope, inside=True) for one in tree.arguments]
        values = {"name": around + last, "arguments": ", ".join(written)}
        return filled(self.rules.types.generic, values)

    def _lost(self, name: str) -> str:
        self.lose(f"type arguments of {name}")
        return self.rules.types.any

    def _raw(self, name: str) -> str:
        """Return a type without arguments; with any for each that it wants, "" if that is wrong."""
        known = self.types.get(name, name)
        pairs = self.parameters(self.generics.get(name, ""))
        if not pairs or not self.rules.types.bound:
            return known
        if any(bounds for _, bounds in pairs):
            return ""
        arguments = ", ".join(self.rules.types.any for _ in pairs)
        return filled(self.rules.types.generic, {"name": known, "arguments": arguments})

    def _breaks_bound(self, name: str, tree: TypeTree) -> bool:
        """Tell whether a wildcard stands where the target wants a type with a bound."""
        pairs = self.parameters(self.generics.get(name, "")) if self.rules.types.bound else []
        return any(
            bounds and not argument.name
            for (_, bounds), argument in zip(pairs, tree.arguments, strict=False)
        )

    def _placed(
        self, template: str, arguments: tuple[TypeTree, ...], scope: Collection[str]
    ) -> str:
        """Fill the arguments of a type into the template of a table; those that lack are any."""

        def argument(found: re.Match[str]) -> str:
            index = int(found[1])
            if index >= len(arguments):
                return self.rules.types.any
            return self._tree(arguments[index], scope, inside=True)

        if "{*}" in template:
            every = ", ".join(self._tree(one, scope, inside=True) for one in arguments)
            template = template.replace("{*}", every or self.rules.types.any)
        return _PLACE.sub(argument, template)

    def _bare(self, name: str) -> str:
        """Return the name of a type without the package before it."""
        parts = name.split(".")
        if len(parts) == 1:
            return name
        first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
        return ".".join(parts[first:])

    def _is_own(self, name: str) -> bool:
        return name.partition(".")[0] in self.own

    def _listed(self, name: str) -> bool:
        return name in self.given.types

    def _noted(self, text: str) -> str:
        self.needs.update(self._needed(text))
        return text

    def _needed(self, text: str) -> Iterator[str]:
        for word in _WORD.findall(text):
            if word in self.rules.types.needs:
                yield self.rules.types.needs[word]
