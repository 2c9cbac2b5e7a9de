"""What one file adds to the project around the others, small enough to be kept for all files.

A skeleton of one file must agree with those of all others: who overrides what, which names are
types, which packages there are.  For this a file tells what it declares, without bodies, docs and
values, and another one gets just those declarations that it speaks of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from fedtranslate.languages.layout import below_sources
from fedtranslate.languages.outlines.declarations import Declaration, Outline, Parameter
from fedtranslate.languages.outlines.outline import outline_of
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.exposure import exposures
from fedtranslate.languages.skeletons.surroundings import (
    Surroundings,
    hoisted_names,
    home_of,
    type_name,
)
from fedtranslate.languages.skeletons.writefile import write_rules

_KEPT = frozenset({"type", "method", "constructor", "function", "property", "constant"})
_DECLARED = tuple(field.name for field in fields(Declaration))
_OF_PARAMETERS = tuple(field.name for field in fields(Parameter))


@dataclass(frozen=True, slots=True)
class Contribution:
    """What others may need to know of a file, and what it needs of others."""

    home: str = ""
    """Its package; where files declare none, the module that it is."""
    names: tuple[str, ...] = ()
    """All names in its code, and those of its bases."""
    imports: tuple[str, ...] = ()
    declared: tuple[Declaration, ...] = ()
    """Its outermost types and functions."""
    exposed: tuple[tuple[str, str], ...] = ()
    """With which access it speaks of types, by their names."""


def contribution_of(text: str, pack: LanguagePack, path: str) -> Contribution:
    """Return what a file adds; nothing where its language has no outline."""
    outline, reading = outline_of(text, pack), write_rules(pack.folder)
    if outline is None:
        return Contribution()
    return Contribution(
        home=home_of(below_sources(path, pack), outline, pack),
        names=tuple(sorted(outline.uses)),
        imports=tuple(dict.fromkeys(_packages(outline, pack))),
        declared=tuple(_bare(one) for one in outline.declarations if one.kind in _KEPT),
        exposed=tuple(sorted(exposures(outline.declarations, reading.source).items()))
        if reading
        else (),
    )


def _packages(outline: Outline, pack: LanguagePack) -> Iterable[str]:
    separator = pack.layout.package_separator
    for one in outline.imports:
        parts = one.name.split(separator)
        yield from (separator.join(parts[:size]) for size in range(len(parts), 0, -1))


def _bare(declaration: Declaration) -> Declaration:
    members = tuple(_bare(one) for one in declaration.members if one.kind in _KEPT)
    return replace(declaration, docs="", value="", annotations=(), members=members)


def surroundings_from(
    known: Sequence[tuple[str, Declaration]],
    packages: Iterable[str],
    exposed: Mapping[str, str],
    source: LanguagePack,
    target: LanguagePack,
) -> Surroundings:
    """Return the project around a file.

    Args:
        known: What the file speaks of, each with its home; the first of a name counts.
        packages: Those of its imports that the project has.
        exposed: With which access the project speaks of its types, by their names.
        source: The language of the project.
        target: The language to which it goes.
    """
    rules = write_rules(target.folder)
    types: dict[str, str] = {}
    declarations: dict[str, Declaration] = {}
    homes: dict[str, str] = {}
    for home, declaration in known:
        homes.setdefault(declaration.name, home)
        if declaration.kind == "type" and declaration.name not in declarations:
            declarations[declaration.name] = declaration
            types[declaration.name] = type_name(declaration, source, rules)
    for declaration in declarations.values():
        for name, hoisted in hoisted_names(declaration, source, rules, types).items():
            types.setdefault(name, hoisted)
    # Where types are written, libraries keep their names: they may be there under these names, and
    # a compiler tells where they are not.  Elsewhere an import that leads nowhere would be found
    # only when the program runs.
    is_typed = rules is not None and not rules.untyped
    known_packages = None if is_typed else frozenset(packages)
    return Surroundings(types, declarations, homes, known_packages, exposed=exposed)


def as_document(declaration: Declaration) -> dict[str, Any]:
    """Return a declaration as JSON: what ``asdict`` gives, which takes many times as long."""
    return {
        **{name: getattr(declaration, name) for name in _DECLARED},
        "parameters": [
            {name: getattr(one, name) for name in _OF_PARAMETERS} for one in declaration.parameters
        ],
        "members": [as_document(one) for one in declaration.members],
    }


def read_document(document: Mapping[str, Any]) -> Declaration:
    """Return the declaration that ``as_document`` wrote."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    values["parameters"] = tuple(Parameter(**one) for one in document["parameters"])
    values["members"] = tuple(read_document(one) for one in document["members"])
    return Declaration(**values)
