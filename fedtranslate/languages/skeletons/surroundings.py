"""What a file can know of the others in its project: their types and packages.

Without it a skeleton is made of one file alone: every name that is imported and is not of the
standard library counts as the project's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fedtranslate.languages.outlines.declarations import Declaration, Outline
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.exposure import exposures
from fedtranslate.languages.skeletons.templates import named
from fedtranslate.languages.skeletons.writefile import WriteFile, write_rules


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The project around a file, in the words of the source."""

    types: Mapping[str, str] = field(default_factory=dict)
    """What each of its types is called in the target."""
    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    """Its outermost types by name; where two have one name, the first."""
    homes: Mapping[str, str] = field(default_factory=dict)
    """Packages of these types; where files declare none, their modules."""
    packages: frozenset[str] | None = None
    """All its packages or modules; None where they are not known."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What packages are called in the target, where the rule of the packs is not enough."""
    exposed: Mapping[str, str] = field(default_factory=dict)
    """The widest access with which something speaks of a type, by its name."""


def surroundings_of(
    outlines: Mapping[str, Outline], source: LanguagePack, target: LanguagePack
) -> Surroundings:
    """Return what the files of a project know of each other.

    Args:
        outlines: By the paths of the files, below the root of the sources.
        source: The language that they are in.
        target: The language into which they go.
    """
    rules = write_rules(target.folder)
    types: dict[str, str] = {}
    declarations: dict[str, Declaration] = {}
    homes: dict[str, str] = {}
    packages: set[str] = set()
    for path, outline in outlines.items():
        home = home_of(path, outline, source)
        packages.add(home)
        for declaration in outline.declarations:
            if declaration.kind != "type":
                homes.setdefault(declaration.name, home)
                continue
            homes.setdefault(declaration.name, home)
            declarations.setdefault(declaration.name, declaration)
            types.setdefault(declaration.name, type_name(declaration, source, rules))
    for declaration in declarations.values():
        for name, hoisted in hoisted_names(declaration, source, rules, types).items():
            types.setdefault(name, hoisted)
    reading = write_rules(source.folder)
    every = [one for outline in outlines.values() for one in outline.declarations]
    exposed = exposures(every, reading.source) if reading else {}
    return Surroundings(types, declarations, homes, frozenset(packages), exposed)


def home_of(path: str, outline: Outline, source: LanguagePack) -> str:
    """Return the package of a file; where files declare none, the module that it is."""
    if outline.package or source.package is not None or not path:
        return outline.package
    parts = [*PurePosixPath(path).with_suffix("").parts]
    if parts[-1:] == ["__init__"]:
        parts.pop()
    return source.layout.package_separator.join(parts)


def type_name(declaration: Declaration, source: LanguagePack, rules: WriteFile | None) -> str:
    """Return what a type is called in the target, as its form has it there."""
    if rules is None:
        return declaration.name
    reading = write_rules(source.folder)
    form = declaration.form
    if reading is not None:
        form = reading.source.forms.get(form, form)
    table = rules.forms.get(form) or rules.forms.get("class")
    return named(table.name, declaration.name) if table else declaration.name


def hoisted_names(
    declaration: Declaration,
    source: LanguagePack,
    rules: WriteFile | None,
    types: Mapping[str, str],
) -> dict[str, str]:
    """Return names for the types in an interface, where the target puts them beside it."""
    reading = write_rules(source.folder)
    if rules is None or reading is None or "companion" not in rules.forms:
        return {}
    names: dict[str, str] = {}
    if reading.source.forms.get(declaration.form, declaration.form) == "interface":
        outer = types.get(declaration.name, declaration.name)
        for member in declaration.members:
            if member.kind == "type":
                names[member.name] = outer + member.name
                names[f"{declaration.name}.{member.name}"] = outer + member.name
    for member in declaration.members:
        if member.kind == "type":
            names |= hoisted_names(member, source, rules, {**types, **names})
    return names


def types_inside(declarations: tuple[Declaration, ...]) -> Iterator[Declaration]:
    """Yield the types among declarations and inside of them."""
    for declaration in declarations:
        if declaration.kind == "type":
            yield declaration
            yield from types_inside(declaration.members)
