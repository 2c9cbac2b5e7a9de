"""A migration within one language edits what was selected, and not another byte."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from table_engine import TableEngine, put

from fedtranslate.errors import ConfigError
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import UnitState
from fedtranslate.records import CompileState

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]

HEAD = "package a;\n\nimport junit.framework.TestCase;\n\npublic class OldTest extends TestCase {"
NEW_HEAD = "package a;\n\nimport org.junit.Test;\n\npublic class OldTest {"
UNIT = "/** Adds. */\npublic void testSum() {\n    assertEquals(2, 1 + 1);\n}"
NEW_UNIT = "/** Adds. */\n@Test\npublic void sum() {\n    assertEquals(2, 1 + 1);\n}"
FILE = (
    HEAD
    + "\n    /** Adds. */\n    public void testSum() {\n        assertEquals(2, 1 + 1);\n    }\n"
    + "\n\tint   helper( ) { return 2; }   \n}\n"
)
DONE = (
    NEW_HEAD
    + "\n    /** Adds. */\n    @Test\n    public void sum() {\n"
    + "        assertEquals(2, 1 + 1);\n    }\n"
    + "\n\tint   helper( ) { return 2; }   \n}\n"
)
SELECT = {"target": "java", "select": ["TestCase", "assertEquals"], "instruction": "To JUnit 4."}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_only_what_was_selected_is_edited(
    repository: Path, settings: Settings, migrate: Migrate, newline: str, encoding: str
) -> None:
    def coded(text: str) -> bytes:
        return f"{text}// gr\xfcn\n".replace("\n", newline).encode(encoding)

    put(repository, {"a/OldTest.java": coded(FILE), "a/Other.java": "class  Other { }"})
    engine = TableEngine({HEAD.replace("\n", newline): NEW_HEAD}, lambda _: NEW_UNIT)
    wanted = settings(**SELECT)
    migrate(wanted, engine)
    assert (wanted.out / "a/OldTest.java").read_bytes() == coded(DONE)
    assert (wanted.out / "a/Other.java").read_text() == "class  Other { }"
    assert {request.instruction for request in engine.asked} == {"To JUnit 4."}


def test_references_select_by_what_a_unit_uses(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    text = "class A {\n    void f() { Old.call(); }\n    void g() { other(); }\n}\n"
    put(repository, {"A.java": text})
    engine = TableEngine({"void f() { Old.call(); }": "void f() { New.call(); }"})
    wanted = settings(target="java", references=["Ol*"])
    migrate(wanted, engine)
    assert (wanted.out / "A.java").read_text() == text.replace("Old", "New")
    assert [request.text for request in engine.asked] == ["void f() { Old.call(); }"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("void f() { x(); }\nvoid more() { }", "extra edit: it has more, too"),
        ("Sure! Here is the code:", "unexpected"),
        ("", "wrote nothing"),
        ("void f() { x();", "missing|unexpected"),
        ("class A { void f() { } }", "one member was asked for"),
    ],
)
def test_what_is_no_edit_of_the_unit_is_refused_and_the_code_stays(
    repository: Path, settings: Settings, migrate: Migrate, answer: str, reason: str
) -> None:
    text = "class A {\n    void f() { old(); }\n}\n"
    put(repository, {"A.java": text})
    wanted = settings(target="java", select=["old"], repairs=1)
    outcome = migrate(wanted, TableEngine({}, lambda _: answer))
    assert outcome.failed == 1
    assert (wanted.out / "A.java").read_text() == text
    with Journal(wanted.out, writable=False) as journal:
        (unit,) = journal.units()
    assert unit.state is UnitState.FAILED
    assert any(word in unit.reason for word in reason.split("|")), unit.reason


def test_an_edit_of_the_head_beyond_what_was_selected_is_refused(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/OldTest.java": FILE})
    engine = TableEngine({HEAD: NEW_HEAD.replace("package a;", "package b;")}, lambda _: NEW_UNIT)
    wanted = settings(**SELECT, repairs=0)
    migrate(wanted, engine)
    with Journal(wanted.out, writable=False) as journal:
        head = next(journal.units("kind = 'head'"))
    assert head.state is UnitState.FAILED
    assert "extra edit: the line 'package a;' was not selected" in head.reason


def test_only_the_lines_that_an_edit_of_the_head_changed_are_held_against_it(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/OldTest.java": FILE.replace("TestCase {", "TestCase {\n    int n;\n")})
    engine = TableEngine({}, lambda _: NEW_HEAD.replace("package a", "package b") + "\n    int n;")
    wanted = settings(**SELECT, repairs=0)
    migrate(wanted, engine)
    with Journal(wanted.out, writable=False) as journal:
        head = next(journal.units("kind = 'head'"))
        (attempt,) = journal.attempts(head.id)
    said = [problem.message for problem in attempt.problems]
    assert said == ["extra edit: the line 'package a;' was not selected"]


def test_a_head_is_asked_again_when_more_of_it_is_selected(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"a/OldTest.java": FILE})
    engine = TableEngine({HEAD: NEW_HEAD}, lambda _: NEW_UNIT)
    first = settings(**SELECT | {"select": ["extends TestCase", "assertEquals"]}, repairs=0)
    assert migrate(first, engine).failed == 1
    engine.asked.clear()
    assert migrate(settings(**SELECT, repairs=0), engine).failed == 0
    # Units are allowed the same as before, and are not asked again.
    assert [request.text for request in engine.asked] == [HEAD]
    assert (first.out / "a/OldTest.java").read_text() == DONE


def test_a_file_that_has_no_units_is_edited_too(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    text = "import old.Base;\n\nclass Empty extends Base { }\n"
    put(repository, {"a/Empty.java": text, "b/Other.java": text.replace("Empty", "Other")})
    wanted = settings(target="java", select=["old"])
    migrate(wanted, TableEngine({}, lambda head: head.replace("old.", "fresh.")))
    assert (wanted.out / "a/Empty.java").read_text() == text.replace("old.", "fresh.")
    assert "fresh.Base" in (wanted.out / "b/Other.java").read_text()


def test_what_to_select_has_to_be_said(settings: Settings) -> None:
    with pytest.raises(ValueError, match="say which"):
        settings(target="java")


def test_a_malformed_expression_is_refused(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(repository, {"A.java": "class A { }"})
    with pytest.raises(ConfigError, match="no regular expression"):
        migrate(settings(target="java", select=["("]), TableEngine({}))


@pytest.mark.skipif(shutil.which("javac") is None, reason="javac is missing")
def test_a_unit_that_the_build_leaves_out_is_not_said_to_compile(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(
        repository,
        {
            "src/main/java/A.java": "class A {\n    int f() { return Old.ONE; }\n}\n",
            "src/main/java/Old.java": "class Old {\n    static final int ONE = 1, TWO = 2;\n}\n",
            "src/test/java/B.java": "class B {\n    int g() { return Old.ONE; }\n}\n",
        },
    )
    engine = TableEngine({}, lambda text: text.replace("ONE", "TWO"))
    wanted = settings(target="java", select=["Old.ONE"], build=True)
    migrate(wanted, engine)
    with Journal(wanted.out, writable=False) as journal:
        (built,) = journal.units("name = ?", ("f",))
        (left,) = journal.units("name = ?", ("g",))
    assert built.compile_state is CompileState.COMPILED
    assert (left.compile_state, left.reason) == (
        CompileState.NOT_CHECKED,
        "the build leaves its file out",
    )
