"""What the journal says was written is what lies in the output, after real runs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from table_engine import TableEngine, put

from fedtranslate.languages.newlines import with_newlines
from fedtranslate.languages.units import read_source
from fedtranslate.languages.worker import ParseWorker
from fedtranslate.migration.journal import Journal
from fedtranslate.migration.review.accepting import judged
from fedtranslate.migration.review.measuring import FileMeasure, measured
from fedtranslate.migration.review.written import Origin, Written
from fedtranslate.migration.run import Outcome
from fedtranslate.migration.scan import CODE
from fedtranslate.migration.settings import MigrationSettings

Settings = Callable[..., MigrationSettings]
Migrate = Callable[[MigrationSettings, TableEngine], Outcome]

ACCOUNT = """package shop;

/** Money of somebody. */
public final class Account {
    private int cents = 0;

    /**
     * Adds to it.
     */
    public void deposit(int more) {
        cents = cents + more;
    }

    // What is left.
    public int balance() { return cents; }

    public int broken() { return 1; }
}
"""
TEST = """package a;

public class OldTest {
    /** Adds. */
    public void testSum() { assertEquals(2, 1 + 1); }

\tint   helper( ) { return 2; }
}
"""
RULES = {"deposit": "Deposit", "balance": "Balance", "testSum": "sum"}


def answer(text: str) -> str:
    """Translate by names; what is called broken is never right."""
    if "broken" in text:
        return "public int Broken( {"
    return re.sub("|".join(RULES), lambda name: RULES[name[0]], text)


def all_written(settings: MigrationSettings) -> dict[str, tuple[str, str]]:
    """Return the text of each file, as the journal has it and as it lies in the output."""
    with Journal(settings.out, writable=False) as journal:
        return {
            file.target: (
                "" if text is None else text.text,
                with_newlines(read_source((settings.out / file.target).read_bytes()).text, "\n"),
            )
            for file, text in Written(journal, settings).files()
        }


def measure(settings: MigrationSettings, parser: ParseWorker) -> list[FileMeasure]:
    with Journal(settings.out, writable=False) as journal:
        return list(measured(journal, settings, settings.out, parser))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_translated_file_is_put_together_as_it_was_written(
    repository: Path, settings: Settings, migrate: Migrate, parser: ParseWorker, newline: str
) -> None:
    put(repository, {"shop/Account.java": ACCOUNT.replace("\n", newline)})
    wanted = settings()
    migrate(wanted, TableEngine({}, answer))
    for text, there in all_written(wanted).values():
        assert text == there
    (found,) = measure(wanted, parser)
    assert found.kept == found.by_model > 0
    assert (found.unchanged_units, found.changed_units, found.stubs) == (2, 0, 1)
    with Journal(wanted.out, writable=False) as journal:
        (file,) = journal.files("role = ?", (CODE,))
        written = Written(journal, wanted).file(file)
    assert written is not None
    models = [
        written.text[part.by_model.start : part.by_model.stop]
        for part in written.parts
        if part.origin is Origin.MODEL
    ]
    assert [text.split("(")[0] for text in models] == ["public void Deposit", "public int Balance"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edited_file_is_put_together_as_it_was_written(
    repository: Path, settings: Settings, migrate: Migrate, parser: ParseWorker, newline: str
) -> None:
    put(repository, {"a/OldTest.java": TEST.replace("\n", newline)})
    wanted = settings(target="java", select=["assertEquals"])
    migrate(wanted, TableEngine({}, answer))
    for text, there in all_written(wanted).values():
        assert text == there
    (found,) = measure(wanted, parser)
    assert (
        found.kept
        == found.by_model
        == len("/** Adds. */\n    public void sum() { assertEquals(2, 1 + 1); }")
    )
    assert found.now == len(TEST) - 4


def test_what_people_change_after_a_run_is_found(
    repository: Path, settings: Settings, migrate: Migrate, parser: ParseWorker
) -> None:
    put(repository, {"shop/Account.java": ACCOUNT})
    wanted = settings()
    migrate(wanted, TableEngine({}, answer))
    (place,) = wanted.out.glob("[!.]*/Account.cs")
    text = place.read_text()
    place.write_text("// ours\n" + text.replace("return cents;", "return this.cents;"))
    # A later run takes it over, and still knows what it wrote itself.
    migrate(wanted, TableEngine({}, answer))
    (found,) = measure(wanted, parser)
    assert (found.unchanged_units, found.changed_units, found.stubs) == (1, 1, 1)
    assert found.kept == found.by_model
    with Journal(wanted.out, writable=False) as journal:
        (one,) = judged(journal, wanted, wanted.out, parser)
    assert one.corrected
    assert one.pair is not None
    assert one.pair.source == "// What is left.\npublic int balance() { return cents; }"
    assert one.pair.target == "// What is left.\npublic int Balance() { return this.cents; }"
