"""Which types are spoken of by what can be seen from outside."""

import re
from collections.abc import Collection, Iterator

from fedtranslate.languages.outlines.declarations import Declaration
from fedtranslate.languages.skeletons.traits import ACCESS, traits_of
from fedtranslate.languages.skeletons.writefile import SourceTable


def exposures(declarations: Collection[Declaration], reading: SourceTable) -> dict[str, str]:
    """Return with which access something speaks of each type, by the name of the type.

    A target may refuse a public method whose result is of a type that is not public.
    """
    exposed: dict[str, str] = {}
    for _ in range(3):
        before = dict(exposed)
        for declaration in declarations:
            _expose(declaration, None, "public", reading, exposed)
        if exposed == before:
            break
    return exposed


def _expose(
    declaration: Declaration,
    container: Declaration | None,
    around: str,
    reading: SourceTable,
    exposed: dict[str, str],
) -> None:
    own = traits_of(declaration, container, reading).access
    if declaration.kind == "type":
        own = min(own, exposed.get(declaration.name, own), key=ACCESS.index)
    access = max(own, around, key=ACCESS.index)
    for name in _names_of(declaration):
        if name != declaration.name and (container is None or name != container.name):
            known = exposed.get(name, "private")
            exposed[name] = min(known, access, key=ACCESS.index)
    for member in declaration.members:
        _expose(member, declaration, access, reading, exposed)


def _names_of(declaration: Declaration) -> Iterator[str]:
    texts = (
        declaration.type,
        declaration.type_parameters,
        *declaration.bases,
        *declaration.interfaces,
        *(parameter.type for parameter in declaration.parameters),
    )
    for text in texts:
        yield from re.findall(r"\w+", text)
