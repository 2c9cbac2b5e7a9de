"""What a journal keeps of changes, when all goes well and when it does not."""

from pathlib import Path

import pytest

from fedtranslate.migration.journal import Journal


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
