"""A migration is resumed, repaired and run again without losing or doubling anything."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from table_engine import ONE, TWO, TableEngine, in_csharp, put, written

from fedtranslate.errors import MigrationError
from fedtranslate.migration.journal import FOLDER, Journal
from fedtranslate.migration.run import Migration, Outcome
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import PlannedUnit, UnitState

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]


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


@pytest.mark.usefixtures("shop")
def test_a_plan_for_another_engine_that_was_killed_leaves_nothing_of_it(
    repository: Path, settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    put(repository, {"shop/One.java": ONE.replace("n + 1", "n + 2")})
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "put_left_out", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            migrate(wanted, TableEngine({}, in_csharp, fingerprint="other"))
    migrate(wanted, TableEngine({}, in_csharp))
    other = TableEngine({}, in_csharp, fingerprint="other")
    migrate(wanted, other)
    assert len(other.asked) == 3


def test_code_that_does_not_parse_is_told_and_never_left_out_in_silence(
    repository: Path, settings: Settings, migrate: Migrate
) -> None:
    put(
        repository,
        {
            "shop/Torn.java": "package shop;\nclass Torn { int first( { return \n",
            "shop/Half.java": ONE.replace("One", "Half") + "\nthis is no code at all;\n",
        },
    )
    wanted = settings()
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    assert outcome.published.failed == 1
    with Journal(wanted.out, writable=False) as journal:
        torn = journal.file("shop/Torn.java")
        half = journal.file("shop/Half.java")
    assert torn is not None
    assert half is not None
    assert torn.reason.startswith("line 1: code that does not parse is left out: ")
    assert any("code that does not parse" in loss for loss in half.losses)
    assert "Shop/Torn.cs" not in written(wanted.out)


def test_a_repository_that_is_not_there_is_told_and_nothing_is_removed(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    before = written(wanted.out)
    shop.rename(shop.with_name("elsewhere"))
    with pytest.raises(MigrationError, match="cannot be read: No such file"):
        migrate(wanted, TableEngine({}, in_csharp))
    assert written(wanted.out) == before


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
def test_a_file_of_which_no_unit_passes_has_its_marked_stubs_too(
    settings: Settings, migrate: Migrate
) -> None:
    wanted = settings(repairs=1)
    outcome = migrate(wanted, TableEngine({}, lambda _: "Sorry, I can not do that."))
    found = written(wanted.out)
    assert outcome.failed == 3
    assert found["Shop/One.cs"].count(b"NOT MIGRATED by fedtranslate") == 2
    assert b"// int third(One one) { return one.second(); }" in found["Shop/Two.cs"]


@pytest.mark.usefixtures("shop")
def test_a_run_that_was_killed_between_journal_and_tree_is_put_right_by_the_next(
    settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = settings(repairs=0)
    engine = TableEngine({}, lambda _: "Sorry, I can not do that.")

    write = Migration._write

    def killed(self: Migration, pending: Sequence[PlannedUnit]) -> None:
        write(self, pending)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Migration, "_write", killed)
        with pytest.raises(KeyboardInterrupt):
            migrate(wanted, engine)
    migrate(wanted, engine)
    assert written(wanted.out)["Shop/One.cs"].count(b"NOT MIGRATED by fedtranslate") == 2


@pytest.mark.usefixtures("shop")
def test_what_a_killed_run_left_in_its_own_folder_is_removed(
    settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    put(wanted.out, {f"{FOLDER}/stubs-of-before/Shop/One.cs": ""})
    migrate(wanted, TableEngine({}, in_csharp))
    assert list((wanted.out / FOLDER).glob("stubs-*")) == []


@pytest.mark.usefixtures("shop")
def test_what_is_used_is_asked_for_with_its_signature(settings: Settings, migrate: Migrate) -> None:
    engine = TableEngine({}, in_csharp)
    migrate(settings(), engine)
    by_text = {request.text: request.context.signatures for request in engine.asked}
    assert any("Second" in one for one in by_text["int third(One one) { return one.second(); }"])


@pytest.mark.usefixtures("shop")
@pytest.mark.usefixtures("shop")
def test_what_is_used_is_asked_for_as_it_was_translated(
    settings: Settings, migrate: Migrate
) -> None:
    text = "int second() { return first(1); }"
    engine = TableEngine({text: "public int Second(int more) { return more; }"}, in_csharp)
    wanted = settings(wave_units=1)
    migrate(wanted, engine)
    (asked,) = (one for one in engine.asked if "third" in one.text)
    with Journal(wanted.out, writable=False) as journal:
        unit = journal.unit("shop/One.java#One.second")
    assert unit is not None
    assert "public int Second(int more)" in asked.context.signatures
    assert unit.signature.endswith("int Second()")


@pytest.mark.parametrize("is_readable", [True, False])
@pytest.mark.usefixtures("shop")
def test_damage_that_shows_only_when_the_journal_is_read_on_is_told(
    settings: Settings, migrate: Migrate, *, is_readable: bool
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    file = wanted.out / FOLDER / "journal.sqlite3"
    if is_readable:
        with closing(sqlite3.connect(file)) as database:
            database.execute("update facts set value = '{'")
            database.commit()
    else:
        data = file.read_bytes()
        file.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    with pytest.raises(MigrationError, match="is damaged or no journal"):
        migrate(wanted, TableEngine({}, in_csharp))


@pytest.mark.usefixtures("shop")
def test_a_disk_that_is_full_is_told_and_the_next_run_goes_on(
    settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = settings()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "put_attempts", full)
        with pytest.raises(MigrationError, match="disk is full"):
            migrate(wanted, TableEngine({}, in_csharp))
    assert migrate(wanted, TableEngine({}, in_csharp)).failed == 0


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
from table_engine import TableEngine, in_csharp
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
