"""A migration is resumed, repaired and run again without losing or doubling anything."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from table_engine import TableEngine, put

from fedtranslate.errors import MigrationError
from fedtranslate.migration import publishing
from fedtranslate.migration.journal import FOLDER, Journal
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import FileState, UnitState

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]

ONE = """package shop;
class One {
    int first(int n) { return n + 1; }
    int second() { return first(1); }
}
"""
TWO = "package shop;\nclass Two {\n    int third(One one) { return one.second(); }\n}\n"


def in_csharp(text: str) -> str:
    """Translate the methods of these tests: names of methods get capitals."""
    return re.sub(r"\b(first|second|third|fourth)\(", lambda name: name[0].capitalize(), text)


def written(out: Path) -> dict[str, bytes]:
    """Return the output, without what the migration keeps for itself."""
    return {
        place.relative_to(out).as_posix(): place.read_bytes()
        for place in sorted(out.rglob("*"))
        if place.is_file() and FOLDER not in place.parts
    }


@pytest.fixture
def shop(repository: Path) -> Path:
    """A repository of two classes and a resource."""
    put(repository, {"shop/One.java": ONE, "shop/Two.java": TWO, "logo.bin": b"\0\1"})
    return repository


def test_all_units_are_translated_and_resources_copied(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    found = written(wanted.out)
    assert outcome.failed == 0
    assert found["logo.bin"] == b"\0\1"
    assert b"int Third(One one) { return one.Second(); }" in found["Shop/Two.cs"]
    assert b"int First(int n)" in found["Shop/One.cs"]
    assert shop.joinpath("shop/One.java").read_text() == ONE


@pytest.mark.usefixtures("shop")
def test_a_second_run_asks_nothing_and_touches_nothing(
    settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    before = {path: (wanted.out / path).stat().st_mtime_ns for path in written(wanted.out)}
    engine = TableEngine({}, in_csharp)
    outcome = migrate(wanted, engine)
    assert engine.asked == []
    assert (outcome.published.written, outcome.change.same) == (0, 3)
    assert {path: (wanted.out / path).stat().st_mtime_ns for path in before} == before


def test_one_edited_file_is_all_that_is_done_again(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    put(shop, {"shop/Two.java": TWO.replace("third(", "fourth(")})
    engine = TableEngine({}, in_csharp)
    outcome = migrate(wanted, engine)
    assert [request.text for request in engine.asked] == [
        "int fourth(One one) { return one.second(); }"
    ]
    assert outcome.published.written == 1
    assert b"Fourth(One one)" in written(wanted.out)["Shop/Two.cs"]


def test_a_unit_that_stays_keeps_its_translation_when_its_file_is_edited(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    put(shop, {"shop/One.java": ONE.replace("first(1)", "first(2)")})
    engine = TableEngine({}, in_csharp)
    migrate(wanted, engine)
    assert [request.text for request in engine.asked] == ["int second() { return first(2); }"]


@pytest.mark.usefixtures("shop")
def test_another_engine_makes_all_translations_anew(settings: Settings, migrate: Migrate) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    engine = TableEngine({}, in_csharp, fingerprint="another")
    migrate(wanted, engine)
    assert len(engine.asked) == 3


def test_what_people_have_changed_is_left_and_told(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    (wanted.out / "Shop/Two.cs").write_text("// better\n")
    put(shop, {"shop/Two.java": TWO.replace("third(", "fourth(")})
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    assert outcome.published.kept == 1
    assert written(wanted.out)["Shop/Two.cs"] == b"// better\n"
    with Journal(wanted.out, writable=False) as journal:
        file = journal.file("shop/Two.java")
    assert file is not None
    assert (file.state, file.reason[:16]) == (FileState.KEPT, "changed by hand ")


@pytest.mark.usefixtures("shop")
def test_a_file_that_was_there_before_is_never_written_over(
    settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    put(wanted.out, {"Shop/Two.cs": "// mine\n"})
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    assert outcome.published.kept == 1
    assert written(wanted.out)["Shop/Two.cs"] == b"// mine\n"


def test_what_was_written_for_a_source_that_is_gone_goes_too_unless_it_was_changed(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    put(shop, {"shop/Three.java": TWO.replace("Two", "Three")})
    migrate(wanted, TableEngine({}, in_csharp))
    (wanted.out / "Shop/Three.cs").write_text("// changed\n")
    for name in ("Two", "Three"):
        (shop / f"shop/{name}.java").unlink()
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    assert outcome.published.removed == 1
    assert "Shop/Two.cs" not in written(wanted.out)
    assert written(wanted.out)["Shop/Three.cs"] == b"// changed\n"


@pytest.mark.usefixtures("shop")
def test_what_was_wrong_goes_into_the_next_attempt(settings: Settings, migrate: Migrate) -> None:
    text = "int second() { return first(1); }"
    engine = TableEngine({text: ["int Second() { return", "int Second() { return 2; }"]}, in_csharp)
    wanted = settings()
    outcome = migrate(wanted, engine)
    asked = [request for request in engine.asked if request.text == text]
    assert outcome.failed == 0
    assert [request.context.previous for request in asked] == ["", "int Second() { return"]
    assert asked[1].context.problems[0].startswith("line 1: ")
    assert b"int Second() { return 2; }" in written(wanted.out)["Shop/One.cs"]


@pytest.mark.usefixtures("shop")
def test_a_unit_that_never_passes_is_left_as_a_marked_stub_with_its_source(
    settings: Settings, migrate: Migrate
) -> None:
    text = "int second() { return first(1); }"
    wanted = settings(repairs=1)
    outcome = migrate(wanted, TableEngine({text: "Sorry, I can not do that."}, in_csharp))
    found = written(wanted.out)["Shop/One.cs"].decode()
    assert outcome.failed == 1
    assert "NOT MIGRATED by fedtranslate" in found
    assert text in found
    assert "int First(int n)" in found


@pytest.mark.usefixtures("shop")
def test_what_is_used_is_asked_for_with_its_signature(settings: Settings, migrate: Migrate) -> None:
    engine = TableEngine({}, in_csharp)
    migrate(settings(), engine)
    by_text = {request.text: request.context.signatures for request in engine.asked}
    assert any("Second" in one for one in by_text["int third(One one) { return one.second(); }"])


@pytest.mark.usefixtures("shop")
def test_two_processes_do_not_migrate_into_one_folder(settings: Settings, migrate: Migrate) -> None:
    wanted = settings()
    wanted.out.mkdir()
    with (
        Journal(wanted.out),
        pytest.raises(MigrationError, match="Another process"),
    ):
        migrate(wanted, TableEngine({}, in_csharp))


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    put(tmp_path, {f"{FOLDER}/journal.sqlite3": b"no database, but long enough to be read" * 20})
    with pytest.raises(MigrationError, match="damaged"), Journal(tmp_path):
        pass


@pytest.mark.usefixtures("shop")
def test_a_failed_unit_that_is_made_pending_again_has_other_attempts(
    settings: Settings, migrate: Migrate
) -> None:
    text = "int second() { return first(1); }"
    answers = ["no", "no", "int Second() { return 2; }"]
    wanted = settings(repairs=1)
    engine = TableEngine({text: answers}, in_csharp)
    assert migrate(wanted, engine).failed == 1
    with Journal(wanted.out) as journal:
        (unit,) = journal.units("state = ?", (UnitState.FAILED,))
        journal.put_units([replace(unit.fresh(), since=2, attempt=2)])
    assert migrate(wanted, engine).failed == 0


_KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from table_engine import TableEngine
from test_running import in_csharp
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.run import Migration
from fedtranslate.migration.settings import MigrationSettings

def slow(text):
    time.sleep(0.01)
    return in_csharp(text)

settings = MigrationSettings.model_validate_json(sys.argv[2])
settings.out.mkdir(exist_ok=True)
with Journal(settings.out) as journal, ParseWorker() as worker:
    print("ready", flush=True)
    Migration(journal, settings, TableEngine({}, slow), worker).run()
"""


