"""Rules that stand in for a grammar: what begins and ends units, and what must be balanced.

They see less than a parser does.  A text that breaks a rule is wrong; a text that breaks none may
still be no program, which is for the compiler to say.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fedtranslate.languages.ruletables import PairRule, RulesTable


@dataclass(frozen=True, slots=True, eq=False)
class UnitPattern:
    """How one kind of unit begins and ends."""

    kind: str
    begin: re.Pattern[str]
    """Group ``name`` is the name."""
    end: re.Pattern[str] | None
    """What ends it, found behind its beginning, if no other unit does before."""
    level: int
    """Units with higher numbers are inside it until one begins that is not."""
    within: int | None
    """The level of units inside which alone it counts."""
    is_group: bool
    """Whether its name is among the containers of the units inside it."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a word does for the pair that it belongs to."""

    pair: int
    begins: bool
    open_ended: bool
    """Whether the pair may stay open where a sentence or a pair around it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """All rules of one language."""

    units: tuple[UnitPattern, ...]
    roles: Mapping[str, Role]
    """By the word; in lower case where the case does not matter."""
    sentence: re.Pattern[str] | None
    """How every sentence must begin; a group ``remark`` is a sentence of free words."""
    sentence_end: re.Pattern[str] | None
    """What ends a sentence, matched where a token begins."""
    calls: re.Pattern[str] | None
    """Finds the name of what is called, as group ``name``."""
    types: re.Pattern[str] | None


def compiled_rules(table: RulesTable, *, ignore_case: bool) -> Rules:
    """Return the rules of a pack.toml, ready for use."""
    flags = re.MULTILINE | (re.IGNORECASE if ignore_case else re.NOFLAG)

    def pattern(text: str) -> re.Pattern[str] | None:
        return re.compile(text, flags) if text else None

    return Rules(
        units=tuple(
            UnitPattern(
                kind=rule.kind,
                begin=re.compile(rule.begin, flags),
                end=pattern(rule.end),
                level=rule.level,
                within=rule.within,
                is_group=rule.group or rule.kind == "type",
            )
            for rule in table.units
        ),
        roles=MappingProxyType(dict(_roles(table.pairs, ignore_case=ignore_case))),
        sentence=pattern(table.sentence),
        sentence_end=pattern(table.sentence_end),
        calls=pattern(table.calls),
        types=pattern(table.types),
    )


def _roles(pairs: tuple[PairRule, ...], *, ignore_case: bool) -> Iterator[tuple[str, Role]]:
    for number, pair in enumerate(pairs):
        for begins, words in ((True, pair.begin), (False, pair.end)):
            for word in words:
                role = Role(number, begins=begins, open_ended=pair.open_ended)
                yield word.lower() if ignore_case else word, role
