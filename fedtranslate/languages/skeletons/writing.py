"""What the writers of a skeleton share: names, values, accesses, and what a type inherits."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.surroundings import Surroundings
from fedtranslate.languages.skeletons.templates import filled, named
from fedtranslate.languages.skeletons.traits import ACCESS, Traits, form_of, traits_of
from fedtranslate.languages.skeletons.typewriting import TypeWriter
from fedtranslate.languages.skeletons.writefile import FromTable, SourceTable, WriteFile

_MAX_BASES = 60
_GROUPS = {"private_field": "field", "constant": "field", "enum_constant": "constant"}
_NO_NAME = re.compile(r"[^\w$]+")


@dataclass(frozen=True, slots=True)
class Place:
    """The type in which members are written."""

    container: Declaration | None = None
    """In the source; None at the top of a file."""
    form: str = ""
    """As which it is written."""
    target: str = ""
    """Its name in the target, without those around it."""
    around: tuple[str, ...] = ()
    """Names of the types around the members in the source, outermost first."""
    scope: frozenset[str] = frozenset()
    """Type parameters that can be seen here."""
    indent: str = ""
    extended: str = ""
    """The type that the methods extend from outside, with its type parameters."""
    parameters: str = ""
    """The type parameters of that type as written in the source."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """Names in the target that members may not have, since something else has them."""


@dataclass(slots=True)
class Writing:
    """One skeleton that is being written."""

    rules: WriteFile
    reading: SourceTable
    given: FromTable
    source: LanguagePack
    target: LanguagePack
    surroundings: Surroundings
    types: TypeWriter
    known: Mapping[str, Declaration]
    """Types by their names: those of the file, and of the project."""
    exposed: Mapping[str, str]
    """The widest access with which something speaks of a type, by its name."""
    losses: dict[str, None]
    counts: dict[str, int] = field(default_factory=dict)
    """How often a name was given in vain, so that nobody counts from one again."""
    done: set[str] = field(default_factory=set)
    """What may be written once only, and was."""

    def lose(self, what: str, at: Declaration | None = None) -> None:
        """Note that something cannot be carried over."""
        loss = f"line {at.line}: {what}" if at else what
        self.losses[loss] = None

    def traits(self, declaration: Declaration, place: Place) -> Traits:
        """Return what the words of a declaration mean, and note those that mean nothing here."""
        traits = traits_of(declaration, place.container, self.reading)
        for word in traits.unknown:
            self._lose_word(word, declaration)
        return traits

    def _lose_word(self, word: str, declaration: Declaration) -> None:
        if word in self.reading.silent:
            return
        name = word.lstrip("@").partition("(")[0]
        if word.startswith(("@", "[")):
            if name not in self.given.annotations:
                self.lose(f"annotation {word}", declaration)
        else:
            self.lose(f"modifier {word}", declaration)

    def annotated(self, declaration: Declaration) -> str:
        """Return what stands in the target for the annotations of a declaration."""
        names = (word.lstrip("@").partition("(")[0] for word in declaration.annotations)
        return "".join(self.given.annotations.get(name, "") for name in names)

    def words(self, kind: str, active: Collection[str]) -> str:
        """Return the modifiers for what is active, each with the white space behind it."""
        table = self.rules.modifiers.get(kind, {})
        words = [word for key, word in table.items() if word and key in active]
        return "".join(word if word.endswith("\n") else f"{word} " for word in words)

    def name(self, kind: str, name: str, place: Place | None = None) -> str:
        """Return a name as the target writes those of its kind, which is no keyword there."""
        plain = _NO_NAME.sub("", name) or "_"
        written = named(self.rules.names.get(kind, "{name}"), plain)
        if self.rules.keeps_underscores and not written.startswith("_"):
            written = "_" * (len(plain) - len(plain.lstrip("_"))) + written
        if place is not None and place.container and written in self.rules.reserved_members:
            written = filled(self.rules.keyword, {"name": written})
        if place is not None and self.rules.conflict and self._conflicts(kind, written, place):
            written = filled(self.rules.conflict, {"name": written})
        return self.free(written)

    def free(self, name: str) -> str:
        """Return ``name`` as it must be written where it is a keyword of the target."""
        words = self.target.keywords
        if name in words or name in self.rules.reserved:
            return filled(self.rules.keyword, {"name": name})
        return name

    def _conflicts(self, kind: str, name: str, place: Place) -> bool:
        if name == place.target and place.form != "interface":
            return True
        group = _GROUPS.get(kind, kind)
        return place.taken.get(name, group) != group

    def another(self, name: str, around: str, key: str = "") -> str:
        """Return a name like ``name`` that is not taken: ``name_``, ``name_2``, ``name_3``."""
        number = self.counts.get(around + name + key, 1)
        made = f"{name}_"
        while around + made + key in self.done:
            number += 1
            made = f"{name}_{number}"
        self.counts[around + name + key] = number
        return made

    def value(self, text: str, written_type: str) -> str:
        """Return a value in the target, where rules can tell; else "".

        Args:
            text: As written in the source.
            written_type: What it shall be, in the target; "" where that is not known.
        """
        for literal in self.given.literals:
            found = re.fullmatch(literal.value, text)
            if written_type:
                fits = bool(not literal.types or re.fullmatch(literal.types, written_type))
            else:
                fits = literal.anywhere
            if found and fits:
                groups = {str(i): part or "" for i, part in enumerate(found.groups(), 1)}
                return filled(literal.result, {"0": text, "type": written_type, **groups})
        return ""

    def inherited(
        self, declaration: Declaration, container: Declaration | None
    ) -> tuple[Declaration, Declaration, bool] | None:
        """Return the method that another one overrides or makes real, as far as bases are known.

        The first is the method, the second the type that it is in; the third tells whether that
        is a base class, and not an interface.
        """
        for owner, by_class in self.bases_of(container):
            for member in owner.members:
                if (
                    member.kind == "method"
                    and member.name == declaration.name
                    and len(member.parameters) == len(declaration.parameters)
                    and not {"static", "private"} & set(member.modifiers)
                ):
                    return member, owner, by_class
        return None

    def bases_of(self, container: Declaration | None) -> Iterator[tuple[Declaration, bool]]:
        """Yield the known types above a type, base classes first."""
        todo = [(container, True)] if container else []
        seen: set[int] = set()
        later: list[tuple[Declaration, bool]] = []
        while (todo or later) and len(seen) < _MAX_BASES:
            owner, by_class = todo.pop(0) if todo else later.pop(0)
            if id(owner) in seen:
                continue
            seen.add(id(owner))
            if owner is not container:
                yield owner, by_class
            for bases, kept, queue in (
                (owner.bases, by_class, todo),
                (owner.interfaces, False, later),
            ):
                found = (self.known.get(self.types.base_name(base)) for base in bases)
                queue.extend((base, kept and self._is_class(base)) for base in found if base)

    def _is_class(self, declaration: Declaration) -> bool:
        return form_of(declaration, self.reading) not in ("interface", "annotation")

    def access(self, declaration: Declaration, traits: Traits) -> str:
        """Return the access of a type: at least that of whatever speaks of it."""
        return min(traits.access, self.exposed.get(declaration.name, "private"), key=ACCESS.index)
