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
