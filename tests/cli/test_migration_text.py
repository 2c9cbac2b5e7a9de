"""What ``fedtranslate migrate`` tells people of a build that fails, and of what was lost."""

import json
from dataclasses import replace
from pathlib import Path

import example_migration as example

from fedtranslate.checks.build import FileProblem
from fedtranslate.cli.migration import Complaints, find_unit
from fedtranslate.cli.migrationtext import status_text
from fedtranslate.cli.migrationunit import explain_document, explain_text
from fedtranslate.migration.building import Mode, Said
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.settling import failed
from fedtranslate.records import CompileState, Problem
from fedtranslate.report.migration.attention import Need, in_words, place_of
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


def in_stubs(journal: Journal, *lines: int) -> None:
    """Note that the build complained of some lines; unit DEPOSIT failed, and has a stub."""
    found = tuple(FileProblem("src/Account.cs", Problem(line, 1, "odd", "")) for line in lines)
    (first, last) = example.DEPOSIT.place
    stubs = tuple(example.DEPOSIT.id if first <= line <= last else "" for line in lines)
    said = Said(Mode.WHOLE, CompileState.TYPE_ERROR, "mcs", complaints=found, stubs=stubs)
    journal.note({"whole": (journal.fact("whole") or {}) | {"build": said.document()}})


def test_complaints_that_are_in_stubs_only_are_told_as_such_wherever_they_are_read(
    tmp_path: Path,
) -> None:
    line = example.DEPOSIT.place[0] + 1
    sentence = "All complaints are in stubs: what was translated has none."
    with example.migration(tmp_path / "out") as journal:
        in_stubs(journal, line, line)
        text = status_text(journal, tmp_path / "out")
        assert f"src/Account.cs:{line}: odd\n  {sentence}\n" in text
        explained = explain_text(journal, example.DEPOSIT)
        assert f"the build of the whole target says of it:\n    line {line}: odd\n" in explained
        assert "says of it" not in explain_text(journal, example.BALANCE)
        assert explain_document(journal, example.DEPOSIT)["complaints"][0]["line"] == line
        page, document = tmp_path / "page.html", tmp_path / "all.json"
        write_report(journal, tmp_path / "out", page, document)
    assert page.read_text().count(sentence) == 2
    assert f"in the stub of <bdi>{example.DEPOSIT.id}</bdi>" in page.read_text()
    built = json.loads(document.read_text())["summary"]["build"]
    assert (built["complaints_in_all"], built["complaints_in_stubs"]) == (2, 2)
    told = {"path": "src/Account.cs", "line": line, "message": "odd", "stub": example.DEPOSIT.id}
    assert built["complaints"] == [told, told]


def test_complaints_of_which_some_are_in_stubs_are_counted_apart(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        in_stubs(journal, example.DEPOSIT.place[0], 1)
        text = status_text(journal, tmp_path / "out")
        page, document = tmp_path / "page.html", tmp_path / "all.json"
        write_report(journal, tmp_path / "out", page, document)
    assert "\n  In stubs: 1 of 2 complaints." in text
    assert "stub" not in json.loads(document.read_text())["summary"]["build"]["complaints"][1]


def test_journals_of_before_have_complaints_about_no_unit_only(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        assert list(Complaints.of(journal).first) == ["src/Kept.cs:7: odd"]


def test_what_rules_could_not_carry_over_is_counted(tmp_path: Path) -> None:
    with example.migration(tmp_path / "out") as journal:
        assert journal.count_losses() == (1, 1)


def test_a_unit_is_explained_flush_left_with_what_rules_wrote_for_it(tmp_path: Path) -> None:
    source = "int owner() {\n        return 1;\n    }"
    owner = replace(example.OWNER, text=source, lost=("body of owner",))
    with example.migration(tmp_path / "out", units=(owner,), attempts=()) as journal:
        said = explain_text(journal, owner)
    assert "Source:\n    int owner() {\n        return 1;\n    }\n" in said
    assert "lost: body of owner" in said
    assert f"Written by rule:\n    {example.STUB.format(name='Owner')}" in said


def test_a_unit_is_found_by_the_end_of_its_id_with_the_name_of_its_file(tmp_path: Path) -> None:
    head = replace(example.BALANCE, id="src/Account.java#head", kind="head", name="head")
    other = replace(head, id="src/OldAccount.java#head")
    with example.migration(tmp_path / "out", units=(head, other), attempts=()) as journal:
        assert find_unit(journal, "Account.java#head").id == head.id


def test_an_answer_that_never_ended_is_wrong_at_no_line(tmp_path: Path) -> None:
    cut = replace(example.ATTEMPTS[1], problems=(Problem(7, 1, "it has no end"),))
    assert failed(example.DEPOSIT, [cut]).reason == "it has no end"
    whole = replace(cut, finished=True)
    assert failed(example.DEPOSIT, [whole]).reason == "line 7: it has no end"
    with example.migration(tmp_path / "out", attempts=(cut,)) as journal:
        assert "rejected\n    it has no end\n" in explain_text(journal, example.DEPOSIT)


def test_what_rules_lost_of_a_unit_makes_it_one_to_look_at() -> None:
    lossy = replace(example.OWNER, lost=("body of owner",))
    assert place_of(lossy, ()).need is Need.LOST
    assert in_words(Need.LOST, lossy) == "lost body of owner"
    assert place_of(example.OWNER, ()).need is Need.RULE
