"""``fedtranslate review`` from the outside."""

import json
from pathlib import Path

import example_migration as example
import pytest
from click.testing import CliRunner, Result

from fedtranslate.cli import main
from fedtranslate.corpus.formats import read_pairs
from fedtranslate.migration.review.written import Written


def run(*arguments: object) -> Result:
    """Run ``fedtranslate review`` with ``arguments``."""
    return CliRunner().invoke(main, ["review", *map(str, arguments)])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output in which people have corrected one unit."""
    folder = tmp_path / "out"
    with example.migration(folder) as journal:
        written = Written(journal, example.settings(folder)).file(example.ACCOUNT)
    assert written is not None
    (folder / "src").mkdir()
    (folder / "src/Account.cs").write_text(written.text.replace("return 0;", "return 7;"))
    return folder


def test_report_writes_the_page_beside_the_journal(out: Path, tmp_path: Path) -> None:
    result = run("report", out, "--json", tmp_path / "all.json")
    assert result.exit_code == 0
    page = out / ".fedtranslate/report.html"
    assert result.stdout == f"{page}\n{tmp_path / 'all.json'}\n"
    assert "<!DOCTYPE html>" in page.read_text()
    assert json.loads((tmp_path / "all.json").read_text())["form"] == 1


def test_measure_tells_the_share_by_file_and_in_total(out: Path) -> None:
    result = run("measure", out)
    assert result.exit_code == 0
    assert "src/Account.cs  (1 changed, 1 stubs)" in result.stdout
    assert "src/Kept.cs: not written" not in result.stdout
    assert "Units of the model: 1 unchanged, 1 changed, 0 gone." in result.stdout
    found = json.loads(run("measure", out, "--json").stdout)
    total = found["total"]
    assert total["characters_by_model_unchanged"] == total["characters_by_model"] - 1
    assert total["share"] == pytest.approx(
        total["characters_by_model_unchanged"] / total["characters_now"]
    )
    assert [one["path"] for one in found["files"]] == ["src/Account.java", "src/Kept.java"]


def test_accept_takes_what_people_corrected(out: Path) -> None:
    result = run("accept", out)
    assert result.exit_code == 0
    assert "1 units are accepted, 1 of them as people have corrected them" in result.stdout
    (pair,) = read_pairs(out / ".fedtranslate/pairs.jsonl", "java", "csharp")
    assert "return 7;" in pair.target
    assert pair.group == "src/Account.java"


def test_accept_adds_and_replaces(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    assert run("accept", out, "Account.close", "--pairs", file).exit_code == 0
    result = run("accept", out, "--all", "--pairs", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["new"], found["replaced"], found["same"]) == (1, 0, 1)
    assert [one["unit"] for one in found["refused"]] == ["src/Account.java#Account.deposit"]
    assert len(read_pairs(file, "java", "csharp")) == 2


def test_a_stub_that_is_named_is_refused(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    result = run("accept", out, "Account.deposit", "--pairs", file)
    assert result.exit_code == 1
    assert "refused: src/Account.java#Account.deposit: it is a stub" in result.stdout
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Account.nothing"], "No units are called 'Account.nothing'"),
        (["Account.close", "--all"], "Name units, or give --all."),
        (["--all", "--pairs", "pairs.csv"], "Name a .jsonl file."),
        (["--all", "--pairs", "nowhere/pairs.jsonl"], "there is no folder nowhere"),
    ],
)
def test_wrong_requests_are_refused(out: Path, arguments: list[str], said: str) -> None:
    result = run("accept", out, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("command", ["report", "measure", "accept"])
def test_a_folder_without_a_migration_is_refused(tmp_path: Path, command: str) -> None:
    result = run(command, tmp_path)
    assert result.exit_code == 2
    assert f"There is no migration in {tmp_path}." in result.stderr
