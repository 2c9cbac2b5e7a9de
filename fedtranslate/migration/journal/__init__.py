"""The memory of a migration: one SQLite file beside the output.

Every change is a transaction, so that ``kill -9`` loses no more than the batch in flight.  Nothing
is held in memory but what is asked for.  One process at a time may hold the journal open to write.
"""

from collections.abc import Sequence

from fedtranslate.migration.journal.attempts import Attempts
from fedtranslate.migration.journal.figures import Figures
from fedtranslate.migration.journal.files import Files
from fedtranslate.migration.journal.outlines import Outlines
from fedtranslate.migration.journal.store import FILE, FOLDER
from fedtranslate.migration.journal.units import Units

__all__ = ["FILE", "FOLDER", "Journal"]


class Journal(Files, Outlines, Units, Figures, Attempts):
    """The whole journal of one output folder; use it as a context manager."""

    def forget_file(self, path: str) -> None:
        """Forget a file and its units."""
        self.forget_units(path)
        self._database.execute("delete from files where path = ?", (path,))

    def forget_units(self, path: str, keep: Sequence[str] = ()) -> None:
        """Forget the units of a file, and the attempts of those that are not to be kept."""
        ids = [row[0] for row in self._all("select id from units where path = ?", (path,))]
        for unit in set(ids) - set(keep):
            self.forget_attempts(unit)
        self._forget_counts()
        self._database.execute("delete from units where path = ?", (path,))
