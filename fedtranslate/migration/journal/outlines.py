"""What files know of each other."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fedtranslate.migration.journal.shapes import DECLARATION, TEXTS, reading, shaped
from fedtranslate.migration.journal.store import Store


class Outlines(Store):
    """The part of the journal that keeps what files declare."""

    def put_outline(
        self,
        path: str,
        home: str,
        names: Sequence[str],
        imports: Sequence[str],
        declared: Sequence[Mapping[str, object]],
        exposed: Sequence[tuple[str, str]],
    ) -> None:
        """Remember what a file declares, and what it speaks of; declarations are JSON."""
        self.forget_outline(path)
        row = (path, home, json.dumps(names), json.dumps(imports), json.dumps(declared))
        self._database.execute("insert into outlines values (?, ?, ?, ?, ?)", row)
        self._database.executemany(
            "insert or ignore into declared values (?, ?, ?)",
            [(one["name"], path, place) for place, one in enumerate(declared)],
        )
        self._database.executemany(
            "insert into exposed values (?, ?, ?)",
            [(name, path, access) for name, access in exposed if name[:1].isupper()],
        )

    def forget_outline(self, path: str) -> None:
        """Forget what a file declares."""
        self._database.execute("delete from outlines where path = ?", (path,))
        self._database.execute("delete from declared where path = ?", (path,))
        self._database.execute("delete from exposed where path = ?", (path,))

    def outline(self, path: str) -> tuple[str, list[str], list[str]] | None:
        """Return the home of a file, the names in it, and what it imports."""
        rows = self._all("select home, names, imports from outlines where path = ?", (path,))
        if not rows:
            return None
        home, names, imports = rows[0]
        with reading("a row of outlines"):
            return home, shaped(names, TEXTS), shaped(imports, TEXTS)

    def declarations(
        self, names: Sequence[str], *, near: str, not_in: str
    ) -> list[tuple[str, str, Any]]:
        """Return name, home and declaration of what is called one of ``names``, near ones first."""
        rows = self._all(
            "select name, home, place, outlines.declared from declared join outlines using (path)"
            " where name in (select value from json_each(?)) and path != ?"
            " order by name, home != ?, path, place",
            (json.dumps(names), not_in, near),
        )
        found, last = [], None
        for name, home, place, declared in rows:
            if name != last:
                with reading("a row of outlines"):
                    found.append((name, home, shaped(declared, [DECLARATION])[place]))
                last = name
        return found

    def exposures(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return with which accesses the repository speaks of types called one of ``names``."""
        # Steps from one access to the next: all files of a repository may speak of one type.
        statement = (
            "with recursive found (name, access) as ("
            " select value, (select min(access) from exposed where name = value) from json_each(?)"
            " union select name, (select min(access) from exposed"
            " where name = found.name and access > found.access) from found where access not null)"
            " select name, access from found where access not null order by name, access"
        )
        return self._all(statement, (json.dumps(names),))

    def homes(self, names: Sequence[str]) -> list[str]:
        """Return those of ``names`` that are packages of the repository."""
        statement = (
            "select distinct home from outlines"
            " where home in (select value from json_each(?)) order by home"
        )
        return [row[0] for row in self._all(statement, (json.dumps(names),))]
