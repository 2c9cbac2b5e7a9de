"""Files of the source, and what becomes of them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fedtranslate.migration.journal.store import Store
from fedtranslate.migration.states import FileState, PlannedFile


class Files(Store):
    """The part of the journal that keeps files."""

    def put_files(self, files: Iterable[PlannedFile]) -> None:
        """Add files, or replace what is known of them."""
        self._put("files", files)

    def files(self, where: str = "1", values: Sequence[object] = ()) -> Iterator[PlannedFile]:
        """Yield files that match a condition in SQL, by path."""
        yield from self._get(PlannedFile, "files", f"{where} order by path", values)

    def file(self, path: str) -> PlannedFile | None:
        """Return the file at ``path`` of the source."""
        return next(self.files("path = ?", (path,)), None)

    def listed(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield path, target, hash and role of each file, by path; frames may be large."""
        yield from self._database.execute(
            "select path, target, hash, role from files order by path"
        )

    def paths(self) -> list[str]:
        """Return the paths of all files."""
        return [row[0] for row in self._all("select path from files order by path")]

    def frames_hash(self) -> str:
        """Return what changes when the text around any unit does, or where files lie."""
        digest = hashlib.sha256()
        statement = (
            "select target, role, case role when 'code' then frame else hash end"
            " from files order by target"
        )
        for row in self._database.execute(statement):
            digest.update("\0".join(row).encode("utf-8", "replace"))
        return digest.hexdigest()

    def paths_in(self, state: FileState) -> list[str]:
        """Return the paths of files that are in a state."""
        rows = self._all("select path from files where state = ? order by path", (state,))
        return [row[0] for row in rows]

    def count_files(self, role: str) -> int:
        """Return how many files have the role."""
        return int(self._all("select count(*) from files where role = ?", (role,))[0][0])

    def count_losses(self) -> tuple[int, int]:
        """Return how many things the rules could not carry over, and in how many files."""
        counts = [len(file.losses) for file in self.files("losses != '[]'")]
        return sum(counts), len(counts)

    def note_gone(self, target: str, written: str) -> None:
        """Remember a file of the output whose source is gone."""
        self._database.execute("insert or replace into gone values (?, ?)", (target, written))

    def gone(self) -> list[tuple[str, str]]:
        """Return files of the output whose source is gone, with the hash of what was written."""
        return self._all("select target, written from gone order by target")

    def forget_gone(self, target: str) -> None:
        """Forget a file whose source is gone."""
        self._database.execute("delete from gone where target = ?", (target,))

    def put_left_out(self, rows: Iterable[tuple[str, str]]) -> None:
        """Replace the list of what is left out: paths and reasons."""
        with self.together():
            self._database.execute("delete from left_out")
            self._database.executemany("insert or replace into left_out values (?, ?)", rows)

    def left_out(self) -> list[tuple[str, str]]:
        """Return what is left out of the migration, and why, by path."""
        return self._all("select path, reason from left_out order by path")
