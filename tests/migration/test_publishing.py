"""What a migration writes to its output, and what it leaves alone there."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from table_engine import TWO, TableEngine, in_csharp, put, written

from fedtranslate.errors import MigrationError
from fedtranslate.migration import publishing
from fedtranslate.migration.assembly import TREE
from fedtranslate.migration.journal import FOLDER, Journal
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.scratch import scratch_name
from fedtranslate.migration.settings import MigrationSettings
from fedtranslate.migration.states import FileState

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]


@pytest.mark.usefixtures("shop")
def test_a_file_of_several_waves_is_written_once_as_far_as_people_count(
    settings: Settings, migrate: Migrate
) -> None:
    outcome = migrate(settings(wave_units=1), TableEngine({}, in_csharp))
    assert outcome.published.written == 4  # two files of code, the resource and the project


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


class _KilledError(BaseException):
    """Stands for the end of a process, which cleans nothing up."""


def killed_before_renaming(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[], object], where: Path, name: str
) -> None:
    """Run something until the file called ``name`` below ``where`` was to be renamed."""
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.name == name and target.is_relative_to(where):
            raise _KilledError
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(_KilledError):
            run()


@pytest.mark.parametrize("name", ["Two.cs", "logo.bin"])
@pytest.mark.parametrize("staged", [False, True], ids=["output", "tree"])
@pytest.mark.parametrize("is_gone", [False, True], ids=["same", "gone"])
def test_what_a_killed_run_had_half_written_is_swept_by_the_next(
    shop: Path,
    settings: Settings,
    migrate: Migrate,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    staged: bool,
    is_gone: bool,
) -> None:
    wanted = settings()
    tree = wanted.out / FOLDER / TREE
    where = tree if staged else wanted.out
    engine = TableEngine({}, in_csharp)
    if not staged:
        migrate(wanted, engine)  # so that the tree has it already
        for place in written(wanted.out):
            (wanted.out / place).unlink()
    killed_before_renaming(monkeypatch, lambda: migrate(wanted, engine), where, name)
    assert list(where.rglob(".*fedtranslate*")) != []
    if is_gone:
        (shop / ("shop/Two.java" if name == "Two.cs" else name)).unlink()
    migrate(wanted, engine)
    left = [place for place in wanted.out.rglob(".*fedtranslate*") if place.name != FOLDER]
    assert left == []
    assert (name in {Path(place).name for place in written(wanted.out)}) != is_gone


@pytest.mark.usefixtures("shop")
def test_files_of_people_with_names_as_ours_are_never_swept(
    settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    own = {
        "Shop/.0123456789ab.fedtranslate": b"mine",
        f"Shop/{scratch_name('Other.cs')}": b"mine",
        ".fedtranslate-notes": b"mine",
        ".fedtranslateignore": b"mine",
    }
    put(wanted.out, own)
    migrate(wanted, TableEngine({}, in_csharp))
    migrate(wanted, TableEngine({}, in_csharp))
    assert own.items() <= written(wanted.out).items()


@pytest.mark.usefixtures("shop")
def test_nothing_is_written_through_a_link_that_lies_where_a_file_is_written_first(
    tmp_path: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    put(tmp_path, {"elsewhere": "mine", "out/Shop/Other.cs": "mine"})
    for name in ("One.cs", "Two.cs"):
        (wanted.out / "Shop" / scratch_name(name)).symlink_to(tmp_path / "elsewhere")
    migrate(wanted, TableEngine({}, in_csharp))
    assert (tmp_path / "elsewhere").read_text() == "mine"
    assert {"Shop/One.cs", "Shop/Two.cs"} <= written(wanted.out).keys()
    assert not (wanted.out / "Shop/One.cs").is_symlink()


def test_what_was_staged_for_a_source_that_is_gone_is_built_no_more(
    shop: Path, settings: Settings, migrate: Migrate
) -> None:
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    (shop / "shop/Two.java").unlink()
    migrate(wanted, TableEngine({}, in_csharp))
    tree = wanted.out / FOLDER / TREE
    assert {place.name for place in tree.rglob("*.cs")} == {"One.cs"}


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


def test_what_was_written_for_a_folder_that_cannot_be_read_stays(
    shop: Path, settings: Settings, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(shop, {"other/Three.java": TWO.replace("Two", "Three").replace("shop", "other")})
    wanted = settings()
    migrate(wanted, TableEngine({}, in_csharp))
    before = written(wanted.out)
    scandir = os.scandir

    def locked(place: Path) -> object:  # permissions hold nobody back who is root
        if Path(place).name == "other":
            raise PermissionError(errno.EACCES, "Permission denied", place)
        return scandir(place)

    monkeypatch.setattr("fedtranslate.corpus.walking.os.scandir", locked)
    outcome = migrate(wanted, TableEngine({}, in_csharp))
    assert outcome.published.removed == 0
    assert written(wanted.out) == before


@pytest.mark.usefixtures("shop")
def test_a_file_that_could_not_be_written_is_counted_and_written_when_it_can_be(
    settings: Settings, migrate: Migrate, tmp_path: Path
) -> None:
    wanted = settings()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    wanted.out.mkdir()
    (wanted.out / "Shop").symlink_to(elsewhere)
    assert migrate(wanted, TableEngine({}, in_csharp)).published.failed == 2
    assert migrate(wanted, TableEngine({}, in_csharp)).published.failed == 2
    assert list(elsewhere.iterdir()) == []
    (wanted.out / "Shop").unlink()
    engine = TableEngine({}, in_csharp)
    outcome = migrate(wanted, engine)
    assert (outcome.published.failed, outcome.published.written, engine.asked) == (0, 2, [])
    assert b"Third(One one)" in written(wanted.out)["Shop/Two.cs"]
