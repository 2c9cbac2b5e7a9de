"""Find units in a file that people have changed since it was written.

Both texts are cut with the pack of the target: what was cut from the place of a unit is looked for
by container and name, then by likeness.  What packs do not cut, such as fields, is found by what
stands around it.
"""

from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.review.survival import Survival, likeness
from fedtranslate.migration.review.written import Origin, Part, WrittenFile
from fedtranslate.records import Unit

_ALIKE = 0.6
"""Likeness from which on a unit of another name counts as the same."""
_LITTLE = 0.3
"""Likeness below which what stands in a place is something else."""


class Located:
    """The units of one written file, as they are in a text.

    Args:
        written: What was written.
        text: What is there now, with line feeds.
        language: Of both.
        worker: Cuts them.
    """

    def __init__(self, written: WrittenFile, text: str, language: str, worker: ParseWorker) -> None:
        self.survival = Survival(written.text, text)
        self._text = text
        self._found: dict[str, str] = {}
        changed = [
            part for part in written.parts if not self.survival.is_whole(part.start, part.end)
        ]
        if not changed:
            return
        old, _ = worker.units(written.text, language)
        new, _ = worker.units(text, language)
        cut = {}
        for part in changed:
            start, end = (_bytes(written.text[:place]) for place in (part.start, part.end))
            inside = [one for one in old if start <= one.start_byte < end]
            if len(inside) == 1:
                cut[part.unit] = inside[0]
        others = {_signature(one) for one in old} - {_signature(one) for one in cut.values()}
        self._match(cut, [one for one in new if _signature(one) not in others])
        for part in changed:
            if part.unit not in self._found and part.unit not in cut:
                self._by_place(part, written.text[part.start : part.end])

    def text_of(self, part: Part) -> str | None:
        """Return what a unit is now; None when it is not there any more."""
        if self.survival.is_whole(part.start, part.end):
            start, end = self.survival.place(part.start, part.end)
            return self._text[start:end]
        return self._found.get(part.unit)

    def _match(self, cut: dict[str, Unit], free: list[Unit]) -> None:
        """Find partners of what was cut, each at most once: the surest first."""
        left, missing = list(free), dict(cut)
        for of in (_signature, _full_name):
            for unit, old in list(missing.items()):
                alike = [one for one in left if of(one) == of(old)]
                if alike:
                    best = max(alike, key=lambda one: likeness(old.text, one.text))
                    self._found[unit] = best.text
                    left.remove(best)
                    del missing[unit]
        ranked = [
            (alike_by, unit, place)
            for unit, old in missing.items()
            for place, one in enumerate(left)
            if (alike_by := likeness(old.text, one.text, _ALIKE)) >= _ALIKE
        ]
        taken: set[int] = set()
        for _, unit, place in sorted(ranked, reverse=True):
            if unit in missing and place not in taken:
                self._found[unit] = left[place].text
                taken.add(place)
                del missing[unit]

    def _by_place(self, part: Part, before: str) -> None:
        start, end = self.survival.place(part.start, part.end)
        text = self._text[start:end].strip()
        # Whoever replaces a stub leaves nothing of it.
        if text and (part.origin is Origin.STUB or likeness(before, text) >= _LITTLE):
            self._found[part.unit] = text


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _signature(unit: Unit) -> tuple[str, str, tuple[str, ...]]:
    return unit.container, unit.name, unit.parameters


def _full_name(unit: Unit) -> tuple[str, str]:
    return unit.container, unit.name
