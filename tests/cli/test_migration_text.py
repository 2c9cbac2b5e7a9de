"""What ``fedtranslate migrate`` tells people of a build that fails, and of what was lost."""

from pathlib import Path

import example_migration as example

from fedtranslate.checks.build import FileProblem
from fedtranslate.cli.migration import Complaints
from fedtranslate.cli.migrationtext import status_text
from fedtranslate.migration.building import Mode, Said
from fedtranslate.migration.journal import Journal
from fedtranslate.records import CompileState, Problem
from fedtranslate.report.migration.writing import write_report


def build(journal: Journal, number: int) -> None:
    """Note that the build complained so often of a line within a unit."""
    found = tuple(
        FileProblem("src/Account.cs", Problem(4, 1, f"odd {one}", "")) for one in range(number)
    )
    said = Said(Mode.WHOLE, CompileState.TYPE_ERROR, "mcs", complaints=found)
    known = journal.fact("whole") or {}
    journal.note({"whole": known | {"build": said.document()}})


def test_what_the_build_says_of_units_is_told_with_its_line(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        build(journal, 1)
        text = status_text(journal, tmp_path / "out")
        assert "the whole target: type_error\n  src/Account.cs:4: odd 0\n" in text
        page = tmp_path / "page.html"
        write_report(journal, tmp_path / "out", page, None)
    assert "<code>src/Account.cs:4</code> <bdi>odd 0</bdi>" in page.read_text()


def test_of_many_complaints_some_are_told_and_all_are_counted(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        build(journal, 1_000)
        assert Complaints.of(journal).number == 1_000
        text = status_text(journal, tmp_path / "out")
        assert "odd 4\n  ... and 995 more; see the report" in text
        page = tmp_path / "page.html"
        write_report(journal, tmp_path / "out", page, None)
    assert "The first\n    50 of 1000." in page.read_text()


def test_journals_of_before_have_complaints_about_no_unit_only(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        assert list(Complaints.of(journal).first) == ["src/Kept.cs:7: odd"]


def test_what_rules_could_not_carry_over_is_counted(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        assert journal.count_losses() == (1, 1)
