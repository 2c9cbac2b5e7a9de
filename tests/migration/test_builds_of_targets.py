"""Translations are compiled where they belong, run where they can be, and tested in the end."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from table_engine import TableEngine, put

from fedtranslate.migration import assembly
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedUnit, UnitState
from fedtranslate.records import CompileState

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]
needs_mcs = pytest.mark.skipif(shutil.which("mcs") is None, reason="needs mcs")
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")

BOX = """package a;

/** A box. */
public final class Box {
    private int size = 0;

    /** Its size. */
    public int size() {
        return size;
    }

    public void grow(int more) {
        size = size + more;
    }
}
"""
SIZE = "public int size() {\n    return size;\n}"
GROW = "public void grow(int more) {\n    size = size + more;\n}"
ANSWERS = {
    SIZE: "public int Size()\n{\n    return size;\n}",
    GROW: "public void Grow(int more)\n{\n    size = size + more;\n}",
}


def units(settings: MigrationSettings) -> dict[str, PlannedUnit]:
    """Return the units of a migration that a model writes, by their names."""
    with Journal(settings.out, writable=False) as journal:
        return {unit.name: unit for unit in journal.units("wave >= 0")}


@needs_mcs
def test_what_compiles_where_it_belongs_is_done(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/Box.java": BOX})
    wanted = settings(build=True)
    outcome = migrate(wanted, TableEngine(ANSWERS))
    assert (outcome.failed, outcome.build) == (0, CompileState.COMPILED)
    assert {unit.compile_state for unit in units(wanted).values()} == {CompileState.COMPILED}


@needs_mcs
def test_the_compilers_words_go_into_the_next_attempt(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/Box.java": BOX})
    wrong = "public int Size()\n{\n    return missing;\n}"
    engine = TableEngine(ANSWERS | {SIZE: [wrong, ANSWERS[SIZE]]})
    outcome = migrate(settings(build=True), engine)
    assert outcome.failed == 0
    again = [request for request in engine.asked if request.text == SIZE][1]
    assert again.context.previous == wrong
    assert again.context.problems[0].startswith("line 3: The name `missing' does not exist")


@needs_mcs
def test_a_unit_that_never_compiles_is_a_stub_and_the_rest_compiles(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/Box.java": BOX})
    wanted = settings(build=True, repairs=1)
    answers = ANSWERS | {GROW: 'public void Grow(int more)\n{\n    size = "x";\n}'}
    outcome = migrate(wanted, TableEngine(answers))
    found = units(wanted)
    assert (outcome.failed, outcome.build) == (1, CompileState.COMPILED)
    assert found["grow"].state is UnitState.FAILED
    assert "CS0029" in found["grow"].reason
    assert found["size"].compile_state is CompileState.COMPILED
    text = (wanted.out / "A/Box.cs").read_text()
    assert "throw new NotImplementedException();" in text
    assert text.count("Its size.") == 1


@needs_mcs
def test_a_build_that_fails_only_by_stubs_says_so(
    repository: Path, settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "marked_stub", lambda *_: "public int Grow() { return true; }")
    put(repository, {"a/Box.java": BOX})
    wanted = settings(build=True, repairs=0)
    outcome = migrate(wanted, TableEngine(ANSWERS | {GROW: "no"}))
    assert (outcome.failed, outcome.build) == (1, CompileState.TYPE_ERROR)
    with Journal(wanted.out, writable=False) as journal:
        build = journal.fact("whole")["build"]
    assert (build["complaints_in_all"], build["complaints_in_stubs"]) == (1, 1)
    assert build["complaints"][0]["stub"] == "a/Box.java#Box.grow"


@needs_mcs
def test_code_that_closes_its_class_cannot_get_out_of_its_place(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/Box.java": BOX})
    escape = "public void Grow(int more)\n{\n}\n}\npublic class Other\n{\npublic void F()\n{\n}"
    outcome = migrate(settings(build=True, repairs=0), TableEngine(ANSWERS | {GROW: escape}))
    assert (outcome.failed, outcome.build) == (1, CompileState.COMPILED)


@needs_mcs
def test_unknown_libraries_are_held_against_no_unit(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    text = BOX.replace("private int size = 0;", "private int size = 0;\n    private Far far;")
    put(repository, {"a/Box.java": text.replace("package a;", "package a;\nimport b.Far;\n")})
    wanted = settings(build=True, packages={"b": "B"})
    migrate(wanted, TableEngine(ANSWERS))
    states = {unit.compile_state for unit in units(wanted).values()}
    assert states <= {CompileState.UNRESOLVED_ONLY, CompileState.COMPILED}
    with Journal(wanted.out, writable=False) as journal:
        assert journal.fact("baseline")["mode"] == "alone"


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs javac")
def test_what_cannot_be_compiled_alone_is_taken_back_if_the_whole_does_not_parse(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    head = "import old.Far;\n\nclass A extends Far {"
    put(repository, {"A.java": f"{head}\n    int f() {{ return 1; }}\n}}\n"})
    wanted = settings(target="java", select=["old"], build=True, repairs=1)
    answers = [head.replace("old.", "fresh.."), head.replace("old.", "fresh.")]
    outcome = migrate(wanted, TableEngine({head: answers}))
    assert (outcome.failed, outcome.build) == (0, CompileState.UNRESOLVED_ONLY)
    assert "import fresh.Far;" in (wanted.out / "A.java").read_text()


@needs_mcs
def test_what_the_compiler_is_too_old_for_is_not_said_to_compile(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    text = BOX.replace("int size = 0;", "int size = 0;\n    private Far far;")
    put(repository, {"a/Box.java": text.replace("package a;", "package a;\nimport b.Far;\n")})
    wanted = settings(build=True, packages={"b": "B"})
    newer = ANSWERS[GROW].replace("size + more", "size switch { 1 => more, _ => 2 }")
    migrate(wanted, TableEngine(ANSWERS | {GROW: newer}))
    grow = units(wanted)["grow"]
    assert (grow.state, grow.compile_state) == (UnitState.DONE, CompileState.NOT_CHECKED)
    assert "line 3" in grow.reason


@needs_mcs
def test_a_constructor_of_another_type_is_refused(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    make = "public Box(int size) { this.size = size; }"
    put(repository, {"a/Box.java": BOX.replace("/** Its", f"{make}\n\n    /** Its")})
    wanted = settings(build=True, repairs=0)
    migrate(wanted, TableEngine(ANSWERS | {make: make.replace("Box", "Crate")}))
    (unit,) = (one for one in units(wanted).values() if one.kind == "constructor")
    assert "it constructs Crate, and not Box" in unit.reason


ADD = "def add(a: int, b: int) -> int:\n    return a + b"
SUB = "def sub(a: int, b: int) -> int:\n    return a - b"
SUMS = f"{ADD}\n\n\n{SUB}\n"


@needs_node
def test_files_that_have_no_build_are_checked_one_by_one(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"sums.py": SUMS})
    answers = {
        ADD: "export function add(a, b) {\n  return a + b;\n}",
        SUB: "export function sub(a, b) {\n  return a - - ;\n}",
    }
    wanted = settings(source="python", target="javascript", build=True, repairs=0)
    outcome = migrate(wanted, TableEngine(answers))
    found = units(wanted)
    assert outcome.failed == 1
    assert found["add"].compile_state is CompileState.COMPILED
    assert found["sub"].state is UnitState.FAILED


@needs_node
def test_a_function_that_does_something_else_is_refused(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"sums.py": SUMS})
    answers = {
        ADD: "export function add(a, b) {\n  return a + b;\n}",
        SUB: "export function sub(a, b) {\n  return b - a;\n}",
    }
    wanted = settings(source="python", target="javascript", build=True, behave=True, repairs=0)
    migrate(wanted, TableEngine(answers))
    found = units(wanted)
    assert found["add"].compile_state is CompileState.TESTS_PASSED
    assert found["add"].behaves.startswith("equal on ")
    assert "behaves otherwise" in found["sub"].reason


@needs_node
def test_what_is_wrong_with_one_unit_keeps_no_other_from_being_run(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"sums.py": SUMS})
    answers = {
        ADD: "export function add(a, b) {\n  return a + b;\n}",
        SUB: "export function sub(a, b) {\n  let c;\n  let c;\n  return a - b;\n}",
    }
    wanted = settings(source="python", target="javascript", build=True, behave=True, repairs=0)
    migrate(wanted, TableEngine(answers))
    found = units(wanted)
    assert found["sub"].state is UnitState.FAILED
    assert found["add"].compile_state is CompileState.TESTS_PASSED


def test_what_a_test_of_the_target_speaks_against_is_tried_again(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    unit = "public static int add(int a, int b) {\n    return a + b;\n}"
    java = f"package a;\npublic final class Sums {{\n{unit}\n}}\n"
    put(
        repository,
        {
            "a/Sums.java": java,
            "test_sums.py": "import unittest\nfrom a.sums import Sums\n\n\n"
            "class T(unittest.TestCase):\n    def test_add(self):\n"
            "        self.assertEqual(Sums.add(1, 2), 3)\n",
        },
    )
    right = "@staticmethod\ndef add(a, b):\n    return a + b"
    engine = TableEngine({unit: [right.replace("+", "*"), right]})
    wanted = settings(source="java", target="python", build=True, repairs=1)
    outcome = migrate(wanted, engine)
    assert outcome.tests is CompileState.TESTS_PASSED
    with Journal(wanted.out, writable=False) as journal:
        assert journal.fact("whole")["tests"]["runner"] == "unittest"