def test_killed_at_any_moment_it_ends_with_the_same_tree(
    repository: Path, tmp_path: Path, settings: Settings, migrate: Migrate
) -> None:
    for number in range(12):
        names = {"One": f"One{number}", "Two": f"Two{number}"}
        put(
            repository,
            {
                f"shop/{names['One']}.java": ONE.replace("One", names["One"]),
                f"shop/{names['Two']}.java": TWO.replace("One", names["One"]).replace(
                    "Two", names["Two"]
                ),
            },
        )
    unbroken = settings(out=tmp_path / "unbroken", wave_units=7)
    migrate(unbroken, TableEngine({}, in_csharp))
    broken = settings(wave_units=7)
    command = [sys.executable, "-c", _KILLED, str(Path(__file__).parent), broken.model_dump_json()]
    kills = 0
    for patience in [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 60.0]:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
        time.sleep(0.05)
    assert kills > 2
    assert written(broken.out) == written(unbroken.out)


@pytest.mark.usefixtures("shop")
def test_files_are_published_part_by_part(
    settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_AT_ONCE", 1)
    wanted = settings(wave_units=1)
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    found = written(wanted.out)
    assert {"logo.bin", "Shop/One.cs", "Shop/Two.cs"} <= found.keys()
    assert b"Third(One one) { return one.Second(); }" in found["Shop/Two.cs"]
    assert (outcome.published.failed, outcome.failed) == (0, 0)
