"""What the commands of a migration say of a journal that is damaged, and that they leave it so."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import example_migration as example
import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.migration.journal import FILE, FOLDER

LOOKING = (
    ("migrate", "status"),
    ("migrate", "explain", "Account.deposit"),
    ("migrate", "explain", "Account.owner"),
    ("review", "report"),
    ("review", "measure"),
    ("review", "accept"),
)
OTHERWISE = ("{", "7", '"text"', "null", '[{"a": 1}]', "[[1]]", "[" * 100_000, '{"a": {}}')
"""No JSON, or JSON that no version writes in any of the columns below."""
COLUMNS = (
    ("facts", "value", "name = 'settings'"),
    ("facts", "value", "name = 'whole'"),
    ("facts", "value", "name = 'baseline'"),
    ("files", "frame", "path = 'src/Account.java'"),
    ("files", "losses", "1"),
    ("files", "problems", "1"),
    ("files", "state", "1"),
    ("units", "uses", "1"),
    ("units", "lost", "1"),
    ("units", "place", "1"),
    ("units", "state", "1"),
    ("units", "compile_state", "1"),
    ("attempts", "problems", "1"),
)


def run(command: Sequence[str], out: Path) -> Result:
    """Call a command on an output folder."""
    group, name, *rest = command
    return CliRunner().invoke(main, [group, name, str(out), *rest])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output that holds what the example has written."""
    folder = tmp_path / "out"
    with example.migration(folder):
        pass
    return folder


def damage(out: Path, statement: str, values: Sequence[object] = ()) -> bytes:
    """Change a journal behind its back; return it."""
    file = out / FOLDER / FILE
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement, values)
        database.commit()
    return file.read_bytes()


def is_told(said: Result) -> bool:
    """Tell whether a command refused a journal in a sentence; False where it got along with it."""
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exc_info
    if said.exit_code != 2:
        return False
    assert f"{FILE} is damaged or no journal (" in said.stderr
    last = said.stderr.splitlines()[-1]
    return last.startswith("Error: ") and last.endswith(" aside to begin the migration anew.")


@pytest.mark.parametrize(("table", "column", "where"), COLUMNS)
def test_rows_of_another_form_are_told_by_whoever_reads_them(
    out: Path, table: str, column: str, where: str
) -> None:
    for value in OTHERWISE:
        before = damage(out, f"update {table} set {column} = ? where {where}", (value,))
        told = [is_told(run(command, out)) for command in LOOKING]
        assert any(told), value[:20]
        assert (out / FOLDER / FILE).read_bytes() == before


@pytest.mark.parametrize("command", [*LOOKING, ("migrate", "retry")])
@pytest.mark.parametrize("data", [b"", b"no database" * 99, None], ids=["empty", "other", "cut"])
def test_a_file_that_is_no_journal_is_told(out: Path, command: Sequence[str], data: bytes) -> None:
    file = out / FOLDER / FILE
    data = file.read_bytes()[:10_000] if data is None else data
    file.write_bytes(data)
    assert is_told(run(command, out))
    assert file.read_bytes() == data


@pytest.mark.parametrize("command", LOOKING)
def test_a_database_with_other_tables_is_told(out: Path, command: Sequence[str]) -> None:
    for table in ("facts", "units", "attempts"):
        damage(out, f"alter table {table} rename to other_{table}")
    assert is_told(run(command, out))


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("facts", "value", "name = 'settings'"),
        ("facts", "value", "name = 'whole'"),
        ("facts", "value", "name = 'baseline'"),
        ("units", "place", "1"),
        ("outlines", "names", "1"),
        ("outlines", "declared", "1"),
        ("files", "losses", "1"),
    ],
)
def test_neither_a_run_nor_a_retry_goes_on_from_rows_of_another_form(
    tmp_path: Path, table: str, column: str, where: str
) -> None:
    shop, out = tmp_path / "shop", tmp_path / "out"
    shop.mkdir()
    (shop / "One.java").write_text("class One { Two two; int size() { return 0; } }\n")
    (shop / "Two.java").write_text("class Two { int size() { return 0; } }\n")
    asked = [str(shop), "--out", str(out), "--no-build", "--no-behave", "--repairs", "0"]
    assert CliRunner().invoke(main, ["migrate", *asked]).exit_code in (0, 1)
    before = {place: place.read_bytes() for place in out.glob("*.cs")}
    assert before
    damage(out, f"update {table} set {column} = '[{{}}]' where {where}")
    (shop / "One.java").write_text("class One { Two two; int length() { return 0; } }\n")
    told = [
        is_told(CliRunner().invoke(main, ["migrate", *asked])),
        is_told(CliRunner().invoke(main, ["migrate", "retry", str(out), "Two.size"])),
    ]
    assert any(told)
    assert {place: place.read_bytes() for place in out.glob("*.cs")} == before
