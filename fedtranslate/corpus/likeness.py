"""How alike two units of different languages are: name, signature and words of the body.

What survives a migration is vocabulary: names of variables and fields, numbers and strings.
"""

import re
from dataclasses import dataclass

from fedtranslate.corpus.names import UnitName, name_likeness, unit_name
from fedtranslate.corpus.signatures import parameters_likeness
from fedtranslate.languages.naming import words
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.records import Unit

CONVENTION = 0.85
"""Names at least so alike follow a known convention; below, they are merely similar."""

_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*"|[^\W\d]\w*|\d[\w.]*')
_SAME_BODY = 0.5
"""Dice overlap from which two bodies count as the same; true pairs rarely have much more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit, prepared for comparison."""

    unit: Unit
    name: UnitName
    vocabulary: frozenset[str]


def prepare(unit: Unit, pack: LanguagePack) -> Candidate:
    """Return ``unit`` with its name and vocabulary taken apart."""
    return Candidate(unit, unit_name(unit, pack), _vocabulary(unit.text, pack))


def body_likeness(first: Candidate, second: Candidate) -> float:
    """Return 0..1 how much vocabulary the units share, 1 from half of it on."""
    return min(1.0, overlap(first, second) / _SAME_BODY)


def overlap(first: Candidate, second: Candidate) -> float:
    """Return the Dice overlap of the vocabularies; 1 when both are empty."""
    total = len(first.vocabulary) + len(second.vocabulary)
    return 2 * len(first.vocabulary & second.vocabulary) / total if total else 1.0


def unit_likeness(first: Candidate, second: Candidate) -> float:
    """Return 0..1 how sure the units are the same, given that their types are the same.

    Names that follow a convention decide, and the rest tells overloads apart.  For merely similar
    names signature and body must agree well, and opposites (add, remove) are never paired.
    """
    name = name_likeness(first.name, second.name)
    if name == 0:
        return 0.0
    parameters = parameters_likeness(first.unit.parameters, second.unit.parameters)
    if first.unit.kind != second.unit.kind and "property" in (first.unit.kind, second.unit.kind):
        parameters = 1.0  # a setter has one, and its property has none
    body = body_likeness(first, second)
    if name >= CONVENTION:
        return name * (0.5 + 0.25 * parameters + 0.25 * body)
    return 0.85 * (0.3 * name + 0.2 * parameters + 0.5 * body * parameters)


def _vocabulary(text: str, pack: LanguagePack) -> frozenset[str]:
    found: set[str] = set()
    for piece in _PIECE.findall(text):
        if piece[0].isalpha() or piece[0] == "_":
            if piece not in pack.keywords:
                found.update(words(piece))
        else:
            found.add(piece)
    return frozenset(found)
