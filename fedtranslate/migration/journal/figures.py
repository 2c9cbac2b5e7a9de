"""How many units are how far."""

from collections.abc import Iterator

from fedtranslate.migration.journal.attempts import Attempts
from fedtranslate.migration.journal.facts import Facts
from fedtranslate.migration.journal.shapes import reading
from fedtranslate.migration.journal.units import STATES, WAVES
from fedtranslate.migration.states import UnitState
from fedtranslate.records import CompileState


class Figures(Facts, Attempts):
    """The part of the journal that counts."""

    def counts(self) -> dict[tuple[UnitState, CompileState], int]:
        """Return how many units are in each pair of states."""
        if STATES not in self._kept:
            rows = self._database.execute(
                "select state, compile_state, count(*) from units group by state, compile_state"
            )
            with reading("a row of units"):
                self._kept[STATES] = {
                    (UnitState(state), CompileState(said)): count for state, said, count in rows
                }
        return dict(self._kept[STATES])

    def count_units(self, state: UnitState) -> int:
        """Return how many units are in ``state``."""
        return int(self._all("select count(*) from units where state = ?", (state,))[0][0])

    def has_stubs(self) -> bool:
        """Tell whether the rules gave the units signatures; an edit needs none."""
        if not self.has_begun() or self.settings().is_edit:
            return True
        return bool(self._all("select 1 from units where signature != '' limit 1"))

    def characters(self, state: UnitState) -> int:
        """Return how long the texts of the units in ``state`` are together."""
        statement = "select coalesce(sum(length(text)), 0) from units where state = ?"
        return int(self._all(statement, (state,))[0][0])

    def sample_texts(self, state: UnitState, most: int) -> Iterator[str]:
        """Yield texts of units in ``state``, spread evenly by their keys, which are hashes."""
        statement = "select text from units where state = ? order by key limit ?"
        return (row[0] for row in self._all(statement, (state, most)))

    def checked(self) -> tuple[int, int]:
        """Return how many units a compiler has judged, and how many of them it accepts."""
        judged = compiled = 0
        for (state, said), number in self.counts().items():
            if state is UnitState.DONE and said is not CompileState.NOT_CHECKED:
                judged += number
                compiled += number
            elif state is UnitState.FAILED:
                judged += number
        return judged, compiled

    def units_by_path(self) -> dict[str, int]:
        """Return how many units for the model each file has."""
        return dict(self._all("select path, count(*) from units where wave >= 0 group by path"))

    def units_by_wave(self) -> list[int]:
        """Return how many units each wave has."""
        statement = "select count(*) from units where wave >= 0 group by wave order by wave"
        return [row[0] for row in self._all(statement)]

    def how_far(self) -> tuple[int, int, int]:
        """Return how many units have been written, how many of them parse, and of how many."""
        if WAVES not in self._kept:
            ((self._kept[WAVES],),) = self._all("select count(*) from units where wave >= 0")
        return *self.count_written(), self._kept[WAVES]
