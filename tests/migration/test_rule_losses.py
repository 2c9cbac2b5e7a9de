"""What rules lose of a declaration is told with the declaration, and not of its file alone."""

from collections.abc import Callable
from pathlib import Path

from table_engine import TableEngine, put

from fedtranslate.migration.journal import Journal
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.settings import MigrationSettings


def test_a_declaration_of_rules_knows_what_it_has_lost(
    repository: Path,
    settings: Callable[..., MigrationSettings],
    migrate: Callable[[MigrationSettings, TableEngine], Outcome],
) -> None:
    text = "class A {\n    private int n;\n\n    @Column\n    private int m;\n}\n"
    put(repository, {"A.java": text})
    wanted = settings()
    migrate(wanted, TableEngine({}))
    with Journal(wanted.out, writable=False) as journal:
        lost = {unit.name: unit.lost for unit in journal.units()}
    assert lost == {"n": (), "m": ("annotation @Column",)}


def test_comments_that_stand_apart_are_written_or_told(
    repository: Path,
    settings: Callable[..., MigrationSettings],
    migrate: Callable[[MigrationSettings, TableEngine], Outcome],
) -> None:
    text = (
        "package a;\nimport b.C; // why C\n\nclass A {\n    // fields\n\n    int n;\n\n"
        "    // int old() { return 1; }\n\n    int f() { return 2; }\n    // last\n}\n// end\n"
    )
    put(repository, {"a/A.java": text})
    wanted = settings()
    migrate(wanted, TableEngine({}, lambda _: "int F() { return 2; }"))
    found = (wanted.out / "A/A.cs").read_text()
    with Journal(wanted.out, writable=False) as journal:
        file = journal.file("a/A.java")
    assert file is not None
    assert "line 2: comment: why c" in file.losses
    assert "int F() { return 2; }\n\n        // last\n" in found
    assert found.index("// fields") < found.index(" n;") < found.index("// int old()")
    assert found.index("// int old()") < found.index("F()")
    assert found.endswith("// end\n")


def test_where_there_are_no_rules_all_comments_outside_of_units_are_told(
    repository: Path,
    settings: Callable[..., MigrationSettings],
    migrate: Callable[[MigrationSettings, TableEngine], Outcome],
) -> None:
    put(repository, {"a.py": "# apart\n\n\ndef f():\n    # inside\n    return 1\n\n\n# end\n"})
    wanted = settings(source="python", target="cobol")
    migrate(wanted, TableEngine({}))
    with Journal(wanted.out, writable=False) as journal:
        file = journal.file("a.py")
    assert file is not None
    assert file.losses == ("line 1: comment: apart", "line 9: comment: end")
