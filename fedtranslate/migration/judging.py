"""What can be said of a candidate by itself: is it there, whole, one unit, and does it parse?

A model may write nothing, half a unit, prose, or more than it was asked for.  Whatever it wrote
is data until it has passed here.
"""

import re
from collections.abc import Sequence

from fedtranslate.languages.brackets import unclosed
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.languages.parsing import is_whole, wrapping
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.selection import HEAD, Selection, extra_edits
from fedtranslate.migration.states import PlannedUnit
from fedtranslate.records import Problem, Unit

_WHOLE = frozenset({"method", "constructor", "function", "property"})
"""Kinds that are one unit, and have to stay one."""
_CALLED = re.compile(r"(\w+)\s*\(")
"""The name in the signature of a constructor."""
_TOO_LONG = 200_000
"""Characters that no unit has."""


class Judge:
    """Looks at candidates for units of one pair of languages.

    Args:
        packs: Of source and target.
        worker: Parses what models wrote.
        wanted: What selects edits, within one language.
    """

    def __init__(
        self, packs: tuple[LanguagePack, LanguagePack], worker: ParseWorker, wanted: Selection
    ) -> None:
        self._packs = packs
        self._worker = worker
        self._wanted = wanted

    def problems(self, unit: PlannedUnit, text: str, *, finished: bool) -> tuple[Problem, ...]:
        """Return what speaks against ``text`` as the translation of ``unit``; lines are its own."""
        if not text.strip():
            return (Problem(1, 1, "the model wrote nothing"),)
        if len(text) > _TOO_LONG:
            return (Problem(1, 1, f"it is longer than {_TOO_LONG:,} characters"),)
        if not finished:
            return (Problem(text.count("\n") + 1, 1, "the model did not come to its end"),)
        if unit.kind == HEAD:
            return tuple(self._of_head(unit.text, text))
        (found,) = self._worker.problems([text], self._packs[1].name)
        if found:
            return found
        return tuple(self._of_shape(unit, text))

    def _of_head(self, before: str, after: str) -> list[Problem]:
        """Return what is wrong with the head of a file, which is no text that can be parsed."""
        old, new = (unclosed(text, self._packs[1]) for text in (before, after))
        if new is None or (old is not None and old.brackets != new.brackets):
            return [Problem(1, 1, "brackets are not open as they were: it is not the same part")]
        changed = extra_edits(before, after, self._wanted)
        return [
            Problem(1, 1, f"extra edit: the line '{line}' was not selected") for line in changed
        ]

    def _of_shape(self, unit: PlannedUnit, text: str) -> list[Problem]:
        """Return what is wrong with the number of units; prose that parses is found here."""
        pack = self._packs[1]
        if unit.kind not in _WHOLE:
            return []
        if unit.container and is_whole(text, pack) and pack.wrap[0]:
            return [Problem(1, 1, "it is a whole file or type, and one member was asked for")]
        before, after = wrapping(text, pack)
        units, _ = self._worker.units(before + text + after, pack.name)
        code = [one for one in units if one.kind in _WHOLE]
        if not code:
            return [Problem(1, 1, f"there is no {unit.kind} in it")]
        if len(code) > self._allowed(unit, code):
            names = ", ".join(one.name for one in code[1:])
            line = code[1].first_line - before.count("\n")
            return [Problem(line, 1, f"extra edit: it has {names}, too")]
        wanted = _CALLED.search(unit.signature) if unit.kind == "constructor" else None
        if wanted and code[0].name != wanted[1]:
            line = code[0].first_line - before.count("\n")
            return [Problem(line, 1, f"it constructs {code[0].name}, and not {wanted[1]}")]
        return []

    def _allowed(self, unit: PlannedUnit, found: Sequence[Unit]) -> int:
        """Return how many units may stand for one: one, and overloads of its own name."""
        return sum(one.name == found[0].name for one in found) if unit.kind != "constructor" else 1
