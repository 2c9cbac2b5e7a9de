"""Which units of a file are edited, in a migration within one language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fedtranslate.errors import ConfigError
from fedtranslate.languages.dependencies import uses_of
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.skeletons.cutting import CutFile
from fedtranslate.records import Unit

HEAD = "head"
"""The kind of the part of a file above its first unit: imports, and how its type begins."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What units are looked for."""

    patterns: tuple[re.Pattern[str], ...]
    names: tuple[str, ...]

    def finds(self, text: str, uses: Sequence[str]) -> bool:
        """Tell whether a text is to be edited that refers to the names ``uses``."""
        return any(pattern.search(text) for pattern in self.patterns) or any(
            fnmatchcase(used, name) for used in uses for name in self.names
        )


def selection(patterns: Sequence[str], names: Sequence[str]) -> Selection:
    """Return what regular expressions and names of references select.

    Raises:
        ConfigError: A pattern is no regular expression.
    """
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern, re.MULTILINE))
        except re.error as error:
            raise ConfigError(
                f"--select {pattern!r} is no regular expression: {error}.",
                hint="Put a backslash before signs that shall stand for themselves.",
            ) from None
    return Selection(tuple(compiled), tuple(names))


def selected(
    cut: CutFile, text: str, pack: LanguagePack, wanted: Selection, path: str
) -> tuple[tuple[Unit, ...], tuple[tuple[str, ...], ...]]:
    """Return the units of a file that are edited, and what they use; its head among them."""
    found = [
        (unit, uses)
        for unit, uses in zip(cut.units, cut.uses, strict=True)
        if wanted.finds(unit.text, uses)
    ]
    head = head_of(cut, text, pack, path)
    if head is not None:
        uses = uses_of(head.text, pack)
        if wanted.finds(head.text, uses):
            found.insert(0, (head, uses))
    return tuple(unit for unit, _ in found), tuple(uses for _, uses in found)


def head_of(cut: CutFile, text: str, pack: LanguagePack, path: str) -> Unit | None:
    """Return what stands above the first unit of a file, up to its last black line."""
    code = text.encode("utf-8", "replace")
    end = min((unit.start_byte for unit in cut.units), default=len(code))
    shown = code[:end].rstrip()
    if not shown:
        return None
    return Unit(
        language=pack.name,
        kind=HEAD,
        name=HEAD,
        text=shown.decode("utf-8", "replace"),
        first_line=1,
        start_byte=0,
        end_byte=len(shown),
        path=path,
    )


def extra_edits(before: str, after: str, wanted: Selection) -> list[str]:
    """Return the lines of a head that were changed or dropped though nothing selects them."""
    kept = [line.strip() for line in after.split("\n")]
    extra, place = [], 0
    for line in filter(None, map(str.strip, before.split("\n"))):
        if wanted.finds(line, ()):
            continue
        try:
            # Lines keep their order; one that is gone says nothing of those after it.
            place = kept.index(line, place) + 1
        except ValueError:
            extra.append(line)
    return extra
