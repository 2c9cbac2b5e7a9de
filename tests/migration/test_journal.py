"""What a journal keeps of changes, when all goes well and when it does not."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fedtranslate.migration.journal import FILE, FOLDER, Journal


class _KilledError(Exception):
    """Stands for the end of a process."""


def facts(out: Path, names: list[str]) -> list[str]:
    """Return which of the facts another process would read."""
    with Journal(out, writable=False) as journal:
        return [name for name in names if journal.fact(name) is not None]


def change_and_die(journal: Journal) -> None:
    """Make two changes that belong together, and come to no good end."""
    with journal.together():
        journal.note({"one": 1})
        with journal.together():
            journal.note({"two": 2})
        raise _KilledError


def step_and_die(journal: Journal, names: list[str]) -> None:
    """Make a change for each name, a step each, and come to no good end."""
    with journal.in_steps() as step:
        for name in names:
            journal.note({name: True})
            step()
        raise _KilledError


def test_changes_that_are_made_together_are_all_kept_or_none(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        with pytest.raises(_KilledError):
            change_and_die(journal)
        assert facts(tmp_path, ["one", "two"]) == []
        with journal.together():
            journal.note({"one": 1})
        assert facts(tmp_path, ["one"]) == ["one"]


def test_of_many_steps_only_the_last_few_can_be_lost(tmp_path: Path) -> None:
    names = [f"step {number}" for number in range(1_000)]
    with Journal(tmp_path) as journal:
        with pytest.raises(_KilledError):
            step_and_die(journal, names)
        kept = facts(tmp_path, names)
        assert kept == names[: len(kept)]
        assert len(kept) > 900
        with journal.in_steps() as step:
            journal.note({"last": True})
            step()
        assert facts(tmp_path, ["last"]) == ["last"]


def test_each_access_with_which_a_type_is_spoken_of_is_told_once(tmp_path: Path) -> None:
    spoken = {"A": ["public", "private"], "B": ["public", "public"], "C": ["protected"]}
    with Journal(tmp_path) as journal:
        for name, accesses in spoken.items():
            for place, access in enumerate(accesses):
                exposed = [(name, access), ("Other", access)]
                journal.put_outline(f"{name}{place}.java", "shop", [name], [], [], exposed)
        assert journal.exposures(["C", "Missing", "A", "B"]) == [
            ("A", "private"),
            ("A", "public"),
            ("B", "public"),
            ("C", "protected"),
        ]


@pytest.mark.parametrize("table", ["outlines", "declared", "exposed", "units"])
def test_what_is_known_of_one_file_is_found_without_looking_at_all_others(
    tmp_path: Path, table: str
) -> None:
    with Journal(tmp_path), closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as database:
        statement = f"explain query plan delete from {table} where path = 'A.java'"
        ways = [row[-1] for row in database.execute(statement)]
    assert ways
    assert all(way.startswith("SEARCH") for way in ways)
