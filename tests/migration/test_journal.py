"""What a journal keeps of changes, when all goes well and when it does not."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import example_migration as example
import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedtranslate.migration.journal import FILE, FOLDER, Journal
from fedtranslate.migration.states import UnitState
from fedtranslate.records import CompileState


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


def figures(journal: Journal) -> tuple[object, ...]:
    """Return what progress is told by."""
    return journal.how_far(), journal.checked(), journal.counts()


STEPS = st.tuples(
    st.sampled_from(["answer", "reject", "judge", "wave", "forget", "forget file", "roll back"]),
    st.integers(0, 5),
)


def change(journal: Journal, what: str, number: int) -> None:
    """Make one of the changes that a migration makes."""
    unit = example.unit(f"m{number}", number, f"src/F{number // 3}.java")
    candidate = example.attempt(unit, number % 2, rejected=what == "reject")
    match what:
        case "answer" | "reject":
            journal.put_attempts([candidate, replace(candidate, candidate=1)])
        case "judge":
            done = UnitState.DONE if number % 2 else UnitState.FAILED
            journal.put_units([replace(unit, state=done, compile_state=CompileState.COMPILED)])
        case "wave":
            journal.set_waves([(number - 1, row) for row in journal.rows_of_names()])
        case "forget":
            journal.forget_attempts(unit.id)
        case "forget file":
            journal.forget_file(unit.path)
        case "roll back":
            with suppress(_KilledError), journal.together():
                journal.put_attempts([candidate])
                journal.put_units([unit])
                raise _KilledError


@given(st.lists(STEPS, max_size=12))
@hypothesis.example([("wave", 0), ("answer", 1), ("roll back", 1)])
def test_figures_that_are_kept_are_those_of_the_journal(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    out = tmp_path_factory.mktemp("out")
    with Journal(out) as journal:
        journal.put_units(example.unit(f"m{n}", n, f"src/F{n // 3}.java") for n in range(4))
        for what, number in steps:
            figures(journal)
            change(journal, what, number)
            with Journal(out, writable=False) as other:
                assert figures(journal) == figures(other)


def test_progress_after_an_answer_goes_through_no_table(tmp_path: Path) -> None:
    asked: list[str] = []
    with Journal(tmp_path) as journal:
        units = [example.unit(f"m{number}", number) for number in range(3)]
        journal.put_units(units)
        figures(journal)
        journal._database.set_trace_callback(asked.append)
        journal.put_attempts([example.attempt(units[0])])
        assert journal.how_far() == (1, 1, 3)
        assert journal.checked() == (3, 3)
        journal._database.set_trace_callback(None)
        questions = [one for one in asked if one.startswith("select")]
        plans = [
            row[-1]
            for one in questions
            for row in journal._database.execute(f"explain query plan {one}")
        ]
    assert plans != []
    assert all(plan.startswith("SEARCH") for plan in plans)


def test_what_is_left_to_do_is_found_without_looking_at_what_is_done(tmp_path: Path) -> None:
    with Journal(tmp_path), closing(sqlite3.connect(tmp_path / FOLDER / FILE)) as database:
        ways = [
            row[-1]
            for question in (
                "select * from units where state = 'pending' and wave between 0 and 7",
                "select count(*) from units where state = 'pending'",
            )
            for row in database.execute(f"explain query plan {question}")
        ]
    assert ["units_by_state" in way for way in ways] == [True, True]
