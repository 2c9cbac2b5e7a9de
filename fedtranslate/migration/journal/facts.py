"""What is known of a migration as a whole, by name."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fedtranslate.config.reading import mistakes_in
from fedtranslate.errors import MigrationError
from fedtranslate.migration.journal.shapes import (
    FACTS,
    UnreadableError,
    reading,
    shaped,
)
from fedtranslate.migration.journal.store import Store
from fedtranslate.migration.settings import MigrationSettings


class Facts(Store):
    """The part of the journal that keeps facts.

    They are looked at when the journal is opened, so that a run does not find out at its end that
    it cannot go on.
    """

    def __init__(self, out: Path, *, writable: bool = True) -> None:
        super().__init__(out, writable=writable)
        try:
            for (name,) in self._all("select name from facts"):
                self.fact(name)
        except (sqlite3.DatabaseError, UnreadableError) as error:
            self.close()
            raise self._unusable(error) from None

    def fact(self, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the fact called ``name``; None when it is not known."""
        row = self._database.execute("select value from facts where name = ?", (name,)).fetchone()
        if row is None:
            return None
        with reading(f"the fact {name!r}"):
            return shaped(row[0], FACTS[name]) if name in FACTS else json.loads(row[0])

    def note(self, facts: Mapping[str, object]) -> None:
        """Remember facts, each of them JSON."""
        rows = [(name, json.dumps(value)) for name, value in facts.items()]
        self._database.executemany("insert or replace into facts values (?, ?)", rows)

    def has_begun(self) -> bool:
        """Tell whether there was a run."""
        return self.fact("settings") is not None

    def settings(self) -> MigrationSettings:
        """Return the settings of the last run.

        Raises:
            MigrationError: There was none.
        """
        known = self.fact("settings")
        if known is None:
            raise MigrationError(
                f"The migration in {self._folder.parent} has not begun.",
                hint="Run 'fedtranslate migrate' first.",
            )
        try:
            return MigrationSettings.model_validate(known)
        except ValidationError as error:
            mistakes = "; ".join(one.strip() for one in mistakes_in(error, "setting"))
            raise UnreadableError(f"the fact 'settings': {mistakes}") from None
