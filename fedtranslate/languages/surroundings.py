"""What a file can know of the others in its project: their types and packages.

Without it a skeleton is made of one file alone: every name that is imported and is not of the
standard library counts as the project's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fedtranslate.languages.declarations import Declaration, Outline
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.templates import named
from fedtranslate.languages.writefile import WriteFile, write_rules


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
    return Surroundings(types, declarations, homes, frozenset(packages))


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


def types_inside(declarations: tuple[Declaration, ...]) -> Iterator[Declaration]:
    """Yield the types among declarations and inside of them."""
    for declaration in declarations:
        if declaration.kind == "type":
            yield declaration
            yield from types_inside(declaration.members)
