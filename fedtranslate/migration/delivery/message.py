"""Word the commits of a migration: what was migrated, and what is left to people."""

from collections.abc import Collection, Iterator, Sequence

from fedtranslate.languages.registry import load_pack
from fedtranslate.migration.delivery.git import quoted
from fedtranslate.migration.delivery.shards import Shard
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedUnit, UnitState

_SUBJECT = 72
_MOST = 200
"""Units that a list names."""


class Wording:
    """Words commits from the journal.

    Args:
        journal: Of the migration.
        settings: What was asked for.
    """

    def __init__(self, journal: Journal, settings: MigrationSettings) -> None:
        self._journal = journal
        self._settings = settings

    def __call__(self, shards: Sequence[Shard], changed: Collection[str]) -> str:
        """Return the message for the commit of ``shards`` that changes the paths ``changed``."""
        by_state: dict[UnitState, list[PlannedUnit]] = {state: [] for state in UnitState}
        others = 0
        for shard in shards:
            for target in shard.files:
                if target in changed:
                    units = list(self._units(target))
                    others += not units
                    for unit in units:
                        by_state[unit.state].append(unit)
        done, failed = by_state[UnitState.DONE], by_state[UnitState.FAILED]
        is_edit = self._settings.is_edit
        parts = [
            _subject(shards, "" if is_edit else load_pack(self._settings.target).title),
            _list("Migrated", done),
            _list("Left as they were" if is_edit else "Left as stubs", failed),
            _list("Not migrated", by_state[UnitState.PENDING]),
        ]
        if rules := len(by_state[UnitState.RULE]):
            parts.append(f"Carried over by rules: {rules}")
        if others:
            parts.append(f"Files without units: {others}")
        return "\n\n".join(part for part in parts if part)

    def _units(self, target: str) -> Iterator[PlannedUnit]:
        for file in self._journal.files("target = ?", (target,)):
            yield from self._journal.units("path = ?", (file.path,))


def _subject(shards: Sequence[Shard], language: str) -> str:
    names = quoted(shards[0].name)
    if len(shards) > 1:
        names += f" and {len(shards) - 1} more"
    end = f" to {language}" if language else ""
    room = _SUBJECT - len("Migrate ") - len(end)
    return f"Migrate {names if len(names) <= room else '...' + names[3 - room :]}{end}"


def _list(title: str, units: Sequence[PlannedUnit]) -> str:
    if not units:
        return ""
    lines = [f"{title} ({len(units)}):", *(f"- {_line(unit)}" for unit in units[:_MOST])]
    if len(units) > _MOST:
        lines.append(f"- and {len(units) - _MOST} more")
    return "\n".join(lines)


def _line(unit: PlannedUnit) -> str:
    why = " ".join(unit.reason.split())
    said = f": {why}" if why and unit.state is UnitState.FAILED else ""
    return quoted(f"{unit.id}{said}")
