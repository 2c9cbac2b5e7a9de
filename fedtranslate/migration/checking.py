"""Judge the translations that stand: compile them where they belong, and run what can be run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fedtranslate.checks.behave.differential import Likeness
from fedtranslate.languages.flushing import flush_left
from fedtranslate.languages.pack import LanguagePack
from fedtranslate.migration.assembly import Assembly
from fedtranslate.migration.building import Builder, Mode, Said
from fedtranslate.migration.carry import head_of_unit, parted
from fedtranslate.migration.comparing import Asked, compared
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.selection import HEAD
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import Attempt, PlannedUnit, UnitState
from fedtranslate.records import CompileState, Problem

Faults = Mapping[str, tuple[Problem, ...]]
"""What was found wrong, by unit."""
_NEVER_ALONE = frozenset({HEAD, "statement"})


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the units of one migration."""

    journal: Journal
    settings: MigrationSettings
    packs: tuple[LanguagePack, LanguagePack]
    assembly: Assembly
    builder: Builder

    def faults(self, units: Sequence[PlannedUnit]) -> Faults:
        """Compile and run what stands; return what was found wrong, by unit.

        Units without a fault are done.
        """
        attempts = {unit.id: self.assembly.standing(unit) for unit in units}
        said = self._compiled(units, attempts)
        bad = self._of_candidates(said)
        if said.mode is Mode.WHOLE and bad:
            return bad  # what the compiler did not come to is judged when it does
        good = [unit for unit in units if unit.id not in bad]
        likeness, different = self._compared(good, attempts)
        with self.journal.together():
            for unit in good:
                if unit.id in different:
                    continue
                attempt = attempts[unit.id]
                reason = self._unchecked(unit, said)
                state = _state(unit, said, likeness.get(unit.id, ""), is_checked=not reason)
                self.journal.put_units(
                    [
                        replace(
                            unit,
                            state=UnitState.DONE,
                            compile_state=state,
                            behaves=likeness.get(unit.id, ""),
                            reason=reason,
                            lost=self.assembly.losses(unit, attempt) if attempt else (),
                            translated=head_of_unit(_text(attempt), self.packs[1]),
                        )
                    ]
                )
        return bad | different

    def broken(self, said: Said) -> Faults:
        """Return the units by which the whole target does not even parse for its compiler.

        Where units are compiled each for itself, there are some that cannot be, and meet a
        compiler here for the first time.
        """
        return self._of_candidates(said) if said.state is CompileState.SYNTAX_ERROR else {}

    def _of_candidates(self, said: Said) -> dict[str, tuple[Problem, ...]]:
        """Return the complaints about units for which a translation stands, in its own lines."""
        found = {
            unit: problems for unit, problems in said.units.items() if self.has_candidate(unit)
        }
        if said.mode is Mode.ALONE:
            return found
        return {unit: self._in_its_own_lines(unit, found[unit]) for unit in found}

    def _unchecked(self, unit: PlannedUnit, said: Said) -> str:
        """Return why nothing was found out about a unit; "" when something was."""
        if said.mode is Mode.NOT:
            return said.reason or "nothing compiles it here"
        if said.mode is Mode.ALONE and unit.kind in _NEVER_ALONE:
            return "it cannot be compiled by itself"
        if said.mode is Mode.WHOLE and said.state is not CompileState.COMPILED:
            return "the build stopped at other code"
        file = self.journal.file(unit.path) if said.left_out else None
        if file is not None and file.target in said.left_out:
            return "the build leaves its file out"
        return said.unchecked.get(unit.id, "")

    def _in_its_own_lines(self, unit_id: str, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """Return problems by the lines of what the model wrote, without the comments above."""
        unit = self.journal.unit(unit_id)
        attempt = None if unit is None else self.assembly.standing(unit)
        if unit is None or attempt is None:
            return problems
        text = self.assembly.text_of(unit, attempt)
        above = text.count("\n") - attempt.text.count("\n")
        return tuple(replace(one, line=max(1, one.line - above)) for one in problems)

    def has_candidate(self, unit_id: str) -> bool:
        """Tell whether a translation stands for a unit, so that it may be what is wrong."""
        unit = self.journal.unit(unit_id)
        return unit is not None and self.assembly.standing(unit) is not None

    def _compiled(self, units: Sequence[PlannedUnit], attempts: dict[str, Attempt | None]) -> Said:
        some = list(units)
        if self.builder.mode is Mode.ALONE:
            some = [unit for unit in units if unit.kind not in _NEVER_ALONE]
        if not some:
            return Said(Mode.NOT, CompileState.NOT_CHECKED, reason="it is not compiled by itself")
        return self.builder.of(some, [_text(attempts[unit.id]) for unit in some])

    def _compared(
        self, units: Sequence[PlannedUnit], attempts: dict[str, Attempt | None]
    ) -> tuple[dict[str, str], dict[str, tuple[Problem, ...]]]:
        """Run units beside their sources; return what is alike, and what is not and why."""
        if not self.settings.behave or self.settings.is_edit:
            return {}, {}
        asked = [
            Asked(unit, parted(flush_left(unit.text), self.packs[0]).code, _text(attempts[unit.id]))
            for unit in units
        ]
        found = compared(asked, self.packs, self._project_names(units), jobs=self.settings.jobs)
        likeness: dict[str, str] = {}
        different: dict[str, tuple[Problem, ...]] = {}
        for unit, comparison in zip(units, found, strict=True):
            if comparison is None:
                continue
            if comparison.likeness is Likeness.DIFFERENT:
                told = [one.in_words(unit.name) for one in comparison.differences[:2]]
                told = told or [comparison.reason]
                different[unit.id] = tuple(
                    Problem(1, 1, f"it behaves otherwise: {one}") for one in told
                )
            else:
                likeness[unit.id] = f"equal on {comparison.inputs} inputs"
        return likeness, different

    def _project_names(self, units: Sequence[PlannedUnit]) -> set[str]:
        used = {name for unit in units for name in unit.uses}
        return self.journal.known_names(used)


def _state(unit: PlannedUnit, said: Said, likeness: str, *, is_checked: bool) -> CompileState:
    if likeness:
        return CompileState.TESTS_PASSED
    if not is_checked:
        return CompileState.NOT_CHECKED
    return CompileState.UNRESOLVED_ONLY if unit.id in said.tolerated else CompileState.COMPILED


def _text(attempt: Attempt | None) -> str:
    return attempt.text if attempt else ""
